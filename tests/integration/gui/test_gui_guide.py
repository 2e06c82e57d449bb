"""The guide of the desktop app, from beginning to end, by somebody who has a keyboard only, in both languages."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from chatcore import Client
from chatcore.commands import SendMessage
from chatcore.events import (
    BroadcastPosted,
    DirectPosted,
    FileFailed,
    FileOffered,
    FileReceived,
    FileSent,
    Posted,
    ReactionChanged,
)
from chatcore_files.source import DiskSource
from tests.integration.gui.desktop import Host
from tests.integration.gui.test_gui_keys import window_manager
from tests.integration.gui.test_gui_process import Program, gui, logged_in, names, screen
from tests.patience import PATIENCE

_Event = TypeVar("_Event")

WINDOW, DIALOG = " – chatcore", " — chatcore"
"""How titles end: of the window by the app, of what is above it by Qt."""
EXPORT = {"C.UTF-8": ("alt+c", "x"), "fr_FR.UTF-8": ("alt+d", "x")}
"""What opens the menu of the chat, and chooses the export there."""


class Keyboard:
    """A keyboard, and what has its keys: the main window, or what is open above it."""

    def __init__(self, display: str, program: Program) -> None:
        self.program = program
        self._environment = os.environ | {"DISPLAY": display}

    async def keys(self, *pressed: str) -> None:
        """Press keys, one after the other."""
        for one in pressed:
            await self._xdotool("key", one)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self._xdotool("type", "--delay", "2", text)

    async def say(self, text: str) -> None:
        """Type a text and press Enter."""
        await self.type(text)
        await self.keys("Return")

    async def opens(self, *pressed: str) -> None:
        """Press keys that open a dialog, and wait until the keyboard is there."""
        await self.keys(*pressed)
        await self._waits(lambda title: title.endswith(DIALOG))

    async def closes(self, *pressed: str, again: bool = False) -> None:
        """Press keys, again and again perhaps, that close a dialog; wait until the main window has the keyboard."""
        await self.keys(*pressed)
        await self._waits(lambda title: title.endswith(WINDOW), *(pressed if again else ()))

    async def _waits(self, wanted: Callable[[str], bool], *meanwhile: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not wanted(await self._xdotool("getactivewindow", "getwindowname")):
                await asyncio.sleep(0.05)
                await self.keys(*meanwhile)

    async def _xdotool(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "xdotool",
            *arguments,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
        return out.decode().strip()


async def heard(somebody: Client, kind: type[_Event], text: str = "") -> _Event:
    """Wait until somebody else gets something, and return it."""
    async with asyncio.timeout(PATIENCE):
        async for event in somebody:
            if isinstance(event, kind) and text in (getattr(event, "text", ""), ""):
                return event
    raise AssertionError("the connection has ended")


async def is_in(room: str, somebody: Client, press: Callable[..., Awaitable[None]] | None = None, *keys: str) -> None:
    """Wait until the user of the keyboard is in a room, as somebody else sees it; keys are pressed again meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while ("alice", room) not in {(user.name, user.room) for user in await somebody.list_users()}:
            if press is not None:
                await press(*keys)
            await asyncio.sleep(0.05)


@asynccontextmanager
async def keyboard(folder: Path, language: str) -> AsyncIterator[Keyboard]:
    """Start the app on a screen, before somebody who has no mouse."""
    async with screen() as shown, window_manager(shown.display):
        surroundings = {"DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb", "LANG": language}
        async with gui(folder, **surroundings) as program:
            yield Keyboard(shown.display, program)


async def connect(alice: Keyboard, host: Host) -> None:
    """What stands under "Connect"."""
    await alice.opens()
    await alice.type(host.address.host)
    await alice.keys("Tab", "ctrl+a")
    await alice.type(str(host.address.port))
    await alice.keys("Tab")
    await alice.type("alice")
    await alice.keys("Tab", "Down")
    await alice.closes("Return")
    await logged_in(host, "alice")


async def talk(alice: Keyboard, bob: Client) -> None:
    """What stands under "Talk", of one room."""
    await alice.say("good morning")
    await heard(bob, Posted, "good morning")
    await alice.type("two")
    await alice.keys("shift+Return")
    await alice.say("lines")
    await heard(bob, Posted, "two\nlines")
    while (await bob.history("lobby"))[-1].text != "changed":  # while it is pale, it is the one before that is changed
        await alice.keys("Up", "ctrl+a")
        await alice.say("changed")
    await alice.keys("Up", "ctrl+a", "BackSpace", "Return")
    async with asyncio.timeout(PATIENCE):
        while not (await bob.history("lobby"))[-1].deleted:
            await asyncio.sleep(0.05)
    await alice.keys("ctrl+Up", "ctrl+Up", "Return")
    await heard(bob, Posted, "two\nlines")
    await alice.type("bo")
    await alice.keys("Tab")
    await alice.say("are you there?")
    assert (await heard(bob, Posted)).text.startswith("bob")
    await alice.type("/msga")
    await alice.keys("Down", "Return")
    await alice.say("to everybody")
    await heard(bob, BroadcastPosted, "to everybody")
    await alice.type(":tada")
    await alice.keys("Tab", "Return")
    assert (await heard(bob, Posted)).text.strip() == "🎉"
    await alice.keys("ctrl+m", "Down", "Return")
    await alice.say("psst")
    await heard(bob, DirectPosted, "psst")
    await alice.keys("ctrl+w")


async def go(alice: Keyboard, bob: Client, carol: Client) -> None:
    """What stands there of several rooms: to find them, read them, enter them; to answer and to react."""
    await alice.opens("ctrl+k")
    await alice.type("tea")
    await alice.closes("Return")
    await alice.keys("Return")
    await is_in("tea", carol)
    carol.post(SendMessage("with milk?"))
    asked = (await carol.history("tea"))[-1]
    while asked.text != "with milk?":
        asked = (await carol.history("tea"))[-1]
    answered = None
    while answered != asked.seq:  # until it is on the screen, there is nothing to answer
        await alice.keys("ctrl+shift+a")
        await alice.say("yes")
        answered = (await heard(carol, Posted, "yes")).reply_to
    await alice.opens("ctrl+shift+e")
    await alice.type("tada")
    await alice.closes("Return")
    assert (await heard(carol, ReactionChanged)).emoji == "🎉"
    await alice.keys("alt+Up", "Return")
    await is_in("lobby", bob)
    carol.post(SendMessage("alice, it is getting cold"))
    async with asyncio.timeout(PATIENCE):
        while (await carol.history("tea"))[-1].text != "alice, it is getting cold":
            await asyncio.sleep(0.05)
    await is_in("tea", carol, alice.keys, "ctrl+shift+k", "Return")
    await alice.opens("ctrl+shift+n")
    await alice.type("cave")
    await alice.closes("Return")
    await is_in("cave", bob)
    await alice.keys("ctrl+shift+l")
    await is_in("lobby", bob)
    await alice.opens("ctrl+shift+f")
    await alice.type("milk")
    await alice.closes("Return", again=True)  # nothing is chosen before the server has answered
    await alice.keys("ctrl+l", "Return")
    await is_in("tea", carol)
    await alice.keys("ctrl+f")
    await alice.type("cold")
    await alice.keys("Return", "Escape")
    await alice.say("found")
    await heard(carol, Posted, "found")


async def files(alice: Keyboard, carol: Client, folder: Path) -> None:
    """What stands under "Files"."""
    notes = folder / "notes.txt"
    notes.write_text("two sugars")
    await alice.opens("ctrl+o")
    await alice.closes("Escape")
    await alice.say(f"/send carol {notes}")
    offered = await heard(carol, FileOffered)
    assert offered.name == "notes.txt"
    await carol.accept_file(offered.file)
    await heard(carol, FileReceived)
    taken = asyncio.create_task(until_taken(carol, notes))
    while not taken.done():  # what is typed before its card is there is no answer
        await alice.keys("ctrl+j", "space", "ctrl+l", "ctrl+a", "BackSpace")
        await asyncio.wait([taken], timeout=1)
    await taken


async def until_taken(carol: Client, path: Path) -> None:
    """Offer a file until it was received: the keys that accept it call it off while it is under way."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await carol.offer_file(DiskSource(str(path)), to=("alice",))
            async for event in carol:
                if isinstance(event, FileSent):
                    return
                if isinstance(event, FileFailed):
                    break


async def settle(alice: Keyboard, language: str) -> None:
    """The settings, the list of keys, and the export."""
    await alice.opens("ctrl+comma")
    await alice.closes("Escape")
    await alice.opens("F1")
    await alice.closes("Escape")
    await alice.keys("ctrl+plus", "ctrl+minus", "ctrl+0", "Prior", "Next")
    menu, entry = EXPORT[language]
    await alice.keys(menu)
    await alice.opens(entry)
    await alice.closes("Escape")


async def lose_and_leave(alice: Keyboard, host: Host) -> None:
    """What stands there of lost connections; and the end."""
    bob = host.guests["bob"]
    await alice.opens("ctrl+k")
    await alice.type("lobby")
    await alice.closes("Return")
    await alice.keys("Return")
    await is_in("lobby", bob)
    await host.stop()
    await alice.say("this waits")
    await host.start()
    await alice.keys("ctrl+shift+r")
    await heard(bob, Posted, "this waits")
    await alice.keys("ctrl+shift+d")
    async with asyncio.timeout(PATIENCE):
        while "alice" in await names(host):
            await asyncio.sleep(0.05)
    await alice.keys("ctrl+r")
    await logged_in(host, "alice")
    await alice.closes()  # on a busy machine the server was waited for in sight
    await alice.keys("ctrl+q")
    async with asyncio.timeout(PATIENCE):
        out, err = await alice.program.process.communicate()
    assert (alice.program.process.returncode, out, err) == (0, b"", b"")


@pytest.mark.slow
@pytest.mark.parametrize("language", EXPORT)
async def test_all_that_the_guide_describes_is_done_by_keys_alone(language: str, host: Host, tmp_path: Path) -> None:
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await carol.create("tea")
    async with keyboard(tmp_path, language) as alice:
        await connect(alice, host)
        await talk(alice, bob)
        await go(alice, bob, carol)
        await files(alice, carol, tmp_path)
        await settle(alice, language)
        await lose_and_leave(alice, host)
