"""The left pane: the rooms of the server, and below them the users one writes with."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QFrame, QMenu, QVBoxLayout, QWidget

from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.preferences import NOTIFY, Notify
from chatcore_qt.presenters.rooms.room_list import RoomRow
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import Header, IconButton
from chatcore_qt.widgets.dialogs.settings_dialog import NOTIFY_TEXTS
from chatcore_qt.widgets.icons import cross, plus
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate

_MOST: int = 999


class DirectRow:
    """One line of the direct messages, as it is now."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.name = conversation.name
        self.unread = conversation.unread

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DirectRow) and (self.name, self.unread) == (other.name, other.unread)

    __hash__ = None  # type: ignore[assignment]


class RoomsPane(QFrame):
    """Shows the rooms and the direct messages."""

    create_wanted = pyqtSignal()
    closed = pyqtSignal(object)
    """A conversation with a user."""

    def __init__(self, chat: ChatPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._chat = chat
        self._shown: tuple[str, str] | None = None
        new = IconButton(plus, translate("RoomsPane", "Create a room"))
        new.clicked.connect(self.create_wanted)
        self._rooms: RowsModel[RoomRow] = RowsModel(
            lambda row: name_key(row.name), lambda row: row.name, self._sentence
        )
        self.rooms = ChoiceList(self._rooms)
        self.rooms.setAccessibleName(translate("RoomsPane", "Rooms"))
        self.rooms.setItemDelegate(RowDelegate(self._room_look))
        self.rooms.double_click = True
        self.rooms.clicked.connect(self._open)
        self.rooms.chosen.connect(lambda row: chat.enter(row.name))
        self.rooms.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.rooms.customContextMenuRequested.connect(self._show_menu)
        self._direct: RowsModel[DirectRow] = RowsModel(
            lambda row: row.conversation.key, lambda row: safe_name(row.name), self._direct_sentence
        )
        self.direct = ChoiceList(self._direct)
        self.direct.setAccessibleName(translate("RoomsPane", "Direct messages"))
        self.direct.setItemDelegate(RowDelegate(self._direct_look))
        self.direct.chosen.connect(lambda row: chat.conversations.show(row.conversation))
        self._close = IconButton(cross, translate("RoomsPane", "Close this conversation"))
        self._close.clicked.connect(self._close_shown)
        self._direct_header = Header(translate("RoomsPane", "Direct messages"), self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(0)
        layout.addWidget(Header(translate("RoomsPane", "Rooms"), new))
        layout.addWidget(self.rooms, 300)
        layout.addWidget(self._direct_header)
        layout.addWidget(self.direct, 200)
        layout.addStretch(1)
        self.rooms.fit()
        self.direct.fit()
        chat.rooms.changed.connect(self.show_rooms)
        chat.conversations.changed.connect(self.show_direct)
        chat.conversations.shown_changed.connect(self.show_selected)
        self.show_direct()

    def show_rooms(self) -> None:
        """Show the rooms as they are now."""
        self._rooms.set_rows(self._chat.rooms.rows)
        self.show_selected()

    def show_direct(self) -> None:
        """Show the direct messages as they are now."""
        direct = self._chat.conversations.direct
        self._direct.set_rows([DirectRow(one) for one in direct])
        self._direct_header.setVisible(bool(direct))
        self.direct.setVisible(bool(direct))
        self.show_selected()

    def show_selected(self) -> None:
        """Show which conversation is open."""
        shown = self._chat.conversations.shown
        key = None if shown is None else shown.key
        self._close.setVisible(key is not None and key[0] == "direct")
        if key != self._shown:
            self._shown = key
            for view in (self.rooms, self.direct):
                viewport = view.viewport()
                if viewport is not None:
                    viewport.update()
        if key is not None:
            model, view = (self._rooms, self.rooms) if key[0] == "room" else (self._direct, self.direct)
            index = model.find(key[1] if key[0] == "room" else key)
            if index.isValid() and not view.hasFocus():
                view.setCurrentIndex(index)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if row is not None:
            self._chat.open(row.name)

    def _show_menu(self, at: QPoint) -> None:
        row = self.rooms.indexAt(at).data(Qt.ItemDataRole.UserRole)
        viewport = self.rooms.viewport()
        if row is None or viewport is None:
            return
        menu = self.menu(row)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(viewport.mapToGlobal(at))

    def menu(self, row: RoomRow) -> QMenu:
        """Return the menu of a room."""
        menu = QMenu(self)
        join = menu.addAction(translate("RoomsPane", "&Join this room"))
        quiet = menu.addAction(translate("RoomsPane", "Show who &comes and goes"))
        if join is not None and quiet is not None:
            conversation = self._chat.conversations.of_room(row.name)
            join.setEnabled(not row.current)
            join.triggered.connect(lambda: self._chat.enter(row.name))
            quiet.setCheckable(True)
            quiet.setChecked(not self._chat.conversations.hides_presence(conversation))
            quiet.toggled.connect(lambda on: self._chat.conversations.hide_presence(conversation, not on))
            self._add_notify(menu, row.name)
        return menu

    def _add_notify(self, menu: QMenu, room: str) -> None:
        """Let the user choose of which messages of a room to be told."""
        place, preferences = self._chat.conversations.place, self._chat.preferences
        within = menu.addMenu(translate("RoomsPane", "&Notifications"))
        if within is None:
            return
        group = QActionGroup(within)
        choices: list[tuple[Notify | None, str]] = [(None, translate("Settings", "As in other rooms"))]
        choices += [(name, translate("Settings", NOTIFY_TEXTS[name])) for name in NOTIFY]
        for what, text in choices:
            made = within.addAction(text)
            if made is not None:
                made.setCheckable(True)
                made.setChecked(what == preferences.chosen_for(place, room))
                made.triggered.connect(lambda _on, what=what: preferences.choose_for(place, room, what))
                group.addAction(made)

    def _close_shown(self) -> None:
        self.closed.emit(self._chat.conversations.shown)

    def _room_look(self, row: RoomRow) -> Look:
        return Look(
            safe_name(row.name),
            mark="#",
            count=str(row.users),
            badge=_number(row.unread - row.mentions),
            call=f"@ {_number(row.mentions)}" if row.mentions else "",
            bold=row.unread > 0 or row.current,
            here=row.current,
            selected=self._shown == ("room", name_key(row.name)),
        )

    def _direct_look(self, row: DirectRow) -> Look:
        return Look(
            safe_name(row.name),
            mark="@",
            call=_number(row.unread),
            bold=row.unread > 0,
            selected=self._shown == row.conversation.key,
        )

    def _sentence(self, row: RoomRow) -> str:
        name = safe_name(row.name)
        if row.mentions:
            unread = translate("RoomsPane", "Room {name}, %n unread messages", "", row.unread).format(name=name)
            mentions = translate("RoomsPane", "%n mention you", "", row.mentions)
            return translate("RoomsPane", "{unread}, {mentions}").format(unread=unread, mentions=mentions)
        if row.unread:
            return translate("RoomsPane", "Room {name}, %n unread messages", "", row.unread).format(name=name)
        if row.current:
            return translate("RoomsPane", "Room {name}, where you are, %n people", "", row.users).format(name=name)
        return translate("RoomsPane", "Room {name}, %n people", "", row.users).format(name=name)

    def _direct_sentence(self, row: DirectRow) -> str:
        name = safe_name(row.name)
        if not row.unread:
            return translate("RoomsPane", "Direct messages with {name}").format(name=name)
        return translate("RoomsPane", "Direct messages with {name}, %n unread", "", row.unread).format(name=name)


def _number(count: int) -> str:
    return "" if not count else f"{_MOST}+" if count > _MOST else str(count)
