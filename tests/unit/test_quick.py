"""Values made quickly are the same values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields, replace

import pytest
from hypothesis import given

from chatcore.commands import SendMessage
from chatcore.events import DirectPosted, MessagePosted, Posted
from chatcore.quick import quick, quick_replace
from tests.strategies import entries


@given(entries)
def test_what_is_made_quickly_is_the_same(entry: Posted) -> None:
    made = quick(type(entry))(**{each.name: getattr(entry, each.name) for each in fields(entry)})
    assert type(made) is type(entry)
    assert made == entry
    assert hash(made) == hash(entry)
    assert repr(made) == repr(entry)


@given(entries)
def test_what_is_replaced_quickly_is_the_same(entry: Posted) -> None:
    assert quick_replace(entry, text="ho", seq=7) == replace(entry, text="ho", seq=7)


def test_only_what_there_is_can_be_replaced_quickly() -> None:
    with pytest.raises(AttributeError, match="'more'"):
        quick_replace(SendMessage("hi"), more=1)


def test_what_is_left_out_is_as_the_class_says() -> None:
    assert quick(SendMessage)("hi", 7) == SendMessage("hi", 7)
    assert quick(MessagePosted)(seq=1, sender="ada", text="hi", at=2.0, room="lobby") == MessagePosted(
        seq=1, sender="ada", text="hi", at=2.0, room="lobby"
    )


def test_what_is_made_quickly_is_frozen() -> None:
    made = quick(SendMessage)("hi")
    with pytest.raises(FrozenInstanceError):
        made.text = "ho"  # type: ignore[misc]


def test_what_is_missing_or_unknown_is_said() -> None:
    with pytest.raises(TypeError, match="'to'"):
        quick(DirectPosted)(seq=1, sender="ada", text="hi", at=2.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="'more'"):
        quick(SendMessage)("hi", more=1)  # type: ignore[call-arg]


def test_other_classes_are_not_made_quickly() -> None:
    @dataclass(frozen=True)
    class WithoutSlots:
        text: str

    @dataclass(frozen=True, slots=True)
    class LookedAt:
        text: str

        def __post_init__(self) -> None:
            raise AssertionError("it is not called")

    for other in (WithoutSlots, LookedAt, str):
        with pytest.raises(TypeError):
            quick(other)
