"""Files that nobody else may read, whole or not there at all, on whatever file system that is."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Final, Protocol

from chatcore.errors import Sentence

_NO_FSYNC: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


class FileSystem(Protocol):
    """What some file systems cannot do; then these raise OSError. The module `os` implements it."""

    def link(self, src: str, dst: Path, /) -> None:
        """Give a file a second name, unless there is a file of that name."""
        ...

    def chmod(self, path: str, mode: int, /) -> None:
        """Say who may do what with a file."""
        ...


def write(path: Path, data: bytes, mode: int, files: FileSystem, *, only_new: bool = False) -> None:
    """Write a file whole or not at all; another server may be doing the same. An OSError names `path`."""
    with suppress(OSError):
        if content_of(path) == data:
            return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".pem")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                settle(file)
            with suppress(OSError):  # there are no modes, or they are somebody else's to give: it is private already
                files.chmod(name, mode)
            if only_new:
                _name_new(name, path, data, files)
            else:
                os.replace(name, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def content_of(path: Path) -> bytes:
    """Return what is in a file. Raises OSError also for what nobody gets to the end of: a pipe, or most devices."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb", buffering=0) as file:  # which refuses a folder
        mode = os.fstat(descriptor).st_mode
        data = b"" if stat.S_ISFIFO(mode) else file.read() if stat.S_ISREG(mode) else file.read(1)
        if stat.S_ISFIFO(mode) or (data and not stat.S_ISREG(mode)):  # /dev/null has an end
            raise OSError(errno.EINVAL, Sentence("it is not a file"), str(path))
        return data or b""


def settle(file: IO[bytes]) -> None:
    """Wait until what was written is on the disk, where there is one that can be waited for."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise


def _name_new(name: str, path: Path, data: bytes, files: FileSystem) -> None:
    """Give a file its name unless another server was first: its key is as good."""
    try:
        files.link(name, path)
    except FileExistsError:
        return
    except OSError:  # there are no links
        with suppress(FileExistsError), open(path, "xb", opener=partial(os.open, mode=0o600)) as file:
            try:
                file.write(data)
                settle(file)
            except OSError:
                path.unlink()
                raise
