"""Which annotations of the shown image are to be seen, and where they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import shapely

from napari_labeltool.core.loops import MASK_KINDS, loops_of
from napari_labeltool.core.spatial import SpatialIndex, corners_of, in_rectangle
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class Shown:
    """Answers by place for the shown image; hidden classes and a filter are left out.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    hidden
        Classes (by row, -1 for unlabelled) whose annotations are not shown.
    only
        (row_count of the time,) which annotations a filter lets through; None without a filter. Annotations that
        were added since are shown.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.hidden: frozenset[int] = frozenset()
        self.only: BoolArray | None = None
        self._index: SpatialIndex | None = None
        self._masks: SpatialIndex | None = None

    def show(self, image: int) -> None:
        """Take over another image (by row)."""
        self._index = self._masks = None

    @property
    def index(self) -> SpatialIndex:
        """The annotations of the shown image by place."""
        annotations, image = self._workspace.dataset.annotations, self._workspace.image
        if self._index is None or self._index.image != image:
            self._index = SpatialIndex(annotations, image)
        return self._index

    @property
    def masks(self) -> SpatialIndex:
        """Those of them that are masks."""
        annotations, image = self._workspace.dataset.annotations, self._workspace.image
        if self._masks is None or self._masks.image != image:
            self._masks = SpatialIndex(annotations, image, MASK_KINDS)
        return self._masks

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Hide the annotations of these classes (by row, -1: those without a class), and no others."""
        if hidden != self.hidden:
            self.hidden = hidden
            self._show_again()

    def set_only(self, only: BoolArray | None) -> None:
        """Show only some annotations, (row_count,) by row; None shows all again."""
        if only is not None or self.only is not None:
            self.only = only
            self._show_again()

    def _show_again(self) -> None:
        workspace = self._workspace
        if workspace.image >= 0:
            workspace.objects.finish_gesture()
            workspace.select(self.seen(workspace.selection))
            for binding in workspace.bindings:
                binding.show(workspace.image)
        workspace.visibility_changed.emit()

    def update(self, rows: IntArray) -> None:
        """Take over that annotations of the shown image changed."""
        for index in (self._index, self._masks):
            if index is not None:
                index.update(rows)

    def passes(self, rows: IntArray) -> BoolArray:
        """Tell which annotations are neither of a hidden class nor kept back by the filter."""
        seen = np.ones(len(rows), bool)
        if self.hidden:
            categories = self._workspace.dataset.annotations.category[rows]
            seen &= ~np.isin(categories, list(self.hidden))
        if self.only is not None:
            old = rows < len(self.only)
            seen[old] &= self.only[rows[old]]
        return seen

    @property
    def is_partial(self) -> bool:
        """Whether a class is hidden or a filter keeps annotations back."""
        return bool(self.hidden) or self.only is not None

    def seen(self, rows: Collection[int]) -> list[int]:
        """Return those of some annotations that are there and neither of a hidden class nor kept back by the filter."""
        chosen = np.fromiter(rows, np.int64, len(rows))
        chosen = chosen[self._workspace.dataset.annotations.alive[chosen]]
        kept: list[int] = chosen[self.passes(chosen)].tolist()
        return kept

    def passes_one(self, row: int) -> bool:
        """Tell whether an annotation is neither of a hidden class nor kept back by the filter."""
        if self.only is not None and row < len(self.only) and not self.only[row]:
            return False
        return int(self._workspace.dataset.annotations.category[row]) not in self.hidden

    def query(self, x0: float, y0: float, x1: float, y1: float) -> IntArray:
        """Return the annotations to be seen whose box meets a rectangle in pixels, corner origin."""
        rows = self.index.query(x0, y0, x1, y1)
        return rows if not self.hidden and self.only is None else rows[self.passes(rows)]

    def touching(self, x0: float, y0: float, x1: float, y1: float) -> IntArray:
        """Return the annotations to be seen whose outline or inside meets a rectangle, in order of their rows.

        A box that lies in the rectangle whole is enough; outlines are looked at along its border alone.
        """
        rows = np.sort(self.query(x0, y0, x1, y1))
        dataset = self._workspace.dataset
        whole = in_rectangle(corners_of(dataset.annotations.bbox, rows), x0, y0, x1, y1)
        unsure = loops_of(dataset, rows[~whole])
        met = whole.copy()
        if len(unsure.lengths):
            ring = np.repeat(np.arange(len(unsure.lengths)), unsure.lengths)
            polygons = shapely.polygons(shapely.linearrings(*_closed(unsure.points_xy, ring, unsure.lengths)))
            touched = shapely.intersects(polygons, shapely.box(x0, y0, x1, y1))
            met |= np.isin(rows, unsure.owner[touched])
        return np.asarray(rows[met])


def _closed(points: FloatArray, ring: IntArray, lengths: IntArray) -> tuple[FloatArray, None, IntArray]:
    """Return rings for shapely, each with its first vertex repeated at the end."""
    ends = np.cumsum(lengths)
    firsts = ends - lengths
    closed = np.insert(points, ends, points[firsts], axis=0)
    return closed, None, np.insert(ring, ends, ring[firsts])
