"""The real window's tools: search, code, text size, settings, export, emoji."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog

from chatcore.commands import SendMessage
from chatcore_qt import theme
from chatcore_qt.presenters.entries.timeline import MessageEntry
from chatcore_qt.widgets.dialogs.settings_dialog import SettingsDialog
from tests.integration.gui.desktop import Desktop, Host, until


def on_screen(desktop: Desktop) -> list[str]:
    """Return the messages on the screen."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    return [getattr(one.row.entry, "text", "") for one in view._shown]


async def test_words_are_found_from_the_newest_message_on(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    for number in range(90):
        bob.post(SendMessage(f"line {number}" + (" NEEDLE" if number % 30 == 0 else "")))
    await until(lambda: len(desktop.said()) == 90)
    bar = desktop.window.conversation.search_bar
    desktop.press("Ctrl+F")
    QTest.keyClicks(bar.field, "needle")
    assert bar.count.text() == "1 of 3"
    assert "line 60 NEEDLE" in on_screen(desktop)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == "3 of 3"
    assert "line 0 NEEDLE" in on_screen(desktop)
    QTest.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert "line 30 NEEDLE" in on_screen(desktop)
    await bob.send("another needle")
    await until(lambda: bar.count.text() == "3 of 4")
    QTest.keyClicks(bar.field, "s in a haystack")
    assert bar.count.text() == "nothing found"
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert desktop.window.focusWidget() is desktop.window.conversation.composer.input


async def test_a_hundred_thousand_messages_are_searched_at_once(host: Host, desktop: Desktop) -> None:
    """Measured in processor time: other programs run on this computer too."""
    await desktop.enter(host)
    shown = desktop.app.chat.conversations.shown
    assert shown is not None
    start = datetime(2026, 11, 21, tzinfo=UTC)
    shown.timeline.append(
        MessageEntry(f"k{number}", "bob", f"message {number} of many", start + timedelta(seconds=number))
        for number in range(100_000)
    )
    bar = desktop.window.conversation.search_bar
    desktop.press("Ctrl+F")
    taken = []
    for key in "99 of":
        before = time.process_time()
        QTest.keyClicks(bar.field, key)
        desktop.window.conversation.view.messages.viewport().grab()
        taken.append(time.process_time() - before)
    assert bar.count.text() == "1 of 1000"
    assert sorted(taken)[-2] < 0.1, taken  # one may meet the garbage of all tests before


async def test_code_is_copied_without_its_marks(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("try this:\n```python\nprint('a')\nprint('b')\n```")
    await until(lambda: len(desktop.said()) == 1)
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    menu = view.menu(view._shown[-1].row)
    action = next(action for action in menu.actions() if action.text() == "Copy the &code")
    action.trigger()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "print('a')\nprint('b')"


async def test_text_gets_larger_and_the_settings_are_kept(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("how high is this?")
    await until(lambda: desktop.states() == ["sent"])
    field = desktop.window.conversation.composer.input
    usual = field.fontMetrics().height()
    desktop.press("Ctrl++")
    desktop.press("Ctrl++")
    await until(lambda: field.fontMetrics().height() > usual)
    desktop.press("Ctrl+,")
    dialog = desktop.window.findChild(SettingsDialog)
    assert dialog.text_size.currentText() == "+2"
    dialog.presence.click()
    dialog.language.setCurrentIndex(dialog.language.findData("fr"))
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    assert theme.current().dark
    dialog.accept()
    desktop.press("Ctrl+0")
    await until(lambda: field.fontMetrics().height() == usual)
    kept = desktop.settings.load_preferences()
    assert (kept.presence, kept.language, kept.text_size) == (False, "fr", 0)
    assert desktop.settings.theme == "dark"
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")


async def exported(desktop: Desktop, path: Path, kind: str) -> list[str]:
    """Export what is shown by the menu's dialog, and return the lines."""
    told = len(desktop.told())
    desktop.window.actions_.export.trigger()
    dialog = next(one for one in desktop.window.findChildren(QFileDialog) if one.isVisible())
    dialog.selectNameFilter(kind)
    dialog.filterSelected.emit(kind)
    dialog.selectFile(str(path))
    dialog.accept()
    await until(lambda: any("are written to" in text for text in desktop.told()[told:]))
    written = path.with_suffix(".jsonl" if "jsonl" in kind else ".txt")
    return (await asyncio.to_thread(written.read_text, "utf-8")).splitlines()


async def test_conversation_is_exported_for_people_and_for_programs(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("first line\nsecond line \x1b[31m")
    gone = await bob.send("a slip")
    await bob.delete_message(gone.seq)
    await until(lambda: "(deleted)" in desktop.said())
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"] * 3)
    lines = await exported(desktop, tmp_path / "lobby", "Text for people (*.txt)")
    said = [line[20:] if line.startswith("20") else line for line in lines]
    assert [line for line in said if not line.startswith("*")] == [
        "bob: first line",
        "    second line \\x1b[31m",
        "bob: (deleted)",
        "alice: mine",
    ]
    await bob.send("later")
    await until(lambda: len(desktop.said()) == 4)
    lines = await exported(desktop, tmp_path / "lobby", "JSON lines for programs (*.jsonl)")
    found = [one for line in lines if (one := json.loads(line))["type"] == "message"]
    assert [(one["seq"], one["from"], one["text"], one["room"], "deleted" in one) for one in found] == [
        (1, "bob", "first line\nsecond line \x1b[31m", "lobby", False),
        (2, "bob", "", "lobby", True),
        (3, "alice", "mine", "lobby", False),
        (4, "bob", "later", "lobby", False),
    ]
    assert found[0]["at"].endswith("Z")
    desktop.app.chat.export(str(tmp_path / "nowhere" / "x.txt"), desktop.app.chat.conversations.room)
    await until(lambda: "cannot be written: No such file or directory." in desktop.told()[-1])


async def test_what_is_exported_is_the_conversation_for_which_that_was_asked(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    await desktop.enter(host)
    desktop.type("in the lobby")
    await until(lambda: desktop.states() == ["sent"])
    desktop.window.actions_.export.trigger()
    dialog = desktop.window.findChild(QFileDialog)
    desktop.app.chat.write_to("bob")
    path = tmp_path / "lobby.txt"
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    await until(path.exists)
    assert "alice: in the lobby" in await asyncio.to_thread(path.read_text, "utf-8")


async def test_emoji_are_completed(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    field = desktop.window.conversation.composer.input
    QTest.keyClicks(field, "well done :tada")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert desktop.window.conversation.composer.text() == "well done 🎉"
