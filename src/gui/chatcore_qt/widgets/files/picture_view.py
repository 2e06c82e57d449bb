"""A picture that somebody has sent, in the card of its file, once the user asks for it."""

from __future__ import annotations

import asyncio
from typing import Final

from PyQt6 import sip
from PyQt6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QImage, QPainter, QPaintEvent, QPixmap

from chatcore.aio.threads import in_thread
from chatcore_qt import pictures
from chatcore_qt.labels import Label
from chatcore_qt.presenters.files.cards import FileCards
from chatcore_qt.texts import translate

MOST: Final = QSize(360, 200)
"""Of what is shown, in points of the screen."""


class PictureView(Label):
    """Shows a picture, or says why it is not shown. Nothing of it is read before `load`."""

    def __init__(self, files: FileCards) -> None:
        super().__init__()
        self._files = files
        self._loading: asyncio.Task[None] | None = None
        self.drawn = QPixmap()
        self.setWordWrap(True)
        self.hide()

    def load(self, path: str, name: str) -> None:
        """Show the picture of a file; `name` is for those who do not see it."""
        if self._loading is None:
            self.setText(translate("Files", "Reading the picture…"))
            self.show()
            self._loading = self._files.run(self._load(path, name))

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the picture, smaller where there is no room for it; or say what there is to say."""
        if self.drawn.isNull():
            super().paintEvent(a0)
            return
        size = self.drawn.deviceIndependentSize()
        size.scale(QSizeF(self.size()).boundedTo(size), Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(QRectF(QPointF(), size), self.drawn, QRectF(self.drawn.rect()))
        painter.end()

    async def _load(self, path: str, name: str) -> None:
        ratio = self.devicePixelRatioF()
        try:
            async with self._files.reading_picture:
                image = await in_thread(pictures.load, path, MOST * ratio)
        except pictures.NotShown as error:
            if not sip.isdeleted(self):
                self._refuse(too_large=error.too_large)
        else:
            if not sip.isdeleted(self):
                self._show(image, ratio, name)

    def _refuse(self, *, too_large: bool) -> None:
        if too_large:
            text = translate("Files", "This picture is too large to be shown here; open it in its folder.")
        else:
            text = translate("Files", "This is no picture that can be shown here: it is damaged, or of another kind.")
        self.setText(text)

    def _show(self, image: QImage, ratio: float, name: str) -> None:
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(ratio)
        self.setText("")
        self.drawn = picture
        self.setFixedHeight(round(picture.deviceIndependentSize().height()))
        self.update()
        self.setAccessibleName(translate("Files", "Picture {name}").format(name=name))
