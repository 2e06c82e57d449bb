// The page: which view is shown, and what holds them together.
import { nameKey } from "./core/names.js";
import { Keeping } from "./model/keeping.js";
import { Chat } from "./model/chat.js";
import { folder } from "./net/places.js";
import { callForAttention } from "./views/attention.js";
import { Banner } from "./views/banner.js";
import { Composer, carriesFiles } from "./views/composer.js";
import { ConversationView } from "./views/conversation_view.js";
import { askForPassword, askForRoom, askForUser, askToLeave, openConnection, openSettings } from "./views/dialogs.js";
import { el } from "./views/dom.js";
import { Drawers } from "./views/drawers.js";
import { JoinView } from "./views/join.js";
import { Members } from "./views/members.js";
import { openSearch } from "./views/search.js";
import { Sidebar } from "./views/sidebar.js";
import { browserLanguage, speak } from "./words/words.js";

/** @typedef {import("./model/keeping.js").Likes} Likes */

const DATE_PAUSE = 30_000; // milliseconds
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const dark = matchMedia("(prefers-color-scheme: dark)");
/** Where there is no room beside the conversation for the people in it, and for the rooms. */
const narrow = { members: matchMedia("(max-width: 1099px)"), rooms: matchMedia("(max-width: 759px)") };
const keeping = new Keeping(folder().pathname);
const chat = new Chat(keeping);
chat.askToLeave = askToLeave;

/** The room that the address named when it was looked at last: a link may have come since that is yet to be followed. */
let followed = new URLSearchParams(location.hash.slice(1)).get("room") ?? "";

/** What a link asks for: `#room=NAME`; with `invite=` it lets in where a password is asked for. */
function linked() {
  const asked = new URLSearchParams(location.hash.slice(1));
  chat.invitation = asked.get("invite") ?? "";
  followed = asked.get("room") ?? "";
  return { name: asked.get("name") ?? "", room: followed };
}

/** Has the address name the room where one is, if it names one: the link to the one that it named leads there again. */
function sayWhere() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const { home } = chat.conversations;
  const room = asked.get("room");
  if (!room || room !== followed || !home || nameKey(room) === nameKey(home.name)) return;
  asked.set("room", (followed = home.name));
  history.replaceState(null, "", `#${asked}`);
}

/** Puts into force what one likes. */
function applyLikes() {
  const likes = keeping.likes();
  document.documentElement.dataset.theme = likes.theme || (dark.matches ? "dark" : "light");
  speak(likes.language || browserLanguage());
}

/** @param {Partial<Likes>} news */
function like(news) {
  keeping.like(news);
  applyLikes();
  if (!("language" in news)) return;
  const isChosen = document.querySelector("dialog[open] #language") !== null;
  show(true);
  if (isChosen) goOnChoosing();
}

/** Opens the settings in another language where they were: an arrow key is enough to choose one, and may mean the next. */
function goOnChoosing() {
  /** @type {HTMLElement | null} */ (root.querySelector(".me button"))?.focus(); // where the keyboard is afterwards
  openSettings(chat, like);
  document.getElementById("language")?.focus();
}

let shown = "";
/** @type {JoinView | null} */
let joining = null;
/** Ends all that the view that is shown hears of from outside of it: what is gone looks at nothing any more. */
let viewing = new AbortController();

/**
 * Shows the view that fits.
 * @param {boolean} anew even if it is the same one
 */
function show(anew = false) {
  const wanted = chat.entered ? "chat" : "join";
  if (wanted === shown && !anew) return;
  shown = wanted;
  chat.emitter.listeners.clear();
  viewing.abort();
  viewing = new AbortController();
  chat.emitter.on(["login"], () => show());
  callForAttention(chat);
  document.querySelector("dialog")?.close();
  if (wanted === "join") showJoin();
  else showChat();
}

function showJoin() {
  const before = joining; // in another language
  const likes = keeping.likes();
  const asked = linked();
  joining = new JoinView(chat, { name: chat.username || asked.name || likes.name, room: asked.room }, (language) => like({ language }));
  if (before) joining.takeOver(before);
  root.replaceChildren(joining.element);
  joining.focus();
}

function showChat() {
  const { signal } = viewing;
  const layout = el("div", { class: "layout" });
  const close = () => drawers.close();
  const members = new Members(chat, { chosen: close });
  const sidebar = new Sidebar(chat, {
    chosen: close,
    createRoom: () => askForRoom(chat, close),
    messageTo: () => askForUser(chat, close),
    settings: () => openSettings(chat, like),
    connection: () => openConnection(chat),
  });
  const again = () => {
    chat.keep(true); // what was typed just now, too
    keeping.takeBack((unsaid) => chat.unsaid.takeOver(unsaid));
    location.reload();
  };
  const banner = new Banner(chat, { again, left: () => composer.takeFocus() }, signal);
  const toggleMembers = () => {
    drawers.toggle(people);
    members.draw();
  };
  const search = () => chat.openSearch("");
  const conversation = new ConversationView(chat, { search, openRooms: () => drawers.open(rooms), toggleMembers }, signal);
  chat.askPassword = (what, then) => askForPassword(chat.username, what, then);
  chat.openSearch = (line) => openSearch(chat, line);
  const composer = new Composer(chat);
  const main = el("main", { class: "main" }, banner.element, conversation.element, composer.element);
  layout.append(sidebar.element, members.element, el("div", { class: "veil", onclick: close }), main);
  const peopleButton = /** @type {HTMLElement | null} */ (conversation.head.querySelector(".members-button"));
  const rooms = { element: sidebar.element, button: conversation.menu, narrow: narrow.rooms, open: "rooms-open", closed: "" };
  const people = { element: members.element, button: peopleButton, narrow: narrow.members, open: "members-open", closed: "members-closed" };
  const drawers = new Drawers(chat, layout, [rooms, people], () => composer.takeFocus(), signal);
  chat.emitter.on(["members"], () => drawers.tell());
  chat.emitter.on(["rooms"], sayWhere);
  composer.takeDrops(layout, main);
  root.replaceChildren(layout);
  conversation.show(chat.conversations.shown);
  composer.follow();
  composer.goOn(joining?.ahead ?? []);
  joining = null;
  banner.draw();
}

// Alt with the arrows goes through the rooms and conversations, as in the desktop app.
addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  if (document.querySelector("dialog[open]")) return; // nothing behind it moves, and a list in it is opened so
  const places = [...document.querySelectorAll(".place")].filter((each) => each instanceof HTMLElement);
  const at = places.findIndex((each) => each.getAttribute("aria-current"));
  const next = places[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.click();
  }
});
// A file that is dropped where nothing takes it would be shown in place of the page.
for (const kind of /** @type {const} */ (["dragover", "drop"])) {
  addEventListener(kind, (event) => {
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
  });
}
addEventListener("beforeunload", (event) => {
  if (!isBack && chat.unsaid.isAtStake) event.preventDefault();
});
/** True once the browser has shown this page again that it had put away: its user has agreed to lose what it had. */
let isBack = false;
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  isBack = true;
  // The connection did not outlive that, and another page may have taken over, or its user may have left the chat there.
  root.replaceChildren();
  chat.driver?.stop();
  location.reload();
});
dark.addEventListener("change", applyLikes);
for (const each of Object.values(narrow)) each.addEventListener("change", () => chat.emitter.changed("members"));
// What was said today was said yesterday after midnight; a page that slept then learns it when it is looked at again.
let today = new Date().toDateString();
function lookAtDate() {
  if (new Date().toDateString() === today) return;
  today = new Date().toDateString();
  chat.conversations.shown?.tell("reset");
}
setInterval(lookAtDate, DATE_PAUSE);
document.addEventListener("visibilitychange", lookAtDate);
addEventListener("hashchange", () => {
  const { name, room } = linked();
  if (joining) joining.follow(name, room);
  else if (room) chat.goInto(room);
});

/** Waits until somebody opens the page. Browsers load one ahead, for an address that is being typed, say: it takes nothing from the one that is open. */
async function isOpened() {
  if (!("prerendering" in document && document.prerendering)) return;
  await new Promise((done) => document.addEventListener("prerenderingchange", done, { once: true }));
}

/**
 * Goes on as the user of an earlier page; as nobody where what that one has written has not the form that it has now.
 * @param {import("./model/keeping.js").Saved} saved
 */
function goOn(saved) {
  try {
    chat.resume(saved);
  } catch (error) {
    console.warn(error);
    chat.end();
  }
}

applyLikes();
isOpened().then(() => keeping.take()).then((saved) => {
  const [loaded] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (loaded?.type === "navigate") chat.wantedRoom = linked().room; // who loads it anew is where they were
  if (saved) goOn(saved);
  show();
});
