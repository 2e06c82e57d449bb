"""The real window's settings: what is chosen is obeyed at once, and kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, pyqtClassInfo, pyqtSlot
from PyQt6.QtDBus import QDBusConnection
from PyQt6.QtWidgets import QScrollArea

from chatcore_qt.notifier import Notifier, SystemOutlet
from chatcore_qt.widgets.dialogs.settings_dialog import LARGEST, SettingsDialog
from tests.integration.gui.desktop import Desktop, Heard, Host, until


def settings(desktop: Desktop) -> SettingsDialog:
    """Open the settings."""
    desktop.press("Ctrl+,")
    return next(one for one in reversed(desktop.window.findChildren(SettingsDialog)) if one.isVisible())


def looks_elsewhere(desktop: Desktop) -> Heard:
    """Let another window than the app's be the one that the user looks at; return what they hear then."""
    desktop.app.chat.conversations.set_seen(focused=False, at_end=True)
    return desktop.heard


def choose(field: object, value: object) -> None:
    """Choose something in a field."""
    field.setCurrentIndex(field.findData(value))  # type: ignore[attr-defined]


def times(desktop: Desktop) -> list[bool]:
    """Return whether the messages on the screen have a time."""
    view = desktop.window.conversation.view.messages
    view.viewport().grab()
    return [one.row.time is not None for one in view._shown if hasattr(one.row.entry, "sender")]


async def test_times_are_shown_as_wanted(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    for text in ("one", "two", "three"):
        await bob.send(text)
    await until(lambda: len(desktop.said()) == 3)
    assert times(desktop) == [True, False, False]
    dialog = settings(desktop)
    choose(dialog.times, "each")
    assert times(desktop) == [True, True, True]
    choose(dialog.times, "none")
    assert times(desktop) == [False, False, False]
    dialog.accept()
    assert desktop.settings.load_preferences().times == "none"


async def test_rooms_notify_of_mentions_unless_more_or_less_is_wanted(host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    seen = looks_elsewhere(desktop)
    await bob.send("nothing special")
    await bob.send("alice: look")
    await until(lambda: seen.shown)
    assert seen.shown == [("bob mentioned you in lobby", "alice: look")]
    dialog = settings(desktop)
    choose(dialog.room_notify, "none")
    await bob.send("alice: not now")
    await until(lambda: len(desktop.said()) == 3)
    choose(dialog.room_notify, "all")
    await bob.send("anything")
    await until(lambda: len(seen.shown) == 2)
    assert seen.shown[1] == ("bob in lobby", "anything")
    dialog.accept()
    kept = desktop.settings.load_preferences()
    assert (kept.notifies(host.address.place, "Lobby"), kept.notifies(host.address.place, "python")) == (
        "all",
        "mentions",
    )


async def test_room_menu_chooses_of_what_a_room_notifies(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    menu = desktop.window.rooms.menu(desktop.app.chat.rooms.rows[0])
    within = next(action.menu() for action in menu.actions() if action.menu() is not None)
    assert [action.text() for action in within.actions() if action.isChecked()] == ["As in other rooms"]
    next(action for action in within.actions() if action.text() == "Nothing").trigger()
    assert desktop.app.chat.preferences.notifies(host.address.place, "lobby") == "none"


async def test_nothing_disturbs_who_does_not_want_it_and_sounds_are_off_until_wanted(
    host: Host, desktop: Desktop
) -> None:
    bob = await host.guest("bob")
    await desktop.enter(host)
    seen = looks_elsewhere(desktop)
    await bob.send_direct("alice", "psst")
    await until(lambda: len(seen.shown) == 1)
    assert seen.rung == 0
    dialog = settings(desktop)
    dialog.do_not_disturb.click()
    dialog.sounds.click()
    assert desktop.window.actions_.do_not_disturb.isChecked()
    await bob.send_direct("alice", "alice?")
    await until(lambda: desktop.app.chat.conversations.unread_direct == 2)
    desktop.window.actions_.do_not_disturb.trigger()
    await bob.send_direct("alice", "alice!")
    await until(lambda: len(seen.shown) == 2)
    assert seen.shown[1] == ("Direct message from bob", "alice!")
    assert seen.rung == 1
    kept = desktop.settings.load_preferences()
    assert (kept.sounds, kept.do_not_disturb) == (True, False)


async def test_notifications_that_an_earlier_version_was_told_to_leave_stay_off(desktop: Desktop) -> None:
    desktop.settings.set_flag("notify", False)
    assert desktop.settings.load_preferences().do_not_disturb


async def test_what_is_hidden_in_one_room_is_chosen_in_the_settings_too(host: Host, desktop: Desktop) -> None:
    await desktop.enter(host)
    dialog = settings(desktop)
    dialog.room_presence.click()
    assert desktop.app.chat.preferences.quiet_rooms == [f"{host.address.place} lobby"]
    assert not desktop.window.actions_.presence.isChecked()
    dialog.presence.click()
    assert desktop.app.chat.preferences.hides_presence(host.address.place, "elsewhere")


@pyqtClassInfo("D-Bus Interface", "org.freedesktop.Notifications")
class NotificationService(QObject):
    """What a desktop runs to show notifications."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[str, str, str]] = []

    @pyqtSlot(str, "uint", str, str, str, "QStringList", "QVariantMap", int, result="uint")
    def Notify(
        self, app: str, _replaces: int, _icon: str, title: str, text: str, _actions: object, _hints: object, _ms: int
    ) -> int:
        """Show one."""
        self.shown.append((app, title, text))
        return 1


async def test_desktop_without_a_tray_is_told_over_its_bus() -> None:
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon",
        "--session",
        "--nofork",
        "--print-address",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert daemon.stdout is not None
        address = (await daemon.stdout.readline()).decode().strip()
        service = NotificationService()
        theirs, ours = (QDBusConnection.connectToBus(address, name) for name in ("desktop", "app"))
        assert theirs.registerService("org.freedesktop.Notifications")
        theirs.registerObject("/org/freedesktop/Notifications", service, QDBusConnection.RegisterOption.ExportAllSlots)
        SystemOutlet(bus=ours).show("bob in lobby", "hello")
        await until(lambda: service.shown)
        assert service.shown == [("chatcore", "bob in lobby", "hello")]
        for name in ("desktop", "app"):
            QDBusConnection.disconnectFromBus(name)
    finally:
        daemon.terminate()
        await daemon.wait()


@pytest.mark.parametrize("large", [True, False], ids=["over the whole screen", "usual"])
async def test_click_on_a_notification_shows_the_window_as_large_as_it_was(large: bool, desktop: Desktop) -> None:
    """Also where it was minimized."""
    await desktop.start()
    window = desktop.window
    (window.showMaximized if large else window.showNormal)()
    window.showMinimized()
    await until(window.isMinimized)
    notifier = Notifier(window, desktop.app.chat.preferences)
    notifier.findChild(SystemOutlet).clicked.emit()
    await until(lambda: not window.isMinimized())
    assert (window.isVisible(), window.isMaximized()) == (True, large)


@pytest.mark.parametrize("before", [True, False], ids=["at the start", "while it is open"])
async def test_settings_fit_on_the_screen_with_the_largest_text(host: Host, desktop: Desktop, before: bool) -> None:
    await desktop.enter(host)
    if before:
        desktop.app.chat.preferences.set("text_size", LARGEST)
    dialog = settings(desktop)
    choose(dialog.text_size, LARGEST)
    area = next(iter(dialog.findChildren(QScrollArea)))
    screen = dialog.screen().availableSize()
    await until(lambda: not area.horizontalScrollBar().isVisible())
    assert dialog.frameGeometry().width() <= screen.width()
    assert dialog.frameGeometry().height() <= screen.height()
    choose(dialog.text_size, 0)


async def test_two_windows_keep_what_was_chosen_in_each_and_the_servers_of_both(host: Host, tmp_path: Path) -> None:
    async with Desktop(tmp_path) as one, Desktop(tmp_path) as two:
        await one.enter(host, "alice")
        await two.enter(host, "bob")
        one.app.chat.preferences.set("times", "none")
        for desktop, room in ((one, "python"), (two, "lobby")):
            desktop.app.chat.preferences.hide_presence("host:1", room, hide=True)
            desktop.app.chat.preferences.choose_for("host:1", room, "all")
        two.app.chat.preferences.set("do_not_disturb", True)
        one.app.chat.preferences.hide_presence("host:1", "python", hide=False)
    kept = two.settings.load_preferences()
    assert (kept.times, kept.do_not_disturb, kept.quiet_rooms) == ("none", True, ["host:1 lobby"])
    assert kept.notify_rooms == {"host:1 python": "all", "host:1 lobby": "all"}
    assert {server.username for server in two.settings.load_servers()} == {"alice", "bob"}


async def test_settings_that_cannot_be_written_are_told_once_until_they_can_be(host: Host, desktop: Desktop) -> None:
    desktop.file.mkdir()
    await desktop.enter(host)

    def told() -> int:
        desktop.app.chat.conversations.flush()
        return sum(f"{desktop.file} cannot be written" in text for text in desktop.told())

    assert told() == 1
    desktop.window.set_theme("dark")
    assert told() == 1
    desktop.file.rmdir()
    desktop.window.set_theme("light")
    assert told() == 1
    assert "theme=light" in desktop.file.read_text()
    desktop.file.unlink()
    desktop.file.mkdir()
    desktop.app.chat.preferences.set("sounds", True)
    assert told() == 2
