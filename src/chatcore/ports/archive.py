"""The archive port: what was said and is no longer in memory, and snapshots of the chat to begin from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from chatcore.events import MessagePosted, Posted, Reaction
from chatcore.ports.search import Page, Query


class Opened(NamedTuple):
    """A log begins, empty: its next entry has the seq 1."""

    key: str
    epoch: str
    """Never used for this key before."""


class Appended(NamedTuple):
    """A log has one more entry."""

    key: str
    entry: Posted


class Changed(NamedTuple):
    """An entry has another text, or none any more; its seq stays. What it said before is not to be found anywhere."""

    key: str
    seq: int
    text: str
    """Empty when it was deleted."""
    deleted: bool

    def of(self, entry: Posted) -> Posted:
        """Return what the entry is now."""
        changed = replace(entry, text=self.text, deleted=self.deleted, edited=not self.deleted)
        return replace(changed, reactions=()) if self.deleted and isinstance(changed, MessagePosted) else changed


class Reacted(NamedTuple):
    """A user has put an emoji below an entry, or has taken it back."""

    key: str
    seq: int
    emoji: str
    by: str
    """What that user's sends are numbered under."""
    removed: bool

    def of(self, entry: Posted) -> Posted:
        """Return what the entry is now. What was there already, or was not, changes nothing."""
        if not isinstance(entry, MessagePosted) or entry.deleted:
            return entry
        found, known = list[Reaction](), False
        for each in entry.reactions:
            by = each.by
            if each.emoji == self.emoji:
                known = True
                by = tuple(one for one in by if one != self.by) + (() if self.removed else (self.by,))
            if by:
                found.append(Reaction(each.emoji, len(by), by=by))
        if not known and not self.removed:
            found.append(Reaction(self.emoji, 1, by=(self.by,)))
        return replace(entry, reactions=tuple(found))


class Renewed(NamedTuple):
    """A log goes on under another epoch, with the entries that it has: others may have been known of it."""

    key: str
    epoch: str
    """Never used for this key before."""


class Dropped(NamedTuple):
    """A log is gone, with all that stood in it."""

    key: str


Row = Opened | Appended | Changed | Reacted | Renewed | Dropped
"""What applying a record does to the logs."""


class Head(NamedTuple):
    """How far a log has come."""

    epoch: str
    seq: int
    """Of the newest entry; 0 when there was none yet."""
    floor: int
    """Seq of the oldest entry that is kept; `seq + 1` when none is. All from there on are."""


class Unreadable(NamedTuple):
    """Stands where an entry is kept that the disk does not give any more."""

    seq: int


class Snapshot(NamedTuple):
    """The chat as it was behind an entry of the journal."""

    position: int
    """Of that entry."""
    clock: float
    """Of the journal then, in seconds."""
    rows: Sequence[Any]
    """What the chat has written down of itself, as JSON values."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of what was said is kept; what is more goes, the oldest first. None: as much as there is room for.

    The newest entry of a log counts like any other: an old one may go, and the log keeps its epoch and its head.
    """

    messages: int | None = None
    """How many entries, over all logs."""
    seconds: float | None = None
    """For how long, by the time at which they were said."""
    bytes: int | None = None
    """How many bytes of JSON they may take, over all logs."""
    rooms: Mapping[str, Retention] = field(default_factory=dict)
    """The same of single logs, by their keys. `messages` and `bytes` are of that log alone, beside what holds for all;
    `seconds` hold instead of those for all."""

    def of(self, key: str) -> Retention:
        """Return what holds for one log alone."""
        own = self.rooms.get(key)
        if own is None:
            return Retention(seconds=self.seconds)
        return own if own.seconds is not None else replace(own, seconds=self.seconds)


class Archive(Protocol):
    """Keeps what applying the journal's records does to the logs, beside that journal, and gives it back later.

    All its methods belong to the thread of the event loop. The contract tests are in `tests/contracts/archive.py`.
    """

    def keep(self, rows: Sequence[Row]) -> None:
        """Store what an entry of the journal has done to the logs; in the order of the entries. Never waits.

        It is stored at the latest with the commits of the next entries. A server that was killed before that applies
        the entries again when it starts, and keeps it again, before the journal's `start` returns: what is there
        already, or belongs to a log that was dropped since, changes nothing then. Later on, an entry that is not the
        next one of its log is a mistake that ends the store: something before it was not kept.
        """
        ...

    async def heads(self) -> Mapping[str, Head]:
        """Return how far every log has come, by its key, with all that was given to `keep`. Raises `FileError`.

        `read` gives the newest N entries of a log behind `seq - N`.
        """
        ...

    async def read(self, key: str, after: int, limit: int) -> Sequence[Posted | Unreadable]:
        """Return up to `limit` entries in order, from the first that is left with a seq over `after`.

        What was given to `keep` is found at once; what is damaged is said, and keeps nobody from what is not. Raises
        KeyError without the log; `FileError` when the disk gives nothing, with one sentence for people.
        """
        ...

    async def search(self, query: Query) -> Page:
        """Return messages of rooms, the newest first: a bounded number of them is looked at.

        What was given to `keep` is found, changed ones by what they say now, deleted ones never. Raises `FileError`.
        """
        ...

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this snapshot instead of the one before. Entries of the journal up to its position may go then.

        Everything up to that position was given to `keep` before. The rows are not changed afterwards. Raises
        `FileError` when it cannot be kept, because there is no space: then the one before is the last one.
        """
        ...

    async def load_snapshot(self) -> Snapshot | None:
        """Return the last snapshot; None when there is none. Raises `FileError`."""
        ...
