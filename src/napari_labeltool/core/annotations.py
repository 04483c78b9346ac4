"""The annotations: a table of records with columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.annotation_ids import AnnotationIds
from napari_labeltool.core.columns import AnnotationColumns, Kind, bbox_of, flags_of, is_number, kind_of
from napari_labeltool.core.decode import geometry_of
from napari_labeltool.core.errors import LabeltoolError, ReadError
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


class Annotations(AnnotationIds):
    """The annotations of a dataset.

    All columns are indexed by row, dead rows included; use `rows` or `where` to choose. `odd_ids` has the ids
    that are not integers (or missing: None) by row.
    """

    def __init__(self, source: Source, columns: AnnotationColumns | None = None) -> None:
        columns = AnnotationColumns.empty() if columns is None else columns
        super().__init__(source, columns)
        self._image = GrowingArray(columns.image)
        self._category = GrowingArray(columns.category)
        self._category_base: NDArray[np.int32] = columns.category.copy()
        self._bbox = GrowingArray(columns.bbox)
        self._area = GrowingArray(columns.area)
        self._kind = GrowingArray(columns.kind)
        self._flags = GrowingArray(columns.flags)
        self._image_order: tuple[IntArray, IntArray] | None = None
        self._appended_by_image: dict[int, list[int]] = {}

    # -- columns
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

    def _columns(self) -> tuple[GrowingArray, ...]:
        return self._id, self._image, self._category, self._bbox, self._area, self._kind, self._flags

    def reserve(self, count: int) -> None:
        """Make room for so many more annotations, see `GrowingArray.reserve`."""
        super().reserve(count)
        for column in self._columns():
            column.reserve(count)

    def append(self, record: Mapping[str, JsonValue], image: int = -1, category: int = -1) -> int:
        """Append a record that belongs to an image and a category (rows); return its row."""
        row = super().append(record)
        for column, value in zip(self._columns(), (0, image, category, np.nan, np.nan, 0, 0)):
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
