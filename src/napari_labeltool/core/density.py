"""How many annotations lie where, and of which colours, for pictures of all of them at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import FloatArray, IntArray

MOST_CELLS: Final = 1024
"""Number of cells along the longer side of the finest level."""

LEAST_CELLS: Final = 32
"""A level with fewer cells along its longer side is of no use."""

MANY: Final = 5000
"""Number of annotations from which they are summed up whole rather than added one by one."""

Weights = NDArray[np.float32]
"""(n, 4): for each annotation how many it counts for (0 where it is hidden), and its colour times that number."""


class Density:
    """Sums of colours in square cells, at several sizes; an edit changes a cell of each size.

    Parameters
    ----------
    width, height
        Of the picture in pixels.
    points_xy
        (n, 2) the middle of each annotation in pixels.
    weights
        (n, 4) see `Weights`.

    Attributes
    ----------
    levels
        Arrays of shape (rows, columns, 4), the finest first; each next one has half as many of each.
    cell
        Side of a cell of the finest level, in pixels.
    """

    def __init__(self, width: int, height: int, points_xy: FloatArray, weights: Weights) -> None:
        self.cell = max(width, height, MOST_CELLS) / MOST_CELLS
        self._columns = max(int(np.ceil(width / self.cell)), 1)
        self._rows = max(int(np.ceil(height / self.cell)), 1)
        self.levels = self._summed(self.cells_of(points_xy), weights)

    def _summed(self, cells: IntArray, weights: Weights) -> list[NDArray[np.float32]]:
        size = self._columns * self._rows
        sums = np.empty((size, 4), np.float32)
        for k in range(4):
            sums[:, k] = np.bincount(cells, weights=weights[:, k], minlength=size)[:size]
        levels = [sums.reshape(self._rows, self._columns, 4)]
        while max(levels[-1].shape[:2]) > LEAST_CELLS:
            levels.append(_halved(levels[-1]))
        return levels

    def cells_of(self, points_xy: FloatArray) -> IntArray:
        """Return the cell of the finest level of each point; those outside the picture, the nearest one."""
        with np.errstate(invalid="ignore"):
            column = np.clip(np.nan_to_num(points_xy[:, 0] / self.cell), 0, self._columns - 1).astype(
                np.int64
            )
            row = np.clip(np.nan_to_num(points_xy[:, 1] / self.cell), 0, self._rows - 1).astype(np.int64)
        return np.asarray(row * self._columns + column)

    def add(self, cells: IntArray, weights: Weights) -> None:
        """Add annotations that are new in cells; with negative weights take away those that left them."""
        if len(cells) > MANY:
            self.levels = [old + new for old, new in zip(self.levels, self._summed(cells, weights))]
            return
        row, column = np.divmod(cells, self._columns)
        for k, level in enumerate(self.levels):
            np.add.at(level, (row >> k, column >> k), weights)

    def level_for(self, pixels: float) -> int:
        """Return the level whose cells are as large as so many pixels, or the nearest."""
        k = round(float(np.log2(max(pixels, 1e-9) / self.cell)))
        return min(max(k, 0), len(self.levels) - 1)


def density_rgba(sums: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return sums of colours as a picture: the mean colour, the more opaque the more annotations there are.

    Parameters
    ----------
    sums
        (rows, columns, 4) number and summed red, green, blue (0 to 1 each).

    Returns
    -------
    (rows, columns, 4) uint8 array
        A single annotation can be seen (a third opaque); the fullest cell of the picture is opaque.
    """
    cells = sums.reshape(-1, 4)
    # sums that edits went through are off by rounding
    filled = np.flatnonzero(np.ascontiguousarray(cells[:, 0]) > 0.5)
    rgba = np.zeros(sums.shape, np.uint8)
    if len(filled):
        colors = cells.take(filled, axis=0)
        number = colors[:, 0].copy()
        strength = np.log(number) / max(float(np.log(number.max())), 1e-6)
        colors[:, :3] = colors[:, 1:] * (255 / number)[:, None]
        colors[:, 3] = (0.35 + 0.6 * np.clip(strength, 0, 1)) * 255
        words = np.rint(np.clip(colors, 0, 255, out=colors), out=colors).astype(np.uint8).view(np.uint32)
        rgba.view(np.uint32).reshape(-1)[filled] = words[:, 0]
    return rgba


def _halved(sums: NDArray[np.float32]) -> NDArray[np.float32]:
    rows, columns = sums.shape[:2]
    padded = np.zeros(((rows + 1) // 2 * 2, (columns + 1) // 2 * 2, 4), np.float32)
    padded[:rows, :columns] = sums
    halved = padded[0::2] + padded[1::2]
    return np.asarray(halved[:, 0::2] + halved[:, 1::2])
