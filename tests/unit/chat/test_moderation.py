"""Rooms that somebody looks after: topics and roles, who is put out, banned or muted, and what comes back of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import pytest

from chatcore.chat.kept.roles import Role, Sanction
from chatcore.chat.kept.spoken import Spoken
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.chat.snapshot import dump, load
from chatcore.ports.transport import CloseReason
from chatcore_simple import SimpleJsonDialect, SimpleTextDialect
from tests.unit.dialects.simple_guest import Guest
from tests.unit.playbook import Client, Server

Frame = dict[str, Any]
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def meet(server: Server, *usernames: str) -> Iterator[Client]:
    """Return users in a room that the first of them has created; what they heard of it is forgotten."""
    clients = list(server.logins(*usernames))
    clients[0].ask("create_room", room="python")
    for client in clients[1:]:
        client.ask("join_room", room="python")
    server.advance(1.5)
    for client in clients:
        client.take()
    return iter(clients)


def make_operator(client: Client) -> None:
    assert client.ask("operator", token=TOKEN)["role"] == "operator"


class CountingNames(list[str]):
    """Names that count who looks for which."""

    def __init__(self, names: list[str], asked: Counter[str]) -> None:
        super().__init__(names)
        self._asked = asked

    def __contains__(self, name: object) -> bool:
        self._asked[str(name)] += 1
        return super().__contains__(name)


def acts(client: Client) -> list[Frame]:
    """Return what a user was told of what was done, without type and room."""
    told = client.take("moderated")
    return [{key: value for key, value in frame.items() if key not in ("type", "room")} for frame in told]


@pytest.mark.parametrize(
    ("asked", "fields", "told"),
    [
        ("set_role", {"username": "bob", "role": "member"}, {"target": "bob", "value": "member"}),
        ("set_private", {"private": False}, {"value": False}),
        ("set_slow", {"seconds": 0}, {"value": 0}),
        ("set_topic", {"topic": ""}, {"value": ""}),
    ],
)
def test_whoever_asks_for_what_is_so_already_is_told_that_it_is_and_nobody_else(
    server: Server, asked: str, fields: Frame, told: Frame
) -> None:
    """Or nothing would be to be seen of it, neither done nor refused; and nothing was done that is written down."""
    alice, bob = meet(server, "alice", "bob")
    assert alice.ask(asked, **fields)["type"] == "ok"
    assert acts(alice) == [{"act": asked, "by": "alice", **told}]
    assert bob.take() == []
    assert not any(what == "moderated" for what, _fields in server.records)


# Roles.


def test_creator_owns_the_room_and_others_are_members(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("create_room", room="python")["role"] == "owner"
    assert bob.ask("join_room", room="python")["role"] == "member"
    assert bob.ask("whois", username="alice")["role"] == "owner"
    assert alice.ask("leave_room")["role"] == "member"  # the lobby is the operators'


def test_owner_keeps_the_room_through_a_rename_another_room_and_another_connection(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    alice.ask("rename", username="ann")
    alice.ask("leave_room")
    assert alice.ask("join_room", room="python")["role"] == "owner"
    alice.drop()
    back = server.login("ann", client=alice.welcome["client"], token=alice.token)
    assert (back.welcome["room"], back.welcome["role"]) == ("python", "owner")


def test_moderator_of_the_longest_time_owns_the_room_when_its_owner_is_gone(server: Server) -> None:
    alice, bob, carol, dave = meet(server, "alice", "bob", "carol", "dave")
    alice.ask("set_role", username="carol", role="moderator")
    alice.ask("set_role", username="bob", role="moderator")
    assert acts(dave) == [
        {"act": "set_role", "by": "alice", "target": "carol", "value": "moderator"},
        {"act": "set_role", "by": "alice", "target": "bob", "value": "moderator"},
    ]
    alice.ask("logout")
    assert acts(dave) == [{"act": "set_role", "by": "", "target": "carol", "value": "owner"}]
    assert [each.ask("join_room", room="python")["role"] for each in (bob, carol)] == ["moderator", "owner"]


def test_room_without_owner_and_moderators_belongs_to_nobody_and_operators_act(server: Server) -> None:
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    alice.drop()
    server.advance(61)
    assert bob.refused("set_topic", topic="mine now") == "not_allowed"
    make_operator(carol)
    assert carol.ask("set_role", username="bob", role="owner")["type"] == "ok"
    assert bob.ask("set_topic", topic="mine now")["type"] == "ok"


def test_name_that_is_taken_anew_is_somebody_else(server: Server) -> None:
    """A role is no matter of a name."""
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_role", username="bob", role="moderator")
    bob.ask("logout")
    again = server.login("bob")
    assert again.ask("join_room", room="python")["role"] == "member"


def test_new_owner_takes_the_place_of_the_old_one(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_role", username="BOB", role="owner")
    assert acts(alice) == [{"act": "set_role", "by": "alice", "target": "bob", "value": "owner"}]
    assert alice.ask("join_room", room="python")["role"] == "moderator"
    assert alice.refused("set_role", username="bob", role="member") == "not_allowed"
    assert bob.ask("set_role", username="bob", role="member")["type"] == "ok"
    assert acts(alice)[-1] == {"act": "set_role", "by": "", "target": "alice", "value": "owner"}


def test_role_is_one_of_three_and_of_somebody_who_is_there(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    assert alice.refused("set_role", username="bob", role="operator") == "bad_request"
    assert alice.refused("set_role", username="zoe", role="moderator") == "no_such_user"
    assert alice.ask("set_role", username="bob", role="member")["type"] == "ok"
    assert acts(bob) == []  # it was so before


def test_nobody_acts_on_somebody_with_a_role_as_high_as_the_own_one(server: Server) -> None:
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    for name in ("bob", "carol"):
        alice.ask("set_role", username=name, role="moderator")
    for kind in ("kick", "ban", "mute"):
        for name in ("alice", "carol", "bob"):
            answer = bob.ask(kind, username=name)
            assert (answer["code"], answer["values"]["what"]) == ("not_allowed", "outranked")
    make_operator(carol)
    assert alice.refused("kick", username="carol") == "not_allowed"
    assert carol.ask("kick", username="alice")["type"] == "ok"


# Topics.


def test_topic_is_told_to_the_room_and_to_whoever_enters_or_comes_back(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    assert alice.ask("set_topic", topic="Asyncio & coffee")["type"] == "ok"
    told = {"act": "set_topic", "by": "alice", "value": "Asyncio & coffee"}
    assert acts(alice) == acts(bob) == [told]
    carol = server.login("carol")
    assert carol.welcome["topic"] == ""
    assert carol.ask("join_room", room="python")["topic"] == "Asyncio & coffee"
    bob.drop()
    back = server.login("bob", client=bob.welcome["client"], token=bob.token)
    assert back.welcome["topic"] == "Asyncio & coffee"


def test_topic_and_reason_are_bounded(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    assert alice.ask("set_topic", topic="é" * 300)["type"] == "ok"
    for kind, fields in (("set_topic", {"topic": "é" * 301}), ("kick", {"username": "bob", "reason": "x" * 301})):
        answer = alice.ask(kind, **fields)
        assert (answer["code"], answer["values"]["characters"]) == ("too_large", 300)
        assert answer["message"] == "this has at most 300 characters"


def test_room_that_is_named_is_the_one_that_counts(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("leave_room")
    assert alice.refused("set_topic", topic="x") == "not_allowed"  # of the lobby
    assert alice.ask("set_topic", topic="x", room="PYTHON")["type"] == "ok"
    assert alice.refused("set_topic", topic="x", room="rust") == "no_such_room"
    assert [each["value"] for each in acts(bob)] == ["x"]
    assert acts(alice) == []


def test_refusal_says_which_role_is_needed_for_what(server: Server) -> None:
    _alice, bob = meet(server, "alice", "bob")
    answer = bob.ask("kick", username="alice")
    assert answer["message"] == "only moderators of python may do that (rule kick)"
    assert answer["values"] == {"what": "moderator", "rule": "kick", "room": "python"}
    refused = bob.ask("set_role", username="bob", role="owner")
    assert refused["message"] == "only the owner of python may do that (rule set_role)"


# Kicks.


def test_kicked_user_is_in_the_lobby_and_may_come_back(server: Server) -> None:
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    dave = server.login("dave")
    server.advance(1.5)
    dave.take()
    assert alice.ask("kick", username="bob", reason="be nice")["type"] == "ok"
    told = {"act": "kick", "by": "alice", "target": "bob", "reason": "be nice"}
    assert acts(bob) == acts(carol) == [told]
    (room,) = bob.take("room")
    assert (room["room"], room["role"]) == ("lobby", "member")
    server.advance(0.1)
    assert [(frame["room"], frame["left"]) for frame in carol.take("presence")] == [("python", ["bob"])]
    assert [(frame["room"], frame["joined"]) for frame in dave.take("presence")] == [("lobby", ["bob"])]
    alice.ask("send_message", text="gone")
    dave.ask("send_message", text="welcome")
    assert bob.texts() == ["welcome"]
    assert bob.ask("join_room", room="python")["type"] == "room"


def test_user_whose_connection_is_lost_is_kicked_too(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    bob.drop()
    assert alice.ask("kick", username="bob")["type"] == "ok"
    back = server.login("bob", client=bob.welcome["client"], token=bob.token)
    assert (back.welcome["room"], back.welcome["resumed"]) == ("lobby", True)


def test_only_somebody_in_the_room_is_kicked_out_of_it(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    server.login("carol")
    answer = alice.ask("kick", username="carol")
    assert (answer["code"], answer["message"]) == ("no_such_user", "carol is not in python")


def test_kick_out_of_the_lobby_is_one_out_of_the_server(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    assert alice.refused("kick", username="bob") == "not_allowed"
    make_operator(alice)
    bob.ask("create_room", room="python")
    assert alice.ask("kick", username="bob", reason="maintenance")["type"] == "ok"
    assert acts(bob) == [{"act": "kick", "by": "alice", "target": "bob", "reason": "maintenance"}]
    assert bob.take("bye")[0]["code"] == "kicked"
    assert bob.link.closed is CloseReason.POLICY
    assert server.users() == ["alice"]
    assert server.login("bob", client=bob.welcome["client"], token=bob.token).welcome["resumed"] is False


def test_reader_that_is_behind_is_shown_where_it_was_put(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    bob.link.stops_reading()
    alice.ask("send_message", text="x" * 60_000)
    alice.ask("send_message", text="x" * 60_000)
    alice.ask("kick", username="bob")
    alice.ask("leave_room")
    alice.ask("send_message", text="in the lobby")
    bob.link.reads_again()
    server.settle()
    assert bob.take("room")[-1]["room"] == "lobby"
    alice.ask("send_message", text="live")
    assert bob.texts()[-2:] == ["in the lobby", "live"]


# Bans.


def test_banned_user_is_put_out_and_does_not_get_in_again(server: Server) -> None:
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    assert alice.ask("ban", username="bob", reason="spam", seconds=600)["type"] == "ok"
    (told,) = acts(bob)
    assert told == acts(carol)[0]
    assert (told["act"], told["target"], told["reason"]) == ("ban", "bob", "spam")
    assert bob.take("room")[0]["room"] == "lobby"
    answer = bob.ask("join_room", room="python")
    assert (answer["code"], answer["message"]) == ("banned", "you are banned from python for another 10 min")
    assert answer["values"] == {"room": "python", "minutes": 10, "until": told["until"]}
    assert bob.refused("history", room="python") == "banned"
    assert bob.ask("send_message", text="still here")["type"] == "message"  # in the lobby


def test_ban_is_over_at_its_time(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("ban", username="bob", seconds=60)
    server.advance(59)
    assert bob.refused("join_room", room="python") == "banned"
    server.advance(2)
    assert alice.ask("list_bans")["bans"] == []
    assert bob.ask("join_room", room="python")["type"] == "room"


def test_ban_for_longer_than_anybody_lives_is_for_ever(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    assert alice.ask("ban", username="bob", seconds=2**53)["type"] == "ok"
    assert "until" not in acts(bob)[0]
    assert bob.ask("join_room", room="python")["message"] == "you are banned from python"


def test_ban_holds_a_user_of_another_name_case_or_session(server: Server) -> None:
    """The same session, the same name, the same client id; no other name, for others may have it later."""
    alice, bob = meet(server, "alice", "bob")
    alice.ask("ban", username="Bob")
    bob.ask("rename", username="robert")
    assert bob.refused("join_room", room="python") == "banned"
    client = bob.welcome["client"]
    second = server.login("eve", client=client)  # while the first one is there: it has another id now
    assert second.ask("join_room", room="python")["type"] == "error"
    for each in (bob, second):
        each.ask("logout")
    for name, known in (("BOB", None), ("B0b", None), ("mallory", client)):
        fields = {} if known is None else {"client": known}
        again = server.login(name, **fields)
        assert again.refused("join_room", room="python") == "banned", name
        again.ask("logout")
    stranger = server.login("zoe")
    assert stranger.ask("join_room", room="python")["type"] == "room"
    assert stranger.refused("rename", username="bob") == "banned"
    assert stranger.ask("rename", username="robert")["type"] == "ok"


@pytest.mark.parametrize(
    ("banned", "like"), [("Alice", "AIice"), ("ВОВА", "BOBA"), ("copa", "сора"), ("eve0", "eveO"), ("Zoë", "ZOË")]
)
def test_ban_holds_every_name_that_looks_like_that_of_its_user(server: Server, banned: str, like: str) -> None:
    """Of somebody who is not there any more, too: nobody mistakes a new name for the old one."""
    owner, other = server.logins("owner", "other")
    owner.ask("create_room", room="tea")
    for each in (owner, other):
        each.ask("join_room", room="tea")
    owner.ask("ban", username=banned)
    assert other.refused("rename", username=like) == "banned"
    assert server.login(like).refused("join_room", room="tea") == "banned"
    assert server.login("eve").ask("join_room", room="tea")["room"] == "tea"


@pytest.mark.unmeasured
def test_ban_holds_its_user_after_many_names_and_many_sessions_and_forgets_what_is_over(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("ban", username="bob")
    for number in range(100):
        bob.ask("rename", username=f"bob{number}")
    client = bob.welcome["client"]
    bob.ask("logout")
    for number in range(100):
        again = server.login(f"eve{number}", client=client)
        assert again.refused("join_room", room="python") == "banned"
        again.ask("logout")
    assert server.login("Bob").refused("join_room", room="python") == "banned"  # the first name is held for good
    sanctions = server.chat.state.sanctions
    assert len(sanctions._held) <= 2 * 64
    alice.ask("unban", username="bob")
    assert not sanctions._held
    assert not sanctions.rooms


def test_what_is_done_in_a_room_with_a_thousand_bans_looks_at_those_that_it_is_about(server: Server) -> None:
    """Messages, new names, and bans: the last one is compared with each member, the others with nobody."""
    alice, bob, *others = meet(server, "alice", "bob", *(f"member{number}" for number in range(10)))
    room, asked = server.chat.rooms["python"], Counter[str]()
    trolls = [
        Sanction(number, Role.BANNED, f"troll{number}", "alice", 0.0, None, "", [f"troll{number}"])
        for number in range(999)
    ]
    server.chat.state.sanctions.put(room, trolls)
    alice.ask("ban", username="troll999")
    assert alice.refused("ban", username="one-more") == "too_large"
    for each in room.sanctions:
        each.names = CountingNames(each.names, asked)
    room.look_again()
    for number in range(5):
        for each in (bob, *others):
            assert each.ask("send_message", text=str(number))["type"] == "message"
    bob.ask("rename", username="robert")
    alice.ask("unban", username="troll0")
    assert bob.ask("send_message", text="on")["type"] == "message"
    assert asked["robert"] == asked["bob"] == 0
    alice.ask("ban", username="Troll-0")
    assert asked["member1"] == asked["robert"] == 0
    troll = server.login("troll77")
    assert troll.refused("join_room", room="python") == "banned"
    assert asked["troll77"] == 1


def test_ban_with_the_address_holds_the_place(server: Server) -> None:
    alice = server.login("alice", address="192.0.2.1:1")
    bob = server.login("bob", address="192.0.2.7:1")
    carol = server.login("carol", address="[2001:db8::1]:1")
    alice.ask("create_room", room="python")
    for each in (bob, carol):
        each.ask("join_room", room="python")
        alice.ask("ban", username=each.welcome["username"], address=True)
    for address, code in (
        ("192.0.2.7:2", "banned"),
        ("192.0.2.8:2", None),
        ("[2001:db8::2]:1", "banned"),
        ("[2001:db8:0:1::2]:1", None),
        ("[::ffff:192.0.2.7]:1", "banned"),
    ):
        eve = server.login("eve", address=address)
        assert eve.ask("join_room", room="python").get("code") == code, address
        eve.ask("logout")


@pytest.mark.parametrize(
    ("typed", "lifted", "held", "free"),
    [
        ("192.0.2.7", "192.0.2.7/32", ["192.0.2.7:1", "[::ffff:192.0.2.7]:1"], ["192.0.2.8:1"]),
        ("::ffff:192.0.2.7", "192.0.2.7", ["192.0.2.7:1"], ["192.0.2.8:1"]),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24", ["192.0.2.7:1"], ["192.0.3.7:1"]),
        ("2001:DB8::7", "2001:db8::7", ["[2001:db8::7]:1", "[2001:db8::8]:1"], ["[2001:db8:0:1::7]:1"]),
        ("2001:db8::7/128", "2001:db8::/64", ["[2001:db8::7]:1"], ["[2001:db8:0:1::7]:1"]),
        ("2001:db8::/48", "2001:0db8::/48", ["[2001:db8:0:1::7]:1"], ["[2001:db8:1::7]:1"]),
        ("fe80::7", "fe80::0007", ["[fe80::7]:1"], ["[fe80::8]:1"]),
    ],
)
def test_ban_of_an_address_holds_who_comes_from_there_however_it_is_written(
    server: Server, typed: str, lifted: str, held: list[str], free: list[str]
) -> None:
    """What the host sees of somebody, or of a neighbour: of IPv6 a whole place, in which all have many addresses."""
    alice, _bob = meet(server, "alice", "bob")
    make_operator(alice)
    eves = [server.login(f"eve{number}", address=address) for number, address in enumerate((*held, *free))]
    assert {each.ask("join_room", room="python")["type"] for each in eves} == {"room"}
    alice.ask("ban", username=typed)
    places = [each.ask("whois", username=each.welcome["username"])["room"] for each in eves]
    assert places == ["lobby"] * len(held) + ["python"] * len(free)
    assert {each.refused("join_room", room="python") for each in eves[: len(held)]} == {"banned"}
    assert alice.ask("unban", username=lifted)["type"] == "ok"
    assert {each.ask("join_room", room="python")["type"] for each in eves[: len(held)]} == {"room"}


def test_ban_with_the_address_is_not_lifted_by_naming_the_address(server: Server) -> None:
    """It is of a person first."""
    alice, bob = meet(server, "alice", "bob")
    make_operator(alice)
    alice.ask("ban", username="bob", address=True)
    assert alice.refused("unban", username="192.0.2.1") == "no_such_ban"
    assert bob.refused("join_room", room="python") == "banned"


def test_address_of_a_banned_user_does_not_hold_who_has_a_role(server: Server) -> None:
    """A class has one address: the teacher stays in."""
    alice, _bob, carol = meet(server, "alice", "bob", "carol")
    alice.ask("ban", username="bob", address=True)
    assert alice.ask("whois", username="alice")["room"] == "python"
    assert alice.ask("whois", username="carol")["room"] == "lobby"
    assert carol.refused("join_room", room="python") == "banned"


def test_somebody_who_is_not_there_is_banned_by_name(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    assert alice.ask("ban", username="Mallory")["type"] == "ok"
    assert alice.refused("ban", username="no name") == "bad_name"
    mallory = server.login("mallory")
    assert mallory.refused("join_room", room="python") == "banned"
    assert alice.ask("unban", username="MALLORY")["type"] == "ok"
    assert [each["act"] for each in acts(alice)] == ["ban", "unban"]
    assert mallory.ask("join_room", room="python")["type"] == "room"
    assert alice.ask("unban", username="mallory")["message"] == "mallory is not banned"


def test_room_is_told_when_nobody_has_the_name_that_is_banned_or_muted(server: Server) -> None:
    """It may be mistyped; not so when it looks like that of somebody, whom it holds, or when it is an address."""
    alice, bob, _ann = meet(server, "alice", "bob", "ann0")
    make_operator(alice)
    alice.take()
    alice.ask("ban", username="boob")
    alice.ask("mute", username="bbo")
    alice.ask("ban", username="annO")
    alice.ask("ban", username="192.0.2.0/24")
    alice.ask("mute", username="BOB")
    assert [(each["act"], each["target"], each.get("value")) for each in acts(bob)] == [
        ("ban", "boob", "absent"),
        ("mute", "bbo", "absent"),
        ("ban", "annO", None),
        ("ban", "192.0.2.0/24", None),
        ("mute", "bob", "muted"),
    ]
    known = alice.ask("list_acts")["acts"][-5:]
    assert [each.get("value") for each in known] == [None, "muted", None, None, "muted"]


def test_ban_is_lifted_by_any_name_of_its_user(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("ban", username="bob")
    bob.ask("rename", username="robert")
    assert alice.ask("unban", username="robert")["type"] == "ok"
    assert bob.ask("join_room", room="python")["type"] == "room"


def test_bans_and_mutes_are_listed_with_who_why_and_until_when(server: Server) -> None:
    alice, bob, _carol = meet(server, "alice", "bob", "carol")
    alice.ask("ban", username="bob", reason="spam", seconds=60)
    alice.ask("mute", username="carol")
    bans = alice.ask("list_bans")
    assert (bans["room"], bans["more"]) == ("python", False)
    told = [{key: each[key] for key in each if key not in ("at", "number", "until")} for each in bans["bans"]]
    assert told == [
        {"username": "bob", "act": "ban", "by": "alice", "reason": "spam"},
        {"username": "carol", "act": "mute", "by": "alice"},
    ]
    assert bob.refused("list_bans", room="python") == "banned"
    assert bob.refused("list_bans") == "not_allowed"


def test_long_list_of_bans_comes_in_pieces(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    for number in range(60):
        alice.ask("ban", username=f"troll{number}", reason="\U0001f600" * 300)
    found, more, after = [], True, 0
    while more:
        piece = alice.ask("list_bans", after=after)
        found += [each["username"] for each in piece["bans"]]
        more, after = piece["more"], piece["bans"][-1]["number"]
    assert found == [f"troll{number}" for number in range(60)]


def test_each_piece_of_a_list_has_a_line_however_short_texts_may_be(make_server: Callable[..., Server]) -> None:
    """Bans and acts: one that is longer than what a frame has room for is told all the same."""
    server = make_server(operator_token=TOKEN, text_bytes=1)
    alice, _bob, _carol = meet(server, "alice", "bob", "carol")
    make_operator(alice)
    for username in ("bob", "carol"):
        alice.ask("ban", username=username)
    for request, lines in (("list_bans", "bans"), ("list_acts", "acts")):
        first = alice.ask(request)
        second = alice.ask(request, after=first[lines][-1]["number"])
        assert (len(first[lines]), first["more"]) == (1, True)
        assert len(second[lines]) >= 1


def test_nobody_banned_from_the_lobby_gets_into_the_server(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    make_operator(alice)
    bob.ask("create_room", room="python")
    assert alice.ask("ban", username="bob", seconds=60)["type"] == "ok"
    assert bob.take("bye")[0]["code"] == "banned"
    refused = server.connect().ask("login", username="BOB")
    assert (refused["code"], refused["values"]["room"]) == ("banned", "lobby")
    token = {"client": bob.welcome["client"], "token": bob.token}
    assert server.connect().refused("login", username="eve", **token) == "banned"
    assert server.users() == ["alice"]
    server.advance(61)
    assert server.login("bob").welcome["room"] == "lobby"


def test_room_that_is_gone_takes_its_bans_with_it(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("ban", username="bob")
    alice.ask("leave_room")
    assert bob.ask("create_room", room="python")["role"] == "owner"
    assert server.chat.state.ruled.keys() == {server.chat.users["bob"].person}
    assert not server.chat.state.sanctions.rooms


# Mutes.


def test_muted_user_listens_and_says_nothing(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("mute", username="bob", seconds=60, reason="quiet please")
    assert acts(bob)[0]["act"] == "mute"
    answer = bob.ask("send_message", text="no")
    assert (answer["code"], answer["message"]) == ("muted", "you may not speak in python for another 1 min")
    assert bob.refused("broadcast", text="no") == "muted"
    assert bob.refused("rename", username="NO") == "muted"
    assert bob.refused("set_topic", topic="no") == "not_allowed"
    assert bob.ask("send_direct", to="alice", text="why?")["type"] == "direct"
    alice.ask("send_message", text="hello")
    assert "hello" in bob.texts()
    assert bob.ask("join_room", room="python")["role"] == "muted"
    server.advance(61)
    assert bob.ask("send_message", text="yes")["type"] == "message"


def test_mute_holds_in_its_room_only_and_comes_off(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("mute", username="bob")
    bob.ask("leave_room")
    assert bob.ask("send_message", text="here")["type"] == "message"
    bob.ask("join_room", room="python")
    assert bob.refused("send_message", text="there") == "muted"
    assert alice.ask("unmute", username="bob")["type"] == "ok"
    assert bob.ask("send_message", text="there")["type"] == "message"
    assert alice.ask("unmute", username="bob")["message"] == "bob may speak already"


@pytest.mark.parametrize("act", ["mute", "ban"])
@pytest.mark.parametrize("room", ["python", "declared"])
def test_lobby_is_no_way_around_what_an_operator_did_in_a_room(act: str, room: str) -> None:
    """What is said to everyone is heard there. Who looks after a declared room does so for the operators."""
    server = Server(operator_token=TOKEN)
    alice, bob, carol = server.logins("alice", "bob", "carol")
    if room == "declared":
        open_doors(server.chat.state, [room])
        server.chat.state.give_role(server.chat.rooms[room], server.chat.state.users["alice"].person, Role.MODERATOR)
    else:
        make_operator(alice)
        alice.ask("create_room", room=room)
    for each in (alice, bob):
        each.ask("join_room", room=room)
    alice.ask(act, username="bob", seconds=60)
    bob.ask("leave_room")
    refused = bob.ask("broadcast", text="hello everyone", cid=1)
    assert (refused["code"], refused["values"]["room"]) == ({"mute": "muted", "ban": "banned"}[act], room)
    name = "bob" if act == "mute" else "robert"
    assert bob.ask("rename", username="robert").get("code", "") == ("muted" if act == "mute" else "")
    assert bob.refused("broadcast", text="hello") == refused["code"]
    assert bob.ask("send_message", text="in the lobby I may speak")["type"] == "message"
    assert carol.ask("broadcast", text="so may I")["type"] == "broadcast"
    server.advance(60)
    assert bob.ask("broadcast", text="it is over")["type"] == "broadcast"
    alice.ask(act, username=name)
    assert bob.refused("broadcast", text="hello") == refused["code"]
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Server(life="2", before_start=lambda chat: load(chat, rows))
    back = again.login(name, client=bob.welcome["client"], token=bob.token)
    assert back.refused("broadcast", text="hello") == refused["code"]


def test_nobody_is_kept_from_speaking_to_everyone_by_whoever_has_made_a_room(server: Server) -> None:
    """Everybody can make one, and mute there whom he likes."""
    mallory, bob = meet(server, "mallory", "bob")
    mallory.ask("mute", username="bob")
    assert bob.refused("broadcast", text="here I am silent") == "muted"
    bob.ask("leave_room")
    assert bob.ask("broadcast", text="hello")["type"] == "broadcast"


def test_send_of_a_muted_user_uses_up_its_number_and_earlier_ones_are_answered_as_they_were(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    said = bob.ask("send_message", text="before", cid=1)
    alice.ask("mute", username="bob")
    assert bob.ask("send_message", text="before", cid=1) == said
    assert bob.refused("send_message", text="while", cid=2) == "muted"
    alice.ask("unmute", username="bob")
    assert bob.refused("send_message", text="while", cid=2) == "muted"
    assert bob.ask("send_message", text="after", cid=3)["type"] == "message"


def test_muted_moderator_moderates_no_more_until_it_is_over(server: Server) -> None:
    alice, bob, _carol = meet(server, "alice", "bob", "carol")
    alice.ask("set_role", username="bob", role="moderator")
    alice.ask("mute", username="bob", seconds=10)
    assert bob.refused("unmute", username="bob") == "not_allowed"
    server.advance(11)
    assert bob.ask("kick", username="carol")["type"] == "ok"


# Private, slow and closed rooms.


def test_private_room_lets_in_who_is_invited_and_who_was_there(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    carol, dave = server.login("carol"), server.login("dave")
    alice.ask("send_message", text="a secret")
    assert alice.ask("set_private", private=True)["type"] == "ok"
    assert acts(bob)[0] == {"act": "set_private", "by": "alice", "value": True}
    bob.ask("leave_room")
    assert bob.ask("join_room", room="python")["private"] is True
    for stranger in (carol, dave):
        assert stranger.refused("join_room", room="python") == "room_private"
        assert stranger.refused("history", room="python") == "room_private"
    carol.take()
    assert alice.ask("invite", username="carol")["type"] == "ok"
    (told,) = carol.take("moderated")
    assert (told["act"], told["room"], told["target"]) == ("invite", "python", "carol")
    assert carol.ask("join_room", room="python")["type"] == "room"
    assert dave.refused("join_room", room="python") == "room_private"
    alice.ask("set_private", private=False)
    assert "private" not in dave.ask("join_room", room="python")


def test_who_is_kicked_out_of_a_private_room_needs_another_invitation(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_private", private=True)
    alice.ask("kick", username="bob")
    assert bob.refused("join_room", room="python") == "room_private"
    assert bob.refused("invite", username="bob", room="python") == "not_allowed"
    alice.ask("invite", username="bob")
    assert bob.ask("join_room", room="python")["type"] == "room"


def test_invitation_is_no_way_around_a_ban(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_private", private=True)
    alice.ask("ban", username="bob")
    alice.ask("invite", username="bob")
    assert bob.refused("join_room", room="python") == "banned"


def test_slow_room_lets_members_wait_between_two_messages_and_moderators_not(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    assert alice.ask("set_slow", seconds=10)["type"] == "ok"
    assert acts(bob)[0] == {"act": "set_slow", "by": "alice", "value": 10}
    assert bob.ask("send_message", text="one", cid=1)["type"] == "message"
    server.advance(4)
    refused = bob.ask("send_message", text="two", cid=2)
    assert (refused["code"], refused["retry_after"], refused["cid"]) == ("slow_mode", 6.0, 2)
    assert refused["message"] == "in python you may say something every 10 s"
    assert bob.ask("send_message", text="one", cid=1)["type"] == "message"  # a repetition is none
    assert bob.ask("send_direct", to="alice", text="meanwhile")["type"] == "direct"
    server.advance(6)
    assert bob.ask("send_message", text="two", cid=2)["type"] == "message"
    for _ in range(3):
        assert alice.ask("send_message", text="as I like")["type"] == "message"


def test_another_room_or_connection_is_no_way_around_slow_mode(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    bob.ask("leave_room")
    assert bob.ask("send_message", text="two")["type"] == "message"  # the lobby is not slow
    bob.ask("join_room", room="python")
    assert bob.refused("send_message", text="three") == "slow_mode"
    bob.drop()
    back = server.login("bob", client=bob.welcome["client"], token=bob.token)
    assert back.welcome["slow"] == 10
    assert back.refused("send_message", text="three") == "slow_mode"


def test_guest_who_registers_waits_in_a_slow_room_for_what_was_said_before(server: Server) -> None:
    """It is another person from then on, and the same one."""
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    server.advance(4)
    assert bob.ask("register", password="correct horse") == {"type": "ok"}
    assert bob.ask("send_message", text="two")["retry_after"] == 6.0


@pytest.mark.parametrize("leaving", ["logout", "drop", "kick"])
def test_new_session_from_the_same_address_is_no_way_around_slow_mode(server: Server, leaving: str) -> None:
    """Nor is another name with it. Who is back under the old one waits as before, and for the new one nobody else."""
    alice, bob = meet(server, "alice", "bob")
    make_operator(alice)
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    server.advance(4)
    if leaving == "drop":
        bob.drop()
    elif leaving == "logout":
        bob.ask("logout")
    else:
        alice.ask("kick", username="bob", room="lobby")
    fresh, other = server.login("robert"), server.login("carol")
    for each in (fresh, other):
        each.ask("join_room", room="python")
    refused = fresh.ask("send_message", text="two")
    assert (refused["code"], refused["retry_after"]) == ("slow_mode", 6.0)
    assert other.ask("send_message", text="I was not here before")["type"] == "message"
    if leaving == "drop":
        back = server.login("bob", client=bob.welcome["client"], token=bob.token)
        assert back.ask("send_message", text="two")["retry_after"] == 6.0
    server.advance(6)
    assert fresh.ask("send_message", text="two")["type"] == "message"


def test_nobody_waits_in_a_slow_room_for_somebody_else_who_is_there_or_was_elsewhere(server: Server) -> None:
    """Several have one address; who was in when somebody went is another one, and so is who comes from elsewhere."""
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    dave = server.login("dave")
    dave.ask("join_room", room="python")
    assert dave.ask("send_message", text="I am new, and bob is here")["type"] == "message"
    bob.ask("logout")
    assert carol.ask("send_message", text="I was here")["type"] == "message"
    erin = server.login("erin", address="198.51.100.1:5000")
    erin.ask("join_room", room="python")
    assert erin.ask("send_message", text="I am from elsewhere")["type"] == "message"


def test_who_came_back_leaves_nothing_for_others_to_wait_for(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    bob.drop()
    server.login("bob", client=bob.welcome["client"], token=bob.token)
    carol = server.login("carol")
    carol.ask("join_room", room="python")
    assert carol.ask("send_message", text="two")["type"] == "message"


def test_who_has_to_wait_in_a_slow_room_and_who_of_them_has_left_is_in_a_snapshot(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="one")
    bob.ask("logout")
    rows = json.loads(json.dumps(list(dump(server.chat))))
    spoken = Server(life="2", before_start=lambda chat: load(chat, rows)).chat.rooms["python"].spoken
    assert spoken.left == server.chat.rooms["python"].spoken.left != {}
    assert spoken.at == server.chat.rooms["python"].spoken.at


def test_owner_of_an_account_waits_in_a_slow_room_as_a_guest_too(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("register", password="correct horse")
    bob.ask("send_message", text="one")
    bob.ask("logout")
    guest = server.login("robert")
    guest.ask("join_room", room="python")
    assert guest.refused("send_message", text="two") == "slow_mode"


def test_message_that_is_refused_in_a_slow_room_makes_nobody_wait(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    assert bob.refused("send_message", text="one", reply_to=99) == "no_such_message"
    assert bob.ask("send_message", text="two")["type"] == "message"


def test_room_that_becomes_slow_again_remembers_nobody(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    for _ in range(2):
        alice.ask("set_slow", seconds=10)
        assert bob.ask("send_message", text="one")["type"] == "message"
        alice.ask("set_slow", seconds=0)


def test_slow_room_remembers_those_who_have_to_wait_and_so_many_at_most() -> None:
    spoken = Spoken()
    for number in range(10_002):
        spoken.note(f"#{number}", 60, 0.0)
    assert [spoken.wait(person, 60, 1.0) for person in ("#0", "#1", "#2", "#10001")] == [0.0, 0.0, 59.0, 59.0]
    spoken.note("#5", 60, 60.0)
    assert spoken.at == {"#5": 60.0}


def test_last_of_what_a_person_has_said_under_two_names_counts_in_a_slow_room() -> None:
    spoken = Spoken()
    for person, clock in (("#1", 1.0), ("=3", 2.0), ("#2", 3.0)):
        spoken.note(person, 60, clock)
    spoken.follow("#1", "=3")
    spoken.follow("#7", "=3")
    assert list(spoken.at.items()) == [("=3", 2.0), ("#2", 3.0)]


def test_closed_room_is_gone_and_everybody_is_in_the_lobby(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    assert bob.refused("close_room") == "not_allowed"
    assert alice.ask("close_room", reason="the lesson is over")["type"] == "ok"
    assert acts(bob) == [{"act": "close_room", "by": "alice", "reason": "the lesson is over"}]
    assert [each.take("room")[-1]["room"] for each in (alice, bob)] == ["lobby", "lobby"]
    assert bob.refused("join_room", room="python") == "no_such_room"
    assert bob.ask("create_room", room="python")["role"] == "owner"


def test_room_that_is_always_there_is_not_closed_and_the_lobby_not_private(server: Server) -> None:
    alice = server.login("alice")
    make_operator(alice)
    assert alice.refused("close_room") == "forbidden"
    assert alice.refused("set_private", private=True) == "forbidden"


# Operators are told, and it lasts.


def test_every_act_is_a_line_of_the_operators_log(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    alice.ask("ban", username="bob", reason="spam")
    alice.ask("mute", username="bob", seconds=60)
    until = alice.take("moderated")[-1]["until"]
    ban, mute = [fields for what, fields in server.records if what == "moderated"]
    assert ban == {"user": "alice", "act": "ban", "room": "python", "target": "bob", "reason": "spam"}
    assert mute == {"user": "alice", "act": "mute", "room": "python", "target": "bob", "value": "muted", "until": until}
    assert until.endswith("Z")


def test_topics_roles_bans_and_mutes_are_in_a_snapshot(server: Server) -> None:
    alice, _bob, _carol = meet(server, "alice", "bob", "carol")
    alice.ask("set_topic", topic="x")
    alice.ask("ban", username="bob", seconds=60, address=True)
    alice.ask("mute", username="carol")
    alice.ask("set_private", private=True)
    alice.ask("set_slow", seconds=3)
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Server(life="2", before_start=lambda chat: load(chat, rows))
    room = again.chat.rooms["python"]
    assert (room.topic, room.private, room.slow) == ("x", True, 3)
    assert list(again.chat.state.slow_rooms) == [room]
    assert room.invited == server.chat.rooms["python"].invited
    assert room.roles == server.chat.rooms["python"].roles
    assert room.sanctions == server.chat.rooms["python"].sanctions
    assert list(again.chat.state.sanctions.rooms) == [room]
    assert list(again.chat.state.ruled.values()) == [{room: None}]


# The courseworks.


class TextGuest(Guest):
    """A user of `simple-text`."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, SimpleTextDialect(zone=UTC))
        self.says("/pseudo", name)
        self.greeting = "".join(self.lines())

    def talk(self, text: str) -> str:
        """Say something, and return what came since the last time."""
        self.says(text)
        return "".join(self.lines())


class JsonGuest(Guest):
    """A user of `simple-json`."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(server, SimpleJsonDialect())
        self.greeting = str(self.asks(type="login", username=name))

    def talk(self, text: str) -> str:
        """Say something, and return what came since the last time."""
        return str(self.asks(type="message", content=text))


@pytest.mark.parametrize("coursework", [TextGuest, JsonGuest])
def test_user_of_a_coursework_is_muted_kicked_and_banned_in_its_own_words(
    server: Server, coursework: type[TextGuest] | type[JsonGuest]
) -> None:
    """They sit in the lobby, so operators look after them."""
    alice = server.login("alice")
    make_operator(alice)
    bob = coursework(server, "bob")
    alice.ask("mute", username="bob")
    assert "Vous ne pouvez pas écrire ici" in bob.talk("hello")
    assert alice.texts() == []
    alice.ask("kick", username="bob")
    assert "bob a été exclu de lobby par alice" in "".join(bob.lines())
    assert bob.link.closed is not None
    again = coursework(server, "bob")
    assert "Vous ne pouvez pas écrire ici" in again.talk("hello")  # it was the name that was muted
    alice.ask("ban", username="bob", reason="spam", address=True)
    assert "bob a été banni de lobby par alice : spam" in "".join(again.lines())
    for name in ("BOB", "other"):  # another case, another name from the same address
        assert "Vous êtes banni d'ici" in coursework(server, name).greeting
    assert server.users() == ["alice"]


@pytest.mark.parametrize("coursework", [TextGuest, JsonGuest])
def test_ban_holds_over_every_dialect(server: Server, coursework: type[TextGuest] | type[JsonGuest]) -> None:
    """Whoever was put out of one of them does not come back by another one."""
    alice, _bob = server.logins("alice", "bob")
    make_operator(alice)
    alice.ask("ban", username="bob")
    assert "Vous êtes banni d'ici" in coursework(server, "Bob").greeting
    eve = coursework(server, "eve")
    alice.ask("ban", username="eve")
    assert eve.link.closed is not None
    assert server.connect().refused("login", username="Eve") == "banned"


def test_what_is_so_already_is_told_to_nobody(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    for kind, fields in (
        ("set_topic", {"topic": ""}),
        ("set_slow", {"seconds": 0}),
        ("set_private", {"private": False}),
    ):
        assert alice.ask(kind, **fields)["type"] == "ok"
    assert acts(bob) == []


def test_heir_of_a_room_need_not_be_there(server: Server) -> None:
    """The role waits for who comes back, and nobody else is told."""
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    alice.ask("set_role", username="bob", role="moderator")
    acts(carol)
    bob.drop()
    alice.ask("logout")
    assert acts(carol) == [{"act": "set_role", "by": "", "target": "bob", "value": "owner"}]


def test_user_is_banned_once_however_often(server: Server) -> None:
    """The last time counts; what is over is forgotten on the way."""
    alice, _bob = meet(server, "alice", "bob")
    alice.ask("ban", username="zoe", seconds=10)
    for reason in ("one", "two"):
        alice.ask("ban", username="bob", reason=reason)
    assert [(each["username"], each.get("reason")) for each in alice.ask("list_bans")["bans"]] == [
        ("zoe", None),
        ("bob", "two"),
    ]
    server.advance(11)
    alice.ask("ban", username="eve")
    assert [each["username"] for each in alice.ask("list_bans")["bans"]] == ["bob", "eve"]
