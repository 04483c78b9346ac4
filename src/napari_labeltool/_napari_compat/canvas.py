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


def awaited_frame(viewer: Any) -> Any:
    """Return the Qt signal that a drawing of the canvas is on the screen, None where no drawing is due."""
    native = getattr(canvas_of(viewer), "native", None)
    if native is None or not native.isVisible() or not getattr(scene_of(viewer), "_update_pending", False):
        return None
    return getattr(native, "frameSwapped", None)
