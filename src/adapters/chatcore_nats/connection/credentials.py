"""Credentials of NATS, as `nsc` writes them into a file: a token (JWT) and the seed of the key that signs with it."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Final

import nkeys
from nats.errors import Error

from chatcore.errors import ConfigurationError, Sentence
from chatcore_nats.place import Place

_TOKEN: Final = re.compile(rb"-BEGIN NATS USER JWT-+\s+(\S+)\s+-+END NATS USER JWT-")
_SEED: Final = re.compile(rb"-BEGIN USER NKEY SEED-+\s+(\S+)\s+-+END USER NKEY SEED-")
# One of them has about a kilobyte.
_MOST_BYTES: Final = 2**20


class Credentials:
    """A file with credentials. It is read at every connection: what expires is renewed there.

    Not left to nats-py: that reads a file without a token for ever.

    Args:
        path: of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def check(self, place: Place) -> None:
        """Raise `ConfigurationError` unless there are credentials in the file."""
        try:
            self.token()
            self.sign("")
        except OSError as error:
            why: object = error.strerror or str(error)
        except Error:
            why = Sentence("it is no file as nsc writes them")
        else:
            return
        raise unreadable(place, str(self._path), why)

    def token(self) -> bytes:
        """Return the token. Raises OSError, `nats.errors.Error`."""
        return self._find(_TOKEN)

    def sign(self, nonce: str) -> bytes:
        """Return the signature of what the server has said, in base64. Raises OSError, `nats.errors.Error`."""
        try:
            key = nkeys.from_seed(bytearray(self._find(_SEED)))
            return base64.b64encode(key.sign(nonce.encode()))
        except (nkeys.NkeysError, ValueError) as error:
            raise Error("nats: the seed among the credentials is none") from error

    def _find(self, what: re.Pattern[bytes]) -> bytes:
        with self._path.open("rb") as file:
            found = what.search(file.read(_MOST_BYTES))
        if found is None:
            raise Error("nats: the file with credentials has none")
        return found[1]


def unreadable(place: Place, file: str, why: object) -> ConfigurationError:
    """Return the sentence for a file with credentials that cannot be read."""
    return ConfigurationError(
        "the credentials for {place} cannot be read from {file}: {why}", place=place.text, file=file, why=why
    )
