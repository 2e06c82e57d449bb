"""Whether one can be sure of the server: what its key is known by, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chatcore.errors import ConfigurationError
from chatcore.ports.known_servers import KnownServers
from chatcore.text.safe_text import safe_text
from chatcore_qt.texts import translate


class Untold(Protocol):
    """The servers that were met and of which the user has not been told: a login may fail after that."""

    def note_untold(self, place: str, fingerprint: str) -> None:
        """Remember one."""
        ...

    def take_untold(self, place: str) -> str | None:
        """Return the fingerprint of one, and forget it."""
        ...


class Trust:
    """What is known of the key of one server. Implements `KnownServers`, for the connection to it.

    Args:
        known: remembers the keys of all servers.
        place: which server it is, `host:port`.
        compared: whether the user knows the fingerprint, and has given it.
        untold: the servers that the user has to be told of.
    """

    def __init__(self, known: KnownServers, place: str, untold: Untold, *, compared: bool = False) -> None:
        self._known = known
        self._place = place
        self._compared = compared
        self._untold = untold

    def key_of(self, place: str) -> str | None:
        """Return the fingerprint of the key that a server had."""
        return self._known.key_of(place)

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on, and that this is news."""
        self._known.remember(place, key_fingerprint)
        self._untold.note_untold(place, key_fingerprint)

    @property
    def fingerprint(self) -> str | None:
        """Of the server's key; None when it is not remembered."""
        try:
            return self._known.key_of(self._place)
        except ConfigurationError:
            return None

    def news(self) -> str:
        """Return, once, that the server is known from now on; nothing when the user was told before."""
        new = self._untold.take_untold(self._place)
        if new is None or new != self.fingerprint:
            return ""
        place = safe_text(self._place)
        if self._compared:
            return translate("Trust", "The server at {place} is remembered.").format(place=place)
        return translate(
            "Trust",
            "The server at {place} is remembered by its key's fingerprint, {fingerprint}; compare it with what the "
            "server shows. The menu Chat has it under Encryption.",
        ).format(place=place, fingerprint=safe_text(new))


@dataclass(frozen=True, slots=True)
class Encryption:
    """What there is to say about the encryption of a connection."""

    text: str
    fingerprint: str | None = None
    """Of the server's key, when the user can compare it."""


def encryption(transport: str, trust: Trust | None) -> Encryption:
    """Say how a connection is encrypted.

    Args:
        transport: URL scheme of the connection.
        trust: what is known of the server's key.
    """
    if transport not in ("wss", "quic"):
        return Encryption(
            translate("Trust", "Nothing is encrypted: whoever is on the way to the server can read and change it.")
        )
    fingerprint = None if trust is None else trust.fingerprint
    if fingerprint is None:
        return Encryption(
            translate(
                "Trust",
                "Everything between you and the server is encrypted, and an authority that you trust vouches for the "
                "server.",
            )
        )
    return Encryption(
        translate(
            "Trust",
            "Everything between you and the server is encrypted. Nobody is in between if the server shows the same "
            "fingerprint of its key:",
        ),
        fingerprint,
    )
