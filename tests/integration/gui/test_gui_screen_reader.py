"""What a screen reader has of the real window: one connects, reads, writes, switches, takes a file, by keys alone."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatcore.events import Posted
from chatcore_files.source import DiskSource
from tests.integration.gui.desktop import Host
from tests.integration.gui.test_gui_keys import window_manager
from tests.integration.gui.test_gui_process import Program, gui, logged_in, screen, xdotool
from tests.patience import PATIENCE

pytestmark = pytest.mark.slow

# What one can do something with: it has to say what it is.
INTERACTIVE = {
    "push button", "button", "text", "entry", "password text", "check box", "combo box", "list", "list item", "link",
    "menu item", "spin button", "toggle button", "table", "dialog", "frame",
}  # fmt: skip


BUS = "/usr/libexec/at-spi-bus-launcher"


class Node:
    """One thing on the screen, as a screen reader has it."""

    def __init__(self, role: str, name: str, description: str, text: str, states: list[str]) -> None:
        self.role, self.name, self.description, self.text = role, name, description, text
        self.focused = "focused" in states

    def __repr__(self) -> str:
        return f"{self.role} {self.name!r} {self.description!r} {self.text!r}{' focused' * self.focused}"


class Reader:
    """A screen reader of one program."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def nodes(self) -> list[Node]:
        """Return what is on the screen."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"\n")
        async with asyncio.timeout(PATIENCE):
            return [Node(*one) for one in json.loads(await self._process.stdout.readline())]

    async def has(self, wanted: Callable[[Node], object]) -> Node:
        """Wait for something, and return it; whatever one can do something with has a name all the time."""
        nodes: list[Node] = []
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    nodes = await self.nodes()
                    found = next((node for node in nodes if wanted(node)), None)
                    if found is not None:
                        assert [node for node in nodes if node.role in INTERACTIVE and not node.name] == []
                        return found
        except TimeoutError:
            raise AssertionError("\n".join(map(str, nodes))) from None

    async def is_on(self, name: str) -> None:
        """Wait until the keyboard is on what has a name."""
        await self.has(lambda node: node.focused and node.name == name)

    async def says(self, *words: str) -> Node:
        """Wait until something says all of these words."""
        return await self.has(lambda node: all(word in f"{node.name} {node.text}" for word in words))


@asynccontextmanager
async def bus(display: str, folder: Path) -> AsyncIterator[dict[str, str]]:
    """Run a session's bus; yields what programs need to find it, and to tell screen readers of themselves."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DISPLAY": display, "XDG_RUNTIME_DIR": str(folder)}
    daemon = await asyncio.create_subprocess_exec(
        *("dbus-daemon", "--session", "--nofork", "--print-address"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert daemon.stdout is not None
    try:
        address = (await daemon.stdout.readline()).decode().strip()
        yield environment | {"DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    finally:
        daemon.terminate()
        await daemon.wait()


@asynccontextmanager
async def screen_reader(environment: dict[str, str]) -> AsyncIterator[Reader]:
    """Run one."""
    assert os.access(BUS, os.X_OK), "install what scripts/setup-system reader lists"
    process = await asyncio.create_subprocess_exec(
        *("/usr/bin/python3", str(Path(__file__).with_name("reader.py"))),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    try:
        yield Reader(process)
    finally:
        process.kill()
        await process.wait()


@dataclass
class Seat:
    """Somebody who has a keyboard, and a screen reader instead of the screen."""

    program: Program
    reader: Reader
    display: str

    async def keys(self, *names: str) -> None:
        """Press some keys, one after the other."""
        for name in names:
            await xdotool(self.display, "key", name)

    async def type(self, text: str) -> None:
        """Type a text."""
        await xdotool(self.display, "type", text)


@asynccontextmanager
async def seat(folder: Path, *arguments: str) -> AsyncIterator[Seat]:
    """Let somebody start the app."""
    async with (
        screen() as shown,
        window_manager(shown.display),
        bus(shown.display, folder) as environment,
        screen_reader(environment) as reader,
        gui(folder, *arguments, QT_QPA_PLATFORM="xcb", **environment) as program,
    ):
        yield Seat(program, reader, shown.display)


async def test_main_ways_are_gone_by_keys_and_heard(host: Host, tmp_path: Path) -> None:
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await carol.create("tea")
    address = host.address

    async with seat(tmp_path) as alice:
        reader, keys, typed = alice.reader, alice.keys, alice.type
        # Connect.
        await reader.is_on("Server")
        await typed(address.host)
        await keys("Tab")
        await reader.is_on("Port")
        await keys("ctrl+a")
        await typed(str(address.port))
        await keys("Tab")
        await reader.is_on("Your name in the chat")
        await typed("alice")
        await keys("Tab")
        await reader.is_on("Transport")
        await keys("Down", "Return")
        await logged_in(host, "alice")
        await reader.says(f"Connected to {address.place} as alice (WebSocket, not encrypted)")
        await reader.is_on("Message")
        # Read.
        await bob.send("good morning, alice")
        await reader.says("bob", "good morning, alice")
        # Write.
        await typed("good morning, bob")
        await keys("Return")
        async with asyncio.timeout(PATIENCE):
            await anext(event async for event in bob if isinstance(event, Posted) and event.text == "good morning, bob")
        await reader.says("good morning, bob", "You")
        # Switch.
        await keys("ctrl+k")
        await reader.is_on("Room or name")
        await typed("tea")
        await reader.has(lambda node: node.focused and "tea" in node.description)
        await keys("Return")
        await reader.says("You are not in tea. Enter joins it")
        await reader.is_on("Message")
        await keys("Return")
        await reader.says("Room tea, where you are, 2 people")
        # Take a file.
        (tmp_path / "notes.txt").write_bytes(b"two sugars")
        await carol.offer_file(DiskSource(str(tmp_path / "notes.txt")), to=("alice",))
        await reader.says("1 in another conversation (Ctrl+J)")
        await keys("ctrl+j")
        await reader.has(lambda node: node.focused and node.name == "Accept" and node.description == "notes.txt")
        await keys("space")
        await reader.says("Received from carol")
        await keys("ctrl+q")
        async with asyncio.timeout(PATIENCE):
            await alice.program.process.wait()


async def test_menus_of_rooms_members_and_messages_open_by_the_menu_key(host: Host, tmp_path: Path) -> None:
    """What the pointer gets by a right click. Qt tells of menus by events only: what they do is heard."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await carol.create("tea")
    async with seat(tmp_path, host.address.url, "--username", "alice") as alice:
        reader, keys = alice.reader, alice.keys
        await reader.says("Room tea, 1 person")
        await reader.is_on("Message")
        await keys("ctrl+g", "Down")
        await reader.has(lambda node: node.focused and node.name.startswith("Room tea"))
        await keys("Menu", "Down", "Return")
        await reader.says("Room tea, where you are, 2 people")
        await bob.join("tea")
        await bob.send("shall we?")
        await reader.says("bob", "shall we?")
        await keys("ctrl+l")
        await reader.is_on("Message")
        await keys("shift+Tab")
        await reader.has(lambda node: node.focused and node.role == "table")
        await keys("Up", "End")
        await reader.has(lambda node: node.focused and "shall we?" in node.name)
        await keys("Menu", "Down", "Down", "Down", "Return")
        await reader.says("You answer bob: shall we?")
        await keys("Escape", "ctrl+m", "Down")
        await reader.has(lambda node: node.focused and node.name == "bob")
        await keys("Menu", "Down", "Return")
        await reader.says("Direct messages, for the two of you")
