"""One catalogue says to people what stable words mean."""

from __future__ import annotations

import json

import pytest

from chatcore.ports.transport import Lost, LostReason
from chatcore.text.reasons import LOST, fields, lost_sentence


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
