"""Colours of annotations on the canvas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.palette import to_rgb
from napari_labeltool.core.schema import LabelSchema

Rgba = NDArray[np.float32]

UNLABELLED_COLOR = "#b0b0b0"


def category_colors(schema: LabelSchema, row_count: int) -> Rgba:
    """Return the colour of each class.

    Returns
    -------
    (row_count + 1, 4) float32 array
        By row of the category table; the last entry, so index -1, is the colour of unlabelled annotations.
    """
    colors = np.ones((row_count + 1, 4), np.float32)
    colors[:, :3] = np.array(to_rgb(UNLABELLED_COLOR), np.float32) / 255
    for category in schema.categories:
        if category.key is not None:
            colors[category.key, :3] = np.array(to_rgb(category.color), np.float32) / 255
    return colors
