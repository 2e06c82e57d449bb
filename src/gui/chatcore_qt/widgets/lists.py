"""Lists of rows that a presenter gives as a whole: only what differs is told to the view."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, Generic, TypeVar

from PyQt6.QtCore import QEvent, QModelIndex, QSize, QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QAbstractItemView, QListView, QWidget

from chatcore_qt.widgets.basics import is_typing

Row = TypeVar("Row")
_MANY: Final = 16


class RowsModel(QStringListModel, Generic[Row]):
    """A list of rows.

    To lay out a list, Qt asks for the number of rows once for each of them. So Qt's own model counts them here: its
    texts are empty, and with a `rowCount` in Python a long list takes twenty times as long.

    Args:
        key: what makes a row the same one when it was changed.
        text: what is shown of it.
        sentence: what a screen reader says.
    """

    def __init__(
        self,
        key: Callable[[Row], Hashable],
        text: Callable[[Row], str],
        sentence: Callable[[Row], str] | None = None,
    ) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._keys: list[Any] = []
        self._key = key
        self._text = text
        self._sentence = sentence or text
        self.rowsRemoved.connect(self._removed)  # the first who hears of it

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Return that a row can be chosen, and nothing else."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what there is to show of a row."""
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(row)
            case Qt.ItemDataRole.UserRole:
                return row
        return None

    def find(self, key: Hashable) -> QModelIndex:
        """Return where the row of that key is; an invalid index when it is nowhere."""
        return self.index(self._keys.index(key) if key in self._keys else -1)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows."""
        keys = [self._key(row) for row in rows]
        gone = set(self._keys).difference(keys)
        came = set(keys).difference(self._keys)
        stayed = [key for key in self._keys if key not in gone]
        if len(gone) + len(came) > _MANY or stayed != [key for key in keys if key not in came]:
            self.rows, self._keys = list(rows), keys
            self.setStringList([""] * len(keys))
            return
        if gone:
            for at in range(len(self.rows) - 1, -1, -1):
                if self._keys[at] in gone:
                    self.removeRow(at)
        for at, row in enumerate(rows):
            if keys[at] in came:
                self._insert(at, keys[at], row)
            else:
                self._replace(at, row)

    def put(self, row: Row) -> None:
        """Show this row too, or instead of the one of the same key, in a list that is sorted by its keys."""
        key: Any = self._key(row)
        at = bisect_left(self._keys, key)
        if self._keys[at : at + 1] == [key]:
            self._replace(at, row)
        else:
            self._insert(at, key, row)

    def drop(self, key: Hashable) -> None:
        """Show the row of this key no more, in a list that is sorted by its keys."""
        wanted: Any = key
        at = bisect_left(self._keys, wanted)
        if self._keys[at : at + 1] == [key]:
            self.removeRow(at)

    def _insert(self, at: int, key: Hashable, row: Row) -> None:
        self.rows.insert(at, row)
        self._keys.insert(at, key)
        self.insertRow(at)

    def _replace(self, at: int, row: Row) -> None:
        if self.rows[at] != row:
            self.rows[at] = row
            self.dataChanged.emit(self.index(at), self.index(at))

    def _removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1], self._keys[first : last + 1]


class ChoiceList(QListView):
    """A list of which one row at a time is chosen, with a click or with Enter."""

    chosen = pyqtSignal(object)
    """The row."""

    def __init__(self, model: RowsModel[Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        self._fits = False
        self.double_click = False
        """Whether it takes two clicks."""
        self.setModel(model)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def fit(self) -> None:
        """Be no higher than the rows, from now on."""
        self._fits = True
        for signal in (self._rows.rowsInserted, self._rows.rowsRemoved, self._rows.modelReset):
            signal.connect(self._fit)
        self._fit()

    def changeEvent(self, e: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(e)
        if e is not None and e.type() == QEvent.Type.FontChange and self._fits:
            self._fit()

    def _fit(self) -> None:
        height = self.sizeHintForRow(0) if self._rows.rows else 0
        self.setMaximumHeight(height * len(self._rows.rows) + 2)

    @property
    def row(self) -> Any:
        """The row that the keyboard is on; None for none."""
        return self.currentIndex().data(Qt.ItemDataRole.UserRole)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose with Enter; what is typed is for whoever is around."""
        if event is not None and is_typing(event):
            event.ignore()
            return
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.row is not None:
            self.chosen.emit(self.row)
            event.accept()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, _search: str | None) -> None:
        """Search nothing: what is typed is a message."""

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> Any:
        """Say that the keyboard is on the current row: there the menu key opens a menu."""
        if query == Qt.InputMethodQuery.ImCursorRectangle and self.currentIndex().isValid():
            return self.visualRect(self.currentIndex())
        return super().inputMethodQuery(query)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Choose with a click."""
        super().mouseReleaseEvent(event)
        if event is not None and event.button() == Qt.MouseButton.LeftButton and not self.double_click:
            self._choose(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Choose with two clicks, where that is so."""
        super().mouseDoubleClickEvent(event)
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self.double_click:
            self._choose(event)

    def sizeHint(self) -> QSize:
        """Ask for little: whoever lays out decides."""
        return QSize(160, 64)

    def _choose(self, event: QMouseEvent) -> None:
        row = self.indexAt(event.position().toPoint()).data(Qt.ItemDataRole.UserRole)
        if row is not None:
            self.chosen.emit(row)
