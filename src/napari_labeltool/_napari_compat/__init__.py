"""The only package that names private parts of napari, or vispy.

Each function says what it needs and why there is no public way. When napari changes, these files change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from psygnal.qt import start_emitting_from_queue
from qtpy.QtCore import QCoreApplication, Qt, QTimer

from napari_labeltool._napari_compat.drags import end_drag
from napari_labeltool._napari_compat.overlays import (
    NamesOverlay as NamesOverlay,
)
from napari_labeltool._napari_compat.overlays import (
    RasterOverlay as RasterOverlay,
)
from napari_labeltool._napari_compat.overlays import (
    SegmentsOverlay as SegmentsOverlay,
)


# -- Layers
def leave_dims_alone(viewer: Any, layer: Any) -> None:
    """Let a layer that lies on a picture not make the viewer work out its dims and ranges at every edit (4 ms)."""
    layer.events.data.disconnect(viewer._on_layers_change)


def let_dims_follow(viewer: Any, layer: Any) -> None:
    """Let the viewer work out its dims at every edit of a layer again."""
    layer.events.data.connect(viewer._on_layers_change)


# -- Overlays in the scene of a layer
def hang_overlay(layer: Any, name: str, overlay: Any) -> None:
    """Hang an overlay on a layer; napari has no public registry of overlays per layer."""
    layer._overlays[name] = overlay


def drop_overlay(layer: Any, name: str) -> None:
    """Take an overlay from a layer."""
    if name in layer._overlays:
        del layer._overlays[name]


# -- Labels
def stroke_extent(stroke: Sequence[Any]) -> tuple[int, int, int, int]:
    """Return the rectangle (y0, x0, y1, x1) of the layer's data that a ``paint`` event is about.

    The event carries napari's private history atoms: rectangles with a mask, or index arrays.
    """
    bounds = []
    for atom in stroke:
        if hasattr(atom, "slice_key"):
            rows, columns = atom.slice_key
            bounds.append((rows.start, columns.start, rows.stop, columns.stop))
        else:
            rows, columns = (np.atleast_1d(index) for index in atom[0])
            bounds.append((rows.min(), columns.min(), rows.max() + 1, columns.max() + 1))
    low, high = np.array(bounds)[:, :2].min(0), np.array(bounds)[:, 2:].max(0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def stroke_is_written(layer: Any, stroke: Sequence[Any]) -> bool:
    """Tell whether the pixels of a ``paint`` event are in the layer already.

    A stroke of the mouse is told when it is finished; a single call of ``paint``, ``fill``, ``paint_polygon`` or
    ``data_setitem`` is told before it writes.
    """
    return stroke is layer._staged_history


def is_painting(layer: Any) -> bool:
    """Tell whether a stroke, a polygon or an outline of the right button is half done."""
    overlays = layer._overlays
    return bool(layer._block_history or overlays["polygon"].points or overlays["brush_stroke"].active)


def is_stroking(layer: Any) -> bool:
    """Tell whether a stroke of the brush is half done."""
    return bool(layer._block_history)


def cancel_label_drawing(layer: Any) -> None:
    """Drop a half drawn polygon and outline of the right button, as Escape does, and let go of a stroke.

    Pixels of the stroke stay; moves of the mouse that is still held paint no more.
    """
    end_drag(layer)  # the history of the stroke is left without telling of it
    layer._staged_history = []
    if layer._overlays["brush_stroke"].active:
        layer._overlays["brush_stroke"].abort(layer)
    if layer._overlays["polygon"].points:
        layer._overlays["polygon"].points = []


def forget_label_history(layer: Any) -> None:
    """Empty napari's own undo history of a layer; it would write pixels of another time or place."""
    layer._undo_history.clear()
    layer._redo_history.clear()


def redraw_labels(layer: Any, rows: slice, columns: slice) -> None:
    """Draw a rectangle of the data that was changed in place; ``refresh`` draws the whole of it."""
    layer._accumulate_updated_slice((rows, columns))
    layer._partial_labels_refresh()


# -- The event loop
def later(milliseconds: int, action: Callable[[], object]) -> None:
    """Do something once the event loop has time for it; at once where there is none (a viewer model alone)."""
    if QCoreApplication.instance() is None:
        action()
    else:
        QTimer.singleShot(milliseconds, action)


def deliver_queued_signals() -> None:
    """Let the event loop call what is connected with ``thread="main"``; nothing where there is no event loop."""
    if QCoreApplication.instance() is not None:
        start_emitting_from_queue(msec=30, timer_type=Qt.TimerType.CoarseTimer)


# -- Image
def show_new_pixels(layer: Any) -> None:
    """Read the shown pixels of an Image layer anew; ``refresh`` alone shows the coarsest level that napari keeps."""
    layer._reset_thumbnail_level_data()
    layer.refresh(extent=False)


# -- The window
def canvas_widget(viewer: Any) -> Any:
    """Return the Qt widget that the picture is drawn on; mouse events for the canvas go there."""
    return viewer.window._qt_viewer.canvas.native


def main_window(viewer: Any) -> Any:
    """Return the Qt main window of a viewer."""
    return viewer.window._qt_window
