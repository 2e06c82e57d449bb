"""Files between users on the server: offers, transfers, credit, sessions that come and go, and limits."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.dialects.base import Request
from chatcore.dialects.chat import dialect as chat
from chatcore.dialects.echo import dialect as echo
from chatcore.limits import CHUNK_BYTES
from chatcore.ports.transport import CloseReason
from chatcore.records import BOUNDS_FILES_BY_WHAT_HOLDS, RULES, TELLS_OFFERS_APART
from tests.unit.fakes import FakeLink
from tests.unit.playbook import Client, Frame, Server

DIGEST = "ab" * 32
FILE_KINDS = (
    "file_offer", "file_accept", "file_credit", "file_pause", "file_decline", "file_cancel", "file_done", "file_error",
)  # fmt: skip


class TwoStreams(FakeLink):
    """A link with a second stream, whose far end acknowledges nothing on it."""

    second_stream_bytes = 0

    def write_second_stream(self, frames: bytes) -> None:
        """Hand over whole frames for the second stream."""
        self.second_stream_bytes += len(frames)


def offer(client: Client, *to: str, size: int = 100, name: str = "a.txt", **fields: Any) -> str:
    """Offer a file and return its id."""
    answer = client.ask("file_offer", to=list(to), name=name, size=size, sha256=DIGEST, **fields)
    assert answer["type"] == "file_offered", answer
    file: str = answer["file"]
    return file


def accept(client: Client, file: str, offset: int = 0) -> int:
    """Accept a file and return the number of the transfer."""
    answer = client.ask("file_accept", file=file, offset=offset)
    assert answer == {"type": "file_transfer", "file": file, "transfer": answer["transfer"], "offset": offset}
    number: int = answer["transfer"]
    return number


def news(client: Client) -> list[Frame]:
    return client.take(*FILE_KINDS)


def running(server: Server, size: int = 100) -> tuple[Client, Client, str, int]:
    """Return a sender and a receiver with a file under way that was granted all credit."""
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=size)
    number = accept(bob, file)
    bob.say("file_credit", transfer=number, upto=size)
    news(alice)
    news(bob)
    return alice, bob, file, number


def resume(server: Server, client: Client, name: str) -> Client:
    """Return the user on a new connection."""
    again = server.connect()
    again.welcome = again.ask("login", username=name, token=client.token)
    assert again.welcome["resumed"]
    return again


def test_a_file_is_offered_accepted_paid_sent_and_done() -> None:
    """The whole conversation, frame by frame."""
    server = Server()
    alice, bob = server.logins("alice", "Bob")
    answer = alice.ask("file_offer", to="bob", name="a.txt", size=6, sha256=DIGEST)
    file = answer["file"]
    assert answer == {"type": "file_offered", "file": file, "to": ["Bob"]}
    assert news(bob) == [
        {"type": "file_offer", "file": file, "from": "alice", "name": "a.txt", "size": 6, "sha256": DIGEST}
    ]
    number = accept(bob, file)
    assert news(alice) == [{"type": "file_accept", "file": file, "from": "Bob", "transfer": number, "offset": 0}]
    bob.say("file_credit", transfer=number, upto=1000)
    assert news(alice) == [{"type": "file_credit", "transfer": number, "upto": 6}]
    alice.send_chunk(number, 0, b"abc")
    alice.send_chunk(number, 3, b"def")
    assert bob.ask("file_done", file=file) == {"type": "ok"}
    assert bob.chunks == [(number, 0, b"abc"), (number, 3, b"def")]
    assert news(alice) == [{"type": "file_done", "file": file, "from": "Bob"}]
    assert len(server.chat.files) == 0
    assert bob.refused("file_done", file=file) == "no_such_file"


def test_on_a_stream_the_bytes_follow_their_line() -> None:
    """A line says how many; they may hold line ends themselves."""
    server = Server(boundaries=False)
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=4)
    number = accept(bob, file)
    bob.say("file_credit", transfer=number, upto=4)
    bob.take()
    head = b'{"type":"file_chunk","transfer":%d,"offset":0,"bytes":4}\n' % number
    alice.link.sends(head + b'\n{"\n{"type":"ping"}\n')
    server.settle()
    assert alice.last() == {"type": "pong"}
    assert b"\n".join(bob.link.arrived) + b"\n" == head + b'\n{"\n'


def test_on_a_stream_the_middle_of_a_chunk_is_no_work() -> None:
    """It is put together as it comes, by no turn of the server, whatever is in it; before and behind it are lines."""
    size = 2**15
    server = Server(boundaries=False)
    alice, bob = server.logins("alice", "bob")
    number = accept(bob, offer(alice, "bob", size=size))
    bob.say("file_credit", transfer=number, upto=size)
    bob.take()
    data = b"\n}{" * (size // 3) + b"\n\n"
    head = b'{"type":"file_chunk","transfer":%d,"offset":0,"bytes":%d}\n' % (number, size)
    alice.link.sends(b'{"type":"ping"}\n' + head + data[:10_000])
    server.settle()
    alice.link.sends(data[10_000:30_000])
    assert server.clock.settle() == 0
    alice.link.sends(data[30_000:] + b'{"type":"ping"}\n' * 200)
    server.settle()
    assert [frame["type"] for frame in alice.take("pong")] == ["pong"] * 201
    assert b"\n".join(bob.link.arrived) + b"\n" == head + data


def test_a_file_offered_to_the_room_is_a_transfer_for_each_who_accepts() -> None:
    """Each goes at its own speed, and the sender is told about each."""
    server = Server()
    alice, bob, carol, dave = server.logins("alice", "bob", "carol", "dave")
    dave.ask("create_room", room="elsewhere")
    answer = alice.ask("file_offer", room=True, name="a.txt", size=5, sha256=DIGEST)
    assert answer["to"] == ["bob", "carol"]
    file = answer["file"]
    assert [frame["room"] for frame in (*news(bob), *news(carol))] == ["lobby", "lobby"]
    assert news(dave) == []
    assert dave.refused("file_accept", file=file) == "no_such_file"
    numbers = accept(bob, file), accept(carol, file, 2)
    assert numbers[0] != numbers[1]
    bob.say("file_credit", transfer=numbers[0], upto=5)
    assert carol.ask("file_decline", file=file) == {"type": "ok"}
    assert [frame["type"] for frame in news(alice)] == ["file_accept", "file_accept", "file_credit", "file_decline"]
    alice.send_chunk(numbers[0], 0, b"abcde")
    alice.send_chunk(numbers[1], 2, b"cde")
    bob.ask("file_done", file=file)
    assert (len(bob.chunks), carol.chunks) == (1, [])
    assert len(server.chat.files) == 0


def test_either_side_cancels() -> None:
    """The receiver its own transfer, the sender all of them; the other side is told."""
    server = Server()
    alice, bob, file, _number = running(server)
    assert bob.ask("file_cancel", file=file) == {"type": "ok"}
    assert news(alice) == [{"type": "file_cancel", "file": file, "from": "bob"}]
    again = offer(alice, "bob")
    assert again != file
    news(bob)
    assert alice.ask("file_cancel", file=again) == {"type": "ok"}
    assert news(bob) == [{"type": "file_cancel", "file": again, "from": "alice"}]
    assert alice.refused("file_cancel", file=again) == "no_such_file"
    assert len(server.chat.files) == 0


def test_either_side_gives_up_with_a_reason() -> None:
    """What the hash or the disk says reaches the other side; a code is a code."""
    server = Server()
    alice, bob, file, _number = running(server)
    bob.ask("file_error", file=file, code="bad_hash", message="x" * 500)
    assert news(alice) == [
        {"type": "file_error", "file": file, "from": "bob", "code": "bad_hash", "message": "x" * 200}
    ]
    file = offer(alice, "bob")
    news(bob)
    alice.ask("file_error", file=file, code="No Code!")
    assert news(bob) == [{"type": "file_error", "file": file, "from": "alice", "code": "internal", "message": ""}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "nobody"}, "no_such_user"),
        ({"to": "alice"}, "bad_request"),
        ({"to": []}, "bad_request"),
        ({"to": ["x"] * 65}, "too_large"),
        ({"to": "echo"}, "no_such_user"),
        ({"to": "bob", "size": 1001}, "too_large"),
        ({"to": "bob", "size": -1}, "bad_request"),
        ({"to": "bob", "sha256": "AB" * 32}, "bad_request"),
        ({"to": "bob", "sha256": "ab"}, "bad_request"),
        ({"to": "bob", "name": ""}, "bad_name"),
        ({"to": "bob", "name": "x" * 256}, "bad_name"),
        ({"to": "bob", "name": "a\nb"}, "bad_name"),
        ({"to": "bob", "name": "a\x00b"}, "bad_name"),
    ],
    ids=str,
)
def test_an_offer_that_cannot_be_is_refused_before_anybody_hears_of_it(fields: dict[str, Any], code: str) -> None:
    """Each with its code."""
    server = Server(file_bytes=1000)
    alice, bob = server.logins("alice", "bob")
    assert alice.refused("file_offer", **{"name": "a.txt", "size": 1, "sha256": DIGEST} | fields) == code
    assert news(bob) == []


def test_a_server_that_allows_no_files_says_so() -> None:
    """However small it is."""
    server = Server(file_offers=0)
    alice, _bob = server.logins("alice", "bob")
    assert alice.refused("file_offer", to="bob", name="a.txt", size=1, sha256=DIGEST) == "file_limit"


def test_a_file_is_not_wanted_from_beyond_its_end() -> None:
    """At its end, there is nothing to send."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=100)
    assert bob.refused("file_accept", file=file, offset=101) == "bad_request"
    accept(bob, file, 100)


def test_a_file_of_no_bytes_is_a_file() -> None:
    """Nothing is sent, and it arrives."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=0)
    accept(bob, file)
    assert bob.ask("file_done", file=file) == {"type": "ok"}
    assert news(alice)[-1]["type"] == "file_done"


def test_the_limits_are_announced_and_kept() -> None:
    """How large, how many offers, how many at a time."""
    server = Server(file_bytes=10, file_offers=2, file_transfers=1, file_window_bytes=2 * CHUNK_BYTES, file_idle=7)
    alice, bob, carol = server.logins("alice", "bob", "carol")
    told = alice.welcome["limits"]
    assert {name: told[name] for name in told if name.startswith("file_")} == {
        "file_bytes": 10,
        "file_name_bytes": 255,
        "file_offers": 2,
        "file_transfers": 1,
        "file_chunk_bytes": CHUNK_BYTES,
        "file_window_bytes": 2 * CHUNK_BYTES,
        "file_idle": 7,
    }
    first = offer(alice, "bob", "carol", size=1)
    second = offer(alice, "bob", size=2)
    assert alice.refused("file_offer", to="bob", name="b", size=3, sha256=DIGEST) == "file_limit"
    accept(bob, first)
    assert bob.refused("file_accept", file=second) == "file_limit"  # bob has one already
    assert carol.refused("file_accept", file=first) == "file_limit"  # and so has alice
    bob.ask("file_cancel", file=first)
    accept(carol, first)


def test_offers_are_limited_in_their_rate() -> None:
    """Also where messages are not, because every offer makes others hear it."""
    server = Server(file_request_burst=2, file_requests_per_second=1, file_offers=100)
    alice, _bob = server.logins("alice", "bob")
    for size in range(2):
        offer(alice, "bob", size=size)
    answer = alice.ask("file_offer", to="bob", name="b", size=3, sha256=DIGEST)
    assert (answer["code"], answer["retry_after"]) == ("rate_limited", pytest.approx(1, abs=0.01))
    server.advance(answer["retry_after"])
    offer(alice, "bob", size=3)


def test_a_file_offered_to_the_room_is_for_those_who_are_there() -> None:
    """Names that wait for their users cost nothing, and so may not cost others anything; by name they may be meant."""
    server = Server()
    alice, bob, carol = server.logins("alice", "bob", "carol")
    carol.ask("list_rooms")
    carol.drop()
    answer = alice.ask("file_offer", room=True, name="a.txt", size=5, sha256=DIGEST)
    assert answer["to"] == ["bob"]
    assert offer(alice, "carol")
    bob.drop()
    assert alice.refused("file_offer", room=True, name="b.txt", size=5, sha256=DIGEST) == "no_such_user"


@pytest.mark.parametrize(
    "other", [{"to": ["carol"]}, {"to": ["bob", "carol"]}, {"room": True}, {"name": "b.txt"}, {"size": 4}]
)
def test_another_offer_by_a_used_ref_is_no_repetition(server: Server, other: dict[str, Any]) -> None:
    """A program that begins its count anew offers what it says, to whom it says; what is repeated is the same offer."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    said = {"to": ["bob"], "name": "a.txt", "size": 3, "sha256": DIGEST, "ref": "1"}
    first = alice.ask("file_offer", **said)
    assert alice.ask("file_offer", **said)["file"] == first["file"]
    if other.get("room"):
        del said["to"]
    second = alice.ask("file_offer", **said | other)
    assert second["file"] != first["file"]
    assert second["to"] == other.get("to", ["bob", "carol"] if "room" in other else ["bob"])
    assert [frame["file"] for frame in news(bob)][:1] == [first["file"]]
    assert [frame["file"] for frame in news(carol)] == [second["file"]] * ("carol" in second["to"])


def test_journal_of_before_knows_an_offer_again_by_its_ref_alone(server: Server) -> None:
    """Whatever it says otherwise."""
    (node,) = server.chat.nodes.up.values()
    node.rules = TELLS_OFFERS_APART - 1
    alice, _bob, _carol = server.logins("alice", "bob", "carol")
    first = offer(alice, "bob", ref="1")
    assert offer(alice, "carol", name="b.txt", ref="1") == first
    node.rules = RULES
    assert offer(alice, "carol", name="b.txt", ref="1") != first


@pytest.mark.parametrize(("rules", "code"), [(BOUNDS_FILES_BY_WHAT_HOLDS - 1, "file_limit"), (RULES, None)])
def test_journal_of_before_keeps_files_to_the_limits_of_the_start(rules: int, code: str | None) -> None:
    """Whatever was set since."""
    server = Server(file_transfers_per_address=1)
    (node,) = server.chat.nodes.up.values()
    node.rules = rules
    alice, _bob = server.logins("alice", "bob")
    offer(alice, "bob")
    server.change_limits(file_transfers_per_address=2)
    assert alice.ask("file_offer", to="bob", name="b", size=3, sha256=DIGEST).get("code") == code


def test_offer_that_is_over_is_made_again_by_the_same_ref(server: Server) -> None:
    """Nothing is known of it any more: its receiver is asked once more."""
    alice, bob = server.logins("alice", "bob")
    first = offer(alice, "bob", ref="1")
    bob.ask("file_decline", file=first)
    news(bob)
    second = offer(alice, "bob", ref="1")
    assert [frame["file"] for frame in news(bob)] == [second] != [first]


def test_files_of_one_address_wait_for_so_many_users_and_of_all_for_so_many() -> None:
    """An offer to a room counts once for each who hears of it; what is over counts no more."""
    server = Server(file_transfers_per_address=4, file_transfers_in_all=5)
    alice, bob, carol = (server.login(name, address="192.0.2.1:1") for name in ("alice", "bob", "carol"))
    dave, erin = (server.login(name, address="192.0.2.2:1") for name in ("dave", "erin"))
    room = offer(alice, room=True)
    refusal = bob.ask("file_offer", to="carol", name="b", size=1, sha256=DIGEST)
    assert refusal["code"] == "file_limit"
    assert "your network address" in refusal["message"]
    offer(dave, "alice")
    refusal = erin.ask("file_offer", to="alice", name="b", size=1, sha256=DIGEST)
    assert refusal["code"] == "file_limit"
    assert "here" in refusal["message"]
    for client in (bob, carol):
        client.ask("file_decline", file=room)
    offer(bob, "carol")
    alice.ask("file_cancel", file=room)
    assert server.chat.files.offers.transfers == 2
    for client in (alice, bob, carol, dave, erin):
        client.ask("logout")
    assert (server.chat.files.offers.transfers, len(server.chat.files.offers.places)) == (0, 0)


@pytest.mark.unmeasured
def test_a_receiver_that_takes_nothing_is_closed_when_it_was_told_much_of_files() -> None:
    """What stands in no log is told at once, so it may not become more and more for somebody who does not read."""
    server = Server(file_requests_per_second=1000, file_request_burst=1000)
    alice, bob = server.logins("alice", "bob")
    bob.link.stops_reading()
    for number in range(5000):
        file = offer(alice, "bob", name=f"{number} {'x' * 200}")
        alice.ask("file_cancel", file=file)
        server.advance(0.01)
        if bob.link.closed is not None:
            break
    assert bob.link.closed is CloseReason.POLICY
    assert bob.link.peak < 500_000


def test_an_offer_repeated_with_its_ref_is_one() -> None:
    """The answer to the first may have been lost, with the connection."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", ref="1")
    alice.link.breaks()
    alice = resume(server, alice, "alice")
    assert offer(alice, "bob", ref="1") == file
    assert len(news(bob)) == 1
    assert offer(bob, "alice", ref="1") != file  # a ref is its session's


def test_two_offers_of_the_same_content_are_two() -> None:
    """A name and a content are no identity: somebody may mean to send a file twice."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    files = [offer(alice, "bob", **fields) for fields in ({}, {}, {"ref": "1"}, {"ref": "2"})]
    assert len(set(files)) == 4
    assert [frame["file"] for frame in news(bob)] == files
    assert len({accept(bob, file) for file in files}) == 4


def test_a_user_whose_dialect_has_no_files_is_not_offered_any() -> None:
    """By name that is refused, and in a room it is left out."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    server.chat.users["bob"].origin = type(server.chat.users["bob"].origin)("tcp", "simple-json", "x")
    assert alice.refused("file_offer", to="bob", name="b", size=3, sha256=DIGEST) == "no_files"
    assert alice.refused("file_offer", room=True, name="b", size=3, sha256=DIGEST) == "no_such_user"
    assert news(bob) == []


@pytest.mark.parametrize(
    ("offset", "size"), [(0, 11), (1, 5), (10, 1), (0, 0)], ids=["beyond credit", "a hole", "behind it", "nothing"]
)
def test_a_chunk_without_credit_or_order_ends_its_transfer_and_nothing_else(offset: int, size: int) -> None:
    """Both are told, and both can go on with everything else."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=100)
    number = accept(bob, file)
    bob.say("file_credit", transfer=number, upto=10)
    news(alice)
    news(bob)
    if size:
        alice.send_chunk(number, offset, b"x" * size)
    else:
        server.switchboard._requests.handle(alice.connection, Request(_empty_chunk(number)))
        server.settle()
    assert [(frame["type"], frame["code"]) for frame in news(alice)] == [("file_error", "bad_chunk")]
    assert [(frame["type"], frame["code"]) for frame in news(bob)] == [("file_error", "bad_chunk")]
    assert bob.chunks == []
    offer(alice, "bob")


def _empty_chunk(number: int) -> Any:
    from chatcore.commands import SendChunk

    return SendChunk(number, 0, b"")


def test_what_comes_for_a_transfer_of_others_or_of_the_past_is_dropped() -> None:
    """It may have been under way when it ended; it is nobody's mistake, and nobody's right."""
    server = Server()
    alice, bob, file, number = running(server)
    mallory = server.login("mallory")
    mallory.send_chunk(number, 0, b"evil")
    bob.send_chunk(number, 0, b"evil")
    mallory.say("file_credit", transfer=number, upto=100)
    assert mallory.refused("file_cancel", file=file) == "no_such_file"
    bob.peek()
    assert bob.chunks == []
    bob.ask("file_cancel", file=file)
    news(alice)
    alice.send_chunk(number, 0, b"late")
    assert (news(alice), bob.take("file_error"), bob.chunks) == ([], [], [])


def test_credit_never_goes_beyond_the_window_or_back() -> None:
    """However generous the receiver is, the server holds at most a window."""
    server = Server(file_window_bytes=2 * CHUNK_BYTES)
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=10 * CHUNK_BYTES)
    number = accept(bob, file)
    news(alice)
    for upto in (2**50, 5, 2**50):
        bob.say("file_credit", transfer=number, upto=upto)
    assert [frame["upto"] for frame in news(alice)] == [2 * CHUNK_BYTES]


def test_a_receiver_that_was_away_goes_on_where_it_was() -> None:
    """What is still under way for its old connection is dropped."""
    server = Server()
    alice, bob, file, number = running(server)
    alice.send_chunk(number, 0, b"x" * 40)
    bob.drop()
    assert news(alice) == [{"type": "file_pause", "file": file, "from": "bob"}]
    alice.send_chunk(number, 40, b"x" * 10)
    bob = resume(server, bob, "bob")
    assert [frame["file"] for frame in news(bob)] == [file]
    again = accept(bob, file, 30)
    alice.send_chunk(number, 50, b"x" * 10)
    assert again != number
    bob.say("file_credit", transfer=again, upto=100)
    assert [(frame["type"], frame["transfer"]) for frame in news(alice)] == [
        ("file_accept", again),
        ("file_credit", again),
    ]
    alice.send_chunk(again, 30, b"y" * 70)
    bob.ask("file_done", file=file)
    assert bob.chunks == [(again, 30, b"y" * 70)]


def test_a_sender_that_was_away_is_told_what_is_still_wanted() -> None:
    """From where, and how far it may go."""
    server = Server()
    alice, bob, file, number = running(server)
    alice.send_chunk(number, 0, b"x" * 40)
    alice.drop()
    assert news(bob) == [{"type": "file_pause", "file": file, "from": "alice"}]
    alice = resume(server, alice, "alice")
    assert news(alice) == [
        {"type": "file_accept", "file": file, "from": "bob", "transfer": number, "offset": 40},
        {"type": "file_credit", "transfer": number, "upto": 100},
    ]
    alice.send_chunk(number, 40, b"y" * 60)
    bob.ask("file_done", file=file)
    assert b"".join(data for _n, _o, data in bob.chunks) == b"x" * 40 + b"y" * 60


def test_a_sender_that_was_away_at_the_end_is_told_the_end() -> None:
    """Whatever it was."""
    server = Server()
    alice, bob, file, number = running(server)
    other = offer(alice, "bob", name="other")
    third = offer(alice, "bob", name="third")
    alice.send_chunk(number, 0, b"x" * 100)
    alice.drop()
    bob.ask("file_done", file=file)
    bob.ask("file_decline", file=other)
    alice = resume(server, alice, "alice")
    assert [(frame["type"], frame["file"]) for frame in news(alice)] == [("file_done", file), ("file_decline", other)]
    assert len(server.chat.files) == 1
    alice.ask("file_cancel", file=third)
    assert len(server.chat.files) == 0


def test_a_sender_whose_connection_was_dead_at_the_end_is_told_the_end_again() -> None:
    """It had not been noticed: what was told then is lost. What was told long before is not, and no end is for ever."""
    server = Server(grace=100)
    alice, bob, file, number = running(server)
    alice.send_chunk(number, 0, b"x" * 100)
    bob.ask("file_done", file=file)
    server.advance(50)
    other = offer(alice, "bob", name="other")
    bob.ask("file_decline", file=other)
    alice.drop()
    server.advance(90)
    again = resume(server, alice, "alice")
    assert [(frame["type"], frame["file"]) for frame in news(again)] == [("file_done", file), ("file_decline", other)]
    again.drop()
    again = resume(server, again, "alice")
    assert len(news(again)) == 2
    server.advance(61)
    again.drop()
    again = resume(server, again, "alice")
    assert news(again) == []
    again.say("logout")
    assert server.chat.files._told == {}


def test_a_session_taken_over_from_a_living_connection_goes_on_too() -> None:
    """The old connection was not lost before the new one came."""
    server = Server()
    alice, bob, file, number = running(server)
    alice.send_chunk(number, 0, b"x" * 10)
    bob = resume(server, bob, "bob")
    assert [frame["type"] for frame in news(alice)] == ["file_pause"]
    again = accept(bob, file, 10)
    assert alice.refused("file_accept", file=file) == "no_such_file"
    alice = resume(server, alice, "alice")
    assert [frame.get("transfer") for frame in news(alice)] == [again]


def test_files_end_with_the_session_of_either_side() -> None:
    """After a logout, or when the grace period is over."""
    server = Server(grace=5)
    alice, bob, file, _number = running(server)
    bob.drop()
    server.advance(6)
    assert [(frame["type"], frame.get("code")) for frame in news(alice)] == [
        ("file_pause", None),
        ("file_error", "no_such_user"),
    ]
    carol = server.login("carol")
    file = offer(alice, "carol")
    news(carol)
    alice.say("logout")
    assert [(frame["file"], frame["code"]) for frame in news(carol)] == [(file, "no_such_file")]
    assert carol.refused("file_accept", file=file) == "no_such_file"
    assert len(server.chat.files) == 0


def test_the_end_of_an_absent_sender_is_no_news_to_whoever_has_the_file() -> None:
    """Only what is still open ends with it."""
    server = Server(grace=5)
    alice, bob, file, number = running(server)
    other = offer(alice, "bob", name="other")
    alice.send_chunk(number, 0, b"x" * 100)
    alice.drop()
    bob.ask("file_done", file=file)
    news(bob)
    server.advance(6)
    assert [(frame["file"], frame["code"]) for frame in news(bob)] == [(other, "no_such_file")]
    assert len(server.chat.files) == 0


def test_a_transfer_in_which_nothing_moves_ends() -> None:
    """Not one whose side is away: that is what the grace period is for."""
    server = Server(file_idle=10, grace=100)
    alice, bob, file, number = running(server)
    server.advance(8)
    alice.send_chunk(number, 0, b"x")
    server.advance(8)
    assert news(bob) == []
    alice.drop()
    server.advance(50)
    assert [frame["type"] for frame in news(bob)] == ["file_pause"]
    alice = resume(server, alice, "alice")
    news(alice)
    server.advance(21)
    assert [(frame["file"], frame["code"]) for frame in (*news(alice), *news(bob))] == [(file, "file_idle")] * 2


def test_a_run_that_began_anew_has_all_its_time() -> None:
    """What went before its receiver was away does not count."""
    server = Server(file_idle=10)
    alice, bob, file, _number = running(server)
    server.advance(6)
    bob.drop()
    bob = resume(server, bob, "bob")
    accept(bob, file)
    news(alice)
    news(bob)
    server.advance(9)
    assert news(alice) == news(bob) == []
    server.advance(2)
    assert [(frame["file"], frame["code"]) for frame in (*news(alice), *news(bob))] == [(file, "file_idle")] * 2


def test_the_chat_goes_ahead_of_chunks_and_a_slow_reader_gets_both() -> None:
    """While it does not read, chunks wait behind everything that is said."""
    server = Server()
    alice, bob, file, number = running(server, size=8 * CHUNK_BYTES)
    bob.link.stops_reading()
    for index in range(8):
        alice.send_chunk(number, index * CHUNK_BYTES, b"x" * CHUNK_BYTES)
    alice.ask("send_message", text="hello", cid=1)
    assert bob.link.waiting <= 64 * 1024 + 2 * CHUNK_BYTES
    bob.link.reads_again()
    server.settle()
    order = ["chunk" if payload[:1] == b"\x01" else "chat" for payload in bob.link.arrived]
    assert order.index("chat") <= 3
    assert order.count("chunk") == 8
    assert "hello" in bob.texts()
    assert bob.ask("file_done", file=file) == {"type": "ok"}


def test_news_of_files_reach_a_reader_that_is_behind() -> None:
    """They stand in no log."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    bob.link.stops_reading()
    for cid in range(1, 5):
        alice.ask("send_message", text="x" * 30_000, cid=cid)
    file = offer(alice, "bob")
    bob.link.reads_again()
    server.settle()
    assert [frame["file"] for frame in news(bob)] == [file]


def test_a_receiver_that_takes_nothing_from_its_second_stream_is_closed() -> None:
    """What may wait there is bounded, however much credit it grants. The chat never waits for it."""
    server = Server(file_transfers=1, file_window_bytes=2 * CHUNK_BYTES)
    (alice,) = server.logins("alice")
    bob = Client(server, chat, TwoStreams(server.clock))
    bob.ask("login", username="bob")
    file = offer(alice, "bob", size=100 * CHUNK_BYTES)
    number = accept(bob, file)
    for index in range(4):
        assert bob.link.closed is None
        bob.say("file_credit", transfer=number, upto=(index + 1) * CHUNK_BYTES)
        alice.send_chunk(number, index * CHUNK_BYTES, b"x" * CHUNK_BYTES)
        alice.ask("send_message", text=str(index))
    assert bob.link.closed is CloseReason.POLICY
    assert bob.texts() == ["0", "1", "2"]
    assert ("too_slow", {"address": bob.link.address}) in server.records


def test_what_is_no_chunk_ends_the_connection() -> None:
    """A binary message has to be one, and a line that announces one has to say how many bytes."""
    server = Server()
    alice = server.login("alice")
    alice.send_chunk(1, 0, b"")
    assert alice.link.closed is CloseReason.BAD_DATA
    for head in (b'{"type":"file_chunk"}', b'{"type":"file_chunk","transfer":1,"offset":0,"bytes":99999}'):
        bob = server.connect(boundaries=False)
        bob.link.sends(head + b"\n")
        server.settle()
        assert bob.link.closed is CloseReason.BAD_DATA


def test_a_second_stream_carries_chunks_only_and_only_where_the_dialect_has_them() -> None:
    """Whoever says something else there is closed."""
    server = Server(boundaries=False)
    for said, dialect in ((b'{"type":"ping"}\n', None), (b"hello", echo)):
        client = server.connect() if dialect is None else server.connect(dialect)
        client.connection.second_stream_received(said)
        server.settle()
        assert client.link.closed is not None


def test_of_a_file_that_was_not_accepted_nothing_is_done() -> None:
    """Also where it has no bytes."""
    server = Server()
    alice, bob = server.logins("alice", "bob")
    file = offer(alice, "bob", size=0)
    assert bob.refused("file_done", file=file) == "bad_request"
    accept(bob, file)
    assert bob.ask("file_done", file=file) == {"type": "ok"}


def test_file_that_was_passed_on_in_part_has_not_arrived() -> None:
    server = Server()
    alice, bob, file, number = running(server, size=6)
    alice.send_chunk(number, 0, b"abc")
    assert bob.refused("file_done", file=file) == "bad_request"
    alice.send_chunk(number, 3, b"def")
    assert bob.ask("file_done", file=file) == {"type": "ok"}


def test_half_a_chunk_on_a_second_stream_is_worth_nothing_at_the_end() -> None:
    """Nor is half a line on the first one."""
    machine = chat.server(Server().limits, boundaries=False, keepalive=False, now=0.0)
    machine.receive_data(b'{"type":')
    machine.receive_second_stream(b'{"type":"file_chunk","transfer":1,"offset":0,"bytes":4}\nab')
    machine.receive_eof()
    machine.receive_second_stream(b"cd\n")
    assert machine.events_received() == []
    assert machine.close_expected() is CloseReason.NORMAL
