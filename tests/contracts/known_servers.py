"""What every `chatcore.ports.known_servers.KnownServers` has to keep. Subclass it and say how to make one."""

from __future__ import annotations

import pytest

from chatcore.ports.known_servers import KnownServers, server_place

ONE, OTHER = "1f" * 32, "e0" * 32
PLACES = [server_place(host, 8765) for host in ("example.org", "192.168.1.5", "::1", "fe80::1%eth0", "bücher.test")]


class KnownServersContract:
    """The promises of the port. A subclass gives the fixture `known`."""

    @pytest.fixture
    def known(self) -> KnownServers:
        """Return one that has met nobody."""
        raise NotImplementedError

    @pytest.mark.parametrize("place", PLACES)
    def test_server_is_known_by_its_key_once_it_was_met(self, known: KnownServers, place: str) -> None:
        """Before that it is a stranger."""
        assert known.key_of(place) is None
        known.remember(place, ONE)
        assert known.key_of(place) == ONE

    def test_last_key_of_a_server_counts(self, known: KnownServers) -> None:
        """Whoever accepts a changed key is asked no more."""
        known.remember("example.org:8765", ONE)
        known.remember("example.org:8765", OTHER)
        known.remember("example.org:8765", OTHER)
        assert known.key_of("example.org:8765") == OTHER

    def test_servers_are_told_apart_by_host_and_port(self, known: KnownServers) -> None:
        """One that resembles another is still a stranger."""
        known.remember("example.org:8765", ONE)
        for place in ("example.org:876", "example.org:8766", "xample.org:8765", "example.or:8765", "[::1]:8765"):
            assert known.key_of(place) is None
        for number in range(20):
            known.remember(f"example.org:{number}", OTHER)
        assert known.key_of("example.org:8765") == ONE
