// What outlives a page: who one is, what waits to be sent, what one likes.
//
// A session belongs to one tab. It is kept in localStorage, so that a crashed browser finds it, and the tab keeps in its
// sessionStorage which one is its own. A tab that has none takes one that nobody holds, if it is fresh; a copied tab
// (browsers copy sessionStorage) finds that the other tab answers for it, and begins as nobody.

/** @typedef {import("../core/session.js").Saved & {unsaid?: import("./unsaid.js").Kept}} Saved */
/** @typedef {{saved: Saved, holder: string, at: number, grace: number}} Kept */
/**
 * What one likes. `language` and `theme` are empty while they are those of the system.
 * @typedef {{name: string, room: string, language: "" | "en" | "fr", theme: "" | "light" | "dark", notify: boolean}} Likes
 */

const CHANNEL = "chatcore";
// Milliseconds. A tab that is busy, or on a busy machine, answers late; only behind a crash nobody does.
const ANSWER_TIME = 1000;
const OLD = 7 * 24 * 3600_000;
const GRACE = 60;
const SESSION = "session/";
/** @type {Likes} */
const LIKES = { name: "", room: "", language: "", theme: "", notify: false };

export class Keeping {
  /** @param {string} place the page's folder: several servers may share an origin */
  constructor(place) {
    this.prefix = `chatcore ${place} `;
    this.tab = randomText();
    /** The key of the session that is held. */
    this.held = "";
    /** True once something could not be written down: the next page will not know it. */
    this.forgetful = false;
    /** What was chosen and could not be written down, by its key: this page goes by it all the same. @type {Map<string, unknown>} */
    this.unwritten = new Map();
    this.channel = openChannel(CHANNEL + this.prefix);
    if (this.channel) {
      this.channel.onmessage = ({ data }) => {
        if (data?.ask && data.ask === this.held) this.channel?.postMessage({ held: this.held, by: this.tab });
      };
    }
  }

  /**
   * Takes the session that this tab had, or a fresh one that nobody holds.
   * @returns {Promise<Saved | null>}
   */
  async take() {
    const own = read("session", this.prefix);
    const keys = typeof own === "string" ? [own] : this.free();
    const claim = read("session", `${this.prefix}claim`);
    if (typeof own === "string" && !this.kept(own)) remove("session", `${this.prefix}own password`); // left in another tab
    for (const key of keys) {
      const kept = this.kept(key);
      if (kept && (!kept.holder || kept.holder === claim || !(await this.isHeld(key)))) {
        this.hold(key);
        this.write("local", this.prefix + key, { ...kept, holder: this.tab });
        return kept.saved;
      }
    }
    return null;
  }

  /** Begins a session of its own. */
  begin() {
    this.sweep();
    this.hold(SESSION + randomText());
  }

  /** Tells whether no other tab has taken the session over. */
  holds() {
    const kept = this.held && this.kept(this.held);
    return this.held !== "" && (!kept || !kept.holder || kept.holder === this.tab);
  }

  /**
   * Writes down what another page needs. Returns false when none is held, or another tab has taken it over.
   * @param {Saved} saved
   * @param {number} grace for how many seconds the server keeps name and room
   */
  keep(saved, grace) {
    if (!this.held) return false;
    if (!this.holds()) {
      this.held = "";
      return false;
    }
    this.write("local", this.prefix + this.held, { saved, holder: this.tab, at: Date.now(), grace: grace || GRACE });
    return true;
  }

  /** Forgets the session: it was left. */
  forget() {
    if (this.held) remove("local", this.prefix + this.held);
    remove("session", this.prefix);
    remove("session", `${this.prefix}own password`);
    this.unwritten.delete("own password");
    this.held = "";
  }

  /** Lets the next page have the session without asking; should this one come back, it knows less, and writes nothing down. */
  letGo() {
    const kept = this.held && this.kept(this.held);
    if (kept && kept.holder === this.tab) this.write("local", this.prefix + this.held, { ...kept, holder: "" });
    this.held = "";
  }

  /** The server's password, as long as this tab is open. */
  get password() {
    return String(this.chosen("session", "password") ?? "");
  }

  set password(password) {
    this.choose("session", "password", password);
  }

  /** That of one's own name, just as long. */
  get ownPassword() {
    return String(this.chosen("session", "own password") ?? "");
  }

  set ownPassword(password) {
    this.choose("session", "own password", password);
  }

  /**
   * Takes the session back from another page, for the next one on this tab: the other one writes nothing down any more,
   * and neither does this one, which knows less.
   * @param {(unsaid: Saved["unsaid"]) => Saved["unsaid"]} added what the next page has of what is unsaid there
   */
  takeBack(added) {
    const key = read("session", this.prefix);
    const kept = typeof key === "string" ? this.kept(key) : null;
    this.held = "";
    if (!kept) return;
    const claim = randomText();
    this.write("session", `${this.prefix}claim`, claim);
    this.write("local", this.prefix + key, { ...kept, saved: { ...kept.saved, unsaid: added(kept.saved.unsaid) }, holder: claim });
  }

  /** @returns {Likes} */
  likes() {
    return { ...LIKES, .../** @type {Partial<Likes>} */ (this.chosen("local", "likes") ?? {}) };
  }

  /** @param {Partial<Likes>} news */
  like(news) {
    this.choose("local", "likes", { ...this.likes(), ...news });
  }

  /**
   * What was chosen.
   * @param {"session" | "local"} kind
   * @param {string} key
   */
  chosen(kind, key) {
    return this.unwritten.get(key) ?? read(kind, this.prefix + key);
  }

  /**
   * @param {"session" | "local"} kind
   * @param {string} key
   * @param {unknown} value
   */
  choose(kind, key, value) {
    if (this.write(kind, this.prefix + key, value)) this.unwritten.delete(key);
    else this.unwritten.set(key, value);
  }

  /**
   * Returns whether it could be written down.
   * @param {"session" | "local"} kind
   * @param {string} key
   * @param {unknown} value
   */
  write(kind, key, value) {
    try {
      storageOf(kind).setItem(key, JSON.stringify(value));
      return true;
    } catch {
      this.forgetful = true;
      return false;
    }
  }

  /** @param {string} key */
  hold(key) {
    this.held = key;
    this.write("session", this.prefix, key);
  }

  /**
   * @param {string} key
   * @returns {Kept | null}
   */
  kept(key) {
    const kept = /** @type {Kept | null} */ (read("local", this.prefix + key));
    return kept && typeof kept.saved?.client === "string" ? kept : null;
  }

  /** The sessions that may still live at the server, or have something to send; the latest first. */
  free() {
    const now = Date.now();
    return this.all()
      .filter(([, kept]) => now - kept.at < kept.grace * 1000)
      .sort(([, one], [, other]) => other.at - one.at)
      .map(([key]) => key);
  }

  /** @returns {[string, Kept][]} */
  all() {
    /** @type {[string, Kept][]} */
    const found = [];
    for (const name of keysOf("local")) {
      const key = name.startsWith(this.prefix + SESSION) ? name.slice(this.prefix.length) : "";
      const kept = key && this.kept(key);
      if (kept) found.push([key, kept]);
    }
    return found;
  }

  /** Forgets sessions of tabs that never came back. */
  sweep() {
    for (const [key, kept] of this.all()) if (Date.now() - kept.at > OLD) remove("local", this.prefix + key);
  }

  /**
   * Asks the other tabs whether one of them has a session.
   * @param {string} key
   * @returns {Promise<boolean>}
   */
  isHeld(key) {
    return new Promise((resolve) => {
      if (!this.channel) return resolve(false);
      const channel = new BroadcastChannel(this.channel.name);
      const timer = setTimeout(() => done(false), ANSWER_TIME);
      /** @param {boolean} held */
      const done = (held) => {
        clearTimeout(timer);
        channel.close();
        resolve(held);
      };
      channel.onmessage = ({ data }) => data?.held === key && data.by !== this.tab && done(true);
      channel.postMessage({ ask: key });
    });
  }
}

/** A text that nobody guesses. */
export function randomText() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Storage may be switched off, full, or hold what somebody else has written: the chat goes on without it.

/**
 * Opens a channel to the other tabs; null where there is none: browsers that keep nothing for a page may refuse this too.
 * @param {string} name
 */
function openChannel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}

/** @param {"session" | "local"} kind */
function storageOf(kind) {
  return kind === "session" ? sessionStorage : localStorage;
}

/**
 * @param {"session" | "local"} kind
 * @param {string} key
 * @returns {unknown}
 */
function read(kind, key) {
  try {
    return JSON.parse(storageOf(kind).getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {"session" | "local"} kind
 * @param {string} key
 */
function remove(kind, key) {
  try {
    storageOf(kind).removeItem(key);
  } catch {
    // there is nothing to forget
  }
}

/** @param {"session" | "local"} kind */
function keysOf(kind) {
  try {
    return Object.keys(storageOf(kind));
  } catch {
    return [];
  }
}
