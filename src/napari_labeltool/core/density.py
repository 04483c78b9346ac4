"""How many annotations lie where, and of which colours, for pictures of all of them at once."""

from __future__ import annotations

from itertools import pairwise
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
        self.levels = self._no_sums()
        self.count(points_xy, weights)

    def suits(self, width: int, height: int) -> bool:
        """Tell whether a picture of that size in pixels has the same cells."""
        cell = max(width, height, MOST_CELLS) / MOST_CELLS
        sides = max(int(np.ceil(width / cell)), 1), max(int(np.ceil(height / cell)), 1)
        return cell == self.cell and sides == (self._columns, self._rows)

    def count(self, points_xy: FloatArray, weights: Weights) -> None:
        """Count annotations, and none of those before, into the same arrays."""
        self._sum_up(self.cells_of(points_xy), weights, self.levels)

    def _no_sums(self) -> list[NDArray[np.float32]]:
        """Return levels whose cells hold anything."""
        levels = [np.empty((self._rows, self._columns, 4), np.float32)]
        while max(levels[-1].shape[:2]) > LEAST_CELLS:
            rows, columns = levels[-1].shape[:2]
            levels.append(np.empty(((rows + 1) // 2, (columns + 1) // 2, 4), np.float32))
        return levels

    def _sum_up(self, cells: IntArray, weights: Weights, levels: list[NDArray[np.float32]]) -> None:
        size = self._columns * self._rows
        sums = levels[0].reshape(size, 4)
        for k in range(4):
            sums[:, k] = np.bincount(cells, weights=weights[:, k], minlength=size)[:size]
        for finer, coarser in pairwise(levels):
            _halve(finer, coarser)

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
            more = self._no_sums()
            self._sum_up(cells, weights, more)
            for level, new in zip(self.levels, more):
                level += new
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


def _halve(sums: NDArray[np.float32], into: NDArray[np.float32]) -> None:
    """Add up cells by fours; at a border of an odd number of them by twos."""
    rows, columns = sums.shape[:2]
    if rows % 2 or columns % 2:
        padded = np.zeros((2 * into.shape[0], 2 * into.shape[1], 4), np.float32)
        padded[:rows, :columns] = sums
        sums = padded
    pairs = sums[0::2] + sums[1::2]
    np.add(pairs[:, 0::2], pairs[:, 1::2], out=into)
