"""The chat server on asyncio, for embedding in one's own program or for `chatcore serve`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from secrets import token_urlsafe
from typing import Any, Self

from chatcore.aio.arguments import check_room_names, checks_arguments
from chatcore.aio.clock import LoopClock
from chatcore.aio.home import Home
from chatcore.aio.server.given import check_given, check_limits, check_sendable
from chatcore.aio.server.listening import Listen, Listening
from chatcore.aio.server.operators import OperatorLines, do_as_asked
from chatcore.aio.server.sharing import Sharing
from chatcore.aio.server.signing_in import Doorkeeper
from chatcore.aio.server.stores import MEMORY, open_store
from chatcore.aio.server.storing import Storing
from chatcore.aio.tasks import spawn
from chatcore.chat.chat import Chat
from chatcore.chat.effects import ConnectionId, LineKind
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.errors import ConfigurationError, Sentence
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore.ports.observer import Figures
from chatcore.ports.passwords import Authenticate, PasswordHasher
from chatcore.ports.store import ClockDoubter, SharedStore, Store
from chatcore.ports.transport import ListenOptions, Transport
from chatcore.records import HostActed
from chatcore.server.counting import TimedJournal
from chatcore.server.journal.memory_journal import MemoryJournal
from chatcore.server.signing_in.terms import Accounts, Secrets
from chatcore.server.switchboard import Switchboard
from chatcore.text.names import composed, name_key
from chatcore.version import VERSION


@checks_arguments
class ChatServer:
    """A chat server: all its users meet in the same rooms, whatever they connect with.

    ::

        import asyncio
        from chatcore import ChatServer, run


        async def main() -> None:
            async with ChatServer(port=8765) as server:
                print("listening on", *server.urls)
                await asyncio.Event().wait()


        run(main())

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
        reload: called when an operator asks the server to read its settings again; raises `ConfigurationError` when
            they cannot be used. May call `change_limits` and `change_secrets`, and return a list of what has to wait.
        logger: gets a record for everything that happens: the message says what (`login`, `joined`, ...), the extra
            attribute `fields` is a dict with the rest. INFO, WARNING for what somebody should look at, ERROR for a
            mistake of the server's own or a store that failed. The logger `chatcore` when left out.

    Attributes:
        limits: those that it was given, or the default ones.
        failed: an event that is set when the store has failed: everybody was told goodbye, and only `stop` is left.
        drained: one that is set when an operator has asked this server, one of several, to end. Starts make both anew.
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
        reload: Callable[[], object] | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        only = Listen(transport, dialect, ListenOptions(host=host, port=port))
        self._listen = [only] if listen is None else listen
        self.limits = limits or Limits()
        self._store = store
        self._advertised = tuple(advertise)
        self._rooms = tuple(map(composed, rooms))
        kept = retention or Retention()
        self._retention = replace(kept, rooms={name_key(name): own for name, own in kept.rooms.items()})
        self._storing: Storing | None = None
        self._tidying: asyncio.Task[None] | None = None
        self.failed, self.drained = asyncio.Event(), asyncio.Event()
        self._show_addresses = show_addresses
        self._public_url = public_url
        self._lines = OperatorLines(logger or logging.getLogger("chatcore"))
        self._doorkeeper = Doorkeeper(
            password=password,
            operator_token=operator_token,
            passwords=passwords,
            authenticate=authenticate,
            accounts=accounts,
            mistake=self._lines.mistake,
        )
        check_given(self._listen, public_url, kept, self.limits, self._doorkeeper.accounts, reload=reload)
        self._reload = reload
        self._home: Home | None = None
        self._switchboard: Switchboard | None = None
        self._begun = False  # true from the beginning of `start` to the end of `stop`
        self._ending: asyncio.Task[None] | None = None
        self._unready: str | None = Sentence("the server was not started")
        self._listening = Listening(self.limits, self._lines.note, chat=lambda: self.chat)
        self._journal: TimedJournal | None = None
        self._sharing: Sharing | None = None

    @property
    def urls(self) -> list[str]:
        """Where clients connect, with the real ports: `["ws://127.0.0.1:8765"]`. Empty unless it listens."""
        return self._listening.urls

    def about(self) -> list[dict[str, Any]]:
        """Return where the server listens, as `GET /.well-known/chatcore` tells it: what each `Listener.about` says.

        One dict for each place: `transport`, `port`, `encrypted`, `dialect`, and what the transport adds to it.
        """
        return self._listening.about()

    @property
    def kept_in(self) -> str | None:
        """Where the chat is kept over a restart; None when it is in memory only."""
        return None if self._storing is None else self._storing.store.place

    @property
    def chat(self) -> Chat:
        """The chat itself, to look at and not to touch. Raises RuntimeError before the start.

        `chat.rooms` and `chat.users` are dicts by lower-case name. They change only between the program's awaits.
        """
        return self._running.chat

    @property
    def _running(self) -> Switchboard:
        if self._switchboard is None:
            raise RuntimeError("the server was not started")
        return self._switchboard

    @property
    def unready(self) -> str | None:
        """Why nobody can connect at present, for whoever runs the server; None when people can."""
        if self.failed.is_set():
            return Sentence("the store cannot be written any more")
        return self._unready or (None if self._sharing is None else self._sharing.apart())

    @property
    def refuses(self) -> str | None:
        """Why the store keeps nothing at present, so that nobody can log in, for whoever runs the server; or None."""
        return None if self._switchboard is None else self._switchboard.journal_side.refuses

    def figures(self) -> Figures:
        """Return what the server does, in numbers, counted since the start. Raises RuntimeError before that.

        It costs some milliseconds with thousands of connections.
        """
        return replace(
            self._running.figures(),
            turned_away=dict(self._listening.turned_away),
            commits=None if self._journal is None else self._journal.durations,
            store_bytes=None if self._storing is None else self._storing.store.size(),
            store_refuses=None if self._storing is None else self.refuses is not None,
            shared=None if self._sharing is None else self._sharing.figures(),
        )

    async def start(self) -> None:
        """Listen. Raises `ConfigurationError`, in one clear sentence, when that is not possible; RuntimeError twice."""
        if self._begun:
            raise RuntimeError("this server is up")
        if self._home is not None:  # what was so before the stop is not any more, and was told on that event loop
            self.failed, self.drained = asyncio.Event(), asyncio.Event()
        self._begun, self._home, self._switchboard = True, Home(), None
        try:
            check_room_names((self.limits.default_room, *self._rooms, *self._retention.rooms))
            secrets = self._doorkeeper.begin(self.limits.login_timeout)
            self._unready = Sentence("the server is starting")
            about: dict[str, Any] = {"name": "chatcore", "version": VERSION, **self._doorkeeper.about()}
            clock = LoopClock(asyncio.get_running_loop())
            store = self._open_store(clock)
            log = self._make_log(archived=store is not None)
            here = {} if store is None or not store.lease else {"here": self._is_here}
            chat = Chat(self.limits, log, about=about, show_addresses=self._show_addresses, **here)
            switchboard = self._switchboard = await self._make_switchboard(chat, log, clock, store, secrets)
            await self._begin(switchboard)
            self._doorkeeper.look_at_operators(chat, switchboard.propose)
            if self._storing is not None:
                self._tidying = spawn(self._storing.keep_tidy(switchboard.propose), name="let go what is not kept")
            if self._sharing is not None:
                await self._sharing.store.answer(self._answer)
            for place in self._listen:
                await self._listening.open(place, switchboard.accept)
            about |= self._listening.facts(self._public_url)
            self._unready = None
        except BaseException:
            await self.stop()
            raise

    def change_limits(self, limits: Limits) -> None:
        """Let other limits hold, and tell all users; with a store that several servers share, at all of these.

        But for those that hold from the start to the end (`chatcore.limits.FIXED`), which stay as they are. Raises
        RuntimeError before the start, `ConfigurationError` for names that no account has.
        """
        self._check_home()
        check_limits(limits, self._doorkeeper.accounts)
        self._running.change_limits(limits)

    def change_secrets(self, *, password: str | None, operator_token: str | None) -> tuple[str, ...]:
        """Ask for another password at the login from now on, and know operators by another token; as in the arguments.

        Whoever is in stays; who is an operator by another token is none any more. Returns which of the two
        (`"password"`, `"operator_token"`) is gone, and so asked of nobody. Raises `ConfigurationError` as at the start.
        """
        return self._doorkeeper.change(password, operator_token, self.acted, self._running.propose)

    def acted(self, act: str, value: str = "") -> None:
        """Write down, for operators to find among what was done, that the program around the server did something.

        `act` says what (`reload`), `value` what is otherwise now. Raises ValueError for what cannot be sent.
        """
        self._check_home()
        check_sendable(act=act, value=value)
        self._running.propose(HostActed(act, value=value))

    def _allowed(self, limits: Limits) -> None:
        self.limits = limits
        self._listening.change_limits(limits)

    def _make_log(self, *, archived: bool) -> MemoryLog:
        return MemoryLog(self.limits, archived=archived)

    async def _make_switchboard(
        self, chat: Chat, log: MemoryLog, clock: LoopClock, store: Store | None, secrets: Secrets
    ) -> Switchboard:
        """Bring the chat to where its store has it, if it has one, and make what drives it."""
        make = partial(
            Switchboard,
            chat,
            clock=clock,
            new_id=partial(token_urlsafe, 16),
            record=self._lines.note,
            secrets=secrets,
            host=partial(do_as_asked, reload=self._reload, drain=self.drained.set),
            allowed=self._allowed,
        )
        if store is None:
            return make(MemoryJournal(clock))
        storing = self._storing = Storing(store, chat, log, self._node, self._lines, failed=self.failed.is_set)
        await storing.load()
        journal = self._journal = TimedJournal(store, clock)
        switchboard = make(
            journal,
            fetch=storing.fetch,
            search=storing.search,
            keep=storing.keep,
            failed=self.failed.set,
            courier=store if isinstance(store, SharedStore) else None,
        )
        if isinstance(store, SharedStore):
            self._sharing = Sharing(
                store,
                storing,
                switchboard,
                journal,
                addresses=lambda: self._advertised or self.urls,
                unready=lambda: self.unready,
                drain=self.drained.set,
            )
        return switchboard

    async def _answer(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return None if self._sharing is None else await self._sharing.answer(question)

    def _is_here(self, connection: ConnectionId) -> bool:
        return self._switchboard is not None and connection in self._switchboard.connections

    def _node(self) -> int:
        return 0 if self._switchboard is None else self._switchboard.node

    def _open_store(self, clock: LoopClock) -> Store | None:
        return open_store(self._store, clock, self._retention, advertised=bool(self._advertised))

    async def _begin(self, switchboard: Switchboard) -> None:
        """Wait until the journal has this server as a node."""
        up, storing = asyncio.Event(), self._storing
        if storing is not None and isinstance(storing.store, ClockDoubter) and storing.store.doubted:
            self._lines.note(LineKind.CLOCK_DOUBTED, {"days": round(storing.store.doubted / 86_400)})
        kept: dict[str, Any] = {}
        if storing is not None:
            kept = {"lease": storing.store.lease, "lost": storing.has_lost, "keeps_rooms": True}
        await switchboard.start(up.set, rooms=self._rooms, addresses=self._advertised, **kept)
        await (up.wait() if storing is None else storing.begun(up))
        if (why := switchboard.unbegun) is not None:
            raise ConfigurationError("the store {path} cannot be used: {why}", path=self.kept_in or "", why=why)
        if switchboard.stopping:
            raise ConfigurationError("the store cannot be written to; its own message is in the log")
        if self._doorkeeper.accounts is Accounts.OFF and (locked := len(switchboard.chat.state.accounts)):
            self._lines.note(LineKind.ACCOUNTS_LOCKED, {"accounts": locked})

    def stop_accepting(self) -> None:
        """Take no new connections; the present ones stay, but nobody logs in on them any more. Idempotent."""
        self._check_home()
        self._unready = self._doorkeeper.let_nobody_in()
        self._listening.stop_accepting()

    async def stop(self, message: str = "the server is shutting down") -> None:
        """Say goodbye to everyone, close every connection and stop listening. Idempotent.

        Clients are told the message, and when to come back: after a second or more, at once where other servers are the
        same chat, 500 of them each second. Waits some seconds at most for slow ones, for transports and for the store,
        whose mistakes are logged; all that goes on when it is cancelled. A log in memory is gone then. Raises
        ValueError, and does nothing, for a message that cannot be sent.
        """
        check_sendable(message=message)
        self.stop_accepting()
        if self._switchboard is not None and not self._switchboard.stopping:
            self._switchboard.stop(message)
        if self._ending is None or self._ending.done():
            self._ending = spawn(self._end(), name="end the server")
        await asyncio.shield(self._ending)

    async def _end(self) -> None:
        await self._doorkeeper.close()
        await self._listening.wait_closed()
        for connection in [] if self._switchboard is None else list(self._switchboard.connections.values()):
            connection.drop()
        if self._tidying is not None:
            self._tidying.cancel()
        if self._storing is not None:
            self._sharing = None
            await self._storing.leave(None if self._switchboard is None else self._switchboard.leave)
            self._storing = None  # and not before: where all tasks were cancelled, the next stop does it again
        self._begun = False

    def _check_home(self) -> None:
        if self._home is not None:
            self._home.check("a server")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()
