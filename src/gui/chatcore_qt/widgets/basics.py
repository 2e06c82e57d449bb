"""Small parts that the windows are put together from."""

from __future__ import annotations

from typing import Final, Literal

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QWidget,
)

from chatcore.text.safe_text import safe_text
from chatcore_qt import theme
from chatcore_qt.labels import Label
from chatcore_qt.widgets.icons import Draw, icon

FRAME: Final = QSize(16, 48)
"""Room for what window managers put around windows, which is known only once they are shown."""

_TICK: Final = ((0.24, 0.52), (0.43, 0.71), (0.77, 0.31))
"""Its corners, in parts of the box."""

Role = Literal["title", "heading", "muted", "error", "warning", "plain"]


class WrappedLabel(Label):
    """A label of several lines that asks for the height they take; layouts of dialogs would clip them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)

    def setText(self, a0: str | None) -> None:
        """Show another text."""
        super().setText(a0)
        self._fit()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Wrap anew."""
        super().resizeEvent(a0)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(0)  # or it would never get lower: the height for a width is at least this
        if self.text():
            self.setMinimumHeight(self.heightForWidth(self.width()))


class Scrolled(QScrollArea):
    """A text of several lines that scrolls where there is no room for all of them; one line is always in sight."""

    def __init__(self, text: WrappedLabel) -> None:
        super().__init__()
        self.setObjectName("scrolled")
        self._text = text
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = self.verticalScrollBar()
        assert bar is not None
        bar.rangeChanged.connect(self._take_focus)
        text.installEventFilter(self)

    def _take_focus(self, least: int, most: int) -> None:
        """Let the keyboard get there while there is something to scroll."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if most > least else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self._text.text())

    def sizeHint(self) -> QSize:
        """Return the size of the whole text."""
        return QSize(self._text.sizeHint().width(), max(self._line, self._text.heightForWidth(self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return the size that shows a line."""
        return QSize(self._text.minimumSizeHint().width(), self._line)

    @property
    def _line(self) -> int:
        return self._text.fontMetrics().height()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Be higher when it is narrower."""
        super().resizeEvent(a0)
        self.updateGeometry()

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Grow and shrink with the text."""
        if a1 is not None and a1.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.FontChange):
            self.updateGeometry()
        return super().eventFilter(a0, a1)


class Tick(QCheckBox):
    """A box to tick. A style sheet that draws its frame in the colours of the theme draws no tick."""

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the tick, too."""
        super().paintEvent(a0)
        style = self.style()
        if not self.isChecked() or style is None:
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = QRectF(style.subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self))
        points = [QPointF(box.x() + box.width() * x, box.y() + box.height() * y) for x, y in _TICK]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().on_accent), 2))
        painter.drawPolyline(*points)
        painter.end()


class ElidedLabel(Label):
    """One line, of which a part is left out where there is no room for it.

    Args:
        mode: which part.
        role: of the text.
    """

    def __init__(self, mode: Qt.TextElideMode, role: Role = "plain") -> None:
        super().__init__()
        self._mode = mode
        self._full = ""
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setAccessibleName(safe_text(text, keep_layout=True))  # all of it, for those who do not see it
        self.updateGeometry()
        self._fit()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(a0)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the size of one line, however high a hostile text is."""
        return QSize(120, self.fontMetrics().height())

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, self._mode, self.width())
        if shown != self.text():
            self.setText(shown)


def label(text: str = "", role: Role = "plain", *, wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """Return a label that shows its text as it is: never as HTML, whoever wrote it."""
    made = WrappedLabel(parent) if wrap else Label(parent)
    made.setProperty("role", role)
    made.setText(text)
    return made


class Title(ElidedLabel):
    """A heading, larger by a factor than text of whatever size is wanted."""

    def __init__(self, text: str = "", factor: float = 1.0) -> None:
        super().__init__(Qt.TextElideMode.ElideRight, "title")
        self._factor = factor
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.show_text(text)
        theme.signals.changed.connect(self._resize)
        self._resize()

    def sizeHint(self) -> QSize:
        """Return the size of the whole text, on one line."""
        return QSize(self.fontMetrics().horizontalAdvance(self._full) + 2, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Return the size of what is left of it in the narrowest place."""
        return QSize(min(48, self.sizeHint().width()), self.fontMetrics().height())

    def _resize(self) -> None:
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * self._factor)
        self.setFont(font)


class FingerprintLabel(Label):
    """Shows a fingerprint, from which it can be copied; `heading` says which one to those who do not see it."""

    def __init__(self, heading: str = "") -> None:
        super().__init__()
        self.heading = heading
        fixed = QFont()
        fixed.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())  # of the usual size
        self.setFont(fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_fingerprint(self, fingerprint: str) -> None:
        """Show one."""
        self.setText(grouped(fingerprint))
        self.setAccessibleName(f"{self.heading}: {self.text()}")


def grouped(fingerprint: str) -> str:
    """Return a fingerprint so that two of them can be compared: groups of four, eight in a line."""
    groups = [fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4)]
    return "\n".join(" ".join(groups[at : at + 8]) for at in range(0, len(groups), 8))


def line() -> QFrame:
    """Return a thin line across."""
    made = QFrame()
    made.setObjectName("line")
    made.setFixedHeight(1)
    return made


class ButtonRow(QBoxLayout):
    """Buttons in a row, at its end; below each other where the row has no room for them."""

    def __init__(self, *buttons: QAbstractButton) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight)
        self._buttons = buttons
        self.setSpacing(8)
        self.addStretch(1)
        for button in buttons:
            self.addWidget(button)

    @property
    def needed(self) -> int:
        """How wide those that are shown are side by side."""
        shown = [button.sizeHint().width() for button in self._buttons if not button.isHidden()]
        return sum(shown) + self.spacing() * max(0, len(shown) - 1)

    def fit(self, width: int) -> None:
        """Be no wider than that, as far as each button can be."""
        narrow = self.needed > width
        self.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)


class IconButton(QToolButton):
    """A button with a drawn icon, and a name for those who do not see it."""

    def __init__(self, draw: Draw, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw = draw
        self.setAccessibleName(name)
        self.setToolTip(name)
        theme.signals.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        self.setIcon(icon(self._draw, theme.current().muted))


class Header(QWidget):
    """The top of a pane: a heading, and buttons at the end."""

    def __init__(self, text: str, *buttons: QWidget) -> None:
        super().__init__()
        self.label = ElidedLabel(Qt.TextElideMode.ElideRight, "heading")
        self.label.show_text(text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 8, 0)
        layout.setSpacing(4)
        layout.addWidget(self.label, 1)
        for button in buttons:
            layout.addWidget(button)
        self.setFixedHeight(40)


class Choice(QComboBox):
    """A field with some choices; the style sheet takes away the arrow of the system, so it has its own."""

    def paintEvent(self, e: QPaintEvent | None) -> None:
        """Paint the field and the arrow."""
        super().paintEvent(e)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.current().muted), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        x = 16.0 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else self.width() - 16.0
        y = self.height() / 2
        painter.drawPolyline(QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2))
        painter.end()


def resize_within(window: QWidget, width: int, height: int) -> None:
    """Give a window this size, or as much of it as the screen has room for with a frame around it."""
    screen = window.screen()
    most = window.maximumSize() if screen is None else screen.availableSize() - FRAME
    window.resize(QSize(width, height).boundedTo(most))


def is_typing(event: QKeyEvent) -> bool:
    """Tell whether a key writes something, or begins to, as accents do."""
    command = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    # AltGr is both Ctrl and Alt on Windows.
    third_level = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    if event.modifiers() & command not in (Qt.KeyboardModifier.NoModifier, third_level):
        return False
    begins = Qt.Key.Key_Dead_Grave <= event.key() <= Qt.Key.Key_Dead_Longsolidusoverlay
    return begins or (bool(event.text()) and event.text().isprintable())


def keep_on_screen(window: QWidget) -> None:
    """Move a window so that all of it, with its frame, is on the screen, if it is not larger."""
    screen = window.screen()
    if screen is None or not window.isVisible():
        return
    room, frame = screen.availableGeometry(), window.frameGeometry()
    x = max(room.left(), min(frame.x(), room.right() + 1 - frame.width()))
    y = max(room.top(), min(frame.y(), room.bottom() + 1 - frame.height()))
    if (x, y) != (frame.x(), frame.y()):
        window.move(x, y)


def restyle(widget: QWidget) -> None:
    """Let a changed property of the style sheet take effect."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)
