"""One file in the window: its name, what is to be said of it, how far it is, and what can be done."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QSize, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from chatcore_qt import theme
from chatcore_qt.labels import Label
from chatcore_qt.pictures import may_be_picture
from chatcore_qt.presenters.entries.visible import visible
from chatcore_qt.presenters.files import texts as file_texts
from chatcore_qt.presenters.files.card import FileCard
from chatcore_qt.presenters.files.cards import FileCards
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import ButtonRow, ElidedLabel, IconButton, label, restyle
from chatcore_qt.widgets.files.picture_view import PictureView
from chatcore_qt.widgets.icons import check, cross, exclamation, icon, incoming, outgoing

_WORDS: Final = 240
"""How much room is left beside the buttons at least; where there is less they stand below."""
_BESIDE: Final = 12
"""Free inside, on either side."""
_STEPS: Final = 1000
_SIGN: Final = 36


class FileCardWidget(QFrame):
    """Shows a `FileCard`."""

    done_with = pyqtSignal()
    """One of its buttons was pressed, or had the keyboard, and may be gone now."""

    def __init__(self, files: FileCards, card: FileCard) -> None:
        super().__init__()
        self.setObjectName("file")
        self._files = files
        self.card = card
        self._sign = Label()
        self._sign.setObjectName("sign")
        self._sign.setFixedSize(_SIGN, _SIGN)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.name = ElidedLabel(Qt.TextElideMode.ElideMiddle, "title")
        self.detail = label(role="muted", wrap=True)
        self.speed = label(role="muted")
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.accept = self._button(translate("Files", "Accept"), files.accept, primary=True)
        self.decline = self._button(translate("Files", "Decline"), files.decline)
        self.cancel = self._button(translate("Files", "Cancel"), files.cancel)
        self.retry = self._button(translate("Files", "Try again"), files.retry)
        self.picture = PictureView(files)
        self.show_picture = self._button(translate("Files", "Show the picture"), self._show_picture)
        self.open_folder = self._button(translate("Files", "Open folder"), self._open_folder)
        self.dismiss = IconButton(cross, translate("Files", "Take off the list"))
        self.dismiss.clicked.connect(lambda: self._pressed(files.dismiss))
        self._layout()
        theme.signals.changed.connect(self._colour)
        self.show_card()

    def _button(self, text: str, what: Callable[[FileCard], None], *, primary: bool = False) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("primary", primary)
        made.clicked.connect(lambda: self._pressed(what))
        return made

    def _layout(self) -> None:
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(8)
        row.addWidget(self.detail, 1)
        row.addWidget(self.speed, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.name)
        words.addLayout(row)
        words.addSpacing(2)
        words.addWidget(self.bar)
        words.addWidget(self.picture)
        left = QHBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        left.addLayout(words, 1)
        buttons = ButtonRow(
            self.accept,
            self.decline,
            self.cancel,
            self.retry,
            self.show_picture,
            self.open_folder,
            self.dismiss,
        )
        outer = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        outer.setContentsMargins(_BESIDE, 8, _BESIDE, 8)
        outer.setSpacing(12)
        outer.addLayout(left, 1)
        outer.addLayout(buttons)
        self._buttons = buttons
        self._turning = (row, outer)
        """What stands side by side where there is room."""

    def show_card(self) -> None:
        """Show the file as it is now."""
        card = self.card
        state = card.state
        name, detail = visible(card.name, lines=False), file_texts.detail(card, connected=self._files.connected)
        self.name.show_text(name)
        self.detail.setText(detail)
        if self.detail.property("role") != (role := "error" if state == "failed" else "muted"):
            self.detail.setProperty("role", role)
            restyle(self.detail)
        speed = file_texts.speed_text(card)
        self.speed.setText(speed)
        self.speed.setVisible(bool(speed))
        self.bar.setVisible(bool(card.moving))
        self.bar.setValue(round(card.progress * _STEPS))
        self.bar.setAccessibleName(translate("Files", "Progress of {name}").format(name=name))
        if self.bar.property("waiting") != (waiting := state == "paused"):
            self.bar.setProperty("waiting", waiting)
            restyle(self.bar)
        wanted = (
            (self.accept, card.to_answer),
            (self.decline, card.to_answer),
            (self.cancel, card.can_cancel),
            (self.retry, card.can_retry),
            (self.show_picture, may_be_picture(card.place) and self.picture.isHidden()),
            (self.open_folder, bool(card.place)),
            (self.dismiss, card.over),
        )
        # Qt would give the keyboard to whatever comes next, where Space does something else.
        done_with = any(button.hasFocus() and not shown for button, shown in wanted)
        for button, shown in wanted:
            button.setVisible(shown)
            button.setAccessibleDescription(name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(detail)
        self._colour()
        self._turn()
        if done_with:
            self.done_with.emit()

    def _colour(self) -> None:
        colours = theme.current()
        draw, colour = {
            "done": (check, colours.success),
            "failed": (exclamation, colours.error),
        }.get(self.card.state, (outgoing if self.card.sending else incoming, colours.accent))
        self._sign.setPixmap(icon(draw, colour).pixmap(QSize(16, 16), self.devicePixelRatioF()))

    def _pressed(self, what: Callable[[FileCard], None]) -> None:
        what(self.card)
        self.done_with.emit()

    def _show_picture(self, card: FileCard) -> None:
        self.picture.load(card.place, visible(card.name, lines=False))
        self.show_picture.hide()

    def _open_folder(self, card: FileCard) -> None:
        open_folder(os.path.dirname(card.place))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Put the buttons below where there is no room beside."""
        super().resizeEvent(a0)
        self._turn()

    def _turn(self) -> None:
        narrow = self.width() - self._buttons.needed < _WORDS
        self._buttons.fit(self.width() - 2 * _BESIDE)
        for layout in self._turning:
            layout.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)


def open_folder(path: str) -> None:
    """Show a folder of this machine: never a file, which somebody else has sent."""
    if os.path.isdir(path):
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def local_files(urls: list[QUrl]) -> list[str]:
    """Return the paths of the files of this machine among some addresses."""
    return [url.toLocalFile() for url in urls if url.isLocalFile()]


class DropHint(QFrame):
    """Says over the conversation what happens to files that are dropped there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = label()
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        self.hide()
