"""How far the work on a document is, from the columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Touched
from napari_labeltool.core.records import IMAGE_STATES, ImageState, labeltool_facts
from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.session.work import Work


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over a whole document.

    Parameters
    ----------
    images
        Number of images.
    images_by_state
        How many images are in each state, every state named.
    annotated_images
        Images with at least one object.
    verified_empty
        Images that somebody marked as empty.
    objects
        Annotations that are not tags of whole images.
    tags
        Annotations that are tags (or captions) of whole images.
    objects_by_category, tags_by_category
        Row of the category to count; -1 for unlabelled.
    """

    images: int
    images_by_state: Mapping[ImageState, int]
    annotated_images: int
    verified_empty: int
    objects: int
    tags: int
    objects_by_category: Mapping[int, int]
    tags_by_category: Mapping[int, int]

    @property
    def done_fraction(self) -> float:
        """Share of the images that are done, 0 to 1; 0 without images."""
        return self.images_by_state["done"] / self.images if self.images else 0.0


def is_object(dataset: Dataset) -> BoolArray:
    """Return (row_count,) which annotations are alive and have a place in their image."""
    return dataset.annotations.alive & _is_placed(dataset.annotations, slice(None))


def _is_placed(table: Annotations, rows: IntArray | slice) -> BoolArray:
    return np.asarray((table.kind[rows] != Kind.NONE) | ((table.flags[rows] & Flag.KEYPOINTS) != 0), bool)


_NOT_THERE: Final = -1


class _Tally:
    """Counts of annotations, brought up to date by the rows that a change touched.

    Parameters
    ----------
    dataset
        The dataset.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._images: NDArray[np.int32] = np.empty(0, np.int32)
        self._codes: NDArray[np.int32] = np.empty(0, np.int32)
        self.by_image: IntArray = np.zeros(dataset.images.row_count, np.int64)
        self.by_code: IntArray = np.zeros(2 * (dataset.categories.row_count + 1), np.int64)
        self.update(np.arange(dataset.annotations.row_count))

    def update(self, rows: IntArray) -> None:
        """Count some annotations anew."""
        table = self.dataset.annotations
        self._grow()
        placed = _is_placed(table, rows)
        # a class has two places, for objects and for tags; the unlabelled come first
        codes = np.where(table.alive[rows], 2 * (table.category[rows] + 1) + ~placed, _NOT_THERE)
        images = np.where(table.alive[rows] & placed, table.image[rows], _NOT_THERE)
        for counts, before, after in (
            (self.by_code, self._codes, codes),
            (self.by_image, self._images, images),
        ):
            old = before[rows]
            _add(counts, old[old >= 0], -1)
            _add(counts, after[after >= 0], 1)
            before[rows] = after

    def _grow(self) -> None:
        dataset = self.dataset
        self._images = _longer(self._images, dataset.annotations.row_count, _NOT_THERE)
        self._codes = _longer(self._codes, dataset.annotations.row_count, _NOT_THERE)
        self.by_image = _longer(self.by_image, dataset.images.row_count, 0)
        self.by_code = _longer(self.by_code, 2 * (dataset.categories.row_count + 1), 0)

    def by_category(self, tags: bool) -> dict[int, int]:
        """Return the counts of objects or tags by the row of their class, -1 for unlabelled."""
        counts = self.by_code[int(tags) :: 2]
        present = np.flatnonzero(counts)
        return dict(zip((present - 1).tolist(), counts[present].tolist()))


_MANY: Final = 10_000


def _add(counts: IntArray, places: NDArray[np.integer[Any]], change: int) -> None:
    if len(places) < _MANY:
        np.add.at(counts, places, change)
    else:
        counts += change * np.bincount(places, minlength=len(counts))


def _longer(array: Any, length: int, fill: int) -> Any:
    """Return an array of at least a length; it grows by more than is asked for, so that growing costs little."""
    if len(array) >= length:
        return array
    more = np.full(length + length // 8 - len(array), fill, array.dtype)
    return np.concatenate([array, more])


class Progress:
    """Counts, kept up to date by what changes touch.

    Parameters
    ----------
    work
        The dataset.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tally: _Tally | None = None
        self._states: list[tuple[ImageState, bool]] | None = None

    def reset(self) -> None:
        """Forget everything; the dataset was replaced."""
        self._tally = self._states = None

    def update(self, touched: Touched) -> None:
        """Take note of a change."""
        if self._tally is not None:
            self._tally.update(touched.annotations)
        if self._states is not None:
            for row in touched.images:
                self._states[int(row) : int(row) + 1] = [self._read_state(int(row))]

    def object_counts(self) -> IntArray:
        """Return (image row_count,) the number of objects in each image."""
        return self._counted().by_image[: self._work.dataset.images.row_count]

    def image_states(self) -> list[ImageState]:
        """Return the state of each image, by row, dead rows included."""
        return [state for state, _ in self._all_states()]

    def statistics(self) -> Statistics:
        """Return counts over the document."""
        dataset, tally = self._work.dataset, self._counted()
        rows = dataset.images.rows()
        states = self._all_states()
        found = Counter(states if len(rows) == len(states) else [states[row] for row in rows])
        by_state = dict.fromkeys(IMAGE_STATES, 0)
        for (state, _), count in found.items():
            by_state[state] += count
        objects, tags = tally.by_category(tags=False), tally.by_category(tags=True)
        return Statistics(
            images=len(rows),
            images_by_state=by_state,
            annotated_images=int(np.count_nonzero(self.object_counts()[rows])),
            verified_empty=sum(count for (_, empty), count in found.items() if empty),
            objects=sum(objects.values()),
            tags=sum(tags.values()),
            objects_by_category=objects,
            tags_by_category=tags,
        )

    def _counted(self) -> _Tally:
        if self._tally is None or self._tally.dataset is not self._work.dataset:
            self._tally = _Tally(self._work.dataset)
        return self._tally

    def _all_states(self) -> list[tuple[ImageState, bool]]:
        if self._states is None:
            self._states = [self._read_state(row) for row in range(self._work.dataset.images.row_count)]
        return self._states

    def _read_state(self, row: int) -> tuple[ImageState, bool]:
        images = self._work.dataset.images
        raw = images.raw(row)
        if raw is not None and b"labeltool" not in raw and b"\\u" not in raw and not images.raw_patch_of(row):
            return "todo", False
        facts = labeltool_facts(images.record(row))
        state = facts.get("state")
        return state if state in IMAGE_STATES else "todo", facts.get("verified_empty") is True
