// One line of a conversation: a message, a notice, a gap, a file; with the day, and the first-unread line, before it.
import { nameKey } from "../core/names.js";
import { safeLine, safeName, safeText } from "../core/safe_text.js";
import { firstOf, looksLikeEmoji } from "../core/texts.js";
import { clockText, t, timeText, tn } from "../words/words.js";
import { el } from "./dom.js";
import { fileCard } from "./file_card.js";
import { textNodes } from "./message_text.js";

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
  const newDay = !before || dayOf(before.at) !== dayOf(entry.at);
  const unread = place.unreadFrom === entry.key;
  if (newDay) row.append(el("div", { class: "day", role: "separator" }, el("span", {}, dayText(entry.at))));
  if (unread) row.append(el("div", { class: "unread-line", role: "separator" }, el("span", {}, t("New messages"))));
  if (entry.kind === "message" || entry.kind === "file") {
    const follows = !newDay && !unread && goesOn(entry, before);
    row.append(message(chat, place, entry, follows));
  } else {
    row.append(el("p", { class: entry.kind === "gap" ? "gap" : "notice", dir: "auto" }, noticeText(entry)));
  }
  return row;
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
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 * @param {boolean} follows whether it stands under the name of the one before
 */
function message(chat, place, entry, follows) {
  const name = safeName(entry.from);
  const clock = clockText(entry.at);
  // All of the date is for who points at it: to word it for each row would take as long as the rest of the row.
  const time = el("time", { datetime: new Date(entry.at).toISOString(), onpointerenter: () => (time.title = timeText("full", entry.at)) }, clock);
  const classes = ["message", entry.own && "own", entry.mention && "mention", entry.state, follows && "follows", entry.scope];
  const body = el("div", { class: "body" });
  const out = el("article", { class: classes.filter(Boolean).join(" "), "aria-label": t("{name}, {time}", { name, time: clock }), tabindex: -1 });
  if (!follows) {
    out.append(avatar(entry.from));
    const head = el("header", {}, el("span", { class: `name c${colourOf(entry.from)}` }, name));
    if (entry.bot) head.append(el("span", { class: "tag" }, t("bot")));
    if (entry.scope === "broadcast") head.append(el("span", { class: "tag" }, t("to everyone")));
    const others = entry.to.filter((one) => ![place.name, chat.username].map(nameKey).includes(nameKey(one)));
    if (entry.scope === "direct" && others.length) {
      head.append(el("span", { class: "tag" }, t("also to {names}", { names: others.map(safeName).join(", ") })));
    }
    head.append(time);
    body.append(head);
  } else {
    out.append(el("div", { class: "gutter" }, time));
  }
  if (entry.replyTo) body.append(quote(chat, place, entry));
  if (entry.kind === "file") body.append(fileCard(chat, entry.file));
  else if (entry.fate === "deleted") body.append(el("p", { class: "fate" }, t("(deleted)")));
  else body.append(...textNodes(entry.text));
  if (entry.fate === "edited") body.append(el("p", { class: "fate" }, t("(edited)")));
  if (entry.reactions.length) body.append(reactions(chat, place, entry));
  if (entry.state === "pending") body.append(el("p", { class: "sending" }, t("Sending …")));
  if (entry.state === "failed") body.append(failed(chat, place, entry));
  out.append(body);
  return out;
}

/**
 * What a message answers, in short; it leads there.
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 */
function quote(chat, place, { replyTo, epoch }) {
  const found = place.quote(replyTo, epoch);
  if (!found && epoch === place.epoch) chat.loadQuote(place, replyTo);
  const gone = found?.fate === "deleted";
  const text = gone ? t("(deleted)") : safeLine(firstOf(found?.text ?? "…", QUOTED));
  const name = found?.from ? el("span", { class: `name c${colourOf(found.from)}` }, safeName(found.from)) : null;
  const label = t("To the message that this one answers");
  return el("button", { type: "button", class: "quote", title: label, onclick: () => chat.jump(replyTo, epoch) }, name, " ", el("span", { class: "quoted", dir: "auto" }, text));
}

/**
 * @param {Chat} chat
 * @param {Conversation} place
 * @param {Entry} entry
 */
function reactions(chat, place, entry) {
  const buttons = entry.reactions.map(({ emoji, count, mine }) =>
    el(
      "button",
      { type: "button", class: "reaction", "aria-pressed": String(mine), title: mine ? t("Take it back") : t("Put it there too"), onclick: () => chat.react(place, entry, emoji) },
      `${looksLikeEmoji(emoji) ? emoji : safeName(emoji)} ${count}`,
    ),
  );
  return el("div", { class: "reactions" }, ...buttons);
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
    el("button", { type: "button", class: "link-button", onclick: () => chat.unsaid.retry(place, entry) }, t("Try again")),
    " ",
    el("button", { type: "button", class: "link-button", onclick: () => chat.unsaid.discard(entry) }, t("Discard")),
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
  if (dayOf(at) === dayOf(Date.now() - 24 * 3600_000)) return t("Yesterday");
  return timeText(new Date(at).getFullYear() === new Date().getFullYear() ? "day" : "day and year", at);
}
