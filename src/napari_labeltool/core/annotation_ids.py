"""The ids of annotations: from row to id, and from id to the rows that have it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from napari_labeltool.core.annotation_queries import AnnotationQueries
from napari_labeltool.core.columns import AnnotationColumns
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.source import Source
from napari_labeltool.core.values import GrowingArray, IntArray, JsonValue

_MANY_IDS: Final = 100


class AnnotationIds(AnnotationQueries):
    """The part of the annotations that knows their ids; see `Annotations`."""

    def __init__(self, source: Source, columns: AnnotationColumns) -> None:
        super().__init__("annotations", source, columns.spans)
        self._id = GrowingArray(columns.id)
        self.odd_ids = columns.odd_ids
        self._rows_by_id: tuple[IntArray, IntArray] | None = None
        self._appended_by_id: dict[int, list[int]] = {}
        self._max_id: int | None = None

    @property
    def id(self) -> IntArray:
        """(row_count,) integer ids; see `id_of` for rows whose id is not an integer."""
        return self._id.view

    def id_of(self, row: int) -> ExternalId:
        """Return the id as the file has it: int, str, or None when missing."""
        return self.odd_ids[row] if row in self.odd_ids else int(self._id.view[row])

    def rows_of_ids(self, ids: Any) -> IntArray:
        """Return the alive rows with one of these ids, every duplicate included, in order of the ids.

        Raises
        ------
        KeyError
            An id that no alive annotation has; the argument is that id.
        """
        if len(quick := self._rows_of_whole_ids(ids)):
            return quick
        wanted = np.atleast_1d(np.asarray(ids, dtype=object)).ravel()
        return np.array([row for value in wanted for row in self._rows_of_id(value)], np.int64)

    def _sorted_ids(self) -> tuple[IntArray, IntArray]:
        """Return the rows that were read in the order of their ids, and the ids in that order."""
        if self._rows_by_id is None:
            order = np.argsort(self._id.view[: self.base_count], kind="stable")
            self._rows_by_id = (order, self._id.view[order])
        return self._rows_by_id

    def _rows_of_whole_ids(self, ids: Any) -> IntArray:
        """Return the rows of many ids where each has exactly one that was read and is alive; else none."""
        none = np.empty(0, np.int64)
        if not isinstance(ids, (np.ndarray, list, tuple)) or len(ids) < _MANY_IDS or self.odd_ids:
            return none
        wanted = np.asarray(ids)
        if wanted.dtype.kind != "i" or self._appended_by_id or not self.base_count:
            return none
        order, keys = self._sorted_ids()
        first = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        after = np.searchsorted(keys, wanted, side="right")
        rows = order[first]
        fits = (keys[first] == wanted) & (after == first + 1) & self.alive[rows]
        return rows if fits.all() else none

    def _rows_of_id(self, value: ExternalId) -> list[int]:
        found: list[int] = []
        if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
            order, keys = self._sorted_ids()
            first, last = np.searchsorted(keys, [int(value), int(value) + 1])
            found = [int(row) for row in order[first:last] if row not in self.odd_ids]
            found += self._appended_by_id.get(int(value), [])
        else:
            found = [row for row, odd in self.odd_ids.items() if odd == value and type(odd) is type(value)]
        found = [row for row in found if self.alive[row] and self.id_of(row) == value]
        if not found:
            raise KeyError(value)
        return found

    def next_id(self, taken: int = 0) -> ExternalId:
        """Return an id that no annotation has: max + 1 (+ taken) for integers, free decimals for strings."""
        if self.odd_ids and len(self.odd_ids) == self.row_count:
            used = set(self.odd_ids.values())
            number = self.row_count + 1
            while str(number) in used:
                number += 1
            return str(number + taken)
        if self._max_id is None:
            ids = self._id.view
            self._max_id = max(0, int(ids.max())) if len(ids) else 0
        return self._max_id + 1 + taken

    def _set_id(self, row: int, value: JsonValue) -> None:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            if self._id.view[row] != value or row in self.odd_ids or row >= self.base_count:
                self.odd_ids.pop(row, None)
                if row >= self.base_count:
                    rows = self._appended_by_id.setdefault(value, [])
                    if row not in rows:
                        rows.append(row)
                else:
                    self._rows_by_id = None
            self._id.view[row] = value
            if self._max_id is not None:
                self._max_id = max(self._max_id, value)
        else:
            self.odd_ids[row] = value
