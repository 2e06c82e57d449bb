"""Which rows of a long list are on the screen: only those are laid out.

Qt's own list asks for the size of every row whenever one comes in: a fifth of a second for 100,000 of them. Here the
truth about what is shown is an anchor: a row, and how far its text is above the upper edge. Heights of rows that were
never on the screen are guesses, which only the scroll bar depends on, so that nothing jumps when they turn out to be
wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PyQt6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt6.QtGui import (
    QRegion,
    QResizeEvent,
    QTextCharFormat,
    QWheelEvent,
)
from PyQt6.QtWidgets import QAbstractItemView, QScrollBar, QWidget

from chatcore_qt.presenters.preferences import Times
from chatcore_qt.widgets.conversation.heights import Heights
from chatcore_qt.widgets.conversation.row import Fonts, Row, lay_out
from chatcore_qt.widgets.conversation.timeline_model import TimelineModel

_FRAME: Final = 16
"""Milliseconds between two pictures."""
_KEPT_ROWS: Final = 256
_GUESS: Final = 40
_NEAR_TOP: Final = 10
"""So many rows before the first one, older ones are asked for."""
_BELOW: Final = 8
"""Space below the last row."""
_ABOVE_UNREAD: Final = 72
"""Space for what was read already, when a conversation is shown from the first unread message on."""
_LINES_PER_NOTCH: Final = 3
_Command = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row on the screen."""

    number: int
    y: int
    row: Row

    @property
    def bottom(self) -> int:
        return self.y + self.row.height


class QTableView(QAbstractItemView):
    """A table of one column to screen readers: Qt looks for this name among the classes of a widget.

    Of an item view that is neither a list, a table nor a tree it tells them nothing, and PyQt does not let the real
    ones lay out their rows in another way. The name `QListView` would make Qt call what only the real one has.
    """


class Scroller(QTableView):
    """Knows which rows of a `TimelineModel` are on the screen, and where."""

    older_wanted = pyqtSignal()
    """The oldest rows are nearly on the screen."""
    arranged = pyqtSignal()
    """What is shown may have changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights = Heights()
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._expanded: set[str] = set()
        self._times: Times = "first"
        self._shown: list[_Shown] = []
        self._anchor = (0, 0)
        self._width = 0
        """For which it was right."""
        self._follows_end = True
        self._stale = True
        self._setting_bar = False
        self._keeps_still = False
        self._asked_for_older = False
        self._asks_for_older = False
        self._measured = (1, _GUESS)
        self._fonts = Fonts(self.font())
        self._link = QTextCharFormat()
        self._frame = self._timer(_FRAME)
        self._frame.timeout.connect(self._show_frame)
        self._telling = self._timer(0)
        self._telling.timeout.connect(self._tell)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    # What is in it.

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model from its end on."""
        self._heights = Heights()
        self._rows.clear()
        self._expanded.clear()
        self._anchor = (0, 0)
        self._follows_end = True
        self._asked_for_older = False
        old = self._timeline
        if old is not None:
            old.rowsAboutToBeRemoved.disconnect(self._rows_about_to_be_removed)
            old.rowsRemoved.disconnect(self._rows_removed)
            old.unread_moved.disconnect(self._refresh)
        if isinstance(model, TimelineModel):
            model.rowsAboutToBeRemoved.connect(self._rows_about_to_be_removed)  # before the selection hears of it
        super().setModel(model)
        if isinstance(model, TimelineModel):
            self._heights.insert(0, model.rowCount(), self._guess)
            model.rowsRemoved.connect(self._rows_removed)
            model.unread_moved.connect(self._refresh)
        self._refresh()

    @property
    def _timeline(self) -> TimelineModel | None:
        model = self.model()
        return model if isinstance(model, TimelineModel) else None

    def rowsInserted(self, parent: QModelIndex, start: int, end: int) -> None:
        """Make room for new rows without moving what is on the screen."""
        count = end - start + 1
        self._heights.insert(start, count, self._guess)
        row, offset = self._anchor
        if start <= row and len(self._heights) > count:
            self._anchor = (row + count, offset)
        if start == 0:
            self._asked_for_older = False
        self._refresh()
        super().rowsInserted(parent, start, end)

    def _rows_about_to_be_removed(self) -> None:
        # The selection may choose another current row now: nobody wants to be taken there.
        self._keeps_still = True

    def _rows_removed(self, _parent: QModelIndex, start: int, end: int) -> None:
        self._keeps_still = False
        count = end - start + 1
        self._heights.remove(start, count)
        row, offset = self._anchor
        if end < row:
            self._anchor = (row - count, offset)
        elif start <= row:
            self._anchor = (start, 0)
        self._refresh()

    def dataChanged(self, _from: QModelIndex, _to: QModelIndex, _roles: object = ()) -> None:
        """Show the row anew, with the next picture."""
        self._refresh()

    # What is on the screen.

    @property
    def at_end(self) -> bool:
        """Whether the newest message is on the screen, and will stay there when others come."""
        self._arrange()
        return self._follows_end

    @property
    def follows_end(self) -> bool:
        """`at_end`, as far as it is known without laying anything out."""
        return self._follows_end

    def go_to_end(self) -> None:
        """Show the newest message."""
        self._follows_end = True
        self._refresh()

    def go_to_unread(self) -> None:
        """Show the first-unread line near the top, or the end where all of it has room; nothing without one."""
        model = self._timeline
        key = None if model is None else model.unread_after
        number = None if model is None or key is None else model.find(key)
        if number is None or number + 1 >= len(self._heights):
            return
        self._anchor = (number + 1, -_ABOVE_UNREAD - self._row(number + 1).body_top)
        self._follows_end = False
        self._refresh()
        self._arrange()
        self._port.update()

    def scroll_by(self, distance: int) -> None:
        """Move down by a number of pixels; up when it is negative."""
        self._arrange()
        if not self._shown or (self._follows_end and distance >= 0):
            return
        first = self._shown[0]
        self._anchor = (first.number, -first.y - first.row.body_top + distance)
        self._follows_end = False
        self._refresh()
        self._arrange()

    def page(self, step: int) -> None:
        """Move down by what is on the screen, but for two lines; up for -1."""
        self.scroll_by(step * (self._port.height() - 2 * self._fonts.line))

    def _refresh(self) -> None:
        """Draw anew, at most once for each picture."""
        self._stale = True
        if not self._frame.isActive():
            self._frame.start()

    def _show_frame(self) -> None:
        self._port.update()
        if not self.isVisible():
            return
        self._arrange()

    @property
    def _port(self) -> QWidget:
        port = self.viewport()
        assert port is not None
        return port

    @property
    def _bar(self) -> QScrollBar:
        bar = self.verticalScrollBar()
        assert bar is not None
        return bar

    @property
    def _guess(self) -> int:
        count, total = self._measured
        return total // count

    def _row(self, number: int) -> Row:
        """Return a row, laid out."""
        model = self._timeline
        assert model is not None
        entry = model.entry(number)
        before = model.before(number)
        answered = model.answered(entry)
        unread = before is not None and before.key == model.unread_after
        expanded = entry.key in self._expanded
        width = self._port.width()
        row = self._rows.get(entry.key)
        if row is None or not row.fits(entry, before, answered, unread=unread, expanded=expanded, width=width):
            row = lay_out(
                entry,
                before,
                answered=answered,
                unread=unread,
                expanded=expanded,
                width=width,
                fonts=self._fonts,
                link=self._link,
                times=self._times,
            )
            self._rows[entry.key] = row
            self._heights.set(number, row.height)
            count, total = self._measured
            self._measured = (count + 1, total + row.height) if count < 1000 else (count // 2, total // 2)
        self._rows.move_to_end(entry.key)
        return row

    def _arrange(self) -> None:
        """Find out which rows are on the screen, and where."""
        if not self._stale:
            return
        self._stale = False
        height = self._port.height()
        if self._follows_end:
            self._shown = self._upwards(len(self._heights) - 1, height - _BELOW)
        else:
            self._shown = self._around_anchor(height)
            if not self._shown or (
                self._shown[-1].number == len(self._heights) - 1 and self._shown[-1].bottom + _BELOW <= height
            ):
                self._follows_end = True
                self._shown = self._upwards(len(self._heights) - 1, height - _BELOW)
        if self._shown:
            first = self._shown[0]
            self._anchor = (first.number, -first.y - first.row.body_top)
        self._width = self._port.width()
        while len(self._rows) > max(_KEPT_ROWS, 2 * len(self._shown)):
            self._rows.popitem(last=False)
        self._set_bar(height)
        self._ask_for_older()
        self._telling.start()

    def _tell(self) -> None:
        """Tell others in a turn of their own: they may want to change what is just being drawn."""
        self.arranged.emit()
        if self._asks_for_older:
            self._asks_for_older = False
            self.older_wanted.emit()

    def _upwards(self, number: int, bottom: int) -> list[_Shown]:
        shown = []
        while number >= 0 and bottom > 0:
            row = self._row(number)
            bottom -= row.height
            shown.append(_Shown(number, bottom, row))
            number -= 1
        shown.reverse()
        return shown

    def _around_anchor(self, height: int) -> list[_Shown]:
        count = len(self._heights)
        if not count:
            return []
        number, offset = self._anchor
        number = max(0, min(number, count - 1))
        row = self._row(number)
        # A row that has become lower since must not be lost above the edge.
        if row.width != self._width:
            offset = min(offset, row.height - row.body_top - 1)
        top = -offset - row.body_top
        shown = self._upwards(number - 1, top)
        if shown and shown[0].number == 0 and shown[0].y > 0:
            shown = []
            number, top = 0, 0
        elif not shown and number == 0:
            top = min(top, 0)
        while number < count and top < height:
            row = self._row(number)
            shown.append(_Shown(number, top, row))
            top += row.height
            number += 1
        return [one for one in shown if one.bottom > 0 and one.y < height]

    def _set_bar(self, height: int) -> None:
        total = self._heights.total + _BELOW
        value = total
        if self._shown and not self._follows_end:
            value = self._heights.offset(self._shown[0].number) - self._shown[0].y
        self._setting_bar = True
        self._bar.setRange(0, min(max(0, total - height), 2**31 - 1))
        self._bar.setPageStep(max(1, height))
        self._bar.setSingleStep(self._fonts.line)
        self._bar.setValue(value)
        self._setting_bar = False

    def _ask_for_older(self) -> None:
        if not self._shown:
            return
        if self._shown[0].number >= _NEAR_TOP:
            self._asked_for_older = False
        elif not self._asked_for_older and self.isVisible():
            self._asked_for_older = self._asks_for_older = True

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """Follow the scroll bar."""
        if self._setting_bar:
            return
        value = self._bar.value()
        if value >= self._bar.maximum():
            self.go_to_end()
        elif abs(dy) < self._port.height() and value > 0:
            self.scroll_by(-dy)
        elif len(self._heights):
            number, within = self._heights.row_at(value)
            self._anchor = (number, within - self._row(number).body_top)
            self._follows_end = False
            self._refresh()
        self._arrange()
        self._port.update()

    def wheelEvent(self, e: QWheelEvent | None) -> None:
        """Scroll by pixels."""
        if e is None:
            return
        pixels = e.pixelDelta().y() or round(e.angleDelta().y() / 120 * _LINES_PER_NOTCH * self._fonts.line)
        self.scroll_by(-pixels)
        self._port.update()
        e.accept()

    # What an item view has to know.

    def doItemsLayout(self) -> None:
        """Lay out nothing: rows are laid out when they are shown."""
        self._refresh()

    def updateGeometries(self) -> None:
        """Leave the scroll bar as it is: `_arrange` sets it."""

    def resizeEvent(self, _event: QResizeEvent | None) -> None:
        """Lay out what is shown in the new size, with the next picture."""
        self._refresh()

    def horizontalOffset(self) -> int:
        """Return 0: nothing is wider than the view."""
        return 0

    def verticalOffset(self) -> int:
        """Return how much is above the view, about."""
        return self._bar.value()

    def isIndexHidden(self, _index: QModelIndex) -> bool:
        """Return False."""
        return False

    def visualRect(self, index: QModelIndex) -> QRect:
        """Return where a row is; a guess when it is not on the screen."""
        if not index.isValid():
            return QRect()
        self._arrange()
        if not self._shown:
            return QRect()
        number = index.row()
        for one in self._shown:
            if one.number == number:
                return QRect(0, one.y, self._port.width(), one.row.height)
        first, last = self._shown[0], self._shown[-1]
        if number < first.number:
            y = first.y - self._heights.offset(first.number) + self._heights.offset(number)
        else:
            y = last.y - self._heights.offset(last.number) + self._heights.offset(number)
        return QRect(0, y, self._port.width(), self._guess)

    def indexAt(self, p: QPoint) -> QModelIndex:
        """Return the row at a point of the view."""
        one = self._at(p)
        model = self.model()
        return model.index(one.number, 0) if one is not None and model is not None else QModelIndex()

    def _at(self, p: QPoint) -> _Shown | None:
        self._arrange()
        return next((one for one in self._shown if one.y <= p.y() < one.bottom), None)

    def scrollTo(
        self, index: QModelIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a row onto the screen, moving as little as possible."""
        if self._keeps_still or not index.isValid():
            return
        self._arrange()
        height = self._port.height()
        number = index.row()
        one = next((one for one in self._shown if one.number == number), None)
        if number == len(self._heights) - 1 and (one is None or one.row.height < height):
            self.go_to_end()
        elif one is None or hint != QAbstractItemView.ScrollHint.EnsureVisible:
            row = self._row(number)
            below = self._shown and number > self._shown[-1].number
            top = max(0, height - row.height) if below else 0
            if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
                top = max(0, (height - row.height) // 2)
            self._anchor = (number, -top - row.body_top)
            self._follows_end = False
            self._refresh()
        elif one.y < 0 and one.bottom < height:
            self.scroll_by(max(one.y, one.bottom - height))
        elif one.bottom > height and one.y > 0:
            self.scroll_by(min(one.y, one.bottom - height))
        self._arrange()
        self._port.update()

    def moveCursor(self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Return the row to which a key leads."""
        model = self.model()
        if model is None or not len(self._heights):
            return QModelIndex()
        self._arrange()
        last = len(self._heights) - 1
        current = self.currentIndex()
        to = current.row()
        kinds = QAbstractItemView.CursorAction
        if not current.isValid() and action not in {kinds.MoveHome, kinds.MoveEnd}:
            to = self._shown[-1].number
        elif action in {kinds.MoveUp, kinds.MovePrevious}:
            to -= 1
        elif action in {kinds.MoveDown, kinds.MoveNext}:
            to += 1
        elif action == kinds.MoveHome:
            to = 0
        elif action == kinds.MoveEnd:
            to = last
        elif action in {kinds.MovePageUp, kinds.MovePageDown}:
            down = action == kinds.MovePageDown
            with self._still():
                self.page(1 if down else -1)
            whole = [one.number for one in self._shown if one.y >= 0 and one.bottom <= self._port.height()]
            shown = whole or [one.number for one in self._shown]
            to = shown[-1] if down else shown[0]
        index = model.index(max(0, min(to, last)), 0)
        if index == current:
            self.scrollTo(index)
        return index

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the rows that a rectangle touches."""
        model, selection = self.model(), self.selectionModel()
        if model is None or selection is None or not len(self._heights):
            return
        rect = rect.normalized()
        first, last = self._number_at(rect.top()), self._number_at(rect.bottom())
        selection.select(QItemSelection(model.index(first, 0), model.index(last, 0)), command)

    def _number_at(self, y: int) -> int:
        self._arrange()
        one = self._at(QPoint(0, y))
        if one is not None:
            return one.number
        first, last = self._shown[0], self._shown[-1]
        if y < first.y:
            return self._heights.row_at(max(0, self._heights.offset(first.number) - first.y + y))[0]
        return self._heights.row_at(self._heights.offset(last.number) - last.y + y)[0]

    @contextmanager
    def _still(self) -> Iterator[None]:
        """Let the current row change without going there."""
        self._keeps_still = True
        try:
            yield
        finally:
            self._keeps_still = False

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """Return what has to be drawn anew: everything, which is cheap."""
        return QRegion(self._port.rect())

    def keyboardSearch(self, _search: str | None) -> None:
        """Search nothing: reading 100,000 messages for a letter takes too long."""
