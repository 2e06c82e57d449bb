"""A chat server on a network in memory with its guests, a cable to pull, and a server that says what a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, Self

from chatcore import Client, ConnectionClosed, Limits, connect
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.errors import ConnectionFailed
from chatcore.events import ClientEvent, Posted
from chatcore.ports.passwords import PasswordHasher
from chatcore.ports.transport import Accept, CloseReason, ConnectOptions, Link, Listener, ListenOptions, Lost
from chatcore.testing import MemoryNetwork, run
from tests.stores import ChatServer

Frame = dict[str, Any]
_PATIENCE = 3600.0  # of virtual time
_Arguments = ParamSpec("_Arguments")


def in_virtual_time(test: Callable[_Arguments, Awaitable[None]]) -> Callable[_Arguments, None]:
    """Let a test run in virtual time."""

    @wraps(test)
    def running(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        async def main() -> None:
            async with asyncio.timeout(_PATIENCE):
                await test(*args, **kwargs)

        run(main())

    return running


class House:
    """A server and its guests."""

    def __init__(
        self,
        network: MemoryNetwork | None = None,
        *,
        port: int = 0,
        store: str | None = None,
        operator_token: str | None = None,
        passwords: PasswordHasher | None = None,
        **limits: Any,
    ) -> None:
        self.network = network or MemoryNetwork()
        self.limits = Limits(**{"requests_per_second": 0, **limits})
        kept = {} if store is None else {"store": store}
        self.server = ChatServer(
            transport=self.network,
            port=port,
            limits=self.limits,
            operator_token=operator_token,
            passwords=passwords,
            **kept,
        )
        self._guests = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._guests.aclose()
        finally:
            await self.server.stop()

    @property
    def url(self) -> str:
        """Where the server listens."""
        return self.server.urls[0]

    async def guest(self, username: str, **options: Any) -> Client:
        """Return a client that is logged in, until the house is closed."""
        options.setdefault("transport", self.network)
        return await self._guests.enter_async_context(connect(self.url, username=username, **options))

    async def guests(self, *usernames: str) -> list[Client]:
        """Return clients that are logged in."""
        return [await self.guest(username) for username in usernames]

    def cut(self) -> None:
        """Cut every connection."""
        for link in list(self.network.links):
            if link.open:
                self.network.cut(link)


class Cable:
    """A transport over a network that one client has for itself and that can be pulled out."""

    def __init__(self, network: MemoryNetwork) -> None:
        self.name = network.name
        self.schemes = network.schemes
        self.network = network
        self.links: list[Link] = []
        self.failure: ConnectionFailed | None = None
        """What every try fails with, while the cable is out."""

    async def listen(self, options: ListenOptions, accept: Accept) -> Listener:
        """Listen."""
        return await self.network.listen(options, accept)

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect, unless the cable is out."""
        if self.failure is not None:
            raise self.failure
        link = await self.network.connect(url, options, accept)
        self.links.append(link)
        return link

    def pull(self, failure: ConnectionFailed | None = None) -> None:
        """Pull it out, or put it into another server."""
        self.failure = failure or ConnectionFailed("the cable is out")
        for link in self.links:
            link.abort()

    def plug(self) -> None:
        """Plug it in again."""
        self.failure = None


class StumblingServer(ChatServer):
    """A server whose log makes a mistake when a test wants one."""

    log: StumblingLog

    def _make_log(self, *, archived: bool) -> MemoryLog:
        self.log = StumblingLog(self.limits, archived=archived)
        return self.log


class StumblingLog(MemoryLog):
    """A log that makes a mistake once."""

    stumbles = False

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Append, unless it is time to stumble."""
        if self.stumbles:
            self.stumbles = False
            raise OSError("the disk is full")
        super().append(key, entry, digest)


class Puppet:
    """A server whose answers a test writes. Each connection of it is a `LinkHandler`.

    Args:
        answer: gets a frame and the connection, and says there what it wants to.
    """

    def __init__(self, answer: Callable[[Frame, Connection], None]) -> None:
        self.answer = answer
        self.connections: list[Connection] = []
        self.network = MemoryNetwork()
        self.url = ""

    async def __aenter__(self) -> Self:
        self.listener = await self.network.listen(ListenOptions(port=0), self._accept)
        self.url = self.listener.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for connection in self.connections:
            connection.link.abort()
        await self.listener.wait_closed()

    def _accept(self, link: Link) -> Connection:
        self.connections.append(Connection(self, link))
        return self.connections[-1]


class Connection:
    """One connection of a puppet."""

    def __init__(self, puppet: Puppet, link: Link) -> None:
        self.link = link
        self.heard: list[Frame] = []
        self._puppet = puppet

    def say(self, kind: str, **fields: Any) -> None:
        """Send a frame."""
        self.say_bytes(json.dumps({"type": kind, **fields}).encode())

    def say_bytes(self, payload: bytes) -> None:
        """Send anything."""
        self.link.write(self.link.frame(payload))

    def welcome(self, **fields: Any) -> None:
        """Welcome alice."""
        place = {"epoch": "e", "seq": 0}
        plain = {
            "username": "alice",
            "room": "lobby",
            "session": {"token": "secret"},
            "client": "client",
            "position": place,
            "positions": {"lobby": place, "@": place, "*": place},
            "rooms": [],
            "users": ["alice"],
            "id": "login",
        }
        self.say("welcome", **plain | fields)

    def hang_up(self) -> None:
        """Close."""
        self.link.close(CloseReason.NORMAL)

    def data_received(self, payload: bytes) -> None:
        """Take a frame and let the puppet answer."""
        self.heard.append(json.loads(payload))
        self._puppet.answer(self.heard[-1], self)

    def writing_paused(self) -> None:
        """Nothing depends on that here."""

    def writing_resumed(self) -> None:
        """Nothing depends on that here."""

    def connection_lost(self, reason: Lost) -> None:
        """Nothing depends on that here."""


class Stream(Puppet):
    """A server on a stream of bytes, which arrive cut anywhere; `hear` is given each piece."""

    def __init__(self, hear: Callable[[bytes, Link], None]) -> None:
        super().__init__(lambda _frame, _connection: None)
        self.network = MemoryNetwork(boundaries=False, seed=3)
        self.links: list[Link] = []
        self._hear = hear

    def _accept(self, link: Link) -> Any:
        self.links.append(link)
        return _Ears(self._hear, link)


class _Ears:
    def __init__(self, hear: Callable[[bytes, Link], None], link: Link) -> None:
        self._hear = hear
        self._link = link

    def data_received(self, payload: bytes) -> None:
        self._hear(payload, self._link)

    def writing_paused(self) -> None: ...

    def writing_resumed(self) -> None: ...

    def connection_lost(self, reason: Lost) -> None: ...


async def next_of(client: Client, kind: type[Any], number: int = 1) -> list[Any]:
    """Return the next events of a kind; the others before them are skipped."""
    found: list[ClientEvent] = []
    async for event in client:
        if isinstance(event, kind):
            found.append(event)
            if len(found) == number:
                break
    return found


async def texts(client: Client, number: int) -> list[str]:
    """Return the texts of the next things that are said."""
    return [posted.text for posted in await next_of(client, Posted, number)]


async def rest_of(client: Client) -> list[ClientEvent]:
    """Return every event until the client has ended."""
    found = []
    try:
        async for event in client:
            found.append(event)  # noqa: PERF401 - what came before the end counts, however it ends
    except ConnectionClosed:
        pass
    return found
