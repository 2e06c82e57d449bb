"""A journal that orders in a later turn, as those do that keep something: nobody notices, and nothing is lost."""

from __future__ import annotations

import json

import pytest

from chatcore.chat.snapshot import dump, load
from chatcore.records import Act, HostActed
from tests.unit.fakes import LateJournal
from tests.unit.playbook import Client, Server


def late(**limits: object) -> tuple[Server, LateJournal]:
    """Return a server whose journal orders in a later turn."""
    server = Server(boundaries=True, late=True, **limits)
    assert isinstance(server.journal, LateJournal)
    return server, server.journal


def frames(client: Client, *lines: dict[str, object]) -> None:
    """Send frames in one turn, before the journal has said anything."""
    for line in lines:
        client.link.sends(json.dumps(line).encode())
    client.server.settle()


def test_sends_of_one_turn_are_one_batch_and_acknowledged_in_order() -> None:
    """No timer waits for more; what comes while batches are under way is the next one."""
    server, journal = late()
    alice, bob = server.logins("alice", "bob")
    before = len(journal.entries)
    frames(alice, *({"type": "send_message", "text": f"m{n}", "cid": n} for n in range(1, 21)))
    assert [frame["seq"] for frame in alice.take("message")] == list(range(1, 21))
    assert bob.texts() == [f"m{n}" for n in range(1, 21)]
    assert [len(entry.batch.records) for entry in journal.entries[before:]] == [20]


def test_batch_that_is_too_large_goes_in_several_ones_in_its_order() -> None:
    """Each of them has the next number, and whoever asked gets the answer."""
    server, journal = late()
    (alice,) = server.logins("alice")
    journal.most = 3
    before = len(journal.entries)
    frames(alice, *({"type": "send_message", "text": f"m{n}", "cid": n} for n in range(1, 21)))
    assert [frame["text"] for frame in alice.take("message")] == [f"m{n}" for n in range(1, 21)]
    sizes = [len(entry.batch.records) for entry in journal.entries[before:]]
    assert sum(sizes) == 20
    assert max(sizes) <= 3


def test_answers_come_in_the_order_of_the_questions() -> None:
    """What only reads waits for what its connection has under way, and so does everything behind it."""
    server, _journal = late()
    (alice,) = server.logins("alice")
    frames(
        alice,
        {"type": "send_message", "text": "one", "id": "1"},
        {"type": "history", "room": "lobby", "id": "2"},
        {"type": "create_room", "room": "python", "id": "3"},
        {"type": "send_message", "text": "two", "id": "4"},
        {"type": "whois", "username": "alice", "id": "5"},
    )
    answers = [frame for frame in alice.take() if "id" in frame]
    assert [frame["id"] for frame in answers] == ["1", "2", "3", "4", "5"]
    assert [entry["text"] for entry in answers[1]["messages"]] == ["one"]
    assert (answers[3]["room"], answers[4]["room"]) == ("python", "python")


@pytest.mark.parametrize("asked", [{"type": "send_message", "text": "one"}, {"type": "create_room", "room": "python"}])
def test_who_has_said_its_last_word_is_waited_for_until_it_has_its_answers(asked: dict[str, object]) -> None:
    """The link stays as long as reading is paused: it is told again and again that there is nothing left to read."""
    server, _journal = late()
    (alice,) = server.logins("alice")
    alice.link.sends(json.dumps(asked).encode())
    alice.connection.peer_finished()
    assert alice.link.reading_paused
    server.settle()
    assert not alice.link.reading_paused
    alice.connection.peer_finished()
    assert not alice.link.reading_paused
    assert alice.take("message", "room")


def test_who_asks_behind_its_login_is_logged_in_then() -> None:
    """Frames that come together with the login are not refused for coming too early."""
    server, _journal = late()
    client = server.connect()
    frames(client, {"type": "login", "username": "alice"}, {"type": "send_message", "text": "hi", "cid": 1})
    assert [frame["type"] for frame in client.take("welcome", "message", "error")] == ["welcome", "message"]


def test_request_that_is_larger_than_an_entry_may_be_is_refused_and_keeps_nobody_waiting() -> None:
    """Nothing can be made of its halves."""
    server, journal = late()
    (alice,) = server.logins("alice")
    entries, journal.most = len(journal.entries), 0
    assert alice.ask("send_message", text="hi", cid=1)["code"] == "unavailable"
    assert len(journal.entries) == entries
    journal.most = 1
    assert alice.ask("send_message", text="hi", cid=1)["seq"] == 1


def test_request_that_cannot_be_written_down_by_a_mistake_is_refused_and_all_others_are_kept() -> None:
    """Those of the same turn and of all later ones, in their order; the operator is told, and nothing is amiss."""
    server, journal = late()
    alice, bob = server.logins("alice", "bob")
    journal.unfit = lambda record: isinstance(record, Act) and getattr(record.command, "text", "") == "m3"
    frames(alice, *({"type": "send_message", "text": f"m{n}", "id": str(n)} for n in range(1, 6)))
    answers = {frame["id"]: frame.get("code", frame.get("text")) for frame in alice.take() if "id" in frame}
    assert answers == {"1": "m1", "2": "m2", "3": "internal", "4": "m4", "5": "m5"}
    frames(alice, {"type": "send_message", "text": "m3", "id": "6"})
    assert [frame["code"] for frame in alice.take("error")] == ["internal"]
    assert bob.texts() == ["m1", "m2", "m4", "m5"]
    assert bob.ask("send_message", text="here")["seq"] == 5
    assert [what for what, _fields in server.records].count("internal_error") == 2
    assert server.switchboard.journal_side.apart is None
    assert server.switchboard.under_way == 0


def test_what_nobody_asked_for_and_cannot_be_written_down_stops_nobody() -> None:
    server, journal = late()
    (alice,) = server.logins("alice")
    journal.unfit = lambda record: isinstance(record, HostActed)
    server.switchboard.propose(HostActed("reload"))
    frames(alice, {"type": "send_message", "text": "hi", "cid": 1})
    assert [frame["seq"] for frame in alice.take("message")] == [1]
    assert [what for what, _fields in server.records].count("internal_error") == 1


def test_what_is_not_kept_has_not_happened_and_is_asked_for_again() -> None:
    """`unavailable`, with the time after which it may work; the cid is not used up, and readers are served on."""
    server, journal = late()
    alice, bob = server.logins("alice", "bob")
    journal.full = "there is no space left on the disk"
    refused = alice.ask("send_message", text="hi", cid=1)
    assert (refused["code"], refused["cid"], refused["retry_after"]) == ("unavailable", 1, 1.0)
    assert server.connect().refused("login", username="carol") == "unavailable"
    assert alice.ask("list_users", room="lobby")["users"] == [
        {"name": "alice", "room": "lobby"},
        {"name": "bob", "room": "lobby"},
    ]
    assert bob.texts() == []
    server.advance(5)
    journal.full = ""
    assert alice.ask("send_message", text="hi", cid=1)["seq"] == 1
    assert bob.texts() == ["hi"]
    told = [(what, fields) for what, fields in server.records if what in ("not_kept", "kept_again")]
    *refusals, last = told
    assert {what for what, _fields in refusals} == {"not_kept"}
    assert refusals[0][1] == {"why": "there is no space left on the disk"}
    assert last == ("kept_again", {"after": 5.0})


def test_it_is_known_for_how_long_nothing_is_kept_although_nobody_asks_for_anything() -> None:
    """It is tried again, and nothing is left of the tries that failed; there is one line for all of it."""
    server, journal = late()
    (alice,) = server.logins("alice")
    assert server.switchboard.journal_side.refuses is None
    journal.full = "there is no space left on the disk"
    assert alice.ask("send_message", text="hi", cid=1)["code"] == "unavailable"
    entries = len(journal.entries)
    for _ in range(10):
        server.advance(60)
        assert server.switchboard.journal_side.refuses == "nothing can be kept: there is no space left on the disk"
    assert (len(journal.entries), server.switchboard.under_way) == (entries, 0)
    journal.full = ""
    server.advance(1)
    assert server.switchboard.journal_side.refuses is None
    assert [what for what, _fields in server.records if what in ("not_kept", "kept_again")] == [
        "not_kept",
        "kept_again",
    ]
    assert alice.ask("send_message", text="hi", cid=1)["seq"] == 1
    entries = len(journal.entries)
    server.advance(10)
    assert len(journal.entries) == entries


def test_a_connection_that_is_lost_while_nothing_is_kept_is_lost_all_the_same() -> None:
    """It is told to the journal again until it is taken: the grace period begins then."""
    server, journal = late(grace=30)
    alice, bob = server.logins("alice", "bob")
    for client in (alice, bob):
        client.ask("send_message", text="here")
    journal.full = "there is no space left on the disk"
    alice.drop()
    server.advance(20)
    journal.full = ""
    server.advance(2)
    assert [user.name for user in server.chat.users.values() if user.connection is None] == ["alice"]
    server.advance(31)
    assert server.users() == ["bob"]


def test_reading_while_nothing_is_kept_leaves_nothing_to_be_kept_later() -> None:
    """However often somebody asks, and for however long the disk is full."""
    server, journal = late()
    alice = server.login("alice")
    journal.full = "there is no space left on the disk"
    for _ in range(50):
        alice.ask("list_users", room="lobby")
        server.advance(1)
    journal.full = ""
    before = len(journal.entries)
    server.advance(2)
    assert sum(len(entry.batch.records) for entry in journal.entries[before:]) <= 1


def test_what_is_ordered_behind_a_goodbye_is_not_refused() -> None:
    """A send under way when its session goes on elsewhere is no mistake of its user: its client repeats it there."""
    server, _journal = late()
    (alice,) = server.logins("alice")
    back = server.connect()
    back.link.sends(json.dumps({"type": "login", "username": "alice", "token": alice.token}).encode())
    frames(alice, {"type": "send_message", "text": "hi", "cid": 1})
    assert [frame["code"] for frame in alice.take() if "code" in frame] == ["replaced"]
    back.take()
    assert back.ask("send_message", text="hi", cid=1)["seq"] == 1


@pytest.mark.parametrize("from_snapshot", [False, True])
def test_another_life_on_the_same_journal_goes_on(from_snapshot: bool) -> None:
    """Users are in their rooms and have their grace period; what they missed they get, and nobody is told old news."""
    server, journal = late(grace=30)
    alice, bob = server.logins("alice", "bob")
    alice.ask("create_room", room="python")
    bob.ask("join_room", room="python")
    since = {"python": {"epoch": server.chat.log.position("python").epoch, "seq": 0}}
    bob.ask("send_message", text="missed", cid=1)
    rows = json.loads(json.dumps(list(dump(server.chat))))
    again = Server(
        journal=journal, life="2", grace=30, before_start=(lambda chat: load(chat, rows)) if from_snapshot else None
    )
    assert again.users() == ["alice", "bob"]
    assert [what for what, _ in again.records] == ["disconnected"] * 2, "the old server had told the rest"
    back = again.login("alice", settled=False, token=alice.token, since=since)
    assert (back.welcome["room"], back.welcome["resumed"]) == ("python", True)
    if not from_snapshot:  # entries are no part of a snapshot
        assert back.texts() == ["missed"]
    again.advance(31)
    assert again.users() == ["alice"]
