"""Outlines for drawing objects of few screen pixels: coarse, kept once they are known, two dozen bytes each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from napari_labeltool.core.loops import Loops, loops_of, thinned
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.core.values import BoolArray, IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset

VERTICES: Final = 12
STEPS: Final = 255
"""Places along a side of the box that a vertex can have."""


class SmallLoops:
    """The first line of each outline, in at most `VERTICES` vertices that are counted in steps of its box.

    Parameters
    ----------
    dataset
        The dataset.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        # the system gives memory to the pages that are written alone
        self._points = np.zeros((dataset.annotations.row_count, VERTICES, 2), np.uint8)
        self._lengths = np.zeros(len(self._points), np.uint8)

    def knows(self, rows: IntArray) -> BoolArray:
        """Tell of which annotations the outline is known; of those that were added since none is."""
        known = rows < len(self._lengths)
        known[known] = self._lengths[rows[known]] > 0
        return known

    def learn(self, rows: IntArray) -> None:
        """Decode the outlines of annotations and keep them."""
        rows = rows[rows < len(self._lengths)]
        left, top, right, bottom = corners_of(self._dataset.annotations.bbox, rows).T
        size = np.maximum(np.stack([right - left, bottom - top], axis=1), 1e-9)
        finest = float(size.max(1).min(initial=1.0)) / VERTICES
        loops = thinned(loops_of(self._dataset, rows, max(finest, 1.0), VERTICES), VERTICES)
        owner, first = np.unique(loops.owner, return_index=True)
        order = np.argsort(rows)
        place = order[np.searchsorted(rows[order], owner)]
        lengths = loops.lengths[first]
        starts = (np.cumsum(loops.lengths) - loops.lengths)[first]
        number = np.minimum(np.arange(VERTICES)[None], lengths[:, None] - 1)
        points = loops.points_xy[starts[:, None] + number]
        corner = np.stack([left, top], axis=1)[place]
        steps = (points - corner[:, None]) / size[place][:, None] * STEPS
        self._points[owner] = np.clip(np.round(steps), 0, STEPS).astype(np.uint8)
        self._lengths[owner] = lengths

    def forget(self, rows: IntArray) -> None:
        """Take over that annotations changed."""
        self._lengths[rows[rows < len(self._lengths)]] = 0

    def loops(self, rows: IntArray, every: int = 1) -> Loops:
        """Return the outlines of annotations that are known, of `every` so many vertices one."""
        left, top, right, bottom = corners_of(self._dataset.annotations.bbox, rows).T
        size = np.stack([right - left, bottom - top], axis=1) / STEPS
        corner = np.stack([left, top], axis=1)
        points = corner[:, None] + self._points[rows, ::every] * size[:, None]
        lengths = -(-self._lengths[rows].astype(np.int64) // every)
        used = np.arange(points.shape[1])[None] < lengths[:, None]
        return Loops(points[used], lengths, rows)
