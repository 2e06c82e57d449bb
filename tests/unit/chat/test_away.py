"""Who was away or behind is told what has become of messages that were there before: once, and as they are now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import dump, load
from tests.unit.playbook import Client, Frame, Server


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server()
    yield server
    assert server.mistakes() == []


def conversation(server: Server) -> tuple[Client, Client]:
    """Return two in the lobby, who both have three messages of the second one."""
    ana, ben = server.logins("ana", "ben")
    for text in ("one", "two", "three"):
        ben.ask("send_message", text=text)
    ana.take()
    return ana, ben


def back(server: Server, client: Client, *, seq: int = 3, **place: Any) -> Client:
    """Return a client that comes back and knows the log of the lobby so far."""
    epoch = client.welcome["position"]["epoch"]
    since = {"lobby": {"epoch": epoch, "seq": seq, **place}}
    again = server.login("ana", client=client.welcome["client"], token=client.token, since=since, settled=False)
    server.settle()
    return again


def changes(client: Client) -> list[Frame]:
    return client.take("moderated", "reaction")


DELETED = {"type": "moderated", "room": "lobby", "act": "delete_message", "by": "", "target": "ben"}
EDITED = {"type": "moderated", "room": "lobby", "act": "edit_message", "by": "ben", "target": "ben"}


def test_who_was_away_is_told_what_was_deleted_edited_and_reacted_to(server: Server) -> None:
    ana, ben = conversation(server)
    ana.drop()
    ben.ask("delete_message", seq=1)
    ben.ask("edit_message", seq=2, text="second")
    ben.ask("react", seq=3, emoji="👍")
    again = back(server, ana, changes=0)
    assert changes(again) == [
        {**DELETED, "value": 1, "change": 1},
        {**EDITED, "value": 2, "text": "second", "change": 2},
        {"type": "reaction", "room": "lobby", "seq": 3, "emoji": "👍", "count": 1, "change": 3},
    ]
    assert again.welcome["positions"]["lobby"]["seq"] == 3
    assert "changes" not in again.welcome["positions"]["lobby"]
    ben.ask("edit_message", seq=2, text="live")
    assert [each["change"] for each in changes(again)] == [4]


def test_of_several_changes_of_one_thing_the_last_state_is_told(server: Server) -> None:
    ana, ben = conversation(server)
    ana.drop()
    for text in ("a", "b", "c"):
        ben.ask("edit_message", seq=1, text=text)
    ben.ask("react", seq=2, emoji="👍")
    ben.ask("unreact", seq=2, emoji="👍")
    ben.ask("edit_message", seq=3, text="x")
    ben.ask("delete_message", seq=3)
    told = [
        (each.get("act"), each.get("text"), each.get("count"), each["change"])
        for each in changes(back(server, ana, changes=0))
    ]
    assert told == [("edit_message", "c", None, 3), (None, None, 0, 5), ("delete_message", None, None, 7)]


def test_what_is_known_is_not_told_again_and_what_is_replayed_is_told_as_it_is(server: Server) -> None:
    ana, ben = conversation(server)
    ben.ask("delete_message", seq=1)
    assert [each["change"] for each in changes(ana)] == [1]
    ana.drop()
    ben.ask("send_message", text="four")
    ben.ask("edit_message", seq=4, text="fourth")
    ben.ask("edit_message", seq=2, text="second")
    again = back(server, ana, changes=1)
    assert [(each["seq"], each["text"]) for each in again.take("message")] == [(4, "fourth")]
    assert [(each["value"], each["change"]) for each in changes(again)] == [(2, 3)]


def test_earlier_clients_which_say_nothing_of_changes_are_told_nothing_of_them(server: Server) -> None:
    ana, ben = conversation(server)
    ana.drop()
    ben.ask("delete_message", seq=1)
    again = back(server, ana)
    assert changes(again) == []
    assert again.welcome["positions"]["lobby"]["changes"] == 1


def test_changes_of_a_log_that_is_another_one_now_are_not_told(server: Server) -> None:
    ana, ben = conversation(server)
    ana.drop()
    ben.ask("delete_message", seq=1)
    since = {"lobby": {"epoch": "another", "seq": 3, "changes": 0}}
    again = server.login("ana", client=ana.welcome["client"], token=ana.token, since=since, settled=False)
    assert changes(again) == []


def test_who_comes_back_into_a_room_is_told(server: Server) -> None:
    ana, ben = conversation(server)
    ana.ask("create_room", room="elsewhere")
    ben.ask("delete_message", seq=1)
    epoch = ana.welcome["position"]["epoch"]
    ana.take()
    answer = ana.ask("join_room", room="lobby", since={"epoch": epoch, "seq": 3, "changes": 0})
    assert answer["position"] == {"epoch": epoch, "seq": 3}
    assert [each["change"] for each in changes(ana)] == [1]


def test_slow_reader_is_told_once_it_reads_again(server: Server) -> None:
    ana, ben = conversation(server)
    ana.link.stops_reading()
    while ana.connection.behind is None:
        ben.ask("send_message", text="x" * 5000)
    ben.ask("delete_message", seq=1)
    ben.ask("react", seq=2, emoji="👍")
    last = server.log.head("lobby")
    ben.ask("edit_message", seq=last, text="short")
    ana.link.reads_again()
    server.settle()
    told = [(each.get("value") or each.get("seq"), each["change"]) for each in changes(ana)]
    assert told[:2] == [(1, 1), (2, 2)]
    ben.ask("delete_message", seq=2)
    assert [each["change"] for each in changes(ana)] == [4]


@pytest.mark.unmeasured
def test_very_many_changes_are_told_in_turns_and_of_each_message_the_last(server: Server) -> None:
    ana, ben = conversation(server)
    ana.drop()
    for number in range(1200):
        ben.ask("edit_message", seq=1 + number % 3, text=f"{number}")
    assert len(server.log.changed("lobby", 0)) == 3
    assert [each["text"] for each in changes(back(server, ana, changes=0))] == ["1197", "1198", "1199"]


def test_many_changes_of_one_message_push_out_nothing_that_became_of_others(server: Server) -> None:
    """Somebody edits a message a thousand times, so that who comes back does not hear what was deleted."""
    ana, ben = conversation(server)
    ana.drop()
    ben.ask("delete_message", seq=1)
    for number in range(1100):
        ben.ask("edit_message", seq=2, text=f"{number}")
    again = back(server, ana, changes=0)
    assert changes(again) == [
        {**DELETED, "value": 1, "change": 1},
        {**EDITED, "value": 2, "text": "1099", "change": 1101},
    ]
    assert server.log.was_deleted("lobby", 1)


def test_snapshot_of_before_with_several_changes_of_a_message_is_read(server: Server) -> None:
    """What was deleted stays so, whatever stands behind it."""
    log = MemoryLog(server.limits)
    changed = [[1, 1, "", True], [2, 2, ""], [3, 1, ""], [4, 2, "👍"]]
    log.load({"log": "lobby", "epoch": "e", "head": 3, "changes": 4, "changed": changed})
    assert list(log.changed("lobby", 0)) == [(2, 2, "", False), (3, 1, "", True), (4, 2, "👍", False)]


def test_a_snapshot_knows_what_has_changed(server: Server) -> None:
    _ana, ben = conversation(server)
    ben.ask("delete_message", seq=1)
    ben.ask("react", seq=2, emoji="👍")
    rows = list(dump(server.chat))
    again = Server(late=True)
    load(again.chat, rows)
    assert again.log.changed("lobby", 0) == server.log.changed("lobby", 0)
    assert again.log.changes("lobby") == 2
    assert list(dump(again.chat)) == rows
