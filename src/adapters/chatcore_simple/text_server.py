"""The server's side of `simple-text`."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections import deque
from datetime import datetime, tzinfo
from typing import Final

from chatcore import events as e
from chatcore.commands import ListUsers, LogIn, LogOut, Rename, SendDirect, SendMessage
from chatcore.dialects.base import Answer, Request
from chatcore.errors import ErrorCode
from chatcore.events import RoomModerated
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import ascii_form, from_ascii_form
from chatcore.text.safe_text import SLASH_CHARS, from_first_visible
from chatcore_simple import texts
from chatcore_simple.lines import LineSplitter, has_too_many, one_line, whole_lines
from chatcore_simple.server import LIST, LOGIN, LOGOUT, MESSAGE, RENAME, ServerSide

UNANSWERED_PINGS: Final = 2
"""After so many pings without an answer the client is disconnected."""

_GREETING: Final = "greeting"
_PROMPT: Final = "prompt"
_ESCAPE: Final = "//"
"""Begins a message with one slash, as at our own clients."""
# Telephones begin with a capital, and people indent: what is meant for one user must not reach all.
_TO_ONE: Final = re.compile(r"msg(?:\s+(?P<name>\S+)(?:\s(?P<text>.*))?)?\s*\Z", re.IGNORECASE | re.DOTALL)
_NEARLY_TO_ONE: Final = re.compile(rf"[{SLASH_CHARS}]?\s*msg(?!\w)", re.IGNORECASE)
_WORD_CHARS: Final = 12


def _command(line: str) -> tuple[str, str]:
    """Return the word of a command, which is empty when a line is none, and what stands behind it."""
    seen = from_first_visible(line)
    if not seen or seen[0] not in SLASH_CHARS or seen.startswith(_ESCAPE):
        return "", ""
    word, *rest = seen.split(maxsplit=1)
    return "/" + unicodedata.normalize("NFKC", word[1:]).lower(), rest[0].rstrip() if rest else ""


def _is_nearly_to_one(seen: str) -> bool:
    """Tell whether a line was meant for one user, as `/msg bob secret` and `msg: bob secret` are."""
    return _NEARLY_TO_ONE.match(unicodedata.normalize("NFKC", seen[:_WORD_CHARS])) is not None


def _unknown(seen: str) -> str:
    """Return that there is no such command, and what to type instead."""
    word = one_line(seen.split(maxsplit=1)[0][:_WORD_CHARS])
    return f"{texts.UNKNOWN} {word} ({texts.TO_ONE if _is_nearly_to_one(seen) else texts.WITH_SLASH})"


def line_payload(line: str, *, boundaries: bool) -> bytes:
    """Return a line as a payload."""
    return (line if boundaries else line + "\n").encode()


def news(event: e.ServerEvent, zone: tzinfo | None) -> list[str]:
    """Return the lines that tell an event to everybody alike. Of those who come, the known servers say nothing."""
    match event:
        case e.Posted():
            return [said(event, zone)]
        case e.PresenceChanged():
            moved = frozenset(event.elsewhere)
            return [texts.moved(name) if name in moved else texts.gone(name) for name in event.left]
        case e.UserRenamed():
            return [texts.gone(event.old, event.new)]
        case RoomModerated():
            return list(map(one_line, filter(None, [texts.moderated(event)])))
        case _:
            return []


def said(event: e.Posted, zone: tzinfo | None) -> str:
    """Return the line that tells what somebody said; the time is that of `zone`, the machine's own if None."""
    text = one_line(event.text)
    if isinstance(event, e.DirectPosted):
        return f"{ascii_form(event.sender)} {texts.PRIVATE} {text}"
    if isinstance(event, e.BroadcastPosted):
        text = f"{texts.TO_EVERYONE} {text}"
    return f"[{datetime.fromtimestamp(event.at, zone):%H.%M.%S}]-{ascii_form(event.sender)}: {text}"


class _State(enum.Enum):
    GREETED = enum.auto()
    ASKED = enum.auto()
    """The next line is a name."""
    CHATTING = enum.auto()


class TextServerMachine(ServerSide):
    """Implements `chatcore.dialects.base.ServerMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, zone: tzinfo | None) -> None:
        super().__init__(limits, boundaries=boundaries, now=now)
        self._zone = zone
        self._lines = LineSplitter(OBJECT_BYTES)
        self._waiting: deque[bytes | None] = deque()
        """Lines that were not looked at yet; None for one that is too long, or too many at once."""
        self._state = _State.GREETED
        self._wanted: deque[str] = deque()
        """Names that the user asked to be renamed to, and what became of it is not known yet."""
        # A user who falls silent just after a look is looked at again, pinged so many times, and given up.
        self._period = (limits.keepalive_interval + limits.keepalive_timeout) / (UNANSWERED_PINGS + 2)
        self._look_at = now + self._period
        self._heard = True
        self._unanswered = 0
        self._say(texts.GREETING)

    def receive_data(self, data: bytes) -> None:
        """Take a line, or on a stream the next bytes, cut anywhere."""
        self._heard = True
        data = whole_lines(data) if self._boundaries else data
        lines, good = ([], False) if self._boundaries and has_too_many(data) else self._lines.feed(data)
        self._waiting += lines
        if not good:
            self._waiting.append(None)
        self._go_on()

    def receive_tail(self) -> None:
        """Take what came behind the last end of a line as a line: nothing follows it."""
        if self._lines.tail:
            self.receive_data(b"\n")

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`; never again once the connection is to be closed."""
        return self._look_at if self._name and self._close is None else super().get_timer()

    def handle_timer(self, now: float) -> None:
        """Ping a silent user; give up on one that does not answer."""
        super().handle_timer(now)
        if not self._name or now < self._look_at:
            return
        # When we are late ourselves, what came meanwhile was not read either.
        if self._heard or now - self._look_at > self._period:
            self._heard = False
            self._unanswered = 0
        elif self._unanswered < UNANSWERED_PINGS:
            self._unanswered += 1
            self._say("ping")
        else:
            self._end(CloseReason.POLICY)
        self._look_at = now + self._period

    def send_event(self, event: e.ServerEvent, reply_to: str | None = None) -> None:
        """Put an event for this connection alone into `data_to_send`."""
        if reply_to == RENAME:
            name = self._wanted.popleft()
            self._name = name if isinstance(event, e.Accepted) else self._name
        super().send_event(event, reply_to)
        if reply_to == LOGIN:
            self._state = _State.CHATTING if isinstance(event, e.Welcomed) else _State.ASKED
            self._go_on()

    def _go_on(self) -> None:
        """Take the lines that came; what follows a name waits until it is known what became of it."""
        while self._waiting and self._close is None and not self._logging_in:
            line = self._waiting.popleft()
            if line is None:
                self._refuse(ErrorCode.TOO_LARGE)
                self._leave(CloseReason.TOO_LARGE)
            else:
                self._receive_line(line)

    def _receive_line(self, data: bytes) -> None:
        if not data.strip() and self._state is not _State.ASKED:
            return  # it asks for nothing, and there may be many
        try:
            line = data.decode()
        except UnicodeDecodeError:
            self._refuse(ErrorCode.UNKNOWN_TYPE, "Cette ligne n'est pas de l'UTF-8")
            return
        command, rest = _command(line)
        if command == "/quit" and not rest:
            self._leave(CloseReason.NORMAL)
        elif line.strip() == "pong" and (self._name or self._state is _State.GREETED):
            pass  # it answers a ping, also of a user who is asked for a name
        elif command == "/pseudo" and not rest:
            self._state = _State.ASKED
            self._requests.append(Answer(e.Accepted(), _PROMPT))
        elif command == "/pseudo":
            self._be_called(rest)
        elif self._state is _State.ASKED:
            self._be_called(line.strip())
        elif self._state is _State.CHATTING:
            self._chat(line, command, rest)
        elif line.strip():
            self._requests.append(Answer(e.Accepted(), _GREETING))

    def _be_called(self, name: str) -> None:
        """Log in, or rename. Who may not have another name goes on under the old one."""
        if self._name:
            self._state = _State.CHATTING
            self._wanted.append(name)
            self._ask(Rename(name), RENAME)
        else:
            self._ask(LogIn(name), LOGIN)

    def _chat(self, line: str, command: str, rest: str) -> None:
        seen = from_first_visible(line)
        if command == "/list" and not rest:
            self._ask(ListUsers(), LIST)
        elif to_one := _TO_ONE.match(seen):
            self._ask(SendDirect((from_ascii_form(to_one["name"] or ""),), (to_one["text"] or "").rstrip()), MESSAGE)
        elif command or _is_nearly_to_one(seen):
            self._refuse(ErrorCode.UNKNOWN_TYPE, _unknown(seen))
        elif seen.startswith(_ESCAPE):
            self._ask(SendMessage(seen[1:]), MESSAGE)
        elif line.strip():
            self._ask(SendMessage(line), MESSAGE)

    def _leave(self, reason: CloseReason) -> None:
        """Say goodbye: clients in the wild stop on exactly that line."""
        if self._name:
            self._close = reason
            self._requests.append(Request(LogOut(), LOGOUT))
        else:
            self._requests.append(Answer(e.Dismissed(ErrorCode.LOGGED_OUT, "goodbye")))
            self._end(reason)

    def _tell(self, event: e.ServerEvent, reply_to: str | None) -> None:
        line = self._told(event, reply_to)
        if line is not None:
            self._say(line)

    def _say(self, line: str) -> None:
        self._out.append(line_payload(line, boundaries=self._boundaries))

    def _told(self, event: e.ServerEvent, reply_to: str | None) -> str | None:
        match event:
            case e.Posted():
                return None if self._is_me(event.sender) else said(event, self._zone)
            case e.Accepted() if reply_to == RENAME:
                return f"{texts.WELCOME} {self._name}"
            case e.Accepted():
                return {_GREETING: texts.GREETING, _PROMPT: texts.PROMPT}.get(reply_to or "")
            case e.Welcomed(username=name):
                return f"{texts.WELCOME} {name}"
            case e.UsersListed(users=users):
                names = ", ".join(f"-{ascii_form(user.name)}" for user in users)
                return f"{texts.ONLINE} {names}" + (f" ({texts.and_more(len(users))})" if event.more else "")
            case e.Refused(code=ErrorCode.MUTED) if reply_to == RENAME:
                return f"Attention : {texts.MAY_NOT_RENAME}"
            case e.Refused(code=ErrorCode.BAD_NAME):
                return texts.BAD_NAME
            case e.Refused(code=ErrorCode.NAME_TAKEN | ErrorCode.NAME_CONFUSABLE | ErrorCode.NAME_REGISTERED):
                return texts.NAME_TAKEN
            case e.Refused():
                return f"Attention : {texts.refusal(event)}"
            case e.Dismissed():
                return texts.GOODBYE
            case RoomModerated():
                return "".join(news(event, self._zone)) or None
            case e.GapFound() if event.last >= event.first:
                return f"Attention : {texts.lost(event.last - event.first + 1)}"
            case _:
                return None
