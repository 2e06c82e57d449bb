// Names of rooms, users and logs, and how they are compared.

/** Name of the log of direct messages. */
export const DIRECT_LOG = "@";
/** Name of the log of broadcasts. */
export const BROADCAST_LOG = "*";

/**
 * The form under which a name is unique: shown as typed, compared without case.
 * @param {string} name
 */
export function nameKey(name) {
  if (/^[\x00-\x7f]*$/.test(name)) return name.toLowerCase();
  return [...name.normalize("NFC")].map(folded).join("").normalize("NFC");
}

/**
 * Case folding: by the upper case, where ß is SS; the dotless i is a letter of its own.
 * @param {string} character
 */
function folded(character) {
  return character === "\u0131" ? character : [...character.toUpperCase()].map((each) => each.toLowerCase()).join("");
}

/**
 * Orders names as a list of people does, accents aside. The browser's own collation takes as long to begin as to draw
 * the first screen.
 * @param {string} one
 * @param {string} other
 */
export function compareNames(one, other) {
  const [first, second] = [withoutMarks(one), withoutMarks(other)];
  return first < second ? -1 : Number(first > second);
}

/** @param {string} name */
function withoutMarks(name) {
  const key = nameKey(name);
  return /^[\x00-\x7f]*$/.test(key) ? key : key.normalize("NFD").replace(/\p{M}/gu, "");
}
