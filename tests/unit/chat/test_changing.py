"""Messages that are deleted or edited: a mark in their place, and their text nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.events import MessagePosted
from chatcore.limits import Limits
from chatcore.ports.archive import Appended, Changed
from tests.unit.playbook import Client, Server

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(operator_token=TOKEN)
    yield server
    assert server.mistakes() == []


def history(client: Client) -> list[tuple[int, str, bool, bool]]:
    messages = client.ask("history", room="lobby")["messages"]
    return [(each["seq"], each["text"], "deleted" in each, "edited" in each) for each in messages]


def test_deleted_message_leaves_a_mark_in_its_place(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    for text in ("one", "two", "three"):
        bob.ask("send_message", text=text)
    alice.take()
    assert bob.ask("delete_message", seq=2)["type"] == "ok"
    told = {"type": "moderated", "room": "lobby", "act": "delete_message", "by": "bob", "target": "bob", "value": 2}
    assert alice.take("moderated") == [{**told, "change": 1}]
    assert history(alice) == [(1, "one", False, False), (2, "", True, False), (3, "three", False, False)]
    assert bob.ask("send_message", text="four")["seq"] == 4


def test_edited_message_says_something_else_in_the_same_place(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="teh")
    assert bob.ask("edit_message", seq=1, text="the")["type"] == "ok"
    (told,) = alice.take("moderated")
    assert (told["act"], told["value"], told["text"]) == ("edit_message", 1, "the")
    assert history(alice) == [(1, "the", False, True)]


def test_only_who_has_said_it_edits_and_moderators_delete_too(server: Server) -> None:
    alice, bob = server.logins("alice", "bob")
    bob.ask("send_message", text="mine")
    for kind, fields, what in (("delete_message", {}, "moderator"), ("edit_message", {"text": "x"}, "own")):
        answer = alice.ask(kind, seq=1, **fields)
        assert (answer["code"], answer["values"]["what"]) == ("not_allowed", what)
    alice.ask("operator", token=TOKEN)
    assert alice.refused("edit_message", seq=1, text="x") == "not_allowed"
    assert alice.ask("delete_message", seq=1)["type"] == "ok"
    assert history(bob) == [(1, "", True, False)]


def test_message_is_one_s_own_through_a_rename_and_a_lost_connection_and_not_by_its_name(server: Server) -> None:
    bob = server.login("bob")
    bob.ask("send_message", text="mine")
    bob.ask("rename", username="robert")
    imposter = server.login("bob")
    assert imposter.refused("delete_message", seq=1) == "not_allowed"
    bob.drop()
    back = server.login("robert", client=bob.welcome["client"], token=bob.token)
    assert back.ask("edit_message", seq=1, text="still mine")["type"] == "ok"


@pytest.mark.parametrize("seq", [1, 2, 2**53])
def test_message_that_is_not_there_is_neither_deleted_nor_edited(server: Server, seq: int) -> None:
    bob = server.login("bob")
    assert bob.refused("delete_message", seq=seq) == "no_such_message"
    assert bob.refused("edit_message", seq=seq, text="x") == "no_such_message"
    assert bob.refused("delete_message", seq=1, room="nowhere") == "no_such_room"
    assert bob.refused("delete_message", seq=0) == "bad_request"


def test_what_is_edited_is_a_text_like_every_other(server: Server) -> None:
    bob = server.login("bob")
    bob.ask("send_message", text="x")
    assert bob.refused("edit_message", seq=1, text="") == "bad_request"
    assert bob.refused("edit_message", seq=1, text="x" * 60_001) == "too_large"
    assert bob.ask("edit_message", seq=1, text="x" * 60_000)["type"] == "ok"


def test_nothing_that_was_deleted_is_left_in_memory_or_in_what_operators_see(server: Server) -> None:
    bob = server.login("bob")
    bob.ask("send_message", text="a-secret", cid=1)
    before = server.log.bytes
    bob.ask("edit_message", seq=1, text="another-secret-that-is-longer")
    assert server.log.bytes > before
    bob.ask("delete_message", seq=1)
    assert server.log.bytes < before
    assert "secret" not in json.dumps(bob.ask("send_message", text="a-secret", cid=1))  # repeated: it was acknowledged
    bob.ask("operator", token=TOKEN)
    assert "secret" not in json.dumps(bob.ask("list_acts"))
    assert "secret" not in str([fields for what, fields in server.records if what == "moderated"])


def test_log_tells_its_archive_of_changes_and_passes_over_what_is_not_left() -> None:
    log = MemoryLog(Limits(log_messages=1), archived=True)
    log.open("lobby", "e")
    entries = [MessagePosted(seq=seq, sender="al", text="x", at=0.0, room="lobby") for seq in (1, 2)]
    for entry in entries:
        log.append("lobby", entry)
    size = log.bytes
    log.change("lobby", 1, "", deleted=True)
    assert log.bytes == size
    log.change("lobby", 2, "other", deleted=False)
    (kept,) = log.read("lobby", 0, 9)
    assert (kept.text, kept.edited, kept.deleted) == ("other", True, False)
    changes = [Changed("lobby", 1, "", deleted=True), Changed("lobby", 2, "other", deleted=False)]
    assert log.take_rows()[1:] == [*(Appended("lobby", entry) for entry in entries), *changes]
    with pytest.raises(KeyError):
        log.change("python", 1, "", deleted=True)
