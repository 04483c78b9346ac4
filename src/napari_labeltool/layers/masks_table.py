"""The masks of the shown image as far as the masks layer shows them: values, decoded masks, their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.runs import EMPTY, combine_edges
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.convert_labels import paint

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset

Labels16 = NDArray[np.uint16]

HIGHEST_VALUE: Final = 65_000
"""Values of the layer are 16 bit, which napari shows as they are; the rest is left for new labels."""

MASK_KINDS: Final = (int(Kind.RLE), int(Kind.RLE_COMPRESSED))


class MaskTable:
    """Label values of annotations, and their masks.

    A value belongs to an annotation for as long as the image is shown, so that undo and redo bring it back.

    Parameters
    ----------
    dataset
        The dataset.
    shape_yx
        Height and width of the shown image in pixels; a mask of another frame is odd.
    """

    def __init__(self, dataset: Dataset, shape_yx: tuple[int, int]) -> None:
        self.dataset = dataset
        self.shape_yx = shape_yx
        self.rles: dict[int, Rle] = {}
        self.odd: dict[int, str] = {}
        self._boxes: dict[int, Window] = {}
        self._value_of: dict[int, int] = {}
        self._row_of: dict[int, int] = {}
        self._next_value = 1

    # -- values
    def value_of(self, row: int) -> int | None:
        """Return the value of an annotation that is shown, None for any other."""
        return self._value_of.get(row) if row in self.rles else None

    def row_of(self, value: int) -> int | None:
        """Return the annotation with a value, None when no shown one has it."""
        row = self._row_of.get(value)
        return row if row in self.rles else None

    def values(self) -> list[tuple[int, int]]:
        """Return the row and the value of each annotation that is shown, lowest first."""
        return [(row, self._value_of[row]) for row in sorted(self.rles)]

    def known_values(self) -> set[int]:
        """Return the values that annotations have or had."""
        return set(self._row_of)

    def fresh_value(self) -> int:
        """Return a value that no annotation has or had."""
        if self._next_value <= HIGHEST_VALUE:
            return self._next_value
        return next((value for value in range(1, HIGHEST_VALUE) if value not in self._row_of), HIGHEST_VALUE)

    def bind(self, row: int, value: int) -> None:
        """Give an annotation a value; another one that had it gets a new value when it is shown next."""
        before = self._row_of.get(value)
        if before is not None and before != row:
            del self._value_of[before]
            if before in self.rles:
                self.bind(before, self.fresh_value())
        old = self._value_of.get(row)
        if old is not None:
            del self._row_of[old]
        self._value_of[row], self._row_of[value] = value, row
        self._next_value = max(self._next_value, value + 1)

    # -- masks
    def load(self, rows: IntArray, window: Window, *, partly: bool = False) -> bool:
        """Take over which annotations are shown in a window, decoding what is not decoded yet.

        Parameters
        ----------
        rows
            The masks of the image that may be shown, in file order.
        window
            (y0, x0, y1, x1) in pixels.
        partly
            Show the first ones when there are more than values.

        Returns
        -------
        bool
            False when there are more than values; nothing was taken over then, a smaller window is needed.
        """
        near = self._near(rows, window)
        if len(near) >= HIGHEST_VALUE:
            if not partly:
                return False
            near = near[: HIGHEST_VALUE - 1]
        for row in self.rles.keys() - set(near):
            self.drop(row)
        for row in near:
            if row not in self.rles and row not in self.odd:
                self._read(row)
        if self._next_value > HIGHEST_VALUE or self._next_value + len(self.rles) > HIGHEST_VALUE:
            self._value_of, self._row_of, self._next_value = {}, {}, 1
        for row in sorted(self.rles):
            if row not in self._value_of:
                self.bind(row, self.fresh_value())
        return True

    def _near(self, rows: IntArray, window: Window) -> list[int]:
        """Return those of the rows whose stored bbox meets the window, or says nothing."""
        height, width = self.shape_yx
        if window == (0, 0, height, width):
            return [int(row) for row in rows]
        left, top, across, down = self.dataset.annotations.bbox[rows].T
        apart = (left >= window[3]) | (left + across <= window[1])
        apart |= (top >= window[2]) | (top + down <= window[0])
        empty = (across <= 0) | (down <= 0)
        return [int(row) for row in rows[~apart | empty]]

    def read(self, row: int) -> None:
        """Decode the mask of an annotation anew and give it a value; odd ones are noted and not shown."""
        self.forget(row)
        self._read(row)
        if row in self.rles and row not in self._value_of:
            self.bind(row, self.fresh_value())

    def _read(self, row: int) -> None:
        rle = self._decoded(row)
        if rle is not None:
            self.put(row, rle)

    def put(self, row: int, rle: Rle) -> None:
        """Take over the mask of an annotation, which needs a value to be rendered."""
        self.rles[row] = rle
        self._boxes[row] = box_of(rle)

    def drop(self, row: int) -> None:
        """Forget the mask of an annotation, not its value."""
        self.rles.pop(row, None)
        self._boxes.pop(row, None)

    def forget(self, row: int) -> None:
        """Decode the mask of an annotation anew when it is loaded next."""
        self.drop(row)
        self.odd.pop(row, None)

    def _decoded(self, row: int) -> Rle | None:
        try:
            geometry = self.dataset.geometry(row)
        except LabeltoolError as error:
            self.odd[row] = str(error)
            return None
        if not isinstance(geometry, Mask):
            return None
        rle = geometry.rle
        if (rle.height, rle.width) != self.shape_yx:
            height, width = self.shape_yx
            self.odd[row] = (
                f"segmentation.size: {rle.height} x {rle.width} (height x width) found,"
                f" expected {height} x {width} as the image has."
            )
            return None
        return rle

    # -- places
    def box(self, row: int) -> Window | None:
        """Return the tight box of a shown mask as (y0, x0, y1, x1), None when it is empty or not shown."""
        box = self._boxes.get(row)
        return None if box is None or box[2] <= box[0] else box

    def rows_in(self, window: Window) -> list[int]:
        """Return the shown annotations whose box meets a window, lowest first."""
        if not self._boxes:
            return []
        boxes = np.array(list(self._boxes.values()), np.int64)
        meets = (boxes[:, 0] < window[2]) & (boxes[:, 2] > window[0])
        meets &= (boxes[:, 1] < window[3]) & (boxes[:, 3] > window[1])
        rows = np.fromiter(self._boxes, np.int64, len(boxes))
        return [int(row) for row in np.sort(rows[meets])]

    def rendered(self, window: Window) -> Labels16:
        """Return the values of a window, (y1 - y0, x1 - x0); later annotations lie on top."""
        rows = self.rows_in(window)
        labels = paint([self.rles[row] for row in rows], window, [self._value_of[row] for row in rows])
        return np.ascontiguousarray(labels, np.uint16)


def box_of(rle: Rle) -> Window:
    """Return the tight box of a mask as (y0, x0, y1, x1); of no height and width when it is empty."""
    left, top, across, down = map(int, rle.bbox_xywh)
    return top, left, top + down, left + across


def changed_box(before: Rle | None, after: Rle | None) -> Window | None:
    """Return the tight box of the pixels in which two masks of a frame differ, None when there is no such."""
    some = before if after is None else after
    if some is None:
        return None
    old, new = (EMPTY if rle is None else rle.edges for rle in (before, after))
    changed = Rle.from_edges(combine_edges(old, new, np.not_equal), some.height, some.width)
    return None if changed.is_empty else box_of(changed)
