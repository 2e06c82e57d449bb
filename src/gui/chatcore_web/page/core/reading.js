// How far the user has read the rooms, as this page knows it: told by the server, and told to it, seldom. Pure: `now` is
// the time in seconds of a clock that only goes forward.
import { nameKey } from "./names.js";

/** @typedef {Record<string, any>} Frame */
/** How far a room is read, how many messages came after, and how many of them mention the user.
 * @typedef {{room: string, read: number, unread: number, mentions: number}} Line */

const WINDOW = 1; // seconds between two times that the server is told
const MOST_MENTIONS = 99; // as many as the server counts

export class Reading {
  /** @param {Line[]} lines what an earlier page could not tell any more */
  constructor(lines = []) {
    /** By the keys of their names. @type {Map<string, Line>} */
    this.rooms = new Map(lines.map((line) => [nameKey(line.room), line]));
    /** Of the logs that the user has read. @type {Map<string, string>} */
    this.epochs = new Map();
    /** @type {Map<string, number>} */
    this.toTell = new Map();
    /** @type {number | null} */
    this.toldAt = null;
  }

  /**
   * Takes what the server says at a login. What it does not know yet is told again.
   * @param {Line[]} lines
   */
  begin(lines) {
    const before = this.rooms;
    this.rooms = new Map();
    this.toTell.clear();
    this.learn(lines);
    for (const [key, line] of this.rooms) {
      const known = before.get(key)?.read ?? 0;
      if (line.read < known && known <= line.read + line.unread) this.mark(line.room, known, this.epochs.get(key) ?? "");
    }
    this.toldAt = null;
  }

  /**
   * Takes what the server says, which may not have heard yet of what was read last.
   * @param {Line[]} lines
   */
  learn(lines) {
    for (const line of lines) {
      const read = this.rooms.get(nameKey(line.room))?.read ?? 0;
      const head = line.read + line.unread;
      const unread = head - read;
      const further = line.read < read && read <= head;
      this.rooms.set(nameKey(line.room), further ? { ...line, read, unread, mentions: Math.min(line.mentions, unread) } : line);
    }
  }

  /**
   * Of what the server says, the rooms in which somebody has mentioned the user since; ask before it is learned.
   * @param {Line[]} lines
   */
  calls(lines) {
    return lines.filter(({ room, mentions }) => mentions > (this.rooms.get(nameKey(room))?.mentions ?? 0)).map(({ room }) => room);
  }

  /**
   * Takes it that a room is gone; one of that name is another one.
   * @param {string} room
   */
  forget(room) {
    for (const known of [this.rooms, this.toTell, this.epochs]) known.delete(nameKey(room));
  }

  /**
   * Takes it that a room has an entry; what one says oneself right behind what was read is read.
   * @param {string} room
   * @param {number} seq
   * @param {{own?: boolean, mention?: boolean}} more
   */
  said(room, seq, { own = false, mention = false } = {}) {
    const line = this.rooms.get(nameKey(room));
    if (!line || seq <= line.read) return;
    if (own && seq === line.read + 1) {
      this.learn([{ ...line, read: seq, unread: Math.max(0, line.unread - 1) }]);
    } else if (seq > line.read + line.unread) {
      const mentions = Math.min(MOST_MENTIONS, line.mentions + Number(mention));
      this.learn([{ ...line, mentions, unread: seq - line.read }]);
    }
  }

  /**
   * Says how far the user has read. Returns whether that is news.
   * @param {string} room
   * @param {number} seq
   * @param {string} epoch of the log; empty where it is not known
   */
  mark(room, seq, epoch) {
    const key = nameKey(room);
    this.epochs.set(key, epoch);
    const line = this.rooms.get(key);
    if (line && seq <= line.read) return false;
    const unread = line ? Math.max(0, line.read + line.unread - seq) : 0;
    this.rooms.set(key, { room, read: seq, unread, mentions: unread ? (line?.mentions ?? 0) : 0 });
    this.toTell.set(key, seq);
    return true;
  }

  /**
   * What to tell the server now, once each.
   * @param {number} now
   * @returns {Frame[]}
   */
  tell(now) {
    const due = this.timer();
    if (!this.toTell.size || (due !== null && now < due)) return [];
    this.toldAt = now;
    const marks = [...this.toTell].map(([key, seq]) => {
      const epoch = this.epochs.get(key);
      return { type: "read", room: this.rooms.get(key)?.room ?? key, seq, ...(epoch && { epoch }) };
    });
    this.toTell.clear();
    return marks;
  }

  /** When there is something to tell; null when there is nothing, or at once. @returns {number | null} */
  timer() {
    return this.toTell.size && this.toldAt !== null ? this.toldAt + WINDOW : null;
  }

  /** What another page has to tell. @returns {Line[]} */
  saved() {
    return [...this.toTell.keys()].map((key) => this.rooms.get(key)).filter((line) => line !== undefined);
  }
}
