"""One connection of a client: drives its machine and passes on between it, the session and the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, cast

from chatcore.client.heard import Heard
from chatcore.client.own_requests import Own
from chatcore.client.session import ClientSession
from chatcore.commands import LogOut, SendChunk, Traffic
from chatcore.dialects.base import AsksForLife, CarriesFiles, ClientMachine, Dialect, Request, customs_of
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason, Link, Lost, LostReason, SecondStreamLink
from chatcore.text.reasons import lost_sentence

# Past this many events that nobody has taken, the client stops reading until half of them are taken.
EVENTS_HELD: Final = 1000
# For how long a server that has said goodbye may leave the connection open, in seconds.
_FAREWELL: Final = 3.0
# A timer that rings so many seconds late says that we were held up, and that what came meanwhile may not be read yet.
_HELD_UP: Final = 1.0
# For how long a server may take nothing of what it is sent, in seconds.
_STALL: Final = 90.0


class ClientConnection:
    """One connection of a client: drives its machine. Implements `SecondStreamHandler`.

    Args:
        link: the connection itself.
        dialect: what is spoken on it.
        session: says what to send, and what to show of what comes.
        take: is given what is to be shown.
        writable: called when there is room for more of a file.
        limits: how long a silent server is waited for, where the link does not look after that.
        keep: called before anything goes out.
    """

    def __init__(
        self,
        link: Link,
        dialect: Dialect,
        session: ClientSession,
        take: Callable[[Heard], None],
        writable: Callable[[], None],
        *,
        limits: Limits,
        keep: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._link = link
        self._second_stream = link if isinstance(link, SecondStreamLink) else None
        self._machine: ClientMachine = dialect.client(
            limits, boundaries=link.keeps_boundaries, keepalive=not link.checks_liveness, now=self._loop.time()
        )
        self._asks = self._machine if isinstance(self._machine, AsksForLife) else None
        self._carries_files = customs_of(dialect).carries_files
        self._session = session
        self._take = take
        self._writable = writable
        self._keep = keep
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._writes_soon = False
        self._blocked_at: float | None = None
        self._reading = True
        self._open = True
        self._started = False
        self._early: list[bytes] = []
        """What came before the start."""
        self._ended: Lost | None = None
        """Why the connection was lost before it."""
        self._asked_at = self._heard_at = self._loop.time()
        self._over_at: float | None = None
        """When to hang up: the server has said goodbye and leaves the connection open."""
        self.lost: asyncio.Future[str] = self._loop.create_future()
        """Why the connection ended, once it has: a sentence, or the server's own words."""

    @property
    def link(self) -> Link:
        """What it goes over."""
        return self._link

    def start(self) -> None:
        """Log in, and take what has come already: a server that has no room says goodbye at once."""
        self._session.connected()
        self._started = True
        early, self._early = self._early, []
        if self._ended is not None:
            for payload in early:
                self._machine.receive_data(payload)
            self.connection_lost(self._ended)
            return
        for payload in early:
            self.data_received(payload)
        if not self._reading:
            self._reading = True
            self._link.resume_reading()
        self._write()

    @property
    def stood(self) -> float:
        """For how many seconds something still came after the last request had been sent."""
        return self._heard_at - self._asked_at

    def stop(self) -> None:
        """Drop the link, if it is still there. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
        if self._open:
            self._open = False
            if not self._loop.is_closed():
                self._link.abort()

    def log_out(self) -> None:
        """Say that this was all; the server closes."""
        self._session.leave()
        self._write()
        self._machine.send_command(LogOut(), Own.LOGOUT)
        self._write()

    def write_soon(self) -> None:
        """Write what there is to write at the end of this turn."""
        if not self._writes_soon and self._open:
            self._writes_soon = True
            self._loop.call_soon(self._write)

    def pace(self, held: int, *, waiting: bool) -> None:
        """Stop reading when nobody takes the events, unless somebody waits for an answer among them."""
        if self._reading and held > EVENTS_HELD and not waiting:
            self._reading = False
            self._link.pause_reading()
        elif not self._reading and (waiting or held <= EVENTS_HELD // 2):
            self._reading = True
            self._link.resume_reading()

    def data_received(self, payload: bytes) -> None:
        """Take what came, once this has begun: before, nobody knows whether it is the server that was meant."""
        if not self._started:
            self._early.append(payload)
            if self._reading:
                self._reading = False
                self._link.pause_reading()
            return
        self._heard_at = self._loop.time()
        self._machine.receive_data(payload)
        self._take_events()
        if self._session.refusal is not None or self._session.out_of_step:
            self._link.close(CloseReason.NORMAL)
        self._write()

    def second_stream_received(self, payload: bytes) -> None:
        """Take what came on the second stream."""
        if self._carries_files:
            cast("CarriesFiles", self._machine).receive_second_stream(payload)
            self._take_events()
            if self._machine.close_expected() is not None:
                self._write()
        else:
            self._link.close(CloseReason.POLICY)

    @property
    def takes_chunks(self) -> bool:
        """False while what is written would only wait here."""
        return self._open and self._blocked_at is None

    def pass_on(self, command: Traffic) -> None:
        """Send what keeps a transfer going: at once, and chunks on the second stream where there is one."""
        if not self._open:
            return
        if self._second_stream is None or not isinstance(command, SendChunk):
            self._write()  # what was said before goes first
        self._machine.send_command(command)
        frames = b"".join(map(self._link.frame, self._machine.data_to_send()))
        if self._second_stream is not None and isinstance(command, SendChunk):
            self._second_stream.write_second_stream(frames)
        else:
            self._link.write(frames)

    def _take_events(self) -> None:
        now = self._loop.time()
        for received in self._machine.events_received():
            event = received.event
            for shown in self._session.received(event, received.reply_to, now):
                self._take(shown)
        if self._over_at is None and self._session.dismissed is not None:
            self._over_at = now + _FAREWELL

    def writing_paused(self) -> None:
        """Keep what is to be sent until there is room."""
        if self._blocked_at is None:
            self._blocked_at = self._loop.time()

    def writing_resumed(self) -> None:
        """Go on."""
        self._blocked_at = None
        self._excuse()  # the last of it is still under way
        self._write()
        self._writable()

    def connection_lost(self, reason: Lost) -> None:
        """Tell whoever waits."""
        if not self._started:
            self._ended = reason
            return
        current, self._open = self._open, False
        self._machine.receive_eof()
        if current:  # else the session has the next one
            self._take_events()
        if not self.lost.done():
            goodbye = self._session.dismissed
            self.lost.set_result(goodbye.message if goodbye is not None else lost_sentence(reason))

    def _write(self) -> None:
        self._writes_soon = False
        if not self._open:
            return
        if self._blocked_at is None:
            for request in self._session.requests_to_send():
                self._asked_at = self._loop.time()
                self._ask(request)
        self._keep()
        payloads = self._machine.data_to_send()
        if payloads:
            self._link.write(b"".join(map(self._link.frame, payloads)))
        reason = self._machine.close_expected()
        if reason is not None:
            self._link.close(reason)
        self._arm()

    def _ask(self, request: Request) -> None:
        try:
            self._machine.send_command(request.command, request.reply_to)
        except Exception as error:  # a mistake in a dialect: what it has no form for may not hold up what follows
            shown = self._session.unsendable(request, error)
            if shown is None:
                raise
            self._take(shown)
            self._link.close(CloseReason.NORMAL)

    def _arm(self) -> None:
        wanted = (self._machine.get_timer(), self._session.get_timer(), self._over_at) if self._open else ()
        when = min((timer for timer in wanted if timer is not None), default=None)
        if when == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = when
        self._timer = None if when is None else self._loop.call_at(when, self._timeout)

    def _timeout(self) -> None:
        if not self._open:
            return
        now = self._loop.time()
        late = self._timer_at is not None and now - self._timer_at > _HELD_UP
        self._timer = self._timer_at = None
        if self._over_at is not None and now >= self._over_at:
            self.stop()
            return
        slow = self._blocked_at is not None and now - self._blocked_at < _STALL
        if late or slow or not self._reading:
            self._excuse()
        self._machine.handle_timer(now)
        self._take_events()
        if self._machine.close_expected() is not None and self._session.dismissed is None:
            self.lost.set_result(lost_sentence(Lost(LostReason.SILENT)))
            self.stop()  # there is nobody to close it with
            return
        self._session.handle_timer(now)
        self._write()

    def _excuse(self) -> None:
        """Hold the silence so far against nobody: the server is not read, or not asked anything that it can take."""
        if self._asks is not None:
            self._asks.excuse()


class CurrentConnection:
    """The connection that a client has at present, if it has one: without one, what is asked of it has no effect."""

    def __init__(self) -> None:
        self.connection: ClientConnection | None = None

    def write_soon(self) -> None:
        """Write what there is to write, and read on for whoever waits for the answer."""
        if self.connection is not None:
            self.connection.write_soon()
            self.connection.pace(0, waiting=True)

    def pace(self, held: int, *, waiting: bool) -> None:
        """Stop reading when nobody takes the events, unless somebody waits for an answer among them."""
        if self.connection is not None:
            self.connection.pace(held, waiting=waiting)

    @property
    def link(self) -> Link | None:
        """What it goes over; None while there is no connection."""
        return None if self.connection is None else self.connection.link

    def pass_on(self, command: Traffic) -> None:
        """Send what keeps a transfer going."""
        if self.connection is not None:
            self.connection.pass_on(command)

    @property
    def takes_chunks(self) -> bool:
        """False while what is written would only wait here."""
        return self.connection is not None and self.connection.takes_chunks
