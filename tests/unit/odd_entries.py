"""Entries that no server has ever made, as a damaged disk may give them."""

from __future__ import annotations

import math
from typing import Any, Final

from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, Reaction
from chatcore.limits import MAX_INTEGER, MOMENTS

MESSAGE: Final = MessagePosted(seq=1, sender="alice", text="hello", at=1.8e9, room="lobby", client="c", cid=1)
DIRECT: Final = DirectPosted(seq=1, sender="alice", text="hello", at=1.8e9, to=("bob",))
BROADCAST: Final = BroadcastPosted(seq=1, sender="alice", text="hello", at=1.8e9)
HALF: Final = "\ud800"

PAST: Final[dict[str, dict[str, Any]]] = {
    "a seq below zero": {"seq": -1},
    "a seq that is too large": {"seq": MAX_INTEGER + 1},
    "a number below one": {"cid": 0},
    "a number that is too large": {"cid": MAX_INTEGER + 1},
    "an answer to what is before the first": {"reply_to": 0},
    "an answer to what is behind the last": {"reply_to": MAX_INTEGER + 1},
    "said in the year 10000": {"at": MOMENTS[1] + 86_400.0},
    "said in no year": {"at": 1e300},
    "said never": {"at": math.nan},
    "said at no end": {"at": math.inf},
    "said at no beginning": {"at": -math.inf},
    "half a character": {"text": HALF},
    "a name of half a character": {"sender": HALF},
    "a room of half a character": {"room": HALF},
    "a reaction of half a character": {"reactions": (Reaction(HALF, 1),)},
    "fewer reactions than none": {"reactions": (Reaction("👍", -1),)},
    "more reactions than can be": {"reactions": (Reaction("👍", MAX_INTEGER + 1),)},
    "longer than any frame": {"text": "x" * 2**20},
}
"""What is past the bounds of an entry, by what it is: other fields of `MESSAGE`."""
