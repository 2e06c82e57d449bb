"""A client's side of a session: it outlives connections, loses nothing and shows nothing twice.

Pure, and the same for every dialect that can resume. Whoever drives it connects, says so with `connected`, passes on
what `requests_to_send` returns, and shows what `received` returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Final, TypeVar

from chatcore.client.heard import Heard
from chatcore.client.outbox import Outbox
from chatcore.client.own_requests import Own, OwnRequests
from chatcore.client.picture import Picture
from chatcore.client.returning import Returning
from chatcore.commands import (
    Command,
    DeleteMessage,
    EditMessage,
    LogIn,
    MarkRead,
    Position,
    React,
    ReadHistory,
    Send,
    SendMessage,
    Unreact,
)
from chatcore.dialects.base import Request
from chatcore.errors import ErrorCode, Sentence
from chatcore.events import (
    Accepted,
    ClientEvent,
    Dismissed,
    GapFound,
    HistoryRead,
    LimitsChanged,
    MessagePosted,
    Posted,
    PresenceChanged,
    ReactionChanged,
    Refused,
    RoomEntered,
    RoomModerated,
    RoomsChanged,
    RoomsListed,
    ServerEvent,
    UnreadChanged,
    UserRenamed,
    Welcomed,
)
from chatcore.ports.session_store import KeptSession
from chatcore.text.names import name_key
from chatcore.text.sendable import check, check_login, check_send

_OfLog = TypeVar("_OfLog", bound=DeleteMessage | EditMessage | MarkRead | React | SendMessage | Unreact)
"""What names a seq."""

_RECIPIENTS: Final = 64
# Goodbyes that have nothing to do with what was asked for.
_NOT_OUR_FAULT: Final = frozenset({ErrorCode.SHUTTING_DOWN, ErrorCode.UNAVAILABLE})


class ClientSession(Picture):
    """What a client knows and still has to say. `now` is the time in seconds of the monotonic clock.

    Args:
        username: the name to log in with.
        client: a random id that this client program keeps.
        token: of an earlier session with that id, or `.` and a secret of 16 characters or more, so that the server goes
            on counting its sends.
        password: of the server, if it has one; where it has none, and the name belongs to an account, of that.
        invitation: what an invitation says, instead of the password of the server.
        account: name of the account whose owner logs in, and its password; None for a guest.
        operator_token: that of the operators, who come in without password and account.
        bot: whether a program answers by itself, which everybody is told.
        repeat_private: whether what goes to certain users, and did not arrive, is said again on the next connection.

    Raises:
        LoginRefused: they cannot be sent to any server.
    """

    def __init__(
        self,
        username: str,
        client: str,
        token: str | None = None,
        password: str | None = None,
        account: tuple[str, str] | None = None,
        *,
        invitation: str | None = None,
        operator_token: str | None = None,
        bot: bool = False,
        repeat_private: bool = True,
    ) -> None:
        check_login(username, client, password, account, invitation=invitation, operator_token=operator_token)
        super().__init__(username)
        self.client = client
        self.token = token
        self.login = LogIn(username, password=password, invitation=invitation, operator_token=operator_token, bot=bot)
        """How the next connection begins, as far as its user has a say in it."""
        if account is not None:
            self.owns(*account)
        self.logged_in = False
        """True between the welcome and the loss of the connection."""
        self.dismissed: Dismissed | None = None
        """The server's goodbye on the last connection, if it said one."""
        self.refusal: Refused | None = None
        """The answer to the last login, if it was refused."""
        self._returning = Returning()
        self._outbox = Outbox(repeat_private=repeat_private)
        self._own = OwnRequests(self._logs.refills)
        self._holding = True  # the outbox waits: for the welcome, or for being back in the room

    # What its user wants.

    @property
    def pending(self) -> int:
        """How many sends are not acknowledged yet."""
        return self._outbox.pending

    @property
    def unsent(self) -> Mapping[int, Send]:
        """The sends that are not acknowledged yet, with their present `cid`, by the numbers that `post` returned."""
        return self._outbox.unsent

    @property
    def waits_until(self) -> float | None:
        """When it goes on with what the server wants later; None when it is waiting for nothing."""
        waits = (self._own.patient_until, self._outbox.waits_until)
        return max((each for each in waits if each is not None), default=None)

    @property
    def unanswered(self) -> int:
        """How many requests and sends have no answer yet."""
        return self._outbox.unanswered

    def mark_read(self, seq: int, room: str, now: float, epoch: str = "") -> None:
        """Say how far the user has read a room; the server is told about once a second. Raises as `request` does."""
        mark = self._of_log(MarkRead(seq, room, epoch))
        check(mark)
        self._reading.mark(room, seq, mark.epoch)
        self._tell_reading(now)

    def _tell_reading(self, now: float) -> None:
        if self.logged_in:
            for mark in self._reading.to_tell(now):
                self._own.ask(mark, Own.READ)

    def leave(self) -> None:
        """Have told now what would be told later: the user logs out."""
        self._tell_reading(inf)

    @property
    def out_of_step(self) -> bool:
        """True when the server counts the sends otherwise: only another login can tell how to go on."""
        return self._outbox.out_of_step

    @property
    def login_answered(self) -> bool:
        """True once the server has said yes, no or goodbye on the present connection."""
        return self.logged_in or self.refusal is not None or self.dismissed is not None

    def post(self, send: Send) -> int:
        """Queue a send and return its number. It is repeated until it is acknowledged or refused for good.

        Raises `RequestRefused` for what no server would take, TypeError for what is no text.
        """
        check_send(send, self.limit("text_bytes"), self.limit("recipients") or _RECIPIENTS)
        if isinstance(send, SendMessage) and send.room is None:
            send = replace(send, room=self._outbox.room_by_then(self._returning.room or self.room, self.lobby))
        if isinstance(send, SendMessage) and send.reply_to is not None:
            send = self._of_log(send)
        return self._outbox.post(send)

    def request(self, command: Command) -> str:
        """Queue a request and return the id that its answer will carry. It is repeated until it is answered.

        Raises `RequestRefused` for what no server could be asked, TypeError for what is neither text nor a number.
        """
        check(command, self.limit("text_bytes"))
        if isinstance(command, DeleteMessage | EditMessage | React | Unreact):
            return self._outbox.request(self._of_log(command))
        return self._outbox.request(command)

    def _of_log(self, command: _OfLog) -> _OfLog:
        """Return what names a seq with the epoch of the log that its user has seen: by the time that it is asked, the
        room may have another log, where that seq is something else.
        """
        returning = self._returning
        room = command.room or returning.room or self.room
        if command.epoch or not room:
            return command
        known = returning.place if returning.is_to(room) else self._logs.position(room)
        return command if known is None else replace(command, epoch=known.epoch)

    def forget(self, reply_to: str) -> None:
        """Stop waiting for the answer to a request."""
        self._outbox.forget(reply_to)

    # Connections come and go.

    def connected(self) -> None:
        """Begin on a new connection: the login is the first request to send."""
        self.dismissed = self.refusal = None
        login = replace(self.login, username=self.username, client=self.client, token=self.token)
        self._own.begin(replace(login, since=self._since()))
        self._holding = True

    def _since(self) -> dict[str, Position]:
        since = dict(self._logs.positions)
        if self._returning.place is not None:
            since[name_key(self._returning.room)] = self._returning.place
        return since

    def owns(self, account: str, password: str) -> None:
        """Log in as the owner of an account from now on: it was made, or shown to be the user's."""
        login = self.login
        servers = login.password if login.account is None else login.server_password
        self.login = replace(login, account=account, password=password, server_password=servers)

    def restore(self, kept: KeptSession) -> None:
        """Go on with the session of an earlier program, before the first login."""
        self.client, self.token = kept.client, kept.token
        self._outbox.restore(kept.sends)

    def to_keep(self) -> KeptSession:
        """Return what the next program needs to go on with this session if this one is ended by force."""
        return KeptSession(self.client, self.token, self._outbox.to_keep())

    def disconnected(self, *, stood: float = 0.0) -> list[Heard]:
        """Wait for the next connection. Returns what to show of requests that are given up because this one is gone.

        `stood`: for how many seconds it still brought something after the last request had been sent.
        """
        self.logged_in = False
        self._holding = True
        self._logs.stop_waiting()
        self._own.stop()
        stopped = self.dismissed is not None and self.dismissed.code in _NOT_OUR_FAULT
        return self._outbox.disconnected(on_purpose=stopped, stood=stood)

    def requests_to_send(self) -> list[Request]:
        """Return what to pass on to the server now, once each."""
        if self._own.patient_until is not None:
            return []
        out = self._own.requests_to_send()
        return out if self._holding else out + self._outbox.requests_to_send()

    def unsendable(self, request: Request, error: Exception) -> Heard | None:
        """Give up a request that the dialect has no form for; returns what to show, None when nobody waits."""
        why = Sentence("this cannot be sent to this server: {why}", why=str(error))
        return self._outbox.give_up(request.reply_to, ErrorCode.BAD_REQUEST, why)

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        reading = self._reading.get_timer() if self.logged_in else None
        timers = (self._own.patient_until, self._outbox.get_timer(), reading)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Go on after the server asked for patience."""
        self._outbox.handle_timer(now)
        self._tell_reading(now)
        self._own.handle_timer(now)

    # What the server says.

    def received(self, event: ServerEvent | ClientEvent, reply_to: str | None, now: float) -> list[Heard]:
        """Take an event from the server and return what to show, in order."""
        out: list[Heard] = []
        self._outbox.heard(event)
        match event:
            case Posted():
                self._posted(event, out)
            case Welcomed():
                out.append(Heard(event))
                self._welcomed(event, now, out)
            case RoomEntered():
                out.append(Heard(event, reply_to if self._outbox.answered(reply_to) else None))
                self._entered(event, reply_to, out)
            case PresenceChanged():
                self._presence(event, out)
            case (
                UserRenamed() | RoomModerated() | ReactionChanged() | UnreadChanged() | RoomsChanged() | LimitsChanged()
            ):
                if isinstance(event, RoomModerated | ReactionChanged):
                    self._logs.changed(event, self.username)
                self._see(event)
                out.append(Heard(event))
            case RoomsListed():
                if reply_to is None:
                    self.rooms = {name_key(room.name): room for room in event.rooms}
                self._pass_on(event, reply_to, out)
            case GapFound():
                self._logs.gap(event, out)
            case HistoryRead() if reply_to == Own.REFILL:
                self._ask_for(self._logs.refill(event, out))
            case Refused():
                self._refused(event, reply_to, now, out)
            case Accepted() if event.cid is not None:
                self._acknowledge(event.cid, None, out)
            case Dismissed():
                self.dismissed = event
                out.append(Heard(event))
            case _:
                self._pass_on(event, reply_to, out)
        return out

    def _pass_on(self, event: ServerEvent | ClientEvent, reply_to: str | None, out: list[Heard]) -> None:
        asked = self._outbox.answered(reply_to)
        if asked or reply_to is None:  # or nobody waits for this answer any more
            out.append(Heard(event, reply_to))

    def _welcomed(self, event: Welcomed, now: float, out: list[Heard]) -> None:
        self.logged_in = True
        self.username, self.token, self.client = event.username, event.token, event.client
        self._limits = event.limits
        self.rooms = {name_key(room.name): room for room in event.rooms}
        self._reading.begin(event.unread)
        self._tell_reading(now)
        if self.room and not event.resumed:
            # The grace period was over, or the server is a new one: go back to where the user was.
            self._returning.set_out(self.room, self._logs.position(self.room))
        self._logs.begin(event, self._since(), out)
        self._see_room(event)
        out[:0] = self._outbox.welcomed(event.cid, now, resumed=event.resumed)  # before the welcome is shown
        if self._returning.room and not self._returning.is_to(event.room):
            self._own.ask(self._returning.ask(), Own.REJOIN)
        else:
            self._returned(out)

    def _returned(self, out: list[Heard]) -> None:
        """Be where the user wants to be, so that what waits can be sent."""
        self._holding = False
        if self._returning.end():
            place = self._logs.position(self.room)
            assert place is not None
            out.append(Heard(GapFound(self.room, place.epoch, 1, place.seq)))

    def _entered(self, event: RoomEntered, reply_to: str | None, out: list[Heard]) -> None:
        if reply_to == Own.REJOIN and self._returning.place is not None:
            self._logs.go_back(event.room, self._returning.place, event.position, out)
        self._logs.enter(event.room, event.position)
        if event.unread is not None:
            self._reading.learn([event.unread])
        self._see_room(event)
        if reply_to == Own.REJOIN:
            self._returned(out)

    def _presence(self, event: PresenceChanged, out: list[Heard]) -> None:
        news = self._members.changed(event) if name_key(event.room) == name_key(self.room) else None
        if news is not None:
            out.append(Heard(news))

    # Logs: shown once each, in order, with nothing left out in silence.

    def _posted(self, event: Posted, out: list[Heard]) -> None:
        if event.cid is not None:
            self._acknowledge(event.cid, event, out)
        if isinstance(event, MessagePosted):
            own = name_key(event.sender) == name_key(self.username)
            self._reading.said(event.room, event.seq, own=own)
        self._ask_for(self._logs.post(event, out))

    def _ask_for(self, missing: ReadHistory | None) -> None:
        if missing is not None:
            self._own.ask(missing, Own.REFILL)

    # Answers to what was sent or asked for.

    def _acknowledge(self, cid: int, posted: Posted | None, out: list[Heard]) -> None:
        acknowledged = self._outbox.acknowledged(cid, posted)
        if acknowledged is not None:
            out.append(Heard(acknowledged))

    def _refused(self, event: Refused, reply_to: str | None, now: float, out: list[Heard]) -> None:
        if self._own.put_off(event, reply_to, now):
            return
        if reply_to == Own.LOGIN:
            self.refusal = event
        elif reply_to == Own.REJOIN:
            command = self._returning.refused(event.code)
            if command is None:
                self._returned(out)
            else:
                self._own.ask(command, Own.REJOIN)
        elif reply_to == Own.REFILL:
            self._logs.stop_waiting()
        else:  # a mark that is refused is not repeated: the room is gone, or the server is an older one
            shown = self._outbox.refused(event, reply_to, now)
            if shown is None:
                self._pass_on(event, reply_to, out)
            else:
                out += shown
