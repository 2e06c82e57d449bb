"""Values made quickly: a frozen dataclass looks after each field that is set, which takes most of the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, partial
from typing import Any, TypeVar, cast

T = TypeVar("T")
N = TypeVar("N", bound=tuple[Any, ...])


def quick(cls: type[T]) -> Callable[..., T]:
    """Return what takes the arguments of a frozen dataclass with slots and makes the same of them, six times as fast.

    For where one is made with every message: a draft of the same layout, which is not frozen, is filled in and becomes
    the value. It is written as text and compiled, as `dataclasses` does with what it makes.

    Raises TypeError for other classes, whose drafts could not, and for fields with a factory.
    """
    parts = fields(cls) if is_dataclass(cls) else ()
    if (
        "__slots__" not in vars(cls)
        or hasattr(cls, "__post_init__")
        or not all(each.default_factory is MISSING for each in parts)
    ):
        raise TypeError(f"{cls.__name__} is no dataclass with slots, without a __post_init__ and factories")
    names = {"__slots__": vars(cls)["__slots__"], "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    known: dict[str, Any] = {"_cls": cls, "_draft": type(cls.__name__, cls.__bases__, names), "_new": object.__new__}
    known |= {f"_{each.name}": each.default for each in parts if each.default is not MISSING}
    taken = [each.name + (f"=_{each.name}" if f"_{each.name}" in known else "") for each in parts if not each.kw_only]
    named = [each.name + (f"=_{each.name}" if f"_{each.name}" in known else "") for each in parts if each.kw_only]
    lines = [
        f"def {cls.__name__}({', '.join([*taken, *(['*', *named] if named else [])])}):",
        "    _made = _new(_draft)",
        *(f"    _made.{each.name} = {each.name}" for each in parts),
        "    _made.__class__ = _cls",
        "    return _made",
    ]
    exec("\n".join(lines), known)  # noqa: S102 - the names of fields, and nothing else
    return cast("Callable[..., T]", known[cls.__name__])


def quick_tuple(cls: type[N]) -> Callable[[tuple[Any, ...]], N]:
    """Return what makes a `NamedTuple` of all its values, in a third of the time: its own `__new__` is a call more."""
    return partial(tuple.__new__, cls)


def quick_replace(value: T, **changes: Any) -> T:
    """Return what `dataclasses.replace` does, in less than half of the time: a copy of which some fields are others.

    Raises AttributeError for what is no field; what a `__post_init__` would look at is not looked at again.
    """
    cls: Any = type(value)
    made: T = object.__new__(cls)
    for name, put in _slots_of(cls):
        put(made, changes.pop(name) if name in changes else getattr(value, name))
    if changes:
        raise AttributeError(f"{cls.__name__} has no field {next(iter(changes))!r}")
    return made


@cache
def _slots_of(cls: type) -> tuple[tuple[str, Callable[[Any, Any], None]], ...]:
    """Return the fields of a class with slots, and what sets each of them, frozen or not."""
    return tuple((each.name, getattr(cls, each.name).__set__) for each in fields(cls))
