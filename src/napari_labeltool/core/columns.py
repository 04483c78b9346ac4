"""The columns of the annotations: what is asked of all of them at once, one NumPy array each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final, TypeGuard

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import FloatArray, IntArray, JsonValue


class Kind(IntEnum):
    """What stands under ``segmentation``, or else whether there is a box."""

    NONE = 0
    """Neither box nor segmentation: an image tag, a caption, or keypoints alone."""
    BOX = 1
    POLYGON = 2
    RLE = 3
    """Uncompressed run lengths, a list."""
    RLE_COMPRESSED = 4
    ODD = 5
    """A segmentation that no convention explains; kept, shown by its box."""


class Flag(IntFlag):
    """Further facts of an annotation."""

    CROWD = 1
    KEYPOINTS = 2
    ROTATED = 4
    ODD_KEYPOINTS = 8
    """A ``keypoints`` value that is not a flat list of numbers by threes; kept, not shown."""
    SCORE = 16
    ATTRIBUTES = 32
    """The record has a key ``attributes``, as read or since a change of its own."""
    FACTS = 64
    """The same of the key ``labeltool``."""


KEY_FLAGS: Final = {"attributes": Flag.ATTRIBUTES, "labeltool": Flag.FACTS}
"""Keys with objects of which many are changed together, and the flag that says that a record has one."""


@dataclass(slots=True)
class AnnotationColumns:
    """Columns of n annotations, filled by a reader.

    Parameters
    ----------
    spans
        (n, 2) int64 offsets of each record in the source.
    id
        (n,) int64; meaningless where `odd_ids` has the row.
    odd_ids
        Rows whose id is not an integer (or is missing: None), with that id.
    image, category
        (n,) int32 rows of the image and category tables; -1 for missing or unknown.
    bbox
        (n, 4) float64 left, top, width, height in pixels as the file has it; NaN when missing or not 4 numbers.
        Where a polygon or RLE has no bbox, the extent of the geometry.
    area
        (n,) float64; NaN when missing.
    kind, flags
        (n,) uint8, see `Kind` and `Flag`.
    """

    spans: IntArray
    id: IntArray
    odd_ids: dict[int, JsonValue]
    image: NDArray[np.int32]
    category: NDArray[np.int32]
    bbox: FloatArray
    area: FloatArray
    kind: NDArray[np.uint8]
    flags: NDArray[np.uint8]

    @classmethod
    def empty(cls, n: int = 0) -> AnnotationColumns:
        """Return columns of n annotations that say nothing."""
        return cls(
            np.zeros((n, 2), np.int64),
            np.zeros(n, np.int64),
            {},
            np.full(n, -1, np.int32),
            np.full(n, -1, np.int32),
            np.full((n, 4), np.nan),
            np.full(n, np.nan),
            np.zeros(n, np.uint8),
            np.zeros(n, np.uint8),
        )


_NUMBERS = frozenset({int, float})


def is_number(value: JsonValue) -> TypeGuard[int | float]:
    """Tell whether a JSON value is a number (true and false are not)."""
    return type(value) is int or type(value) is float


def is_flat(value: JsonValue) -> TypeGuard[list[int | float]]:
    """Tell whether a JSON value is a non-empty list of numbers."""
    return isinstance(value, list) and bool(value) and _NUMBERS.issuperset(map(type, value))


def kind_of(record: Mapping[str, JsonValue]) -> Kind:
    """Return the kind of geometry of a record.

    A flat list of numbers counts as one polygon (case 41). A list of parts is a polygon when at least one part
    has three vertices; parts that are odd are kept and not drawn.
    """
    segmentation = record.get("segmentation")
    if isinstance(segmentation, dict):
        counts = segmentation.get("counts")
        size = segmentation.get("size")
        if not (is_flat(size) and len(size) == 2):
            return Kind.ODD
        if isinstance(counts, str):
            return Kind.RLE_COMPRESSED
        return Kind.RLE if is_flat(counts) else Kind.ODD
    if isinstance(segmentation, list) and segmentation:
        if is_flat(segmentation):
            return Kind.POLYGON if len(segmentation) >= 6 and len(segmentation) % 2 == 0 else Kind.ODD
        parts = [part for part in segmentation if is_flat(part)]
        if any(len(part) >= 6 and len(part) % 2 == 0 for part in parts):
            return Kind.POLYGON
        if any(part != [] for part in segmentation):
            return Kind.ODD
    elif segmentation is not None and not isinstance(segmentation, list):
        return Kind.ODD
    return Kind.BOX if bbox_of(record) is not None else Kind.NONE


def bbox_of(record: Mapping[str, JsonValue]) -> tuple[float, float, float, float] | None:
    """Return the record's bbox, or None when it is not four numbers."""
    bbox = record.get("bbox")
    if is_flat(bbox) and len(bbox) == 4:
        left, top, width, height = map(float, bbox)
        return left, top, width, height
    return None


def flags_of(record: Mapping[str, JsonValue]) -> Flag:
    """Return the flags of a record."""
    flags = Flag(0)
    if record.get("iscrowd") in (1, True):
        flags |= Flag.CROWD
    keypoints = record.get("keypoints")
    if is_flat(keypoints) and len(keypoints) % 3 == 0:
        flags |= Flag.KEYPOINTS
    elif keypoints is not None and keypoints != []:
        flags |= Flag.ODD_KEYPOINTS
    if is_rotated_box(record):
        flags |= Flag.ROTATED
    if is_number(record.get("score")):
        flags |= Flag.SCORE
    for key, flag in KEY_FLAGS.items():
        if key in record:
            flags |= flag
    return flags


def is_rotated_box(record: Mapping[str, JsonValue]) -> bool:
    """Tell whether a polygon is marked as a rotated box, by us or by CVAT's ``attributes.rotation``."""
    segmentation = record.get("segmentation")
    if not (isinstance(segmentation, list) and len(segmentation) == 1):
        return False
    if not (is_flat(segmentation[0]) and len(segmentation[0]) == 8):
        return False
    attributes = record.get("attributes")
    marked = labeltool_facts(record).get("shape") == "rotated_box"
    return marked or (isinstance(attributes, dict) and is_number(attributes.get("rotation")))
