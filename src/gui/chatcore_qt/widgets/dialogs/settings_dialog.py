"""The settings in one place. Each counts at once, and is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from chatcore.text.safe_text import safe_name
from chatcore_qt import theme
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.preferences import NOTIFY, TIMES, Notify, Times
from chatcore_qt.settings import Settings
from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate
from chatcore_qt.theme import THEMES
from chatcore_qt.widgets.basics import FRAME, Choice, Tick, label

SMALLEST: Final = -3
LARGEST: Final = 12
_MARGIN: Final = 24
NOTIFY_TEXTS: Final[dict[Notify, str]] = {
    "all": QT_TRANSLATE_NOOP("Settings", "All messages"),
    "mentions": QT_TRANSLATE_NOOP("Settings", "Mentions of me"),
    "none": QT_TRANSLATE_NOOP("Settings", "Nothing"),
}
_TIME_TEXTS: Final[dict[Times, str]] = {
    "first": QT_TRANSLATE_NOOP("Settings", "Beside the first of several messages"),
    "each": QT_TRANSLATE_NOOP("Settings", "Beside each message"),
    "none": QT_TRANSLATE_NOOP("Settings", "Nowhere"),
}


class SettingsDialog(QDialog):
    """Shows what can be chosen.

    Args:
        conversations: which room is shown, and what the user prefers.
        settings: the rest of what is remembered: the theme.
        parent: the window.
    """

    def __init__(self, conversations: Conversations, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Settings", "Settings"))
        self._conversations = conversations
        self._preferences = conversations.preferences
        self._settings = settings
        self._fields = QFrame()
        self._fields.setObjectName("form")
        within = QVBoxLayout(self._fields)
        within.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, 16)
        within.setSpacing(12)
        self._looks(within)
        self._notices(within)
        shown = conversations.shown
        if shown is not None and shown.kind == "room":
            self._of_room(within, shown)
        within.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(self._fields)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = self._area.verticalScrollBar()
        assert bar is not None
        self._bar = bar
        self._close = QPushButton(translate("Settings", "Close"))
        self._close.setDefault(True)
        self._close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(_MARGIN, 0, _MARGIN, 16)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        theme.signals.changed.connect(self._fit)  # the text's size is one of the settings
        self._fit()

    def _fit(self) -> None:
        """Be no larger than the screen: the fields stand below their headings or scroll, and the button is in sight."""
        screen = self.screen()
        room = self.maximumSize() if screen is None else screen.availableSize() - FRAME
        self._arrange(narrow=False)
        if self._fields.sizeHint().width() > room.width():
            self._arrange(narrow=True)
        wanted = self._fields.sizeHint() + QSize(self._bar.sizeHint().width(), self._close.sizeHint().height() + 28)
        self._area.setMinimumWidth(min(wanted.width(), room.width()))
        self.resize(wanted.boundedTo(room))

    def _arrange(self, *, narrow: bool) -> None:
        """Put the fields beside their headings, or below them."""
        policy = QFormLayout.RowWrapPolicy
        for form in self._fields.findChildren(QFormLayout):
            form.setRowWrapPolicy(policy.WrapAllRows if narrow else policy.DontWrapRows)
        headings = [each for each in self._fields.findChildren(QLabel) if each.buddy() is not None]
        widest = max(each.sizeHint().width() for each in headings)
        for heading in headings:
            field = heading.buddy()
            assert field is not None
            heading.setMinimumWidth(0 if narrow else widest)  # one column of fields, although these are several forms
            heading.setMinimumHeight(0 if narrow else field.sizeHint().height())

    # Its parts.

    def _looks(self, layout: QVBoxLayout) -> None:
        system = translate("Settings", "As the system has it")
        self.theme = Choice()
        for name, text in zip(
            THEMES, (system, translate("Settings", "Light"), translate("Settings", "Dark")), strict=True
        ):
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(THEMES.index(self._settings.theme))
        self.theme.currentIndexChanged.connect(self._set_theme)
        self.language = self._choice(
            [("", system), ("en", "English"), ("fr", "Français")], self._preferences.language, self._set("language")
        )
        sizes = [
            (size, f"{size:+d}" if size else translate("Settings", "Usual")) for size in range(SMALLEST, LARGEST + 1)
        ]
        self.text_size = self._choice(sizes, self._preferences.text_size, self._set("text_size"))
        times = [(name, translate("Settings", _TIME_TEXTS[name])) for name in TIMES]
        self.times = self._choice(times, self._preferences.times, self._set("times"))
        form = _form(layout)
        _row(form, translate("Settings", "Theme"), self.theme)
        _row(form, translate("Settings", "Language (from the next start on)"), self.language)
        _row(form, translate("Settings", "Text size"), self.text_size)
        _row(form, translate("Settings", "Times"), self.times)
        self.presence = self._box(translate("Settings", "Show who comes and goes"), "presence")
        self.to_end = self._box(translate("Settings", "Sending shows the newest message"), "sending_goes_to_end")
        layout.addWidget(self.presence)
        layout.addWidget(self.to_end)

    def _notices(self, layout: QVBoxLayout) -> None:
        layout.addSpacing(8)
        layout.addWidget(label(translate("Settings", "Notifications, while you look elsewhere"), "heading"))
        choices = [(name, translate("Settings", NOTIFY_TEXTS[name])) for name in NOTIFY]
        self.notify = self._choice(choices, self._preferences.notify, self._set("notify"))
        _row(_form(layout), translate("Settings", "Of rooms"), self.notify)
        self.sounds = self._box(translate("Settings", "With a sound"), "sounds")
        self.do_not_disturb = self._box(
            translate("Settings", "Do not disturb: no notifications at all"), "do_not_disturb"
        )
        layout.addWidget(self.sounds)
        layout.addWidget(self.do_not_disturb)

    def _of_room(self, layout: QVBoxLayout, room: Conversation) -> None:
        place, preferences = self._conversations.place, self._preferences
        layout.addSpacing(8)
        layout.addWidget(label(translate("Settings", "In {room}").format(room=safe_name(room.name)), "heading"))
        choices: list[tuple[Notify | None, str]] = [(None, translate("Settings", "As in other rooms"))]
        choices += [(name, translate("Settings", NOTIFY_TEXTS[name])) for name in NOTIFY]
        self.room_notify = self._choice(
            choices,
            preferences.chosen_for(place, room.name),
            lambda chosen: preferences.choose_for(place, room.name, chosen),
        )
        text = translate("Settings", "Notifications of this room")
        _row(_form(layout), text, self.room_notify)
        self.room_presence = Tick(translate("Settings", "Show who comes and goes in this room"))
        self.room_presence.setChecked(not preferences.hides_presence(place, room.name))
        self.room_presence.toggled.connect(lambda on: self._conversations.hide_presence(room, not on))
        # What holds everywhere turns round what is an exception.
        self.presence.toggled.connect(
            lambda: self.room_presence.setChecked(not preferences.hides_presence(place, room.name))
        )
        layout.addWidget(self.room_presence)

    def _choice(self, choices: list[tuple[Any, str]], chosen: object, choose: Callable[[Any], object]) -> Choice:
        made = Choice()
        for value, text in choices:
            made.addItem(text, value)
        made.setCurrentIndex(next((at for at, (value, _text) in enumerate(choices) if value == chosen), 0))
        made.currentIndexChanged.connect(lambda at: choose(choices[at][0]))
        return made

    def _box(self, text: str, name: str) -> Tick:
        made = Tick(text)
        made.setChecked(getattr(self._preferences, name))
        made.toggled.connect(self._set(name))
        return made

    def _set(self, name: str) -> Callable[[Any], None]:
        return lambda value: self._preferences.set(name, value)

    def _set_theme(self) -> None:
        app = QApplication.instance()
        self._settings.theme = self.theme.currentData()
        if isinstance(app, QApplication):
            theme.apply(app, self._settings.theme)


def _form(layout: QVBoxLayout) -> QFormLayout:
    made = QFormLayout()
    made.setSpacing(12)
    layout.addLayout(made)
    return made


def _row(form: QFormLayout, text: str, field: QWidget) -> None:
    heading = label(text)
    heading.setBuddy(field)
    field.setAccessibleName(text)
    form.addRow(heading, field)
