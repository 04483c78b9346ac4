"""Where the blocks of a computed pyramid lie: shapes of the levels, grids of blocks, parents and children."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from napari_labeltool.images.lazy import LazyArray

#: The coarsest level has no longer side than this.
COARSEST_SIDE: Final = 1024
#: Side of a square block of a computed level.
BLOCK_SIDE: Final = 512
_LEAST_BAND: Final = 16


class Place(NamedTuple):
    """One block of a level: level number (1 is the first computed one), row and column in the level's grid."""

    level: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class PyramidLayout:
    """Geometry of a pyramid.

    Parameters
    ----------
    shapes
        Of all levels, the full size first.
    dtype
        Of the pixels.
    y_axis
        Number of the y axis; x follows it, then the samples.
    channel_axis
        Number of the channel axis, or None; the other axes before y are those of planes.
    blocks
        Height and width of a block of each level; the entry of level 0 is what a block of level 1 is made of.
    unit_level
        Blocks of this level are made in one go, with those below them.
    """

    shapes: tuple[tuple[int, ...], ...]
    dtype: np.dtype[Any]
    y_axis: int
    channel_axis: int | None
    blocks: tuple[tuple[int, int], ...]
    unit_level: int

    @classmethod
    def of(cls, base: LazyArray, rgb: bool, channel_axis: int | None = None) -> PyramidLayout:
        """Plan the levels above a picture, each half as large along y and x, down to `COARSEST_SIDE`.

        Of a picture that is read in strips of full width the blocks are bands of full width, as squares would
        decode every strip many times.
        """
        y_axis = base.ndim - (3 if rgb else 2)
        shapes = [base.shape]
        while max(shapes[-1][y_axis : y_axis + 2]) > COARSEST_SIDE:
            last = shapes[-1]
            halves = tuple(-(-length // 2) for length in last[y_axis : y_axis + 2])
            shapes.append((*last[:y_axis], *halves, *last[y_axis + 2 :]))
        bands = base.chunks[y_axis + 1] >= base.shape[y_axis + 1]
        blocks = [_block_of(shape[y_axis + 1], bands) for shape in shapes]
        if len(shapes) > 1:
            blocks[0] = (blocks[1][0] * 2, blocks[1][1] * 2)
        tile = 1 if bands else max(base.chunks[y_axis : y_axis + 2])
        unit = 1 if bands else max(2, math.ceil(math.log2(max(tile, 1) / BLOCK_SIDE)))
        return cls(tuple(shapes), base.dtype, y_axis, channel_axis, tuple(blocks), min(unit, len(shapes) - 1))

    # -- axes before y
    def plane_of(self, lead: tuple[int, ...]) -> tuple[int, ...]:
        """Give the indices along the plane axes of indices along all axes before y."""
        return tuple(index for axis, index in enumerate(lead) if axis != self.channel_axis)

    def channel_of(self, lead: tuple[int, ...]) -> int:
        """Give the channel of indices along all axes before y; 0 without channels."""
        return 0 if self.channel_axis is None else lead[self.channel_axis]

    def lead_key(self, plane: tuple[int, ...], channels: slice) -> tuple[slice, ...]:
        """Give slices along all axes before y that pick one plane and some channels."""
        indices = iter(plane)
        return tuple(
            channels if axis == self.channel_axis else slice(at := next(indices), at + 1)
            for axis in range(self.y_axis)
        )

    @property
    def channels(self) -> int:
        """Number of channels."""
        return 1 if self.channel_axis is None else self.shapes[0][self.channel_axis]

    def planes(self) -> Iterator[tuple[int, ...]]:
        """Give the indices of all planes."""
        lengths = [
            length for axis, length in enumerate(self.shapes[0][: self.y_axis]) if axis != self.channel_axis
        ]
        return itertools.product(*map(range, lengths))

    # -- blocks
    @property
    def coarsest(self) -> int:
        """Number of the coarsest level."""
        return len(self.shapes) - 1

    def size_yx(self, level: int) -> tuple[int, int]:
        """Give height and width of a level."""
        height, width = self.shapes[level][self.y_axis : self.y_axis + 2]
        return height, width

    def grid(self, level: int) -> tuple[int, int]:
        """Give how many rows and columns of blocks a level has."""
        height, width = self.size_yx(level)
        return -(-height // self.blocks[level][0]), -(-width // self.blocks[level][1])

    def places(self, level: int) -> list[Place]:
        """Give all blocks of a level, row by row."""
        rows, columns = self.grid(level)
        return [Place(level, row, column) for row in range(rows) for column in range(columns)]

    def region(self, place: Place) -> tuple[slice, slice]:
        """Give the rows and columns of its level that a block covers."""
        sizes, block = self.size_yx(place.level), self.blocks[place.level]
        starts = place.row * block[0], place.column * block[1]
        first, second = (
            slice(start, min(start + length, size))
            for start, length, size in zip(starts, block, sizes, strict=True)
        )
        return first, second

    def finer_region(self, place: Place) -> tuple[slice, slice]:
        """Give the rows and columns of the next finer level that a block is made of."""
        first, second = (
            slice(part.start * 2, min(part.stop * 2, size))
            for part, size in zip(self.region(place), self.size_yx(place.level - 1), strict=True)
        )
        return first, second

    def children(self, place: Place) -> list[list[Place]]:
        """Give the blocks of the next finer level that a block is made of, row by row."""
        level = place.level - 1
        rows, columns = (
            range(part.start // length, (part.stop - 1) // length + 1)
            for part, length in zip(self.finer_region(place), self.blocks[level], strict=True)
        )
        return [[Place(level, row, column) for column in columns] for row in rows]

    def ancestor(self, place: Place, level: int) -> Place:
        """Give the block of a coarser level (or the same one) that a block becomes part of."""
        y, x = (part.start >> (level - place.level) for part in self.region(place))
        height, width = self.blocks[level]
        return Place(level, y // height, x // width)

    def units_of(self, place: Place) -> list[Place]:
        """Give the blocks of `unit_level` that a block is made of or part of."""
        if place.level <= self.unit_level:
            return [self.ancestor(place, self.unit_level)]
        places = [place]
        while places[0].level > self.unit_level:
            places = [child for one in places for row in self.children(one) for child in row]
        return places

    def plane_bytes(self, first_level: int) -> int:
        """Give the bytes that the levels from this one on take for one plane with all its channels."""
        samples = math.prod(self.shapes[0][self.y_axis + 2 :]) * self.channels * self.dtype.itemsize
        return sum(math.prod(self.size_yx(level)) * samples for level in range(first_level, len(self.shapes)))


def _block_of(width: int, bands: bool) -> tuple[int, int]:
    if not bands:
        return BLOCK_SIDE, BLOCK_SIDE
    height = 1 << max(0, (BLOCK_SIDE * BLOCK_SIDE // width).bit_length() - 1)
    return min(max(height, _LEAST_BAND), BLOCK_SIDE), width
