"""The main window: rooms on the left, the conversation in the middle, members on the right."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QSplitter,
    QToolButton,
    QTreeView,
    QWidget,
)

import chatcore
from chatcore.commands import Identify, RegisterAccount
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name, safe_text
from chatcore_qt import theme
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.connecting.form import ConnectForm
from chatcore_qt.presenters.connecting.trust import encryption
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.entries.sentences import commands_behind, kept_behind, lost_behind
from chatcore_qt.presenters.files import texts as file_texts
from chatcore_qt.settings import Settings
from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate
from chatcore_qt.theme import Theme
from chatcore_qt.widgets.actions import Actions
from chatcore_qt.widgets.basics import FRAME, ElidedLabel, is_typing, label, resize_within
from chatcore_qt.widgets.conversation_pane import ConversationPane
from chatcore_qt.widgets.dialogs.connect_dialog import ConnectDialog
from chatcore_qt.widgets.dialogs.finding import EmojiDialog, JumpDialog, SearchDialog
from chatcore_qt.widgets.dialogs.password_dialog import PasswordDialog
from chatcore_qt.widgets.dialogs.settings_dialog import LARGEST, SMALLEST, SettingsDialog
from chatcore_qt.widgets.dialogs.small import CreateRoomDialog, EncryptionDialog, LeaveQuestion, ShortcutsDialog
from chatcore_qt.widgets.files.file_card import open_folder
from chatcore_qt.widgets.icons import back, forward, icon, up
from chatcore_qt.widgets.members_pane import MembersPane
from chatcore_qt.widgets.rooms_pane import RoomsPane

_WITH_MEMBERS = 720  # narrower windows show the members only when asked to
_WITH_ROOMS = 560
_LEAST = 320, 320
_LEAST_LINES = 14
"""So many lines of text there is room for in the lowest window, and with larger text it is higher."""
_ON_THEIR_WAY = 400
"""Milliseconds that a message may take to the server and back."""
_TRANSPORTS = {
    "ws": QT_TRANSLATE_NOOP("MainWindow", "WebSocket, not encrypted"),
    "wss": QT_TRANSLATE_NOOP("MainWindow", "WebSocket, encrypted"),
    "quic": QT_TRANSLATE_NOOP("MainWindow", "QUIC, encrypted"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A conversation that can be opened."""

    kind: str
    name: str
    unread: int
    calls: int
    """How much of that is for the user."""


class MainWindow(QMainWindow):
    """Shows a `ChatPresenter`."""

    close_wanted = pyqtSignal()
    """The user wants to leave; the window stays until the connection is closed."""
    disconnect_wanted = pyqtSignal()

    def __init__(self, chat: ChatPresenter, connecting: ConnectForm, settings: Settings) -> None:
        super().__init__()
        self.chat = chat
        self.connecting = connecting
        self._settings = settings
        self.dialog: ConnectDialog | None = None
        self.question: LeaveQuestion | None = None
        """Whether to leave although files are under way or messages wait, while that is asked."""
        self._panes = {"rooms": settings.flag("rooms", True), "members": settings.flag("members", True)}
        self.conversation = ConversationPane(chat)
        self.rooms = RoomsPane(chat)
        self.members = MembersPane(chat)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for pane, stretch, least in ((self.rooms, 0, 152), (self.conversation, 1, 280), (self.members, 0, 144)):
            self._splitter.addWidget(pane)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
            pane.setMinimumWidth(least)
        self._splitter.setSizes([216, 640, 184])
        self.setCentralWidget(self._splitter)
        bar = self.menuBar()
        assert bar is not None
        self.actions_ = Actions(self, bar)
        for button in self._splitter.findChildren(QAbstractButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        self._status()
        self._connect_actions()
        self._connect_presenters()
        self.setMinimumSize(*_LEAST)
        self.resize(1040, 680)
        self.restoreGeometry(settings.bytes("geometry"))
        resize_within(self, self.width(), self.height())  # the screen may be a smaller one than last time
        self._splitter.restoreState(settings.bytes("splitter"))
        self._fit_panes()
        self._show_connection()
        self._show_title()
        self._show_preferences()
        chat.preferences.changed.connect(self._show_preferences)

    # Putting it together.

    def _status(self) -> None:
        self.state = ElidedLabel(Qt.TextElideMode.ElideMiddle, "muted")
        self.unsent = label(role="warning")
        self.under_way = label(role="muted")
        bar = self.statusBar()
        assert bar is not None
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(8, 0, 8, 0)
        bar.addWidget(self.state, 1)
        bar.addPermanentWidget(self.under_way)
        bar.addPermanentWidget(self.unsent)

    def _connect_actions(self) -> None:
        actions = self.actions_
        for action, what in (
            (actions.connect_to, lambda: self._ask_to(self.open_connect_dialog)),
            (actions.reconnect, lambda: self._ask_to(self.reconnect)),
            (actions.reconnect_now, self.chat.reconnect_now),
            (actions.disconnect_now, lambda: self._ask_to(self.disconnect_wanted.emit)),
            (actions.copy_link, self._copy_link),
            (actions.encryption, self.open_encryption),
            (actions.create_room, self.open_create_room),
            (actions.leave_room, lambda: self.chat.submit("/leave")),
            (actions.close_direct, self._close_direct),
            (actions.offer_file, self.open_offer),
            (actions.open_downloads, self._open_downloads),
            (actions.choose_downloads, self.open_choose_downloads),
            (actions.quit, self.close),
            (actions.jump, self.open_jump),
            (actions.next_unread, lambda: self._next(lambda place: place.unread)),
            (actions.next_mention, lambda: self._next(lambda place: place.calls)),
            (actions.next_room, lambda: self._step(1)),
            (actions.previous_room, lambda: self._step(-1)),
            (actions.to_input, self.conversation.composer.setFocus),
            (actions.reply, self.conversation.reply),
            (actions.react, self.conversation.react),
            (actions.to_rooms, lambda: self._focus_pane("rooms")),
            (actions.to_members, lambda: self._focus_pane("members")),
            (actions.to_files, self._to_files),
            (actions.show_rooms, lambda: self._toggle("rooms")),
            (actions.show_members, lambda: self._toggle("members")),
            (actions.search, lambda: self.open_search(self.conversation.search_bar.field.text())),
            (actions.find, self.conversation.search_bar.begin),
            (actions.export, self.open_export),
            (actions.settings, lambda: SettingsDialog(self.chat.conversations, self._settings, self).open()),
            (actions.larger, lambda: self._resize_text(1)),
            (actions.smaller, lambda: self._resize_text(-1)),
            (actions.usual_size, lambda: self.chat.preferences.set("text_size", 0)),
            (actions.presence, self._toggle_presence),
            (actions.to_end, lambda: self._prefer("sending_goes_to_end", actions.to_end)),
            (actions.do_not_disturb, lambda: self._prefer("do_not_disturb", actions.do_not_disturb)),
            (actions.shortcuts, lambda: ShortcutsDialog(actions.all, self).open()),
            (actions.commands, lambda: self.chat.conversations.tell(notices.help_text())),
            (actions.about, self._about),
        ):
            actions.on(action, what)
        for name, action in actions.themes.items():
            action.setChecked(name == self._settings.theme)
            actions.on(action, lambda name=name: self.set_theme(name))  # type: ignore[misc]
        self.conversation.rooms_button.clicked.connect(lambda: self._toggle("rooms"))
        self.conversation.members_button.clicked.connect(lambda: self._toggle("members"))

    def _connect_presenters(self) -> None:
        chat = self.chat
        chat.connection_changed.connect(self._show_connection)
        chat.rooms.changed.connect(self._show_title)
        chat.conversations.changed.connect(self._show_title)
        chat.conversations.changed.connect(self._show_unsent)
        chat.conversations.shown_changed.connect(self._shown_changed)
        self.conversation.seen_changed.connect(self._seen)
        chat.searching.asked.connect(self.open_search)
        chat.reacting.asked.connect(self.open_emojis)
        self.conversation.connect_wanted.connect(self.open_connect_dialog)
        self.conversation.files_wanted.connect(self.open_offer)
        chat.files.changed.connect(self._show_files)
        chat.conversations.shown_changed.connect(self._show_files)
        self.rooms.create_wanted.connect(self.open_create_room)
        self.rooms.closed.connect(chat.conversations.close_direct)
        self.members.write_wanted.connect(self._write_to)
        self.members.whois_wanted.connect(chat.describe)
        for view in (self.rooms.rooms, self.rooms.direct, self.members.list):
            view.clicked.connect(self.conversation.composer.setFocus)
        self.connecting.connected.connect(self._connected)
        self.connecting.changed.connect(self._show_connection)

    # What the user does.

    def set_theme(self, name: Theme) -> None:
        """Take another theme, and remember it."""
        self._settings.theme = name
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, name)

    def open_connect_dialog(self) -> None:
        """Ask for a server."""
        if self.dialog is None:
            self.dialog = ConnectDialog(self.connecting, self)
            self.dialog.finished.connect(self._dialog_closed)
        self.dialog.open()

    def reconnect(self) -> None:
        """Connect to the server that was used last; when there is none, ask."""
        last = self.connecting.servers.last
        if self.connecting.busy:
            return
        self.open_connect_dialog()
        if last is not None:
            self.connecting.start(last.address, last.username)

    def open_password(self, command: RegisterAccount | Identify) -> None:
        """Ask for the password of a name."""
        PasswordDialog(self.chat, command, self).open()

    def open_create_room(self) -> None:
        """Ask for the name of a new room."""
        CreateRoomDialog(self.chat, self).open()

    def _copy_link(self) -> None:
        clipboard = QApplication.clipboard()
        assert clipboard is not None
        link = self.chat.link()
        if link is not None:
            clipboard.setText(link)
            self.chat.conversations.tell(translate("MainWindow", "Copied: {link}").format(link=link))

    def open_encryption(self) -> None:
        """Show how the connection is encrypted, and the fingerprint of the server's key."""
        EncryptionDialog(self._transport(), encryption(self.chat.transport, self.chat.trust), self).open()

    def open_offer(self) -> None:
        """Let the user choose files, and offer them in the conversation that is shown now."""
        place = self.chat.files.place_to_offer()
        if place is None:
            return
        dialog = self._file_dialog(translate("MainWindow", "Offer files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda paths: self.chat.files.offer_in(place, tuple(paths)))
        dialog.open()

    def open_export(self) -> None:
        """Let the user choose a file for what is loaded of this conversation."""
        shown = self.chat.conversations.shown
        if shown is not None:
            dialog = self._file_dialog(translate("MainWindow", "Export this conversation"))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            texts = translate("MainWindow", "Text for people (*.txt)")
            lines = translate("MainWindow", "JSON lines for programs (*.jsonl)")
            dialog.setNameFilters([texts, lines])
            dialog.setDefaultSuffix("txt")
            dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("jsonl" if chosen == lines else "txt"))
            dialog.selectFile(f"{safe_name(shown.name)}.txt")
            dialog.fileSelected.connect(lambda path: self.chat.export(path, shown))
            dialog.open()

    def _prefer(self, name: str, action: QAction) -> None:
        self.chat.preferences.set(name, action.isChecked())

    def _resize_text(self, step: int) -> None:
        size = self.chat.preferences.text_size + step
        self.chat.preferences.set("text_size", max(SMALLEST, min(LARGEST, size)))

    def _show_preferences(self) -> None:
        preferences = self.chat.preferences
        self.actions_.to_end.setChecked(preferences.sending_goes_to_end)
        self.actions_.do_not_disturb.setChecked(preferences.do_not_disturb)
        self.conversation.view.messages.set_times(preferences.times)
        self._shown_changed()
        theme.set_text_size(self.chat.preferences.text_size)
        width, height = _LEAST
        screen = self.screen()
        most = height if screen is None else screen.availableSize().height() - FRAME.height()
        self.setMinimumSize(width, max(height, min(most, _LEAST_LINES * self.fontMetrics().height())))

    def open_choose_downloads(self) -> None:
        """Let the user choose where files that are received go, and remember it."""
        dialog = self._file_dialog(translate("MainWindow", "Folder for files that are received"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setDirectory(self.chat.files.folder)
        dialog.fileSelected.connect(self._downloads_chosen)
        dialog.open()

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # Where the system has no such dialog, Qt's is too small for its columns, and its arrows are black in the dark.
        resize_within(dialog, 860, 560)
        files = dialog.findChild(QTreeView, "treeView")
        header = None if files is None else files.header()
        if header is not None:
            header.setStretchLastSection(True)
        for name, draw in (("backButton", back), ("forwardButton", forward), ("toParentButton", up)):
            button = dialog.findChild(QToolButton, name)
            if button is not None:
                button.setIcon(icon(draw, theme.current().muted))
        return dialog

    def _downloads_chosen(self, folder: str) -> None:
        self._settings.downloads = self.chat.files.folder = folder

    def _open_downloads(self) -> None:
        with suppress(OSError):
            os.makedirs(self.chat.files.folder, exist_ok=True)
        open_folder(self.chat.files.folder)

    def open_jump(self) -> None:
        """Let the user find a room."""
        jump = JumpDialog(self.chat, self)
        jump.room_chosen.connect(self.chat.open)
        jump.user_chosen.connect(self._write_to)
        jump.open()

    def open_search(self, line: str) -> None:
        """Let the user look for messages in all that the server has."""
        SearchDialog(self.chat, line, self).open()

    def open_emojis(self, key: str) -> None:
        """Let the user choose an emoji for the message of that key."""
        emojis = EmojiDialog(self)
        emojis.emoji_chosen.connect(lambda emoji: self.chat.reacting.toggle(key, emoji))
        emojis.open()

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Ask to be closed: whoever started the window says goodbye to the server first."""
        if a0 is not None:
            a0.ignore()
        try:
            self.save()
        finally:
            self._ask_to(self.close_wanted.emit)

    def _ask_to(self, leave: Callable[[], object]) -> None:
        """Leave the server; while files are under way, messages wait, or drafts would be lost, ask first."""
        if self.question is not None:
            self.question.reject()
        waiting = self.chat.conversations.unsent or self.chat.conversations.waiting
        if waiting and self.chat.connection.state == "connected":
            QTimer.singleShot(_ON_THEIR_WAY, lambda: self._ask_now(leave))  # what was just sent needs no question
        else:
            self._ask_now(leave)

    def _ask_now(self, leave: Callable[[], object]) -> None:
        try:
            text = self._left_behind()
        except Exception:
            leave()  # no mistake keeps anybody here
            raise
        if not text:
            leave()
        elif self.question is None:
            self.question = LeaveQuestion(text, self)
            self.question.accepted.connect(leave)
            self.question.finished.connect(self._asked)
            self.question.open()

    def _left_behind(self) -> str:
        conversations = self.chat.conversations
        texts = [file_texts.left_behind(self.chat.files.cards)]
        reason = self.chat.keeper.at_risk()
        if reason:
            texts.append(lost_behind(reason))
        else:
            texts += kept_behind(conversations.unsent), commands_behind(conversations.waiting)
        return "\n\n".join(filter(None, texts))

    def _asked(self) -> None:
        self.question = None

    def save(self) -> None:
        """Remember how the window looks."""
        self._settings.set_bytes("geometry", self.saveGeometry())
        self._settings.set_bytes("splitter", self._splitter.saveState())
        for pane, wanted in self._panes.items():
            self._settings.set_flag(pane, wanted)
        self._settings.sync()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Let the side panes go where there is no room for them."""
        super().resizeEvent(a0)
        if a0 is not None and a0.oldSize().width() != a0.size().width():
            self._fit_panes()

    def changeEvent(self, a0: QEvent | None) -> None:
        """Note whether the user looks at the window."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.ActivationChange:
            self._seen()

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Take what is typed anywhere into the message line."""
        if a0 is not None and (is_typing(a0) or a0.matches(QKeySequence.StandardKey.Paste)):
            self.conversation.composer.take(a0)
        else:
            super().keyPressEvent(a0)

    def _connected(self, client: object) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self.conversation.composer.setFocus()

    def _dialog_closed(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _write_to(self, username: str) -> None:
        self.chat.write_to(username)
        self.conversation.composer.setFocus()

    def _close_direct(self) -> None:
        shown = self.chat.conversations.shown
        if shown is not None and shown.kind == "direct":
            self.chat.conversations.close_direct(shown)

    def _about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(translate("MainWindow", "About chatcore"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        version = translate("MainWindow", "chatcore {version}").format(version=chatcore.__version__)
        about = translate("MainWindow", "Chat rooms for small servers, over QUIC and WebSocket. MIT licence.")
        box.setText(f"{version}\n\n{about}")  # Qt would make an informative text very narrow
        box.open()

    # Between conversations.

    def _places(self) -> list[_Place]:
        """Return everything that can be opened, in the order of the left pane."""
        rooms = [_Place("room", row.name, row.unread, row.mentions) for row in self.chat.rooms.rows]
        return rooms + [_Place("direct", one.name, one.unread, one.unread) for one in self.chat.conversations.direct]

    def _at(self, places: list[_Place]) -> int:
        shown = self.chat.conversations.shown
        key = None if shown is None else shown.key
        return next((at for at, place in enumerate(places) if (place.kind, name_key(place.name)) == key), -1)

    def _step(self, step: int) -> None:
        places = self._places()
        if places:
            self._open(places[(self._at(places) + step) % len(places)])

    def _next(self, wanted: Callable[[_Place], int]) -> None:
        places = self._places()
        at = self._at(places) + 1
        found = next((place for place in places[at:] + places[:at] if wanted(place)), None)
        if found is not None:
            self._open(found)

    def _open(self, place: _Place | Conversation) -> None:
        if place.kind == "room":
            self.chat.open(place.name)
        else:
            self.chat.write_to(place.name)

    def _to_files(self) -> None:
        """Go to the files of this conversation; when there are none, to those of another one."""
        if not self.chat.files.shown and self.chat.files.elsewhere:
            self._open(self.chat.files.elsewhere[0].conversation)
        self.conversation.files.focus_first()

    def _toggle_presence(self) -> None:
        shown = self.chat.conversations.shown
        if shown is not None:
            self.chat.conversations.hide_presence(shown, not self.actions_.presence.isChecked())

    # The side panes.

    def _toggle(self, pane: str) -> None:
        shown = self._pane(pane)
        shown.setVisible(not shown.isVisible())
        self._panes[pane] = shown.isVisible()
        self._show_panes()

    def _focus_pane(self, pane: str) -> None:
        if not self._pane(pane).isVisible():
            self._toggle(pane)
        (self.rooms.rooms if pane == "rooms" else self.members.list).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _fit_panes(self) -> None:
        for pane, least in (("rooms", _WITH_ROOMS), ("members", _WITH_MEMBERS)):
            self._pane(pane).setVisible(self._panes[pane] and self.width() >= least)
        self._show_panes()

    def _show_panes(self) -> None:
        self.actions_.show_rooms.setChecked(not self.rooms.isHidden())
        self.actions_.show_members.setChecked(not self.members.isHidden())

    def _pane(self, pane: str) -> QWidget:
        return self.rooms if pane == "rooms" else self.members

    # What is shown.

    def _show_connection(self) -> None:
        chat, actions = self.chat, self.actions_
        state = chat.connection.state
        online = state in ("connected", "waiting", "trying")
        for action in (
            actions.disconnect_now,
            actions.copy_link,
            actions.encryption,
            actions.create_room,
            actions.leave_room,
            actions.offer_file,
            actions.jump,
            actions.next_unread,
            actions.next_mention,
            actions.next_room,
            actions.previous_room,
        ):
            action.setEnabled(online)
        actions.reconnect_now.setEnabled(state == "waiting")
        actions.reconnect.setEnabled(self.connecting.servers.last is not None)
        self.rooms.setEnabled(online)
        self.members.setEnabled(online)
        self.state.show_text(self._state_text())
        self._show_unsent()

    def _state_text(self) -> str:
        chat = self.chat
        client = chat.client
        match chat.connection.state:
            case "connected" if client is not None:
                values = {
                    "place": safe_text(client.url.partition("://")[2]),
                    "name": safe_name(client.username),
                    "transport": self._transport(),
                }
                return translate("MainWindow", "Connected to {place} as {name} ({transport})").format(**values)
            case "waiting" | "trying":
                return translate("MainWindow", "Reconnecting")
        tried = self.connecting.tried
        if self.connecting.busy and tried is not None:
            return translate("MainWindow", "Connecting to {place}").format(place=safe_text(tried[0].place))
        return translate("MainWindow", "Not connected")

    def _transport(self) -> str:
        known = _TRANSPORTS.get(self.chat.transport)
        return translate("MainWindow", known) if known is not None else safe_text(self.chat.transport)

    def _show_unsent(self) -> None:
        messages, commands = self.chat.conversations.unsent, self.chat.conversations.waiting
        texts = [translate("MainWindow", "%n messages waiting", "", messages)] if messages else []
        if commands:
            texts.append(translate("MainWindow", "%n commands waiting", "", commands))
        self.unsent.setText(", ".join(texts) if self.chat.connection.state != "connected" else "")

    def _show_files(self) -> None:
        count, elsewhere = self.chat.files.under_way, len(self.chat.files.elsewhere)
        texts = [translate("MainWindow", "%n files on their way", "", count)] if count else []
        if elsewhere:
            texts.append(translate("MainWindow", "%n in other conversations (Ctrl+J)", "", elsewhere))
        self.under_way.setText(", ".join(texts))

    def _show_title(self) -> None:
        shown = self.chat.conversations.shown
        direct = self.chat.conversations.unread_direct
        unread, calls = self.chat.rooms.unread + direct, self.chat.rooms.mentions + direct
        if shown is None:
            title = "chatcore"
        elif calls:
            title = translate("MainWindow", "({unread}, @ {calls}) {conversation} – chatcore").format(
                unread=unread, calls=calls, conversation=safe_name(shown.name)
            )
        elif unread:
            title = translate("MainWindow", "({unread}) {conversation} – chatcore").format(
                unread=unread, conversation=safe_name(shown.name)
            )
        else:
            title = translate("MainWindow", "{conversation} – chatcore").format(conversation=safe_name(shown.name))
        title = title.replace("[*]", "[*][*]")  # Qt would take it for the sign of a changed document
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def _shown_changed(self) -> None:
        self._show_title()
        shown = self.chat.conversations.shown
        presence = self.actions_.presence
        presence.setEnabled(shown is not None and shown.kind == "room")
        presence.setChecked(shown is not None and not self.chat.conversations.hides_presence(shown))
        self.actions_.close_direct.setEnabled(shown is not None and shown.kind == "direct")
        if not self.rooms.rooms.hasFocus() and not self.rooms.direct.hasFocus():
            self.conversation.composer.setFocus()

    def _seen(self) -> None:
        self.chat.conversations.set_seen(focused=self.isActiveWindow(), at_end=self.conversation.view.at_end)
