// How it stands with the connection, for people: why there is none, and what helps.
import { refusalText } from "../words/refusals.js";
import { t } from "../words/words.js";

const ACCOUNT_ENDS = new Set(["password_changed", "account_dropped"]); // what the page knows lets nobody in any more

export class Standing {
  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** Why there is no connection, and what helps. */
  whyNotConnected() {
    const { chat } = this;
    const { about } = chat.places;
    const origin = location.origin;
    switch (about?.refused) {
      case "origin":
      case "unknown_host":
        return t("This server lets no page of {origin} connect. Whoever runs it can allow it: chatcore serve --origin {origin}", { origin });
      case "forbidden":
        return t("The server lets nobody in from your network address. Whoever runs it decides that.");
      case "server_full":
        return t("The server is full.");
      case "shutting_down":
        return refusalText({ code: "shutting_down" });
      case "too_many_connections":
        return t("There are too many connections from your network address.");
      case "unsaid":
        return t("The server, or a proxy in front of it, turns this page away, and does not say why (HTTP {status}).", { status: about.status });
    }
    const bye = chat.session?.dismissed ?? chat.session?.refusal;
    if (bye) return refusalText(bye);
    if (about?.shut) return t("The server answers, but no WebSocket to it opens: a proxy in front of it, or in your network, may not pass on the header Upgrade. Whoever runs the proxy can change that.");
    return about?.reached && chat.driver?.wasOpen ? t("The connection was lost.") : t("The server cannot be reached.");
  }

  /** Why it does not come back by itself. */
  whyOver() {
    const bye = this.chat.session?.dismissed;
    if (bye && bye.code !== "replaced") return [refusalText(bye), this.chat.hearing.whyPutOut()].filter(Boolean).join(" ");
    if (bye) return t("This chat goes on in another tab or on another device.");
    return this.chat.refusal || t("The connection has ended.");
  }

  /** What helps then: the page in the other tab is stopped, or one is asked anew who one is, or it is just tried again. */
  get wayBack() {
    const { dismissed, refusal } = this.chat.session ?? {};
    if (dismissed?.code === "replaced") return t("Use it here");
    const isAsked = ACCOUNT_ENDS.has(dismissed?.code) || (refusal && refusal.code !== "banned");
    return isAsked ? t("Log in anew") : t("Try again");
  }
}
