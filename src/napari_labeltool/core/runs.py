"""Sets of integers kept as sorted runs, the arithmetic under every mask.

A set is an even number of strictly increasing int64 *edges* ``[start0, end0, start1, end1, ...]``, each run
half open ``[start, end)``. Runs never touch each other, so two equal sets have equal edges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Edges: TypeAlias = NDArray[np.int64]

EMPTY: Edges = np.empty(0, np.int64)


def edges_from_runs(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Edges:
    """Return the union of runs given in any order, overlapping or not.

    Parameters
    ----------
    starts, ends : int64 array, shape (n,)
        Half-open runs; a run with ``end <= start`` is empty and is left out.
    """
    filled = ends > starts
    if not filled.all():
        starts, ends = starts[filled], ends[filled]
    if not len(starts):
        return EMPTY
    if len(starts) > 1 and not (starts[1:] > ends[:-1]).all():
        if not (starts[1:] >= starts[:-1]).all():
            order = np.argsort(starts, kind="stable")
            starts, ends = starts[order], ends[order]
        reached = np.maximum.accumulate(ends)
        gap = np.flatnonzero(starts[1:] > reached[:-1])
        starts = starts[np.r_[0, gap + 1]]
        ends = reached[np.r_[gap, len(reached) - 1]]
    edges = np.empty(2 * len(starts), np.int64)
    edges[0::2] = starts
    edges[1::2] = ends
    return edges


def edges_from_crossings(crossings: NDArray[np.int64]) -> Edges:
    """Return the set whose membership flips at each crossing (even-odd), given in any order.

    Parameters
    ----------
    crossings : int64 array, shape (n,), n even
        Places where membership flips; two at one place cancel.
    """
    ordered = np.sort(crossings)
    if len(ordered) < 2 or (ordered[1:] != ordered[:-1]).all():
        return ordered
    places, counts = np.unique(ordered, return_counts=True)
    return np.asarray(places[counts % 2 == 1], np.int64)


def combine_edges(
    a: Edges,
    b: Edges,
    rule: Callable[[NDArray[np.bool_], NDArray[np.bool_]], NDArray[np.bool_]],
) -> Edges:
    """Return the set of integers for which ``rule(in_a, in_b)`` holds.

    Parameters
    ----------
    a, b : Edges
        The two sets.
    rule : callable
        A boolean ufunc-like function of two arrays; ``rule(False, False)`` must be False.
    """
    places = np.sort(np.concatenate([a, b]))
    in_a = np.searchsorted(a, places, side="right") % 2 == 1
    in_b = np.searchsorted(b, places, side="right") % 2 == 1
    inside = rule(in_a, in_b)
    # equal places carry equal answers, so a flip shows at the first of them only
    flips = inside != np.concatenate([[False], inside[:-1]])
    combined: Edges = places[flips]
    return combined


def clip_edges(edges: Edges, start: int, end: int) -> Edges:
    """Return the part of the set inside ``[start, end)``."""
    if end <= start or not len(edges):
        return EMPTY
    first = int(np.searchsorted(edges, start, side="right"))
    last = int(np.searchsorted(edges, end, side="left"))
    inner = edges[first:last]
    head = [start] if first % 2 else []
    tail = [end] if last % 2 else []
    if not head and not tail:
        return inner
    return np.concatenate([np.array(head, np.int64), inner, np.array(tail, np.int64)])
