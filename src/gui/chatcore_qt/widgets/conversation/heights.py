"""How high the rows of a long list are, most of them never measured. Plain Python.

Kept in chunks with a sum each, so that a change anywhere and a search cost a few microseconds in a list of 100,000.
"""

from __future__ import annotations

from typing import Final

_CHUNK: Final = 512


class Heights:
    """Heights in pixels, by row."""

    def __init__(self) -> None:
        self._chunks: list[list[int]] = []
        self._sums: list[int] = []
        self._count = 0
        self._total = 0

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int:
        """The sum of all."""
        return self._total

    def insert(self, row: int, count: int, height: int) -> None:
        """Put `count` rows of the same height before `row`."""
        if count <= 0:
            return
        self._count += count
        self._total += count * height
        at, within = self._find(row)
        if count <= _CHUNK and at < len(self._chunks):
            chunk = self._chunks[at]
            chunk[within:within] = [height] * count
            self._sums[at] += count * height
            if len(chunk) > 2 * _CHUNK:
                self._put(at, 1, [chunk[:_CHUNK], chunk[_CHUNK:]])
            return
        fresh = [[height] * min(_CHUNK, count - done) for done in range(0, count, _CHUNK)]
        if at == len(self._chunks):
            self._put(at, 0, fresh)
        else:
            chunk = self._chunks[at]
            self._put(at, 1, [part for part in (chunk[:within], *fresh, chunk[within:]) if part])

    def remove(self, row: int, count: int) -> None:
        """Take `count` rows out, from `row` on."""
        while count > 0:
            at, within = self._find(row)
            if within == len(self._chunks[at]):
                at, within = at + 1, 0
            chunk = self._chunks[at]
            gone = chunk[within : within + count]
            del chunk[within : within + count]
            self._sums[at] -= sum(gone)
            self._total -= sum(gone)
            self._count -= len(gone)
            count -= len(gone)
            if not chunk:
                self._put(at, 1, [])

    def set(self, row: int, height: int) -> None:
        """Give a row its true height."""
        at, within = self._find(row)
        if within == len(self._chunks[at]):
            at, within = at + 1, 0
        change = height - self._chunks[at][within]
        self._chunks[at][within] = height
        self._sums[at] += change
        self._total += change

    def offset(self, row: int) -> int:
        """Return the sum of the heights before a row."""
        at, within = self._find(row)
        return sum(self._sums[:at]) + (sum(self._chunks[at][:within]) if at < len(self._chunks) else 0)

    def row_at(self, y: int) -> tuple[int, int]:
        """Return the row at a height, and how far below its top that is; the nearest row when there is none."""
        row = 0
        rest = y
        last = len(self._chunks) - 1
        for at, total in enumerate(self._sums):
            if rest < total or at == last:
                for height in self._chunks[at]:
                    if rest < height or row == self._count - 1:
                        return row, rest
                    rest -= height
                    row += 1
            rest -= total
            row += len(self._chunks[at])
        return 0, 0

    def _find(self, row: int) -> tuple[int, int]:
        """Return the chunk in which a row is, or at whose end it would be added, and its place there."""
        for at, chunk in enumerate(self._chunks):
            if row <= len(chunk):
                return at, row
            row -= len(chunk)
        return len(self._chunks), 0

    def _put(self, at: int, gone: int, chunks: list[list[int]]) -> None:
        self._chunks[at : at + gone] = chunks
        self._sums[at : at + gone] = [sum(chunk) for chunk in chunks]
