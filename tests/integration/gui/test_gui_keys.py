"""What is typed reaches the message line, wherever the focus and the mouse were before."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from chatcore.events import Posted
from chatcore_qt.widgets.dialogs.small import ShortcutsDialog
from tests.integration.gui.desktop import Desktop, Host, click, until
from tests.integration.gui.test_gui_process import gui, screen, shows_the_lobby, xdotool
from tests.patience import PATIENCE

PLACES: dict[str, Callable[[Any], QWidget]] = {
    "rooms": lambda window: window.rooms.rooms,
    "members": lambda window: window.members.list,
    "messages": lambda window: window.conversation.view.messages,
    "a button": lambda window: window.conversation.files_button,
    "the window": lambda window: window,
}


async def test_list_of_the_shortcuts_has_all_that_the_guide_has(desktop: Desktop) -> None:
    rows = {keys: text for text, keys in ShortcutsDialog(desktop.window.actions_.all, desktop.window).rows}
    guide = (Path(__file__).parents[3] / "docs" / "use" / "gui.md").read_text(encoding="utf-8")
    table = guide.partition("## By keyboard")[2].partition("\n\n`kill`")[0]
    wanted = re.findall(r"(?:(?:Ctrl|Alt|Shift)\+)+[^ ,|]+|F1", re.sub(r"(?m)\|[^|]*\|$", "", table))
    listed = ", ".join(rows).split(", ")
    assert [keys for keys in wanted if keys not in listed] == []
    assert rows["Up"] == "Change what was said last, in the empty line"
    assert rows["Ctrl+Up, Ctrl+Down"] == "Recall what was typed before, or after that"


@pytest.mark.parametrize("place", PLACES)
async def test_printable_keys_go_to_the_message_line_from_anywhere(place: str, host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("hello")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    line = desktop.window.conversation.composer
    somewhere = PLACES[place](desktop.window)
    somewhere.setFocus()
    QTest.keyClicks(somewhere, "h")
    assert line.text() == "h"
    assert desktop.window.focusWidget() is line.input
    somewhere.setFocus()
    QTest.keyClick(somewhere, Qt.Key.Key_E)
    QTest.keyClicks(line.input, "llo")
    assert line.text() == "hello"
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(" there")
    somewhere.setFocus()
    QTest.keyClick(somewhere, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == "hello there"
    assert desktop.shown == "lobby"


async def test_space_still_presses_a_button_and_a_search_field_keeps_what_is_typed(
    host: Host, desktop: Desktop
) -> None:
    await desktop.enter(host)
    button = desktop.window.conversation.members_button
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert desktop.window.members.isHidden()
    QTest.keyClick(button, Qt.Key.Key_Space)
    find = desktop.window.members.filter
    find.show()
    find.setFocus()
    QTest.keyClicks(find, "bo")
    assert (find.text(), desktop.window.conversation.composer.text()) == ("bo", "")


async def test_click_in_a_list_gives_the_focus_back(host: Host, desktop: Desktop) -> None:
    await host.guest("bob")
    await desktop.enter(host)
    await until(lambda: len(desktop.members()) == 2)
    line = desktop.window.conversation.composer.input
    for view in (desktop.window.rooms.rooms, desktop.window.members.list):
        desktop.window.conversation.view.messages.setFocus()
        await click(view, 0)
        assert desktop.window.focusWidget() is line


async def test_the_menu_key_opens_the_menu_of_the_row_that_the_keyboard_is_on(host: Host, desktop: Desktop) -> None:
    """Of a room, and of a member: what the pointer gets by a right click."""
    carol = await host.guest("carol")
    await carol.create("tea")
    await host.guest("bob")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2 and len(desktop.members()) == 2)
    for keys, view, offered in (
        ("Ctrl+G", desktop.window.rooms.rooms, "&Join this room"),
        ("Ctrl+M", desktop.window.members.list, "Who is this?"),
    ):
        desktop.press(keys)
        for _ in range(2):
            QTest.keyClick(view, Qt.Key.Key_Down)
        # What Qt makes of the key, on every system.
        at = view.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
        QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, view.mapToGlobal(at)))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert offered in [action.text() for action in menu.actions()]
        menu.close()


@asynccontextmanager
async def window_manager(display: str) -> AsyncIterator[None]:
    """Run one on a screen. It is there before any window is: only those that come later get the keyboard from it."""
    assert shutil.which("openbox"), "install openbox (scripts/setup lists it)"
    process = await asyncio.create_subprocess_exec(
        "openbox", env=os.environ | {"DISPLAY": display}, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        while await xdotool(display, "get_num_desktops"):
            await asyncio.sleep(0.05)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def test_typing_after_a_click_into_the_room_list_is_a_message(host: Host, tmp_path: Path) -> None:
    """With a mouse, a keyboard and a window manager: for the room that was clicked on, whole, and nowhere else."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await carol.create("other")
    async with screen() as shown, window_manager(shown.display):
        display = shown.display
        url = host.address.url
        async with gui(tmp_path, url, "--username", "alice", DISPLAY=display, QT_QPA_PLATFORM="xcb") as program:
            await shows_the_lobby(display)
            await xdotool(display, "search", "--onlyvisible", "--name", "lobby", "windowactivate", "--sync")
            search = ("search", "--onlyvisible", "--name", "lobby")
            await xdotool(display, *search, "mousemove", "--window", "%1", "60", "108", "click", "1")
            while await xdotool(display, "search", "--sync", "--onlyvisible", "--name", "other"):
                pass
            await xdotool(display, "type", "lobby is where I was\r")
            async with asyncio.timeout(PATIENCE):
                posted = await anext(event async for event in carol if isinstance(event, Posted))
            assert (posted.log, posted.text) == ("other", "lobby is where I was")
            assert await bob.history("lobby") == ()
            assert await program.end(signal.SIGTERM) == (143, "")


async def test_pages_of_the_conversation_are_turned_from_the_message_line(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    for number in range(40):
        await bob.send(f"line {number}")
    await desktop.enter(host)
    view, line = desktop.window.conversation.view, desktop.window.conversation.composer.input
    await until(lambda: view.at_end and len(desktop.said()) == 40)
    QTest.keyClick(line, Qt.Key.Key_PageUp)
    assert not view.at_end
    QTest.keyClick(line, Qt.Key.Key_PageDown)
    await until(lambda: view.at_end)
    assert desktop.window.focusWidget() is line


async def test_words_of_a_message_are_selected_and_copied_by_keys(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("the door is at 12, rue du Port")
    await until(desktop.said)
    messages, clipboard = desktop.window.conversation.view.messages, QGuiApplication.clipboard()
    assert clipboard is not None
    messages.setFocus()
    QTest.keyClick(messages, Qt.Key.Key_End)

    def copied(*keys: str) -> str:
        for key in keys:
            QTest.keySequence(messages, QKeySequence(key))
        QTest.keySequence(messages, QKeySequence("Ctrl+C"))
        return clipboard.text()

    assert copied() == "the door is at 12, rue du Port"
    assert copied("Right") == "the"
    assert copied("Right") == "door"
    assert copied("Left", "Left") == "the"
    assert copied("Shift+Right") == "the door"
    assert copied("Right", "Right", "Right", "Shift+Left") == "at 12"
    assert copied("Right", "Shift+Right") == ", rue"
