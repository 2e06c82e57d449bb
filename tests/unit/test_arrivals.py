"""Datagrams of those who send much wait for a turn that has time; nobody else waits for them."""

from __future__ import annotations

from string import ascii_lowercase

import pytest

from chatcore_net.slices import Slices
from chatcore_quic.arrivals import Arrivals
from tests.unit.fakes import FakeClock


class House:
    """A socket on a loop on which each datagram takes three milliseconds."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.slices = Slices(self.clock.call_soon, self.clock.monotonic)
        self.arrivals = Arrivals(self.slices)
        self.taken: list[bytes] = []
        self.peers = {name: Peer(self) for name in ascii_lowercase}

    def hears(self, *datagrams: str) -> None:
        """Let these arrive: the first letter of each says whose it is."""
        for each in datagrams:
            self.arrivals.add(self.peers[each[0]], each.encode(), "address")

    def turn(self) -> list[bytes]:
        """Let a turn go by; returns what was taken since the last one."""
        self.clock.turn()
        taken, self.taken = self.taken, []
        return taken


class Peer:
    """One connection."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.turn = 0
        self.fails = False

    def datagram_received(self, data: bytes, address: object) -> None:
        """Take a datagram."""
        assert address == "address"
        if self.fails:
            raise ZeroDivisionError
        self._house.taken.append(data)
        self._house.clock.now += 0.003


def test_first_of_each_is_taken_as_it_comes_and_others_one_in_a_turn() -> None:
    """In their order, and the connections take turns."""
    house = House()
    house.hears("a1", "a2", "a3", "b1", "b2", "b3", "c1")
    assert house.taken == [b"a1", b"b1", b"c1"]
    house.turn()
    turns = [house.turn() for _ in range(6)]
    assert turns == [[b"b2"], [b"a3"], [b"b3"], [], [], []]


def test_who_waits_does_not_overtake_itself() -> None:
    """However much time there is when more comes."""
    house = House()
    house.hears("a1", "a2")
    house.clock.now -= 0.003
    house.hears("a3", "b1")
    assert house.taken == [b"a1", b"b1"]
    house.turn()
    assert house.turn() == [b"a3"]


def test_all_is_taken_at_once_when_a_turn_has_time() -> None:
    """Who sends a whole window alone is not slowed down."""
    house = House()
    for number in range(100):
        house.hears(f"a{number}")
        house.clock.now -= 0.003
    assert len(house.taken) == 100


def test_mistake_with_one_datagram_keeps_nobody_from_the_next_one() -> None:
    """The event loop reports it."""
    house = House()
    house.hears("a1", "a2", "a3", "a4")
    house.peers["a"].fails = True
    with pytest.raises(ZeroDivisionError):
        house.turn()
    house.peers["a"].fails = False
    assert [house.turn() for _ in range(2)] == [[b"a1", b"a3"], [b"a4"]]
    house.hears("a5")
    house.turn()
    assert house.arrivals._count == 0
    assert not house.arrivals._waiting


def test_what_is_too_much_is_lost() -> None:
    """Of one, and of all together; whoever comes then is heard all the same."""
    house = House()
    house.hears(*(f"a{number}" for number in range(1000)))
    house.turn()
    taken = sum(len(house.turn()) for _ in range(1000))
    assert taken == 400 - 1
    for name in ascii_lowercase:
        house.hears(*(f"{name}{number}" for number in range(2000)))
    assert house.arrivals._count == 8192
    while house.arrivals._waiting:
        house.turn()
    assert house.arrivals._count == 0
