"""What a client has asked for and has no answer to yet: kept, numbered, and repeated until there is one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Final

from chatcore.client.digest import digest_of
from chatcore.client.heard import Heard
from chatcore.client.patience import Patience, slow_room
from chatcore.client.private import is_for_certain_users
from chatcore.client.room_changes import room_behind
from chatcore.commands import Command, CreateRoom, JoinRoom, RoomChange, Send, SendMessage
from chatcore.dialects.base import Request
from chatcore.errors import ErrorCode, Sentence
from chatcore.events import ClientEvent, Posted, Refused, SendAcknowledged, SendRefused, ServerEvent
from chatcore.ports.session_store import KeptSend
from chatcore.text.reasons import CONNECTION_LOST, NOT_REPEATED

# Most sends that wait for their acknowledgement on the wire; the server remembers as many.
_WINDOW: Final = 64
# Most other requests that wait for their answer there.
_REQUESTS: Final = 16
# Once the server has asked for patience, one thing is asked at a time, until so many were answered.
_CAREFUL: Final = 64
# What is refused with the first may succeed a little later; a send with either, and has not used up its number.
_LATER: Final = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.SLOW_MODE, ErrorCode.UNAVAILABLE, ErrorCode.SHUTTING_DOWN})
# What has no answer when a connection ends may be what ended it: something on the way, or the server, cannot stand it.
# From so many ends on it goes alone; from so many on it waits first whether the connection lasts without it, and is not
# blamed where that does not; and at so many it is given up, so that the rest goes out. A connection that still brought
# something for so many seconds after it was sent could stand it: a busy server is slow to answer, and networks break.
_ALONE: Final = 2
_PROBED: Final = 3
_GIVEN_UP: Final = 6
_PROBE_SECONDS: Final = 1.0
_STOOD_SECONDS: Final = 1.0
# How many sends without an answer are told to whoever keeps them, and for how many seconds after the login a program
# that has begun again is taken to say again what it said before its end.
_MOST_KEPT: Final = 256
_SAYS_AGAIN_SECONDS: Final = 30.0


@dataclass(slots=True, eq=False)
class _Item:
    """Something asked for that has no answer yet."""

    command: Command
    reply_to: str
    cid: int | None = None
    """Of a send: its number on the wire. It changes if the server has forgotten earlier ones, or others pass it."""
    handle: int | None = None
    """Of a send: the number that its user knows it by."""
    repeated: bool = False
    digest: str = ""
    """Of a send, once somebody has asked for it."""
    ends: int = 0
    """How many connections ended while it was on the wire without an answer."""
    forgotten: bool = False
    """Nobody waits for the answer, but it still leads its user elsewhere: kept until it is answered, never repeated."""


class Outbox:
    """Requests and sends in the order they were made, over as many connections as it takes.

    `now` is the time in seconds of the monotonic clock. `repeat_private`: whether what goes to certain users is asked
    for again as well, although others may have their names by then.
    """

    def __init__(self, *, repeat_private: bool = True) -> None:
        self._repeat_private = repeat_private
        self.pending = 0
        """How many sends are not acknowledged yet."""
        self.out_of_step = False
        """True when the server counts the sends otherwise: only another login can tell how to go on."""
        self._items: list[_Item] = []
        self._leading: list[_Item] = []  # those of them that lead elsewhere, in the same order
        self._sent = 0  # how many of them are on the wire
        self._again: list[Request] = []  # what is on the wire and has to go there once more
        self._careful = 0
        self._patience = Patience()
        self._probing = False  # whether this connection has to show first that it lasts without the first of them
        self._fragile = False  # whether the one before did not
        self._numbered = False  # whether a server has ever said how it counts
        self._kept: deque[KeptSend] = deque()  # what an earlier program has sent: said again, it has its number
        self._kept_until: float | None = None
        self._next_cid = 1
        self._first_cid = 1  # the one that the server expected at the last login
        self._handles = count(1)
        self._request_ids = count(1)

    @property
    def unanswered(self) -> int:
        """How many requests and sends have no answer yet."""
        return len(self._items)

    @property
    def waits_until(self) -> float | None:
        """When it goes on with what the server wants later; None when it is waiting for nothing."""
        return self._patience.until

    @property
    def unsent(self) -> dict[int, Send]:
        """The sends that are not acknowledged yet, with their present `cid`, by the numbers their user knows."""
        sends = ((item.handle, item.command) for item in self._items)
        return {handle: send for handle, send in sends if handle is not None and isinstance(send, Send)}

    # What an earlier program has sent, and a later one may send again.

    def restore(self, sends: Iterable[KeptSend]) -> None:
        """Take what an earlier program with the same session has sent without an answer, before the first welcome.

        Sends that say the same, in the same order, get the numbers that these had, so that they count once.
        """
        self._kept = deque(sends)

    def to_keep(self) -> tuple[KeptSend, ...]:
        """Return the first of the sends without an answer: for `restore` of the next program."""
        waiting = [] if not self._numbered else [item for item in self._items if item.handle is not None]
        waiting.sort(key=lambda item: item.handle or 0)  # as they are said again, whatever goes ahead of them here
        for item in waiting[:_MOST_KEPT]:
            if not item.digest:
                assert isinstance(item.command, Send)  # only sends are numbered
                item.digest = digest_of(item.command)
        sends = [KeptSend(item.cid or 0, item.digest) for item in waiting[:_MOST_KEPT]]
        return (*sends, *islice(self._kept, _MOST_KEPT - len(sends)))

    # What goes in.

    def post(self, send: Send) -> int:
        """Queue a send and return the number that its user knows it by."""
        handle = next(self._handles)
        item = _Item(send, f"s{handle}", handle=handle)
        self._number(item, said_before=self._numbered)
        self._items.append(item)
        self.pending += 1
        self._let_pass(item)
        return handle

    def request(self, command: Command) -> str:
        """Queue a request and return the id that its answer will carry."""
        item = _Item(command, f"r{next(self._request_ids)}")
        self._items.append(item)
        if isinstance(command, RoomChange):
            self._leading.append(item)
        self._let_pass(item)
        return item.reply_to

    def forget(self, reply_to: str) -> None:
        """Stop waiting for the answer to a request."""
        for index, item in enumerate(self._items):
            if item.reply_to == reply_to and item.handle is None:
                item.forgotten = index < self._sent and isinstance(item.command, RoomChange)
                if not item.forgotten:
                    self._remove(index)
                return

    def room_by_then(self, room: str, lobby: str = "") -> str | None:
        """Return where a user who is in `room` will be when everything is answered; None when that is not known.

        `lobby`: where one is who is nowhere else, if that is known.
        """
        return room_behind((item.command for item in self._leading), room, lobby) or None  # each of thousands asks

    # What goes out.

    def requests_to_send(self) -> list[Request]:
        """Return what to pass on to the server now, once each."""
        if self._patience.all_until is not None:
            return []
        out, self._again = self._again, []
        sends = sum(item.cid is not None for item in self._items[: self._sent])
        requests = self._sent - sends
        for item in self._items[self._sent :]:
            if self._sent and max(item.ends, self._items[0].ends) >= _ALONE:
                break
            if self._patience.holds(item.command):
                break
            if item.cid is None:
                requests += 1
            else:
                sends += 1
            if sends > _WINDOW or requests > _REQUESTS or (self._careful and self._sent):
                break
            out.append(Request(item.command, item.reply_to))
            self._sent += 1
        return out

    def get_timer(self) -> float | None:
        """Return when to call `handle_timer`."""
        timers = (self._patience.next, self._kept_until)
        return min((timer for timer in timers if timer is not None), default=None)

    def handle_timer(self, now: float) -> None:
        """Go on after the server asked for patience."""
        self._patience.handle_timer(now)
        self._let_pass()
        if self._kept_until is not None and now >= self._kept_until:
            self._kept_until = None
            self._kept.clear()

    def disconnected(self, *, on_purpose: bool, stood: float = 0.0) -> list[Heard]:
        """Begin anew, the connection is gone: all of it will be asked for again, but for what ends connections.

        Returns what to show of that. `on_purpose`: what was sent has nothing to do with it. `stood`: for
        how many seconds the connection still brought something after the last of it.
        """
        for item in [item for item in self._items if item.forgotten]:
            self._remove(self._items.index(item))
        if not (on_purpose or self.out_of_step or self._fragile):
            for item in self._items[: self._sent]:
                item.ends = 0 if stood >= _STOOD_SECONDS else item.ends + 1
        self._fragile = self._probing and not self._sent
        self.out_of_step = False
        self._patience.end()
        self._sent = 0
        self._again.clear()
        self._careful = 0
        for item in self._items:
            item.repeated = True
        if not self._items or self._items[0].ends < _GIVEN_UP:
            return []
        why = Sentence(
            "the connection ended each of the {count} times that this was sent; it may have arrived all the same",
            count=_GIVEN_UP,
        )
        given_up = self.give_up(self._items[0].reply_to, CONNECTION_LOST, why)
        return [] if given_up is None else [given_up]

    def welcomed(self, server_cid: int, now: float, *, resumed: bool = False) -> list[Heard]:
        """Agree with the server on the numbers of the sends that it does not have yet; returns what to show of them.

        It may have forgotten earlier ones together with the messages, or know more than this program remembers.
        """
        given_up = [] if self._repeat_private or not self._numbered else self._give_up_private(server_cid)
        self._next_cid = self._first_cid = server_cid + 1
        if not resumed:
            self._kept.clear()  # whoever begins anew says what it says for the first time
        elif self._kept:
            self._kept_until = now + _SAYS_AGAIN_SECONDS
        first, self._numbered = not self._numbered, True
        if first:  # what the server does not have is numbered as it will be said
            free = count(self._next_cid)
            self._kept = deque(kept if kept.cid <= server_cid else kept._replace(cid=next(free)) for kept in self._kept)
        for item in self._items:
            if item.cid is not None and (item.cid > server_cid or first):
                self._number(item, said_before=first)
        self._probing = bool(self._items) and self._items[0].ends >= _PROBED and not self._fragile
        if self._probing:
            self._patience.all_until = now + _PROBE_SECONDS
        return given_up

    def _give_up_private(self, server_cid: int) -> list[Heard]:
        private = [item for item in self._items if is_for_certain_users(item.command)]
        why = Sentence("somebody else may have the name since the connection was lost")
        missing = [item.reply_to for item in private if item.cid is None or item.cid > server_cid]
        return [gone for each in missing if (gone := self.give_up(each, NOT_REPEATED, why)) is not None]

    # What comes back.

    def heard(self, event: ServerEvent | ClientEvent) -> None:
        """Go on with what waits for something that may be over by what the server says."""
        if not self._probing:
            self._patience.heard(event)

    def answered(self, reply_to: str | None) -> bool:
        """Take what was answered off the list; returns whether it was on it, and somebody waits."""
        for index, item in enumerate(self._items):
            if item.reply_to == reply_to:
                self._remove(index)
                return not item.forgotten
        return False

    def acknowledged(self, cid: int, posted: Posted | None) -> SendAcknowledged | None:
        """Take a send off the list; returns what to tell its user, None when that was told before."""
        for index, item in enumerate(self._items):
            if item.cid == cid and item.handle is not None:
                self._remove(index)
                return SendAcknowledged(item.handle, posted)
        return None

    def refused(self, event: Refused, reply_to: str | None, now: float) -> list[Heard] | None:
        """Take a refusal; returns what to show, None when it answers nothing that is on the list."""
        for index, item in enumerate(self._items):
            by_cid = event.cid is not None and item.cid == event.cid
            is_it = by_cid if reply_to is None else item.reply_to == reply_to
            if is_it:
                if event.code == ErrorCode.CID_GAP and not by_cid:
                    return []  # of the number that it had before another send passed it
                if item.forgotten:
                    self._remove(index)
                    return []
                if item.handle is None:
                    return self._request_refused(index, item, event, now)
                return self._send_refused(index, item, item.handle, event, now)
        return None

    def give_up(self, reply_to: str | None, code: str, message: str) -> Heard | None:
        """Take off the list what cannot be said; returns what to show, None when it is not on the list."""
        for index, item in enumerate(self._items):
            if item.reply_to == reply_to:
                self._remove(index)
                if item.handle is None:
                    return Heard(Refused(code, message), reply_to)
                return Heard(SendRefused(item.handle, code, message))
        return None

    def _request_refused(self, index: int, item: _Item, event: Refused, now: float) -> list[Heard]:
        if event.code in {ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE}:
            self._wait(index, event, now)
            return []
        if item.repeated and event.code == ErrorCode.ROOM_EXISTS and isinstance(item.command, CreateRoom):
            # The answer to the first try was lost: the room is ours.
            item.command = JoinRoom(item.command.room)
            self._again.append(Request(item.command, item.reply_to))
            return []
        self._remove(index)
        return [Heard(event, item.reply_to)]

    def _send_refused(self, index: int, item: _Item, handle: int, event: Refused, now: float) -> list[Heard]:
        first = not any(each.handle is not None for each in self._items[:index])
        if event.code in _LATER:
            room = slow_room(event)
            if event.code == ErrorCode.SLOW_MODE and isinstance(item.command, SendMessage) and not item.command.room:
                item.command = replace(item.command, room=room)  # there it was said, and what it waits for is there
            self._wait(index, event, now)
            return []
        if event.code == ErrorCode.CID_GAP and not (first and item.cid == self._first_cid):
            # Behind one that was refused before it, this is no news. With nothing before it, the server did not take
            # a number that is used up here.
            self.out_of_step |= first
            return []
        self._remove(index)
        return [Heard(SendRefused(handle, event.code, event.message, event.values))]

    def _wait(self, index: int, event: Refused, now: float) -> None:
        """Let everything from here on come again, in order, after the time that the server wants.

        What it would not refuse until then does not wait.
        """
        on_wire = self._items[index : self._sent]
        for item in on_wire:
            item.repeated = True
        self._sent = min(self._sent, index)
        self._careful = _CAREFUL
        if self._patience.wait(event, self._items[index].command, now):
            granted = [item for item in on_wire if item.cid is None and not self._patience.holds(item.command)]
            self._items[index:] = granted + [item for item in self._items[index:] if item not in granted]
            self._sent += len(granted)  # they are answered
            self._let_pass()

    def _let_pass(self, last: _Item | None = None) -> None:
        """Have what need not wait stand before everything else that is not on the wire; else nothing changes its place.

        The numbers go with the places, but for those that the server has taken. `last` is all that is new.
        """
        if not self._patience.is_for_some or (last is not None and self._patience.holds(last.command)):
            return
        waiting = self._items[self._sent :]
        held = dict(zip(map(id, waiting), self._patience.holds_each(item.command for item in waiting), strict=True))
        waiting.sort(key=lambda item: held[id(item)])
        self._items[self._sent :] = waiting
        self._leading = [item for item in self._items if isinstance(item.command, RoomChange)]
        sends = [item for item in waiting if item.cid is not None and item.cid >= self._first_cid]
        for item, cid in zip(sends, sorted(item.cid or 0 for item in sends), strict=True):
            _set_cid(item, cid)

    def _number(self, item: _Item, *, said_before: bool) -> None:
        """Give a send its number; `said_before`: unless the program had said the same before its end."""
        assert isinstance(item.command, Send)  # only sends are numbered
        cid = (self._number_before(item.command) if said_before else None) or self._next_cid
        self._next_cid = max(self._next_cid, cid + 1)
        _set_cid(item, cid)

    def _number_before(self, send: Send) -> int | None:
        """Return the number that the same send had before the program ended; None for a new one, as what follows is."""
        if not self._kept:
            return None
        kept = self._kept.popleft()
        if kept.digest == digest_of(send) and kept.cid <= self._next_cid:
            return kept.cid
        self._kept.clear()
        return None

    def _remove(self, index: int) -> None:
        item = self._items.pop(index)
        if item in self._leading:
            self._leading.remove(item)
        self.pending -= item.handle is not None
        self._careful = max(0, self._careful - 1)
        if index < self._sent:
            self._sent -= 1


def _set_cid(item: _Item, cid: int) -> None:
    assert isinstance(item.command, Send)  # only sends are numbered
    if item.cid != cid:
        item.cid, item.command = cid, replace(item.command, cid=cid)
