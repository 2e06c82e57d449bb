"""How far each log was shown: every entry once, in order, and nothing is left out in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chatcore.client.heard import Heard
from chatcore.commands import Position, ReadHistory
from chatcore.events import (
    BROADCAST_LOG,
    DIRECT_LOG,
    GapFound,
    HistoryRead,
    MessagePosted,
    Posted,
    Reaction,
    ReactionChanged,
    RoomModerated,
    Welcomed,
)
from chatcore.text.names import name_key

_REFILL_LIMIT: Final = 500


class SeenLogs:
    """The logs of the present room, of direct messages and of broadcasts, as far as their entries were shown.

    Logs are called by their names. What is to be shown is appended to `out`.
    """

    def __init__(self) -> None:
        self._positions: dict[str, Position] = {}
        self._ahead: dict[str, list[Posted]] = {}  # what came before something that did not
        self._gaps_told: set[GapFound] = set()  # gaps that the server will tell too

    @property
    def positions(self) -> Mapping[str, Position]:
        """The last entries that were shown, by the keys of the logs."""
        return self._positions

    def position(self, name: str) -> Position | None:
        """Return the last entry of a log that was shown."""
        return self._positions.get(_key(name))

    # Where they begin.

    def begin(self, welcome: Welcomed, known: Mapping[str, Position], out: list[Heard]) -> None:
        """Go on where the server does, be it with a replay or live; `known` is where this client was, by keys."""
        places = {_key(welcome.room): (welcome.room, welcome.position)}  # where it ends, of a server that says no more
        places |= {_key(name): (name, position) for name, position in welcome.positions.items()}
        self._positions = {log: position for log, (_name, position) in places.items()}
        self._gaps_told.clear()
        for log, (name, position) in places.items():
            self._tell_new_log(name, known.get(log), position, out)

    def enter(self, room: str, position: Position) -> None:
        """Follow the log of another room, and no longer that of the one before."""
        kept = {_key(room), DIRECT_LOG, BROADCAST_LOG}
        self._positions.setdefault(_key(room), position)
        self._positions = {log: each for log, each in self._positions.items() if log in kept}
        self._ahead = {log: each for log, each in self._ahead.items() if log in kept}

    def go_back(self, room: str, known: Position, position: Position, out: list[Heard]) -> None:
        """Follow the log of a room again that was shown as far as `known`: what came after that is replayed."""
        self._positions[_key(room)] = position
        self._tell_new_log(room, known, position, out)

    def _tell_new_log(self, name: str, known: Position | None, position: Position, out: list[Heard]) -> None:
        """Tell when a log is another one than before.

        The server tells it too; but when the connection is lost before that arrives, it does not tell it again.
        """
        if known is not None and known.epoch != position.epoch:
            gap = GapFound(name, position.epoch, 1, position.seq)
            self._gaps_told.add(replace(gap, room=_key(name)))
            out.append(Heard(gap))

    # What comes.

    def post(self, event: Posted, out: list[Heard]) -> ReadHistory | None:
        """Show an entry if it is the next one; returns what asks for those before it that did not come, once."""
        log = _key(event.log)
        position = self._positions.get(log)
        if position is None or event.seq <= position.seq or self._show(event, out):
            return None
        waiting = log in self._ahead
        self._ahead.setdefault(log, []).append(event)
        return None if waiting else self._refill(log)

    def _show(self, event: Posted, out: list[Heard]) -> bool:
        log = _key(event.log)
        position = self._positions.get(log)
        if position is None or event.seq != position.seq + 1:
            return False
        self._positions[log] = position._replace(seq=event.seq)
        out.append(Heard(event))
        return True

    def refill(self, event: HistoryRead, out: list[Heard]) -> ReadHistory | None:
        """Show what did not come, and what waited for it; what is not to be had is a gap. Returns as `post` does."""
        log = _key(event.room)
        ahead = self._ahead.pop(log, [])
        position = self._positions.get(log)
        if position is None:
            return None
        first = event.messages[0].seq if event.messages else ahead[0].seq if ahead else position.seq + 1
        if first > position.seq + 1:
            self.gap(GapFound(event.room, position.epoch, position.seq + 1, first - 1), out)
        for entry in event.messages:
            self._show(entry, out)
        asked = [self.post(entry, out) for entry in ahead]
        return next(filter(None, asked), None)

    def changed(self, event: RoomModerated | ReactionChanged, username: str) -> None:
        """Take note of a change of an entry, also of one that waits here; `username` is that of the user."""
        log = _key(event.room)
        position = self._positions.get(log)
        if position is not None and event.change > (position.changes or 0):
            self._positions[log] = position._replace(changes=event.change)
        if log in self._ahead:
            self._ahead[log] = [_after(entry, event, username) for entry in self._ahead[log]]

    def gap(self, event: GapFound, out: list[Heard]) -> None:
        """Take what is lost."""
        log = _key(event.room)
        told = replace(event, room=log)
        known = self._positions.get(log)
        # Who has shown to be the owner of an account has its direct messages from then on: nothing of them is missing.
        is_another = log == DIRECT_LOG and event.last < event.first and known is not None and event.epoch != known.epoch
        if told in self._gaps_told:
            self._gaps_told.remove(told)
        elif not is_another:
            out.append(Heard(event))
        if known is not None:
            last = event.last if event.epoch != known.epoch else max(event.last, known.seq)
            same = event.epoch == known.epoch
            self._positions[log] = known._replace(seq=last) if same else Position(event.epoch, last)

    # What has to be asked for.

    def refills(self) -> list[ReadHistory]:
        """Return what asks for everything that did not come."""
        return [self._refill(log) for log in self._ahead if log in self._positions]

    def stop_waiting(self) -> None:
        """Forget what waits: what did not come will not, or is replayed."""
        self._ahead.clear()

    def _refill(self, log: str) -> ReadHistory:
        return ReadHistory(log, after=self._positions[log].seq, limit=_REFILL_LIMIT)


def _key(name: str) -> str:
    return name if name in (DIRECT_LOG, BROADCAST_LOG) else name_key(name)


def _after(entry: Posted, event: RoomModerated | ReactionChanged, username: str) -> Posted:
    """Return what an entry is once something was done to it, or to another one."""
    match event:
        case ReactionChanged(seq=entry.seq) if isinstance(entry, MessagePosted) and not entry.deleted:
            return replace(entry, reactions=_reactions(entry.reactions, event, username))
        case RoomModerated(act="delete_message", value=entry.seq):
            gone = replace(entry, text="", deleted=True, edited=False)
            return replace(gone, reactions=()) if isinstance(gone, MessagePosted) else gone
        case RoomModerated(act="edit_message", value=entry.seq) if not entry.deleted:
            return replace(entry, text=event.text, edited=True)
    return entry


def _reactions(there: tuple[Reaction, ...], event: ReactionChanged, username: str) -> tuple[Reaction, ...]:
    known = next((each for each in there if each.emoji == event.emoji), None)
    own = bool(event.by) and name_key(event.by) == name_key(username)
    now = Reaction(event.emoji, event.count, not event.removed if own else known is not None and known.mine)
    changed = [now if each is known else each for each in there] + ([] if known else [now])
    return tuple(each for each in changed if each.count > 0)
