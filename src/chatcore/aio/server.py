"""The chat server on asyncio, for embedding in one's own program or for `chatcore serve`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from chatcore.aio.clock import LoopClock
from chatcore.aio.plugins import load_dialect, load_store, load_transport
from chatcore.aio.second_place import offered_place
from chatcore.aio.signing_in import AskedVouching, ThreadedPasswords
from chatcore.aio.storing import Storing
from chatcore.aio.tasks import spawn
from chatcore.chat.chat import Chat
from chatcore.chat.effects import ConnectionId, LineKind
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.requests.logins import SECRET_CHARS
from chatcore.chat.snapshot import dump
from chatcore.dialects.base import Dialect
from chatcore.errors import ConfigurationError, ErrorCode, FileError
from chatcore.events import Dismissed
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore.ports.clock import Clock
from chatcore.ports.network_address import PerPlace
from chatcore.ports.observer import Figures, SharedFigures
from chatcore.ports.passwords import Authenticate, PasswordHasher
from chatcore.ports.store import SharedStore, Store
from chatcore.ports.transport import Accept, Listener, ListenOptions, Transport
from chatcore.server.counting import TimedJournal
from chatcore.server.journal.memory_journal import MemoryJournal
from chatcore.server.journal.tickets import hashed
from chatcore.server.seldom import Seldom
from chatcore.server.signing_in.door import Door
from chatcore.server.signing_in.signing_in import Accounts, Secrets
from chatcore.server.switchboard import Switchboard
from chatcore.text.names import composed, is_room_name, name_key
from chatcore.version import VERSION

MEMORY: Final = "memory"
"""The store that keeps nothing."""

# Somebody should have a look at these; the others are as things go.
_LEVELS: Final = {
    LineKind.NOT_KEPT: logging.WARNING,
    LineKind.KEPT_AGAIN: logging.WARNING,
    LineKind.CUT_OFF: logging.WARNING,
    LineKind.STORE_FAILED: logging.ERROR,
    LineKind.UNREADABLE: logging.ERROR,
}
# A server whose own batches take longer than that, in seconds, is behind: what it has not applied may be on its way.
_LATE: Final = 1.0
# How often to look what a store keeps no longer, in seconds.
_TIDY_EVERY: Final = 30.0


@dataclass(frozen=True, slots=True)
class Listen:
    """One place where a server listens: `Listen("quic", options=ListenOptions(host="0.0.0.0", port=8765))`.

    Attributes:
        transport: name of an installed transport (`ws`, `quic`, `tcp`), or a transport itself.
        dialect: name of an installed dialect (`chat`, `echo`, `simple-json`, `simple-text`).
        options: host, port, certificates, bounds (`chatcore.ports.transport.ListenOptions`). The keepalive times in
            it are not looked at: those of the server's limits count.
    """

    transport: str | Transport = "ws"
    dialect: str = "chat"
    options: ListenOptions = field(default_factory=ListenOptions)


class ChatServer:
    """A chat server: all its users meet in the same rooms, whatever they connect with.

    ::

        import asyncio
        from chatcore import ChatServer


        async def main() -> None:
            async with ChatServer(port=8765) as server:
                print("listening on", *server.urls)
                await asyncio.Event().wait()


        asyncio.run(main())

    Entering it raises `ConfigurationError`, with one clear sentence, when it cannot listen; leaving it says goodbye to
    everyone. `start` and `stop` do the same. Several places, one of them encrypted::

        ChatServer(
            listen=[
                Listen("ws", options=ListenOptions(port=8765)),
                Listen("quic", options=ListenOptions(port=8765, tls_cert="cert.pem", tls_key="key.pem")),
                Listen("tcp", "simple-text", ListenOptions(port=12345)),
            ],
            limits=Limits(username_chars=20),
        )

    Args:
        host: where to listen: the default is for programs on the same machine, `0.0.0.0` (or `::`) is for everybody.
        port: 0 picks a free one.
        transport: name of an installed transport, or a transport itself, such as `chatcore.testing.MemoryNetwork`.
        dialect: name of an installed dialect.
        listen: several places to listen in; the four above are not looked at then.
        limits: what is allowed; sizes in bytes, times in seconds.
        advertise: where clients connect to this server, when several share a store: those of the others come here when
            they lose theirs. Like `ws://chat1.example.org:8765`.
        store: what keeps the chat over a restart: `"memory"` for nothing, the name of an installed store, with its
            place behind a colon (`"sqlite:/var/lib/chat.db"`), or a store itself (`chatcore.ports.store.Store`).
        rooms: names of rooms that are always there, beside the default one.
        retention: how much of what was said a store keeps; everything when left out. Its `rooms` may be their names.
        operator_token: what makes a user an operator, who looks after the whole server: a text of 16 characters or more
            that nobody guesses. None: there are no operators but the owners of the accounts that `limits` name.
        show_addresses: whether `whois` tells users' network addresses.
        password: what everybody has to say at the login; nobody has to when it is None.
        public_url: address of the WebSocket (`wss://chat.example.org`) when others reach it in another way, as behind
            a proxy: clients are told, for what they need a second connection for.
        passwords: makes hashes of the passwords of accounts (`chatcore_passwords.Argon2`); without it there are none.
        authenticate: says who somebody is, instead of passwords that are kept here: an async function that is given a
            `chatcore.ports.passwords.SignIn` and returns the name of an account, or None.
        accounts: whether names may belong to somebody: `"off"`, `"optional"`, or `"required"` when nobody else comes
            in. When left out: `required` with `authenticate`, `optional` with `passwords`, else `off`.
        logger: gets a record for everything that happens: the message says what (`login`, `joined`, ...), the extra
            attribute `fields` is a dict with the rest. INFO, WARNING for what somebody should look at, ERROR for a
            mistake of the server's own or a store that failed. The logger `chatcore` when left out.

    Attributes:
        limits: those that it was given, or the default ones.
        failed: an event that is set when the store has failed: everybody was told goodbye, and only `stop` is left.
        drained: an event that is set when an operator has asked this server, one of several, to end.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        transport: str | Transport = "ws",
        dialect: str = "chat",
        listen: Sequence[Listen] | None = None,
        limits: Limits | None = None,
        store: str | Store = MEMORY,
        advertise: Sequence[str] = (),
        rooms: Sequence[str] = (),
        retention: Retention | None = None,
        operator_token: str | None = None,
        show_addresses: bool = False,
        password: str | None = None,
        public_url: str | None = None,
        passwords: PasswordHasher | None = None,
        authenticate: Authenticate | None = None,
        accounts: str | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        if listen is None:
            listen = [Listen(transport, dialect, ListenOptions(host=host, port=port))]
        self._listen = listen
        self.limits = limits or Limits()
        self._store = store
        self._advertised = tuple(advertise)
        self._rooms = tuple(map(composed, rooms))
        kept = retention or Retention()
        self._retention = replace(kept, rooms={name_key(name): own for name, own in kept.rooms.items()})
        self._storing: Storing | None = None
        self._tidying: asyncio.Task[None] | None = None
        self.failed = asyncio.Event()
        self.drained = asyncio.Event()
        self._show_addresses = show_addresses
        self._operator_token = operator_token
        self._door = Door(password)
        self._public_url = public_url
        self._hasher = passwords
        self._authenticate = authenticate
        self._accounts = _accounts(accounts, passwords, authenticate)
        if self._accounts is Accounts.OFF and (self.limits.operators or self.limits.bots):
            raise ConfigurationError(
                "operators and bots are accounts, and there are none: give passwords or authenticate"
            )
        self._passwords: ThreadedPasswords | None = None
        self._vouching: AskedVouching | None = None
        self._logger = logger or logging.getLogger("chatcore")
        self._places = PerPlace(self.limits.connections_per_address)
        self._listeners: list[Listener] = []
        self._dialects: list[str] = []
        self._switchboard: Switchboard | None = None
        self._seldom: Seldom[tuple[str, str]] = Seldom()
        self._unready: str | None = "the server was not started"
        self._refused: Counter[str] = Counter()
        self._journal: TimedJournal | None = None

    @property
    def urls(self) -> list[str]:
        """Where clients connect, with the real ports: `["ws://127.0.0.1:8765"]`. Empty unless it listens."""
        return [listener.url for listener in self._listeners]

    def about(self) -> list[dict[str, Any]]:
        """Return where the server listens, as `GET /.well-known/chatcore` tells it: what each `Listener.about` says.

        One dict for each place: `transport`, `port`, `encrypted`, `dialect`, and what the transport adds to it.
        """
        places = zip(self._listeners, self._dialects, strict=True)
        return [{**listener.about(), "dialect": dialect} for listener, dialect in places]

    @property
    def kept_in(self) -> str | None:
        """Where the chat is kept over a restart; None when it is in memory only."""
        return None if self._storing is None else self._storing.store.place

    @property
    def chat(self) -> Chat:
        """The chat itself, to look at and not to touch. Raises RuntimeError before the start.

        `chat.rooms` and `chat.users` are dicts by lower-case name. They change only between the program's awaits.
        """
        if self._switchboard is None:
            raise RuntimeError("the server was not started")
        return self._switchboard.chat

    @property
    def unready(self) -> str | None:
        """Why nobody can connect at present, for whoever runs the server; None when people can."""
        if self.failed.is_set():
            return "the store cannot be written any more"
        return self._unready or self._apart()

    def _apart(self) -> str | None:
        """Return why this server is not one of those that share a store at present; None when it is, or is alone."""
        storing, switchboard = self._storing, self._switchboard
        if storing is None or switchboard is None or not isinstance(storing.store, SharedStore):
            return None
        if not switchboard.heard:
            return "nothing comes back from the journal"
        return "this server is behind the others" if storing.store.is_behind or self._lag() > _LATE else None

    def _lag(self) -> float:
        return 0.0 if self._journal is None else self._journal.lag

    async def _answer(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Answer what an operator asks the servers that share a store."""
        storing, switchboard, asked = self._storing, self._switchboard, question.get("ask")
        if storing is None or switchboard is None or not switchboard.node:
            return None
        told = {"node": switchboard.node, "nodes": len(self.chat.nodes.up), "position": self.chat.position}
        if asked == "drain" and question.get("node") == switchboard.node:
            self.drained.set()
            return told
        if asked == "snapshot":
            kept = await storing.save_if_asked()
            return None if kept is None else told | {"kept": kept}
        if asked == "digest":
            rows = json.dumps(list(dump(self.chat))).encode()
            return told | {"digest": hashlib.sha256(rows).hexdigest()[:16]}
        if asked != "status":
            return None
        shared = self._shared_figures(storing, switchboard)
        return told | {
            "version": VERSION,
            "addresses": self._advertised or self.urls,
            "connections": len(switchboard.connections),
            "users": len(self.chat.users),
            "behind": 0 if shared is None else shared.behind,
            "snapshot_age": None if shared is None else shared.snapshot_age,
            "unready": self.unready,
        }

    def _shared_figures(self, storing: Storing | None, switchboard: Switchboard) -> SharedFigures | None:
        if storing is None or not isinstance(storing.store, SharedStore):
            return None
        at = storing.store.snapshot_at()
        return SharedFigures(
            nodes=len(switchboard.chat.nodes.up),
            position=switchboard.chat.position,
            behind=storing.store.behind(),
            lag=self._lag(),
            under_way=switchboard.under_way,
            snapshot_age=None if at is None else LoopClock(asyncio.get_running_loop()).time() - at,
        )

    def figures(self) -> Figures:
        """Return what the server does, in numbers; what is counted is counted since the start.

        Raises RuntimeError before the start. It costs some milliseconds with thousands of connections.
        """
        if self._switchboard is None:
            raise RuntimeError("the server was not started")
        return replace(
            self._switchboard.figures(),
            turned_away=dict(self._refused),
            commits=None if self._journal is None else self._journal.durations,
            store_bytes=None if self._storing is None else self._storing.store.size(),
            shared=self._shared_figures(self._storing, self._switchboard),
        )

    async def start(self) -> None:
        """Listen. Raises `ConfigurationError`, with one clear sentence, when that is not possible."""
        for name in (self.limits.default_room, *self._rooms, *self._retention.rooms):
            if not is_room_name(name):
                raise ConfigurationError(
                    "{name!r} is no name of a room: 1 to 32 letters of one script, digits, _ or -", name=name
                )
        token = self._operator_token
        if token is not None and len(token) < SECRET_CHARS:
            raise ConfigurationError("the token of the operators is too short: {number} characters", number=len(token))
        secrets = self._secrets("" if token is None else hashed(token))
        self._unready = "the server is starting"
        about: dict[str, Any] = {"name": "chatcore", "version": VERSION}
        if self._accounts is not Accounts.OFF:
            about["accounts"] = self._accounts.value
        clock = LoopClock(asyncio.get_running_loop())
        store = self._open_store(clock)
        log = self._make_log(archived=store is not None)
        here = {} if store is None or not store.lease else {"here": self._is_here}
        chat = Chat(self.limits, log, about=about, show_addresses=self._show_addresses, **here)
        if store is None:
            journal = MemoryJournal(clock)
            self._switchboard = Switchboard(chat, journal, clock, _new_id, self._record, secrets=secrets)
        else:
            self._storing = Storing(store, chat, log, self._node, self._unreadable)
            await self._storing.load()
            self._journal = TimedJournal(store, clock)
            self._switchboard = Switchboard(
                chat,
                self._journal,
                clock,
                _new_id,
                self._record,
                fetch=self._storing.fetch,
                search=self._storing.search,
                keep=self._storing.keep,
                failed=self.failed.set,
                secrets=secrets,
                courier=store if isinstance(store, SharedStore) else None,
            )
        try:
            await self._begin(self._switchboard)
            if self._storing is not None:
                self._tidying = spawn(self._tidy(self._storing, self._switchboard), name="let go what is not kept")
            if store is not None and isinstance(store, SharedStore):
                await store.answer(self._answer)
            for place in self._listen:
                await self._open(place, self._switchboard)
            # For clients that come back: who answers without encryption is somebody else then.
            if {told["encrypted"] for told in self.about() if told["transport"] in {"ws", "quic"}} == {True}:
                about["plain_websocket"] = False
            for place, told in zip(self._listen, self.about(), strict=True):
                if place.options.web and told["transport"] == "ws":
                    scheme = "https" if told["encrypted"] else "http"
                    about.setdefault("page", {"scheme": scheme, "port": told["port"]})
            about |= offered_place(self.about(), self._public_url)
            self._unready = None
        except BaseException:
            await self.stop()
            raise

    def _secrets(self, operator_token: str) -> Secrets:
        if self._authenticate is not None:
            self._vouching = AskedVouching(self._authenticate, self._mistake, self.limits.login_timeout)
        elif self._hasher is not None:
            self._passwords = ThreadedPasswords(self._hasher, self._mistake)
        return Secrets(self._door, operator_token, self._accounts, self._passwords, self._vouching)

    def _mistake(self, error: BaseException) -> None:
        self._record(LineKind.INTERNAL_ERROR, {"error": error})

    def _make_log(self, *, archived: bool) -> MemoryLog:
        return MemoryLog(self.limits, archived=archived)

    def _is_here(self, connection: ConnectionId) -> bool:
        return self._switchboard is not None and connection in self._switchboard.connections

    def _node(self) -> int:
        return 0 if self._switchboard is None else self._switchboard.node

    def _open_store(self, clock: Clock) -> Store | None:
        if not isinstance(self._store, str):
            return self._store
        name, _, place = self._store.partition(":")
        return None if name == MEMORY else load_store(name)(place, clock, self._retention)

    async def _begin(self, switchboard: Switchboard) -> None:
        """Wait until the journal has this server as a node."""
        up = asyncio.Event()
        storing = self._storing
        lease = 0.0 if storing is None else storing.store.lease
        keeps = storing is not None
        addresses = self._advertised
        await switchboard.start(up.set, lease=lease, keeps_rooms=keeps, rooms=self._rooms, addresses=addresses)
        await up.wait()
        if switchboard.unbegun is not None:
            why = switchboard.unbegun
            raise ConfigurationError("the store {path} cannot be used: {why}", path=self.kept_in or "", why=why)
        if switchboard.stopping:
            raise ConfigurationError("the store cannot be written to; its own message is in the log")

    async def _tidy(self, storing: Storing, switchboard: Switchboard) -> None:
        while True:
            with suppress(FileError):  # the disk may be full for a while
                forgotten = await storing.tidy()
                if forgotten is not None:
                    switchboard.propose(forgotten)
            await asyncio.sleep(_TIDY_EVERY)

    async def _open(self, place: Listen, switchboard: Switchboard) -> None:
        transport = load_transport(place.transport) if isinstance(place.transport, str) else place.transport
        dialect = load_dialect(place.dialect)
        options = replace(
            place.options,
            places=self._places,
            refusal=self._goodbye(dialect, ErrorCode.SERVER_FULL, "the server is full; try again later"),
            crowded=self._goodbye(
                dialect,
                ErrorCode.TOO_MANY_CONNECTIONS,
                "there are too many connections from your network address; try again later",
            ),
            about=lambda: {"server": self.chat.about(), "transports": self.about()},
            addresses=lambda: self.chat.nodes.addresses,
            turned_away=partial(self._turned_away, transport.name),
            keepalive_interval=self.limits.keepalive_interval,
            keepalive_timeout=self.limits.keepalive_timeout,
        )
        listener = await self._listen_with(transport, options, partial(switchboard.accept, dialect))
        self._listeners.append(listener)
        self._dialects.append(dialect.name)
        self._record(LineKind.LISTENING, {"url": listener.url, "dialect": dialect.name})

    async def _listen_with(self, transport: Transport, options: ListenOptions, accept: Accept) -> Listener:
        """Listen; where any port will do, rather on the number that an earlier place got: one to remember."""
        if options.port == 0 and self._listeners:
            port = urlsplit(self._listeners[0].url).port
            with suppress(ConfigurationError):  # it is taken
                return await transport.listen(replace(options, port=port or 0), accept)
        return await transport.listen(options, accept)

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay. Idempotent."""
        self._unready = "the server is shutting down"
        for listener in self._listeners:
            listener.stop_accepting()

    async def stop(self, message: str = "the server is shutting down") -> None:
        """Say goodbye to everyone, close every connection and stop listening. Idempotent.

        Clients are told the message, and when to come back: after a second or more, 500 of them each second. Waits
        for slow ones, a few seconds at most in each place. A log in memory is gone with it.
        """
        self.stop_accepting()
        if self._switchboard is not None and not self._switchboard.stopping:
            self._switchboard.stop(message)
        if self._vouching is not None:
            await self._vouching.close()
        if self._passwords is not None:
            self._passwords.close()
        for listener in self._listeners:
            await listener.wait_closed()
            self._record(LineKind.STOPPED, {"url": listener.url})
        if self._switchboard is not None and self._storing is not None:
            if self._tidying is not None:
                self._tidying.cancel()
            left = asyncio.Event()
            self._switchboard.leave(left.set)
            await left.wait()
            storing, self._storing = self._storing, None
            await storing.close()
        self._listeners.clear()
        self._dialects.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def _turned_away(self, transport: str, address: str, kind: str, why: str) -> None:
        """Record that a peer was refused before it was connected: whoever runs the server may want to help."""
        self._refused[kind] += 1
        count = self._seldom.held_back((transport, kind), asyncio.get_running_loop().time())
        if count is not None:
            fields = {"why": why, "address": address, "transport": transport} | ({"held_back": count} if count else {})
            self._logger.warning(LineKind.TURNED_AWAY, extra={"fields": fields})

    def _unreadable(self, fields: Mapping[str, Any]) -> None:
        """Record what the store does not give, once in a while: whoever asks for it may ask again and again."""
        count = self._seldom.held_back(("store", str(fields.get("log"))), asyncio.get_running_loop().time())
        if count is not None:
            self._record(LineKind.UNREADABLE, {**fields, "held_back": count} if count else fields)

    def _goodbye(self, dialect: Dialect, code: ErrorCode, message: str) -> bytes:
        """Return what a dialect says on a stream to a connection that there is no room for."""
        machine = dialect.server(self.limits, boundaries=False, keepalive=False, now=0.0)
        machine.send_event(Dismissed(code, message, 1.0))
        return b"".join(machine.data_to_send())

    def _record(self, what: LineKind, fields: Mapping[str, Any]) -> None:
        error = fields.get("error")
        if isinstance(error, BaseException):
            self._logger.error(what, exc_info=error, extra={"fields": {}})
        else:
            self._logger.log(_LEVELS.get(what, logging.INFO), what, extra={"fields": fields})


def _new_id() -> str:
    return secrets.token_urlsafe(16)


def _accounts(asked: str | None, passwords: PasswordHasher | None, authenticate: Authenticate | None) -> Accounts:
    """Return whether names may belong to somebody. Raises `ConfigurationError`."""
    if asked is None:
        kept = Accounts.OFF if passwords is None else Accounts.OPTIONAL
        return kept if authenticate is None else Accounts.REQUIRED
    if asked not in list(Accounts):
        raise ConfigurationError("accounts are off, optional or required, and not {given!r}", given=asked)
    if asked != Accounts.OFF and passwords is None and authenticate is None:
        raise ConfigurationError("without passwords or authenticate, there are no accounts")
    return Accounts(asked)
