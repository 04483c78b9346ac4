"""Many masks to one array of values, without a loop over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.values import IntArray

RUNS_AT_ONCE = 1 << 20
PIXELS_AT_ONCE = 1 << 21


def painted_values(
    rles: Sequence[Rle],
    values: IntArray,
    window: Window,
    dtype: DTypeLike,
    into: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return the values of a window; of masks that overlap the last one is seen.

    Parameters
    ----------
    rles
        (n,) masks; a frame of another size is neither stretched nor moved.
    values
        (n,) the value of each.
    window
        (y0, x0, y1, x1) in pixels; nothing is set where it reaches out of the frames.
    dtype
        An integer type that holds the values.
    into
        An array to write into where it is of the window's shape and of that type, and contiguous; else a new one is
        made. Large arrays that are made anew for every view leave holes in memory that fit nothing else.

    Returns
    -------
    (y1 - y0, x1 - x0) array
        0 where no mask is.
    """
    top, left, bottom, right = window
    rows, columns = max(bottom - top, 0), max(right - left, 0)
    if into is not None and into.shape == (rows, columns) and into.dtype == dtype and into.flags.c_contiguous:
        painted = into
        painted[...] = 0
    else:
        painted = np.zeros((rows, columns), dtype)
    flat = painted.reshape(-1)
    values = np.asarray(values, dtype)
    for some in _batches(np.array([len(rle.counts) for rle in rles], np.int64), RUNS_AT_ONCE):
        x, y0, y1, owner = _spans_in_columns(rles[some], max(left, 0), right)
        y0, y1 = np.maximum(y0, top), np.minimum(y1, bottom)
        seen = np.flatnonzero(y1 > y0)
        lengths = (y1 - y0)[seen]
        begins = (y0[seen] - top) * columns + x[seen] - left
        paint = values[some][owner[seen]]
        for part in _batches(lengths, PIXELS_AT_ONCE):
            many = lengths[part]
            down = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
            flat[down * columns + np.repeat(begins[part], many)] = np.repeat(paint[part], many)
    return painted


def _spans_in_columns(
    rles: Sequence[Rle], left: int, right: int
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return column, first row and end row of the spans of masks in some columns, and which mask each is of."""
    lengths = np.array([len(rle.counts) for rle in rles], np.int64)
    heights = np.array([rle.height for rle in rles], np.int64)
    pixels = heights * np.array([rle.width for rle in rles], np.int64)
    whose = np.repeat(np.arange(len(rles)), lengths)
    # the counts of a mask sum to the pixels of its frame, so that one sum runs through all masks
    place = np.cumsum(np.concatenate([rle.counts for rle in rles])) - (np.cumsum(pixels) - pixels)[whose]
    number = np.arange(len(place)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    begins = np.flatnonzero((number % 2 == 0) & (number + 1 < lengths[whose]))
    owner = whose[begins]
    height = heights[owner]
    starts, ends = np.maximum(place[begins], left * height), np.minimum(place[begins + 1], right * height)
    filled = np.flatnonzero(ends > starts)
    starts, ends, owner, height = starts[filled], ends[filled], owner[filled], height[filled]
    first = starts // height
    many = (ends - 1) // height - first + 1
    run = np.repeat(np.arange(len(starts)), many)
    x = np.repeat(first - np.cumsum(many) + many, many) + np.arange(len(run))
    above = x * height[run]
    return x, np.maximum(starts[run] - above, 0), np.minimum(ends[run] - above, height[run]), owner[run]


def _batches(sizes: IntArray, limit: int) -> Iterator[slice]:
    """Yield parts of things of some sizes, in order, each of about a limit together."""
    batch = np.cumsum(sizes) // limit
    bounds = np.flatnonzero(np.diff(batch, prepend=-1, append=-1))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist()):
        yield slice(begin, end)
