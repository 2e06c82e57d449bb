"""Clients that talk and write down what they see, for the checker to judge."""

from __future__ import annotations

import asyncio
import random

from chatcore import (
    BroadcastPosted,
    Client,
    DirectPosted,
    GapFound,
    MessagePosted,
    RoomEntered,
    SendAcknowledged,
    SendRefused,
    Welcomed,
    connect,
)
from chatcore.commands import SendMessage
from chatcore.events import BROADCAST_LOG, DIRECT_LOG
from chatcore.ports.transport import Transport
from chatcore.testing.checker import Checker
from chatcore.text.names import name_key


class Talker:
    """A client in a room whose sends, acknowledgements and views go into a checker."""

    def __init__(self, name: str, url: str, room: str, checker: Checker, transport: Transport | None = None) -> None:
        self.name = name
        self.refused: list[SendRefused] = []
        self.gone = 0
        """How many sends were acknowledged when the room that held them was gone: everybody was away for too long."""
        self._url = url
        self._room = room
        self._checker = checker
        self._transport = transport
        self._client: Client | None = None
        self._epochs: dict[str, str] = {}
        self._listening = ""
        self._watching: asyncio.Task[None] | None = None

    @property
    def client(self) -> Client:
        """The client, once started."""
        assert self._client is not None
        return self._client

    async def start(self) -> None:
        """Log in, begin to write down, and enter the room."""
        self._client = await connect(self._url, username=self.name, transport=self._transport)
        self._watching = asyncio.create_task(self._watch())
        await self._client.enter(self._room)

    async def talk(self, count: int, pause: float, source: random.Random) -> None:
        """Say so many things with random pauses around `pause`."""
        for number in range(count):
            text = f"{self.name} says {number}"
            cid = self.client.post(SendMessage(text))
            self._checker.sent(self.name, cid, text)
            await asyncio.sleep(source.uniform(0, 2 * pause))

    async def stop(self) -> None:
        """Log out and stop writing down."""
        await self.client.close()
        if self._watching is not None:
            await self._watching

    def _listens(self, log: str, epoch: str, seq: int) -> None:
        if self._epochs.get(log) is None:
            self._checker.listens(self.name, log, epoch, seq)
        self._epochs[log] = epoch

    def _enters(self, room: str, epoch: str, seq: int) -> None:
        room = name_key(room)
        if self._listening and self._listening != room:
            self._checker.stops_listening(self.name, self._listening)
            self._epochs.pop(self._listening, None)
        self._listening = room
        self._listens(room, epoch, seq)

    async def _watch(self) -> None:
        checker = self._checker
        async for event in self.client:
            match event:
                case Welcomed(positions=positions):
                    place = positions[event.room]
                    # Back in the lobby, the client goes on to the room by itself: for its user nothing has changed.
                    if name_key(event.room) == name_key(self._room) or not self._listening:
                        self._enters(event.room, place.epoch, place.seq)
                    for log in (DIRECT_LOG, BROADCAST_LOG):
                        self._listens(log, positions[log].epoch, positions[log].seq)
                case RoomEntered():
                    self._enters(event.room, event.position.epoch, event.position.seq)
                case MessagePosted() | DirectPosted() | BroadcastPosted():
                    checker.was_shown(self.name, name_key(event.log), event.seq, event.text)
                case GapFound():
                    checker.gap_announced(self.name, name_key(event.room), event.epoch, event.last)
                    self._epochs[name_key(event.room)] = event.epoch
                case SendAcknowledged(_, None):
                    self.gone += 1
                case SendAcknowledged(cid, posted):
                    assert posted is not None
                    log = name_key(posted.log)
                    checker.was_acknowledged(self.name, cid, log, self._epochs[log], posted.seq)
                case SendRefused():
                    self.refused.append(event)
                case _:
                    pass
