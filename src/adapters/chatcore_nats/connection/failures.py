"""What went wrong with a connection to NATS: of what kind that is, and one sentence for it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, Final

from nats.errors import Error

from chatcore.errors import ConfigurationError, Sentence
from chatcore_nats.connection.credentials import unreadable
from chatcore_nats.place import Place

OVERLONG: Final = "maximum payload violation"
"""What NATS says of a message that is longer than it takes."""


class NoAnswer(Error):
    """A server of NATS, or whoever is there in its place, does not say whether it lets this server in.

    Args:
        text: what it does instead, with `{server}` for its address.
        server: the address.
    """

    def __init__(self, text: str, server: Any) -> None:
        self.sentence = Sentence(text, server=server.uri.netloc)
        super().__init__(self.sentence)


SILENT: Final = Sentence("{server} does not answer")
CUTS_OFF: Final = Sentence("{server} ends the connection")


class Kind(Enum):
    """What is to be done about a failure depends on this."""

    FILE = auto()
    """The file with credentials cannot be read: no other one is opened for a connection without being named."""
    CREDENTIALS = auto()
    ENCRYPTION = auto()
    CROWDED = auto()
    """There are too many connections."""
    FORBIDDEN = auto()
    """Something was not allowed, and the connection is as it was."""
    NOT_HEARD = auto()
    """The same, and it was to hear something."""
    OVERLONG = auto()
    NO_HELLO = auto()
    """Whoever is there hangs up before he has said a word."""
    CUT_OFF = auto()
    SILENT = auto()
    OTHER = auto()


_WORDS: Final = (
    ("permissions violation for subscription", Kind.NOT_HEARD),
    ("maximum subscriptions exceeded", Kind.NOT_HEARD),
    ("permissions violation", Kind.FORBIDDEN),
    (OVERLONG, Kind.OVERLONG),
    ("authorization", Kind.CREDENTIALS),
    ("authentication", Kind.CREDENTIALS),
    ("nonce", Kind.CREDENTIALS),
    ("credentials", Kind.CREDENTIALS),
    ("connections exceeded", Kind.CROWDED),
    ("expecting info message", Kind.NO_HELLO),
    ("tls", Kind.ENCRYPTION),
    ("ssl", Kind.ENCRYPTION),
    ("certificate", Kind.ENCRYPTION),
)
"""By what words of NATS, or of nats-py, a failure is known; the first ones count."""
NOT_ALLOWED: Final = frozenset({Kind.FORBIDDEN, Kind.NOT_HEARD})
REFUSALS: Final = frozenset({Kind.FILE, Kind.CREDENTIALS, Kind.ENCRYPTION})
"""NATS is there and does not let in, or it is for what is shown to it that it cannot be asked."""


def kind_of(error: BaseException) -> Kind:
    """Return of what kind a failure is. What others say than NATS counts for nothing: it holds names of somebody."""
    if isinstance(error, OSError) and error.filename is not None:
        return Kind.FILE
    # That what stands in the address cannot be used is found while connecting for nothing but certificates.
    if isinstance(error, (ssl.SSLError, ConfigurationError)):
        return Kind.ENCRYPTION
    if isinstance(error, NoAnswer):
        return Kind.CUT_OFF if error.sentence.text == CUTS_OFF else Kind.SILENT
    if isinstance(error, Error):
        said = str(error).partition('"')[0].lower()
        return next((kind for words, kind in _WORDS if words in said), Kind.OTHER)
    return Kind.OTHER


def telling(failure: Exception) -> int:
    """Return how much a failure tells of what to do, beside others."""
    if kind_of(failure) in REFUSALS | {Kind.CROWDED}:
        return 2
    return int(isinstance(failure, NoAnswer))


def not_allowed(place: Place, forbidden: Iterable[str]) -> ConfigurationError:
    """Return the sentence for what NATS does not allow: its own words for it."""
    return ConfigurationError(
        "NATS at {place} does not allow what a chat needs ({why}); the guide to clusters lists it",
        place=place.text,
        why="; ".join(forbidden),
    )


def unreachable(place: Place, error: BaseException) -> ConfigurationError:
    """Return the sentence for why there is no connection."""
    said = getattr(error, "verify_message", "") or str(error).removeprefix("nats: ").strip("'") or type(error).__name__
    why = error.sentence if isinstance(error, NoAnswer | ConfigurationError) else said
    match kind_of(error):
        case Kind.FILE:
            file = str(getattr(error, "filename", ""))
            return unreadable(place, file, getattr(error, "strerror", None) or said)
        case Kind.CREDENTIALS if place.shows_nothing:
            return ConfigurationError(
                "NATS at {place} wants to know who connects, and the address does not say it; write "
                "nats://USER:PASSWORD@HOST, nats://TOKEN@HOST or creds=FILE",
                place=place.text,
            )
        case Kind.CREDENTIALS:
            return ConfigurationError(
                "NATS at {place} does not take these credentials; look at user, password or creds in the address",
                place=place.text,
            )
        case Kind.CROWDED:
            return ConfigurationError(
                "NATS at {place} takes no more connections ({why}); a server needs two of them, and {command} one "
                "more: raise that limit",
                place=place.text,
                why=why,
                command="chatcore cluster",
            )
        case Kind.ENCRYPTION:
            return _not_encrypted(place, why)
        # Who does not take a certificate says so when this side has finished, and has often hung up before that is
        # heard. And who wants it before a word was said (tls=first) waits for that, and hangs up.
        case Kind.CUT_OFF | Kind.NO_HELLO if place.tls:
            return _not_encrypted(place, why)
        case _:
            return ConfigurationError(
                "NATS cannot be reached at {place} ({why}); start nats-server -js there, or correct the address",
                place=place.text,
                why=why,
            )


def _not_encrypted(place: Place, why: str) -> ConfigurationError:
    return ConfigurationError(
        "NATS at {place} cannot be reached over TLS ({why}); look at tls, ca, cert and key in the address",
        place=place.text,
        why=why,
    )
