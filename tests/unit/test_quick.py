"""Values that are quick to define are what the standard library makes, and values made quickly are the same values."""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, field, fields
from typing import Any, ClassVar

import pytest
from hypothesis import given

from chatcore.commands import SendMessage
from chatcore.events import DirectPosted, MessagePosted, Posted
from chatcore.quick import dataclass, quick
from tests.strategies import entries


@given(entries)
def test_what_is_made_quickly_is_the_same(entry: Posted) -> None:
    made = quick(type(entry))(**{each.name: getattr(entry, each.name) for each in fields(entry)})
    assert type(made) is type(entry)
    assert made == entry
    assert hash(made) == hash(entry)
    assert repr(made) == repr(entry)


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


def _family(make: Callable[..., Any]) -> dict[str, Any]:
    """Return classes with all that a field may be, made by `make`."""

    @make(frozen=True, slots=True)
    class Empty:
        pass

    @make(frozen=True, slots=True)
    class Short:
        set: int = 3

    @make(frozen=True, slots=True)
    class Base:
        kind: ClassVar[str] = "base"
        name: str
        values: Mapping[str, int] = field(default_factory=dict)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)

    @make(frozen=True, slots=True, kw_only=True)
    class Child(Base):
        room: str
        seq: int = 0

    @make(frozen=True, slots=True)
    class Own:
        name: str

        def __repr__(self) -> str:
            return "its own"

    return {each.__name__: each for each in (Empty, Short, Base, Child, Own)}


_OURS, _THEIRS = _family(dataclass), _family(dataclasses.dataclass)


@pytest.mark.parametrize(
    ("name", "args", "named"),
    [
        ("Empty", (), {}),
        ("Short", (), {}),
        ("Short", (4,), {}),
        ("Base", ("ada",), {}),
        ("Base", ("ada", {"a": 1}, "key"), {"note": "x"}),
        ("Child", ("ada",), {"room": "lobby"}),
        ("Child", ("ada", {"a": 1}), {"room": "lobby", "seq": 2}),
        ("Own", ("ada",), {}),
    ],
)
def test_a_value_is_the_one_that_the_standard_library_makes(
    name: str, args: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = _OURS[name](*args, **named), _THEIRS[name](*args, **named)
    assert repr(ours).partition("(")[2] == repr(theirs).partition("(")[2]
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert ours == _OURS[name](*args, **named) == copy.deepcopy(ours) == dataclasses.replace(ours)
    assert ours != theirs
    assert not hasattr(ours, "__dict__")


@pytest.mark.parametrize("name", _OURS)
def test_a_class_is_called_and_matched_as_the_standard_library_has_it(name: str) -> None:
    ours, theirs = _OURS[name], _THEIRS[name]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert [each.name for each in fields(ours)] == [each.name for each in fields(theirs)]


def test_what_is_no_part_of_a_value_makes_no_other_one() -> None:
    base = _OURS["Base"]
    assert base("ada", (), note="x") == base("ada", ())
    assert hash(base("ada", (), note="x")) == hash(base("ada", ()))
    assert len({base("ada", (), "key"), base("ada", (), "other")}) == 2


def test_nothing_of_a_value_changes() -> None:
    value = _OURS["Base"]("ada")
    with pytest.raises(FrozenInstanceError, match="'name'"):
        value.name = "eve"
    with pytest.raises(FrozenInstanceError, match="'name'"):
        del value.name


def test_what_is_missing_is_said_with_the_name_of_the_class() -> None:
    with pytest.raises(TypeError, match=r"Base\.__init__\(\) missing 1 required positional argument: 'name'"):
        _OURS["Base"]()
