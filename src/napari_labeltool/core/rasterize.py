"""Polygons to pixels by the definition of COCO, in frames of any size.

pycocotools' ``rleFrPoly`` is the definition: vertices are rounded to fifths of a pixel, edges are drawn
densely on that grid, and a column's pixel flips where the outline passes its middle. Here the same numbers
are computed for the passed column middles alone, in 64 bits, so that neither the frame nor the length of the
outline costs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.runs import EMPTY, Edges, edges_from_crossings

_FIFTHS = 5.0
_FARTHEST = 1e14
_MOST_CROSSINGS = 1 << 26

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def polygon_edges(part_xy: FloatArray, height: int, width: int) -> Edges:
    """Return the column-major pixel numbers inside one part, even-odd, clipped to the frame.

    Parameters
    ----------
    part_xy : float64 array, shape (n, 2)
        Vertices, origin at the corner of the first pixel; closed by itself. Must be finite.
    height, width : int
        Size of the frame in pixels.

    Raises
    ------
    ReadError
        The outline crosses so many columns that the memory could not be bounded.
    """
    if len(part_xy) < 3 or height == 0 or width == 0:
        return EMPTY
    # C truncates towards zero when it rounds this way, below zero too
    grid = np.trunc(_FIFTHS * np.clip(part_xy, -_FARTHEST, _FARTHEST) + 0.5)
    x, y = grid[:, 0], grid[:, 1]
    x_to, y_to = np.roll(x, -1), np.roll(y, -1)
    passes = x != x_to
    x, y, x_to, y_to = x[passes], y[passes], x_to[passes], y_to[passes]
    low, high = np.minimum(x, x_to), np.maximum(x, x_to)
    first = np.maximum(np.ceil((low - 2) / _FIFTHS), 0)
    last = np.minimum(np.floor((high - 3) / _FIFTHS), width - 1)
    many = np.maximum(last - first + 1, 0).astype(np.int64)
    total = int(many.sum())
    if total > _MOST_CROSSINGS:
        raise ReadError(
            f"segmentation: the outline crosses {total} pixel columns, at most {_MOST_CROSSINGS} are drawn. "
            f"Is the size of the image right? The polygon was not drawn."
        )
    if not total:
        return EMPTY
    edge = np.repeat(np.arange(len(many)), many)
    column = np.arange(total) + np.repeat(first.astype(np.int64) - np.cumsum(many) + many, many)
    crossed = _crossing_heights(x[edge], y[edge], x_to[edge], y_to[edge], column)
    row = np.clip((crossed.astype(np.int64) + 2) // 5, 0, height)
    return edges_from_crossings(column * height + row)


def _crossing_heights(
    x: FloatArray, y: FloatArray, x_to: FloatArray, y_to: FloatArray, column: IntArray
) -> FloatArray:
    """Return the grid height at which each edge passes the middle of its column."""
    wide, tall = np.abs(x_to - x), np.abs(y_to - y)
    flat = wide >= tall
    swap = np.where(flat, x > x_to, y > y_to)
    x, x_to = np.where(swap, x_to, x), np.where(swap, x, x_to)
    y, y_to = np.where(swap, y_to, y), np.where(swap, y, y_to)
    slope = np.asarray(np.where(flat, y_to - y, x_to - x) / np.where(flat, wide, tall), np.float64)
    middle = np.asarray(5.0 * column + 2, np.float64)
    step = middle - x
    along_x = np.minimum(np.trunc(y + slope * step + 0.5), np.trunc(y + slope * (step + 1) + 0.5))
    if flat.all():
        return along_x
    steep = ~flat
    along_y = _steep_heights(x[steep], y[steep], slope[steep], middle[steep])
    along_x[steep] = along_y
    return along_x


def _steep_heights(x: FloatArray, y: FloatArray, slope: FloatArray, middle: FloatArray) -> FloatArray:
    """Return the height just before the step at which a steep edge passes the column's middle."""
    guess = np.ceil((middle + 0.5 - x) / slope)

    def passed(step: FloatArray) -> NDArray[np.bool_]:
        at = np.trunc(x + slope * step + 0.5)
        return np.where(slope > 0, at > middle, at <= middle)

    # the guess is rounded differently from the drawn points, by one step at most
    step = np.where(passed(guess - 1), guess - 1, np.where(passed(guess), guess, guess + 1))
    return y + step - 1
