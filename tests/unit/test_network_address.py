"""Which addresses are one place on the network, and how much one place may have."""

from __future__ import annotations

import pytest

from chatcore.ports.network_address import PerPlace, place_of, places_in, plain_host, read_network


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7:8765", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:8765", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("[::1]:80", "::/64"),
        ("[fe80::1%eth0]:80", "fe80::1%eth0"),
        ("[fe80::2]:80", "fe80::2"),
        ("", ""),
        ("memory", ""),
        ("/run/chat.sock", ""),
        ("a:b:c", ""),
        ("300.1.1.1:1", ""),
    ],
)
def test_a_place_is_an_ipv4_address_or_a_network_of_ipv6_addresses(address: str, place: str) -> None:
    """An IPv4 address that is written as an IPv6 one is itself; without a router, everybody is a place."""
    assert place_of(address) == place


@pytest.mark.parametrize(
    ("text", "network", "places"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.7/32"),
        (" 192.0.2.7/24 ", "192.0.2.0/24", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.7/32"),
        ("::FFFF:192.0.2.7/120", "192.0.2.0/24", "192.0.2.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0", "0.0.0.0/0"),
        ("::ffff:0:0/95", "::fffe:0:0/95", "::/64"),
        ("2001:DB8::7", "2001:db8::7/128", "2001:db8::/64"),
        ("2001:db8::/32", "2001:db8::/32", "2001:db8::/32"),
        ("fe80::1", "fe80::1/128", "fe80::1/128"),
        ("alice", "None", ""),
        ("2001:db8::/129", "None", ""),
    ],
)
def test_a_network_holds_ipv4_as_such_and_of_ipv6_whole_places(text: str, network: str, places: str) -> None:
    """However it is written; where everybody is a place there is no other."""
    assert str(read_network(text)) == network
    assert places_in(text) == places


def test_a_place_has_as_much_as_it_may_and_others_have_theirs() -> None:
    """What it gives back it may have again."""
    counts = PerPlace(3)
    counts.add("192.0.2.7", 2)
    assert counts.fits("192.0.2.7")
    assert not counts.fits("192.0.2.7", 2)
    assert counts.fits("192.0.2.8", 3)
    counts.remove("192.0.2.7")
    assert counts.fits("192.0.2.7", 2)
    assert counts["192.0.2.7"] == 1


@pytest.mark.parametrize(("most", "place"), [(0, "192.0.2.7"), (1, "")])
def test_nothing_is_bounded_without_a_bound_or_an_address(most: int, place: str) -> None:
    """0 is any number, and a transport without addresses has one place for everybody."""
    counts = PerPlace(most)
    counts.add(place, 1000)
    assert counts.fits(place, 1000)


def test_nothing_is_remembered_of_a_place_that_has_nothing() -> None:
    """Addresses that come and go take no memory."""
    counts = PerPlace(3)
    counts.add("192.0.2.7")
    counts.remove("192.0.2.7")
    assert len(counts) == 0


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("[::1]", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("[::FFFF:7f00:1]", "127.0.0.1"),
        ("::ffff:0.0.0.0", "0.0.0.0"),
        ("[fe80::1%eth0]", "fe80::1%eth0"),
        ("127.0.0.1", "127.0.0.1"),
        ("::", "::"),
        ("localhost", "localhost"),
        ("127.1", "127.1"),
        ("[::1", "[::1"),
        ("", ""),
    ],
)
def test_host_is_what_sockets_take_however_it_is_written(written: str, host: str) -> None:
    """With brackets, as in a URL; an IPv4 address as an IPv6 one."""
    assert plain_host(written) == host
