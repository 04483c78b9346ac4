"""Edits of an attribute of all annotations of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Single, resolve_single
from napari_labeltool.core.ops import Op, Patch


def rows_with_attribute(dataset: Dataset, category: int, name: str) -> list[int]:
    """Return the rows of the annotations of a class (by row) that have an attribute, in order."""
    table = dataset.annotations
    rows = np.flatnonzero((table.category == category) & table.alive)
    needle = name.encode() if name.isascii() and name.isalnum() else b""
    found = []
    for row in rows.tolist():
        raw = table.raw(row)
        if raw is not None and needle not in raw and b"\\u" not in raw and not table.patch_of(row):
            continue
        attributes = table.value(row, "attributes")
        if isinstance(attributes, dict) and name in attributes:
            found.append(row)
    return found


@dataclass(frozen=True, slots=True)
class RenameAttribute:
    """Rename an attribute in the annotations of a class; its place among the others stays.

    An annotation that has the new name already is left as it is, so that no value is lost.

    Parameters
    ----------
    category
        The class.
    name, to
        The attribute's name now and from now on.
    """

    category: Single
    name: str
    to: str

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        row = resolve_single(dataset.categories, self.category)
        return f"Rename {self.name} of {dataset.categories.name_of(row)} to {self.to}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        if self.name == self.to:
            return []
        category = resolve_single(dataset.categories, self.category)
        ops: list[Op] = []
        for row in rows_with_attribute(dataset, category, self.name):
            before = dataset.annotations.value(row, "attributes")
            if self.to not in before:
                after = {self.to if key == self.name else key: value for key, value in before.items()}
                ops.append(Patch("annotations", row, {"attributes": after}))
        return ops
