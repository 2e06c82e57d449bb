"""What a client tells its user when something is wrong."""

from __future__ import annotations

import pytest

from chatcore.commands import CreateRoom, JoinRoom, KickUser, ListRooms, Rename, SendDirect, SendMessage, WhoIs
from chatcore.errors import CertificateChanged, ConfigurationError, ConnectionFailed, UntrustedCertificate
from chatcore.text.telling import goodbye, name_asked, other_key, told

URL = "wss://chat.example:8765"


def same(text: str) -> str:
    return text


def test_another_key_is_shown_beside_the_one_that_is_known() -> None:
    """Both fingerprints, each on a line of its own, so that they can be compared; nothing steers the terminal."""
    changed = CertificateChanged("changed", "chat.example:8765\x1b[2J", "aa" * 32, "cc" * 32, "bb" * 32)
    told = other_key(changed, URL, (), same)
    assert told is not None
    first, *lines = told.splitlines()
    assert r"chat.example:8765\x1b[2J shows another key than before" in first
    assert [line.split()[-1] for line in lines] == ["aa" * 32, "bb" * 32]


def test_another_key_is_shown_beside_the_one_that_was_given() -> None:
    """With the address as it was typed."""
    told = other_key(UntrustedCertificate("other", "cc" * 32, "bb" * 32), URL, ("aa" * 32,), same)
    assert told is not None
    assert URL in told
    assert [line.split()[-1] for line in told.splitlines()[1:]] == ["aa" * 32, "bb" * 32]


def test_what_is_not_about_keys_has_another_sentence() -> None:
    """No certificate at all, none to compare with, no connection."""
    assert other_key(ConnectionFailed("refused"), URL, ("aa" * 32,), same) is None
    assert other_key(UntrustedCertificate("none"), URL, ("aa" * 32,), same) is None
    assert other_key(UntrustedCertificate("unknown", "cc" * 32, "bb" * 32), URL, (), same) is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (Rename("zoe"), "zoe"),
        (WhoIs("zoe"), "zoe"),
        (CreateRoom("python"), "python"),
        (JoinRoom("python"), "python"),
        (SendDirect(("zoe",), "hi"), "zoe"),
        (SendDirect(("zoe", "bob"), "hi"), ""),
        (KickUser("zoe"), "zoe"),
        (SendMessage("hi"), ""),
        (ListRooms(), ""),
    ],
    ids=str,
)
def test_a_refusal_names_whom_or_what_was_asked_for(command: object, name: str) -> None:
    """When it is one user or one room."""
    assert name_asked(command) == name


def test_a_goodbye_is_the_end_of_a_sentence() -> None:
    """Without a full stop, and harmless."""
    assert goodbye("never_heard_of", "the server\x1b[2J is tired.", same) == r"the server\x1b[2J is tired"


def test_what_stands_in_quotation_marks_is_shown_as_it_is_without_them() -> None:
    """Not with the marks of its direction as escapes, nor what is harmful escaped twice."""
    form = "there is no dialect called {name!r}, only chat"
    assert told(ConfigurationError(form, name="echo"), same) == "there is no dialect called 'echo', only chat"
    assert "'\u2068שלום\u2069'" in told(ConfigurationError(form, name="שלום"), same)
    assert r"'a\x1b[2J'" in told(ConfigurationError(form, name="a\x1b[2J"), same)
