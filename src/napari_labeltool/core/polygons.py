"""Polygons of COCO: parts of float64 (x, y) vertices, origin at the corner of the first pixel.

An object is a tuple of parts. Within one part the even-odd rule holds; parts are united, so a part inside
another is never a hole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pycocotools import mask as coco_mask

from napari_labeltool.core.errors import EditRefused, ReadError
from napari_labeltool.core.outlines import trace_outlines
from napari_labeltool.core.rasterize import polygon_edges
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_codec import decode_counts
from napari_labeltool.core.runs import edges_from_runs

Part: TypeAlias = NDArray[np.float64]
Parts: TypeAlias = Sequence[NDArray[np.float64]]

_MOST_PIXELS_FOR_PYCOCOTOOLS = 2**31 - 1
_FARTHEST_FOR_PYCOCOTOOLS = 20_000.0


# -- between the file's lists and arrays -----------------------------------------------------------


def parts_from_flat(flat: Iterable[Sequence[float]]) -> list[Part]:
    """Return the parts of ``[[x, y, x, y, ...], ...]``.

    Parameters
    ----------
    flat : iterable of sequences of float
        As in the file. A number left over at the end of a part is not used, as pycocotools does it;
        `polygon_problem` reports it.

    Returns
    -------
    list of float64 array, shape (n, 2)
    """
    parts = []
    for numbers in flat:
        part = np.array(numbers, np.float64).ravel()
        parts.append(part[: len(part) // 2 * 2].reshape(-1, 2))
    return parts


def parts_to_flat(parts_xy: Parts) -> list[list[float]]:
    """Return the parts as the lists of numbers that the file holds, ``[[x, y, x, y, ...], ...]``."""
    return [[float(v) for v in np.asarray(part, np.float64).ravel().tolist()] for part in parts_xy]


# -- to pixels and back ----------------------------------------------------------------------------


def polygon_to_rle(parts_xy: Parts, height: int, width: int) -> Rle:
    """Return the pixels of a polygon, exactly as pycocotools' ``frPyObjects`` and ``merge`` give them.

    Parameters
    ----------
    parts_xy : sequence of float64 array, shape (n, 2)
        A part of fewer than three vertices covers nothing (pycocotools fails if it comes first).
    height, width : int
        Size of the frame in pixels, of any size: nothing of that size is allocated.

    Raises
    ------
    ReadError
        A vertex is not finite.
    """
    if not parts_xy:
        return Rle.empty(height, width)
    if len(parts_xy) == 1:
        return _part_to_rle(parts_xy[0], height, width, part=0)
    edges = [_part_to_rle(part, height, width, part=i).edges for i, part in enumerate(parts_xy)]
    starts, ends = (np.concatenate([e[side::2] for e in edges]) for side in (0, 1))
    return Rle.from_edges(edges_from_runs(starts, ends), height, width)


def _part_to_rle(part_xy: Part, height: int, width: int, part: int) -> Rle:
    if len(part_xy) < 3 or height == 0 or width == 0:
        return Rle.empty(height, width)
    low, high = float(part_xy.min()), float(part_xy.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ReadError(
            f"segmentation[{part}]: a vertex that is not finite found, expected numbers. "
            f"The polygon was not drawn."
        )
    small = height * width <= _MOST_PIXELS_FOR_PYCOCOTOOLS
    if small and low > -_FARTHEST_FOR_PYCOCOTOOLS and high < _FARTHEST_FOR_PYCOCOTOOLS:
        (code,) = coco_mask.frPyObjects([part_xy.ravel()], height, width)
        return Rle(height, width, decode_counts(code["counts"]))
    return Rle.from_edges(polygon_edges(np.asarray(part_xy, np.float64), height, width), height, width)


def rle_has_holes(rle: Rle) -> bool:
    """Whether the mask shuts background in, so that it cannot be written as a polygon."""
    return rle.has_holes()


def rle_to_polygons(rle: Rle) -> list[Part]:
    """Return the outline of a mask along the cracks between pixels; it rasterises back to the same mask.

    Parameters
    ----------
    rle : Rle
        The mask. Pixels that touch at a corner only become parts of their own.

    Returns
    -------
    list of float64 array, shape (n, 2)
        Whole-numbered corners, clockwise on the screen, not closed, none in the middle of a straight line.

    Raises
    ------
    EditRefused
        The mask has a hole: the parts of a COCO polygon are united, so a hole would be filled.
    """
    if rle.has_holes():
        raise EditRefused(
            "The mask has a hole, and a COCO polygon cannot have one: its parts are united. "
            "Nothing was changed. Keep it as a mask, or fill the hole first."
        )
    return [loop.astype(np.float64) for loop in trace_outlines(*rle.spans())]


# -- measures --------------------------------------------------------------------------------------


def polygon_area(parts_xy: Parts) -> float:
    """Return the shoelace area in square pixels, the parts' absolute areas added, as official COCO does."""
    return float(sum(abs(_signed_area(part)) for part in parts_xy))


def _signed_area(part_xy: Part) -> float:
    if len(part_xy) < 3:
        return 0.0
    # relative to the first vertex, so that far from the origin no digits are lost
    x, y = (part_xy - part_xy[0]).T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def polygon_bbox_xywh(
    parts_xy: Parts, convention: Literal["extent", "inclusive"] = "extent"
) -> tuple[float, float, float, float]:
    """Return the box (left, top, width, height) of all vertices.

    Parameters
    ----------
    parts_xy : sequence of float64 array, shape (n, 2)
        The parts; all zeros are returned if they have no vertex.
    convention : "extent" or "inclusive"
        Width and height as maximum - minimum, or one more.
    """
    filled = [part for part in parts_xy if len(part)]
    if not filled:
        return (0.0, 0.0, 0.0, 0.0)
    points = np.concatenate(filled)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    more = 1.0 if convention == "inclusive" else 0.0
    return (left, top, right - left + more, bottom - top + more)


def point_in_parts(x: float, y: float, parts_xy: Parts) -> bool:
    """Whether a point is inside: even-odd within a part, in any of the parts."""
    for part in parts_xy:
        if len(part) < 3:
            continue
        x0, y0 = part[:, 0], part[:, 1]
        x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
        passes = (y0 > y) != (y1 > y)
        x0, y0, x1, y1 = x0[passes], y0[passes], x1[passes], y1[passes]
        if np.count_nonzero(x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)) % 2:
            return True
    return False


def distance_to_parts(x: float, y: float, parts_xy: Parts) -> float:
    """Return the distance in pixels from a point to the nearest outline; infinite if there is none."""
    nearest = math.inf
    point = np.array([x, y])
    for part in parts_xy:
        if not len(part):
            continue
        along = np.roll(part, -1, axis=0) - part
        towards = point - part
        length = np.einsum("ij,ij->i", along, along)
        share = np.einsum("ij,ij->i", towards, along) / np.where(length > 0, length, 1.0)
        gap = towards - np.clip(share, 0.0, 1.0)[:, None] * along
        nearest = min(nearest, math.sqrt(float(np.einsum("ij,ij->i", gap, gap).min())))
    return nearest


def polygon_problem(parts: Sequence[ArrayLike]) -> str | None:
    """Return what is wrong with a polygon in words, or None.

    Parameters
    ----------
    parts : sequence
        Parts as arrays of shape (n, 2), or as the file's flat lists of numbers.

    Returns
    -------
    str or None
        The first problem found: no parts, an odd number of numbers, not finite, too few vertices, no area,
        an outline that crosses itself. An outline that only touches itself is in order.
    """
    if not len(parts):
        return "The polygon has no part; at least one with three vertices is expected."
    for i, part in enumerate(parts):
        numbers = np.array(part, np.float64)
        where = f"Part {i + 1}" if len(parts) > 1 else "The polygon"
        if numbers.size % 2:
            return f"{where} has {numbers.size} numbers; pairs of x and y are expected."
        points = numbers.reshape(-1, 2)
        if not np.isfinite(points).all():
            return f"{where} has a coordinate that is not finite."
        distinct = np.unique(points, axis=0)
        if len(distinct) < 3:
            return f"{where} has {len(distinct)} different vertices; at least three are expected."
        if _signed_area(points) == 0 and shapely.convex_hull(shapely.multipoints(points)).area == 0:
            return f"{where} has no area: its vertices lie on one line."
        reason = str(shapely.is_valid_reason(shapely.polygons(points)))
        if reason.startswith("Self-intersection"):
            at = reason.partition("[")[2].rstrip("]")
            return f"{where} crosses itself near (x y) {at}."
        if _signed_area(points) == 0:
            return f"{where} has no area."
    return None


# -- making and changing polygons ------------------------------------------------------------------


def simplify_polygon(points_xy: Part, tolerance: float) -> Part:
    """Return a part with fewer vertices, nowhere farther than ``tolerance`` pixels from the old outline.

    Parameters
    ----------
    points_xy : float64 array, shape (n, 2)
        The part; if its last vertex repeats the first, so does the result's.
    tolerance : float
        Largest allowed distance in pixels. The result never crosses itself if the part did not.
    """
    points = np.asarray(points_xy, np.float64)
    closed = len(points) > 1 and bool((points[0] == points[-1]).all())
    if len(points) - closed < 4 or tolerance <= 0:
        return points.copy()
    ring = shapely.simplify(shapely.polygons(points), tolerance, preserve_topology=True)
    simple = shapely.get_coordinates(shapely.get_exterior_ring(ring))
    if len(simple) < 4:
        return points.copy()
    return np.asarray(simple if closed else simple[:-1], np.float64)


def ellipse_to_polygon(
    center_xy: tuple[float, float], radii: tuple[float, float], angle: float = 0.0, tolerance: float = 0.1
) -> Part:
    """Return an ellipse as a part.

    Parameters
    ----------
    center_xy : (float, float)
        Centre, in pixels.
    radii : (float, float)
        Half axes in pixels, along x and y before turning.
    angle : float
        Clockwise turn on the screen, in degrees.
    tolerance : float
        Largest distance in pixels between an edge and the true ellipse.

    Returns
    -------
    float64 array, shape (n, 2)
        8 to 2048 vertices, clockwise on the screen.
    """
    largest = max(abs(radii[0]), abs(radii[1]))
    turn = math.acos(min(max(1 - tolerance / largest, -1.0), 1.0)) if largest > 0 else math.pi
    number = min(max(8, math.ceil(math.pi / turn)) if turn > 0 else 2048, 2048)
    t = np.arange(number) * (2 * math.pi / number)
    x, y = radii[0] * np.cos(t), radii[1] * np.sin(t)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.stack([center_xy[0] + c * x - s * y, center_xy[1] + s * x + c * y], axis=1)


def _surface(parts_xy: Parts) -> Any:
    rings = []
    for part in parts_xy:
        if len(np.unique(part, axis=0)) < 3:
            continue
        ring = shapely.polygons(part)
        rings.append(ring if shapely.is_valid(ring) else shapely.make_valid(ring))
    return shapely.union_all(rings)


def combine_parts(a: Parts, b: Parts, how: Literal["union", "difference", "intersection"]) -> list[Part]:
    """Return the parts of two polygons put together.

    Parameters
    ----------
    a, b : sequence of float64 array, shape (n, 2)
        Two polygons.
    how : "union", "difference" or "intersection"
        "difference" is what is in ``a`` and not in ``b``.

    Returns
    -------
    list of float64 array, shape (n, 2)
        Parts without overlap, not closed; empty if nothing is left.

    Raises
    ------
    EditRefused
        The result has a hole, which a COCO polygon cannot have.
    """
    surface = getattr(shapely, how)(_surface(a), _surface(b))
    parts: list[Part] = []
    for piece in shapely.get_parts(surface).tolist():
        if shapely.get_type_id(piece) != 3 or piece.area == 0:
            continue
        if shapely.get_num_interior_rings(piece):
            raise EditRefused(
                f"The {how} of the two polygons has a hole, and a COCO polygon cannot have one: its parts "
                f"are united. Nothing was changed. Turn the object into a mask, or cut it into two parts."
            )
        parts.append(shapely.get_coordinates(shapely.get_exterior_ring(piece))[:-1])
    return parts
