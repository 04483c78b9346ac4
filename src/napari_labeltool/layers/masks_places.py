"""Where the masks that are shown lie and which value each has, asked without a loop over them."""

from __future__ import annotations

from typing import Final

import numpy as np

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.values import GrowingArray, IntArray

_NOWHERE: Final = (0, 0, 0, 0)
_NONE: Final = -1


class MaskPlaces:
    """The tight box, the key and the value of each mask by its row; what is written or taken out costs that one alone.

    A key is what a value belongs to: that of an object is its row, all masks of a class of areas share one below 0.
    A value of 0 is none.
    """

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._free: list[int] = []
        self._boxes = GrowingArray(np.empty((0, 4), np.int64))
        self._rows = GrowingArray(np.empty(0, np.int64))
        self._keys = GrowingArray(np.empty(0, np.int64))
        self._values = GrowingArray(np.empty(0, np.int64))

    def put(self, row: int, box: Window, key: int, value: int) -> None:
        """Set the box of a mask, (y0, x0, y1, x1), its key and its value."""
        place = self._place.get(row)
        if place is None and self._free:
            place = self._free.pop()
        if place is None:
            place = len(self._rows)
            for column, filling in (
                (self._boxes, _NOWHERE),
                (self._rows, _NONE),
                (self._keys, 0),
                (self._values, 0),
            ):
                column.append(filling)
        self._place[row] = place
        self._boxes.view[place], self._rows.view[place] = box, row
        self._keys.view[place], self._values.view[place] = key, value

    def drop(self, row: int) -> None:
        """Forget a mask, if it is there."""
        place = self._place.pop(row, None)
        if place is not None:
            self._boxes.view[place], self._rows.view[place] = _NOWHERE, _NONE
            self._keys.view[place] = 0
            self._free.append(place)

    def set_value(self, key: int, value: int) -> None:
        """Give all masks of a key a value."""
        if key < 0:
            self._values.view[self._keys.view == key] = value
        elif key in self._place:
            self._values.view[self._place[key]] = value

    def get(self, row: int) -> Window | None:
        """Return the box of a mask, None when there is none or it is empty."""
        place = self._place.get(row)
        if place is None:
            return None
        y0, x0, y1, x1 = self._boxes.view[place].tolist()
        return None if y1 <= y0 else (y0, x0, y1, x1)

    def meeting(self, window: Window) -> tuple[IntArray, IntArray, IntArray]:
        """Return rows, keys and values of the masks whose box meets a window, in the order of the rows."""
        boxes = self._boxes.view
        meets = (boxes[:, 0] < window[2]) & (boxes[:, 2] > window[0])
        meets &= (boxes[:, 1] < window[3]) & (boxes[:, 3] > window[1])
        return self._ordered(np.flatnonzero(meets))

    def columns(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return rows, keys and values of all masks, in the order of the rows."""
        return self._ordered(np.flatnonzero(self._rows.view >= 0))

    def _ordered(self, places: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        places = places[np.argsort(self._rows.view[places], kind="stable")]
        return self._rows.view[places], self._keys.view[places], self._values.view[places]
