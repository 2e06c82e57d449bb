// A file in a conversation: what it is, how far it is, and what can be done about it.
import { safeName } from "../core/safe_text.js";
import { fileName } from "../core/transfers.js";
import { now } from "../net/driver.js";
import { sizeText, t } from "../words/words.js";
import { el, icon } from "./dom.js";
import { fillParts } from "./parts.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/files.js").Card} Card */
/** @typedef {import("./parts.js").Part} Part */

/** What shows files, and has to follow them. @type {Map<string, {card: Card, draw: () => void, drawn: string}>} */
const SHOWN = new Map();

/**
 * Draws again what has changed.
 * @param {Chat} chat
 */
export function drawFiles(chat) {
  for (const [key, shown] of SHOWN) {
    if (!chat.files.cards.has(key)) SHOWN.delete(key);
    else if (stateOf(shown.card) !== shown.drawn) shown.draw();
  }
}

/**
 * @param {Chat} chat
 * @param {string} key
 */
export function fileCard(chat, key) {
  const card = chat.files.cards.get(key);
  if (!card) return el("p", { class: "notice" }, t("A file that is not here any more."));
  const known = card;
  const name = safeName(known.name);
  const shown = name.trim() ? name : fileName(known.name); // of spaces only, it is seen by the name that it is kept under
  const lines = el("div", { class: "file-lines" });
  const actions = el("div", { class: "file-actions" });
  const progress = el("progress", { max: Math.max(1, known.size), "aria-label": t("Progress of {name}", { name: shown }) });
  const box = el("div", { class: "file-card", "aria-live": "off" }, el("div", { class: "file-icon" }, icon("file")), lines, actions);
  const draw = () => {
    const moving = ["running", "reading", "paused", "asking"].includes(known.state);
    progress.value = known.done;
    const text = stateText(known);
    const isHeld = box.contains(document.activeElement);
    fillParts(lines, [
      ["name", () => [el("p", { class: "file-name", dir: "auto" }, shown)]],
      [`state ${text}`, () => [el("p", { class: "file-state" }, text)]],
      moving && ["progress", () => [progress]],
    ]);
    fillParts(actions, buttons(chat, known));
    if (isHeld && !box.contains(document.activeElement)) box.closest("article")?.focus({ preventScroll: true });
    box.classList.toggle("failed", known.state === "failed");
    SHOWN.set(key, { card: known, draw, drawn: stateOf(known) });
  };
  draw();
  return box;
}

/** @param {Card} card */
function stateOf(card) {
  return `${card.state} ${card.done} ${card.why} ${card.deliveries.map((each) => each.state)}`;
}

/** @param {Card} card */
function stateText(card) {
  const size = sizeText(card.size);
  const done = sizeText(card.done);
  const names = card.deliveries.map((each) => safeName(each.user)).join(", ");
  switch (card.state) {
    case "reading":
      return t("{size}, being read …", { size });
    case "offered":
      if (card.why) return `${size}. ${card.why}`;
      return card.own ? t("{size}, offered to {names}", { size, names: names || safeName(card.user) || "…" }) : t("{size}, offered to you", { size });
    case "asking":
      return t("{size}, about to begin", { size });
    case "running":
      return t("{done} of {size}{rate}", { done, size, rate: rateText(card) });
    case "paused":
      return t("{done} of {size}, waiting for the connection", { done, size });
    case "done":
      return card.own ? t("{size}, received by {names}", { size, names: received(card) }) : t("{size}, checked and complete", { size });
    case "failed":
      return `${size}. ${card.why}`;
  }
}

/** @param {Card} card */
function received(card) {
  const done = card.deliveries.filter((each) => each.state === "done").map((each) => safeName(each.user));
  return done.join(", ");
}

/** @param {Card} card */
function rateText(card) {
  const rate = card.rate?.rate(now()) ?? 0;
  return rate > 0 ? t(", {rate} a second", { rate: sizeText(rate) }) : "";
}

/**
 * @param {Chat} chat
 * @param {Card} card
 * @returns {Part[]}
 */
function buttons(chat, card) {
  const { files } = chat;
  /**
   * @param {string} text
   * @param {string} kind
   * @param {() => void} onclick
   * @returns {Part}
   */
  const button = (text, kind, onclick) => [text, () => [el("button", { type: "button", class: `button small ${kind}`, onclick }, text)]];
  if (card.state === "done" && card.url) {
    const { url } = card;
    const save = () => files.change(card.key, { saved: true });
    return [[`save ${url}`, () => [el("a", { class: "button small primary", href: url, download: fileName(card.name), onclick: save }, t("Save"))]]];
  }
  if (card.state === "offered" && !card.own) {
    return [
      button(t("Receive"), "primary", () => files.accept(card.key)),
      button(t("Decline"), "", () => files.decline(card.key)),
    ];
  }
  if (card.state === "failed" && files.sending.mayTryAgain(card.key)) {
    return [button(t("Try again"), "", () => files.sending.tryAgain(card.key))];
  }
  if (card.state === "done" || card.state === "failed") return [];
  return [button(t("Cancel"), "", () => files.cancel(card.key))];
}
