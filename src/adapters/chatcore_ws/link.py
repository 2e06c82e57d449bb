"""One WebSocket connection, server's or client's side: an asyncio protocol that is a `Link` to its user."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol, Side

from chatcore.ports.transport import WRITE_SECONDS, Accept, BulkHandler, CloseReason, Lost, LostReason
from chatcore_net.link import CLOSE_CODES, SLICE, LinkState, StreamLink, Verdict, nowhere
from chatcore_ws.common import WsSettings
from chatcore_ws.frames import Wire, untie
from chatcore_ws.liveness import WsLiveness

# So many bytes are parsed at a time: a slice of small frames is more than one turn should do.
_PIECE: Final = 2048
# And so many payloads handed over: to decode them is work that shows only behind them.
_AT_ONCE: Final = 32
# A Close frame carries its code and at most this much text.
_REASON_BYTES: Final = 123


class WsLink(StreamLink):
    """What both sides share. The subclass does the handshake and says how to frame."""

    __slots__ = (
        "_blocked",
        "_bulk",
        "_deaf",
        "_liveness",
        "_message_by",
        "_ready",
        "_timer_at",
        "_wire",
        "handshake",
        "key_fingerprint",
        "transport",
    )

    _settings: WsSettings
    side: Side
    keeps_boundaries = True
    checks_liveness = True

    def __init__(self, settings: WsSettings, accept: Accept, deadline: float) -> None:
        super().__init__(settings, accept)
        self.handshake: Protocol | None = None
        """The library's protocol for the handshake, if that needs it; it keeps the whole request, and goes with it."""
        self.transport = settings.transport
        self.key_fingerprint: str | None = None
        self._wire: Wire | None = None
        """None until the handshake is over."""
        self._liveness: WsLiveness
        self._blocked = False
        """The peer takes no more, so it is not read either."""
        self._bulk: BulkHandler | None = None
        """The user, if it takes several payloads at a time."""
        self._deaf = False
        """What the peer sends is of no interest any more."""
        self._ready: Sequence[bytes] = ()
        """Payloads that were parsed when the user asked for no more."""
        self._message_by: float | None = None
        """When the message has to be finished that the peer is in the middle of."""
        self._timer_at = deadline

    @property
    def protocol(self) -> Protocol:
        """The library's protocol: that of the handshake, then one that knows only frames."""
        if self._wire is not None:
            return self._wire.protocol
        if self.handshake is None:
            self.handshake = self._begin_handshake()
        return self.handshake

    # The link, for its user.

    @property
    def write_seconds(self) -> float:
        """About how much processor time one small write takes; OpenSSL has its part of what is encrypted."""
        return 3 * WRITE_SECONDS if self.transport == "wss" else WRITE_SECONDS

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far."""
        if self._state is not LinkState.OPEN:
            return
        text = message.encode("utf-8", "replace")[:_REASON_BYTES].decode("utf-8", "ignore")
        self._wind_up(Lost(LostReason.CLOSED_HERE))
        if self.protocol.state is OPEN:
            self.protocol.send_close(CLOSE_CODES[reason], text)
        self._say_the_last()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        super().connection_made(transport)
        self._set_timer(self._timer_at)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network."""
        if self._state is LinkState.OPEN:
            self._liveness.heard = self._loop.time()
        if self._deaf:
            return
        if self._raw or self._going_on or self._held or self._blocked or self._must_wait(data):
            self._raw += data
            self._transport.pause_reading()
            self._go_on_soon()
        else:
            self._take_pieces(data)

    def eof_received(self) -> None:
        """Wind up when the peer has hung up; asyncio closes the transport when it has written what waits."""
        self._wind_up(Lost(LostReason.VANISHED))

    def pause_writing(self) -> None:
        """Tell the user that more than `buffer_bytes` wait."""
        # Whoever makes us answer and does not read the answers is not read. Only servers do that: if both sides did,
        # two that are both sending could wait for each other forever.
        if self._state is LinkState.OPEN and self.side is SERVER:
            self._blocked = True
            self._transport.pause_reading()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on when there is room again."""
        if self._state is LinkState.OPEN:
            self._liveness.heard = self._loop.time()
            if self._blocked:
                self._blocked = False
                self._go_on_soon()
        super().resume_writing()

    # For the subclasses.

    def _begin_handshake(self) -> Protocol:
        """Return the library's protocol for the handshake."""
        raise NotImplementedError

    def _handshake(self, data: bytes) -> None:
        raise NotImplementedError

    def _ended(self, was: LinkState, error: Exception | None) -> None:
        self._deaf = True
        self._ready = ()
        self._bulk = None
        if self._handler is not None:
            self._handler.connection_lost(self._lost or Lost(LostReason.VANISHED))
        if self._wire is not None:
            self._wire.let_go()
        elif self.handshake is not None:
            untie(self.handshake)

    def _open(self) -> None:
        """End the handshake well: from here on there is a user."""
        settings = self._settings
        now = self._loop.time()
        if self.handshake is not None:
            untie(self.handshake)
            self.handshake = None
        self._wire = Wire(settings.rules(self.side), now)
        self._liveness = WsLiveness(
            settings.keepalive_interval, settings.keepalive_timeout, settings.stall_timeout, now
        )
        self._set_timer(self._liveness.due)
        super()._open()
        kind: type = type(self._handler)
        self._bulk = cast("BulkHandler", self._handler) if _takes_bulk(kind) else None

    def _drop(self, lost: Lost) -> None:
        """Hang up without a word."""
        self._deaf = True
        self._ready = ()
        super()._drop(lost)

    # Reading.

    def _take_pieces(self, data: bytes) -> None:
        """Parse a slice, for as long as the user wants what is in it and the turn has time; the rest waits."""
        start = 0
        while start < len(data) and not (self._held or self._blocked or self._deaf):
            if start and self._slices.is_over():
                break
            self._take(data[start : start + _PIECE])
            start += _PIECE
        if start < len(data) and not self._deaf:
            self._raw = data[start:] + self._raw
            self._transport.pause_reading()
            self._go_on_soon()

    def _take(self, data: bytes) -> None:
        """Parse bytes, and hand over what is complete."""
        if self._state is LinkState.HANDSHAKE:
            self._handshake(data)
            return
        now = self._loop.time()
        wire = self._wire
        assert wire is not None  # the handshake is over
        payloads = wire.receive(data, now)
        if self._state is not LinkState.OPEN:
            # We said our last words: pongs are none, but the peer's last words end it.
            words = self.protocol.data_to_send()
            if words and not words[-1]:
                self._hang_up()
            return
        usual = wire.is_usual
        if not usual and self.protocol.writes and self.protocol.state is OPEN:
            self._emit(b"".join(self.protocol.data_to_send()))  # pongs
        if payloads:
            self._deliver(payloads)
        if not wire.pending:
            self._message_by = None
        elif self._message_by is None:
            self._message_by = now + self._settings.message_timeout
            self._set_timer_no_later(self._message_by)
        if not usual:
            self._after_wire()
            wire.rest()

    def _after_wire(self) -> None:
        """Begin to close when the protocol wants that."""
        protocol = self.protocol
        if protocol.state is OPEN:
            return
        if self._state is LinkState.OPEN:
            close = protocol.close_rcvd
            failure = None if self._wire is None else self._wire.failure
            if failure is not None:
                self._wind_up(failure)
            elif close is not None:
                why = f"{int(close.code)}: {close.reason}" if close.reason else f"{int(close.code)}"
                self._wind_up(Lost(LostReason.CLOSED_BY_PEER, why))
        self._say_the_last()

    def _may_go_on(self) -> bool:
        return not self._held and not self._blocked and self._state is not LinkState.LOST

    def _is_work(self) -> bool:
        return super()._is_work() or len(self._ready) > 1

    def _go_on(self) -> None:
        """Hand over what waits, a slice per turn, then read again."""
        self._going_on = False
        ready, self._ready = self._ready, ()
        self._deliver(ready)
        if self._raw and not (self._held or self._blocked):
            data, self._raw = self._raw[:SLICE], self._raw[SLICE:]
            self._take_pieces(data)
        if self._raw:
            self._go_on_soon()
        elif not self._held and not self._blocked and not self._transport.is_closing():
            self._transport.resume_reading()

    def _deliver(self, payloads: Sequence[bytes]) -> None:
        """Hand over payloads, for as long as the user wants them."""
        handler, bulk = self._handler, self._bulk
        if handler is None:
            return
        begin, at_once = 0, 1 if bulk is None else _AT_ONCE
        try:
            while begin < len(payloads) and self._state is LinkState.OPEN:
                if self._held:
                    self._ready = payloads[begin:]
                    return
                if bulk is None or len(payloads) == 1:
                    handler.data_received(payloads[begin])
                else:
                    bulk.payloads_received(payloads[begin : begin + at_once])
                begin += at_once
        except BaseException:
            self._drop(Lost(LostReason.INTERNAL))  # a mistake of the user's; the event loop reports it
            raise

    # Closing.

    def _wind_up(self, lost: Lost) -> None:
        """Begin to close: no more payloads, and a limited time for the rest."""
        if self._state is LinkState.OPEN:
            self._state = LinkState.CLOSING
            self._lost = lost
            self.write = nowhere
            self._held = self._blocked = False
            self._ready = ()
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

    # Time.

    def _set_timer(self, when: float) -> None:
        self._timer_at = when
        super()._set_timer(when)

    def _set_timer_no_later(self, when: float) -> None:
        if when < self._timer_at:
            self._set_timer(when)

    def time_is_up(self) -> None:
        """Look who is still there, and end what took too long."""
        if self._state is not LinkState.OPEN:
            self._drop(Lost(LostReason.HANDSHAKE_TIMEOUT))
            return
        now = self._loop.time()
        if self._message_by is not None and now >= self._message_by:
            if self._held or self._blocked:
                self._message_by = now + self._settings.message_timeout  # it is us who do not read
            elif self._wire is not None:
                self._wire.refuse(CloseCode.POLICY_VIOLATION, Lost(LostReason.MESSAGE_TIMEOUT))
                self._after_wire()
                return
        if now >= self._liveness.due:
            self._check_liveness(now)
        if self._state is LinkState.OPEN:
            when = self._liveness.due
            self._set_timer(when if self._message_by is None else min(when, self._message_by))

    def _check_liveness(self, now: float) -> None:
        buffered = self._transport.get_write_buffer_size()
        verdict = self._liveness.check(
            now,
            buffered=buffered,
            # A server stops reading from those who do not read; all else that is held is the user's own doing.
            patient=self._held and (not buffered or self.side is not SERVER),
            answers=self._machine_answers,
        )
        if verdict is Verdict.ASK:
            self._emit(Frame(Opcode.PING, b"").serialize(mask=self.side is not SERVER))
        elif verdict is Verdict.DEAD:
            self._drop(Lost(LostReason.SILENT))
        elif verdict is Verdict.STALLED:
            self._drop(Lost(LostReason.STALLED))

    def _machine_answers(self, since: float) -> bool | None:
        return self._settings.machine_answers(self._transport.get_extra_info("socket"), since)


@lru_cache(maxsize=16)
def _takes_bulk(kind: type) -> bool:
    """Tell whether handlers of a kind are `BulkHandler`s. To look at each of a crowd would be a tenth of a login."""
    return issubclass(kind, BulkHandler)
