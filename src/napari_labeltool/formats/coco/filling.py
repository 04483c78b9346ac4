"""The columns while they are being filled by the reader, with what the checks need beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import IntFlag
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import AnnotationColumns
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray, JsonValue

MISSING: Final = msgspec.UNSET
"""Stands for a reference whose key is not in the record."""


class Seen(IntFlag):
    """What was noticed of one record while it was decoded."""

    NO_AREA = 1
    NO_CROWD = 2
    ODD_BBOX = 4
    """A bbox that is neither null nor four numbers."""
    ODD_PART = 8
    """A polygon with a part that cannot be drawn beside parts that can."""
    NOT_AN_OBJECT = 16
    NO_BBOX = 32
    """The record has no bbox; what the column says comes from the geometry."""
    FLAT = 64
    """A polygon that is a flat list."""


_SPARE: Final = 1.05
"""Room for annotations that are a little shorter than those before."""
_MOST_SPARE: Final = 1.25
_COLUMNS: Final = tuple(field.name for field in fields(AnnotationColumns) if field.name != "odd_ids")
_OWN_COLUMNS: Final = ("seen", "has_keys_once", "image_ref", "category_ref")


class Filling:
    """Columns of n annotations that a reader fills, references still as ids.

    Parameters
    ----------
    spans
        (n, 2) spans of the records that are known from the beginning.

    Attributes
    ----------
    count
        n; the columns may be longer until `keep` was called. What they hold is of no meaning before it was written.
    has_keys_once
        (n,) records that are known to have no key twice; of the others it is not known.
    """

    def __init__(self, spans: IntArray | None = None) -> None:
        n = self.count = 0 if spans is None else len(spans)
        self.columns = AnnotationColumns.empty(n)
        if spans is not None:
            self.columns.spans = spans
        self.seen: NDArray[np.uint8] = np.zeros(n, np.uint8)
        self.has_keys_once: BoolArray = np.zeros(n, bool)
        self.image_ref: IntArray = np.zeros(n, np.int64)
        self.odd_images: dict[int, JsonValue] = {}
        self.category_ref: IntArray = np.zeros(n, np.int64)
        self.odd_categories: dict[int, JsonValue] = {}
        self.rle_faults: list[tuple[int, str, str]] = []
        self.rle_rows: list[IntArray] = []
        self.rle_sizes: list[FloatArray] = []
        self.keypoint_rows: list[IntArray] = []
        self.keypoint_facts: list[FloatArray] = []

    def __len__(self) -> int:
        return self.count

    def append(self, spans: IntArray, size: int) -> None:
        """Add annotations behind the others; of a text of so many bytes there may come more."""
        first, self.count = self.count, self.count + len(spans)
        if self.count > len(self.seen):
            begin, done = int(self.columns.spans[0, 0] if first else spans[0, 0]), int(spans[-1, 1])
            expected = self.count * (size - begin) / (done - begin) * _SPARE
            self._resize(int(expected) + 1)
        self.columns.spans[first : self.count] = spans

    def keep(self, count: int) -> None:
        """Keep the first so many annotations, and no room for more; what stands beside the columns has no others."""
        self.count = count
        if len(self.seen) > self.count * _MOST_SPARE + 1:
            self._resize(self.count)
        self._replace({name: column[: self.count] for name, column in self._by_name().items()})

    def go_on(self, spans: IntArray) -> None:
        """Add annotations behind those that are there; these are the spans of all."""
        self.count = len(spans)
        self._resize(self.count)
        self.columns.spans = spans

    def _resize(self, n: int) -> None:
        """Make the columns longer or shorter; zeros take no memory until something else is written there."""
        resized: dict[str, NDArray[Any]] = {}
        for name, column in self._by_name().items():
            resized[name] = np.zeros((n, *column.shape[1:]), column.dtype)
            known = min(n, len(column))
            resized[name][:known] = column[:known]
        self._replace(resized)

    def _by_name(self) -> dict[str, NDArray[Any]]:
        columns = {name: getattr(self.columns, name) for name in _COLUMNS}
        return columns | {name: getattr(self, name) for name in _OWN_COLUMNS}

    def _replace(self, by_name: Mapping[str, NDArray[Any]]) -> None:
        for name, column in by_name.items():
            setattr(self if name in _OWN_COLUMNS else self.columns, name, column)

    def put_ids(self, target: IntArray, odd: dict[int, JsonValue], first: int, values: Sequence[Any]) -> bool:
        """Write ids of consecutive rows: integers into the column, all else beside it.

        Returns
        -------
        bool
            Whether all were integers.
        """
        try:
            array = np.array(values)
        except (ValueError, OverflowError):
            array = np.empty(0, object)
        if array.dtype == np.int64 and array.ndim == 1:
            target[first : first + len(values)] = array
            return True
        for row, value in enumerate(values, first):
            if type(value) is int and -(2**63) <= value < 2**63:
                target[row] = value
            else:
                odd[row] = value
        return False

    def odd_id(self, row: int) -> JsonValue:
        """Return the id of a row as a message shows it."""
        return self.columns.odd_ids[row] if row in self.columns.odd_ids else int(self.columns.id[row])


def references(record: Mapping[str, JsonValue]) -> tuple[JsonValue, JsonValue]:
    """Return what a record says of its image and category, `MISSING` where it says nothing."""
    return record.get("image_id", MISSING), record.get("category_id", MISSING)
