"""How the keypoints of annotations follow when those of their class are added, moved or removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_labeltool.core.columns import Flag, is_number
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.ops import Op, Patch
from napari_labeltool.core.schema.model import Category, Keypoint
from napari_labeltool.core.values import JsonValue

BLANK: tuple[JsonValue, ...] = (0, 0, 0)


def keypoint_sources(before: Sequence[Keypoint], after: Sequence[Keypoint]) -> list[int | None]:
    """Return for each keypoint of a changed list its index in the list before, None for a new one.

    Points are known by their key, or else by their name; in a list of the same length that knows no keys, a
    name that is new at its place renames the point that was there.
    """
    names = {point.name: index for index, point in reversed(list(enumerate(before)))}
    sources: list[int | None] = [
        point.key if point.key is not None and 0 <= point.key < len(before) else names.get(point.name)
        for point in after
    ]
    if len(before) == len(after) and all(point.key is None for point in after):
        used = set(sources)
        sources = [
            index if source is None and index not in used else source for index, source in enumerate(sources)
        ]
    seen: set[int] = set()
    for place, source in enumerate(sources):
        if source in seen:
            sources[place] = None
        elif source is not None:
            seen.add(source)
    return sources


def keypoint_ops(dataset: Dataset, before: Category, after: Category, drop: bool) -> list[Op]:
    """Return the operations that bring the annotations of a class in line with its keypoints.

    Annotations whose list has another length than the class had are left as they are.

    Raises
    ------
    EditRefused
        A keypoint is removed that annotations have labelled, and `drop` is false.
    """
    sources = keypoint_sources(before.keypoints, after.keypoints)
    if sources == list(range(len(before.keypoints))):
        return []
    table = dataset.annotations
    members = (table.category == before.key) & table.alive & ((table.flags & Flag.KEYPOINTS) != 0)
    removed = sorted(set(range(len(before.keypoints))) - set(sources))
    ops: list[Op] = []
    lost = 0
    for row in np.flatnonzero(members).tolist():
        record = table.record(row)
        flat = record["keypoints"]
        if len(flat) != 3 * len(before.keypoints):
            continue
        triples = [tuple(flat[start : start + 3]) for start in range(0, len(flat), 3)]
        lost += any(triples[index][2] > 0 for index in removed)
        moved = [BLANK if source is None else triples[source] for source in sources]
        values: dict[str, Any] = {"keypoints": [number for triple in moved for number in triple]}
        if is_number(record.get("num_keypoints")):
            values["num_keypoints"] = sum(triple[2] > 0 for triple in moved)
        if values.get("num_keypoints") == record.get("num_keypoints"):
            values.pop("num_keypoints", None)
        ops.append(Patch("annotations", row, values))
    if lost and not drop:
        names = ", ".join(before.keypoints[index].name for index in removed)
        raise EditRefused(
            f"class {before.name}: {lost:,} annotation{'s' * (lost > 1)} found with a labelled {names},"
            " expected none. Keep the keypoint, or allow that these points are dropped."
        )
    return ops
