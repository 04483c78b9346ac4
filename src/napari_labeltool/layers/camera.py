"""Looking at a part of the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.pixel_transform import PixelTransform
    from napari_labeltool.layers.workspace import Workspace


def corners_yx(low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the (4, 2) corners of a rectangle that is given by two opposite ones."""
    return np.array([low, (low[0], high[1]), high, (high[0], low[1])], np.float64)


def extent_of(places_yx: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and the greatest y and x of places."""
    return places_yx.min(0), places_yx.max(0)


def frame_bbox(viewer: Any, transform: PixelTransform, boxes_xywh: FloatArray, fill: float = 0.45) -> None:
    """Move the camera so that boxes fill a part of the canvas.

    Parameters
    ----------
    viewer
        A viewer or viewer model.
    transform
        Pixels to world.
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
    low, high = extent_of(transform.to_world(corners_yx(low_xy[::-1], high_xy[::-1]) - HALF_PIXEL))
    canvas = np.asarray(viewer.canvas.size, float)
    extent = np.maximum(high - low, 16 * np.abs(transform.linear).max(1))
    camera = viewer.scene.camera
    camera.center = (0.0, *((low + high) / 2))
    camera.zoom = float((canvas / extent).min() * fill)


class Fitting:
    """Keeps the picture fitted to the canvas, whatever size that gets, until somebody moves the camera.

    Parameters
    ----------
    viewer
        A viewer or viewer model.
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = viewer
        self._fitted: tuple[float, ...] | None = None
        viewer.canvas.events.size.connect(self._on_canvas_size)

    def fit(self) -> None:
        """Show all of the picture."""
        self._viewer.reset_view()
        self._fitted = self._place()

    def _place(self) -> tuple[float, ...]:
        camera = self._viewer.scene.camera
        return float(camera.zoom), *map(float, camera.center[-2:])

    def _on_canvas_size(self, event: Any = None) -> None:
        if self._fitted is not None and np.allclose(self._place(), self._fitted):
            self.fit()

    def close(self) -> None:
        """Let go of the viewer."""
        self._viewer.canvas.events.size.disconnect(self._on_canvas_size)


class ViewWatch:
    """Tells whenever the canvas shows another part of the picture, or shows it at another size.

    Parameters
    ----------
    workspace
        The session in its viewer.
    callback
        A method; it is held weakly.
    """

    def __init__(self, workspace: Workspace, callback: Callable[..., None]) -> None:
        camera = workspace.viewer.scene.camera.events
        self._events = (camera.center, camera.zoom, workspace.viewer.canvas.events.size)
        self._moved = workspace.pictures.placed.moved
        self._callback = callback
        self._moved.connect(callback)
        for event in self._events:
            event.connect(callback)

    def close(self) -> None:
        """Let go of the viewer."""
        self._moved.disconnect(self._callback)
        for event in self._events:
            event.disconnect(self._callback)


def screen_pixel(viewer: Any) -> float:
    """Return the size of one screen pixel in world units."""
    return 1.0 / float(viewer.scene.camera.zoom)


def picture_pixels(workspace: Workspace) -> float:
    """Return the size of one screen pixel in pixels of the shown picture."""
    return screen_pixel(workspace.viewer) / workspace.pictures.transform.pixel


def view_rectangle(viewer: Any) -> tuple[float, float, float, float]:
    """Return what the canvas shows as (y0, x0, y1, x1) in world units."""
    height, width = viewer.canvas.size
    camera = viewer.scene.camera
    y, x = camera.center[-2:]
    half_y, half_x = height / 2 / camera.zoom, width / 2 / camera.zoom
    return y - half_y, x - half_x, y + half_y, x + half_x


def view_in_pixels(workspace: Workspace) -> tuple[float, float, float, float]:
    """Return what the canvas shows as (left, top, right, bottom) in pixels of the picture, corner origin.

    Of a picture that is turned, the upright rectangle that holds it all.
    """
    y0, x0, y1, x1 = view_rectangle(workspace.viewer)
    corners = corners_yx(np.array((y0, x0)), np.array((y1, x1)))
    low, high = extent_of(workspace.pictures.transform.to_pixels(corners) + HALF_PIXEL)
    return float(low[1]), float(low[0]), float(high[1]), float(high[0])
