"""The second connection of a session: by what it is let in, what goes there, and what becomes of it."""

from __future__ import annotations

import pytest

from chatcore.dialects.chat.chunks import encode_chunk
from chatcore.limits import CHUNK_BYTES
from chatcore.server.files.ways import TICKET_SECONDS
from tests.unit.chat.test_files import accept, news, offer, running
from tests.unit.playbook import Client, Server


def ticket(client: Client) -> str:
    """Return a ticket of a user's session."""
    answer = client.ask("file_ticket")
    assert answer == {"type": "file_ticket", "ticket": answer["ticket"], "seconds": TICKET_SECONDS}
    text: str = answer["ticket"]
    return text


def attached(server: Server, client: Client) -> Client:
    """Return a second connection of a user's session."""
    second = server.connect()
    assert second.ask("file_attach", ticket=ticket(client)) == {"type": "file_attached"}
    return second


def second_of(server: Server, client: Client) -> Client:
    """Return a second connection that chunks go on."""
    second = attached(server, client)
    assert client.ask("file_way", second=True) == {"type": "ok"}
    return second


def test_chunks_go_on_the_second_connection_of_each_side_that_has_one() -> None:
    """The other side need not have one, and the chat stays where it is."""
    for with_second in (("alice",), ("bob",), ("alice", "bob")):
        server = Server()
        alice, bob = users = list(server.logins("alice", "bob"))
        ways = {
            name: second_of(server, user)
            for name, user in zip(("alice", "bob"), users, strict=True)
            if name in with_second
        }
        file = offer(alice, "bob", size=6)
        number = accept(bob, file)
        bob.say("file_credit", transfer=number, upto=6)
        ways.get("alice", alice).send_chunk(number, 0, b"abcdef")
        alice.ask("send_message", text="hello")
        assert bob.texts() == ["hello"]
        receiver = ways.get("bob", bob)
        receiver.peek()
        assert receiver.chunks == [(number, 0, b"abcdef")]
        assert bob.ask("file_done", file=file) == {"type": "ok"}


def test_a_ticket_is_good_once_for_a_while_and_for_its_session_only() -> None:
    """Whoever has another one, or none, is told the same, and may not say anything else."""
    server = Server(login_timeout=60.0)
    alice, bob, carol = server.logins("alice", "bob", "carol")
    used = ticket(alice)
    assert server.connect().ask("file_attach", ticket=used)["type"] == "file_attached"
    late = ticket(bob)
    server.advance(TICKET_SECONDS)
    older = ticket(bob)
    ticket(bob)
    gone = ticket(carol)
    carol.ask("logout")
    number, _, secret = ticket(bob).partition(".")
    wrong = [used, late, older, gone, "", ".", number, f"{number}.", f".{secret}", f"{number}.{secret[:-1]}", "9" * 128]
    wrong += [f"{'9' * 21}.{secret}", f"٣.{secret}", f"{int(number) + 1}.{secret}", f"{number}.{secret}x"]
    for text in wrong:
        stranger = server.connect()
        assert stranger.refused("file_attach", ticket=text) == "not_allowed", text
        assert stranger.refused("send_message", text="hello") == "not_logged_in"
    # Guesses have not used it up.
    assert server.connect().ask("file_attach", ticket=f"{number}.{secret}")["type"] == "file_attached"


def test_a_ticket_of_a_session_that_was_taken_over_is_good_for_nothing() -> None:
    """It belongs to the connection that asked for it."""
    server = Server()
    (alice,) = server.logins("alice")
    old = ticket(alice)
    again = server.connect()
    assert again.ask("login", username="alice", token=alice.token)["resumed"]
    assert server.connect().refused("file_attach", ticket=old) == "not_allowed"
    assert server.connect().ask("file_attach", ticket=ticket(again))["type"] == "file_attached"


def test_whoever_is_not_logged_in_gets_no_ticket_and_chooses_no_way() -> None:
    """A second connection cannot log in either, and one that is logged in cannot become one."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    assert server.connect().refused("file_ticket") == "not_logged_in"
    assert server.connect().refused("file_way", second=True) == "not_logged_in"
    second = attached(server, alice)
    assert second.refused("login", username="mallory") == "already_logged_in"
    assert second.refused("file_way", second=True) == "not_logged_in"
    assert second.refused("file_ticket") == "not_logged_in"
    assert second.refused("file_attach", ticket=ticket(bob)) == "already_logged_in"
    assert bob.refused("file_attach", ticket=ticket(alice)) == "already_logged_in"
    assert bob.refused("file_way", second=True) == "bad_request"
    assert second.refused("send_message", text="hello") == "not_logged_in"


def test_a_second_connection_is_not_sent_away_for_not_logging_in_and_answers_pings() -> None:
    """It may be silent as long as its transport is there."""
    server = Server(login_timeout=5.0)
    (alice,) = server.logins("alice")
    second = second_of(server, alice)
    server.advance(60.0)
    assert second.link.closed is None
    assert second.ask("ping") == {"type": "pong"}


@pytest.mark.parametrize("end", ["logout", "drop", "replaced"])
def test_a_second_connection_ends_with_the_connection_of_its_session(end: str) -> None:
    """However that ends."""
    server = Server()
    (alice,) = server.logins("alice")
    second = second_of(server, alice)
    if end == "logout":
        alice.ask("logout")
    elif end == "drop":
        alice.drop()
    else:
        server.connect().ask("login", username="alice", token=alice.token)
    server.settle()
    if alice.link.closed is not None:
        alice.drop()
    assert second.link.closed is not None


def test_what_comes_by_the_way_that_was_left_is_dropped_and_its_sender_told_where_to_go_on() -> None:
    """Both sides change ways in the middle, and nothing comes twice or out of its order."""
    server = Server()
    alice, bob, file, number = running(server, size=10)
    alice.send_chunk(number, 0, b"ab")
    second = second_of(server, alice)
    assert news(alice) == [
        {"type": "file_accept", "file": file, "from": "bob", "transfer": number, "offset": 2},
        {"type": "file_credit", "transfer": number, "upto": 10},
    ]
    alice.send_chunk(number, 2, b"late")
    second.send_chunk(number, 2, b"cd")
    assert alice.ask("file_way", second=False) == {"type": "ok"}
    assert [frame.get("offset") for frame in news(alice)] == [4, None]
    second.send_chunk(number, 4, b"late")
    alice.send_chunk(number, 4, b"efghij")
    bob.peek()
    assert [(offset, data) for _, offset, data in bob.chunks] == [(0, b"ab"), (2, b"cd"), (4, b"efghij")]
    assert second.link.closed is not None
    assert news(bob) == []


def test_after_a_lost_second_connection_nothing_comes_until_its_user_has_said_where() -> None:
    """The receiver asks for the rest as after any loss: what was under way is lost, and nothing is left out."""
    server = Server()
    alice, bob, file, number = running(server, size=10)
    second = second_of(server, bob)
    alice.send_chunk(number, 0, b"ab")
    second.drop()
    alice.send_chunk(number, 2, b"cd")
    bob.peek()
    assert bob.chunks == []
    assert bob.ask("file_way", second=False) == {"type": "ok"}
    again = accept(bob, file, offset=2)
    bob.say("file_credit", transfer=again, upto=10)
    assert [frame["type"] for frame in news(alice)] == ["file_accept", "file_credit"]
    alice.send_chunk(again, 2, b"cdefghij")
    bob.peek()
    assert bob.chunks == [(again, 2, b"cdefghij")]
    third = second_of(server, bob)
    assert third.link.closed is None


def test_a_session_has_one_second_connection() -> None:
    """A newer one takes the place of one that nothing goes on; while one is in use there is no other."""
    server = Server()
    (alice,) = server.logins("alice")
    first = attached(server, alice)
    second = attached(server, alice)
    assert first.link.closed is not None
    assert alice.ask("file_way", second=True) == {"type": "ok"}
    assert server.connect().refused("file_attach", ticket=ticket(alice)) == "bad_request"
    assert second.link.closed is None


def test_a_session_cannot_send_chunks_of_another_one_by_its_second_connection() -> None:
    """They are dropped, as on any connection."""
    server = Server()
    alice, bob, _file, number = running(server)
    (mallory,) = server.logins("mallory")
    second_of(server, mallory).send_chunk(number, 0, b"evil")
    alice.send_chunk(number, 0, b"good")
    bob.peek()
    assert bob.chunks == [(number, 0, b"good")]


def test_chunks_ask_for_no_timer_and_no_end_of_a_turn() -> None:
    """On a second connection they are written where they are read."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    ways = second_of(server, alice), second_of(server, bob)
    size = 4 * CHUNK_BYTES
    number = accept(bob, offer(alice, "bob", size=size))
    bob.say("file_credit", transfer=number, upto=size)
    server.advance(1.0)
    timers = server.clock.timers
    ways[1].link.arrived.clear()
    ways[0].link.sends(encode_chunk(number, 0, b"x" * CHUNK_BYTES, boundaries=True))
    assert len(ways[1].link.arrived) == 1
    assert server.clock.timers == timers
    assert not server.clock.turn()


def test_a_second_connection_that_reads_nothing_is_bounded_and_ends_alone() -> None:
    """The chat of its user goes on."""
    server = Server(file_transfers=1, file_window_bytes=2 * CHUNK_BYTES)
    alice, bob = server.logins("alice", "bob")
    second = second_of(server, bob)
    second.link.stops_reading()
    number = accept(bob, offer(alice, "bob", size=100 * CHUNK_BYTES))
    for index in range(16):
        bob.say("file_credit", transfer=number, upto=(index + 1) * CHUNK_BYTES)
        alice.send_chunk(number, index * CHUNK_BYTES, b"x" * CHUNK_BYTES)
    assert second.link.closed is not None
    alice.ask("send_message", text="hello")
    assert bob.texts() == ["hello"]
    assert bob.link.closed is None
