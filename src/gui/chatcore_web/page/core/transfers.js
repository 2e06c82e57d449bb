// Files on their way, as far as no file and no connection is needed to say it. Pure: `now` is the time in seconds of a
// clock that only goes forward.
import { Sha256 } from "./sha256.js";
import { firstOf } from "./texts.js";

/** @typedef {Record<string, any>} Frame */
/**
 * Where a file is: being read, offered, asked for, on its way, waiting for a connection, being checked, or at its end.
 * @typedef {"reading" | "offered" | "asking" | "running" | "paused" | "done" | "failed"} FileState
 */

const RATE_SECONDS = 4;
const RATE_STEP = 0.2;
const RATE_EARLY = 1;

/** Bytes a second of one run of a file, over its last few seconds. */
export class Rate {
  /**
   * @param {number} done how many bytes are done at the beginning
   * @param {number} now
   */
  constructor(done, now) {
    this.began = now;
    this.steps = [{ at: now, done }];
  }

  /**
   * Takes how many bytes are done by now.
   * @param {number} done
   * @param {number} now
   */
  moved(done, now) {
    const { steps } = this;
    if (steps.length > 1 && now - steps[steps.length - 2].at < RATE_STEP) steps[steps.length - 1] = { at: now, done };
    else steps.push({ at: now, done });
    while (steps.length > 2 && now - steps[0].at > RATE_SECONDS) steps.shift();
  }

  /**
   * Bytes a second; 0 as long as it is too early to say.
   * @param {number} now
   */
  rate(now) {
    const [first] = this.steps;
    if (now - this.began < RATE_EARLY) return 0;
    return (this.steps[this.steps.length - 1].done - first.done) / Math.max(now - first.at, RATE_STEP);
  }
}

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
    /** Of the present run. @type {Rate | null} */
    this.rate = null;
  }

  /**
   * Begins a run; returns the credit to grant, if any.
   * @param {Frame} begun
   * @param {number} now
   */
  begin(begun, now) {
    this.state = "running";
    this.rate = new Rate(this.done, now);
    this.transfer = begun.transfer;
    this.granted = this.done;
    return this.credit();
  }

  /**
   * Takes a chunk; returns the credit to grant, if any.
   * @param {number} offset
   * @param {Uint8Array} bytes
   * @param {number} now
   */
  take(offset, bytes, now) {
    if (this.state !== "running" || offset !== this.done) return null;
    const chunk = bytes.slice();
    this.chunks.push(chunk);
    this.hash.update(chunk);
    this.done += chunk.length;
    this.rate?.moved(this.done, now);
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
    /** Of the present run. @type {Rate | null} */
    this.rate = null;
  }

  /**
   * @param {Frame} accepted
   * @param {number} now
   */
  begin(accepted, now) {
    this.state = "running";
    this.rate = new Rate(accepted.offset, now);
    this.transfer = accepted.transfer;
    this.offset = this.upto = accepted.offset;
  }

  /**
   * Has sent some of it.
   * @param {number} bytes
   * @param {number} now
   */
  moved(bytes, now) {
    this.offset += bytes;
    this.rate?.moved(this.offset, now);
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
