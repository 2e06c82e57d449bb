"""Runs a server in the foreground: log, signals, what people are told, and a clean end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Final

from chatcore.aio.clock import LoopClock
from chatcore.aio.garbage import collect_seldom
from chatcore.aio.server import ChatServer
from chatcore.aio.signals import END, is_hung_up_on, on_signals
from chatcore.aio.tasks import spawn
from chatcore.server.signing_in.terms import Accounts
from chatcore_cli.hosting.announcing import announce
from chatcore_cli.hosting.inviting import websocket_of
from chatcore_cli.hosting.nearby import announced_nearby
from chatcore_cli.hosting.observing import observed
from chatcore_cli.hosting.open_files import check_open_files, raise_file_limit, tell_of_fewer_connections
from chatcore_cli.hosting.places import share_sockets, tell_of_unused
from chatcore_cli.hosting.reloading import Reloading
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.hosting.systemd import Service, take_sockets
from chatcore_cli.saying.logs import Logs
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.passwords import LateArgon2

_log = logging.getLogger("chatcore")

_STOP_TIME: Final = 10.0
_CANCEL_AGAIN: Final = 1.0
# How often to look whether somebody is still there, in seconds.
_LOOK_EVERY: Final = 0.25
EXIT_STORE: Final = 74
"""The store has failed (EX_IOERR of sysexits.h)."""


def run(settings: ServeSettings, again: Callable[[], ServeSettings]) -> int:
    """Serve until a signal comes; returns the exit code. Raises `ConfigurationError`.

    `again` returns the settings as they are by then; it raises `ConfigurationError` too.
    """
    file_limit = raise_file_limit()
    check_open_files(settings, file_limit)
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
    tell_of_fewer_connections(settings, file_limit)
    places, for_admin = share_sockets(settings.listen, settings.admin, sockets)
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
        reload=lambda: reloading.read_again(),  # noqa: PLW0108 - which needs the server
    )
    reloading = Reloading(server, service, again, logs)
    ending = Ending(reloading.hung_up)
    tell_of_unused(sockets, places, settings.admin)
    async with observed(server, settings, logs, for_admin):
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
