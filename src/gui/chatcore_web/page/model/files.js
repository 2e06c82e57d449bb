// The files that come and go, as they are shown, and what their user answers; how they go is in sending.js and receiving.js.
import { refusalText } from "../words/refusals.js";
import { t } from "../words/words.js";
import { namesOf } from "./acquaintance.js";
import { entryOf } from "./conversation.js";
import { Receiving } from "./receiving.js";
import { Sending } from "./sending.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("../core/transfers.js").Delivery} Delivery */
/** @typedef {import("../core/transfers.js").FileState} FileState */
/** @typedef {import("../core/transfers.js").Rate} Rate */
/**
 * A file as it is shown.
 * @typedef {{key: string, name: string, size: number, own: boolean, user: string, state: FileState, done: number,
 *   why: string, url: string, saved: boolean, deliveries: Delivery[], rate: Rate | null}} Card
 */

/** What is on its way, or waits for the connection to go on. @type {Set<FileState>} */
const MOVING = new Set(["reading", "asking", "running", "paused"]);

export class Files {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    this.sending = new Sending(this);
    this.receiving = new Receiving(this);
    /** Lets the user pick files: set by the view. @type {(then: (files: File[]) => void) => void} */
    this.pick = () => {};
  }

  get limits() {
    return this.chat.session?.limits ?? {};
  }

  /** True while one is on its way, or only here: to leave the page would end it, or take it away. */
  get underWay() {
    return [...this.cards.values()].some(({ state, url, saved }) => MOVING.has(state) || (url && !saved));
  }

  /** Ends all of them, those that are still being read too: their user has left, and the next one offers nothing of it. */
  reset() {
    for (const { key, url } of this.cards.values()) {
      this.sending.cancel(key);
      if (url) URL.revokeObjectURL(url);
    }
    this.cards.clear();
    this.receiving.all.clear();
    this.sending.all.clear();
  }

  // What its user wants.

  /**
   * @param {string[]} to
   * @param {boolean} room
   */
  choose(to, room) {
    this.pick((files) => this.offer(files, room ? [] : this.chat.conversations.withUsers(to)));
  }

  /**
   * Offers files where the user is.
   * @param {File[]} files
   */
  offerHere(files) {
    const { shown } = this.chat.conversations;
    if (shown) this.offer(files, shown.kind === "direct" ? [shown] : []);
  }

  /**
   * @param {File[]} files
   * @param {Conversation[]} places with those to whom they are offered; none: the room
   */
  offer(files, places) {
    const { acquaintance } = this.chat;
    if (acquaintance.isInDoubt(...places)) return;
    acquaintance.ask(places, () => files.forEach((file) => this.sending.offer(file, namesOf(places), !places.length)));
  }

  /**
   * Answers an offer as typed; returns what is wrong with that, empty when nothing is.
   * @param {"accept" | "decline" | "cancel"} answer
   * @param {string | null} file
   */
  answer(answer, file) {
    const fits = [...this.cards.values()].filter((card) =>
      answer === "cancel" ? !["done", "failed"].includes(card.state) : !card.own && card.state === "offered",
    );
    const found = file === null ? fits : fits.filter((card) => this.idOf(card.key) === file);
    if (!found.length) return file === null ? t("There is no such file.") : refusalText({ code: "no_such_file" });
    if (found.length > 1) return t("There are several files; use the buttons beside them.");
    if (answer === "accept") this.accept(found[0].key);
    else if (answer === "decline") this.decline(found[0].key);
    else this.cancel(found[0].key);
    return "";
  }

  /** @param {string} key */
  idOf(key) {
    return this.sending.all.get(key)?.file ?? key.replace(/^file-/, "");
  }

  /** @param {string} key */
  accept(key) {
    this.receiving.acceptOffer(this.idOf(key));
  }

  /** @param {string} key */
  decline(key) {
    const file = this.idOf(key);
    this.receiving.all.get(file)?.fail();
    this.chat.ask({ type: "file_decline", file });
    this.change(key, { state: "failed", why: refusalText({ code: "declined" }) });
  }

  /** @param {string} key */
  cancel(key) {
    this.sending.cancel(key);
    const file = this.idOf(key);
    this.receiving.all.get(file)?.fail();
    if (file) this.chat.ask({ type: "file_cancel", file });
    this.change(key, { state: "failed", why: refusalText({ code: "cancelled_here" }) });
  }

  // What the server says.

  /** @param {Frame} frame */
  take(frame) {
    if (frame.type === "file_offer") this.receiving.offered(frame);
    else if (frame.type === "file_credit") this.sending.credited(frame);
    else if (!this.sending.take(frame)) this.receiving.take(frame);
  }

  lost() {
    this.receiving.lost();
    this.sending.lost();
  }

  /** @param {boolean} resumed whether it is the same session: offers end with it */
  back(resumed) {
    this.sending.back();
    if (resumed) return;
    const why = t("The connection was lost for too long.");
    this.receiving.ended(why);
    this.sending.ended(why);
  }

  // What is shown.

  /**
   * @param {Conversation | null} place
   * @param {Partial<Card> & {key: string, name: string}} some
   */
  show(place, some) {
    /** @type {Card} */
    const card = { size: 0, own: false, user: "", state: "offered", done: 0, why: "", url: "", saved: false, deliveries: [], rate: null, ...some };
    this.cards.set(card.key, card);
    const from = card.own ? this.chat.username : card.user;
    place?.append([entryOf({ key: card.key, kind: "file", at: Date.now(), from, own: card.own, file: card.key })]);
    if (card.own) place?.showNewest();
    this.chat.emitter.changed("files", "conversations");
  }

  /**
   * @param {string} key
   * @param {Partial<Card>} news
   */
  change(key, news) {
    const card = this.cards.get(key);
    if (!card) return;
    Object.assign(card, news);
    this.chat.emitter.changed("files");
  }
}
