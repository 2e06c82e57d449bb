// What is done to a room, or to a user of it, as typed: chatcore.text.slash says how. Pure.

/** @typedef {Record<string, any>} Frame */

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The commands that these are. */
export const MODERATION = new Set([
  "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop", "private", "invite", "slow", "close",
]);

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
    case "slow":
      return /^[0-9]{1,6}$/.test(rest) ? { type: "set_slow", seconds: Number(rest) } : null;
    case "bans":
      return rest ? null : { type: "list_bans" };
  }
  const [username, more] = split(rest);
  if (!username) return null;
  switch (name) {
    case "kick":
      return { type: "kick", username, reason: more };
    case "mute": {
      const time = timeIn(more);
      return time.seconds === 0 ? null : { type: "mute", username, ...time };
    }
    case "ban": {
      const [word, behind] = split(more);
      const address = word === "+address";
      const time = timeIn(address ? behind : more);
      return time.seconds === 0 ? null : { type: "ban", username, address, ...time };
    }
    case "op":
      return more === "" || more === "owner" ? { type: "set_role", username, role: more || "moderator" } : null;
  }
  if (more) return null;
  return name === "deop" ? { type: "set_role", username, role: "member" } : { type: name, username };
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
 * A time at the beginning of a text, in seconds, and the reason behind it.
 * @param {string} text
 * @returns {Frame}
 */
function timeIn(text) {
  const [word, more] = split(text);
  const found = /^([0-9]{1,6})([smhd])$/.exec(word);
  if (!found) return { reason: text };
  return { seconds: Number(found[1]) * UNITS[/** @type {keyof typeof UNITS} */ (found[2])], reason: more };
}
