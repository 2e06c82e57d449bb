"""How the rows of the side panes are painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from PyQt6.QtCore import QModelIndex, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from chatcore_qt import theme

_EDGE: Final = 8
_GAP: Final = 8
_RADIUS: Final = 6


@dataclass(frozen=True, slots=True)
class Look:
    """What a row looks like."""

    text: str
    mark: str = ""
    """A sign in front, such as `#`."""
    count: str = ""
    """A quiet number at the end."""
    badge: str = ""
    """A clear one, instead of it."""
    call: str = ""
    """A loud one, beside it: something is for the user."""
    here: bool = False
    """Whether the user is there."""
    bold: bool = False
    selected: bool = False
    muted: bool = False
    second: str = ""
    """A quiet second line."""


class RowDelegate(QStyledItemDelegate):
    """Paints rows.

    Args:
        look: what a row looks like.
        lines: how many lines it has.
    """

    def __init__(self, look: Callable[[Any], Look], lines: int = 1) -> None:
        super().__init__()
        self._look = look
        self._lines = lines

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:
        """Return a line's height and some air."""
        height = QFontMetricsF(option.font).height()
        return QSize(64, round(height * self._lines + (14 if self._lines == 1 else 18)))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one."""
        row = index.data(Qt.ItemDataRole.UserRole)
        if painter is None or row is None:
            return
        look = self._look(row)
        palette = theme.current()
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect).adjusted(_EDGE, 1, -_EDGE, -1)
        background = None
        if look.selected:
            background = palette.selected
        elif state & QStyle.StateFlag.State_MouseOver:
            background = palette.hover
        if background is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(background))
            painter.drawRoundedRect(area, _RADIUS, _RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(palette.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        self._content(painter, look, area.adjusted(_GAP, 0, -_GAP, 0), option.font)
        painter.restore()

    def _content(self, painter: QPainter, look: Look, area: QRectF, font: QFont) -> None:
        palette = theme.current()
        middle = Qt.AlignmentFlag.AlignVCenter
        if look.badge:
            ground = palette.background if look.selected else palette.selected
            area.setRight(_badge(painter, look.badge, area, font, (ground, palette.text)) - _GAP / 2)
        if look.call:
            area.setRight(_badge(painter, look.call, area, font, (palette.unread, palette.on_unread)) - _GAP)
        elif look.count and not look.badge:
            painter.setFont(font)
            painter.setPen(QColor(palette.muted))
            painter.drawText(area, int(middle | Qt.AlignmentFlag.AlignRight), look.count)
            area.setRight(area.right() - QFontMetricsF(font).horizontalAdvance(look.count) - _GAP)
        if look.mark:
            painter.setFont(font)
            painter.setPen(QColor(palette.accent if look.here else palette.muted))
            painter.drawText(area, int(middle), look.mark)
            area.setLeft(area.left() + QFontMetricsF(font).horizontalAdvance(look.mark) + 6)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold if look.bold else QFont.Weight.Normal)
        metrics = QFontMetricsF(bold)
        painter.setFont(bold)
        painter.setPen(QColor(palette.muted if look.muted else palette.text))
        first = QRectF(area)
        if look.second:
            first.setBottom(area.center().y() + 1)
            below = QRectF(area)
            below.setTop(area.center().y() + 1)
        text = metrics.elidedText(look.text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(first, int(Qt.AlignmentFlag.AlignBottom if look.second else middle), text)
        if look.second:
            painter.setFont(font)
            painter.setPen(QColor(palette.muted))
            text = QFontMetricsF(font).elidedText(look.second, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(below, int(Qt.AlignmentFlag.AlignTop), text)


def _badge(painter: QPainter, text: str, area: QRectF, font: QFont, colours: tuple[str, str]) -> float:
    """Paint a badge at the right end, of a ground and an ink, and return where it begins."""
    ground, ink = colours
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.88)
    small.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetricsF(small)
    height = metrics.height() + 2
    width = max(height, metrics.horizontalAdvance(text) + 12)
    pill = QRectF(area.right() - width, area.center().y() - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setFont(small)
    painter.setPen(QColor(ink))
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), text)
    return pill.left()
