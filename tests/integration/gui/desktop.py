"""Somebody at a desktop with the app, a server, and what the hands do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from PyQt6.QtCore import QLocale, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from chatcore import Client, connect
from chatcore.aio.server import Listen
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_files import DownloadFolder
from chatcore_passwords import Argon2
from chatcore_qt import i18n, theme
from chatcore_qt.app import App, make_application
from chatcore_qt.event_loop import Loop
from chatcore_qt.presenters.connecting.address import Address, Scheme
from chatcore_qt.presenters.connecting.form import Nearby
from chatcore_qt.presenters.entries.sentences import now
from chatcore_qt.presenters.entries.timeline import MessageEntry, NoticeEntry
from chatcore_qt.settings import Settings
from chatcore_qt.widgets.dialogs.connect_dialog import ConnectDialog
from chatcore_qt.widgets.lists import ChoiceList
from chatcore_tls.known_servers import KnownServersFile
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.stores import ChatServer

_Widget = TypeVar("_Widget", bound=QWidget)


@cache
def application() -> QApplication:
    """Return the one application that a process may have, which is not to go with the test that was the first."""
    app = QApplication.instance() or make_application(["chatcore"])
    assert isinstance(app, QApplication)
    return app


def make_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop of the application."""
    app = application()
    app.setQuitOnLastWindowClosed(False)
    i18n.install(app, QLocale("en"))
    theme.apply(app, "light")
    loop: asyncio.AbstractEventLoop = Loop(app)
    return loop


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


class Host:
    """A server over one transport, with guests; it can go away and come back on the same port."""

    def __init__(self, transport: str, folder: Path) -> None:
        self._transport = transport
        self._folder = folder
        self._port = free_port()
        self.password: str | None = None
        """What everybody has to know, from the next start on."""
        self.accounts = "optional"
        """Whether names may belong to somebody, from the next start on."""
        self.operator_token: str | None = None
        self._server: ChatServer | None = None
        self._guests = AsyncExitStack()
        self.guests: dict[str, Client] = {}
        """Who else is logged in."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._guests.aclose()
        await self.stop()

    async def start(self) -> None:
        """Serve, where it served before."""
        options = ListenOptions(port=self._port, state_dir=str(self._folder / "server"))
        places = [Listen(self._transport, options=options)]
        self._server = ChatServer(
            listen=places,
            password=self.password,
            accounts=self.accounts,
            operator_token=self.operator_token,
            passwords=Argon2(memory=64, iterations=1),
        )
        await self._server.start()

    async def stop(self) -> None:
        """Go away."""
        if self._server is not None:
            server, self._server = self._server, None
            await server.stop()

    @property
    def address(self) -> Address:
        """Where it is: one and the same place each time, where the server is three."""
        assert self._server is not None
        return Address.parse(self._server.own_url)

    async def guest(self, username: str) -> Client:
        """Return somebody else who is logged in: at another one, where the server is three."""
        assert self._server is not None
        known = KnownServersFile(self._folder / f"known_by_{username}")
        files = DownloadFolder(self._folder / username)
        login = connect(self._server.urls[0], username=username, known_servers=known, files=files)
        self.guests[username] = await self._guests.enter_async_context(login)
        return self.guests[username]


class Heard:
    """What somebody who looks elsewhere sees and hears of the app. Implements `Outlet`."""

    pause = 0

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.rung = 0

    def show(self, title: str, text: str) -> None:
        """See a notification."""
        self.shown.append((title, text))

    def ring(self) -> None:
        """Hear a sound."""
        self.rung += 1


class Desktop:
    """Somebody who uses the app."""

    def __init__(self, folder: Path, options: ConnectOptions | None = None, nearby: Nearby | None = None) -> None:
        self.file = folder / "settings.ini"
        self.known_servers = KnownServersFile(folder / "known_servers")
        self.settings = Settings(QSettings(str(self.file), QSettings.Format.IniFormat))
        self.downloads = folder / "downloads"
        self.kept = folder / "kept"
        self.heard = Heard()
        self.app = App(
            self.settings,
            self.known_servers,
            str(self.downloads),
            options,
            kept=self.kept,
            nearby=nearby,
            outlet=self.heard,
        )
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.leave()

    @property
    def window(self) -> Any:
        """The main window."""
        return self.app.window

    @property
    def ended(self) -> bool:
        """Whether the app has ended by itself."""
        return self._running is not None and self._running.done()

    @property
    def dialog(self) -> ConnectDialog:
        """The connect dialog."""
        assert self.app.window.dialog is not None
        return self.app.window.dialog

    async def start(self, address: Address | None = None, username: str = "") -> None:
        """Open the app."""
        self._running = asyncio.get_running_loop().create_task(self.app.run(address, username))
        await until(self.window.isVisible)

    async def enter(self, host: Host, username: str = "alice") -> None:
        """Open the app, connected."""
        await self.start(host.address, username)
        await self.settled()

    async def settled(self) -> None:
        """Wait until a conversation is shown and read."""
        conversations = self.app.chat.conversations
        await until(lambda: conversations.shown is not None and not conversations.shown.loading)
        await until(lambda: self.app.chat.rooms.rows)

    async def leave(self) -> None:
        """Close the window and wait until the app has ended."""
        if self._running is not None:
            running, self._running = self._running, None
            if not running.done():
                self.window.close()
                if self.window.question is not None:
                    self.window.question.leave.click()
            await running

    def fill_in(self, host: str, port: int, scheme: Scheme, username: str) -> None:
        """Type into the connect dialog and press Enter."""
        dialog = self.dialog
        for field, text in ((dialog.host, host), (dialog.username, username)):
            field.clear()
            QTest.keyClicks(field, text)
        dialog.port.setValue(port)
        dialog.transport.setCurrentIndex(dialog.transport.findData(scheme))
        QTest.keyClick(dialog.username, Qt.Key.Key_Return)

    def type(self, text: str) -> None:
        """Type into the input line and press Enter."""
        field = self.window.conversation.composer.input
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def press(self, keys: str) -> None:
        """Use a shortcut of the window."""
        found = [action for action in self.window.actions_.all if action.shortcut().toString() == keys]
        assert len(found) == 1, keys
        found[0].trigger()

    def said(self) -> list[str]:
        """Return what the conversation that is shown says."""
        shown = self.app.chat.conversations.shown
        assert shown is not None
        return [now(entry) for entry in shown.timeline.entries if isinstance(entry, MessageEntry)]

    def told(self) -> list[str]:
        """Return the notices of the conversation that is shown."""
        shown = self.app.chat.conversations.shown
        assert shown is not None
        return [entry.text for entry in shown.timeline.entries if isinstance(entry, NoticeEntry)]

    def states(self) -> list[str]:
        """Return whether the messages shown are sent."""
        shown = self.app.chat.conversations.shown
        assert shown is not None
        return [entry.state for entry in shown.timeline.entries if isinstance(entry, MessageEntry)]

    @property
    def shown(self) -> str:
        """Name of the conversation that is shown."""
        shown = self.app.chat.conversations.shown
        return "" if shown is None else shown.name

    def rooms(self) -> list[str]:
        """Return what the list of rooms says to a screen reader."""
        model = self.window.rooms.rooms.model()
        return [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]

    def members(self) -> list[str]:
        """Return what the list of members says."""
        model = self.window.members.list.model()
        return [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]


def drag(
    paths: list[Path], target: QWidget, actions: Qt.DropAction = Qt.DropAction.CopyAction, *, drop: bool = True
) -> QDropEvent | None:
    """Drag files over a widget and drop them, unless `drop` is false, where they are taken; returns the drop."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, button, no_key = target.rect().center(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, mime, button, no_key)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted() or not drop:
        return None
    dropped = QDropEvent(QPointF(at), actions, mime, button, no_key)
    QApplication.sendEvent(target, dropped)
    return dropped


async def click(view: ChoiceList, row: int, *, twice: bool = False) -> None:
    """Click on a row, once it is there."""
    model = view.model()
    assert model is not None
    await until(lambda: model.rowCount() > row)
    viewport = view.viewport()
    at: QPoint = view.visualRect(model.index(row, 0)).center()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=at)
    if twice:
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=at)
