"""What can be sent at all: said when it is asked for, before anything is numbered."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from math import inf, nan
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import (
    Command,
    CreateRoom,
    EditMessage,
    ListRooms,
    OfferFile,
    ReadHistory,
    Search,
    SendChunk,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.dialects.chat.decode import decode_request
from chatcore.dialects.chat.encode import command_frame
from chatcore.dialects.chat.json_text import decode_object, encode_object
from chatcore.errors import LoginRefused, RequestRefused
from chatcore.limits import MOMENTS, OBJECT_BYTES
from chatcore.text.json_size import fits
from chatcore.text.sendable import check, check_login, flaw
from tests.strategies import commands


@pytest.mark.parametrize(
    ("text", "number"), [("\ud83d", 1), ("ok\udfff", 3), ("caf\udce9", 4), ("\U0001f600\ud83d", 2), ("\ude00\ud83d", 1)]
)
def test_text_with_a_lone_surrogate_has_a_flaw_that_names_its_place(text: str, number: int) -> None:
    """Half of an emoji that was cut in two, a byte of Latin-1: Python has them, UTF-8 does not."""
    assert flaw(text) == f"there is a character at place {number} that is broken or not UTF-8; replace it"


@pytest.mark.parametrize("text", ["", "\0", "\x7f", "\ufeff", "\uffff", "\U0010ffff", "\U0001f600", "caf\u00e9\n"])
def test_every_other_character_can_be_sent(text: str) -> None:
    """NUL, noncharacters and byte order marks have their form in UTF-8."""
    assert flaw(text) is None


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SendMessage("\ud83d"), "bad_request"),
        (SendMessage("hi", room="\ud83d"), "bad_request"),
        (SendDirect(("bob", "\ud83d"), "hi"), "bad_request"),
        (SendDirect(("x" * 5000,), "hi"), "too_large"),
        (SendDirect(("bob",) * 5000, "hi"), "too_large"),
        (CreateRoom('"' * 3000), "too_large"),
        (EditMessage(1, "\ud83d"), "bad_request"),
        (EditMessage(1, "x" * 60_001), "too_large"),
        (EditMessage(1, '"' * 30_001), "too_large"),
        (EditMessage(1, "\x01" * 10_001), "too_large"),
        (WhoIs("\udce9"), "bad_request"),
        (ReadHistory("lobby", before=2**53 + 1), "bad_request"),
        (ReadHistory("lobby", limit=-(2**70)), "bad_request"),
        (OfferFile(("\ud83d",), False, "a.txt", 1, "00"), "bad_request"),
        (Search(since=1e12), "bad_request"),
        (Search(until=-1e12), "bad_request"),
        (Search(until=10**15), "bad_request"),
        (Search(since=nan), "bad_request"),
        (Search(until=inf), "bad_request"),
    ],
)
def test_command_that_no_server_could_read_is_refused(command: Any, code: str) -> None:
    """Whatever field it is in."""
    with pytest.raises(RequestRefused) as caught:
        check(command)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "command",
    [
        SendMessage(b"hi"),  # type: ignore[arg-type]
        SendMessage(1.5),  # type: ignore[arg-type]
        SendDirect({"bob"}, "hi"),  # type: ignore[arg-type]
        WhoIs(object()),  # type: ignore[arg-type]
        ListRooms(b"x"),  # type: ignore[arg-type]
        Search(limit=2.5),  # type: ignore[arg-type]
        Search(since=datetime(2026, 11, 27, tzinfo=UTC)),  # type: ignore[arg-type]
    ],
)
def test_what_is_neither_text_nor_a_number_is_a_mistake_of_the_program(command: Any) -> None:
    """It would fail later, where nobody sees it."""
    with pytest.raises(TypeError, match="cannot be"):
        check(command)


@pytest.mark.parametrize("at", [0, 0.0, -0.5, 1.5, 1_795_766_400, *MOMENTS])
def test_times_can_be_asked_for_wherever_they_begin_to_count(at: float) -> None:
    """The first second of 1970 is one, and so are those before."""
    command = Search("key", since=at, until=at)
    check(command)
    assert decode_request(command_frame(command))[0] == command


@given(commands, st.text(st.characters(), max_size=60))
def test_what_passes_the_check_can_be_written_and_read(command: Any, text: str) -> None:
    """And fits into an object; `text` is any text at all, in place of the command's own."""
    command = SendMessage(text) if isinstance(command, SendMessage) else command
    try:
        check(command)
    except RequestRefused:
        assert flaw(text) is not None
        return
    payload = encode_object(command_frame(command))
    assert decode_object(payload)
    assert len(payload) <= OBJECT_BYTES


@pytest.mark.parametrize("kind", [kind for kind in get_args(Command) if kind is not SendChunk])
@pytest.mark.parametrize("long", ["x" * 60_001, '"' * 30_001, "\x01" * 10_001], ids=["plain", "quotes", "controls"])
def test_text_that_fills_a_frame_is_refused_in_whatever_field_of_whatever_request(kind: type, long: str) -> None:
    """The server would end the connection, and again whenever the request is repeated on the next one."""
    for name, hint in get_type_hints(kind).items():
        if hint in (str, str | None):
            needed = {each.name: "" for each in fields(kind) if each.default is each.default_factory is MISSING}
            with pytest.raises(RequestRefused) as caught:
                check(kind(**needed | {name: long}))
            assert caught.value.code == "too_large", name


def test_longest_text_to_the_most_receivers_with_the_longest_names_is_one_object() -> None:
    """60,000 bytes, 64 users of 32 characters."""
    command = SendDirect(tuple(f"{number:032}" for number in range(64)), '"' * 30_000, cid=2**53)
    check(command)
    assert fits(command.text, 60_000)
    assert len(encode_object(command_frame(command, "s" * 20))) <= OBJECT_BYTES


@pytest.mark.parametrize(
    ("username", "client", "code"),
    [("al\udce9", "c" * 16, "bad_name"), ("x" * 5000, "c" * 16, "bad_name"), ("alice", "\ud83d" * 16, "bad_request")],
)
def test_login_that_no_server_could_read_is_refused(username: str, client: str, code: str) -> None:
    """With a code that tells which of the two it is."""
    with pytest.raises(LoginRefused) as caught:
        check_login(username, client)
    assert caught.value.code == code


@pytest.mark.parametrize("secret", ["password", "invitation", "operator_token"])
@pytest.mark.parametrize("flawed", ["x" * 5000, "\ud83d"], ids=["long", "half"])
def test_login_with_a_secret_that_no_server_could_read_is_refused(secret: str, flawed: str) -> None:
    """Whichever it is: the server would end the connection without a word about the reason."""
    with pytest.raises(LoginRefused, match="cannot be used: "):
        check_login("alice", "client", **{secret: flawed})


def test_place_of_a_broken_character_is_counted_in_the_password_of_an_account_alone() -> None:
    with pytest.raises(LoginRefused, match="a character at place 2 that is broken"):
        check_login("alice", "client", account=("alice", "x\ud83d"))


def test_password_that_no_server_can_be_told_is_too_long() -> None:
    """The sentence speaks of the password, and not of names."""
    with pytest.raises(LoginRefused, match=r"^the password cannot be used: it is too long") as refused:
        check_login("alice", "client", "x" * 5000)
    assert refused.value.code == "wrong_password"
