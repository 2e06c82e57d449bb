"""What goes out: gathered during a turn, written at its end; and whoever does not read it, served from the logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, get_args

from chatcore.chat.chat import Chat
from chatcore.chat.effects import Close, Deliver, LineKind, Publish, Subscribe, Unsubscribe
from chatcore.errors import ErrorCode
from chatcore.events import ChunkReceived, CreditGranted, Dismissed, FileNews, LimitsChanged, Posted, ServerEvent
from chatcore.ports.transport import CloseReason
from chatcore.server.connections.catch_up import AT_ONCE, CatchUp, Fetch
from chatcore.server.connections.chunks import Chunks
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.fanout import FLUSH_BYTES, Fanout, Outlet
from chatcore.server.operator_log import OperatorLog

# How much a connection that takes no more is told all the same, of what stands in no log.
_MOST_FORCED: Final = 256 * 1024
# What may be told in a later turn, because it stands in no log: many may be told of it, each in words of their own. So
# many are told in one turn, a millisecond; and so much may wait.
_NEWS: Final = (LimitsChanged, *get_args(FileNews))
_MOST_NEWS: Final = 100
_MOST_OWED: Final = 20_000
# Who is sent away is sent back one after the other, this many a second.
_COME_BACK_PER_SECOND: Final = 500


class Outgoing:
    """Everything on its way to connections.

    Args:
        chat: where the logs are.
        connections: those that there are, by number.
        log: takes lines for the operator.
        end_turn: asks for a `flush` at the end of the turn.
        fetch: gets what is no longer in memory.
        read_on: told of a connection that has caught up, so that it may be read again.
    """

    def __init__(
        self,
        chat: Chat,
        connections: Mapping[int, Connection],
        log: OperatorLog,
        *,
        end_turn: Callable[[], None],
        read_on: Callable[[Connection], None],
        fetch: Fetch | None,
    ) -> None:
        self.fanout = Fanout(log.note_mistake, self._break_off)
        self.flushing = False
        """True while links are written to."""
        self.told = 0
        """How often somebody was told something in words of its own."""
        self.done = 0
        """How much else was done of what follows from requests, in steps."""
        self.alike = 0
        """How often somebody was told of a message of his own as all others were."""
        self.file_bytes = 0
        """How many bytes of files, with their frames, went out."""
        self._chat = chat
        self._connections = connections
        self._log = log
        self._end_turn = end_turn
        self._read_on = read_on
        self._catch_up = CatchUp(chat, self.fanout, fetch, end_turn, log.note_mistake)
        self._newly_blocked: list[Connection] = []
        self._closing: list[Connection] = []
        self._broken: dict[Outlet, Exception] = {}
        """Those whose links or dialects have made a mistake in this turn: the first of each."""
        self._with_chunks: dict[Connection, None] = {}
        self._owed: dict[Connection, list[ServerEvent]] = {}
        """News that wait for another turn; who has waited the longest is the first."""
        self._owing = 0
        """How many that are."""
        self._news_left = _MOST_NEWS

    # What is said to one.

    def deliver(self, effect: Deliver) -> None:
        """Tell a connection, if it is one of this node."""
        connection = self._connections.get(effect.connection)
        if connection is None:
            return
        if isinstance(effect.event, _NEWS):
            self.tell_news(connection, effect.event)
        else:
            self._tell_unasked(connection, effect.event)

    def tell_news(self, connection: Connection, event: ServerEvent) -> None:
        """Tell a connection what many may be told: now, or in a later turn, before anything else that it is told."""
        if self._news_left <= 0 and self._owing < _MOST_OWED:
            self._owed.setdefault(connection, []).append(event)
            self._owing += 1
            self._end_turn()
        else:
            self._news_left -= 1
            self._tell_unasked(connection, event)

    def tell_owed(self) -> None:
        """Begin another turn with news that wait for it."""
        self._news_left = _MOST_NEWS
        while self._owed and self._news_left > 0:
            self._tell_owed_to(next(iter(self._owed)))
        if self._owed:
            self._end_turn()

    def _tell_owed_to(self, connection: Connection) -> None:
        news = self._owed.pop(connection)
        self._owing -= len(news)
        self._news_left -= len(news)
        for event in news if connection.closing is None else ():
            self._tell_unasked(connection, event)

    def tell_number(self, number: int, event: ServerEvent) -> None:
        """Tell the connection of that number something, if it is there."""
        connection = self._connections.get(number)
        if connection is not None:
            self._tell_unasked(connection, event)

    def _tell_unasked(self, connection: Connection, event: ServerEvent) -> None:
        """Tell one connection what is no answer: what its dialect has no words for is left out."""
        try:
            self.tell(connection, event)
        except Exception as mistake:
            self._log.note_mistake(mistake, connection.whence)

    def tell(self, connection: Connection, event: ServerEvent, reply_to: str | None = None) -> None:
        """Tell one connection something; a reader that is behind only what is in no log. Raises as its dialect."""
        if self._owed and connection in self._owed:
            self._tell_owed_to(connection)
        if connection.behind is None or isinstance(event, AT_ONCE) or (reply_to and not isinstance(event, Posted)):
            before = connection.outlet.own_bytes
            self.told += 1
            connection.tell(event, reply_to)
            self._end_turn()
            if connection.blocked:
                connection.forced += connection.outlet.own_bytes - before
                if connection.forced > _MOST_FORCED:
                    self._give_up(connection)

    def grant(self, number: int, event: CreditGranted) -> None:
        """Tell the user of the connection of that number how far a file may go, by the way that its chunks go."""
        connection = self._carrier(number)
        if connection is None:
            return
        if not connection.is_second:
            self._tell_unasked(connection, event)
            return
        try:
            connection.link.write(_frames(connection, event))
        except Exception as mistake:
            connection.break_off(mistake)

    def _carrier(self, number: int) -> Connection | None:
        """Return the connection that files of the user go by who has the connection of that number."""
        connection = self._connections.get(number)
        if connection is not None and connection.way is not None:
            connection = connection.way.carrier
        return None if connection is None or connection.closing is not None else connection

    def relay(self, number: int, event: ChunkReceived) -> None:
        """Send a chunk to the user of the connection of that number, behind what the chat has to say there."""
        connection = self._carrier(number)
        if connection is not None:
            try:
                self._relay(connection, event)
            except Exception as mistake:  # it is not the sender's
                connection.break_off(mistake)

    def _relay(self, connection: Connection, event: ChunkReceived) -> None:
        limits, chunks = self._chat.limits, connection.chunks
        if chunks is None:
            chunks = connection.chunks = Chunks(connection.link)
        frames = _frames(connection, event)
        self.file_bytes += len(frames)
        # One more, for a transfer that has just ended while its last chunks still wait.
        if not chunks.add(frames, (limits.file_transfers + 1) * limits.file_window_bytes):
            self._give_up(connection)
        elif connection.is_second and not connection.blocked and connection not in self._with_chunks:
            chunks.write_one()  # nothing else goes there that should go first
        else:
            self._with_chunks[connection] = None
            self._end_turn()

    def _give_up(self, connection: Connection) -> None:
        self._log.note(LineKind.TOO_SLOW, {"address": connection.origin.address})
        self.close(connection, CloseReason.POLICY)

    # What is said to many.

    def publish(self, effect: Publish) -> None:
        """Gather an event for everybody in a room, or everywhere."""
        room, event, number = effect
        skip = None if number is None else self._connections.get(number)
        self.fanout.publish(room, event, None if skip is None else skip.outlet)
        if not isinstance(event, Posted):
            self._catch_up.changes += 1
        self._end_turn()

    def publish_shaped(self, room: str | None, event: ServerEvent) -> None:
        """Gather an event that stands in no log."""
        self.fanout.publish(room, event, None)
        self._catch_up.changes += 1
        self._end_turn()

    def subscribe(self, effect: Subscribe) -> None:
        """Let a connection get what is published in a room, after what it has missed."""
        connection = self._connections.get(effect.connection)
        # A later record of the same entry may have taken it from its user again.
        if connection is None or self._chat.session(connection.number) is None:
            return
        self.leave(connection)
        connection.room = effect.room
        if connection.behind is not None:
            self._catch_up.move(connection, effect)
        elif effect.is_behind:
            connection.pause_reading()
            known = {**effect.heads, **effect.missed}
            self._catch_up.fall_behind(connection, known, replay=effect.heads, changes=effect.changes)
        else:
            self.fanout.join(connection.outlet, effect.room)
        self._end_turn()

    def unsubscribe(self, effect: Unsubscribe) -> None:
        """Let a connection get nothing more that is published."""
        connection = self._connections.get(effect.connection)
        if connection is not None:
            self.leave(connection)
            self._catch_up.forget(connection)

    def leave(self, connection: Connection) -> None:
        """Take a connection out of its room, with all that was published there so far."""
        if connection.room is not None:
            self.fanout.leave(connection.outlet, connection.room)
            connection.room = None

    def forget(self, connection: Connection) -> None:
        """Owe a connection nothing more: it is gone."""
        self.leave(connection)
        self._catch_up.forget(connection)
        self._with_chunks.pop(connection, None)
        connection.chunks = None
        self._owing -= len(self._owed.pop(connection, ()))

    # The end of a connection.

    def end(self, effect: Close) -> None:
        """Close a connection, if it is one of this node."""
        connection = self._connections.get(effect.connection)
        if connection is not None:
            self.close(connection, effect.reason)

    def close(self, connection: Connection, reason: CloseReason) -> None:
        """Close a connection, once what it was told so far is on its way."""
        if connection.closing is None:
            # A machine that wants the end itself knows better why, once everything before it is done.
            connection.closing = (None if connection.waiting else connection.own_end) or reason
            connection.waiting.clear()
            connection.unread = b""
            self._closing.append(connection)
            self._end_turn()

    def send_away(self, code: ErrorCode, message: str, *, soonest: float = 1.0) -> None:
        """Say goodbye to every connection, each with its own moment to come back, and close it.

        `soonest` is the first of these moments, in seconds from now.
        """
        for turn, connection in enumerate(list(self._connections.values())):
            if connection.closing is None:
                self.forget(connection)
                bye = Dismissed(code, message, soonest + round(turn / _COME_BACK_PER_SECOND, 1))
                try:
                    connection.tell(bye)
                except Exception as mistake:
                    self._log.note_mistake(mistake, connection.whence)
                self.close(connection, CloseReason.GOING_AWAY)

    # The end of a turn.

    def flush_much(self, connection: Connection) -> None:
        """Write what was gathered if it is much: a turn may be long."""
        if self.fanout.waiting_bytes > FLUSH_BYTES or connection.outlet.own_bytes > FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write everything that this turn has gathered, then help those who are behind."""
        self.flushing = True
        try:
            self.fanout.flush()
            for connection in self._closing:
                if connection.closing is not None:
                    connection.close(connection.closing)
            self._closing.clear()
            self._write_chunks()
            self._note_blocked()
            self._refill()
        finally:
            self.flushing = False

    def _write_chunks(self) -> None:
        for connection in list(self._with_chunks):
            if connection.blocked or connection.behind is not None:
                continue  # the chat goes first; it comes back when it reads, or has caught up
            try:
                has_more = connection.chunks is not None and connection.chunks.write_one()
            except Exception as mistake:
                connection.break_off(mistake)
                has_more = False
            if has_more:
                self._end_turn()
            else:
                del self._with_chunks[connection]

    # Mistakes of links and dialects.

    def _break_off(self, outlet: Outlet, mistake: Exception) -> None:
        self._broken.setdefault(outlet, mistake)
        self._end_turn()

    def take_broken(self) -> list[tuple[Connection, Exception]]:
        """Return the connections that a mistake is the end of, and the mistake, once each."""
        if not self._broken:
            return []
        broken, self._broken = self._broken, {}
        found = [connection for connection in self._connections.values() if connection.outlet in broken]
        return [(connection, broken[connection.outlet]) for connection in found]

    # Slow readers. Whoever does not read is not read: its requests would only make more to write.

    def blocked(self, connection: Connection) -> None:
        """Take note that a link takes no more. What this turn has for it is still written."""
        self._newly_blocked.append(connection)
        self._end_turn()

    def unblocked(self, connection: Connection) -> bool:
        """Take note that a link takes more again; returns whether the reader is behind, and has to catch up first."""
        if connection.behind is None:
            return False
        self._catch_up.due[connection] = None
        self._end_turn()
        return True

    def _note_blocked(self) -> None:
        for connection in self._newly_blocked:
            if connection.blocked and connection.number in self._connections:
                connection.pause_reading()
                if connection.room is not None and connection.behind is None:
                    # Everything published so far was written just now, so the heads are what it has got.
                    heads, changes = self._chat.heads(connection.number), self._chat.log.changes(connection.room)
                    self._catch_up.fall_behind(connection, heads, replay={}, changes=changes)
        self._newly_blocked.clear()

    def _refill(self) -> None:
        live = self._catch_up.refill()
        if live or self._catch_up.due:
            self._end_turn()
        for connection in live:
            if not connection.blocked:
                self._read_on(connection)


def _frames(connection: Connection, event: ServerEvent) -> bytes:
    """Return the bytes that tell a connection something that is no part of the chat."""
    connection.machine.send_event(event)
    return b"".join(map(connection.link.frame, connection.machine.data_to_send()))
