"""Lines drawn into a small picture, many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_segments(
    picture: NDArray[np.uint8], segments_xy: NDArray[np.floating], colors: NDArray[np.uint8]
) -> None:
    """Draw line segments one pixel wide; later ones cover earlier ones.

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
    low, high = segments.min(1), segments.max(1)
    meets = (low[:, 0] < width) & (low[:, 1] < height) & (high[:, 0] >= 0) & (high[:, 1] >= 0)
    segments, colors = segments[meets], colors[meets]
    # a line that leaves the picture far is cut to a frame around it, or its steps would be without bound
    extent = np.array([width, height], np.float32)
    far = ((segments < -extent) | (segments > 2 * extent)).any((1, 2))
    if far.any():
        segments[far], kept = _cut(segments[far], extent)
        segments, colors = _without(segments, colors, np.flatnonzero(far)[~kept])
    start, step = segments[:, 0], segments[:, 1] - segments[:, 0]
    # one more than there are pixels, so that rounding leaves no gap
    steps = np.ceil(np.abs(step).max(1)).astype(np.int64) + 2
    owner = np.repeat(np.arange(len(steps)), steps)
    place = (np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)).astype(np.float32)
    place /= np.repeat(np.maximum(steps - 1, 1).astype(np.float32), steps)
    x = np.floor(start[owner, 0] + place * step[owner, 0]).astype(np.int64)
    y = np.floor(start[owner, 1] + place * step[owner, 1]).astype(np.int64)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    picture.reshape(height * width, -1)[(y * width + x)[inside]] = colors[owner[inside]]


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


def _without(
    segments: NDArray[np.float32], colors: NDArray[np.uint8], indices: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    return np.delete(segments, indices, axis=0), np.delete(colors, indices, axis=0)
