// Elements, made without markup: what others have written only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  attach: "M21 12.5l-8.6 8.6a6 6 0 0 1-8.5-8.5l9-9a4 4 0 0 1 5.7 5.7l-9 9a2 2 0 0 1-2.9-2.9l8.3-8.2",
  send: "M4 12l16-8-5 17-4-6z M11 15l9-11",
  menu: "M4 7h16M4 12h16M4 17h16",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-6.5 7-6.5s7 2.5 7 6.5M16 3.5a4 4 0 0 1 0 7.3M18 15c2.6.8 4 3 4 6",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  gear: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.5v5M8 14.5v5",
  leave: "M15 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4M6 12h10",
  file: "M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7zM14 3v4h4",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
  reply: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2",
};

/**
 * @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Attributes handlers are
 *   called `onclick` and so on; what is false, null or undefined is left out
 */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {(Node | string | null | undefined | false)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * Makes a picture that says nothing: what it is for stands beside it, or in the label of its button.
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Where the page's own picture is: by its tag, so that it is asked for once. */
export function iconAddress() {
  return document.querySelector('link[rel="icon"]')?.getAttribute("href");
}

/**
 * Makes a button that shows a picture, with its name for those who do not see it.
 * @param {keyof typeof ICONS} picture
 * @param {string} label
 * @param {() => void} onclick
 * @param {Attributes} attributes
 */
export function iconButton(picture, label, onclick, attributes = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...attributes }, icon(picture));
}

/**
 * Puts other children into an element, where they are others.
 * @param {Element} element
 * @param {(Node | string | null | undefined | false)[]} children
 */
export function fill(element, ...children) {
  element.replaceChildren(.../** @type {(Node | string)[]} */ (children.filter(Boolean)));
}

/**
 * Puts something on the clipboard: over plain HTTP too, where browsers have the old way only.
 * @param {string} text
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const { activeElement } = document;
    const selection = getSelection();
    const selected = selection && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const area = el("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1 });
    area.value = text;
    document.body.prepend(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (activeElement instanceof HTMLElement) activeElement.focus({ preventScroll: true });
    if (selected) {
      selection?.removeAllRanges(); // beside a caret, no other range is taken
      selection?.addRange(selected);
    }
    return done;
  }
}

/**
 * Makes a dialog and opens it; it is gone when it is closed. Escape closes it, as the browser does. What comes of it
 * comes then: the keyboard is where it was before, and may be led on. Browsers tell that a moment later: whoever has
 * gone on by then is not called back.
 * @param {string} title
 * @param {(close: (then?: () => void) => void) => (Node | string | null | false)[]} content
 * @param {string} closeLabel
 */
export function openDialog(title, content, closeLabel) {
  const before = document.activeElement;
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title" });
  let behind = () => {};
  const close = (then = () => {}) => {
    behind = then;
    dialog.close();
  };
  dialog.append(
    el("header", {}, el("h2", { id: "dialog-title" }, title), iconButton("close", closeLabel, () => close())),
    el("div", { class: "dialog-body" }, ...content(close)),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    const { activeElement } = document;
    if (before instanceof HTMLElement && (activeElement === before || activeElement === document.body)) {
      before.blur(); // Chromium has given it the focus, but not the cursor
      before.focus();
    }
    behind();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.prepend(dialog); // before the page: the message line stays the last text box
  dialog.showModal();
  return dialog;
}
