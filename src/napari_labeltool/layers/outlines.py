"""Outlines of the annotations that are not in the Shapes layer, drawn by one overlay of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import SegmentsOverlay, drop_overlay, hang_overlay
from napari_labeltool.core.values import GrowingArray
from napari_labeltool.layers.convert_shapes import shape_of
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

OVERLAY = "napari_labeltool_outlines"


class Outlines:
    """Line segments of many annotations; an edit touches only its own.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.overlay = SegmentsOverlay()
        self._layer: Any = None
        self._hidden: frozenset[int] = frozenset()
        self._clear()

    def _clear(self) -> None:
        self._segments = GrowingArray(np.empty((0, 2, 2), np.float32))
        self._owner = GrowingArray(np.empty(0, np.int64))
        self._places: dict[int, range] = {}

    def attach(self, layer: Any) -> None:
        """Draw on a layer."""
        self._layer = layer
        hang_overlay(layer, OVERLAY, self.overlay)

    def detach(self) -> None:
        """Let go of the layer."""
        if self._layer is not None:
            drop_overlay(self._layer, OVERLAY)
            self._layer = None

    def show(self, rows: Iterable[int], hidden: Collection[int] = ()) -> None:
        """Draw these annotations and no others, except those that are hidden because the layer has them."""
        self._clear()
        self._add(rows)
        self._hidden = frozenset(hidden)
        self._draw()

    def update(self, rows: Iterable[int], hidden: Collection[int]) -> None:
        """Take over a change of some annotations; while nothing is drawn here, nothing is."""
        if not self._places:
            return
        objects = self.workspace.objects
        for row in rows:
            place = self._places.pop(row, None)
            if place is not None:
                self._owner.view[place.start : place.stop] = -1
        self._add(row for row in rows if objects.can_show(row))
        self._hidden = frozenset(hidden)
        self._draw()

    def hide(self, rows: Collection[int]) -> None:
        """Draw all but these, which the layer shows itself."""
        if self._places and frozenset(rows) != self._hidden:
            self._hidden = frozenset(rows)
            self._draw()

    def recolor(self) -> None:
        """Take over the colours of the classes."""
        if self._places:
            self._draw()

    def _add(self, rows: Iterable[int]) -> None:
        dataset, start = self.workspace.dataset, len(self._segments)
        segments: list[NDArray[np.floating]] = []
        owners: list[int] = []
        for row in rows:
            first = start
            for item in shape_of(dataset, row):
                corners = item.corners_yx[:, ::-1]
                segments.append(
                    np.stack([corners, corners[np.arange(1, len(corners) + 1) % len(corners)]], axis=1)
                )
                start += len(corners)
            owners += [row] * (start - first)
            self._places[row] = range(first, start)
        if segments:
            self._segments.extend(np.concatenate(segments))
            self._owner.extend(np.array(owners, np.int64))

    def _draw(self) -> None:
        owner = self._owner.view
        shown = owner >= 0
        if self._hidden:
            shown &= ~np.isin(owner, list(self._hidden))
        workspace = self.workspace
        colors = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        chosen = colors[workspace.dataset.annotations.category[owner[shown]]]
        self.overlay.draw(self._segments.view[shown], chosen)

    @property
    def shown_rows(self) -> NDArray[np.int64]:
        """Rows of the annotations that are drawn."""
        rows = np.unique(self._owner.view)
        return rows[(rows >= 0) & ~np.isin(rows, list(self._hidden))]
