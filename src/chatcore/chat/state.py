"""The state of the chat: users, rooms and their logs, and the moves that requests are made of.

What may be asked for, and how sessions begin and end, stands in `chatcore.chat.requests`. It uses what is here, and
nothing here knows of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heappush
from typing import Any, Final, Protocol

from chatcore.chat.effects import (
    ConnectionId,
    Deliver,
    Effect,
    Joined,
    Left,
    LineKind,
    LogLine,
    RoomChanged,
    RoomRemoved,
    Subscribe,
)
from chatcore.chat.kept.acts import Acts
from chatcore.chat.kept.due import Due
from chatcore.chat.kept.model import Account, Invitation, Looks, Room, Session
from chatcore.chat.kept.paces import Pace, Paces
from chatcore.chat.kept.reading import Reading
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.sanctions import Sanctions
from chatcore.chat.kept.shares import EmptyRooms
from chatcore.chat.kept.spoken import Spoken
from chatcore.commands import Position
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, GapFound
from chatcore.limits import ROOM_NAME_MAX, USERNAME_MAX, Limits
from chatcore.ports.room_log import RoomLog
from chatcore.records import FEWER_AT_A_TIME, RULES, SOME_AT_A_TIME
from chatcore.text.names import NameOrder, name_key

_ID_CHARS: Final = 22
# So many are put out of a room, or expire, by one entry of the journal: a millisecond of work, as in a turn.
_AT_A_TIME: Final = 15
_AT_A_TIME_BEFORE: Final = 50


class SessionFollower(Protocol):
    """Who has to know what becomes of sessions."""

    def lost(self, session: Session) -> None:
        """Take note that a session has lost its connection."""
        ...

    def returned(self, session: Session) -> None:
        """Take note that a session goes on on another connection."""
        ...

    def ended(self, session: Session) -> None:
        """Take note that a session is over."""
        ...


@dataclass(slots=True)
class Moment:
    """When and where in the journal something is applied."""

    record: int = 0
    """How many records were applied before, and with, this one: it names what the record makes."""
    node: int = 0
    """Incarnation of the node that proposed it."""
    nonce: str = ""
    """Of that node."""
    time: float = 0.0
    """In seconds since 1970, for people."""
    clock: float = 0.0
    """In seconds, of the journal's clock."""
    rules: int = RULES
    """By which it is applied: those of that node, when it began."""


class State:
    """All that the chat remembers. It changes by records only, and alike wherever these are applied.

    Args:
        limits: what is allowed.
        log: where messages stand.
        here: tells whether a connection is one of this node; pictures for others are not made.
        about: returns what this node tells about itself in `welcome`, as JSON values.
        show_addresses: whether this node tells users' network addresses in `whois`.
    """

    def __init__(
        self,
        limits: Limits,
        log: RoomLog,
        here: Callable[[ConnectionId], bool],
        about: Callable[[], Mapping[str, Any]],
        show_addresses: bool,
    ) -> None:
        self.log, self.here, self.about, self.show_addresses = log, here, about, show_addresses
        self.moment = Moment()
        """Of the record that is being applied, or the question that is being answered."""
        self.users: dict[str, Session] = {}
        """Sessions, by username key; those in their grace period too."""
        self.user_names = NameOrder()
        """Their keys."""
        self.accounts: dict[str, Account] = {}
        """By username key; whose owners are away, too."""
        self.allow(limits)
        self.invitations: dict[str, Invitation] = {}
        """By the hashes of their texts, the oldest first; also those that are used up, until another one is made."""
        self.longest_name = self.longest_room_name = 0
        """Of names of users, and of rooms, so far, in bytes of UTF-8."""
        self.rooms: dict[str, Room] = {}
        """By room key."""
        self.room_names = NameOrder()
        """Their keys."""
        self.people: dict[str, Session | Account] = {}
        """Who is there or has an account, by `person`."""
        self.looks = Looks(self.users, self.accounts, self.rooms)
        """What all these names look like."""
        self.connections: dict[ConnectionId, Session] = {}
        """Sessions that have a connection."""
        self.tokens: dict[str, Session] = {}
        """Sessions, by the hash of the token that resumes them."""
        self.clients: dict[str, Session] = {}
        """Sessions, by client id; where several have the same one, the first of them."""
        self.numbers: dict[str, Session] = {}
        """Sessions, by what their sends are numbered under."""
        self.waiting: dict[str, dict[Session, float]] = {}
        """By place, sessions without a connection, and when their grace period is over, by the journal's clock."""
        self.keeps_rooms = False
        """True when a room is kept without members, as long as there is something in its log."""
        self.empty_rooms = EmptyRooms()
        """Those that are kept so."""
        self.due = Due()
        """What the next entries have to bring."""
        self.sanctions = Sanctions()
        """Who may not come in somewhere, or not speak."""
        self.reading = Reading()
        """How far everybody has read."""
        self.slow_rooms: dict[Room, None] = {}
        """Those in which members have to wait between two messages."""
        self.ruled: dict[str, dict[Room, None]] = {}
        """By person, rooms in which that one is more than a member."""
        self.acts = Acts()
        """What was done in rooms, and to the server."""
        self.followers: list[SessionFollower] = []
        self._out: list[Effect] = []

    # Moves.

    def allow(self, limits: Limits) -> None:
        """Let these limits hold from now on."""
        self.limits, self.paces = limits, Paces(limits)
        for account in self.accounts.values():
            account.is_operator = self.paces.is_operator(account.key)
        self.told_limits: dict[tuple[Pace, str], Mapping[str, Any]] = {}
        """What users are told of them, as it was told before: by their pace, and by what names are judged."""

    def new_id(self, what: str) -> str:
        """Return an id that nobody can guess, and that is the same wherever the record is applied."""
        moment = self.moment
        return hashlib.sha256(f"{moment.nonce} {moment.record} {what}".encode()).hexdigest()[:_ID_CHARS]

    def emit(self, effect: Effect) -> None:
        """Add an effect to those of the record."""
        self._out.append(effect)

    def note(self, what: LineKind, source: Session | str = "", **fields: object) -> None:
        """Add a line for the operator; `source` is who caused it, a session or a network address."""
        place = source.origin.place if isinstance(source, Session) else source
        self._out.append(LogLine(what, fields, place))

    def take_effects(self) -> list[Effect]:
        """Return the effects of the record, once."""
        out, self._out = self._out, []
        return out

    @property
    def at_a_time(self) -> int | None:
        """How many of many that something happens to are done with one entry of the journal; None for all."""
        rules = self.moment.rules
        if rules >= FEWER_AT_A_TIME:
            return _AT_A_TIME
        return _AT_A_TIME_BEFORE if rules >= SOME_AT_A_TIME else None

    @property
    def default_room(self) -> Room:
        """The room that always exists, and where everybody starts."""
        return self.rooms[name_key(self.limits.default_room)]

    def open_room(self, name: str, by: Session | None = None) -> Room:
        """Create a room, for a user or for everybody. Its log is fresh, or what the store has kept of it."""
        room = self.add_room(Room(name))
        if by is not None:
            room.maker, room.made_at = by.person, by.origin.place
        self.log.open(room.key, self.new_id(room.key))
        self.emit(RoomChanged(room))
        return room

    def add_account(self, account: Account) -> None:
        """Let a name belong to somebody."""
        account.is_operator = self.paces.is_operator(account.key)
        self.accounts[account.key] = self.people[account.person] = account
        self.looks.accounts.add(account.name)

    def add_room(self, room: Room) -> Room:
        """Add a room that has a log already."""
        self.rooms[room.key] = room
        self.room_names.add(room.key)
        self.looks.rooms.add(room.name)
        self.longest_room_name = max(self.longest_room_name, len(room.name.encode()))
        return room

    def wait(self, session: Session, place: str, until: float) -> None:
        """Let a session of that place wait for another connection, until then by the journal's clock."""
        self.waiting.setdefault(place, {})[session] = until
        heappush(self.due.graces, (until, session.number, session.losses, session))

    def find_room(self, name: str) -> Room:
        """Return the room of that name. Raises `Refusal`."""
        room = self.rooms.get(name_key(name))
        if room is None:
            raise Refusal(ErrorCode.NO_SUCH_ROOM, name=name[:ROOM_NAME_MAX])
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
            raise Refusal(ErrorCode.NO_SUCH_USER, name=name[:USERNAME_MAX])
        return session

    def sessions_of(self, person: str) -> list[Session]:
        """Return the sessions of a person, the oldest first."""
        found = self.people.get(person)
        if isinstance(found, Account):
            return sorted(found.sessions, key=lambda each: each.number)
        return [] if found is None else [found]

    def enter(self, session: Session, room: Room) -> None:
        """Put a user into a room, out of the one before."""
        if session.room is not None:
            self.leave(session, room)
        session.room = room
        self.empty_rooms.discard(room)
        room.members[session] = None
        room.names.add(session.key)
        if session.is_bot:
            room.bots[session] = None
        self.reading.enter(session, room, self.log.head(room.key))
        self.emit(Joined(room, session.key, session.name))
        self.note(LineKind.JOINED, session, user=session.name, room=room.name)

    def leave(self, session: Session, into: Room | None = None) -> None:
        """Take a user out of the room; `into`: the next one, which does not go for the one before."""
        room = session.room
        assert room is not None  # only for users, and a user is always in a room
        session.room = None
        del room.members[session]
        room.bots.pop(session, None)
        room.forget_name(session.name)
        room.names.remove(session.key)
        self.note(LineKind.LEFT, session, user=session.name, room=room.name)
        self.emit(Left(room, session.key, session.name))
        if not room.members and not room.always:
            self.leave_empty(room, session, into)

    def leave_empty(self, room: Room, source: Session | str = "", into: Room | None = None) -> None:
        """Keep a room without members as long as there is something to keep of it; else it disappears."""
        if room.closing or not self.keeps_rooms or not (self.log.head(room.key) or room.is_remembered):
            self.remove_room(room, source)
            return
        self.empty_rooms.keep(room)
        if len(self.empty_rooms) > self.limits.empty_rooms:
            one_to_go = self.empty_rooms.one_to_go(self.moment.rules)
            if one_to_go is not into:
                self.remove_room(one_to_go, source)

    def remove_room(self, room: Room, source: Session | str = "") -> None:
        """Take away a room without members, and its log."""
        self.empty_rooms.discard(room)
        self.sanctions.put(room, [])
        self.slow_down(room, 0)
        self.reading.forget_room(room)
        self.due.to_inherit.pop(room, None)
        for person in list(room.roles):
            self.give_role(room, person, Role.MEMBER)
        del self.rooms[room.key]
        self.room_names.remove(room.key)
        self.looks.rooms.remove(room.name)
        self.log.drop(room.key)
        self.emit(RoomRemoved(room))
        self.note(LineKind.ROOM_REMOVED, source, room=room.name)

    def slow_down(self, room: Room, seconds: int) -> None:
        """Let members of a room wait for so many seconds between two messages; 0 for not at all."""
        room.slow = seconds
        if seconds:
            self.slow_rooms[room] = None
        else:
            room.spoken = Spoken()
            self.slow_rooms.pop(room, None)

    def give_role(self, room: Room, person: str, role: Role) -> None:
        """Let a person have a role in a room, be it what everybody has."""
        ruled = self.ruled.setdefault(person, {})
        room.roles.pop(person, None)
        room.look_again()
        if role > Role.MEMBER:
            room.roles[person] = role
            ruled[room] = None
        else:
            ruled.pop(room, None)
        if not ruled:
            del self.ruled[person]
        self.empty_rooms.look_again(room)

    def subscribe(self, session: Session, since: Mapping[str, int] | None = None, changed: int | None = None) -> None:
        """Let the session's connection hear its room, after a replay of what it missed (by log key).

        `changed` is how many changes of the room's entries it knows; None for all.
        """
        room = session.room
        assert room is not None  # only for users
        assert session.connection is not None  # only on a request
        heads = self.heads(session)
        missed = {key: seq for key, seq in (since or {}).items() if seq < heads[key]}
        changes = self.log.changes(room.key) if changed is None else changed
        is_behind = bool(missed) or changed is not None
        self.emit(Subscribe(session.connection, room.key, heads, missed, changes, is_behind))

    def changed_since(self, room: Room, since: Position | None) -> int | None:
        """Return how many changes of the entries of a room a user knows; None for all."""
        position = self.log.position(room.key)
        if since is None or since.changes is None or since.epoch != position.epoch:
            return None
        return since.changes if since.changes < self.log.changes(room.key) else None

    def replay_from(self, session: Session, key: str, since: Position) -> int:
        """Return after which seq to replay a log to a user who knows it up to `since`.

        When the log was lost and begins anew, tells the user so and replays all of the new one.
        """
        position = self.log.position(key)
        if since.epoch == position.epoch:
            return min(since.seq, position.seq)
        floor = self.log.floor(key)
        assert session.connection is not None  # only on a request
        self.emit(Deliver(session.connection, GapFound(self.log_name(key), position.epoch, 1, floor - 1)))
        return floor - 1

    # Logs.

    def log_name(self, key: str) -> str:
        """Return the name that a log has in frames."""
        if key.startswith(DIRECT_LOG):
            return DIRECT_LOG
        room = self.rooms.get(key)
        return room.name if room is not None else key

    def log_key(self, session: Session, name: str) -> str:
        """Return the key of the log that the user means and may read. Raises `Refusal`.

        Rooms are open to everybody; of the direct messages these are the user's own, whatever the name.
        """
        if name == DIRECT_LOG:
            return session.inbox
        if name == BROADCAST_LOG:
            return BROADCAST_LOG
        return self.find_room(name).key

    def heads(self, session: Session) -> dict[str, int]:
        """Return the seq of the newest entry of every log that a user receives, by log key."""
        assert session.room is not None  # only for users
        return self.log.heads(session.inbox, BROADCAST_LOG, session.room.key)
