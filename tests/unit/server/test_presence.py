"""Who came and went, and the room list: gathered, bounded, and in the end complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from chatcore.dialects.chat import dialect as chat_dialect
from tests.unit.fakes import FakeLink
from tests.unit.playbook import Client, Server

MakeServer = Callable[..., Server]


def count_frames(client: Client) -> Counter[str]:
    """Return how many frames of each type came."""
    return Counter(frame["type"] for frame in client.take())


# Presence.


def test_room_is_told_at_once_when_nothing_happened_lately(server: Server) -> None:
    """A single join is not held back."""
    (alice,) = server.logins("alice")
    server.login("bob")
    presence = {"type": "presence", "room": "lobby", "joined": ["bob"], "left": [], "users": 2}
    assert alice.take("presence") == [presence]


def test_joins_and_leaves_within_a_window_make_one_frame(make_server: MakeServer) -> None:
    """What follows the first one is gathered until the window is over."""
    server = make_server(presence_window=0.05)
    alice, bob = server.logins("alice", "bob")
    server.login("carol")
    server.login("dave")
    server.login("erin")
    bob.ask("logout")
    assert [frame["joined"] for frame in alice.take("presence")] == [["carol"]]
    server.advance(0.049)
    assert alice.take("presence") == []
    server.advance(0.002)
    assert alice.take("presence") == [
        {"type": "presence", "room": "lobby", "joined": ["dave", "erin"], "left": ["bob"], "users": 4}
    ]


def test_user_is_told_of_its_own_arrival_in_presence_too(server: Server) -> None:
    """Everyone in the room gets the same frame."""
    server.login("alice")
    server.advance(1.0)
    bob = server.login("bob", settled=False)
    assert bob.take("presence")[0]["joined"] == ["bob"]


def test_coming_and_going_within_a_window_ends_as_gone(server: Server) -> None:
    """The last thing that happened counts."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("create_room", room="python")
    bob.ask("leave_room")
    bob.ask("create_room", room="python")
    server.advance(0.1)
    frames = alice.take("presence")
    assert [(frame["joined"], frame["left"]) for frame in frames] == [([], ["bob"]), ([], ["bob"])]


def test_user_who_went_and_came_back_within_a_window_is_there(server: Server) -> None:
    """Nobody is told to be gone who is there."""
    alice, bob = server.logins("alice", "bob")
    server.login("carol")  # told at once: the window is open
    alice.take()
    bob.ask("create_room", room="python")
    bob.ask("leave_room")
    server.advance(0.1)
    assert [(frame["joined"], frame["left"]) for frame in alice.take("presence")] == [(["bob"], [])]


def test_other_rooms_are_not_told(server: Server) -> None:
    """Presence is for the room only."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("create_room", room="python")
    server.advance(0.1)
    alice.take()
    bob.take()
    server.login("carol").ask("join_room", room="python")
    server.advance(0.1)
    assert [(frame["room"], frame["joined"]) for frame in bob.take("presence")] == [("python", ["carol"])]
    frames = alice.take("presence")
    assert [(frame["room"], frame["joined"], frame["left"]) for frame in frames] == [
        ("lobby", ["carol"], []),
        ("lobby", [], ["carol"]),
    ]


@pytest.mark.unmeasured
def test_thousand_users_joining_cost_a_frame_per_window_not_per_pair() -> None:
    """A thousand logins in a second: every client gets about one frame per window, and knows everybody."""
    server = Server(presence_window=0.05, rooms_window=1.0)
    clients = []
    for number in range(1000):
        clients.append(server.login(f"user{number}", settled=False))
        server.advance(0.001)
    server.advance(2.0)
    names = {f"user{number}" for number in range(1000)}
    for client in clients:
        frames = client.take()
        kinds = Counter(frame["type"] for frame in frames)
        assert kinds["presence"] <= 1.0 / 0.05 + 2
        assert kinds["rooms_changed"] <= 4
        assert set(kinds) <= {"presence", "rooms_changed"}
        known = set(client.welcome["users"]).union(
            *(frame["joined"] for frame in frames if frame["type"] == "presence")
        )
        assert known == names
    assert server.mistakes() == []


def test_presence_is_told_in_bounded_frames(make_server: MakeServer) -> None:
    """More names than fit go into several frames; each has the number of users afterwards."""
    server = make_server(names_per_frame=3, grace=10.0)
    (alice,) = server.logins("alice")
    others = [server.login(f"user{number}") for number in range(8)]
    server.advance(0.1)
    frames = alice.take("presence")
    assert [len(frame["joined"]) for frame in frames] == [1, 3, 3, 1]
    assert frames[-1]["users"] == 9
    for other in others:
        other.drop()
    server.advance(10.1)
    frames = alice.take("presence")
    assert [len(frame["left"]) for frame in frames] == [3, 3, 2]
    assert {frame["users"] for frame in frames} == {1}


def test_rename_to_the_name_of_a_user_who_just_left_leaves_the_right_picture(server: Server) -> None:
    """A leave that was not told yet does not take away the user who has the name now."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    carol.ask("logout")  # told at once: the window is open
    bob.ask("logout")
    alice.ask("rename", username="bob")
    server.advance(0.1)
    known = {"alice", "bob", "carol"}
    for frame in alice.take("presence", "renamed"):
        if frame["type"] == "renamed":
            known = (known - {frame["from"]}) | {frame["to"]}
        else:
            known = (known | set(frame["joined"])) - set(frame["left"])
    assert known == {"bob"}


def test_user_renamed_before_its_arrival_was_told_arrives_under_the_new_name(server: Server) -> None:
    """Presence tells names that are there."""
    (alice,) = server.logins("alice")
    server.login("bob")  # told at once: the window is open
    carol = server.login("carol")
    alice.take()
    carol.ask("rename", username="caro")
    server.advance(0.1)
    assert [frame["joined"] for frame in alice.take("presence")] == [["caro"]]


def test_room_created_again_is_not_told_of_the_presence_of_the_one_before(server: Server) -> None:
    """What a room had still to tell is gone with it."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.ask("create_room", room="python")  # told at once: the window is open
    bob.ask("join_room", room="python")
    bob.ask("leave_room")
    alice.ask("leave_room")
    carol.ask("create_room", room="python")
    server.advance(0.1)
    assert [(frame["joined"], frame["left"]) for frame in carol.take("presence") if frame["room"] == "python"] == [
        (["carol"], [])
    ]


def test_window_costs_one_timer_however_many_come(server: Server) -> None:
    """Timers are per room, not per join."""
    (alice,) = server.logins("alice")
    for number in range(50):
        server.login(f"user{number}")
    shaper = server.switchboard._shaper
    timers = [window.timer for window in shaper._windows.values()] + [shaper._rooms_timer]
    assert [timer is not None for timer in timers] == [True, True], "one for presence, one for the room list"
    server.advance(0.1)
    assert len(alice.take("presence")) == 2


def test_presence_window_of_zero_tells_everything_at_once(make_server: MakeServer) -> None:
    """Without a window there is a frame per join."""
    server = make_server(presence_window=0.0)
    (alice,) = server.logins("alice")
    server.login("bob")
    server.login("carol")
    assert [frame["joined"] for frame in alice.take("presence")] == [["bob"], ["carol"]]


# Large rooms: what it costs to tell them.


def costly(server: Server, *usernames: str, write_seconds: float) -> list[Client]:
    """Return clients that are logged in and settled, each of whom a write takes so long."""
    clients = [server.connect(write_seconds=write_seconds) for _ in usernames]
    for client, username in zip(clients, usernames, strict=True):
        client.ask("login", username=username)
    server.advance(100.0)
    for client in clients:
        client.take()
    return clients


def test_window_grows_with_what_a_frame_costs(make_server: MakeServer) -> None:
    """Two members, 10 ms of work each: a frame a second is a fiftieth too much, one in 200 ms is a tenth."""
    server = make_server(presence_window=0.05)
    alice, bob = costly(server, "alice", "bob", write_seconds=0.01)
    bob.ask("create_room", room="python")  # told at once
    bob.ask("leave_room")
    assert [frame["left"] for frame in alice.take("presence")] == [["bob"]]
    server.advance(0.099)
    assert alice.take("presence") == [], "what it cost was one write of 10 ms"
    server.advance(0.002)
    assert [frame["joined"] for frame in alice.take("presence")] == [["bob"]]
    bob.ask("create_room", room="python")
    server.advance(0.198)
    assert alice.take("presence") == [], "then it was two"
    server.advance(0.002)
    assert [frame["left"] for frame in alice.take("presence")] == [["bob"]]


def test_room_of_ten_waits_no_longer_whatever_others_cost(make_server: MakeServer) -> None:
    """Windows are those of their rooms."""
    server = make_server(presence_window=0.05)
    costly(server, "big1", "big2", write_seconds=1.0)
    small = [server.login(f"small{number}") for number in range(10)]
    for member in small:
        member.ask("create_room" if member is small[0] else "join_room", room="small")
    server.advance(0.1)
    small[0].take()
    for _ in range(3):
        small[9].ask("leave_room")
        server.advance(0.051)
        small[9].ask("join_room", room="small")
        server.advance(0.051)
    told = [(frame["joined"], frame["left"]) for frame in small[0].take("presence")]
    assert told == [([], ["small9"]), (["small9"], [])] * 3


@pytest.mark.unmeasured
def test_telling_who_came_takes_a_tenth_of_the_time_at_most(make_server: MakeServer) -> None:
    """However many come, and however many frames a window fills; in the end everybody knows everybody."""
    server = make_server(presence_window=0.05, names_per_frame=7)
    (alice,) = costly(server, "alice", write_seconds=0.0001)
    for number in range(400):
        server.connect(write_seconds=0.0001).ask("login", username=f"user{number}")
        server.advance(0.01)
    frames = alice.take("presence")
    spent = sum(0.0001 * frame["users"] for frame in frames)
    assert 0.3 < spent <= 0.4 + 0.05, "4 seconds passed; the last window is not over"
    server.advance(60.0)
    told = [name for frame in frames + alice.take("presence") for name in frame["joined"]]
    assert sorted(told) == sorted(f"user{number}" for number in range(400))


class SlowLink(FakeLink):
    """A link whose `write` takes ten times as long as it says: the processor has others to serve."""

    def write(self, frames: bytes) -> None:
        """Let time pass."""
        self._clock.now += 10 * self.write_seconds
        super().write(frames)


def test_window_grows_further_where_a_frame_takes_longer_than_it_should() -> None:
    """A server that is given a tenth of a processor does not spend all of that on telling who came."""
    server = Server(presence_window=0.05)
    alice = Client(server, chat_dialect, SlowLink(server.clock, write_seconds=0.01))
    alice.ask("login", username="alice")
    bob = server.connect(write_seconds=0.01)
    bob.ask("login", username="bob")
    server.advance(100.0)
    alice.take()
    bob.ask("create_room", room="python")  # told at once, in 100 ms
    assert [frame["left"] for frame in alice.take("presence")] == [["bob"]]
    bob.ask("leave_room")
    server.advance(0.8)
    assert alice.take("presence") == [], "it should have taken 10 ms"
    server.advance(0.2)
    assert [frame["joined"] for frame in alice.take("presence")] == [["bob"]]


def test_newcomer_may_speak_before_its_arrival_is_told(make_server: MakeServer) -> None:
    """Messages wait for no window."""
    server = make_server()
    alice, bob = costly(server, "alice", "bob", write_seconds=1.0)
    server.login("carol")
    dave = server.login("dave")
    alice.take()
    dave.ask("send_message", text="hello")
    assert [(frame["type"], frame.get("from")) for frame in alice.take()] == [("message", "dave")]
    server.advance(60.0)
    assert [frame["joined"] for frame in bob.take("presence")] == [["carol"], ["dave"]]


def test_counters_of_the_room_list_are_told_more_seldom_where_that_costs_more(make_server: MakeServer) -> None:
    """They are for everybody: one second, or as long as makes them a thirtieth of a processor's time or so."""
    server = make_server(rooms_window=1.0)
    alice, bob = costly(server, "alice", "bob", write_seconds=0.15)
    for number in range(100):
        bob.say("send_message", text=f"m{number}")
        server.advance(0.25)
    assert [frame["rooms"][0]["seq"] for frame in alice.take("rooms_changed")] == [1, 40, 80]


def test_newcomer_is_shown_the_first_members_as_they_are_whoever_went_and_was_renamed(make_server: MakeServer) -> None:
    """What is kept of the picture is never shown once it is not so any more."""
    server = make_server(names_per_frame=3)
    alice, bob, carol, dave, erin = server.logins("alice", "bob", "carol", "dave", "erin")
    assert server.login("ned1").welcome["users"] == ["alice", "bob", "carol"]
    dave.ask("rename", username="dora")
    assert server.login("ned2").welcome["users"] == ["alice", "bob", "carol"]
    bob.ask("logout")
    assert server.login("ned3").welcome["users"] == ["alice", "carol", "dora"]
    carol.ask("rename", username="caro")
    assert server.login("ned4").welcome["users"] == ["alice", "caro", "dora"]
    alice.ask("create_room", room="python")
    assert alice.ask("leave_room")["users"] == ["caro", "dora", "erin"]
    erin.ask("create_room", room="python")
    assert server.login("ned5").welcome["users"] == ["caro", "dora", "ned1"]
    assert erin.ask("leave_room")["users_count"] == 9


# The room list.


def test_room_list_changes_are_told_at_most_once_a_second(make_server: MakeServer) -> None:
    """A busy room costs one frame a second per client, with the newest counters only."""
    server = make_server(rooms_window=1.0)
    alice, bob = server.logins("alice", "bob")
    for number in range(100):
        alice.say("send_message", text=f"m{number}")
        server.advance(0.05)
    frames = bob.take("rooms_changed")
    assert 4 <= len(frames) <= 6
    server.advance(1.0)
    assert bob.take("rooms_changed")[-1]["rooms"] == [{"name": "lobby", "users": 2, "seq": 100}]


def test_only_what_changed_is_told(server: Server) -> None:
    """Rooms that did not change are not in the frame; nothing is said when nothing changed."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    carol.ask("create_room", room="quiet")
    bob.ask("create_room", room="python")
    server.advance(2.0)
    for client in (alice, bob, carol):
        client.take()
    bob.ask("send_message", text="hi")
    server.advance(1.1)
    assert alice.take() == [
        {"type": "rooms_changed", "rooms": [{"name": "python", "users": 1, "seq": 1}], "removed": []}
    ]
    server.advance(10.0)
    assert alice.take() == []


def test_removed_rooms_are_told_by_name(server: Server) -> None:
    """A room that is gone is named as it was shown."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("create_room", room="Python")
    server.advance(2.0)
    alice.take()
    bob.ask("leave_room")
    server.advance(1.1)
    rooms = [frame for frame in alice.take("rooms_changed") if frame["removed"]]
    assert [frame["removed"] for frame in rooms] == [["Python"]]


def test_room_that_came_back_within_the_window_is_not_told_as_removed(server: Server) -> None:
    """The last thing that happened to a room counts."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="other")
    bob.ask("create_room", room="python")
    server.advance(2.0)
    alice.take()
    alice.ask("send_message", text="opens the window")
    bob.ask("leave_room")
    bob.ask("create_room", room="python")
    server.advance(1.1)
    frames = alice.take("rooms_changed")
    assert all(frame["removed"] == [] for frame in frames)
    assert {"name": "python", "users": 1, "seq": 0} in frames[-1]["rooms"]


def test_room_list_changes_are_told_in_bounded_frames(make_server: MakeServer) -> None:
    """More rooms than fit go into several frames, added and removed ones alike."""
    server = make_server(rooms_per_frame=3)
    (alice,) = server.logins("alice")
    others = [server.login(f"user{number}") for number in range(10)]
    server.advance(2.0)
    alice.take()
    for number, other in enumerate(others):
        other.ask("create_room", room=f"room{number}")
    server.advance(1.1)
    frames = alice.take("rooms_changed")
    assert max(len(frame["rooms"]) for frame in frames) <= 3
    assert {line["name"] for frame in frames for line in frame["rooms"]} >= {f"room{n}" for n in range(10)}
    for other in others:
        other.ask("leave_room")
    server.advance(1.1)
    frames = alice.take("rooms_changed")
    assert max(len(frame["removed"]) for frame in frames) <= 3
    assert {name for frame in frames for name in frame["removed"]} == {f"room{n}" for n in range(10)}


# The size of frames.


@pytest.mark.unmeasured
@pytest.mark.parametrize("username_chars", [pytest.param(12, marks=pytest.mark.slow), 32])
def test_every_list_fits_into_an_object_when_names_are_long_and_users_are_many(username_chars: int) -> None:
    """Welcome, room, users, presence and rooms_changed stay under 64 KiB with the default numbers per frame."""
    server = Server(username_chars=username_chars, grace=5.0, presence_window=1.0)
    names = [f"{number:04}".ljust(username_chars, "x") for number in range(1600)]
    watcher = server.login("watcher")
    clients = [server.login(name) for name in names]
    server.advance(2.0)
    watcher.take()
    room = "r" * 32
    clients[0].ask("create_room", room=room)
    for client in clients[1:1500]:
        client.say("join_room", room=room)
    server.advance(3.0)
    watcher.take()
    clients[0].take()
    assert watcher.ask("list_users")["more"] is True
    assert watcher.ask("join_room", room=room)["users_count"] == 1501
    for number in range(500):
        clients[number].say("create_room", room=f"{number:03}".ljust(32, "y"))
    for number in range(500, 1500):
        clients[number].say("leave_room")
    server.advance(3.0)
    watcher.take()
    newcomer = server.login("newcomer")
    assert newcomer.welcome["users_count"] == 1101
    for number in range(500):
        clients[number].say("leave_room")
    server.advance(3.0)
    watcher.take()
    for client in clients[500:]:
        client.link.breaks()
    for number in range(900):
        clients[number].link.breaks()
    server.advance(4.5)
    for number in range(1000):
        server.login(f"{number:04}".ljust(username_chars, "z"))
    server.advance(2.0)
    newcomer.take()
    assert server.mistakes() == []
