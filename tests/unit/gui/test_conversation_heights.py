"""Heights of rows add up like a list of numbers, only faster."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatcore_qt.widgets.conversation.heights import Heights

steps = st.lists(
    st.tuples(
        st.sampled_from(["insert", "remove", "set"]),
        st.floats(0, 1),
        st.one_of(st.integers(1, 5), st.integers(400, 1500)),
        st.integers(1, 90),
    ),
    min_size=1,
    max_size=12,
)


@given(steps, st.floats(-0.1, 1.1))
def test_heights_are_those_of_a_plain_list(changes: list[tuple[str, float, int, int]], where: float) -> None:
    """Insert, remove and set at any place; offsets, rows and the total agree."""
    heights = Heights()
    plain: list[int] = []
    for name, place, count, height in changes:
        if name == "insert":
            at = round(place * len(plain))
            heights.insert(at, count, height)
            plain[at:at] = [height] * count
        elif plain:
            at = min(int(place * len(plain)), len(plain) - 1)
            if name == "remove":
                heights.remove(at, min(count, len(plain) - at))
                del plain[at : at + count]
            else:
                heights.set(at, height)
                plain[at] = height
        assert len(heights) == len(plain)
        assert heights.total == sum(plain)
    for row in {0, len(plain) // 3, max(0, len(plain) - 1), len(plain)}:
        assert heights.offset(row) == sum(plain[:row])
    if plain:
        y = round(where * heights.total)
        row, within = heights.row_at(y)
        assert heights.offset(row) + within == y
        assert within < plain[row] or row == len(plain) - 1
        assert within >= 0 or row == 0


def test_an_empty_list_has_no_height() -> None:
    """Nothing is above the first row."""
    heights = Heights()
    heights.insert(0, 0, 40)
    assert (len(heights), heights.total, heights.offset(0), heights.row_at(5)) == (0, 0, 0, (0, 0))
