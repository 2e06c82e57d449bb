// The list of rooms, and who is in the one that the user is in.
import { nameKey } from "../core/names.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {{name: string, users: number, seq: number}} Room */

export class Rooms {
  constructor() {
    /** By the keys of their names. @type {Map<string, Room>} */
    this.all = new Map();
    this.here = "";
    /** Who is in the room: of a very large one the first, those who came since, and then the others. @type {Map<string, string>} */
    this.members = new Map();
    this.count = 0;
    /** Keys of those of them that are bots. @type {Set<string>} */
    this.bots = new Set();
    /** What the room is about. */
    this.topic = "";
  }

  /** @param {Room[]} rooms */
  set(rooms) {
    this.all = new Map(rooms.map((room) => [nameKey(room.name), { ...room }]));
  }

  /**
   * @param {Room[]} rooms
   * @param {string[]} removed
   */
  changed(rooms, removed) {
    for (const room of rooms) this.all.set(nameKey(room.name), { ...room });
    for (const name of removed) this.all.delete(nameKey(name));
  }

  /**
   * @param {string} name
   * @param {string[]} users
   * @param {number} count
   * @param {string[]} bots
   */
  enter(name, users, count, bots) {
    this.here = name;
    this.members = new Map(users.map((user) => [nameKey(user), user]));
    this.bots = new Set(bots.map(nameKey));
    this.count = Math.max(count, users.length);
    if (!this.all.has(nameKey(name))) this.all.set(nameKey(name), { name, users: this.count, seq: 0 });
  }

  /**
   * Takes some of those who are in the room.
   * @param {{name: string, bot?: boolean}[]} users
   */
  fill(users) {
    for (const { name, bot } of users) {
      this.members.set(nameKey(name), name);
      if (bot) this.bots.add(nameKey(name));
    }
  }

  /**
   * Takes who came and went; returns what of it is news.
   * @param {Frame} frame
   * @returns {{joined: string[], left: string[]}}
   */
  presence(frame) {
    if (nameKey(frame.room) !== nameKey(this.here)) return { joined: [], left: [] };
    const complete = this.count <= this.members.size;
    const joined = frame.joined.filter((/** @type {string} */ name) => !this.members.has(nameKey(name)));
    const left = frame.left.filter((/** @type {string} */ name) => !complete || this.members.has(nameKey(name)));
    for (const name of frame.joined) this.members.set(nameKey(name), name);
    for (const name of frame.left) this.members.delete(nameKey(name));
    for (const name of [...frame.joined, ...frame.left]) this.bots.delete(nameKey(name));
    for (const name of frame.bots ?? []) this.bots.add(nameKey(name));
    this.count = frame.users;
    return { joined, left };
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  renamed(from, to) {
    if (this.members.delete(nameKey(from))) this.members.set(nameKey(to), to);
    if (this.bots.delete(nameKey(from))) this.bots.add(nameKey(to));
  }
}
