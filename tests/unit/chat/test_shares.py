"""What is bounded in total is not spent by one stranger on what others have left there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.chat.chat import Chat
from chatcore.chat.kept.acts import Acts, KeptAct, Kind
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.kept.shares import Shares
from chatcore.chat.requests.moderation.doors import open_doors
from chatcore.chat.snapshot import dump, load
from chatcore.events import ActSummary, RoomModerated
from chatcore.records import RULES, SHARES_WHAT_IS_LEFT
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"
PASSWORD = "a password"
HERE, ELSEWHERE = "192.0.2.1:5000", "198.51.100.7:5000"


def a_server(rules: int = RULES, **limits: Any) -> Server:
    """Return a server whose journal is of these rules, and which keeps rooms without members."""
    server = Server(operator_token=TOKEN, connections_per_address=0, **limits)
    server.chat.state.keeps_rooms = True
    for node in server.chat.nodes.up.values():
        node.rules = rules
    return server


def a_room(who: Client, room: str) -> None:
    """Let somebody make a room, and say something in it."""
    assert who.ask("create_room", room=room)["type"] == "room"
    who.ask("send_message", text="hello")


def rooms_of_guests(server: Server, count: int, address: str, prefix: str = "r", each: int = 10) -> None:
    """Let guests from an address make rooms, and leave them."""
    for first in range(0, count, each):
        guest = server.login(f"{prefix}{first}", address=address)
        for number in range(first, min(first + each, count)):
            a_room(guest, f"{prefix}{number}")
        guest.ask("logout")


def class_of_teacher(server: Server, **fields: Any) -> None:
    """Let somebody with an account make a room and leave it."""
    teacher = server.login("teacher", **fields)
    teacher.ask("register", password=PASSWORD)
    a_room(teacher, "class")
    teacher.ask("set_topic", topic="sums")
    teacher.ask("ban", username="mallory")
    teacher.ask("logout")


def rows(chat: Chat) -> list[dict[str, Any]]:
    """Return a snapshot as it comes back from a file."""
    told: list[dict[str, Any]] = json.loads(json.dumps(list(dump(chat))))
    return told


def copy_of(server: Server) -> Chat:
    """Return a chat that begins with a snapshot."""
    chat = Chat(server.limits, MemoryLog(server.limits))
    load(chat, rows(server.chat))
    return chat


def empty(server: Server) -> list[str]:
    """Return the names of the rooms that are kept without members, the one of the longest time ago first."""
    return [room.name for room in server.chat.state.empty_rooms]


@pytest.mark.parametrize("address", [HERE, ELSEWHERE], ids=["same network", "another one"])
def test_guests_do_not_push_out_the_empty_room_of_an_owner_with_an_account(address: str) -> None:
    """However often they log in again; its bans and its topic are there when the owner is back."""
    server = a_server(empty_rooms=20)
    class_of_teacher(server, address=HERE)
    rooms_of_guests(server, 60, address)
    assert empty(server) == ["class", *(f"r{number}" for number in range(41, 60))]
    assert server.login("mallory").refused("join_room", room="class") == "banned"
    teacher = server.login("teacher", password=PASSWORD)
    assert teacher.ask("join_room", room="class")["topic"] == "sums"


def test_journal_of_before_let_the_oldest_empty_room_go() -> None:
    server = a_server(SHARES_WHAT_IS_LEFT - 1, empty_rooms=20)
    class_of_teacher(server)
    rooms_of_guests(server, 60, ELSEWHERE)
    assert empty(server) == [f"r{number}" for number in range(40, 60)]


def test_stranger_does_not_push_out_rooms_that_guests_have_left_elsewhere() -> None:
    server = a_server(empty_rooms=20)
    rooms_of_guests(server, 5, HERE, "ours")
    rooms_of_guests(server, 60, ELSEWHERE)
    assert empty(server)[:5] == [f"ours{number}" for number in range(5)]
    assert len(empty(server)) == 20


def test_rooms_of_nobody_go_before_those_of_accounts_wherever_these_are_from() -> None:
    """A school has left more than others, all of it of people with accounts: guests of many networks come too late."""
    server = a_server(empty_rooms=20)
    for number in range(2):
        teacher = server.login(f"teacher{number}")
        teacher.ask("register", password=PASSWORD)
        for room in range(4):
            a_room(teacher, f"class{number}{room}")
        teacher.ask("logout")
    for number in range(60):
        rooms_of_guests(server, 1, f"198.51.100.{number}:1", f"g{number}x")
    assert sum(name.startswith("class") for name in empty(server)) == 8


def test_accounts_of_one_stranger_push_out_no_more_than_half() -> None:
    """And of all that belongs to accounts of one network, that of whoever has left the most goes."""
    server = a_server(empty_rooms=20)
    class_of_teacher(server, address=ELSEWHERE)
    rooms_of_guests(server, 9, HERE, "ours")
    for number in range(4):
        stranger = server.login(f"stranger{number}", address=ELSEWHERE)
        stranger.ask("register", password=PASSWORD)
        for room in range(10):
            a_room(stranger, f"s{number}x{room}")
        stranger.ask("logout")
    assert sum(name.startswith("ours") for name in empty(server)) == 9
    assert "class" in empty(server)


def test_room_that_somebody_is_given_is_not_one_that_he_has_left() -> None:
    """A pupil gives the teacher rooms, so that the teacher is the one who has the most."""
    server = a_server(empty_rooms=20)
    class_of_teacher(server)
    teacher = server.login("teacher", password=PASSWORD)
    pupil = server.login("pupil")
    for number in range(60):
        a_room(pupil, f"gift{number}")
        pupil.ask("set_role", username="teacher", role="owner")
    pupil.ask("leave_room")
    teacher.ask("list_rooms")
    assert "class" in empty(server)
    assert len(empty(server)) == 20


def test_room_belongs_to_the_account_that_its_owner_makes_later() -> None:
    server = a_server(empty_rooms=20)
    teacher = server.login("teacher")
    a_room(teacher, "class")
    teacher.ask("leave_room")
    teacher.ask("register", password=PASSWORD)
    teacher.ask("logout")
    rooms_of_guests(server, 40, HERE)
    assert "class" in empty(server)


def test_room_whose_owner_has_no_account_any_more_is_nobodys() -> None:
    server = a_server(empty_rooms=20)
    class_of_teacher(server)
    boss = server.login("boss")
    boss.ask("operator", token=TOKEN)
    boss.ask("drop_account", username="teacher")
    rooms_of_guests(server, 40, HERE)
    assert "class" not in empty(server)


def test_rooms_of_an_old_snapshot_are_each_somebody_elses() -> None:
    """Nobody knows where they were made: who comes now has left more."""
    server = a_server(empty_rooms=20)
    rooms_of_guests(server, 10, HERE, "old")
    for room in server.chat.state.rooms.values():
        room.made_at = room.maker = ""
    open_doors(server.chat.state, ())
    rooms_of_guests(server, 30, ELSEWHERE)
    assert sum(name.startswith("old") for name in empty(server)) == 10
    rooms_of_guests(server, 30, HERE, "more")
    assert sum(name.startswith("old") for name in empty(server)) == 10


def test_fewer_empty_rooms_after_a_restart_are_those_that_would_have_been_kept() -> None:
    server = a_server(empty_rooms=20)
    class_of_teacher(server)
    rooms_of_guests(server, 19, ELSEWHERE)
    server.chat.state.allow(server.limits.model_copy(update={"empty_rooms": 3}))
    open_doors(server.chat.state, ())
    assert empty(server) == ["class", "r17", "r18"]


def test_snapshot_says_whose_empty_rooms_are() -> None:
    server = a_server(empty_rooms=20)
    class_of_teacher(server)
    rooms_of_guests(server, 19, ELSEWHERE)
    copy = copy_of(server)
    assert rows(copy) == rows(server.chat)
    for chat in (server.chat, copy):
        for _ in range(5):
            chat.state.remove_room(chat.state.empty_rooms.first_to_go)
    assert rows(copy) == rows(server.chat)
    assert "class" in copy.rooms


steps = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("pqr"), st.sampled_from(["", "", "=1", "=2"]), st.booleans())
)


@given(steps)
def test_which_one_goes_does_not_depend_on_what_was_there_before(happened: list[tuple[int, str, str, bool]]) -> None:
    """So that servers with a snapshot, and those that were there all the time, let the same go."""
    shares = Shares[int]()
    known: dict[int, tuple[str, str]] = {}
    for thing, place, account, stays in happened:
        if stays:
            shares.put(thing, place, account)
            known[thing] = place, account
        else:
            shares.discard(thing)
            known.pop(thing, None)
    again = Shares[int]()
    for thing in shares:
        again.put(thing, *known[thing])
    gone = []
    while len(shares):
        gone.append(shares.first_to_go)
        assert again.first_to_go == gone[-1]
        shares.discard(gone[-1])
        again.discard(gone[-1])
    assert sorted(gone) == sorted(known)


# What was done.


def an_operator(server: Server, **fields: Any) -> Client:
    """Return an operator who has muted somebody."""
    boss = server.login("boss", **fields)
    boss.ask("operator", token=TOKEN)
    boss.ask("mute", username="badguy", reason="the evidence")
    return boss


def evidence(chat: Chat) -> list[str]:
    """Return why somebody was muted, as far as it is written down."""
    return [act.event.reason for act in chat.state.acts if act.event.act == "mute"]


def listed(boss: Client) -> list[dict[str, Any]]:
    """Return all that is told of what was done, page by page."""
    lines: list[dict[str, Any]] = []
    while True:
        page = boss.ask("list_acts", after=lines[-1]["number"] if lines else 0)
        lines += page["acts"]
        if not page["more"]:
            return lines


def test_what_an_author_does_to_own_messages_is_not_written_down() -> None:
    """Be it a guest or an operator; what is done to somebody else's is."""
    server = a_server()
    boss = an_operator(server)
    before = len(listed(boss))
    for who in (server.login("bob"), boss):
        said = who.ask("send_message", text="hello")["seq"]
        assert who.ask("edit_message", room="lobby", seq=said, text="hallo")["type"] == "ok"
        assert who.ask("delete_message", room="lobby", seq=said)["type"] == "ok"
    assert len(listed(boss)) == before
    said = server.login("eve").ask("send_message", text="hello")["seq"]
    boss.ask("delete_message", room="lobby", seq=said)
    assert [(each["act"], each["target"]) for each in listed(boss)[before:]] == [("delete_message", "eve")]


@pytest.mark.parametrize("address", [HERE, ELSEWHERE], ids=["same network", "another one"])
def test_what_guests_do_in_rooms_of_theirs_pushes_out_nothing_that_operators_did(address: str) -> None:
    server = a_server()
    boss = an_operator(server, address=HERE)
    guest = server.login("guest", address=address)
    guest.ask("create_room", room="mine")
    for number in range(1200):
        guest.ask("set_topic", topic=str(number))
    assert evidence(server.chat) == ["the evidence"]
    lines = listed(boss)
    assert len(lines) == 1000 + 2
    assert [each["number"] for each in lines] == sorted(each["number"] for each in lines)
    assert lines[-1]["value"] == "1199"


def test_journal_of_before_let_the_oldest_act_go_and_wrote_down_what_authors_did() -> None:
    server = a_server(SHARES_WHAT_IS_LEFT - 1)
    an_operator(server)
    guest = server.login("guest")
    said = guest.ask("send_message", text="hello")["seq"]
    for number in range(1001):
        guest.ask("edit_message", room="lobby", seq=said, text=str(number))
    assert evidence(server.chat) == []
    assert {act.event.act for act in server.chat.state.acts} == {"edit_message"}
    assert len(list(server.chat.state.acts)) == 1000


def kept(acts: Iterable[ActSummary]) -> set[str]:
    """Return who did what is kept."""
    return {act.event.by for act in acts}


def an_act(by: str, kind: Kind, place: str, account: str = "") -> KeptAct:
    """Return something that was done."""
    event = RoomModerated(room="r", act="kick", by=by)
    return KeptAct(ActSummary(number=1, at=0.0, address="", event=event), kind, place, account)


@pytest.mark.parametrize("kind", Kind)
def test_whoever_does_the_most_pushes_out_what_that_one_did(kind: Kind) -> None:
    """Of its kind: from other networks, of accounts behind the same one, and of other kinds all is left."""
    acts = Acts()
    others = [each for each in Kind if each is not kind]
    for each in others:
        acts.add(an_act(each.name, each, "here"))
    acts.add(an_act("neighbour", kind, "there"))
    acts.add(an_act("teacher", kind, "here", "=1"))
    for _ in range(3000):
        acts.add(an_act("stranger", kind, "here"))
    assert kept(acts) == {"neighbour", "teacher", "stranger", *(each.name for each in others)}
    assert len(list(acts)) == 1000 + len(others)


def test_snapshot_says_whose_acts_are_and_an_old_one_need_not() -> None:
    server = a_server()
    an_operator(server)
    guest = server.login("guest")
    guest.ask("create_room", room="mine")
    for number in range(5):
        guest.ask("set_topic", topic=str(number))
    copy = copy_of(server)
    assert rows(copy) == rows(server.chat)
    assert list(copy.state.acts.kept.values()) == list(server.chat.state.acts.kept.values())
    old = [{name: row[name] for name in row if name not in ("kind", "place", "account")} for row in rows(server.chat)]
    before = Chat(server.limits, MemoryLog(server.limits))
    load(before, [row if row["row"] == "act" else whole for row, whole in zip(old, rows(server.chat), strict=True)])
    assert list(before.state.acts) == list(server.chat.state.acts)
    assert {each.kind for each in before.state.acts.kept.values()} == {Kind.OF_OPERATORS}


def test_acts_of_one_number_are_on_one_page() -> None:
    """Whoever asks for those behind a number gets all others."""
    server = a_server(text_bytes=7000)
    boss = an_operator(server)
    owner = server.login("owner")
    for number in range(14):
        owner.ask("create_room", room=f"room{number}")
        server.login(f"user{number}").ask("join_room", room=f"room{number}")
        owner.ask("set_role", username=f"user{number}", role="moderator")
    owner.ask("logout")
    lines = [(each["number"], each["target"], each["value"]) for each in listed(boss) if each["act"] == "set_role"]
    assert {(user, value) for _, user, value in lines} == {
        (f"user{number}", role) for number in range(14) for role in ("moderator", "owner")
    }
    assert max(sum(each[0] == number for each in lines) for number, _, _ in lines) == 14
