"""Boxes, rotated boxes and polygons of the dataset as shapes of napari, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.boxes import box_to_corners_xy, is_rectangle, rotated_box_from_corners
from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Box, Geometry, Polygon, RotatedBox
from napari_labeltool.core.polygons import ellipse_to_polygon
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.convert_axes import DECIMALS, restored_xy, xy_to_yx, yx_to_xy

ShapeType = Literal["rectangle", "polygon", "ellipse", "line", "path"]
SHAPE_KINDS: Final = (Kind.BOX, Kind.POLYGON, Kind.ODD)

_SQUARE: Final = 0.01
"""Pixels by which the corners of a rectangle may be off before it is a polygon, or turned."""


@dataclass(frozen=True, slots=True, eq=False)
class ShapeItem:
    """One shape of a Shapes layer.

    Parameters
    ----------
    part
        Number of the part of its annotation, from 0, parts that cannot be drawn not counted.
    shape_type
        As napari names it.
    corners_yx
        (n, 2) y, x in data coordinates; four corners for a rectangle or an ellipse; no vertex is repeated to
        close it.
    """

    part: int
    shape_type: ShapeType
    corners_yx: NDArray[np.floating]


def shape_of(dataset: Dataset, row: int) -> list[ShapeItem]:
    """Return the shapes of an annotation: a rectangle for a box, a rotated one too, a polygon for each part.

    Parameters
    ----------
    dataset
        The dataset.
    row
        Row of the annotation.

    Returns
    -------
    list of ShapeItem
        With float64 corners; empty for masks, tags, boxes that only follow keypoints, and what has a
        coordinate that is not finite.
    """
    table = dataset.annotations
    if table.kind[row] not in SHAPE_KINDS:
        return []
    if table.kind[row] == Kind.BOX and table.flags[row] & Flag.KEYPOINTS:
        facts = table.value(row, "labeltool")
        if isinstance(facts, dict) and facts.get("bbox_from") == "keypoints":
            return []
    geometry = dataset.geometry(row)
    return [] if geometry is None else shapes_of_geometry(geometry)


def shapes_of_geometry(geometry: Geometry) -> list[ShapeItem]:
    """Return the shapes of a geometry, see `shape_of`; none for a mask."""
    if isinstance(geometry, Box):
        items = [ShapeItem(0, "rectangle", xy_to_yx(box_to_corners_xy(geometry.bbox)))]
    elif isinstance(geometry, RotatedBox):
        items = [ShapeItem(0, "rectangle", xy_to_yx(geometry.corners_xy))]
    elif isinstance(geometry, Polygon):
        items = [
            ShapeItem(part, "polygon", xy_to_yx(_opened(points)))
            for part, points in enumerate(geometry.parts_xy)
        ]
    else:
        return []
    return [item for item in items if np.isfinite(item.corners_yx).all()]


def is_closed(part_xy: FloatArray) -> bool:
    """Tell whether a part repeats its first vertex at its end."""
    return len(part_xy) >= 4 and bool((part_xy[0] == part_xy[-1]).all())


def _opened(part_xy: FloatArray) -> FloatArray:
    return part_xy[:-1] if is_closed(part_xy) else part_xy


def geometry_from_shapes(items: Sequence[ShapeItem], before: Geometry | None = None) -> Geometry:
    """Return the geometry that the shapes of one annotation draw.

    Parameters
    ----------
    items
        Its shapes, in any order; corners as the layer has them, float32 as a rule.
    before
        The geometry that was shown. Coordinates that were not moved keep their exact numbers, a rotated box
        stays one, and a part that was closed by a repeated vertex is closed again; what was not touched at
        all comes back equal to it.

    Returns
    -------
    Geometry
        `Box` for one upright rectangle, `RotatedBox` for a turned one, else `Polygon`; coordinates that are
        new are rounded to 3 decimals.

    Raises
    ------
    EditRefused
        A line or a path, fewer than three vertices, a coordinate that is not finite, or no shape at all.
    """
    if not items:
        raise EditRefused("shapes: none found for the annotation, expected at least one.")
    for item in items:
        _check(item)
    ordered = sorted(items, key=lambda item: item.part)
    if len(ordered) == 1 and ordered[0].shape_type == "rectangle":
        return _rectangle(ordered[0], before)
    parts = {item.part: _part(item, before) for item in ordered}
    if len(parts) < len(ordered):
        parts = dict(enumerate(_part(item, before) for item in ordered))
    if isinstance(before, Polygon):
        hidden = {i: part for i, part in enumerate(before.parts_xy) if not np.isfinite(part).all()}
        parts = hidden | parts
    return Polygon(tuple(parts[number] for number in sorted(parts)))


def _check(item: ShapeItem) -> None:
    if item.shape_type in ("line", "path"):
        raise EditRefused(
            f"shapes: a {item.shape_type} found, expected a rectangle, an ellipse or a polygon: COCO has no"
            " open lines. Draw a polygon instead."
        )
    if len(item.corners_yx) < 3:
        raise EditRefused(
            f"shapes: a {item.shape_type} with {len(item.corners_yx)} vertices found, expected at least"
            " three. Draw it anew."
        )
    if not np.isfinite(item.corners_yx).all():
        raise EditRefused(
            f"shapes: a {item.shape_type} with a coordinate that is not finite found. Draw it anew."
        )


def _part(item: ShapeItem, before: Geometry | None) -> FloatArray:
    if item.shape_type == "ellipse":
        return np.round(yx_to_xy(ellipse_yx(item.corners_yx)), DECIMALS)
    parts: tuple[FloatArray, ...] = ()
    if isinstance(before, (Polygon, RotatedBox)):
        parts = before.parts_xy
    elif isinstance(before, Box):
        parts = (box_to_corners_xy(before.bbox),)
    if item.part >= len(parts):
        return restored_xy(item.corners_yx, None)
    old = parts[item.part]
    points = restored_xy(item.corners_yx, _opened(old))
    return np.concatenate([points, points[:1]]) if is_closed(old) else points


def ellipse_yx(corners_yx: NDArray[np.floating], tolerance: float = 0.1) -> FloatArray:
    """Return an ellipse, given by the four corners of its box in napari, as the vertices of a polygon.

    Parameters
    ----------
    corners_yx
        (4, 2) corners in order; the box may be turned.
    tolerance
        Largest distance in pixels between an edge and the true ellipse.

    Returns
    -------
    (n, 2) float64 array
    """
    box = rotated_box_from_corners(np.asarray(corners_yx, np.float64)[:, ::-1])
    radii = box.width / 2, box.height / 2
    return ellipse_to_polygon(box.center_xy, radii, box.angle_degrees, tolerance)[:, ::-1]


# -- rectangles ------------------------------------------------------------------------------------


def _rectangle(item: ShapeItem, before: Geometry | None) -> Geometry:
    corners = yx_to_xy(item.corners_yx)
    tolerance = max(_SQUARE, 8 * float(np.spacing(np.float32(np.abs(corners).max()))))
    if isinstance(before, RotatedBox):
        # files round the corners, so that they are no exact rectangle to begin with
        if is_rectangle(corners, tolerance + 2 * _defect(before.corners_xy)):
            return _turned(item, corners, before)
        return Polygon((_part(item, before),))
    if not is_rectangle(corners, tolerance):
        return Polygon((_part(item, before),))
    if _is_upright(corners, tolerance):
        return _upright(item, corners, before)
    box = rotated_box_from_corners(corners)
    return RotatedBox(restored_xy(item.corners_yx, None), round(box.angle_degrees, DECIMALS) % 360.0)


def _defect(corners_xy: FloatArray) -> float:
    """Return by how many pixels four corners are no rectangle: askew, or with diagonals of unlike length."""
    first, second, third, fourth = corners_xy
    skew = float(np.hypot(*(first + third - second - fourth)))
    return max(skew, abs(float(np.hypot(*(third - first)) - np.hypot(*(fourth - second)))))


def _is_upright(corners_xy: FloatArray, tolerance: float) -> bool:
    sides = np.abs(np.roll(corners_xy, -1, axis=0) - corners_xy)
    return bool((sides.min(axis=1) <= tolerance).all())


def _upright(item: ShapeItem, corners: FloatArray, before: Geometry | None) -> Box:
    low, high = corners.min(axis=0), corners.max(axis=0)
    left, top = np.round(low, DECIMALS).tolist()
    width, height = np.round(high - low, DECIMALS).tolist()
    if not isinstance(before, Box):
        return Box((left, top, width, height))
    old_corners = box_to_corners_xy(before.bbox)
    shown = xy_to_yx(old_corners).astype(np.float32)
    if np.array_equal(np.asarray(item.corners_yx, np.float32), shown):
        return before
    new: list[float] = []
    for axis, (start, length) in enumerate(((left, width), (top, height))):
        old_start, old_length = before.bbox[axis], before.bbox[2 + axis]
        shown_ends = shown[:, 1 - axis].min(), shown[:, 1 - axis].max()
        ends = np.asarray(item.corners_yx, np.float32)[:, 1 - axis]
        start_kept, end_kept = ends.min() == shown_ends[0], ends.max() == shown_ends[1]
        noise = max(5e-4, 4 * float(np.spacing(np.float32(np.abs(ends).max()))))
        if old_length >= 0 and (start_kept or end_kept):
            if start_kept:
                start = old_start
            if start_kept and end_kept:
                length = old_length
            elif end_kept:
                length = round(old_start + old_length - start, DECIMALS)
            else:
                length = round(float(high[axis]) - old_start, DECIMALS)
        elif abs(length - old_length) <= noise:
            length = old_length
        new += [start, length]
    return Box((new[0], new[2], new[1], new[3]))


def _turned(item: ShapeItem, corners: FloatArray, before: RotatedBox) -> RotatedBox:
    restored = restored_xy(item.corners_yx, before.corners_xy)
    if np.array_equal(restored, before.corners_xy):
        return before
    new, old = rotated_box_from_corners(corners), rotated_box_from_corners(before.corners_xy)
    turn = (new.angle_degrees - old.angle_degrees + 180.0) % 360.0 - 180.0
    reach = max(old.width, old.height, 1.0)
    noise = np.degrees(8 * float(np.spacing(np.float32(np.abs(corners).max()))) / reach) + 1e-3
    if abs(turn) <= noise:
        return RotatedBox(restored, before.rotation)
    return RotatedBox(restored, round(before.rotation + turn, DECIMALS) % 360.0)
