"""The real window against a real server: connect, talk, switch rooms, lose the server, leave."""

from __future__ import annotations

import asyncio
import socket

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QToolButton, QTreeView, QWidget

from chatcore import connect
from chatcore.commands import Position
from chatcore.events import DIRECT_LOG, PresenceChanged, RoomEntered
from chatcore_qt import theme
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.widgets.dialogs.finding import JumpDialog
from chatcore_qt.widgets.dialogs.password_dialog import PasswordDialog
from chatcore_qt.widgets.dialogs.small import CreateRoomDialog, ShortcutsDialog
from tests.integration.gui.desktop import Desktop, Host, click, until

both = pytest.mark.parametrize("host", ["ws", "quic"], indirect=True)


@both
async def test_user_connects_with_the_dialog_and_talks(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.start()
    address = host.address
    desktop.fill_in(address.host, address.port, address.scheme, "alice")
    await desktop.settled()
    assert desktop.window.dialog is None
    desktop.type("hello")
    await until(lambda: desktop.states() == ["sent"])
    assert (await bob.history())[-1].text == "hello"
    await bob.send("hello alice")
    await until(lambda: desktop.said() == ["hello", "hello alice"])
    await until(lambda: desktop.members() == ["alice (you)", "bob"])


@both
async def test_window_opens_connected_when_server_and_name_are_given(host: Host, desktop: Desktop) -> None:
    began = asyncio.get_running_loop().time()
    await desktop.start(host.address, "alice")
    was_slow = asyncio.get_running_loop().time() - began >= 1.5  # on a busy machine: then it is waited for in sight
    assert was_slow or desktop.window.dialog is None
    await desktop.settled()
    await until(lambda: desktop.window.dialog is None)
    assert "as alice" in desktop.window.state.text()
    assert desktop.window.focusWidget() is desktop.window.conversation.composer.input


async def test_window_counts_nobody_before_it_has_a_connection(desktop: Desktop) -> None:
    await desktop.start()
    assert desktop.window.members.header.label.text() == "Members"
    assert desktop.window.conversation.subtitle.text() == ""


async def test_file_dialog_has_room_for_its_columns_and_arrows_in_the_colours_of_the_theme(
    host: Host, desktop: Desktop
) -> None:
    """It is Qt's own where the system has none; its arrows are black on black in the dark otherwise."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "dark")
    await desktop.enter(host)
    desktop.window.open_offer()
    (dialog,) = desktop.window.findChildren(QFileDialog)
    await until(dialog.isVisible)
    to_parent = dialog.findChild(QToolButton, "toParentButton")
    picture = to_parent.icon().pixmap(16, 16).toImage()
    seen = {
        picture.pixelColor(x, y).name() for x in range(16) for y in range(16) if picture.pixelColor(x, y).alpha() > 250
    }
    assert theme.current().muted in seen
    files = dialog.findChild(QTreeView, "treeView")
    date = files.fontMetrics().horizontalAdvance("27/11/2026 19:56:00")
    await until(lambda: files.header().sectionSize(files.header().count() - 1) > date)
    assert files.header().length() <= files.viewport().width()
    dialog.reject()


async def test_password_is_asked_for_by_servers_that_have_one_and_no_other_one_hears_it(
    host: Host, desktop: Desktop
) -> None:
    """A field appears once it is needed; nothing of what is typed there is shown, or kept for another server."""
    host.password = "correct horse"
    await host.stop()
    await host.start()
    address = host.address
    await desktop.start()
    assert not desktop.dialog.password_row.isVisible()
    desktop.fill_in(address.host, address.port, address.scheme, "alice")
    await until(lambda: desktop.dialog.password_row.isVisible() and not desktop.app.connecting.busy)
    dialog = desktop.dialog
    assert dialog.errors["password"].text() == "This server has a password, and it is missing or wrong."
    assert dialog.password.hasFocus()
    QTest.keyClicks(dialog.password, "correct horse")
    assert "correct" not in dialog.password.displayText()
    dialog.host.textEdited.emit("elsewhere")
    assert dialog.password.text() == ""
    QTest.keyClicks(dialog.password, "correct horse")
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    await desktop.settled()
    assert desktop.window.dialog is None
    assert "as alice" in desktop.window.state.text()


async def test_password_of_an_account_that_an_invitation_makes_is_typed_twice(host: Host, desktop: Desktop) -> None:
    """Nobody sees what is typed; a server's password is typed once, and the fields say which one is asked for."""
    host.accounts, host.operator_token = "required", "a-token-that-nobody-guesses"
    await host.stop()
    await host.start()
    address = host.address
    boss = connect(address.url, username="boss", operator_token=host.operator_token)
    async with boss as operator:
        await operator.become_operator(host.operator_token)
        invitation = await operator.make_invitation()
    await desktop.start()
    link = f"http://{address.place}/#invite={invitation.token}"
    dialog = desktop.dialog
    desktop.fill_in(link, address.port, address.scheme, "zoe")
    await until(lambda: dialog.again.isVisible() and not desktop.app.connecting.busy)
    assert dialog.password.accessibleName() == "New password for your name"
    for password, again, told in (
        ("short", "short", "A password has at least 6 characters."),
        ("correct horse", "correct hose", "These are two different ones. Type the same twice."),
    ):
        dialog.password.setText(password)
        dialog.again.setText(again)
        QTest.keyClick(dialog.again, Qt.Key.Key_Return)
        assert dialog.errors["password"].text() == told
    dialog.again.setText("correct horse")
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    await desktop.settled()
    assert "as zoe" in desktop.window.state.text()
    async with connect(address.url, username="zoe", account_password="correct horse") as again_in:
        assert again_in.username == "zoe"


@both
async def test_name_in_use_is_refused_beside_its_field(host: Host, desktop: Desktop) -> None:
    await host.guest("alice")
    await desktop.start(host.address, "alice")
    await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
    dialog = desktop.dialog
    assert dialog.errors["username"].text() == "The name alice is taken."
    assert dialog.errors["username"].isVisible()
    assert not dialog.errors["host"].isVisible()
    assert dialog.username.accessibleDescription() == "The name alice is taken."
    desktop.fill_in(host.address.host, host.address.port, host.address.scheme, "alice2")
    await desktop.settled()
    assert desktop.window.dialog is None


async def test_server_that_is_not_there_is_told_beside_its_field(host: Host, desktop: Desktop) -> None:
    address = host.address
    await host.stop()
    await desktop.start()
    desktop.fill_in(address.host, address.port, "ws", "alice")
    assert desktop.app.connecting.busy
    assert not desktop.dialog.connect_button.isEnabled()
    await until(lambda: not desktop.app.connecting.busy)
    nobody = f"Nothing listens at {address.place} (is the server running, and is the port right?)."
    assert desktop.dialog.errors["host"].text() == nobody


async def test_what_cannot_be_an_address_or_a_name_is_not_tried(desktop: Desktop) -> None:
    await desktop.start()
    desktop.fill_in("no such host!/", 8765, "chat", "a")
    assert not desktop.app.connecting.busy
    assert {field for field, error in desktop.dialog.errors.items() if error.text()} == {"host", "username"}
    QTest.keyClicks(desktop.dialog.username, "lice")
    assert desktop.dialog.errors["username"].text() == ""


@pytest.mark.parametrize("host", ["quic"], indirect=True)
async def test_changed_certificate_shows_both_fingerprints_and_is_accepted_deliberately(
    host: Host, desktop: Desktop
) -> None:
    desktop.known_servers.remember(host.address.place, "ab" * 32)
    await desktop.start(host.address, "alice")
    await until(lambda: desktop.window.dialog is not None and desktop.app.connecting.question is not None)
    dialog = desktop.dialog
    assert dialog.certificate.isVisible()
    assert dialog.old_fingerprint.text().replace(" ", "").replace("\n", "") == "ab" * 32
    assert dialog.new_fingerprint.text() != dialog.old_fingerprint.text()
    assert not dialog.accept_new.isDefault()
    dialog.accept_new.click()
    await desktop.settled()
    assert desktop.known_servers.key_of(host.address.place) != "ab" * 32


@both
async def test_click_and_enter_switch_rooms_and_drafts_stay_where_they_were(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await bob.send("welcome")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    QTest.keyClicks(desktop.window.conversation.composer.input, "half a thought")
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python" and desktop.said() == ["welcome"])
    assert desktop.window.conversation.composer.text() == ""
    await until(lambda: desktop.window.windowTitle() == "python – chatcore")
    desktop.press("Alt+Up")
    await until(lambda: desktop.shown == "lobby")
    assert desktop.window.conversation.composer.text() == "half a thought"
    view = desktop.window.rooms.rooms
    view.setFocus()
    view.setCurrentIndex(view.model().index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "python")


async def test_messages_elsewhere_raise_a_badge(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    for _number in range(3):
        await bob.send("news")
    await until(lambda: desktop.rooms()[1:] == ["Room python, 3 unread messages"])
    await until(lambda: desktop.window.windowTitle() == "(3) lobby – chatcore")
    desktop.press("Alt+Shift+Down")
    await until(lambda: desktop.shown == "python" and len(desktop.said()) == 3)


@both
async def test_lost_server_is_shown_and_everything_arrives_when_it_is_back(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("before")
    await until(lambda: desktop.states() == ["sent"])
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    banner = desktop.window.conversation.banner.text
    await until(lambda: banner.isVisible() and banner.text().startswith("No connection."))
    assert desktop.window.state.text() == "Reconnecting"
    desktop.type("while away")
    assert desktop.states() == ["sent", "pending"]
    QTest.keyClicks(desktop.window.conversation.composer.input, "typing on")
    await host.start()
    await until(lambda: desktop.states() == ["sent", "sent"])
    await until(lambda: not banner.isVisible())
    assert desktop.said() == ["before", "while away"]
    assert desktop.window.conversation.composer.text() == "typing on"


async def test_pause_before_the_next_try_ends_with_a_button_that_the_keyboard_reaches(
    host: Host, desktop: Desktop
) -> None:
    await desktop.enter(host)
    window = desktop.window
    chat = desktop.app.chat
    assert not window.actions_.reconnect_now.isEnabled()
    button = window.conversation.banner_button
    assert not button.isVisible()
    await host.stop()
    await until(lambda: chat.connection.state == "waiting")
    assert button.isVisible()
    assert button.text() == "Reconnect now"
    window.activateWindow()
    window.conversation.composer.setFocus()
    for _step in range(30):
        if window.focusWidget() is button:
            break
        window.focusNextPrevChild(True)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert chat.connection.state == "trying"
    assert button.isVisible()
    await until(lambda: chat.connection.state == "waiting")
    assert window.actions_.reconnect_now.isEnabled()
    await host.start()
    await until(lambda: chat.connection.state in ("waiting", "connected"))
    desktop.press("Ctrl+Shift+R")
    assert chat.connection.state != "waiting"
    await until(lambda: chat.connection.state == "connected")
    assert not button.isVisible()


async def test_one_who_joins_ten_thousand_is_one_row_more(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    members, pane = desktop.app.chat.members, desktop.window.members
    names = tuple(f"user{number:05}" for number in range(10_000))
    model = pane.list.model()
    members.take(RoomEntered(room="lobby", position=Position("e", 0), users=names, users_count=len(names)))
    await until(lambda: model.rowCount() == 10_000)
    changes: list[tuple[str, int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: changes.append(("in", first, last)))
    model.rowsRemoved.connect(lambda _parent, first, last: changes.append(("out", first, last)))
    model.modelReset.connect(lambda: changes.append(("reset", 0, 0)))
    members.take(PresenceChanged("lobby", ("User04999x",), (), 10_001))
    await until(lambda: pane.header.label.text() == "10001 members")
    members.take(PresenceChanged("lobby", (), ("user00000",), 10_000))
    await until(lambda: pane.header.label.text() == "10000 members")
    assert changes == [("in", 5000, 5000), ("out", 0, 0)]
    pane.filter.setText("4999x")
    assert desktop.members() == ["User04999x"]
    members.take(PresenceChanged("lobby", ("zoe", "zoe4999x"), ("User04999x",), 10_001))
    await until(lambda: desktop.members() == ["zoe4999x"])


async def test_direct_messages_have_an_entry_of_their_own(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await until(lambda: desktop.members() == ["alice (you)", "bob"])
    await click(desktop.window.members.list, 1, twice=True)
    assert desktop.shown == "bob"
    desktop.type("psst")
    await until(lambda: desktop.states() == ["sent"])
    await bob.send_direct("alice", "yes?")
    await until(lambda: desktop.said() == ["psst", "yes?"])
    assert desktop.window.conversation.title.text() == "@ bob"
    desktop.press("Ctrl+W")
    assert desktop.shown == "lobby"


async def test_direct_conversation_shows_the_two_who_are_in_it(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await host.guest("carol")
    await desktop.enter(host)
    everybody = ["alice (you)", "bob", "carol"]
    await until(lambda: desktop.members() == everybody)
    pane = desktop.window.members
    await click(pane.list, 1, twice=True)
    assert desktop.members() == ["alice (you)", "bob"]
    assert pane.header.label.text() == pane.list.accessibleName() == "Both of you"
    await host.guest("dave")
    await bob.rename("bobby")
    await until(lambda: desktop.members() == ["alice (you)", "bobby"])
    await until(lambda: desktop.app.chat.members.count == 4)
    assert desktop.members() == ["alice (you)", "bobby"]
    desktop.press("Ctrl+W")
    assert desktop.members() == ["alice (you)", "bobby", "carol", "dave"]
    assert pane.header.label.text() == "4 members"


@pytest.mark.parametrize("shown", ["bob", "carol"])
async def test_what_was_typed_and_pasted_for_two_stays_where_one_takes_the_name_of_the_other(
    shown: str, host: Host, desktop: Desktop
) -> None:
    """It is not sent before the user was asked: half of it is for somebody else."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await desktop.enter(host)
    chat, pane = desktop.app.chat, desktop.window.conversation
    other = "carol" if shown == "bob" else "bob"
    chat.write_to(other)
    QTest.keyClicks(pane.composer.input, f"a letter to {other}")
    pane.composer.hold("x" * 70_000)
    chat.write_to(shown)
    QTest.keyClicks(pane.composer.input, f"a letter to {shown}")
    await carol.close()
    await until(lambda: chat.members.names == ("alice", "bob"))
    await bob.rename("carol")
    await until(lambda: pane.title.text() == "@ carol" and len(chat.conversations.direct) == 1)
    assert pane.composer.text() == f"a letter to {other}\na letter to {shown}"
    assert pane.composer.held == "x" * 70_000
    assert list(chat.conversations.drafts.values()) == [pane.composer.text()]
    QTest.keyClick(pane.composer.input, Qt.Key.Key_Return)
    await until(lambda: notices.in_doubt("carol") in desktop.told())
    assert pane.composer.text() == f"a letter to {other}\na letter to {shown}"
    assert await bob.history(DIRECT_LOG) == ()


@pytest.mark.parametrize(("changed", "left"), [("", "draft"), (" now", "draft\nhello now")])
async def test_draft_stays_where_one_looks_through_what_was_sent_and_goes_elsewhere(
    changed: str, left: str, host: Host, desktop: Desktop
) -> None:
    """So it is with what is to stand in a message instead; a line that was changed is typed, too."""
    await host.guest("bob")
    await desktop.enter(host)
    chat, line = desktop.app.chat, desktop.window.conversation.composer
    desktop.type("hello")
    await until(lambda: desktop.states() == ["sent"])
    for editing in (False, True):
        if editing:
            line.input.clear()
            QTest.keyClick(line.input, Qt.Key.Key_Up)
            line.input.selectAll()
        QTest.keyClicks(line.input, "draft")
        QTest.keyClick(line.input, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line.input, changed)
        assert line.text() == f"hello{changed}"
        chat.write_to("bob")
        assert line.text() == ""
        assert (left in chat.conversations.edits.values()) is editing
        chat.open("lobby")
        if editing:
            QTest.keyClick(line.input, Qt.Key.Key_Up)
        assert line.text() == left
    assert chat.conversations.drafts == {}


async def test_new_room_is_refused_beside_its_field_and_then_entered(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.press("Ctrl+Shift+N")
    dialog = desktop.window.findChild(CreateRoomDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.name, "lobby")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await until(lambda: dialog.error.text() == "There is a room called lobby already.")
    dialog.name.clear()
    QTest.keyClicks(dialog.name, "python")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "python")


async def test_new_room_is_refused_without_a_connection_as_long_as_there_is_none(host: Host, desktop: Desktop) -> None:
    """Once it is back, that is said no more beside the field, and Enter creates the room."""
    await desktop.enter(host)
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state == "waiting")
    desktop.press("Ctrl+Shift+N")
    dialog = desktop.window.findChild(CreateRoomDialog)
    QTest.keyClicks(dialog.name, "python")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await until(lambda: dialog.error.text() == "There is no connection.")
    await host.start()
    desktop.app.chat.reconnect_now()
    await until(lambda: dialog.error.text() == "" and not dialog.error.isVisible())
    assert desktop.app.chat.connection.state == "connected"
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "python")


async def test_password_of_a_name_is_typed_twice_when_it_is_new(host: Host, desktop: Desktop) -> None:
    """Nobody sees what is typed: one that was mistyped would lock its owner out."""
    await desktop.enter(host)
    desktop.app.chat.submit("/register")
    dialog = desktop.window.findChild(PasswordDialog)
    assert dialog is not None
    for password, again, told in (
        ("short", "short", "A password has at least 6 characters."),
        ("correct horse", "correct hose", "These are two different ones. Type the same twice."),
    ):
        dialog.password.setText(password)
        dialog.again.setText(again)
        QTest.keyClick(dialog.again, Qt.Key.Key_Return)
        assert dialog.error.text() == told
    dialog.again.setText("correct horse")
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    await until(lambda: "alice is yours from now on" in " ".join(desktop.told()))
    bob = await host.guest("bob")
    await bob.identify("correct horse", "alice")


async def test_some_letters_jump_to_a_room(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    desktop.press("Ctrl+K")
    dialog = desktop.window.findChild(JumpDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.field, "pyt")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "python")


async def test_help_lists_the_shortcuts_of_the_actions(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.press("F1")
    dialog = desktop.window.findChild(ShortcutsDialog)
    assert dialog is not None
    listed = dict(dialog.rows)
    assert listed["Jump to a room or a user"] == "Ctrl+K"
    keys = [action.shortcut().toString() for action in desktop.window.actions_.all if action.shortcuts()]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set(listed.values())
    dialog.accept()


async def test_every_control_has_a_name_and_every_label_is_plain_text(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.window.open_connect_dialog()
    await asyncio.sleep(0)
    for widget in desktop.window.findChildren(QWidget):
        if isinstance(widget, QLabel):
            assert widget.textFormat() == Qt.TextFormat.PlainText, widget.text()
        elif widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
            proxied = widget.focusProxy() is not None or widget.parent() is desktop.dialog.transport
            assert named or proxied, (type(widget), widget.objectName())


async def test_tab_reaches_everything(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    window = desktop.window
    window.activateWindow()
    reached = set()
    window.conversation.composer.setFocus()
    for _step in range(30):
        reached.add(window.focusWidget())
        window.focusNextPrevChild(True)
    wanted = [window.rooms.rooms, window.members.list, window.conversation.composer.input]
    wanted += [window.conversation.rooms_button, window.conversation.members_button]
    for widget in wanted:
        assert widget in reached or widget.focusPolicy() == Qt.FocusPolicy.TabFocus, widget


async def test_small_window_shows_the_conversation_and_its_panes_when_asked(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    window = desktop.window
    assert window.rooms.isVisible()
    assert window.members.isVisible()
    window.resize(480, 480)
    await until(lambda: not window.rooms.isVisible() and not window.members.isVisible())
    desktop.press("Ctrl+1")
    assert window.rooms.isVisible()
    window.resize(1000, 640)
    await until(window.members.isVisible)


async def test_theme_and_servers_are_remembered(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.window.actions_.themes["dark"].trigger()
    assert theme.current().dark
    await desktop.leave()
    desktop.settings.sync()
    assert desktop.settings.theme == "dark"
    assert [server.address.url for server in desktop.settings.load_servers()] == [host.address.url]


async def test_one_key_connects_to_the_last_server(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("said before")
    await until(lambda: desktop.states() == ["sent"])
    desktop.press("Ctrl+Shift+D")
    await until(lambda: desktop.app.chat.connection.state == "ended")
    desktop.type("not sent")
    assert desktop.window.conversation.composer.text() == "not sent"
    desktop.press("Ctrl+R")
    await until(lambda: desktop.app.chat.connection.state == "connected")
    await desktop.settled()
    assert desktop.said() == ["said before"]
    assert desktop.window.conversation.composer.text() == "not sent"


async def test_window_counts_down_while_the_server_asks_for_patience(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("slowly")
    await bob.set_slow(3600)
    await desktop.enter(host)
    desktop.type("/join slowly")
    await until(lambda: desktop.window.conversation.title.text() == "# slowly")
    line = desktop.window.conversation.patience
    assert not line.isVisible()
    desktop.type("one")
    desktop.type("two")
    await until(line.isVisible)
    seen = line.text.text()
    assert seen.startswith("The server asks for patience: it goes on by itself in 3")
    await until(lambda: line.text.text() != seen)
    assert desktop.states() == ["sent", "pending"]
    desktop.window.close()
    await until(lambda: desktop.window.question is not None)
    desktop.window.question.leave.click()
    await until(lambda: desktop.ended)


async def test_commands_work_in_the_input_line(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("/create python")
    await until(lambda: desktop.shown == "python")
    desktop.type("/leave")
    await until(lambda: desktop.shown == "lobby")
    desktop.type("/quit")
    await until(lambda: desktop.ended)


async def test_app_ends_while_it_is_connecting(desktop: Desktop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        await desktop.start()
        desktop.fill_in("127.0.0.1", silent.getsockname()[1], "ws", "alice")
        connection, _address = await asyncio.to_thread(silent.accept)
        with connection:
            assert desktop.app.connecting.busy
            await desktop.leave()


async def test_automatic_transport_takes_what_works_and_says_so(host: Host, desktop: Desktop) -> None:
    await desktop.start(Address("chat", host.address.host, host.address.port), "alice")
    await desktop.settled()
    assert "WebSocket, not encrypted" in desktop.window.state.text()
    await until(lambda: any("so this connection is a WebSocket" in text for text in desktop.told()))
