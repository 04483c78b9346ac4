"""Outlines of run-length masks for drawing, as coarse as the drawing allows.

Everything here costs the runs of the mask, never its box or its frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.outlines import trace_outlines
from napari_labeltool.core.pixels import Spans, Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.runs import EMPTY, combine_edges, edges_from_runs


def rle_outline_xy(
    rle: Rle, tolerance: float = 0.0, *, window: Window | None = None
) -> list[NDArray[np.float64]]:
    """Return the closed outlines of a mask along the cracks between pixels, holes included.

    Parameters
    ----------
    rle : Rle
        The mask.
    tolerance : float
        How far from the true outline the lines may be, in pixels. Below 2 they are exact; above, the mask is
        drawn as the cells of a grid that it touches, so that the smallest object is one cell, never nothing.
    window : (y0, x0, y1, x1), optional
        Cut the mask here first; there are lines along the cut.

    Returns
    -------
    list of float64 array, shape (n, 2)
        x, y of the corners in pixels, corner origin, the first not repeated.
    """
    step = max(int(tolerance), 1)
    x, y0, y1 = _coarse(_clipped(rle.spans(), window), step)
    limit = (float(rle.width), float(rle.height))
    return [np.minimum(loop * float(step), limit) for loop in trace_outlines(x, y0, y1)]


def rle_outline_segments_xy(
    rles: Sequence[Rle], tolerance: float = 0.0, *, window: Window | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the outlines of many masks as loose sides, in one pass over the runs of all of them.

    Parameters
    ----------
    rles : sequence of Rle
        The masks.
    tolerance, window
        As in `rle_outline_xy`.

    Returns
    -------
    segments_xy : float64 array, shape (n, 2, 2)
        x, y of both ends of each side in pixels, corner origin; those of one mask follow each other.
    owner : int64 array, shape (n,)
        Index of the mask of each side, in order.
    """
    step = max(int(tolerance), 1)
    spans = [_clipped(rle.spans(), window) for rle in rles]
    counts = [len(x) for x, _, _ in spans]
    if not sum(counts):
        return np.empty((0, 2, 2)), np.empty(0, np.int64)
    x, y0, y1 = (np.concatenate([part[axis] for part in spans]) for axis in range(3))
    x, y0, y1 = x // step, y0 // step, -(-y1 // step)
    mask = np.repeat(np.arange(len(rles)), counts)
    stride = int(y1.max()) + 1
    left = int(x.min())
    per_mask = (int(x.max()) - left + 2) * stride
    base = mask * per_mask + (x - left) * stride
    here = edges_from_runs(base + y0, base + y1)
    sides = combine_edges(here, here + stride, np.not_equal)
    level = _places(here, per_mask, stride)
    upright = _places(sides[0::2], per_mask, stride)
    owner = np.concatenate([level[0], upright[0]])
    length = np.concatenate([np.zeros(len(level[0]), np.int64), sides[1::2] - sides[0::2]])
    across = np.concatenate([np.ones(len(level[0]), np.int64), np.zeros(len(upright[0]), np.int64)])
    from_x = np.concatenate([level[1], upright[1]]) + left
    from_y = np.concatenate([level[2], upright[2]])
    segments = np.stack([from_x, from_y, from_x + across, from_y + length], axis=1).reshape(-1, 2, 2)
    order = np.argsort(owner, kind="stable")
    owner, limits = owner[order], np.array([(rle.width, rle.height) for rle in rles], np.float64)
    return np.minimum(segments[order] * float(step), limits[owner, np.newaxis]), owner


def _places(keys: NDArray[np.int64], per_mask: int, stride: int) -> Spans:
    """Return mask, column and row of places that are counted through masks and columns."""
    mask, rest = np.divmod(keys, per_mask)
    column, row = np.divmod(rest, stride)
    return mask, column, row


def _clipped(spans: Spans, window: Window | None) -> Spans:
    if window is None:
        return spans
    x, y0, y1 = spans
    top, left, bottom, right = window
    first, last = np.searchsorted(x, [left, right])
    x, y0, y1 = x[first:last], np.maximum(y0[first:last], top), np.minimum(y1[first:last], bottom)
    inside = y1 > y0
    return (x, y0, y1) if inside.all() else (x[inside], y0[inside], y1[inside])


def _coarse(spans: Spans, step: int) -> Spans:
    """Return the spans of the cells of a grid that spans touch."""
    x, y0, y1 = spans
    if step == 1 or not len(x):
        return spans
    x, y0, y1 = x // step, y0 // step, -(-y1 // step)
    stride = int(y1.max()) + 1
    edges = edges_from_runs(x * stride + y0, x * stride + y1)
    if not len(edges):
        return EMPTY, EMPTY, EMPTY
    column = edges[0::2] // stride
    return column, edges[0::2] - column * stride, edges[1::2] - column * stride
