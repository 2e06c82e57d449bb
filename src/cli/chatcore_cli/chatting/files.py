"""What is done with files: given, taken, and let wait for a place, for the terminal and the filter."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn
from weakref import WeakValueDictionary

from platformdirs import user_downloads_dir

from chatcore.aio.client import Client
from chatcore.errors import ChatcoreError, ErrorCode, FileError, RequestRefused
from chatcore.events import (
    ClientEvent,
    FileFailed,
    FileOffered,
    FileProgressed,
    FileReceived,
    FileSent,
    FileState,
)
from chatcore.text.file_names import suggested_name
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.slash import AnswerFile, SendPath
from chatcore_cli.saying.texts import _
from chatcore_files import DownloadFolder

# After so many seconds a file that nobody had a place for is tried again, whatever is heard.
_AGAIN: Final = 5.0
# So many seconds a file waits for its place while none of those before it moves.
_PATIENCE: Final = 60.0


def folder_for(path: str | None) -> DownloadFolder:
    """Return the folder for files that come: the one that is named, or `chatcore` in the user's downloads."""
    try:
        return DownloadFolder(path or os.path.join(user_downloads_dir(), "chatcore"))
    except RuntimeError:  # a user without a home directory, who may never get a file
        return _Nowhere(os.curdir)


class _Nowhere(DownloadFolder):
    """Takes no file."""

    def open_part(self, sha256: str, size: int) -> NoReturn:
        """Say why."""
        raise FileError("this user has no home directory for files; name a folder with --downloads")


async def carry_out(client: Client, action: SendPath | AnswerFile) -> str | None:
    """Do what was typed; returns a sentence to say about it.

    Raises:
        RequestRefused: the server refused it, or it is not clear which file is meant.
        FileError: the file cannot be read, or not be written.
        ConnectionClosed: the client has ended.
    """
    if isinstance(action, SendPath):
        made = await client.offer_file(action.path, to=action.to, room=action.room)
        text = _("{name} is offered to {users}; /cancel {file} takes it back.")
        name = safe_text(suggested_name(os.path.basename(action.path)))
        return text.format(name=name, users=", ".join(map(safe_name, made.to)), file=safe_text(made.file))
    file = action.file or _meant(client, action)
    match action.answer:
        case "accept":
            await _accept(client, file)
        case "decline":
            await client.decline_file(file)
        case "cancel":
            await client.cancel_file(file)
    return None


class FilePlaces:
    """Lets files wait until there is a place for them: a server lets a user have so many at a time."""

    def __init__(self) -> None:
        self._over = asyncio.Event()
        self._turn = asyncio.Lock()
        self._turn_of = WeakValueDictionary[str, asyncio.Lock]()  # by sender
        self._moved = 0.0  # when a file that is sent did so last
        self._told = False

    def note(self, event: ClientEvent) -> None:
        """Let those that wait try again, once a file is over."""
        if isinstance(event, FileSent) or (isinstance(event, FileProgressed | FileFailed) and event.sending):
            self._moved = asyncio.get_running_loop().time()
        if isinstance(event, FileReceived | FileSent | FileFailed):
            over, self._over = self._over, asyncio.Event()
            over.set()

    async def next(self) -> None:
        """Wait until a file is over."""
        await self._over.wait()

    async def accept(self, client: Client, event: FileOffered) -> None:
        """Receive a file as soon as it may be; if it cannot be, a `FileFailed` event says why.

        Of those that wait only the first one asks: one at all, and one of each sender who has too many on their way.
        """
        turn = self._turn_of.setdefault(name_key(event.sender), asyncio.Lock())
        with suppress(ChatcoreError):
            async with turn:
                while (over := await self._too_many_of_sender(client, event.file)) is not None:
                    await _wait_for(over)

    async def _too_many_of_sender(self, client: Client, file: str) -> asyncio.Event | None:
        """Receive a file, or return what to wait for before it is tried again."""
        async with self._turn:
            while True:
                over = self._over
                try:
                    await client.accept_file(file)
                except RequestRefused as error:
                    if error.code != ErrorCode.FILE_LIMIT:
                        return None
                    if "name" in error.values:  # the sender: others may have a place
                        return over
                else:
                    return None
                await _wait_for(over)

    async def send(self, client: Client, action: SendPath, waits: Callable[[], None]) -> str | None:
        """Offer a file as soon as there is a place for one more. Returns and raises as `carry_out` does.

        It is refused after all when nothing that is sent moves for too long: whoever was asked does not answer. `waits`
        is called for the first file that has to wait.
        """
        while True:
            over = self._over
            try:
                said = await carry_out(client, action)
            except RequestRefused as error:
                if not (error.values.get("file_offers") and any(one.sending for one in client.files)):
                    raise
                if not self._told:
                    self._told = True
                    waits()
                if not await self._moves_until(over):
                    raise
            else:
                self._moved = asyncio.get_running_loop().time()
                return said

    async def _moves_until(self, over: asyncio.Event) -> bool:
        """Wait until a file is over; returns False when nothing that is sent moves any more."""
        loop = asyncio.get_running_loop()
        while not over.is_set() and loop.time() < self._moved + _PATIENCE:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._moved + _PATIENCE):
                    await over.wait()
        return over.is_set()


async def _wait_for(over: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_AGAIN):
            await over.wait()


async def _accept(client: Client, file: str) -> None:
    """Receive a file. What goes wrong on the way is raised where no `FileFailed` event says it."""
    known = any(one.file == file for one in client.files)
    try:
        await client.accept_file(file)
    except (FileError, RequestRefused):
        if not known or any(one.file == file and one.state is FileState.OFFERED for one in client.files):
            raise


def _meant(client: Client, action: AnswerFile) -> str:
    """Return the only file that can be meant."""
    ending = action.answer == "cancel"
    found = {one.file for one in client.files if ending or (one.state is FileState.OFFERED and not one.sending)}
    if len(found) == 1:
        return found.pop()
    if not found:
        raise RequestRefused("", _("Nothing is on its way or on offer.") if ending else _("Nothing is on offer."))
    text = _("Which one? /{command} with one of these: {files}")
    raise RequestRefused("", text.format(command=action.answer, files=", ".join(sorted(map(safe_text, found)))))
