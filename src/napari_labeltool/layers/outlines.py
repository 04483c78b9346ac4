"""What is seen of the annotations that are not in the Shapes layer: drawn by overlays of it, however many there are."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import RasterOverlay, SegmentsOverlay, drop_overlay, hang_overlay, later
from napari_labeltool.core.columns import Kind
from napari_labeltool.core.loops import MASK_KINDS, loops_of, thinned
from napari_labeltool.core.spatial import meeting
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.camera import picture_pixels, view_rectangle
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.outline_pictures import OutlinePictures, Raster, Rectangle
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

LINES, PICTURE = "napari_labeltool_outlines", "napari_labeltool_picture"

MOST_LINES: Final = 40_000
"""Number of sides up to which outlines are drawn as lines."""
MOST_DRAWN: Final = 150_000
"""Number of annotations up to which their outlines are drawn into a picture; above, they are counted."""
MARGINS: Final = (0.5, 0.1)
"""What is drawn beyond the view on each side, as a part of it; the second where the first would be too much."""
CHUNK: Final = 800
"""Number of outlines that are decoded at a time while nobody waits for them: about 6 ms."""

SAMPLE: Final = 100
"""Number of annotations from which it is learnt how many sides one has."""

Mode = Literal["nothing", "lines", "drawn", "counted"]

SELECTED = np.array([1, 1, 1, 1], np.float32)


class Outlines:
    """Draws the annotations of the shown image that the layer does not hold.

    While the view holds few of them, as lines; above that as a picture of their outlines at the resolution of the
    screen; zoomed far out, as a picture of how many there are where. What a view or an edit costs depends on what is
    in view, not on how many annotations the image has.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lines, self.picture = SegmentsOverlay(), RasterOverlay()
        self.pictures = OutlinePictures(workspace)
        self.mode: Mode = "nothing"
        self._layer: Any = None
        self._held: IntArray = np.empty(0, np.int64)
        self._raster: Raster | None = None
        self._sides_each = 4.0
        self._asked = False
        self._generation = 0
        self._empty()

    def _empty(self) -> None:
        self._segments: NDArray[np.float32] = np.empty((0, 2, 2), np.float32)
        self._owner: IntArray = np.empty(0, np.int64)
        self._window: Rectangle = (0.0, 0.0, 0.0, 0.0)
        self._pixel = 1.0

    # -- the layer
    def attach(self, layer: Any) -> None:
        """Draw on a layer."""
        self._layer = layer
        hang_overlay(layer, PICTURE, self.picture)
        hang_overlay(layer, LINES, self.lines)
        layer.events.opacity.connect(self._on_opacity)
        viewer = self.workspace.viewer
        for event in (
            viewer.scene.camera.events.center,
            viewer.scene.camera.events.zoom,
            viewer.canvas.events.size,
        ):
            event.connect(self._on_view)

    def detach(self) -> None:
        """Let go of the layer."""
        if self._layer is None:
            return
        viewer = self.workspace.viewer
        for event in (
            viewer.scene.camera.events.center,
            viewer.scene.camera.events.zoom,
            viewer.canvas.events.size,
        ):
            event.disconnect(self._on_view)
        self._layer.events.opacity.disconnect(self._on_opacity)
        drop_overlay(self._layer, LINES)
        drop_overlay(self._layer, PICTURE)
        self._layer = None

    def _on_opacity(self, event: Any = None) -> None:
        self.lines.opacity = self.picture.opacity = self._layer.opacity

    # -- what is drawn
    def show(self, held: Collection[int], *, none: bool = False) -> None:
        """Draw the annotations in view but those that the layer holds; none at all where it holds all."""
        self._held = np.array(sorted(held), np.int64)
        self.pictures.recolored()
        if none:
            self.mode = "nothing"
            self._empty()
            self._draw()
        else:
            self.mode = "lines" if self.mode == "nothing" else self.mode
            self.load()

    def forget(self) -> None:
        """Take over that the image is another one."""
        self.pictures.forget()
        sample = self._mine(self.workspace.shown.index.sample(SAMPLE))
        sides = len(loops_of(self.workspace.dataset, sample, self._pixel).points_xy)
        self._sides_each = max(sides / max(len(sample), 1), 4.0)

    def hold(self, held: Collection[int]) -> None:
        """Draw all but these, which the layer holds."""
        before, self._held = self._held, np.array(sorted(held), np.int64)
        if self.mode == "lines" and not np.array_equal(before, self._held):
            self._draw()

    def select(self, rows: Collection[int]) -> None:
        """Let annotations stand out that are selected but too many for the layer."""
        chosen = np.array(sorted(rows), np.int64)
        if not np.array_equal(chosen, self.pictures.selected):
            self.pictures.selected = chosen
            if self.mode == "lines":
                self._draw()
            elif self.mode != "nothing":
                self.load()

    def recolor(self) -> None:
        """Take over the colours of the classes."""
        self.pictures.recolored()
        if self.mode == "lines":
            self._draw()
        elif self.mode != "nothing":
            self.load()

    def update(self, rows: IntArray, held: Collection[int]) -> None:
        """Take over a change of some annotations of the image."""
        self._held = np.array(sorted(held), np.int64)
        self.pictures.update(rows)
        if self.mode == "lines":
            self._take_lines(rows)
        elif self.mode == "drawn":
            raster = self._raster if len(rows) < CHUNK else None
            if raster is not None and self.pictures.redraw(raster, rows, self._pixel):
                self._draw()
            else:
                self.load()
        elif self.mode == "counted":
            self._count()

    @property
    def shown_rows(self) -> IntArray:
        """Annotations that are drawn as lines."""
        rows = np.unique(self._owner)
        return np.asarray(rows[~np.isin(rows, self._held)])

    # -- the view
    def view(self) -> Rectangle:
        """Return what the canvas shows, in pixels of the picture, corner origin."""
        transform = self.workspace.pictures.transform
        y0, x0, y1, x1 = view_rectangle(self.workspace.viewer)
        corners = (np.array([[y0, x0], [y1, x1]]) - transform.translate) / transform.scale + HALF_PIXEL
        (top, left), (bottom, right) = np.sort(corners, axis=0).tolist()
        return left, top, right, bottom

    def _on_view(self, event: Any = None) -> None:
        if self.mode == "nothing" or self._asked or self._is_drawn_well():
            return
        self._asked = True
        later(0, self._answer)

    def _answer(self) -> None:
        self._asked = False
        if self.mode != "nothing" and self._layer is not None and not self._is_drawn_well():
            self.load()

    def _is_drawn_well(self) -> bool:
        """Tell whether what is drawn covers the view, at a size that suits it."""
        x0, y0, x1, y1 = self.view()
        left, top, right, bottom = self._window
        covers = left <= x0 and top <= y0 and right >= x1 and bottom >= y1
        finer = self._pixel / picture_pixels(self.workspace)
        return covers and 0.55 < finer < (4.0 if self.mode == "lines" else 1.5)

    def load(self) -> None:
        """Draw what is in view anew, in the way that suits the number of annotations there."""
        self._generation += 1
        self._pixel = picture_pixels(self.workspace)
        index, raster = self.workspace.shown.index, None
        windows = [widened(self.view(), margin) for margin in MARGINS]
        counts = [index.most(*window) for window in windows]
        for window, count in zip(windows, counts):
            if count * self._sides_each <= MOST_LINES:
                self._load_lines(window)
                break
        else:
            self._segments, self._owner = np.empty((0, 2, 2), np.float32), np.empty(0, np.int64)
            if counts[0] <= MOST_DRAWN or counts[1] <= MOST_DRAWN:
                window = windows[0] if counts[0] <= MOST_DRAWN else windows[1]
                self.mode, self._window = "drawn", window
                rows = self.workspace.shown.query(*window)
                raster = self.pictures.raster(rows, window, self._pixel)
            else:
                self.mode, self._window = "counted", windows[0]
        self._raster = raster
        if self.mode == "counted":
            self._count()
        else:
            self._draw()
        if raster is not None and len(raster.unknown):
            self._learn(raster.unknown, self._generation)

    def _load_lines(self, window: Rectangle) -> None:
        self.mode, self._window = "lines", window
        rows = np.sort(self.workspace.shown.query(*window))
        self._segments, self._owner = self._sides(rows)

    def _sides(self, rows: IntArray) -> tuple[NDArray[np.float32], IntArray]:
        loops = loops_of(self.workspace.dataset, self._mine(rows), self._pixel)
        if len(loops.points_xy) > 3 * MOST_LINES:
            loops = thinned(loops, max(3 * MOST_LINES // len(loops.lengths), 8))
        segments, owner = loops.segments()
        return (segments - HALF_PIXEL).astype(np.float32), owner

    def _mine(self, rows: IntArray) -> IntArray:
        """Leave out masks, which the masks layer draws itself."""
        return rows[~np.isin(self.workspace.dataset.annotations.kind[rows], MASK_KINDS)]

    def _take_lines(self, rows: IntArray) -> None:
        workspace = self.workspace
        kept = ~np.isin(self._owner, rows)
        table = workspace.dataset.annotations
        there = rows[table.alive[rows] & workspace.shown.passes(rows) & (table.kind[rows] != Kind.NONE)]
        there = there[meeting(table.bbox, there, self._window)]
        segments, owner = self._sides(there)
        self._segments = np.concatenate([self._segments[kept], segments])
        self._owner = np.concatenate([self._owner[kept], owner])
        self._draw()

    # -- drawing
    def _draw(self) -> None:
        owner = self._owner
        drawn = ~np.isin(owner, self._held) if len(self._held) else np.ones(len(owner), bool)
        workspace = self.workspace
        colors = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        owner = owner[drawn]
        chosen = colors[workspace.dataset.annotations.category[owner]]
        if len(self.pictures.selected):
            chosen[np.isin(owner, self.pictures.selected)] = SELECTED
        self.lines.draw(self._segments[drawn], chosen)
        workspace.objects.names.draw()
        raster = self._raster if self.mode == "drawn" else None
        if raster is None:
            self.picture.draw(None, (0.0, 0.0), (1.0, 1.0))
        else:
            left, top = raster.window[0] - HALF_PIXEL, raster.window[1] - HALF_PIXEL
            self.picture.draw(raster.rgba, (left, top), (raster.pixel, raster.pixel))

    def _count(self) -> None:
        self.lines.draw(np.empty((0, 2, 2), np.float32), np.empty((0, 4), np.float32))
        rgba, left, top, side = self.pictures.density(self._window, self._pixel)
        self.picture.draw(rgba, (left - HALF_PIXEL, top - HALF_PIXEL), (side, side))

    def _learn(self, rows: IntArray, generation: int) -> None:
        """Decode outlines a few at a time while nobody waits, then draw the picture with them."""
        small = self.pictures.small
        if generation != self._generation or self._layer is None or small is None:
            return
        small.learn(rows[:CHUNK])
        if len(rows) > CHUNK:
            later(1, lambda: self._learn(rows[CHUNK:], generation))
        else:
            self.load()


def widened(rectangle: Rectangle, part: float) -> Rectangle:
    """Return a rectangle with a margin on each side that is a part of its width and height."""
    x0, y0, x1, y1 = rectangle
    dx, dy = (x1 - x0) * part, (y1 - y0) * part
    return x0 - dx, y0 - dy, x1 + dx, y1 + dy
