"""What is a plain function in a port is one in whatever implements it: nobody would await what an async one does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import isasyncgenfunction, iscoroutinefunction
from types import FunctionType


def check_plain(what: str, made: object, port: type) -> None:
    """Raise TypeError for an async method of `made` that is a plain one in its port; people know it as `what`."""
    for name in _plain(port):
        check_plain_function(f"{name} of {what}", getattr(made, name, None))


def check_plain_function(what: str, function: object) -> None:
    """Raise TypeError for an async function where a plain one is called."""
    if iscoroutinefunction(function) or isasyncgenfunction(function):
        raise TypeError(f"{what} has to be a plain function, and is an async one: nobody would await it")


def has_method(made: object, name: str) -> bool:
    """Tell whether something has a method to call: of a class, those are static ones and its own (`classmethod`)."""
    if isinstance(made, type):
        found = next((vars(each)[name] for each in made.__mro__ if name in vars(each)), None)
        if isinstance(found, FunctionType):  # a method of what the class makes
            return False
    return callable(getattr(made, name, None))


@cache
def methods(port: type) -> Mapping[str, FunctionType]:
    """Return the methods of a port, and of those that it is made of, by name."""
    ports = [each for each in port.__mro__ if getattr(each, "_is_protocol", False)]
    found = {name: method for each in reversed(ports) for name, method in vars(each).items()}
    return {name: each for name, each in found.items() if isinstance(each, FunctionType) and not name.startswith("_")}


@cache
def _plain(port: type) -> tuple[str, ...]:
    return tuple(name for name, method in methods(port).items() if not iscoroutinefunction(method))
