// Who is called what now, as far as this page has heard of it: what one said under another name stays one's own, and a
// private conversation stays with its person, and never comes to another one who has taken the name. Pure.
import { nameKey } from "./names.js";

/** @typedef {import("./logs.js").Position} Position */
/**
 * Somebody has taken another name (or was not there under the old one: `to` is empty), behind so much of these logs. An
 * empty epoch stands for whichever the log has.
 * @typedef {{from: string, to: string, at: Record<string, {epoch: string, seq: number}>}} Rename
 */

const MOST = 200; // of them are known

export class Renames {
  /** @param {Rename[]} all those that an earlier page has heard of, in order */
  constructor(all = []) {
    this.all = all;
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {Map<string, {epoch: string, seq: number}>} at
   */
  note(from, to, at) {
    const where = [...at].map(([log, { epoch, seq }]) => [log, { epoch, seq }]);
    this.all = [...this.all, { from, to, at: Object.fromEntries(where) }].slice(-MOST);
  }

  /**
   * What somebody is called now who had a name when an entry of a log was written; empty when nobody knows, and whoever
   * has that name since is another one.
   * @param {string} name
   * @param {string} log
   * @param {string} epoch
   * @param {number} seq
   */
  now(name, log, epoch, seq) {
    let found = name;
    for (const { from, to, at } of this.all) {
      const place = Object.hasOwn(at, log) ? at[log] : null;
      if (!found || !place || (place.epoch && place.epoch !== epoch) || seq > place.seq) continue;
      if (nameKey(from) === nameKey(found)) found = to;
      else if (nameKey(to) === nameKey(found)) found = "";
    }
    return found;
  }
}
