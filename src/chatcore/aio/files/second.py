"""A second connection of a session: where it leads to, and what goes on it: chunks of files, and credit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from chatcore.commands import AttachConnection, Traffic
from chatcore.dialects.base import ClientMachine, Dialect
from chatcore.errors import ChatcoreError, ConnectionFailed, RequestRefused
from chatcore.events import ChunkReceived, ConnectionAttached, CreditGranted, Refused
from chatcore.limits import Limits
from chatcore.ports.network_address import host_port, parse_address
from chatcore.ports.server_address import server_address
from chatcore.ports.transport import ConnectOptions, Link, Lost, Transport
from chatcore.quick import dataclass
from chatcore.text.reasons import lost_sentence

FILES: Final = "files"
"""What a server says in its welcome of where a second connection may go (`Welcomed.server`)."""
_MOST_PORTS: Final = 2**16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a second connection goes, and how.

    Attributes:
        scheme: `wss`, or `ws` where nothing leaves this machine.
        url: the whole address.
        options: how to connect; they name the key that the server has to show, unless an authority vouches for it.
    """

    scheme: str
    url: str
    options: ConnectOptions


def second_place(url: str, options: ConnectOptions, offered: Mapping[str, Any], main: Link) -> Place:
    """Return where the second connection goes beside `main`.

    Args:
        url: address of the server, as the user has it.
        options: how the first connection was made.
        offered: what the server says: `scheme` and `port`, or the `url` that others reach it by.
        main: the first connection.

    Raises:
        ConnectionFailed: what the server says is no use; or it would be less safe than the chat is.
    """
    told, key = offered.get("url"), main.key_fingerprint
    if isinstance(told, str):
        scheme, place = server_address(told).scheme, told
    else:
        scheme, port = str(offered.get("scheme")), offered.get("port")
        if type(port) is not int or not 0 < port < _MOST_PORTS:
            raise ConnectionFailed("the server does not say where")
        place = f"{scheme}://{host_port(server_address(url, userinfo=True).host, port)}"
        shown = offered.get("key_fingerprint")
        if scheme == "wss" and key is not None and not options.fingerprints and options.tls_ca is None:
            # Said over a connection that was recognised: the server may have another certificate there.
            options = replace(options, fingerprints=(key, shown) if isinstance(shown, str) else (key,))
    if scheme not in ("ws", "wss"):
        raise ConnectionFailed("the server does not say where")
    address = parse_address(main.address)
    if scheme == "ws" and key is not None and not (address is not None and address.is_loopback):
        raise ConnectionFailed("the server's WebSocket is not encrypted, and this connection is")
    return Place(scheme, place, options)


class SecondConnection:
    """The second connection itself. Implements `LinkHandler`.

    Args:
        link: the connection.
        dialect: what is spoken on it.
        take: is given the chunks and the credit that come.
        writable: called when there is room for more.
    """

    def __init__(
        self,
        link: Link,
        dialect: Dialect,
        take: Callable[[ChunkReceived | CreditGranted], None],
        writable: Callable[[], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        self._link = link
        self._machine: ClientMachine = dialect.client(
            Limits(), boundaries=link.keeps_boundaries, keepalive=not link.checks_liveness, now=loop.time()
        )
        self._take = take
        self._writable = writable
        self._blocked = False
        self._attached: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        """Why it ended, once it has, for people."""

    @property
    def takes_chunks(self) -> bool:
        """False while what is written would only wait here."""
        return not (self._blocked or self.lost.done())

    async def attach(self, ticket: str) -> None:
        """Say whose it is. Raises `RequestRefused`, `ConnectionFailed`."""
        self._machine.send_command(AttachConnection(ticket))
        self._write()
        await asyncio.wait((self._attached, self.lost), return_when=asyncio.FIRST_COMPLETED)
        if not self._attached.done():
            raise ConnectionFailed(self.lost.result())
        self._attached.result()

    def send(self, command: Traffic) -> None:
        """Send what keeps a transfer going."""
        self._machine.send_command(command)
        self._write()

    def stop(self) -> None:
        """Drop it. Idempotent."""
        self._link.abort()

    def data_received(self, payload: bytes) -> None:
        """Take what came."""
        self._machine.receive_data(payload)
        for received in self._machine.events_received():
            match received.event:
                case ChunkReceived() | CreditGranted():
                    self._take(received.event)
                case ConnectionAttached() if not self._attached.done():
                    self._attached.set_result(None)
                case Refused(code=code, message=message, values=values) if not self._attached.done():
                    self._attached.set_exception(RequestRefused(code, message, values))
                    self._attached.exception()  # whoever waits gets it
        reason = self._machine.close_expected()
        if reason is not None:
            self._link.close(reason)
        self._write()

    def writing_paused(self) -> None:
        """Keep what is to be sent until there is room."""
        self._blocked = True

    def writing_resumed(self) -> None:
        """Go on."""
        self._blocked = False
        self._writable()

    def connection_lost(self, reason: Lost) -> None:
        """Tell whoever waits."""
        if not self.lost.done():
            self.lost.set_result(lost_sentence(reason))

    def _write(self) -> None:
        payloads = self._machine.data_to_send()
        if payloads:
            self._link.write(b"".join(map(self._link.frame, payloads)))


async def open_second(
    transport: Transport,
    place: Place,
    ticket: str,
    dialect: Dialect,
    *,
    take: Callable[[ChunkReceived | CreditGranted], None],
    writable: Callable[[], None],
) -> SecondConnection:
    """Connect, and say whose connection it is. Raises `ChatcoreError` with one clear sentence."""
    made: list[SecondConnection] = []

    def accept(link: Link) -> SecondConnection:
        made.append(SecondConnection(link, dialect, take, writable))
        return made[0]

    try:
        async with asyncio.timeout(place.options.connect_timeout + place.options.login_timeout):
            await transport.connect(place.url, place.options, accept)
            await made[0].attach(ticket)
    except BaseException as error:
        for connection in made:
            connection.stop()
        if isinstance(error, TimeoutError) and not isinstance(error, ChatcoreError):
            raise ConnectionFailed("the server did not answer in time") from error
        raise
    return made[0]
