"""What goes wrong is named."""

from __future__ import annotations

import copy
import pickle

import pytest

from chatcore import errors
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ConnectionClosed,
    ConnectionFailed,
    ErrorCode,
    LoginRefused,
    Refusal,
    RequestRefused,
    Sentence,
    UntrustedCertificate,
)

PROMISED = (
    "bad_json bad_request unknown_type too_large rate_limited not_logged_in already_logged_in bad_name name_taken "
    "no_such_user no_such_room room_exists forbidden cid_gap server_full shutting_down internal"
)


@pytest.mark.parametrize("code", PROMISED.split())
def test_every_promised_code_exists(code: str) -> None:
    """Codes are stable: the protocol names them."""
    assert ErrorCode(code) == code


def test_refused_request_carries_code_and_text() -> None:
    """The code is for programs, the text for people."""
    error = LoginRefused("name_taken", "somebody is called alice already")
    assert isinstance(error, RequestRefused)
    assert (error.code, error.message) == ("name_taken", "somebody is called alice already")
    assert str(error) == "somebody is called alice already (name_taken)"


def test_error_knows_what_its_sentence_is_made_of() -> None:
    """So that an interface can say it in another language; values may be errors themselves."""
    error = ConnectionFailed("nothing listens at {place!r}", place="{host}:1")
    assert str(error) == "nothing listens at '{host}:1'"
    assert (error.text, error.values) == ("nothing listens at {place!r}", {"place": "{host}:1"})
    both = ConnectionFailed("{one}; {other}", one=error, other=ConfigurationError("not here"))
    assert str(both) == "nothing listens at '{host}:1'; not here"
    assert both.values["one"] is error


def test_sentence_without_values_is_taken_as_it_stands() -> None:
    """It may hold braces: nobody meant them."""
    error = ConnectionFailed("what is a {brace}")
    assert (str(error), error.text, error.values) == ("what is a {brace}", "what is a {brace}", {})


def test_sentence_stays_one_on_its_way_through_errors_and_events() -> None:
    """It is a text like any other, and still known for what it is."""
    sentence = Sentence("closed by the peer ({why})", why="1000")
    assert sentence == "closed by the peer (1000)"
    assert type(str(sentence)) is str
    again = ConnectionClosed(sentence).sentence
    assert (again, again.text, again.values) == (sentence, sentence.text, sentence.values)


def test_error_of_somebody_else_has_a_sentence_too() -> None:
    """Also one that makes itself in a way of its own."""

    class NoPigeonError(ConnectionFailed):
        def __init__(self, bird: str) -> None:
            self.bird = bird

    assert NoPigeonError("dove").sentence == str(NoPigeonError("dove")) == "dove"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionFailed("{one}; {other}", one=ConnectionFailed("nothing {here}", here=1), other="{too}"),
        UntrustedCertificate("nobody vouches for {place}", "aa", "bb", place="host"),
        CertificateChanged("it was {known}", "host:1", "aa", None, "bb", known="aa"),
        LoginRefused("name_taken", "somebody is called {alice} already"),
    ],
)
def test_error_can_be_copied_and_pickled(error: ChatcoreError) -> None:
    """It may come from another process."""
    for made in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301 -- our own
        assert (type(made), str(made), made.args) == (type(error), str(error), error.args)
        assert (made.text, made.values.keys()) == (error.text, error.values.keys())
        fields = set(vars(error)) - {"_sentence"}
        assert {name: getattr(made, name) for name in fields} == {name: getattr(error, name) for name in fields}


def test_every_public_error_has_one_base() -> None:
    """One `except ChatcoreError` catches all that chatcore raises on purpose."""
    public = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert {each for each in public if not issubclass(each, ChatcoreError)} == {Refusal}
