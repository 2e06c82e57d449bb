"""A client's side of a session: what it shows, what it repeats, and where it returns to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.client.session import ClientSession
from chatcore.commands import (
    CloseRoom,
    Command,
    CreateRoom,
    DeleteMessage,
    EditMessage,
    InviteUser,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogIn,
    OfferFile,
    Position,
    React,
    ReadHistory,
    Rename,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    SetRole,
    Unreact,
    WhoIs,
)
from chatcore.dialects.base import Request
from chatcore.errors import RequestRefused
from chatcore.events import (
    Accepted,
    BroadcastPosted,
    ClientEvent,
    DirectPosted,
    Dismissed,
    GapFound,
    HistoryRead,
    LimitsChanged,
    MessagePosted,
    PingAnswered,
    Posted,
    PresenceChanged,
    Reaction,
    ReactionChanged,
    Refused,
    RoomEntered,
    RoomModerated,
    RoomsChanged,
    RoomsListed,
    RoomSummary,
    SendAcknowledged,
    SendRefused,
    ServerEvent,
    UserDescribed,
    UserRenamed,
    UsersListed,
    Welcomed,
)
from tests.strategies import server_events

CLIENT = "client-id-of-alice"
NOW = 1000.0
DIRECTS, BROADCASTS = Position("d", 0), Position("b", 0)


class Alice:
    """A session that is driven by hand: this test is its network, its server and its user."""

    def __init__(self, **options: Any) -> None:
        self.session = ClientSession("alice", CLIENT, **options)
        self.written: list[Request] = []

    def connect(self) -> LogIn:
        """Let a connection be made; returns the login."""
        self.session.connected()
        (request,) = self.session.requests_to_send()
        assert isinstance(request.command, LogIn)
        return request.command

    def enter(self, **fields: Any) -> None:
        """Let a connection be made and the server welcome it; nothing of it is looked at."""
        self.connect()
        self.hear(welcome(**fields))

    def lose(self) -> None:
        """Let the connection be lost."""
        self.session.disconnected()

    def hear(self, event: ServerEvent, reply_to: str | None = None, now: float = NOW) -> list[ClientEvent]:
        """Let the server say something; returns what is shown."""
        return [received.event for received in self.session.received(event, reply_to, now)]

    def says(self) -> list[Command]:
        """Return what goes over the wire now."""
        requests = self.session.requests_to_send()
        self.written += requests
        return [request.command for request in requests]

    def answered(self, event: ServerEvent, now: float = NOW) -> list[ClientEvent]:
        """Let the server answer the last request that went over the wire."""
        return self.hear(event, self.written[-1].reply_to, now)


def welcome(room: str = "lobby", *, epoch: str = "e", seq: int = 0, **fields: Any) -> Welcomed:
    """Return the answer to a login."""
    position = Position(epoch, seq)
    plain: dict[str, Any] = {
        "username": "alice",
        "token": "secret",
        "client": CLIENT,
        "cid": 0,
        "position": position,
        "positions": {room: position, "@": DIRECTS, "*": BROADCASTS},
        "rooms": (),
        "rooms_count": 0,
        "users": ("alice",),
        "users_count": 1,
    }
    return Welcomed(room=room, **plain | fields)


def entered(room: str, seq: int = 0, *, epoch: str = "e", users: tuple[str, ...] = ("alice",)) -> RoomEntered:
    """Return the picture of a room."""
    return RoomEntered(room=room, position=Position(epoch, seq), users=users, users_count=len(users))


def message(seq: int, cid: int | None = None, room: str = "lobby") -> MessagePosted:
    """Return a message to a room."""
    return MessagePosted(seq=seq, sender="bob", text=f"message {seq}", at=0.0, cid=cid, room=room)


def messages(*seqs: int, room: str = "lobby") -> list[ClientEvent]:
    """Return messages to a room."""
    return [message(seq, room=room) for seq in seqs]


def history(*seqs: int, room: str = "lobby") -> HistoryRead:
    """Return what is read from a room's log."""
    return HistoryRead(room, "e", tuple(message(seq, room=room) for seq in seqs))


def said(text: str, cid: int, room: str | None = "lobby") -> SendMessage:
    """Return a message as it goes over the wire."""
    return SendMessage(text, cid, room)


@pytest.fixture
def alice() -> Alice:
    """Return a session that is logged in."""
    alice = Alice()
    alice.enter()
    return alice


@pytest.fixture
def in_python() -> Alice:
    """Return a session in the room python, at message 7."""
    alice = Alice()
    alice.enter()
    alice.session.request(JoinRoom("python"))
    alice.says()
    alice.answered(entered("python", 7))
    return alice


# Logging in.


def test_session_logs_in_with_nothing_but_its_name_when_it_is_new() -> None:
    """There is neither a token nor a position yet."""
    alice = Alice()
    assert alice.connect() == LogIn("alice", CLIENT, None, {})
    assert not alice.session.logged_in


def test_session_logs_in_with_token_and_positions_when_it_was_there_before(alice: Alice) -> None:
    """The positions are those of what was shown last."""
    alice.hear(message(1))
    alice.hear(BroadcastPosted(seq=1, sender="bob", text="lunch", at=0.0))
    alice.lose()
    assert not alice.session.logged_in
    since = {"lobby": Position("e", 1), "@": DIRECTS, "*": Position("b", 1)}
    assert alice.connect() == LogIn("alice", CLIENT, "secret", since)


def test_session_says_nothing_else_before_the_welcome() -> None:
    """What is asked for meanwhile waits, and then goes in order."""
    alice = Alice()
    alice.session.request(ListRooms())
    alice.session.post(SendMessage("hi"))
    alice.connect()
    assert alice.says() == []
    event = welcome()
    assert alice.hear(event, "login") == [event]
    assert alice.session.logged_in
    assert alice.says() == [ListRooms(), said("hi", 1, None)]


def test_session_takes_the_name_and_the_client_id_that_the_server_gives() -> None:
    """The server has the last word, and the next login says the same."""
    alice = Alice()
    alice.enter(username="Alice", client="another", token="other", users=("Alice", "Bob"), users_count=2)
    assert alice.session.username == "Alice"
    assert alice.session.members == {"alice": "Alice", "bob": "Bob"}
    alice.lose()
    login = alice.connect()
    assert (login.username, login.client, login.token) == ("Alice", "another", "other")


def test_session_keeps_the_refusal_until_it_tries_again() -> None:
    """Whoever drives it reads there why the login failed."""
    alice = Alice()
    alice.connect()
    refusal = Refused("name_taken", "somebody is called alice already")
    assert alice.hear(refusal, "login") == []
    assert alice.session.refusal == refusal
    alice.lose()
    assert alice.session.refusal == refusal
    alice.connect()
    assert alice.session.refusal is None


def test_session_keeps_the_goodbye_until_it_tries_again(alice: Alice) -> None:
    """It is shown too."""
    goodbye = Dismissed("shutting_down", "back soon", 2.0)
    assert alice.hear(goodbye) == [goodbye]
    alice.lose()
    assert alice.session.dismissed == goodbye
    alice.connect()
    assert alice.session.dismissed is None


# Logs: once each, in order.


def test_user_is_shown_messages_in_order(alice: Alice) -> None:
    """Each log has its own count."""
    direct = DirectPosted(seq=1, sender="bob", text="psst", at=0.0, to=("alice",))
    assert alice.hear(message(1)) == [message(1)]
    assert alice.hear(direct) == [direct]
    assert alice.hear(message(2)) == [message(2)]


def test_user_is_shown_nothing_twice(alice: Alice) -> None:
    """What has a lower seq is dropped."""
    alice.hear(message(1))
    alice.hear(message(2))
    assert alice.hear(message(2)) == []
    assert alice.hear(message(1)) == []
    assert alice.says() == []


def test_send_is_acknowledged_by_a_message_that_was_shown_already(alice: Alice) -> None:
    """It may carry the number that somebody waits for."""
    number = alice.session.post(SendMessage("hi"))
    alice.says()
    alice.hear(message(1))
    assert alice.hear(message(1, cid=1)) == [SendAcknowledged(number, message(1, cid=1))]
    assert alice.session.pending == 0


def test_session_asks_for_history_once_when_there_is_a_hole(alice: Alice) -> None:
    """Everything is shown in order afterwards, and what comes meanwhile waits."""
    alice.hear(message(1))
    assert alice.hear(message(4)) == []
    assert alice.says() == [ReadHistory("lobby", after=1, limit=500)]
    assert alice.hear(message(5)) == []
    assert alice.hear(message(7)) == []
    assert alice.says() == []
    assert alice.hear(history(2, 3, 4, 5, 6, 7), "refill") == messages(2, 3, 4, 5, 6, 7)
    assert alice.hear(message(8)) == messages(8)


def test_session_asks_again_when_the_reply_was_too_short(alice: Alice) -> None:
    """A reply holds as much as fits into a frame."""
    alice.hear(message(6))
    alice.says()
    assert alice.hear(history(1, 2), "refill") == messages(1, 2)
    assert alice.says() == [ReadHistory("lobby", after=2, limit=500)]
    assert alice.hear(history(3, 4, 5), "refill") == messages(3, 4, 5, 6)
    assert alice.says() == []


def test_user_is_shown_a_gap_when_the_reply_is_trimmed(alice: Alice) -> None:
    """What has left the log is gone; the rest is shown."""
    alice.hear(message(6))
    alice.says()
    gap = GapFound("lobby", "e", 1, 3)
    assert alice.hear(history(4, 5), "refill") == [gap, *messages(4, 5, 6)]


def test_user_is_shown_a_gap_when_the_reply_is_empty(alice: Alice) -> None:
    """All of it is gone, up to what waits here."""
    alice.hear(message(6))
    alice.says()
    assert alice.hear(history(), "refill") == [GapFound("lobby", "e", 1, 5), *messages(6)]
    assert alice.hear(history(), "refill") == []


def test_holes_of_several_logs_are_filled_independently(alice: Alice) -> None:
    """A hole in one log holds up no other."""
    direct = DirectPosted(seq=2, sender="bob", text="psst", at=0.0, to=("alice",))
    alice.hear(direct)
    alice.hear(message(2))
    assert alice.says() == [ReadHistory("@", after=0, limit=500), ReadHistory("lobby", after=0, limit=500)]
    first = DirectPosted(seq=1, sender="bob", text="hey", at=0.0, to=("alice",))
    assert alice.hear(HistoryRead("@", "d", (first,)), "refill") == [first, direct]
    assert alice.hear(history(1, 2), "refill") == messages(1, 2)


def test_session_asks_again_at_the_next_message_when_history_is_refused(alice: Alice) -> None:
    """Nothing is shown out of order because of that."""
    alice.hear(message(3))
    alice.says()
    assert alice.hear(Refused("internal", "a mistake"), "refill") == []
    assert alice.hear(message(4)) == []
    assert alice.says() == [ReadHistory("lobby", after=0, limit=500)]
    assert alice.hear(history(1, 2, 3, 4), "refill") == messages(1, 2, 3, 4)


def test_send_is_acknowledged_once_when_it_stands_behind_a_hole(alice: Alice) -> None:
    """The acknowledgement does not wait for the hole, the message does."""
    number = alice.session.post(SendMessage("hi"))
    alice.says()
    own = message(3, cid=1)
    assert alice.hear(own) == [SendAcknowledged(number, own)]
    alice.says()
    assert alice.hear(history(1, 2, 3), "refill") == messages(1, 2, 3)


def test_hole_is_forgotten_when_the_connection_is_lost(alice: Alice) -> None:
    """The next login says what is missing; the server replays it."""
    alice.hear(message(3))
    alice.lose()
    assert alice.connect().since["lobby"] == Position("e", 0)
    alice.hear(welcome(resumed=True))
    assert alice.says() == []
    assert [alice.hear(message(seq)) for seq in (1, 2, 3)] == [messages(1), messages(2), messages(3)]


def test_entries_of_a_room_that_the_user_left_are_not_shown(in_python: Alice) -> None:
    """Neither late messages nor late history."""
    assert in_python.hear(message(1)) == []
    assert in_python.hear(history(1, 2), "refill") == []
    assert in_python.says() == []
    assert in_python.hear(message(8, room="python")) == messages(8, room="python")


def test_hole_of_a_room_that_the_user_left_holds_up_nothing_when_the_user_is_back(in_python: Alice) -> None:
    """Though what did not come had been asked for too early, twice, and was not asked for again."""
    in_python.hear(message(9, room="python"))
    in_python.says()
    in_python.answered(LIMITED)
    in_python.hear(entered("lobby"))
    wait_for(in_python, 2.0)
    in_python.says()
    in_python.answered(LIMITED)
    wait_for(in_python, 2.0)
    assert in_python.says() == []
    in_python.hear(entered("python", 10))
    assert in_python.hear(message(12, room="python")) == []
    assert in_python.says() == [ReadHistory("python", after=10, limit=500)]
    assert in_python.answered(history(11, 12, room="python")) == messages(11, 12, room="python")


def test_what_waits_behind_a_hole_goes_on_to_wait_when_the_picture_is_fresh(in_python: Alice) -> None:
    """It is the same room: what was asked for comes."""
    in_python.hear(message(9, room="python"))
    in_python.says()
    in_python.hear(entered("python", 9))
    assert in_python.answered(history(8, room="python")) == messages(8, 9, room="python")


def test_message_that_is_deleted_behind_a_hole_is_shown_without_its_text(alice: Alice) -> None:
    alice.hear(message(2))
    alice.hear(message(3))
    below = ReactionChanged(room="lobby", seq=2, emoji="👍", by="bob", count=1, change=1)
    gone = RoomModerated(room="Lobby", act="delete_message", by="bob", value=2, change=2)
    late = RoomModerated(room="lobby", act="edit_message", by="bob", value=2, text="still here", change=3)
    assert [alice.hear(each) for each in (below, gone, late)] == [[below], [gone], [late]]
    deleted = replace(message(2), text="", deleted=True)
    assert alice.hear(history(1), "refill") == [message(1), deleted, message(3)]


def test_message_that_is_changed_behind_a_hole_is_shown_as_it_is_by_then(alice: Alice) -> None:
    """With its text, and with what stands below it."""
    alice.hear(message(2))
    alice.hear(message(3))
    alice.hear(RoomModerated(room="lobby", act="edit_message", by="bob", value=2, text="hello", change=1))
    for by, emoji, users, removed in (
        ("bob", "👍", 1, False),
        ("ALICE", "👍", 2, False),
        ("bob", "🎉", 1, False),
        ("bob", "👍", 1, True),
        ("bob", "🎉", 0, True),
        ("", "🌊", 3, False),
    ):
        alice.hear(ReactionChanged(room="lobby", seq=2, emoji=emoji, by=by, count=users, removed=removed))
    below = (Reaction("👍", 1, True), Reaction("🌊", 3, False))
    changed = replace(message(2), text="hello", edited=True, reactions=below)
    assert alice.hear(history(1), "refill") == [message(1), changed, message(3)]


def test_user_stays_where_it_was_in_the_log_when_the_picture_is_fresh(in_python: Alice) -> None:
    """After a slow reader caught up it gets the same room again: that is no new beginning."""
    in_python.hear(message(8, room="python"))
    picture = entered("python", 9, users=("alice", "bob"))
    assert in_python.hear(picture) == [picture]
    assert in_python.session.members == {"alice": "alice", "bob": "bob"}
    assert in_python.hear(message(9, room="python")) == messages(9, room="python")


@given(st.permutations(range(1, 13)), st.lists(st.integers(1, 12), max_size=12), st.data())
def test_user_is_shown_everything_once_in_order_however_it_comes(
    order: list[int], doubled: list[int], data: st.DataObject
) -> None:
    """Whatever is late, lost or doubled: history fills the holes, in replies of any length."""
    alice = Alice()
    alice.enter()
    shown: list[ClientEvent] = []
    asked: list[int] = []

    def listen(event: ServerEvent, reply_to: str | None = None) -> None:
        shown.extend(alice.hear(event, reply_to))
        asked.extend(each.after or 0 for each in alice.says() if isinstance(each, ReadHistory))

    def answer() -> None:
        after = asked.pop(0)
        length = data.draw(st.integers(1, 5), "length of the reply")
        listen(history(*range(after + 1, min(after + length, 12) + 1)), "refill")

    for seq in order[: data.draw(st.integers(0, 12), "how many come")] + doubled + [12]:
        listen(message(seq))
        while asked and data.draw(st.booleans(), "the answer comes now"):
            answer()
    while asked:
        answer()
    assert shown == messages(*range(1, 13))


# Gaps.


def test_gap_is_shown_and_skipped(alice: Alice) -> None:
    """It goes on behind the gap."""
    gap = GapFound("LOBBY", "e", 1, 5)
    assert alice.hear(gap) == [gap]
    assert alice.hear(message(5)) == []
    assert alice.hear(message(6)) == messages(6)


def test_gap_that_is_known_takes_nothing_back(alice: Alice) -> None:
    """What was shown is not shown again."""
    alice.hear(message(1))
    alice.hear(message(2))
    alice.hear(GapFound("lobby", "e", 1, 1))
    assert alice.hear(message(2)) == []
    assert alice.hear(message(3)) == messages(3)


def test_log_begins_anew_when_a_gap_names_another_epoch(alice: Alice) -> None:
    """Lower seqs are news then, and the next login says the new epoch."""
    alice.hear(message(1))
    alice.hear(message(2))
    assert alice.hear(GapFound("lobby", "f", 1, 0)) == [GapFound("lobby", "f", 1, 0)]
    assert alice.hear(message(1)) == messages(1)
    alice.lose()
    assert alice.connect().since["lobby"] == Position("f", 1)


def test_only_what_is_not_replayed_of_a_log_that_began_anew_is_lost(alice: Alice) -> None:
    """The server began anew, and others have said something before this client was back: all of that comes."""
    alice.hear(message(1))
    alice.lose()
    alice.connect()
    places = {"lobby": Position("f", 0), "@": DIRECTS, "*": BROADCASTS}
    event = welcome(epoch="f", position=Position("f", 2), positions=places)
    gap = GapFound("lobby", "f", 1, 0)
    assert alice.hear(event) == [event, gap]
    assert alice.hear(gap) == []
    assert [alice.hear(message(1)), alice.hear(message(2))] == [messages(1), messages(2)]


def test_gap_of_an_unknown_log_is_shown_and_nothing_else(alice: Alice) -> None:
    """Not every log is followed."""
    gap = GapFound("elsewhere", "e", 1, 5)
    assert alice.hear(gap) == [gap]
    alice.lose()
    assert set(alice.connect().since) == {"lobby", "@", "*"}


# Sends.


def test_send_is_acknowledged_by_the_senders_own_copy(alice: Alice) -> None:
    """It is shown as a message too; the number is that of the send."""
    number = alice.session.post(SendMessage("hi"))
    assert alice.session.pending == 1
    assert alice.says() == [said("hi", 1)]
    assert alice.says() == []
    own = message(1, cid=1)
    assert alice.hear(own, "s1") == [SendAcknowledged(number, own), own]
    assert alice.session.pending == 0
    assert alice.session.unanswered == 0


def test_send_is_acknowledged_without_its_entry_when_that_has_left_the_log(alice: Alice) -> None:
    """The server knows the number and no more."""
    number = alice.session.post(SendBroadcast("hi"))
    alice.says()
    assert alice.hear(Accepted(1), "s1") == [SendAcknowledged(number, None)]
    assert alice.hear(Accepted(1), "s1") == []


def test_sends_of_all_kinds_are_numbered_together(alice: Alice) -> None:
    """1, 2, 3, whatever they are."""
    for send in (SendMessage("a"), SendDirect(("bob",), "b"), SendBroadcast("c")):
        alice.session.post(send)
    assert alice.says() == [said("a", 1), SendDirect(("bob",), "b", 2), SendBroadcast("c", 3)]


def test_sends_are_repeated_in_order_after_a_reconnect(alice: Alice) -> None:
    """Only those without an answer, and before what is new; requests keep their place among them."""
    for text in ("a", "b", "c"):
        alice.session.post(SendMessage(text))
    alice.session.request(WhoIs("bob"))
    alice.says()
    alice.hear(message(1, cid=1))
    alice.lose()
    alice.session.post(SendMessage("d"))
    alice.connect()
    assert alice.says() == []
    alice.hear(welcome(cid=1, seq=1, resumed=True))
    assert alice.says() == [said("b", 2), said("c", 3), WhoIs("bob"), said("d", 4)]


def test_what_is_private_and_has_not_arrived_is_given_up_where_it_is_not_to_be_repeated() -> None:
    """Before the welcome is shown. What the server has is acknowledged all the same, and what follows closes up."""
    alice = Alice(repeat_private=False)
    alice.enter()
    arrived, lost, said_to_all = (
        alice.session.post(each)
        for each in (SendDirect(("bob",), "a"), SendDirect(("bob",), "b"), SendMessage("c", room="lobby"))
    )
    offer = OfferFile(("bob",), room=False, name="a.txt", size=1, sha256="ab" * 32)
    alice.session.request(offer)
    alice.session.request(replace(offer, to=(), room=True))
    alice.session.request(InviteUser("bob"))
    alice.session.request(SetRole("bob", "owner"))
    alice.says()
    alice.lose()
    away = alice.session.post(SendDirect(("bob",), "d"))
    alice.connect()
    shown = alice.hear(welcome(cid=1, resumed=True))
    assert [(type(each), getattr(each, "cid", 0), getattr(each, "code", "")) for each in shown] == [
        (SendRefused, lost, "not_repeated"),
        *[(Refused, None, "not_repeated")] * 3,
        (SendRefused, away, "not_repeated"),
        (Welcomed, 1, ""),
    ]
    assert alice.says() == [SendDirect(("bob",), "a", 1), said("c", 2), replace(offer, to=(), room=True)]
    assert alice.hear(Accepted(cid=1)) == [SendAcknowledged(arrived, None)]
    assert alice.session.unsent == {said_to_all: said("c", 2)}


def test_sixty_four_sends_wait_on_the_wire_and_no_more(alice: Alice) -> None:
    """The next one goes when one is acknowledged."""
    for number in range(70):
        alice.session.post(SendMessage(str(number)))
    alice.session.request(ListRooms())
    assert alice.says() == [said(str(number), number + 1) for number in range(64)]
    alice.hear(message(1, cid=1))
    alice.hear(message(2, cid=2))
    assert alice.says() == [said("64", 65), said("65", 66)]
    for seq in range(3, 7):
        alice.hear(message(seq, cid=seq))
    assert alice.says() == [*[said(str(number), number + 1) for number in range(66, 70)], ListRooms()]


@pytest.mark.parametrize(
    ("code", "after", "wait"),
    [
        ("rate_limited", 2.5, 2.5),
        ("rate_limited", 0.01, 0.05),
        ("rate_limited", None, 1.0),
        ("shutting_down", None, 1.0),
    ],
)
def test_sends_wait_and_then_go_one_at_a_time_when_the_server_asks_for_patience(
    alice: Alice, code: str, after: float | None, wait: float
) -> None:
    """The refused one first, then everything behind it, in order; the gaps behind it are no news."""
    for text in ("a", "b", "c", "d"):
        alice.session.post(SendMessage(text))
    alice.says()
    alice.hear(message(1, cid=1))
    assert alice.session.get_timer() is None
    assert alice.hear(Refused(code, "slowly", 2, after), "s2") == []
    assert alice.hear(Refused("cid_gap", "no", 3), "s3") == []
    assert alice.hear(Refused("cid_gap", "no", 4), "s4") == []
    assert alice.session.get_timer() == alice.session.waits_until == NOW + wait
    alice.session.handle_timer(NOW + wait - 0.01)
    assert alice.says() == []
    alice.session.handle_timer(NOW + wait)
    assert alice.session.get_timer() is alice.session.waits_until is None
    assert alice.says() == [said("b", 2)]
    alice.hear(message(2, cid=2))
    assert alice.says() == [said("c", 3)]
    assert alice.hear(Refused("rate_limited", "slowly", 3, 1.0), "s3") == []
    alice.session.handle_timer(NOW + 10)
    assert alice.says() == [said("c", 3)]
    alice.session.handle_timer(NOW + 20)
    assert alice.session.pending == 2


def test_patience_ends_with_the_connection(alice: Alice) -> None:
    """A new connection begins with all of them."""
    for text in ("a", "b"):
        alice.session.post(SendMessage(text))
    alice.says()
    alice.hear(Refused("rate_limited", "slowly", 1, 100.0), "s1")
    alice.lose()
    assert alice.session.get_timer() is None
    alice.enter(resumed=True)
    assert alice.says() == [said("a", 1), said("b", 2)]


@pytest.mark.parametrize("code", ["no_such_user", "too_large", "not_in_room", "cid_conflict", "forbidden", "internal"])
def test_send_that_is_refused_for_good_is_not_repeated(alice: Alice, code: str) -> None:
    """What stands behind it goes on."""
    number = alice.session.post(SendDirect(("nobody",), "hi"))
    alice.session.post(SendMessage("next"))
    alice.says()
    assert alice.hear(Refused(code, "no", 1), "s1") == [SendRefused(number, code, "no")]
    alice.hear(message(1, cid=2))
    alice.lose()
    alice.enter(cid=2, seq=1, resumed=True)
    assert alice.says() == []
    assert alice.session.pending == 0


def test_session_asks_for_another_connection_when_its_numbers_do_not_follow_the_servers(alice: Alice) -> None:
    """A server that made a mistake did not take the number: its welcome says how to go on, and nothing is lost."""
    for text in ("a", "b", "c"):
        alice.session.post(SendMessage(text))
    alice.says()
    assert alice.hear(Refused("internal", "a mistake"), "s1") == [SendRefused(1, "internal", "a mistake")]
    assert not alice.session.out_of_step
    assert alice.hear(Refused("cid_gap", "the next cid is 1", 2), "s2") == []
    assert alice.hear(Refused("cid_gap", "the next cid is 1", 3), "s3") == []
    assert alice.session.out_of_step
    alice.lose()
    assert not alice.session.out_of_step
    alice.enter(resumed=True)
    assert alice.says() == [said("b", 1), said("c", 2)]
    assert alice.hear(message(1, cid=1)) == [SendAcknowledged(2, message(1, cid=1)), message(1, cid=1)]


def test_send_is_refused_when_the_server_does_not_take_the_number_that_it_asked_for(alice: Alice) -> None:
    """A server that cannot count is not asked for ever."""
    number = alice.session.post(SendMessage("a"))
    alice.says()
    assert alice.hear(Refused("cid_gap", "no", 1), "s1") == [SendRefused(number, "cid_gap", "no")]
    assert not alice.session.out_of_step


def test_sends_are_numbered_anew_when_the_server_has_forgotten(alice: Alice) -> None:
    """The user knows them by the numbers that they had."""
    for text in ("a", "b", "c", "d"):
        alice.session.post(SendMessage(text))
    alice.says()
    alice.hear(message(1, cid=1))
    alice.hear(message(2, cid=2))
    alice.lose()
    alice.enter(epoch="f")
    assert alice.says() == [said("c", 1), said("d", 2)]
    assert alice.hear(message(1, cid=1)) == [SendAcknowledged(3, message(1, cid=1)), message(1, cid=1)]
    assert alice.session.post(SendMessage("e")) == 5
    assert alice.says() == [said("e", 3)]


def test_sends_keep_their_numbers_when_the_server_has_taken_them(alice: Alice) -> None:
    """Their answers were lost: repeated, they get the same ones."""
    for text in ("a", "b", "c"):
        alice.session.post(SendMessage(text))
    alice.says()
    alice.lose()
    alice.enter(cid=2, resumed=True)
    assert alice.says() == [said("a", 1), said("b", 2), said("c", 3)]
    alice.session.post(SendMessage("d"))
    assert alice.says() == [said("d", 4)]


def test_sends_are_numbered_from_what_the_server_knows_at_the_first_login() -> None:
    """A program that kept its client id and lost its counter does not count twice."""
    alice = Alice()
    alice.session.post(SendMessage("a"))
    alice.session.post(SendMessage("b"))
    alice.enter(cid=41)
    assert alice.says() == [said("a", 42, None), said("b", 43, None)]
    alice.hear(message(1, cid=42))
    assert alice.session.pending == 1


def test_other_limits_that_the_server_tells_hold_at_once() -> None:
    """Before its next welcome, and the program is told of them."""
    alice = Alice()
    alice.enter(limits={"text_bytes": 10, "file_bytes": 5})
    news = LimitsChanged({"text_bytes": 4})
    assert alice.hear(news) == [news]
    with pytest.raises(RequestRefused):
        alice.session.post(SendMessage("x" * 5))
    assert (alice.session.limit("text_bytes"), alice.session.limit("file_bytes")) == (4, None)
    alice.hear(LimitsChanged({"text_bytes": 20}))
    alice.session.post(SendMessage("x" * 20))


def test_send_is_refused_here_when_no_server_would_take_it() -> None:
    """With the code that the server would give, and before it costs a number."""
    alice = Alice()
    alice.enter(limits={"text_bytes": 10, "recipients": 2})
    for send, code in [
        (SendMessage(""), "bad_request"),
        (SendBroadcast("x" * 11), "too_large"),
        (SendMessage("é\n" * 3 + "éé"), "too_large"),
        (SendDirect((), "hi"), "bad_request"),
        (SendDirect(("a", "b", "c"), "hi"), "too_large"),
    ]:
        with pytest.raises(RequestRefused) as caught:
            alice.session.post(send)
        assert caught.value.code == code
    assert alice.session.pending == 0
    alice.session.post(SendMessage("x" * 10))
    alice.session.post(SendDirect(("a", "b"), "hi"))
    assert alice.says() == [said("x" * 10, 1), SendDirect(("a", "b"), "hi", 2)]


@pytest.mark.parametrize("nonsense", ["much", None, [1], {}, -5, 0, True, 0.5])
def test_limits_that_make_no_sense_are_not_believed(nonsense: object) -> None:
    """A strange server raises nothing here."""
    alice = Alice()
    alice.enter(limits={"text_bytes": nonsense, "recipients": nonsense})
    alice.session.post(SendDirect(("a", "b"), "x" * 60_000))
    assert alice.session.pending == 1


class Counting:
    """A server in a few lines that keeps the rules of the numbers, and the wire to it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.trouble = ""
        self.wire: list[Request] = []
        self.answers: list[tuple[ServerEvent, str | None]] = []
        self._seqs: dict[int, int] = {}

    def reconnect(self, alice: Alice) -> None:
        """Lose the connection with all that is on the wire, and welcome the session on another one."""
        alice.lose()
        self.wire.clear()
        self.answers.clear()
        alice.connect()
        self.answers.append((welcome(cid=len(self._seqs), seq=len(self.log), resumed=True), "login"))

    def write(self, alice: Alice) -> None:
        """Put on the wire what the session has to say, whatever it was asked to wait for."""
        alice.session.handle_timer(NOW + 10)
        self.wire += alice.session.requests_to_send()

    def serve(self) -> None:
        """Answer a send."""
        request = self.wire.pop(0)
        send = request.command
        assert isinstance(send, SendMessage)
        assert send.cid is not None
        self.answers.append((self._answer(send, send.cid), request.reply_to))

    def hear(self, alice: Alice) -> list[ClientEvent]:
        """Let an answer arrive; returns what is shown."""
        shown = alice.hear(*self.answers.pop(0))
        if alice.session.out_of_step:
            self.reconnect(alice)
        return shown

    def _answer(self, send: SendMessage, cid: int) -> ServerEvent:
        if cid not in self._seqs:
            trouble, self.trouble = self.trouble, ""
            if cid != len(self._seqs) + 1:
                self.trouble = trouble
                return Refused("cid_gap", "no", cid)
            if trouble == "limit":
                return Refused("rate_limited", "slowly", cid, 1.0)
            if trouble == "break":
                return Refused("internal", "a mistake")
            self.log.append(send.text)
            self._seqs[cid] = len(self.log)
        seq = self._seqs[cid]
        return MessagePosted(seq=seq, sender="alice", text=self.log[seq - 1], at=0.0, cid=cid, room="lobby")


steps = st.lists(
    st.sampled_from(["post", "post", "write", "serve", "hear", "lose", "limit", "break"]), min_size=1, max_size=60
)


@given(steps)
def test_every_send_is_in_the_log_once_in_order_and_acknowledged_once(todo: list[str]) -> None:
    """Whatever is cut, delayed, limited or refused by a mistake: what is acknowledged is there, as it was posted."""
    alice, server = Alice(), Counting()
    shown: list[ClientEvent] = []
    posted = 0
    server.reconnect(alice)
    for step in [*todo, *["write", "serve", "hear"] * 300]:
        if step == "post":
            posted += 1
            alice.session.post(SendMessage(f"text {posted}"))
        elif step == "write":
            server.write(alice)
        elif step == "serve" and server.wire:
            server.serve()
        elif step == "hear" and server.answers:
            shown += server.hear(alice)
        elif step == "lose":
            server.reconnect(alice)
        elif step in ("limit", "break"):
            server.trouble = step
    assert alice.session.pending == 0
    acknowledged = [event.cid for event in shown if isinstance(event, SendAcknowledged)]
    refused = [event for event in shown if isinstance(event, SendRefused)]
    assert sorted([*acknowledged, *(event.cid for event in refused)]) == list(range(1, posted + 1))
    assert {event.code for event in refused} <= {"internal"}
    assert server.log == [f"text {number}" for number in acknowledged]


# Sends belong to the room that they were written for.


def test_message_names_the_room_that_the_user_will_be_in(alice: Alice) -> None:
    """The server refuses it rather than say it elsewhere."""
    alice.session.post(SendMessage("here"))
    alice.session.request(JoinRoom("python"))
    alice.session.post(SendMessage("in python"))
    alice.session.request(CreateRoom("rust"))
    alice.session.request(WhoIs("bob"))
    alice.session.post(SendMessage("in rust"))
    alice.session.request(LeaveRoom())
    alice.session.post(SendMessage("wherever one is after leaving"))
    alice.session.post(SendMessage("for go", room="go"))
    sends = [command for command in alice.says() if isinstance(command, Send)]
    assert [getattr(send, "room", "") for send in sends] == ["lobby", "python", "rust", None, "go"]


def test_message_names_the_new_room_when_the_join_is_answered(in_python: Alice) -> None:
    """Also when the join was refused: then it is the old one."""
    in_python.session.request(JoinRoom("rust"))
    in_python.says()
    assert in_python.answered(Refused("no_such_room", "no")) == [Refused("no_such_room", "no")]
    in_python.session.post(SendMessage("still here"))
    assert in_python.says() == [said("still here", 1, "python")]


def test_message_names_the_room_to_return_to(in_python: Alice) -> None:
    """Written while the user was not back yet, it is for the room that the user believes to be in."""
    in_python.lose()
    in_python.enter()
    in_python.session.post(SendMessage("hi"))
    assert in_python.says() == [JoinRoom("python", Position("e", 7))]
    in_python.answered(entered("python", 7))
    assert in_python.says() == [said("hi", 1, "python")]


@pytest.mark.parametrize("room", [None, "PYTHON"])
def test_message_behind_the_end_of_the_present_room_is_for_the_lobby(room: str | None) -> None:
    """Whoever closes a room is led away as by leaving it; where he may not close it, it is said nowhere."""
    alice = Alice()
    alice.enter()
    alice.session.request(JoinRoom("python"))
    alice.session.request(CloseRoom(room=room))
    alice.session.post(SendMessage("behind it"))
    assert alice.says()[-1] == said("behind it", 1, "lobby")


def test_message_behind_the_end_of_another_room_is_for_the_present_one(in_python: Alice) -> None:
    """That leads nowhere."""
    in_python.session.request(CloseRoom(room="rust"))
    in_python.session.post(SendMessage("still here"))
    assert in_python.says()[-1] == said("still here", 1, "python")


@pytest.mark.parametrize("go", [JoinRoom("python"), CreateRoom("python"), LeaveRoom(), CloseRoom()])
def test_message_is_for_the_room_that_leads_to_though_nobody_waits_for_the_answer(go: Command, alice: Alice) -> None:
    """What is on the wire is done; what is not, is not asked any more, and neither is asked again."""
    request = alice.session.request(go)
    alice.says()
    alice.session.forget(request)
    alice.session.post(SendMessage("behind it"))
    there = {LeaveRoom(): None, CloseRoom(): "lobby"}.get(go, "python")
    assert alice.says() == [said("behind it", 1, there)]
    arrived = entered(there or "lobby")
    assert alice.hear(arrived, request) == [arrived]
    alice.session.forget(alice.session.request(JoinRoom("rust")))
    alice.session.post(SendMessage("and there"))
    assert alice.says() == [said("and there", 2, there or "lobby")]


def test_room_change_that_nobody_waits_for_is_not_repeated_on_the_next_connection(alice: Alice) -> None:
    """Nor is its user told when it is refused."""
    first, second = alice.session.request(JoinRoom("python")), alice.session.request(JoinRoom("rust"))
    alice.says()
    alice.session.forget(first)
    alice.session.forget(second)
    assert alice.hear(Refused("no_such_room", "no"), first) == []
    alice.lose()
    alice.enter(resumed=True)
    assert alice.says() == []
    alice.session.post(SendMessage("still here"))
    assert alice.says() == [said("still here", 1, "lobby")]


def calls_to_post(waiting: int) -> int:
    """Return how many calls it takes to post a message when so many wait, and a request has no answer."""
    alice = Alice()
    alice.enter()
    alice.session.request(ListRooms())
    for _ in range(waiting):
        alice.session.post(SendMessage("hello"))
    counted = count()
    sys.setprofile(lambda _frame, event, _arg: next(counted) if event == "call" else None)
    try:
        alice.session.post(SendMessage("hello"))
    finally:
        sys.setprofile(None)
    return next(counted)


def test_posting_takes_no_longer_when_many_wait_beside_a_request() -> None:
    """Sixteen thousand took thirteen seconds, because each looked at all before it."""
    assert calls_to_post(400) == calls_to_post(4)


# Requests.


def test_answer_carries_the_id_of_its_request(alice: Alice) -> None:
    """So that whoever asked finds it; other people's answers are events."""
    first, second = alice.session.request(ListRooms()), alice.session.request(WhoIs("bob"))
    assert first != second
    assert alice.session.unanswered == 2
    alice.says()
    rooms, refusal = RoomsListed(()), Refused("no_such_user", "no")
    assert [each.reply_to for each in alice.session.received(rooms, first, NOW)] == [first]
    assert [each.reply_to for each in alice.session.received(refusal, second, NOW)] == [second]
    assert alice.session.unanswered == 0


def test_requests_are_repeated_after_a_reconnect_until_they_are_answered(alice: Alice) -> None:
    """With the same ids."""
    first, second = alice.session.request(ListRooms()), alice.session.request(Rename("al"))
    alice.says()
    alice.hear(RoomsListed(()), first)
    alice.lose()
    alice.enter(resumed=True)
    assert alice.says() == [Rename("al")]
    assert alice.written[-1].reply_to == second
    alice.answered(Accepted())
    alice.lose()
    alice.enter(resumed=True)
    assert alice.says() == []


def test_request_that_is_forgotten_is_not_repeated(alice: Alice) -> None:
    """Its answer is shown to nobody, if it still comes; sends cannot be forgotten."""
    unsent, sent = alice.session.request(ListRooms()), ""
    alice.session.forget(unsent)
    assert alice.says() == []
    sent = alice.session.request(WhoIs("bob"))
    alice.session.post(SendMessage("hi"))
    alice.says()
    for reply_to in (sent, sent, "s1", "nonsense"):
        alice.session.forget(reply_to)
    assert alice.session.unanswered == 1
    assert alice.hear(UsersListed(()), sent) == []
    assert alice.hear(Refused("no_such_user", "no"), sent) == []
    alice.session.post(SendMessage("ho"))
    assert alice.says() == [said("ho", 2)]


def test_room_that_is_ours_already_is_joined_when_its_creation_is_repeated(alice: Alice) -> None:
    """The answer to the first try was lost, so `room_exists` is no refusal."""
    request = alice.session.request(CreateRoom("python"))
    alice.says()
    alice.lose()
    alice.enter(room="python", resumed=True)
    assert alice.says() == [CreateRoom("python")]
    assert alice.answered(Refused("room_exists", "there is one")) == []
    assert alice.says() == [JoinRoom("python")]
    assert alice.written[-1].reply_to == request
    assert alice.answered(entered("python")) == [entered("python")]
    assert alice.session.unanswered == 0


def test_room_that_exists_is_refused_when_its_creation_is_no_repetition(alice: Alice) -> None:
    """Then it is somebody else's."""
    alice.session.request(CreateRoom("python"))
    alice.says()
    assert alice.answered(Refused("room_exists", "there is one")) == [Refused("room_exists", "there is one")]
    assert alice.says() == []


def test_refusal_of_nothing_in_particular_is_shown(alice: Alice) -> None:
    """The server may have something to say to a frame that it could not read."""
    refusal = Refused("bad_request", "what?")
    assert alice.hear(refusal) == [refusal]


# Back to the room, after a session that could not be resumed.


def test_session_stays_in_its_room_when_it_is_resumed(in_python: Alice) -> None:
    """The server has kept the place; positions go on from where the replay begins."""
    in_python.hear(message(8, room="python"))
    in_python.lose()
    assert in_python.connect().since["python"] == Position("e", 8)
    in_python.hear(welcome("python", seq=8, position=Position("e", 10), resumed=True))
    assert in_python.says() == []
    replayed = MessagePosted(seq=9, sender="bob", text="meanwhile", at=0.0, room="python", replay=True)
    assert in_python.hear(replayed) == [replayed]


def test_session_that_is_not_resumed_stays_in_the_lobby_when_it_was_there(alice: Alice) -> None:
    """There is nothing to return to."""
    alice.session.post(SendMessage("hi"))
    alice.lose()
    alice.enter()
    assert alice.says() == [said("hi", 1)]


def test_session_returns_to_its_room_when_it_is_not_resumed(in_python: Alice) -> None:
    """With its place in the log, so that what came since is replayed; sends wait until it is there."""
    in_python.session.post(SendMessage("hi"))
    in_python.lose()
    in_python.enter()
    assert in_python.session.room == "lobby"
    assert in_python.says() == [JoinRoom("python", Position("e", 7))]
    assert in_python.answered(entered("python", 7)) == [entered("python", 7)]
    assert in_python.session.room == "python"
    assert in_python.says() == [said("hi", 1, "python")]
    assert in_python.hear(message(8, room="python")) == messages(8, room="python")


def test_session_creates_its_room_again_when_there_is_none(in_python: Alice) -> None:
    """What the room held is lost, and that is shown."""
    in_python.lose()
    in_python.enter()
    in_python.says()
    assert in_python.answered(Refused("no_such_room", "no")) == []
    assert in_python.says() == [CreateRoom("python")]
    picture = entered("python", epoch="f")
    assert in_python.answered(picture) == [picture, GapFound("python", "f", 1, 0)]
    assert in_python.hear(message(1, room="python")) == messages(1, room="python")


def test_session_joins_its_room_when_somebody_else_was_quicker_to_create_it(in_python: Alice) -> None:
    """What was said there before it came is in the gap."""
    in_python.lose()
    in_python.enter()
    in_python.says()
    in_python.answered(Refused("no_such_room", "no"))
    in_python.says()
    assert in_python.answered(Refused("room_exists", "there is one")) == []
    assert in_python.says() == [JoinRoom("python")]
    picture = entered("python", 3, epoch="f")
    assert in_python.answered(picture) == [picture, GapFound("python", "f", 1, 3)]
    assert in_python.hear(message(4, room="python")) == messages(4, room="python")


def test_session_stays_in_the_lobby_when_the_room_is_refused(in_python: Alice) -> None:
    """A server may have other rules now; what was written for the room is refused there."""
    number = in_python.session.post(SendMessage("hi"))
    in_python.lose()
    in_python.enter()
    in_python.says()
    in_python.answered(Refused("no_such_room", "no"))
    in_python.says()
    assert in_python.answered(Refused("bad_name", "no")) == []
    assert in_python.session.room == "lobby"
    assert in_python.says() == [said("hi", 1, "python")]
    assert in_python.hear(Refused("not_in_room", "no", 1)) == [SendRefused(number, "not_in_room", "no")]
    in_python.session.post(SendMessage("here"))
    assert in_python.says() == [said("here", 2)]


def test_session_returns_to_its_room_over_several_broken_connections(in_python: Alice) -> None:
    """The first room is what counts, not the lobby in between, and its place is not forgotten."""
    in_python.lose()
    in_python.enter()
    in_python.says()
    in_python.lose()
    assert in_python.connect().since["python"] == Position("e", 7)
    in_python.hear(welcome(resumed=True))
    assert in_python.says() == [JoinRoom("python", Position("e", 7))]
    in_python.lose()
    assert in_python.connect().since["python"] == Position("e", 7)
    in_python.hear(welcome("python", seq=7, resumed=True))
    assert in_python.says() == []
    assert in_python.hear(message(8, room="python")) == messages(8, room="python")
    in_python.lose()
    in_python.enter(room="python", seq=8, resumed=True)
    assert in_python.says() == []


def test_session_returns_to_its_first_room_when_it_is_not_resumed_on_the_way_either(in_python: Alice) -> None:
    """The server began anew twice, or the grace period was over twice."""
    in_python.lose()
    in_python.enter()
    in_python.lose()
    in_python.enter()
    assert in_python.says() == [JoinRoom("python", Position("e", 7))]


def test_user_is_shown_the_gap_when_the_answer_to_the_creation_was_lost(in_python: Alice) -> None:
    """The room was created again, the connection lost, and the session resumed in the room."""
    in_python.lose()
    in_python.enter()
    in_python.says()
    in_python.answered(Refused("no_such_room", "no"))
    in_python.says()
    in_python.lose()
    assert "python" not in in_python.connect().since
    event = welcome("python", epoch="f", position=Position("f", 2), resumed=True)
    assert in_python.hear(event) == [event, GapFound("python", "f", 1, 0)]
    assert in_python.hear(message(1, room="python")) == messages(1, room="python")


# Who is here, and which rooms there are.


def presence(joined: str = "", left: str = "", users: int = 1, room: str = "lobby") -> PresenceChanged:
    """Return who came and went."""
    return PresenceChanged(room, tuple(joined.split()), tuple(left.split()), users)


def test_presence_is_shown_when_it_is_news(alice: Alice) -> None:
    """Somebody who is known to be here, or to be gone, is none."""
    assert alice.hear(presence("alice bob", users=2)) == [presence("bob", users=2)]
    assert alice.hear(presence("Bob", users=2)) == []
    assert alice.hear(presence("carol", "bob dave", users=2)) == [presence("carol", "bob", users=2)]
    assert alice.hear(presence(left="bob", users=2)) == []
    assert list(alice.session.members.values()) == ["alice", "carol"]


def test_presence_of_another_room_is_not_shown(alice: Alice) -> None:
    """It came too late."""
    assert alice.hear(presence("bob", users=2, room="python")) == []
    assert alice.hear(presence("bob", users=2, room="LOBBY")) == [presence("bob", users=2, room="LOBBY")]


def test_presence_of_unknown_members_is_shown_when_the_list_was_too_long() -> None:
    """Nobody can tell then whether they were here."""
    alice = Alice()
    alice.enter(users=("alice", "bob"), users_count=1500)
    assert alice.hear(presence(left="zoe", users=1499)) == [presence(left="zoe", users=1499)]
    assert alice.hear(presence("yan", users=1500)) == [presence("yan", users=1500)]
    assert alice.session.members.keys() == {"alice", "bob", "yan"}


def test_message_of_somebody_whose_arrival_was_not_told_yet_is_shown_and_makes_no_member(alice: Alice) -> None:
    """In a large room that is told later; then it is news."""
    assert "bob" not in alice.session.members
    assert alice.hear(message(1)) == [message(1)]
    assert list(alice.session.members.values()) == ["alice"]
    assert alice.hear(presence("bob", users=2)) == [presence("bob", users=2)]


def test_member_keeps_its_place_when_it_is_renamed(alice: Alice) -> None:
    """Others are not the user."""
    alice.hear(presence("bob carol", users=3))
    event = UserRenamed("bob", "Rob")
    assert alice.hear(event) == [event]
    assert list(alice.session.members.items()) == [("alice", "alice"), ("rob", "Rob"), ("carol", "carol")]
    assert alice.session.username == "alice"


def test_user_is_called_by_the_new_name_after_renaming(alice: Alice) -> None:
    """The next login says it too."""
    alice.hear(UserRenamed("alice", "al"))
    assert alice.session.username == "al"
    assert alice.session.members == {"al": "al"}
    alice.lose()
    assert alice.connect().username == "al"


def test_room_list_is_kept_up_to_date() -> None:
    """Changes come as deltas, a whole list unasked after a slow reader caught up."""
    alice = Alice()
    lobby, python, rust = RoomSummary("lobby", 1, 0), RoomSummary("Python", 1, 0), RoomSummary("rust", 2, 5)
    alice.enter(rooms=(lobby, python))
    assert alice.session.rooms == {"lobby": lobby, "python": python}
    change = RoomsChanged((rust, RoomSummary("lobby", 3, 9)), ("PYTHON", "unknown"))
    assert alice.hear(change) == [change]
    assert alice.session.rooms == {"lobby": RoomSummary("lobby", 3, 9), "rust": rust}
    assert alice.hear(RoomsListed((lobby,))) == [RoomsListed((lobby,))]
    assert alice.session.rooms == {"lobby": lobby}


def test_room_list_stays_as_it_is_when_a_page_of_it_was_asked_for(alice: Alice) -> None:
    """A page is not the whole."""
    request = alice.session.request(ListRooms("m"))
    alice.says()
    alice.hear(RoomsListed((RoomSummary("rust", 2, 5),)), request)
    assert alice.session.rooms == {}


# Anything at all.


reply_ids = st.sampled_from([None, "login", "rejoin", "refill", "s1", "s2", "r1", "r2", "nonsense"])
limits: st.SearchStrategy[Mapping[str, Any]] = st.dictionaries(
    st.sampled_from(["text_bytes", "recipients"]), st.none() | st.integers() | st.text(max_size=3), max_size=2
)


@pytest.mark.unmeasured
@given(st.lists(st.tuples(server_events | limits.map(lambda limits: welcome(limits=limits)), reply_ids), max_size=20))
def test_session_raises_nothing_whatever_the_server_says(talk: list[tuple[ServerEvent, str | None]]) -> None:
    """Events that make no sense here are no reason to fall over."""
    alice = Alice()
    alice.connect()
    for event, reply_to in talk:
        alice.hear(event, reply_to)
        alice.says()
        if alice.session.unanswered < 3:
            alice.session.post(SendMessage("hi"))
            alice.session.request(CreateRoom("python"))
        if isinstance(event, Dismissed):
            alice.lose()
            alice.connect()
    assert alice.session.pending <= alice.session.unanswered


def test_answers_of_every_kind_reach_whoever_asked(alice: Alice) -> None:
    """What the session has no use for itself passes through."""
    user = UserDescribed(
        username="bob", room="lobby", since=0.0, idle=0.0, transport="ws", dialect="chat", connected=True
    )
    answers: list[ServerEvent] = [user, UsersListed(()), HistoryRead("lobby", "e", ()), Accepted(), PingAnswered()]
    for answer in answers:
        request = alice.session.request(WhoIs("bob"))
        alice.says()
        (received,) = alice.session.received(answer, request, NOW)
        assert (received.event, received.reply_to) == (answer, request)


def test_entry_of_no_log_has_no_name() -> None:
    """Every kind of entry says where it stands."""
    with pytest.raises(NotImplementedError):
        _ = Posted(seq=1, sender="bob", text="hi", at=0.0).log


# A server that wants patience, for whatever was asked.

LIMITED = Refused("rate_limited", "slowly", None, 2.0)


def wait_for(alice: Alice, seconds: float) -> None:
    """Let the time pass that the server wanted, and see that nothing goes out before."""
    assert alice.session.get_timer() == NOW + seconds
    alice.session.handle_timer(NOW + seconds - 0.01)
    assert alice.says() == []
    alice.session.handle_timer(NOW + seconds)


@pytest.mark.parametrize("command", [ListRooms(), JoinRoom("python"), Rename("al")], ids=str)
def test_a_request_that_came_too_early_is_asked_again(alice: Alice, command: Command) -> None:
    """After the time that the server wants, with everything behind it, in order; nobody is told of it."""
    alice.session.request(command)
    alice.session.post(SendMessage("behind it", room="python"))
    first = alice.says()
    assert alice.hear(LIMITED, "r1") == []
    assert alice.hear(replace(LIMITED, cid=1), "s1") == []
    wait_for(alice, 2.0)
    assert alice.says() == first[:1]
    alice.answered(Accepted())
    assert alice.says() == first[1:]


def test_a_login_that_came_too_early_is_repeated_on_the_same_connection(alice: Alice) -> None:
    """It is not refused for good."""
    alice.lose()
    login = alice.connect()
    assert alice.hear(LIMITED, "login") == []
    assert alice.session.refusal is None
    wait_for(alice, 2.0)
    assert alice.says() == [login]


def test_the_way_back_into_a_room_that_came_too_early_is_taken_later(in_python: Alice) -> None:
    """What was said waits for it."""
    in_python.session.post(SendMessage("hello"))
    in_python.says()
    in_python.lose()
    in_python.enter(epoch="new")
    (join,) = in_python.says()
    assert in_python.answered(LIMITED) == []
    wait_for(in_python, 2.0)
    assert in_python.says() == [join]


def test_what_is_missing_of_a_log_is_asked_for_again(alice: Alice) -> None:
    """And shown in order, with what came meanwhile."""
    assert alice.hear(message(3)) == []
    (refill,) = alice.says()
    assert alice.answered(LIMITED) == []
    assert alice.hear(message(4)) == []
    wait_for(alice, 2.0)
    assert alice.says() == [refill]
    missed = HistoryRead("lobby", "e", (message(1), message(2)))
    assert alice.answered(missed) == messages(1, 2, 3, 4)


def test_no_more_than_sixteen_requests_wait_for_their_answers(alice: Alice) -> None:
    """What is on its way when a server wants patience is refused too, and has to come again."""
    for _ in range(20):
        alice.session.request(ListRooms())
    assert len(alice.says()) == 16
    alice.hear(RoomsListed((), more=False), "r1")
    assert len(alice.says()) == 1


# A server that cannot keep what changes something, and answers questions.

FULL = Refused("unavailable", "the disk is full")


def described(name: str) -> UserDescribed:
    """Return the answer to a question about somebody."""
    return UserDescribed(
        username=name, room="lobby", since=0.0, idle=0.0, transport="ws", dialect="chat", connected=True
    )


@pytest.mark.parametrize(
    "refusal",
    [
        FULL,
        *(Refused("rate_limited", "slowly", None, 1.0, {"what": what}) for what in ("messages", "files")),
    ],
    ids=["unavailable", "too many messages", "too many files"],
)
def test_what_only_reads_does_not_wait_for_sends_that_are_refused_for_now(alice: Alice, refusal: Refused) -> None:
    """Whenever it was asked; and everything else comes again in its order."""
    for command in (SendMessage("a"), ListRooms(), SendMessage("b"), JoinRoom("python"), WhoIs("bob")):
        alice.session.post(command) if isinstance(command, SendMessage) else alice.session.request(command)
    assert alice.says() == [said("a", 1), ListRooms(), said("b", 2), JoinRoom("python"), WhoIs("bob")]
    alice.hear(replace(refusal, cid=1), "s1")
    alice.hear(RoomsListed((), more=False), "r1")
    alice.hear(replace(refusal, cid=2), "s2")
    alice.hear(FULL, "r2")
    alice.session.post(SendMessage("c", room="python"))
    alice.session.request(ReadHistory("lobby"))
    assert alice.says() == []
    alice.hear(described("bob"), "r3")
    assert alice.says() == [ReadHistory("lobby")]
    assert alice.answered(history(1)) == [history(1)]
    alice.session.request(ListUsers())
    assert alice.says() == [ListUsers()]
    alice.answered(UsersListed(()))
    wait_for(alice, 1.0)
    for command in (said("a", 1), said("b", 2), JoinRoom("python"), said("c", 3, room="python")):
        assert alice.says() == [command]
        alice.answered(entered("python") if isinstance(command, JoinRoom) else message(command.cid or 0, command.cid))


def test_a_question_waits_when_the_limit_of_all_requests_is_reached(alice: Alice) -> None:
    """Asked at once it would be refused too, and what comes too early too often is not read at all."""
    alice.session.post(SendMessage("a"))
    alice.says()
    alice.hear(Refused("rate_limited", "slowly", 1, 2.0, {"what": "requests"}), "s1")
    alice.session.request(ListRooms())
    wait_for(alice, 2.0)
    assert alice.says() == [said("a", 1)]


def test_a_question_that_is_refused_for_now_waits_with_everything_else(alice: Alice) -> None:
    alice.session.request(ListRooms())
    alice.session.request(WhoIs("bob"))
    assert alice.says() == [ListRooms(), WhoIs("bob")]
    alice.hear(replace(FULL, retry_after=2.0), "r1")
    wait_for(alice, 2.0)
    assert alice.says() == [ListRooms()]


SLOW = Refused("slow_mode", "slowly", None, 3600.0, {"room": "lobby", "seconds": 3600})


def test_only_what_is_said_in_a_slow_room_waits_for_its_pace(alice: Alice) -> None:
    """Its user can leave it, and write to somebody meanwhile: under the number that was not used up."""
    first, second = [alice.session.post(SendMessage(text)) for text in ("a", "b")]
    alice.session.post(SendDirect(("bob",), "hi"))
    alice.session.request(Rename("al"))
    assert alice.says() == [said("a", 1), said("b", 2), SendDirect(("bob",), "hi", cid=3), Rename("al")]
    alice.hear(replace(SLOW, cid=1), "s1")
    assert alice.says() == []
    assert [alice.hear(Refused("cid_gap", "no", cid), f"s{cid}") for cid in (2, 3)] == [[], []]
    alice.answered(Accepted())
    assert alice.says() == [SendDirect(("bob",), "hi", cid=1)]
    alice.hear(DirectPosted(seq=1, sender="alice", text="hi", at=0.0, to=("bob",), cid=1))
    alice.session.post(SendBroadcast("all"))
    alice.session.post(SendDirect(("bob",), "you"))
    assert alice.says() == [SendDirect(("bob",), "you", cid=2)]
    alice.hear(DirectPosted(seq=2, sender="alice", text="you", at=0.0, to=("bob",), cid=2))
    assert [send.cid for send in alice.session.unsent.values()] == [3, 4, 5]
    alice.session.request(LeaveRoom())
    assert alice.says() == [LeaveRoom()]
    alice.answered(entered("hall"))
    for number, cid, text in ((first, 3, "a"), (second, 4, "b")):
        assert alice.says() == [said(text, cid)]
        gone = alice.answered(Refused("not_in_room", "no", cid))
        assert gone == [SendRefused(number, "not_in_room", "no")]
    assert alice.says() == [SendBroadcast("all", cid=5)]


@pytest.mark.parametrize(
    "event",
    [
        RoomModerated(room="lobby", act="set_slow", by="bob", value=0),
        RoomModerated(room="lobby", act="set_role", by="bob", target="alice", value="moderator"),
        entered("lobby"),
        LimitsChanged({}),
    ],
    ids=["not slow any more", "has become a moderator", "is elsewhere, or an operator", "other limits"],
)
def test_what_is_said_in_a_slow_room_is_tried_at_once_when_it_may_be_taken_now(
    alice: Alice, event: ServerEvent
) -> None:
    alice.session.post(SendMessage("a"))
    alice.says()
    alice.hear(replace(SLOW, cid=1), "s1")
    alice.hear(RoomModerated(room="lobby", act="set_topic", by="bob", value="bees"))
    assert alice.says() == []
    alice.hear(event)
    assert alice.session.waits_until is None
    assert alice.says() == [said("a", 1)]


def test_what_is_said_to_everybody_waits_for_the_lobby_alone(in_python: Alice) -> None:
    """What is said in a room that is not slow goes on, under the number that was not used up."""
    in_python.session.post(SendBroadcast("all"))
    assert in_python.says() == [SendBroadcast("all", cid=1)]
    in_python.hear(replace(SLOW, cid=1), "s1")
    in_python.session.post(SendMessage("here"))
    assert in_python.says() == [SendMessage("here", cid=1, room="python")]
    in_python.answered(Accepted(1))
    in_python.hear(RoomModerated(room="python", act="set_slow", by="bob", value=5))
    assert in_python.says() == []
    in_python.hear(RoomModerated(room="Lobby", act="set_slow", by="bob", value=0))
    assert in_python.says() == [SendBroadcast("all", cid=2)]


def test_what_is_said_in_a_slow_room_is_for_that_room_from_then_on(in_python: Alice) -> None:
    """Also where it was not known which one it would be: it is never said in another one."""
    in_python.session.request(LeaveRoom())
    number = in_python.session.post(SendMessage("a"))
    assert in_python.says() == [LeaveRoom(), SendMessage("a", cid=1)]
    in_python.hear(entered("lobby"), in_python.written[-2].reply_to)
    in_python.hear(replace(SLOW, cid=1), in_python.written[-1].reply_to)
    in_python.session.request(JoinRoom("rust"))
    assert in_python.says() == [JoinRoom("rust")]
    in_python.answered(entered("rust"))
    assert in_python.says() == [said("a", 1)]
    assert in_python.answered(Refused("not_in_room", "no", 1)) == [SendRefused(number, "not_in_room", "no")]


def test_what_is_said_behind_a_leave_stays_in_its_order(in_python: Alice) -> None:
    """It is not known yet in which room it will be, so nothing that may be for the same one overtakes it."""
    in_python.session.request(LeaveRoom())
    for text in ("a", "b", "c"):
        in_python.session.post(SendMessage(text))
    assert in_python.says() == [LeaveRoom(), *(SendMessage(text, cid=cid) for cid, text in enumerate("abc", 1))]
    leave, first, second, third = [each.reply_to for each in in_python.written[-4:]]
    in_python.hear(entered("lobby"), leave)
    in_python.hear(replace(SLOW, cid=1), first)
    assert [in_python.hear(Refused("cid_gap", "no", cid), of) for cid, of in ((2, second), (3, third))] == [[], []]
    in_python.session.post(SendMessage("d"))
    assert in_python.says() == []
    in_python.session.post(SendDirect(("bob",), "hi"))
    assert in_python.says() == [SendDirect(("bob",), "hi", cid=1)]
    in_python.answered(Accepted(1))
    in_python.hear(RoomModerated(room="lobby", act="set_slow", by="bob", value=0))
    sends = [said("a", 2), SendMessage("b", cid=3), SendMessage("c", cid=4), said("d", 5)]
    for send in sends:
        assert in_python.says() == [send]
        in_python.answered(Accepted(send.cid))


@pytest.mark.parametrize("values", [{}, {"room": 7}, {"room": ""}])
def test_all_that_is_said_in_rooms_waits_where_the_server_does_not_say_which_one_is_slow(
    alice: Alice, values: Mapping[str, Any]
) -> None:
    alice.session.post(SendBroadcast("all"))
    alice.says()
    alice.hear(replace(SLOW, cid=1, values=values), "s1")
    alice.session.post(SendMessage("a"))
    assert alice.says() == []
    alice.hear(RoomModerated(room="lobby", act="set_slow", by="bob", value=0))
    assert alice.says() == [SendBroadcast("all", cid=1)]


def test_message_that_is_refused_waits_whichever_room_the_server_names(alice: Alice) -> None:
    alice.session.post(SendMessage("a"))
    alice.says()
    alice.hear(replace(SLOW, cid=1, values={"room": "elsewhere"}), "s1")
    assert alice.says() == []


@pytest.mark.parametrize("what", ["messages", "requests"])
def test_what_came_too_early_is_tried_at_once_when_other_limits_hold(alice: Alice, what: str) -> None:
    alice.session.post(SendMessage("a"))
    alice.says()
    alice.hear(Refused("rate_limited", "slowly", 1, 100.0, {"what": what}), "s1")
    assert alice.says() == []
    alice.hear(LimitsChanged({}))
    assert alice.says() == [said("a", 1)]


def test_the_way_back_into_a_room_that_cannot_be_kept_now_is_taken_later(in_python: Alice) -> None:
    """Its user is not left in the lobby."""
    in_python.lose()
    in_python.enter(epoch="new")
    (join,) = in_python.says()
    assert in_python.answered(FULL) == []
    wait_for(in_python, 1.0)
    assert in_python.says() == [join]


class Desk:
    """A server that answers what comes in its order, or refuses it for now; and a clock."""

    def __init__(self, alice: Alice) -> None:
        self.alice = alice
        self.now = NOW
        self.wire: list[Request] = []
        self.kept: list[SendMessage | SendDirect] = []
        self.shown: list[ClientEvent] = []

    def go(self) -> None:
        """Let go out what may."""
        self.wire += self.alice.session.requests_to_send()

    def wait(self) -> None:
        """Let time pass."""
        self.now += 2
        self.alice.session.handle_timer(self.now)

    def answer(self) -> None:
        """Answer what came first."""
        if self.wire:
            request = self.wire.pop(0)
            self.hear(self._answer(request.command), request)

    def refuse(self) -> None:
        """Keep nothing of what is under way."""
        for request in self.wire:
            is_read = isinstance(request.command, WhoIs)
            self.hear(self._answer(request.command) if is_read else FULL, request)
        self.wire.clear()

    def limit(self) -> None:
        """Refuse what came first, because it came too early."""
        if self.wire:
            self.hear(LIMITED, self.wire.pop(0))

    def slow(self) -> None:
        """Answer what came first, in a slow room where it came too soon."""
        command = self.wire[0].command if self.wire else None
        if isinstance(command, SendMessage) and command.cid == len(self.kept) + 1:
            self.hear(replace(SLOW, retry_after=2.0), self.wire.pop(0))
        else:
            self.answer()

    def faster(self) -> None:
        """Make the room a quick one."""
        self.alice.hear(RoomModerated(room="lobby", act="set_slow", by="bob", value=0), now=self.now)

    def arrive(self) -> None:
        """Take what came first, and have its answer lost with the connection, or the program."""
        if self.wire:
            self._answer(self.wire.pop(0).command)

    def kill(self) -> None:
        """End the program, and begin it anew: it says again what had no answer, as it did before."""
        kept, unsent = self.alice.session.to_keep(), self.alice.session.unsent
        self.wire.clear()
        self.alice = Alice()
        self.alice.session.restore(kept)
        self.alice.connect()
        self.alice.hear(welcome(resumed=True, cid=len(self.kept)), now=self.now)
        for handle in sorted(unsent):
            self.alice.session.post(replace(unsent[handle], cid=None))

    def lose(self) -> None:
        """Lose the connection, and get the next one."""
        self.wire.clear()
        self.alice.session.disconnected(stood=5.0)
        self.alice.connect()
        self.alice.hear(welcome(resumed=True, cid=len(self.kept)), now=self.now)

    def hear(self, event: ServerEvent, request: Request) -> None:
        """Let the client hear an answer."""
        if isinstance(request.command, SendMessage | SendDirect) and isinstance(event, Refused):
            event = replace(event, cid=request.command.cid)
        self.shown += self.alice.hear(event, request.reply_to, self.now)

    def _answer(self, command: Command) -> ServerEvent:
        if isinstance(command, WhoIs):
            return described(command.username)
        assert isinstance(command, SendMessage | SendDirect)
        assert command.cid is not None
        if command.cid > len(self.kept) + 1:
            return Refused("cid_gap", "no")
        if command.cid == len(self.kept) + 1:
            self.kept.append(command)
        assert self.kept[command.cid - 1] == command
        return Accepted(command.cid)


@given(steps=st.lists(st.sampled_from(["send", "read", "go", "answer", "refuse", "limit", "wait", "lose"])))
def test_sends_are_kept_in_their_order_and_questions_answered_once_whatever_is_refused_for_now(
    steps: list[str],
) -> None:
    alice = Alice()
    alice.enter()
    desk, numbers, asked = Desk(alice), count(1), list[str]()
    for step in [*steps, *["wait", "go", "answer"] * (2 * len(steps))]:
        if step == "send":
            alice.session.post(SendMessage(str(next(numbers))))
        elif step == "read":
            asked.append(f"user{len(asked)}")
            alice.session.request(WhoIs(asked[-1]))
        else:
            getattr(desk, step)()
    assert alice.session.unanswered == 0
    assert [command.text for command in desk.kept] == [str(number) for number in range(1, next(numbers))]
    assert sorted(event.username for event in desk.shown if isinstance(event, UserDescribed)) == sorted(asked)


@given(
    steps=st.lists(
        st.sampled_from(["say", "write", "go", "answer", "slow", "faster", "refuse", "limit", "wait", "lose"])
    )
)
def test_what_is_written_to_somebody_overtakes_what_is_said_in_a_slow_room_and_each_counts_once(
    steps: list[str],
) -> None:
    alice = Alice()
    alice.enter()
    desk, said_there, written = Desk(alice), count(1), count(1)
    for step in [*steps, *["wait", "go", "answer"] * (2 * len(steps))]:
        if step == "say":
            alice.session.post(SendMessage(str(next(said_there))))
        elif step == "write":
            alice.session.post(SendDirect(("bob",), str(next(written))))
        else:
            getattr(desk, step)()
    assert alice.session.pending == 0
    for kind, numbers in ((SendMessage, said_there), (SendDirect, written)):
        kept = [send.text for send in desk.kept if isinstance(send, kind)]
        assert kept == [str(number) for number in range(1, next(numbers))]


@given(
    steps=st.lists(
        st.sampled_from(
            ["say", "write", "go", "answer", "arrive", "slow", "faster", "refuse", "limit", "wait", "kill"]
        ),
        max_size=12,
    )
)
def test_what_a_program_says_again_after_its_end_counts_once_whatever_went_ahead_of_it(steps: list[str]) -> None:
    """In the order in which it was said, not in that of its numbers."""
    alice = Alice()
    alice.enter()
    desk, said_there, written = Desk(alice), count(1), count(1)
    for step in ["say", "slow", *steps, "lose", *["wait", "go", "answer"] * (2 * len(steps) + 2)]:
        if step == "say":
            desk.alice.session.post(SendMessage(str(next(said_there))))
        elif step == "write":
            desk.alice.session.post(SendDirect(("bob",), str(next(written))))
        else:
            getattr(desk, step)()
        if step in ("say", "write"):
            desk.go()
    assert desk.alice.session.pending == 0
    for kind, numbers in ((SendMessage, said_there), (SendDirect, written)):
        kept = [send.text for send in desk.kept if isinstance(send, kind)]
        assert kept == [str(number) for number in range(1, next(numbers))]


def test_what_went_ahead_of_what_waits_for_a_slow_room_counts_once_after_the_end(alice: Alice) -> None:
    """It had arrived, and its answer had not."""
    alice.session.post(SendMessage("a"))
    alice.says()
    alice.hear(replace(SLOW, cid=1), "s1")
    for text in ("b", "c"):
        alice.session.post(SendDirect(("bob",), text))
    assert alice.says() == [SendDirect(("bob",), "b", cid=1)]
    kept = alice.session.to_keep()
    again = Alice()
    again.session.restore(kept)
    again.enter(resumed=True, cid=1)
    again.session.post(SendMessage("a"))
    for text in ("b", "c"):
        again.session.post(SendDirect(("bob",), text))
    assert again.says() == [said("a", 2), SendDirect(("bob",), "b", cid=1), SendDirect(("bob",), "c", cid=3)]


# What has become of messages.


def test_client_says_which_changes_it_knows_when_it_comes_back(alice: Alice) -> None:
    alice.hear(message(1))
    alice.hear(RoomModerated(room="Lobby", act="delete_message", by="bob", value=1, change=3))
    alice.hear(ReactionChanged(room="lobby", seq=1, emoji="👍", by="bob", count=1, change=4))
    alice.hear(ReactionChanged(room="python", seq=1, emoji="👍", by="bob", count=1, change=9))
    alice.hear(RoomModerated(room="lobby", act="edit_message", by="bob", value=1, text="x", change=2))
    alice.hear(message(2))
    alice.lose()
    assert alice.connect().since["lobby"] == Position("e", 2, 4)


def test_client_that_knows_no_changes_says_so(alice: Alice) -> None:
    alice.hear(GapFound("lobby", "e", 1, 3))
    alice.lose()
    assert alice.connect().since["lobby"] == Position("e", 3, 0)


@pytest.mark.parametrize(
    "command",
    [EditMessage(3, "the"), DeleteMessage(3), React(3, "🎉"), Unreact(3, "🎉"), React(3, "🎉", "lobby")],
    ids=lambda command: type(command).__name__,
)
def test_what_names_a_seq_says_of_which_log_as_its_user_has_seen_it(command: EditMessage) -> None:
    alice = Alice()
    alice.enter(seq=7)
    alice.lose()
    alice.session.request(command)
    alice.enter(epoch="new")
    assert alice.says() == [replace(command, epoch="e")]


def test_answer_that_waits_for_a_connection_answers_what_its_user_has_seen() -> None:
    alice = Alice()
    alice.enter(seq=7)
    alice.lose()
    alice.session.post(SendMessage("yes", reply_to=3))
    alice.session.post(SendMessage("and this answers nothing"))
    alice.enter(epoch="new")
    answer, other = alice.says()
    assert isinstance(answer, SendMessage)
    assert isinstance(other, SendMessage)
    assert (answer.reply_to, answer.epoch, other.epoch) == (3, "e", "")


def test_epoch_of_the_room_that_one_returns_to_is_that_of_before() -> None:
    alice = Alice()
    alice.enter(room="python", seq=7)
    alice.lose()
    alice.enter(room="lobby", epoch="new")
    alice.session.request(DeleteMessage(3))
    alice.says()
    alice.answered(entered("python", epoch="new"))
    assert alice.says() == [DeleteMessage(3, epoch="e")]


def test_epoch_that_is_given_or_not_known_stays_as_it_is() -> None:
    alice = Alice()
    alice.enter(seq=7)
    for command in (DeleteMessage(3, epoch="given"), DeleteMessage(3, "elsewhere")):
        alice.session.request(command)
    assert alice.says() == [DeleteMessage(3, epoch="given"), DeleteMessage(3, "elsewhere")]
