"""A second connection of a session, and what goes on it: chunks of files, and credit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chatcore.aio.second_place import Place
from chatcore.commands import AttachConnection, Traffic
from chatcore.dialects.base import ClientMachine, Dialect
from chatcore.errors import ChatcoreError, ConnectionFailed, RequestRefused
from chatcore.events import ChunkReceived, ConnectionAttached, CreditGranted, Dismissed, Refused
from chatcore.limits import Limits
from chatcore.ports.transport import Link, Lost, Transport
from chatcore.text.reasons import lost_sentence


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
                case Dismissed(message=message):  # nothing comes behind it, whenever the server hangs up
                    if not self.lost.done():
                        self.lost.set_result(message)
                    self._link.abort()
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
        return made[-1]

    try:
        async with asyncio.timeout(place.options.connect_timeout + place.options.login_timeout):
            await transport.connect(place.url, place.options, accept)
            await made[-1].attach(ticket)
    except BaseException as error:
        for connection in made:
            connection.stop()
        if isinstance(error, TimeoutError) and not isinstance(error, ChatcoreError):
            raise ConnectionFailed("the server did not answer in time") from error
        raise
    return made[-1]
