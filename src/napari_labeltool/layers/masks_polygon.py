"""Polygons that are painted over the border of the window, in run lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import redraw_labels
from napari_labeltool.core.polygons import polygon_to_rle
from napari_labeltool.core.rle import Rle, difference, union
from napari_labeltool.layers.masks_stroke import Stroke
from napari_labeltool.layers.masks_table import box_of
from napari_labeltool.layers.masks_window import around, overlap
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.masks_table import MaskTable
    from napari_labeltool.layers.masks_view import MasksView


def read_polygon(view: MasksView, corners_yx: NDArray[Any], value: int, area: int | None) -> Stroke | None:
    """Return what a polygon of any size paints; None when it erases objects, or covers no pixel.

    In the window it is paint like any other. Beyond it objects keep their pixels below the new ones, as they are not
    seen.

    Parameters
    ----------
    view
        The layer's data and what was rendered.
    corners_yx
        (n, 2) row and column of pixels in the layer's data.
    value
        What is painted.
    area
        The class of areas that is painted with, see `read_stroke`.
    """
    if value == 0 and area is None:
        return None
    top, left = view.window[:2]
    corners_xy = (np.trunc(corners_yx) + np.array([top, left]) + HALF_PIXEL)[:, ::-1]
    rle = polygon_to_rle([corners_xy], *view.table.shape_yx)
    if rle.is_empty:
        return None
    stroke, beyond = None, rle
    inner = overlap(box_of(rle), view.window)
    if inner is not None:
        place, inside = view.place(inner), rle.to_mask(inner)
        covered = Rle.from_mask(np.ones_like(inside), height=rle.height, width=rle.width, offset_yx=inner[:2])
        beyond = difference(rle, covered)
        if view.layer.preserve_labels:
            inside &= view.shown[place] == 0
        view.data[place][inside] = value
        redraw_labels(view.layer, *place)
        stroke = view.read((inner[0] - top, inner[1] - left, inner[2] - top, inner[3] - left), area)
    stroke = Stroke(box_of(rle)) if stroke is None else stroke
    if not beyond.is_empty:
        stroke.window = around(stroke.window, box_of(beyond)) or stroke.window
        extend(stroke, view.table, value, area, beyond)
    return stroke


def extend(stroke: Stroke, table: MaskTable, value: int, area: int | None, more: Rle) -> None:
    """Add pixels beyond the window to what is painted with a value.

    Parameters
    ----------
    stroke
        What changed in the window; is changed.
    table
        The annotations that are shown.
    value
        The value that is painted; 0 erases areas.
    area
        The class of areas that is painted with, None for objects.
    more
        The pixels.
    """
    category, row = table.category_of(value), table.row_of(value)
    if category is None and row is None and area is not None:
        category = area if value else -1
    if category is not None:
        stroke.areas.append((category, more))
    elif row is not None:
        stroke.masks[row] = union(stroke.masks.get(row, table.rles[row]), more)
        stroke.gained.add(row)
    else:
        stroke.added[value] = union(stroke.added[value], more) if value in stroke.added else more
