"""A timeline as Qt's item views and screen readers want it."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from chatcore_qt.presenters.entries.sentences import spoken
from chatcore_qt.presenters.entries.timeline import (
    Change,
    Entry,
    Inserted,
    MessageEntry,
    Removed,
    Replaced,
    Timeline,
)

_SPOKEN_ROLES = frozenset({Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole})
_ROOT = QModelIndex()


class TimelineModel(QAbstractListModel):
    """Follows a timeline, with a list of its own: Qt wants to hear of each change before the next one is made."""

    unread_moved = pyqtSignal()

    def __init__(self, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._entries = list(timeline.entries)
        self.unread_after = timeline.unread_after
        self._end = timeline.observe(self._follow)

    def close(self) -> None:
        """Stop following."""
        self._end()

    def entry(self, row: int) -> Entry:
        """Return the entry in a row."""
        return self._entries[row]

    def before(self, row: int) -> Entry | None:
        """Return the entry above a row."""
        return self._entries[row - 1] if row else None

    def answered(self, entry: Entry) -> Entry | None:
        """Return what an entry answers, as far as it is loaded."""
        return self._timeline.find(entry.answers) if isinstance(entry, MessageEntry) and entry.answers else None

    def find(self, key: str) -> int | None:
        """Return the row of an entry, None when it is not here; quick for late ones."""
        return next((row for row in range(len(self._entries) - 1, -1, -1) if self._entries[row].key == key), None)

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return how many entries there are."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an entry as a sentence."""
        if role in _SPOKEN_ROLES and index.isValid():
            entry = self._entries[index.row()]
            return spoken(entry, self.answered(entry))
        return None

    def _follow(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            match change:
                case Inserted(at, entries):
                    self.beginInsertRows(_ROOT, at, at + len(entries) - 1)
                    self._entries[at:at] = entries
                    self.endInsertRows()
                case Removed(at, count):
                    self.beginRemoveRows(_ROOT, at, at + count - 1)
                    del self._entries[at : at + count]
                    self.endRemoveRows()
                case Replaced(at, entry):
                    self._entries[at] = entry
                    self.dataChanged.emit(self.index(at), self.index(at))
                case _:
                    self.unread_after = change.key
                    self.unread_moved.emit()
