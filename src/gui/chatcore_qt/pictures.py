"""Pictures as files.

Those that somebody else has sent are read with care: what they are is decided here and not by Qt's many plugins.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PyQt6.QtGui import QImage, QImageReader

from chatcore.errors import ChatcoreError

MOST_BYTES: Final = 32 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
"""Width times height before it is made smaller: what may be in memory at once, four bytes each."""
_LONGEST: Final = 20_000
_FIRST: Final = 16
_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp")


class NotShown(ChatcoreError):
    """A picture that is not shown; `too_large` tells why: it is that, or nothing that can be read here."""

    def __init__(self, *, too_large: bool = False) -> None:
        super().__init__("the picture is too large" if too_large else "this is no picture that can be shown")
        self.too_large = too_large


def may_be_picture(name: str) -> bool:
    """Tell from its name whether a file may be a picture that can be shown."""
    return name.lower().endswith(_ENDINGS)


def load(path: str, most: QSize) -> QImage:
    """Read a picture, no larger than `most` (in pixels). Call it in a thread: it may take a second.

    Raises:
        NotShown: it is none, is damaged, or is too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise NotShown
            if found.st_size > MOST_BYTES:
                raise NotShown(too_large=True)
            kind = _kind(file.read(_FIRST))
    except OSError:
        raise NotShown from None
    if kind is None:
        raise NotShown
    reader = QImageReader(path, kind)
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise NotShown
    if size.width() * size.height() > MOST_PIXELS or max(size.width(), size.height()) > _LONGEST:
        raise NotShown(too_large=True)
    if size.width() > most.width() or size.height() > most.height():
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise NotShown
    return image


def as_png(picture: QImage) -> bytes:
    """Return what a file of a picture has in it; nothing where that does not work. Call it in a thread as well."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return data.data() if picture.save(buffer, "PNG") else b""


def _kind(first: bytes) -> bytes | None:
    """Return the name of the format that a file begins like, of the few that are shown."""
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"png"
    if first.startswith(b"\xff\xd8\xff"):
        return b"jpeg"
    if first.startswith((b"GIF87a", b"GIF89a")):
        return b"gif"
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return b"webp"
    return None
