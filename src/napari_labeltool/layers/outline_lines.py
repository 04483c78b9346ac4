"""Outlines as lines: the sides of the annotations around the view, an edit touches only its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import SegmentsOverlay
from napari_labeltool.core.columns import Kind
from napari_labeltool.core.loops import MASK_KINDS, loops_of, thinned
from napari_labeltool.core.spatial import meeting
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.outline_pictures import Rectangle
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

MOST_SIDES: Final = 120_000
"""Number of sides above which outlines are drawn with fewer vertices than they have."""
SAMPLE: Final = 100
"""Number of annotations from which it is learnt how many sides one has."""

SELECTED: Final = np.array([1, 1, 1, 1], np.float32)


class OutlineLines:
    """The sides of annotations that meet a rectangle.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    held
        Annotations that are not drawn because the layer holds them, in order.
    selected
        Annotations that stand out.
    sides_each
        How many sides an annotation of the image has on average.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.overlay = SegmentsOverlay()
        self.held: IntArray = np.empty(0, np.int64)
        self.selected: IntArray = np.empty(0, np.int64)
        self.sides_each = 4.0
        self.clear()

    def clear(self) -> None:
        """Keep no sides; `draw` shows that."""
        self._segments: NDArray[np.float32] = np.empty((0, 2, 2), np.float32)
        self._owner: IntArray = np.empty(0, np.int64)
        self._window: Rectangle = (0.0, 0.0, 0.0, 0.0)

    def learn(self) -> None:
        """Learn how many sides the annotations of another image have."""
        sample = self._mine(self._workspace.shown.index.sample(SAMPLE))
        sides = len(loops_of(self._workspace.dataset, sample).points_xy)
        self.sides_each = max(sides / max(len(sample), 1), 4.0)

    def load(self, window: Rectangle, rows: IntArray) -> None:
        """Keep the sides of annotations, those that meet a rectangle."""
        self._window = window
        self._segments, self._owner = self._sides(np.sort(rows))

    def take(self, rows: IntArray) -> None:
        """Take over a change of some annotations of the image."""
        workspace = self._workspace
        table = workspace.dataset.annotations
        kept = ~np.isin(self._owner, rows)
        there = rows[table.alive[rows] & (table.kind[rows] != Kind.NONE)]
        there = there[meeting(table.bbox, there, self._window)]
        segments, owner = self._sides(there[workspace.shown.passes(there)])
        self._segments = np.concatenate([self._segments[kept], segments])
        self._owner = np.concatenate([self._owner[kept], owner])

    def _sides(self, rows: IntArray) -> tuple[NDArray[np.float32], IntArray]:
        loops = loops_of(self._workspace.dataset, self._mine(rows))
        if len(loops.points_xy) > MOST_SIDES:
            loops = thinned(loops, max(MOST_SIDES // len(loops.lengths), 8))
        segments, owner = loops.segments()
        return (segments - HALF_PIXEL).astype(np.float32), owner

    def _mine(self, rows: IntArray) -> IntArray:
        """Leave out masks, which the masks layer draws itself."""
        return rows[~np.isin(self._workspace.dataset.annotations.kind[rows], MASK_KINDS)]

    def draw(self) -> None:
        """Show the sides in the colours of their classes."""
        workspace, owner = self._workspace, self._owner
        segments = self._segments
        if len(self.held):
            drawn = ~np.isin(owner, self.held)
            segments, owner = segments[drawn], owner[drawn]
        colors = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        chosen = colors[workspace.dataset.annotations.category[owner]]
        if len(self.selected):
            chosen[np.isin(owner, self.selected)] = SELECTED
        self.overlay.draw(segments, chosen)

    @property
    def rows(self) -> IntArray:
        """Annotations that are drawn, in order."""
        rows = np.unique(self._owner)
        return np.asarray(rows[~np.isin(rows, self.held)])
