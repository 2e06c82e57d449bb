"""What is to be known of the snapshot that is in the object store, without its content."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from nats.js.api import ObjectInfo, ObjectMeta
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore

NAME: Final = "snapshot"
"""Of the last one, which is the one that counts."""
_POSITION: Final = "position"
_STAMP: Final = "stamp"
_IS_POSITION: Final = re.compile(r"[0-9]{1,18}")
_IS_STAMP: Final = re.compile(r"[0-9]{1,19}")


class Saved(NamedTuple):
    """A snapshot in the object store."""

    position: int
    """0 when it is none of ours, or was damaged: any later one takes its place."""
    size: int
    """In bytes, packed."""
    at: float
    """When it was made, in seconds since 1970."""
    stamp: int | None
    """What the stream said of the entry at its position, in nanoseconds since 1970; None when it does not say that."""


async def last_saved(bucket: ObjectStore) -> Saved | None:
    """Return which one is there."""
    try:
        return saved(await bucket.get_info(NAME))
    except NotFoundError:
        return None


def saved(info: ObjectInfo) -> Saved:
    """Return what is known of a snapshot by what the object store says of it."""
    made = datetime.now(UTC) if info.mtime is None else datetime.fromisoformat(info.mtime)
    headers = info.headers or {}
    position, stamp = headers.get(_POSITION, ""), headers.get(_STAMP, "")
    return Saved(
        int(position) if _IS_POSITION.fullmatch(position) else 0,
        info.size or 0,
        made.timestamp(),
        int(stamp) if _IS_STAMP.fullmatch(stamp) else None,
    )


def meta_of(position: int, stamp: int | None) -> ObjectMeta:
    """Return what the object store is to say of a snapshot."""
    return ObjectMeta(name=NAME, headers={_POSITION: str(position)} | ({} if stamp is None else {_STAMP: str(stamp)}))
