// What its user types: a message is said, and a command carried out.
import { inRoom } from "../core/moderation.js";
import { nameKey } from "../core/names.js";
import { GOES, LEAVES } from "../core/outbox.js";
import { safeLines, safeName } from "../core/safe_text.js";
import { oneByOne, parseLine, withoutSecrets } from "../core/slash.js";
import { sendable } from "../core/wire.js";
import { refusalText } from "../words/refusals.js";
import { library, sentence, t } from "../words/words.js";
import { answerText, helpText } from "./answers.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("../core/slash.js").Typed} Typed */
/** @typedef {import("./conversation.js").Entry} Entry */

export class TypedLines {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /**
   * Says a text, or carries out the commands in it. Returns what is to stay in the message line: nothing has come of it yet.
   * @param {string} text
   */
  say(text) {
    const { commands, rest } = oneByOne(text);
    if (!commands.length) return this.sayOne(text) ? "" : text;
    const last = commands[commands.length - 1];
    if (this.chat.conversations.shown) this.chat.conversations.shown.above = withoutSecrets(last) ? "" : last;
    const refused = commands.filter((line) => !this.sayOne(line));
    return [...refused, rest].filter(Boolean).join("\n");
  }

  /**
   * Says a message, or carries out a command. Returns false when nothing came of it.
   * @param {string} line
   */
  sayOne(line) {
    const typed = parseLine(sendable(line));
    const asked = this.chat.waiting.size;
    const done = this.carryOut(typed);
    const isShown = typed.kind === "send" || typed.kind === "password" || (typed.kind === "request" && GOES.has(typed.frame.type));
    if (this.chat.waiting.size > asked && !isShown) this.chat.tellWaits(line);
    return done;
  }

  /** @param {Typed} typed */
  carryOut(typed) {
    const { chat } = this;
    switch (typed.kind) {
      case "nothing":
        return false;
      case "send":
        return this.send(typed.frame);
      case "request":
        return this.request(typed.frame);
      case "help":
        chat.tell(helpText());
        return true;
      case "link":
        chat.tell(chat.places.link(chat.session?.room ?? ""));
        return true;
      case "quit":
        chat.leave();
        return true;
      case "change":
        return this.changeLast(typed.sender || chat.username, typed.text);
      case "history":
        if (chat.unsaid.isAway) chat.tell(t("There is no connection."));
        else if (chat.about) chat.reaching.loadOlder(chat.about, typed.limit);
        return true;
      case "search":
        chat.openSearch(typed.line);
        return true;
      case "reply":
      case "react":
      case "unreact":
        return this.aboutLast(typed);
      case "password":
        if (typed.password) this.showToOwn(typed.what, typed.account, typed.password);
        else chat.askPassword(typed.what, (password) => this.showToOwn(typed.what, "", password));
        return true;
      case "send_file":
        chat.files.choose(typed.to, typed.room);
        return true;
      case "answer_file": {
        const problem = chat.files.answer(typed.answer, typed.file);
        if (problem) chat.tell(problem);
        return true;
      }
      case "wrong": {
        const usage = library(typed.values.usage ?? "");
        chat.tell(sentence(typed.sentence, { ...typed.values, usage }));
        return false;
      }
    }
  }

  /**
   * Says a message where it is typed, or to those whom it names.
   * @param {Frame} frame
   */
  send(frame) {
    const { chat } = this;
    const { shown } = chat.conversations;
    if (frame.type === "send_message" && shown?.kind === "direct") {
      return chat.acquaintance.write([shown], frame.text);
    }
    if (frame.type === "send_direct") {
      if (!chat.session || !chat.fits(frame)) return false;
      const places = chat.placesOfSend(frame);
      if (!chat.acquaintance.write(places, frame.text)) return false;
      if (!places.some((place) => place === shown)) {
        chat.tell(t("To {names} only: {text}", { names: frame.to.map(safeName).join(", "), text: safeLines(frame.text) }));
      }
      return true;
    }
    if (frame.type !== "send_message" || !shown) return chat.post(frame);
    return chat.post({ ...frame, room: shown.name, ...shown.answering() }) && chat.replyTo(shown, null);
  }

  /**
   * Asks the server for something; about the room that is shown, where it names none.
   * @param {Frame} frame
   */
  request(frame) {
    const { chat } = this;
    const { shown, home } = chat.conversations;
    if (frame.type === "leave_room" && shown?.kind === "room" && shown !== home) return !this.isElsewhere();
    if (LEAVES.has(frame.type) && chat.isIn(chat.about)) chat.unsaid.takeAlong(shown);
    return chat.command(inRoom(frame, chat.about?.name ?? ""));
  }

  /**
   * Answers the last message of somebody in the room, or puts an emoji below it.
   * @param {Extract<Typed, {kind: "reply" | "react" | "unreact"}>} typed
   */
  aboutLast(typed) {
    const { chat } = this;
    const { room } = chat.conversations;
    if (this.isElsewhere() || this.isOnItsWay(typed.sender)) return false;
    const last = room?.lastOf(this.saidBy(typed.sender), typed.kind === "unreact" ? typed.emoji : undefined);
    if (!room || !last) {
      chat.tell(refusalText({ code: "no_such_message" }));
      return true;
    }
    const { seq, epoch } = last;
    if (typed.kind === "reply") return chat.post({ type: "send_message", text: typed.text, room: room.name, ...room.answering(seq, epoch) });
    return chat.command({ type: typed.kind, room: room.name, seq, emoji: typed.emoji, epoch });
  }

  /**
   * Makes the name one's own for good, or shows that one is; the next logins say the password by themselves.
   * @param {"register" | "identify"} what
   * @param {string} account empty: the present name
   * @param {string} password
   */
  showToOwn(what, account, password) {
    const { chat } = this;
    const { session } = chat;
    chat.tellWaits(`/${what}`);
    chat.ask({ type: what, password, ...(account && { account }) }, (answer) => {
      const text = answerText(answer);
      if (text) return chat.tell(text);
      chat.keeping.ownPassword = password;
      if (session) Object.assign(session, { ownPassword: password, account: account || session.username });
      chat.tell(what === "register" ? t("Your name is yours now: from now on it takes your password to log in by it.") : t("You have shown that the name is yours."));
    });
  }

  /**
   * Deletes or edits the last message of somebody in the room.
   * @param {string} sender
   * @param {string | null} text what it is to say; null to delete it
   * @returns {boolean} whether the line is done with
   */
  changeLast(sender, text) {
    if (this.isElsewhere() || this.isOnItsWay(sender)) return false;
    const { room } = this.chat.conversations;
    const last = room?.lastOf(this.saidBy(sender));
    if (!room || !last) {
      this.chat.tell(refusalText({ code: "no_such_message" }));
      return true;
    }
    const which = { room: room.name, seq: last.seq, epoch: last.epoch };
    return this.chat.command(text === null ? { type: "delete_message", ...which } : { type: "edit_message", ...which, text });
  }

  /**
   * Tells what somebody has said: oneself under other names, too; and nobody else who has had the name.
   * @param {string} sender empty: whoever it was
   * @returns {(entry: Entry) => boolean}
   */
  saidBy(sender) {
    const key = nameKey(sender);
    if (key && key === nameKey(this.chat.username)) return (entry) => entry.own;
    return (entry) => !key || (nameKey(entry.from) === key && !entry.own);
  }

  /** Tells that what is shown is not the room where one is, if so: no message of that one is meant, and none is changed unseen. */
  isElsewhere() {
    const { shown, room } = this.chat.conversations;
    if (!shown || shown === room) return false;
    const where = { code: "not_in_room", values: { room: room?.name ?? "", name: shown.name } };
    const text = t("Private messages are not changed, answered or reacted to. To do that to a message of a room, choose the room first.");
    this.chat.tell(shown.kind === "direct" ? text : refusalText(where));
    return true;
  }

  /**
   * Tells that the last message of somebody has yet to arrive, if it has: the one before it is not meant.
   * @param {string} sender empty: of anybody who has been heard
   */
  isOnItsWay(sender) {
    const own = nameKey(sender) === nameKey(this.chat.username);
    const waits = own && this.chat.about?.pending.some((entry) => entry.state === "pending");
    if (waits) this.chat.tell(t("Your last message has yet to arrive; do this again when it has."));
    return waits ?? false;
  }
}
