"""Small drawn icons in the colours of the theme, sharp on every screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

_SIZE: Final = 16
_SCALES: Final = (1, 2, 3)

Draw = Callable[[QPainter], None]


def plus(painter: QPainter) -> None:
    """Draw a plus: something new."""
    painter.drawLine(QPointF(8, 3.5), QPointF(8, 12.5))
    painter.drawLine(QPointF(3.5, 8), QPointF(12.5, 8))


def cross(painter: QPainter) -> None:
    """Draw a cross: close this."""
    painter.drawLine(QPointF(4.5, 4.5), QPointF(11.5, 11.5))
    painter.drawLine(QPointF(11.5, 4.5), QPointF(4.5, 11.5))


def up(painter: QPainter) -> None:
    """Draw an arrow up: to an older one."""
    painter.drawPolyline(QPointF(4, 9.5), QPointF(8, 5.5), QPointF(12, 9.5))


def down(painter: QPainter) -> None:
    """Draw an arrow down: to a newer one."""
    painter.drawPolyline(QPointF(4, 6.5), QPointF(8, 10.5), QPointF(12, 6.5))


def back(painter: QPainter) -> None:
    """Draw an arrow to the left: to where one was before."""
    painter.drawPolyline(QPointF(9.5, 4), QPointF(5.5, 8), QPointF(9.5, 12))


def forward(painter: QPainter) -> None:
    """Draw an arrow to the right: to where one was afterwards."""
    painter.drawPolyline(QPointF(6.5, 4), QPointF(10.5, 8), QPointF(6.5, 12))


def rooms(painter: QPainter) -> None:
    """Draw a window with a pane on the left."""
    painter.drawRoundedRect(QRectF(2, 3, 12, 10), 2, 2)
    painter.drawLine(QPointF(6.5, 3), QPointF(6.5, 13))


def people(painter: QPainter) -> None:
    """Draw two people."""
    painter.drawEllipse(QPointF(6, 5.5), 2.3, 2.3)
    path = QPainterPath(QPointF(1.8, 13))
    path.cubicTo(QPointF(2, 8.8), QPointF(10, 8.8), QPointF(10.2, 13))
    path.moveTo(10.4, 3.6)
    path.cubicTo(QPointF(13, 3.8), QPointF(13, 7.2), QPointF(10.6, 7.5))
    path.moveTo(11.8, 9.9)
    path.cubicTo(QPointF(13.4, 10.5), QPointF(14, 11.6), QPointF(14.2, 13))
    painter.drawPath(path)


def clip(painter: QPainter) -> None:
    """Draw a paper clip: a file to send."""
    painter.translate(8, 8)
    painter.rotate(40)
    painter.translate(-8, -8)
    path = QPainterPath(QPointF(11, 5))
    path.lineTo(11, 11)
    path.arcTo(QRectF(5, 8, 6, 6), 0, -180)
    path.lineTo(5, 4)
    path.arcTo(QRectF(5, 2, 4, 4), 180, -180)
    path.lineTo(9, 10.5)
    path.arcTo(QRectF(7, 9.5, 2, 2), 0, -180)
    path.lineTo(7, 5.5)
    painter.drawPath(path)


def incoming(painter: QPainter) -> None:
    """Draw an arrow down into a tray: a file that is received."""
    _tray(painter)
    painter.drawLine(QPointF(8, 2.5), QPointF(8, 9.5))
    painter.drawPolyline(QPointF(5, 6.8), QPointF(8, 9.8), QPointF(11, 6.8))


def outgoing(painter: QPainter) -> None:
    """Draw an arrow up out of a tray: a file that is sent."""
    _tray(painter)
    painter.drawLine(QPointF(8, 3), QPointF(8, 10))
    painter.drawPolyline(QPointF(5, 5.5), QPointF(8, 2.5), QPointF(11, 5.5))


def _tray(painter: QPainter) -> None:
    painter.drawPolyline(QPointF(2.5, 10.5), QPointF(2.5, 13.5), QPointF(13.5, 13.5), QPointF(13.5, 10.5))


def check(painter: QPainter) -> None:
    """Draw a check mark: it is done."""
    painter.drawPolyline(QPointF(3.5, 8.5), QPointF(6.5, 11.5), QPointF(12.5, 4.5))


def exclamation(painter: QPainter) -> None:
    """Draw an exclamation mark: something went wrong."""
    painter.drawLine(QPointF(8, 3), QPointF(8, 9))
    painter.drawPoint(QPointF(8, 12.5))


def star(painter: QPainter) -> None:
    """Draw a star: a favourite."""
    points = [(8, 2.2), (9.8, 6), (14, 6.5), (10.9, 9.4), (11.7, 13.6), (8, 11.5), (4.3, 13.6), (5.1, 9.4), (2, 6.5)]
    path = QPainterPath(QPointF(*points[0]))
    for point in [*points[1:], (6.2, 6)]:
        path.lineTo(QPointF(*point))
    path.closeSubpath()
    painter.drawPath(path)


def icon(draw: Draw, colour: str) -> QIcon:
    """Return a drawing as an icon."""
    made = QIcon()
    for scale in _SCALES:
        pixmap = QPixmap(_SIZE * scale, _SIZE * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(colour), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        draw(painter)
        painter.end()
        made.addPixmap(pixmap)
    return made


def app_icon() -> QIcon:
    """Return the icon of the app: a speech bubble."""
    made = QIcon()
    for size in (16, 32, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / 64, size / 64)
        path = QPainterPath()
        path.addRoundedRect(QRectF(4, 6, 56, 42), 14, 14)
        tail = QPainterPath(QPointF(16, 44))
        for x, y in ((16, 60), (34, 46)):
            tail.lineTo(QPointF(x, y))
        tail.closeSubpath()
        painter.fillPath(path.united(tail), QColor("#3355d1"))
        painter.setBrush(QColor("#ffffff"))
        painter.setPen(Qt.PenStyle.NoPen)
        for x in (20, 32, 44):
            painter.drawEllipse(QPointF(x, 27), 4, 4)
        painter.end()
        made.addPixmap(pixmap)
    return made
