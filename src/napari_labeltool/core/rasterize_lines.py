"""Lines drawn into a small picture, many at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import IntArray

_BITS: Final = 24
_UNIT: Final = float(1 << _BITS)
"""Parts of a pixel that places on a line are counted in."""


def draw_segments(
    picture: NDArray[np.uint8], segments_xy: NDArray[np.floating], colors: NDArray[np.uint8]
) -> None:
    """Draw the sides of closed lines one pixel wide; later ones cover earlier ones.

    The last point of a side is left to the next one, which begins there.

    Parameters
    ----------
    picture
        (height, width, channels), is changed.
    segments_xy
        (n, 2, 2) x, y of both ends in pixels of the picture, corner origin; what lies outside is not drawn.
    colors
        (n, channels) for each segment.
    """
    height, width = picture.shape[:2]
    segments = np.asarray(segments_xy, np.float32)
    x0, y0, x1, y1 = np.array(segments.reshape(-1, 4).T, order="C")
    left, right, top, bottom = np.minimum(x0, x1), np.maximum(x0, x1), np.minimum(y0, y1), np.maximum(y0, y1)
    meets = (left < width) & (top < height) & (right >= 0) & (bottom >= 0)
    # a line that leaves the picture far is cut to a frame around it, or its steps would be without bound
    far = meets & ((left < -width) | (top < -height) | (right > 2 * width) | (bottom > 2 * height))
    if far.any():
        cut, meets[far] = _cut(segments[far], np.array([width, height], np.float32))
        x0[far], y0[far], x1[far], y1[far] = cut.reshape(-1, 4).T
    if not meets.all():
        x0, y0, x1, y1, colors = x0[meets], y0[meets], x1[meets], y1[meets], colors[meets]
    steps = np.maximum(np.abs(x1 - x0), np.abs(y1 - y0)).astype(np.int64) + 1
    first = np.cumsum(steps) - steps
    owner = np.repeat(np.arange(len(steps)), steps)
    x, y = _places(x0, x1, steps, first, owner), _places(y0, y1, steps, first, owner)
    # a negative number is a very large one without its sign
    inside = (x.view(np.uint64) < width) & (y.view(np.uint64) < height)
    flat = y * width + x
    if not inside.all():
        flat, owner = flat[inside], owner[inside]
    if picture.shape[2] == 4 and picture.flags.c_contiguous:
        words = np.ascontiguousarray(colors, np.uint8).view(np.uint32)[:, 0]
        picture.view(np.uint32).reshape(-1)[flat] = words.take(owner)
    else:
        picture.reshape(height * width, -1)[flat] = colors[owner]


def _places(
    start: NDArray[np.float32], end: NDArray[np.float32], steps: IntArray, first: IntArray, owner: IntArray
) -> IntArray:
    """Return along one axis the pixels of lines one after the other; line k has `steps[k]` from `first[k]` on."""
    begin = np.floor(start.astype(np.float64) * _UNIT).astype(np.int64)
    each = np.rint((end - start).astype(np.float64) * (_UNIT / steps)).astype(np.int64)
    moves = each.take(owner)
    # sums of whole numbers are as exact at the last pixel as at the first
    moves[first] = begin
    moves[first[1:]] -= (begin + (steps - 1) * each)[:-1]
    np.cumsum(moves, out=moves)
    moves >>= _BITS
    return moves


def _cut(
    segments: NDArray[np.float32], extent: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return segments cut to a frame around the picture (Liang and Barsky), and which of them meet it."""
    start = segments[:, 0].astype(np.float64)
    step = segments[:, 1].astype(np.float64) - start
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (-extent - start) / step, (2 * extent - start) / step
    level = step == 0
    within = (start >= -extent) & (start <= 2 * extent)
    enter = np.where(level, np.where(within, 0.0, np.inf), np.minimum(a, b)).max(1).clip(0, None)
    leave = np.where(level, np.where(within, 1.0, -np.inf), np.maximum(a, b)).min(1).clip(None, 1)
    kept = enter <= leave
    enter, leave = np.where(kept, enter, 0.0)[:, None], np.where(kept, leave, 0.0)[:, None]
    return np.stack([start + enter * step, start + leave * step], axis=1).astype(np.float32), kept
