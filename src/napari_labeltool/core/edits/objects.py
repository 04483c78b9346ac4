"""Edits of annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import (
    Rows,
    Single,
    Target,
    count_words,
    many_rows,
    resolve_annotations,
    resolve_single,
)
from napari_labeltool.core.edits.fields import changed_object, geometry_values, keypoint_values
from napari_labeltool.core.edits.nested import nested_ops
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Geometry
from napari_labeltool.core.json_values import same_json
from napari_labeltool.core.ops import Append, Op, Patch, SetAlive, SetCategory
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import REMOVED, FloatArray, JsonValue, distinct

Status = Literal["", "draft", "needs_review", "approved", "rejected"]
STATUSES: tuple[Status, ...] = ("", "draft", "needs_review", "approved", "rejected")


@dataclass(frozen=True, slots=True)
class AddObject:
    """Add one annotation.

    Parameters
    ----------
    image, category
        By id, or a category by name; category None for unlabelled.
    geometry
        Box, rotated box, polygon or mask.
    keypoints
        (k, 3) x, y, visibility in pixels, corner origin unless the file says otherwise.
    attributes
        Attribute values by name.
    author
        Who labelled it.
    status
        Review status, ``""`` for none.
    """

    image: Single
    category: Single
    geometry: Geometry | None = None
    keypoints: FloatArray | None = None
    attributes: Mapping[str, JsonValue] | None = None
    author: str | None = None
    status: Status = ""

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        category = self._category_row(dataset)
        return f"Add {dataset.categories.name_of(category)} {dataset.annotations.next_id()}"

    def _category_row(self, dataset: Dataset) -> int:
        return -1 if self.category is None else resolve_single(dataset.categories, self.category)

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        image = resolve_single(dataset.images, self.image)
        category = self._category_row(dataset)
        record: dict[str, Any] = {
            "id": dataset.annotations.next_id(),
            "image_id": dataset.images.id_of(image),
        }
        if category >= 0:
            record["category_id"] = dataset.categories.id_of(category)
        if self.geometry is not None:
            record.update(geometry_values(dataset, image, self.geometry, {}))
            record["iscrowd"] = 0
        if self.keypoints is not None:
            record.update(keypoint_values(self.keypoints, {}, moves_box=self.geometry is None))
            if self.geometry is None:
                record["iscrowd"] = 0
                record["labeltool"] = {"bbox_from": "keypoints"}
        if self.attributes:
            record["attributes"] = {**self.attributes, **record.get("attributes", {})}
        facts = {"author": self.author, "status": self.status}
        facts = {name: value for name, value in facts.items() if value}
        if facts:
            record["labeltool"] = {**record.get("labeltool", {}), **facts}
        record = {key: value for key, value in record.items() if value is not REMOVED}
        return [Append("annotations", dataset.annotations.row_count, record, image, category)]


@dataclass(frozen=True, slots=True)
class DeleteObjects:
    """Delete annotations; the ids of the others stay."""

    target: Target

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"Delete {count_words(dataset, resolve_annotations(dataset, self.target))}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        rows = many_rows(dataset, self.target)
        return [SetAlive("annotations", rows, False)] if len(rows) else []


@dataclass(frozen=True, slots=True)
class Relabel:
    """Give annotations another category; None makes them unlabelled."""

    target: Target
    category: Single

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        words = count_words(dataset, resolve_annotations(dataset, self.target))
        return f"Relabel {words} to {dataset.categories.name_of(self._category_row(dataset))}"

    def _category_row(self, dataset: Dataset) -> int:
        return -1 if self.category is None else resolve_single(dataset.categories, self.category)

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        rows = many_rows(dataset, self.target)
        category = self._category_row(dataset)
        others = dataset.annotations.category[rows] != category
        rows = rows if others.all() else rows[others]
        return [SetCategory(rows, np.broadcast_to(np.int64(category), rows.shape))] if len(rows) else []


@dataclass(frozen=True, slots=True)
class SetGeometry:
    """Give one annotation another geometry: move, resize, reshape, repaint, or change its kind.

    Bbox and area are computed anew by the convention of the file; other keys stay.
    """

    target: Target
    geometry: Geometry
    verb: str = "Move"

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"{self.verb} {count_words(dataset, resolve_annotations(dataset, self.target))}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = the_one(dataset, self.target, "set a geometry")
        before = dataset.annotations.record(row)
        image = int(dataset.annotations.image[row])
        values = geometry_values(dataset, image, self.geometry, before)
        facts = labeltool_facts(before)
        if "bbox_from" in facts:
            values["labeltool"] = changed_object(
                values.get("labeltool", before.get("labeltool")), {"bbox_from": None}
            )
        return patch_of_changes(row, before, values)


@dataclass(frozen=True, slots=True)
class SetKeypoints:
    """Give one annotation keypoints, (k, 3) x, y, visibility."""

    target: Target
    keypoints: FloatArray
    verb: str = "Move keypoints of"

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"{self.verb} {count_words(dataset, resolve_annotations(dataset, self.target))}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = the_one(dataset, self.target, "set keypoints")
        if dataset.annotations.flags[row] & Flag.ODD_KEYPOINTS:
            raise EditRefused(
                f"annotations[{row}].keypoints: not a flat list of x, y, v found; it is kept as it is and cannot be"
                " edited here."
            )
        before = dataset.annotations.record(row)
        moves = labeltool_facts(before).get("bbox_from") == "keypoints"
        return patch_of_changes(row, before, keypoint_values(self.keypoints, before, moves_box=moves))


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Set attribute values of annotations; None removes one."""

    target: Target
    values: Mapping[str, JsonValue]

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        names = ", ".join(self.values)
        return f"Set {names} of {count_words(dataset, resolve_annotations(dataset, self.target))}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        return _nested_ops(dataset, self.target, "attributes", self.values)


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Set the review status of annotations, and a comment; None leaves one as it is, ``""`` removes it."""

    target: Target
    status: Status | None = None
    comment: str | None = None

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        what = (
            "Comment on" if self.status is None else f"Mark {self.status.replace('_', ' ') or 'no status'}:"
        )
        return f"{what} {count_words(dataset, resolve_annotations(dataset, self.target))}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        given = {"status": self.status, "comment": self.comment}
        return _nested_ops(
            dataset, self.target, "labeltool", {k: v or None for k, v in given.items() if v is not None}
        )


_ONE_BY_ONE: Final = 16


def _nested_ops(dataset: Dataset, target: Target, key: str, changes: Mapping[str, JsonValue]) -> list[Op]:
    rows = many_rows(dataset, target)
    if len(rows) > _ONE_BY_ONE:
        return nested_ops(dataset, distinct(rows), key, changes)
    ops: list[Op] = []
    for row in rows.tolist():
        before = dataset.annotations.record(row)
        ops += patch_of_changes(row, before, {key: changed_object(before.get(key), changes)})
    return ops


def the_one(dataset: Dataset, target: Target, doing: str) -> int:
    """Return the row of a target that must be a single annotation.

    Raises
    ------
    EditRefused
        It is none, or several.
    """
    rows = resolve_annotations(dataset, target)
    if len(rows) != 1:
        raise EditRefused(f"{doing}: {len(rows)} annotations found, expected one. Name it by its row.")
    return int(rows[0])


def patch_of_changes(row: int, before: Mapping[str, JsonValue], values: Mapping[str, Any]) -> list[Op]:
    """Return a patch with the keys that really change, or nothing."""
    changed = {
        key: value
        for key, value in values.items()
        if (key in before if value is REMOVED else key not in before or not same_json(before[key], value))
    }
    return [Patch("annotations", row, changed)] if changed else []


__all__ = [
    "STATUSES",
    "AddObject",
    "DeleteObjects",
    "Relabel",
    "Rows",
    "SetAttributes",
    "SetGeometry",
    "SetKeypoints",
    "SetStatus",
    "Status",
    "same_json",
]
