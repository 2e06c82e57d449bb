"""Answers: which message is being answered, and the way to one that was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatcore.commands import SendMessage
from chatcore_qt.presenters.conversation.asking import Start
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.editing import Editing
from chatcore_qt.presenters.conversation.history import History
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import translate


class Replies:
    """Which message of the room the user is about to answer; one that is edited is none.

    Args:
        conversations: of the server.
        editing: ends it, and is ended by it.
        history: reads what is not loaded.
        start: runs a request; what is refused is told in the conversation.
    """

    def __init__(self, conversations: Conversations, editing: Editing, history: History, start: Start) -> None:
        self.changed: Signal[[]] = Signal()
        self.altered: Signal[[]] = Signal()
        """What is being answered says something else, or nothing any more."""
        self.reached: Signal[[str]] = Signal()
        """The message of that key is to be looked at; it is loaded."""
        self.entry: MessageEntry | None = None
        """What is being answered."""
        self._all = conversations
        self._editing = editing
        self._history = history
        self._start = start
        self._follow_no_more: Callable[[], None] = lambda: None
        conversations.shown_changed.connect(self.end)
        editing.changed.connect(self._edited)

    def may_answer(self, entry: Entry) -> bool:
        """Tell whether a message is one of the room that the user is in, and still says something."""
        place = self._all.shown
        return place is not None and place is self._all.room and place.has(entry)

    def begin(self, key: str | None = None) -> None:
        """Answer the message of that key; the newest of somebody else when it is left out."""
        place = self._all.shown
        if place is None:
            return
        if key is None:
            others = (one for one in reversed(place.timeline.entries) if isinstance(one, MessageEntry) and not one.own)
            found: Entry | None = next((one for one in others if self.may_answer(one)), None)
        else:
            found = place.timeline.find(key)
        if isinstance(found, MessageEntry) and self.may_answer(found):
            self._editing.turn_away()
            self.entry = found
            self._follow_no_more()
            self._follow_no_more = place.timeline.follow(found.key, self._became)
            self.changed.emit()

    def end(self) -> None:
        """Answer nothing."""
        if self.entry is not None:
            self.entry = None
            self._follow_no_more()
            self.changed.emit()

    def answer_with(self, said: SendMessage) -> SendMessage:
        """Return what is said as the answer, if anything is being answered, and answer nothing more.

        Not to a message that was deleted meanwhile.
        """
        entry = self.entry
        self.end()
        if entry is None or entry.change == "deleted":
            return said
        return replace(said, reply_to=entry.seq, epoch=entry.key.rpartition("/")[0])

    def go_to_answered(self, key: str) -> None:
        """Look at what the message of that key answers, however long ago that was said."""
        place = self._all.shown
        entry = None if place is None else place.timeline.find(key)
        if place is not None and isinstance(entry, MessageEntry) and entry.answers:
            self._start(self.go_to(place, entry.answers), place)

    async def go_to(self, place: Conversation, key: str) -> None:
        """Load a message of a room, and look at it; say so where that is not possible."""
        if place.timeline.find(key) is None and key.rpartition("/")[0] == place.epoch:
            await self._history.reach(place, int(key.rpartition("/")[2]))
        if place.timeline.find(key) is None:
            self._all.tell(
                translate("Notices", "That message is not to be had any more, or not without a connection."), place
            )
        elif place is self._all.shown:
            self.reached.emit(key)

    def _became(self, entry: Entry) -> None:
        if isinstance(entry, MessageEntry):
            self.entry = entry
            self.altered.emit()

    def _edited(self) -> None:
        if self._editing.entry is not None:
            self.end()
