"""What is typed to look after a room."""

from __future__ import annotations

import re
from typing import Final

from chatcore.commands import (
    BanUser,
    CloseRoom,
    Command,
    InviteUser,
    KickUser,
    ListBans,
    MuteUser,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.text.slash.asked import ChangeLast, ReactToLast, ReplyToLast, first_word
from chatcore.text.slash.spans import seconds_of, span_in

MODERATION: Final = frozenset(
    {
        "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
        "private", "invite", "slow", "close", "delete", "edit", "reply", "react", "unreact",
    }
)  # fmt: skip
"""The names of these commands."""
_SECONDS: Final = re.compile(r"[0-9]{1,6}\Z")
_WITH_ADDRESS: Final = "+address"


def moderation(name: str, rest: str, room: str) -> Command | ChangeLast | None:
    """Return what is to be done to a room, or a user of it."""
    match name:
        case "topic":
            return SetTopic("" if rest == "-" else rest, room) if rest else None
        case "close":
            return CloseRoom(rest, room)
        case "private":
            return SetPrivate(not rest, room) if rest in ("", "off") else None
        case "slow":
            seconds = int(rest) if _SECONDS.match(rest) else seconds_of(rest)
            return None if seconds is None else SetSlow(seconds, room)
        case "bans":
            return None if rest else ListBans(room)
        case "delete":
            return None if " " in rest else ChangeLast(room, rest or None)
        case "edit":
            return ChangeLast(room, text=rest) if rest else None
        case "reply":
            name, text = first_word(rest)
            return ReplyToLast(room, name, text) if text else None
        case "react" | "unreact":
            emoji, _space, sender = rest.partition(" ")
            fits = emoji and " " not in sender
            return ReactToLast(room, sender or None, emoji=emoji, back=name == "unreact") if fits else None
    return _about_user(name, *rest.partition(" ")[::2], room)


def _with_address(text: str) -> tuple[bool, str]:
    """Tell whether a ban is of the address too, by the word that stands first; and what is behind that."""
    word, _space, rest = text.partition(" ")
    return (True, rest.strip()) if word == _WITH_ADDRESS else (False, text)


def _about_user(name: str, user: str, rest: str, room: str) -> Command | None:
    rest = rest.strip()
    if not user or user == _WITH_ADDRESS:  # whose address is missing, and nobody is called so
        return None
    match name:
        case "kick":
            return KickUser(user, rest, room)
        case "mute":
            seconds, reason = span_in(rest)
            return None if seconds == 0 else MuteUser(user, seconds, reason, room)
        case "ban":
            before, rest = _with_address(rest)
            seconds, rest = span_in(rest)
            behind, reason = (False, rest) if before or seconds is None else _with_address(rest)
            return None if seconds == 0 else BanUser(user, seconds, reason, before or behind, room)
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
