"""Invitations: they let people in, so many times and until then, instead of the password of the server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from tests.unit.fakes import LateJournal
from tests.unit.playbook import Client, Frame, Server

DOOR = "open sesame"
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Return a server with a password and operators."""
    return make_server(password=DOOR, operator_token=TOKEN)


@pytest.fixture
def boss(server: Server) -> Client:
    """Return its operator."""
    boss = server.login("boss", password=DOOR)
    boss.ask("operator", token=TOKEN)
    return boss


def invited(server: Server, username: str, invitation: str, **fields: object) -> Frame:
    """Log in by an invitation, and return the answer."""
    return server.connect().ask("login", username=username, invitation=invitation, **fields)


def test_invitation_lets_in_as_often_as_it_says(server: Server, boss: Client) -> None:
    """And tells what it is good for; a login that is refused for another reason uses up nothing."""
    made = boss.ask("make_invitation", uses=2)
    line = made["invitation"]
    assert (line["uses"], line["left"], line["by"], line.get("until")) == (2, 2, "boss", None)
    assert invited(server, "boss", made["token"])["code"] == "name_taken"
    assert invited(server, "ann", made["token"])["type"] == "welcome"
    assert boss.ask("list_invitations")["invitations"] == [line | {"left": 1}]
    assert invited(server, "bob", made["token"])["type"] == "welcome"
    assert invited(server, "carol", made["token"])["code"] == "bad_invitation"
    assert boss.ask("list_invitations")["invitations"] == []
    assert [fields["left"] for what, fields in server.records if what == "invited"] == [1, 0]


def test_one_code_for_all_that_is_wrong_with_an_invitation(server: Server, boss: Client) -> None:
    """Used up, over, taken back, never made: nobody is told which."""
    tokens = [boss.ask("make_invitation", **fields)["token"] for fields in ({"uses": 1}, {"seconds": 60}, {"uses": 5})]
    assert invited(server, "ann", tokens[0])["type"] == "welcome"
    server.advance(61)
    number = boss.ask("list_invitations")["invitations"][-1]["number"]
    assert boss.ask("revoke_invitation", number=number) == {"type": "ok"}
    answers = [invited(server, "carol", token) for token in (*tokens, "never-made", "")]
    assert {answer["code"] for answer in answers} == {"bad_invitation"}
    assert len({answer["message"] for answer in answers}) == 1
    assert boss.refused("revoke_invitation", number=number) == "bad_invitation"


def test_whoever_was_invited_comes_back_by_the_token(server: Server, boss: Client) -> None:
    """Be the invitation used up; nobody else does, and no other token helps."""
    token = boss.ask("make_invitation")["token"]
    ann = server.connect()
    welcome = ann.ask("login", username="ann", client="a-client-id-of-ann", invitation=token)
    ann.drop()
    own = {"client": "a-client-id-of-ann", "token": welcome["session"]["token"]}
    assert invited(server, "ann", token, client=own["client"])["code"] == "bad_invitation"
    assert invited(server, "ann", token, token="guessed.token")["code"] == "bad_invitation"
    assert server.connect().refused("login", username="boss", token=boss.token, invitation=token) == "bad_invitation"
    assert invited(server, "ann", token, **own)["resumed"] is True


def test_invitation_opens_a_private_room_too(server: Server, boss: Client) -> None:
    boss.ask("create_room", room="staff")
    boss.ask("set_private", private=True)
    guests = []
    for fields in ({"room": "staff"}, {}):
        guest = server.connect()
        token = boss.ask("make_invitation", **fields)["token"]
        guest.ask("login", username=f"guest{len(guests)}", invitation=token)
        guests.append(guest)
    assert guests[0].ask("join_room", room="staff")["room"] == "staff"
    assert guests[1].refused("join_room", room="staff") == "room_private"
    assert boss.refused("make_invitation", room="no name") == "bad_name"


def test_invitation_takes_no_ban_off_and_gives_no_name_away(server: Server, boss: Client) -> None:
    ann = server.login("ann", password=DOOR)
    ann.ask("register", password="one of ann's")
    ann.ask("logout")
    boss.ask("ban", username="mallory")
    token = boss.ask("make_invitation", uses=9)["token"]
    assert invited(server, "mallory", token)["code"] == "banned"
    assert invited(server, "ann", token)["code"] == "name_registered"
    assert invited(server, "ann", token, password="one of ann's")["account"] == "ann"
    assert invited(server, "bob", token)["type"] == "welcome"


def test_server_without_a_password_refuses_a_wrong_one_as_well(make_server: Callable[..., Server]) -> None:
    assert invited(make_server(), "ann", "never-made")["code"] == "bad_invitation"


def test_only_operators_make_invitations(server: Server) -> None:
    bob = server.login("bob", password=DOOR)
    for kind, fields in (("make_invitation", {}), ("list_invitations", {}), ("revoke_invitation", {"number": 1})):
        assert bob.refused(kind, **fields) == "not_allowed"


def test_text_of_an_invitation_stands_in_no_record_and_its_uses_survive(make_server: Callable[..., Server]) -> None:
    server = make_server(late=True, password=DOOR, operator_token=TOKEN)
    boss = server.login("boss", password=DOOR)
    boss.ask("operator", token=TOKEN)
    token = boss.ask("make_invitation", uses=3, seconds=3600, room="staff")["token"]
    invited(server, "ann", token)
    assert isinstance(server.journal, LateJournal)
    records = [record for entry in server.journal.entries for record in entry.batch.records]
    assert all(getattr(getattr(record, "command", None), "invitation", None) is None for record in records)
    rows = json.loads(json.dumps(list(dump(server.chat))))
    assert token not in json.dumps(rows) + str(server.records) + str(records)
    again = Chat(server.limits, MemoryLog(server.limits))
    load(again, rows)
    (found,) = again.state.invitations.values()
    assert (found.uses, found.left, found.room) == (3, 2, "staff")
    assert json.loads(json.dumps(list(dump(again)))) == rows


@pytest.mark.unmeasured
def test_invitations_are_bounded_and_those_that_are_over_go(server: Server, boss: Client) -> None:
    for _ in range(999):
        boss.ask("make_invitation")
    short = boss.ask("make_invitation", seconds=10)
    answer = boss.ask("make_invitation")
    assert (answer["code"], answer["message"]) == ("too_large", "there are too many invitations; take some back first")
    first = boss.ask("list_invitations")
    assert (len(first["invitations"]), first["more"]) == (100, True)
    after = first["invitations"][-1]["number"]
    assert boss.ask("list_invitations", after=after)["invitations"][0]["number"] > after
    server.advance(11)
    assert boss.ask("make_invitation")["type"] == "invitation"
    assert invited(server, "ann", short["token"])["code"] == "bad_invitation"
