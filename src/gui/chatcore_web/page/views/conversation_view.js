// The conversation that is shown: its head, its messages, and the way to its end.
import { nameKey } from "../core/names.js";
import { safeLine, safeName } from "../core/safe_text.js";
import { t, tn } from "../words/words.js";
import { el, fill, icon, iconButton } from "./dom.js";
import { drawFiles } from "./file_card.js";
import { MessageTools } from "./message_tools.js";
import { drawRow, rowOf } from "./rows.js";
import { VirtualList } from "./virtual_list.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/conversation.js").Conversation} Conversation */
/** @typedef {import("../model/conversation.js").Change} Change */

const FOUND_TIME = 2000; // milliseconds

export class ConversationView {
  /**
   * @param {Chat} chat
   * @param {{openRooms: () => void, search: () => void, toggleMembers: () => void}} actions
   * @param {AbortSignal} signal of its end
   */
  constructor(chat, actions, signal) {
    this.chat = chat;
    /** @type {Conversation | null} */
    this.place = null;
    this.title = el("h1", { dir: "auto" });
    this.about = el("p", { class: "about" });
    this.menu = iconButton("menu", t("Rooms and messages"), actions.openRooms, { class: "icon-button only-narrow" });
    this.head = el(
      "header",
      { class: "conversation-head" },
      this.menu,
      el("div", { class: "titles" }, this.title, this.about),
      iconButton("search", t("Search"), actions.search),
      iconButton("people", t("Who is here"), actions.toggleMembers, { class: "icon-button members-button", "aria-expanded": "true" }),
    );
    this.scroller = el("div", { class: "scroller", role: "log", "aria-live": "polite", "aria-relevant": "additions", tabindex: 0 });
    this.empty = el("div", { class: "empty" });
    this.toEnd = el("button", { type: "button", class: "to-end", hidden: true, onclick: () => this.list.scrollToEnd() });
    this.element = el("section", { class: "conversation" }, this.head, el("div", { class: "messages" }, this.scroller, this.empty, this.toEnd));
    this.list = new VirtualList(this.scroller, {
      moved: () => this.look(),
      nearBeginning: () => this.place && this.chat.reaching.loadOlder(this.place),
    });
    new MessageTools(chat, this.scroller);
    chat.jump = (seq, epoch) => this.jump(seq, epoch);
    for (const kind of ["focus", "blur"]) addEventListener(kind, () => this.look(), { signal });
    document.addEventListener("visibilitychange", () => this.look(), { signal });
    chat.emitter.on(["shown"], () => this.show(chat.conversations.shown));
    chat.emitter.on(["members", "rooms", "conversations", "state"], () => this.drawHead());
    chat.emitter.on(["files"], () => drawFiles(chat));
  }

  /** @param {Conversation | null} place */
  show(place) {
    if (place === this.place) return;
    if (this.place) this.place.observer = null;
    this.place = place;
    this.scroller.setAttribute("aria-live", "off"); // what was said before is no news
    if (place) {
      place.observer = (change) => this.follow(place, change);
      const before = (/** @type {number} */ index) => (index ? place.at(index - 1) : null);
      this.list.show({
        get length() {
          return place.length;
        },
        keyAt: (index) => place.at(index).key,
        rowAt: (index) => rowOf(this.chat, place, place.at(index), before(index)),
        drawAt: (index, row) => drawRow(row, this.chat, place, place.at(index), before(index)),
      });
      this.openAtUnread(place);
    }
    this.drawHead();
    this.look();
  }

  /**
   * @param {Conversation} place
   * @param {Change} change
   */
  follow(place, { what, count }) {
    if (what === "appended") this.list.appended(count);
    else if (what === "prepended") this.prepended(place, count);
    else if (what === "replaced") this.list.replaced(count);
    else if (what === "newest") this.list.scrollToEnd();
    else this.list.reset();
    this.drawEmpty(place);
  }

  /**
   * Shows older messages; when the room is entered, from the first that was not read.
   * @param {Conversation} place
   * @param {number} count
   */
  prepended(place, count) {
    this.list.prepended(count);
    if (place.opening) this.openAtUnread(place);
  }

  /** @param {Conversation} place */
  openAtUnread(place) {
    const first = place.marked ? place.entries.findIndex((entry) => entry.key === place.unreadFrom) : -1;
    if (first >= 0) this.list.scrollTo(first);
  }

  /**
   * Shows a message, and marks it for a moment.
   * @param {number} seq
   * @param {string} [epoch] of its log; the present one
   */
  jump(seq, epoch) {
    this.show(this.chat.conversations.shown);
    const { place } = this;
    if (!place) return;
    this.chat.reaching.reach(place, seq, epoch ?? place.epoch, (index) => {
      if (place !== this.place) return;
      const row = this.list.scrollTo(index);
      if (!place.draft) row?.querySelector("article")?.focus({ preventScroll: true }); // whoever types on does so in the line
      row?.classList.add("found");
      setTimeout(() => row?.classList.remove("found"), FOUND_TIME);
    });
  }

  /** Says whether the newest messages are looked at. */
  look() {
    const { atEnd } = this.list;
    this.scroller.setAttribute("aria-live", atEnd ? "polite" : "off");
    this.chat.conversations.setSeen(document.hasFocus() && !document.hidden, atEnd);
    this.drawToEnd();
  }

  drawToEnd() {
    const unread = this.place ? this.chat.conversations.unreadIn(this.place) : 0;
    if (this.list.atEnd && document.activeElement === this.toEnd) this.scroller.focus({ preventScroll: true }); // it is pressed no more
    this.toEnd.hidden = this.list.atEnd;
    fill(this.toEnd, icon("down"), unread ? tn("{count} new message", "{count} new messages", unread) : t("To the newest messages"));
  }

  drawHead() {
    const { place, chat } = this;
    if (!place) return;
    const name = safeName(place.name);
    this.title.textContent = place.kind === "room" ? `# ${name}` : name;
    const here = place.kind === "room" && nameKey(place.name) === nameKey(chat.rooms.here);
    const people = tn("{count} person here", "{count} people here", chat.rooms.count);
    const topic = safeLine(chat.rooms.topic);
    const outside = chat.conversations.home === place ? t("Joining …") : t("You are not in this room.");
    const elsewhere = place.kind === "room" ? outside : t("Direct messages");
    this.about.textContent = here ? (topic ? `${people} · ${topic}` : people) : elsewhere;
    this.about.title = here ? topic : "";
    this.scroller.setAttribute("aria-label", place.kind === "room" ? t("Messages in {room}", { room: name }) : t("Messages with {name}", { name }));
    const { waiting } = chat.conversations;
    this.menu.classList.toggle("waiting", waiting > 0);
    const unread = tn("{count} unread message", "{count} unread messages", waiting);
    this.menu.setAttribute("aria-label", waiting ? `${t("Rooms and messages")}, ${unread}` : t("Rooms and messages"));
    this.element.classList.toggle("direct", place.kind === "direct");
    this.drawEmpty(place);
    this.drawToEnd();
  }

  /** @param {Conversation} place */
  drawEmpty(place) {
    const nothing = place.length === 0 && !place.loading && place.complete;
    this.empty.hidden = !nothing;
    if (!nothing) return;
    const name = safeName(place.name);
    const title = place.kind === "room" ? t("This is the beginning of {room}.", { room: `# ${name}` }) : t("You and {name}", { name });
    const hint =
      place.kind === "room"
        ? t("Write something below; everybody in the room reads it. / shows the commands.")
        : t("Only the two of you read what is written here.");
    fill(this.empty, el("p", { class: "empty-title" }, title), el("p", {}, hint));
  }
}
