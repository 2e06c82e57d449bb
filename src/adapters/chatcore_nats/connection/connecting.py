"""Connecting to NATS, and saying in one sentence why that is not possible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from random import random, shuffle
from typing import Any, Final, TypeVar

from nats.aio.client import Client
from nats.aio.transport import TcpTransport
from nats.errors import Error, NoRespondersError, NoServersError
from nats.js import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from chatcore.errors import ConfigurationError
from chatcore_nats.connection.credentials import Credentials
from chatcore_nats.connection.failures import (
    CUTS_OFF,
    NOT_ALLOWED,
    OVERLONG,
    REFUSALS,
    SILENT,
    Kind,
    NoAnswer,
    kind_of,
    not_allowed,
    telling,
    unreachable,
)
from chatcore_nats.connection.hearing import Hearing
from chatcore_nats.place import Place

_T = TypeVar("_T")

PATIENCE: Final = 5.0
"""How long each server may take until it answers, in seconds."""
# And until its JetStream has a leader.
_STREAM_PATIENCE: Final = 20.0
# Where nobody at all hears of it, JetStream was not begun.
_ALONE_PATIENCE: Final = 2.0
_TRY_AGAIN: Final = 0.25
# A connection that did not come about has nothing left to say; where TLS failed, nats-py waits for it in vain.
_NOTHING_LEFT: Final = 0.1
_CLOSE_PATIENCE: Final = 1.0
# Who is there answers a ping in that time, in seconds.
_MOMENT: Final = 0.5
# Seconds. A node whose server has died is on the next one long before its lease is over.
_PING_EVERY: Final = 2
_RECONNECT_WAIT: Final = 0.2
# For each server, at the first time.
_TRIES: Final = 3
_MOST_FORGOTTEN: Final = 20.0
_NOT_FOR_ACCOUNT: Final = 10039
_JETSTREAM_OFF: Final = 10076
LEAST_PAYLOAD: Final = 256 * 1024
"""So many bytes a message of NATS may have at least: more than any one record, or whatever else is sent. It has four
times that by itself."""
# So many of them are remembered; a chat needs less.
_MOST_FORBIDDEN: Final = 32
_PASSING: Final = (TimeoutError, NoRespondersError, ServiceUnavailableError)
"""What is said while there is no leader."""


class Connection(Client):
    """A connection to NATS that says nothing to a server that does not encrypt, where that was asked for.

    nats-py goes on without encryption when a server, or whoever is in between, does not offer it.

    Args:
        place: what was asked for.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self.failure: Exception | None = None
        """What went wrong last."""
        self.forbidden: dict[str, float] = {}
        """What NATS did not allow since somebody has cleared it, in its own words, and when."""
        self._refused_since: float | None = None
        self._refused_at = 0.0
        self._forgets = min(_MOST_FORGOTTEN, PATIENCE * (1 + len(place.servers)))
        """For so many seconds it counts that it was refused: by then, each server was asked again."""
        self.overlong = False
        """True once a message was longer than NATS lets this user send; it tells nobody beforehand how long that is."""
        self.domain = ""
        """Of the JetStream that answers here, where it has one."""
        self._asking: set[asyncio.Timeout] = set()
        """They end what is being asked for: nothing is answered where it is not allowed."""
        self._hearing = Hearing(self, lambda words: not_allowed(place, words).sentence)

    async def failed(self, error: Exception) -> None:
        """Take note of what nobody waits for."""
        kind = kind_of(error)
        if kind in NOT_ALLOWED:  # that alone: the connection is as it was, and so is whatever else it is for
            words, quote, subject = str(error).partition('"')
            said = words.lower().removeprefix("nats: ") + quote + subject
            if kind is Kind.NOT_HEARD and self._hearing.refused(subject.partition('"')[0], said):
                return
            if len(self.forbidden) >= _MOST_FORBIDDEN:
                del self.forbidden[next(iter(self.forbidden))]
            self.forbidden[said] = asyncio.get_running_loop().time()
            self._end_asking()
            return
        if kind is Kind.OVERLONG:
            self.overlong = True
            self._end_asking()
        refused = kind in REFUSALS
        since = self.refused_since
        if refused or since is None:  # whoever is refused is cut off as well, and says that next
            self.failure = error
        if refused:
            self._refused_at = asyncio.get_running_loop().time()
            if since is None:
                self._refused_since = self._refused_at

    def _end_asking(self) -> None:
        for asking in self._asking:
            if not asking.expired():
                asking.reschedule(0.0)

    @asynccontextmanager
    async def until_forbidden(self) -> AsyncIterator[None]:
        """End what is asked for in here, with TimeoutError, when NATS says that something is not allowed."""
        async with asyncio.timeout(None) as asking:
            self._asking.add(asking)
            try:
                yield
            finally:
                self._asking.remove(asking)

    async def let_in(self) -> None:
        """Take note that it is connected again."""
        self._refused_since = None

    @property
    def refused_since(self) -> float | None:
        """Since when NATS is there and does not let this connection in, by the loop's clock; None while it is away."""
        forgotten = asyncio.get_running_loop().time() > self._refused_at + self._forgets
        return None if forgotten else self._refused_since

    def under_way(self) -> set[asyncio.Task[None]]:
        """Return what this connection does by itself at present: reading, pinging, coming back, and so on."""
        reading = (self._reading_task, self._flusher_task, self._ping_interval_task, self._reconnection_task)
        own = (*reading, self._hearing.task)
        handed_out = (subscription._wait_for_msgs_task for subscription in self._subs.values())
        return {task for task in (*own, *handed_out) if task is not None and not task.done()}

    async def _connect_to_server(self, server: Any) -> None:
        if server.discovered:
            self._prefer_known()
        # nats-py forgets what came about, and then did not let this server in, or was lost before all was said again.
        for task in (self._reading_task, self._flusher_task, self._ping_interval_task):
            if task is not None:
                task.cancel()
        if self._transport is not None:
            self._transport.close()  # type: ignore[no-untyped-call]  # nats-py leaves it out
        if self._place.tls:
            # Certificates may have been renewed, as credentials are; nobody else waits while they are read.
            self.options["tls"] = await asyncio.to_thread(self._place.tls_context)
        try:
            await super()._connect_to_server(server)
        except TimeoutError as error:
            raise NoAnswer(SILENT, server) from error

    async def _process_connect_init(self) -> None:
        try:
            await super()._process_connect_init()
        except TimeoutError as error:
            raise NoAnswer(SILENT, self._current_server) from error
        except ConnectionError as error:
            raise NoAnswer(CUTS_OFF, self._current_server) from error
        if not self.is_connected and not self.options["allow_reconnect"]:  # nats-py reads on where nothing comes
            raise NoAnswer(CUTS_OFF, self._current_server)

    async def _attempt_reconnect(self) -> None:
        shuffle(self._server_pool)
        self._prefer_known()
        # Of two tries to come back, the one that the other has overtaken ends its wait, and nats-py stumbles over that.
        with suppress(asyncio.InvalidStateError):
            await super()._attempt_reconnect()

    def _prefer_known(self) -> None:
        """Try next what stands in the address: what NATS itself tells of may not be there for this machine."""
        self._server_pool.sort(key=lambda server: server.discovered)

    async def _process_err(self, err_msg: str) -> None:
        error = Error(f"nats: {err_msg}")
        if kind_of(error) in NOT_ALLOWED:
            await self.failed(Error(f"nats: {self._as_said(err_msg)}"))
        elif self.is_connected and self.options["allow_reconnect"]:
            # nats-py would close it for good, also where credentials have expired that are renewed by now.
            await self.failed(error)
            await self._process_op_err(error)
        else:
            await super()._process_err(err_msg)

    def _as_said(self, err_msg: str) -> str:
        """Return an error as it came: nats-py hands it on in lower case, where other subjects are meant."""
        said = self._ps.buf.partition(b"\r\n")[0].decode(errors="replace")[-len(err_msg) :]
        return (said if said.lower() == err_msg else err_msg).strip("'")

    def _connect_command(self) -> bytes:
        if self._place.tls and not self._server_info.get("tls_required"):
            raise Error("nats: TLS is not offered there")
        if self._server_info.get("tls_verify") and self._place.cert is None:
            raise Error("nats: TLS there wants a certificate of this server")
        writer = self._transport._io_writer if isinstance(self._transport, TcpTransport) else None
        if self._place.tls and writer is not None:
            # nats-py leaves it out, and asyncio would warn of each connection that NATS ends.
            writer.transport.get_protocol()._over_ssl = True  # type: ignore[attr-defined]  # of a StreamReaderProtocol
        return super()._connect_command()


async def connect(place: Place, name: str) -> Connection:
    """Return a connection that comes back by itself, to whichever server is there. Raises `ConfigurationError`.

    Whatever is wrong with one server, the others are asked.
    """
    options = _options(place, name)
    servers = sorted(place.servers, key=lambda server: random())
    failures: list[Exception] = []
    for number in range(len(servers)):
        try:
            return await _connect_to(servers[number:] + servers[:number], place, options)
        except (TimeoutError, OSError, Error, ValueError) as failure:
            failures.append(failure)
            if isinstance(failure.__cause__, NoServersError):  # all of them were asked
                break
    why = max(failures, key=telling)
    raise unreachable(place, why) from why


def check_files(place: Place) -> None:
    """Make sure that the files of an address can be used, without connecting. Raises `ConfigurationError`."""
    place.tls_context()
    if place.creds is not None:
        Credentials(place.creds).check(place)


def _options(place: Place, name: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "name": name,
        "connect_timeout": 2,
        "ping_interval": _PING_EVERY,
        "max_outstanding_pings": 2,
        "reconnect_time_wait": _RECONNECT_WAIT,
        "allow_reconnect": False,  # who does not get in at all is told so
        "max_reconnect_attempts": _TRIES,
        "dont_randomize": True,
        "tls": place.tls_context(),
        "tls_handshake_first": place.tls_first,
        "skip_subject_validation": True,
    }
    if place.user is not None:
        options |= {"user": place.user, "password": place.password or ""}
    elif place.password is not None:
        options["token"] = place.password
    if place.creds is not None:
        credentials = Credentials(place.creds)
        credentials.check(place)
        options |= {"user_jwt_cb": credentials.token, "signature_cb": credentials.sign}
    return options


async def _connect_to(servers: list[str], place: Place, options: Mapping[str, Any]) -> Connection:
    """Return a connection to the first of these servers where anybody listens. Raises whatever was wrong there."""
    client = Connection(place)
    try:
        async with asyncio.timeout(PATIENCE):
            await client.connect(servers=servers, error_cb=client.failed, reconnected_cb=client.let_in, **options)
    except (TimeoutError, OSError, Error, ValueError) as error:
        before = client.failure or error
        await close(client, _NOTHING_LEFT)
        why = max(before, client.failure or error, key=telling)  # what comes last may say that it is cut off, no more
        if why is error or (isinstance(error, NoAnswer) and telling(why) <= telling(error)):
            raise
        raise why from error
    except BaseException:
        await close(client, _NOTHING_LEFT)
        raise
    client.failure = None
    await client.let_in()
    client.options |= {"allow_reconnect": True, "max_reconnect_attempts": -1}
    return client


async def close(client: Connection, patience: float = _CLOSE_PATIENCE) -> None:
    """Close a connection, however it is: nothing of it goes on."""
    left = client.under_way()
    # What it cancels may be waiting for the same as itself, and is then cancelled with it: as a task, it is that alone.
    closing = asyncio.create_task(client.close())
    try:
        await asyncio.wait({closing}, timeout=patience)
    finally:
        # nats-py does not wait for what it cancels; and who just hears that nobody is there does not hear that it is
        # cancelled (gh-86296 of CPython), tries again, and a connection that was closed is there again.
        async with asyncio.timeout(patience):
            while left := {task for task in {closing} | left | client.under_way() if not task.done()}:
                for task in left:
                    task.cancel()
                await asyncio.wait(left, timeout=_NOTHING_LEFT)
        if client._transport is not None:
            client._transport.close()  # type: ignore[no-untyped-call]  # nats-py leaves it out
    # Whatever is left of it ended with its socket; uvloop says RuntimeError where one is written to that is closed.
    with suppress(asyncio.CancelledError, TimeoutError, OSError, RuntimeError, Error):
        closing.result()


async def answers(client: Client) -> bool:
    """Tell whether NATS answers at present."""
    if not client.is_connected:
        return False
    try:
        await client.flush(_MOMENT)  # type: ignore[arg-type]  # it takes parts of a second, too
    except (Error, OSError):
        return False
    return True


async def jetstream(client: Connection, place: Place) -> JetStreamContext:
    """Return the JetStream of a connection. Raises `ConfigurationError` when there is none that will do."""
    context = client.jetstream(timeout=PATIENCE)
    client.domain = (await patiently(client, context.account_info, place)).domain or ""
    return context


async def patiently(client: Connection, step: Callable[[], Awaitable[_T]], place: Place) -> _T:
    """Take a step that JetStream cannot take while it has no leader: again and again, for a while.

    Raises `ConfigurationError` when it stays so, is not allowed, JetStream is not there, or NATS takes short messages
    only; `APIError` for whatever else it says.
    """
    client.forbidden.clear()
    check_length(client, place)
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            async with client.until_forbidden():
                return await step()
        except _PASSING as error:
            code = getattr(error, "err_code", None)
            if client.forbidden:
                raise not_allowed(place, client.forbidden) from error
            check_length(client, place)
            if code == _NOT_FOR_ACCOUNT:
                raise ConfigurationError(
                    "JetStream at {place} is not for this account of NATS; write jetstream: enabled into its account",
                    place=place.text,
                ) from error
            if code == _JETSTREAM_OFF:
                raise _no_jetstream(place) from error
            alone = code is None and not isinstance(error, TimeoutError)
            if loop.time() >= began + (_ALONE_PATIENCE if alone else _STREAM_PATIENCE):
                raise _no_jetstream(place) from error
        await asyncio.sleep(_TRY_AGAIN)


def check_length(client: Connection, place: Place) -> None:
    """Raise `ConfigurationError` when NATS is known not to take messages that are as long as a chat may need."""
    if client.max_payload < LEAST_PAYLOAD:
        raise ConfigurationError(
            "NATS at {place} takes messages of {most} bytes at most, and a chat needs {least}; raise its max_payload",
            place=place.text,
            most=client.max_payload,
            least=LEAST_PAYLOAD,
        )
    if client.overlong:
        raise ConfigurationError(
            "NATS at {place} does not let this server send {least} bytes in a message, and a chat needs that ({why}); "
            "raise the payload limit of its user or account, or max_payload",
            place=place.text,
            least=LEAST_PAYLOAD,
            why=OVERLONG,
        )


def _no_jetstream(place: Place) -> ConfigurationError:
    return ConfigurationError(
        "NATS at {place} has no JetStream, or no leader for it; start nats-server with -js, and most of its servers",
        place=place.text,
    )
