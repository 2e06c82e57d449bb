// Who is in the room.
import { compareNames, nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { numberText, t, tn } from "../words/words.js";
import { el, iconButton } from "./dom.js";
import { fillParts, holdingFocus } from "./parts.js";
import { avatar } from "./rows.js";

/** @typedef {import("../model/chat.js").Chat} Chat */

const SHOWN = 300;

export class Members {
  /**
   * @param {Chat} chat
   * @param {{chosen: () => void}} actions
   */
  constructor(chat, actions) {
    this.chat = chat;
    this.actions = actions;
    this.title = el("h2");
    this.list = el("ul", { class: "member-list", tabindex: -1 });
    this.more = el("p", { class: "more" });
    this.element = el(
      "aside",
      { class: "members", "aria-label": t("Who is here") },
      el("header", {}, this.title, iconButton("close", t("Close"), actions.chosen, { class: "icon-button only-narrow" })),
      this.list,
      this.more,
    );
    chat.emitter.on(["members", "login"], () => this.draw());
    this.draw();
  }

  draw() {
    if (!this.element.getClientRects().length && this.element.isConnected) return; // nobody sees it
    const { rooms, username } = this.chat;
    const names = [...rooms.members.values()].sort(compareNames);
    this.title.textContent = t("Here ({count})", { count: numberText(rooms.count) });
    const parts = names.slice(0, SHOWN).map((name) => this.part(name, nameKey(name) === nameKey(username), rooms.bots.has(nameKey(name))));
    holdingFocus(this.list, () => fillParts(this.list, parts));
    const rest = rooms.count - Math.min(names.length, SHOWN);
    this.more.textContent = rest > 0 ? tn("and {count} more", "and {count} more", rest) : "";
  }

  /**
   * @param {string} name
   * @param {boolean} own
   * @param {boolean} bot
   * @returns {import("./parts.js").Part}
   */
  part(name, own, bot) {
    return [JSON.stringify([name, own, bot]), () => [el("li", {}, this.member(name, own, bot))]];
  }

  /**
   * @param {string} name
   * @param {boolean} own
   * @param {boolean} bot
   */
  member(name, own, bot) {
    const shown = safeName(name);
    const label = el("span", { class: "member-name", dir: "auto" }, shown);
    if (bot) label.append(" ", el("span", { class: "tag" }, t("bot")));
    if (own) return el("div", { class: "member" }, avatar(name), label, el("span", { class: "tag" }, t("you")));
    const open = () => {
      this.chat.conversations.show(this.chat.conversations.withUser(name));
      this.actions.chosen();
    };
    return el("button", { type: "button", class: "member", "data-place": nameKey(name), title: t("Write to {name}", { name: shown }), onclick: open }, avatar(name), label);
  }
}
