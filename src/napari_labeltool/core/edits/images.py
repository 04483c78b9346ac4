"""Edits of images: their state, their tags, and new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Single, resolve_single
from napari_labeltool.core.edits.fields import changed_object
from napari_labeltool.core.edits.objects import same_json
from napari_labeltool.core.ops import Append, Op, Patch, SetAlive
from napari_labeltool.core.records import ExternalId, ImageState
from napari_labeltool.core.tags import group_members, group_of, tag_rows
from napari_labeltool.core.values import REMOVED, JsonValue


@dataclass(frozen=True, slots=True)
class SetImageState:
    """Say where the work on an image stands; None leaves a value as it is."""

    image: Single
    state: ImageState | None = None
    verified_empty: bool | None = None

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        name = dataset.images.at(resolve_single(dataset.images, self.image)).file_name
        if self.state is not None:
            return f"Mark {name} as {self.state.replace('_', ' ')}"
        return f"Mark {name} as {'empty, looked at' if self.verified_empty else 'not verified empty'}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = resolve_single(dataset.images, self.image)
        changes: dict[str, JsonValue] = {}
        if self.state is not None:
            changes["state"] = None if self.state == "todo" else self.state
        if self.verified_empty is not None:
            changes["verified_empty"] = self.verified_empty or None
        before = dataset.images.value(row, "labeltool")
        after = changed_object(before, changes)
        if (after is REMOVED and before is None) or same_json(before, after):
            return []
        return [Patch("images", row, {"labeltool": after})]


@dataclass(frozen=True, slots=True)
class SetTag:
    """Tag an image, or take a tag away; in a multiclass group the new tag replaces the old one."""

    image: Single
    category: Single
    present: bool = True

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        name = dataset.images.at(resolve_single(dataset.images, self.image)).file_name
        tag = dataset.categories.name_of(resolve_single(dataset.categories, self.category))
        return f"Tag {name} with {tag}" if self.present else f"Take tag {tag} from {name}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        image = resolve_single(dataset.images, self.image)
        category = resolve_single(dataset.categories, self.category)
        own = tag_rows(dataset, image, category)
        if not self.present:
            return [SetAlive("annotations", own, False)] if len(own) else []
        ops: list[Op] = []
        group = group_of(dataset, category)
        if group is not None and group.type == "multiclass":
            others = [m for m in group_members(dataset, group.name) if m != category]
            replaced = [tag_rows(dataset, image, other) for other in others]
            rows = np.concatenate([*replaced, np.empty(0, np.int64)])
            if len(rows):
                ops.append(SetAlive("annotations", rows, False))
        if not len(own):
            record = {
                "id": dataset.annotations.next_id(),
                "image_id": dataset.images.id_of(image),
                "category_id": dataset.categories.id_of(category),
            }
            ops.append(Append("annotations", dataset.annotations.row_count, record, image, category))
        return ops


@dataclass(frozen=True, slots=True)
class AddImages:
    """Add images to the document.

    Parameters
    ----------
    records
        ``file_name``, ``width`` and ``height`` of each, and what else belongs to it; ids are given here.
    """

    records: tuple[Mapping[str, JsonValue], ...]

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        if len(self.records) == 1:
            return f"Add image {self.records[0].get('file_name')}"
        return f"Add {len(self.records):,} images"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        first = dataset.images.next_id()
        ops: list[Op] = []
        for index, record in enumerate(self.records):
            value: ExternalId = first + index if isinstance(first, int) else f"{int(str(first)) + index}"
            row: dict[str, Any] = {"id": value, **record}
            ops.append(Append("images", dataset.images.row_count + index, row))
        return ops
