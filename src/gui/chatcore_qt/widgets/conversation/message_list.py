"""The list of a conversation's messages: how it is drawn, and what mouse and keyboard do with it."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
)
from PyQt6.QtWidgets import QAbstractItemView, QFrame, QMenu, QToolTip, QWidget

from chatcore.text.safe_text import safe_text
from chatcore_qt import theme
from chatcore_qt.presenters.conversation.sentences import copied
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import is_typing
from chatcore_qt.widgets.conversation.painting import RowPainter, full_time
from chatcore_qt.widgets.conversation.row import Action, Fonts, Row
from chatcore_qt.widgets.conversation.scroller import Scroller


class MessageList(Scroller):
    """Shows a `TimelineModel`."""

    retry_wanted = pyqtSignal(str)
    discard_wanted = pyqtSignal(str)
    link_activated = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: tuple[str, Action, str] | None = None
        self._painter = RowPainter(theme.current(), self._fonts)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("Conversation", "Messages"))
        self.setAccessibleDescription(
            translate(
                "Conversation",
                "The arrow keys go from message to message. Enter does what a message offers, such as its link.",
            )
        )
        self._restyle()
        theme.signals.changed.connect(self._restyle)

    # Drawing.

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Draw the rows on the screen."""
        self._arrange()
        model, selection = self.model(), self.selectionModel()
        painter = QPainter(self._port)
        palette = theme.current()
        painter.fillRect(self._port.rect(), palette.color("background"))
        current = self.currentIndex().row() if self.hasFocus() else -1
        clip = QRectF(e.rect() if e is not None else self._port.rect())
        for one in self._shown:
            if model is not None and one.y <= clip.bottom() and one.bottom >= clip.top():
                chosen = selection is not None and selection.isSelected(model.index(one.number, 0))
                self._painter.paint(painter, one.row, one.y, clip, selected=chosen, current=one.number == current)
        painter.end()

    def _restyle(self) -> None:
        """Take new colours or another font."""
        self._fonts = Fonts(self.font())
        self._painter = RowPainter(theme.current(), self._fonts)
        self._link = self._link_format()
        self._rows.clear()
        self._refresh()

    def _link_format(self) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setForeground(theme.current().color("accent"))
        look.setFontUnderline(True)
        return look

    def changeEvent(self, e: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(e)
        if e is not None and e.type() == QEvent.Type.FontChange and hasattr(self, "_painter"):
            self._restyle()

    def focusInEvent(self, e: QFocusEvent | None) -> None:
        """Show which row is the current one."""
        super().focusInEvent(e)
        self._port.update()

    def focusOutEvent(self, e: QFocusEvent | None) -> None:
        """Show no current row."""
        super().focusOutEvent(e)
        self._port.update()

    # Mouse and keyboard.

    def _action_at(self, p: QPoint) -> tuple[str, Action, str] | None:
        one = self._at(p)
        found = one.row.action_at(p.x(), p.y() - one.y) if one is not None else None
        return (one.row.entry.key, *found) if one is not None and found is not None else None

    def mousePressEvent(self, e: QMouseEvent | None) -> None:
        """Press a button or link of a row, or select the row."""
        if e is None:
            return
        self._pressed = None
        if e.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._action_at(e.position().toPoint())
        if self._pressed is None:
            with self._still():
                super().mousePressEvent(e)

    def mouseMoveEvent(self, e: QMouseEvent | None) -> None:
        """Select while the button is down; show where something can be pressed."""
        if e is None:
            return
        if e.buttons() == Qt.MouseButton.NoButton:
            found = self._action_at(e.position().toPoint())
            shape = Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor
            if self._port.cursor().shape() != shape:
                self._port.setCursor(shape)
        elif self._pressed is None:
            with self._still():
                super().mouseMoveEvent(e)

    def mouseReleaseEvent(self, e: QMouseEvent | None) -> None:
        """Do what was pressed."""
        if e is None:
            return
        if self._pressed is None:
            super().mouseReleaseEvent(e)
            return
        pressed, self._pressed = self._pressed, None
        if self._action_at(e.position().toPoint()) == pressed:
            self._do(*pressed)

    def mouseDoubleClickEvent(self, e: QMouseEvent | None) -> None:
        """Do nothing more than two clicks do."""
        self.mousePressEvent(e)

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Copy, or do what the current row offers; everything else moves."""
        if e is None:
            return
        row = self._current_row()
        if e.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif row is not None and e.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if "retry" in row.actions:
                self._do(row.entry.key, "retry", "")
            elif row.addresses:
                self._do(row.entry.key, "link", row.addresses[0])
            elif "expand" in row.actions:
                self._do(row.entry.key, "expand", "")
        elif row is not None and e.key() == Qt.Key.Key_Delete and "discard" in row.actions:
            self._do(row.entry.key, "discard", "")
        elif is_typing(e):
            e.ignore()  # the message line wants it
        else:
            super().keyPressEvent(e)

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Say when a message was written, for those that show no time."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            one = self._at(event.pos())
            if one is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), full_time(one.row.entry.at), self._port)
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, a0: QContextMenuEvent | None) -> None:
        """Offer what can be done with a row."""
        if a0 is None:
            return
        if a0.reason() == QContextMenuEvent.Reason.Keyboard:
            where = self.visualRect(self.currentIndex()).center()
            one = self._at(where)
            at = self._port.mapToGlobal(where)
        else:
            one = self._at(a0.pos())
            at = a0.globalPos()
        if one is not None:
            found = one.row.action_at(a0.pos().x(), a0.pos().y() - one.y)
            menu = self.menu(one.row, found[1] if found is not None and found[0] == "link" else None)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)

    def menu(self, row: Row, address: str | None = None) -> QMenu:
        """Return the menu of a row.

        Args:
            row: the row.
            address: the link that was pointed at; all links of the row when there was none.
        """
        menu = QMenu(self)
        key = row.entry.key
        model, selection = self._timeline, self.selectionModel()
        number = model.find(key) if model is not None else None
        chosen = (
            model is not None
            and selection is not None
            and number is not None
            and selection.isSelected(model.index(number, 0))
        )

        def add(text: str, action: Action, value: str = "") -> None:
            made = menu.addAction(text)
            assert made is not None
            made.triggered.connect(lambda: self._do(key, action, value))

        copy = menu.addAction(translate("Conversation", "&Copy"))
        assert copy is not None
        copy.triggered.connect(self.copy if chosen else lambda: _to_clipboard(copied(row.entry)))
        addresses = [address] if address is not None else row.addresses[:8]
        for one in addresses:
            copy_link = translate("Conversation", "Copy &link")
            open_link = translate("Conversation", "&Open link")
            if len(addresses) > 1:
                copy_link = translate("Conversation", "Copy link {address}").format(address=_menu_text(one))
                open_link = translate("Conversation", "Open link {address}").format(address=_menu_text(one))
            add(open_link, "link", one)
            made = menu.addAction(copy_link)
            assert made is not None
            made.triggered.connect(lambda _on, one=one: _to_clipboard(one))
        texts = {"retry": translate("Conversation", "&Try again"), "discard": translate("Conversation", "&Discard")}
        for button in row.buttons:
            add(texts.get(button.action, button.text), button.action)
        menu.addSeparator()
        every = menu.addAction(translate("Conversation", "Select &all"))
        assert every is not None
        every.triggered.connect(self.selectAll)
        return menu

    def copy(self) -> None:
        """Put the selected messages on the clipboard; the current one when none is selected."""
        model, selection = self._timeline, self.selectionModel()
        if model is None or selection is None:
            return
        chosen = selection.selection()
        ranges = (chosen[place] for place in range(len(chosen)))
        numbers = sorted(number for one in ranges for number in range(one.top(), one.bottom() + 1))
        if not numbers and self.currentIndex().isValid():
            numbers = [self.currentIndex().row()]
        if numbers:
            _to_clipboard("\n".join(copied(model.entry(number)) for number in numbers))

    def _current_row(self) -> Row | None:
        current = self.currentIndex()
        return self._row(current.row()) if current.isValid() else None

    def _do(self, key: str, action: Action, value: str) -> None:
        match action:
            case "link":
                self.link_activated.emit(value)
            case "retry":
                self.retry_wanted.emit(key)
            case "discard":
                self.discard_wanted.emit(key)
            case "expand":
                self._expanded ^= {key}
                self._follows_end = False
                self._refresh()


def _to_clipboard(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)


def _menu_text(address: str) -> str:
    """Return an address as a menu shows it: short, and an & is not a shortcut."""
    return safe_text(address if len(address) <= 60 else f"{address[:59]}…").replace("&", "&&")
