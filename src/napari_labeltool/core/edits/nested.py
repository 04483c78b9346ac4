"""Changing keys of an object in many records at once: attributes, status, comment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.fields import changed_object
from napari_labeltool.core.json_values import same_json
from napari_labeltool.core.nested_values import nested_values
from napari_labeltool.core.ops import Op, PatchRows
from napari_labeltool.core.row_codec import small
from napari_labeltool.core.values import REMOVED, IntArray, JsonValue, Merged


def nested_ops(dataset: Dataset, rows: IntArray, key: str, changes: Mapping[str, JsonValue]) -> list[Op]:
    """Return the operation that changes keys of the object under a key in many records; None removes one.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Rows of annotations, each once and in order; those in which nothing changes are left out.
    key
        ``"attributes"`` or ``"labeltool"``.
    changes
        The keys of the object.
    """
    values, places = nested_values(dataset.annotations, rows, key)
    changing = np.array([_is_changed(value, changes) for value in values], bool)[places]
    if changing.all():
        chosen = rows
    else:
        chosen = small(rows[changing]) if changing.sum() > 1 else rows[changing]
    return [PatchRows("annotations", chosen, {key: Merged(changes)})] if len(chosen) else []


def _is_changed(before: JsonValue, changes: Mapping[str, JsonValue]) -> bool:
    after = changed_object(before, changes)
    return before is not None if after is REMOVED else not same_json(before, after)
