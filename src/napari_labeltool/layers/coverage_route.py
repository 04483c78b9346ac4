"""Going over a large picture: the next place that was not viewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from napari_labeltool.core.coverage import Route, next_place

if TYPE_CHECKING:
    from napari_labeltool.layers.coverage import Coverage

_KEPT_ZOOM: Final = 4.0
"""Up to so many times the working zoom, going on leaves the zoom as it is."""


def go_on(coverage: Coverage, step: int = 1) -> bool:
    """Move the camera to the next place of the shown picture that was not viewed; false when all was.

    Places lie in rows, one to the right and the next to the left. The zoom stays, unless it is below the working
    zoom or far above it.

    Parameters
    ----------
    coverage
        Of the shown image.
    step
        1 for the next place, -1 for the one before.
    """
    coverage.take_rest()
    wanted, viewed = coverage.wanted(), coverage.viewed
    if wanted is None or viewed is None:
        return False
    zoom = coverage.zoom
    if not coverage.is_working or zoom > _KEPT_ZOOM * coverage.working_zoom:
        zoom = coverage.working_zoom
    height, width = coverage.workspace.viewer.canvas.size
    route = Route(*coverage.shape_yx, height / zoom, width / zoom)
    left, top, right, bottom = coverage.rectangle()
    x, y = (left + right) / 2, (top + bottom) / 2
    start = route.nearest(x, y)
    if coverage.is_working and np.hypot(*np.subtract(route.centre(start), (x, y))) * zoom < 2:
        start += step
    place = next_place(route, wanted, viewed.grid, start, step)
    if place is not None:
        coverage.camera.look_at(*route.centre(place), zoom)
    return place is not None
