"""Areas: pixels that are of a class without being an object (semantic masks, COCO's "stuff").

A class of areas has COCO's own ``isthing: 0``. Its area in an image is the union of the run-length masks of that
class there, however a file divides them. Files written here follow COCO-Stuff: one annotation a class and image;
over a picture larger than `core.tiles.WHOLE_SIDE` it is one a class and tile. Areas never overlap: painting one
takes the pixels from all others. Objects are another matter: they lie above areas and neither touches the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Compound, Edit, Rows, Single, resolve_single
from napari_labeltool.core.edits.objects import AddObject, DeleteObjects, SetGeometry, Status
from napari_labeltool.core.errors import EditRefused, LabeltoolError
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.ops import Op
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle, difference, union
from napari_labeltool.core.schema.records import is_area
from napari_labeltool.core.tiles import Tile, joined, split_by_tiles, tile_side, window_of
from napari_labeltool.core.values import IntArray

MASK_KINDS = (int(Kind.RLE), int(Kind.RLE_COMPRESSED))

SLACK = 1.0
"""Pixels by which a file's ``bbox`` may fall short of its mask, or reach over it."""


def area_categories(dataset: Dataset) -> frozenset[int]:
    """Return the rows of the classes whose masks are areas."""
    return dataset.remembered("area categories", _area_categories)


def _area_categories(dataset: Dataset) -> frozenset[int]:
    table = dataset.categories
    return frozenset(row for row in table.rows().tolist() if is_area(table.record(row)))


def area_rows(
    dataset: Dataset, image: int, window: Window | None = None, among: IntArray | None = None
) -> IntArray:
    """Return the alive annotations that are areas of an image, in file order.

    Parameters
    ----------
    dataset
        The dataset.
    image
        Row of the image.
    window
        (y0, x0, y1, x1) in pixels: only those whose box meets it.
    among
        Rows to choose from, where the caller knows which are near; all of the image when left out.
    """
    table, classes = dataset.annotations, area_categories(dataset)
    if not classes:
        return np.empty(0, np.int64)
    rows = table.rows_of_image(image) if among is None else among
    rows = rows[np.isin(table.category[rows], list(classes))]
    rows = rows[np.isin(table.kind[rows], MASK_KINDS) & table.alive[rows]]
    if window is not None and len(rows):
        left, top, width, height = table.bbox[rows].T
        apart = (left > window[3] + SLACK) | (left + width < window[1] - SLACK)
        apart |= (top > window[2] + SLACK) | (top + height < window[0] - SLACK)
        rows = rows[~apart]
    return np.sort(rows)


def whole_areas(dataset: Dataset, rows: Iterable[int]) -> IntArray:
    """Return annotations with all others of the areas that they belong to; objects stay alone.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Rows of annotations.

    Returns
    -------
    (n,) int64 array
        In the order given, each once; the annotations of an area, in file order, where its first one stood.
    """
    table, classes = dataset.annotations, area_categories(dataset)
    found: dict[int, None] = {}
    seen: set[tuple[int, int]] = set()
    for row in map(int, rows):
        category, image = int(table.category[row]), int(table.image[row])
        if category not in classes or int(table.kind[row]) not in MASK_KINDS:
            found[row] = None
        elif (image, category) not in seen:
            seen.add((image, category))
            own = area_rows(dataset, image)
            found.update(dict.fromkeys(own[table.category[own] == category].tolist()))
    return np.fromiter(found, np.int64, len(found))


def area_of(dataset: Dataset, image: Single, category: Single) -> Rle:
    """Return the area of a class in an image as one mask.

    Parameters
    ----------
    dataset
        The dataset.
    image, category
        By id, or a category by name.

    Raises
    ------
    EditRefused
        There is no such image or class, or the size of the image is not known.
    ReadError
        Run lengths that do not fill their size.
    """
    row, chosen = resolve_single(dataset.images, image), resolve_single(dataset.categories, category)
    height, width = _size(dataset, row)
    table = dataset.annotations
    rows = table.rows_of_image(row)
    rows = rows[(table.category[rows] == chosen) & np.isin(table.kind[rows], MASK_KINDS)]
    rles = (dataset.rle(int(one)) for one in rows)
    return joined((rle for rle in rles if rle is not None), height, width)


@dataclass(frozen=True, slots=True)
class PaintAreas:
    """Give pixels to classes of areas, or to none; every other area loses them.

    Only annotations of the tiles that the pixels touch are changed.

    Parameters
    ----------
    image
        By id.
    painted
        Pairs of a class (by id or name; None erases) and its pixels; pixels of two pairs belong to the later one.
    author, status
        Of annotations that are added.
    among
        Rows of annotations that may be concerned, where the caller knows which are near.
    """

    image: Single
    painted: Sequence[tuple[Single, Rle]]
    author: str | None = None
    status: Status = ""
    among: IntArray | None = None

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        rows = dict.fromkeys(self._category(dataset, category) for category, _ in self.painted)
        names = [dataset.categories.name_of(row) for row in rows if row >= 0]
        if not names:
            return "Erase areas"
        return f"Paint {names[0]}" if len(names) == 1 else f"Paint {len(names):,} areas"

    @staticmethod
    def _category(dataset: Dataset, category: Single) -> int:
        return -1 if category is None else resolve_single(dataset.categories, category)

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations.

        Raises
        ------
        EditRefused
            A class is not one of areas, or the pixels are not of the image's size.
        """
        image = resolve_single(dataset.images, self.image)
        size = _size(dataset, image)
        pixels = self._by_category(dataset, size)
        painted = joined(pixels.values(), *size)
        if painted.is_empty:
            return []
        masks = self._masks(dataset, image, painted, pixels.keys())
        changed: dict[int, Rle] = {}
        lost = {category: difference(painted, own) for category, own in pixels.items()}
        for row, rle in masks.items():
            left_over = difference(rle, lost.get(int(dataset.annotations.category[row]), painted))
            if len(left_over.counts) != len(rle.counts) or left_over != rle:
                changed[row] = left_over
        added: list[tuple[int, Rle]] = []
        for category, own in pixels.items():
            if category >= 0:
                mine = [row for row in masks if dataset.annotations.category[row] == category]
                added += [(category, part) for part in _give(own, mine, masks, changed)]
        edits = [*self._changes(dataset, changed), *self._additions(image, added)]
        return Compound("", tuple(edits)).ops(dataset)

    def _masks(
        self, dataset: Dataset, image: int, painted: Rle, categories: Collection[int]
    ) -> dict[int, Rle]:
        """Return the masks that may lose pixels, and those of some classes that share a tile with the pixels."""
        left, top, width, height = map(int, painted.bbox_xywh)
        box = (top, left, top + height, left + width)
        side = tile_side(painted.height, painted.width)
        y0, x0 = top // side * side, left // side * side
        y1, x1 = -(-box[2] // side) * side, -(-box[3] // side) * side
        near = area_rows(dataset, image, (y0, x0, y1, x1), self.among)
        mine = np.isin(dataset.annotations.category[near], list(categories))
        rows = np.union1d(near[mine], area_rows(dataset, image, box, near))
        size = (painted.height, painted.width)
        return {row: rle for row in rows.tolist() if (rle := _mask(dataset, row, size)) is not None}

    def _by_category(self, dataset: Dataset, size: tuple[int, int]) -> dict[int, Rle]:
        """Return the pixels of each class, -1 for erased ones, disjoint."""
        allowed = area_categories(dataset) | {-1}
        pixels: dict[int, Rle] = {}
        for key, rle in self.painted:
            category = self._category(dataset, key)
            if category not in allowed:
                name = dataset.categories.name_of(category)
                raise EditRefused(
                    f"class {name}: its masks are objects, expected a class whose masks are one area. Nothing was"
                    " changed. Choose that in the label schema."
                )
            if (rle.height, rle.width) != size:
                raise EditRefused(
                    f"paint areas: a mask of {rle.height} x {rle.width} pixels (height x width) found, expected"
                    f" {size[0]} x {size[1]} as the image has. Nothing was changed."
                )
            for other in pixels:
                if other != category:
                    pixels[other] = difference(pixels[other], rle)
            pixels[category] = union(pixels[category], rle) if category in pixels else rle
        return {category: rle for category, rle in pixels.items() if not rle.is_empty}

    @staticmethod
    def _changes(dataset: Dataset, changed: dict[int, Rle]) -> Iterator[Edit]:
        gone = []
        for row, rle in sorted(changed.items()):
            keeps = bool(dataset.annotations.flags[row] & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS))
            if rle.is_empty and not keeps:
                gone.append(row)
            else:
                yield SetGeometry(Rows([row]), Mask(rle), "Paint")
        if gone:
            yield DeleteObjects(Rows(gone))

    def _additions(self, image: int, added: Iterable[tuple[int, Rle]]) -> Iterator[Edit]:
        for category, rle in added:
            yield AddObject(
                Rows([image]), Rows([category]), Mask(rle), author=self.author, status=self.status
            )


def _give(pixels: Rle, mine: list[int], masks: dict[int, Rle], changed: dict[int, Rle]) -> list[Rle]:
    """Give pixels to annotations of their class, tile by tile; return what none of them takes."""
    side = tile_side(pixels.height, pixels.width)
    by_tile: dict[Tile, int] = {}
    loose: list[int] = []
    for row in reversed(mine):
        tile = _tile_of(masks[row], side)
        if tile is None:
            loose.append(row)
        else:
            by_tile[tile] = row
    added: list[Rle] = []
    for tile, part in split_by_tiles(pixels, side).items():
        near = [by_tile[tile]] if tile in by_tile else []
        near += [one for one in loose if _meets(masks[one], window_of(tile, side))]
        if not near:
            added.append(part)
            continue
        row = near[0]
        before = changed.get(row, masks[row])
        after = union(before, part)
        if after != before:
            changed[row] = after
    return added


def _tile_of(rle: Rle, side: int) -> Tile | None:
    """Return the tile that holds a mask, None when it lies in several."""
    left, top, width, height = map(int, rle.bbox_xywh)
    tile = top // side, left // side
    same = ((top + max(height, 1) - 1) // side, (left + max(width, 1) - 1) // side) == tile
    return tile if same else None


def _meets(rle: Rle, window: Window) -> bool:
    left, top, width, height = rle.bbox_xywh
    return left < window[3] and left + width > window[1] and top < window[2] and top + height > window[0]


def _mask(dataset: Dataset, row: int, size: tuple[int, int]) -> Rle | None:
    """Return the mask of an annotation, None when it cannot be one of its image."""
    try:
        geometry = dataset.geometry(row)
    except LabeltoolError:
        return None
    if not isinstance(geometry, Mask) or (geometry.rle.height, geometry.rle.width) != size:
        return None
    return geometry.rle


def _size(dataset: Dataset, image: int) -> tuple[int, int]:
    size = dataset.images.size(image)
    if size is None:
        raise EditRefused(
            f"image {dataset.images.id_of(image)}: no width and height found, both are needed to paint areas."
            " Open the image, or add the numbers to the file."
        )
    return size
