// What the server says: it becomes rooms, members and conversations.
import { BROADCAST_LOG, DIRECT_LOG, nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { moderatedText, roleText } from "../words/moderation.js";
import { refusalText } from "../words/refusals.js";
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */

const CONTEXT = 20; // messages above the first that was not read
const CALLS = 20; // messages of another room, among which one that mentions the user is looked for

export class Hearing {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** True when somebody made the user leave the room: the lobby follows, and what is shown stays. */
    this.putOut = false;
    /** How the user was put out last, since the connection is there. @type {Frame | null} */
    this.lastPutOut = null;
    /** Of the lists of those in the room that were asked for, the last one: what an earlier one brings is too late. */
    this.listing = 0;
  }

  /** By whom, and for what reason, the user was put out; empty when nobody has said so. */
  whyPutOut() {
    return this.lastPutOut ? moderatedText(this.lastPutOut) : "";
  }

  /** @param {Frame[]} frames */
  heard(frames) {
    for (const frame of frames) {
      if (frame.asked) this.answered(frame);
      this.hear(frame, frames);
    }
  }

  /** @param {Frame} frame */
  answered(frame) {
    const then = this.chat.waiting.get(frame.id);
    this.chat.waiting.delete(frame.id);
    if (frame.type === "error") this.refused(frame);
    if (frame.type === "room") this.enterRoom(frame);
    then?.(frame);
  }

  /**
   * @param {Frame} frame
   * @param {Frame[]} frames those that came with it
   */
  hear(frame, frames) {
    if (frame.change) this.changed(frame);
    switch (frame.type) {
      case "message":
      case "direct":
      case "broadcast":
        this.said(frame);
        break;
      case "welcome":
        this.welcomed(frame, frames.some(({ type }) => type === "elsewhere"));
        break;
      case "elsewhere":
        this.chat.tell(t("You are in {room} now; you are no longer in {old}.", { room: safeName(frame.room), old: safeName(frame.old) }));
        break;
      case "room":
        if (!frame.asked) this.enterRoom(frame);
        if (frame.refused) this.chat.tell(refusalText(frame.refused));
        break;
      case "presence":
        this.presence(frame);
        break;
      case "renamed":
        this.renamed(frame);
        break;
      case "rooms":
        if (!frame.asked) this.chat.rooms.set(frame.rooms);
        this.chat.emitter.changed("rooms");
        break;
      case "rooms_changed":
        this.chat.rooms.changed(frame.rooms, frame.removed);
        this.chat.emitter.changed("rooms");
        break;
      case "moderated":
        this.moderated(frame);
        break;
      case "reaction":
        this.chat.conversations.react(frame, this.chat.username);
        break;
      case "unread":
        if (this.chat.keeping.likes().notify) for (const room of frame.called) this.callFrom(room);
        this.chat.emitter.changed("rooms", "conversations");
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
      case "not_repeated":
        this.notRepeated(frame.given);
        break;
      case "login_refused":
        this.chat.refusal = refusalText(frame.refusal);
        if (frame.refusal.code === "bad_invitation") this.chat.forgetInvitation();
        this.chat.emitter.changed("login");
        break;
      case "bye":
        if (frame.code === "logged_out") this.chat.end();
        break;
      default:
        if (!frame.asked && frame.type.startsWith("file_")) this.chat.files.take(frame);
    }
  }

  /** @param {Frame} frame what somebody has said */
  said(frame) {
    const { acquaintance, conversations, username } = this.chat;
    const places = conversations.take(frame, username, this.epochOf(frame));
    const [place] = places;
    if (places.length === 1 && place.kind === "direct") acquaintance.note(place);
  }

  /**
   * Takes note of which change of a room's entries was told.
   * @param {Frame} frame
   */
  changed({ room, change }) {
    const place = this.chat.conversations.all.get(`room:${nameKey(room)}`);
    if (place) place.changes = Math.max(place.changes, change);
  }

  /** @param {Frame} frame */
  epochOf(frame) {
    const log = { direct: DIRECT_LOG, broadcast: BROADCAST_LOG }[/** @type {string} */ (frame.type)] ?? nameKey(frame.room);
    return this.chat.session?.logs.positions.get(log)?.epoch ?? "";
  }

  /**
   * @param {Frame} frame
   * @param {boolean} isTold whether it is said behind it that one is in another room
   */
  welcomed(frame, isTold) {
    const first = !this.chat.entered;
    this.putOut = false; // out of the server, then
    this.lastPutOut = null;
    this.chat.rooms.set(frame.rooms);
    if (frame.rooms_count > frame.rooms.length) this.listRooms(frame.rooms[frame.rooms.length - 1]?.name);
    if (!this.chat.session?.returnTo || nameKey(this.chat.session.returnTo) === nameKey(frame.room)) this.enterRoom(frame, isTold);
    if (first) {
      this.chat.keeping.like({ name: frame.username });
      const direct = frame.positions?.[DIRECT_LOG];
      if (direct?.seq) this.loadDirect(direct);
      const wanted = this.chat.wantedRoom;
      this.chat.wantedRoom = "";
      // Nobody is there before: the first line that is typed belongs into the room that was asked for.
      if (wanted && nameKey(wanted) !== nameKey(frame.room)) this.joinOrCreate(wanted, () => this.isThere());
      else this.chat.entered = true;
    }
    this.chat.tellForgetful();
    this.chat.files.back(frame.resumed !== false);
    this.chat.emitter.changed("login", "rooms", "members", "state");
  }

  isThere() {
    this.chat.entered = true;
    this.chat.tellForgetful();
    this.chat.emitter.changed("login");
  }

  /**
   * @param {string} room
   * @param {() => void} then called when that is over, whatever came of it
   */
  joinOrCreate(room, then = () => {}) {
    this.chat.ask({ type: "join_room", room }, (answer) => {
      if (answer.type === "error" && answer.code === "no_such_room") return this.chat.command({ type: "create_room", room }, then);
      if (answer.type === "error") this.chat.tell(refusalText(answer));
      then();
    });
  }

  /**
   * Asks for the direct messages that came before this page.
   * @param {{epoch: string, seq: number}} position
   */
  loadDirect({ epoch, seq }) {
    this.chat.ask({ type: "history", room: DIRECT_LOG, before: seq + 1, limit: 200 }, (answer) => {
      if (answer.type !== "history") return;
      this.chat.conversations.takeOlder(answer.messages, this.chat.username, epoch);
      this.chat.conversations.look();
    });
  }

  /**
   * Calls for attention to a room where somebody has mentioned the user: the server says that, not who, or with what words.
   * @param {string} room
   */
  callFrom(room) {
    const { conversations, username } = this.chat;
    const { read, unread } = conversations.lineOf(room);
    this.chat.ask({ type: "history", room, after: Math.max(read, read + unread - CALLS), limit: CALLS }, (answer) => {
      const said = answer.type === "history" ? answer.messages.map((/** @type {Frame} */ one) => conversations.entryFor(one, username, answer.epoch)) : [];
      const entry = said.findLast((/** @type {import("./conversation.js").Entry} */ one) => one.mention);
      if (entry) conversations.call(entry, conversations.ofRoom(room));
    });
  }

  /** @param {string} after */
  listRooms(after) {
    this.chat.ask({ type: "list_rooms", after }, (answer) => {
      if (answer.type !== "rooms") return;
      this.chat.rooms.changed(answer.rooms, []);
      if (answer.more && answer.rooms.length) this.listRooms(answer.rooms[answer.rooms.length - 1].name);
      this.chat.emitter.changed("rooms");
    });
  }

  /**
   * Asks who is in a room of which the first were told; as each part comes, for they come and go.
   * @param {string} room
   * @param {string} after
   */
  listMembers(room, after = "") {
    const listing = (this.listing += 1);
    this.chat.ask({ type: "list_users", room, ...(after && { after }) }, (answer) => {
      if (answer.type !== "users" || listing !== this.listing) return;
      this.chat.rooms.fill(answer.users);
      if (answer.more && answer.users.length) this.listMembers(room, answer.users[answer.users.length - 1].name);
      this.chat.emitter.changed("members");
    });
  }

  /**
   * Is in a room: with those who are in it, and what was said there last.
   * @param {Frame} frame
   * @param {boolean} isTold whether that is said anyhow
   */
  enterRoom(frame, isTold = false) {
    this.chat.acquaintance.loseSight();
    this.chat.rooms.enter(frame.room, frame.users, frame.users_count ?? frame.users.length, frame.bots ?? []);
    this.chat.rooms.topic = frame.topic ?? "";
    this.listing += 1;
    if (this.chat.rooms.count > this.chat.rooms.members.size) this.listMembers(frame.room);
    const place = this.chat.conversations.ofRoom(frame.room);
    place.name = frame.room;
    const { room: left } = this.chat.conversations;
    const moved = place !== left;
    this.chat.conversations.room = place;
    if (moved) this.chat.unsaid.goAlong(place);
    const { shown } = this.chat.conversations;
    // Where the log goes on for us; a picture of a room that one is in already moves nothing.
    const { epoch, seq, changes = 0 } = this.chat.session?.logs.positions.get(nameKey(frame.room)) ?? frame.position;
    if (place.replying?.epoch !== epoch) place.replying = null;
    if (moved && place.newest && (place.epoch !== epoch || place.newest !== seq || place.changes !== changes)) place.forget();
    if (!place.newest) {
      place.epoch = epoch;
      place.changes = changes;
      place.newest = seq;
      place.complete = seq === 0;
      const { read, unread } = this.chat.conversations.lineOf(frame.room);
      place.readUpTo = unread ? read : Infinity;
      place.opening = seq > 0;
      this.chat.reaching.loadOlder(place, unread + CONTEXT);
    }
    // Who asked to go there has seen it since, and perhaps gone elsewhere, or back; a line that was begun is not cut in two.
    const stays = place === this.chat.conversations.home;
    const follows = moved && stays && !this.putOut && shown === left;
    if (!shown || (follows && !shown.draft)) this.chat.conversations.show(place);
    else if (follows && !isTold) this.chat.tell(t("You are in {room} now.", { room: safeName(place.name) }));
    this.putOut = false;
    const role = moved ? roleText(frame.role) : "";
    if (role) place.tellNotice(role, Date.now());
    this.chat.emitter.changed("rooms", "members", "conversations");
  }

  /** @param {Frame} frame */
  presence(frame) {
    const { joined, left } = this.chat.rooms.presence(frame);
    this.chat.acquaintance.loseSight(frame.joined);
    this.chat.emitter.changed("members");
    const room = this.chat.conversations.room;
    if (!room || nameKey(frame.room) !== nameKey(room.name)) return;
    const others = joined.filter((name) => nameKey(name) !== nameKey(this.chat.username));
    if (others.length) room.tellPresence("joined", others, Date.now());
    if (left.length) room.tellPresence("left", left, Date.now());
  }

  /** @param {Frame} frame */
  renamed({ from, to }) {
    const { rooms, conversations, emitter } = this.chat;
    rooms.renamed(from, to);
    const text = t("{old} is now called {new}.", { old: from, new: to });
    for (const place of [conversations.room, conversations.renamed(from, to)]) place?.tellNotice(text, Date.now());
    emitter.changed("members", "login");
  }

  /**
   * Takes it that the server has refused something: for want of somebody of that name, say.
   * @param {Frame} refusal
   */
  refused({ code, values, asked }) {
    // Who is away may have a name all the same: `whois` says nothing of that.
    if (code !== "no_such_user" || !values?.name || values.what || asked?.type === "whois") return;
    if (this.chat.conversations.vacated(values.name)) this.chat.session?.renamed(values.name, "");
  }

  /** @param {Frame} frame */
  moderated(frame) {
    const changes = frame.act === "delete_message" || frame.act === "edit_message";
    const byOther = frame.act === "delete_message" && frame.by && nameKey(frame.by) !== nameKey(frame.target ?? "");
    const text = !changes || byOther ? moderatedText(frame) : ""; // else the message itself says enough
    const place = this.chat.conversations.all.get(`room:${nameKey(frame.room)}`);
    if (changes) this.chat.conversations.change(frame, this.chat.username);
    const aboutMe = nameKey(frame.target ?? "") === nameKey(this.chat.username);
    // What is done to its user elsewhere, an invitation say, is told where one looks.
    if (text && (!place || (aboutMe && place !== this.chat.conversations.room))) this.chat.tell(text);
    else if (text) place?.tellNotice(text, Date.now());
    if (aboutMe && this.putsOut(frame)) this.lastPutOut = frame;
    if (place === this.chat.conversations.room && this.putsOut(frame)) {
      this.putOut = true;
      if (place !== this.chat.conversations.shown) this.chat.tell(text);
    }
    if (frame.act === "set_topic") this.chat.rooms.topic = String(frame.value ?? "");
    this.chat.emitter.changed("members");
  }

  /**
   * Tells whether somebody else made the user leave the room.
   * @param {Frame} frame
   */
  putsOut({ act, by, target }) {
    const isMe = (/** @type {string} */ name) => nameKey(name ?? "") === nameKey(this.chat.username);
    return act === "close_room" ? !isMe(by) : (act === "kick" || act === "ban") && isMe(target);
  }

  /** @param {Frame} gap */
  gap(gap) {
    const place = gap.room === DIRECT_LOG || gap.room === BROADCAST_LOG ? this.chat.conversations.room : this.chat.conversations.ofRoom(gap.room);
    if (!place) return;
    const anew = place.kind === "room" && nameKey(gap.room) === nameKey(place.name) && place.epoch !== gap.epoch;
    if (anew) {
      place.epoch = gap.epoch;
      place.quoted.clear();
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
    for (const place of this.chat.conversations.all.values()) {
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
    return this.chat.session?.logs.positions.has(log) ?? false;
  }

  /** @param {Frame} frame */
  givenUp({ handle, id, refusal, request }) {
    const why = refusalText(refusal);
    this.refused({ ...refusal, asked: request });
    if (handle !== undefined) {
      const { all, shown } = this.chat.conversations;
      const places = [...all.values()].filter((place) => place.replace(`pending-${handle}`, { state: "failed", why }));
      // It may stand where nobody looks. A reason that is about somebody names them; one about a message does not say which.
      const room = places.find((place) => place.kind === "room");
      const text = room ? t("{what}: {more}", { what: safeName(room.name), more: `${t("Not sent.")} ${why}` }) : why;
      if (!places.some((place) => place === shown)) this.chat.tell(text);
      this.chat.emitter.changed("rooms");
      this.chat.keep(true);
      return;
    }
    const then = this.chat.waiting.get(id);
    this.chat.waiting.delete(id);
    if (then && then.length) then({ type: "error", ...refusal });
  }

  /** @param {Frame[]} given what went to certain users, and had not arrived when the connection was lost */
  notRepeated(given) {
    this.chat.acquaintance.loseSight();
    for (const one of given) if (one.handle === undefined) this.givenUp(one);
    this.chat.unsaid.repeat(given.flatMap(({ handle }) => (handle === undefined ? [] : [handle])));
  }
}
