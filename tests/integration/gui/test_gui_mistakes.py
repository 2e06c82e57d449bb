"""Mistakes of the app: it goes on, its log says where one happened, and the user is told once."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from chatcore_qt.mistakes import survive_mistakes
from chatcore_qt.presenters.files.card import FileCard
from chatcore_qt.presenters.reasons import mistaken
from tests.integration.gui.desktop import Desktop, Host, until
from tests.integration.gui.test_gui_process import app_that_does, logged_in, names


async def test_program_goes_on_after_a_mistake_in_a_slot_and_its_log_says_where(host: Host, tmp_path: Path) -> None:
    """What Qt does there by itself is to abort."""
    async with app_that_does("QTimer.singleShot(0, fail)", host.address.url, tmp_path) as program:
        await logged_in(host, "alice")
        ended, log = await program.end(signal.SIGTERM)
    assert ended == 143
    assert "a mistake in the app\n" in log
    assert ", in fail\nValueError: unheard of\n" in log
    assert await names(host) == {"bob"}


async def test_mistakes_are_told_once_in_the_conversation(
    host: Host, desktop: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    """In a slot and in what the event loop calls alike."""

    def fail() -> None:
        raise ValueError("<b>\x1b[31munheard of")

    await desktop.enter(host)
    loop = asyncio.get_running_loop()
    with survive_mistakes(loop, desktop.app.tell_mistake, desktop.app.leave):
        desktop.window.actions_.presence.triggered.connect(fail)
        desktop.window.actions_.presence.trigger()
        desktop.window.actions_.presence.trigger()
        loop.call_soon(fail)
        await until(lambda: len([record for record in caplog.records if record.exc_info]) == 3)
        desktop.type("hello")
        await until(lambda: desktop.states() == ["sent"])
    assert desktop.told().count(mistaken()) == 1
    assert not desktop.ended


async def test_mistake_while_nothing_is_shown_is_told_in_the_dialog(desktop: Desktop) -> None:
    await desktop.start()
    with survive_mistakes(asyncio.get_running_loop(), desktop.app.tell_mistake, desktop.app.leave):
        desktop.dialog.host.textChanged.connect(int)
        desktop.dialog.host.setText("no number")
        await until(desktop.dialog.errors["form"].isVisible)
    assert desktop.dialog.errors["form"].text() == mistaken()


async def test_interrupt_in_a_slot_ends_the_app(host: Host, desktop: Desktop) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    await desktop.enter(host)
    with survive_mistakes(asyncio.get_running_loop(), desktop.app.tell_mistake, desktop.app.leave):
        desktop.window.actions_.presence.triggered.connect(interrupt)
        desktop.window.actions_.presence.trigger()
        await until(lambda: desktop.ended)


async def test_event_that_cannot_be_shown_keeps_nobody_from_the_next_one(host: Host, desktop: Desktop) -> None:
    def fail() -> None:
        raise ValueError("unheard of")

    bob = await host.guest("bob")
    await desktop.enter(host)
    failed: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: failed.append(context["message"]))
    desktop.app.chat.connection_changed.connect(fail)
    await bob.rename("robert")
    await bob.send("hello")
    await until(lambda: desktop.said() == ["hello"])
    desktop.app.chat.connection_changed.disconnect(fail)
    loop.set_exception_handler(None)
    assert failed == ["UserRenamed could not be shown"]


async def test_window_can_be_closed_whatever_mistake_is_made_of_what_is_left_behind(
    host: Host, desktop: Desktop
) -> None:
    await desktop.enter(host)
    chat = desktop.app.chat
    sides: dict[str, Any] = {"bob": None}
    chat.files.cards.append(FileCard("a", chat.conversations.of_room("lobby"), True, "a.txt", sides=sides))
    with survive_mistakes(asyncio.get_running_loop(), desktop.app.tell_mistake, desktop.app.leave):
        desktop.window.close()
        await until(lambda: desktop.ended)
    sides.clear()  # what is left of the window is drawn once more
