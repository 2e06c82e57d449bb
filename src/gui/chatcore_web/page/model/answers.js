// Answers to what was asked, in words.
import { safeLine, safeName } from "../core/safe_text.js";
import { bansText } from "../words/moderation.js";
import { refusalText } from "../words/refusals.js";
import { LIBRARY } from "../words/library.js";
import { clockText, library, sentence, t, tn } from "../words/words.js";

/** @typedef {Record<string, any>} Frame */

const LINES_SHOWN = 200;
const TRANSPORTS = new Map([["quic", "QUIC"], ["ws", "WebSocket"], ["wss", "WebSocket (TLS)"], ["tcp", "TCP"]]); // what people call them

/** The list of commands, one a line. */
export function helpText() {
  const lines = LIBRARY.slashes.map((one) => t("{what}: {more}", { what: library(one.usage), more: library(one.about) }));
  return [...lines, sentence(LIBRARY.typed.anything_else)].join("\n");
}

/**
 * An answer in words; empty for one that shows itself otherwise.
 * @param {Frame} answer
 */
export function answerText(answer) {
  switch (answer.type) {
    case "error":
      return refusalText(answer);
    case "rooms":
      return listed(
        tn("{count} room:", "{count} rooms:", answer.rooms.length),
        answer.rooms.map((/** @type {Frame} */ room) => t("{what}: {more}", { what: safeName(room.name), more: tn("{count} person", "{count} people", room.users) })),
      );
    case "users":
      return listed(
        tn("{count} person:", "{count} people:", answer.users.length),
        answer.users.map((/** @type {Frame} */ user) =>
          t("{name} in {room}", { name: safeName(user.name), room: safeName(user.room) }),
        ),
      );
    case "bans":
      return bansText(answer.bans);
    case "user":
      return described(answer);
  }
  return "";
}

/**
 * @param {string} head
 * @param {string[]} lines
 */
function listed(head, lines) {
  const rest = lines.length - LINES_SHOWN;
  const shown = lines.slice(0, LINES_SHOWN);
  if (rest > 0) shown.push(tn("and {count} more", "and {count} more", rest));
  return [head, ...shown].join("\n");
}

/** @param {Frame} user */
function described(user) {
  const name = safeName(user.username);
  const since = clockText(Date.parse(user.since) || 0);
  const transport = TRANSPORTS.get(user.transport) ?? safeLine(user.transport);
  const values = { name, since, room: safeName(user.room), transport, dialect: safeLine(user.dialect) };
  const minutes = Math.floor((Number(user.idle) || 0) / 60);
  const lines = [];
  if (user.connected === false) lines.push(t("{name} lost the connection and may come back.", { name }));
  else if (user.dialect === "chat") lines.push(t("{name} is in {room}, since {since} ({transport}).", values));
  else lines.push(t("{name} is in {room}, since {since} ({transport}, {dialect}).", values));
  if (minutes) lines.push(tn("Last active {count} minute ago.", "Last active {count} minutes ago.", minutes));
  else if (user.connected !== false) lines.push(t("Active just now."));
  if (user.address) lines.push(t("Connected from {address}.", { address: safeLine(user.address) }));
  return lines.join("\n");
}
