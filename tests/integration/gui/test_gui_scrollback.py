"""The real window: what was said stays within reach of who scrolls up, however one came back."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from chatcore import Client
from chatcore.commands import SendMessage
from tests.integration.gui.desktop import Desktop, Host, click, until


async def talk(somebody: Client, count: int) -> list[str]:
    """Let somebody say so many things in the room; returns them."""
    said = [f"line {number}" for number in range(count)]
    for text in said:
        somebody.post(SendMessage(text))
    await until(lambda: somebody.pending == 0)
    return said


async def scroll_up(desktop: Desktop, first: str) -> None:
    """Press Page Up in the conversation until a certain message is on the screen."""
    messages = desktop.window.conversation.view.messages

    def is_there() -> bool:
        QTest.keyClick(messages, Qt.Key.Key_PageUp)
        messages.viewport().grab()
        return any(getattr(one.row.entry, "text", "") == first for one in messages._shown)

    await until(is_there)


async def test_room_that_was_left_and_clicked_on_again_is_read_to_its_beginning(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    desktop.type("/create elsewhere")
    await until(lambda: desktop.shown == "elsewhere")
    said = await talk(bob, 150)
    await click(desktop.window.rooms.rooms, 0)
    await until(lambda: desktop.shown == "lobby" and desktop.said()[-1] == said[-1])
    await scroll_up(desktop, "mine")
    assert desktop.said() == ["mine", *said]


async def test_server_that_was_started_anew_has_all_that_was_said_since_within_reach(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await talk(bob, 3)
    await until(lambda: len(desktop.said()) == 3)
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    await host.start()
    said = await talk(bob, 150)
    await until(lambda: desktop.app.chat.connection.state == "connected" and desktop.said()[-1:] == said[-1:])
    await scroll_up(desktop, said[0])
    await until(lambda: desktop.said()[-150:] == said)
