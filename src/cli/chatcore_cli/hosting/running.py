"""Runs a server in the foreground: log, signals, what people are told, and a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import chatcore
from chatcore.aio.clock import LoopClock
from chatcore.aio.garbage import collect_seldom
from chatcore.aio.server import ChatServer, Listen
from chatcore.aio.signals import END, is_hung_up_on, on_signals
from chatcore.aio.tasks import spawn
from chatcore.errors import ConfigurationError
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore.server.signing_in.terms import Accounts
from chatcore_cli.hosting.announcing import announce
from chatcore_cli.hosting.inviting import Code, websocket_of
from chatcore_cli.hosting.nearby import announced_nearby
from chatcore_cli.hosting.places import at_sockets, tell_of_unused, transport_of
from chatcore_cli.hosting.systemd import Service, take_sockets
from chatcore_cli.saying.logs import Logs
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.texts import _
from chatcore_cli.saying.troubles import MORE_FILES, trouble_of
from chatcore_cli.settings.extras import needs
from chatcore_cli.settings.passwords import LateArgon2

if TYPE_CHECKING:
    from chatcore_metrics import Admin

_log = logging.getLogger("chatcore")

# File descriptors that are kept free: standard streams, log, event loop, listening sockets, and some to spare.
_SPARE_FILES: Final = 64
_MANY_FILES: Final = 2**20
_STOP_TIME: Final = 10.0
_CANCEL_AGAIN: Final = 1.0
# How often to look whether somebody is still there, in seconds.
_LOOK_EVERY: Final = 0.25
EXIT_STORE: Final = 74
"""The store has failed (EX_IOERR of sysexits.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `chatcore serve` needs to know."""

    listen: tuple[Listen, ...]
    by_address: bool
    """Whether each place was given by an address of its own (`--listen`)."""
    public_url: str | None
    """The address of the page, when others reach it in another way."""
    announced: bool
    """Whether to announce the server by name on the local networks."""
    show_code: Code
    """When to show a code for cameras."""
    connections_asked: bool
    """Whether somebody said how many connections there may be at a time."""
    limits: Limits
    store: str
    """Name of a store, with its place behind a colon."""
    advertised: tuple[str, ...]
    """Addresses where clients of other servers on the same store reach this one."""
    rooms: tuple[str, ...]
    """Names of rooms that are always there."""
    retention: Retention
    show_addresses: bool
    password: str | None = field(repr=False)
    """What everybody has to say at the login; None for nothing."""
    accounts: str
    """Whether names may belong to somebody: `off`, `optional` or `required`."""
    admin: tuple[str, int] | None
    """Host and port where whoever runs the server is told how it does; None for nowhere."""
    operator_token: str | None
    """What makes a user an operator; None when there are no operators."""
    drain: float
    """For how many seconds users may go on after the system has asked the server to end."""
    log_level: str
    log_format: str
    late: tuple[str, ...] = ()
    """Settings that are others than at the start, and count from the next start on."""


def run(settings: ServeSettings, again: Callable[[], ServeSettings]) -> int:
    """Serve until a signal comes; returns the exit code. Raises `ConfigurationError`.

    `again` returns the settings as they are by then; it raises `ConfigurationError` too.
    """
    file_limit = raise_file_limit()
    if file_limit is not None and file_limit <= _SPARE_FILES and _takes_files(settings):
        raise ConfigurationError(
            "only {limit} files can be open here at a time, too few for a server; an administrator allows more by: "
            "{ways}",
            limit=file_limit,
            ways=MORE_FILES,
        )
    logs = Logs(settings.log_level, settings.log_format)
    logs.start()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            code = runner.run(_serve(settings, again, logs, file_limit))
    finally:
        logs.stop()
    if code == EXIT_STORE:  # after what it points to
        complain(_("The store cannot be written any more, so the server stops; the log says why."))
    return code


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop there is; None for the usual one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(
    settings: ServeSettings, again: Callable[[], ServeSettings], logs: Logs, file_limit: int | None
) -> int:
    service, sockets = Service(os.environ), take_sockets(os.environ)
    _tell_of_fewer_connections(settings, file_limit)
    places = tuple(at_sockets(place, sockets) for place in settings.listen)
    server = ChatServer(
        listen=places,
        limits=settings.limits,
        store=settings.store,
        advertise=settings.advertised,
        rooms=settings.rooms,
        retention=settings.retention,
        show_addresses=settings.show_addresses,
        operator_token=settings.operator_token,
        password=settings.password,
        public_url=None if settings.public_url is None else websocket_of(settings.public_url),
        passwords=LateArgon2() if settings.accounts != Accounts.OFF else None,
        accounts=settings.accounts,
        reload=lambda: _read_again(server, service, again, logs),
    )
    ending = Ending(partial(_hung_up, server, service, again, logs))
    tell_of_unused(sockets, places, settings.admin)
    async with _observed(server, settings, logs, sockets):
        if not await _is_started(server, ending):
            return 0
        code = announce(
            places, server, by_address=settings.by_address, public=settings.public_url, code=settings.show_code
        )
        service.ready()
        collect_seldom(LoopClock(asyncio.get_running_loop()))
        nearby = announced_nearby(places, server, settings.public_url) if settings.announced else nullcontext()
        async with nearby:
            await _wait_for_the_end(ending.asked, server)
        patient = ending.signal == signal.SIGTERM or server.drained.is_set()
        drain = settings.drain if patient and not server.failed.is_set() else 0.0
        service.stopping(drain + _STOP_TIME)
        await _drain(server, drain, ending)
        # Whatever the connections do, the server ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_TIME):
                await server.stop()
        service.close()
    return EXIT_STORE if server.failed.is_set() else code  # it may fail at the very end


@asynccontextmanager
async def _observed(
    server: ChatServer, settings: ServeSettings, logs: Logs, sockets: Sequence[int]
) -> AsyncIterator[None]:
    """Tell whoever asks at that place how the server does."""
    if settings.admin is None:
        yield
        return
    origins = settings.listen[0].options.origins
    place = load_admin()(server, chatcore.__version__, lambda: logs.dropped, origins=origins)
    await place.start(*settings.admin, sockets)
    try:
        _log.info("observed", extra={"fields": {"url": place.url}})
        yield
    finally:
        await place.stop()


def load_admin() -> type[Admin]:
    """Return what tells how a server does. Raises `ConfigurationError` where that is not installed."""
    with needs("metrics", "--admin-listen"):
        from chatcore_metrics import Admin
    return Admin


def _hung_up(server: ChatServer, service: Service, again: Callable[[], ServeSettings], logs: Logs) -> None:
    with suppress(ConfigurationError):  # which stands in the log
        _read_again(server, service, again, logs)
        server.acted("reload")


def _read_again(
    server: ChatServer, service: Service, again: Callable[[], ServeSettings], logs: Logs
) -> tuple[str, ...]:
    """Go by the settings and certificates that there are now, and say which: whoever has renewed them wants to know.

    Returns the names of those that count from the next start on.

    Raises `ConfigurationError` when they cannot be used; then those from before count on.
    """
    try:
        if server.unready is not None:
            raise ConfigurationError("the server is not ready: {why}", why=server.unready)
        service.reloading()
        try:
            settings = again()
            _go_by(settings, server, logs)
        except OSError as error:  # what looks at the settings opens files, too
            why = trouble_of(error) or error.strerror or str(error)
            raise ConfigurationError("the settings cannot be read: {why}", why=why) from error
        finally:
            service.ready()
    except ConfigurationError as error:
        _log.warning("not_reloaded", extra={"fields": {"why": error.sentence}})
        raise
    return settings.late


def _go_by(settings: ServeSettings, server: ChatServer, logs: Logs) -> None:
    server.change_limits(settings.limits)  # refused, this changes nothing; the secrets were looked at before
    gone = server.change_secrets(password=settings.password, operator_token=settings.operator_token)
    keys = [place["key_fingerprint"] for place in server.about() if "key_fingerprint" in place]
    fields = dict.fromkeys(gone, "none")
    if keys:
        fields["key_fingerprint"] = ", ".join(dict.fromkeys(keys))
    if settings.late:
        fields["from_the_next_start_on"] = ", ".join(settings.late)
    # What does not count yet needs a look, and so does what nobody is asked for any more.
    _log.log(logging.WARNING if settings.late or gone else logging.INFO, "reloaded", extra={"fields": fields})
    logs.set_level(settings.log_level)


async def _is_started(server: ChatServer, ending: Ending) -> bool:
    """Start the server; False when a signal has asked for the end before that was done, and nothing is left of it."""
    starting = spawn(server.start(), name="start the server")
    asked = spawn(ending.asked.wait(), name="wait for a signal")
    try:
        await asyncio.wait((starting, asked), return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
    if starting.done():
        starting.result()
        return True
    ending.end_within(_STOP_TIME)
    while not starting.done():  # what just ends by itself does not hear that it is cancelled (gh-86296 of CPython)
        starting.cancel()
        await asyncio.wait((starting,), timeout=_CANCEL_AGAIN)
    with suppress(asyncio.CancelledError, Exception):  # whatever was in its way: nobody wants it any more
        starting.result()
    await server.stop()
    return False


async def _drain(server: ChatServer, seconds: float, ending: Ending) -> None:
    """Take nobody new, and let those who are there go on for a while, as long as there is anybody.

    Who has only connected is not waited for: nobody logs in any more. Where an operator has asked, a signal ends it.
    """
    if not seconds:
        return
    server.stop_accepting()
    _log.info("draining", extra={"fields": {"seconds": seconds}})
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    by_signal = ending.asked.is_set()
    # Figures are read, and tell nobody when they change.
    while server.figures().present and not server.failed.is_set() and loop.time() < end:
        if ending.asked.is_set() and not by_signal:
            return
        await asyncio.sleep(min(_LOOK_EVERY, end - loop.time()))


async def _wait_for_the_end(stop: asyncio.Event, server: ChatServer) -> None:
    """Wait for a signal, an operator's word, or the failure of the store."""
    failed = spawn(server.failed.wait(), name="wait for the store to fail")
    asked = spawn(stop.wait(), name="wait for a signal")
    drained = spawn(server.drained.wait(), name="wait for an operator's word")
    await asyncio.wait((failed, asked, drained), return_when=asyncio.FIRST_COMPLETED)
    for task in (failed, asked, drained):
        task.cancel()


class Ending:
    """The end of a program that signals ask for; another one ends it at once.

    Args:
        read_again: called for SIGHUP where that is not the end: where no terminal can have been closed.
    """

    def __init__(self, read_again: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self.signal = 0
        """The number of the signal that asked."""
        on_signals(("SIGINT", *END), self._ask)
        if is_hung_up_on(by_default=True):
            on_signals(("SIGHUP",), self._ask if _has_terminal() else lambda _number: read_again())

    def end_within(self, seconds: float) -> None:
        """End the program as it is after so many seconds, if it has not ended: a thread that hangs cannot be ended."""
        last = threading.Timer(seconds, os._exit, (128 + self.signal,))
        last.daemon = True
        last.start()

    def _ask(self, number: int) -> None:
        if self.asked.is_set():
            os._exit(128 + number)  # for the second time: at once
        self.signal = number
        self.asked.set()


def _has_terminal() -> bool:
    """Tell whether this process belongs to a terminal, which may be closed."""
    if sys.platform == "win32":
        return False
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _takes_files(settings: ServeSettings) -> list[Listen]:
    """Return the places where each connection takes a file."""
    return [place for place in settings.listen if transport_of(place).uses_files]


def _tell_of_fewer_connections(settings: ServeSettings, limit: int | None) -> None:
    """Tell when fewer files can be open than connections may need."""
    if limit is None:
        return
    most = max(1, limit - _SPARE_FILES)
    if any(place.options.max_connections > most for place in _takes_files(settings)):
        fields = {"max_connections": most, "file_limit": limit}
        level = logging.WARNING if settings.connections_asked else logging.DEBUG
        _log.log(level, "fewer_connections", extra={"fields": fields})


def raise_file_limit() -> int | None:
    """Allow this process as many open files as it may have; returns the limit, None where there is none."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, _MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return None if soft == resource.RLIM_INFINITY else soft
