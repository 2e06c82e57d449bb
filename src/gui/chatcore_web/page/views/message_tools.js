// What can be done with a message: answer it, put an emoji below it. There is one bar of these buttons, and it goes to
// the message that is pointed at, touched, or has the focus. By keyboard: the arrows go from message to message, and
// along the bar.
import { t } from "../words/words.js";
import { el, iconButton } from "./dom.js";

/** @typedef {import("../model/chat.js").Chat} Chat */
/** @typedef {import("../model/conversation.js").Conversation} Conversation */
/** @typedef {import("../model/conversation.js").Entry} Entry */

const EMOJIS = ["\u{1f44d}", "\u2764\ufe0f", "\u{1f604}", "\u{1f389}", "\u{1f62e}", "\u{1f440}"];
const OVERLAP = 4; // pixels of the message that the bar covers
const HEIGHT = 44; // pixels of the bar, at most

export class MessageTools {
  /**
   * @param {Chat} chat
   * @param {HTMLElement} scroller holds the messages
   */
  constructor(chat, scroller) {
    this.chat = chat;
    this.scroller = scroller;
    /** @type {Entry | null} */
    this.entry = null;
    const emojis = EMOJIS.map((emoji) =>
      el("button", { type: "button", class: "emoji", tabindex: -1, "aria-label": t("React with {emoji}", { emoji }), onclick: () => this.act((place, entry) => chat.react(place, entry, emoji)) }, emoji),
    );
    const answer = iconButton("reply", t("Answer this message"), () => this.act((place, entry) => chat.replyTo(place, entry)), { tabindex: -1 });
    this.element = el("div", { class: "tools", role: "group", "aria-label": t("Answer or react") }, ...emojis, answer);
    scroller.addEventListener("pointerover", ({ target, pointerType }) => {
      if (this.element.querySelector(":focus-visible")) return; // what has the keyboard stays where it is
      this.follow(target);
      if (pointerType === "mouse") this.element.hidden = false;
    });
    // A finger points and presses in one: what came up below it would be pressed by the same touch.
    scroller.addEventListener("pointerdown", ({ target, pointerType }) => {
      if (pointerType !== "mouse" && !this.has(target)) this.element.hidden = true;
    });
    scroller.addEventListener("click", ({ target }) => {
      if (target instanceof Element && !target.closest("a, button")) this.element.hidden = false;
    });
    scroller.addEventListener("focusin", ({ target }) => {
      this.follow(target);
      if (target instanceof Element && target.matches(":focus-visible")) this.element.hidden = false;
    });
    scroller.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {(place: Conversation, entry: Entry) => void} then */
  act(then) {
    const place = this.chat.conversations.shown;
    const entry = place?.entries.findLast((one) => one.key === this.entry?.key); // as it is by now
    if (place && entry) then(place, entry);
  }

  /** @param {EventTarget | null} target */
  has(target) {
    return target instanceof Node && this.element.contains(target);
  }

  /** @param {EventTarget | null} target */
  follow(target) {
    const article = target instanceof Element ? target.closest("article") : null;
    if (!article || this.has(target)) return;
    this.place(article);
    if (article.contains(this.element)) return;
    const place = this.chat.conversations.shown;
    const key = article.closest("[data-key]")?.getAttribute("data-key");
    this.entry = (place?.kind === "room" && place.entries.findLast((entry) => entry.key === key)) || null;
    if (this.entry?.seq && this.entry.fate !== "deleted") article.append(this.element);
  }

  /**
   * Hides nothing of the message: the bar is above it, below the first one that is seen, within one that fills the view.
   * @param {Element} article
   */
  place(article) {
    const { style } = this.element;
    const { top, bottom } = article.getBoundingClientRect();
    const seen = this.scroller.getBoundingClientRect();
    style.top = style.bottom = "auto";
    if (top + OVERLAP - HEIGHT >= seen.top) style.bottom = `calc(100% - ${OVERLAP}px)`;
    else if (bottom - OVERLAP + HEIGHT <= seen.bottom) style.top = `calc(100% - ${OVERLAP}px)`;
    else style.top = `${seen.top - top}px`;
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { activeElement } = document;
    const article = activeElement?.closest("article") ?? null;
    if (activeElement instanceof HTMLPreElement && scrolls(activeElement, event.key)) return;
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    let next;
    if (article && along) {
      const buttons = [...article.querySelectorAll("a, button")];
      next = buttons[(activeElement ? buttons.indexOf(activeElement) : -1) + along] ?? article;
    } else if (article && step) {
      const all = [...this.scroller.querySelectorAll("article")];
      next = all[all.indexOf(article) + step];
    } else if (activeElement === this.scroller && event.key === "ArrowUp") {
      const end = this.scroller.getBoundingClientRect().bottom;
      next = [...this.scroller.querySelectorAll("article")].findLast((one) => one.getBoundingClientRect().top < end);
    }
    if (!(next instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next.focus();
  }
}

/**
 * Tells whether an arrow moves what is in an element: there is more of it on that side.
 * @param {Element} element
 * @param {string} key
 */
function scrolls({ scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight }, key) {
  if (key === "ArrowLeft") return scrollLeft > 0;
  if (key === "ArrowRight") return scrollLeft + clientWidth < scrollWidth - 1;
  if (key === "ArrowUp") return scrollTop > 0;
  return key === "ArrowDown" && scrollTop + clientHeight < scrollHeight - 1;
}
