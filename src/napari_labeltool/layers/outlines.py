"""What is seen of the annotations that are not in the Shapes layer: drawn by overlays of it, however many there are."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from napari_labeltool._napari_compat import RasterOverlay, drop_overlay, hang_overlay, later
from napari_labeltool._napari_compat.drawing import prepare_before_drawing
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.camera import ViewWatch, picture_pixels, view_in_pixels
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.outline_lines import OutlineLines
from napari_labeltool.layers.outline_pictures import OutlinePictures, Raster, Rectangle

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

LINES, PICTURE = "napari_labeltool_outlines", "napari_labeltool_picture"

MOST_LINES: Final = 24_000
"""Number of sides up to which outlines are drawn as lines."""
MOST_DRAWN: Final = 70_000
"""Number of annotations up to which their outlines are drawn into a picture; above, they are counted."""
MARGINS: Final = (0.25, 0.1)
"""What is drawn beyond the view on each side, as a part of it; the second where the first would be too much."""
LOOKED_AT: Final = 40_000
"""Number of annotations that are looked at in order to know how many are drawn; half as many where none is hidden."""
SURE: Final = 1.05
"""How many times as many as are drawn are looked at."""
CHUNK: Final = 800
"""Number of outlines that are decoded at a time while nobody waits for them."""

Mode = Literal["nothing", "lines", "drawn", "counted"]


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
        self.lines = OutlineLines(workspace)
        self.pictures = OutlinePictures(workspace)
        self.picture = RasterOverlay()
        self.mode: Mode = "nothing"
        self._layer: Any = None
        self._watch: ViewWatch | None = None
        self._raster: Raster | None = None
        self._window: Rectangle = (0.0, 0.0, 0.0, 0.0)
        self._pixel = 1.0
        self._generation = 0

    # -- the layer
    def attach(self, layer: Any) -> None:
        """Draw on a layer."""
        self._layer = layer
        hang_overlay(layer, PICTURE, self.picture)
        hang_overlay(layer, LINES, self.lines.overlay)
        layer.events.opacity.connect(self._on_opacity)
        self._watch = ViewWatch(self.workspace, self._on_view)
        self._end_preparing = prepare_before_drawing(self.workspace.viewer)

    def detach(self) -> None:
        """Let go of the layer."""
        if self._layer is None or self._watch is None:
            return
        self._watch.close()
        self._end_preparing()
        self._layer.events.opacity.disconnect(self._on_opacity)
        drop_overlay(self._layer, LINES)
        drop_overlay(self._layer, PICTURE)
        self._layer = None

    def _on_opacity(self, event: Any = None) -> None:
        self.lines.overlay.opacity = self.picture.opacity = self._layer.opacity

    # -- what is drawn
    def show(self, held: Collection[int], *, none: bool = False) -> None:
        """Draw the annotations in view but those that the layer holds; none at all where it holds all."""
        self.lines.held = in_order(held)
        self.pictures.recolored()
        if none:
            drew_masks, self.mode, self._raster = self.draws_masks, "nothing", None
            self._generation += 1
            self.lines.clear()
            self._draw()
            if drew_masks:
                self.workspace.masks.outline_outside()
        else:
            self.load()

    def forget(self) -> None:
        """Take over that the image is another one."""
        self.pictures.forget()
        self.lines.learn()

    def hold(self, held: Collection[int]) -> None:
        """Draw all but these, which the layer holds."""
        before, self.lines.held = self.lines.held, in_order(held)
        if self.mode == "lines" and not np.array_equal(before, self.lines.held):
            self._draw()

    def select(self, rows: Collection[int]) -> None:
        """Let annotations stand out that are selected but too many for the layer."""
        chosen = in_order(rows)
        if not np.array_equal(chosen, self.lines.selected):
            self.lines.selected = self.pictures.selected = chosen
            self._show_colors()

    def recolor(self) -> None:
        """Take over the colours of the classes."""
        self.pictures.recolored()
        self._show_colors()

    def _show_colors(self) -> None:
        (self.load if self.draws_masks else self._draw)()

    def update(self, rows: IntArray, held: Collection[int]) -> None:
        """Take over a change of some annotations of the image."""
        self.lines.held = in_order(held)
        self.pictures.update(rows, counted=self.mode == "counted")
        if self.mode == "lines":
            self.lines.take(rows)
        elif self.mode == "drawn":
            raster = self._raster if len(rows) < CHUNK else None
            part = None if raster is None else self.pictures.redraw(raster, rows, self._pixel)
            if part is None:
                self.load()
                return
            self.picture.repaint(*part)
        self._draw()

    @property
    def draws_masks(self) -> bool:
        """Whether masks are drawn here with all others; as lines, the masks layer outlines them itself."""
        return self.mode in ("drawn", "counted")

    @property
    def shown_rows(self) -> IntArray:
        """Annotations that are drawn as lines."""
        return self.lines.rows

    # -- the view
    def _on_view(self, event: Any = None) -> None:
        # at once: put off, the canvas would be drawn twice
        if self.mode != "nothing" and not self._is_drawn_well():
            self.load()

    def _is_drawn_well(self) -> bool:
        """Tell whether what is drawn covers the view, at a size that suits it."""
        x0, y0, x1, y1 = view_in_pixels(self.workspace)
        left, top, right, bottom = self._window
        covers = left <= x0 and top <= y0 and right >= x1 and bottom >= y1
        finer = self._pixel / picture_pixels(self.workspace)
        return covers and 0.55 < finer < (2.5 if self.mode == "lines" else 1.5)

    def load(self) -> None:
        """Draw what is in view anew, in the way that suits the number of annotations there."""
        self._generation += 1
        self._pixel = picture_pixels(self.workspace)
        drew_masks = self.draws_masks
        self.mode, self._window, rows = self._suitable(view_in_pixels(self.workspace))
        self._raster = None
        if self.mode == "lines":
            self.lines.load(self._window, rows)
        else:
            self.lines.clear()
        if self.mode == "drawn":
            self._raster = self.pictures.raster(rows, self._window, self._pixel)
        self._draw()
        if self.draws_masks != drew_masks:
            self.workspace.masks.outline_outside()
        if self._raster is not None and len(self._raster.unknown):
            self._learn(self._raster.unknown, self._generation)

    def _suitable(self, view: Rectangle) -> tuple[Mode, Rectangle, IntArray]:
        """Return how to draw what is in view, the rectangle to draw, and the annotations in it if they are drawn."""
        found: dict[float, IntArray] = {}
        modes: tuple[tuple[Mode, float], ...] = (
            ("lines", MOST_LINES / self.lines.sides_each),
            ("drawn", MOST_DRAWN),
        )
        for mode, limit in modes:
            for margin in MARGINS:
                window = widened(view, margin)
                if margin not in found and self._may_be_few(window, limit):
                    found[margin] = self.workspace.shown.query(*window)
                if margin in found and len(found[margin]) <= limit:
                    return mode, window, found[margin]
        return "counted", widened(view, MARGINS[0]), np.empty(0, np.int64)

    def _may_be_few(self, window: Rectangle, limit: float) -> bool:
        """Tell whether it is worth looking which annotations meet a rectangle, and whether they are too many."""
        shown = self.workspace.shown
        most = LOOKED_AT if shown.hidden or shown.only is not None else LOOKED_AT // 2
        return shown.index.most(*window) <= max(most, SURE * limit)

    # -- drawing
    def _draw(self) -> None:
        self.lines.draw()
        self.workspace.objects.names.draw()
        if self.mode == "counted":
            counted, side = self.pictures.counted(self._pixel)
            shown = self.pictures.with_selected(counted.rgba, side)
            self.picture.draw(shown, (-HALF_PIXEL, -HALF_PIXEL), (side, side))
            for part in counted.changed:
                self.picture.repaint(*part)
            counted.changed.clear()
        elif (raster := self._raster) is not None:
            corner = raster.window[0] - HALF_PIXEL, raster.window[1] - HALF_PIXEL
            self.picture.draw(raster.rgba, corner, (raster.pixel, raster.pixel))
        else:
            self.picture.draw(None, (0.0, 0.0), (1.0, 1.0))

    def _learn(self, rows: IntArray, generation: int) -> None:
        """Decode outlines a few at a time while nobody waits, then draw the picture with them."""
        if generation != self._generation or self._layer is None:
            return
        self.pictures.learn(rows[:CHUNK])
        if len(rows) > CHUNK:
            later(1, lambda: self._learn(rows[CHUNK:], generation))
        else:
            self.load()


def in_order(rows: Collection[int]) -> IntArray:
    """Return rows as an array, ascending."""
    return np.sort(np.fromiter(rows, np.int64, len(rows)))


def widened(rectangle: Rectangle, part: float) -> Rectangle:
    """Return a rectangle with a margin on each side that is a part of its width and height."""
    x0, y0, x1, y1 = rectangle
    dx, dy = (x1 - x0) * part, (y1 - y0) * part
    return x0 - dx, y0 - dy, x1 + dx, y1 + dy
