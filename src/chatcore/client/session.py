"""A client's side of a session: it outlives connections, loses nothing and shows nothing twice.

Pure, and the same for every dialect that can resume. Whoever drives it connects, says so with `connected`, passes on
what `requests_to_send` returns, and shows what `received` returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from chatcore.client.members import Members
from chatcore.client.outbox import Outbox, patience_for
from chatcore.commands import (
    Command,
    CreateRoom,
    JoinRoom,
    LogIn,
    Position,
    ReadHistory,
    Send,
    SendMessage,
)
from chatcore.dialects.base import Received, Request
from chatcore.errors import ErrorCode, Sentence
from chatcore.events import (
    BROADCAST_LOG,
    DIRECT_LOG,
    Accepted,
    ClientEvent,
    Dismissed,
    GapFound,
    HistoryRead,
    Posted,
    PresenceChanged,
    Refused,
    RoomEntered,
    RoomsChanged,
    RoomsListed,
    RoomSummary,
    ServerEvent,
    UserRenamed,
    Welcomed,
)
from chatcore.text.names import name_key
from chatcore.text.sendable import check, check_login, check_send

_LOGIN: Final = "login"
_REJOIN: Final = "rejoin"
_REFILL: Final = "refill"
_REFILL_LIMIT: Final = 500
_TEXT_BYTES: Final = 60_000
_RECIPIENTS: Final = 64


class ClientSession:
    """What a client knows and still has to say. `now` is the time in seconds of the monotonic clock.

    Args:
        username: the name to log in with.
        client: a random id that this client program keeps.
        token: of an earlier session with that id, or `.` and a secret of 16 characters or more, so that the server goes
            on counting its sends.

    Raises:
        LoginRefused: they cannot be sent to any server.
    """

    def __init__(self, username: str, client: str, token: str | None = None) -> None:
        check_login(username, client)
        self.username = username
        self.client = client
        self.token = token
        self.logged_in = False
        """True between the welcome and the loss of the connection."""
        self.room = ""
        self._members = Members()
        self.rooms: dict[str, RoomSummary] = {}
        """The room list, by the keys of the names."""
        self.dismissed: Dismissed | None = None
        """The server's goodbye on the last connection, if it said one."""
        self.refusal: Refused | None = None
        """The answer to the last login, if it was refused."""
        self._limits: Mapping[str, Any] = {}
        self._positions: dict[str, Position] = {}
        self._return_to = ""  # the room to go back to since a login that could not resume
        self._return_place: Position | None = None  # in its log
        self._lost = False  # whether it had to be created again
        self._gaps_told: set[GapFound] = set()
        """Gaps that the server will tell too."""
        self._ahead: dict[str, list[Posted]] = {}
        self._outbox = Outbox()
        self._urgent: list[Request] = []
        self._asked: dict[str | None, Request] = {}  # the last one of each kind of these
        self._patient_until: float | None = None  # nothing is asked before, because one of these came too early
        self._holding = True  # the outbox waits: for the welcome, or for being back in the room
        self._text_bytes = _TEXT_BYTES
        self._recipients = _RECIPIENTS

    # What its user wants.

    @property
    def pending(self) -> int:
        """How many sends are not acknowledged yet."""
        return self._outbox.pending

    @property
    def unanswered(self) -> int:
        """How many requests and sends have no answer yet."""
        return self._outbox.unanswered

    @property
    def members(self) -> Mapping[str, str]:
        """Who is in the room: names by their keys."""
        return self._members.names

    @property
    def out_of_step(self) -> bool:
        """True when the server counts the sends otherwise: only another login can tell how to go on."""
        return self._outbox.out_of_step

    @property
    def login_answered(self) -> bool:
        """True once the server has said yes, no or goodbye on the present connection."""
        return self.logged_in or self.refusal is not None or self.dismissed is not None

    def limit(self, name: str) -> int | None:
        """Return a limit that the server has told; None when it has not, or something that makes no sense."""
        told = self._limits.get(name)
        return told if type(told) is int and told > 0 else None

    def post(self, send: Send) -> int:
        """Queue a send and return its number. It is repeated until it is acknowledged or refused for good.

        Raises `RequestRefused` for what no server would take, TypeError for what is no text.
        """
        check_send(send, self._text_bytes, self._recipients)
        if isinstance(send, SendMessage) and send.room is None:
            send = replace(send, room=self._outbox.room_by_then(self._return_to or self.room))
        return self._outbox.post(send)

    def request(self, command: Command) -> str:
        """Queue a request and return the id that its answer will carry. It is repeated until it is answered.

        Raises `RequestRefused` for what no server could be asked, TypeError for what is neither text nor a number.
        """
        check(command)
        return self._outbox.request(command)

    def forget(self, reply_to: str) -> None:
        """Stop waiting for the answer to a request."""
        self._outbox.forget(reply_to)

    # Connections come and go.

    def connected(self) -> None:
        """Begin on a new connection: the login is the first request to send."""
        self.dismissed = self.refusal = None
        self._patient_until = None
        self._urgent = [Request(LogIn(self.username, self.client, self.token, self._since()), _LOGIN)]
        self._holding = True

    def _since(self) -> dict[str, Position]:
        since = dict(self._positions)
        if self._return_to and self._return_place is not None:
            since[name_key(self._return_to)] = self._return_place
        return since

    def disconnected(self) -> list[Received]:
        """Take note that the connection is gone. Returns what to show of requests that are given up because of it."""
        self.logged_in = False
        self._holding = True
        self._ahead.clear()
        self._urgent.clear()
        stopped = self.dismissed is not None and self.dismissed.code == ErrorCode.SHUTTING_DOWN
        return self._outbox.disconnected(on_purpose=stopped)

    def requests_to_send(self) -> list[Request]:
        """Return what to pass on to the server now, once each."""
        if self._patient_until is not None:
            return []
        out, self._urgent = self._urgent, []
        self._asked |= {request.reply_to: request for request in out}
        return out if self._holding else out + self._outbox.requests_to_send()

    def unsendable(self, request: Request, error: Exception) -> Received | None:
        """Take note that the dialect has no form for a request; returns what to show, None when nobody waits."""
        why = Sentence("this cannot be sent to this server: {why}", why=str(error))
        return self._outbox.give_up(request.reply_to, ErrorCode.BAD_REQUEST, why)

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = (self._patient_until, self._outbox.get_timer())
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Go on after the server asked for patience."""
        self._outbox.handle_timer(now)
        if self._patient_until is not None and now >= self._patient_until:
            self._patient_until = None

    # What the server says.

    def received(self, event: ServerEvent | ClientEvent, reply_to: str | None, now: float) -> list[Received]:
        """Take an event from the server and return what to show, in order."""
        out: list[Received] = []
        match event:
            case Posted():
                self._posted(event, out)
            case Welcomed():
                out.append(Received(event))
                self._welcomed(event, now, out)
            case RoomEntered():
                out.append(Received(event, reply_to if self._outbox.answered(reply_to) else None))
                self._entered(event, reply_to, out)
            case PresenceChanged():
                self._presence(event, out)
            case UserRenamed():
                self._renamed(event)
                out.append(Received(event))
            case RoomsChanged():
                self.rooms.update({name_key(room.name): room for room in event.rooms})
                for name in event.removed:
                    self.rooms.pop(name_key(name), None)
                out.append(Received(event))
            case RoomsListed():
                if reply_to is None:
                    self.rooms = {name_key(room.name): room for room in event.rooms}
                self._pass_on(event, reply_to, out)
            case GapFound():
                self._gap(event, out)
            case HistoryRead() if reply_to == _REFILL:
                self._refilled(event, out)
            case Refused():
                self._refused(event, reply_to, now, out)
            case Accepted() if event.cid is not None:
                self._acknowledge(event.cid, None, out)
            case Dismissed():
                self.dismissed = event
                out.append(Received(event))
            case _:
                self._pass_on(event, reply_to, out)
        return out

    def _pass_on(self, event: ServerEvent | ClientEvent, reply_to: str | None, out: list[Received]) -> None:
        asked = self._outbox.answered(reply_to)
        if asked or reply_to is None:  # or nobody waits for this answer any more
            out.append(Received(event, reply_to))

    def _welcomed(self, event: Welcomed, now: float, out: list[Received]) -> None:
        self.logged_in = True
        self.username, self.token, self.client = event.username, event.token, event.client
        self._limits = event.limits
        self._text_bytes = self.limit("text_bytes") or _TEXT_BYTES
        self._recipients = self.limit("recipients") or _RECIPIENTS
        self.rooms = {name_key(room.name): room for room in event.rooms}
        if self.room and not event.resumed and not self._return_to:
            # The grace period was over, or the server is a new one: go back to where the user was.
            self._return_to = self.room
            self._return_place = self._positions.get(name_key(self.room))
        key = name_key(event.room)
        known = self._since()
        # The server says after which entry of each log it goes on, be it with a replay or live.
        self._positions = {key: event.position} | {_log(name): place for name, place in event.positions.items()}
        self._gaps_told.clear()
        for name, place in {**event.positions, event.room: event.position}.items():
            self._tell_new_log(name, known.get(_log(name)), place, out)
        self._picture(event.room, event.users, event.users_count)
        self._outbox.welcomed(event.cid, now)
        if self._return_to and name_key(self._return_to) != key:
            self._urgent.append(Request(JoinRoom(self._return_to, self._return_place), _REJOIN))
        else:
            self._returned(out)

    def _returned(self, out: list[Received]) -> None:
        """Be where the user wants to be, so that what waits can be sent."""
        self._return_to, self._return_place = "", None
        self._holding = False
        if self._lost:
            self._lost = False
            place = self._positions[name_key(self.room)]
            out.append(Received(GapFound(self.room, place.epoch, 1, place.seq)))

    def _picture(self, room: str, users: tuple[str, ...], users_count: int) -> None:
        self.room = room
        self._members = Members(users, users_count)

    def _entered(self, event: RoomEntered, reply_to: str | None, out: list[Received]) -> None:
        key = name_key(event.room)
        kept = {key, DIRECT_LOG, BROADCAST_LOG}
        if reply_to == _REJOIN and self._return_place is not None:
            self._positions[key] = event.position  # what came after it is replayed
            self._tell_new_log(event.room, self._return_place, event.position, out)
        self._positions.setdefault(key, event.position)
        self._positions = {log: position for log, position in self._positions.items() if log in kept}
        self._picture(event.room, event.users, event.users_count)
        if reply_to == _REJOIN:
            self._returned(out)

    def _presence(self, event: PresenceChanged, out: list[Received]) -> None:
        news = self._members.changed(event) if name_key(event.room) == name_key(self.room) else None
        if news is not None:
            out.append(Received(news))

    def _renamed(self, event: UserRenamed) -> None:
        if name_key(event.old) == name_key(self.username):
            self.username = event.new
        self._members.renamed(event)

    # Logs: shown once each, in order, with nothing left out in silence.

    def _posted(self, event: Posted, out: list[Received]) -> None:
        if event.cid is not None:
            self._acknowledge(event.cid, event, out)
        self._show(event, out)
        log = _log(event.log)
        position = self._positions.get(log)
        if position is not None and event.seq > position.seq and log not in self._ahead:
            # Something in between did not come: ask for it, and keep this until it has.
            self._ahead[log] = [event]
            self._urgent.append(self._refill(log))
        elif position is not None and event.seq > position.seq:
            self._ahead[log].append(event)

    def _show(self, event: Posted, out: list[Received]) -> bool:
        log = _log(event.log)
        position = self._positions.get(log)
        if position is None or event.seq != position.seq + 1:
            return False
        self._positions[log] = Position(position.epoch, event.seq)
        out.append(Received(event))
        return True

    def _refilled(self, event: HistoryRead, out: list[Received]) -> None:
        log = _log(event.room)
        ahead = self._ahead.pop(log, [])
        position = self._positions.get(log)
        if position is None:
            return
        first = event.messages[0].seq if event.messages else ahead[0].seq if ahead else position.seq + 1
        if first > position.seq + 1:
            gap = GapFound(event.room, position.epoch, position.seq + 1, first - 1)
            self._gap(gap, out)
        for entry in event.messages:
            self._show(entry, out)
        for entry in ahead:
            self._posted(replace(entry, cid=None), out)

    def _tell_new_log(self, name: str, known: Position | None, place: Position, out: list[Received]) -> None:
        """Tell when a log is another one than before.

        The server tells it too; but when the connection is lost before that arrives, it does not tell it again.
        """
        if known is not None and known.epoch != place.epoch:
            gap = GapFound(name, place.epoch, 1, place.seq)
            self._gaps_told.add(replace(gap, room=_log(name)))
            out.append(Received(gap))

    def _gap(self, event: GapFound, out: list[Received]) -> None:
        log = _log(event.room)
        told = replace(event, room=log)
        if told in self._gaps_told:
            self._gaps_told.remove(told)
        else:
            out.append(Received(event))
        known = self._positions.get(log)
        if known is not None:
            last = event.last if event.epoch != known.epoch else max(event.last, known.seq)
            self._positions[log] = Position(event.epoch, last)

    # Answers to what was sent or asked for.

    def _acknowledge(self, cid: int, posted: Posted | None, out: list[Received]) -> None:
        acknowledged = self._outbox.acknowledged(cid, posted)
        if acknowledged is not None:
            out.append(Received(acknowledged))

    def _refused(self, event: Refused, reply_to: str | None, now: float, out: list[Received]) -> None:
        if event.code == ErrorCode.RATE_LIMITED and reply_to in self._asked:
            self._ask_again(self._asked[reply_to], now + patience_for(event))
        elif reply_to == _LOGIN:
            self.refusal = event
        elif reply_to == _REJOIN:
            self._rejoin_refused(event, out)
        elif reply_to == _REFILL:
            self._ahead.clear()
        else:
            shown = self._outbox.refused(event, reply_to, now)
            if shown is None:
                self._pass_on(event, reply_to, out)
            else:
                out += shown

    def _ask_again(self, request: Request, when: float) -> None:
        """Repeat what came too early; of several refills, which carry one id, all."""
        again = [request]
        if request.reply_to == _REFILL:
            self._urgent = [each for each in self._urgent if each.reply_to != _REFILL]
            again = [self._refill(log) for log in self._ahead if log in self._positions]
        self._urgent += again
        self._patient_until = max(self._patient_until or 0.0, when)

    def _refill(self, log: str) -> Request:
        """Return what asks for that which did not come of a log."""
        return Request(ReadHistory(log, after=self._positions[log].seq, limit=_REFILL_LIMIT), _REFILL)

    def _rejoin_refused(self, event: Refused, out: list[Received]) -> None:
        if event.code == ErrorCode.NO_SUCH_ROOM:
            # Everybody has left it meanwhile, or the server is a new one. What it held is lost.
            self._lost |= self._return_place is not None
            self._return_place = None
            self._urgent.append(Request(CreateRoom(self._return_to), _REJOIN))
        elif event.code == ErrorCode.ROOM_EXISTS:
            # Somebody else was quicker.
            self._urgent.append(Request(JoinRoom(self._return_to), _REJOIN))
        else:
            self._lost = False
            self._returned(out)


def _log(name: str) -> str:
    return name if name in (DIRECT_LOG, BROADCAST_LOG) else name_key(name)
