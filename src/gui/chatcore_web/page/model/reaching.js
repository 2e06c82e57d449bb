// Going to a room, or to a message that may not be here yet: what was said before is asked for.
import { t } from "../words/words.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./conversation.js").Conversation} Conversation */

const PAGE = 60; // entries of history at a time
const MOST_HISTORY = 500; // entries of history that the server gives at a time

export class Reaching {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /**
   * Asks for a message that another one answers, and that is not here; again only where that was refused: it may be read later.
   * @param {Conversation} place
   * @param {number} seq
   */
  loadQuote(place, seq) {
    if (place.quoted.has(seq)) return;
    place.quoted.set(seq, null);
    const { epoch } = place;
    const gone = entryOf({ key: `gone-${seq}`, kind: "message", fate: "deleted" });
    this.chat.ask({ type: "history", room: place.name, after: seq - 1, limit: 1 }, (answer) => {
      if (place.epoch !== epoch) return; // the log has begun anew: it is another message there
      if (answer.type !== "history" || (answer.epoch ?? epoch) !== epoch) return void place.quoted.delete(seq);
      const [found] = answer.messages;
      place.quoted.set(seq, found?.seq === seq ? this.chat.conversations.entryFor(found, this.chat.username, epoch) : gone);
      place.tellReplies(seq);
    });
  }

  /**
   * Sees to it that a message is among the entries, however much has to be loaded; then calls `then` with its place
   * there, if it is to be had. Without a connection, one is told.
   * @param {Conversation} place
   * @param {number} seq
   * @param {string} epoch
   * @param {(index: number) => void} then
   */
  reach(place, seq, epoch, then) {
    const index = place.indexOf(seq, epoch);
    const isOlder = epoch === place.epoch && (!place.oldest || place.oldest > seq);
    if (index >= 0) then(index);
    else if (isOlder && this.chat.unsaid.isAway) this.chat.tell(t("There is no connection."));
    else if (isOlder) this.loadOlder(place, MOST_HISTORY, () => this.reach(place, seq, epoch, then));
  }

  /**
   * Goes to a message, into another room if it stands there.
   * @param {string} room
   * @param {number} seq
   */
  goTo(room, seq) {
    this.join(room, () => this.chat.isIn(this.chat.conversations.shown) && this.chat.jump(seq));
  }

  /**
   * Goes to a room.
   * @param {string} room
   * @param {() => void} then called when it is there, or lets nobody in
   */
  join(room, then = () => {}) {
    const { home, room: present } = this.chat.conversations;
    if (!home || home.id !== this.chat.conversations.idOf("room", room)) return this.chat.command({ type: "join_room", room }, then);
    this.chat.conversations.show(home);
    if (home === present) then();
  }

  /**
   * Asks for what was said before.
   * @param {Conversation} place
   * @param {number} least so much of it; but not more than the server gives at a time
   * @param {() => void} then
   */
  loadOlder(place, least = 0, then = () => {}) {
    if (place.complete || !place.newest || this.chat.state.state !== "online") return; // of a room that was not entered yet, too
    place.whenLoaded.push(then);
    if (place.loading) return;
    place.loading = true;
    const before = place.oldest || place.newest + 1;
    const limit = Math.min(MOST_HISTORY, Math.max(PAGE, least));
    this.chat.ask({ type: "history", room: place.name, before, limit }, (answer) => {
      place.loading = false;
      const waiting = place.whenLoaded.splice(0);
      if (answer.type === "history" && (answer.epoch === undefined || !place.epoch || answer.epoch === place.epoch)) {
        const older = answer.messages.filter((/** @type {Frame} */ one) => !place.oldest || one.seq < place.oldest);
        if (!older.length || older[0].seq <= 1) place.complete = true;
        this.chat.conversations.takeOlder(older, this.chat.username, place.epoch);
        for (const each of waiting) each();
      }
      place.opening = false;
      this.chat.conversations.look();
    });
  }
}
