// What is read out of a text: links, code, and whether it speaks of somebody. Pure.
import { nameKey } from "./names.js";

const LINK = /(?<![\w/])https?:\/\/[^\s<>"'`{}|\\^[\]\u00ad\u061c\u200b-\u200f\u2060-\u2069]+/giu;
const BEGUN_LINK = /https?:\/\/\S*$/iu; // of a text that goes on: it would lead elsewhere
const AFTER_LINK = /[.,;:!?*_~]+$/;
const LINK_CHARS = 2048;
const CODE =
  /(?<!`)`{3,}(?!`)(?:(?<language>[A-Za-z0-9_+#.-]{1,20})?[\t ]*\n)?(?<block>(?:(?!```)[^])+)`{3,}|(?<!`)`(?<line>[^`\n]+)`(?!`)/gu;
const COMPOSED_CHARS = 4000; // to compose a text takes the square of a row of marks
const PART = /[\p{L}\p{N}_-]/u;
// Scripts that put no spaces between words: Thai, Lao, Myanmar, Khmer, and those of Chinese and Japanese.
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\u{20000}-\u{3ffff}]/u;

/** @typedef {{kind: "text" | "link" | "code", text: string}} Part */
/** @typedef {{kind: "text" | "block", text: string, language?: string}} Block */
/** @typedef {{start: number, end: number, code: string, language: string, isBlock: boolean}} Code */

/**
 * Where the code of a text stands: between backticks on one line, or between three of them and more, also on several
 * lines, where the name of a language may stand first. What is never closed is none, and neither are spaces alone.
 * @param {string} text
 * @returns {Code[]}
 */
function codeIn(text) {
  return [...text.matchAll(CODE)].flatMap((match) => {
    const { language = "", block, line } = /** @type {Record<string, string>} */ (match.groups);
    const code = line ?? block.trimEnd().replace(/^\n+/, "");
    const isBlock = line === undefined && match[0].includes("\n");
    return code.trim() ? [{ start: match.index, end: match.index + match[0].length, code, language, isBlock }] : [];
  });
}

/**
 * Takes a text apart into blocks of code (on lines of their own between ```), and what stands between them.
 * @param {string} text
 * @returns {Block[]}
 */
export function blocksOf(text) {
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  /** @param {number} [end] where the next block begins */
  const flush = (end) => {
    let between = text.slice(at, end);
    if (at) between = between.replace(/^[\t ]*\n/, "");
    if (end !== undefined) between = between.replace(/\n[\t ]*$/, "");
    if (between.trim() || (!at && end === undefined)) blocks.push({ kind: "text", text: between });
  };
  for (const { start, end, code, language, isBlock } of codeIn(text)) {
    if (!isBlock) continue;
    flush(start);
    blocks.push({ kind: "block", text: code, language });
    at = end;
  }
  flush();
  return blocks;
}

/**
 * What blocks begin with, so many characters of it; no character and no address is cut in two.
 * @param {Block[]} blocks
 * @param {number} most
 * @returns {Block[]}
 */
export function beginningOf(blocks, most) {
  /** @type {Block[]} */
  const begun = [];
  let rest = most;
  for (const block of blocks) {
    const head = firstOf(block.text, rest);
    rest -= head.length;
    if (head.length === block.text.length) {
      begun.push(block);
      continue;
    }
    const cut = block.kind === "text" ? head.replace(BEGUN_LINK, "") : head;
    if (cut) begun.push({ ...block, text: cut });
    break;
  }
  return begun;
}

/**
 * What a text begins with; no character is cut in two.
 * @param {string} text
 * @param {number} most characters, or half characters where they are counted so
 */
export function firstOf(text, most) {
  const head = text.slice(0, Math.max(0, most));
  return head.length < text.length && /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

/**
 * Takes a text apart into `code`, links, and what stands between them.
 * @param {string} text
 * @returns {Part[]}
 */
export function partsOf(text) {
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  for (const { start, end, code } of codeIn(text)) {
    parts.push(...linked(text.slice(at, start)), { kind: "code", text: code });
    at = end;
  }
  return [...parts, ...linked(text.slice(at))];
}

/**
 * @param {string} text
 * @returns {Part[]}
 */
function linked(text) {
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trimmed(match[0]);
    if (!leadsSomewhere(address)) continue;
    if (match.index > at) parts.push({ kind: "text", text: text.slice(at, match.index) });
    parts.push({ kind: "link", text: address });
    at = match.index + address.length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/** @param {string} address */
function trimmed(address) {
  const cut = address.replace(AFTER_LINK, "");
  /** @param {string} bracket */
  const count = (bracket) => cut.split(bracket).length;
  return cut.endsWith(")") && count("(") < count(")") ? cut.slice(0, -1).replace(AFTER_LINK, "") : cut;
}

/**
 * True for the address of a page. One with a user name in it is a trap: what stands before the @ is
 * not where it leads.
 * @param {string} address
 */
function leadsSomewhere(address) {
  if (address.length > LINK_CHARS) return false;
  try {
    const { protocol, hostname, username, password } = new URL(address);
    return /^https?:$/.test(protocol) && hostname !== "" && username === "" && password === "" && !/^[^/]*\/\/[^/]*@/.test(address);
  } catch {
    return false;
  }
}

const EMOJI = /^[\p{So}\p{Sm}\p{RI}\p{EMod}\p{Emoji}\u200d\ufe0e\ufe0f\u20e3\u{e0020}-\u{e007f}]{1,16}$/u;

/**
 * Tells whether a text looks like an emoji, the invisible parts of one included.
 * @param {string} text
 */
export function looksLikeEmoji(text) {
  return EMOJI.test(text);
}

/**
 * Tells whether a text speaks of a user: the name stands in it as a word. Where it begins or ends in a script without
 * spaces, anything may stand beside it.
 * @param {string} text
 * @param {string} name
 */
export function mentions(text, name) {
  const word = nameKey(name);
  const key = text.length > COMPOSED_CHARS ? text.toLowerCase() : nameKey(text);
  const [first, last] = [[...word][0] ?? "", [...word].at(-1) ?? ""];
  for (let at = key.indexOf(word); at >= 0 && word; at = key.indexOf(word, at + 1)) {
    const before = [...key.slice(0, at)].at(-1) ?? " ";
    const after = [...key.slice(at + word.length)][0] ?? " ";
    if ((UNSPACED.test(first) || !PART.test(before)) && (UNSPACED.test(last) || !PART.test(after))) return true;
  }
  return false;
}

/**
 * A size as a number and how many thousands it was divided by, three digits at most: 1234567 is [1.2, 2].
 * @param {number} bytes
 * @returns {[number, number]}
 */
export function scaledSize(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    unit += 1;
  }
  return [unit && value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value), unit];
}
