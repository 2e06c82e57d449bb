"""The list of a conversation's messages: how it is drawn, and what mouse and keyboard do with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QAbstractItemModel, QEvent, QKeyCombination, QModelIndex, QPoint, QRectF, Qt, pyqtSignal
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

from chatcore.text.safe_text import harmless, safe_text
from chatcore_qt import theme
from chatcore_qt.presenters.entries.emoji import USUAL, name_of
from chatcore_qt.presenters.entries.sentences import copied, reacted, shown_emoji
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry
from chatcore_qt.presenters.preferences import Times
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import is_typing
from chatcore_qt.widgets.conversation.painting import Found, RowPainter, full_time
from chatcore_qt.widgets.conversation.row import LEFT, Action, Fonts, Row
from chatcore_qt.widgets.conversation.scroller import Scroller
from chatcore_qt.widgets.conversation.text_selection import TextSelection

_WORD: Final = re.compile(r"\w+|[^\w\s]+")
_DRAG: Final = 40
"""Milliseconds between two lines, while the pointer is held above or below the list."""
Hint = QAbstractItemView.ScrollHint
COPY_NAMED: Final = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_C
)


class MessageList(Scroller):
    """Shows a `TimelineModel`."""

    retry_wanted = pyqtSignal(str)
    discard_wanted = pyqtSignal(str)
    edit_wanted = pyqtSignal(str)
    delete_wanted = pyqtSignal(str)
    reply_wanted = pyqtSignal(str)
    answered_wanted = pyqtSignal(str)
    react_wanted = pyqtSignal(str, str)
    choose_wanted = pyqtSignal(str)
    link_activated = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._text = TextSelection()
        self._found: Found | None = None
        self._edited: str | None = None
        super().__init__(parent)
        self.may_change: Callable[[Entry], bool] = lambda _entry: False
        """Whether the user may edit and delete a message."""
        self.may_answer: Callable[[Entry], bool] = lambda _entry: False
        """Whether the user may answer a message."""
        self.may_react: Callable[[Entry], bool] = lambda _entry: False
        """Whether the user may put emojis below a message."""
        self._pressed: tuple[str, Action, str] | None = None
        self._drag_from = self._dragged_to = QPoint()
        self._dragging = self._timer(_DRAG)
        self._dragging.timeout.connect(self._drag_on)
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

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model from its end on."""
        self._text.clear()
        super().setModel(model)

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
                chosen = chosen or one.row.entry.key == self._edited
                self._painter.paint(
                    painter,
                    one.row,
                    one.y,
                    clip,
                    selected=chosen,
                    current=one.number == current,
                    marked=self._text.within(one.number),
                    found=self._found,
                )
        painter.end()

    def set_times(self, times: Times) -> None:
        """Show beside which messages their time stands."""
        if times != self._times:
            self._times = times
            self._rows.clear()
            self._refresh()

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
        """Press a button or link of a row, begin to select text, or select the row."""
        if e is None:
            return
        self._pressed = None
        if e.button() == Qt.MouseButton.LeftButton:
            self._drag_from = e.position().toPoint()
            self._pressed = self._action_at(self._drag_from)
            self._text.clear()
            self._port.update()
        if self._pressed is None:
            with self._still():
                super().mousePressEvent(e)

    def mouseMoveEvent(self, e: QMouseEvent | None) -> None:
        """Select text while the button is down; show what the pointer is on."""
        if e is None:
            return
        at = e.position().toPoint()
        if e.buttons() == Qt.MouseButton.NoButton:
            shape = Qt.CursorShape.ArrowCursor
            if self._action_at(at) is not None:
                shape = Qt.CursorShape.PointingHandCursor
            elif self._is_text(at):
                shape = Qt.CursorShape.IBeamCursor
            if self._port.cursor().shape() != shape:
                self._port.setCursor(shape)
        elif e.buttons() & Qt.MouseButton.LeftButton:
            self._drag(at)

    def mouseReleaseEvent(self, e: QMouseEvent | None) -> None:
        """Do what was pressed, unless text was selected."""
        if e is None:
            return
        self._dragging.stop()
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            super().mouseReleaseEvent(e)
        elif not self._text and self._action_at(e.position().toPoint()) == pressed:
            self._do(*pressed)

    def mouseDoubleClickEvent(self, e: QMouseEvent | None) -> None:
        """Select a word."""
        if e is None or e.button() != Qt.MouseButton.LeftButton:
            return
        found = self._letter_at(e.position().toPoint())
        if found is not None:
            index, at = found
            body = self._row(index.row()).body
            start, end = word_at("" if body is None else body.text, at)
            self._text.begin(index, start)
            self._text.extend(index, end)
            self.clearSelection()
            self._port.update()

    def show_found(self, words: str, key: str | None) -> None:
        """Mark what was looked for, and go to the message that is looked at; nothing for no words."""
        before, self._found = self._found, Found(words, key) if words else None
        if key is not None and (before is None or before.key != key):
            self.go_to(key)
        self._port.update()

    def show_edited(self, key: str | None) -> None:
        """Mark the message that is being edited, and show it; None for none."""
        self._edited = key
        if key is not None:
            self.go_to(key, Hint.EnsureVisible)
        self._port.update()

    def look_at(self, key: str) -> None:
        """Show the message of that key, and let it be the current one."""
        model = self._timeline
        number = None if model is None else model.find(key)
        if model is not None and number is not None:
            self.setCurrentIndex(model.index(number, 0))
            self.go_to(key)
            self.setFocus()

    @property
    def current_key(self) -> str | None:
        """Key of the row that the keyboard is on, None when it is elsewhere."""
        row = self._current_row() if self.hasFocus() else None
        return None if row is None else row.entry.key

    def go_to(self, key: str, hint: Hint = Hint.PositionAtCenter) -> None:
        """Show the message of that key, if it is here."""
        model = self._timeline
        number = None if model is None else model.find(key)
        if model is not None and number is not None:
            self.scrollTo(model.index(number, 0), hint)

    # Text that is selected.

    def _letter_at(self, p: QPoint) -> tuple[QModelIndex, int] | None:
        """Return the message that is nearest to a point, and the place in its text; None when it has none."""
        model = self.model()
        if model is None or not model.rowCount():
            return None
        number = self._number_at(p.y())
        row = self._row(number)
        if row.body is None:
            return None
        top = self.visualRect(model.index(number, 0)).top() + row.body_top
        return model.index(number, 0), row.body.letter_at(p.x() - LEFT, p.y() - top)

    def _is_text(self, p: QPoint) -> bool:
        one = self._at(p)
        if one is None or one.row.body is None or p.x() < LEFT:
            return False
        return 0 <= p.y() - one.y - one.row.body_top < one.row.body.height

    def _select_word(self, step: int, *, further: bool) -> None:
        """Select the next (1) or previous (-1) word of the current message; `further`: that one, too."""
        index = self.currentIndex()
        body = self._row(index.row()).body if index.isValid() else None
        if body is None:
            return
        chosen = self._text.within(index.row())
        further = further and chosen is not None
        begin, end = chosen or ((0, 0) if step > 0 else (len(body.text), None))
        end = len(body.text) if end is None else end
        words = [found.span() for found in _WORD.finditer(body.text)]
        fitting = [word for word in words if (word[0] >= end if step > 0 else word[1] <= begin)][::step]
        if fitting:
            first, last = fitting[0]
            self._text.begin(index, min(begin, first) if further else first)
            self._text.extend(index, max(end, last) if further else last)
            self.clearSelection()
            self.scrollTo(index)
            self._port.update()

    def _drag(self, p: QPoint) -> None:
        """Select from where the button was pressed to a point."""
        if not self._text.begun:
            if (p - self._drag_from).manhattanLength() < QGuiApplication.styleHints().startDragDistance():  # type: ignore[union-attr]
                return
            begin = self._letter_at(self._drag_from)
            if begin is None:
                return
            self.clearSelection()
            self._text.begin(*begin)
        end = self._letter_at(p)
        if end is not None:
            self._text.extend(*end)
        self._dragged_to = p
        if not 0 <= p.y() < self._port.height() and not self._dragging.isActive():
            self._dragging.start()
        self._port.update()

    def _drag_on(self) -> None:
        """Scroll on while the pointer is above or below."""
        p = self._dragged_to
        if not 0 <= p.y() < self._port.height():
            self.scroll_by(self._fonts.line if p.y() > 0 else -self._fonts.line)
            self._drag(p)

    def selected_text(self, *, named: bool = False) -> str:
        """Return the text that is selected: what was drawn over, or the messages that are; nothing when none is.

        `named`: whether time and name stand before each message; parts of messages are whole ones then.
        """
        model = self._timeline
        if model is None:
            return ""
        if not self._text:
            return "\n".join(copied(model.entry(number), named=named) for number in self._selected_rows())
        return "\n".join(self._part(model.entry(number), number, named=named) for number in self._text.rows())

    def _part(self, entry: Entry, number: int, *, named: bool) -> str:
        start, end = self._text.within(number) or (0, None)
        body = self._row(number).body
        if named or body is None or (start == 0 and end in (None, len(body.text))):
            return copied(entry, named=named)
        if end is None:
            shown = copied(entry, named=False)
            return shown[start:] if shown.startswith(body.text) else body.text[start:]
        return body.text[start:end]

    def _selected_rows(self) -> list[int]:
        selection = self.selectionModel()
        if selection is None:
            return []
        chosen = selection.selection()
        ranges = (chosen[place] for place in range(len(chosen)))
        numbers = sorted(number for one in ranges for number in range(one.top(), one.bottom() + 1))
        return numbers or ([self.currentIndex().row()] if self.currentIndex().isValid() else [])

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Copy, or do what the current row offers; everything else moves."""
        if e is None:
            return
        row = self._current_row()
        if e.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif e.keyCombination() == COPY_NAMED:
            self.copy(named=True)
        elif row is not None and e.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if "retry" in row.actions:
                self._do(row.entry.key, "retry", "")
            elif row.addresses:
                self._do(row.entry.key, "link", row.addresses[0])
            elif row.quote is not None:
                self._do(row.entry.key, "answered", "")
            elif "expand" in row.actions:
                self._do(row.entry.key, "expand", "")
        elif row is not None and e.key() == Qt.Key.Key_Delete and "discard" in row.actions:
            self._do(row.entry.key, "discard", "")
        elif e.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            further = bool(e.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._select_word(1 if e.key() == Qt.Key.Key_Right else -1, further=further)
        elif is_typing(e):
            e.ignore()  # the message line wants it
        else:
            before = self.currentIndex()
            super().keyPressEvent(e)
            if self.currentIndex() != before:
                self._text.clear()

    def viewportEvent(self, event: QEvent | None) -> bool:
        """Say when a message was written, for those that show no time."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            one = self._at(event.pos())
            if one is None:
                QToolTip.hideText()
            else:
                text = self._reacted_at(one.row, event.pos().x(), event.pos().y() - one.y)
                QToolTip.showText(event.globalPos(), text or full_time(one.row.entry.at), self._port)
            return True
        return super().viewportEvent(event)

    def _reacted_at(self, row: Row, x: int, y: int) -> str:
        """Return who has put the emoji there that is at a point of a row."""
        action, emoji = row.action_at(x, y) or ("", "")
        there = row.entry.reactions if isinstance(row.entry, MessageEntry) and action == "react" else ()
        return next((reacted(one) for one in there if one.emoji == emoji), "")

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
        model = self._timeline
        number = model.find(key) if model is not None else None
        chosen = number in self._text.rows() if self._text else number in self._selected_rows()

        def add(text: str, action: Action, value: str = "") -> None:
            made = menu.addAction(text)
            assert made is not None
            made.triggered.connect(lambda: self._do(key, action, value))

        for text, named in (
            (translate("Conversation", "&Copy"), False),
            (translate("Conversation", "Copy with &names and times"), True),
        ):
            copy = menu.addAction(text)
            assert copy is not None
            copy.triggered.connect(
                lambda _on, named=named: _to_clipboard(
                    self.selected_text(named=named) if chosen else copied(row.entry, named=named)
                )
            )
        codes = [] if row.body is None else row.body.code[:8]
        for code in codes:
            text = translate("Conversation", "Copy the &code")
            if len(codes) > 1:
                text = translate("Conversation", "Copy the code {code}").format(code=_menu_text(code))
            made = menu.addAction(text)
            assert made is not None
            made.triggered.connect(lambda _on, code=code: _to_clipboard(harmless(code, keep_layout=True)))
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
            if button.action != "react":
                add(texts.get(button.action, button.text), button.action)
        menu.addSeparator()
        if self.may_answer(row.entry):
            add(translate("Conversation", "&Reply"), "reply")
        if self.may_react(row.entry) and isinstance(row.entry, MessageEntry):
            self._add_emojis(menu, row.entry)
        if row.quote is not None:
            add(translate("Conversation", "&Go to what it answers"), "answered")
        if self.may_change(row.entry):
            add(translate("Conversation", "&Edit this message"), "edit")
            add(translate("Conversation", "&Delete this message"), "delete")
        menu.addSeparator()
        every = menu.addAction(translate("Conversation", "Select &all"))
        assert every is not None
        every.triggered.connect(self.selectAll)
        return menu

    def _add_emojis(self, menu: QMenu, entry: MessageEntry) -> None:
        """Offer the usual emojis and those that are there, each with its name; one's own are marked."""
        emojis = menu.addMenu(translate("Conversation", "React &with"))
        assert emojis is not None
        own = {one.emoji: one.mine for one in entry.reactions}
        for emoji in dict.fromkeys((*own, *USUAL)):
            who = next((reacted(one) for one in entry.reactions if one.emoji == emoji), "")
            made = emojis.addAction(who.replace("&", "&&") or f"{shown_emoji(emoji)}  {name_of(emoji)}".rstrip())
            assert made is not None
            made.setCheckable(True)
            made.setChecked(own.get(emoji, False))
            made.triggered.connect(lambda _on, emoji=emoji: self._do(entry.key, "react", emoji))
        other = emojis.addAction(translate("Conversation", "&Another emoji…"))
        assert other is not None
        other.triggered.connect(lambda: self._do(entry.key, "choose", ""))

    def copy(self, *, named: bool = False) -> None:
        """Put what is selected on the clipboard; the current message when nothing is."""
        text = self.selected_text(named=named)
        if text:
            _to_clipboard(text)

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
            case "edit":
                self.edit_wanted.emit(key)
            case "delete":
                self.delete_wanted.emit(key)
            case "reply":
                self.reply_wanted.emit(key)
            case "answered":
                self.answered_wanted.emit(key)
            case "react":
                self.react_wanted.emit(key, value)
            case "choose":
                self.choose_wanted.emit(key)
            case "expand":
                self._expanded ^= {key}
                self._follows_end = False
                self._refresh()


def word_at(text: str, at: int) -> tuple[int, int]:
    """Return where the word around a place in a text begins and ends."""
    start = end = at
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return start, end


def _to_clipboard(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)


def _menu_text(address: str) -> str:
    """Return an address as a menu shows it: short, and an & is not a shortcut."""
    return safe_text(address if len(address) <= 60 else f"{address[:59]}…").replace("&", "&&")
