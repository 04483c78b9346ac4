"""How the masks layer looks: its features table, the colours of its values, the line around the selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from napari_labeltool._napari_compat import (
    SegmentsOverlay,
    drop_overlay,
    hang_overlay,
    label_colormap,
    recolor_labels,
)
from napari_labeltool.core.edits import Edit, Relabel, Rows
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_outline import rle_outline_segments_xy
from napari_labeltool.core.tiles import joined
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_features import category_column, id_column
from napari_labeltool.layers.masks_colors import box_segments, color_table, outline_segments
from napari_labeltool.layers.masks_table import mask_of
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, HALF_PIXEL, INDEX, ROW
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
        self._colormap: Any = None
        self._features: tuple[Any, ...] = ()
        self._colors: tuple[Any, ...] = ()

    def update(self, table: MaskTable, window: Window) -> bool:
        """Bring all in line with the masks of a table, shown in a window; tell whether colours were changed."""
        pairs = np.array(table.values(), np.int64).reshape(-1, 2)
        areas = np.array(table.area_values(), np.int64).reshape(-1, 3)
        self._write_features(pairs[:, 0], pairs[:, 1], areas)
        recolored = self._recolor(pairs[:, 0], pairs[:, 1], areas, table.fresh_value())
        self._draw_outline(table, window)
        return recolored

    def _write_features(
        self, rows: NDArray[np.int64], values: NDArray[np.int64], areas: NDArray[np.int64]
    ) -> None:
        """Write which value is which annotation, and which is the area of which class."""
        dataset = self.workspace.dataset
        areas = areas[areas[:, 2] >= 0]
        rows, values = np.concatenate([rows, areas[:, 2]]), np.concatenate([values, areas[:, 1]])
        categories = dataset.annotations.category[rows]
        state = (rows.tobytes(), values.tobytes(), categories.tobytes(), class_names(dataset), dataset)
        if state == self._features:
            return
        frame = pd.DataFrame({INDEX: values})
        frame[ANNOTATION_ID] = id_column([dataset.annotations.id_of(row) for row in rows.tolist()])
        frame[CATEGORY] = category_column(dataset, categories)
        frame[ROW] = rows
        self.layer.features = frame
        self._features = state

    def forget_features(self) -> None:
        """Write the features table anew at the next update, whatever somebody wrote into it."""
        self._features = ()

    def relabels(self, table: MaskTable) -> list[Edit]:
        """Return the edits that somebody made by writing categories into the features table."""
        features = self.layer.features
        if CATEGORY not in features or ROW not in features:
            return []
        dataset = self.workspace.dataset
        names = {name: row for row, name in class_names(dataset).items()}
        edits: list[Edit] = []
        for row, name in zip(features[ROW], features[CATEGORY]):
            category = names.get(name)
            if table.value_of(row) is None or table.is_area(row) or category is None:
                continue
            if category != dataset.annotations.category[row]:
                edits.append(Relabel(Rows([row]), None if category < 0 else Rows([category])))
        return edits

    def _recolor(
        self, rows: NDArray[np.int64], values: NDArray[np.int64], areas: NDArray[np.int64], fresh: int
    ) -> bool:
        """Give every value the colour of its class; what is selected stands out. Tell whether any changed.

        A colormap that somebody gave the layer stays.
        """
        workspace = self.workspace
        if self._colormap is not None and self.layer.colormap is not self._colormap:
            return False
        dataset = workspace.dataset
        classes = category_colors(workspace.session.schema, dataset.categories.row_count)
        base = classes[dataset.annotations.category[rows]]
        new = classes[workspace.category]
        chosen = np.isin(rows, list(workspace.selection))
        flat = classes[areas[:, 0]]
        state = (*(part.tobytes() for part in (values, base, new, chosen, areas, flat)), fresh)
        if state == self._colors:
            return False
        self._colors = state
        first = self._colormap is None
        colors = color_table(new, values, base, chosen)
        colors[areas[:, 1]] = flat
        self._colormap = label_colormap(colors, [*values.tolist(), *areas[:, 1].tolist(), fresh])
        if first:
            self.layer.colormap = self._colormap
        else:
            recolor_labels(self.layer, self._colormap)
        return True

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
