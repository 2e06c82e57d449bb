"""Starts and ends the desktop app."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from PyQt6.QtCore import QLocale, QSettings, QStandardPaths
from PyQt6.QtWidgets import QApplication

from chatcore.aio.client import Client, connect
from chatcore.aio.clock import LoopClock
from chatcore.aio.garbage import collect_seldom
from chatcore.aio.routes import pins_for
from chatcore.aio.signals import END, is_hung_up_on, on_signals
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.session_store import SessionStore
from chatcore.ports.transport import ConnectOptions
from chatcore.text.invitation import Invitation
from chatcore.text.safe_text import safe_text
from chatcore_qt import i18n, theme
from chatcore_qt.event_loop import Loop
from chatcore_qt.kept_files import KeptFiles
from chatcore_qt.lost_screen import survive_screen
from chatcore_qt.mistakes import survive_mistakes
from chatcore_qt.notifier import Notifier, Outlet
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.connecting.form import CertificateQuestion, ConnectForm, Nearby
from chatcore_qt.presenters.connecting.servers import Servers
from chatcore_qt.presenters.connecting.trust import Trust
from chatcore_qt.presenters.kept import Kept
from chatcore_qt.presenters.reasons import mistaken
from chatcore_qt.settings import Settings
from chatcore_qt.texts import translate
from chatcore_qt.widgets.icons import app_icon
from chatcore_qt.widgets.main_window import MainWindow

_SHOWN_AFTER: Final = 1.5  # a connection that takes longer is waited for in sight
_GOODBYE: Final = 3.0


class App:
    """The app on an event loop that runs: put together here, and taken apart.

    Args:
        settings: what is remembered between runs.
        known_servers: remembers the keys of servers.
        downloads: folder for files that are received; the one that was chosen before, or the usual one, when empty.
        options: of connections; fingerprints are those of the server that `run` is given, if it is given one.
        kept: folder for what could not be sent when the app ends; it is not kept when left out.
        sessions: keeps what it takes to come back into a session after the app was killed; None for nothing.
        nearby: looks for servers on the network, where that is possible.
        outlet: shows notifications; what the system has for that when left out.
    """

    def __init__(
        self,
        settings: Settings,
        known_servers: KnownServers,
        downloads: str = "",
        options: ConnectOptions | None = None,
        *,
        kept: Path | None = None,
        sessions: SessionStore | None = None,
        nearby: Nearby | None = None,
        outlet: Outlet | None = None,
    ) -> None:
        self._sessions = sessions
        self._known_servers = known_servers
        self._options = options or ConnectOptions()
        self._given: Address | None = None
        """The server that `run` was given."""
        self._fingerprints: tuple[str, ...] = ()
        """By which the user wants the server to be recognised that is being connected to."""
        self._trust: Trust | None = None
        """Of the server that is being connected to."""
        self._settings = settings
        folder = downloads or settings.downloads or _usual_downloads()
        store = None if kept is None else KeptFiles(kept)
        self.chat = ChatPresenter(folder, lambda: datetime.now(UTC), settings.load_preferences(), store)
        self._kept: Kept | None = None
        """What is kept of the server that is being connected to."""
        self.connecting = ConnectForm(
            Servers(settings), self._connect, self._accept, time.time, lambda: self._fingerprints, nearby=nearby
        )
        self.window = MainWindow(self.chat, self.connecting, settings)
        self.window.setWindowIcon(app_icon())
        self._told_unwritten = False
        settings.tried.connect(self._tell_unwritten)
        self.chat.conversations.shown_changed.connect(self._tell_unwritten)
        self._notifier = Notifier(self.window, self.chat.preferences, outlet)
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self._show_later: asyncio.TimerHandle | None = None
        self.connecting.connected.connect(self._connected)
        self.connecting.changed.connect(self._failed)
        self.chat.conversations.attention.connect(self._notifier.tell)
        self.chat.quit_wanted.connect(self.window.close)
        self.chat.password_wanted.connect(self.window.open_password)
        self.window.close_wanted.connect(self.leave)
        self.window.disconnect_wanted.connect(self._disconnect)

    async def run(self, address: Address | None = None, username: str = "") -> None:
        """Show the app until the user has left.

        With an address and a username it connects at once, and the window opens connected; otherwise, or when that
        does not work, it asks.
        """
        self._given = address
        try:
            if address is not None and username:
                self._show_later = asyncio.get_running_loop().call_later(_SHOWN_AFTER, self._show_and_ask)
                self.connecting.start(address, username)
            else:
                self._show_and_ask()
                if self.window.dialog is not None and (address is not None or username):
                    last = self.connecting.servers.last
                    place = address or (last.address if last is not None else None)
                    if place is not None:
                        self.window.dialog.fill(place, username)
            await self._over.wait()
        finally:
            await self._close()

    def leave(self) -> None:
        """End the app."""
        self._over.set()

    def tell_mistake(self) -> None:
        """Say that something went wrong which the user can do nothing about: where they look."""
        if self.chat.conversations.shown is None:
            self.connecting.fail()
        else:
            self.chat.conversations.tell(mistaken())

    async def _connect(self, address: Address, username: str) -> Client:
        options, files = self._options, self.chat.files.store
        if self._given is not None and address.place != self._given.place:
            options = replace(options, fingerprints=())
        if address.key is not None and not options.fingerprints and options.tls_ca is None:
            options = replace(options, fingerprints=pins_for(address.url, address.key, self._known_servers))
        given = options.fingerprints
        self._fingerprints = (given,) if isinstance(given, str) else tuple(given)
        compared = bool(given)
        trust = self._trust = Trust(self._known_servers, address.place, compared=compared, untold=self._settings)
        kept = self._kept = self.chat.keeper.load(address.url.partition("://")[2], username)
        return await connect(
            address.url,
            username=username,
            password=self.connecting.password_of(address),
            invitation=address.token,
            client_id=kept.client_id or None,
            repeat_private=False,
            options=options,
            known_servers=trust,
            files=files,
            sessions=self._sessions,
        )

    def _accept(self, question: CertificateQuestion) -> None:
        self._known_servers.remember(question.place, question.shown)

    def _connected(self, client: Client) -> None:
        room = "" if self.connecting.tried is None else self.connecting.tried[0].room
        switching = self._switch_to(client, self._trust, room, self._kept)
        self._keep(asyncio.get_running_loop().create_task(switching, name="switch to the new connection"))

    async def _switch_to(self, client: Client, trust: Trust | None, room: str, kept: Kept | None) -> None:
        await self.chat.close()
        self.chat.attach(client, trust, room, kept)
        self._show()

    def _tell_unwritten(self) -> None:
        """Say that what is chosen does not last, once for as long as that is so, and as soon as there is where."""
        if self._settings.written:
            self._told_unwritten = False
        elif not self._told_unwritten and self.chat.conversations.shown is not None:
            self._told_unwritten = True
            text = translate(
                "Notices",
                "What you choose counts until you leave, and cannot be kept: {path} cannot be written. Look whether the"
                " disk is full, and whether the file is yours.",
            )
            self.chat.conversations.tell(text.format(path=safe_text(self._settings.file)))

    def _failed(self) -> None:
        if not self.connecting.busy and self.connecting.errors and self._show_later is not None:
            self._show_and_ask()

    def _show_and_ask(self) -> None:
        self._show()
        self.window.open_connect_dialog()

    def _show(self) -> None:
        if self._show_later is not None:
            self._show_later.cancel()
            self._show_later = None
        if not self.window.isVisible():
            self.window.show()
            self.window.activateWindow()
            self.window.conversation.composer.setFocus()

    def _disconnect(self) -> None:
        self._keep(asyncio.get_running_loop().create_task(self.chat.leave(), name="log out"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self) -> None:
        if self._show_later is not None:
            self._show_later.cancel()
        self.connecting.cancel()
        self.connecting.look_away()
        for task in self._tasks:
            task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await self.chat.close()
        await self.chat.keeper.close()
        self._settings.sync()
        self.window.hide()
        self.window.deleteLater()


def _usual_downloads() -> str:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
    return str(Path(folder or Path.home()) / "chatcore")


def make_application(arguments: list[str]) -> QApplication:
    """Return the one application of this process, with its texts."""
    app = QApplication(arguments)
    app.setApplicationName("chatcore")
    app.setApplicationDisplayName("chatcore")
    app.setDesktopFileName("chatcore")
    app.setWindowIcon(app_icon())
    app.setQuitOnLastWindowClosed(False)
    i18n.install(app)
    return app


def run(
    address: Address | None,
    username: str,
    known_servers: KnownServers,
    downloads: str = "",
    options: ConnectOptions | None = None,
    *,
    screen_gone: Callable[[], NoReturn],
    settings_file: Path | None = None,
    kept: Path | None = None,
    sessions: SessionStore | None = None,
) -> int:
    """Run the app and return its exit code: 128 and the number of the signal when one ended it.

    Args:
        address: of the server to connect to; the user is asked when it is None.
        username: likewise, when it is empty.
        known_servers: remembers the keys of servers.
        downloads: folder for files that are received, this time.
        options: of connections: `tls_ca` for all servers, `fingerprints` for the one at `address` if that is given.
        screen_gone: ends the process, once the user is logged out, when there is nothing left to show a window on.
        settings_file: where the window's settings are kept; where the system keeps a user's when left out.
        kept: folder for what could not be sent when the app ends.
        sessions: keeps what it takes to come back into a session after the app was killed; None for nothing.
    """
    app = make_application(sys.argv[:1])
    store = None if settings_file is None else QSettings(str(settings_file), QSettings.Format.IniFormat)
    settings = Settings(store)
    language = settings.load_preferences().language
    if language:
        i18n.install(app, QLocale(language))
    theme.apply(app, settings.theme)
    with Loop(app) as loop:
        chat = App(settings, known_servers, downloads, options, kept=kept, sessions=sessions, nearby=_nearby)
        task = loop.create_task(_main(chat, address, username))
        survive_screen(loop, task, chat.leave, screen_gone)
        with survive_mistakes(loop, chat.tell_mistake, chat.leave):
            code: int = loop.run_until_complete(task)
        if not loop.wait_for_threads(_GOODBYE):
            os._exit(code)  # a disk hangs, and whoever ends otherwise waits for it
    return code


@asynccontextmanager
async def _nearby(tell: Callable[[Iterable[tuple[str, Invitation]]], None]) -> AsyncIterator[None]:
    """Look for servers on the network, if what it takes is installed."""
    try:
        from chatcore_mdns import nearby_servers  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        yield
        return
    async with nearby_servers(tell):
        yield


async def _main(app: App, address: Address | None, username: str) -> int:
    loop = asyncio.get_running_loop()
    asked: list[int] = []

    def leave(number: int) -> None:
        if asked:
            os._exit(128 + number)  # asked for the second time: at once
        asked.append(number)
        app.leave()

    collect_seldom(LoopClock(loop))
    on_signals(("SIGINT", *END, *(("SIGHUP",) if is_hung_up_on(by_default=True) else ())), leave)
    try:
        await app.run(address, username)
    finally:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await loop.shutdown_asyncgens()
    return 128 + asked[0] if asked else 0
