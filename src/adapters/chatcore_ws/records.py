"""TLS records of a few bytes: what little they bring takes the event loop's TLS long to decrypt, whoever waits.

A record has some twenty bytes of its own (RFC 8446, section 5.2), and takes microseconds however short it is: 64 KiB of
records with one byte each, which are decrypted in one go, seven milliseconds. Nobody needs such: a message is one.
"""

from __future__ import annotations

from typing import Final

from chatcore_net.sockets import Countable, bytes_read

_LOOK_BYTES: Final = 512
"""After so many bytes of what they bring it is looked at again how many they were."""
_TIMES: Final = 8
"""How many bytes of records there may be for one that they bring."""
_CREDIT: Final = 32 * 1024
"""How many more there may be at a time: a part of a record, what belongs to TLS itself, or answers to pings."""


class Records:
    """The records of one connection.

    Args:
        sock: its socket.
    """

    __slots__ = ("_brought", "_credit", "_read", "_sock")

    def __init__(self, sock: Countable | None) -> None:
        self._sock = sock
        self._read = bytes_read(sock) or 0
        self._brought = 0
        self._credit = _CREDIT

    def are_tiny(self, brought: int) -> bool:
        """Tell whether they have become too many for what they brought; they just brought so many bytes more.

        Never where the system does not tell how many bytes have come.
        """
        self._brought += brought
        if self._brought < _LOOK_BYTES:
            return False
        read = bytes_read(self._sock)
        if read is None:
            return False
        credit = self._credit + _TIMES * self._brought - (read - self._read)
        self._read, self._brought, self._credit = read, 0, min(credit, _CREDIT)
        return credit < 0
