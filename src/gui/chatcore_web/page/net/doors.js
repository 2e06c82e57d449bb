// Windows by which the page connects to servers of its chat that it did not know when it was loaded: a browser holds a
// page to the policy that came with it, and a frame of the same server to the one that came with that, later.

/** @typedef {Window & typeof globalThis} Scope a window to connect by */

const PATIENCE = 10_000; // milliseconds

export class Doors {
  constructor() {
    /** Those that came; the latest comes last. @type {HTMLIFrameElement[]} */
    this.frames = [];
    /** The addresses of which the latest knows, or the one that is on its way. */
    this.known = "";
  }

  /** What to connect to other servers by. @returns {Scope} */
  get scope() {
    return /** @type {Scope | null} */ (this.frames.at(-1)?.contentWindow ?? null) ?? window;
  }

  /**
   * Keeps what the present connection was made by, without which it would end, and the latest.
   * @param {Scope} scope
   */
  use(scope) {
    const kept = this.frames.filter((frame, index) => frame.contentWindow === scope || index === this.frames.length - 1);
    for (const frame of this.frames) if (!kept.includes(frame)) frame.remove();
    this.frames = kept;
  }

  /**
   * Gets one that knows of addresses. Where the page's own server is gone, those that are there have to do until it is
   * asked again.
   * @param {string[]} urls
   * @param {URL} folder of the page
   */
  renew(urls, folder) {
    const known = [...urls].sort().join(" ");
    if (known === this.known) return;
    this.known = known;
    const frame = document.createElement("iframe");
    const end = () => {
      clearTimeout(timer);
      frame.onload = null;
      if (isOurs(frame)) return this.frames.push(frame);
      frame.remove();
      if (this.known === known) this.known = "";
    };
    const timer = setTimeout(end, PATIENCE);
    frame.onload = end;
    frame.hidden = true;
    frame.src = new URL("door.html", folder).href;
    document.body.append(frame);
  }
}

/**
 * Tells whether what was asked for has come: what a browser shows instead is nobody's to look into.
 * @param {HTMLIFrameElement} frame
 */
function isOurs(frame) {
  try {
    return frame.contentWindow?.location.pathname.endsWith("/door.html") ?? false;
  } catch {
    return false;
  }
}
