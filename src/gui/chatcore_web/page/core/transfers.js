// Files on their way, as far as no file and no connection is needed to say it. Pure.
import { Sha256 } from "./sha256.js";
import { firstOf } from "./texts.js";

/** @typedef {Record<string, any>} Frame */
/**
 * Where a file is: being read, offered, asked for, on its way, waiting for a connection, being checked, or at its end.
 * @typedef {"reading" | "offered" | "asking" | "running" | "paused" | "done" | "failed"} FileState
 */

/** A file that comes. */
export class IncomingFile {
  /**
   * @param {Frame} offer
   * @param {number} window most bytes that are under way at a time
   */
  constructor(offer, window) {
    this.file = offer.file;
    this.from = offer.from;
    this.name = offer.name;
    this.size = offer.size;
    this.sha256 = offer.sha256;
    this.window = window;
    /** @type {FileState} */
    this.state = "offered";
    /** Number of the present run. @type {number | null} */
    this.transfer = null;
    this.done = 0;
    this.granted = 0;
    /** @type {Uint8Array<ArrayBuffer>[]} */
    this.chunks = [];
    this.hash = new Sha256();
  }

  /**
   * Begins a run; returns the credit to grant, if any.
   * @param {Frame} begun
   */
  begin(begun) {
    this.state = "running";
    this.transfer = begun.transfer;
    this.granted = this.done;
    return this.credit();
  }

  /**
   * Takes a chunk; returns the credit to grant, if any.
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  take(offset, bytes) {
    if (this.state !== "running" || offset !== this.done) return null;
    const chunk = bytes.slice();
    this.chunks.push(chunk);
    this.hash.update(chunk);
    this.done += chunk.length;
    return this.credit();
  }

  /** @returns {Frame | null} */
  credit() {
    const upto = Math.min(this.size, this.done + this.window);
    if (upto <= this.granted || (upto - this.granted < this.window / 2 && upto !== this.size)) return null;
    this.granted = upto;
    return { type: "file_credit", transfer: this.transfer, upto };
  }

  /** True when all of it is here. */
  get complete() {
    return this.state === "running" && this.done >= this.size;
  }

  /** Ends it; returns whether it is what was offered. */
  check() {
    const right = this.done === this.size && this.hash.hex() === this.sha256;
    this.transfer = null;
    this.state = right ? "done" : "failed";
    if (!right) this.chunks = [];
    return right;
  }

  /** Waits for a connection. */
  lost() {
    if (this.state === "running" || this.state === "asking") this.state = "paused";
    this.transfer = null;
  }

  fail() {
    this.state = "failed";
    this.transfer = null;
    this.chunks = [];
  }
}

/** The way of a file to one user. */
export class Delivery {
  /** @param {string} user */
  constructor(user) {
    this.user = user;
    /** @type {FileState} */
    this.state = "offered";
    /** @type {number | null} */
    this.transfer = null;
    this.offset = 0;
    this.upto = 0;
    this.why = "";
  }

  /** @param {Frame} accepted */
  begin(accepted) {
    this.state = "running";
    this.transfer = accepted.transfer;
    this.offset = this.upto = accepted.offset;
  }

  /** Waits until its user, or this one, is back. */
  pause() {
    if (this.state === "running") this.state = "paused";
    this.transfer = null;
  }

  /**
   * @param {"done" | "failed"} state
   * @param {string} why
   */
  end(state, why = "") {
    this.state = state;
    this.why = why;
    this.transfer = null;
  }

  get over() {
    return this.state === "done" || this.state === "failed";
  }
}

/**
 * The name under which a file is kept: a suggestion of somebody else's, so without folders, controls, and dots in front,
 * and with its letters composed, which macOS may have taken apart.
 * @param {string} name
 */
export function fileName(name) {
  const last = name.split(/[/\\]/).pop() ?? "";
  const plain = last.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff<>:"|?*]/g, "_").replace(/^\.+/, "");
  return firstOf(plain.trim(), 200).normalize("NFC") || "file";
}
