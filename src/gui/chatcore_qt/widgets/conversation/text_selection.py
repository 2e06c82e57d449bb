"""A part of what is said, as a pointer was drawn over it: from a letter of one message to a letter of another."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QModelIndex, QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Letter:
    """A place in the text of a message as it is shown, counted in characters."""

    index: QPersistentModelIndex
    at: int


class TextSelection:
    """What of the texts is selected. Rows may come and go meanwhile."""

    def __init__(self) -> None:
        self._begin: Letter | None = None
        self._end: Letter | None = None

    def clear(self) -> None:
        """Select nothing."""
        self._begin = self._end = None

    def begin(self, index: QModelIndex, at: int) -> None:
        """Begin at a letter; nothing is selected yet."""
        self._begin, self._end = Letter(QPersistentModelIndex(index), at), None

    def extend(self, index: QModelIndex, at: int) -> None:
        """Select up to a letter."""
        self._end = Letter(QPersistentModelIndex(index), at)

    @property
    def begun(self) -> bool:
        """Whether there is a place to select from."""
        return self._begin is not None

    def __bool__(self) -> bool:
        return self._ends() is not None

    def rows(self) -> range:
        """Return the rows that it touches."""
        ends = self._ends()
        return range(0) if ends is None else range(ends[0][0], ends[1][0] + 1)

    def within(self, row: int) -> tuple[int, int | None] | None:
        """Return from which letter to which a row is selected, None for its end; None when it is not."""
        ends = self._ends()
        if ends is None or not ends[0][0] <= row <= ends[1][0]:
            return None
        (first, start), (last, end) = ends
        return (start if row == first else 0), (end if row == last else None)

    def _ends(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        if self._begin is None or self._end is None:
            return None
        if not (self._begin.index.isValid() and self._end.index.isValid()):
            return None
        one, other = ((letter.index.row(), letter.at) for letter in (self._begin, self._end))
        return None if one == other else (min(one, other), max(one, other))
