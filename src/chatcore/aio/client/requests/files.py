"""Files."""

from __future__ import annotations

import os
from collections.abc import Collection

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.events import OfferMade
from chatcore.ports.file_store import FileSource, FileStore


@checks_arguments
class Files(Asking):
    """Requests about files."""

    async def offer_file(
        self,
        source: str | os.PathLike[str] | FileSource,
        *,
        to: str | Collection[str] = (),
        room: bool = False,
    ) -> OfferMade:
        """Offer a file to one or several users, or to everyone else in the room.

        It is sent to each who accepts, for as long as the client is open. `FileProgressed` events tell how far it is;
        for each user there is a `FileSent` or a `FileFailed` in the end. Reads the whole file once for its SHA-256.

        Args:
            source: its path, for which `connect` needs a file store; or anything that can be read like a file
                (`chatcore.ports.file_store.FileSource`), which the client closes in the end.
            to: usernames, at most 64 (or what the server allows).
            room: True to offer it to everyone else in the room whose program takes files; `to` is not looked at then.

        Returns:
            The offer's id (`file`, which the events carry too) and who was asked (`to`).

        Raises:
            RequestRefused: `no_such_user`, also when nobody else in the room can take it; `no_files` for a user whose
                program cannot; `too_large`; `file_limit`, `rate_limited`; `bad_request` when it is offered to nobody.
            FileError: it cannot be read.
            ConfigurationError: there is no file store to open a path with.
            ConnectionClosed: the client has ended.
        """
        return await self._transfers.offer(source, (to,) if isinstance(to, str) else tuple(to), room=room)

    async def accept_file(self, file: str, store: FileStore | None = None) -> None:
        """Accept a file that was offered (`FileOffered.file`); returns when it is on its way.

        A `FileReceived` event tells where it is, or `FileFailed` why it is not. What there is of an earlier try is
        not sent again.

        Args:
            file: its id.
            store: where it goes, if that is not what `connect` was given.

        Raises:
            RequestRefused: `no_such_file`; `file_limit`, and then it may be accepted later.
            FileError: it cannot be written.
            ConfigurationError: there is no file store.
            ConnectionClosed: the client has ended.
        """
        await self._transfers.accept(file, store)

    async def decline_file(self, file: str) -> None:
        """Say that a file is not wanted. Raises `RequestRefused` (`no_such_file`), `ConnectionClosed`."""
        await self._transfers.decline(file)

    async def cancel_file(self, file: str) -> None:
        """End a file that is under way, or take back an offer, whichever side this is.

        A `FileFailed` event with the code `cancelled_here` follows, for each user at the other side. A receiver keeps
        nothing of the file; one that has not accepted it declines, without an event. Raises `RequestRefused`
        (`no_such_file`), also when a receiver has all of it, and checks it; `ConnectionClosed`.
        """
        await self._transfers.cancel(file)
