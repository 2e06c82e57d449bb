"""How a session begins, is resumed, and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from chatcore.chat.chat import NODE_BITS, Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.commands import LogIn
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.transport import CloseReason
from chatcore.records import RULES, Keys, LoggedIn, NodeUp, Origin
from chatcore.text.names import composed
from tests.unit.playbook import Client, Frame, Server

MakeServer = Callable[..., Server]


def places(welcome: Frame) -> dict[str, Frame]:
    """Return the positions of a welcome, as a client sends them back in `since`."""
    found: dict[str, Frame] = welcome["positions"]
    return found


# Logging in.


def test_first_user_is_welcomed_to_the_lobby(server: Server) -> None:
    """A welcome has the name, room, token, client id, position, rooms, users, server and limits."""
    welcome = server.connect().ask("login", username="alice")
    assert welcome["type"] == "welcome"
    assert (welcome["username"], welcome["room"]) == ("alice", "lobby")
    assert welcome["users"] == ["alice"]
    assert welcome["users_count"] == 1
    assert welcome["rooms"] == [{"name": "lobby", "users": 1, "seq": 0}]
    assert welcome["position"] == {"epoch": server.log.position("lobby").epoch, "seq": 0}
    assert set(welcome["positions"]) == {"lobby", "@", "*"}
    assert welcome["session"]["token"]
    assert welcome["client"]
    assert welcome["cid"] == 0
    assert welcome["resumed"] is False
    assert welcome["server"] == {"name": "chatcore", "accounts": "optional"}
    assert welcome["limits"]["text_bytes"] == 60_000
    assert welcome["limits"]["object_bytes"] == 65_536
    assert welcome["limits"]["username_chars"] == [2, 32]
    assert welcome["limits"]["unicode"] == "17.0.0"
    assert welcome["limits"]["room_chars"] == [1, 32]


def test_later_user_sees_who_is_there_and_what_was_said(server: Server) -> None:
    """The welcome shows the members in the order they came, every room, and the head of the log."""
    alice = server.login("alice")
    server.login("Bob").ask("create_room", room="python")
    alice.say("send_message", text="hello")
    welcome = server.login("carol").welcome
    assert welcome["users"] == ["alice", "carol"]
    assert welcome["position"]["seq"] == 1
    assert welcome["rooms"] == [{"name": "lobby", "users": 2, "seq": 1}, {"name": "python", "users": 1, "seq": 0}]


@pytest.mark.parametrize("again", ["alice", "Alice", "ALICE"])
def test_login_is_refused_when_the_name_is_taken_in_any_case(server: Server, again: str) -> None:
    """Usernames are unique without regard to case."""
    server.login("Alice")
    assert server.connect().refused("login", username=again) == "name_taken"
    assert server.users() == ["Alice"]


@pytest.mark.parametrize(
    "name", ["a", "a" * 33, "", "al ice", "al\u202eice", "a\u200d", "\u0430lice", "a\nb", "@1", "al\0", "xn--a"]
)
def test_login_is_refused_when_the_name_is_bad(server: Server, name: str) -> None:
    """A username is 2 to 32 letters of one script, digits, `_` or `-`; the connection may try another."""
    client = server.connect()
    assert client.refused("login", username=name) == "bad_name"
    assert client.ask("login", username="alice")["type"] == "welcome"


def test_username_may_be_longer_when_the_server_says_so(make_server: MakeServer) -> None:
    """The upper bound is a setting, and the welcome tells it."""
    server = make_server(username_chars=12)
    assert server.login("田" * 12).welcome["limits"]["username_chars"] == [2, 12]
    assert server.connect().refused("login", username="a" * 13) == "bad_name"


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("Zoë", "ZOË"),
        ("Zoë", "zoe\u0308"),
        ("Straße", "STRASSE"),
        ("Γιώργος", "ΓΙΏΡΓΟΣ"),
        ("Иван", "ИВАН"),
        ("田中", "田中"),
    ],
)
def test_names_of_every_script_are_unique_in_every_case_and_form(server: Server, name: str, again: str) -> None:
    """They are shown as typed, in the composed form, and found however they are typed."""
    alice, zoe = server.login("alice"), server.login(name)
    assert zoe.welcome["username"] == name
    assert server.connect().refused("login", username=again) == "name_taken"
    assert alice.ask("whois", username=again)["username"] == name
    alice.ask("send_direct", to=[again], text="psst")
    assert zoe.take("direct")[0]["to"] == [name]
    assert zoe.ask("rename", username=again) == {"type": "ok"}
    assert set(server.users()) == {"alice", composed(again)}


@pytest.mark.parametrize(
    ("name", "like"),
    [("Alice", "AIice"), ("bob", "b0b"), ("copa", "сора"), ("BOBA", "ВОВА"), ("カ-1", "力-l")],
)
def test_name_that_looks_like_that_of_somebody_is_refused(server: Server, name: str, like: str) -> None:
    """At the login and later, with both names, for as long as that name is in use: also while its user is away."""
    alice, carol = server.login(name), server.login("carol")
    refusal = server.connect().ask("login", username=like)
    assert (refusal["code"], refusal["values"]) == ("name_confusable", {"name": like, "other": name})
    assert refusal["message"] == f"the name {like} looks like {name}, and somebody is called that"
    assert carol.refused("rename", username=like) == "name_confusable"
    alice.drop()
    assert server.connect().refused("login", username=like) == "name_confusable"
    server.clock.advance(100)
    assert carol.ask("rename", username=like) == {"type": "ok"}
    assert server.connect().refused("login", username=name) == "name_confusable"


def test_a_user_may_take_a_name_that_looks_like_the_own_one(server: Server) -> None:
    """And the one before is as free then as a name is that looks like somebody's."""
    alice = server.login("Alice")
    assert alice.ask("rename", username="AIice") == {"type": "ok"}
    assert server.connect().refused("login", username="Alice") == "name_confusable"
    alice.ask("rename", username="bob")
    assert server.connect().ask("login", username="Alice")["type"] == "welcome"


def test_journal_of_before_is_applied_by_the_rule_of_before() -> None:
    """Its node had no tables: then names had the letters a to z, and none looked like another one."""
    chat = Chat(Limits(), MemoryLog(Limits()))
    who = [("bob0", 1), ("bobo", 2), ("Zoë", 3)]
    logins = [LoggedIn((1 << NODE_BITS) + n, LogIn(name), Origin("ws", "chat", ""), Keys()) for name, n in who]
    before = (
        Entry(1, 0.0, 0.0, Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),))),
        Entry(2, 0.0, 0.0, Batch(1, 2, tuple(logins))),
    )
    for entry in before:
        chat.apply(entry)
    assert list(chat.users) == ["bob0", "bobo"]
    chat.apply(Entry(3, 0.0, 0.0, Batch(0, 1, (NodeUp("another", {}, rules=RULES, unicode="17.0.0"),))))
    again = LoggedIn((3 << NODE_BITS) + 1, LogIn("Zoë"), Origin("ws", "chat", ""), Keys())
    chat.apply(Entry(4, 0.0, 0.0, Batch(3, 2, (again,))))
    assert list(chat.users) == ["bob0", "bobo", "zoë"]


def test_login_is_refused_when_logged_in_already(server: Server) -> None:
    """One connection is one user."""
    alice = server.login("alice")
    assert alice.refused("login", username="bob") == "already_logged_in"
    assert server.users() == ["alice"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("logout", {}),
        ("create_room", {"room": "x"}),
        ("join_room", {"room": "lobby"}),
        ("leave_room", {}),
        ("send_message", {"text": "hi", "cid": 1}),
        ("send_direct", {"to": ["alice"], "text": "hi"}),
        ("broadcast", {"text": "hi"}),
        ("list_rooms", {}),
        ("list_users", {}),
        ("whois", {"username": "alice"}),
        ("rename", {"username": "bob"}),
        ("history", {"room": "lobby"}),
    ],
)
def test_every_other_request_is_refused_before_the_login(server: Server, kind: str, fields: Frame) -> None:
    """Who is not logged in gets nothing and is heard by nobody."""
    alice = server.login("alice")
    assert server.connect().refused(kind, **fields) == "not_logged_in"
    assert alice.take() == []


def test_login_is_refused_when_the_server_is_full(make_server: MakeServer) -> None:
    """A full server takes nobody new, but takes back whoever has a session."""
    server = make_server(sessions=2)
    alice, bob = server.logins("alice", "bob")
    assert server.connect().refused("login", username="carol") == "server_full"
    alice.drop()
    assert server.connect().refused("login", username="carol") == "server_full"
    assert server.login("alice", token=alice.token).welcome["resumed"] is True
    assert bob.ask("logout") == {"type": "ok"}
    assert server.connect().ask("login", username="carol")["type"] == "welcome"


def test_client_keeps_its_id_and_its_cids_over_logins_with_its_token(server: Server) -> None:
    """The client id is kept, and with the token of the session before the welcome tells the highest cid of it."""
    alice = server.login("alice", client="my-program")
    assert (alice.welcome["client"], alice.welcome["cid"]) == ("my-program", 0)
    alice.ask("send_message", text="one", cid=1)
    alice.ask("logout")
    again = server.login("alice", client="my-program", token=alice.token)
    assert (again.welcome["client"], again.welcome["cid"], again.welcome["resumed"]) == ("my-program", 1, False)
    assert again.token != alice.token


@pytest.mark.parametrize("proposed", ["", "x" * 65, "taken"])
def test_client_gets_another_id_when_its_own_cannot_be_used(server: Server, proposed: str) -> None:
    """Two sessions never number their sends under one id."""
    server.login("bob", client="taken")
    assert server.login("alice", client=proposed).welcome["client"] not in {proposed, "taken"}


def test_newcomer_is_told_what_was_missed_when_it_says_what_it_knows(server: Server) -> None:
    """`since` replays the room and the broadcasts to a new session too."""
    alice = server.login("alice")
    for text in ("one", "two", "three"):
        alice.ask("send_message", text=text)
    alice.ask("broadcast", text="all")
    epochs = {name: place["epoch"] for name, place in alice.welcome["positions"].items()}
    bob = server.connect()
    bob.say(
        "login",
        username="bob",
        since={"LOBBY": {"epoch": epochs["lobby"], "seq": 1}, "*": {"epoch": epochs["*"], "seq": 0}},
    )
    heard = bob.take("message", "broadcast")
    assert [(frame["text"], frame["replay"]) for frame in heard if frame["type"] == "message"] == [
        ("two", True),
        ("three", True),
    ]
    assert [frame["text"] for frame in heard if frame["type"] == "broadcast"] == ["all"]


# The end.


def test_user_is_gone_at_once_after_logout(server: Server) -> None:
    """Logout is answered by ok and bye; the name is free and the others are told."""
    alice, bob = server.logins("alice", "bob")
    alice.say("logout", id="x")
    assert [frame["type"] for frame in alice.take()] == ["ok", "bye"]
    assert alice.link.closed is CloseReason.NORMAL
    server.advance(0.1)
    assert bob.take("presence") == [{"type": "presence", "room": "lobby", "joined": [], "left": ["alice"], "users": 1}]
    assert server.login("alice").welcome["resumed"] is False


def test_token_is_worth_nothing_after_logout(server: Server) -> None:
    """A login with the token of an ended session is a login like any other."""
    alice = server.login("alice")
    alice.ask("logout")
    assert server.login("alice", token=alice.token).welcome["resumed"] is False


def test_nothing_is_carried_out_after_logout(server: Server) -> None:
    """What a client says behind its logout is void."""
    alice, bob = server.logins("alice", "bob")
    alice.link.sends(b'{"type":"logout"}' if alice.link.keeps_boundaries else b'{"type":"logout"}\n')
    alice.say("broadcast", text="still here")
    assert bob.texts() == []


def test_nothing_is_said_behind_the_bye() -> None:
    """What came in one piece with the logout is not even refused."""
    server = Server(boundaries=False)
    (alice,) = server.logins("alice")
    alice.link.sends(b'{"type":"logout"}\n{"type":"list_rooms"}\n{"type":"dance"}\nnonsense\n')
    server.settle()
    assert [frame["type"] for frame in alice.take()] == ["ok", "bye"]
    assert alice.link.closed is CloseReason.NORMAL


def test_connection_without_login_is_closed_after_a_while(make_server: MakeServer) -> None:
    """Who does not log in within the time is told so and sent away."""
    server = make_server(login_timeout=10.0)
    client = server.connect()
    server.advance(9.9)
    assert client.take() == []
    server.advance(0.2)
    (bye,) = client.take()
    assert (bye["type"], bye["code"]) == ("bye", "login_timeout")
    assert client.link.closed is CloseReason.POLICY


def test_login_timeout_is_over_once_logged_in(make_server: MakeServer) -> None:
    """A user may be silent for as long as the transport says that the peer lives."""
    server = make_server(login_timeout=10.0)
    alice = server.login("alice")
    server.advance(1000.0)
    assert alice.link.closed is None


def test_failed_login_does_not_stop_the_time(make_server: MakeServer) -> None:
    """Trying names for ever keeps no connection."""
    server = make_server(login_timeout=10.0)
    client = server.connect()
    for _ in range(9):
        server.advance(1.0)
        client.refused("login", username="!")
    server.advance(1.1)
    assert client.last()["code"] == "login_timeout"


def test_everyone_is_told_when_to_come_back_when_the_server_stops(server: Server) -> None:
    """Each connection, logged in or not, gets a bye with its moment to come back, and is closed."""
    clients = [*server.logins("alice", "bob", "carol"), server.connect()]
    server.switchboard.stop("maintenance")
    byes = [client.last() for client in clients]
    assert {(bye["type"], bye["code"], bye["message"]) for bye in byes} == {("bye", "shutting_down", "maintenance")}
    assert all(bye["reconnect_in"] > 0 for bye in byes)
    assert {client.link.closed for client in clients} == {CloseReason.GOING_AWAY}


def test_clients_come_back_spread_over_time_when_the_server_stops(server: Server) -> None:
    """A thousand clients do not come back in the same moment."""
    clients = [server.connect() for _ in range(1000)]
    server.switchboard.stop("maintenance")
    moments = [client.last()["reconnect_in"] for client in clients]
    assert max(moments) - min(moments) >= 1.5


def test_nobody_can_log_in_when_the_server_has_stopped(server: Server) -> None:
    """Neither a new user nor one with a token, connected or in its grace period, gets in any more."""
    alice, bob = server.logins("alice", "bob")
    bob.drop()
    server.switchboard.stop("bye")
    assert server.connect().refused("login", username="carol") == "shutting_down"
    assert server.connect().refused("login", username="alice", token=alice.token) == "shutting_down"
    assert server.connect().refused("login", username="bob", token=bob.token) == "shutting_down"


# The grace period.


def test_whoever_asks_for_a_name_that_is_kept_is_told_for_how_long(server: Server) -> None:
    """At the login and for another name, in whole seconds; whose user is there keeps it for as long as that."""
    alice, bob = server.logins("alice", "bob")
    assert "retry_after" not in server.connect().ask("login", username="alice")
    alice.ask("list_rooms")
    alice.drop()
    server.advance(59.5)
    for answer in (server.connect().ask("login", username="ALICE"), bob.ask("rename", username="alice")):
        assert (answer["code"], answer["retry_after"], answer["values"]["seconds"]) == ("name_taken", 1, 1)
    server.advance(1)
    assert bob.ask("rename", username="alice")["type"] == "ok"


def test_name_and_room_are_kept_during_the_grace_period(server: Server) -> None:
    """A dropped user stays in the lists, and nobody else gets the name."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("list_rooms")
    alice.drop()
    server.advance(59.0)
    assert server.connect().refused("login", username="ALICE") == "name_taken"
    assert bob.refused("rename", username="alice") == "name_taken"
    assert [user["name"] for user in bob.ask("list_users")["users"]] == ["alice", "bob"]
    assert bob.ask("whois", username="alice")["connected"] is False
    assert bob.take("presence") == []


def test_user_is_gone_when_the_grace_period_is_over(make_server: MakeServer) -> None:
    """The name is free, the lists are without it, and the room is told."""
    server = make_server(grace=30.0)
    alice, bob = server.logins("alice", "bob")
    alice.drop()
    server.advance(30.1)
    assert bob.take("presence") == [{"type": "presence", "room": "lobby", "joined": [], "left": ["alice"], "users": 1}]
    assert [user["name"] for user in bob.ask("list_users")["users"]] == ["bob"]
    assert bob.refused("whois", username="alice") == "no_such_user"
    assert server.login("alice", token=alice.token).welcome["resumed"] is False


def test_user_who_comes_back_too_late_is_told_that_direct_messages_are_gone(make_server: MakeServer) -> None:
    """They went with the session, acknowledged to their sender though they were: silence would be a lie."""
    server = make_server(grace=30.0)
    alice, bob = server.logins("alice", "bob")
    position = alice.welcome["positions"]["@"]
    alice.drop()
    assert bob.ask("send_direct", to="alice", text="psst")["type"] == "direct"
    server.advance(30.1)
    again = server.login("alice", settled=False, token=alice.token, since={"@": position})
    (gap,) = again.take("gap")
    assert gap["room"] == "@"
    assert gap["epoch"] == again.welcome["positions"]["@"]["epoch"] != position["epoch"]


def test_user_who_did_nothing_but_log_in_is_gone_soon(server: Server) -> None:
    """A name is kept for as long as somebody was there under it, and five seconds at least."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    alice.drop()
    server.advance(19.0)
    assert server.users() == ["bob", "carol"]
    bob.drop()
    server.advance(19.9)
    assert server.users() == ["bob", "carol"]
    server.advance(0.2)
    assert server.users() == ["carol"]
    carol.drop()
    server.advance(39.9)
    assert server.users() == ["carol"]


def test_user_whose_welcome_was_lost_is_waited_for(server: Server) -> None:
    """Five seconds are enough for some tries to come back."""
    lose_the_welcome(server)
    server.advance(4.9)
    again = server.login("alice", client=SECRET)
    again.drop()
    server.advance(4.9)
    assert server.users() == ["alice"]
    server.advance(0.2)
    assert server.users() == []


def test_user_who_has_resumed_has_the_whole_grace_period(server: Server) -> None:
    """The token shows that the welcome arrived."""
    alice = server.login("alice")
    alice.drop()
    server.login("alice", token=alice.token).drop()
    server.advance(59.0)
    assert server.users() == ["alice"]


def test_one_address_has_so_many_users_in_their_grace_period(make_server: MakeServer) -> None:
    """The one that was never used gives way, then who came last; whoever comes from elsewhere is not touched."""
    server = make_server(connections_per_address=3)
    zoe = server.login("zoe", address="192.0.2.9:1")
    zoe.drop()
    users = [server.login(f"user{number}", address=f"192.0.2.1:{number}") for number in range(6)]
    for number, user in enumerate(users):
        if number != 1:
            user.ask("list_rooms")
        user.drop()
    assert server.users() == ["user0", "user2", "user3", "zoe"]
    server.login("user2", token=users[2].token, address="192.0.2.7:1")
    assert server.users() == ["user0", "user2", "user3", "zoe"]


@pytest.mark.unmeasured
def test_users_of_a_loop_of_logins_never_fill_the_server(make_server: MakeServer) -> None:
    """However often somebody logs in and hangs up, others find room, and the names are soon free again."""
    server = make_server(sessions=200)
    for number in range(1000):
        server.login(f"sq{number}", address=f"192.0.2.1:{number}").drop()
        server.advance(0.001)
    assert len(server.users()) <= 65
    assert server.connect(address="192.0.2.2:1").ask("login", username="alice")["type"] == "welcome"
    server.advance(5.1)
    assert server.users() == ["alice"]
    assert server.chat.state.waiting == {}


def test_user_is_gone_at_once_when_there_is_no_grace_period(make_server: MakeServer) -> None:
    """With a grace of 0 a lost connection ends the session."""
    server = make_server(grace=0.0)
    alice, bob = server.logins("alice", "bob")
    alice.drop()
    server.advance(0.06)
    assert server.users() == ["bob"]
    assert bob.take("presence")[0]["left"] == ["alice"]


def test_grace_period_begins_anew_with_every_loss(make_server: MakeServer) -> None:
    """The timer of an earlier loss does not end a session that was resumed in between."""
    server = make_server(grace=30.0)
    alice = server.login("alice")
    alice.ask("list_rooms")
    alice.drop()
    server.advance(20.0)
    again = server.login("alice", token=alice.token)
    server.advance(5.0)
    again.drop()
    server.advance(20.0)
    assert server.users() == ["alice"]
    server.advance(10.1)
    assert server.users() == []


def test_connection_that_never_logged_in_leaves_nothing(server: Server) -> None:
    """Losing an anonymous connection ends it."""
    server.connect().drop()
    assert server.switchboard.connections == {}
    assert server.chat.state.connections == {}


# Resuming.


def test_user_gets_back_name_and_room_with_the_token(server: Server) -> None:
    """A resumed session is in its room, under its name, with its client id; nobody sees it leave or join."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    server.advance(2.0)
    bob.take()
    alice.drop()
    server.advance(5.0)
    welcome = server.login("alice", token=alice.token).welcome
    assert welcome["resumed"] is True
    assert (welcome["username"], welcome["room"]) == ("alice", "python")
    assert welcome["session"]["token"] == alice.token
    assert welcome["client"] == alice.welcome["client"]
    server.advance(2.0)
    assert bob.take("presence") == []


def test_user_hears_exactly_what_was_missed_when_resuming(server: Server) -> None:
    """Welcome first, then messages, directs and broadcasts after the last known ones, marked as replay, then live."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="before")
    assert alice.texts() == ["before"]
    since = places(alice.welcome)
    since["lobby"]["seq"] = 1
    alice.drop()
    bob.ask("send_message", text="missed 1")
    bob.ask("send_direct", to=["alice"], text="missed direct")
    bob.ask("broadcast", text="missed broadcast")
    bob.ask("send_message", text="missed 2")

    again = server.connect()
    again.say("login", username="alice", token=alice.token, since=since)
    bob.ask("send_message", text="live")
    first, *rest = again.take("welcome", "message", "direct", "broadcast", "gap")
    assert (first["type"], first["resumed"]) == ("welcome", True)
    assert [(each["text"], each["seq"], each.get("replay", False)) for each in rest if each["type"] == "message"] == [
        ("missed 1", 2, True),
        ("missed 2", 3, True),
        ("live", 4, False),
    ]
    assert [(each["text"], each["replay"]) for each in rest if each["type"] == "direct"] == [("missed direct", True)]
    assert [(each["text"], each["replay"]) for each in rest if each["type"] == "broadcast"] == [
        ("missed broadcast", True)
    ]
    assert len(rest) == 5


def test_user_hears_what_came_after_the_loss_when_resuming_without_since(server: Server) -> None:
    """A client that does not say what it knows gets what was said while it was away."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="before")
    alice.ask("list_rooms")
    alice.drop()
    bob.ask("send_message", text="missed")
    bob.ask("send_direct", to="alice", text="psst")
    again = server.login("alice", token=alice.token, settled=False)
    assert sorted(again.texts()) == ["missed", "psst"]


def test_user_hears_all_since_it_was_last_heard_of_when_resuming_without_since(server: Server) -> None:
    """What was delivered to a silent client may not have arrived: it is replayed, marked as such."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("list_rooms")
    bob.ask("send_message", text="may not have arrived")
    alice.drop()
    bob.ask("send_message", text="missed")
    again = server.login("alice", settled=False, token=alice.token)
    assert [(frame["text"], frame["replay"]) for frame in again.take("message")] == [
        ("may not have arrived", True),
        ("missed", True),
    ]


def test_user_hears_nothing_twice_when_nothing_was_missed(server: Server) -> None:
    """A resume at the head replays nothing."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="one")
    since = places(alice.welcome) | {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 1}}
    alice.drop()
    again = server.login("alice", settled=False, token=alice.token, since=since)
    assert again.take() == []


def test_user_resumes_while_saying_too_much_is_known(server: Server) -> None:
    """A position beyond the head counts as the head."""
    alice, bob = server.logins("alice", "bob")
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 2**53}}
    alice.drop()
    again = server.login("alice", token=alice.token, since=since)
    assert again.welcome["positions"]["lobby"]["seq"] == 0
    bob.ask("send_message", text="one")
    assert again.texts() == ["one"]


def test_user_is_told_of_the_gap_when_the_log_was_trimmed(make_server: MakeServer) -> None:
    """What a resume cannot replay it says, and replays the rest."""
    server = make_server(log_messages=5)
    alice, bob = server.logins("alice", "bob")
    since = places(alice.welcome)
    alice.drop()
    for number in range(1, 21):
        bob.ask("send_message", text=f"m{number}")
    again = server.login("alice", settled=False, token=alice.token, since=since)
    gap, *missed = again.take("gap", "message")
    assert gap == {"type": "gap", "room": "lobby", "epoch": since["lobby"]["epoch"], "from": 1, "to": 15}
    assert [frame["seq"] for frame in missed] == [16, 17, 18, 19, 20]


def test_user_is_told_of_the_gap_when_all_is_gone(make_server: MakeServer) -> None:
    """A log that kept nothing gives a gap up to its head."""
    server = make_server(log_bytes=1024)
    alice, bob = server.logins("alice", "bob")
    alice.drop()
    bob.ask("send_message", text="x" * 2000)
    again = server.login("alice", settled=False, token=alice.token)
    assert [(frame["from"], frame["to"]) for frame in again.take("gap", "message")] == [(1, 1)]


def test_user_comes_back_who_asked_something_in_a_room_that_is_gone(server: Server) -> None:
    """What it was last heard of knowing is that of the last thing it did, whatever it asked before."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    alice.ask("whois", username="alice")
    alice.ask("leave_room")
    bob.ask("send_message", text="heard")
    alice.ask("send_message", text="mine")
    alice.drop()
    bob.ask("send_message", text="missed")
    again = server.login("alice", settled=False, token=alice.token)
    assert (again.welcome["resumed"], again.welcome["room"]) == (True, "lobby")
    assert again.texts() == ["missed"]


def test_user_is_told_of_the_gap_when_the_log_was_lost(server: Server) -> None:
    """Another epoch means that the log begins anew: the gap names it and all of the new log is replayed."""
    server.login("bob").ask("send_message", text="new one")
    alice = server.connect()
    alice.say("login", username="alice", since={"lobby": {"epoch": "before the crash", "seq": 40}})
    gap, message = alice.take("gap", "message")
    assert gap["room"] == "lobby"
    assert gap["epoch"] == server.log.position("lobby").epoch
    assert gap["to"] < gap["from"], "nothing of the new epoch is missing"
    assert (message["seq"], message["text"]) == (1, "new one")


def test_since_of_rooms_that_the_user_is_not_in_is_ignored(server: Server) -> None:
    """Nobody can listen to a room by claiming a position in it."""
    alice, bob = server.logins("alice", "bob")
    room = bob.ask("create_room", room="private")
    bob.ask("send_message", text="inside")
    since = {"private": {"epoch": room["position"]["epoch"], "seq": 0}, "nowhere": {"epoch": "e", "seq": 0}}
    alice.drop()
    again = server.login("alice", settled=False, token=alice.token, since=since)
    assert again.take("message", "gap") == []


def test_old_connection_is_fenced_when_a_new_one_resumes(server: Server) -> None:
    """The older one gets a bye, is closed, hears nothing more, and nothing it says counts."""
    alice, bob = server.logins("alice", "bob")
    again = server.login("alice", token=alice.token)
    assert again.welcome["resumed"] is True
    (bye,) = alice.take()
    assert (bye["type"], bye["code"]) == ("bye", "replaced")
    assert alice.link.closed is CloseReason.POLICY
    alice.connection.data_received(b'{"type":"send_message","text":"ghost"}\n')
    server.settle()
    bob.ask("send_message", text="hello")
    assert again.texts() == ["hello"]
    assert alice.texts() == []


def test_losing_the_fenced_connection_does_not_touch_the_session(server: Server) -> None:
    """The old connection's end is nobody's business."""
    alice = server.login("alice")
    again = server.login("alice", token=alice.token)
    alice.drop()
    server.advance(100.0)
    assert again.ask("whois", username="alice")["connected"] is True


def test_session_can_be_resumed_again_and_again(server: Server) -> None:
    """Each resume replays what came since the client was last heard of, once."""
    alice, bob = server.logins("alice", "bob")
    client = alice
    for number in range(5):
        client.drop()
        bob.ask("send_message", text=f"m{number}")
        client = server.login("alice", settled=False, token=alice.token)
        assert client.texts() == [f"m{number}"]
        client.ask("list_rooms")


def test_login_with_an_unknown_token_is_a_login_like_any_other(server: Server) -> None:
    """A token of another server's life proves nothing and harms nothing."""
    assert server.login("alice", token="x").welcome["resumed"] is False


def test_resumed_user_can_send_on_with_its_cids(server: Server) -> None:
    """Cids go on where they were, and the sender's own missed messages come back with theirs."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("send_message", text="one", cid=1)
    since = places(alice.welcome)
    alice.drop()
    again = server.login("alice", settled=False, token=alice.token, since=since)
    assert again.welcome["cid"] == 1
    (own,) = again.take("message")
    assert (own["text"], own["cid"], own["replay"]) == ("one", 1, True)
    assert again.ask("send_message", text="two", cid=2)["seq"] == 2
    assert bob.texts() == ["one", "two"]


# When the welcome itself is lost.


SECRET = "a-secret-of-32-random-characters"


def lose_the_welcome(server: Server, client: str = SECRET) -> Client:
    """Return a client that logged in and was lost before it had read anything."""
    alice = server.connect()
    alice.link.stops_reading()
    alice.say("login", username="alice", client=client)
    alice.drop()
    return alice


def test_client_that_lost_its_welcome_gets_the_session_with_its_own_secret(server: Server) -> None:
    """The client id of a session that never spoke proves whose it is; to the client it is new, with all it missed."""
    (bob,) = server.logins("bob")
    lose_the_welcome(server)
    bob.ask("send_message", text="missed")
    alice = server.login("alice", settled=False, client=SECRET)
    assert alice.welcome["resumed"] is False
    assert alice.welcome["client"] == SECRET
    assert [(frame["text"], frame["replay"]) for frame in alice.take("message")] == [("missed", True)]
    assert bob.ask("list_users")["users"] == [{"name": "alice", "room": "lobby"}, {"name": "bob", "room": "lobby"}]


def test_welcome_may_be_lost_more_than_once(server: Server) -> None:
    """What came since the first one is still replayed."""
    (bob,) = server.logins("bob")
    for number in range(3):
        lose_the_welcome(server)
        bob.ask("send_message", text=f"missed {number}")
    assert server.login("alice", settled=False, client=SECRET).texts() == ["missed 0", "missed 1", "missed 2"]


@pytest.mark.parametrize("client", ["another-secret-of-the-same-length", None])
def test_stranger_does_not_get_a_session_whose_welcome_was_lost(server: Server, client: str | None) -> None:
    """The name is taken for whoever has another client id, or none."""
    lose_the_welcome(server)
    assert server.connect().refused("login", username="alice", client=client) == "name_taken"


def test_client_id_that_could_be_guessed_proves_nothing(server: Server) -> None:
    """A short client id is no secret."""
    lose_the_welcome(server, "alice-pc")
    assert server.connect().refused("login", username="alice", client="alice-pc") == "name_taken"


def test_client_id_proves_nothing_once_the_session_has_spoken(server: Server) -> None:
    """Who got the welcome has the token, and needs it."""
    alice = server.login("alice", client=SECRET)
    alice.ask("list_rooms")
    alice.drop()
    assert server.connect().refused("login", username="alice", client=SECRET) == "name_taken"


def test_room_stays_while_its_only_member_can_come_back(server: Server) -> None:
    """A room disappears only when nobody is in it or can come back to it."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    alice.drop()
    assert [room["name"] for room in bob.ask("list_rooms")["rooms"]] == ["lobby", "python"]
    server.advance(61.0)
    assert [room["name"] for room in bob.ask("list_rooms")["rooms"]] == ["lobby"]


def test_welcome_tells_when_the_session_began(server: Server) -> None:
    """A resumed session is as old as it was; its connection is the new one."""
    alice = server.login("alice")
    began = alice.ask("whois", username="alice")["since"]
    alice.drop()
    server.advance(30.0)
    again = server.login("alice", token=alice.token)
    assert again.ask("whois", username="alice")["since"] == began
    assert datetime.fromisoformat(began).timestamp() == 1_795_000_000.0
