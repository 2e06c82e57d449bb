"""Everything that operators do is written down, for all of them to find."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.requests.permissions import RULES
from chatcore.chat.snapshot import dump, load
from chatcore.server.admission.admission import GATES
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
PASSWORD = "a password"

ACTS: dict[str, dict[str, Any]] = {
    "set_topic": {"topic": "x"},
    "kick": {"username": "bob"},
    "ban": {"username": "bob"},
    "unban": {"username": "eve"},
    "mute": {"username": "bob"},
    "unmute": {"username": "zoe"},
    "invite": {"username": "bob"},
    "set_private": {"private": True},
    "set_slow": {"seconds": 5},
    "set_role": {"username": "bob", "role": "moderator"},
    "close_room": {},
    "reload": {},
    "drain": {},
    "make_invitation": {"uses": 3, "room": "class"},
    "revoke_invitation": {"number": 0},
    "reset_account": {"username": "carol", "password": PASSWORD, "new": True},
    "drop_account": {"username": "dora"},
    "broadcast": {"text": "good morning"},
}
"""What is asked for."""


@pytest.fixture
def server() -> Server:
    """Return a server with operators, and what they can do something about."""
    return Server(operator_token=TOKEN)


@pytest.fixture
def boss(server: Server) -> Client:
    """Return an operator in a room with somebody."""
    boss, bob = server.login("boss"), server.login("bob")
    boss.ask("operator", token=TOKEN)
    boss.ask("reset_account", username="dora", password=PASSWORD, new=True)
    boss.ask("create_room", room="class")
    bob.ask("join_room", room="class")
    boss.ask("ban", username="eve")
    boss.ask("mute", username="zoe")
    return boss


def acts(boss: Client) -> list[dict[str, Any]]:
    """Return what was done, without when."""
    lines: list[dict[str, Any]] = boss.ask("list_acts")["acts"]
    return [{name: value for name, value in each.items() if name not in ("number", "at")} for each in lines]


def test_every_request_of_those_who_look_after_something_is_here() -> None:
    asked = {
        rule.name
        for kind, rule in RULES.items()
        if rule.least >= Role.MODERATOR and not (GATES[kind].is_read or rule.name.startswith("list_"))
    }
    assert set(ACTS) == asked | {"broadcast"}


@pytest.mark.parametrize("act", ACTS)
def test_what_an_operator_does_is_written_down_with_who_and_from_where(act: str, boss: Client) -> None:
    before, fields = acts(boss), ACTS[act]
    if act == "revoke_invitation":
        fields = {"number": boss.ask("make_invitation")["invitation"]["number"]}
        before = acts(boss)
    answer = boss.ask(act, **fields)
    assert answer["type"] != "error", answer
    (line,) = acts(boss)[len(before) :]
    assert (line["act"], line["by"], line["address"]) == (act, "boss", "192.0.2.1:5000")


def test_what_is_written_down_says_to_whom_and_what(boss: Client) -> None:
    made = boss.ask("make_invitation", uses=3, room="class")["invitation"]["number"]
    boss.ask("reset_account", username="Carol", password=PASSWORD, new=True)
    boss.ask("broadcast", text="good morning")
    invitation, account, said = acts(boss)[-3:]
    assert (invitation["room"], invitation["value"], invitation["text"]) == ("class", made, "3")
    assert account["target"] == "Carol"
    assert said["text"] == "good morning"


def test_what_somebody_says_to_everyone_who_is_no_operator_is_not_written_down(server: Server, boss: Client) -> None:
    before = acts(boss)
    server.login("zoe").ask("broadcast", text="hello")
    assert acts(boss) == before


def test_whoever_becomes_an_operator_is_written_down_once_an_hour(server: Server, boss: Client) -> None:
    def count() -> int:
        return sum(each["act"] == "operator" for each in acts(boss))

    for _ in range(2):
        again = server.login("operator", operator_token=TOKEN)
        again.ask("operator", token=TOKEN)
        again.ask("logout")
    assert count() == 2
    server.login("operator", address="198.51.100.7:1", operator_token=TOKEN).ask("operator", token=TOKEN)
    assert count() == 3
    server.advance(3601.0)
    server.login("other", operator_token=TOKEN).ask("operator", token=TOKEN)
    assert count() == 4


def test_owner_of_an_account_that_the_settings_name_is_written_down_as_an_operator() -> None:
    server = Server(operator_token=TOKEN, operators=("carol",))
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("reset_account", username="carol", password=PASSWORD, new=True)
    server.login("carol", password=PASSWORD)
    assert [each["by"] for each in acts(boss) if each["act"] == "operator"] == ["boss", "carol"]


def test_other_limits_are_written_down_with_what_they_are(server: Server, boss: Client) -> None:
    server.change_limits(request_burst=7, bots=("weather",))
    assert acts(boss)[-1] == {
        "room": "",
        "act": "set_limits",
        "by": "",
        "address": "",
        "value": 'request_burst = 7, bots = ["weather"]',
    }
    before = acts(boss)
    server.change_limits(request_burst=7, bots=("weather",))
    assert acts(boss) == before


def test_all_of_it_is_in_a_snapshot(boss: Client) -> None:
    boss.ask("make_invitation", uses=3, room="class")
    chat = Chat(boss.server.limits, MemoryLog(boss.server.limits))
    load(chat, dump(boss.server.chat))
    assert list(chat.state.acts) == list(boss.server.chat.state.acts)
