"""A client's files: what it offers, what it is offered, and what is under way. Disks are asked in threads."""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import suppress
from secrets import token_urlsafe
from typing import Any, Final

from chatcore.aio.client.files.disk import add_to_hash
from chatcore.aio.client.files.host import FileHost
from chatcore.aio.client.files.receiving import Receiving
from chatcore.aio.client.files.sending import Sending
from chatcore.aio.tasks import spawn
from chatcore.aio.threads import in_thread
from chatcore.client.session import ClientSession
from chatcore.commands import CancelFile, DeclineFile, OfferFile
from chatcore.errors import ChatcoreError, ConfigurationError, ErrorCode, RequestRefused, Sentence
from chatcore.events import (
    ChunkReceived,
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileEnd,
    FileNews,
    FileOffered,
    FilePaused,
    FileProgressed,
    OfferMade,
)
from chatcore.ports.file_store import FileSource, FileStore
from chatcore.text.file_names import suggested_name
from chatcore.text.reasons import refuse

# Credit of so many runs is kept that nothing is known of.
_MOST_AHEAD: Final = 64
_REF_BYTES: Final = 12
_FORGOTTEN: Final = Sentence("the server does not know it any more; offer it again")


class Transfers:
    """Every file of one client.

    Args:
        host: the client.
        session: what it knows of the server's limits.
        store: where files come from and go to; None for a program that has no use for files.
    """

    def __init__(self, host: FileHost, session: ClientSession, store: FileStore | None) -> None:
        self._host = host
        self._session = session
        self._store = store
        self._sending: dict[str, Sending] = {}
        self._receiving: dict[str, Receiving] = {}
        self._offering = 0
        """How many offers wait for their answer."""
        self._early: list[FileNews] = []
        """What came about a file before the answer to its offer was looked at."""
        self._credit: dict[int, int] = {}
        """What came of it before it was told what it is for, by the numbers of runs."""
        self._known: dict[str, FileOffered] = {}
        """Offers from before the connection was lost: they are told again."""
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def files(self) -> tuple[FileProgressed, ...]:
        """Every file that is on offer or under way, once for each user at the other side."""
        sending = [status for one in self._sending.values() for status in one.statuses()]
        return (*sending, *(one.status() for one in self._receiving.values() if not one.over))

    # What the program wants.

    async def offer(self, source: str | os.PathLike[str] | FileSource, to: tuple[str, ...], *, room: bool) -> OfferMade:
        """Offer a file. Raises `FileError`, `RequestRefused`, `ConnectionClosed`, `ConfigurationError`."""
        if isinstance(source, str | os.PathLike):
            source = await in_thread(self._a_store(None).open_source, os.fspath(source))
        self._offering += 1
        try:
            most = self._session.limit("file_bytes")
            if most is not None and source.size > most:
                raise refuse(ErrorCode.TOO_LARGE, file_bytes=most)
            digest = hashlib.sha256()
            await in_thread(add_to_hash, digest, source.read, source.size)
            name = suggested_name(source.name)
            ref = token_urlsafe(_REF_BYTES)  # the session may have offers of an earlier program
            made = await self._host.ask(OfferFile(to, room, name, source.size, digest.hexdigest(), ref), OfferMade)
            if made.file in self._sending:  # a server that takes the content for the identity
                await in_thread(source.close)
            else:
                self._sending[made.file] = Sending(self._host, made, source, name, self._sent)
        except BaseException:
            await in_thread(source.close)
            raise
        finally:
            self._offering -= 1
            early, self._early = self._early, []
            for event in early:
                self.take(event)
        return made

    async def accept(self, file: str, store: FileStore | None) -> None:
        """Ask for a file that was offered; returns when it is on its way. Raises as `offer` does."""
        receiving = self._offered(file)
        if receiving.on_offer:
            receiving.begin(self._a_store(store), self._session.limit("file_window_bytes"))
        await receiving.started()

    async def decline(self, file: str) -> None:
        """Say that a file is not wanted. Raises `RequestRefused`, `ConnectionClosed`."""
        if not self._offered(file).on_offer:
            await self.cancel(file)
            return
        del self._receiving[file]
        await self._say(DeclineFile(file))

    async def cancel(self, file: str) -> None:
        """End what is under way. Raises `RequestRefused`, `ConnectionClosed`."""
        if file in self._sending:
            self._sending[file].give_up(FileEnd.CANCELLED_HERE, "")
        else:
            receiving = self._offered(file)
            if receiving.on_offer:
                await self.decline(file)
                return
            if receiving.settling:  # it is there: its sender hears that, and nothing else
                raise refuse(ErrorCode.NO_SUCH_FILE)
            receiving.cancel()
        await self._say(CancelFile(file))

    # What the connection brings.

    def take(self, event: FileNews) -> None:
        """Take what the server says about a file."""
        match event:
            case ChunkReceived():
                for receiving in self._receiving.values():
                    if receiving.number == event.transfer:
                        receiving.take(event)
                        break
            case CreditGranted():
                if not any(sending.grant(event) for sending in self._sending.values()):
                    self._ahead(event)
            case FileOffered():
                self._is_offered(event)
            case _ if event.file in self._receiving:
                self._about_receiving(self._receiving[event.file], event)
            case _ if event.file in self._sending:
                self._sending[event.file].take(event)
                if isinstance(event, FileAccepted) and event.transfer in self._credit:
                    self._sending[event.file].grant(CreditGranted(event.transfer, self._credit.pop(event.transfer)))
            case _ if self._offering:
                self._early.append(event)
            case FileAccepted():
                # This program has lost its memory of it.
                self._spawn(self._tell_cancelled(event.file))

    def welcomed(self, *, resumed: bool) -> None:
        """Go on after a login. A session that could not be resumed took its offers with it."""
        waiting = [one for one in self._receiving.values() if one.on_offer]
        for receiving in waiting:
            del self._receiving[receiving.offer.file]
        self._known = {one.offer.file: one.offer for one in waiting} if resumed else {}
        if not resumed:
            for sending in list(self._sending.values()):
                sending.give_up(ErrorCode.NO_SUCH_FILE, _FORGOTTEN)

    @property
    def under_way(self) -> bool:
        """True while a file goes or comes."""
        sending, receiving = self._sending.values(), self._receiving.values()
        return any(one.under_way for one in sending) or any(one.under_way for one in receiving)

    def ask_again(self) -> None:
        """Ask for the rest of what comes: some of it may be lost on its way."""
        for receiving in self._receiving.values():
            receiving.lost()

    def disconnected(self) -> None:
        """Pause everything: the connection is gone, and runs may have other numbers on the next one."""
        self._credit.clear()
        for sending in self._sending.values():
            sending.lost()
        for receiving in self._receiving.values():
            receiving.lost()

    def writable(self) -> None:
        """Go on: there is room for more on the way out."""
        for sending in self._sending.values():
            sending.go_on()

    def stop(self, why: str) -> None:
        """Give everything up: there will be no connection any more."""
        for sending in list(self._sending.values()):
            sending.give_up(FileEnd.CLOSED, why)
        self._receiving = {file: one for file, one in self._receiving.items() if not one.on_offer}
        for receiving in list(self._receiving.values()):
            receiving.give_up(FileEnd.CLOSED, why)

    async def settle(self) -> None:
        """Wait until what has arrived is in its place and its sender is told."""
        finishing = [one.task for one in self._receiving.values() if one.task is not None and one.settling]
        await asyncio.gather(*finishing, return_exceptions=True)

    async def wait_closed(self) -> None:
        """Wait until nobody works on a file any more, whoever began meanwhile included."""
        while working := [task for task in self._working() if not task.done()]:
            await asyncio.gather(*working, return_exceptions=True)

    # Helpers.

    def _working(self) -> set[asyncio.Task[Any]]:
        return self._tasks.union(one.task for one in self._receiving.values() if one.task is not None)

    def _a_store(self, store: FileStore | None) -> FileStore:
        found = store or self._store
        if found is None:
            raise ConfigurationError("this program has no folder for files; give connect() a file store")
        return found

    def _offered(self, file: str) -> Receiving:
        receiving = self._receiving.get(file)
        if receiving is None or receiving.over:
            self._host.check_open()
            raise refuse(ErrorCode.NO_SUCH_FILE)
        return receiving

    def _is_offered(self, event: FileOffered) -> None:
        if event.file in self._receiving:
            return
        self._receiving[event.file] = Receiving(self._host, event, self._received)
        if self._known.pop(event.file, None) != event:
            self._host.show(event)

    def _ahead(self, event: CreditGranted) -> None:
        """Keep credit that came on a second connection before it was told on the first one what it is for."""
        self._credit[event.transfer] = event.upto
        if len(self._credit) > _MOST_AHEAD:
            del self._credit[next(iter(self._credit))]

    def _about_receiving(self, receiving: Receiving, event: FileNews) -> None:
        match event:
            case FilePaused():
                receiving.sender_lost()
            case FileCancelled():
                receiving.give_up(FileEnd.CANCELLED, "")
            case FileBroken():
                receiving.give_up(event.code, event.message)

    def _sent(self, sending: Sending) -> None:
        self._sending.pop(sending.file, None)
        self._spawn(sending.close())

    def _received(self, receiving: Receiving) -> None:
        if self._receiving.get(receiving.offer.file) is receiving:
            del self._receiving[receiving.offer.file]

    def _spawn(self, coroutine: Any) -> None:
        task = spawn(coroutine, name="chatcore files")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, command: CancelFile | DeclineFile) -> None:
        try:
            await self._host.ask(command, object)
        except RequestRefused as error:
            if error.code != ErrorCode.NO_SUCH_FILE:  # then it is over, as it was to be
                raise

    async def _tell_cancelled(self, file: str) -> None:
        with suppress(ChatcoreError):
            await self._say(CancelFile(file))
