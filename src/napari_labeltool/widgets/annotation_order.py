"""Which annotations a list shows, and in which order, as an array of rows. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.values import IntArray, distinct
from napari_labeltool.widgets.annotation_facts import RecordFacts, kind_codes
from napari_labeltool.widgets.annotation_query import Query
from napari_labeltool.widgets.annotation_rows import RowList
from napari_labeltool.widgets.annotation_scope import EVERY_IMAGE, Scope
from napari_labeltool.widgets.class_looks import ClassLooks

MOST_AT_ONCE: Final = 10_000
"""Annotations up to which a list is filled at once; more are filled by a thread."""
_SLICE: Final = 50_000


class Column(IntEnum):
    """Columns of the list."""

    ID = 0
    CLASS = 1
    KIND = 2
    AREA = 3
    SCORE = 4
    STATUS = 5
    IMAGE = 6


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What a change of the dataset means for the list.

    Parameters
    ----------
    removed
        Places that go, ascending.
    added
        Rows of annotations that come.
    changed
        Places whose annotation looks different.
    """

    removed: IntArray
    added: IntArray
    changed: IntArray


class AnnotationOrder:
    """The annotations of one image or of all, filtered and sorted.

    Parameters
    ----------
    dataset
        The dataset.
    looks
        Names of its classes.

    Attributes
    ----------
    scope
        The image whose annotations are listed.
    """

    def __init__(self, dataset: Dataset, looks: ClassLooks) -> None:
        self.dataset = dataset
        self.looks = looks
        self.facts = RecordFacts(dataset.annotations)
        self.scope = Scope(dataset.annotations)
        self.query = Query()
        self.column: Column | None = None
        self.descending = False
        self._list = RowList()
        self._ranks: NDArray[Any] | None = None

    # -- what is shown
    @property
    def rows(self) -> NDArray[Any]:
        """Rows of the annotations, in the order of the list. Read only; do not keep it over a change."""
        return self._list.rows

    @property
    def image(self) -> int:
        """Row of the image, or `EVERY_IMAGE`."""
        return self.scope.image

    @image.setter
    def image(self, image: int) -> None:
        self.scope.set_image(image)

    def scope_count(self) -> int:
        """Return how many annotations there are before filtering."""
        return self.scope.count

    def fill(self) -> None:
        """Filter and sort anew."""
        rows = self.scope.rows()
        self._ranks = None
        if self.query.terms:
            rows = self._matching(rows)
        if self.column is not None:
            rows = rows[np.argsort(self._keys(rows), kind="stable")]
        self._list = RowList(rows, ascending=self.column is None)

    def _matching(self, rows: IntArray) -> IntArray:
        """Return what the filter lets through, found slice by slice: a thread lets others work in between."""
        parts = [rows[:0]]
        for begin in range(0, len(rows), _SLICE):
            part = rows[begin : begin + _SLICE]
            parts.append(part[self.query.matches(self.dataset, part, self.looks, self.facts)])
        return np.concatenate(parts)

    def copy(self) -> AnnotationOrder:
        """Return an order of the same wishes, to be filled by another thread by `fill_beside`."""
        order = AnnotationOrder(self.dataset, self.looks)
        order.facts = self.facts
        order.scope = self.scope.copy()
        order.query, order.column, order.descending = self.query, self.column, self.descending
        return order

    def fill_beside(self, check: Callable[[], None]) -> None:
        """Fill this copy in a thread; `check` may stop it."""
        self.facts = self.facts.copy(check)
        check()
        self.fill()
        check()
        self._list.find_places(self.dataset.annotations.row_count)

    def take(self, filled: AnnotationOrder) -> None:
        """Take over what a copy found."""
        self.facts = filled.facts
        self.facts.check = _go_on
        self._list, self._ranks = filled._list, None

    def places(self, rows: IntArray) -> IntArray:
        """Return the place of each of some annotations in the list, -1 for those that are not in it."""
        return self._list.places(rows)

    # -- sorting
    def _keys(self, rows: IntArray) -> Any:
        """Return what to sort by, so that ascending is right; NaN comes last either way."""
        keys = self._column_keys(rows)
        if not self.descending:
            return keys
        return -keys if keys.dtype.kind == "f" else (np.iinfo(keys.dtype).max - keys)

    def _column_keys(self, rows: IntArray) -> Any:
        table = self.dataset.annotations
        if self.column is Column.CLASS:
            if self._ranks is None:
                self._ranks = self._class_ranks()
            return self._ranks[table.category[rows]]
        if self.column is Column.KIND:
            return kind_codes(table, rows)
        if self.column is Column.AREA:
            return table.area[rows]
        if self.column is Column.SCORE:
            return self.facts.scores(rows)
        if self.column is Column.STATUS:
            return self.facts.statuses(rows)
        if self.column is Column.IMAGE:
            return table.image[rows]
        return self._id_keys(rows)

    def _class_ranks(self) -> Any:
        """Return the place of each class among all names, by its row; the unlabelled come last."""
        looks = sorted(self.looks.all(), key=lambda look: look.name.casefold())
        ranks = np.full(self.dataset.categories.row_count + 1, len(looks), np.int32)
        ranks[[look.row for look in looks]] = np.arange(len(looks))
        return ranks.astype(np.uint16) if len(looks) < 60000 else ranks

    def _id_keys(self, rows: IntArray) -> Any:
        """Return ids; those that are not integers come after them in the order of the alphabet."""
        table = self.dataset.annotations
        ids = table.id[rows]
        odd = [row for row in table.odd_ids if table.odd_ids[row] is not None]
        if not table.odd_ids:
            return ids
        keys = ids.astype(np.float64)
        places = dict(zip(rows.tolist(), range(len(rows))))
        for rank, row in enumerate(sorted(odd, key=lambda row: _natural(str(table.odd_ids[row])))):
            if row in places:
                keys[places[row]] = 2.0**63 + rank * 2048
        for row in table.odd_ids.keys() - set(odd):
            if row in places:
                keys[places[row]] = np.nan
        return keys

    def place_for(self, row: int) -> int:
        """Return where an annotation that is not in the list yet belongs."""
        if self.column is None:
            return int(np.searchsorted(self.rows, row))
        first, last = 0, len(self.rows)
        while first < last:
            middle = (first + last) // 2
            if self._stands_before(int(self.rows[middle]), row):
                first = middle + 1
            else:
                last = middle
        return first

    def _stands_before(self, row: int, other: int) -> bool:
        """Tell whether one annotation comes before another; what has no key is last, equals as in the file."""
        key, other_key = self._key(row), self._key(other)
        if key is None or other_key is None or key == other_key:
            return key is not None if (key is None) != (other_key is None) else row < other
        return bool(key < other_key) != self.descending

    def _key(self, row: int) -> Any:
        """Return what one annotation is sorted by, None for nothing."""
        odd_ids = self.dataset.annotations.odd_ids
        if self.column is Column.ID and odd_ids:
            text = odd_ids.get(row, "")
            if row in odd_ids:
                return None if text is None else (1, _natural(str(text)))
            return 0, int(self.dataset.annotations.id[row])
        key = self._column_keys(np.array([row]))[0]
        return None if key != key else key

    # -- changes
    def note(self, rows: IntArray) -> bool:
        """Take note of a change without finding what it means for the list; tell if any came or went."""
        self.facts.forget(rows)
        return self.scope.update(rows)

    def change(self, rows: IntArray) -> OrderChange:
        """Return what a change of some annotations means; the list stays until it is told otherwise."""
        self.note(rows)
        table = self.dataset.annotations
        wanted = table.alive[rows].copy()
        if self.image != EVERY_IMAGE:
            wanted &= table.image[rows] == self.image
        if self.query.terms and wanted.any():
            wanted[wanted] = self.query.matches(self.dataset, rows[wanted], self.looks, self.facts)
        places = self.places(rows)
        there = places >= 0
        return OrderChange(
            distinct(places[there & ~wanted]), rows[wanted & ~there], distinct(places[there & wanted])
        )

    def remove(self, first: int, last: int) -> None:
        """Take the places from `first` to `last` (included) out of the list."""
        self._list.remove(first, last)

    def insert(self, place: int, row: int) -> None:
        """Put an annotation at a place of the list."""
        self._list.insert(place, row)


def _go_on() -> None:
    """Do not stop."""


def _natural(text: str) -> tuple[Any, ...]:
    """Return a key that sorts "b2" before "b10"."""
    parts: list[Any] = []
    digits = ""
    for letter in [*text.casefold(), ""]:
        if letter.isdigit():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, letter))
    return tuple(parts)


def range_count(places: IntArray) -> int:
    """Return how many ranges ascending places make."""
    return 1 + int(np.count_nonzero(np.diff(places) != 1)) if len(places) else 0


def ranges_of(places: IntArray) -> list[tuple[int, int]]:
    """Return ascending places as ranges, first and last included."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) != 1)
    first = places[np.concatenate([[0], breaks + 1])]
    last = places[np.concatenate([breaks, [len(places) - 1]])]
    return list(zip(first.tolist(), last.tolist()))
