"""The line that finds words in a conversation."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from chatcore_qt.presenters.entries.search import Search
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import IconButton, label
from chatcore_qt.widgets.icons import cross, down, up


class SearchBar(QFrame):
    """Enter goes to an older message, Shift+Enter to a newer one, Escape ends it."""

    closed = pyqtSignal()

    def __init__(self, search: Search, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self.field = QLineEdit()
        self.field.setPlaceholderText(translate("Search", "Find in what is loaded here"))
        self.field.setAccessibleName(translate("Search", "Find in what is loaded here"))
        self.field.setAccessibleDescription(
            translate("Search", "Enter goes to an older message, Shift+Enter to a newer one, Escape ends it.")
        )
        self.field.textChanged.connect(search.look_for)
        self.count = label(role="muted")
        older, newer = IconButton(up, translate("Search", "Older")), IconButton(down, translate("Search", "Newer"))
        older.clicked.connect(lambda: search.step(-1))
        newer.clicked.connect(lambda: search.step(1))
        end = IconButton(cross, translate("Search", "End the search"))
        end.clicked.connect(self.end)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 8, 6)
        layout.setSpacing(8)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.count)
        for button in (older, newer, end):
            layout.addWidget(button)
        search.changed.connect(self._show_count)
        self.hide()

    def begin(self) -> None:
        """Open it."""
        self.show()
        self.field.setFocus()
        self.field.selectAll()
        self._search.look_for(self.field.text())

    def end(self) -> None:
        """Close it, and forget what was found."""
        self.hide()
        self._search.look_for("")
        self.closed.emit()

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Go on, or end."""
        key = None if a0 is None else Qt.Key(a0.key())
        if a0 is None:
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._search.step(1 if a0.modifiers() & Qt.KeyboardModifier.ShiftModifier else -1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._search.step(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(a0)

    def _show_count(self) -> None:
        search = self._search
        if not search.words:
            text = ""
        elif not search.found:
            text = translate("Search", "nothing found")
        else:
            values = {"number": len(search.found) - search.at, "count": len(search.found)}
            text = translate("Search", "{number} of {count}").format(**values)
        self.count.setText(text)
