"""Pictures of so many annotations that lines would be too many: drawn at the screen's resolution, or counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.density import Density
from napari_labeltool.core.loops import Loops, loops_of, without_followers
from napari_labeltool.core.rasterize_lines import draw_segments
from napari_labeltool.core.small_loops import SmallLoops
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.layers.outline_counts import CountedPicture, Counts, Part
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.workspace import Workspace

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, corner origin."""

DOT: Final = 2.0
"""Pixels of the drawn picture up to which an annotation is a dot."""
PLAIN: Final = 4.0
"""Pixels of the drawn picture up to which it is its box."""
UNREAD: Final = 6.0
"""The same where its outline is not known yet."""
ROUGH: Final = 12.0
"""Screen pixels up to which every other vertex of such an outline does."""
COARSE: Final = 48.0
"""Screen pixels up to which an outline of few vertices does."""
MOST_EXACT: Final = 1500
"""Number of outlines that are decoded for one picture."""
MOST_LEARNT: Final = 6000
"""Number of outlines that are not known yet up to which they are decoded for a picture, above it after it."""
MANY: Final = 50_000
"""Number of changed annotations from which counting all anew, once it is asked for, is as good."""
FEW: Final = 15_000
"""Number of annotations up to which a picture has a pixel for each of the screen; above, for two by two."""

BOX_SIDES: Final = np.array([0, 1, 2, 1, 2, 1, 2, 3, 2, 3, 0, 3, 0, 3, 0, 1])
"""Both ends of the four sides of a box by the numbers of its corners, left, top, right, bottom."""
NOTHING: Final = slice(0, 0), slice(0, 0)

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
        self._counts: Counts | None = None
        self._used: Density | None = None
        self.small: SmallLoops | None = None

    def forget(self) -> None:
        """Take over that the dataset or the image is another one."""
        if self.small is not None and self.small.dataset is self._workspace.dataset:
            self.small.forget_all()
        else:
            self.small = None
        self.recolored()

    def recolored(self) -> None:
        """Take over that colours, or what is to be seen, changed."""
        if self._counts is not None:
            self._used, self._counts = self._counts.density, None

    def update(self, rows: IntArray, *, counted: bool) -> None:
        """Take over that annotations changed; `counted` tells whether the counts are shown right now."""
        if self.small is not None:
            self.small.forget(rows)
        if self._counts is not None:
            self._counts.changed(rows, at_once=counted)
            if self._counts.changed_count > MANY:
                self.recolored()

    def learn(self, rows: IntArray) -> None:
        """Decode the outlines of annotations, so that pictures that are drawn from now on have them."""
        self._small.learn(rows)

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

    def redraw(self, raster: Raster, rows: IntArray, screen_pixel: float) -> Part | None:
        """Draw again where some annotations were and are.

        Returns
        -------
        (rows, columns) of the picture that were drawn, none or more; None where all is to be drawn
        """
        table = self._workspace.dataset.annotations
        places = np.searchsorted(raster.rows, rows)
        known = places < len(raster.rows)
        known[known] = raster.rows[places[known]] == rows[known]
        boxes = np.concatenate([raster.boxes[places[known]], corners_of(table.bbox, rows)])
        boxes = boxes[np.isfinite(boxes).all(1)]
        if not len(boxes):
            return NOTHING
        x0, y0, pixel = *raster.window[:2], raster.pixel
        low = np.floor((boxes[:, :2].min(0) - (x0, y0)) / pixel).astype(np.int64) - 1
        high = np.ceil((boxes[:, 2:].max(0) - (x0, y0)) / pixel).astype(np.int64) + 2
        c0, r0 = np.maximum(low, 0).tolist()
        c1, r1 = np.minimum(high, raster.rgba.shape[1::-1]).tolist()
        if c1 <= c0 or r1 <= r0:
            return NOTHING
        if (c1 - c0) * (r1 - r0) > raster.rgba.size / 40:
            return None
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
        return slice(r0, r1), slice(c0, c1)

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
        colors = self._colors()
        sizes = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) / screen_pixel
        kinds = dataset.annotations.kind[rows]
        outlined = (kinds == Kind.POLYGON) | (kinds == Kind.RLE) | (kinds == Kind.RLE_COMPRESSED)
        large = np.flatnonzero(outlined & (sizes > COARSE))
        large = large[np.argsort(-sizes[large])[:MOST_EXACT]]
        exact = np.zeros(len(rows), bool)
        exact[large] = True
        scale = pixel / screen_pixel
        detailed = outlined & ~exact & (sizes > PLAIN * scale)
        known = self._known(rows, detailed, sizes > UNREAD * scale)
        rough = known & (sizes <= ROUGH)
        dots = sizes <= DOT * scale
        plain = _with_own_box(dataset, rows, ~(exact | known | dots))
        self._dots(rgba, boxes[dots], colors(rows[dots]), corner, pixel)
        self._boxes(rgba, boxes[plain], colors(rows[plain]), corner, pixel)
        loops = [
            self._small.loops(rows[rough], every=2),
            self._small.loops(rows[known & ~rough]),
            loops_of(dataset, rows[exact], screen_pixel),
        ]
        segments, owner = Loops.joined(loops).segments()
        draw_segments(rgba, (segments - corner) / pixel, colors(owner))
        return np.asarray(rows[detailed & ~known & (sizes > UNREAD * scale)])

    def _known(self, rows: IntArray, detailed: BoolArray, large: BoolArray) -> BoolArray:
        """Tell which of those that have detail have a known outline; decode those of not too many large ones.

        The canvas would be drawn without them and once more with them, which takes longer.
        """
        known = self._small.knows(rows) & detailed
        unknown = rows[detailed & large & ~known]
        if 0 < len(unknown) <= MOST_LEARNT:
            self._small.learn(unknown)
            known = self._small.knows(rows) & detailed
        return known

    @property
    def _small(self) -> SmallLoops:
        if self.small is None:
            self.small = SmallLoops(self._workspace.dataset)
        return self.small

    @staticmethod
    def _dots(
        rgba: NDArray[np.uint8],
        boxes: NDArray[np.float64],
        colors: NDArray[np.uint8],
        corner: tuple[float, float],
        pixel: float,
    ) -> None:
        x = np.floor(((boxes[:, 0] + boxes[:, 2]) / 2 - corner[0]) / pixel)
        y = np.floor(((boxes[:, 1] + boxes[:, 3]) / 2 - corner[1]) / pixel)
        inside = (x >= 0) & (x < rgba.shape[1]) & (y >= 0) & (y < rgba.shape[0])
        flat = (y[inside] * rgba.shape[1] + x[inside]).astype(np.int64)
        rgba.view(np.uint32).reshape(-1)[flat] = np.ascontiguousarray(colors).view(np.uint32)[inside, 0]

    @staticmethod
    def _boxes(
        rgba: NDArray[np.uint8],
        boxes: NDArray[np.float64],
        colors: NDArray[np.uint8],
        corner: tuple[float, float],
        pixel: float,
    ) -> None:
        """Draw boxes, those without a place not."""
        placed = ((boxes - (*corner, *corner)) / pixel).astype(np.float32)
        finite = np.isfinite(placed).all(1)
        if not finite.all():
            placed, colors = placed[finite], colors[finite]
        segments = placed[:, BOX_SIDES].reshape(-1, 2, 2)
        draw_segments(rgba, segments, np.repeat(colors, 4, axis=0))

    def _colors(self) -> _Colors:
        return _Colors(self._workspace, self.selected)

    # -- counted
    def counted(self, screen_pixel: float) -> tuple[CountedPicture, float]:
        """Return the picture of all annotations that suits the screen, and the side of its pixels."""
        if self._counts is None:
            self._counts, self._used = Counts(self._workspace, self._used), None
        self._counts.update()
        density = self._counts.density
        level = density.level_for(2 * screen_pixel)
        return self._counts.picture(level), density.cell * 2.0**level

    def with_selected(self, rgba: NDArray[np.uint8], side: float) -> NDArray[np.uint8]:
        """Return a picture of all annotations with the selected ones as white dots."""
        if not len(self.selected):
            return rgba
        boxes = corners_of(self._workspace.dataset.annotations.bbox, self.selected)
        boxes = boxes[np.isfinite(boxes).all(1)]
        marked = rgba.copy()
        self._dots(marked, boxes, np.broadcast_to(SELECTED, (len(boxes), 4)), (0.0, 0.0), side)
        return marked


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


def _with_own_box(dataset: Dataset, rows: IntArray, wanted: BoolArray) -> IntArray:
    """Return the places of those that are wanted, but for boxes that only follow keypoints."""
    boxed = np.flatnonzero(wanted & (dataset.annotations.kind[rows] == Kind.BOX))
    wanted[boxed] = np.isin(rows[boxed], without_followers(dataset, rows[boxed]))
    return np.flatnonzero(wanted)
