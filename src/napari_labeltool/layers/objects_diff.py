"""What a gesture did to the shapes that stand for annotations, and the edits that say so.

Nothing here looks at napari: it compares the shapes of a layer with those that were last known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.layers.convert_shapes import ShapeItem, ShapeType

Key = tuple[int, int]
"""Row of the annotation and number of its part."""


@dataclass(frozen=True, slots=True)
class LayerShape:
    """One shape as the layer has it now.

    Parameters
    ----------
    index
        In the layer.
    row, part
        As its features say; row -1 for a new one.
    shape_type
        napari's name of its type.
    corners_yx
        (n, 2) float32, napari coordinates.
    """

    index: int
    row: int
    part: int
    shape_type: ShapeType
    corners_yx: NDArray[np.float32]

    def equals(self, item: ShapeItem) -> bool:
        """Tell whether the layer shows this item, up to the precision of its numbers."""
        return self.shape_type == item.shape_type and np.array_equal(
            self.corners_yx, np.asarray(item.corners_yx, np.float32)
        )

    def item(self) -> ShapeItem:
        """Return the shape as an item to convert."""
        return ShapeItem(self.part, self.shape_type, np.asarray(self.corners_yx, np.float64))


@dataclass(slots=True)
class Difference:
    """What changed.

    Parameters
    ----------
    added
        Groups of new shapes, each one object: one shape that was drawn, or the copied parts of one annotation.
    copied_from
        For each group the row that it was copied from, or -1.
    changed
        Rows of annotations of which a part moved, or is gone while another is left: all their shapes now.
    gone
        Rows of annotations of which no shape is left.
    """

    added: list[list[LayerShape]] = field(default_factory=list)
    copied_from: list[int] = field(default_factory=list)
    changed: dict[int, list[LayerShape]] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)


def compare(known: Mapping[Key, ShapeItem], shapes: Sequence[LayerShape]) -> Difference:
    """Return how the shapes of a layer differ from those that were last known.

    Parameters
    ----------
    known
        What the layer showed, by annotation and part.
    shapes
        What it shows now. A shape with a key that another has already (pasted) is a new one.
    """
    result = Difference()
    by_row: dict[int, list[LayerShape]] = {}
    seen: set[Key] = set()
    copies: dict[int, list[LayerShape]] = {}
    moved: set[int] = set()
    for shape in shapes:
        key = (shape.row, shape.part)
        if shape.row < 0:
            result.added.append([shape])
            result.copied_from.append(-1)
        elif key in seen or key not in known:
            copies.setdefault(shape.row, []).append(shape)
        else:
            seen.add(key)
            by_row.setdefault(shape.row, []).append(shape)
            if not shape.equals(known[key]):
                moved.add(shape.row)
    for row, group in copies.items():
        for parts in one_of_each_part(group):
            result.added.append(parts)
            result.copied_from.append(row)
    for key in known.keys() - seen:
        (moved.add if key[0] in by_row else lambda row: result.gone.append(row))(key[0])
    result.gone = sorted(set(result.gone))
    result.changed = {row: by_row[row] for row in sorted(moved)}
    return result


def one_of_each_part(shapes: Sequence[LayerShape]) -> list[list[LayerShape]]:
    """Group pasted shapes of one annotation into copies, each with every part at most once."""
    groups: list[list[LayerShape]] = []
    for shape in shapes:
        for group in groups:
            if all(other.part != shape.part for other in group):
                group.append(shape)
                break
        else:
            groups.append([shape])
    return groups
