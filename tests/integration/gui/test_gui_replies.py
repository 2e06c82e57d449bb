"""The real window: messages are answered, and a quote leads to what is answered."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from chatcore.commands import SendMessage
from chatcore_qt.presenters.entries.timeline import MessageEntry
from tests.integration.gui.desktop import Desktop, Host, until


def quotes(desktop: Desktop) -> list[str]:
    """Return the quotes on the screen."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    return [one.row.quote.text for one in view._shown if one.row.quote is not None]


async def test_a_message_is_answered_and_its_quote_follows_it_and_leads_there(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    pane = desktop.window.conversation
    asked = await bob.send("shall we <b>begin</b>?")
    await until(lambda: desktop.said() == ["shall we <b>begin</b>?"])
    desktop.press("Ctrl+Shift+A")
    assert pane.answering_text.text() == "You answer bob: shall we <b>begin</b>?"
    QTest.keyClick(pane.composer.input, Qt.Key.Key_Escape)
    assert not pane.answering.isVisible()
    view = pane.view.messages
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


async def test_answer_follows_what_becomes_of_the_message_until_it_is_said(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    pane = desktop.window.conversation
    asked = await bob.send("ask me")
    await until(lambda: desktop.said() == ["ask me"])
    desktop.press("Ctrl+Shift+A")
    await bob.edit_message(asked.seq, "ask him")
    await until(lambda: pane.answering_text.text() == "You answer bob: ask him (edited)")
    await bob.delete_message(asked.seq)
    gone = "The message of bob that you answer was deleted: what you write now answers nothing."
    await until(lambda: pane.answering_text.accessibleName() == gone)
    desktop.type("I would have")
    await until(lambda: desktop.states() == ["sent"] * 2)
    assert [posted.reply_to for posted in await bob.history("lobby")] == [None, None]
    assert not pane.answering.isVisible()


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
    view = desktop.window.conversation.view.messages
    await until(lambda: view.current_key == shown.key_of(first.seq))
    assert "the first of all" in desktop.said()


GONE = "Not sent: what it answers is not there any more. Sent again, it answers nothing."


def notes(desktop: Desktop) -> list[str]:
    """Return why messages failed."""
    shown = desktop.app.chat.conversations.shown
    assert shown is not None
    return [one.note for one in shown.timeline.entries if isinstance(one, MessageEntry) and one.note]


async def answer_without_a_connection(host: Host, desktop: Desktop) -> None:
    """Answer what is said while the server is away; it comes back with another log."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.send("who has the key?")
    await until(lambda: desktop.said() == ["who has the key?"])
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    desktop.press("Ctrl+Shift+A")
    desktop.type("I have")
    await until(lambda: quotes(desktop) == ["bob: who has the key?"])


async def test_answer_to_what_is_gone_quotes_nothing_else_and_can_be_said_without(host: Host, desktop: Desktop) -> None:
    await answer_without_a_connection(host, desktop)
    await host.start()
    carol = await host.guest("carol")
    await carol.send("another message is the first one now")
    await until(lambda: notes(desktop) == [GONE])
    (failed,) = desktop.app.chat.conversations.outbox.failed
    desktop.app.chat.retry(failed.key)
    await until(lambda: "failed" not in desktop.states() and desktop.app.chat.conversations.unsent == 0)
    said = [(posted.text, posted.reply_to) for posted in await carol.history("lobby")]
    assert said == [("another message is the first one now", None), ("I have", None)]


async def test_answer_that_was_kept_until_the_next_start_quotes_nothing_else(host: Host, tmp_path: Path) -> None:
    address = host.address
    async with Desktop(tmp_path) as desktop:
        await answer_without_a_connection(host, desktop)
    await host.start()
    carol = await host.guest("carol")
    await carol.send("another message is the first one now")
    async with Desktop(tmp_path) as desktop:
        await desktop.start(address, "alice")
        await desktop.settled()
        pane = desktop.window.conversation
        await until(pane.restored.isVisible)
        pane.send_restored.click()
        await until(lambda: notes(desktop) == [GONE])
        assert quotes(desktop) == []
        assert [posted.text for posted in await carol.history("lobby")] == ["another message is the first one now"]
