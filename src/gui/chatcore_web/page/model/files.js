// The files that come and go: offers, progress, and what becomes of them.
import { nameKey } from "../core/names.js";
import { Sha256 } from "../core/sha256.js";
import { Delivery, IncomingFile } from "../core/transfers.js";
import { refusalText } from "../words/refusals.js";
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";
import { randomText } from "./keeping.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("../core/transfers.js").FileState} FileState */
/**
 * A file as it is shown.
 * @typedef {{key: string, name: string, size: number, own: boolean, user: string, state: FileState, done: number,
 *   why: string, url: string, deliveries: Delivery[], began: number}} Card
 */

const SLICE = 1024 * 1024; // bytes that are read at a time
const CHUNK = 32 * 1024;
const FILE_BYTES = 2 ** 31;
const WINDOW = 1024 * 1024;

/** A file of this user's. */
class OutgoingFile {
  /**
   * @param {File} blob
   * @param {string} key
   */
  constructor(blob, key) {
    this.blob = blob;
    this.key = key;
    this.file = "";
    this.cancelled = false;
    /** @type {Set<Delivery>} */
    this.sending = new Set();
  }
}

export class Files {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    /** By their ids at the server. @type {Map<string, IncomingFile>} */
    this.incoming = new Map();
    /** @type {Map<string, OutgoingFile>} */
    this.outgoing = new Map();
    /** Lets the user pick files: set by the view. @type {(then: (files: File[]) => void) => void} */
    this.pick = () => {};
  }

  get limits() {
    return this.chat.session?.limits ?? {};
  }

  /** True while one is on its way: to leave the page would end it. */
  get underWay() {
    return [...this.cards.values()].some((card) => card.state === "running" || card.state === "reading");
  }

  reset() {
    for (const card of this.cards.values()) if (card.url) URL.revokeObjectURL(card.url);
    this.cards.clear();
    this.incoming.clear();
    this.outgoing.clear();
  }

  // Sending.

  /**
   * @param {string[]} to
   * @param {boolean} room
   */
  choose(to, room) {
    this.pick((files) => files.forEach((file) => this.offer(file, to, room)));
  }

  /**
   * Offers files where the user is.
   * @param {File[]} files
   */
  offerHere(files) {
    const shown = this.chat.conversations.shown;
    if (!shown) return;
    for (const file of files) this.offer(file, shown.kind === "direct" ? [shown.name] : [], shown.kind === "room");
  }

  /**
   * @param {File} blob
   * @param {string[]} to
   * @param {boolean} room
   */
  async offer(blob, to, room) {
    const conversations = this.chat.conversations;
    const most = this.limits.file_bytes ?? FILE_BYTES;
    if (blob.size > most) {
      this.chat.tell(refusalText({ code: "too_large", values: { file_bytes: most } }));
      return;
    }
    const ref = randomText();
    const out = new OutgoingFile(blob, `file-${ref}`);
    const place = room ? conversations.room : conversations.withUser(to[0]);
    this.show(place, { key: out.key, name: blob.name, size: blob.size, own: true, user: room ? "" : to.join(", "), state: "reading" });
    this.outgoing.set(out.key, out);
    const sha256 = await this.hash(out);
    if (sha256 === null) return;
    const where = room ? { room: true } : { to };
    const offer = { type: "file_offer", name: blob.name, size: blob.size, sha256, ref, ...where };
    this.chat.ask(offer, (answer) => {
      if (answer.type !== "file_offered") return this.change(out.key, { state: "failed", why: refusalText(answer) });
      out.file = answer.file;
      const deliveries = answer.to.map((/** @type {string} */ user) => new Delivery(user));
      this.change(out.key, { state: "offered", done: 0, deliveries });
      if (out.cancelled) this.cancel(out.key);
    });
  }

  /**
   * Reads a file to its end for its SHA-256; null when that is not possible, or not wanted any more.
   * @param {OutgoingFile} out
   */
  async hash(out) {
    const hash = new Sha256();
    try {
      for (let at = 0; at < out.blob.size; at += SLICE) {
        if (out.cancelled) return null;
        hash.update(new Uint8Array(await out.blob.slice(at, at + SLICE).arrayBuffer()));
        this.change(out.key, { done: Math.min(out.blob.size, at + SLICE) });
      }
    } catch {
      this.change(out.key, { state: "failed", why: t("The file cannot be read.") });
      return null;
    }
    return hash.hex();
  }

  /**
   * Sends what there is credit for.
   * @param {OutgoingFile} out
   * @param {Delivery} to
   */
  async send(out, to) {
    if (out.sending.has(to)) return;
    out.sending.add(to);
    try {
      while (to.transfer !== null && to.offset < to.upto) {
        const { transfer, offset } = to;
        const bytes = new Uint8Array(await out.blob.slice(offset, Math.min(to.upto, offset + 8 * CHUNK)).arrayBuffer());
        if (to.transfer !== transfer || to.offset !== offset) continue;
        for (let at = 0; at < bytes.length; at += CHUNK) {
          this.chat.driver?.sendChunk(transfer, offset + at, bytes.subarray(at, at + CHUNK));
        }
        to.offset += bytes.length;
        this.progress(out);
      }
    } catch {
      this.chat.ask({ type: "file_error", file: out.file, code: "disk" });
      for (const each of this.cards.get(out.key)?.deliveries ?? []) if (!each.over) each.end("failed");
      this.change(out.key, { state: "failed", why: t("The file cannot be read.") });
    } finally {
      out.sending.delete(to);
    }
  }

  /** @param {OutgoingFile} out */
  progress(out) {
    const card = this.cards.get(out.key);
    if (!card || card.state === "failed") return;
    const open = card.deliveries.filter((each) => !each.over);
    const failed = card.deliveries.filter((each) => each.state === "failed");
    const running = open.find((each) => each.state === "running") ?? open.find((each) => each.state === "paused");
    let state = /** @type {FileState} */ (running?.state ?? "offered");
    if (!open.length) state = failed.length === card.deliveries.length && failed.length ? "failed" : "done";
    const done = Math.max(0, ...card.deliveries.map((each) => (each.state === "done" ? card.size : each.offset)));
    this.change(out.key, { state, done, why: failed[0]?.why ?? "" });
  }

  // Receiving.

  /** @param {Frame} offer */
  offered(offer) {
    const known = this.incoming.get(offer.file);
    if (known) {
      if (known.state === "paused") this.accept(known); // the server tells it again to one who is back
      return;
    }
    const incoming = new IncomingFile(offer, this.limits.file_window_bytes ?? WINDOW);
    this.incoming.set(offer.file, incoming);
    const { conversations } = this.chat;
    const place = offer.room ? conversations.ofRoom(offer.room) : conversations.withUser(offer.from);
    this.show(place, { key: `file-${offer.file}`, name: offer.name, size: offer.size, own: false, user: offer.from, state: "offered" });
    if (!conversations.isLookedAt(place)) {
      if (!place.unread) place.unreadAfter = "";
      place.unread += 1;
      conversations.call(entryOf({ key: "", kind: "file", from: offer.from, text: offer.name }), place);
    }
  }

  /** @param {IncomingFile} incoming */
  accept(incoming) {
    const key = `file-${incoming.file}`;
    incoming.state = "asking";
    this.change(key, { state: "asking", why: "" });
    this.chat.ask({ type: "file_accept", file: incoming.file, offset: incoming.done }, (answer) => {
      if (answer.type === "file_transfer") {
        this.grant(incoming.begin(answer));
        this.change(key, { state: "running", began: Date.now() });
        this.finish(incoming);
      } else if (answer.code === "file_limit" && !incoming.done) {
        incoming.state = "offered"; // there are too many just now, and later there may not be
        this.change(key, { state: "offered", why: refusalText(answer) });
      } else {
        incoming.fail();
        this.change(key, { state: "failed", why: refusalText(answer) });
      }
    });
  }

  /** @param {Frame | null} credit */
  grant(credit) {
    if (credit) this.chat.driver?.sendNow(credit);
  }

  /**
   * @param {number} transfer
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  takeChunk(transfer, offset, bytes) {
    for (const incoming of this.incoming.values()) {
      if (incoming.transfer !== transfer) continue;
      this.grant(incoming.take(offset, bytes));
      this.change(`file-${incoming.file}`, { done: incoming.done });
      this.finish(incoming);
      return;
    }
  }

  /** @param {IncomingFile} incoming */
  finish(incoming) {
    if (!incoming.complete) return;
    const { file } = incoming;
    if (incoming.check()) {
      // Of no type that a browser would run or show by itself.
      const url = URL.createObjectURL(new Blob(incoming.chunks, { type: "application/octet-stream" }));
      incoming.chunks = [];
      this.chat.ask({ type: "file_done", file });
      this.change(`file-${file}`, { state: "done", url });
    } else {
      this.chat.ask({ type: "file_error", file, code: "bad_hash" });
      this.change(`file-${file}`, { state: "failed", why: refusalText({ code: "bad_hash" }) });
    }
  }

  // What its user answers.

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
    if (answer === "accept") this.acceptCard(found[0].key);
    else if (answer === "decline") this.decline(found[0].key);
    else this.cancel(found[0].key);
    return "";
  }

  /** @param {string} key */
  idOf(key) {
    return this.outgoing.get(key)?.file ?? key.replace(/^file-/, "");
  }

  /** @param {string} key */
  acceptCard(key) {
    const incoming = this.incoming.get(this.idOf(key));
    if (incoming?.state === "offered") this.accept(incoming);
  }

  /** @param {string} key */
  decline(key) {
    const file = this.idOf(key);
    this.incoming.get(file)?.fail();
    this.chat.ask({ type: "file_decline", file });
    this.change(key, { state: "failed", why: refusalText({ code: "declined" }) });
  }

  /** @param {string} key */
  cancel(key) {
    const out = this.outgoing.get(key);
    const file = this.idOf(key);
    if (out) out.cancelled = true;
    this.incoming.get(file)?.fail();
    for (const each of this.cards.get(key)?.deliveries ?? []) if (!each.over) each.end("failed");
    if (file) this.chat.ask({ type: "file_cancel", file });
    this.change(key, { state: "failed", why: refusalText({ code: "cancelled_here" }) });
  }

  // What the server says.

  /** @param {Frame} frame */
  take(frame) {
    if (frame.type === "file_offer") return this.offered(frame);
    if (frame.type === "file_credit") return this.credited(frame);
    const out = [...this.outgoing.values()].find((each) => each.file && each.file === frame.file);
    if (out) return this.takeOwn(out, frame);
    const incoming = this.incoming.get(frame.file);
    if (incoming && (frame.type === "file_cancel" || frame.type === "file_error")) {
      incoming.fail();
      const code = frame.type === "file_cancel" ? "cancelled" : frame.code;
      this.change(`file-${frame.file}`, { state: "failed", why: refusalText({ ...frame, code }) });
    } else if (frame.type === "file_accept") {
      this.chat.ask({ type: "file_cancel", file: frame.file }); // offered by an earlier page, which had the file
    }
  }

  /**
   * @param {OutgoingFile} out
   * @param {Frame} frame
   */
  takeOwn(out, frame) {
    const to = this.cards.get(out.key)?.deliveries.find((each) => nameKey(each.user) === nameKey(frame.from));
    if (!to || to.over) return;
    if (frame.type === "file_accept") to.begin(frame);
    else if (frame.type === "file_pause") to.pause();
    else if (frame.type === "file_done") to.end("done");
    else if (frame.type === "file_decline") to.end("failed", refusalText({ code: "declined" }));
    else if (frame.type === "file_cancel") to.end("failed", refusalText({ code: "cancelled" }));
    else if (frame.type === "file_error") to.end("failed", refusalText(frame));
    this.progress(out);
  }

  /** @param {Frame} frame */
  credited(frame) {
    for (const out of this.outgoing.values()) {
      for (const to of this.cards.get(out.key)?.deliveries ?? []) {
        if (to.transfer !== frame.transfer) continue;
        to.upto = Math.max(to.upto, Math.min(frame.upto, out.blob.size));
        this.send(out, to);
      }
    }
  }

  // Connections come and go.

  lost() {
    for (const incoming of this.incoming.values()) {
      incoming.lost();
      if (incoming.state === "paused") this.change(`file-${incoming.file}`, { state: "paused" });
    }
    for (const out of this.outgoing.values()) {
      for (const to of this.cards.get(out.key)?.deliveries ?? []) to.pause();
      if (out.file) this.progress(out);
    }
  }

  /** @param {boolean} resumed whether it is the same session: offers end with it */
  back(resumed) {
    if (resumed) return;
    const why = t("The connection was lost for too long.");
    for (const incoming of this.incoming.values()) {
      if (incoming.state !== "offered" && incoming.state !== "paused") continue;
      incoming.fail();
      this.change(`file-${incoming.file}`, { state: "failed", why });
    }
    for (const out of this.outgoing.values()) {
      if (!out.file) continue;
      for (const to of this.cards.get(out.key)?.deliveries ?? []) if (!to.over) to.end("failed", why);
      this.progress(out);
    }
  }

  // What is shown.

  /**
   * @param {Conversation | null} place
   * @param {Partial<Card> & {key: string, name: string}} some
   */
  show(place, some) {
    /** @type {Card} */
    const card = { size: 0, own: false, user: "", state: "offered", done: 0, why: "", url: "", deliveries: [], began: Date.now(), ...some };
    this.cards.set(card.key, card);
    const from = card.own ? this.chat.username : card.user;
    place?.append([entryOf({ key: card.key, kind: "file", at: Date.now(), from, own: card.own, file: card.key })]);
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
