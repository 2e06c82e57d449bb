"""Lists tell their views only what differs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QModelIndex

from chatcore_qt.widgets.lists import RowsModel

Row = tuple[str, int]
rows = st.lists(
    st.tuples(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 3)), max_size=12, unique_by=lambda row: row[0]
)


def model_of(given_rows: list[Row]) -> RowsModel[Row]:
    made: RowsModel[Row] = RowsModel(lambda row: row[0], lambda row: row[0])
    made.set_rows(given_rows)
    return made


@given(rows, rows)
def test_view_that_follows_the_signals_ends_with_the_new_rows(before: list[Row], after: list[Row]) -> None:
    model = model_of(before)
    seen = list(before)

    def inserted(_parent: QModelIndex, first: int, last: int) -> None:
        seen[first:first] = model.rows[first : last + 1]

    def removed(_parent: QModelIndex, first: int, last: int) -> None:
        del seen[first : last + 1]

    model.rowsInserted.connect(inserted)
    model.rowsRemoved.connect(removed)
    model.dataChanged.connect(lambda first, _last: seen.__setitem__(first.row(), model.rows[first.row()]))
    model.modelReset.connect(lambda: seen.__setitem__(slice(None), model.rows))
    model.set_rows(after)
    assert model.rows == seen == after


@given(rows, st.lists(st.tuples(st.text("abcdef", min_size=1, max_size=2), st.integers(-1, 3)), max_size=12))
def test_sorted_list_follows_single_changes(before: list[Row], changes: list[Row]) -> None:
    """A number below zero takes a row away."""
    model = model_of(sorted(before))
    wanted = dict(before)
    seen = list(model.rows)
    resets: list[bool] = []
    model.rowsInserted.connect(lambda _parent, first, _last: seen.insert(first, model.rows[first]))
    model.rowsRemoved.connect(lambda _parent, first, _last: seen.pop(first))
    model.dataChanged.connect(lambda first, _last: seen.__setitem__(first.row(), model.rows[first.row()]))
    model.modelReset.connect(lambda: resets.append(True))
    for key, number in changes:
        if number < 0:
            wanted.pop(key, None)
            model.drop(key)
        else:
            wanted[key] = number
            model.put((key, number))
    assert model.rows == seen == sorted(wanted.items())
    assert model.rowCount() == len(wanted)
    assert resets == []


def test_one_who_joins_a_large_room_is_one_insertion() -> None:
    model = model_of([(f"{number:05}", 0) for number in range(10_000)])
    changes: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: changes.append((first, last)))
    model.modelReset.connect(lambda: changes.append((-1, -1)))
    model.set_rows(sorted([*model.rows, ("04999x", 0)]))
    assert changes == [(5000, 5000)]
