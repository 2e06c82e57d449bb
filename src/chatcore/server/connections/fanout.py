"""Fan-out: one event to everybody in a room, for the price of one encoding and one write per turn.

What is published in a room during one turn of the event loop is gathered once per room and format, not once per
member: members hold only a mark into that common list of frames. At the end of the turn the list is joined once
and the same bytes are written to every member that has nothing of its own to say in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from chatcore.dialects.base import Dialect
from chatcore.events import Posted, ServerEvent
from chatcore.ports.transport import Link
from chatcore.server.promises import promised_frame, promised_payload

FLUSH_BYTES: Final = 64 * 1024
"""A turn's frames are written once they make this many bytes, so that no buffer overshoots its bound by more."""

Format = tuple[str, str]
"""Name of the dialect, format of the link: what is the same for two connections is encoded once for both."""


@lru_cache(maxsize=64)
def format_of(dialect: str, frames: str) -> Format:
    """Return a format, for all that have it the same object."""
    return dialect, frames


class Outlet:
    """The outgoing side of one connection."""

    __slots__ = (
        "dialect",
        "fanout",
        "format",
        "group",
        "link",
        "mark",
        "one_copy",
        "out",
        "own_bytes",
        "plain",
        "write_seconds",
    )

    def __init__(self, link: Link, dialect: Dialect, fanout: Fanout, *, one_copy: bool = False) -> None:
        self.link = link
        self.dialect = dialect
        self.one_copy = one_copy
        """True when its user is told of a message of his own, without a number or an `id`, as all others are."""
        self.format = format_of(dialect.name, link.format)
        self.write_seconds = link.write_seconds
        self.group: Group | None = None
        self.mark = 0
        """How many of the group's frames stand in `out` already, or are not meant for this connection."""
        self.out: list[bytes] = []
        self.own_bytes = 0
        """How much of its own was gathered in this turn."""
        self.plain = True
        """True when it gets exactly what the whole group gets."""
        self.fanout = fanout
        """Where it gets what is published."""

    def hold(self) -> None:
        """Bring `out` up to date, so that a frame of its own can follow."""
        if self.plain:
            self.plain = False
            self.fanout.mixed.append(self)
        group = self.group
        if group is not None and self.mark < len(group.frames):
            self.out += group.frames[self.mark :]
            self.mark = len(group.frames)

    def send(self, payloads: Iterable[bytes]) -> None:
        """Gather payloads for this connection alone, after everything that was gathered for it so far."""
        self.hold()
        frame = self.link.frame
        try:
            for payload in payloads:
                data = frame(payload)
                if type(data) is not bytes:
                    data = promised_frame(data)
                self.out.append(data)
                self.own_bytes += len(data)
        except Exception as mistake:
            self.fanout.break_off(self, mistake)

    def join(self, group: Group) -> None:
        """Get what is published in `group` from now on."""
        self.hold()
        group.members[self] = None
        group.seconds += self.write_seconds
        self.group = group
        self.mark = len(group.frames)

    def leave(self) -> None:
        """Get nothing more that is published, but all that was."""
        group = self.group
        if group is not None:
            self.hold()
            del group.members[self]
            group.seconds -= self.write_seconds
            self.group = None
            self.mark = 0

    def flush(self) -> int:
        """Write what is its own, and the rest of the group's frames behind it; return how many bytes that were."""
        group = self.group
        frames = self.out if group is None else self.out + group.frames[self.mark :]
        self.plain = True
        self.mark = 0
        self.out = []
        self.own_bytes = 0
        if not frames:
            return 0
        data = b"".join(frames)
        try:
            self.link.write(data)
        except Exception as mistake:
            self.fanout.break_off(self, mistake)
        return len(data)


class Group:
    """The connections of one room that share a format, and what was published to them in this turn."""

    __slots__ = ("frames", "members", "seconds", "written")

    def __init__(self) -> None:
        self.members: dict[Outlet, None] = {}
        self.frames: list[bytes] = []
        self.seconds = 0.0
        """About how much processor time a write to each of the members takes."""
        self.written = 0
        """Size of the frames, while they are written."""


_NO_GROUPS: Final[Mapping[Format, Group]] = {}


class Fanout:
    """All rooms' groups.

    Args:
        mistake: told for the operator of what a dialect cannot say, and which one that is.
        break_off: told of an outlet whose link has made a mistake; must take it out of no group before the turn ends.
    """

    def __init__(
        self,
        mistake: Callable[[Exception, Mapping[str, str]], None],
        break_off: Callable[[Outlet, Exception], None],
    ) -> None:
        self.break_off = break_off
        self._mistake = mistake
        self._rooms: dict[str, dict[Format, Group]] = {}
        self._dirty: dict[Group, None] = {}
        self.mixed: list[Outlet] = []
        """All outlets that are not plain in this turn."""
        self.waiting_bytes = 0
        """How much was gathered in this turn, per receiver; past `FLUSH_BYTES` it is time to flush."""
        self.due = 0.0
        """About how much processor time it will take to write the messages that were published in this turn."""
        self.published = 0
        """How many frames that were published went to somebody, each as often as it did."""
        self.bytes_out = 0
        """How many bytes were written."""

    def join(self, outlet: Outlet, room: str) -> None:
        """Let an outlet get what is published in a room."""
        groups = self._rooms.setdefault(room, {})
        group = groups.get(outlet.format)
        if group is None:
            group = groups[outlet.format] = Group()
        outlet.join(group)

    def leave(self, outlet: Outlet, room: str) -> None:
        """Let an outlet get nothing more that is published in a room."""
        group = outlet.group
        outlet.leave()
        if group is not None and not group.members:
            groups = self._rooms[room]
            del groups[outlet.format]
            self._dirty.pop(group, None)
            if not groups:
                del self._rooms[room]

    def seconds(self, room: str | None) -> float:
        """Return about how much processor time it takes to write to everybody in a room, or everywhere."""
        rooms = self._rooms.values() if room is None else (self._rooms.get(room, {}),)
        return sum(group.seconds for groups in rooms for group in groups.values())

    def publish(self, room: str | None, event: ServerEvent, skip: Outlet | None) -> None:
        """Gather an event for everybody in a room, or everywhere when `room` is None."""
        if skip is not None:
            skip.hold()
        groups = None if room is None else self._rooms.get(room, _NO_GROUPS)
        if groups is not None and len(groups) == 1:  # as in most rooms
            for group in groups.values():
                outlet = next(iter(group.members))
                payload = self._payload(outlet.dialect, outlet.link, event)
                frame = None if payload is None else self._frame(group, payload)
                if frame is not None:
                    self.waiting_bytes += len(frame)
                    group.frames.append(frame)
                    self._soil(group, event)
        else:
            self._publish_in_formats(self._rooms.values() if groups is None else (groups,), event)
        if skip is not None and skip.group is not None:
            skip.mark = len(skip.group.frames)
            self.published -= 1

    def _publish_in_formats(self, rooms: Iterable[Mapping[Format, Group]], event: ServerEvent) -> None:
        """Gather an event in some rooms: one frame for each format, one payload for those that carry the same."""
        frames: dict[Format, bytes] = {}
        payloads: dict[tuple[str, bool], bytes | None] = {}
        for groups in rooms:
            for fmt, group in groups.items():
                frame = frames.get(fmt)
                if frame is None:
                    outlet = next(iter(group.members))
                    link = outlet.link
                    said = (outlet.dialect.name, link.keeps_boundaries)
                    if said not in payloads:
                        payloads[said] = self._payload(outlet.dialect, link, event)
                    payload = payloads[said]
                    frame = None if payload is None else self._frame(group, payload)
                    if frame is None:
                        continue
                    frames[fmt] = frame
                    self.waiting_bytes += len(frame)
                group.frames.append(frame)
                self._soil(group, event)

    def _payload(self, dialect: Dialect, link: Link, event: ServerEvent) -> bytes | None:
        """Return the payload that tells an event; None when the dialect leaves it out, or fails with it."""
        try:
            payload = dialect.encode(event, boundaries=link.keeps_boundaries)
            return payload if type(payload) is bytes else promised_payload(payload)
        except Exception as mistake:
            self._mistake(mistake, {"dialect": dialect.name})
            return None

    def _frame(self, group: Group, payload: bytes) -> bytes | None:
        """Return the frame that carries a payload to a group: of the first of its links that has one."""
        for outlet in group.members:
            try:
                frame = outlet.link.frame(payload)
                return frame if type(frame) is bytes else promised_frame(frame)
            except Exception as mistake:
                self.break_off(outlet, mistake)
        return None

    def _soil(self, group: Group, event: ServerEvent) -> None:
        if group not in self._dirty:
            self._dirty[group] = None
            if isinstance(event, Posted):
                self.due += group.seconds

    def flush(self) -> None:
        """Write everything that was gathered: one write per connection."""
        self.due = 0.0
        dirty, self._dirty = self._dirty, {}
        mixed, self.mixed = self.mixed, []
        for group in dirty:
            frames = group.frames
            data = frames[0] if len(frames) == 1 else b"".join(frames)
            group.written = len(data)
            self.published += len(frames) * len(group.members)
            self.bytes_out += len(data) * len(group.members)
            for outlet in group.members:
                if outlet.plain:
                    try:
                        outlet.link.write(data)
                    except Exception as mistake:
                        self.break_off(outlet, mistake)
        for outlet in mixed:
            self.bytes_out += outlet.flush() - (0 if outlet.group is None else outlet.group.written)
        for group in dirty:
            group.frames = []
            group.written = 0
        self.waiting_bytes = 0
