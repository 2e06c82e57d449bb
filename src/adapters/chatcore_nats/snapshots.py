"""Snapshots in the object store: the whole archive of a server, packed, so that another one can begin from it."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, cast

from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.errors import BucketNotFoundError, NotFoundError
from nats.js.object_store import ObjectStore

from chatcore.errors import ConfigurationError, FileError, Sentence
from chatcore_nats.place import Place
from chatcore_nats.saved import NAME, Saved, last_saved, meta_of, saved
from chatcore_nats.scratch import unusable
from chatcore_nats.stream import make_bucket

# What a file of SQLite begins with.
_SQLITE: Final = b"SQLite format 3\0"
# While it is read it may be replaced by the next one.
_TRIES: Final = 3
# Seconds for one of them to come or go.
_PATIENCE: Final = 120.0


class Snapshots:
    """The snapshots of one chat: the last one is the one that counts.

    Args:
        js: a JetStream.
        bucket: where they are.
        place: which chat.
        folder: for files in between.
    """

    def __init__(self, js: JetStreamContext, bucket: ObjectStore, place: Place, folder: Path) -> None:
        self._js = js
        self._bucket = bucket
        self._place = place
        self._folder = folder

    async def last(self) -> Saved | None:
        """Return which one is there."""
        return await last_saved(self._bucket)

    async def load(self, path: Path) -> Saved | None:
        """Write the last one into a file, and return it; None without one. Raises `ConfigurationError`."""
        failure: Exception
        for _ in range(_TRIES):
            try:
                if await self.last() is None:
                    return None
                with _nameless_file(self._folder) as packed:
                    async with asyncio.timeout(_PATIENCE):
                        found = await self._bucket.get(NAME, writeinto=packed)
                    await asyncio.to_thread(_unpack, packed, path)
            except (Error, TimeoutError, ConnectionError) as error:
                failure, why = error, str(error)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                failure, why = error, Sentence("it is damaged")
            except OSError as error:
                raise unusable(error) from error
            else:
                return saved(found.info)
        raise ConfigurationError(
            "the snapshot at {place} cannot be read: {why}", place=self._place.text, why=why
        ) from failure

    async def save(self, path: Path, position: int, stamp: int | None = None) -> bool:
        """Keep the archive in a file as the snapshot at a position, unless a later one is there, and trim the stream.

        The stream keeps what is behind the snapshot before: a server that starts may be reading that one. Returns
        whether it was kept. Raises `FileError` when that is not possible.
        """
        try:
            before = await self.last()
            if before is not None and before.position >= position:
                return False
            if before is None:
                await self._make_sure_of_bucket()
            with _nameless_file(self._folder) as packed:
                await asyncio.to_thread(_pack, path, packed)
                async with asyncio.timeout(_PATIENCE):
                    await self._bucket.put(NAME, packed, meta_of(position, stamp))
            if before is not None and before.position:  # to purge up to 0 is to purge all
                await self._js.purge_stream(self._place.stream, seq=before.position)
        except (Error, TimeoutError, ConnectionError) as error:
            why = getattr(error, "description", None) or str(error)
            raise FileError("the snapshot cannot be kept at {place}: {why}", place=self._place.text, why=why) from error
        except OSError as error:
            raise FileError(unusable(error).sentence) from error
        return True

    async def _make_sure_of_bucket(self) -> None:
        """Make the bucket again where somebody has deleted it."""
        try:
            await self._js.object_store(self._place.stream)
        except (BucketNotFoundError, NotFoundError):
            await make_bucket(self._js, self._place)


@contextmanager
def _nameless_file(folder: Path) -> Iterator[BufferedIOBase]:
    """Make a file that nobody else finds: a server that is killed leaves nothing, but on Windows."""
    with TemporaryFile(dir=folder) as made:
        # On Windows it is wrapped, and what the object store takes is inside.
        yield cast("BufferedIOBase", getattr(made, "file", made))


def _pack(source: Path, target: BufferedIOBase) -> None:
    with source.open("rb") as plain, gzip.open(target, "wb", compresslevel=1) as packed:
        with suppress(OSError):  # Windows lets what is open have its name
            source.unlink()
        shutil.copyfileobj(plain, packed)
    target.seek(0)


def _unpack(source: BufferedIOBase, target: Path) -> None:
    source.seek(0)
    with gzip.open(source, "rb") as packed, target.open("wb") as plain:
        start = packed.read(len(_SQLITE))
        if start and start != _SQLITE:
            raise EOFError
        plain.write(start)
        shutil.copyfileobj(packed, plain)
