"""What goes wrong is named."""

from __future__ import annotations

import pytest

from chatcore import errors
from chatcore.errors import ChatcoreError, ErrorCode, LoginRefused, Refusal, RequestRefused

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


def test_every_public_error_has_one_base() -> None:
    """One `except ChatcoreError` catches all that chatcore raises on purpose."""
    public = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Exception)]
    assert {each for each in public if not issubclass(each, ChatcoreError)} == {Refusal}
