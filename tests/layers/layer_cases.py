"""Small documents that tests of the layers share."""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject
from napari_labeltool.core.ops import Append


def new_dataset(height: int = 60, width: int = 80) -> Dataset:
    """Return a document with one image, id 7, and the classes cell (with two keypoints) and bolt."""
    dataset = Dataset()
    dataset.apply(
        [
            Append("images", 0, {"id": 7, "file_name": "a.png", "width": width, "height": height}),
            Append("categories", 0, {"id": 1, "name": "cell", "keypoints": ["nose", "tail"]}),
            Append("categories", 1, {"id": 0, "name": "bolt"}),
        ]
    )
    return dataset


def add(dataset: Dataset, category: str | None = "cell", **values: Any) -> int:
    """Add an annotation to image 7; return its row."""
    row = dataset.annotations.row_count
    dataset.apply(AddObject(7, category, **values).ops(dataset))
    return row


def records(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the records of all annotations."""
    return [dataset.annotation(row) for row in dataset.annotations.rows().tolist()]


def ann_to_mask(dataset: Dataset, record: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return what pycocotools makes of a record's segmentation, bool."""
    image = next(image for image in dataset.images if image.id == record["image_id"])
    segmentation = record["segmentation"]
    if isinstance(segmentation, list):
        codes = coco_mask.frPyObjects(segmentation, image.height, image.width)
        code = coco_mask.merge(codes)
    else:
        code = segmentation
        if isinstance(code["counts"], list):
            code = coco_mask.frPyObjects(code, image.height, image.width)
    return np.asarray(coco_mask.decode(code), bool)
