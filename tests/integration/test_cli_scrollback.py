"""Whatever way one leaves a room and comes back in the terminal: all that was said there is within reach, in order."""

from __future__ import annotations

import random
import re
import signal
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import Server, Terminal
from tests.unit.cli.proxy import Proxy

WAYS = ("stay", "own", "join", "create", "leave", "cut", "restart")


class Somebody:
    """Alice at a terminal in the room `deep`, where others talk whatever she does."""

    def __init__(self, servers: ExitStack, store: Path) -> None:
        self._servers = servers
        self._port, self._options = free_port(), ("--no-limits", "--store", f"sqlite:{store}")
        self.server = self._start()
        self._numbers = count(1)
        self.said: list[str] = []

    def _start(self) -> Server:
        started = self._servers.enter_context(Server(*self._options, port=self._port))
        assert started.port == self._port
        return started

    def talk(self, times: int) -> None:
        """Let somebody say something that often."""
        number = next(self._numbers)
        texts = [f"line {number}.{each}" for each in range(times)]
        with guest(self.server.url, f"talker{number}", "deep") as talker:
            talker.say(*texts)
        self.said += texts

    def go(self, way: str, alice: Terminal, proxy: Proxy) -> None:
        """Leave and come back, while others talk; what was said last is to be seen then."""
        number = next(self._numbers)
        room = "lobby"
        match way:
            case "own":
                self.said.append(f"line {number}.0")
                alice.press(f"{self.said[-1]}\r")
            case "join" | "leave" | "create":
                room = f"room-{number}" if way == "create" else room
                alice.press({"join": "/join lobby", "leave": "/leave", "create": f"/create {room}"}[way] + "\r")
                alice.wait_for_last_row(f"[{room}] alice>")
                self.talk(30)
                alice.press("/join deep\r")
            case "cut":
                proxy.cut()
                self.talk(30)
            case "restart":
                self.server.send_signal(signal.SIGTERM)
                assert self.server.wait() == 0
                self.server = self._start()
                self.talk(30)
            case _:
                self.talk(30)
        alice.wait_for(self.said[-1])
        alice.wait_for_last_row("[deep] alice>")


@pytest.mark.parametrize("seed", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 8))])
def test_whatever_way_one_comes_back_the_whole_history_is_within_reach(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    ways = chance.sample(WAYS, len(WAYS)) + chance.choices(WAYS, k=seed)
    with ExitStack() as servers:
        somebody = Somebody(servers, tmp_path / "store")
        proxy = servers.enter_context(Proxy(somebody.server.port))
        alice = servers.enter_context(Terminal(proxy.url, "--username", "alice", "--room", "deep"))
        alice.wait_for_last_row("[deep] alice>")
        somebody.talk(600)
        alice.wait_for(somebody.said[-1])
        for way in ways:
            somebody.go(way, alice, proxy)
        alice.press("\x0c")
        alice.wait_until_gone(somebody.said[-1])
        before = len(alice.text)
        alice.press("/history 9999\r")
        alice.wait_for(somebody.said[-1])
        assert re.findall(r": (line [\d.]+)", alice.text[before:]) == somebody.said, ways
