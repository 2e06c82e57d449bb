// A client's side of a session: it outlives connections and pages, loses nothing and shows nothing twice. Pure: whoever
// drives it connects, says so, passes on what `toSend` returns, and shows what `received` returns.
import { SeenLogs } from "./logs.js";
import { DIRECT_LOG, nameKey } from "./names.js";
import { Outbox, patienceFor } from "./outbox.js";
import { Reading } from "./reading.js";
import { Renames } from "./renames.js";
import { mentions } from "./texts.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./logs.js").Position} Position */
/** Who has had a name: since when they are there, and whose account it is, if it is one's. @typedef {{since: string, account: string}} Met */
/**
 * What another page needs to be the same user.
 * @typedef {{username: string, client: string, token: string | null, room: string,
 *   positions: Record<string, Position>, outbox: ReturnType<Outbox["saved"]> | null, invitation?: string,
 *   reading?: import("./reading.js").Line[], unread?: string[],
 *   renames?: import("./renames.js").Rename[], met?: [string, Met][]}} Saved
 */

const LOGIN = "login";
const REJOIN = "rejoin";
const REFILL = "refill";
const READ = "read";
const NOT_OUR_FAULT = new Set(["shutting_down", "unavailable"]);
const PING_SECONDS = 20; // of silence, after which the server is asked for a sign of life
const PONG_SECONDS = 8; // how long that may take
const LOGIN_SECONDS = 10;
const MOST_UNREAD = 500; // direct messages of which another page knows that nobody has read them
const MOST_MET = 200;
const FAREWELL_SECONDS = 3; // for how long a server that has said goodbye may leave the connection open

export class Session {
  /** @param {Saved} saved */
  constructor(saved) {
    this.username = saved.username;
    this.client = saved.client;
    this.token = saved.token;
    this.room = saved.room;
    /** Of a server that asks for one; said at each login. */
    this.password = "";
    /** Of the account, for one whose name is one's own for good; said at each login, too. */
    this.ownPassword = "";
    /** Name of the account; the username where that is not known. */
    this.account = "";
    /** What lets in instead of the password of the server; said at each login, also of a session that it has let in. */
    this.invitation = saved.invitation ?? "";
    /** True between the welcome and the loss of the connection. */
    this.loggedIn = false;
    /** The server's goodbye on the last connection, if it said one. @type {Frame | null} */
    this.dismissed = null;
    /** The answer to the last login, if it was refused. @type {Frame | null} */
    this.refusal = null;
    /** @type {Frame} */
    this.limits = {};
    /** @type {Frame} */
    this.server = {};
    this.logs = new SeenLogs();
    this.logs.positions = new Map(Object.entries(saved.positions));
    this.reading = new Reading(saved.reading);
    this.renames = new Renames(saved.renames);
    /** With whom there were private conversations, by the keys of their names. @type {Map<string, Met>} */
    this.met = new Map(saved.met ?? []);
    /** Keys of the direct messages that nobody has looked at; no server keeps that. */
    this.unread = new Set(saved.unread ?? []);
    this.outbox = new Outbox();
    /** The handles of what an earlier page could not see acknowledged, null for its commands. @type {(number | null)[]} */
    this.restored = saved.outbox === null ? [] : this.outbox.restore(saved.outbox);
    this.returnTo = ""; // the room to go back to since a login that could not resume
    /** @type {Position | null} */
    this.returnPlace = null; // in its log
    this.lost = false; // whether it had to be created again
    /** Where the server has put the user meanwhile. @type {Frame | null} */
    this.landed = null;
    /** @type {Frame[]} */
    this.urgent = [];
    /** @type {Map<string, Frame>} */
    this.asked = new Map(); // the last one of each kind of these
    /** @type {number | null} */
    this.patientUntil = null; // nothing is asked before, because one of these came too early
    this.holding = true; // the outbox waits: for the welcome, or for being back in the room
    this.heardAt = 0;
    this.sentAt = 0;
    /** @type {number | null} */
    this.pingedAt = null;
    this.dismissedAt = 0;
  }

  // What its user wants.

  /** When it goes on with what the server wants later; null when it waits for nothing. */
  get waitsUntil() {
    const waits = [...this.outbox.waits, ...(this.patientUntil === null ? [] : [this.patientUntil])];
    return waits.length ? Math.max(...waits) : null;
  }

  /** The room where the user will be when everything is answered that was asked for; null when that is not known. */
  get roomByThen() {
    return this.outbox.roomByThen(this.returnTo || this.room);
  }

  /** How many sends are not acknowledged. */
  get pending() {
    return this.outbox.pending;
  }

  /**
   * What another page needs to go on.
   * @param {Frame[]} waiting sends that were not posted yet
   * @returns {Saved}
   */
  saved(waiting = []) {
    const { username, client, token, room, invitation } = this;
    const [positions, outbox, reading] = [Object.fromEntries(this.since()), this.outbox.saved(waiting), this.reading.saved()];
    const more = { unread: [...this.unread].slice(-MOST_UNREAD), renames: this.renames.all, met: [...this.met].slice(-MOST_MET) };
    return { username, client, token, room: this.returnTo || room, positions, outbox, invitation, reading, ...more };
  }

  /**
   * Queues a send (`send_message`, `send_direct`, `broadcast`); returns what it is known by. It is repeated until it is
   * acknowledged or refused for good.
   * @param {Frame} send
   */
  post(send) {
    if (send.type !== "send_message" || send.room !== undefined) return this.outbox.post(send);
    const room = this.roomByThen;
    return this.outbox.post(room === null ? send : { ...send, room });
  }

  /**
   * Queues a request; returns the id of its answer. It is repeated until it is answered.
   * @param {Frame} request
   */
  request(request) {
    return this.outbox.request(request);
  }

  /**
   * Says how far the user has read a room. Returns whether that is news; the server is told about once a second.
   * @param {string} room
   * @param {number} seq
   * @param {string} epoch
   * @param {number} now
   */
  markRead(room, seq, epoch, now) {
    const news = this.reading.mark(room, seq, epoch);
    this.tellReading(now);
    return news;
  }

  /** @param {number} now */
  tellReading(now) {
    if (this.loggedIn) this.urgent.push(...this.reading.tell(now).map((mark) => ({ ...mark, id: READ })));
  }

  // Connections come and go.

  /**
   * Begins on a new connection: the login is the first to be sent.
   * @param {number} now
   */
  connected(now) {
    this.dismissed = this.refusal = null;
    this.patientUntil = this.pingedAt = null;
    this.heardAt = this.sentAt = now;
    const { username, client, token, password, ownPassword, invitation } = this;
    const since = Object.fromEntries(this.since());
    const passwords = ownPassword
      ? { account: this.account || username, password: ownPassword, ...(password && { server_password: password }) }
      : { ...(password && { password }) };
    const secrets = { ...(token && { token }), ...passwords, ...(invitation && { invitation }) };
    this.urgent = [{ type: "login", id: LOGIN, username, client, ...secrets, since }];
    this.holding = true;
  }

  since() {
    const since = new Map(this.logs.positions);
    if (this.returnTo && this.returnPlace) since.set(nameKey(this.returnTo), this.returnPlace);
    for (const [log, place] of since) since.set(log, { ...place, changes: place.changes ?? 0 }); // so that they are told
    return since;
  }

  /**
   * Waits for the next connection; returns what to show of requests that are given up because this one is gone.
   * @returns {Frame[]}
   */
  disconnected() {
    this.loggedIn = false;
    this.holding = true;
    this.logs.stopWaiting();
    this.urgent = [];
    const stopped = this.dismissed !== null && NOT_OUR_FAULT.has(this.dismissed.code);
    const given = this.outbox.disconnected(stopped, this.heardAt - this.sentAt);
    return given === null ? [] : [{ type: "given_up", ...given }];
  }

  /**
   * What to pass on to the server now, once each.
   * @param {number} now
   */
  toSend(now) {
    if (this.patientUntil !== null) return [];
    const out = this.urgent.splice(0);
    for (const request of out) this.asked.set(request.id, request);
    const more = this.holding ? [] : this.outbox.toSend();
    if (more.length) this.sentAt = now;
    return [...out, ...more];
  }

  /** When to call `handleTimer`; null when there is nothing to wait for. @returns {number | null} */
  timer() {
    const reading = this.loggedIn ? this.reading.timer() : null;
    const timers = [this.patientUntil, this.outbox.timer(), this.silentAt(), reading].filter((each) => each !== null);
    return timers.length ? Math.min(.../** @type {number[]} */ (timers)) : null;
  }

  silentAt() {
    if (this.dismissed) return this.dismissedAt + FAREWELL_SECONDS; // whatever it says behind that
    if (!this.loggedIn) return this.heardAt + LOGIN_SECONDS;
    return this.pingedAt === null ? this.heardAt + PING_SECONDS : Math.max(this.pingedAt, this.patientUntil ?? 0) + PONG_SECONDS;
  }

  /**
   * Goes on when it is time. Returns false when the connection is dead, and another one is needed.
   * @param {number} now
   */
  handleTimer(now) {
    this.outbox.handleTimer(now);
    this.tellReading(now);
    if (this.patientUntil !== null && now >= this.patientUntil) this.patientUntil = null;
    if (now < this.silentAt()) return true;
    if (this.dismissed || !this.loggedIn || this.pingedAt !== null) return false;
    this.ping(now);
    return true;
  }

  /**
   * Asks for a sign of life.
   * @param {number} now
   */
  ping(now) {
    if (!this.loggedIn || this.pingedAt !== null) return;
    this.pingedAt = now;
    this.urgent.push({ type: "ping", id: "ping" });
  }

  /** True when the server counts the sends otherwise: only another login can tell how to go on. */
  get outOfStep() {
    return this.outbox.outOfStep;
  }

  // What the server says.

  /**
   * Takes a frame; returns what to show, in order: frames of the server that are news, the answers to requests (with
   * their `id`), and `acknowledged` (`handle`, `entry`), `given_up` (`handle` or `id`, `refusal`), and `not_repeated` (`given`,
   * of which each is like `given_up`).
   * @param {Frame} frame
   * @param {number} now
   * @returns {Frame[]}
   */
  received(frame, now) {
    /** @type {Frame[]} */
    const out = [];
    this.heardAt = now;
    this.pingedAt = null;
    this.outbox.heard(frame);
    switch (frame.type) {
      case "message":
      case "direct":
      case "broadcast":
        if (frame.cid !== undefined) this.acknowledge(frame.cid, frame, out);
        if (frame.type === "message") this.heardIn(frame);
        this.askFor(this.logs.post(frame, out));
        break;
      case "welcome":
        this.welcomed(frame, now, out);
        break;
      case "room":
        this.entered(frame, out);
        break;
      case "gap":
        this.logs.gap(frame, out);
        break;
      case "history":
        if (frame.id === REFILL) this.askFor(this.logs.refill(frame, out));
        else this.passOn(frame, out);
        break;
      case "error":
        this.refused(frame, now, out);
        break;
      case "ok":
        if (frame.cid !== undefined) this.acknowledge(frame.cid, null, out);
        else this.passOn(frame, out);
        break;
      case "renamed":
        this.renamed(frame.from, frame.to);
        out.push(frame);
        break;
      case "moderated":
      case "reaction":
        this.logs.changed(frame, this.username);
        out.push(frame);
        break;
      case "limits":
        this.limits = frame.limits ?? {};
        break;
      case "rooms_changed":
        for (const { name, seq } of frame.rooms) if (nameKey(name) !== nameKey(this.room)) this.reading.said(name, seq);
        for (const name of frame.removed) this.reading.forget(name);
        out.push(frame);
        break;
      case "unread":
        out.push({ ...frame, called: this.reading.calls(frame.rooms) });
        this.reading.learn(frame.rooms);
        break;
      case "bye":
        if (!this.dismissed) this.dismissedAt = now;
        this.dismissed = frame;
        out.push(frame);
        break;
      case "ping":
        this.urgent.push(frame.id === undefined ? { type: "pong" } : { type: "pong", id: frame.id });
        break;
      case "pong":
        break;
      default:
        this.passOn(frame, out);
    }
    return out;
  }

  /**
   * Takes it that somebody has another name behind what was heard so far; or none (`to` is empty): nobody was there.
   * @param {string} from
   * @param {string} to
   */
  renamed(from, to) {
    const own = nameKey(from) === nameKey(this.username);
    const direct = this.logs.positions.get(DIRECT_LOG);
    /** @type {Map<string, {epoch: string, seq: number}>} */
    const at = new Map(direct?.seq ? [[DIRECT_LOG, direct]] : []);
    if (own) {
      for (const [room, { read, unread }] of this.reading.rooms) at.set(room, { epoch: this.reading.epochs.get(room) ?? "", seq: read + unread });
      for (const [log, position] of this.logs.positions) at.set(log, position);
    }
    if (at.size) this.renames.note(from, to, at);
    const met = this.met.get(nameKey(from));
    if (to) {
      for (const name of [from, to]) this.met.delete(nameKey(name));
      if (met) this.met.set(nameKey(to), met);
    }
    if (own && to) this.username = to;
  }

  /**
   * @param {Frame} frame
   * @param {Frame[]} out
   */
  passOn(frame, out) {
    const item = this.outbox.answered(frame.id);
    if (item) out.push({ ...frame, asked: item.frame });
    else if (frame.id === undefined) out.push(frame); // or nobody waits for this answer any more
  }

  /**
   * @param {Frame} frame
   * @param {number} now
   * @param {Frame[]} out
   */
  welcomed(frame, now, out) {
    const wasIn = this.room;
    const wasCalled = this.username;
    this.loggedIn = true;
    if (nameKey(wasCalled) !== nameKey(frame.username)) this.renamed(wasCalled, frame.username);
    this.username = frame.username;
    this.token = frame.session.token;
    this.client = frame.client;
    this.account = frame.account ?? "";
    this.limits = frame.limits ?? {};
    this.server = frame.server ?? {};
    if (wasIn && !frame.resumed && !this.returnTo) {
      // The grace period was over, or the server is a new one: go back to where the user was.
      this.returnTo = wasIn;
      this.returnPlace = this.logs.positions.get(nameKey(wasIn)) ?? null;
    }
    this.landed = frame;
    out.push(frame);
    // Put out, or the room was closed: the server tells nobody later.
    const isElsewhere = wasIn && frame.resumed && !this.returnTo && !this.outbox.moves && nameKey(wasIn) !== nameKey(frame.room);
    if (isElsewhere) out.push({ type: "elsewhere", room: frame.room, old: wasIn });
    // To take another name was the last thing that came through before the connection was lost.
    if (nameKey(wasCalled) !== nameKey(frame.username)) out.push({ type: "renamed", from: wasCalled, to: frame.username });
    this.reading.begin(frame.unread ?? []);
    this.tellReading(now);
    this.logs.begin(frame, this.since(), out);
    const direct = `${DIRECT_LOG}/${this.logs.positions.get(DIRECT_LOG)?.epoch}/`;
    for (const key of this.unread) if (!key.startsWith(direct)) this.unread.delete(key); // they went with their log
    this.room = frame.room;
    const given = this.outbox.welcomed(frame.cid ?? 0, now);
    if (given.length) out.push({ type: "not_repeated", given });
    if (this.returnTo && nameKey(this.returnTo) !== nameKey(frame.room)) this.rejoin("join_room");
    else this.returned(out);
  }

  /** @param {"join_room" | "create_room"} type */
  rejoin(type) {
    const since = type === "join_room" && this.returnPlace ? { since: this.returnPlace } : {};
    this.urgent.push({ type, id: REJOIN, room: this.returnTo, ...since });
  }

  /**
   * Is where the user wants to be, so that what waits can be sent.
   * @param {Frame[]} out
   */
  returned(out) {
    this.returnTo = "";
    this.returnPlace = null;
    this.holding = false;
    const place = this.logs.positions.get(nameKey(this.room));
    if (this.lost && place) out.push({ type: "gap", room: this.room, epoch: place.epoch, from: 1, to: place.seq });
    this.lost = false;
  }

  /**
   * @param {Frame} frame
   * @param {Frame[]} out
   */
  entered(frame, out) {
    const item = this.outbox.answered(frame.id);
    const back = frame.id === REJOIN;
    out.push(item ? { ...frame, asked: item.frame } : frame);
    if (back && this.returnPlace) this.logs.goBack(frame.room, this.returnPlace, frame.position, out);
    this.logs.enter(frame.room, frame.position);
    if (frame.unread) this.reading.learn([frame.unread]);
    this.room = frame.room;
    if (back) this.returned(out);
  }

  /** @param {Frame} message */
  heardIn({ room, seq, from, text }) {
    const own = nameKey(from) === nameKey(this.username);
    this.reading.said(room, seq, { own, mention: !own && mentions(text, this.username) });
  }

  /** @param {Frame | null} missing */
  askFor(missing) {
    if (missing) this.urgent.push({ ...missing, id: REFILL });
  }

  /**
   * @param {number} cid
   * @param {Frame | null} entry
   * @param {Frame[]} out
   */
  acknowledge(cid, entry, out) {
    const handle = this.outbox.acknowledged(cid);
    if (handle !== null) out.push({ type: "acknowledged", handle, entry });
  }

  /**
   * @param {Frame} error
   * @param {number} now
   * @param {Frame[]} out
   */
  refused(error, now, out) {
    const asked = this.asked.get(error.id);
    if (error.code === "rate_limited" && asked) {
      this.askAgain(asked, now + patienceFor(error));
    } else if (error.id === LOGIN) {
      this.refusal = error;
      out.push({ type: "login_refused", refusal: error });
    } else if (error.id === REJOIN) {
      this.rejoinRefused(error, out);
    } else if (error.id === REFILL) {
      this.logs.stopWaiting();
    } else if (error.id !== READ) { // else the room is gone
      const given = this.outbox.refused(error, now);
      if (given === undefined) this.passOn(error, out);
      else if (given !== null) out.push({ type: "given_up", ...given });
    }
  }

  /**
   * Repeats what came too early; of several refills, which carry one id, all.
   * @param {Frame} request
   * @param {number} when
   */
  askAgain(request, when) {
    if (request.id === REFILL) {
      this.urgent = this.urgent.filter((each) => each.id !== REFILL);
      for (const missing of this.logs.refills()) this.askFor(missing);
    } else {
      this.urgent.push(request);
    }
    this.patientUntil = Math.max(this.patientUntil ?? 0, when);
  }

  /**
   * @param {Frame} error
   * @param {Frame[]} out
   */
  rejoinRefused(error, out) {
    if (error.code === "no_such_room") {
      // Everybody has left it meanwhile, or the server is a new one. What it held is lost.
      this.lost ||= this.returnPlace !== null;
      this.returnPlace = null;
      this.rejoin("create_room");
    } else if (error.code === "room_exists") {
      this.rejoin("join_room"); // somebody else was quicker
    } else {
      this.lost = false;
      out.push({ ...this.landed, type: "room", refused: error }); // it lets the user in no more
      this.returned(out);
    }
  }
}
