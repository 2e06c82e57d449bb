// The side: which rooms there are, with whom one talks, who one is, and over what one is connected.
import { compareNames, nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { t, tn } from "../words/words.js";
import { el, fill, icon, iconAddress, iconButton } from "./dom.js";
import { fillParts, holdingFocus } from "./parts.js";
import { avatar } from "./rows.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/conversation.js").Conversation} Conversation */
/** @typedef {import("../model/rooms.js").Room} Room */
/** @typedef {import("./parts.js").Part} Part */

const ROOMS_SHOWN = 300;

export class Sidebar {
  /**
   * @param {Chat} chat
   * @param {{chosen: () => void, createRoom: () => void, settings: () => void, connection: () => void, messageTo: () => void}} actions
   */
  constructor(chat, actions) {
    this.chat = chat;
    this.actions = actions;
    this.rooms = el("ul", { class: "places", "aria-label": t("Rooms"), tabindex: -1 });
    this.directs = el("ul", { class: "places", "aria-label": t("Direct messages"), tabindex: -1 });
    this.me = el("div", { class: "me" });
    this.over = el("button", { type: "button", class: "over", onclick: actions.connection });
    this.element = el(
      "nav",
      { class: "sidebar", "aria-label": t("Rooms and messages") },
      el(
        "div",
        { class: "sidebar-head" },
        el("img", { src: iconAddress(), alt: "", width: 28, height: 28 }),
        el("span", { class: "brand" }, "chatcore"),
        iconButton("close", t("Close"), actions.chosen, { class: "icon-button only-narrow" }),
      ),
      el(
        "div",
        { class: "sidebar-lists" },
        el("div", { class: "section" }, el("h2", {}, t("Rooms")), iconButton("plus", t("Create a room"), actions.createRoom)),
        this.rooms,
        el("div", { class: "section" }, el("h2", {}, t("Direct messages")), iconButton("plus", t("Write to somebody"), actions.messageTo)),
        this.directs,
      ),
      el("div", { class: "sidebar-foot" }, this.over, this.me),
    );
    chat.emitter.on(["rooms", "conversations", "shown"], () => this.draw());
    chat.emitter.on(["shown"], () => this.element.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }));
    chat.emitter.on(["login", "state"], () => this.drawMe());
    this.draw();
    this.drawMe();
  }

  draw() {
    const { chat } = this;
    const rooms = [...chat.rooms.all.values(), ...this.unlisted()].sort((one, other) => compareNames(one.name, other.name));
    // However many there are, one sees where one is, and where something is to be read.
    const shown = rooms.filter((room, index) => index < ROOMS_SHOWN || this.isHere(room) || this.isShown(room) || this.isBegun(room) || chat.conversations.lineOf(room.name).unread);
    const rest = rooms.length - shown.length;
    drawList(this.rooms, shown.map((room) => this.room(room)), rest ? tn("and {count} more: /join ROOM", "and {count} more: /join ROOM", rest) : "");
    const { directs } = chat.conversations;
    drawList(this.directs, directs.map((one) => this.direct(one)), directs.length ? "" : t("Nobody has written to you yet."));
  }

  /** Rooms that the server does not list, any more or yet, where something of one's own stands. @returns {Room[]} */
  unlisted() {
    const { conversations, rooms } = this.chat;
    return [...conversations.all.values()]
      .filter((one) => one.kind === "room" && !rooms.all.has(nameKey(one.name)) && (one.isBegun || one === conversations.shown))
      .map(({ name }) => ({ name, users: 0, seq: 0 }));
  }

  /** @param {Room} room */
  isBegun(room) {
    return this.chat.conversations.all.get(this.chat.conversations.idOf("room", room.name))?.isBegun ?? false;
  }

  /** @param {Room} room */
  isHere(room) {
    return nameKey(room.name) === nameKey(this.chat.rooms.here);
  }

  /** @param {Room} room */
  isShown(room) {
    return this.chat.conversations.shown?.id === this.chat.conversations.idOf("room", room.name);
  }

  /**
   * @param {Room} room
   * @returns {Part}
   */
  room(room) {
    const { chat } = this;
    const id = `room:${nameKey(room.name)}`;
    const isShown = this.isShown(room);
    const count = this.isHere(room) ? chat.rooms.count : room.users;
    const { unread, mentions } = chat.conversations.lineOf(room.name);
    const make = () => {
      const badges = [];
      if (unread > mentions) badges.push(badge("badge", unreadText(unread - mentions), shortly(unread - mentions)));
      if (mentions) badges.push(badge("badge calls", tn("{count} message mentions you", "{count} messages mention you", mentions), `@ ${mentions}`));
      const users = tn("{count} person", "{count} people", count);
      const item = this.item(id, isShown, unread, badges, () => chat.reaching.join(room.name), [
        el("span", { class: "hash", "aria-hidden": "true" }, "#"),
        el("span", { class: "place-name", dir: "auto" }, safeName(room.name)),
        el("span", { class: "users", title: users, "aria-label": users }, String(count)),
      ]);
      return [item];
    };
    return [JSON.stringify([room.name, isShown, count, unread, mentions]), make];
  }

  /**
   * @param {Conversation} one
   * @returns {Part}
   */
  direct(one) {
    const { conversations } = this.chat;
    const { id, name, unread } = one;
    const isShown = conversations.shown === one;
    const present = () => conversations.all.get(id) ?? one; // it may have been closed and opened again meanwhile
    const make = () => {
      const badges = unread ? [badge("badge calls", unreadText(unread), shortly(unread))] : [];
      const item = this.item(id, isShown, unread, badges, () => conversations.show(present()), [
        avatar(name),
        el("span", { class: "place-name", dir: "auto" }, safeName(name)),
      ]);
      const label = t("Close the conversation with {name}", { name: safeName(name) });
      item.append(iconButton("close", label, () => conversations.close(present()), { class: "icon-button small-close", "data-place": `close ${id}` }));
      return [item];
    };
    return [JSON.stringify([id, name, isShown, unread]), make];
  }

  /**
   * @param {string} id
   * @param {boolean} shown
   * @param {number} unread
   * @param {HTMLElement[]} badges
   * @param {() => void} open
   * @param {Node[]} children
   */
  item(id, shown, unread, badges, open, children) {
    const button = el("button", { type: "button", class: "place", "data-place": id, "aria-current": shown ? "page" : null }, ...children);
    button.classList.toggle("has-unread", unread > 0);
    button.append(...badges);
    button.addEventListener("click", () => {
      open();
      this.actions.chosen();
    });
    return el("li", {}, button);
  }

  drawMe() {
    const { chat } = this;
    const name = chat.username;
    fillParts(this.me, [
      [`name ${name}`, () => [avatar(name), el("span", { class: "my-name", dir: "auto" }, safeName(name))]],
      ["gear", () => [iconButton("gear", t("Settings"), this.actions.settings)]],
    ]);
    const transport = chat.driver?.link?.transport === "webtransport" ? "WebTransport" : "WebSocket";
    const safe = location.protocol === "https:" || transport === "WebTransport";
    const online = chat.state.state === "online";
    const text = online ? `${transport}, ${safe ? t("encrypted") : t("not encrypted")}` : t("not connected");
    this.over.classList.toggle("offline", !online);
    this.over.title = t("About this connection");
    fill(this.over, icon(safe ? "lock" : "unlock"), text);
  }
}

/**
 * @param {HTMLElement} list
 * @param {Part[]} parts
 * @param {string} hint what stands behind them, if anything does
 */
function drawList(list, parts, hint) {
  const last = hint ? [/** @type {Part} */ ([`hint ${hint}`, () => [el("li", { class: "nothing" }, hint)]])] : [];
  holdingFocus(list, () => fillParts(list, [...parts, ...last]));
}

/**
 * @param {string} classes
 * @param {string} label
 * @param {string} text
 */
function badge(classes, label, text) {
  return el("span", { class: classes, "aria-label": label, title: label }, text);
}

/** @param {number} count */
function unreadText(count) {
  return tn("{count} unread message", "{count} unread messages", count);
}

/** @param {number} count */
function shortly(count) {
  return count > 999 ? "999+" : String(count);
}
