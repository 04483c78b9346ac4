"""The masks of the shown image as far as the masks layer shows them: values, decoded masks, their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, KeysView
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_painting import painted_values
from napari_labeltool.core.runs import EMPTY, combine_edges
from napari_labeltool.core.semantic import MASK_KINDS, area_categories
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.masks_places import MaskPlaces

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset

HIGHEST_VALUE: Final = 65_000
"""Values of the layer are 16 bit, which napari shows as they are; the rest is left for new labels."""

_FIRST_AREA: Final = -2


def _area_key(category: int) -> int:
    """Return what stands for a class of areas (by row) where an annotation's row stands for an object."""
    return _FIRST_AREA - category


def _key_of(dataset: Dataset, areas: Collection[int], row: int) -> int:
    """Return what stands for a mask: its row, or that of the class of areas that it is of."""
    category = int(dataset.annotations.category[row]) if areas else -1
    is_area = category in areas and int(dataset.annotations.kind[row]) in MASK_KINDS
    return _area_key(category) if is_area else row


class MaskTable:
    """Label values of annotations, and their masks.

    An object has a value of its own; all masks of a class of areas share one. Objects lie above areas. A value
    belongs to an object or area for as long as the image is shown, so that undo and redo bring it back.

    Parameters
    ----------
    dataset
        The dataset.
    shape_yx
        Height and width of the shown image in pixels; a mask of another frame is odd.

    Attributes
    ----------
    areas
        Rows of the classes whose masks are areas.
    """

    def __init__(self, dataset: Dataset, shape_yx: tuple[int, int]) -> None:
        self.dataset = dataset
        self.shape_yx = shape_yx
        self.rles: dict[int, Rle] = {}
        self.odd: dict[int, str] = {}
        self.areas = area_categories(dataset)
        self._places = MaskPlaces()
        self._keys: dict[int, int] = {}
        self._value_of: dict[int, int] = {}
        self._row_of: dict[int, int] = {}
        self._next_value = 1

    # -- values
    def value_of(self, row: int) -> int | None:
        """Return the value of an annotation that is shown, None for any other."""
        key = self._keys.get(row)
        return None if key is None else self._value_of.get(key)

    def value_of_all(self, rows: Iterable[int]) -> int | None:
        """Return the value of one object alone, or of the area that all of some annotations are."""
        keys = {_key_of(self.dataset, self.areas, row) for row in rows}
        key = keys.pop() if len(keys) == 1 else None
        return self._value_of.get(key) if key is not None and (key < 0 or key in self.rles) else None

    def row_of(self, value: int) -> int | None:
        """Return the object with a value, None when no shown one has it."""
        row = self._row_of.get(value)
        return row if row is not None and row >= 0 and row in self.rles else None

    def values(self) -> tuple[IntArray, IntArray]:
        """Return the rows and the values of the objects that are shown, lowest first."""
        rows, keys, values = self._places.columns()
        return (rows[keys >= 0], values[keys >= 0]) if self.areas else (rows, values)

    def category_of(self, value: int) -> int | None:
        """Return the class of areas (by row) with a value, None when it is none of an area."""
        key = self._row_of.get(value)
        return _FIRST_AREA - key if key is not None and key <= _FIRST_AREA else None

    def area_value(self, category: int) -> int:
        """Return the value of a class of areas, which gets one when it has none yet."""
        key = _area_key(category)
        if key not in self._value_of:
            self.bind(key, self.fresh_value())
        return self._value_of[key]

    def area_values(self) -> IntArray:
        """Return class, value, and the first annotation shown (-1: none) of each area with a value, (n, 3)."""
        if not self.areas:
            return np.empty((0, 3), np.int64)
        rows, keys, _ = self._places.columns()
        shown, at = np.unique(keys, return_index=True)
        first = dict(zip(shown.tolist(), rows[at].tolist()))
        own = sorted(key for key in map(_area_key, self.areas) if key in self._value_of)
        found = [(_FIRST_AREA - key, self._value_of[key], first.get(key, -1)) for key in own]
        return np.array(found, np.int64).reshape(-1, 3)

    def is_area(self, row: int) -> bool:
        """Tell whether a shown annotation is an area."""
        return self._keys.get(row, 0) <= _FIRST_AREA

    def known_values(self) -> KeysView[int]:
        """Return the values that objects and areas have or had."""
        return self._row_of.keys()

    def fresh_value(self) -> int:
        """Return a value that no annotation has or had; when there is none, that of one that is not shown now."""
        if self._next_value <= HIGHEST_VALUE:
            return self._next_value
        free = (value for value in range(1, HIGHEST_VALUE + 1) if value not in self._row_of)
        idle = (value for value, key in self._row_of.items() if key >= 0 and key not in self.rles)
        return next(free, None) or next(idle, HIGHEST_VALUE)

    def bind(self, row: int, value: int) -> None:
        """Give an object (or area) a value; another one that had it gets a new value when it is shown next."""
        before = self._row_of.get(value)
        if before is not None and before != row:
            del self._value_of[before]
            if before < 0 or before in self.rles:
                self.bind(before, self.fresh_value())
        old = self._value_of.get(row)
        if old is not None:
            del self._row_of[old]
        self._value_of[row], self._row_of[value] = value, row
        self._places.set_value(row, value)
        self._next_value = max(self._next_value, value + 1)

    # -- masks
    def load(self, rows: IntArray, window: Window, *, partly: bool = False) -> bool:
        """Take over which annotations are shown in a window, decoding what is not decoded yet.

        Parameters
        ----------
        rows
            The masks that may be shown there, in file order.
        window
            (y0, x0, y1, x1) in pixels.
        partly
            Show the first ones when there are more than values.

        Returns
        -------
        bool
            False when there are more than values; nothing was taken over then, a smaller window is needed.
        """
        near: list[int] = rows.tolist()
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
            self._bind_new(row)
        return True

    def _bind_new(self, row: int) -> None:
        key = self._keys[row]
        if key not in self._value_of:
            self.bind(key, self.fresh_value())

    def read(self, row: int) -> None:
        """Decode the mask of an annotation anew and give it a value; odd ones are noted and not shown."""
        self.forget(row)
        self._read(row)
        if row in self.rles:
            self._bind_new(row)

    def _read(self, row: int) -> None:
        found = mask_of(self.dataset, row, self.shape_yx)
        if isinstance(found, str):
            self.odd[row] = found
        elif found is not None:
            self.put(row, found)

    def put(self, row: int, rle: Rle) -> None:
        """Take over the mask of an annotation, which needs a value to be rendered."""
        self.rles[row], self._keys[row] = rle, (key := _key_of(self.dataset, self.areas, row))
        self._places.put(row, box_of(rle), key, self._value_of.get(key, 0))

    def drop(self, row: int) -> None:
        """Forget the mask of an annotation, not its value."""
        self.rles.pop(row, None)
        self._keys.pop(row, None)
        self._places.drop(row)

    def forget(self, row: int) -> None:
        """Decode the mask of an annotation anew when it is loaded next."""
        self.drop(row)
        self.odd.pop(row, None)

    def forget_all(self, rows: IntArray) -> bool:
        """Forget those of some annotations that are known here; tell whether there were any."""
        known = np.array([*self.rles, *self.odd], np.int64)
        known = known[np.isin(known, rows)]
        for row in known.tolist():
            self.forget(row)
        return len(known) > 0

    # -- places
    def box(self, row: int) -> Window | None:
        """Return the tight box of a shown mask as (y0, x0, y1, x1), None when it is empty or not shown."""
        return self._places.get(row)

    def rows_in(self, window: Window) -> list[int]:
        """Return the shown annotations whose box meets a window, lowest first."""
        rows: list[int] = self._places.meeting(window)[0].tolist()
        return rows

    def rendered(self, window: Window, into: NDArray[np.uint16] | None = None) -> NDArray[np.uint16]:
        """Return the values of a window, (y1 - y0, x1 - x0); later annotations lie on top, objects on areas."""
        rows, keys, values = self._places.meeting(window)
        order = np.argsort(keys >= 0, kind="stable")
        return painted_values(
            [self.rles[row] for row in rows[order].tolist()], values[order], window, np.uint16, into
        )


def mask_of(dataset: Dataset, row: int, shape_yx: tuple[int, int]) -> Rle | str | None:
    """Return the mask of an annotation, or why it cannot be shown in a picture of a size; None without a mask."""
    try:
        geometry = dataset.geometry(row)
    except LabeltoolError as error:
        return str(error)
    if not isinstance(geometry, Mask):
        return None
    rle = geometry.rle
    if (rle.height, rle.width) != shape_yx:
        return (
            f"segmentation.size: {rle.height} x {rle.width} (height x width) found,"
            f" expected {shape_yx[0]} x {shape_yx[1]} as the image has."
        )
    return rle


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


class Oddities:
    """Masks that cannot be shown, each told of once for a document."""

    def __init__(self) -> None:
        self._told: tuple[Dataset | None, set[int]] = (None, set())

    def words(self, table: MaskTable) -> str | None:
        """Return a sentence about masks of a table that were not told of yet; None when there are none."""
        if self._told[0] is not table.dataset:
            self._told = (table.dataset, set())
        told = self._told[1]
        odd = {row: text for row, text in table.odd.items() if row not in told}
        if not odd:
            return None
        told.update(odd)
        row, reason = next(iter(odd.items()))
        more = f" The same goes for {len(odd) - 1:,} more of this image." if len(odd) > 1 else ""
        return f"Annotation {table.dataset.annotations.id_of(row)} is kept as it is and not shown. {reason}{more}"
