"""The door for texts in widgets: whoever wrote them, they are no HTML and steer nothing."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from chatcore.text.safe_text import safe_text


class Label(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, a0: str | None) -> None:
        """Show another text."""
        super().setText(safe_text(a0 or "", keep_layout=True))
