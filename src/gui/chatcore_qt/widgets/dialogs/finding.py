"""Dialogs in which one types some letters, and chooses what fits: a room or a user, an emoji, a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from PyQt6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from chatcore.errors import ChatcoreError
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.searching import Hit
from chatcore_qt.presenters.entries.emoji import USUAL, name_of, named
from chatcore_qt.presenters.entries.sentences import shown_name
from chatcore_qt.presenters.entries.visible import visible
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import label, resize_within
from chatcore_qt.widgets.conversation.painting import short_time
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate

Row = TypeVar("Row")
_PAUSE: Final = 250
"""Milliseconds without a key until the server is asked."""
_SHOWN_CHARS: Final = 300
_OLDER: Final = Hit("", 0, "", "", datetime.max)
"""A row that asks for more."""


class FindDialog(QDialog, Generic[Row]):
    """A field, and below it what fits; the arrow keys move in the list while one types, Enter chooses.

    Args:
        title: of the window.
        ask: what is to be typed.
        parent: the window.
        key: what makes a row the same one when it was changed.
        sentence: what a screen reader says of a row.
        look: what a row looks like.
        lines: how many lines a row has.
    """

    def __init__(
        self,
        title: str,
        ask: str,
        parent: QWidget,
        *,
        key: Callable[[Row], Hashable],
        sentence: Callable[[Row], str],
        look: Callable[[Row], Look],
        lines: int = 1,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._model: RowsModel[Row] = RowsModel(key, sentence)
        self.field = QLineEdit()
        self.field.setPlaceholderText(ask)
        self.field.setAccessibleName(ask)
        self.field.textChanged.connect(self.look_for)
        self.field.returnPressed.connect(self._choose)
        self.field.installEventFilter(self)
        self.list = ChoiceList(self._model)
        self.list.setObjectName("choices")
        self.list.setAccessibleName(translate("Jump", "What fits"))
        self.list.setItemDelegate(RowDelegate(look, lines))
        self.list.chosen.connect(self._chosen)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        selection = self.list.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(self._moved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        resize_within(self, 360, 320)

    def look_for(self, text: str) -> None:
        """Show what fits a text."""
        raise NotImplementedError

    def take(self, row: Row) -> None:
        """Do what the dialog is for."""
        raise NotImplementedError

    def show_rows(self, rows: list[Row]) -> None:
        """Show these, the first of them chosen."""
        self._model.set_rows(rows)
        if rows:
            self.list.setCurrentIndex(self._model.index(0))

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Let the arrow keys move in the list while one types."""
        if isinstance(a1, QKeyEvent) and a1.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(a1.key()))
            if step is not None and self._model.rows:
                at = self.list.currentIndex().row()  # -1 where none is chosen: the list begins, or ends, there
                row = (max(at, 0) + step if step < 0 else at + step) % len(self._model.rows)
                self.list.setCurrentIndex(self._model.index(row))
                return True
        return super().eventFilter(a0, a1)

    def _moved(self) -> None:
        """Say to a screen reader, which stays in the field, what would be chosen now."""
        self.field.setAccessibleDescription(str(self.list.currentIndex().data() or ""))
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()

    def _choose(self) -> None:
        if self.list.row is not None:
            self._chosen(self.list.row)

    def _chosen(self, row: Row) -> None:
        self.accept()
        self.take(row)


class SearchDialog(FindDialog[Hit]):
    """Finds messages on the server while one types; the last row asks for older ones."""

    def __init__(self, chat: ChatPresenter, line: str, parent: QWidget) -> None:
        self._chat = chat
        self._asking: asyncio.Task[None] | None = None
        self._away = False  # whether there was no connection when the server was to be asked last
        self._before: str | None = None  # what that was to go on with
        self._found: list[Hit] = []
        self._more: str | None = None
        super().__init__(
            translate("Find", "Search on the server"),
            translate("Find", "Words, from:NAME, in:ROOM, since:DATE, until:DATE"),
            parent,
            key=lambda row: (row.room, row.seq),
            sentence=self._sentence,
            look=self._look,
            lines=2,
        )
        self.told = label(role="muted", wrap=True)
        self.told.hide()
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self.told)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(lambda: self._ask(None))
        self.finished.connect(self._stop)
        chat.connection_changed.connect(self._look_at_connection)
        self.finished.connect(lambda: chat.connection_changed.disconnect(self._look_at_connection))
        resize_within(self, 560, 420)
        self.field.setText(line)

    def look_for(self, text: str) -> None:
        """Ask the server, once one has stopped typing for a moment; what was found for other words is not chosen."""
        self._stop()
        self._more = None
        self.list.setCurrentIndex(QModelIndex())
        self._pause.start()

    def take(self, row: Hit) -> None:
        """Go there."""
        self._chat.searching.go_to(row)

    def _choose(self) -> None:
        """Go to what is chosen; where nothing is, ask without waiting for the end of the pause."""
        super()._choose()
        if self.list.row is None and self._pause.isActive():
            self._ask(None)

    def _chosen(self, row: Hit) -> None:
        if row is _OLDER:
            self._ask(self._more)
        else:
            super()._chosen(row)

    def _look_at_connection(self) -> None:
        """Ask what could not be asked, once there is a connection."""
        if self._away and self._chat.connected and not self._pause.isActive():
            self._ask(self._before)

    def _ask(self, before: str | None) -> None:
        self._stop()
        self._before, self._away = before, not self._chat.connected
        asking = self._show(self.field.text(), before)
        self._asking = asyncio.get_running_loop().create_task(asking, name="search on the server")

    def _stop(self) -> None:
        self._pause.stop()
        if self._asking is not None:
            self._asking.cancel()

    async def _show(self, line: str, before: str | None) -> None:
        hits, more, text = await self._chat.searching.find(line, before)
        self._more = before if before and text else more  # what was refused can be asked for again
        at = len(self._found) if before else 0
        self._found = [*self._found, *hits] if before else hits
        self.told.setText(text)
        self.told.setVisible(bool(text))
        self.show_rows([*self._found, *([_OLDER] if self._more else [])])
        self.list.setCurrentIndex(self._model.index(at))

    def _look(self, row: Hit) -> Look:
        selected = row == self.list.row
        if row is _OLDER:
            return Look(self._sentence(row), muted=True, selected=selected)
        second = translate("Find", "{name} in {room}, {time}")
        return Look(
            visible(row.text[:_SHOWN_CHARS], lines=False),
            second=second.format(name=shown_name(row.sender), room=safe_name(row.room), time=short_time(row.at)),
            selected=selected,
        )

    def _sentence(self, row: Hit) -> str:
        if row is _OLDER:
            return translate("Find", "Look for older ones")
        text = translate("Find", "{name} in {room}, {time}: {text}")
        return text.format(
            name=shown_name(row.sender),
            room=safe_name(row.room),
            time=short_time(row.at),
            text=visible(row.text[:_SHOWN_CHARS], lines=False),
        )


class EmojiDialog(FindDialog[str]):
    """Finds an emoji by its name, or takes the one that is put into the field."""

    emoji_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            translate("Emojis", "Choose an emoji"),
            translate("Emojis", "Name of an emoji, or the emoji"),
            parent,
            key=lambda row: row,
            sentence=lambda row: f"{row} {name_of(row)}".rstrip(),
            look=lambda row: Look(name_of(row), mark=row, selected=row == self.list.row),
        )
        self.look_for("")

    def look_for(self, text: str) -> None:
        """Show what is called so; what most people want before anything is typed."""
        self.show_rows(list(named(text) if text.strip(" :") else USUAL))

    def take(self, row: str) -> None:
        """Tell which it is."""
        self.emoji_chosen.emit(row)


@dataclass(frozen=True, slots=True)
class _Found:
    """Something to jump to."""

    mark: str
    """`#` for a room, `@` for a user."""
    name: str
    unread: int = 0
    calls: int = 0
    """How much of that is for the user."""


class JumpDialog(FindDialog[_Found]):
    """Finds a room, or a user who is on the server, by some letters of the name; what is unread comes first."""

    room_chosen = pyqtSignal(str)
    user_chosen = pyqtSignal(str)

    def __init__(self, chat: ChatPresenter, parent: QWidget) -> None:
        super().__init__(
            translate("Jump", "Jump to a room or a user"),
            translate("Jump", "Room or name"),
            parent,
            key=lambda row: (row.mark, name_key(row.name)),
            sentence=self._sentence,
            look=self._look,
        )
        self._all = [_Found("#", row.name, row.unread, row.mentions) for row in chat.rooms.rows]
        self._all += [_Found("@", one.name, one.unread, one.unread) for one in chat.conversations.direct]
        self._asking = asyncio.get_running_loop().create_task(self._ask(chat), name="ask who is there")
        self.finished.connect(lambda _code: self._asking.cancel())
        self.look_for("")

    async def _ask(self, chat: ChatPresenter) -> None:
        """Add who is on the server; a server that does not tell adds nobody."""
        with suppress(ChatcoreError):
            known = {(row.mark, name_key(row.name)) for row in self._all}
            users = await chat.find_users()
            self._all += [_Found("@", name) for name in users if ("@", name_key(name)) not in known]
            self.look_for(self.field.text())

    def _look(self, row: _Found) -> Look:
        return Look(
            safe_name(row.name),
            mark=row.mark,
            badge=str(row.unread - row.calls) if row.unread > row.calls else "",
            call=f"@ {row.calls}" if row.calls else "",
            selected=row == self.list.row,
        )

    def _sentence(self, row: _Found) -> str:
        name = f"{row.mark} {safe_name(row.name)}"
        if not row.unread:
            return name
        unread = translate("Jump", "{name}, %n unread", "", row.unread).format(name=name)
        if row.mark == "@" or not row.calls:
            return unread
        mentions = translate("RoomsPane", "%n mention you", "", row.calls)
        return translate("RoomsPane", "{unread}, {mentions}").format(unread=unread, mentions=mentions)

    def look_for(self, text: str) -> None:
        """Show whose name has this in it, those that begin with it first."""
        wanted = name_key(text.strip().lstrip("#@"))
        found = [row for row in self._all if wanted in name_key(row.name)]
        found.sort(key=lambda row: (not name_key(row.name).startswith(wanted), not row.calls, not row.unread))
        self.show_rows(found)

    def take(self, row: _Found) -> None:
        """Tell where to go."""
        (self.room_chosen if row.mark == "#" else self.user_chosen).emit(row.name)
