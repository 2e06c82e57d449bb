"""The conversations: messages come in, once each and in order; what is sent is pending, then sent or failed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.commands import Position, Send, SendBroadcast, SendDirect, SendMessage
from chatcore.errors import ChatcoreError, RequestRefused
from chatcore.names import name_key
from chatcore_qt.conversation.timeline import GapEntry, MessageEntry, NoticeEntry
from chatcore_qt.presenters import notices
from chatcore_qt.presenters.changes import Frames, Signal
from chatcore_qt.presenters.conversation import Conversation, Names, entry_of, in_order
from chatcore_qt.presenters.notifications import Attention
from chatcore_qt.presenters.reasons import reason, why
from chatcore_qt.presenters.rooms import Rooms
from chatcore_qt.texts import translate

Entry = MessageEntry | NoticeEntry | GapEntry
Start = Callable[[Coroutine[Any, Any, None]], object]

_PAGE: Final = 100


@dataclass(slots=True)
class _Sent:
    """Something of the user's own that is not acknowledged yet, or failed."""

    send: Send
    key: str
    places: tuple[Conversation, ...]
    at: datetime


class Conversations:
    """All conversations of one server. Timelines are changed at most once per frame.

    Args:
        rooms: counts what is unread there.
        start: runs a coroutine, and keeps a reference to it.
    """

    def __init__(self, rooms: Rooms, start: Start) -> None:
        self.changed: Signal[[]] = Signal()
        """The direct messages, or what is unread of them."""
        self.shown_changed: Signal[[]] = Signal()
        self.attention: Signal[[list[Attention]]] = Signal()
        """What the user should hear of, gathered over a frame."""
        self.direct: list[Conversation] = []
        """With other users, the latest last."""
        self.shown: Conversation | None = None
        self.room: Conversation | None = None
        """The one of the room that the user is in."""
        self.names = Names()
        self._rooms = rooms
        self._start = start
        self._client: Client | None = None
        self._anew = True  # whether the client is a new one, to which no message before its welcome comes by itself
        self._by_room: dict[str, Conversation] = {}
        self._focused = False
        self._at_end = True
        self._fresh: dict[Conversation, list[Entry]] = {}
        self._heard: list[Attention] = []
        self._numbers = count(1)
        self._pending: dict[int, _Sent] = {}
        self._failed: dict[str, _Sent] = {}
        self._own_by_seq: dict[tuple[str, int], _Sent] = {}
        self._frames = Frames(self.flush)

    # What is shown.

    def show(self, conversation: Conversation) -> None:
        """Show a conversation."""
        if conversation is self.shown:
            return
        self.flush()
        self.shown = conversation
        self._at_end = True
        conversation.timeline.mark_unread_after(None)
        conversation.marked = False
        self._mark(conversation)
        self.shown_changed.emit()
        self._read_if_seen()

    def show_room(self) -> None:
        """Show the room that the user is in."""
        if self.room is not None:
            self.show(self.room)

    def with_user(self, name: str) -> Conversation:
        """Return the conversation with a user; a new one when there was none."""
        for one in self.direct:
            if name_key(one.name) == name_key(name):
                return one
        made = Conversation("direct", name)
        self.direct.append(made)
        self.changed.emit()
        return made

    def of_room(self, room: str) -> Conversation:
        """Return the conversation of a room; a new one when there was none."""
        made = self._by_room.get(name_key(room))
        if made is None:
            made = self._by_room[name_key(room)] = Conversation("room", room)
        return made

    def close_direct(self, conversation: Conversation) -> None:
        """Take the conversation with a user off the list."""
        if conversation in self.direct:
            self.flush()
            self.direct.remove(conversation)
            if self.shown is conversation:
                self.show_room()
            self.changed.emit()

    def set_seen(self, *, focused: bool, at_end: bool) -> None:
        """Take note of whether the user looks at the newest messages; what is looked at is read."""
        self._focused, self._at_end = focused, at_end
        self._read_if_seen()

    @property
    def unsent(self) -> int:
        """How many messages are not acknowledged."""
        return len(self._pending)

    @property
    def unread_direct(self) -> int:
        """How many direct messages were not read yet."""
        return sum(one.unread for one in self.direct)

    # The client comes and goes.

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self._client = client
        self._anew = True
        self._own_by_seq.clear()

    def reset(self) -> None:
        """Forget everything: the next client is another server's."""
        self._frames.stop()
        for kept in (self._by_room, self._fresh, self._pending, self._failed, self._own_by_seq):
            kept.clear()
        self.direct.clear()
        self._heard.clear()
        self.shown = self.room = None
        self.changed.emit()
        self.shown_changed.emit()

    def detach(self) -> None:
        """Take note that the client has ended for good: what is pending will not arrive."""
        self._client = None
        self.flush()
        note = translate("Conversation", "Not sent: the connection ended.")
        for sent in list(self._pending.values()):
            self._fail(sent, note)
        self._pending.clear()
        for conversation in self._by_room.values():
            conversation.loading = conversation.loading_older = False

    def stop(self) -> None:
        """Say nothing more."""
        self._frames.stop()

    # Sends.

    def post(self, send: Send) -> None:
        """Say something: it is shown as pending until it is acknowledged, and as failed when it was refused."""
        places = self._places(send)
        if not places:
            return
        sent = _Sent(send, f"own/{next(self._numbers)}", places, datetime.now(UTC))
        self.flush()
        for place in places:
            if place.marked:
                place.timeline.mark_unread_after(None)
                place.marked = False
            place.timeline.append([self._entry(sent, "pending")])
        self._hand_over(sent)

    def retry(self, key: str) -> None:
        """Send again what failed."""
        sent = self._failed.pop(key, None)
        if sent is None:
            return
        sent.at = datetime.now(UTC)
        self._replace(sent, self._entry(sent, "pending"))
        self._hand_over(sent)

    def discard(self, key: str) -> None:
        """Give up what failed."""
        sent = self._failed.pop(key, None)
        if sent is not None:
            for place in sent.places:
                place.timeline.remove(key)

    def _hand_over(self, sent: _Sent) -> None:
        try:
            if self._client is None:
                self._fail(sent, translate("Conversation", "Not sent: there is no connection."))
            else:
                self._pending[self._client.post(sent.send)] = sent
        except RequestRefused as error:
            self._fail(sent, _not_sent(reason(error.code, error.message)))
        except ChatcoreError as error:
            self._fail(sent, translate("Conversation", "Not sent: {reason}").format(reason=why(error)))
        self.changed.emit()

    def _places(self, send: Send) -> tuple[Conversation, ...]:
        if isinstance(send, SendDirect):
            return tuple(self.with_user(name) for name in send.to)
        if isinstance(send, SendMessage) and send.room is not None:
            return (self.of_room(send.room),)
        return (self.room,) if self.room is not None else ()

    def _entry(self, sent: _Sent, state: Any, note: str = "") -> MessageEntry:
        send = sent.send
        kind: Any = {SendMessage: "message", SendDirect: "direct", SendBroadcast: "broadcast"}[type(send)]
        to = send.to if isinstance(send, SendDirect) else ()
        return MessageEntry(
            sent.key, self.names.me, send.text, sent.at, own=True, kind=kind, to=to, state=state, note=note
        )

    def _replace(self, sent: _Sent, entry: MessageEntry) -> None:
        self.flush()
        for place in sent.places:
            place.timeline.replace(sent.key, entry)
        self._read_if_seen()

    def _fail(self, sent: _Sent, note: str) -> None:
        self._failed[sent.key] = sent
        self._replace(sent, self._entry(sent, "failed", note))

    # What comes in.

    def take(self, event: e.ClientEvent) -> None:
        """Take what happened."""
        match event:
            case e.MessagePosted():
                self._message(event)
            case e.DirectPosted():
                self._direct(event)
            case e.BroadcastPosted():
                self._broadcast(event)
            case e.SendAcknowledged():
                self._acknowledged(event)
            case e.SendRefused(cid=cid, code=code, message=message):
                sent = self._pending.pop(cid, None)
                if sent is not None:
                    self._fail(sent, _not_sent(reason(code, message)))
                    self.changed.emit()
            case e.GapFound():
                self._gap(event)
            case e.UserRenamed():
                self._renamed(event)
            case e.PresenceChanged():
                self._presence(event)

    def welcomed(self, event: e.Welcomed, *, returning: bool) -> None:
        """Begin, or go on after a lost connection.

        Args:
            event: the welcome.
            returning: whether the client is on its way back to another room, and a `RoomEntered` will follow.
        """
        self.names = Names(event.username)
        if not returning:
            self.entered(event.room, event.position, resumed=event.resumed)
        direct = event.positions.get(e.DIRECT_LOG)
        if not event.resumed and direct is not None and direct.seq > 0 and not self.direct:
            self._start(self._load_direct())

    def entered(self, room: str, position: Position, *, resumed: bool = False) -> None:
        """Be in a room: show it, and read what was said there."""
        conversation = self.of_room(room)
        again = conversation is self.room and not self._anew
        self._anew = False
        self.room = conversation
        if conversation.epoch and conversation.epoch != position.epoch:
            self._begin_anew(conversation, position.epoch)
        elif again and (resumed or conversation.last or conversation.loading):
            return  # a fresh picture of the room; messages go on where they were
        conversation.epoch = position.epoch
        if self.shown is None or self.shown.kind == "room" or not again:
            self.show(conversation)
        if not conversation.loading:
            conversation.loading = True
            self._start(self._load(conversation))

    def tell(self, text: str, place: Conversation | None = None) -> None:
        """Show a sentence in the conversation that is shown, or in a certain one."""
        place = place or self.shown
        if place is not None and text:
            self._add(place, NoticeEntry(f"notice/{next(self._numbers)}", text, datetime.now(UTC)))

    def call(self, heard: Attention) -> None:
        """Call for the user's attention."""
        if heard.conversation.kind == "direct":
            heard.conversation.unread += 1
        self._heard.append(heard)
        self._frames.want()

    def _message(self, event: e.MessagePosted) -> None:
        conversation = self.of_room(event.room)
        if conversation.loading:
            conversation.ahead.append(event)
        elif event.seq > conversation.last:
            self._show_message(conversation, event, fresh=True)

    def _show_message(self, conversation: Conversation, event: e.Posted, *, fresh: bool) -> None:
        conversation.last = event.seq
        conversation.first = conversation.first or event.seq
        key = conversation.key_of(event.seq)
        entry = entry_of(event, key, self.names)
        sent = self._own_by_seq.pop((name_key(conversation.name), event.seq), None)
        if sent is not None:
            self._replace(sent, replace(entry, own=True))
        else:
            self._add(conversation, entry)
        if fresh:
            self._rooms.advanced(conversation.name, event.seq, mention=entry.mentions)
            if entry.mentions:
                self._heard.append(Attention("mention", event.sender, event.text, conversation))

    def _direct(self, event: e.DirectPosted) -> None:
        key = f"@/{event.seq}/{event.at}"
        entry = entry_of(event, key, self.names)
        sent = self._own_by_seq.pop((e.DIRECT_LOG, event.seq), None)
        if sent is not None:
            self._replace(sent, entry)
            return
        partners = event.to if entry.own else (event.sender,)
        for name in partners:
            place = self.with_user(name)
            self._add(place, entry)
            if not entry.own:
                place.unread += 1
                self._heard.append(Attention("direct", event.sender, event.text, place))

    def _broadcast(self, event: e.BroadcastPosted) -> None:
        entry = entry_of(event, f"*/{event.seq}/{event.at}", self.names)
        sent = self._own_by_seq.pop((e.BROADCAST_LOG, event.seq), None)
        if sent is not None:
            self._replace(sent, entry)
        elif self.room is not None:
            self._add(self.room, entry)
            if entry.mentions:
                self._heard.append(Attention("mention", event.sender, event.text, self.room))

    def _acknowledged(self, event: e.SendAcknowledged) -> None:
        sent = self._pending.pop(event.cid, None)
        if sent is None:
            return
        self.changed.emit()
        posted = event.posted
        if posted is None:
            self._replace(sent, self._entry(sent, "sent"))
        elif isinstance(posted, e.MessagePosted) and self._passed(posted):
            self._replace(sent, entry_of(posted, self.of_room(posted.room).key_of(posted.seq), self.names))
        else:
            # It stands in its log; its turn to be shown comes with the messages before it.
            log = name_key(posted.log) if isinstance(posted, e.MessagePosted) else posted.log
            self._own_by_seq[log, posted.seq] = sent

    def _passed(self, posted: e.MessagePosted) -> bool:
        """Tell whether the room was left since, so that the message does not come by itself any more."""
        conversation = self.of_room(posted.room)
        return conversation is not self.room or posted.seq <= conversation.last

    def _gap(self, event: e.GapFound) -> None:
        missing = event.last - event.first + 1
        if event.room in (e.DIRECT_LOG, e.BROADCAST_LOG):
            if missing > 0:
                self.tell(translate("Notices", "%n messages from while you were away are lost.", "", missing))
            return
        conversation = self.of_room(event.room)
        if event.epoch != conversation.epoch:
            self._begin_anew(conversation, event.epoch)
        if missing > 0:
            self._add(conversation, GapEntry(f"gap/{next(self._numbers)}", missing, datetime.now(UTC)))
        conversation.last = max(conversation.last, event.last)

    def _begin_anew(self, conversation: Conversation, epoch: str) -> None:
        conversation.begin_anew(epoch)
        self._rooms.begin_anew(conversation.name)
        self.tell(translate("Notices", "The server has begun a new log for this room."), conversation)

    def _renamed(self, event: e.UserRenamed) -> None:
        if self.names.is_me(event.old):
            self.names = Names(event.new)
        for one in self.direct:
            if name_key(one.name) == name_key(event.old):
                one.name = event.new
                self.changed.emit()
        self.tell(notices.renamed(event), self.room)

    def _presence(self, event: e.PresenceChanged) -> None:
        if self.room is None or name_key(event.room) != name_key(self.room.name):
            return
        came = [name for name in event.joined if not self.names.is_me(name)]
        if came:
            self.tell(notices.joined(came), self.room)
        if event.left:
            self.tell(notices.left(event.left), self.room)

    # History.

    async def _load(self, conversation: Conversation) -> None:
        """Read the newest messages of a room that was entered."""
        messages: tuple[e.Posted, ...] = ()
        client = self._client
        try:
            if client is not None:
                messages = await client.history(conversation.name, limit=_PAGE)
        except RequestRefused:
            pass  # a server without history; what is said from now on comes all the same
        finally:
            conversation.loading = False
            ahead, conversation.ahead = conversation.ahead, []
        self.flush()
        found = in_order([*messages, *ahead], conversation.last)
        if found and conversation.last and found[0].seq > conversation.last + 1:
            # Too much was said meanwhile: begin with the newest; scrolling up reads the rest.
            conversation.timeline.clear()
            conversation.first = conversation.last = 0
            conversation.marked = False
        for posted in found:
            self._show_message(conversation, posted, fresh=False)
        conversation.complete = conversation.complete or conversation.first <= 1
        if conversation.last:
            self._rooms.advanced(conversation.name, conversation.last, mention=False)
        self.flush()

    async def _load_direct(self) -> None:
        client = self._client
        if client is None:
            return
        try:
            messages = await client.history(e.DIRECT_LOG, limit=_PAGE)
        except RequestRefused:
            return
        older: dict[Conversation, list[Entry]] = {}
        for posted in messages:
            entry = entry_of(posted, f"@/{posted.seq}/{posted.at}", self.names)
            if isinstance(posted, e.DirectPosted):
                for name in posted.to if entry.own else (posted.sender,):
                    place = self.with_user(name)
                    older.setdefault(place, []).append(entry)
        for place, entries in older.items():
            place.timeline.prepend(entries)
        self.changed.emit()

    async def load_older(self, conversation: Conversation) -> None:
        """Read what was said before the first message shown. Raises `ChatcoreError`."""
        client = self._client
        if (
            client is None
            or conversation.kind != "room"
            or conversation.complete
            or conversation.loading
            or conversation.loading_older
            or conversation.first <= 1
        ):
            return
        conversation.loading_older = True
        try:
            messages = await client.history(conversation.name, before=conversation.first, limit=_PAGE)
        finally:
            conversation.loading_older = False
        self.flush()
        older = [posted for posted in in_order(messages, 0) if posted.seq < conversation.first]
        conversation.complete = not older or older[0].seq <= 1
        if older:
            conversation.timeline.prepend(
                [entry_of(posted, conversation.key_of(posted.seq), self.names) for posted in older]
            )
            conversation.first = older[0].seq

    # Once per frame.

    def flush(self) -> None:
        """Hand over to the timelines what was gathered."""
        self._frames.stop()
        fresh, self._fresh = self._fresh, {}
        for conversation, entries in fresh.items():
            conversation.timeline.append(entries)
            self._mark(conversation)
        heard, self._heard = self._heard, []
        self._read_if_seen()
        if heard:
            self.changed.emit()
            self.attention.emit([one for one in heard if not (self._focused and one.conversation is self.shown)])

    def _add(self, conversation: Conversation, entry: Entry) -> None:
        self._fresh.setdefault(conversation, []).append(entry)
        self._frames.want()

    def _mark(self, conversation: Conversation) -> None:
        """Show where the unread messages begin, unless a line stands there already or nobody looks away."""
        if conversation.marked or (conversation is self.shown and self._focused and self._at_end):
            return
        if conversation.kind == "direct":
            key = conversation.last_read_key if conversation.unread else None
        else:
            read = self._rooms.read_up_to(conversation.name)
            key = conversation.key_of(read) if 0 < read < conversation.last else None
        if key is not None:
            conversation.timeline.mark_unread_after(key)
            conversation.marked = True

    def _read_if_seen(self) -> None:
        shown = self.shown
        if shown is None or not (self._focused and self._at_end):
            return
        if shown.kind == "room":
            if shown.last > self._rooms.read_up_to(shown.name):
                self._rooms.read(shown.name, shown.last)
            return
        if shown.timeline.entries:
            shown.last_read_key = shown.timeline.entries[-1].key
        if shown.unread:
            shown.unread = 0
            self.changed.emit()


def _not_sent(text: str) -> str:
    return translate("Conversation", "Not sent. {reason}").format(reason=text)
