"""The real window, in small: a new name, a paste that is too long, files, commands, and finding people."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QScrollArea

from chatcore.events import FileOffered, FileReceived
from chatcore_qt.widgets.dialogs.finding import JumpDialog
from tests.integration.gui.desktop import Desktop, Host, click, until
from tests.integration.gui.test_gui_gallery import cut, laid_out


def paste(desktop: Desktop, text: str) -> None:
    """Paste into the message line."""
    data = QMimeData()
    data.setText(text)
    desktop.window.conversation.composer.input.insertFromMimeData(data)


def paste_copied(desktop: Desktop, data: QMimeData) -> None:
    """Copy something with another program, and press Ctrl+V."""
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setMimeData(data)
    QTest.keyClick(desktop.window.conversation.composer.input, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def as_data(picture: QImage) -> QMimeData:
    """Return a picture as programs copy it."""
    data = QMimeData()
    data.setImageData(picture)
    return data


async def test_status_bar_tells_the_new_name(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.type("/nick al")
    await until(lambda: "as al (" in desktop.window.state.text())


async def test_paste_that_is_too_long_is_offered_as_a_file(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    QTest.keyClicks(composer.input, "look: ")
    paste(desktop, "é" * 70_000)
    assert composer.text() == "look: "
    assert composer.hint.text() == "What you pasted has 70000 characters, too many for a message."
    composer.offer_button.click()
    assert not composer.hint.isVisible()
    offer = await anext(event async for event in bob if isinstance(event, FileOffered))
    assert (offer.name, offer.size) == ("text-1.txt", 140_000)
    await bob.accept_file(offer.file)
    there = await anext(event async for event in bob if isinstance(event, FileReceived))
    assert await asyncio.to_thread(Path(there.place).read_text, "utf-8") == "é" * 70_000
    assert composer.text() == "look: "


async def test_paste_that_is_too_long_can_be_forgotten(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    paste(desktop, "x" * 70_000)
    composer.forget_button.click()
    assert not composer.hint.isVisible()
    assert desktop.app.chat.files.cards == []


async def test_pasted_picture_is_offered_as_a_file(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(0xFF00FF)
    paste_copied(desktop, as_data(picture))
    assert (composer.text(), composer.hint.text()) == ("", "You pasted a picture (40 × 30).")
    composer.forget_button.click()
    assert not composer.hint.isVisible()
    paste_copied(desktop, as_data(picture))
    composer.offer_button.click()
    assert not composer.hint.isVisible()
    offer = await anext(event async for event in bob if isinstance(event, FileOffered))
    assert (offer.name, offer.room) == ("image-1.png", "lobby")
    (card,) = desktop.app.chat.files.cards
    await bob.accept_file(offer.file)
    there = await anext(event async for event in bob if isinstance(event, FileReceived))
    assert QImage(there.place).pixelColor(20, 15).rgb() == 0xFFFF00FF
    await desktop.leave()
    assert not await asyncio.to_thread(os.path.exists, card.path)


@pytest.mark.parametrize("pasted", ["text", "image"])
async def test_what_was_pasted_and_cannot_be_written_stays_to_be_offered(
    pasted: str, host: Host, desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    if pasted == "text":
        paste(desktop, "x" * 70_000)
    else:
        paste_copied(desktop, as_data(QImage(40, 30, QImage.Format.Format_RGB32)))
    hint = composer.hint.text()
    composer.offer_button.click()
    name = "text-1.txt" if pasted == "text" else "image-1.png"
    await until(lambda: desktop.told() == [f"{name} cannot be written: No such file or directory."])
    assert (composer.hint.isVisible(), composer.hint.text()) == (True, hint)
    (tmp_path / "gone").mkdir()
    composer.offer_button.click()
    offer = await anext(event async for event in bob if isinstance(event, FileOffered))
    assert offer.name.startswith(f"{pasted}-2.")
    assert not composer.hint.isVisible()


@pytest.mark.parametrize("made_anew", [False, True])
async def test_what_is_pasted_is_offered_although_the_folder_for_that_was_cleaned_away(
    made_anew: bool, host: Host, desktop: Desktop
) -> None:
    """Nor is it put into a folder that somebody else has made in its place."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    folders = []
    for _time in range(2):
        paste(desktop, "x" * 70_000)
        desktop.window.conversation.composer.offer_button.click()
        offer = await anext(event async for event in bob if isinstance(event, FileOffered))
        assert offer.size == 70_000
        folders.append(Path(desktop.app.chat.files.cards[0].path).parent)
        await asyncio.to_thread(shutil.rmtree, folders[-1])
        if made_anew:
            folders[-1].mkdir(mode=0o755)
    assert folders[0] != folders[1]
    for folder in folders if made_anew else ():
        folder.rmdir()  # whoever made them


async def test_what_was_pasted_stays_in_its_conversation(host: Host, desktop: Desktop) -> None:
    """It is not offered to a room that is chosen meanwhile; it is to the one for whom it was meant."""
    bob = await host.guest("bob")
    await desktop.enter(host)
    composer, conversations = desktop.window.conversation.composer, desktop.app.chat.conversations
    with_bob = conversations.with_user("bob")
    conversations.show(with_bob)
    paste_copied(desktop, as_data(QImage(40, 30, QImage.Format.Format_RGB32)))
    conversations.show_room()
    assert not composer.hint.isVisible()
    assert not composer.offer_button.isVisible()
    paste(desktop, "x" * 70_000)
    conversations.show(with_bob)
    assert composer.hint.text() == "You pasted a picture (40 × 30)."
    composer.offer_button.click()
    offer = await anext(event async for event in bob if isinstance(event, FileOffered))
    assert (offer.name, offer.room) == ("image-1.png", None)
    conversations.show_room()
    assert composer.hint.text() == "What you pasted has 70000 characters, too many for a message."
    conversations.show(with_bob)
    assert not composer.hint.isVisible()


async def test_pasted_files_are_offered_like_dropped_ones(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    path = tmp_path / "notes.txt"
    path.write_bytes(b"the same")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    paste_copied(desktop, data)
    offer = await anext(event async for event in bob if isinstance(event, FileOffered))
    assert (offer.name, composer.text()) == ("notes.txt", "")
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/notes.txt")])
    paste_copied(desktop, data)
    assert composer.text() == "https://example.org/notes.txt"


async def test_same_file_is_offered_again(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    path = tmp_path / "notes.txt"
    path.write_bytes(b"the same")
    places = []
    for number in (1, 2, 3):
        desktop.app.chat.files.offer([str(path)])
        offer = await anext(event async for event in bob if isinstance(event, FileOffered))
        await bob.accept_file(offer.file)
        places.append((await anext(event async for event in bob if isinstance(event, FileReceived))).place)
        await until(lambda number=number: [card.state for card in desktop.app.chat.files.cards] == ["done"] * number)  # type: ignore[misc]
    assert len(set(places)) == 3


async def test_file_stands_in_the_conversation_that_it_was_offered_in_only(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    bob, carol = await host.guest("bob"), await host.guest("carol")
    await carol.create("python")
    await desktop.enter(host)
    path = tmp_path / "notes.txt"
    path.write_bytes(b"for the lobby")
    await bob.offer_file(str(path), room=True)
    strip = desktop.window.conversation.files
    await until(lambda: len(strip.widgets) == 1)
    await click(desktop.window.rooms.rooms, 1)
    await until(lambda: desktop.shown == "python" and not strip.widgets)
    assert desktop.window.under_way.text() == "1 in another conversation (Ctrl+J)"
    desktop.press("Ctrl+J")
    await until(lambda: desktop.shown == "lobby" and len(strip.widgets) == 1)
    assert desktop.window.under_way.text() == ""


async def test_a_slash_opens_the_list_of_commands(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    composer = desktop.window.conversation.composer
    shown = composer.commands
    QTest.keyClicks(composer.input, "/")
    assert shown.isVisible()
    assert shown.model().rowCount() > 15
    QTest.keyClicks(composer.input, "ro")
    assert [row.usage for row in shown._model.rows] == ["/rooms"]
    QTest.keyClick(composer.input, Qt.Key.Key_Down)
    QTest.keyClick(composer.input, Qt.Key.Key_Return)
    assert composer.text() == "/rooms "
    assert not shown.isVisible()
    composer.input.clear()
    QTest.keyClicks(composer.input, "/")
    QTest.keyClick(composer.input, Qt.Key.Key_Escape)
    assert not shown.isVisible()
    QTest.keyClicks(composer.input, "who")
    assert not shown.isVisible()
    QTest.keyClick(composer.input, Qt.Key.Key_Return)
    await until(lambda: any("alice in lobby" in text for text in desktop.told()))
    QTest.keyClicks(composer.input, "//")
    assert not shown.isVisible()


async def test_users_who_are_online_are_found(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.create("elsewhere")
    await desktop.enter(host)
    desktop.press("Ctrl+K")
    dialog = desktop.window.findChild(JumpDialog)
    await until(lambda: len(dialog._model.rows) == 3)
    QTest.keyClicks(dialog.field, "bo")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: desktop.shown == "bob")


async def test_the_rest_of_a_long_notice_is_shown_by_a_button_that_can_be_seen(host: Host, desktop: Desktop) -> None:
    """Of the list of commands, say."""
    await desktop.enter(host)
    desktop.window.actions_.commands.trigger()
    view = desktop.window.conversation.view.messages
    await until(lambda: any(text.startswith("/nick") for text in desktop.told()))
    picture = view.viewport().grab().toImage()
    one = next(one for one in view._shown if one.row.buttons)
    (button,) = one.row.buttons
    assert button.text == "Show more"
    shown = picture.copy(button.rect.translated(0, one.y).toRect())
    middle = shown.height() // 2
    assert len({shown.pixel(x, middle) for x in range(shown.width())}) > 2


async def test_larger_text_has_room_in_the_list_of_rooms_and_in_the_heading(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    rooms, title = desktop.window.rooms.rooms, desktop.window.conversation.title
    small = title.fontMetrics().height()
    for _ in range(8):
        desktop.press("Ctrl++")
    await until(lambda: rooms.height() >= rooms.sizeHintForRow(0))
    assert title.fontMetrics().height() > small
    desktop.press("Ctrl+0")
    assert title.fontMetrics().height() == small


@pytest.mark.parametrize("size", [(320, 320), (900, 600)])
async def test_largest_text_is_all_to_be_read_in_a_small_window_too(
    size: tuple[int, int], host: Host, desktop: Desktop
) -> None:
    """What there is no room for scrolls, by keyboard too; the message line and the buttons stay whole."""
    bob = await host.guest("bob")
    await bob.create("python")
    await desktop.enter(host)
    await until(lambda: len(desktop.rooms()) == 2)
    desktop.app.chat.open("python")
    window, pane = desktop.window, desktop.window.conversation
    for _ in range(12):
        desktop.press("Ctrl++")
    window.resize(*size)
    await laid_out(window)
    assert window.state.text().startswith("Conn")
    assert window.state.text().endswith("rypted)")
    assert window.state.accessibleName() == window._state_text()
    await host.stop()
    await until(lambda: desktop.app.chat.connection.state in ("waiting", "trying"))
    await laid_out(window)
    assert cut(window) == []
    whole = (pane.composer, pane.banner_button, pane.composer.input, pane.title)
    assert [one.height() >= one.minimumSizeHint().height() for one in whole] == [True] * len(whole)
    for banner in (pane.banner, pane.preview):
        (area,) = banner.findChildren(QScrollArea)
        assert area.height() >= area.fontMetrics().height()
        scrolls = area.verticalScrollBar().maximum() > 0
        assert area.focusPolicy() == (Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)
    desktop.press("Ctrl+0")
