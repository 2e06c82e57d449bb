"""A chat and the store that it is kept in: what is loaded at the start, fetched in between, and written at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, Final

from chatcore.aio.server.operators import OperatorLines
from chatcore.aio.tasks import end_within, spawn
from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.dialects.tellable import is_tellable
from chatcore.errors import ConfigurationError, FileError, Sentence
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.ports.archive import Changed, Head, Snapshot, Unreadable
from chatcore.ports.search import Page, Query
from chatcore.ports.store import SharedStore, Store
from chatcore.records import RoomsForgotten
from chatcore.server.connections.catch_up import Fetched
from chatcore.server.promises import promised_lease
from chatcore.server.reading.searching import Searched
from chatcore.text.names import name_key

# How many of the newest entries of a log are in memory after a start; the others are fetched when they are asked for.
_IN_MEMORY: Final = 200
# After so many entries of the journal there is another snapshot: so many are applied again after a crash.
_ENTRIES_PER_SNAPSHOT: Final = 20_000
# What is kept no longer is in the journal until the next snapshot: so often there is one for that alone, in seconds.
_EXPIRED_EVERY: Final = 3600.0
# So many seconds a journal that is this server's alone may take for its first entry.
_FIRST_TIME: Final = 60.0
# For so many seconds a server that stops waits for its store.
_LAST_TIME: Final = 8.0
# How often to look what is kept no longer, in seconds.
_TIDY_EVERY: Final = 30.0


class Storing:
    """Keeps a chat in a store.

    Args:
        store: where; not opened yet.
        chat: a fresh one.
        log: its log, which is archived.
        node: returns the incarnation of this server, 0 when it has none.
        lines: tells operators what the store does not give or keep.
        failed: whether the store is known to have failed as a whole, which has been told.
    """

    def __init__(
        self,
        store: Store,
        chat: Chat,
        log: MemoryLog,
        node: Callable[[], int],
        lines: OperatorLines,
        *,
        failed: Callable[[], bool],
    ) -> None:
        self.store = store
        self._failed = failed
        self._chat = chat
        self._log = log
        self._node = node
        self._lines = lines
        self.unsaved: Sentence | None = None
        """Why the last snapshot was not kept, for people; None when it was."""
        self._late_since: float | None = None
        """Since when the store is known not to keep up with what was said, in seconds of the event loop."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._snapshot_at = 0
        self._saving: asyncio.Future[bool] | None = None
        """Tells whether the snapshot that is being kept is; None while there is none."""
        self._unkept = False
        """True once something in the logs was not taken by the store: a snapshot would stand for what is nowhere."""
        self._owed = False
        """True while there has to be another snapshot: the last one was not kept, or the journal has texts that were
        taken away, which a snapshot lets go."""
        self._pause, self._again_at = 0.0, 0.0
        """How long after one that was not kept there is another try, and when, in seconds of the event loop."""
        self._floors = 0
        """Of all logs together: it moves when something is kept no longer."""
        self._expired = False
        """True while the journal may have what is kept no longer."""
        self._expired_at = 0.0
        """When that was noticed, in seconds of the event loop."""

    async def load(self) -> None:
        """Open the store, and bring the chat to where its last snapshot is. Raises `ConfigurationError`."""
        await self.store.open()
        promised_lease(self.store)
        try:
            snapshot = await self.store.load_snapshot()
        except FileError as error:
            raise ConfigurationError(error.text, **error.values) from error
        if snapshot is None:
            return
        if not isinstance(snapshot, Snapshot):
            raise self._unusable(f"load_snapshot returned {type(snapshot).__name__}, and no Snapshot")
        try:
            load(self._chat, snapshot.rows)
        except ConfigurationError:
            raise
        except Exception as error:  # whatever the disk has made of it, or a mistake of ours: then nothing is damaged
            self._lines.mistake(error)
            raise ConfigurationError(
                "the snapshot in the store {path} cannot be read; keep the store and report what the log says of it, "
                "or put a backup in its place",
                path=self.store.place,
            ) from error
        self._snapshot_at = snapshot.position
        try:
            await self._fill_logs()
        except FileError as error:
            raise ConfigurationError(error.text, **error.values) from error
        except Exception as error:  # of whoever has made the store: nothing is damaged, and nothing is to be put away
            raise self._unusable(f"{type(error).__name__}: {error}") from error

    def has_lost(self) -> bool:
        """Tell whether the store has less than was acknowledged, when all that is there was applied."""
        _lease, lost = promised_lease(self.store)
        if lost:
            self._lines.note(LineKind.STORE_OLDER, {"place": self.store.place})
        return lost

    async def begun(self, up: asyncio.Event) -> None:
        """Wait until the journal has this server. Raises `ConfigurationError` for one that gives nothing back."""
        try:
            # With others, it may have to wait for these, or for the way to them.
            async with asyncio.timeout(None if self.store.lease else _FIRST_TIME):
                await up.wait()
        except TimeoutError as error:
            why = Sentence("nothing came back of what it was given, for {seconds:g} s", seconds=_FIRST_TIME)
            raise self._unusable(why) from error

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError("the store {path} cannot be used: {why}", path=self.store.place, why=why)

    async def _fill_logs(self) -> None:
        """Have the newest entries of all logs in memory."""
        heads = await self.store.heads()
        for key in self._log.opened():
            head, kept = self._log.position(key), heads.get(key)
            if kept is not None and kept.epoch == head.epoch and head.seq:
                await self._fill(key, max(kept.floor - 1, head.seq - _IN_MEMORY), head.seq)

    async def _fill(self, key: str, after: int, head: int) -> None:
        """Have the newest entries of a log in memory: those behind what cannot be read."""
        found = await self._read(key, after, _IN_MEMORY, head + _IN_MEMORY)
        entries = list[Posted]()
        for entry in found:
            if isinstance(entry, Unreadable):
                entries.clear()
            elif entry.seq <= head:  # what is behind the snapshot comes once more, from the journal
                entries.append(entry)
        if entries and entries[-1].seq == head:
            self._log.fill(key, entries)

    def keep(self) -> None:
        """Keep what is new in the logs, and now and then a snapshot."""
        rows = self._log.take_rows()
        self._unkept = True
        self.store.keep(rows)
        self._unkept = False
        self._owed = self._owed or any(isinstance(row, Changed) for row in rows)
        due = self._chat.position - self._snapshot_at >= _ENTRIES_PER_SNAPSHOT
        if due and self._saving is None and self._saves():
            self._snapshot_at = self._chat.position
            self._start(self.save(), "save a snapshot")

    def fetch(self, key: str, after: int, limit: int, done: Fetched) -> None:
        """Get entries from the store, and call back with them; with None when it gives nothing."""
        self._start(self._fetch(key, after, limit, done), "fetch entries of a log")

    async def _fetch(self, key: str, after: int, limit: int, done: Fetched) -> None:
        found: Sequence[Posted | Unreadable] | None = None
        try:
            found = await self._read(key, after, limit, self._log.head(key))
        except KeyError:  # the log is gone
            found = []
        except FileError as error:
            self._lines.unreadable({"log": key, "why": error.sentence})
        except Exception as mistake:  # whoever asked is told all the same
            self._lines.mistake(mistake)
        done(found)

    async def _read(self, key: str, after: int, limit: int, last: int) -> Sequence[Posted | Unreadable]:
        """Return up to `limit` entries behind a seq, none behind `last`; what is no entry of the log is unreadable."""
        found = list(_checked(key, after, last, await self.store.read(key, after, limit)))
        lost = [entry.seq for entry in found if isinstance(entry, Unreadable)]
        if lost:
            self._lines.unreadable({"log": key, "seq": lost[0], "entries": len(lost), "why": Sentence("it is damaged")})
        return found

    def _saves(self) -> bool:
        """Tell whether it is for this server to save snapshots: the oldest of those that share a store, or the last."""
        return not self.store.lease or next(iter(self._chat.nodes.up), self._node()) == self._node()

    async def save_if_asked(self) -> bool | None:
        """Keep a snapshot now, unless one is being kept, and tell whether it was possible.

        None when it is not for this server to do.
        """
        if not self._saves():
            return None
        return await (self.save() if self._saving is None else asyncio.shield(self._saving))

    def search(self, query: Query, done: Searched) -> None:
        """Look for messages in the store, and call back with what was found; with None when it does not say."""
        self._start(self._search(query, done), "look for messages")

    async def _search(self, query: Query, done: Searched) -> None:
        page: Page | None = None
        try:
            page = self._without_lost(await self.store.search(query))
        except FileError as error:
            self._lines.unreadable({"why": error.sentence})
        except Exception as mistake:
            self._lines.mistake(mistake)
        done(page)

    def _without_lost(self, page: Page) -> Page:
        """Return what was found without what cannot be told: as a damaged one, nobody finds it."""
        found = [each for each in page.found if _is_entry(each.key, each.entry)]
        if len(found) < len(page.found):
            self._lines.unreadable({"entries": len(page.found) - len(found), "why": Sentence("it is damaged")})
        return page._replace(found=found)

    async def save(self) -> bool:
        """Keep a snapshot, and tell whether it was possible; if not, it is tried again later. One at a time."""
        while self._saving is not None:
            await asyncio.shield(self._saving)
        if self._unkept:
            return False
        saving = self._saving = asyncio.get_running_loop().create_future()
        self._snapshot_at = self._chat.position
        kept = False
        try:
            await self.store.save_snapshot(Snapshot(self._chat.position, self._chat.clock, list(dump(self._chat))))
            kept, self.unsaved = True, None
        except FileError as error:  # the one before is still there, and the journal behind it
            if error.sentence != self.unsaved and not self._failed():
                self._lines.note(LineKind.SNAPSHOT_NOT_KEPT, {"why": error.sentence})
            self.unsaved = error.sentence
        except Exception as mistake:
            self._lines.mistake(mistake)
        finally:
            self._saving = None
            self._owed = self._owed or not kept
            self._pause = 0.0 if kept else min(max(_TIDY_EVERY, self._pause * 2), _EXPIRED_EVERY)
            self._again_at = asyncio.get_running_loop().time() + self._pause
            if not saving.done():
                saving.set_result(kept)
        return kept

    async def keep_tidy(self, propose: Callable[[RoomsForgotten], None]) -> None:
        """Tidy once in a while, for good."""
        while True:
            try:
                self._look_whether_it_keeps_up()
                forgotten = await self.tidy()
                if forgotten is not None:
                    propose(forgotten)
            except FileError:
                pass  # the disk may be full for a while
            except Exception as mistake:  # what is next may go well
                self._lines.mistake(mistake)
            await asyncio.sleep(_TIDY_EVERY)

    @property
    def unarchived(self) -> Sentence | None:
        """Why a store that is shared does not keep up with what was said, for people; None when it does."""
        return self.store.unarchived if isinstance(self.store, SharedStore) else None

    def _look_whether_it_keeps_up(self) -> None:
        """Tell operators what nobody who says something is told: the journal has it, whatever this server keeps."""
        now, late = asyncio.get_running_loop().time(), self.unarchived
        if late is not None and self._late_since is None:
            self._late_since = now
            self._lines.note(LineKind.NOT_ARCHIVED, {"why": late})
        elif late is None and self._late_since is not None:
            self._lines.note(LineKind.KEPT_AGAIN, {"after": round(now - self._late_since, 1)})
            self._late_since = None

    async def tidy(self) -> RoomsForgotten | None:
        """Let go in memory what the store keeps no longer; return rooms without members of which nothing is left."""
        now = asyncio.get_running_loop().time()
        expired = self._expired and now >= self._expired_at + _EXPIRED_EVERY
        owed = self._owed and now >= self._again_at
        if (owed or expired) and self._saving is None and self._saves():
            self._owed = self._expired = False
            await self.save()
        heads = await self.store.heads()
        floors = sum(head.floor for head in heads.values())
        if floors != self._floors and not self._expired:
            self._expired, self._expired_at = True, now
        self._floors = floors
        for key in self._log.opened():
            if (head := heads.get(key)) is not None and head.epoch == self._log.position(key).epoch:
                self._log.trim(key, head.floor)
        gone = tuple(room.key for room in self._chat.state.empty_rooms if _is_bare(heads.get(room.key)))
        return RoomsForgotten(gone) if gone else None

    async def leave(self, leave: Callable[[Callable[[], None]], None] | None) -> None:
        """Leave the chat and close the store, which may not answer in time, as a disk that hangs; operators are told.

        `leave` is None when the chat was never loaded: nothing is written into the store then.
        """
        leaving = spawn(self._leave(leave), name="leave the store")
        if await end_within(_LAST_TIME, [leaving]):
            self._lines.note(LineKind.STORE_FAILED, {"why": "it does not answer"})
        elif not leaving.cancelled() and (mistake := leaving.exception()) is not None:
            self._lines.mistake(mistake)  # the server has ended all the same

    async def _leave(self, leave: Callable[[Callable[[], None]], None] | None) -> None:
        if leave is None:
            await self.store.close()
            return
        left = asyncio.Event()
        leave(left.set)
        await left.wait()
        await self.close()

    async def close(self) -> None:
        """Write a snapshot, so that nothing has to be applied again, unless others go on; and close the store."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._saving is not None:  # as an operator has asked
            await asyncio.shield(self._saving)
        if self._saves():
            await self.save()
        await self.store.close()

    def _start(self, work: Coroutine[Any, Any, object], name: str) -> None:
        task = spawn(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _checked(key: str, after: int, last: int, found: Iterable[Posted | Unreadable]) -> Iterator[Posted | Unreadable]:
    """Yield what a store gives of a log, with what is damaged for all that cannot be an entry of it.

    The first one may be further on, if the others are kept no longer; all others follow each other.
    """
    follows = False
    for entry in found:
        seq = entry.seq
        is_next = seq == after + 1 or (not follows and after < seq <= last)
        after, follows = seq if is_next else after + 1, True
        yield entry if is_next and _is_entry(key, entry) else Unreadable(after)


def _is_entry(key: str, entry: Posted | Unreadable) -> bool:
    return isinstance(entry, Unreadable) or (is_tellable(entry) and _is_of_log(key, entry))


def _is_of_log(key: str, entry: Posted) -> bool:
    if key.startswith(DIRECT_LOG):
        return isinstance(entry, DirectPosted)
    if key == BROADCAST_LOG:
        return isinstance(entry, BroadcastPosted)
    return isinstance(entry, MessagePosted) and name_key(entry.room) == key


def _is_bare(head: Head | None) -> bool:
    return head is not None and head.floor > head.seq
