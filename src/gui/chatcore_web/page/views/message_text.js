// The text of a message as elements: lines, links, code, blocks of code with a button that copies them.
import { safeText } from "../core/safe_text.js";
import { beginningOf, blocksOf, partsOf } from "../core/texts.js";
import { t } from "../words/words.js";
import { copyText, el } from "./dom.js";

const COPIED_TIME = 2000; // milliseconds
const LONG = 6000; // characters of a message that are shown at first

/**
 * @param {string} text as its sender wrote it
 * @returns {Node[]}
 */
export function textNodes(text) {
  const blocks = blocksOf(safeText(text));
  if (text.length <= LONG) return nodesOf(blocks);
  const more = el("button", { type: "button", class: "link-button" }, t("Show all of it"));
  const short = el("div", {}, ...nodesOf(beginningOf(blocks, LONG)), el("p", { class: "more" }, more));
  more.onclick = () => {
    const article = document.activeElement === more ? more.closest("article") : null;
    short.replaceChildren(...nodesOf(blocks));
    article?.focus({ preventScroll: true }); // the keyboard stays where the button was
  };
  return [short];
}

/**
 * @param {import("../core/texts.js").Block[]} blocks
 * @returns {Node[]}
 */
function nodesOf(blocks) {
  return blocks.map((block) => {
    if (block.kind === "block") return codeBlock(block);
    return el("p", { class: "text", dir: "auto" }, ...block.text ? partsOf(block.text).map(partNode) : []);
  });
}

/** @param {import("../core/texts.js").Part} part */
function partNode({ kind, text }) {
  if (kind === "code") return el("code", {}, text);
  // What is around an address, written from right to left, would have its parts change places.
  if (kind === "link") return el("a", { href: text, dir: "ltr", target: "_blank", rel: "noopener noreferrer" }, text);
  return document.createTextNode(text);
}

/** @param {import("../core/texts.js").Block} block */
function codeBlock({ text, language }) {
  const button = el("button", { type: "button", class: "copy" }, t("Copy"));
  button.onclick = async () => {
    const done = await copyText(text);
    button.textContent = done ? t("Copied") : t("Not copied");
    setTimeout(() => (button.textContent = t("Copy")), COPIED_TIME);
  };
  const name = language ? [el("div", { class: "language", dir: "ltr" }, language)] : [];
  return el("div", { class: "code" }, ...name, el("pre", { tabindex: 0, "aria-label": t("Code") }, el("code", {}, text)), button);
}
