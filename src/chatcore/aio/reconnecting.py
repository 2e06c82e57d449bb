"""What keeps a client connected: one connection after the other, for as long as the server wants it, with pauses."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from chatcore.aio.client_connection import Wire
from chatcore.aio.files.transfers import Transfers
from chatcore.aio.routes import Route
from chatcore.client.session import ClientSession
from chatcore.dialects.base import Dialect, Received
from chatcore.errors import (
    ChatcoreError,
    ConfigurationError,
    ConnectionClosed,
    ConnectionFailed,
    ErrorCode,
    LoginRefused,
    UntrustedCertificate,
)
from chatcore.events import ConnectionLost, Welcomed
from chatcore.ports.transport import Link

# Waiting between tries: a random time under a bound that doubles, so that a crowd does not come back at once.
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 20.0
_SHORTEST_WAIT: Final = 0.2
# A connection that lasted as long is a good one, and the next loss begins with a short pause again. A login alone
# proves nothing: what closes right behind it would be asked several times a second, for ever.
_GOOD_SECONDS: Final = 5.0
# A login refused with one of these may succeed a little later.
_TRY_AGAIN: Final = frozenset({ErrorCode.SERVER_FULL, ErrorCode.SHUTTING_DOWN})
# What is said over TCP before any login.
_NO_ROOM: Final = frozenset({ErrorCode.SERVER_FULL, ErrorCode.TOO_MANY_CONNECTIONS})
# After these goodbyes, coming back would be wrong.
_FINAL: Final = frozenset({ErrorCode.REPLACED, ErrorCode.LOGGED_OUT})
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
        transfers: the client's files, which pause while there is no connection.
        take: is given everything that is to be shown.
        reconnect: False when there is to be one connection only.
        login_timeout: how long the answer to a login may take, in seconds.
    """

    def __init__(
        self,
        url: str,
        route: Route,
        dialect: Dialect,
        session: ClientSession,
        *,
        transfers: Transfers,
        take: Callable[[Received], None],
        reconnect: bool,
        login_timeout: float,
    ) -> None:
        self.wire: Wire | None = None
        """The present connection, if there is one."""
        self._url = url
        self._route = route
        self._dialect = dialect
        self._session = session
        self._transfers = transfers
        self._take = take
        self._reconnect = reconnect
        self._login_timeout = login_timeout
        self._attempt = 0  # tries since the last good connection
        self._logged_in_once = False
        self._stranger = self._warned = False  # another server answered: at the last try, at any since then
        self._hurried = asyncio.Event()

    async def live(self, end: Callable[[ChatcoreError | None], None]) -> None:
        """Be connected until that ends for good, and say why to `end`: None when it was cancelled."""
        try:
            end(ConnectionClosed(await self.run()))
        except ChatcoreError as error:
            end(error)
        except asyncio.CancelledError:
            end(None)
            raise
        except Exception as error:  # a mistake in a transport or a dialect: nobody may wait for ever because of it
            failure = ConnectionFailed("the connection to {url} failed: {why}", url=self._url, why=repr(error))
            failure.__cause__ = error
            end(failure)

    async def run(self) -> str:
        """Connect again and again; returns why the last connection ended when no other one is to follow.

        Raises:
            ConnectionFailed: the server cannot be reached, or not be trusted, for the first login.
            LoginRefused: the server does not want this login, and will not want it later.
        """
        while True:
            reason = await self._one_connection()
            if not self._comes_back():
                return reason
            delay = self._delay()
            if self._logged_in_once:
                self._take(Received(ConnectionLost(reason, delay, self._attempt + 1, stranger=self._stranger)))
            await self._pause(delay)

    def _show(self, received: Received) -> None:
        if isinstance(received.event, Welcomed):
            self._route.learn(received.event.server)
        self._take(received)

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
        wires: list[Wire] = []

        def accept(link: Link) -> Wire:
            wires.append(Wire(link, self._dialect, self._session, self._show, self._transfers.writable))
            return wires[0]

        try:
            chosen = await self._route.connect(accept)
            self.wire = wires[0]
            if chosen is not None:
                self._take(Received(chosen))
            reason = await self._until_lost(wires[0])
        except (ConnectionFailed, ConfigurationError) as error:
            lasting = bool(wires) or isinstance(error, UntrustedCertificate | ConfigurationError)
            if not self._logged_in_once and (lasting or self._attempt in (1, _LOGIN_TRIES)):
                raise
            # Later it may pass: a hotel wants to be logged in to, a file is being repaired.
            self._stranger = isinstance(error, UntrustedCertificate) and not self._warned
            self._warned |= self._stranger
            return error.sentence
        finally:
            # However this ends, and were it half-way: nothing is left open.
            self.wire = None
            for wire in wires:
                wire.stop()
        self._check_login(reason)
        return reason

    async def _until_lost(self, wire: Wire) -> str:
        """Log in and return why the connection ended. Raises `ConnectionFailed` when nobody answers the login."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            wire.start()
            await asyncio.wait([wire.lost], timeout=self._login_timeout)
            if not wire.lost.done() and not self._session.login_answered:
                raise ConnectionFailed(
                    "{url} did not answer the login within {seconds} s; is it a chat server?",
                    url=self._url,
                    seconds=f"{self._login_timeout:g}",
                )
            return await wire.lost
        except asyncio.CancelledError:
            await self._say_goodbye(wire)
            raise
        finally:
            if self._session.logged_in:
                self._judge(loop.time() - began)
                self._warned = False
            for given_up in self._session.disconnected():
                self._attempt = 0  # what ended the connections is out of the way
                self._take(given_up)
            self._transfers.disconnected()

    def _judge(self, lasted: float) -> None:
        """Decide by how long a connection lasted how long the pause behind it may be."""
        if not self._logged_in_once or lasted >= _GOOD_SECONDS:
            self._attempt = 0
        elif lasted >= _longest_pause(self._attempt - 1):
            self._attempt -= 1  # better than nothing: no shorter pause than the one before it, and no longer one
        self._logged_in_once = True

    async def _say_goodbye(self, wire: Wire) -> None:
        """Log out, so that the name is free at once, also behind a login that has no answer yet."""
        wire.log_out()
        patience = _GOODBYE_TIME if self._session.logged_in else _SHORT_GOODBYE_TIME
        await asyncio.wait([wire.lost], timeout=patience)

    def _check_login(self, reason: str) -> None:
        """Raise when the login of the last connection failed in a way that makes another try pointless."""
        refusal = self._session.refusal
        if refusal is not None and (refusal.code not in _TRY_AGAIN or not self._logged_in_once):
            raise LoginRefused(refusal.code, refusal.message)
        goodbye = self._session.dismissed
        if not self._logged_in_once and goodbye is not None and goodbye.code in _NO_ROOM:
            raise LoginRefused(goodbye.code, goodbye.message)
        if not self._logged_in_once and goodbye is not None and goodbye.code == ErrorCode.FORBIDDEN:
            raise ConnectionFailed("{url}: {why}", url=self._url, why=goodbye.message)
        if not self._logged_in_once and (self._attempt >= _LOGIN_TRIES or not self._reconnect):
            raise ConnectionFailed(
                "the connection to {url} was lost before the login: {why}", url=self._url, why=reason
            )

    def _comes_back(self) -> bool:
        goodbye = self._session.dismissed
        return self._reconnect and not (goodbye is not None and goodbye.code in _FINAL)

    def _delay(self) -> float:
        # A loop in virtual time brings its own randomness, so that a run can be repeated.
        source = getattr(asyncio.get_running_loop(), "random", random)
        delay: float = source.uniform(_SHORTEST_WAIT, _longest_pause(self._attempt))
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
