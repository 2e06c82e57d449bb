// Where the server is, seen from the page, and over what it can be reached.

/** @typedef {import("./links.js").Handler} Handler */
/** @typedef {import("./links.js").Link} Link */
import { openWebSocket, openWebTransport } from "./links.js";

const WS_PATIENCE = 10_000; // milliseconds
const QUIC_PATIENCE = 1_500; // a network that drops UDP says nothing, and nobody likes to wait
const ABOUT_PATIENCE = 4_000;

/**
 * What the server says of itself, as far as the page needs it. `refused`: why it lets nobody of this page in.
 * @typedef {{quic: {url: string, hashes: string[]} | null,
 *   refused: "" | "origin" | "host" | "full" | "crowded", reached: boolean}} About
 */

/**
 * @typedef {"" | "none" | "insecure" | "browser" | "failed"} WhyNoQuic why it is a WebSocket: it is none, the server has
 *   nothing else, the page is not secure, the browser cannot, it did not work
 */

/** The page's folder: everything is below it, whatever a proxy has put before. */
export function folder() {
  return new URL(".", location.href);
}

/** Asks the server what it is. @returns {Promise<About>} */
export async function askAbout() {
  /** @type {About} */
  const about = { quic: null, refused: "", reached: false };
  try {
    const url = new URL(".well-known/chatcore", folder());
    url.searchParams.set("origin", location.origin);
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(ABOUT_PATIENCE) });
    about.reached = true;
    if (answer.status === 403) about.refused = "host";
    if (answer.status === 429) about.refused = "crowded";
    if (answer.status === 503) about.refused = "full";
    if (!answer.ok) return about;
    const told = await answer.json();
    if (told.page?.allowed === false) about.refused = "origin";
    for (const one of told.transports ?? []) {
      if (one.transport !== "quic" || one.dialect !== "chat") continue;
      const url = `https://${location.hostname}:${one.port}${one.path}`;
      const hashes = (one.certificate_hashes ?? []).map((/** @type {{value: string}} */ each) => each.value);
      about.quic = { url, hashes };
    }
  } catch {
    // nobody is there, or none of ours
  }
  return about;
}

export class Places {
  constructor() {
    this.quicFailed = false;
    /** @type {About | null} */
    this.about = null;
    /** @type {WhyNoQuic} */
    this.why = "";
  }

  /**
   * Connects: by WebTransport where browser and server have it, by WebSocket otherwise.
   * @param {Handler} handler
   * @returns {Promise<Link>}
   */
  async connect(handler) {
    this.about = await askAbout();
    this.why = this.whyNoQuic(this.about);
    if (!this.why && this.about.quic) {
      const { url, hashes } = this.about.quic;
      const end = performance.now() + QUIC_PATIENCE;
      // A certificate of an authority is good for longer than browsers allow for one that is named by its hash.
      for (const known of location.protocol === "https:" ? [[], hashes] : [hashes]) {
        try {
          return await openWebTransport(url, known, handler, Math.max(0, end - performance.now()));
        } catch {
          // the next one, or a WebSocket
        }
      }
      this.quicFailed = true; // and is not tried again: every try costs its patience
      this.why = "failed";
    }
    const url = folder();
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return openWebSocket(url.href, handler, WS_PATIENCE);
  }

  /**
   * @param {About} about
   * @returns {WhyNoQuic}
   */
  whyNoQuic(about) {
    if (about.quic === null) return "none";
    if (!isSecureContext) return "insecure";
    if (typeof WebTransport === "undefined") return "browser";
    return this.quicFailed ? "failed" : "";
  }
}
