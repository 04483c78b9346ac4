"""The annotations of one image or of all, counted along with the changes. No Qt."""

from __future__ import annotations

from typing import Final

import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.values import GrowingArray, IntArray

EVERY_IMAGE: Final = -2
"""The image that stands for all of them; -1 is no image."""


class Scope:
    """Which annotations a list may show before it is filtered.

    Their number is kept and follows the changes by the rows that they touch; to find them costs time with the number
    of all annotations, so it is done when an image is chosen and when a list is filled.

    Parameters
    ----------
    table
        The annotations.

    Attributes
    ----------
    image
        Row of the image, or `EVERY_IMAGE`, or -1 for none.
    count
        How many annotations there are.
    """

    def __init__(self, table: Annotations) -> None:
        self.image = -1
        self._table = table
        self.count = 0
        self._there = GrowingArray(np.zeros(table.row_count, bool))

    def set_image(self, image: int) -> None:
        """Choose another image."""
        if image == self.image:
            return
        self.image = image
        there = np.zeros(self._table.row_count, bool)
        there[self.rows()] = True
        self._there, self.count = GrowingArray(there), int(np.count_nonzero(there))

    def rows(self) -> IntArray:
        """Return the annotations in the order of the file."""
        if self.image == -1:
            return np.empty(0, np.int64)
        return self._table.rows() if self.image == EVERY_IMAGE else self._table.rows_of_image(self.image)

    def copy(self) -> Scope:
        """Return the same choice for another thread, which may find its rows but not follow changes."""
        scope = Scope(self._table)
        scope.image, scope.count = self.image, self.count
        return scope

    def update(self, rows: IntArray) -> bool:
        """Take note of annotations (each once) that were changed, added or deleted; tell if any came or went."""
        missing = self._table.row_count - len(self._there)
        if missing > 0:
            self._there.extend(np.zeros(missing, bool))
        there = self._there.view
        now = self._table.alive[rows] & (self.image != -1)
        if self.image >= 0:
            now &= self._table.image[rows] == self.image
        before = there[rows]
        there[rows] = now
        self.count += int(np.count_nonzero(now)) - int(np.count_nonzero(before))
        return bool((before != now).any())
