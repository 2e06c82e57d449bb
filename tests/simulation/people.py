"""Clients in virtual time: they talk, move, are cut off, and come back at any node."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from chatcore.client.session import ClientSession
from chatcore.commands import (
    BanUser,
    BecomeOperator,
    JoinRoom,
    KickUser,
    Moderation,
    MuteUser,
    SendDirect,
    SendMessage,
    SetPrivate,
    SetRole,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.dialects.base import Received
from chatcore.dialects.chat import dialect
from chatcore.events import DirectPosted, MessagePosted, Posted, SendAcknowledged, SendRefused, Welcomed
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.server.connections.connection import Connection
from tests.simulation.cluster import OPERATOR_TOKEN, ROOMS, ClusterJournal, Node
from tests.simulation.oracle import Oracle
from tests.unit.fakes import FakeClock, FakeLink

# How long a client waits to be let in, in seconds, before it tries elsewhere.
_PATIENCE: Final = 3.0


class Wire(FakeLink):
    """The link of one connection of a person to a node: slow, and it may be lost at either end without the other."""

    def __init__(self, clock: FakeClock, node: Node, person: Person, delay: Callable[[], float]) -> None:
        super().__init__(clock)
        self.node = node
        self.over = False
        """True once the person has left it."""
        self.machine = dialect.client(Limits(), boundaries=True, keepalive=False, now=clock.now)
        self._virtual = clock
        self._person = person
        self._delay = delay
        self._outbound: list[bytes] = []

    def write(self, frames: bytes) -> None:
        """Hand over frames; they come later."""
        super().write(frames)
        self._later(partial(self._person.read, self))

    def close(self, reason: CloseReason, message: str = "") -> None:
        """Close, behind everything written so far."""
        if self.closed is None:
            super().close(reason, message)
            self._later(self._end)

    def say(self) -> None:
        """Send what the person's machine has to say."""
        self._outbound += self.machine.data_to_send()
        self._later(self._arrive)

    def _arrive(self) -> None:
        outbound, self._outbound = self._outbound, []
        for payload in outbound:
            if self.node.clock.alive:
                self.sends(payload)

    def _end(self) -> None:
        self._person.lost(self)
        if self.node.clock.alive:
            self.breaks()

    def _later(self, callback: Callable[[], None]) -> None:
        self._virtual.call_at(self._virtual.now + self._delay(), callback)


class Person:
    """Somebody who says numbered things in rooms and to others, and some without a number."""

    def __init__(
        self, key: str, username: str, journal: ClusterJournal, nodes: Callable[[], list[Node]], oracle: Oracle
    ) -> None:
        self.key = key
        self.username = username
        self.wire: Wire | None = None
        self.session = ClientSession(username, f"client-of-{key}-000000", f".secret-of-{key}-0000")
        self.talks = True
        self._clock = journal.clock
        self._source = journal.source
        self._nodes = nodes
        self._oracle = oracle
        self._said = 0
        self._sends: dict[int, str] = {}
        self._unnumbered: dict[str, str] = {}
        self._ghosts: list[Wire] = []
        self._soon(1.0, self.connect)
        self._soon(2.0, self.act)

    def _soon(self, most: float, callback: Callable[[], None]) -> None:
        self._clock.call_at(self._clock.now + self._source.uniform(0.05, most), callback)

    # Connections come and go.

    def connect(self) -> None:
        """Try a node, whichever it is."""
        nodes = self._nodes()
        if not nodes:
            self._soon(1.0, self.connect)
            return
        source = self._source
        node = source.choice(nodes)
        wire = self.wire = Wire(self._clock, node, self, lambda: source.uniform(0.001, 0.03))
        connection: Connection = node.switchboard.accept(dialect, wire)
        wire.handler = connection
        self.session.connected()
        self._write()
        self._clock.call_at(self._clock.now + _PATIENCE, partial(self._lose_patience, wire))

    def _lose_patience(self, wire: Wire) -> None:
        if wire is self.wire and not self.session.logged_in:
            self.leave(wire)

    def leave(self, wire: Wire, *, silently: bool = False) -> None:
        """Give a connection up; its node notices, or not."""
        if silently:
            self._ghosts.append(wire)
        elif wire.node.clock.alive:
            self._soon(0.1, wire.breaks)
        self.lost(wire)

    def lost(self, wire: Wire) -> None:
        """Take note that a connection is gone, and come back."""
        if not wire.over:
            wire.over = True
            if wire is self.wire:
                self.wire = None
                self.session.disconnected()
                self._soon(1.0, self.connect)

    # What is said.

    def act(self) -> None:
        """Do something, and go on."""
        self._soon(1.5, self.act)
        if not self.talks or not self.session.token or self.session.token.startswith("."):
            return
        choice = self._source.random()
        if choice < 0.5:
            self._post(SendMessage(self._text("m")))
        elif choice < 0.7:
            to = self._source.choice(sorted(self._oracle.usernames - {self.username}))
            self._post(SendDirect((to,), self._text(f"d:{to}")))
        elif choice < 0.82:
            self.session.request(JoinRoom(self._source.choice(("lobby", *ROOMS))))
        elif choice < 0.94 and self.wire is not None and self.session.logged_in:
            text = self._text("u")
            self._unnumbered[f"u{self._said}"] = text
            self.wire.machine.send_command(SendMessage(text), f"u{self._said}")
        elif self.wire is not None and self.session.logged_in:
            self.leave(self.wire, silently=choice < 0.98)
        self._write()

    def _welcomed(self, *, resumed: bool) -> None:
        """Take note of a login."""

    def _text(self, kind: str) -> str:
        self._said += 1
        return f"{self.key}:{self._said}:{kind}"

    def _post(self, send: SendMessage | SendDirect) -> None:
        cid = self.session.post(send)
        self._sends[cid] = send.text
        self._oracle.sent(self.key, send.text)

    def _write(self) -> None:
        wire = self.wire
        if wire is None:
            return
        for request in self.session.requests_to_send():
            wire.machine.send_command(request.command, request.reply_to)
        wire.say()
        when = self.session.get_timer()
        if when is not None:
            self._clock.call_at(max(when, self._clock.now), self._timeout)

    def _timeout(self) -> None:
        self.session.handle_timer(self._clock.now)
        self._write()

    # What is heard.

    def read(self, wire: Wire) -> None:
        """Take what has come."""
        arrived, wire.arrived = wire.arrived, []
        for payload in arrived:
            if not wire.over:
                wire.machine.receive_data(payload)
                for received in wire.machine.events_received():
                    self._heard(received)
        if arrived and not wire.over:
            if self.session.refusal is not None:
                self.leave(wire)
            self._write()

    def _heard(self, received: Received) -> None:
        event, reply_to = received.event, received.reply_to
        if isinstance(event, MessagePosted) and reply_to in self._unnumbered:
            self._oracle.acknowledged(self.key, self._unnumbered.pop(reply_to))
        for told in self.session.received(event, reply_to, self._clock.now):
            shown = told.event
            match shown:
                case SendAcknowledged():
                    self._oracle.acknowledged(self.key, self._sends.pop(shown.cid))
                case SendRefused():
                    self._oracle.refused(self.key, self._sends.pop(shown.cid), shown.code)
                case Welcomed():
                    self._oracle.welcomed(self.key, shown.positions, resumed=shown.resumed)
                    self._welcomed(resumed=shown.resumed)
                    self._let_ghosts_speak()
                case MessagePosted() | DirectPosted():
                    assert isinstance(shown, Posted)
                    self._oracle.shown(self.key, self.username, shown)
                case _:
                    self._oracle.told(self.key, shown)

    def _let_ghosts_speak(self) -> None:
        """Let connections that the session has left for another one say something, as if they were still its own."""
        for wire in self._ghosts:
            wire.machine.send_command(SendMessage(self._text("ghost")))
            wire.say()
        self._ghosts.clear()


class Operator(Person):
    """Somebody who also looks after the rooms, with a heavy hand."""

    def _welcomed(self, *, resumed: bool) -> None:
        if not resumed:
            self.session.request(BecomeOperator(OPERATOR_TOKEN))

    def act(self) -> None:
        """Do something to somebody, or what everybody does."""
        if not self.talks or self._source.random() < 0.6:
            super().act()
            return
        self._soon(1.5, self.act)
        self.session.request(self._deed())
        self._write()

    def _deed(self) -> Moderation:
        source = self._source
        name, room = source.choice(sorted(self._oracle.usernames - {self.username})), source.choice(ROOMS)
        return source.choice(
            (
                SetTopic(f"topic {source.random()}", room),
                SetRole(name, source.choice(("owner", "moderator", "member")), room),
                KickUser(name, "", room),
                BanUser(name, 2, "", address=False, room=room),
                UnbanUser(name, room),
                MuteUser(name, 2, "", room),
                UnmuteUser(name, room),
                SetPrivate(source.random() < 0.3, room),
            )
        )
