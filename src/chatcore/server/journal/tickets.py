"""Tokens of logins: their texts stay at the node that was shown them or makes them, and records hold hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from chatcore.chat.requests.logins import SECRET_CHARS, token_hash
from chatcore.records import Keys

_HASH_CHARS: Final = 32


def hashed(text: str) -> str:
    """Return what may stand in a record instead of a secret."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_CHARS]


class Ticket:
    """What one login has of secrets.

    Args:
        shown: the token that the client shows, if it has one.
        new_id: gives a fresh unguessable string per call.
    """

    __slots__ = ("_texts", "keys")

    def __init__(self, shown: str | None, new_id: Callable[[], str]) -> None:
        first, dot, second = (shown or "").rpartition(".")
        session, numbers = new_id(), new_id()
        kept = hashed(second) if dot and len(second) >= SECRET_CHARS else ""
        self.keys = Keys(
            token_hash(hashed(first), hashed(second)) if shown is not None else "",
            kept,
            hashed(session),
            hashed(numbers),
        )
        self._texts = {
            self.keys.shown: shown or "",
            token_hash(self.keys.session, kept): f"{session}.{second}",
            token_hash(self.keys.session, self.keys.numbers): f"{session}.{numbers}",
        }

    def text(self, token: str) -> str:
        """Return the token that has this hash: the one that was shown, or a fresh one. Raises KeyError."""
        return self._texts[token]
