"""Names of classes on the canvas: of what is under the cursor, and beside the objects where few are in view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from napari_labeltool._napari_compat import NamesOverlay, drop_overlay, hang_overlay
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

OVERLAY: Final = "napari_labeltool_names"

MOST_NAMES: Final = 200
"""Number of names in view above which they would hide the picture, and none is shown."""


class Names:
    """Shows what is under the cursor, with its number; and names beside objects where the settings ask for them.

    Shapes of the objects layer have names by the layer's own text.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.overlay = NamesOverlay()
        self.hovered: int | None = None
        self._layer: Any = None

    def attach(self, layer: Any) -> None:
        """Draw on a layer."""
        self._layer = layer
        hang_overlay(layer, OVERLAY, self.overlay)
        self.workspace.viewer.mouse_move_callbacks.append(self._on_move)
        self.workspace.viewer.scene.camera.events.zoom.connect(self._on_zoom)

    def detach(self) -> None:
        """Let go of the layer."""
        if self._layer is not None:
            self.workspace.viewer.mouse_move_callbacks.remove(self._on_move)
            self.workspace.viewer.scene.camera.events.zoom.disconnect(self._on_zoom)
            drop_overlay(self._layer, OVERLAY)
            self._layer, self.hovered = None, None

    def _on_move(self, viewer: Any, event: Any) -> None:
        workspace = self.workspace
        if workspace.image < 0:
            return
        row = None
        if workspace.tool in ("select", "pan") and workspace.objects.outlines.mode in ("nothing", "lines"):
            row = workspace.picking.row_at(*workspace.pictures.pixel_at(event.position))
        if row != self.hovered:
            self.hovered = row
            self.draw()

    def _on_zoom(self, event: Any = None) -> None:
        if self.overlay.names:
            self.draw()

    def draw(self) -> None:
        """Show the names anew."""
        workspace = self.workspace
        table = workspace.dataset.annotations
        rows = self._beside()
        if self.hovered is not None and not table.alive[self.hovered]:
            self.hovered = None
        if self.hovered is not None:
            rows = np.append(rows[rows != self.hovered], self.hovered)
        if not len(rows) and not self.overlay.names:
            return
        words = class_names(workspace.dataset)
        names = [words.get(int(table.category[row]), words[-1]) for row in rows.tolist()]
        if self.hovered is not None:
            names[-1] = workspace.dataset.name_of(self.hovered)
        pixel = picture_pixels(workspace)
        places = corners_of(table.bbox, rows)[:, :2] - HALF_PIXEL
        self.overlay.draw(names, (places - (0, 3 * pixel)).astype(np.float32), pixel)

    def _beside(self) -> Any:
        workspace = self.workspace
        outlines = workspace.objects.outlines
        rows = outlines.shown_rows if workspace.options.show_names else np.empty(0, np.int64)
        return rows if len(rows) <= MOST_NAMES else rows[:0]
