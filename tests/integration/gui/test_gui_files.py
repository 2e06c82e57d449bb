"""Files in the real window: dropped, offered, accepted, under way, and hostile names."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QObject, Qt, QUrl, pyqtSlot
from PyQt6.QtGui import QDesktopServices, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog, QLabel

from chatcore import Client
from chatcore.commands import OfferFile
from chatcore.events import FileOffered, FileReceived, OfferMade
from chatcore_files.source import DiskSource
from chatcore_qt.presenters.files.card import FileCard, Side
from chatcore_qt.settings import Settings
from chatcore_qt.widgets.dialogs.small import LeaveQuestion
from chatcore_qt.widgets.files.file_card import FileCardWidget
from tests.integration.gui.desktop import Desktop, Host, drag, until

both = pytest.mark.parametrize("host", ["ws", "quic"], indirect=True)
SIZE = 700_001


def file_of(folder: Path, size: int = SIZE, name: str = "report.pdf") -> Path:
    """Return a new file."""
    path = folder / name
    path.write_bytes(random.randbytes(size))
    return path


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def cards(desktop: Desktop) -> list[FileCardWidget]:
    """Return the cards that are shown."""
    return list(desktop.window.conversation.files.widgets.values())


async def card(desktop: Desktop, state: str) -> FileCardWidget:
    """Wait until the first card shows something, and return it."""
    await until(lambda: [one for one in cards(desktop)[:1] if one.isVisible() and one.card.state == state])
    return cards(desktop)[0]


async def next_of(client: Client, kind: type[Any]) -> Any:
    """Return the next event of a kind."""
    async for event in client:
        if isinstance(event, kind):
            return event
    raise AssertionError("the client has ended")


class Opened(QObject):
    """What the app asks the desktop to open."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    @pyqtSlot(QUrl)
    def open(self, url: QUrl) -> None:
        """Take note of it."""
        self.paths.append(url.toLocalFile())


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Let the desktop open nothing, and tell what it was asked to."""
    taken = Opened()
    QDesktopServices.setUrlHandler("file", taken.open)
    yield taken
    QDesktopServices.unsetUrlHandler("file")


@both
async def test_dropped_file_arrives_with_everyone_in_the_room(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    path = file_of(tmp_path)
    pane = desktop.window.conversation
    drop = drag([path], pane.composer.input.viewport())
    assert drop is not None
    assert drop.dropAction() == Qt.DropAction.CopyAction
    assert pane.composer.text() == ""
    assert not pane.drop_hint.isVisible()
    offer = await next_of(bob, FileOffered)
    assert (offer.name, offer.size, offer.sha256, offer.room) == ("report.pdf", SIZE, sha256(path), "lobby")
    shown = await card(desktop, "offered")
    assert shown.name.text() == "report.pdf"
    assert shown.cancel.isVisible()
    await bob.accept_file(offer.file)
    there = await next_of(bob, FileReceived)
    assert sha256(there.place) == sha256(path)
    shown = await card(desktop, "done")
    await until(lambda: shown.detail.text() == "bob has received it (700\xa0kB).")
    assert shown.dismiss.isVisible()
    QTest.mouseClick(shown.dismiss, Qt.MouseButton.LeftButton)
    await until(lambda: not pane.files.isVisible())


@both
async def test_offered_file_is_accepted_with_the_keyboard_and_complete(
    host: Host, desktop: Desktop, tmp_path: Path, opened: Opened
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    path = file_of(tmp_path)
    await bob.offer_file(path, room=True)
    shown = await card(desktop, "offered")
    await until(shown.accept.isVisible)
    assert shown.accessibleName() == "report.pdf"
    assert shown.accessibleDescription() == "bob offers this file to everyone here (700\xa0kB)."
    desktop.press("Ctrl+J")
    assert desktop.window.focusWidget() is shown.accept
    QTest.keyClick(shown.accept, Qt.Key.Key_Space)
    assert desktop.window.focusWidget() is desktop.window.conversation.composer.input
    shown = await card(desktop, "done")
    await until(shown.open_folder.isVisible)
    assert [name for name in os.listdir(desktop.downloads) if not name.startswith(".")] == ["report.pdf"]
    assert sha256(desktop.downloads / "report.pdf") == sha256(path)
    shown.open_folder.click()
    assert opened.paths == [str(desktop.downloads)]
    await until(lambda: not bob.files)


async def test_two_offers_of_the_same_content_at_once_both_arrive(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    """Under one name as under two, from one user or from several: the content is no identity."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await desktop.enter(host)
    path = file_of(tmp_path)
    other = tmp_path / "same.pdf"
    other.write_bytes(path.read_bytes())
    await asyncio.gather(*(who.offer_file(what, room=True) for who, what in ((bob, path), (bob, other), (carol, path))))
    await until(lambda: [one.card.state for one in cards(desktop)] == ["offered"] * 3)
    for shown in cards(desktop):
        shown.accept.click()
    await until(lambda: [one.card.state for one in cards(desktop)] == ["done"] * 3)
    there = [name for name in desktop.downloads.iterdir() if not name.name.startswith(".")]
    assert len(there) == 3
    assert {sha256(name) for name in there} == {sha256(path)}


async def test_button_that_goes_away_leaves_the_keyboard_to_the_message_line(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    """And not to what comes next in the window: Space would create a room."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.offer_file(file_of(tmp_path), room=True)
    shown = await card(desktop, "offered")
    await until(shown.accept.isVisible)
    desktop.press("Ctrl+J")
    assert desktop.window.focusWidget() is shown.accept
    await bob.cancel_file(bob.files[0].file)
    await until(shown.accept.isHidden)
    assert desktop.window.focusWidget() is desktop.window.conversation.composer.input


async def test_file_goes_on_by_itself_when_the_connection_is_back(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    path = file_of(tmp_path, 8_000_000)
    await bob.offer_file(path, to="alice")
    desktop.app.chat.write_to("bob")
    shown = await card(desktop, "offered")
    await until(shown.accept.isVisible)
    shown.accept.click()
    client = desktop.app.chat.client
    assert client is not None
    await until(lambda: any(one.done for one in client.files))
    assert client._life.connection.connection is not None
    client._life.connection.connection._link.abort()
    await until(lambda: "Waiting for the connection" in shown.detail.text())
    assert shown.cancel.isVisible()
    await until(lambda: shown.card.state == "done")
    assert sha256(desktop.downloads / "report.pdf") == sha256(path)
    await until(lambda: not bob.files)  # which is told a moment later, and lets go of the file


class Held(DiskSource):
    """A file that its sender reads no further once it is held."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.held = False
        self.go_on = threading.Event()

    def read(self, offset: int, size: int) -> bytes:
        """Return what is there, when it may."""
        if self.held and offset:
            self.go_on.wait(30)
        return super().read(offset, size)


@pytest.fixture
async def under_way(host: Host, desktop: Desktop, tmp_path: Path) -> AsyncIterator[Held]:
    """Let a file come from bob, and stop in its midst."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    held = Held(file_of(tmp_path, 3_000_000))
    await bob.offer_file(held, to="alice")
    held.held = True
    desktop.app.chat.write_to("bob")
    shown = await card(desktop, "offered")
    await until(shown.accept.isVisible)
    shown.accept.click()
    await until(lambda: desktop.app.chat.files.under_way == 1 and shown.card.progress > 0)
    yield held
    held.go_on.set()


async def test_window_that_is_closed_asks_once_while_a_file_is_under_way(desktop: Desktop, under_way: Held) -> None:
    window = desktop.window
    window.close()
    window.close()
    asked = [box for box in window.findChildren(LeaveQuestion) if box.isVisible()]
    assert asked == [window.question]
    assert asked[0].text() == (
        "If you leave now, 1 file does not arrive; what is here already is kept, and when it is offered to you again, "
        "it goes on from there."
    )
    assert asked[0].defaultButton() is asked[0].stay
    QTest.keyClick(asked[0], Qt.Key.Key_Escape)
    assert window.question is None
    assert desktop.app.chat.connection.state == "connected"
    under_way.go_on.set()
    await card(desktop, "done")
    window.close()
    assert window.question is None
    await until(lambda: desktop.ended)


@pytest.mark.parametrize("way", ["close", "quit", "/quit"])
async def test_who_wants_to_leave_anyway_does(desktop: Desktop, under_way: Held, way: str) -> None:
    if way == "/quit":
        desktop.type("/quit")
    elif way == "quit":
        desktop.press("Ctrl+Q")
    else:
        desktop.window.close()
    assert not desktop.ended
    QTest.mouseClick(desktop.window.question.leave, Qt.MouseButton.LeftButton)
    await until(lambda: desktop.ended)
    assert [path.suffix for path in desktop.downloads.iterdir()] == [".part"]


async def test_who_leaves_the_server_is_asked_and_who_stays_is_not_cut_off(desktop: Desktop, under_way: Held) -> None:
    for keys in ("Ctrl+Shift+D", "Ctrl+R", "Ctrl+N"):
        desktop.press(keys)
        assert desktop.window.question is not None, keys
        assert desktop.window.dialog is None
        desktop.window.question.stay.click()
        assert desktop.app.chat.connection.state == "connected"
    desktop.press("Ctrl+Shift+D")
    desktop.window.question.leave.click()
    await until(lambda: desktop.app.chat.connection.state == "ended")
    desktop.press("Ctrl+N")
    assert desktop.window.question is None
    assert desktop.window.dialog is not None


async def test_program_that_is_told_to_end_does_not_ask(desktop: Desktop, under_way: Held) -> None:
    """As SIGINT and SIGTERM do."""
    desktop.app.leave()
    await until(lambda: desktop.ended)
    assert desktop.window.question is None


async def test_what_is_dragged_and_is_no_file_is_left_alone(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    await desktop.enter(host)
    view = desktop.window.conversation.view.messages.viewport()
    assert drag([], view) is None
    # The other program would delete the file.
    assert drag([file_of(tmp_path, 10)], view, Qt.DropAction.MoveAction) is None
    assert desktop.app.chat.files.cards == []


async def test_chosen_download_folder_is_used_and_remembered(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.window.open_choose_downloads()
    dialog = desktop.window.findChild(QFileDialog)
    chosen = tmp_path / "elsewhere"
    chosen.mkdir()
    dialog.fileSelected.emit(str(chosen))
    dialog.reject()
    await bob.offer_file(file_of(tmp_path, 10), room=True)
    shown = await card(desktop, "offered")
    await until(shown.accept.isVisible)
    shown.accept.click()
    await card(desktop, "done")
    assert (chosen / "report.pdf").exists()
    assert Settings(desktop.settings._store).downloads == str(chosen)
    await until(lambda: not bob.files)


async def test_file_dialog_offers_what_was_chosen_and_blocks_nothing(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    desktop.press("Ctrl+O")
    dialog = desktop.window.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.filesSelected.emit([str(file_of(tmp_path, 10, name)) for name in ("a.txt", "b.txt")])
    dialog.reject()
    assert {(await next_of(bob, FileOffered)).name for _number in range(2)} == {"a.txt", "b.txt"}


async def test_file_that_is_chosen_goes_where_the_dialog_was_opened(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    """Wherever one is by then; to no other room than that."""
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await desktop.enter(host)
    chat = desktop.app.chat
    chat.write_to("bob")
    desktop.press("Ctrl+O")
    for_bob = desktop.window.findChild(QFileDialog)
    chat.conversations.show_room()
    for_bob.filesSelected.emit([str(file_of(tmp_path, 10, "for_bob.txt"))])
    for_bob.reject()
    offer = await next_of(bob, FileOffered)
    assert (offer.name, offer.room) == ("for_bob.txt", None)
    desktop.press("Ctrl+O")
    for_the_lobby = next(one for one in desktop.window.findChildren(QFileDialog) if one.isVisible())
    await carol.create("den")
    desktop.type("/join den")
    await until(lambda: desktop.shown == "den")
    for_the_lobby.filesSelected.emit([str(file_of(tmp_path, 10, "for_the_lobby.txt"))])
    for_the_lobby.reject()
    chat.open("lobby")
    shown = await card(desktop, "failed")
    reason = "Not offered. You are not in lobby; join it to offer files there."
    await until(lambda: shown.detail.text() == reason)
    assert carol.files == ()


@pytest.mark.parametrize(
    "name", ["<img src=x>.png", "a\u202egpj.exe", "e" + "\u0301" * 80, "../../etc/passwd", "x" * 250, "&File [*]"]
)
async def test_hostile_name_breaks_no_card(name: str, host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    height = desktop.window.minimumSizeHint().height()
    await bob._answer(OfferFile((), True, name, 4, hashlib.sha256(b"evil").hexdigest()), OfferMade)
    shown = await card(desktop, "offered")
    desktop.window.grab()
    for part in shown.findChildren(QLabel):
        assert part.textFormat() == Qt.TextFormat.PlainText or not part.text()
    assert not set(shown.name.text()) & set("/\u202e")
    assert shown.name.height() <= 2 * shown.name.fontMetrics().height()
    assert shown.width() <= desktop.window.conversation.width()
    assert desktop.window.minimumSizeHint().height() <= height + 100


async def test_very_many_files_are_few_widgets_and_leave_room_for_the_conversation(
    host: Host, desktop: Desktop
) -> None:
    await desktop.enter(host)
    chat = desktop.app.chat
    assert chat.conversations.room is not None
    for number in range(500):
        made = FileCard(str(number), chat.conversations.room, False, f"{number}.txt", file=str(number))
        made.sides = {"bob": Side()}
        chat.files.cards.append(made)
    chat.files.changed.emit()
    strip = desktop.window.conversation.files
    assert len(cards(desktop)) == 20
    assert strip._more.text() == "and 480 more files"
    desktop.window.resize(700, 420)
    await until(lambda: desktop.window.conversation.view.height() > 60)
    assert strip.height() <= 216
    chat.files.reset()
    await until(lambda: not strip.isVisible())


async def test_picture_that_somebody_sent_is_shown_after_a_click(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    image = QImage(900, 300, QImage.Format.Format_RGB32)
    image.fill(0xFF3355D1)
    assert image.save(str(tmp_path / "blue.png"))
    await bob.offer_file(str(tmp_path / "blue.png"), room=True)
    shown = await card(desktop, "offered")
    assert not shown.show_picture.isVisible()
    shown.accept.click()
    await until(shown.show_picture.isVisible)
    assert not shown.picture.isVisible()
    shown.show_picture.click()
    await until(lambda: not shown.picture.drawn.isNull())
    assert (shown.picture.drawn.width(), shown.picture.height()) == (360, 120)
    assert shown.picture.grab().toImage().pixelColor(4, 4).name() == "#3355d1"
    assert shown.picture.accessibleName() == "Picture blue.png"
    assert not shown.show_picture.isVisible()


async def test_file_that_only_looks_like_a_picture_is_said_to_be_none(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    await bob.offer_file(str(file_of(tmp_path, 5000, "cat.png")), room=True)
    shown = await card(desktop, "offered")
    shown.accept.click()
    await until(shown.show_picture.isVisible)
    shown.show_picture.click()
    await until(lambda: shown.picture.text().startswith("This is no picture that can be shown here"))
