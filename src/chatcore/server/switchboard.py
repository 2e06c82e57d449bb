"""The switchboard: drives every connection's machine, and carries out the chat's effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any, Final

from chatcore.chat.admission import answer
from chatcore.chat.chat import Chat
from chatcore.chat.effects import Close, Deliver, Effect, Hold, Publish, Record, Relay, Subscribe, Unsubscribe, WakeAt
from chatcore.dialects.base import Dialect, Request
from chatcore.errors import ErrorCode
from chatcore.events import Posted, Refused
from chatcore.limits import Limits
from chatcore.ports.clock import Clock, Timer
from chatcore.ports.transport import CloseReason, Link
from chatcore.server.catch_up import AT_ONCE, CatchUp
from chatcore.server.chunks import Chunks
from chatcore.server.connection import Connection
from chatcore.server.fanout import FLUSH_BYTES, Fanout
from chatcore.server.operator_log import OperatorLog
from chatcore.server.turns import Turns

# How much a connection that takes no more is told all the same, of what stands in no log.
_MOST_FORCED: Final = 256 * 1024


class Switchboard:
    """Connects links, dialects and the chat. Knows no loop and no socket: it asks its ports.

    What there is to write is gathered during a turn of the event loop and written at its end, or before if it is much.

    Args:
        chat: the chat that everybody meets in.
        clock: time and turns.
        record: writes one line for the operator; must not wait.
    """

    def __init__(self, chat: Chat, clock: Clock, record: Callable[[str, Mapping[str, Any]], None]) -> None:
        self.chat = chat
        self.clock = clock
        self.fanout = Fanout()
        self.connections: dict[int, Connection] = {}
        """By number."""
        self._log = OperatorLog(chat.limits, clock, record)
        self._limits: dict[str, Limits] = {}  # by the names of dialects
        self._catch_up = CatchUp(chat, self.fanout)
        self._turns = Turns()
        self._numbers = count(1)
        self._turn_ends = False
        self._newly_blocked: list[Connection] = []
        self._closing: list[Connection] = []
        self._with_chunks: dict[Connection, None] = {}
        self._wake: Timer | None = None
        self._wake_at: float | None = None
        self._carry_out: dict[type[Effect], Callable[[Any], None]] = {
            Deliver: self._deliver,
            Relay: self._relay,
            Publish: self._publish,
            Subscribe: self._subscribe,
            Unsubscribe: self._unsubscribe,
            Close: self._close,
            Hold: self._hold,
            WakeAt: self._wake_up_at,
            Record: lambda effect: self._log.note(effect.what, effect.fields, effect.source),
        }

    # Connections.

    def accept(self, dialect: Dialect, link: Link) -> Connection:
        """Take a new connection; returns the handler of its link."""
        connection = Connection(self, next(self._numbers), link, dialect)
        self.connections[connection.number] = connection
        self._do(self.chat.connect(connection.number, connection.origin, now=self._now, at=self._at))
        self._after(connection)
        return connection

    def limits_of(self, dialect: Dialect) -> Limits:
        """Return what is allowed in a dialect: it may have other defaults, for what nobody has set."""
        limits = self._limits.get(dialect.name)
        if limits is None:
            limits = self.chat.limits.with_defaults(getattr(dialect, "default_limits", {}))
            self._limits[dialect.name] = limits
        return limits

    def serve(self, connection: Connection) -> None:
        """Do what the user asked for, as long as the reader keeps up: as much as a turn allows, the rest later."""
        if not connection.queued:
            self._end_turn()
            if not connection.has_more:
                self._turns.note_looks(connection, 0)
            while connection.has_more and self._turns.allow(connection):
                self._do_next(connection)
            self._after(connection)
            self._go_on_later(connection)

    def _do_next(self, connection: Connection) -> None:
        """Do one thing that the user asked for."""
        if not connection.waiting:
            self._turns.note_looks(connection, connection.read_piece())
            return
        before = connection.outlet.own_bytes
        long = connection.wants_long_answer
        item = connection.waiting.popleft()
        if isinstance(item, Request):
            self._handle(connection, item)
        elif connection.machine.close_expected() is None:
            self._do([answer(self.chat, connection.number, item.event, item.reply_to, self._now)])
        else:
            connection.tell(item.event, item.reply_to)  # its last words
        if connection.held is not None:
            connection.waiting.appendleft(item)
            return
        connection.waiting += connection.machine.events_received()  # the answer may be what it waited for
        self._turns.note_request(connection, connection.outlet.own_bytes - before, long=long)
        self._flush_much(connection)

    def _go_on_later(self, connection: Connection) -> None:
        """Let a connection that has had its turn wait for another one, and do not read it meanwhile."""
        if connection.has_more or self._turns.is_over_for(connection):
            connection.link.pause_reading()
            self._turns.queue(connection)
            self._end_turn()

    def _serve_queue(self) -> None:
        """Begin another turn with those who wait for it."""
        for connection in self._turns.begin():
            if connection.has_more:
                self._do_next(connection)
            self._after(connection)
            if connection.has_more:
                self._turns.queue(connection)
            elif connection.is_read:
                connection.link.resume_reading()
        if self._turns:
            self._end_turn()

    def _hold(self, effect: Hold) -> None:
        connection = self.connections[effect.connection]
        connection.link.pause_reading()
        connection.held = self.clock.call_at(effect.until, partial(self._release, connection))

    def _release(self, connection: Connection) -> None:
        connection.held = None
        self._read_on(connection)

    def _read_on(self, connection: Connection) -> None:
        """Do what waits, and read what comes next, once nothing is in the way of it."""
        self.serve(connection)
        if connection.is_read:
            connection.link.resume_reading()

    def lost(self, connection: Connection, reason: str) -> None:
        """Take note that a link is gone."""
        self.connections.pop(connection.number, None)
        self._leave(connection)
        connection.waiting.clear()
        connection.unread = b""
        connection.machine.receive_eof()
        self._last_requests(connection)
        connection.closing = CloseReason.NORMAL
        self._catch_up.forget(connection)
        self._with_chunks.pop(connection, None)
        connection.chunks = None
        for timer in (connection.timer, connection.held):
            if timer is not None:
                timer.cancel()
        self._log.lost(connection.number, connection.link.address)
        self._do(self.chat.disconnect(connection.number, reason, now=self._now, at=self._at))

    def stop(self, message: str) -> None:
        """Say goodbye to everyone and close every connection."""
        self._do(self.chat.stop(message, now=self._now, at=self._at))
        self.flush()
        self._log.close()
        if self._wake is not None:
            self._wake.cancel()

    def _handle(self, connection: Connection, request: Request) -> None:
        try:
            effects = self.chat.handle(
                connection.number, request.command, now=self._now, at=self._at, reply_to=request.reply_to
            )
        except Exception as error:
            self._log.note("internal_error", {"error": error})
            refusal = Refused(ErrorCode.INTERNAL, "the server made a mistake; it was written to its log")
            connection.machine.send_event(refusal, request.reply_to)
            return
        self._do(effects)

    def _last_requests(self, connection: Connection) -> None:
        """Do what a machine asks for at the end by itself: one that cannot resume logs its user out."""
        for item in connection.machine.events_received():
            if isinstance(item, Request):
                self._handle(connection, item)

    def _after(self, connection: Connection) -> None:
        """Pass on what a machine has to say, and look at what it wants."""
        payloads = connection.machine.data_to_send()
        if payloads:
            connection.outlet.send(payloads)
            self._end_turn()
        reason = connection.machine.close_expected()
        if reason is not None and not connection.waiting:
            self._close(Close(connection.number, reason))
        self._arm(connection)
        self._flush_much(connection)

    def _flush_much(self, connection: Connection) -> None:
        if self.fanout.waiting_bytes > FLUSH_BYTES or connection.outlet.own_bytes > FLUSH_BYTES:
            self.flush()

    def _arm(self, connection: Connection) -> None:
        when = connection.machine.get_timer()
        if when is None or connection.number not in self.connections:
            return
        if connection.timer_at is None or when < connection.timer_at:
            if connection.timer is not None:
                connection.timer.cancel()
            self._arm_at(connection, when)

    def _arm_at(self, connection: Connection, when: float) -> None:
        connection.timer_at = when
        connection.timer = self.clock.call_at(when, partial(self._machine_timer, connection))

    def _machine_timer(self, connection: Connection) -> None:
        connection.timer_at = connection.timer = None
        machine = connection.machine
        unread = connection.link.checks_liveness and (connection.blocked or connection.behind is not None)
        if unread or connection.held is not None:
            # It is not read at present, so its silence says nothing. Whether it is there is for the link to tell.
            self._arm_at(connection, self._now + self.chat.limits.keepalive_timeout)
            return
        waited = machine.close_expected() is None
        machine.handle_timer(self._now)
        reason = machine.close_expected()
        if waited and reason is not None:
            self._record_timeout(connection)
            self._close(Close(connection.number, reason))  # given up: what waits for this reader waits in vain
            self._last_requests(connection)
        self._after(connection)

    def _record_timeout(self, connection: Connection) -> None:
        session = self.chat.connections.get(connection.number)
        name = "" if session is None else session.name
        why = ErrorCode.UNRESPONSIVE if name else ErrorCode.LOGIN_TIMEOUT
        origin = connection.origin
        self._log.note(
            "timed_out", {"user": name, "reason": why.value, "address": origin.address, "dialect": origin.dialect}
        )

    # Effects.

    @property
    def _now(self) -> float:
        return self.clock.monotonic()

    @property
    def _at(self) -> float:
        return self.clock.time()

    def _do(self, effects: list[Effect]) -> None:
        carry_out = self._carry_out
        for effect in effects:
            carry_out[type(effect)](effect)

    def _deliver(self, effect: Deliver) -> None:
        connection = self.connections.get(effect.connection)
        if connection is None:
            return
        if connection.behind is None or isinstance(effect.event, AT_ONCE):
            before = connection.outlet.own_bytes
            connection.tell(effect.event, effect.reply_to)
            self._end_turn()
            if connection.blocked:
                connection.forced += connection.outlet.own_bytes - before
                if connection.forced > _MOST_FORCED:
                    self._log.note("too_slow", {"address": connection.link.address})
                    self._close(Close(connection.number, CloseReason.POLICY))

    def _relay(self, effect: Relay) -> None:
        connection = self.connections.get(effect.connection)
        if connection is None or connection.closing is not None:
            return
        if connection.chunks is None:
            limits = self.chat.limits
            # One more, for a transfer that has just ended while its last chunks still wait.
            connection.chunks = Chunks(connection.link, (limits.file_transfers + 1) * limits.file_window_bytes)
        connection.machine.send_event(effect.event)
        frames = b"".join(map(connection.link.frame, connection.machine.data_to_send()))
        if connection.chunks.add(frames):
            self._with_chunks[connection] = None
            self._end_turn()
        else:
            self._log.note("too_slow", {"address": connection.link.address})
            self._close(Close(connection.number, CloseReason.POLICY))

    def _publish(self, effect: Publish) -> None:
        skip = None if effect.skip is None else self.connections.get(effect.skip)
        self.fanout.publish(effect.room, effect.event, None if skip is None else skip.outlet)
        if not isinstance(effect.event, Posted):
            self._catch_up.changes += 1
        self._end_turn()

    def _subscribe(self, effect: Subscribe) -> None:
        connection = self.connections.get(effect.connection)
        if connection is None:
            return
        self._leave(connection)
        connection.room = effect.room
        if effect.after is None:
            self.fanout.join(connection.outlet, effect.room)
        else:
            heads = self.chat.heads(connection.number)
            connection.link.pause_reading()
            self._catch_up.fall_behind(connection, heads | dict(effect.after), replay=heads)
        self._end_turn()

    def _unsubscribe(self, effect: Unsubscribe) -> None:
        connection = self.connections.get(effect.connection)
        if connection is not None:
            self._leave(connection)
            self._catch_up.forget(connection)

    def _leave(self, connection: Connection) -> None:
        if connection.room is not None:
            self.fanout.leave(connection.outlet, connection.room)
            connection.room = None

    def _close(self, effect: Close) -> None:
        connection = self.connections.get(effect.connection)
        if connection is not None and connection.closing is None:
            # A machine that wants the end itself knows better why, once everything before it is done.
            own = None if connection.waiting else connection.machine.close_expected()
            connection.closing = own or effect.reason
            connection.waiting.clear()
            connection.unread = b""
            self._closing.append(connection)
            self._end_turn()

    def _wake_up_at(self, effect: WakeAt) -> None:
        if self._wake is not None and self._wake_at is not None:
            if self._wake_at <= effect.when:
                return
            self._wake.cancel()
        self._wake_at = effect.when
        self._wake = self.clock.call_at(effect.when, self._woken)

    def _woken(self) -> None:
        self._wake = self._wake_at = None
        self._do(self.chat.handle_timer(now=self._now, at=self._at))

    # The end of a turn.

    def _end_turn(self) -> None:
        if not self._turn_ends:
            self._turn_ends = True
            self.clock.call_soon(self._turn_end)

    def _turn_end(self) -> None:
        self._turn_ends = False
        self.flush()
        self._serve_queue()

    def flush(self) -> None:
        """Write everything that this turn has gathered, then help those who are behind."""
        self.fanout.flush()
        for connection in self._closing:
            if connection.closing is not None:
                connection.link.close(connection.closing)
        self._closing.clear()
        self._write_chunks()
        self._note_blocked()
        self._refill()

    def _write_chunks(self) -> None:
        for connection in list(self._with_chunks):
            if connection.blocked or connection.behind is not None:
                continue  # the chat goes first; it comes back when it reads, or has caught up
            if connection.chunks is not None and connection.chunks.write_one():
                self._end_turn()
            else:
                del self._with_chunks[connection]

    # Slow readers. Whoever does not read is not read: its requests would only make more to write.

    def blocked(self, connection: Connection) -> None:
        """Take note that a link takes no more. What this turn has for it is still written."""
        self._newly_blocked.append(connection)
        self._end_turn()

    def unblocked(self, connection: Connection) -> None:
        """Take note that a link takes more again."""
        if connection.behind is not None:
            self._catch_up.due[connection] = None
            self._end_turn()
        else:
            self._read_on(connection)

    def _note_blocked(self) -> None:
        for connection in self._newly_blocked:
            if connection.blocked and connection.number in self.connections:
                connection.link.pause_reading()
                if connection.room is not None and connection.behind is None:
                    # Everything published so far was written just now, so the heads are what it has got.
                    self._catch_up.fall_behind(connection, self.chat.heads(connection.number), replay={})
        self._newly_blocked.clear()

    def _refill(self) -> None:
        live = self._catch_up.refill()
        if live or self._catch_up.due:
            self._end_turn()
        for connection in live:
            if not connection.blocked:
                self.clock.call_soon(partial(self._read_on, connection))
