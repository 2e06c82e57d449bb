"""Whoever says something without a number gets the payload that everybody gets; nothing shows of that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.dialects.base import Dialect
from chatcore.dialects.chat import ChatDialect
from chatcore.dialects.chat import dialect as chat_dialect
from tests.unit.playbook import Client, Server


class Apart(ChatDialect):
    """Tells everybody apart what he has said himself."""

    one_copy = False


numbered = {"type": "send_message", "text": "numbered"}
saying = st.fixed_dictionaries(
    {"type": st.just("send_message"), "text": st.sampled_from(["hello", "", "al and bo", 'quoted "text"'])},
    optional={"id": st.just("r1"), "room": st.sampled_from(["lobby", "tea"])},
)
asking = st.sampled_from(
    [
        {"type": "send_broadcast", "text": "all"},
        {"type": "send_direct", "to": "bo", "text": "you"},
        {"type": "join_room", "room": "tea"},
        {"type": "leave_room"},
        {"type": "react", "seq": 1, "emoji": "👍"},
        {"type": "edit_message", "seq": 1, "text": "better"},
        {"type": "mute_user", "user": "bo"},
        {"type": "quit"},
    ]
)
moves = st.lists(
    st.tuples(st.integers(0, 2), st.lists(saying | st.just(numbered) | asking, min_size=1, max_size=4))
    | st.tuples(st.integers(0, 2), st.sampled_from(["stops reading", "reads again", "time"])),
    max_size=20,
)


def heard(dialect: Dialect, boundaries: bool, steps: list[tuple[int, Any]]) -> list[list[bytes]]:
    """Return what each of three clients gets, to the byte."""
    server = Server(boundaries=boundaries, keepalive_interval=10_000)
    clients = [_login(server.connect(dialect), name) for name in ("al", "bo", "cy")]
    said = [0, 0, 0]
    for who, what in steps:
        link = clients[who].link
        if what == "stops reading":
            link.stops_reading()
        elif what == "reads again":
            link.reads_again()
        elif what == "time":
            server.advance(1.0)
        else:
            for each in what:
                said[who] += each is numbered
                frame = each | {"cid": said[who]} if each is numbered else each
                data = json.dumps(frame, ensure_ascii=False).encode()
                link.sends(data if boundaries else data + b"\n")
        server.settle()
    for client in clients:
        client.link.reads_again()
    server.advance(5.0)
    assert server.mistakes() == []
    return [client.link.arrived for client in clients]


def _login(client: Client, name: str) -> Client:
    client.say("login", username=name)
    return client


@given(moves, st.booleans())
def test_it_is_to_the_byte_what_is_told_each_apart(steps: list[tuple[int, Any]], boundaries: bool) -> None:
    """Whatever else is said, with numbers and without, by whomever, and whoever reads it late."""
    assert heard(chat_dialect, boundaries, steps) == heard(Apart(), boundaries, steps)


@pytest.mark.parametrize("boundaries", [True, False])
def test_it_is_told_once_and_in_its_place(boundaries: bool) -> None:
    said = [{"type": "send_message", "text": text} for text in ("one", "two")]
    steps = [(0, [said[0], numbered, said[1]])]
    arrived = b"".join(heard(chat_dialect, boundaries, steps)[0])
    assert [arrived.count(b'"one"'), arrived.count(b'"two"'), arrived.count(b'"numbered"')] == [1, 1, 1]
    assert arrived.index(b'"one"') < arrived.index(b'"numbered"') < arrived.index(b'"two"')


def test_nobody_is_told_apart_whose_words_are_those_of_all() -> None:
    """He gets a part of what is published, and nothing of his own."""
    server = Server()
    al, _bo = server.logins("al", "bo")
    before = server.switchboard.figures()
    al.say("send_message", text="hello")
    assert al.texts() == ["hello"]
    after = server.switchboard.figures()
    assert (after.told - before.told, after.published - before.published) == (0, 2)
