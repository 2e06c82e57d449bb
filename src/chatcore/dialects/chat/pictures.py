"""Who and what there is, as frames: long lists, told to everybody who comes, and seldom changed in between.

After a restart thousands come at once, and each is shown the same list of those who are there: it is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from chatcore.dialects.chat.encode import bare_picture
from chatcore.dialects.chat.json_text import encode_object
from chatcore.events import RoomEntered, RoomsListed, RoomSummary, Welcomed

# Of so many rooms the names of the members are kept as they were written last.
_ROOMS_KEPT: Final = 16


def picture_object(event: Welcomed | RoomEntered | RoomsListed, reply_to: str | None = None) -> bytes:
    """Return the frame of an event as JSON: the one that `event_frame` gives, last what is the same for many."""
    match event:
        case Welcomed():
            lists = _rooms(event.rooms), _names(event.users), _limits(event.limits)
            same = b',"rooms":%s,"users":%s,"limits":%s}' % lists
        case RoomEntered():
            same = b',"users":%s}' % _names(event.users)
        case RoomsListed():
            same = b',"rooms":%s}' % _rooms(event.rooms)
    return encode_object(bare_picture(event, reply_to))[:-1] + same


class _NameList:
    """A list of members as it was written last: whoever has come since is behind those who were there."""

    def __init__(self) -> None:
        self._before: tuple[str, ...] = ()
        self._texts = ""

    def write(self, names: tuple[str, ...]) -> bytes:
        """Return the list as JSON."""
        size = len(self._before)
        if not size or names[:size] != self._before:
            self._texts, size = "", 0
        more = ",".join(map(encode_basestring, names[size:]))
        self._texts = f"{self._texts},{more}" if self._texts and more else self._texts or more
        self._before = names
        return f"[{self._texts}]".encode()


class _RoomList:
    """The room list as it was written last: of the lines, only those that are other ones now are written anew."""

    def __init__(self) -> None:
        self._last: tuple[tuple[RoomSummary, ...], list[str]] = ((), [])

    def write(self, rooms: tuple[RoomSummary, ...]) -> bytes:
        """Return the list as JSON."""
        before, texts = self._last
        if len(rooms) == len(before):
            lines = zip(rooms, before, texts, strict=True)
            texts = [text if room is other else _line(room) for room, other, text in lines]
        else:
            texts = list(map(_line, rooms))
        self._last = (rooms, texts)
        return f"[{','.join(texts)}]".encode()


class _Limits:
    """The limits as they were written last: the same object for all of whom the same holds, which nobody changes."""

    def __init__(self) -> None:
        self._last: tuple[Mapping[str, Any], bytes] = ({}, b"{}")

    def write(self, limits: Mapping[str, Any]) -> bytes:
        """Return them as JSON."""
        if limits is not self._last[0]:
            self._last = (limits, encode_object(dict(limits)))
        return self._last[1]


def _line(room: RoomSummary) -> str:
    return f'{{"name":{encode_basestring(room.name)},"users":{room.users},"seq":{room.seq}}}'


_names: Final = lru_cache(maxsize=_ROOMS_KEPT)(_NameList().write)
_rooms: Final = _RoomList().write
_limits: Final = _Limits().write
