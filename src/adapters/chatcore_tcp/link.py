"""One TCP connection, server's or client's side: an asyncio protocol that is a `Link` to its user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from chatcore.ports.transport import Accept, CloseReason, Lost, LostReason, PatientHandler
from chatcore_net.link import SLICE, LinkSettings, LinkState, StreamLink, nowhere, piece_of
from chatcore_net.sockets import has_taken_the_end
from chatcore_tcp.first_line import HOLD_SECONDS, FirstLine
from chatcore_tcp.liveness import TcpLiveness, peers_machine

# A peer that has said its last word gets the answers to it. Its user writes them within so many turns.
_TURNS_TO_ANSWER: Final = 4
# How long a peer that has all our last words may take to hang up, in seconds.
_HANG_UP_SECONDS: Final = 1.0


class TcpLink(StreamLink):
    """Implements `chatcore.ports.transport.Link`.

    Args:
        settings: limits and times.
        accept: makes the user of the link, when there is a connection.
        gone: called when there is none any more.
        first_line: of a server's link: tells who has no business here, which ends the connection.
    """

    __slots__ = ("_closing_by", "_eof", "_first_line", "_gone", "_liveness", "_release_timer", "_serves")

    transport = "tcp"
    keeps_boundaries = False
    checks_liveness = True
    key_fingerprint: str | None = None
    format = "tcp"

    def __init__(
        self,
        settings: LinkSettings,
        accept: Accept,
        gone: Callable[[TcpLink], None],
        first_line: FirstLine | None = None,
    ) -> None:
        super().__init__(settings, accept)
        self._gone = gone
        self._first_line = first_line
        """None once it is over."""
        self._serves = first_line is not None
        self._closing_by = 0.0
        self._release_timer: asyncio.TimerHandle | None = None
        self._liveness: TcpLiveness
        self._eof = False
        """The peer has said its last word."""

    # The link, for its user.

    def frame(self, payload: bytes) -> bytes:
        """Return the payload as it is: a stream has no frames."""
        return payload

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far. TCP has no words for the reason."""
        if self._state is LinkState.OPEN:
            self._wind_up(Lost(LostReason.CLOSED_HERE))

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Get a user."""
        super().connection_made(transport)
        settings, now = self._settings, self._loop.time()
        self._liveness = TcpLiveness(
            settings.keepalive_interval, settings.keepalive_timeout, settings.stall_timeout, now
        )
        self._set_timer(now + self._liveness.period)
        self._open()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network."""
        if self._state is not LinkState.OPEN:
            return
        if self._raw or self._going_on or self._held or self._must_wait(data):
            self._raw += data
            self._transport.pause_reading()
            self._go_on_soon()
        else:
            self._take_pieces(data)

    def eof_received(self) -> bool:
        """Close when the peer has said its last word; it may still be reading."""
        self._eof = True
        self._go_on_soon()
        return self._state is LinkState.OPEN

    def resume_writing(self) -> None:
        """Go on when there is room again."""
        self._liveness.taken(self._loop.time())
        super().resume_writing()
        if self._eof:
            self._go_on_soon()

    def _ended(self, was: LinkState, error: Exception | None) -> None:
        if self._release_timer is not None:
            self._release_timer.cancel()
        self._gone(self)
        silent = isinstance(error, TimeoutError)
        self._tell_the_end(self._lost or Lost(LostReason.SILENT if silent else LostReason.VANISHED))

    # Reading.

    def _go_on(self) -> None:
        """Hand over what waits, a slice per turn, then read again, or answer the peer's last word."""
        self._going_on = False
        if self._held or self._state is not LinkState.OPEN:
            return
        if self._raw:
            data, self._raw = self._raw[:SLICE], self._raw[SLICE:]
            self._take_pieces(data)
        if self._raw:
            self._go_on_soon()
        elif self._eof:
            self._release()
            if isinstance(self._handler, PatientHandler):
                self._handler.peer_finished()
            self._finish(_TURNS_TO_ANSWER)
        elif not self._held and not self._transport.is_closing():
            self._transport.resume_reading()

    def _take_pieces(self, data: bytes) -> None:
        """Hand over a slice, for as long as the user wants it and the turn has time; the rest waits."""
        start, step = 0, piece_of(data)
        while start < len(data) and self._may_go_on() and not (start and self._slices.is_over()):
            self._deliver(data[start : start + step])
            start += step
        if start < len(data) and self._state is LinkState.OPEN:
            self._raw = data[start:] + self._raw
            self._transport.pause_reading()
            self._go_on_soon()

    def _deliver(self, data: bytes) -> None:
        if self._first_line is not None:
            data = self._let_in(self._first_line, data)
        try:
            if self._handler is not None and data:
                self._handler.data_received(data)
        except BaseException:
            self._drop(Lost(LostReason.INTERNAL))  # a mistake of the user's; the event loop reports it
            raise

    def _let_in(self, first_line: FirstLine, data: bytes) -> bytes:
        """Return what may be handed over."""
        data = first_line.take(data)
        if first_line.foreign is not None:
            self._first_line = None
            self._wind_up(Lost(first_line.foreign))
            self._tell_the_end(Lost(first_line.foreign))
        elif first_line.over:
            self._first_line = None
        elif first_line.waits and self._release_timer is None:
            self._release_timer = self._loop.call_later(HOLD_SECONDS, self._release)
        return data

    def _release(self) -> None:
        """Hand over what was kept back of the first line; the rest is still looked at."""
        first_line, self._first_line = self._first_line, None
        if first_line is None or self._state is not LinkState.OPEN:
            return
        if self._held:
            self._release_timer = self._loop.call_later(HOLD_SECONDS, self._release)
        else:
            self._deliver(first_line.release())
        self._first_line = first_line

    def _finish(self, turns: int) -> None:
        """Hang up on a peer that has said its last word, once it has been sent what it is owed."""
        if self._held or self._full or self._state is not LinkState.OPEN:
            return  # the user comes back to the rest later, and so do we
        if turns:
            self._loop.call_soon(self._finish, turns - 1)
            return
        self._wind_up(Lost(LostReason.CLOSED_BY_PEER))
        self._tell_the_end(Lost(LostReason.CLOSED_BY_PEER))

    # Closing.

    def _wind_up(self, lost: Lost) -> None:
        """Begin to close: no more data, and a limited time for what is under way.

        To close the socket at once would reset the connection under the peer's last bytes, and our last words might
        not reach it: it hangs up in its turn, or its time runs out.
        """
        self._state = LinkState.CLOSING
        self._lost = lost
        self.write = nowhere
        self._held = False
        self._raw = b""
        now = self._loop.time()
        self._closing_by = now + self._settings.close_timeout
        # A client that drops the connection early may lose its own last words, which the server has not read yet.
        self._set_timer(min(self._closing_by, now + _HANG_UP_SECONDS) if self._serves else self._closing_by)
        if self._transport.is_closing():
            return
        if self._eof:
            self._transport.close()
            return
        try:
            self._transport.write_eof()
            self._transport.resume_reading()  # to hear when the peer hangs up
        except OSError:  # it has reset the connection, and we have not been told yet
            self._transport.abort()

    def _tell_the_end(self, lost: Lost) -> None:
        handler, self._handler = self._handler, None
        if handler is not None:
            handler.connection_lost(lost)

    # Time.

    def time_is_up(self) -> None:
        """Look who is still there, and end what took too long."""
        now = self._loop.time()
        if self._state is not LinkState.OPEN:
            if now >= self._closing_by or has_taken_the_end(self._transport.get_extra_info("socket")):
                self._drop(Lost(LostReason.SILENT))
            else:
                self._set_timer(min(self._closing_by, now + _HANG_UP_SECONDS))
            return
        buffered = self._transport.get_write_buffer_size()
        verdict = self._liveness.check(now, buffered, peers_machine(self._transport.get_extra_info("socket")))
        if verdict is None:
            self._set_timer(now + self._liveness.period)
        else:
            self._drop(Lost(verdict))
