"""What the masks layer shows: the masks of a window of the picture as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool._napari_compat import redraw_labels
from napari_labeltool._napari_compat.label_windows import give_label_data
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.semantic import area_categories
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.camera import view_in_pixels
from napari_labeltool.layers.masks_colors import in_16_bits
from napari_labeltool.layers.masks_look import MasksLook
from napari_labeltool.layers.masks_placing import lay_on_picture
from napari_labeltool.layers.masks_rows import is_to_show, masks_to_show
from napari_labeltool.layers.masks_stroke import Stroke, read_stroke
from napari_labeltool.layers.masks_table import MaskTable, changed_box
from napari_labeltool.layers.masks_window import (
    STEP,
    WINDOW_SIDE,
    around,
    is_near,
    joined,
    needs_move,
    overlap,
    widened,
    window_at,
)

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def _view_yx(workspace: Workspace) -> tuple[float, float, float, float]:
    """Return what the canvas shows, (y0, x0, y1, x1) in pixels of the picture."""
    x0, y0, x1, y1 = view_in_pixels(workspace)
    return y0, x0, y1, x1


def _middle(view: tuple[float, float, float, float]) -> tuple[float, float]:
    return (view[0] + view[2]) / 2, (view[1] + view[3]) / 2


class MasksView:
    """The layer's data and the copy of it that says what was rendered.

    Parameters
    ----------
    workspace
        The session in its viewer.
    layer
        The Labels layer.

    Attributes
    ----------
    window
        What the layer covers, (y0, x0, y1, x1) in pixels of the picture.
    data
        The layer's data, (h, w) uint16; written in place.
    shown
        What was rendered, of the same shape; the difference is what a person painted.
    """

    def __init__(self, workspace: Workspace, layer: Any) -> None:
        self.workspace = workspace
        self.layer = layer
        self.image = -1
        self.window: Window = (0, 0, 0, 0)
        self._outlined = (0.0, 0.0, 0.0, 0.0)
        self.data = np.zeros((1, 1), np.uint16)
        self.shown = self.data.copy()
        self.table = MaskTable(workspace.dataset, (0, 0))
        self.look = MasksLook(workspace, layer)

    def rows_to_show(self) -> IntArray:
        """Return the masks that the window is to show, in file order."""
        return masks_to_show(self.workspace, None if self.covers_all else self.window)

    # -- the window
    @property
    def covers_all(self) -> bool:
        """Whether the layer covers the whole picture."""
        return self.window == (0, 0, *self.table.shape_yx)

    def must_move(self) -> bool:
        """Tell whether the view left the inner part of the window, and another one would be of use."""
        view = _view_yx(self.workspace)
        return needs_move(self.window, view, self.table.shape_yx) and self._is_of_use(view)

    def _is_of_use(self, view: tuple[float, float, float, float]) -> bool:
        """Tell whether there are pixels to show here or around a view, or somebody paints.

        A press that paints takes the window along, wherever it is.
        """
        if self.table.rles or self.workspace.viewer.layers.selection.active is self.layer:
            return True
        here = window_at(self.table.shape_yx, _middle(view))
        return len(masks_to_show(self.workspace, here)) > 0

    def show(self, center_yx: tuple[float, float] | None = None) -> None:
        """Show the masks of the workspace's image in the window around a place, else the middle of the view."""
        workspace = self.workspace
        shape = workspace.pictures.shape_yx
        same = self.image == workspace.image and self.table.dataset is workspace.dataset
        same = same and self.table.areas == area_categories(workspace.dataset)
        if not same or self.table.shape_yx != shape:
            self.table = MaskTable(workspace.dataset, shape)
        self.image = -1  # until all that is shown belongs to the image; a failure in between leaves it so
        center, side = _middle(_view_yx(workspace)) if center_yx is None else center_yx, WINDOW_SIDE
        self.window = window_at(shape, center, side)
        while not self.table.load(self.rows_to_show(), self.window, partly=side <= STEP):
            side //= 2
            self.window = window_at(shape, center, side)
        self.shown = self.table.rendered(self.window, self.shown)
        lay_on_picture(workspace, self.layer, self.window)
        if self.layer.data is self.data and self.shown.shape == self.data.shape:
            self.data[...] = self.shown
            self.layer.refresh(extent=False, highlight=False)
        else:
            self.data = self.shown.copy()
            self.give_data()
        self.image = workspace.image
        self.update_look()
        self.draw_outside()

    def draw_outside(self) -> None:
        """Outline the masks in view that the window does not show, where they are not drawn with all others."""
        rows = np.empty(0, np.int64)
        self._outlined = _view_yx(self.workspace)
        if not self.covers_all and not self.workspace.objects.outlines.draws_masks:
            y0, x0, y1, x1 = widened(self._outlined)
            rows = masks_to_show(self.workspace, (int(y0), int(x0), int(y1) + 1, int(x1) + 1))
        self.look.draw_outside(rows, self.table, self.window)

    def outlines_are_stale(self) -> bool:
        """Tell whether the view left the place whose masks were outlined, or shows it much larger or smaller."""
        return not self.covers_all and not is_near(_view_yx(self.workspace), self._outlined)

    def update_look(self, *, turned: bool = False) -> None:
        """Bring features and colours in line with what is shown; `turned` says that another value was selected."""
        self.look.update(self.table, self.window, turned=turned)

    def give_data(self) -> None:
        """Put our array into the layer."""
        give_label_data(self.layer, self.data)

    def render(self, part: Window) -> None:
        """Show the dataset again in a part of the picture, as far as the window covers it."""
        inner = overlap(part, self.window)
        if inner is None:
            return
        place = self.place(inner)
        rendered = self.table.rendered(inner)
        self.shown[place] = rendered
        if not np.array_equal(self.data[place], rendered):
            self.data[place] = rendered
            redraw_labels(self.layer, *place)

    def place(self, part: Window) -> tuple[slice, slice]:
        """Return where a part of the window, given in pixels of the picture, lies in the data."""
        top, left = self.window[:2]
        return slice(part[0] - top, part[2] - top), slice(part[1] - left, part[3] - left)

    def read(self, extent: Window | None = None, area: int | None = None) -> Stroke | None:
        """Return what was painted since the last rendering.

        Parameters
        ----------
        extent
            Where to look, (y0, x0, y1, x1) in the layer's data; everywhere when left out.
        area
            The class of areas that is painted with, see `read_stroke`.
        """
        top, left = self.window[:2]
        if extent is None:
            return read_stroke(self.table, self.shown, self.data, (top, left), area)
        y0, x0, y1, x1 = extent
        place = slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0))
        origin = (top + place[0].start, left + place[1].start)
        return read_stroke(self.table, self.shown[place], self.data[place], origin, area)

    def restore(self, part: Window) -> None:
        """Show again in a part of the picture what was rendered before somebody painted there."""
        place = self.place(part)
        self.data[place] = self.shown[place]
        redraw_labels(self.layer, *place)

    def take(self, given: NDArray[Any]) -> bool:
        """Take the values of an array of the window's shape as painted; tell whether it has that shape.

        Values that 16 bits cannot hold become new ones.
        """
        if given.shape != self.data.shape:
            return False
        self.data[...] = in_16_bits(given, self.table.known_values())
        return True

    def keep(self, stroke: Stroke, values: Mapping[int, int]) -> None:
        """Take over the masks of a stroke that became an edit.

        Parameters
        ----------
        stroke
            The stroke.
        values
            The value of each added annotation by its row.
        """
        for row, rle in stroke.masks.items():
            if is_to_show(self.workspace, row):
                self.table.put(row, rle)
            else:
                self.table.drop(row)
        for row, value in values.items():
            self.table.bind(row, value)
            if is_to_show(self.workspace, row):
                self.table.put(row, stroke.added[value])

    def update(self, rows: IntArray) -> None:
        """Show the dataset again where some annotations were or are."""
        outside = False
        parts: list[Window] = []
        for row in map(int, rows):
            before, value = self.table.rles.get(row), self.table.value_of(row)
            if is_to_show(self.workspace, row):
                self.table.read(row)
            else:
                self.table.forget(row)
            box = self.table.box(row)
            if box is not None and overlap(box, self.window) is None:
                self.table.drop(row)
            after = self.table.rles.get(row)
            outside |= after is None and not self.covers_all
            part = changed_box(before, after)
            if after is not None and self.table.value_of(row) != value:
                part = around(part, self.table.box(row))
            if part is not None:
                parts.append(part)
        for part in joined(parts):
            self.render(part)
        if outside:
            self.draw_outside()
