"""What a dialect is: the verbs that every machine has, and what a package offers as an entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, Protocol, runtime_checkable

from chatcore.commands import Command
from chatcore.events import ClientEvent, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason


class Request(NamedTuple):
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
        """End: nothing more will come. Idempotent.

        A client's machine refuses here, as `connection_lost`, a send that it has passed on and that has no answer, if
        its server would pass on a second one too: what is neither refused nor acknowledged is asked for again on the
        next connection.
        """
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


@runtime_checkable
class TakesTail(Protocol):
    """A machine for which the end of a stream ends a line too, as for most programs that read lines."""

    def receive_tail(self) -> None:
        """Take what came behind the last end of a line: the peer has said its last word. Idempotent."""
        ...


@runtime_checkable
class AsksForLife(Protocol):
    """A machine that gives up a silent peer, where its dialect has words to ask it for a sign of life.

    A client's machine then wants its connection closed behind a `handle_timer`, without an event.
    """

    def excuse(self) -> None:
        """Forgive the silence so far: it was our own doing, or the peer had too much to take to answer."""
        ...


class CarriesFiles(Protocol):
    """What a machine has besides, when its dialect says `carries_files`.

    Then a `SendChunk` or `ChunkReceived` that it is given is the only thing that the next `data_to_send` returns, and
    may go onto the second stream of a link that has one.
    """

    @property
    def chunk_left(self) -> int:
        """How many bytes of a chunk come next on a stream: there is no work in them but for the last one."""
        ...

    def receive_second_stream(self, data: bytes) -> None:
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

    What it may declare besides are the fields of `Customs`, as attributes of the same names.
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


@dataclass(frozen=True, slots=True)
class Customs:
    """What a dialect may declare by attributes of these names. One that declares nothing is as the defaults are.

    Attributes:
        carries_files: it has frames for files; then its machines are `CarriesFiles` too.
        one_copy: whoever says something without a number or an `id` is told of it in the payload that all others get.
        has_login: False when nobody can log in to it; then no client connects with it.
        plain_names: whoever chooses a name in it has the letters a to z only; others' names come to it as they are.
        paced: its clients cannot wait: what they ask for too often waits at the server, instead of being refused.
        default_limits: by the names of `Limits`, for what the host has not set, where users have other customs:
            `{"login_timeout": 300.0}`. Of them count the times, and how long a username may be.
    """

    carries_files: bool = False
    has_login: bool = True
    one_copy: bool = False
    paced: bool = False
    plain_names: bool = False
    default_limits: Mapping[str, Any] = field(default_factory=dict)


def customs_of(dialect: Dialect) -> Customs:
    """Return what a dialect declares."""
    names = [each.name for each in fields(Customs)]
    return Customs(**{name: getattr(dialect, name) for name in names if hasattr(dialect, name)})
