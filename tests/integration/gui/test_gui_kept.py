"""The real window: what waits to be sent, and what was typed, is lost by no way of leaving."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from chatcore.events import Posted
from chatcore_qt.widgets.dialogs.password_dialog import PasswordDialog
from tests.integration.gui.desktop import Desktop, Host, until
from tests.integration.gui.test_gui_process import gui, logged_in, screen, shows_the_lobby, xdotool
from tests.patience import PATIENCE


async def test_quitting_with_something_waiting_asks_and_it_is_offered_the_next_time(host: Host, tmp_path: Path) -> None:
    address = host.address
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        await host.stop()
        await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
        desktop.type("one")
        desktop.type("two")
        QTest.keyClicks(desktop.window.conversation.composer.input, "three")
        desktop.press("Ctrl+Q")
        question = desktop.window.question
        assert question.text().startswith("2 messages are not sent yet. If you leave now, they are kept")
        question.stay.click()
        assert not desktop.ended
        desktop.press("Ctrl+Q")
        desktop.window.question.leave.click()
        await until(lambda: desktop.ended)
    (file,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await host.start()
    bob = await host.guest("bob")
    async with Desktop(tmp_path) as desktop:
        await desktop.start(address, "alice")
        await desktop.settled()
        pane = desktop.window.conversation
        await until(pane.restored.isVisible)
        assert pane.restored.text.text() == "2 messages were not sent the last time."
        assert pane.composer.text() == "three"
        assert await bob.history() == ()
        pane.send_restored.click()
        await until(lambda: desktop.states() == ["sent", "sent"] and not pane.restored.isVisible())
        assert [posted.text for posted in await bob.history()] == ["one", "two"]
        pane.composer.input.clear()
    assert list((tmp_path / "kept").iterdir()) == []


async def test_quitting_says_what_is_lost_where_nothing_can_be_kept(host: Host, desktop: Desktop) -> None:
    desktop.kept.write_text("no folder")
    await desktop.enter(host)
    QTest.keyClicks(desktop.window.conversation.composer.input, "a thought")
    desktop.press("Ctrl+Q")
    assert desktop.window.question.text().startswith(
        "What is not sent or carried out yet, and drafts, cannot be kept on this computer: File exists."
    )
    desktop.window.question.stay.click()
    desktop.kept.unlink()
    desktop.press("Ctrl+Q")
    await until(lambda: desktop.ended)
    assert [file.suffix for file in desktop.kept.iterdir()] == [".json"]


async def test_what_is_written_for_a_room_that_is_only_read_is_asked_about_and_kept_like_the_rest(
    host: Host, tmp_path: Path
) -> None:
    address = host.address
    async with Desktop(tmp_path) as desktop:
        bob = await host.guest("bob")
        await bob.create("python")
        await desktop.enter(host)
        await until(lambda: len(desktop.rooms()) == 2)
        desktop.app.chat.open("python")
        await host.stop()
        await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
        desktop.type("not lost")
        assert (desktop.said(), desktop.states()) == (["not lost"], ["pending"])
        assert desktop.window.unsent.text() == "1 message waiting"
        desktop.press("Ctrl+Shift+D")
        assert desktop.window.question.text().startswith("1 message is not sent yet. If you leave now, it is kept")
        desktop.window.question.stay.click()
        desktop.press("Ctrl+Q")
        desktop.window.question.leave.click()
        await until(lambda: desktop.ended)
    await host.start()
    carol = await host.guest("carol")
    await carol.create("python")
    async with Desktop(tmp_path) as desktop:
        await desktop.start(address, "alice")
        await desktop.settled()
        await until(desktop.window.conversation.restored.isVisible)
        desktop.window.conversation.send_restored.click()
        await until(lambda: (desktop.shown, desktop.said(), desktop.states()) == ("python", ["not lost"], ["sent"]))
        assert [posted.text for posted in await carol.history("python")] == ["not lost"]


async def test_quitting_with_a_command_waiting_asks_too_and_it_is_in_the_message_line_the_next_time(
    host: Host, tmp_path: Path
) -> None:
    address = host.address
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        await host.stop()
        await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
        desktop.type("one")
        desktop.type("/ban mallory 2h spam")
        assert desktop.window.unsent.text() == "1 message waiting, 1 command waiting"
        desktop.press("Ctrl+Q")
        question = desktop.window.question.text()
        assert "1 command is not carried out yet. If you leave now, it is not, and stands" in question
        desktop.window.question.leave.click()
        await until(lambda: desktop.ended)
    await host.start()
    async with Desktop(tmp_path) as desktop:
        await desktop.start(address, "alice")
        await desktop.settled()
        assert desktop.window.conversation.composer.text() == "/ban mallory 2h spam"
        desktop.window.conversation.composer.input.clear()


async def test_last_words_in_a_room_that_is_only_read_are_said_before_the_window_closes(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    desktop.app.chat.open("python")
    desktop.type("bye")
    desktop.press("Ctrl+Q")
    await until(lambda: desktop.ended)
    assert [posted.text for posted in await bob.history("python")] == ["bye"]


async def test_what_was_just_sent_needs_no_question(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.type("bye")
    desktop.press("Ctrl+Q")
    await until(lambda: desktop.ended)
    assert [posted.text for posted in await bob.history()] == ["bye"]


async def test_what_is_typed_before_there_is_a_connection_stays(host: Host, desktop: Desktop) -> None:
    await desktop.start()
    desktop.dialog.reject()
    QTest.keyClicks(desktop.window.conversation.composer.input, "early thought")
    desktop.window.open_connect_dialog()
    desktop.fill_in(host.address.host, host.address.port, host.address.scheme, "alice")
    await desktop.settled()
    assert desktop.window.conversation.composer.text() == "early thought"


def kept(folder: Path) -> dict[str, Any]:
    """Return what is kept; nothing when nothing is."""
    files = list((folder / ".local" / "state" / "chatcore" / "window").glob("*.json"))
    return json.loads(files[0].read_text()) if files else {}


@pytest.mark.parametrize("end", ["HUP", "X server"])
async def test_hangup_and_the_end_of_the_screen_lose_nothing(end: str, host: Host, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    url = host.address.url
    async with screen() as shown:
        screen_of = {"DISPLAY": shown.display, "QT_QPA_PLATFORM": "xcb"}
        async with gui(tmp_path, url, "--username", "alice", **screen_of) as program:
            await logged_in(host, "alice")
            await shows_the_lobby(shown.display)
            search = ("search", "--onlyvisible", "--name", "lobby")
            while await xdotool(shown.display, *search, "windowfocus", "--sync"):
                pass
            await host.stop()
            await xdotool(shown.display, "type", "not lost\r")
            async with asyncio.timeout(PATIENCE):
                while [one["text"] for one in kept(tmp_path).get("unsent", [])] != ["not lost"]:
                    await asyncio.sleep(0.05)
            await xdotool(shown.display, "type", "half a thought")
            async with asyncio.timeout(PATIENCE):
                while [one["text"] for one in kept(tmp_path).get("drafts", [])] != ["half a thought"]:
                    await asyncio.sleep(0.05)
            if end == "HUP":
                assert (await program.end(signal.SIGHUP))[0] == 129
            else:
                shown.process.kill()
                async with asyncio.timeout(PATIENCE):
                    await program.process.communicate()
    assert [one["text"] for one in kept(tmp_path)["unsent"]] == ["not lost"]
    assert bob.pending == 0


async def test_server_that_hangs_is_asked_about(host: Host, desktop: Desktop) -> None:
    """The connection is there, and nothing comes back."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    chat = desktop.app.chat
    desktop.type("does it arrive?")
    assert chat.conversations.unsent == 1
    desktop.window._ask_now(lambda: None)
    assert desktop.window.question is not None
    desktop.window.question.stay.click()
    posted = await anext(event async for event in bob if isinstance(event, Posted))
    assert posted.text == "does it arrive?"


@pytest.mark.parametrize("command", ["/identify", "/identfy"])
async def test_password_in_a_command_is_neither_recalled_nor_kept(command: str, host: Host, tmp_path: Path) -> None:
    """Also where the command is mistyped; not before it is sent either, nor where another room was shown meanwhile."""
    async with Desktop(tmp_path) as desktop:
        bob = await host.guest("bob")
        await bob.create("python")
        await desktop.enter(host)
        line = desktop.window.conversation.composer
        desktop.type("hello")
        desktop.type(f"{command} hush1234")
        QTest.keyClick(line.input, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        assert line.text() == "hello"
        QTest.keyClick(line.input, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line.input, f"{command} hush1234")
        desktop.app.chat.keeper.write_now()
        assert not any("hush1234" in file.read_text() for file in (tmp_path / "kept").glob("*.json"))
        desktop.app.chat.open("python")
        desktop.app.chat.open("lobby")
        assert line.text() == ""
        QTest.keyClicks(line.input, f"{command} hush1234")
    assert list((tmp_path / "kept").iterdir()) == []


async def test_password_below_something_else_is_not_kept_with_it(host: Host, tmp_path: Path) -> None:
    """The other lines are; and in sight all of them stay, whatever room is shown meanwhile."""
    async with Desktop(tmp_path) as desktop:
        bob = await host.guest("bob")
        await bob.create("python")
        await desktop.enter(host)
        line = desktop.window.conversation.composer
        line.input.setPlainText("/topic news\n/register hush1234")
        desktop.app.chat.keeper.write_now()
        (file,) = (tmp_path / "kept").glob("*.json")
        assert "/topic news" in file.read_text()
        assert "hush1234" not in file.read_text()
        desktop.app.chat.open("python")
        assert line.text() == ""
        desktop.app.chat.open("lobby")
        assert line.text() == "/topic news\n/register hush1234"
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        assert desktop.window.conversation.composer.text() == "/topic news"


async def test_what_may_be_the_password_for_the_command_above_is_not_kept(host: Host, tmp_path: Path) -> None:
    """Once that is carried out as well, and asks for the password; what stands below is."""
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        line = desktop.window.conversation.composer
        line.input.setPlainText("/identify\nhush1234\nhello all")
        QTest.keyClick(line.input, Qt.Key.Key_Return)
        dialog = desktop.window.findChild(PasswordDialog)
        assert dialog is not None
        dialog.reject()
        assert line.text() == "hush1234\nhello all"
        QTest.keyClicks(line.input, " of you")
        desktop.app.chat.keeper.write_now()
        (file,) = (tmp_path / "kept").glob("*.json")
        assert "hello all of you" in file.read_text()
        assert "hush1234" not in file.read_text()
        line.input.clear()
        QTest.keyClicks(line.input, "hush1234 is no password")
        desktop.app.chat.keeper.write_now()
        assert "hush1234 is no password" in file.read_text()


async def test_password_that_an_earlier_version_kept_goes(host: Host, tmp_path: Path) -> None:
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        QTest.keyClicks(desktop.window.conversation.composer.input, "half a thought")
    (file,) = (tmp_path / "kept").iterdir()
    file.write_text(file.read_text().replace("half a thought", "/register hush1234"))
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        assert desktop.window.conversation.composer.text() == ""
    assert list((tmp_path / "kept").iterdir()) == []
