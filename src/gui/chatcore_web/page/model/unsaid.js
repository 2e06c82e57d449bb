// What its user has written and nobody has read: begun lines, what waits, and what was refused. It outlives the page with
// the session, and nothing of it goes unasked; no line in which a password may stand is kept.
import { nameKey } from "../core/names.js";
import { onlyReads } from "../core/outbox.js";
import { withoutSecrets } from "../core/slash.js";
import { firstOf } from "../core/texts.js";
import { refusalText } from "../words/refusals.js";
import { t, tn } from "../words/words.js";
import { namesOf } from "./acquaintance.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("./conversation.js").Entry} Entry */
/** A conversation by what it is. @typedef {{kind: "room" | "direct", name: string}} Where */
/** What was begun in one. @typedef {Where & {draft: string, replying: Partial<Entry> | null}} Begun */
/** What was refused, and where it stands. @typedef {{places: Where[], entry: Partial<Entry>}} Refused */
/** What another page needs of it. @typedef {{begun: Begun[], refused: Refused[]}} Kept */

const MOST_KEPT = 500_000; // characters of it: browsers keep some millions for all pages of a server
const QUOTED = 160; // characters of the message that is answered

export class Unsaid {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** True when there is more of it than is kept. */
    this.isTooMuch = false;
    /** What is kept of it. @type {Kept} */
    this.kept = { begun: [], refused: [] };
    /** What is said again in rooms, once its user is in them. @type {Map<Conversation, Entry[]>} */
    this.going = new Map();
    /** What stood below a command that leads elsewhere, and where it was typed. @type {{from: Conversation, line: string} | null} */
    this.along = null;
  }

  /** Forgets all of it: its user has left. */
  reset() {
    this.going.clear();
    this.along = null;
    this.kept = { begun: [], refused: [] };
  }

  // Over a reload of the page.

  /** @returns {Kept} */
  saved() {
    let rest = MOST_KEPT;
    const fits = (/** @type {string} */ text) => (rest -= text.length) >= 0;
    const refused = this.refused.filter(({ entry }) => fits(entry.text ?? ""));
    const begun = [...this.chat.conversations.all.values()].flatMap(({ kind, name, draft, above, answered }) => {
      const unsecret = withoutSecrets(above ? `${above}\n${draft}` : draft);
      const kept = fits(unsecret) ? unsecret : "";
      return kept || answered ? [{ kind, name, draft: kept, replying: answered && quoted(answered) }] : [];
    });
    this.isTooMuch = rest < 0;
    return { begun, refused };
  }

  /** Lines that were begun after another page had taken the session over: no page has them. @returns {Begun[]} */
  get stray() {
    if (this.chat.keeping.holds()) return [];
    const isKept = (/** @type {Begun} */ one) => this.kept.begun.some((each) => isSame(each, one) && each.draft === one.draft);
    return this.saved().begun.filter((one) => one.draft && !isKept(one));
  }

  /**
   * Gives what is stray to the next page, with what is unsaid where the session went on.
   * @param {Kept} [kept]
   * @returns {Kept}
   */
  takeOver(kept = { begun: [], refused: [] }) {
    const { stray } = this;
    this.kept = this.saved();
    const others = kept.begun.filter((one) => !stray.some((each) => isSame(each, one)));
    const both = stray.map((one) => ({ ...one, draft: joined(kept.begun.find((each) => isSame(each, one))?.draft ?? "", one.draft) }));
    return { ...kept, begun: [...others, ...both] };
  }

  /** What was refused, or is being asked about again. @returns {Refused[]} */
  get refused() {
    /** @type {Map<number, Refused>} */
    const found = new Map();
    for (const { kind, name, pending } of this.chat.conversations.all.values()) {
      for (const { handle, at, text, scope, to, replyTo, epoch, why } of pending.filter((one) => one.why)) {
        const places = found.get(handle)?.places ?? [];
        found.set(handle, { places: [...places, { kind, name }], entry: { at, text, scope, to, replyTo, epoch, why } });
      }
    }
    return [...found.values()];
  }

  /** @param {Kept} kept by an earlier page */
  restore({ begun, refused }) {
    const { chat } = this;
    this.kept = { begun, refused };
    for (const { kind, name, draft, replying } of begun) {
      const place = chat.conversations.open(kind, name);
      place.draft = draft;
      place.replying = replying && entryOf({ ...replying, key: "answered", kind: "message" });
    }
    for (const { places, entry } of refused) {
      const handle = chat.session?.outbox.newHandle() ?? 0;
      const failed = entryOf({ ...entry, key: `pending-${handle}`, kind: "message", from: chat.username, own: true, state: "failed", handle });
      for (const { kind, name } of places) chat.conversations.open(kind, name).addPending(failed);
    }
  }

  // Before its user goes.

  /** How many messages are not sent: what waits for the connection or the pace of a room, and what was refused. */
  get messages() {
    const { acquaintance, session } = this.chat;
    return this.refused.length + (this.hasToWait ? (session?.pending ?? 0) + acquaintance.frames.length : 0);
  }

  /** How many commands wait for the connection. */
  get commands() {
    const items = this.chat.state.state !== "online" ? (this.chat.session?.outbox.items ?? []) : [];
    return items.filter((item) => item.handle === null && !onlyReads(item)).length;
  }

  /** True when what is said does not go out at once: there is no connection, or the server asks for patience. */
  get hasToWait() {
    return this.chat.state.state !== "online" || (this.chat.session?.waitsUntil ?? null) !== null;
  }

  get isAway() {
    return ["waiting", "connecting"].includes(this.chat.state.state);
  }

  /** True when closing the page may lose something: it is kept for a while only, or not at all. */
  get isAtStake() {
    const { files, keeping, state } = this.chat;
    const waits = state.state !== "over" && this.hasToWait && this.messages + this.commands > 0;
    return files.underWay || waits || this.stray.length > 0 || this.isTooMuch || (keeping.forgetful && this.hasAny);
  }

  get hasAny() {
    const { begun, refused } = this.saved();
    return begun.length + refused.length > 0;
  }

  /** What is lost when its user leaves now, as sentences. */
  get loss() {
    const { messages, commands } = this;
    const texts = [];
    const begun = [...this.chat.conversations.all.values()].some(({ draft }) => draft.trim());
    if (messages) texts.push(tn("{count} message is not sent yet. If you leave now, it is lost.", "{count} messages are not sent yet. If you leave now, they are lost.", messages));
    if (commands) texts.push(tn("{count} command waits for the connection. If you leave now, it is not carried out.", "{count} commands wait for the connection. If you leave now, they are not carried out.", commands));
    if (begun) texts.push(t("What you have begun to write is not sent. If you leave now, it is lost."));
    if (this.chat.files.underWay) texts.push(t("A file is on its way, or not saved yet. If you leave now, it is lost."));
    return texts;
  }

  // Below a command that leads elsewhere.

  /** @param {Conversation | null} from where what stands below the command is begun */
  takeAlong(from) {
    this.along = from?.draft ? { from, line: from.draft } : null;
  }

  /**
   * Lets what stood below the command be the line of the room where it has led, unless something was typed to it since.
   * @param {Conversation} to
   */
  goAlong(to) {
    const { along, chat } = this;
    this.along = null;
    if (!along || along.from === to || along.from.draft !== along.line || to !== chat.conversations.home) return;
    if (chat.conversations.shown === along.from) chat.conversations.show(to);
    along.from.draft = "";
    chat.giveBack(to, along.line);
  }

  // What was refused.

  /**
   * Says again what has failed.
   * @param {Conversation} place
   * @param {Entry} entry
   */
  retry(place, entry) {
    const { chat } = this;
    const places = entry.scope === "direct" ? chat.conversations.withUsers(entry.to) : [place];
    if (chat.acquaintance.isInDoubt(...places)) return;
    const show = (/** @type {Partial<Entry>} */ news) => places.forEach((each) => each.replace(entry.key, news));
    show({ state: "pending" }); // nobody has it said twice
    const again = () => this.again(place, entry.scope === "direct" ? { ...entry, to: namesOf(places) } : entry);
    chat.acquaintance.ask(places, again, () => show({ state: "failed" }));
  }

  /**
   * Says again what had not arrived when the connection was lost, to those to whom it was said, and to nobody else.
   * @param {number[]} handles
   */
  repeat(handles) {
    const { acquaintance, conversations } = this.chat;
    const pending = [...conversations.all.values()].flatMap((place) => place.pending);
    const lines = handles.flatMap((handle) => {
      const entry = pending.find((one) => one.handle === handle);
      const places = entry ? conversations.withUsers(entry.to) : [];
      return entry ? [{ entry, places, isDoubtful: places.some(({ inDoubt }) => inDoubt) }] : [];
    });
    acquaintance.isInDoubt(...lines.flatMap(({ places }) => places));
    for (const { entry, places, isDoubtful } of lines) {
      const show = (/** @type {Partial<Entry>} */ news) => places.forEach((each) => each.replace(entry.key, news));
      const fail = () => {
        show({ state: "failed" });
        this.chat.emitter.changed("rooms");
        this.chat.keep(true);
      };
      show({ why: t("Somebody else may have the name by now.") });
      if (isDoubtful) fail();
      else acquaintance.ask(places, () => this.again(places[0], { ...entry, to: namesOf(places) }), fail);
    }
  }

  /**
   * @param {Conversation} place
   * @param {Entry} entry
   */
  again(place, entry) {
    const { chat } = this;
    const isIn = place === chat.conversations.home && !this.going.has(place);
    if (entry.scope === "room" && !isIn) return this.goAgain(place, entry);
    const { text, replyTo, epoch } = entry;
    /** @type {Frame} */
    let send = { type: "send_message", text, room: place.name, ...place.answering(replyTo, epoch) };
    if (entry.scope === "broadcast") send = { type: "broadcast", text };
    else if (entry.scope === "direct") send = { type: "send_direct", to: entry.to, text };
    if (!chat.fits(send)) {
      for (const each of chat.conversations.all.values()) each.replace(entry.key, { state: "failed" }); // the server takes less by now
      return;
    }
    this.discard(entry);
    chat.post(send);
  }

  /**
   * Goes into a room where something was not said, and says it there; with all that is to be said again until then.
   * @param {Conversation} place
   * @param {Entry} entry
   */
  goAgain(place, entry) {
    const behind = this.going.get(place);
    if (behind) return void behind.push(entry);
    const all = [entry];
    this.going.set(place, all);
    this.chat.ask({ type: "join_room", room: place.name }, (answer) => {
      this.going.delete(place);
      for (const one of all) {
        if (answer.type === "error") place.replace(one.key, { state: "failed", why: refusalText(answer) });
        else this.again(place, one);
      }
    });
  }

  /** @param {Entry} entry */
  discard(entry) {
    for (const place of this.chat.conversations.all.values()) place.takePending(entry.handle);
    this.chat.emitter.changed("rooms");
    this.chat.keep(true);
  }
}

/**
 * @param {Where} one
 * @param {Where} other
 */
function isSame(one, other) {
  return one.kind === other.kind && nameKey(one.name) === nameKey(other.name);
}

/**
 * A line that was begun on two pages: neither loses anything.
 * @param {string} there
 * @param {string} here
 */
function joined(there, here) {
  if (here.startsWith(there)) return here;
  return there.startsWith(here) ? there : `${there}\n${here}`;
}

/**
 * @param {Entry} entry that is answered
 * @returns {Partial<Entry>}
 */
function quoted({ from, text, seq, epoch, fate }) {
  return { from, text: firstOf(text, QUOTED), seq, epoch, fate };
}
