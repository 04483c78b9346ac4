"""The primitive operations that every edit consists of.

Each is data: it goes into the journal as JSON, and `Dataset.apply` returns what undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from napari_labeltool.core.table import TableName
from napari_labeltool.core.values import ORIGINAL, REMOVED, IntArray, JsonValue, PatchValues


@dataclass(frozen=True, slots=True)
class Patch:
    """Change keys of one record; a value may be `REMOVED` or `ORIGINAL` (as the file has it)."""

    table: TableName
    row: int
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


Op: TypeAlias = Patch | Append | SetAlive | SetCategory


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
        elif isinstance(op, SetAlive):
            rows[op.table].append(op.rows)
        else:
            rows[op.table].append(np.array([op.row], np.int64))
    unique = {
        name: np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
        for name, parts in rows.items()
    }
    return Touched(unique["annotations"], unique["images"], unique["categories"], len(unique["document"]) > 0)


def op_to_json(op: Op) -> dict[str, JsonValue]:
    """Return an operation as a JSON object; `op_from_json` is its inverse."""
    if isinstance(op, Patch):
        entry: dict[str, JsonValue] = {"op": "patch", "table": op.table, "row": op.row}
        plain = {
            key: value for key, value in op.values.items() if value is not REMOVED and value is not ORIGINAL
        }
        removed = [key for key, value in op.values.items() if value is REMOVED]
        original = [key for key, value in op.values.items() if value is ORIGINAL]
        for name, part in (("set", plain), ("removed", removed), ("original", original)):
            if part:
                entry[name] = part
        return entry
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
        return {"op": "alive", "table": op.table, "rows": op.rows.tolist(), "alive": op.alive}
    uniform = len(op.categories) > 0 and bool((op.categories == op.categories[0]).all())
    categories = int(op.categories[0]) if uniform else op.categories.tolist()
    return {"op": "category", "rows": op.rows.tolist(), "categories": categories}


def op_from_json(entry: Mapping[str, Any]) -> Op:
    """Return the operation of a JSON object.

    Raises
    ------
    KeyError, ValueError
        The object is not an operation.
    """
    match entry["op"]:
        case "patch":
            values: dict[str, Any] = dict(entry.get("set", {}))
            values.update(dict.fromkeys(entry.get("removed", ()), REMOVED))
            values.update(dict.fromkeys(entry.get("original", ()), ORIGINAL))
            return Patch(entry["table"], entry["row"], values)
        case "append":
            return Append(entry["table"], entry["row"], entry["record"], entry["image"], entry["category"])
        case "alive":
            return SetAlive(entry["table"], np.asarray(entry["rows"], np.int64), entry["alive"])
        case "category":
            rows = np.asarray(entry["rows"], np.int64)
            categories = np.broadcast_to(np.asarray(entry["categories"], np.int64), rows.shape)
            return SetCategory(rows, categories)
        case other:
            raise ValueError(f"op: {other!r} found, expected patch, append, alive or category")
