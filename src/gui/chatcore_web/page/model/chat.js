// The chat as the page knows it: what the server says becomes rooms, members and conversations; what its user wants
// becomes requests. Views read it and are told what has changed.
import { BROADCAST_LOG, DIRECT_LOG, nameKey } from "../core/names.js";
import { Session } from "../core/session.js";
import { parseLine } from "../core/slash.js";
import { sendable, textBytes } from "../core/wire.js";
import { Driver } from "../net/driver.js";
import { refusalText } from "../words/refusals.js";
import { library, t } from "../words/words.js";
import { entryOf } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { Emitter } from "./emitter.js";
import { Files } from "./files.js";
import { randomText } from "./keeping.js";
import { answerText, helpText } from "./answers.js";
import { Rooms } from "./rooms.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("./conversation.js").Entry} Entry */
/** @typedef {import("./keeping.js").Keeping} Keeping */
/** @typedef {import("../core/session.js").Saved} Saved */

const PAGE = 60; // entries of history at a time
const TEXT_BYTES = 60_000;
const KEEP_PAUSE = 500; // milliseconds

export class Chat {
  /** @param {Keeping} keeping */
  constructor(keeping) {
    this.keeping = keeping;
    this.emitter = new Emitter();
    /** @type {Session | null} */
    this.session = null;
    /** @type {Driver | null} */
    this.driver = null;
    this.rooms = new Rooms();
    this.conversations = new Conversations(this.emitter, keeping.seen);
    this.files = new Files(this);
    /** Why the last login was refused, as a sentence. */
    this.refusal = "";
    /** The room to go to once logged in. */
    this.wantedRoom = "";
    /** True once somebody is logged in on this page. */
    this.entered = false;
    /** What waits for an answer, by the ids of requests. @type {Map<string, (answer: Frame) => void>} */
    this.waiting = new Map();
    this.keepTimer = 0;
    addEventListener("pagehide", () => this.keep(true));
    addEventListener("online", () => this.driver?.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.driver?.hurry());
  }

  get username() {
    return this.session?.username ?? "";
  }

  /** @returns {import("../net/driver.js").State} */
  get state() {
    return this.driver?.state ?? { state: "over", retryAt: 0, tries: 0 };
  }

  // Coming and going.

  /**
   * Goes on as the user of an earlier page.
   * @param {Saved} saved
   */
  resume(saved) {
    this.conversations.seen = this.keeping.seen;
    this.run(new Session(saved));
  }

  /**
   * Logs in.
   * @param {string} username
   * @param {string} room to go to; empty: where the server puts newcomers
   */
  enter(username, room) {
    this.wantedRoom = room;
    if (this.session) {
      this.session.username = username; // the last one was refused; what waits goes with the new one
      this.refusal = "";
      this.driver?.connect();
      return;
    }
    this.keeping.begin();
    this.conversations.seen = this.keeping.seen;
    const blank = { token: null, room: "", positions: {}, outbox: null };
    this.run(new Session({ username, client: randomText(), ...blank }));
  }

  /** @param {Session} session */
  run(session) {
    this.session = session;
    this.refusal = "";
    for (const [index, handle] of session.restored.entries()) {
      this.showPending(session.outbox.items[index].frame, handle);
    }
    this.driver = new Driver(session, {
      heard: (frames) => this.heard(frames),
      chunk: (transfer, offset, bytes) => this.files.takeChunk(transfer, offset, bytes),
      state: () => this.emitter.changed("state", "login"),
      keep: (urgent) => this.keep(urgent),
      lost: () => this.files.lost(),
    });
    this.driver.connect();
    this.emitter.changed("login");
  }

  /** Logs out: the name is free at once. */
  leave() {
    this.ask({ type: "logout" });
  }

  /** Why there is no connection, and what helps. */
  whyNotConnected() {
    const about = this.driver?.places.about;
    const origin = location.origin;
    switch (about?.refused) {
      case "origin":
      case "host":
        return t("This server lets no page of {origin} connect. Whoever runs it can allow it: chatcore serve --origin {origin}", { origin });
      case "full":
        return t("The server is full.");
      case "crowded":
        return t("There are too many connections from your network address.");
    }
    const bye = this.session?.dismissed ?? this.session?.refusal;
    if (bye) return refusalText(bye);
    return about?.reached ? t("The connection was lost.") : t("The server cannot be reached.");
  }

  /** Why it does not come back by itself. */
  whyOver() {
    if (this.session?.dismissed?.code === "replaced") return t("This chat goes on in another tab or on another device.");
    return this.refusal || t("The connection has ended.");
  }

  end() {
    clearTimeout(this.keepTimer);
    this.driver?.stop();
    this.keeping.forget();
    this.session = this.driver = null;
    this.entered = false;
    this.waiting.clear();
    this.rooms = new Rooms();
    this.conversations.all.clear();
    this.conversations.room = null;
    this.conversations.show(null);
    this.files.reset();
    this.emitter.changed("login", "state", "rooms", "members", "conversations", "files");
  }

  /** @param {boolean} urgent */
  keep(urgent) {
    if (!urgent) {
      this.keepTimer ||= window.setTimeout(() => this.keep(true), KEEP_PAUSE);
      return;
    }
    clearTimeout(this.keepTimer);
    this.keepTimer = 0;
    if (!this.session?.token && !this.session?.pending) return;
    // Another tab has taken the session over: what this one would write is older.
    this.keeping.keep(this.session.saved(), this.session.limits.grace ?? 0);
  }

  // What its user wants.

  /**
   * Asks the server; the answer goes to `then`, a refusal to the conversation that is shown unless `then` wants it too.
   * @param {Frame} request
   * @param {(answer: Frame) => void} then
   */
  ask(request, then = () => {}) {
    if (!this.session) return;
    this.waiting.set(this.session.request(request), then);
    this.driver?.pump();
  }

  /**
   * Says a line, or carries out the command in it. Returns false when nothing came of it, and it should stay.
   * @param {string} line
   */
  say(line) {
    const typed = parseLine(sendable(line));
    const shown = this.conversations.shown;
    switch (typed.kind) {
      case "nothing":
        return false;
      case "send": {
        const frame = typed.frame;
        if (frame.type === "send_message" && shown?.kind === "direct") {
          return this.post({ type: "send_direct", to: [shown.name], text: frame.text });
        }
        return this.post(frame.type === "send_message" && shown ? { ...frame, room: shown.name } : frame);
      }
      case "request":
        this.command(typed.frame);
        return true;
      case "help":
        this.tell(helpText());
        return true;
      case "quit":
        this.leave();
        return true;
      case "history":
        if (this.conversations.room) this.loadOlder(this.conversations.room, typed.limit);
        return true;
      case "send_file":
        this.files.choose(typed.to, typed.room);
        return true;
      case "answer_file": {
        const problem = this.files.answer(typed.answer, typed.file);
        if (problem) this.tell(problem);
        return true;
      }
      case "wrong": {
        const usage = library(typed.values.usage ?? "");
        this.tell(library(typed.sentence, { ...typed.values, usage }));
        return false;
      }
    }
  }

  /** @param {Frame} frame */
  command(frame) {
    const request = frame.type === "list_users" && frame.room === "" ? { ...frame, room: this.session?.room } : frame;
    this.ask(request, (answer) => {
      const text = answerText(answer);
      if (text) this.tell(text);
      if (answer.type === "room") this.conversations.show(this.conversations.room);
    });
  }

  /**
   * Sends something that counts once.
   * @param {Frame} frame
   */
  post(frame) {
    if (!this.session) return false;
    const most = this.session.limits.text_bytes ?? TEXT_BYTES;
    if (textBytes(frame.text) > most) {
      this.tell(refusalText({ code: "too_large", values: { text_bytes: most } }));
      return false;
    }
    const handle = this.session.post(frame);
    this.showPending(frame, handle);
    this.driver?.pump();
    this.keep(true);
    return true;
  }

  /**
   * @param {Frame} frame
   * @param {number} handle
   */
  showPending(frame, handle) {
    const scope = /** @type {const} */ ({ send_message: "room", send_direct: "direct", broadcast: "broadcast" })[
      /** @type {"send_message" | "send_direct" | "broadcast"} */ (frame.type)
    ];
    const entry = { kind: /** @type {const} */ ("message"), from: this.username, text: frame.text, own: true, scope };
    for (const place of this.placesOfSend(frame)) {
      place.unreadAfter = "";
      place.addPending(
        entryOf({ ...entry, key: `pending-${handle}`, at: Date.now(), to: frame.to ?? [], state: "pending", handle }),
      );
    }
  }

  /**
   * @param {Frame} frame
   * @returns {Conversation[]}
   */
  placesOfSend(frame) {
    if (frame.type === "send_direct") return frame.to.map((/** @type {string} */ to) => this.conversations.withUser(to));
    const room = frame.room ?? this.session?.room;
    return room ? [this.conversations.ofRoom(room)] : [];
  }

  /**
   * Says again what has failed.
   * @param {Conversation} place
   * @param {Entry} entry
   */
  retry(place, entry) {
    this.discard(entry);
    const text = entry.text;
    if (entry.scope === "broadcast") this.post({ type: "broadcast", text });
    else if (entry.scope === "direct") this.post({ type: "send_direct", to: entry.to, text });
    else this.post({ type: "send_message", text, room: place.name });
  }

  /** @param {Entry} entry */
  discard(entry) {
    for (const place of this.conversations.all.values()) place.takePending(entry.handle);
  }

  /** @param {string} room */
  join(room) {
    if (nameKey(room) === nameKey(this.session?.room ?? "")) this.conversations.show(this.conversations.room);
    else this.command({ type: "join_room", room });
  }

  /**
   * Asks for what was said before.
   * @param {Conversation} place
   * @param {number} limit
   */
  loadOlder(place, limit = PAGE) {
    if (place.loading || place.complete || place.kind === "direct" || this.state.state !== "online") return;
    place.loading = true;
    const before = place.oldest || place.newest + 1;
    this.ask({ type: "history", room: place.name, before, limit }, (answer) => {
      place.loading = false;
      if (answer.type !== "history") return;
      if (answer.epoch !== undefined && place.epoch && answer.epoch !== place.epoch) return;
      const older = answer.messages.filter((/** @type {Frame} */ one) => !place.oldest || one.seq < place.oldest);
      if (!older.length || older[0].seq <= 1) place.complete = true;
      this.conversations.takeOlder(older, this.username, place.epoch);
    });
  }

  /** @param {string} text */
  tell(text) {
    (this.conversations.shown ?? this.conversations.room)?.tellNotice(text, Date.now());
  }

  // What the server says.

  /** @param {Frame[]} frames */
  heard(frames) {
    for (const frame of frames) {
      if (frame.asked) this.answered(frame);
      this.hear(frame, frames);
    }
  }

  /** @param {Frame} frame */
  answered(frame) {
    const then = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    if (frame.type === "room") this.enterRoom(frame);
    then?.(frame);
  }

  /**
   * @param {Frame} frame
   * @param {Frame[]} frames those that came with it
   */
  hear(frame, frames) {
    switch (frame.type) {
      case "message":
      case "direct":
      case "broadcast":
        this.conversations.take(frame, this.username, this.epochOf(frame));
        if (frame.type === "message") this.rooms.said(frame.room, frame.seq);
        break;
      case "welcome":
        this.welcomed(frame);
        break;
      case "room":
        if (!frame.asked) this.enterRoom(frame);
        break;
      case "presence":
        this.presence(frame);
        break;
      case "renamed":
        this.rooms.renamed(frame.from, frame.to);
        this.conversations.room?.tellNotice(t("{old} is now called {new}.", { old: frame.from, new: frame.to }), Date.now());
        this.emitter.changed("members", "login");
        break;
      case "rooms":
        if (!frame.asked) this.rooms.set(frame.rooms);
        this.emitter.changed("rooms");
        break;
      case "rooms_changed":
        this.rooms.changed(frame.rooms, frame.removed);
        this.emitter.changed("rooms");
        break;
      case "gap":
        this.gap(frame);
        break;
      case "acknowledged":
        this.acknowledged(frame, frames);
        break;
      case "given_up":
        this.givenUp(frame);
        break;
      case "login_refused":
        this.refusal = refusalText(frame.refusal);
        this.emitter.changed("login");
        break;
      case "bye":
        if (frame.code === "logged_out") this.end();
        break;
      default:
        if (!frame.asked && frame.type.startsWith("file_")) this.files.take(frame);
    }
  }

  /** @param {Frame} frame */
  epochOf(frame) {
    const log = { direct: DIRECT_LOG, broadcast: BROADCAST_LOG }[/** @type {string} */ (frame.type)] ?? nameKey(frame.room);
    return this.session?.logs.positions.get(log)?.epoch ?? "";
  }

  /** @param {Frame} frame */
  welcomed(frame) {
    const first = !this.entered;
    this.entered = true;
    this.rooms.set(frame.rooms);
    if (frame.rooms_count > frame.rooms.length) this.listRooms(frame.rooms[frame.rooms.length - 1]?.name);
    if (!this.session?.returnTo || nameKey(this.session.returnTo) === nameKey(frame.room)) this.enterRoom(frame);
    if (first) {
      this.keeping.like({ name: frame.username });
      const direct = frame.positions?.[DIRECT_LOG];
      if (direct?.seq) this.loadDirect(direct);
      const wanted = this.wantedRoom;
      this.wantedRoom = "";
      if (wanted && nameKey(wanted) !== nameKey(frame.room)) this.joinOrCreate(wanted);
    }
    this.files.back(frame.resumed !== false);
    this.emitter.changed("login", "rooms", "members", "state");
  }

  /** @param {string} room */
  joinOrCreate(room) {
    this.ask({ type: "join_room", room }, (answer) => {
      if (answer.type === "error" && answer.code === "no_such_room") this.command({ type: "create_room", room });
      else if (answer.type === "error") this.tell(refusalText(answer));
    });
  }

  /**
   * Asks for the direct messages that came before this page.
   * @param {{epoch: string, seq: number}} position
   */
  loadDirect({ epoch, seq }) {
    this.ask({ type: "history", room: DIRECT_LOG, before: seq + 1, limit: 200 }, (answer) => {
      if (answer.type === "history") this.conversations.takeOlder(answer.messages, this.username, epoch);
    });
  }

  /** @param {string} after */
  listRooms(after) {
    this.ask({ type: "list_rooms", after }, (answer) => {
      if (answer.type !== "rooms") return;
      this.rooms.changed(answer.rooms, []);
      if (answer.more && answer.rooms.length) this.listRooms(answer.rooms[answer.rooms.length - 1].name);
      this.emitter.changed("rooms");
    });
  }

  /**
   * Is in a room: with those who are in it, and what was said there last.
   * @param {Frame} frame
   */
  enterRoom(frame) {
    this.rooms.enter(frame.room, frame.users, frame.users_count ?? frame.users.length);
    const place = this.conversations.ofRoom(frame.room);
    place.name = frame.room;
    const moved = place !== this.conversations.room;
    this.conversations.room = place;
    // Where the log goes on for us; a picture of a room that one is in already moves nothing.
    const { epoch, seq } = this.session?.logs.positions.get(nameKey(frame.room)) ?? frame.position;
    if (moved && place.newest && (place.epoch !== epoch || place.newest !== seq)) place.forget();
    if (!place.newest) {
      place.epoch = epoch;
      place.newest = seq;
      place.complete = seq === 0;
      place.readUpTo = this.keeping.seen.get(nameKey(frame.room)) ?? 0;
      if (seq) this.loadOlder(place);
    }
    if (moved || !this.conversations.shown) this.conversations.show(place);
    this.emitter.changed("rooms", "members", "conversations");
  }

  /** @param {Frame} frame */
  presence(frame) {
    const { joined, left } = this.rooms.presence(frame);
    this.emitter.changed("members");
    const room = this.conversations.room;
    if (!room || nameKey(frame.room) !== nameKey(room.name)) return;
    const others = joined.filter((name) => nameKey(name) !== nameKey(this.username));
    if (others.length) room.tellPresence("joined", others, Date.now());
    if (left.length) room.tellPresence("left", left, Date.now());
  }

  /** @param {Frame} gap */
  gap(gap) {
    const place = gap.room === DIRECT_LOG || gap.room === BROADCAST_LOG ? this.conversations.room : this.conversations.ofRoom(gap.room);
    if (!place) return;
    const anew = place.kind === "room" && nameKey(gap.room) === nameKey(place.name) && place.epoch !== gap.epoch;
    if (anew) {
      place.epoch = gap.epoch;
      place.newest = gap.to;
      place.oldest = gap.to + 1;
      place.complete = true;
    }
    const missing = anew ? 0 : Math.max(0, gap.to - gap.from + 1);
    if (!anew && !missing) return;
    place.append([entryOf({ key: place.newKey("gap"), kind: "gap", at: Date.now(), seq: 0, text: String(missing) })]);
    if (!anew && nameKey(gap.room) === nameKey(place.name)) place.newest = Math.max(place.newest, gap.to);
  }

  /**
   * An own message has counted. As a rule it stands in the log, and comes with its number; else it is shown as it was.
   * @param {Frame} frame
   * @param {Frame[]} frames
   */
  acknowledged({ handle, entry }, frames) {
    const comes = entry && (frames.includes(entry) || this.isShown(entry));
    for (const place of this.conversations.all.values()) {
      const was = place.takePending(handle);
      if (was && !comes) place.append([{ ...was, state: "sent", handle: 0 }]);
    }
  }

  /**
   * Tells whether an entry of a log stands in a conversation already, or will.
   * @param {Frame} entry
   */
  isShown(entry) {
    const log = entry.type === "message" ? nameKey(entry.room) : entry.type === "direct" ? DIRECT_LOG : BROADCAST_LOG;
    return this.session?.logs.positions.has(log) ?? false;
  }

  /** @param {Frame} frame */
  givenUp({ handle, id, refusal }) {
    const why = refusalText(refusal);
    if (handle !== undefined) {
      for (const place of this.conversations.all.values()) place.replace(`pending-${handle}`, { state: "failed", why });
      this.keep(true);
      return;
    }
    const then = this.waiting.get(id);
    this.waiting.delete(id);
    if (then && then.length) then({ type: "error", ...refusal });
  }
}
