"""Edits that repair what is wrong with a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Op, Patch
from napari_labeltool.core.records import ExternalId
from napari_labeltool.core.values import IntArray


def repeated_id_rows(table: Annotations) -> IntArray:
    """Return the alive rows whose id an earlier alive row has too, in order; annotations without id are none.

    Parameters
    ----------
    table
        The annotations.
    """
    rows = table.rows()
    odd = np.array(sorted(table.odd_ids), np.int64)
    whole = rows[~np.isin(rows, odd)]
    ids = table.id[whole]
    order = np.argsort(ids, kind="stable")
    again = np.flatnonzero(np.diff(ids[order]) == 0) + 1
    repeated: list[int] = whole[order][again].tolist()
    seen: set[tuple[type, ExternalId]] = set()
    for row in odd.tolist():
        value = table.id_of(row)
        if value is None or not table.alive[row]:
            continue
        if (type(value), value) in seen:
            repeated.append(row)
        seen.add((type(value), value))
    return np.array(sorted(repeated), np.int64)


@dataclass(frozen=True, slots=True)
class ReassignDuplicateIds:
    """Give every annotation whose id another one had before it an id of its own; the first one keeps it."""

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        count = len(repeated_id_rows(dataset.annotations))
        many = "1 annotation" if count == 1 else f"{count:,} annotations"
        return f"Give {many} with a duplicate id a new one"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations; none when all ids are different."""
        table = dataset.annotations
        rows = repeated_id_rows(table).tolist()
        first = table.next_id()
        number = int(first or 1)
        if not isinstance(first, str):
            return [Patch("annotations", row, {"id": number + place}) for place, row in enumerate(rows)]
        used = {table.id_of(row) for row in range(table.row_count)}
        ops: list[Op] = []
        for row in rows:
            while str(number) in used:
                number += 1
            ops.append(Patch("annotations", row, {"id": str(number)}))
            number += 1
        return ops
