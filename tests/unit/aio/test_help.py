"""What a program may use explains itself: `help(chatcore.X)` is enough."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from pydantic import BaseModel

import chatcore
from chatcore.ports.transport import ConnectOptions

EXPORTED = [getattr(chatcore, name) for name in chatcore.__all__ if name != "__version__"]
# A client is made by `connect`. The `client` of what was said is for the server, `text` and `values` of an error make
# its sentence.
MADE = [each for each in [*EXPORTED, ConnectOptions] if each is not chatcore.Client]
NOT_FOR_PROGRAMS = {"client", "text", "values"}


def arguments_of(thing: Any) -> set[str]:
    """Return what a thing is made from or called with."""
    if inspect.isclass(thing) and issubclass(thing, BaseModel):
        return set(thing.model_fields)  # it has a signature once it was used
    return set(inspect.signature(thing).parameters) - NOT_FOR_PROGRAMS


@pytest.mark.parametrize("thing", MADE, ids=lambda thing: thing.__name__)
def test_help_names_every_argument(thing: Any) -> None:
    """Also every field of an event, every limit, and what an error tells."""
    assert arguments_of(thing) <= set(re.findall(r"\w+", thing.__doc__))


@pytest.mark.parametrize("thing", EXPORTED, ids=lambda thing: thing.__name__)
def test_help_says_something_of_everything(thing: Any) -> None:
    """Of the thing itself, its methods and its properties."""
    members = [(name, each) for name, each in inspect.getmembers(thing) if not name.startswith("_")]
    functions = [(name, getattr(each, "fget", each)) for name, each in members]
    ours = [(name, each) for name, each in functions if getattr(each, "__module__", "").startswith("chatcore")]
    silent = [name for name, each in ours if not inspect.getdoc(each)]
    assert inspect.getdoc(thing)
    assert not silent
