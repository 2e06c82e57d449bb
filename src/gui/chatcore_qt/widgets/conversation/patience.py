"""A line that counts the seconds while the server asks for patience."""

from __future__ import annotations

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import Scrolled, WrappedLabel

_TICK_MS = 250


class PatienceLine(QWidget):
    """Shows for how long the server wants nothing more; nothing while it takes what comes."""

    def __init__(self, chat: ChatPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chat = chat
        self.text = WrappedLabel()
        self.text.setProperty("role", "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 4, 16, 0)
        layout.addWidget(Scrolled(self.text))
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.look)
        # Nothing tells when the server asks for it: it is looked for as long as something has no answer.
        chat.asked.connect(self._tick.start)
        chat.conversations.outbox.changed.connect(self._tick.start)
        self.look()

    def look(self) -> None:
        """Show how it is now."""
        seconds = self._chat.patience
        text = translate(
            "ConversationPane",
            "The server asks for patience: it goes on by itself in %n seconds, nothing is lost.",
            "",
            seconds,
        )
        self.text.setText(text if seconds else "")
        self.setVisible(seconds > 0)
        if not (seconds or self._chat.is_asking):
            self._tick.stop()
