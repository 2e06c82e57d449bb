// Calls for attention where the page is not looked at: the title, a notification, and a word for screen readers.
import { safeLine, safeName } from "../core/safe_text.js";
import { firstOf } from "../core/texts.js";
import { t } from "../words/words.js";
import { iconAddress } from "./dom.js";

/** @typedef {import("../model/chat.js").Chat} Chat */

const LONGEST = 140; // characters

/** @param {Chat} chat */
export function callForAttention(chat) {
  const { conversations } = chat;
  const drawTitle = () => {
    const { shown, waiting, room, directs } = conversations;
    const unread = [room, ...directs].some((one) => one && conversations.unreadIn(one));
    const name = shown ? `${shown.kind === "room" ? "#" : ""}${safeName(shown.name)}` : "";
    const mark = waiting ? `(${waiting}) ` : unread ? "• " : "";
    document.title = mark + (name ? `${name} – chatcore` : "chatcore");
  };
  chat.emitter.on(["conversations", "shown", "login", "rooms"], drawTitle);
  conversations.call = (entry, place) => {
    if (!chat.keeping.likes().notify || !("Notification" in window) || Notification.permission !== "granted") return;
    const from = safeName(entry.from);
    const title = place.kind === "direct" ? from : t("{name} in {room}", { name: from, room: safeName(place.name) });
    try {
      const shown = new Notification(title, { body: safeLine(firstOf(entry.text, LONGEST)), icon: iconAddress() ?? "", tag: place.id });
      shown.onclick = () => {
        window.focus();
        if (place.kind === "room") chat.reaching.join(place.name);
        else conversations.show(place);
        shown.close();
      };
    } catch {
      // some phones have them for service workers only
    }
  };
}
