// Drives a session over connections: connects, comes back by itself, and keeps what has to outlive the page.

/** @typedef {import("../core/session.js").Session} Session */
/** @typedef {import("./places.js").Places} Places */
/** @typedef {import("./links.js").Link} Link */
/** @typedef {Record<string, any>} Frame */
/**
 * `waiting` until `retryAt` (milliseconds of `performance.now()`, which no clock of the computer moves), then connecting; `over` when it does not come back by itself.
 * @typedef {{state: "connecting" | "online" | "waiting" | "over", retryAt: number, tries: number}} State
 */

const FIRST_BOUND = 500; // milliseconds
const LAST_BOUND = 20_000;
const STEADY = 5_000; // a connection that lasted so long was a good one
// After these refusals of a login it is worth coming back; after others somebody has to decide something.
const LATER = new Set(["server_full", "unavailable", "rate_limited", "shutting_down", "internal", "login_timeout"]);
// For how long a login without an answer may still count, in seconds: so long a server may be cut off from the others.
const IN_DOUBT = 120;
const MOST_IN_DOUBT = 8;

/** The time in seconds of a clock that only goes forward. */
export const now = () => performance.now() / 1000;

export class Driver {
  /**
   * @param {Session} session
   * @param {Places} places
   * @param {{heard: (frames: Frame[]) => void, chunk: (transfer: number, offset: number, bytes: Uint8Array) => void,
   *   state: (state: State) => void, keep: (urgent: boolean) => void, lost: () => void,
   *   patience: () => void, holds: () => boolean}} listener `patience`: the server asks for it, or no more; `holds` tells whether no other tab has taken the session over
   */
  constructor(session, places, listener) {
    this.session = session;
    this.places = places;
    this.listener = listener;
    /** @type {Link | null} */
    this.link = null;
    /** @type {State} */
    this.state = { state: "connecting", retryAt: 0, tries: 0 };
    this.bound = FIRST_BOUND;
    this.openedAt = 0;
    /** True once there was a connection. */
    this.wasOpen = false;
    this.turn = 0; // of connecting: what an earlier one brings is too late
    this.timer = 0;
    this.retry = 0;
    /** Until when the server wants nothing more, in seconds. @type {number | null} */
    this.waitsUntil = null;
    /** Until when logins without an answer may count, in seconds. @type {number[]} */
    this.inDoubt = [];
  }

  /** Connects, now. */
  async connect() {
    const turn = (this.turn += 1);
    clearTimeout(this.retry);
    this.tell("connecting");
    try {
      const handler = {
        frame: (/** @type {Frame} */ frame) => turn === this.turn && this.take(frame),
        chunk: (/** @type {number} */ transfer, /** @type {number} */ offset, /** @type {Uint8Array} */ bytes) =>
          turn === this.turn && this.listener.chunk(transfer, offset, bytes),
        closed: () => turn === this.turn && this.lost(),
      };
      const link = await this.places.connect(handler, () => turn === this.turn);
      if (turn !== this.turn) return link.close();
      this.link = link;
      this.wasOpen = true;
      this.openedAt = performance.now();
      this.session.connected(now());
      this.pump();
    } catch {
      if (turn === this.turn) this.comeBack();
    }
  }

  /** Connects now rather than at the end of the pause; asks for a sign of life where there is a connection. */
  hurry() {
    if (this.state.state === "waiting") this.connect();
    else if (this.state.state === "online") {
      this.session.ping(now());
      this.pump();
    }
  }

  /** Ends it: nothing more comes. */
  stop() {
    this.turn += 1;
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.link?.close();
    this.link = null;
    this.tell("over");
  }

  /** Passes on what the session has to say, and sets its timer. */
  pump() {
    clearTimeout(this.timer);
    if (!this.link) return;
    if (this.session.outOfStep) return this.lost();
    const frames = this.session.toSend(now());
    // What is numbered is written down before it goes: a page that comes after this one says it again.
    if (frames.some((frame) => frame.cid !== undefined)) this.listener.keep(true);
    for (const frame of frames) this.link.send(frame);
    this.tellPatience();
    const due = this.session.timer();
    if (due !== null) this.timer = window.setTimeout(() => this.timeIsUp(), Math.max(0, due - now()) * 1000 + 1);
  }

  /** For how many seconds the server wants nothing more: what waits goes out by itself then. */
  get patience() {
    return this.waitsUntil === null || !this.link ? 0 : Math.max(0, Math.ceil(this.waitsUntil - now()));
  }

  tellPatience() {
    const { waitsUntil } = this.session;
    if (waitsUntil === this.waitsUntil) return;
    this.waitsUntil = waitsUntil;
    this.listener.patience();
  }

  /**
   * Says how far the user has read a room. Returns whether that is news.
   * @param {string} room
   * @param {number} seq
   * @param {string} epoch of its log
   */
  markRead(room, seq, epoch) {
    const news = this.session.markRead(room, seq, epoch, now());
    if (news) this.pump();
    return news;
  }

  /** @param {Frame} frame */
  sendNow(frame) {
    this.link?.send(frame);
  }

  /**
   * @param {number} transfer
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  sendChunk(transfer, offset, bytes) {
    this.link?.sendChunk(transfer, offset, bytes);
  }

  timeIsUp() {
    if (this.session.handleTimer(now())) this.pump();
    else this.lost();
  }

  /** @param {Frame} frame */
  take(frame) {
    const out = this.session.received(frame, now());
    if (frame.type === "welcome") {
      this.places.learn(this.session.server.addresses);
      this.tell("online");
    }
    this.listener.keep(frame.type === "welcome");
    if (out.length) this.listener.heard(out);
    if (this.session.refusal) this.lost(); // the server leaves the connection open
    else this.pump();
  }

  lost() {
    const { link, session } = this;
    this.turn += 1;
    this.link = null;
    link?.close();
    clearTimeout(this.timer);
    if (!session.loggedIn && !session.refusal) this.inDoubt = [...this.inDoubt.slice(-MOST_IN_DOUBT), now() + IN_DOUBT];
    const told = session.disconnected();
    this.listener.lost();
    if (told.length) this.listener.heard(told);
    const { dismissed, refusal } = session;
    const final = dismissed && (dismissed.reconnect_in ?? null) === null && !(dismissed.code === "replaced" && this.replacedItself());
    if (final || (refusal && !LATER.has(refusal.code))) return this.tell("over");
    this.comeBack();
  }

  /** A login that was given up may have counted late, where several servers are one chat: that was nobody else. */
  replacedItself() {
    this.inDoubt = this.inDoubt.filter((until) => until > now());
    return this.listener.holds() && this.inDoubt.pop() !== undefined;
  }

  comeBack() {
    const lasted = this.openedAt && performance.now() - this.openedAt;
    this.openedAt = 0;
    if (lasted > STEADY) this.bound = FIRST_BOUND;
    const least = Number(this.session.dismissed?.reconnect_in ?? this.session.refusal?.retry_after ?? 0) * 1000;
    const wait = Math.max(least, this.bound * (0.5 + Math.random() / 2));
    this.bound = Math.min(LAST_BOUND, this.bound * 2);
    this.tell("waiting", performance.now() + wait);
    this.retry = window.setTimeout(() => this.connect(), wait);
  }

  /**
   * @param {State["state"]} state
   * @param {number} retryAt
   */
  tell(state, retryAt = 0) {
    const tries = state === "online" ? 0 : this.state.tries + (state === "connecting" ? 1 : 0);
    this.state = { state, retryAt, tries };
    this.listener.state(this.state);
  }
}
