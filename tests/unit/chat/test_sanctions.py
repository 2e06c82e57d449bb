"""Bans and mutes hold whoever is meant, under whatever name, and nobody else; what an operator did is an operator's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.chat.snapshot import dump, load
from chatcore.commands import BanUser, BecomeOperator, JoinRoom, MuteUser, Rename, UnbanUser, UnmuteUser
from chatcore.events import Accepted, Refused
from chatcore.records import HOLDS_WHO_IS_MEANT, LEAVES_OPERATORS_ROOM, RANKS_IN_ALL_SESSIONS, RULES, Act
from tests.unit.chat.test_moderation import TOKEN, JsonGuest, TextGuest, acts, make_operator, meet
from tests.unit.chat.test_some_at_a_time import House
from tests.unit.playbook import Client, Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def speaks(client: Client) -> bool:
    return client.ask("send_message", text="hello")["type"] == "message"


def comes_in(client: Client) -> bool:
    return client.ask("join_room", room="python")["type"] == "room"


def banned(client: Client, room: str = "python") -> list[str]:
    return [each["username"] for each in client.ask("list_bans", room=room)["bans"]]


# Names that a user has had for a while are not the user.


def test_names_that_a_muted_user_takes_are_muted_for_nobody_else(server: Server) -> None:
    """It is the user who is silent, under each of them, by the client id too."""
    olga, mal = server.logins("olga", "mal")
    make_operator(olga)
    olga.ask("mute", username="mal")
    client = mal.welcome["client"]
    mal.ask("logout")
    for name in ("alice", "bertha"):
        mal = server.login(name, client=client)
        assert not speaks(mal)
        mal.ask("logout")
    alice, bertha = server.logins("alice", "bertha")
    assert speaks(alice)
    assert speaks(bertha)
    assert olga.ask("unmute", username="alice")["message"] == "alice may speak already"
    assert banned(olga, "lobby") == ["mal"]
    mal = server.login("carl", client=client)
    assert not speaks(mal)
    assert not speaks(server.login("MaI")), "the name that it was for is held, and what looks like it"
    assert olga.ask("unmute", username="carl")["type"] == "ok"
    assert speaks(mal)


def test_names_that_a_banned_user_takes_are_free_again(server: Server) -> None:
    """For who comes later, and for the member who had one before."""
    alice, mal, gill = meet(server, "alice", "mal", "gill")
    alice.ask("ban", username="mal")
    mal.ask("rename", username="carl")
    mal.ask("rename", username="carol")
    assert comes_in(server.login("carl"))
    gill.ask("rename", username="gilbert")
    mal.ask("rename", username="gill")
    assert not comes_in(mal)
    mal.ask("rename", username="mal")
    assert gill.ask("rename", username="gill")["type"] == "ok"
    assert not comes_in(mal)


def test_ban_under_another_name_takes_the_place_of_the_one_before(server: Server) -> None:
    """The last one counts: what is listed is what holds, and is lifted once."""
    alice, mal = meet(server, "alice", "mal")
    alice.ask("ban", username="mal")
    mal.ask("rename", username="carl")
    alice.ask("ban", username="carl", seconds=60)
    assert banned(alice) == ["carl"]
    assert comes_in(server.login("mal"))
    server.advance(61)
    assert comes_in(mal)


@pytest.mark.parametrize(("rules", "held"), [(HOLDS_WHO_IS_MEANT - 1, True), (HOLDS_WHO_IS_MEANT, False)])
def test_journal_of_before_holds_the_names_that_a_banned_user_took(rules: int, held: bool) -> None:
    """What its entries say behind that was said, or not, by people who were kept out by these names."""
    house = House(4, rules)
    house.meet("big")
    house.asks(0, BanUser("u1"))
    house.asks(1, Rename("carl"))
    house.asks(1, Rename("other"))
    assert isinstance(house.asks(2, Rename("carl")), Refused) is held


@pytest.mark.parametrize(("rules", "lifted"), [(HOLDS_WHO_IS_MEANT - 1, True), (HOLDS_WHO_IS_MEANT, False)])
def test_journal_of_before_lets_an_owner_take_back_what_an_operator_did(rules: int, lifted: bool) -> None:
    house = House(3, rules)
    house.meet("big")
    house.asks(1, BecomeOperator())
    house.asks(1, MuteUser("u2"))
    assert (house.asks(0, UnmuteUser("u2")) == Accepted()) is lifted
    house.asks(1, BanUser("u2"))
    house.asks(0, UnbanUser("u2"))
    assert (not isinstance(house.asks(2, JoinRoom("big")), Refused)) is lifted


# What an operator did.


@pytest.mark.parametrize(("act", "back"), [("mute", "unmute"), ("ban", "unban")])
def test_what_an_operator_did_in_a_room_is_taken_back_by_operators_only(server: Server, act: str, back: str) -> None:
    """Neither does an act of the owner take its place: it stands beside it."""
    alice, bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask(act, username="bob")
    refused = alice.ask(back, username="bob")
    assert (refused["code"], refused["values"]["what"]) == ("not_allowed", "by_operator")
    assert refused["message"] == "an operator has banned or muted bob in python: only operators take that back"
    alice.ask(act, username="bob", seconds=1)
    assert banned(alice) == ["bob", "bob"]
    server.advance(2)
    assert bob.ask("join_room", room="python").get("role") in (None, "muted")
    assert olga.ask(back, username="bob")["type"] == "ok"
    assert bob.ask("join_room", room="python")["role"] == "member"


@pytest.mark.parametrize(("act", "back", "said"), [("mute", "unmute", "muted"), ("ban", "unban", "banned")])
def test_owner_takes_the_own_act_back_and_is_told_that_an_operators_holds(
    server: Server, act: str, back: str, said: str
) -> None:
    alice, bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask(act, username="bob")
    alice.ask(act, username="bob")
    alice.take()
    assert alice.ask(back, username="bob")["type"] == "ok"
    assert acts(alice) == [{"act": back, "by": "alice", "target": "bob", "value": said}]
    assert bob.ask("join_room", room="python").get("role") in (None, "muted")
    alice.ask(act, username="bob")
    assert olga.ask(back, username="bob")["type"] == "ok", "an operator takes back both"
    assert banned(alice) == []


def test_act_of_an_operator_takes_the_place_of_the_owners(server: Server) -> None:
    alice, bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    alice.ask("mute", username="bob")
    olga.ask("mute", username="bob", seconds=60)
    server.advance(61)
    assert speaks(bob)


def test_longest_mute_is_the_one_that_a_refusal_tells(server: Server) -> None:
    alice, bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask("mute", username="bob", seconds=60)
    alice.ask("mute", username="bob", seconds=600)
    assert bob.ask("send_message", text="no")["message"] == "you may not speak in python for another 10 min"


def test_role_is_no_way_around_what_an_operator_did(server: Server) -> None:
    """Whoever has one is held by no name and no place: nobody but an operator gives it to who is held by one."""
    alice, _bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask("ban", username="zoe")
    zoe = server.login("zoe")
    for role in ("moderator", "owner"):
        refused = alice.ask("set_role", username="zoe", role=role)
        assert (refused["code"], refused["values"]["what"]) == ("not_allowed", "by_operator")
    assert not comes_in(zoe)
    assert olga.ask("set_role", username="zoe", role="moderator")["type"] == "ok"
    assert comes_in(zoe)


def test_moderators_of_a_declared_room_take_back_what_moderators_did(server: Server) -> None:
    open_doors(server.chat.state, ["class"])
    olga, ann, ben, bob = server.logins("olga", "ann", "ben", "bob")
    make_operator(olga)
    for each in (olga, ann, ben, bob):
        each.ask("join_room", room="class")
    for name in ("ann", "ben"):
        olga.ask("set_role", username=name, role="moderator")
    ann.ask("mute", username="bob")
    assert ben.ask("unmute", username="bob")["type"] == "ok"
    assert speaks(bob)
    olga.ask("mute", username="bob")
    assert ben.refused("unmute", username="bob") == "not_allowed"


def test_snapshot_says_what_operators_did_and_one_of_before_does_not(server: Server) -> None:
    alice, _bob, olga = meet(server, "alice", "bob", "olga")
    make_operator(olga)
    olga.ask("mute", username="bob")
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Server(life="2", before_start=lambda chat: load(chat, json.loads(json.dumps(rows))))
    back = again.login("alice", client=alice.welcome["client"], token=alice.token)
    assert back.refused("unmute", username="bob") == "not_allowed"
    for row in rows:
        for each in row.get("sanctions", ()):
            del each["by_operator"]
    before = Server(life="3", before_start=lambda chat: load(chat, rows))
    back = before.login("alice", client=alice.welcome["client"], token=alice.token)
    assert back.ask("unmute", username="bob")["type"] == "ok"


@pytest.mark.parametrize("coursework", [TextGuest, JsonGuest])
def test_user_of_a_coursework_is_not_told_to_speak_again_whom_an_operator_keeps_silent(
    server: Server, coursework: type[TextGuest] | type[JsonGuest]
) -> None:
    olga, ann = server.logins("olga", "ann")
    make_operator(olga)
    olga.ask("set_role", username="ann", role="moderator")
    bob = coursework(server, "bob")
    olga.ask("mute", username="bob")
    ann.ask("mute", username="bob")
    bob.lines()
    ann.ask("unmute", username="bob")
    assert "de nouveau" not in "".join(bob.lines())
    olga.ask("unmute", username="bob")
    assert "bob peut de nouveau écrire dans lobby" in "".join(bob.lines())


# Two names of one account.


@pytest.mark.parametrize(("act", "back"), [("mute", "unmute"), ("ban", "unban")])
@pytest.mark.parametrize(("held", "freed"), [("aac", "aac2"), ("aac2", "aac")])
def test_act_is_taken_back_under_the_other_name_of_the_account(
    server: Server, act: str, back: str, held: str, freed: str
) -> None:
    """Whoever has the name now is meant, be it that the other session was named."""
    alice, aac = meet(server, "alice", "aac")
    aac.ask("register", password="correct horse")
    other = server.login("aac2", account="aac", password="correct horse")
    other.ask("join_room", room="python")
    alice.ask(act, username=held)
    assert [each.ask("join_room", room="python").get("role") in (None, "muted") for each in (aac, other)] == [True] * 2
    assert alice.ask(back, username=freed)["type"] == "ok"
    assert [each.ask("join_room", room="python").get("role") for each in (aac, other)] == ["member"] * 2


def test_owner_of_an_account_sees_in_every_session_what_is_done_to_him_in_one(server: Server) -> None:
    """Each is the same person, and shows what that is in the room."""
    alice, aac = meet(server, "alice", "aac")
    aac.ask("register", password="correct horse")
    other = server.login("aac2", account="aac", password="correct horse")
    other.ask("join_room", room="python")
    shown = list[str]()
    for act, more in (
        ("mute", {}),
        ("unmute", {}),
        ("set_role", {"role": "moderator"}),
        ("set_role", {"role": "owner"}),
    ):
        for each in (alice, aac, other):
            each.take()
        alice.ask(act, username="aac", **more)
        assert aac.take("room") == [], "it was named, and told so"
        shown += [frame["role"] for frame in other.take("room")]
        assert alice.take("room") == [], "she knows what she has done"
    assert shown == ["muted", "member", "moderator", "owner"]


def operator_with_a_phone(server: Server) -> tuple[Client, Client]:
    """Return an operator by the token, with an account of another name, and the same one's session that has none."""
    boss = server.login("acc")
    boss.ask("register", password="correct horse")
    make_operator(boss)
    boss.ask("rename", username="boss")
    phone = server.login("phone")
    phone.ask("identify", account="acc", password="correct horse")
    return boss, phone


def outranked(by: Client, act: str, **fields: str) -> bool:
    answer = by.ask(act, **fields)
    return answer.get("code") == "not_allowed" and answer["values"]["what"] == "outranked"


@pytest.mark.parametrize("room", ["python", "lobby"])
@pytest.mark.parametrize("act", ["kick", "ban", "mute", "set_role"])
@pytest.mark.parametrize("name", ["boss", "phone", "acc"])
def test_nobody_gets_at_an_operator_by_another_session_or_the_name_of_the_account(
    server: Server, room: str, act: str, name: str
) -> None:
    """A rank is the person's, in all sessions: what is done in one is done in the others."""
    olga, mal = server.logins("olga", "mal")
    make_operator(olga)
    mal.ask("create_room", room="python")
    olga.ask("set_role", username="mal", role="owner", room="lobby")
    both = operator_with_a_phone(server)
    for each in both:
        each.ask("join_room", room="python")
    fields = {"role": "moderator"} if act == "set_role" else {}
    if name == "acc" and act in ("kick", "set_role"):
        assert mal.refused(act, room=room, username=name, **fields) == "no_such_user"
    else:
        assert outranked(mal, act, room=room, username=name, **fields)
    assert [each.ask("send_message", text="still here")["type"] for each in both] == ["message"] * 2
    assert "acc" not in banned(mal, room)


def test_an_operator_may_do_no_more_in_the_session_that_has_not_shown_the_token(server: Server) -> None:
    """Whoever has the account only, has it only."""
    alice, _bob = meet(server, "alice", "bob")
    _boss, phone = operator_with_a_phone(server)
    assert phone.ask("join_room", room="python")["role"] == "member"
    assert phone.refused("mute", username="bob") == "not_allowed"
    assert alice.ask("whois", username="phone")["role"] == "member"


def test_operator_gives_the_own_other_session_a_role(server: Server) -> None:
    """Nobody outranks oneself, nor has to."""
    meet(server, "alice")
    boss, phone = operator_with_a_phone(server)
    phone.ask("join_room", room="python")
    assert boss.ask("set_role", room="python", username="phone", role="moderator") == {"type": "ok"}
    assert [frame["value"] for frame in acts(phone)] == ["moderator"]


def test_owner_steps_down_by_the_name_of_the_own_other_session(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("register", password="correct horse")
    other = server.login("al", account="alice", password="correct horse")
    alice.ask("set_role", username="bob", role="moderator")
    assert other.ask("set_role", room="python", username="alice", role="moderator") == {"type": "ok"}
    assert [each.ask("join_room", room="python")["role"] for each in (alice, other, bob)] == [
        "moderator",
        "moderator",
        "owner",
    ]


@pytest.mark.parametrize(("rules", "put_out"), [(RANKS_IN_ALL_SESSIONS - 1, True), (RANKS_IN_ALL_SESSIONS, False)])
def test_journal_of_before_puts_an_operator_out_with_the_other_session(rules: int, put_out: bool) -> None:
    """What stands behind that was said without the operator."""
    server = Server(operator_token=TOKEN)
    (alice,) = meet(server, "alice")
    for node in server.chat.nodes.up.values():
        node.rules = rules
    boss, phone = operator_with_a_phone(server)
    for each in (boss, phone):
        each.ask("join_room", room="python")
    alice.ask("kick", username="phone")
    assert (boss.ask("whois", username="boss")["room"] == "lobby") is put_out


def test_owner_of_a_room_sees_when_an_operator_gives_it_to_somebody(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    operator = server.login("operator")
    operator.ask("operator", token=TOKEN)
    operator.ask("set_role", username="bob", role="owner", room="python")
    assert [frame["role"] for frame in alice.take("room")] == ["moderator"]


def test_act_is_taken_back_by_the_name_of_an_account_that_nobody_has_now(server: Server) -> None:
    alice, xbis = meet(server, "alice", "xx")
    xbis.ask("register", password="correct horse")
    xbis.ask("rename", username="xbis")
    alice.ask("mute", username="xbis")
    assert alice.ask("unmute", username="xx")["type"] == "ok"
    assert speaks(xbis)
    alice.take()
    alice.ask("ban", username="xx")
    assert [each.get("value") for each in acts(alice)] == [None], "somebody is meant, and known"
    assert not comes_in(xbis)
    assert alice.ask("unban", username="xbis")["type"] == "ok"
    assert comes_in(xbis)


def test_act_is_taken_back_by_a_second_session_of_the_same_program(server: Server) -> None:
    """It is held by the client id, and named."""
    alice, mal = meet(server, "alice", "mal")
    second = server.login("eve", client=mal.welcome["client"])
    alice.ask("ban", username="mal")
    assert not comes_in(second)
    assert alice.ask("unban", username="eve")["type"] == "ok"
    assert comes_in(mal)
    assert comes_in(second)


def test_act_is_taken_back_by_a_name_that_looks_like_that_of_its_user(server: Server) -> None:
    alice, _bob = meet(server, "alice", "bob")
    alice.ask("ban", username="Eve0")
    like = server.login("eveO")
    assert not comes_in(like)
    assert alice.ask("unban", username="eveO")["type"] == "ok"
    assert comes_in(like)


def test_who_is_held_with_somebody_else_is_not_said_to_be_free(server: Server) -> None:
    """The address was banned with its user, who is to be let in again."""
    alice, _bob, carol = meet(server, "alice", "bob", "carol")
    alice.ask("ban", username="bob", address=True)
    refused = alice.ask("unban", username="carol")
    assert (refused["code"], refused["message"]) == (
        "no_such_ban",
        "carol is held by what was done to bob: take that back",
    )
    alice.ask("unban", username="bob")
    assert comes_in(carol)


def full_of_mutes(rules: int = RULES) -> House:
    """Return a house in whose room the owner has muted as many names as may be, and the second user is an operator."""
    house = House(4, rules)
    house.meet("big")
    house.says(*(Act(house.connection(0), MuteUser(f"nobody{number}")) for number in range(1000)))
    house.asks(1, BecomeOperator())
    return house


def test_owner_who_mutes_as_many_as_may_be_leaves_operators_room() -> None:
    """Owners and moderators share theirs: they lift what they do not need."""
    house = full_of_mutes()
    refused = house.asks(0, BanUser("u3"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.values) == ("too_large", {"what": "bans", "room": "big"})
    assert house.asks(1, MuteUser("u0")) == Accepted()
    assert house.asks(1, BanUser("u2")) == Accepted()
    assert isinstance(house.asks(2, JoinRoom("big")), Refused)


def test_what_operators_did_takes_no_room_of_others() -> None:
    house = House(4)
    house.meet("big")
    house.asks(1, BecomeOperator())
    house.says(*(Act(house.connection(1), MuteUser(f"nobody{number}")) for number in range(1000)))
    assert isinstance(house.asks(1, BanUser("u2")), Refused), "they share theirs, too"
    assert house.asks(0, BanUser("u3")) == Accepted()


def test_journal_of_before_has_no_room_for_operators() -> None:
    """Whom they wanted to mute has spoken since."""
    assert isinstance(full_of_mutes(LEAVES_OPERATORS_ROOM - 1).asks(1, MuteUser("u0")), Refused)
