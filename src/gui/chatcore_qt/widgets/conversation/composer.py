"""The input line: a message of one line or several, with completion and the lines sent before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QMimeData, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QFocusEvent, QFont, QImage, QKeyEvent, QResizeEvent, QTextCursor, QTextOption
from PyQt6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from chatcore.limits import Limits
from chatcore.text.json_size import escaped_size, fits
from chatcore.text.sendable import flaw
from chatcore.text.slash import is_secret
from chatcore_qt import theme
from chatcore_qt.presenters.conversation.notices import CommandLine, commands
from chatcore_qt.presenters.entries.sentences import shown_name
from chatcore_qt.presenters.entries.visible import characters_in, utf16_units
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import ButtonRow, WrappedLabel
from chatcore_qt.widgets.conversation.command_list import CommandList
from chatcore_qt.widgets.files.file_card import local_files

if TYPE_CHECKING:
    from chatcore.text.slash import Completions

    Completer = Callable[[str], Completions]
    Editor = Callable[[int], bool]

_LINES: Final = 6
_BESIDE: Final = 16
"""Free beside the field, on either side."""
_RECALLED: Final = 100
_OFFERED: Final = 8
_ENTER: Final = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class _Input(QPlainTextEdit):
    """The field. Its height follows its lines."""

    sent = pyqtSignal()
    recalled = pyqtSignal(int)
    edited = pyqtSignal(int)
    """Up (-1) or Down (1), for a message that was sent already; Escape (0)."""
    completed = pyqtSignal(int)
    """Tab (1) or Shift+Tab (-1)."""
    other_key = pyqtSignal()
    offered_key = pyqtSignal(int)
    """A key for the list of commands while that is open: Up (-1), Down (1), or Escape (0)."""
    paged = pyqtSignal(int)
    """Page Up (-1) or Page Down (1), where there are no pages of the text itself."""
    pasted_too_much = pyqtSignal(str)
    pasted_picture = pyqtSignal(QImage)
    pasted_files = pyqtSignal(list)
    """Their paths."""
    focused = pyqtSignal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.completing = False
        self.editing = False
        """Whether a message that was sent already is in it."""
        self.answering = False
        """Whether it is to be the answer to a message."""
        self.offering = False
        """Whether the list of commands is open."""
        self.leaves = False
        """Whether Tab leaves it: there was nothing to complete, or Escape was pressed, and nothing since."""
        self.limit = Limits().text_bytes
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(translate("Composer", "Message"))
        self.setAccessibleDescription(
            translate("Composer", "Enter sends, Shift+Enter begins a new line, Tab completes names and commands.")
        )
        document = self.document()
        assert document is not None
        document.setDocumentMargin(4)
        self.textChanged.connect(self.fit)

    def fit(self) -> None:
        """Be as high as the text, up to some lines."""
        document = self.document()
        assert document is not None
        lines = max(1, min(_LINES, round(document.size().height())))
        height = lines * self.fontMetrics().lineSpacing() + 2 * round(document.documentMargin()) + 2
        if height != self.height():
            self.setFixedHeight(height)
        more = document.size().height() > _LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Be higher when it is narrower."""
        super().resizeEvent(e)
        self.fit()

    def changeEvent(self, e: QEvent | None) -> None:
        """Follow the font."""
        super().changeEvent(e)
        if e is not None and e.type() == QEvent.Type.FontChange:
            self.fit()

    def focusInEvent(self, e: QFocusEvent | None) -> None:
        """Say so."""
        super().focusInEvent(e)
        self.focused.emit(True)

    def focusOutEvent(self, e: QFocusEvent | None) -> None:
        """Say so."""
        super().focusOutEvent(e)
        self.focused.emit(False)

    def minimumSizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(80, self.fontMetrics().lineSpacing() + 10)

    def event(self, e: QEvent | None) -> bool:
        """Take Tab and Shift+Tab for completion; with nothing to complete, the next one moves the focus on."""
        if isinstance(e, QKeyEvent) and e.type() == QEvent.Type.KeyPress:
            back = e.key() == Qt.Key.Key_Backtab
            if back and self.completing:
                self.completed.emit(-1)
                return True
            if e.key() == Qt.Key.Key_Tab and not e.modifiers() and self.toPlainText() and not self.leaves:
                self.completed.emit(1)
                return True
            if back or e.key() == Qt.Key.Key_Tab:
                return self.focusNextPrevChild(not back)
        return super().event(e)

    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Send, break the line, recall, or type."""
        if e is None:
            return
        self.other_key.emit()
        self.leaves = e.key() == Qt.Key.Key_Escape
        offered = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Escape: 0}.get(Qt.Key(e.key()))
        if self.offering and offered is not None:
            self.offered_key.emit(offered)
            return
        plain = not e.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(e.key()), 0)
        page = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(e.key()), 0)
        if e.key() in _ENTER and plain:
            self.sent.emit()
        elif e.key() in _ENTER:
            self.insertPlainText("\n")
            self.ensureCursorVisible()
        elif page and plain and self.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
            self.paged.emit(page)
        elif (self.editing or self.answering) and e.key() == Qt.Key.Key_Escape:
            self.edited.emit(0)
        elif step and e.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.recalled.emit(step)
        elif step and plain and self._at_edge(step):
            (self.edited if self.editing or not self.toPlainText() else self.recalled).emit(step)
        else:
            super().keyPressEvent(e)

    def _at_edge(self, step: int) -> bool:
        """Tell whether there is no line above (-1) or below (1) the cursor."""
        way = QTextCursor.MoveOperation.Up if step < 0 else QTextCursor.MoveOperation.Down
        return not self.textCursor().movePosition(way)

    def dragEnterEvent(self, e: QDragEnterEvent | None) -> None:
        """Leave files to whoever is around: they are offered, and not typed."""
        mime = None if e is None else e.mimeData()
        if e is not None and mime is not None and local_files(mime.urls()):
            e.ignore()
            return
        super().dragEnterEvent(e)

    def canInsertFromMimeData(self, source: QMimeData | None) -> bool:
        """Take text, files and pictures."""
        return source is not None and (source.hasText() or source.hasUrls() or source.hasImage())

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        """Paste plain text, unless no message could ever hold it; files and a picture are for whoever is around."""
        if source is None:
            return
        files = local_files(source.urls())
        if files:
            self.pasted_files.emit(files)
            return
        if not source.hasText():
            picture = QImage(source.imageData())
            if not picture.isNull():
                self.pasted_picture.emit(picture)
            return
        text = source.text().replace("\r\n", "\n").replace("\r", "\n")
        if not fits(text, self.limit):
            self.pasted_too_much.emit(text)
            return
        self.insertPlainText(text)
        self.ensureCursorVisible()


class Composer(QWidget):
    """Where one types. It forgets nothing by itself: what cannot be sent stays in it."""

    submitted = pyqtSignal(str)
    """Enter was pressed on a text that may be sent; the field is empty again."""
    enter_pressed = pyqtSignal()
    """Enter was pressed on nothing."""
    changed = pyqtSignal()
    """The text is another one."""
    paged = pyqtSignal(int)
    """The conversation is to be read a page further up (-1) or down (1)."""
    file_wanted = pyqtSignal(str)
    """A text that is too long for a message is to be offered as a file."""
    picture_wanted = pyqtSignal(QImage)
    """A picture that was pasted is to be offered as a file."""
    files_pasted = pyqtSignal(list)
    """Files were pasted: their paths."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._enabled = True
        self._limit = Limits().text_bytes
        self._completer: Completer | None = None
        self._editor: Editor | None = None
        self._cycle: list[str] = []
        self._tried = 0
        self._from = 0
        self._sent: list[str] = []
        self._recalled = 0
        self._draft = ""
        self._hint_text = ""
        self.held: str | QImage = ""
        """What was pasted and is too long, or a picture."""
        self.input = _Input(self)
        self.input.sent.connect(self._submit)
        self.input.recalled.connect(self._recall)
        self.input.edited.connect(self._edit)
        self.input.paged.connect(self.paged)
        self.input.completed.connect(self._complete)
        self.input.other_key.connect(self._end_completing)
        self.input.textChanged.connect(self._text_changed)
        self.input.pasted_too_much.connect(self.hold)
        self.input.pasted_picture.connect(self.hold)
        self.input.pasted_files.connect(self.files_pasted)
        self.input.offered_key.connect(self._offered_key)
        self.input.focused.connect(self._restyle)
        below = self._below()
        self.commands = CommandList(commands(), self)
        self.commands.chosen.connect(self._take_command)
        frame = QFrame(self)
        frame.setObjectName("composer")
        self._within = QHBoxLayout(frame)
        self._within.setContentsMargins(8, 4, 4, 4)
        self._within.setSpacing(4)
        self._within.addWidget(self.input)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_BESIDE, 8, _BESIDE, 12)
        layout.setSpacing(4)
        layout.addWidget(self.commands)
        layout.addWidget(frame)
        layout.addLayout(below)
        self.setFocusProxy(self.input)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_placeholder("")
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Put the buttons below the hint where they would leave it less room than they take."""
        super().resizeEvent(a0)
        self._turn()

    def _turn(self) -> None:
        narrow = self.width() < 2 * self._hint_buttons.needed
        self._hint_buttons.fit(self.width() - 2 * _BESIDE)
        self._hint_line.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _below(self) -> QBoxLayout:
        """Return the line below the field: a hint, and what can be done about it."""
        self.hint = WrappedLabel(self)
        self.hint.hide()
        self.offer_button = QPushButton(translate("Composer", "&Offer it as a file"))
        self.offer_button.clicked.connect(self._offer_file)
        self.forget_button = QPushButton(translate("Composer", "&Forget it"))
        self.forget_button.clicked.connect(lambda: self.hold(""))
        self._hint_line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._hint_line.setSpacing(8)
        self._hint_line.addWidget(self.hint, 1)
        for button in (self.forget_button, self.offer_button):
            button.setProperty("quiet", True)
            button.hide()
        self._hint_buttons = ButtonRow(self.forget_button, self.offer_button)
        self._hint_line.addLayout(self._hint_buttons)
        return self._hint_line

    def add_button(self, button: QWidget) -> None:
        """Put a button at the end of the field."""
        self._within.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)

    def take(self, event: QKeyEvent) -> None:
        """Get the focus, and a key that was pressed elsewhere."""
        self.input.setFocus()
        QApplication.sendEvent(self.input, event)

    def text(self) -> str:
        """Return what is typed."""
        return self.input.toPlainText()

    @property
    def draft(self) -> str:
        """What is typed and not sent: also what was put aside for a line that was sent, and that if it was changed."""
        text = self.text()
        if self._recalled == len(self._sent):
            return text
        changed = "" if text == self._sent[self._recalled] else text
        return "\n".join(filter(None, (self._draft, changed)))

    def set_text(self, text: str) -> None:
        """Put another text in, such as the draft of a room; the cursor goes to its end."""
        self._end_completing()
        self.input.leaves = False
        self._recalled = len(self._sent)
        self._put(text)

    def set_placeholder(self, text: str) -> None:
        """Say in the empty field what can be done there; what is usual when it is left out."""
        self.input.setPlaceholderText(text or translate("Composer", "Write a message"))

    def set_completer(self, completer: Completer | None) -> None:
        """Let Tab complete; the function gets what stands before the cursor."""
        self._completer = completer

    def set_editor(self, editor: Editor | None) -> None:
        """Let Up in the empty field edit what was sent; the function tells whether there was anything for the key."""
        self._editor = editor

    def set_editing(self, editing: bool) -> None:
        """Show whether what is in the field is a message that was sent already."""
        self.input.editing = editing
        self._show_hint()

    @property
    def editing(self) -> bool:
        """Whether it is."""
        return self.input.editing

    def _edit(self, step: int) -> None:
        if (self._editor is None or not self._editor(step)) and step:
            self._recall(step)

    def set_limit(self, size: int) -> None:
        """Allow messages of so many bytes, as JSON: the server's limit on texts."""
        self._limit = self.input.limit = size
        self._show_hint()

    def set_enabled_hint(self, enabled: bool, hint: str) -> None:
        """Allow sending or not, and say why below the field. One can type all the same."""
        self._enabled = enabled
        self._hint_text = hint
        self._show_hint()

    def _submit(self) -> None:
        if self.input.offering and self.commands.row is not None:
            self._take_command(self.commands.row)
            return
        text = self.text()
        if not text and self._enabled:
            self.enter_pressed.emit()
        if not text.strip() or not self._enabled or not fits(text, self._limit) or flaw(text) is not None:
            return
        self.remember(text)
        self._draft = ""
        self.input.clear()
        self.submitted.emit(text)

    def remember(self, text: str) -> None:
        """Let a text be recalled, unless a password may stand in it."""
        if not is_secret(text) and self._sent[-1:] != [text]:
            self._sent.append(text)
            del self._sent[:-_RECALLED]
        self._recalled = len(self._sent)

    def _recall(self, step: int) -> None:
        to = self._recalled + step
        if not 0 <= to <= len(self._sent):
            return
        if self._recalled == len(self._sent):
            self._draft = self.text()
        self._recalled = to
        self._put(self._draft if to == len(self._sent) else self._sent[to])

    def _put(self, text: str) -> None:
        self.input.setPlainText(text)
        self.input.moveCursor(QTextCursor.MoveOperation.End)

    def _complete(self, step: int) -> None:
        if self.input.offering and self.commands.row is not None:
            self._take_command(self.commands.row)
            return
        cursor = self.input.textCursor()
        if self._cycle:
            self._tried = (self._tried + step) % len(self._cycle)
        elif self._completer is not None:
            before = self.text()[: characters_in(self.text(), cursor.position())]
            found = self._completer(before)
            if not found.candidates:
                self.input.leaves = True  # pressed once more, it is meant so
                return
            self._cycle = list(found.candidates)
            self._tried = 0
            self._from = cursor.position() - utf16_units(found.word)
            self.input.completing = True
        else:
            return
        cursor.setPosition(self._from, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(self._cycle[self._tried])
        self.input.setTextCursor(cursor)
        if len(self._cycle) == 1:
            self._end_completing()
        self._show_hint()

    def _end_completing(self) -> None:
        if self.input.completing:
            self._cycle = []
            self.input.completing = False
            self._show_hint()

    def _text_changed(self) -> None:
        self._show_hint()
        self.commands.show_fitting("" if self._cycle else self.text())
        self.input.offering = not self.commands.isHidden()
        self.changed.emit()

    # Commands.

    def _offered_key(self, step: int) -> None:
        if step:
            self.commands.step(step)
        else:
            self.commands.dismiss()
            self.input.offering = False

    def _take_command(self, command: CommandLine) -> None:
        self._put(f"/{command.name} ")
        self.input.setFocus()

    # What is too long for a message, or no text.

    def hold(self, what: str | QImage) -> None:
        """Keep what was pasted aside, and ask what to do with it."""
        self.held = what
        self._show_hint()

    def _offer_file(self) -> None:
        """Ask for the text or the picture to be offered as a file; whoever does it says so with `offered`."""
        if isinstance(self.held, QImage):
            self.picture_wanted.emit(self.held)
        else:
            self.file_wanted.emit(self.held or self.text())

    def offered(self) -> None:
        """Forget what was offered as a file."""
        if not self.held:
            self.input.clear()
        self.hold("")

    def _show_hint(self) -> None:
        text = self.text()
        too_long = not fits(text, self._limit)
        self.offer_button.setVisible(bool(self.held) or too_long)
        self.forget_button.setVisible(bool(self.held))
        self._turn()
        if isinstance(self.held, QImage):
            words = translate("Composer", "You pasted a picture ({width} × {height}).")
            self._say(words.format(width=self.held.width(), height=self.held.height()), "warning")
        elif self.held:
            words = translate(
                "Composer", "What you pasted has %n characters, too many for a message.", "", len(self.held)
            )
            self._say(words, "warning")
        elif too_long:
            words = translate("Composer", "This message is too long by %n bytes.", "", escaped_size(text) - self._limit)
            self._say(words, "error")
        elif (found := flaw(text)) is not None:
            words = translate("Composer", "The character at place {number} is broken and cannot be sent; replace it.")
            self._say(words.format(**found.values), "error")
        elif len(self._cycle) > 1:
            self._say(self._offer(), "muted")
        elif self.input.editing and not text.strip():
            self._say(translate("Composer", "Enter deletes this message, Escape leaves it as it is."), "warning")
        elif self.input.editing:
            self._say(translate("Composer", "Enter changes your message, Escape leaves it as it is."), "muted")
        else:
            self._say(self._hint_text, "warning" if not self._enabled else "muted")

    def _offer(self) -> str:
        """Return the candidates around the one that is tried, which stands in brackets."""
        first = max(0, min(self._tried - _OFFERED // 2, len(self._cycle) - _OFFERED))
        shown = []
        for at, candidate in enumerate(self._cycle[first : first + _OFFERED], first):
            name = shown_name(candidate.strip(" :"))
            shown.append(f"[{name}]" if at == self._tried else name)
        before = "… " if first else ""
        after = " …" if first + _OFFERED < len(self._cycle) else ""
        return f"{before}{'  '.join(shown)}{after}"

    def _say(self, text: str, colour: str) -> None:
        self.hint.setText(text)
        self.hint.setVisible(bool(text))
        self.hint.setStyleSheet(f"color: {getattr(theme.current(), colour)}")

    def _restyle(self) -> None:
        colours = theme.current()
        border = colours.accent if self.input.hasFocus() else colours.separator
        small = QFont(self.font())
        if small.pointSizeF() > 0:
            small.setPointSizeF(small.pointSizeF() * 0.9)
        self.hint.setFont(small)
        self.setStyleSheet(
            f"QFrame#composer {{ background: {colours.background}; border: 1px solid {border};"
            f" border-radius: 8px; }}"
            f"QPlainTextEdit {{ background: transparent; color: {colours.text}; border: none;"
            f" placeholder-text-color: {colours.muted}; }}"
        )
        self._show_hint()
