"""Rooms and lists: who is where, and how one gets somewhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatcore.dialects.chat.codec.times import moment
from tests.unit.playbook import Server

MakeServer = Callable[..., Server]


# Creating, joining, leaving.


def test_creator_is_in_the_new_room(server: Server) -> None:
    """Creating a room enters it; the answer is its picture."""
    alice, bob = server.logins("alice", "bob")
    room = alice.ask("create_room", room="Python")
    assert room["type"] == "room"
    assert (room["room"], room["users"], room["users_count"]) == ("Python", ["alice"], 1)
    assert room["position"]["seq"] == 0
    assert bob.ask("list_users")["users"] == [{"name": "alice", "room": "Python"}, {"name": "bob", "room": "lobby"}]


def test_joining_leaves_the_present_room(server: Server) -> None:
    """A user is in one room at a time; both rooms are told."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.ask("create_room", room="python")
    server.advance(2.0)
    for client in (alice, bob, carol):
        client.take()
    room = bob.ask("join_room", room="PYTHON")
    assert (room["room"], room["users"]) == ("python", ["alice", "bob"])
    server.advance(0.1)
    joined = {"type": "presence", "room": "python", "joined": ["bob"], "left": [], "users": 2}
    assert alice.take("presence") == [joined]
    assert carol.take("presence") == [{"type": "presence", "room": "lobby", "joined": [], "left": ["bob"], "users": 1}]


def test_leaving_goes_back_to_the_default_room(server: Server) -> None:
    """leave_room is answered by the picture of the default room."""
    alice, _bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    room = alice.ask("leave_room")
    assert (room["type"], room["room"], room["users"]) == ("room", "lobby", ["bob", "alice"])


def test_leaving_the_default_room_changes_nothing(server: Server) -> None:
    """Who leaves the default room is in the default room, in the same place, and nobody is told."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("leave_room")["users"] == ["alice", "bob"]
    server.advance(1.5)
    assert bob.take() == []


def test_joining_the_room_one_is_in_changes_nothing(server: Server) -> None:
    """It is answered by the picture of the room."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("join_room", room="Lobby")["users"] == ["alice", "bob"]
    server.advance(1.5)
    assert bob.take() == []


@pytest.mark.parametrize("name", ["lobby", "LOBBY", "python", "Python"])
def test_creating_is_refused_when_the_room_exists_in_any_case(server: Server, name: str) -> None:
    """Room names are unique without regard to case."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    assert bob.refused("create_room", room=name) == "room_exists"
    assert alice.refused("create_room", room=name) == "room_exists"
    assert bob.ask("whois", username="bob")["room"] == "lobby"


@pytest.mark.parametrize("name", ["", "a" * 33, "a b", "@", "*", "#x", "a\u0430", "a\u202e"])
def test_creating_is_refused_when_the_name_is_bad(server: Server, name: str) -> None:
    """A room name is 1 to 32 letters of one script, digits, `_` or `-`."""
    assert server.login("alice").refused("create_room", room=name) == "bad_name"


def test_rooms_have_names_of_every_script_that_look_like_no_other(server: Server) -> None:
    """They are entered however they are typed."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("create_room", room="Cafe\u0301")["room"] == "Café"
    assert bob.refused("create_room", room="CAFÉ") == "room_exists"
    assert bob.ask("join_room", room="CAFE\u0301")["room"] == "Café"
    bob.ask("create_room", room="COPA")
    refusal = alice.ask("create_room", room="сора")
    assert (refusal["code"], refusal["values"]) == (
        "name_confusable",
        {"what": "room", "name": "сора", "other": "COPA"},
    )
    assert refusal["message"] == "the name сора looks like COPA, and another room is called that"
    bob.ask("leave_room")
    assert alice.ask("create_room", room="сора")["room"] == "сора"


def test_joining_is_refused_when_there_is_no_such_room(server: Server) -> None:
    """A refused user stays where it was."""
    alice = server.login("alice")
    assert alice.refused("join_room", room="nowhere") == "no_such_room"
    assert alice.refused("join_room", room="@") == "no_such_room"
    assert alice.ask("whois", username="alice")["room"] == "lobby"


def test_room_disappears_with_its_last_member(server: Server) -> None:
    """An empty room is gone, with its log: created again it has another epoch."""
    alice, bob = server.logins("alice", "bob")
    before = alice.ask("create_room", room="python")["position"]["epoch"]
    alice.ask("send_message", text="hi")
    alice.ask("leave_room")
    assert bob.refused("join_room", room="python") == "no_such_room"
    after = bob.ask("create_room", room="python")["position"]
    assert after["epoch"] != before
    assert after["seq"] == 0


def test_default_room_never_disappears(make_server: MakeServer) -> None:
    """It is there when nobody is in it, under its configured name."""
    server = make_server(default_room="Hall")
    alice = server.login("alice")
    alice.ask("create_room", room="python")
    assert [room["name"] for room in alice.ask("list_rooms")["rooms"]] == ["Hall", "python"]
    assert alice.refused("create_room", room="hall") == "room_exists"
    assert alice.ask("leave_room")["room"] == "Hall"


def test_messages_go_only_to_the_room_one_is_in(server: Server) -> None:
    """Who left a room hears nothing of it, who joined hears all that follows."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.ask("create_room", room="python")
    alice.ask("send_message", text="alone")
    bob.ask("join_room", room="python")
    alice.ask("send_message", text="two of us")
    bob.ask("leave_room")
    alice.ask("send_message", text="alone again")
    assert bob.texts() == ["two of us"]
    assert carol.texts() == []


def test_member_hears_what_was_missed_when_joining_with_a_position(server: Server) -> None:
    """`since` replays what came after it, behind the picture, whose position is where that begins."""
    alice, bob = server.logins("alice", "bob")
    position = alice.ask("create_room", room="python")["position"]
    bob.ask("join_room", room="python")
    bob.ask("leave_room")
    alice.ask("send_message", text="one")
    alice.ask("send_message", text="two")
    bob.say("join_room", room="python", since=position)
    frames = bob.take("room", "message")
    assert [frame.get("text") for frame in frames if frame["type"] == "message"] == ["one", "two"]
    assert frames[0]["type"] == "room"
    assert frames[0]["position"] == position


def test_member_is_told_of_the_gap_when_joining_with_a_lost_epoch(server: Server) -> None:
    """A position of another epoch gives a gap and all of the new log."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    alice.ask("send_message", text="one")
    bob.say("join_room", room="python", since={"epoch": "old", "seq": 7})
    gap, message = bob.take("gap", "message")
    assert (gap["room"], gap["to"] < gap["from"]) == ("python", True)
    assert message["text"] == "one"


# Lists.


def test_rooms_are_listed_with_users_and_seq(server: Server) -> None:
    """The list is by name; its lines have the number of users and the head of the log."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="Zebra")
    alice.ask("send_message", text="hi")
    bob.ask("create_room", room="apple")
    assert alice.ask("list_rooms") == {
        "type": "rooms",
        "rooms": [
            {"name": "apple", "users": 1, "seq": 0},
            {"name": "lobby", "users": 0, "seq": 0},
            {"name": "Zebra", "users": 1, "seq": 1},
        ],
        "more": False,
    }


def test_long_room_list_is_continued_behind_the_last_name(make_server: MakeServer) -> None:
    """`more` tells that there are others; asking with `after` gives them."""
    server = make_server(rooms_per_frame=2)
    clients = [server.login(f"user{number}") for number in range(4)]
    for number, client in enumerate(clients):
        client.ask("create_room", room=f"room{number}")
    found, after = [], None
    while True:
        reply = clients[0].ask("list_rooms", after=after)
        assert len(reply["rooms"]) <= 2
        found += [room["name"] for room in reply["rooms"]]
        if not reply["more"]:
            break
        after = found[-1].upper()
    assert found == ["lobby", "room0", "room1", "room2", "room3"]


def test_users_are_listed_with_their_rooms(server: Server) -> None:
    """`room` narrows the list to one."""
    alice, _bob, _carol = server.logins("alice", "Bob", "carol")
    alice.ask("create_room", room="python")
    assert alice.ask("list_users")["users"] == [
        {"name": "alice", "room": "python"},
        {"name": "Bob", "room": "lobby"},
        {"name": "carol", "room": "lobby"},
    ]
    assert alice.ask("list_users", room="PYTHON")["users"] == [{"name": "alice", "room": "python"}]
    assert alice.refused("list_users", room="nowhere") == "no_such_room"


def test_long_user_list_is_continued_behind_the_last_name(make_server: MakeServer) -> None:
    """Every user is listed once, over any number of frames."""
    server = make_server(names_per_frame=3)
    names = [f"user{number:02}" for number in range(10)]
    clients = [server.login(name) for name in names]
    for room in (None, "lobby"):
        found, after = [], None
        while True:
            reply = clients[0].ask("list_users", after=after, room=room)
            assert len(reply["users"]) <= 3
            found += [user["name"] for user in reply["users"]]
            if not reply["more"]:
                break
            after = found[-1]
        assert found == names


def test_picture_of_a_large_room_shows_the_first_members_and_how_many_there_are(make_server: MakeServer) -> None:
    """A welcome and a room frame have bounded lists and the true number."""
    server = make_server(names_per_frame=3)
    clients = [server.login(f"user{number}") for number in range(5)]
    assert clients[-1].welcome["users"] == ["user0", "user1", "user2"]
    assert clients[-1].welcome["users_count"] == 5
    room = clients[0].ask("join_room", room="lobby")
    assert (len(room["users"]), room["users_count"]) == (3, 5)


def test_whois_tells_about_a_user(server: Server) -> None:
    """Name as shown, room, since when, idle, transport, dialect and whether connected; no address by default."""
    alice, _bob = server.logins("alice", "Bob")
    server.advance(10.0)
    assert alice.ask("whois", username="bOB") == {
        "type": "user",
        "username": "Bob",
        "room": "lobby",
        "since": moment(1_795_000_000.0),
        "idle": 11.0,
        "transport": "fake",
        "dialect": "chat",
        "connected": True,
        "role": "member",
    }
    assert alice.refused("whois", username="nobody") == "no_such_user"


def test_whois_tells_the_address_when_the_server_allows_it(make_server: MakeServer) -> None:
    """Addresses are shown only where the operator wants it."""
    server = make_server(lists_address=True)
    assert server.login("alice").ask("whois", username="alice")["address"] == "192.0.2.1:5000"


# Renaming.


def test_room_is_told_when_somebody_is_renamed(server: Server) -> None:
    """Everyone in the room gets `renamed`, the user too, who gets `ok` besides."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    carol.ask("create_room", room="elsewhere")
    assert alice.ask("rename", username="al") == {"type": "ok"}
    renamed = {"type": "renamed", "from": "alice", "to": "al"}
    assert alice.take("renamed") == [renamed]
    assert bob.take("renamed") == [renamed]
    assert carol.take("renamed") == []


def test_renamed_user_keeps_place_room_and_session(server: Server) -> None:
    """Everything stays but the name; the old name is free."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("rename", username="al")
    assert bob.ask("join_room", room="lobby")["users"] == ["al", "bob"]
    assert bob.refused("whois", username="alice") == "no_such_user"
    assert bob.ask("send_direct", to="al", text="hi")["to"] == ["al"]
    alice.ask("send_message", text="it is me")
    assert bob.take("message")[0]["from"] == "al"
    assert server.login("alice").welcome["users"] == ["al", "bob", "alice"]
    alice.drop()
    assert server.login("whatever", token=alice.token).welcome["username"] == "al"


def test_user_may_change_the_case_of_the_name(server: Server) -> None:
    """One's own name in another case is not taken."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("rename", username="ALICE") == {"type": "ok"}
    assert bob.take("renamed") == [{"type": "renamed", "from": "alice", "to": "ALICE"}]
    assert server.users() == ["ALICE", "bob"]


def test_renaming_to_the_same_name_tells_nobody(server: Server) -> None:
    """Nothing changed, so nothing is said."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("rename", username="alice") == {"type": "ok"}
    assert bob.take() == []


@pytest.mark.parametrize(("name", "code"), [("BOB", "name_taken"), ("a", "bad_name"), ("a b", "bad_name")])
def test_renaming_is_refused_when_the_name_is_taken_or_bad(server: Server, name: str, code: str) -> None:
    """The rules are those of the login."""
    alice, _bob = server.logins("alice", "bob")
    assert alice.refused("rename", username=name) == code
    assert server.users() == ["alice", "bob"]


# History.


def test_history_gives_the_newest_messages_in_order(server: Server) -> None:
    """Without `before` it ends at the head; `limit` counts from there."""
    alice = server.login("alice")
    for number in range(1, 8):
        alice.ask("send_message", text=f"m{number}", cid=number)
    reply = alice.ask("history", room="LOBBY", limit=3)
    assert (reply["type"], reply["room"]) == ("history", "lobby")
    assert reply["epoch"] == alice.welcome["position"]["epoch"]
    assert [(frame["seq"], frame["text"]) for frame in reply["messages"]] == [(5, "m5"), (6, "m6"), (7, "m7")]
    assert all(frame["type"] == "message" and "cid" not in frame for frame in reply["messages"])


@pytest.mark.parametrize(
    ("fields", "seqs"),
    [
        ({"before": 4}, [1, 2, 3]),
        ({"before": 4, "limit": 2}, [2, 3]),
        ({"before": 1}, []),
        ({"before": 0}, []),
        ({"before": 99, "limit": 2}, [6, 7]),
        ({"after": 0, "limit": 2}, [1, 2]),
        ({"after": 5}, [6, 7]),
        ({"after": 7}, []),
        ({"after": 99}, []),
        ({"limit": 500}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_history_gives_what_is_before_or_after_a_seq(server: Server, fields: dict[str, int], seqs: list[int]) -> None:
    """`before` and `after` are exclusive, and the answer is in order."""
    alice = server.login("alice")
    for number in range(1, 8):
        alice.ask("send_message", text=f"m{number}")
    assert [frame["seq"] for frame in alice.ask("history", room="lobby", **fields)["messages"]] == seqs


def test_history_begins_at_the_oldest_message_left(make_server: MakeServer) -> None:
    """What the log has dropped is not there, and nothing else stands for it."""
    server = make_server(log_messages=3)
    alice = server.login("alice")
    for number in range(1, 8):
        alice.ask("send_message", text=f"m{number}")
    assert [frame["seq"] for frame in alice.ask("history", room="lobby", after=0)["messages"]] == [5, 6, 7]
    assert [frame["seq"] for frame in alice.ask("history", room="lobby", before=6)["messages"]] == [5]
    assert alice.ask("history", room="lobby", before=4)["messages"] == []


def test_history_is_limited_by_the_server(make_server: MakeServer) -> None:
    """Nobody gets more messages at once than the setting allows."""
    server = make_server(history_messages=4)
    alice = server.login("alice")
    for number in range(10):
        alice.ask("send_message", text=f"m{number}")
    assert len(alice.ask("history", room="lobby", limit=500)["messages"]) == 4


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_history_is_refused_when_the_limit_is_out_of_range(server: Server, limit: int) -> None:
    """The limit is 1 to 500."""
    assert server.login("alice").refused("history", room="lobby", limit=limit) == "bad_request"


def test_history_fits_into_an_object_when_messages_are_long(server: Server) -> None:
    """As many messages as fit are given, counted from where the reader is; always at least one."""
    alice = server.login("alice")
    for number in range(1, 6):
        alice.ask("send_message", text=f"{number}" + "é" * 12_000)
    backwards = alice.ask("history", room="lobby")["messages"]
    assert [frame["seq"] for frame in backwards] == [4, 5]
    forwards = alice.ask("history", room="lobby", after=0)["messages"]
    assert [frame["seq"] for frame in forwards] == [1, 2]


@pytest.mark.unmeasured
def test_history_of_directs_fits_into_an_object_when_they_name_many(make_server: MakeServer) -> None:
    """The receivers' names count too."""
    server = make_server(username_chars=32)
    names = [f"{number:02}".ljust(32, "x") for number in range(64)]
    clients = [server.login(name) for name in names]
    for _ in range(60):
        clients[0].say("send_direct", to=names, text="hi")
    clients[1].take()
    assert clients[1].ask("history", room="@", limit=60)["messages"]


def test_history_of_directs_and_broadcasts_has_its_own_names(server: Server) -> None:
    """`@` is one's own log of directs, `*` the one of broadcasts."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.ask("send_direct", to="bob", text="psst")
    alice.ask("broadcast", text="lunch")
    for client, texts in ((alice, ["psst"]), (bob, ["psst"]), (carol, [])):
        reply = client.ask("history", room="@")
        assert reply["room"] == "@"
        assert [frame["text"] for frame in reply["messages"]] == texts
    assert [frame["text"] for frame in carol.ask("history", room="*")["messages"]] == ["lunch"]


@pytest.mark.parametrize("name", ["nowhere", "@1", "@2", ""])
def test_history_is_refused_when_there_is_no_such_room(server: Server, name: str) -> None:
    """Nobody reads another user's directs by the key of their log."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("send_direct", to="bob", text="psst")
    assert alice.refused("history", room=name) == "no_such_room"
    assert bob.refused("history", room=name) == "no_such_room"
