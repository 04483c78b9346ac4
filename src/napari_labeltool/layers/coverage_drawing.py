"""Drawing a rectangle on the canvas that becomes an exhaustively labelled region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from psygnal import Signal

from napari_labeltool._napari_compat import SegmentsOverlay, drop_overlay, hang_overlay
from napari_labeltool.layers.coverage_marks import corners_of, mark_rectangle
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.coverage import Coverage

_NAME: Final = "labeltool_region_drawn"
_COLOR: Final = (1.0, 0.85, 0.2, 1.0)


class RegionDrawing:
    """Waits for one drag on the canvas; another tool, another image or `stop` ends the waiting.

    Parameters
    ----------
    coverage
        Gets the region.

    Attributes
    ----------
    is_waiting
        Whether the next drag draws a region.
    """

    waiting_changed = Signal(bool)

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.is_waiting = False
        self._category = -1
        self._overlay = SegmentsOverlay()
        self._before: Any = "select"
        self._layer: Any = None

    def start(self, category: int = -1) -> None:
        """Let the next drag draw a region for a class (by row), -1 for all."""
        workspace = self.coverage.workspace
        if self.is_waiting or workspace.image < 0:
            return
        self._before, self._category = workspace.tool, category
        workspace.set_tool("pan")
        workspace.viewer.scene.camera.mouse_pan = False
        workspace.viewer.mouse_drag_callbacks.insert(0, self._on_press)
        workspace.tool_changed.connect(self._on_elsewhere)
        workspace.image_changed.connect(self._on_elsewhere)
        self._layer = workspace.objects.layer
        if self._layer is not None:
            hang_overlay(self._layer, _NAME, self._overlay)
        self.is_waiting = True
        self.waiting_changed.emit(True)

    def _on_elsewhere(self, _: object) -> None:
        self._end()

    def stop(self) -> None:
        """Wait no longer; the tool from before is back."""
        if self.is_waiting:
            self._end()
            self.coverage.workspace.set_tool(self._before)

    def _end(self) -> None:
        workspace = self.coverage.workspace
        self.is_waiting = False
        workspace.tool_changed.disconnect(self._on_elsewhere)
        workspace.image_changed.disconnect(self._on_elsewhere)
        if self._on_press in workspace.viewer.mouse_drag_callbacks:
            workspace.viewer.mouse_drag_callbacks.remove(self._on_press)
        active = workspace.viewer.layers.selection.active
        workspace.viewer.scene.camera.mouse_pan = active is None or bool(active.mouse_pan)
        self._overlay.draw(np.empty((0, 2, 2), np.float32), np.empty((0, 4), np.float32))
        if self._layer is not None:
            drop_overlay(self._layer, _NAME)
        self.waiting_changed.emit(False)

    def _on_press(self, viewer: Any, event: Any) -> Iterator[None]:
        """Follow the drag; the button's release makes the region."""
        if event.button != 1:
            return
        start = self._place(event)
        end = start
        yield
        while event.type == "mouse_move":
            end = self._place(event)
            self._show(start, end)
            yield
        rectangle = (
            min(start[0], end[0]),
            min(start[1], end[1]),
            max(start[0], end[0]),
            max(start[1], end[1]),
        )
        category = self._category
        self.stop()
        mark_rectangle(self.coverage, rectangle, category=category)

    def _place(self, event: Any) -> tuple[float, float]:
        y, x = self.coverage.workspace.pictures.pixel_at(event.position)
        return x + HALF_PIXEL, y + HALF_PIXEL

    def _show(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        corners = corners_of((*start, *end)) - HALF_PIXEL
        segments = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).astype(np.float32)
        self._overlay.draw(segments, np.tile(np.array(_COLOR, np.float32), (4, 1)), 2.0)
