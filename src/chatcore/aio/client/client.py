"""The chat client on asyncio: connects, reconnects by itself, and loses nothing in between.

What a client may be asked for is in `requests`, what goes on in its background in `life`, how an answer finds who waits
for it in `answers`, how a lost connection is followed by the next one in `reconnecting`, what happens on one of them in
`connection`, what waits to be looked at in `event_queue`, files in `files.transfers`.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NoReturn

from chatcore.aio.arguments import checked
from chatcore.aio.client.fresh_password import FreshPassword
from chatcore.aio.client.life import ClientLife
from chatcore.aio.client.remembering import Remembering
from chatcore.aio.client.requests.files import Files
from chatcore.aio.client.requests.going import Going
from chatcore.aio.client.requests.moderating import Moderating
from chatcore.aio.client.requests.operating import Operating
from chatcore.aio.client.requests.saying import Saying
from chatcore.aio.client.requests.telling import Telling
from chatcore.aio.plugins import split_dialect
from chatcore.aio.routes import Route
from chatcore.client.session import ClientSession
from chatcore.commands import Send
from chatcore.dialects.base import Dialect
from chatcore.events import ClientEvent, FileProgressed, Posted, RoomSummary, RoomUnread
from chatcore.ports.file_store import FileStore
from chatcore.ports.transport import ConnectOptions

_LOGIN_TIMEOUT: Final = ConnectOptions().login_timeout


class Client(Saying, Going, Telling, Moderating, Operating, Files):
    """A user of a chat server, for as long as the program wants, over as many connections as it takes.

    Made by `connect`. What happens comes by iterating, everything else by asking::

        async with connect("ws://127.0.0.1:8765", username="alice") as chat:
            await chat.enter("python")
            await chat.send("hello")
            async for event in chat:
                match event:
                    case MessagePosted():
                        print(f"{event.room}, {event.sender}: {safe_text(event.text)}")
                    case DirectPosted() if event.sender != chat.username:
                        await chat.send_direct(event.sender, "I heard you")
                    case PresenceChanged():
                        print(*event.joined, "came;", *event.left, "went;", event.users, "are here")
                    case ConnectionLost():
                        print(f"{event.reason}; trying again in {event.retry_in} s")

    The kinds of events are in `chatcore.events.ClientEvent`; `chatcore` itself offers the common ones. What this user
    says is among them. Texts are strangers' texts: `chatcore.text.safe_text.safe_text` makes them harmless for a
    terminal. A lost connection is no error but an event, and what is asked meanwhile waits for the next connection.

    Whatever is awaited may raise, besides what its help says:

    * `RequestRefused` (`code`, `message`) when the server refuses it; everything else goes on;
    * `ConnectionClosed` when the client has ended: it was closed, or another connection would be pointless;
    * `ConnectionFailed` when the server's answer makes no sense.

    Leaving `async with` logs out, however it is left; so does cancelling `connect` while it is under way. A client that
    nobody closed logs out when it is collected, with a ResourceWarning.

    Not thread-safe: use it on the event loop that it was made on. RuntimeError says so elsewhere;
    `asyncio.run_coroutine_threadsafe(chat.send("hello"), loop)` gets there from another thread.
    """

    def __init__(
        self,
        url: str,
        session: ClientSession,
        route: Route,
        dialect: Dialect,
        *,
        reconnect: bool,
        login_timeout: float = _LOGIN_TIMEOUT,
        options: ConnectOptions | None = None,
        files: FileStore | None = None,
        remembering: Remembering | None = None,
        fresh: FreshPassword | None = None,
    ) -> None:
        self._life = ClientLife(
            url,
            route,
            dialect,
            session,
            reconnect=reconnect,
            login_timeout=login_timeout,
            options=options,
            files=files,
            remembering=remembering or Remembering(None, "", session),
            fresh=fresh,
        )
        super().__init__(session, self._life.answers, self._life.transfers)
        self._first_client = session.client
        self._url = url

    # What is known.

    @property
    def url(self) -> str:
        """The address that `connect` was given."""
        return self._url

    @property
    def reached(self) -> str:
        """Address of the server of the present connection, or of the last one: `url`, or that of another server of the
        same chat, as that one has told it."""
        reached = self._life.connections.reached
        return self._url if reached == split_dialect(self._url)[0] else reached

    @property
    def transport(self) -> str:
        """URL scheme of the present connection, or of the last one: `ws`, `wss`, `quic`, or another transport's."""
        return self._life.connections.transport

    @property
    def server(self) -> Mapping[str, Any]:
        """What the server says of itself (`Welcomed.server`); empty before the login."""
        return self._life.connections.server

    @property
    def username(self) -> str:
        """The name that the user has now."""
        return self._session.username

    @property
    def room(self) -> str:
        """The room that the user is in."""
        return self._session.room

    @property
    def topic(self) -> str:
        """What the room is about, in somebody's words; empty when nobody has said."""
        return self._session.topic

    @property
    def role(self) -> str:
        """What the user is in the room: `operator`, `owner`, `moderator`, `member` or `muted`."""
        return self._session.role

    @property
    def private(self) -> bool:
        """True when only who is invited may come into the room."""
        return self._session.private

    @property
    def slow(self) -> int:
        """For how many seconds a member has to wait between two messages in the room; 0 for none."""
        return self._session.slow

    @property
    def members(self) -> tuple[str, ...]:
        """Who is in the room, the user too; of a very large room the first ones (`list_users` tells all)."""
        return tuple(self._session.members.values())

    @property
    def bots(self) -> tuple[str, ...]:
        """Who in the room is a bot, this one too: who logged in with `connect(bot=True)`."""
        return tuple(self._session.bots.values())

    @property
    def rooms(self) -> Mapping[str, RoomSummary]:
        """The room list as last told, by lower-case name: the first ones of very many (`list_rooms` tells all).

        How many users a room has is told about once a second; `members` and `list_rooms` are exact.
        """
        return self._session.rooms

    @property
    def unread(self) -> Mapping[str, RoomUnread]:
        """How far each room is read that the user was in, what is unread there, and what of it mentions the user.

        By lower-case name. The user's own, whatever program it was read with (`mark_read` says so).
        """
        return self._session.unread

    @property
    def connected(self) -> bool:
        """True while logged in."""
        return self._session.logged_in

    @property
    def counts_by_client_id(self) -> bool:
        """True when the server counts sends under the `client_id` of `connect`: what was sent with it has its number.

        False after a login that has brought another session back (`sessions`), or when somebody else uses that id.
        """
        return self._session.client == self._first_client

    @checked
    def name_now(self, posted: Posted) -> str | None:
        """Return the name that the sender of something has by now; None when another one has it.

        As far as the room of this user has told (`UserRenamed`): who is elsewhere changes names unheard. None also when
        hundreds of others have done so since, and nobody can know.
        """
        return self._session.name_now(posted)

    @property
    def pending(self) -> int:
        """How many sends are not acknowledged yet."""
        return self._session.pending

    @property
    def patience(self) -> float:
        """For how many seconds something has to wait because the server wants it later; 0 when nothing does.

        The client waits by itself, and goes on in the same order. What is said in a slow room holds nothing else back.
        """
        until = self._session.waits_until
        return 0.0 if until is None else max(0.0, until - asyncio.get_running_loop().time())

    @property
    def unsent(self) -> Mapping[int, Send]:
        """The sends that are not acknowledged yet, by the numbers that `post` returned, also after `close`.

        A program that keeps them, its `client_id` and their `cid` can send later what the server does not have: one
        whose `cid` is no higher than `Welcomed.cid` at the next login with that `client_id` has arrived.
        """
        return self._session.unsent

    @property
    def files(self) -> tuple[FileProgressed, ...]:
        """Every file that is on offer or under way, once for each user at the other side."""
        return self._transfers.files

    # Events.

    def __aiter__(self) -> AsyncIterator[ClientEvent]:
        return self

    async def __anext__(self) -> ClientEvent:
        """Return the next event; ends after `close`. Raises what ended the client for good, if anything did.

        That is `ConnectionClosed` when the server does not want the user back, or `reconnect` was False;
        `LoginRefused` when the name is somebody else's by now.

        A program that never asks for events is kept the newest thousand. One that does gets them all: while it is
        busy elsewhere, the client stops reading, and the server keeps the rest in its logs. Each event is returned
        once: one task at a time may wait for the next, and RuntimeError tells a second one so. The events of a `Bot`
        go to its handlers.
        """
        self._life.check_home()
        return await self._life.events.next()

    # Its life.

    async def start(self) -> None:
        """Connect and log in, which `connect` does. Raises `ConnectionFailed`, `LoginRefused`, `ConfigurationError`."""
        await self._life.start()

    def reconnect_now(self) -> None:
        """End the present pause between two tries: the next one begins at once.

        For a person who does not want to wait, and for a program that knows that the network is back. Nothing happens
        while connected, while a try is under way, and after the end. A try that fails is followed by a pause as ever.
        Do not answer every `ConnectionLost` with it: the pauses keep a crowd from coming back all at once.
        """
        self._life.check_home()
        self._life.connections.hurry()

    async def close(self) -> None:
        """Log out, so that the name is free at once, and close. Idempotent.

        Waits up to three seconds for what was posted to be acknowledged, and two for the server's goodbye; not at all
        while there is no connection. What is posted meanwhile raises `ConnectionClosed`. Whoever still waits for an
        answer then gets it too, transfers end, and iterating returns the events that have come, and ends.
        """
        await self._life.close()

    def __reduce__(self) -> NoReturn:
        """Raise TypeError: the end of a copy would be the end of the session (`copy`, `deepcopy`, `pickle`)."""
        raise TypeError("a client is one session, and there is no copy of it")

    def __del__(self) -> None:
        """Warn, log out and close, when nobody has and nobody can any more."""
        life: ClientLife | None = getattr(self, "_life", None)  # there is none when it could not be made
        if life is not None and life.left_alone:
            text = f"the client of {self.url} was not closed; use it with `async with`, or await its `close`"
            warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
            life.abandon()


def keep_events(client: Client, others: str) -> None:
    """Let nobody but the present task take a client's events: `others` is said to whoever else asks for one."""
    client._life.events.keep(others)
