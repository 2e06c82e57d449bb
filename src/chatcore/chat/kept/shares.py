"""What is bounded in total: of too much goes what is of whoever has left the most, so that nobody spends others'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar

from chatcore.chat.kept.model import Room
from chatcore.chat.kept.roles import Role
from chatcore.records import SHARES_WHAT_IS_LEFT

T = TypeVar("T")
NOBODY: Final = ""
"""Whose that is which belongs to no account."""


class Shares(Generic[T]):
    """Things in the order in which they came, by the network place that they are from and the account that has them.

    Whoever looks at the same things in the same order finds the same one to go, whatever was there before.
    """

    def __init__(self) -> None:
        self._ages: dict[T, int] = {}
        self._came = 0
        self._whose: dict[T, tuple[str, str]] = {}
        self._of: dict[str, dict[str, dict[T, None]]] = {}
        """By place and account; the oldest first."""
        self._counts: Counter[str] = Counter()
        """How many there are of each place."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ages)

    def __iter__(self) -> Iterator[T]:
        """Yield them, the oldest first."""
        return iter(self._ages)

    def __contains__(self, thing: T) -> bool:
        """Tell whether it is there."""
        return thing in self._ages

    def put(self, thing: T, place: str, account: str) -> None:
        """Add it as the newest; or let it be somebody else's, as old as it is."""
        if self._whose.get(thing) == (place, account):
            return
        is_known = thing in self._ages
        if is_known:
            self._take(thing)
        else:
            self._came += 1
            self._ages[thing] = self._came
        self._whose[thing] = place, account
        self._counts[place] += 1
        accounts = self._of.setdefault(place, {})
        several = accounts.setdefault(account, {})
        several[thing] = None
        if is_known:
            accounts[account] = dict.fromkeys(sorted(several, key=self._ages.__getitem__))

    def discard(self, thing: T) -> None:
        """Take it away, if it is there."""
        if thing in self._ages:
            self._take(thing)
            del self._ages[thing]

    @property
    def first_to_go(self) -> T:
        """Which one goes when there are too many.

        Of a place that has more than half, else of all, what belongs to no account: of whoever has left the most of it,
        the oldest. Where everything belongs to accounts: of the place that has the most, of the account that has.
        """
        most = max(self._counts.values())
        crowds = [each for place, each in self._of.items() if self._counts[place] == most]
        looked_at = crowds if most * 2 > len(self) else self._of.values()
        several = [each[NOBODY] for each in looked_at if NOBODY in each] or [
            one for each in crowds for one in each.values()
        ]
        size = max(map(len, several))
        return min((next(iter(each)) for each in several if len(each) == size), key=self._ages.__getitem__)

    def _take(self, thing: T) -> None:
        place, account = self._whose.pop(thing)
        accounts = self._of[place]
        del accounts[account][thing]
        if not accounts[account]:
            del accounts[account]
        self._counts[place] -= 1
        if not accounts:
            del self._of[place], self._counts[place]


class EmptyRooms(Shares[Room]):
    """Rooms that are kept without members; who has been empty the longest is the first."""

    def __init__(self, rooms: Iterable[Room] = ()) -> None:
        super().__init__()
        for room in rooms:
            self.keep(room)

    def keep(self, room: Room) -> None:
        """Keep one that is empty now, or see whose it is now."""
        owners = (person for person, role in room.roles.items() if role is Role.OWNER and person.startswith("="))
        owner = next(owners, NOBODY)
        # Of those of which nobody knows where they were made, each is alone. And who is given one has not left it.
        self.put(room, room.made_at or f" {room.key}", owner and (room.maker or owner))

    def look_again(self, room: Room) -> None:
        """Take note that another one may own a room, if that is empty."""
        if room in self:
            self.keep(room)

    def one_to_go(self, rules: int) -> Room:
        """Return which one is kept no longer, by these rules."""
        return self.first_to_go if rules >= SHARES_WHAT_IS_LEFT else next(iter(self))
