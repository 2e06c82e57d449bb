"""The settings in one place. Each counts at once, and is kept."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QCheckBox, QDialog, QFormLayout, QPushButton, QVBoxLayout, QWidget

from chatcore_qt import theme
from chatcore_qt.presenters.preferences import Preferences
from chatcore_qt.settings import Settings
from chatcore_qt.texts import translate
from chatcore_qt.theme import THEMES
from chatcore_qt.widgets.basics import Choice, label

SMALLEST: Final = -3
LARGEST: Final = 12


class SettingsDialog(QDialog):
    """Shows what can be chosen.

    Args:
        preferences: what the user prefers.
        settings: the rest of what is remembered: theme, notifications.
        parent: the window.
    """

    def __init__(self, preferences: Preferences, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Settings", "Settings"))
        self._preferences = preferences
        self._settings = settings
        self.theme = Choice()
        names = (translate("Settings", "As the system has it"), translate("Settings", "Light"))
        for name, text in zip(THEMES, (*names, translate("Settings", "Dark")), strict=True):
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(THEMES.index(settings.theme))
        self.theme.currentIndexChanged.connect(self._set_theme)
        self.language = Choice()
        for code, text in (("", names[0]), ("en", "English"), ("fr", "Français")):
            self.language.addItem(text, code)
        self.language.setCurrentIndex(max(0, self.language.findData(preferences.language)))
        self.language.currentIndexChanged.connect(lambda: preferences.set("language", self.language.currentData()))
        self.text_size = Choice()
        for size in range(SMALLEST, LARGEST + 1):
            self.text_size.addItem(f"{size:+d}" if size else translate("Settings", "Usual"), size)
        self.text_size.setCurrentIndex(self.text_size.findData(preferences.text_size))
        self.text_size.currentIndexChanged.connect(lambda: preferences.set("text_size", self.text_size.currentData()))
        self.presence = self._box(translate("Settings", "Show who comes and goes"), "presence")
        self.to_end = self._box(translate("Settings", "Sending shows the newest message"), "sending_goes_to_end")
        self.notify = QCheckBox(translate("Settings", "Notifications of mentions and direct messages"))
        self.notify.setChecked(settings.flag("notify", True))
        self.notify.toggled.connect(lambda on: settings.set_flag("notify", on))
        form = QFormLayout()
        form.setSpacing(12)
        for text, field in (
            (translate("Settings", "Theme"), self.theme),
            (translate("Settings", "Language (from the next start on)"), self.language),
            (translate("Settings", "Text size"), self.text_size),
        ):
            heading = label(text)
            heading.setBuddy(field)
            heading.setMinimumHeight(field.sizeHint().height())
            field.setAccessibleName(text)
            form.addRow(heading, field)
        close = QPushButton(translate("Settings", "Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addLayout(form)
        for box in (self.presence, self.to_end, self.notify):
            layout.addWidget(box)
        layout.addSpacing(8)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _box(self, text: str, name: str) -> QCheckBox:
        made = QCheckBox(text)
        made.setChecked(getattr(self._preferences, name))
        made.toggled.connect(lambda on: self._preferences.set(name, on))
        return made

    def _set_theme(self) -> None:
        app = QApplication.instance()
        self._settings.theme = self.theme.currentData()
        if isinstance(app, QApplication):
            theme.apply(app, self._settings.theme)
