"""What an edit is, how it names its targets, and several edits as one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.ops import Append, Op
from napari_labeltool.core.records import ExternalId, Images, KeyedTable
from napari_labeltool.core.row_codec import small
from napari_labeltool.core.values import IntArray, distinct

_MANY: Final = 1000


class Edit(Protocol):
    """A step of work as data: it says what it does and which operations that takes."""

    def label(self, dataset: Dataset) -> str:
        """Return the step in words, for example ``"Move nucleus 4711"``; asked before the edit is applied."""
        ...

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations; none when there is nothing to change.

        Raises
        ------
        EditRefused
            The edit is not possible in the present state of the dataset.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Targets named by their row instead of their id; exact where a file has duplicate ids."""

    rows: IntArray | Sequence[int]

    def array(self) -> IntArray:
        """Return the rows as an array."""
        return np.atleast_1d(np.asarray(self.rows, np.int64))


Target: TypeAlias = Rows | ExternalId | Sequence[ExternalId] | IntArray
"""Annotations by id (one or several; every duplicate of an id is meant), or by `Rows`."""

Single: TypeAlias = Rows | ExternalId
"""One image or category by id (a category also by name), or by `Rows`."""


def resolve_annotations(dataset: Dataset, target: Target) -> IntArray:
    """Return the alive rows of a target.

    Raises
    ------
    EditRefused
        An id that no annotation has, or a row that is deleted or does not exist.
    """
    table = dataset.annotations
    if isinstance(target, Rows):
        rows = target.array()
        bad = (rows < 0) | (rows >= table.row_count)
        if bad.any():
            bad[~bad] = ~table.alive[rows[~bad]]
        else:
            bad = ~table.alive[rows]
        if bad.any():
            raise EditRefused(
                f"annotations: row {int(rows[bad][0])} is deleted or was never there. Choose another annotation."
            )
        return rows
    if isinstance(target, (int, str, float)) or target is None:
        target = [target]
    try:
        return table.rows_of_ids(target if isinstance(target, np.ndarray) else list(target))
    except KeyError as error:
        raise EditRefused(
            f"annotations: id {error.args[0]!r} found in the request, no annotation has it."
            " Ids are listed in dataset.annotations.id."
        ) from None


def many_rows(dataset: Dataset, target: Target) -> IntArray:
    """Return the alive rows of a target each once, many of them in order and in little memory.

    Raises
    ------
    EditRefused
        As `resolve_annotations`.
    """
    rows = resolve_annotations(dataset, target)
    return rows if len(rows) < _MANY else small(distinct(rows))


def resolve_single(table: KeyedTable, key: Single) -> int:
    """Return the alive row of one image or category.

    Raises
    ------
    EditRefused
        There is none.
    """
    if isinstance(key, Rows):
        row: int | None = int(key.array()[0])
        alive = row is not None and 0 <= row < table.row_count and bool(table.alive[row])
        alive = alive or (row is not None and isinstance(table, Images) and table.is_offered(row))
    else:
        row = table.row_of_id(key)
        alive = row is not None and bool(table.alive[row])
        if not alive and isinstance(key, str) and table.name == "categories":
            row = next((int(r) for r in table.rows() if table.value(int(r), "name") == key), None)
            alive = row is not None
    if row is None or not alive:
        named = f"row {row}" if isinstance(key, Rows) else repr(key)
        raise EditRefused(f"{table.name}: {named} found in the request, nothing in the document has it.")
    return row


def count_words(dataset: Dataset, rows: IntArray) -> str:
    """Return targets in words: ``"nucleus 4711"`` or ``"214 annotations"``."""
    return dataset.name_of(int(rows[0])) if len(rows) == 1 else f"{len(rows):,} annotations"


@dataclass(frozen=True, slots=True)
class Compound:
    """Several edits as one step; each is compiled against the state before the step."""

    text: str
    edits: tuple[Edit, ...]

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return self.text

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations of all edits; appended records get rows one after another."""
        return renumber_appends(dataset, [op for edit in self.edits for op in edit.ops(dataset)])


def renumber_appends(dataset: Dataset, ops: Sequence[Op]) -> list[Op]:
    """Give each appended record a row and an id of its own when several edits were compiled apart."""
    seen: dict[str, int] = {}
    result: list[Op] = []
    for op in ops:
        if isinstance(op, Append):
            index = seen.get(op.table, 0)
            seen[op.table] = index + 1
            record = dict(op.record)
            if index and op.table == "annotations":
                record["id"] = dataset.annotations.next_id(index)
            op = Append(op.table, dataset.table(op.table).row_count + index, record, op.image, op.category)
        result.append(op)
    return result
