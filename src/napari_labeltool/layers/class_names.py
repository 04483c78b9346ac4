"""Names of classes as layers show them: each of them once."""

from __future__ import annotations

from collections import Counter

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.layers.names import UNLABELLED


def class_names(dataset: Dataset) -> dict[int, str]:
    """Return the name of each class by its row, -1 included; a name that occurs twice gets its id added."""
    return dataset.remembered("class names", _class_names)


def _class_names(dataset: Dataset) -> dict[int, str]:
    records = list(dataset.categories)
    count = Counter(record.name for record in records)
    names = {r.row: r.name if count[r.name] == 1 else f"{r.name} ({r.id})" for r in records}
    names[-1] = UNLABELLED
    return names
