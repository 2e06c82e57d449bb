"""The room log port: where everything that was said stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from chatcore.commands import Position
from chatcore.events import Posted


class Receipt(NamedTuple):
    """What became of a numbered send."""

    key: str
    """Key of the log that the entry stands in; empty when the send was refused."""
    seq: int
    """Of the entry; 0 when the send was refused."""
    digest: int
    """Tells another content under the same cid from a repetition."""
    refused: str | None = None
    """The error code when the send was refused for good; then there is no entry."""


class Change(NamedTuple):
    """That something has become of an entry: what, the entry says."""

    number: int
    """1, 2, 3, ... over all changes of its log."""
    seq: int
    """Of the entry."""
    emoji: str
    """Which one was put there or taken back; empty when its text has changed."""
    deleted: bool = False
    """True when it was deleted."""


class RoomLog(Protocol):
    """All logs of a server: one per room, one per user for direct messages, one for broadcasts.

    Logs have keys. A log begins empty, with a fresh epoch, when it is opened; its entries have dense seqs from 1.
    It is bounded: the oldest entries go first, and `floor` tells which is the oldest left.
    What `append` has returned for survives as long as the epoch does. A log whose key begins with `@` belongs to a
    session, and no session survives its server: a store that does drops those logs when it is opened.

    Beside the logs it keeps a mark for each client that numbers its sends: the highest cid, and receipts. `client` is
    what stands in `Posted.client`: nothing that anybody is told, and no secret either. A client may come back long
    after its session: a mark outlives it, as long as there is room. It is gone only while nobody holds it.

    The contract tests are in `tests/contracts/room_log.py`; they run on every store.
    """

    def open(self, key: str, epoch: str) -> None:
        """Create the log with this epoch, unless there is one."""
        ...

    def renew(self, epoch: Callable[[str], str]) -> None:
        """Let all logs go on under other epochs, by their keys: what was told of them may be lost."""
        ...

    def position(self, key: str) -> Position:
        """Return the position of the log's head. Raises KeyError without the log."""
        ...

    def head(self, key: str) -> int:
        """Return the seq of the newest entry, 0 when there was none yet. Raises KeyError without the log."""
        ...

    def heads(self, *keys: str) -> dict[str, int]:
        """Return the heads of several logs, by their keys. Raises KeyError without one of them."""
        ...

    def floor(self, key: str) -> int:
        """Return the seq of the oldest entry left, `head + 1` when there is none. Raises KeyError without the log."""
        ...

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Append `entry`, whose seq must be `head + 1` (ValueError), and note its client's cid if it has one.

        Raises KeyError without the log. `digest` is kept for `receipt`.
        """
        ...

    def change(self, key: str, seq: int, text: str, *, deleted: bool) -> None:
        """Let an entry say something else, or nothing any more. Without effect when it is not left.

        Raises KeyError without the log.
        """
        ...

    def react(self, key: str, seq: int, emoji: str, by: str, *, removed: bool) -> int | None:
        """Put an emoji below an entry, for whoever numbers sends so, or take it back; return how many have it there.

        None when the entry is not left. Raises KeyError without the log.
        """
        ...

    def changes(self, key: str) -> int:
        """Return how many changes of entries there were. Raises KeyError without the log."""
        ...

    def was_changed(self, key: str, seq: int) -> bool:
        """Tell whether an entry was edited or deleted by one of the changes that are remembered.

        Raises KeyError without the log.
        """
        ...

    def was_deleted(self, key: str, seq: int) -> bool:
        """Tell whether an entry was deleted by one of the changes that are remembered.

        Raises KeyError without the log.
        """
        ...

    def changed(self, key: str, after: int) -> Sequence[Change]:
        """Return the changes with a number over `after`, of those that are remembered; of each thing the last one.

        Raises KeyError without the log.
        """
        ...

    def refuse(self, client: str, cid: int, code: str, digest: int = 0) -> None:
        """Note that this send was refused for good: the cid is used up and there is no entry."""
        ...

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Return up to `limit` entries in order, from the first that is left with a seq over `after`.

        Raises KeyError without the log.
        """
        ...

    def drop(self, key: str) -> None:
        """Forget the log; opened again it has another epoch. Without effect when there is none."""
        ...

    def last_cid(self, client: str) -> int:
        """Return the highest cid that was noted for this client, 0 for none."""
        ...

    def receipt(self, client: str, cid: int) -> Receipt | None:
        """Return what became of this send, None when that is not known (any more)."""
        ...

    def hold(self, client: str) -> None:
        """Forget nothing of this client, whatever others do, until it is released: it has a session. Idempotent."""
        ...

    def release(self, client: str, whence: str) -> None:
        """Keep of this client only what its repeated sends need: the highest cid, and what was refused.

        When there is no room for all marks that nobody holds, those go first of which many came from one place.
        `whence` names the place.
        """
        ...

    def dump(self) -> Iterator[dict[str, Any]]:
        """Yield what `load` makes an equal store of, but for the entries: rows of JSON values."""
        ...

    def load(self, row: Mapping[str, Any]) -> None:
        """Take a row of `dump`, in their order, into an empty store."""
        ...
