"""Rows of a table in some order: where each one is, and what comes and goes at a place. No Qt."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import IntArray

FEW: Final = 8
"""Rows up to which each is looked for by itself, which is quicker than to note the place of every row."""


class RowList:
    """Rows in some order, each once.

    Parameters
    ----------
    rows
        The rows.
    ascending
        Whether they are in ascending order, and stay so; then places are found by halving.
    """

    def __init__(self, rows: IntArray | None = None, *, ascending: bool = True) -> None:
        self._buffer: NDArray[np.int32] = np.empty(0, np.int32) if rows is None else rows.astype(np.int32)
        self._length = len(self._buffer)
        self._ascending = ascending
        self._places: NDArray[np.int32] | None = None

    @property
    def rows(self) -> NDArray[np.int32]:
        """The rows in their order. Read only; do not keep it over a change."""
        return self._buffer[: self._length]

    def find_places(self, row_count: int) -> None:
        """Note the place of every row of a table of that many rows, in one go."""
        if not self._ascending:
            places = np.full(row_count, -1, np.int32)
            places[self.rows] = np.arange(self._length, dtype=np.int32)
            self._places = places

    def places(self, wanted: IntArray) -> IntArray:
        """Return the place of each of some rows, -1 for those that are not here."""
        rows = self.rows
        if self._ascending:
            return self._halved(rows, wanted)
        if self._places is None and len(wanted) <= FEW:
            found = [np.flatnonzero(rows == row) for row in wanted.tolist()]
            return np.array([int(places[0]) if len(places) else -1 for places in found], np.int64)
        if self._places is None:
            self.find_places(1 + max(int(rows.max(initial=-1)), int(wanted.max(initial=-1))))
        places = self._places
        assert places is not None
        result = np.full(len(wanted), -1, np.int64)
        known = wanted < len(places)
        result[known] = places[wanted[known]]
        return result

    @staticmethod
    def _halved(rows: NDArray[np.int32], wanted: IntArray) -> IntArray:
        if not len(rows):
            return np.full(len(wanted), -1, np.int64)
        places = np.searchsorted(rows, wanted.astype(np.int32))
        there = rows[np.minimum(places, len(rows) - 1)] == wanted
        return np.where(there & (places < len(rows)), places, -1)

    def remove(self, first: int, last: int) -> None:
        """Take the places from `first` to `last` (included) away."""
        gone, behind = last - first + 1, self._length - last - 1
        self._own()
        self._buffer[first : first + behind] = self._buffer[last + 1 : self._length]
        self._length -= gone
        self._places = None

    def insert(self, place: int, row: int) -> None:
        """Put a row at a place."""
        self._own()
        self._buffer[place + 1 : self._length + 1] = self._buffer[place : self._length]
        self._buffer[place] = row
        self._length += 1
        self._places = None

    def _own(self) -> None:
        """Have room for one row more."""
        if self._length == len(self._buffer):
            grown = np.empty(self._length + self._length // 8 + 64, np.int32)
            grown[: self._length] = self._buffer
            self._buffer = grown
