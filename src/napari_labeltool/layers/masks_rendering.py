"""Masks of one frame to the values that a window shows, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.values import IntArray

Labels16 = NDArray[np.uint16]

_PIXELS_AT_ONCE: Final = 1 << 21


def rendered_masks(rles: Sequence[Rle], values: IntArray, window: Window) -> Labels16:
    """Return the values of a window; the last mask is on top.

    Parameters
    ----------
    rles
        (n,) masks of one frame.
    values
        (n,) the value of each.
    window
        (y0, x0, y1, x1) in pixels, inside the frame.

    Returns
    -------
    (y1 - y0, x1 - x0) uint16 array
        In row-major memory order.
    """
    top, left, bottom, right = window
    rows, columns = bottom - top, right - left
    flat = np.zeros(rows * columns, np.uint16)
    if rles:
        starts, ends, owner = _runs_in_columns(rles, left, right)
        x, y0, y1, of_span = _spans(starts, ends, rles[0].height)
        y0, y1 = np.maximum(y0, top), np.minimum(y1, bottom)
        seen = np.flatnonzero(y1 > y0)
        x, y0, lengths = x[seen] - left, y0[seen] - top, (y1 - y0)[seen]
        paint = values[owner[of_span[seen]]].astype(np.uint16)
        begin = y0 * columns + x
        for part in _batches(lengths):
            many = lengths[part]
            down = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
            flat[down * columns + np.repeat(begin[part], many)] = np.repeat(paint[part], many)
    return flat.reshape(rows, columns)


def _runs_in_columns(rles: Sequence[Rle], left: int, right: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return first and end places of the runs of masks in some columns, and which mask each is of.

    Places are column-major pixel numbers of the frame.
    """
    height, pixels = rles[0].height, rles[0].height * rles[0].width
    lengths = np.array([len(rle.counts) for rle in rles])
    whose = np.repeat(np.arange(len(rles)), lengths)
    # counts of a mask sum to the pixels of the frame, so that one sum runs through all masks
    place = np.cumsum(np.concatenate([rle.counts for rle in rles])) - whose * pixels
    number = np.arange(len(place)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    begins = np.flatnonzero((number % 2 == 0) & (number + 1 < lengths[whose]))
    starts, ends, owner = place[begins], place[begins + 1], whose[begins]
    starts, ends = np.maximum(starts, left * height), np.minimum(ends, right * height)
    inside = ends > starts
    return starts[inside], ends[inside], owner[inside]


def _spans(starts: IntArray, ends: IntArray, height: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return column, first row and end row of the spans of runs, and which run each is of."""
    first = starts // height
    many = (ends - 1) // height - first + 1
    run = np.repeat(np.arange(len(starts)), many)
    x = np.repeat(first - np.cumsum(many) + many, many) + np.arange(len(run))
    return x, np.maximum(starts[run] - x * height, 0), np.minimum(ends[run] - x * height, height), run


def _batches(lengths: IntArray) -> Iterator[slice]:
    """Yield parts of spans of some lengths, in order, each of about so many pixels as are filled at once."""
    batch = np.cumsum(lengths) // _PIXELS_AT_ONCE
    bounds = np.flatnonzero(np.diff(batch, prepend=-1, append=-1))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist()):
        yield slice(begin, end)
