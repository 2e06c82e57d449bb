"""The user's own messages, changed or taken back after they were sent."""

from __future__ import annotations

from collections.abc import Callable

from chatcore.aio.client import Client
from chatcore.errors import ChatcoreError, ErrorCode, RequestRefused
from chatcore_qt.presenters.conversation.asking import Asking
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import translate


class Editing:
    """Which message of the conversation that is shown is being edited, and what becomes of it.

    Args:
        conversations: of the server.
        asking: asks the server.
        give_back: gets a text that could not be said in a conversation.
    """

    def __init__(
        self,
        conversations: Conversations,
        asking: Asking,
        give_back: Callable[[Conversation, str], object],
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.dropped: Signal[[str]] = Signal()
        """What was typed for a message that is left as it is."""
        self.entry: MessageEntry | None = None
        """What is being edited."""
        self.text = ""
        """What it is to say instead, as far as that is typed."""
        self._give_back = give_back
        self._all = conversations
        self._asking = asking
        self._place: Conversation | None = None  # where it is edited
        self._saving: set[str] = set()  # keys of messages that are being changed
        self._follow_no_more: Callable[[], None] = lambda: None
        conversations.shown_changed.connect(self._look_where)
        conversations.opened.connect(self._go_on)

    def may_change(self, entry: Entry) -> bool:
        """Tell whether a message of the conversation that is shown is one that the user may change."""
        place = self._all.shown
        return place is not None and place.kind == "room" and place.has(entry) and entry.own

    def step(self, step: int) -> bool:
        """Edit one's last message; or of one's own the one before (-1), or behind (1), that is edited.

        Returns whether anything is edited now, or was: the key has done something then.
        """
        place = self._all.shown
        own = [entry for entry in place.timeline.entries if self.may_change(entry)] if place is not None else []
        key = None if self.entry is None else self.entry.key
        at = next((at for at, entry in enumerate(own) if entry.key == key), len(own)) + step
        if self.entry is None and (not own or step > 0):
            return False
        if at >= len(own):
            self.turn_away()
        elif at >= 0:
            self._begin(own[at])
        return True

    def begin(self, key: str) -> None:
        """Edit the message of that key."""
        found = self._found(key)
        if found is not None:
            self._begin(found)

    def typed(self, text: str) -> None:
        """Note what the message that is edited is to say, as far as that is typed."""
        if self.entry is not None and self._place is not None:
            self.text = text
            if text.strip() and text != self.entry.text:
                self._place.edits[self.entry.key] = text
            else:
                self._place.edits.pop(self.entry.key, None)

    def end(self) -> None:
        """Leave the message as it is, and forget what was typed for it."""
        if self.entry is not None:
            if self._place is not None:
                self._place.edits.pop(self.entry.key, None)
            self.entry = None
            self.changed.emit()

    def turn_away(self) -> None:
        """Leave the message as it is for something else; `dropped` says what was typed for it."""
        self._drop()
        self.end()

    def save(self, text: str) -> None:
        """Let the message that is edited say this; nothing takes it back."""
        entry = self.entry
        self.typed(text)
        if entry is not None and self._asking.connected() is None:
            self.changed.emit()
            return
        self.entry = None
        self.changed.emit()
        if entry is not None and not text.strip():
            self.delete(entry.key)
        elif entry is not None and text != entry.text:
            self._ask(entry, text)

    def delete(self, key: str) -> None:
        """Take a message back."""
        found = self._found(key)
        if found is not None:
            self._ask(found, None)

    def _begin(self, entry: Entry) -> None:
        place = self._all.shown
        if isinstance(entry, MessageEntry) and place is not None:
            if self.entry is not None and self.entry.key != entry.key:
                self._drop()
            self.entry, self.text, self._place = entry, place.edits.get(entry.key, entry.text), place
            self._follow_no_more()
            self._follow_no_more = place.timeline.follow(entry.key, self._became)
            self.changed.emit()

    def _drop(self) -> None:
        """Forget what was typed for the message that is edited, but for saying so."""
        if self.entry is not None and self._place is not None:
            text = self._place.edits.pop(self.entry.key, "")
            if text:
                self.dropped.emit(text)

    def _became(self, entry: Entry) -> None:
        """Stop with a message that is deleted meanwhile, and give back what was typed for it."""
        place = self._place
        if place is None or not self._edits(entry.key) or place.has(entry):
            return
        text = place.edits.pop(entry.key, "")
        self.entry = None
        self.changed.emit()
        if text:
            self._give_back_of_gone(place, text)

    def _give_back_of_gone(self, place: Conversation, text: str) -> None:
        self._give_back(place, text)
        told = translate(
            "Notices",
            "The message that you were changing is not here any more; what you typed for it is in the message line.",
        )
        self._all.tell(told, place)

    def _look_where(self) -> None:
        """Stop with the conversation, until that is shown again; not when it is a preview from now on, or no more."""
        if self._all.shown is not self._place and self.entry is not None:
            self.entry = None
            self.changed.emit()

    def _go_on(self) -> None:
        """Go on with what was being edited in the conversation that is shown now; what cannot be is given back."""
        place = self._all.shown
        if place is None or self.entry is not None:
            return
        for key, text in [each for each in place.edits.items() if each[0] not in self._saving]:
            found = self._found(key)
            if found is not None and found.text != text:
                self._begin(found)
                return
            del place.edits[key]
            if found is None:
                self._give_back_of_gone(place, text)

    def _found(self, key: str) -> MessageEntry | None:
        entries = () if self._all.shown is None else self._all.shown.timeline.entries
        found = next((entry for entry in reversed(entries) if entry.key == key), None)
        return found if isinstance(found, MessageEntry) and self.may_change(found) else None

    def _edits(self, key: str) -> bool:
        return self.entry is not None and self.entry.key == key

    def _ask(self, entry: MessageEntry, text: str | None) -> None:
        client, place = self._asking.connected(), self._all.shown
        if client is not None and place is not None:
            self._asking.start(self._change(client, entry, text, place, place.draft), place)

    async def _change(
        self, client: Client, entry: MessageEntry, text: str | None, place: Conversation, draft: str
    ) -> None:
        epoch, _, seq = entry.key.rpartition("/")
        self._saving.add(entry.key)
        try:
            if text is None:
                await client.delete_message(int(seq), room=place.name, epoch=epoch)
            else:
                await client.edit_message(int(seq), text, room=place.name, epoch=epoch)
        except ChatcoreError as error:
            if text is not None and place.edits.get(entry.key) == text and not self._edits(entry.key):
                gone = isinstance(error, RequestRefused) and error.code == ErrorCode.NO_SUCH_MESSAGE
                self._refused(place, entry.key, gone=gone, busy=place.draft != draft)
            raise
        else:
            self._over(place, entry.key, text)
        finally:
            self._saving.discard(entry.key)

    def _refused(self, place: Conversation, key: str, *, gone: bool, busy: bool) -> None:
        """Go on with a change that is refused, where it may be possible yet; give back what was typed where it is not.

        Args:
            place: where the message is.
            key: of the message.
            gone: whether there is no such message any more.
            busy: whether something else was typed there meanwhile, and is not to get among this.
        """
        possible = place is self._all.room and not gone
        if possible and (place is not self._all.shown or place.opening):
            return  # it goes on as soon as that is shown
        found = self._found(key) if possible else None
        if found is None:
            self._give_back(place, place.edits.pop(key))
            told = translate("Notices", "Your message is not changed; what you typed for it is in the message line.")
            self._all.tell(told, place)
        elif self.entry is None and not busy:
            self._begin(found)
        else:
            told = translate(
                "Notices", "Your message is not changed; edit it again, and what you typed for it is there."
            )
            self._all.tell(told, place)

    @staticmethod
    def _over(place: Conversation, key: str, text: str | None) -> None:
        if text is not None and place.edits.get(key) == text:
            del place.edits[key]
