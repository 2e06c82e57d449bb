// The files that others offer: received when this user says so, checked, and kept until they are saved.
import { IncomingFile } from "../core/transfers.js";
import { now } from "../net/driver.js";
import { refusalText } from "../words/refusals.js";
import { entryOf } from "./conversation.js";

/** @typedef {Record<string, any>} Frame */
/** @typedef {import("./files.js").Files} Files */

const WINDOW = 1024 * 1024;

export class Receiving {
  /** @param {Files} files */
  constructor(files) {
    this.files = files;
    this.chat = files.chat;
    /** By their ids at the server. @type {Map<string, IncomingFile>} */
    this.all = new Map();
  }

  /** @param {Frame} offer */
  offered(offer) {
    const known = this.all.get(offer.file);
    if (known) {
      if (known.state === "paused") this.accept(known); // the server tells it again to one who is back
      return;
    }
    const incoming = new IncomingFile(offer, this.files.limits.file_window_bytes ?? WINDOW);
    this.all.set(offer.file, incoming);
    const { conversations } = this.chat;
    const place = offer.room ? conversations.ofRoom(offer.room) : conversations.withUser(offer.from);
    this.files.show(place, { key: `file-${offer.file}`, name: offer.name, size: offer.size, own: false, user: offer.from, state: "offered" });
    if (!conversations.isLookedAt(place)) {
      const entry = entryOf({ key: `file-${offer.file}`, kind: "file", from: offer.from, text: offer.name });
      place.leave(entry);
      conversations.call(entry, place);
      this.chat.emitter.changed("conversations", "rooms");
    }
  }

  /** @param {string} file its id, of one that waits for an answer */
  acceptOffer(file) {
    const incoming = this.all.get(file);
    if (incoming?.state === "offered") this.accept(incoming);
  }

  /** @param {IncomingFile} incoming */
  accept(incoming) {
    const key = `file-${incoming.file}`;
    incoming.state = "asking";
    this.files.change(key, { state: "asking", why: "" });
    this.chat.ask({ type: "file_accept", file: incoming.file, offset: incoming.done }, (answer) => {
      if (incoming.state === "failed") return; // cancelled meanwhile: the server is told behind this
      if (answer.type === "file_transfer") {
        this.grant(incoming.begin(answer, now()));
        this.files.change(key, { state: "running", rate: incoming.rate });
        this.finish(incoming);
      } else if (answer.code === "file_limit" && !incoming.done) {
        incoming.state = "offered"; // there are too many just now, and later there may not be
        this.files.change(key, { state: "offered", why: refusalText(answer) });
      } else {
        incoming.fail();
        this.files.change(key, { state: "failed", why: refusalText(answer) });
      }
    });
  }

  /** @param {Frame | null} credit */
  grant(credit) {
    if (credit) this.chat.driver?.sendNow(credit);
  }

  /**
   * @param {number} transfer
   * @param {number} offset
   * @param {Uint8Array} bytes
   */
  takeChunk(transfer, offset, bytes) {
    for (const incoming of this.all.values()) {
      if (incoming.transfer !== transfer) continue;
      this.grant(incoming.take(offset, bytes, now()));
      this.files.change(`file-${incoming.file}`, { done: incoming.done });
      this.finish(incoming);
      return;
    }
  }

  /** @param {IncomingFile} incoming */
  finish(incoming) {
    if (!incoming.complete) return;
    const { file } = incoming;
    if (incoming.check()) {
      // Of no type that a browser would run or show by itself.
      const url = URL.createObjectURL(new Blob(incoming.chunks, { type: "application/octet-stream" }));
      incoming.chunks = [];
      this.chat.ask({ type: "file_done", file });
      this.files.change(`file-${file}`, { state: "done", url });
    } else {
      this.chat.ask({ type: "file_error", file, code: "bad_hash" });
      this.files.change(`file-${file}`, { state: "failed", why: refusalText({ code: "bad_hash" }) });
    }
  }

  /** @param {Frame} frame of its sender, or of the server */
  take(frame) {
    const incoming = this.all.get(frame.file);
    if (incoming && (frame.type === "file_cancel" || frame.type === "file_error")) {
      incoming.fail();
      const code = frame.type === "file_cancel" ? "cancelled" : frame.code;
      this.files.change(`file-${frame.file}`, { state: "failed", why: refusalText({ ...frame, code }) });
    } else if (frame.type === "file_accept") {
      this.chat.ask({ type: "file_cancel", file: frame.file }); // offered by an earlier page, which had the file
    }
  }

  lost() {
    for (const incoming of this.all.values()) {
      incoming.lost();
      if (incoming.state === "paused") this.files.change(`file-${incoming.file}`, { state: "paused" });
    }
  }

  /** @param {string} why all of them have ended */
  ended(why) {
    for (const incoming of this.all.values()) {
      if (incoming.state !== "offered" && incoming.state !== "paused") continue;
      incoming.fail();
      this.files.change(`file-${incoming.file}`, { state: "failed", why });
    }
  }
}
