// What is done to a room, or to a user of it, as typed: chatcore.text.slash says how. Pure.

/** @typedef {Record<string, any>} Frame */

// As chatcore.text.slash.spans has them.
const UNITS = {
  1: "s sec secs second seconds seconde secondes",
  60: "m min mins minute minutes",
  3600: "h hr hrs hour hours heure heures",
  86_400: "d day days j jour jours",
  604_800: "w week weeks semaine semaines",
};
const SECONDS = new Map(Object.entries(UNITS).flatMap(([seconds, names]) => names.split(" ").map((name) => [name, Number(seconds)])));

/** The commands that these are. */
export const MODERATION = new Set([
  "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop", "private", "invite", "slow", "close",
]);

/** The requests that are about a room; without one they count in that where the user is by then. */
const IN_ROOMS = new Set([
  "set_topic", "kick", "ban", "unban", "list_bans", "mute", "unmute", "set_role", "set_private", "invite", "set_slow", "close_room",
]);

/**
 * The same request, about one room and no other.
 * @param {Frame} frame
 * @param {string} room
 * @returns {Frame}
 */
export function inRoom(frame, room) {
  return room && IN_ROOMS.has(frame.type) ? { ...frame, room } : frame;
}

/**
 * The request; null when something is missing or too much.
 * @param {string} name of the command
 * @param {string} rest what stands behind it
 * @returns {Frame | null}
 */
export function moderation(name, rest) {
  switch (name) {
    case "topic":
      return rest ? { type: "set_topic", topic: rest === "-" ? "" : rest } : null;
    case "close":
      return { type: "close_room", reason: rest };
    case "private":
      return rest === "" || rest === "off" ? { type: "set_private", private: !rest } : null;
    case "slow": {
      const time = timeIn(/^[0-9]{1,6}$/.test(rest) ? `${rest}s` : rest);
      return time.seconds === undefined || time.reason ? null : { type: "set_slow", seconds: time.seconds };
    }
    case "bans":
      return rest ? null : { type: "list_bans" };
  }
  const [username, more] = split(rest);
  if (!username || username === "+address") return null; // whose address is missing, and nobody is called so
  switch (name) {
    case "kick":
      return { type: "kick", username, reason: more };
    case "mute": {
      const time = timeIn(more);
      return time.seconds === 0 ? null : { type: "mute", username, ...time };
    }
    case "ban": {
      const before = withAddress(more);
      const time = timeIn(before.rest);
      const behind = before.address || time.seconds === undefined ? { address: false, rest: time.reason } : withAddress(time.reason);
      const address = before.address || behind.address;
      return time.seconds === 0 ? null : { type: "ban", username, address, ...time, reason: behind.rest };
    }
    case "op":
      return more === "" || more === "owner" ? { type: "set_role", username, role: more || "moderator" } : null;
  }
  if (more) return null;
  return name === "deop" ? { type: "set_role", username, role: "member" } : { type: name, username };
}

/**
 * Whether a ban is of the address too, by the word that stands first; and what is behind that.
 * @param {string} text
 * @returns {{ address: boolean, rest: string }}
 */
function withAddress(text) {
  const [word, rest] = split(text);
  return word === "+address" ? { address: true, rest } : { address: false, rest: text };
}

/**
 * @param {string} text
 * @returns {[string, string]} the first word, and what is behind it
 */
function split(text) {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1).trim()];
}

/**
 * A time at the beginning of a text, in seconds, and the reason behind it; 0 for a number that is no time.
 * @param {string} text
 * @returns {Frame}
 */
function timeIn(text) {
  let seconds;
  let rest = text.replace(/^(for|pendant)\s+(?=\p{Nd})/iu, "");
  for (;;) {
    const found = /^([0-9]{1,6})\s*([A-Za-z]+)(?=[\s0-9]|$)\s*/.exec(rest);
    const unit = found && SECONDS.get(found[2].toLowerCase());
    if (!found || !unit) break;
    seconds = (seconds ?? 0) + Number(found[1]) * unit;
    rest = rest.slice(found[0].length);
  }
  if (/^\p{Nd}/u.test(rest)) return { seconds: 0, reason: text };
  return seconds === undefined ? { reason: rest } : { seconds, reason: rest };
}
