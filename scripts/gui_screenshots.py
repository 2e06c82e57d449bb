"""Makes one picture of the desktop app: `gui_screenshots.py FILE connect|main|page|files|certificate THEME LANGUAGE`.

The window is a real one, connected to a real server with real guests, on Qt's offscreen platform. How many pixels a
point has is told by QT_SCALE_FACTOR. `make screenshots` calls this for every picture of the documentation.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import qasync
from PyQt6.QtCore import QLocale, QSettings
from PyQt6.QtGui import QFont, QFontDatabase, QPixmap

from chatcore import ChatServer, Client, Listen, connect
from chatcore.errors import CertificateChanged
from chatcore.ports.transport import ListenOptions
from chatcore_files.source import DiskSource
from chatcore_qt import i18n, theme
from chatcore_qt.app import App, make_application
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.connecting.form import CertificateQuestion
from chatcore_qt.presenters.connecting.servers import Servers
from chatcore_qt.presenters.reasons import why
from chatcore_qt.settings import Settings
from chatcore_tls.known_servers import KnownServersFile

_TALK = {
    "en": (
        ("bob", "python", "Morning! Did anybody get the reconnect test to pass?"),
        ("carol", "python", "Yes, since yesterday. The server replays what was missed, in order."),
        ("carol", "python", "The notes are at https://chat.example.org/notes/resume"),
        ("dave", "python", "Nice. I pulled the network cable for a minute and nothing was lost."),
        ("alice", "python", "Great, then I will write that chapter today."),
        ("bob", "python", "alice, can you look at my figures before two o'clock?"),
    ),
    "fr": (
        ("bob", "python", "Bonjour ! Quelqu'un a réussi à faire passer le test de reconnexion ?"),
        ("carol", "python", "Oui, depuis hier. Le serveur rejoue ce qui a été manqué, dans l'ordre."),
        ("carol", "python", "Les notes sont ici : https://chat.example.org/notes/reprise"),
        ("dave", "python", "Super. J'ai débranché le câble une minute et rien n'a été perdu."),
        ("alice", "python", "Parfait, j'écris ce chapitre aujourd'hui."),
        ("bob", "python", "alice, peux-tu regarder mes chiffres avant deux heures ?"),
    ),
}
_PORT = 8765
_SIZES = {"main": (1000, 640), "files": (1000, 640), "page": (780, 440)}
"""Of the window, by what is to be seen; small enough for letters that can be read on a printed page."""


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 -- the app has no event for it
            await asyncio.sleep(0.02)


class _Slow(DiskSource):
    """A file that can be watched on its way."""

    pause = 0.0

    def read(self, offset: int, size: int) -> bytes:
        """Return what is there, after a while."""
        time.sleep(self.pause)
        return super().read(offset, size)


async def _exchange_files(app: App, guests: dict[str, Client], folder: Path) -> None:
    """Let one file be there, one be on its way, and one be on offer."""
    files = app.chat.files
    for name, size in (("measurements.csv", 412_000), ("figures.zip", 24_800_000), ("chapter 3.pdf", 2_400_000)):
        (folder / name).write_bytes(bytes(size))
    await guests["dave"].offer_file(_Slow(str(folder / "measurements.csv")), room=True)
    await _until(lambda: files.cards)
    files.accept(files.cards[0])
    await _until(lambda: files.cards[0].state == "done")
    figures = _Slow(str(folder / "figures.zip"))
    await guests["carol"].offer_file(figures, room=True)
    await _until(lambda: len(files.cards) == 2)
    figures.pause = 0.1
    coming = files.cards[0]
    files.accept(coming)
    await _until(lambda: coming.progress > 0.4)
    await guests["bob"].offer_file(_Slow(str(folder / "chapter 3.pdf")), room=True)
    await _until(lambda: coming.progress > 0.6)


def _known_servers(folder: Path) -> KnownServersFile:
    """Return the servers that the user of a picture has met."""
    return KnownServersFile(folder / "known_servers")


async def _main_window(app: App, language: str, folder: Path, *, files: bool, size: tuple[int, int]) -> QPixmap:
    """Let some people talk, and join them, encrypted; perhaps let them exchange files too."""
    async with AsyncExitStack() as stack:
        places = [
            Listen("quic", "chat", ListenOptions(port=0, state_dir=str(folder))),
            Listen(options=ListenOptions(port=0)),
        ]
        server = await stack.enter_async_context(ChatServer(listen=places))
        url = server.urls[0]
        place = url.partition("://")[2]
        _known_servers(folder).remember(place, server.about()[0]["key_fingerprint"])

        async def guest(name: str) -> Client:
            return await stack.enter_async_context(connect(server.urls[1], username=name))

        guests = {name: await guest(name) for name in ("bob", "carol", "dave", "emma", "farid", "grace", "hugo")}
        await guests["bob"].create("python")
        for name in ("carol", "dave"):
            await guests[name].join("python")
        await guests["emma"].create("qt")
        await guests["farid"].create("report")
        first = _TALK[language]
        for sender, _room, text in first[:4]:
            await guests[sender].send(text)
        window = app.window
        window.resize(*size)
        task = asyncio.create_task(app.run(Address.parse(url), "alice"))
        await _until(lambda: app.chat.conversations.shown)
        app.chat.enter("python")
        await _until(lambda: app.chat.rooms.current == "python" and len(app.chat.members.names) == 4)
        app.chat.submit(first[4][2])
        await _until(lambda: app.chat.conversations.unsent == 0)
        await guests["bob"].send(first[5][2])
        await guests["grace"].send_direct("alice", "Hello!")
        await guests["grace"].send_direct("alice", "Lunch at noon?")
        for number in range(5):
            await guests["farid"].send(f"draft {number}")
        await guests["emma"].send("!")
        await _until(lambda: {row.name: row.unread for row in app.chat.rooms.rows}.get("report") == 5)
        await _until(lambda: app.chat.conversations.unread_direct == 2)
        await _until(lambda: {row.name: row.unread for row in app.chat.rooms.rows}.get("qt") == 1)
        window.state.setText(window.state.text().replace(place, f"chat.example.org:{_PORT}"))
        window.conversation.composer.setFocus()
        if files:
            await _exchange_files(app, guests, folder)
        await asyncio.sleep(0.3)
        picture = window.grab()
        app.leave()
        await task
        return picture


async def _connect_dialog(app: App, what: str) -> QPixmap:
    """Ask for a server, or whether another certificate is right."""
    window = app.window
    task = asyncio.create_task(app.run())
    await _until(lambda: window.dialog is not None)
    dialog = window.dialog
    assert dialog is not None
    dialog.fill(Address("chat", "chat.example.org", _PORT), "alice")
    if what == "certificate":
        question = CertificateQuestion("chat.example.org:8765", "3f8a0c51" * 8, "b7e19d42" * 8)
        app.connecting.question = question
        changed = CertificateChanged("", question.place, question.known, "", question.shown)
        app.connecting.errors = {"host": why(changed)}
        app.connecting.changed.emit()
    await asyncio.sleep(0.2)
    picture = dialog.grab()
    app.leave()
    await task
    return picture


def main() -> None:
    """Make the picture."""
    file, what, name, language = sys.argv[1:]
    qt = make_application(sys.argv[:1])
    for family in ("Cantarell", "Inter", "Noto Sans", "DejaVu Sans"):
        if family in QFontDatabase.families():
            qt.setFont(QFont(family, 10))
            break
    i18n.install(qt, QLocale(language))
    theme.apply(qt, name)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(qt) as loop:
        settings = Settings(QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat))
        settings.theme = name  # type: ignore[assignment]
        if what not in _SIZES:
            servers = Servers(settings)
            for place, used in (("chat.example.org", 3.0), ("192.168.1.20", 2.0), ("localhost", 1.0)):
                servers.used(Address("chat", place), "alice", used)
            servers.set_favourite(servers.all[0], favourite=True)

        async def take() -> None:
            place = Path(folder)
            os.environ["HOME"] = folder
            app = App(settings, _known_servers(place), str(place / "Downloads" / "chatcore"))
            if what in _SIZES:
                picture = await _main_window(app, language, place, files=what == "files", size=_SIZES[what])
            else:
                picture = await _connect_dialog(app, what)
            picture.save(file, "PNG", 0)  # 0: as small as it gets

        loop.run_until_complete(take())


if __name__ == "__main__":
    main()
