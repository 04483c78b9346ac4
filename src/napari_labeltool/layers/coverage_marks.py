"""Marking regions of the shown image as exhaustively labelled: what is in view, selected objects, all of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.coverage import Rectangle
from napari_labeltool.core.edits import AddRegions, RemoveRegion, Rows
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.geometry import Box, Polygon, RotatedBox
from napari_labeltool.core.values import FloatArray

if TYPE_CHECKING:
    from napari_labeltool.layers.coverage import Coverage

_ALMOST_ALL = 0.98


def mark_rectangle(coverage: Coverage, rectangle: Rectangle, *, category: int = -1) -> bool:
    """Mark a rectangle in pixels, clipped to the picture; tell whether a region was added.

    Parameters
    ----------
    coverage
        Of the shown image.
    rectangle
        Left, top, right, bottom.
    category
        Row of the only category that was labelled there, -1 for all.
    """
    height, width = coverage.shape_yx
    left, right = np.clip(np.round(rectangle[0::2]), 0, width).tolist()
    top, bottom = np.clip(np.round(rectangle[1::2]), 0, height).tolist()
    if right - left < 1 or bottom - top < 1:
        coverage.workspace.message.emit(
            "warning", "Nothing of the picture is in there. No region was marked."
        )
        return False
    return _mark(coverage, [corners_of((left, top, right, bottom))], category)


def mark_view(coverage: Coverage, *, category: int = -1) -> bool:
    """Mark what the canvas shows of the picture."""
    return mark_rectangle(coverage, coverage.rectangle(), category=category)


def mark_whole(coverage: Coverage, *, category: int = -1) -> bool:
    """Mark all of the picture."""
    height, width = coverage.shape_yx
    return mark_rectangle(coverage, (0, 0, width, height), category=category)


def mark_selection(coverage: Coverage, *, category: int = -1) -> bool:
    """Mark what the selected boxes and polygons enclose; the objects stay."""
    workspace = coverage.workspace
    polygons: list[FloatArray] = []
    for row in workspace.selection:
        try:
            geometry = workspace.dataset.geometry(row)
        except ReadError:
            continue
        if isinstance(geometry, (Polygon, RotatedBox)):
            polygons += [part for part in geometry.parts_xy if len(part) >= 3]
        elif isinstance(geometry, Box):
            left, top, width, height = geometry.bbox
            polygons.append(corners_of((left, top, left + width, top + height)))
    if not polygons:
        workspace.message.emit(
            "warning", "Select a box or a polygon first: it becomes the outline of the region."
        )
        return False
    return _mark(coverage, polygons, category)


def remove_region(coverage: Coverage, index: int) -> bool:
    """Remove a region by its `Region.index`; tell whether it was there."""
    workspace = coverage.workspace
    return workspace.apply(RemoveRegion(Rows([workspace.image]), index)) is not None


def corners_of(rectangle: Rectangle) -> FloatArray:
    """Return the corners of a rectangle, (4, 2) x, y."""
    left, top, right, bottom = rectangle
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _mark(coverage: Coverage, polygons: Sequence[FloatArray], category: int) -> bool:
    workspace = coverage.workspace
    edit = AddRegions(
        Rows([workspace.image]),
        polygons,
        None if category < 0 else [Rows([category])],
        workspace.session.author,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    coverage.take_rest()
    if workspace.apply(edit) is None:
        return False
    bounds = [(*polygon.min(0).tolist(), *polygon.max(0).tolist()) for polygon in polygons]
    viewed = min(coverage.viewed_part(bound) for bound in bounds)
    if viewed < _ALMOST_ALL:
        workspace.message.emit(
            "warning",
            f"Marked as exhaustively labelled. {100 * (1 - viewed):.0f} % of it was not viewed at working zoom"
            f" ({100 * coverage.working_zoom:.0f} %).",
        )
    return True
