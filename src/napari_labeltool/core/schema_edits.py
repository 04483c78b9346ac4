"""Edits of the label schema: classes, tag groups and guidelines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Single, resolve_single
from napari_labeltool.core.errors import EditRefused, SchemaError
from napari_labeltool.core.keypoint_edits import keypoint_ops
from napari_labeltool.core.ops import Append, Op, Patch, SetAlive, SetCategory
from napari_labeltool.core.palette import next_color
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.schema.checks import new_errors
from napari_labeltool.core.schema.differences import differences
from napari_labeltool.core.schema.model import Category, LabelSchema
from napari_labeltool.core.schema.reading import category_at, schema_of, usage
from napari_labeltool.core.schema.records import changed_values, merged_facts, new_record
from napari_labeltool.core.table import Document
from napari_labeltool.core.values import REMOVED, IntArray, JsonValue

SCHEMA_VERSION = 1


def _many(count: int) -> str:
    return "1 annotation" if count == 1 else f"{count:,} annotations"


@dataclass(frozen=True, slots=True)
class SetSchema:
    """Make the document say a label schema.

    Only what differs is written. Classes are matched by their key; one without a key is new and gets the id
    that it names, when that is free, or the next one. The records stay where they are in the file; another order
    of the classes is written as ``class_order`` under ``labeltool`` of the document, and new classes come last.
    When keypoints are added, moved in the list or removed, the keypoints of the annotations follow.

    Parameters
    ----------
    schema
        From `schema_of`, changed.
    drop_keypoints
        Allow removing keypoints that annotations have labelled.
    """

    schema: LabelSchema
    drop_keypoints: bool = False

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        words = differences(schema_of(dataset), self.schema)
        return words[0] if len(words) == 1 else f"Change the label schema ({len(words)} changes)"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations.

        Raises
        ------
        SchemaError
            The schema breaks rules that the document does not break yet.
        EditRefused
            A class is missing that annotations have, or keypoints are missing that annotations have labelled.
        """
        before = schema_of(dataset)
        errors = new_errors(before, self.schema)
        if errors:
            more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
            raise SchemaError(f"{errors[0].where}: {errors[0].message}{more} The schema was not changed.")
        keys = self._keys(before)
        ops: list[Op] = []
        for category in before.categories:
            if category.key not in keys:
                ops.append(_removal(dataset, category))
        by_key = {category.key: category for category in before.categories}
        for category in self.schema.categories:
            old = by_key.get(category.key)
            if old is not None and old.key is not None:
                values = changed_values(dataset.categories.record(old.key), old, category)
                if values:
                    ops.append(Patch("categories", old.key, values))
                ops += keypoint_ops(dataset, old, category, self.drop_keypoints)
        ops += _appends(dataset, [c for c in self.schema.categories if c.key is None], before)
        return [*ops, *_document_ops(dataset, before, self.schema)]

    def _keys(self, before: LabelSchema) -> set[int]:
        keys = [category.key for category in self.schema.categories if category.key is not None]
        known = {category.key for category in before.categories}
        wrong = [key for key, count in Counter(keys).items() if key not in known or count > 1]
        if wrong:
            raise EditRefused(
                f"categories: row {wrong[0]} found in the schema, expected each row of the document"
                " at most once. Begin with the document's present schema."
            )
        return set(keys)


def _removal(dataset: Dataset, category: Category) -> Op:
    row = -1 if category.key is None else category.key
    count = usage(dataset, row)
    if count:
        raise EditRefused(
            f"class {category.name}: {_many(count)} found that have it, expected none."
            " Delete the class by itself and choose what becomes of them."
        )
    return SetAlive("categories", np.array([row], np.int64), False)


def _appends(dataset: Dataset, categories: Sequence[Category], before: LabelSchema) -> list[Op]:
    table = dataset.categories
    used = [category.color for category in before.categories]
    taken: set[ExternalId] = set()
    ops: list[Op] = []
    for index, category in enumerate(categories):
        color = category.color or next_color(used)
        used.append(color)
        wanted = category.id
        free = wanted is not None and wanted not in taken and table.row_of_id(wanted) is None
        new_id = wanted if free else _next_id(dataset, taken)
        taken.add(new_id)
        record = new_record(replace(category, color=color), new_id)
        ops.append(Append("categories", table.row_count + index, record))
    return ops


def _next_id(dataset: Dataset, taken: set[ExternalId]) -> ExternalId:
    value = dataset.categories.next_id()
    text = isinstance(value, str)
    number = int(value) if isinstance(value, (int, str)) else 1
    while (value in taken) or dataset.categories.row_of_id(value) is not None:
        number += 1
        value = str(number) if text else number
    return value


def _document_ops(dataset: Dataset, before: LabelSchema, after: LabelSchema) -> list[Op]:
    facts: Mapping[str, JsonValue] = dataset.document.facts
    changes: dict[str, Any] = {}
    if before.tag_groups != after.tag_groups:
        changes["tag_groups"] = _group_values(facts, before, after) or REMOVED
    order = [category.key for category in after.categories if category.key is not None]
    if order != [category.key for category in before.categories if category.key in set(order)]:
        changes["class_order"] = _order_value(dataset, order) or REMOVED
    if before.guideline != after.guideline:
        changes["guideline"] = after.guideline or REMOVED
    if not changes:
        return []
    merged = merged_facts({"version": SCHEMA_VERSION, **facts}, changes)
    return [Patch("document", Document.ROW, {"labeltool": merged})]


def _order_value(dataset: Dataset, keys: Sequence[int]) -> list[JsonValue]:
    """Return the ids of classes in their order; none when it is that of the document."""
    if list(keys) == sorted(keys):
        return []
    return [dataset.categories.id_of(key) for key in keys]


def _group_values(
    facts: Mapping[str, JsonValue], before: LabelSchema, after: LabelSchema
) -> list[dict[str, JsonValue]]:
    listed = facts.get("tag_groups")
    raw: dict[str, dict[str, JsonValue]] = {
        entry["name"]: entry
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }
    values = []
    for group in after.tag_groups:
        entry = raw.get(group.name, {})
        if entry and group in before.tag_groups:
            values.append(entry)
            continue
        changes: dict[str, Any] = {"name": group.name, "type": group.type}
        changes["guideline"] = group.guideline or REMOVED
        values.append(merged_facts(entry, changes))
    return values


# -- one class


@dataclass(frozen=True, slots=True)
class RenameCategory:
    """Give a class another name."""

    category: Single
    name: str

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        row = resolve_single(dataset.categories, self.category)
        return f"Rename class {dataset.categories.name_of(row)} to {self.name}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations.

        Raises
        ------
        EditRefused
            The name is empty, or another class has it.
        """
        row = resolve_single(dataset.categories, self.category)
        if not self.name.strip():
            raise EditRefused("rename a class: no name found, expected one. Type a name.")
        if dataset.categories.name_of(row) == self.name:
            return []
        if any(other.name == self.name and other.row != row for other in dataset.categories):
            raise EditRefused(
                f"rename a class: another class is named {self.name}. Choose another name, or merge the two."
            )
        return [Patch("categories", row, {"name": self.name})]


@dataclass(frozen=True, slots=True)
class DeleteCategory:
    """Delete a class, and say what becomes of its annotations.

    Parameters
    ----------
    category
        The class.
    then
        ``"relabel"``: they get the class `to`; ``"delete"``: they go too; ``"unlabel"``: they stay, without.
    to
        The other class; for ``"relabel"`` alone.
    """

    category: Single
    then: Literal["relabel", "delete", "unlabel"]
    to: Single = None

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        row = resolve_single(dataset.categories, self.category)
        words = f"Delete class {dataset.categories.name_of(row)}"
        count = usage(dataset, row)
        if not count:
            return words
        if self.then == "delete":
            return f"{words} and its {_many(count)}"
        if self.then == "unlabel":
            return f"{words} ({_many(count)} unlabelled)"
        target = resolve_single(dataset.categories, self.to)
        return f"{words} ({_many(count)} relabelled to {dataset.categories.name_of(target)})"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations.

        Raises
        ------
        EditRefused
            The class to relabel to is missing, the same one, or has other keypoints.
        """
        row = resolve_single(dataset.categories, self.category)
        rows = _rows_of(dataset, row)
        ops: list[Op] = []
        if self.then == "relabel":
            target = resolve_single(dataset.categories, self.to)
            _check_target(dataset, row, target)
            ops = _relabel(rows, target)
        elif self.then == "unlabel":
            ops = _relabel(rows, -1)
        elif len(rows):
            ops = [SetAlive("annotations", rows, False)]
        return [*ops, SetAlive("categories", np.array([row], np.int64), False)]


@dataclass(frozen=True, slots=True)
class MergeCategories:
    """Give the annotations of some classes another one, and delete the classes.

    Parameters
    ----------
    sources
        The classes that go; `into` among them is left out.
    into
        The class that stays.
    """

    sources: Sequence[Single]
    into: Single

    def _rows(self, dataset: Dataset) -> tuple[list[int], int]:
        into = resolve_single(dataset.categories, self.into)
        rows = dict.fromkeys(resolve_single(dataset.categories, source) for source in self.sources)
        return [row for row in rows if row != into], into

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        rows, into = self._rows(dataset)
        count = sum(usage(dataset, row) for row in rows)
        name = dataset.categories.name_of(into)
        what = f"class {dataset.categories.name_of(rows[0])}" if len(rows) == 1 else f"{len(rows)} classes"
        return f"Merge {what} into {name} ({_many(count)})"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations.

        Raises
        ------
        EditRefused
            A class with annotated keypoints has others than the class that stays.
        """
        rows, into = self._rows(dataset)
        if not rows:
            return []
        for row in rows:
            _check_target(dataset, row, into)
        members = np.concatenate([_rows_of(dataset, row) for row in rows])
        return [*_relabel(np.sort(members), into), SetAlive("categories", np.array(rows, np.int64), False)]


def _rows_of(dataset: Dataset, category: int) -> IntArray:
    table = dataset.annotations
    return np.flatnonzero((table.category == category) & table.alive)


def _relabel(rows: IntArray, category: int) -> list[Op]:
    return [SetCategory(rows, np.full(len(rows), category, np.int64))] if len(rows) else []


def _check_target(dataset: Dataset, source: int, target: int) -> None:
    """Refuse to relabel a class to itself, or keypoints to a class that has others."""
    if source == target:
        raise EditRefused(
            f"relabel: the class {dataset.categories.name_of(source)} itself found, expected another one."
            " Choose one."
        )
    old, new = category_at(dataset, source), category_at(dataset, target)
    rows = _rows_of(dataset, source)
    placed = int(np.count_nonzero(dataset.annotations.flags[rows] & Flag.KEYPOINTS))
    names = [[point.name for point in category.keypoints] for category in (old, new)]
    if placed and names[0] != names[1]:
        raise EditRefused(
            f"relabel {old.name} to {new.name}: {_many(placed)} found with the keypoints of {old.name}"
            f" ({len(names[0])}), {new.name} has others ({len(names[1])}). Make the keypoints equal first."
        )
