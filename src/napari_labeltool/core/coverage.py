"""Which part of a large picture was viewed: a bitmap of tiles, whose size does not grow with the picture."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import BoolArray, FloatArray

MOST_TILES: Final = 1024
"""Tiles along the longer side at most, so that a bitmap has at most a million bits."""
LEAST_TILE: Final = 64
"""Side of a tile in pixels at least."""

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels, corner origin."""


@dataclass(frozen=True)
class TileGrid:
    """A picture divided into square tiles; those at the right and bottom edge may be smaller.

    Parameters
    ----------
    height, width
        Of the picture in pixels.
    tile
        Side of a tile in pixels.
    """

    height: int
    width: int
    tile: int

    @classmethod
    def of(cls, height: int, width: int) -> TileGrid:
        """Return the grid for a picture: tiles of 64 pixels, larger ones where that makes more than 1024 of them."""
        return cls(height, width, max(LEAST_TILE, math.ceil(max(height, width) / MOST_TILES)))

    @property
    def rows(self) -> int:
        """Number of tiles along y."""
        return -(-self.height // self.tile)

    @property
    def columns(self) -> int:
        """Number of tiles along x."""
        return -(-self.width // self.tile)

    @cached_property
    def centres_y(self) -> FloatArray:
        """(rows,) middle of each tile along y."""
        return _centres(self.height, self.tile)

    @cached_property
    def centres_x(self) -> FloatArray:
        """(columns,) middle of each tile along x."""
        return _centres(self.width, self.tile)

    def tiles_in(self, view: Rectangle) -> tuple[slice, slice]:
        """Return the tiles (rows, columns) whose middle is in a rectangle."""
        left, top, right, bottom = view
        first_row, end_row = np.searchsorted(self.centres_y, (top, bottom))
        first_column, end_column = np.searchsorted(self.centres_x, (left, right))
        return slice(int(first_row), int(end_row)), slice(int(first_column), int(end_column))


def _centres(length: int, tile: int) -> FloatArray:
    edges = np.append(np.arange(0, length, tile), length).astype(np.float64)
    return (edges[:-1] + edges[1:]) / 2


class Viewed:
    """Which tiles of a picture were viewed.

    Parameters
    ----------
    grid
        The tiles.
    tiles
        (rows, columns) bool; none by default.
    """

    def __init__(self, grid: TileGrid, tiles: BoolArray | None = None) -> None:
        self.grid = grid
        self.tiles: BoolArray = np.zeros((grid.rows, grid.columns), bool) if tiles is None else tiles
        self.count = int(np.count_nonzero(self.tiles))

    @property
    def fraction(self) -> float:
        """Part of the tiles that was viewed, 0 to 1."""
        return self.count / self.tiles.size if self.tiles.size else 1.0

    def mark(self, view: Rectangle) -> bool:
        """Note that a rectangle was viewed; tell whether that is new for any tile. Costs the view, not the picture."""
        seen = self.tiles[self.grid.tiles_in(view)]
        new = seen.size - int(np.count_nonzero(seen))
        if new:
            seen[...] = True
            self.count += new
        return new > 0

    def fill(self, viewed: bool) -> None:
        """Note that all was viewed, or nothing."""
        self.tiles[...] = viewed
        self.count = self.tiles.size if viewed else 0

    def to_text(self) -> str:
        """Return the bitmap as text, compressed: a few kilobytes."""
        return base64.b64encode(zlib.compress(np.packbits(self.tiles).tobytes(), 6)).decode("ascii")

    @classmethod
    def from_text(cls, grid: TileGrid, text: str) -> Viewed:
        """Return the bitmap of `to_text`.

        Raises
        ------
        ValueError
            The text is damaged, or of another grid.
        """
        count = grid.rows * grid.columns
        size = -(-count // 8)
        try:
            inflate = zlib.decompressobj()
            packed = inflate.decompress(base64.b64decode(text, validate=True), size + 1)
        except (binascii.Error, zlib.error) as error:
            raise ValueError(
                f"viewed tiles: damaged text found ({error}), expected compressed bits"
            ) from None
        if len(packed) != size or not inflate.eof:
            raise ValueError(
                f"viewed tiles: other than {size} bytes found, expected {grid.rows} x {grid.columns} bits"
            )
        bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=count)
        return cls(grid, bits.astype(bool).reshape(grid.rows, grid.columns))


@dataclass(frozen=True, slots=True)
class Route:
    """Places from which all of a picture can be seen, one row to the right, the next one to the left.

    Parameters
    ----------
    height, width
        Of the picture in pixels.
    view_height, view_width
        What is seen from one place, in pixels.
    overlap
        Part of a view that the next one shows again.
    """

    height: int
    width: int
    view_height: float
    view_width: float
    overlap: float = 0.08

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows of places, and of places in a row."""
        return (
            _stops(self.height, self.view_height, self.overlap),
            _stops(self.width, self.view_width, self.overlap),
        )

    def __len__(self) -> int:
        rows, columns = self.shape
        return rows * columns

    def centre(self, place: int) -> tuple[float, float]:
        """Return x and y of the middle of a view."""
        rows, columns = self.shape
        row, column = divmod(place, columns)
        if row % 2:
            column = columns - 1 - column
        return (
            _middle(column, columns, self.width, self.view_width),
            _middle(row, rows, self.height, self.view_height),
        )

    def view(self, place: int) -> Rectangle:
        """Return what is seen from a place."""
        x, y = self.centre(place)
        half_x, half_y = self.view_width / 2, self.view_height / 2
        return x - half_x, y - half_y, x + half_x, y + half_y

    def nearest(self, x: float, y: float) -> int:
        """Return the place that is nearest to a position."""
        rows, columns = self.shape
        row = _nearest(y, rows, self.height, self.view_height)
        column = _nearest(x, columns, self.width, self.view_width)
        return row * columns + (columns - 1 - column if row % 2 else column)


def _stops(length: float, view: float, overlap: float) -> int:
    """Return how many views a length takes."""
    return 1 if view >= length else 1 + math.ceil((length - view) / (view * (1 - overlap)))


def _middle(place: int, count: int, length: float, view: float) -> float:
    return length / 2 if count == 1 else view / 2 + place * (length - view) / (count - 1)


def _nearest(position: float, count: int, length: float, view: float) -> int:
    if count == 1:
        return 0
    return min(max(round((position - view / 2) * (count - 1) / (length - view)), 0), count - 1)


def next_place(route: Route, wanted: BoolArray, grid: TileGrid, start: int, step: int = 1) -> int | None:
    """Return the first place of a route from which a wanted tile can be seen, or None.

    Parameters
    ----------
    route
        The places.
    wanted
        (rows, columns) which tiles are to be seen.
    grid
        The tiles.
    start
        Place to begin with; after the last one comes the first.
    step
        1 along the route, -1 against it.
    """
    sums = np.zeros((grid.rows + 1, grid.columns + 1), np.int32)
    np.cumsum(np.cumsum(wanted, axis=1, dtype=np.int32), axis=0, out=sums[1:, 1:])
    count = len(route)
    for ahead in range(count):
        place = (start + step * ahead) % count
        rows, columns = grid.tiles_in(route.view(place))
        seen = sums[[rows.start, rows.stop]][:, [columns.start, columns.stop]]
        if seen[1, 1] - seen[0, 1] - seen[1, 0] + seen[0, 0] > 0:
            return place
    return None


# -- background
_BACKGROUND_STEP: Final = 10
"""How far a value of a pixel may be from the background's, of 255."""
_LEAST_BACKGROUND: Final = 0.1
"""Part of the picture that one bright or black colour must take for it to be background."""
_BRIGHT: Final = 200
_DARK: Final = 20


def empty_tiles(overview: NDArray[np.uint8], grid: TileGrid) -> BoolArray:
    """Return which tiles hold nothing but background, such as the glass of a slide or the black around a scene.

    Background is the most frequent colour of the overview, if it is bright or black and takes a tenth of it. A tile is
    empty when it and all around it show that colour; what is doubtful is not empty.

    Parameters
    ----------
    overview
        (h, w, 3) the picture in small.
    grid
        Its tiles.

    Returns
    -------
    (rows, columns) bool array
    """
    nothing = np.zeros((grid.rows, grid.columns), bool)
    height, width = overview.shape[:2]
    coarse = (overview >> 4).astype(np.int64) @ np.array([256, 16, 1])
    counts = np.bincount(coarse.ravel(), minlength=4096)
    most = int(counts.argmax())
    color = np.median(overview[coarse == most], axis=0)
    if not (color.min() >= _BRIGHT or color.max() <= _DARK):
        return nothing
    other = (np.abs(overview.astype(np.int16) - color.astype(np.int16)) > _BACKGROUND_STEP).any(axis=2)
    if other.mean() > 1 - _LEAST_BACKGROUND:
        return nothing
    sums = np.zeros((height + 1, width + 1), np.int64)
    np.cumsum(np.cumsum(other, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
    low_y, high_y = _around(grid.rows, grid.tile * height / grid.height, height)
    low_x, high_x = _around(grid.columns, grid.tile * width / grid.width, width)
    found = sums[high_y][:, high_x] - sums[low_y][:, high_x] - sums[high_y][:, low_x] + sums[low_y][:, low_x]
    return np.asarray(found == 0)


def _around(count: int, step: float, length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each tile and one more on both sides begin and end in an overview."""
    places = np.arange(count)
    low = np.floor((places - 1) * step).astype(np.int64) - 1
    high = np.ceil((places + 2) * step).astype(np.int64) + 1
    return np.clip(low, 0, length), np.clip(high, 0, length)


# -- working zoom
DEFAULT_ZOOM: Final = 0.5
"""Screen pixels for each pixel of the picture from which on objects can be judged, as long as none are known."""
JUDGED_SIZE: Final = 20.0
"""Screen pixels that a small object should span to be judged."""
ZOOM_LIMITS: Final = (0.1, 1.0)
"""What is suggested at least and at most."""
_LEAST_OBJECTS: Final = 20
_MOST_SAMPLED: Final = 20_000


def suggested_zoom(boxes_xywh: FloatArray) -> float:
    """Return the zoom at which objects like these can be judged.

    Such that a small one (of the smallest quarter the largest) spans 20 screen pixels; 0.5 when fewer than 20
    are known. In steps of 0.05 and not above 1, where every pixel is seen.

    Parameters
    ----------
    boxes_xywh
        (n, 4) left, top, width, height in pixels; rows with NaN or without extent do not count.
    """
    step = max(1, len(boxes_xywh) // _MOST_SAMPLED)
    sizes = np.asarray(boxes_xywh, np.float64)[::step, 2:]
    sizes = sizes[(sizes > 0).all(axis=1)]
    if len(sizes) < _LEAST_OBJECTS:
        return DEFAULT_ZOOM
    small = float(np.percentile(np.sqrt(sizes.prod(axis=1)), 25))
    low, high = ZOOM_LIMITS
    return min(max(round(JUDGED_SIZE / small / 0.05) * 0.05, low), high)
