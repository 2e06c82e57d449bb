// The files that this user offers: read for their hash, offered, and sent as fast as those who receive them take them.
import { nameKey } from "../core/names.js";
import { safeName } from "../core/safe_text.js";
import { Sha256 } from "../core/sha256.js";
import { Delivery } from "../core/transfers.js";
import { now } from "../net/driver.js";
import { refusalText } from "../words/refusals.js";
import { sizeText, t } from "../words/words.js";
import { randomText } from "./keeping.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./conversation.js").Conversation} Conversation */
/** @typedef {import("./files.js").Files} Files */
/** @typedef {import("../core/transfers.js").FileState} FileState */

const SLICE = 1024 * 1024; // bytes that are read at a time
const CHUNK = 32 * 1024;
const FILE_BYTES = 2 ** 31;

/** A file of this user's. */
class OutgoingFile {
  /**
   * @param {File} blob
   * @param {string} key
   * @param {Conversation | null} place where it is offered
   * @param {string[]} to
   */
  constructor(blob, key, place, to) {
    this.blob = blob;
    this.key = key;
    this.place = place;
    this.to = to;
    this.sha256 = "";
    /** What the server calls it; empty until it has taken the offer. */
    this.file = "";
    /** The id of the answer to the offer, while there is none. */
    this.asked = "";
    this.cancelled = false;
    /** True when the server can never take it: for its name, or its size. */
    this.isImpossible = false;
    /** @type {Set<Delivery>} */
    this.sending = new Set();
  }
}

export class Sending {
  /** @param {Files} files */
  constructor(files) {
    this.files = files;
    this.chat = files.chat;
    /** By the keys of their cards. @type {Map<string, OutgoingFile>} */
    this.all = new Map();
  }

  /**
   * Offers a file to users, or to the room.
   * @param {File} blob
   * @param {string[]} to
   * @param {boolean} room
   */
  async offer(blob, to, room) {
    const { chat, files } = this;
    const most = files.limits.file_bytes ?? FILE_BYTES;
    if (blob.size > most) {
      return chat.tell(t("{name} is too large: a file has at most {size} here.", { name: safeName(blob.name), size: sizeText(most) }));
    }
    const place = room ? chat.about : chat.conversations.withUser(to[0]);
    if (room && !chat.isIn(place)) return chat.tell(t("You are not in this room."));
    const out = new OutgoingFile(blob, `file-${randomText()}`, place, to);
    files.show(place, { key: out.key, name: blob.name, size: blob.size, own: true, user: room ? "" : to.join(", "), state: "reading" });
    this.all.set(out.key, out);
    const sha256 = await this.hash(out);
    if (sha256 === null || out.cancelled) return;
    out.sha256 = sha256;
    this.propose(out);
  }

  /**
   * Whether a file may be offered once more: it is known, and the server has not taken the offer, and may.
   * @param {string} key
   */
  mayTryAgain(key) {
    const out = this.all.get(key);
    return out !== undefined && out.sha256 !== "" && !out.file && !out.cancelled && !out.isImpossible;
  }

  /**
   * Offers one once more: who was away for a moment may be back.
   * @param {string} key
   */
  tryAgain(key) {
    const { chat, files } = this;
    const out = this.all.get(key);
    if (!out) return;
    const places = out.place?.kind === "direct" ? [out.place, ...chat.conversations.withUsers(out.to.slice(1))] : [];
    if (chat.acquaintance.isInDoubt(...places)) return;
    const why = files.cards.get(key)?.why ?? "";
    files.change(key, { state: chat.unsaid.isAway ? "paused" : "asking", why: "" }); // nobody has it offered twice
    const again = () => void (out.cancelled || this.propose(out));
    chat.acquaintance.ask(places, again, () => void (out.cancelled || files.change(key, { state: "failed", why })));
  }

  /** @param {OutgoingFile} out */
  propose(out) {
    const { chat, files } = this;
    const { blob, sha256, place, to } = out;
    const room = place?.kind === "room";
    // Whoever went elsewhere meanwhile does not offer it there.
    if (room && !chat.isIn(place)) return files.change(out.key, { state: "failed", why: t("You are not in this room.") });
    const where = room ? { room: true } : { to: [place?.name, ...to.slice(1)] }; // whose name may be another one by now
    const offer = { type: "file_offer", name: blob.name.normalize("NFC"), size: blob.size, sha256, ref: randomText(), ...where };
    files.change(out.key, { state: chat.unsaid.isAway ? "paused" : "asking", done: 0, why: "" });
    out.asked = chat.ask(offer, (answer) => {
      out.asked = "";
      const isTaken = answer.type === "file_offered";
      if (isTaken) out.file = answer.file;
      if (out.cancelled) {
        if (isTaken) chat.ask({ type: "file_cancel", file: out.file });
        return;
      }
      out.isImpossible = isAboutFile(answer);
      if (!isTaken) return files.change(out.key, { state: "failed", why: refusalText(answer) });
      const deliveries = answer.to.map((/** @type {string} */ user) => new Delivery(user));
      files.change(out.key, { state: "offered", deliveries });
    });
  }

  /**
   * Reads a file to its end for its SHA-256; null when that is not possible, or not wanted any more.
   * @param {OutgoingFile} out
   */
  async hash(out) {
    const hash = new Sha256();
    try {
      for (let at = 0; at < out.blob.size; at += SLICE) {
        if (out.cancelled) return null;
        hash.update(new Uint8Array(await out.blob.slice(at, at + SLICE).arrayBuffer()));
        this.files.change(out.key, { done: Math.min(out.blob.size, at + SLICE) });
      }
    } catch {
      if (!out.cancelled) this.files.change(out.key, { state: "failed", why: t("The file cannot be read.") });
      return null;
    }
    return hash.hex();
  }

  /**
   * Sends what there is credit for.
   * @param {OutgoingFile} out
   * @param {Delivery} to
   */
  async send(out, to) {
    if (out.sending.has(to)) return;
    out.sending.add(to);
    try {
      while (to.transfer !== null && to.offset < to.upto) {
        const { transfer, offset } = to;
        const bytes = new Uint8Array(await out.blob.slice(offset, Math.min(to.upto, offset + 8 * CHUNK)).arrayBuffer());
        if (to.transfer !== transfer || to.offset !== offset) continue;
        for (let at = 0; at < bytes.length; at += CHUNK) {
          this.chat.driver?.sendChunk(transfer, offset + at, bytes.subarray(at, at + CHUNK));
        }
        to.moved(bytes.length, now());
        this.progress(out);
      }
    } catch {
      if (out.cancelled) return;
      this.chat.ask({ type: "file_error", file: out.file, code: "disk" });
      for (const each of this.deliveries(out)) if (!each.over) each.end("failed");
      this.files.change(out.key, { state: "failed", why: t("The file cannot be read.") });
    } finally {
      out.sending.delete(to);
    }
  }

  /** @param {OutgoingFile} out */
  deliveries(out) {
    return this.files.cards.get(out.key)?.deliveries ?? [];
  }

  /** @param {OutgoingFile} out */
  progress(out) {
    const card = this.files.cards.get(out.key);
    if (!card || card.state === "failed") return;
    const open = card.deliveries.filter((each) => !each.over);
    const failed = card.deliveries.filter((each) => each.state === "failed");
    const running = open.find((each) => each.state === "running") ?? open.find((each) => each.state === "paused");
    let state = /** @type {FileState} */ (running?.state ?? "offered");
    if (!open.length) state = failed.length === card.deliveries.length && failed.length ? "failed" : "done";
    const done = Math.max(0, ...card.deliveries.map((each) => (each.state === "done" ? card.size : each.offset)));
    const [first] = open.filter((each) => each.state === "running").sort((one, other) => other.offset - one.offset);
    this.files.change(out.key, { state, done, rate: first?.rate ?? null, why: failed[0]?.why ?? "" });
  }

  /**
   * Takes what a receiver answers; returns false when it is about no file of this page.
   * @param {Frame} frame
   */
  take(frame) {
    const out = [...this.all.values()].find((each) => each.file && each.file === frame.file);
    if (!out) return false;
    const to = this.deliveries(out).find((each) => nameKey(each.user) === nameKey(frame.from));
    if (!to || to.over) return true;
    if (frame.type === "file_accept") to.begin(frame, now());
    else if (frame.type === "file_pause") to.pause();
    else if (frame.type === "file_done") to.end("done");
    else if (frame.type === "file_decline") to.end("failed", refusalText({ code: "declined" }));
    else if (frame.type === "file_cancel") to.end("failed", refusalText({ code: "cancelled" }));
    else if (frame.type === "file_error") to.end("failed", refusalText(frame));
    this.progress(out);
    return true;
  }

  /** @param {Frame} frame */
  credited(frame) {
    for (const out of this.all.values()) {
      for (const to of this.deliveries(out)) {
        if (to.transfer !== frame.transfer) continue;
        to.upto = Math.max(to.upto, Math.min(frame.upto, out.blob.size));
        this.send(out, to);
      }
    }
  }

  /**
   * Gives one up, if it is this user's.
   * @param {string} key
   */
  cancel(key) {
    const out = this.all.get(key);
    if (!out) return;
    out.cancelled = true;
    this.chat.withdraw(out.asked);
    for (const each of this.deliveries(out)) if (!each.over) each.end("failed");
  }

  lost() {
    for (const out of this.all.values()) {
      for (const to of this.deliveries(out)) to.pause();
      if (out.file) this.progress(out);
      else if (out.asked && !out.cancelled) this.files.change(out.key, { state: "paused" });
    }
  }

  /** There is a connection again: what waited to be offered is. */
  back() {
    for (const out of this.all.values()) if (out.asked && !out.cancelled) this.files.change(out.key, { state: "asking" });
  }

  /** @param {string} why all of them have ended */
  ended(why) {
    for (const out of this.all.values()) {
      if (!out.file) continue;
      for (const to of this.deliveries(out)) if (!to.over) to.end("failed", why);
      this.progress(out);
    }
  }
}

/**
 * Tells whether an offer was refused for what the file is, not for what there is just now.
 * @param {Frame} refusal
 */
function isAboutFile({ code, values }) {
  return code === "bad_name" || values?.what === "file_form" || (code === "too_large" && values?.file_bytes !== undefined);
}
