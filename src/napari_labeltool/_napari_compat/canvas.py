"""The canvas of a viewer's window."""

from __future__ import annotations

from typing import Any


def canvas_of(viewer: Any) -> Any:
    """Return napari's canvas of a viewer, None of a viewer model or where napari is made in another way."""
    window = getattr(viewer, "window", None)
    return getattr(getattr(window, "_qt_viewer", None), "canvas", None)


def scene_of(viewer: Any) -> Any:
    """Return vispy's canvas in that one, None where there is none."""
    return getattr(canvas_of(viewer), "_scene_canvas", None)


def visible_canvas(viewer: Any) -> Any:
    """Return the Qt widget of the canvas, whose ``frameSwapped`` tells of each drawing; None when nobody sees it."""
    native = getattr(canvas_of(viewer), "native", None)
    if native is None or not native.isVisible() or not hasattr(native, "frameSwapped"):
        return None
    return native


def is_drawing_due(viewer: Any) -> bool:
    """Tell whether the canvas was asked to draw and has not yet."""
    return bool(getattr(scene_of(viewer), "_update_pending", False))
