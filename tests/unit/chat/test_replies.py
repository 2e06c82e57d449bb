"""Messages that answer others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.playbook import Server


@pytest.fixture(params=[False, True], ids=["at once", "later"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(late=request.param)
    yield server
    assert server.mistakes() == []


def test_everybody_is_told_what_a_message_answers_and_so_is_who_reads_it_later(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="who has the key?")
    assert ben.ask("send_message", text="I have", reply_to=1)["reply_to"] == 1
    assert [frame.get("reply_to") for frame in ana.take("message")] == [1]
    history = ana.ask("history", room="lobby")["messages"]
    assert [each.get("reply_to") for each in history] == [None, 1]


@pytest.mark.parametrize("seq", [3, 2**53])
def test_message_that_is_not_there_is_not_answered(server: Server, seq: int) -> None:
    ana = server.login("ana")
    assert ana.refused("send_message", text="hm", reply_to=seq) == "no_such_message"


@pytest.mark.parametrize("seq", [0, -1, "1", 1.5])
def test_what_is_no_seq_is_no_answer(server: Server, seq: object) -> None:
    assert server.login("ana").refused("send_message", text="hm", reply_to=seq) == "bad_request"


def test_deleted_message_is_not_answered_and_the_number_of_the_answer_is_used_up(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="oops", cid=1)
    ana.ask("delete_message", seq=1)
    for _ in range(2):
        answer = ana.ask("send_message", text="what?", cid=2, reply_to=1)
        assert (answer["code"], answer["cid"]) == ("no_such_message", 2)
    assert ana.ask("send_message", text="next", cid=3)["seq"] == 2


def test_answer_that_is_said_again_counts_once_and_another_one_under_its_number_is_refused(server: Server) -> None:
    ana = server.login("ana")
    for cid in (1, 2):
        ana.ask("send_message", text="x", cid=cid)
    said = ana.ask("send_message", text="yes", cid=3, reply_to=1)
    assert ana.ask("send_message", text="yes", cid=3, reply_to=1) == said
    assert ana.refused("send_message", text="yes", cid=3, reply_to=2) == "cid_conflict"
    assert ana.refused("send_message", text="yes", cid=3) == "cid_conflict"


def test_what_is_said_right_behind_an_answer_stands_behind_it(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="one")
    for number in range(1, 9):
        ana.say("send_message", text=f"answer {number}", reply_to=number, cid=2 * number - 1)
        ana.say("send_message", text=f"more {number}", cid=2 * number)
    found = [each["text"] for each in ana.ask("history", room="lobby")["messages"]]
    assert found == ["one", *(text for number in range(1, 9) for text in (f"answer {number}", f"more {number}"))]


def test_message_of_another_room_is_not_answered_here(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="in the lobby")
    ana.ask("create_room", room="python")
    assert ana.refused("send_message", text="hm", reply_to=1, room="python") == "no_such_message"
    assert ana.refused("send_message", text="hm", reply_to=1, room="lobby") == "not_in_room"
