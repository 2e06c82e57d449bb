// The heights of very many rows, and where each of them begins: sums of a part in logarithmic time (a Fenwick tree). Pure.

export class Heights {
  /** @param {number} usual height of a row that was never measured, in pixels */
  constructor(usual) {
    this.usual = usual;
    /** @type {number[]} */
    this.heights = [];
    /** @type {number[]} */
    this.tree = [0];
  }

  get length() {
    return this.heights.length;
  }

  /** @param {number} count */
  append(count) {
    for (let i = 0; i < count; i += 1) {
      const at = this.heights.push(this.usual);
      // A node of the tree is the sum of so many rows as its lowest bit says.
      this.tree.push(this.usual + this.before(at - 1) - this.before(at - (at & -at)));
    }
  }

  /** @param {number} count */
  prepend(count) {
    this.reset([...new Array(count).fill(this.usual), ...this.heights]);
  }

  /** @param {number[]} heights */
  reset(heights) {
    this.heights = heights;
    this.tree = new Array(heights.length + 1).fill(0);
    for (let at = 1; at < this.tree.length; at += 1) {
      this.tree[at] += heights[at - 1];
      const above = at + (at & -at);
      if (above < this.tree.length) this.tree[above] += this.tree[at];
    }
  }

  /**
   * @param {number} index
   * @param {number} height
   */
  set(index, height) {
    const more = height - this.heights[index];
    if (!more) return;
    this.heights[index] = height;
    for (let at = index + 1; at < this.tree.length; at += at & -at) this.tree[at] += more;
  }

  /**
   * Where a row begins.
   * @param {number} index
   */
  before(index) {
    let sum = 0;
    for (let at = index; at > 0; at -= at & -at) sum += this.tree[at];
    return sum;
  }

  get total() {
    return this.before(this.length);
  }

  /**
   * The row at a place; the last one for what lies behind all of them.
   * @param {number} y
   */
  at(y) {
    let index = 0;
    let rest = y;
    let step = 1;
    while (step * 2 < this.tree.length) step *= 2;
    for (; step >= 1; step /= 2) {
      if (index + step < this.tree.length && this.tree[index + step] <= rest) {
        index += step;
        rest -= this.tree[index];
      }
    }
    return Math.min(index, Math.max(0, this.length - 1));
  }
}
