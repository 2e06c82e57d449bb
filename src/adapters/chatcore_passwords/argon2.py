"""Argon2id (RFC 9106): slow and large on purpose, so that a stolen store is of little use for guessing."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

# What OWASP's cheat sheet for the storage of passwords recommends for one lane: some 20 ms and 19 MiB each.
_MEMORY: Final = 19_456
_ITERATIONS: Final = 2
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


class Argon2:
    """Implements `chatcore.ports.passwords.PasswordHasher`.

    Args:
        memory: in KiB.
        iterations: how often that is gone through.
    """

    def __init__(self, *, memory: int = _MEMORY, iterations: int = _ITERATIONS) -> None:
        self._memory = memory
        self._iterations = iterations

    @cached_property
    def _nobody(self) -> str:
        return self.hash(os.urandom(_SALT_BYTES).hex())

    def hash(self, password: str) -> str:
        """Return a salted hash in the PHC format, which says what it was made with."""
        made = Argon2id(
            salt=os.urandom(_SALT_BYTES),
            length=_HASH_BYTES,
            iterations=self._iterations,
            lanes=1,
            memory_cost=self._memory,
        )
        return made.derive_phc_encoded(_bytes(password))

    def verify(self, password: str, hashed: str) -> bool:
        """Tell whether a hash is of this password; nobody's, which is empty, takes as long and is of none."""
        nobody = self._nobody  # the first time takes longer, for everybody
        try:
            Argon2id.verify_phc_encoded(_bytes(password), hashed or nobody)
        except (InvalidKey, ValueError):
            return False
        return bool(hashed)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
