"""What the nodes of a chat tell each other of wrong passwords: who guesses at all has no more tries than at one.

It goes beside the journal: it is of no use later, and nothing that the chat decides hangs on it. A word is a byte that
says so, another one for which password it was, and the place of the network in UTF-8. What a node does not know, it
passes over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Final

from chatcore.ports.clock import Clock
from chatcore.ports.courier import Courier
from chatcore.server.signing_in.door import Delays

# The first byte of other things that are carried is 1 (`chatcore.server.files.parcels`).
_WORD: Final = 2
_HEADER_BYTES: Final = 2


class Neighbours:
    """Tells the other nodes of what was wrong here, and hears of what was wrong there.

    Args:
        clock: what time it is.
        courier: the way to them.
        nodes: the incarnations of those that are up.
        delays: of each kind of password, in an order that is the same everywhere.
        otherwise: takes what is carried to this node besides.
    """

    def __init__(
        self,
        clock: Clock,
        courier: Courier,
        nodes: Collection[int],
        delays: Sequence[Delays],
        *,
        otherwise: Callable[[bytes], None],
    ) -> None:
        self._clock = clock
        self._courier = courier
        self._nodes = nodes
        self._own = 0
        self._delays = delays
        self._otherwise = otherwise
        for number, each in enumerate(delays):
            each.tell = partial(self._tell, number)

    def begin(self, node: int) -> None:
        """Hear of the others as the node of that incarnation, from now on."""
        self._own = node
        self._courier.receive(node, self._take)

    def _take(self, data: bytes) -> None:
        """Take what another node has carried to this one."""
        if data[:1] != bytes([_WORD]):
            self._otherwise(data)
        elif len(data) > _HEADER_BYTES and data[1] < len(self._delays):
            place = data[_HEADER_BYTES:].decode("utf-8", "replace")
            self._delays[data[1]].count(place, self._clock.monotonic())

    def _tell(self, number: int, place: str) -> None:
        word = bytes([_WORD, number]) + place.encode("utf-8", "replace")
        for node in self._nodes:
            if node != self._own:
                self._courier.carry(node, word)
