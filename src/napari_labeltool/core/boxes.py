"""Upright and rotated boxes.

Corners go top-left, top-right, bottom-right, bottom-left of the box before it is turned. The angle turns
the box around its centre, clockwise on the screen (x right, y down), in degrees from 0 to 360: the
``rotation`` of CVAT and datumaro.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BboxXywh = tuple[float, float, float, float]
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RotatedBox:
    """A rotated box by its numbers.

    Parameters
    ----------
    center_xy : (float, float)
        Centre in pixels.
    width, height : float
        Sides in pixels, before turning.
    angle_degrees : float
        Clockwise turn on the screen, 0 <= angle < 360.
    """

    center_xy: tuple[float, float]
    width: float
    height: float
    angle_degrees: float

    @property
    def corners_xy(self) -> Corners:
        """The corners, float64 of shape (4, 2)."""
        return rotated_box(self.center_xy, (self.width, self.height), self.angle_degrees)


def box_to_corners_xy(bbox_xywh: BboxXywh) -> Corners:
    """Return the corners of an upright box, float64 of shape (4, 2)."""
    x, y, w, h = bbox_xywh
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float64)


def corners_to_bbox_xywh(points_xy: NDArray[np.floating]) -> BboxXywh:
    """Return the upright box (left, top, width, height) around points of shape (n, 2), n >= 1."""
    points = np.asarray(points_xy, np.float64)
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return (left, top, right - left, bottom - top)


def rotated_box(
    center_xy: tuple[float, float], size_wh: tuple[float, float], angle_degrees: float
) -> Corners:
    """Return the corners of a rotated box.

    Parameters
    ----------
    center_xy : (float, float)
        Centre in pixels.
    size_wh : (float, float)
        Width and height in pixels, before turning.
    angle_degrees : float
        Clockwise turn on the screen.

    Returns
    -------
    float64 array, shape (4, 2)
    """
    u, v = _axes(angle_degrees)
    center = np.array(center_xy, np.float64)
    across, along = u * (size_wh[0] / 2), v * (size_wh[1] / 2)
    return np.stack(
        [center - across - along, center + across - along, center + across + along, center - across + along]
    )


def rotated_box_from_corners(corners_xy: NDArray[np.floating]) -> RotatedBox:
    """Return centre, sides and angle of a rotated box, the inverse of `rotated_box`.

    Parameters
    ----------
    corners_xy : float array, shape (4, 2)
        The corners in order; in mirrored order they are read from the second corner back. If they are not
        quite a rectangle, opposite sides are averaged.
    """
    corners = np.asarray(corners_xy, np.float64)
    if _cross(corners[1] - corners[0], corners[3] - corners[0]) < 0:
        corners = corners[[1, 0, 3, 2]]
    center = corners.mean(axis=0)
    across = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    along = (corners[3] - corners[0] + corners[2] - corners[1]) / 2
    width, height = math.hypot(*across), math.hypot(*along)
    if width >= height:
        angle = math.degrees(math.atan2(across[1], across[0]))
    else:
        angle = math.degrees(math.atan2(-along[0], along[1]))
    return RotatedBox((float(center[0]), float(center[1])), width, height, _whole_turn(angle))


def square_up(corners_xy: NDArray[np.floating], moved: int) -> Corners:
    """Return the rotated box that results when one corner was dragged to a new place.

    The opposite corner stays where it is and the angle is kept; the two others follow.

    Parameters
    ----------
    corners_xy : float array, shape (4, 2)
        The corners after the drag, of which only the moved one is out of place.
    moved : int
        Number of the moved corner, 0 to 3.

    Returns
    -------
    float64 array, shape (4, 2)
        Corners in their proper order: if the corner was dragged past the opposite one, it has another number
        than before.
    """
    corners = np.asarray(corners_xy, np.float64)
    u, v = _axes(_angle_beside(corners, moved))
    fixed = corners[(moved + 2) % 4]
    diagonal = corners[moved] - fixed
    width, height = abs(float(diagonal @ u)), abs(float(diagonal @ v))
    center = (corners[moved] + fixed) / 2
    across, along = u * (width / 2), v * (height / 2)
    result = np.stack(
        [center - across - along, center + across - along, center + across + along, center - across + along]
    )
    # the two given corners keep their exact numbers
    for point in (fixed, corners[moved]):
        result[int(np.argmin(((result - point) ** 2).sum(axis=1)))] = point
    return result


def is_rectangle(corners_xy: NDArray[np.floating], tolerance: float = 0.01) -> bool:
    """Whether four corners form a rectangle, turned or not, to within ``tolerance`` pixels."""
    corners = np.asarray(corners_xy, np.float64)
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        return False
    skew = math.hypot(*(corners[0] + corners[2] - corners[1] - corners[3]))
    unlike = abs(math.hypot(*(corners[2] - corners[0])) - math.hypot(*(corners[3] - corners[1])))
    return skew <= tolerance and unlike <= tolerance


def _axes(angle_degrees: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the directions of width and height, exact at whole quarters."""
    quarter, rest = divmod(angle_degrees, 90.0)
    c, s = (1.0, 0.0) if rest == 0 else (math.cos(math.radians(rest)), math.sin(math.radians(rest)))
    for _ in range(int(quarter) % 4):
        c, s = -s, c
    return np.array([c, s]), np.array([-s, c])


def _angle_beside(corners: Corners, moved: int) -> float:
    """Return the angle told by the corners that were not moved."""
    fixed = (moved + 2) % 4
    # the unmoved neighbour along the width, and the one along the height
    beside, above = (fixed ^ 1, 3 - fixed)
    across = corners[beside] - corners[fixed] if fixed in (0, 3) else corners[fixed] - corners[beside]
    along = corners[above] - corners[fixed] if fixed in (0, 1) else corners[fixed] - corners[above]
    if math.hypot(*across) == 0 and math.hypot(*along) == 0:
        return 0.0
    if math.hypot(*across) >= math.hypot(*along):
        return _whole_turn(math.degrees(math.atan2(across[1], across[0])))
    return _whole_turn(math.degrees(math.atan2(-along[0], along[1])))


def _whole_turn(angle_degrees: float) -> float:
    turned = angle_degrees % 360.0
    return 0.0 if turned == 360.0 else turned


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a[0] * b[1] - a[1] * b[0])
