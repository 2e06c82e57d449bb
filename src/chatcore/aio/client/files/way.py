"""The way of files' bytes: on the session's own connection, or on a second one where that is quicker.

Over QUIC a server's processor time is spent on packets, and a file takes many. So a second connection is opened beside
it, once there is a file worth it, and closed when there is none any more. It is no part of anything else: where it
cannot be, or is lost, files go on by the first one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatcore.aio.client.connection import CurrentConnection
from chatcore.aio.client.files.host import Ask
from chatcore.aio.client.files.second import SecondConnection, open_second
from chatcore.aio.client.files.transfers import Transfers
from chatcore.aio.plugins import load_transport
from chatcore.aio.second_place import FILES, second_place
from chatcore.aio.tasks import spawn
from chatcore.aio.threads import in_thread
from chatcore.commands import ChooseWay, TakeTicket, Traffic
from chatcore.dialects.base import Dialect
from chatcore.errors import ChatcoreError, ConnectionClosed
from chatcore.events import Accepted, ClientEvent, TicketGiven, WayChosen
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.transport import ConnectOptions, Link, Transport

# A smaller file is there before a second connection is.
_WORTH_IT: Final = 8 * CHUNK_BYTES
# So often a second connection may be lost before files stay with the first one.
_MOST_LOST: Final = 3
# How long a second connection stays without a file.
_IDLE_SECONDS: Final = 10.0


class FileWay:
    """Sends what files need to the server, by the way that they go.

    Args:
        url: address of the server.
        options: how to connect; None when there is never a second connection.
        dialect: what is spoken.
        current: the session's own connection.
        ask: asks the server.
        show: shows an event to whoever uses the client.
        load: finds the transport `ws`, in a thread; it may raise `ConfigurationError`.
    """

    def __init__(
        self,
        url: str,
        options: ConnectOptions | None,
        dialect: Dialect,
        *,
        current: CurrentConnection,
        ask: Ask,
        show: Callable[[ClientEvent], None],
        load: Callable[[str], Transport] = load_transport,
    ) -> None:
        self._url = url
        self._options = options
        self._dialect = dialect
        self._current = current
        self._ask = ask
        self._show = show
        self._load = load
        self._offered: Mapping[str, Any] | None = None
        self._second: SecondConnection | None = None
        self._changing = False
        self._given_up = False
        self._task: asyncio.Task[None] | None = None
        self._transfers: Transfers

    def serve(self, transfers: Transfers) -> None:
        """Bring these what comes, before there is a connection."""
        self._transfers = transfers

    @property
    def takes_chunks(self) -> bool:
        """False while a chunk that is written would only wait here, or be lost."""
        if self._changing:
            return False
        return self._current.takes_chunks if self._second is None else self._second.takes_chunks

    def pass_on(self, command: Traffic) -> None:
        """Send what keeps a transfer going."""
        if self._second is not None and not self._changing:
            self._second.send(command)
        else:
            self._current.pass_on(command)

    def welcomed(self, server: Mapping[str, Any]) -> None:
        """Take what a server says of itself at the login."""
        offered = server.get(FILES)
        self._offered = offered if isinstance(offered, Mapping) else None
        self._given_up = False

    def wanted(self, size: int) -> None:
        """Have a second connection made for a file that begins, or goes on, if it is worth it."""
        link = self._current.link
        if link is None or link.transport != "quic" or self._offered is None or self._options is None:
            return
        if self._task is None and size >= _WORTH_IT and not self._given_up:
            self._task = spawn(self._live(self._options, self._offered, link), name="chatcore second connection")

    def lost(self) -> None:
        """End the second connection with the first one."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        if self._second is not None:
            self._second.stop()
        self._second, self._changing = None, False

    async def _live(self, options: ConnectOptions, offered: Mapping[str, Any], main: Link) -> None:
        """Have a second connection for as long as there is a file under way, if need be one after the other."""
        lost, transfers = 0, self._transfers
        try:
            while lost < _MOST_LOST and transfers.under_way:
                place = second_place(self._url, options, offered, main)
                # Whoever came over QUIC has not needed it yet: to import it takes a moment, in which nobody would talk.
                transport = await in_thread(self._load, "ws")
                ticket = await self._ask(TakeTicket(), TicketGiven)
                second = await open_second(
                    transport,
                    place,
                    ticket.ticket,
                    self._dialect,
                    take=transfers.take,
                    writable=transfers.writable,
                )
                try:
                    await self._change_to(second)
                    self._show(WayChosen(place.scheme, "second", ""))
                    why = await self._until_needless(second)
                    await self._change_to(None)
                finally:
                    second.stop()
                if why is not None:
                    lost += 1
                    self._show(WayChosen(main.transport, "lost", why))
            self._end(given_up=lost >= _MOST_LOST)
        except ConnectionClosed:
            self._end(given_up=True)
        except ChatcoreError as error:
            self._end(given_up=True)
            self._show(WayChosen(main.transport, "unreachable", error.sentence))

    async def _change_to(self, second: SecondConnection | None) -> None:
        """Go by another way, as soon as the server does: what is under way on the one before is lost."""
        self._changing = True
        asking = spawn(self._ask(ChooseWay(second is not None), Accepted), name="chatcore chooses a way for files")
        try:
            await asyncio.sleep(0)  # it is asked before anything that is asked because of it
            self._transfers.ask_again()
            await asking
            self._second = second
        finally:
            asking.cancel()
            self._changing = False
        self._transfers.writable()

    async def _until_needless(self, second: SecondConnection) -> str | None:
        """Wait until there is no file under way any more; returns why it was lost before, if it was."""
        while not second.lost.done():
            await asyncio.wait((second.lost,), timeout=_IDLE_SECONDS)
            if not second.lost.done() and not self._transfers.under_way:
                return None
        return second.lost.result()

    def _end(self, *, given_up: bool) -> None:
        self._second, self._task, self._given_up = None, None, given_up
        self._transfers.writable()
