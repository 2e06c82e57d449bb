"""The real window: messages are answered, and a quote leads to what is answered."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from chatcore.commands import SendMessage
from tests.integration.gui.desktop import Desktop, Host, until


def quotes(desktop: Desktop) -> list[str]:
    """Return the quotes on the screen."""
    view = desktop.window.middle.view.messages
    view.viewport().grab()
    return [one.row.quote.text for one in view._shown if one.row.quote is not None]


async def test_a_message_is_answered_and_its_quote_follows_it_and_leads_there(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    middle = desktop.window.middle
    asked = await bob.send("shall we <b>begin</b>?")
    await until(lambda: desktop.said() == ["shall we <b>begin</b>?"])
    desktop.press("Ctrl+Shift+A")
    assert middle.answering_text.text() == "You answer bob: shall we <b>begin</b>?"
    QTest.keyClick(middle.composer.input, Qt.Key.Key_Escape)
    assert not middle.answering.isVisible()
    view = middle.view.messages
    view.viewport().grab()
    menu = {action.text(): action for action in view.menu(view._shown[-1].row).actions()}
    menu["&Reply"].trigger()
    desktop.type("yes")
    desktop.type("and this answers nothing")
    await until(lambda: desktop.states() == ["sent"] * 3)
    assert [posted.reply_to for posted in await bob.history("lobby")] == [None, asked.seq, None]
    assert quotes(desktop) == ["bob: shall we <b>begin</b>?"]
    await bob.edit_message(asked.seq, "shall we end?")
    await until(lambda: quotes(desktop) == ["bob: shall we end? (edited)"])
    await bob.delete_message(asked.seq)
    await until(lambda: quotes(desktop) == ["bob: (deleted)"])
    row = next(one for one in view._shown if one.row.quote is not None)
    at = row.row.quote.rect.center().toPoint()
    at.setY(at.y() + row.y)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    await until(lambda: view.current_key is not None and view.current_key.endswith(f"/{asked.seq}"))


async def test_a_quote_leads_to_what_was_said_long_ago(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    first = await bob.send("the first of all")
    for number in range(250):
        bob.post(SendMessage(f"message {number}"))
    await bob.flush()
    await bob.send("I come back to that", reply_to=first.seq)
    await desktop.enter(host)
    await until(lambda: desktop.said()[-1:] == ["I come back to that"])
    assert "the first of all" not in desktop.said()
    assert quotes(desktop) == ["an earlier message"]
    shown = desktop.app.chat.conversations.shown
    assert shown is not None
    desktop.app.chat.replies.go_to_answered(shown.timeline.entries[-1].key)
    view = desktop.window.middle.view.messages
    await until(lambda: view.current_key == shown.key_of(first.seq))
    assert "the first of all" in desktop.said()
