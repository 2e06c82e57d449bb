"""The real window: search in all that the server has, and the way to what was found."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from chatcore.commands import SendMessage
from chatcore_qt.widgets.dialogs.finding import SearchDialog
from tests.integration.gui.desktop import Desktop, Host, click, until


def found(dialog: SearchDialog) -> list[str]:
    """Return the texts that were found; empty for the row that asks for older ones."""
    return [row.text for row in dialog._model.rows]


async def test_what_was_said_long_ago_elsewhere_is_found_by_words_and_sender_and_leads_there(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    carol = await host.guest("carol")
    await carol.create("kitchen")
    first = await carol.send("The Café opens at nine")
    for number in range(150):
        carol.post(SendMessage(f"cup {number}"))
    await carol.flush()
    await bob.send("cafe? which cafe?")
    await desktop.enter(host)
    desktop.press("Ctrl+Shift+F")
    dialog = desktop.window.findChild(SearchDialog)
    QTest.keyClicks(dialog.field, "cafe")
    await until(lambda: found(dialog) == ["cafe? which cafe?", "The Café opens at nine"])
    QTest.keyClicks(dialog.field, " from:carol")
    await until(lambda: found(dialog) == ["The Café opens at nine"])
    assert dialog.field.accessibleDescription().startswith("carol in kitchen, ")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    view = desktop.window.conversation.view.messages
    await until(lambda: str(view.currentIndex().data()).endswith(first.text))
    assert desktop.shown == "kitchen"
    assert desktop.window.focusWidget() is view
    view.viewport().grab()
    assert first.text in [getattr(one.row.entry, "text", "") for one in view._shown]


async def test_search_goes_on_and_says_what_is_wrong(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    for number in range(60):
        bob.post(SendMessage(f"needle {number}"))
    await bob.flush()
    await desktop.enter(host)
    desktop.type("/search needle")
    dialog = desktop.window.findChild(SearchDialog)
    await until(lambda: len(found(dialog)) == 51 and found(dialog)[-1] == "")
    dialog.list.scrollToBottom()
    await click(dialog.list, 50)
    await until(lambda: found(dialog) == [f"needle {number}" for number in reversed(range(60))])
    dialog.field.setText("needle since:tomorrow")
    await until(lambda: dialog.told.text() == "A date is written as 2026-11-27, and a room alone is too little.")
    dialog.field.setText("haystack")
    await until(lambda: dialog.told.text() == "Nothing was found." and found(dialog) == [])
    dialog.reject()


async def test_enter_leads_to_nothing_that_was_found_for_other_words(host: Host, desktop: Desktop) -> None:
    """It asks at once for what is typed; neither do older ones of other words come below that."""
    bob = await host.guest("bob")
    await bob.send("about the salary")
    for number in range(60):
        bob.post(SendMessage(f"needle {number}"))
    await bob.flush()
    await desktop.enter(host)
    desktop.type("/search needle")
    dialog = desktop.window.findChild(SearchDialog)
    await until(lambda: len(found(dialog)) == 51)
    dialog.field.setText("salary")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: found(dialog) == ["about the salary"])
    dialog.field.setText("needle")
    await until(lambda: len(found(dialog)) == 51)
    dialog.field.setText("salary")
    QTest.keyClick(dialog.field, Qt.Key.Key_Up)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: found(dialog) == ["about the salary"])
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    view = desktop.window.conversation.view.messages
    await until(lambda: str(view.currentIndex().data()).endswith("about the salary"))


async def test_what_could_not_be_looked_for_is_looked_for_once_the_connection_is_back(
    host: Host, desktop: Desktop
) -> None:
    """Be it the first page, or older messages: the row that asks for these stays."""
    await desktop.enter(host)
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state == "waiting")
    desktop.type("/search needle")
    dialog = desktop.window.findChild(SearchDialog)
    await until(lambda: dialog.told.text() == "There is no connection.")
    await host.start()
    desktop.app.chat.reconnect_now()
    await until(lambda: dialog.told.text() == "Nothing was found.")
    bob = await host.guest("bob")
    for number in range(60):
        bob.post(SendMessage(f"needle {number}"))
    await bob.flush()
    dialog.field.setText("needle in:lobby")
    await until(lambda: len(found(dialog)) == 51 and found(dialog)[-1] == "")
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state == "waiting")
    dialog.list.scrollToBottom()
    await click(dialog.list, 50)
    await until(lambda: dialog.told.text() == "There is no connection.")
    assert found(dialog)[-1] == ""
    await host.start()
    desktop.app.chat.reconnect_now()
    await until(lambda: not dialog.told.isVisible())
    assert len(found(dialog)) == 50
    dialog.reject()
