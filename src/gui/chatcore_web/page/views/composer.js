// The message line: writes messages and commands, completes names, and takes files that are dropped or pasted.
import { nameKey } from "../core/names.js";
import { safeLine, safeName } from "../core/safe_text.js";
import { complete, oneByOne } from "../core/slash.js";
import { firstOf } from "../core/texts.js";
import { LIBRARY } from "../words/library.js";
import { library, t } from "../words/words.js";
import { el, fill, icon, iconButton } from "./dom.js";

/** @typedef {import("../model/chat.js").Chat} Chat */

const MOST_SHOWN = 8; // completions at a time; fewer where the window is low
const OPTION_HEIGHT = 56; // pixels, at most
const REST_HEIGHT = 170; // pixels that are not the list's
const MOST_HEIGHT = 200; // pixels; fewer where the window is low, see chat.css
const QUOTED = 160; // characters of the message that the next one answers

export class Composer {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** @type {import("../model/conversation.js").Conversation | null} */
    this.place = null;
    /** True while a line is carried out, which may lead elsewhere: it is no draft any more. */
    this.saying = false;
    /** @type {string[]} */
    this.candidates = [];
    this.word = "";
    /** The text before the cursor that they are for. */
    this.offeredFor = "";
    this.chosen = 0;
    this.tabbed = false;
    this.moved = false;
    /** Completions are not shown again for this text: Escape was pressed. */
    this.closedFor = "";
    /** Behind this text the tabulator leaves the field: Escape was pressed, or there was nothing to complete. */
    this.leavesBehind = "";
    this.list = el("ul", { id: "completions", class: "completions", role: "listbox", "aria-label": t("Completions"), hidden: true });
    this.input = el("textarea", {
      id: "message",
      rows: 1,
      autocomplete: "off",
      enterkeyhint: "send",
      "aria-label": t("Message"),
      "aria-autocomplete": "list",
      "aria-controls": "completions",
    });
    this.answered = el("p", { class: "answered" });
    const noAnswer = iconButton("close", t("Answer nothing"), () => this.answerNothing());
    this.answering = el("div", { class: "answering", role: "status", hidden: true }, icon("reply"), this.answered, noAnswer);
    /** @param {File[]} files */
    const offerHere = (files) => chat.files.offerHere(files);
    /** What becomes of the files that are chosen next; helpers and tests choose them without asking first. */
    this.picked = offerHere;
    const taken = () => {
      this.picked([...(this.picker.files ?? [])]);
      this.picker.value = ""; // the same file may be chosen again
      this.picked = offerHere;
    };
    this.picker = el("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true", onchange: taken, oncancel: taken });
    this.element = el(
      "form",
      { class: "composer" },
      this.picker, // before the message line, which is the last field of the page
      this.list,
      this.answering,
      el(
        "div",
        { class: "composer-box" },
        iconButton("attach", t("Offer a file"), () => this.pick(offerHere)),
        this.input,
        iconButton("send", t("Send"), () => this.submit(), { class: "icon-button send" }),
      ),
    );
    chat.files.pick = (then) => this.pick(then);
    chat.giveBack = (place, line) => this.takeBack(place, line);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    for (const kind of ["keyup", "click", "selectionchange"]) this.input.addEventListener(kind, () => this.followCursor());
    this.input.addEventListener("paste", (event) => this.pasted(event));
    /** Closes the completions a little later than the line is left: they may be what is clicked. */
    let leaving = 0;
    this.input.addEventListener("blur", () => (leaving = setTimeout(() => this.close(), 150)));
    this.input.addEventListener("focus", () => clearTimeout(leaving));
    chat.emitter.on(["shown", "state", "conversations"], () => this.follow());
    chat.emitter.on(["rooms", "answered"], () => this.drawAnswering());
    chat.emitter.on(["reply"], () => {
      this.drawAnswering();
      this.input.focus();
    });
  }

  /** Shows which message the next one answers. */
  drawAnswering() {
    const entry = this.chat.conversations.shown?.answered;
    this.answering.hidden = !entry;
    if (!entry) return;
    const name = safeName(entry.from);
    const isGone = entry.fate === "deleted";
    const gone = t("The message of {name} that you answer was deleted: what you write now answers nothing.", { name });
    const text = isGone ? gone : `${t("You answer {name}:", { name })} ${safeLine(firstOf(entry.text, QUOTED))}`;
    this.answered.classList.toggle("gone", isGone);
    if (this.answered.textContent !== text) this.answered.textContent = text; // it is read out
  }

  answerNothing() {
    const { shown } = this.chat.conversations;
    if (shown) this.chat.replyTo(shown, null);
  }

  /** Shows what was begun in the conversation that is shown now. */
  follow() {
    const place = this.chat.conversations.shown;
    const name = safeName(place?.name ?? "");
    this.input.placeholder = place?.kind === "direct" ? t("Message to {name}", { name }) : t("Message in {room}", { room: `# ${name}` });
    if (place === this.place) return;
    this.drawAnswering();
    if (this.place && !this.saying) this.place.draft = this.input.value;
    this.place = place;
    this.input.value = place?.draft ?? "";
    this.changed();
    this.takeFocus();
  }

  takeFocus() {
    // Where one types on the screen, that would cover what one came to read. A computer may have no mouse at all.
    if (!matchMedia("(hover: none) and (pointer: coarse)").matches) this.input.focus();
  }

  submit() {
    const { place } = this;
    const text = this.input.value;
    this.saying = true;
    const { commands, rest } = oneByOne(text);
    if (place) place.draft = commands.length ? rest : "";
    const left = this.chat.typed.say(text);
    this.saying = false;
    if (this.place === place) this.input.value = left;
    else {
      if (place) place.draft = "";
      if (this.place && left) this.takeBack(this.place, left); // it stood below a command that leads there
    }
    this.changed();
    if (left !== text) this.input.focus();
  }

  /**
   * Takes back what was not said, before what was typed since.
   * @param {import("../model/conversation.js").Conversation} place
   * @param {string} line
   */
  takeBack(place, line) {
    const typed = place === this.place ? this.input.value : place.draft;
    const both = [line, typed].filter(Boolean).join("\n");
    if (place === this.place) this.input.value = both;
    else place.draft = both;
    this.changed();
  }

  /**
   * Takes what was typed before there was a message line.
   * @param {string[]} lines the last one was not ended
   */
  goOn(lines) {
    for (const line of lines.slice(0, -1)) this.chat.typed.say(line);
    this.input.value += lines.at(-1) ?? "";
    this.changed();
    if (lines.some(Boolean)) this.input.focus(); // whoever is typing types on
  }

  changed() {
    const { input } = this;
    if (this.place) this.place.draft = input.value;
    if (this.place && !input.value) this.place.above = "";
    this.chat.keep(false);
    this.fit();
    this.suggest();
  }

  /** Makes the line as high as its text. What is above keeps its place while that is measured: it would scroll. */
  fit() {
    const { element, input } = this;
    element.style.minHeight = `${element.getBoundingClientRect().height}px`;
    input.style.height = "auto";
    input.style.height = `${Math.min(MOST_HEIGHT, input.scrollHeight)}px`;
    element.style.minHeight = "";
  }

  // Completions.

  suggest() {
    const { before, chat } = this;
    const users = [...chat.rooms.members.values()].filter((name) => nameKey(name) !== nameKey(chat.username));
    const talked = chat.conversations.directs.map((one) => one.name);
    const rooms = [...chat.rooms.all.values()].map((room) => room.name);
    const command = before.startsWith("/") && !before.startsWith("//");
    const { word, candidates } = complete(before, [...new Set([...users, ...(command ? talked : [])])], rooms);
    // In a message, names are offered when one asks for them: with @, or the tabulator.
    const asked = command || /(^|\s)@[^\s]*$/.test(before) || this.tabbed;
    this.word = word;
    this.offeredFor = before;
    if (before !== this.closedFor) this.closedFor = ""; // what is typed once more is offered once more
    this.candidates = asked && before !== this.closedFor ? candidates : [];
    this.chosen = 0;
    this.moved = false;
    this.draw();
  }

  fitting() {
    return Math.max(2, Math.min(MOST_SHOWN, Math.floor((innerHeight - REST_HEIGHT) / OPTION_HEIGHT)));
  }

  draw() {
    const open = this.candidates.length > 0;
    this.list.hidden = !open;
    // As many as fit, the chosen one among them.
    const fitting = this.fitting();
    const first = Math.max(0, Math.min(this.chosen - fitting + 2, this.candidates.length - fitting));
    const shown = this.candidates.slice(first, first + fitting);
    fill(this.list, ...shown.map((candidate, index) => this.option(candidate, first + index)));
    if (open) this.input.setAttribute("aria-activedescendant", `completion-${this.chosen}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {string} candidate
   * @param {number} index
   */
  option(candidate, index) {
    const slash = LIBRARY.slashes.find((one) => candidate.trim() === `/${one.name}`);
    const option = el(
      "li",
      { id: `completion-${index}`, role: "option", "aria-selected": String(index === this.chosen), "aria-posinset": index + 1, "aria-setsize": this.candidates.length },
      el("span", { class: "candidate" }, slash ? library(slash.usage) : safeName(candidate.replace(/:? $/, ""))),
      slash && el("span", { class: "about" }, library(slash.about)),
    );
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(index);
    });
    return option;
  }

  /** Closes the list where the cursor has gone elsewhere: it is for the word that was before it. */
  followCursor() {
    if (this.candidates.length && this.before !== this.offeredFor) this.close();
  }

  /** @param {number} index */
  take(index) {
    const { input } = this;
    this.followCursor();
    if (!this.candidates.length) return;
    const at = input.selectionStart;
    const start = at - this.word.length - (input.value[at - this.word.length - 1] === "@" ? 1 : 0);
    input.setRangeText(this.candidates[index], start, at, "end");
    this.closedFor = this.before;
    this.tabbed = false;
    this.changed();
  }

  close() {
    this.closedFor = this.before;
    this.tabbed = false;
    this.candidates = [];
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // the latter is how Safari says it of the last key
    this.followCursor();
    const open = this.candidates.length > 0;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (open && this.moved) this.take(this.chosen); // who has gone to one of them means it
      else this.submit();
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.moved = true;
      this.chosen = (this.chosen + step + this.candidates.length) % this.candidates.length;
      this.draw();
    } else if (event.key === "Tab" && !event.shiftKey && (open || this.mayComplete())) {
      event.preventDefault();
      if (open) this.take(this.chosen);
      else this.completeNow();
    } else if (event.key === "Escape") {
      this.leavesBehind = this.before;
      if (!open && this.answering.hidden) return;
      event.preventDefault();
      if (open) this.close();
      else this.answerNothing();
    }
  }

  /** What stands before the cursor. */
  get before() {
    return this.input.value.slice(0, this.input.selectionStart);
  }

  /** True when a name was begun, so that the tabulator completes rather than leaves the field. */
  mayComplete() {
    const { input, before } = this;
    return input.selectionStart === input.selectionEnd && /\S$/.test(before) && before !== this.leavesBehind;
  }

  completeNow() {
    this.tabbed = true;
    this.closedFor = "";
    this.suggest();
    if (this.candidates.length === 1) this.take(0);
    if (this.candidates.length) return;
    this.tabbed = false;
    this.leavesBehind = this.before; // pressed once more, it is meant so
  }

  // Files.

  /** @param {(files: File[]) => void} then */
  pick(then) {
    this.picked = then;
    this.picker.click();
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const carried = event.clipboardData;
    // What was copied in a document or a table is words, with a picture of them beside; a copied file has its name beside it.
    const isWords = carried?.types.includes("text/plain") && carried.types.includes("text/html");
    if (!carried?.files.length || isWords) return;
    event.preventDefault();
    this.offer(carried);
  }

  /** @param {DataTransfer} carried */
  offer(carried) {
    const folders = new Set([...carried.items].filter((item) => item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()?.name));
    for (const name of folders) this.chat.tell(t("{name} is a folder: offer the files in it.", { name: safeName(name ?? "") }));
    this.chat.files.offerHere([...carried.files].filter((file) => !folders.has(file.name)));
  }

  /**
   * Takes what is dropped anywhere on the page, and says over the conversation that it may be.
   * @param {HTMLElement} area
   * @param {HTMLElement} main where the conversation is
   */
  takeDrops(area, main) {
    const hint = el("div", { class: "drop-hint", hidden: true }, icon("attach"), el("p", {}, t("Drop files to offer them here")));
    main.append(hint);
    let depth = 0;
    /** @param {boolean} shown */
    const show = (shown) => (hint.hidden = !shown);
    area.addEventListener("dragenter", (event) => {
      if (carriesFiles(event)) show((depth += 1) > 0);
    });
    area.addEventListener("dragleave", (event) => {
      if (carriesFiles(event)) show((depth = Math.max(0, depth - 1)) > 0);
    });
    area.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    area.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      show((depth = 0) > 0);
      if (event.dataTransfer) this.offer(event.dataTransfer);
    });
  }
}

/** @param {DragEvent} event */
export function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
