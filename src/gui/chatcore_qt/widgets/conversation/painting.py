"""How a row is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final
from zlib import crc32

from PyQt6.QtCore import QDate, QDateTime, QLocale, QPointF, QRectF, Qt, QTime
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QTextCharFormat

from chatcore.text.names import name_key
from chatcore_qt.presenters.entries.sentences import near_day
from chatcore_qt.presenters.entries.timeline import GapEntry, MessageEntry
from chatcore_qt.texts import translate
from chatcore_qt.theme import Palette
from chatcore_qt.widgets.conversation.row import DAY, LEFT, RIGHT, SPACE, UNREAD, Fonts, Row
from chatcore_qt.widgets.conversation.text_block import Marked

_FOUND_SHOWN: Final = 500
_BAR: Final = 3
_BAR_LEFT: Final = 8
_MARK: Final = 12
_MARK_LEFT: Final = 14
_CENTRE: Final = Qt.AlignmentFlag.AlignCenter
_START: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Found:
    """What is looked for."""

    words: str
    key: str | None
    """Of the message that is looked at."""


class RowPainter:
    """Draws rows with certain colours and fonts."""

    def __init__(self, palette: Palette, fonts: Fonts) -> None:
        self._palette = palette
        self._fonts = fonts
        self._mark_look = QTextCharFormat()
        self._mark_look.setBackground(palette.color("accent"))
        self._mark_look.setForeground(palette.color("on_accent"))
        self._found_look, self._here_look = QTextCharFormat(), QTextCharFormat()
        self._found_look.setBackground(palette.color("mention_background"))
        self._here_look.setBackground(palette.color("mention"))
        self._here_look.setForeground(palette.color("background"))

    def name_colour(self, name: str) -> QColor:
        """Return a user's colour: always the same one."""
        names = self._palette.names
        return QColor(names[crc32(name_key(name).encode("utf-8", "surrogatepass")) % len(names)])

    def paint(
        self,
        painter: QPainter,
        row: Row,
        y: int,
        clip: QRectF,
        *,
        selected: bool,
        current: bool,
        marked: tuple[int, int | None] | None = None,
        found: Found | None = None,
    ) -> None:
        """Draw a row with its top at `y`; nothing of it comes outside of the row.

        `marked`: from which character to which its text is selected, None for its end. `found`: what was looked for.
        """
        painter.save()
        painter.setClipRect(QRectF(0, y, row.width, row.height), Qt.ClipOperation.IntersectClip)
        self._separators(painter, row, y)
        if isinstance(row.entry, GapEntry):
            self._ground(painter, row, y, selected=selected)
            self._gap(painter, row, y)
        else:
            self._ground(painter, row, y, selected=selected)
            self._head(painter, row, y)
            marks = [] if found is None else self._found(row, found)
            self._text(painter, row, y, clip, marks + self._selected(row, marked))
            self._buttons(painter, row, y)
        if current:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._palette.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(3.5, y + row.top + 0.5, row.width - 7, row.height - row.top - 1), 4, 4)
        painter.restore()

    def _ground(self, painter: QPainter, row: Row, y: int, *, selected: bool) -> None:
        entry = row.entry
        rect = QRectF(0, y + row.top, row.width, row.height - row.top)
        message = entry if isinstance(entry, MessageEntry) else None
        if selected:
            painter.fillRect(rect, self._palette.color("selected"))
        elif message is not None and message.own:
            painter.fillRect(rect, self._palette.color("own_background"))
        elif message is not None and message.mentions:
            painter.fillRect(rect, self._palette.color("mention_background"))
        if message is not None and message.mentions and not message.own:
            painter.fillRect(QRectF(_BAR_LEFT, rect.top(), _BAR, rect.height()), self._palette.color("mention"))

    def _separators(self, painter: QPainter, row: Row, y: int) -> None:
        if row.day:
            rect = QRectF(0, y, row.width, DAY)
            self._line(painter, rect, _day_label(row.entry.at.astimezone().date()), "muted", line="separator")
            y += DAY
        if row.unread:
            label = translate("Conversation", "New messages")
            self._line(painter, QRectF(0, y, row.width, UNREAD), label, "unread")

    def _gap(self, painter: QPainter, row: Row, y: int) -> None:
        if row.name is not None:
            rect = row.name.rect.translated(0, y)
            self._line(painter, rect, row.name.text, "warning", style=Qt.PenStyle.DashLine)

    def _line(
        self,
        painter: QPainter,
        rect: QRectF,
        label: str,
        colour: str,
        *,
        line: str = "",
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        metrics = self._fonts.label_metrics
        label = metrics.elidedText(label, Qt.TextElideMode.ElideRight, rect.width() - 2 * RIGHT)
        half = metrics.horizontalAdvance(label) / 2 + SPACE
        middle = round(rect.center().y()) + 0.5
        painter.setPen(QPen(self._palette.color(line or colour), 1, style))
        painter.drawLine(QPointF(RIGHT, middle), QPointF(rect.center().x() - half, middle))
        painter.drawLine(QPointF(rect.center().x() + half, middle), QPointF(rect.right() - RIGHT, middle))
        painter.setPen(self._palette.color(colour))
        painter.setFont(self._fonts.label)
        painter.drawText(rect, _CENTRE, label)

    def _head(self, painter: QPainter, row: Row, y: int) -> None:
        entry = row.entry
        if row.time is not None:
            painter.setPen(self._palette.color("muted"))
            painter.setFont(self._fonts.small)
            painter.drawText(row.time.rect.translated(0, y), _START, row.time.text)
        if row.quote is not None:
            rect = row.quote.rect.translated(0, y)
            painter.fillRect(
                QRectF(rect.left(), rect.top() + 1, 2, rect.height() - 2), self._palette.color("separator")
            )
            painter.setPen(self._palette.color("muted"))
            painter.setFont(self._fonts.small)
            painter.drawText(rect.adjusted(SPACE, 0, 0, 0), _START, row.quote.text)
        if row.name is None or not isinstance(entry, MessageEntry):
            return
        painter.setFont(self._fonts.name)
        painter.setPen(self._palette.color("own") if entry.own else self.name_colour(entry.sender))
        painter.drawText(row.name.rect.translated(0, y), _START, row.name.text)
        mentions = entry.mentions and not entry.own
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._palette.color("background"))
        painter.setFont(self._fonts.label)
        for chip in row.chips:
            rect = chip.rect.translated(0, y)
            painter.setPen(QPen(self._palette.color("mention" if mentions else "separator"), 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(self._palette.color("mention" if mentions else "muted"))
            painter.drawText(rect, _CENTRE, chip.text)

    def _selected(self, row: Row, marked: tuple[int, int | None] | None) -> list[Marked]:
        if marked is None or row.body is None:
            return []
        start, end = marked
        return [Marked(start, len(row.body.text) if end is None else end, self._mark_look)]

    def _found(self, row: Row, found: Found) -> list[Marked]:
        if row.body is None or not isinstance(row.entry, MessageEntry):
            return []
        look = self._here_look if row.entry.key == found.key else self._found_look
        places = re.finditer(re.escape(found.words), row.body.text, re.IGNORECASE)
        return [Marked(place.start(), place.end(), look) for place in islice(places, _FOUND_SHOWN)]

    def _text(self, painter: QPainter, row: Row, y: int, clip: QRectF, marks: list[Marked]) -> None:
        if row.body is None:
            return
        entry = row.entry
        state = entry.state if isinstance(entry, MessageEntry) else "pending"
        painter.setPen(self._palette.color("muted" if state == "pending" else "text"))
        row.body.draw(painter, LEFT, y + row.body_top, clip, marks)
        if not isinstance(entry, MessageEntry):
            return
        mark = QRectF(_MARK_LEFT, y + row.body_top + (row.body.first_line - _MARK) / 2, _MARK, _MARK)
        if state == "pending":
            self._clock(painter, mark)
        elif state == "failed":
            self._warning(painter, mark)
            painter.setPen(self._palette.color("error"))
            if row.note is not None:
                row.note.draw(painter, LEFT, y + row.note_top, clip)

    def _buttons(self, painter: QPainter, row: Row, y: int) -> None:
        painter.setFont(self._fonts.label)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for button in row.buttons:
            rect = button.rect.translated(0, y)
            reaction = button.action == "react"
            painter.setPen(QPen(self._palette.color("accent" if button.chosen else "separator"), 1))
            painter.setBrush(self._palette.color("selected" if button.chosen else "background"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            painter.setPen(self._palette.color("text" if reaction else "accent"))
            painter.drawText(rect, _CENTRE, button.text)

    def _clock(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._palette.color("muted"), 1.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
        centre = rect.center()
        painter.drawLine(centre, centre - QPointF(0, 3))
        painter.drawLine(centre, centre + QPointF(2.5, 0))

    def _warning(self, painter: QPainter, rect: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.color("error"))
        path = QPainterPath(QPointF(rect.center().x(), rect.top()))
        path.lineTo(rect.bottomRight())
        path.lineTo(rect.bottomLeft())
        path.closeSubpath()
        painter.drawPath(path)
        painter.setPen(QPen(self._palette.color("background"), 1.5))
        middle = rect.center().x()
        painter.drawLine(QPointF(middle, rect.top() + 4), QPointF(middle, rect.top() + 8))
        painter.drawPoint(QPointF(middle, rect.top() + 10))


def full_time(at: datetime) -> str:
    """Return the local day and time, to the second."""
    return QLocale().toString(_local(at), QLocale.FormatType.LongFormat)


def short_time(at: datetime) -> str:
    """Return the local day and time in a few letters."""
    return QLocale().toString(_local(at), QLocale.FormatType.ShortFormat)


def _local(at: datetime) -> QDateTime:
    local = at.astimezone()
    return QDateTime(QDate(local.year, local.month, local.day), QTime(local.hour, local.minute, local.second))


def _day_label(day: date) -> str:
    near = near_day(day, date.today())
    if near is not None:
        return near
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat)
