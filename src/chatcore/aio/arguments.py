"""What programs give to the library is of the kind that it has to be: else they are told at once, and by its name.

The annotations say of which kind. Type checkers hold programs to them, and `checked` those that have none.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache, partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction, signature
from types import FunctionType, UnionType
from typing import Any, Final, ParamSpec, TypeVar, Union, Unpack, cast, get_args, get_origin, get_type_hints

from chatcore.errors import ConfigurationError
from chatcore.plain import check_plain, has_method
from chatcore.text.names import is_room_name

_Given = ParamSpec("_Given")
_Returned = TypeVar("_Returned")
_Class = TypeVar("_Class", bound=type[Any])
_PLAIN: Final = ("", 0, 0.0, False, b"", None)


def checked(function: Callable[_Given, _Returned]) -> Callable[_Given, _Returned]:
    """Let a function raise TypeError, when it is called, for the first argument that is not what its annotation says.

    An async one does so when it is awaited, and stays one for whoever asks: a framework awaits no other.
    """
    parameters = signature(function).parameters
    names, takes_options = tuple(parameters), any(each.kind is each.VAR_KEYWORD for each in parameters.values())

    def check(args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        kinds = _kinds_of(function)
        for name, given in (*zip(names, args, strict=False), *kwargs.items()):
            if name in kinds:
                kinds[name].check(name, given)
            elif kinds and takes_options and name not in names:
                raise TypeError(f"{function.__qualname__}() got an unexpected keyword argument {name!r}")

    if iscoroutinefunction(function):

        @wraps(function)
        async def when_awaited(*args: _Given.args, **kwargs: _Given.kwargs) -> Any:
            check(args, kwargs)
            return await function(*args, **kwargs)

        return cast("Callable[_Given, _Returned]", when_awaited)

    @wraps(function)
    def when_called(*args: _Given.args, **kwargs: _Given.kwargs) -> _Returned:
        check(args, kwargs)
        return function(*args, **kwargs)

    return when_called


def checks_arguments(of: _Class) -> _Class:
    """Let all public methods of a class, and how it is made, be `checked`."""
    for name, method in vars(of).copy().items():
        if isinstance(method, FunctionType) and (name == "__init__" or not name.startswith("_")):
            setattr(of, name, checked(method))
    return of


def check_room_names(names: Iterable[str]) -> None:
    """Raise `ConfigurationError` unless rooms may be called so."""
    for name in names:
        if not is_room_name(name):
            raise ConfigurationError(
                "{name!r} is no name of a room: 1 to 32 letters of one script, digits, _ or -", name=name
            )


def check_takes(what: str, function: Callable[..., object], *takes: str) -> None:
    """Raise TypeError unless a function may be called with these; people know it as `what`.

    What a decorator has put around a function is what is called, and may give it more, or take from it.
    """
    try:
        parameters = signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return  # of something built in, nobody knows what it takes
    try:
        parameters.bind(*takes)
    except TypeError as error:
        raise TypeError(f"{name_of(function)} cannot be {what}: {error}") from None


def check_awaited(what: str, function: Callable[..., object], *takes: str) -> None:
    """Raise TypeError unless a function may be called with these, and what it returns awaited, as far as one can see.

    A plain function may: it may return what another one is awaited by. What it returns is looked at then.
    """
    if isinstance(function, type) and not issubclass(function, Awaitable):
        raise TypeError(f"{name_of(function)} is a class, and cannot be {what}: an object of it is nothing to await")
    if _yields(function):
        raise TypeError(f"{name_of(function)} has a `yield`, and cannot be {what}: nobody takes what it hands out")
    check_takes(what, function, *takes)


def name_of(function: object) -> str:
    """Return what its writer calls it."""
    return str(getattr(function, "__qualname__", None) or repr(function))


def _yields(function: Callable[..., object]) -> bool:
    """Tell whether what is called hands things out, which nobody takes."""
    while isinstance(function, partial):
        function = function.func
    return any(map(isasyncgenfunction, (function, type(function).__call__)))


@cache
def _kinds_of(what: Any) -> dict[str, _Kind]:
    """Return what the arguments of a function, or the fields of a class, have to be: each by its name."""
    try:
        hints = get_type_hints(what)
    except NameError:  # it names what only type checkers import
        return {}
    hints.pop("return", None)
    for name, hint in list(hints.items()):
        if get_origin(hint) is Unpack:  # `**options: Unpack[Options]`
            del hints[name]
            hints |= get_type_hints(*get_args(hint))
    return {name: _Kind(hint) for name, hint in hints.items()}


class _Kind:
    """What something has to be.

    Args:
        hint: an annotation.
    """

    __slots__ = ("_alternatives", "_hint", "_made", "_plain")

    def __init__(self, hint: Any) -> None:
        self._hint = hint
        self._alternatives = tuple(_alternatives(hint))
        self._plain = {type(one) for one in _PLAIN if any(_fits(each, one) for each in self._alternatives)}
        """Classes of which everything is of this kind: most of what is given are texts and numbers."""
        self._made = {each for each in self._alternatives if is_dataclass(each)}
        """Commands and options: programs give their fields as they give arguments."""

    def check(self, name: str, given: object) -> None:
        """Raise TypeError for what is nothing of the kind, without what it is: that may be secret."""
        of = type(given)
        if of in self._plain:
            return
        if of in self._made:
            for field, kind in _kinds_of(of).items():
                if type(getattr(given, field)) not in kind._plain:
                    kind.check(f"{name}.{field}", getattr(given, field))
            return
        fitting = next((each for each in self._alternatives if _fits(each, given)), None)
        if fitting is None:
            raise TypeError(f"{name} has to be {_called(self._hint)}, and is {_what_is(given)}")
        if getattr(fitting, "_is_protocol", False):
            check_plain(name, given, fitting)
        if (places := _places(fitting)) and isinstance(given, tuple | list):
            if len(given) != len(places):
                raise TypeError(f"{name} has to be {_called(fitting)}, and has {len(given)} parts")
            for number, (place, each) in enumerate(zip(places, given, strict=True), 1):
                _Kind(place).check(f"part {number} of {name}", each)
        if (part := _part(fitting)) is not None and isinstance(given, Collection):
            kind = _Kind(part)
            for each in given:
                kind.check(f"a part of {name}", each)


def _alternatives(kind: Any) -> Iterator[Any]:
    if get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _alternatives(each)
    else:
        yield kind


def _fits(kind: Any, given: object) -> bool:
    """Return whether something is of a kind, its parts aside; true where that cannot be told."""
    of = get_origin(kind) or kind
    if not isinstance(of, type):
        return True
    if isinstance(given, str | bytes) and _part(kind) is not None:
        return False  # one text is a collection of letters, and an empty one of anything
    if of is tuple and get_args(kind):
        return isinstance(given, tuple | list)  # what stands there is only read
    if of in (int, float) and isinstance(given, bool):
        return False
    if of is float:
        return isinstance(given, float | int)
    if getattr(of, "_is_protocol", False):
        return all(has_method(given, name) for name, method in vars(of).items() if _is_asked_for(name, method))
    return isinstance(given, of)


def _is_asked_for(name: str, method: object) -> bool:
    return isinstance(method, FunctionType) and not name.startswith("_")


def _part(kind: Any) -> Any:
    """Return what the parts of a collection have to be; None for what has none, or several kinds of them."""
    of, *parts = get_origin(kind), *(part for part in get_args(kind) if part is not ...)
    is_collection = isinstance(of, type) and issubclass(of, Iterable) and not issubclass(of, Mapping)
    return parts[0] if is_collection and len(parts) == 1 else None


def _places(kind: Any) -> tuple[Any, ...]:
    """Return what each part of a tuple of so many has to be; nothing for what is no such."""
    places = get_args(kind)
    return places if get_origin(kind) is tuple and ... not in places else ()


def _called(kind: Any) -> str:
    return (
        kind.__name__ if isinstance(kind, type) and not get_args(kind) else re.sub(r"[\w.]+\.(?=\w)|~", "", str(kind))
    )


def _what_is(given: object) -> str:
    """Return what something is, and nothing of what it holds; of a class, that it was not called."""
    if isinstance(given, type):
        return f"the class {given.__name__}, and not what {given.__name__}(...) makes"
    return type(given).__name__
