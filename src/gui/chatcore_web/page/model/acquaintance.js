// Whether a private conversation is still one with the same person. A name can be given up, and taken by another one, where
// the page does not hear it: in other rooms, and while it is away. So before it writes to somebody whom it does not have in
// sight, it asks the server who that is: since when they are there, and whose account it is.
import { nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { parseLine } from "../core/slash.js";
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** A text that waits for the answer, and by what it is known. @typedef {{text: string, handle: number}} Line */
/**
 * Something that is to be done for users, once it is certain that it is those for whom it was meant: those of whom that is
 * asked, what is said to them, if it is that, and what is done when it is certain, and when not.
 * @typedef {{places: Conversation[], unknown: Set<Conversation>, line: Line | null, then: () => void, otherwise: () => void}} Wanted
 */

export class Acquaintance {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** What waits for answers, in its order. @type {Wanted[]} */
    this.waiting = [];
    this.numbers = 0;
    /** Those of whom it is asked who that is, for what waits. @type {Set<Conversation>} */
    this.asked = new Set();
    /** Those of them of whom that was asked before a connection that is lost now. @type {Set<Conversation>} */
    this.overLoss = new Set();
    /** The names of whom it is asked who that is, by their keys, as they have just been heard. @type {Set<string>} */
    this.noting = new Set();
  }

  /** Forgets all of it: its user has left. */
  reset() {
    this.waiting = [];
    this.asked.clear();
    this.overLoss.clear();
    this.noting.clear();
  }

  /** What is said and waits for an answer, as it would be sent. */
  get frames() {
    return this.waiting.flatMap(({ places, line }) => (line ? [frameOf(places, line.text)] : []));
  }

  /**
   * Says something to those with whom conversations are, as soon as it is certain that it is those; else it is given back.
   * Returns false when it cannot be said.
   * @param {Conversation[]} places
   * @param {string} text
   */
  write(places, text) {
    const { chat } = this;
    if (this.isInDoubt(...places) || !chat.session || !chat.fits(frameOf(places, text))) return false;
    if (places.every((place) => this.isCertain(place))) return chat.post(frameOf(places, text));
    this.numbers -= 1;
    const line = { text, handle: this.numbers };
    for (const place of places) {
      place.unreadFrom = "";
      place.addPending(this.shown(places, line));
    }
    const then = () => {
      this.takeOff(line);
      chat.post(frameOf(places, text));
    };
    this.want({ places, unknown: new Set(), line, then, otherwise: () => this.fail(places, line) });
    chat.keep(true);
    return true;
  }

  /**
   * A line as it stands in the conversations while it waits.
   * @param {Conversation[]} places
   * @param {Line} line
   */
  shown(places, { text, handle }) {
    const shown = { key: `waiting${handle}`, kind: /** @type {const} */ ("message"), scope: /** @type {const} */ ("direct") };
    return entryOf({ ...shown, at: Date.now(), from: this.chat.username, text, own: true, to: namesOf(places), state: "pending", handle });
  }

  /**
   * Lets a line that waited stand where it was said, to be sent again.
   * @param {Conversation[]} places
   * @param {Line} line
   */
  fail(places, line) {
    this.takeOff(line);
    const failed = { ...this.shown(places, line), state: /** @type {const} */ ("failed"), why: t("Somebody else may have the name by now.") };
    for (const name of namesOf(places)) this.chat.conversations.withUser(name).addPending(failed);
    this.chat.emitter.changed("rooms");
    this.chat.keep(true);
  }

  /** @param {Line} line that waits no more */
  takeOff({ handle }) {
    for (const place of this.chat.conversations.all.values()) place.takePending(handle);
  }

  /**
   * Does something for those with whom conversations are, as soon as it is certain that it is those; else it says of whom
   * that may be another one, and takes that one for who is meant from then on. Without a connection, that is when it is back.
   * @param {Conversation[]} places
   * @param {() => void} then
   * @param {() => void} otherwise
   */
  ask(places, then, otherwise = () => {}) {
    this.want({ places, unknown: new Set(), line: null, then, otherwise });
  }

  /** @param {Wanted} wanted */
  want(wanted) {
    const unknown = wanted.places.filter((place) => !this.isCertain(place));
    if (!unknown.length) return wanted.then();
    wanted.unknown = new Set(unknown);
    this.waiting.push(wanted);
    for (const place of unknown) {
      if (this.asked.has(place)) continue;
      this.asked.add(place);
      this.find(place);
    }
  }

  /**
   * Asks the server who has the name of a conversation, for what waits to know it.
   * @param {Conversation} place
   */
  find(place) {
    const { name } = place;
    this.chat.ask({ type: "whois", username: name }, (answer) => {
      if (!this.asked.has(place)) return; // it waits no more
      if (nameKey(place.name) !== nameKey(name)) return this.find(place); // meanwhile they took another one
      this.asked.delete(place);
      const same = answer.type !== "user" || this.isSame(place, answer); // who is not there is not written to, either
      if (answer.type === "user") this.meet(place, answer);
      if (same) for (const one of this.waiting) one.unknown.delete(place);
      else {
        this.tellDoubt(place);
        this.takeBack(place);
      }
      this.goOn();
    });
  }

  /** Does what waits for no answer any more, nor behind anything else in one of its conversations. */
  goOn() {
    /** @type {Set<Conversation>} */
    const taken = new Set();
    for (const one of [...this.waiting]) {
      if (one.unknown.size || one.places.some((place) => taken.has(place))) {
        for (const place of one.places) taken.add(place);
      } else if (this.waiting.includes(one)) {
        this.waiting = this.waiting.filter((other) => other !== one);
        one.then();
      }
    }
  }

  /**
   * Gives back what waits to be done for somebody who may be another one: what was said to that one alone to the message
   * line, unless that is being sent, or it would be a command there.
   * @param {Conversation} place
   * @param {boolean} isSending
   */
  takeBack(place, isSending = false) {
    const back = this.waiting.filter(({ places }) => places.includes(place));
    this.waiting = this.waiting.filter((one) => !back.includes(one));
    const texts = [];
    for (const { places, line, otherwise } of back) {
      if (!line || isSending || places.length > 1 || !isPlain(line.text)) otherwise();
      else {
        this.takeOff(line);
        texts.push(line.text);
      }
    }
    if (texts.length) this.chat.giveBack(this.chat.conversations.withUser(place.name), texts.join("\n"));
  }

  /**
   * Tells whether nobody else can have the name: the page has heard of all who came, went or took other names. What waits
   * for the answer goes first.
   * @param {Conversation} place
   */
  isCertain(place) {
    const { state, rooms } = this.chat;
    if (place.kind === "room") return true;
    return state.state === "online" && place.inSight && rooms.members.has(nameKey(place.name)) && !this.asked.has(place) && !this.waiting.some(({ places }) => places.includes(place));
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
    if (!last && this.overLoss.has(place)) return owner === key;
    return !last || owner === key || Date.parse(since) <= last.at; // the owner of a name reads later what was written to it
  }

  /**
   * @param {Conversation} place
   * @param {Frame} user who has its name
   */
  meet(place, user) {
    place.isConfirmed = false;
    place.inSight = true;
    this.overLoss.delete(place);
    this.chat.session?.met.set(nameKey(place.name), metIn(user));
  }

  /**
   * Tells, once, that the names of private conversations may be others' now, if so: nothing goes there unseen, nor does
   * what waits.
   * @param {Conversation[]} places
   */
  isInDoubt(...places) {
    const doubtful = places.filter((place) => place.inDoubt);
    for (const place of doubtful) {
      place.inDoubt = false;
      place.isConfirmed = true;
      this.takeBack(place, true);
      this.tellDoubt(place);
    }
    if (doubtful.length) this.goOn();
    return doubtful.length > 0;
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

  /** Takes it that who is being asked about may be another one by the time of the answer: the connection is lost. */
  lost() {
    for (const place of this.asked) this.overLoss.add(place);
  }

  /** Waits no longer: nobody is there any more to take the answer. What waits to be said goes the way of all messages. */
  settle() {
    const { waiting } = this;
    this.waiting = [];
    this.asked.clear();
    for (const { line, then } of waiting) if (line) then();
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
 * @param {Conversation[]} places
 * @returns {string[]} what those are called now with whom they are
 */
export function namesOf(places) {
  return [...new Set(places.map(({ name }) => name))];
}

/**
 * @param {Conversation[]} places
 * @param {string} text
 * @returns {Frame}
 */
function frameOf(places, text) {
  return { type: "send_direct", to: namesOf(places), text };
}

/** @param {string} text which says itself where it is typed */
function isPlain(text) {
  const typed = parseLine(text);
  return typed.kind === "send" && typed.frame.type === "send_message" && typed.frame.text === text;
}

/**
 * @param {Frame} user
 * @returns {import("../core/session.js").Met}
 */
function metIn({ since, account }) {
  return { since: String(since), account: String(account ?? "") };
}
