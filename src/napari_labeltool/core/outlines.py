"""The outlines of a mask, along the cracks between pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.runs import combine_edges, edges_from_runs

_RIGHT, _DOWN, _LEFT, _UP = 0, 1, 2, 3


def trace_outlines(
    x: NDArray[np.int64], y0: NDArray[np.int64], y1: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return the closed outlines of a mask given as column spans.

    Pixels that touch at a corner only are kept apart. Outer outlines run clockwise as seen on the screen
    (their shoelace area is positive in x right, y down), outlines of holes the other way.

    Parameters
    ----------
    x, y0, y1 : int64 array, shape (n,)
        Column, first row and end row of the spans, as `Rle.spans` gives them.

    Returns
    -------
    list of int64 array, shape (vertices, 2)
        (x, y) of the corners, the first not repeated, none in the middle of a straight line.
    """
    if not len(x):
        return []
    left, top = int(x[0]), int(y0.min())
    stride = int(y1.max()) - top + 1
    x, y0, y1 = x - left, y0 - top, y1 - top
    here = edges_from_runs(x * stride + y0, x * stride + y1)
    before = here + stride
    down = combine_edges(before, here, np.greater)
    up = combine_edges(before, here, np.less)
    start = np.concatenate([x * stride + y0, down[0::2], (x + 1) * stride + y1, up[1::2]])
    end = np.concatenate([(x + 1) * stride + y0, down[1::2], x * stride + y1, up[0::2]])
    sizes = [len(x), len(down) // 2, len(x), len(up) // 2]
    direction = np.repeat(np.array([_RIGHT, _DOWN, _LEFT, _UP], np.int64), sizes)
    follower = _followers(start, end, direction)
    corner = np.empty(len(start), np.bool_)
    corner[follower] = direction[follower] != direction
    return [
        np.stack([vertices // stride + left, vertices % stride + top], axis=1)
        for vertices in _loops(start, follower, corner)
    ]


def _followers(
    start: NDArray[np.int64], end: NDArray[np.int64], direction: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return, for each directed side, the side that goes on from its end: rightmost turn first."""
    keys = start * 4 + direction
    order = np.argsort(keys)
    ordered = keys[order]
    follower = np.full(len(start), -1, np.int64)
    for turn in (1, 0, 3):
        open_ends = np.flatnonzero(follower < 0)
        wanted = end[open_ends] * 4 + (direction[open_ends] + turn) % 4
        at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        hit = ordered[at] == wanted
        follower[open_ends[hit]] = order[at[hit]]
    return follower


def _loops(
    start: NDArray[np.int64], follower: NDArray[np.int64], corner: NDArray[np.bool_]
) -> list[NDArray[np.int64]]:
    successors, is_corner, places = follower.tolist(), corner.tolist(), start.tolist()
    seen = bytearray(len(successors))
    loops = []
    for first in range(len(successors)):
        if seen[first]:
            continue
        vertices = []
        side = first
        while not seen[side]:
            seen[side] = 1
            if is_corner[side]:
                vertices.append(places[side])
            side = successors[side]
        loops.append(np.array(vertices, np.int64))
    return loops
