"""A Labels layer that shows now one part of a picture, now another, without work that leads to nothing new."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat.label_colors import label_visual


def give_label_data(layer: Any, data: NDArray[Any]) -> None:
    """Put another array of the same type into a Labels layer.

    What draws the layer would make a new colormap for it, with which the shader is built anew at the next draw
    (20 ms).
    """
    visual = label_visual(layer)
    with nullcontext() if visual is None else layer.events.data.blocker(visual._on_colormap_change):
        layer.data = data


def place_labels(viewer: Any, layer: Any, scale: NDArray[Any], translate: NDArray[Any]) -> None:
    """Move a Labels layer that lies on a picture; its data is to be given, or refreshed, after that.

    The setters of ``scale`` and ``translate`` each slice and draw the layer anew, and let the viewer work out its
    dims, which such a layer does not change.
    """
    transform = layer._transforms["data2physical"]
    for name, value in (("scale", scale), ("translate", translate)):
        if not np.array_equal(getattr(transform, name), value):
            setattr(transform, name, np.array(value, float))
            layer._clear_extent()
            event = getattr(layer.events, name)
            with event.blocker(viewer._on_layers_change):
                event()
