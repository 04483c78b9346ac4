"""Regions of an image in which every object was labelled, and what lies inside of them.

They stand under the key ``labeltool`` of the image record, as ``exhaustive_regions``: a list of objects with
``polygon`` (x, y, x, y, ... in pixels, corner origin), and if known ``author``, ``date`` and ``categories``, the ids
of the categories that were labelled there; without that key all were.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.records import ExternalId, labeltool_facts
from napari_labeltool.core.values import BoolArray, FloatArray, IntArray, JsonValue

REGIONS_KEY: Final = "exhaustive_regions"
"""Key under ``labeltool`` of an image record."""
_SLACK: Final = 1e-6
"""Part of a box that may lie outside for it to count as inside; what rounding takes."""


@dataclass(frozen=True, eq=False)
class Region:
    """A region in which every object was labelled.

    Parameters
    ----------
    index
        Position in the list of the image record.
    polygon_xy
        (n, 2) vertices in pixels, corner origin.
    author, date
        Who said so and when (ISO 8601), empty when not known.
    categories
        Ids of the categories that were labelled there; None for all.
    """

    index: int
    polygon_xy: FloatArray
    author: str = ""
    date: str = ""
    categories: tuple[ExternalId, ...] | None = None

    @property
    def bbox_xywh(self) -> tuple[float, float, float, float]:
        """Left, top, width, height in pixels."""
        low, high = self.polygon_xy.min(0).tolist(), self.polygon_xy.max(0).tolist()
        return low[0], low[1], high[0] - low[0], high[1] - low[1]

    def holds_category(self, category: ExternalId) -> bool:
        """Tell whether objects of a category (by id) were labelled there; of None, whether those of all were."""
        if self.categories is None:
            return True
        return category is not None and any(
            type(own) is type(category) and own == category for own in self.categories
        )


def region_entries(record: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Return the list of regions of an image record as it stands there, empty without one."""
    entries = labeltool_facts(record).get(REGIONS_KEY)
    return list(entries) if isinstance(entries, list) else []


def regions_of(dataset: Dataset, image: int) -> tuple[Region, ...]:
    """Return the regions of an image (by row); entries that are no region are left out, and kept in the file."""
    entries = region_entries(dataset.images.record(image))
    found = (_region(index, entry) for index, entry in enumerate(entries))
    return tuple(region for region in found if region is not None)


def _region(index: int, entry: JsonValue) -> Region | None:
    if not isinstance(entry, dict):
        return None
    flat = entry.get("polygon")
    if not isinstance(flat, list) or len(flat) < 6 or len(flat) % 2:
        return None
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in flat):
        return None
    polygon = np.array(flat, np.float64).reshape(-1, 2)
    if not np.isfinite(polygon).all():
        return None
    named = entry.get("categories")
    categories = tuple(named) if isinstance(named, list) else None
    author, date = entry.get("author"), entry.get("date")
    return Region(
        index,
        polygon,
        author if isinstance(author, str) else "",
        date if isinstance(date, str) else "",
        categories,
    )


class ExhaustiveRegions:
    """What lies inside of the regions of one image in which every object was labelled.

    Made by `exhaustive_regions`. Regions are united. Where categories are asked for, a region counts that was labelled
    for all of them; where none are, one that was labelled for all categories.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image.
    """

    def __init__(self, dataset: Dataset, image: int) -> None:
        self._dataset = dataset
        self._image = image
        self.regions = regions_of(dataset, image)

    def __len__(self) -> int:
        return len(self.regions)

    def _area(self, categories: Iterable[ExternalId] | None) -> Any:
        """Return the union of the regions for some categories (ids or names), clipped to the picture."""
        chosen = self.regions
        if categories is None:
            chosen = tuple(region for region in chosen if region.categories is None)
        else:
            wanted = [self._id_of(category) for category in categories]
            chosen = tuple(region for region in chosen if all(map(region.holds_category, wanted)))
        area = shapely.union_all([shapely.make_valid(shapely.Polygon(r.polygon_xy)) for r in chosen])
        size = self._dataset.images.size(self._image)
        return area if size is None else shapely.intersection(area, shapely.box(0, 0, size[1], size[0]))

    def _id_of(self, category: ExternalId) -> ExternalId:
        row = self._dataset.categories.row_of(category)
        if row is None:
            raise KeyError(category)
        return self._dataset.categories.id_of(row)

    def area(self, categories: Iterable[ExternalId] | None = None) -> float:
        """Return how many square pixels of the picture the regions cover, each counted once.

        Raises
        ------
        KeyError
            A category that no record has.
        """
        return float(shapely.area(self._area(categories)))

    def covered_fraction(
        self, boxes_xywh: FloatArray | Sequence[float], categories: Iterable[ExternalId] | None = None
    ) -> FloatArray:
        """Return for each box the part of it that lies inside.

        Parameters
        ----------
        boxes_xywh
            (n, 4) or (4,) left, top, width, height in pixels, corner origin.
        categories
            Ids or names; None for all categories.

        Returns
        -------
        float64 array, (n,)
            0 to 1; of a box without area, 1 when its left top corner lies inside; 0 where numbers are not finite.

        Raises
        ------
        KeyError
            A category that no record has.
        """
        boxes = np.asarray(boxes_xywh, np.float64).reshape(-1, 4)
        result = np.zeros(len(boxes))
        area = self._area(categories)
        finite = np.flatnonzero(np.isfinite(boxes).all(axis=1))
        if area.is_empty or not len(finite):
            return result
        shapely.prepare(area)
        left, top, width, height = boxes[finite].T
        shapes = shapely.box(left, top, left + width, top + height)
        inside = shapely.covers(area, shapes)
        result[finite[inside]] = 1.0
        cut = np.flatnonzero(~inside & (width * height > 0))
        cut = cut[shapely.intersects(area, shapes[cut])]
        sizes = width[cut] * height[cut]
        result[finite[cut]] = shapely.area(shapely.intersection(area, shapes[cut])) / sizes
        return result

    def contains(
        self, boxes_xywh: FloatArray | Sequence[float], categories: Iterable[ExternalId] | None = None
    ) -> BoolArray:
        """Tell for each box, (n, 4) or (4,), whether all of it lies inside; see `covered_fraction`."""
        return np.asarray(self.covered_fraction(boxes_xywh, categories) >= 1 - _SLACK)

    def annotations(self, *, whole: bool = True) -> IntArray:
        """Return the rows of annotations inside regions that were labelled for their own category.

        Parameters
        ----------
        whole
            True: their box lies inside. False: the middle of it does.
        """
        table = self._dataset.annotations
        rows = table.rows_of_image(self._image)
        boxes = np.array(table.bbox[rows], np.float64)
        if not whole:
            boxes[:, :2] += boxes[:, 2:] / 2
            boxes[:, 2:] = 0
        inside = np.zeros(len(rows), bool)
        categories = table.category[rows]
        for category in np.unique(categories):
            own = categories == category
            named = None if category < 0 else [self._dataset.categories.id_of(int(category))]
            inside[own] = self.contains(boxes[own], named)
        return np.asarray(rows[inside])

    def crops(
        self,
        size: tuple[int, int],
        *,
        stride: tuple[int, int] | None = None,
        categories: Iterable[ExternalId] | None = None,
    ) -> IntArray:
        """Return crops of one size that lie inside, for training on them alone.

        Parameters
        ----------
        size
            Width and height in pixels.
        stride
            Steps along x and y; the size by default, so that crops do not overlap.
        categories
            Ids or names of the categories that will be trained; None for all.

        Returns
        -------
        int64 array, (n, 4)
            Left, top, width, height; row by row within each region that hangs together, the topmost first.

        Raises
        ------
        ValueError
            A size or stride below 1.
        KeyError
            A category that no record has.
        """
        step = size if stride is None else stride
        if min(*size, *step) < 1:
            raise ValueError(f"crops: size {size} and stride {step} found, expected at least 1 pixel each")
        found = [np.empty((0, 4), np.int64)]
        parts = shapely.get_parts(self._area(categories))
        for part in sorted(parts, key=lambda part: shapely.bounds(part)[[1, 0]].tolist()):
            left, top, right, bottom = shapely.bounds(part).tolist()
            if not math.isfinite(left):
                continue
            shapely.prepare(part)
            xs = np.arange(math.ceil(left - _SLACK), right - size[0] + _SLACK, step[0])
            ys = np.arange(math.ceil(top - _SLACK), bottom - size[1] + _SLACK, step[1])
            for y in ys:
                boxes = shapely.box(xs, y, xs + size[0], y + size[1])
                inside = xs[shapely.covers(part, boxes)].astype(np.int64)
                row = np.empty((len(inside), 4), np.int64)
                row[:, 0], row[:, 1], row[:, 2:] = inside, int(y), size
                found.append(row)
        return np.concatenate(found)


def exhaustive_regions(dataset: Dataset, image: ExternalId) -> ExhaustiveRegions:
    """Return the regions of an image (by id) in which every object was labelled, and what lies inside.

    Raises
    ------
    KeyError
        No image has that id.
    """
    row = dataset.images.row_of_id(image)
    if row is None:
        raise KeyError(image)
    return ExhaustiveRegions(dataset, row)
