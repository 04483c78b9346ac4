"""The primitive operations that every edit consists of.

Each is data: it goes into the journal as JSON, and `Dataset.apply` returns what undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from napari_labeltool.core.row_codec import rows_from_json, rows_to_json
from napari_labeltool.core.table import TableName
from napari_labeltool.core.values import (
    ORIGINAL,
    REMOVED,
    IntArray,
    JsonValue,
    Marker,
    Merged,
    PatchValues,
    distinct,
)


@dataclass(frozen=True, slots=True)
class Patch:
    """Change keys of one record; a value may be `REMOVED` or `ORIGINAL` (as the file has it)."""

    table: TableName
    row: int
    values: PatchValues


@dataclass(frozen=True, slots=True)
class PatchRows:
    """Change keys of many records alike; a value may also be `Merged`, so that it may differ from row to row.

    The rows are each once and in order.
    """

    table: TableName
    rows: IntArray
    values: PatchValues


@dataclass(frozen=True, slots=True)
class Append:
    """Append a record, which gets `row`; an annotation names its image and category rows."""

    table: TableName
    row: int
    record: Mapping[str, JsonValue]
    image: int = -1
    category: int = -1


@dataclass(frozen=True, slots=True)
class SetAlive:
    """Delete rows, or bring them back."""

    table: TableName
    rows: IntArray
    alive: bool


@dataclass(frozen=True, slots=True)
class SetCategory:
    """Give annotations a category each (rows of the category table, -1 for none)."""

    rows: IntArray
    categories: IntArray


Op: TypeAlias = Patch | PatchRows | Append | SetAlive | SetCategory


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change touched.

    Parameters
    ----------
    annotations, images, categories
        Rows, each once, in order.
    document
        Whether top-level keys were changed.
    """

    annotations: IntArray
    images: IntArray
    categories: IntArray
    document: bool


def touched_by(ops: Iterable[Op]) -> Touched:
    """Return what some operations touch."""
    rows: dict[str, list[IntArray]] = {"annotations": [], "images": [], "categories": [], "document": []}
    for op in ops:
        if isinstance(op, SetCategory):
            rows["annotations"].append(op.rows)
        elif isinstance(op, (SetAlive, PatchRows)):
            rows[op.table].append(op.rows)
        else:
            rows[op.table].append(np.array([op.row], np.int64))
    unique = {name: _joined(parts) for name, parts in rows.items()}
    return Touched(unique["annotations"], unique["images"], unique["categories"], len(unique["document"]) > 0)


def _joined(parts: list[IntArray]) -> IntArray:
    """Return rows each once, in order."""
    if not parts:
        return np.empty(0, np.int64)
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return distinct(joined.astype(np.int64, copy=False))


def op_to_json(op: Op) -> dict[str, JsonValue]:
    """Return an operation as a JSON object; `op_from_json` is its inverse."""
    if isinstance(op, Patch):
        return {"op": "patch", "table": op.table, "row": op.row, **_values_to_json(op.values)}
    if isinstance(op, PatchRows):
        rows = rows_to_json(op.rows)
        return {"op": "patch_rows", "table": op.table, "rows": rows, **_values_to_json(op.values)}
    if isinstance(op, Append):
        return {
            "op": "append",
            "table": op.table,
            "row": op.row,
            "record": dict(op.record),
            "image": op.image,
            "category": op.category,
        }
    if isinstance(op, SetAlive):
        return {"op": "alive", "table": op.table, "rows": rows_to_json(op.rows), "alive": op.alive}
    uniform = len(op.categories) > 0 and bool((op.categories == op.categories[0]).all())
    categories = int(op.categories[0]) if uniform else op.categories.tolist()
    return {"op": "category", "rows": rows_to_json(op.rows), "categories": categories}


_MARKS = {"removed": REMOVED, "original": ORIGINAL}


def _values_to_json(values: PatchValues) -> dict[str, JsonValue]:
    entry: dict[str, JsonValue] = {}
    plain = {key: value for key, value in values.items() if not isinstance(value, (Marker, Merged))}
    if plain:
        entry["set"] = plain
    for name, mark in _MARKS.items():
        marked = [key for key, value in values.items() if value is mark]
        if marked:
            entry[name] = marked
    for name, onto_original in (("merged", False), ("merged_original", True)):
        merged = {
            key: dict(value.changes)
            for key, value in values.items()
            if isinstance(value, Merged) and value.onto_original is onto_original
        }
        if merged:
            entry[name] = merged
    return entry


def _values_from_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = dict(entry.get("set", {}))
    for name, mark in _MARKS.items():
        values.update(dict.fromkeys(entry.get(name, ()), mark))
    for name, onto_original in (("merged", False), ("merged_original", True)):
        values.update({key: Merged(changes, onto_original) for key, changes in entry.get(name, {}).items()})
    return values


def op_from_json(entry: Mapping[str, Any]) -> Op:
    """Return the operation of a JSON object.

    Raises
    ------
    KeyError, ValueError
        The object is not an operation.
    """
    match entry["op"]:
        case "patch":
            return Patch(entry["table"], entry["row"], _values_from_json(entry))
        case "patch_rows":
            return PatchRows(entry["table"], rows_from_json(entry["rows"]), _values_from_json(entry))
        case "append":
            return Append(entry["table"], entry["row"], entry["record"], entry["image"], entry["category"])
        case "alive":
            return SetAlive(entry["table"], rows_from_json(entry["rows"]), entry["alive"])
        case "category":
            rows = rows_from_json(entry["rows"])
            categories = np.broadcast_to(np.asarray(entry["categories"], np.int64), rows.shape)
            return SetCategory(rows, categories)
        case other:
            raise ValueError(f"op: {other!r} found, expected patch, patch_rows, append, alive or category")
