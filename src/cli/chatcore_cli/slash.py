"""What a terminal user types: a message to the room, or a command that begins with a slash. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from chatcore.commands import (
    Command,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogOut,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore_cli.texts import N_, _


@dataclass(frozen=True, slots=True)
class Help:
    """Asks for the list of commands."""


class NotUnderstoodError(Exception):
    """A command that cannot be carried out as typed; the text is a hint for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Slash:
    """One command: how it is written, and what it does."""

    name: str
    usage: str
    about: str
    completes: str = ""
    """What its first argument is: `users`, `rooms` or nothing."""


SLASHES: Final = {
    slash.name: slash
    for slash in (
        Slash("nick", N_("/nick NAME"), N_("take another name")),
        Slash("who", N_("/who"), N_("see who is in this room")),
        Slash("whois", N_("/whois NAME"), N_("see where a user is, and since when"), "users"),
        Slash("msgall", N_("/msgall TEXT"), N_("say something to everyone connected")),
        Slash("msg", N_("/msg NAME[,NAME...] TEXT"), N_("say something to some users only"), "users"),
        Slash("list", N_("/list"), N_("see all users and their rooms")),
        Slash("rooms", N_("/rooms"), N_("see all rooms")),
        Slash("create", N_("/create ROOM"), N_("create a room and enter it")),
        Slash("join", N_("/join ROOM"), N_("enter a room, and leave this one"), "rooms"),
        Slash("leave", N_("/leave"), N_("go back to the lobby")),
        Slash("help", N_("/help"), N_("see this list")),
        Slash("quit", N_("/quit"), N_("log out; Ctrl-D does the same")),
    )
}


_NAMED: Final[dict[str, Callable[[str], Command]]] = {
    "nick": Rename,
    "whois": WhoIs,
    "create": CreateRoom,
    "join": JoinRoom,
}


def parse(line: str, *, room: str) -> Command | Help | None:
    """Return what a typed line asks for; None for a blank one.

    Args:
        line: what was typed.
        room: the room that the user is in.

    Raises:
        NotUnderstoodError: when it is a command that cannot be carried out as typed.
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
        raise NotUnderstoodError(_unknown(name))
    command = _command(name, rest.strip(), room)
    if command is None:
        raise NotUnderstoodError(_("This is how to write it: {usage}").format(usage=_(SLASHES[name].usage)))
    return command


def _command(name: str, rest: str, room: str) -> Command | Help | None:
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
    return Help()


def _unknown(name: str) -> str:
    close = get_close_matches(name, SLASHES, 1)
    if close:
        return _("There is no command /{name}. Did you mean /{close}? /help lists them all.").format(
            name=name, close=close[0]
        )
    return _("There is no command /{name}. /help lists them all; // begins a message with a slash.").format(name=name)


def help_lines() -> list[str]:
    """Return the list of commands, as lines."""
    width = max(len(_(slash.usage)) for slash in SLASHES.values())
    lines = [f"{_(slash.usage):<{width}}  {_(slash.about)}" for slash in SLASHES.values()]
    return [*lines, _("Anything else is a message to the room; // begins one with a slash.")]


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
    if slash is None or not slash.completes or head != f"/{command}":
        return Completions(word, ())
    if slash.completes == "rooms":
        return _matching(word, rooms)
    if slash.name == "msg":
        word = word.rpartition(",")[2]
    return _matching(word, users)


def _matching(word: str, candidates: Iterable[str]) -> Completions:
    begun = word.lower()
    return Completions(word, tuple(sorted(one for one in candidates if one.lower().startswith(begun))))
