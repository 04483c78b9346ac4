"""Which annotations of one image lie in a rectangle, without looking at all of them."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import BoolArray, FloatArray, GrowingArray, IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.annotations import Annotations
    from napari_labeltool.core.columns import Kind

PER_CELL: Final = 4
"""Number of annotations that a cell of the finest grid holds on average."""

PIECE: Final = 50_000
"""Number of boxes that are worked on at a time, so that what is worked out on the way stays in the cache."""

MOST_MOVED: Final = 20_000
"""Number of annotations outside their cell from which the grid is built anew, in the background."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells over a plane, and coarser ones for larger annotations: a cell of level k is 2**k times as wide.

    Parameters
    ----------
    left, top
        Where the first cell begins, in pixels.
    cell
        Side of a cell of level 0, in pixels.
    columns, rows
        (levels,) number of cells of each level.
    first
        (levels + 1,) number of the first cell of each level, and of all cells.
    """

    left: float
    top: float
    cell: float
    columns: IntArray
    rows: IntArray
    first: IntArray

    @classmethod
    def over(cls, sample: FloatArray, n: int) -> Grid:
        """Return a grid that suits n boxes, of which a few are given, (m, 4), all of them finite."""
        if not len(sample):
            return cls(0.0, 0.0, 1.0, np.ones(1, np.int64), np.ones(1, np.int64), np.array([0, 1]))
        # boxes far off, by mistake as a rule, must not make all cells large: they go into the cells at the border
        left, top = np.percentile(sample[:, :2], 0.1, axis=0).tolist()
        width, height = np.maximum(np.percentile(sample[:, 2:], 99.9, axis=0) - (left, top), 1.0).tolist()
        # a thin, long plane must not get more cells than annotations either
        cell = max((width * PER_CELL / n) ** 0.5 * height**0.5, max(width, height) * PER_CELL / n, 1.0)
        levels = int(np.ceil(np.log2(max(width, height) / cell + 1.0))) + 1
        sides = cell * 2.0 ** np.arange(levels)
        columns = (width // sides).astype(np.int64) + 1
        rows = (height // sides).astype(np.int64) + 1
        return cls(left, top, cell, columns, rows, np.concatenate([[0], np.cumsum(columns * rows)]))

    def cells_of(self, boxes_xyxy: FloatArray) -> NDArray[np.int32]:
        """Return the cell of each box: of the finest level whose cells are as large, where its middle lies."""
        x0, y0, x1, y1 = boxes_xyxy.T
        extent = np.maximum(x1 - x0, y1 - y0)
        cells = np.empty(len(boxes_xyxy), np.int32)
        x, y = (x0 + x1) / 2 - self.left, (y0 + y1) / 2 - self.top
        last = len(self.columns) - 1
        for level, (columns, rows) in enumerate(zip(self.columns.tolist(), self.rows.tolist())):
            side = self.cell * 2.0**level
            mine: Any = slice(None)
            if level:
                mine = np.flatnonzero((extent > side / 2) & ((extent <= side) | (level == last)))
            column = np.clip(x[mine] / side, 0, columns - 1).astype(np.int32)
            row = np.clip(y[mine] / side, 0, rows - 1).astype(np.int32)
            cells[mine] = int(self.first[level]) + row * columns + column
        return cells

    def ranges(self, x0: float, y0: float, x1: float, y1: float) -> tuple[IntArray, IntArray]:
        """Return the cells (first ones and ends of ranges) that may hold a box that meets a rectangle.

        Boxes wider than the widest cell, and those outside the plane, are in cells at its border; the widest level
        is therefore asked for whole.
        """
        starts, ends = [], []
        for level, (columns, rows) in enumerate(zip(self.columns.tolist(), self.rows.tolist())):
            side, first = self.cell * 2.0**level, int(self.first[level])
            if level == len(self.columns) - 1:
                starts.append(np.array([first]))
                ends.append(np.array([first + columns * rows]))
                continue
            c0 = int(np.clip((x0 - self.left) / side - 0.5, 0, columns - 1))
            c1 = int(np.clip((x1 - self.left) / side + 0.5, 0, columns - 1))
            r0 = int(np.clip((y0 - self.top) / side - 0.5, 0, rows - 1))
            r1 = int(np.clip((y1 - self.top) / side + 0.5, 0, rows - 1))
            lines = first + np.arange(r0, r1 + 1) * columns
            starts.append(lines + c0)
            ends.append(lines + c1 + 1)
        return np.concatenate(starts), np.concatenate(ends)


_SAMPLE: Final = 5000
"""Number of boxes, at most, that the cells are chosen by."""

_NOWHERE: Final = -1
"""Cell of a box that is not finite."""


@dataclass(frozen=True, slots=True)
class _Built:
    """A grid with the annotations in it.

    Parameters
    ----------
    grid
        The cells.
    rows
        (n,) the annotations, ascending.
    cells
        (n,) cell of each of them.
    order
        (n,) places in `rows` by cell.
    starts
        (cells + 1,) first place in `order` of each cell.
    """

    grid: Grid
    rows: NDArray[np.int32]
    cells: NDArray[np.int32]
    order: NDArray[np.int32]
    starts: NDArray[np.int32]

    @classmethod
    def of(cls, bbox_xywh: FloatArray, rows: IntArray) -> _Built:
        n = len(rows)
        grid = Grid.over(*_sample(bbox_xywh, rows))
        cells = np.empty(n, np.int32)
        for start in range(0, n, PIECE):
            boxes = corners_of(bbox_xywh, rows[start : start + PIECE])
            with np.errstate(invalid="ignore"):
                cells[start : start + PIECE] = np.where(are_finite(boxes), grid.cells_of(boxes), _NOWHERE)
        placed = cells != _NOWHERE
        if not placed.all():
            rows, cells = rows[placed], cells[placed]
        counts = np.bincount(cells, minlength=int(grid.first[-1]))
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return cls(grid, rows.astype(np.int32), cells, _places_by(cells), starts)


class SpatialIndex:
    """The annotations of one image by place.

    What an edit costs does not depend on the number of annotations: one that stays in its cell costs nothing, one
    that leaves it, or is new, is looked at by every question until the grid is built anew. That happens in the
    background when there are many of those; questions are answered meanwhile.

    Boxes are read from the columns at the time of the question, so answers are always true to the dataset.

    Parameters
    ----------
    annotations
        The table.
    image
        Row of the image.
    kinds
        Only annotations of these kinds; of all when left out.
    """

    def __init__(self, annotations: Annotations, image: int, kinds: Collection[Kind] | None = None) -> None:
        self._table = annotations
        self.image = image
        self._kinds = None if kinds is None else list(kinds)
        self._adopt(_Built.of(annotations.bbox, self._rows()), ())
        self._building: tuple[threading.Thread, list[_Built]] | None = None
        self._since_build: list[IntArray] = []

    def _rows(self) -> IntArray:
        return self._of_kinds(self._table.rows_of_image(self.image))

    def _of_kinds(self, rows: IntArray) -> IntArray:
        return rows if self._kinds is None else rows[np.isin(self._table.kind[rows], self._kinds)]

    def _adopt(self, built: _Built, loose: IntArray | tuple[()]) -> None:
        self._built = built
        self._left_cell = np.zeros(len(built.rows), bool)
        self._loose = GrowingArray(np.empty(0, np.int64))
        self._loose_new: set[int] = set()
        if len(loose):
            self._mark(np.asarray(loose, np.int64))

    # -- questions
    def query(self, x0: float, y0: float, x1: float, y1: float) -> IntArray:
        """Return the alive annotations whose box meets a rectangle (pixels, corner origin), in no special order."""
        self._adopt_background()
        built = self._built
        starts, ends = built.grid.ranges(x0, y0, x1, y1)
        first, last = built.starts[starts].astype(np.int64), built.starts[ends].astype(np.int64)
        places = built.order[_joined_ranges(first, last)]
        if len(self._loose):
            places = places[~self._left_cell[places]]
        rows = np.concatenate([built.rows[places].astype(np.int64), self._loose.view])
        rows = self._of_kinds(rows[self._table.alive[rows]])
        return np.asarray(rows[meeting(self._table.bbox, rows, (x0, y0, x1, y1))])

    def most(self, x0: float, y0: float, x1: float, y1: float) -> int:
        """Return how many annotations meet a rectangle at most, without looking at one of them."""
        self._adopt_background()
        starts, ends = self._built.grid.ranges(x0, y0, x1, y1)
        cells = self._built.starts
        return int((cells[ends].astype(np.int64) - cells[starts]).sum()) + len(self._loose)

    # -- changes
    def update(self, rows: IntArray) -> None:
        """Take over that annotations of the image were added, moved, deleted or brought back."""
        self._adopt_background()
        rows = np.asarray(rows, np.int64)
        if not (rows[1:] > rows[:-1]).all():
            rows = np.unique(rows)
        if self._building is not None:
            self._since_build.append(rows)
        self._mark(rows)
        if len(self._loose) > MOST_MOVED and self._building is None:
            self._build_in_background()

    def _mark(self, rows: IntArray) -> None:
        """Note which annotations are not in the cell where the grid has them."""
        built = self._built
        places = np.minimum(np.searchsorted(built.rows, rows), max(len(built.rows) - 1, 0))
        known = built.rows[places] == rows if len(built.rows) else np.zeros(len(rows), bool)
        new = [row for row in self._of_kinds(rows[~known]).tolist() if row not in self._loose_new]
        self._loose_new.update(new)
        rows, places = rows[known], places[known]
        boxes = corners_of(self._table.bbox, rows)
        finite = are_finite(boxes)
        rows, places, boxes = rows[finite], places[finite], boxes[finite]
        moved = (built.grid.cells_of(boxes) != built.cells[places]) & ~self._left_cell[places]
        self._left_cell[places[moved]] = True
        self._loose.extend(np.concatenate([np.array(new, np.int64), rows[moved]]))

    # -- building anew
    def _build_in_background(self) -> None:
        table, result = self._table, list[_Built]()
        bbox, rows = table.bbox, self._rows()

        def build() -> None:
            result.append(_Built.of(bbox, rows))

        thread = threading.Thread(target=build, name="labeltool-spatial-index", daemon=True)
        self._since_build = []
        self._building = (thread, result)
        thread.start()

    def _adopt_background(self) -> None:
        if self._building is not None and not self._building[0].is_alive():
            self._take(self._building[1])

    def _take(self, result: list[_Built]) -> None:
        since = np.unique(np.concatenate([np.empty(0, np.int64), *self._since_build]))
        self._building, self._since_build = None, []
        if result:
            self._adopt(result[0], since)

    def settle(self) -> None:
        """Wait until the grid is built, where that is under way."""
        if self._building is not None:
            self._building[0].join()
            self._adopt_background()

    def sample(self, number: int) -> IntArray:
        """Return about so many annotations, evenly chosen."""
        rows = self._built.rows
        chosen = rows[:: max(len(rows) // number, 1)].astype(np.int64)
        return np.asarray(chosen[self._table.alive[chosen]])

    @property
    def count(self) -> int:
        """Number of annotations with a box, deleted ones that were there when the grid was built included."""
        return len(self._built.rows) + len(self._loose_new)

    @property
    def loose_count(self) -> int:
        """Number of annotations that every question looks at."""
        return len(self._loose)


def _sample(bbox_xywh: FloatArray, rows: IntArray) -> tuple[FloatArray, int]:
    """Return a few finite boxes, evenly chosen, (m, 4), and of about how many."""
    chosen = corners_of(bbox_xywh, rows[:: len(rows) // _SAMPLE + 1])
    sample = chosen[are_finite(chosen)]
    if 2 * len(sample) >= len(chosen):
        return sample, len(rows)
    # rows without a box may come at the pace of the choice, which would then know nothing of the others
    boxes = corners_of(bbox_xywh, rows)
    boxes = boxes[are_finite(boxes)]
    return boxes[:: len(boxes) // _SAMPLE + 1], len(boxes)


def _places_by(cells: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the places of cells, (n,), in the order of their numbers.

    By the lower and then the upper half of the number, for NumPy sorts 16 bits in a time that only n decides: that
    is four times as fast.
    """
    by_lower = np.argsort(cells.astype(np.uint16), kind="stable")
    upper = (cells >> 16).astype(np.uint16)[by_lower]
    return by_lower[np.argsort(upper, kind="stable")].astype(np.int32)


def corners_of(bbox_xywh: FloatArray, rows: IntArray) -> FloatArray:
    """Return boxes as (n, 4) left, top, right, bottom, sides of negative length turned round."""
    boxes = bbox_xywh.take(rows, 0)
    boxes[:, 2:] += boxes[:, :2]
    left, top, right, bottom = boxes.T
    turned = (right < left) | (bottom < top)
    if turned.any():
        starts, ends = boxes[turned, :2], boxes[turned, 2:]
        boxes[turned] = np.concatenate([np.minimum(starts, ends), np.maximum(starts, ends)], axis=1)
    return boxes


def are_finite(boxes_xyxy: FloatArray) -> BoolArray:
    """Tell which boxes, (n, 4), have four finite numbers."""
    left, top, right, bottom = np.isfinite(boxes_xyxy.T)
    return np.asarray(left & top & right & bottom)


def _joined_ranges(first: IntArray, last: IntArray) -> IntArray:
    """Return the numbers of ranges one after the other."""
    lengths = last - first
    filled = lengths > 0
    first, lengths = first[filled], lengths[filled]
    if not len(first):
        return np.empty(0, np.int64)
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.repeat(first - before, lengths) + np.arange(int(lengths.sum())))


def meeting(bbox_xywh: FloatArray, rows: IntArray, rectangle: tuple[float, float, float, float]) -> BoolArray:
    """Tell the boxes of which rows meet a rectangle (left, top, right, bottom); those with NaN do not."""
    x0, y0, x1, y1 = rectangle
    left, top, width, height = bbox_xywh[rows].T
    with np.errstate(invalid="ignore"):
        meets = (np.minimum(left, left + width) <= x1) & (np.maximum(left, left + width) >= x0)
        meets &= (np.minimum(top, top + height) <= y1) & (np.maximum(top, top + height) >= y0)
    return np.asarray(meets)


def in_rectangle(boxes_xyxy: FloatArray, x0: float, y0: float, x1: float, y1: float) -> BoolArray:
    """Tell which boxes lie in a rectangle whole."""
    inside = (boxes_xyxy[:, 0] >= x0) & (boxes_xyxy[:, 1] >= y0)
    return np.asarray(inside & (boxes_xyxy[:, 2] <= x1) & (boxes_xyxy[:, 3] <= y1))
