"""One chat server, from the first login until the user leaves: what its client brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any, Final, Literal

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.commands import Identify, RegisterAccount
from chatcore.errors import ChatcoreError, ErrorCode, RequestRefused
from chatcore.events import FileFailed, FileOffered, FileProgressed, FileReceived, FileSent, WayChosen
from chatcore.limits import Limits
from chatcore.text import slash, telling
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name, safe_text
from chatcore_qt.presenters.connecting.trust import Trust
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.acquaintance import Acquaintance
from chatcore_qt.presenters.conversation.asking import Asking
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.editing import Editing
from chatcore_qt.presenters.conversation.elsewhere import Elsewhere
from chatcore_qt.presenters.conversation.messages import Messages, goes_on_at
from chatcore_qt.presenters.conversation.reacting import Reacting
from chatcore_qt.presenters.conversation.replies import Replies
from chatcore_qt.presenters.conversation.searching import Searching
from chatcore_qt.presenters.files.cards import FileCards
from chatcore_qt.presenters.going import Going
from chatcore_qt.presenters.kept import Keeper, Kept, KeptStore, NotKept, WhatToKeep
from chatcore_qt.presenters.preferences import Preferences
from chatcore_qt.presenters.reasons import reason, why
from chatcore_qt.presenters.rooms.members import Heard, MemberList
from chatcore_qt.presenters.rooms.room_list import RoomList
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import library, translate

_AT_ONCE: Final = 100  # events taken before others get their turn
_WAY_BACK: Final = 5.0  # seconds that the way back into a room may take
_GOODBYE: Final = 2.0


@dataclass(frozen=True, slots=True)
class ConnectionShown:
    """How the connection is."""

    state: Literal["none", "connected", "waiting", "trying", "ended"] = "none"
    """`waiting` for the next try, `trying` it now; `ended` for good."""
    reason: str = ""
    """Why it has ended, or why the last try failed, as one safe line."""
    retry_at: float = 0.0
    """When the next try is due, in the loop's time."""


class Following:
    """Shows what a client brings. It outlives clients: when one has ended for good, the next one goes on here.

    Args:
        downloads: folder for files that are received.
        now: tells the time of day.
        preferences: how the user wants it.
        kept: where what is not sent is kept between runs.
        carry_out: does what a line typed for a room asks for, once the user is there.
    """

    def __init__(
        self,
        downloads: str,
        now: Callable[[], datetime],
        preferences: Preferences | None,
        kept: KeptStore | None,
        carry_out: Callable[[str, Conversation], object],
    ) -> None:
        self.preferences = preferences or Preferences()
        self.connection_changed: Signal[[]] = Signal()
        self.quit_wanted: Signal[[]] = Signal()
        self.password_wanted: Signal[[RegisterAccount | Identify]] = Signal()
        """A command that lacks one was typed; `ChatPresenter.prove` carries it out."""
        self.asked: Signal[[]] = Signal()
        """Something is asked of the server, or waits for that."""
        self.rooms = RoomList()
        self.members = MemberList()
        self.returned: Signal[[Conversation, str]] = Signal()
        """A text that could not be said, and where; it stands in the draft there."""
        self.conversations = Conversations(self.rooms, now, self.preferences)
        self.messages = Messages(self.conversations, self.rooms, self._start)
        self.keeper = Keeper(kept or NotKept(), self._what_to_keep, self._not_kept)
        self._left: Kept | None = None  # from an earlier run, until the server has said what of it has arrived
        self._elsewhere = Elsewhere(self.conversations, self.rooms, self.messages.history)
        asking = Asking(lambda: self.client, self._start, self.conversations.tell)
        self.editing = Editing(self.conversations, asking, self._give_back)
        self.editing.changed.connect(self.keeper.want)
        self.replies = Replies(self.conversations, self.editing, self.messages.history, self._start)
        self.reacting = Reacting(self.conversations, asking)
        self.searching = Searching(self.conversations, asking, self.replies)
        self.acquaintance = Acquaintance(self.conversations, lambda: self.client, self._start, self._give_back)
        self.going = Going(
            self.conversations,
            lambda: self.client,
            self._start,
            lobby=lambda: self.lobby,
            give_back=self._give_back,
            carry_out=carry_out,
            move_draft=self._move_draft,
            ask=self.acquaintance.ask,
        )
        self.files = FileCards(self.conversations, self._start, downloads, self.acquaintance)
        self.connection = ConnectionShown()
        self.client: Client | None = None
        self.transport = ""
        """URL scheme of the connection: `ws`, `wss`, `quic`."""
        self.trust: Trust | None = None
        """What is known of the server's key."""
        self.text_bytes = Limits().text_bytes
        """Longest message that the server takes, in bytes of JSON."""
        self.lobby = Limits().default_room
        """The room where one is who is nowhere else, as far as it was seen."""
        self._looked_into: tuple[Conversation | None, tuple[str, ...]] = (None, ())
        self._first_welcome = True
        self._return_to = ""  # the room that the user was in before this client
        self._goodbye = ""  # what the server said when it closed the connection
        self._chosen: e.TransportChosen | None = None
        self._following: asyncio.Task[None] | None = None
        self.conversations.outbox.changed.connect(self.keeper.want)
        self.conversations.became_one.connect(self._brought)
        for signal in (self.conversations.changed, self.conversations.shown_changed):
            signal.connect(lambda: self.rooms.keep(self.conversations.rooms_to_keep))
        self.asked.connect(self.keeper.want)
        self.rooms.moved.connect(self._tell_read)
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._time: Callable[[], float] = lambda: 0.0  # the loop's, also when Qt goes on for a moment without it

    @property
    def username(self) -> str:
        """The user's own name."""
        return self.conversations.names.me

    @property
    def connected(self) -> bool:
        """Whether what is asked now is asked at once."""
        return self.client is not None and self.client.connected

    @property
    def seconds_left(self) -> int:
        """How long it is until the next try."""
        return max(0, ceil(self.connection.retry_at - self._time()))

    @property
    def patience(self) -> int:
        """For how many seconds the server wants nothing more; what waits for that goes out by itself then."""
        return 0 if self.client is None else ceil(self.client.patience)

    @property
    def is_asking(self) -> bool:
        """Whether something was said or asked that has no answer yet."""
        return bool(self._tasks or self.conversations.unsent)

    # The client.

    def attach(self, client: Client, trust: Trust | None = None, room: str = "", kept: Kept | None = None) -> None:
        """Show what this client brings; where its server is the same as before, go on with what is shown.

        Args:
            client: one that has logged in.
            trust: what is known of the server's key.
            room: the room to enter; the one that is shown when left out.
            kept: what is left of earlier runs; its client id is the client's.
        """
        place = client.url.partition("://")[2]
        if self.client is not None or self.conversations.outbox:
            self.messages.detach()
        self.keeper.write_now()
        if place != self.conversations.place:
            self.conversations.place = place
            self.rooms.reset()
            self.conversations.reset()
            self.files.reset()
        shown = self.conversations.room
        self._return_to = room or ("" if shown is None else shown.name)
        if kept is not None and not self.keeper.belongs_to(place, client.username):
            self.conversations.outbox.arrived_before(0, numbered=False)
            self.keeper.begin(place, client.username, kept)
            self.conversations.restore_drafts(kept.drafts, kept.edits)
            self._left = kept
        self._first_welcome = True
        self.client = client
        self.transport = client.url.partition("://")[0]
        self.trust = trust
        self.messages.attach(client)
        self.files.attach(client)
        self._following = asyncio.get_running_loop().create_task(self._follow(client), name="follow the events")

    async def close(self) -> None:
        """Log out, with a time limit, and say nothing more. Idempotent."""
        self._stop_timer()
        self.files.stop()
        client, self.client = self.client, None
        if client is not None:
            try:
                async with asyncio.timeout(_GOODBYE):
                    await client.close()
            except TimeoutError:
                pass
        self.keeper.write_now()
        tasks = [*self._tasks, *([self._following] if self._following is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._following = None
        for presenter in (self._elsewhere, self.rooms, self.members, self.conversations, self.files):
            presenter.stop()

    async def leave(self) -> None:
        """Log out and show that it is over."""
        await self.close()
        self.messages.detach()
        self.files.detach()
        self._set(ConnectionShown("ended"))

    async def _follow(self, client: Client) -> None:
        taken = 0
        ended = ""
        try:
            async for event in client:
                try:
                    self._take(event)
                except Exception as error:  # the next ones are taken all the same
                    what = f"{type(event).__name__} could not be shown"
                    asyncio.get_running_loop().call_exception_handler({"message": what, "exception": error})
                taken += 1
                if taken % _AT_ONCE == 0:
                    await asyncio.sleep(0)
        except ChatcoreError as error:
            ended = self._goodbye or why(error)
        if self.client is client:
            self.client = None
            self.messages.detach()
            self.files.detach()
            self._set(ConnectionShown("ended", ended))

    def _take(self, event: e.ClientEvent) -> None:
        match event:
            case e.Welcomed():
                self._welcomed(event)
            case e.RoomEntered():
                self._entered(event)
            case e.TransportChosen(transport=transport):
                self.transport, self._chosen = transport, event
            case FileOffered() | FileProgressed() | FileReceived() | FileSent() | FileFailed():
                self.files.take(event)
                if isinstance(event, FileOffered):
                    self.acquaintance.heard(event)
            case WayChosen():
                self.conversations.tell(notices.way(event))
            case e.ConnectionLost():
                self._lost(event)
            case e.Dismissed(code=code, message=message) if code != ErrorCode.LOGGED_OUT:
                self._goodbye = reason(code, message, {})
            case _:
                self.rooms.take(event)
                self.members.take(event)
                self.messages.take(event)
                if isinstance(event, e.DirectPosted):
                    self.acquaintance.heard(event)
                elif isinstance(event, e.PresenceChanged):
                    self.rooms.set_people(event.room, event.users)
                elif isinstance(event, e.UserRenamed):
                    self.connection_changed.emit()  # it may be the user

    def _welcomed(self, event: e.Welcomed) -> None:
        came_back = self.connection.state in ("waiting", "trying")
        before = self.conversations.room
        elsewhere = came_back and before is not None and name_key(before.name) != name_key(event.room)
        # Unless the session goes on, the client goes back to where the user was; meanwhile what is shown stays.
        returning = elsewhere and (not event.resumed or self.going.under_way)
        if self._return_to and self.client is not None and not came_back:
            returning = name_key(self._return_to) != name_key(event.room)
            self._start(self.client.enter(self._return_to))
        self._return_to = ""
        self.lobby = self.lobby if event.resumed else event.room
        self._stop_timer()
        self._goodbye = ""
        told = event.limits.get("text_bytes")
        self.text_bytes = told if type(told) is int and told > 0 else Limits().text_bytes
        self._set(ConnectionShown("connected"))
        self.files.welcomed(event)
        self.rooms.take(event)
        if returning:
            self._timer = asyncio.get_running_loop().call_later(_WAY_BACK, self._stay, event)
        else:
            self.members.take(event)
        self.messages.welcomed(event, returning=returning, wanted=not elsewhere)
        self.acquaintance.repeat(self.conversations.outbox.take_to_repeat())
        if came_back:
            self.conversations.tell(translate("Notices", "The connection is back."), before)
        if elsewhere and not returning:
            self._tell_put_out(before, event.room)
        self._tell_of_connection()
        if self._first_welcome:
            self._first_welcome = False
            self.conversations.outbox.arrived_before(event.cid, numbered=True)
            if self._left is not None:
                known = event.cid if self.client is None or self.client.counts_by_client_id else 0
                self.conversations.outbox.restore(self._left.without(known).unsent)
                self._left = None
        self._fill()

    def _entered(self, event: e.RoomEntered) -> None:
        self._stop_timer()
        self.rooms.take(event)
        self.members.take(event)
        shown = self.conversations.shown
        busy = self.editing.entry is not None or self.replies.entry is not None
        follows = not busy and self.going.takes_along(shown)
        moved = self.conversations.of_room(event.room) is not self.conversations.room
        self.messages.entered(event.room, event.position, wanted=follows)
        if moved and not follows:
            self._tell_where(event.room)
        self._see_preview()
        self._tell_of_connection()
        self._fill()

    def _stay(self, event: e.Welcomed) -> None:
        """Show where the user really is: there was no way back."""
        self._timer = None
        before = self.conversations.room
        self.members.take(event)
        self.messages.entered(event.room, goes_on_at(event), wanted=False)
        self._tell_put_out(before, event.room)
        self._tell_of_connection()

    def _tell_where(self, room: str) -> None:
        """Say that the user is in another room, where they look and go on writing."""
        if self.conversations.shown is not self.conversations.room:
            text = translate("Notices", "You are in {room} now.")
            self.conversations.tell(text.format(room=safe_name(room)))

    def _tell_put_out(self, before: Conversation | None, room: str) -> None:
        """Say that the user is in another room than before the connection was lost, and why, as far as that is known.

        The server tells nobody later by whom they were put out.
        """
        self._see_preview()
        if before is None:
            return
        text = translate("Notices", "You are in {room} now; you are no longer in {old}.")
        for place in dict.fromkeys((before, self.conversations.shown or before)):
            self.conversations.tell(text.format(room=safe_name(room), old=safe_name(before.name)), place)
        self._start(self._ask_why(before), before)

    async def _ask_why(self, place: Conversation) -> None:
        """Say why the user may not go back into a room, if it is so."""
        if self.client is not None:
            try:
                await self.client.read_history(place.name, limit=1)
            except RequestRefused as error:
                self.conversations.bar(place, error)
                if place.barred is error:
                    self.conversations.tell(why(error, name=place.name), place)

    def _tell_read(self, room: str, seq: int) -> None:
        if self.client is not None:
            self.client.mark_read(seq, room=room, epoch=self.conversations.of_room(room).epoch)

    def _tell_of_connection(self) -> None:
        """Say once, in the first room that is shown, how the connection was made and what the server is known by."""
        if self.conversations.shown is None:
            return
        if self._chosen is not None:
            self.conversations.tell(notices.transport(self._chosen))
            self._chosen = None
        if self.trust is not None:
            self.conversations.tell(self.trust.news())

    def _lost(self, event: e.ConnectionLost) -> None:
        loop = asyncio.get_running_loop()
        self._time = loop.time
        self._stop_timer()
        because, self._goodbye = self._goodbye or telling.whole(event.reason, library), ""
        if self.connection.state == "connected":
            text = translate("Notices", "The connection is lost. {reason}")
            self.conversations.tell(text.format(reason=because), self.conversations.room)
            self.conversations.tell_waiting()
            self.acquaintance.lost()
        elif event.stranger:
            self.conversations.tell(notices.stranger(), self.conversations.room)
        self._set(ConnectionShown("waiting", because, retry_at=loop.time() + event.retry_in))
        self._timer = loop.call_later(event.retry_in, self._trying)

    def _trying(self) -> None:
        self._timer = None
        self._set(ConnectionShown("trying", self.connection.reason))

    def _set(self, connection: ConnectionShown) -> None:
        self.connection = connection
        self.connection_changed.emit()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _see_preview(self) -> None:
        """Ask who is in the room that is shown, if the user is not there any more."""
        place = self.conversations.previewed
        if place is not None and place is not self._looked_into[0]:
            self._start(self._look_into(place))

    async def _look_into(self, room: Conversation) -> None:
        if self.client is not None:
            try:
                users = await self.client.list_users(room.name)
            except RequestRefused as error:
                if error.code != ErrorCode.NO_SUCH_ROOM:
                    raise
                users = ()  # it has just gone: whoever wants to enter it is told
            self._looked_into = room, tuple(sorted((user.name for user in users), key=name_key))
            self.members.differ.emit(None)

    def _fill(self) -> None:
        """Ask for the rest of lists that were too long to be told at once."""
        if not self.members.complete:
            self._start(self._fill_members(self.members.room, self.members.begin()))
        if not self.rooms.complete:
            self._start(self._fill_rooms())

    async def _fill_members(self, room: str, heard: Heard) -> None:
        try:
            if self.client is not None:
                users = await self.client.list_users(room)
                self.members.fill((user.name for user in users), heard)
        finally:
            self.members.end(heard)

    async def _fill_rooms(self) -> None:
        if self.client is not None:
            self.rooms.fill(await self.client.list_rooms())

    # What is kept between runs.

    def _what_to_keep(self) -> WhatToKeep:
        left = () if self._left is None else self._left.unsent
        return self.conversations.drafts, [*left, *self.conversations.outbox.unsent], self.conversations.edits

    def _give_back(self, place: Conversation, text: str) -> None:
        """Let a text that could not be said stand in the draft, before what is there; not a mere password."""
        if slash.without_secrets(text).strip():
            self._put_back(place, text)

    def _put_back(self, place: Conversation, text: str) -> None:
        """Let what was just typed, and is not carried out, stand in the message line again, whatever it is."""
        place.draft = "\n".join(filter(None, (text, place.draft)))
        self.keeper.want()
        self.returned.emit(place, text)

    def _move_draft(self, place: Conversation, to: Conversation) -> None:
        """Let what is typed in one conversation stand in the message line of another one."""
        text, place.draft = place.draft, ""
        to.above, place.above = place.above or to.above, ""
        self.returned.emit(place, "")
        if text:
            self._put_back(to, text)

    def _brought(self, place: Conversation, other: Conversation) -> None:
        """Let what was typed in a conversation that is gone be seen where it stands now."""
        if other.draft:
            self.keeper.want()
            self.returned.emit(place, other.draft)

    def _not_kept(self, reason: str) -> None:
        text = translate("Notices", "What is not sent yet cannot be kept on this computer: {reason}.")
        self.conversations.tell(text.format(reason=safe_text(reason)))

    # What it asks.

    def _start(self, asking: Coroutine[Any, Any, None], place: Conversation | None = None) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(asking)
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, place))
        self.asked.emit()
        return task

    def _done(self, place: Conversation | None, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.keeper.want()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ChatcoreError):
            if self.client is not None:
                self.conversations.tell(why(error), place)
        elif error is not None:
            raise error
