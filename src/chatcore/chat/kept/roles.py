"""What somebody is in a room, and what keeps somebody out of it or silent there. No rules here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from ipaddress import ip_address, ip_network

from chatcore.text.names import looks_of

MOST_NAMES = 64
"""So many names, sessions and clients a ban holds: the first, and those that its user has taken last."""


class Role(IntEnum):
    """What somebody is in a room, from the lowest to the highest."""

    BANNED = 0
    """May not come in."""
    MUTED = 1
    """May listen."""
    MEMBER = 2
    """Everybody else."""
    MODERATOR = 3
    """Looks after the room."""
    OWNER = 4
    """Has created the room, or was given it."""
    OPERATOR = 5
    """Looks after the server; that is no matter of a room."""

    @property
    def word(self) -> str:
        """What it is called."""
        return self.name.lower()


GIVEN = {role.word: role for role in (Role.MEMBER, Role.MODERATOR, Role.OWNER)}
"""Those that one user can give another one, by what they are called."""


@lru_cache(maxsize=4096)
def _looks(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(look for name in names for look in looks_of(name))


@lru_cache(maxsize=4096)
def _span(place: str) -> tuple[int, int, int]:
    """Return the version of IP, the first address and the last: many places are compared with one network."""
    if "/" not in place:
        address = ip_address(place)
        return address.version, int(address), int(address)
    network = ip_network(place)
    return network.version, int(network.network_address), int(network.broadcast_address)


@dataclass(slots=True)
class Sanction:
    """Keeps somebody out of a room, or silent there: a user, whoever has the name that it was for, perhaps a place."""

    number: int
    """Of the record that made it."""
    role: Role
    """What it makes of those whom it holds: `BANNED` or `MUTED`."""
    target: str
    """The username, as it was typed."""
    by: str
    """Username of who did it."""
    at: float
    """When, in seconds since 1970."""
    until: float | None
    """Until when, in seconds since 1970; None for ever."""
    reason: str
    names: list[str] = field(default_factory=list)
    """Username keys: of the name that it was for; before `HOLDS_WHO_IS_MEANT`, also of those that its user took."""
    persons: list[str] = field(default_factory=list)
    """See `chatcore.chat.kept.model.Session.person`."""
    clients: list[str] = field(default_factory=list, repr=False)
    """Client ids."""
    place: str = ""
    """A network; empty for none."""
    of_operators: bool = False
    """True when an operator has made it, or it is in a room of theirs: then it counts for what is said to everyone."""
    by_operator: bool = False
    """True when an operator has made it: then nobody else takes it back."""

    @property
    def keys(self) -> frozenset[str]:
        """Everything that it may be about, but places: persons, client ids, and names, as they are and look."""
        return _looks((self.target, *self.names)).union(self.names, self.persons, self.clients)

    def lasts(self, time: float) -> bool:
        """Tell whether it still holds; `time` is the journal's, in seconds since 1970."""
        return self.until is None or time < self.until

    def holds_name(self, looks: frozenset[str]) -> bool:
        """Tell whether it holds a name that looks so (`chatcore.text.names.looks_of`)."""
        return not looks.isdisjoint(_looks((self.target, *self.names)))

    def is_of(self, persons: Iterable[str], clients: Iterable[str]) -> bool:
        """Tell whether it is about a user by more than a name: one of these persons, or of these client ids."""
        return not (set(persons).isdisjoint(self.persons) and set(clients).isdisjoint(self.clients))

    def holds_client(self, clients: list[str]) -> bool:
        """Tell whether one of these client ids is its user's."""
        return any(client in self.clients for client in clients)

    def holds_place(self, place: str) -> bool:
        """Tell whether a place lies in its network."""
        if not (self.place and place) or (":" in place) is not (":" in self.place):
            return False
        if place.partition("/")[2] == self.place.partition("/")[2]:  # as large as each other
            return place == self.place
        version, first, last = _span(place)
        ours, begins, ends = _span(self.place)
        return version == ours and begins <= first and last <= ends

    def learn(self, names: list[str], persons: list[str], clients: list[str]) -> list[str]:
        """Hold what else is known of its user; returns persons and clients that it holds no more, because of so many.

        What it began with it holds for good.
        """
        lost: list[str] = []
        for known, new in ((self.names, names), (self.persons, persons), (self.clients, clients)):
            known += [each for each in new if each and each not in known]
            surplus = known[1 : 1 + max(0, len(known) - MOST_NAMES)]
            del known[1 : 1 + len(surplus)]
            lost += surplus if known is not self.names else []
        return lost


class SanctionIndex:
    """Finds the sanctions of a room that may be about somebody, however many there are."""

    __slots__ = ("_by_key", "_of_places")

    def __init__(self) -> None:
        self._by_key: dict[str, dict[int, Sanction]] = {}
        """By number, by all that they are about but places."""
        self._of_places: dict[int, Sanction] = {}
        """Those that are about a place, by number."""

    def add(self, sanction: Sanction) -> None:
        """Find this one, too."""
        for key in sanction.keys:
            self._by_key.setdefault(key, {})[sanction.number] = sanction
        if sanction.place:
            self._of_places[sanction.number] = sanction

    def remove(self, sanction: Sanction) -> None:
        """Find this one no more: it is as it was when it was added."""
        for key in sanction.keys:
            found = self._by_key[key]
            del found[sanction.number]
            if not found:
                del self._by_key[key]
        self._of_places.pop(sanction.number, None)

    def about(self, keys: Iterable[str]) -> list[Sanction]:
        """Return those that may be about somebody who is called, or looks like, any of these; the oldest first."""
        found = dict(self._of_places)
        for key in keys:
            found.update(self._by_key.get(key, {}))
        return [found[number] for number in sorted(found)]
