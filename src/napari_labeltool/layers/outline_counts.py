"""How many annotations of the shown image lie where, as pictures that edits change in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.density import Density, Weights, density_rgba
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.style import category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

_UNCOUNTED: Final = -2
"""Class of an annotation that is not counted."""

MOST_PATCHED: Final = 1000
"""Number of changed annotations up to which the cells that they are in are painted one by one."""

SPARE: Final = 10_000
"""Number of annotations that can be added before what is known of all has to move in memory."""

MOST_PARTS: Final = 100
"""Number of painted parts above which the whole picture is taken for changed."""

Part = tuple[slice, slice]
"""Rows and columns of a picture."""


class CountedPicture:
    """A level of the counts as a picture, see `density_rgba`.

    Parameters
    ----------
    sums
        The level, see `Density.levels`.

    Attributes
    ----------
    rgba
        (rows, columns, 4) uint8.
    changed
        Parts that were painted anew since somebody emptied this list.
    """

    def __init__(self, sums: NDArray[np.float32]) -> None:
        self.rgba = density_rgba(sums)
        self.changed: list[Part] = []
        self._fullest = self._find_fullest(sums)

    @staticmethod
    def _find_fullest(sums: NDArray[np.float32]) -> tuple[int, int, float]:
        row, column = np.divmod(int(np.argmax(sums[..., 0])), sums.shape[1])
        return int(row), int(column), float(sums[row, column, 0])

    def paint(self, sums: NDArray[np.float32], rows: IntArray, columns: IntArray) -> bool:
        """Paint some cells anew; tell whether that was enough, the fullest cell being as full as it was."""
        row, column, most = self._fullest
        if sums[row, column, 0] != most or sums[rows, columns, 0].max(initial=0) > most:
            self._fullest = self._find_fullest(sums)
            if self._fullest[2] != most:
                return False
        row, column = self._fullest[:2]
        with_fullest = np.append(rows, row), np.append(columns, column)
        self.rgba[rows, columns] = density_rgba(sums[with_fullest][None])[0, :-1]
        cells = {*zip(rows.tolist(), columns.tolist())}
        if len(self.changed) + len(cells) > MOST_PARTS:
            self.changed = [(slice(0, self.rgba.shape[0]), slice(0, self.rgba.shape[1]))]
        else:
            self.changed += [(slice(row, row + 1), slice(column, column + 1)) for row, column in cells]
        return True


class Counts:
    """The annotations of the shown image that are to be seen, counted in cells.

    Parameters
    ----------
    workspace
        The session in its viewer.
    used
        The cells of other counts that are not needed any more, taken where they suit the picture. Arrays of this size,
        made anew for each image, leave holes in memory that fit nothing else.
    """

    def __init__(self, workspace: Workspace, used: Density | None = None) -> None:
        self._workspace = workspace
        rows = workspace.dataset.annotations.rows_of_image(workspace.image)
        height, width = workspace.pictures.shape_yx
        points, classes = self._places_and_classes(rows)
        if used is not None and used.suits(width, height):
            self.density = used
            self.density.count(points, self._weights(classes))
        else:
            self.density = Density(width, height, points, self._weights(classes))
        self._changed: list[IntArray] = []
        self.changed_count = 0
        self._pictures: dict[int, CountedPicture] = {}
        count = workspace.dataset.annotations.row_count + SPARE
        self._cell = np.zeros(count, np.int32)
        self._class = np.full(count, _UNCOUNTED, np.int32)
        self._cell[rows], self._class[rows] = self.density.cells_of(points), classes

    def picture(self, level: int) -> CountedPicture:
        """Return a level as a picture; another one after a change that could not be painted into it."""
        if level not in self._pictures:
            self._pictures[level] = CountedPicture(self.density.levels[level])
        return self._pictures[level]

    def changed(self, rows: IntArray, *, at_once: bool) -> None:
        """Count annotations that changed at once, or else once the counts are shown."""
        self._changed.append(rows)
        self.changed_count += len(rows)
        if at_once:
            self.update()

    def update(self) -> None:
        """Count annotations that changed where and as what they are now."""
        if not self._changed:
            return
        rows, self._changed, self.changed_count = np.unique(np.concatenate(self._changed)), [], 0
        self._grow(self._workspace.dataset.annotations.row_count)
        points, classes = self._places_and_classes(rows)
        left, entered = self._cell[rows].astype(np.int64), self.density.cells_of(points)
        taken, given = -self._weights(self._class[rows]), self._weights(classes)
        self._cell[rows], self._class[rows] = entered, classes
        stayed = left == entered
        self.density.add(left[stayed], taken[stayed] + given[stayed])
        self.density.add(left[~stayed], taken[~stayed])
        self.density.add(entered[~stayed], given[~stayed])
        if len(rows) > MOST_PATCHED:
            self._pictures.clear()
        else:
            self._paint(np.unique(np.concatenate([left, entered])))

    def _paint(self, cells: IntArray) -> None:
        row, column = np.divmod(cells, self.density.levels[0].shape[1])
        for level, picture in list(self._pictures.items()):
            if not picture.paint(self.density.levels[level], row >> level, column >> level):
                del self._pictures[level]

    def _grow(self, count: int) -> None:
        missing = count - len(self._cell)
        if missing > 0:
            spare = missing + max(count // 8, SPARE)
            self._cell = np.concatenate([self._cell, np.zeros(spare, np.int32)])
            self._class = np.concatenate([self._class, np.full(spare, _UNCOUNTED, np.int32)])

    def _places_and_classes(self, rows: IntArray) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Return the middles of annotations, (n, 2), and as which class they are counted."""
        table = self._workspace.dataset.annotations
        boxes = corners_of(table.bbox, rows)
        points = (boxes[:, :2] + boxes[:, 2:]) / 2
        counted = np.isfinite(points).all(1) & table.alive[rows] & self._workspace.shown.passes(rows)
        return points, np.where(counted, table.category[rows], _UNCOUNTED).astype(np.int32)

    def _weights(self, classes: NDArray[np.int32]) -> Weights:
        workspace = self._workspace
        table = category_colors(workspace.session.schema, workspace.dataset.categories.row_count)
        weights = np.zeros((len(classes), 4), np.float32)
        counted = classes != _UNCOUNTED
        weights[counted, 0], weights[counted, 1:] = 1, table[classes[counted], :3]
        return weights
