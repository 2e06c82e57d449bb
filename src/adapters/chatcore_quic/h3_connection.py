"""One QUIC connection with HTTP/3 on it: datagrams in, datagrams out, time, and streams that nobody wants."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Protocol

from aioquic.h3.events import DataReceived, H3Event, HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.events import (
    ConnectionIdIssued,
    ConnectionIdRetired,
    HandshakeCompleted,
    ProtocolNegotiated,
    QuicEvent,
    StopSendingReceived,
    StreamDataReceived,
    StreamReset,
)

from chatcore.errors import Sentence
from chatcore.ports.transport import CloseReason, Lost, LostReason
from chatcore_net.link import CLOSE_CODES, LinkState
from chatcore_quic.bounded_quic import MAX_REFUSALS, Quic, logger
from chatcore_quic.h3 import GONE, H3, REJECTED, ErrorCode, application_code
from chatcore_quic.second_stream import SecondStream
from chatcore_quic.send_rounds import SendRounds

UNWANTED: Final = application_code(CLOSE_CODES[CloseReason.POLICY])
"""Code of a stream that the chat has no use for."""
# Event loops count in milliseconds: to wait for less than one may be not to wait at all.
_SHORTEST_WAIT: Final = 0.001


class DatagramSink(Protocol):
    """A UDP socket, as connections see it."""

    def send(self, data: bytes, address: Any) -> None:
        """Send a datagram."""
        ...


class H3Session:
    """What carries a session. Knows which stream is the chat's, and nothing of what it says."""

    def __init__(self, quic: Quic, rounds: SendRounds, deadline: float) -> None:
        self.quic = quic
        self.udp: DatagramSink
        self.queued = False
        self.turn = 0
        self._rounds = rounds
        self._loop = asyncio.get_running_loop()
        self._state = LinkState.HANDSHAKE
        self._h3: H3 | None = None
        self._session: int | None = None
        """Stream of the CONNECT request."""
        self._chat: int | None = None
        """Stream of the chat."""
        self._second_stream = SecondStream()
        self._refusals = 0
        self._refused: set[int] = set()
        """Streams that were refused: what still comes on them is dropped."""
        self._over = False
        """Nothing more is sent."""
        self._due = deadline
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    # What the socket and the rounds call.

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Take a datagram from the network."""
        if self._state is LinkState.LOST:
            return
        now = self._loop.time()
        try:
            self.quic.receive_datagram(data, address, now)
        except Exception as error:
            self._broken(error)
            return
        self._pump(now)

    def transmit(self) -> None:
        """Send everything that there is to send."""
        if self._over:
            return
        now = self._loop.time()
        self._feed()
        try:
            self._flush(now)
        except Exception as error:
            self._speechless(error)
            return
        if self._state is LinkState.LOST:
            self._over_now()
            return
        self._take_events()
        self._arm()

    # For the subclasses.

    def _handshake_completed(self) -> None:
        """Go on when the peer is who it says it is, as far as TLS knows."""

    def _handle_h3(self, event: H3Event) -> None:
        """Take what HTTP/3 brings, besides the chat and the end of the session."""
        raise NotImplementedError

    def _cid_issued(self, cid: bytes) -> None:
        """Register a new name for this connection."""

    def _cid_retired(self, cid: bytes) -> None:
        """Forget a name that is not used any more."""

    def _take_data(self, data: bytes, *, ended: bool) -> None:
        """Take data of the chat."""
        raise NotImplementedError

    def _take_second_stream(self, data: bytes) -> None:
        """Take data of the peer's second stream."""
        raise NotImplementedError

    def _take_capsule(self, event: DataReceived) -> None:
        """Take what stands in the session's own stream."""
        raise NotImplementedError

    def _interrupted(self) -> None:
        """End when the peer broke off one of the streams that matter."""
        raise NotImplementedError

    def _feed(self) -> None:
        """Give aioquic what it may have to send."""
        raise NotImplementedError

    def _progress(self) -> bool:
        """Go on with what the peer's acknowledgements let go on; returns whether there is something to send."""
        raise NotImplementedError

    def _ended(self) -> None:
        """End, since aioquic sees the end of the connection."""
        raise NotImplementedError

    def _lose(self, lost: Lost) -> None:
        """The connection is over: stop everything, and tell."""
        self._state = LinkState.LOST
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _deadline(self, now: float) -> None:
        """Do what is due."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Do what is to be done when nothing more will be sent."""
        raise NotImplementedError

    # What comes.

    def _pump(self, now: float) -> None:
        """Look at what came of a datagram or of the time."""
        self._take_events()
        if self._state is LinkState.LOST:
            return
        if self.quic.ending is not None:
            self._ended()
            return
        if self._progress() or not self.quic.quiet(now):
            self._rounds.add(self)
        elif not self._over:
            self._arm()

    def _take_events(self) -> None:
        next_event = self.quic.next_event
        event = next_event()
        while event is not None:
            if self._state is not LinkState.LOST:
                self._take(event)
            event = next_event()

    def _take(self, event: QuicEvent) -> None:
        if isinstance(event, StreamDataReceived):
            if event.stream_id == self._chat:
                self._take_data(event.data, ended=event.end_stream)
            elif event.stream_id == self._second_stream.peers_stream:
                self._take_second_stream(event.data)
            else:
                self._take_h3(event)
        elif isinstance(event, StreamReset | StopSendingReceived):
            reset = isinstance(event, StreamReset)
            if reset:
                self.quic.consumed_reset(event.stream_id)
            asked = event.stream_id == self._session and self.quic.configuration.is_client
            if asked and self._state is LinkState.HANDSHAKE and not reset:
                pass  # the answer to the request says more
            elif event.stream_id in (
                self._chat,
                self._session,
                self._second_stream.stream,
                self._second_stream.peers_stream,
            ):
                self._interrupted()
            else:
                self._take_h3(event)
        elif isinstance(event, ConnectionIdIssued):
            self._cid_issued(event.connection_id)
        elif isinstance(event, ConnectionIdRetired):
            self._cid_retired(event.connection_id)
        elif isinstance(event, ProtocolNegotiated):
            self._h3 = H3(self.quic)
        elif isinstance(event, HandshakeCompleted):
            self._handshake_completed()

    def _take_h3(self, event: QuicEvent) -> None:
        """Take data of another stream than the chat's."""
        if self._h3 is None:
            return
        if (
            isinstance(event, StreamDataReceived | StreamReset | StopSendingReceived)
            and event.stream_id in self._refused
        ):
            if isinstance(event, StreamDataReceived):
                self.quic.consumed(len(event.data), chat=False)
            return
        try:
            results = self._h3.handle_event(event)
        except Exception as error:
            self._broken(error)
            return
        if isinstance(event, StreamDataReceived):
            self.quic.consumed(len(event.data), chat=False)
        for result in results:
            if self._state is LinkState.LOST:
                return
            if isinstance(result, DataReceived) and result.stream_id == self._session:
                self._take_capsule(result)
            elif isinstance(result, HeadersReceived) and result.stream_id == self._session and self._chat is not None:
                continue  # trailers
            else:
                self._handle_h3(result)

    def _take_extra(self, event: WebTransportStreamDataReceived) -> None:
        """Refuse a stream that nobody asked for; the session, if there is one, goes on."""
        if event.session_id % 4:
            self._end(Lost(LostReason.BAD_DATA, "HTTP/3"), ErrorCode.H3_ID_ERROR)  # no request can have that number
        elif self._session is None or event.session_id != self._session:
            self._refuse(event.stream_id, REJECTED)
        else:
            self._refuse(event.stream_id, GONE if self._state is LinkState.CLOSING else UNWANTED)

    def _refuse(self, stream_id: int, code: int = REJECTED) -> None:
        """Refuse a stream."""
        if self._h3 is not None:
            self._h3.forget_stream(stream_id)
        self._refused.add(stream_id)
        self.quic.refuse_stream(stream_id, code)
        self._count_refusal()

    def _count_refusal(self) -> None:
        """Drop a peer that does not stop to ask for what it does not get."""
        self._refusals += 1
        if self._refusals > MAX_REFUSALS:
            self._end(Lost(LostReason.BAD_DATA, Sentence("too many streams")), ErrorCode.H3_EXCESSIVE_LOAD)

    # What goes.

    def _flush(self, now: float) -> None:
        send = self.udp.send
        for data, address in self.quic.datagrams_to_send(now):
            send(data, address)
        self.quic.prune()

    # The end.

    def _end(self, lost: Lost, code: int, phrase: str = "") -> None:
        """Drop everything and tell the peer."""
        if self._state is LinkState.LOST:
            return
        self.quic.close(error_code=code, reason_phrase=phrase)
        self._lose(lost)
        self._rounds.add(self)

    def _broken(self, error: Exception) -> None:
        """Drop a peer whose packets aioquic cannot cope with."""
        logger.debug("aioquic failed", exc_info=error)
        self._end(Lost(LostReason.BAD_DATA, "QUIC"), ErrorCode.H3_INTERNAL_ERROR)

    def _speechless(self, error: Exception) -> None:
        """Give up a peer whom aioquic cannot send anything: after what it said, no packet has room."""
        logger.debug("aioquic failed", exc_info=error)
        if self._state is LinkState.LOST:
            self._over_now()
        else:
            self._vanish(Lost(LostReason.BAD_DATA, "QUIC"))

    def _vanish(self, lost: Lost) -> None:
        """Give up a peer that does not listen: nobody is told but the user."""
        self._lose(lost)
        self._over_now()

    def _over_now(self) -> None:
        """Send nothing more, and be forgotten."""
        self._over = True
        self._forget()
        self._loop.call_soon(self.quic.let_go)  # whoever called may have a last look at it

    # Time.

    def _arm(self) -> None:
        if self._state is LinkState.LOST:  # there is nothing to wait for
            return
        when = self.quic.get_timer()
        when = self._due if when is None else min(when, self._due)
        if self._timer is not None:
            if when >= self._timer_at:
                return  # it comes too early, and looks again
            self._timer.cancel()
        self._timer_at = when
        self._timer = self._loop.call_at(when, self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        now = self._loop.time()
        if now < self._timer_at:
            # Some event loops are early: Qt's by a twentieth, uvloop by half a millisecond.
            self._timer = self._loop.call_at(max(self._timer_at, now + _SHORTEST_WAIT), self._time_is_up)
            return
        try:
            self.quic.handle_timer(now)
        except Exception as error:
            self._broken(error)
            return
        if now >= self._due:
            self._deadline(now)
        if self._state is not LinkState.LOST:
            self._pump(now)
