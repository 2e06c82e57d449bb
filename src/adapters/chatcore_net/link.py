"""The ground of a link: what is the same whatever the bytes mean."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from chatcore.ports.transport import (
    WRITE_SECONDS,
    Accept,
    CloseReason,
    ConnectOptions,
    LinkHandler,
    ListenOptions,
    Lost,
    LostReason,
)
from chatcore_net.addresses import address_of
from chatcore_net.slices import slices_of
from chatcore_net.wheel import wheel_of

SLICE: Final = 16 * 1024
"""How many bytes one connection may have taken per turn of the event loop: others wait for theirs."""
SMALL: Final = 512
"""How many may be taken whoever else has brought something, once the handshake is over."""
CLOSE_CODES: Final = {
    CloseReason.NORMAL: 1000,
    CloseReason.GOING_AWAY: 1001,
    CloseReason.BAD_DATA: 1007,
    CloseReason.POLICY: 1008,
    CloseReason.TOO_LARGE: 1009,
    CloseReason.TRY_LATER: 1013,
}
"""Numbers for why a connection is closed: those of WebSocket (RFC 6455, section 7.4.1, and the IANA registry)."""
STALL_SECONDS: Final = 90.0
"""How long a server whose machine answers may take nothing of what it is sent."""
# So many ends of lines and objects are taken in a moment. In a slice of any file there are half as many by chance.
_FEW: Final = 256


def piece_of(data: bytes) -> int:
    """Return how many bytes of a slice to hand over before it is looked at the time: of a stream, which has no frames.

    What takes time there are lines and objects, whatever the dialect; they may be of two bytes. Of a file, or of a long
    text, a slice has few.
    """
    return SMALL if data.count(b"\n") + data.count(b"}") > _FEW else SLICE


class LinkState(enum.Enum):
    """What a connection goes through, in this order."""

    HANDSHAKE = enum.auto()
    OPEN = enum.auto()
    """It has a user."""
    CLOSING = enum.auto()
    """No more payloads either way; waiting for the peer to take the rest, and to hang up."""
    LOST = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """What one listener's links have in common. Sizes in bytes, times in seconds."""

    buffer_bytes: int
    keepalive_interval: float
    keepalive_timeout: float
    stall_timeout: float
    close_timeout: float


def settings_of(options: ListenOptions | ConnectOptions, *, stall_timeout: float, close_timeout: float) -> LinkSettings:
    """Return the settings of links that are made with these options."""
    return LinkSettings(
        buffer_bytes=options.buffer_bytes,
        keepalive_interval=options.keepalive_interval,
        keepalive_timeout=options.keepalive_timeout,
        stall_timeout=stall_timeout,
        close_timeout=close_timeout,
    )


class Verdict(enum.Enum):
    """What to do about a peer."""

    WAIT = enum.auto()
    ASK = enum.auto()
    """Send a ping."""
    DEAD = enum.auto()
    STALLED = enum.auto()
    """Its machine answers, its program takes nothing, and its time is over."""


class StreamLink(asyncio.Protocol):
    """A `Link` over a stream of bytes that asyncio carries, encrypted or not.

    The subclass says what it is and how to frame, takes `data_received` and `eof_received`, opens the link with `_open`
    once there may be a user, closes, and does what is due in `time_is_up`.

    Args:
        settings: limits and times.
        accept: makes the user of the link.
    """

    __slots__ = (
        "_accept",
        "_full",
        "_going_on",
        "_handler",
        "_held",
        "_loop",
        "_lost",
        "_raw",
        "_settings",
        "_slices",
        "_state",
        "_transport",
        "_wheel",
        "address",
        "made",
        "tick",
        "write",
    )

    transport: str
    keeps_boundaries: bool
    checks_liveness: bool
    key_fingerprint: str | None
    format: str

    def __init__(self, settings: LinkSettings, accept: Accept) -> None:
        self.address = ""
        self.made = False
        """Whether it has a connection: from then on `_ended` is called in the end."""
        self._settings = settings
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._slices = slices_of(self._loop)
        self._transport: asyncio.Transport
        self._state = LinkState.HANDSHAKE
        self._handler: LinkHandler | None = None
        self.write: Callable[[bytes], None] = nowhere
        """Hands over whole frames. A fan-out calls it for a thousand links per turn, so while the link is open it is
        the network's own function, without a Python frame in between."""
        self._held = False
        """The user asked for no more data."""
        self._full = False
        """More than `buffer_bytes` wait for the peer."""
        self._raw = b""
        """What arrived and is not taken yet."""
        self._going_on = False
        self._lost: Lost | None = None
        """Why the connection ends, once that is known."""
        self._wheel = wheel_of(self._loop)
        self.tick: int | None = None
        """Of the wheel."""

    # The link, for its user.

    @property
    def write_seconds(self) -> float:
        """About how much processor time one small `write` takes: what the system does for a socket."""
        return WRITE_SECONDS

    def frame(self, payload: bytes) -> bytes:
        """Return the bytes that carry this payload on this link."""
        raise NotImplementedError

    def pause_reading(self) -> None:
        """Stop handing over data."""
        if self._state is LinkState.OPEN and not self._held:
            self._held = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Hand over data again, from the next turn on."""
        if self._held:
            self._held = False
            self._go_on_soon()

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close cleanly after everything written so far."""
        raise NotImplementedError

    def abort(self) -> None:
        """Drop the connection at once."""
        self._drop(Lost(LostReason.DROPPED_HERE))

    def give_up_handshake(self) -> None:
        """Drop the connection unless it has a user, or had one."""
        if self.made and self._state is LinkState.HANDSHAKE:
            self.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports are not of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self.made = True
        self.address = address_of(transport.get_extra_info("peername"))
        self._transport.set_write_buffer_limits(high=self._settings.buffer_bytes)

    def pause_writing(self) -> None:
        """Tell the user that more than `buffer_bytes` wait."""
        self._full = True
        if self._state is LinkState.OPEN and self._handler is not None:
            self._handler.writing_paused()

    def resume_writing(self) -> None:
        """Tell the user that there is room again."""
        self._full = False
        if self._state is LinkState.OPEN and self._handler is not None:
            self._handler.writing_resumed()

    def connection_lost(self, error: Exception | None) -> None:
        """End, since the connection is gone."""
        was, self._state = self._state, LinkState.LOST
        if was is LinkState.LOST:
            return
        self.write = nowhere
        self._raw = b""
        self._wheel.cancel(self)
        self._ended(was, error)
        self._handler = None  # they would keep each other from going

    # For the subclasses.

    def _ended(self, was: LinkState, error: Exception | None) -> None:
        """Do what is to be done at the end; `was` is the state before."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """Take what waits, a slice per turn, then read again."""
        raise NotImplementedError

    def time_is_up(self) -> None:
        """Do what is due."""
        raise NotImplementedError

    def _open(self) -> None:
        """From here on there is a user."""
        self._state = LinkState.OPEN
        # asyncio's own transports warn about writes to a lost connection; uvloop's do not before `connection_lost`.
        careful = type(self._transport).__module__.startswith("asyncio.")
        self.write = self._write_carefully if careful else self._transport.write
        handler = self._accept(self)
        self._handler = handler
        if self._full:
            handler.writing_paused()

    def _may_go_on(self) -> bool:
        return not self._held and self._state is LinkState.OPEN

    def _go_on_soon(self) -> None:
        if self._going_on or not self._may_go_on():
            return
        self._going_on = True
        if self._is_work():
            self._slices.wait(self._go_on)
        else:
            self._loop.call_soon(self._go_on)

    def _is_work(self) -> bool:
        """Tell whether to take what waits is more than a moment's work."""
        return len(self._raw) > SMALL or self._state is LinkState.HANDSHAKE

    def _must_wait(self, data: bytes) -> bool:
        """Tell whether what arrived is for a later turn: it is more than a slice, or others have had this one."""
        size = len(data)
        is_work = size > SMALL or self._state is LinkState.HANDSHAKE
        return size > SLICE or (is_work and not self._slices.may_take())

    def _drop(self, lost: Lost) -> None:
        """Hang up without a word."""
        if self._state is LinkState.LOST:
            return
        if self._lost is None:
            self._lost = lost
        if self._state is LinkState.OPEN:
            self._state = LinkState.CLOSING
        self.write = nowhere
        self._raw = b""
        self._transport.abort()

    def _set_timer(self, when: float) -> None:
        self._wheel.set(self, when)

    def _write_carefully(self, frames: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(frames)


def nowhere(_frames: bytes) -> None:
    """Take the place of a transport's `write` when there is none."""
