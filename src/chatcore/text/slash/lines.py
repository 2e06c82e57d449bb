"""Several commands that are typed, or pasted, one a line."""

from __future__ import annotations

from typing import Final

from chatcore.commands import Identify, LogOut, RegisterAccount, Search, SendBroadcast, SendDirect, SendMessage
from chatcore.text.slash.asked import AnswerFile, ChangeLast, Parsed, SendPath
from chatcore.text.slash.parsing import parse
from chatcore.text.slash.table import NotUnderstood

ANSWERED_FIRST: Final = ChangeLast | Search | SendPath | AnswerFile
"""What takes more than a request, or leads on from its answer: a command below would overtake it."""


def one_by_one(text: str, *, room: str) -> tuple[list[str], str]:
    """Return the commands that a text begins with, one a line, and what stands below them.

    A text that begins with none is to be taken whole: a message, or a command whose text has several lines. A message
    below commands is not said yet, nor is anything done below one that leaves, asks for a password, or has to be
    answered first (`ANSWERED_FIRST`): the user looks at that first.

    Args:
        text: what was typed.
        room: the room that the user is in.
    """
    commands: list[str] = []
    begin, end, last = 0, -1, len(text.rstrip())
    while end < last:
        begin, end = end + 1, text.find("\n", end + 1, last)
        end = last if end < 0 else end
        line = text[begin:end]
        command = _command(line, room)
        if line.strip() and (command is None or (end < last and _takes_lines(command))):
            break
        commands += [line] if line.strip() else []
        begin = end + 1
        if _stops(command):
            break
    if not commands:
        return [], text
    return commands, text[begin:] if begin < last else ""


def _command(line: str, room: str) -> Parsed | None:
    """Return what a line asks for; None for a message, and for what is not understood."""
    try:
        command = parse(line, room=room)
    except NotUnderstood:
        return None
    return None if isinstance(command, SendMessage) else command


def _takes_lines(command: Parsed) -> bool:
    """Tell whether what stands below a command may be a part of what it says."""
    if isinstance(command, ChangeLast):
        return command.text is not None
    return isinstance(command, SendDirect | SendBroadcast)


def _stops(command: Parsed | None) -> bool:
    """Tell whether nothing is to be done below a command yet."""
    match command:
        case LogOut() | RegisterAccount(password=None) | Identify(password=None):
            return True
    return isinstance(command, ANSWERED_FIRST)
