"""Looking at a part of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.names import HALF_PIXEL


def frame_bbox(viewer: Any, transform: Any, boxes_xywh: FloatArray, fill: float = 0.45) -> None:
    """Move the camera so that boxes fill a part of the canvas.

    Parameters
    ----------
    viewer
        A viewer or viewer model.
    transform
        Pixel (row, column) to world, ``transform.scale`` and ``transform.translate``, each (2,).
    boxes_xywh
        (n, 4) left, top, width, height in pixels, corner origin; rows with NaN are left out.
    fill
        Part of the canvas that the boxes take, 0 to 1.
    """
    boxes = boxes_xywh[np.isfinite(boxes_xywh).all(1)]
    if not len(boxes):
        return
    low_xy = boxes[:, :2].min(0)
    high_xy = (boxes[:, :2] + boxes[:, 2:]).max(0)
    low, high = (
        np.asarray(corner[::-1] - HALF_PIXEL) * transform.scale + transform.translate
        for corner in (low_xy, high_xy)
    )
    canvas = np.asarray(viewer.canvas.size, float)
    extent = np.maximum(high - low, 16 * np.abs(transform.scale))
    camera = viewer.scene.camera
    camera.center = (0.0, *((low + high) / 2))
    camera.zoom = float((canvas / extent).min() * fill)


def screen_pixel(viewer: Any) -> float:
    """Return the size of one screen pixel in world units."""
    return 1.0 / float(viewer.scene.camera.zoom)


def view_rectangle(viewer: Any) -> tuple[float, float, float, float]:
    """Return what the canvas shows as (y0, x0, y1, x1) in world units."""
    height, width = viewer.canvas.size
    camera = viewer.scene.camera
    y, x = camera.center[-2:]
    half_y, half_x = height / 2 / camera.zoom, width / 2 / camera.zoom
    return y - half_y, x - half_x, y + half_y, x + half_x
