// What is read out of a text: links, code, and whether it speaks of somebody. Pure.
import { nameKey } from "./names.js";

// No address has these: spaces, quotes, marks of print that no script spaces out, and what cannot be seen.
const OUTSIDE =
  String.raw`\s<>"\x60\\\u00ab\u00ad\u00bb\u037e\u0589\u060c\u061b\u061c\u061f\u06d4\u0964\u0965\u104a\u104b\u1361-\u1368\u17d4\u17d5` +
  String.raw`\u200b-\u200f\u201c-\u201f\u2025\u2026\u2039\u203a\u2060-\u2069\u3001\u3002\u3008-\u3011\u3014-\u301b\u301d-\u301f` +
  String.raw`\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff5d\uff5f-\uff64\ufeff`;
const LINK = new RegExp(`(?<![A-Za-z0-9_/])[Hh][Tt]{2}[Pp][Ss]?://[^${OUTSIDE}/?#]*`, "gu");
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[\p{L}\p{M}\p{N}]+(?:(?:\.|[_-]+)[\p{L}\p{M}\p{N}]+)*\.?)(?::[0-9]{0,5})?/u;
const MORE_OF_HOST = /^[._:-]*[\p{L}\p{M}\p{N}%$&+=]/u; // it would be another one
const TURN = new RegExp(`[${OUTSIDE}()[\\]{}'\u2019]`, "gu"); // where an address may end
/** @type {Record<string, string>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };
/** @type {Record<string, string>} */
const CLOSING = { "'": "'", "\u2018": "\u2019" };
const BEGUN_LINK = /https?:\/\/\S*$/iu; // of a text that goes on: it would lead elsewhere
const AFTER_LINK = ".,;:!?*_~|^([{'\u2018\u2019\u2013\u2014";
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
  const links = new RegExp(LINK);
  let at = 0;
  for (let match = links.exec(text); match; match = links.exec(text)) {
    const end = endOfLink(text, match);
    if (!end) continue;
    links.lastIndex = end;
    const address = trimmed(text.slice(match.index, end));
    if (!leadsSomewhere(address)) continue;
    if (match.index > at) parts.push({ kind: "text", text: text.slice(at, match.index) });
    parts.push({ kind: "link", text: address });
    at = match.index + address.length;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}

/**
 * Where an address ends: at a bracket that it did not open, at the quote that it stands in, at what no address has.
 * One with a user name in it is none, as what stands before the @ is not where it leads; nor is one with a host that
 * goes on behind what can be in its name.
 * @param {string} text
 * @param {RegExpExecArray} match
 */
function endOfLink(text, match) {
  const beyond = match.index + match[0].length;
  const authority = match[0].replace(/^[^/]*\/\//, "");
  const [host] = HOST.exec(authority) ?? [""];
  const rest = authority.slice(host.length);
  if (!host || authority.includes("@") || MORE_OF_HOST.test(rest)) return 0;
  if (rest) return beyond - rest.length;
  const quote = CLOSING[text[match.index - 1] ?? ""];
  /** @type {Record<string, number>} */
  const opened = { "(": 0, "[": 0, "{": 0 };
  const turns = new RegExp(TURN);
  turns.lastIndex = beyond;
  for (let turn = turns.exec(text); turn; turn = turns.exec(text)) {
    const [mark] = turn;
    const opening = OPENING[mark] ?? "";
    if (mark in opened) opened[mark] = (opened[mark] ?? 0) + 1;
    else if (opened[opening]) opened[opening] -= 1;
    else if (!"'\u2019".includes(mark) || mark === quote) return turn.index;
  }
  return text.length;
}

/** @param {string} address */
function trimmed(address) {
  let end = address.length;
  while (end && AFTER_LINK.includes(address.charAt(end - 1))) end -= 1;
  return address.slice(0, end);
}

/**
 * True for the address of a page.
 * @param {string} address
 */
function leadsSomewhere(address) {
  if (address.length > LINK_CHARS) return false;
  try {
    const { protocol, hostname, username, password } = new URL(address);
    return /^https?:$/.test(protocol) && hostname !== "" && username === "" && password === "";
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
    const end = at + word.length;
    const before = [...key.slice(Math.max(0, at - 2), at)].at(-1) ?? " ";
    const after = [...key.slice(end, end + 2)][0] ?? " ";
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
