"""The middle of the window: what the conversation is, the conversation itself, and the input line."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from PyQt6.QtCore import QRect, Qt, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QImage
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollBar, QVBoxLayout, QWidget

from chatcore.text.safe_text import safe_name
from chatcore_qt.pictures import as_png
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.entries.search import Search
from chatcore_qt.presenters.entries.sentences import quote, shown_name
from chatcore_qt.texts import translate
from chatcore_qt.widgets.banner import Banner
from chatcore_qt.widgets.basics import ElidedLabel, IconButton, Title, line
from chatcore_qt.widgets.conversation.composer import Composer
from chatcore_qt.widgets.conversation.patience import PatienceLine
from chatcore_qt.widgets.conversation.view import ConversationView
from chatcore_qt.widgets.files.file_card import DropHint, local_files
from chatcore_qt.widgets.files.files_strip import FilesStrip
from chatcore_qt.widgets.icons import clip, cross, people, rooms
from chatcore_qt.widgets.search_bar import SearchBar

_TICK_MS = 250


class ConversationPane(QFrame):
    """Shows the conversation that is open."""

    connect_wanted = pyqtSignal()
    files_wanted = pyqtSignal()
    """Files are to be chosen, and offered."""
    seen_changed = pyqtSignal()
    """Whether the newest message is in sight."""

    def __init__(self, chat: ChatPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._chat = chat
        self._shown: Conversation | None = None
        self._pasted = WeakKeyDictionary[Conversation, str | QImage]()  # there, and neither offered nor forgotten
        self.rooms_button = IconButton(rooms, translate("ConversationPane", "Show the rooms"))
        self.members_button = IconButton(people, translate("ConversationPane", "Show the members"))
        self._make_view(chat)
        self.search = Search()
        self.search.changed.connect(lambda: self.view.messages.show_found(self.search.words, self.search.key))
        self.search_bar = SearchBar(self.search)
        self._make_composer(chat)
        self._make_banners()
        self.search_bar.closed.connect(self.composer.setFocus)
        self.files = FilesStrip(chat)
        self.files.done_with.connect(self.composer.setFocus)
        self.drop_hint = DropHint(self)
        self.setAcceptDrops(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header())
        layout.addWidget(line())
        layout.addWidget(self.search_bar)
        layout.addWidget(self.banner)
        layout.addWidget(self.restored)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.files)
        layout.addWidget(self.preview)
        layout.addWidget(self._answering())
        self.patience = PatienceLine(chat)
        layout.addWidget(self.patience)
        layout.addWidget(self.composer)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.show_connection)
        chat.conversations.shown_changed.connect(self.show_conversation)
        chat.conversations.outbox.changed.connect(self.show_restored)
        chat.conversations.opened.connect(self._opened)
        chat.conversations.became_one.connect(self._became_one)
        chat.conversations.outbox.posted.connect(self._posted)
        chat.returned.connect(self._returned)
        chat.rooms.changed.connect(self.show_heading)
        chat.rooms.changed.connect(self._show_preview)
        chat.conversations.barred.connect(self._show_preview)
        chat.members.changed.connect(self.show_heading)
        chat.conversations.changed.connect(self.show_heading)
        chat.connection_changed.connect(self.show_connection)
        self.show_conversation()
        self.show_connection()

    def _make_view(self, chat: ChatPresenter) -> None:
        self.view = ConversationView()
        self.view.older_wanted.connect(self._load_older)
        self.view.retry_wanted.connect(chat.retry)
        self.view.discard_wanted.connect(chat.conversations.outbox.discard)
        self.view.edit_wanted.connect(chat.editing.begin)
        self.view.delete_wanted.connect(chat.editing.delete)
        self.view.reply_wanted.connect(chat.replies.begin)
        self.view.answered_wanted.connect(chat.replies.go_to_answered)
        self.view.messages.may_change = chat.editing.may_change
        self.view.messages.may_answer = chat.replies.may_answer
        self.view.react_wanted.connect(chat.reacting.toggle)
        self.view.choose_wanted.connect(chat.reacting.choose)
        self.view.messages.may_react = chat.reacting.may_react
        chat.replies.reached.connect(self.view.messages.look_at)
        self.view.link_activated.connect(_open_link)
        self.view.at_end_changed.connect(lambda _at_end: self.seen_changed.emit())
        for bar in self.view.findChildren(QScrollBar):
            # Always there, so that texts are not wrapped anew when it is needed first; quiet while it is not.
            bar.setEnabled(bar.maximum() > bar.minimum())
            bar.rangeChanged.connect(lambda least, most, bar=bar: bar.setEnabled(most > least))

    def _make_composer(self, chat: ChatPresenter) -> None:
        self.composer = Composer()
        self.composer.submitted.connect(chat.submit)
        self.composer.enter_pressed.connect(self._enter_pressed)
        self.composer.set_editor(self._edit)
        self.composer.paged.connect(self.view.messages.page)
        chat.editing.changed.connect(self._show_editing)
        chat.editing.dropped.connect(self.composer.remember)
        chat.replies.changed.connect(self._show_answering)
        chat.replies.altered.connect(self._show_answered)
        self.composer.changed.connect(self._typed)
        self.composer.file_wanted.connect(self._offer_text)
        self.composer.picture_wanted.connect(self._offer_picture)
        self.composer.files_pasted.connect(chat.files.offer)
        self.composer.set_completer(chat.complete)
        self.files_button = IconButton(clip, translate("ConversationPane", "Offer a file (Ctrl+O), or drop it here"))
        self.files_button.clicked.connect(self.files_wanted)
        self.composer.add_button(self.files_button)

    def _header(self) -> QWidget:
        header = QWidget()
        header.setFixedHeight(48)
        self.title = Title(factor=1.2)
        self.subtitle = ElidedLabel(Qt.TextElideMode.ElideRight, "muted")
        layout = QHBoxLayout(header)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self.rooms_button)
        layout.addWidget(self.title)
        layout.addWidget(self.subtitle, 1)
        layout.addWidget(self.members_button)
        return header

    def _make_banners(self) -> None:
        self.banner_button = QPushButton()
        self.banner_button.clicked.connect(self._connect)
        self.banner = Banner("banner", self.banner_button, below=8)
        self.discard_restored = QPushButton(translate("ConversationPane", "Discard"))
        self.discard_restored.clicked.connect(self._chat.discard_restored)
        self.send_restored = QPushButton(translate("ConversationPane", "Send now"))
        self.send_restored.clicked.connect(self._chat.send_restored)
        self.restored = Banner("banner", self.discard_restored, self.send_restored, below=8)
        self.join_button = QPushButton()
        self.join_button.clicked.connect(self._join)
        self.preview = Banner("preview", self.join_button)

    def show_restored(self) -> None:
        """Ask about what an earlier run could not send, while there is any."""
        count = self._chat.conversations.outbox.restored
        text = translate("ConversationPane", "%n messages were not sent the last time.", "", count)
        self.restored.say(text if count else "")

    def _typed(self) -> None:
        if self.composer.editing:
            self._chat.editing.typed(self.composer.draft)
        elif self._shown is not None:
            self._shown.draft = self.composer.draft
            self._shown.above = self._shown.above if self._shown.draft else ""
        self._chat.keeper.want()

    def show_conversation(self) -> None:
        """Show the conversation that is open now, and its draft."""
        shown = self._chat.conversations.shown
        if shown is self._shown:
            self._show_preview()
            return
        typed, pasted = self.composer.draft, self.composer.held
        if self._shown is not None:  # else it is of before there was a conversation
            self._pasted[self._shown] = pasted
            self._shown.put_away()
            typed = pasted = ""
        self._shown = shown
        if shown is not None and typed:
            shown.draft = "\n".join(filter(None, (shown.draft, typed)))
        timeline = None if shown is None else shown.timeline
        self.view.set_timeline(timeline)
        self.search.begin(timeline)
        self.composer.set_text(typed if shown is None else shown.draft)
        self.composer.hold(pasted if shown is None else self._pasted.pop(shown, pasted))
        self.show_heading()
        self._show_preview()
        self.seen_changed.emit()

    def _show_preview(self) -> None:
        """Show whether the user is in this room, and can enter it."""
        room = self._chat.conversations.previewed
        name = "" if room is None else safe_name(room.name)
        text = translate("ConversationPane", "You are not in {room}. Enter joins it, and what you write is said there.")
        bars = "" if room is None else self._chat.bars(room)
        self.preview.say("" if room is None else bars or text.format(room=name))
        self.join_button.setHidden(room is not None and self._chat.is_gone(room))
        self.join_button.setText(translate("ConversationPane", "Join"))
        self.join_button.setAccessibleName(translate("ConversationPane", "Join {room}").format(room=name))
        enter, outside = (
            translate("ConversationPane", "Enter joins {room}"),
            translate("ConversationPane", "You are not in {room}"),
        )
        self.composer.set_placeholder((outside if bars else enter).format(room=name) if room else "")

    def _offer_text(self, text: str) -> None:
        if self._chat.files.offer_text(text, lambda place: self._hold_again(place, text)):
            self.composer.offered()

    def _offer_picture(self, picture: QImage) -> None:
        if self._chat.files.offer_picture(lambda: as_png(picture), lambda place: self._hold_again(place, picture)):
            self.composer.offered()

    def _hold_again(self, place: Conversation, pasted: str | QImage) -> None:
        """Let what is not offered after all stand where it was pasted, unless something else does by now."""
        if place is not self._shown:
            self._pasted[place] = self._pasted.get(place) or pasted
        elif not self.composer.held:
            self.composer.hold(pasted)

    def _became_one(self, place: Conversation, other: Conversation) -> None:
        """Let what was pasted in a conversation that is gone stand where it is now; it may be for somebody else."""
        if pasted := self._pasted.pop(other, ""):
            place.in_doubt = True
            self._hold_again(place, pasted)

    def _join(self) -> None:
        room = self._chat.conversations.previewed
        if room is not None:
            self._chat.enter(room.name)

    def _enter_pressed(self) -> None:
        if self._chat.editing.entry is not None:
            self._chat.editing.save("")
        else:
            self._join()

    # Messages that were sent already.

    def _edit(self, step: int) -> bool:
        if step:
            return self._chat.editing.step(step)
        self._chat.editing.end()
        self._chat.replies.end()
        return True

    def reply(self) -> None:
        """Answer the message that the keyboard is on, or the newest one of somebody else."""
        self._chat.replies.begin(self.view.messages.current_key)

    def react(self) -> None:
        """Let the user choose an emoji for the message that the keyboard is on, or the newest one."""
        self._chat.reacting.choose(self.view.messages.current_key)

    def _answering(self) -> QWidget:
        """What stands above the message line while it is an answer that is written."""
        self.answering = QWidget()
        self.answering_text = ElidedLabel(Qt.TextElideMode.ElideRight, "muted")
        end = IconButton(cross, translate("ConversationPane", "Answer nothing (Escape)"))
        end.clicked.connect(self._chat.replies.end)
        layout = QHBoxLayout(self.answering)
        layout.setContentsMargins(24, 4, 16, 0)
        layout.addWidget(self.answering_text, 1)
        layout.addWidget(end)
        self.answering.hide()
        return self.answering

    def _show_answering(self) -> None:
        """Show whether something is answered, and what."""
        entry = self._chat.replies.entry
        self._show_answered()
        self.answering.setVisible(entry is not None)
        self.composer.input.answering = entry is not None
        if entry is not None:
            self.composer.setFocus()

    def _show_answered(self) -> None:
        entry = self._chat.replies.entry
        text = ""
        if entry is not None and entry.change == "deleted":
            text = translate(
                "ConversationPane",
                "The message of {name} that you answer was deleted: what you write now answers nothing.",
            ).format(name=shown_name(entry.sender))
        elif entry is not None:
            text = translate("ConversationPane", "You answer {quote}").format(quote=quote(entry))
        self.answering_text.show_text(text)

    def _show_editing(self) -> None:
        """Put the message that is edited into the field, or what was there before it."""
        entry = self._chat.editing.entry
        self.composer.set_editing(entry is not None)
        if entry is not None:
            self.composer.set_text(self._chat.editing.text)
            self.composer.setFocus()
        elif self._shown is not None:
            self.composer.set_text(self._shown.draft)
        self.view.messages.show_edited(None if entry is None else entry.key)

    def _opened(self) -> None:
        self.view.go_to_unread()
        self.seen_changed.emit()

    def _posted(self, places: tuple[Conversation, ...]) -> None:
        if self._shown in places and self._chat.preferences.sending_goes_to_end:
            self.view.go_to_end()

    def _returned(self, place: Conversation, _text: str) -> None:
        """Put back what could not be said; behind a message that is edited, it waits for the end of that."""
        if place is self._shown and not self.composer.editing:
            self.composer.set_text(place.draft)

    def show_heading(self) -> None:
        """Show what the conversation is."""
        shown = self._shown
        if shown is None:
            self.title.show_text("")
            self.subtitle.show_text("")
        elif shown.kind == "direct":
            self.title.show_text(f"@ {safe_name(shown.name)}")
            self.subtitle.show_text(translate("ConversationPane", "Direct messages, for the two of you"))
        else:
            self.title.show_text(f"# {safe_name(shown.name)}")
            self.subtitle.show_text(translate("ConversationPane", "%n people", "", self._chat.people))

    def show_connection(self) -> None:
        """Show how the connection is, when it is not as it should be."""
        connection = self._chat.connection
        match connection.state:
            case "waiting":
                left = self._chat.seconds_left
                text = translate(
                    "ConversationPane", "No connection. Next try in %n seconds; what you send waits.", "", left
                )
                text = f"{text} {connection.reason}"
            case "trying":
                text = translate("ConversationPane", "No connection. Trying again now; what you send waits.")
                text = f"{text} {connection.reason}"
            case "ended" if connection.reason:
                text = translate("ConversationPane", "The connection has ended: {reason}").format(
                    reason=connection.reason
                )
            case "ended":
                text = translate("ConversationPane", "You are not connected any more.")
            case _:
                text = ""
        self.banner.say(text)
        ended = connection.state == "ended"
        again, now = translate("ConversationPane", "Connect again"), translate("ConversationPane", "Reconnect now")
        self.banner_button.setText(again if ended else now)
        open_ = connection.state not in ("none", "ended")
        self.composer.set_enabled_hint(open_, "" if open_ else translate("ConversationPane", "Connect to write here."))
        self.files_button.setEnabled(open_)
        self.composer.set_limit(self._chat.text_bytes)
        if (connection.state == "waiting") != self._tick.isActive():
            if connection.state == "waiting":
                self._tick.start()
            else:
                self._tick.stop()

    # Files that are dragged here.

    def dragEnterEvent(self, a0: QDragEnterEvent | None) -> None:
        """Take files, to offer them; say to whom."""
        shown = self._shown
        if a0 is None or shown is None or not self._takes(a0):
            return
        if shown.kind == "room":
            text = translate("ConversationPane", "Drop here to offer it to everyone in {room}")
        else:
            text = translate("ConversationPane", "Drop here to offer it to {name}")
        self.drop_hint.text.setText(text.format(room=safe_name(shown.name), name=safe_name(shown.name)))
        around = QRect(self.view.geometry())
        around.setBottom(self.composer.geometry().top())
        self.drop_hint.setGeometry(around.adjusted(16, 16, -16, -8))
        self.drop_hint.show()
        self.drop_hint.raise_()

    def dragMoveEvent(self, a0: QDragMoveEvent | None) -> None:
        """Go on taking them."""
        if a0 is not None:
            self._takes(a0)

    def dragLeaveEvent(self, a0: QDragLeaveEvent | None) -> None:
        """Forget it."""
        self.drop_hint.hide()

    def dropEvent(self, a0: QDropEvent | None) -> None:
        """Offer what was dropped."""
        self.drop_hint.hide()
        mime = None if a0 is None else a0.mimeData()
        if a0 is not None and mime is not None and self._takes(a0):
            self._chat.files.offer(local_files(mime.urls()))

    def _takes(self, event: QDropEvent) -> bool:
        mime = event.mimeData()
        copy = Qt.DropAction.CopyAction  # a move would let the other program delete it
        if self._chat.client is None or mime is None or not event.possibleActions() & copy:
            return False
        if not local_files(mime.urls()):
            return False
        event.setDropAction(copy)
        event.accept()
        return True

    def _connect(self) -> None:
        if self._chat.connection.state == "ended":
            self.connect_wanted.emit()
        else:
            self._chat.reconnect_now()

    def _load_older(self) -> None:
        if self._shown is not None:
            self._chat.load_older(self._shown)


def _open_link(url: str) -> None:
    parsed = QUrl(url)  # not in its strict mode: that knows no `|`, and no `%` of its own
    if parsed.isValid() and parsed.scheme() in ("http", "https"):
        QDesktopServices.openUrl(parsed)
