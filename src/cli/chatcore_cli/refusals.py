"""Why something was refused, in sentences for people: what is wrong, and what to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatcore.errors import ErrorCode, LoginRefused, Sentence
from chatcore.text.safe_text import safe_name, safe_text
from chatcore_cli.texts import N_, _, told

# What a refusal means, for languages other than the server's.
REASONS: Final = {
    ErrorCode.BAD_REQUEST: N_("The server did not understand this."),
    ErrorCode.UNKNOWN_TYPE: N_("This server has nothing like that."),
    ErrorCode.TOO_LARGE: N_("This is too long."),
    ErrorCode.RATE_LIMITED: N_("Too many messages at once."),
    ErrorCode.BAD_NAME: N_("This cannot be a name."),
    ErrorCode.NAME_TAKEN: N_("This name is taken."),
    ErrorCode.NO_SUCH_USER: N_("There is no such user."),
    ErrorCode.NO_SUCH_ROOM: N_("There is no such room."),
    ErrorCode.ROOM_EXISTS: N_("This room exists already."),
    ErrorCode.FORBIDDEN: N_("This is not allowed."),
    ErrorCode.NOT_IN_ROOM: N_("You are not in that room any more."),
    ErrorCode.NO_SUCH_FILE: N_("This file is not on offer any more."),
    ErrorCode.FILE_LIMIT: N_("There are too many files on their way; try again later."),
    ErrorCode.NO_FILES: N_("That user's program cannot receive files."),
    ErrorCode.BAD_CHUNK: N_("It arrived out of order."),
    ErrorCode.BAD_HASH: N_("What arrived is not what was offered; it was deleted."),
    ErrorCode.FILE_IDLE: N_("Nothing moved for too long."),
    ErrorCode.DISK: N_("The other side cannot read or write the file."),
    ErrorCode.NO_SPACE: N_("There is no space left for it there."),
    ErrorCode.SERVER_FULL: N_("The server is full."),
    ErrorCode.TOO_MANY_CONNECTIONS: N_(
        "This network address has too many connections; close some, or try again later."
    ),
    ErrorCode.UNAVAILABLE: N_("The server cannot write anything down at present."),
    ErrorCode.SHUTTING_DOWN: N_("The server is shutting down."),
    ErrorCode.INTERNAL: N_("The server made a mistake."),
    ErrorCode.REPLACED: N_("You connected from somewhere else."),
}
# The same, where it is known what was asked for.
_WITH_NAME: Final = {
    ErrorCode.NAME_TAKEN: N_("The name {name} is taken."),
    ErrorCode.NO_SUCH_USER: N_("There is no user called {name}; /list shows who is there."),
    ErrorCode.NO_SUCH_ROOM: N_("There is no room called {name}; /rooms lists them, /create {name} makes it."),
    ErrorCode.ROOM_EXISTS: N_("There is a room called {name} already; /join {name} enters it."),
}
# What the program of another user says of its own disk is nobody's business here.
_OF_ANOTHER_USER: Final = frozenset({ErrorCode.DISK, ErrorCode.NO_SPACE})
# How sentences of a server begin; what else a sentence begins with may be a name, and stays as it is.
_FIRST_WORDS: Final = frozenset(
    ("a", "it", "log", "nobody", "nothing", "somebody", "that", "the", "there", "this", "too", "you", "your")
)
_BOUNDS: Final = re.compile(r"\b(\d{1,3}) to (\d{1,3})\b")
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")


def reason(code: str, message: str, *, name: str = "", asked: str = "") -> str:
    """Return why something was refused: in the user's language where we can, in the server's words otherwise.

    Args:
        code: what the server says to programs.
        message: what it says to people.
        name: the name of a user or room that was asked for, if any.
        asked: how it was asked: `/rooms`, `--room`.
    """
    if isinstance(message, Sentence):  # it happened here, and says more than the code
        return sentence(told(message))
    try:
        known = ErrorCode(code)
    except ValueError:
        return sentence(told(message))
    if known is ErrorCode.UNKNOWN_TYPE and asked:
        return _("This server has nothing like {asked}.").format(asked=safe_text(asked))
    if name and known in _WITH_NAME:
        return _(_WITH_NAME[known]).format(name=safe_name(name))
    if name and known is ErrorCode.BAD_NAME and (why := _bad_name(name, message)) is not None:
        return why
    ours = REASONS.get(known, "")
    translated = _(ours) if ours else ""
    if known in _OF_ANOTHER_USER:
        return translated
    return sentence(safe_text(message)) if translated == ours and message else translated


def login_reason(error: LoginRefused, username: str) -> str:
    """Return why a login was refused."""
    why = reason(error.code, error.message, name=username)
    if error.code == ErrorCode.NAME_TAKEN:
        # The usual grace period, which a server may change.
        mine = _("If that was you: it is free again at once after /quit, and a minute after a lost connection.")
        return f"{why} {mine}"
    return why


def receiver_in(message: str, to: Sequence[str]) -> str:
    """Return which receiver a refusal of a server is about; nothing when that is not clear."""
    if len(to) == 1:
        return to[0]
    return next((name for name in to if message.endswith(f" {name}")), "")


def sentence(text: str) -> str:
    """Return what a server or the library says, which is half a sentence as a rule, as a whole one."""
    if text.partition(" ")[0] in _FIRST_WORDS:
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else f"{text}."


def name_problem(name: str, least: int, most: int) -> str | None:
    """Return what is wrong with a name of a user or room, and how it should look; None when nothing is.

    Args:
        name: what was typed.
        least, most: how many characters it may have.
    """
    strange = _NOT_IN_A_NAME.search(name)
    if strange is not None and strange[0].isspace():
        problem = _("There is a space in {name!r}.")
    elif strange is not None:
        problem = _("There is {character!r} in {name!r}.")
    elif len(name) < least:
        problem = _("{name!r} is too short.")
    elif len(name) > most:
        problem = _("{name!r} is too long, with {count} characters.")
    else:
        return None
    rule = _("A name has {least} to {most} letters (a-z, without accents), digits, _ or -.")
    # Shown with !r, which leaves nothing in it that could steer a terminal.
    problem = problem.format(name=name, character=strange and strange[0], count=len(name))
    return f"{problem} {rule.format(least=least, most=most)}"


def _bad_name(name: str, message: str) -> str | None:
    """Return what is wrong with a name that a server refused; None when only the server knows."""
    bounds = _BOUNDS.search(message)
    return None if bounds is None else name_problem(name, int(bounds[1]), int(bounds[2]))
