"""Keypoints and the edges between them: what visibility means, what is drawn, where a preview puts them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_labeltool.core.palette import palette_color
from napari_labeltool.core.schema.model import Category
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

NOT_LABELLED: Final = 0
"""Visibility of a point that was not labelled; its coordinates mean nothing and are kept."""
HIDDEN: Final = 1
"""Visibility of a point that was labelled where it must be, and cannot be seen."""
VISIBLE: Final = 2
"""Visibility of a point that was labelled and can be seen."""

VISIBILITY_WORDS: Final[dict[int, str]] = {
    NOT_LABELLED: "not labelled",
    HIDDEN: "labelled, hidden",
    VISIBLE: "visible",
}

# fmt: off
PERSON_LAYOUT: Final[dict[str, tuple[float, float]]] = {
    "nose": (0.50, 0.10), "left_eye": (0.54, 0.07), "right_eye": (0.46, 0.07),
    "left_ear": (0.58, 0.09), "right_ear": (0.42, 0.09),
    "left_shoulder": (0.64, 0.24), "right_shoulder": (0.36, 0.24),
    "left_elbow": (0.73, 0.39), "right_elbow": (0.27, 0.39),
    "left_wrist": (0.79, 0.53), "right_wrist": (0.21, 0.53),
    "left_hip": (0.58, 0.54), "right_hip": (0.42, 0.54),
    "left_knee": (0.60, 0.74), "right_knee": (0.40, 0.74),
    "left_ankle": (0.61, 0.95), "right_ankle": (0.39, 0.95),
}
# fmt: on
"""The 17 keypoints of a COCO person who looks at us: x, y in the unit square."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Edges of one annotation that are drawn.

    Parameters
    ----------
    edge
        (m,) indices into the skeleton.
    ends_xy
        (m, 2, 2) both ends, x, y in pixels, in the convention of the keypoints.
    colors
        m colours ``"#rrggbb"``, None for the colour of the class.
    hidden
        (m,) whether an end is labelled and hidden, so that the edge is drawn broken.
    """

    edge: IntArray
    ends_xy: FloatArray
    colors: tuple[str | None, ...]
    hidden: BoolArray


def is_labelled(keypoints: ArrayLike) -> BoolArray:
    """Return which keypoints are there: visibility above 0, a confidence included, at finite coordinates.

    Parameters
    ----------
    keypoints
        (k, 3) x, y, visibility.

    Returns
    -------
    (k,) bool array
    """
    points = _points(keypoints)
    return np.asarray((points[:, 2] > 0) & np.isfinite(points[:, :2]).all(1))


def num_keypoints(keypoints: ArrayLike) -> int:
    """Return how many keypoints, (k, 3) x, y, visibility, have a visibility above 0, as COCO counts them."""
    return int(np.count_nonzero(_points(keypoints)[:, 2] > 0))


def odd_visibility(keypoints: ArrayLike) -> BoolArray:
    """Return which keypoints, (k, 3), have a visibility other than 0, 1 or 2: a confidence, or a mistake."""
    return ~np.isin(_points(keypoints)[:, 2], (NOT_LABELLED, HIDDEN, VISIBLE))


def edges_xy(
    keypoints: ArrayLike, skeleton: Sequence[tuple[int, int]], colors: Sequence[str | None] = ()
) -> Segments:
    """Return the edges of a skeleton between keypoints that are there.

    Parameters
    ----------
    keypoints
        (k, 3) x, y, visibility.
    skeleton
        Pairs of indices counted from 0; pairs that point to no keypoint or to one twice are left out.
    colors
        A colour or None for each edge; may be shorter.

    Returns
    -------
    Segments
    """
    points = _points(keypoints)
    there = is_labelled(points)
    pairs = np.asarray(skeleton, np.int64).reshape(-1, 2)
    drawn = ((pairs >= 0) & (pairs < len(points))).all(1) & (pairs[:, 0] != pairs[:, 1])
    edge = np.flatnonzero(drawn)
    edge = edge[there[pairs[edge]].all(1)]
    return Segments(
        edge,
        points[pairs[edge], :2],
        tuple(colors[index] if index < len(colors) else None for index in edge.tolist()),
        (points[pairs[edge], 2] == HIDDEN).any(1),
    )


def default_layout(names: Sequence[str]) -> FloatArray:
    """Return where a preview puts keypoints that have no place of their own.

    Parameters
    ----------
    names
        Names of the keypoints; the 17 of a COCO person stand like one.

    Returns
    -------
    (k, 2) float64 array
        x, y in the unit square, y downwards; else on a circle, clockwise from the top.
    """
    keys = ["_".join(name.lower().replace("-", " ").replace("_", " ").split()) for name in names]
    if len(keys) == len(PERSON_LAYOUT) and set(keys) == set(PERSON_LAYOUT):
        return np.array([PERSON_LAYOUT[key] for key in keys])
    if len(names) <= 1:
        return np.full((len(names), 2), 0.5)
    angles = 2 * math.pi * np.arange(len(names)) / len(names)
    return np.stack([0.5 + 0.42 * np.sin(angles), 0.5 - 0.42 * np.cos(angles)], 1)


def layout_of(category: Category) -> FloatArray:
    """Return where a preview puts the keypoints of a class, (k, 2) x, y in the unit square.

    Points with a position of their own have it, the others that of `default_layout`.
    """
    layout = default_layout([point.name for point in category.keypoints])
    for index, point in enumerate(category.keypoints):
        if point.position is not None:
            layout[index] = point.position
    return layout


def keypoint_color(category: Category, index: int) -> str:
    """Return the colour of a keypoint of a class: its own, or else the palette's colour of its place.

    So points can be told apart in the many files that name no colours.
    """
    points = category.keypoints
    return (points[index].color if 0 <= index < len(points) else None) or palette_color(index)


def _points(keypoints: ArrayLike) -> NDArray[Any]:
    return np.asarray(keypoints, np.float64).reshape(-1, 3)
