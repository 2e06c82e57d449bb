"""Runs a server in the foreground: log, signals, what people are told, and a clean end."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import click

from chatcore.aio.plugins import load_transport
from chatcore.aio.server import ChatServer, Listen
from chatcore.limits import Limits
from chatcore.ports.transport import Transport
from chatcore_cli.logs import Logs
from chatcore_cli.texts import _

_log = logging.getLogger("chatcore")

# File descriptors that are kept free: standard streams, log, event loop, listening sockets, and some to spare.
_SPARE_FILES: Final = 64
_MANY_FILES: Final = 2**20
_STOP_TIME: Final = 10.0
# An address from the range for documentation: asking how one would get there sends nothing.
_ELSEWHERE: Final = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that `chatcore serve` needs to know."""

    listen: tuple[Listen, ...]
    limits: Limits
    show_addresses: bool
    log_level: str
    log_format: str


def run(settings: Settings) -> int:
    """Serve until a signal comes; returns the exit code. Raises `ConfigurationError`."""
    logs = Logs(settings.log_level, settings.log_format)
    logs.start()
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_serve(settings))
    finally:
        logs.stop()
    return 0


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fastest event loop there is; None for the usual one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    _on_signals(stop)
    places = _within_file_limit(settings.listen)
    server = ChatServer(listen=places, limits=settings.limits, show_addresses=settings.show_addresses)
    await server.start()
    _announce(places, server)
    await stop.wait()
    # Whatever the connections do, the server ends.
    with suppress(TimeoutError):
        async with asyncio.timeout(_STOP_TIME):
            await server.stop()


def _on_signals(stop: asyncio.Event) -> None:
    def interrupted() -> None:
        if stop.is_set():
            os._exit(130)  # asked for the second time: at once
        stop.set()

    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, interrupted)
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
            loop.add_signal_handler(signal.SIGHUP, stop.set)
    except (AttributeError, NotImplementedError):  # Windows
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(interrupted))


def _within_file_limit(places: tuple[Listen, ...]) -> tuple[Listen, ...]:
    """Return the places with no more connections than there can be files: past that limit, nothing works."""
    limit = raise_file_limit()
    if limit is None:
        return places
    hungry = [place for place in places if _transport_of(place).uses_files]
    most = max(1, (limit - _SPARE_FILES) // max(1, len(hungry)))
    if any(place.options.max_connections > most for place in hungry):
        fields = {"max_connections": most, "file_limit": limit}
        _log.warning("fewer_connections", extra={"fields": fields})
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


def _announce(places: Sequence[Listen], server: ChatServer) -> None:
    """Say where the server listens, how to join it, and what it is recognised by."""
    urls = [_with_dialect(url, place.dialect) for place, url in zip(places, server.urls, strict=True)]
    lines = [_("chatcore listens on {url}").format(url=url) for url in urls]
    lines += _how_to_join(places, urls)
    lines += _how_to_recognise(places, server.about())
    lines.append(_("Ctrl-C stops it."))
    try:
        click.echo("\n".join(lines))
    except OSError:
        # Nobody listens to us; the chat goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _with_dialect(url: str, dialect: str) -> str:
    return url if dialect == "chat" else url.replace("://", f"+{dialect}://", 1)


def _how_to_join(places: Sequence[Listen], urls: Sequence[str]) -> list[str]:
    place, url = places[0], urls[0]
    host, port = place.options.host, urlsplit(url).port
    alike = [other for other in urls if urlsplit(other).netloc == urlsplit(url).netloc]
    if {urlsplit(other).scheme for other in alike} >= {"quic"} and len(alike) > 1:
        url = f"chat://{urlsplit(url).netloc}"
    everywhere, here = _reach(host)
    lines = []
    if place.dialect != "echo":
        shown = url if not everywhere else _with_host(url, "127.0.0.1")
        lines.append(_("Join it from another terminal:  chatcore connect {url} --username NAME").format(url=shown))
    if here:
        lines.append(_("Only this computer can reach it. To open it to your network:  chatcore serve --host 0.0.0.0"))
    elif everywhere:
        address = lan_address()
        if address is None:
            lines.append(_("This computer has no network just now; others cannot join."))
        elif place.dialect != "echo":
            text = _("Others on your network join with:  chatcore connect {url} --username NAME")
            lines.append(text.format(url=_with_host(url, address)))
        else:
            text = _("Others on your network connect to {address}, port {port}.")
            lines.append(text.format(address=address, port=port))
    return lines


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


def _reach(host: str) -> tuple[bool, bool]:
    """Tell whether a host is every address of this computer, and whether only this computer can reach it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "", host == "localhost"
    return address.is_unspecified, address.is_loopback


def _with_host(url: str, host: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{host}:{parts.port}").geturl()


def lan_address() -> str | None:
    """Return the address under which other computers reach this one, as far as it can tell; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            found = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if ipaddress.ip_address(found).is_loopback else found
