"""Coarser levels for a big picture that has none.

Each level halves the one before by the mean of 2 x 2 pixels. Blocks are computed when they are first looked
at and kept in a bounded cache, so no level is ever held as a whole. The first look at the coarsest level
reads the entire picture once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from napari_labeltool.images.cache import ChunkCache, ChunkedArray, shared_cache
from napari_labeltool.images.lazy import LazyArray, Pixels

#: A flat picture with a longer side than this gets coarser levels.
FLAT_SIDE: Final = 8192
#: The coarsest level has no longer side than this.
COARSEST_SIDE: Final = 1024
#: Side of a square block of a computed level.
_BLOCK: Final = 512


def build_levels(base: LazyArray, rgb: bool, cache: ChunkCache = shared_cache) -> tuple[LazyArray, ...]:
    """Give `base` and its coarser levels, each half as large along y and x, down to `COARSEST_SIDE`.

    Parameters
    ----------
    base
        The picture with axes ``(..., y, x)`` or, with `rgb`, ``(..., y, x, samples)``.
    rgb
        Whether the last axis holds the samples of a pixel.
    cache
        Where computed blocks are kept.

    Returns
    -------
    levels
        `base` first. The odd last row or column of a level is averaged with itself, so level k has
        ``ceil(side / 2**k)`` pixels.
    """
    y_axis = base.ndim - (3 if rgb else 2)
    bands = base.chunks[y_axis + 1] >= base.shape[y_axis + 1]
    levels: list[LazyArray] = [base]
    while max(levels[-1].shape[y_axis : y_axis + 2]) > COARSEST_SIDE:
        levels.append(_halved(levels[-1], y_axis, bands, cache))
    return tuple(levels)


def _halved(finer: LazyArray, y_axis: int, bands: bool, cache: ChunkCache) -> ChunkedArray:
    shape = list(finer.shape)
    for axis in (y_axis, y_axis + 1):
        shape[axis] = -(-shape[axis] // 2)
    # A file of full-width strips is read in bands of full width: squares would decode every strip many times.
    width = shape[y_axis + 1] if bands else _BLOCK
    height = max(16, 1 << max(0, (_BLOCK * _BLOCK // width).bit_length() - 1)) if bands else _BLOCK
    chunks = [1] * y_axis + [height, width] + shape[y_axis + 2 :]

    def compute(extent: tuple[slice, ...]) -> Pixels:
        wanted = list(extent)
        for axis in (y_axis, y_axis + 1):
            wanted[axis] = slice(extent[axis].start * 2, min(extent[axis].stop * 2, finer.shape[axis]))
        return halve(finer[tuple(wanted)], y_axis)

    return ChunkedArray(shape, finer.dtype, chunks, compute, cache)


def halve(block: Pixels, y_axis: int) -> Pixels:
    """Give the mean of each 2 x 2 pixels; an odd last row or column counts twice.

    Parameters
    ----------
    block
        An array with y at `y_axis` and x after it.
    y_axis
        Number of the y axis.

    Returns
    -------
    halved
        Same dtype; integers are rounded half up, booleans are true where at least half of the pixels are.
    """
    for axis in (y_axis, y_axis + 1):
        if block.shape[axis] % 2:
            last = block[(slice(None),) * axis + (slice(-1, None),)]
            block = np.concatenate([block, last], axis=axis)
    before = (slice(None),) * y_axis
    even, odd = slice(0, None, 2), slice(1, None, 2)
    kind = _sum_type(block.dtype)
    total = block[(*before, even, even)].astype(kind)
    for y_part, x_part in ((even, odd), (odd, even), (odd, odd)):
        total += block[(*before, y_part, x_part)]
    mean: Pixels = total * kind.type(0.25) if kind.kind == "f" else (total + kind.type(2)) >> kind.type(2)
    return mean.astype(block.dtype)


def _sum_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "b" or (dtype.kind == "u" and dtype.itemsize == 1):
        return np.dtype(np.uint16)
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return np.dtype(np.int32) if dtype.kind == "i" else np.dtype(np.uint32)
    if dtype.kind in "iu" and dtype.itemsize == 4:
        return np.dtype(np.int64)
    return np.dtype(np.float64) if dtype.itemsize >= 8 else np.dtype(np.float32)
