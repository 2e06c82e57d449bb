"""The room log in memory: the default store, bounded by count and bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from chatcore.commands import Position
from chatcore.events import MessagePosted, Posted
from chatcore.limits import Limits
from chatcore.ports.room_log import Receipt

# What an entry takes besides its text: the object, its seq, time, names and its place in the list.
_ENTRY_BYTES = 400
# How many receipts a client's mark keeps: as many as a client should have unacknowledged.
_RECEIPTS = 64
# How many clients are remembered besides those with a session; the one that was silent longest goes first.
_CLIENTS = 10_000
# Stands where a dropped entry was, until the list is cut.
_GONE = MessagePosted(seq=0, sender="", text="", at=0.0, room="")


class _Ring:
    """The entries of one log. A list with a moving start: appending, dropping and slicing stay cheap."""

    __slots__ = ("bytes", "entries", "epoch", "first", "head")

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.head = 0
        self.entries: list[Posted] = []
        self.first = 0  # index of the oldest entry that still counts
        self.bytes = 0

    @property
    def floor(self) -> int:
        return self.head - (len(self.entries) - self.first) + 1

    def drop_oldest(self) -> int:
        """Drop one entry and return the bytes it took."""
        size = _size(self.entries[self.first])
        self.entries[self.first] = _GONE
        self.first += 1
        if self.first * 2 > len(self.entries):
            del self.entries[: self.first]
            self.first = 0
        self.bytes -= size
        return size


class _Mark:
    """What is known of a client's numbered sends."""

    __slots__ = ("last", "receipts")

    def __init__(self) -> None:
        self.last = 0
        self.receipts: OrderedDict[int, Receipt] = OrderedDict()


class MemoryLog:
    """Implements `chatcore.ports.room_log.RoomLog` in memory.

    `new_id` gives a fresh random string per call, used as epochs.
    """

    def __init__(self, limits: Limits, new_id: Callable[[], str]) -> None:
        self._limits = limits
        self._new_id = new_id
        self._rings: dict[str, _Ring] = {}
        self._marks: OrderedDict[str, _Mark] = OrderedDict()
        self._bytes = 0

    def open(self, key: str) -> Position:
        """Return the position of the log's head; creates the log when there is none."""
        ring = self._rings.get(key)
        if ring is None:
            ring = self._rings[key] = _Ring(self._new_id())
        return Position(ring.epoch, ring.head)

    def head(self, key: str) -> int:
        """Return the seq of the newest entry, 0 when there was none yet."""
        return self._rings[key].head

    def floor(self, key: str) -> int:
        """Return the seq of the oldest entry left, `head + 1` when there is none."""
        return self._rings[key].floor

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Append `entry`, whose seq must be `head + 1`, and note its client's cid if it has one."""
        ring = self._rings[key]
        if entry.seq != ring.head + 1:
            raise ValueError(f"log {key!r} is at {ring.head}, so the next entry is not {entry.seq}")
        ring.head = entry.seq
        ring.entries.append(entry)
        size = _size(entry)
        ring.bytes += size
        self._bytes += size
        if entry.client is not None and entry.cid is not None:
            self._note(entry.client, entry.cid, Receipt(key, entry.seq, digest))
        self._make_room(ring)

    def refuse(self, client: str, cid: int, code: str, digest: int = 0) -> None:
        """Note that this send was refused for good."""
        self._note(client, cid, Receipt("", 0, digest, refused=code))

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Return up to `limit` entries in order, from the first that is left with a seq over `after`."""
        ring = self._rings[key]
        start = ring.first + max(0, after + 1 - ring.floor)
        return ring.entries[start : start + limit]

    def drop(self, key: str) -> None:
        """Forget the log; opened again it has another epoch."""
        ring = self._rings.pop(key, None)
        if ring is not None:
            self._bytes -= ring.bytes

    def last_cid(self, client: str) -> int:
        """Return the highest cid that was noted for this client, 0 for none."""
        mark = self._marks.get(client)
        return 0 if mark is None else mark.last

    def receipt(self, client: str, cid: int) -> Receipt | None:
        """Return what became of this send, None when that is not known (any more)."""
        mark = self._marks.get(client)
        return None if mark is None else mark.receipts.get(cid)

    def _note(self, client: str, cid: int, receipt: Receipt) -> None:
        mark = self._marks.get(client)
        if mark is None:
            mark = self._marks[client] = _Mark()
            if len(self._marks) > self._limits.sessions + _CLIENTS:
                self._marks.popitem(last=False)
        else:
            self._marks.move_to_end(client)
        mark.last = max(mark.last, cid)
        mark.receipts[cid] = receipt
        if len(mark.receipts) > _RECEIPTS:
            mark.receipts.popitem(last=False)

    def _make_room(self, ring: _Ring) -> None:
        limits = self._limits
        while ring.head - ring.floor >= limits.log_messages or ring.bytes > limits.log_bytes:
            self._bytes -= ring.drop_oldest()
        if self._bytes > limits.total_log_bytes:
            # The biggest log pays. A tenth at a time, so that the search for it is rare.
            target = limits.total_log_bytes * 9 // 10
            while self._bytes > target:
                biggest = max(self._rings.values(), key=lambda each: each.bytes)
                goal = biggest.bytes // 2
                while biggest.bytes > goal:
                    self._bytes -= biggest.drop_oldest()


def _size(entry: Posted) -> int:
    return _ENTRY_BYTES + entry.text.__sizeof__()
