"""Questions about annotations that need images and categories too, asked by ids and answered as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.table import Table
from napari_labeltool.core.values import BoolArray, IntArray, JsonValue

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset


class AnnotationQueries(Table):
    """The part of the annotations that asks the dataset; see `Annotations`."""

    _dataset: Dataset

    def belong_to(self, dataset: Dataset) -> None:
        """Say which dataset knows the images and categories of these annotations."""
        self._dataset = dataset

    def where(
        self, image: ExternalId = None, category: ExternalId = None, *, kind: Kind | None = None
    ) -> IntArray:
        """Return rows by the id of their image and the id or name of their category, as `Dataset.where`."""
        return self._dataset.where(image, category, kind=kind)

    def segmentation(self, row: int) -> JsonValue:
        """Return what stands under ``segmentation``: polygons, run lengths, or None when there is nothing."""
        return self.value(row, "segmentation")

    def mask(self, row: int) -> BoolArray | None:
        """Return the pixels of an annotation exactly as pycocotools' ``annToMask`` draws them.

        Parameters
        ----------
        row
            Row of the annotation; a box without a segmentation has no mask.

        Returns
        -------
        (height, width) bool array or None
            In the size of its image (polygons) or of its run lengths.

        Raises
        ------
        ReadError, EditRefused
            As `Dataset.rle`.
        LabeltoolError
            The picture has more than 2**31 pixels; use ``dataset.rle(row).to_mask(window)``.
        """
        rle = self._dataset.rle(row)
        return None if rle is None else np.asarray(rle.to_mask())
