"""What the clients' sides of both dialects share: what their servers do not have is made up here, and only here.

Those servers know one room, no numbers and no resume. Entries get numbers in the order they come, in logs of their own
per connection; what was sent is acknowledged as soon as the server can be taken to have it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from chatcore import events as e
from chatcore.commands import (
    Command,
    ListUsers,
    LogIn,
    LogOut,
    Position,
    Rename,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
)
from chatcore.dialects.base import Received
from chatcore.errors import ErrorCode, Sentence
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import from_ascii_form, name_key

LONGEST: Final = 1024 * 1024
"""How many bytes a line or an object of a server may have."""
SERVER: Final = "*"
"""Sender of what the server itself says; nobody can be called that."""
DUE: Final = 0.0
"""Of the monotonic clock: long ago."""

_SOON: Final = 3.0
"""So many seconds after a server says that the user is put out, the connection ends; else somebody else said so."""

_EPOCH: Final = "local"
_NAME_TAKEN: Final = re.compile(r"exist|\bpris|utilis[ée]\b|d[ée]j[àa]|taken|in use|already", re.IGNORECASE)
FULL: Final = re.compile(r"plein|complet|\bfull\b", re.IGNORECASE)


class ClientSide:
    """One connection of a client; the subclasses read and write."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, clock: Callable[[], float]) -> None:
        self._room = limits.default_room
        self._boundaries = boundaries
        self._clock = clock
        self._out: list[bytes] = []
        self._events: list[Received] = []
        self._close: CloseReason | None = None
        self._username = ""
        self._client = ""
        self._login: str | None = None
        self._welcomed = False
        self._put_out: tuple[str, str] | None = None
        """Code and words, when what came last was that the user is put out: the end of the connection proves it."""
        self._put_out_until: float | None = None
        """When it is taken for no such thing; None as long as nobody has looked at the clock."""
        self._users: dict[str, str] = {}
        """Who is there, as far as the server has told: names by their keys."""
        self._seqs = {self._room: 0, e.DIRECT_LOG: 0, e.BROADCAST_LOG: 0}

    # The verbs of every machine.

    def events_received(self) -> list[Received]:
        """Return what the server said, once each."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> list[bytes]:
        """Return the payloads to send, once each."""
        out, self._out = self._out, []
        return out

    def close_expected(self) -> CloseReason | None:
        """Return why the connection is to be closed now, None to keep it."""
        return self._close

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`: at once when a command was answered here."""
        if self._events:
            return DUE
        if self._put_out is None or self._close is not None:
            return None
        return DUE if self._put_out_until is None else self._put_out_until

    def handle_timer(self, now: float) -> None:
        """Nothing is due but what was answered here, and to stop waiting for the end of a connection."""
        if self._put_out is None or self._close is not None:
            return
        if self._put_out_until is None:
            self._put_out_until = now + _SOON
        elif now >= self._put_out_until:
            self._not_put_out()

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Put a command into `data_to_send`, or refuse it when the dialect has no words for it."""
        match command:
            case LogIn():
                self._username, self._client, self._login = command.username, command.client or "", reply_to
                self._log_in()
            case LogOut():
                self._log_out()
            case SendMessage(room=str(room)) if name_key(room) != name_key(self._room):
                self._refuse(ErrorCode.NOT_IN_ROOM, Sentence("this server has one room only"), reply_to, command)
            case SendMessage(reply_to=int()):
                # Its messages have no numbers, and nobody else would see what this one answers.
                self._refuse(ErrorCode.NO_SUCH_MESSAGE, Sentence("this server has no replies"), reply_to, command)
            case SendMessage() | SendDirect() | SendBroadcast():
                self._send(command, reply_to)
            case ListUsers(room=room) if room is None or name_key(room) == name_key(self._room):
                self._list_users(reply_to)
            case ListUsers():
                self._refuse(ErrorCode.NO_SUCH_ROOM, Sentence("this server has one room only"), reply_to)
            case Rename(username=username):
                self._rename(username, reply_to)
            case _:
                self._refuse_unknown(reply_to)

    # What the subclasses do.

    def _log_in(self) -> None:
        raise NotImplementedError

    def _log_out(self) -> None:
        raise NotImplementedError

    def _send(self, command: Send, reply_to: str | None) -> None:
        raise NotImplementedError

    def _list_users(self, reply_to: str | None) -> None:
        raise NotImplementedError

    def _rename(self, username: str, reply_to: str | None) -> None:
        self._refuse_unknown(reply_to)

    # What they say.

    def _show(self, event: e.ClientEvent, reply_to: str | None = None) -> None:
        self._events.append(Received(event, reply_to))

    def _refuse(self, code: str, message: str, reply_to: str | None, command: Command | None = None) -> None:
        cid = command.cid if isinstance(command, Send) else None
        self._show(e.Refused(code, message, cid), reply_to)

    def _refuse_unknown(self, reply_to: str | None) -> None:
        self._refuse(ErrorCode.UNKNOWN_TYPE, "this server has nothing like that", reply_to)

    def _login_refused(self, message: str, code: str | None = None) -> None:
        self._refuse(code or self._why_not(message), message, self._login)
        self._close = CloseReason.NORMAL

    @staticmethod
    def _why_not(message: str) -> str:
        """Return the code for what a server says against a name."""
        if _NAME_TAKEN.search(message):
            return ErrorCode.NAME_TAKEN
        return ErrorCode.SERVER_FULL if FULL.search(message) else ErrorCode.BAD_NAME

    def _says_put_out(self, code: str, words: str) -> None:
        """The server says that the user is put out, or somebody does whose words it passes on as they are."""
        self._put_out, self._put_out_until = (code, words), None

    def _not_put_out(self) -> None:
        """It goes on, so that was nothing."""
        self._put_out = None

    def _put_out_if_said(self) -> None:
        """The connection has ended: take it for what was said just before, so that the user does not come back."""
        if self._put_out is not None and self._close is None:
            self._dismissed(*self._put_out, None, CloseReason.NORMAL)

    def _welcome(self) -> None:
        self._welcomed = True
        self._users = {name_key(self._username): self._username}
        positions = {log: Position(_EPOCH, seq) for log, seq in self._seqs.items()}
        welcomed = e.Welcomed(
            username=self._username,
            room=self._room,
            token="",
            client=self._client,
            cid=0,
            position=positions[self._room],
            positions=positions,
            rooms=(e.RoomSummary(self._room, 1, 0),),
            rooms_count=1,
            users=(self._username,),
            users_count=1,
        )
        self._show(welcomed, self._login)

    def _picture(self, users: Sequence[str]) -> None:
        """Show who is there, when the server says so unasked."""
        users = list(map(from_ascii_form, users))
        self._users = {name_key(name): name for name in users}
        place = Position(_EPOCH, self._seqs[self._room])
        self._show(e.RoomEntered(room=self._room, position=place, users=tuple(users), users_count=len(users)))

    def _listed(self, users: Sequence[str], reply_to: str | None) -> None:
        self._show(e.UsersListed(tuple(e.UserSummary(from_ascii_form(name), self._room) for name in users)), reply_to)

    def _gone(self, name: str, now: str | None, line: str) -> None:
        """Show that nobody is called `name` any more; `line` is how the server tells it."""
        name, now = from_ascii_form(name), now and from_ascii_form(now)
        if name_key(name) not in self._users or name_key(name) == name_key(self._username):
            self._heard(SERVER, line)
        elif now is not None:
            self._called(name, now)
        else:
            del self._users[name_key(name)]
            self._show(e.PresenceChanged(self._room, (), (name,), len(self._users)))

    def _called(self, old: str, new: str) -> None:
        """Show that somebody has another name."""
        self._users.pop(name_key(old), None)
        self._users[name_key(new)] = new
        self._show(e.UserRenamed(old, new))

    def _heard(self, sender: str, text: str, *, private: bool = False) -> None:
        """Show what somebody said. Some servers send it to the one who said it too."""
        sender = from_ascii_form(sender)
        if name_key(sender) == name_key(self._username):
            return
        if private:
            seq, at = self._next(e.DIRECT_LOG), self._clock()
            self._show(e.DirectPosted(seq=seq, sender=sender, text=text, at=at, to=(self._username,)))
        else:
            seq, at = self._next(self._room), self._clock()
            self._show(e.MessagePosted(seq=seq, sender=sender, text=text, at=at, room=self._room))

    def _said(self, command: Send, reply_to: str | None) -> None:
        """Show one's own message, which acknowledges it."""
        sender, text, at, cid = self._username, command.text, self._clock(), command.cid
        posted: e.Posted
        if isinstance(command, SendDirect):
            seq = self._next(e.DIRECT_LOG)
            posted = e.DirectPosted(seq=seq, sender=sender, text=text, at=at, cid=cid, to=command.to)
        elif isinstance(command, SendBroadcast):
            seq = self._next(e.BROADCAST_LOG)
            posted = e.BroadcastPosted(seq=seq, sender=sender, text=text, at=at, cid=cid)
        else:
            seq = self._next(self._room)
            posted = e.MessagePosted(seq=seq, sender=sender, text=text, at=at, cid=cid, room=self._room)
        self._show(posted, reply_to)

    def _dismissed(self, code: str, message: str, come_back: float | None, reason: CloseReason) -> None:
        self._show(e.Dismissed(code, message, come_back))
        self._close = reason

    def _next(self, log: str) -> int:
        self._seqs[log] += 1
        return self._seqs[log]
