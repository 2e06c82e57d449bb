"""`chatcore gui` as a program: it opens, talks, and ends in silence."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PyQt6.QtCore import QSettings

from chatcore import ChatServer, connect
from chatcore.events import Posted
from chatcore_qt.settings import Settings
from tests.integration.gui.desktop import Host
from tests.patience import PATIENCE
from tests.unit.cli.starting import CHATCORE, put_on_path


class Program:
    """A running `chatcore gui`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def end(self, number: int) -> tuple[int | None, str]:
        """Send a signal; return the exit code and everything that was complained of."""
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            out, err = await self.process.communicate()
        return self.process.returncode, (out + err).decode()


@asynccontextmanager
async def gui(folder: Path, *arguments: str, **environment: str) -> AsyncIterator[Program]:
    """Run `chatcore gui` with a home of its own; on a screen, the program itself, and elsewhere a fork."""
    names = ("PATH", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    usual = kept | {"HOME": str(folder), "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
    process = await asyncio.create_subprocess_exec(
        *(CHATCORE if "DISPLAY" in environment else [put_on_path(folder, usual, window=True)]),
        "gui",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=usual | environment,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def app_that_does(what: str, url: str, folder: Path) -> AsyncIterator[Program]:
    """Run the app as alice; it does something more as it connects."""
    code = f"""
import asyncio, sys, threading
from pathlib import Path
from PyQt6.QtCore import QTimer
from chatcore_qt.app import run
from chatcore_qt.presenters.connecting.address import Address
from chatcore_tls.known_servers import KnownServersFile

def fail():
    raise ValueError("unheard of")

class Sessions:
    def claim(self, place, name):
        {what}

sys.exit(run(Address.parse(sys.argv[1]), "alice", KnownServersFile(Path("known")), "downloads",
             screen_gone=sys.exit, settings_file=Path("settings.ini"), sessions=Sessions()))
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        url,
        cwd=folder,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def names(host: Host) -> set[str]:
    """Return who is on the server."""
    bob = host.guests.get("bob") or await host.guest("bob")
    return {user.name for user in await bob.list_users()}


async def logged_in(host: Host, name: str) -> None:
    """Wait until somebody is on the server."""
    async with asyncio.timeout(PATIENCE):
        while name not in await names(host):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signal_logs_out_and_ends_in_silence(host: Host, tmp_path: Path, number: int) -> None:
    """With the exit code that shells expect."""
    async with gui(tmp_path, host.address.url, "--username", "alice") as program:
        await logged_in(host, "alice")
        assert await program.end(number) == (128 + number, "")
        assert await names(host) == {"bob"}


async def test_window_that_was_killed_is_back_in_its_session_at_once(tmp_path: Path) -> None:
    """Nobody has to wait for the own name; the next window is in the room where the one before was."""
    async with ChatServer(port=0) as server, connect(server.urls[0], username="bob") as bob:
        await bob.create("tea")
        url = server.urls[0]
        for address in (f"{url.replace('ws', 'http', 1)}/#room=tea", url):
            async with gui(tmp_path, address, "--username", "alice") as program:
                async with asyncio.timeout(PATIENCE):
                    while ("alice", "tea") not in {(user.name, user.room) for user in await bob.list_users()}:
                        await asyncio.sleep(0.05)
                    while not (await bob.whois("alice")).connected:
                        await asyncio.sleep(0.05)
                await program.end(signal.SIGKILL)
                async with asyncio.timeout(PATIENCE):
                    while (await bob.whois("alice")).connected:
                        await asyncio.sleep(0.05)


async def test_program_ends_in_silence_when_the_server_is_gone(host: Host, tmp_path: Path) -> None:
    async with gui(tmp_path, host.address.url, "--username", "alice") as program:
        await logged_in(host, "alice")
        await host.stop()
        await asyncio.sleep(0)
        assert await program.end(signal.SIGTERM) == (143, "")


async def test_program_ends_in_silence_when_the_server_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}"
        async with gui(tmp_path, url, "--username", "alice") as program:
            async with asyncio.timeout(PATIENCE):
                connection, _address = await asyncio.to_thread(silent.accept)
            with connection:
                assert await program.end(signal.SIGTERM) == (143, "")


async def test_program_ends_although_a_disk_hangs(host: Host, tmp_path: Path) -> None:
    """What waits for it in a thread will never return."""
    hang = "asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)"
    async with app_that_does(hang, host.address.url, tmp_path) as program:
        await logged_in(host, "alice")
        assert (await program.end(signal.SIGTERM))[0] == 143
        assert await names(host) == {"bob"}


async def test_program_without_a_screen_says_so(tmp_path: Path) -> None:
    async with gui(tmp_path, QT_QPA_PLATFORM="") as program:
        _out, err = await program.process.communicate()
        assert program.process.returncode == 2
        assert err.decode().startswith("chatcore: There is no screen to open a window on")


async def test_address_that_is_none_is_refused(tmp_path: Path) -> None:
    async with gui(tmp_path, "gopher://host") as program:
        _out, err = await program.process.communicate()
        assert program.process.returncode == 2
        assert "gopher://host is not the address of a server; write it like 192.168.1.5, " in err.decode()


@pytest.mark.parametrize(
    ("screen", "sentence"),
    [
        ({"QT_QPA_PLATFORM": "", "DISPLAY": ":987"}, "No screen answers at :987, so no window can be opened; "),
        ({"QT_QPA_PLATFORM": "xcb"}, "No screen answers at xcb, "),
        ({"QT_QPA_PLATFORM": "", "WAYLAND_DISPLAY": "wayland-987"}, "No screen answers at wayland-987, "),
        ({"QT_QPA_PLATFORM": "nonsense"}, "QT_QPA_PLATFORM is nonsense, which Qt does not know here; "),
    ],
    ids=["no X server", "xcb without one", "no compositor", "no such platform"],
)
async def test_screen_that_cannot_be_used_is_one_sentence(
    screen: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    """And no abort of Qt's."""
    async with gui(tmp_path, **screen) as program:
        _out, err = await program.process.communicate()
        assert program.process.returncode == 2
        assert err.decode().startswith(f"chatcore: {sentence}")
        assert err.decode().count("\n") == 1


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            "ModuleNotFoundError('No module named PyQt6', name='PyQt6')",
            "The desktop app needs PyQt6, which is not installed here. To install it: make gui ARGS='--username alice'",
        ),
        (
            "ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')",
            "The desktop app needs libEGL.so.1, which is not on this computer; "
            "on Debian and Ubuntu: sudo apt install libegl1 ",
        ),
    ],
    ids=["no Qt", "no libEGL"],
)
async def test_program_without_qt_or_what_it_needs_says_how_to_get_it(
    failure: str, sentence: str, tmp_path: Path
) -> None:
    """In a checkout, make has a target for it."""
    (tmp_path / "PyQt6").mkdir()
    (tmp_path / "PyQt6" / "__init__.py").write_text(f"raise {failure}")
    async with gui(tmp_path, "--username", "alice", PYTHONPATH=str(tmp_path)) as program:
        _out, err = await program.process.communicate()
        assert program.process.returncode == 2
        assert err.decode().startswith(f"chatcore: {sentence}")
        assert err.decode().count("\n") == 1


@dataclass(frozen=True)
class Screen:
    """An X server."""

    display: str
    process: asyncio.subprocess.Process


@asynccontextmanager
async def screen(size: str = "1280x800") -> AsyncIterator[Screen]:
    """Run an X server."""
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        f"{size}x24",
        "-nolisten",
        "tcp",
        pass_fds=(writing,),
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield Screen(f":{(await asyncio.to_thread(answer.readline)).strip()}", process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def xdotool(display: str, *arguments: str) -> int | None:
    """Do something on the screen; return the exit code."""
    process = await asyncio.create_subprocess_exec(
        "xdotool", *arguments, env=os.environ | {"DISPLAY": display}, stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(PATIENCE):
        return await process.wait()


async def shows_the_lobby(display: str) -> None:
    """Wait until the window is there."""
    # Windows that come and go while it looks are errors for xdotool.
    while await xdotool(display, "search", "--sync", "--onlyvisible", "--name", "lobby"):
        pass


async def test_line_typed_on_a_real_screen_reaches_somebody_else(host: Host, tmp_path: Path) -> None:
    assert shutil.which("Xvfb"), "install xvfb, xdotool and the X libraries that Qt needs (scripts/setup lists them)"
    assert shutil.which("xdotool"), "install xdotool (scripts/setup lists it)"
    bob = await host.guest("bob")
    address = host.address
    async with screen() as shown:
        display = shown.display
        url = f"{address.scheme}://{address.place}"
        async with gui(tmp_path, url, "--username", "alice", DISPLAY=display, QT_QPA_PLATFORM="xcb") as program:
            await shows_the_lobby(display)
            await xdotool(display, "search", "--onlyvisible", "--name", "lobby", "windowfocus", "--sync")
            await xdotool(display, "type", "hello from a real screen")
            await xdotool(display, "key", "Return")
            async with asyncio.timeout(PATIENCE):
                posted = await anext(event async for event in bob if isinstance(event, Posted))
            assert posted.text == "hello from a real screen"
            assert await program.end(signal.SIGTERM) == (143, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_end_of_the_screen_logs_out_and_is_one_sentence(host: Host, tmp_path: Path, number: int) -> None:
    """What Qt does there by itself is to exit, in the middle of everything."""
    async with screen() as shown:
        url = f"{host.address.scheme}://{host.address.place}"
        async with gui(tmp_path, url, "--username", "alice", DISPLAY=shown.display, QT_QPA_PLATFORM="xcb") as program:
            await logged_in(host, "alice")
            await shows_the_lobby(shown.display)
            shown.process.send_signal(number)
            async with asyncio.timeout(PATIENCE):
                out, err = await program.process.communicate()
    assert (out + err).decode() == "chatcore: The screen that the window was on is gone, so you are logged out.\n"
    assert program.process.returncode == 1
    async with asyncio.timeout(PATIENCE):
        while await names(host) != {"bob"}:  # a store has to have it first
            await asyncio.sleep(0.01)
    last = Settings(QSettings(str(tmp_path / ".config/chatcore/chatcore.ini"), QSettings.Format.IniFormat))
    assert [server.username for server in last.load_servers()] == ["alice"]


async def test_window_is_no_larger_than_a_small_screen(tmp_path: Path) -> None:
    """Nor are its dialogs, nor a window that was larger on the screen of last time."""
    code = """
import asyncio, sys
from pathlib import Path
from PyQt6.QtCore import QSettings
from PyQt6.QtWidgets import QApplication
from chatcore_qt.app import App, make_application
from chatcore_qt.event_loop import Loop
from chatcore_qt.settings import Settings
from chatcore_qt.widgets.dialogs.small import ShortcutsDialog
from chatcore_tls.known_servers import KnownServersFile

async def look():
    app = App(settings, KnownServersFile(Path("known")), "downloads")
    window = app.window
    window.show()
    window.open_connect_dialog()
    window.open_jump()
    ShortcutsDialog(window.actions_.all, window).open()
    await asyncio.sleep(0)
    for shown in QApplication.topLevelWidgets():
        if shown.isVisible() and shown.isWindow():
            assert screen.contains(shown.frameGeometry()), (shown, shown.frameGeometry())
            print(type(shown).__name__)
    window.resize(3000, 3000)
    settings.set_bytes("geometry", window.saveGeometry())
    window.hide()

application = make_application(["x"])
screen = application.primaryScreen().availableGeometry()
settings = Settings(QSettings("settings.ini", QSettings.Format.IniFormat))
with Loop(application) as loop:
    loop.run_until_complete(look())
    loop.run_until_complete(look())
"""
    async with screen("800x600") as small:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            cwd=tmp_path,
            env=os.environ | {"DISPLAY": small.display, "QT_QPA_PLATFORM": "xcb"},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert out.decode().split().count("MainWindow") == 2
    assert {"ConnectDialog", "ShortcutsDialog", "JumpDialog"} <= set(out.decode().split())


async def test_every_button_of_every_dialog_is_within_reach_on_a_small_screen_in_french(tmp_path: Path) -> None:
    code = """
import asyncio
from pathlib import Path
from PyQt6.QtCore import QLocale, QPoint, QRect, QSettings
from PyQt6.QtWidgets import QAbstractButton, QApplication
from chatcore_qt import i18n
from chatcore_qt.app import App, make_application
from chatcore_qt.event_loop import Loop
from chatcore_qt.presenters.connecting.address import Address
from chatcore_qt.presenters.connecting.form import CertificateQuestion
from chatcore_qt.presenters.connecting.trust import Encryption
from chatcore_qt.settings import Settings
from chatcore_qt.widgets.dialogs.small import EncryptionDialog, LeaveQuestion, ShortcutsDialog
from chatcore_tls.known_servers import KnownServersFile

LONG = "Encore une phrase qui prend de la place, comme les traductions le font volontiers. " * 4

async def look():
    app = App(settings, KnownServersFile(Path("known")), "downloads")
    window = app.window
    window.show()
    form = app.connecting
    window.open_connect_dialog()
    for server in ("host", "elsewhere.example.org"):
        form.servers.used(Address("quic", server), "alice", 1.0)
    form.question = CertificateQuestion("host:8765", "ab" * 32, "cd" * 32)
    form.errors = {"host": LONG, "username": LONG, "transport": LONG, "form": LONG}
    form.changed.emit()
    window.open_create_room()
    window.open_jump()
    EncryptionDialog("QUIC", Encryption(LONG, "ab" * 32), window).open()
    LeaveQuestion(LONG + LONG, window).open()
    ShortcutsDialog(window.actions_.all, window).open()
    for _turn in range(20):
        await asyncio.sleep(0.01)
    for shown in QApplication.topLevelWidgets():
        if shown.isVisible() and shown.isWindow():
            assert screen.contains(shown.frameGeometry()), (shown, shown.frameGeometry())
            for button in shown.findChildren(QAbstractButton):
                if button.isVisible() and button.window() is shown and not scrolls(button):
                    place = QRect(button.mapToGlobal(QPoint(0, 0)), button.size())
                    assert screen.contains(place), (shown, button.text(), place)
                    assert QRect(shown.mapToGlobal(QPoint(0, 0)), shown.size()).contains(place), (shown, button.text())
            print(type(shown).__name__)

def scrolls(button):
    area = window_of(button, "QScrollArea")
    return area is not None and area.verticalScrollBar().maximum() > 0

def window_of(widget, kind):
    while widget is not None and type(widget).__name__ != kind:
        widget = widget.parentWidget()
    return widget

application = make_application(["x"])
i18n.install(application, QLocale("fr"))
screen = application.primaryScreen().availableGeometry()
settings = Settings(QSettings("settings.ini", QSettings.Format.IniFormat))
with Loop(application) as loop:
    loop.run_until_complete(look())
"""
    async with screen("800x600") as small:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            cwd=tmp_path,
            env=os.environ | {"DISPLAY": small.display, "QT_QPA_PLATFORM": "xcb"},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert {"ConnectDialog", "CreateRoomDialog", "JumpDialog", "EncryptionDialog", "LeaveQuestion"} <= set(
        out.decode().split()
    )
