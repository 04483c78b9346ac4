"""Pictures of so many annotations that lines would be too many: drawn at the screen's resolution, or counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.density import Density, Weights, density_rgba
from napari_labeltool.core.loops import Loops, box_loops, loops_of
from napari_labeltool.core.rasterize_lines import draw_segments
from napari_labeltool.core.small_loops import SmallLoops
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, corner origin."""

DOT: Final = 2.0
"""Pixels of the drawn picture up to which an annotation is a dot."""
PLAIN: Final = 4.0
"""Pixels of the drawn picture up to which it is its box."""
ROUGH: Final = 12.0
"""Screen pixels up to which every other vertex of such an outline does."""
COARSE: Final = 48.0
"""Screen pixels up to which an outline of few vertices does."""
MOST_EXACT: Final = 1500
"""Number of outlines that are decoded for one picture."""
MANY: Final = 50_000
"""Number of changed annotations from which counting all anew, once it is asked for, is as good."""
FEW: Final = 15_000
"""Number of annotations up to which a picture has a pixel for each of the screen; above, for two by two."""

_UNCOUNTED: Final = -2
"""Class of an annotation that is not counted."""

SELECTED: Final = np.array([255, 255, 255, 255], np.uint8)


@dataclass(slots=True)
class Raster:
    """A picture of outlines.

    Parameters
    ----------
    rgba
        (h, w, 4) uint8.
    window
        The rectangle that it shows.
    pixel
        Side of its pixels, in pixels of the picture.
    unknown
        Annotations that are drawn as boxes because their outlines are not known yet.
    boxes
        Where each annotation was drawn, by row.
    """

    rgba: NDArray[np.uint8]
    window: Rectangle
    pixel: float
    unknown: IntArray
    rows: IntArray
    boxes: NDArray[np.float64]


class OutlinePictures:
    """Draws the annotations of the shown image into small pictures.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.selected: IntArray = np.empty(0, np.int64)
        self.forget()

    def forget(self) -> None:
        """Take over that the dataset or the image is another one."""
        self.small: SmallLoops | None = None
        self._density: _Counted | None = None

    def recolored(self) -> None:
        """Take over that colours, or what is to be seen, changed."""
        self._density = None

    def update(self, rows: IntArray, *, counted: bool) -> None:
        """Take over that annotations changed; `counted` tells whether the counts are shown right now."""
        if self.small is not None:
            self.small.forget(rows)
        if len(rows) > MANY and not counted:
            self._density = None
        elif self._density is not None:
            self._density.update(self._workspace, rows)

    # -- at the screen's resolution
    def raster(self, rows: IntArray, window: Rectangle, screen_pixel: float) -> Raster:
        """Draw annotations into a rectangle, `screen_pixel` being the size of one of the screen's pixels."""
        pixel = screen_pixel if len(rows) <= FEW else 2 * screen_pixel
        x0, y0, x1, y1 = window
        shape = max(int(np.ceil((y1 - y0) / pixel)), 1), max(int(np.ceil((x1 - x0) / pixel)), 1)
        rows = np.sort(rows)
        boxes = corners_of(self._workspace.dataset.annotations.bbox, rows)
        raster = Raster(np.zeros((*shape, 4), np.uint8), window, pixel, np.empty(0, np.int64), rows, boxes)
        raster.unknown = self._draw(raster.rgba, rows, boxes, (x0, y0), pixel, screen_pixel)
        return raster

    def redraw(self, raster: Raster, rows: IntArray, screen_pixel: float) -> bool:
        """Draw again where some annotations were and are; tell whether that was possible without drawing all."""
        table = self._workspace.dataset.annotations
        places = np.searchsorted(raster.rows, rows)
        known = places < len(raster.rows)
        known[known] = raster.rows[places[known]] == rows[known]
        boxes = np.concatenate([raster.boxes[places[known]], corners_of(table.bbox, rows)])
        boxes = boxes[np.isfinite(boxes).all(1)]
        if not len(boxes):
            return True
        x0, y0, pixel = *raster.window[:2], raster.pixel
        low = np.floor((boxes[:, :2].min(0) - (x0, y0)) / pixel).astype(np.int64) - 1
        high = np.ceil((boxes[:, 2:].max(0) - (x0, y0)) / pixel).astype(np.int64) + 2
        c0, r0 = np.maximum(low, 0).tolist()
        c1, r1 = np.minimum(high, raster.rgba.shape[1::-1]).tolist()
        if c1 <= c0 or r1 <= r0:
            return True
        if (c1 - c0) * (r1 - r0) > raster.rgba.size / 40:
            return False
        corner = x0 + c0 * pixel, y0 + r0 * pixel
        end = x0 + c1 * pixel, y0 + r1 * pixel
        near = np.sort(self._workspace.shown.query(*corner, *end))
        part = np.zeros((r1 - r0, c1 - c0, 4), np.uint8)
        near_boxes = corners_of(table.bbox, near)
        self._draw(part, near, near_boxes, corner, pixel, screen_pixel)
        raster.rgba[r0:r1, c0:c1] = part
        raster.boxes[places[known]] = corners_of(table.bbox, rows[known])
        new = rows[~known]
        if len(new):
            at = np.searchsorted(raster.rows, new)
            raster.rows = np.insert(raster.rows, at, new)
            raster.boxes = np.insert(raster.boxes, at, corners_of(table.bbox, new), axis=0)
        return True

    def _draw(
        self,
        rgba: NDArray[np.uint8],
        rows: IntArray,
        boxes: NDArray[np.float64],
        corner: tuple[float, float],
        pixel: float,
        screen_pixel: float,
    ) -> IntArray:
        """Draw annotations; return those whose outline is not known."""
        dataset = self._workspace.dataset
        if self.small is None:
            self.small = SmallLoops(dataset)
        colors = self._colors()
        sizes = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) / screen_pixel
        outlined = np.isin(dataset.annotations.kind[rows], (Kind.POLYGON, Kind.RLE, Kind.RLE_COMPRESSED))
        large = np.flatnonzero(outlined & (sizes > COARSE))
        large = large[np.argsort(-sizes[large])[:MOST_EXACT]]
        exact = np.zeros(len(rows), bool)
        exact[large] = True
        scale = pixel / screen_pixel
        detailed = outlined & ~exact & (sizes > PLAIN * scale)
        known = self.small.knows(rows) & detailed
        rough = known & (sizes <= ROUGH)
        dots = sizes <= DOT * scale
        plain = ~(exact | known | dots)
        parts = [
            box_loops(dataset, rows[plain]),
            self.small.loops(rows[rough], every=2),
            self.small.loops(rows[known & ~rough]),
            loops_of(dataset, rows[exact], screen_pixel),
        ]
        self._dots(rgba, boxes[dots], colors(rows[dots]), corner, pixel)
        segments, owner = Loops.joined(parts).segments()
        draw_segments(rgba, (segments - corner) / pixel, colors(owner))
        return np.asarray(rows[detailed & ~known])

    @staticmethod
    def _dots(
        rgba: NDArray[np.uint8],
        boxes: NDArray[np.float64],
        colors: NDArray[np.uint8],
        corner: tuple[float, float],
        pixel: float,
    ) -> None:
        column, row = np.floor(((boxes[:, :2] + boxes[:, 2:]) / 2 - corner) / pixel).astype(np.int64).T
        inside = (column >= 0) & (column < rgba.shape[1]) & (row >= 0) & (row < rgba.shape[0])
        rgba[row[inside], column[inside]] = colors[inside]

    def _colors(self) -> _Colors:
        return _Colors(self._workspace, self.selected)

    # -- counted
    def density(
        self, window: Rectangle, screen_pixel: float
    ) -> tuple[NDArray[np.uint8], float, float, float]:
        """Return a picture of all annotations, its left and top, and the side of its pixels."""
        if self._density is None:
            self._density = _Counted(self._workspace)
        counted = self._density.density
        level = counted.level_for(2 * screen_pixel)
        sums, left, top, side = counted.window(level, *window)
        rgba = density_rgba(sums)
        if len(self.selected):
            self._mark_selected(rgba, left, top, side)
        return rgba, left, top, side

    def _mark_selected(self, rgba: NDArray[np.uint8], left: float, top: float, side: float) -> None:
        boxes = corners_of(self._workspace.dataset.annotations.bbox, self.selected)
        boxes = boxes[np.isfinite(boxes).all(1)]
        self._dots(rgba, boxes, np.broadcast_to(SELECTED, (len(boxes), 4)), (left, top), side)


class _Colors:
    """Colours of annotations as bytes, the selected ones white."""

    def __init__(self, workspace: Workspace, selected: IntArray) -> None:
        table = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        self._table = np.round(table * 255).astype(np.uint8)
        self._categories = workspace.dataset.annotations.category
        self._selected = selected

    def __call__(self, rows: IntArray) -> NDArray[np.uint8]:
        colors = self._table[self._categories[rows]]
        if len(self._selected):
            colors[np.isin(rows, self._selected)] = SELECTED
        return np.asarray(colors)


class _Counted:
    """A density, and for each annotation where and as what it is counted in it."""

    def __init__(self, workspace: Workspace) -> None:
        rows = workspace.dataset.annotations.rows_of_image(workspace.image)
        height, width = workspace.pictures.shape_yx
        points, classes = _places_and_classes(workspace, rows)
        self.density = Density(width, height, points, _weights(workspace, classes))
        count = workspace.dataset.annotations.row_count
        self._cell = np.zeros(count, np.int32)
        self._class = np.full(count, _UNCOUNTED, np.int32)
        self._cell[rows], self._class[rows] = self.density.cells_of(points), classes

    def update(self, workspace: Workspace, rows: IntArray) -> None:
        """Count annotations where and as what they are now."""
        self._grow(workspace.dataset.annotations.row_count)
        points, classes = _places_and_classes(workspace, rows)
        left, entered = self._cell[rows].astype(np.int64), self.density.cells_of(points)
        taken, given = -_weights(workspace, self._class[rows]), _weights(workspace, classes)
        self._cell[rows], self._class[rows] = entered, classes
        stayed = left == entered
        self.density.add(left[stayed], taken[stayed] + given[stayed])
        self.density.add(left[~stayed], taken[~stayed])
        self.density.add(entered[~stayed], given[~stayed])

    def _grow(self, count: int) -> None:
        missing = count - len(self._cell)
        if missing > 0:
            spare = missing + count // 8
            self._cell = np.concatenate([self._cell, np.zeros(spare, np.int32)])
            self._class = np.concatenate([self._class, np.full(spare, _UNCOUNTED, np.int32)])


def _places_and_classes(
    workspace: Workspace, rows: IntArray
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the middles of annotations, (n, 2), and as which class they are counted."""
    table = workspace.dataset.annotations
    boxes = corners_of(table.bbox, rows)
    points = (boxes[:, :2] + boxes[:, 2:]) / 2
    counted = np.isfinite(points).all(1) & table.alive[rows] & workspace.shown.passes(rows)
    return points, np.where(counted, table.category[rows], _UNCOUNTED).astype(np.int32)


def _weights(workspace: Workspace, classes: NDArray[np.int32]) -> Weights:
    table = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
    weights = np.concatenate([np.ones((len(classes), 1), np.float32), table[classes, :3]], axis=1)
    weights[classes == _UNCOUNTED] = 0
    return weights
