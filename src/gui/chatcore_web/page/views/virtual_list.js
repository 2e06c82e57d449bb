// A list of which only what is seen is in the document, whatever its length. It stays at its end while it is there, and
// holds still what one reads while something changes above it.
import { Heights } from "../core/heights.js";
import { el } from "./dom.js";

const USUAL_HEIGHT = 48; // pixels
const BEYOND = 600; // pixels above and below what is seen that are drawn too
const AT_END = 24; // pixels from the end that count as the end
const ROUNDED = 1; // pixel from the end that is none
const NEAR_BEGINNING = 800; // pixels
const ROUNDS = 6; // of drawing and measuring, until nothing moves

/**
 * What the list shows.
 * @typedef {{
 *   length: number, keyAt: (index: number) => string, rowAt: (index: number) => HTMLElement,
 *   drawAt: (index: number, row: HTMLElement) => void,
 * }} Source `drawAt` draws what has changed of a row
 */

export class VirtualList {
  /**
   * @param {HTMLElement} scroller scrolls, and holds nothing but this list
   * @param {{moved: (atEnd: boolean) => void, nearBeginning: () => void}} listener
   */
  constructor(scroller, listener) {
    this.scroller = scroller;
    this.listener = listener;
    /** @type {Source} */
    this.source = { length: 0, keyAt: () => "", rowAt: () => el("div"), drawAt: () => {} };
    this.heights = new Heights(USUAL_HEIGHT);
    /** The rows in the document, by their keys. @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** Keys of those that may be other than they were. @type {Set<string>} */
    this.stale = new Set();
    /** What stands in the document, in this order. @type {number[]} */
    this.drawn = [];
    this.above = el("div", { class: "spacer" });
    this.below = el("div", { class: "spacer" });
    this.box = el("div", { class: "rows" });
    // What does not fill the list stands at its end, near the message line.
    scroller.append(el("div", { class: "list" }, this.above, this.box, this.below));
    this.atEnd = true;
    this.lastTop = 0;
    this.wanted = 0;
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(scroller);
    new ResizeObserver(() => this.want()).observe(this.box);
  }

  /**
   * Shows something else, from its end.
   * @param {Source} source
   */
  show(source) {
    this.source = source;
    this.heights.reset(new Array(source.length).fill(USUAL_HEIGHT));
    this.rows.clear();
    this.stale.clear();
    if (this.box.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
    this.box.replaceChildren();
    this.atEnd = true;
    this.draw();
  }

  /** @param {number} count */
  appended(count) {
    this.heights.append(count);
    this.want();
  }

  /** @param {number} count */
  prepended(count) {
    const anchor = this.anchor();
    this.heights.prepend(count);
    this.doubt(count); // it may have no day of its own any more
    if (anchor) anchor.index += count;
    this.draw(anchor);
  }

  /** @param {number} index */
  replaced(index) {
    this.doubt(index);
    this.doubt(index + 1);
    this.want();
  }

  /** Everything may be other than it was; what has the same key keeps its height. */
  reset() {
    const anchor = this.anchor();
    const heights = this.heights.heights.slice(0, this.source.length);
    while (heights.length < this.source.length) heights.push(USUAL_HEIGHT);
    this.heights.reset(heights);
    this.stale = new Set(this.rows.keys());
    this.draw(anchor);
  }

  /** @param {number} index of an entry that may be other than it was */
  doubt(index) {
    const key = index < this.source.length ? this.source.keyAt(index) : "";
    if (this.rows.has(key)) this.stale.add(key);
  }

  /** Draws once before the browser paints, however often it is asked. */
  want() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      this.draw();
    });
  }

  scrollToEnd() {
    this.atEnd = true;
    this.draw();
  }

  /**
   * Shows a row, a little below the top; returns it.
   * @param {number} index
   */
  scrollTo(index) {
    this.atEnd = false;
    this.draw({ index, offset: this.scroller.clientHeight / 4 });
    this.atEnd = this.rest <= AT_END; // it may be nearer than that
    this.scrolled();
    return this.rows.get(this.source.keyAt(index)) ?? null;
  }

  scrolled() {
    const { scrollTop } = this.scroller;
    // What grows below, or a window that gets smaller, is nobody's scrolling away; the first pixel upwards is, and only
    // who comes down again is near the end: a list that called back who goes up slowly would never be left.
    const stays = this.atEnd && scrollTop >= this.lastTop;
    this.atEnd = stays || this.rest <= (scrollTop > this.lastTop ? AT_END : ROUNDED);
    this.lastTop = scrollTop;
    this.listener.moved(this.atEnd);
    if (scrollTop < NEAR_BEGINNING) this.listener.nearBeginning();
    this.want();
  }

  /** Pixels to the end; where one is there, browsers round them. */
  get rest() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  /** What one looks at: the first row that is seen, and how far it is from the top. */
  anchor() {
    if (this.atEnd || !this.heights.length) return null;
    const top = this.scroller.scrollTop;
    const index = this.heights.at(top);
    return { index, offset: this.heights.before(index) - top };
  }

  /** @param {{index: number, offset: number} | null} anchor */
  draw(anchor = this.anchor()) {
    if (!this.scroller.clientHeight) return;
    for (let round = 0; round < ROUNDS; round += 1) {
      this.place(anchor);
      if (!this.measure()) break;
    }
    this.place(anchor);
  }

  /**
   * Puts the rows into the document that are seen, and the scroller where it should be.
   * @param {{index: number, offset: number} | null} anchor
   */
  place(anchor) {
    const { heights, scroller, source } = this;
    const seen = scroller.clientHeight;
    let top = anchor ? heights.before(anchor.index) - anchor.offset : heights.total - seen;
    top = Math.max(0, top);
    const first = heights.at(Math.max(0, top - BEYOND));
    const end = source.length ? heights.at(top + seen + BEYOND) + 1 : 0;
    const last = Math.min(end, source.length);
    const kept = this.fillRows(first, last);
    const more = kept < 0 ? 0 : heights.heights[kept]; // it stands in the document instead of in what is left free
    this.above.style.height = `${heights.before(first) - (kept < first ? more : 0)}px`;
    this.below.style.height = `${heights.total - heights.before(last) - (kept < first ? 0 : more)}px`;
    if (this.atEnd && this.rest > ROUNDED) scroller.scrollTop = scroller.scrollHeight;
    else if (!this.atEnd && Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
    this.lastTop = scroller.scrollTop;
  }

  /**
   * Puts rows into the document, and takes away all others but the one that has the focus. A row that stays is not
   * touched: one that is moved loses the focus and what is selected in it, and is read out anew.
   * @param {number} first
   * @param {number} end
   * @returns {number} which other row stays; -1 if there is none
   */
  fillRows(first, end) {
    const wanted = new Set();
    for (let index = first; index < end; index += 1) wanted.add(this.source.keyAt(index));
    const active = document.activeElement;
    let kept = -1;
    for (const [key, row] of this.rows) {
      if (wanted.has(key)) continue;
      if (row.contains(active)) {
        kept = this.indexOf(key);
        if (kept >= 0) continue;
        this.scroller.focus({ preventScroll: true }); // it is gone for good
      }
      row.remove();
      this.rows.delete(key);
    }
    const order = kept < 0 ? [] : [kept];
    for (let index = first; index < end; index += 1) order.push(index);
    if (kept >= end) order.push(/** @type {number} */ (order.shift()));
    let next = this.box.firstElementChild;
    for (const index of order) {
      const row = this.rowFor(index);
      // What has the focus stays where it is, and what is in its way goes, until it is its turn.
      while (next && next !== row && row.contains(active)) next = passed(next);
      if (row === next) next = next.nextElementSibling;
      else this.box.insertBefore(row, next);
    }
    this.drawn = order;
    return kept;
  }

  /** @param {number} index */
  rowFor(index) {
    const key = this.source.keyAt(index);
    let row = this.rows.get(key);
    if (!row) {
      row = this.source.rowAt(index);
      this.rows.set(key, row);
    } else if (this.stale.has(key)) {
      this.source.drawAt(index, row);
    }
    this.stale.delete(key);
    return row;
  }

  /**
   * Where an entry stands; -1 when there is none any more.
   * @param {string} key
   */
  indexOf(key) {
    for (let index = this.source.length - 1; index >= 0; index -= 1) if (this.source.keyAt(index) === key) return index;
    return -1;
  }

  /** Measures what is in the document; returns whether something is other than was thought. */
  measure() {
    let moved = false;
    for (const index of this.drawn) {
      const row = this.rows.get(this.source.keyAt(index));
      if (index >= this.heights.length || !row) continue;
      const height = row.getBoundingClientRect().height;
      if (Math.abs(height - this.heights.heights[index]) > 0.1) {
        this.heights.set(index, height);
        moved = true;
      }
    }
    return moved;
  }
}

/**
 * Takes an element away.
 * @param {Element} element
 * @returns what stood behind it
 */
function passed(element) {
  const next = element.nextElementSibling;
  element.remove();
  return next;
}
