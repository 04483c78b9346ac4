"""Where the masks layer lies: on the window of the picture that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool._napari_compat.label_windows import place_labels

if TYPE_CHECKING:
    from napari_labeltool.core.pixels import Window
    from napari_labeltool.layers.workspace import Workspace


def lay_on_picture(workspace: Workspace, layer: Any, window: Window) -> None:
    """Put the layer where its window lies on the picture; its data is to be given, or refreshed, after that."""
    transform = workspace.pictures.transform
    corner = transform.translate + np.array(window[:2]) * transform.scale
    place_labels(workspace.viewer, layer, transform.scale, corner)
    transform.turn(layer)
