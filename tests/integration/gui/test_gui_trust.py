"""Whom one connects to: what is shown while that is tried, when it fails, and whether it is the right server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QScrollArea, QWidget

from chatcore.ports.transport import ConnectOptions
from chatcore.text.invitation import Invitation
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.connecting.form import CertificateQuestion
from chatcore_qt.widgets.dialogs.small import EncryptionDialog
from chatcore_tls.known_servers import KnownServersFile
from tests.integration.gui.desktop import Desktop, Host, until
from tests.integration.quic_mute import STEPS, mute

over_quic = pytest.mark.parametrize("host", ["quic"], indirect=True)
NOWHERE = Address("ws", "127.0.0.1", 1)


def filled_in(desktop: Desktop) -> tuple[str, int, str, str]:
    """Return what stands in the connect dialog."""
    dialog = desktop.dialog
    return dialog.host.text(), dialog.port.value(), dialog.transport.currentData(), dialog.username.text()


async def key_of(host: Host, folder: Path) -> str:
    """Return the fingerprint of a server's key, as somebody else sees it."""
    await host.guest("eve")
    key = KnownServersFile(folder / "known_by_eve").key_of(host.address.place)
    assert key is not None
    return key


@pytest.mark.parametrize("known", [False, True])
async def test_failed_try_shows_what_was_given_and_why(host: Host, desktop: Desktop, known: bool) -> None:
    if known:
        desktop.app.connecting.servers.used(host.address, "carol", 1.0)
    await desktop.start(NOWHERE, "alice")
    await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
    assert filled_in(desktop) == ("127.0.0.1", 1, "ws", "alice")
    error = desktop.dialog.errors["host"]
    assert error.isVisible()
    assert error.text().startswith("Nothing listens at 127.0.0.1:1 ")
    assert desktop.dialog.list.row is None
    assert desktop.window.state.text() == "Not connected"
    desktop.dialog.reject()
    desktop.press("Ctrl+N")
    assert filled_in(desktop) == ("127.0.0.1", 1, "ws", "alice")
    assert not desktop.dialog.errors["host"].isVisible()


@pytest.mark.parametrize("larger", [0, 4], ids=["usual text", "large text"])
async def test_fields_and_buttons_end_at_one_edge_whatever_the_fingerprints_need(larger: int, desktop: Desktop) -> None:
    await desktop.start()
    for _ in range(larger):
        desktop.press("Ctrl++")
    desktop.app.connecting.question = CertificateQuestion("host:8765", "ab" * 32, "cd" * 32)
    desktop.app.connecting.changed.emit()
    dialog = desktop.dialog

    await until(lambda: dialog.certificate.isVisible() and dialog.certificate.width() > dialog.new_fingerprint.width())
    assert len({edge(each) for each in (dialog.transport, dialog.port, dialog.certificate, dialog.connect_button)}) == 1
    assert dialog.new_fingerprint.width() >= dialog.new_fingerprint.sizeHint().width()


async def test_fields_and_buttons_end_at_one_edge_however_much_is_said_about_them(desktop: Desktop) -> None:
    """There is a scroll bar beside them where the screen is too low, and nowhere else."""
    await desktop.start()
    dialog, area = desktop.dialog, desktop.dialog.findChild(QScrollArea)
    assert area is not None
    bar = area.verticalScrollBar()
    low = area.screen().availableSize().height() - 130
    for _size in range(6):
        desktop.press("Ctrl++")
        for words in range(0, 160, 9):
            desktop.app.connecting.errors = {"host": "word " * words, "username": "word " * words}
            desktop.app.connecting.question = (
                CertificateQuestion("host:8765", "ab" * 32, "cd" * 32) if words % 2 else None
            )
            desktop.app.connecting.changed.emit()
            await until(lambda: edge(dialog.username) == edge(dialog.connect_button))
            await until(lambda: bar.maximum() == 0 or (bar.isVisible() and area.height() > low))


def edge(widget: QWidget) -> int:
    """Return where a widget ends in its window."""
    return widget.mapTo(widget.window(), widget.rect().topRight()).x()


async def test_known_server_that_cannot_be_reached_is_marked_in_the_list(host: Host, desktop: Desktop) -> None:
    for address, username in ((NOWHERE, "alice"), (host.address, "carol")):
        desktop.app.connecting.servers.used(address, username, 1.0)
    await desktop.start(NOWHERE, "Alice")
    await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
    assert desktop.dialog.list.row.address == NOWHERE
    assert desktop.dialog.errors["host"].isVisible()


@pytest.mark.parametrize("step", STEPS)
async def test_server_over_quic_that_falls_silent_is_given_up(step: str, tmp_path: Path) -> None:
    """However far the connection had come."""
    # The last one does connect, however busy the machine is.
    options = ConnectOptions(connect_timeout=10.0 if step == STEPS[-1] else 1.0, login_timeout=1.0)
    async with mute(step, tmp_path) as url, Desktop(tmp_path, options) as desktop:
        await desktop.start(Address.parse(url), "alice")
        await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
        error = desktop.dialog.errors["host"]
        assert error.isVisible()
        address = Address.parse(url)
        login = f"{url} did not answer the login within 1 s; is it a chat server?"
        assert error.text() == (login if step == STEPS[-1] else f"{address.place} did not answer in time.")


async def test_slow_server_is_waited_for_in_sight(desktop: Desktop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        await desktop.start(Address("ws", "127.0.0.1", port), "alice")
        assert desktop.app.connecting.busy
        assert desktop.window.state.text() == f"Connecting to 127.0.0.1:{port}"
        assert filled_in(desktop) == ("127.0.0.1", port, "ws", "alice")
        desktop.dialog.cancel.click()
        assert desktop.window.state.text() == "Not connected"
        await desktop.leave()


async def test_dialog_can_be_used_as_often_as_one_likes(host: Host, desktop: Desktop) -> None:
    await desktop.start()
    for username in ("alice", "alice2", "alice3"):
        address = host.address
        desktop.fill_in(address.host, address.port, address.scheme, username)
        await until(lambda: desktop.window.dialog is None)
        await until(lambda username=username: desktop.app.chat.username == username)  # type: ignore[misc]
        await asyncio.sleep(0)  # Qt deletes the dialog
        desktop.press("Ctrl+N")
        assert desktop.dialog.username.text() == username


@over_quic
async def test_new_server_is_told_once_with_the_fingerprint_of_its_key(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    key = await key_of(host, tmp_path)
    await desktop.enter(host)
    await until(desktop.told)
    place = host.address.place
    assert desktop.told()[0].startswith(
        f"The server at {place} is remembered by its key's fingerprint, {key}; compare it with what the server shows."
    )
    await host.stop()
    await host.start()
    await until(lambda: "The connection is back." in desktop.told())
    assert len([text for text in desktop.told() if key in text]) == 1


@over_quic
async def test_fingerprint_can_be_seen_and_copied_later(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    key = await key_of(host, tmp_path)
    assert not desktop.window.actions_.encryption.isEnabled()
    await desktop.enter(host)
    desktop.window.actions_.encryption.trigger()
    dialog = desktop.window.findChild(EncryptionDialog)
    assert "encrypted" in dialog.text.text()
    assert "".join(dialog.fingerprint.text().split()) == key
    dialog.copy_button.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == key
    dialog.accept()


async def test_connection_that_is_not_encrypted_says_so(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    desktop.window.actions_.encryption.trigger()
    dialog = desktop.window.findChild(EncryptionDialog)
    assert dialog.text.text().startswith("Nothing is encrypted")
    assert not dialog.copy_button.isVisible()
    assert not any("remembered" in text for text in desktop.told())
    dialog.accept()


@over_quic
async def test_fingerprint_that_was_given_has_to_be_the_servers(host: Host, tmp_path: Path) -> None:
    key = await key_of(host, tmp_path)
    async with Desktop(tmp_path, ConnectOptions(fingerprints=("ab" * 32,))) as desktop:
        await desktop.start(host.address, "alice")
        await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
        assert "shows another key than the one that you gave" in desktop.dialog.errors["host"].text()
        assert desktop.dialog.old_heading.text() == "Fingerprint that you gave"
        assert not desktop.dialog.accept_new.isVisible()
    async with Desktop(tmp_path, ConnectOptions(fingerprints=(key,))) as desktop:
        await desktop.enter(host)
        await until(desktop.told)
        assert desktop.told()[0] == f"The server at {host.address.place} is remembered."


@over_quic
async def test_fingerprint_is_that_of_the_given_server_only(host: Host, tmp_path: Path) -> None:
    async with Desktop(tmp_path, ConnectOptions(fingerprints=("ab" * 32,))) as desktop:
        await desktop.start(NOWHERE, "alice")
        await until(lambda: desktop.window.dialog is not None and not desktop.app.connecting.busy)
        address = host.address
        desktop.fill_in(address.host, address.port, address.scheme, "alice")
        await desktop.settled()


@over_quic
async def test_link_leads_into_its_room_and_can_be_copied_there(host: Host, desktop: Desktop, tmp_path: Path) -> None:
    """Nobody has to compare the fingerprint that the link has."""
    link = f"chatcore://{host.address.place}/python?key={await key_of(host, tmp_path)}&via=quic"
    assert not desktop.window.actions_.copy_link.isEnabled()
    await desktop.start(Address.parse(link), "alice")
    await until(lambda: desktop.app.chat.conversations.room is not None)
    await until(lambda: desktop.app.chat.conversations.room.name == "python")
    await until(lambda: f"The server at {host.address.place} is remembered." in desktop.told())
    desktop.window.actions_.copy_link.trigger()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == link
    await until(lambda: f"Copied: {link}" in desktop.told())


@over_quic
async def test_link_with_another_key_than_the_known_one_leads_nowhere(
    host: Host, desktop: Desktop, tmp_path: Path
) -> None:
    key = await key_of(host, tmp_path)
    desktop.app._known_servers.remember(host.address.place, key)
    await desktop.start(Address.parse(f"chatcore://{host.address.place}?key={'0' * 64}&via=quic"), "alice")
    await until(lambda: "The link has another key" in desktop.app.connecting.errors.get("host", ""))
    assert not desktop.app.connecting.busy
    assert desktop.app.connecting.question is None
    assert desktop.app._known_servers.key_of(host.address.place) == key


async def test_link_waits_in_the_dialog_for_a_name(host: Host, desktop: Desktop) -> None:
    desktop.app.connecting.servers.used(host.address, "alice", 1.0)
    await desktop.start(Address.parse(f"chatcore://{host.address.place}/python?via=ws"), "")
    assert desktop.dialog.host.text() == "127.0.0.1#room=python"
    desktop.dialog.username.setText("alice")
    desktop.dialog.connect_button.click()
    await until(lambda: desktop.app.chat.conversations.room is not None)
    await until(lambda: desktop.app.chat.conversations.room.name == "python")
    assert desktop.app.connecting.servers.last.address.room == ""


async def test_servers_that_are_announced_on_the_network_are_listed_while_one_is_asked(
    host: Host, tmp_path: Path
) -> None:
    """What is announced is somebody's word: a name is shown as text, and what leads nowhere is left out."""
    looking: list[bool] = []

    @asynccontextmanager
    async def nearby(tell: Callable[[Iterable[tuple[str, Invitation]]], None]) -> AsyncIterator[None]:
        looking.append(True)
        known = ("chatcore on here", Invitation("ws://127.0.0.1:1", "lobby"))
        tell([known, ("\x1b<b>evil", Invitation(host.address.url, "python")), ("odd", Invitation("gopher://h", None))])
        try:
            yield
        finally:
            looking.append(False)

    async with Desktop(tmp_path, nearby=nearby) as desktop:
        desktop.app.connecting.servers.used(NOWHERE, "alice", 1.0)
        await desktop.start()
        await until(lambda: len(desktop.app.connecting.servers.all) == 2)
        rows = desktop.app.connecting.servers.all
        assert [(row.address.url, row.announced) for row in rows] == [
            (NOWHERE.url, ""),
            (host.address.url, "\x1b<b>evil"),
        ]
        desktop.dialog.list.setCurrentIndex(desktop.dialog._servers.find(rows[1].key))
        assert filled_in(desktop) == ("127.0.0.1#room=python", host.address.port, "ws", "alice")
        desktop.dialog.connect_button.click()
        await until(lambda: desktop.app.chat.conversations.room is not None)
        await until(lambda: desktop.app.chat.conversations.room.name == "python")
        await until(lambda: looking == [True, False])
