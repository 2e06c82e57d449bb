"""Events are plain values."""

from __future__ import annotations

import pytest

from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, Posted


@pytest.mark.parametrize(
    ("event", "log"),
    [
        (MessagePosted(seq=1, sender="al", text="hi", at=0.0, room="Python"), "Python"),
        (DirectPosted(seq=1, sender="al", text="hi", at=0.0, to=("bob",)), "@"),
        (BroadcastPosted(seq=1, sender="al", text="hi", at=0.0), "*"),
    ],
)
def test_entry_knows_the_name_of_its_log(event: Posted, log: str) -> None:
    """A room's name, `@` for directs, `*` for broadcasts."""
    assert event.log == log


def test_entry_of_no_kind_stands_in_no_log() -> None:
    """Only the three kinds are ever made."""
    with pytest.raises(NotImplementedError):
        _ = Posted(seq=1, sender="al", text="hi", at=0.0).log
