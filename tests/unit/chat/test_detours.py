"""What somebody may not do is not to be done by a detour either: by editing, by files, or from a room of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.commands import (
    BecomeOperator,
    Command,
    CreateRoom,
    DeleteMessage,
    EditMessage,
    InviteUser,
    JoinRoom,
    KickUser,
    LeaveRoom,
    MuteUser,
    OfferFile,
    React,
    Rename,
    SendBroadcast,
    SendMessage,
    SetPrivate,
    SetSlow,
)
from chatcore.events import Refused
from chatcore.records import RULES, SILENCES_NAMES, STOPS_AT_WHAT_IS_GONE, Act
from tests.unit.chat.test_moderation import make_operator
from tests.unit.chat.test_some_at_a_time import House
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
FILE: Final[dict[str, Any]] = {"name": "you are an idiot.txt", "size": 1, "sha256": "0" * 64}
BEFORE = STOPS_AT_WHAT_IS_GONE - 1


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def meet(server: Server, *usernames: str) -> list[Client]:
    """Return users in a room that the first of them has created; what they heard of it is forgotten."""
    clients = list(server.logins(*usernames))
    clients[0].ask("create_room", room="python")
    for client in clients[1:]:
        client.ask("join_room", room="python")
    server.advance(1.5)
    for client in clients:
        client.take()
    return clients


def texts(client: Client) -> list[str]:
    """Return what stands in the room."""
    return [each["text"] for each in client.ask("history", room="python", limit=10)["messages"]]


def refusals(house: House, asked: Sequence[tuple[int, Command]]) -> list[str]:
    """Let users ask for something in one batch, and return the codes of what is refused, empty where nothing is."""
    outcomes = house.says(*(Act(house.connection(number), command) for number, command in asked)).outcomes
    return [each.answer.code if isinstance(each.answer, Refused) else "" for each in outcomes]


# Messages that are gone, and those in rooms that one may not come into.


def test_deleted_message_stays_so(server: Server) -> None:
    """Whoever had written it or has deleted it; and it is deleted once."""
    alice, bob = meet(server, "alice", "bob")
    for text in ("an insult", "by mistake"):
        bob.ask("send_message", text=text)
    assert alice.ask("delete_message", seq=1)["type"] == bob.ask("delete_message", seq=2)["type"] == "ok"
    alice.take()
    for seq in (1, 2):
        assert bob.refused("edit_message", seq=seq, text="again") == "no_such_message"
        assert bob.refused("react", seq=seq, emoji="👍") == "no_such_message"
        for each in (alice, bob):
            assert each.refused("delete_message", seq=seq) == "no_such_message"
    assert texts(alice) == ["", ""]
    assert alice.take("moderated") == []


@pytest.mark.parametrize(("rules", "code"), [(RULES, "no_such_message"), (BEFORE, "")])
def test_message_that_is_deleted_while_others_ask_for_more_of_it_stays_so(rules: int, code: str) -> None:
    """All of that was asked for while it was there, and the journal has the deletion first."""
    house = House(1, rules)
    house.asks(0, SendMessage("an insult"))
    about: dict[str, Any] = {"seq": 1, "room": "lobby", "epoch": house.chat.log.position("lobby").epoch}
    own: dict[str, Any] = {**about, "sender": "u0", "own": True}
    asked = [DeleteMessage(**own), EditMessage(**own, text="again"), React(**about, emoji="👍"), DeleteMessage(**own)]
    assert refusals(house, [(0, each) for each in asked]) == ["", code, code, code]


def test_whoever_is_put_out_of_a_private_room_says_nothing_there_by_editing(server: Server) -> None:
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    for each in (bob, carol):
        each.ask("send_message", text="hello")
    alice.ask("set_private", private=True)
    alice.ask("kick", username="bob")
    carol.ask("leave_room")
    assert bob.refused("edit_message", seq=1, room="python", text="I am still talking to you") == "room_private"
    assert bob.refused("delete_message", seq=1, room="python") == "room_private"
    assert carol.ask("edit_message", seq=2, room="python", text="I may come back")["type"] == "ok"
    assert texts(alice) == ["hello", "I may come back"]


@pytest.mark.parametrize("closed", ["private", "ban"])
def test_who_may_not_come_in_does_not_learn_which_messages_there_are(server: Server, closed: str) -> None:
    """Nor which are gone, or whether the room is the one of before: the refusal is the same for all."""
    alice, bob = meet(server, "alice", "bob")
    epoch = alice.ask("join_room", room="python")["position"]["epoch"]
    for text in ("one", "two"):
        alice.ask("send_message", text=text)
    alice.ask("delete_message", seq=1)
    alice.ask("ban" if closed == "ban" else "kick", username="bob")
    if closed == "private":
        alice.ask("set_private", private=True)
    more = {
        "edit_message": {"text": "mine"},
        "delete_message": {},
        "react": {"emoji": "👍"},
        "unreact": {"emoji": "👍"},
    }
    told = {
        bob.refused(act, room="python", seq=seq, epoch=of, **fields)
        for act, fields in more.items()
        for seq in (1, 2, 3, 99)
        for of in (epoch, "another")
    }
    assert told == {"banned" if closed == "ban" else "room_private"}


@pytest.mark.parametrize("room", ["lobby", "class", "python"])
def test_whoever_operators_have_muted_takes_no_other_name_elsewhere(server: Server, room: str) -> None:
    """Or all who are there would be told it: in the lobby, a declared room, or one where operators did it."""
    olga, bob = meet(server, "olga", "bob")
    make_operator(olga)
    open_doors(server.chat.state, ["class"])
    olga.ask("mute", room=room, username="bob", seconds=60)
    bob.ask("leave_room")
    if room == "lobby":
        bob.ask("join_room", room="python")
    refused = bob.ask("rename", username="you-idiots")
    assert (refused["code"], refused["values"]["room"]) == ("muted", room)
    server.advance(61)
    assert bob.ask("rename", username="robert") == {"type": "ok"}


def test_whoever_is_kept_silent_or_out_by_the_owner_of_a_room_takes_another_name_elsewhere(server: Server) -> None:
    """Everybody can make a room, and mute whom he likes; who is banned does not come back."""
    alice, bob, carol, olga = meet(server, "alice", "bob", "carol", "olga")
    make_operator(olga)
    alice.ask("mute", username="bob")
    olga.ask("ban", username="carol")
    bob.ask("leave_room")
    for each, name in ((bob, "robert"), (carol, "caro")):
        assert each.ask("rename", username=name) == {"type": "ok"}


@pytest.mark.parametrize(("rules", "muted"), [(SILENCES_NAMES - 1, False), (SILENCES_NAMES, True)])
def test_journal_of_before_lets_a_muted_user_take_another_name_elsewhere(rules: int, muted: bool) -> None:
    house = House(2, rules)
    house.asks(0, BecomeOperator())
    house.asks(0, MuteUser("u1"))
    house.asks(0, CreateRoom("python"))
    house.asks(1, JoinRoom("python"))
    assert (refusals(house, [(1, Rename("another"))]) == ["muted"]) is muted


def test_ban_that_is_over_keeps_nobody_from_reacting_though_nothing_has_happened_since(server: Server) -> None:
    alice, bob = meet(server, "alice", "bob")
    alice.ask("send_message", text="hello")
    alice.ask("mute", username="bob", seconds=60)
    assert bob.refused("react", seq=1, emoji="👍") == "muted"
    server.clock.advance(61)
    assert bob.ask("react", seq=1, emoji="👍") == {"type": "ok"}


def test_journal_of_before_lets_those_edit_who_did_so_then() -> None:
    house = House(2, BEFORE)
    house.meet("python")
    house.asks(1, SendMessage("hello"))
    house.asks(0, SetPrivate(True))
    house.asks(0, KickUser("u1"))
    epoch = house.chat.log.position("python").epoch
    edit = EditMessage(1, "again", "python", epoch, sender="u1", own=True)
    assert refusals(house, [(1, edit)]) == [""]


def test_whoever_may_not_come_in_is_not_told_who_is_mentioned_there(server: Server) -> None:
    """It could not be read, and so would stay for ever. Once the door is open again it is there."""
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    alice.ask("ban", username="bob")
    alice.ask("set_private", private=True)
    alice.ask("kick", username="carol")
    for each in (bob, carol):
        each.take()
    alice.ask("send_message", text="@bob, @carol: hello")
    server.advance(1.5)
    back = dict[str, Client]()
    for name, each in {"bob": bob, "carol": carol}.items():
        assert each.take("unread") == []
        each.drop()
        back[name] = server.login(name, client=each.welcome["client"], token=each.token)
        assert [line["room"] for line in back[name].welcome["unread"]] == ["lobby"]
    alice.ask("set_private", private=False)
    alice.ask("unban", username="bob")
    server.advance(1.5)
    alice.ask("send_message", text="@bob: hello again")
    server.advance(1.5)
    (told,) = back["bob"].take("unread")
    assert [(line["room"], line["mentions"]) for line in told["rooms"]] == [("python", 2)]


# Whoever may not speak on the whole server.


def test_whoever_is_muted_in_the_lobby_offers_files_to_a_room_and_not_to_users(server: Server) -> None:
    """A name of a file is a text like others; what is said in a room is for that room to allow."""
    alice, bob, carol = meet(server, "alice", "bob", "carol")
    carol.ask("leave_room")
    alice.ask("operator", token=TOKEN)
    alice.ask("mute", username="bob", room="lobby")
    carol.take()
    assert bob.refused("file_offer", to=["carol"], **FILE) == "muted"
    assert bob.refused("file_offer", to=["carol"], room=True, **FILE) == "muted"
    assert carol.take() == []
    assert bob.ask("file_offer", room=True, **FILE)["type"] == "file_offered"


def test_whoever_is_muted_in_the_lobby_calls_nobody_into_a_room(server: Server) -> None:
    """The name of a room is one's own words, too."""
    alice, _bob = meet(server, "alice", "bob")
    alice.ask("ban", username="zoe")
    alice.ask("leave_room")
    operator = server.login("operator")
    operator.ask("operator", token=TOKEN)
    operator.ask("mute", username="alice", room="lobby")
    assert alice.refused("invite", username="operator", room="python") == "muted"
    assert alice.refused("set_role", username="operator", role="moderator", room="python") == "muted"
    assert alice.ask("unban", username="zoe", room="python")["type"] == "ok"


def test_nobody_is_told_of_what_is_done_in_a_room_where_that_one_never_was(server: Server) -> None:
    """Anybody may open one, and write to strangers in the reasons."""
    alice, bob = meet(server, "alice", "bob")
    carol = server.login("carol")
    carol.take()
    for act in ("mute", "ban"):
        assert alice.ask(act, username="carol", reason="you are an idiot")["type"] == "ok"
    bob.ask("leave_room")
    bob.take()
    alice.ask("mute", username="bob", reason="you were too loud")
    assert carol.take("moderated") == []
    assert [each["reason"] for each in bob.take("moderated")] == ["you were too loud"]


@pytest.mark.parametrize(("rules", "code"), [(RULES, "muted"), (BEFORE, "")])
def test_journal_of_before_lets_the_muted_do_what_they_did_then(rules: int, code: str) -> None:
    house = House(3, rules)
    house.chat.state.give_role(house.chat.state.default_room, house.chat.state.users["u0"].person, Role.OWNER)
    house.asks(1, CreateRoom("python"))
    house.asks(0, MuteUser("u1", room="lobby"))
    asked = [OfferFile(**FILE, to=("u2",), room=False), InviteUser("u2")]
    assert refusals(house, [(1, each) for each in asked]) == [code, code]


# Slow rooms, and so many messages a second.


def test_whoever_waits_in_a_slow_room_corrects_a_message_once(server: Server) -> None:
    """A slip is corrected at once; what is edited again and again is said."""
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    bob.ask("send_message", text="helo")
    assert bob.ask("edit_message", seq=1, text="hello")["type"] == "ok"
    refused = bob.ask("edit_message", seq=1, text="and another thing")
    assert (refused["code"], refused["retry_after"]) == ("slow_mode", 10.0)
    server.advance(10)
    assert bob.ask("edit_message", seq=1, text="and another thing")["type"] == "ok"
    assert bob.refused("send_message", text="more") == "slow_mode"
    alice.ask("send_message", text="1")
    for text in ("2", "3"):
        assert alice.ask("edit_message", seq=2, text=text)["type"] == "ok"


def test_file_for_a_slow_room_is_something_said_there(server: Server) -> None:
    alice, bob, _carol = meet(server, "alice", "bob", "carol")
    alice.ask("set_slow", seconds=10)
    assert bob.ask("file_offer", room=True, ref="a", **FILE)["type"] == "file_offered"
    assert bob.ask("file_offer", room=True, ref="a", **FILE)["type"] == "file_offered"  # a repetition is none
    assert bob.refused("file_offer", room=True, **FILE) == "slow_mode"
    assert bob.refused("send_message", text="and now") == "slow_mode"
    assert bob.ask("file_offer", to=["alice"], **FILE)["type"] == "file_offered"
    server.advance(10)
    assert bob.ask("send_message", text="and now")["type"] == "message"


def test_what_is_said_to_everyone_waits_for_the_slow_room_that_it_comes_from_and_for_the_lobby(server: Server) -> None:
    operator = server.login("operator")
    operator.ask("operator", token=TOKEN)
    operator.ask("set_slow", seconds=20)
    alice, bob = meet(server, "alice", "bob")
    alice.ask("set_slow", seconds=10)
    assert bob.ask("broadcast", text="one", cid=1)["type"] == "broadcast"
    assert bob.ask("send_message", text="two")["retry_after"] == 10.0
    refused = bob.ask("broadcast", text="two", cid=2)
    assert (refused["code"], refused["retry_after"], refused["cid"]) == ("slow_mode", 20.0, 2)
    server.advance(10)
    assert bob.ask("send_message", text="two")["type"] == "message"
    server.advance(10)
    assert bob.ask("broadcast", text="two", cid=2)["type"] == "broadcast"


@pytest.mark.parametrize(("rules", "code"), [(RULES, "slow_mode"), (BEFORE, "")])
def test_journal_of_before_lets_nobody_wait_who_did_not_then(rules: int, code: str) -> None:
    house = House(3, rules)
    house.meet("python")
    house.asks(0, SetSlow(10))
    house.asks(1, SendMessage("one"))
    epoch = house.chat.log.position("python").epoch
    edit = EditMessage(1, "two", "python", epoch, sender="u1", own=True, again=True)
    asked = [edit, OfferFile(**FILE, to=(), room=True), SendBroadcast("three")]
    assert refusals(house, [(1, each) for each in asked]) == [code] * 3
    assert refusals(house, [(1, LeaveRoom()), (1, SendBroadcast("four"))]) == ["", ""]


def test_editing_counts_among_the_messages_a_second() -> None:
    server = Server(messages_per_second=1, message_burst=2)
    (alice,) = server.logins("alice")
    alice.ask("send_message", text="one")
    assert alice.ask("edit_message", seq=1, text="two")["type"] == "ok"
    assert alice.refused("edit_message", seq=1, text="three") == "rate_limited"
    server.advance(1)
    assert alice.ask("edit_message", seq=1, text="three")["type"] == "ok"
