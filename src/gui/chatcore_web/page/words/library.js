// What the page needs of the library. The server puts the real table in this place (chatcore_web.library_words); what
// stands here is its form, for the type checker and for node.

/**
 * @typedef {{
 *   slashes: {name: string, usage: string, about: string, completes: "users" | "rooms" | "nothing"}[],
 *   typed: {anything_else: string, usage: string, close: string, unknown: string},
 *   moderation: Record<"acts" | "lines" | "here" | "there", Record<string, string>>,
 *   refusals: Record<string, string[]>,
 *   languages: Record<string, Record<string, string>>,
 * }} Library
 */

/** @type {Library} */
export const LIBRARY = {
  slashes: [],
  typed: { anything_else: "", usage: "", close: "", unknown: "" },
  moderation: { acts: {}, lines: {}, here: {}, there: {} },
  refusals: {},
  languages: {},
};
