"""Stateless resets: how a client hears that its server knows nothing of it any more (RFC 9000, 10.3).

It was started anew, or has given the connection up while nothing came: a reset does not tell which.

With every name that a server gives to a connection, it tells a token that follows from the name and from a secret.
The secret follows from the server's private key and its address, so that the next process has it too, and another
server with the same key has not: that one must not tell anybody the tokens of this one (10.3.2).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

TOKEN_BYTES: Final = 16
SHORTEST: Final = 21
"""The smallest packet that could be one, in bytes."""
LONGEST: Final = 42
"""The largest one that we send: no smaller than the smallest packet of a connection usually is."""
PER_SECOND: Final = 1000
"""How many resets a server sends, at most."""

_LABEL: Final = b"chatcore stateless reset"
_LONG_HEADER: Final = 0x80
_SHORT_HEADER: Final = 0x40


class Resets:
    """A server's side: makes tokens and resets.

    Args:
        private_key: the server's, of whatever kind `cryptography` knows.
        place: the address that the server listens on.
    """

    def __init__(self, private_key: Any, place: str) -> None:
        self._place = place
        self._of: Any = None
        self._key = b""
        self.follow(private_key)
        self._left = float(PER_SECOND)
        self._filled = 0.0

    def follow(self, private_key: Any) -> None:
        """Make tokens of the key that the server has from now on: it is the one that the next process begins with."""
        if private_key is not self._of:
            secret = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            self._of, self._key = private_key, hmac.digest(secret, _LABEL + self._place.encode(), hashlib.sha256)

    def token(self, cid: bytes) -> bytes:
        """Return the token that goes with a connection's name."""
        return hmac.digest(self._key, cid, hashlib.sha256)[:TOKEN_BYTES]

    def answer(self, cid: bytes, size: int, now: float) -> bytes | None:
        """Return a reset for a packet of `size` bytes to a connection that nobody knows; None: no answer.

        It is shorter than the packet, so that two who know nothing of each other soon fall silent.
        """
        length = min(size - 1, LONGEST)
        if length < SHORTEST:
            return None
        self._left = min(PER_SECOND, self._left + (now - self._filled) * PER_SECOND)
        self._filled = now
        if self._left < 1:
            return None
        self._left -= 1
        noise = bytearray(os.urandom(length - TOKEN_BYTES))
        noise[0] = _SHORT_HEADER | noise[0] & 0x3F
        return bytes(noise) + self.token(cid)


def is_reset(packet: bytes, token: bytes) -> bool:
    """Say whether a packet ends the connection whose peer told us `token`; nobody learns more from how long it takes.

    Only for packets that cannot be read as something else.
    """
    if len(packet) < SHORTEST or packet[0] & _LONG_HEADER or not token:
        return False
    return hmac.compare_digest(packet[-TOKEN_BYTES:], token)
