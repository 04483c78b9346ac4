"""Edits that turn masks into polygons and back, split them and merge them; they need no viewer."""

from __future__ import annotations

from collections.abc import Sequence

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject, Compound, DeleteObjects, Edit, Rows, SetGeometry
from napari_labeltool.core.errors import EditRefused, ReadError
from napari_labeltool.core.geometry import Geometry, Mask, Polygon, RotatedBox
from napari_labeltool.core.polygons import rle_to_polygons, simplify_polygon
from napari_labeltool.core.rle import Rle, union


def mask_to_polygon_edit(dataset: Dataset, row: int, tolerance: float = 0.0) -> Edit:
    """Return the edit that makes a mask a polygon along its pixels.

    Parameters
    ----------
    dataset
        The dataset.
    row
        Row of the annotation.
    tolerance
        How far in pixels the outline may be from the pixels' border; 0 keeps every pixel.

    Raises
    ------
    EditRefused
        It is no mask, it is empty, a crowd, or it has a hole, which a COCO polygon cannot have.
    """
    name = dataset.name_of(row)
    if dataset.annotations.flags[row] & Flag.CROWD:
        raise EditRefused(
            f"{name}: a crowd found, and COCO stores crowds as masks. Nothing was changed. Keep it as a mask."
        )
    rle = _mask_of(dataset, row)
    parts = tuple(simplify_polygon(part, tolerance) for part in rle_to_polygons(rle))
    return Compound(f"Convert {name} to a polygon", (SetGeometry(Rows([row]), Polygon(parts)),))


def polygon_to_mask_edit(dataset: Dataset, row: int) -> Edit:
    """Return the edit that makes a polygon (or a rotated box) the mask of its pixels.

    Parameters
    ----------
    dataset
        The dataset.
    row
        Row of the annotation.

    Raises
    ------
    EditRefused
        It is no polygon, it covers no pixel of the image, or the size of the image is not known.
    """
    name = dataset.name_of(row)
    if not isinstance(_geometry(dataset, row), (Polygon, RotatedBox)):
        raise EditRefused(f"{name}: no polygon found. Nothing was changed. Choose a polygon.")
    rle = _pixels(dataset, row)
    if rle.is_empty:
        raise EditRefused(
            f"{name}: its polygon covers no pixel of the image. Nothing was changed. Keep it as a polygon."
        )
    return Compound(f"Convert {name} to a mask", (SetGeometry(Rows([row]), Mask(rle)),))


def split_mask_edit(dataset: Dataset, row: int, author: str | None = None) -> Edit:
    """Return the edit that makes the connected parts of a mask annotations of their own.

    The largest part keeps the annotation; the others are new ones of the same class with the same attributes.

    Parameters
    ----------
    dataset
        The dataset.
    row
        Row of the annotation.
    author
        Who labelled the new ones.

    Raises
    ------
    EditRefused
        It is no mask, it is one part only, or a crowd.
    """
    name = dataset.name_of(row)
    if dataset.annotations.flags[row] & Flag.CROWD:
        raise EditRefused(
            f"{name}: a crowd found, whose parts need not be objects. Nothing was changed."
            " Choose another mask."
        )
    parts = sorted(_mask_of(dataset, row).components(), key=lambda part: part.area, reverse=True)
    if len(parts) == 1:
        raise EditRefused(f"{name}: one connected part found, expected several. Nothing was changed.")
    category = int(dataset.annotations.category[row])
    attributes = dataset.annotations.record(row).get("attributes")
    added = [
        AddObject(
            image=Rows([int(dataset.annotations.image[row])]),
            category=None if category < 0 else Rows([category]),
            geometry=Mask(part),
            attributes=attributes if isinstance(attributes, dict) else None,
            author=author,
        )
        for part in parts[1:]
    ]
    keep = SetGeometry(Rows([row]), Mask(parts[0]))
    return Compound(f"Split {name} into {len(parts):,} objects", (keep, *added))


def merge_masks_edit(dataset: Dataset, rows: Sequence[int]) -> Edit:
    """Return the edit that unites masks (and polygons, as their pixels) in the first of them.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Rows of the annotations, two at least; the first keeps its id, class and attributes, the others are
        deleted.

    Raises
    ------
    EditRefused
        There are fewer than two, they are of different images, one is neither mask nor polygon, or one that
        would be deleted has keypoints.
    """
    chosen = list(dict.fromkeys(map(int, rows)))
    if len(chosen) < 2:
        raise EditRefused(
            f"merge masks: {len(chosen)} annotation found, expected at least two. Select more of them."
        )
    first, *others = chosen
    images = {int(dataset.annotations.image[row]) for row in chosen}
    if len(images) > 1:
        raise EditRefused(
            f"merge masks: annotations of {len(images)} images found, expected one. Nothing was changed."
        )
    for row in others:
        if dataset.annotations.flags[row] & (Flag.KEYPOINTS | Flag.ODD_KEYPOINTS):
            raise EditRefused(
                f"{dataset.name_of(row)}: it has keypoints, which would be lost. Nothing was changed."
                " Select it first, so that the others join it."
            )
    united = _pixels(dataset, first)
    for row in others:
        rle = _pixels(dataset, row)
        if (rle.height, rle.width) != (united.height, united.width):
            raise EditRefused(
                f"{dataset.name_of(row)}: a mask of {rle.height} x {rle.width} pixels (height x width) found,"
                f" expected {united.height} x {united.width} as {dataset.name_of(first)} has. Nothing was"
                " changed."
            )
        united = union(united, rle)
    text = f"Merge {len(chosen):,} masks into {dataset.name_of(first)}"
    return Compound(text, (SetGeometry(Rows([first]), Mask(united)), DeleteObjects(Rows(others))))


def _geometry(dataset: Dataset, row: int) -> Geometry | None:
    if not dataset.annotations.alive[row]:
        raise EditRefused(f"annotations: row {row} is deleted. Choose another annotation.")
    try:
        return dataset.geometry(row)
    except ReadError as error:
        raise EditRefused(f"{dataset.name_of(row)}: {error} Nothing was changed.") from None


def _mask_of(dataset: Dataset, row: int) -> Rle:
    """Return the mask of an annotation that is one and has pixels."""
    geometry = _geometry(dataset, row)
    if not isinstance(geometry, Mask) or geometry.rle.is_empty:
        raise EditRefused(
            f"{dataset.name_of(row)}: no mask with pixels found. Nothing was changed. Choose a mask."
        )
    return geometry.rle


def _pixels(dataset: Dataset, row: int) -> Rle:
    """Return the pixels of a mask or polygon."""
    _geometry(dataset, row)
    rle = dataset.rle(row)
    if rle is None:
        raise EditRefused(f"{dataset.name_of(row)}: neither a mask nor a polygon found. Nothing was changed.")
    return rle
