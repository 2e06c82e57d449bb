"""A dialect of one's own: chat in upper-case lines, one can use it with telnet or nc.

    you:     ALICE                          the first line is your name
    server:  WELCOME ALICE
    you:     HELLO
    server:  ALICE: HELLO                   everybody in the lobby gets it, you too: it has arrived
    server:  NAME_TAKEN: ...                what was refused, and why

Both sides are here, as machines that do no I/O: bytes in, bytes and commands out (`chatcore.dialects.base`).
"""

from __future__ import annotations

from collections import deque

from chatcore import events as e
from chatcore.commands import Command, LogIn, LogOut, Position, SendMessage
from chatcore.dialects.base import Answer, Received, Request
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_text


def line_of(event: e.ServerEvent) -> str | None:
    """Return an event as a line of this dialect; None for what it has no words for."""
    match event:
        case e.Welcomed(username=name):
            said = f"welcome {name}"
        case e.Posted(sender=sender, text=text):
            said = f"{sender}: {text}"
        case e.Refused(code=code, message=message) | e.Dismissed(code=code, message=message):
            said = f"{code}: {message}"
        case _:
            return None
    return safe_text(" ".join(said.split())).upper()  # whatever is in a message, it stays one line


class _Machine:
    """What both sides share: lines in, lines out."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float) -> None:
        self._limits = limits
        self._boundaries = boundaries
        self._login_by: float | None = now + limits.login_timeout
        self._rest = b""
        self._out: list[bytes] = []
        self._close: CloseReason | None = None

    def receive_data(self, data: bytes) -> None:
        """Take a line, or on a stream the next bytes, cut anywhere."""
        *lines, self._rest = (self._rest + data + b"\n" * self._boundaries).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "replace").strip()
            if text and self._close is None:
                self._line(text)
        if len(self._rest) > OBJECT_BYTES:
            self._rest = b""
            self._close = CloseReason.TOO_LARGE

    def data_to_send(self) -> list[bytes]:
        """Return the payloads to send, once each."""
        out, self._out = self._out, []
        return out

    def close_expected(self) -> CloseReason | None:
        """Return why the connection is to be closed now, None to keep it."""
        return self._close

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        return None if self._close is not None else self._login_by

    def handle_timer(self, now: float) -> None:
        """Send away whoever does not say a name."""
        if self._login_by is not None and now >= self._login_by:
            self._close = CloseReason.POLICY

    def _line(self, text: str) -> None:
        raise NotImplementedError

    def _say(self, line: str | None) -> None:
        if line is not None:
            self._out.append((line if self._boundaries else line + "\n").encode())


class ShoutServer(_Machine):
    """Implements `chatcore.dialects.base.ServerMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float) -> None:
        super().__init__(limits, boundaries=boundaries, now=now)
        self._requests: list[Request | Answer] = []
        self._named = False

    def receive_eof(self) -> None:
        """Whoever hangs up leaves at once: this dialect cannot come back to a session."""
        if self._named:
            self._named = False
            self._requests.append(Request(LogOut()))

    def events_received(self) -> list[Request | Answer]:
        """Return what the user asked for, once each."""
        requests, self._requests = self._requests, []
        return requests

    def send_event(self, event: e.ServerEvent, reply_to: str | None = None) -> None:
        """Put an event for this connection alone into `data_to_send`."""
        if isinstance(event, e.Welcomed):
            self._login_by = None
        elif reply_to == "login":
            self._named = False  # it was refused: the next line is another try
        self._say(line_of(event))

    def _line(self, text: str) -> None:
        if self._named:
            self._requests.append(Request(SendMessage(text)))
        else:
            self._named = True
            self._requests.append(Request(LogIn(text), "login"))


class ShoutClient(_Machine):
    """Implements `chatcore.dialects.base.ClientMachine`. What such a server does not say is made up here."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float) -> None:
        super().__init__(limits, boundaries=boundaries, now=now)
        self._events: list[Received] = []
        self._name = self._client = ""
        self._login: str | None = None
        self._seq = 0
        self._unheard: deque[int | None] = deque()  # the numbers of our messages that have not come back

    def receive_eof(self) -> None:
        """What has not come back may have been said all the same, and a server like this would say it a second time."""
        while self._unheard:
            refused = e.Refused("connection_lost", "the connection ended; it may have arrived", self._unheard.popleft())
            self._show(refused)

    def events_received(self) -> list[Received]:
        """Return what the server said, once each."""
        events, self._events = self._events, []
        return events

    def send_command(self, command: Command, reply_to: str | None = None) -> None:
        """Put a command into `data_to_send`."""
        match command:
            case LogIn(username=name, client=client):
                self._name, self._client, self._login = name, client or "", reply_to
                self._say(name.upper())
            case SendMessage(cid=cid, room=str(room)) if name_key(room) != name_key(self._limits.default_room):
                self._show(e.Refused("not_in_room", "this server has one room only", cid), reply_to)
            case SendMessage(cid=cid, reply_to=int()):
                self._show(e.Refused("no_such_message", "this server has no replies", cid), reply_to)
            case SendMessage(text=text, cid=cid):
                self._unheard.append(cid)
                self._say(" ".join(text.split()).upper())
            case LogOut():
                self._close = CloseReason.NORMAL
            case _:
                self._show(e.Refused("unknown_type", "this server has nothing like that"), reply_to)

    def _line(self, text: str) -> None:
        name, colon, said = text.partition(": ")
        mine = name == self._name.upper()
        if self._login_by is not None:
            self._answer_to_login(text, name.lower(), said)
        elif colon:
            self._seq += 1
            cid = self._unheard.popleft() if mine and self._unheard else None
            room = self._limits.default_room
            self._show(e.MessagePosted(seq=self._seq, sender=name, text=said, at=0.0, cid=cid, room=room))

    def _answer_to_login(self, text: str, code: str, message: str) -> None:
        if text != f"WELCOME {self._name.upper()}":
            self._show(e.Refused(code, message), self._login)
            return
        self._login_by = None
        room, place = self._limits.default_room, Position("here", 0)
        welcomed = e.Welcomed(
            username=self._name,
            room=room,
            token="",
            client=self._client,
            cid=0,
            position=place,
            positions={room: place, e.DIRECT_LOG: place, e.BROADCAST_LOG: place},
            rooms=(e.RoomSummary(room, 1, 0),),
            rooms_count=1,
            users=(self._name,),
            users_count=1,
        )
        self._show(welcomed, self._login)

    def _show(self, event: e.ClientEvent, reply_to: str | None = None) -> None:
        self._events.append(Received(event, reply_to))


class ShoutDialect:
    """Implements `chatcore.dialects.base.Dialect`."""

    name = "shout"

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ShoutServer:
        """Return the server's side of a new connection."""
        return ShoutServer(limits, boundaries=boundaries, now=now)

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> ShoutClient:
        """Return the client's side of a new connection."""
        return ShoutClient(limits, boundaries=boundaries, now=now)

    def encode(self, event: e.ServerEvent, *, boundaries: bool) -> bytes | None:
        """Return the payload that tells an event to everyone alike; None for what is left out."""
        line = line_of(event)
        return None if line is None else (line if boundaries else line + "\n").encode()


dialect = ShoutDialect()
