"""The messages: they come in once each and in order, and what was said before is read from the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.commands import Position
from chatcore.errors import ErrorCode
from chatcore.events import Reaction, ReactionChanged, RoomModerated
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore.text.telling.room_sentences import puts_out
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation, entry_of
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.history import History, Start, direct_key
from chatcore_qt.presenters.conversation.notifications import Attention
from chatcore_qt.presenters.conversation.reacting import after
from chatcore_qt.presenters.entries.timeline import MessageEntry, Reacted
from chatcore_qt.presenters.rooms.room_list import RoomList
from chatcore_qt.texts import translate


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
        self.history = History(conversations, rooms, self._show_message, self._begin_anew, start)
        self._start = start
        self._put_out = False  # whether somebody made the user leave the room; the lobby follows
        self._anew = True  # whether the client is a new one, to which no message before its welcome comes by itself

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self._anew = True
        self.history.attach(client)
        self._all.attach(client)

    def detach(self) -> None:
        """Let go of a client that has ended for good."""
        self.history.attach(None)
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
            case RoomModerated():
                self._moderated(event)
            case ReactionChanged():
                self._reacted(event)

    def welcomed(self, event: e.Welcomed, *, returning: bool, wanted: bool = True) -> None:
        """Begin, or go on after a lost connection.

        Args:
            event: the welcome.
            returning: whether the client is on its way back to another room, and a `RoomEntered` will follow.
            wanted: whether the user wanted to be in the room of the welcome.
        """
        self._names.become(event.username, self._heads())
        self._all.lose_sight()
        self._put_out = False  # out of the server, then
        if not returning:
            self.entered(event.room, goes_on_at(event), wanted=wanted)
        direct = event.positions.get(e.DIRECT_LOG)
        if not event.resumed:
            self.history.forget_direct()
            if direct is not None and direct.seq > 0 and not self._all.direct:
                self._start(self.history.load_direct())

    def entered(self, room: str, position: Position, *, wanted: bool = True) -> None:
        """Be in a room: show it, and read what was said there up to where its log goes on by itself.

        Args:
            room: its name.
            position: where its log goes on.
            wanted: whether the user wanted to be there. Who did not goes on seeing what was shown, and writing there.
        """
        self._all.lose_sight()
        wanted = wanted and not self._put_out
        self._put_out = False
        conversation = self._all.of_room(room)
        before, self._all.room = self._all.room, conversation
        again = conversation is before and not self._anew
        self._anew = False
        if conversation.epoch != position.epoch:
            self._begin_anew(conversation, position.epoch)
        if again and conversation.loading:
            return  # a fresh picture of the room; messages go on where they were
        if position.seq > conversation.last:
            self.history.catch_up(conversation, position.seq, live=True)
        if not conversation.last:
            conversation.know_changes(position.changes)
        elif conversation.changes != position.changes or (position.changes is None and not again):
            self.history.renew(conversation, position.changes)
        if self._all.shown is None or (wanted and conversation is not before and self._all.shown is not conversation):
            self._all.show(conversation)
        elif conversation is not before:
            self._all.shown_changed.emit()  # it is no preview any more, or is one now

    def _message(self, event: e.MessagePosted) -> None:
        conversation = self._all.of_room(event.room)
        if conversation.loading:
            conversation.ahead.append(event)
        elif event.seq > conversation.last:
            self._show_message(conversation, event)

    def _show_message(self, conversation: Conversation, event: e.Posted) -> None:
        conversation.last = event.seq
        key = conversation.key_of(event.seq)
        entry = entry_of(event, key, self._names)
        sent = self._outbox.arrived(key)
        if sent is None or not self._outbox.replace(sent, replace(entry, own=True)):
            self._all.add(conversation, entry)
        mentions = entry.mentions and event.seq > self._rooms.read_up_to(conversation.name)
        self._rooms.said(conversation.name, event.seq, own=entry.own or sent is not None, mention=mentions)
        if not entry.own and event.seq > self._rooms.read_up_to(conversation.name):
            self._all.call(Attention("mention" if mentions else "message", event.sender, event.text, conversation))

    def _direct(self, event: e.DirectPosted) -> None:
        self.history.direct_seen(event.seq)
        entry = entry_of(event, direct_key(event), self._names)
        sent = self._outbox.arrived(entry.key)
        if sent is not None and self._outbox.replace(sent, entry):
            return
        partners = event.to if entry.own else (event.sender,)
        for name in partners:
            place = self._all.with_user(name)
            self._all.add(place, entry)
            if not entry.own:
                self._all.call(Attention("direct", event.sender, event.text, place))

    def _broadcast(self, event: e.BroadcastPosted) -> None:
        entry = entry_of(event, _broadcast_key(event), self._names)
        sent = self._outbox.arrived(entry.key)
        if (sent is None or not self._outbox.replace(sent, entry)) and self._all.room is not None:
            self._all.add(self._all.room, entry)
            if entry.mentions:
                self._all.call(Attention("mention", event.sender, event.text, self._all.room))

    def _acknowledged(self, event: e.SendAcknowledged) -> None:
        sent = self._outbox.acknowledged(event.cid)
        if sent is None:
            return
        self._outbox.done(sent)
        match event.posted:
            case e.MessagePosted() as posted:
                place = self._all.of_room(posted.room)
                key = place.key_of(posted.seq)
                self._rooms.said(posted.room, posted.seq, own=True)
                if posted.seq <= place.last:
                    self._outbox.replace(sent, entry_of(posted, key, self._names))
                else:
                    self._outbox.expect(sent, key)
            case e.DirectPosted() as posted:
                self._outbox.expect(sent, direct_key(posted))
            case e.BroadcastPosted() as posted:
                self._outbox.expect(sent, _broadcast_key(posted))

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
        if event.last > conversation.last:
            self.history.catch_up(conversation, event.last, live=True)

    def _begin_anew(self, conversation: Conversation, epoch: str) -> None:
        known, conversation.epoch = conversation.epoch, epoch
        if known:
            conversation.begin_anew(epoch)
            self._names.begin_anew(conversation.name)
            self._rooms.begin_anew(conversation.name)
            self._all.tell(notices.begun_anew(), conversation)

    def _heads(self) -> dict[str, int]:
        """Return how far the logs are in which the user may have said something."""
        heads = {row.name: self._rooms.head(row.name) for row in self._rooms.rows} | {
            e.DIRECT_LOG: self.history.direct_last
        }
        room = self._all.room
        return heads if room is None else heads | {room.name: room.last}

    def _renamed(self, event: e.UserRenamed) -> None:
        if self._names.is_me(event.old):
            self._names.become(event.new, self._heads())
        text = notices.renamed(event)
        self._all.tell(text, self._all.room)
        place = self._all.rename(event.old, event.new)
        if place is not None:
            self._all.tell(text, place)

    def _moderated(self, event: RoomModerated) -> None:
        conversation = self._all.of_room(event.room)
        conversation.note_change(event.change)
        deleted = event.act == "delete_message"
        if (deleted or event.act == "edit_message") and isinstance(event.value, int):
            change: Literal["edited", "deleted"] = "deleted" if deleted else "edited"
            conversation.told += 1
            self._all.flush()  # it may be one of this frame
            conversation.ahead = [
                replace(one, text=event.text, edited=not deleted, deleted=deleted) if one.seq == event.value else one
                for one in conversation.ahead
            ]
            mentions = self._names.mentioned_in(event.text)
            conversation.timeline.change(conversation.key_of(event.value), event.text, change, mentions=mentions)
        text = notices.moderated(event)
        about_me = name_key(event.target) == name_key(self._names.me)
        if about_me and event.room:
            self._bar(conversation, event)
        # What is done to its user elsewhere, an invitation say, is told where one looks.
        self._all.tell(text, None if about_me and conversation is not self._all.room else conversation)
        if conversation is self._all.room and puts_out(event, self._names.me):
            self._put_out = True
            if self._all.shown is not conversation:
                self._all.tell(text)

    def _bar(self, conversation: Conversation, event: RoomModerated) -> None:
        """Take note of whether the user may enter a room from now on."""
        barred = None if conversation.barred is None else conversation.barred.code
        if event.act == "ban":
            self._all.bar(conversation, refuse(ErrorCode.BANNED, room=event.room))
        # An invitation ends no ban, and behind a ban that is taken back another one may hold.
        lifted = {"unban": ErrorCode.BANNED, "invite": ErrorCode.ROOM_PRIVATE}.get(event.act)
        if barred is not None and barred == lifted and event.value != "banned":
            self._all.bar(conversation, None)

    def _reacted(self, event: ReactionChanged) -> None:
        conversation = self._all.of_room(event.room)
        conversation.note_change(event.change)
        conversation.told += 1
        self._all.flush()  # it may be below one of this frame
        for at, one in enumerate(conversation.ahead):
            if one.seq == event.seq and isinstance(one, e.MessagePosted):
                there = tuple(Reacted(each.emoji, each.count, each.mine) for each in one.reactions)
                now = after(there, event, self._names)
                below = tuple(Reaction(each.emoji, each.count, each.mine) for each in now)
                conversation.ahead[at] = replace(one, reactions=below)
        entry = conversation.timeline.find(conversation.key_of(event.seq))
        if isinstance(entry, MessageEntry) and entry.change != "deleted":
            reactions = after(entry.reactions, event, self._names)
            conversation.timeline.replace(entry.key, replace(entry, reactions=reactions))

    def _presence(self, event: e.PresenceChanged) -> None:
        self._all.lose_sight(event.joined)
        if self._all.room is None or name_key(event.room) != name_key(self._all.room.name):
            return
        came = tuple(name for name in event.joined if not self._names.is_me(name))
        self._all.tell_presence(self._all.room, came, event.left)


def _broadcast_key(posted: e.BroadcastPosted) -> str:
    return f"*/{posted.seq}/{posted.at}"


def goes_on_at(welcome: e.Welcomed) -> Position:
    """Return where the log of the room goes on, be it with a replay or live."""
    found = (place for name, place in welcome.positions.items() if name_key(name) == name_key(welcome.room))
    return next(found, welcome.position)
