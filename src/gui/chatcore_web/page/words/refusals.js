// Why something was refused, for people: by the sentences of chatcore.text.reasons, the most telling one first.
import { LIBRARY } from "./library.js";
import { sentence } from "./words.js";
import { safeName } from "../core/safe_text.js";

const LONGEST_TEXT = 255;
const HOUR = 60; // minutes
const DAY = 24 * HOUR;

/**
 * A refusal as a sentence. Its values are a peer's: only texts and whole numbers are used.
 * @param {Record<string, any>} refusal its `code`, and `values`
 */
export function refusalText(refusal) {
  const code = String(refusal.code);
  const values = /** @type {Record<string, any>} */ (refusal.values ?? {});
  const plain = Object.hasOwn(LIBRARY.refusals, code) ? LIBRARY.refusals[code] : LIBRARY.refusals.internal ?? [];
  const special = `${code}.${values.what}`;
  const forms = [...(Object.hasOwn(LIBRARY.refusals, special) ? LIBRARY.refusals[special] : []), ...plain];
  /** @type {Record<string, string | number>} */
  const usable = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" && value && value.length <= LONGEST_TEXT) usable[name] = safeName(value);
    if (Number.isSafeInteger(value) && value >= 0) usable[name] = value;
  }
  const { minutes } = usable;
  if (typeof minutes === "number" && minutes >= 2 * DAY) usable.days = Math.ceil(minutes / DAY);
  else if (typeof minutes === "number" && minutes >= 2 * HOUR) usable.hours = Math.ceil(minutes / HOUR);
  const form = forms.find((each) => [...each.matchAll(/\{(\w+)\}/g)].every(([, name]) => Object.hasOwn(usable, name)));
  return sentence(form ?? code, usable);
}
