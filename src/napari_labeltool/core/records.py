"""Tables of images and categories, with the record values that are asked for often."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from napari_labeltool.core.source import Source
from napari_labeltool.core.table import Table
from napari_labeltool.core.values import IntArray, JsonValue, PatchValues

ExternalId = int | str | float | bool | None
"""An id as a file holds it. Almost always an int; strings occur."""

ImageState = Literal["todo", "in_work", "done", "needs_review", "rejected"]
IMAGE_STATES: tuple[ImageState, ...] = ("todo", "in_work", "done", "needs_review", "rejected")


def as_size(value: JsonValue) -> int | None:
    """Return a width or height as int, or None when it is not a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 < value < math.inf and value == int(value) else None


def labeltool_facts(record: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Return what stands under a record's key ``labeltool``."""
    facts = record.get("labeltool")
    return facts if isinstance(facts, dict) else {}


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image of the document.

    Parameters
    ----------
    row
        Row in ``dataset.images``.
    id
        As the file has it.
    file_name
        As the file has it, never altered.
    width, height
        In pixels as declared; None when missing or not a positive whole number.
    state
        Where the work on it stands.
    verified_empty
        Somebody looked and there is nothing to label.
    record
        The whole JSON record.
    """

    row: int
    id: ExternalId
    file_name: str
    width: int | None
    height: int | None
    state: ImageState
    verified_empty: bool
    record: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """One category of the document; what a person edits of it is a `core.schema.Category`."""

    row: int
    id: ExternalId
    name: str
    record: Mapping[str, JsonValue]


class KeyedTable(Table):
    """A table whose records have an ``id``; the first of several equal ids is the one that is found."""

    def __init__(self, name: Literal["images", "categories"], source: Source, spans: IntArray | None = None):
        super().__init__(name, source, spans)
        self._ids: list[ExternalId] = [
            self._hashable(self.base(row).get("id")) for row in range(self.row_count)
        ]
        self._row_of: dict[tuple[type, ExternalId], int] = {}
        for row, value in enumerate(self._ids):
            self._row_of.setdefault((type(value), value), row)

    @staticmethod
    def _hashable(value: JsonValue) -> ExternalId:
        return value if value is None or isinstance(value, (int, str, float, bool)) else str(value)

    def id_of(self, row: int) -> ExternalId:
        """Return the record's id as the file has it."""
        return self._ids[row]

    def row_of_id(self, value: ExternalId) -> int | None:
        """Return the row of an id of the same type and value, dead or alive; None if there is none."""
        return self._row_of.get((type(value), value))

    def next_id(self) -> ExternalId:
        """Return an id that no record has: max + 1 for integers, a free decimal string for strings; never 0."""
        ints = [value for value in self._ids if isinstance(value, int) and not isinstance(value, bool)]
        if ints or not self._ids:
            return max([0, *ints]) + 1
        number = len(self._ids) + 1
        while self.row_of_id(str(number)) is not None:
            number += 1
        return str(number)

    def append(self, record: Mapping[str, JsonValue]) -> int:
        """Append a record; return its row."""
        row = super().append(record)
        value = self._hashable(record.get("id"))
        self._ids.append(value)
        self._row_of.setdefault((type(value), value), row)
        return row

    def set_patch(self, row: int, values: PatchValues) -> dict[str, Any]:
        """Change keys of a record; return the values that undo it."""
        before = super().set_patch(row, values)
        if "id" in values:
            self._ids[row] = self._hashable(self.value(row, "id"))
            self._row_of = {}
            for index, value in enumerate(self._ids):
                self._row_of.setdefault((type(value), value), index)
        return before


class Images(KeyedTable):
    """The image records.

    Besides those of the document one record may be *offered*: that of a plane of a stack which is looked at and has
    none yet. It is read under the next row, and added by the first edit that needs it (`core.offered`).
    """

    def __init__(self, source: Source, spans: IntArray | None = None) -> None:
        super().__init__("images", source, spans)
        self._offered: tuple[int, dict[str, JsonValue]] | None = None

    def offer(self, record: Mapping[str, JsonValue]) -> int:
        """Offer a record, which gets an id; return the row that it will have. An earlier offer is gone."""
        self._offered = (self.row_count, {"id": self.next_id(), **record})
        return self.row_count

    def is_offered(self, row: int) -> bool:
        """Tell whether a row is that of the offered record."""
        return self._offered is not None and row == self._offered[0] == self.row_count

    def exists(self, row: int) -> bool:
        """Tell whether a row is that of a record which is alive or offered."""
        return self.is_offered(row) or (0 <= row < self.row_count and bool(self.alive[row]))

    def id_of(self, row: int) -> ExternalId:
        """Return the record's id as the file has it."""
        return self._hashable(self.record(row).get("id")) if self.is_offered(row) else super().id_of(row)

    def record(self, row: int) -> dict[str, JsonValue]:
        """Return the record as it is now, as a new dict."""
        if self._offered is not None and self.is_offered(row):
            return dict(self._offered[1])
        return super().record(row)

    def value(self, row: int, key: str, default: JsonValue = None) -> JsonValue:
        """Return one value of the record, or `default` when the key is not there."""
        return (
            self.record(row).get(key, default) if self.is_offered(row) else super().value(row, key, default)
        )

    def at(self, row: int) -> ImageRecord:
        """Return the image of a row."""
        record = self.record(row)
        facts = labeltool_facts(record)
        state = facts.get("state")
        name = record.get("file_name")
        return ImageRecord(
            row,
            self.id_of(row),
            name if isinstance(name, str) else "",
            as_size(record.get("width")),
            as_size(record.get("height")),
            state if state in IMAGE_STATES else "todo",
            facts.get("verified_empty") is True,
            record,
        )

    def size(self, row: int) -> tuple[int, int] | None:
        """Return the declared (height, width) in pixels, or None; also for row -1, no image."""
        if row < 0:
            return None
        record = self.record(row)
        height, width = as_size(record.get("height")), as_size(record.get("width"))
        return None if height is None or width is None else (height, width)

    def __getitem__(self, index: int) -> ImageRecord:
        return self.at(int(self.rows()[index]))

    def __iter__(self) -> Iterator[ImageRecord]:
        return (self.at(int(row)) for row in self.rows())


class Categories(KeyedTable):
    """The category records."""

    def __init__(self, source: Source, spans: IntArray | None = None) -> None:
        super().__init__("categories", source, spans)

    def at(self, row: int) -> CategoryRecord:
        """Return the category of a row."""
        record = self.record(row)
        name = record.get("name")
        return CategoryRecord(
            row, self.id_of(row), name if isinstance(name, str) else str(self.id_of(row)), record
        )

    def row_of(self, key: ExternalId) -> int | None:
        """Return the alive row of an id, or else of a name; None if there is none."""
        row = self.row_of_id(key)
        if row is not None and self.alive[row]:
            return row
        return next((c.row for c in self if c.name == key), None) if isinstance(key, str) else None

    def name_of(self, row: int) -> str:
        """Return the name of a row; ``"unlabelled"`` for row -1."""
        return "unlabelled" if row < 0 else self.at(row).name

    def __getitem__(self, index: int) -> CategoryRecord:
        return self.at(int(self.rows()[index]))

    def __iter__(self) -> Iterator[CategoryRecord]:
        return (self.at(int(row)) for row in self.rows())
