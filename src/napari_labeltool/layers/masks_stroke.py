"""What a change of the label image means: which pixels each annotation gets and loses, as one edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.edits import AddObject, Compound, DeleteObjects, Edit, Rows, SetGeometry
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle, difference, intersection, union
from napari_labeltool.core.semantic import PaintAreas
from napari_labeltool.layers.convert_labels import masks_from_labels

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.masks_table import MaskTable


@dataclass(slots=True)
class Stroke:
    """Pixels that change hands.

    Parameters
    ----------
    window
        The tight box of what changed, (y0, x0, y1, x1) in pixels of the picture.
    masks
        The new mask of each annotation that was shown, by row.
    gained
        Those of them that got pixels.
    added
        Masks of values that no annotation has, by value.
    areas
        Pairs of a class of areas (by row, -1 where areas are erased) and its pixels.
    """

    window: Window
    masks: dict[int, Rle] = field(default_factory=dict)
    gained: set[int] = field(default_factory=set)
    added: dict[int, Rle] = field(default_factory=dict)
    areas: list[tuple[int, Rle]] = field(default_factory=list)


def read_stroke(
    table: MaskTable,
    before: NDArray[Any],
    after: NDArray[Any],
    origin_yx: tuple[int, int],
    area: int | None = None,
) -> Stroke | None:
    """Return what changed between two label images of the same place, None when nothing did.

    What an annotation has hidden under others stays, except where a lower one was painted over it: there the
    paint is what is seen afterwards. Objects and areas leave each other alone: paint of an object changes objects,
    paint of an area changes areas, also where they lie under objects.

    Parameters
    ----------
    table
        The annotations that are shown.
    before, after
        (h, w) values.
    origin_yx
        Row and column of the picture at which they begin.
    area
        The class (by row) that the person paints with when it is one of areas: erased pixels and unknown values
        are meant of areas then. None when objects are meant.
    """
    changed = before != after
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return None
    inner = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    top, left = origin_yx[0] + int(rows[0]), origin_yx[1] + int(columns[0])
    changed = changed[inner]
    window = (top, left, top + changed.shape[0], left + changed.shape[1])
    stroke = Stroke(window)
    height, width = table.shape_yx
    for value in np.unique(after[inner][changed]).tolist() if table.areas else ():
        category = table.category_of(value)
        if category is None and area is not None and table.row_of(value) is None:
            category = area if value else -1
        if category is not None:
            own = changed & (after[inner] == value)
            changed = changed & ~own
            rle = Rle.from_mask(own, height=height, width=width, offset_yx=(top, left))
            stroke.areas.append((category, rle))

    def masks_of(values: NDArray[Any]) -> list[tuple[int, Rle]]:
        return masks_from_labels(
            np.where(changed, values[inner], 0), height=height, width=width, offset_yx=(top, left)
        )

    for value, taken in masks_of(before):
        row = table.row_of(value)
        if row is not None:
            stroke.masks[row] = difference(table.rles[row], taken)
    painted: dict[int, Rle] = {}
    for value, given in masks_of(after):
        row = table.row_of(value)
        if row is None:
            stroke.added[value] = given
        else:
            painted[row] = given
            stroke.masks[row] = union(stroke.masks.get(row, table.rles[row]), given)
            stroke.gained.add(row)
    _uncover(table, stroke, painted)
    return stroke


def _uncover(table: MaskTable, stroke: Stroke, painted: Mapping[int, Rle]) -> None:
    """Take painted pixels from the annotations that would lie on the paint."""
    if not painted:
        return
    lowest = min(painted)
    for upper in table.rows_in(stroke.window):
        if upper <= lowest or table.is_area(upper):
            continue
        for row, given in painted.items():
            if row < upper:
                mask = stroke.masks.get(upper, table.rles[upper])
                covering = intersection(mask, given)
                if not covering.is_empty:
                    stroke.masks[upper] = difference(mask, covering)


def edit_of(
    dataset: Dataset,
    stroke: Stroke,
    new_object: Callable[..., AddObject],
    paint_areas: Callable[[Sequence[tuple[Rows | None, Rle]]], PaintAreas],
) -> tuple[Compound, list[int]]:
    """Return a stroke as one edit, and the values of the objects that it adds, in order.

    Parameters
    ----------
    dataset
        The dataset.
    stroke
        What changed.
    new_object
        Makes the edit that adds an object with a ``geometry``.
    paint_areas
        Makes the edit that paints areas, from pairs of a class and its pixels.
    """
    edits: list[Edit] = []
    deleted = []
    for row, rle in sorted(stroke.masks.items()):
        keeps = bool(dataset.annotations.flags[row] & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS))
        if rle.is_empty and not keeps:
            deleted.append(row)
        else:
            verb = "Paint" if row in stroke.gained else "Erase part of"
            edits.append(SetGeometry(Rows([row]), Mask(rle), verb))
    if deleted:
        edits.append(DeleteObjects(Rows(deleted)))
    values = sorted(stroke.added)
    edits += [new_object(geometry=Mask(stroke.added[value])) for value in values]
    words = _words(dataset, stroke, edits, deleted) if edits else ""
    if stroke.areas:
        edits.append(paint_areas([(Rows([row]) if row >= 0 else None, rle) for row, rle in stroke.areas]))
        words = words or edits[-1].label(dataset)
    return Compound(words, tuple(edits)), values


def _words(dataset: Dataset, stroke: Stroke, edits: list[Edit], deleted: list[int]) -> str:
    """Return the step in words, by what the person did first of all."""
    if stroke.added:
        return edits[-1].label(dataset) if len(stroke.added) == 1 else f"Add {len(stroke.added):,} objects"
    if stroke.gained:
        if len(stroke.gained) == 1:
            return f"Paint {dataset.name_of(next(iter(stroke.gained)))}"
        return f"Paint {len(stroke.gained):,} objects"
    if len(stroke.masks) == 1:
        return edits[0].label(dataset)
    if len(deleted) == len(stroke.masks):
        return f"Erase {len(deleted):,} objects"
    return f"Erase parts of {len(stroke.masks):,} objects"


def area_painted(table: MaskTable, label: int, chosen: int) -> int | None:
    """Return the class of areas (by row) that is painted with, None when objects are.

    Parameters
    ----------
    table
        The masks that are shown.
    label
        The value that is painted.
    chosen
        The class for new objects (by row, -1 for none): where it is one of areas, a value of nothing means it.
    """
    category = table.category_of(label)
    if category is None and chosen in table.areas and table.row_of(label) is None:
        return chosen
    return category
