"""Lines drawn into a small picture, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
    (x0, y0), (x1, y1) = segments[:, 0].T, segments[:, 1].T
    left, right, top, bottom = np.minimum(x0, x1), np.maximum(x0, x1), np.minimum(y0, y1), np.maximum(y0, y1)
    meets = (left < width) & (top < height) & (right >= 0) & (bottom >= 0)
    # a line that leaves the picture far is cut to a frame around it, or its steps would be without bound
    far = meets & ((left < -width) | (top < -height) | (right > 2 * width) | (bottom > 2 * height))
    if far.any():
        segments = segments.copy()
        segments[far], meets[far] = _cut(segments[far], np.array([width, height], np.float32))
    if not meets.all():
        segments, colors = segments[meets], colors[meets]
    (x0, y0), (dx, dy) = segments[:, 0].T, (segments[:, 1] - segments[:, 0]).T
    steps = np.maximum(np.abs(dx), np.abs(dy)).astype(np.int64) + 1
    owner = np.repeat(np.arange(len(steps)), steps)
    place = (np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)).astype(np.float32)
    place /= steps.astype(np.float32)[owner]
    x = np.floor(x0[owner] + place * dx[owner]).astype(np.int32)
    y = np.floor(y0[owner] + place * dy[owner]).astype(np.int32)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    flat = y[inside].astype(np.int64) * width + x[inside]
    picture.reshape(height * width, -1)[flat] = colors[owner[inside]]


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
