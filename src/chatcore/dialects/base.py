"""What a dialect is: the verbs that every machine has, and what a package offers as an entry point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chatcore.commands import Command
from chatcore.events import ClientEvent, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason


@dataclass(frozen=True, slots=True)
class Request:
    """A command from a user, and the `id` that its answer carries."""

    command: Command
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the machine itself has to say to a peer's frame, in its turn among the answers to requests."""

    event: ServerEvent
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An event from the server, and the `id` of the request that it answers."""

    event: ClientEvent
    reply_to: str | None = None


class Machine(Protocol):
    """One side of one connection. No verb raises for what a peer sends; none does I/O.

    After every call of `receive_data`, `receive_eof` or `handle_timer`, take `events_received`, then write
    `data_to_send`, then look at `close_expected`, then at `get_timer`.
    """

    def receive_data(self, data: bytes) -> None:
        """Take a payload, or on a stream the next bytes, cut anywhere."""
        ...

    def receive_eof(self) -> None:
        """Take note that nothing more will come. Idempotent."""
        ...

    def data_to_send(self) -> list[bytes]:
        """Return the payloads to send, once each, in order."""
        ...

    def close_expected(self) -> CloseReason | None:
        """Return why the connection is to be closed now, None to keep it."""
        ...

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`, in seconds of the monotonic clock."""
        ...

    def handle_timer(self, now: float) -> None:
        """Do what is due. Calling it early does no harm."""
        ...


class CarriesFiles(Protocol):
    """What a machine has besides, when its dialect says `carries_files`.

    Then a `SendChunk` or `ChunkReceived` that it is given is the only thing that the next `data_to_send` returns, and
    may go onto the second stream of a link that has one.
    """

    def receive_aside(self, data: bytes) -> None:
        """Take the next bytes of the second stream, cut anywhere."""
        ...


class ServerMachine(Machine, Protocol):
    """The server's side of one connection."""

    def events_received(self) -> list[Request | Answer]:
        """Return what the user asked for, once each, and what to `send_event` in between."""
        ...

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Put an event for this connection alone into `data_to_send`."""
        ...


class ClientMachine(Machine, Protocol):
    """The client's side of one connection."""

    def events_received(self) -> list[Received]:
        """Return what the server said, once each."""
        ...

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Put a command into `data_to_send`."""
        ...


class Dialect(Protocol):
    """What a package offers under the entry point group `chatcore.dialects`.

    One that has frames for files says so by `carries_files = True`; then its machines are `CarriesFiles` too. One that
    nobody can log in to says so by `has_login = False`; then no client connects with it. One whose users have other
    customs gives `default_limits`, by the names of `Limits`, for what the host has not set:
    `default_limits = {"login_timeout": 300.0}`. Of them count the times, and how long a username may be. One
    whose clients cannot wait says `paced = True`: what they ask for too often waits at the server, instead of being
    refused.
    """

    name: str
    """What people choose it by; two dialects of one name are taken for the same."""

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ServerMachine:
        """Return the server's side of a new connection.

        Args:
            limits: what is allowed.
            boundaries: True when each `receive_data` is one whole message, False on a stream of bytes.
            keepalive: True when the dialect has to notice a dead peer, because the transport does not.
            now: seconds of the monotonic clock.
        """
        ...

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ClientMachine:
        """Return the client's side of a new connection. Arguments as for `server`."""
        ...

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Return the payload that tells an event to everyone alike; None when this dialect leaves it out."""
        ...
