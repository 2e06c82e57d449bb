"""Records and entries as JSON: what a journal keeps today is what it gives back tomorrow."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.commands import BecomeOperator, Command, HostRequest, LogIn, RegisterAccount, SendMessage, WayRequest
from chatcore.dialects.record_json import (
    VERSION,
    RecordError,
    decode_batch,
    decode_posted,
    encode_batch,
    encode_posted,
)
from chatcore.events import MessagePosted, Posted
from chatcore.ports.journal import Batch
from chatcore.records import RULES, Act, Gone, Keys, LimitsSet, LoggedIn, NodeUp, Origin, Record
from tests.strategies import batches, entries, json_values


@given(batches)
def test_batch_comes_back_as_it_was(batch: Batch) -> None:
    """Every kind of record, with whatever is in it."""
    assert decode_batch(encode_batch(batch)) == batch


@given(entries)
def test_entry_of_a_log_comes_back_as_it_was(entry: Posted) -> None:
    """Of a room, of direct messages, of broadcasts."""
    assert decode_posted(encode_posted(entry)) == entry


def test_one_record_of_each_sort_and_one_entry_come_back() -> None:
    """An act, a login, what nodes say; in a batch of its own place in the order."""
    login = LoggedIn(7, LogIn("al", client="c" * 16), Origin("ws", "chat", "127.0.0.1"), Keys(session="a", numbers="b"))
    batch = Batch(3, 4, (NodeUp("nonce", {}), login, Act(7, SendMessage("hi", cid=1)), Gone(7, "lost", {"lobby": 1})))
    assert decode_batch(encode_batch(batch)) == batch
    entry = MessagePosted(seq=1, sender="al", text="hi", at=1.5, room="lobby", deleted=True)
    assert decode_posted(encode_posted(entry)) == entry


def _key(command: Command) -> str:
    (found,) = json.loads(encode_batch(Batch(1, 1, (Act(0, command),))))["records"]
    (key,) = found.keys() - {"on"}
    return str(key)


@given(batches)
def test_batch_is_one_json_object_with_the_version_of_the_format(batch: Batch) -> None:
    """Any program can read it."""
    found = json.loads(encode_batch(batch))
    begins = any(isinstance(record, NodeUp) for record in batch.records)
    assert (found["v"], found["node"], found["number"]) == (1 if begins else VERSION, batch.node, batch.number)
    assert len(found["records"]) == len(batch.records)


def test_message_is_short() -> None:
    """What has its default value is not written."""
    batch = Batch(7, 12, (Act(9, SendMessage("hi", 3)),))
    expected = b'{"v":%d,"node":7,"number":12,"records":[{"on":9,"send_message":{"text":"hi","cid":3}}]}' % VERSION
    assert encode_batch(batch) == expected
    assert _key(SendMessage("")) == "send_message"


_WHOLE: dict[Any, Any] = {
    LogIn: {"token": st.none()},
    BecomeOperator: {"token": st.none()},
    NodeUp: {"limits": st.just({})},
    LimitsSet: {"limits": st.just({})},
}


@pytest.mark.parametrize("kind", sorted(set(get_args(Command)) - set(get_args(WayRequest | HostRequest)), key=str))
@given(data=st.data())
@settings(max_examples=3)
def test_every_command_has_a_form(kind: Any, data: st.DataObject) -> None:
    """One that is added to the vocabulary is added here, unless a node answers it alone."""
    batch = Batch(1, 1, (Act(1, data.draw(st.builds(kind, **_WHOLE.get(kind, {})))),))
    assert decode_batch(encode_batch(batch)) == batch


@pytest.mark.parametrize("kind", [kind for kind in get_args(Record) if kind not in {Act, LoggedIn}])
@given(data=st.data())
@settings(max_examples=3)
def test_every_record_has_a_form(kind: Any, data: st.DataObject) -> None:
    """The same of records."""
    batch = Batch(1, 1, (data.draw(st.builds(kind, **_WHOLE.get(kind, {}))),))
    assert decode_batch(encode_batch(batch)) == batch


def test_token_is_never_written() -> None:
    """Whoever reads a journal must not become its users: the text of a token is a mistake of the caller's."""
    login = LogIn("alice", "client", "secret")
    with pytest.raises(ValueError, match="token"):
        encode_batch(Batch(1, 1, (LoggedIn(1, login, Origin("ws", "chat", ""), Keys()),)))
    with pytest.raises(ValueError, match="token"):
        encode_batch(Batch(1, 1, (Act(1, login),)))


@pytest.mark.parametrize(
    "command",
    [
        LogIn("alice", password="secret"),
        LogIn("alice", server_password="secret"),
        LogIn("alice", invitation="secret"),
        LogIn("alice", operator_token="secret"),
        RegisterAccount(password="secret"),
        BecomeOperator("secret"),
    ],
)
def test_no_other_secret_is_written_either(command: Command) -> None:
    """Passwords, invitations, the token of the operators: they are checked before there is a record."""
    with pytest.raises(ValueError, match="a record holds no"):
        encode_batch(Batch(1, 1, (Act(1, command),)))


@pytest.mark.parametrize("text", [5, True, b"ann", ["ann"], "\ud83d"], ids=repr)
def test_what_would_not_be_read_again_is_not_written(text: Any) -> None:
    """A value that is of another type, or has no form in UTF-8, by a mistake of whoever made the record."""
    with pytest.raises(ValueError, match=r"str|utf-8"):
        encode_batch(Batch(1, 1, (Act(1, SendMessage("hi")), Act(1, SendMessage(text)))))
    with pytest.raises(ValueError, match=r"str|utf-8"):
        encode_posted(MessagePosted(seq=1, sender="al", text=text, at=1.5, room="lobby"))


def test_node_says_by_which_rules_it_begins() -> None:
    """Whoever reads it has others, some day; nodes of all versions can read it, and refuse it beside themselves."""
    begins = Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),))
    expected = b'{"v":1,"node":0,"number":1,"records":[{"node_up":{"nonce":"nonce","limits":{},"rules":%d}}]}' % RULES
    assert encode_batch(begins) == expected
    assert VERSION == RULES  # so whatever comes behind it is of a newer version to those who do not know its rules


def test_node_of_before_began_by_the_last_rules_that_were_said_nowhere() -> None:
    (began,) = decode_batch(b'{"v":1,"node":0,"number":1,"records":[{"node_up":{"nonce":"n","limits":{}}}]}').records
    assert isinstance(began, NodeUp)
    assert began.rules == 11


def test_what_earlier_versions_wrote_is_read() -> None:
    batch = Batch(7, 12, (Act(9, SendMessage("hi", 3)),))
    for version in (1, 11, VERSION):
        written = b'{"v":%d,"node":7,"number":12,"records":[{"on":9,"send_message":{"text":"hi","cid":3}}]}' % version
        assert decode_batch(written) == batch


@pytest.mark.parametrize("version", [VERSION + 1, 99])
def test_newer_version_says_so(version: int) -> None:
    """Whatever else is new in it; the sentence says what to do."""
    batch = json.dumps({"v": version, "records": [{"something": "new"}], "more": None}).encode()
    with pytest.raises(RecordError, match=f"newer chatcore .*version {version}, this one knows {VERSION}.*upgrade"):
        decode_batch(batch)


_GOOD = {"v": 1, "node": 1, "number": 1}


@pytest.mark.parametrize(
    "batch",
    [
        {},
        [],
        {"v": 0, "node": 1, "number": 1, "records": []},
        {"v": "1", "node": 1, "number": 1, "records": []},
        {**_GOOD, "records": None},
        {**_GOOD, "node": "1", "records": []},
        {**_GOOD, "records": [], "more": 1},
        {**_GOOD, "records": [{}]},
        {**_GOOD, "records": [{"on": 1}]},
        {**_GOOD, "records": [{"send_message": {"text": "hi"}}]},
        {**_GOOD, "records": [{"on": "1", "send_message": {"text": "hi"}}]},
        {**_GOOD, "records": [{"on": 1, "send_message": {}}]},
        {**_GOOD, "records": [{"on": 1, "send_message": {"text": "hi", "more": 1}}]},
        {**_GOOD, "records": [{"on": 1, "send_message": {"text": "hi", "cid": "1"}}]},
        {**_GOOD, "records": [{"on": 1, "send_message": {"text": "hi"}, "logout": {}}]},
        {**_GOOD, "records": [{"on": 1, "login": {"username": "al", "token": "secret"}}]},
        {**_GOOD, "records": [{"on": 1, "confirmed": {"connection": 1}}]},
        {**_GOOD, "records": [{"unheard_of": {}}]},
    ],
)
def test_what_is_no_batch_is_refused(batch: object) -> None:
    """Nothing is guessed, nothing is left out, no number is made of a text."""
    with pytest.raises(RecordError, match="no batch"):
        decode_batch(json.dumps(batch).encode())


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_other_bytes_raise_anything_else(data: bytes) -> None:
    """Damage has one name."""
    with pytest.raises(RecordError):
        decode_batch(data)
    with pytest.raises(RecordError):
        decode_posted(data)


def test_damaged_entry_is_refused() -> None:
    """A cut one, one of two kinds, one of no kind."""
    data = encode_posted(MessagePosted(seq=1, sender="al", text="hi", at=1.5, room="lobby"))
    both = json.loads(data) | {"broadcast": {"seq": 1, "sender": "al", "text": "hi", "at": 1.5}}
    for bad in (data[:-1], b"{}", json.dumps(both).encode(), data.replace(b'"seq":1', b'"seq":"1"')):
        with pytest.raises(RecordError, match="no entry"):
            decode_posted(bad)
