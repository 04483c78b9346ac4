"""How far the work on a document is, from the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
    table = dataset.annotations
    placed = (table.kind != Kind.NONE) | ((table.flags & Flag.KEYPOINTS) != 0)
    return np.asarray(table.alive & placed, bool)


class Progress:
    """Counts, kept until the dataset changes.

    Parameters
    ----------
    work
        The dataset.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._counts: tuple[Dataset, int, IntArray] | None = None
        self._statistics: tuple[Dataset, int, Statistics] | None = None
        self._states: list[tuple[ImageState, bool]] | None = None

    def reset(self) -> None:
        """Forget everything; the dataset was replaced."""
        self._counts = self._statistics = self._states = None

    def update(self, touched: Touched) -> None:
        """Take note of a change."""
        if self._states is not None:
            for row in touched.images:
                self._states[int(row) : int(row) + 1] = [self._read_state(int(row))]

    def object_counts(self) -> IntArray:
        """Return (image row_count,) the number of objects in each image."""
        dataset = self._work.dataset
        if self._counts is None or self._counts[:2] != (dataset, dataset.version):
            images = dataset.annotations.image[is_object(dataset)]
            counts = np.bincount(images[images >= 0], minlength=dataset.images.row_count)
            self._counts = (dataset, dataset.version, counts.astype(np.int64))
        return self._counts[2]

    def image_states(self) -> list[ImageState]:
        """Return the state of each image, by row, dead rows included."""
        return [state for state, _ in self._all_states()]

    def statistics(self) -> Statistics:
        """Return counts over the document."""
        dataset = self._work.dataset
        if self._statistics is None or self._statistics[:2] != (dataset, dataset.version):
            self._statistics = (dataset, dataset.version, self._compute())
        return self._statistics[2]

    def _compute(self) -> Statistics:
        dataset = self._work.dataset
        rows = dataset.images.rows()
        states = self._all_states()
        by_state = dict.fromkeys(IMAGE_STATES, 0)
        for row in rows:
            by_state[states[row][0]] += 1
        objects = is_object(dataset)
        tags = dataset.annotations.alive & ~objects
        return Statistics(
            images=len(rows),
            images_by_state=by_state,
            annotated_images=int(np.count_nonzero(self.object_counts()[rows])),
            verified_empty=sum(states[row][1] for row in rows),
            objects=int(objects.sum()),
            tags=int(tags.sum()),
            objects_by_category=self._by_category(objects),
            tags_by_category=self._by_category(tags),
        )

    def _by_category(self, chosen: BoolArray) -> dict[int, int]:
        counts = np.bincount(self._work.dataset.annotations.category[chosen].astype(np.int64) + 1)
        present = np.flatnonzero(counts)
        return dict(zip((present - 1).tolist(), counts[present].tolist()))

    def _all_states(self) -> list[tuple[ImageState, bool]]:
        if self._states is None:
            self._states = [self._read_state(row) for row in range(self._work.dataset.images.row_count)]
        return self._states

    def _read_state(self, row: int) -> tuple[ImageState, bool]:
        facts = labeltool_facts(self._work.dataset.images.record(row))
        state = facts.get("state")
        return state if state in IMAGE_STATES else "todo", facts.get("verified_empty") is True
