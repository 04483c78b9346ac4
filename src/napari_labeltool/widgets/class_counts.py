"""How many annotations each class has, in the shown image and in all of them. No Qt."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.values import BoolArray, GrowingArray, IntArray

_NOT_COUNTED: Final = -2
_SHIFT: Final = 2
"""A class has its count at its row + 2: before the classes stand what is not counted, and the unlabelled."""


class ClassCounts:
    """Counts of annotations by class, brought up to date by the rows that a change touched.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image whose annotations are counted apart; -1 for none.
    """

    def __init__(self, dataset: Dataset, image: int = -1) -> None:
        self._dataset = dataset
        self._image = image
        self._codes = GrowingArray(self._read(slice(None)))
        self._total = self._count(self._codes.view)
        self._here = self._count_here()

    def _read(self, rows: IntArray | slice) -> NDArray[np.int32]:
        """Return what each row counts for: the row of its class, -1 unlabelled, -2 nothing."""
        table = self._dataset.annotations
        codes = table.category[rows].astype(np.int32)
        codes[(codes < 0) & ~is_placed(table, rows)] = _NOT_COUNTED
        codes[~table.alive[rows]] = _NOT_COUNTED
        return codes

    def _count(self, codes: NDArray[np.int32]) -> IntArray:
        size = self._dataset.categories.row_count + _SHIFT
        return np.bincount(codes + _SHIFT, minlength=size).astype(np.int64)

    def _count_here(self) -> IntArray:
        codes = self._codes.view
        here = self._dataset.annotations.image[: len(codes)] == self._image
        if self._image < 0:
            return self._count(codes[:0])
        return self._total if here.all() else self._count(codes[here])

    def show_image(self, image: int) -> None:
        """Count the annotations of another image (by row, -1 for none) apart."""
        self._image = image
        self._here = self._count_here()

    def update(self, rows: IntArray) -> set[int]:
        """Take note of annotations that were changed, added or deleted.

        Parameters
        ----------
        rows
            Rows of annotations, each once.

        Returns
        -------
        set of int
            Rows of the classes whose counts are different now, -1 for unlabelled.
        """
        table = self._dataset.annotations
        missing = table.row_count - len(self._codes)
        if missing > 0:
            self._codes.extend(np.full(missing, _NOT_COUNTED, np.int32))
        codes = self._codes.view
        before, after = codes[rows], self._read(rows)
        codes[rows] = after
        changed = before != after
        before, after = before[changed], after[changed]
        here = table.image[rows[changed]] == self._image
        self._total = _added(self._total, self._count(after) - self._count(before))
        self._here = _added(self._here, self._count(after[here]) - self._count(before[here]))
        met = np.bincount(np.concatenate([before, after]) + _SHIFT)
        return {int(place) - _SHIFT for place in np.flatnonzero(met) if place > 0}

    def here(self, category: int) -> int:
        """Return how many annotations of the shown image have a class (by row, -1 for unlabelled)."""
        return _at(self._here, category)

    def total(self, category: int) -> int:
        """Return how many annotations of all images have a class (by row, -1 for unlabelled)."""
        return _at(self._total, category)


def is_placed(table: Annotations, rows: IntArray | slice) -> BoolArray:
    """Return which of some annotations have a place in their image: a shape, a mask or keypoints."""
    keypoints = table.flags[rows] & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS)
    return np.asarray((table.kind[rows] != Kind.NONE) | (keypoints != 0), bool)


def _added(counts: IntArray, change: IntArray) -> IntArray:
    if len(counts) < len(change):
        counts = np.concatenate([counts, np.zeros(len(change) - len(counts), np.int64)])
    counts = counts.copy()
    counts[: len(change)] += change
    return counts


def _at(counts: IntArray, category: int) -> int:
    place = category + _SHIFT
    return int(counts[place]) if 0 < place < len(counts) else 0
