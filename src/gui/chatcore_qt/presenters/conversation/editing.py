"""The user's own messages, changed or taken back after they were sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from chatcore.aio.client import Client
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import translate

Start = Callable[[Coroutine[Any, Any, None], Conversation | None], object]


class Editing:
    """Which message of the conversation that is shown is being edited, and what becomes of it.

    Args:
        conversations: of the server.
        client: returns the client that is logged in, if one is.
        start: runs a request; what is refused is told in the conversation.
    """

    def __init__(self, conversations: Conversations, client: Callable[[], Client | None], start: Start) -> None:
        self.changed: Signal[[]] = Signal()
        self.entry: MessageEntry | None = None
        """What is being edited."""
        self._all = conversations
        self._client = client
        self._start = start
        conversations.shown_changed.connect(self.end)

    def may_change(self, entry: Entry) -> bool:
        """Tell whether a message of the conversation that is shown is one that the user may change."""
        place = self._all.shown
        return (
            isinstance(entry, MessageEntry)
            and entry.own
            and entry.kind == "message"
            and entry.change != "deleted"
            and place is not None
            and place.kind == "room"
            and entry.seq is not None
            and entry.key == place.key_of(entry.seq)
        )

    def step(self, step: int) -> bool:
        """Edit one's last message; or of one's own the one before (-1), or behind (1), that is edited.

        Returns whether anything is edited now, or was: the key has done something then.
        """
        place = self._all.shown
        own = [entry for entry in place.timeline.entries if self.may_change(entry)] if place is not None else []
        at = next((at for at, entry in enumerate(own) if entry is self.entry), len(own)) + step
        if self.entry is None and (not own or step > 0):
            return False
        if at >= len(own):
            self.end()
        elif at >= 0:
            self._begin(own[at])
        return True

    def begin(self, key: str) -> None:
        """Edit the message of that key."""
        found = self._found(key)
        if found is not None:
            self._begin(found)

    def end(self) -> None:
        """Leave the message as it is."""
        if self.entry is not None:
            self.entry = None
            self.changed.emit()

    def save(self, text: str) -> None:
        """Let the message that is edited say this; nothing takes it back."""
        entry = self.entry
        self.end()
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
        if isinstance(entry, MessageEntry):
            self.entry = entry
            self.changed.emit()

    def _found(self, key: str) -> MessageEntry | None:
        entries = () if self._all.shown is None else self._all.shown.timeline.entries
        found = next((entry for entry in reversed(entries) if entry.key == key), None)
        return found if isinstance(found, MessageEntry) and self.may_change(found) else None

    def _ask(self, entry: MessageEntry, text: str | None) -> None:
        client, place = self._client(), self._all.shown
        if client is None or not client.connected:
            self._all.tell(translate("Notices", "There is no connection."))
        elif place is not None and entry.seq is not None:
            self._start(_change(client, entry.seq, text, place.name, place.epoch), place)


async def _change(client: Client, seq: int, text: str | None, room: str, epoch: str) -> None:
    if text is None:
        await client.delete_message(seq, room=room, epoch=epoch)
    else:
        await client.edit_message(seq, text, room=room, epoch=epoch)
