"""Operators: who becomes one, and what an operator sees."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chatcore.chat.snapshot import dump, load
from chatcore.commands import BecomeOperator
from chatcore.records import Act, OperatorToken
from chatcore.server.journal.tickets import hashed
from chatcore.server.signing_in.terms import mark_of
from tests.unit.playbook import Server

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server with operators, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def test_user_with_the_token_looks_after_the_whole_server(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    room = alice.ask("operator", token=TOKEN)
    assert (room["type"], room["room"], room["role"]) == ("room", "lobby", "operator")
    assert bob.ask("whois", username="alice")["role"] == "operator"
    assert alice.ask("set_topic", topic="welcome")["type"] == "ok"
    bob.ask("create_room", room="python")
    assert alice.ask("kick", username="bob", room="python")["type"] == "ok"
    assert [fields for what, fields in server.records if what == "operator"] == [{"user": "alice"}]


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + " ", TOKEN.upper()])
def test_another_token_makes_nobody_an_operator(server: Server, token: str) -> None:
    bob = server.login("bob")
    answer = bob.ask("operator", token=token)
    assert (answer["code"], answer["message"]) == ("not_allowed", "this is not the token of the operators")
    assert bob.ask("join_room", room="lobby")["role"] == "member"


def test_server_without_a_token_has_no_operators() -> None:
    bob = Server().login("bob")
    for token in ("", "x", TOKEN):
        assert bob.refused("operator", token=token) == "not_allowed"


def test_nobody_is_an_operator_who_is_not_logged_in(server: Server) -> None:
    assert server.connect().refused("operator", token=TOKEN) == "not_logged_in"


def test_whoever_guesses_is_slowed_down() -> None:
    """A guess costs as much as a login."""
    bob = Server(operator_token=TOKEN, requests_per_second=20).login("bob")
    codes = [bob.refused("operator", token=f"guess {number}") for number in range(20)]
    assert codes.count("rate_limited") >= 9


def test_each_wrong_token_makes_its_address_wait_twice_as_long(server: Server) -> None:
    """At the door and behind it alike, with the right one too; others become operators meanwhile."""
    bob, waits = server.login("bob"), []
    for number in range(8):
        if number % 2:
            assert bob.refused("operator", token=f"guess {number}") == "not_allowed"
        else:
            assert server.connect().refused("login", username="mallory", operator_token="guess") == "not_allowed"
        answer = bob.ask("operator", token=TOKEN)
        assert (answer["code"], answer["values"]["what"]) == ("rate_limited", "logins")
        assert server.connect().refused("login", username="boss", operator_token=TOKEN) == "rate_limited"
        waits.append(round(answer["retry_after"]))
        server.advance(answer["retry_after"])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    bob.refused("operator", token="guess")
    elsewhere = server.login("zoe", address="198.51.100.1:5000")
    assert elsewhere.ask("operator", token=TOKEN)["role"] == "operator"
    server.advance(60)
    assert bob.ask("operator", token=TOKEN)["role"] == "operator"


def test_wrong_token_keeps_no_operator_from_work_and_the_right_one_clears_what_was_wrong(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    alice.ask("operator", token=TOKEN)
    bob.refused("operator", token="mistyped")
    assert alice.ask("set_topic", topic="welcome")["type"] == "ok"
    server.advance(1)
    assert bob.ask("operator", token=TOKEN)["role"] == "operator"
    zoe = server.login("zoe")
    zoe.refused("operator", token="mistyped")
    assert zoe.ask("operator", token=TOKEN)["retry_after"] == pytest.approx(1, abs=0.01)


def test_every_wrong_token_is_told_to_the_host_with_its_address(server: Server) -> None:
    """And never what it was."""
    server.login("bob").refused("operator", token="hunter2")
    told = [dict(fields) for what, fields in server.records if what == "wrong_password"]
    assert told == [{"of": "operators", "address": "192.0.2.1:5000", "transport": "fake", "dialect": "chat"}]
    assert "hunter2" not in str(server.records)


def test_operator_is_one_through_a_lost_connection_and_not_after_the_session(server: Server) -> None:
    alice = server.login("alice")
    alice.ask("operator", token=TOKEN)
    alice.drop()
    back = server.login("alice", client=alice.welcome["client"], token=alice.token)
    assert back.welcome["role"] == "operator"
    back.ask("logout")
    assert server.login("alice").welcome["role"] == "member"


def test_token_stands_in_no_record_and_no_snapshot(server: Server) -> None:
    alice = server.login("alice")
    alice.ask("operator", token=TOKEN)
    assert TOKEN not in json.dumps(list(dump(server.chat)))
    assert TOKEN not in str(server.records)


def test_operator_sees_where_everybody_is_from(server: Server) -> None:
    alice, bob = server.login("alice"), server.login("bob", address="192.0.2.9:77")
    alice.ask("operator", token=TOKEN)
    line = alice.ask("list_users", after="alice")["users"][0]
    assert (line["name"], line["address"]) == ("bob", "192.0.2.9:77")
    assert alice.ask("whois", username="bob")["address"] == "192.0.2.9:77"
    assert "address" not in bob.ask("list_users")["users"][0]
    assert "address" not in bob.ask("whois", username="alice")


def test_operator_bans_an_address_or_a_network(server: Server) -> None:
    alice = server.login("alice")
    alice.ask("operator", token=TOKEN)
    bob = server.login("bob", address="198.51.100.7:1")
    assert alice.ask("ban", username="198.51.100.0/24", seconds=60)["type"] == "ok"
    assert bob.take("bye")[0]["code"] == "banned"
    assert server.connect(address="198.51.100.200:1").refused("login", username="carol") == "banned"
    assert server.login("carol", address="198.51.101.1:1").welcome["room"] == "lobby"
    assert alice.ask("list_bans")["bans"][0]["username"] == "198.51.100.0/24"
    assert alice.ask("unban", username="198.51.100.0/24")["type"] == "ok"
    assert server.login("bob", address="198.51.100.7:1").welcome["room"] == "lobby"


def test_nobody_else_bans_an_address(server: Server) -> None:
    bob = server.login("bob")
    bob.ask("create_room", room="python")
    assert bob.refused("ban", username="198.51.100.7") == "bad_name"


def test_operator_lists_what_was_done_in_all_rooms(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    alice.ask("operator", token=TOKEN)
    bob.ask("create_room", room="python")
    bob.ask("set_topic", topic="x")
    bob.ask("mute", username="zoe", reason="loud")
    acts = alice.ask("list_acts")
    assert acts["more"] is False
    told = [(act["room"], act["act"], act["by"], act.get("target"), act.get("reason")) for act in acts["acts"]]
    assert told == [
        ("", "operator", "alice", None, None),
        ("python", "set_topic", "bob", None, None),
        ("python", "mute", "bob", "zoe", "loud"),
    ]
    assert {act["address"] for act in acts["acts"]} == {"192.0.2.1:5000"}
    assert alice.ask("list_acts", after=acts["acts"][0]["number"])["acts"] == acts["acts"][1:]
    answer = bob.ask("list_acts")
    assert (answer["code"], answer["message"]) == ("not_allowed", "only operators may do that (rule list_acts)")


@pytest.mark.unmeasured
def test_list_of_acts_comes_in_pieces_and_forgets_the_oldest(server: Server) -> None:
    alice = server.login("alice")
    alice.ask("operator", token=TOKEN)
    for number in range(1010):
        alice.ask("set_topic", topic=f"{number} " + "\U0001f600" * 280)
    found, more, after = [], True, 0
    while more:
        piece = alice.ask("list_acts", after=after)
        found += [act["value"].split(" ")[0] for act in piece["acts"]]
        more, after = piece["more"], piece["acts"][-1]["number"]
    assert found == [str(number) for number in range(10, 1010)]


def test_user_owns_so_many_rooms_and_an_operator_as_many_as_needed() -> None:
    """A room that is gone, or was given away, counts no more."""
    server = Server(operator_token=TOKEN, rooms_per_user=2)
    bob, carol, dora, erin = server.logins("bob", "carol", "dora", "erin")
    for room, guest in (("one", carol), ("two", dora)):
        bob.ask("create_room", room=room)
        guest.ask("join_room", room=room)
    answer = bob.ask("create_room", room="three")
    assert (answer["code"], answer["values"]) == ("room_limit", {"rooms": 2})
    assert bob.welcome["limits"]["rooms_per_user"] == 2
    bob.ask("set_role", username="dora", role="owner")
    assert bob.ask("create_room", room="three")["role"] == "owner"
    erin.ask("join_room", room="three")
    bob.ask("leave_room")
    assert bob.refused("create_room", room="four") == "room_limit"
    bob.ask("operator", token=TOKEN)
    assert bob.ask("create_room", room="four")["room"] == "four"


def test_operator_may_say_as_much_as_needed() -> None:
    """The limit of messages per second is for others."""
    server = Server(operator_token=TOKEN, messages_per_second=1, message_burst=1)
    alice, bob = server.login("alice"), server.login("bob")
    alice.ask("operator", token=TOKEN)
    assert [alice.ask("send_message", text="x")["type"] for _ in range(5)] == ["message"] * 5
    bob.ask("send_message", text="x")
    assert bob.refused("send_message", text="x") == "rate_limited"


# Operators by account: those that the settings name.

PASSWORD = "one of alice's"


@pytest.fixture
def house() -> Iterator[Server]:
    """Return a server that knows alice as an operator; the account was made by one with the token."""
    server = Server(operator_token=TOKEN, operators=("Alice",), messages_per_second=1, message_burst=1)
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("reset_account", username="alice", password=PASSWORD, new=True)
    yield server
    assert server.mistakes() == []


def test_owner_of_an_account_that_the_settings_name_is_an_operator(house: Server) -> None:
    """Under any name, with all that belongs to it: what an operator may, sees and is not limited in."""
    alice, bob = house.login("al", account="ALICE", password=PASSWORD), house.login("bob")
    assert (alice.welcome["role"], alice.welcome["limits"]["messages_per_second"]) == ("operator", 0)
    assert bob.ask("whois", username="al")["role"] == "operator"
    assert alice.ask("list_users", after="alice")["users"][0]["address"] == "192.0.2.1:5000"
    assert alice.ask("ban", username="bob", room="lobby")["type"] == "ok"
    assert [fields for what, fields in house.records if what == "operator"][1:] == [{"user": "al", "account": "alice"}]


def test_guest_is_an_operator_once_he_has_identified(house: Server) -> None:
    guest = house.login("teacher")
    assert guest.refused("list_acts") == "not_allowed"
    assert guest.refused("identify", account="alice", password="guessed") == "not_identified"
    assert guest.refused("list_acts") == "not_allowed"
    house.advance(60)
    assert guest.ask("identify", account="alice", password=PASSWORD)["role"] == "operator"
    assert guest.ask("list_acts")["type"] == "acts"
    assert guest.ask("rename", username="somebody")["type"] != "error"
    assert guest.ask("list_acts")["type"] == "acts"


def test_name_alone_makes_nobody_an_operator() -> None:
    """Be it that nobody has registered it: nobody can but an operator."""
    server = Server(operator_token=TOKEN, operators=("alice",))
    thief = server.login("thief")
    for way in ("login", "rename"):
        answer = (thief if way == "rename" else server.connect()).ask(way, username="Alice")
        assert (answer["code"], answer["values"]) == ("name_taken", {"what": "kept", "name": "Alice"})
    assert thief.refused("rename", username="a1ice") == "name_confusable"
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("reset_account", username="alice", password=PASSWORD, new=True)
    assert thief.refused("rename", username="alice") == "name_registered"
    assert server.login("alice", password=PASSWORD).welcome["role"] == "operator"


def test_user_who_had_the_name_before_it_was_an_operators_cannot_make_it_his_own() -> None:
    """A session that goes on over a restart keeps its name, which makes it nobody else."""
    before = Server()
    alice = before.login("alice")
    rows = json.loads(json.dumps(list(dump(before.chat))))
    again = Server(operators=("alice",), life="2-", before_start=lambda chat: load(chat, rows))
    back = again.login("alice", token=alice.token)
    assert (back.welcome["resumed"], back.welcome["role"]) == (True, "member")
    answer = back.ask("register", password=PASSWORD)
    assert (answer["code"], answer["values"]) == ("forbidden", {"what": "named", "name": "alice"})
    back.ask("rename", username="bob")
    assert back.refused("rename", username="alice") == "name_taken"


def test_another_account_of_the_same_user_is_no_operator(house: Server) -> None:
    bob = house.login("bob")
    bob.ask("register", password=PASSWORD)
    assert bob.refused("identify", account="alice", password=PASSWORD) == "forbidden"
    assert bob.refused("list_acts") == "not_allowed"


def test_nobody_is_an_operator_by_an_account_that_was_let_go(house: Server) -> None:
    alice, boss = house.login("alice", password=PASSWORD), house.login("chief")
    boss.ask("operator", token=TOKEN)
    boss.ask("drop_account", username="alice")
    assert alice.take("bye")[0]["code"] == "account_dropped"
    assert house.connect().refused("login", username="alice", token=alice.token) == "name_taken"


@pytest.mark.parametrize("kept", [True, False], ids=["as before", "no longer named"])
def test_operator_by_account_is_one_as_long_as_the_settings_say_so(house: Server, kept: bool) -> None:
    """Also in a session that goes on over a restart."""
    alice = house.login("alice", password=PASSWORD)
    rows = json.loads(json.dumps(list(dump(house.chat))))
    again = Server(
        operator_token=TOKEN,
        operators=("alice",) if kept else (),
        life="2-",
        before_start=lambda chat: load(chat, rows),
    )
    role = "operator" if kept else "member"
    back = again.login("alice", token=alice.token)
    assert (back.welcome["resumed"], back.welcome["role"]) == (True, role)
    back.ask("logout")
    assert again.login("alice", password=PASSWORD).welcome["role"] == role


def test_operator_of_a_snapshot_of_before_is_one_until_a_node_says_its_token(server: Server) -> None:
    """Earlier versions had another word for it, and did not know by which token somebody was one."""
    alice = server.login("alice")
    alice.ask("operator", token=TOKEN)
    rows = json.loads(json.dumps(list(dump(server.chat))).replace('"has_operator_token"', '"is_operator"'))
    for row in rows:
        row.pop("operator_mark", None)
    again = Server(operator_token=TOKEN, life="2-", before_start=lambda chat: load(chat, rows))
    assert again.login("alice", token=alice.token).welcome["role"] == "operator"
    says_token(again, TOKEN)
    assert again.login("alice", token=alice.token).welcome["role"] == "member"


def says_token(server: Server, token: str) -> None:
    """Let the node of a server say which token it has; empty for none."""
    server.switchboard.propose(OperatorToken(mark_of(hashed(token)) if token else ""))
    server.settle()


@pytest.mark.parametrize("token", ["another-token-of-theirs", ""], ids=["another one", "none"])
def test_operator_by_a_token_that_is_another_one_now_is_none_any_more(house: Server, token: str) -> None:
    """He is told, like whoever runs the server and other operators; those by their accounts stay what they are."""
    alice, thief = house.login("alice", password=PASSWORD), house.login("thief")
    thief.ask("operator", token=TOKEN)
    thief.take()
    says_token(house, token)
    told, room = thief.take("moderated", "room")
    assert (told["act"], told["target"], told["value"]) == ("operator", "thief", False)
    assert (room["room"], room["role"]) == ("lobby", "member")
    assert thief.refused("list_acts") == "not_allowed"
    assert [fields for what, fields in house.records if what == "no_operator"][-1] == {"user": "thief"}
    done = alice.ask("list_acts")["acts"][-1]
    assert (done["act"], done["by"], done["target"], done["value"]) == ("operator", "", "thief", False)
    assert alice.ask("kick", username="thief", room="lobby")["type"] == "ok"


def test_operator_by_the_present_token_and_by_an_account_stays_one(house: Server) -> None:
    """Nobody hears of it, nor is anything written down."""
    alice, boss = house.login("alice", password=PASSWORD), house.login("chief")
    for each in (alice, boss):
        each.ask("operator", token=TOKEN)
    says_token(house, TOKEN)
    assert alice.take("moderated") == boss.take("moderated") == []
    assert boss.ask("list_limits")["type"] != "error"
    says_token(house, "another-token-of-theirs")
    assert alice.take("moderated", "room") == []
    assert alice.ask("list_acts")["acts"][-1]["target"] == "chief"


def test_operator_who_shows_the_new_token_too_stays_one(server: Server) -> None:
    """The last one counts."""
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    server.switchboard.propose(Act(boss.connection.number, BecomeOperator(hashed=mark_of(hashed("the next one")))))
    server.settle()
    says_token(server, "the next one")
    assert boss.ask("join_room", room="lobby")["role"] == "operator"
    says_token(server, TOKEN)
    assert boss.ask("join_room", room="lobby")["role"] == "member"


def test_operator_who_is_away_comes_back_as_a_member_when_the_token_is_another_one(server: Server) -> None:
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.drop()
    says_token(server, "another-token-of-theirs")
    back = server.login("boss", token=boss.token)
    assert (back.welcome["resumed"], back.welcome["role"]) == (True, "member")
