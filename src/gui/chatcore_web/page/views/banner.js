// What one has to know of the connection, over the conversation: it is lost, when the next try is, or why there is none.
import { t, tn } from "../words/words.js";
import { el, fill } from "./dom.js";

/** @typedef {import("../model/chat.js").Chat} Chat */

const TICK = 250; // milliseconds
const SHORT = 2; // tries that nobody needs to hear of

export class Banner {
  /**
   * @param {Chat} chat
   * @param {{again: () => void}} actions
   */
  constructor(chat, actions) {
    this.chat = chat;
    this.actions = actions;
    this.text = el("p", { role: "status" });
    this.clock = el("span", { class: "clock", "aria-hidden": "true" });
    this.button = el("button", { type: "button", class: "button small" });
    this.element = el("div", { class: "banner", hidden: true }, this.text, this.clock, this.button);
    this.timer = 0;
    chat.emitter.on(["state", "login"], () => this.draw());
  }

  draw() {
    const { chat } = this;
    const { state, tries } = chat.state;
    clearInterval(this.timer);
    this.element.hidden = state === "online" || chat.session === null;
    if (this.element.hidden) return;
    this.clock.textContent = "";
    if (state === "over") {
      this.element.classList.add("over");
      this.say(chat.whyOver(), t("Use it here"), this.actions.again);
      return;
    }
    this.element.classList.remove("over");
    if (state === "connecting") {
      this.say(tries > SHORT ? chat.whyNotConnected() : t("Connecting …"), "", () => {});
    } else {
      this.say(chat.whyNotConnected(), t("Try now"), () => chat.driver?.hurry());
      this.tick();
      this.timer = window.setInterval(() => this.tick(), TICK);
    }
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

  tick() {
    const seconds = Math.max(0, Math.ceil((this.chat.state.retryAt - Date.now()) / 1000));
    this.clock.textContent = tn("Next try in {count} second.", "Next try in {count} seconds.", seconds);
  }
}
