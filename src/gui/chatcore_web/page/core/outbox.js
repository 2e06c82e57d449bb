// What was asked for and has no answer yet: kept, numbered, and repeated over as many connections as it takes.
// Pure: `now` is the time in seconds of a clock that only goes forward.

import { nameKey } from "./names.js";

/** @typedef {Record<string, any>} Frame */
/**
 * Something asked for. `handle` is what its user knows a send by, null for other requests; `cid` its number on the wire.
 * `went` says whether it was ever there.
 * @typedef {{frame: Frame, id: string, cid: number | null, handle: number | null, repeated: boolean, went: boolean, ends: number}} Item
 */
/** @typedef {{code: string, message: string, values: Frame}} Refusal */
/** @typedef {{handle: number, refusal: Refusal} | {id: string, refusal: Refusal, request: Frame}} GivenUp */

/** Most sends that wait for their acknowledgement on the wire; the server remembers as many. */
const WINDOW = 64;
/** Most other requests that wait for their answer there. */
const REQUESTS = 16;
/** Once the server has asked for patience, one thing is asked at a time, until so many were answered. */
const CAREFUL = 64;
/** What is refused with the first may succeed a little later; a send with either, and has not used up its number. */
const REQUESTS_LATER = new Set(["rate_limited", "unavailable"]);
const LATER = new Set([...REQUESTS_LATER, "slow_mode", "shutting_down"]);
/** Kinds of requests whose own limit has nothing to do with reading; the limit of all requests does. */
const OWN_LIMITS = new Set(["messages", "files"]);
/** What changes nothing: it goes ahead of what has to wait. */
const READS = new Set(["list_rooms", "list_users", "whois", "history", "list_bans", "list_acts", "list_limits"]);
/** What leads into a room that it names: what is said behind it is meant for that one. */
export const GOES = new Set(["join_room", "create_room"]);
/** What leads out of a room, and the server says where: nobody looks there yet. */
export const LEAVES = new Set(["leave_room", "close_room"]);
/** What a slow room lets wait. */
const SAID_IN_ROOMS = new Set(["send_message", "broadcast"]);
/** Stands for a room where it is not known which one. */
const UNKNOWN = "";
/** What gives a user something, as what is said to certain users does. */
const GIVES = new Set(["invite", "set_role"]);
/** What makes somebody wait less in a slow room, or not at all. */
const SPEEDS_UP = new Set(["set_slow", "set_role"]);
/** What was asked for once and for all, also over a reload of the page: no file is part of it, and no password. */
const OUTLIVES = new Set([
  ...GOES, "leave_room", "rename", "set_topic", "kick", "ban", "unban", "mute", "unmute", "set_role", "set_private", "invite", "set_slow",
  "close_room", "delete_message", "edit_message", "react", "unreact",
]);
const SHORTEST_WAIT = 0.05;
const USUAL_WAIT = 1;
// What has no answer when a connection ends may be what ended it. From so many ends on it goes alone; from so many on it
// waits first whether the connection lasts without it; at so many it is given up, so that the rest goes out.
const ALONE = 2;
const PROBED = 3;
const GIVEN_UP = 6;
const PROBE_SECONDS = 1;
const STOOD_SECONDS = 1;

/**
 * For how many seconds the server wants not to be asked, by its refusal.
 * @param {Frame} error
 */
export function patienceFor(error) {
  return Math.max(SHORTEST_WAIT, Number(error.retry_after) || USUAL_WAIT);
}

/** @param {string | null | undefined} room */
const keyOf = (room) => (room ? nameKey(room) : UNKNOWN);

/**
 * The room that a message is for; `UNKNOWN` for everything else, too.
 * @param {Frame} frame
 */
const roomOf = (frame) => (frame.type === "send_message" ? keyOf(frame.room) : UNKNOWN);

/** @param {Item} item */
export const onlyReads = (item) => READS.has(item.frame.type);

/**
 * Whether the server refuses for now what changes something, and would answer a question.
 * @param {Frame} error
 */
function isAboutChanges(error) {
  if (error.code === "rate_limited") return OWN_LIMITS.has(error.values?.what);
  return error.code === "unavailable" || error.code === "slow_mode";
}

export class Outbox {
  constructor() {
    /** Whether what goes to certain users is repeated as well, although others may have their names by then. */
    this.repeatsPrivate = true;
    /** True when the server counts the sends otherwise: only another login can tell how to go on. */
    this.outOfStep = false;
    /** @type {Item[]} */
    this.items = [];
    this.sent = 0; // how many of them are on the wire
    /** @type {Item[]} */
    this.again = []; // what is on the wire and has to go there once more
    this.careful = 0;
    /** @type {number | null} */
    this.holdUntil = null;
    /** @type {number | null} */
    this.changesWaitUntil = null; // what only reads goes on, ahead of them
    /** @type {Map<string, number>} */
    this.roomsWaitUntil = new Map(); // everything goes on but what is said in these slow rooms, and ahead of it
    this.probing = false; // whether this connection has to show first that it lasts without the first of them
    this.fragile = false; // whether the one before did not
    this.numbered = false; // whether a server has ever said how it counts
    this.nextCid = 1;
    this.firstCid = 1; // the one that the server expected at the last login
    this.nextHandle = 1;
    this.nextId = 1;
  }

  /** How many sends are not acknowledged. */
  get pending() {
    return this.items.filter((item) => item.handle !== null).length;
  }

  /** When it goes on with something of what the server wants later. @returns {number[]} */
  get waits() {
    const waits = [this.holdUntil, this.changesWaitUntil, ...this.roomsWaitUntil.values()].filter((each) => each !== null);
    return /** @type {number[]} */ (waits);
  }

  // What goes in.

  /**
   * Queues a send; returns what its user knows it by.
   * @param {Frame} frame
   */
  post(frame) {
    const handle = this.newHandle();
    const item = { frame, id: `s${handle}`, cid: this.nextCid++, handle, repeated: false, went: false, ends: 0 };
    this.items.push(item);
    if (!this.hasToWait(item)) this.letPass();
    return handle;
  }

  /** True while something was asked for that leads into another room, or out of one. */
  get moves() {
    return this.items.some(({ frame }) => GOES.has(frame.type) || frame.type === "leave_room");
  }

  /** A number for a message of this user, as sends have one. */
  newHandle() {
    return this.nextHandle++;
  }

  /**
   * Queues a request; returns the id that its answer will carry.
   * @param {Frame} frame
   */
  request(frame) {
    const id = `r${this.nextId++}`;
    const item = { frame, id, cid: null, handle: null, repeated: false, went: false, ends: 0 };
    this.items.push(item);
    if (!this.hasToWait(item)) this.letPass();
    return id;
  }

  /**
   * Takes a request back that no server can have heard of. Returns false where one may have.
   * @param {string} id
   */
  withdraw(id) {
    const index = this.items.findIndex((item) => item.id === id && !item.went);
    return index >= 0 && this.remove(index) !== undefined;
  }

  /**
   * Where a user who is in `room` will be when everything is answered; null when that is not known.
   * @param {string} room
   */
  roomByThen(room) {
    for (const { frame } of [...this.items].reverse()) {
      if (frame.type === "leave_room") return null;
      if (GOES.has(frame.type)) return /** @type {string} */ (frame.room);
    }
    return room || null;
  }

  // What goes out.

  /**
   * Returns what to pass on to the server now, once each.
   * @returns {Frame[]}
   */
  toSend() {
    if (this.holdUntil !== null) return [];
    const out = this.again.splice(0);
    let sends = this.items.slice(0, this.sent).filter((item) => item.cid !== null).length;
    let requests = this.sent - sends;
    for (const item of this.items.slice(this.sent)) {
      if (this.sent && Math.max(item.ends, this.items[0].ends) >= ALONE) break;
      if (this.hasToWait(item)) break;
      if (item.cid === null) requests += 1;
      else sends += 1;
      if (sends > WINDOW || requests > REQUESTS || (this.careful && this.sent)) break;
      item.went = true;
      out.push(item);
      this.sent += 1;
    }
    return out.map(({ frame, id, cid }) => (cid === null ? { ...frame, id } : { ...frame, id, cid }));
  }

  /** When to call `handleTimer`; null for never. */
  timer() {
    return this.waits.length ? Math.min(...this.waits) : null;
  }

  /** @param {number} now */
  handleTimer(now) {
    if (this.holdUntil !== null && now >= this.holdUntil) this.holdUntil = null;
    if (this.changesWaitUntil !== null && now >= this.changesWaitUntil) this.changesWaitUntil = null;
    for (const [room, until] of this.roomsWaitUntil) if (now >= until) this.roomsWaitUntil.delete(room);
    this.letPass();
  }

  /**
   * Tries at once what waits for something that may be over by what the server says.
   * @param {Frame} frame
   */
  heard({ type, act, room }) {
    if (this.probing) return;
    if (type === "limits") this.endPatience();
    else if (type === "room") this.roomsWaitUntil.clear();
    else if (type === "moderated" && SPEEDS_UP.has(act)) for (const each of [keyOf(room), UNKNOWN]) this.roomsWaitUntil.delete(each);
  }

  /** Waits for nothing any more. */
  endPatience() {
    this.holdUntil = this.changesWaitUntil = null;
    this.roomsWaitUntil.clear();
  }

  /**
   * Begins anew, the connection is gone: all of it will be asked for again, but for what ends connections.
   * @param {boolean} onPurpose what was sent has nothing to do with it
   * @param {number} stood for how many seconds the connection still brought something after the last of it
   * @returns {GivenUp | null}
   */
  disconnected(onPurpose, stood) {
    if (!onPurpose && !this.outOfStep && !this.fragile) {
      for (const item of this.items.slice(0, this.sent)) item.ends = stood >= STOOD_SECONDS ? 0 : item.ends + 1;
    }
    this.fragile = this.probing && !this.sent;
    this.outOfStep = false;
    this.endPatience();
    this.sent = 0;
    this.again = [];
    this.careful = 0;
    for (const item of this.items) item.repeated = true;
    if (!this.items.length || this.items[0].ends < GIVEN_UP) return null;
    return this.giveUp(this.items[0].id, { code: "connection_lost", message: "", values: {} });
  }

  /**
   * Agrees with the server on the numbers of the sends that it does not have yet: it may have forgotten earlier ones, or
   * know more than this page remembers.
   * @param {number} serverCid
   * @param {number} now
   * @returns {GivenUp[]} what goes to certain users, has not arrived, and is not to be repeated
   */
  welcomed(serverCid, now) {
    const isPrivate = (/** @type {Item} */ { frame, cid }) =>
      (frame.to?.length || GIVES.has(frame.type)) && (cid === null || cid > serverCid);
    const missing = this.repeatsPrivate || !this.numbered ? [] : this.items.filter(isPrivate);
    const givenUp = missing.map(({ id }) => this.giveUp(id, { code: "not_repeated", message: "", values: {} }));
    this.nextCid = this.firstCid = serverCid + 1;
    for (const item of this.items) {
      if (item.cid !== null && (item.cid > serverCid || !this.numbered)) item.cid = this.nextCid++;
    }
    this.numbered = true;
    this.probing = this.items.length > 0 && this.items[0].ends >= PROBED && !this.fragile;
    if (this.probing) this.holdUntil = now + PROBE_SECONDS;
    return givenUp;
  }

  // What comes back.

  /**
   * Takes what was answered off the list; returns it if it was there.
   * @param {string | undefined} id
   */
  answered(id) {
    const index = this.items.findIndex((item) => item.id === id);
    return index < 0 ? null : this.remove(index);
  }

  /**
   * Takes a send off the list; returns its handle, null when that was told before.
   * @param {number} cid
   */
  acknowledged(cid) {
    const index = this.items.findIndex((item) => item.cid === cid);
    return index < 0 ? null : this.remove(index).handle;
  }

  /**
   * Takes a refusal; returns what to tell of it (null: nothing), undefined when it answers nothing that is on the list.
   * @param {Frame} error
   * @param {number} now
   * @returns {GivenUp | null | undefined}
   */
  refused(error, now) {
    const index = this.items.findIndex((item) =>
      error.id === undefined ? error.cid !== undefined && item.cid === error.cid : item.id === error.id,
    );
    if (index < 0) return undefined;
    const item = this.items[index];
    if (error.code === "cid_gap" && item.cid !== error.cid) return null; // the number that it had before another passed it
    if ((item.handle === null ? REQUESTS_LATER : LATER).has(error.code)) {
      this.wait(index, error, now);
      return null;
    }
    if (item.handle === null) {
      if (item.repeated && error.code === "room_exists" && item.frame.type === "create_room") {
        item.frame = { ...item.frame, type: "join_room" }; // the answer to the first try was lost: the room is ours
        this.again.push(item);
        return null;
      }
    } else if (error.code === "cid_gap") {
      // Behind one that was refused before it, this is no news. With nothing before it, the server did not take a number
      // that is used up here.
      const first = !this.items.slice(0, index).some((each) => each.handle !== null);
      if (!first || item.cid !== this.firstCid) {
        this.outOfStep ||= first;
        return null;
      }
    }
    return this.giveUp(item.id, { code: error.code, message: error.message ?? "", values: error.values ?? {} });
  }

  /**
   * Takes off the list what cannot be said.
   * @param {string} id
   * @param {Refusal} refusal
   * @returns {GivenUp}
   */
  giveUp(id, refusal) {
    const item = this.remove(this.items.findIndex((each) => each.id === id));
    return item.handle === null ? { id: item.id, refusal, request: item.frame } : { handle: item.handle, refusal };
  }

  /**
   * Lets everything from here on come again, in order, after the time that the server wants. What it would not refuse
   * until then does not wait.
   * @param {number} index
   * @param {Frame} error
   * @param {number} now
   */
  wait(index, error, now) {
    const until = now + patienceFor(error);
    const onWire = this.items.slice(index, this.sent);
    for (const item of onWire) item.repeated = true;
    this.sent = Math.min(this.sent, index);
    this.careful = CAREFUL;
    const { frame } = this.items[index];
    if (error.code === "slow_mode" && SAID_IN_ROOMS.has(frame.type)) {
      const slow = typeof error.values?.room === "string" ? error.values.room : undefined;
      // There it was said, and what it waits for is there.
      if (frame.type === "send_message" && !frame.room) this.items[index].frame = { ...frame, room: slow };
      const room = roomOf(frame) || keyOf(slow);
      this.roomsWaitUntil.set(room, Math.max(this.roomsWaitUntil.get(room) ?? 0, until));
    } else if (onlyReads(this.items[index]) || !isAboutChanges(error)) {
      this.holdUntil = Math.max(this.holdUntil ?? 0, until);
      return;
    } else {
      this.changesWaitUntil = Math.max(this.changesWaitUntil ?? 0, until);
    }
    const granted = onWire.filter((item) => item.cid === null && !this.hasToWait(item));
    this.items.push(...granted, ...this.items.splice(index).filter((item) => !granted.includes(item)));
    this.sent += granted.length; // they are answered
    this.letPass();
  }

  /**
   * Whether this has to wait, which need not be all.
   * @param {Item} item
   */
  hasToWait(item) {
    if (this.changesWaitUntil !== null && !onlyReads(item)) return true;
    if (!this.roomsWaitUntil.size || !SAID_IN_ROOMS.has(item.frame.type)) return false;
    // What is said to everybody counts in the lobby and where its user is, and no other room is slow for long here.
    return this.roomsWaitUntil.has(UNKNOWN) || [UNKNOWN, ...this.roomsWaitUntil.keys()].includes(roomOf(item.frame));
  }

  /**
   * Those of some that have to wait, also for one that stands before them: a message whose room is not known yet may be
   * for the same as those behind it.
   * @param {Item[]} items
   */
  held(items) {
    let behindSuch = false;
    return items.filter((item) => {
      const isMessage = item.frame.type === "send_message";
      const held = this.hasToWait(item) || (behindSuch && isMessage);
      behindSuch ||= held && isMessage && roomOf(item.frame) === UNKNOWN;
      return held;
    });
  }

  /**
   * Has what need not wait stand before everything else that is not on the wire; else nothing changes its place. The
   * numbers go with the places, but for those that the server has taken.
   */
  letPass() {
    if (this.changesWaitUntil === null && !this.roomsWaitUntil.size) return;
    const waiting = this.items.splice(this.sent);
    const held = new Set(this.held(waiting));
    const ordered = [...waiting.filter((item) => !held.has(item)), ...held];
    const sends = ordered.filter(({ cid }) => cid !== null && cid >= this.firstCid);
    const cids = sends.map(({ cid }) => Number(cid)).sort((one, other) => one - other);
    for (const [at, item] of sends.entries()) item.cid = cids[at];
    this.items.push(...ordered);
  }

  /** @param {number} index */
  remove(index) {
    const [item] = this.items.splice(index, 1);
    this.again = this.again.filter((each) => each !== item);
    this.careful = Math.max(0, this.careful - 1);
    if (index < this.sent) this.sent -= 1;
    return item;
  }

  // Over a reload of the page.

  /**
   * What another page needs to go on: the sends, with their numbers, and the commands between them (`cid` is null).
   * @param {Frame[]} waiting sends that were not posted yet
   */
  saved(waiting = []) {
    const sends = this.items.filter(({ frame, handle }) => handle !== null || OUTLIVES.has(frame.type)).map(({ frame, cid }) => ({ frame, cid }));
    const more = waiting.map((frame, index) => ({ frame, cid: this.nextCid + index }));
    return { sends: [...sends, ...more], nextCid: this.nextCid + more.length, numbered: this.numbered };
  }

  /**
   * Goes on where another page was. Returns the handles of its sends, null for each of the commands.
   * @param {ReturnType<Outbox["saved"]>} saved
   */
  restore({ sends, nextCid, numbered }) {
    const handles = sends.map(({ frame, cid }) => {
      const handle = cid === null ? null : this.post(frame);
      if (handle === null) this.request(frame);
      Object.assign(this.items[this.items.length - 1], { cid, repeated: true, went: true });
      return handle;
    });
    this.nextCid = nextCid;
    this.numbered = numbered;
    return handles;
  }
}
