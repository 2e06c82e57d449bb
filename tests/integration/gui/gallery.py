"""Every dialog, menu and state of the app, one after the other, for whoever wants to look at all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QFontDatabase, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu, QWidget

from chatcore import Client
from chatcore.commands import Identify, RegisterAccount, SendMessage
from chatcore.errors import CertificateChanged
from chatcore.text.invitation import Invitation
from chatcore_files.source import DiskSource
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.connecting.form import CertificateQuestion
from chatcore_qt.presenters.connecting.trust import Trust, encryption
from chatcore_qt.presenters.entries.timeline import MessageEntry
from chatcore_qt.presenters.kept import KeptSend
from chatcore_qt.presenters.reasons import why
from chatcore_qt.widgets.dialogs.small import EncryptionDialog
from chatcore_tls.known_servers import KnownServersFile
from tests.integration.gui.desktop import Desktop, Host, drag, until

CODE: Final = "print('the answer is', 42)"
SAID: Final = (
    ("bob", "Shall we meet at two o'clock?"),
    ("carol", "The notes are at https://chat.example.org/notes/resume"),
    ("bob", f"Try this:\n```python\n{CODE}\n```"),
    ("bob", "alice, look at my figures before two, please"),
)
"""What was said, by whom: it is the same in every language."""
NAMES: Final = (
    *("Chat of carol", "chat.example.org", "carol.example.org", "notes.pdf", "picture.png"),
    *("alice", "bob", "carol", "dave", "lobby", "python"),
)
"""Of people, rooms, files and servers."""


def usual_font() -> QFont:
    """Return a font as desktops have it: larger than that of a system without one."""
    families = ("Cantarell", "Inter", "Noto Sans", "DejaVu Sans")
    return QFont(next(one for one in families if one in QFontDatabase.families()), 10)


@dataclass
class Scene:
    """What is there: somebody at a desktop, and the others."""

    desktop: Desktop
    host: Host
    folder: Path
    guests: dict[str, Client]

    @property
    def window(self) -> Any:
        """The main window."""
        return self.desktop.window

    @property
    def chat(self) -> Any:
        """What it shows."""
        return self.desktop.app.chat

    async def opened(self, kind: type[QWidget] = QDialog) -> QWidget:
        """Wait for a dialog, or a menu, and return it."""

        def found() -> list[QWidget]:
            return [each for each in self.window.findChildren(kind) if each.isVisible()]

        await until(found)
        return found()[-1]

    def close(self) -> None:
        """Close what is open above the window."""
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            popup = QApplication.activePopupWidget()
        for each in self.window.findChildren(QDialog):
            if each.isVisible():
                each.reject()


Show = Callable[[Scene], Awaitable[QWidget]]
UNCONNECTED: Final[dict[str, Show]] = {}
"""By their names: what is to be seen before there is a connection."""
CONNECTED: Final[dict[str, Show]] = {}
"""Likewise, once there is one; in this order."""


def _before(show: Show) -> Show:
    UNCONNECTED[show.__name__.strip("_").replace("_", "-")] = show
    return show


def _state(show: Show) -> Show:
    CONNECTED[show.__name__.strip("_").replace("_", "-")] = show
    return show


# Before there is a connection.


@_before
async def _connect(scene: Scene) -> QWidget:
    servers = scene.desktop.app.connecting.servers
    for place, used in (("chat.example.org", 3.0), ("192.168.1.20", 2.0)):
        servers.used(Address("chat", place), "alice", used)
    servers.set_favourite(servers.all[0], favourite=True)
    servers.set_nearby([("Chat of carol", Invitation("chat://carol.example.org:8765"))])
    return scene.desktop.dialog


@_before
async def _connect_refused(scene: Scene) -> QWidget:
    scene.desktop.fill_in("127.0.0.1", 1, "ws", "alice")
    await until(lambda: not scene.desktop.app.connecting.busy and scene.desktop.dialog.errors["host"].isVisible())
    return scene.desktop.dialog


@_before
async def _connect_password(scene: Scene) -> QWidget:
    closed = Host("ws", scene.folder / "closed")
    closed.password = "secret"
    async with closed:
        address = closed.address
        scene.desktop.fill_in(address.host, address.port, address.scheme, "alice")
        await until(scene.desktop.dialog.password_row.isVisible)
    return scene.desktop.dialog


@_before
async def _connect_key_changed(scene: Scene) -> QWidget:
    form = scene.desktop.app.connecting
    question = CertificateQuestion("chat.example.org:8765", "3f8a0c51" * 8, "b7e19d42" * 8)
    form.question = question
    form.errors = {"host": why(CertificateChanged("", question.place, question.known, "", question.shown))}
    form.changed.emit()
    return scene.desktop.dialog


@_before
async def _window_without_a_connection(scene: Scene) -> QWidget:
    scene.desktop.app.connecting.question = None
    scene.desktop.dialog.reject()
    return scene.window


# With a connection.


@_state
async def _talk(scene: Scene) -> QWidget:
    bob, carol, dave = (scene.guests[name] for name in ("bob", "carol", "dave"))
    first = await bob.send(SAID[0][1])
    await carol.send(SAID[1][1])
    await bob.send(SAID[2][1])
    gone = await carol.send("a slip")
    await carol.delete_message(gone.seq)
    await carol.send("yes", reply_to=first.seq)
    await bob.edit_message(first.seq, SAID[0][1])
    await carol.react(first.seq, "👍")
    scene.desktop.type("yes")
    await bob.send(SAID[3][1])
    await dave.send_direct("alice", "hello")
    await dave.send("one")
    shown = scene.chat.conversations.shown
    await until(lambda: len(scene.desktop.said()) == 7 and scene.chat.conversations.unsent == 0)
    await until(lambda: any(getattr(entry, "reactions", ()) for entry in shown.timeline.entries))
    await until(lambda: scene.chat.conversations.unread_direct and any(row.unread for row in scene.chat.rooms.rows))
    return scene.window


@_state
async def _commands(scene: Scene) -> QWidget:
    QTest.keyClicks(scene.window.conversation.composer.input, "/re")
    return scene.window


@_state
async def _help(scene: Scene) -> QWidget:
    scene.window.conversation.composer.set_text("")
    scene.window.actions_.commands.trigger()
    return scene.window


@_state
async def _found_here(scene: Scene) -> QWidget:
    scene.desktop.press("Ctrl+F")
    QTest.keyClicks(scene.window.conversation.search_bar.field, "two")
    return scene.window


@_state
async def _left_from_last_time(scene: Scene) -> QWidget:
    QTest.keyClick(scene.window.conversation.search_bar.field, Qt.Key.Key_Escape)
    scene.chat.conversations.outbox.restore([KeptSend(SendMessage("yes", room="lobby"), 0.0)])
    return scene.window


@_state
async def _answering(scene: Scene) -> QWidget:
    scene.chat.discard_restored()
    scene.desktop.press("Ctrl+Shift+A")
    return scene.window


@_state
async def _editing(scene: Scene) -> QWidget:
    scene.chat.replies.end()
    scene.chat.editing.step(-1)
    return scene.window


@_state
async def _direct_messages(scene: Scene) -> QWidget:
    scene.chat.editing.end()
    scene.window.conversation.composer.set_text("")
    scene.chat.write_to("dave")
    return scene.window


@_state
async def _preview_of_a_room(scene: Scene) -> QWidget:
    scene.chat.open("python")
    await until(lambda: not scene.chat.conversations.shown.loading)
    return scene.window


@_state
async def _paste_that_is_too_long(scene: Scene) -> QWidget:
    scene.chat.open("lobby")
    QApplication.clipboard().setText("yes" * 30_000)
    scene.window.conversation.composer.input.paste()
    return scene.window


@_state
async def _files(scene: Scene) -> QWidget:
    scene.window.conversation.composer.forget_button.click()
    picture = QImage(200, 120, QImage.Format.Format_RGB32)
    picture.fill(0x3355D1)
    await until(lambda: picture.save(str(scene.folder / "picture.png")))
    (scene.folder / "notes.pdf").write_bytes(bytes(1000))
    files = scene.chat.files
    await scene.guests["bob"].offer_file(DiskSource(str(scene.folder / "picture.png")), room=True)
    await until(lambda: files.cards)
    files.accept(files.cards[0])
    await until(lambda: files.cards[0].state == "done")
    await scene.guests["carol"].offer_file(DiskSource(str(scene.folder / "notes.pdf")), room=True)
    await until(lambda: sum(each.isVisible() for each in scene.window.conversation.files.widgets.values()) == 2)
    return scene.window


@_state
async def _file_that_is_dragged(scene: Scene) -> QWidget:
    drag([scene.folder / "notes.pdf"], scene.window.conversation, drop=False)
    return scene.window


@_state
async def _create_a_room(scene: Scene) -> QWidget:
    scene.window.conversation.drop_hint.hide()
    scene.desktop.press("Ctrl+Shift+N")
    dialog: Any = await scene.opened()
    QTest.keyClicks(dialog.name, "!")
    dialog.create_button.click()
    return dialog


@_state
async def _jump(scene: Scene) -> QWidget:
    scene.desktop.press("Ctrl+K")
    dialog: Any = await scene.opened()
    await until(lambda: dialog.list.model().rowCount() > 4)
    return dialog


@_state
async def _search(scene: Scene) -> QWidget:
    scene.window.open_search("two")
    dialog: Any = await scene.opened()
    await until(lambda: dialog.list.model().rowCount() > 1)
    return dialog


@_state
async def _search_without_success(scene: Scene) -> QWidget:
    scene.window.open_search("nowhere")
    dialog: Any = await scene.opened()
    await until(dialog.told.text)
    return dialog


@_state
async def _emoji(scene: Scene) -> QWidget:
    scene.desktop.press("Ctrl+Shift+E")
    return await scene.opened()


@_state
async def _settings(scene: Scene) -> QWidget:
    scene.desktop.press("Ctrl+,")
    return await scene.opened()


@_state
async def _shortcuts(scene: Scene) -> QWidget:
    scene.desktop.press("F1")
    return await scene.opened()


@_state
async def _encryption(scene: Scene) -> QWidget:
    scene.window.open_encryption()
    return await scene.opened()


@_state
async def _encryption_with_a_fingerprint(scene: Scene) -> QWidget:
    known = KnownServersFile(scene.folder / "known")
    known.remember("chat.example.org:8765", "3f8a0c51" * 8)
    trust = Trust(known, "chat.example.org:8765", scene.desktop.settings)
    EncryptionDialog("QUIC", encryption("quic", trust), scene.window).open()
    return await scene.opened()


@_state
async def _new_password(scene: Scene) -> QWidget:
    scene.window.open_password(RegisterAccount())
    dialog: Any = await scene.opened()
    QTest.keyClicks(dialog.password, "short")
    dialog.go_on.click()
    return dialog


@_state
async def _password(scene: Scene) -> QWidget:
    scene.window.open_password(Identify())
    return await scene.opened()


@_state
async def _about(scene: Scene) -> QWidget:
    scene.window.actions_.about.trigger()
    return await scene.opened()


@_state
async def _offer_files(scene: Scene) -> QWidget:
    scene.window.open_offer()
    return await scene.opened(QFileDialog)


@_state
async def _export(scene: Scene) -> QWidget:
    scene.window.open_export()
    return await scene.opened(QFileDialog)


@_state
async def _download_folder(scene: Scene) -> QWidget:
    scene.window.open_choose_downloads()
    return await scene.opened(QFileDialog)


def _menu_of_the_bar(number: int) -> Show:
    async def show(scene: Scene) -> QWidget:
        bar = scene.window.menuBar()
        menu = bar.actions()[number].menu()
        menu.popup(scene.window.mapToGlobal(scene.window.rect().topLeft()))
        await until(menu.isVisible)
        return menu

    return show


for _number, _name in enumerate(("chat", "go", "view", "help")):
    CONNECTED[f"menu-{_name}"] = _menu_of_the_bar(_number)


@_state
async def _menu_of_a_message(scene: Scene) -> QWidget:
    return _popped_up(scene, _menu_of_what_was_said_last(scene))


@_state
async def _menu_of_emojis(scene: Scene) -> QWidget:
    actions = _menu_of_what_was_said_last(scene).actions()
    within = next(action.menu() for action in actions if action.menu() is not None)
    return _popped_up(scene, within)


@_state
async def _menu_of_a_room(scene: Scene) -> QWidget:
    row = next(row for row in scene.chat.rooms.rows if row.name == "python")
    return _popped_up(scene, scene.window.rooms.menu(row))


@_state
async def _menu_of_notifications(scene: Scene) -> QWidget:
    row = next(row for row in scene.chat.rooms.rows if row.name == "python")
    within = next(action.menu() for action in scene.window.rooms.menu(row).actions() if action.menu() is not None)
    return _popped_up(scene, within)


@_state
async def _menu_of_a_member(scene: Scene) -> QWidget:
    members = scene.window.members
    members.list.setCurrentIndex(members.list.model().index(1, 0))
    members.list.customContextMenuRequested.emit(members.list.rect().center())
    return await scene.opened(QMenu)


def _menu_of_what_was_said_last(scene: Scene) -> Any:
    view = scene.window.conversation.view.messages
    entries = scene.chat.conversations.shown.timeline.entries
    entry = next(entry for entry in reversed(entries) if isinstance(entry, MessageEntry))
    view.look_at(entry.key)
    view.viewport().grab()
    return view.menu(next(one.row for one in view._shown if one.row.entry.key == entry.key))


def _popped_up(scene: Scene, menu: Any) -> QWidget:
    menu.popup(scene.window.mapToGlobal(scene.window.rect().center()))
    return menu


@_state
async def _without_a_connection(scene: Scene) -> QWidget:
    await scene.host.stop()
    await until(lambda: scene.chat.connection.state == "waiting")
    scene.desktop.type("yes")
    await until(lambda: scene.chat.conversations.unsent == 1)
    return scene.window


@_state
async def _leave_or_not(scene: Scene) -> QWidget:
    scene.desktop.press("Ctrl+Q")
    await until(lambda: scene.window.question is not None)
    return scene.window.question


async def walk(folder: Path, *, size: tuple[int, int] = (1280, 800)) -> AsyncIterator[tuple[str, QWidget]]:
    """Show everything, and yield each name with what is to be seen, in the language and theme of now."""
    async with Host("ws", folder) as host, Desktop(folder) as desktop:
        guests = {name: await host.guest(name) for name in ("bob", "carol", "dave")}
        await guests["dave"].create("python")
        scene = Scene(desktop, host, folder, guests)
        desktop.window.resize(*size)
        await desktop.start()
        for name, show in UNCONNECTED.items():
            yield name, await show(scene)
        desktop.app.connecting.start(host.address, "alice")
        await desktop.settled()
        await until(lambda: len(desktop.rooms()) == 2 and len(desktop.members()) == 3)
        for name, show in CONNECTED.items():
            yield name, await show(scene)
            if desktop.window.question is None:
                scene.close()
