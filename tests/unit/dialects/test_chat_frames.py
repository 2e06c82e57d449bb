"""Commands and events go through the `chat` dialect unchanged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import Command, Position
from chatcore.dialects.chat.codec.times import moment
from chatcore.dialects.chat.decode import BadFrameError, decode_event, decode_request
from chatcore.dialects.chat.encode import command_frame, event_frame
from chatcore.dialects.chat.frames import REQUESTS, SERVER_FRAMES
from chatcore.dialects.chat.json_text import decode_object, encode_object
from chatcore.dialects.chat.pictures import picture_object
from chatcore.events import (
    HistoryRead,
    MessagePosted,
    MessagesFound,
    Posted,
    RoomEntered,
    RoomsListed,
    RoomSummary,
    ServerEvent,
)
from tests.strategies import commands, json_objects, pictures, room_lines, server_events, usernames


def refusal(decode: Callable[[dict[str, Any]], object], frame: dict[str, Any]) -> BadFrameError | None:
    """Return why a frame is refused, None when it is not; anything else that is raised fails the test."""
    try:
        decode(frame)
    except BadFrameError as error:
        return error
    return None


request_ids = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=64)


@given(commands, request_ids)
def test_command_comes_back_from_its_frame(command: Command, reply_to: str | None) -> None:
    """What a client asks for is what the server understands."""
    frame = decode_object(encode_object(command_frame(command, reply_to)))
    assert decode_request(frame) == (command, reply_to)


@given(server_events, request_ids)
def test_event_comes_back_from_its_frame(event: ServerEvent, reply_to: str | None) -> None:
    """What the server tells is what a client understands, but for the cids of others."""
    frame = decode_object(encode_object(event_frame(event, reply_to=reply_to)))
    if isinstance(event, Posted):
        event = replace(event, cid=None)
    if isinstance(event, HistoryRead | MessagesFound):
        event = replace(event, messages=tuple(replace(each, cid=None) for each in event.messages))
    assert decode_event(frame) == (event, reply_to)


@given(st.lists(room_lines, max_size=5))
def test_room_list_is_written_as_it_is_whatever_was_written_before(lists: list[tuple[RoomSummary, ...]]) -> None:
    """Lines that are the same object are not written anew, all others are."""
    for rooms in [*lists, *lists, *(each[:1] + more[1:] for each, more in pairwise(lists))]:
        frame = decode_object(picture_object(RoomsListed(rooms, more=False)))
        assert frame["rooms"] == [{"name": room.name, "users": room.users, "seq": room.seq} for room in rooms]


@given(st.lists(st.lists(usernames, max_size=4), max_size=5))
def test_list_of_members_is_written_as_it_is_whatever_was_written_before(lists: list[list[str]]) -> None:
    """Of one that only grew, what was written stays."""
    for names in (tuple(more[:end]) for more in lists for end in (0, 1, len(more), 2, len(more))):
        frame = decode_object(
            picture_object(RoomEntered(room="lobby", position=Position("e", 1), users=names, users_count=len(names)))
        )
        assert frame["users"] == list(names)


@given(pictures, request_ids)
def test_picture_with_lists_that_were_written_before_is_the_same_frame(event: Any, reply_to: str | None) -> None:
    """Who is there is written once for all who come."""
    for _ in range(2):
        assert decode_object(picture_object(event, reply_to)) == decode_object(
            encode_object(event_frame(event, reply_to=reply_to))
        )


def test_cid_is_in_the_frame_of_its_own_client_only() -> None:
    """Others never see the number or the client id."""
    event = MessagePosted(seq=1, sender="al", text="hi", at=0.0, client="mine", cid=7, room="lobby")
    assert event_frame(event, numbers="mine")["cid"] == 7
    for frame in (event_frame(event), event_frame(event, numbers="yours")):
        assert "cid" not in frame
        assert "client" not in frame


def test_time_is_rfc_3339_in_utc_with_milliseconds() -> None:
    """Every program can read it, and sorting texts sorts times."""
    assert moment(0.0) == "1970-01-01T00:00:00.000Z"
    assert moment(1_795_244_892.918) == "2026-11-21T07:08:12.918Z"


def test_every_frame_is_described_once() -> None:
    """The types of each side's frames are different from one another."""
    for models in (REQUESTS, SERVER_FRAMES):
        kinds = [model.model_fields["type"].default for model in models]
        assert len(set(kinds)) == len(kinds)


@pytest.mark.unmeasured
@given(json_objects)
def test_any_object_is_a_request_or_refused_with_a_code(frame: dict[str, Any]) -> None:
    """Nothing else is raised for what a peer sends."""
    error = refusal(decode_request, frame)
    if error is not None:
        assert error.code in {"bad_request", "unknown_type"}
        assert error.message


@given(commands, st.data())
def test_altered_request_is_a_request_or_refused_with_a_code(command: Command, data: st.DataObject) -> None:
    """A field that is dropped, renamed or of another type never raises anything else."""
    frame = command_frame(command, "1")
    key = data.draw(st.sampled_from(sorted(frame)))
    if data.draw(st.booleans(), "drop"):
        del frame[key]
    else:
        frame[key] = data.draw(
            st.sampled_from([None, True, 1, -1, 2**53, 0.5, "", "x" * 100, [], {}, [[]], {"a": {}}, [1, "a"]])
        )
    error = refusal(decode_request, frame)
    if error is not None:
        assert error.code in {"bad_request", "unknown_type"}
        assert error.reply_to in {"1", "", "x" * 100, None}
        assert len(error.message) < 300


@pytest.mark.parametrize(
    ("frame", "most"),
    [
        ({"type": "set_topic", "topic": "x" * 301}, 300),
        ({"type": "close_room", "reason": "x" * 301}, 300),
        ({"type": "search", "words": "x" * 1001}, 1000),
        ({"type": "logout", "id": "x" * 65}, None),
        ({"type": "file_decline", "file": "x" * 65}, None),
    ],
)
def test_what_people_type_is_too_large_and_what_programs_make_up_is_no_request(
    frame: dict[str, object], most: int | None
) -> None:
    error = refusal(decode_request, frame)
    assert error is not None
    assert error.code == ("bad_request" if most is None else "too_large")
    assert error.values.get("characters") == most


def test_room_that_is_to_be_too_slow_is_refused_with_the_bound() -> None:
    assert refusal(decode_request, {"type": "set_slow", "seconds": 21_600}) is None
    error = refusal(decode_request, {"type": "set_slow", "seconds": 21_601, "id": "1"})
    assert error is not None
    assert (error.code, error.values, error.reply_to) == ("bad_request", {"what": "slow", "hours": 6}, "1")
    assert error.message == "nobody has to wait longer than 6 h between two messages"


@pytest.mark.parametrize("end", ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("asked", [("set_topic", "topic"), ("kick", "reason"), ("ban", "reason"), ("mute", "reason")])
def test_what_is_one_line_for_people_has_no_second_one(asked: tuple[str, str], end: str) -> None:
    """Nor anything else that steers whoever shows it; every other letter is taken."""
    kind, key = asked
    frame = {"type": kind, "username": "bob", "id": "1"}
    for text in (f"news{end}/msg", f"news{end}"):
        error = refusal(decode_request, frame | {key: text})
        assert error is not None
        assert (error.code, error.values, error.reply_to) == ("bad_request", {"what": "one_line"}, "1")
    assert refusal(decode_request, frame | {key: "a \u05d0\u200d\xa0\U0001f600"}) is None


@given(server_events, st.data())
def test_altered_event_is_an_event_or_refused_with_a_code(event: ServerEvent, data: st.DataObject) -> None:
    """A client survives a server that speaks otherwise."""
    frame = event_frame(event, reply_to="1")
    key = data.draw(st.sampled_from(sorted(frame)))
    frame[key] = data.draw(st.sampled_from([None, True, -1, 0.5, "", "x", "0001-01-01T00:00:00Z", [], {}, [1]]))
    error = refusal(decode_event, frame)
    assert error is None or error.code in {"bad_request", "unknown_type"}


@pytest.mark.parametrize(
    "at",
    [
        "",
        "x",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-11-27T00:00:00",
        "2026-11-27",
        "0001-01-01T00:00:00Z",
        "0001-01-02T00:00:00+00:01",
        "9999-12-31T23:59:59.999Z",
    ],
)
def test_event_at_a_time_that_is_none_is_refused(at: str) -> None:
    """A client does not stumble over a server's clock: without a zone, or where its own zone has no such day."""
    frame = {"type": "broadcast", "seq": 1, "from": "al", "text": "hi", "at": at, "id": "7"}
    error = refusal(decode_event, frame)
    assert error is not None
    assert (error.code, error.message, error.reply_to) == ("bad_request", "a time is not RFC 3339", "7")


@pytest.mark.parametrize("kind", ["welcome", "presence", "message", "error", "bye", "nonsense", "", "pong "])
def test_type_that_is_no_request_is_unknown(kind: str) -> None:
    """Frames of the server's side are not understood from a client."""
    with pytest.raises(BadFrameError) as caught:
        decode_request({"type": kind, "id": "7"})
    assert (caught.value.code, caught.value.reply_to) == ("unknown_type", "7")


@pytest.mark.parametrize("frame", [{}, {"type": None}, {"type": 1}, {"type": ["login"]}, {"type": {}}])
def test_frame_without_a_type_is_a_bad_request(frame: dict[str, Any]) -> None:
    """A type is a string."""
    with pytest.raises(BadFrameError) as caught:
        decode_request(frame | {"id": "7"})
    assert (caught.value.code, caught.value.message, caught.value.reply_to) == (
        "bad_request",
        "'type' is missing",
        "7",
    )
