"""Which entries can be told: exactly those whose frames clients read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatcore.dialects.chat.decode import BadFrameError, decode_event
from chatcore.dialects.chat.json_text import BadJsonError, decode_object
from chatcore.dialects.chat.usual import posted_payload
from chatcore.dialects.tellable import is_tellable
from chatcore.events import Posted, Reaction
from chatcore.limits import MAX_INTEGER, MOMENTS
from tests.unit.odd_entries import BROADCAST, DIRECT, HALF, MESSAGE, PAST

BOUNDS: dict[str, dict[str, Any]] = {
    "the first": {"seq": 1, "cid": 1, "reply_to": 1, "at": MOMENTS[0]},
    "the last": {"seq": MAX_INTEGER, "cid": MAX_INTEGER, "reply_to": MAX_INTEGER, "at": MOMENTS[1]},
    "without number": {"cid": None, "client": None},
    "beyond all alphabets": {"text": "\U0010ffff\u0000", "sender": "ß", "room": "ñ"},
    "with reactions": {"reactions": (Reaction("👍", 1, by=("c",)), Reaction("👎", MAX_INTEGER))},
    "the longest": {"text": "\u0001" * 10_000},
}


def is_read(entry: Posted) -> bool:
    """Tell whether a client reads the frame of an entry as what it is."""
    try:
        payload = posted_payload(entry, boundaries=True, numbers="c")
        event, _reply_to = decode_event(decode_object(payload))
    except (ValueError, OverflowError, OSError, BadJsonError, BadFrameError):
        return False
    return isinstance(event, type(entry)) and event.text == entry.text and len(payload) < 2**20


@pytest.mark.parametrize("fields", BOUNDS.values(), ids=BOUNDS)
def test_entry_at_its_bounds_is_told_and_read(fields: dict[str, Any]) -> None:
    """As much as there may be, and as little."""
    entry = replace(MESSAGE, **fields)
    assert is_tellable(entry)
    assert is_read(entry)


@pytest.mark.parametrize("fields", PAST.values(), ids=PAST)
def test_entry_past_its_bounds_is_not_told_because_nobody_could_read_it(fields: dict[str, Any]) -> None:
    """It is damage: no server makes such an entry."""
    entry = replace(MESSAGE, **fields)
    assert not is_tellable(entry)
    assert not is_read(entry)


def test_direct_messages_and_broadcasts_have_bounds_too() -> None:
    """And names of receivers."""
    assert all(is_tellable(each) and is_read(each) for each in (DIRECT, BROADCAST))
    assert not is_tellable(replace(DIRECT, to=("bob", HALF)))
    assert not is_tellable(replace(BROADCAST, at=MOMENTS[0] - 1.0))
