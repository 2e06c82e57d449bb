"""The ways from room to room, one behind the other, and what is said and done at the end of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from chatcore.aio.client import Client
from chatcore.commands import CloseRoom, CreateRoom, JoinRoom, LeaveRoom, RoomChange, SendDirect, SendMessage
from chatcore.errors import ChatcoreError, ConnectionClosed, RequestRefused
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore.text.telling import name_asked
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.acquaintance import Wanted
from chatcore_qt.presenters.conversation.asking import Start
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.own_messages import Sent
from chatcore_qt.presenters.reasons import why
from chatcore_qt.texts import translate

_SHOWN: Final = 5.0  # seconds that the window may take to show where the user is by now


@dataclass(eq=False)
class _Way:
    """A way into another room."""

    go: RoomChange
    room: str
    """Where it leads, as far as that is known."""
    origin: Conversation | None = None
    """Where it was asked for: what is typed there from then on is meant for its end."""
    wanted: bool = True
    """Whether the user has asked for it, and not for what is said at its end alone."""
    again: bool = False
    """Whether it is for something that failed before: the room is made if it is not there any more."""
    behind: list[Sent | str] = field(default_factory=list)
    """Messages to be said at its end, and commands to be carried out there."""
    draws: bool = False
    """Whether the draft where it was asked for stood below it, and comes along."""
    told: bool = False
    over: bool = False


class Going:
    """Takes the user from room to room, in the order in which that was wanted, and says at the end what waits for that.

    Args:
        conversations: of the server.
        client: returns the client that is logged in, if one is.
        start: runs a request; what is refused is told in the conversation.
        lobby: returns the room where one is who is nowhere else.
        give_back: gets a text that could not be said in a conversation.
        carry_out: does what a line typed for a room asks for, once the user is there.
        move_draft: lets what is typed in a conversation stand in another one.
        ask: does what is wanted for users, once it is certain who they are.
    """

    def __init__(
        self,
        conversations: Conversations,
        client: Callable[[], Client | None],
        start: Start,
        *,
        lobby: Callable[[], str],
        give_back: Callable[[Conversation, str], object],
        carry_out: Callable[[str, Conversation], object],
        move_draft: Callable[[Conversation, Conversation], object],
        ask: Callable[..., None],
    ) -> None:
        self._all = conversations
        self._outbox = conversations.outbox
        self._client = client
        self._lobby = lobby
        self._start = start
        self._give_back = give_back
        self._carry_out = carry_out
        self._move_draft = move_draft
        self._ask = ask
        self._way: _Way | None = None  # the last one
        self._walked: _Way | None = None  # the one that is gone now
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        conversations.shown_changed.connect(self._moved.set)

    def is_ahead(self, place: Conversation) -> bool:
        """Tell whether what is typed in a conversation now is typed ahead: behind what leads elsewhere."""
        return self._way is not None and not self._way.over and self._way.origin is place

    @property
    def under_way(self) -> bool:
        """Whether the user is on the way to some room."""
        return self._way is not None and not self._way.over

    def takes_along(self, shown: Conversation | None) -> bool:
        """Tell whether who looks at a conversation is to look at the room that is entered now.

        Not who has gone elsewhere since, nor who has begun to write to somebody; what is typed in a room behind a way
        into another one is meant for that.
        """
        way = self._walked
        if way is None or shown is None or (shown is way.origin and shown.kind == "room"):
            return True
        return shown in (way.origin, self._all.room) and not shown.draft

    def go(self, go: RoomChange, origin: Conversation | None) -> asyncio.Task[None]:
        """Go to another room, once the ways before it are over; returns what ends with that.

        What closes a room and is typed ahead closes that at the end of the way from there, and no other one.
        """
        if isinstance(go, CloseRoom) and self._way is not None and origin is not None and self.is_ahead(origin):
            go = replace(go, room=self._way.room)
        self._set_out(_Way(go, go.room if isinstance(go, CreateRoom | JoinRoom) else self._lobby(), origin))
        assert self._task is not None
        return self._task

    def say(self, place: Conversation, text: str) -> None:
        """Say what was typed in a conversation at the end of the way from there; of none, in this room: go there."""
        way = self._from(place)
        self._wait_for(way, self._outbox.hold(SendMessage(text, room=way.room)))

    def do(self, place: Conversation, line: str) -> None:
        """Carry out a command at the end of the same way as `say`."""
        self._all.wait(place, line)
        self._wait_for(self._from(place), line)

    def draw(self, place: Conversation) -> None:
        """Let what stands in the message line of a room come along to the end of the same way, if there is one."""
        if self._way is not None and self.is_ahead(place):
            self._way.draws = place.kind == "room"

    def _from(self, place: Conversation) -> _Way:
        if self._way is not None and self.is_ahead(place):
            return self._way
        return self._set_out(_Way(JoinRoom(place.name), place.name, place, wanted=False))

    def retry(self, failed: list[Sent]) -> None:
        """Send again what failed, from the rooms, or to the users, for which it was written."""
        self._ask(*[self._again(sent) for sent in failed if isinstance(sent.send, SendDirect)])
        for sent in failed:
            if isinstance(sent.send, SendDirect):
                continue
            room = sent.places[0].name if isinstance(sent.send, SendMessage) else ""
            here = "" if self._all.room is None else self._all.room.name
            way = None if self._way is None or self._way.over else self._way
            if not room or self._client() is None or (way is None and name_key(room) == name_key(here)):
                self._outbox.retry(sent.key)
            elif self._outbox.hold_again(sent.key):
                if way is None or not way.again or way.room != room:
                    way = self._set_out(_Way(JoinRoom(room), room, wanted=False, again=True))
                way.behind.append(sent)

    def _again(self, sent: Sent) -> Wanted:
        """Let a private message that failed wait until it is certain to whom it goes."""

        def back() -> str:
            self._outbox.fail_again(sent)
            return ""

        self._outbox.hold_again(sent.key)
        return Wanted(sent.places, partial(self._outbox.release, sent), back)

    def _wait_for(self, way: _Way, what: Sent | str) -> None:
        way.behind.append(what)
        origin = None if way.told else way.origin
        # In a private conversation, nothing but commands waits for a room.
        if origin is not None and origin.kind == "room" and name_key(origin.name) != name_key(way.room):
            way.told = True
            text = translate("Notices", "You are on your way to {room}: what you write until then is said there.")
            self._all.tell(text.format(room=safe_name(way.room)), origin)

    def _set_out(self, way: _Way) -> _Way:
        self._way, before = way, self._task
        self._task = self._start(self._follow(way, before), way.origin)
        return way

    async def _follow(self, way: _Way, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:
                await asyncio.wait((before,))
            client = self._client()
            if client is not None:
                self._walked = way
                try:
                    await self._walk(client, way)
                finally:
                    self._walked = None
            elif way.wanted:
                text = notices.no_connection()
                self._all.tell(text)
                self._fail(way, text)
                raise ConnectionClosed("the client was closed")
        except RequestRefused as error:
            way.over = True
            self._refused(way, error)
            if self._all.shown is self._all.room:
                self._draw_along(way)
        except ChatcoreError as error:
            way.over = True
            self._fail(way, why(error))
            raise
        except asyncio.CancelledError:  # the user leaves: what is held is kept as it is
            self._take_back(way, lambda _sent: "")
            raise
        else:
            way.over = True
            self._arrived(way)
            self._draw_along(way)

    async def _walk(self, client: Client, way: _Way) -> None:
        match way.go:
            case JoinRoom(room=room) if way.again:
                await client.enter(room)
            case JoinRoom(room=room):
                if way.wanted or name_key(client.room) != name_key(room):
                    await client.join(room)
            case CreateRoom(room=room):
                await client.create(room)
            case LeaveRoom():
                way.room = (await client.leave()).room
            case CloseRoom():
                closed = client.room
                await client.moderate(way.go)
                way.room = way.room if client.room == closed else client.room
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHOWN):
                while self._all.room is not None and name_key(self._all.room.name) != name_key(client.room):
                    self._moved.clear()
                    await self._moved.wait()

    def _arrived(self, way: _Way) -> None:
        place = self._all.of_room(way.room)
        for one in way.behind:
            if isinstance(one, Sent):
                self._outbox.release(one, way.room)
            elif way.origin is not None:
                self._all.wait_no_more(way.origin, one)
                self._carry_out(one, place)

    def _draw_along(self, way: _Way) -> None:
        """Let what stands below commands stand where these have led, be it less far; not out of the user's sight."""
        place, room = way.origin, self._all.room
        if way.draws and place is not None and room is not None and place not in (room, self._all.shown):
            self._move_draft(place, room)

    def _refused(self, way: _Way, error: RequestRefused) -> None:
        """Say why, and give back what was written for the room: it is said nowhere else."""
        if isinstance(way.go, JoinRoom):
            self._all.bar(self._all.of_room(way.room), error)
        reason = why(error, name=name_asked(way.go))
        self._all.tell(reason, way.origin)
        if way.again:
            self._fail(way, reason)
        else:
            self._take_back(way, self._outbox.withdraw)

    def _fail(self, way: _Way, reason: str) -> None:
        def fail(sent: Sent) -> str:
            self._outbox.give_up(sent, reason)
            return ""

        self._take_back(way, fail)

    def _take_back(self, way: _Way, text_of: Callable[[Sent], str]) -> None:
        """Give back the commands, and what is to be given back of each message."""
        lines = []
        for one in way.behind:
            if isinstance(one, str) and way.origin is not None:
                self._all.wait_no_more(way.origin, one)
            lines.append(one if isinstance(one, str) else text_of(one))
        way.behind.clear()
        text = "\n".join(filter(None, lines))
        if text and way.origin is not None:
            self._give_back(way.origin, text)
