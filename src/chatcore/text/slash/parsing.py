"""From a typed line to what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher, get_close_matches
from typing import Final, Literal

from chatcore.commands import (
    Command,
    CreateRoom,
    Identify,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogOut,
    ReadHistory,
    RegisterAccount,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.text.finding.line import parse_search
from chatcore.text.safe_text import SLASH_CHARS, from_first_visible
from chatcore.text.slash.asked import AnswerFile, Help, Parsed, SendPath, ShowLink, first_word
from chatcore.text.slash.moderating import MODERATION, moderation
from chatcore.text.slash.table import OF_SEVERAL_LINES, SLASHES, NotUnderstood

HISTORY_LINES: Final = 20
"""How many messages `/history` shows when it does not say."""
_DIGITS: Final = 4
_SECRETS: Final = ("register", "identify")
_ALIKE: Final = 0.5
"""From where on a word that is no command may be one of these, mistyped: a little before they are suggested."""
_NEAR: Final = 2
"""In how many letters it may be another word where it stands in a message."""
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
    typed = _behind_slash(line)
    if typed is None:
        return SendMessage(line, room=room)
    word, rest = first_word(typed)
    name = word.lower()
    if name not in SLASHES:
        close = get_close_matches(name, SLASHES, 1)
        raise NotUnderstood("unknown", name, close[0] if close else None)
    is_whole = name in OF_SEVERAL_LINES or "\n" not in typed.strip()  # of the others, a line below is no part
    command = (moderation if name in MODERATION else _command)(name, rest, room) if is_whole else None
    if command is None:
        raise NotUnderstood("usage", name)
    return command


def _command(name: str, rest: str, room: str) -> Parsed | None:
    """Return what the command asks for; None when something is missing or too much."""
    match name:
        case "msgall":
            return SendBroadcast(rest) if rest else None
        case "msg":
            to, text = first_word(rest)
            names = tuple(name for name in to.split(",") if name)
            return SendDirect(names, text) if names and text else None
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
            path = _unquoted(path.strip())
            if not names or not path:
                return None
            room_too = names == ("*",)
            return SendPath(() if room_too else names, room_too, path)
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


def _unquoted(path: str) -> str:
    """Return a path without the quotes around it, in which a name may begin or end with a blank."""
    return path[1:-1] if len(path) > 1 and path[0] == path[-1] == '"' else path


def _with_password(name: str, words: list[str]) -> Command | None:
    """Return what is asked of an account; without a password, where that is left out."""
    match words:
        case [] | [_]:
            password = words[0] if words else None
            return RegisterAccount(password) if name == "register" else Identify(password)
        case [account, password] if name == "identify":
            return Identify(password, account)
    return None


def _behind_slash(line: str) -> str | None:
    """Return what stands behind the slash of a line that is meant for a command; None for a message.

    Who types a space first, or the slash of another keyboard, means it too: what it says may be for one person only.
    """
    typed = from_first_visible(line)
    return None if not typed or typed[0] not in SLASH_CHARS or typed.startswith("//") else typed[1:].lstrip()


def is_secret(text: str) -> bool:
    """Tell whether a password may stand in what was typed: it should be recalled, and kept, nowhere."""
    return without_secrets(text) != text


def without_secrets(text: str) -> str:
    """Return what may be kept of what was typed: without the lines in which a password may stand.

    It may in any line that is a command for one, below a message too, as all is typed in one field; and as well where
    the command is mistyped, or cut short, or where nothing is between the two. What stands below a message is a part of
    it, where a slash begins many a word: there, only what is near to such a command is taken for one. In the line below
    a command the password may stand where it is not behind that; a single word behind `/identify` may be a name.
    """
    kept = []
    is_said, most_below = False, 0
    for line in text.split("\n"):
        typed = _behind_slash(line)
        words = (typed or "").split()
        name = words[0].lower() if words else ""
        if command := _for_password(name, is_said=is_said):
            behind = len(words) - (len(name) <= len(command) + _NEAR)
            most_below = len(text) if not behind else int(behind == 1 and command == "identify")
        elif typed is None and 0 < len(line.split()) <= most_below:
            most_below = 0
        else:
            kept.append(line)
            if line.strip():
                is_said = is_said or typed is None or name in OF_SEVERAL_LINES
                most_below = 0
    return "\n".join(kept)


def _for_password(name: str, *, is_said: bool) -> str | None:
    """Return the command for a password that a word behind a slash may be; more of them where it is not just said."""
    if not name or name in SLASHES:
        return name if name in _SECRETS else None
    near = _is_near if is_said else _is_like
    return next((one for one in _SECRETS if near(one, name)), None)


def _is_near(command: str, word: str) -> bool:
    if word.startswith(command) or abs(len(word) - len(command)) > _NEAR:
        return word.startswith(command)
    edits = SequenceMatcher(None, command, word).get_opcodes()
    return sum(max(end - begin, to - at) for what, begin, end, at, to in edits if what != "equal") <= _NEAR


def _is_like(command: str, word: str) -> bool:
    return command.startswith(word) or any(
        get_close_matches(one, [command], 1, _ALIKE) for one in (word, word[: len(command)])
    )


def _history(rest: str, room: str) -> ReadHistory | None:
    if not rest:
        return ReadHistory(room, limit=HISTORY_LINES)
    if not (rest.isascii() and rest.isdigit() and len(rest) <= _DIGITS and int(rest)):
        return None
    return ReadHistory(room, limit=int(rest))
