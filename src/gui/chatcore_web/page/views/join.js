// The first thing one sees: a name, perhaps a room, and in. While one is on the way in there is no field: whoever goes on
// typing, quicker than the network, is not to fill in this form a second time.
import { safeName } from "../core/safe_text.js";
import { LANGUAGES, language, t } from "../words/words.js";
import { el, iconAddress } from "./dom.js";

// Refusals that the password of the server, and that of the name, may spare.
const LOCKED = new Set(["wrong_password", "bad_invitation"]);
const OWNED = new Set(["name_registered", "not_identified", "account_required"]);

/** @typedef {import("../model/chat.js").Chat} Chat */

export class JoinView {
  /**
   * @param {Chat} chat
   * @param {{name: string, room: string}} begun what is in the fields at first
   * @param {(language: "en" | "fr") => void} speak
   */
  constructor(chat, begun, speak) {
    this.chat = chat;
    this.name = el("input", {
      id: "name", type: "text", required: true, maxlength: 256, autocomplete: "username", autocapitalize: "none", spellcheck: "false",
      enterkeyhint: "go", "aria-describedby": "name-hint problem",
    });
    this.room = el("input", { id: "room", type: "text", maxlength: 256, autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go" });
    this.password = el("input", { id: "password", type: "password", autocomplete: "off", enterkeyhint: "go" });
    this.passwordField = el("div", { class: "field", hidden: true }, el("label", { for: "password" }, t("Password of this server")), this.password);
    this.own = el("input", { id: "own", type: "password", autocomplete: "current-password", enterkeyhint: "go" });
    this.ownField = el("div", { class: "field", hidden: true }, el("label", { for: "own" }, t("Password of this name")), this.own);
    this.again = el("input", { id: "own-again", type: "password", autocomplete: "new-password", enterkeyhint: "go" });
    this.againField = el("div", { class: "field", hidden: true }, el("label", { for: "own-again" }, t("The same once more")), this.again);
    this.name.value = begun.name;
    this.room.value = begun.room;
    this.button = el("button", { class: "button primary wide" }, t("Join"));
    this.problem = el("p", { id: "problem", class: "problem", role: "alert" });
    this.fields = el(
      "div",
      { class: "fields" },
      el("div", { class: "field" }, el("label", { for: "name" }, t("Your name")), this.name, el("p", { id: "name-hint", class: "hint" }, t("Letters, digits, _ or -"))),
      el("div", { class: "field" }, el("label", { for: "room" }, t("Room (optional)")), this.room),
      this.ownField,
      this.againField,
      this.passwordField,
    );
    /** Who is on the way in, in place of the fields. What is typed meanwhile is kept for the message line. */
    this.who = el("p", { class: "who", dir: "auto", tabindex: -1, onkeydown: (/** @type {KeyboardEvent} */ event) => this.typedAhead(event) });
    /** The lines that were typed on the way in; the last one is not ended. */
    this.ahead = [""];
    const form = el(
      "form",
      { class: "join-card", novalidate: true },
      el("img", { src: iconAddress(), alt: "", width: 56, height: 56 }),
      el("h1", {}, t("Join the chat")),
      el("p", { class: "server" }, location.host),
      this.fields,
      this.problem,
      this.button,
      el("p", { class: "languages" }, ...this.languages(speak)),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.element = el("main", { class: "join" }, form);
    chat.emitter.on(["login", "state"], () => this.draw());
    this.draw();
  }

  /**
   * Goes on with what was typed into another one.
   * @param {JoinView} other
   */
  takeOver(other) {
    for (const field of /** @type {const} */ (["name", "room", "password", "own", "again"])) this[field].value = other[field].value;
    for (const field of /** @type {const} */ (["passwordField", "ownField", "againField"])) this[field].hidden = other[field].hidden;
    this.ahead = other.ahead;
  }

  /**
   * Takes what a link asks for that is followed now, and nothing of what was typed.
   * @param {string} name
   * @param {string} room
   */
  follow(name, room) {
    const onTheWay = !this.fields.parentElement;
    if (onTheWay && room) this.chat.goInto(room);
    if (onTheWay) return;
    this.name.value = name || this.name.value;
    this.room.value = room || this.room.value;
  }

  /** @param {(language: "en" | "fr") => void} speak */
  languages(speak) {
    return Object.entries(LANGUAGES).map(([code, name]) =>
      el("button", { type: "button", lang: code, class: "link-button", "aria-pressed": String(code === language()), onclick: () => speak(/** @type {"en" | "fr"} */ (code)) }, name),
    );
  }

  submit() {
    if (!this.fields.parentElement) {
      this.chat.driver?.hurry();
      return;
    }
    const name = this.name.value.trim();
    if (!name) {
      this.problem.textContent = t("Please give a name.");
      this.name.focus();
      return;
    }
    if (!this.againField.hidden && this.again.value !== this.own.value) {
      this.problem.textContent = t("These are two different ones. Type the same twice.");
      this.again.focus();
      return;
    }
    this.chat.enter(name, this.room.value.trim().replace(/^#\s*/, ""), this.password.value, this.own.value);
    this.draw();
  }

  draw() {
    const { chat } = this;
    const busy = chat.session !== null && !chat.refusal;
    const waiting = busy && chat.state.state === "waiting";
    const back = !busy && !this.fields.parentElement;
    if (back) {
      this.who.replaceWith(this.fields);
      this.ahead = [""]; // it may have been the password that is asked for now
    }
    if (busy && this.fields.parentElement) this.goIn();
    this.button.disabled = busy && !waiting;
    this.button.textContent = waiting ? t("Try now") : busy ? t("Joining …") : t("Join");
    const why = chat.refusal || (waiting ? chat.standing.whyNotConnected() : "");
    if (this.problem.textContent !== why) this.problem.textContent = why;
    const code = (chat.refusal && chat.session?.refusal?.code) || "";
    if (LOCKED.has(code)) this.passwordField.hidden = false;
    if (OWNED.has(code)) {
      // An invitation makes the account: the password is a new one then.
      this.againField.hidden = chat.session?.refusal?.values?.what !== "invited";
      this.own.autocomplete = this.againField.hidden ? "current-password" : "new-password";
      this.ownField.hidden = false;
    }
    const wrong = LOCKED.has(code) ? this.password : OWNED.has(code) ? this.own : this.name;
    for (const each of [this.name, this.password, this.own]) {
      if (chat.refusal && each === wrong) each.setAttribute("aria-invalid", "true");
      else each.removeAttribute("aria-invalid");
    }
    if (back) this.focus(wrong);
  }

  /** Shows who is on the way in, where the fields were. */
  goIn() {
    this.who.style.minHeight = `${this.fields.offsetHeight}px`;
    this.who.textContent = safeName(this.chat.username);
    this.fields.replaceWith(this.who);
    this.who.focus();
  }

  /** @param {KeyboardEvent} event */
  typedAhead(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.ahead.length - 1;
    if (key === "Enter" && !event.shiftKey) this.ahead.push("");
    else if (key === "Enter") this.ahead[at] += "\n";
    else if (key === "Backspace") this.ahead[at] = [...this.ahead[at]].slice(0, -1).join("");
    else if ([...key].length === 1) this.ahead[at] += key;
    else return;
    event.preventDefault();
  }

  /** What is typed next takes the place of what is in the field. */
  focus(field = this.name) {
    if (!this.fields.parentElement) return this.who.focus();
    field.focus();
    field.select();
  }
}
