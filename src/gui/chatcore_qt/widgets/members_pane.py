"""The right pane: who is in the room, or in the conversation."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLineEdit, QMenu, QVBoxLayout, QWidget

from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.rooms.members import Difference
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import Header
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate

_FILTER_FROM: Final = 12
_MANY: Final = 200  # changes, from which on the whole list costs less


class MembersPane(QFrame):
    """Shows the members. Enter or two clicks on one begin a direct message."""

    write_wanted = pyqtSignal(str)
    whois_wanted = pyqtSignal(str)

    def __init__(self, chat: ChatPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self._chat = chat
        self._model: RowsModel[str] = RowsModel(name_key, safe_name, self._sentence)
        self.header = Header(translate("MembersPane", "Members"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(translate("MembersPane", "Find a name"))
        self.filter.setAccessibleName(translate("MembersPane", "Find a name"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.show_members)
        self.list = ChoiceList(self._model)
        self.list.double_click = True
        self.list.setAccessibleName(translate("MembersPane", "Members of the room"))
        self.list.setItemDelegate(RowDelegate(self._look))
        self.list.chosen.connect(self.write_wanted.emit)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 8)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        within = QVBoxLayout()
        within.setContentsMargins(8, 0, 8, 8)
        within.addWidget(self.filter)
        layout.addLayout(within)
        layout.addWidget(self.list, 1)
        chat.members.differ.connect(self._show_difference)
        chat.conversations.shown_changed.connect(self.show_members)
        chat.conversations.changed.connect(self._show_the_two)
        self.show_members()

    def show_members(self) -> None:
        """Show the members as they are now; in a direct conversation, the two of them."""
        direct = self._direct
        self.list.setAccessibleName(
            translate("MembersPane", "Both of you") if direct else translate("MembersPane", "Members of the room")
        )
        if direct is not None:
            self.filter.hide()
            self.header.label.show_text(translate("MembersPane", "Both of you"))
            names = {name_key(name): name for name in (self._chat.username, direct.name)}
            self._model.set_rows([names[key] for key in sorted(names)])
            return
        wanted = self._wanted
        self._show_count()
        members = self._names
        self._model.set_rows([name for name in members if wanted in name_key(name)] if wanted else members)

    @property
    def _names(self) -> tuple[str, ...]:
        room = self._chat.conversations.previewed
        return self._chat.members.names if room is None else self._chat.names_in(room)

    @property
    def _direct(self) -> Conversation | None:
        shown = self._chat.conversations.shown
        return shown if shown is not None and shown.kind == "direct" else None

    def _show_the_two(self) -> None:
        if self._direct is not None:
            self.show_members()  # one of them may have another name now

    @property
    def _elsewhere(self) -> bool:
        return self._direct is not None or self._chat.conversations.previewed is not None

    def _show_difference(self, difference: Difference | None) -> None:
        if difference is None or len(difference) > _MANY or self._elsewhere:
            self.show_members()
            return
        self._show_count()
        wanted = self._wanted
        for key, name in difference.items():
            if name is not None and wanted in name_key(name):
                self._model.put(name)
            else:
                self._model.drop(key)

    def _show_count(self) -> None:
        count = self._chat.people
        # Before there is a connection nobody knows how many there are.
        self.header.label.show_text(
            translate("MembersPane", "%n members", "", count) if count else translate("MembersPane", "Members")
        )
        self.filter.setVisible(count >= _FILTER_FROM or bool(self._wanted))

    @property
    def _wanted(self) -> str:
        return name_key(self.filter.text().strip())

    def _look(self, name: str) -> Look:
        if not self._is_me(name):
            client = self._chat.client
            is_bot = client is not None and not self._elsewhere and name_key(name) in client.bots
            shown = safe_name(name)
            return Look(translate("Conversation", "{name} (a bot)").format(name=shown) if is_bot else shown)
        return Look(translate("MembersPane", "{name} (you)").format(name=safe_name(name)), bold=True)

    def _sentence(self, name: str) -> str:
        return self._look(name).text

    def _is_me(self, name: str) -> bool:
        return name_key(name) == name_key(self._chat.username)

    def _show_menu(self, at: QPoint) -> None:
        name = self.list.row
        viewport = self.list.viewport()
        if name is None or viewport is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, signal in (
            (translate("MembersPane", "Write a direct message"), self.write_wanted),
            (translate("MembersPane", "Who is this?"), self.whois_wanted),
        ):
            action = menu.addAction(text)
            if action is not None:
                action.triggered.connect(lambda _checked, signal=signal: signal.emit(name))
        menu.popup(viewport.mapToGlobal(at))
