"""What keeps a client connected: one connection after the other, for as long as the server wants it, with pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, get_args

from chatcore.aio.client.answers import Answers
from chatcore.aio.client.connection import ClientConnection, CurrentConnection
from chatcore.aio.client.event_queue import EventQueue
from chatcore.aio.client.files.transfers import Transfers
from chatcore.aio.client.files.way import FileWay
from chatcore.aio.plugins import scheme_of
from chatcore.aio.routes import Route
from chatcore.client.heard import Heard
from chatcore.client.session import ClientSession
from chatcore.dialects.base import Dialect
from chatcore.errors import (
    ConfigurationError,
    ConnectionFailed,
    ErrorCode,
    LoginRefused,
    UntrustedCertificate,
)
from chatcore.events import ConnectionLost, FileNews, Welcomed
from chatcore.limits import Limits
from chatcore.ports.server_address import without_login
from chatcore.ports.transport import Link

_FILE_NEWS: Final = get_args(FileNews)

# Waiting between tries: a random time under a bound that doubles, so that a crowd does not come back at once.
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 20.0
_SHORTEST_WAIT: Final = 0.2
# A connection that lasted as long is a good one, and the next loss begins with a short pause again. A login alone
# proves nothing: what closes right behind it would be asked several times a second, for ever.
_GOOD_SECONDS: Final = 5.0
# One that lasted less is as good as none: that is a server, or a proxy, which lets nobody stay, and no bad network.
_ANY_SECONDS: Final = 1.0
# A login refused with one of these may succeed a little later.
_TRY_AGAIN: Final = frozenset(
    {ErrorCode.SERVER_FULL, ErrorCode.UNAVAILABLE, ErrorCode.SHUTTING_DOWN, ErrorCode.RATE_LIMITED}
)
# What is said over TCP before any login.
_NO_ROOM: Final = frozenset({ErrorCode.SERVER_FULL, ErrorCode.TOO_MANY_CONNECTIONS})
# What comes before any login is no chat: it will be none a second later.
_NO_CHAT: Final = frozenset({ErrorCode.BAD_JSON, ErrorCode.BAD_REQUEST, ErrorCode.TOO_LARGE})
# After these goodbyes, coming back would be wrong.
_PUT_OUT: Final = {ErrorCode.KICKED, ErrorCode.BANNED, ErrorCode.PASSWORD_CHANGED, ErrorCode.ACCOUNT_DROPPED}
_FINAL: Final = frozenset({ErrorCode.REPLACED, ErrorCode.LOGGED_OUT} | _PUT_OUT)
# For how long a login without an answer may still count, in seconds: so long a server may be cut off from the others.
_IN_DOUBT: Final = 120.0
_MOST_IN_DOUBT: Final = 8
_LOGIN_TRIES: Final = 5  # before the first login is given up
# How long the answer to the last goodbye may take, and to one that follows an unanswered login.
_GOODBYE_TIME: Final = 2.0
_SHORT_GOODBYE_TIME: Final = 1.0


class Reconnecting:
    """The connections of a client, one after the other.

    Args:
        url: the server's address, for people.
        route: the way to the server.
        dialect: what is spoken on it.
        session: what outlives connections.
        connection: is told which one there is at present.
        answers: is given what answers somebody.
        transfers: the client's files, which pause while there is no connection.
        way: the way that those go by.
        events: is given everything that is to be shown.
        keep: called before anything goes out, to keep the session as it is.
        renew: awaited before each connection, so that its login is a good one; may raise `ConnectionFailed`.
        reconnect: False when there is to be one connection only.
        login_timeout: how long the answer to a login may take, in seconds.
        limits: how long a silent server is waited for.
    """

    def __init__(
        self,
        url: str,
        route: Route,
        dialect: Dialect,
        session: ClientSession,
        *,
        connection: CurrentConnection,
        answers: Answers,
        transfers: Transfers,
        way: FileWay,
        events: EventQueue,
        keep: Callable[[], None],
        renew: Callable[[], Awaitable[None]] | None,
        reconnect: bool,
        login_timeout: float,
        limits: Limits,
    ) -> None:
        self._current = connection
        self.transport = scheme_of(url)
        """URL scheme of the present connection, or of the last one: `ws`, `wss`, `quic`."""
        self.server: Mapping[str, Any] = {}
        """What the server said of itself (`Welcomed.server`)."""
        self._url = url
        self._route = route
        self._dialect = dialect
        self._session = session
        self._answers = answers
        self._transfers = transfers
        self._way = way
        self._events = events
        self._keep = keep
        self._renew = renew
        self._reconnect = reconnect
        self._login_timeout = login_timeout
        self._limits = limits
        self._attempt = 0  # tries since the last good connection
        self._tried_enough_at = 0.0  # when there is no other try for the first login
        self._logged_in_once = False
        self._in_doubt: list[float] = []  # until when logins without an answer may count
        self._stranger = self._warned = False  # another server answered: at the last try, at any since then
        self._hurried = asyncio.Event()
        self._first_login: asyncio.Future[None] | None = None

    @property
    def reached(self) -> str:
        """Address of the server that the present connection leads to, or the last one."""
        return self._route.url

    async def run(self, first_login: asyncio.Future[None], chance: Callable[[float, float], float]) -> str:
        """Connect again and again; returns why the last connection ended when no other one is to follow.

        Args:
            first_login: gets its result with the first welcome.
            chance: returns a random number between two, for how long a pause is.

        Raises:
            ConnectionFailed: the server cannot be reached, or not be trusted, for the first login.
            LoginRefused: the server does not want this login, and will not want it later.
        """
        self._first_login = first_login
        self._tried_enough_at = asyncio.get_running_loop().time() + self._login_timeout
        while True:
            reason = await self._one_connection()
            if not self._comes_back():
                return reason
            delay = self._delay(chance)
            if self._logged_in_once:
                self._events.show(ConnectionLost(reason, delay, self._attempt + 1, stranger=self._stranger))
            await self._pause(delay)

    def hurry(self) -> None:
        """End the present pause, if there is one."""
        self._hurried.set()

    def finish(self) -> None:
        """Make no other connection after the present one."""
        self._reconnect = False

    async def _one_connection(self) -> str:
        """Live through one connection and return why it ended. Raises what makes another one pointless."""
        self._attempt += 1
        self._stranger = False
        made: list[ClientConnection] = []

        def accept(link: Link) -> ClientConnection:
            for given_up in made:  # the way over an earlier link has failed behind it
                given_up.stop()
            used = (self._dialect, self._session, self._take, self._transfers.writable)
            made.append(ClientConnection(link, *used, limits=self._limits, keep=self._keep))
            return made[-1]

        try:
            if self._renew is not None:
                await self._renew()
            chosen = await self._route.connect(accept)
            if not made:
                raise TypeError("a transport returned a link that it has not asked `accept` for a user of")
            self._current.connection = made[-1]
            if chosen is not None:
                self.transport = chosen.transport
                self._events.show(chosen)
            reason = await self._until_lost(made[-1])
        except (ConnectionFailed, ConfigurationError) as error:
            lasting = bool(made) or isinstance(error, UntrustedCertificate | ConfigurationError)
            if not self._logged_in_once and (lasting or self._attempt == 1 or self._tried_enough):
                raise
            # Later it may pass: a hotel wants to be logged in to, a file is being repaired.
            self._stranger = isinstance(error, UntrustedCertificate) and not self._warned
            self._warned |= self._stranger
            return error.sentence
        finally:
            # However this ends, and were it half-way: nothing is left open.
            self._current.connection = None
            for connection in made:
                connection.stop()
        self._check_login(reason)
        return reason

    async def _until_lost(self, connection: ClientConnection) -> str:
        """Log in and return why the connection ended. Raises `ConnectionFailed` when nobody answers the login."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            connection.start()
            await asyncio.wait([connection.lost], timeout=self._login_timeout)
            if not connection.lost.done() and not self._session.login_answered:
                raise ConnectionFailed(
                    "{url} did not answer the login within {seconds} s; is it a chat server?",
                    url=without_login(self._url),
                    seconds=f"{self._login_timeout:g}",
                )
            return await connection.lost
        except asyncio.CancelledError:
            await self._say_goodbye(connection)
            raise
        finally:
            if self._session.logged_in:
                self._judge(loop.time() - began)
                self._warned = False
            elif self._session.refusal is None:  # a goodbye is no answer: what it had asked for may count all the same
                self._in_doubt = [*self._in_doubt[-_MOST_IN_DOUBT:], loop.time() + _IN_DOUBT]
            for given_up in self._session.disconnected(stood=connection.stood):
                self._attempt = 0  # what ended the connections is out of the way
                self._take(given_up)
            self._way.lost()
            self._transfers.disconnected()

    def _take(self, told: Heard) -> None:
        """Take what a connection brings: it answers somebody, is about a file, or is an event."""
        event = self._answers.take(told)
        if isinstance(event, _FILE_NEWS):
            self._transfers.take(event)
        elif event is not None:
            if isinstance(event, Welcomed):
                self._welcomed(event)
            self._events.show(event)

    def _welcomed(self, event: Welcomed) -> None:
        self.server = event.server
        self._route.learn(event.server)
        self._way.welcomed(event.server)
        self._transfers.welcomed(resumed=event.resumed)
        if self._first_login is not None and not self._first_login.done():
            self._first_login.set_result(None)

    def _judge(self, lasted: float) -> None:
        """Decide by how long a connection lasted how long the pause behind it may be."""
        if not self._logged_in_once or lasted >= _GOOD_SECONDS:
            self._attempt = 0
        elif lasted >= max(_ANY_SECONDS, _longest_pause(self._attempt - 1)):
            self._attempt -= 1  # better than nothing: no shorter pause than the one before it, and no longer one
        self._logged_in_once = True

    async def _say_goodbye(self, connection: ClientConnection) -> None:
        """Log out, so that the name is free at once, also behind a login that has no answer yet.

        Whoever cancels this too waits as long: what is cut off has not arrived, and the name stays taken.
        """
        connection.log_out()
        loop = asyncio.get_running_loop()
        over_at = loop.time() + (_GOODBYE_TIME if self._session.logged_in else _SHORT_GOODBYE_TIME)
        while not connection.lost.done() and (left := over_at - loop.time()) > 0:
            with suppress(asyncio.CancelledError):
                await asyncio.wait([connection.lost], timeout=left)

    def _check_login(self, reason: str) -> None:
        """Raise when the login of the last connection failed in a way that makes another try pointless."""
        refusal = self._session.refusal
        if refusal is not None and (refusal.code not in _TRY_AGAIN or not self._logged_in_once):
            raise LoginRefused(refusal.code, refusal.message, refusal.values)
        goodbye = self._session.dismissed
        if not self._logged_in_once and goodbye is not None and goodbye.code in _NO_ROOM:
            raise LoginRefused(goodbye.code, goodbye.message)
        if not self._logged_in_once and goodbye is not None and goodbye.code == ErrorCode.FORBIDDEN:
            raise ConnectionFailed("{url}: {why}", url=without_login(self._url), why=goodbye.message)
        no_chat = goodbye is not None and goodbye.code in _NO_CHAT
        enough = self._tried_enough if goodbye is None else self._attempt >= _LOGIN_TRIES
        if not self._logged_in_once and (no_chat or enough or not self._reconnect):
            raise ConnectionFailed(
                "the connection to {url} was lost before the login: {why}", url=without_login(self._url), why=reason
            )

    @property
    def _tried_enough(self) -> bool:
        """True when the first login was tried often enough, or for as long as its answer may take."""
        return self._attempt >= _LOGIN_TRIES or asyncio.get_running_loop().time() >= self._tried_enough_at

    def _comes_back(self) -> bool:
        goodbye = self._session.dismissed
        if goodbye is not None and goodbye.code == ErrorCode.REPLACED:
            # A login that was given up may have counted late, where several servers are one chat: that was nobody else.
            now = asyncio.get_running_loop().time()
            self._in_doubt = [until for until in self._in_doubt if until > now]
            return self._reconnect and bool(self._in_doubt and self._in_doubt.pop())
        return self._reconnect and not (goodbye is not None and goodbye.code in _FINAL)

    def _delay(self, chance: Callable[[float, float], float]) -> float:
        delay = chance(_SHORTEST_WAIT, _longest_pause(self._attempt))
        goodbye = self._session.dismissed
        if goodbye is not None and goodbye.reconnect_in is not None:
            delay = max(delay, goodbye.reconnect_in)
        return round(delay, 2)

    async def _pause(self, seconds: float) -> None:
        self._hurried.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()


def _longest_pause(attempt: int) -> float:
    """Return the bound of the pause behind so many tries."""
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(attempt - 1, 10))
