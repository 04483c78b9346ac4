"""What was changed in records since they were read: a patch for each record, or one that many records share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import ORIGINAL, REMOVED, BoolArray, IntArray, Merged, PatchValues

Patch = dict[str, Any]
"""Key to value, to `REMOVED`, or to a `Merged` that belongs to the value as read."""

_UNTOUCHED = 0


class Patches:
    """The patches of a table by row.

    A record that is edited by itself has a dict of its own. Records that are edited together share one, so that
    setting a status of a million records takes one dict and one array.

    Parameters
    ----------
    base_count
        Number of rows that were read; rows from here on have patches of their own alone.
    """

    def __init__(self, base_count: int) -> None:
        self._base_count = base_count
        self._own: dict[int, Patch] = {}
        self._shared: NDArray[np.int32] | None = None
        self._forms: list[Patch] = [{}]
        self._form_by_words: dict[str, int] = {}

    def raw(self, row: int) -> Patch:
        """Return the patch of a row, to be read only; values may be `Merged`."""
        own = self._own.get(row)
        if own is not None or self._shared is None or row >= self._base_count:
            return {} if own is None else own
        return self._forms[int(self._shared[row])]

    def rows(self) -> IntArray:
        """Return the rows that have a patch, in order."""
        own = np.fromiter(self._own, np.int64, len(self._own))
        if self._shared is None:
            return np.sort(own)
        return np.union1d(own, np.flatnonzero(self._shared))

    def among(self, rows: IntArray) -> BoolArray:
        """Return which of some rows have a patch."""
        found: BoolArray = np.zeros(len(rows), bool)
        if self._own:
            found |= np.isin(rows, np.fromiter(self._own, np.int64, len(self._own)))
        if self._shared is not None:
            inside = rows < self._base_count
            found[inside] |= self._shared[rows[inside]] != _UNTOUCHED
        return found

    def forms(self, rows: IntArray) -> tuple[NDArray[np.int32], list[Patch]]:
        """Return for each row the number of the patch that it shares with others, and those patches.

        0 stands for no patch, -1 for a patch of the row's own.
        """
        codes = np.zeros(len(rows), np.int32)
        if self._shared is not None:
            inside = rows < self._base_count
            codes[inside] = self._shared[rows[inside]]
        if self._own:
            codes[np.isin(rows, np.fromiter(self._own, np.int64, len(self._own)))] = -1
        return codes, self._forms

    def __bool__(self) -> bool:
        return bool(self._own) or (self._shared is not None and bool(self._shared.any()))

    def put(self, row: int, record: Patch) -> None:
        """Give a row a patch of its own."""
        self._own[row] = record

    def change(self, row: int, values: PatchValues) -> Patch:
        """Change keys of one record; return the values that undo it."""
        patch = self._own.get(row)
        if patch is None:
            patch = dict(self.raw(row))
            if self._shared is not None and row < self._base_count:
                self._shared[row] = _UNTOUCHED
        before: Patch = {key: patch.get(key, ORIGINAL) for key in values}
        patch = _changed(patch, values, row >= self._base_count)
        if patch:
            self._own[row] = patch
        else:
            self._own.pop(row, None)
        return before

    def change_many(self, rows: IntArray, values: PatchValues) -> Iterator[tuple[IntArray, Patch]]:
        """Change keys of many records alike.

        Parameters
        ----------
        rows
            Rows, each once.
        values
            As of `change`.

        Yields
        ------
        rows, values
            What undoes it, for rows that were alike before; each is changed when it is yielded.
        """
        alone = rows >= self._base_count
        if self._own:
            alone |= np.isin(rows, np.fromiter(self._own, np.int64, len(self._own)))
        for row in rows[alone].tolist():
            yield np.array([row], np.int64), self.change(row, values)
        together = rows if not alone.any() else rows[~alone]
        if not len(together):
            return
        if self._shared is None:
            self._shared = np.zeros(self._base_count, np.int32)
        forms = self._shared[together]
        alike = bool((forms == forms[0]).all())
        for form in [int(forms[0])] if alike else np.flatnonzero(np.bincount(forms)).tolist():
            part = together if alike else together[forms == form]
            old = self._forms[form]
            self._shared[part] = self._form_of(_changed(dict(old), values, False))
            yield part, {key: old.get(key, ORIGINAL) for key in values}

    def _form_of(self, patch: Patch) -> int:
        if not patch:
            return _UNTOUCHED
        words = repr(patch)
        form = self._form_by_words.setdefault(words, len(self._forms))
        if form == len(self._forms):
            self._forms.append(patch)
        return form


def _changed(patch: Patch, values: PatchValues, is_whole: bool) -> Patch:
    """Change a patch; `is_whole` says that there is no record below it."""
    for key, value in values.items():
        if isinstance(value, Merged):
            value = _merged(patch, key, value, is_whole)
        if value is ORIGINAL or (is_whole and value is REMOVED):
            patch.pop(key, None)
        else:
            patch[key] = value
    return patch


def _merged(patch: Patch, key: str, value: Merged, is_whole: bool) -> Any:
    present = patch.get(key, ORIGINAL)
    if value.onto_original or (present is ORIGINAL and not is_whole):
        return Merged(value.changes, True)
    if isinstance(present, Merged):
        return Merged({**present.changes, **value.changes}, True)
    return value.onto(None if present in (REMOVED, ORIGINAL) else present)


def resolved(patch: Mapping[str, Any], base: Mapping[str, Any]) -> Patch:
    """Return a patch in which every `Merged` is the value that it makes of the record as read."""
    return {
        key: value.onto(base.get(key)) if isinstance(value, Merged) else value for key, value in patch.items()
    }
