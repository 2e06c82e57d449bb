"""The files of the conversation that is shown, above the input line."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.files.card import FileCard
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import label
from chatcore_qt.widgets.files.file_card import FileCardWidget

_SHOWN: Final = 20
_HIGHEST: Final = 280
_SPACING: Final = 8


class FilesStrip(QScrollArea):
    """Shows the cards, the latest first; it is not there when there are none."""

    done_with = pyqtSignal()
    """What one did there is done; the focus may go elsewhere."""

    def __init__(self, chat: ChatPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("files")
        self.setAccessibleName(translate("Files", "Files"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._chat = chat
        self._within = QWidget()
        self._cards = QVBoxLayout(self._within)
        self._cards.setContentsMargins(16, 8, 16, 0)
        self._cards.setSpacing(_SPACING)
        self._more = label(role="muted")
        self._cards.addWidget(self._more)
        self._cards.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._within.installEventFilter(self)
        self.setWidget(self._within)
        self.widgets: dict[FileCard, FileCardWidget] = {}
        """What is shown, the latest first."""
        chat.files.changed.connect(self.show_files)
        chat.conversations.shown_changed.connect(self.show_files)
        chat.connection_changed.connect(self.show_files)
        self.show_files()

    def show_files(self) -> None:
        """Show the files as they are now."""
        cards = self._chat.files.shown
        shown = cards[:_SHOWN]
        for card in [card for card in self.widgets if card not in shown]:
            gone = self.widgets.pop(card)
            self._cards.removeWidget(gone)
            done_with = gone.isAncestorOf(QApplication.focusWidget())
            gone.hide()
            gone.deleteLater()
            if done_with:
                self.done_with.emit()
        for at, card in enumerate(shown):
            widget = self.widgets.get(card)
            if widget is None:
                widget = self.widgets[card] = FileCardWidget(self._chat.files, card)
                widget.done_with.connect(self.done_with)
                self._cards.insertWidget(at, widget)
                if at == 0:
                    self.ensureVisible(0, 0)
            else:
                widget.show_card()
        rest = len(cards) - len(shown)
        self._more.setText(translate("Files", "and %n more files", "", rest) if rest else "")
        self._more.setVisible(bool(rest))
        self.setVisible(bool(cards))
        self.updateGeometry()

    def focus_first(self) -> None:
        """Put the focus on the first thing that can be done."""
        for card in self._chat.files.shown:
            widget = self.widgets.get(card)
            if widget is not None:
                for button in (widget.accept, widget.retry, widget.open_folder, widget.cancel, widget.dismiss):
                    if button.isVisible():
                        button.setFocus(Qt.FocusReason.ShortcutFocusReason)
                        return

    def sizeHint(self) -> QSize:
        """Return the size of the cards, up to some of them."""
        viewport = self.viewport()
        height = self._cards.totalHeightForWidth(self.width() if viewport is None else viewport.width())
        return QSize(200, min(_HIGHEST, height if height > 0 else self._cards.totalSizeHint().height()))

    def minimumSizeHint(self) -> QSize:
        """Return the size that shows the first card."""
        return QSize(0, min(72, self.sizeHint().height()))

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Be higher when it is narrower."""
        super().resizeEvent(a0)
        self.updateGeometry()

    def eventFilter(self, a0: object, a1: QEvent | None) -> bool:
        """Grow and shrink with the cards."""
        if a1 is not None and a1.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False
