"""Pixel arrays and column spans to the runs of a frame, and back."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.runs import EMPTY, Edges, edges_from_runs

Window: TypeAlias = tuple[int, int, int, int]
"""A rectangle of pixels: (y0, x0, y1, x1), the last row and column not included."""

_LARGE = 1 << 14

Spans: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Columns, first rows and end rows of vertical runs of pixels."""


def edges_of_crop(pixels: NDArray[np.bool_], offset_yx: tuple[int, int], height: int, width: int) -> Edges:
    """Return the column-major pixel numbers of a crop in its frame.

    Parameters
    ----------
    pixels : bool array, shape (h, w)
        The crop; what reaches out of the frame is cut off.
    offset_yx : (int, int)
        Row and column of the frame at which the crop begins.
    height, width : int
        Size of the frame.
    """
    y, x = offset_yx
    if pixels.size > _LARGE:
        # an object is mostly small in its array, and turning an array around is what costs
        rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
        if not len(rows):
            return EMPTY
        pixels = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        y, x = y + int(rows[0]), x + int(columns[0])
    h, w = pixels.shape
    if (y, x) == (0, 0) and h == height:
        return _flips(pixels[:, :width].T.ravel())
    top, left = min(max(0, -y), h), min(max(0, -x), w)
    pixels = pixels[top : max(top, min(h, height - y)), left : max(left, min(w, width - x))]
    h, w = pixels.shape
    # a blank pixel below each column ends its last run
    by_column = np.zeros((w, h + 1), np.bool_)
    by_column[:, :h] = pixels.T
    edges = _flips(by_column.ravel())
    column, row = np.divmod(edges[0::2], h + 1)
    starts = (column + left + x) * height + row + top + y
    return edges_from_runs(starts, starts + edges[1::2] - edges[0::2])


def _flips(flat: NDArray[np.bool_]) -> Edges:
    """Return the edges of the True runs of a flat array."""
    if not len(flat):
        return EMPTY
    inner = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    head = [0] if flat[0] else []
    tail = [len(flat)] if flat[-1] else []
    return np.concatenate([np.array(head, np.int64), inner, np.array(tail, np.int64)])


def spans_of_edges(edges: Edges, height: int) -> Spans:
    """Return the column spans of a set of column-major pixel numbers."""
    starts, ends = edges[0::2], edges[1::2]
    if not len(starts):
        return EMPTY, EMPTY, EMPTY
    first, last = starts // height, (ends - 1) // height
    columns = last - first + 1
    if int(columns.max()) == 1:
        return first, starts - first * height, ends - first * height
    x = np.repeat(first - np.cumsum(columns) + columns, columns) + np.arange(int(columns.sum()))
    y0 = np.maximum(np.repeat(starts, columns) - x * height, 0)
    y1 = np.minimum(np.repeat(ends, columns) - x * height, height)
    return x, y0, y1


def box_of_edges(edges: Edges, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a set of column-major pixel numbers that is not empty."""
    first, last = edges[0::2] // height, (edges[1::2] - 1) // height
    if (first != last).any():
        top, bottom = 0, height
    else:
        top, bottom = int((edges[0::2] - first * height).min()), int((edges[1::2] - first * height).max())
    return int(first[0]), top, int(last[-1]) + 1, bottom


def pixels_of_runs(runs: NDArray[np.int64], rows: int, columns: int) -> NDArray[np.bool_]:
    """Return the array of (rows, columns) that alternating runs fill down the columns, zeros first."""
    values = np.zeros(len(runs), np.bool_)
    values[1::2] = True
    return np.repeat(values, runs).reshape(columns, rows).T


def pixels_of_spans(
    x: NDArray[np.int64], y0: NDArray[np.int64], y1: NDArray[np.int64], window: Window
) -> NDArray[np.bool_]:
    """Return the pixels of a window that ordered spans of its columns cover, bool of the window's shape."""
    top, left, bottom, right = window
    rows, columns = max(bottom - top, 0), max(right - left, 0)
    starts = (x - left) * rows + np.clip(y0 - top, 0, rows)
    ends = (x - left) * rows + np.clip(y1 - top, 0, rows)
    bounds = np.zeros(2 * len(x) + 2, np.int64)
    bounds[1:-1:2], bounds[2:-1:2], bounds[-1] = starts, ends, rows * columns
    return pixels_of_runs(np.diff(bounds), rows, columns)
