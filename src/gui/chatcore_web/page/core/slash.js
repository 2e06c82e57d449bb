// What a person types: a message to the room, or a command that begins with a slash, as chatcore.text.slash has it. The
// table of commands comes from there. Pure.
import { MODERATION, moderation } from "./moderation.js";
import { nameKey } from "./names.js";
import { LEAVES } from "./outbox.js";
import { fromFirstVisible, SLASH_CHARS } from "./safe_text.js";
import { parseSearch } from "./search.js";
import { LIBRARY } from "../words/library.js";

/** @typedef {Record<string, any>} Frame */
/**
 * What a line asks for: a send, a request, something that the page does itself, nothing, or a command that is not
 * understood (with the sentence that says so, and its values).
 * @typedef {{kind: "send" | "request", frame: Frame} | {kind: "nothing"} | {kind: "help"} | {kind: "link"} | {kind: "quit"}
 *   | {kind: "change", sender: string, text: string | null} | {kind: "history", limit: number} | {kind: "send_file", to: string[], room: boolean}
 *   | {kind: "search", line: string} | {kind: "reply", sender: string, text: string} | {kind: "react" | "unreact", sender: string, emoji: string}
 *   | {kind: "password", what: "register" | "identify", account: string, password: string}
 *   | {kind: "answer_file", answer: "accept" | "decline" | "cancel", file: string | null}
 *   | {kind: "wrong", sentence: string, values: Record<string, string>}} Typed
 */

const HISTORY_LINES = 20;
const SECRETS = ["register", "identify"];
const ALIKE = 4; // letters that are others, from where on a word is not one of these, mistyped
const NEAR = 2; // the same where it stands in a message
const ANSWERS = new Set(["accept", "decline", "cancel"]);
const OF_SEVERAL_LINES = new Set(["msg", "msgall", "edit", "reply"]); // the others end with their line
// What takes more than a request, or leads on from its answer: a command below would overtake it.
const ANSWERED_FIRST = new Set(["change", "reply", "react", "unreact", "search", "send_file", "answer_file"]);

/**
 * @param {string} line
 * @returns {Typed}
 */
export function parseLine(line) {
  if (!line.trim()) return { kind: "nothing" };
  if (line.startsWith("//")) return { kind: "send", frame: { type: "send_message", text: line.slice(1) } };
  // Who types a space first, or the slash of another keyboard, means the command: what it says may be for one person only.
  const typed = fromFirstVisible(line);
  if (!typed || !SLASH_CHARS.includes(typed[0]) || typed.startsWith("//")) {
    return { kind: "send", frame: { type: "send_message", text: line } };
  }
  const body = typed.slice(1).trimStart();
  const [word, rest] = firstWord(body);
  const name = word.toLowerCase();
  const slash = LIBRARY.slashes.find((one) => one.name === name);
  if (!slash) {
    const close = closest(name);
    const sentence = close === null ? LIBRARY.typed.unknown : LIBRARY.typed.close;
    return { kind: "wrong", sentence, values: { name, close: close ?? "" } };
  }
  const isWhole = OF_SEVERAL_LINES.has(name) || !body.trim().includes("\n"); // of the others, a line below is no part
  return (isWhole && command(name, rest)) || { kind: "wrong", sentence: LIBRARY.typed.usage, values: { usage: slash.usage } };
}

/**
 * Returns the commands that a text begins with, one a line, and what stands below them.
 *
 * A text that begins with none is to be taken whole: a message, or a command whose text has several lines. A message below
 * commands is not said yet, nor is anything done below one that leaves, asks for something, or has to be answered:
 * the user looks at that first.
 * @param {string} text
 * @returns {{commands: string[], rest: string}}
 */
export function oneByOne(text) {
  /** @type {string[]} */
  const commands = [];
  const last = text.trimEnd().length;
  let begin = 0;
  for (let end = -1; end < last; ) {
    begin = end + 1;
    end = text.indexOf("\n", begin);
    if (end < 0 || end > last) end = last;
    const line = text.slice(begin, end);
    const typed = parseLine(line);
    if (line.trim() && (isText(typed) || (end < last && takesLines(typed)))) break;
    if (line.trim()) commands.push(line);
    begin = end + 1;
    if (stops(typed)) break;
  }
  return commands.length ? { commands, rest: begin < last ? text.slice(begin) : "" } : { commands, rest: text };
}

/**
 * Tells whether a line is a message, or is not understood.
 * @param {Typed} typed
 */
function isText(typed) {
  return typed.kind === "wrong" || (typed.kind === "send" && typed.frame.type === "send_message");
}

/**
 * Tells whether what stands below a command may be a part of what it says.
 * @param {Typed} typed
 */
function takesLines(typed) {
  return typed.kind === "send" || typed.kind === "reply" || (typed.kind === "change" && typed.text !== null);
}

/**
 * Tells whether nothing is to be done below a command yet.
 * @param {Typed} typed
 */
function stops(typed) {
  if (typed.kind === "request") return LEAVES.has(typed.frame.type);
  return typed.kind === "quit" || ANSWERED_FIRST.has(typed.kind) || (typed.kind === "password" && !typed.password);
}

/**
 * The word that a text begins with, and what is behind it, be it on the next line.
 * @param {string} text
 */
function firstWord(text) {
  const space = text.search(/[ \n]/);
  return space < 0 ? [text.trim(), ""] : [text.slice(0, space).trim(), text.slice(space + 1).trim()];
}

/**
 * What may be kept of what was typed: without the lines in which a password may stand. It may as well where the command is
 * mistyped, or cut short, or where nothing is between the two; below a message, of which it is a part, only what is near to
 * such a command is taken for one. In the line below a command the password may stand where it is not behind that; a single
 * word behind `/identify` may be a name.
 * @param {string} text
 */
export function withoutSecrets(text) {
  let isSaid = false;
  let mostBelow = 0;
  const kept = text.split("\n").filter((line) => {
    const words = isCommand(line) ? wordsIn(fromFirstVisible(line).slice(1)) : [];
    const name = (words[0] ?? "").toLowerCase();
    const command = forPassword(name, isSaid);
    if (command) {
      const behind = words.length - Number(name.length <= command.length + NEAR);
      mostBelow = behind ? Number(behind === 1 && command === "identify") : Infinity;
      return false;
    }
    if (!line.trim()) return true;
    const stays = isCommand(line) || wordsIn(line).length > mostBelow;
    mostBelow = 0;
    if (stays) isSaid ||= !isCommand(line) || OF_SEVERAL_LINES.has(name);
    return stays;
  });
  return kept.join("\n");
}

/** @param {string} text */
function wordsIn(text) {
  return text.split(/\s+/).filter(Boolean);
}

/** @param {string} line */
function isCommand(line) {
  const typed = fromFirstVisible(line);
  return typed !== "" && SLASH_CHARS.includes(typed[0]) && !typed.startsWith("//");
}

/**
 * The command for a password that a word behind a slash may be; more of them where it is not just said.
 * @param {string} name
 * @param {boolean} isSaid
 */
function forPassword(name, isSaid) {
  if (!name || LIBRARY.slashes.some((one) => one.name === name)) return SECRETS.find((one) => one === name);
  if (isSaid) return SECRETS.find((one) => name.startsWith(one) || distance(name, one) <= NEAR);
  return SECRETS.find((one) => one.startsWith(name) || isLike(one, name) || isLike(one, name.slice(0, one.length)));
}

/**
 * What a command asks for; null when something is missing or too much, or when the page does not know it.
 * @param {string} name
 * @param {string} rest
 * @returns {Typed | null}
 */
function command(name, rest) {
  const space = rest.search(/[ \n]/);
  const [first, more] = firstWord(rest);
  const names = first.split(",").filter(Boolean);
  const one = rest && space < 0;
  switch (name) {
    case "msgall":
      return rest ? { kind: "send", frame: { type: "broadcast", text: rest } } : null;
    case "msg":
      return names.length && more ? { kind: "send", frame: { type: "send_direct", to: names, text: more } } : null;
    case "nick":
      return one ? { kind: "request", frame: { type: "rename", username: rest } } : null;
    case "whois":
      return one ? { kind: "request", frame: { type: "whois", username: rest } } : null;
    case "create":
      return one ? { kind: "request", frame: { type: "create_room", room: rest } } : null;
    case "join":
      return one ? { kind: "request", frame: { type: "join_room", room: rest } } : null;
    case "delete": // of the last message, which the page has to find
      return space < 0 ? { kind: "change", sender: rest, text: null } : null;
    case "edit":
      return rest ? { kind: "change", sender: "", text: rest } : null;
    case "history":
      if (!rest) return { kind: "history", limit: HISTORY_LINES };
      return /^\d{1,4}$/.test(rest) && Number(rest) ? { kind: "history", limit: Number(rest) } : null;
    case "register":
      return space < 0 ? { kind: "password", what: name, account: "", password: rest } : null;
    case "identify":
      if (more.includes(" ")) return null;
      return { kind: "password", what: name, account: more && first, password: more || first };
    case "search":
      return !rest || parseSearch(rest) ? { kind: "search", line: rest } : null;
    case "reply":
      return more ? { kind: "reply", sender: first, text: more } : null;
    case "react":
    case "unreact":
      return first && !more.includes(" ") ? { kind: name, sender: more, emoji: first } : null;
    case "send": // a page asks for the file itself
      return names.length ? { kind: "send_file", to: first === "*" ? [] : names, room: first === "*" } : null;
  }
  if (MODERATION.has(name)) {
    const frame = moderation(name, rest);
    return frame && { kind: "request", frame };
  }
  if (ANSWERS.has(name)) {
    const answer = /** @type {"accept" | "decline" | "cancel"} */ (name);
    return space < 0 ? { kind: "answer_file", answer, file: rest || null } : null;
  }
  if (rest) return null;
  switch (name) {
    case "who":
      return { kind: "request", frame: { type: "list_users", room: "" } };
    case "list":
      return { kind: "request", frame: { type: "list_users" } };
    case "rooms":
      return { kind: "request", frame: { type: "list_rooms" } };
    case "leave":
      return { kind: "request", frame: { type: "leave_room" } };
    case "quit":
      return { kind: "quit" };
    case "link":
      return { kind: "link" };
    case "help":
      return { kind: "help" };
  }
  return null;
}

/**
 * What the word before the cursor may become.
 * @param {string} text what stands before the cursor
 * @param {string[]} users
 * @param {string[]} rooms
 * @returns {{word: string, candidates: string[]}}
 */
export function complete(text, users, rooms) {
  const space = text.lastIndexOf(" ");
  const head = text.slice(0, Math.max(0, space));
  let word = text.slice(space + 1);
  if (space < 0 && word.startsWith("/") && !word.startsWith("//")) {
    return matching(word, LIBRARY.slashes.map((one) => `/${one.name} `), false);
  }
  if (!text.startsWith("/") || text.startsWith("//")) {
    word = word.slice(word.search(/[^\n@]*$/)); // a line end begins a word too, and @ is how others call names
    return word || text.endsWith("@") ? matching(word, users.map((name) => name + (head ? " " : ": ")), true) : none(word);
  }
  const name = text.slice(1, text.indexOf(" ")).toLowerCase();
  const slash = LIBRARY.slashes.find((one) => one.name === name);
  if (!slash || slash.completes === "nothing" || head !== `/${text.slice(1, text.indexOf(" "))}`) return none(word);
  if (slash.completes === "rooms") return matching(word, rooms, true);
  if (name === "msg" || name === "send") word = word.slice(word.lastIndexOf(",") + 1);
  return matching(word, users, true);
}

/** @param {string} word */
function none(word) {
  return { word, candidates: [] };
}

/**
 * @param {string} word
 * @param {string[]} candidates
 * @param {boolean} sorted
 */
function matching(word, candidates, sorted) {
  const begun = nameKey(word);
  const found = candidates.filter((one) => nameKey(one).startsWith(begun));
  return { word, candidates: sorted ? found.sort() : found };
}

/**
 * The command that was probably meant; null when none is near.
 * @param {string} name
 */
function closest(name) {
  let best = null;
  let least = Math.min(3, Math.ceil(name.length / 2));
  for (const one of LIBRARY.slashes) {
    const far = distance(name, one.name);
    if (far < least) [best, least] = [one.name, far];
  }
  return best;
}

/**
 * @param {string} command
 * @param {string} word
 */
function isLike(command, word) {
  return distance(word, command) <= ALIKE;
}

/**
 * How many letters have to be put in, left out or replaced (Levenshtein).
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  if (Math.abs(from.length - to.length) > ALIKE) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_each, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(from[i - 1] !== to[j - 1])));
    }
    row = next;
  }
  return row[to.length];
}
