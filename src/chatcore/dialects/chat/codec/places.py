"""Places in logs: a server says where its logs are, a client how far it knows them."""

from __future__ import annotations

from typing import Any

from chatcore.commands import Position
from chatcore.dialects.chat.frames.base import Place


def told(position: Position) -> dict[str, Any]:
    """Return a place as a server says it: without a number of changes where there were none."""
    place = {"epoch": position.epoch, "seq": position.seq}
    return place | {"changes": position.changes} if position.changes else place


def read_told(place: Place) -> Position:
    """Return a place as a server has said it."""
    return Position(place.epoch, place.seq, place.changes or 0)


def known(position: Position) -> dict[str, Any]:
    """Return a place as a client says it: with the changes that it knows, be it none of them."""
    place = {"epoch": position.epoch, "seq": position.seq}
    return place if position.changes is None else place | {"changes": position.changes}


def read_known(place: Place) -> Position:
    """Return a place as a client has said it, perhaps an earlier one, which says nothing of changes."""
    return Position(place.epoch, place.seq, place.changes)
