"""The store as the server sees it: a journal that others share, and an archive of its own beside it.

A server keeps nothing on its own disk. What it archives is in a file that ends with it; the next one begins from the
last snapshot, which is such a file, and applies what came behind it.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from nats.errors import Error
from nats.js import JetStreamContext

from chatcore.errors import ConfigurationError, FileError, Sentence
from chatcore.events import Posted
from chatcore.ports.archive import Head, Renewed, Retention, Row, Snapshot, Unreadable
from chatcore.ports.clock import Clock
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.search import Page, Query
from chatcore_nats.asking import Answer, answer_on
from chatcore_nats.connection.connecting import Connection, answers, check_files, close, connect, jetstream, patiently
from chatcore_nats.connection.ending import ended
from chatcore_nats.connection.failures import OVERLONG, not_allowed
from chatcore_nats.connection.permissions import check_allowed
from chatcore_nats.courier import NatsCourier
from chatcore_nats.journal import StreamJournal
from chatcore_nats.losses import Losses, losses_of, note_renewal
from chatcore_nats.place import Place, parse_place
from chatcore_nats.saved import Saved
from chatcore_nats.scratch import Scratch, unusable
from chatcore_nats.snapshots import Snapshots
from chatcore_nats.stream import open_stream, what_endangers
from chatcore_sqlite import SqliteStore

# How often to look whether there is another snapshot, and how all is kept, in seconds.
_LOOK_EVERY: Final = 30.0
# For how long a snapshot that has to be there is looked for, and how often, in seconds.
_PATIENCE: Final = 10.0
_TRY_AGAIN: Final = 0.5

_SILENT: Final = Sentence("NATS does not answer")

logger: Final = logging.getLogger("chatcore.nats")

LEASE: Final = 4.0
"""For how long a server is taken to be there after each of its batches, in seconds."""


class NatsStore:
    """Implements `chatcore.ports.store.Store` for one of several servers.

    Args:
        place: which chat, and where.
        clock: what time it is.
        retention: how much of what was said is kept.
    """

    at_once = False
    lease = LEASE
    make_journal: Callable[[Connection, JetStreamContext, Place], StreamJournal] = StreamJournal

    def __init__(self, place: Place, clock: Clock, retention: Retention | None = None) -> None:
        self.lost = False
        self.unsafe: Sentence | None = None
        """Why what was said may be lost on NATS, by the last look; None when all is well."""
        self._place = place
        self._clock = clock
        self._retention = retention
        self._scratch: Scratch | None = None
        self._path: Path
        self._js: JetStreamContext
        self._archive: SqliteStore
        self._client: Connection | None = None
        self._courier: NatsCourier | None = None
        self._journal: StreamJournal | None = None
        self._snapshots: Snapshots | None = None
        self._saved: Saved | None = None
        self._looking: asyncio.Task[None] | None = None
        self._loaded: Saved | None = None
        self._losses = Losses(0, 0)
        self._runs = False
        self._noting: asyncio.Task[None] | None = None
        """Writes down that all logs go on under other epochs."""
        self._begun = (0, 0.0)
        """Position and clock of the snapshot that was loaded."""

    @property
    def place(self) -> str:
        """The address, without its secrets."""
        return self._place.text

    def size(self) -> int:
        """Return how many bytes this server's archive has."""
        return self._archive.size()

    @property
    def doubted(self) -> float:
        """By how many seconds the clock is ahead of what was said last, when nothing is deleted for that yet; or 0."""
        return self._archive.doubted

    @property
    def unarchived(self) -> Sentence | None:
        """Why what was said last is not in this server's archive, and stays in memory; None when all is well."""
        why = None if self._client is None else self._archive.unarchived
        return None if why is None else unusable(why).sentence

    def behind(self) -> int | None:
        """Return how many entries the journal has that were not delivered yet; None while that is not known."""
        return 0 if self._journal is None else self._journal.pending

    @property
    def is_behind(self) -> bool:
        """True while many of them were not, until nearly all are."""
        return self._journal is not None and self._journal.is_behind

    def snapshot_at(self) -> float | None:
        """Return when the last snapshot was kept, by whichever server."""
        return None if self._saved is None else self._saved.at

    async def answer(self, answer: Answer) -> None:
        """Let operators ask this server."""
        assert self._client is not None  # it was opened
        await answer_on(self._client, self._place, answer)

    # The beginning.

    async def open(self) -> None:
        """Connect, and fetch the last snapshot. Raises `ConfigurationError`, with one sentence."""
        self._scratch = await asyncio.to_thread(Scratch)
        self._path = self._scratch.path / "chat.db"
        self._archive = SqliteStore(str(self._path), self._clock, self._retention, nameless=True)
        try:
            self._client = await connect(self._place, "chatcore")
            await check_allowed(self._client, self._place)
            js = await jetstream(self._client, self._place)
            bucket = await open_stream(self._client, js, self._place)
            info = await patiently(self._client, lambda: js.stream_info(self._place.stream), self._place)
            self._js, self._losses = js, losses_of(info)
            self.lost = self._losses.are_new
            beside = await connect(self._place, "chatcore files")
            self._courier = NatsCourier(beside, self._place)
            self._snapshots = Snapshots(js, bucket, self._place, self._path.parent)
            await self._fetch_snapshot(self._client, js, self._snapshots)
            self._looking = asyncio.create_task(self._look(), name="look for snapshots")
            await self._open_archive()
            self._journal = self.make_journal(self._client, js, self._place)
            self._journal.beside = (beside,)
        except BaseException:
            await self.close()
            raise

    async def _fetch_snapshot(self, client: Connection, js: JetStreamContext, snapshots: Snapshots) -> None:
        """Fetch the last snapshot; where the stream was trimmed there is one, though a replica may not have it yet."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE
        while not await self._is_loaded(client, snapshots):
            info = await patiently(client, lambda: js.stream_info(self._place.stream), self._place)
            if info.state.first_seq <= 1 or loop.time() >= end:
                return
            await asyncio.sleep(_TRY_AGAIN)

    async def _open_archive(self) -> None:
        try:
            await self._archive.open()
        except ConfigurationError as error:
            if isinstance(error.__cause__, OSError | sqlite3.Error):  # the disk, and nothing that stands in the file
                raise unusable(error.sentence) from error
            raise

    async def _is_loaded(self, client: Connection, snapshots: Snapshots) -> bool:
        try:
            async with client.until_forbidden():
                self._loaded = await snapshots.load(self._path)
        except (ConfigurationError, TimeoutError) as error:
            if client.forbidden:  # it was waited for in vain
                raise not_allowed(self._place, client.forbidden) from error
            raise
        return self._loaded is not None

    async def _look(self) -> None:
        """Take note of the snapshots of other servers, and of what operators have changed."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK_EVERY)

    async def look(self) -> None:
        """See what is there by now, as far as NATS says it."""
        snapshots = self._snapshots
        with suppress(Error, TimeoutError, OSError):
            self._saved = self._saved if snapshots is None else await snapshots.last()
        with suppress(Error, TimeoutError, OSError):
            self._take_danger(await what_endangers(self._js, self._place))

    def _take_danger(self, why: Sentence | None) -> None:
        """Tell operators when somebody has changed what the chat is kept in so that it may lose something."""
        before, self.unsafe = self.unsafe, why
        if why is not None and why != before:
            logger.warning("not_safe", extra={"fields": {"why": why}})
        elif why is None and before is not None:
            logger.warning("safe_again", extra={"fields": {}})

    async def load_snapshot(self) -> Snapshot | None:
        """Return the last snapshot. Raises `FileError`."""
        snapshot = await self._archive.load_snapshot()
        if snapshot is not None:
            self._begun = snapshot.position, snapshot.clock
        return snapshot

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Deliver what is there behind a position, and from then on what is ordered.

        Raises `ConfigurationError` when the journal cannot be read from there on.
        """
        assert self._journal is not None  # it was opened
        position, clock = self._begun
        stamp = self._loaded.stamp if self._loaded is not None and self._loaded.position == after else None
        await self._journal.start(after, deliver, refuse, fail, clock=clock, stamp=stamp)
        self._runs = True
        await self._archive.start(position, lambda entry: None, lambda batch, why: None, fail)

    # The journal.

    def propose(self, batch: Batch) -> None:
        """Ask for a place for a batch. Never waits. Raises as `StreamJournal.propose` does."""
        if self._journal is None:
            raise RuntimeError("the store was not opened")
        self._journal.propose(batch)

    # Beside the journal.

    def receive(self, node: int, take: Callable[[bytes], None]) -> None:
        """Give `take` what is carried to this node from now on."""
        assert self._courier is not None  # it was opened
        self._courier.receive(node, take)

    def carry(self, node: int, data: bytes) -> None:
        """Carry bytes to a node. Never waits."""
        if self._courier is not None:
            self._courier.carry(node, data)

    # The archive.

    def keep(self, rows: Sequence[Row]) -> None:
        """Archive what an entry has done to the logs."""
        if self.lost and any(isinstance(row, Renewed) for row in rows):
            self._look_whether_it_is_over()
        self._archive.keep(rows)

    def _look_whether_it_is_over(self) -> None:
        """Take note when all logs go on under other epochs since the stream has lost something, whoever saw to it."""
        stamp = None if self._journal is None else self._journal.stamp_at(self._journal.position)
        if stamp is None or not (self._runs or stamp > self._losses.lost):
            return  # that was before
        self.lost = False
        self._noting = asyncio.create_task(
            note_renewal(self._js, self._place, max(stamp, self._losses.lost)), name="note that the logs are others"
        )

    async def heads(self) -> Mapping[str, Head]:
        """Return how far the logs have come. Raises `FileError`."""
        return await self._archive.heads()

    async def read(self, key: str, after: int, limit: int) -> Sequence[Posted | Unreadable]:
        """Return up to `limit` entries behind a seq. Raises KeyError, `FileError`."""
        return await self._archive.read(key, after, limit)

    async def search(self, query: Query) -> Page:
        """Look for messages in rooms. Raises `FileError`."""
        return await self._archive.search(query)

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this snapshot for all servers, unless another one has kept a later one. Raises `FileError`."""
        snapshots, client = self._snapshots, self._client
        if snapshots is None or client is None:
            raise FileError("the store {path} has failed, or is closed", path=self.place)
        stamp = None if self._journal is None else self._journal.stamp_at(snapshot.position)
        if not await answers(client):
            raise FileError("the snapshot cannot be kept at {place}: {why}", place=self.place, why=_SILENT)
        copy, began = self._path.with_name("copy.db"), asyncio.get_running_loop().time()
        try:
            await self._copy(snapshot, copy)
            async with client.until_forbidden():
                await snapshots.save(copy, snapshot.position, stamp)
            await self.look()
        except (FileError, TimeoutError) as error:
            if forbidden := [words for words, at in client.forbidden.items() if at >= began]:
                raise FileError(not_allowed(self._place, forbidden).sentence) from error
            if isinstance(error, FileError):
                raise
            raise FileError("the snapshot cannot be kept at {place}: {why}", place=self.place, why=OVERLONG) from error
        finally:
            with suppress(OSError):
                copy.unlink(missing_ok=True)

    async def _copy(self, snapshot: Snapshot, copy: Path) -> None:
        try:
            await self._archive.save_snapshot(snapshot)
            await self._archive.copy(copy)
        except (FileError, OSError) as error:
            raise FileError(unusable(error).sentence) from error

    # The end.

    async def close(self) -> None:
        """Deliver or refuse what was proposed, and leave; where NATS does not answer, at once. Idempotent."""
        if self._scratch is None:
            return
        client, self._client, self._snapshots = self._client, None, None
        courier, self._courier = self._courier, None
        answered = client is not None and await answers(client)
        beside = [task for task in (self._looking, self._noting) if task is not None]
        await ended(beside)
        if self._journal is not None:
            await self._journal.close(answered=answered)
        await self._archive.close()
        closing = [] if courier is None else [courier.close()]
        await asyncio.gather(*closing, *([] if client is None else [close(client)]))
        await asyncio.to_thread(self._scratch.give_up)


def store(place: str, clock: Clock, retention: Retention) -> NatsStore:
    """Return the store at `//HOST:PORT[,HOST...]/CHAT`: the entry point `nats`. Raises `ConfigurationError`."""
    found = parse_place(place)
    check_files(found)
    return NatsStore(found, clock, retention)
