"""Several servers on NATS, killed and stopped at random under load: the oracle judges what their clients were told.

`make test-cluster ARGS="--faults 200"`: clients at three servers of chatcore, which share a stream on three servers of
NATS. Again and again one of these six, the leader of the stream, or all of NATS, is killed (SIGKILL) and started
again, or stopped for some seconds (SIGSTOP). Clients, over WebSocket, QUIC and TCP, go on by themselves, wherever they
can. At the end all servers have to have the same chat (digests), and `oracle` reads what was written down and what the
snapshot has; exit code 1 when something is wrong. `--seconds 600 --rate 1000` does that for ten minutes, at 1,000
messages a second.

`--rolling 2` upgrades all servers of chatcore behind that, twice and one after the other, as the guide says: nobody may
be seen to leave meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import uvloop
from scripts.cluster import LocalCluster, Program

from chatcore import PresenceChanged, SendAcknowledged, connect
from chatcore.events import ClientEvent
from chatcore.ports.transport import ConnectOptions
from chatcore_cli.chatting.showing.json_lines import json_line
from chatcore_nats.asking import ask
from chatcore_nats.connection.connecting import close, jetstream, patiently
from chatcore_nats.connection.connecting import connect as connect_to_nats
from chatcore_nats.place import parse_place
from chatcore_nats.snapshots import Snapshots
from chatcore_nats.stream import open_stream
from chatcore_sqlite import upkeep
from chatcore_tls.known_servers import KnownServersFile
from tests.kill.people import Journal, Person, Road

_ROOMS: Final = 3
_MORE: Final = ("quic", "tcp")
"""Transports besides WebSocket."""
_PACES: Final = {"quic": 0.25}
"""How much of what others say is said over it: what costs the servers and the clients ten times as much says less."""
_PATIENCE: Final = 120.0
_OPTIONS: Final = ConnectOptions(keepalive_interval=1.0, keepalive_timeout=2.0, connect_timeout=3.0)
_DIGEST_TRIES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    faults: int = 10
    rolling: int = 0
    """How often all servers of chatcore are drained and started again, one after the other, behind the faults."""
    seed: int = 1
    nats: int = 3
    nodes: int = 3
    clients: int = 9
    seconds: float = 0.0
    """For how long there are faults, however many; 0: until there were so many."""
    pause: float = 0.05
    """How long a client waits between two sends, on average, in seconds."""
    rate: float = 0.0
    """How much all clients together say in a second; 0: as `pause` says."""
    calm: float = 3.0
    """How long nothing happens at most between two faults."""
    stopped: float = 6.0
    """For how long at most something is stopped: longer than a lease."""


class Guest(Person):
    """A client that knows the addresses of all servers once it is in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seen_leaving = 0
        """How many it has seen leave its room."""
        self.by_transport: Counter[str] = Counter()
        """How much of what it said was acknowledged over each."""
        self.longest_wait = 0.0
        """For how long it waited for an acknowledgement at most, in seconds."""
        self._said_at: dict[int, float] = {}

    async def start(self) -> None:
        """Log in, begin to write down, and enter the room."""
        self._client = await connect(
            self.road.url, options=_OPTIONS, username=self.name, known_servers=self._known_servers
        )
        self._watching = asyncio.create_task(self._watch())
        await self._client.enter(self._room)

    def _take(self, event: ClientEvent) -> None:
        super()._take(event)
        if isinstance(event, PresenceChanged):
            self.seen_leaving += len(event.left)
        elif isinstance(event, SendAcknowledged):
            self.by_transport[self.client.transport] += 1
            self.longest_wait = max(self.longest_wait, time.monotonic() - self._said_at.pop(event.cid))

    def _post(self, *said: Any) -> int:
        cid = super()._post(*said)
        self._said_at[cid] = time.monotonic()
        return cid


class Run:
    """One run of a plan."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._chance = random.Random(plan.seed)
        options = ("--no-limits", "--grace", "600", "--state-dir", str(folder / "state"))
        self._cluster = LocalCluster(folder, plan.nats, plan.nodes, more=_MORE, options=options)
        self._place = parse_place(self._cluster.store)
        self._journal = Journal(folder / "journal.jsonl")
        self._over = asyncio.Event()
        self._people: list[Guest] = []
        self._longest_pause = 0.0
        self._talked = self._rate = self._busy = 0.0
        """How long clients talked, in seconds; what was acknowledged a second; which part of a processor they took."""
        self._wrong = 0
        """How much of what was to happen did not."""

    async def do(self) -> int:
        """Do all of it; returns 0 when nothing is wrong."""
        try:
            await self._cluster.start()
            await self._come_in()
            await self._make_trouble()
            await self._say_the_last_words()
            alike = await self._are_alike()
            await self._export()
        finally:
            # One that was sent away for good says so here; whatever happens, all programs end.
            ends = await asyncio.gather(*(person.stop() for person in self._people), return_exceptions=True)
            self._journal.close()
            codes = self._cluster.end()
        used = sum((person.by_transport for person in self._people), Counter())
        if self._talked:
            told = ", ".join(f"{number} by {name}" for name, number in sorted(used.items()))
            _say(
                f"acknowledged: {self._rate:.0f} a second in {self._talked:.0f} s; {told}; "
                f"clients took {self._busy:.0%} of a processor"
            )
        self._wrong += len(self._cluster.places[0]) - len(used)
        if any(codes):
            _say(f"servers ended with {codes}: " + self._cluster.nodes[0].log.read_text(errors="replace")[-2000:])
        ended = [each for each in ends if each is not None]
        if ended:
            _say(f"clients ended by themselves: {ended}")
        return await self._judge() or int(not alike or any(codes) or bool(ended) or bool(self._wrong))

    async def _come_in(self) -> None:
        known, is_open = KnownServersFile(self._folder / "known_servers"), asyncio.Event()
        is_open.set()
        for number in range(self._plan.clients):
            # In each room there is somebody at each server, and somebody by each transport.
            turn, node = divmod(number, self._plan.nodes)
            places = self._cluster.places[node]
            url, room = places[(turn + node) % len(places)], f"room{turn % _ROOMS}"
            person = Guest(f"user{number}", room, self._journal, Road(url, is_open), known_servers=known, patient=False)
            await person.start()
            self._people.append(person)

    async def _make_trouble(self) -> None:
        names = [person.name for person in self._people]
        paces = [_PACES.get(person.client.transport, 1.0) for person in self._people]
        pause = sum(paces) / self._plan.rate if self._plan.rate else self._plan.pause
        began, cpu = time.monotonic(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for person, pace in zip(self._people, paces, strict=True):
                source = random.Random(self._chance.random())
                group.create_task(person.talk(source, names, pause / pace, self._over))
            watching = group.create_task(self._note_pauses())
            for number in count(1):
                ends = (
                    time.monotonic() >= began + self._plan.seconds if self._plan.seconds else number > self._plan.faults
                )
                if ends:
                    break
                await asyncio.sleep(self._chance.uniform(0, self._plan.calm))
                await self._one_fault(number)
            await self._somebody_is_answered()
            self._talked = time.monotonic() - began
            self._rate = self._acknowledged / self._talked
            self._busy = (time.process_time() - cpu) / self._talked
            for _ in range(self._plan.rolling):
                await self._roll()
            self._over.set()
            watching.cancel()

    async def _one_fault(self, number: int) -> None:
        victims = await self._victims()
        kill = self._chance.random() < 0.5
        seconds = self._chance.uniform(0.2, self._plan.stopped)
        how = "killed" if kill else f"stopped for {seconds:.1f} s"
        _say(f"fault {number}: {' '.join(each.name for each in victims)} {how}; {self._acknowledged} acknowledged")
        self._journal.write("killed")
        for each in victims:
            each.kill() if kill else each.send(signal.SIGSTOP)
        await asyncio.sleep(0.2 if kill else seconds)
        for each in victims:
            each.start() if kill else each.send(signal.SIGCONT)
        for node, url in zip(self._cluster.nodes, self._cluster.urls, strict=True):
            if not node.runs:  # it may have ended by itself, with a sentence in its log, where NATS was away
                node.start()
            await self._cluster.listens(node, url)

    async def _roll(self) -> None:
        """Upgrade one server after the other, as the guide says."""
        seen = sum(person.seen_leaving for person in self._people)
        for node, url in zip(self._cluster.nodes, self._cluster.urls, strict=True):
            told = await self._ready(url)
            await ask(self._place, {"ask": "snapshot"}, _PATIENCE, one=True)
            await ask(self._place, {"ask": "drain", "node": told["node"]}, _PATIENCE, one=True)
            await self._until(lambda node=node: not node.runs, f"{node.name} ends")  # type: ignore[misc]
            code, before = node.end(), self._acknowledged
            node.start()
            await self._cluster.listens(node, url)
            await self._ready(url)
            _say(
                f"{node.name} drained, ended with {code}; {self._acknowledged - before} acknowledged until it is ready"
            )
            await self._somebody_is_answered()
            self._wrong += code != 0
        left = sum(person.seen_leaving for person in self._people) - seen
        _say(f"all servers are new; {left} were seen leaving")
        self._wrong += left

    async def _ready(self, url: str) -> dict[str, Any]:
        """Return what a server tells of itself, once it is ready."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                for told in await ask(self._place, {"ask": "status"}, 2.0):
                    if url in told["addresses"] and told["unready"] is None:
                        return told
                await asyncio.sleep(0.1)

    async def _somebody_is_answered(self) -> None:
        before = self._acknowledged
        await self._until(lambda: self._acknowledged > before, "somebody is answered")

    async def _victims(self) -> list[Program]:
        nats, nodes = self._cluster.nats, self._cluster.nodes
        what = self._chance.random()
        if what < 0.45:
            return [self._chance.choice(nodes)]
        if what < 0.9:
            return [await self._leader() or self._chance.choice(nats)]
        return list(nats)

    async def _leader(self) -> Program | None:
        if len(self._cluster.nats) == 1 or self._chance.random() < 0.5:
            return None
        client = await connect_to_nats(self._place, "test")
        try:
            js = await jetstream(client, self._place)
            # It may have none at present.
            cluster = (await patiently(client, lambda: js.stream_info(self._place.stream), self._place)).cluster
            return next((each for each in self._cluster.nats if cluster and each.name == cluster.leader), None)
        finally:
            await close(client)

    async def _note_pauses(self) -> None:
        at, known = time.monotonic(), self._acknowledged
        while True:
            await asyncio.sleep(0.05)
            if self._acknowledged > known:
                at, known = time.monotonic(), self._acknowledged
            self._longest_pause = max(self._longest_pause, time.monotonic() - at)

    @property
    def _acknowledged(self) -> int:
        return sum(person.acknowledged for person in self._people)

    # The end.

    async def _say_the_last_words(self) -> None:
        async with asyncio.timeout(2 * _PATIENCE):
            for turn in (1, 2):  # who has seen the second ones has been told whatever came before them
                await asyncio.gather(*(person.client.flush() for person in self._people))
                for person in self._people:
                    person.say_last(turn)
                await asyncio.gather(*(person.client.flush() for person in self._people))
                await self._until(self._everybody_is_even, "everybody has seen everything")

    def _everybody_is_even(self) -> bool:
        heads: dict[str, int] = {}
        for person in self._people:
            for log in (person.client.room.lower(), "*"):
                heads[log] = max(heads.get(log, 0), person.known.get(log, 0))
        return all(
            person.shown.get(log, 0) >= heads[log]
            for person in self._people
            for log in (person.client.room.lower(), "*")
        )

    async def _are_alike(self) -> bool:
        """Tell whether all servers have the same chat at the same position; they are asked until they are at one."""
        for _ in range(_DIGEST_TRIES):
            told = await ask(self._place, {"ask": "digest"}, 5.0)
            if len(told) == len(self._cluster.nodes) and len({each["position"] for each in told}) == 1:
                digests = {each["digest"] for each in told}
                _say(f"digests at entry {told[0]['position']}: {' '.join(sorted(digests))}")
                return len(digests) == 1
        _say(f"the servers are never at the same entry: {told}")
        return False

    async def _export(self) -> None:
        """Write down what the snapshot has, as `chatcore store export` does."""
        async with asyncio.timeout(3 * _PATIENCE):  # after ten minutes it has half a million messages
            while not any(each["kept"] for each in await ask(self._place, {"ask": "snapshot"}, _PATIENCE, one=True)):
                await asyncio.sleep(1)
        client = await connect_to_nats(self._place, "test")
        try:
            js = await jetstream(client, self._place)
            snapshots = Snapshots(js, await open_stream(client, js, self._place), self._place, self._folder)
            async with asyncio.timeout(_PATIENCE):
                while not await snapshots.load(self._folder / "snapshot.db"):  # a replica may not have it yet
                    await asyncio.sleep(1)
        finally:
            await close(client)
        with (self._folder / "export.jsonl").open("w") as export:
            for epoch, entry in upkeep.export(str(self._folder / "snapshot.db")):
                export.write(json_line(entry, epoch=epoch))

    async def _judge(self) -> int:
        waited = max(person.longest_wait for person in self._people)
        _say(
            f"longest pause without an acknowledgement: {self._longest_pause:.1f} s; "
            f"longest that somebody waited for one: {waited:.1f} s"
        )
        words = [
            sys.executable,
            "-m",
            "tests.kill.oracle",
            self._folder / "journal.jsonl",
            self._folder / "export.jsonl",
        ]
        judging = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
        told, _nothing = await judging.communicate()
        _say(told.decode().rstrip())
        return judging.returncode or 0

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        async with asyncio.timeout(_PATIENCE):
            for _ in count():
                if condition():
                    return
                await asyncio.sleep(0.05)
        raise TimeoutError(what)


def _say(text: str) -> None:
    print(text, flush=True)


async def run(plan: Plan, folder: Path) -> int:
    """Carry out a plan in a folder; returns 0 when nothing is wrong."""
    return await Run(plan, folder).do()


def main() -> int:
    """Carry out what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, kind in (
        ("faults", int),
        ("rolling", int),
        ("seed", int),
        ("nats", int),
        ("nodes", int),
        ("clients", int),
    ):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Plan(), name))
    for name in ("seconds", "pause", "rate", "calm", "stopped"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Plan(), name))
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="chatcore-test-cluster-") as folder:
        code = uvloop.run(run(plan, Path(folder)))
        if code:
            for log in sorted(Path(folder).glob("node*.log")):
                _say(f"{log.name}: {json.dumps(log.read_text(errors='replace')[-1500:])}")
        return code


if __name__ == "__main__":
    sys.exit(main())
