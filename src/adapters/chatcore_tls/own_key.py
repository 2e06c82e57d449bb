"""The server's own key."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chatcore.errors import ConfigurationError
from chatcore_disk.folders import make_folder
from chatcore_disk.private_files import FileSystem, content_of, write

logger: Final = logging.getLogger("chatcore.tls")

_GROUP: Final = 0o070
_OTHERS: Final = 0o007


def note(level: int, what: str, why: str) -> None:
    """Write a record for the operator, as the server does: of a kind that a program can look for."""
    logger.log(level, what, extra={"fields": {"why": why}})


def own_key(directory: Path, files: FileSystem) -> ec.EllipticCurvePrivateKey:
    """Return the key in a directory; it is made where there is none.

    Raises:
        ConfigurationError: it cannot be used; the sentence says what to do.
        OSError: it can be neither read nor made.
    """
    path = directory / "key.pem"
    make_folder(directory)
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        data = key.private_bytes(encoding, kind, serialization.NoEncryption())
        write(path, data, 0o600, files, only_new=True)
    found = content_of(path)
    if os.name == "posix":
        _check_rights(path)
    try:
        key_found = serialization.load_pem_private_key(found, None)
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
        why = f"the server's key {path} can be read by others, and its file system has no other way"
        note(logging.WARNING, "key_readable", why)
    elif mode & _GROUP:  # whoever runs servers from images gives keys to groups
        why = f"the server's key {path} can be read by its group; see that nobody else is in it"
        note(logging.WARNING, "key_readable", why)


def _keeps_secrets(directory: Path) -> bool:
    """Say whether files of this directory can be kept from others: not where it is read-only, or knows no rights."""
    try:
        with tempfile.NamedTemporaryFile(dir=directory) as file:
            return not os.fstat(file.fileno()).st_mode & _OTHERS
    except OSError:
        return False
