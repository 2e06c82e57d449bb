"""Events are plain values."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any, get_args

import pytest

from chatcore import commands, events
from chatcore.commands import Command
from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.ports.passwords import SignIn
from chatcore.ports.session_store import KeptSession

_SECRET = re.compile("token|client|password|secret|ticket|hashed|invitation$")
_PUBLIC = [each for module in (commands, events) for each in vars(module).values() if is_dataclass(each)]


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


@pytest.mark.parametrize(
    "kind", [*dict.fromkeys((*get_args(Command), *_PUBLIC, SignIn))], ids=lambda kind: kind.__name__
)
def test_what_is_secret_is_not_shown_where_an_event_or_a_command_is(kind: type[Any]) -> None:
    """By `print`, in a log, in a traceback: whoever reads that could take the session over."""
    shown = {each.name for each in fields(kind) if each.repr and _SECRET.search(each.name)}
    if issubclass(kind, Posted):
        shown -= {"client"}  # what sends are numbered under: made of secrets, and none itself
    if kind is events.InvitationMade:
        shown -= {"invitation"}  # what it is good for
    assert not shown


def test_what_a_program_keeps_of_its_session_is_not_shown() -> None:
    """It is what that is gone on with."""
    assert repr(KeptSession("the client id", "the token")) == "KeptSession(sends=())"
