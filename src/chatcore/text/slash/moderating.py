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
from chatcore.text.slash.asked import ChangeLast, ReactToLast, ReplyToLast

MODERATION: Final = frozenset(
    {
        "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
        "private", "invite", "slow", "close", "delete", "edit", "reply", "react", "unreact",
    }
)  # fmt: skip
"""The names of these commands."""
_SECONDS: Final = re.compile(r"[0-9]{1,6}\Z")
_WITH_ADDRESS: Final = "+address"
_TIME: Final = re.compile(r"([0-9]{1,6})([smhd])\Z")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


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
            seconds, reason = _time(rest)
            return None if seconds == 0 else MuteUser(user, seconds, reason, room)
        case "ban":
            word, _space, more = rest.partition(" ")
            address = word == _WITH_ADDRESS
            seconds, reason = _time(more.strip() if address else rest)
            return None if seconds == 0 else BanUser(user, seconds, reason, address, room)
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
