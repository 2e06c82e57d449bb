"""A WebTransport session that carries a chat, server's or client's side: a `Link` to its user."""

from __future__ import annotations

from collections import deque
from typing import Final, cast

from aioquic.h3.events import DataReceived, WebTransportStreamDataReceived
from aioquic.quic.packet import QuicErrorCode
from aioquic.quic.stream import QuicStreamSender

from chatcore.ports.transport import Accept, CloseReason, LinkHandler, Lost, LostReason, SecondStreamHandler
from chatcore_net.link import CLOSE_CODES, SLICE, SMALL, LinkSettings, LinkState, Verdict, piece_of
from chatcore_net.slices import slices_of
from chatcore_quic.bounded_quic import Quic, logger, taken_of
from chatcore_quic.h3 import CAPSULE_BYTES, ErrorCode, closing_capsule, read_closing_capsule
from chatcore_quic.h3_connection import H3Session
from chatcore_quic.liveness import QuicLiveness
from chatcore_quic.send_rounds import SendRounds

# How long a peer that has everything may take to hang up before the session is closed: a page has to read.
_READ_SECONDS: Final = 0.5
# How long a client may take to hang up after the end of the session.
_FAREWELL_SECONDS: Final = 0.5


class QuicLink(H3Session):
    """What both sides share. The subclass opens the session."""

    transport = "quic"
    keeps_boundaries = False
    checks_liveness = True
    format = "quic"
    write_seconds = 160e-6  # a packet of its own, encrypted
    _serves: bool

    def __init__(self, quic: Quic, settings: LinkSettings, accept: Accept, rounds: SendRounds, deadline: float) -> None:
        super().__init__(quic, rounds, deadline)
        self.address = ""
        self.key_fingerprint: str | None = None
        self._settings = settings
        self._accept = accept
        self._handler: LinkHandler | None = None
        self._sender: QuicStreamSender
        self._out: deque[bytes] = deque()
        """What was written and is not with aioquic yet."""
        self._out_bytes = 0
        self._last = False
        """Nothing more is written after `_out`."""
        self._in = bytearray()
        """What arrived and was not handed over yet; at most a window."""
        self._eof = False
        self._left = False
        """The peer has ended the session, or stopped one of our streams: it hears nothing more. aioquic raises an error
        when a stopped stream is written to."""
        self._held = False
        """The user asked for no more data."""
        self._full = False
        """More than `buffer_bytes` wait for the peer."""
        self._going_on = False
        self._words = (CLOSE_CODES[CloseReason.NORMAL], "")
        self._delivered = False
        """The peer has acknowledged everything."""
        self._said_goodbye = False
        self._capsule = b""
        self._lost: Lost | None = None
        self._told = False
        self._liveness: QuicLiveness

    # The link, for its user.

    @staticmethod
    def frame(payload: bytes) -> bytes:
        """Return the bytes that carry this payload on this link: a stream has no frames."""
        return payload

    def write(self, frames: bytes) -> None:
        """Hand over whole frames; they leave at the end of this turn."""
        if self._state is not LinkState.OPEN or self._left or not frames:
            return
        self._out.append(frames)
        self._out_bytes += len(frames)
        if not self.queued:
            self._rounds.add(self)
        if not self._full and self._unsent() > self._settings.buffer_bytes:
            self._full = True
            if self._handler is not None:
                self._handler.writing_paused()

    @property
    def second_stream_bytes(self) -> int:
        """How many bytes were written to the second stream and are not acknowledged."""
        return self._second_stream.unsent

    def write_second_stream(self, frames: bytes) -> None:
        """Hand over whole frames for the second stream; the first one goes ahead."""
        if self._state is LinkState.OPEN and frames and not self._left:
            self._second_stream.add(frames)
            self._rounds.add(self)

    def pause_reading(self) -> None:
        """Stop handing over data."""
        if self._state is LinkState.OPEN:
            self._held = True

    def resume_reading(self) -> None:
        """Hand over data again, from the next turn on."""
        if self._held:
            self._held = False
            self._go_on_soon()

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far."""
        if self._state is not LinkState.OPEN:
            return
        self._state = LinkState.CLOSING
        self._lost = Lost(LostReason.CLOSED_HERE)
        self._words = (CLOSE_CODES[reason], message)
        self._last = True
        self._held = False
        self._drop_input()
        self._due = self._loop.time() + self._settings.close_timeout
        self._rounds.add(self)
        if self._left:
            self._interrupted()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._end(Lost(LostReason.DROPPED_HERE), ErrorCode.H3_REQUEST_CANCELLED)

    # For the subclasses.

    def _failed(self) -> None:
        """Do what is to be done when the connection ends before there is a user."""

    def _gone(self) -> None:
        """Do what is to be done when the user was told."""

    def _open(self, chat: int) -> None:
        """End the handshake well: from here on there is a user."""
        settings = self._settings
        self._chat = chat
        self._sender = self.quic.chat_opened(chat)
        self._state = LinkState.OPEN
        now = self._loop.time()
        self._liveness = QuicLiveness(
            settings.keepalive_interval, settings.keepalive_timeout, settings.stall_timeout, now
        )
        self._due = self._liveness.due
        handler = self._accept(self)
        self._handler = handler
        if self._full:
            handler.writing_paused()

    # Sending.

    def _unsent(self) -> int:
        sender = self._sender
        return self._out_bytes + sender._buffer_stop - sender._buffer_start

    def _feed(self) -> None:
        """Give aioquic what it may have: never much more than `buffer_bytes` that are not acknowledged."""
        if self._second_stream.waits:
            self._feed_second_stream()
        if not self._out and not self._last:
            return
        sender, out = self._sender, self._out
        room = self._settings.buffer_bytes - (sender._buffer_stop - sender._buffer_start)
        if out and room > 0:
            if self._out_bytes <= room:
                data = out[0] if len(out) == 1 else b"".join(out)
                out.clear()
                self._out_bytes = 0
            else:
                parts = []
                while out and room > 0:
                    part = out.popleft()
                    if len(part) > room:
                        out.appendleft(part[room:])
                        part = part[:room]
                    parts.append(part)
                    room -= len(part)
                    self._out_bytes -= len(part)
                data = b"".join(parts)
            sender.write(data)
            self.quic.acknowledge_along()
        if self._last and not out:
            self._last = False
            sender.write(b"", end_stream=True)

    def _feed_second_stream(self) -> None:
        """Give aioquic a little of what goes on the second stream, and come back for the rest."""
        second = self._second_stream
        if second.sender is None:
            assert self._h3 is not None and self._session is not None  # noqa: PT018 - it is open
            second.stream = self._h3.create_webtransport_stream(self._session, is_unidirectional=True)
            second.sender = self.quic.sender_of(second.stream)
        second.feed()
        self.quic.acknowledge_along()
        if second.waits:
            self._rounds.add(self)

    def _progress(self) -> bool:
        """Go on with what the peer's acknowledgements let go on; returns whether there is something to send."""
        if self._state is LinkState.OPEN:
            if self._full and self._unsent() <= self._settings.buffer_bytes // 4:
                self._full = False
                if self._in or self._second_stream.arrived:
                    self._go_on_soon()
                assert self._handler is not None  # it was full before there was a user only if it wrote
                self._handler.writing_resumed()
        elif self._state is LinkState.CLOSING and not self._delivered and self._sender.is_finished:
            # A browser acknowledges before its page reads, and throws away what was not read when the session ends.
            self._delivered = True
            self._due = min(self._due, self._loop.time() + _READ_SECONDS)
        return bool(self._out) or self._last or self._second_stream.waits

    # Receiving.

    def _take_extra(self, event: WebTransportStreamDataReceived) -> None:
        """Take the peer's second stream, if its user has a use for one; refuse every other one."""
        second, unidirectional = self._second_stream, bool(event.stream_id & 2)
        wanted = isinstance(self._handler, SecondStreamHandler) and event.session_id == self._session
        if unidirectional and wanted and self._state is LinkState.OPEN and second.peers_stream is None:
            second.peers_stream = event.stream_id
            self.quic.second_stream_opened(event.stream_id)
            # These bytes were counted as consumed when they came with the stream's head.
            self.quic.consumed(-len(event.data), chat=False)
            self._take_second_stream(event.data)
        else:
            super()._take_extra(event)

    def _take_second_stream(self, data: bytes) -> None:
        """Take data of the peer's second stream; it waits when the chat does, and behind it."""
        if self._state is not LinkState.OPEN:
            self._second_stream_consumed(len(data))
        elif self._in or self._going_on or self._held or self._second_stream.arrived or (self._full and self._serves):
            self._second_stream.arrived += data
            self._go_on_soon()
        else:
            self._hand_over_second_stream(data)

    def _hand_over_second_stream(self, data: bytes) -> None:
        self._second_stream_consumed(len(data))
        try:
            cast("SecondStreamHandler", self._handler).second_stream_received(data)
        except BaseException:
            self._stumbled()
            raise

    def _second_stream_consumed(self, count: int) -> None:
        if self.quic.second_stream_consumed(count):
            self._rounds.add(self)

    def _take_data(self, data: bytes, *, ended: bool) -> None:
        """Take data of the chat."""
        if self._state is not LinkState.OPEN:
            self._consumed(len(data))
            if ended:
                self._drop_input()
            return
        if data:
            waits = self._in or self._going_on or self._held or (self._full and self._serves)
            if waits or (len(data) > SMALL and not slices_of(self._loop).may_take()):
                self._in += data
                self._go_on_soon()
            else:
                self._in += data
                self._hand_over()
        if ended and self._state is LinkState.OPEN:
            self._eof = True
            if not self._in:
                self._peer_finished()

    def _consumed(self, count: int) -> None:
        if self.quic.consumed(count, chat=True):
            self._rounds.add(self)

    def _drop_input(self) -> None:
        """Forget what is not handed over, and what would go out on the second stream."""
        if self._in:
            self._consumed(len(self._in))
            self._in.clear()
        self._second_stream.arrived.clear()
        self._second_stream.drop()

    def _drop_output(self) -> None:
        """Forget what is not with aioquic yet."""
        self._out.clear()
        self._out_bytes = 0
        self._last = False
        self._second_stream.drop()

    def _go_on_soon(self) -> None:
        if self._left and self._full and self._serves:
            self._peer_finished()  # whatever else it asks for, it does not hear the answers
        elif not self._going_on and not self._held and not (self._full and self._serves):
            self._going_on = True
            if len(self._in) + len(self._second_stream.arrived) > SMALL:
                slices_of(self._loop).wait(self._go_on)
            else:
                self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Hand over what waits, a slice per turn. A server reads no more from those who do not read."""
        self._going_on = False
        if self._state is not LinkState.OPEN or self._held or (self._full and self._serves):
            return
        if self._in:
            self._hand_over()
        elif self._second_stream.arrived:
            data = bytes(self._second_stream.arrived[:SLICE])
            del self._second_stream.arrived[:SLICE]
            self._hand_over_second_stream(data)
        if self._in or self._second_stream.arrived:
            self._go_on_soon()
        elif self._eof:
            self._peer_finished()

    def _hand_over(self) -> None:
        """Hand over what waits: a piece, and then more for as long as the user wants it and the turn has time."""
        slices, some = slices_of(self._loop), bytes(self._in[:SLICE])
        start, step = 0, piece_of(some)
        while start < len(some) and self._handler is not None and self._state is LinkState.OPEN:
            data = some[start : start + step]
            start += step
            del self._in[: len(data)]
            self._consumed(len(data))
            try:
                self._handler.data_received(data)
            except BaseException:
                self._stumbled()
                raise
            if self._held or (self._full and self._serves) or slices.is_over():
                break
        if self._in:
            self._go_on_soon()

    def _take_capsule(self, event: DataReceived) -> None:
        """Take what stands in the session's own stream: its end."""
        room = CAPSULE_BYTES - len(self._capsule)
        self._capsule += event.data[:room]
        if not event.stream_ended:
            return
        self._interrupted()

    # The end.

    def _stumbled(self) -> None:
        """End after a mistake of the user's, which the event loop reports: what it was given is gone."""
        self._end(Lost(LostReason.INTERNAL), ErrorCode.H3_INTERNAL_ERROR)

    def _interrupted(self) -> None:
        if self._state is LinkState.OPEN:
            self._eof = self._left = True
            self._drop_output()
            if self._in:
                if self._serves:
                    self._due = min(self._due, self._loop.time() + self._settings.close_timeout)
                self._go_on_soon()
            else:
                self._peer_finished()
        elif not self._serves or self._state is LinkState.HANDSHAKE:
            self._end(self._why_the_peer_left(), ErrorCode.H3_NO_ERROR)
        elif not self._said_goodbye:
            self._farewell()

    def _peer_finished(self) -> None:
        """Answer the end of the peer's stream: it has said everything, and hears nothing more."""
        if self._state is not LinkState.OPEN:
            return
        self._lost = self._why_the_peer_left()
        if self._serves:
            self._farewell()
            self._loop.call_soon(self._tell)
        else:
            self._end(self._lost, ErrorCode.H3_NO_ERROR)

    def _farewell(self) -> None:
        """Close the session: everything that was to be delivered is.

        It is the client that hangs up then: if the server did, that would look like an accident to a browser.
        """
        self._state = LinkState.CLOSING
        self._said_goodbye = True
        self._drop_output()
        self._drop_input()
        self._delivered = True
        self._due = self._loop.time() + _FAREWELL_SECONDS
        assert self._h3 is not None and self._session is not None  # noqa: PT018 - it was open
        try:
            self._h3.send_data(self._session, closing_capsule(*self._words), end_stream=True)
        except Exception as error:  # the peer ended its side in some other way
            logger.debug("no farewell: %r", error)
            self._end(Lost(LostReason.CLOSED_HERE), ErrorCode.H3_NO_ERROR)
        else:
            self._rounds.add(self)

    def _ended(self) -> None:
        """End, since aioquic sees the end of the connection."""
        ending = self.quic.ending
        assert ending is not None  # that is why this is called
        if not self._held:
            self._hand_over()
        if self.quic.ended_by_peer:
            polite = ending.error_code in (ErrorCode.H3_NO_ERROR, QuicErrorCode.NO_ERROR)
            lost = self._why_the_peer_left() if polite else Lost(LostReason.DROPPED_BY_PEER)
        elif self.quic.fell_silent:
            lost = Lost(LostReason.SILENT)
        else:
            lost = Lost(LostReason.BAD_DATA, f"QUIC: {ending.reason_phrase.lower() or hex(ending.error_code)}")
        self._lose(lost)
        self._rounds.add(self)

    def _why_the_peer_left(self) -> Lost:
        words = read_closing_capsule(self._capsule)
        if words is None:
            return Lost(LostReason.CLOSED_BY_PEER)
        code, text = words
        return Lost(LostReason.CLOSED_BY_PEER, f"{code}: {text}" if text else f"{code}")

    def _lose(self, lost: Lost) -> None:
        if self._lost is None:
            self._lost = lost
        super()._lose(lost)
        self._drop_output()
        self._in.clear()
        self._second_stream.arrived.clear()
        if self._handler is None and not self._told:
            self._failed()
        self._loop.call_soon(self._tell)

    def _tell(self) -> None:
        if self._told:
            return
        self._told = True
        handler, self._handler = self._handler, None
        try:
            if handler is not None:
                handler.connection_lost(self._lost or Lost(LostReason.VANISHED))
        finally:
            self._gone()

    def _deadline(self, now: float) -> None:
        if self._state is LinkState.CLOSING:
            if self._delivered and not self._said_goodbye:
                self._farewell()
            else:
                self._end(Lost(LostReason.CLOSED_HERE), ErrorCode.H3_NO_ERROR)
        elif self._state is LinkState.HANDSHAKE:
            self._end(Lost(LostReason.HANDSHAKE_TIMEOUT), ErrorCode.H3_REQUEST_CANCELLED)
        elif self._left and self._serves:
            self._peer_finished()
        else:
            sender = self._sender
            if self._serves:  # a client that reads nothing is not waited for
                taken = sender._buffer_start if self._unsent() > 0 else None
            else:
                taken = taken_of(sender)
            verdict = self._liveness.check(
                now, heard=self.quic.heard, taken=(taken, self._second_stream.taken), round_trip=self.quic.round_trip
            )
            self._due = self._liveness.due
            if verdict is Verdict.ASK:
                self.quic.send_ping(0)
            elif verdict is not Verdict.WAIT:
                self._vanish(Lost(LostReason.SILENT if verdict is Verdict.DEAD else LostReason.STALLED))
