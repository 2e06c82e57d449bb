"""The room log in memory: the default store, bounded by count and bytes. What clients have sent is in `receipts`."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chatcore.chat.kept.receipts import Receipts
from chatcore.commands import Position
from chatcore.events import MessagePosted, Posted
from chatcore.limits import Limits
from chatcore.ports.archive import Appended, Changed, Dropped, Opened, Reacted, Renewed, Row
from chatcore.ports.room_log import Change, Receipt
from chatcore.text.json_size import memory_size

# What an entry takes besides its text: the object, its seq, time, names and its place in the list.
_ENTRY_BYTES = 400
# What an emoji below it takes, and each of those who have put it there.
_REACTION_BYTES = 250
_REACTOR_BYTES = 90
# Of so many things that have changed last in a log the last change is remembered, for those who were away.
_CHANGES = 1000
# Which part of all memory the marks of clients without a session may take.
_PARTED_SHARE = 8
# Stands where a dropped entry was, until the list is cut.
_GONE = MessagePosted(seq=0, sender="", text="", at=0.0, room="")
# What logs have in which nothing was said, as in most of those for direct messages: nothing of their own.
_NO_ENTRIES: list[Posted] = []
_NO_SIZES = array("L")


class _Ring:
    """The entries of one log. A list with a moving start: appending, dropping and slicing stay cheap."""

    __slots__ = ("bytes", "changed", "changes", "entries", "epoch", "first", "head", "sizes")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.head = 0
        self.entries = _NO_ENTRIES
        self.sizes = _NO_SIZES
        """What each of them counted when it was appended."""
        self.first = 0  # index of the oldest entry that still counts
        self.bytes = 0
        self.changes = 0
        self.changed: dict[tuple[int, str], Change] | None = None
        """The last of each thing, by seq and emoji, in their order; None before the first one."""

    @property
    def floor(self) -> int:
        return self.head - (len(self.entries) - self.first) + 1

    def append(self, entry: Posted, size: int) -> None:
        self.head = entry.seq
        if self.entries is _NO_ENTRIES:
            self.entries, self.sizes = [], array("L")
        self.entries.append(entry)
        self.sizes.append(size)
        self.bytes += size

    def note_change(self, change: Changed | Reacted) -> None:
        self.changes += 1
        if isinstance(change, Reacted):
            self.remember(Change(self.changes, change.seq, change.emoji))
        else:
            self.remember(Change(self.changes, change.seq, "", change.deleted))

    def remember(self, change: Change) -> None:
        """Remember a change instead of the one before of the same thing; what was deleted stays so."""
        if self.changed is None:
            self.changed = {}
        what = (change.seq, change.emoji)
        before = self.changed.pop(what, None)
        self.changed[what] = change if before is None or not before.deleted else change._replace(deleted=True)
        if len(self.changed) > _CHANGES:
            del self.changed[next(iter(self.changed))]

    def drop_oldest(self) -> int:
        """Drop one entry and return the bytes it took."""
        size = self.sizes[self.first]
        self.entries[self.first] = _GONE
        self.first += 1
        if self.first * 2 > len(self.entries):
            del self.entries[: self.first]
            del self.sizes[: self.first]
            self.first = 0
        self.bytes -= size
        return size


def _size_of(entry: Posted) -> int:
    """Return what an entry takes."""
    size = _ENTRY_BYTES + memory_size(entry.text)
    if isinstance(entry, MessagePosted) and entry.reactions:
        size += sum(_REACTION_BYTES + _REACTOR_BYTES * len(each.by) for each in entry.reactions)
    return size


class MemoryLog(Receipts):
    """Implements `chatcore.ports.room_log.RoomLog` in memory.

    Args:
        limits: how much of it.
        archived: True when an archive keeps what is said: then `take_rows` tells what is new.
    """

    def __init__(self, limits: Limits, *, archived: bool = False) -> None:
        super().__init__(limits.total_log_bytes // _PARTED_SHARE)
        self._most_entries, self._most_bytes = limits.log_messages, limits.log_bytes  # a model's fields are slow
        self._total = limits.total_log_bytes
        self._archived = archived
        self._rows: list[Row] = []
        self._rings: dict[str, _Ring] = {}
        self._ring_bytes = 0

    @property
    def bytes(self) -> int:
        """How much all of it takes."""
        return self._ring_bytes + self.mark_bytes

    def open(self, key: str, epoch: str) -> None:
        """Create the log with this epoch, unless there is one."""
        if key not in self._rings:
            self._rings[key] = _Ring(epoch)
            if self._archived:
                self._rows.append(Opened(key, epoch))

    def renew(self, epoch: Callable[[str], str]) -> None:
        """Let all logs go on under other epochs, by their keys: what was told of them may be lost."""
        for key, ring in self._rings.items():
            ring.epoch = epoch(key)
            if self._archived:
                self._rows.append(Renewed(key, ring.epoch))

    def position(self, key: str) -> Position:
        """Return the position of the log's head."""
        ring = self._rings[key]
        return Position(ring.epoch, ring.head, ring.changes)

    def head(self, key: str) -> int:
        """Return the seq of the newest entry, 0 when there was none yet."""
        return self._rings[key].head

    def heads(self, *keys: str) -> dict[str, int]:
        """Return the heads of logs, by their keys."""
        heads, rings = {}, self._rings
        for key in keys:  # in 3.11, a comprehension is a call
            heads[key] = rings[key].head
        return heads

    def floor(self, key: str) -> int:
        """Return the seq of the oldest entry left, `head + 1` when there is none."""
        return self._rings[key].floor

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Append `entry`, whose seq must be `head + 1`, and note its client's cid if it has one."""
        ring = self._rings[key]
        if entry.seq != ring.head + 1:
            raise ValueError(f"log {key!r} is at {ring.head}, so the next entry is not {entry.seq}")
        size = _ENTRY_BYTES + memory_size(entry.text)
        ring.append(entry, size)
        self._ring_bytes += size
        if self._archived:
            self._rows.append(Appended(key, entry))
        if entry.client is not None and entry.cid is not None:
            self.note(entry.client, entry.cid, Receipt(key, entry.seq, digest))
        self._keep_to_bounds(ring)

    def change(self, key: str, seq: int, text: str, *, deleted: bool) -> None:
        """Let an entry say something else, or nothing any more."""
        self._change(Changed(key, seq, text, deleted))

    def react(self, key: str, seq: int, emoji: str, by: str, *, removed: bool) -> int | None:
        """Put an emoji below an entry, or take it back; return how many have it there, None when it is not left."""
        entry = self._change(Reacted(key, seq, emoji, by, removed))
        if not isinstance(entry, MessagePosted):
            return None
        return next((each.count for each in entry.reactions if each.emoji == emoji), 0)

    def _change(self, change: Changed | Reacted) -> Posted | None:
        """Let an entry be another one; return what it is now, None when it is not left."""
        ring = self._rings[change.key]
        ring.note_change(change)
        if self._archived:
            self._rows.append(change)
        if not ring.floor <= change.seq <= ring.head:
            return None
        index = ring.first + change.seq - ring.floor
        entry = ring.entries[index] = change.of(ring.entries[index])
        size = _size_of(entry)
        more = size - ring.sizes[index]
        ring.sizes[index] = size
        ring.bytes += more
        self._ring_bytes += more
        self._keep_to_bounds(ring)
        return entry

    def changes(self, key: str) -> int:
        """Return how many changes of entries there were."""
        return self._rings[key].changes

    def was_changed(self, key: str, seq: int) -> bool:
        """Tell whether an entry was edited or deleted, by one of the changes that are remembered."""
        return (seq, "") in (self._rings[key].changed or {})

    def was_deleted(self, key: str, seq: int) -> bool:
        """Tell whether an entry was deleted, by one of the changes that are remembered."""
        change = (self._rings[key].changed or {}).get((seq, ""))
        return change is not None and change.deleted

    def changed(self, key: str, after: int) -> Sequence[Change]:
        """Return the changes with a number over `after`, of those that are remembered; of each thing the last one."""
        return [each for each in (self._rings[key].changed or {}).values() if each.number > after]

    def refuse(self, client: str, cid: int, code: str, digest: int = 0) -> None:
        """Note that this send was refused for good."""
        self.note(client, cid, Receipt("", 0, digest, refused=code))
        if self._ring_bytes + self.mark_bytes > self._total:
            self._make_room()

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Return up to `limit` entries in order, from the first that is left with a seq over `after`."""
        ring = self._rings[key]
        start = ring.first + max(0, after + 1 - ring.floor)
        return ring.entries[start : start + limit]

    def drop(self, key: str) -> None:
        """Forget the log; opened again it has another epoch."""
        ring = self._rings.pop(key, None)
        if ring is not None:
            self._ring_bytes -= ring.bytes
            if self._archived:
                self._rows.append(Dropped(key))

    def hold(self, client: str) -> None:
        """Keep what is noted of this client, whatever others do, until it is released."""
        super().hold(client)
        if self._ring_bytes + self.mark_bytes > self._total:
            self._make_room()

    def trim(self, key: str, floor: int) -> None:
        """Drop the entries below a seq: they are kept nowhere any more."""
        ring = self._rings[key]
        while ring.floor < min(floor, ring.head + 1):
            self._ring_bytes -= ring.drop_oldest()

    def opened(self) -> list[str]:
        """Return the keys of all logs."""
        return list(self._rings)

    def take_rows(self) -> list[Row]:
        """Return what is new for an archive, once."""
        rows, self._rows = self._rows, []
        return rows

    def fill(self, key: str, entries: Sequence[Posted]) -> None:
        """Take back the newest entries of a log that has none in memory: those up to its head, as many as fit."""
        ring = self._rings[key]
        head = ring.head
        for entry in entries:
            ring.append(entry, _size_of(entry))
        if entries and ring.head != head:
            raise ValueError(f"log {key!r} is at {head}, and what was kept of it ends at {ring.head}")
        self._ring_bytes += ring.bytes
        self._keep_to_bounds(ring)

    def dump(self) -> Iterator[dict[str, Any]]:
        """Yield what `load` makes an equal store of, but for the entries: JSON values, a row for each log and mark."""
        for key, ring in self._rings.items():
            row = {"log": key, "epoch": ring.epoch, "head": ring.head}
            if ring.changed:
                row |= {"changes": ring.changes, "changed": [list(each) for each in ring.changed.values()]}
            yield row
        yield from self.dump_marks()

    def load(self, row: Mapping[str, Any]) -> None:
        """Take a row of `dump`, in their order; no log has entries then."""
        if "log" in row:
            ring = self._rings[row["log"]] = _Ring(row["epoch"])
            ring.head, ring.changes = row["head"], row.get("changes", 0)
            if ring.changes:
                for each in row["changed"]:
                    ring.remember(Change(*each))
        else:
            self.load_mark(row)

    # Bounds.

    def _keep_to_bounds(self, ring: _Ring) -> None:
        """Let go what a log has too much of, and what all have."""
        while len(ring.entries) - ring.first > self._most_entries or ring.bytes > self._most_bytes:
            self._ring_bytes -= ring.drop_oldest()
        if self._ring_bytes + self.mark_bytes > self._total:
            self._make_room()

    def _make_room(self) -> None:
        """Keep to the memory there is. A tenth goes at a time, so that the search for what goes is rare."""
        # However much the clients that have a session take, half of it is for what was said.
        room = max(self._total - self.mark_bytes, self._total // 2)
        if self._ring_bytes > room:
            most = _common_height([ring.bytes for ring in self._rings.values()], room * 9 // 10)
            for ring in self._rings.values():
                while ring.bytes > most:
                    self._ring_bytes -= ring.drop_oldest()


def _common_height(heights: list[int], room: int) -> int:
    """Return the height to which the highest are cut, so that all together have no more than the room there is."""
    heights.sort()
    for lower, height in enumerate(heights):
        share = room // (len(heights) - lower)
        if height > share:
            return share
        room -= height
    return max(heights, default=0)
