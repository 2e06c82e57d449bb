"""The real window: one's own messages are changed and taken back after they were sent."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from tests.integration.gui.desktop import Desktop, Host, until


def menu_of(desktop: Desktop, number: int) -> dict[str, object]:
    """Return what the menu of the message of that number offers, by its text."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    rows = [one.row for one in view._shown if hasattr(one.row.entry, "sender")]
    return {action.text(): action for action in view.menu(rows[number]).actions() if action.text()}


async def test_up_in_the_empty_line_edits_what_was_said_last(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("the frist")
    desktop.type("the second")
    await until(lambda: desktop.states() == ["sent"] * 2)
    await bob.send("between")
    await until(lambda: desktop.said() == ["the frist", "the second", "between"])
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    assert line.text() == "the second"
    assert line.hint.text() == "Enter changes your message, Escape leaves it as it is."
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    assert line.text() == "the frist"
    line.input.clear()
    desktop.type("the first")
    await until(lambda: desktop.said() == ["the first (edited)", "the second", "between"])
    assert line.text() == ""
    assert [posted.text for posted in await bob.history("lobby")] == ["the first", "the second", "between"]


async def test_message_that_is_emptied_is_deleted_and_escape_leaves_it(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("oops")
    await until(lambda: desktop.states() == ["sent"])
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    QTest.keyClicks(line.input, " and more")
    QTest.keyClick(line.input, Qt.Key.Key_Escape)
    assert line.text() == ""
    assert desktop.said() == ["oops"]
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    line.input.clear()
    assert line.hint.text() == "Enter deletes this message, Escape leaves it as it is."
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.said() == ["(deleted)"])
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    assert (line.text(), line.editing) == ("oops", False)  # there is nothing to edit: it is said again


async def test_menu_edits_and_deletes_ones_own_messages_only_and_keeps_the_draft(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    await bob.send("bob's")
    await until(lambda: desktop.said() == ["mine", "bob's"])
    QTest.keyClicks(line.input, "half a sen")
    theirs, mine = menu_of(desktop, 1), menu_of(desktop, 0)
    assert "&Edit this message" not in theirs
    mine["&Edit this message"].trigger()  # type: ignore[attr-defined] # it is an action
    assert line.text() == "mine"
    QTest.keyClicks(line.input, "!")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.said() == ["mine! (edited)", "bob's"])
    assert line.text() == "half a sen"
    menu_of(desktop, 0)["&Delete this message"].trigger()  # type: ignore[attr-defined] # it is an action
    await until(lambda: desktop.said() == ["(deleted)", "bob's"])
    assert "&Delete this message" not in menu_of(desktop, 0)


async def test_another_room_ends_the_editing_and_keeps_both_drafts(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    desktop.app.chat.open("python")
    await until(lambda: desktop.shown == "python")
    assert (line.text(), line.editing) == ("", False)
    desktop.app.chat.open("lobby")
    assert (line.text(), desktop.said()) == ("", ["mine"])


async def test_change_that_is_being_typed_is_there_again_when_the_room_is_shown_again(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    QTest.keyClicks(line.input, "half a sen")
    menu_of(desktop, 0)["&Edit this message"].trigger()  # type: ignore[attr-defined] # it is an action
    QTest.keyClicks(line.input, ", carefully rewritten")
    for elsewhere in (lambda: desktop.app.chat.write_to("bob"), lambda: desktop.app.chat.open("python")):
        elsewhere()
        assert (line.text(), line.editing) == ("", False)
        desktop.app.chat.open("lobby")
        assert (line.text(), line.editing) == ("mine, carefully rewritten", True)
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.said() == ["mine, carefully rewritten (edited)"])
    assert (line.text(), line.editing) == ("half a sen", False)


async def test_change_that_is_being_typed_is_kept_when_the_app_ends(host: Host, tmp_path: Path) -> None:
    """And goes on the next time, as long as the message is there; else it is a draft."""
    bob = await host.guest("bob")
    await bob.send("first")
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        desktop.type("mine")
        await until(lambda: desktop.states() == ["sent"] * 2)
        QTest.keyClick(desktop.window.conversation.composer.input, Qt.Key.Key_Up)
        QTest.keyClicks(desktop.window.conversation.composer.input, ", rewritten")
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        line = desktop.window.conversation.composer
        await until(lambda: line.editing)
        assert line.text() == "mine, rewritten"
        QTest.keyClicks(line.input, " again")
    async with Desktop(tmp_path) as desktop:
        await desktop.enter(host)
        line = desktop.window.conversation.composer
        await until(lambda: line.editing)
        desktop.app.chat.write_to("bob")
        assert desktop.app.chat.client is not None
        await desktop.app.chat.client.delete_message(2)
        lobby = desktop.app.chat.conversations.of_room("lobby")
        await until(lambda: [one.change for one in lobby.timeline.entries if hasattr(one, "change")] == ["", "deleted"])
        desktop.app.chat.open("lobby")
        assert (line.text(), line.editing) == ("mine, rewritten again", False)
        await until(lambda: "not here any more" in desktop.told()[-1])
        line.input.clear()
    assert list((tmp_path / "kept").iterdir()) == []


async def test_change_that_is_left_for_another_message_can_be_recalled(host: Host, desktop: Desktop) -> None:
    """To edit that, or to answer it; Escape forgets it."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    for text in ("one", "two"):
        desktop.type(text)
    await until(lambda: desktop.states() == ["sent"] * 2)
    await bob.send("three")
    await until(lambda: len(desktop.said()) == 3)
    for leave in (lambda: QTest.keyClick(line.input, Qt.Key.Key_Up), lambda: desktop.press("Ctrl+Shift+A")):
        QTest.keyClick(line.input, Qt.Key.Key_Up)
        QTest.keyClicks(line.input, f" or {len(line._sent)}")
        changed = line.text()
        leave()
        assert line.text() in ("one", "")
        QTest.keyClick(line.input, Qt.Key.Key_Escape)
        QTest.keyClick(line.input, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        assert line.text() == changed
        line.input.clear()
    assert desktop.said() == ["one", "two", "three"]


async def test_what_the_server_does_not_let_be_changed_is_said(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    QTest.keyClick(desktop.window.conversation.composer.input, Qt.Key.Key_Up)
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    desktop.type(" once more")
    await until(lambda: "There is no connection." in desktop.told())
    assert desktop.said() == ["mine"]
    line = desktop.window.conversation.composer
    assert (line.text(), line.editing) == ("mine once more", True)


async def test_message_that_is_deleted_while_it_is_edited_gives_back_what_was_typed(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("club")
    await desktop.enter(host)
    desktop.type("/join club")
    await until(lambda: desktop.shown == "club")
    line = desktop.window.conversation.composer
    for text in ("one", "two"):
        desktop.type(text)
    await until(lambda: desktop.states() == ["sent"] * 2)
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    QTest.keyClicks(line.input, ", carefully rewritten")
    one, two = await bob.history("club")
    await bob.delete_message(two.seq)
    await until(lambda: desktop.said() == ["one", "(deleted)"])
    assert (line.text(), line.editing) == ("two, carefully rewritten", False)
    gone = "The message that you were changing is not here any more; what you typed for it is in the message line."
    await until(lambda: gone in desktop.told())
    line.input.clear()
    QTest.keyClick(line.input, Qt.Key.Key_Up)
    assert line.editing
    await bob.delete_message(one.seq)
    await until(lambda: desktop.said() == ["(deleted)"] * 2)
    assert (line.text(), line.editing) == ("", False)
    assert desktop.told().count(gone) == 1
