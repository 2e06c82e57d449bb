"""Readers that catch up: told everything once, as it is, and what becomes of it while they do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.playbook import Client, Frame, Server

LONG = "x" * 5000
BUFFER = 64 * 1024
PASSWORD = "correct horse"


def half_told(server: Server, *, most: int = 60) -> tuple[Client, Client, int]:
    """Let a reader be told a part of what it is behind with, and stop; returns it, the speaker, and how much it got."""
    ana, ben = server.logins("ana", "ben")
    ana.link.stops_reading()
    for number in range(most):
        ben.ask("send_message", text=f"{number} {LONG}")
    assert ana.connection.behind is not None
    ana.link.reads_again()
    ana.link.stops_reading()
    while not ana.connection.blocked:
        server.clock.turn()
    told = ana.connection.behind["lobby"]
    assert 0 < told < most
    return ana, ben, told


def reads(client: Client) -> list[Frame]:
    """Let a client read everything."""
    client.link.reads_again()
    client.server.settle()
    return client.take()


def became(frames: list[Frame]) -> list[tuple[Any, ...]]:
    """Return what frames tell of what became of messages."""
    return [
        (each["act"], each["value"], each.get("text", ""))
        if each["type"] == "moderated"
        else (each["type"], each["seq"])
        for each in frames
        if each["type"] in ("moderated", "reaction")
    ]


def test_reader_is_told_what_becomes_of_messages_that_it_has_just_caught_up_on() -> None:
    """Each thing once; and what it had not got yet comes as it is by then."""
    server = Server()
    ana, ben, told = half_told(server)
    ben.ask("delete_message", seq=told)
    ben.ask("edit_message", seq=told - 1, text="corrected")
    ben.ask("react", seq=2, emoji="👍")
    ben.ask("delete_message", seq=told + 1)
    frames = reads(ana)
    assert became(frames) == [
        ("delete_message", told, ""),
        ("edit_message", told - 1, "corrected"),
        ("reaction", 2),
    ]
    messages = [each for each in frames if each["type"] == "message"]
    assert [each["seq"] for each in messages] == list(range(1, 61))
    assert [each["seq"] for each in messages if each.get("deleted")] == [told + 1]
    ben.ask("delete_message", seq=told - 1)
    assert became(ana.take()) == [("delete_message", told - 1, "")]


def test_reader_is_told_that_something_is_deleted_that_is_left_nowhere() -> None:
    """Be it that nobody knows any more what it was: it stands on the reader's screen."""
    server = Server(log_messages=70)
    ana, ben, _told = half_told(server)
    ben.ask("delete_message", seq=1)
    for _ in range(20):
        ben.ask("send_message", text=LONG)
    assert server.log.floor("lobby") > 1
    assert became(reads(ana)) == [("delete_message", 1, "")]


def test_what_was_fetched_before_it_was_deleted_is_not_told() -> None:
    """It is fetched again; what comes before it is told as it was fetched."""
    server = Server(archived=True, log_messages=5)
    ana, ben, told = half_told(server)
    server.archive.holds = True
    ana.link.reads_again()
    server.settle()
    server.archive.holds = False
    ben.ask("delete_message", seq=told + 2)
    server.archive.gives()
    server.settle()
    frames = ana.take()
    assert became(frames) == []
    messages = [each for each in frames if each["type"] == "message"]
    assert [each["seq"] for each in messages] == list(range(1, 61))
    assert [each["seq"] for each in messages if each.get("deleted")] == [told + 2]


def test_what_waits_for_the_owner_of_an_account_comes_to_a_reader_that_is_behind() -> None:
    server = Server()
    owner, ana, ben = server.logins("al", "ana", "ben")
    owner.ask("register", password=PASSWORD)
    owner.ask("logout")
    for number in range(3):
        ben.ask("send_direct", to="al", text=f"direct {number}")
    ana.link.stops_reading()
    while ana.link.waiting < BUFFER - 2 * len(LONG):
        ben.ask("send_message", text=LONG)
    ana.link.sends(json.dumps({"type": "identify", "account": "al", "password": PASSWORD}).encode())
    ben.ask("send_message", text=3 * LONG)
    assert ana.connection.behind is not None
    frames = reads(ana)
    directs = [each for each in frames if each["type"] == "direct"]
    assert [(each["text"], each["seq"]) for each in directs] == [
        (f"direct {number}", number + 1) for number in range(3)
    ]


def test_reader_that_is_behind_and_put_elsewhere_is_told_where_before_it_is_told_what_is_said_there() -> None:
    """From the first message on: the place of the log is where it begins."""
    server = Server()
    ana, ben, eve = server.logins("ana", "ben", "eve")
    ben.ask("create_room", room="den")
    ana.ask("join_room", room="den")
    ana.link.stops_reading()
    while ana.connection.behind is None:
        ben.ask("send_message", text=LONG)
    eve.ask("send_message", text="before")
    ben.ask("kick", username="ana")
    eve.ask("send_message", text="behind it")
    eve.ask("delete_message", seq=1)
    frames = reads(ana)
    where = next(index for index, each in enumerate(frames) if each["type"] == "room")
    assert (frames[where]["room"], frames[where]["position"]["seq"]) == ("lobby", 1)
    told = [each for each in frames[where:] if each["type"] in ("message", "moderated")]
    assert [each.get("text", each.get("value")) for each in told] == [1, "behind it"]


def test_what_is_said_in_the_moment_in_which_somebody_comes_back_is_told() -> None:
    """One entry of the journal has both; of its room and of other logs."""
    server = Server(late=True)
    ana, ben = server.logins("ana", "ben")
    epoch = ana.welcome["position"]["epoch"]
    ana.drop()
    ben.ask("send_direct", to="ana", text="missed")
    again = server.connect()
    since = {"lobby": {"epoch": epoch, "seq": 0}}
    for client, frame in (
        (again, {"type": "login", "username": "ana", "token": ana.token, "since": since}),
        (ben, {"type": "send_message", "text": "to the room"}),
        (ben, {"type": "broadcast", "text": "to everybody"}),
    ):
        client.link.sends(json.dumps(frame).encode())
    server.settle()
    assert sorted(again.texts()) == ["missed", "to everybody", "to the room"]


@pytest.mark.parametrize("request_", ["register", "edit_message", "leave_room"])
def test_what_comes_while_a_request_waits_is_not_taken_to_have_arrived(request_: str) -> None:
    """The user has asked before it came: whoever loses the connection then is told at the next login."""
    server = Server(late=True, archived=True, log_messages=3)
    ana, ben = server.logins("ana", "ben")
    ana.ask("register", password=PASSWORD)
    for number in range(5):
        ana.ask("send_message", text=f"{number}")
    fields = {"register": {"password": PASSWORD}, "edit_message": {"seq": 1, "text": "better"}, "leave_room": {}}
    ben.link.sends(json.dumps({"type": "send_direct", "to": "ana", "text": "just then"}).encode())
    ana.link.sends(json.dumps({"type": request_, **fields[request_]}).encode())
    server.settle()
    ana.drop()
    again = server.login("ana", settled=False, account="ana", password=PASSWORD)
    server.settle()
    assert again.texts() == ["just then"]
