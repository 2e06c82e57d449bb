"""Timers: for machines, and one for what the chat has to do by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from chatcore.ports.clock import Clock, Timer
from chatcore.ports.transport import CloseReason
from chatcore.server.connections.connection import Connection

_SHORTEST: Final = 0.001
"""How long to wait at least for what is not due yet, in seconds."""


class MachineTimers:
    """Calls machines when they want to be called. Those that want it at the same time share a timer.

    Args:
        clock: what time it is.
        patience: how long a machine waits anew whose peer is not read at present, in seconds.
        given_up: told of a connection that its machine gives up, and why.
        after: told of a connection whose machine was called.
    """

    def __init__(
        self,
        clock: Clock,
        patience: float,
        given_up: Callable[[Connection, CloseReason], None],
        after: Callable[[Connection], None],
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._given_up = given_up
        self._after = after
        self._due: dict[float, tuple[Timer, dict[Connection, None]]] = {}
        """Who is to be called, by the time."""

    def arm(self, connection: Connection) -> None:
        """Call a connection's machine when it wants that, not later than it was said before."""
        when = connection.machine.get_timer()
        if when is None:
            self.forget(connection)
        elif connection.timer_at is None or when < connection.timer_at:
            self.forget(connection)
            self._arm_at(connection, when)

    def forget(self, connection: Connection) -> None:
        """Do not call a connection's machine."""
        when, connection.timer_at = connection.timer_at, None
        found = None if when is None else self._due.get(when)
        if when is None or found is None:  # or it is among those who are called just now
            return
        timer, waiting = found
        waiting.pop(connection, None)
        if not waiting:
            del self._due[when]
            timer.cancel()

    def _arm_at(self, connection: Connection, when: float) -> None:
        connection.timer_at = when
        if when not in self._due:
            self._due[when] = (self._clock.call_at(when, partial(self._ring, when)), {})
        self._due[when][1][connection] = None

    def _ring(self, when: float) -> None:
        _timer, waiting = self._due.pop(when)
        while waiting:
            connection = next(iter(waiting))
            del waiting[connection]
            if connection.timer_at == when:
                connection.timer_at = None
                try:
                    self._call(connection)
                except Exception as mistake:
                    connection.break_off(mistake)

    def _call(self, connection: Connection) -> None:
        machine, now = connection.machine, self._clock.monotonic()
        unread = connection.link.checks_liveness and (connection.blocked or connection.behind is not None)
        if unread or connection.held is not None:
            # It is not read at present, so its silence says nothing. Whether it is there is for the link to tell.
            self._arm_at(connection, now + self._patience)
            return
        waited = machine.close_expected() is None
        machine.handle_timer(now)
        reason = machine.close_expected()
        if waited and reason is not None:
            self._given_up(connection, reason)
        self._after(connection)


class Alarm:
    """Calls once at the time that was set last.

    Args:
        clock: what time it is.
        call: what to call.
    """

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock = clock
        self._call = call
        self.due: float | None = None
        """When, by whatever clock it was set."""
        self._timer: Timer | None = None

    def set(self, due: float | None, now: float) -> None:
        """Call at `due`, by a clock that says `now`; None for never."""
        self.cancel()
        self.due = due
        if due is not None:
            # Clocks round differently: it may have been called just before, and a shorter while may be none to a clock.
            delay = max(_SHORTEST, due - now) if due > now else 0.0
            self._timer = self._clock.call_at(self._clock.monotonic() + delay, self._ring)

    def cancel(self) -> None:
        """Call no more, until it is set again."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.due = None

    def _ring(self) -> None:
        self._timer = self.due = None
        self._call()
