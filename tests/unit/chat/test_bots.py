"""Bots: programs that have said so of themselves, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.playbook import Client, Server

# Beside what "users" takes, in a frame that names few members.
FEW = 8


@pytest.fixture
def robo(server: Server) -> Client:
    """Return a bot in the lobby."""
    return server.login("Robo", bot=True)


def test_what_a_bot_says_is_marked_wherever_it_is_read(server: Server, robo: Client) -> None:
    """In the room, directly, to everybody, in the history, what is found, and in its own copies."""
    ana = server.login("ana")
    own = [
        robo.ask("send_message", text="tick"),
        robo.ask("send_direct", to=["ana"], text="tick"),
        robo.ask("broadcast", text="tick"),
    ]
    told = ana.take("message") + ana.take("direct") + ana.take("broadcast")
    told += ana.ask("history", room="lobby")["messages"] + ana.ask("history", room="@")["messages"]
    told += ana.ask("search", words="tick")["messages"]
    assert [frame["bot"] for frame in own + told] == [True] * 9


def test_what_a_bot_does_is_marked_too(server: Server, robo: Client) -> None:
    """For who has not heard yet that it is there, and for who was away."""
    ana = server.login("ana")
    robo.ask("send_message", text="tick")
    robo.ask("react", seq=1, emoji="👍")
    robo.ask("edit_message", seq=1, text="tock")
    robo.ask("file_offer", file="f1", to=["ana"], name="x", size=1, sha256="0" * 64)
    told = ana.take("reaction") + ana.take("moderated") + ana.take("file_offer")
    assert [(frame["type"], frame["bot"]) for frame in told] == [
        ("reaction", True),
        ("moderated", True),
        ("file_offer", True),
    ]


def test_mark_stays_when_the_bot_has_another_name_or_is_gone_or_has_said_it_otherwise(
    server: Server, robo: Client
) -> None:
    """It is the message's: nobody needs to know who was there then."""
    ana = server.login("ana")
    robo.ask("rename", username="Roby")
    robo.ask("send_message", text="tick")
    robo.ask("edit_message", seq=1, text="tock")
    robo.ask("logout")
    (entry,) = ana.ask("history", room="lobby")["messages"]
    assert (entry["from"], entry["text"], entry["bot"]) == ("Roby", "tock", True)


def test_people_and_their_messages_have_no_mark_at_all(server: Server) -> None:
    """Not even one that says no: what people say costs no more than before."""
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="hi")
    frames = [*ben.take(), ben.ask("whois", username="ana"), ben.ask("join_room", room="lobby")]
    frames += ben.ask("list_users")["users"]
    assert not [frame for frame in frames if {"bot", "bots"} & frame.keys()]


def test_bots_are_named_to_who_is_in_the_room(server: Server) -> None:
    """When one comes in, and when a bot does; a bot that is gone is named no more."""
    ana = server.login("ana")
    robo = server.login("Robo", bot=True)
    server.advance(1)
    assert [(frame["joined"], frame.get("bots")) for frame in ana.take("presence")] == [(["Robo"], ["Robo"])]
    assert server.connect().ask("login", username="ben")["bots"] == ["Robo"]
    ana.ask("create_room", room="python")
    assert ana.ask("leave_room")["bots"] == ["Robo"]
    robo.ask("create_room", room="python")
    assert "bots" not in ana.ask("join_room", room="lobby")
    assert ana.ask("join_room", room="python")["bots"] == ["Robo"]


def test_lists_and_whois_say_who_is_a_bot(server: Server, robo: Client) -> None:
    ana = server.login("ana")
    assert [line["name"] for line in ana.ask("list_users")["users"] if line.get("bot")] == ["Robo"]
    assert [ana.ask("whois", username=name).get("bot", False) for name in ("Robo", "ana")] == [True, False]


def test_bot_that_comes_back_into_its_session_is_one_still(server: Server, robo: Client) -> None:
    """Whatever its next login says of that."""
    ana = server.login("ana")
    token = robo.welcome["session"]["token"]
    robo.drop()
    back = server.connect()
    assert back.ask("login", username="Robo", token=token)["bots"] == ["Robo"]
    back.ask("send_message", text="tick")
    assert ana.take("message")[0]["bot"] is True


def test_names_of_many_bots_take_their_share_of_the_frame(make_server: Callable[..., Server]) -> None:
    """Each is a name that is told of, and takes the place of another."""
    server = make_server(names_per_frame=FEW)
    for number in range(FEW):
        server.login(f"bot{number}", bot=True)
    welcome = server.connect().ask("login", username="ana")
    assert len(welcome["bots"]) == FEW // 4
    assert len(welcome["users"]) + len(welcome["bots"]) == FEW
    assert welcome["users_count"] == FEW + 1


@pytest.mark.parametrize("said", ["yes", 2, None])
def test_what_is_neither_yes_nor_no_is_refused(server: Server, said: object) -> None:
    assert server.connect().ask("login", username="robo", bot=said)["code"] == "bad_request"
