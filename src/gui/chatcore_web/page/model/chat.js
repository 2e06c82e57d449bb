// The chat as the page knows it, and what its user wants of it. Views read it and are told what has changed; what the
// server says is in hearing.js, and what is typed in typed.js.
import { nameKey } from "../core/names.js";
import { GOES, LEAVES } from "../core/outbox.js";
import { safeLines } from "../core/safe_text.js";
import { Session } from "../core/session.js";
import { firstOf } from "../core/texts.js";
import { tooLarge } from "../core/wire.js";
import { Driver } from "../net/driver.js";
import { Places } from "../net/places.js";
import { refusalText } from "../words/refusals.js";
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";
import { Conversations } from "./conversations.js";
import { Emitter } from "./emitter.js";
import { Files } from "./files.js";
import { Hearing } from "./hearing.js";
import { randomText } from "./keeping.js";
import { Acquaintance } from "./acquaintance.js";
import { answerText } from "./answers.js";
import { Reaching } from "./reaching.js";
import { Rooms } from "./rooms.js";
import { Standing } from "./standing.js";
import { TypedLines } from "./typed.js";
import { Unsaid } from "./unsaid.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("./conversation.js").Entry} Entry */
/** @typedef {import("./keeping.js").Keeping} Keeping */
/** @typedef {import("./keeping.js").Saved} Saved */

const TEXT_BYTES = 60_000;
const KEEP_PAUSE = 500; // milliseconds
const SHOWN = 400; // characters of a command that waits
const LISTS = new Set(["rooms", "users"]);

export class Chat {
  /** @param {Keeping} keeping */
  constructor(keeping) {
    this.keeping = keeping;
    this.emitter = new Emitter();
    /** @type {Session | null} */
    this.session = null;
    /** @type {Driver | null} */
    this.driver = null;
    this.places = new Places();
    this.places.own.ask();
    this.rooms = new Rooms();
    this.conversations = new Conversations(this.emitter);
    this.conversations.markRead = (room, seq, epoch) => this.driver?.markRead(room, seq, epoch) ?? false;
    this.conversations.roomByThen = () => this.session?.roomByThen ?? "";
    this.conversations.giveBack = (place, line) => this.giveBack(place, line);
    this.files = new Files(this);
    this.acquaintance = new Acquaintance(this);
    this.hearing = new Hearing(this);
    this.unsaid = new Unsaid(this);
    this.typed = new TypedLines(this);
    this.reaching = new Reaching(this);
    this.standing = new Standing(this);
    /** Why the last login was refused, as a sentence. */
    this.refusal = "";
    /** The room to go to once logged in. */
    this.wantedRoom = "";
    /** What lets in instead of the server's password, as a link says it. */
    this.invitation = "";
    /** True once somebody is logged in on this page. */
    this.entered = false;
    this.toldForgetful = false;
    /** What waits for an answer, by the ids of requests. @type {Map<string, (answer: Frame) => void>} */
    this.waiting = new Map();
    /** Whether an emoji is to stand below a message, by the keys of both, while that has no answer. @type {Map<string, {mine: boolean}>} */
    this.reacting = new Map();
    this.keepTimer = 0;
    /** Shows a message of the conversation that is shown: set by the view. @type {(seq: number, epoch?: string) => void} */
    this.jump = () => {};
    /** Gives back a line that was not said: set by the view. @type {(place: Conversation, line: string) => void} */
    this.giveBack = (place, line) => void (place.draft = [line, place.draft].filter(Boolean).join("\n"));
    /** Looks for messages: set by the view. @type {(line: string) => void} */
    this.openSearch = () => {};
    /** Asks for a password: set by the view. @type {(what: "register" | "identify", then: (password: string) => void) => void} */
    this.askPassword = () => {};
    /** Asks whether to leave all the same: set by the view. @type {(loss: string[], then: () => void) => void} */
    this.askToLeave = () => {};
    addEventListener("pagehide", () => {
      this.acquaintance.settle();
      this.keep(true);
      keeping.letGo();
    });
    for (const news of ["online", "offline"]) addEventListener(news, () => this.driver?.hurry());
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
    this.run(new Session(saved), saved.unsaid);
  }

  /**
   * Logs in: as the one whom the page knows, with all that waits and was begun; under another name without it, for that
   * may be somebody else.
   * @param {string} username
   * @param {string} room to go to; empty: where the server puts newcomers
   * @param {string} password of the server; empty where it asks for none
   * @param {string} ownPassword of the name; empty where it belongs to nobody
   */
  enter(username, room, password, ownPassword) {
    if (this.session && nameKey(username) !== nameKey(this.username)) {
      return this.giveUp(() => {
        this.end();
        this.enter(username, room, password, ownPassword);
      });
    }
    const refusal = tooLarge({ username, room, password, ownPassword, invitation: this.invitation }, TEXT_BYTES);
    if (refusal) {
      this.refusal = refusalText(refusal);
      return;
    }
    this.wantedRoom = room;
    this.keeping.password = password;
    this.keeping.ownPassword = ownPassword;
    if (this.session) {
      Object.assign(this.session, { password, ownPassword, account: "", invitation: this.invitation });
      this.session.username = username;
      this.refusal = "";
      this.driver?.connect();
      return;
    }
    this.keeping.begin();
    const blank = { token: null, room: "", positions: {}, outbox: null, invitation: this.invitation };
    this.run(new Session({ username, client: randomText(), ...blank }));
  }

  /** Shows an invitation no more: it lets nobody in. */
  forgetInvitation() {
    this.invitation = "";
    if (this.session) this.session.invitation = "";
    const asked = new URLSearchParams(location.hash.slice(1));
    asked.delete("invite");
    history.replaceState(null, "", `#${asked}`);
  }

  /**
   * Goes to the room of a link, also on the way into the chat; it is created where there is none.
   * @param {string} room
   */
  goInto(room) {
    if (this.entered || this.session?.loggedIn) this.hearing.joinOrCreate(room);
    else this.wantedRoom = room;
  }

  /**
   * @param {Session} session
   * @param {import("./unsaid.js").Kept} [unsaid] on an earlier page
   */
  run(session, unsaid) {
    this.session = session;
    session.outbox.repeatsPrivate = false;
    this.conversations.follow(session);
    session.password = this.keeping.password;
    session.ownPassword = this.keeping.ownPassword;
    this.refusal = "";
    if (unsaid) this.unsaid.restore(unsaid);
    for (const [index, handle] of session.restored.entries()) {
      const { frame, id } = session.outbox.items[index];
      const then = (/** @type {Frame} */ answer) => void (answer.type === "error" && this.tell(answerText(answer)));
      if (handle !== null) this.showPending(frame, handle);
      else if (GOES.has(frame.type)) this.goes(id, frame.room, then);
      else this.waiting.set(id, then);
    }
    this.driver = new Driver(session, this.places, {
      heard: (frames) => this.hearing.heard(frames),
      chunk: (transfer, offset, bytes) => this.files.receiving.takeChunk(transfer, offset, bytes),
      state: () => this.emitter.changed("state", "login"),
      patience: () => this.emitter.changed("patience"),
      keep: (urgent) => this.keep(urgent),
      lost: () => {
        this.files.lost();
        if (this.state.state === "online") this.acquaintance.lost();
      },
      holds: () => this.keeping.holds(),
    });
    this.driver.connect();
    this.emitter.changed("login");
  }

  /** Logs out, once its user has agreed to lose what is lost by that: the name is free at once. */
  leave() {
    this.giveUp(() => this.logOut());
  }

  /** @param {() => void} then called once its user has agreed to lose what is lost by that */
  giveUp(then) {
    const { loss } = this.unsaid;
    if (loss.length) this.askToLeave(loss, then);
    else then();
  }

  logOut() {
    this.acquaintance.settle();
    if (this.state.state === "online") this.ask({ type: "logout" });
    else this.end(); // the server notices by itself, a little later
  }

  end() {
    clearTimeout(this.keepTimer);
    this.driver?.stop();
    this.keeping.forget();
    this.session = this.driver = null;
    this.entered = false;
    this.waiting.clear();
    this.reacting.clear();
    this.acquaintance.reset();
    this.unsaid.reset();
    this.rooms = new Rooms();
    this.conversations.reset();
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
    const unsaid = this.unsaid.saved();
    const isKept = this.keeping.keep({ ...this.session.saved(this.acquaintance.frames), unsaid }, this.session.limits.grace ?? 0);
    if (isKept) this.unsaid.kept = unsaid;
    this.tellForgetful();
  }

  /** Says once that this browser writes nothing down for the page, if it does not. */
  tellForgetful() {
    if (!this.keeping.forgetful || !this.entered || this.toldForgetful) return;
    this.toldForgetful = true;
    this.tell(t("This browser cannot remember who you are: its storage is full or switched off. Before you reload or close the page, leave the chat in the settings; else your name stays taken for a while."));
  }

  // What its user wants.

  /**
   * Asks the server; the answer goes to `then`, a refusal to the conversation that is shown unless `then` wants it too.
   * Whoever asks to get into a room is shown it at once: what is typed from then on is meant for it.
   * @param {Frame} request
   * @param {(answer: Frame) => void} then
   * @returns {string} the id of the answer; empty where nothing is asked
   */
  ask(request, then = () => {}) {
    if (!this.session) return "";
    const refusal = this.tooLarge(request);
    if (refusal) {
      then({ type: "error", ...refusal });
      return "";
    }
    const id = this.session.request(request);
    if (GOES.has(request.type)) this.goes(id, request.room, then);
    else this.waiting.set(id, then);
    this.driver?.pump();
    this.keep(false);
    return id;
  }

  /**
   * The same, where the answer may be a list that comes in parts: it is given as one.
   * @param {Frame} request
   * @param {(answer: Frame) => void} then
   * @param {Frame[]} before what came of it
   * @returns {string}
   */
  askForAll(request, then, before = []) {
    return this.ask(request, (answer) => {
      if (!LISTS.has(answer.type)) return then(answer);
      const part = answer[answer.type];
      const all = [...before, ...part];
      if (answer.more && part.length) this.askForAll({ ...request, after: part[part.length - 1].name }, then, all);
      else then({ ...answer, [answer.type]: all });
    });
  }

  /**
   * Takes back what was asked, if no server can have heard of it.
   * @param {string} id of the answer
   */
  withdraw(id) {
    if (this.session?.outbox.withdraw(id)) this.waiting.delete(id);
  }

  /**
   * Shows a room into which it has been asked to get.
   * @param {string} id of the request
   * @param {string} room
   * @param {(answer: Frame) => void} then
   */
  goes(id, room, then) {
    const place = this.conversations.ofRoom(room);
    this.waiting.set(id, (answer) => {
      if (answer.type === "error") this.notLetIn(place);
      then(answer);
    });
    this.conversations.show(place);
    this.emitter.changed("rooms");
  }

  /**
   * Shows the room where the user is instead of one that does not let the user in, unless something was begun there.
   * @param {Conversation} place
   */
  notLetIn(place) {
    const { conversations } = this;
    const begun = place.isBegun;
    if (conversations.shown === place && !begun) conversations.show(conversations.home);
    if (conversations.shown !== place && conversations.room !== place && !begun && !place.length) conversations.all.delete(place.id);
    this.emitter.changed("rooms");
  }

  /**
   * Tells whether the user is in a room, and is to stay there.
   * @param {Conversation | null} place
   */
  isIn(place) {
    return place !== null && place === this.conversations.room && place === this.conversations.home;
  }

  /** The room that a command is about: the one that is shown, else where the user is. */
  get about() {
    const { shown, home } = this.conversations;
    return shown?.kind === "room" ? shown : home;
  }

  /** @param {string} command that may have to wait, where nothing else shows it */
  tellWaits(command) {
    if (this.unsaid.isAway) this.tell(t("Waits for the connection: {command}", { command: safeLines(firstOf(command.trim(), SHOWN)) }));
    this.keep(true);
  }

  /**
   * Asks for something, and tells what comes of it. Returns false when nothing is asked.
   * @param {Frame} frame
   * @param {() => void} then called when it was answered
   */
  command(frame, then = () => {}) {
    const request = frame.type === "list_users" && frame.room === "" ? { ...frame, room: this.about?.name } : frame;
    const { shown } = this.conversations;
    const id = this.askForAll(request, (answer) => {
      const text = answerText(answer);
      if (text) this.tell(text);
      if (answer.type === "error" && LEAVES.has(request.type)) this.unsaid.along = null;
      // Whoever leaves a room and types on has begun in what is shown.
      if (request.type === "leave_room" && this.conversations.shown === shown && !shown?.draft) this.conversations.show(this.conversations.home);
      then();
    });
    return id !== "";
  }

  /**
   * Sends something that counts once.
   * @param {Frame} frame
   */
  post(frame) {
    if (!this.session || !this.fits(frame)) return false;
    const handle = this.session.post(frame);
    this.showPending(frame, handle);
    this.driver?.pump();
    this.keep(true);
    return true;
  }

  /**
   * Tells whether a send is short enough; else it says so.
   * @param {Frame} send
   */
  fits(send) {
    const refusal = this.tooLarge(send);
    if (refusal) this.tell(refusalText(refusal));
    return refusal === null;
  }

  /**
   * Why a request is not even sent, as a refusal; null when it is.
   * @param {Frame} request
   */
  tooLarge(request) {
    return tooLarge(request, this.session?.limits.text_bytes ?? TEXT_BYTES);
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
      place.unreadFrom = "";
      place.addPending(
        entryOf({
          ...entry, key: `pending-${handle}`, at: Date.now(), to: frame.to ?? [], state: "pending", handle,
          replyTo: frame.reply_to ?? 0, epoch: frame.epoch ?? "",
        }),
      );
    }
  }

  /**
   * @param {Frame} frame
   * @returns {Conversation[]}
   */
  placesOfSend(frame) {
    if (frame.type === "send_direct") return this.conversations.withUsers(frame.to);
    const room = frame.room ?? this.session?.room;
    return room ? [this.conversations.ofRoom(room)] : [];
  }

  /**
   * Has the next message answer one; null: none.
   * @param {Conversation} place
   * @param {Entry | null} entry
   */
  replyTo(place, entry) {
    place.replying = entry;
    this.keep(false);
    this.emitter.changed("reply");
    return true;
  }

  /**
   * Puts an emoji below a message, or takes it back: what was asked for last, if that has no answer yet.
   * @param {Conversation} place
   * @param {Entry} entry
   * @param {string} emoji
   */
  react(place, entry, emoji) {
    const key = `${entry.key} ${emoji}`;
    const mine = this.reacting.get(key)?.mine ?? entry.reactions.some((one) => one.emoji === emoji && one.mine);
    const asked = { mine: !mine };
    this.reacting.set(key, asked);
    const { seq, epoch } = entry;
    const type = mine ? "unreact" : "react";
    this.ask({ type, room: place.name, seq, emoji, epoch }, (answer) => {
      if (this.reacting.get(key) === asked) this.reacting.delete(key);
      if (answer.type === "ok") this.conversations.reacted(place, entry.key, emoji, !mine); // who was away is not told by whom
      else this.tell(answerText(answer));
    });
    this.tellWaits(`/${type} ${emoji}`);
  }

  /** @param {string} text */
  tell(text) {
    const place = this.conversations.shown ?? this.conversations.room;
    place?.tellNotice(text, Date.now());
    place?.showNewest();
  }
}
