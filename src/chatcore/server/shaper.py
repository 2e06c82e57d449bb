"""Gathers what makes chats heavy: who came and went, and the counters of the room list.

N people joining a room one by one must cost a frame per window, not a frame per pair (docs/decisions/0005). And a frame
to a large room is work: its window grows with it, so that a crowd that comes at once is let in, and told of meanwhile
(docs/decisions/0017). What is gathered is no state of the chat: each node shapes what its own connections are told, by
its own clock.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from math import inf
from typing import Final

from chatcore.chat import pictures
from chatcore.chat.effects import Joined, Left, RenamedInRoom, UnreadMoved
from chatcore.chat.kept.model import Room
from chatcore.chat.state import State
from chatcore.events import PresenceChanged, RoomsChanged, ServerEvent, UnreadChanged
from chatcore.ports.clock import Clock, Timer
from chatcore.text.names import name_key

Publish = Callable[[str | None, ServerEvent], None]
"""Tells everybody in a room (by its key), or everybody."""
Seconds = Callable[[str | None], float]
"""Returns about how much processor time it takes to tell them one frame."""

SHARE: Final = 0.1
"""How much of a processor's time telling who came and went in one room may take."""
# The same for the counters of the room list, which everybody gets and nobody waits for.
_ROOMS_SHARE: Final = 0.03
# So many are told in a turn that they were mentioned.
_MOST_TOLD: Final = 200
# So many times longer than it should be may a pause be where the processor has others to serve.
_MOST_TIMES: Final = 10


class _Window:
    """What is gathered of one room."""

    __slots__ = ("joined", "left", "quiet_until", "timer")

    def __init__(self) -> None:
        self.joined: dict[str, str] = {}
        """Names by key that came since the last presence frame."""
        self.left: dict[str, str] = {}
        """Names by key that went since the last presence frame."""
        self.quiet_until = 0.0
        """No presence frame before this time, in seconds of the monotonic clock."""
        self.timer: Timer | None = None


class Shaper:
    """Presence frames and room list counters: told at once when nothing was told lately, else once per window.

    Args:
        state: what there is to tell.
        clock: what time it is.
        publish: tells it.
        seconds: what that costs.
        tell_one: tells it to the connection of a number.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        publish: Publish,
        seconds: Seconds,
        tell_one: Callable[[int, ServerEvent], None],
    ) -> None:
        self._state = state
        self._clock = clock
        self._publish = publish
        self._seconds = seconds
        self._tell_one = tell_one
        self._windows: dict[Room, _Window] = {}
        self._changed_rooms: dict[Room, None] = {}
        self._changed: dict[str, str] = {}
        self._removed: dict[str, str] = {}
        self._rooms_quiet_until = 0.0
        self._rooms_timer: Timer | None = None
        self._unread: dict[int, dict[Room, None]] = {}
        self._unread_timer: Timer | None = None

    # What happens.

    def joined(self, effect: Joined) -> None:
        """Note that somebody came."""
        # No cancelling out: somebody who entered in between knows a picture with or without this member.
        window = self._window(effect.room)
        window.left.pop(effect.key, None)
        window.joined[effect.key] = effect.name
        self.changed(effect.room)

    def left(self, effect: Left) -> None:
        """Note that somebody went."""
        window = self._window(effect.room)
        window.joined.pop(effect.key, None)
        window.left[effect.key] = effect.name
        self.changed(effect.room)

    def renamed(self, effect: RenamedInRoom) -> None:
        """Note that a member has another name."""
        window = self._window(effect.room)
        # Somebody of that name may have gone just now: told after the renaming, it would take away the wrong one.
        window.left.pop(effect.key, None)
        if effect.old_key in window.joined:
            window.joined.pop(effect.old_key)
            window.left.pop(effect.key, None)
            window.joined[effect.key] = effect.name
            self.changed(effect.room)

    def changed(self, room: Room) -> None:
        """Note a change of a room's line."""
        self._changed[room.key] = room.key
        self._removed.pop(room.key, None)

    def log_grew(self, key: str) -> None:
        """Note that something was said in a room."""
        self._changed[key] = key

    def removed(self, room: Room) -> None:
        """Note that a room is gone."""
        self._changed_rooms.pop(room, None)
        window = self._windows.pop(room, None)
        if window is not None and window.timer is not None:
            window.timer.cancel()
        self._changed.pop(room.key, None)
        self._removed[room.key] = room.name

    def unread_moved(self, effect: UnreadMoved) -> None:
        """Note that somebody was mentioned where that one is not, or has read there."""
        self._unread.setdefault(effect.connection, {})[effect.room] = None

    def close(self) -> None:
        """Tell nothing any more."""
        for window in self._windows.values():
            if window.timer is not None:
                window.timer.cancel()
        if self._rooms_timer is not None:
            self._rooms_timer.cancel()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
        self._windows.clear()
        self._changed_rooms.clear()

    # What is told.

    def tell(self) -> None:
        """Tell what is due, and come back by itself for the rest."""
        if self._changed_rooms:
            changed_rooms, self._changed_rooms = self._changed_rooms, {}
            for room in changed_rooms:
                self._tell_presence(room)
        if (self._changed or self._removed) and self._rooms_timer is None:
            self._tell_rooms()
        if self._unread and self._unread_timer is None:
            self._tell_unread()

    def _window(self, room: Room) -> _Window:
        self._changed_rooms[room] = None
        window = self._windows.get(room)
        if window is None:
            window = self._windows[room] = _Window()
        return window

    def _tell_presence(self, room: Room) -> None:
        window = self._windows[room]
        if window.timer is not None or not (window.joined or window.left):
            return
        now = self._clock.monotonic()
        if window.quiet_until > now:
            window.timer = self._clock.call_at(window.quiet_until, partial(self._window_over, room, window))
            return
        frames, pause = _how_many(self._seconds(room.key) / SHARE, self._state.limits.presence_window)
        window.quiet_until = now + pause
        most = pictures.names_per_frame(self._state)
        while (window.joined or window.left) and frames > 0:
            frames -= 1
            joined, left = _take(window.joined, most), _take(window.left, most)
            names = {each.name for each in room.bots}
            bots = tuple(name for name in joined if name in names) if names else ()
            elsewhere = tuple(name for name in left if name_key(name) in self._state.users)
            self._publish(room.key, PresenceChanged(room.name, joined, left, len(room.members), bots, elsewhere))
        if pause > self._state.limits.presence_window:
            self._measure(now, pause, partial(self._quiet_until, window))
        if window.joined or window.left:
            self._tell_presence(room)  # later

    def _measure(self, began: float, pause: float, quiet_until: Callable[[float], None]) -> None:
        """Say until when to be quiet where a frame took longer than it should: the processor has others to serve, too.

        It is written at the end of this turn, so the turn behind the next one knows how long that took.
        """

        def told() -> None:
            longer = (self._clock.monotonic() - began) / SHARE
            quiet_until(began + min(longer, _MOST_TIMES * pause))

        self._clock.call_soon(lambda: self._clock.call_soon(told))

    @staticmethod
    def _quiet_until(window: _Window, when: float) -> None:
        window.quiet_until = max(window.quiet_until, when)

    def _window_over(self, room: Room, window: _Window) -> None:
        window.timer = None
        self._tell_presence(room)

    def _tell_rooms(self) -> None:
        now = self._clock.monotonic()
        if self._rooms_quiet_until > now:
            self._rooms_timer = self._clock.call_at(self._rooms_quiet_until, self._rooms_window_over)
            return
        frames, pause = _how_many(self._seconds(None) / _ROOMS_SHARE, self._state.limits.rooms_window)
        self._rooms_quiet_until = now + pause
        most = pictures.rooms_per_frame(self._state)
        while (self._changed or self._removed) and frames > 0:
            frames -= 1
            changed, removed = _take(self._changed, most), _take(self._removed, most)
            self._publish(None, RoomsChanged(tuple(pictures.line_of(self._state, key) for key in changed), removed))
        if self._changed or self._removed:
            self._tell_rooms()  # later

    def _tell_unread(self) -> None:
        """Tell those whom it concerns what is unread elsewhere, once a window."""
        few = list(islice(self._unread, _MOST_TOLD))
        for number in few:
            rooms, session = self._unread.pop(number), self._state.connections.get(number)
            if session is not None:
                there = (room for room in rooms if self._state.rooms.get(room.key) is room)  # it may be gone by now
                found = (pictures.unread_in(self._state, session, room) for room in there)
                lines = tuple(line for line in found if line is not None)
                if lines:
                    self._tell_one(number, UnreadChanged(lines))
        when = self._clock.monotonic() + self._state.limits.rooms_window
        self._unread_timer = self._clock.call_at(when, self._unread_window_over)

    def _unread_window_over(self) -> None:
        self._unread_timer = None
        if self._unread:
            self._tell_unread()

    def _rooms_window_over(self) -> None:
        self._rooms_timer = None
        if self._changed or self._removed:
            self._tell_rooms()


def _how_many(pause: float, window: float) -> tuple[float, float]:
    """Return how many frames may be told at once, and for how long none after that.

    As many as a window has time for, where each needs a `pause`, and one if that is more; without a window all, and no
    pause.
    """
    if not window:
        return inf, 0.0
    return max(1, window // pause) if pause else inf, max(window, pause)


def _take(names: dict[str, str], most: int) -> tuple[str, ...]:
    """Take up to so many out of what was gathered, oldest first."""
    if len(names) <= most:
        taken = tuple(names.values())
        names.clear()
        return taken
    return tuple(names.pop(key) for key in list(islice(names, most)))
