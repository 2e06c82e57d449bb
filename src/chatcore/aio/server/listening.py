"""Where a server listens, and what it says to those that it turns away there."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.aio.plugins import load_dialect, load_transport, unusable_dialect, unusable_transport
from chatcore.aio.second_place import offered_place
from chatcore.aio.tasks import end_within, spawn
from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.dialects.base import Dialect
from chatcore.errors import ConfigurationError, ErrorCode
from chatcore.events import Dismissed
from chatcore.limits import Limits
from chatcore.ports.network_address import ConnectionCount, PerPlace
from chatcore.ports.transport import Accept, Link, LinkHandler, Listener, ListenOptions, Nobody, Transport
from chatcore.server.promises import check_link, check_listener, promised_about, promised_url, promised_wait
from chatcore.server.seldom import Seldom
from chatcore.text.invitation import page_of


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


# Why transports turn people away, beside what is wrong with what these have said.
_TURNED_AWAY: Final = ("full", "crowded", "denied")
# For so many seconds at most a server that stops waits for a place where it listens; those of ours take six.
_LAST_TIME: Final = 10.0


@dataclass(slots=True)
class _Opened:
    """One place that was opened."""

    place: Listen
    listener: Listener
    transport: str
    dialect: str
    url: str = ""

    @property
    def whose(self) -> dict[str, str]:
        """By whose mistake it is, if there is one."""
        return {"transport": self.transport, "url": self.url}

    def about(self) -> dict[str, Any]:
        """Return what there is to say of it. Raises what the listener does."""
        return {**promised_about(self.transport, self.listener.about()), "dialect": self.dialect}


class Listening:
    """The places where one server listens: none before the first is opened, nor after the end.

    Args:
        limits: those of the server.
        record: writes one line for the operator: of its kind, with its fields, and maybe on another level.
        chat: returns the chat that everybody meets in.
    """

    def __init__(
        self,
        limits: Limits,
        record: Callable[..., None],
        *,
        chat: Callable[[], Chat],
    ) -> None:
        self._limits = limits
        self._record = record
        self._chat = chat
        self._places = PerPlace(limits.connections_per_address)
        self._connections = ConnectionCount()
        self._opened: list[_Opened] = []
        self._seldom: Seldom[tuple[str, str]] = Seldom()
        self.turned_away: Counter[str] = Counter(dict.fromkeys(_TURNED_AWAY, 0))
        """How many were, by the kind of reason."""

    @property
    def urls(self) -> list[str]:
        """Where clients connect, with the real ports."""
        return [opened.url for opened in self._opened if opened.url]

    def about(self) -> list[dict[str, Any]]:
        """Return what there is to say of each place, as `ChatServer.about`; nothing of one that does not say it."""
        found = list[dict[str, Any]]()
        for opened in self._opened:
            try:
                found.append(opened.about())
            except Exception as mistake:
                self._note_mistake(opened, mistake)
        return found

    def change_limits(self, limits: Limits) -> None:
        """Let each address have as many connections as other limits say."""
        self._places.most = limits.connections_per_address

    def facts(self, public_url: str | None) -> dict[str, Any]:
        """Return what clients are told of the places.

        Args:
            public_url: address of the WebSocket when others reach it in another way.
        """
        about = [opened.about() for opened in self._opened]
        found: dict[str, Any] = {}
        # For clients that come back: who answers without encryption is somebody else then.
        if {told["encrypted"] for told in about if told["transport"] in {"ws", "quic"}} == {True}:
            found["plain_websocket"] = False
        for opened, told in zip(self._opened, about, strict=True):
            if opened.place.options.web and told["transport"] == "ws":
                scheme = "https" if told["encrypted"] else "http"
                found.setdefault("page", {"scheme": scheme, "port": told["port"]})
        public = None if public_url is None else page_of(public_url)
        if public is not None and "page" in found:
            found["page"]["url"] = public
        return found | offered_place(about, public_url)

    async def open(self, place: Listen, accept: Callable[[Dialect, Link], LinkHandler]) -> None:
        """Listen in one more place. Raises `ConfigurationError`.

        Of a transport that is given itself also what that raises, and TypeError for what it has not promised.
        """
        transport = load_transport(place.transport) if isinstance(place.transport, str) else place.transport
        dialect = load_dialect(place.dialect)
        options = replace(
            place.options,
            places=self._places,
            connections=self._connections,
            refusal=self._goodbye(dialect, ErrorCode.SERVER_FULL, "the server is full; try again later"),
            crowded=self._goodbye(
                dialect,
                ErrorCode.TOO_MANY_CONNECTIONS,
                "there are too many connections from your network address; try again later",
            ),
            about=lambda: {"server": self._chat().about(), "transports": self.about()},
            addresses=lambda: self._chat().nodes.addresses,
            turned_away=partial(self._turned_away, transport.name),
            keepalive_interval=self._limits.keepalive_interval,
            keepalive_timeout=self._limits.keepalive_timeout,
        )
        try:
            taken = partial(self._accept, accept, transport.name, dialect)
            listener = await self._listen_with(transport, options, taken)
            check_listener(transport.name, listener)
            opened = _Opened(place, listener, transport.name, dialect.name)
            self._opened.append(opened)  # from here on it is closed, whatever is wrong with it
            opened.url = promised_url(transport.name, listener)
            opened.about()
        except Exception as error:
            if transport is place.transport or isinstance(error, ConfigurationError):
                raise
            raise unusable_transport(transport.name, error) from error  # it is installed, and not the program's
        self._record(LineKind.LISTENING, {"url": opened.url, "dialect": dialect.name})

    def _accept(
        self, accept: Callable[[Dialect, Link], LinkHandler], transport: str, dialect: Dialect, link: Link
    ) -> LinkHandler:
        """Take a new connection, unless its transport, or its dialect, makes a mistake of it at once."""
        try:
            check_link(link)
            return accept(dialect, link)
        except Exception as error:
            whose = {"transport": transport, "dialect": dialect.name}
            self._record(LineKind.INTERNAL_ERROR, {"error": error, **whose})
            with suppress(Exception):  # it has had its line
                link.abort()
            return Nobody()

    async def _listen_with(self, transport: Transport, options: ListenOptions, accept: Accept) -> Listener:
        """Listen; where any port will do, rather on the number that an earlier place got: one to remember."""
        if options.port == 0 and self._opened:
            port = urlsplit(self._opened[0].url).port
            with suppress(ConfigurationError):  # it is taken
                return await _asked_to_listen(transport, replace(options, port=port or 0), accept)
        return await _asked_to_listen(transport, options, accept)

    def stop_accepting(self) -> None:
        """Take no new connections. Idempotent."""
        for opened in self._opened:
            stop: Callable[[], object] = opened.listener.stop_accepting
            try:
                if isinstance(done := stop(), Coroutine):
                    done.close()  # the start has failed for that
            except Exception as mistake:
                self._note_mistake(opened, mistake)

    async def wait_closed(self) -> None:
        """Wait until every connection is closed, but not for ever; then it listens nowhere."""
        waits = {spawn(self._wait_closed(opened), name=f"close {opened.url}"): opened for opened in self._opened}
        for late in await end_within(_LAST_TIME, waits):
            self._note_mistake(waits[late], TimeoutError(f"wait_closed takes longer than {_LAST_TIME:g} s"))
        self._opened.clear()

    async def _wait_closed(self, opened: _Opened) -> None:
        try:
            await promised_wait("wait_closed of a listener", opened.listener.wait_closed())
        except Exception as mistake:
            self._note_mistake(opened, mistake)
        else:
            self._record(LineKind.STOPPED, {"url": opened.url})

    def _note_mistake(self, opened: _Opened, mistake: Exception) -> None:
        self._record(LineKind.INTERNAL_ERROR, {"error": mistake, **opened.whose})

    def _turned_away(self, transport: str, address: str, kind: str, why: str) -> None:
        """Record that a peer was refused before it was connected: whoever runs the server may want to help."""
        self.turned_away[kind] += 1
        count = self._seldom.held_back((transport, kind), asyncio.get_running_loop().time())
        if count is not None:
            fields = {"why": why, "address": address, "transport": transport} | ({"held_back": count} if count else {})
            # A client that is told neither finds out by trying whether there is TLS: nobody has to look at that.
            self._record(LineKind.TURNED_AWAY, fields, logging.INFO if kind == "tls" else None)

    def _goodbye(self, dialect: Dialect, code: ErrorCode, message: str) -> bytes:
        """Return what a dialect says on a stream to a connection that there is no room for."""
        try:
            machine = dialect.server(self._limits, boundaries=False, keepalive=False, now=0.0)
            machine.send_event(Dismissed(code, message, 1.0))
            return b"".join(machine.data_to_send())
        except Exception as error:  # it could say nothing to anybody
            raise unusable_dialect(dialect.name, error) from error


async def _asked_to_listen(transport: Transport, options: ListenOptions, accept: Accept) -> Listener:
    return await promised_wait(f"listen of the transport {transport.name!r}", transport.listen(options, accept))
