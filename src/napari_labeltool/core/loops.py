"""The outlines of many annotations in one pass, for drawing."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.decode import parts_of
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_outline import rle_outline_xy
from napari_labeltool.core.spatial import corners_of
from napari_labeltool.core.values import IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset

DRAWN_KINDS: Final = (Kind.BOX, Kind.POLYGON, Kind.RLE, Kind.RLE_COMPRESSED, Kind.ODD)
MASK_KINDS: Final = (Kind.RLE, Kind.RLE_COMPRESSED)


class _Polygon(msgspec.Struct):
    segmentation: list[list[float]]


_DECODER: Final = msgspec.json.Decoder(_Polygon)


@dataclass(frozen=True, slots=True)
class Loops:
    """Closed lines of annotations, one after the other.

    Parameters
    ----------
    points_xy
        (n, 2) float64 vertices in pixels, corner origin; the first of a line is not repeated.
    lengths
        (lines,) number of vertices of each line.
    owner
        (lines,) row of the annotation of each line.
    """

    points_xy: NDArray[np.float64]
    lengths: IntArray
    owner: IntArray

    def segments(self) -> tuple[NDArray[np.float64], IntArray]:
        """Return the sides, (n, 2, 2) x, y of both ends, and the annotation of each."""
        count = len(self.points_xy)
        following = np.arange(1, count + 1)
        ends = np.cumsum(self.lengths)
        following[ends - 1] = ends - self.lengths
        segments = np.stack([self.points_xy, self.points_xy[following]], axis=1)
        return segments, np.repeat(self.owner, self.lengths)

    @classmethod
    def joined(cls, parts: list[Loops]) -> Loops:
        """Return the lines of several together."""
        if not parts:
            return cls(np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64))
        return cls(
            np.concatenate([part.points_xy for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.owner for part in parts]),
        )


def loops_of(dataset: Dataset, rows: IntArray, tolerance: float = 0.0, most: int | None = None) -> Loops:
    """Return the outlines of annotations.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Annotations; those without an outline (tags, boxes that only follow keypoints) have no line.
    tolerance
        How far in pixels the outline of a mask may be from the true one, see `rle_outline_xy`.
    most
        Number of vertices of a polygon's line above which it is thinned, see `thinned`; all are there when left out.

    Returns
    -------
    Loops
        Polygons as stored, a line a part; boxes and what cannot be decoded as the four corners of their box.
    """
    kinds = dataset.annotations.kind[rows]
    polygons = rows[kinds == Kind.POLYGON]
    masks = rows[np.isin(kinds, MASK_KINDS)]
    drawn, damaged = _polygons(dataset, polygons, most)
    outlined, undecodable = _masks(dataset, masks, tolerance)
    boxed = rows[(kinds == Kind.BOX) | (kinds == Kind.ODD)]
    boxes = box_loops(dataset, np.concatenate([without_followers(dataset, boxed), damaged, undecodable]))
    return Loops.joined([boxes, drawn, outlined])


def box_loops(dataset: Dataset, rows: IntArray) -> Loops:
    """Return the boxes of annotations as lines of four corners; of those without a box, nothing."""
    boxes = corners_of(dataset.annotations.bbox, rows)
    finite = np.isfinite(boxes).all(1)
    if not finite.all():
        boxes, rows = boxes[finite], rows[finite]
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    return Loops(corners.reshape(-1, 2), np.full(len(rows), 4, np.int64), rows)


def without_followers(dataset: Dataset, rows: IntArray) -> IntArray:
    """Leave out annotations whose box only follows their keypoints; a box is nobody's own then."""
    table = dataset.annotations
    suspects = np.flatnonzero((table.flags[rows] & Flag.KEYPOINTS) > 0)
    following = [
        place
        for place in suspects.tolist()
        if isinstance(facts := table.value(int(rows[place]), "labeltool"), dict)
        and facts.get("bbox_from") == "keypoints"
    ]
    return np.delete(rows, following)


def _polygons(dataset: Dataset, rows: IntArray, most: int | None) -> tuple[Loops, IntArray]:
    """Return the lines of polygons, and those that have none that can be drawn."""
    table = dataset.annotations
    as_read = np.flatnonzero(~table.are_patched(rows))
    plain, lines = set(as_read.tolist()), _Lines(most)
    damaged: list[int] = []
    data, decode = table.source.data, _DECODER.decode
    spans = np.zeros((len(rows), 2), np.int64)
    spans[as_read] = table.base_spans[rows[as_read]]
    for place, (row, (start, end)) in enumerate(zip(rows.tolist(), spans.tolist())):
        raw: bytes | None = data[start:end]
        if place not in plain:
            raw = None if "segmentation" in table.raw_patch_of(row) else table.raw(row)
        before = len(lines.lengths)
        try:
            parts = None if raw is None else decode(raw).segmentation
        except (msgspec.MsgspecError, UnicodeDecodeError):
            parts = None  # in a form that strict JSON has no place for: NaN, a flat list, odd parts
        if parts is None:
            for points in parts_of(table.segmentation(row)):
                if np.isfinite(points).all():
                    lines.add(row, points.ravel().tolist())
        else:
            for part in parts:
                if len(part) >= 6 and len(part) % 2 == 0:
                    lines.add(row, part)
        if len(lines.lengths) == before:
            damaged.append(row)
    return lines.loops(), np.array(damaged, np.int64)


class _Lines:
    """Lines that are collected one by one, thinned to at most a number of vertices."""

    def __init__(self, most: int | None) -> None:
        self._most = 1 << 62 if most is None else most
        self._choosing: dict[int, itemgetter[Any]] = {}
        self._flat: list[float] = []
        self.lengths: list[int] = []
        self._owner: list[int] = []

    def add(self, row: int, coordinates: list[float]) -> None:
        """Add a line, x and y in turns."""
        length = len(coordinates) >> 1
        if length > self._most:
            self._flat += self._chosen(length)(coordinates)
            length = self._most
        else:
            self._flat += coordinates
        self.lengths.append(length)
        self._owner.append(row)

    def _chosen(self, length: int) -> itemgetter[Any]:
        """Return what chooses the coordinates that stay of a line of many vertices."""
        if length not in self._choosing:
            vertices = _evenly(np.arange(self._most), length, self._most)
            self._choosing[length] = itemgetter(
                *np.stack([2 * vertices, 2 * vertices + 1], axis=1).ravel().tolist()
            )
        return self._choosing[length]

    def loops(self) -> Loops:
        """Return the lines."""
        return Loops(
            np.array(self._flat, np.float64).reshape(-1, 2),
            np.array(self.lengths, np.int64),
            np.array(self._owner, np.int64),
        )


def _masks(dataset: Dataset, rows: IntArray, tolerance: float) -> tuple[Loops, IntArray]:
    points: list[NDArray[np.float64]] = []
    owner: list[int] = []
    damaged: list[int] = []
    for row in rows.tolist():
        rle = decoded_mask(dataset, row)
        lines = [] if rle is None else rle_outline_xy(rle, tolerance)
        points += lines
        owner += [row] * len(lines)
        if rle is None:
            damaged.append(row)
    joined = np.concatenate([np.empty((0, 2)), *points])
    lengths = np.array([len(line) for line in points], np.int64)
    return Loops(joined, lengths, np.array(owner, np.int64)), np.array(damaged, np.int64)


def decoded_mask(dataset: Dataset, row: int) -> Rle | None:
    """Return the mask of an annotation that has run lengths; None where they are damaged."""
    try:
        geometry = dataset.geometry(row)
    except ReadError:
        return None
    return geometry.rle if isinstance(geometry, Mask) else None


def thinned(loops: Loops, most: int) -> Loops:
    """Return lines of at most `most` vertices, evenly chosen from those that are there."""
    if not len(loops.lengths) or int(loops.lengths.max()) <= most:
        return loops
    lengths = np.minimum(loops.lengths, most)
    first = np.cumsum(loops.lengths) - loops.lengths
    number = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    chosen = np.repeat(first, lengths) + _evenly(
        number, np.repeat(loops.lengths, lengths), np.repeat(lengths, lengths)
    )
    return Loops(loops.points_xy[chosen], lengths, loops.owner)


def _evenly(number: IntArray, length: IntArray | int, most: IntArray | int) -> IntArray:
    """Return which vertices of a line of a length stay where there are to be so many."""
    return number * length // most
