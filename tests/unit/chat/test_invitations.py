"""Invitations: they let people in, so many times and until then, instead of the password of the server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chatcore.chat.chat import Chat
from chatcore.chat.kept.room_log import MemoryLog
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
    ann.ask("list_rooms")
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


# Where only who has an account comes in.

OWN = "correct horse"


@pytest.fixture
def school(make_server: Callable[..., Server]) -> Server:
    """Return a server that lets in only who has an account, and whose operator is there."""
    return make_server(accounts="required", operator_token=TOKEN, bots=("weather",))


@pytest.fixture
def head(school: Server) -> Client:
    """Return its operator."""
    head = school.login("head", operator_token=TOKEN)
    head.ask("operator", token=TOKEN)
    return head


def test_invited_one_makes_the_account_by_choosing_a_password(school: Server, head: Client) -> None:
    """Asked for with the first try, which uses up nothing; from then on the name is the user's, link or no link."""
    token = head.ask("make_invitation")["token"]
    answer = invited(school, "ann", token)
    assert (answer["code"], answer["values"]) == ("account_required", {"what": "invited", "name": "ann"})
    assert head.ask("list_invitations")["invitations"][0]["left"] == 1
    assert invited(school, "ann", token, password=OWN)["account"] == "ann"
    assert head.ask("list_invitations")["invitations"] == []
    school.advance(100)
    assert school.login("ann", account="ann", password=OWN).welcome["account"] == "ann"
    assert invited(school, "ann", token, password=OWN)["account"] == "ann"
    assert invited(school, "ann", token, password="wrong")["code"] == "not_identified"
    kinds = [what for what, fields in school.records if fields.get("user") == "ann"]
    assert kinds[:3] == ["invited", "registered", "login"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"username": "bob", "password": "short"}, "bad_request"),
        ({"username": "bob", "account": "carol", "password": OWN}, "account_required"),
        ({"username": "b", "password": OWN}, "bad_name"),
        ({"username": "head", "password": OWN}, "name_taken"),
        ({"username": "weather", "password": OWN}, "name_taken"),
    ],
    ids=str,
)
def test_account_that_cannot_be_made_uses_up_no_invitation(
    school: Server, head: Client, fields: dict[str, str], code: str
) -> None:
    token = head.ask("make_invitation")["token"]
    assert school.connect().refused("login", invitation=token, **fields) == code
    assert head.ask("list_invitations")["invitations"][0]["left"] == 1
    assert list(school.chat.state.accounts) == []


def test_nobody_makes_an_account_there_without_an_invitation_that_is_good(school: Server, head: Client) -> None:
    token = head.ask("make_invitation")["token"]
    assert invited(school, "ann", token, password=OWN)["account"] == "ann"
    assert invited(school, "bob", token, password=OWN)["code"] == "bad_invitation"
    assert school.connect().refused("login", username="bob", password=OWN) == "not_identified"


def test_invitation_opens_the_private_room_to_the_account(school: Server, head: Client) -> None:
    """Not to the guest that its owner was for a moment."""
    head.ask("create_room", room="staff")
    head.ask("set_private", private=True)
    token = head.ask("make_invitation", room="staff")["token"]
    invited(school, "ann", token, password=OWN)
    school.advance(100)
    assert school.login("ann", account="ann", password=OWN).ask("join_room", room="staff")["type"] == "room"


def test_account_by_invitation_is_refused_where_there_are_as_many_as_may_be(make_server: Callable[..., Server]) -> None:
    school = make_server(accounts="required", accounts_most=0, operator_token=TOKEN)
    head = school.login("head", operator_token=TOKEN)
    head.ask("operator", token=TOKEN)
    token = head.ask("make_invitation")["token"]
    assert invited(school, "ann", token, password=OWN)["code"] == "server_full"
    assert school.users() == ["head"]


def test_whoever_never_got_the_welcome_comes_in_by_the_same_invitation_again(server: Server, boss: Client) -> None:
    """It was used up by the login whose answer was lost; the same login says so, and no other one."""
    token = boss.ask("make_invitation")["token"]
    said = {"client": "a-client-id-of-ann", "token": ".a-secret-that-ann-keeps"}
    ann = server.connect()
    ann.ask("login", username="ann", invitation=token, **said)
    ann.drop()
    assert invited(server, "ann", token)["code"] == "bad_invitation"
    assert invited(server, "ann", token, **said | {"client": "another-client-id"})["code"] == "bad_invitation"
    assert invited(server, "ann", token, **said)["type"] == "welcome"
