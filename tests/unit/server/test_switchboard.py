"""The switchboard: slow and returning readers, turns, timers, closing, and mistakes of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.events import DirectPosted, MessagePosted, Posted, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.transport import CloseReason
from tests.unit.odd_entries import HALF, MESSAGE
from tests.unit.playbook import Client, Server

MakeServer = Callable[..., Server]

LONG = "x" * 5000
# A buffer's cap, one turn's worth of frames, and one frame more.
MOST_WAITING = 64 * 1024 + 64 * 1024 + 6000


def fall_behind(server: Server, slow: Client, sender: Client, *, start: int = 1) -> int:
    """Let a reader stop reading until it is behind; return how many messages that took."""
    slow.link.stops_reading()
    for number in count(start):
        sender.ask("send_message", text=f"{number} {LONG}")
        if slow.connection.behind is not None:
            return number - start + 1
    raise AssertionError


def numbers(client: Client) -> list[int]:
    """Return the seqs of the messages that came."""
    return [frame["seq"] for frame in client.take("message")]


# Slow readers.


def test_slow_reader_gets_everything_in_order_once_it_reads_again(server: Server) -> None:
    """Nothing is lost, repeated or out of order."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    for number in range(200):
        bob.ask("send_message", text=f"more {number} {LONG}")
    alice.link.reads_again()
    server.settle()
    assert numbers(alice) == list(range(1, server.log.head("lobby") + 1))
    bob.ask("send_message", text="live")
    assert alice.texts() == ["live"]


@pytest.mark.unmeasured
def test_slow_reader_costs_no_memory(server: Server) -> None:
    """What waits for it is bounded by the buffer and one turn, however much is said."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    waiting = alice.link.waiting
    for number in range(300):
        bob.ask("send_message", text=f"{number} {LONG}")
        bob.ask("broadcast", text=LONG)
        bob.ask("send_direct", to="alice", text=LONG)
    assert alice.link.waiting == waiting
    assert alice.link.peak <= MOST_WAITING
    assert alice.connection.outlet.out == []
    assert alice.connection.outlet.group is None


def test_slow_reader_slows_down_nobody(server: Server) -> None:
    """Everyone else hears everything at once, also while it is refilled."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    first = fall_behind(server, alice, bob)
    assert numbers(carol) == list(range(1, first + 1))
    for number in range(1, 20):
        bob.ask("send_message", text=LONG)
        assert numbers(carol) == [first + number]
    alice.link.reads_again()
    bob.ask("send_message", text="while it is refilled")
    assert carol.texts() == ["while it is refilled"]


def test_slow_reader_gets_directs_and_broadcasts_too(server: Server) -> None:
    """All of its logs are caught up on."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    bob.ask("send_direct", to="alice", text="direct 1")
    bob.ask("broadcast", text="broadcast 1")
    bob.ask("send_direct", to="alice", text="direct 2")
    alice.link.reads_again()
    server.settle()
    assert [frame["text"] for frame in alice.take("direct")] == ["direct 1", "direct 2"]
    assert [frame["text"] for frame in alice.take("broadcast")] == ["broadcast 1"]
    assert all("replay" not in frame for frame in alice.take("message"))


def test_slow_reader_gets_a_picture_when_somebody_came_or_went(server: Server) -> None:
    """Presence stands in no log, so the room and the room list are told anew, behind the messages."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    server.login("carol").ask("create_room", room="python")
    server.login("dave")
    server.advance(2.0)
    bob.ask("send_message", text="the last")
    alice.link.reads_again()
    server.settle()
    *before, room, rooms = alice.take()
    assert before[-1]["text"] == "the last"
    assert (room["type"], room["users"]) == ("room", ["alice", "bob", "dave"])
    assert room["position"]["seq"] == server.log.head("lobby")
    assert (rooms["type"], [line["name"] for line in rooms["rooms"]]) == ("rooms", ["lobby", "python"])


def test_slow_reader_gets_no_picture_when_nobody_came_or_went(server: Server) -> None:
    """Messages alone change no picture."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="opens the window of the room list")
    alice.take()
    fall_behind(server, alice, bob)
    bob.ask("send_message", text="one more")
    alice.link.reads_again()
    server.settle()
    assert {frame["type"] for frame in alice.take()} == {"message"}


def test_slow_reader_is_told_of_the_gap_when_the_log_was_trimmed(make_server: MakeServer) -> None:
    """What has left the log is named, the rest follows."""
    server = make_server(log_messages=10)
    alice, bob = server.logins("alice", "bob")
    got = fall_behind(server, alice, bob)
    for _ in range(50):
        bob.ask("send_message", text=LONG)
    head = server.log.head("lobby")
    alice.link.reads_again()
    server.settle()
    frames = alice.take("message", "gap")
    assert [frame["seq"] for frame in frames[:got]] == list(range(1, got + 1))
    gap = frames[got]
    assert (gap["type"], gap["room"], gap["from"], gap["to"]) == ("gap", "lobby", got + 1, head - 10)
    assert gap["epoch"] == server.log.position("lobby").epoch
    assert [frame["seq"] for frame in frames[got + 1 :]] == list(range(head - 9, head + 1))


def test_reader_that_stays_slow_gets_everything_piece_by_piece() -> None:
    """A reader that takes a little at a time gets all, while its buffer stays bounded."""
    server = Server(boundaries=False)
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    for number in range(150):
        bob.ask("send_message", text=f"{number} {LONG}")
        if number % 3 == 0:
            alice.link.reads_some(9000)
            server.settle()
    while alice.link.waiting or alice.connection.behind is not None:
        alice.link.reads_some(7000)
        server.settle()
    assert alice.link.peak <= MOST_WAITING
    lines = b"".join(alice.link.arrived).splitlines()
    seqs = [frame["seq"] for frame in map(json.loads, lines) if frame["type"] == "message"]
    assert seqs == list(range(1, server.log.head("lobby") + 1))


def test_requests_of_a_slow_reader_are_answered_after_it_caught_up(server: Server) -> None:
    """They are carried out in order, and what they say is heard by the others then."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    assert alice.link.reading_paused
    alice.say("send_message", text="mine", cid=1)
    alice.say("whois", username="bob", id="w")
    assert bob.texts() == []
    bob.ask("send_message", text="before mine")
    alice.link.reads_again()
    server.settle()
    assert not alice.link.reading_paused
    frames = [frame for frame in alice.take() if frame["type"] in {"message", "user"}]
    assert [frame.get("text", frame["type"]) for frame in frames[-3:]] == ["before mine", "mine", "user"]
    assert frames[-2]["cid"] == 1
    assert bob.texts() == ["mine"]


@pytest.mark.unmeasured
def test_requests_in_one_piece_wait_when_their_answers_are_not_read() -> None:
    """A stream that asks for much in one piece and reads nothing is served only as far as it reads."""
    server = Server(boundaries=False)
    alice, bob = server.logins("alice", "bob")
    for _ in range(20):
        bob.ask("send_message", text=LONG)
    alice.take()
    alice.link.stops_reading()
    alice.link.sends(b'{"type":"history","room":"lobby"}\n' * 1000)
    server.settle()
    assert alice.link.peak <= MOST_WAITING + 64 * 1024
    assert len(alice.connection.waiting) + alice.connection.unread.count(b"\n") > 900
    while alice.connection.waiting or alice.link.waiting:
        alice.link.reads_some(64 * 1024)
        server.settle()
    assert b"".join(alice.link.arrived).count(b'"type":"history"') == 1000


def test_reader_that_blocks_again_before_it_caught_up_stays_behind(server: Server) -> None:
    """Room for a moment does not make it live: what is published after that is not piled up for it."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    alice.connection.writing_resumed()
    alice.connection.writing_paused()
    server.settle()
    waiting = alice.link.waiting
    for _ in range(100):
        bob.ask("send_message", text=LONG)
    assert alice.link.waiting == waiting
    alice.link.reads_again()
    server.settle()
    assert numbers(alice) == list(range(1, server.log.head("lobby") + 1))


def test_reader_that_blocks_and_reads_within_a_turn_is_not_behind(server: Server) -> None:
    """Nothing happens to it."""
    alice, bob = server.logins("alice", "bob")
    alice.connection.writing_paused()
    alice.connection.writing_resumed()
    server.settle()
    assert alice.connection.behind is None
    bob.ask("send_message", text="hi")
    assert alice.texts() == ["hi"]
    assert alice.ask("list_rooms")["type"] == "rooms"


def test_connection_that_is_not_logged_in_is_not_served_while_it_does_not_read(boundaries: bool) -> None:
    """There is nothing to refill it from, so it is simply not listened to."""
    server = Server(boundaries=boundaries)
    client = server.connect(buffer_bytes=100)
    client.link.stops_reading()
    for _ in range(50):
        client.say("dance")
    assert client.link.reading_paused
    assert client.link.waiting < 400
    client.link.reads_again()
    server.settle()
    assert [frame["code"] for frame in client.take()] == ["unknown_type"] * 50


def test_slow_reader_is_refilled_at_most_so_much_per_turn() -> None:
    """20,000 missed messages do not run in one turn, and everyone else is served in between."""
    server = Server(boundaries=True, log_messages=40_000, log_bytes=2**27)
    alice, bob, carol = server.logins("alice", "bob", "carol")
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 0}}
    alice.drop()
    for seq in range(1, 20_001):
        server.log.append("lobby", MessagePosted(seq=seq, sender="bob", text="m", at=0.0, room="lobby"))
    again = server.connect()
    again.link.sends(json.dumps({"type": "login", "username": "a", "token": alice.token, "since": since}).encode())
    until_behind(again)
    turns = live = 0
    while again.connection.behind is not None or not turns:
        before = len(again.link.arrived)
        server.clock.turn()
        turns += 1
        assert len(again.link.arrived) - before <= 250
        if turns % 10 == 0:
            bob.link.sends(b'{"type":"send_message","text":"live"}')
            server.clock.turn()
            while not (heard := carol.texts()):  # a journal may order it in a later turn
                server.clock.turn()
            live += 1
            assert heard == ["live"]
    assert turns >= 20_000 / 250
    server.settle()
    assert live >= 3
    frames = [json.loads(payload) for payload in again.link.arrived]
    assert [each["seq"] for each in frames if each["type"] == "message"] == list(range(1, 20_001 + live))
    bob.ask("send_message", text="the end")
    assert json.loads(again.link.arrived[-1])["text"] == "the end"


@pytest.mark.unmeasured
def test_nothing_is_lost_that_is_said_while_a_returning_reader_is_refilled(server: Server) -> None:
    """Over the turns that a long replay takes, all three logs go on growing."""
    alice, bob = server.logins("alice", "bob")
    alice.drop()
    for number in range(1200):
        bob.say("send_message", text=f"m{number}")
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 0}}
    again = server.connect()
    data = json.dumps({"type": "login", "username": "aa", "token": alice.token, "since": since}).encode()
    again.link.sends(data if again.link.keeps_boundaries else data + b"\n")
    until_behind(again)
    server.clock.turn()
    assert again.connection.behind is not None
    for request in (
        b'{"type":"send_direct","to":"alice","text":"direct"}',
        b'{"type":"broadcast","text":"broadcast"}',
        b'{"type":"send_message","text":"the last"}',
    ):
        bob.link.sends(request if bob.link.keeps_boundaries else request + b"\n")
    server.settle()
    assert numbers_and_texts(again) == (list(range(1, 1202)), ["direct"], ["broadcast"])


def until_behind(client: Client) -> None:
    """Let the journal order a login whose reader has much to be told first."""
    for _ in range(4):
        if client.connection.behind is None:
            client.server.clock.turn()
    assert client.connection.behind is not None


def numbers_and_texts(client: Client) -> tuple[list[int], list[str], list[str]]:
    """Return the seqs of messages, and the texts of directs and broadcasts that came."""
    directs = [frame["text"] for frame in client.take("direct")]
    return numbers(client), directs, [frame["text"] for frame in client.take("broadcast")]


@pytest.mark.unmeasured
def test_reader_that_is_lost_during_its_refill_is_refilled_no_more(server: Server) -> None:
    """The rest waits for the next connection."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    for number in range(1500):
        bob.say("send_message", text=f"m{number}")
    alice.link.reads_again()
    server.clock.turn()
    assert alice.connection.behind is not None
    alice.link.breaks()
    server.settle()
    got = len(numbers(alice))
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": got}}
    again = server.login("alice", settled=False, token=alice.token, since=since)
    assert numbers(again) == list(range(got + 1, server.log.head("lobby") + 1))


@pytest.mark.unmeasured
def test_several_readers_are_refilled_in_turns(server: Server) -> None:
    """The budget of a turn is for all of them; each gets everything."""
    alice, bob, carol, dave = server.logins("alice", "bob", "carol", "dave")
    for client in (alice, bob, carol):
        client.ask("list_rooms")
        client.drop()
    for number in range(1200):
        dave.say("send_message", text=f"m{number}")
    again = [server.connect() for _ in range(3)]
    for client, old in zip(again, (alice, bob, carol), strict=True):
        data = json.dumps({"type": "login", "username": "aa", "token": old.token}).encode()
        client.link.sends(data if client.link.keeps_boundaries else data + b"\n")
    assert server.clock.settle() >= 3 * 1200 // 250
    for client in again:
        assert numbers(client) == list(range(1, 1201))


# Connections that end at a bad moment.


def test_reader_that_is_lost_while_behind_can_resume(server: Server) -> None:
    """Its session waits as any other, and what it did not get is replayed."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 0}}
    alice.drop()
    again = server.login("alice", settled=False, token=alice.token, since=since)
    assert numbers(again) == list(range(1, server.log.head("lobby") + 1))


def test_reader_that_is_fenced_while_behind_gets_a_bye_and_nothing_more(server: Server) -> None:
    """A newer connection takes over from a stuck one."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    again = server.login("alice", token=alice.token)
    assert alice.connection.behind is None
    assert alice.link.closed is CloseReason.POLICY
    alice.link.reads_again()
    assert alice.last()["code"] == "replaced"
    bob.ask("send_message", text="hi")
    assert again.texts() == ["hi"]


def test_requests_of_a_lost_connection_are_not_carried_out(server: Server) -> None:
    """What waited behind its messages is void."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    alice.connection.data_received(b'{"type":"broadcast","text":"ghost"}\n')
    alice.drop()
    server.settle()
    assert bob.texts() == []


def test_connection_may_be_lost_right_after_it_caught_up(server: Server) -> None:
    """What was put off to the next turn finds nobody, and harms nobody."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    alice.link.reads_again()
    while alice.connection.behind is not None:
        server.clock.turn()
    alice.link.breaks()
    server.settle()
    assert alice.connection.number not in server.switchboard.connections


def test_slow_reader_hears_why_it_is_closed_after_it_caught_up(server: Server) -> None:
    """Bad JSON behind unread messages is answered when its turn has come."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    alice.connection.data_received(b"nonsense\n")
    server.settle()
    assert alice.link.closed is None
    alice.link.reads_again()
    server.settle()
    assert alice.link.closed is CloseReason.BAD_DATA
    assert alice.last()["code"] == "bad_json"


def test_slow_reader_gets_a_bye_when_the_server_stops(server: Server) -> None:
    """Also those who are behind are told, and closed."""
    alice, bob = server.logins("alice", "bob")
    fall_behind(server, alice, bob)
    server.switchboard.stop("maintenance")
    assert alice.link.closed is CloseReason.GOING_AWAY
    alice.link.reads_again()
    assert alice.last()["code"] == "shutting_down"
    server.settle()


@pytest.mark.parametrize("waits", [False, True])
def test_dead_peer_is_given_up_while_blocked(waits: bool) -> None:
    """Requests that wait for a reader that will never read do not keep its connection."""
    server = Server(boundaries=False, keepalive_interval=10.0, keepalive_timeout=5.0)
    (bob,) = server.logins("bob")
    alice = server.connect(checks_liveness=False)
    alice.ask("login", username="alice")
    fall_behind(server, alice, bob)
    if waits:
        alice.connection.data_received(b'{"type":"list_rooms"}\n')
    server.advance(60.0)
    assert alice.link.closed is CloseReason.POLICY
    assert server.mistakes() == []


# Turns and timers.


def test_turn_writes_once_per_connection(server: Server) -> None:
    """Whatever is said in one turn of the loop is one write for each reader."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    writes = [client.link.writes for client in (alice, bob, carol)]
    end = b"" if bob.link.keeps_boundaries else b"\n"
    for number in range(10):
        for client in (alice, bob):
            client.link.sends(b'{"type":"send_message","text":"%d"}' % number + end)
    server.settle()
    assert [client.link.writes for client in (alice, bob, carol)] == [each + 1 for each in writes]
    assert numbers(carol) == list(range(1, 21))


def test_turn_that_says_very_much_is_written_in_parts() -> None:
    """No buffer overshoots its bound by more than a part, however much one piece asks for."""
    server = Server(boundaries=False)
    alice, bob = server.logins("alice", "bob")
    bob.link.stops_reading()
    request = json.dumps({"type": "send_message", "text": "x" * 20_000}).encode() + b"\n"
    for _ in range(10):
        alice.link.sends(request)
    assert bob.link.peak <= MOST_WAITING + 20_000
    server.settle()
    assert bob.connection.behind is not None


def test_idle_server_has_nothing_to_do(make_server: MakeServer) -> None:
    """With everyone silent and alive no timer is left but those of the connections."""
    server = make_server()
    clients = list(server.logins("alice", "bob", "carol"))
    server.advance(100.0)
    assert server.clock.timers == 0
    for client in clients:
        client.drop()
    assert server.clock.timers == 1, "one wake-up for all grace periods"
    server.advance(100.0)
    assert server.clock.timers == 0
    assert server.users() == []


def test_timers_of_a_lost_connection_are_cancelled(server: Server) -> None:
    """A connection that is gone is not looked at again."""
    server.connect(checks_liveness=False).drop()
    assert server.clock.timers == 0


def test_those_who_are_called_at_one_time_share_a_timer_and_a_login_needs_none_any_more(server: Server) -> None:
    """A crowd that comes in one turn is one timer; each of them is called, or not, by itself."""
    crowd = [server.connect() for _ in range(5)]
    assert server.clock.timers == 1
    crowd[0].ask("login", username="alice")
    crowd[1].drop()
    server.advance(10.0)
    assert [client.link.closed for client in crowd] == [None, None, *[CloseReason.POLICY] * 3]
    assert server.mistakes() == []
    late = server.connect()
    late.ask("login", username="late")
    server.advance(3.0)  # what the logins were told of is over
    assert server.clock.timers == 0


def test_silence_of_somebody_who_is_not_read_says_nothing(server: Server) -> None:
    """Whether such a peer is there its link finds out, which looks by itself; it is asked again later."""
    alice, bob = server.logins("alice", "bob")
    alice.link.stops_reading()
    for _ in range(100):
        bob.ask("send_message", text="x" * 2000)
    assert alice.connection.blocked
    for _ in range(10):
        server.advance(30.0)
    assert alice.link.closed is None


class Stumbling:
    """A machine that makes a mistake when it is called at its time."""

    def __init__(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> None:
        self._machine = chat_dialect.server(limits, boundaries=boundaries, keepalive=keepalive, now=now)
        self._stumbles = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)

    def handle_timer(self, now: float) -> None:
        """Make the mistake, once."""
        if self._stumbles:
            self._stumbles = False
            raise ZeroDivisionError
        self._machine.handle_timer(now)


def test_mistake_of_a_machine_at_its_time_costs_the_others_nothing() -> None:
    """They are called all the same; its own connection is over."""
    server = Server()
    stumbling = SimpleNamespace(**{name: getattr(chat_dialect, name) for name in ("name", "encode", "client")})
    stumbling.server = Stumbling
    stumbled = server.connect(stumbling)
    others = [server.connect() for _ in range(3)]
    server.advance(10.0)
    assert [other.link.closed for other in others] == [CloseReason.POLICY] * 3
    assert stumbled.connection not in server.switchboard.connections.values()
    assert [type(mistake) for mistake in server.mistakes()] == [ZeroDivisionError]


def test_stopped_server_wakes_no_more(server: Server) -> None:
    """Nothing goes off after the stop."""
    alice, bob = server.logins("alice", "bob")
    alice.drop()
    bob.ask("send_message", text="hi")
    server.switchboard.stop("bye")
    bob.drop()
    server.advance(1000.0)
    assert server.clock.timers == 0


def test_operator_reads_what_happened(server: Server) -> None:
    """Connecting, logging in, joining, refusals and losses are recorded; texts and tokens are not."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    alice.ask("send_message", text="a secret text")
    alice.refused("join_room", room="nowhere")
    alice.ask("rename", username="al")
    bob.drop()
    alice.ask("logout")
    kinds = {what for what, _ in server.records}
    assert {
        "connect", "login", "joined", "left", "room_created", "room_removed", "refused", "renamed", "disconnected",
        "logout",
    } <= kinds  # fmt: skip
    refused = [fields for what, fields in server.records if what == "refused"]
    assert [(each["user"], each["request"], each["code"]) for each in refused] == [
        ("alice", "join_room", "no_such_room")
    ]
    told = repr(server.records)
    assert "secret" not in told
    assert alice.token not in told


# Our own mistakes.


class BrokenLog(MemoryLog):
    """A store that fails when told to."""

    broken = False

    def append(self, key: str, entry: Posted, digest: int = 0) -> None:
        """Fail, or append."""
        if self.broken:
            raise OSError("no space left on device")
        super().append(key, entry, digest)


def test_user_is_told_of_our_mistake_and_can_go_on(boundaries: bool) -> None:
    """An unexpected exception is recorded, answered with `internal`, and uses up the number of its send for good.

    Whatever the mistake was, it was made on every node, and is made again where the record is applied again.
    """
    log = BrokenLog(Limits())
    server = Server(boundaries=boundaries, log=log)
    alice, bob = server.logins("alice", "bob")
    log.broken = True
    error = alice.ask("send_message", text="hi", cid=1)
    assert error["code"] == "internal"
    assert "space" not in error["message"]
    log.broken = False
    assert alice.refused("send_message", text="hi", cid=1) == "internal"
    assert alice.ask("send_message", text="hi again", cid=2)["seq"] == 1
    assert bob.texts() == ["hi again"]
    assert [str(mistake) for mistake in server.mistakes()] == ["no space left on device"]


class ShyMachine:
    """The server's side of a connection that has no words for direct messages."""

    def __init__(self, machine: Any) -> None:
        self._machine = machine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._machine, name)

    def send_event(self, event: ServerEvent, reply_to: str | None = None) -> None:
        """Fail, or send it."""
        if isinstance(event, DirectPosted):
            raise LookupError(f"no words for {event}")
        self._machine.send_event(event, reply_to)


class ShyDialect:
    """The dialect `chat` of somebody who has not thought of everything."""

    name = "shy"

    def server(self, *args: Any, **options: Any) -> Any:
        """Return a machine that fails too."""
        machine = chat_dialect.server(*args, **options)
        return ShyMachine(machine) if options["boundaries"] else machine

    def __getattr__(self, name: str) -> object:
        return getattr(chat_dialect, name)

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Fail."""
        raise LookupError(f"no words for {event}")


def test_an_event_that_cannot_be_told_costs_nothing_of_what_is_behind_it() -> None:
    """Whoever said it has the answer, and all those behind it; the operator is told."""
    server = Server()
    server.connect(ShyDialect()).say("login", username="carol")
    alice, bob = server.logins("alice", "bob")
    for number in range(3):
        assert alice.ask("send_message", text=f"m{number}")["seq"] == number + 1
    alice.ask("send_direct", to=["carol", "bob"], text="psst")
    assert bob.texts() == ["m0", "m1", "m2", "psst"]
    assert {type(mistake) for mistake in server.mistakes()} == {LookupError}


class UnreadableLog(MemoryLog):
    """A log that cannot be read."""

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        """Fail."""
        raise OSError("the disk reports an error")


def test_our_mistake_in_a_question_is_told_and_recorded_too() -> None:
    """It changes nothing, so the next one may be asked."""
    server = Server(log=UnreadableLog(Limits()))
    (alice,) = server.logins("alice")
    assert alice.refused("history", room="lobby") == "internal"
    assert alice.ask("whois", username="alice")["type"] == "user"
    assert [str(mistake) for mistake in server.mistakes()] == ["the disk reports an error"]


def test_answer_that_cannot_be_written_is_refused_and_the_connection_goes_on() -> None:
    """Whatever stands in a log."""
    server = Server()
    (alice,) = server.logins("alice")
    server.log.append("lobby", replace(MESSAGE, text=HALF))
    assert alice.refused("history", room="lobby") == "internal"
    assert alice.ask("whois", username="alice")["type"] == "user"
    assert [type(mistake) for mistake in server.mistakes()] == [UnicodeEncodeError]


def test_slow_reader_is_told_of_a_gap_where_something_cannot_be_written() -> None:
    """And gets all that is around it."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    first = fall_behind(server, alice, bob)
    server.log.append("lobby", replace(MESSAGE, seq=first + 1, text=HALF))
    bob.ask("send_message", text="behind it")
    alice.link.reads_again()
    server.settle()
    *before, gap, last = alice.take("message", "gap")
    assert [frame["seq"] for frame in (*before, last)] == [*range(1, first + 1), first + 2]
    assert (gap["from"], gap["to"]) == (first + 1, first + 1)
    assert [type(mistake) for mistake in server.mistakes()] == [UnicodeEncodeError]


# What comes together.


def together(client: Client, *frames: dict[str, object]) -> list[str]:
    """Let frames come in one read; returns the ids of the answers, in their order."""
    client.connection.payloads_received([json.dumps(frame).encode() for frame in frames])
    client.server.settle()
    return [frame["id"] for frame in client.take() if "id" in frame]


def test_messages_of_one_read_are_ordered_together() -> None:
    """A batch for several of them, and everything else in its place between them."""
    server = Server(boundaries=True, late=False)
    alice, bob = server.logins("alice", "bob")
    before = server.chat.position
    messages = [{"type": "send_message", "text": f"m{number}", "id": f"{number}"} for number in range(36)]
    messages.insert(35, {"type": "whois", "username": "bob", "id": "?"})
    assert together(alice, *messages) == [*map(str, range(35)), "?", "35"]
    assert bob.texts() == [f"m{number}" for number in range(36)]
    assert server.chat.position - before == 3  # of thirty-two, three and one


def test_a_message_that_is_refused_is_answered_behind_those_before() -> None:
    """Answers come in the order of the requests, however many of these are ordered together."""
    server = Server(boundaries=True, late=False, messages_per_second=1.0, message_burst=3)
    alice, bob = server.logins("alice", "bob")
    server.advance(10.0)
    messages = [{"type": "send_message", "text": f"m{number}", "id": f"{number}"} for number in range(5)]
    assert together(alice, *messages) == list("01234")
    assert bob.texts() == ["m0", "m1", "m2"]


def test_a_read_that_breaks_the_rules_in_its_middle_is_taken_up_to_there() -> None:
    """What stands before it is said, and nothing behind it."""
    server = Server(boundaries=True)
    alice, bob = server.logins("alice", "bob")
    said = [b'{"type":"send_message","text":"before"}', b"{", b'{"type":"send_message","text":"behind"}']
    alice.connection.payloads_received(said)
    server.settle()
    assert bob.texts() == ["before"]
    assert alice.link.closed is CloseReason.BAD_DATA
