"""The conversation as the window has it: the list, and the way back to the newest message."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QSize, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from chatcore_qt.presenters.entries.timeline import MessageEntry, Timeline
from chatcore_qt.texts import translate
from chatcore_qt.widgets.conversation.message_list import MessageList
from chatcore_qt.widgets.conversation.timeline_model import TimelineModel

_MARGIN = 16
_LINES = 4


class ConversationView(QWidget):
    """Shows a `Timeline`. Text from the network is shown as it is and never opened, fetched or taken for markup."""

    older_wanted = pyqtSignal()
    """The oldest messages are nearly on the screen; sent once until older ones were prepended."""
    retry_wanted = pyqtSignal(str)
    """A failed message is to be sent again; its key."""
    discard_wanted = pyqtSignal(str)
    """A failed message is to be forgotten; its key."""
    edit_wanted = pyqtSignal(str)
    """One's own message is to be edited; its key."""
    delete_wanted = pyqtSignal(str)
    """One's own message is to be taken back; its key."""
    reply_wanted = pyqtSignal(str)
    """A message is to be answered; its key."""
    answered_wanted = pyqtSignal(str)
    """What a message answers is to be shown; its key."""
    react_wanted = pyqtSignal(str, str)
    """An emoji is to be put below a message, or taken back; the message's key and the emoji."""
    choose_wanted = pyqtSignal(str)
    """An emoji is to be chosen for a message; its key."""
    link_activated = pyqtSignal(str)
    """A link was clicked: an http or https address."""
    at_end_changed = pyqtSignal(bool)
    """The newest message came onto the screen, or left it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: TimelineModel | None = None
        self._new = 0
        self._was_at_end = True
        self.messages = MessageList(self)
        self.messages.older_wanted.connect(self.older_wanted)
        self.messages.retry_wanted.connect(self.retry_wanted)
        self.messages.discard_wanted.connect(self.discard_wanted)
        self.messages.edit_wanted.connect(self.edit_wanted)
        self.messages.delete_wanted.connect(self.delete_wanted)
        self.messages.reply_wanted.connect(self.reply_wanted)
        self.messages.answered_wanted.connect(self.answered_wanted)
        self.messages.react_wanted.connect(self.react_wanted)
        self.messages.choose_wanted.connect(self.choose_wanted)
        self.messages.link_activated.connect(self.link_activated)
        self.messages.arranged.connect(self._show_state)
        self.setFocusProxy(self.messages)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.messages)
        self.jump = QPushButton(self)
        self.jump.setProperty("primary", True)
        self.jump.clicked.connect(self.go_to_end)
        self.jump.hide()

    def set_timeline(self, timeline: Timeline | None) -> None:
        """Show a conversation, from its end on; None for none."""
        old, self._model = self._model, None
        if timeline is not None:
            self._model = TimelineModel(timeline, self)
            self._model.rowsInserted.connect(self._count_new)
        self._new = 0
        self.messages.setModel(self._model)
        if old is not None:
            old.close()
            old.deleteLater()

    def go_to_unread(self) -> None:
        """Show the conversation from the first unread message on, if there is one."""
        self.messages.go_to_unread()
        model = self._model
        at = None if model is None or model.unread_after is None else model.find(model.unread_after)
        if model is not None and at is not None and not self.messages.follows_end:
            unread = (model.entry(row) for row in range(at + 1, model.rowCount()))
            self._new = sum(isinstance(entry, MessageEntry) for entry in unread)
            self._show_state()

    def go_to_end(self) -> None:
        """Show the newest message."""
        self.messages.go_to_end()

    @property
    def at_end(self) -> bool:
        """Whether the newest message is on the screen."""
        return self.messages.at_end

    def _count_new(self, _parent: QModelIndex, first: int, last: int) -> None:
        model = self._model
        if model is not None and last == model.rowCount() - 1 and not self.messages.follows_end:
            came = (model.entry(row) for row in range(first, last + 1))
            self._new += sum(isinstance(entry, MessageEntry) and not entry.own for entry in came)

    def _show_state(self) -> None:
        at_end = self.messages.at_end
        if at_end:
            self._new = 0
        elif self._new:
            self.jump.setText(translate("Conversation", "Jump to the newest (%n new)", "", self._new))
        else:
            self.jump.setText(translate("Conversation", "Jump to the newest"))
        if self.jump.isVisibleTo(self) == at_end:
            if at_end and self.jump.hasFocus():
                self.messages.setFocus()
            self.jump.setVisible(not at_end)
        self._place()
        if at_end != self._was_at_end:
            self._was_at_end = at_end
            self.at_end_changed.emit(at_end)

    def _place(self) -> None:
        self.jump.adjustSize()
        self.jump.move((self.width() - self.jump.width()) // 2, self.height() - self.jump.height() - _MARGIN)

    def sizeHint(self) -> QSize:
        """Return the size of some lines: it has what the others leave, and takes no more than this from them."""
        least = self.minimumSizeHint()
        return QSize(least.width(), max(least.height(), _LINES * self.fontMetrics().height()))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Keep the button where it is."""
        super().resizeEvent(a0)
        self._place()
