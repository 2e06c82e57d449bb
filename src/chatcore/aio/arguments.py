"""What programs give to the library is of the kind that it has to be: else they are told at once, and by its name."""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType

from chatcore.errors import ConfigurationError
from chatcore.text.names import is_room_name


def check_kind(kind: type | UnionType, /, **arguments: object) -> None:
    """Raise TypeError for the first argument that is nothing of that kind, without what it is: that may be secret."""
    for name, given in arguments.items():
        if not isinstance(given, kind):
            raise TypeError(f"{name} has to be {_called(kind)}, and is {type(given).__name__}")


def check_offers(*methods: str, **arguments: object) -> None:
    """Raise TypeError for the first argument that lacks a method; None lacks none."""
    for name, given in arguments.items():
        lacking = [] if given is None else [method for method in methods if not hasattr(given, method)]
        if lacking:
            raise TypeError(f"{name} has to have a method {lacking[0]}, and is {type(given).__name__}")


def check_texts(**arguments: Iterable[str]) -> None:
    """Raise TypeError for the first argument that is no collection of texts: one text is a collection of letters."""
    for name, given in arguments.items():
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise TypeError(f"{name} has to be several texts, like [{given!r}]")
        for text in given:
            check_kind(str, **{f"a part of {name}": text})


def check_room_names(names: Iterable[str]) -> None:
    """Raise `ConfigurationError` unless rooms may be called so."""
    for name in names:
        if not is_room_name(name):
            raise ConfigurationError(
                "{name!r} is no name of a room: 1 to 32 letters of one script, digits, _ or -", name=name
            )


def _called(kind: type | UnionType) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)
