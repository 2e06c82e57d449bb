"""Rooms whose owner is gone, whatever became of the owner, belong to the next one who may speak there and own them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.commands import BanUser, BecomeOperator, SetRole
from chatcore.limits import OwnLimits
from chatcore.records import BRINGS_NO_BANNED, FINDS_HEIRS, NAMES_WHO_IS_THERE, RULES
from tests.unit.chat.test_moderation import TOKEN, acts, make_operator, meet
from tests.unit.chat.test_some_at_a_time import House
from tests.unit.playbook import Client, Server

PASSWORD = "correct horse"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def role(client: Client, room: str = "python") -> str:
    """Return what a user is in a room, who goes there."""
    return str(client.ask("join_room", room=room)["role"])


def house_of_three(server: Server) -> tuple[Client, Client, Client, Client]:
    """Return the owner of a room, two moderators, the one of the longer time first, and an operator."""
    alice, bob, carol, olga = meet(server, "alice", "bob", "carol", "olga")
    for name in ("bob", "carol"):
        alice.ask("set_role", username=name, role="moderator")
    make_operator(olga)
    for each in (alice, bob, carol, olga):
        each.take()
    return alice, bob, carol, olga


HEIR = {"act": "set_role", "by": "", "target": "bob", "value": "owner"}


@pytest.mark.parametrize("away", [False, True])
def test_room_of_an_account_that_is_dropped_gets_the_next_owner(server: Server, away: bool) -> None:
    alice, bob, _carol, olga = house_of_three(server)
    alice.ask("register", password=PASSWORD)
    if away:
        alice.ask("logout")
    olga.ask("drop_account", username="alice")
    assert acts(bob)[-1] == HEIR
    assert role(bob) == "owner"


@pytest.mark.parametrize("away", [False, True])
def test_room_whose_owner_an_operator_bans_gets_the_next_owner(server: Server, away: bool) -> None:
    """By the name of an account, too, whose owner is away: the role is gone, and so is the invitation."""
    alice, bob, carol, olga = house_of_three(server)
    alice.ask("set_private", private=True)
    alice.ask("register", password=PASSWORD)
    if away:
        alice.ask("logout")
    bob.take()
    olga.ask("ban", username="alice", room="python", seconds=60)
    told = acts(bob)
    assert [told[0]["act"], told[-1]] == ["ban", HEIR]
    assert role(bob) == "owner"
    back = server.login("alice2", account="alice", password=PASSWORD)
    server.advance(61)
    assert back.refused("join_room", room="python") == "room_private"
    assert role(carol) == "moderator"


def hold(by: Client, act: str, room: str) -> None:
    assert by.ask(act, username="bob", room=room)["type"] == "ok"


@pytest.mark.parametrize(("act", "room"), [("mute", "python"), ("ban", "lobby")])
@pytest.mark.parametrize("account", [False, True])
def test_heir_who_may_not_speak_there_or_come_in_is_passed_over(
    server: Server, act: str, room: str, account: bool
) -> None:
    """A guest who is banned from the server is not there any more; the owner of an account may be away."""
    alice, bob, carol, olga = house_of_three(server)
    if account:
        bob.ask("register", password=PASSWORD)
    hold(olga, act, room)
    alice.ask("logout")
    assert role(carol) == "owner"


@pytest.mark.parametrize("name", ["bob", "B0b"])
def test_heir_who_is_away_and_banned_from_the_server_is_passed_over(server: Server, name: str) -> None:
    """Under the name of the account, or one that looks like it."""
    alice, bob, carol, olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    bob.ask("logout")
    olga.ask("ban", username=name, room="lobby")
    alice.ask("logout")
    assert role(carol) == "owner"


@pytest.mark.parametrize("away", [False, True])
def test_moderator_who_registers_has_been_one_as_long_as_before(server: Server, away: bool) -> None:
    alice, bob, carol, _olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    if away:
        bob.ask("logout")
    alice.ask("logout")
    assert role(server.login("bob", password=PASSWORD) if away else bob) == "owner"
    assert role(carol) == "moderator"


def test_moderator_who_is_one_already_by_the_account_has_been_one_since_the_first_time(server: Server) -> None:
    alice, bob, carol, _olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    guest = server.login("robert")
    alice.ask("set_role", username="robert", role="moderator")
    guest.ask("identify", account="bob", password=PASSWORD)
    alice.ask("logout")
    assert [role(each) for each in (bob, guest, carol)] == ["owner", "owner", "moderator"]


def test_room_whose_moderators_may_not_speak_belongs_to_nobody(server: Server) -> None:
    alice, bob, carol, olga = house_of_three(server)
    for name in ("bob", "carol"):
        olga.ask("mute", username=name, seconds=60)
    alice.ask("logout")
    server.advance(61)
    assert [role(bob), role(carol)] == ["moderator", "moderator"]


def test_operator_by_the_token_inherits_though_the_account_is_muted(server: Server) -> None:
    """No mute holds an operator."""
    alice, bob, carol, _olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    alice.ask("mute", username="bob")
    make_operator(bob)
    alice.ask("logout")
    assert acts(bob)[-1] == HEIR
    assert role(carol) == "moderator"


def test_mute_that_is_over_keeps_nobody_from_owning(server: Server) -> None:
    alice, bob, _carol, olga = house_of_three(server)
    olga.ask("mute", username="bob", seconds=60)
    server.advance(61)
    alice.ask("logout")
    assert role(bob) == "owner"


@pytest.mark.parametrize("room", ["class", "lobby"])
def test_declared_room_whose_owner_is_no_owner_any_more_belongs_to_the_operators(server: Server, room: str) -> None:
    open_doors(server.chat.state, ["class"])
    olga, ann, ben = server.logins("olga", "ann", "ben")
    make_operator(olga)
    for each in (olga, ann, ben):
        each.ask("join_room", room=room)
    olga.ask("set_role", username="ann", role="owner", room=room)
    olga.ask("set_role", username="ben", role="moderator", room=room)
    ben.take()
    olga.ask("set_role", username="ann", role="moderator", room=room)
    assert [each["value"] for each in acts(ben)] == ["moderator"]
    olga.ask("set_role", username="ann", role="owner", room=room)
    assert ann.ask("set_role", username="ann", role="moderator", room=room)["type"] == "ok"
    assert [role(each, room) for each in (ann, ben)] == ["moderator", "moderator"]


# Who gives up a room.


def test_owner_whom_nobody_can_follow_does_not_become_a_moderator(server: Server) -> None:
    """The room would come back at once."""
    alice, bob = meet(server, "alice", "bob")
    refused = alice.ask("set_role", username="alice", role="moderator")
    assert (refused["code"], refused["message"]) == (
        "forbidden",
        "nobody else can own python: make somebody its owner, or a moderator, first",
    )
    assert acts(bob) == []
    alice.ask("set_role", username="bob", role="moderator")
    acts(bob)
    assert alice.ask("set_role", username="alice", role="moderator")["type"] == "ok"
    assert [(each["target"], each["value"]) for each in acts(bob)] == [("alice", "moderator"), ("bob", "owner")]


def test_owner_whom_an_operator_makes_a_moderator_is_not_the_own_heir(server: Server) -> None:
    alice, bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask("set_role", username="alice", role="moderator")
    assert [(each["target"], each["value"]) for each in acts(bob)] == [("alice", "moderator")]
    assert role(alice) == "moderator"


# How many rooms somebody owns.


def test_nobody_is_given_more_rooms_than_may_be() -> None:
    server = Server(operator_token=TOKEN, rooms_per_user=2)
    server.chat.state.keeps_rooms = True
    vic, mal = server.logins("vic", "mal")
    vic.ask("create_room", room="own")
    for name in ("r1", "r2", "r3"):
        mal.ask("create_room", room=name)
        mal.ask("set_topic", topic="kept")
        answer = mal.ask("set_role", username="vic", role="owner")
        if name == "r1":
            assert answer["type"] == "ok"
        else:
            assert answer["code"] == "room_limit"
            assert answer["message"] == "vic owns 2 rooms already, and may not own more"
    assert mal.refused("create_room", room="r4") == "room_limit"


@pytest.mark.parametrize("away", [False, True])
def test_heir_who_owns_as_many_rooms_as_may_be_is_passed_over(away: bool) -> None:
    """In an account, whose owner is away, too: with the limits of accounts."""
    server = Server(operator_token=TOKEN, rooms_per_user=5, people={"account": OwnLimits(rooms_per_user=1)})
    server.chat.state.keeps_rooms = True
    alice, bob, carol, _olga = house_of_three(server)
    assert bob.ask("register", password=PASSWORD) == {"type": "ok"}
    bob.ask("create_room", room="own")
    bob.ask("set_topic", topic="kept")
    if away:
        bob.ask("logout")
    assert "own" in server.chat.rooms
    alice.ask("logout")
    assert role(carol) == "owner"


def test_heir_who_is_still_to_be_put_out_of_the_server_is_passed_over() -> None:
    """Of many who are banned with their network some go at a time: rooms go to those who stay."""
    house = House(60)
    house.meet("big")
    for number in (40, 59):
        house.asks(0, SetRole(f"u{number}", "moderator"))
    house.asks(59, BecomeOperator())
    house.asks(59, BanUser("192.0.2.0/24", room="lobby"))
    assert "u40" in house.chat.users
    assert owner_of(house) == "u59"


# Journals of before.


@pytest.mark.parametrize(("rules", "owner"), [(FINDS_HEIRS - 1, None), (FINDS_HEIRS, "u1")])
def test_journal_of_before_finds_no_heir_of_who_is_banned(rules: int, owner: str | None) -> None:
    house = House(4, rules)
    house.meet("big")
    house.asks(0, SetRole("u1", "moderator"))
    house.asks(3, BecomeOperator())
    house.asks(3, BanUser("u0"))
    assert owner_of(house) == owner


@pytest.mark.parametrize(("rules", "owner"), [(FINDS_HEIRS - 1, "u0"), (FINDS_HEIRS, None)])
def test_journal_of_before_makes_an_owner_his_own_heir(rules: int, owner: str | None) -> None:
    house = House(4, rules)
    house.meet("big")
    house.asks(3, BecomeOperator())
    house.asks(3, SetRole("u0", "moderator"))
    assert owner_of(house) == owner


def owner_of(house: House) -> str | None:
    """Return who owns the room."""
    state, roles = house.chat.state, house.chat.rooms["big"].roles
    return next((state.people[person].name for person, each in roles.items() if each is Role.OWNER), None)


def test_account_that_is_dropped_leaves_no_role(server: Server) -> None:
    alice, *_others, olga = house_of_three(server)
    alice.ask("register", password=PASSWORD)
    person = server.chat.state.accounts["alice"].person
    olga.ask("drop_account", username="alice")
    assert person not in server.chat.state.ruled


# In several sessions, and as somebody else.


def banned_as_account(server: Server, *, rules: int = RULES) -> tuple[Client, Client, Client]:
    """Let the owner of a room own an account that is banned there; returns him, a moderator, an operator."""
    alice, bob, _carol, olga = house_of_three(server)
    mal = server.login("mal")
    mal.ask("register", password=PASSWORD)
    mal.ask("logout")
    olga.ask("ban", username="mal", room="python")
    alice.ask("leave_room")
    for node in server.chat.nodes.up.values():
        node.rules = rules
    for each in (alice, bob):
        each.take()
    assert alice.ask("identify", account="mal", password=PASSWORD)["type"] == "room"
    return alice, bob, olga


def test_owner_who_turns_out_to_be_banned_leaves_the_room_to_the_next_one(server: Server) -> None:
    alice, bob, olga = banned_as_account(server)
    assert acts(bob)[-1] == HEIR
    assert role(bob) == "owner"
    assert alice.refused("join_room", room="python") == "banned"
    olga.ask("unban", username="mal", room="python")
    assert role(alice) == "member"


def test_operator_brings_an_account_its_roles_though_that_is_banned(server: Server) -> None:
    """No ban holds an operator, in whatever session."""
    alice, *_others = house_of_three(server)
    mal = server.login("mal")
    mal.ask("register", password=PASSWORD)
    mal.ask("logout")
    alice.ask("ban", username="mal")
    make_operator(alice)
    alice.ask("identify", account="mal", password=PASSWORD)
    assert server.chat.rooms["python"].roles[server.chat.users["alice"].person] is Role.OWNER


def test_journal_of_before_leaves_a_room_to_an_owner_who_is_banned(server: Server) -> None:
    alice, bob, _olga = banned_as_account(server, rules=BRINGS_NO_BANNED - 1)
    assert role(bob) == "moderator"
    assert alice.refused("join_room", room="python") == "banned"


def test_heir_is_shown_the_room_in_every_session_and_called_by_the_name_that_is_there(server: Server) -> None:
    """Whatever session is the oldest: that one may be elsewhere, or wait for its connection."""
    alice, bob, _carol, _olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    there, also = (server.login(name, account="bob", password=PASSWORD) for name in ("bobby", "bo"))
    bob.ask("leave_room")
    for each in (there, also):
        each.ask("join_room", room="python")
        each.take()
    alice.ask("logout")
    assert [frame["target"] for frame in acts(there)] == ["bobby"]
    assert there.take("room") == []
    assert [frame["role"] for frame in also.take("room")] == ["owner"]


def test_account_is_shown_in_its_other_sessions_what_a_guest_brings(server: Server) -> None:
    alice, _bob, carol, _olga = house_of_three(server)
    carol.ask("register", password=PASSWORD)
    carol.take()
    alice.ask("identify", account="carol", password=PASSWORD)
    assert [frame["role"] for frame in carol.take("room")] == ["owner"]


@pytest.mark.parametrize(("rules", "name"), [(NAMES_WHO_IS_THERE - 1, "bob"), (NAMES_WHO_IS_THERE, "bobby")])
def test_journal_of_before_writes_down_an_heir_by_the_first_session(rules: int, name: str) -> None:
    server = Server(operator_token=TOKEN)
    alice, bob, _carol, olga = house_of_three(server)
    bob.ask("register", password=PASSWORD)
    server.login("bobby", account="bob", password=PASSWORD).ask("join_room", room="python")
    bob.ask("leave_room")
    for node in server.chat.nodes.up.values():
        node.rules = rules
    alice.ask("logout")
    assert olga.ask("list_acts")["acts"][-1]["target"] == name
