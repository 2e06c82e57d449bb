"""What is typed for a room that the user is still on the way to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatcore.commands import Read, RoomChange, SendMessage
from chatcore.text.names import name_key
from chatcore.text.slash import Parsed, SendPath, ShowLink, parse

# How long it takes to read that one is not where one types for, in seconds: a line begun by then may be for there.
_READ: Final = 2.0


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

    @property
    def on_the_way(self) -> bool:
        """Whether a command that leads to another room has no answer yet."""
        return self._under_way > 0

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
        if not (_depends_on_room(line, command) or (self._lines and isinstance(command, RoomChange))):
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


class Unfinished:
    """Where the line in the prompt was begun, if the user is not there any more.

    Args:
        time: returns the time, in seconds.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._text = ""
        self._room: str | None = None
        self._read = 0.0  # when it is read that the user is not in the room that the last lines were for

    def changed(self, text: str) -> None:
        """Take what is in the prompt now; a line that is given up is over, and the next one is another."""
        begun, self._text = not self._text, text
        if not text:
            self._room = None
        elif begun and self._time() < self._read:
            self._room = ""

    def belongs_to(self, room: str) -> None:
        """Take it that what is in the prompt is for this room; empty for one that the user is not let into."""
        if self._text:
            self._room = room

    def goes_on(self) -> None:
        """Take it that the lines before are told as not sent, and that the next one may go on with them."""
        self._read = self._time() + _READ

    def take(self) -> str | None:
        """Return where it was begun, once."""
        room, self._room, self._read = self._room, None, 0.0
        return room
