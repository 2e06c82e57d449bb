// What people read, in their language. English is in the code, as the key; other languages are tables beside this.
import { LIBRARY } from "./library.js";
import { FRENCH } from "./french.js";
import { scaledSize } from "../core/texts.js";

/** @typedef {"en" | "fr"} Language */
/** @typedef {Record<string, string | number>} Values */

/** @type {Record<string, Record<string, string | string[]>>} */
const TABLES = { fr: FRENCH };
/** The languages that the page speaks, by what they call themselves. */
export const LANGUAGES = { en: "English", fr: "Français" };

const current = { language: /** @type {Language} */ ("en") };

/** The language in use. */
export function language() {
  return current.language;
}

/**
 * Speaks a language from now on.
 * @param {Language} wanted
 */
export function speak(wanted) {
  current.language = wanted;
  document.documentElement.lang = wanted;
}

/** The language that the browser asks for, of those that there are. @returns {Language} */
export function browserLanguage() {
  const found = navigator.languages.map((each) => each.slice(0, 2).toLowerCase()).find((each) => each in LANGUAGES);
  return /** @type {Language} */ (found ?? "en");
}

// To make one of these takes the browser as long as to make a row of the conversation: they are made once.
/** @type {Map<string, any>} */
const FORMATS = new Map();

/**
 * @template Format
 * @param {string} kind
 * @param {(language: string) => Format} make
 * @returns {Format}
 */
function format(kind, make) {
  const key = `${kind} ${language()}`;
  if (!FORMATS.has(key)) FORMATS.set(key, make(locale()));
  return FORMATS.get(key);
}

/** The language with its country, as far as the browser says one: a time looks otherwise in each. */
function locale() {
  return navigator.languages.find((each) => each.slice(0, 2).toLowerCase() === language()) ?? language();
}

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const TIMES = {
  moment: { dateStyle: "short", timeStyle: "short" },
  full: { dateStyle: "full", timeStyle: "medium" },
  day: { weekday: "long", day: "numeric", month: "long" },
  "day and year": { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

/**
 * The time of day, as the other clients say it; no table of the browser is loaded for it, which takes longer than all
 * that is seen first.
 * @param {number} at in milliseconds since 1970
 */
export function clockText(at) {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * A time for people.
 * @param {"moment" | "full" | "day" | "day and year"} form
 * @param {number} at in milliseconds since 1970
 */
export function timeText(form, at) {
  return format(form, (code) => new Intl.DateTimeFormat(code, TIMES[form])).format(at);
}

/**
 * A whole number for people.
 * @param {number} number
 */
export function numberText(number) {
  if (Number.isInteger(number) && number >= 0 && number < 1000) return String(number); // the same in every language
  return format("number", (code) => new Intl.NumberFormat(code)).format(number);
}

/**
 * A sentence of the page.
 * @param {string} text in English, with `{names}` where values go
 * @param {Values} values
 */
export function t(text, values = {}) {
  const found = TABLES[language()]?.[text];
  return filled(typeof found === "string" ? found : text, values);
}

/**
 * A sentence of the page about a number, `{count}`.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Values} values
 */
export function tn(one, many, count, values = {}) {
  const found = TABLES[language()]?.[many];
  const plural = language() === "fr" ? count >= 2 : count !== 1;
  const text = Array.isArray(found) ? found[Number(plural)] : plural ? many : one;
  return filled(text, { ...values, count: numberText(count) });
}

/**
 * A sentence of the library: what a command does, why something was refused.
 * @param {string} text
 * @param {Values} values
 */
export function library(text, values = {}) {
  return filled(LIBRARY.languages[language()]?.[text] ?? text, values);
}

/**
 * The same as a whole sentence, with a capital and a full stop. What begins with a value stays: that may be a name.
 * @param {string} text
 * @param {Values} values
 */
export function sentence(text, values = {}) {
  const form = LIBRARY.languages[language()]?.[text] ?? text;
  const said = filled(form.startsWith("{") ? form : form.charAt(0).toLocaleUpperCase() + form.slice(1), values);
  return /[.!?…]$/.test(said) ? said : `${said}.`;
}

/**
 * A size for people.
 * @param {number} bytes
 */
export function sizeText(bytes) {
  const [value, thousands] = scaledSize(bytes);
  const units = t("B KB MB GB TB").split(" ");
  return `${numberText(value)}\u00a0${units[thousands]}`; // no line ends between them
}

/**
 * @param {string} text
 * @param {Values} values
 */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(values, name) ? String(values[name]) : all));
}
