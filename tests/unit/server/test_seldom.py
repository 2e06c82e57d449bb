"""Records that strangers could cause in any number."""

from __future__ import annotations

from chatcore.server.seldom import MOST_KINDS, Seldom


def test_one_of_a_kind_is_written_a_second_with_the_number_of_those_that_were_not() -> None:
    seldom = Seldom()
    assert seldom.held_back("refused", 0.0) == 0
    assert [seldom.held_back("refused", now) for now in (0.1, 0.5, 0.999)] == [None, None, None]
    assert seldom.held_back("other", 0.5) == 0
    assert seldom.held_back("refused", 1.0) == 3
    assert seldom.held_back("refused", 5.0) == 0


def test_kinds_that_strangers_invent_cost_no_memory_and_no_lines() -> None:
    seldom = Seldom()
    written = [seldom.held_back(number, number / 100_000) for number in range(50_000)]
    assert written.count(0) == MOST_KINDS
    assert written.count(None) == 50_000 - MOST_KINDS
    assert seldom.held_back("later", 10.0) == 0
