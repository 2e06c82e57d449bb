"""Messages, directs and broadcasts; their numbers, their limits, and what becomes of repeated ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatcore.records import RULES, TELLS_SENDS_APART
from tests.unit.playbook import Frame, Server

MakeServer = Callable[..., Server]


# To the room.


def test_every_member_gets_the_message_and_the_sender_too(server: Server) -> None:
    """The sender's copy is the acknowledgement and the only one with the cid."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    own = alice.ask("send_message", text="hello", cid=1)
    message = {"type": "message", "room": "lobby", "seq": 1, "from": "alice", "text": "hello", "at": own["at"]}
    assert own == {**message, "cid": 1}
    assert bob.take("message") == [message]
    assert carol.take("message") == [message]
    assert own["at"] == "2026-11-18T11:06:41.000Z"


def test_messages_of_a_room_are_numbered_without_a_hole(server: Server) -> None:
    """Seqs increase by one for each message of the room, whoever sends it."""
    alice, bob = server.logins("alice", "bob")
    for number in range(1, 6):
        assert alice.ask("send_message", text="a")["seq"] == 2 * number - 1
        assert bob.ask("send_message", text="b")["seq"] == 2 * number
    assert [frame["seq"] for frame in alice.take("message")] == [2, 4, 6, 8, 10]


def test_client_that_sends_no_cid_is_served_all_the_same(server: Server) -> None:
    """Its copy carries no cid."""
    alice, bob = server.logins("alice", "bob")
    assert "cid" not in alice.ask("send_message", text="hi")
    assert bob.texts() == ["hi"]


def test_text_arrives_as_it_was_typed(server: Server) -> None:
    """Emoji, other scripts, quotes, controls and line separators are carried unchanged."""
    alice, bob = server.logins("alice", "bob")
    text = 'é 😀 "\\ \u0000\u001b[31m \u2028\u0085\u202e\n\r end'
    assert alice.ask("send_message", text=text)["text"] == text
    assert bob.texts() == [text]


def test_message_is_refused_when_the_sender_is_not_where_it_believes_to_be(server: Server) -> None:
    """A message that names another room is not said in this one."""
    alice, bob = server.logins("alice", "bob")
    assert alice.refused("send_message", text="hi", room="python") == "not_in_room"
    assert alice.ask("send_message", text="hi", room="LOBBY")["seq"] == 1
    assert bob.texts() == ["hi"]


# Directly.


def test_direct_goes_to_the_named_user_and_the_sender_only(server: Server) -> None:
    """Wherever the receiver is; only the sender's copy carries the cid."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    bob.ask("create_room", room="elsewhere")
    own = alice.ask("send_direct", to=["BOB"], text="psst", cid=1)
    direct = {"type": "direct", "from": "alice", "to": ["bob"], "text": "psst", "at": own["at"], "seq": 1}
    assert own == {**direct, "cid": 1}
    assert bob.take("direct") == [direct]
    assert carol.take("direct") == []


def test_direct_goes_to_several_users(server: Server) -> None:
    """Each gets one copy that names all of them, also when named twice."""
    alice, bob, carol, dave = server.logins("alice", "bob", "carol", "dave")
    own = alice.ask("send_direct", to=["bob", "carol", "Bob"], text="psst")
    assert own["to"] == ["bob", "carol"]
    assert [frame["to"] for frame in bob.take("direct")] == [["bob", "carol"]]
    assert [frame["to"] for frame in carol.take("direct")] == [["bob", "carol"]]
    assert dave.texts() == []


def test_direct_may_name_one_user_without_a_list(server: Server) -> None:
    """`to` may be a name."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("send_direct", to="bob", text="psst")["to"] == ["bob"]
    assert bob.texts() == ["psst"]


def test_direct_goes_to_nobody_when_one_receiver_is_unknown(server: Server) -> None:
    """All of them or none."""
    alice, bob = server.logins("alice", "bob")
    assert alice.refused("send_direct", to=["bob", "nobody"], text="psst") == "no_such_user"
    assert bob.texts() == []
    assert alice.ask("history", room="@")["messages"] == []


def test_direct_to_oneself_comes_once(server: Server) -> None:
    """A note to oneself has one copy."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("send_direct", to=["alice"], text="note", cid=1)["cid"] == 1
    assert alice.texts() == []
    assert alice.ask("send_direct", to=["alice", "bob"], text="both")["seq"] == 2
    assert (alice.texts(), bob.texts()) == ([], ["both"])


def test_direct_is_refused_when_it_names_nobody_or_too_many(make_server: MakeServer) -> None:
    """At least one receiver, at most as many as the server allows."""
    server = make_server(recipients=2)
    alice, _bob, _carol = server.logins("alice", "bob", "carol")
    assert alice.refused("send_direct", to=[], text="psst") == "bad_request"
    assert alice.refused("send_direct", to=["alice", "bob", "carol"], text="psst") == "too_large"


def test_direct_waits_for_a_receiver_in_its_grace_period(server: Server) -> None:
    """It stands in the receiver's log and is replayed when it comes back."""
    alice, bob = server.logins("alice", "bob")
    bob.ask("ping")
    bob.ask("list_rooms")
    bob.drop()
    assert alice.ask("send_direct", to="bob", text="psst")["type"] == "direct"
    again = server.login("bob", settled=False, token=bob.token)
    assert again.texts() == ["psst"]


# To everyone.


def test_broadcast_goes_to_everyone_in_every_room(server: Server) -> None:
    """Only the sender's copy carries the cid; who is not logged in gets nothing."""
    alice, bob, carol = server.logins("alice", "bob", "carol")
    stranger = server.connect()
    bob.ask("create_room", room="elsewhere")
    own = alice.ask("broadcast", text="lunch!", cid=1)
    broadcast = {"type": "broadcast", "from": "alice", "text": "lunch!", "at": own["at"], "seq": 1}
    assert own == {**broadcast, "cid": 1}
    assert bob.take("broadcast") == [broadcast]
    assert carol.take("broadcast") == [broadcast]
    assert stranger.take() == []


# Limits.


@pytest.mark.parametrize("kind", ["send_message", "broadcast"])
def test_text_is_refused_when_it_is_empty_or_too_long(make_server: MakeServer, kind: str) -> None:
    """A text has at least one character and at most as many bytes as the server allows, as escaped JSON."""
    server = make_server(text_bytes=100)
    alice, bob = server.logins("alice", "bob")
    assert alice.refused(kind, text="") == "bad_request"
    assert alice.refused(kind, text="x" * 101) == "too_large"
    assert alice.refused(kind, text="é" * 51) == "too_large"
    assert alice.refused(kind, text="\0" * 17) == "too_large"
    assert alice.ask(kind, text="x" * 100)["seq"] == 1
    assert alice.ask(kind, text="é" * 50)["seq"] == 2
    assert bob.texts() == ["x" * 100, "é" * 50]


def test_direct_is_refused_when_the_text_is_empty_or_too_long(server: Server) -> None:
    """The rule is the same for all three."""
    alice, bob = server.logins("alice", "bob")
    assert alice.refused("send_direct", to="bob", text="") == "bad_request"
    assert alice.refused("send_direct", to="bob", text="x" * 60_001) == "too_large"
    assert bob.texts() == []


def test_longest_text_fits_for_every_receiver(make_server: MakeServer) -> None:
    """With the longest names, most receivers and the longest id, every copy stays within an object."""
    server = make_server(username_chars=32, names_per_frame=10)
    names = [f"{number:02}".ljust(32, "x") for number in range(64)]
    clients = [server.login(name) for name in names]
    clients[0].ask("create_room", room="r" * 32)
    for client in clients[1:]:
        client.ask("join_room", room="r" * 32)
        client.take()
    text = "\x01" * 10_000
    for kind, extra in (("send_message", {}), ("send_direct", {"to": names}), ("broadcast", {})):
        clients[0].take()
        clients[0].say(kind, text=text, id="\x01" * 64 if kind == "send_message" else "x" * 64, **extra)
        assert clients[0].take("message", "direct", "broadcast")[0]["text"] == text
        assert clients[1].texts() == [text]


def test_sender_is_slowed_down_when_writing_too_fast(make_server: MakeServer) -> None:
    """A burst is free, then messages come at the rate; the refusal tells when the next may succeed."""
    server = make_server(messages_per_second=3.0, message_burst=5)
    alice, bob = server.logins("alice", "bob")
    for number in range(5):
        assert alice.ask("send_message", text=f"m{number}")["type"] == "message"
    error = alice.ask("send_message", text="too fast")
    assert error["code"] == "rate_limited"
    assert error["retry_after"] == pytest.approx(1 / 3, abs=0.002)
    server.advance(error["retry_after"])
    assert alice.ask("send_message", text="in time")["type"] == "message"
    assert alice.refused("broadcast", text="too fast") == "rate_limited"
    assert bob.ask("send_message", text="mine")["type"] == "message", "each session has its own rate"
    server.advance(100.0)
    for number in range(5):
        assert alice.ask("send_message", text=f"again {number}")["type"] == "message"
    assert alice.refused("send_message", text="no more than a burst") == "rate_limited"


def test_other_requests_are_not_rate_limited(make_server: MakeServer) -> None:
    """Only what others have to read is."""
    server = make_server(messages_per_second=1.0, message_burst=1)
    alice = server.login("alice")
    for _ in range(20):
        assert alice.ask("list_rooms")["type"] == "rooms"


# Cids.


def test_repeated_cid_gives_the_same_message_and_writes_nothing(server: Server) -> None:
    """A send that was acknowledged before is acknowledged again, to its sender only."""
    alice, bob = server.logins("alice", "bob")
    requests: list[tuple[str, Frame]] = [
        ("send_message", {"text": "one"}),
        ("send_direct", {"text": "two", "to": ["bob"]}),
        ("broadcast", {"text": "three"}),
    ]
    first = [alice.ask(kind, cid=cid, **fields) for cid, (kind, fields) in enumerate(requests, 1)]
    assert bob.texts() == ["one", "two", "three"]
    again = [alice.ask(kind, cid=cid, **fields) for cid, (kind, fields) in enumerate(requests, 1)]
    assert again == first
    assert bob.texts() == []
    assert [server.log.head(key) for key in ("lobby", "*")] == [1, 1]


def test_cid_that_skips_is_refused_and_not_used_up(server: Server) -> None:
    """Sends are numbered 1, 2, 3; one that skips is refused with its cid."""
    alice, bob = server.logins("alice", "bob")
    assert alice.ask("send_message", text="late", cid=2) == {
        "type": "error",
        "code": "cid_gap",
        "message": "the next cid is 1, not 2",
        "cid": 2,
        "values": {"expected": 1, "cid": 2},
    }
    assert alice.ask("send_message", text="one", cid=1)["cid"] == 1
    assert alice.refused("broadcast", text="three", cid=3) == "cid_gap"
    assert alice.ask("send_message", text="two", cid=2)["cid"] == 2
    assert bob.texts() == ["one", "two"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("send_message", {"text": "other"}),
        ("broadcast", {"text": "one"}),
        ("send_direct", {"text": "one", "to": ["bob"]}),
    ],
)
def test_repeated_cid_is_refused_when_the_content_is_another(server: Server, kind: str, fields: Frame) -> None:
    """One cid is one content, of one kind, to the same receivers."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("send_message", text="one", cid=1)
    assert alice.refused(kind, cid=1, **fields) == "cid_conflict"
    assert bob.texts() == ["one"]
    assert alice.ask("send_message", text="one", cid=1)["seq"] == 1, "what it was first is not forgotten"
    assert alice.ask("send_message", text="two", cid=2)["cid"] == 2


ANSWERS = {"text": "2go", "reply_to": 1}
NEARLY = {"text": "go", "reply_to": 12}


@pytest.mark.parametrize(("rules", "kind"), [(TELLS_SENDS_APART - 1, "message"), (RULES, "error")])
def test_what_is_answered_is_no_part_of_what_is_said(server: Server, rules: int, kind: str) -> None:
    """Which a journal of before could not tell apart: there, both are one."""
    (node,) = server.chat.nodes.up.values()
    node.rules = rules
    alice = server.login("alice")
    alice.ask("send_message", text="one", cid=1)
    first = alice.ask("send_message", cid=2, **ANSWERS)
    assert alice.ask("send_message", cid=2, **ANSWERS) == first
    assert alice.ask("send_message", cid=2, **NEARLY)["type"] == kind


def test_what_was_sent_before_an_update_is_repeated_behind_it(server: Server) -> None:
    """Nobody's message is taken for another one because the server was updated before its answer arrived."""
    (node,) = server.chat.nodes.up.values()
    node.rules = TELLS_SENDS_APART - 1
    alice, _bob = server.logins("alice", "bob")
    sent: list[tuple[str, Frame]] = [
        ("send_message", {"text": "one"}),
        ("send_message", ANSWERS),
        ("send_direct", {"to": ["bob"], "text": "hi"}),
        ("broadcast", {"text": "all"}),
    ]
    first = [alice.ask(kind, cid=cid, **fields) for cid, (kind, fields) in enumerate(sent, 1)]
    assert alice.refused("send_message", cid=5, text="") == "bad_request"
    node.rules = RULES
    assert [alice.ask(kind, cid=cid, **fields) for cid, (kind, fields) in enumerate(sent, 1)] == first
    assert alice.refused("send_message", cid=5, text="") == "bad_request"
    assert alice.refused("send_message", text="another", cid=1) == "cid_conflict"


def test_send_refused_for_good_uses_its_cid_up(server: Server) -> None:
    """The refusal carries the cid; repeated, it is refused again; the next cid goes on."""
    alice, bob = server.logins("alice", "bob")
    refusals: list[tuple[str, Frame, str]] = [
        ("send_direct", {"to": ["nobody"], "text": "hi"}, "no_such_user"),
        ("send_message", {"text": ""}, "bad_request"),
        ("send_message", {"text": "x" * 60_001}, "too_large"),
        ("send_message", {"text": "hi", "room": "python"}, "not_in_room"),
    ]
    for cid, (kind, fields, code) in enumerate(refusals, 1):
        for _ in range(2):
            answer = alice.ask(kind, cid=cid, **fields)
            assert (answer["type"], answer["code"], answer["cid"]) == ("error", code, cid)
    server.login("nobody")
    assert alice.refused("send_direct", to=["nobody"], text="hi", cid=1) == "no_such_user", "once refused, always"
    assert alice.ask("send_message", text="five", cid=5)["seq"] == 1
    assert bob.texts() == ["five"]


def test_rate_limited_send_does_not_use_its_cid_up(make_server: MakeServer) -> None:
    """The same send may succeed later, so its number stays free and nothing may overtake it."""
    server = make_server(messages_per_second=1.0, message_burst=1)
    alice, bob = server.logins("alice", "bob")
    alice.ask("send_message", text="one", cid=1)
    refused = alice.ask("send_message", text="two", cid=2)
    assert (refused["code"], refused["cid"]) == ("rate_limited", 2)
    assert alice.refused("send_message", text="three", cid=3) == "cid_gap"
    server.advance(refused["retry_after"])
    assert alice.ask("send_message", text="two", cid=2)["seq"] == 2
    assert bob.texts() == ["one", "two"]


def test_repeated_sends_are_not_rate_limited(make_server: MakeServer) -> None:
    """A client that resends after a reconnect is not punished for it."""
    server = make_server(messages_per_second=1.0, message_burst=1)
    alice = server.login("alice")
    own = alice.ask("send_message", text="one", cid=1)
    for _ in range(5):
        assert alice.ask("send_message", text="one", cid=1) == own


def test_repeated_send_is_acknowledged_when_its_message_has_left_the_log(make_server: MakeServer) -> None:
    """The server still knows that it was carried out: ok, with the cid."""
    server = make_server(log_messages=2)
    alice = server.login("alice")
    for cid in range(1, 5):
        alice.ask("send_message", text=f"m{cid}", cid=cid)
    assert alice.ask("send_message", text="m1", cid=1) == {"type": "ok", "cid": 1}
    assert alice.ask("send_message", text="m4", cid=4)["seq"] == 4


def test_repeated_send_is_acknowledged_when_its_receipt_is_forgotten(server: Server) -> None:
    """Whatever a client sent long ago was carried out; it is not written again."""
    alice = server.login("alice")
    for cid in range(1, 201):
        alice.say("send_message", text=f"m{cid}", cid=cid)
    alice.take()
    assert alice.ask("send_message", text="m1", cid=1) == {"type": "ok", "cid": 1}
    assert server.log.head("lobby") == 200


def test_repeated_send_is_acknowledged_when_its_room_is_gone(server: Server) -> None:
    """Another message at the same place of a room created again is not taken for it."""
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    alice.ask("send_message", text="one", cid=1)
    alice.ask("leave_room")
    assert alice.ask("send_message", text="one", cid=1) == {"type": "ok", "cid": 1}
    bob.ask("create_room", room="python")
    bob.ask("send_message", text="not that one")
    assert alice.ask("send_message", text="one", cid=1) == {"type": "ok", "cid": 1}


def test_send_repeated_after_a_resume_is_written_once(server: Server) -> None:
    """A client that lost the acknowledgement resends, and nobody reads it twice."""
    alice, bob = server.logins("alice", "bob")
    alice.link.stops_reading()
    alice.say("send_message", text="one", cid=1)
    alice.drop()
    again = server.login("alice", token=alice.token)
    assert again.ask("send_message", text="one", cid=1)["seq"] == 1
    assert again.ask("send_message", text="two", cid=2)["seq"] == 2
    assert bob.texts() == ["one", "two"]


def test_direct_repeated_after_the_session_ended_is_acknowledged(server: Server) -> None:
    """The log of one's directs ends with the session, the memory of cids does not."""
    alice, bob = server.logins("alice", "bob")
    carol = server.login("carol", client="carols-program")
    carol.ask("send_direct", to="bob", text="psst", cid=1)
    carol.ask("logout")
    again = server.login("carol", client="carols-program", token=carol.token)
    assert again.ask("send_direct", to="bob", text="psst", cid=1) == {"type": "ok", "cid": 1}
    assert bob.texts() == ["psst"]
    assert alice.texts() == []


@pytest.mark.parametrize("cid", [0, -1, 1.5, "1", True, 2**53 + 2])
def test_send_is_refused_when_the_cid_is_no_cid(server: Server, cid: object) -> None:
    """A cid is an integer from 1 to 2^53."""
    alice, bob = server.logins("alice", "bob")
    alice.say("send_message", text="hi", cid=cid)
    assert alice.last()["code"] in {"bad_request", "bad_json"}
    assert bob.texts() == []
