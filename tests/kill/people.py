"""Clients that talk, over connections that can be cut, and write down whatever they are told."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import websockets
from pydantic_core import to_json

from chatcore import (
    Client,
    ConnectionFailed,
    ConnectionLost,
    DirectPosted,
    GapFound,
    RoomEntered,
    SendAcknowledged,
    SendRefused,
    Welcomed,
    connect,
)
from chatcore.aio.plugins import transport_for
from chatcore.commands import SendBroadcast, SendDirect, SendMessage
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, ClientEvent, Posted
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.transport import Accept, ConnectOptions, Link, Transport
from chatcore.text.names import name_key

# How many sends of one client may wait for their acknowledgement, also while there is no server.
_MOST_WAITING = 16
# What could not be said in time is made up for, of the last so many seconds.
_MOST_LATE = 0.2
# A server that was killed does not say so over QUIC: it is missed after a silence.
_OPTIONS = ConnectOptions(keepalive_interval=1.0, keepalive_timeout=1.0)


class Journal:
    """A file with a line of JSON for everything that a client did or was told."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, what: str, who: str = "", **more: Any) -> None:
        """Add a line."""
        self._file.write(to_json({"who": who, "what": what, **more}) + b"\n")

    def close(self) -> None:
        """Write all of it."""
        self._file.close()


class Road:
    """A transport whose connection can be cut, and that leads nowhere while it is closed."""

    def __init__(self, url: str, is_open: asyncio.Event) -> None:
        self._inner: Transport = transport_for(url)
        self.name, self.schemes = self._inner.name, self._inner.schemes
        self.default_port, self.can_encrypt = self._inner.default_port, self._inner.can_encrypt
        self.uses_files, self.listen = self._inner.uses_files, self._inner.listen
        self.url = url
        self.is_open = is_open
        self._link: Link | None = None

    async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
        """Connect as the transport does."""
        if not self.is_open.is_set():
            raise ConnectionFailed("the road to {url} is closed", url=url)
        self._link = await self._inner.connect(url, options, accept)
        return self._link

    def cut(self) -> None:
        """Drop the present connection, if there is one."""
        if self._link is not None:
            self._link.abort()


class Person:
    """A client in a room that says things there, directly and to everybody, and writes down what it sees.

    Args:
        name: the username.
        room: where it talks.
        journal: where it writes.
        road: how it gets to the server.
        known_servers: remembers the server's key.
        patient: True when nobody ever tells it that the road is open again.
    """

    def __init__(
        self, name: str, room: str, journal: Journal, road: Road, *, known_servers: KnownServers, patient: bool
    ) -> None:
        self.name = name
        self.road = road
        self.acknowledged = 0
        self.known: dict[str, int] = {}
        """By log, the highest seq that it was told: shown or acknowledged."""
        self.shown: dict[str, int] = {}
        """By log, the highest seq that it was shown."""
        self.inboxes: set[str] = set()
        """Epochs of its log of direct messages."""
        self._room = room
        self._journal = journal
        self._known_servers = known_servers
        self._patient = patient
        self._client: Client | None = None
        self._watching: asyncio.Task[None] | None = None
        self._hurrying: asyncio.Task[None] | None = None

    @property
    def client(self) -> Client:
        """The client, once started."""
        assert self._client is not None
        return self._client

    async def start(self) -> None:
        """Log in, begin to write down, and enter the room."""
        self._client = await connect(
            self.road.url, options=_OPTIONS, username=self.name, transport=self.road, known_servers=self._known_servers
        )
        self._watching = asyncio.create_task(self._watch())
        await self._client.enter(self._room)

    async def talk(self, chance: random.Random, others: list[str], pause: float, over: asyncio.Event) -> None:
        """Say something again and again, until it is over."""
        number, loop = 0, asyncio.get_running_loop()
        due = loop.time()
        while not over.is_set():
            if self.client.pending < _MOST_WAITING:
                number += 1
                self._say(chance, others, f"{self.name} says {number} {'.' * chance.randrange(200)}")
            due = max(due + chance.uniform(0, 2 * pause), loop.time() - _MOST_LATE)
            await asyncio.sleep(due - loop.time())

    def _say(self, chance: random.Random, others: list[str], text: str) -> None:
        kind = chance.random()
        if kind < 0.25:
            to = tuple(chance.sample([name for name in others if name != self.name], chance.randint(1, 3)))
            self._post(DIRECT_LOG, to, text, SendDirect(to, text))
        elif kind < 0.3:
            self._post(BROADCAST_LOG, (), text, SendBroadcast(text))
        else:
            self._post(name_key(self.client.room), (), text, SendMessage(text))

    def say_last(self, time: int) -> None:
        """Say for the first or second time what the others wait for at the end."""
        text = f"{self.name} has said everything, {time}"
        self._post(name_key(self.client.room), (), text, SendMessage(text))

    def _post(self, log: str, to: tuple[str, ...], text: str, send: SendMessage | SendDirect | SendBroadcast) -> int:
        cid = self.client.post(send)
        self._journal.write("posts", self.name, cid=cid, log=log, to=to, text=text)
        return cid

    async def stop(self) -> None:
        """Log out and stop writing down."""
        if self._hurrying is not None:
            self._hurrying.cancel()
        await self.client.close()
        assert self._watching is not None
        await self._watching

    async def _watch(self) -> None:
        async for event in self.client:
            self._take(event)

    def _take(self, event: ClientEvent) -> None:
        match event:
            case Welcomed(resumed=resumed, room=room, positions=positions):
                self.inboxes.add(positions[DIRECT_LOG].epoch)
                self._write("welcomed", resumed=resumed, room=room, positions=dict(positions))
            case RoomEntered(room=room, position=position):
                self._write("entered", room=room, epoch=position.epoch, seq=position.seq)
            case GapFound(room=log, epoch=epoch, first=first, last=last):
                self._write("gap", log=log, epoch=epoch, first=first, last=last)
            case SendAcknowledged(cid, posted):
                self.acknowledged += 1
                if posted is None:
                    self._write("acknowledged", cid=cid, log=None)
                else:
                    _raise(self.known, posted)
                    self._write("acknowledged", cid=cid, log=posted.log, seq=posted.seq)
            case SendRefused(cid=cid, code=code):
                self._write("refused", cid=cid, code=code)
            case Posted(seq=seq, sender=sender, text=text):
                _raise(self.known, event)
                _raise(self.shown, event)
                to = event.to if isinstance(event, DirectPosted) else ()
                self._write("shown", log=event.log, seq=seq, sender=sender, text=text, to=to)
            case ConnectionLost() if not self._patient and (self._hurrying is None or self._hurrying.done()):
                self._hurrying = asyncio.create_task(self._hurry())
            case _:
                pass

    def _write(self, what: str, **more: Any) -> None:
        self._journal.write(what, self.name, **more)

    async def _hurry(self) -> None:
        """Do what somebody does who sees that the network is back."""
        await self.road.is_open.wait()
        await asyncio.sleep(random.uniform(0, 0.3))  # they are many
        self.client.reconnect_now()


def _raise(seqs: dict[str, int], entry: Posted) -> None:
    log = name_key(entry.log)
    seqs[log] = max(seqs.get(log, 0), entry.seq)


async def pry(url: str, name: str, epochs: list[str], journal: Journal) -> None:
    """Log in as somebody new, and ask for others' direct messages in every way there is."""
    logins: list[dict[str, Any]] = [{}, *({"since": {"@": {"epoch": epoch, "seq": 0}}} for epoch in epochs)]
    for number, more in enumerate(logins):
        async with websockets.connect(url) as socket:
            await _pry(socket, f"{name}-{number}", more, journal)


async def _pry(socket: Any, name: str, more: dict[str, Any], journal: Journal) -> None:
    asked: list[dict[str, Any]] = [{"type": "login", "username": name, **more}]
    for room in ("@", "@1", "@2"):
        asked += [{"type": "history", "room": room, **where} for where in ({}, {"after": 0}, {"before": 1000})]
    asked.append({"type": "ping"})
    for number, frame in enumerate(asked):
        await socket.send(json.dumps({**frame, "id": str(number)}))

    def tell(entry: dict[str, Any], asked: str) -> None:
        journal.write("found", name, text=entry["text"], asked=asked)

    while (frame := json.loads(await socket.recv())).get("id") != str(len(asked) - 1):
        if frame["type"] == "direct":
            tell(frame, "nothing")
        for entry in frame.get("messages", ()):
            tell(entry, str(asked[int(frame["id"])]))
    await socket.send(json.dumps({"type": "logout"}))
