"""Edits of the regions of an image in which every object was labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from napari_labeltool.core.coverage_regions import REGIONS_KEY, region_entries
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Single, resolve_single
from napari_labeltool.core.edits.fields import changed_object, plain_numbers
from napari_labeltool.core.edits.objects import same_json
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.ops import Op, Patch
from napari_labeltool.core.values import FloatArray, JsonValue


@dataclass(frozen=True, eq=False, slots=True)
class AddRegion:
    """Say that every object was labelled in a region of an image.

    Parameters
    ----------
    image
        By id, or `Rows`.
    polygon_xy
        (n, 2) vertices in pixels, corner origin.
    categories
        Categories that were labelled there, by id or name, or `Rows` of one each; None for all.
    author
        Who says so.
    date
        When, as ISO 8601.
    """

    image: Single
    polygon_xy: ArrayLike
    categories: Sequence[Single] | None = None
    author: str = ""
    date: str = ""

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"Mark region of {_name(dataset, self.image)} as exhaustively labelled"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        return AddRegions(self.image, (self.polygon_xy,), self.categories, self.author, self.date).ops(
            dataset
        )


@dataclass(frozen=True, eq=False, slots=True)
class AddRegions:
    """Say of several regions of an image that every object was labelled there, as one step; see `AddRegion`."""

    image: Single
    polygons_xy: Sequence[ArrayLike]
    categories: Sequence[Single] | None = None
    author: str = ""
    date: str = ""

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        count = len(self.polygons_xy)
        what = "region" if count == 1 else f"{count:,} regions"
        return f"Mark {what} of {_name(dataset, self.image)} as exhaustively labelled"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = resolve_single(dataset.images, self.image)
        facts: dict[str, Any] = {}
        if self.author:
            facts["author"] = self.author
        if self.date:
            facts["date"] = self.date
        if self.categories is not None:
            facts["categories"] = _ids(dataset, self.categories)
        new = [{"polygon": _flat(polygon), **facts} for polygon in self.polygons_xy]
        return _patch(dataset, row, [*region_entries(dataset.images.record(row)), *new])


@dataclass(frozen=True, slots=True)
class RemoveRegion:
    """Say no longer that every object was labelled in a region.

    Parameters
    ----------
    image
        By id, or `Rows`.
    index
        Position in the list of the image record, `Region.index`.
    """

    image: Single
    index: int

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"Remove exhaustively labelled region of {_name(dataset, self.image)}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = resolve_single(dataset.images, self.image)
        entries = _entries(dataset, row, self.index)
        del entries[self.index]
        return _patch(dataset, row, entries)


@dataclass(frozen=True, eq=False, slots=True)
class EditRegion:
    """Give a region another outline, or say for which categories it was labelled; its other keys stay.

    Parameters
    ----------
    image
        By id, or `Rows`.
    index
        Position in the list of the image record, `Region.index`.
    polygon_xy
        (n, 2) vertices in pixels, corner origin; None leaves them as they are.
    categories
        By id or name, or `Rows` of one each; empty for all, None leaves them as they are.
    """

    image: Single
    index: int
    polygon_xy: ArrayLike | None = None
    categories: Sequence[Single] | None = None

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        return f"Change exhaustively labelled region of {_name(dataset, self.image)}"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        row = resolve_single(dataset.images, self.image)
        entries = _entries(dataset, row, self.index)
        entry = entries[self.index]
        if not isinstance(entry, dict):
            raise EditRefused(
                f"images[{row}].labeltool.{REGIONS_KEY}[{self.index}]: no region found there."
                " Remove it, or mend the file in a text editor."
            )
        changes: dict[str, JsonValue] = {}
        if self.polygon_xy is not None:
            changes["polygon"] = _flat(self.polygon_xy)
        if self.categories is not None:
            changes["categories"] = _ids(dataset, self.categories) or None
        entries[self.index] = changed_object(entry, changes)
        return _patch(dataset, row, entries)


def _name(dataset: Dataset, image: Single) -> str:
    return dataset.images.at(resolve_single(dataset.images, image)).file_name


def _ids(dataset: Dataset, categories: Sequence[Single]) -> list[Any]:
    table = dataset.categories
    return [table.id_of(resolve_single(table, category)) for category in categories]


def _flat(polygon_xy: ArrayLike) -> list[int | float]:
    """Return the vertices as the file holds them, to a thousandth of a pixel."""
    polygon: FloatArray = np.asarray(polygon_xy, np.float64)
    if polygon.ndim != 2 or polygon.shape[1:] != (2,) or len(polygon) < 3 or not np.isfinite(polygon).all():
        raise EditRefused(
            f"{REGIONS_KEY}: an outline of shape {polygon.shape} found, expected at least three vertices x, y with"
            " finite numbers. Nothing was changed."
        )
    rounded = np.round(polygon, 3)
    x, y = (rounded - rounded[0]).T
    if abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) == 0:
        raise EditRefused(f"{REGIONS_KEY}: an outline without area found. Draw a larger one.")
    return plain_numbers(rounded)


def _entries(dataset: Dataset, row: int, index: int) -> list[JsonValue]:
    entries = region_entries(dataset.images.record(row))
    if not 0 <= index < len(entries):
        raise EditRefused(
            f"images[{row}].labeltool.{REGIONS_KEY}: region {index} found in the request, the image has"
            f" {len(entries)}. Choose another region."
        )
    return entries


def _patch(dataset: Dataset, row: int, entries: list[JsonValue]) -> Sequence[Op]:
    before = dataset.images.value(row, "labeltool")
    there = before.get(REGIONS_KEY, []) if isinstance(before, dict) else []
    if not isinstance(there, list):
        raise EditRefused(
            f"images[{row}].labeltool.{REGIONS_KEY}: {type(there).__name__} found, expected a list of regions."
            " Nothing was changed; mend the file in a text editor."
        )
    after = changed_object(before, {REGIONS_KEY: entries or None})
    return [] if same_json(before, after) else [Patch("images", row, {"labeltool": after})]
