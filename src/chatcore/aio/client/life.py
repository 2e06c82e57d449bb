"""What goes on in the background of a client. It knows nothing of the client, which may be gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from chatcore.aio.client.answers import Answers
from chatcore.aio.client.connection import CurrentConnection
from chatcore.aio.client.event_queue import EventQueue
from chatcore.aio.client.files.host import FileHost
from chatcore.aio.client.files.transfers import Transfers
from chatcore.aio.client.files.way import FileWay
from chatcore.aio.client.fresh_password import FreshPassword
from chatcore.aio.client.reconnecting import Reconnecting
from chatcore.aio.client.remembering import Remembering
from chatcore.aio.clock import chance_of
from chatcore.aio.home import Home
from chatcore.aio.plugins import load_transport
from chatcore.aio.routes import Route
from chatcore.aio.tasks import forget, spawn
from chatcore.client.session import ClientSession
from chatcore.dialects.base import Dialect
from chatcore.errors import ChatcoreError, ConnectionClosed, ConnectionFailed
from chatcore.limits import Limits
from chatcore.ports.file_store import FileStore
from chatcore.ports.server_address import without_login
from chatcore.ports.transport import ConnectOptions, Transport

_FLUSH_TIME: Final = 3.0
# What options say of silence, where it is for the dialect to notice.
_PATIENCE: Final = ("keepalive_interval", "keepalive_timeout")


class ClientLife:
    """The parts of a client, and the task that keeps it connected.

    Args:
        url: the server's address, for people.
        route: the way to the server.
        dialect: what is spoken on it.
        session: what outlives connections.
        reconnect: False when there is to be one connection only.
        login_timeout: how long the answer to a login may take, in seconds.
        options: how to connect, for a second connection that carries files; None when there is to be none.
        files: where files come from and go to, if the program has use for any.
        remembering: keeps the session for the next program.
        fresh: gives the password of each login, where it does not last.
        load: finds the transport of a second connection.
    """

    def __init__(
        self,
        url: str,
        route: Route,
        dialect: Dialect,
        session: ClientSession,
        *,
        reconnect: bool,
        login_timeout: float,
        options: ConnectOptions | None,
        files: FileStore | None,
        remembering: Remembering,
        fresh: FreshPassword | None = None,
        load: Callable[[str], Transport] = load_transport,
    ) -> None:
        self.connection = CurrentConnection()
        self.answers = Answers(session, self.connection.write_soon)
        self.events = EventQueue(session, self.connection)
        self.way = way = FileWay(
            url, options, dialect, current=self.connection, ask=self.answers.ask, show=self.events.show, load=load
        )
        self.transfers = Transfers(
            FileHost(self.answers.ask, self.answers.check_open, self.events.show, way), session, files
        )
        way.serve(self.transfers)
        self.connections = Reconnecting(
            url,
            route,
            dialect,
            session,
            connection=self.connection,
            answers=self.answers,
            transfers=self.transfers,
            way=way,
            events=self.events,
            keep=remembering.keep,
            renew=None if fresh is None else fresh.renew,
            reconnect=reconnect,
            login_timeout=login_timeout,
            limits=Limits().with_defaults({name: getattr(options, name) for name in _PATIENCE} if options else {}),
        )
        self._url = url
        self._session = session
        self._remembering = remembering
        self._home: Home | None = None
        self._task: asyncio.Task[None] | None = None
        self._first_login: asyncio.Future[None] | None = None
        self._closing = False
        self._ended = False

    @property
    def going_on(self) -> bool:
        """True from the start to the end."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Connect and log in. Raises `ConnectionFailed`, `LoginRefused`, `ConfigurationError`; RuntimeError twice."""
        if self._task is not None:
            raise RuntimeError("this client was started before; connect() makes another one")
        loop = asyncio.get_running_loop()
        self._first_login = login = loop.create_future()
        self._home = Home()
        self.answers.open(self._home)
        self._remembering.begin()
        self._task = spawn(self._live(login, chance_of(loop)), name=f"chatcore client of {self._url}")
        try:
            await login
        except BaseException:
            await self.close()
            raise

    @property
    def left_alone(self) -> bool:
        """True while it goes on although nobody can close it any more: it was not closed, and does not end."""
        return self.going_on and not self._closing

    def check_home(self) -> None:
        """Raise RuntimeError where the client would be waited for in vain: in another thread, while it goes on."""
        if self._home is not None and self.going_on:
            self._home.check("a client")

    async def close(self) -> None:
        """Log out and end. Idempotent."""
        if self._task is None:
            return
        self.check_home()
        self._closing = True
        self.answers.close()
        self.connections.finish()
        try:
            if self._session.logged_in:
                with suppress(TimeoutError, ConnectionClosed):
                    async with asyncio.timeout(_FLUSH_TIME):
                        await self.answers.flush()
                        await self.transfers.settle()
        finally:
            self._task.cancel()  # which logs out
        try:
            await asyncio.wait([self._task])
        finally:
            self._end(None)  # not by itself, when it had no time to begin
        await self.transfers.wait_closed()

    def abandon(self) -> None:
        """End it, from wherever the garbage is collected."""
        assert self._task is not None
        try:
            self._task.get_loop().call_soon_threadsafe(self._stop)
        except RuntimeError:  # the loop is closed
            forget(self._task)

    def _stop(self) -> None:
        assert self._task is not None
        self._task.cancel()
        self._end(None)

    async def _live(self, login: asyncio.Future[None], chance: Callable[[float, float], float]) -> None:
        """Be connected until that ends for good."""
        try:
            self._end(ConnectionClosed(await self.connections.run(login, chance)))
        except ChatcoreError as error:
            self._end(error)
        except asyncio.CancelledError:
            self._end(None)
            raise
        except Exception as error:  # a mistake in a transport or a dialect: nobody may wait for ever because of it
            failure = ConnectionFailed(
                "the connection to {url} failed: {why}", url=without_login(self._url), why=repr(error)
            )
            failure.__cause__ = error
            self._end(failure)

    def _end(self, error: ChatcoreError | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._remembering.end()
        if self._closing and isinstance(error, ConnectionClosed):
            error = None
        failure = None if self._closing else error
        login = self._first_login
        closed = error or ConnectionClosed("the client was closed")
        if login is not None and not login.done():
            login.set_exception(closed)
            failure = None
        self.answers.end(error)
        self.transfers.stop(closed.sentence)
        self.events.end(failure)
