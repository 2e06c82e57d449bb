"""Files on offer, as the chat keeps them in memory: who offered what to whom, and how far each transfer is.

No rules here: those are in `chatcore.chat.requests.files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from chatcore.chat.kept.model import Session
from chatcore.events import FileNews
from chatcore.ports.network_address import PerPlace


class Stage(Enum):
    """How far one user is with one file."""

    OFFERED = "offered"
    RUNNING = "running"
    """Accepted, and the receiver is there. The sender may be away for a while."""
    WAITING = "waiting"
    """Accepted, and the receiver is away."""
    OVER = "over"
    """Neither its offer has it any more nor its receiver, who may be gone."""


@dataclass(slots=True, eq=False)
class Offer:
    """A file on offer."""

    file: str
    """Its id."""
    sender: Session
    sender_name: str
    """As the sender was called at the time of the offer."""
    name: str
    """What the sender suggests to call it."""
    size: int
    """In bytes."""
    sha256: str
    """In hex, lower case."""
    room: str | None
    """Name of the room that it was offered to; None when it was offered to named users."""
    ref: str | None
    """What the sender's program calls it."""
    asked_for: tuple[str, ...] | None
    """To whom its sender asked to offer it, by name; None when that is not known, of one from before."""
    place: str
    """Where its sender was: what is bounded together."""
    transfers: dict[Session, Transfer] = field(default_factory=dict)
    """By receiver; those that are over are not among them."""
    ended: list[FileNews] = field(default_factory=list)
    """How others ended that its sender, who was away then, has not been told of yet. They count as if they went on."""


@dataclass(slots=True, eq=False)
class Transfer:
    """A file on its way to one user, or on offer to one. Offsets are bytes from the beginning of the file."""

    offer: Offer
    receiver: Session
    user: str
    """The receiver's name at the time of the offer."""
    stage: Stage = Stage.OFFERED
    number: int = 0
    """Of its present run; 0 while it does not run."""
    offset: int = 0
    """Where the next chunk begins."""
    upto: int = 0
    """How far the sender may go."""
    moved_at: float = 0.0
    """When a chunk or credit came last, in seconds of the monotonic clock."""
    asked: bool = False
    """True at the sender's node while that waits to hear from the receiver's how far it is."""
    passed_on: bool = False
    """True at the node that passes its chunks on to the receiver, or did at last: there `offset` is so far."""
    broken: int = 0
    """Number of the run whose end this node has proposed."""


class Offers:
    """Every file on offer, found by its sender, by its receivers, and by the numbers of the transfers that run."""

    def __init__(self) -> None:
        self.transfers = 0
        """How many there are: a file that is on offer to ten users is ten of them."""
        self.places = PerPlace(0)
        """How many of them are of files of one place."""
        self.running: dict[int, Transfer] = {}
        """By number."""
        self._by_sender: dict[Session, dict[str, Offer]] = {}
        self._by_receiver: dict[Session, dict[str, Transfer]] = {}

    def __len__(self) -> int:
        """Return how many files are on offer."""
        return sum(map(len, self._by_sender.values()))

    def __iter__(self) -> Iterator[Offer]:
        """Iterate over all of them."""
        for offers in self._by_sender.values():
            yield from offers.values()

    def of(self, sender: Session) -> Mapping[str, Offer]:
        """Return what a user offers, by the ids of the files."""
        return self._by_sender.get(sender, {})

    def to(self, receiver: Session) -> Mapping[str, Transfer]:
        """Return what is on offer or on its way to a user, by the ids of the files."""
        return self._by_receiver.get(receiver, {})

    def busy(self, session: Session) -> int:
        """Return how many files are on their way to and from a user."""
        sending = (transfer for offer in self.of(session).values() for transfer in offer.transfers.values())
        busy = (Stage.RUNNING, Stage.WAITING)
        return sum(transfer.stage in busy for transfer in (*self.to(session).values(), *sending))

    def add(self, offer: Offer, receivers: Iterable[Session]) -> None:
        """Take an offer to these users."""
        for receiver in receivers:
            self.put(Transfer(offer, receiver, receiver.name))

    def put(self, transfer: Transfer) -> None:
        """Add a transfer, however far it is, to those of its offer."""
        offer = transfer.offer
        offer.transfers[transfer.receiver] = transfer
        self._by_receiver.setdefault(transfer.receiver, {})[offer.file] = transfer
        if transfer.stage is Stage.RUNNING:
            self.running[transfer.number] = transfer
        self._count(offer)

    def put_end(self, offer: Offer, news: FileNews) -> None:
        """Add what a sender that is away has to be told of a transfer that is over."""
        offer.ended.append(news)
        self._count(offer)

    def _count(self, offer: Offer) -> None:
        self._by_sender.setdefault(offer.sender, {})[offer.file] = offer
        self.transfers += 1
        self.places.add(offer.place)

    def run(self, transfer: Transfer, number: int, offset: int) -> None:
        """Let a transfer run under a fresh number, and no longer under an earlier one. No credit is granted yet."""
        self.running.pop(transfer.number, None)
        self.running[number] = transfer
        transfer.stage = Stage.RUNNING
        transfer.number = number
        transfer.offset = transfer.upto = offset

    def suspend(self, transfer: Transfer) -> None:
        """Let a transfer that runs wait for its receiver."""
        del self.running[transfer.number]
        transfer.stage = Stage.WAITING
        transfer.number = 0

    def end(self, transfer: Transfer, untold: FileNews | None) -> None:
        """Take a transfer from its receiver, and from its offer, which keeps what is `untold` to its sender."""
        self.running.pop(transfer.number, None)
        transfer.stage = Stage.OVER
        offer = transfer.offer
        _remove(self._by_receiver, transfer.receiver, offer.file)
        del offer.transfers[transfer.receiver]
        if untold is None:
            self._forget(offer, 1)
        else:
            offer.ended.append(untold)

    def take_ended(self, offer: Offer) -> list[FileNews]:
        """Return what its sender was to be told of transfers that are over; with the last one the offer is over."""
        ended, offer.ended = offer.ended, []
        self._forget(offer, len(ended))
        return ended

    def _forget(self, offer: Offer, count: int) -> None:
        self.transfers -= count
        self.places.remove(offer.place, count)
        if not offer.transfers and not offer.ended:
            _remove(self._by_sender, offer.sender, offer.file)


def _remove(table: dict[Session, dict[str, Any]], key: Session, file: str) -> None:
    files = table.get(key, {})
    files.pop(file, None)
    if not files:
        table.pop(key, None)
