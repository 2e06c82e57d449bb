// All conversations: which there are, which one is shown, and what of them was read.
import { logOf } from "../core/logs.js";
import { nameKey } from "../core/names.js";
import { Reading } from "../core/reading.js";
import { Renames } from "../core/renames.js";
import { mentions } from "../core/texts.js";
import { Conversation, entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./conversation.js").Entry} Entry */
/** @typedef {import("./emitter.js").Emitter} Emitter */

export class Conversations {
  /** @param {Emitter} emitter */
  constructor(emitter) {
    this.emitter = emitter;
    /** How far the rooms are read, as the session knows it. */
    this.reading = new Reading();
    /** Who is called what now, as the session knows it. */
    this.renames = new Renames();
    /** Keys of the direct messages that nobody has looked at, as the session keeps them. @type {Set<string>} */
    this.unreadDirect = new Set();
    /** Says that a room was read up to a message; returns whether that is news. @type {(room: string, seq: number, epoch: string) => boolean} */
    this.markRead = () => false;
    /** In which room the user is by the time that all is answered, as the session knows it. @type {() => string} */
    this.roomByThen = () => "";
    /** @type {Map<string, Conversation>} */
    this.all = new Map();
    /** @type {Conversation | null} */
    this.shown = null;
    /** The one of the room that the user is in. @type {Conversation | null} */
    this.room = null;
    this.focused = false;
    this.atEnd = false;
    /** Called with what deserves a notification. @type {(entry: Entry, where: Conversation) => void} */
    this.call = () => {};
    /** Gives a line back that was begun in another conversation. @type {(where: Conversation, line: string) => void} */
    this.giveBack = () => {};
  }

  /**
   * Goes by what a session knows.
   * @param {Pick<import("../core/session.js").Session, "reading" | "renames" | "unread">} session
   */
  follow({ reading, renames, unread }) {
    this.reading = reading;
    this.renames = renames;
    this.unreadDirect = unread;
  }

  /** Forgets all of them: their user has left. */
  reset() {
    this.all.clear();
    this.room = null;
    this.follow({ reading: new Reading(), renames: new Renames(), unread: new Set() });
    this.show(null);
  }

  /** Conversations with other users, the latest first. */
  get directs() {
    return [...this.all.values()].filter((one) => one.kind === "direct").reverse();
  }

  /** The conversation of the room that the user is in, or on the way to. */
  get home() {
    return this.all.get(`room:${nameKey(this.roomByThen())}`) ?? this.room;
  }

  /** How many messages ask for an answer: direct ones, and those with one's name, whatever room they are in. */
  get waiting() {
    const elsewhere = [...this.reading.rooms.values()].reduce((sum, line) => sum + line.mentions, 0);
    return [...this.all.values()].reduce((sum, one) => sum + (one.kind === "direct" ? one.unread : one.mentions), elsewhere);
  }

  /**
   * How far a room is read.
   * @param {string} room
   */
  lineOf(room) {
    return this.reading.rooms.get(nameKey(room)) ?? { room, read: 0, unread: 0, mentions: 0 };
  }

  /**
   * How many messages nobody has looked at.
   * @param {Conversation} place
   */
  unreadIn(place) {
    return place.unread + (place.kind === "room" ? this.lineOf(place.name).unread : 0);
  }

  /** @param {string} name */
  ofRoom(name) {
    return this.open("room", name);
  }

  /** @param {string} name */
  withUser(name) {
    return this.open("direct", name);
  }

  /** @param {string[]} names */
  withUsers(names) {
    return [...new Set(names.map((name) => this.withUser(name)))];
  }

  /**
   * @param {"room" | "direct"} kind
   * @param {string} name
   */
  idOf(kind, name) {
    return `${kind}:${nameKey(name)}`;
  }

  /**
   * @param {"room" | "direct"} kind
   * @param {string} name
   */
  open(kind, name) {
    const id = this.idOf(kind, name);
    let found = this.all.get(id);
    if (!found) {
      found = new Conversation(kind, name);
      this.all.set(id, found);
      this.emitter.changed("conversations");
    }
    return found;
  }

  /** @param {Conversation} conversation */
  close(conversation) {
    this.all.delete(conversation.id);
    this.readDirect(conversation);
    if (this.shown === conversation) this.show(this.home);
    this.emitter.changed("conversations");
  }

  /** @param {Conversation | null} conversation */
  show(conversation) {
    if (conversation === this.shown) return;
    if (this.shown && !this.shown.marked) this.shown.unreadFrom = "";
    this.shown = conversation;
    this.atEnd = false; // until the view says so
    this.emitter.tell("shown");
    this.emitter.changed("conversations", "rooms");
  }

  /**
   * Says whether the user looks at the newest messages: what is looked at is read.
   * @param {boolean} focused
   * @param {boolean} atEnd
   */
  setSeen(focused, atEnd) {
    this.focused = focused;
    this.atEnd = atEnd;
    this.look();
  }

  /** @param {Conversation} conversation */
  isLookedAt(conversation) {
    return conversation === this.shown && !conversation.opening && this.focused && this.atEnd;
  }

  look() {
    const shown = this.shown;
    if (!shown || !this.isLookedAt(shown)) return;
    const news = shown.kind === "room" && shown.newest > 0 && this.markRead(shown.name, shown.newest, shown.epoch);
    this.readDirect(shown);
    if (shown.read() || news) this.emitter.changed("conversations", "rooms");
  }

  /** @param {Conversation} conversation of which everything is read */
  readDirect(conversation) {
    if (this.unreadDirect.size) for (const { key } of conversation.entries) this.unreadDirect.delete(key);
  }

  /**
   * Where an entry belongs: a direct message to several stands in the conversation with each.
   * @param {Frame} frame
   * @param {Entry} entry made of it
   */
  placesOf(frame, entry) {
    if (frame.type === "message") return [this.ofRoom(frame.room)];
    if (frame.type === "direct") return [...new Set((entry.own ? entry.to : [this.nowCalled(frame, frame.from, entry.epoch)]).map((name) => this.withUser(name)))];
    return this.room ? [this.room] : [];
  }

  /**
   * What somebody is called now who stands in an entry; the same, when nobody knows.
   * @param {Frame} frame
   * @param {string} name
   * @param {string} epoch
   */
  nowCalled(frame, name, epoch) {
    return this.renames.now(name, logOf(frame), epoch, frame.seq) || name;
  }

  /**
   * Tells that an entry is one with somebody whose name is another one's now.
   * @param {Frame} frame
   * @param {Conversation} place
   * @param {string} epoch
   */
  isOfAnother(frame, place, epoch) {
    const names = /** @type {string[]} */ ([frame.from, ...frame.to]);
    return names.some((name) => nameKey(name) === nameKey(place.name) && !this.renames.now(name, logOf(frame), epoch, frame.seq));
  }

  /**
   * Lets private conversations go with somebody who has taken another name; returns where that is to be told.
   * @param {string} from
   * @param {string} to
   */
  renamed(from, to) {
    const [before, there] = [from, to].map((name) => this.all.get(`direct:${nameKey(name)}`));
    for (const place of this.all.values()) if (place.kind === "direct") place.renameReceiver(from, to);
    const place = there === this.shown ? (there ?? before) : (before ?? there);
    if (!place) return null;
    for (const other of [before, there]) {
      if (!other || other === place) continue;
      place.absorb(other);
      other.rename(to); // for what is on its way there
      if (!other.draft) continue;
      this.giveBack(place, [other.above, other.draft, place.above].filter(Boolean).join("\n"));
      place.above = "";
    }
    if (there && there !== before && this.shown !== before) place.inDoubt = true; // it was one with somebody else
    place.inSight &&= there === before || !there;
    place.rename(to);
    this.all = new Map([...this.all.values()].filter((one) => one === place || (one !== before && one !== there)).map((one) => [one.id, one]));
    this.emitter.changed("conversations");
    return place;
  }

  /**
   * Takes it that nobody has a name: whoever takes it is another one, as far as anybody knows.
   * @param {string} name
   */
  vacated(name) {
    const place = this.all.get(`direct:${nameKey(name)}`);
    if (place) place.inDoubt = true;
    return place !== undefined;
  }

  /**
   * An entry of a log as it stands in a conversation.
   * @param {Frame} frame
   * @param {string} username
   * @param {string} epoch
   */
  entryFor(frame, username, epoch) {
    // What has a number was said by this user, whatever the name.
    const own = frame.cid !== undefined || nameKey(this.nowCalled(frame, frame.from, epoch)) === nameKey(username);
    const scope = /** @type {const} */ ({ message: "room", direct: "direct", broadcast: "broadcast" })[
      /** @type {"message" | "direct" | "broadcast"} */ (frame.type)
    ];
    return entryOf({
      key: `${logOf(frame)}/${epoch}/${frame.seq}`,
      kind: "message",
      at: Date.parse(frame.at) || Date.now(),
      from: frame.from,
      text: frame.text,
      fate: frame.deleted ? "deleted" : frame.edited ? "edited" : "",
      own,
      mention: !own && mentions(frame.text, username),
      scope,
      to: (frame.to ?? []).map((/** @type {string} */ name) => this.nowCalled(frame, name, epoch)),
      seq: scope === "room" ? frame.seq : 0,
      epoch,
      replyTo: frame.reply_to ?? 0,
      bot: frame.bot === true,
      reactions: (frame.reactions ?? []).map((/** @type {Frame} */ { emoji, count }) => ({ emoji, count, mine: frame.mine?.includes(emoji) ?? false })),
    });
  }

  /**
   * Takes it that a message was deleted, or says something else now.
   * @param {Frame} frame `moderated`
   * @param {string} username
   */
  change({ room, act, value, text }, username) {
    const place = this.all.get(`room:${nameKey(room)}`);
    const fate = /** @type {Entry["fate"]} */ (act === "delete_message" ? "deleted" : "edited");
    if (!place) return;
    const said = { text: fate === "deleted" ? "" : String(text ?? ""), fate };
    const { replying } = place;
    if (replying && replying.seq === value && replying.epoch === place.epoch) place.replying = { ...replying, ...said };
    this.emitter.changed("answered");
    const entry = place.entries[place.indexOf(value)] ?? place.quoted.get(value);
    if (!entry) return;
    const mention = !entry.own && mentions(said.text, username);
    const news = { ...said, mention, reactions: fate === "deleted" ? [] : entry.reactions };
    if (place.quoted.has(value)) place.quoted.set(value, { ...entry, ...news });
    place.replace(entry.key, news);
    place.tellReplies(value);
  }

  /**
   * Takes it that somebody has put an emoji below a message, or has taken it back.
   * @param {Frame} frame `reaction`
   * @param {string} username
   */
  react({ room, seq, emoji, from, count, removed }, username) {
    const place = this.all.get(`room:${nameKey(room)}`);
    const entry = place?.entries[place.indexOf(seq)];
    if (!place || !entry) return;
    const known = entry.reactions.find((one) => one.emoji === emoji) ?? { emoji, count: 0, mine: false };
    const own = from !== undefined && nameKey(from) === nameKey(username);
    const now = { emoji, count, mine: own ? !removed : known.mine };
    const others = entry.reactions.includes(known) ? entry.reactions : [...entry.reactions, known];
    place.replace(entry.key, { reactions: others.map((one) => (one === known ? now : one)).filter((one) => one.count > 0) });
  }

  /**
   * Takes it that an own emoji is below a message now, or no longer.
   * @param {Conversation} place
   * @param {string} key of the entry
   * @param {string} emoji
   * @param {boolean} mine
   */
  reacted(place, key, emoji, mine) {
    const entry = place.entries.find((one) => one.key === key);
    if (entry) place.replace(key, { reactions: entry.reactions.map((one) => (one.emoji === emoji ? { ...one, mine } : one)) });
  }

  /**
   * Takes what somebody has said; returns where it stands.
   * @param {Frame} frame
   * @param {string} username
   * @param {string} epoch
   */
  take(frame, username, epoch) {
    const entry = this.entryFor(frame, username, epoch);
    const places = this.placesOf(frame, entry);
    for (const place of places) {
      if (place.kind === "direct") this.moveUp(place);
      if (entry.own) place.inDoubt = false;
      place.append([entry]);
      if (entry.own || this.isLookedAt(place)) {
        if (entry.own) place.unreadFrom = "";
        continue;
      }
      place.leave(entry);
      if (place.kind === "direct") this.unreadDirect.add(entry.key);
      if (entry.mention || place.kind === "direct") this.call(entry, place);
      this.emitter.changed("conversations", "rooms");
    }
    this.look();
    return places;
  }

  /**
   * Puts a conversation at the end of the order: the latest.
   * @param {Conversation} place
   */
  moveUp(place) {
    this.all.delete(place.id);
    this.all.set(place.id, place);
    this.emitter.changed("conversations");
  }

  /**
   * Takes older entries of a log.
   * @param {Frame[]} frames oldest first
   * @param {string} username
   * @param {string} epoch
   */
  takeOlder(frames, username, epoch) {
    /** @type {Map<Conversation, Entry[]>} */
    const found = new Map();
    for (const frame of frames) {
      const entry = this.entryFor(frame, username, epoch);
      for (const place of this.placesOf(frame, entry)) {
        if (place.kind === "direct" && place.entries.some((each) => each.key === entry.key)) continue;
        if (place.kind === "direct") place.inDoubt = this.isOfAnother(frame, place, epoch) || (place.inDoubt && !entry.own);
        found.set(place, [...(found.get(place) ?? []), entry]);
      }
    }
    for (const [place, entries] of found) {
      const unread = place.opening && entries.find((entry) => entry.seq > place.readUpTo && !entry.own);
      const left = place.kind === "direct" ? entries.filter(({ key }) => this.unreadDirect.has(key)) : [];
      if (unread || left.length) place.markFrom(unread || left[0]);
      for (const entry of left) place.leave(entry); // an earlier page has not shown it
      place.prepend(entries);
      this.emitter.changed("answered");
      if (left.length) this.emitter.changed("conversations", "rooms");
    }
  }
}
