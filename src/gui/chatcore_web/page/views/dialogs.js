// What is asked and told in a window of its own: a new room, whom to write to, settings, the connection.
import { safeName } from "../core/safe_text.js";
import { LANGUAGES, language, t } from "../words/words.js";
import { strangersHint } from "./banner.js";
import { el, openDialog } from "./dom.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/keeping.js").Likes} Likes */

/**
 * Asks for one line.
 * @param {string} title
 * @param {string} label
 * @param {string} action
 * @param {(text: string) => void} then
 * @param {import("./dom.js").Attributes} more of the field; without: the name of something
 * @param {string} twice label of a second field, which has to say the same; without: there is none
 * @param {string} whose name of the user whose password it is, for what keeps passwords
 */
function askLine(title, label, action, then, more = {}, twice = "", whose = "") {
  const likewise = { type: "text", maxlength: 256, autocomplete: "off", autocapitalize: "none", spellcheck: "false", ...more };
  const field = el("input", { id: "dialog-line", autofocus: true, ...likewise });
  const again = el("input", { id: "dialog-again", ...likewise });
  const problem = el("p", { class: "problem", role: "alert" });
  openDialog(
    title,
    (close) => {
      const form = el(
        "form",
        {},
        whose && el("input", { type: "text", autocomplete: "username", value: whose, readonly: true, hidden: true }),
        el("div", { class: "field" }, el("label", { for: "dialog-line" }, label), field),
        ...(twice ? [el("div", { class: "field" }, el("label", { for: "dialog-again" }, twice), again), problem] : []),
        el("button", { class: "button primary wide" }, action),
      );
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const text = field.type === "password" ? field.value : field.value.trim().replace(/^[#@]\s*/, "");
        if (!text) return;
        if (twice && again.value !== text) {
          problem.textContent = t("These are two different ones. Type the same twice.");
          again.focus();
          return;
        }
        close(() => then(text));
      });
      return [form];
    },
    t("Close"),
  );
}

/**
 * @param {string} username
 * @param {"register" | "identify"} what
 * @param {(password: string) => void} then
 */
export function askForPassword(username, what, then) {
  const more = { type: "password", maxlength: 256 };
  if (what === "register") {
    // Nobody sees what is typed: one that was mistyped would lock its owner out.
    askLine(t("Make your name your own"), t("New password"), t("Go on"), then, { ...more, autocomplete: "new-password" }, t("The same once more"), username);
  } else {
    askLine(t("Show that your name is yours"), t("Password of your name"), t("Go on"), then, { ...more, autocomplete: "current-password" }, "", username);
  }
}

/**
 * Asks whether to leave although something is lost by that.
 * @param {string[]} loss as sentences
 * @param {() => void} then
 */
export function askToLeave(loss, then) {
  openDialog(
    t("Leave the chat"),
    (close) => [
      ...loss.map((text) => el("p", {}, text)),
      el("button", { type: "button", class: "button primary wide", autofocus: true, onclick: () => close() }, t("Stay")),
      el("button", { type: "button", class: "button wide danger", onclick: () => close(then) }, t("Leave the chat")),
    ],
    t("Close"),
  );
}

/**
 * @param {Chat} chat
 * @param {() => void} chosen called when a name was given
 */
export function askForRoom(chat, chosen) {
  askLine(t("Create a room"), t("Name of the room"), t("Create and enter it"), (room) => {
    chat.command({ type: "create_room", room });
    chosen();
  });
}

/**
 * @param {Chat} chat
 * @param {() => void} chosen called when a name was given
 */
export function askForUser(chat, chosen) {
  askLine(t("Write to somebody"), t("Name of the user"), t("Open the conversation"), (name) => {
    chat.conversations.show(chat.conversations.withUser(name));
    chosen();
  });
}

/**
 * @param {Chat} chat
 * @param {(news: Partial<Likes>) => void} like
 */
export function openSettings(chat, like) {
  const likes = chat.keeping.likes();
  /**
   * @param {string} id
   * @param {string} label
   * @param {[string, string][]} options
   * @param {string} value
   * @param {(value: any) => void} change
   */
  const choice = (id, label, options, value, change) => {
    const select = el("select", { id }, ...options.map(([code, name]) => el("option", { value: code, selected: code === value }, name)));
    select.addEventListener("change", () => change(select.value));
    return el("div", { class: "field" }, el("label", { for: id }, label), select);
  };
  const mayNotify = "Notification" in window && isSecureContext;
  const isGranted = mayNotify && Notification.permission === "granted"; // it may have been taken back
  const notify = el("input", { type: "checkbox", id: "notify", checked: likes.notify && isGranted, disabled: !mayNotify, "aria-describedby": "notify-hint" });
  const hint = el("p", { id: "notify-hint", class: "hint", role: "status" });
  const drawHint = () => {
    const isForbidden = mayNotify && Notification.permission === "denied";
    if (!mayNotify) hint.textContent = t("Browsers allow notifications over https only, or on the server's own computer.");
    else hint.textContent = isForbidden ? t("Your browser forbids notifications of this page. Its settings can allow them.") : "";
  };
  notify.addEventListener("change", async () => {
    const granted = notify.checked && (await Notification.requestPermission()) === "granted";
    notify.checked = granted;
    drawHint();
    like({ notify: granted });
  });
  drawHint();
  openDialog(
    t("Settings"),
    (close) => [
      el("p", { class: "hint" }, t("You are {name}.", { name: safeName(chat.username) }), " ", t("/nick NAME takes another name.")),
      choice("language", t("Language"), Object.entries(LANGUAGES), language(), (value) => like({ language: value })),
      choice("theme", t("Colours"), [["", t("As the system has them")], ["light", t("Light")], ["dark", t("Dark")]], likes.theme, (value) => like({ theme: value })),
      el("div", { class: "check" }, notify, el("label", { for: "notify" }, t("Notify me of mentions and direct messages"))),
      hint,
      el("button", { type: "button", class: "button wide danger", onclick: () => close(() => chat.leave()) }, t("Leave the chat")),
    ],
    t("Close"),
  );
}

/** @param {Chat} chat */
export function openConnection(chat) {
  const { places } = chat;
  const overQuic = chat.driver?.link?.transport === "webtransport";
  const why = {
    "": "",
    none: t("The server offers no WebTransport."),
    insecure: t("WebTransport needs https, or a page on the server's own computer."),
    browser: t("This browser has no WebTransport."),
    failed: t("WebTransport did not work on this network; a firewall may drop UDP."),
  }[places.why];
  const encrypted = location.protocol === "https:";
  const server = new URL(places.present.url).host;
  const lacks = [
    t("Whoever is on the network between can read what is written."),
    t("No notifications: browsers allow them over https only."),
    t("No WebTransport, so the connection is a WebSocket."),
    t("The clipboard works the old way only: copy buttons do, reading it does not."),
  ];
  openDialog(
    t("About this connection"),
    () => [
      el("p", {}, overQuic ? t("You are connected by WebTransport (QUIC).") : t("You are connected by WebSocket.")),
      places.elsewhere ? el("p", {}, t("The server of this page is gone; you are connected to {server} now, in the same chat.", { server })) : null,
      why ? el("p", { class: "hint" }, why) : null,
      places.strangers.length ? el("p", { class: "hint" }, ...strangersHint(places.strangers)) : null,
      encrypted
        ? el("p", {}, t("The connection is encrypted. If your browser warned you of the certificate, compare its fingerprint with the one that the server prints."))
        : isSecureContext
          ? places.elsewhere
            ? !overQuic && el("p", {}, lacks[0])
            : el("p", {}, t("Page and server are on this computer: nothing leaves it."))
          : el("div", {}, el("p", {}, t("This page came over plain http. Chat and files work; what it lacks:")), el("ul", { class: "lacks" }, ...lacks.map((one) => el("li", {}, one))), el("p", { class: "hint" }, t("Whoever runs the server can encrypt it: chatcore serve --tls"))),
    ],
    t("Close"),
  );
}
