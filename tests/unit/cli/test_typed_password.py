"""Passwords that are typed for a command."""

from __future__ import annotations

import pytest

from chatcore.commands import Identify, RegisterAccount
from chatcore.errors import RequestRefused
from chatcore_cli.chatting.typed_password import TypedPassword

OURS = {"accounts": "optional"}


def test_password_of_an_account_is_typed_once() -> None:
    password = TypedPassword(print)
    assert not password.question
    password.ask_for(Identify(account="alice"), OURS)
    assert password.question == "Password: "
    assert password.typed("hush") == Identify("hush", "alice")
    assert not password.question


def test_new_password_is_typed_twice() -> None:
    password = TypedPassword(print)
    password.ask_for(RegisterAccount(), OURS)
    assert password.typed("hush") is None
    assert password.question == "The same once more: "
    assert password.typed("hush") == RegisterAccount("hush")
    assert not password.question


def test_new_password_that_is_mistyped_is_told_and_asked_for_no_more() -> None:
    told: list[str] = []
    password = TypedPassword(told.append)
    password.ask_for(RegisterAccount(), OURS)
    assert [password.typed("hush"), password.typed("hash")] == [None, None]
    assert told == ["These were two different ones; /register asks again."]
    assert not password.question


def test_line_without_a_password_is_for_nothing() -> None:
    """Also where it was to be the same once more; nothing is said of that."""
    told: list[str] = []
    password = TypedPassword(told.append)
    for typed in ([""], ["hush", ""]):
        password.ask_for(RegisterAccount(), OURS)
        assert [password.typed(line) for line in typed] == [None for _line in typed]
        assert not password.question
    assert told == []


def test_password_that_is_given_up_is_asked_for_no_more() -> None:
    password = TypedPassword(print)
    password.ask_for(Identify(), OURS)
    password.give_up()
    assert not password.question
    assert password.typed("hush") is None


@pytest.mark.parametrize("command", [RegisterAccount(), Identify()])
def test_no_password_is_asked_for_where_a_server_has_no_accounts(command: RegisterAccount | Identify) -> None:
    password = TypedPassword(print)
    with pytest.raises(RequestRefused, match="takes no passwords of accounts"):
        password.ask_for(command, {"name": "chatcore"})
    assert not password.question
