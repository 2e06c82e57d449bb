"""The chat server on asyncio, for embedding in one's own program or for `chatcore serve`."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import chatcore
from chatcore.aio.clock import LoopClock
from chatcore.aio.plugins import load_dialect, load_transport
from chatcore.chat import Chat
from chatcore.errors import ConfigurationError
from chatcore.hub import Hub
from chatcore.limits import Limits
from chatcore.memory_log import MemoryLog
from chatcore.ports.room_log import RoomLog
from chatcore.ports.transport import Accept, Listener, ListenOptions, Transport


@dataclass(frozen=True, slots=True)
class Listen:
    """One place where a server listens."""

    transport: str | Transport = "ws"
    """Name of an installed transport, or a transport itself."""
    dialect: str = "chat"
    """Name of an installed dialect."""
    options: ListenOptions = field(default_factory=ListenOptions)
    """Host, port, certificates, bounds. The keepalive times are those of the server's limits."""


class ChatServer:
    """A chat server: all its users meet in the same rooms, whatever they connect with.

    ::

        async with ChatServer(port=0) as server:
            print("listening on", *server.urls)
            await asyncio.Event().wait()

    Entering it raises `ConfigurationError`, with one clear sentence, when it cannot listen; leaving it says goodbye to
    everyone.

    Args:
        host, port, transport, dialect: where to listen, for a server that listens in one place; port 0 picks a free
            one, and `transport` may be one that is not installed.
        listen: the same for several places; the four above are not looked at then.
        limits: what is allowed; sizes in bytes, times in seconds.
        log: where messages stand (`chatcore.ports.room_log.RoomLog`); in memory when left out.
        show_addresses: whether `whois` tells users' network addresses.
        logger: gets one record per event, with `fields` as an extra attribute; `chatcore` when left out.
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
        log: RoomLog | None = None,
        show_addresses: bool = False,
        logger: logging.Logger | None = None,
    ) -> None:
        if listen is None:
            listen = [Listen(transport, dialect, ListenOptions(host=host, port=port))]
        self._listen = listen
        self.limits = limits or Limits()
        self._log = log
        self._show_addresses = show_addresses
        self._logger = logger or logging.getLogger("chatcore")
        self._listeners: list[Listener] = []
        self._dialects: list[str] = []
        self._hub: Hub | None = None

    @property
    def urls(self) -> list[str]:
        """Where clients connect, with the real ports."""
        return [listener.url for listener in self._listeners]

    def about(self) -> list[dict[str, Any]]:
        """Return where the server listens, as `GET /.well-known/chatcore` tells it: what each `Listener.about` says."""
        places = zip(self._listeners, self._dialects, strict=True)
        return [{**listener.about(), "dialect": dialect} for listener, dialect in places]

    @property
    def chat(self) -> Chat:
        """The chat itself: its rooms and users, to look at. Raises RuntimeError before the start."""
        if self._hub is None:
            raise RuntimeError("the server was not started")
        return self._hub.chat

    async def start(self) -> None:
        """Listen. Raises `ConfigurationError`, with one clear sentence, when that is not possible."""
        log = self._log or MemoryLog(self.limits, _new_id)
        about = {"name": "chatcore", "version": chatcore.__version__}
        chat = Chat(self.limits, log, _new_id, about=about, show_addresses=self._show_addresses)
        self._hub = Hub(chat, LoopClock(asyncio.get_running_loop()), self._record)
        try:
            for place in self._listen:
                await self._open(place, self._hub, about)
        except BaseException:
            await self.stop()
            raise

    async def _open(self, place: Listen, hub: Hub, about: Mapping[str, Any]) -> None:
        transport = load_transport(place.transport) if isinstance(place.transport, str) else place.transport
        dialect = load_dialect(place.dialect)
        options = replace(
            place.options,
            about=lambda: {"server": about, "transports": self.about()},
            keepalive_interval=self.limits.keepalive_interval,
            keepalive_timeout=self.limits.keepalive_timeout,
        )
        listener = await self._listen_with(transport, options, partial(hub.accept, dialect))
        self._listeners.append(listener)
        self._dialects.append(dialect.name)
        self._record("listening", {"url": listener.url, "dialect": dialect.name})

    async def _listen_with(self, transport: Transport, options: ListenOptions, accept: Accept) -> Listener:
        """Listen; where any port will do, rather on the number that an earlier place got: one to remember."""
        if options.port == 0 and self._listeners:
            port = urlsplit(self._listeners[0].url).port
            with suppress(ConfigurationError):  # it is taken
                return await transport.listen(replace(options, port=port or 0), accept)
        return await transport.listen(options, accept)

    async def stop(self, message: str = "the server is shutting down") -> None:
        """Say goodbye to everyone, close every connection and stop listening. Idempotent.

        Clients are told when to come back, spread over some seconds. Waits for slow ones, a few seconds at most.
        """
        for listener in self._listeners:
            listener.stop_accepting()
        if self._hub is not None and not self._hub.chat.stopping:
            self._hub.stop(message)
        for listener in self._listeners:
            await listener.wait_closed()
            self._record("stopped", {"url": listener.url})
        self._listeners.clear()
        self._dialects.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def _record(self, what: str, fields: Mapping[str, Any]) -> None:
        error = fields.get("error")
        if isinstance(error, BaseException):
            self._logger.error(what, exc_info=error, extra={"fields": {}})
        else:
            self._logger.info(what, extra={"fields": fields})


def _new_id() -> str:
    return secrets.token_urlsafe(16)
