"""In-memory adapters of the core's ports: a clock that is driven by hand and a link without a network."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from types import MappingProxyType
from typing import cast

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.errors import FileError
from chatcore.events import Posted
from chatcore.ports.archive import Appended, Changed, Dropped, Opened, Reacted
from chatcore.ports.journal import Batch, BatchTooLarge, Entry
from chatcore.ports.transport import WRITE_SECONDS, Binary, CloseReason, LinkHandler, Lost, LostReason
from chatcore.records import Record

_MOST_CALLS_AT_ONCE = 20_000


class FakeTimer:
    """Implements `chatcore.ports.clock.Timer`."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Let it not happen."""
        self.cancelled = True


class FakeClock:
    """Implements `chatcore.ports.clock.Clock`. Time stands still until somebody calls `advance`."""

    def __init__(self, now: float = 1000.0, at: float = 1_795_000_000.0) -> None:
        self.now = now
        self._at = at - now
        self._soon: list[Callable[[], None]] = []
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._numbers = count()

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return self.now

    def time(self) -> float:
        """Return seconds since 1970."""
        return self._at + self.now

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._soon.append(callback)

    def call_at(self, when: float, callback: Callable[[], None]) -> FakeTimer:
        """Call back at `when`."""
        timer = FakeTimer(callback)
        heapq.heappush(self._timers, (when, next(self._numbers), timer))
        return timer

    @property
    def timers(self) -> int:
        """How many timers run."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    def turn(self) -> bool:
        """Run one turn of the loop; tell whether there was anything to do."""
        soon, self._soon = self._soon, []
        for callback in soon:
            callback()
        return bool(soon)

    def settle(self) -> int:
        """Run turns until nothing is left to do at this moment; return how many."""
        turns = 0
        while self.turn():
            turns += 1
            assert turns < _MOST_CALLS_AT_ONCE, "the loop never comes to rest"
        return turns

    def advance(self, seconds: float) -> None:
        """Let time pass: every timer goes off at its moment."""
        end = self.now + seconds
        self.settle()
        calls = 0
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            if timer.cancelled:
                continue
            calls = 0 if when > self.now else calls + 1
            assert calls < _MOST_CALLS_AT_ONCE, "a timer goes off again and again without time passing"
            self.now = max(self.now, when)
            timer.callback()
            self.settle()
        self.now = end


class FakePasswords:
    """Implements `chatcore.ports.passwords.Passwords`: no secret is kept by it, and every answer takes a turn.

    Args:
        clock: what turns there are.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.looked_at: list[str] = []
        """The hashes that a password was compared with, in order."""
        self.broken = False
        """True when nothing can be done at present."""
        self.instead: object = None
        """What is raised, or said, instead of whether a password is the right one."""

    def hash(self, password: str, done: Callable[[str | None], None]) -> None:
        """Make what is no hash, and looks like none."""
        self._clock.call_soon(lambda: done(None if self.broken else f"<{password[::-1]}>"))

    def verify(self, password: str, hashed: str, done: Callable[[bool | None], None]) -> None:
        """Compare a password with such a one."""
        self.looked_at.append(hashed)
        if isinstance(self.instead, Exception):
            raise self.instead
        if self.instead is not None:
            self._clock.call_soon(lambda: done(cast("bool", self.instead)))
            return
        self._clock.call_soon(lambda: done(None if self.broken else f"<{password[::-1]}>" == hashed))


class FakeArchive:
    """Keeps what was said, as `chatcore.ports.archive.Archive` does, and gives it back in a later turn.

    Args:
        clock: what turns there are.
        log: the log of which it keeps everything.
    """

    def __init__(self, clock: FakeClock, log: MemoryLog) -> None:
        self.holds = False
        """True while it gives nothing: what it reads meanwhile comes when it `gives`."""
        self.logs: dict[str, dict[int, Posted]] = {}
        """Entries by seq, per log key."""
        self._clock = clock
        self._log = log
        self._held: list[Callable[[], None]] = []

    def keep(self) -> None:
        """Take what is new."""
        for row in self._log.take_rows():
            if isinstance(row, Opened):
                self.logs[row.key] = {}
            elif isinstance(row, Dropped):
                del self.logs[row.key]
            elif isinstance(row, Appended):
                self.logs[row.key][row.entry.seq] = row.entry
            elif isinstance(row, Changed | Reacted):
                self.logs[row.key][row.seq] = row.of(self.logs[row.key][row.seq])

    def fetch(self, key: str, after: int, limit: int, done: Callable[[list[Posted]], None]) -> None:
        """Read entries as they are now, and give them in a later turn."""
        found = [entry for seq, entry in self.logs[key].items() if seq > after][:limit]
        if self.holds:
            self._held.append(partial(done, found))
        else:
            self._clock.call_soon(partial(done, found))

    def gives(self) -> None:
        """Give what it holds."""
        held, self._held = self._held, []
        for give in held:
            give()


class LateJournal:
    """Implements `chatcore.ports.journal.Journal`: delivers in a later turn, and keeps everything for the next start.

    Args:
        clock: what time it is.
    """

    at_once = False

    def __init__(self, clock: FakeClock) -> None:
        self.entries: list[Entry] = []
        self.full = ""
        """Why it takes nothing at present; empty when it does."""
        self.lost = False
        """True while what is proposed does not get here."""
        self.most = 1_000_000
        """How many records fit into an entry."""
        self.unfit: Callable[[Record], bool] = lambda record: False
        """Tells of a record that it cannot be written."""
        self.clock = clock
        self._deliver: Callable[[Entry], None] | None = None
        self._refuse: Callable[[Batch, str], None] = lambda batch, why: None
        self.fail: Callable[[BaseException], None] = lambda error: None

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is there, and from now on what is proposed."""
        for entry in self.entries[after:]:
            deliver(entry)
        self._deliver, self._refuse, self.fail = deliver, refuse, fail

    def propose(self, batch: Batch) -> None:
        """Deliver a batch in the next turn."""
        assert self._deliver is not None, "not started"
        if len(batch.records) > self.most:
            raise BatchTooLarge
        if any(map(self.unfit, batch.records)):
            raise ValueError("this cannot be written")
        if not self.lost:
            self.clock.call_soon(partial(self.order, batch))

    def order(self, batch: Batch) -> None:
        """Deliver a batch, of whatever node."""
        if self._deliver is None:
            return
        if self.full:
            self._refuse(batch, self.full)
            return
        entry = Entry(len(self.entries) + 1, self.clock.time(), self.clock.monotonic() - 1000.0, batch)
        self.entries.append(entry)
        self.deliver(entry)

    def deliver(self, entry: Entry) -> None:
        """Hand out what is ordered."""
        if self._deliver is not None:
            self._deliver(entry)

    async def close(self) -> None:
        """Deliver nothing any more."""
        self._deliver = None


class FakeLink:
    """Implements `chatcore.ports.transport.Link`, and is the far end of it too."""

    def __init__(
        self,
        clock: FakeClock,
        *,
        boundaries: bool = True,
        checks_liveness: bool = True,
        address: str = "192.0.2.1:5000",
        buffer_bytes: int = 64 * 1024,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self.transport = "fake"
        self.write_seconds = write_seconds
        self.keeps_boundaries = boundaries
        self.checks_liveness = checks_liveness
        self.address = address
        self.key_fingerprint: str | None = None
        self.format = "counted" if boundaries else "stream"
        self.handler: LinkHandler | None = None
        self.closed: CloseReason | None = None
        self.reading_paused = False
        self.arrived: list[bytes] = []
        """Payloads that the far end has read."""
        self.writes = 0
        self.bytes_out = 0
        self.peak = 0
        """The most bytes that ever waited for the far end."""
        self._clock = clock
        self._reads = True
        self._buffer = bytearray()
        self._buffer_bytes = buffer_bytes
        self._writing_paused = False
        self._inbound: list[bytes] = []
        self._lost = False

    # The link, as its user sees it.

    def frame(self, payload: bytes) -> bytes:
        """Return the bytes that carry this payload: on a link with boundaries, behind their number."""
        if self.keeps_boundaries:
            return len(payload).to_bytes(4) + payload
        return bytes(payload)

    def write(self, frames: bytes) -> None:
        """Hand over whole frames."""
        if self.closed is not None or self._lost:
            return
        self.writes += 1
        self.bytes_out += len(frames)
        payloads = _payloads(frames, self.keeps_boundaries)  # only whole frames
        if self._reads and not self._buffer:
            self.arrived += payloads
            return
        self._buffer += frames
        if self._reads:
            self._read()
        self.peak = max(self.peak, len(self._buffer))
        if len(self._buffer) > self._buffer_bytes and not self._writing_paused:
            self._writing_paused = True
            assert self.handler is not None
            self.handler.writing_paused()

    def pause_reading(self) -> None:
        """Stop handing over data."""
        self.reading_paused = True

    def resume_reading(self) -> None:
        """Hand over data again, from the next turn on."""
        if self.reading_paused:
            self.reading_paused = False
            self._clock.call_soon(self._hand_over)

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close after everything written so far."""
        if self.closed is None:
            self.closed = reason

    def abort(self) -> None:
        """Drop the connection."""
        self.close(CloseReason.NORMAL)

    # The far end.

    def sends(self, data: bytes) -> None:
        """Let the far end send one payload, or bytes on a stream."""
        self._inbound.append(data)
        self._hand_over()

    def stops_reading(self) -> None:
        """Let the far end take nothing more."""
        self._reads = False

    def reads_again(self) -> None:
        """Let the far end take everything."""
        self._reads = True
        self._read()
        self._resume_writing()

    def reads_some(self, size: int) -> None:
        """Let the far end take `size` bytes of what waits."""
        assert not self.keeps_boundaries, "only a stream can be cut anywhere"
        self.arrived.append(bytes(self._buffer[:size]))
        del self._buffer[:size]
        self._resume_writing()

    def breaks(self, reason: LostReason = LostReason.DROPPED_BY_PEER) -> None:
        """Let the connection be lost, with everything that waits in it."""
        if not self._lost:
            self._lost = True
            self._buffer.clear()
            assert self.handler is not None
            self.handler.connection_lost(Lost(reason))

    @property
    def waiting(self) -> int:
        """How many bytes wait for the far end."""
        return len(self._buffer)

    def _read(self) -> None:
        self.arrived += _payloads(bytes(self._buffer), self.keeps_boundaries)
        self._buffer.clear()

    def _resume_writing(self) -> None:
        if self._writing_paused and not self._lost and len(self._buffer) <= self._buffer_bytes // 4:
            self._writing_paused = False
            assert self.handler is not None
            self.handler.writing_resumed()

    def _hand_over(self) -> None:
        assert self.handler is not None
        while self._inbound and not self.reading_paused and self.closed is None and not self._lost:
            self.handler.data_received(self._inbound.pop(0))


def _payloads(frames: bytes, boundaries: bool) -> list[bytes]:
    """Cut what was written into payloads; there must be no half one."""
    if not boundaries:
        assert not frames or frames.endswith(b"\n"), "half a line was written"
        return frames.split(b"\n")[:-1]
    found, start = [], 0
    while start < len(frames):
        end = start + 4 + int.from_bytes(frames[start : start + 4])
        assert end <= len(frames), "half a frame was written"
        found.append(frames[start + 4 : end])
        start = end
    return found


class MemoryKnownServers:
    """Implements `chatcore.ports.known_servers.KnownServers` in memory."""

    def __init__(self, keys: Mapping[str, str] = MappingProxyType({})) -> None:
        self.keys = dict(keys)

    def key_of(self, place: str) -> str | None:
        """Return the key that the server had."""
        return self.keys.get(place)

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember it."""
        self.keys[place] = key_fingerprint


class MemoryFiles:
    """Implements `chatcore.ports.file_store.FileStore` in memory."""

    def __init__(self) -> None:
        self.parts: dict[str, bytearray] = {}
        """What there is of files that are not complete, by SHA-256 and a number."""
        self.complete: dict[str, bytes] = {}
        self.opened: set[str] = set()
        """Which parts are open."""
        self.full = False
        """True when nothing more can be written."""

    def open_source(self, path: str) -> MemorySource:
        """Open a file that is complete."""
        if path not in self.complete:
            raise FileError(f"{path} cannot be read")
        return MemorySource(path, self.complete[path])

    def open_part(self, sha256: str, size: int) -> MemoryPart:
        """Open what there is of a file, or another one of that content."""
        key = next(key for number in count(1) if (key := f"{sha256}.{number}") not in self.opened)
        self.opened.add(key)
        return MemoryPart(self, key)


class MemorySource:
    """Implements `chatcore.ports.file_store.FileSource`."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data
        self.size = len(data)
        self.closed = False

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes."""
        assert not self.closed
        return self.data[offset : offset + size]

    def close(self) -> None:
        """Close."""
        self.closed = True


class MemoryPart:
    """Implements `chatcore.ports.file_store.FilePart`."""

    def __init__(self, files: MemoryFiles, key: str) -> None:
        self._files = files
        self._key = key
        self._data = files.parts.setdefault(key, bytearray())

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return len(self._data)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes."""
        return bytes(self._data[offset : offset + size])

    def append(self, data: bytes) -> None:
        """Add bytes."""
        if self._files.full:
            raise FileError("the disk is full")
        self._data += data

    def finish(self, name: str) -> str:
        """Complete it."""
        assert name not in self._files.complete
        self._files.complete[name] = bytes(self._data)
        del self._files.parts[self._key]
        self.keep()
        return name

    def keep(self) -> None:
        """Keep what is there."""
        self._files.opened.discard(self._key)

    def discard(self) -> None:
        """Forget it."""
        self._files.parts.pop(self._key, None)
        self.keep()


__all__ = ["Binary", "FakeClock", "FakeLink", "FakeTimer", "MemoryFiles", "MemoryKnownServers"]
