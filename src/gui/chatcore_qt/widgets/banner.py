"""What the window says across a conversation, above it or below, with what can be done about it."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QFrame, QPushButton, QVBoxLayout, QWidget

from chatcore_qt.widgets.basics import ButtonRow, Scrolled, WrappedLabel


class Banner(QWidget):
    """A coloured area with a text and buttons; it is there while it has something to say."""

    def __init__(self, look: str, *buttons: QPushButton, below: int = 0) -> None:
        """Show nothing yet; `look` is a name of the style sheet, `below` how many points are left free there."""
        super().__init__()
        self.text = WrappedLabel()
        area = QFrame()
        area.setObjectName(look)
        self._within = QBoxLayout(QBoxLayout.Direction.LeftToRight, area)
        self._within.setContentsMargins(16, 8, 8, 8)
        self._within.setSpacing(8)
        self._within.addWidget(Scrolled(self.text), 1)
        self._buttons = ButtonRow(*buttons)
        self._within.addLayout(self._buttons)
        # Aligned, or the area would be no higher than they are.
        self._within.setAlignment(self._buttons, Qt.AlignmentFlag.AlignVCenter)
        self._around = QVBoxLayout(self)
        self._around.setContentsMargins(16, 8, 16, below)
        self._around.addWidget(area)
        self.hide()

    def say(self, text: str) -> None:
        """Say something; nothing is said by an empty text."""
        self.text.setText(text)
        self.setVisible(bool(text))
        self._turn()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Put the buttons below where they would leave the text less room than they take, or make all of it higher."""
        super().resizeEvent(a0)
        self._turn()

    def _turn(self) -> None:
        beside, whole = self.width() - self._buttons.needed, self.width()
        narrow = beside < self._buttons.needed or (
            self.text.heightForWidth(beside) > self.text.heightForWidth(whole) + self._buttons.sizeHint().height()
        )
        around, within = self._around.contentsMargins(), self._within.contentsMargins()
        self._buttons.fit(whole - around.left() - around.right() - within.left() - within.right())
        self._within.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
