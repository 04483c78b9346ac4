"""The label schema of a document, and the attributes that its annotations carry."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from napari_labeltool.core.columns import Flag, Kind, is_number
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.schema.model import AttributeType, Category, LabelSchema
from napari_labeltool.core.schema.records import category_of
from napari_labeltool.core.tags import tag_groups
from napari_labeltool.core.values import JsonValue

OBSERVED_LIMIT = 500
"""Annotations that `observed_attributes` looks at."""


def schema_of(dataset: Dataset) -> LabelSchema:
    """Return the label schema of a document; in a file that knows nothing of it, sensible defaults.

    Nothing is written into the document: colours and kinds that it does not say stay unsaid until they are
    edited.
    """
    guideline = dataset.document.facts.get("guideline")
    return LabelSchema(
        tuple(category_at(dataset, row) for row in ordered_rows(dataset)),
        tag_groups(dataset),
        guideline if isinstance(guideline, str) else "",
    )


def ordered_rows(dataset: Dataset) -> list[int]:
    """Return the rows of the categories in the order in which a person put them, else in that of the document.

    The order stands in the document's facts as ``class_order``, a list of ids; categories that are not in it
    come last.
    """
    rows: list[int] = dataset.categories.rows().tolist()
    listed = dataset.document.facts.get("class_order")
    if not isinstance(listed, list):
        return rows
    places: dict[tuple[type, object], int] = {}
    for place, value in enumerate(listed):
        if isinstance(value, (int, float, str)):
            places.setdefault((type(value), value), place)

    def place_of(row: int) -> int:
        id_ = dataset.categories.id_of(row)
        return places.get((type(id_), id_), len(listed))

    return sorted(rows, key=place_of)


def category_at(dataset: Dataset, row: int) -> Category:
    """Return the class of a row of ``dataset.categories``, without reading the others."""
    return category_of(dataset.categories.record(row), row, dataset.categories.id_of(row))


def usage(dataset: Dataset, category_row: int) -> int:
    """Return how many annotations have a class (by row)."""
    table = dataset.annotations
    return int(np.count_nonzero((table.category == category_row) & table.alive))


def implied_tags(dataset: Dataset) -> tuple[int, ...]:
    """Return the rows of classes that are used as tags of images though no group names them.

    These are classes that say nothing of kinds or groups and have annotations with neither box, segmentation
    nor keypoints, as in files of labels alone.
    """
    table = dataset.annotations
    bare = (table.kind == Kind.NONE) & ((table.flags & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS)) == 0)
    rows = np.unique(table.category[bare & table.alive & (table.category >= 0)])
    return tuple(int(row) for row in rows if dataset.categories.alive[row] and _is_silent(dataset, int(row)))


def _is_silent(dataset: Dataset, row: int) -> bool:
    facts = labeltool_facts(dataset.categories.record(row))
    return "kinds" not in facts and "tag_group" not in facts


def observed_attributes(
    dataset: Dataset, rows: Iterable[int], limit: int = OBSERVED_LIMIT
) -> dict[str, AttributeType]:
    """Return the attributes that annotations carry, each with the type that its values suggest.

    Parameters
    ----------
    dataset
        The document.
    rows
        Rows of annotations; when there are more than `limit`, an even sample of them is read.
    limit
        Number of annotations to read at most.

    Returns
    -------
    dict
        Name to ``"yes_no"``, ``"number"`` or ``"text"`` (also for mixed values), in order of appearance.
        Names with a list or an object among their values are left out: a form cannot edit those.
    """
    chosen = np.fromiter(rows, np.int64)
    if len(chosen) > limit:
        chosen = chosen[np.linspace(0, len(chosen) - 1, limit).astype(np.int64)]
    found: dict[str, set[AttributeType | None]] = {}
    for row in chosen.tolist():
        attributes = dataset.annotations.value(row, "attributes")
        for name, value in attributes.items() if isinstance(attributes, dict) else ():
            types = found.setdefault(name, set())
            if value is not None:
                types.add(_type_of(value))
    result: dict[str, AttributeType] = {}
    for name, types in found.items():
        if None not in types:
            only = next(iter(types)) if len(types) == 1 else None
            result[name] = only or "text"
    return result


def _type_of(value: JsonValue) -> AttributeType | None:
    if isinstance(value, bool):
        return "yes_no"
    if is_number(value):
        return "number"
    return "text" if isinstance(value, str) else None
