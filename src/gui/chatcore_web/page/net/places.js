// Where the servers of this chat are, seen from the page, and over what each can be reached.

/** @typedef {import("./links.js").Handler} Handler */
/** @typedef {import("./links.js").Link} Link */
import { addressesToUse, folderOf } from "../core/addresses.js";
import { Doors } from "./doors.js";
import { openWebSocket, openWebTransport } from "./links.js";

const WS_PATIENCE = 10_000; // milliseconds
const QUIC_PATIENCE = 1_500; // a network that drops UDP says nothing, and nobody likes to wait
const ABOUT_PATIENCE = 4_000;
const EARLY = 30_000; // for how long an answer is good that came before it was needed
/** What servers say of why they let nobody in. */
const REASONS = /** @type {const} */ (["unknown_host", "forbidden", "server_full", "shutting_down", "too_many_connections"]);
const TURNS_AWAY = [401, 403, 429]; // statuses of an answer
const FINGERPRINT = /^[0-9a-f]{64}$/i;

/**
 * @typedef {"" | "origin" | "unknown_host" | "forbidden" | "server_full" | "shutting_down" | "too_many_connections" | "unsaid"} Refused
 *   why a server lets nobody of this page in; "unsaid": somebody turns the page away, and it may be a proxy
 */
/**
 * What a server says of itself, as far as the page needs it. `status`: that of its answer.
 * `serves`: it would let this page in; `shut`: and all the same no WebSocket to it opens.
 * @typedef {{quic: {url: string, hashes: string[]} | null, addresses: string[], refused: Refused, status: number, reached: boolean,
 *   serves: boolean, shut: boolean}} About
 */

/**
 * @typedef {"" | "none" | "insecure" | "browser" | "failed"} WhyNoQuic why it is a WebSocket: it is none, the server has
 *   nothing else, the page is not secure, the browser cannot, it did not work
 */

/** The page's folder: everything is below it, whatever a proxy has put before. */
export function folder() {
  return new URL(".", location.href);
}

/** A server, as this page reaches it. */
class Place {
  /**
   * @param {string} url of its WebSocket
   * @param {() => import("./doors.js").Scope} scope returns the window to connect by
   */
  constructor(url, scope) {
    this.url = url;
    this.scope = scope;
    /** The one that it was connected by last. */
    this.used = window;
    this.quicFailed = false;
    /** @type {About | null} */
    this.about = null;
    /** @type {WhyNoQuic} */
    this.why = "";
    this.askedAt = -Infinity;
    /** An answer that nobody has used yet. @type {Promise<About> | null} */
    this.early = null;
  }

  /** Asks the server what it is, before that is needed. */
  ask() {
    this.askedAt = performance.now();
    this.early = askAbout(this.scope(), folderOf(this.url));
  }

  /**
   * Connects: by WebTransport where browser and server have it, by WebSocket otherwise.
   * @param {Handler} handler
   * @param {(about: About) => void} told
   * @returns {Promise<Link>}
   */
  async connect(handler, told) {
    const began = performance.now();
    const scope = (this.used = this.scope());
    if (!this.early || began - this.askedAt > EARLY) this.ask();
    const asked = /** @type {Promise<About>} */ (this.early).then((about) => {
      this.about = about;
      this.why = this.whyNoQuic(about);
      told(about);
      return about;
    });
    this.early = null;
    const quic = isSecureContext && typeof WebTransport !== "undefined" ? (await asked).quic : null;
    if (quic && !this.why) {
      const end = performance.now() + QUIC_PATIENCE;
      // A certificate of an authority is good for longer than browsers allow for one that is named by its hash.
      for (const known of location.protocol === "https:" ? [[], quic.hashes] : [quic.hashes]) {
        try {
          return await openWebTransport(scope, quic.url, known, handler, Math.max(0, end - performance.now()));
        } catch {
          // the next one, or a WebSocket
        }
      }
      this.quicFailed = true; // and is not tried again: every try costs its patience
      this.why = "failed";
    }
    try {
      return await openWebSocket(scope, this.url, handler, began + WS_PATIENCE - performance.now());
    } catch (error) {
      const about = await asked; // it may say why
      if (about.serves) {
        const again = await askAbout(scope, folderOf(this.url)); // it may have gone since it was asked
        about.shut = again.serves;
        told(again);
      }
      throw error;
    }
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

/**
 * Asks a server what it is.
 * @param {import("./doors.js").Scope} scope
 * @param {URL} base of its page
 * @returns {Promise<About>}
 */
async function askAbout(scope, base) {
  /** @type {About} */
  const about = { quic: null, addresses: [], refused: "", status: 0, reached: false, serves: false, shut: false };
  try {
    const url = new URL(".well-known/chatcore", base);
    url.searchParams.set("origin", location.origin);
    const answer = await scope.fetch(url, { cache: "no-store", signal: AbortSignal.timeout(ABOUT_PATIENCE) });
    about.reached = true;
    about.status = answer.status;
    if (!answer.ok) {
      const said = REASONS.find((one) => one === answer.headers.get("Chatcore-Refusal"));
      about.refused = said ?? (TURNS_AWAY.includes(answer.status) ? "unsaid" : "");
      return about;
    }
    const told = await answer.json();
    if (told.page?.allowed === false) about.refused = "origin";
    about.serves = told.page?.allowed === true;
    about.addresses = told.server?.addresses ?? [];
    for (const one of told.transports ?? []) {
      if (one.transport !== "quic" || one.dialect !== "chat") continue;
      const url = `https://${base.hostname}:${one.port}${one.path}`;
      const hashes = (one.certificate_hashes ?? []).map((/** @type {{value: string}} */ each) => each.value);
      about.quic = { url, hashes };
    }
  } catch {
    // nobody is there, or none of ours
  }
  return about;
}

/**
 * The server that the page came from, and others of the same chat, once one has said where they are. Who has lost a
 * connection tries the others first: the server that it had may be dead without anybody saying so.
 */
export class Places {
  constructor() {
    const url = folder();
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.doors = new Doors();
    this.own = new Place(url.href, () => window);
    /** The one that was connected last comes last. @type {Place[]} */
    this.all = [this.own];
    /** The one that is connected, or was. */
    this.present = this.own;
    /** What was said by the server that refuses, or was reached, at the last try. @type {About | null} */
    this.about = null;
  }

  /** Why the connection is a WebSocket. */
  get why() {
    return this.present.why;
  }

  /**
   * The pages of the other servers that gave no answer when they were asked last. Of an encrypted one, a browser does not
   * say whether it is gone, or has a certificate that nobody vouches for and its user has not accepted.
   */
  get strangers() {
    const silent = this.all.filter((place) => place !== this.own && place.about?.reached === false);
    return silent.map((place) => folderOf(place.url)).filter((page) => page.protocol === "https:");
  }

  /**
   * The address at which others find the page in a room: where several servers are one chat, that of one that is there.
   * It says by which key the server is known where that by which this page was opened says so.
   * @param {string} room
   */
  link(room) {
    const { elsewhere, present } = this;
    const page = elsewhere ? folderOf(present.url).href : `${location.origin}${location.pathname}`;
    const key = new URLSearchParams(location.hash.slice(1)).get("key") ?? "";
    const known = !elsewhere && FINGERPRINT.test(key);
    return `${page}#${new URLSearchParams({ room, ...(known && { key }) })}`;
  }

  /** True when the connection is one to another server than the page's own. */
  get elsewhere() {
    return this.present !== this.own;
  }

  /**
   * Connects to the first that can be reached.
   * @param {Handler} handler
   * @param {() => boolean} wanted tells whether there still is need of a connection
   * @returns {Promise<Link>}
   */
  async connect(handler, wanted) {
    this.about = null;
    for (const place of [...this.all]) {
      if (!wanted()) break;
      try {
        const link = await place.connect(handler, (about) => this.told(about));
        this.present = place;
        this.doors.use(place.used);
        this.all = [...this.all.filter((each) => each !== place), place];
        return link;
      } catch {
        // the next one
      }
    }
    throw new Error("no server was reached");
  }

  /** @param {About} about */
  told(about) {
    const known = this.about;
    if (!known || (about.refused && !known.refused) || (about.reached && !known.reached)) this.about = about;
    if (about.addresses.length) this.learn(about.addresses);
  }

  /**
   * Takes where the servers of the chat are, as one of them tells it.
   * @param {unknown} addresses
   */
  learn(addresses) {
    const urls = addressesToUse(addresses, location.protocol === "https:", Math.random);
    const known = new Map([...this.all, this.own].map((place) => [place.url, place]));
    const places = urls.map((url) => known.get(url) ?? new Place(url, () => this.doors.scope));
    const others = places.filter((place) => place !== this.present);
    if (places.some((place) => place !== this.own)) this.doors.renew(urls, folder());
    const own = others.includes(this.own) || this.present === this.own ? [] : [this.own];
    this.all = [...others, ...own, this.present];
  }
}
