"""Runs a server in the foreground: log, signals, what people are told, and a clean end."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import distribution
from typing import Any, Final
from urllib.parse import urlsplit

import chatcore
from chatcore.aio.clock import LoopClock
from chatcore.aio.installing import how_to_install
from chatcore.aio.plugins import load_transport
from chatcore.aio.server import ChatServer, Listen
from chatcore.aio.tasks import spawn
from chatcore.errors import ConfigurationError
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore.ports.network_address import host_port
from chatcore.ports.transport import Transport
from chatcore_cli.garbage import collect_seldom
from chatcore_cli.logs import Logs
from chatcore_cli.out import complain, give_up_output, say
from chatcore_cli.systemd import Service, take_sockets
from chatcore_cli.texts import _
from chatcore_cli.typed_command import NAME, make_with, program

_log = logging.getLogger("chatcore")

# File descriptors that are kept free: standard streams, log, event loop, listening sockets, and some to spare.
_SPARE_FILES: Final = 64
_MANY_FILES: Final = 2**20
_STOP_TIME: Final = 10.0
# How often to look whether somebody is still there, in seconds.
_LOOK_EVERY: Final = 0.25
EXIT_STORE: Final = 74
"""The store has failed (EX_IOERR of sysexits.h)."""
# By version of the protocol: the loopback address, and one from the range for documentation (RFC 5737, RFC 3849):
# asking how one would get there sends nothing.
_HERE: Final = {4: "127.0.0.1", 6: "::1"}
_ELSEWHERE: Final = {4: (socket.AF_INET, "203.0.113.1"), 6: (socket.AF_INET6, "2001:db8::1")}
# Everybody on a network, of all scopes: the address that one would speak from is the widest of that network.
_EVERYBODY: Final = {4: "224.0.0.1", 6: "ff0e::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `chatcore serve` needs to know."""

    listen: tuple[Listen, ...]
    by_address: bool
    """Whether each place was given by an address of its own (`--listen`)."""
    connections_asked: bool
    """Whether somebody said how many connections there may be at a time."""
    limits: Limits
    store: str
    """Name of a store, with its place behind a colon."""
    rooms: tuple[str, ...]
    """Names of rooms that are always there."""
    retention: Retention
    show_addresses: bool
    admin: tuple[str, int] | None
    """Host and port where whoever runs the server is told how it does; None for nowhere."""
    drain: float
    """For how many seconds users may go on after the system has asked the server to end."""
    log_level: str
    log_format: str


def run(settings: ServeSettings) -> int:
    """Serve until a signal comes; returns the exit code. Raises `ConfigurationError`."""
    logs = Logs(settings.log_level, settings.log_format)
    logs.start()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_serve(settings, logs))
    finally:
        logs.stop()


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop there is; None for the usual one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: ServeSettings, logs: Logs) -> int:
    service, sockets = Service(os.environ), take_sockets(os.environ)
    places = _within_file_limit(settings)
    places = tuple(replace(place, options=replace(place.options, sockets=sockets)) for place in places)
    server = ChatServer(
        listen=places,
        limits=settings.limits,
        store=settings.store,
        rooms=settings.rooms,
        retention=settings.retention,
        show_addresses=settings.show_addresses,
    )
    ending = Ending(partial(_read_again, server, service))
    async with _observed(server, settings.admin, logs):
        await server.start()
        code = _announce(places, server, by_address=settings.by_address)
        service.ready()
        collect_seldom(LoopClock(asyncio.get_running_loop()))
        if await _wait_for_the_end(ending.asked, server):
            complain(_("The store cannot be written any more, so the server stops; the log says why."))
            code = EXIT_STORE
        drain = settings.drain if ending.signal == signal.SIGTERM and not server.failed.is_set() else 0.0
        service.stopping(drain + _STOP_TIME)
        await _drain(server, drain)
        # Whatever the connections do, the server ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_TIME):
                await server.stop()
        service.close()
    return code


@asynccontextmanager
async def _observed(server: ChatServer, admin: tuple[str, int] | None, logs: Logs) -> AsyncIterator[None]:
    """Tell whoever asks at that place how the server does."""
    if admin is None:
        yield
        return
    try:
        from chatcore_metrics import Admin
    except ImportError as error:
        raise ConfigurationError(
            "{option} needs more than is installed; to install it: {command}",
            option="--admin-listen",
            command=how_to_install(distribution("chatcore"), "metrics"),
        ) from error
    place = Admin(server, chatcore.__version__, lambda: logs.dropped)
    await place.start(*admin)
    try:
        _log.info("observed", extra={"fields": {"url": place.url}})
        yield
    finally:
        await place.stop()


def _read_again(server: ChatServer, service: Service) -> None:
    """Look at the certificates now, and say which ones there are: whoever has renewed them wants to know."""
    service.reloading()
    keys = [place["key_fingerprint"] for place in server.about() if "key_fingerprint" in place]
    _log.info("reloaded", extra={"fields": {"key_fingerprint": ", ".join(dict.fromkeys(keys))} if keys else {}})
    if server.unready is None:
        service.ready()


async def _drain(server: ChatServer, seconds: float) -> None:
    """Take nobody new, and let those who are there go on for a while, as long as there is anybody."""
    if not seconds:
        return
    server.stop_accepting()
    _log.info("draining", extra={"fields": {"seconds": seconds}})
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while server.figures().connections and not server.failed.is_set() and loop.time() < end:  # noqa: ASYNC110
        await asyncio.sleep(min(_LOOK_EVERY, end - loop.time()))


async def _wait_for_the_end(stop: asyncio.Event, server: ChatServer) -> bool:
    """Wait for a signal, or the failure of the store; returns whether it was that."""
    failed = spawn(server.failed.wait(), name="wait for the store to fail")
    asked = spawn(stop.wait(), name="wait for a signal")
    await asyncio.wait((failed, asked), return_when=asyncio.FIRST_COMPLETED)
    for task in (failed, asked):
        task.cancel()
    return server.failed.is_set()


class Ending:
    """The end of a program that signals ask for; another one ends it at once.

    Args:
        read_again: called for SIGHUP where that is not the end: where no terminal can have been closed.
    """

    def __init__(self, read_again: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self.signal = 0
        """The number of the signal that asked."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGINT, self._ask, signal.SIGINT)
            loop.add_signal_handler(signal.SIGTERM, self._ask, signal.SIGTERM)
            if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
                if _has_terminal():
                    loop.add_signal_handler(signal.SIGHUP, self._ask, signal.SIGHUP)
                else:
                    loop.add_signal_handler(signal.SIGHUP, read_again)
        except (AttributeError, NotImplementedError):  # Windows
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, _frame: loop.call_soon_threadsafe(self._ask, number))

    def _ask(self, number: int) -> None:
        if self.asked.is_set():
            os._exit(128 + number)  # for the second time: at once
        self.signal = number
        self.asked.set()


def _has_terminal() -> bool:
    """Tell whether this process belongs to a terminal, which may be closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _within_file_limit(settings: ServeSettings) -> tuple[Listen, ...]:
    """Return the places with no more connections than there can be files: past that limit, nothing works."""
    places = settings.listen
    limit = raise_file_limit()
    if limit is None:
        return places
    hungry = [place for place in places if _transport_of(place).uses_files]
    most = max(1, (limit - _SPARE_FILES) // max(1, len(hungry)))
    if any(place.options.max_connections > most for place in hungry):
        fields = {"max_connections": most, "file_limit": limit}
        level = logging.WARNING if settings.connections_asked else logging.DEBUG
        _log.log(level, "fewer_connections", extra={"fields": fields})
    return tuple(
        replace(place, options=replace(place.options, max_connections=min(place.options.max_connections, most)))
        if place in hungry
        else place
        for place in places
    )


def _transport_of(place: Listen) -> Transport:
    return load_transport(place.transport) if isinstance(place.transport, str) else place.transport


def raise_file_limit() -> int | None:
    """Allow this process as many open files as it may have; returns the limit, None where there is none."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, _MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return None if soft == resource.RLIM_INFINITY else soft


def _announce(places: Sequence[Listen], server: ChatServer, *, by_address: bool) -> int:
    """Say where the server listens, how to join it, and what it is recognised by; returns the exit code so far."""
    urls = [_with_dialect(url, place.dialect) for place, url in zip(places, server.urls, strict=True)]
    about = server.about()
    lines = [_("chatcore listens on {url}").format(url=url) for url in urls]
    ways = _ways(places, urls)
    here = [_with_host(url, _HERE[at]) if (at := _everywhere(place)) else url for url, place in ways.items()]
    lines += _join_lines(_("Join it from another terminal:  {command}"), program(), here)
    if all(map(_is_here, places)):
        encrypted = all(told["encrypted"] for told in about)
        lines.append(_how_to_open(places, encrypted=encrypted, by_address=by_address))
    elif any(map(_everywhere, places)):
        lines += _how_others_join(ways, dict(zip(urls, places, strict=True)))
    lines += _how_to_recognise(places, about)
    lines.append(_what_is_kept(server))
    lines.append(_("Ctrl-C stops it."))
    try:
        say("\n".join(lines))
    except OSError as failure:  # the chat goes on
        code = give_up_output(failure)
        return 0 if failure.errno == errno.EPIPE else code
    return 0


def _with_dialect(url: str, dialect: str) -> str:
    return url if dialect == "chat" else url.replace("://", f"+{dialect}://", 1)


def _ways(places: Sequence[Listen], urls: Sequence[str]) -> dict[str, Listen]:
    """Return the addresses to join by; QUIC and WebSocket on one port are one, and an echo is nothing to join."""
    by_quic = {urlsplit(url).netloc for url in urls if url.startswith("quic://")}
    by_both = {urlsplit(url).netloc for url in urls if url.startswith(("ws://", "wss://"))} & by_quic
    ways: dict[str, Listen] = {}
    for place, url in zip(places, urls, strict=True):
        netloc = urlsplit(url).netloc
        if place.dialect != "echo":
            ways.setdefault(f"chat://{netloc}" if place.dialect == "chat" and netloc in by_both else url, place)
    return ways


def _what_is_kept(server: ChatServer) -> str:
    if server.kept_in is None:
        return _("It keeps everything in memory: a restart forgets it. To keep it, add to the command:  --store sqlite")
    return _("Rooms, users and messages are kept over a restart, in {path}.").format(path=server.kept_in)


def _join_lines(text: str, name: str, urls: Sequence[str]) -> list[str]:
    """Return a line for each address; the first one is `text`."""
    commands = [_("{program} connect {url} --username NAME").format(program=name, url=url) for url in urls]
    texts = [text, *[_("Or:  {command}")] * len(commands)]
    return [text.format(command=command) for text, command in zip(texts, commands, strict=False)]


def _how_others_join(ways: Mapping[str, Listen], places: Mapping[str, Listen]) -> list[str]:
    """Return how other computers get to the places that are at every address of this one."""
    there = _seen_from_elsewhere(ways or places)
    if not there:
        return [_("This computer has no network just now; others cannot join.")]
    if ways:
        # Where the program is on their computers, nobody knows here.
        return _join_lines(_("Others on your network join with:  {command}"), NAME, there)
    text = _("Others on your network connect to {address}, port {port}.")
    return [text.format(address=urlsplit(url).hostname, port=urlsplit(url).port) for url in there]


def _seen_from_elsewhere(places: Mapping[str, Listen]) -> list[str]:
    """Return the addresses of places that are at every address of this computer, as others have to write them."""
    return [
        _with_host(url, address)
        for url, place in places.items()
        if (version := _everywhere(place))
        for address in lan_addresses(version)
    ]


def _how_to_open(places: Sequence[Listen], *, encrypted: bool, by_address: bool) -> str:
    """Return how others on the network could reach it too, encrypted where that is possible."""
    if by_address:
        text = _("Only this computer can reach it. To open it to your network, listen at 0.0.0.0 instead of {host}.")
        return text.format(host=places[0].options.host)
    more = "--host 0.0.0.0"
    if not encrypted and all(_transport_of(place).can_encrypt for place in places):
        more = f"--tls {more}"
    again = make_with(more)
    if again is not None:
        return _("Only this computer can reach it. To open it to your network:  {command}").format(command=again)
    text = _("Only this computer can reach it. To open it to your network, add to the command:  {options}")
    return text.format(options=more)


def _how_to_recognise(places: Sequence[Listen], about: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fingerprints of a certificate that no authority vouches for."""
    for place, told in zip(places, about, strict=True):
        if place.options.tls_cert is None and "key_fingerprint" in told:
            return [
                _("Its key's fingerprint (SHA-256), for --fingerprint:  {fingerprint}").format(
                    fingerprint=told["key_fingerprint"]
                ),
                _("Its certificate's hash, for web pages:  {fingerprint}").format(
                    fingerprint=told["certificate_hashes"][0]["value"]
                ),
            ]
    return []


def _everywhere(place: Listen) -> int | None:
    """Return 4 or 6 for a place at every address of this computer of that version of IP; None for another one.

    Nobody connects to such an address; what is bound to it takes connections of its own version only.
    """
    address = _address_of(place)
    return address.version if address is not None and address.is_unspecified else None


def _is_here(place: Listen) -> bool:
    """Tell whether only this computer can reach a place."""
    address = _address_of(place)
    return place.options.host == "localhost" if address is None else address.is_loopback


def _address_of(place: Listen) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = socket.getaddrinfo(place.options.host, None, flags=socket.AI_NUMERICHOST)  # also 0, or 127.1
    except (OSError, UnicodeError):
        return None
    return ipaddress.ip_address(str(found[0][4][0]))


def _with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=host_port(host, parts.port or 0)).geturl()


def lan_addresses(version: int = 4) -> list[str]:
    """Return the addresses under which other computers reach this one, as far as it can tell; sends nothing.

    That is the one from which it would speak to the world; without a way there, those on each of its networks.

    Args:
        version: of IP.
    """
    family, elsewhere = _ELSEWHERE[version]
    found = [_speaks_from(family, (elsewhere, 9))]
    if found == [None]:
        found = [_speaks_from(family, (_EVERYBODY[version], 9), index) for index, _name in socket.if_nameindex()]
    return [address for address in dict.fromkeys(found) if address is not None]


def _speaks_from(family: socket.AddressFamily, there: tuple[str, int], interface: int = 0) -> str | None:
    """Return the address from which this computer would speak to another one; None when it cannot, or not by itself."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            if interface and family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface)
            elif interface:  # two addresses, then the number of the interface (ip(7))
                probe.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@4s4si", b"", b"", interface))
            probe.connect(there)
            address = ipaddress.ip_address(str(probe.getsockname()[0]))
    except OSError:
        return None
    zoned = address.version == 6 and address.is_link_local  # and others call the zone by names of their own
    return None if address.is_loopback or address.is_unspecified or zoned else str(address)
