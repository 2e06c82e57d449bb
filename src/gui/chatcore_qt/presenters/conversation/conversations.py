"""The conversations: which there are, which is shown, and what of them was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Final

from chatcore.aio.client import Client
from chatcore.commands import Send, SendDirect, SendMessage
from chatcore.errors import ErrorCode, RequestRefused
from chatcore.text.names import name_key
from chatcore.text.slash import without_secrets
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation, OwnName
from chatcore_qt.presenters.conversation.notifications import Attention
from chatcore_qt.presenters.conversation.own_messages import OwnMessages
from chatcore_qt.presenters.conversation.reading import Reading
from chatcore_qt.presenters.entries.timeline import GapEntry, MessageEntry, NoticeEntry, Presence
from chatcore_qt.presenters.preferences import Preferences
from chatcore_qt.presenters.rooms.room_list import RoomList
from chatcore_qt.presenters.signals import PerFrame, Signal

_BARS: Final = frozenset({ErrorCode.ROOM_PRIVATE, ErrorCode.BANNED})
"""Why somebody may not enter a room that is there."""
Entry = MessageEntry | NoticeEntry | GapEntry


class Conversations:
    """All conversations of one server. Timelines are changed at most once per frame.

    Args:
        rooms: counts what is unread there.
        now: tells the time of day.
        preferences: how the user wants it.
    """

    def __init__(self, rooms: RoomList, now: Callable[[], datetime], preferences: Preferences) -> None:
        self.preferences = preferences
        self.place = ""
        """The server, as `host:port`."""
        self.changed: Signal[[]] = Signal()
        """The direct messages, or what is unread of them."""
        self.shown_changed: Signal[[]] = Signal()
        self.opened: Signal[[]] = Signal()
        """What is unread in the conversation that is shown is there now, and the line before it."""
        self.barred: Signal[[]] = Signal()
        """Whether the user may enter a room is known, or known to be otherwise."""
        self.attention: Signal[[list[Attention]]] = Signal()
        """What the user should hear of, gathered over a frame."""
        self.became_one: Signal[[Conversation, Conversation]] = Signal()
        """One where now stands, also in the draft, what stood in the other one, which is gone."""
        self.direct: list[Conversation] = []
        """With other users, the latest last."""
        self.shown: Conversation | None = None
        self.room: Conversation | None = None
        """The one of the room that the user is in."""
        self.names = OwnName()
        self.outbox = OwnMessages(self.names, self._places, self.flush, now)
        self.outbox.changed.connect(self.changed.emit)
        self._now = now
        self._reading = Reading(rooms)
        self._closed: list[Conversation] = []
        self._by_room: dict[str, Conversation] = {}
        self._fresh: dict[Conversation, list[Entry]] = {}
        self._heard: list[Attention] = []
        self._numbers = count(1)
        self._frames = PerFrame(self.flush)

    # What is shown.

    def show(self, conversation: Conversation) -> None:
        """Show a conversation, from what is unread there on."""
        if conversation is self.shown:
            return
        self.flush()
        self.shown = conversation
        conversation.timeline.mark_unread_after(None)
        conversation.marked = False
        conversation.opening = True
        self._reading.at_end = True
        self._reading.mark(conversation, shown=True)
        self.shown_changed.emit()
        if not conversation.loading:
            self.ready(conversation)

    def ready(self, conversation: Conversation) -> None:
        """Let the user look at it: what was said there since has been read from the server."""
        self.outbox.show_restored(conversation)
        if conversation.opening:
            conversation.opening = False
            if conversation is self.shown:
                self.opened.emit()
                self._look()

    def show_room(self) -> None:
        """Show the room that the user is in."""
        if self.room is not None:
            self.show(self.room)

    def bar(self, place: Conversation, refusal: RequestRefused | None) -> None:
        """Take what the server says of entering a room, or of reading what is said there."""
        if refusal is None or refusal.code in _BARS:
            place.barred = refusal
            self.barred.emit()

    def with_user(self, name: str) -> Conversation:
        """Return the conversation with a user, on the list again if it was closed; a new one when there was none."""
        found = self._known(name)
        made = found or Conversation("direct", name)
        if made not in self.direct:
            self.direct.append(made)
            if found is not None:
                self._closed.remove(found)
            self.changed.emit()
        return made

    def of_user(self, name: str) -> Conversation:
        """Return the conversation with a user; a new one, which is not on the list, when there was none."""
        found = self._known(name)
        if found is None:
            found = Conversation("direct", name)
            self._closed.append(found)
        return found

    def of_room(self, room: str) -> Conversation:
        """Return the conversation of a room; a new one when there was none."""
        made = self._by_room.get(name_key(room))
        if made is None:
            made = self._by_room[name_key(room)] = Conversation("room", room)
        return made

    def rename(self, old: str, new: str) -> Conversation | None:
        """Let the conversation with a user go with whoever has taken another name; returns it, if there is one.

        One with somebody who had the new name before is the same from then on, and in doubt; unless the user sees it
        happen, and nothing in the message line is for that one.
        """
        self.flush()
        self.outbox.rename_receiver(old, new)
        before, there = self._known(old), self._known(new)
        place = there if there is not None and there is self.shown else (before or there)
        if place is None:
            return None
        gone = [other for other in (before, there) if other is not None and other is not place]
        for other in gone:
            self._take_over(place, other)
        if there is not None and there is not before and (self.shown is not before or there.draft):
            place.in_doubt, place.in_sight = True, False
        place.name = new
        self.changed.emit()
        for other in gone:
            self.became_one.emit(place, other)
        return place

    def lose_sight(self, names: Iterable[str] | None = None) -> None:
        """Take it that others may have come under some names, or under any."""
        keys = None if names is None else {name_key(name) for name in names}
        for one in (*self.direct, *self._closed):
            if keys is None or name_key(one.name) in keys:
                one.in_sight = False

    def _known(self, name: str) -> Conversation | None:
        known = (*self.direct, *self._closed)
        return next((one for one in known if name_key(one.name) == name_key(name)), None)

    def _take_over(self, place: Conversation, other: Conversation) -> None:
        """Show in one conversation what stands in another one, which is gone then."""
        place.timeline.prepend(other.timeline.entries)
        place.unread += other.unread
        place.unknown |= other.unknown
        if other.draft:
            drafts = (other.draft, place.above, place.draft)  # a password stays below the command for it
            place.draft, place.above = "\n".join(filter(None, drafts)), other.above
        place.waiting += other.waiting
        other.waiting = place.waiting  # they are taken off by whoever knows the other one
        self.outbox.move(other, place)
        for listed in (self.direct, self._closed):
            if other in listed:
                listed[listed.index(other)] = place
        self.direct[:] = dict.fromkeys(self.direct)
        self._closed[:] = [one for one in dict.fromkeys(self._closed) if one not in self.direct]
        other.name = place.name

    def is_in_doubt(self, place: Conversation) -> bool:
        """Tell whether the name of a conversation may be another user's by now; that is said, once."""
        if place.in_doubt:
            place.in_doubt, place.confirmed = False, True
            self.tell_doubt(place)
            return True
        return False

    def tell_doubt(self, place: Conversation) -> None:
        """Say that nothing was sent yet in a conversation, there and where the user looks by now."""
        for one in dict.fromkeys((place, self.shown or place)):
            self.tell(notices.in_doubt(place.name), one)

    def close_direct(self, conversation: Conversation) -> None:
        """Take the conversation with a user off the list."""
        if conversation in self.direct:
            self.flush()
            self.direct.remove(conversation)
            self._closed.append(conversation)
            if self.shown is conversation:
                self.show_room()
            self.changed.emit()

    def set_seen(self, *, focused: bool, at_end: bool) -> None:
        """Set whether the user looks at the newest messages; what is looked at is read."""
        self._reading.focused, self._reading.at_end = focused, at_end
        self._look()

    @property
    def unsent(self) -> int:
        """How many messages are not acknowledged."""
        return len(self.outbox)

    @property
    def waiting(self) -> int:
        """How many commands are not answered."""
        return sum(len(one.waiting) for one in self._everywhere)

    def wait(self, place: Conversation, line: str) -> None:
        """Take it that a command was typed there, and is not answered yet."""
        place.waiting.append(line)
        self.changed.emit()

    def wait_no_more(self, place: Conversation, line: str) -> None:
        """Take it that a command is answered, or never will be."""
        place.waiting.remove(line)
        self.changed.emit()

    def tell_waiting(self) -> None:
        """Say of each command that is not answered that it waits for the connection."""
        for place in self._everywhere:
            for line in place.waiting:
                self.tell(notices.waits(line), place)

    @property
    def _everywhere(self) -> tuple[Conversation, ...]:
        return (*self._by_room.values(), *self.direct, *self._closed)

    @property
    def drafts(self) -> dict[tuple[str, str], str]:
        """What is typed and not sent, nor carried out, by kind and name of its conversation."""
        return {(one.kind, one.name): one.unfinished for one in self._everywhere if one.unfinished}

    @property
    def edits(self) -> dict[tuple[str, str], str]:
        """What messages are to say instead, by room and key of the message."""
        return {(one.name, key): text for one in self._by_room.values() for key, text in one.edits.items()}

    def restore_drafts(self, drafts: Mapping[tuple[str, str], str], edits: Mapping[tuple[str, str], str]) -> None:
        """Put back what was typed in an earlier run, where nothing else is typed."""
        for (room, key), text in edits.items():
            self.of_room(room).edits.setdefault(key, text)
        for (kind, name), text in drafts.items():
            place = self.of_room(name) if kind == "room" else self.with_user(name)
            if not place.draft:
                place.draft = without_secrets(text)  # earlier versions kept some
                place.unknown |= place.kind == "direct"
        self.changed.emit()

    @property
    def rooms_to_keep(self) -> list[str]:
        """The rooms where something is typed, or waits to be sent or carried out: it stands nowhere else."""
        unsent = self.outbox.places
        return [one.name for one in self._by_room.values() if one.unfinished or one.edits or one in unsent]

    @property
    def unread_direct(self) -> int:
        """How many direct messages were not read yet."""
        return sum(one.unread for one in self.direct)

    # The client comes and goes.

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self.outbox.attach(client)

    def detach(self) -> None:
        """Let go of a client that has ended for good: what is pending will not arrive."""
        self.flush()
        self.outbox.detach()
        for conversation in self._by_room.values():
            conversation.loading = 0

    def reset(self) -> None:
        """Forget everything: the next client is another server's."""
        self._frames.stop()
        self.outbox.reset()
        self.names.begin_anew()
        self._by_room.clear()
        self._fresh.clear()
        self.direct.clear()
        self._closed.clear()
        self._heard.clear()
        self.shown = self.room = None
        self.changed.emit()
        self.shown_changed.emit()

    def stop(self) -> None:
        """Say nothing more."""
        self._frames.stop()

    # What is told.

    def add(self, conversation: Conversation, entry: Entry) -> None:
        """Show something at the end of a conversation, with this frame."""
        self._fresh.setdefault(conversation, []).append(entry)
        self._frames.want()

    def miss(self, conversation: Conversation, missing: int) -> None:
        """Show that messages are missing there."""
        self.add(conversation, GapEntry(f"gap/{next(self._numbers)}", missing, self._now()))

    def tell(self, text: str, place: Conversation | None = None) -> None:
        """Show a sentence in the conversation that is shown, or in a certain one."""
        place = place or self.shown
        if place is not None and text:
            self.add(place, NoticeEntry(f"notice/{next(self._numbers)}", text, self._now()))

    def tell_presence(self, place: Conversation, came: tuple[str, ...], left: tuple[str, ...]) -> None:
        """Show who came and went; what comes in a row is one line."""
        if not (came or left) or self.hides_presence(place):
            return
        waiting = self._fresh.get(place, [])
        entries = waiting or place.timeline.entries
        last = entries[-1] if entries else None
        if not isinstance(last, NoticeEntry) or last.presence is None:
            key = f"notice/{next(self._numbers)}"
            self.add(place, notices.presence(key, Presence(came, left), self._now()))
            return
        folded = notices.presence(last.key, last.presence.and_then(came, left), self._now())
        if waiting:
            waiting[-1] = folded
        else:
            place.timeline.replace(last.key, folded)

    def hides_presence(self, place: Conversation) -> bool:
        """Tell whether it is not shown there who comes and goes."""
        return self.preferences.hides_presence(self.place, place.name)

    def hide_presence(self, place: Conversation, hide: bool) -> None:
        """Show who comes and goes in a room, or show it no more."""
        self.preferences.hide_presence(self.place, place.name, hide)
        if hide:
            self.flush()
            place.timeline.remove_all(lambda entry: isinstance(entry, NoticeEntry) and entry.presence is not None)

    def call(self, heard: Attention) -> None:
        """Call for the user's attention, with this frame, if it is wanted."""
        if heard.conversation.kind == "direct":
            heard.conversation.unread += 1
            self._frames.want()
        if self._wants(heard):
            self._heard.append(heard)
            self._frames.want()

    def _wants(self, heard: Attention) -> bool:
        if self.preferences.do_not_disturb:
            return False
        if heard.conversation.kind == "direct":
            return True
        wanted = self.preferences.notifies(self.place, heard.conversation.name)
        return wanted == "all" or (wanted == "mentions" and heard.kind != "message")

    def flush(self) -> None:
        """Hand over to the timelines what was gathered."""
        self._frames.stop()
        fresh, self._fresh = self._fresh, {}
        for conversation, entries in fresh.items():
            conversation.timeline.append(entries)
            self._reading.mark(conversation, shown=conversation is self.shown)
        heard, self._heard = self._heard, []
        self._look()
        if any(conversation.kind == "direct" for conversation in fresh):
            self.changed.emit()
        away = [one for one in heard if not (self._reading.focused and one.conversation is self.shown)]
        if away:
            self.attention.emit(away)

    def _places(self, send: Send) -> tuple[Conversation, ...]:
        if isinstance(send, SendDirect):
            return tuple(self.with_user(name) for name in send.to)
        if isinstance(send, SendMessage) and send.room is not None:
            return (self.of_room(send.room),)
        return (self.room,) if self.room is not None else ()

    @property
    def previewed(self) -> Conversation | None:
        """The room that is shown although the user is in another one."""
        shown = self.shown
        return shown if shown is not None and shown.kind == "room" and shown is not self.room else None

    def _look(self) -> None:
        if self._reading.look(self.shown):
            self.changed.emit()
