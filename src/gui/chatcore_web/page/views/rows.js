// One line of a conversation: a message, a notice, a gap, a file; with the day, and the first-unread line, before it.
import { nameKey } from "../core/names.js";
import { safeLine, safeName, safeText } from "../core/safe_text.js";
import { firstOf, looksLikeEmoji } from "../core/texts.js";
import { clockText, t, timeText, tn } from "../words/words.js";
import { el } from "./dom.js";
import { fileCard } from "./file_card.js";
import { textNodes } from "./message_text.js";
import { fillParts } from "./parts.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/conversation.js").Conversation} Conversation */
/** @typedef {import("../model/conversation.js").Entry} Entry */

const TOGETHER = 5 * 60_000; // milliseconds: what one says in that time stands under one name
const COLOURS = 8;
const NAMES_SHOWN = 12;
const QUOTED = 160; // characters of a message that another one answers

/**
 * The row of an entry.
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 * @param {Entry | null} before the entry above it
 */
export function rowOf(chat, place, entry, before) {
  const row = el("div", { class: "row", "data-key": entry.key });
  drawRow(row, chat, place, entry, before);
  return row;
}

/**
 * Draws what has changed of an entry; the keyboard stays at it.
 * @param {HTMLElement} row
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 * @param {Entry | null} before the entry above it
 */
export function drawRow(row, chat, place, entry, before) {
  const isHeld = row.contains(document.activeElement);
  const newDay = !before || dayOf(before.at) !== dayOf(entry.at);
  const unread = place.unreadFrom === entry.key;
  const day = newDay ? dayText(entry.at) : "";
  const isSaid = entry.kind === "message" || entry.kind === "file";
  const notice = isSaid ? "" : noticeText(entry);
  fillParts(row, [
    newDay && [`day ${day}`, () => [el("div", { class: "day", role: "separator" }, el("span", {}, day))]],
    unread && ["unread", () => [el("div", { class: "unread-line", role: "separator" }, el("span", {}, t("New messages")))]],
    isSaid && ["message", () => [el("article", { tabindex: -1 })]],
    !isSaid && [`notice ${notice}`, () => [el("p", { class: entry.kind === "gap" ? "gap" : "notice", dir: "auto" }, notice)]],
  ]);
  const article = row.querySelector("article");
  if (!article) return;
  const follows = !newDay && !unread && goesOn(entry, before);
  drawMessage(article, chat, place, entry, follows);
  if (isHeld && !row.contains(document.activeElement)) article.focus({ preventScroll: true });
}

/**
 * @param {Entry} entry
 * @param {Entry | null} before
 */
function goesOn(entry, before) {
  return (
    before !== null &&
    (before.kind === "message" || before.kind === "file") &&
    before.from === entry.from &&
    before.scope === entry.scope &&
    !entry.replyTo &&
    String(before.to) === String(entry.to) &&
    entry.at - before.at < TOGETHER
  );
}

/**
 * @param {HTMLElement} article
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 * @param {boolean} follows whether it stands under the name of the one before
 */
function drawMessage(article, chat, place, entry, follows) {
  const name = safeName(entry.from);
  const clock = clockText(entry.at);
  // All of the date is for who points at it: to word it for each row would take as long as the rest of the row.
  const time = () => {
    const out = el("time", { datetime: new Date(entry.at).toISOString(), onpointerenter: () => (out.title = timeText("full", entry.at)) }, clock);
    return out;
  };
  const others = entry.scope === "direct" ? entry.to.filter((one) => ![place.name, chat.username].map(nameKey).includes(nameKey(one))) : [];
  const head = () => {
    const out = el("header", {}, el("span", { class: `name c${colourOf(entry.from)}` }, name));
    if (entry.bot) out.append(el("span", { class: "tag" }, t("bot")));
    if (entry.scope === "broadcast") out.append(el("span", { class: "tag" }, t("to everyone")));
    if (others.length) out.append(el("span", { class: "tag" }, t("also to {names}", { names: others.map(safeName).join(", ") })));
    out.append(time());
    return [out];
  };
  const classes = ["message", entry.own && "own", entry.mention && "mention", entry.state, follows && "follows", entry.scope];
  article.className = classes.filter(Boolean).join(" ");
  // It comes again once it has counted, and is read out then.
  if (entry.state === "pending") article.setAttribute("aria-live", "off");
  else article.removeAttribute("aria-live");
  article.setAttribute("aria-label", t("{name}, {time}", { name, time: clock }));
  const deleted = entry.fate === "deleted";
  const isFile = entry.kind === "file";
  if (deleted) article.querySelector(".tools")?.remove(); // there is nothing to be done with it any more
  fillParts(article, [
    follows ? [`gutter ${entry.at}`, () => [el("div", { class: "gutter" }, time())]] : [`avatar ${entry.from}`, () => [avatar(entry.from)]],
    ["body", () => [el("div", { class: "body" })]],
  ]);
  const body = /** @type {Element} */ (article.querySelector(":scope > .body"));
  fillParts(body, [
    !follows && [JSON.stringify(["head", entry.from, entry.bot, entry.scope, others, entry.at]), head],
    entry.replyTo > 0 && [`quote ${entry.replyTo} ${entry.epoch}`, () => [quote(chat, entry)]],
    isFile && [`file ${entry.file} ${chat.files.cards.has(entry.file)}`, () => [fileCard(chat, entry.file)]],
    !isFile && deleted && ["deleted", () => [el("p", { class: "fate" }, t("(deleted)"))]],
    !isFile && !deleted && [`text ${entry.text}`, () => textNodes(entry.text)],
    entry.fate === "edited" && ["edited", () => [el("p", { class: "fate" }, t("(edited)"))]],
    entry.reactions.length > 0 && ["reactions", () => [el("div", { class: "reactions" })]],
    entry.state === "pending" && ["sending", () => [el("p", { class: "sending" }, t("Sending …"))]],
    entry.state === "failed" && [`failed ${entry.why}`, () => [failed(chat, place, entry)]],
  ]);
  if (entry.replyTo) drawQuote(/** @type {Element} */ (body.querySelector(":scope > .quote")), chat, place, entry);
  if (entry.reactions.length) drawReactions(/** @type {Element} */ (body.querySelector(":scope > .reactions")), chat, place, entry);
}

/**
 * An entry as it is by now: what was made of it stays while it changes.
 * @param {Conversation} place
 * @param {Entry} entry
 */
function present(place, entry) {
  const isIt = (/** @type {Entry} */ one) => one.key === entry.key;
  return place.pending.find(isIt) ?? place.entries.findLast(isIt) ?? entry;
}

/**
 * Leads to what a message answers.
 * @param {Chat} chat
 * @param {Entry} entry
 */
function quote(chat, { replyTo, epoch }) {
  return el("button", { type: "button", class: "quote", title: t("To the message that this one answers"), onclick: () => chat.jump(replyTo, epoch) });
}

/**
 * Draws what a message answers, in short.
 * @param {Element} button
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 */
function drawQuote(button, chat, place, { replyTo, epoch }) {
  const found = place.quote(replyTo, epoch);
  if (!found && epoch === place.epoch) chat.reaching.loadQuote(place, replyTo);
  const gone = found?.fate === "deleted";
  const text = gone ? t("(deleted)") : safeLine(firstOf(found?.text ?? "…", QUOTED));
  const from = found?.from ?? "";
  const name = () => (from ? [el("span", { class: `name c${colourOf(from)}` }, safeName(from))] : []);
  const quoted = () => [...name(), document.createTextNode(" "), el("span", { class: "quoted", dir: "auto" }, text)];
  fillParts(button, [[JSON.stringify([from, text]), quoted]]);
}

/**
 * @param {Element} box
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 */
function drawReactions(box, chat, place, entry) {
  const button = (/** @type {string} */ emoji) =>
    el("button", { type: "button", class: "reaction", onclick: () => chat.react(place, present(place, entry), emoji) });
  fillParts(box, entry.reactions.map(({ emoji }) => [emoji, () => [button(emoji)]]));
  for (const [index, { emoji, count, mine }] of entry.reactions.entries()) {
    const shown = box.children[index];
    shown.setAttribute("aria-pressed", String(mine));
    shown.setAttribute("title", mine ? t("Take it back") : t("Put it there too"));
    fillParts(shown, [[String(count), () => [document.createTextNode(`${looksLikeEmoji(emoji) ? emoji : safeName(emoji)} ${count}`)]]]);
  }
}

/**
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 */
function failed(chat, place, entry) {
  return el(
    "p",
    { class: "failed-line" },
    `${t("Not sent.")} ${entry.why} `,
    el("button", { type: "button", class: "link-button", onclick: () => chat.unsaid.retry(place, present(place, entry)) }, t("Try again")),
    " ",
    el("button", { type: "button", class: "link-button", onclick: () => chat.unsaid.discard(present(place, entry)) }, t("Discard")),
  );
}

/** @param {string} name */
export function avatar(name) {
  return el("div", { class: `avatar b${colourOf(name)}`, "aria-hidden": "true" }, initial(name));
}

/**
 * The first letter of a name, as large as it can be.
 * @param {string} name
 */
function initial(name) {
  return safeLine(([...name][0] ?? "").toUpperCase());
}

/**
 * A number for a name: the same everywhere.
 * @param {string} name
 */
export function colourOf(name) {
  let sum = 0;
  for (const character of nameKey(name)) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum % COLOURS;
}

/** @param {Entry} entry */
function noticeText(entry) {
  if (entry.kind === "gap") {
    const missing = Number(entry.text);
    if (missing) return tn("{count} message is missing here: the server does not have it any more.", "{count} messages are missing here: the server does not have them any more.", missing);
    return t("Earlier messages are gone from the server: it was started anew, or the room was created anew.");
  }
  if (!entry.names.length) return safeText(entry.text);
  const names = entry.names.slice(0, NAMES_SHOWN).map(safeName).join(", ") + (entry.names.length > NAMES_SHOWN ? ", …" : "");
  if (entry.text === "joined") return tn("{names} joined.", "{names} joined.", entry.names.length, { names });
  return tn("{names} left.", "{names} left.", entry.names.length, { names });
}

/** @param {number} at */
function dayOf(at) {
  return new Date(at).toDateString();
}

/** @param {number} at */
function dayText(at) {
  if (dayOf(at) === dayOf(Date.now())) return t("Today");
  const before = new Date();
  before.setDate(before.getDate() - 1); // by the calendar: where clocks are changed, a day has 23 hours, or 25
  if (dayOf(at) === dayOf(before.getTime())) return t("Yesterday");
  return timeText(new Date(at).getFullYear() === new Date().getFullYear() ? "day" : "day and year", at);
}
