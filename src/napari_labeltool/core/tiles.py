"""Areas of a picture in tiles: which tile a run of pixels lies in, in 64 bits and without any array of pixels.

An area that is painted over a big picture is kept as one mask a tile, so that a stroke costs the tiles that it
touches, and nothing at all is kept where nothing is painted. A tile at rest is its compressed run lengths; it is an
array of pixels only while it is edited.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import numpy as np

from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.runs import edges_from_runs

WHOLE_SIDE: Final = 4096
"""A picture with no longer side than this is one tile, in pixels."""

TILE_SIDE: Final = 1024
"""Side of the tiles of a larger picture, in pixels."""

Tile: TypeAlias = tuple[int, int]
"""Row and column of a tile, from 0."""


def tile_side(height: int, width: int) -> int:
    """Return the side of the tiles of a picture in pixels; its longer side when it is one tile."""
    longer = max(height, width, 1)
    return longer if longer <= WHOLE_SIDE else TILE_SIDE


def window_of(tile: Tile, side: int) -> Window:
    """Return the pixels of a tile, (y0, x0, y1, x1); the last ones reach out of the picture."""
    return tile[0] * side, tile[1] * side, (tile[0] + 1) * side, (tile[1] + 1) * side


def split_by_tiles(rle: Rle, side: int) -> dict[Tile, Rle]:
    """Return the part of a mask in each tile that it touches, row by row; all parts have the frame of the mask.

    Parameters
    ----------
    rle : Rle
        The mask.
    side : int
        Height and width of the tiles in pixels.
    """
    x, y0, y1 = rle.spans()
    if not len(x):
        return {}
    first = y0 // side
    many = (y1 - 1) // side - first + 1
    if int(many.max()) > 1:
        down = np.repeat(first - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        x, y0, y1 = (np.repeat(values, many) for values in (x, y0, y1))
        y0, y1 = np.maximum(y0, down * side), np.minimum(y1, (down + 1) * side)
    else:
        down = first
    across = -(-rle.width // side)
    tile = down * across + x // side
    order = np.argsort(tile, kind="stable")
    tile, x, y0, y1 = tile[order], x[order], y0[order], y1[order]
    bounds = np.flatnonzero(np.concatenate([[True], tile[1:] != tile[:-1], [True]]))
    parts = {}
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist()):
        place = divmod(int(tile[start]), across)
        parts[place] = Rle.from_spans(x[start:end], y0[start:end], y1[start:end], rle.height, rle.width)
    return parts


def joined(rles: Iterable[Rle], height: int, width: int) -> Rle:
    """Return the pixels that are in any of some masks of one frame, in one pass over their runs."""
    edges = [rle.edges for rle in rles]
    if not edges:
        return Rle.empty(height, width)
    starts = np.concatenate([part[0::2] for part in edges])
    ends = np.concatenate([part[1::2] for part in edges])
    return Rle.from_edges(edges_from_runs(starts, ends), height, width)
