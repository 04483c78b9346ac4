"""Keypoints of the dataset as points of napari, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.convert_axes import keypoint_shift, restored_xy, xy_to_yx


@dataclass(frozen=True, slots=True, eq=False)
class PointItem:
    """One keypoint of an annotation.

    Parameters
    ----------
    index
        Its place in the annotation's keypoints, from 0.
    name
        As its class calls it; unique within the class.
    visibility
        0 not labelled, 1 hidden, 2 visible; what else a file holds is kept.
    position_yx
        (2,) y, x in data coordinates.
    """

    index: int
    name: str
    visibility: float
    position_yx: NDArray[np.floating]


def keypoint_labels(names: Sequence[object], count: int) -> tuple[str, ...]:
    """Return a name for each of `count` keypoints: those of the class, made unique, and numbers for the rest.

    Parameters
    ----------
    names
        ``keypoints`` of the category record.
    count
        Number of keypoints of the annotation; a class with more names has them all.
    """
    labels: list[str] = []
    for index in range(max(count, len(names))):
        name = str(names[index]) if index < len(names) else f"point {index + 1}"
        label, number = name, 2
        while label in labels:
            label, number = f"{name} ({number})", number + 1
        labels.append(label)
    return tuple(labels)


def keypoint_labels_of(dataset: Dataset, category: int, count: int = 0) -> tuple[str, ...]:
    """Return the names of the keypoints of a category (by row, -1 for none), see `keypoint_labels`."""
    names = dataset.categories.value(category, "keypoints") if category >= 0 else None
    return keypoint_labels(names if isinstance(names, list) else [], count)


def points_of(dataset: Dataset, row: int) -> list[PointItem]:
    """Return the keypoints of an annotation that have a place.

    Parameters
    ----------
    dataset
        The dataset.
    row
        Row of the annotation.

    Returns
    -------
    list of PointItem
        Without those that are not labelled and lie at 0, 0, which is how files write "not there", and without
        those that are not finite.
    """
    if not dataset.annotations.flags[row] & Flag.KEYPOINTS:
        return []
    keypoints = dataset.keypoints(row)
    if keypoints is None:
        return []
    names = keypoint_labels_of(dataset, int(dataset.annotations.category[row]), len(keypoints))
    positions = xy_to_yx(keypoints[:, :2], keypoint_shift(dataset))
    shown = is_placed(keypoints)
    return [
        PointItem(index, names[index], float(keypoints[index, 2]), positions[index])
        for index in np.flatnonzero(shown).tolist()
    ]


def is_placed(keypoints: FloatArray) -> NDArray[np.bool_]:
    """Tell for each of (k, 3) keypoints whether it has a place that can be shown."""
    finite = np.isfinite(keypoints[:, :2]).all(axis=1)
    placed: NDArray[np.bool_] = finite & ((keypoints[:, 2] != 0) | (keypoints[:, :2] != 0).any(axis=1))
    return placed


def keypoints_from_points(
    items: Iterable[PointItem], before: FloatArray | None = None, count: int = 0, shift: float = 0.0
) -> FloatArray:
    """Return the keypoints that the points of one annotation are.

    Parameters
    ----------
    items
        Its points; of several with one index the last counts.
    before
        (k, 3) keypoints that were shown. Those that were not moved keep their exact numbers; those that were
        shown and are not among the items become 0, 0, 0.
    count
        Number of keypoints of the class; the result has at least that many.
    shift
        The document's `keypoint_shift`.

    Returns
    -------
    (k, 3) float64 array
        x, y, visibility.
    """
    items = list(items)
    number = max([count, 0 if before is None else len(before), *(item.index + 1 for item in items)])
    result = np.zeros((number, 3))
    if before is not None:
        kept = ~is_placed(before)
        result[: len(before)][kept] = before[kept]
    for item in items:
        old = before[item.index] if before is not None and item.index < len(before) else None
        known = old is not None and bool(is_placed(old[None])[0])
        position = restored_xy(item.position_yx, old[None, :2] if old is not None and known else None, -shift)
        result[item.index] = (*position[0], item.visibility)
    return result
