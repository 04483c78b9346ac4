"""Changing keys of an object in many records at once: attributes, status, comment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import KEY_FLAGS
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.fields import changed_object
from napari_labeltool.core.json_values import same_json
from napari_labeltool.core.nested_values import CHUNK, texts_of
from napari_labeltool.core.ops import Op, PatchRows
from napari_labeltool.core.row_codec import small
from napari_labeltool.core.values import REMOVED, BoolArray, IntArray, JsonValue, Merged, decode_json


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
    table = dataset.annotations
    moved = _change_of_nothing(changes)
    changing = np.full(len(rows), moved, bool)
    has_key = (table.flags[rows] & KEY_FLAGS[key].value) != 0
    seen = np.flatnonzero(has_key | table.are_patched(rows))
    if len(seen):
        changing[seen] = _are_changed(table, np.asarray(rows[seen], np.int64), key, changes)
    if changing.all():
        chosen = rows
    else:
        chosen = small(rows[changing]) if changing.sum() > 1 else rows[changing]
    return [PatchRows("annotations", chosen, {key: Merged(changes)})] if len(chosen) else []


def _change_of_nothing(changes: Mapping[str, JsonValue]) -> bool:
    return changed_object(None, changes) is not REMOVED


def _is_changed(before: JsonValue, changes: Mapping[str, JsonValue]) -> bool:
    after = changed_object(before, changes)
    return before is not None if after is REMOVED else not same_json(before, after)


def _are_changed(table: Annotations, rows: IntArray, key: str, changes: Mapping[str, JsonValue]) -> BoolArray:
    """Return which of some records with the key, or with a patch, are changed; equal texts are looked at once."""
    result = np.zeros(len(rows), bool)
    known: dict[bytes | None, bool] = {None: _change_of_nothing(changes)}
    forms: dict[int, bool] = {}
    patched = table.are_patched(rows)
    for k in np.flatnonzero(patched).tolist():
        row = int(rows[k])
        patch = table.raw_patch_of(row)
        if key not in patch:
            patched[k] = False
        elif len(patch) > 1 or table.flags[row] & KEY_FLAGS[key].value or not isinstance(patch[key], Merged):
            result[k] = _is_changed(table.value(row, key), changes)
        else:
            # shared by many rows, none of which has the key in the file
            if id(patch) not in forms:
                forms[id(patch)] = _is_changed(table.value(row, key), changes)
            result[k] = forms[id(patch)]
    plain = np.flatnonzero(~patched)
    for begin in range(0, len(plain), CHUNK):
        part = plain[begin : begin + CHUNK]
        for k, text in zip(part.tolist(), texts_of(table, rows[part], key), strict=True):
            if text not in known:
                known[text] = _is_changed(decode_json(text or b"null"), changes)
            result[k] = known[text]
    return result
