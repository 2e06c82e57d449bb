// What one has to know of the connection, over the conversation: it is lost, when the next try is, or why there is none;
// or the server asks for patience.
import { t, tn } from "../words/words.js";
import { el, fill } from "./dom.js";
import { fillParts } from "./parts.js";

/** @typedef {import("../model/chat.js").Chat} Chat */

const TICK = 250; // milliseconds
const SHORT = 2; // tries that nobody needs to hear of

export class Banner {
  /**
   * @param {Chat} chat
   * @param {{again: () => void, left: () => void}} actions `left`: what had the keyboard in it is gone
   * @param {AbortSignal} signal of its end
   */
  constructor(chat, actions, signal) {
    this.chat = chat;
    this.actions = actions;
    this.text = el("p", { role: "status" });
    this.clock = el("span", { class: "clock", "aria-hidden": "true" });
    this.button = el("button", { type: "button", class: "button small" });
    this.hint = el("p", { class: "banner-hint" });
    this.element = el("div", { class: "banner", hidden: true }, this.text, this.clock, this.button, this.hint);
    this.timer = 0;
    chat.emitter.on(["state", "login", "patience"], () => this.draw());
    signal.addEventListener("abort", () => clearInterval(this.timer));
  }

  draw() {
    const isHeld = this.element.contains(document.activeElement);
    this.drawState();
    const { activeElement } = document;
    const isSeen = this.element.contains(activeElement) && activeElement?.getClientRects().length;
    if (isHeld && !isSeen) this.actions.left();
  }

  drawState() {
    const { chat } = this;
    const { state, tries } = chat.state;
    clearInterval(this.timer);
    const patient = state === "online" && Boolean(chat.driver?.patience);
    this.element.hidden = (state === "online" && !patient) || chat.session === null;
    if (this.element.hidden) return;
    this.clock.textContent = "";
    const strangers = state === "over" ? [] : chat.places.strangers;
    fillParts(this.hint, [[strangers.join(" "), () => strangersHint(strangers).map((one) => (one instanceof Node ? one : new Text(one)))]]);
    if (state === "over") {
      this.element.classList.add("over");
      this.say(chat.standing.whyOver(), chat.standing.wayBack, this.actions.again);
      return;
    }
    this.element.classList.remove("over");
    if (patient) {
      this.say(t("The server asks for patience; what you send goes out by itself."), "", () => {});
      this.count(() => {
        const seconds = chat.driver?.patience ?? 0;
        return tn("It goes on in {count} second.", "It goes on in {count} seconds.", seconds);
      });
    } else if (state === "connecting") {
      this.say(tries > SHORT ? chat.standing.whyNotConnected() : t("Connecting …"), "", () => {});
    } else {
      this.say(chat.standing.whyNotConnected(), t("Try now"), () => chat.driver?.hurry());
      this.count(() => {
        const seconds = Math.max(0, Math.ceil((chat.state.retryAt - performance.now()) / 1000));
        return tn("Next try in {count} second.", "Next try in {count} seconds.", seconds);
      });
    }
  }

  /** @param {() => string} text what the clock says */
  count(text) {
    const tick = () => {
      this.clock.textContent = text();
    };
    tick();
    this.timer = window.setInterval(tick, TICK);
  }

  /**
   * @param {string} text
   * @param {string} label
   * @param {() => void} action
   */
  say(text, label, action) {
    if (this.text.textContent !== text) this.text.textContent = text;
    this.button.hidden = !label;
    fill(this.button, label);
    this.button.onclick = action;
  }
}

/**
 * What helps where other servers of the chat show certificates of their own.
 * @param {URL[]} pages of those that gave no answer
 */
export function strangersHint(pages) {
  if (!pages.length) return [];
  const links = pages.flatMap((page) => [" ", el("a", { href: page.href, target: "_blank", rel: "noopener noreferrer" }, page.host)]);
  return [t("Other servers of this chat gave no answer. One with a certificate of its own has to be accepted in this browser first: open its page, go on past the warning, and come back."), ...links];
}
