"""What two nodes tell each other of a file that goes from a user of one to a user of the other, as bytes.

Integers are unsigned and in network byte order: version (1 byte), kind (1), number of the transfer's run (8), number of
the sender's connection (8), and two offsets in bytes from the beginning of the file (8 each); behind a chunk's header
stand its bytes.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from struct import error as StructError
from typing import Final, NamedTuple

_VERSION: Final = 1
_HEADER: Final = Struct("!BBQQQQ")


class Kind(IntEnum):
    """What a parcel is about."""

    CHUNK = 1
    """The sender's node: these bytes come at `offset`. None at all: so far has it passed on."""
    ASK = 2
    """The sender's node: how far is it?"""
    STANDING = 3
    """The receiver's node: it has passed on as far as `offset`, and the sender may go up to `upto`."""


class Parcel(NamedTuple):
    """What goes from node to node."""

    kind: Kind
    transfer: int
    """Number of the run that it is about."""
    connection: int
    """Of the sender: what comes of an earlier one is of no use any more."""
    offset: int = 0
    upto: int = 0
    data: bytes = b""

    def pack(self) -> bytes:
        """Return it as bytes."""
        return _HEADER.pack(_VERSION, self.kind, *self[1:5]) + self.data


def unpack(data: bytes) -> Parcel | None:
    """Return what is in these bytes; None when that is nothing that this version knows."""
    try:
        version, kind, transfer, connection, offset, upto = _HEADER.unpack_from(data)
        known = Kind(kind)
    except (ValueError, StructError):
        return None
    parcel = Parcel(known, transfer, connection, offset, upto, data[_HEADER.size :])
    return parcel if version == _VERSION else None
