"""Which column spans of a mask hang together, and whether they shut anything in.

Spans ``(x, y0, y1)`` are int64 arrays ordered by column and row, never touching inside a column, as
`Rle.spans` gives them. No function here allocates anything of the size of the mask's box.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Spans = NDArray[np.int64]


def _links(
    x: Spans, y0: Spans, y1: Spans, connectivity: Literal[4, 8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first linked span of the next column, and how many, for each span."""
    stride = int(y1.max()) + 2
    starts, ends = x * stride + y0, x * stride + y1
    corner = connectivity == 8
    first = np.searchsorted(ends, starts + stride, side="left" if corner else "right")
    after = np.searchsorted(starts, ends + stride, side="right" if corner else "left")
    return first, np.maximum(after - first, 0)


def label_spans(x: Spans, y0: Spans, y1: Spans, connectivity: Literal[4, 8]) -> tuple[int, NDArray[np.int64]]:
    """Return the number of connected parts and the part of each span.

    Parameters
    ----------
    x, y0, y1 : int64 array, shape (n,)
        Column, first row and end row of the spans.
    connectivity : 4 or 8
        Whether spans that touch at a corner only belong together (8) or not (4).

    Returns
    -------
    number : int
    labels : int64 array, shape (n,)
        Numbered in the order of the parts' first spans.
    """
    # imported where it is used: it takes longer to import than the entire package below it
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(x):
        return 0, np.empty(0, np.int64)
    first, many = _links(x, y0, y1, connectivity)
    here = np.repeat(np.arange(len(x)), many)
    there = np.arange(len(here)) + np.repeat(first - np.cumsum(many) + many, many)
    graph = coo_array((np.ones(len(here), np.bool_), (here, there)), shape=(len(x), len(x)))
    number, found = connected_components(graph, directed=False)
    _, first_span, labels = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(number, np.int64)
    rank[np.argsort(first_span)] = np.arange(number)
    return int(number), rank[labels]


def connected_groups(x: Spans, y0: Spans, y1: Spans, connectivity: Literal[4, 8]) -> list[NDArray[np.int64]]:
    """Return the numbers of the spans of each connected part, in the order of `label_spans`."""
    number, labels = label_spans(x, y0, y1, connectivity)
    if number < 2:
        return [np.arange(len(x))] if number else []
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def count_holes(x: Spans, y0: Spans, y1: Spans) -> int:
    """Return the number of background parts shut in by edges (a gap at a corner is a way out).

    The spans of one 4-connected part and their overlaps form a graph with the part's own shape, so each of
    its independent circles is a hole.
    """
    if not len(x):
        return 0
    _, many = _links(x, y0, y1, 4)
    number, _ = label_spans(x, y0, y1, 4)
    return int(many.sum()) - len(x) + number
