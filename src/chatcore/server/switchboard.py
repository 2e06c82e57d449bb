"""The switchboard: drives every connection's machine, proposes what is asked for, and carries out what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any

from chatcore.chat.chat import Chat
from chatcore.chat.effects import (
    NODE_BITS,
    Close,
    Deliver,
    Effect,
    FlowBegun,
    FlowResumed,
    Joined,
    Left,
    LimitsMoved,
    LineKind,
    LogLine,
    Publish,
    RenamedInRoom,
    RoomChanged,
    RoomRemoved,
    Subscribe,
    UnreadMoved,
    Unsubscribe,
)
from chatcore.commands import HostRequest, Traffic
from chatcore.dialects.base import Dialect
from chatcore.errors import ErrorCode
from chatcore.events import MessagePosted, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.clock import Clock
from chatcore.ports.courier import Courier
from chatcore.ports.journal import Journal
from chatcore.ports.observer import Figures
from chatcore.ports.transport import Link
from chatcore.records import RULES, HostActed, NodeUp, OperatorToken, RoomsForgotten
from chatcore.server.connections.catch_up import Fetch
from chatcore.server.connections.connection import Connection, Terms
from chatcore.server.connections.fanout import Fanout
from chatcore.server.connections.outgoing import Outgoing
from chatcore.server.connections.timers import MachineTimers
from chatcore.server.connections.turns import Turns
from chatcore.server.counting import figures_of
from chatcore.server.ending import Ending
from chatcore.server.files.flow import FileFlow
from chatcore.server.files.ways import FileWays
from chatcore.server.journal.proposals import Proposals
from chatcore.server.journal_side import JournalSide
from chatcore.server.limits_in_force import LimitsInForce
from chatcore.server.operator_log import OperatorLog
from chatcore.server.reading.searching import MemorySearch, SearchLogs
from chatcore.server.requests import Requests
from chatcore.server.serving import Serving
from chatcore.server.shaper import Shaper
from chatcore.server.signing_in.neighbours import Neighbours
from chatcore.server.signing_in.terms import Secrets
from chatcore.text.names.tables import UNICODE


class Switchboard:
    """Connects links, dialects, the journal and the chat. Knows no loop and no socket: it asks its ports.

    What there is to write is gathered during a turn of the event loop and written at its end, or before if it is much.

    Args:
        chat: the chat that everybody meets in.
        journal: puts what changes the chat into one order.
        clock: time and turns.
        new_id: gives a fresh unguessable string per call.
        record: writes one line for the operator; must not wait.
        fetch: gets what is no longer in memory; None when nothing is kept elsewhere.
        search: looks for messages where they are kept; None: in memory.
        failed: called when the journal cannot go on, and everybody was told goodbye.
        keep: called after every entry of the journal, to keep what is new in the logs.
        secrets: what is asked of those who want in; nothing when left out.
        host: has the program that the server runs in do what operators ask of it; raises `Refusal`. None: nobody can.
        allowed: told when other limits hold.
        courier: carries what users of this node and others have for each other beside the journal; None without others.
    """

    def __init__(
        self,
        chat: Chat,
        journal: Journal,
        clock: Clock,
        new_id: Callable[[], str],
        record: Callable[[LineKind, Mapping[str, Any]], None],
        *,
        fetch: Fetch | None = None,
        search: SearchLogs | None = None,
        keep: Callable[[], None] | None = None,
        secrets: Secrets | None = None,
        courier: Courier | None = None,
        failed: Callable[[], None] = lambda: None,
        host: Callable[[HostRequest], tuple[str, ...]] | None = None,
        allowed: Callable[[Limits], None] = lambda limits: None,
    ) -> None:
        self.chat = chat
        self.clock = clock
        self.connections: dict[int, Connection] = {}
        """By number."""
        self._log = OperatorLog(chat.limits, clock, record)
        self._failed = failed
        self._proposals = Proposals(journal, self._end_turn)
        outgoing = self._outgoing = Outgoing(
            chat, self.connections, self._log, end_turn=self._end_turn, read_on=self._read_on_soon, fetch=fetch
        )
        self._turns = Turns(lambda: outgoing.fanout.due)
        shaper = self._shaper = Shaper(
            chat.state, clock, outgoing.publish_shaped, outgoing.fanout.seconds, outgoing.tell_number
        )
        flow = self._flow = FileFlow(
            chat,
            self.connections,
            clock,
            tell=outgoing.tell_number,
            grant=outgoing.grant,
            relay=outgoing.relay,
            propose=self._proposals.add,
            courier=courier,
        )
        secrets = secrets or Secrets()
        delays = (secrets.door.delays, secrets.delays, secrets.operator_delays)
        self._neighbours = (
            None if courier is None else Neighbours(clock, courier, chat.nodes.up, delays, otherwise=flow.take)
        )
        self._ways = FileWays(chat, self.connections, clock, new_id=new_id, flow=flow, close=outgoing.close)
        self._requests = Requests(
            chat,
            clock,
            new_id=new_id,
            log=self._log,
            proposals=self._proposals,
            flow=flow,
            ways=self._ways,
            tell=self._answer,
            hold=self._hold,
            read_on=self._read_on_soon,
            fetch=fetch,
            secrets=secrets,
            search=search or MemorySearch(chat.state, clock, self._log.note_mistake).search,
            host=host,
        )
        self._allowed = allowed
        self._limits = LimitsInForce(
            chat, self.connections, self._log, self._proposals, go_by=self._go_by, tell=outgoing.tell_news
        )
        log, ways, requests, proposals = self._log, self._ways, self._requests, self._proposals
        self._ending = Ending(
            chat, self.connections, log, proposals, requests, outgoing=outgoing, ways=ways, end_turn=self._end_turn
        )
        self._serving = Serving(
            self._turns, self._requests, self._proposals, outgoing, after=self._after, end_turn=self._end_turn
        )
        self._numbers = count(1)
        self._turn_ends = False
        self._timers = MachineTimers(clock, chat.limits.keepalive_timeout, self._ending.given_up, self._after)
        carry_out: dict[type[Effect], Callable[[Any], None]] = {
            Deliver: outgoing.deliver,
            Publish: self._publish,
            Subscribe: outgoing.subscribe,
            Unsubscribe: outgoing.unsubscribe,
            Close: outgoing.end,
            Joined: shaper.joined,
            Left: shaper.left,
            RenamedInRoom: shaper.renamed,
            RoomChanged: lambda effect: shaper.changed(effect.room),
            RoomRemoved: lambda effect: shaper.removed(effect.room),
            UnreadMoved: shaper.unread_moved,
            FlowBegun: lambda effect: flow.begun(effect.transfer),
            FlowResumed: lambda effect: flow.resumed(effect.transfer),
            LimitsMoved: lambda effect: self._limits.moved(),
            LogLine: lambda effect: self._log.note(effect.what, effect.fields, effect.source),
        }
        self.journal_side = JournalSide(
            chat,
            clock,
            new_id,
            self._log,
            proposals=self._proposals,
            requests=self._requests,
            outgoing=outgoing,
            shaper=shaper,
            carry_out=carry_out,
            keep=keep,
            stop=self._stop_for_good,
        )
        """Has what the journal says; how it goes with that."""

    @property
    def fanout(self) -> Fanout:
        """What is published, and to whom."""
        return self._outgoing.fanout

    @property
    def stopping(self) -> bool:
        """True once it has said goodbye to everyone."""
        return self._requests.stopping

    @property
    def node(self) -> int:
        """The incarnation; 0 as long as the journal has not said it."""
        return self._proposals.node

    @property
    def under_way(self) -> int:
        """How many batches were proposed and have not come back."""
        return self._proposals.under_way

    @property
    def unbegun(self) -> str | None:
        """Why the journal did not take this node in, or failed before; None when it has, or was not asked yet."""
        return self._proposals.unbegun

    async def start(
        self,
        up: Callable[[], None] = lambda: None,
        *,
        lease: float = 0.0,
        keeps_rooms: bool = False,
        rooms: tuple[str, ...] = (),
        addresses: tuple[str, ...] = (),
        lost: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take part in the chat, as its journal tells it behind what was applied already.

        Args:
            up: called when connections may be accepted, or `stopping` or `unbegun` say that they never will be.
            lease: for how long this node is taken to be there when nothing is heard of it, in seconds, because there
                are others; 0 when it is alone.
            keeps_rooms: whether a room is kept without members, as long as there is something in its log.
            rooms: names of rooms that are always there.
            addresses: where clients connect to this node, for those of the other nodes.
            lost: tells whether what is kept is less than was acknowledged, once all of it was applied.
        """

        def begun() -> None:
            if self._neighbours is not None and self.node:
                self._neighbours.begin(self.node)
            up()

        limits = self.chat.limits.model_dump(mode="json")
        record = NodeUp("", limits, lease, keeps_rooms, rooms, addresses, RULES, UNICODE)
        await self.journal_side.start(record, begun, lost)

    # Connections.

    def accept(self, dialect: Dialect, link: Link) -> Connection:
        """Take a new connection; returns the handler of its link."""
        number = (self._proposals.node << NODE_BITS) + next(self._numbers)
        connection = self.connections[number] = Connection(number, link, dialect, self)
        connection.allowance = self._requests.admission.of_connection(connection.origin, self.clock.monotonic())
        connection.share = self._turns.newcomers
        self._log.note(LineKind.CONNECT, connection.whence, connection.origin.place)
        try:
            self._after(connection)
        except Exception as mistake:
            connection.break_off(mistake)
        if not self._proposals.node:
            self.journal_side.cut_off()  # between two incarnations
        return connection

    def terms_of(self, dialect: Dialect) -> Terms:
        """Return what holds for connections of a dialect: it may have other limits, for what nobody has set."""
        return self._limits.terms_of(dialect)

    def serve(self, connection: Connection, size: int = 0) -> None:
        """Do what the user asked for, after so many bytes came."""
        self._serving.serve(connection, size)

    def move(self, connection: Connection, command: Traffic) -> None:
        """Do what a user says about a transfer."""
        self._ways.move(connection, command)

    def _hold(self, connection: Connection, until: float) -> None:
        connection.pause_reading()
        connection.held = self.clock.call_at(until, partial(self._release, connection))

    def _answer(self, connection: Connection, event: ServerEvent, reply_to: str | None) -> None:
        # What is ordered behind its goodbye was not refused: its client asks for it again, on another connection.
        if connection.number in self.connections and connection.closing is None:
            self._outgoing.tell(connection, event, reply_to)

    def _release(self, connection: Connection) -> None:
        connection.held = None
        self._read_on(connection)

    def _read_on_soon(self, connection: Connection) -> None:
        self.clock.call_soon(partial(self._read_on, connection))

    def _read_on(self, connection: Connection) -> None:
        """Do what waits, and read what comes next, once nothing is in the way of it."""
        self.serve(connection)
        if connection.is_read:
            connection.resume_reading()

    def lost(self, connection: Connection, reason: str) -> None:
        """Take note that a link is gone."""
        self._ending.lost(connection, reason)
        self._timers.forget(connection)

    def stop(self, message: str) -> None:
        """Say goodbye to every connection, each with its own moment to come back, and close it. Nobody gets in."""
        self._requests.stopping = True
        self._shaper.close()
        # This server takes a while to come back; where others are the same chat, there is nothing to wait for.
        self._outgoing.send_away(ErrorCode.SHUTTING_DOWN, message, soonest=0.0 if len(self.chat.nodes.up) > 1 else 1.0)
        self._outgoing.flush()
        self._log.close()
        self.journal_side.rest()

    def _stop_for_good(self, message: str) -> None:
        self.stop(message)
        self._failed()

    def figures(self) -> Figures:
        """Return what this node does, in numbers."""
        parts = (self.chat, self._requests, self._outgoing, self._log)
        return figures_of(*parts, connections=self.connections, bytes_before=self._ending.bytes_in)

    def propose(self, record: RoomsForgotten | HostActed | OperatorToken) -> None:
        """Propose what no user asked for."""
        self._proposals.add(record)

    def change_limits(self, limits: Limits) -> None:
        """Let other limits hold at all nodes, but for those that are `FIXED`."""
        self._limits.propose(limits)

    def _go_by(self, limits: Limits) -> None:
        self._requests.admission.change(self.clock.monotonic())
        self.journal_side.change_limits(limits)
        self._allowed(limits)

    def leave(self, left: Callable[[], None]) -> None:
        """Leave the chat, and call back when everything that was proposed has its place; sessions wait for others."""
        self._ending.end()
        self.journal_side.leave(left)

    # A machine's part.

    def _after(self, connection: Connection) -> None:
        """Pass on what a machine has to say, and look at what it wants."""
        payloads = connection.machine.data_to_send()
        if payloads:
            connection.outlet.send(payloads)
            self._end_turn()
        reason = connection.machine.close_expected()
        if reason is not None and not connection.waiting:
            if connection.under_way:
                connection.awaited = True  # its last words come once the journal has ordered what it asked for
            else:
                self._outgoing.close(connection, reason)
        if connection.number in self.connections:
            self._timers.arm(connection)
        self._outgoing.flush_much(connection)

    # Effects.

    def _publish(self, effect: Publish) -> None:
        self._outgoing.publish(effect)
        if effect.room is not None and isinstance(effect.event, MessagePosted):
            self._shaper.log_grew(effect.room)

    # The end of a turn.

    def _end_turn(self) -> None:
        if not self._turn_ends:
            self._turn_ends = True
            self.clock.call_soon(self._turn_end)

    def _turn_end(self) -> None:
        self._turn_ends = False
        self._ending.go_on()
        if self._turns:
            self._outgoing.flush()  # what came in since the last turn does not wait for what has waited
        self._outgoing.tell_owed()
        self._serving.serve_queue()
        if not self._proposals.at_once:
            self._proposals.end_turn()
        self._outgoing.flush()

    # Slow readers.

    def blocked(self, connection: Connection) -> None:
        """Take note that a link takes no more."""
        self._outgoing.blocked(connection)

    def unblocked(self, connection: Connection) -> None:
        """Take note that a link takes more again."""
        if not self._outgoing.unblocked(connection):
            self._read_on(connection)
