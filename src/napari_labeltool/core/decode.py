"""A record's geometry and keypoints as values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from napari_labeltool.core.columns import Kind, bbox_of, is_flat, is_number, is_rotated_box, kind_of
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.geometry import Box, Geometry, Mask, Polygon, RotatedBox
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.values import FloatArray, JsonValue


def drawable_parts(segmentation: JsonValue) -> list[int]:
    """Return the indices of the parts of a polygon segmentation that have at least three whole vertices."""
    return [
        index
        for index, part in enumerate(segmentation)
        if is_flat(part) and len(part) >= 6 and len(part) % 2 == 0
    ]


def parts_of(segmentation: JsonValue) -> tuple[FloatArray, ...]:
    """Return the drawable parts of a polygon segmentation.

    Returns
    -------
    tuple of (n, 2) float64 arrays
        x, y in pixels, corner origin; a closing vertex that the file repeats is kept.
    """
    if is_flat(segmentation):
        segmentation = [segmentation]
    return tuple(
        np.asarray(segmentation[index], np.float64).reshape(-1, 2) for index in drawable_parts(segmentation)
    )


def rle_of(segmentation: Mapping[str, JsonValue]) -> Rle:
    """Return the mask of an RLE segmentation.

    Raises
    ------
    ReadError
        The runs do not fill the size that the record declares (case 42).
    """
    height, width = segmentation["size"]
    if not all(isinstance(side, int) or side.is_integer() for side in (height, width)):
        raise ReadError(
            f"segmentation.size: [{height}, {width}] found, two whole numbers (height, width) expected. The mask"
            " was not decoded."
        )
    return Rle.from_counts(segmentation["counts"], int(height), int(width))


def geometry_of(record: Mapping[str, JsonValue], kind: Kind | None = None) -> Geometry | None:
    """Return the geometry of an annotation record.

    Parameters
    ----------
    record
        The JSON record.
    kind
        Its kind where the caller knows it.

    Returns
    -------
    Geometry or None
        `RotatedBox`, `Polygon` or `Mask` from the segmentation, else `Box` from the bbox, else None.

    Raises
    ------
    ReadError
        Run lengths that do not fill their size.
    """
    kind = kind_of(record) if kind is None else kind
    if kind is Kind.POLYGON:
        parts = parts_of(record["segmentation"])
        if is_rotated_box(record):
            attributes = record.get("attributes")
            rotation = attributes.get("rotation") if isinstance(attributes, dict) else None
            return RotatedBox(parts[0], float(rotation) if is_number(rotation) else 0.0)
        return Polygon(parts)
    if kind in (Kind.RLE, Kind.RLE_COMPRESSED):
        return Mask(rle_of(record["segmentation"]))
    bbox = bbox_of(record)
    return None if bbox is None else Box(bbox)


def keypoints_of(record: Mapping[str, JsonValue]) -> FloatArray | None:
    """Return the keypoints of a record.

    Returns
    -------
    (k, 3) float64 array or None
        x, y, visibility as the file has them; None when there are none or they are not a flat list by threes.
    """
    keypoints = record.get("keypoints")
    if is_flat(keypoints) and len(keypoints) % 3 == 0:
        return np.asarray(keypoints, np.float64).reshape(-1, 3)
    return None
