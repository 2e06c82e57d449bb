"""The chat: users, rooms and their logs. Commands go in, effects come out; nothing here does I/O.

This file holds the state and the moves that every request is made of; `chatcore.chat.requests` says what each
request does with them, `chatcore.chat.logins` how sessions begin, resume and end.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from itertools import count, islice
from typing import Any

from chatcore.chat import logins, requests
from chatcore.chat.admission import FREE, cost, hold
from chatcore.chat.budget import Budgets
from chatcore.chat.effects import ConnectionId, Deliver, Effect, Publish, Record, Subscribe, WakeAt
from chatcore.chat.files import Files
from chatcore.chat.model import Origin, Room, Session
from chatcore.chat.presence import RoomListChanges, RoomPresence
from chatcore.commands import Command, Position, Traffic
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    BROADCAST_LOG,
    DIRECT_LOG,
    GapFound,
    RoomEntered,
    RoomsListed,
    RoomSummary,
    ServerEvent,
)
from chatcore.limits import Limits
from chatcore.ports.room_log import RoomLog
from chatcore.text.names import NameOrder, is_username, name_key


class Chat:
    """The whole state of one chat server.

    Every public method that changes something takes `now` (seconds of a clock that never jumps) and `at`
    (seconds since 1970), and returns the effects to carry out, in order.

    Args:
        limits: what is allowed.
        log: where messages stand.
        new_id: gives a fresh unguessable string per call.
        about: what `welcome` tells about the server, as JSON values.
        show_addresses: whether `whois` tells a user's network address.
    """

    def __init__(
        self,
        limits: Limits,
        log: RoomLog,
        new_id: Callable[[], str],
        *,
        about: Mapping[str, Any] | None = None,
        show_addresses: bool = False,
    ) -> None:
        self.limits = limits
        self.log = log
        self.new_id = new_id
        self.about = about or {}
        self.show_addresses = show_addresses
        self.users: dict[str, Session] = {}
        """Sessions that are logged in, by username key; those in their grace period too."""
        self.user_names = NameOrder()
        """Their keys."""
        self.rooms: dict[str, Room] = {}
        """By room key."""
        self.room_names = NameOrder()
        """Their keys."""
        self.connections: dict[ConnectionId, Session] = {}
        """Sessions that have a connection, logged in or not."""
        self.tokens: dict[str, Session] = {}
        """Sessions that are logged in, by the token that resumes them."""
        self.clients: dict[str, Session] = {}
        """Sessions that are logged in, by client id; where several have the same one, the first of them."""
        self.numbers: dict[str, Session] = {}
        """Sessions that are logged in, by what their sends are numbered under."""
        self.waiting: dict[str, dict[Session, float]] = {}
        """By place, sessions that are logged in and have no connection, and when their grace period is over."""
        self.stopping = False
        self.now = 0.0
        """Of the present call, as `at`."""
        self.at = 0.0
        self._source = ""  # the network address that caused the present call
        self._out: list[Effect] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_ids = count()
        self._woken_at: float | None = None
        self.files: Files = Files(self)
        self.budgets = Budgets(limits)
        self.presence = RoomPresence(limits)
        self._room_list = RoomListChanges(limits)
        self._room_list_timer = False
        self._stirred: dict[Room, None] = {}
        self.default_room = self.open_room(limits.default_room)
        log.open(BROADCAST_LOG)
        self._finish()

    # What happens to the chat from outside.

    def connect(self, connection: ConnectionId, origin: Origin, *, now: float, at: float) -> list[Effect]:
        """Take note of a new connection; `connection` is a number that was never used before."""
        self.now, self.at = now, at
        session = Session(origin, connection, at, now)
        session.budget = self.budgets.of(origin, now, logged_in=False)
        self.connections[connection] = session
        self._source = origin.place
        self.record("connect", address=origin.address, transport=origin.transport, dialect=origin.dialect)
        return self._finish()

    def handle(
        self,
        connection: ConnectionId,
        command: Command,
        *,
        now: float,
        at: float,
        reply_to: str | None = None,
    ) -> list[Effect]:
        """Do what the user of `connection` asks for, or refuse it.

        The first effect delivers the answer, with `reply_to`; `Traffic` has none. What comes on a connection that has
        no session any more has no effects. A `Hold` alone says that it was not looked at.
        """
        self.now, self.at = now, at
        session = self.connections.get(connection)
        if session is None:  # taken over by a newer connection, or told to go: what it still says is void
            return []
        self._source = session.origin.place
        budget = None if isinstance(command, FREE) else session.budget
        try:
            if budget is not None:
                budget.check(now)
            event = requests.carry_out(self, session, command)
        except Refusal as refusal:
            held = hold(session, refusal, now)
            if held is not None:
                return [held]
            event = requests.refused(self, session, command, refusal)
            told = {"user": session.name, "request": type(command).__name__, "code": refusal.code.value}
            self.emit(Record("refused", told, connection))
        if budget is not None:
            budget.spend(cost(self, session, command, event))
        if not isinstance(command, Traffic):
            session.active_at = now
        if session.room is not None:
            session.heads = self._heads(session)
        if event is not None:
            # The reply goes first: it is the picture that everything after it changes.
            self._out.insert(0, Deliver(connection, event, reply_to))
        return self._finish()

    def disconnect(self, connection: ConnectionId, reason: str, *, now: float, at: float) -> list[Effect]:
        """Take note that a connection is gone; its session waits for another one. Idempotent."""
        self.now, self.at = now, at
        session = self.connections.pop(connection, None)
        if session is not None:
            self._source = session.origin.place
            logins.lose_connection(self, session, reason)
        return self._finish()

    def handle_timer(self, *, now: float, at: float) -> list[Effect]:
        """Do what is due."""
        self.now, self.at = now, at
        self._source = ""
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        self._woken_at = None
        return self._finish()

    def stop(self, message: str, *, now: float, at: float) -> list[Effect]:
        """Say goodbye to everyone and end every session. Nobody can log in afterwards."""
        self.now, self.at = now, at
        self.stopping = True
        logins.dismiss_everyone(self, message)
        self._stirred.clear()
        self._timers.clear()
        out, self._out = self._out, []
        return out

    # What the switchboard asks for a reader that was too slow.

    def heads(self, connection: ConnectionId) -> dict[str, int]:
        """Return the seq of the newest entry of every log that this connection receives, by log key.

        Somebody has to be logged in on it, here and for `picture`.
        """
        return self._heads(self.connections[connection])

    def picture(self, connection: ConnectionId) -> list[ServerEvent]:
        """Return what a reader that caught up on its logs has to know of the present."""
        session = self.connections[connection]
        rooms, more = self.list_rooms(None)
        return [self.entered(session), RoomsListed(rooms, more)]

    def log_name(self, key: str) -> str:
        """Return the name that a log has in frames."""
        if key.startswith(DIRECT_LOG):
            return DIRECT_LOG
        room = self.rooms.get(key)
        return room.name if room is not None else key

    # Moves, for requests and logins.

    def emit(self, effect: Effect) -> None:
        """Add an effect to what the present call returns."""
        self._out.append(effect)

    def record(self, what: str, **fields: object) -> None:
        """Add a line for the operator."""
        self._out.append(Record(what, fields, self._source))

    def call_at(self, when: float, callback: Callable[[], None]) -> None:
        """Call back from `handle_timer` at `when`."""
        heapq.heappush(self._timers, (when, next(self._timer_ids), callback))

    def open_room(self, name: str) -> Room:
        """Create a room. Its log is fresh, or what the store has kept of it."""
        room = self.rooms[name_key(name)] = Room(name)
        self.room_names.add(room.key)
        self.log.open(room.key)
        self._room_changed(room)
        return room

    def find_room(self, name: str) -> Room:
        """Return the room of that name. Raises `Refusal`."""
        room = self.rooms.get(name_key(name))
        if room is None:
            raise Refusal(ErrorCode.NO_SUCH_ROOM, f"there is no room called {name[:32]}")
        return room

    def reopen_room(self, name: str) -> Room:
        """Return the room of that name, or create it anew when the store has kept its log. Raises `Refusal`."""
        try:
            self.log.head(name_key(name))
        except KeyError:
            return self.find_room(name)
        return self.rooms.get(name_key(name)) or self.open_room(name)

    def find_user(self, name: str) -> Session:
        """Return the session of that user. Raises `Refusal`."""
        session = self.users.get(name_key(name))
        if session is None:
            raise Refusal(ErrorCode.NO_SUCH_USER, f"nobody here is called {name[:32]}")
        return session

    def enter(self, session: Session, room: Room) -> None:
        """Put a user into a room, out of the one before."""
        if session.room is not None:
            self.leave(session)
        session.room = room
        room.members[session] = None
        room.names.add(session.key)
        self.presence.joined(room, session.key, session.name)
        self._room_changed(room)
        self.record("joined", user=session.name, room=room.name)

    def leave(self, session: Session) -> None:
        """Take a user out of the room; an empty room that is not the default one disappears."""
        room = session.room
        assert room is not None  # only for users, and a user is always in a room
        session.room = None
        del room.members[session]
        room.names.remove(session.key)
        self.record("left", user=session.name, room=room.name)
        if room.members or room is self.default_room:
            self.presence.left(room, session.key, session.name)
            self._room_changed(room)
            return
        del self.rooms[room.key]
        self.room_names.remove(room.key)
        self._stirred.pop(room, None)
        self.log.drop(room.key)
        self._room_list.removed(room.key, room.name)
        self.record("room_removed", room=room.name)

    def renamed_in_room(self, session: Session, old_key: str) -> None:
        """Put a member under the new name into what is kept by name."""
        room = session.room
        assert room is not None  # only for users
        room.names.remove(old_key)
        room.names.add(session.key)
        # Somebody of that name may have gone just now: told after the renaming, it would take away the wrong one.
        room.left.pop(session.key, None)
        if old_key in room.joined:
            room.joined.pop(old_key)
            self.presence.joined(room, session.key, session.name)
            self._room_changed(room)

    def said_in(self, room: Room) -> None:
        """Take note that the room's log has grown."""
        self._room_changed(room)

    def subscribe(self, session: Session, since: Mapping[str, int] | None = None) -> None:
        """Let the session's connection hear its room, after a replay of what it missed (by log key)."""
        room = session.room
        assert room is not None  # only for users
        assert session.connection is not None  # only on a request
        missed = {key: seq for key, seq in (since or {}).items() if seq < self.log.head(key)}
        self.emit(Subscribe(session.connection, room.key, session.inbox, missed or None))

    def entered(self, session: Session) -> RoomEntered:
        """Return the picture of the room that the session is in."""
        room = session.room
        assert room is not None  # only for users
        return RoomEntered(
            room=room.name,
            position=self.log.open(room.key),
            users=self.member_names(room),
            users_count=len(room.members),
        )

    def member_names(self, room: Room) -> tuple[str, ...]:
        """Return who is in the room: the first ones when there are more than fit into a frame."""
        return tuple(each.name for each in islice(room.members, self.presence.names_per_frame))

    def list_rooms(self, after: str | None) -> tuple[tuple[RoomSummary, ...], bool]:
        """Return room list lines in the order of their names, behind `after`, and whether there are more."""
        keys, more = self.room_names.page(after, self.limits.rooms_per_frame)
        return tuple(map(self._summary, keys)), more

    def log_key(self, session: Session, name: str) -> str:
        """Return the key of the log that the user means and may read. Raises `Refusal`.

        Rooms are open to everybody; of the direct messages these are the user's own, whatever the name.
        """
        if name == DIRECT_LOG:
            return session.inbox
        if name == BROADCAST_LOG:
            return BROADCAST_LOG
        return self.find_room(name).key

    def replay_from(self, session: Session, key: str, since: Position) -> int:
        """Return after which seq to replay a log to a user who knows it up to `since`.

        When the log was lost and begins anew, tells the user so and replays all of the new one.
        """
        position = self.log.open(key)
        if since.epoch == position.epoch:
            return min(since.seq, position.seq)
        floor = self.log.floor(key)
        assert session.connection is not None  # only on a request
        self.emit(Deliver(session.connection, GapFound(self.log_name(key), position.epoch, 1, floor - 1)))
        return floor - 1

    def check_username(self, session: Session, name: str) -> None:
        """Raise `Refusal` unless `name` may be the username of a session."""
        longest = session.origin.username_chars or self.limits.username_chars
        if not is_username(name, longest):
            raise Refusal(ErrorCode.BAD_NAME, f"a username is 2 to {longest} letters, digits, _ or -")
        self.presence.longest_name = max(self.presence.longest_name, len(name))

    # The end of every call.

    def _heads(self, session: Session) -> dict[str, int]:
        assert session.room is not None  # only for users
        return {key: self.log.head(key) for key in (session.inbox, BROADCAST_LOG, session.room.key)}

    def _summary(self, key: str) -> RoomSummary:
        return self.rooms[key].summary(self.log.head(key))

    def _room_changed(self, room: Room) -> None:
        self._room_list.changed(room.key)
        self._stirred[room] = None

    def _finish(self) -> list[Effect]:
        for room in self._stirred:
            self._tell_presence(room)
        self._stirred.clear()
        self._tell_rooms()
        if self._timers and (self._woken_at is None or self._timers[0][0] < self._woken_at):
            self._woken_at = self._timers[0][0]
            self._out.append(WakeAt(self._woken_at))
        out, self._out = self._out, []
        return out

    def _tell_presence(self, room: Room) -> None:
        due = self.presence.due(room, self.now)
        if due is None or room.timer_set:
            return
        if due > self.now:
            room.timer_set = True
            self.call_at(due, lambda: self._presence_timer(room))
            return
        for event in self.presence.take(room, self.now):
            self._out.append(Publish(room.key, event))

    def _presence_timer(self, room: Room) -> None:
        room.timer_set = False
        if self.rooms.get(room.key) is room:
            self._tell_presence(room)

    def _tell_rooms(self) -> None:
        if self._room_list_timer or not self._room_list.waiting:
            return
        due = self._room_list.due(self.now)
        if due > self.now:
            self._room_list_timer = True
            self.call_at(due, self._rooms_timer)
            return
        for event in self._room_list.take(self.now, self._summary):
            self._out.append(Publish(None, event))

    def _rooms_timer(self) -> None:
        self._room_list_timer = False
        self._tell_rooms()
