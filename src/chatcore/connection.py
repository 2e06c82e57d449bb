"""One connection, as the hub keeps it: its link, its machine, what waits for it, and how far its reader is behind."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

from chatcore.addresses import place_of
from chatcore.dialects.base import Answer, CarriesFiles, Dialect, Request
from chatcore.events import ServerEvent
from chatcore.fanout import Outlet
from chatcore.model import Origin
from chatcore.ports.clock import Timer
from chatcore.ports.transport import CloseReason, Link
from chatcore.relay import Chunks

if TYPE_CHECKING:
    from chatcore.hub import Hub


class Connection:
    """One connection. Implements `chatcore.ports.transport.AsideHandler`.

    Args:
        hub: what serves it.
        number: what the chat calls it; never used again.
        link: where its bytes go.
        dialect: what they mean.
    """

    def __init__(self, hub: Hub, number: int, link: Link, dialect: Dialect) -> None:
        self.number = number
        self.link = link
        limits = hub.limits_of(dialect)
        self.origin = Origin(
            link.transport,
            dialect.name,
            link.address,
            getattr(dialect, "carries_files", False),
            limits.username_chars,
            place_of(link.address),
        )
        """Where it comes from, for people and for the chat."""
        self.machine = dialect.server(
            limits,
            boundaries=link.keeps_boundaries,
            keepalive=not link.checks_liveness,
            now=hub.clock.monotonic(),
        )
        self.outlet = Outlet(link, dialect, hub.fanout.mixed)
        self.chunks: Chunks | None = None
        """What waits of files; None before the first chunk, and once the link is gone."""
        self.room: str | None = None
        """Key of the room that it is subscribed to."""
        self.behind: dict[str, int] | None = None
        """Of a reader that is behind: the last seq that it got, per log key. None for a live one."""
        self.replay: dict[str, int] = {}
        """Up to which seq, per log key, what it is behind with was sent while it was away."""
        self.seen_changes = 0
        """`CatchUp.changes` when it fell behind."""
        self.blocked = False
        """True while its link takes no more."""
        self.forced = 0
        """How many bytes it was told since its link takes no more."""
        self.closing: CloseReason | None = None
        """Why it is over; None as long as it is not."""
        self.waiting: deque[Request | Answer] = deque()
        """What its user asked for and has to wait for, because it is behind or blocked."""
        self.timer: Timer | None = None
        """For its machine."""
        self.timer_at: float | None = None
        """When that goes off, in seconds of the monotonic clock."""
        self._hub = hub

    def data_received(self, payload: bytes) -> None:
        """Take one payload (or, on a stream, the next bytes)."""
        self.machine.receive_data(payload)
        self.waiting += self.machine.events_received()
        self._hub.serve(self)

    def data_received_aside(self, payload: bytes) -> None:
        """Take the next bytes of the second stream."""
        if self.origin.carries_files:
            cast("CarriesFiles", self.machine).receive_aside(payload)
            self.waiting += self.machine.events_received()
            self._hub.serve(self)
        else:
            self.link.close(CloseReason.POLICY, "this dialect has no second stream")

    def writing_paused(self) -> None:
        """Take note that the peer reads too slowly."""
        self.blocked = True
        self._hub.blocked(self)

    def writing_resumed(self) -> None:
        """Take note that there is room again."""
        self.blocked = False
        self.forced = 0
        self._hub.unblocked(self)

    def connection_lost(self, reason: str) -> None:
        """Take note that the link is gone."""
        self._hub.lost(self, reason)

    def tell(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Gather an event for this connection alone; the hub's next `flush` writes it."""
        self.machine.send_event(event, reply_to)
        self.outlet.send(self.machine.data_to_send())
