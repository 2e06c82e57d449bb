// A list of which only what is seen is in the document, whatever its length. It stays at its end while it is there, and
// holds still what one reads while something changes above it.
import { Heights } from "../core/heights.js";
import { el } from "./dom.js";

const USUAL_HEIGHT = 48; // pixels
const BEYOND = 600; // pixels above and below what is seen that are drawn too
const AT_END = 24; // pixels from the end that count as the end
const NEAR_BEGINNING = 800; // pixels
const ROUNDS = 6; // of drawing and measuring, until nothing moves

/**
 * What the list shows.
 * @typedef {{length: number, keyAt: (index: number) => string, rowAt: (index: number) => HTMLElement}} Source
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
    this.source = { length: 0, keyAt: () => "", rowAt: () => el("div") };
    this.heights = new Heights(USUAL_HEIGHT);
    /** The rows in the document, by their keys. @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    this.first = 0;
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
    if (count < this.source.length) this.drop(this.source.keyAt(count)); // it may have no day of its own any more
    if (anchor) anchor.index += count;
    this.draw(anchor);
  }

  /** @param {number} index */
  replaced(index) {
    if (index >= this.source.length) return;
    this.drop(this.source.keyAt(index));
    this.drop(index + 1 < this.source.length ? this.source.keyAt(index + 1) : "");
    this.want();
  }

  /** Everything may be other than it was; what has the same key keeps its height. */
  reset() {
    const known = new Map();
    for (const [key, row] of this.rows) known.set(key, row.offsetHeight);
    const anchor = this.anchor();
    const heights = this.heights.heights.slice(0, this.source.length);
    while (heights.length < this.source.length) heights.push(USUAL_HEIGHT);
    this.heights.reset(heights);
    for (const key of [...this.rows.keys()]) this.drop(key);
    this.draw(anchor);
  }

  /** @param {string} key */
  drop(key) {
    this.rows.get(key)?.remove();
    this.rows.delete(key);
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
    this.scrolled(); // the end may be nearer than that
    return this.rows.get(this.source.keyAt(index)) ?? null;
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    // What grows below, or a window that gets smaller, is nobody's scrolling away.
    const stays = this.atEnd && scrollTop >= this.lastTop;
    this.atEnd = stays || scrollHeight - clientHeight - scrollTop <= AT_END;
    this.lastTop = scrollTop;
    this.listener.moved(this.atEnd);
    if (scrollTop < NEAR_BEGINNING) this.listener.nearBeginning();
    this.want();
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
    this.first = first;
    this.fillRows(first, Math.min(end, source.length));
    this.above.style.height = `${heights.before(first)}px`;
    this.below.style.height = `${heights.total - heights.before(Math.min(end, source.length))}px`;
    if (this.atEnd) scroller.scrollTop = scroller.scrollHeight;
    else if (Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
    this.lastTop = scroller.scrollTop;
  }

  /**
   * @param {number} first
   * @param {number} end
   */
  fillRows(first, end) {
    const wanted = new Set();
    let next = this.box.firstElementChild;
    for (let index = first; index < end; index += 1) {
      const key = this.source.keyAt(index);
      wanted.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = this.source.rowAt(index);
        this.rows.set(key, row);
      }
      if (row === next) next = next.nextElementSibling;
      else this.box.insertBefore(row, next);
    }
    for (const [key, row] of this.rows) {
      if (wanted.has(key) || row.contains(document.activeElement)) continue; // what has the focus keeps it
      row.remove();
      this.rows.delete(key);
    }
  }

  /** Measures what is in the document; returns whether something is other than was thought. */
  measure() {
    let moved = false;
    let index = this.first;
    for (const row of this.box.children) {
      if (index >= this.heights.length || row !== this.rows.get(this.source.keyAt(index))) continue;
      const height = row.getBoundingClientRect().height;
      if (Math.abs(height - this.heights.heights[index]) > 0.1) {
        this.heights.set(index, height);
        moved = true;
      }
      index += 1;
    }
    return moved;
  }
}
