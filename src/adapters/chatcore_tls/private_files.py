"""The server's own key, and what it keeps beside it, on whatever file system that is."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Final, Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chatcore.errors import ConfigurationError

logger: Final = logging.getLogger("chatcore.tls")

_GROUP: Final = 0o070
_OTHERS: Final = 0o007
_NO_FSYNC: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


class FileSystem(Protocol):
    """What some file systems cannot do; then these raise OSError. The module `os` implements it."""

    def link(self, src: str, dst: Path, /) -> None:
        """Give a file a second name, unless there is a file of that name."""
        ...

    def chmod(self, path: str, mode: int, /) -> None:
        """Say who may do what with a file."""
        ...


def own_key(directory: Path, files: FileSystem) -> ec.EllipticCurvePrivateKey:
    """Return the key in a directory; it is made where there is none.

    Raises:
        ConfigurationError: it cannot be used; the sentence says what to do.
        OSError: it can be neither read nor made.
    """
    path = directory / "key.pem"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        data = key.private_bytes(encoding, kind, serialization.NoEncryption())
        write(path, data, 0o600, files, only_new=True)
    if os.name == "posix":
        _check_rights(path)
    try:
        key_found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "the server's key {path} is damaged; restore it, or delete it for a new one", path=str(path)
        ) from error
    if not isinstance(key_found, ec.EllipticCurvePrivateKey) or not isinstance(key_found.curve, ec.SECP256R1):
        raise ConfigurationError(
            "the server's key {path} is not one for P-256; delete it for a new one", path=str(path)
        )
    return key_found


def _check_rights(path: Path) -> None:
    """Look who may read the key. Raises `ConfigurationError` when anybody may, and that can be helped."""
    mode = path.stat().st_mode
    if mode & _OTHERS and _keeps_secrets(path.parent):
        raise ConfigurationError(
            "the server's key {path} can be read by others; take that right away (chmod 600)", path=str(path)
        )
    if mode & _OTHERS:
        logger.warning("the server's key %s can be read by others, and its file system has no other way", path)
    elif mode & _GROUP:  # whoever runs servers from images gives keys to groups
        logger.warning("the server's key %s can be read by its group; see that nobody else is in it", path)


def _keeps_secrets(directory: Path) -> bool:
    """Say whether files of this directory can be kept from others: not where it is read-only, or knows no rights."""
    try:
        with tempfile.NamedTemporaryFile(dir=directory) as file:
            return not os.fstat(file.fileno()).st_mode & _OTHERS
    except OSError:
        return False


def write(path: Path, data: bytes, mode: int, files: FileSystem, *, only_new: bool = False) -> None:
    """Write a file whole or not at all; another server may be doing the same. An OSError names `path`."""
    with suppress(OSError):
        if path.read_bytes() == data:
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
