"""How the masks layer looks: its features table, the colours of its values, the line around the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import (
    SegmentsOverlay,
    drop_overlay,
    hang_overlay,
)
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_outline import rle_outline_segments_xy
from napari_labeltool.core.tiles import joined
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.masks_colors import (
    MaskPalette,
    box_segments,
    brighter,
    instance_colors,
    outline_segments,
)
from napari_labeltool.layers.masks_features import MaskFeatures
from napari_labeltool.layers.masks_table import mask_of
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.core.pixels import Window
    from napari_labeltool.layers.masks_table import MaskTable
    from napari_labeltool.layers.workspace import Workspace

OVERLAY = "napari_labeltool_selected_masks"

OUTSIDE_OVERLAY = "napari_labeltool_masks_outside"

MOST_OUTLINED = 200
"""Of more selected masks than this only the colour tells."""

MOST_TRACED = 500
"""Of more masks in view outside the window only the boxes are drawn."""

MOST_OUTSIDE = 20_000
"""More masks in view than this are left to the overview of all annotations."""

OUTSIDE_WIDTH = 1.5
"""Of the outlines outside the window, in screen pixels."""


class MasksLook:
    """Features and colours of the masks layer; written only when they changed.

    Parameters
    ----------
    workspace
        The session in its viewer.
    layer
        The Labels layer.
    """

    def __init__(self, workspace: Workspace, layer: Any) -> None:
        self.workspace = workspace
        self.layer = layer
        self.overlay = SegmentsOverlay()
        self.outside = SegmentsOverlay()
        hang_overlay(layer, OVERLAY, self.overlay)
        hang_overlay(layer, OUTSIDE_OVERLAY, self.outside)
        self.features = MaskFeatures(layer)
        self._palette = MaskPalette(layer)

    def update(self, table: MaskTable, window: Window, *, turned: bool = False) -> None:
        """Bring all in line with the masks of a table, shown in a window.

        Parameters
        ----------
        table, window
            What is shown, and where.
        turned
            Whether another value is selected in the layer, which was not told of yet.
        """
        rows, values = table.values()
        areas = table.area_values()
        self.features.write(self.workspace.dataset, rows, values, areas)
        if self._recolor(rows, values, areas, table.fresh_value()) or turned:
            self.layer.events.selected_label()
        self._draw_outline(table, window)

    def _recolor(self, rows: IntArray, values: IntArray, areas: IntArray, fresh: int) -> bool:
        """Give every value the colour of its class, what is selected stands out; tell as `MaskPalette.show` does."""
        workspace = self.workspace
        dataset = workspace.dataset
        classes = category_colors(workspace.session.schema, dataset.categories.row_count)
        colors = instance_colors(classes[dataset.annotations.category[rows]], values)
        chosen = np.isin(rows, workspace.selection)
        colors[chosen] = brighter(colors[chosen])
        values, colors = np.concatenate([values, areas[:, 1]]), np.concatenate([colors, classes[areas[:, 0]]])
        return self._palette.show(classes[workspace.category], values, colors, fresh)

    def _draw_outline(self, table: MaskTable, window: Window) -> None:
        """Draw a line around the selected masks."""
        rows = [row for row in self.workspace.selection if row in table.rles]
        areas: dict[int | None, list[Rle]] = {}
        for row in rows if len(rows) <= MOST_OUTLINED else ():
            areas.setdefault(table.value_of(row), []).append(table.rles[row])
        pieces = [outline_segments(joined(parts, *table.shape_yx)) for parts in areas.values()]
        segments = np.concatenate([np.empty((0, 2, 2), np.float32), *pieces])
        segments -= np.array([window[1], window[0]], np.float32) + np.float32(HALF_PIXEL)
        if len(segments) or len(self.overlay.segments_xy):
            self.overlay.draw(segments, np.ones((len(segments), 4), np.float32))

    def draw_outside(self, rows: IntArray, table: MaskTable, window: Window) -> None:
        """Draw the outlines of masks that the window does not show.

        Parameters
        ----------
        rows
            The masks that are in view.
        table
            What the window shows.
        window
            (y0, x0, y1, x1) in pixels.
        """
        rows = rows[[row not in table.rles and row not in table.odd for row in rows.tolist()]]
        segments, owner = np.empty((0, 2, 2)), np.empty(0, np.int64)
        if len(rows) <= MOST_TRACED:
            segments, owner = self._traced(rows, table)
        elif len(rows) <= MOST_OUTSIDE:
            segments = box_segments(self.workspace.dataset.annotations.bbox[rows]).astype(np.float64)
            owner = np.repeat(rows, 4)
        if len(segments) or len(self.outside.segments_xy):
            dataset = self.workspace.dataset
            classes = category_colors(self.workspace.session.schema, dataset.categories.row_count)
            segments = segments - (np.array([window[1], window[0]]) + HALF_PIXEL)
            self.outside.draw(
                segments.astype(np.float32), classes[dataset.annotations.category[owner]], OUTSIDE_WIDTH
            )

    def _traced(self, rows: IntArray, table: MaskTable) -> tuple[NDArray[np.float64], IntArray]:
        """Return the outlines of masks as fine as the screen shows them, and whose they are."""
        found = {row: mask_of(table.dataset, row, table.shape_yx) for row in rows.tolist()}
        rles = {row: rle for row, rle in found.items() if isinstance(rle, Rle)}
        segments, owner = rle_outline_segments_xy([*rles.values()], picture_pixels(self.workspace))
        return segments, np.array([*rles], np.int64)[owner] if rles else owner

    def detach(self) -> None:
        """Take the overlays from the layer."""
        drop_overlay(self.layer, OVERLAY)
        drop_overlay(self.layer, OUTSIDE_OVERLAY)
