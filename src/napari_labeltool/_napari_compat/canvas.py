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


def due_canvas(viewer: Any) -> Any:
    """Return the Qt widget of the canvas if a drawing of it is due, whose ``frameSwapped`` tells of it; else None."""
    native = getattr(canvas_of(viewer), "native", None)
    if native is None or not native.isVisible() or not hasattr(native, "frameSwapped"):
        return None
    return native if getattr(scene_of(viewer), "_update_pending", False) else None
