"""The client's side of `simple-json`: our client at other people's servers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chatcore.commands import Command, ListUsers, LogIn, Send, SendDirect
from chatcore.dialects.echo import IS_ECHO
from chatcore.errors import ErrorCode, Sentence
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import from_ascii_form, name_key
from chatcore.text.reasons import CONNECTION_LOST
from chatcore_simple import texts
from chatcore_simple.client import DUE, LONGEST, SERVER, ClientSide
from chatcore_simple.json_server import object_payload
from chatcore_simple.lines import decode_kindly
from chatcore_simple.objects import ObjectScanner, Unreadable

# Under these, servers in the wild put what they want shown, who said it, and who is there.
_TEXTS: Final = ("content", "message", "text", "error")
_SENDERS: Final = ("username", "from", "sender", "user", "pseudo", "name", "nom")
_LISTS: Final = ("users", "usernames", "clients", "utilisateurs")
# Under these, whether they do what they were asked for; other words there (`info`) are no answer.
_VERDICTS: Final = ("status", "success", "type")
_GOOD: Final = re.compile(r"(success|ok|succ[eè]s|succeeded|accepted|true)\Z", re.IGNORECASE)
_BAD: Final = re.compile(
    r"err|fail|[eé]chec|refus|reject|den(y|ied)|inval|incorrect|interdi|forbid|unauth|bad|wrong|exist|taken|full|plein"
    r"|duplicate|not[ _]|(false|ko|no[kn]?)\Z",
    re.IGNORECASE,
)
# Types of what users say, even where a `status` says besides that all is well; and of what the server says about them.
_SAID: Final = frozenset({"message", "msg", "chat", "broadcast"})
_NEWS: Final = re.compile(
    r"info|noti|event|syst|serv|join|leav|left|quit|connect|connex|log(in|out)|alert|warn|err", re.IGNORECASE
)
_HALF: Final = re.compile("[\ud800-\udfff]")
_BETWEEN_NAMES: Final = re.compile(r"[,;]")
_PATIENCE: Final = 10.0
"""After so many seconds a server that says nothing to a message has passed it on, and tells nobody who is there."""


class _Asked(NamedTuple):
    command: Command
    reply_to: str | None
    payload: bytes


class JsonClientMachine(ClientSide):
    """Implements `chatcore.dialects.base.ClientMachine`.

    Asks for one thing at a time: answers carry no id, and many servers take what one `recv` brings for one object.
    """

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, clock: Callable[[], float]) -> None:
        super().__init__(limits, boundaries=boundaries, now=now, clock=clock)
        self._scanner = ObjectScanner(LONGEST, decode_kindly)
        self._asked: deque[_Asked] = deque()
        """Without an answer; the first one was sent."""
        self._answer_by: float | None = None
        """When to stop waiting for the answer to it; None as long as nobody has looked at the clock."""

    def receive_data(self, data: bytes) -> None:
        """Take a message, or on a stream the next bytes, cut anywhere."""
        if self._close is not None:
            return
        for found in self._scanner.whole(data) if self._boundaries else self._scanner.feed(data):
            if not isinstance(found, Unreadable):
                self._receive_object(found)
            elif found.is_last or not self._welcomed:
                code = ErrorCode.TOO_LARGE if found.is_too_large else ErrorCode.BAD_JSON
                why = Sentence("the server sent something unreadable: {why}", why=found.value)
                self._dismissed(code, why, 1.0, CloseReason.BAD_DATA)
            # Else it is left out: many servers pass on what their users send, and one of those could keep us away.
            if self._close is not None:
                return

    def receive_eof(self) -> None:
        """End: nothing more will come, and half an object is worth nothing.

        What is on the way may have been passed on, and nobody here would notice that it comes a second time.
        """
        self._scanner.clear()
        if self._welcomed and self._asked and isinstance(self._asked[0].command, Send):
            command, reply_to, _ = self._asked.popleft()
            why = Sentence("the connection ended before the server answered; it may have arrived all the same")
            self._refuse(CONNECTION_LOST, why, reply_to, command)
        self._put_out_if_said()

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = [super().get_timer()]
        if self._waits:
            timers.append(DUE if self._answer_by is None else self._answer_by)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Stop waiting for an answer that does not come, for what follows waits too."""
        super().handle_timer(now)
        if not self._waits:
            return
        if self._answer_by is None:
            self._answer_by = now + _PATIENCE
        elif now >= self._answer_by:
            command, reply_to, _ = self._next_answered()
            if isinstance(command, Send):
                self._said(command, reply_to)
            else:
                self._refuse(ErrorCode.UNKNOWN_TYPE, Sentence("this server does not tell who is there"), reply_to)

    @property
    def _waits(self) -> bool:
        return self._welcomed and bool(self._asked) and self._close is None

    def _log_in(self) -> None:
        self._request(LogIn(self._username), self._login, {"type": "login", "username": self._username})

    def _log_out(self) -> None:
        self._dismissed(ErrorCode.LOGGED_OUT, "goodbye", None, CloseReason.NORMAL)  # to hang up is the only way

    def _list_users(self, reply_to: str | None) -> None:
        self._request(ListUsers(), reply_to, {"type": "list"})

    def _send(self, command: Send, reply_to: str | None) -> None:
        if isinstance(command, SendDirect):
            self._refuse(ErrorCode.UNKNOWN_TYPE, Sentence("this server has no direct messages"), reply_to, command)
            return
        # Everybody is in the one room, so a message is a broadcast too.
        found = {"type": "message", "username": self._username, "content": command.text}
        self._request(command, reply_to, found)

    def _request(self, command: Command, reply_to: str | None, found: dict[str, Any]) -> None:
        # As those programs do: without a line end.
        self._asked.append(_Asked(command, reply_to, object_payload(found, boundaries=True)))
        if len(self._asked) == 1:
            self._out.append(self._asked[0].payload)

    def _next_answered(self) -> _Asked:
        asked = self._asked.popleft()
        self._answer_by = None
        if self._asked:
            self._out.append(self._asked[0].payload)
        return asked

    def _receive_object(self, found: dict[str, Any]) -> None:
        if found == {"type": "login", "username": self._username} and not self._welcomed:
            self._dismissed(ErrorCode.FORBIDDEN, IS_ECHO, None, CloseReason.NORMAL)
            return
        self._not_put_out()
        sender, text, good = _first(found, _SENDERS), _first(found, _TEXTS), _verdict(found)
        if self._is_said(found, sender, good=good):
            self._heard(sender, text)
        elif good is False:
            if self._welcomed and text in texts.PUT_OUT:
                self._says_put_out(texts.PUT_OUT[text], text)
            self._answered(success=False, message=text)
        elif (users := _users(found, success=good is True)) is not None:
            self._answered_with_users(users, success=good is True)
        elif good:
            self._answered(success=True, message=text)
        elif text:
            self._heard(SERVER, text)

    def _is_said(self, found: dict[str, Any], sender: str, *, good: bool | None) -> bool:
        """Tell whether somebody says something, and the server is not answering or telling about somebody."""
        if not sender or good is False or not any(isinstance(found.get(key), str) for key in _TEXTS):
            return False
        kind = str(found.get("type", ""))
        if good:
            mine = name_key(from_ascii_form(sender)) == name_key(self._username)
            return self._welcomed and not mine and kind.casefold() in _SAID
        return _NEWS.search(kind) is None

    def _answered_with_users(self, users: list[str], *, success: bool) -> None:
        match self._asked[0].command if self._asked else None:
            case ListUsers():
                self._listed(users, self._next_answered().reply_to)
            case LogIn() if success:
                self._answered(success=True, message="")
                self._picture(users)
            case _ if self._welcomed:
                self._picture(users)

    def _answered(self, *, success: bool, message: str) -> None:
        if not self._asked or (success and isinstance(self._asked[0].command, ListUsers)):
            # It answers something else, too late.
            if message:
                self._heard(SERVER, message)
            return
        command, reply_to, _ = self._next_answered()
        if isinstance(command, LogIn):
            self._welcome() if success else self._login_refused(message or "the server refused the login")
        elif isinstance(command, Send) and success:
            self._said(command, reply_to)
        else:
            self._refuse(ErrorCode.FORBIDDEN, message or Sentence("the server refused it"), reply_to, command)


def _first(found: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Return the first text under one of the keys; an empty one if there is none."""
    return _whole(next((found[key] for key in keys if isinstance(found.get(key), str)), ""))


def _whole(text: str) -> str:
    """Return a text with a mark for each half of a pair that stands alone: it has no other form."""
    return _HALF.sub("\ufffd", text)


def _verdict(found: dict[str, Any]) -> bool | None:
    """Return whether the server has done what it was asked for; None for what is no answer."""
    for key in _VERDICTS:
        match found.get(key):
            case bool(good):
                return good
            case float(number) if 200 <= number < 600:  # as those of HTTP
                return number < 400
            case str(word) if _GOOD.match(word):
                return True
            case str(word) if _BAD.match(word):
                return False
    return None


def _users(found: dict[str, Any], *, success: bool) -> list[str] | None:
    """Return the names of a list of users, once each, in whatever form it has; None for what is no such list."""
    users = next((found[key] for key in _LISTS if isinstance(found.get(key), list | str)), None)
    if users is None and success:
        users = next((found[key] for key in _TEXTS if isinstance(found.get(key), list)), None)
    if users is None:
        return None
    entries = _BETWEEN_NAMES.split(users) if isinstance(users, str) else users
    names = [_first(each, _SENDERS) if isinstance(each, dict) else each for each in entries]
    texts = [_whole(name).strip() for name in names if isinstance(name, str)]
    once = {name_key(name): name for name in texts if name}
    return list(once.values()) if once or not users else None
