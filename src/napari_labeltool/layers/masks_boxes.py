"""Boxes of the masks that are shown, asked by place without going through them one by one in Python."""

from __future__ import annotations

import numpy as np

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.values import GrowingArray, IntArray

_NOWHERE: Window = (0, 0, 0, 0)


class MaskBoxes:
    """The tight box of each mask by its row; what is written or taken out costs that one alone."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._free: list[int] = []
        self._boxes = GrowingArray(np.empty((0, 4), np.int64))
        self._rows = GrowingArray(np.empty(0, np.int64))

    def put(self, row: int, box: Window) -> None:
        """Set the box of a mask, (y0, x0, y1, x1)."""
        place = self._place.get(row)
        if place is None:
            place = self._free.pop() if self._free else len(self._rows)
            if place == len(self._rows):
                self._boxes.append(_NOWHERE)
                self._rows.append(row)
            self._place[row] = place
            self._rows.view[place] = row
        self._boxes.view[place] = box

    def drop(self, row: int) -> None:
        """Forget the box of a mask, if there is one."""
        place = self._place.pop(row, None)
        if place is not None:
            self._boxes.view[place] = _NOWHERE
            self._free.append(place)

    def get(self, row: int) -> Window | None:
        """Return the box of a mask, None when there is none or it is empty."""
        place = self._place.get(row)
        if place is None:
            return None
        y0, x0, y1, x1 = self._boxes.view[place].tolist()
        return None if y1 <= y0 else (y0, x0, y1, x1)

    def meeting(self, window: Window) -> IntArray:
        """Return the rows of the masks whose box meets a window, in order."""
        boxes = self._boxes.view
        meets = (boxes[:, 0] < window[2]) & (boxes[:, 2] > window[0])
        meets &= (boxes[:, 1] < window[3]) & (boxes[:, 3] > window[1])
        return np.sort(self._rows.view[meets])
