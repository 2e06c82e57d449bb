"""What a person types into a chat client: a message to the room, or a command that begins with a slash.

What each command does is said in English here; an interface says it in its user's language (`chatcore.text.telling`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

from chatcore.commands import (
    BanUser,
    CloseRoom,
    Command,
    CreateRoom,
    Identify,
    InviteUser,
    JoinRoom,
    KickUser,
    LeaveRoom,
    ListBans,
    ListRooms,
    ListUsers,
    LogOut,
    MuteUser,
    ReadHistory,
    RegisterAccount,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
    WhoIs,
)
from chatcore.errors import Sentence
from chatcore.text.names import name_key
from chatcore.text.search_line import parse_search

HISTORY_LINES: Final = 20
"""How many messages `/history` shows when it does not say."""
_DIGITS: Final = 4
_MODERATION: Final = frozenset(
    {
        "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
        "private", "invite", "slow", "close", "delete", "edit", "reply", "react", "unreact",
    }
)  # fmt: skip
_SECONDS: Final = re.compile(r"[0-9]{1,6}\Z")
_WITH_ADDRESS: Final = "+address"
_TIME: Final = re.compile(r"([0-9]{1,6})([smhd])\Z")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

SlashName = Literal[
    "nick", "register", "identify", "who", "whois", "msgall", "msg", "list", "rooms", "create", "join", "leave",
    "history", "search", "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
    "private", "invite", "slow", "close", "delete", "edit", "reply", "react", "unreact",
    "send", "accept", "decline", "cancel", "link", "help", "quit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Help:
    """Asks for the list of commands."""


@dataclass(frozen=True, slots=True)
class ShowLink:
    """Asks for the link to the room that the user is in."""


@dataclass(frozen=True, slots=True)
class SendPath:
    """Asks to offer a file of this machine."""

    to: tuple[str, ...]
    """Usernames; nobody when it is offered to the room."""
    room: bool
    path: str


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """Asks to accept or decline a file, or to end what is under way."""

    answer: Literal["accept", "decline", "cancel"]
    file: str | None
    """Its id; None when it is the only one."""


@dataclass(frozen=True, slots=True)
class ChangeLast:
    """Asks to delete or to edit the last message of somebody in the room."""

    room: str
    sender: str | None = None
    """None: the user's own."""
    text: str | None = None
    """What it is to say; None to delete it."""


@dataclass(frozen=True, slots=True)
class ReplyToLast(ChangeLast):
    """Asks to answer the last message of somebody in the room, with `text`."""


@dataclass(frozen=True, slots=True)
class ReactToLast(ChangeLast):
    """Asks to put an emoji below the last message of somebody, or, without a `sender`, of whoever spoke last."""

    emoji: str = ""
    back: bool = False
    """Whether to take it back instead, from the last message that the user has put it below."""


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
            Sentence("/ban NAME [+address] [TIME] [REASON]"),
            Sentence("put somebody out and let nobody of that name in again; TIME is 30s, 10m, 2h or 7d"),
            "users",
        ),
        Slash("unban", Sentence("/unban NAME"), Sentence("let somebody in again")),
        Slash("bans", Sentence("/bans"), Sentence("see who is banned or muted here")),
        Slash("mute", Sentence("/mute NAME [TIME] [REASON]"), Sentence("let somebody listen only"), "users"),
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

ANYTHING_ELSE: Final = Sentence("anything else is a message to the room; // begins one with a slash")
"""What is to be said below that list."""

_NAMED: Final[dict[str, Callable[[str], Command]]] = {
    "nick": Rename,
    "whois": WhoIs,
    "create": CreateRoom,
    "join": JoinRoom,
}
_ANSWERS: Final[dict[str, Literal["accept", "decline", "cancel"]]] = {
    "accept": "accept",
    "decline": "decline",
    "cancel": "cancel",
}


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


Parsed = Command | ChangeLast | Help | ShowLink | SendPath | AnswerFile
"""What a typed line may ask for."""


def parse(line: str, *, room: str) -> Parsed | None:
    """Return what a typed line asks for; None for a blank one.

    Args:
        line: what was typed.
        room: the room that the user is in.

    Raises:
        NotUnderstood: it is a command that cannot be carried out as typed.
    """
    if not line.strip():
        return None
    if line.startswith("//"):
        return SendMessage(line[1:], room=room)
    if not line.startswith("/"):
        return SendMessage(line, room=room)
    word, _space, rest = line[1:].lstrip().partition(" ")
    name = word.strip().lower()
    if name not in SLASHES:
        close = get_close_matches(name, SLASHES, 1)
        raise NotUnderstood("unknown", name, close[0] if close else None)
    command = (_moderation if name in _MODERATION else _command)(name, rest.strip(), room)
    if command is None:
        raise NotUnderstood("usage", name)
    return command


def _command(name: str, rest: str, room: str) -> Parsed | None:
    """Return what the command asks for; None when something is missing or too much."""
    match name:
        case "msgall":
            return SendBroadcast(rest) if rest else None
        case "msg":
            to, _space, text = rest.partition(" ")
            names = tuple(name for name in to.split(",") if name)
            return SendDirect(names, text.strip()) if names and text.strip() else None
        case "nick" | "whois" | "create" | "join":
            if not rest or " " in rest:
                return None
            return _NAMED[name](rest)
        case "register" | "identify":
            return _with_password(name, rest.split())
        case "history" | "search":
            return _history(rest, room) if name == "history" else parse_search(rest)
        case "send":
            to, _space, path = rest.partition(" ")
            names = tuple(name for name in to.split(",") if name)
            if not names or not path.strip():
                return None
            room_too = names == ("*",)
            return SendPath(() if room_too else names, room_too, path.strip())
        case "accept" | "decline" | "cancel":
            return None if " " in rest else AnswerFile(_ANSWERS[name], rest or None)
    if rest:
        return None
    match name:
        case "who":
            return ListUsers(room)
        case "list":
            return ListUsers()
        case "rooms":
            return ListRooms()
        case "leave":
            return LeaveRoom()
        case "quit":
            return LogOut()
        case "link":
            return ShowLink()
    return Help()


def _with_password(name: str, words: list[str]) -> Command | None:
    """Return what is asked of an account; without a password, where that is left out."""
    match words:
        case [] | [_]:
            password = words[0] if words else None
            return RegisterAccount(password) if name == "register" else Identify(password)
        case [account, password] if name == "identify":
            return Identify(password, account)
    return None


def is_secret(line: str) -> bool:
    """Tell whether a password may stand in a typed line: it should be recalled, and kept, nowhere."""
    return line[:1] == "/" and line[1:].lstrip().partition(" ")[0].lower() in ("register", "identify")


def _history(rest: str, room: str) -> ReadHistory | None:
    if not rest:
        return ReadHistory(room, limit=HISTORY_LINES)
    if not (rest.isascii() and rest.isdigit() and len(rest) <= _DIGITS and int(rest)):
        return None
    return ReadHistory(room, limit=int(rest))


def _moderation(name: str, rest: str, room: str) -> Command | ChangeLast | None:
    """Return what is to be done to a room, or a user of it."""
    match name:
        case "topic":
            return SetTopic("" if rest == "-" else rest, room) if rest else None
        case "close":
            return CloseRoom(rest, room)
        case "private":
            return SetPrivate(not rest, room) if rest in ("", "off") else None
        case "slow":
            return SetSlow(int(rest), room) if _SECONDS.match(rest) else None
        case "bans":
            return None if rest else ListBans(room)
        case "delete":
            return None if " " in rest else ChangeLast(room, rest or None)
        case "edit":
            return ChangeLast(room, text=rest) if rest else None
        case "reply":
            name, _space, text = rest.partition(" ")
            return ReplyToLast(room, name, text.strip()) if text.strip() else None
        case "react" | "unreact":
            emoji, _space, sender = rest.partition(" ")
            fits = emoji and " " not in sender
            return ReactToLast(room, sender or None, emoji=emoji, back=name == "unreact") if fits else None
    return _about_user(name, *rest.partition(" ")[::2], room)


def _about_user(name: str, user: str, rest: str, room: str) -> Command | None:
    rest = rest.strip()
    if not user:
        return None
    match name:
        case "kick":
            return KickUser(user, rest, room)
        case "mute":
            return MuteUser(user, *_time(rest), room)
        case "ban":
            word, _space, more = rest.partition(" ")
            address = word == _WITH_ADDRESS
            return BanUser(user, *_time(more.strip() if address else rest), address, room)
        case "op" if rest in ("", "owner"):
            return SetRole(user, rest or "moderator", room)
    if rest:
        return None
    match name:
        case "invite":
            return InviteUser(user, room)
        case "unban":
            return UnbanUser(user, room)
        case "unmute":
            return UnmuteUser(user, room)
    return SetRole(user, "member", room) if name == "deop" else None


def seconds_of(text: str) -> int | None:
    """Return how many seconds a time like `30m` has; None for what is none."""
    found = _TIME.match(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _time(rest: str) -> tuple[int | None, str]:
    """Return a time in seconds that stands at the beginning, None for none, and what is behind it."""
    word, _space, more = rest.partition(" ")
    seconds = seconds_of(word)
    return (None, rest) if seconds is None else (seconds, more.strip())


@dataclass(frozen=True, slots=True)
class Completions:
    """What the word under the cursor may become."""

    word: str
    """What is there of it so far."""
    candidates: tuple[str, ...]


def complete(text: str, *, users: Iterable[str], rooms: Iterable[str]) -> Completions:
    """Return the completions of `text`, what stands before the cursor.

    Args:
        text: the line up to the cursor.
        users: names of users to offer.
        rooms: names of rooms to offer.
    """
    head, _space, word = text.rpartition(" ")
    if not head and word.startswith("/"):
        return _matching(word, (f"/{name} " for name in SLASHES))
    if not text.startswith("/") or text.startswith("//"):
        # In a message a name is completed once it was begun; at its beginning it is spoken to.
        end = " " if head else ": "
        return _matching(word, (f"{name}{end}" for name in users)) if word else Completions(word, ())
    command, _space, _rest = text[1:].partition(" ")
    slash = SLASHES.get(command.lower())
    if slash is None or slash.completes == "nothing" or head != f"/{command}":
        return Completions(word, ())
    if slash.completes == "rooms":
        return _matching(word, rooms)
    if slash.name in ("msg", "send"):
        word = word.rpartition(",")[2]
    return _matching(word, users)


def _matching(word: str, candidates: Iterable[str]) -> Completions:
    begun = name_key(word)
    return Completions(word, tuple(sorted(one for one in candidates if name_key(one).startswith(begun))))
