"""The values that an edit writes into a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from napari_labeltool.core.columns import is_flat
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.decode import drawable_parts
from napari_labeltool.core.geometry import Box, Geometry, Mask, Polygon, RotatedBox, measure
from napari_labeltool.core.values import REMOVED, FloatArray, JsonValue, Merged


def plain_number(value: float) -> int | float:
    """Return a number as JSON should hold it: whole numbers as int."""
    number = float(value)
    return int(number) if number.is_integer() else number


def measured(value: float) -> int | float:
    """Return a computed measure without the noise of its last digits."""
    return plain_number(round(value, 6))


def plain_numbers(values: Any) -> list[int | float]:
    """Return a flat array as JSON numbers."""
    return [plain_number(value) for value in np.asarray(values, np.float64).ravel()]


def changed_object(before: JsonValue, changes: Mapping[str, JsonValue]) -> JsonValue:
    """Return a nested object with keys changed (None removes one), or `REMOVED` when nothing is left."""
    return Merged(changes).onto(before)


def geometry_values(
    dataset: Dataset, image: int, geometry: Geometry, before: Mapping[str, JsonValue]
) -> dict[str, Any]:
    """Return the keys that give a record a geometry: segmentation, bbox, area and the marks of a rotated box.

    Parameters
    ----------
    dataset
        Says how the file measures.
    image
        Row of the image.
    geometry
        The new geometry.
    before
        The record as it is; its style (closing vertex, kind of run lengths, parts that cannot be drawn) is kept.
    """
    crowd = before.get("iscrowd") in (1, True)
    height, width = dataset.images.size(image) or (None, None)
    bbox, area = measure(geometry, dataset.conventions.of(geometry, crowd), height, width)
    values: dict[str, Any] = {
        "segmentation": segmentation_value(geometry, before.get("segmentation")),
        "area": measured(area),
        "bbox": [measured(value) for value in bbox],
    }
    if isinstance(geometry, Box) and before and before.get("segmentation") in (None, [], [[]]):
        del values["segmentation"]
    rotated = isinstance(geometry, RotatedBox)
    shape = changed_object(before.get("labeltool"), {"shape": "rotated_box" if rotated else None})
    rotation = plain_number(geometry.rotation) if isinstance(geometry, RotatedBox) else None
    attributes = changed_object(before.get("attributes"), {"rotation": rotation})
    for key, value in (("labeltool", shape), ("attributes", attributes)):
        if value is REMOVED and key not in before:
            continue
        if value != before.get(key):
            values[key] = value
    return values


def segmentation_value(geometry: Geometry, before: JsonValue) -> JsonValue:
    """Return what stands under ``segmentation`` for a geometry."""
    if isinstance(geometry, Mask):
        uncompressed = isinstance(before, dict) and isinstance(before.get("counts"), list)
        rle = geometry.rle
        counts = rle.to_list() if uncompressed else rle.to_compressed()
        return {"size": [rle.height, rle.width], "counts": counts}
    if isinstance(geometry, RotatedBox):
        return [plain_numbers(geometry.corners_xy)]
    if isinstance(geometry, Polygon):
        return _parts_value(geometry.parts_xy, before)
    return []


def _parts_value(parts_xy: Sequence[FloatArray], before: JsonValue) -> JsonValue:
    old = [before] if is_flat(before) else before
    old = old if isinstance(old, list) else []
    drawable = drawable_parts(old)
    new: list[JsonValue] = []
    for index, part in enumerate(parts_xy):
        flat = plain_numbers(part)
        if index < len(drawable):
            was = old[drawable[index]]
            closed = len(was) >= 8 and was[:2] == was[-2:]
            if closed and flat[:2] != flat[-2:]:
                flat += flat[:2]
        new.append(flat)
    if len(new) == len(drawable):
        result = list(old)
        for index, flat in zip(drawable, new):
            result[index] = flat
        return result
    return new + [part for index, part in enumerate(old) if index not in drawable]


def keypoint_values(
    keypoints: FloatArray, before: Mapping[str, JsonValue], *, moves_box: bool
) -> dict[str, Any]:
    """Return the keys that give a record keypoints, (k, 3) x, y, visibility.

    A bbox that was derived from the keypoints follows them; any other stays.
    """
    points = np.asarray(keypoints, np.float64).reshape(-1, 3)
    values: dict[str, Any] = {
        "keypoints": plain_numbers(points),
        "num_keypoints": int(np.count_nonzero(points[:, 2] > 0)),
    }
    if moves_box:
        placed = points[points[:, 2] > 0, :2]
        if len(placed):
            low, high = placed.min(0), placed.max(0)
            values["bbox"] = [measured(value) for value in (*low, *(high - low))]
            values["area"] = measured(float(np.prod(high - low)))
    return values
