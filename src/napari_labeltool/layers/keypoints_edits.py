"""The edits that say what became of the points of an annotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import DeleteObjects, Edit, Rows, SetKeypoints
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.layers.convert_axes import keypoint_shift
from napari_labeltool.layers.convert_points import PointItem, keypoint_labels_of, keypoints_from_points
from napari_labeltool.layers.keypoints_view import PointKey


def keypoint_edits(
    dataset: Dataset, row: int, known: Mapping[PointKey, PointItem], now: Mapping[PointKey, PointItem]
) -> list[Edit]:
    """Return the edits of one annotation whose points were moved, removed or given another visibility.

    Parameters
    ----------
    dataset
        The dataset.
    row
        The annotation.
    known
        The points as they were shown.
    now
        The points as they are. An annotation that consists of keypoints alone and has none left is deleted.
    """
    before = {key: item for key, item in known.items() if key[0] == row}
    items = [item for key, item in now.items() if key[0] == row]
    alone = labeltool_facts(dataset.annotations.record(row)).get("bbox_from") == "keypoints"
    if not items and (alone or dataset.annotations.kind[row] == Kind.NONE):
        return [DeleteObjects(Rows([row]))]
    count = len(keypoint_labels_of(dataset, int(dataset.annotations.category[row])))
    points = keypoints_from_points(items, dataset.keypoints(row), count, keypoint_shift(dataset))
    return [SetKeypoints(Rows([row]), points, _verb(row, before, items))]


def _verb(row: int, before: Mapping[PointKey, PointItem], items: Sequence[PointItem]) -> str:
    if len(items) < len(before):
        return "Remove keypoints of"
    pairs = [(before[(row, item.index)], item) for item in items if (row, item.index) in before]
    moved = any(not np.array_equal(old.position_yx, item.position_yx) for old, item in pairs)
    return "Move keypoints of" if moved else "Set visibility of keypoints of"
