// What is drawn again and again while somebody has hold of it: what is as it was stays the same elements, with the
// keyboard, what is selected and what is unfolded in it.

/** What an element is made of, and how to make it. What has the same key is the same. @typedef {[string, () => Node[]]} Part */

/** @type {WeakMap<Element, Map<string, Node[]>>} */
const MADE = new WeakMap();

/**
 * Puts parts into an element, in this order; makes those only that it has not got, and takes away the others. What
 * somebody else has put behind them stays.
 * @param {Element} element
 * @param {(Part | false)[]} parts
 */
export function fillParts(element, parts) {
  const before = MADE.get(element) ?? new Map();
  /** @type {Map<string, Node[]>} */
  const made = new Map();
  for (const part of parts) if (part) made.set(part[0], before.get(part[0]) ?? part[1]());
  MADE.set(element, made);
  for (const [key, nodes] of before) if (!made.has(key)) for (const node of nodes) node.parentNode?.removeChild(node);
  let next = element.firstChild;
  for (const node of [...made.values()].flat()) {
    if (node === next) next = next.nextSibling;
    else element.insertBefore(node, next);
  }
}

/**
 * Draws buttons anew. The keyboard is at the same one afterwards, by its `data-place`; at the one that has come into
 * its place, if it is gone.
 * @param {HTMLElement} element holds them, and has the keyboard when there is none any more
 * @param {() => void} draw
 */
export function holdingFocus(element, draw) {
  const { activeElement } = document;
  const buttons = () => [...element.querySelectorAll("button")];
  const at = buttons().findIndex((one) => one === activeElement);
  draw();
  if (at < 0 || document.activeElement === activeElement) return;
  const place = activeElement?.getAttribute("data-place");
  const now = buttons();
  const same = now.find((one) => place && one.dataset.place === place);
  (same ?? now[at] ?? now.at(-1) ?? element).focus({ preventScroll: true });
}
