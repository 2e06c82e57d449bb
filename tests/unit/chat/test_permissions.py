"""Who may do what: the whole table, tried by users of every role."""

from __future__ import annotations

from typing import get_args

import pytest

from chatcore import commands as c
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.permissions import RULES, Rule, everywhere, named, request_name, table, taken_along
from chatcore.chat.requests.permissions import server as server_room
from chatcore.dialects.chat.encode import command_frame
from chatcore.errors import ErrorCode
from tests.unit.playbook import Client, Server

_REFUSED = {ErrorCode.NOT_ALLOWED, ErrorCode.BANNED, ErrorCode.MUTED}
_FIELDS = {
    "words": "x",
    "username": "zoe",
    "topic": "x",
    "role": "member",
    "text": "x",
    "to": ("zoe",),
    "file": "f",
    "name": "f",
}
TOKEN = "a-token-that-nobody-guesses"
_FIELDS |= {"token": TOKEN, "seq": 1, "emoji": "👍", "password": "a-secret", "number": 1}
_FIELDS |= {"private": False, "seconds": 1} | {"size": 1, "sha256": "0" * 64, "code": "disk"}


def command(kind: type) -> c.Command:
    """Return a command of that kind about zoe, who is a member; where a room may be named, python."""
    fields = {name: _FIELDS[name] for name in kind.__dataclass_fields__ if name in _FIELDS}
    if RULES[kind].rooms is named:
        fields["room"] = "python"
    elif kind is c.CreateRoom:
        fields["room"] = "rust"
    elif kind is c.OfferFile:
        fields["room"] = True
    return kind(**fields)


def somebody(server: Server, role: Role, rule: Rule, kind: type) -> Client:
    """Return a user who has a role in python, and in the lobby too where the rule asks for that."""
    owner, user, zoe = server.login("owner"), server.login("user"), server.login("zoe")
    owner.ask("create_room", room="python")
    for each in (user, zoe):
        each.ask("join_room", room="python")
    state = server.chat.state
    if kind in (c.DeleteMessage, c.EditMessage, c.React, c.Unreact):
        user.ask("send_message", text="my own")
    if role is Role.OPERATOR:
        user.ask("operator", token=TOKEN)
        return user
    if rule.rooms in (everywhere, server_room, taken_along):
        # Whoever is banned from the lobby is not on the server at all.
        state.give_role(state.default_room, state.users["owner"].person, Role.OWNER)
        if role is Role.MUTED:
            owner.ask("mute", username="user", room="lobby")
    if role in (Role.BANNED, Role.MUTED):
        owner.ask("ban" if role is Role.BANNED else "mute", username="user")
    else:
        owner.ask("set_role", username="user", role=role.word)
    return user


_PAIRS = [
    (kind, role) for kind, rule in RULES.items() for role in Role if role is not Role.BANNED or rule.rooms is named
]
"""Nobody is in a room that they are banned from."""


@pytest.mark.parametrize(
    ("kind", "role"), _PAIRS, ids=lambda each: each.word if isinstance(each, Role) else each.__name__
)
def test_a_role_may_do_what_the_table_says_and_nothing_else(kind: type, role: Role) -> None:
    """Every role and every command, as it comes over the wire."""
    rule = RULES[kind]
    user = somebody(Server(operator_token=TOKEN), role, rule, kind)
    frame = command_frame(command(kind))
    assert frame.pop("type") == rule.name
    answer = user.ask(rule.name, **frame)
    assert (answer.get("code") in _REFUSED) is (role < rule.least), answer


@pytest.mark.parametrize(
    "asked",
    [
        c.LogIn("zoe"),
        c.WhoIs("zoe"),
        c.TakeTicket(),
        c.AttachConnection("t"),
        c.ChooseWay(True),
        c.GrantCredit(1, 1),
    ],
)
def test_a_request_is_called_as_its_frame_is(asked: c.Command) -> None:
    """Those without a rule too."""
    assert request_name(asked) == command_frame(asked)["type"]


def test_every_command_of_a_user_has_a_rule_that_is_called_as_its_frame_is() -> None:
    assert set(RULES) == set(get_args(c.Command)) - {c.LogIn, *get_args(c.Traffic), *get_args(c.WayRequest)}
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


def test_table_has_a_row_for_each_rule_and_a_column_for_each_role() -> None:
    """The page that people read is this table."""
    lines = [line for line in table().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(RULES)
    assert {line.count("|") for line in lines} == {3 + len(Role)}
    kick = next(rule for rule in RULES.values() if rule.name == "kick")
    cells = next(line for line in lines if line.startswith("| `kick`")).split("|")[3:-1]
    assert [cell.strip() == "yes" for cell in cells] == [role >= kick.least for role in Role]
