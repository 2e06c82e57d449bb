"""Who and what there is, as frames: long lists, told to everybody who comes, and seldom changed in between.

After a restart thousands come at once, and each is shown the same list of those who are there: it is written once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final

from chatcore.dialects.chat.encode import event_frame
from chatcore.dialects.chat.json_text import encode_object
from chatcore.events import RoomEntered, RoomsListed, RoomSummary, Welcomed

# Of so many rooms the names of the members are kept as they were written last.
_ROOMS_KEPT: Final = 16


def picture_object(event: Welcomed | RoomEntered | RoomsListed, reply_to: str | None = None) -> bytes:
    """Return the frame of an event as JSON: the one that `event_frame` gives, its lists last."""
    bare: Welcomed | RoomEntered | RoomsListed
    match event:
        case Welcomed():
            bare = replace(event, rooms=(), users=())
            lists = {"rooms": _rooms(event.rooms), "users": _names(event.users)}
        case RoomEntered():
            bare, lists = replace(event, users=()), {"users": _names(event.users)}
        case RoomsListed():
            bare, lists = replace(event, rooms=()), {"rooms": _rooms(event.rooms)}
    frame = event_frame(bare, reply_to=reply_to)
    for name in lists:
        del frame[name]
    found = b"".join(b',"%s":%s' % (name.encode(), each) for name, each in lists.items())
    return encode_object(frame)[:-1] + found + b"}"


@lru_cache(maxsize=_ROOMS_KEPT)
def _names(names: tuple[str, ...]) -> bytes:
    return f"[{','.join(map(encode_basestring, names))}]".encode()


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


def _line(room: RoomSummary) -> str:
    return f'{{"name":{encode_basestring(room.name)},"users":{room.users},"seq":{room.seq}}}'


_rooms: Final = _RoomList().write
