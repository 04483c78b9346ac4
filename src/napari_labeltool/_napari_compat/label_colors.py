"""Colours of a drawn Labels layer, exchanged in the texture that is there."""

from __future__ import annotations

from typing import Any, Final

from napari._vispy.layers.labels import VispyLabelsLayer
from numpy.typing import NDArray

_TEXTURE: Final = "texture2D_values"


def draw_label_colors(layer: Any, colors: NDArray[Any]) -> bool:
    """Draw a layer of 16 bit labels in other colours, (65536, 4); tell whether that was possible.

    napari makes a new texture and a new colormap of vispy for every change, with which vispy builds the shader of the
    layer anew at the next draw (20 ms). The visual of a layer has no public way to it but the viewer's window.
    """
    visual = _visual(layer)
    if visual is None or layer.show_selected_label:
        return False
    try:
        texture = visual.node.shared_program[_TEXTURE]
    except KeyError:
        return False
    if texture.shape[0] * texture.shape[1] != len(colors):
        return False
    visual.texture_data = colors.reshape(texture.shape)
    texture.set_data(visual.texture_data)
    visual.node.update()
    return True


def tell_colormap(layer: Any) -> None:
    """Tell all but the drawn layer itself that the colormap was exchanged."""
    visual = _visual(layer)
    if visual is None:
        layer.events.colormap()
    else:
        with layer.events.colormap.blocker(visual._on_colormap_change):
            layer.events.colormap()


def _visual(layer: Any) -> VispyLabelsLayer | None:
    """Return what draws a layer, None for a layer without a window."""
    owners = (callback[0]() for callback in layer.events.colormap.callbacks if isinstance(callback, tuple))
    return next((owner for owner in owners if isinstance(owner, VispyLabelsLayer)), None)
