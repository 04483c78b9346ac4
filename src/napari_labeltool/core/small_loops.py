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
SPARE: Final = 100_000
"""Number of annotations that can be added before all outlines have to move in memory."""
STEPS: Final = 255
"""Places along a side of the box that a vertex can have."""

BOX: Final = np.array([(0, 0), (STEPS, 0), (STEPS, STEPS), (0, STEPS)], np.uint8)
"""The corners of a box."""


class SmallLoops:
    """The first line of each outline, in at most `VERTICES` vertices that are counted in steps of its box.

    Parameters
    ----------
    dataset
        The dataset.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        # the system gives memory to the pages that are written alone
        room = dataset.annotations.row_count + SPARE
        self._points = np.zeros((room, VERTICES, 2), np.uint8)
        self._lengths = np.zeros(room, np.uint8)

    def knows(self, rows: IntArray) -> BoolArray:
        """Tell of which annotations the outline is known."""
        known = rows < len(self._lengths)
        known[known] = self._lengths[rows[known]] > 0
        return known

    def learn(self, rows: IntArray) -> None:
        """Decode the outlines of annotations and keep them."""
        self._grow(int(rows.max(initial=-1)) + 1)
        # what has no line is drawn as its box, and not asked for again
        self._points[rows, :4], self._lengths[rows] = BOX, 4
        left, top, right, bottom = corners_of(self.dataset.annotations.bbox, rows).T
        size = np.maximum(np.stack([right - left, bottom - top], axis=1), 1e-9)
        finest = float(size.max(1).min(initial=1.0)) / VERTICES
        loops = thinned(loops_of(self.dataset, rows, max(finest, 1.0), VERTICES), VERTICES)
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

    def _grow(self, count: int) -> None:
        missing = count - len(self._lengths)
        if missing > 0:
            self._points = np.concatenate([self._points, np.zeros((missing + SPARE, VERTICES, 2), np.uint8)])
            self._lengths = np.concatenate([self._lengths, np.zeros(missing + SPARE, np.uint8)])

    def forget(self, rows: IntArray) -> None:
        """Take over that annotations changed."""
        self._lengths[rows[rows < len(self._lengths)]] = 0

    def forget_all(self) -> None:
        """Know no outline any more, and keep the room for them."""
        self._lengths[:] = 0

    def loops(self, rows: IntArray, every: int = 1) -> Loops:
        """Return the outlines of annotations that are known, of `every` so many vertices one."""
        left, top, right, bottom = corners_of(self.dataset.annotations.bbox, rows).T
        size = np.stack([right - left, bottom - top], axis=1) / STEPS
        corner = np.stack([left, top], axis=1)
        points = corner[:, None] + self._points[rows, ::every] * size[:, None]
        lengths = -(-self._lengths[rows].astype(np.int64) // every)
        used = np.arange(points.shape[1])[None] < lengths[:, None]
        return Loops(points[used], lengths, rows)
