"""The camera in terms of the shown picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool.core.coverage import Rectangle
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class PictureCamera:
    """The viewer's camera, in pixels of the shown picture.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._camera: Any = workspace.viewer.scene.camera

    @property
    def emitters(self) -> tuple[Any, ...]:
        """What tells of moves: of the camera, or of the picture below it."""
        events = self._camera.events
        return events.zoom, events.center, self._workspace.pictures.placed.moved

    @property
    def zoom(self) -> float:
        """Screen pixels for each pixel of the picture now."""
        return float(self._camera.zoom) * self._workspace.pictures.transform.pixel

    def rectangle(self) -> Rectangle:
        """Return what the canvas shows, in pixels; it may reach beyond the picture.

        Of a picture that is turned, an upright rectangle that is seen whole.
        """
        transform = self._workspace.pictures.transform
        half = transform.seen_whole(
            np.array(self._workspace.viewer.canvas.size, float) / 2 / self._camera.zoom
        )
        middle = transform.to_pixels(np.array(self._camera.center[-2:])) + HALF_PIXEL
        low, high = middle - half, middle + half
        return float(low[1]), float(low[0]), float(high[1]), float(high[0])

    def look_at(self, x: float, y: float, zoom: float | None = None) -> None:
        """Move to a place in pixels, at a zoom in screen pixels for each of them or the present one."""
        transform = self._workspace.pictures.transform
        if zoom is not None:
            self._camera.zoom = zoom / transform.pixel
        place = transform.to_world(np.array((y, x)) - HALF_PIXEL)
        self._camera.center = (0.0, *map(float, place))
