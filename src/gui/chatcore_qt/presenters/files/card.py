"""One file as the window shows it: on offer, under way to one user or to many, or over."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from chatcore.errors import ErrorCode
from chatcore.events import FileEnd, FileFailed, FileProgressed
from chatcore.ports.file_store import FileSource
from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation.conversation import Conversation

State = Literal["preparing", "offered", "running", "paused", "done", "failed"]

# Trying again would be rude, or in vain.
_FINAL: Final[frozenset[str]] = frozenset(
    {FileEnd.DECLINED, FileEnd.CANCELLED, FileEnd.CANCELLED_HERE, ErrorCode.TOO_LARGE, ErrorCode.NO_FILES}
)
_BUSY: Final[tuple[State, ...]] = ("running", "paused", "offered")


class Why(NamedTuple):
    """Why a file did not go: what the server says, or this program."""

    code: str
    message: str = ""
    values: Mapping[str, object] = MappingProxyType({})


@dataclass(slots=True)
class Side:
    """One user at the other side."""

    state: State = "offered"
    done: int = 0
    """Bytes."""
    rate: float = 0.0
    """Bytes a second."""
    left: float | None = None
    """Seconds."""
    code: str = ""
    """Why it failed."""
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")

    def progressed(self, status: FileProgressed) -> None:
        """Show how far it is."""
        self.state = status.state.value
        self.done, self.rate, self.left = status.done, status.rate, status.left

    def failed(self, code: str, message: str) -> None:
        """End it."""
        self.state, self.code, self.message = "failed", code, message


@dataclass(slots=True, eq=False)
class FileCard:
    """A file. One that is offered to several users is one file all the same."""

    key: str
    conversation: Conversation
    sending: bool
    name: str
    """Safe to show."""
    size: int = 0
    """In bytes; 0 while it is not known."""
    file: str = ""
    """Its id; empty as long as the server has not heard of it."""
    room: bool = False
    """Whether it is for everyone in the room."""
    to: tuple[str, ...] = ()
    people: Mapping[str, Conversation] = field(default_factory=dict)
    """The conversations with those whom it was offered to by name, by the keys of these names."""
    waits: bool = False
    """Whether it is to be offered again, as soon as it is certain to whom."""
    path: str = ""
    """Of a file that is sent: as it was chosen."""
    sides: dict[str, Side] = field(default_factory=dict)
    """The users at the other side, by name."""
    place: str = ""
    """Where it is, once it was received."""
    refusal: Why | None = None
    """Why it could not be offered at all."""
    source: FileSource | None = None
    unwanted: bool = False
    """Whether the user has cancelled it while it came."""
    task: asyncio.Task[None] | None = None
    """Offers it, or asks for it."""

    @property
    def state(self) -> State:
        """What is most worth knowing of it."""
        if self.refusal is not None:
            return "failed"
        states = {side.state for side in self.sides.values()}
        if not states:
            return "preparing"
        for state in _BUSY:
            if state in states:
                return state
        return "done" if "done" in states else "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")

    @property
    def can_cancel(self) -> bool:
        """Whether it can be ended, or is not yet offered again."""
        return self.waits or not (self.over or self.to_answer)

    @property
    def to_answer(self) -> bool:
        """Whether the user is asked whether to receive it."""
        return not self.sending and self.state == "offered" and self.task is None

    @property
    def user(self) -> str:
        """The user at the other side, or the first of them."""
        return next(iter(self.sides), self.to[0] if self.to else "")

    @property
    def moving(self) -> list[Side]:
        """Those that are under way."""
        return [side for side in self.sides.values() if side.state in ("running", "paused")]

    @property
    def progress(self) -> float:
        """How much of what is under way is done: 0 to 1."""
        total = self.size * len(self.moving)
        return min(1.0, sum(side.done for side in self.moving) / total) if total else 0.0

    @property
    def retry_to(self) -> tuple[str, ...]:
        """Users whom it may be offered to again."""
        return tuple(user for user, side in self.sides.items() if side.state == "failed" and side.code not in _FINAL)

    def receivers(self, to: tuple[str, ...]) -> tuple[str, ...]:
        """Return to whom it is offered, by the names that they have now."""
        return tuple(place.name if (place := self.people.get(name_key(name))) is not None else name for name in to)

    @property
    def can_retry(self) -> bool:
        """Whether offering it again may help."""
        if not self.sending or not self.over or self.waits:
            return False
        return self.refusal.code not in _FINAL if self.refusal is not None else bool(self.retry_to)

    def take(self, event: FileProgressed | FileFailed) -> None:
        """Take what happened to it with one user."""
        side = self.sides.get(event.user)
        if side is None or side.over:
            return
        if isinstance(event, FileProgressed):
            side.progressed(event)
        else:
            side.failed(event.code, event.message)
