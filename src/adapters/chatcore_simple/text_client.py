"""The client's side of `simple-text`: our client at other people's servers, which word everything as they like."""

from __future__ import annotations

import enum
import re
from collections import deque
from collections.abc import Callable
from typing import Final

from chatcore.commands import Send, SendDirect
from chatcore.errors import ErrorCode
from chatcore.limits import Limits
from chatcore.names import name_key
from chatcore.ports.transport import CloseReason
from chatcore_simple.client import LONGEST, SERVER, ClientSide
from chatcore_simple.lines import LineSplitter, one_line, whole_lines
from chatcore_simple.text_server import line_payload

_PAUSE: Final = 0.05
"""Between two lines, in seconds: servers that read a line per `recv` take for one what arrives at once."""
_LOOK_EVERY: Final = 0.2
_QUIET: Final = 2
"""After so many looks at which nothing new had come, half a line is taken for a whole one, and a list for complete."""
_SILENT: Final = 15
"""After so many, a server that says nothing to a name has taken it."""

_MESSAGE: Final = re.compile(r"\[\d\d?\D\d\d?\D\d\d?\]\s*-?\s*([\w-]+)\s*: ?(.*)")
_PRIVATE: Final = re.compile(r"([\w-]+) vous a envoy[ée] un message priv[ée]\s*: ?(.*)", re.IGNORECASE)
_ONLINE: Final = re.compile(r"[^:\[]*\bconnect[ée]+e?s?\b[^:]*:(.*)", re.IGNORECASE)
_NAMES: Final = re.compile(r"\s*-\s*[\w-]+(\s*,\s*-?\s*[\w-]+)*\s*,?\s*")
_NAME: Final = re.compile(r"(?:^|,)\s*-?\s*([\w-]+)")
_WELCOME: Final = re.compile(r"bienvenue", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"attention|rentrez|erreur|invalide|incorrect|pseudo.*(correct|exist|pris|utilis|d[ée]j[àa]|court|long)",
    re.IGNORECASE,
)
_GOODBYE: Final = frozenset({"deconnexion", "déconnexion"})


class _State(enum.Enum):
    CONNECTED = enum.auto()
    """Waiting for a line that names `/pseudo`."""
    ASKING = enum.auto()
    """Waiting to be asked for the name."""
    NAMED = enum.auto()
    """Waiting for what the server says to the name."""
    CHATTING = enum.auto()


class TextClientMachine(ClientSide):
    """Implements `chatcore.dialects.base.ClientMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, clock: Callable[[], float]) -> None:
        super().__init__(limits, boundaries=boundaries, now=now, clock=clock)
        self._lines = LineSplitter(LONGEST)
        self._state = _State.CONNECTED
        self._look_at = now + _LOOK_EVERY
        self._quiet = 0
        self._to_say: deque[tuple[str, Send | None, str | None]] = deque()
        """Lines to send, and the message that each of them completes, with its id."""
        self._say_at = now
        self._lists: deque[str | None] = deque()
        """Ids of the requests for the list of users that have no answer."""
        self._names: list[str] | None = None
        """What came so far of a list of users; None when none can come."""
        self._leaving = False

    def receive_data(self, data: bytes) -> None:
        """Take a line, or on a stream the next bytes, cut anywhere."""
        if self._close is not None:
            return
        self._quiet = 0
        lines, good = self._lines.feed(whole_lines(data) if self._boundaries else data)
        for line in lines:
            self._receive_line(line)
        if not good and self._close is None:
            self._dismissed(ErrorCode.TOO_LARGE, "the server sent a line without an end", 1.0, CloseReason.TOO_LARGE)

    def receive_eof(self) -> None:
        """Take note that nothing more will come; half a line is worth nothing."""
        self._lines.clear()

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = [super().get_timer()]
        if self._close is None:
            if self._to_say:
                timers.append(self._say_at)
            if not self._welcomed or self._names:
                timers.append(self._look_at)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Say the next line; take silence for an answer."""
        super().handle_timer(now)
        if self._close is None and self._to_say and now >= self._say_at:
            self._say_at = now + _PAUSE
            line, command, reply_to = self._to_say.popleft()
            self._out.append(line_payload(one_line(line), boundaries=self._boundaries))  # names may be anything
            if command is not None:
                self._said(command, reply_to)  # no server of this kind ever confirms one
        if self._close is None and now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            self._quiet += 1
            if self._quiet >= _QUIET:
                self._take_silence()

    def _take_silence(self) -> None:
        tail = self._lines.tail.decode("utf-8", "replace")
        if self._prompts(tail) or (self._state is _State.NAMED and tail):
            self._lines.clear()  # a prompt without a line end
            self._receive_line(tail.encode())
        elif self._state is _State.NAMED and self._quiet >= _SILENT:
            self._begin_to_chat()
        self._end_list()

    # What the user wants.

    def _log_in(self) -> None:
        """Wait for the greeting: servers that read a line per `recv` would take two for one."""

    def _log_out(self) -> None:
        self._leaving = True
        self._say("/quit")

    def _list_users(self, reply_to: str | None) -> None:
        self._lists.append(reply_to)
        self._names = self._names or []
        self._say("/list")

    def _send(self, command: Send, reply_to: str | None) -> None:
        text = one_line(command.text).strip()
        if isinstance(command, SendDirect) and not command.to:
            self._refuse(ErrorCode.BAD_REQUEST, "a direct message needs somebody to go to", reply_to, command)
            return
        if isinstance(command, SendDirect):
            lines = [f"msg {name} {text}" for name in command.to]
        elif text.startswith("/") or text.partition(" ")[0] == "msg" or text in ("ping", "pong", ""):
            self._refuse(ErrorCode.BAD_REQUEST, "this server would take that for a command", reply_to, command)
            return
        else:
            lines = [text]  # everybody is in the one room, so a message is a broadcast too
        for line in lines[:-1]:
            self._say(line)
        self._say(lines[-1], command, reply_to)

    def _say(self, line: str, completes: Send | None = None, reply_to: str | None = None) -> None:
        self._to_say.append((line, completes, reply_to))

    # What the server says.

    def _prompts(self, line: str) -> bool:
        """Tell whether this is what the login waits for."""
        if self._state is _State.CONNECTED:
            return "/pseudo" in line.lower()
        return self._state is _State.ASKING and "pseudo" in line.lower() and "/pseudo" not in line.lower()

    def _receive_line(self, data: bytes) -> None:
        if self._close is not None:
            return
        line = data.decode("utf-8", "replace")
        text = line.strip()
        if text == "ping":
            self._say("pong")
        elif text.lower() in _GOODBYE:
            self._end()
        elif self._state is _State.CHATTING:
            self._chat(line, text)
        elif self._state is _State.NAMED:
            self._take_verdict(line, text)
        elif self._prompts(text):
            asked = self._state is _State.ASKING
            self._state = _State.NAMED if asked else _State.ASKING
            self._say(self._username if asked else "/pseudo")

    def _take_verdict(self, line: str, text: str) -> None:
        if not text:
            return
        if _WELCOME.match(text):
            self._begin_to_chat()
        elif _REFUSED.search(text) and not _ONLINE.fullmatch(text):
            self._login_refused(text)
        else:
            self._begin_to_chat()
            self._chat(line, text)

    def _begin_to_chat(self) -> None:
        self._state = _State.CHATTING
        self._names = []  # many servers say unasked who is there
        self._welcome()

    def _chat(self, line: str, text: str) -> None:
        if self._names is not None and _NAMES.fullmatch(text):
            self._names += _NAME.findall(text)
            return
        self._end_list()
        if online := _ONLINE.fullmatch(text):
            self._names = _NAME.findall(online[1])
            self._end_list()
        elif private := _PRIVATE.fullmatch(text):
            self._heard(private[1], private[2], private=True)
        elif message := _MESSAGE.fullmatch(text):
            self._heard(message[1], message[2])
        elif text:
            self._heard(SERVER, line)

    def _end_list(self) -> None:
        """Show a list of users, if one has come."""
        if not self._names:
            return
        names = list({name_key(name): name for name in self._names}.values())
        if self._lists:
            self._listed(names, self._lists.popleft())
        else:
            self._picture(names)
        self._names = [] if self._lists else None

    def _end(self) -> None:
        if self._leaving:
            self._dismissed(ErrorCode.LOGGED_OUT, "goodbye", None, CloseReason.NORMAL)
        elif self._welcomed:
            self._dismissed(ErrorCode.SHUTTING_DOWN, "the server said goodbye", 1.0, CloseReason.NORMAL)
        else:
            self._login_refused("the server said goodbye before the login", ErrorCode.FORBIDDEN)
