// Whether a private conversation is still one with the same person. A name can be given up, and taken by another one, where
// the page does not hear it: in other rooms, and while it is away. So before it writes to somebody whom it does not have in
// sight, it asks the server who that is: since when they are there, and whose account it is.
import { nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** A line that waits for the answer. @typedef {{place: Conversation, text: string, handle: number}} Line */
/** What is done with the answer: when it is certain, and when not. @typedef {{then: () => void, otherwise: () => void}} Asked */

export class Acquaintance {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** @type {Line[]} */
    this.waiting = [];
    this.numbers = 0;
    /** What waits for the answer who that is. @type {Map<Conversation, Asked[]>} */
    this.questions = new Map();
    /** The names of whom it is asked who that is, by their keys, as they have just been heard. @type {Set<string>} */
    this.noting = new Set();
  }

  /** Forgets all of it: its user has left. */
  reset() {
    this.waiting = [];
    this.questions.clear();
    this.noting.clear();
  }

  /** What waits for an answer, as it would be sent. */
  get frames() {
    return this.waiting.map(frameOf);
  }

  /**
   * Says something to the one with whom a conversation is, as soon as it is certain that it is that one; else the line is
   * given back. Returns false when it cannot be said.
   * @param {Conversation} place
   * @param {string} text
   */
  write(place, text) {
    const { chat } = this;
    const line = { place, text, handle: this.numbers - 1 };
    if (!chat.session || !chat.fits(frameOf(line))) return false;
    if (this.isCertain(place)) return chat.post(frameOf(line));
    this.numbers -= 1;
    this.waiting.push(line);
    place.unreadFrom = "";
    const shown = { key: `pending${line.handle}`, kind: /** @type {const} */ ("message"), scope: /** @type {const} */ ("direct") };
    place.addPending(entryOf({ ...shown, at: Date.now(), from: chat.username, text, own: true, to: [place.name], state: "pending", handle: line.handle }));
    this.ask(place, () => this.send(line), () => this.giveBack(place));
    chat.keep(true);
    return true;
  }

  /** @param {Conversation} place where nothing is said of what waits */
  giveBack(place) {
    const lines = this.waiting.filter((line) => line.place === place);
    for (const line of lines) this.take(line);
    if (lines.length) this.chat.giveBack(this.chat.conversations.withUser(place.name), lines.map(({ text }) => text).join("\n"));
  }

  /**
   * Does something for the one with whom a conversation is, as soon as it is certain that it is that one; else it says that
   * it may be another one, and takes that one for who is meant from then on. Without a connection, that is when it is back.
   * @param {Conversation} place
   * @param {() => void} then
   * @param {() => void} otherwise
   */
  ask(place, then, otherwise = () => {}) {
    if (this.isCertain(place)) return then();
    const asked = this.questions.get(place);
    if (asked) {
      asked.push({ then, otherwise });
      return;
    }
    this.questions.set(place, [{ then, otherwise }]);
    this.find(place);
  }

  /**
   * Asks the server who has the name of a conversation, for what waits to know it.
   * @param {Conversation} place
   */
  find(place) {
    const { name } = place;
    this.chat.ask({ type: "whois", username: name }, (answer) => {
      const asked = this.questions.get(place);
      if (!asked) return; // it waits no more
      if (nameKey(place.name) !== nameKey(name)) return this.find(place); // meanwhile they took another one
      this.questions.delete(place);
      const same = answer.type !== "user" || this.isSame(place, answer); // who is not there is not written to, either
      if (answer.type === "user") this.meet(place, answer);
      if (!same) this.tellDoubt(place);
      for (const { then, otherwise } of asked) (same ? then : otherwise)();
    });
  }

  /**
   * Tells whether nobody else can have the name: the page has heard of all who came, went or took other names. What waits
   * for the answer goes first.
   * @param {Conversation} place
   */
  isCertain(place) {
    const { state, rooms } = this.chat;
    if (place.kind === "room") return true;
    return state.state === "online" && place.inSight && rooms.members.has(nameKey(place.name)) && !this.questions.has(place);
  }

  /**
   * Takes note of who is at the other side of a conversation where something was just said: whoever takes the name later
   * may have been there, under another one, for longer than that.
   * @param {Conversation} place
   */
  note(place) {
    const { chat, noting } = this;
    const key = nameKey(place.name);
    if (!chat.session || chat.session.met.has(key) || noting.has(key)) return;
    noting.add(key);
    chat.ask({ type: "whois", username: place.name }, (answer) => {
      noting.delete(key);
      const met = chat.session?.met;
      if (answer.type === "user" && key === nameKey(place.name) && !met?.has(key) && this.isSame(place, answer)) met?.set(key, metIn(answer));
    });
  }

  /**
   * @param {Conversation} place
   * @param {Frame} user who has its name
   */
  isSame(place, { since, account }) {
    const key = nameKey(place.name);
    const [known, owner] = [this.chat.session?.met.get(key), nameKey(account ?? "")];
    if (place.isConfirmed) return true;
    if (known) return known.since === since || (known.account !== "" && nameKey(known.account) === owner);
    const last = place.entries.findLast((entry) => entry.kind === "message" && entry.epoch);
    return !last || owner === key || Date.parse(since) <= last.at; // the owner of a name reads later what was written to it
  }

  /**
   * @param {Conversation} place
   * @param {Frame} user who has its name
   */
  meet(place, user) {
    place.isConfirmed = false;
    place.inSight = true;
    this.chat.session?.met.set(nameKey(place.name), metIn(user));
  }

  /**
   * Tells, once, that the name of a private conversation may be another one's now, if so: nothing goes there unseen.
   * @param {Conversation} place
   */
  isInDoubt(place) {
    if (!place.inDoubt) return false;
    place.inDoubt = false;
    place.isConfirmed = true;
    this.tellDoubt(place);
    return true;
  }

  /** @param {Conversation} place which may be closed by now, or stand where nobody looks */
  tellDoubt(place) {
    const { conversations } = this.chat;
    const text = t("Not sent yet: {name} may be somebody else now. Nobody had that name in between, or another one has taken it. Send it once more if it is meant so.", { name: safeName(place.name) });
    const there = conversations.withUser(place.name);
    there.tellNotice(text, Date.now());
    there.showNewest();
    if (there !== conversations.shown) this.chat.tell(text);
  }

  /**
   * Says a line that waited, unless that is over.
   * @param {Line} line
   */
  send(line) {
    return this.take(line) && this.chat.post(frameOf(line));
  }

  /**
   * Takes a line off those that wait; returns whether it was among them.
   * @param {Line} line
   */
  take(line) {
    const waited = this.waiting.includes(line);
    this.waiting = this.waiting.filter((one) => one !== line);
    for (const place of this.chat.conversations.all.values()) place.takePending(line.handle);
    return waited;
  }

  /** Waits no longer: nobody is there any more to take the answer. What waits goes the way of all messages. */
  settle() {
    this.questions.clear();
    for (const line of [...this.waiting]) this.send(line);
  }

  /**
   * Takes it that others may have come under some names, or under any.
   * @param {string[]} [names]
   */
  loseSight(names) {
    const keys = names?.map((name) => `direct:${nameKey(name)}`) ?? this.chat.conversations.all.keys();
    for (const key of keys) {
      const place = this.chat.conversations.all.get(key);
      if (place) place.inSight = false;
    }
  }
}

/**
 * @param {Line} line
 * @returns {Frame}
 */
function frameOf({ place, text }) {
  return { type: "send_direct", to: [place.name], text };
}

/**
 * @param {Frame} user
 * @returns {import("../core/session.js").Met}
 */
function metIn({ since, account }) {
  return { since: String(since), account: String(account ?? "") };
}
