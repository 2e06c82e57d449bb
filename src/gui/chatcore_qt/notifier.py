"""Desktop notifications, where the system has a place for them. The texts are plain, whatever they contain."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from chatcore.text.safe_text import safe_text
from chatcore_qt.presenters.conversation.notifications import Attention, notification
from chatcore_qt.settings import Settings
from chatcore_qt.widgets.icons import app_icon


class Notifier(QObject):
    """Tells the user of mentions and direct messages while the window is in the background."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._tray: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(app_icon(), self)
            self._tray.setToolTip("chatcore")
            self._tray.activated.connect(self._raise)
            self._tray.messageClicked.connect(self._raise)
            self._tray.show()

    def tell(self, heard: list[Attention]) -> None:
        """Tell what was said, in one notification."""
        told = notification(heard)
        if told is None or not self._settings.flag("notify", True):
            return
        QApplication.alert(self._window)
        if self._tray is not None and self._tray.supportsMessages():
            self._tray.showMessage(unmarked(told.title), unmarked(told.text), app_icon())

    def _raise(self) -> None:
        self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()


def unmarked(text: str) -> str:
    """Return a text that a desktop which understands markup in notifications shows as it is."""
    return safe_text(text).replace("&", "＆").replace("<", "‹").replace(">", "›")
