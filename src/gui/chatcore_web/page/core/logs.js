// How far each log was shown: every entry once, in order, and nothing is left out in silence. Pure.
import { BROADCAST_LOG, DIRECT_LOG, nameKey } from "./names.js";

/** @typedef {Record<string, any>} Frame */
/** A place in a log, and how many changes of its entries are known. @typedef {{epoch: string, seq: number, changes?: number}} Position */

const REFILL_LIMIT = 500;

/**
 * The log that an entry stands in.
 * @param {Frame} entry
 */
export function logOf(entry) {
  return { direct: DIRECT_LOG, broadcast: BROADCAST_LOG }[/** @type {string} */ (entry.type)] ?? nameKey(entry.room);
}

export class SeenLogs {
  constructor() {
    // Maps, not objects: a room may be called constructor.
    /** @type {Map<string, Position>} */
    this.positions = new Map();
    /** @type {Map<string, Frame[]>} */
    this.ahead = new Map(); // what came before something that did not
    /** @type {Set<string>} */
    this.gapsTold = new Set(); // gaps that the server will tell too
  }

  /**
   * Goes on where the server does. `known` is where this client was.
   * @param {Frame} welcome
   * @param {Map<string, Position>} known
   * @param {Frame[]} out
   */
  begin(welcome, known, out) {
    /** @type {Map<string, Position>} */
    const told = new Map([[welcome.room, welcome.position], ...Object.entries(welcome.positions ?? {})]);
    this.positions = new Map();
    this.ahead.clear();
    this.gapsTold.clear();
    for (const [name, place] of told) {
      this.positions.set(nameKey(name), place);
      this.tellNewLog(name, known.get(nameKey(name)), place, out);
    }
  }

  /**
   * Follows the log of another room, and no longer that of the one before.
   * @param {string} room
   * @param {Position} position
   */
  enter(room, position) {
    const kept = [nameKey(room), DIRECT_LOG, BROADCAST_LOG];
    if (!this.positions.has(nameKey(room))) this.positions.set(nameKey(room), position);
    for (const log of [...this.positions.keys()]) if (!kept.includes(log)) this.positions.delete(log);
  }

  /**
   * Follows the log of a room again that was shown as far as `known`: what came after that is replayed.
   * @param {string} room
   * @param {Position} known
   * @param {Position} position
   * @param {Frame[]} out
   */
  goBack(room, known, position, out) {
    this.positions.set(nameKey(room), position);
    this.tellNewLog(room, known, position, out);
  }

  /**
   * Tells when a log is another one than before. The server tells it too; but not again when the connection is lost first.
   * @param {string} name
   * @param {Position | undefined} known
   * @param {Position} position
   * @param {Frame[]} out
   */
  tellNewLog(name, known, position, out) {
    if (known === undefined || known.epoch === position.epoch) return;
    const gap = { type: "gap", room: name, epoch: position.epoch, from: 1, to: position.seq };
    this.gapsTold.add(gapKey(gap));
    out.push(gap);
  }

  /**
   * Shows an entry if it is the next one; returns what asks for those before it that did not come, once.
   * @param {Frame} entry
   * @param {Frame[]} out
   * @returns {Frame | null}
   */
  post(entry, out) {
    const log = logOf(entry);
    const position = this.positions.get(log);
    if (position === undefined || entry.seq <= position.seq || this.show(entry, out)) return null;
    const waiting = this.ahead.get(log);
    if (waiting) waiting.push(entry);
    else this.ahead.set(log, [entry]);
    return waiting ? null : this.refillOf(log, position);
  }

  /**
   * @param {Frame} entry
   * @param {Frame[]} out
   */
  show(entry, out) {
    const position = this.positions.get(logOf(entry));
    if (position === undefined || entry.seq !== position.seq + 1) return false;
    this.positions.set(logOf(entry), { ...position, seq: entry.seq });
    out.push(entry);
    return true;
  }

  /**
   * Shows what did not come, and what waited for it; what is not to be had is a gap. Returns as `post` does.
   * @param {Frame} reply
   * @param {Frame[]} out
   * @returns {Frame | null}
   */
  refill(reply, out) {
    const log = nameKey(reply.room);
    const ahead = this.ahead.get(log) ?? [];
    this.ahead.delete(log);
    const position = this.positions.get(log);
    if (position === undefined) return null;
    const first = (reply.messages[0] ?? ahead[0])?.seq ?? position.seq + 1;
    if (first > position.seq + 1) {
      this.gap({ type: "gap", room: reply.room, epoch: position.epoch, from: position.seq + 1, to: first - 1 }, out);
    }
    for (const entry of reply.messages) this.show(entry, out);
    const asked = ahead.map((entry) => this.post(entry, out));
    return asked.find((each) => each !== null) ?? null;
  }

  /**
   * Takes it that something has become of an entry, also of one that waits.
   * @param {Frame} frame `moderated` or `reaction`
   * @param {string} username
   */
  changed(frame, username) {
    const log = nameKey(frame.room);
    const position = this.positions.get(log);
    if (position && frame.change > (position.changes ?? 0)) this.positions.set(log, { ...position, changes: frame.change });
    const ahead = this.ahead.get(log);
    if (ahead) this.ahead.set(log, ahead.map((entry) => entryAfter(entry, frame, username)));
  }

  /**
   * Takes what is lost.
   * @param {Frame} gap
   * @param {Frame[]} out
   */
  gap(gap, out) {
    const log = nameKey(gap.room);
    const known = this.positions.get(log);
    // Who has shown to be the owner of an account has its direct messages from then on: nothing of them is missing.
    const isAnother = log === DIRECT_LOG && gap.to < gap.from && known !== undefined && gap.epoch !== known.epoch;
    if (!this.gapsTold.delete(gapKey(gap)) && !isAnother) out.push(gap);
    if (known === undefined) return;
    const same = gap.epoch === known.epoch;
    this.positions.set(log, same ? { ...known, seq: Math.max(gap.to, known.seq) } : { epoch: gap.epoch, seq: gap.to });
  }

  /** What asks for everything that did not come. */
  refills() {
    const missing = [];
    for (const log of this.ahead.keys()) {
      const position = this.positions.get(log);
      if (position) missing.push(this.refillOf(log, position));
    }
    return missing;
  }

  /** Forgets what waits: what did not come will not, or is replayed. */
  stopWaiting() {
    this.ahead.clear();
  }

  /**
   * @param {string} log
   * @param {Position} position
   */
  refillOf(log, position) {
    return { type: "history", room: log, after: position.seq, limit: REFILL_LIMIT };
  }
}

/** @param {Frame} gap */
function gapKey(gap) {
  return JSON.stringify([nameKey(gap.room), gap.epoch, gap.from, gap.to]);
}

/**
 * What an entry is after something has become of one of its log: another one, if it is that.
 * @param {Frame} entry
 * @param {Frame} frame
 * @param {string} username
 * @returns {Frame}
 */
function entryAfter(entry, frame, username) {
  if (frame.type === "reaction") return entry.seq === frame.seq && !entry.deleted ? reactedTo(entry, frame, username) : entry;
  if (entry.seq !== frame.value) return entry;
  if (frame.act === "delete_message") return { ...entry, text: "", deleted: true, edited: false, reactions: [], mine: [] };
  return frame.act === "edit_message" ? { ...entry, text: String(frame.text ?? ""), deleted: false, edited: true } : entry;
}

/**
 * @param {Frame} entry
 * @param {Frame} frame
 * @param {string} username
 * @returns {Frame}
 */
function reactedTo(entry, { emoji, count, from, removed }, username) {
  const known = entry.reactions ?? [];
  const now = { emoji, count };
  const isMeant = (/** @type {Frame} */ one) => one.emoji === emoji;
  const reactions = known.some(isMeant) ? known.map((/** @type {Frame} */ one) => (isMeant(one) ? now : one)) : [...known, now];
  const own = from !== undefined && nameKey(from) === nameKey(username);
  const others = (entry.mine ?? []).filter((/** @type {string} */ one) => one !== emoji);
  const mine = !own ? entry.mine : removed ? others : [...others, emoji];
  return { ...entry, reactions: reactions.filter((/** @type {Frame} */ one) => one.count > 0), mine };
}
