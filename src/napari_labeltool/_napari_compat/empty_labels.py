"""Labels layers that have nothing to show."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari_labeltool._napari_compat.canvas import canvas_of


def skip_while_empty(viewer: Any, layer: Any) -> None:
    """Let a Labels layer not be drawn as long as all its shown pixels are background.

    Where the background is transparent, as in ours, an empty one looks like none, but takes a fifth of each drawing of
    the canvas with software OpenGL. What hangs on the layer (the brush, a polygon being drawn) is drawn all the same,
    and ``layer.visible`` stays what it is.

    After new data it is drawn once: what vispy is told of textures waits in memory until the first drawing.

    Parameters
    ----------
    viewer
        A viewer that has the layer; of a viewer model, which draws nothing, nothing changes.
    layer
        The layer.
    """
    visual = getattr(canvas_of(viewer), "layer_to_visual", {}).get(layer)
    if visual is None:
        return

    def look(event: Any = None) -> None:
        attributes = visual.node.__dict__
        if layer._slice.image.view.any():
            attributes.pop("draw", None)
        else:
            attributes["draw"] = partial(_draw_once, visual.node)

    def painted(event: Any) -> None:
        visual.node.__dict__.pop("draw", None)

    layer.events.set_data.connect(look)
    layer.events.labels_update.connect(painted)
    look()


def _draw_once(node: Any) -> None:
    node.__dict__["draw"] = _nothing
    type(node).draw(node)


def _nothing() -> None:
    """Draw nothing."""
