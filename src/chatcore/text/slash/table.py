"""The commands: how each is written, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chatcore.errors import Sentence

SlashName = Literal[
    "nick", "register", "identify", "who", "whois", "msgall", "msg", "list", "rooms", "create", "join", "leave",
    "history", "search", "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
    "private", "invite", "slow", "close", "delete", "edit", "reply", "react", "unreact",
    "send", "accept", "decline", "cancel", "link", "help", "quit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slash:
    """One command."""

    name: SlashName
    usage: Sentence
    """How it is written."""
    about: Sentence
    """What it does."""
    completes: Literal["users", "rooms", "nothing"] = "nothing"
    """What its first argument can be completed with."""


SLASHES: Final[dict[str, Slash]] = {
    slash.name: slash
    for slash in (
        Slash("nick", Sentence("/nick NAME"), Sentence("take another name")),
        Slash(
            "register",
            Sentence("/register [PASSWORD]"),
            Sentence("let your name be yours for good; again to change the password"),
        ),
        Slash(
            "identify",
            Sentence("/identify [NAME] [PASSWORD]"),
            Sentence("show that a name that belongs to somebody is yours"),
        ),
        Slash("who", Sentence("/who"), Sentence("see who is in this room")),
        Slash(
            "whois",
            Sentence("/whois NAME"),
            Sentence("see where a user is, over what, since when, and how long silent"),
            "users",
        ),
        Slash("msgall", Sentence("/msgall TEXT"), Sentence("say something to everyone connected")),
        Slash(
            "msg",
            Sentence("/msg NAME[,NAME...] TEXT"),
            Sentence("say something to some users only, wherever they are"),
            "users",
        ),
        Slash("list", Sentence("/list"), Sentence("see all users and their rooms")),
        Slash("rooms", Sentence("/rooms"), Sentence("see all rooms")),
        Slash("create", Sentence("/create ROOM"), Sentence("create a room and enter it")),
        Slash("join", Sentence("/join ROOM"), Sentence("enter a room, and leave this one"), "rooms"),
        Slash("leave", Sentence("/leave"), Sentence("go back to the lobby")),
        Slash("history", Sentence("/history [N]"), Sentence("see earlier messages of this room")),
        Slash(
            "search",
            Sentence("/search WORDS [from:NAME] [in:ROOM] [since:DATE] [until:DATE]"),
            Sentence("look for messages; DATE is 2026-11-27, and /search alone goes on"),
        ),
        Slash("topic", Sentence("/topic TEXT"), Sentence("say what this room is about; /topic - takes it away")),
        Slash("kick", Sentence("/kick NAME [REASON]"), Sentence("put somebody out of this room"), "users"),
        Slash(
            "ban",
            Sentence("/ban NAME [+address] [30s|10m|2h|7d] [REASON]"),
            Sentence("put somebody out and let nobody of that name in again, for so long or for good"),
            "users",
        ),
        Slash("unban", Sentence("/unban NAME"), Sentence("let somebody in again")),
        Slash("bans", Sentence("/bans"), Sentence("see who is banned or muted here")),
        Slash(
            "mute",
            Sentence("/mute NAME [30s|10m|2h|7d] [REASON]"),
            Sentence("let somebody listen only, for so long or for good"),
            "users",
        ),
        Slash("unmute", Sentence("/unmute NAME"), Sentence("let somebody speak again"), "users"),
        Slash(
            "op",
            Sentence("/op NAME [owner]"),
            Sentence("make somebody a moderator of this room, or its owner"),
            "users",
        ),
        Slash("deop", Sentence("/deop NAME"), Sentence("make somebody an ordinary member again"), "users"),
        Slash("private", Sentence("/private [off]"), Sentence("let nobody in any more who is not invited")),
        Slash("invite", Sentence("/invite NAME"), Sentence("let somebody into this private room"), "users"),
        Slash("slow", Sentence("/slow SECONDS"), Sentence("let everybody wait between two messages; /slow 0 ends it")),
        Slash("close", Sentence("/close [REASON]"), Sentence("end this room; everybody is in the lobby then")),
        Slash(
            "delete",
            Sentence("/delete [NAME]"),
            Sentence("take away your last message here, or as a moderator somebody's"),
            "users",
        ),
        Slash("edit", Sentence("/edit TEXT"), Sentence("let your last message here say something else")),
        Slash("reply", Sentence("/reply NAME TEXT"), Sentence("answer the last message of somebody here"), "users"),
        Slash(
            "react",
            Sentence("/react EMOJI [NAME]"),
            Sentence("put an emoji below the last message here, or somebody's"),
        ),
        Slash(
            "unreact",
            Sentence("/unreact EMOJI [NAME]"),
            Sentence("take your emoji back from the last message here that has it, or somebody's"),
        ),
        Slash(
            "send",
            Sentence("/send NAME[,NAME...] FILE"),
            Sentence("offer a file to some users; * for everyone in this room"),
            "users",
        ),
        Slash("accept", Sentence("/accept [FILE-ID]"), Sentence("receive a file that is offered")),
        Slash("decline", Sentence("/decline [FILE-ID]"), Sentence("turn a file down")),
        Slash("cancel", Sentence("/cancel [FILE-ID]"), Sentence("end what is on its way, or take an offer back")),
        Slash("link", Sentence("/link"), Sentence("see a link with which others get into this room")),
        Slash("help", Sentence("/help"), Sentence("see this list")),
        Slash("quit", Sentence("/quit"), Sentence("log out")),
    )
}
"""Every command, by its name without the slash, in the order in which a list of them is shown."""
OF_SEVERAL_LINES: Final = frozenset({"msg", "msgall", "edit", "reply"})
"""The commands with a text that may have several lines; all others end with their line."""
ANYTHING_ELSE: Final = Sentence("anything else is a message to the room; // begins one with a slash")
"""What is to be said below that list."""
NOT_UNDERSTOOD: Final = {
    "usage": Sentence("this is how to write it: {usage}"),
    "close": Sentence("there is no command /{name}; did you mean /{close}? /help lists them all"),
    "unknown": Sentence("there is no command /{name}; /help lists them all, // begins a message with a slash"),
}
"""What is said of a command that cannot be carried out: its form, the one that was probably meant, or neither."""


class NotUnderstood(Exception):
    """A command that cannot be carried out as typed.

    `code` is `unknown` (there is no such command; `close` is the one that was probably meant, if any) or `usage`
    (something is missing or too much). `name` is what was typed, without the slash and in lower case.
    """

    def __init__(self, code: Literal["unknown", "usage"], name: str, close: str | None = None) -> None:
        super().__init__(code, name, close)
        self.code = code
        self.name = name
        self.close = close

    @property
    def sentence(self) -> Sentence:
        """What to do about it."""
        form = NOT_UNDERSTOOD[self.code if self.close is None else "close"]
        if self.code == "usage":
            return Sentence(form.text, usage=SLASHES[self.name].usage)
        return Sentence(form.text, name=self.name, **({} if self.close is None else {"close": self.close}))
