"""What is known of clients' numbered sends: the highest number, and what became of the last ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from chatcore.ports.room_log import Receipt

# What a client's mark takes: the object, its key, and their places; and each of its receipts.
_MARK_BYTES = 400
_RECEIPT_BYTES = 200
# How many receipts a client's mark keeps: as many as a client should have unacknowledged.
_RECEIPTS = 64
# What a mark has whose client has said nothing yet: nothing of its own.
_NO_RECEIPTS: dict[int, Receipt] = {}


class _Mark:
    """What is known of a client's numbered sends."""

    __slots__ = ("held", "last", "receipts")

    def __init__(self) -> None:
        self.last = 0
        self.receipts = _NO_RECEIPTS
        self.held = False

    @property
    def bytes(self) -> int:
        return _MARK_BYTES + _RECEIPT_BYTES * len(self.receipts)


class Receipts:
    """The half of `chatcore.ports.room_log.RoomLog` that knows clients: a mark for each, with its receipts.

    Args:
        most_parted: how many bytes the marks of clients without a session may take.
    """

    def __init__(self, most_parted: int) -> None:
        self._most_parted = most_parted
        self._marks: dict[str, _Mark] = {}
        self.mark_bytes = 0
        """How much all marks take."""
        self._parted: dict[str, str] = {}
        """Clients without a session and where each came from, in the order in which they parted."""
        self._crowds: Counter[str] = Counter()
        """How many of them came from where."""
        self._parted_bytes = 0

    def last_cid(self, client: str) -> int:
        """Return the highest cid that was noted for this client, 0 for none."""
        mark = self._marks.get(client)
        return 0 if mark is None else mark.last

    def receipt(self, client: str, cid: int) -> Receipt | None:
        """Return what became of this send, None when that is not known (any more)."""
        mark = self._marks.get(client)
        return None if mark is None else mark.receipts.get(cid)

    def hold(self, client: str) -> None:
        """Keep what is noted of this client, whatever others do, until it is released."""
        mark = self._marks.get(client)
        if mark is None:
            self._add_mark(client).held = True
        else:
            self._come_back(client, mark)
            mark.held = True

    def release(self, client: str, whence: str) -> None:
        """Keep of this client what its repeated sends need, as long as there is room."""
        mark = self._marks.get(client)
        if mark is None:
            return
        self._come_back(client, mark)
        self.mark_bytes -= mark.bytes
        mark.held = False
        refused = {cid: receipt for cid, receipt in mark.receipts.items() if receipt.refused is not None}
        mark.receipts = refused or _NO_RECEIPTS
        if not mark.last:
            del self._marks[client]
            return
        self.mark_bytes += mark.bytes
        self._part(client, mark, whence)

    def note(self, client: str, cid: int, receipt: Receipt) -> None:
        """Note what became of a send."""
        mark = self._marks.get(client) or self._add_mark(client)
        if not mark.held:
            self._come_back(client, mark)
        mark.last = max(mark.last, cid)
        self.mark_bytes += _RECEIPT_BYTES
        if not mark.receipts:
            mark.receipts = {}
        mark.receipts[cid] = receipt
        if len(mark.receipts) > _RECEIPTS:
            del mark.receipts[next(iter(mark.receipts))]
            self.mark_bytes -= _RECEIPT_BYTES
        if not mark.held:
            self._part(client, mark, "")

    def dump_marks(self) -> Iterator[dict[str, Any]]:
        """Yield what `load_mark` makes equal marks of: JSON values, a row for each, and for who has parted."""
        for client, mark in self._marks.items():
            receipts = [[cid, *receipt] for cid, receipt in mark.receipts.items()]
            yield {"mark": client, "last": mark.last, "held": mark.held, "receipts": receipts}
        for client, whence in self._parted.items():
            yield {"parted": client, "whence": whence}

    def load_mark(self, row: Mapping[str, Any]) -> None:
        """Take a row of `dump_marks`, in their order."""
        if "mark" in row:
            mark = self._marks[row["mark"]] = _Mark()
            mark.last, mark.held = row["last"], row["held"]
            mark.receipts = {cid: Receipt(*receipt) for cid, *receipt in row["receipts"]}
            self.mark_bytes += mark.bytes
        else:
            self._part(row["parted"], self._marks[row["parted"]], row["whence"])

    def _add_mark(self, client: str) -> _Mark:
        mark = self._marks[client] = _Mark()
        self.mark_bytes += mark.bytes
        return mark

    def _part(self, client: str, mark: _Mark, whence: str) -> None:
        self._parted[client] = whence
        self._crowds[whence] += 1
        self._parted_bytes += mark.bytes
        if self._parted_bytes > self._most_parted:
            self._forget_some(self._most_parted * 9 // 10)

    def _come_back(self, client: str, mark: _Mark) -> None:
        whence = self._parted.pop(client, None)
        if whence is not None:
            self._parted_bytes -= mark.bytes
            self._crowds[whence] -= 1
            if not self._crowds[whence]:
                del self._crowds[whence]

    def _forget(self, client: str) -> None:
        mark = self._marks.pop(client)
        self._come_back(client, mark)
        self.mark_bytes -= mark.bytes

    def _forget_some(self, target: int) -> None:
        """Forget clients without a session: of places that have more of them than others, then whoever parted first.

        So whoever logs in and out many times is rather forgotten than those who do not.
        """
        fair = len(self._parted) // len(self._crowds)
        crowd = [client for client, whence in self._parted.items() if self._crowds[whence] > fair]
        for client in crowd:
            if self._parted_bytes <= target:
                return
            if self._crowds[self._parted[client]] > fair:
                self._forget(client)
        for client in list(self._parted):
            if self._parted_bytes <= target:
                return
            self._forget(client)
