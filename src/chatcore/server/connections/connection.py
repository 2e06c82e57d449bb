"""One connection, as the switchboard keeps it: its link, its machine, what waits for it, and how far behind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, cast

from chatcore.commands import GrantCredit, Send, SendChunk, Traffic
from chatcore.dialects.base import Answer, CarriesFiles, Customs, Dialect, Request, TakesTail
from chatcore.events import ServerEvent
from chatcore.limits import Limits
from chatcore.ports.clock import Clock, Timer
from chatcore.ports.network_address import place_of
from chatcore.ports.transport import CloseReason, Link
from chatcore.records import Origin
from chatcore.server.admission.admission import Allowance
from chatcore.server.connections.chunks import Chunks
from chatcore.server.connections.fanout import Fanout, Outlet
from chatcore.server.connections.share import Share

# What a connection has that is behind with nothing: thousands are, and each of its own takes memory.
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
# So many bytes of a stream are read at a time: how much work is in them shows only then.
_PIECE: Final = 2048
# So many requests may wait for a turn before a connection is not read: to stop and to go on costs a turn each.
_READ_AHEAD: Final = 8
# So many sends of one connection may be on their way to the journal; then it is not read.
_MOST_UNDER_WAY: Final = 256


class Terms(NamedTuple):
    """What holds for the connections of a dialect."""

    customs: Customs
    limits: Limits
    username_chars: int | None
    """Longest username that may be chosen there; None: as everywhere."""


class Keeper(Protocol):
    """What connections are kept by (`chatcore.server.switchboard.Switchboard`)."""

    clock: Clock

    @property
    def fanout(self) -> Fanout:
        """What is published."""
        ...

    def terms_of(self, dialect: Dialect) -> Terms:
        """Return what holds for connections of a dialect."""
        ...

    def serve(self, connection: Connection, size: int = 0) -> None:
        """Do what the user asked for, after so many bytes of whole payloads came."""
        ...

    def move(self, connection: Connection, command: Traffic) -> None:
        """Do what a user says about a transfer."""
        ...

    def blocked(self, connection: Connection) -> None:
        """Take note that a link takes no more."""
        ...

    def unblocked(self, connection: Connection) -> None:
        """Take note that a link takes more again."""
        ...

    def lost(self, connection: Connection, reason: str) -> None:
        """Take note that a link is gone."""
        ...


class Connection:
    """One connection. Implements `SecondStreamHandler` and `PatientHandler` of `chatcore.ports.transport`.

    Args:
        number: what the chat calls it; never used again.
        link: where its bytes go.
        dialect: what they mean.
        keeper: what serves it.
    """

    __slots__ = (
        "_keeper",
        "allowance",
        "awaited",
        "behind",
        "blocked",
        "bytes_in",
        "chunks",
        "closing",
        "forced",
        "has_login",
        "heads",
        "held",
        "link",
        "machine",
        "number",
        "only_sends",
        "origin",
        "outlet",
        "queued",
        "replay",
        "room",
        "seen_changes",
        "share",
        "timer_at",
        "under_way",
        "unread",
        "waiting",
        "way",
    )

    def __init__(self, number: int, link: Link, dialect: Dialect, keeper: Keeper) -> None:
        customs, limits, username_chars = keeper.terms_of(dialect)
        self.number, self.link, self.has_login = number, link, customs.has_login
        self.origin = Origin(
            link.transport,
            dialect.name,
            link.address,
            customs.carries_files,
            username_chars,
            place_of(link.address),
            customs.paced,
            customs.plain_names,
        )
        """Where it comes from, for people and for the chat."""
        self.machine = dialect.server(
            limits,
            boundaries=link.keeps_boundaries,
            keepalive=not link.checks_liveness,
            now=keeper.clock.monotonic(),
        )
        self.outlet = Outlet(link, dialect, keeper.fanout, one_copy=customs.one_copy)
        self.chunks: Chunks | None = None
        """What waits of files; None before the first chunk, and once the link is gone."""
        self.way: Way | None = None
        """The other connection of its session, for files, if there are two."""
        self.room: str | None = None
        """Key of the room that it is subscribed to."""
        self.behind: dict[str, int] | None = None
        """Of a reader that is behind: the last seq that it got, per log key. None for a live one."""
        self.replay: Mapping[str, int] = _NOTHING
        """Up to which seq, per log key, what it is behind with was sent while it was away."""
        self.seen_changes = 0
        """`CatchUp.changes` when it fell behind."""
        self.blocked = False
        """True while its link takes no more."""
        self.forced = 0
        """How many bytes it was told since its link takes no more."""
        self.bytes_in = 0
        """How much has come."""
        self.closing: CloseReason | None = None
        """Why it is over; None as long as it is not."""
        self.waiting: list[Request | Answer] = []  # a deque takes 700 bytes more, and there is seldom more than one
        """What its user asked for and has to wait for: its turn, or because it is behind, blocked or held."""
        self.unread = b""
        """What came of a stream and was not looked at yet."""
        self.held: Timer | None = None
        """Runs while its user may ask for nothing, because that was too much."""
        self.allowance = Allowance()
        """What its user may ask for."""
        self.under_way = 0
        """How many of its requests are answered later: `begin_request` and `end_request` count them."""
        self.only_sends = True
        """True when all of those are sends."""
        self.awaited = False
        """True while what its user asked for waits for what is under way."""
        self.heads: dict[str, int] | None = None
        """Heads of the logs of its user when it last asked for something, by log key; None when a record says so."""
        self.queued = False
        """True while it waits for another turn."""
        self.share = Share()
        """What its user has had lately."""
        self.timer_at: float | None = None
        """When its machine is called, in seconds of the monotonic clock."""
        self._keeper = keeper

    @property
    def whence(self) -> dict[str, str]:
        """Where it comes from, for the operator's log."""
        origin = self.origin
        return {"address": origin.address, "transport": origin.transport, "dialect": origin.dialect}

    @property
    def is_second(self) -> bool:
        """True when nothing but files goes here, of a session that is elsewhere."""
        return self.way is not None and self.way.second is self

    @property
    def has_more(self) -> bool:
        """True when there is something to do for its user now."""
        if self.behind is not None or self.blocked or self.held is not None:
            return False
        if self.under_way and self.awaits_order:
            return False
        return bool(self.waiting or self.unread)

    @property
    def awaits_order(self) -> bool:
        """True when what its user asked for next has to wait for what is under way.

        Sends may follow each other; everything else is decided by what came before it.
        """
        if not self.only_sends or self.under_way >= _MOST_UNDER_WAY:
            return True
        item = self.waiting[0] if self.waiting else None
        return item is not None and not (isinstance(item, Request) and isinstance(item.command, Send))

    def begin_request(self, *, is_send: bool = False) -> None:
        """Count a request that is answered later, by the journal or whatever else takes its time."""
        self.only_sends = is_send and (self.only_sends or not self.under_way)
        self.under_way += 1

    def end_request(self) -> None:
        """Count one that is answered, or will not be."""
        self.under_way -= 1

    @property
    def is_read(self) -> bool:
        """True when nothing is in the way of what its user says next."""
        if self.under_way and self.awaits_order:
            return False
        return not (self.behind is not None or self.blocked or self.held is not None or self.queued)

    def data_received(self, payload: bytes) -> None:
        """Take one payload (or, on a stream, the next bytes)."""
        try:
            if self.unread or (not self.link.keeps_boundaries and len(payload) > _PIECE + self._chunk_left):
                self.unread += payload
            else:
                self.machine.receive_data(payload)
                if self._only_traffic():
                    self.bytes_in += len(payload)
                    return
            self._serve(len(payload))
        except Exception as mistake:
            self.break_off(mistake)

    def payloads_received(self, payloads: Sequence[bytes]) -> None:
        """Take the payloads of one read."""
        try:
            for payload in payloads:
                self.machine.receive_data(payload)
            if self._only_traffic():
                self.bytes_in += sum(map(len, payloads))
            else:
                self._serve(sum(map(len, payloads)))
        except Exception as mistake:
            self.break_off(mistake)

    def _only_traffic(self) -> bool:
        """Take what the machine has received; returns whether that were chunks of files or a part of one, nothing else.

        They and credit wait for nothing, unless something in front of them does, and concern nobody but the other side.
        """
        received, passed, chunks = self.machine.events_received(), 0, 0
        if not self.waiting and self.closing is None:
            for item in received:
                if not isinstance(item, Request) or not isinstance(item.command, SendChunk | GrantCredit):
                    break
                self._keeper.move(self, item.command)
                passed += 1
                chunks += type(item.command) is SendChunk
        self.waiting += received[passed:] if passed else received
        return chunks == len(received) and (chunks > 0 or self._chunk_left > 0)

    def _serve(self, size: int) -> None:
        """Have done what there is to do, after so many bytes came; while it waits for a turn, little more is read."""
        self.bytes_in += size
        # What came of a stream may be a part of something, and is counted when it is read as a piece.
        self._keeper.serve(self, size if self.link.keeps_boundaries else 0)
        if self.queued and (self.unread or size > _PIECE or not 0 < len(self.waiting) < _READ_AHEAD):
            self.pause_reading()

    def read_piece(self) -> int:
        """Look at the next piece of what came; returns about how many objects or lines were in it."""
        lines = self._chunk_left
        end = lines + _PIECE
        piece, self.unread = self.unread[:end], self.unread[end:]
        self.machine.receive_data(piece)
        self.waiting += self.machine.events_received()
        return piece.count(b"\n", lines) + piece.count(b"}", lines)

    @property
    def _chunk_left(self) -> int:
        """How many bytes come next that are only put together: those of a chunk on a stream."""
        return cast("CarriesFiles", self.machine).chunk_left if self.origin.carries_files else 0

    def second_stream_received(self, payload: bytes) -> None:
        """Take the next bytes of the second stream."""
        try:
            if self.origin.carries_files:
                cast("CarriesFiles", self.machine).receive_second_stream(payload)
                if self._only_traffic():
                    self.bytes_in += len(payload)
                else:
                    self._serve(len(payload))
            else:
                self.link.close(CloseReason.POLICY, "this dialect has no second stream")
        except Exception as mistake:
            self.break_off(mistake)

    def writing_paused(self) -> None:
        """Take note that the peer reads too slowly."""
        self.blocked = True
        self._keeper.blocked(self)

    def writing_resumed(self) -> None:
        """Take note that there is room again."""
        self.blocked = False
        self.forced = 0
        self._keeper.unblocked(self)

    def peer_finished(self) -> None:
        """Take note that the peer has said its last word: it is owed what the journal has not ordered yet."""
        try:
            if isinstance(self.machine, TakesTail):
                self.machine.receive_tail()
                self.waiting += self.machine.events_received()
                self._serve(0)
        except Exception as mistake:
            self.break_off(mistake)
        if self.under_way:
            self.awaited = True
            self.pause_reading()

    def connection_lost(self, reason: str) -> None:
        """Take note that the link is gone."""
        self._keeper.lost(self, reason)

    def tell(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Gather an event for this connection alone, for the next `flush`. Raises what its dialect does."""
        self.machine.send_event(event, reply_to)
        self.outlet.send(self.machine.data_to_send())

    # Links and dialects may be anybody's: what one of them raises is the end of its own connection, and of no other.

    def pause_reading(self) -> None:
        """Have nothing more handed over."""
        try:
            self.link.pause_reading()
        except Exception as mistake:
            self.break_off(mistake)

    def resume_reading(self) -> None:
        """Have more handed over again."""
        try:
            self.link.resume_reading()
        except Exception as mistake:
            self.break_off(mistake)

    def close(self, reason: CloseReason) -> None:
        """Close the link, after everything written so far."""
        try:
            self.link.close(reason)
        except Exception as mistake:
            self.break_off(mistake)

    def drop(self) -> None:
        """Drop the link at once, if it can be dropped."""
        with suppress(Exception):  # it may be what has made the mistake that is the end of it
            self.link.abort()

    @property
    def own_end(self) -> CloseReason | None:
        """Why its machine wants the end; None while it does not."""
        try:
            return self.machine.close_expected()
        except Exception as mistake:
            self.break_off(mistake)
            return None

    def break_off(self, mistake: Exception) -> None:
        """End it with this turn: its link, or its dialect, has made a mistake."""
        self._keeper.fanout.break_off(self.outlet, mistake)


class Way:
    """Two connections of one session."""

    __slots__ = ("chosen", "main", "second")

    def __init__(self, main: Connection, second: Connection) -> None:
        self.main = main
        self.second = second
        self.chosen = False
        """True while chunks go on the second one, were it lost meanwhile."""

    @property
    def carrier(self) -> Connection:
        """The one that chunks go on."""
        return self.second if self.chosen else self.main
