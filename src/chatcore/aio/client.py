"""The chat client on asyncio: connects, reconnects by itself, and loses nothing in between."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections import deque
from collections.abc import AsyncIterator, Generator, Mapping
from types import TracebackType
from typing import Any, Final, TypeVar, get_args

from chatcore.aio.plugins import load_dialect, split_dialect
from chatcore.aio.routes import Route, route_to
from chatcore.aio.tasks import spawn
from chatcore.aio.transfers import Host, Transfers
from chatcore.aio.wire import EVENTS_HELD, Wire
from chatcore.client_session import ClientSession
from chatcore.commands import (
    Command,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    ReadHistory,
    Rename,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.dialects.base import Dialect, Received
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConnectionClosed,
    ConnectionFailed,
    ErrorCode,
    LoginRefused,
    RequestRefused,
)
from chatcore.events import (
    ClientEvent,
    ConnectionLost,
    HistoryRead,
    Posted,
    Refused,
    RoomEntered,
    RoomsListed,
    RoomSummary,
    SendAcknowledged,
    SendRefused,
    UserDescribed,
    UsersListed,
    UserSummary,
    Welcomed,
)
from chatcore.file_events import FileNews, FileProgressed, OfferMade
from chatcore.names import name_key
from chatcore.ports.file_store import FileSource, FileStore
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.transport import ConnectOptions, Link, Transport

# Waiting between tries: a random time under a bound that doubles, so that a crowd does not come back at once.
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 20.0
_SHORTEST_WAIT: Final = 0.2
# A login refused with one of these may succeed a little later.
_TRY_AGAIN: Final = frozenset({ErrorCode.SERVER_FULL, ErrorCode.SHUTTING_DOWN})
# After these goodbyes, coming back would be wrong.
_FINAL: Final = frozenset({ErrorCode.REPLACED, ErrorCode.LOGGED_OUT})
_LOGIN_TRIES: Final = 5  # before the first login is given up
_GOODBYE_TIME: Final = 5.0
_FILE_NEWS: Final = get_args(FileNews)

_Reply = TypeVar("_Reply")


def connect(
    url: str,
    *,
    username: str,
    client_id: str | None = None,
    reconnect: bool = True,
    options: ConnectOptions | None = None,
    known_servers: KnownServers | None = None,
    files: FileStore | None = None,
    transport: Transport | None = None,
    dialect: str | None = None,
) -> Connecting:
    """Connect to a chat server and log in.

    ::

        async with connect("ws://127.0.0.1:8765", username="alice") as chat:
            await chat.send("hello")
            async for event in chat:
                print(event)

    Everything on the client may be awaited inside the loop. When the connection is lost it is made again, with
    growing pauses; what was sent and not acknowledged is sent again, what was missed is replayed, nothing is shown
    twice.

    Args:
        url: where the server listens: `ws://host:port`, `wss://host:port`, `quic://host:port`, or what other
            transports understand; `chat://host:port` takes QUIC or WebSocket, whichever connects first, and says
            which by a `TransportChosen` event. `tcp+DIALECT://host:port` speaks another dialect.
        username: 2 to 12 letters, digits, `_` or `-` (a server may allow more).
        client_id: random text that this program keeps between runs, so that a repeated send is recognised;
            a fresh one when left out.
        reconnect: False ends the client with the first connection.
        options: limits, times and certificates of the connection.
        known_servers: remembers the keys of servers that no authority vouches for, and so trusts them on first use
            (`chatcore_tls.known_servers.KnownServersFile` keeps them in a file); without it they are not trusted,
            unless `options.fingerprints` names their key.
        files: where files come from and go to (`chatcore_files.DownloadFolder`); without it, none are received.
        transport: one that is not installed, such as the one in memory of `chatcore.testing`.
        dialect: name of an installed dialect; what the address says, or `chat`, when left out.

    Returns:
        An async context manager, or an awaitable, that gives a `Client`.

    Raises:
        ConnectionFailed: the server cannot be reached (when entered or awaited); `UntrustedCertificate` when nobody
            vouches for it, `CertificateChanged` when it is not the one that is known.
        LoginRefused: the server does not want this login; `code` says why, for example `name_taken`.
        ConfigurationError: there is no such transport or dialect.
    """
    address, named = split_dialect(url)
    return Connecting(
        Client(
            url,
            ClientSession(username, client_id or secrets.token_urlsafe(16)),
            route_to(address, options or ConnectOptions(), transport, known_servers),
            load_dialect(dialect or named or "chat"),
            reconnect=reconnect,
            files=files,
        )
    )


class Connecting:
    """What `connect` returns: enter it with `async with`, or `await` it and `close` the client yourself."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __await__(self) -> Generator[Any, None, Client]:
        return self._start().__await__()

    async def _start(self) -> Client:
        await self._client.start()
        return self._client

    async def __aenter__(self) -> Client:
        return await self._start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.close()


class Client:
    """A user of a chat server, for as long as the program wants, over as many connections as it takes.

    Iterate over it for events (`chatcore.events`). Made by `connect`.
    """

    def __init__(
        self,
        url: str,
        session: ClientSession,
        route: Route,
        dialect: Dialect,
        *,
        reconnect: bool,
        files: FileStore | None = None,
    ) -> None:
        self.url = url
        self._session = session
        self._route = route
        self._dialect = dialect
        self._reconnect = reconnect
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None
        self._events: deque[ClientEvent] = deque()
        self._followed = False
        self._changed = asyncio.Event()
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._sends: dict[int, asyncio.Future[Posted | None]] = {}
        self._first_login: asyncio.Future[None] | None = None
        self._closing = False
        self._ended = False
        self._failure: ChatcoreError | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._attempt = 0
        self._transfers = Transfers(Host(self._answer, self._show, lambda: self._wire), session, files)

    # What is known.

    @property
    def username(self) -> str:
        """The name that the user has now."""
        return self._session.username

    @property
    def room(self) -> str:
        """The room that the user is in."""
        return self._session.room

    @property
    def members(self) -> tuple[str, ...]:
        """Who is in the room."""
        return tuple(self._session.members.values())

    @property
    def rooms(self) -> Mapping[str, RoomSummary]:
        """The room list as last told, by lower-case name."""
        return self._session.rooms

    @property
    def connected(self) -> bool:
        """True while logged in."""
        return self._session.logged_in

    @property
    def pending(self) -> int:
        """How many sends are not acknowledged yet."""
        return self._session.pending

    @property
    def files(self) -> tuple[FileProgressed, ...]:
        """Every file that is on offer or under way, once for each user at the other side."""
        return self._transfers.files

    # Events.

    def __aiter__(self) -> AsyncIterator[ClientEvent]:
        return self

    async def __anext__(self) -> ClientEvent:
        """Return the next event; ends after `close`. Raises what ended the client for good, if anything did.

        A program that never asks for events is kept the newest thousand. One that does gets them all: while it is
        busy elsewhere, the client stops reading, and the server keeps the rest in its logs.
        """
        self._followed = True
        while not self._events:
            if self._ended:
                if self._failure is not None:
                    raise self._failure
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        event = self._events.popleft()
        if self._wire is not None:
            self._wire.pace(len(self._events), waiting=self._session.unanswered > 0)
        return event

    # Sends.

    def post(self, send: Send) -> int:
        """Queue a send and return its number at once; a `SendAcknowledged` or `SendRefused` event follows.

        Raises `RequestRefused` for what no server would take, `ConnectionClosed` when the client has ended.
        """
        self._check_open()
        number = self._session.post(send)
        self._idle.clear()
        self._stir()
        self._keep_reading()
        return number

    async def send(self, text: str) -> Posted | None:
        """Say something in the present room; returns it as it stands in the room's log.

        None when it was acknowledged after it had left the log. Raises `RequestRefused`, `ConnectionClosed`.
        """
        return await self._acknowledged(SendMessage(text))

    async def send_direct(self, to: str | tuple[str, ...] | list[str], text: str) -> Posted | None:
        """Say something to one or several users. Returns and raises as `send` does."""
        return await self._acknowledged(SendDirect((to,) if isinstance(to, str) else tuple(to), text))

    async def broadcast(self, text: str) -> Posted | None:
        """Say something to everyone connected. Returns and raises as `send` does."""
        return await self._acknowledged(SendBroadcast(text))

    async def flush(self) -> None:
        """Wait until everything that was posted is acknowledged or refused. Raises `ConnectionClosed`."""
        while self._session.pending:
            self._check_open()
            self._idle.clear()
            await self._idle.wait()

    async def _acknowledged(self, send: Send) -> Posted | None:
        number = self.post(send)
        future: asyncio.Future[Posted | None] = asyncio.get_running_loop().create_future()
        self._sends[number] = future
        return await future

    # Requests.

    async def join(self, room: str) -> RoomEntered:
        """Enter a room and leave the present one. Raises `RequestRefused` (`no_such_room`), `ConnectionClosed`."""
        return await self._answer(JoinRoom(room), RoomEntered)

    async def create(self, room: str) -> RoomEntered:
        """Create a room and enter it. Raises `RequestRefused` (`room_exists`, `bad_name`), `ConnectionClosed`."""
        return await self._answer(CreateRoom(room), RoomEntered)

    async def enter(self, room: str) -> None:
        """Be in a room, creating it when it is not there. Raises `RequestRefused`, `ConnectionClosed`."""
        if name_key(self.room) == name_key(room):
            return
        try:
            await self.join(room)
        except RequestRefused as error:
            if error.code != ErrorCode.NO_SUCH_ROOM:
                raise
            try:
                await self.create(room)
            except RequestRefused as late:
                if late.code != ErrorCode.ROOM_EXISTS:
                    raise
                await self.join(room)  # somebody else was quicker

    async def leave(self) -> RoomEntered:
        """Go back to the default room. Raises `ConnectionClosed`."""
        return await self._answer(LeaveRoom(), RoomEntered)

    async def rename(self, username: str) -> None:
        """Change the username. Raises `RequestRefused` (`name_taken`, `bad_name`), `ConnectionClosed`."""
        await self._answer(Rename(username), object)

    async def list_rooms(self) -> tuple[RoomSummary, ...]:
        """Return every room of the server. Raises `ConnectionClosed`."""
        found: list[RoomSummary] = []
        more = True
        while more:
            reply = await self._answer(ListRooms(found[-1].name if found else None), RoomsListed)
            found += reply.rooms
            more = reply.more and bool(reply.rooms)
        return tuple(found)

    async def list_users(self, room: str | None = None) -> tuple[UserSummary, ...]:
        """Return everybody, or everybody in a room. Raises `RequestRefused` (`no_such_room`), `ConnectionClosed`."""
        found: list[UserSummary] = []
        more = True
        while more:
            reply = await self._answer(ListUsers(room, found[-1].name if found else None), UsersListed)
            found += reply.users
            more = reply.more and bool(reply.users)
        return tuple(found)

    async def whois(self, username: str) -> UserDescribed:
        """Return what there is to know about a user. Raises `RequestRefused` (`no_such_user`), `ConnectionClosed`."""
        return await self._answer(WhoIs(username), UserDescribed)

    async def history(
        self, room: str | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[Posted, ...]:
        """Return up to `limit` messages of a room (the present one when left out), oldest first.

        The newest ones, those with a seq under `before`, or those with a seq over `after`; fewer when they are long.
        Raises `RequestRefused` (`no_such_room`), `ConnectionClosed`.
        """
        reply = await self._answer(ReadHistory(room or self.room, before, after, limit), HistoryRead)
        return reply.messages

    # Files.

    async def offer_file(
        self,
        source: str | os.PathLike[str] | FileSource,
        *,
        to: str | tuple[str, ...] | list[str] = (),
        room: bool = False,
    ) -> OfferMade:
        """Offer a file to one or several users, or to everyone else in the room; returns its id and who was asked.

        It is sent to each who accepts, for as long as the client is open. `FileProgressed` events tell how far it is;
        for each user there is a `FileSent` or a `FileFailed` in the end.

        Args:
            source: its path, or anything that can be read like a file (`chatcore.ports.file_store.FileSource`).
            to: usernames.
            room: True to offer it to everyone in the room instead.

        Raises:
            RequestRefused: `no_such_user`, `no_files`, `too_large`, `file_limit`, ...
            FileError: it cannot be read.
            ConnectionClosed: the client has ended.
        """
        return await self._transfers.offer(source, (to,) if isinstance(to, str) else tuple(to), room=room)

    async def accept_file(self, file: str, store: FileStore | None = None) -> None:
        """Accept a file that was offered (`FileOffered.file`); returns when it is on its way.

        A `FileReceived` event tells where it is, or `FileFailed` why it is not. What there is of an earlier try is
        not sent again.

        Args:
            file: its id.
            store: where it goes, if that is not what `connect` was given.

        Raises:
            RequestRefused: `no_such_file`, `file_limit`.
            FileError: it cannot be written.
            ConnectionClosed: the client has ended.
        """
        await self._transfers.accept(file, store)

    async def decline_file(self, file: str) -> None:
        """Say that a file is not wanted. Raises `RequestRefused` (`no_such_file`), `ConnectionClosed`."""
        await self._transfers.decline(file)

    async def cancel_file(self, file: str) -> None:
        """End a file that is under way, from either side. Raises `RequestRefused`, `ConnectionClosed`."""
        await self._transfers.cancel(file)

    async def _answer(self, command: Command, kind: type[_Reply]) -> _Reply:
        self._check_open()
        reply_to = self._session.request(command)
        future = self._answers[reply_to] = asyncio.get_running_loop().create_future()
        self._stir()
        self._keep_reading()
        try:
            reply = await future
        finally:
            self._answers.pop(reply_to, None)
            self._session.forget(reply_to)
        if not isinstance(reply, kind):
            raise ConnectionFailed(f"the server answered {type(command).__name__} with {type(reply).__name__}")
        return reply

    # Its life.

    async def start(self) -> None:
        """Connect and log in. Raises `ConnectionFailed`, `LoginRefused`."""
        self._first_login = asyncio.get_running_loop().create_future()
        self._task = spawn(self._live(), name=f"chatcore client of {self.url}")
        try:
            await self._first_login
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Log out, so that the name is free at once, and close. Waits for what was posted. Idempotent."""
        if self._task is None:
            return
        self._closing = True
        wire = self._wire
        if wire is not None and self._session.logged_in:
            try:
                async with asyncio.timeout(_GOODBYE_TIME):
                    await self.flush()
                    await self._transfers.settle()
                    wire.log_out()
                    await wire.lost
            except (TimeoutError, ConnectionClosed):
                pass
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._end(None)
        await self._transfers.wait_closed()

    async def _live(self) -> None:
        """Connect again and again, until told otherwise."""
        try:
            while True:
                reason = await self._one_connection()
                if self._closing or not self._comes_back():
                    self._end(None if self._closing else ConnectionClosed(reason))
                    return
                delay = self._delay()
                if self._first_login is None or self._first_login.done():
                    self._show(ConnectionLost(reason, delay, self._attempt + 1))
                await asyncio.sleep(delay)
        except ChatcoreError as error:
            self._end(error)
        except Exception as error:  # a mistake in a transport or a dialect: nobody may wait for ever because of it
            failure = ConnectionFailed(f"the connection to {self.url} failed: {error!r}")
            failure.__cause__ = error
            self._end(failure)

    async def _one_connection(self) -> str:
        """Live through one connection and return why it ended. Raises what makes another one pointless."""
        session = self._session
        self._attempt += 1
        try:
            wires: list[Wire] = []

            def accept(link: Link) -> Wire:
                wires.append(Wire(link, self._dialect, session, self))
                return wires[0]

            chosen = await self._route.connect(accept)
        except CertificateChanged:
            raise
        except ConnectionFailed as error:
            first = self._first_login is not None and not self._first_login.done()
            if first and self._attempt in (1, _LOGIN_TRIES):
                raise
            return str(error)
        self._wire = wire = wires[0]
        if chosen is not None:
            self._show(chosen)
        try:
            wire.start()
            reason = await wire.lost
        finally:
            self._wire = None
            wire.stop()
            session.disconnected()
            self._transfers.disconnected()
        refusal = session.refusal
        if refusal is not None and refusal.code not in _TRY_AGAIN:
            raise LoginRefused(refusal.code, refusal.message)
        if self._first_login is not None and not self._first_login.done():
            if refusal is not None:
                raise LoginRefused(refusal.code, refusal.message)
            if self._attempt < _LOGIN_TRIES and self._reconnect:
                return reason
            raise ConnectionFailed(f"the connection to {self.url} was lost before the login: {reason}")
        return reason

    def _comes_back(self) -> bool:
        goodbye = self._session.dismissed
        return self._reconnect and not (goodbye is not None and goodbye.code in _FINAL)

    def _delay(self) -> float:
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._attempt - 1, 10))
        # A loop in virtual time brings its own randomness, so that a run can be repeated.
        source = getattr(asyncio.get_running_loop(), "random", random)
        delay: float = source.uniform(_SHORTEST_WAIT, longest)
        goodbye = self._session.dismissed
        if goodbye is not None and goodbye.reconnect_in is not None:
            delay = max(delay, goodbye.reconnect_in)
        return round(delay, 2)

    def _end(self, error: ChatcoreError | None) -> None:
        if self._ended:
            return
        self._ended = True
        if self._first_login is not None and not self._first_login.done():
            self._first_login.set_exception(error or ConnectionClosed("the client was closed"))
        elif not self._closing:
            self._failure = error
        ending = error or ConnectionClosed("the client was closed")
        for future in [*self._answers.values(), *self._sends.values()]:
            if not future.done():
                future.set_exception(ending)
                future.exception()  # whoever waits gets it; nobody waiting is no reason for a warning
        self._transfers.stop(str(ending))
        self._idle.set()
        self._changed.set()

    def _check_open(self) -> None:
        if self._ended or self._task is None:
            raise ConnectionClosed("the client is closed") from self._failure

    def _stir(self) -> None:
        if self._wire is not None:
            self._wire.stir()

    def _keep_reading(self) -> None:
        if self._wire is not None:
            self._wire.pace(0, waiting=True)

    # What the wire brings.

    def take(self, received: Received) -> None:
        """Take what the session wants shown: it answers somebody who waits, or is an event."""
        event = received.event
        if received.reply_to is not None:
            self._answered(received.reply_to, event)
            return
        if isinstance(event, _FILE_NEWS):
            self._transfers.take(event)
            return
        if isinstance(event, Welcomed):
            self._transfers.welcomed(resumed=event.resumed)
        match event:
            case SendAcknowledged() if event.cid in self._sends:
                _resolve(self._sends.pop(event.cid), event.posted)
            case SendRefused() if event.cid in self._sends:
                _reject(self._sends.pop(event.cid), RequestRefused(event.code, event.message))
            case _:
                self._show(event)
        if not self._session.pending:
            self._idle.set()

    def _answered(self, reply_to: str, event: ClientEvent) -> None:
        future = self._answers.pop(reply_to, None)
        if future is None:
            return
        if isinstance(event, Refused):
            _reject(future, RequestRefused(event.code, event.message))
            return
        _resolve(future, event)
        if isinstance(event, RoomEntered):
            self._show(event)  # everybody who follows the events wants to know where the user is

    def welcomed(self) -> None:
        """Take note that the login succeeded."""
        self._attempt = 0
        if self._first_login is not None and not self._first_login.done():
            self._first_login.set_result(None)

    def writable(self) -> None:
        """Take note that there is room for more of a file."""
        self._transfers.writable()

    def _show(self, event: ClientEvent) -> None:
        self._events.append(event)
        self._changed.set()
        if not self._followed and len(self._events) > EVENTS_HELD:
            self._events.popleft()  # a program that only sends does not have to look at events
        elif self._wire is not None:
            self._wire.pace(len(self._events), waiting=self._session.unanswered > 0)


def _resolve(future: asyncio.Future[Any], result: object) -> None:
    if not future.done():
        future.set_result(result)


def _reject(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
