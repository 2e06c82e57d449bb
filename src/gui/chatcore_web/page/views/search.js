// Looks for messages, and leads to them.
import { parseSearch } from "../core/search.js";
import { safeLine, safeName } from "../core/safe_text.js";
import { firstOf } from "../core/texts.js";
import { refusalText } from "../words/refusals.js";
import { t, timeText, tn } from "../words/words.js";
import { el, openDialog } from "./dom.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("../model/chat.js").Chat} Chat */

const SHOWN = 400; // characters of a message

/**
 * @param {number} count
 * @param {boolean} goesOn whether there may be more
 */
function foundText(count, goesOn) {
  if (!count) return goesOn ? t("Nothing so far.") : t("Nothing was found.");
  if (goesOn) return tn("{count} message so far.", "{count} messages so far.", count);
  return tn("{count} message was found.", "{count} messages were found.", count);
}

/**
 * @param {Chat} chat
 * @param {string} line what to look for at once
 */
export function openSearch(chat, line) {
  const field = el("input", { id: "search", type: "text", enterkeyhint: "search", value: line, maxlength: 1000, autocomplete: "off", spellcheck: "false", autofocus: true });
  const told = el("p", { class: "hint", role: "status" }, t("Words, and perhaps from:NAME, in:ROOM, since:2026-11-27, until:2026-11-27."));
  const list = el("ul", { class: "found-list" });
  const more = el("button", { type: "button", class: "button wide", hidden: true }, t("Look further"));
  let turn = 0; // of looking: what an earlier one brings is too late
  /** @type {(() => void) | null} */
  let later = null; // looks for what could not be looked for without a connection
  /** @type {(then: () => void) => void} */
  let close = () => {};
  /** @param {Frame} message */
  const row = (message) => {
    const go = () => close(() => chat.reaching.goTo(message.room, message.seq));
    const head = el("span", { class: "found-head" }, el("b", {}, safeName(message.from)), ` # ${safeName(message.room)} · ${timeText("moment", Date.parse(message.at))}`);
    return el("li", {}, el("button", { type: "button", class: "found-message", onclick: go }, head, el("span", { class: "found-text", dir: "auto" }, safeLine(firstOf(message.text, SHOWN)))));
  };
  /**
   * Says what came of looking, and whether it can go on. The keyboard is at the first that is new, if the button had it.
   * @param {string} text
   * @param {(() => void) | null} further
   * @param {Element[]} rows that are new
   */
  const tell = (text, further, rows) => {
    list.append(...rows);
    told.textContent = text;
    more.onclick = further;
    if (document.activeElement === more) (rows[0]?.querySelector("button") ?? (further ? more : field)).focus();
    more.hidden = !further;
  };
  /**
   * @param {Frame} query
   * @param {number} mine
   */
  const look = (query, mine) => {
    more.onclick = null; // once at a time
    more.hidden = document.activeElement !== more;
    later = chat.unsaid.isAway ? () => look(query, mine) : null;
    if (later) return void (told.textContent = t("There is no connection."));
    told.textContent = t("Looking …");
    chat.ask(query, (answer) => {
      if (mine !== turn) return;
      if (answer.type !== "found") return tell(refusalText(answer), query.before === undefined ? null : () => look(query, mine), []);
      const { before, messages } = answer;
      const further = before === undefined ? null : () => look({ ...query, before }, mine);
      tell(foundText(list.children.length + messages.length, further !== null), further, messages.map(row));
    });
  };
  const begin = () => {
    const query = parseSearch(field.value);
    turn += 1;
    later = null;
    list.replaceChildren();
    more.hidden = true;
    if (query) look(query, turn);
    else told.textContent = refusalText({ code: "bad_request", values: { what: "search" } });
  };
  const dialog = openDialog(
    t("Search"),
    (closing) => {
      close = closing;
      const form = el("form", { role: "search" }, el("div", { class: "field" }, el("label", { for: "search" }, t("What to look for")), field), el("button", { class: "button primary wide" }, t("Search")));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        begin();
      });
      return [form, told, list, more];
    },
    t("Close"),
  );
  dialog.classList.add("search");
  dialog.addEventListener("close", chat.emitter.on(["state"], () => chat.state.state === "online" && later?.()));
  if (line) begin();
}
