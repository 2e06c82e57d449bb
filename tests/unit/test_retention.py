"""What has to go from a store: the oldest, no more than needed, whatever the logs hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatcore.ports.archive import Retention
from chatcore_sqlite.retention import Line, PatientTime, Size, cuts

NOW = 1000.0

Logs = dict[str, list[Line]]


def sizes(logs: Logs) -> list[Size]:
    """Return what the logs hold."""
    return [
        Size(key, len(lines), sum(line.size for line in lines), lines[0].at) for key, lines in logs.items() if lines
    ]


def tidied(logs: Logs, retention: Retention, most: int = 1000) -> Logs:
    """Return what is left when all has gone that has to, so many entries at a time."""
    logs = {key: list(lines) for key, lines in logs.items()}
    while gone := cuts(sizes(logs), lambda key: iter(logs[key]), retention, NOW, most):
        assert sum(cut.messages for cut in gone.values()) <= most
        for key, cut in gone.items():
            assert cut.bytes == sum(line.size for line in logs[key][: cut.messages])
            del logs[key][: cut.messages]
            assert cut.oldest == (logs[key][0].at if logs[key] else None)
    return logs


def lines(*times: float, size: int = 10) -> list[Line]:
    """Return entries that were said at these times."""
    return [Line(at, size) for at in times]


def test_without_bounds_everything_stays() -> None:
    logs = {"lobby": lines(1, 2, 3), "*": lines(1)}
    assert tidied(logs, Retention()) == logs


def test_oldest_of_all_logs_goes_first() -> None:
    logs = {"lobby": lines(1, 4, 5), "python": lines(2, 3, 6)}
    assert tidied(logs, Retention(messages=3)) == {"lobby": lines(4, 5), "python": lines(6)}


def test_what_is_too_old_goes_from_every_log() -> None:
    logs = {"lobby": lines(100, 400, 900), "python": lines(350), "*": lines(950)}
    assert tidied(logs, Retention(seconds=600.0)) == {"lobby": lines(400, 900), "python": [], "*": lines(950)}


def test_bytes_are_those_of_all_logs() -> None:
    logs = {"lobby": [Line(1, 60), Line(2, 50)], "python": [Line(3, 30)]}
    assert tidied(logs, Retention(bytes=100)) == {"lobby": [Line(2, 50)], "python": [Line(3, 30)]}


def test_room_has_bounds_of_its_own_beside_those_for_all() -> None:
    logs = {"lobby": lines(1, 2, 3, 4), "python": lines(5, 6)}
    own = Retention(rooms={"lobby": Retention(messages=2), "nowhere": Retention(messages=0)})
    assert tidied(logs, own) == {"lobby": lines(3, 4), "python": lines(5, 6)}
    both = Retention(messages=3, rooms={"lobby": Retention(messages=2)})
    assert tidied(logs, both) == {"lobby": lines(4), "python": lines(5, 6)}


def test_room_that_has_an_age_of_its_own_keeps_entries_longer_or_shorter_than_others() -> None:
    logs = {"lobby": lines(100, 400, 900), "python": lines(100, 900), "rust": lines(400, 960)}
    own = {"python": Retention(seconds=950.0), "rust": Retention(seconds=50.0), "*": Retention(messages=1)}
    left = {"lobby": lines(400, 900), "python": lines(100, 900), "rust": lines(960)}
    assert tidied(logs, Retention(seconds=700.0, rooms=own)) == left
    assert tidied(logs, Retention(seconds=700.0, rooms=own), most=1) == left


def test_room_without_an_age_of_its_own_has_that_of_all() -> None:
    retention = Retention(seconds=700.0, rooms={"lobby": Retention(messages=2), "python": Retention(bytes=10)})
    logs = {"lobby": lines(100, 900), "python": lines(400, 900)}
    assert tidied(logs, retention) == {"lobby": lines(900), "python": lines(900)}


def test_bounds_for_all_count_rooms_with_bounds_of_their_own() -> None:
    logs = {"lobby": lines(1, 2), "python": lines(3, 4)}
    retention = Retention(messages=2, rooms={"lobby": Retention(messages=10, seconds=5000.0)})
    assert tidied(logs, retention) == {"lobby": [], "python": lines(3, 4)}


def test_nothing_may_be_kept_at_all() -> None:
    assert tidied({"lobby": lines(1, 2)}, Retention(messages=0)) == {"lobby": []}


_times = st.lists(st.integers(0, 999), max_size=8).map(sorted)
_logs = st.dictionaries(
    st.sampled_from(["lobby", "python", "*"]), _times.flatmap(lambda times: st.just(lines(*times))), max_size=3
)
_bounds = st.none() | st.integers(0, 12)


@given(logs=_logs, messages=_bounds, tens=_bounds, seconds=st.none() | st.integers(1, 1000), most=st.integers(1, 9))
def test_bounds_hold_and_nothing_goes_that_is_newer_than_what_stays(
    logs: Logs, messages: int | None, tens: int | None, seconds: int | None, most: int
) -> None:
    """By every bound at once; and one entry less would have been too much."""
    retention = Retention(messages, None if seconds is None else float(seconds), None if tens is None else tens * 10)
    left = tidied(logs, retention, most)
    kept = [line for lines in left.values() for line in lines]
    gone = [line for key, lines in logs.items() for line in lines[: len(lines) - len(left[key])]]
    assert messages is None or len(kept) <= messages
    assert tens is None or sum(line.size for line in kept) <= tens * 10
    assert seconds is None or all(line.at >= NOW - seconds for line in kept)
    if gone and kept:
        assert max(line.at for line in gone) <= min(line.at for line in kept)
    if gone:
        last = max(line.at for line in gone)
        one_more = len(kept) + 1
        assert (
            (messages is not None and one_more > messages)
            or (tens is not None and one_more > tens)
            or (seconds is not None and last < NOW - seconds)
        )


class Clocks:
    """A clock that is set, and one that is not."""

    def __init__(self) -> None:
        self.set_by = 1.8e9
        self.now = 500.0

    def time(self) -> float:
        """Return seconds since 1970."""
        return self.set_by + self.now

    def monotonic(self) -> float:
        """Return seconds."""
        return self.now


HOUR, YEAR = 3600.0, 365 * 86_400.0


def test_clock_that_is_set_forward_is_believed_after_an_hour() -> None:
    """Till then time goes on as it did."""
    clocks = Clocks()
    time = PatientTime(clocks.time, clocks.monotonic)
    clocks.set_by += YEAR
    for _ in range(2):
        assert time() == clocks.time() - YEAR
        clocks.now += HOUR / 2
    assert time() == clocks.time()


def test_clock_that_is_wrong_for_a_while_is_not_believed() -> None:
    """However often: each time it has to stay for an hour."""
    clocks = Clocks()
    time = PatientTime(clocks.time, clocks.monotonic)
    for ahead in (YEAR, 2 * YEAR, 0.0, YEAR, 3 * YEAR):
        clocks.set_by += ahead
        clocks.now += 0.7 * HOUR
        assert time() == 1.8e9 + clocks.now
        clocks.set_by -= ahead


def test_clock_that_is_set_back_or_a_little_is_believed_at_once() -> None:
    """What is too young then stays, and clocks run at somewhat different paces."""
    clocks = Clocks()
    time = PatientTime(clocks.time, clocks.monotonic)
    for ahead in (-YEAR, 30.0, 30.0, -5.0):
        clocks.set_by += ahead
        clocks.now += 1.0
        assert time() == clocks.time()


def test_clock_that_is_ahead_at_the_start_is_believed_after_an_hour() -> None:
    """As far as it is ahead of what was said last: that is how late it is at least."""
    clocks = Clocks()
    last = clocks.time() - YEAR
    time = PatientTime(clocks.time, clocks.monotonic, last)
    assert time.doubt == YEAR
    assert time() == last
    clocks.now += 0.9 * HOUR
    assert time() == last + 0.9 * HOUR
    clocks.now += 0.1 * HOUR
    assert time() == clocks.time()
    assert time.doubt == 0.0


def test_clock_that_is_right_or_behind_at_the_start_is_believed_at_once() -> None:
    """What was said last may have been said by a clock that was ahead."""
    clocks = Clocks()
    for last in (None, clocks.time(), clocks.time() - 30.0, clocks.time() + YEAR):
        time = PatientTime(clocks.time, clocks.monotonic, last)
        assert time() == clocks.time()
        assert time.doubt <= 30.0


def test_clock_that_was_ahead_at_the_start_and_is_set_right_is_believed() -> None:
    clocks = Clocks()
    time = PatientTime(clocks.time, clocks.monotonic, clocks.time() - 2 * HOUR)
    clocks.set_by += YEAR
    assert time() < clocks.time() - YEAR
    clocks.set_by -= YEAR + HOUR
    for _ in range(2):
        assert time() == clocks.time() - HOUR
        clocks.now += HOUR / 2
    assert time() == clocks.time()
