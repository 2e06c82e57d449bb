"""One WebSocket connection, server's or client's side: an asyncio protocol that is a `Link` to its user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

from websockets.frames import CloseCode
from websockets.protocol import OPEN, SERVER, Protocol

from chatcore.ports.transport import Accept, CloseReason, LinkHandler
from chatcore_ws.common import Settings, State, address_of
from chatcore_ws.liveness import Liveness, Verdict, machine_answers
from chatcore_ws.wire import Wire, logger

SLICE: Final = 16 * 1024
"""How many bytes one connection may have parsed per turn of the event loop: others wait for theirs."""

_CLOSE_CODES: Final = {
    CloseReason.NORMAL: CloseCode.NORMAL_CLOSURE,
    CloseReason.GOING_AWAY: CloseCode.GOING_AWAY,
    CloseReason.BAD_DATA: CloseCode.INVALID_DATA,
    CloseReason.TOO_LARGE: CloseCode.MESSAGE_TOO_BIG,
    CloseReason.POLICY: CloseCode.POLICY_VIOLATION,
    CloseReason.TRY_LATER: CloseCode.TRY_AGAIN_LATER,
}
# A Close frame carries its code and at most this much text.
_REASON_BYTES: Final = 123


class WsLink(asyncio.Protocol):
    """What both sides share. The subclass does the handshake and says how to frame."""

    __slots__ = (
        "_accept",
        "_blocked",
        "_deaf",
        "_full",
        "_going_on",
        "_handler",
        "_held",
        "_liveness",
        "_loop",
        "_message_by",
        "_raw",
        "_ready",
        "_reason",
        "_settings",
        "_state",
        "_timer",
        "_timer_at",
        "_transport",
        "_wire",
        "address",
        "key_fingerprint",
        "protocol",
        "transport",
        "write",
    )

    format: str
    keeps_boundaries = True
    checks_liveness = True

    def __init__(self, protocol: Protocol, settings: Settings, accept: Accept, deadline: float) -> None:
        self.protocol = protocol
        self.transport = settings.transport
        self.address = ""
        self.key_fingerprint: str | None = None
        self._settings = settings
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._state = State.HANDSHAKE
        self._handler: LinkHandler | None = None
        self._wire: Wire
        self._liveness: Liveness
        self.write: Callable[[bytes], None] = _nowhere
        """Hands over whole frames. A fan-out calls it for a thousand links per turn, so while the link is open it is
        the network's own function, without a Python frame in between."""
        self._held = False
        """The user asked for no more data."""
        self._full = False
        """More than `buffer_bytes` wait for the peer."""
        self._blocked = False
        """The peer takes no more, so it is not read either."""
        self._deaf = False
        """What the peer sends is of no interest any more."""
        self._raw = b""
        """What arrived and is not parsed yet."""
        self._ready: list[bytes] = []
        """Payloads that were parsed when the user asked for no more."""
        self._going_on = False
        self._message_by: float | None = None
        """When the message has to be finished that the peer is in the middle of."""
        self._reason: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = deadline

    # The link, for its user.

    def frame(self, payload: bytes) -> bytes:
        """Return the bytes that carry this payload on this link."""
        raise NotImplementedError

    def pause_reading(self) -> None:
        """Stop handing over data."""
        if self._state is State.OPEN and not self._held:
            self._held = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Hand over data again, from the next turn on."""
        if self._held:
            self._held = False
            self._go_on_soon()

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far."""
        if self._state is not State.OPEN:
            return
        text = message.encode("utf-8", "replace")[:_REASON_BYTES].decode("utf-8", "ignore")
        self._wind_up("closed by us")
        if self.protocol.state is OPEN:
            self.protocol.send_close(_CLOSE_CODES[reason], text)
        self._say_the_last()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._drop("dropped by us")

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        # uvloop's transports are not of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self.address = address_of(transport.get_extra_info("peername"))
        self._transport.set_write_buffer_limits(high=self._settings.buffer_bytes)
        self._set_timer(self._timer_at)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network."""
        if self._state is State.OPEN:
            self._liveness.heard = self._loop.time()
        if self._deaf:
            return
        if self._raw or self._going_on or self._held or self._blocked or len(data) > SLICE:
            self._raw += data
            self._transport.pause_reading()
            self._go_on_soon()
        else:
            self._take(data)

    def eof_received(self) -> None:
        """Take note that the peer hung up; asyncio closes the transport when it has written what waits."""
        self._wind_up("the peer vanished")

    def pause_writing(self) -> None:
        """Take note that more than `buffer_bytes` wait."""
        self._full = True
        if self._state is State.OPEN:
            # Whoever makes us answer and does not read the answers is not read. Only servers do that: if both sides
            # did, two that are both sending could wait for each other forever.
            self._blocked = self.protocol.side is SERVER
            if self._blocked:
                self._transport.pause_reading()
            if self._handler is not None:
                self._handler.writing_paused()

    def resume_writing(self) -> None:
        """Take note that there is room again."""
        self._full = False
        if self._state is State.OPEN:
            self._liveness.heard = self._loop.time()
            if self._blocked:
                self._blocked = False
                self._go_on_soon()
            if self._handler is not None:
                self._handler.writing_resumed()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the connection is gone."""
        was = self._state
        if was is State.LOST:
            return
        self._state = State.LOST
        self.write = _nowhere
        self._deaf = True
        self._raw = b""
        self._ready.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._gone(was)

    # For the subclasses.

    def _handshake(self, data: bytes) -> None:
        raise NotImplementedError

    def _gone(self, was: State) -> None:
        """Do what is to be done at the end; `was` is the state before."""
        if self._handler is not None:
            self._handler.connection_lost(self._reason or "the peer vanished")

    def _open(self) -> None:
        """End the handshake well: from here on there is a user."""
        settings, transport = self._settings, self._transport
        now = self._loop.time()
        # The protocol of the handshake keeps the whole request; this one knows only frames.
        self.protocol = Protocol(self.protocol.side, state=OPEN, max_size=settings.object_bytes, logger=logger)
        self._wire = Wire(self.protocol, now)
        self._liveness = Liveness(settings.keepalive_interval, settings.keepalive_timeout, settings.stall_timeout, now)
        self._state = State.OPEN
        # asyncio's own transports warn about writes to a lost connection; uvloop's do not before `connection_lost`.
        careful = type(transport).__module__.startswith("asyncio.")
        self.write = self._write_carefully if careful else transport.write
        self._set_timer(self._liveness.due)
        handler = self._accept(self)
        self._handler = handler
        if self._full:
            handler.writing_paused()

    def _drop(self, reason: str) -> None:
        """Hang up without a word."""
        if self._state is State.LOST:
            return
        if self._reason is None:
            self._reason = reason
        if self._state is State.OPEN:
            self._state = State.CLOSING
        self.write = _nowhere
        self._deaf = True
        self._ready.clear()
        self._transport.abort()

    # Reading.

    def _take(self, data: bytes) -> None:
        """Parse at most a slice, and hand over what is complete."""
        if self._state is State.HANDSHAKE:
            self._handshake(data)
            return
        now = self._loop.time()
        wire = self._wire
        payloads = wire.receive(data, now)
        if self._state is not State.OPEN:
            # We said our last words: pongs are none, but the peer's last words end it.
            words = self.protocol.data_to_send()
            if words and not words[-1]:
                self._hang_up()
            return
        if self.protocol.writes and self.protocol.state is OPEN:
            self._emit(b"".join(self.protocol.data_to_send()))  # pongs
        if payloads:
            self._deliver(payloads)
        if not wire.pending:
            self._message_by = None
        elif self._message_by is None:
            self._message_by = now + self._settings.message_timeout
            self._set_timer_no_later(self._message_by)
        self._after_wire()

    def _after_wire(self) -> None:
        """Begin to close when the protocol wants that."""
        protocol = self.protocol
        if protocol.state is OPEN:
            return
        if self._state is State.OPEN:
            close = protocol.close_rcvd
            if self._wire.failure is not None:
                self._wind_up(self._wire.failure)
            elif close is not None:
                text = f": {close.reason}" if close.reason else ""
                self._wind_up(f"closed by the peer ({int(close.code)}{text})")
        self._say_the_last()

    def _go_on_soon(self) -> None:
        if not self._going_on and not self._held and not self._blocked and self._state is not State.LOST:
            self._going_on = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Hand over what waits, a slice per turn, then read again."""
        self._going_on = False
        ready, self._ready = self._ready, []
        self._deliver(ready)
        if self._raw and not (self._held or self._blocked):
            data, self._raw = self._raw[:SLICE], self._raw[SLICE:]
            self._take(data)
        if self._raw:
            self._go_on_soon()
        elif not self._held and not self._blocked and not self._transport.is_closing():
            self._transport.resume_reading()

    def _deliver(self, payloads: list[bytes]) -> None:
        """Hand over payloads, for as long as the user wants them."""
        handler = self._handler
        if handler is None:
            return
        try:
            for index, payload in enumerate(payloads):
                if self._held:
                    self._ready = payloads[index:]
                    return
                if self._state is not State.OPEN:
                    return
                handler.data_received(payload)
        except BaseException:
            self._drop("internal error")  # a mistake of the user's; the event loop reports it
            raise

    # Closing.

    def _wind_up(self, reason: str) -> None:
        """Begin to close: no more payloads, and a limited time for the rest."""
        if self._state is State.OPEN:
            self._state = State.CLOSING
            self._reason = reason
            self.write = _nowhere
            self._held = self._blocked = False
            self._ready.clear()
            self._set_timer(self._loop.time() + self._settings.close_timeout)
            self._go_on_soon()

    def _say_the_last(self) -> None:
        """Send what the protocol has to say, and hang up when that was all."""
        data = self.protocol.data_to_send()
        self._emit(b"".join(data))
        if data and not data[-1]:
            self._hang_up()

    def _hang_up(self) -> None:
        """Say that nothing more will come.

        To close the socket at once would reset the connection under the peer's last bytes, and our last words might
        not reach it: it hangs up in its turn, or its time runs out.
        """
        self._deaf = True
        self._raw = b""
        if self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _emit(self, data: bytes) -> None:
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _write_carefully(self, frames: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frames)

    # Time.

    def _set_timer(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = when
        self._timer = self._loop.call_at(when, self._time_is_up)

    def _set_timer_no_later(self, when: float) -> None:
        if when < self._timer_at:
            self._set_timer(when)

    def _time_is_up(self) -> None:
        self._timer = None
        if self._state is not State.OPEN:
            self._drop("the handshake took too long")
            return
        now = self._loop.time()
        if self._message_by is not None and now >= self._message_by:
            if self._held or self._blocked:
                self._message_by = now + self._settings.message_timeout  # it is us who do not read
            else:
                self._wire.refuse(CloseCode.POLICY_VIOLATION, "a message took too long")
                self._after_wire()
                return
        if now >= self._liveness.due:
            self._check_liveness(now)
        if self._state is State.OPEN:
            when = self._liveness.due
            self._set_timer(when if self._message_by is None else min(when, self._message_by))

    def _check_liveness(self, now: float) -> None:
        buffered = self._transport.get_write_buffer_size()
        verdict = self._liveness.check(
            now,
            buffered=buffered,
            # A server stops reading from those who do not read; all else that is held is the user's own doing.
            patient=self._held and (not buffered or self.protocol.side is not SERVER),
            answers=self._machine_answers,
        )
        if verdict is Verdict.ASK:
            self.protocol.send_ping(b"")
            self._emit(b"".join(self.protocol.data_to_send()))
        elif verdict is Verdict.DEAD:
            self._drop("no answer to a ping")
        elif verdict is Verdict.STALLED:
            self._drop("stalled")

    def _machine_answers(self, since: float) -> bool | None:
        return machine_answers(self._transport.get_extra_info("socket"), since)


def _nowhere(_frames: bytes) -> None:
    """Take the place of a transport's `write` when there is none."""
