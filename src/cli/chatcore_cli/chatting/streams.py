"""Standard input and output next to an event loop: each has a thread, so that neither ever stops the loop.

The threads read and write file descriptors directly and hold no lock while they wait, so a program can end at any time.
"""

from __future__ import annotations

import asyncio
import os
import queue
import select
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from chatcore.aio.signals import END
from chatcore.text.file_text import BOM, foreign_encoding

_CHUNK: Final = 64 * 1024
_LONGEST_LINE: Final = 256 * 1024
_UNWRITTEN: Final = 256 * 1024


class TooLongError(Exception):
    """A line was longer than any message may be; it was skipped."""


class OtherEncodingError(Exception):
    """The text is in the encoding of that name, all of it; no line can be read."""


def show_typing(shown: bool, fd: int = 0) -> None:
    """Let the terminal show what is typed, or the ends of lines alone; where none can be told so, it shows all."""
    if sys.platform == "win32":  # which has no such terminals
        return
    with suppress(ImportError, OSError):
        import termios  # not where there are none

        with suppress(termios.error):
            mode = termios.tcgetattr(fd)
            mode[3] = mode[3] & ~termios.ECHONL | termios.ECHO if shown else mode[3] & ~termios.ECHO | termios.ECHONL
            termios.tcsetattr(fd, termios.TCSADRAIN, mode)


@contextmanager
def broken_off_by_signals() -> Iterator[None]:
    """Let signals end what stops the event loop, which hears of none meanwhile: they raise KeyboardInterrupt.

    Ctrl-C does nothing else; for the others, what they did before is done as well.
    """
    before: dict[int, Any] = {}

    def handle(number: int, frame: object) -> None:
        if number != signal.SIGINT:
            before[number](number, frame)
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGHUP", *END):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and callable(handler := signal.getsignal(number)):
            before[number] = handler
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class LineReader:
    """Reads lines of UTF-8 from a file descriptor. A byte-order mark in front of them is no part of the first one.

    Args:
        fd: file descriptor to read from.
    """

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        # Read no further ahead than this: whoever feeds us faster than the chat takes it has to wait.
        self._ahead = threading.Semaphore(2)
        self._batches: asyncio.Queue[list[bytes | None]] = asyncio.Queue()
        threading.Thread(target=self._read, name="chatcore-stdin", daemon=True).start()

    async def lines(self) -> AsyncIterator[str | Exception]:
        """Yield each line without its end, or what is wrong with it, until the input ends."""
        first = True
        while batch := await self._batches.get():
            if first and batch[0] is not None:
                encoding = foreign_encoding(batch[0])
                if encoding is not None:
                    yield OtherEncodingError(encoding)
                    return
                batch[0] = batch[0].removeprefix(BOM)
            first = False
            for line in batch:
                if line is None:
                    yield TooLongError()
                    continue
                try:
                    yield line.removesuffix(b"\r").decode("utf-8")
                except UnicodeDecodeError as error:
                    yield error
            self._ahead.release()

    def _read(self) -> None:
        with suppress(RuntimeError):  # the loop has gone
            rest, skipping = b"", False
            while chunk := self._next_chunk():
                *lines, rest = (rest + chunk).split(b"\n")
                batch: list[bytes | None] = list(lines)
                if skipping and batch:
                    batch[0], skipping = None, False
                if skipping or len(rest) > _LONGEST_LINE:
                    rest, skipping = b"", True
                if batch:
                    self._hand_over(batch)
            if skipping or rest:
                self._hand_over([None if skipping else rest])
            self._hand_over([])

    def _next_chunk(self) -> bytes:
        while True:
            try:
                return os.read(self._fd, _CHUNK)
            except BlockingIOError:
                select.select([self._fd], [], [])
            except OSError:
                return b""

    def _hand_over(self, batch: list[bytes | None]) -> None:
        self._ahead.acquire()
        self._loop.call_soon_threadsafe(self._batches.put_nowait, batch)


class Output:
    """Writes text to a file descriptor.

    Args:
        fd: file descriptor to write to.
        failed: is called with the reason, once, when nothing can be written any more.
    """

    def __init__(self, fd: int = 1, failed: Callable[[OSError], None] = lambda _error: None) -> None:
        self._fd = fd
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._unwritten = 0
        self._jobs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._room = asyncio.Event()
        self._room.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.broken = asyncio.Event()
        """Set once nothing can be written any more; the output is thrown away then."""
        threading.Thread(target=self._write, name="chatcore-stdout", daemon=True).start()

    async def write(self, text: str) -> None:
        """Write a text; waits while much is not taken yet."""
        if self.broken.is_set():
            return
        data = text.encode("utf-8", "backslashreplace")
        self._waiting.append(data)
        self._unwritten += len(data)
        if self._idle.is_set():
            self._next_job()
        if self._unwritten > _UNWRITTEN:
            self._room.clear()
            await self._room.wait()

    async def drain(self) -> None:
        """Wait until everything is taken."""
        await self._idle.wait()

    def _next_job(self) -> None:
        self._idle.clear()
        self._jobs.put(b"".join(self._waiting))
        self._waiting.clear()

    def _written(self, size: int, failure: OSError | None) -> None:
        if failure is not None:
            self.broken.set()
            self._waiting.clear()
            self._failed(failure)
        self._unwritten -= size
        if self._waiting:
            self._next_job()
        else:
            self._idle.set()
        if failure is not None or self._unwritten <= _UNWRITTEN // 2:
            self._room.set()

    def _write(self) -> None:
        failure: OSError | None = None
        while failure is None:
            data = self._jobs.get()
            failure = self._write_one(data)
            try:
                self._loop.call_soon_threadsafe(self._written, len(data), failure)
            except RuntimeError:  # the loop has gone
                return

    def _write_one(self, data: bytes) -> OSError | None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                select.select([], [self._fd], [])
            except OSError as error:
                return error
        return None
