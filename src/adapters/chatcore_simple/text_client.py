"""The client's side of `simple-text`: our client at other people's servers, which word everything as they like."""

from __future__ import annotations

import enum
import re
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from chatcore.commands import Send, SendDirect
from chatcore.dialects.echo import IS_ECHO
from chatcore.errors import ErrorCode, Sentence
from chatcore.events import Accepted
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import ascii_form, from_ascii_form, name_key
from chatcore.text.reasons import CONNECTION_LOST
from chatcore.text.safe_text import SLASH_CHARS, from_first_visible
from chatcore_simple import texts
from chatcore_simple.client import DUE, FULL, LONGEST, SERVER, ClientSide
from chatcore_simple.forms import Form, ListBegins, NameGone, Rule, Said, UserNames, read
from chatcore_simple.lines import LineSplitter, decode_kindly, one_line, whole_lines
from chatcore_simple.text_server import line_payload

_PAUSE: Final = 0.05
"""Between two lines, in seconds: servers that read a line per `recv` take for one what arrives at once."""
_LOOK_EVERY: Final = 0.2
_QUIET: Final = 2
"""After so many looks at which nothing new had come, half a line is taken for a whole one, and a list for complete."""
_PATIENCE: Final = 3.0
"""After so many seconds a server that says nothing to a name has taken it, and to other wishes it has no answer."""
_EARLY: Final = 100
"""How many lines of others are kept for after the login."""
_ASK: Final = "/pseudo"
"""Asks to be asked for a name."""
_ASKED: Final = re.compile(re.escape(_ASK), re.IGNORECASE)

_WELCOME: Final = re.compile(r"bienvenue", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"attention|rentrez|erreur|invalide|incorrect|pseudo.*(correct|exist|pris|utilis|d[ée]j[àa]|court|long)",
    re.IGNORECASE,
)
# What asks for a name, also where none is expected.
_ASKS: Final = re.compile(r"[:?>]\Z|\b(?:tape[zr]|entre[zr]|choisi\w{0,8}|saisi\w{0,8}|donne[zr]|indique[zr]|quel)\b")
_GOODBYE: Final = frozenset({"deconnexion", "déconnexion"})


class _Line(NamedTuple):
    """A line to send."""

    text: str
    completes: Send | None
    """The message whose last line it is, and below the id of that."""
    reply_to: str | None
    asks: bool
    """Whether the server is to say something to it."""
    begins: Send | None = None
    """The message of whose lines it is one, and not the last."""


class _State(enum.Enum):
    CONNECTED = enum.auto()
    """Waiting for a line that names `/pseudo`."""
    ASKING = enum.auto()
    """Waiting to be asked for the name."""
    NAMED = enum.auto()
    """Waiting for what the server says to the name."""
    CHATTING = enum.auto()


class _Renaming(enum.Enum):
    ASKING = enum.auto()
    """Waiting to be asked for the name."""
    NAMED = enum.auto()
    """Waiting for what the server says to the name."""
    REFUSED = enum.auto()
    """Waiting whether the server asks again: then it would take the next line for the name."""
    BACK = enum.auto()
    """It did, was told the name that the user has, and is to say something to it."""


class TextClientMachine(ClientSide):
    """Implements `chatcore.dialects.base.ClientMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float, clock: Callable[[], float]) -> None:
        super().__init__(limits, boundaries=boundaries, now=now, clock=clock)
        self._lines = LineSplitter(LONGEST)
        self._state = _State.CONNECTED
        self._unbidden = False
        """Whether it asked for a name before the server spoke of that."""
        self._look_at = now + _LOOK_EVERY
        self._quiet = 0
        self._to_say: deque[_Line] = deque()
        self._held: deque[_Line] = deque()
        """Lines that wait until the server does not ask for a name any more."""
        self._say_at = now
        self._lists: deque[str | None] = deque()
        """Ids of the requests for the list of users that have no answer."""
        self._names: list[str] | None = None
        """What came so far of a list of users; None when none can come."""
        self._in_list = False
        """A list is under way, whose names may stand alone."""
        self._answer_by: float | None = now + _PATIENCE
        """When to stop waiting for a greeting, or for what the server says to a name, to `/list` or to `/pseudo`."""
        self._renames: deque[tuple[str, str | None]] = deque()
        """Names that the user wants to have, with the ids of those requests; the first one is under way."""
        self._renaming: _Renaming | None = None
        self._may_ask = False
        """Whether the server may still ask for the name that it was to ask for."""
        self._waits_from_now = False
        """The time that the server has for an answer begins anew."""
        self._begun: _Line | None = None
        """What was said last, if it is a part of a message."""
        self._last_words = ""
        """What a server said that has not asked for anything: why, perhaps, it will hang up."""
        self._early: list[str] = []
        self._leaving = False
        self._parting = False
        """The server has said goodbye to a user who is put out, and only its end is missing."""

    def receive_data(self, data: bytes) -> None:
        """Take a line, or on a stream the next bytes, cut anywhere."""
        if self._close is not None:
            return
        self._quiet = 0
        if self._state is _State.CONNECTED:
            self._answer_by = None  # it speaks by itself
        lines, good = self._lines.feed(whole_lines(data) if self._boundaries else data)
        for line in lines:
            self._receive_line(line)
        if not good and self._close is None:
            self._dismissed(
                ErrorCode.TOO_LARGE, Sentence("the server sent a line without an end"), 1.0, CloseReason.TOO_LARGE
            )

    def receive_eof(self) -> None:
        """End: nothing more will come. Half a line is worth nothing, but as a reason.

        What was said to some of those whom it is for would be said to them again.
        """
        if self._begun is not None:
            why = Sentence("the connection ended before the server answered; it may have arrived all the same")
            self._refuse(CONNECTION_LOST, why, self._begun.reply_to, self._begun.begins)
            self._begun = None
        self._put_out_if_said()
        tail = decode_kindly(self._lines.tail).strip()
        self._lines.clear()
        words = tail if tail and not self._prompts(tail) else self._last_words
        if self._welcomed or self._close is not None or not words:
            return
        if FULL.search(words) or (self._state is _State.NAMED and _REFUSED.search(words)):
            self._login_refused(words)
        else:
            self._dismissed(ErrorCode.UNAVAILABLE, words, 1.0, CloseReason.NORMAL)

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = [super().get_timer()]
        if self._close is None:
            if self._waits_from_now:
                timers.append(DUE)
            if self._to_say:
                timers.append(self._say_at)
            waiting = not self._welcomed or self._names or self._renaming is not None
            if waiting and self._quiet < _QUIET:  # more silence means no more
                timers.append(self._look_at)
            timers.append(self._answer_by)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Say the next line; take silence for an answer."""
        super().handle_timer(now)
        if self._waits_from_now:
            self._waits_from_now = False
            self._answer_by = now + _PATIENCE
        if self._answer_by is not None and now >= self._answer_by and not self._to_say and self._close is None:
            self._give_up()
            self._answer_by = now + _PATIENCE if self._lists else None
        if self._close is None and self._to_say and now >= self._say_at:
            self._say_at = now + _PAUSE
            line = self._to_say.popleft()
            # Names may be anything.
            self._out.append(line_payload(one_line(line.text), boundaries=self._boundaries))
            if line.begins is not None:
                self._begun = line
            if line.asks:
                self._answer_by = now + _PATIENCE
            if line.completes is not None:
                self._begun = None
                self._said(line.completes, line.reply_to)  # no server of this kind ever confirms one
        if self._close is None and now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            self._quiet += 1
            if self._quiet >= _QUIET:
                self._take_silence()

    def _take_silence(self) -> None:
        tail = decode_kindly(self._lines.tail)
        if self._unbidden:  # its greeting came late, and may stand in front of the question
            tail = _ASKED.split(tail)[-1]
        if self._prompts(tail) or (self._state is _State.NAMED and tail):
            self._lines.clear()  # a prompt without a line end
            self._receive_line(tail.encode())
        self._end_list()

    def _give_up(self) -> None:
        """Take it that the server has nothing to say."""
        if self._state is _State.CONNECTED:  # some wait to be spoken to, and others say only what they hear
            self._state = _State.ASKING
            self._unbidden = True
            self._answer(_ASK)
        elif self._state is _State.NAMED:
            self._begin_to_chat()
            self._may_ask = True
        self._end_list()
        if self._renaming in (_Renaming.NAMED, _Renaming.BACK):
            self._renamed()
        elif self._renaming is _Renaming.REFUSED:
            self._next_rename()
        elif self._renaming is _Renaming.ASKING:
            self._not_renamed(ErrorCode.UNKNOWN_TYPE, Sentence("this server does not rename"))
            self._next_rename()
        else:
            for reply_to in self._lists:
                self._refuse(ErrorCode.UNKNOWN_TYPE, Sentence("this server does not tell who is there"), reply_to)
            self._lists.clear()

    # What the user wants.

    def _log_in(self) -> None:
        """Wait for the greeting: servers that read a line per `recv` would take two for one."""

    def _log_out(self) -> None:
        self._leaving = True
        self._answer("/quit")

    def _list_users(self, reply_to: str | None) -> None:
        self._lists.append(reply_to)
        self._names = self._names or []
        self._put(_Line("/list", None, None, asks=True))

    def _rename(self, username: str, reply_to: str | None) -> None:
        self._renames.append((username, reply_to))
        if self._renaming is None:
            self._ask_for_name()

    def _ask_for_name(self) -> None:
        self._renaming = _Renaming.ASKING
        self._may_ask = True
        self._answer(_ASK, asks=True)

    def _send(self, command: Send, reply_to: str | None) -> None:
        text = one_line(command.text).strip()
        if isinstance(command, SendDirect) and not command.to:
            self._refuse(ErrorCode.BAD_REQUEST, Sentence("a direct message needs somebody to go to"), reply_to, command)
            return
        if isinstance(command, SendDirect):
            once: dict[str, str] = {}
            for name in command.to:
                once.setdefault(name_key(name), name)
            command = replace(command, to=tuple(once.values()))
            lines = [f"msg {ascii_form(name)} {text}" for name in command.to]
        elif self._is_command(command.text):
            self._refuse(
                ErrorCode.BAD_REQUEST, Sentence("this server would take that for a command"), reply_to, command
            )
            return
        else:
            lines = [text]  # everybody is in the one room, so a message is a broadcast too
        self._put(*(_Line(line, None, reply_to, asks=False, begins=command) for line in lines[:-1]))
        self._put(_Line(lines[-1], command, reply_to, asks=False))

    @staticmethod
    def _is_command(text: str) -> bool:
        """Tell whether some server takes a message for a command, or its user meant it for one."""
        seen = from_first_visible(text)
        return seen[:1] in SLASH_CHARS or seen.strip() in ("ping", "pong") or seen.split(maxsplit=1)[0].lower() == "msg"

    def _put(self, *lines: _Line) -> None:
        """Say lines in their turn; until it is renamed, a server would take one for the name."""
        (self._to_say if self._renaming is None else self._held).extend(lines)

    def _answer(self, text: str, *, asks: bool = False) -> None:
        """Say what the server waits for."""
        self._to_say.append(_Line(text, None, None, asks))

    # What the server says.

    def _prompts(self, line: str) -> bool:
        """Tell whether this is what the login, or another name, waits for."""
        words = line.lower().strip()
        if self._state is _State.CONNECTED:
            return _ASK in words
        if "pseudo" not in words or _ASK in words:
            return False
        if self._state is _State.ASKING or self._renaming is _Renaming.ASKING:
            return True
        return self._may_ask and _ASKS.search(words) is not None

    def _receive_line(self, data: bytes) -> None:
        if self._close is not None:
            return
        line = decode_kindly(data)
        text = line.strip()
        if text == "ping":
            self._answer("pong")
        elif text.lower().rstrip(".") in _GOODBYE:
            self._end()
        elif self._state is _State.CHATTING:
            self._not_put_out()
            if self._close is None:
                self._chat(line, text)
        elif isinstance(read(text), Said | NameGone):
            # Some servers tell it to those who are not logged in too; it may hold any words.
            self._early = [*self._early, line][-_EARLY:]
        elif self._state is _State.NAMED:
            self._take_verdict(line, text)
        elif self._state is _State.ASKING and text == _ASK:
            self._dismissed(ErrorCode.FORBIDDEN, IS_ECHO, None, CloseReason.NORMAL)
        elif self._prompts(text):
            asked = self._state is _State.ASKING
            self._state = _State.NAMED if asked else _State.ASKING
            self._may_ask = asked
            self._last_words = ""
            self._answer(self._username if asked else _ASK, asks=asked)
        elif text:
            self._last_words = text

    def _take_verdict(self, line: str, text: str) -> None:
        if not text:
            return
        if _WELCOME.match(text):
            self._begin_to_chat()
        elif (_REFUSED.search(text) or self._prompts(text)) and not isinstance(read(text), ListBegins):
            self._login_refused(text)
        else:
            self._begin_to_chat()
            self._chat(line, text)

    def _begin_to_chat(self) -> None:
        self._state = _State.CHATTING
        self._may_ask = False
        self._names = []  # many servers say unasked who is there
        self._welcome()
        early, self._early = self._early, []
        for line in early:
            self._chat(line, line.strip())

    def _chat(self, line: str, text: str) -> None:
        form = read(text)
        if self._may_ask and not isinstance(form, Said | NameGone) and self._take_answer(text, form):
            return
        if isinstance(form, UserNames) and self._names is not None:
            self._in_list |= self._lists_me(form)
            if form.marked or self._in_list:
                self._names += form.names
                return
        if not text and self._in_list:
            return
        if not (self._in_list and isinstance(form, Said | NameGone)):  # those come in between
            self._end_list(empty=not isinstance(form, Rule))
        match form:
            case ListBegins(names):
                self._names = list(names)
                self._in_list = not names
                if names:
                    self._end_list()
            case Said(sender, said, private):
                self._heard(sender, self._without_command(said) if private else said, private=private)
            case NameGone(name, now):
                self._gone(name, now, line)
            case Rule():
                pass  # an ornament
            case _ if text:
                self._heard(SERVER, line)
                self._note_put_out(text)

    def _note_put_out(self, text: str) -> None:
        name, code = texts.who_is_put_out(text) or ("", "")
        if name and name_key(from_ascii_form(name)) == name_key(self._username):
            self._says_put_out(code, text)

    def _not_put_out(self) -> None:
        super()._not_put_out()
        if self._parting:  # it was a goodbye all the same
            self._parting = False
            self._end()

    def _lists_me(self, form: UserNames) -> bool:
        """Tell whether names without a head or marks are the list that was asked for: the user's own is among them."""
        return bool(self._lists) and name_key(self._username) in map(name_key, form.names)

    def _without_command(self, text: str) -> str:
        """Return a direct message without the command that it was sent with; one server passes that on."""
        command, _, rest = text.partition(" ")
        name, _, said = rest.partition(" ")
        return said if command == "msg" and name_key(name) == name_key(self._username) else text

    def _end_list(self, *, empty: bool = True) -> None:
        """Show a list of users, if one has come; unless it may be `empty`, one without names has only begun."""
        if not self._names:
            self._in_list &= not empty
            return
        self._in_list = False
        names = list({name_key(name): name for name in self._names}.values())
        if self._lists:
            self._listed(names, self._lists.popleft())
        else:
            self._picture(names)
        self._names = [] if self._lists else None

    # Another name.

    def _take_answer(self, text: str, form: Form) -> bool:
        """Tell whether a line was about the name that the server was to ask for, and nothing else."""
        asks, listed = self._prompts(text), isinstance(form, ListBegins | Rule)
        refused = not listed and _REFUSED.search(text) is not None
        match self._renaming:
            case _Renaming.NAMED if asks or refused:
                self._not_renamed(self._why_not(text), text)
                if asks:
                    self._tell_name()
            case _Renaming.BACK if asks or refused:
                again = Sentence("the server asks for a name again and again")
                self._dismissed(ErrorCode.UNAVAILABLE, again, 1.0, CloseReason.NORMAL)
            case _Renaming.NAMED | _Renaming.BACK if listed or _WELCOME.match(text):
                if listed:
                    self._names = []
                self._renamed()
                return not listed
            case _Renaming.NAMED | _Renaming.BACK:
                return False
            case _Renaming.ASKING if refused and not asks:
                self._not_renamed(ErrorCode.UNKNOWN_TYPE, text)
            case _ if asks:
                self._tell_name()
            case _:
                return False
        return True

    def _tell_name(self) -> None:
        """Tell a server that asks for a name the wanted one, or the user's own: it would take any other line for it."""
        if self._renaming is None:
            self._held, self._to_say = self._to_say, deque()
        self._renaming = _Renaming.NAMED if self._renames else _Renaming.BACK
        self._answer(self._renames[0][0] if self._renames else self._username, asks=True)

    def _renamed(self) -> None:
        """Go on under the name that the server was told."""
        self._may_ask = False
        if self._renaming is _Renaming.NAMED:
            name, reply_to = self._renames.popleft()
            old, self._username = self._username, name
            self._show(Accepted(), reply_to)
            self._called(old, name)
        self._next_rename()

    def _not_renamed(self, code: str, message: str) -> None:
        self._refuse(code, message, self._renames.popleft()[1])
        self._renaming = _Renaming.REFUSED
        self._waits_from_now = True

    def _next_rename(self) -> None:
        self._renaming = None
        if self._renames:
            self._ask_for_name()
        else:
            self._to_say += self._held
            self._held.clear()

    def _end(self) -> None:
        if self._leaving:
            self._dismissed(ErrorCode.LOGGED_OUT, "goodbye", None, CloseReason.NORMAL)
        elif self._put_out is not None and not self._parting:
            self._parting = True
            self._says_put_out(*self._put_out)
        elif self._welcomed:
            self._dismissed(ErrorCode.SHUTTING_DOWN, "the server said goodbye", 1.0, CloseReason.NORMAL)
        else:
            self._login_refused("the server said goodbye before the login", ErrorCode.FORBIDDEN)
