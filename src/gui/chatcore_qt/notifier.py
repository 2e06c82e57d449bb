"""Desktop notifications, where the system has a place for them. The texts are plain, whatever they contain."""

from __future__ import annotations

from typing import Any, Final, Protocol

from PyQt6.QtCore import QMetaType, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtDBus import QDBusArgument, QDBusConnection, QDBusMessage
from PyQt6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from chatcore.text.safe_text import safe_text
from chatcore_qt.presenters.conversation.notifications import Attention, notification
from chatcore_qt.presenters.preferences import Preferences
from chatcore_qt.widgets.icons import app_icon

_BUS: Final = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")


class Outlet(Protocol):
    """What can be done to reach somebody who looks elsewhere."""

    pause: int
    """Milliseconds from one notification to the next; what comes meanwhile is told with that."""

    def show(self, title: str, text: str) -> None:
        """Show a notification."""
        ...

    def ring(self) -> None:
        """Make a sound."""
        ...


class SystemOutlet(QObject):
    """The tray of the desktop; without one, its notification service (the specification of freedesktop.org).

    Args:
        parent: the window.
        bus: where that service is; the user's session bus when left out.
    """

    clicked = pyqtSignal()
    pause = 2000

    def __init__(self, parent: QObject | None = None, bus: QDBusConnection | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._tray: QSystemTrayIcon | None = None
        if bus is None and QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip("chatcore")
            self._tray.activated.connect(self.clicked)
            self._tray.messageClicked.connect(self.clicked)
            self._tray.show()

    def show(self, title: str, text: str) -> None:
        """Show a notification, if there is anything that can."""
        if self._tray is not None and self._tray.supportsMessages():
            self._tray.showMessage(title, text, app_icon())
            return
        bus = self._bus or QDBusConnection.sessionBus()
        if bus.isConnected():
            call = QDBusMessage.createMethodCall(*_BUS, "Notify")
            hints = {"desktop-entry": "chatcore"}
            number, actions = _typed(0, QMetaType.Type.UInt), _typed([], QMetaType.Type.QStringList)
            call.setArguments(["chatcore", number, "chatcore", title, text, actions, hints, -1])
            bus.send(call)

    def ring(self) -> None:
        """Let the system make its sound."""
        QApplication.beep()


class Notifier(QObject):
    """Tells the user what happens while the window is in the background.

    Args:
        window: the main window.
        preferences: whether there is a sound too; what is told at all is decided before.
        outlet: where it is told.
    """

    def __init__(self, window: QMainWindow, preferences: Preferences, outlet: Outlet | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        if outlet is None:
            outlet = SystemOutlet(self)
            outlet.clicked.connect(self._raise)
        self._outlet = outlet
        self._waiting: list[Attention] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(outlet.pause)
        self._pause.timeout.connect(self._tell)

    def tell(self, heard: list[Attention]) -> None:
        """Tell what was said, in one notification; not at once after another one."""
        self._waiting += heard
        if not self._pause.isActive():
            self._tell()

    def _tell(self) -> None:
        told = notification(self._waiting)
        self._waiting = []
        if told is None:
            return
        self._pause.start()
        QApplication.alert(self._window)
        self._outlet.show(unmarked(told.title), unmarked(told.text))
        if self._preferences.sounds:
            self._outlet.ring()

    def _raise(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


def unmarked(text: str) -> str:
    """Return a text that a desktop which understands markup in notifications shows as it is."""
    return safe_text(text).replace("&", "＆").replace("<", "‹").replace(">", "›")


def _typed(value: object, kind: Any) -> QDBusArgument:
    argument = QDBusArgument()
    argument.add(value, kind.value)
    return argument
