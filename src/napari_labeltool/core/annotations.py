"""The annotations: a table of records with columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.annotation_queries import AnnotationQueries
from napari_labeltool.core.columns import AnnotationColumns, Kind, bbox_of, flags_of, is_number, kind_of
from napari_labeltool.core.decode import geometry_of
from napari_labeltool.core.errors import LabeltoolError, ReadError
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.source import Source
from napari_labeltool.core.values import (
    ORIGINAL,
    FloatArray,
    GrowingArray,
    IntArray,
    JsonValue,
    Merged,
    PatchValues,
)

COLUMN_KEYS: Final = frozenset(
    {"id", "bbox", "area", "segmentation", "keypoints", "iscrowd", "attributes", "labeltool", "score"}
)
"""Keys of a record that a column depends on."""


_MANY_IDS: Final = 100


class Annotations(AnnotationQueries):
    """The annotations of a dataset.

    All columns are indexed by row, dead rows included; use `rows` or `where` to choose. `odd_ids` has the ids
    that are not integers (or missing: None) by row.
    """

    def __init__(self, source: Source, columns: AnnotationColumns | None = None) -> None:
        columns = AnnotationColumns.empty() if columns is None else columns
        super().__init__("annotations", source, columns.spans)
        self._id = GrowingArray(columns.id)
        self.odd_ids = columns.odd_ids
        self._image = GrowingArray(columns.image)
        self._category = GrowingArray(columns.category)
        self._category_base: NDArray[np.int32] = columns.category.copy()
        self._bbox = GrowingArray(columns.bbox)
        self._area = GrowingArray(columns.area)
        self._kind = GrowingArray(columns.kind)
        self._flags = GrowingArray(columns.flags)
        self._rows_by_id: tuple[IntArray, IntArray] | None = None
        self._appended_by_id: dict[int, list[int]] = {}
        self._image_order: tuple[IntArray, IntArray] | None = None
        self._appended_by_image: dict[int, list[int]] = {}
        self._max_id: int | None = None

    # -- columns
    @property
    def id(self) -> IntArray:
        """(row_count,) integer ids; see `id_of` for rows whose id is not an integer."""
        return self._id.view

    @property
    def image(self) -> NDArray[np.int32]:
        """(row_count,) row of the image table, -1 when the image is unknown."""
        return self._image.view

    @property
    def category(self) -> NDArray[np.int32]:
        """(row_count,) row of the category table, -1 when unlabelled or unknown."""
        return self._category.view

    @property
    def bbox(self) -> FloatArray:
        """(row_count, 4) left, top, width, height in pixels, corner origin; NaN when there is none."""
        return self._bbox.view

    @property
    def area(self) -> FloatArray:
        """(row_count,) area as the file has it, NaN when missing."""
        return self._area.view

    @property
    def kind(self) -> NDArray[np.uint8]:
        """(row_count,) values of `Kind`."""
        return self._kind.view

    @property
    def flags(self) -> NDArray[np.uint8]:
        """(row_count,) values of `Flag`."""
        return self._flags.view

    # -- identity
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

    # -- choice
    def rows_of_image(self, image: int) -> IntArray:
        """Return the alive rows of an image (given by its row), in file order."""
        if self._image_order is None:
            column = self._image.view[: self.base_count]
            order = np.argsort(column, kind="stable")
            self._image_order = (order, np.asarray(column[order], np.int64))
        order, keys = self._image_order
        first, last = np.searchsorted(keys, [image, image + 1])
        appended = np.array(self._appended_by_image.get(image, []), np.int64)
        rows: IntArray = np.concatenate([order[first:last], appended])
        return np.asarray(rows[self.alive[rows]])

    def category_id_is_changed(self, row: int) -> bool:
        """Tell whether the record's ``category_id`` must be written anew."""
        return row >= self.base_count or self._category.view[row] != self._category_base[row]

    def category_changed_rows(self) -> IntArray:
        """Return the alive rows that were read and have another category since."""
        n = self.base_count
        return np.flatnonzero((self._category.view[:n] != self._category_base) & self.alive[:n])

    def is_changed(self) -> bool:
        """Tell whether a save would write anything else than the bytes that were read."""
        return super().is_changed() or len(self.category_changed_rows()) > 0

    # -- changes; called by `Dataset.apply` alone
    def set_patch(self, row: int, values: PatchValues) -> dict[str, Any]:
        """Change keys of a record; return the values that undo it."""
        before = super().set_patch(row, values)
        if not COLUMN_KEYS.isdisjoint(values):
            try:
                self._refresh(row, self.record(row))
            except LabeltoolError:
                super().set_patch(row, before)
                raise
        return before

    def set_patches(self, rows: IntArray, values: PatchValues) -> list[tuple[IntArray, dict[str, Any]]]:
        """Change keys of many records alike; return rows and values that undo it, in the order to apply."""
        undoing = super().set_patches(rows, values)
        try:
            for part, before in undoing:
                if any(moves_column(key, before[key], value) for key, value in values.items()):
                    for row in part.tolist():
                        self._refresh(row, self.record(row))
        except LabeltoolError:
            for part, before in undoing:
                super().set_patches(part, before)
            raise
        return undoing

    def set_category(self, rows: IntArray, categories: IntArray) -> IntArray:
        """Give rows a category (rows of the category table, -1 for none); return the categories before."""
        before = self._category.view[rows].astype(np.int64)
        self._category.view[rows] = categories
        return before

    def append(self, record: Mapping[str, JsonValue], image: int = -1, category: int = -1) -> int:
        """Append a record that belongs to an image and a category (rows); return its row."""
        row = super().append(record)
        columns = (self._id, self._image, self._category, self._bbox, self._area, self._kind, self._flags)
        for column, value in zip(columns, (0, image, category, np.nan, np.nan, 0, 0)):
            column.append(value)
        self._refresh(row, record)
        self._appended_by_image.setdefault(image, []).append(row)
        return row

    def revive(self, row: int, record: Mapping[str, JsonValue], category: int = -1) -> None:
        """Bring an appended row back to the record that it began with."""
        super().revive(row, record)
        self._category.view[row] = category
        self._refresh(row, record)

    def _refresh(self, row: int, record: Mapping[str, JsonValue]) -> None:
        """Bring the columns of one row in line with its record."""
        self._set_id(row, record.get("id"))
        area = record.get("area")
        self._area.view[row] = float(area) if is_number(area) else np.nan
        kind = kind_of(record)
        self._kind.view[row] = kind
        self._flags.view[row] = flags_of(record)
        bbox = bbox_of(record)
        if bbox is None and kind in (Kind.POLYGON, Kind.RLE, Kind.RLE_COMPRESSED):
            bbox = _extent(record)
        self._bbox.view[row] = (np.nan,) * 4 if bbox is None else bbox

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


_MARKS: Final = {"attributes": "rotation", "labeltool": "shape"}
"""What in the objects under two keys a column depends on."""


def moves_column(key: str, before: Any, value: Any) -> bool:
    """Tell whether a column may change when a patch says something else of a key than before."""
    if key not in _MARKS:
        return key in COLUMN_KEYS

    def leaves(said: Any) -> bool:
        return said is ORIGINAL or (isinstance(said, Merged) and _MARKS[key] not in said.changes)

    beside = isinstance(value, Merged) and not value.onto_original
    return not (leaves(value) and (beside or leaves(before)))


def _extent(record: Mapping[str, JsonValue]) -> tuple[float, float, float, float] | None:
    """Return the box of a record's geometry; None where its run lengths are damaged."""
    try:
        geometry = geometry_of(record)
    except ReadError:
        return None
    return None if geometry is None else geometry.bbox_xywh()
