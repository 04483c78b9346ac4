"""Records of one JSON array: their bytes as read, what was changed since, and which are alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.patches import Patches, resolved
from napari_labeltool.core.source import Source, Span
from napari_labeltool.core.values import (
    REMOVED,
    BoolArray,
    GrowingArray,
    IntArray,
    JsonValue,
    Merged,
    PatchValues,
    decode_json,
    distinct,
)

TableName = Literal["annotations", "images", "categories", "document"]

NO_SPAN: Span = (-1, -1)


class Table:
    """Rows of records; a row is a position that never changes while the dataset lives.

    A record is the bytes that were read plus a patch: the keys that were changed since. A row that was
    appended has no bytes, its patch is the whole record. A deleted row stays, dead, so that it can come back.

    Parameters
    ----------
    name
        Name of the array in the document.
    source
        The document's bytes.
    spans
        (n, 2) offsets of each record in the source, start and end.
    """

    def __init__(self, name: TableName, source: Source, spans: IntArray | None = None) -> None:
        self.name: TableName = name
        self.source = source
        base = np.empty((0, 2), np.int64) if spans is None else np.asarray(spans, np.int64).reshape(-1, 2)
        self.base_spans: IntArray = base
        self._alive = GrowingArray(np.ones(len(base), bool))
        self._dead = 0
        self._patches = Patches(len(base))

    # -- size
    @property
    def base_count(self) -> int:
        """Number of rows that were read; rows from here on were appended since."""
        return len(self.base_spans)

    @property
    def row_count(self) -> int:
        """Number of rows, dead ones included."""
        return len(self._alive)

    def __len__(self) -> int:
        return len(self._alive) - self._dead

    @property
    def alive(self) -> BoolArray:
        """(row_count,) which rows are not deleted. Read only."""
        return self._alive.view

    def rows(self) -> IntArray:
        """Return the rows that are alive, in order."""
        if self._dead == 0:
            return np.arange(self.row_count, dtype=np.int64)
        return np.flatnonzero(self._alive.view)

    # -- records
    def raw(self, row: int) -> bytes | None:
        """Return the record's own bytes as they were read; None for a row that was appended."""
        if row >= self.base_count:
            return None
        start, end = self.base_spans[row]
        return self.source.data[start:end]

    def base(self, row: int) -> dict[str, JsonValue]:
        """Return the record as it was read (empty for an appended row)."""
        raw = self.raw(row)
        if raw is None:
            return {}
        value = decode_json(raw)
        return value if isinstance(value, dict) else {}

    def patch_of(self, row: int) -> Mapping[str, Any]:
        """Return what was changed since reading: key to value or `REMOVED`."""
        patch = self._patches.raw(row)
        if any(isinstance(value, Merged) for value in patch.values()):
            return resolved(patch, self.base(row))
        return patch

    def raw_patch_of(self, row: int) -> Mapping[str, Any]:
        """Return what was changed since reading, without reading the record: values may be `Merged`."""
        return self._patches.raw(row)

    def record(self, row: int) -> dict[str, JsonValue]:
        """Return the record as it is now, as a new dict."""
        record = self.base(row)
        for key, value in resolved(self._patches.raw(row), record).items():
            if value is REMOVED:
                record.pop(key, None)
            else:
                record[key] = value
        return record

    def value(self, row: int, key: str, default: JsonValue = None) -> JsonValue:
        """Return one value of the record, or `default` when the key is not there."""
        patch = self._patches.raw(row)
        if key not in patch:
            return self.base(row).get(key, default)
        value = patch[key]
        if isinstance(value, Merged):
            value = value.onto(self.base(row).get(key))
        return default if value is REMOVED else value

    def patched_rows(self) -> list[int]:
        """Return the alive rows with a patch, in order; the appended ones are among them."""
        rows = self._patches.rows()
        return [int(row) for row in rows[self._alive.view[rows]]]

    def are_patched(self, rows: IntArray) -> BoolArray:
        """Return which of some rows were changed or appended since reading."""
        return self._patches.among(rows)

    def patch_forms(self, rows: IntArray) -> tuple[NDArray[np.int32], list[dict[str, Any]]]:
        """Return for each row the number of the patch that it shares with others, and those patches.

        0 stands for no patch, -1 for a patch of the row's own (`raw_patch_of`). Values may be `Merged`.
        """
        return self._patches.forms(rows)

    def is_changed(self) -> bool:
        """Tell whether a save would write anything else than the bytes that were read."""
        alive = self._alive.view
        return not alive[: self.base_count].all() or bool(alive[self._patches.rows()].any())

    # -- changes; called by `Dataset.apply` alone
    def set_patch(self, row: int, values: PatchValues) -> dict[str, Any]:
        """Change keys of a record; return the values that undo it."""
        return self._patches.change(row, values)

    def set_patches(self, rows: IntArray, values: PatchValues) -> list[tuple[IntArray, dict[str, Any]]]:
        """Change keys of many records alike; return rows and values that undo it, in the order to apply."""
        return list(self._patches.change_many(rows, values))[::-1]

    def reserve(self, count: int) -> None:
        """Make room for so many more records, see `GrowingArray.reserve`."""
        self._alive.reserve(count)

    def append(self, record: Mapping[str, JsonValue]) -> int:
        """Append a record; return its row."""
        row = self.row_count
        self._alive.append(True)
        self._patches.put(row, dict(record))
        return row

    def revive(self, row: int, record: Mapping[str, JsonValue]) -> None:
        """Bring an appended row back to the record that it began with."""
        self._patches.put(row, dict(record))
        self.set_alive(np.array([row]), True)

    def set_alive(self, rows: IntArray, alive: bool) -> IntArray:
        """Delete rows or bring them back; return the rows whose state was changed."""
        view = self._alive.view
        changed = distinct(rows[view[rows] != alive])
        view[changed] = alive
        self._dead += -len(changed) if alive else len(changed)
        return changed


class Document(Table):
    """The top-level keys beside the three arrays, as a table of one row."""

    ROW = 0

    def __init__(self, source: Source, array_keys: Iterable[str]) -> None:
        super().__init__("document", source, np.array([source.body], np.int64))
        self.array_keys = frozenset(array_keys)

    def base(self, row: int) -> dict[str, JsonValue]:
        """Return the top-level keys as read, without the arrays that have a table of their own."""
        data = memoryview(self.source.data)
        return {
            key: decode_json(data[start:end])
            for key, (start, end) in self.source.keys.items()
            if key not in self.array_keys
        }

    @property
    def facts(self) -> Mapping[str, JsonValue]:
        """What stands under the document's key ``labeltool``."""
        value = self.value(self.ROW, "labeltool")
        return value if isinstance(value, dict) else {}
