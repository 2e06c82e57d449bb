"""What names a message by its number says of which log that is: in another one, the number is another message's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.playbook import Client, Frame, Server

NAMING: list[Frame] = [
    {"type": "send_message", "text": "yes", "reply_to": 1},
    {"type": "edit_message", "text": "the", "seq": 1},
    {"type": "delete_message", "seq": 1},
    {"type": "react", "emoji": "🎉", "seq": 1},
]
naming = pytest.mark.parametrize("request_", NAMING, ids=[each["type"] for each in NAMING])


@pytest.fixture(params=[False, True], ids=["at once", "later"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(late=request.param)
    yield server
    assert server.mistakes() == []


def with_a_message(server: Server) -> tuple[Client, str]:
    """Return somebody who has said something in a room, and the epoch of its log."""
    ana = server.login("ana")
    epoch: str = ana.ask("create_room", room="python")["position"]["epoch"]
    ana.ask("send_message", text="teh", room="python")
    return ana, epoch


def asks(client: Client, request: Frame, **more: Any) -> str:
    """Ask for something; returns the kind of the answer, or why it is refused."""
    fields = {name: value for name, value in request.items() if name != "type"}
    answer = client.ask(request["type"], **fields, **more)
    return str(answer.get("code", answer["type"]))


@naming
def test_number_of_the_log_that_there_is_means_its_message(server: Server, request_: Frame) -> None:
    ana, epoch = with_a_message(server)
    assert asks(ana, request_, epoch=epoch) in ("ok", "message")


@naming
def test_number_of_the_log_before_means_nothing(server: Server, request_: Frame) -> None:
    ana, before = with_a_message(server)
    ana.ask("leave_room")  # with its last member the room is gone
    epoch = ana.ask("create_room", room="python")["position"]["epoch"]
    ana.ask("send_message", text="another", room="python")
    assert epoch != before
    assert asks(ana, request_, epoch=before) == "no_such_message"
    assert [each["text"] for each in ana.ask("history", room="python")["messages"]] == ["another"]


def test_emoji_is_not_taken_back_from_another_log(server: Server) -> None:
    ana, epoch = with_a_message(server)
    ana.ask("react", seq=1, emoji="🎉")
    assert ana.refused("unreact", seq=1, emoji="🎉", epoch="another") == "no_such_message"
    assert ana.ask("unreact", seq=1, emoji="🎉", epoch=epoch)["type"] == "ok"


@pytest.mark.parametrize(("known", "unread"), [("present", 0), ("another", 2)])
def test_what_was_read_of_another_log_is_not_read_of_this_one(server: Server, known: str, unread: int) -> None:
    ana, ben = server.logins("ana", "ben")
    epoch = ben.ask("create_room", room="python")["position"]["epoch"]
    ana.ask("join_room", room="python")
    ana.ask("leave_room")
    for text in ("one", "two"):
        ben.ask("send_message", text=text)
    ana.ask("read", seq=2, room="python", epoch=epoch if known == "present" else known)
    assert ana.ask("join_room", room="python")["unread"]["unread"] == unread
