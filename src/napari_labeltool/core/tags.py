"""Tags of whole images: annotations with a category and neither box, segmentation nor keypoints.

The groups that tags belong to are facts of the document; a tag names its group in its category. In a file that
knows nothing of groups, every class that occurs as a tag is a member of the implied multilabel group ``tags``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import IntArray

TagGroupType = Literal["binary", "multiclass", "multilabel"]


@dataclass(frozen=True, slots=True)
class TagGroup:
    """A question about a whole image.

    Parameters
    ----------
    name
        What is asked, for example ``"stain"``.
    type
        ``"binary"``: one tag, there or not; ``"multiclass"``: exactly one of the tags; ``"multilabel"``: any.
    guideline
        How to decide, in words.
    """

    name: str
    type: TagGroupType
    guideline: str = ""


IMPLIED_GROUP = TagGroup("tags", "multilabel")


def tag_groups(dataset: Dataset) -> tuple[TagGroup, ...]:
    """Return the groups that the document declares, in its order."""
    declared = dataset.document.facts.get("tag_groups")
    groups = []
    for entry in declared if isinstance(declared, list) else []:
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("name"), str)
            and entry.get("type") in get_args(TagGroupType)
        ):
            guideline = entry.get("guideline")
            groups.append(
                TagGroup(entry["name"], entry["type"], guideline if isinstance(guideline, str) else "")
            )
    return tuple(groups)


def group_of(dataset: Dataset, category: int) -> TagGroup | None:
    """Return the group that a category (by row) belongs to as a tag; None when it is no declared tag."""
    name = labeltool_facts(dataset.categories.record(category)).get("tag_group")
    return next((group for group in tag_groups(dataset) if group.name == name), None)


def group_members(dataset: Dataset, name: str) -> tuple[int, ...]:
    """Return the rows of the categories that are tags of a group."""
    return tuple(c.row for c in dataset.categories if labeltool_facts(c.record).get("tag_group") == name)


def tag_annotations(dataset: Dataset, image: int) -> IntArray:
    """Return the rows of the annotations of an image (by row) that are tags."""
    table = dataset.annotations
    rows = table.rows_of_image(image)
    plain = (table.kind[rows] == Kind.NONE) & (
        (table.flags[rows] & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS)) == 0
    )
    rows = rows[plain & (table.category[rows] >= 0)]
    return np.array([row for row in rows if table.value(int(row), "caption") is None], np.int64)


def tag_rows(dataset: Dataset, image: int, category: int) -> IntArray:
    """Return the rows of the annotations that tag an image with a category (both by row); none, or one."""
    rows = tag_annotations(dataset, image)
    return np.asarray(rows[dataset.annotations.category[rows] == category], np.int64)


def tags_of_image(dataset: Dataset, image: int) -> dict[str, tuple[int, ...]]:
    """Return the tags of an image (by row): name of the group to category rows."""
    result: dict[str, tuple[int, ...]] = {group.name: () for group in tag_groups(dataset)}
    present = dict.fromkeys(dataset.annotations.category[tag_annotations(dataset, image)].tolist())
    for category in present:
        name = (group_of(dataset, category) or IMPLIED_GROUP).name
        result[name] = (*result.get(name, ()), category)
    return result
