"""How often something may be asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import ErrorCode, Refusal
from chatcore.server.admission.budget import take_token
from chatcore.server.admission.token_bucket import TokenBucket


def wait(bucket: TokenBucket, now: float) -> float:
    """Take a token; return in how many seconds there is one, 0 when there was."""
    seconds = bucket.wait(now)
    if not seconds:
        bucket.spend()
    return seconds


def spent(bucket: TokenBucket, now: float) -> bool:
    """Say whether there was a token."""
    return not wait(bucket, now)


def test_a_burst_may_come_at_once_and_then_what_the_rate_gives() -> None:
    """What was not used is kept, up to the burst."""
    bucket = TokenBucket(rate=2, burst=3, now=10.0)
    assert [spent(bucket, 10.0) for _ in range(4)] == [True, True, True, False]
    assert [spent(bucket, 10.5) for _ in range(2)] == [True, False]
    assert [spent(bucket, 100.0) for _ in range(4)] == [True, True, True, False]


@given(
    rate=st.floats(0.01, 1000),
    burst=st.integers(1, 100),
    pauses=st.lists(st.floats(0, 10), min_size=1, max_size=100),
)
def test_who_waits_as_long_as_told_succeeds(rate: float, burst: int, pauses: list[float]) -> None:
    """It says in how many seconds; to ask costs nothing."""
    now = 1000.0
    bucket = TokenBucket(rate, burst, now)
    for pause in pauses:
        now += pause
        seconds = wait(bucket, now)
        assert seconds <= 1 / rate + 0.002
        now += seconds
        if seconds:
            assert spent(bucket, now)


def test_the_refusal_says_why() -> None:
    """With the code of every rate limit, and what there was too much of."""
    bucket = TokenBucket(rate=4, burst=1, now=0.0)
    take_token(bucket, 0.0, "files")
    with pytest.raises(Refusal) as caught:
        take_token(bucket, 0.0, "files")
    assert (caught.value.code, caught.value.values) == (ErrorCode.RATE_LIMITED, {"what": "files"})
    assert caught.value.retry_after == pytest.approx(0.25, abs=0.002)


@pytest.mark.parametrize("rate", [0.5, 1, 7])
def test_over_time_no_more_comes_than_burst_and_rate_allow(rate: float) -> None:
    """However often it is tried."""
    bucket = TokenBucket(rate, burst=5, now=0.0)
    done = sum(spent(bucket, tick / 100) for tick in range(10_001))
    assert 5 + 100 * rate - 1 <= done <= 5 + 100 * rate


def test_what_costs_more_than_there_is_has_to_come_back_first() -> None:
    """One token is enough to begin with."""
    bucket = TokenBucket(rate=2, burst=3, now=0.0)
    bucket.spend(8.0)
    assert bucket.wait(0.0) == pytest.approx(3.0, abs=0.002)
    assert bucket.wait(3.0) == 0.0


def test_what_is_kept_for_others_cannot_be_spent() -> None:
    """It is there for those who keep nothing."""
    bucket = TokenBucket(rate=2, burst=10, now=0.0)
    bucket.spend(5.0)
    assert bucket.wait(0.0, keep=0.5) == pytest.approx(0.5, abs=0.002)
    assert bucket.wait(0.0) == 0.0


@given(burst=st.integers(1, 100), keep=st.floats(0, 1), rate=st.floats(0.01, 1000), spent=st.integers(0, 300))
def test_who_leaves_something_to_others_has_a_turn_all_the_same(
    burst: int, keep: float, rate: float, spent: int
) -> None:
    """Also where what is left to others would be all that there is."""
    bucket = TokenBucket(rate, burst, now=0.0)
    bucket.spend(spent)
    assert bucket.wait(bucket.wait(0.0, keep), keep) == 0.0
