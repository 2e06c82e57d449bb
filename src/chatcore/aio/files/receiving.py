"""One file that comes: asked for, paid with credit, written, checked, put in its place."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from chatcore.aio.files.threads import in_thread
from chatcore.aio.tasks import spawn
from chatcore.client.file_pace import Rate, Window
from chatcore.commands import AcceptFile, FailFile, FinishFile, GrantCredit
from chatcore.errors import ChatcoreError, ConnectionClosed, ErrorCode, FileError, RequestRefused
from chatcore.file_events import ChunkReceived, FileFailed, FileOffered, FileProgressed, FileReceived, TransferBegun
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.file_store import FilePart, FileStore

if TYPE_CHECKING:
    from chatcore.aio.files.transfers import Host

PROGRESS_SECONDS: Final = 0.5
_HASHED_AT_A_TIME: Final = 1024 * 1024
_PATIENCE_SECONDS: Final = 1.0
# EFBIG too: more than the file system, or a limit of this user's, lets a file have.
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_DEFAULT_WINDOW: Final = 4 * CHUNK_BYTES


class _Over(Exception):
    """It will not come."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Receiving:
    """A file that was offered to this client.

    Args:
        host: the client.
        offer: what was offered.
        over: called at the end, whatever it is.
    """

    def __init__(self, host: Host, offer: FileOffered, over: Callable[[Receiving], None]) -> None:
        self.offer = offer
        self.task: asyncio.Task[None] | None = None
        """Works on it once it was accepted."""
        self.number = 0
        """Of the present run; 0 while there is none."""
        self.finishing = False
        """True when all of it is here."""
        self.over = False
        """True when there is nothing more to tell of it."""
        self._host = host
        self._ended = over
        self._loop = asyncio.get_running_loop()
        self._begun: asyncio.Future[None] = self._loop.create_future()
        self._chunks: list[bytes] = []
        self._end = 0
        """Where the next chunk has to begin."""
        self._done = 0
        """How much is on the disk."""
        self._granted = 0
        self._window = Window(_DEFAULT_WINDOW)
        self._rate = Rate(0, self._loop.time())
        self._told_at = 0.0
        self._peer_away = False
        self._wake = asyncio.Event()
        self._failure: _Over | None = None
        self._unwanted = False
        self._asking = False

    def begin(self, store: FileStore, window: int | None) -> None:
        """Accept it."""
        self._window = Window(window or _DEFAULT_WINDOW)
        self.task = spawn(self._work(store), name=f"chatcore receives file {self.offer.file}")

    async def started(self) -> None:
        """Wait until it is on its way. Raises what went wrong before that."""
        await asyncio.shield(self._begun)

    def status(self) -> FileProgressed:
        """Return how far it is."""
        now, offer = self._loop.time(), self.offer
        running = self.number != 0 and not self._peer_away
        state = "offered" if self.task is None else "running" if running or self.finishing else "paused"
        return FileProgressed(
            file=offer.file,
            user=offer.sender,
            name=offer.name,
            size=offer.size,
            done=self._done,
            sending=False,
            rate=self._rate.rate(now) if state == "running" else 0.0,
            left=self._rate.left(offer.size, now) if state == "running" else None,
            state=state,
        )

    # What comes.

    def take(self, event: ChunkReceived) -> None:
        """Take a chunk of the present run."""
        if event.offset != self._end or not event.data or self._end + len(event.data) > self._granted:
            self.fail(ErrorCode.BAD_CHUNK, "the server sent a chunk out of its order")
            return
        if self._peer_away:
            self._peer_away = False
            self._show_progress(at_once=True)
        self._end += len(event.data)
        self._chunks.append(event.data)
        self._window.arrived(self._end, self._loop.time())
        self._wake.set()

    def pause(self) -> None:
        """Take note that the connection is gone."""
        if self.number:
            self.number = 0
            self._wake.set()
            self._show_progress(at_once=True)

    def peer_paused(self) -> None:
        """Take note that the sender's connection is gone."""
        self._peer_away = True
        if self.task is not None:
            self._show_progress(at_once=True)

    def fail(self, code: str, message: str) -> None:
        """End it; what is there is kept for another time."""
        if self.over:
            return
        self.number = 0
        self.over = True
        self._failure = _Over(code, message)
        self._wake.set()
        if self.task is None:
            self._failed(self._failure)
        elif self._asking:
            self.task.cancel()

    def cancel(self) -> None:
        """End it; nobody wants what is there."""
        self._unwanted = True
        self.fail("cancelled_here", "")

    # The work.

    async def _work(self, store: FileStore) -> None:
        part: FilePart | None = None
        refused_for_now: RequestRefused | None = None
        try:
            part = await in_thread(store.open_part, self.offer.sha256, self.offer.size)
            await self._receive(part)
        except _Over as error:
            self._failed(error)
            if error.code == ErrorCode.BAD_CHUNK:
                await self._tell(error)
        except FileError as error:
            await self._give_up(_code_of(error), error)
        except RequestRefused as error:
            if error.code == ErrorCode.FILE_LIMIT and not self._begun.done():
                refused_for_now = error
            else:
                self._failed(_Over(error.code, error.message), error)
        except ConnectionClosed as error:
            self._failed(_Over("closed", error.sentence), error)
        except asyncio.CancelledError:
            self._failed(self._failure or _Over("closed", ""))
            if self._failure is None:
                raise
        except Exception as error:  # a mistake of ours, or of the store's: nobody may wait for ever because of it
            self._failed(_Over(ErrorCode.INTERNAL, repr(error)), error)
            raise
        finally:
            if part is not None:
                with suppress(FileError):
                    await in_thread(part.discard if self._unwanted else part.keep)
            if refused_for_now is not None and self._failure is None:
                self._offer_again(refused_for_now)  # only now: whoever accepts it at once opens the same part
            else:
                if self._failure is not None and not self._begun.done():
                    self._failed(self._failure)  # it was taken back meanwhile
                self._ended(self)

    async def _receive(self, part: FilePart) -> None:
        offer = self.offer
        digest = hashlib.sha256()
        self._done = await in_thread(_hash_part, part, digest)
        while True:
            self._check()
            self._run(await self._accept())
            if await self._take_chunks(part, digest):
                break
        self.finishing = True
        self.number = 0
        if digest.hexdigest() != offer.sha256:
            await in_thread(part.discard)
            await self._give_up(ErrorCode.BAD_HASH, FileError("what arrived is not what was offered"))
            return
        place = await in_thread(part.finish, offer.name)
        self.over = True
        self._host.show(FileReceived(file=offer.file, user=offer.sender, name=offer.name, size=offer.size, place=place))
        with suppress(ChatcoreError):  # then it is the sender who does not know
            await self._host.ask(FinishFile(offer.file), object)

    async def _accept(self) -> TransferBegun:
        """Ask for the rest. While there is no connection, that waits for the next one."""
        self._asking = True
        try:
            while True:
                try:
                    return await self._host.ask(AcceptFile(self.offer.file, self._done), TransferBegun)
                except RequestRefused as error:
                    if error.code != ErrorCode.RATE_LIMITED:
                        raise
                    await asyncio.sleep(_PATIENCE_SECONDS)
        finally:
            self._asking = False

    def _run(self, begun: TransferBegun) -> None:
        now = self._loop.time()
        self.number = begun.transfer
        self._end = self._granted = self._done
        self._rate = Rate(self._done, now)
        self._peer_away = False
        self._grant()
        if not self._begun.done():
            self._begun.set_result(None)
        self._show_progress(at_once=True)

    async def _take_chunks(self, part: FilePart, digest: Any) -> bool:
        """Write what comes; returns whether that is all of it. False when the connection is lost."""
        while self._done < self.offer.size:
            if not self._chunks:
                if not self.number:
                    self._check()
                    return False
                self._wake.clear()
                await self._wake.wait()
                continue
            data, self._chunks = b"".join(self._chunks), []
            await in_thread(_store, part, digest, data)
            self._done += len(data)
            self._rate.moved(self._done, self._loop.time())
            if self.number:
                self._grant()
                self._show_progress()
        return True

    def _grant(self) -> None:
        upto = min(self.offer.size, self._done + self._window.size)
        if upto - self._granted >= self._window.size // 2 or self._granted < upto == self.offer.size:
            self._granted = upto
            self._window.granted(upto, self._loop.time())
            self._host.pass_on(GrantCredit(self.number, upto))

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _give_up(self, code: ErrorCode, error: FileError) -> None:
        self.finishing = True
        self.number = 0
        over = _Over(code, error.sentence)
        self._failed(over, error)
        await self._tell(over)

    async def _tell(self, over: _Over) -> None:
        """Tell the other side, and nothing of this machine; if that is not possible, it finds out by itself."""
        with suppress(ChatcoreError):
            await self._host.ask(FailFile(self.offer.file, over.code), object)

    def _offer_again(self, error: RequestRefused) -> None:
        """Be as before: there are too many just now, and later there may not be."""
        self._begun.set_exception(error)
        self._begun.exception()  # whoever waits gets it
        self._begun = self._loop.create_future()
        self.task = None

    def _failed(self, over: _Over, error: Exception | None = None) -> None:
        if not self._begun.done():
            self._begun.set_exception(error or RequestRefused(over.code, over.message))
            self._begun.exception()  # whoever waits gets it
        self.over = True
        self.number = 0
        offer = self.offer
        self._host.show(
            FileFailed(
                file=offer.file,
                user=offer.sender,
                name=offer.name,
                sending=False,
                code=str(over.code),
                message=over.message,
            )
        )

    def _show_progress(self, *, at_once: bool = False) -> None:
        now = self._loop.time()
        if at_once or now - self._told_at >= PROGRESS_SECONDS:
            self._told_at = now
            self._host.show(self.status())


def _code_of(error: BaseException) -> ErrorCode:
    """Return what the other side may know of why a file cannot be written here."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_SPACE:
            return ErrorCode.NO_SPACE
        cause = cause.__cause__
    return ErrorCode.DISK


def _hash_part(part: FilePart, digest: Any) -> int:
    done = 0
    while done < part.size:
        data = part.read(done, min(_HASHED_AT_A_TIME, part.size - done))
        if not data:
            raise FileError("the file became shorter while it was read")
        digest.update(data)
        done += len(data)
    return done


def _store(part: FilePart, digest: Any, data: bytes) -> None:
    part.append(data)
    digest.update(data)
