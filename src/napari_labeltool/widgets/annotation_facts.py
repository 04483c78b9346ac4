"""What lists say of annotations: kinds from the columns, score and status from the records. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import Flag, Kind, is_number
from napari_labeltool.core.edits import STATUSES, Status
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray, JsonValue, Merged

KIND_WORDS: Final = ("box", "rotated box", "polygon", "mask", "keypoints", "tag", "odd", "no place")
"""What a kind is called; `kind_codes` counts in this order."""

_BOX, _ROTATED, _POLYGON, _MASK, _KEYPOINTS, _TAG, _ODD, _NOWHERE = range(len(KIND_WORDS))
_CODE_OF_KIND: Final = np.array([_NOWHERE, _BOX, _POLYGON, _MASK, _MASK, _ODD], np.uint8)

STATUS_WORDS: Final[dict[Status, str]] = {
    "": "",
    "draft": "draft",
    "needs_review": "needs review",
    "approved": "approved",
    "rejected": "rejected",
}


def kind_codes(table: Annotations, rows: IntArray) -> NDArray[np.uint8]:
    """Return the kind of each of some annotations, an index into `KIND_WORDS`."""
    codes = _CODE_OF_KIND[table.kind[rows]]
    flags = table.flags[rows]
    codes[(codes == _POLYGON) & ((flags & Flag.ROTATED) != 0)] = _ROTATED
    bare = codes == _NOWHERE
    codes[bare & (table.category[rows] >= 0)] = _TAG
    codes[bare & ((flags & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS)) != 0)] = _KEYPOINTS
    boxed = (table.kind[rows] == Kind.BOX) & ((flags & Flag.KEYPOINTS) != 0)
    codes[boxed] = _KEYPOINTS
    return np.asarray(codes, np.uint8)


class _Record(msgspec.Struct, gc=False):
    """The keys of a record that are asked for; the others are skipped without being built."""

    score: Any = None
    labeltool: Any = None


_DECODER: Final = msgspec.json.Decoder(_Record)
_LIST_DECODER: Final = msgspec.json.Decoder(list[_Record])
_ROOM: Final = 1000
"""Places for annotations that come, beside an eighth of those that are there."""
_CHUNK: Final = 5000
"""Records that are decoded at once where many are asked for: five times as fast, and other threads wait shortly."""


def _go_on() -> None:
    """Do not stop."""


class RecordFacts:
    """Score and status of annotations, read from the records when they are asked for and then kept.

    Parameters
    ----------
    table
        The annotations.

    Attributes
    ----------
    check
        Called between the parts of long work; what it raises ends the work.
    """

    def __init__(self, table: Annotations) -> None:
        self.check: Callable[[], None] = _go_on
        self._table = table
        self._known = np.zeros(0, bool)
        self._score = np.zeros(0)
        self._status = np.zeros(0, np.uint8)

    def copy(self, check: Callable[[], None]) -> RecordFacts:
        """Return what is known so far as an object for another thread, which may call this."""
        facts = RecordFacts(self._table)
        facts.check = check
        # in this order: what is known has been written
        known, score, status = self._known.copy(), self._score.copy(), self._status.copy()
        facts._known, facts._score, facts._status = known, score[: len(known)], status[: len(known)]
        return facts

    def forget(self, rows: IntArray) -> None:
        """Read some annotations again when they are asked for: they were changed."""
        self._known[rows[rows < len(self._known)]] = False

    def scores(self, rows: IntArray) -> FloatArray:
        """Return the scores of some annotations, NaN where there is none."""
        self._read(rows)
        return self._score[rows]

    def statuses(self, rows: IntArray) -> NDArray[np.uint8]:
        """Return the status of some annotations as indices into `STATUSES`; unknown ones count as none."""
        self._read(rows)
        return self._status[rows]

    def score(self, row: int) -> float:
        """Return the score of an annotation, NaN without one."""
        return float(self.scores(np.array([row]))[0])

    def status(self, row: int) -> Status:
        """Return the status of an annotation."""
        return STATUSES[int(self.statuses(np.array([row]))[0])]

    def _read(self, rows: IntArray) -> None:
        if self._table.row_count > len(self._known):
            missing = self._table.row_count + self._table.row_count // 8 + _ROOM - len(self._known)
            self._status = np.concatenate([self._status, np.zeros(missing, np.uint8)])
            self._score = np.concatenate([self._score, np.full(missing, np.nan)])
            self._known = np.concatenate([self._known, np.zeros(missing, bool)])
        unknown = rows[~self._known[rows]]
        if not len(unknown):
            return
        rows = self._read_shared(self._worth_reading(unknown))
        if len(rows) > _CHUNK // 4:
            rows = self._read_chunks(rows)
        for row in rows.tolist():
            record = self._record(row)
            self._score[row] = float(record.score) if is_number(record.score) else np.nan
            self._status[row] = _status_code(record.labeltool)
        self._known[unknown] = True

    def _read_chunks(self, rows: IntArray) -> IntArray:
        """Read records as they lie side by side in the file; return the rows that are still to be read."""
        table = self._table
        base = np.sort(rows[rows < table.base_count])
        patched = self._own_or_said(base)
        rest = [rows[rows >= table.base_count], base[patched]]
        for begin in range(0, len(base), _CHUNK):
            self.check()
            part = base[begin : begin + _CHUNK]
            first, last = int(part[0]), int(part[-1])
            dense = last - first < 4 * len(part)
            text = table.source.data[table.base_spans[first, 0] : table.base_spans[last, 1]] if dense else b""
            try:
                records = _LIST_DECODER.decode(b"[" + text + b"]")
            except (msgspec.DecodeError, UnicodeDecodeError):
                records = []
            if len(records) != last - first + 1:
                rest.append(part)
                continue
            scores = [record.score if is_number(record.score) else np.nan for record in records]
            codes = [0 if record.labeltool is None else _status_code(record.labeltool) for record in records]
            self._score[part] = np.array(scores, np.float64)[part - first]
            self._status[part] = np.array(codes, np.uint8)[part - first]
        return np.unique(np.concatenate(rest))

    def _read_shared(self, rows: IntArray) -> IntArray:
        """Read the status of records that were changed together, as their patch says it; return the others."""
        codes, forms = self._table.patch_forms(rows)
        left = np.ones(len(rows), bool)
        for code in np.flatnonzero(np.bincount(codes[codes > 0])).tolist():
            facts = forms[code].get("labeltool")
            if isinstance(facts, Merged) and "status" in facts.changes and "score" not in forms[code]:
                chosen = (codes == code) & ((self._table.flags[rows] & Flag.SCORE) == 0)
                self._status[rows[chosen]] = _status_code(facts.changes)
                left &= ~chosen
        return rows[left]

    def _own_or_said(self, rows: IntArray) -> BoolArray:
        """Return which records have a patch that may say something of score or status."""
        codes, forms = self._table.patch_forms(rows)
        said = [code for code, form in enumerate(forms) if "score" in form or "labeltool" in form]
        return np.asarray((codes < 0) | np.isin(codes, said), bool)

    def _worth_reading(self, rows: IntArray) -> IntArray:
        """Return the rows that can have a score or a status, as far as columns and bytes tell."""
        self._score[rows], self._status[rows] = np.nan, 0
        scored = (self._table.flags[rows] & (Flag.SCORE | Flag.FACTS)) != 0
        changed = self._own_or_said(rows)
        return np.asarray(rows[scored | changed], np.int64)

    def _record(self, row: int) -> _Record:
        raw = None if self._table.patch_of(row) else self._table.raw(row)
        if raw is not None:
            try:
                return _DECODER.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass  # NaN, Infinity and odd letters: the table's own decoder reads them
        record = self._table.record(row)
        return _Record(record.get("score"), labeltool_facts(record))


def _status_code(facts: JsonValue) -> int:
    status = facts.get("status") if isinstance(facts, dict) else None
    return STATUSES.index(status) if status in STATUSES else 0


def status_of(record: dict[str, JsonValue]) -> Status:
    """Return the status that a record says."""
    return STATUSES[_status_code(record.get("labeltool"))]
