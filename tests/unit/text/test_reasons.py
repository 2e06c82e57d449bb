"""One catalogue says to people what stable words mean."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import ErrorCode
from chatcore.events import FileEnd
from chatcore.ports.transport import Lost, LostReason
from chatcore.text import telling
from chatcore.text.reasons import CONNECTION_LOST, LOST, REFUSALS, VALUES, fields, lost_sentence, refusal_sentence
from chatcore.text.safe_text import safe_text


def test_every_reason_of_a_lost_link_has_a_sentence_that_needs_nothing_else() -> None:
    assert set(LOST) == set(LostReason)
    for reason, forms in LOST.items():
        assert fields(forms[-1]) == set()
        assert lost_sentence(Lost(reason)) == forms[-1]


def test_what_the_peer_said_stands_in_the_sentence_and_is_no_template() -> None:
    assert lost_sentence(Lost(LostReason.CLOSED_BY_PEER, "1000: {why}")) == "closed by the peer (1000: {why})"
    assert lost_sentence(Lost(LostReason.STALLED, "of no use here")) == "stalled"


@pytest.mark.parametrize("reason", LostReason)
def test_a_lost_link_is_a_stable_word_in_a_log_or_a_record(reason: LostReason) -> None:
    """Whatever the peer said: programs look for the word."""
    lost = Lost(reason, "a stranger's words")
    assert json.loads(json.dumps({"reason": lost})) == {"reason": reason.value}
    assert f"{lost}" == reason.value


@pytest.mark.parametrize("code", [*ErrorCode, *FileEnd, CONNECTION_LOST])
def test_every_code_has_a_sentence_that_needs_nothing_else(code: str) -> None:
    assert refusal_sentence(code, {}) == REFUSALS[code][-1]
    assert fields(REFUSALS[code][-1]) == set()


def test_every_value_of_a_sentence_has_a_kind_and_every_kind_a_sentence() -> None:
    assert {name for forms in REFUSALS.values() for form in forms for name in fields(form)} == VALUES


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (1, "1 min"),
        (119, "119 min"),
        (120, "2 h"),
        (121, "3 h"),
        (2_880, "2 days"),
        (2_881, "3 days"),
        (5_256_000, "3650 days"),
    ],
)
def test_long_time_is_told_in_hours_or_days(minutes: int, told: str) -> None:
    values = {"room": "class", "minutes": minutes}
    assert str(refusal_sentence(ErrorCode.BANNED, values)) == f"you are banned from class for another {told}"
    assert str(refusal_sentence(ErrorCode.MUTED, values)) == f"you may not speak in class for another {told}"


def test_each_sentence_can_be_reached_by_its_values() -> None:
    """None stands behind another one that needs no more."""
    for key, forms in REFUSALS.items():
        code, _dot, what = key.partition(".")
        for form in forms:
            values: dict[str, object] = {
                name: "x" if name in ("name", "other", "room", "asked", "rule") else 1 for name in fields(form)
            }
            sentence = refusal_sentence(code, values | ({"what": what} if what else {}))
            assert sentence is not None
            assert sentence.text == form


def test_code_of_a_newer_server_has_no_sentence() -> None:
    assert refusal_sentence("gone_fishing", {"name": "x"}) is None
    assert refusal_sentence("bad_request.empty_text.x", {}) is None


@pytest.mark.parametrize(
    "value",
    [None, True, [], {}, "", "x" * 256, "12", -1, 2**53 + 1, 1.5, math.nan, math.inf, 10**400, b"x", {"a": 1}],
    ids=repr,
)
def test_value_that_is_not_what_it_should_be_is_left_out(value: object) -> None:
    """It is a peer's."""
    assert refusal_sentence("too_large", {"text_bytes": value}) == "this is too long"
    assert refusal_sentence("bad_request", {"what": value}) == "the server did not understand this"
    if not isinstance(value, str) or not value or len(value) > 255:
        assert refusal_sentence("name_taken", {"name": value}) == "this name is taken"


def test_hostile_values_are_harmless_and_surplus_ones_are_not_looked_at() -> None:
    values = {"name": "{x}\x1b[2J\u202e\u200b", "surplus": object(), "why": "stalled", "code": "x", "what": "{name}"}
    assert refusal_sentence("name_taken", values) == r"the name {x}\x1b[2J\u202e\u200b is taken"


@given(
    st.sampled_from([*ErrorCode]),
    st.dictionaries(
        st.sampled_from([*VALUES, "what", "why", "{"]), st.one_of(st.text(), st.integers(), st.floats(), st.none())
    ),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_whatever_a_server_says_is_one_harmless_line(
    code: str, values: dict[str, object], message: str, name: str
) -> None:
    text = telling.refusal(code, message, values, str, name=name)
    assert text
    assert safe_text(text) == text
    assert "\n" not in text


def test_value_of_a_server_that_is_no_name_does_not_hide_the_name_that_was_asked_for() -> None:
    assert telling.refusal("name_taken", "no", {"name": 7}, str, name="bob") == "The name bob is taken."
    assert telling.refusal("name_taken", "no", {"name": "eve"}, str, name="bob") == "The name eve is taken."
