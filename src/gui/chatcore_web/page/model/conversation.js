// A conversation: what was said in a room or with a user, in order, and what of it was read.
import { nameKey } from "../core/names.js";

/**
 * Something that stands in a conversation.
 * @typedef {{
 *   key: string, kind: "message" | "notice" | "gap" | "file", at: number, from: string, text: string,
 *   own: boolean, mention: boolean, scope: "room" | "direct" | "broadcast", to: string[], seq: number, epoch: string,
 *   state: "sent" | "pending" | "failed", handle: number, why: string, names: string[], file: string,
 *   fate: "" | "deleted" | "edited", replyTo: number, reactions: Reaction[], bot: boolean,
 * }} Entry
 */
/** An emoji below a message. @typedef {{emoji: string, count: number, mine: boolean}} Reaction */
/**
 * How the entries have changed: what a view has to do to follow.
 * @typedef {{what: "appended" | "prepended" | "replaced" | "reset" | "newest", count: number}} Change
 */

const MOST = 100_000; // entries
const DROPPED = 10_000; // of them, when there are more
const PRESENCE_MERGES = 120_000; // milliseconds

/** @type {Entry} */
const BLANK = {
  key: "",
  kind: "notice",
  at: 0,
  from: "",
  text: "",
  own: false,
  mention: false,
  scope: "room",
  to: [],
  seq: 0,
  epoch: "",
  state: "sent",
  handle: 0,
  why: "",
  names: [],
  file: "",
  fate: "",
  replyTo: 0,
  reactions: [],
  bot: false,
};

/**
 * @param {Partial<Entry> & {key: string, kind: Entry["kind"]}} some
 * @returns {Entry}
 */
export function entryOf(some) {
  return { ...BLANK, ...some };
}

export class Conversation {
  /**
   * @param {"room" | "direct"} kind
   * @param {string} name of the room, or of the other user
   */
  constructor(kind, name) {
    this.kind = kind;
    this.name = name;
    this.id = `${kind}:${nameKey(name)}`;
    /** What the server has in order, oldest first. @type {Entry[]} */
    this.entries = [];
    /** Files, which no log has, until what was said around them is here again. @type {Entry[]} */
    this.files = [];
    /** Own messages without an acknowledgement. @type {Entry[]} */
    this.pending = [];
    /** What nobody has looked at; of a room, only what is in no log of it: see `Conversations.unreadIn`. */
    this.unread = 0;
    this.mentions = 0;
    this.lineBefore = "";
    /** True while something behind that line was not looked at. */
    this.marked = false;
    this.draft = "";
    /** The command for a password that the draft stood below, and that is carried out: the password may stand in the draft. */
    this.above = "";
    /** The message that the next one answers. @type {Entry | null} */
    this.replying = null;
    /** Answered messages that are not among the entries, by their numbers; null while one is asked for. @type {Map<number, Entry | null>} */
    this.quoted = new Map();
    /** Of the log: the oldest and newest entry that is here, 0 when there is none. */
    this.oldest = 0;
    this.newest = 0;
    this.epoch = "";
    /** How many changes of its entries are shown, of all that the log has had. */
    this.changes = 0;
    /** How far the user had read when the room was entered. */
    this.readUpTo = 0;
    /** True until what was said last is there. */
    this.opening = false;
    this.loading = false;
    /** What waits for older entries to be there. @type {(() => void)[]} */
    this.whenLoaded = [];
    /** True when there is nothing older to be had. */
    this.complete = kind === "direct";
    /** True of a private one when its name may be another one's by now: to write there is to be asked first. */
    this.inDoubt = false;
    /** True once the user has been asked, and writes there all the same. */
    this.isConfirmed = false;
    /** True when it is known who has the name, and nobody else can have come under it since. */
    this.inSight = false;
    /** @type {((change: Change) => void) | null} */
    this.observer = null;
    this.numbers = 0;
  }

  /** True while something stands here that was written and not said. */
  get isBegun() {
    return this.draft !== "" || this.pending.length > 0;
  }

  /** The entry before which the first-unread line is. */
  get unreadFrom() {
    return this.lineBefore;
  }

  /** Empty: there is no line. */
  set unreadFrom(key) {
    if (key === this.lineBefore) return;
    const moves = [this.lineBefore, key];
    this.lineBefore = key;
    for (const [index, entry] of this.entries.entries()) if (moves.includes(entry.key)) this.tell("replaced", index);
  }

  /** How many entries are shown. */
  get length() {
    return this.entries.length + this.pending.length;
  }

  /** @param {number} index */
  at(index) {
    return index < this.entries.length ? this.entries[index] : this.pending[index - this.entries.length];
  }

  get last() {
    return this.length ? this.at(this.length - 1) : null;
  }

  /**
   * Adds entries behind all that is acknowledged.
   * @param {Entry[]} entries
   */
  append(entries) {
    if (!entries.length) return;
    this.entries.push(...entries);
    for (const { seq } of entries) this.note(seq);
    if (this.entries.length > MOST) {
      this.entries.splice(0, this.entries.length - MOST + DROPPED);
      this.oldest = this.entries.find((entry) => entry.seq)?.seq ?? 0;
      this.complete = false;
      this.tell("reset");
    } else if (this.pending.length) {
      this.tell("reset");
    } else {
      this.tell("appended", entries.length);
    }
  }

  /**
   * Adds older entries before all others.
   * @param {Entry[]} entries
   */
  prepend(entries) {
    const all = [...entries];
    for (const file of this.files.splice(0)) {
      const next = all.findIndex((entry) => entry.at > file.at);
      all.splice(next < 0 ? all.length : next, 0, file);
    }
    this.entries.unshift(...all);
    for (const { seq } of entries) this.note(seq);
    this.tell("prepended", all.length);
  }

  /** @param {Entry} entry */
  addPending(entry) {
    this.pending.push(entry);
    this.tell("appended", 1);
    this.showNewest();
  }

  /** Shows what stands at the end, however far up one reads: it is one's own, or the answer to it. */
  showNewest() {
    this.tell("newest");
  }

  /**
   * Takes an own message off those that wait; returns it.
   * @param {number} handle
   */
  takePending(handle) {
    const index = this.pending.findIndex((entry) => entry.handle === handle);
    if (index < 0) return null;
    const [entry] = this.pending.splice(index, 1);
    this.tell("reset");
    return entry;
  }

  /** @param {string} name of the room, or of the other user: what it is called from now on */
  rename(name) {
    this.name = name;
    this.id = `${this.kind}:${nameKey(name)}`;
  }

  /**
   * Takes it that somebody to whom something was said here has another name.
   * @param {string} from
   * @param {string} to
   */
  renameReceiver(from, to) {
    const key = nameKey(from);
    const isMeant = (/** @type {string} */ name) => nameKey(name) === key;
    if (![...this.entries, ...this.pending].some((entry) => entry.to.some(isMeant))) return;
    const renamed = (/** @type {Entry} */ entry) => ({ ...entry, to: entry.to.map((name) => (isMeant(name) ? to : name)) });
    this.entries = this.entries.map(renamed);
    this.pending = this.pending.map(renamed);
    this.tell("reset");
  }

  /**
   * Takes over what stands in another conversation, but the draft; what was said to both stands here already.
   * @param {Conversation} other
   */
  absorb(other) {
    const moved = (/** @type {Entry} */ entry) => (entry.kind === "notice" ? { ...entry, key: this.newKey("notice") } : entry);
    const others = (/** @type {Entry[]} */ here, /** @type {Entry[]} */ there) => {
      const keys = new Set(here.filter(({ kind }) => kind !== "notice").map(({ key }) => key));
      return there.filter(({ key }) => !keys.has(key)).map(moved);
    };
    this.entries = [...this.entries, ...others(this.entries, other.entries)].sort((one, two) => one.at - two.at);
    this.pending.push(...others(this.pending, other.pending));
    this.files.push(...other.files);
    this.unread += other.unread;
    this.mentions += other.mentions;
    if (other.marked && !this.marked) [this.marked, this.unreadFrom] = [true, other.unreadFrom];
    this.tell("reset");
  }

  /**
   * The last message here of those that are meant, and that was not deleted, if there is one.
   * @param {(entry: Entry) => boolean} isMeant
   * @param {string} [emoji] that the user has put below it; left out: whatever stands there
   */
  lastOf(isMeant, emoji) {
    const said = this.entries.filter((entry) => entry.seq && entry.fate !== "deleted" && isMeant(entry));
    return said.findLast((entry) => emoji === undefined || entry.reactions.some((one) => one.mine && one.emoji === emoji));
  }

  /**
   * Where a message stands among the entries; -1 when it is not here.
   * @param {number} seq
   * @param {string} epoch of its log: what an earlier one of the room said stays here
   */
  indexOf(seq, epoch = this.epoch) {
    return seq ? this.entries.findLastIndex((entry) => entry.seq === seq && entry.epoch === epoch) : -1;
  }

  /**
   * The message that another one answers; null while it is not known.
   * @param {number} seq
   * @param {string} epoch
   */
  quote(seq, epoch) {
    return this.entries[this.indexOf(seq, epoch)] ?? (epoch === this.epoch ? this.quoted.get(seq) : null) ?? null;
  }

  /**
   * What a message says of the one that it answers, if that is still there.
   * @param {number} [seq] left out: of the one that the next message answers
   * @param {string} epoch
   */
  answering(seq = this.replying?.seq, epoch = this.replying?.epoch ?? "") {
    const found = seq ? this.quote(seq, epoch) : null;
    const isGone = found?.fate === "deleted" || (this.epoch !== "" && epoch !== this.epoch && !found);
    return seq && !isGone ? { reply_to: seq, epoch } : {};
  }

  /** The message that the next one answers, as it is by now. */
  get answered() {
    const { replying } = this;
    const { text, fate } = (replying && this.quote(replying.seq, replying.epoch)) ?? replying ?? BLANK;
    return replying && { ...replying, text, fate };
  }

  /** @param {number} seq of a message that has changed: those that answer it quote it */
  tellReplies(seq) {
    for (const [index, entry] of this.entries.entries()) if (entry.replyTo === seq) this.tell("replaced", index);
  }

  /**
   * Shows another entry in the place of one. Returns false where it is not here.
   * @param {string} key
   * @param {Partial<Entry>} news
   */
  replace(key, news) {
    for (const list of [this.pending, this.entries]) {
      const index = list.findLastIndex((entry) => entry.key === key);
      if (index < 0) continue;
      list[index] = { ...list[index], ...news };
      this.tell("replaced", index + (list === this.pending ? this.entries.length : 0));
      return true;
    }
    return false;
  }

  /**
   * Adds a sentence about what happens here.
   * @param {string} text
   * @param {number} at
   */
  tellNotice(text, at) {
    this.append([entryOf({ key: this.newKey("notice"), kind: "notice", text, at })]);
  }

  /**
   * Adds that users came (`joined`) or went (`left`); those of some minutes stand on one line.
   * @param {"joined" | "left"} what
   * @param {string[]} names
   * @param {number} at
   */
  tellPresence(what, names, at) {
    const last = this.entries[this.entries.length - 1];
    if (last?.kind === "notice" && last.text === what && at - last.at < PRESENCE_MERGES) {
      this.replace(last.key, { names: [...new Set([...last.names, ...names])] });
    } else {
      this.append([entryOf({ key: this.newKey("notice"), kind: "notice", text: what, names, at })]);
    }
  }

  /** Forgets what is known of the log: it is another one, or there is a hole. */
  forget() {
    this.files.push(...this.entries.filter((entry) => entry.kind === "file"));
    this.entries = [];
    this.quoted.clear();
    this.whenLoaded = [];
    this.oldest = this.newest = 0;
    this.complete = this.kind === "direct";
    this.unreadFrom = "";
    this.marked = false;
    this.tell("reset");
  }

  /**
   * Takes it that nobody looks at the last entry.
   * @param {Entry} entry
   */
  leave(entry) {
    if (!this.marked) this.markFrom(entry);
    if (entry.seq) return; // the session counts what is said in rooms
    this.unread += 1;
    this.mentions += Number(entry.mention);
  }

  /**
   * Puts the first-unread line before an entry.
   * @param {Entry} entry
   */
  markFrom(entry) {
    this.unreadFrom = entry.key;
    this.marked = true;
  }

  /** Marks everything as read. Returns whether there was anything. */
  read() {
    const was = this.marked;
    this.unread = this.mentions = 0;
    this.marked = false;
    return was;
  }

  /** @param {string} kind */
  newKey(kind) {
    this.numbers += 1;
    return `${kind}-${this.numbers}`;
  }

  /** @param {number} seq */
  note(seq) {
    if (!seq || this.kind === "direct") return;
    this.oldest = this.oldest ? Math.min(this.oldest, seq) : seq;
    this.newest = Math.max(this.newest, seq);
  }

  /**
   * @param {Change["what"]} what
   * @param {number} count
   */
  tell(what, count = 0) {
    this.observer?.({ what, count });
  }
}
