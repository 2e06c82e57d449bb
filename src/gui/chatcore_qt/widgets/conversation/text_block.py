"""Plain text, broken into lines. Never rich text: `QTextLayout` knows no markup and fetches nothing.

Long text is laid out in pieces: the cost of a single word grows with the square of its length.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from chatcore_qt.presenters.entries.visible import characters_in, code_in, links, utf16_units

_PIECE: Final = 4000
_LEADING: Final = 2
_AWAY: Final = QPointF(0, -1_000_000)


@dataclass(slots=True)
class _Piece:
    layout: QTextLayout
    y: float
    start: int
    """Where in the text it begins, in characters."""
    text: str
    bottom: float = 0.0
    lines: list[QTextLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Marked:
    """A part of a text that is drawn in another way."""

    start: int
    end: int
    look: QTextCharFormat


def _marks(piece: _Piece, marked: Marked) -> list[QTextLayout.FormatRange]:
    first, last = max(marked.start - piece.start, 0), min(marked.end - piece.start, len(piece.text))
    return [_span(piece.text, first, last, marked.look)] if first < last else []


def _span(text: str, first: int, last: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    """Return a look for some characters of a text."""
    span = QTextLayout.FormatRange()
    span.start = utf16_units(text[:first])
    span.length = utf16_units(text[first:last])
    span.format = look
    return span


class TextBlock:
    """A text in lines of a certain width.

    Args:
        text: the text, made harmless already.
        font: its font.
        width: the width of the lines, in pixels.
        most_lines: where to stop; `complete` tells whether that was before the end.
        link: how links look.
        code: how code looks; None where nothing is code.
    """

    def __init__(
        self,
        text: str,
        font: QFont,
        width: float,
        *,
        most_lines: int,
        link: QTextCharFormat,
        code: QTextCharFormat | None = None,
    ) -> None:
        self._text = text or " "
        self._code = [] if code is None else code_in(text)
        begins = [start for start, _end, _code in self._code]
        ends = [0, *(end for _start, end, _code in self._code)]
        self._links = [one for one in links(text) if one[0] >= ends[bisect_right(begins, one[0])]]
        self._looks = [(start, end, link) for start, end, _address in self._links]
        self._looks += [(start, end, code) for start, end, _text in self._code if code is not None]
        self._pieces: list[_Piece] = []
        self.height = 0.0
        """In pixels; a whole number."""
        self.first_line = 0
        """Height of the first line."""
        self.complete = False
        start = count = 0
        while count < most_lines and not self.complete:
            piece = self._piece(start, font)
            start, count = self._fill(piece, width, count, most_lines)
            self._pieces.append(piece)

    @property
    def addresses(self) -> list[str]:
        """The links in it, once each."""
        return list(dict.fromkeys(address for _start, _end, address in self._links))

    @property
    def code(self) -> list[str]:
        """The code in it, without its marks, once each."""
        return list(dict.fromkeys(text for _start, _end, text in self._code))

    @property
    def text(self) -> str:
        """The text."""
        return self._text

    def draw(self, painter: QPainter, x: float, y: float, clip: QRectF, marked: Sequence[Marked] = ()) -> None:
        """Draw it with its top left corner at a point, as far as it lies in `clip`, and parts of it as marked."""
        for piece in self._pieces:
            if y + piece.bottom >= clip.top() and y + piece.y <= clip.bottom():
                spans = [span for one in marked for span in _marks(piece, one)]
                piece.layout.draw(painter, QPointF(x, y + piece.y), spans, clip)

    def letter_at(self, x: float, y: float) -> int:
        """Return the place in the text, between two characters, that is nearest to a point."""
        piece = next((piece for piece in self._pieces if y < piece.bottom), self._pieces[-1])
        line = next((line for line in piece.lines if y - piece.y < line.y() + line.height()), piece.lines[-1])
        return piece.start + characters_in(piece.text, line.xToCursor(x))

    def link_at(self, x: float, y: float) -> str | None:
        """Return the address of the link at a point, counted from the top left corner."""
        for piece in self._pieces:
            if not piece.y <= y < piece.bottom:
                continue
            for line in piece.lines:
                drawn = line.naturalTextRect()
                if drawn.contains(x, y - piece.y):
                    position = line.xToCursor(x, QTextLine.CursorPosition.CursorOnCharacter)
                    at = piece.start + characters_in(piece.text, position)
                    return next((address for begin, end, address in self._links if begin <= at < end), None)
        return None

    def _piece(self, start: int, font: QFont) -> _Piece:
        text = self._text[start : start + _PIECE].replace("\n", "\u2028")
        layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        ranges = []
        for begin, end, look in self._looks:
            first, last = max(begin - start, 0), min(end - start, len(text))
            if first < last:
                ranges.append(_span(text, first, last, look))
        layout.setFormats(ranges)
        return _Piece(layout, self.height, start, text)

    def _fill(self, piece: _Piece, width: float, count: int, most_lines: int) -> tuple[int, int]:
        """Break a piece into lines; returns where the next one begins, and how many lines there are now."""
        y = 0.0
        at_end = False
        piece.layout.beginLayout()
        while count < most_lines:
            line = piece.layout.createLine()
            if not line.isValid():
                at_end = True
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y))
            piece.lines.append(line)
            y += ceil(line.height()) + _LEADING
            self.first_line = self.first_line or ceil(line.height())
            count += 1
        piece.layout.endLayout()
        rest = piece.start + len(piece.text)
        if at_end and rest >= len(self._text):
            self.complete = True
        elif at_end and len(piece.lines) > 1:
            # What stands in the last line may go on in the next piece, so it begins that one and is not shown here.
            last = piece.lines.pop()
            rest = piece.start + characters_in(piece.text, last.textStart())
            y = last.position().y()
            last.setPosition(_AWAY)
            count -= 1
        piece.bottom = piece.y + y
        self.height += y
        return rest, count
