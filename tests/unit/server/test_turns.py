"""A turn of the event loop does so much and no more, whoever asks for what; and whoever asks for little goes first."""

from __future__ import annotations

import json

import pytest

from tests.unit.fakes import FakeLink
from tests.unit.playbook import LATE, Client, Server

WHOIS = b'{"type":"whois","username":"good"}'
HELLO = b'{"type":"send_message","text":"hello"}'
PONG = b'{"type":"pong"}'
CREDIT = b'{"type":"file_credit","transfer":7,"upto":1}'
OFFER = b'{"type":"file_offer","room":true,"name":"x","size":1,"sha256":"' + b"ab" * 32 + b'"}'
DIRECT = b'{"type":"send_direct","to":["c1","c2","c3","c4","c5","c6","c7","c8","c9","c10"],"text":"x"}'


ORDERED = 2 if LATE else 0
"""After how many more turns a journal has ordered what somebody asked for."""


@pytest.fixture
def server() -> Server:
    """Return a server on which nothing is limited but turns."""
    return Server(file_requests_per_second=1000, file_request_burst=1000)


def turn(server: Server) -> None:
    """Let a turn go by, and what was asked for in it come back from the journal."""
    for _ in range(1 + ORDERED):
        server.clock.turn()


def crowd(server: Server, size: int) -> list[Client]:
    """Log in so many; what they heard of each other is forgotten."""
    return list(server.logins(*(f"c{number}" for number in range(size))))


@pytest.mark.unmeasured
@pytest.mark.parametrize("at_once", [1, 20])
def test_a_turn_does_so_many_requests_however_many_ask(server: Server, at_once: int) -> None:
    """Also when each of them asks for one thing only."""
    clients = crowd(server, 200)
    for client in clients:
        for _ in range(at_once):
            client.link.sends(WHOIS)
    turns = 0
    while not all(client.peek() for client in clients):
        before = sum(len(client.peek()) for client in clients)
        server.clock.turn()
        turns += 1
        assert sum(len(client.peek()) for client in clients) - before <= 32
    assert turns >= 3


def test_a_turn_has_room_for_a_burst_of_messages(server: Server) -> None:
    """Thirty-two that come at once are written to each member at once."""
    speaker, member = server.logins("speaker", "member")
    for _ in range(32):
        speaker.link.sends(HELLO)
    turn(server)
    assert len(member.texts()) == 32


def test_a_turn_answers_one_long_page_and_no_more(server: Server) -> None:
    """A page of history is a turn's work: whoever speaks meanwhile waits for one of them, and not for many."""
    (speaker,) = server.logins("speaker")
    for _ in range(200):
        speaker.link.sends(HELLO)
    server.settle()
    clients = crowd(server, 20)
    for client in clients:
        client.link.sends(b'{"type":"history","room":"lobby","limit":200}')
    answered = 0
    while answered < len(clients):
        server.clock.turn()
        pages = sum(len(client.take("history")) for client in clients)
        assert pages <= 2  # what is done as it comes, and what has waited
        answered += pages


@pytest.mark.skipif(LATE, reason="what is ordered in a later turn is not counted by the turn in which it is written")
def test_a_turn_has_room_for_more_messages_where_many_hear_them(server: Server) -> None:
    """What takes long to be written to everybody is written together, however many speak at once."""

    def in_a_turn(size: int) -> int:
        room = f"of {size}".replace(" ", "-")
        clients = list(server.logins(*(f"{size}x{number}" for number in range(size))))
        for number, client in enumerate(clients):
            client.ask("join_room" if number else "create_room", room=room)
        server.advance(5.0)
        for client in clients[1:]:
            for _ in range(500 // size):
                client.link.sends(HELLO)
        clients[0].texts()
        turn(server)
        said = len(clients[0].texts())
        server.advance(60.0)
        return said

    assert in_a_turn(100) >= in_a_turn(10) + 10


def test_what_many_are_told_one_by_one_is_more_work(server: Server) -> None:
    """Direct messages to ten users each are done some at a time, an offer to a hundred alone."""
    clients = crowd(server, 100)
    for client in clients[:20]:
        client.link.sends(DIRECT)
    turn(server)
    assert 0 < len(clients[1].texts()) < 20
    server.settle()
    for client in clients:
        client.take()
    for client in clients[:20]:
        client.link.sends(OFFER)
    turn(server)
    assert 0 < len(clients[50].take("file_offer")) <= 2


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("asked", "times"),
    [
        pytest.param(WHOIS, 50, id="whois"),
        pytest.param(HELLO, 200, id="message"),
        pytest.param(DIRECT, 50, id="direct"),
        pytest.param(OFFER, 50, id="offer"),
    ],
)
def test_whoever_says_something_now_and_then_is_heard_at_once(server: Server, asked: bytes, times: int) -> None:
    """Although a hundred others have asked for more before: it takes one turn."""
    good, friend = server.logins("good", "friend")
    for each in (good, friend):
        each.ask("join_room" if each is friend else "create_room", room="pair")
    clients = crowd(server, 100)
    for client in clients:
        for _ in range(times):
            client.link.sends(asked)
    for _ in range(40):
        server.clock.turn()
    for _ in range(10):
        for _ in range(10):
            server.clock.turn()
        good.link.sends(HELLO)
        turn(server)
        assert friend.texts() == ["hello"]
    assert any(client.link.reading_paused for client in clients)


@pytest.mark.unmeasured
@pytest.mark.parametrize("asked", [WHOIS, HELLO, OFFER], ids=["whois", "message", "offer"])
def test_whoever_was_busy_while_nobody_else_was_is_heard_at_once(server: Server, asked: bytes) -> None:
    """What somebody had while there was time enough for everybody does not count when many ask for much again."""
    good, friend = server.logins("good", "friend")
    for each in (good, friend):
        each.ask("join_room" if each is friend else "create_room", room="pair")
    clients = crowd(server, 50)
    for _ in range(3):
        for _ in range(50):
            good.link.sends(HELLO)
            server.settle()
        friend.texts()
        for client in clients:
            client.connection.payloads_received([asked] * 20)
        for _ in range(10):
            good.link.sends(HELLO)
            turn(server)
            assert friend.texts() == ["hello"]
            for _ in range(5):
                server.clock.turn()
        server.settle()


@pytest.mark.unmeasured
@pytest.mark.parametrize("noise", [PONG, CREDIT], ids=["pong", "credit"])
def test_what_asks_for_nothing_is_looked_at_in_turns_too(server: Server, noise: bytes) -> None:
    """However many bring it, they are read a few at a time; and somebody among them who says something is heard."""
    good, friend = server.logins("good", "friend")
    clients = crowd(server, 50)
    server.settle()
    most = 0
    for number in range(200):
        readable = [client for client in clients if not client.link.reading_paused]
        for client in readable:
            client.connection.payloads_received([noise] * (2000 // len(noise)))
        if number > 1:
            most = max(most, len(readable))
        if number % 10 == 0:
            friend.texts()
            good.link.sends(HELLO)
            turn(server)
            assert "hello" in friend.texts()
        else:
            server.clock.turn()
    assert most <= 4 * (1 + ORDERED)  # a late turn is several of the loop
    assert all(client.connection.bytes_in > 4000 for client in clients)


@pytest.mark.skipif(LATE, reason="what is said is ordered in a later turn")
def test_what_comes_in_is_done_and_written_before_what_has_waited(server: Server) -> None:
    """Although those who waited have used up the turn: whoever has asked for nothing lately would go first anyway."""
    good, friend = server.logins("good", "friend")
    clients = crowd(server, 50)
    for client in clients:
        for _ in range(20):
            client.link.sends(b'{"type":"send_direct","to":["friend"],"text":"x"}')
    for _ in range(4):
        for _ in range(15):
            server.clock.turn()
        friend.texts()
        before = friend.link.writes
        good.link.sends(HELLO)
        server.clock.turn()
        first, *others = friend.texts()
        assert (first, set(others)) == ("hello", {"x"})
        assert friend.link.writes == before + 2


@pytest.mark.unmeasured
def test_newcomers_keep_nobody_waiting_who_is_there(server: Server) -> None:
    """However many come, one after the other: what each of them asks for first may be much."""
    good, friend = server.logins("good", "friend")
    server.settle()
    friend.take()
    numbers = iter(range(10_000))
    for _ in range(100):
        for _ in range(40):
            server.connect().link.sends(b'{"type":"login","username":"c%d"}' % next(numbers))
        good.link.sends(HELLO)
        turn(server)
        assert friend.texts() == ["hello"]


@pytest.mark.unmeasured
def test_everybody_is_served_in_the_end(server: Server) -> None:
    """Also whoever asks for much, behind others who go on asking for little."""
    clients = crowd(server, 50)
    for client in clients[:10]:
        for _ in range(4):
            client.link.sends(OFFER)
    for _ in range(90):
        for client in clients[10:20]:
            client.link.sends(WHOIS)
        server.clock.turn()
    assert all(len(client.take("file_offer")) == 40 for client in clients[10:])


def test_what_came_while_somebody_waits_is_done_in_the_same_turn(server: Server) -> None:
    """Several things said one after the other take no turn each, where others keep the server busy."""
    good, friend = server.logins("good", "friend")
    for each in (good, friend):
        each.ask("join_room" if each is friend else "create_room", room="pair")
    clients = crowd(server, 100)
    for client in clients:
        for _ in range(20):
            client.link.sends(OFFER)
    for _ in range(5):
        good.link.sends(HELLO)
    turn(server)
    assert friend.texts() == ["hello"] * 5


def changes(kind: str, count: int) -> list[bytes]:
    """Return requests of which a whole room is told, none of which says what is so already."""
    thumb = "\U0001f44d"
    several = {
        "reactions": [{"type": "react", "seq": 1, "emoji": thumb}, {"type": "unreact", "seq": 1, "emoji": thumb}],
        "edits": [{"type": "edit_message", "seq": 1, "text": text} for text in "yz"],
        "topics": [{"type": "set_topic", "topic": text} for text in "yz"],
        "deletions": [{"type": "delete_message", "seq": number + 1} for number in range(count)],
        "bans": [{"type": kind, "username": "nobody"} for kind in ("ban", "unban")],
        "replies": [{"type": "send_message", "text": "x", "reply_to": 1}],
        "rooms": [{"type": "create_room", "room": "own"}, {"type": "leave_room"}],
    }[kind]
    return [json.dumps(several[number % len(several)]).encode() for number in range(count)]


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        ("reactions", 30), ("edits", 26), ("deletions", 26), ("topics", 34), ("bans", 34), ("replies", 28),
        ("rooms", 20),
    ],
)  # fmt: skip
def test_a_turn_has_room_for_fewer_of_what_is_more_work(server: Server, kind: str, most: int) -> None:
    """What is looked for, and what follows, counts: that nothing but `ok` is answered makes it no less."""
    speaker, member = server.logins("speaker", "member")
    speaker.ask("create_room", room="theirs")
    member.ask("join_room", room="theirs")
    for _ in range(60):
        speaker.link.sends(b'{"type":"send_message","text":"hello"}')
    server.settle()
    server.advance(2.0)
    speaker.take()
    for request in changes(kind, 60):
        speaker.link.sends(request)
    done = 0
    while done < 60:
        server.clock.turn()
        count = len(speaker.take("ok", "room", "message"))
        assert count <= most
        done += count


def test_ban_is_more_work_in_a_room_of_many(server: Server) -> None:
    """It is compared with everybody there."""
    clients = crowd(server, 100)
    clients[0].ask("create_room", room="theirs")
    for client in clients[1:]:
        client.link.sends(b'{"type":"join_room","room":"theirs"}')
    server.settle()
    server.advance(5.0)
    clients[0].take()
    for number in range(40):
        clients[0].link.sends(b'{"type":"ban","username":"nobody%d"}' % number)
    done = 0
    while done < 40:
        server.clock.turn()
        count = len(clients[0].take("ok"))
        assert count <= 16
        done += count


# What happens to many at once.


def away(server: Server) -> int:
    """Return how many have lost their connection, as far as the chat knows."""
    return sum(session.connection is None for session in server.chat.users.values())


def test_connections_that_are_lost_together_are_forgotten_some_at_a_time() -> None:
    """As when a network fails: fifty in a turn."""
    server = Server(connections_per_address=0)
    clients = crowd(server, 120)
    for client in clients:
        client.link.breaks()
    assert away(server) <= 50
    for _ in range(3):
        before = away(server)
        server.clock.turn()
        assert away(server) - before <= (100 if LATE else 50)  # those of two turns may be ordered together
    assert away(server) == 120
    assert not server.switchboard.connections


def test_who_is_back_before_the_lost_connection_is_forgotten_stays(server: Server) -> None:
    """What was lost is fenced off first."""
    for number in range(60):
        server.login(f"c{number}")
    last = server.login("last", settled=False)
    for connection in list(server.switchboard.connections.values())[:-1]:
        link = connection.link
        assert isinstance(link, FakeLink)
        link.breaks()
    last.link.breaks()
    back = server.login("last", token=last.token)
    assert back.welcome["resumed"]
    server.settle()
    session = server.chat.session(back.connection.number)
    assert session is not None
    assert (session.name, away(server)) == ("last", 60)


def test_offer_to_a_room_of_many_is_told_to_some_at_a_time(server: Server) -> None:
    """A hundred in a turn; each is told once, and of its end behind that."""
    clients = crowd(server, 250)
    clients[0].link.sends(OFFER)
    told = []
    while server.clock.turn():
        told.append(sum(len(client.take("file_offer")) for client in clients))
    assert sum(told) == 249
    assert max(told) <= 200, "what is told as it is asked for, and a turn's worth"


def test_what_somebody_is_told_behind_news_comes_behind_them(server: Server) -> None:
    """Answers and the end of the session, too."""
    clients = crowd(server, 150)
    clients[0].link.sends(OFFER)
    for _ in range(ORDERED):
        server.clock.turn()
    clients[149].link.sends(WHOIS.replace(b"good", b"c149"))
    clients[0].link.sends(b'{"type":"logout"}')
    clients[148].link.sends(b'{"type":"logout"}')
    server.settle()
    for client, behind in ((clients[149], ["user", "file_error"]), (clients[148], ["ok", "bye"])):
        kinds = [frame["type"] for frame in client.take() if frame["type"] not in ("presence", "rooms_changed")]
        assert kinds[0] == "file_offer"
        assert [kind for kind in kinds[1:] if kind in behind] == [kind for kind in behind if kind in kinds]


def test_news_are_not_owed_to_those_who_are_gone(server: Server) -> None:
    """Nor told once more to who comes back."""
    clients = crowd(server, 150)
    clients[0].link.sends(OFFER)
    for client in clients[100:]:
        client.link.breaks()
    server.settle()
    assert sum(len(client.take("file_offer")) for client in clients[:100]) == 99


def test_other_limits_are_told_to_some_at_a_time(server: Server) -> None:
    """Everybody is told of them."""
    clients = crowd(server, 250)
    server.switchboard.change_limits(server.limits.model_copy(update={"text_bytes": 1000}))
    told = []
    while server.clock.turn():
        told.append(sum(len(client.take("limits")) for client in clients))
    assert sum(told) == 250
    assert max(told) <= 200
