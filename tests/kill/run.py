"""Kill a server with a store at random moments, under load, and let the oracle judge what its clients were told.

`make test-kill ARGS="--kills 200 --cut 0.2"`: clients on WebSocket, QUIC and TCP talk to a `chatcore serve`, which is
killed (SIGKILL) and started again, on the same file and ports. Three of four clients hear when it is back, the fourth
comes back by itself. Whoever is the first to come after each start is a stranger, who asks for others' direct messages.
At the end, `oracle` reads what was written down, and what the store has; exit code 1 when something is wrong.

The same seed makes the same plan; how far each process is at the moment of a kill, nobody can repeat.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chatcore_tls.known_servers import KnownServersFile
from tests.kill.people import Journal, Person, Road, pry
from tests.ports import free_port

_ROOMS: Final = 3
# How long anything may take that has to happen, in seconds: a machine may be very busy.
_PATIENCE: Final = 60.0
_DISK_MIB: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    kills: int = 10
    seed: int = 1
    clients: int = 12
    life: float = 1.0
    """How long a server lives at most once everybody is back, in seconds."""
    pause: float = 0.02
    """How long a client waits between two sends, on average."""
    patient: bool = True
    """Whether every fourth client comes back by itself, with pauses that grow; the others hear when they can."""
    cut: float = 0.0
    """Which share of the connections is cut every second."""
    full: bool = False
    """Whether the disk is full now and then: needs to be root."""
    fault: str = ""
    """Name of a fault of `planted`, for the oracle to find."""


def _free_ports() -> tuple[int, int, int]:
    """Return ports that nobody uses: for WebSocket, QUIC and TCP."""
    return free_port(), free_port(), free_port()


@dataclass(slots=True)
class House:
    """Where everything is, and the server while it runs."""

    folder: Path
    plan: Plan
    ports: tuple[int, int, int] = field(default_factory=_free_ports)
    process: asyncio.subprocess.Process | None = None

    @property
    def disk(self) -> Path:
        """The folder with the store."""
        return self.folder / "disk"

    @property
    def store(self) -> Path:
        """The store."""
        return self.disk / "chat.db"

    @property
    def log(self) -> Path:
        """What the servers say, one after the other."""
        return self.folder / "server.log"

    @property
    def urls(self) -> tuple[str, str, str]:
        """Where the server listens."""
        ws, quic, tcp = self.ports
        return f"ws://127.0.0.1:{ws}", f"quic://127.0.0.1:{quic}", f"tcp://127.0.0.1:{tcp}"

    async def begin(self) -> None:
        """Start the server's process."""
        program = ("tests.kill.planted", self.plan.fault) if self.plan.fault else ("chatcore_cli",)
        listen = [part for url in self.urls for part in ("--listen", url)]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *program, "serve", *listen, "--store", f"sqlite:{self.store}", "--no-limits",
                "--state-dir", str(self.folder / "state"), "--grace", "600",
                stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    async def listens(self) -> bool:
        """Wait until it listens everywhere; tell whether it does, or has ended."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            for _ in self.urls:
                line = await self.process.stdout.readline()
                while line and b"listens on" not in line:
                    line = await self.process.stdout.readline()
                if not line:
                    await self.process.wait()
                    return False
        return True

    async def kill(self) -> None:
        """Kill it."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        assert self.process is not None
        self.process.terminate()
        async with asyncio.timeout(_PATIENCE):
            return await self.process.wait()


class Run:
    """One run of a plan."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._house = House(folder, plan)
        self._journal = Journal(folder / "journal.jsonl")
        self._road = asyncio.Event()
        self._over = asyncio.Event()
        self._talkers: list[Person] = []
        self._readers: list[Person] = []
        self._strangers = 0
        self._is_full = False

    async def do(self) -> int:
        """Do all of it; returns 0 when the oracle finds nothing. What cannot go on is judged as far as it came."""
        house, stuck = self._house, False
        try:
            await self._go_through_it()
        except* (RuntimeError, TimeoutError) as group:
            stuck = True
            traceback.print_exception(group)
        finally:
            if house.process is not None and house.process.returncode is None:
                await house.kill()
            self._journal.close()
            await asyncio.gather(*(person.stop() for person in self._crowd))
        return await self._judge() or int(stuck)

    async def _go_through_it(self) -> None:
        house = self._house
        await house.begin()
        if not await house.listens():
            raise RuntimeError(f"the server does not start: {house.log.read_text()}")
        self._road.set()
        await self._come_in()
        await self._kill_again_and_again()
        await self._say_the_last_words()
        if code := await house.stop():
            raise RuntimeError(f"the server ended with {code}: {house.log.read_text()[-3000:]}")

    @property
    def _crowd(self) -> list[Person]:
        return self._talkers + self._readers

    def _is_patient(self, number: int) -> bool:
        return self._plan.patient and number % 4 == 3

    async def _come_in(self) -> None:
        known = KnownServersFile(self._house.folder / "known_servers")
        urls = self._house.urls
        for number in range(self._plan.clients + len(urls)):
            url, talks = urls[number % len(urls)], number < self._plan.clients
            person = Person(
                f"user{number}" if talks else f"reader{number}",
                f"room{number // len(urls) % _ROOMS}",
                self._journal,
                Road(url, self._road),
                known_servers=known,
                patient=self._is_patient(number),
            )
            await person.start()
            (self._talkers if talks else self._readers).append(person)

    async def _kill_again_and_again(self) -> None:
        names = [person.name for person in self._crowd]
        async with asyncio.TaskGroup() as group:
            for person in self._talkers:
                source = random.Random(self._chance.random())
                group.create_task(person.talk(source, names, self._plan.pause, self._over))
            cutting = group.create_task(self._cut())
            for number in range(1, self._plan.kills + 1):
                await self._live()
                if self._plan.full and number % 2 == 0:
                    await self._fill_the_disk(killed=number % 4 == 0)
                await self._kill_and_start()
                _say(f"kill {number}: {self._acknowledged} acknowledged")
            await self._live()
            self._over.set()
            cutting.cancel()

    async def _live(self) -> None:
        """Let the server live, for a random time: some have begun to come back, or those who hurry all have."""
        if self._chance.random() < 0.75:
            before = [person.acknowledged for person in self._talkers]
            waited_for = [n for n in range(len(before)) if not self._is_patient(n) and not self._plan.cut]
            await self._until(
                lambda: (
                    self._acknowledged > sum(before)
                    and all(self._talkers[n].acknowledged > before[n] for n in waited_for)
                ),
                "everybody is back",
            )
        await asyncio.sleep(self._chance.uniform(0, self._plan.life))

    async def _kill_and_start(self) -> None:
        house = self._house
        self._journal.write("killed")
        await house.kill()
        self._road.clear()
        await house.begin()
        while self._chance.random() < 0.15:  # while it starts, too
            await asyncio.sleep(self._chance.uniform(0, self._plan.life))
            self._journal.write("killed")
            await house.kill()
            await house.begin()
        if not await house.listens():
            raise RuntimeError(f"the server does not start again: {house.log.read_text()[-3000:]}")
        await self._let_a_stranger_in()
        self._road.set()

    async def _let_a_stranger_in(self) -> None:
        self._strangers += 1
        epochs = sorted({epoch for person in self._crowd for epoch in person.inboxes})
        async with asyncio.timeout(_PATIENCE):
            some = self._chance.sample(epochs, min(2, len(epochs)))
            await pry(self._house.urls[0], f"s{self._strangers}", some, self._journal)

    async def _cut(self) -> None:
        while True:
            await asyncio.sleep(1)
            # Nobody gets in while the disk is full, and the readers are to be served on.
            for person in self._talkers if self._is_full else self._crowd:
                if self._chance.random() < self._plan.cut:
                    person.road.cut()

    # A full disk.

    async def _fill_the_disk(self, *, killed: bool) -> None:
        """Leave no space for a while: nothing is acknowledged, everything is read, and then it goes on by itself."""
        filler = self._house.disk / "filler"
        refused = self._refusals()
        self._is_full = True
        _fill(filler)
        await self._until(lambda: self._refusals() > refused, "senders are refused")
        before = self._acknowledged
        readers = [person for person in self._readers if person.client.connected]
        async with asyncio.timeout(_PATIENCE):
            for reader in readers:
                await reader.client.history(limit=5)
        await asyncio.sleep(self._chance.uniform(0, 1))
        _say(f"full disk: {self._acknowledged - before} acknowledged meanwhile, {len(readers)} readers served")
        if killed:
            self._journal.write("killed")
            await self._house.kill()
            self._road.clear()
            await self._house.begin()
            if await self._house.listens():
                raise RuntimeError("a server started that cannot write")
            filler.unlink()
            await self._house.begin()
            assert await self._house.listens()
            self._road.set()
        else:
            filler.unlink()
        self._is_full = False
        before = self._acknowledged
        await self._until(lambda: self._acknowledged > before, "senders go on")

    def _refusals(self) -> int:
        return self._house.log.read_text(errors="replace").count("not_kept")

    @property
    def _acknowledged(self) -> int:
        return sum(person.acknowledged for person in self._talkers)

    # The end.

    async def _say_the_last_words(self) -> None:
        async with asyncio.timeout(2 * _PATIENCE):
            for turn in (1, 2):  # who has seen the second ones has been told whatever came before them
                await asyncio.gather(*(person.client.flush() for person in self._crowd))
                for person in self._talkers:
                    person.say_last(turn)
                await asyncio.gather(*(person.client.flush() for person in self._crowd))
                await self._until(self._everybody_is_even, "everybody has seen everything")

    def _everybody_is_even(self) -> bool:
        heads: dict[str, int] = {}
        for person in self._crowd:
            for log in (person.client.room.lower(), "*"):
                heads[log] = max(heads.get(log, 0), person.known.get(log, 0))
        return all(
            person.shown.get(log, 0) >= heads[log]
            for person in self._crowd
            for log in (person.client.room.lower(), "*")
        )

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not condition():  # a process is waited for that nobody else hears from
            if time.monotonic() > end:
                raise TimeoutError(f"not even after {_PATIENCE:.0f} s: {what}")
            if self._house.process is not None and self._house.process.returncode is not None:
                raise RuntimeError(f"the server has ended: {self._house.log.read_text()[-3000:]}")
            await asyncio.sleep(0.02)

    async def _judge(self) -> int:
        house = self._house
        log, wrong = house.log.read_text(errors="replace"), 0
        for mistake in ("internal_error", "Traceback"):
            if mistake in log:
                _say(f"the server's log has {mistake}: {log[log.index(mistake) :][:3000]}")
                wrong = 1
        export, chatcore = house.folder / "export.jsonl", ("chatcore_cli", "store")
        with export.open("wb") as out:
            wrong |= await _python(*chatcore, "check", str(house.store))
            wrong |= await _python(*chatcore, "export", str(house.store), stdout=out.fileno())
        return wrong | await _python("tests.kill.oracle", str(house.folder / "journal.jsonl"), str(export))


async def _python(module: str, *arguments: str, stdout: int | None = None) -> int:
    """Run a module in a process of its own; returns its exit code."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *arguments, stdout=stdout)
    return await process.wait()


def _fill(path: Path) -> None:
    """Write a file that leaves no space."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """Have a disk of its own in a folder, in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _say(text: str) -> None:
    print(f"{time.strftime('%T')} {text}", flush=True)


async def run(plan: Plan, folder: Path) -> int:
    """Do what is planned, in an empty folder; returns 0 when everything was kept, 1 when something was not."""
    (folder / "disk").mkdir()
    with _small_disk(folder / "disk") if plan.full else contextlib.nullcontext():
        return await Run(plan, folder).do()


def main(arguments: Sequence[str]) -> int:
    """Take the options, and keep the folder when something is wrong."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="make test-kill", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=usual.kills, help="how many, at least (10)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="of the plan (1)")
    parser.add_argument("--clients", type=int, default=usual.clients, help="how many talk (12)")
    parser.add_argument("--life", type=float, default=usual.life, help="of a server, at most, in seconds (1)")
    parser.add_argument("--cut", type=float, default=0.0, help="share of the connections that is cut every second (0)")
    parser.add_argument("--full", action="store_true", help="let the disk be full now and then (as root)")
    parser.add_argument("--fault", choices=("early", "forgetful"), default="", help="to plant in the server's store")
    plan = Plan(**vars(parser.parse_args(arguments)))
    folder = Path(tempfile.mkdtemp(prefix="chatcore-kill-"))
    began = time.monotonic()
    code = asyncio.run(run(plan, folder))
    _say(f"{time.monotonic() - began:.0f} s, seed {plan.seed}")
    if code:
        _say(f"the journal, the store and the server's log are in {folder}")
    else:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
