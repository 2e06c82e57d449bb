// The lists beside the conversation. Where the window has no room for one, it lies over all the rest while it is open,
// and has the keyboard until it is closed.

/** @typedef {import("../model/chat.js").Chat} Chat */
/**
 * A list: what holds it, the button that opens it, where there is no room for it, the class of the layout while it lies
 * over the rest, and the one while it is hidden where there is room; empty: it never is.
 * @typedef {{element: HTMLElement, button: HTMLElement | null, narrow: MediaQueryList, open: string, closed: string}} Drawer
 */

export class Drawers {
  /**
   * @param {Chat} chat
   * @param {HTMLElement} layout holds the lists and the rest
   * @param {Drawer[]} all
   * @param {() => void} chosen called once one is closed in which a conversation was chosen
   * @param {AbortSignal} signal of their end
   */
  constructor(chat, layout, all, chosen, signal) {
    this.chat = chat;
    this.layout = layout;
    this.all = all;
    this.chosen = chosen;
    /** The one that lies over the rest. @type {Drawer | null} */
    this.opened = null;
    /** The conversation that was shown when it was opened. @type {import("../model/conversation.js").Conversation | null} */
    this.place = null;
    this.ends = new AbortController();
    signal.addEventListener("abort", () => this.ends.abort());
    this.tell();
  }

  /** Says at the buttons which lists are seen. */
  tell() {
    for (const { button, narrow, open, closed } of this.all) {
      const { classList } = this.layout;
      button?.setAttribute("aria-expanded", String(narrow.matches ? classList.contains(open) : !classList.contains(closed)));
    }
  }

  /** @param {Drawer} drawer */
  toggle(drawer) {
    if (drawer.narrow.matches) return this.open(drawer);
    this.layout.classList.toggle(drawer.closed);
    this.tell();
  }

  /** @param {Drawer} drawer */
  open(drawer) {
    if (this.opened) return;
    this.opened = drawer;
    this.place = this.chat.conversations.shown;
    this.layout.classList.add(drawer.open);
    this.setAlone(drawer.element, true);
    drawer.element.querySelector("button")?.focus(); // which closes it
    this.tell();
    this.ends = new AbortController();
    const { signal } = this.ends;
    addEventListener("keydown", (event) => this.pressed(event), { signal });
    drawer.narrow.addEventListener("change", () => this.close(), { signal });
  }

  close() {
    const { opened, place } = this;
    if (!opened) return;
    this.opened = null;
    this.ends.abort();
    this.layout.classList.remove(opened.open);
    this.setAlone(opened.element, false);
    this.tell();
    // In a window that has grown, the button may be gone, and that which had the keyboard.
    const { activeElement } = document;
    const held = opened.element.contains(activeElement) ? activeElement : null;
    const wanted = [opened.button, held, ...opened.element.querySelectorAll("button")];
    /** @type {HTMLElement | undefined} */ (wanted.find((one) => one?.getClientRects().length))?.focus();
    if (place !== this.chat.conversations.shown) this.chosen();
  }

  /**
   * @param {HTMLElement} element
   * @param {boolean} isAlone whether nothing but this can be reached
   */
  setAlone(element, isAlone) {
    for (const other of this.layout.children) {
      if (other !== element && other instanceof HTMLElement && !other.classList.contains("veil")) other.inert = isAlone;
    }
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.close();
  }
}
