// What somebody types to look for messages, as chatcore.text.finding.line has it. Pure.

/** @typedef {Record<string, any>} Frame */

const FIELDS = /^(from|in|since|until):(.+)$/i;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;
const MOST_CHARS = 1000;

/**
 * The request for `WORDS [from:NAME] [in:ROOM] [since:DATE] [until:DATE]`, in any order; null when a date is none, or
 * when nothing is looked for.
 * @param {string} line
 * @returns {Frame | null}
 */
export function parseSearch(line) {
  /** @type {Map<string, string>} */
  const given = new Map();
  /** @type {string[]} */
  const words = [];
  for (const word of line.slice(0, MOST_CHARS).split(/\s+/)) {
    const field = FIELDS.exec(word);
    if (field) given.set(field[1].toLowerCase(), field[2]);
    else if (word) words.push(word);
  }
  const [since, until] = [moment(given.get("since"), 0), moment(given.get("until"), 1)];
  if (since === null || until === null || !(words.length || given.has("from") || since || until)) return null;
  return { type: "search", words: words.join(" "), from: given.get("from"), room: given.get("in"), since, until };
}

/**
 * A time for the server; undefined for none, null for what is none.
 * @param {string | undefined} text
 * @param {number} days to add to one that is only a day
 */
function moment(text, days) {
  if (text === undefined) return undefined;
  const day = DAY.exec(text);
  if (!day && !MOMENT.test(text)) return null;
  const date = day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])) : new Date(text);
  if (Number.isNaN(date.getTime()) || (day && date.getDate() !== Number(day[3]))) return null;
  if (day) date.setDate(date.getDate() + days);
  return date.toISOString();
}
