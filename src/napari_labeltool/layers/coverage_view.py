"""How coverage is drawn on the picture: a veil over what was not viewed, outlines of regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import RasterOverlay, SegmentsOverlay, drop_overlay, hang_overlay
from napari_labeltool.core.coverage_regions import Region
from napari_labeltool.core.values import BoolArray, FloatArray
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.coverage import Coverage

VEIL: Final = (118, 124, 138, 118)
"""Middle grey, half transparent: it pales what is dark and darkens what is bright, whatever the picture."""
_INK: Final = (1.0, 1.0, 1.0, 1.0)
_HALO: Final = (0.0, 0.0, 0.0, 0.7)
_NAMES: Final = ("labeltool_veil", "labeltool_regions_halo", "labeltool_regions")
_TICK_PIXELS: Final = 8.0
_TICK_EVERY: Final = 16.0
_MOST_TICKS: Final = 3000


class CoverageView:
    """Draws on the objects layer.

    Parameters
    ----------
    coverage
        What is drawn.
    """

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.veil = RasterOverlay()
        self.halo = SegmentsOverlay()
        self.outlines = SegmentsOverlay()
        self._layer: Any = None
        self._pixel = 0.0
        coverage.viewed_changed.connect(self.draw_veil)
        coverage.regions_changed.connect(self.draw_regions)
        coverage.workspace.viewer.scene.camera.events.zoom.connect(self._on_zoom)
        self.draw_veil()
        self.draw_regions()

    def _attach(self) -> bool:
        """Hang the overlays on the objects layer that is there now; tell whether there is one."""
        layer = self.coverage.workspace.objects.layer
        if layer is not self._layer:
            self._detach()
            self._layer = layer
            if layer is not None:
                for name, overlay in zip(_NAMES, (self.veil, self.halo, self.outlines)):
                    hang_overlay(layer, name, overlay)
        return layer is not None

    def _detach(self) -> None:
        if self._layer is not None:
            for name in _NAMES:
                drop_overlay(self._layer, name)
            self._layer = None

    def draw_veil(self) -> None:
        """Shade what was not viewed, if that is wanted."""
        coverage = self.coverage
        wanted = coverage.wanted() if coverage.store.shaded else None
        if wanted is None or coverage.viewed is None or not wanted.any():
            if self.veil.rgba is not None:
                self.veil.draw(None, (0, 0), (1, 1))
            return
        if self._attach():
            tile = float(coverage.viewed.grid.tile)
            self.veil.draw(painted(wanted, VEIL), (-HALF_PIXEL, -HALF_PIXEL), (tile, tile))

    def _on_zoom(self, event: Any = None) -> None:
        """Keep the strokes of outlines as long as they are on the screen."""
        if self.coverage.regions and not 0.7 < picture_pixels(self.coverage.workspace) / self._pixel < 1.4:
            self.draw_regions()

    def draw_regions(self) -> None:
        """Draw the outlines of regions, with strokes on their inner side."""
        regions = self.coverage.regions
        if not regions and not len(self.outlines.segments_xy):
            return
        if not self._attach():
            return
        self._pixel = picture_pixels(self.coverage.workspace)
        parts = [np.empty((0, 2, 2))] + [segments_of(region, self._pixel) for region in regions]
        segments = (np.concatenate(parts) - HALF_PIXEL).astype(np.float32)
        for overlay, color, width in ((self.halo, _HALO, 4.0), (self.outlines, _INK, 1.5)):
            colors = np.tile(np.array(color, np.float32), (len(segments), 1))
            overlay.draw(segments, colors, width)

    def close(self) -> None:
        """Let go of layer and viewer."""
        self.coverage.viewed_changed.disconnect(self.draw_veil)
        self.coverage.regions_changed.disconnect(self.draw_regions)
        self.coverage.workspace.viewer.scene.camera.events.zoom.disconnect(self._on_zoom)
        self._detach()


def painted(tiles: BoolArray, color: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """Return a picture, (rows, columns, 4), with a colour where tiles are true and nothing elsewhere."""
    pixel = np.array(color, np.uint8).view(np.uint32)
    return (tiles * pixel).view(np.uint8).reshape(*tiles.shape, 4)


def segments_of(region: Region, pixel: float) -> NDArray[np.float64]:
    """Return the outline of a region and short slanted strokes inwards from it, (n, 2, 2) x, y in pixels.

    Parameters
    ----------
    region
        The region.
    pixel
        Size of a screen pixel in pixels of the picture.
    """
    corners = region.polygon_xy
    ends = np.roll(corners, -1, axis=0)
    outline = np.stack([corners, ends], axis=1)
    return np.concatenate([outline, _strokes(corners, ends - corners, pixel)])


def _strokes(corners: FloatArray, sides: FloatArray, pixel: float) -> NDArray[np.float64]:
    lengths = np.hypot(*sides.T)
    perimeter = float(lengths.sum())
    spacing = max(_TICK_EVERY * pixel, perimeter / _MOST_TICKS)
    along = np.arange(spacing / 2, perimeter, spacing)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    side = np.clip(np.searchsorted(starts, along, side="right") - 1, 0, len(corners) - 1)
    directions = sides / np.maximum(lengths, 1e-9)[:, None]
    x, y = corners.T
    turns = 1.0 if np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)) > 0 else -1.0
    inwards = np.stack([-directions[:, 1], directions[:, 0]], axis=1) * turns
    feet = corners[side] + directions[side] * (along - starts[side])[:, None]
    tips = feet + (inwards[side] + directions[side]) * (_TICK_PIXELS * pixel / np.sqrt(2))
    return np.stack([feet, tips], axis=1)
