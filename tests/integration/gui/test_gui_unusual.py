"""What people do seldom: input methods, many files at once, two windows under one name, rooms that go meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QInputMethodEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from chatcore.events import FileOffered, FileReceived
from chatcore_qt.presenters.connecting.address import Address
from tests.integration.gui.desktop import Desktop, Host, drag, until


def compose(field: QWidget, preedit: str = "", commit: str = "") -> None:
    """Do what an input method does while something is composed, and when it is done."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(field, event)


async def test_what_an_input_method_composes_is_a_message_once_it_is_done_and_no_draft_before(
    host: Host, desktop: Desktop
) -> None:
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    compose(line.input, "ni")
    compose(line.input, "ni hao")
    assert line.text() == ""
    assert desktop.app.chat.conversations.shown.draft == ""
    compose(line.input, commit="你好")
    assert (line.text(), desktop.app.chat.conversations.shown.draft) == ("你好", "你好")
    compose(line.input, "shi jie")
    compose(line.input, commit="世界")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.said() == ["你好世界"])
    assert line.text() == ""


async def test_something_half_composed_is_neither_sent_nor_taken_to_another_room(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("tea")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    line = desktop.window.conversation.composer
    compose(line.input, "ni hao")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    assert desktop.said() == []
    desktop.press("Alt+Down")
    await until(lambda: desktop.shown == "tea")
    assert line.input.textCursor().block().layout().preeditAreaText() == ""
    compose(line.input, commit="茶")
    assert line.text() == "茶"


async def test_several_files_dropped_at_once_all_arrive_and_what_is_none_is_said(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    folder = tmp_path / "dropped"
    (folder / "a folder").mkdir(parents=True)
    texts = {f"file-{number}.txt": f"the text of {number}" for number in range(5)}
    for name, text in texts.items():
        (folder / name).write_text(text)
    dropped = [*(folder / name for name in texts), folder / "a folder", folder / "gone.txt"]
    assert drag(dropped, desktop.window.conversation.view) is not None
    there = {}
    async for event in bob:
        if isinstance(event, FileOffered):
            await bob.accept_file(event.file)
        elif isinstance(event, FileReceived):
            there[Path(event.place).name] = await asyncio.to_thread(Path(event.place).read_text)
            if len(there) == len(texts):
                break
    assert there == texts
    cards = desktop.app.chat.files.cards
    await until(lambda: [card.state for card in cards].count("done") == len(texts))
    assert {card.name for card in cards if card.state == "failed"} == {"a folder", "gone.txt"}


async def editing_in(room: str, desktop: Desktop) -> Any:
    """Change what was said last there, as far as the Enter key; returns the message line."""
    desktop.type(f"/join {room}")
    await until(lambda: desktop.shown == room)
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    line = desktop.window.conversation.composer
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    QTest.keyClicks(line.input, " and more")
    return line


async def test_who_is_put_out_of_a_room_while_they_edit_ends_it_there(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("tea")
    await desktop.enter(host)
    line = await editing_in("tea", desktop)
    await bob.kick("alice", "tea")
    await until(lambda: desktop.app.chat.rooms.current == "lobby")  # the window knows it, too
    assert (desktop.shown, line.text(), line.editing) == ("tea", "mine and more", True)
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: not desktop.app.chat.is_asking)
    assert [posted.text for posted in await bob.history("tea")] == ["mine and more"]
    assert (line.text(), line.editing, desktop.shown) == ("", False, "tea")


async def test_changed_words_that_the_server_refuses_stay_in_the_message_line(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("tea")
    await desktop.enter(host)
    line = await editing_in("tea", desktop)
    await bob.ban("alice", room="tea")
    await until(lambda: desktop.app.chat.rooms.current == "lobby")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: line.text() == "mine and more" and not line.editing)
    told = "Your message is not changed; what you typed for it is in the message line."
    await until(lambda: told in desktop.told())


async def test_change_that_the_server_refuses_for_now_goes_on(host: Host, desktop: Desktop) -> None:
    """It is no new message by the next Enter."""
    bob = await host.guest("bob")
    await bob.create("tea")
    await desktop.enter(host)
    line = await editing_in("tea", desktop)
    await bob.mute("alice", room="tea")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    assert (line.text(), line.editing) == ("", False)
    await until(lambda: line.editing)
    assert line.text() == "mine and more"
    await until(lambda: "You may not speak in tea." in desktop.told())
    await bob.unmute("alice", room="tea")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.said() == ["mine and more (edited)"])
    assert (line.text(), line.editing) == ("", False)


async def test_change_that_is_refused_while_something_else_is_typed_is_there_when_one_edits_again(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("tea")
    await desktop.enter(host)
    line = await editing_in("tea", desktop)
    await bob.mute("alice", room="tea")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    QTest.keyClicks(line.input, "by the way")
    told = "Your message is not changed; edit it again, and what you typed for it is there."
    await until(lambda: told in desktop.told())
    assert (line.text(), line.editing) == ("by the way", False)
    line.input.clear()
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    assert (line.text(), line.editing) == ("mine and more", True)


async def test_room_that_has_just_gone_is_no_line_each_time_one_looks(host: Host, desktop: Desktop) -> None:
    """Whoever wants to enter it is told."""
    bob = await host.guest("bob")
    await bob.create("tea")
    await bob.send("hello")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    desktop.press("Alt+Down")
    await until(lambda: desktop.shown == "tea" and desktop.said() == ["hello"])
    await bob.close_room("tea")
    await until(lambda: len(desktop.rooms()) == 1)
    for _ in range(3):
        desktop.app.chat.open("lobby")
        desktop.app.chat.open("tea")
        await until(lambda: not desktop.app.chat.is_asking)
    assert (desktop.shown, desktop.told()) == ("tea", [])
    QTest.keyClick(desktop.window.conversation.composer.input, Qt.Key.Key_Return)
    await until(lambda: desktop.told() == ["There is no room called tea."])


async def log_in(desktop: Desktop, address: Address) -> str:
    """Be alice, by her password; returns what stands in the message line then."""
    await desktop.start(address, "alice")
    await until(lambda: desktop.window.dialog is not None and desktop.app.connecting.asks_password)
    QTest.keyClicks(desktop.dialog.password, "correct-horse")
    QTest.keyClick(desktop.dialog.password, Qt.Key.Key_Return)
    await desktop.settled()
    text: str = desktop.window.conversation.composer.text()
    return text


async def test_two_windows_under_one_name_lose_nothing_of_each_other(host: Host, tmp_path: Path) -> None:
    """The second one takes the place of the first; each keeps what was typed into it, and the next one shows it all."""
    address = host.address
    async with Desktop(tmp_path) as one, Desktop(tmp_path) as two:
        await one.enter(host)
        one.type("/register correct-horse")
        await until(one.told)
        QTest.keyClicks(one.window.conversation.composer.input, "half a thought of one")
        one.app.chat.keeper.write_now()
        assert await log_in(two, address) == ""
        QTest.keyClicks(two.window.conversation.composer.input, "half a thought of two")
        assert one.window.conversation.composer.text() == "half a thought of one"
    async with Desktop(tmp_path) as desktop:
        found = await log_in(desktop, address)
        assert sorted(found.split("\n")) == ["half a thought of one", "half a thought of two"]
        desktop.window.conversation.composer.input.clear()
    assert list((tmp_path / "kept").iterdir()) == []
