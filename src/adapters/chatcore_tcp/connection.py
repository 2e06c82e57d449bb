"""One TCP connection, server's or client's side: an asyncio protocol that is a `Link` to its user."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from chatcore.ports.transport import Accept, CloseReason, LinkHandler
from chatcore_tcp.liveness import DEAD, Liveness, peers_machine
from chatcore_tcp.sockets import address_of

SLICE: Final = 16 * 1024
"""How many bytes one connection may have handed over per turn of the event loop: others wait for theirs."""
# A peer that has said its last word gets the answers to it. Its user writes them within so many turns.
_TURNS_TO_ANSWER: Final = 4


class _State(enum.Enum):
    OPEN = enum.auto()
    CLOSING = enum.auto()
    """No more data either way; waiting for the peer to take the rest and to hang up."""
    LOST = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one listener's links have in common. Sizes in bytes, times in seconds."""

    buffer_bytes: int
    keepalive_interval: float
    keepalive_timeout: float
    stall_timeout: float
    close_timeout: float


class TcpLink(asyncio.Protocol):
    """Implements `chatcore.ports.transport.Link`.

    Args:
        settings: limits and times.
        accept: makes the user of the link, when there is a connection.
        gone: called when there is none any more.
    """

    __slots__ = (
        "_accept",
        "_eof",
        "_full",
        "_going_on",
        "_gone",
        "_handler",
        "_held",
        "_liveness",
        "_loop",
        "_raw",
        "_reason",
        "_settings",
        "_state",
        "_timer",
        "_transport",
        "address",
        "made",
        "write",
    )

    transport = "tcp"
    keeps_boundaries = False
    checks_liveness = True
    key_fingerprint: str | None = None
    format = "tcp"

    def __init__(self, settings: Settings, accept: Accept, gone: Callable[[TcpLink], None]) -> None:
        self.address = ""
        self.made = False
        """Whether it has a connection: from then on `gone` tells its end."""
        self._settings = settings
        self._accept = accept
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._state = _State.OPEN
        self._handler: LinkHandler | None = None
        self._liveness: Liveness
        self.write: Callable[[bytes], None] = _nowhere
        """Hands over bytes. A fan-out calls it for a thousand links per turn, so while the link is open it is the
        network's own function, without a Python frame in between."""
        self._held = False
        """The user asked for no more data."""
        self._full = False
        """More than `buffer_bytes` wait for the peer."""
        self._eof = False
        """The peer has said its last word."""
        self._raw = b""
        """What arrived and is not handed over yet."""
        self._going_on = False
        self._reason: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    # The link, for its user.

    def frame(self, payload: bytes) -> bytes:
        """Return the payload as it is: a stream has no frames."""
        return payload

    def pause_reading(self) -> None:
        """Stop handing over data."""
        if self._state is _State.OPEN and not self._held:
            self._held = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Hand over data again, from the next turn on."""
        if self._held:
            self._held = False
            self._go_on_soon()

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far. TCP has no words for the reason."""
        if self._state is _State.OPEN:
            self._wind_up("closed by us")

    def abort(self) -> None:
        """Drop the connection at once."""
        self._drop("dropped by us")

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Get a user."""
        # uvloop's transports are not of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self.made = True
        self.address = address_of(transport.get_extra_info("peername"))
        settings = self._settings
        self._transport.set_write_buffer_limits(high=settings.buffer_bytes)
        self._liveness = Liveness(
            settings.keepalive_interval, settings.keepalive_timeout, settings.stall_timeout, self._loop.time()
        )
        self._set_timer(self._liveness.period)
        # asyncio's own transports warn about writes to a lost connection; uvloop's do not before `connection_lost`.
        careful = type(transport).__module__.startswith("asyncio.")
        self.write = self._write_carefully if careful else self._transport.write
        handler = self._accept(self)
        self._handler = handler
        if self._full:
            handler.writing_paused()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network."""
        if self._state is not _State.OPEN:
            return
        if self._raw or self._going_on or self._held or len(data) > SLICE:
            self._raw += data
            self._transport.pause_reading()
            self._go_on_soon()
        else:
            self._deliver(data)

    def eof_received(self) -> bool:
        """Take note that the peer has said its last word; it may still be reading."""
        self._eof = True
        self._go_on_soon()
        return self._state is _State.OPEN

    def pause_writing(self) -> None:
        """Take note that more than `buffer_bytes` wait."""
        self._full = True
        if self._state is _State.OPEN and self._handler is not None:
            self._handler.writing_paused()

    def resume_writing(self) -> None:
        """Take note that there is room again."""
        self._full = False
        if self._state is _State.OPEN:
            self._liveness.taken(self._loop.time())
            if self._handler is not None:
                self._handler.writing_resumed()
            if self._eof:
                self._go_on_soon()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the connection is gone."""
        if self._state is _State.LOST:
            return
        self._state = _State.LOST
        self.write = _nowhere
        self._raw = b""
        if self._timer is not None:
            self._timer.cancel()
        self._gone(self)
        self._tell_the_end(self._reason or (DEAD if isinstance(error, TimeoutError) else "the peer vanished"))

    # Reading.

    def _go_on_soon(self) -> None:
        if not self._going_on and not self._held and self._state is _State.OPEN:
            self._going_on = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Hand over what waits, a slice per turn, then read again, or answer the peer's last word."""
        self._going_on = False
        if self._held or self._state is not _State.OPEN:
            return
        if self._raw:
            data, self._raw = self._raw[:SLICE], self._raw[SLICE:]
            self._deliver(data)
        if self._raw:
            self._go_on_soon()
        elif self._eof:
            self._finish(_TURNS_TO_ANSWER)
        elif not self._held and not self._transport.is_closing():
            self._transport.resume_reading()

    def _deliver(self, data: bytes) -> None:
        try:
            if self._handler is not None:
                self._handler.data_received(data)
        except BaseException:
            self._drop("internal error")  # a mistake of the user's; the event loop reports it
            raise

    def _finish(self, turns: int) -> None:
        """Hang up on a peer that has said its last word, once it has been sent what it is owed."""
        if self._held or self._full or self._state is not _State.OPEN:
            return  # the user comes back to the rest later, and so do we
        if turns:
            self._loop.call_soon(self._finish, turns - 1)
            return
        self._wind_up("the peer hung up")
        self._tell_the_end("the peer hung up")

    # Closing.

    def _wind_up(self, reason: str) -> None:
        """Begin to close: no more data, and a limited time for what is under way.

        To close the socket at once would reset the connection under the peer's last bytes, and our last words might
        not reach it: it hangs up in its turn, or its time runs out.
        """
        self._state = _State.CLOSING
        self._reason = reason
        self.write = _nowhere
        self._held = False
        self._raw = b""
        self._set_timer(self._settings.close_timeout)
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

    def _drop(self, reason: str) -> None:
        """Hang up without a word."""
        if self._state is _State.LOST:
            return
        if self._reason is None:
            self._reason = reason
        self._state = _State.CLOSING
        self.write = _nowhere
        self._raw = b""
        self._transport.abort()

    def _tell_the_end(self, reason: str) -> None:
        handler, self._handler = self._handler, None
        if handler is not None:
            handler.connection_lost(reason)

    def _write_carefully(self, frames: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frames)

    # Time.

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._time_is_up)

    def _time_is_up(self) -> None:
        if self._state is not _State.OPEN:
            self._drop("the peer did not hang up")
            return
        buffered = self._transport.get_write_buffer_size()
        machine = peers_machine(self._transport.get_extra_info("socket"))
        verdict = self._liveness.check(self._loop.time(), buffered, machine)
        if verdict is None:
            self._set_timer(self._liveness.period)
        else:
            self._drop(verdict)


def _nowhere(_frames: bytes) -> None:
    """Take the place of a transport's `write` when there is none."""
