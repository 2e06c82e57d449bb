"""The real window: emojis below messages, put there and taken back by mouse and keyboard."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QAction, QHelpEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QToolTip

from chatcore_qt.widgets.conversation.row import Button
from chatcore_qt.widgets.dialogs.finding import EmojiDialog
from tests.integration.gui.desktop import Desktop, Host, until


def chips(desktop: Desktop) -> list[tuple[Button, int]]:
    """Return the emojis on the screen, and where their rows begin."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    return [(button, one.y) for one in view._shown for button in one.row.buttons if button.action == "react"]


def below(desktop: Desktop) -> list[tuple[str, bool]]:
    """Return what stands below messages, and whether that is one's own."""
    return [(button.text, button.chosen) for button, _y in chips(desktop)]


def place_of(desktop: Desktop, number: int = 0) -> QPoint:
    """Return where an emoji is."""
    button, y = chips(desktop)[number]
    return button.rect.center().toPoint() + QPoint(0, y)


async def test_emojis_are_put_below_a_message_and_taken_back_by_a_click(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("done!")
    await until(lambda: desktop.said() == ["done!"])
    await bob.react(1, "🎉")
    await until(lambda: below(desktop) == [("🎉 1", False)])
    port = desktop.window.conversation.view.messages.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=place_of(desktop))
    await until(lambda: below(desktop) == [("🎉 2", True)])
    at = place_of(desktop)
    QApplication.sendEvent(port, QHelpEvent(QEvent.Type.ToolTip, at, port.mapToGlobal(at)))
    assert QToolTip.text() == "🎉 from you, bob"
    QToolTip.hideText()
    index = desktop.window.conversation.view.messages.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("done! (🎉 from you, bob)")
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=place_of(desktop))
    await until(lambda: below(desktop) == [("🎉 1", False)])
    await bob.unreact(1, "🎉")
    await until(lambda: below(desktop) == [])


async def test_emoji_for_a_message_that_was_deleted_meanwhile_is_told_to_be_for_none(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    done = await bob.send("done!")
    await until(lambda: desktop.said() == ["done!"])
    desktop.press("Ctrl+Shift+E")
    dialog = desktop.window.findChild(EmojiDialog)
    QTest.keyClicks(dialog.field, "rocket")
    await bob.delete_message(done.seq)
    await until(lambda: desktop.said() == ["(deleted)"])
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: "There is no such message (any more)." in desktop.told())
    assert below(desktop) == []


async def test_the_menu_of_a_message_and_the_keyboard_put_emojis_there(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("done!")
    await until(lambda: desktop.said() == ["done!"])
    view = desktop.window.conversation.view.messages
    view.viewport().grab()

    def thumb_in_the_menu() -> QAction:
        within = view.menu(view._shown[-1].row).findChildren(QMenu)
        return next(one for one in within if one.title() == "React &with").actions()[0]

    thumb = thumb_in_the_menu()
    assert (thumb.text(), thumb.isChecked()) == ("👍  thumbs up", False)
    thumb.trigger()
    await until(lambda: below(desktop) == [("👍 1", True)])
    assert (thumb_in_the_menu().text(), thumb_in_the_menu().isChecked()) == ("👍 from you", True)
    desktop.press("Ctrl+Shift+E")
    dialog = desktop.window.findChild(EmojiDialog)
    QTest.keyClicks(dialog.field, "rocket")
    assert dialog.field.accessibleDescription() == "🚀 rocket"
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: below(desktop) == [("👍 1", True), ("🚀 1", True)])
    (posted,) = await bob.history("lobby")
    assert [(one.emoji, one.count) for one in posted.reactions] == [("👍", 1), ("🚀", 1)]


async def test_what_became_of_messages_while_one_was_elsewhere_is_seen_on_coming_back(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.send("done!")
    await bob.react(1, "🎉")
    await bob.send("teh end")
    await bob.send("a secret")
    await desktop.enter(host)
    await until(lambda: below(desktop) == [("🎉 1", False)])
    desktop.type("/create elsewhere")
    await until(lambda: desktop.shown == "elsewhere" and below(desktop) == [])
    await bob.react(1, "👍")
    await bob.edit_message(2, "the end")
    await bob.delete_message(3)
    desktop.type("/join lobby")
    await until(lambda: desktop.shown == "lobby" and below(desktop) == [("🎉 1", False), ("👍 1", False)])
    await until(lambda: desktop.said() == ["done!", "the end (edited)", "(deleted)"])
