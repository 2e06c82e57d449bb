"""Which entries of logs can be told: a disk may give others, that no server has ever made."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Final

from chatcore.events import DirectPosted, MessagePosted, Posted
from chatcore.limits import MAX_INTEGER, MOMENTS, OBJECT_BYTES

# All texts of an entry together, as JSON: less than any client takes in one object.
_MOST_BYTES: Final = 2 * OBJECT_BYTES


def is_tellable(entry: Posted) -> bool:
    """Tell whether a frame can say this, and every client can read that frame."""
    numbers, texts = [entry.seq], [entry.sender, entry.text]
    if entry.cid is not None:
        numbers.append(entry.cid)
    if isinstance(entry, MessagePosted):
        texts.append(entry.room)
        if entry.reply_to is not None:
            numbers.append(entry.reply_to)
        for each in entry.reactions:
            if not 0 <= each.count <= MAX_INTEGER:
                return False
            texts.append(each.emoji)
    elif isinstance(entry, DirectPosted):
        texts += entry.to
    in_bounds = all(1 <= each <= MAX_INTEGER for each in numbers) and MOMENTS[0] <= entry.at <= MOMENTS[1]
    return in_bounds and _can_be_written(texts)


def _can_be_written(texts: list[str]) -> bool:
    """Tell whether texts can be written as UTF-8, and are not too long for a frame."""
    try:
        return len(encode_basestring("".join(texts)).encode()) <= _MOST_BYTES
    except UnicodeEncodeError:  # half of a character
        return False
