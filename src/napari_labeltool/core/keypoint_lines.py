"""The keypoints of many annotations in one pass: where they are, what joins them, and how they are marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from napari_labeltool.core.skeleton import HIDDEN, NOT_LABELLED
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset


class _Keypoints(msgspec.Struct):
    keypoints: list[float]


_DECODER: Final = msgspec.json.Decoder(_Keypoints)

CROSS: Final = np.array([[[-1, -1], [1, 1]], [[-1, 1], [1, -1]]], np.float64)
"""Mark of a visible keypoint: strokes, both ends of each, x, y in half widths."""
DIAMOND: Final = np.array(
    [[[-1, 0], [0, -1]], [[0, -1], [1, 0]], [[1, 0], [0, 1]], [[0, 1], [-1, 0]]], np.float64
)
"""Mark of a hidden keypoint, hollow."""
PLUS: Final = np.array([[[-1, 0], [1, 0]], [[0, -1], [0, 1]]], np.float64)
"""Mark of a keypoint that is not labelled and has a place all the same."""


@dataclass(frozen=True, slots=True)
class PlacedKeypoints:
    """Keypoints that have a place, those of one annotation together and in their order.

    Parameters
    ----------
    xyv
        (n, 3) x, y, visibility as the file has them.
    owner
        (n,) annotation of each.
    index
        (n,) its place among the keypoints of that annotation.
    """

    xyv: FloatArray
    owner: IntArray
    index: IntArray

    def __len__(self) -> int:
        return len(self.owner)

    def chosen(self, which: BoolArray) -> PlacedKeypoints:
        """Return some of them, by a mask."""
        return PlacedKeypoints(self.xyv[which], self.owner[which], self.index[which])

    def joined(self, more: PlacedKeypoints) -> PlacedKeypoints:
        """Return these and those of other annotations."""
        return PlacedKeypoints(
            np.concatenate([self.xyv, more.xyv]),
            np.concatenate([self.owner, more.owner]),
            np.concatenate([self.index, more.index]),
        )

    def extents(self) -> tuple[IntArray, FloatArray]:
        """Return the annotations, in their order here, and (m, 4) x, y, width, height around the points of each."""
        if not len(self):
            return np.empty(0, np.int64), np.empty((0, 4))
        first = np.flatnonzero(np.concatenate([[True], self.owner[1:] != self.owner[:-1]]))
        low = np.minimum.reduceat(self.xyv[:, :2], first)
        high = np.maximum.reduceat(self.xyv[:, :2], first)
        return self.owner[first], np.concatenate([low, high - low], axis=1)

    def edge(self, ends: tuple[int, int], mine: BoolArray) -> IntArray:
        """Return where an edge of the skeleton is drawn: (m, 2) places here of both its ends.

        Parameters
        ----------
        ends
            Two keypoints, by index.
        mine
            (n,) the points whose annotations have that edge.
        """
        there = mine & (self.xyv[:, 2] > 0)
        pair = [np.flatnonzero(there & (self.index == end)) for end in ends]
        _, first, second = np.intersect1d(
            self.owner[pair[0]], self.owner[pair[1]], assume_unique=True, return_indices=True
        )
        return np.stack([pair[0][first], pair[1][second]], axis=1)

    def marks(self, half_width: float) -> tuple[FloatArray, IntArray]:
        """Return the strokes that mark the points, (m, 2, 2) x, y of both ends, and which point each marks."""
        visibility = self.xyv[:, 2]
        which = {
            "plus": (PLUS, visibility == NOT_LABELLED),
            "diamond": (DIAMOND, visibility == HIDDEN),
            "cross": (CROSS, (visibility != NOT_LABELLED) & (visibility != HIDDEN)),
        }
        strokes, points = [np.empty((0, 2, 2))], [np.empty(0, np.int64)]
        for mark, chosen in which.values():
            places = np.flatnonzero(chosen)
            middles = self.xyv[places, None, None, :2]
            strokes.append((middles + mark * half_width).reshape(-1, 2, 2))
            points.append(np.repeat(places, len(mark)))
        return np.concatenate(strokes), np.concatenate(points)


def placed_keypoints(dataset: Dataset, rows: IntArray) -> PlacedKeypoints:
    """Return the keypoints of annotations.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Annotations, each once.

    Returns
    -------
    PlacedKeypoints
        Without those that are not labelled and lie at 0, 0, which is how files write "not there", and without
        those that are not finite.
    """
    table = dataset.annotations
    flat: list[float] = []
    lengths: list[int] = []
    decode, raw, patch_of = _DECODER.decode, table.raw, table.raw_patch_of
    for row in rows.tolist():
        data = None if "keypoints" in patch_of(row) else raw(row)
        values: list[float] | None = None
        if data is not None:
            try:
                values = decode(data).keypoints
            except (msgspec.MsgspecError, UnicodeDecodeError):
                values = None  # in a form that strict JSON has no place for, NaN as a rule
        if values is None or len(values) % 3:
            keypoints = dataset.keypoints(row)
            values = [] if keypoints is None else keypoints.ravel().tolist()
        flat += values
        lengths.append(len(values) // 3)
    xyv = np.array(flat, np.float64).reshape(-1, 3)
    counts = np.array(lengths, np.int64)
    owner = np.repeat(np.asarray(rows, np.int64), counts)
    index = np.arange(len(xyv)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = xyv[:, :2]
    placed = np.isfinite(places).all(1) & ((xyv[:, 2] != 0) | (places != 0).any(1))
    return PlacedKeypoints(xyv[placed], owner[placed], index[placed])
