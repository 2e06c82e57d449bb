"""A store of one's own: everything that was said, in a file of JSON lines that survives a restart.

    ChatServer(log=JsonLinesLog("chat.jsonl", Limits()))

The file is a journal: each line is a call that changed something, and doing them all again gives the same logs. Reads
are answered from memory, so it is for chats that fit into it, and the file only grows. It keeps the promises of
`chatcore.ports.room_log`: what `append` has returned for is in the hands of the operating system, and with `sync=True`
on the disk. tests/integration/test_examples.py runs the contract tests on it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chatcore.chat.room_log import MemoryLog
from chatcore.commands import Position
from chatcore.events import DIRECT_LOG, BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.limits import Limits
from chatcore.ports.room_log import Receipt

KINDS: dict[str, type[Posted]] = {kind.__name__: kind for kind in (MessagePosted, DirectPosted, BroadcastPosted)}


class JsonLinesLog:
    """Implements `chatcore.ports.room_log.RoomLog`.

    Args:
        path: the file; it is made when it is not there.
        limits: how much is kept; the same as the server's.
        sync: wait until each line is on the disk: slow, and safe against a power failure too.

    Raises `OSError` when the file cannot be read or written, `ValueError` when it is no journal.
    """

    def __init__(self, path: str | os.PathLike[str], limits: Limits, *, sync: bool = False) -> None:
        self._sync = sync
        self._memory = MemoryLog(limits)
        self._players: dict[str, Callable[..., None]] = {
            "open": self._play_open,
            "append": self._play_append,
            "refuse": self._memory.refuse,
            "release": self._memory.release,
            "drop": self._play_drop,
        }
        self._logs: set[str] = set()
        self._file = Path(path).open("a+b", buffering=0)  # noqa: SIM115 - until `close`
        self._play()
        for key in [key for key in self._logs if key.startswith(DIRECT_LOG)]:
            self.drop(key)  # the session that it belonged to has ended with its server

    def close(self) -> None:
        """Close the file. Call it when the server has stopped."""
        self._file.close()

    # What changes something goes into the file first.

    def open(self, key: str, epoch: str) -> None:
        """Create the log with this epoch, unless there is one."""
        if key not in self._logs:
            self._write("open", key, epoch)
            self._play_open(key, epoch)

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Append `entry`, whose seq must be `head + 1` (ValueError), and note its client's cid if it has one."""
        if entry.seq != self._memory.head(key) + 1:
            raise ValueError(f"log {key!r} is at {self._memory.head(key)}, so the next entry is not {entry.seq}")
        self._write("append", key, type(entry).__name__, asdict(entry), digest)
        self._memory.append(key, entry, digest)

    def refuse(self, client: str, cid: int, code: str, digest: int = 0) -> None:
        """Note that this send was refused for good."""
        self._write("refuse", client, cid, code, digest)
        self._memory.refuse(client, cid, code, digest)

    def drop(self, key: str) -> None:
        """Forget the log; opened again it has another epoch."""
        if key in self._logs:
            self._write("drop", key)
            self._play_drop(key)

    def hold(self, client: str) -> None:
        """Forget nothing of this client, whatever others do, until it is released."""
        self._memory.hold(client)

    def release(self, client: str, whence: str) -> None:
        """Keep of this client only what its repeated sends need."""
        if self._memory.last_cid(client):
            self._write("release", client, whence)
        self._memory.release(client, whence)

    # What only looks is answered from memory.

    def position(self, key: str) -> Position:
        """Return the position of the log's head."""
        return self._memory.position(key)

    def head(self, key: str) -> int:
        """Return the seq of the newest entry, 0 when there was none yet."""
        return self._memory.head(key)

    def floor(self, key: str) -> int:
        """Return the seq of the oldest entry left, `head + 1` when there is none."""
        return self._memory.floor(key)

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Return up to `limit` entries in order, from the first that is left with a seq over `after`."""
        return self._memory.read(key, after, limit)

    def last_cid(self, client: str) -> int:
        """Return the highest cid that was noted for this client, 0 for none."""
        return self._memory.last_cid(client)

    def receipt(self, client: str, cid: int) -> Receipt | None:
        """Return what became of this send, None when that is not known (any more)."""
        return self._memory.receipt(client, cid)

    def dump(self) -> Iterator[dict[str, Any]]:
        """Yield what `load` makes an equal store of, but for the entries."""
        return self._memory.dump()

    def load(self, row: Mapping[str, Any]) -> None:
        """Take a row of `dump`."""
        self._memory.load(row)

    # The journal.

    def _write(self, *call: Any) -> None:
        self._file.write(json.dumps(call).encode() + b"\n")
        if self._sync:
            os.fsync(self._file.fileno())

    def _play(self) -> None:
        """Do again what the lines say."""
        self._file.seek(0)
        *lines, torn = self._file.readall().split(b"\n")
        for line in lines:
            what, *arguments = json.loads(line)
            self._players[what](*arguments)
        if torn:  # the machine stopped in the middle of it, so nobody was told that it is there
            self._file.truncate(self._file.tell() - len(torn))

    def _play_open(self, key: str, epoch: str) -> None:
        self._memory.open(key, epoch)
        self._logs.add(key)

    def _play_append(self, key: str, kind: str, fields: dict[str, Any], digest: int) -> None:
        if "to" in fields:
            fields["to"] = tuple(fields["to"])
        self._memory.append(key, KINDS[kind](**fields), digest)

    def _play_drop(self, key: str) -> None:
        self._logs.discard(key)
        self._memory.drop(key)
