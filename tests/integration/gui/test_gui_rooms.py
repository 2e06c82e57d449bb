"""The real window: other rooms are read without leaving one's own, and what is unread or for the user is plain."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from chatcore.commands import SendMessage
from chatcore_qt.widgets.dialogs.finding import JumpDialog
from tests.integration.gui.desktop import Desktop, Host, click, until


def look_at_the_window(desktop: Desktop) -> None:
    """Let it be the one that the user looks at."""
    desktop.window.activateWindow()
    desktop.window._seen()


def line_is_above(desktop: Desktop) -> str:
    """Return the message under the first-unread line on the screen; nothing when there is no line."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    return next((one.row.entry.text for one in view._shown if one.row.unread and one.y >= 0), "")


async def test_mention_in_another_room_is_counted_and_told_apart_from_what_is_unread(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    for text in ("one", "alice, look", "three"):
        await bob.send(text)
    await until(lambda: desktop.rooms()[1:] == ["Room python, 3 unread messages, 1 mentions you"])
    look = desktop.window.rooms._room_look(desktop.app.chat.rooms.rows[1])
    assert (look.badge, look.call) == ("2", "@ 1")
    await until(lambda: desktop.window.windowTitle() == "(3, @ 1) lobby – chatcore")
    desktop.press("Ctrl+K")
    jump = desktop.window.findChild(JumpDialog)
    heard = jump.list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "# python, 3 unread, 1 mentions you"
    jump.reject()
    assert bob.room == "python"
    assert desktop.app.chat.client is not None
    assert desktop.app.chat.client.room == "lobby"


async def test_next_mention_skips_what_is_only_unread(host: Host, desktop: Desktop) -> None:
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await bob.create("aaa")
    await carol.create("bbb")
    await desktop.enter(host)
    await bob.send("nothing special")
    await carol.send("alice: this is for you")
    await until(lambda: desktop.app.chat.rooms.mentions == 1)
    desktop.press("Ctrl+Shift+K")
    await until(lambda: desktop.shown == "bbb")
    desktop.press("Alt+Shift+Down")
    await until(lambda: desktop.shown == "aaa")


async def test_room_that_is_looked_into_says_at_once_how_many_are_there(host: Host, desktop: Desktop) -> None:
    """The list of rooms knows it, before anybody is asked for names; in one that is gone by then there is nobody."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await bob.create("python")
    await carol.join("python")
    await desktop.enter(host)
    await until(lambda: "Room python, 2 people" in desktop.rooms())
    desktop.app.chat.open("python")
    heads = desktop.window.conversation.subtitle, desktop.window.members.header.label
    assert [head.text() for head in heads] == ["2 people", "2 members"]
    await bob.leave()
    await carol.leave()
    await until(lambda: len(desktop.rooms()) == 1)
    await until(lambda: heads[0].text() == "0 people")


async def test_room_opens_at_the_first_unread_message(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await bob.send("seen")
    await desktop.enter(host)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python" and desktop.said() == ["seen"])
    look_at_the_window(desktop)
    await click(desktop.window.rooms.rooms, 0)
    await until(lambda: desktop.shown == "lobby")
    for number in range(150):
        bob.post(SendMessage(f"news {number}"))
    await until(lambda: bob.pending == 0)
    await until(lambda: desktop.app.chat.rooms.rows[1].unread == 150)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python" and len(desktop.said()) == 151)
    assert line_is_above(desktop) == "news 0"
    assert desktop.app.chat.rooms.rows[1].unread == 150
    assert desktop.window.conversation.view.jump.text() == "Jump to the newest (150 new)"
    desktop.window.conversation.view.jump.click()
    await until(lambda: desktop.app.chat.rooms.rows[1].unread == 0)


async def test_another_room_is_read_and_stays_up_to_date_without_leaving_ones_own(host: Host, desktop: Desktop) -> None:
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await bob.create("python")
    await bob.send("welcome")
    await desktop.enter(host)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python" and desktop.said() == ["welcome"])
    pane = desktop.window.conversation
    assert pane.preview.isVisible()
    assert pane.preview.text.text() == "You are not in python. Enter joins it, and what you write is said there."
    assert "Room lobby, where you are, 2 people" in desktop.rooms()
    await until(lambda: desktop.members() == ["bob"])
    await bob.send("still here?")
    await until(lambda: desktop.said() == ["welcome", "still here?"])
    assert set(carol.members) == {"alice", "carol"}
    QTest.keyClick(pane.composer.input, Qt.Key.Key_Return)
    await until(lambda: desktop.app.chat.rooms.current == "python" and not pane.preview.isVisible())
    assert desktop.said() == ["welcome", "still here?"]


async def test_room_says_that_one_is_banned_while_one_is_and_that_it_is_private_until_one_is_invited(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("club")
    await desktop.enter(host)
    pane = desktop.window.conversation
    desktop.type("/join club")
    await until(lambda: desktop.shown == "club")
    enter = "You are not in club. Enter joins it, and what you write is said there."
    await bob.ban("alice")
    await until(lambda: pane.preview.text.text() == "You are banned from club.")
    await bob.unban("alice")
    await until(lambda: pane.preview.text.text() == enter)
    assert pane.composer.input.placeholderText() == "Enter joins club"
    await bob.set_private(True)
    desktop.type("hello")
    private = "club is private: somebody who looks after it has to invite you."
    await until(lambda: pane.preview.text.text() == private)
    await bob.invite("alice")
    await until(lambda: pane.preview.text.text() == enter)


async def test_room_that_cannot_be_entered_says_why_and_not_that_enter_joins_it(host: Host, desktop: Desktop) -> None:
    """It is private, somebody is banned from it, or it is gone; what is written there stays in the message line."""
    bob, carol, dave = [await host.guest(name) for name in ("bob", "carol", "dave")]
    await bob.create("club")
    await bob.set_private(True)
    await carol.create("ours")
    await carol.ban("alice")
    await dave.create("python")
    await desktop.enter(host)
    pane = desktop.window.conversation
    await until(lambda: len(desktop.rooms()) == 4)
    desktop.app.chat.open("club")
    private = "club is private: somebody who looks after it has to invite you."
    await until(lambda: pane.preview.text.text() == private)
    assert pane.composer.input.placeholderText() == "You are not in club"
    desktop.app.chat.open("ours")
    desktop.type("hello")
    await until(lambda: pane.preview.text.text() == "You are banned from ours.")
    await until(lambda: pane.composer.text() == "hello")
    desktop.app.chat.open("python")
    await until(lambda: "Enter joins it" in pane.preview.text.text())
    assert pane.join_button.isVisible()
    await dave.close_room()
    await until(lambda: pane.preview.text.text() == "There is no room called python.")
    assert pane.join_button.isHidden()
    desktop.app.chat.open("club")
    assert pane.preview.text.text() == private
    assert pane.join_button.isVisible()
    await bob.set_private(False)
    QTest.keyClick(pane.composer.input, Qt.Key.Key_Return)
    await until(lambda: desktop.app.chat.rooms.current == "club" and not pane.preview.isVisible())
    desktop.app.chat.enter("lobby")
    await until(lambda: desktop.app.chat.rooms.current == "lobby")
    desktop.app.chat.open("club")
    await until(lambda: "Enter joins it" in pane.preview.text.text())


async def test_what_is_written_for_a_previewed_room_is_said_there_and_kept_where_that_is_refused(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python")
    desktop.type("hello in there")
    await until(lambda: desktop.states() == ["sent"])
    assert [posted.text for posted in await bob.history("python")] == ["hello in there"]
    assert await bob.history("lobby") == ()
    await click(desktop.window.rooms.rooms, 0)
    await until(lambda: desktop.shown == "lobby")
    assert desktop.app.chat.client is not None
    await desktop.app.chat.client.leave()
    await bob.close_room("python")  # left alone, a room goes by itself only where nothing of it is kept
    await until(lambda: desktop.rooms() == ["Room lobby, where you are, 2 people"])
    desktop.app.chat.open("python")
    desktop.type("anybody?")
    await until(lambda: desktop.told()[-1:] == ["There is no room called python."])
    assert desktop.window.conversation.composer.text() == "anybody?"


async def test_what_is_typed_before_the_window_is_in_the_new_room_is_said_there(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.type("/create club")
    desktop.type("nobody else should read this")
    assert await bob.history("lobby") == ()
    await until(lambda: (desktop.shown, desktop.states()) == ("club", ["sent"]))
    assert desktop.said() == ["nobody else should read this"]
    assert await bob.history("lobby") == ()


async def test_who_comes_and_goes_is_one_line_that_opens_and_can_be_hidden_in_a_room(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await until(lambda: desktop.app.chat.members.count == 2)
    for number in range(5):
        await host.guest(f"guest{number}")
    await until(lambda: desktop.app.chat.members.count == 7)
    for number in range(3):
        await host.guests[f"guest{number}"].close()
    await until(lambda: desktop.told() == ["2 came, 3 left."])
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    row = view._shown[-1]
    text = QPoint(60, row.y + row.row.body_top + 6)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=text)
    view.viewport().grab()
    assert view._row(row.number).expanded
    assert "guest4" in view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    desktop.window.actions_.presence.trigger()
    assert desktop.told() == []
    await host.guests["guest4"].close()
    await bob.send("quiet here")
    await until(lambda: desktop.said() == ["quiet here"] and desktop.app.chat.members.count == 3)
    assert desktop.told() == []
    assert desktop.app.chat.preferences.quiet_rooms == [f"{host.address.place} lobby"]


async def test_sending_while_scrolled_up_shows_the_newest_message_unless_that_is_not_wanted(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    for number in range(80):
        bob.post(SendMessage(f"line {number}"))
    await until(lambda: len(desktop.said()) == 80)
    view = desktop.window.conversation.view
    view.messages.scroll_by(-2000)
    assert not view.at_end
    desktop.type("mine")
    assert view.at_end
    desktop.window.actions_.to_end.trigger()
    view.messages.scroll_by(-2000)
    desktop.type("mine too")
    assert not view.at_end
    await until(lambda: view.jump.text() == "Jump to the newest")


async def test_own_messages_are_never_unread_nor_those_sent_after_an_outage(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.window.actions_.to_end.trigger()
    desktop.app.chat.conversations.set_seen(focused=False, at_end=True)
    desktop.type("mine")
    await until(lambda: desktop.states() == ["sent"])
    assert desktop.app.chat.rooms.unread == 0
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    desktop.type("typed meanwhile")
    desktop.app.chat.conversations.set_seen(focused=False, at_end=False)
    await host.start()
    bob = await host.guest("bob")
    await until(lambda: desktop.states() == ["sent", "sent"])
    await bob.send("and mine")
    await until(lambda: len(desktop.said()) == 3)
    assert desktop.app.chat.rooms.unread == 1


async def test_nothing_is_offered_from_a_room_that_one_only_looks_into(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    """It would go to the room that one is in."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await bob.create("python")
    await desktop.enter(host)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python")
    path = tmp_path / "secret.txt"
    path.write_bytes(b"not for the lobby")
    desktop.app.chat.files.offer([str(path)])
    await until(lambda: desktop.told() == ["You are not in python; join it to offer files there."])
    composer = desktop.window.conversation.composer
    composer.hold("x" * 70_000)
    composer.offer_button.click()
    assert composer.hint.text().startswith("What you pasted has 70000 characters")
    assert desktop.app.chat.files.cards == []
    assert carol.files == ()


async def test_what_is_read_is_told_to_the_server_which_counts_what_mentions_one(host: Host, desktop: Desktop) -> None:
    """Read positions are the user's, whatever program it is read with."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    client = desktop.app.chat.client
    assert client is not None
    desktop.app.chat.conversations.set_seen(focused=True, at_end=True)
    await bob.send("hello alice")
    await until(lambda: desktop.said() == ["hello alice"])
    await until(lambda: (client.unread["lobby"].read, client.unread["lobby"].mentions) == (1, 0))
    await client.create("python")
    await until(lambda: desktop.shown == "python")
    for text in ("one", "alice, look", "three"):
        await bob.send(text)
    await until(lambda: desktop.rooms()[0] == "Room lobby, 3 unread messages, 1 mentions you")
    desktop.press("Ctrl+Shift+K")
    await until(lambda: desktop.shown == "lobby" and len(desktop.said()) == 4)
    assert line_is_above(desktop) == "one"
    desktop.app.chat.conversations.set_seen(focused=True, at_end=True)
    await until(lambda: desktop.app.chat.rooms.rows[0].unread == 0)
    assert client.unread["lobby"].read == 4


async def test_what_stands_below_a_command_that_leads_elsewhere_is_in_the_message_line_there(
    host: Host, desktop: Desktop
) -> None:
    """And in that of the room that was left no more."""
    await desktop.enter(host)
    line = desktop.window.conversation.composer
    desktop.type("/create club")
    await until(lambda: desktop.app.chat.rooms.current == "club")
    line.input.setPlainText("/leave\nbye all")
    QTest.keyClick(line.input, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "lobby" and line.text() == "bye all")
    await until(lambda: desktop.app.chat.conversations.drafts == {("room", "lobby"): "bye all"})  # /leave is answered
