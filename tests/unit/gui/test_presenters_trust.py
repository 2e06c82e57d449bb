"""What is known of a server's key, and what the window says of it."""

from __future__ import annotations

from chatcore.errors import ConfigurationError
from chatcore_qt.presenters.connecting.trust import Trust, encryption
from tests.unit.fakes import MemoryKnownServers


class UnreadableKnownServers(MemoryKnownServers):
    """What is remembered cannot be used."""

    def key_of(self, place: str) -> str | None:
        """Say so."""
        raise ConfigurationError("cannot be read")


def test_new_server_is_news_once() -> None:
    known = MemoryKnownServers()
    trust = Trust(known, "host:1")
    assert trust.news() == ""
    trust.remember("host:1", "ab")
    assert known.keys == {"host:1": "ab"}
    assert "fingerprint, ab; compare it" in trust.news()
    assert trust.news() == ""
    assert Trust(known, "host:1").news() == ""


def test_fingerprint_that_was_given_need_not_be_compared() -> None:
    trust = Trust(MemoryKnownServers(), "host:1", compared=True)
    trust.remember("host:1", "ab")
    assert trust.news() == "The server at host:1 is remembered."


def test_connection_is_described_by_what_vouches_for_the_server() -> None:
    known = MemoryKnownServers()
    trust = Trust(known, "host:1")
    for transport in ("wss", "quic"):
        assert "authority" in encryption(transport, trust).text
    known.remember("host:1", "ab")
    assert encryption("quic", trust).fingerprint == "ab"
    assert encryption("ws", trust).fingerprint is None
    assert "Nothing is encrypted" in encryption("ws", trust).text


def test_known_servers_that_cannot_be_read_show_no_fingerprint() -> None:
    assert Trust(UnreadableKnownServers(), "host:1").fingerprint is None
