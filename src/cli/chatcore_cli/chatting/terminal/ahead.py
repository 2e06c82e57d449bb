"""What is typed for a room that the user is still on the way to."""

from __future__ import annotations

from typing import Final

from chatcore.commands import CloseRoom, CreateRoom, JoinRoom, LeaveRoom, Read, SendMessage
from chatcore.text.names import name_key
from chatcore.text.slash import Parsed, SendPath, ShowLink, parse

_GOING: Final = CreateRoom | JoinRoom | LeaveRoom | CloseRoom


class TypedAhead:
    """Keeps the lines behind a command that leads to another room: none of them is meant for the one before."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, Parsed]] = []
        self._under_way = 0  # such commands without an answer
        self._room = ""  # where the last one leads; empty for the default room

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def messages(self) -> int:
        """How many of the lines are messages."""
        return sum(isinstance(command, SendMessage) for _line, command in self._lines)

    @property
    def commands(self) -> int:
        """How many of the lines are commands that change something."""
        return sum(not isinstance(command, SendMessage | Read) for _line, command in self._lines)

    def set_out(self, room: str) -> None:
        """Be on the way to a room; empty for the default one."""
        self._under_way += 1
        self._room = room

    def arrived(self, done: bool, room: str) -> bool | None:
        """Take the answer to such a command, and where the user is now.

        Returns whether that is where the last one leads; None while there are others without an answer.
        """
        self._under_way -= 1
        if self._under_way:
            return None
        return done and (not self._room or name_key(room) == name_key(self._room))

    def keeps(self, line: str, command: Parsed | None) -> bool:
        """Keep a line, if what it says depends on where the user will be; tell whether it is kept.

        So is what leads on from there, or the lines before it would be said one room too far.
        """
        if command is None or not self._under_way:
            return False
        if not (_depends_on_room(line, command) or (self._lines and isinstance(command, _GOING))):
            return False
        self._lines.append((line, command))
        return True

    def take(self) -> list[tuple[str, Parsed]]:
        """Return the lines, once each."""
        lines, self._lines = self._lines, []
        return lines


def _depends_on_room(line: str, command: Parsed) -> bool:
    if isinstance(command, ShowLink):
        return True
    return command.room if isinstance(command, SendPath) else command != parse(line, room="")
