// What is done in rooms that somebody looks after, in sentences: those of chatcore.text.telling.room_sentences.
import { safeLine, safeName } from "../core/safe_text.js";
import { LIBRARY } from "./library.js";
import { library, sentence, timeText } from "./words.js";

/** @typedef {Record<string, any>} Frame */

/**
 * What was done; empty for what a newer server does.
 * @param {Frame} frame
 */
export function moderatedText(frame) {
  const { acts } = LIBRARY.moderation;
  // Keyed as Python writes them: True, False.
  const value = typeof frame.value === "boolean" ? (frame.value ? "True" : "False") : String(frame.value ?? "");
  const form = [`${frame.act}.${value}`, frame.act].filter((key) => Object.hasOwn(acts, key)).map((key) => acts[key])[0];
  if (!form) return "";
  const names = { by: safeName(frame.by ?? ""), target: safeName(frame.target ?? ""), room: safeName(frame.room) };
  return withReason(library(form, { ...names, value: safeLine(String(frame.value ?? "")) }), frame);
}

/**
 * Who is banned or muted, one a line.
 * @param {Frame[]} bans
 */
export function bansText(bans) {
  const { lines } = LIBRARY.moderation;
  if (!bans.length) return sentence(lines.nobody);
  const said = bans.map((ban) => {
    const form = ban.act === "mute" ? lines.mute : lines.ban;
    return withReason(library(form, { target: safeName(ban.username), by: safeName(ban.by ?? "") }), ban);
  });
  return said.join("\n");
}

/**
 * What a user may do in the room, if that is worth a word.
 * @param {string | undefined} role
 */
export function roleText(role) {
  const { here } = LIBRARY.moderation;
  return role && Object.hasOwn(here, role) ? sentence(here[role]) : "";
}

/**
 * @param {string} what
 * @param {Frame} frame
 */
function withReason(what, { until, reason }) {
  const { lines } = LIBRARY.moderation;
  const said = until ? library(lines.until, { what, until: timeText("moment", Date.parse(until) || 0) }) : what;
  return reason ? sentence(lines.why, { what: said, why: safeLine(reason) }) : sentence("{said}", { said });
}
