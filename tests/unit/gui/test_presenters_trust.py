"""What is known of a server's key, and what the window says of it."""

from __future__ import annotations

from chatcore.errors import ConfigurationError
from chatcore_qt.presenters.connecting.trust import Trust, encryption
from tests.unit.fakes import MemoryKnownServers


class Memory:
    """Remembers whom the user has to be told of."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}

    def note_untold(self, place: str, fingerprint: str) -> None:
        """Remember one."""
        self.keys[place] = fingerprint

    def take_untold(self, place: str) -> str | None:
        """Return one, and forget it."""
        return self.keys.pop(place, None)


class UnreadableKnownServers(MemoryKnownServers):
    """What is remembered cannot be used."""

    def key_of(self, place: str) -> str | None:
        """Say so."""
        raise ConfigurationError("cannot be read")


def test_new_server_is_news_once() -> None:
    known = MemoryKnownServers()
    trust = Trust(known, "host:1", Memory())
    assert trust.news() == ""
    trust.remember("host:1", "ab")
    assert known.keys == {"host:1": "ab"}
    assert "fingerprint, ab; compare it" in trust.news()
    assert trust.news() == ""
    assert Trust(known, "host:1", Memory()).news() == ""


def test_server_is_news_at_the_first_success_and_not_only_at_the_first_try() -> None:
    """A name in use, say, ends the first one."""
    known, untold = MemoryKnownServers(), Memory()
    Trust(known, "host:1", untold).remember("host:1", "ab")
    assert "fingerprint, ab; compare it" in Trust(known, "host:1", untold).news()
    assert Trust(known, "host:1", untold).news() == ""


def test_key_that_was_replaced_before_anybody_was_told_is_no_news() -> None:
    known, untold = MemoryKnownServers(), Memory()
    trust = Trust(known, "host:1", untold)
    trust.remember("host:1", "ab")
    known.remember("host:1", "cd")
    assert trust.news() == ""


def test_fingerprint_that_was_given_need_not_be_compared() -> None:
    trust = Trust(MemoryKnownServers(), "host:1", Memory(), compared=True)
    trust.remember("host:1", "ab")
    assert trust.news() == "The server at host:1 is remembered."


def test_connection_is_described_by_what_vouches_for_the_server() -> None:
    known = MemoryKnownServers()
    trust = Trust(known, "host:1", Memory())
    for transport in ("wss", "quic"):
        assert "authority" in encryption(transport, trust).text
    known.remember("host:1", "ab")
    assert encryption("quic", trust).fingerprint == "ab"
    assert encryption("ws", trust).fingerprint is None
    assert "Nothing is encrypted" in encryption("ws", trust).text


def test_known_servers_that_cannot_be_read_show_no_fingerprint() -> None:
    assert Trust(UnreadableKnownServers(), "host:1", Memory()).fingerprint is None
