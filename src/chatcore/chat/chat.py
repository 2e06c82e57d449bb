"""The chat: what the journal has ordered goes in, events and effects come out. Nothing here does I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from chatcore.chat import pictures
from chatcore.chat.effects import NODE_BITS, ConnectionId, Effect, LimitsMoved, UnreadMoved
from chatcore.chat.kept.model import Room, Session
from chatcore.chat.kept.nodes import Nodes
from chatcore.chat.requests import logins
from chatcore.chat.requests.files import Files
from chatcore.chat.requests.messages import Span, digest, history, span_of
from chatcore.chat.requests.moderation import named
from chatcore.chat.requests.moderation.doors import lobby_of, open_doors
from chatcore.chat.requests.moderation.heirs import inherit_some
from chatcore.chat.requests.moderation.members import put_out_some
from chatcore.chat.requests.moderation.roles import RoleFollower
from chatcore.chat.requests.permissions import check
from chatcore.chat.requests.searching import found, query_of
from chatcore.chat.requests.table import handlers
from chatcore.chat.requests.told_limits import changes, limits_of
from chatcore.chat.requests.written_down import write_down
from chatcore.chat.slow_mode import SlowFollower
from chatcore.chat.state import Moment, State
from chatcore.commands import Command, ReadHistory, Search, Send
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import (
    HistoryRead,
    LimitsChanged,
    MessagesFound,
    Posted,
    Refused,
    RoomsListed,
    ServerEvent,
    UnreadChanged,
)
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.room_log import RoomLog
from chatcore.ports.search import Page, Query
from chatcore.quick import quick_tuple
from chatcore.records import (
    JOINS_DECLARED_ROOMS,
    RULES,
    Act,
    Confirmed,
    FlowBroken,
    Gone,
    HaveRead,
    HostActed,
    LimitsSet,
    LoggedIn,
    NodeLeft,
    NodeUp,
    OperatorToken,
    Record,
    RoomsForgotten,
)
from chatcore.text.names import name_key
from chatcore.text.reasons import refused

_What = TypeVar("_What")

# After these the same send may succeed later, so its cid is not used up.
_TEMPORARY: Final = frozenset({ErrorCode.CID_GAP, ErrorCode.CID_CONFLICT, ErrorCode.SLOW_MODE})


class Outcome(NamedTuple):
    """What a record came to."""

    answer: ServerEvent | None
    """For whoever asked for it; it goes before the effects, because it is the picture that they change."""
    effects: list[Effect]
    mistake: Exception | None = None
    """What the server did wrong: the record counts as refused then."""


_outcome: Final = quick_tuple(Outcome)


class Applied(NamedTuple):
    """What an entry of the journal came to."""

    due: list[Effect]
    """Of what its time brought with it; they go first."""
    outcomes: list[Outcome]
    """One for each of its records."""
    mistakes: tuple[Exception, ...] = ()
    """What the server did wrong that belongs to none of them."""


class Chat:
    """The whole state of a chat, on one of its nodes.

    It changes by `apply` only, and alike on every node, in whatever process, at whatever time.

    Args:
        limits: what is allowed.
        log: where messages stand.
        here: tells whether a connection is one of this node, to skip what only that connection would be told.
        about: what `welcome` tells about this node, as JSON values.
        show_addresses: whether this node tells users' network addresses in `whois`.
    """

    def __init__(
        self,
        limits: Limits,
        log: RoomLog,
        *,
        here: Callable[[ConnectionId], bool] = lambda connection: True,
        about: Mapping[str, Any] | None = None,
        show_addresses: bool = False,
    ) -> None:
        self.limits = limits
        """What this node allows, by its settings. As soon as it is up, that is what holds."""
        self.log = log
        self._about = about or {}
        self.state = State(limits, log, here, self.about, show_addresses)
        self.files = Files(self.state)
        self.nodes = Nodes()
        self.state.followers += [self.files, RoleFollower(self.state), SlowFollower(self.state)]
        self._handlers = handlers(self.state, self.files)
        self.records = 0
        """How many were applied."""
        self.position = 0
        """Of the last entry that was applied."""
        self.clock = 0.0
        """Its time by the journal's clock, in seconds."""
        self._mistakes: list[Exception] = []
        """With what no record has asked for; of the present entry."""
        self._apply: dict[type[Record], Callable[[Any], ServerEvent | None]] = {
            Act: self._act,
            LoggedIn: self._log_in,
            Gone: self._gone,
            Confirmed: self._confirmed,
            HaveRead: self._have_read,
            RoomsForgotten: self._rooms_forgotten,
            HostActed: self._host_acted,
            OperatorToken: lambda record: named.go_by_token(self.state, record.mark),
            FlowBroken: self._flow_broken,
            NodeLeft: self._node_left,
            LimitsSet: self._limits_set,
        }

    def about(self) -> Mapping[str, Any]:
        """Return what this node tells about itself, and where clients connect at all that are up."""
        addresses = [each for node in self.nodes.up.values() for each in node.addresses]
        return {**self._about, "addresses": addresses} if addresses else self._about

    # What changes it.

    def apply(self, entry: Entry) -> Applied | None:
        """Do what the journal has ordered.

        None when it does not count, because it is not its node's next one, or that node is not there any more.
        """
        batch, nodes, state = entry.batch, self.nodes, self.state
        quiet = entry.clock - self.clock
        if not nodes.counts(entry, quiet):
            return None
        node = nodes.up.get(batch.node)
        nonce = "" if node is None else node.nonce
        rules = _rules_of(batch) if node is None else node.rules
        self.position, self.clock = entry.position, entry.clock
        state.moment = Moment(self.records, batch.node, nonce, entry.time, entry.clock, rules)
        due: list[Effect] = []
        gone = nodes.gone(entry, quiet) if len(nodes.up) > 1 or node is None else ()
        when = state.due.when(entry.clock)
        if gone or (when is not None and when <= entry.clock):
            for incarnation in gone:
                self._take_down(incarnation, "the server was not heard of any more")
            for bring in (put_out_some, inherit_some, logins.end_graces):
                self._try(bring, state)
            due = state.take_effects()
        outcomes = [self._one(record, entry) for record in batch.records]
        mistakes = tuple(self._mistakes)
        self._mistakes.clear()
        return Applied(due, outcomes, mistakes)

    def _try(self, do: Callable[[_What], None], what: _What) -> None:
        """Do what has its time: a mistake with it costs the rest nothing, or nobody would get past this entry, ever."""
        try:
            do(what)
        except Exception as mistake:
            self._mistakes.append(mistake)

    def _one(self, record: Record, entry: Entry) -> Outcome:
        state = self.state
        self.records += 1
        state.moment.record = self.records
        try:
            if type(record) is NodeUp:
                self._node_up(record, entry)
                return Outcome(None, state.take_effects())
            return _outcome((self._apply[type(record)](record), state.take_effects(), None))
        except Refusal as refusal:
            return Outcome(self._refused(record, refusal), state.take_effects())
        except Exception as mistake:
            state.take_effects()
            return Outcome(self._refused(record, Refusal(ErrorCode.INTERNAL)), [], mistake)

    def _refused(self, record: Record, refusal: Refusal) -> Refused:
        """Return the event that tells of a refusal, and note it when it answers a numbered send for good."""
        cid = None
        if isinstance(record, Act) and isinstance(record.command, Send) and record.command.cid is not None:
            session = self.state.connections.get(record.connection)
            if session is not None:
                cid = record.command.cid
                if refusal.code not in _TEMPORARY:
                    self.log.refuse(session.numbers, cid, refusal.code, digest(record.command, self.state.moment.rules))
        return refused(refusal, cid)

    # Records.

    def _act(self, record: Act) -> ServerEvent | None:
        state, command = self.state, record.command
        session = state.connections.get(record.connection) or self._session(record.connection)
        session.confirmed = True
        session.active_at = state.moment.time
        try:
            return self._handlers[type(command)](session, command)
        finally:
            if session.room is not None:
                session.heads = state.heads(session)

    def _log_in(self, record: LoggedIn) -> ServerEvent | None:
        session = self.state.connections.get(record.connection)
        if session is not None:
            raise Refusal(ErrorCode.ALREADY_LOGGED_IN, name=session.name)
        return logins.log_in(self.state, record)

    def _gone(self, record: Gone) -> None:
        session = self.state.connections.get(record.connection)
        if session is not None:
            logins.lose_connection(self.state, session, record)

    def _confirmed(self, record: Confirmed) -> None:
        session = self.state.connections.get(record.connection)
        if session is not None:
            session.confirmed = True

    def _have_read(self, record: HaveRead) -> None:
        state = self.state
        for connection, name, seq in record.of:
            session, room = state.connections.get(connection), state.rooms.get(name_key(name))
            if session is None or room is None:
                continue
            news = state.reading.mark_read(session, room, min(seq, state.log.head(room.key)))
            for other in session.account.sessions if news and session.account is not None else ():
                if other is not session and other.connection is not None:
                    state.emit(UnreadMoved(other.connection, room))

    def _flow_broken(self, record: FlowBroken) -> None:
        self.files.break_off(record.transfer, record.code, record.message)

    def unlike(self, record: NodeUp) -> list[str]:
        """Return what a node that begins has otherwise than those that are up, by name: it cannot be one of them."""
        if not record.lease or not any(node.lease for node in self.nodes.up.values()):
            return []
        alike = {node.rules for node in self.nodes.up.values()} == {
            record.rules
        } and record.unicode == self.state.looks.unicode
        here, there = (each.model_dump() for each in (self.state.limits, Limits.model_validate(record.limits)))
        return ["version"] * (not alike) + [name for name in here if here[name] != there[name]]

    def _node_up(self, record: NodeUp, entry: Entry) -> None:
        if self.unlike(record):
            return
        for incarnation, node in list(self.nodes.up.items()):
            if not (record.lease and node.lease):
                self._take_down(incarnation, "the server was not there any more")
        self.nodes.begin(record, entry)
        state = self.state
        state.moment.nonce, state.moment.rules = record.nonce, record.rules
        lobby = lobby_of(state)
        named.allow(state, Limits.model_validate(record.limits), record.rules)
        self.files.per_address_at_start = state.limits.file_transfers_per_address
        state.keeps_rooms, state.looks.unicode = record.keeps_rooms, record.unicode
        if record.lost:
            self.log.renew(state.new_id)
            self.files.epoch = ""
        nodes = self.nodes.up.values() if record.rules >= JOINS_DECLARED_ROOMS else (record,)
        open_doors(state, (name for node in nodes for name in node.rooms), lobby)

    def _limits_set(self, record: LimitsSet) -> None:
        limits = Limits.model_validate(record.limits)
        changed = changes(self.state.limits, limits)
        named.allow(self.state, limits, self.state.moment.rules)
        if changed:
            write_down(self.state, "set_limits", None, value=changed)
        self.state.emit(LimitsMoved())

    def _host_acted(self, record: HostActed) -> None:
        write_down(self.state, record.act, None, name=record.by, address=record.address, value=record.value or None)

    def _node_left(self, record: NodeLeft) -> None:
        self._take_down(self.state.moment.node, record.reason)

    def _take_down(self, node: int, reason: str) -> None:
        del self.nodes.up[node]
        # A snapshot does not say in which order they came.
        for connection in sorted(each for each in self.state.connections if each >> NODE_BITS == node):
            self._try(self._gone, Gone(connection, reason))

    def _rooms_forgotten(self, record: RoomsForgotten) -> None:
        for key in record.rooms:
            room = self.state.rooms.get(key)
            if room is not None and not (room.members or room.always or room.is_remembered):
                self.state.remove_room(room)

    def _session(self, connection: ConnectionId) -> Session:
        session = self.state.connections.get(connection)
        if session is None:
            raise Refusal(ErrorCode.NOT_LOGGED_IN)
        return session

    # What it tells.

    def answer(self, connection: ConnectionId, command: Command, *, time: float) -> ServerEvent:
        """Answer what changes nothing (`chatcore.commands.Read`), as things are here; raises `Refusal`.

        `time` is seconds since 1970.
        """
        session = self._session(connection)
        self.state.moment.time = time
        return self._handlers[type(command)](session, command)

    def span(self, connection: ConnectionId, command: ReadHistory) -> Span:
        """Return which entries a user asks for. Raises `Refusal`."""
        session = self._session(connection)
        check(self.state, session, command)
        return span_of(self.state, session, command)

    def query(self, connection: ConnectionId, command: Search, *, time: float) -> Query:
        """Return what a user looks for, and where. Raises `Refusal`. `time`: in seconds since 1970."""
        session = self._session(connection)
        self.state.moment.time = time
        check(self.state, session, command)
        return query_of(self.state, session, command)

    def found(self, connection: ConnectionId, page: Page) -> MessagesFound:
        """Return the answer that has what was found. Raises `Refusal` when nobody is there to be told."""
        return found(self.state, self._session(connection), page)

    def history(self, span: Span, found: Sequence[Posted]) -> HistoryRead:
        """Return the answer that has what was found of a span elsewhere than in memory."""
        return history(self.state, span, found)

    @property
    def users(self) -> Mapping[str, Session]:
        """Who is logged in, by name in lower case; users in their grace period too."""
        return self.state.users

    @property
    def rooms(self) -> Mapping[str, Room]:
        """All rooms, by name in lower case."""
        return self.state.rooms

    @property
    def next_due(self) -> float | None:
        """When something is due that an entry of the journal has to bring, by the journal's clock; None for never."""
        return self.state.due.when(self.clock)

    def session(self, connection: ConnectionId) -> Session | None:
        """Return who is logged in on a connection."""
        return self.state.connections.get(connection)

    def heads(self, connection: ConnectionId) -> dict[str, int]:
        """Return the seq of the newest entry of every log that this connection receives, by log key.

        Somebody has to be logged in on it, here and for `picture`.
        """
        return self.state.heads(self.state.connections[connection])

    def picture(self, connection: ConnectionId) -> list[ServerEvent]:
        """Return what a reader that caught up on its logs has to know of the present."""
        rooms, more = pictures.rooms(self.state, None)
        session = self.state.connections[connection]
        elsewhere = [
            each
            for each in pictures.unread(self.state, session)
            if each.mentions and session.room is not None and each.room != session.room.name
        ]
        unread = [UnreadChanged(tuple(elsewhere))] if elsewhere else []
        return [pictures.entered(self.state, session), RoomsListed(rooms, more), *unread]

    def limits_told(self, session: Session) -> LimitsChanged:
        """Return what a user is told of the limits that hold now."""
        return LimitsChanged(limits_of(self.state, self.state.paces.of(session)))

    def log_name(self, key: str) -> str:
        """Return the name that a log has in frames."""
        return self.state.log_name(key)


def _rules_of(batch: Batch) -> int:
    """Return by which rules an entry of a node that is not up is applied: those by which it begins."""
    return next((record.rules for record in batch.records if isinstance(record, NodeUp)), RULES)
