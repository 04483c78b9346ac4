"""Reading a picture in small pieces from a background thread."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from napari_labeltool.images.cache import ChunkCache, ChunkedArray
from napari_labeltool.images.lazy import LazyArray, Pixels
from napari_labeltool.images.pyramid_layout import PyramidLayout

#: Pause after each piece, in which the other threads get the interpreter and a core: part of the time it took.
_PAUSE_PART: Final = 0.25
#: Tiles smaller than this are read several at a time.
_LEAST_SIDE: Final = 256
#: Bytes of decoded tiles that are kept at the seams between pieces.
_SEAM_BYTES: Final = 64 * 2**20


def read_in_tiles(base: LazyArray, lead: tuple[slice, ...], region: tuple[slice, slice]) -> Pixels:
    """Read rows and columns of a picture, tile by tile with pauses, so that one core is enough and another thread acts.

    Parameters
    ----------
    base
        The picture.
    lead
        Slices along the axes before y.
    region
        Rows and columns.
    """
    y_axis = len(lead)
    rows, columns = region
    height, width = (side * -(-_LEAST_SIDE // side) for side in base.chunks[y_axis : y_axis + 2])
    lines = []
    for top in range(rows.start, rows.stop, height):
        line = []
        for left in range(columns.start, columns.stop, width):
            begun = time.monotonic()
            part = slice(top, min(top + height, rows.stop)), slice(left, min(left + width, columns.stop))
            line.append(np.asarray(base[(*lead, *part)]))
            time.sleep(_PAUSE_PART * min(time.monotonic() - begun, 0.2))
        lines.append(line[0] if len(line) == 1 else np.concatenate(line, axis=y_axis + 1))
    return lines[0] if len(lines) == 1 else np.concatenate(lines, axis=y_axis)


def with_own_seams(base: LazyArray, layout: PyramidLayout) -> LazyArray:
    """Keep decoded tiles that stick out of the piece in hand, apart from those that are kept for drawing."""
    if base.random_access:
        return base
    cache = ChunkCache(_SEAM_BYTES)
    if isinstance(base, ChunkedArray):
        return base.with_cache(cache)
    tile = base.chunks[layout.y_axis : layout.y_axis + 2]
    if all(side % part == 0 for side, part in zip(layout.blocks[0], tile, strict=True)):
        return base
    return ChunkedArray(base.shape, base.dtype, base.chunks, base.__getitem__, cache)
