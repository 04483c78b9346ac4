"""Where the annotations of one image that have keypoints are, those without a box too."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.keypoint_lines import placed_keypoints
from napari_labeltool.core.spatial import SpatialIndex
from napari_labeltool.core.values import BoolArray, FloatArray, GrowingArray, IntArray

if TYPE_CHECKING:
    from napari_labeltool.core.annotations import Annotations
    from napari_labeltool.core.dataset import Dataset


class _Boxes:
    """Boxes of annotations; where there is none, the extent of the keypoints. Asked like the column of boxes."""

    def __init__(self, table: Annotations) -> None:
        self._table = table
        self._extents: GrowingArray | None = None

    def __getitem__(self, rows: IntArray) -> FloatArray:
        boxes = np.asarray(self._table.bbox[rows])
        if self._extents is not None:
            lacking = self.lacking(rows)
            self._grow()
            boxes[lacking] = self._extents.view[rows[lacking]]
        return boxes

    def take(self, rows: IntArray, axis: int = 0) -> FloatArray:
        """Return the boxes of rows, as the method of arrays does along their first axis."""
        return self[rows]

    @property
    def are_known(self) -> bool:
        return self._extents is not None

    def lacking(self, rows: IntArray) -> BoolArray:
        """Tell which annotations have no box."""
        return np.asarray(~np.isfinite(self._table.bbox[rows]).all(1))

    def known(self, rows: IntArray) -> BoolArray:
        """Tell of which annotations the extent is known."""
        if self._extents is None:
            return np.zeros(len(rows), bool)
        self._grow()
        return np.asarray(np.isfinite(self._extents.view[rows]).all(1))

    def set(self, rows: IntArray, extents: FloatArray) -> None:
        if self._extents is None:
            self._extents = GrowingArray(np.full((self._table.row_count, 4), np.nan))
        self._grow()
        self._extents.view[rows] = extents

    def _grow(self) -> None:
        extents = self._extents
        if extents is not None and len(extents) < self._table.row_count:
            extents.extend(np.full((self._table.row_count - len(extents), 4), np.nan))


class _Places:
    """The annotations with keypoints of an image, as a spatial index asks a table."""

    def __init__(self, table: Annotations) -> None:
        self._table = table
        self.bbox = _Boxes(table)

    @property
    def alive(self) -> BoolArray:
        return self._table.alive

    @property
    def kind(self) -> NDArray[np.uint8]:
        return self._table.kind

    def rows_of_image(self, image: int) -> IntArray:
        rows = self._table.rows_of_image(image)
        return np.asarray(np.sort(rows[(self._table.flags[rows] & Flag.KEYPOINTS) > 0]))


class KeypointPlaces:
    """Answers which annotations with keypoints are in a rectangle, without looking at all of them.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image.
    """

    def __init__(self, dataset: Dataset, image: int) -> None:
        self._dataset = dataset
        self._places = _Places(dataset.annotations)
        self._edited: set[int] = set()
        self._learn(self._places.rows_of_image(image))
        self.index = SpatialIndex(cast("Annotations", self._places), image)

    def _learn(self, rows: IntArray) -> None:
        """Learn the extents of annotations without a box."""
        boxes = self._places.bbox
        lacking = rows[boxes.lacking(rows)]
        known = boxes.known(lacking)
        patch_of, edited = self._dataset.annotations.raw_patch_of, self._edited
        # many may change at once without their keypoints, in class or status: those are not read again
        changed = [
            not is_known or row in edited or "keypoints" in patch_of(row)
            for row, is_known in zip(lacking.tolist(), known.tolist())
        ]
        lacking = lacking[np.array(changed, bool)]
        edited.update(row for row in lacking.tolist() if "keypoints" in patch_of(row))
        if len(lacking):
            boxes.set(lacking, np.full((len(lacking), 4), np.nan))
            boxes.set(*placed_keypoints(self._dataset, lacking).extents())

    def update(self, rows: IntArray) -> None:
        """Take over that annotations of the image were added, changed, deleted or brought back."""
        mine = rows[(self._dataset.annotations.flags[rows] & Flag.KEYPOINTS) > 0]
        if len(mine):
            self._learn(mine)
            self.index.update(mine)

    def query(self, x0: float, y0: float, x1: float, y1: float) -> IntArray:
        """Return the annotations whose place meets a rectangle (pixels, corner origin), in order."""
        rows = np.sort(self.index.query(x0, y0, x1, y1))
        return np.asarray(rows[(self._dataset.annotations.flags[rows] & Flag.KEYPOINTS) > 0])

    def most(self, x0: float, y0: float, x1: float, y1: float) -> int:
        """Return how many meet a rectangle at most, without looking at one of them."""
        return self.index.most(x0, y0, x1, y1)

    def boxes(self, rows: IntArray) -> FloatArray:
        """Return (n, 4) x, y, width, height: the box, or else the extent of the keypoints; NaN without either."""
        return self._places.bbox[rows]

    def sample(self, number: int) -> IntArray:
        """Return about so many annotations, evenly chosen."""
        return self.index.sample(number)

    @property
    def has_points_alone(self) -> bool:
        """Whether there may be annotations that have nothing but keypoints."""
        return self._places.bbox.are_known

    def are_points_alone(self, rows: IntArray) -> BoolArray:
        """Tell which annotations have nothing but keypoints, so that nobody else draws them."""
        return np.asarray(self._dataset.annotations.kind[rows] == Kind.NONE)
