// Makes text of others harmless before it is shown, as chatcore.text.safe_text does: whatever could steer its reader is
// written as an escape; honest invisible characters stay where they can harm nothing.
// Sources: UAX #9 (sections 2 and 3.1.2) for directions, UAX #44 (Default_Ignorable_Code_Point) for what is invisible.

const STEERING = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u206a-\\u206f\\ufeff\\ud800-\\udfff";
const UNSAFE = new RegExp(`[${STEERING}]`, "gu");
const UNSAFE_BUT_LAYOUT = new RegExp(`(?![\\n\\t])[${STEERING}]`, "gu");
const ISOLATE = /[\u2066-\u2069]/u;
const POP = "\u2069";
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const INVISIBLE =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2060-\\u2069\\u2800\\u3164" +
  "\\ufe00-\\ufe0f\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
const ANY_INVISIBLE = new RegExp(`[${INVISIBLE}]`, "gu");
const ONLY_INVISIBLE = new RegExp(`^\\s*[${INVISIBLE}][\\s${INVISIBLE}]*$`, "u");
// Keys such as arrows, as a terminal sends them, and what nobody sees.
const BEFORE_SEEN = new RegExp(`^(?:\\x1b(?:\\[[0-9;]*[@-~]|O[@-~])|[\\s${INVISIBLE}${STEERING}])*`, "u");
/** What looks like a slash; keyboards of other languages and telephones write it so. */
export const SLASH_CHARS = "/\uff0f\u2044\u2215\u2571\u27cb\u29f8";
const ASCII = /^[\x00-\x7f]*$/;
// More combining marks than these on one letter are written as escapes: no script needs them.
const PILED_MARKS = /(\p{M}{6})(\p{M}+)/gu;

/**
 * A text for people, as one line: for what stands among others. Lines that run from right to left are isolated.
 * @param {string} text
 */
export function safeLine(text) {
  const safe = harmless(text, UNSAFE);
  return ASCII.test(safe) ? safe : shown(safe, true);
}

/**
 * A text that stands among others and may have several lines.
 * @param {string} text
 */
export function safeLines(text) {
  return text.replace(/\r\n/g, "\n").split("\n").map(safeLine).join("\n");
}

/**
 * A text that stands alone: its newlines and tabs stay.
 * @param {string} text
 */
export function safeText(text) {
  const safe = harmless(text.replace(/\r\n/g, "\n"), UNSAFE_BUT_LAYOUT);
  if (ASCII.test(safe)) return safe;
  return safe
    .split("\n")
    .map((line) => shown(line, false))
    .join("\n")
    .replace(PILED_MARKS, (_all, few, rest) => few + [...rest].map(escapeOf).join(""));
}

/**
 * What a text begins with for whoever typed it: without what stands unseen in front.
 * @param {string} text
 */
export function fromFirstVisible(text) {
  return text.replace(BEFORE_SEEN, "");
}

/**
 * The name of a user, a room or a file: everything invisible is escaped.
 * @param {string} name
 */
export function safeName(name) {
  return safeLine(name.replace(ANY_INVISIBLE, escapeOf));
}

/**
 * @param {string} text
 * @param {RegExp} unsafe
 */
function harmless(text, unsafe) {
  const safe = String(text).replace(unsafe, escapeOf);
  return ISOLATE.test(safe) ? safe.split("\n").map(closed).join("\n") : safe;
}

/**
 * @param {string} line
 * @param {boolean} isolated
 */
function shown(line, isolated) {
  if (ONLY_INVISIBLE.test(line)) return line.replace(ANY_INVISIBLE, escapeOf);
  return isolated && RIGHT_TO_LEFT.test(outside(line)) ? `\u2068${line}${POP}` : line;
}

/**
 * What of a line is in no isolate; they are all closed.
 * @param {string} line
 */
function outside(line) {
  let out = "";
  let depth = 0;
  for (const character of line) {
    if (character === POP) depth -= 1;
    if (depth === 0) out += character;
    if (ISOLATE.test(character) && character !== POP) depth += 1;
  }
  return out;
}

/**
 * A line with every isolate escaped that is not closed, and every end of one that was not begun.
 * @param {string} line
 */
function closed(line) {
  const characters = [...line];
  /** @type {number[]} */
  const begun = [];
  characters.forEach((character, index) => {
    if (!ISOLATE.test(character)) return;
    if (character !== POP) begun.push(index);
    else if (begun.length) begun.pop();
    else characters[index] = escapeOf(character);
  });
  for (const index of begun) characters[index] = escapeOf(characters[index]);
  return characters.join("");
}

/** @param {string} character */
function escapeOf(character) {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
