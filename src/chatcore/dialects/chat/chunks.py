"""Bytes of files on the wire: a binary message each, or a line and the bytes behind it on a stream."""

from __future__ import annotations

import struct
from typing import Any, Final

from chatcore.dialects.chat.json_text import encode_object
from chatcore.limits import CHUNK_BYTES, MAX_INTEGER
from chatcore.ports.transport import Binary

_HEAD: Final = struct.Struct("!BIQ")
"""What stands before the bytes of a chunk in a binary message: `_CHUNK`, transfer, offset, in network order."""
_CHUNK: Final = 1
"""The first byte of a binary message that is a chunk."""
_HIGHEST_NUMBER: Final = 2**32 - 1


def encode_chunk(transfer: int, offset: int, data: bytes, *, boundaries: bool) -> bytes:
    """Return the payload that carries a chunk: a binary message, or a line and the bytes behind it."""
    if boundaries:
        return Binary(_HEAD.pack(_CHUNK, transfer, offset) + data)
    head = encode_object({"type": "file_chunk", "transfer": transfer, "offset": offset, "bytes": len(data)})
    return b"%s\n%s" % (head, data)


def decode_chunk(message: bytes) -> tuple[int, int, bytes] | None:
    """Return transfer, offset and bytes of a binary message; None when it is no chunk."""
    if not _HEAD.size < len(message) <= _HEAD.size + CHUNK_BYTES or message[0] != _CHUNK:
        return None
    _, transfer, offset = _HEAD.unpack_from(message)
    return (transfer, offset, bytes(message[_HEAD.size :])) if offset <= MAX_INTEGER else None


def decode_chunk_head(frame: dict[str, Any]) -> tuple[int, int, int] | None:
    """Return transfer, offset and number of bytes of the line in front of a chunk; None when it is broken."""
    transfer, offset, size = (frame.get(key) for key in ("transfer", "offset", "bytes"))
    if type(transfer) is not int or type(offset) is not int or type(size) is not int:
        return None
    if not (0 < transfer <= _HIGHEST_NUMBER and 0 <= offset <= MAX_INTEGER and 0 < size <= CHUNK_BYTES):
        return None
    return transfer, offset, size
