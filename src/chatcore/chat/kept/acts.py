"""What was done, for operators to find: what some do pushes out nothing that others did who matter more."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from chatcore.chat.kept.shares import Shares
from chatcore.events import ActSummary

_MOST: Final = 1000
"""So many are kept of each kind; before, of all."""


class Kind(IntEnum):
    """What an act is, by who has done it and where."""

    OF_OPERATORS = 0
    """By an operator, or by whoever runs the server."""
    IN_DECLARED = 1
    """In the lobby, or in another room that is always there."""
    ELSEWHERE = 2
    """In a room that somebody has made."""


class KeptAct(NamedTuple):
    """An act, and whose it is."""

    act: ActSummary
    kind: Kind = Kind.OF_OPERATORS
    place: str = ""
    """Of the network, where it was done; empty where that is not known, or nobody did it."""
    account: str = ""
    """The person who did it (`chatcore.chat.kept.model.Account.person`); empty for a guest."""


class Acts:
    """All that was done, as far as it is kept."""

    def __init__(self) -> None:
        self.kept: dict[int, KeptAct] = {}
        """In the order in which it was done."""
        self._came = 0
        self._shares: dict[Kind, Shares[int]] = {kind: Shares() for kind in Kind}

    def __iter__(self) -> Iterator[ActSummary]:
        """Yield it, the oldest first."""
        return (each.act for each in self.kept.values())

    def __reversed__(self) -> Iterator[ActSummary]:
        """Yield it, the newest first."""
        return (each.act for each in reversed(self.kept.values()))

    def add(self, kept: KeptAct, *, by_share: bool = True) -> None:
        """Keep one more. Of too many of a kind goes one of whoever has done the most; not `by_share`: the oldest."""
        self._came += 1
        self.kept[self._came] = kept
        shares = self._shares[kept.kind]
        shares.put(self._came, kept.place, kept.account)
        while len(shares if by_share else self.kept) > _MOST:
            number = shares.first_to_go if by_share else next(iter(self.kept))
            self._shares[self.kept.pop(number).kind].discard(number)
