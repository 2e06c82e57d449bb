"""Names that somebody has registered before the settings name them: what the host, and whoever it is, is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LogLine
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from chatcore.limits import Limits, OwnLimits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import HOLDS_WHO_IS_MEANT, LimitsSet, NodeUp
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
PASSWORD = "one of mallory's"


@pytest.fixture
def server() -> Server:
    """Return a server on which somebody has registered `teacher`, and is logged in under another name."""
    server = Server(operator_token=TOKEN)
    before = server.login("teacher")
    before.ask("register", password=PASSWORD)
    before.ask("logout")
    return server


def boss_of(server: Server) -> Client:
    """Return an operator by the token."""
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    return boss


def lines(server: Server, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what the log of the host says of such lines, in words."""
    return [
        (what.value, {name: str(value) for name, value in fields.items()})
        for what, fields in server.records
        if what in kinds
    ]


def acts(boss: Client) -> list[dict[str, Any]]:
    """Return what was done, without when."""
    found: list[dict[str, Any]] = boss.ask("list_acts")["acts"]
    return [{name: value for name, value in each.items() if name not in ("number", "at")} for each in found]


def again(server: Server, **limits: Any) -> Server:
    """Return a server that begins with what is kept of another one."""
    rows = json.loads(json.dumps(list(dump(server.chat))))
    return Server(operator_token=TOKEN, life="2-", before_start=lambda chat: load(chat, rows), **limits)


def test_host_is_told_at_a_reload_that_somebody_had_registered_the_name_of_an_operator(server: Server) -> None:
    """When that was, and what to do."""
    server.change_limits(operators=("Teacher",))
    ((_kind, told),) = lines(server, "named_before")
    assert told["account"] == "teacher"
    assert told["registered"].endswith("Z")
    assert told["advice"].startswith(
        "somebody had registered this name before the settings named it, and is an operator"
    )
    assert "chatcore admin URL reset NAME" in told["advice"]


def test_host_is_told_at_the_start_that_somebody_had_registered_the_name_of_an_operator(server: Server) -> None:
    """Once: not at the next start with the same settings."""
    restarted = again(server, operators=("teacher",))
    assert [told["account"] for _kind, told in lines(restarted, "named_before")] == ["teacher"]
    assert next(each for each in acts(boss_of(restarted)) if each["act"] == "operator") == {
        "room": "",
        "act": "operator",
        "by": "",
        "target": "teacher",
        "value": True,
        "address": "",
    }
    assert lines(again(restarted, operators=("teacher",)), "named_before") == []


def test_session_that_goes_on_is_told_that_it_is_an_operators_now_and_when_it_is_none_any_more(server: Server) -> None:
    """In words, and by its room as it stands; the host by the log, and operators by what was done."""
    boss, user = boss_of(server), server.login("mal", account="teacher", password=PASSWORD)
    server.change_limits(operators=("teacher",))
    said, room = user.take("moderated", "room")
    assert (said["room"], said["act"], said["target"], said["value"]) == ("lobby", "operator", "teacher", True)
    assert (room["room"], room["role"]) == ("lobby", "operator")
    assert lines(server, "operator", "no_operator")[1:] == [("operator", {"user": "mal", "account": "teacher"})]
    server.change_limits()
    said, room = user.take("moderated", "room")
    assert (said["act"], said["target"], said["value"]) == ("operator", "teacher", False)
    assert (room["room"], room["role"]) == ("lobby", "member")
    assert lines(server, "no_operator") == [("no_operator", {"account": "teacher"})]
    done = [each for each in acts(boss) if each["act"] == "operator"][1:]
    assert [(each["by"], each["target"], each["value"]) for each in done] == [
        ("", "teacher", True),
        ("", "teacher", False),
    ]


def test_nobody_is_told_anything_when_what_the_settings_name_stays(server: Server) -> None:
    server.change_limits(operators=("teacher",))
    user = server.login("mal", account="teacher", password=PASSWORD)
    before, done = lines(server, "named_before", "operator", "no_operator"), len(acts(user))
    server.change_limits(operators=("teacher",))
    assert user.take("room") == []
    assert lines(server, "named_before", "operator", "no_operator") == before
    assert len(acts(user)) == done


def test_account_that_operators_make_after_the_settings_name_it_is_nobodys_before() -> None:
    server = Server(operator_token=TOKEN)
    server.change_limits(operators=("teacher",))
    boss_of(server).ask("reset_account", username="teacher", password=PASSWORD, new=True)
    assert lines(server, "named_before") == []


@pytest.mark.parametrize("named", [{"bots": ("teacher",)}, {"people": {"@teacher": OwnLimits(request_burst=900)}}])
def test_host_is_told_of_a_name_with_other_limits_too(server: Server, named: dict[str, Any]) -> None:
    """Who has it is no operator by that."""
    server.change_limits(**named)
    ((_kind, told),) = lines(server, "named_before")
    assert "has the limits of that name from now on" in told["advice"]
    assert [each["act"] for each in acts(boss_of(server))] == ["set_limits", "operator"]


@pytest.mark.parametrize(("rules", "told"), [(HOLDS_WHO_IS_MEANT - 1, 0), (HOLDS_WHO_IS_MEANT, 1)])
def test_journal_of_before_writes_nothing_down_of_it(server: Server, rules: int, told: int) -> None:
    """Neither at a start nor at a reload: what its entries say behind that is numbered."""
    rows = json.loads(json.dumps(list(dump(server.chat))))
    limits, naming = Limits(), Limits(operators=("teacher",))
    for start, later in ((naming, None), (limits, naming)):
        chat = Chat(limits, MemoryLog(limits))
        load(chat, rows)
        at = chat.position
        records = [(0, NodeUp("nonce", start.model_dump(mode="json"), rules=rules))]
        if later is not None:
            records.append((at + 1, LimitsSet(later.model_dump(mode="json"))))
        notes = []
        for number, (node, record) in enumerate(records, 1):
            applied = chat.apply(Entry(at + number, 1.9e9, chat.clock, Batch(node, number, (record,))))
            assert applied is not None
            assert applied.outcomes[0].mistake is None
            notes += [each for each in applied.outcomes[0].effects if isinstance(each, LogLine)]
        assert chat.state.accounts["teacher"].is_operator
        assert len([each for each in notes if each.what == "named_before"]) == told
        assert len([each for each in chat.state.acts if each.event.act == "operator"]) == told
