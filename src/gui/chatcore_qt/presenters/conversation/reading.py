"""What of the conversations was read: what the user looks at, while it is at its end."""

from __future__ import annotations

from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.rooms.room_list import RoomList


class Reading:
    """Where the user looks, and what is read by that.

    Args:
        rooms: counts what is unread there.
    """

    def __init__(self, rooms: RoomList) -> None:
        self.focused = False
        """Whether the user looks at the window."""
        self.at_end = True
        """Whether the newest messages of the conversation that is shown are in sight."""
        self._rooms = rooms

    def mark(self, conversation: Conversation, *, shown: bool) -> None:
        """Show where the unread messages begin, unless a line stands there already or nobody looks away."""
        if conversation.marked or (shown and self.focused and self.at_end and not conversation.opening):
            return
        if conversation.kind == "direct":
            key = conversation.last_read_key if conversation.unread else None
        else:
            read = self._rooms.read_up_to(conversation.name)
            key = conversation.key_of(read) if 0 < read < conversation.last else None
        if key is not None:
            conversation.timeline.mark_unread_after(key)
            conversation.marked = True

    def look(self, shown: Conversation | None) -> bool:
        """Read this conversation, which is shown now; returns whether direct messages were read by that."""
        if shown is None or shown.opening or not (self.focused and self.at_end):
            return False
        if shown.kind == "room":
            if shown.last > self._rooms.read_up_to(shown.name):
                self._rooms.read(shown.name, shown.last)
            return False
        if shown.timeline.entries:
            shown.last_read_key = shown.timeline.entries[-1].key
        was_unread, shown.unread = shown.unread, 0
        return was_unread > 0
