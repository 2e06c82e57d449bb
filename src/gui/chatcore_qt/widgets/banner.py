"""What the window says across a conversation, above it or below, with what can be done about it."""

from __future__ import annotations

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from chatcore_qt.widgets.basics import label


class Banner(QWidget):
    """A coloured area with a text and buttons; it is there while it has something to say."""

    def __init__(self, look: str, *buttons: QPushButton, below: int = 0) -> None:
        """Show nothing yet; `look` is a name of the style sheet, `below` how many points are left free there."""
        super().__init__()
        self.text = label(wrap=True)
        area = QFrame()
        area.setObjectName(look)
        within = QHBoxLayout(area)
        within.setContentsMargins(16, 8, 8, 8)
        within.setSpacing(8)
        within.addWidget(self.text, 1)
        for button in buttons:
            within.addWidget(button)
        around = QVBoxLayout(self)
        around.setContentsMargins(16, 8, 16, below)
        around.addWidget(area)
        self.hide()

    def say(self, text: str) -> None:
        """Say something; nothing is said by an empty text."""
        self.text.setText(text)
        self.setVisible(bool(text))
