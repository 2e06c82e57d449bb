"""The messages: they come in once each and in order, and what was said before is read from the server."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.commands import Position
from chatcore.errors import RequestRefused
from chatcore.text.names import name_key
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation, entry_of, in_order
from chatcore_qt.presenters.conversation.conversations import Conversations, Entry
from chatcore_qt.presenters.conversation.notifications import Attention
from chatcore_qt.presenters.rooms.room_list import RoomList
from chatcore_qt.texts import translate

Start = Callable[[Coroutine[Any, Any, None]], object]

_PAGE: Final = 100


class Messages:
    """Puts what a client brings into the conversations.

    Args:
        conversations: of the server.
        rooms: counts what is unread there.
        start: runs a coroutine, and keeps a reference to it.
    """

    def __init__(self, conversations: Conversations, rooms: RoomList, start: Start) -> None:
        self._all = conversations
        self._names = conversations.names
        self._outbox = conversations.outbox
        self._rooms = rooms
        self._start = start
        self._client: Client | None = None
        self._anew = True  # whether the client is a new one, to which no message before its welcome comes by itself

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self._client = client
        self._anew = True
        self._all.attach(client)

    def detach(self) -> None:
        """Let go of a client that has ended for good."""
        self._client = None
        self._all.detach()

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
            case e.SendRefused():
                self._outbox.refused(event)
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
        self._names.become(event.username)
        if not returning:
            self.entered(event.room, event.position, resumed=event.resumed)
        direct = event.positions.get(e.DIRECT_LOG)
        if not event.resumed and direct is not None and direct.seq > 0 and not self._all.direct:
            self._start(self._load_direct())

    def entered(self, room: str, position: Position, *, resumed: bool = False) -> None:
        """Be in a room: show it, and read what was said there."""
        conversation = self._all.of_room(room)
        again = conversation is self._all.room and not self._anew
        self._anew = False
        self._all.room = conversation
        if conversation.epoch and conversation.epoch != position.epoch:
            self._begin_anew(conversation, position.epoch)
        elif again and (resumed or conversation.last or conversation.loading):
            return  # a fresh picture of the room; messages go on where they were
        conversation.epoch = position.epoch
        if self._all.shown is None or self._all.shown.kind == "room" or not again:
            self._all.show(conversation)
        if not conversation.loading:
            conversation.loading = True
            self._start(self._load(conversation))

    def _message(self, event: e.MessagePosted) -> None:
        conversation = self._all.of_room(event.room)
        if conversation.loading:
            conversation.ahead.append(event)
        elif event.seq > conversation.last:
            self._show_message(conversation, event, fresh=True)

    def _show_message(self, conversation: Conversation, event: e.Posted, *, fresh: bool) -> None:
        conversation.last = event.seq
        conversation.first = conversation.first or event.seq
        key = conversation.key_of(event.seq)
        entry = entry_of(event, key, self._names)
        sent = self._outbox.arrived(name_key(conversation.name), event.seq)
        if sent is not None:
            self._outbox.replace(sent, replace(entry, own=True))
        else:
            self._all.add(conversation, entry)
        if fresh:
            self._rooms.advanced(conversation.name, event.seq, mention=entry.mentions)
            if entry.mentions:
                self._all.call(Attention("mention", event.sender, event.text, conversation))

    def _direct(self, event: e.DirectPosted) -> None:
        key = f"@/{event.seq}/{event.at}"
        entry = entry_of(event, key, self._names)
        sent = self._outbox.arrived(e.DIRECT_LOG, event.seq)
        if sent is not None:
            self._outbox.replace(sent, entry)
            return
        partners = event.to if entry.own else (event.sender,)
        for name in partners:
            place = self._all.with_user(name)
            self._all.add(place, entry)
            if not entry.own:
                self._all.call(Attention("direct", event.sender, event.text, place))

    def _broadcast(self, event: e.BroadcastPosted) -> None:
        entry = entry_of(event, f"*/{event.seq}/{event.at}", self._names)
        sent = self._outbox.arrived(e.BROADCAST_LOG, event.seq)
        if sent is not None:
            self._outbox.replace(sent, entry)
        elif self._all.room is not None:
            self._all.add(self._all.room, entry)
            if entry.mentions:
                self._all.call(Attention("mention", event.sender, event.text, self._all.room))

    def _acknowledged(self, event: e.SendAcknowledged) -> None:
        sent = self._outbox.acknowledged(event.cid)
        if sent is None:
            return
        posted = event.posted
        if posted is None:
            self._outbox.done(sent)
        elif isinstance(posted, e.MessagePosted) and self._passed(posted):
            self._outbox.replace(sent, entry_of(posted, self._all.of_room(posted.room).key_of(posted.seq), self._names))
        else:
            log = name_key(posted.log) if isinstance(posted, e.MessagePosted) else posted.log
            self._outbox.expect(sent, log, posted.seq)

    def _passed(self, posted: e.MessagePosted) -> bool:
        """Tell whether the room was left since, so that the message does not come by itself any more."""
        conversation = self._all.of_room(posted.room)
        return conversation is not self._all.room or posted.seq <= conversation.last

    def _gap(self, event: e.GapFound) -> None:
        missing = event.last - event.first + 1
        if event.room in (e.DIRECT_LOG, e.BROADCAST_LOG):
            if missing > 0:
                self._all.tell(translate("Notices", "%n messages from while you were away are lost.", "", missing))
            elif event.room == e.DIRECT_LOG and self._all.direct:
                self._all.tell(translate("Notices", "Direct messages from while you were away may be lost."))
            return
        conversation = self._all.of_room(event.room)
        if event.epoch != conversation.epoch:
            self._begin_anew(conversation, event.epoch)
        if missing > 0:
            self._all.miss(conversation, missing)
        conversation.last = max(conversation.last, event.last)

    def _begin_anew(self, conversation: Conversation, epoch: str) -> None:
        conversation.begin_anew(epoch)
        self._rooms.begin_anew(conversation.name)
        self._all.tell(notices.begun_anew(), conversation)

    def _renamed(self, event: e.UserRenamed) -> None:
        if self._names.is_me(event.old):
            self._names.become(event.new)
        for one in self._all.direct:
            if name_key(one.name) == name_key(event.old):
                one.name = event.new
                self._all.changed.emit()
        self._all.tell(notices.renamed(event), self._all.room)

    def _presence(self, event: e.PresenceChanged) -> None:
        if self._all.room is None or name_key(event.room) != name_key(self._all.room.name):
            return
        came = [name for name in event.joined if not self._names.is_me(name)]
        if came:
            self._all.tell(notices.joined(came), self._all.room)
        if event.left:
            self._all.tell(notices.left(event.left), self._all.room)

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
        self._all.flush()
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
        self._all.flush()

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
            entry = entry_of(posted, f"@/{posted.seq}/{posted.at}", self._names)
            if isinstance(posted, e.DirectPosted):
                for name in posted.to if entry.own else (posted.sender,):
                    place = self._all.with_user(name)
                    older.setdefault(place, []).append(entry)
        for place, entries in older.items():
            place.timeline.prepend(entries)
        self._all.changed.emit()

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
        self._all.flush()
        older = [posted for posted in in_order(messages, 0) if posted.seq < conversation.first]
        conversation.complete = not older or older[0].seq <= 1
        if older:
            conversation.timeline.prepend(
                [entry_of(posted, conversation.key_of(posted.seq), self._names) for posted in older]
            )
            conversation.first = older[0].seq
