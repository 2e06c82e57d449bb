"""The folder for files that come. Names are strangers' here: nothing outside is touched, nothing is overwritten.

A file that is not complete is called `.<sha256>.part`, so that it is found again, and so that its name is nobody's
choice; `.<sha256>.2.part` when another one with that content is being received. It gets its name by a link, which
fails when something of that name is there, whatever that is.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
import threading
from contextlib import suppress
from typing import Final, Protocol

from chatcore.errors import FileError
from chatcore.text.file_names import clean_name, numbered_name
from chatcore_disk.folders import sync_folder
from chatcore_files.source import DiskSource

if sys.platform != "win32":
    import fcntl

_MOST_NAMES: Final = 10_000
_MOST_PARTS: Final = 100
_SHORT: Final = 120
"""So many bytes are a name everywhere."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PLAIN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

_open_parts: set[tuple[int, int]] = set()
"""What this process has open, by device and inode: not every file system has locks, or knows them within a process."""
_opening = threading.Lock()


class _TakenError(FileError):
    """Somebody writes to it."""


class FileNames(Protocol):
    """What some file systems cannot do; then these raise OSError. The module `os` implements it."""

    def link(self, src: str, dst: str, /, *, follow_symlinks: bool) -> None:
        """Give a file a second name, unless there is something of that name."""
        ...

    def replace(self, src: str, dst: str, /) -> None:
        """Give a file another name, and remove what is there."""
        ...


class DownloadFolder:
    """Implements `chatcore.ports.file_store.FileStore`.

    Args:
        path: the folder; it is made when it is needed.
        names: what the file system of the folder can do with names.
    """

    def __init__(self, path: str | os.PathLike[str], names: FileNames = os) -> None:
        self.path = os.path.abspath(path)
        self._names = names

    def open_source(self, path: str) -> DiskSource:
        """Open a file to send. Raises `FileError`."""
        return DiskSource(os.path.expanduser(path))

    def open_part(self, sha256: str, size: int) -> FolderPart:
        """Open what there is of a file, or begin one. Raises `FileError`."""
        if not _SHA256.fullmatch(sha256):
            raise FileError("this is not a SHA-256")
        try:
            os.makedirs(self.path, exist_ok=True)
        except FileExistsError as error:
            raise FileError("{path} is not a folder, and files cannot come into it", path=self.path) from error
        except OSError as error:
            raise FileError("the folder {path} cannot be made: {why}", path=self.path, why=_why(error)) from error
        for number in range(1, _MOST_PARTS):
            with suppress(_TakenError):
                name = f".{sha256}.part" if number == 1 else f".{sha256}.{number}.part"
                return FolderPart(self.path, name, size, self._names)
        raise FileError("this file is being received already")


class FolderPart:
    """Implements `chatcore.ports.file_store.FilePart`."""

    def __init__(self, folder: str, name: str, size: int, names: FileNames = os) -> None:
        self._folder = folder
        self._names = names
        self._path = os.path.join(folder, name)
        self._descriptor = -1
        self._identity = (0, 0)
        self._gone = False
        try:
            self._open()
            self.size = self._examine(size)
        except FileError:
            self._close()
            raise
        except OSError as error:
            self._close()
            raise FileError("{path} cannot be written: {why}", path=self._path, why=_why(error)) from error

    def _open(self) -> None:
        """Open it for nobody but us."""
        # Not to wait for somebody at the other end, should it be a pipe.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | _PLAIN
        self._descriptor = os.open(self._path, flags, 0o666)
        found = os.fstat(self._descriptor)
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if not stat.S_ISREG(found.st_mode) or not mine:
            raise FileError("{path} is in the way; remove it", path=self._path)
        identity = found.st_dev, found.st_ino
        with _opening:
            if identity in _open_parts:
                raise _TakenError("it is open already")
            _open_parts.add(identity)
            self._identity = identity
        if sys.platform != "win32":
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise _TakenError("it is open already") from error
            except OSError:
                pass  # a file system without locks
        if not self._is_in_place():
            raise _TakenError("it was completed just now")

    def _is_in_place(self) -> bool:
        """Tell whether it still has its name: nobody has moved or removed it, or the folder."""
        try:
            found = os.stat(self._path, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return self._identity == (found.st_dev, found.st_ino)

    def _check_place(self) -> None:
        """Raise `FileError` for what nobody would find when it is complete."""
        if not self._is_in_place():
            raise FileError("what had come into {folder} so far was moved or removed", folder=self._folder)

    def _examine(self, size: int) -> int:
        """Return how many bytes are there, once it is sure that they are ours alone, and that the rest has room."""
        found = os.fstat(self._descriptor)
        if found.st_nlink != 1:
            raise FileError("{path} is in the way; remove it", path=self._path)
        there = found.st_size
        if there > size:
            os.ftruncate(self._descriptor, 0)
            there = 0
        disk = shutil.disk_usage(self._folder)
        if size - there > disk.free and disk.total > 0:  # some file systems cannot tell
            if not there:
                with suppress(FileError):
                    self.discard()
            full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            raise FileError("there is no room for this file in {folder}", folder=self._folder) from full
        return there

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes that are there. Raises `FileError`."""
        try:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, size)
        except OSError as error:
            raise FileError("{path} cannot be read: {why}", path=self._path, why=_why(error)) from error

    def append(self, data: bytes) -> None:
        """Add bytes at its end. Raises `FileError`; then as much is there as `size` says."""
        view = memoryview(data)
        try:
            self._check_place()
            os.lseek(self._descriptor, self.size, os.SEEK_SET)
            while view:
                count = os.write(self._descriptor, view)
                view = view[count:]
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise FileError("{path} cannot be written: {why}", path=self._path, why=_why(error)) from error
        self.size += len(data)

    def finish(self, name: str) -> str:
        """Give it its place under a name like that, and return where it is. Raises `FileError`; then it is kept."""
        simple = clean_name(name, windows=True, most=_SHORT)
        names = [clean_name(name, windows=os.name == "nt"), simple, _in_ascii(simple)]
        try:
            self._check_place()
            os.fsync(self._descriptor)
            if sys.platform == "win32":
                self._close()  # Windows moves nothing that is open
            place = self._link_as(*map(_encodable, names))
            self._gone = True
            self._close()  # only now: whoever opens it next shall find it gone
            sync_folder(self._folder)
        except OSError as error:
            raise FileError(
                "{name} cannot be put into {folder}: {why}", name=names[0], folder=self._folder, why=_why(error)
            ) from error
        finally:
            self.keep()
        return place

    def _link_as(self, *names: str) -> str:
        """Give it the first of these names that the file system takes: what it says of the others differs widely."""
        *better, simplest = names
        for name in better:
            with suppress(OSError):
                return self._link(name)
        return self._link(simplest)

    def _link(self, name: str) -> str:
        for number in range(1, _MOST_NAMES):
            place = os.path.join(self._folder, numbered_name(name, number))
            try:
                self._names.link(self._path, place, follow_symlinks=False)
            except FileExistsError:
                continue  # a file, a folder or a link to somewhere: none of our business
            except (OSError, NotImplementedError):
                if not _move_to_new(self._path, place, self._names):  # a file system without links
                    continue
            else:
                with suppress(OSError):  # it is there, whether or not its other name can be removed
                    os.unlink(self._path)
            return place
        raise FileError("there are too many files called {name} in {folder}", name=name, folder=self._folder)

    def keep(self) -> None:
        """Let go of it, and keep what is there: of nothing, not even the name."""
        if self._descriptor >= 0 and not self._gone and not self.size:
            with suppress(FileError):
                self.discard()
        self._close()

    def discard(self) -> None:
        """Let go of it, and remove it. Raises `FileError`."""
        if self._descriptor >= 0 and not self._gone:
            self._gone = True
            try:
                if self._is_in_place():  # else it is gone, or somebody else's
                    os.unlink(self._path)
            except OSError as error:
                raise FileError("{path} cannot be removed: {why}", path=self._path, why=_why(error)) from error
            finally:
                self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        _open_parts.discard(self._identity)
        self._identity = (0, 0)


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _encodable(name: str) -> str:
    """Return the name in the characters that this system has for names."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        encoding = sys.getfilesystemencoding()
        return name.encode(encoding, "replace").decode(encoding).replace("?", "_")
    return name


def _in_ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode("ascii").replace("?", "_")


def _move_to_new(part: str, place: str, names: FileNames) -> bool:
    """Move a file to where nothing is; returns False when something is. Only here the name is taken before that."""
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN, 0o666))
    except FileExistsError:
        return False
    try:
        names.replace(part, place)
    except BaseException:
        os.unlink(place)
        raise
    return True
