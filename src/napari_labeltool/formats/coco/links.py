"""From the ids in the records to rows of the image and category tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.records import KeyedTable
from napari_labeltool.core.values import IntArray, JsonValue

_BLOCK: Final = 1 << 14
_WIDEST: Final = 1 << 16
_WHOLE: Final = re.compile(r"\s*(-?\d{1,18})\s*")


@dataclass(frozen=True, slots=True)
class Links:
    """Where the references of annotations lead.

    Parameters
    ----------
    rows
        (n,) row of the table for each annotation, -1 for none.
    lenient
        Annotations whose id matches only when its JSON type is disregarded (``"0"`` against 0).
    """

    rows: NDArray[np.int32]
    lenient: IntArray


def link(references: IntArray, odd: Mapping[int, JsonValue], table: KeyedTable) -> Links:
    """Find the row of every reference; the same type and value first, then the same number in another type.

    Parameters
    ----------
    references
        (n,) integer ids.
    odd
        Annotations whose reference is no integer, with it; these rows of `references` mean nothing.
    table
        Where the ids are looked for; the first record of a repeated id counts.
    """
    ids = [table.id_of(row) for row in range(table.row_count)]
    whole = [(value, row) for row, value in enumerate(ids) if type(value) is int and abs(value) < 2**63]
    rows = _rows_of(references, whole)
    for row, value in odd.items():
        match = table.row_of_id(value) if _is_id(value) else None
        rows[row] = -1 if match is None else match
    return Links(rows, _link_leniently(rows, references, odd, ids))


def _rows_of(references: IntArray, whole: list[tuple[int, int]]) -> NDArray[np.int32]:
    """Return the row of every reference, -1 for none; `whole` are ids with their rows, of which the first counts."""
    rows = np.full(len(references), -1, np.int32)
    if not whole:
        return rows
    keys, first = np.unique(np.array([value for value, _ in whole], np.int64), return_index=True)
    owners = np.array([row for _, row in whole], np.int32)[first]
    reach = int(keys[-1]) - int(keys[0])
    table = None
    if reach < _WIDEST + len(references):
        # by the distance from the lowest id, the last for all that are none of them
        table = np.full(reach + 2, -1, np.int32)
        table[keys - keys[0]] = owners
    for begin in range(0, len(references), _BLOCK):
        part = references[begin : begin + _BLOCK]
        if table is not None:
            # what is lower is far beyond, without a sign
            distances = part.view(np.uint64) - keys[0].view(np.uint64)
            rows[begin : begin + _BLOCK] = table[np.minimum(distances, np.uint64(reach + 1)).view(np.int64)]
        else:
            found = np.minimum(np.searchsorted(keys, part), len(keys) - 1)
            rows[begin : begin + _BLOCK] = np.where(keys[found] == part, owners[found], -1)
    return rows


def _link_leniently(
    rows: NDArray[np.int32], references: IntArray, odd: Mapping[int, JsonValue], ids: list[JsonValue]
) -> IntArray:
    lenient: list[int] = []
    others: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for table_row, value in enumerate(ids):
        number = _number(value)
        if number is not None:
            numbers.setdefault(number, table_row)
            if type(value) is not int:
                others.setdefault(number, table_row)
    candidates = [row for row in odd if rows[row] < 0]
    if others:
        open_rows = np.flatnonzero((rows < 0) & np.isin(references, list(others)))
        candidates += [row for row in open_rows.tolist() if row not in odd]
    for row in candidates:
        number = _number(odd[row] if row in odd else int(references[row]))
        match = None if number is None else numbers.get(number)
        if match is not None:
            rows[row] = match
            lenient.append(row)
    return np.array(sorted(lenient), np.int64)


def _is_id(value: JsonValue) -> bool:
    return isinstance(value, (int, str, float, bool))


def _number(value: JsonValue) -> int | None:
    """Return the whole number that an id of any type stands for, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else None
    match = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else int(match.group(1))
