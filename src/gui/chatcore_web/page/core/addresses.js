// The addresses at which the servers of a chat are reached, as they tell them. Pure.

const MOST = 16;
const USUAL_PORT = 8765;

/**
 * The WebSockets of addresses that a page can use, in an order of chance: or all pages of one server would come to the
 * same other one. Those of a page that came encrypted are encrypted.
 * @param {unknown} addresses as a server tells them
 * @param {boolean} encrypted whether the page came so
 * @param {() => number} chance returns a number between 0 and 1
 */
export function addressesToUse(addresses, encrypted, chance) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const address of Array.isArray(addresses) ? addresses.slice(0, MOST) : []) {
    const url = webSocketOf(address, encrypted);
    if (url) found.add(url);
  }
  return [...found]
    .map((url) => ({ url, at: chance() }))
    .sort((one, other) => one.at - other.at)
    .map(({ url }) => url);
}

/**
 * @param {unknown} address
 * @param {boolean} encrypted
 */
function webSocketOf(address, encrypted) {
  const found = typeof address === "string" ? /^(chat|wss?):\/\/([^/?#@\s]+)((?:\/[^?#\s]*)?)$/i.exec(address) : null;
  if (!found) return null;
  const [, given, host, path] = found;
  const chosen = given.toLowerCase() === "chat";
  const scheme = chosen ? (encrypted ? "wss" : "ws") : given.toLowerCase();
  if (encrypted && scheme !== "wss") return null;
  const port = chosen && !/:\d+$/.test(host) ? `:${USUAL_PORT}` : "";
  try {
    return new URL(`${scheme}://${host}${port}${path}`).href;
  } catch {
    return null;
  }
}

/**
 * The folder of a server's page, by its WebSocket.
 * @param {string} url
 */
export function folderOf(url) {
  const found = new URL(url.replace(/^ws/, "http"));
  if (!found.pathname.endsWith("/")) found.pathname += "/";
  return found;
}
