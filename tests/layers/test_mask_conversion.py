"""Masks become polygons and masks again, are split and merged, each as one step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from masks_cases import annotation, square, write_document

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import Edit
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco.read import parse_coco
from napari_labeltool.layers.mask_conversion import (
    mask_to_polygon_edit,
    merge_masks_edit,
    polygon_to_mask_edit,
    split_mask_edit,
)

SHAPE = (12, 14)


def dataset_of(tmp_path: Path, *annotations: dict[str, Any], shape: tuple[int, int] = SHAPE) -> Dataset:
    """Return a document as a dataset."""
    return parse_coco(write_document(tmp_path, annotations, shape).read_bytes())


def do(dataset: Dataset, edit: Edit) -> str:
    """Apply an edit; return its words."""
    text = edit.label(dataset)
    dataset.apply(edit.ops(dataset))
    return text


@settings(deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=6))
def test_a_mask_without_holes_comes_back_from_its_polygon(pixels: list[list[bool]]) -> None:
    rle = Rle.from_mask(np.array(pixels), height=SHAPE[0], width=SHAPE[1], offset_yx=(2, 3))
    assume(not rle.is_empty and not rle.has_holes())
    record = {"images": [{"id": 1, "file_name": "1.png", "height": SHAPE[0], "width": SHAPE[1]}]}
    record |= {"categories": [{"id": 1, "name": "nucleus"}], "annotations": [annotation(7, rle)]}
    dataset = parse_coco(json.dumps(record).encode())
    do(dataset, mask_to_polygon_edit(dataset, 0))
    assert isinstance(dataset.annotation(0)["segmentation"], list)
    do(dataset, polygon_to_mask_edit(dataset, 0))
    assert dataset.rle(0) == rle
    assert dataset.annotation(0)["segmentation"] == annotation(7, rle)["segmentation"]


def test_a_mask_becomes_a_polygon_of_its_corners_and_keeps_everything_else(tmp_path: Path) -> None:
    record = annotation(7, square(2, 3, 4, SHAPE), attributes={"dim": True}, note="kept")
    dataset = dataset_of(tmp_path, record)
    assert do(dataset, mask_to_polygon_edit(dataset, 0)) == "Convert nucleus 7 to a polygon"
    after = dataset.annotation(0)
    assert sorted(zip(*[iter(after["segmentation"][0])] * 2)) == [(3, 2), (3, 6), (7, 2), (7, 6)]
    assert (after["note"], after["attributes"], after["area"]) == ("kept", {"dim": True}, 16)


def test_a_tolerance_makes_fewer_vertices(tmp_path: Path) -> None:
    y, x = np.mgrid[:60, :60]
    disc = Rle.from_mask((y - 30) ** 2 + (x - 30) ** 2 < 400)
    lengths = []
    for tolerance in (0.0, 1.0):
        dataset = dataset_of(tmp_path, annotation(7, disc), shape=(60, 60))
        do(dataset, mask_to_polygon_edit(dataset, 0, tolerance))
        lengths.append(len(dataset.annotation(0)["segmentation"][0]))
        difference = dataset.rle(0).to_mask() ^ disc.to_mask()  # type: ignore[union-attr]
        assert difference.sum() <= 130 * tolerance
    assert lengths[1] < lengths[0] / 3


def test_a_mask_with_a_hole_is_refused_as_a_polygon(tmp_path: Path) -> None:
    ring = np.ones((5, 5), bool)
    ring[2, 2] = False
    dataset = dataset_of(tmp_path, annotation(7, Rle.from_mask(ring, height=SHAPE[0], width=SHAPE[1])))
    with pytest.raises(EditRefused, match="hole"):
        mask_to_polygon_edit(dataset, 0)
    assert not dataset.is_changed()


def test_a_crowd_stays_a_mask(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, annotation(7, square(2, 3, 4, SHAPE), iscrowd=1))
    with pytest.raises(EditRefused, match="nucleus 7: a crowd"):
        mask_to_polygon_edit(dataset, 0)
    with pytest.raises(EditRefused, match="nucleus 7: a crowd"):
        split_mask_edit(dataset, 0)


@pytest.mark.parametrize(
    "segmentation",
    [[], [[100, 100, 110, 100, 110, 110]], {"size": list(SHAPE), "counts": [3, 2]}],
    ids=["box", "outside the image", "damaged"],
)
def test_what_has_no_pixels_is_refused(tmp_path: Path, segmentation: Any) -> None:
    record = annotation(7, square(2, 3, 4, SHAPE)) | {"segmentation": segmentation}
    dataset = dataset_of(tmp_path, record)
    with pytest.raises(EditRefused, match="nucleus 7"):
        polygon_to_mask_edit(dataset, 0)
    with pytest.raises(EditRefused, match="nucleus 7"):
        mask_to_polygon_edit(dataset, 0)


def test_the_parts_of_a_mask_become_objects_and_the_largest_keeps_the_annotation(tmp_path: Path) -> None:
    pixels = np.zeros(SHAPE, bool)
    pixels[0:2, 0:2] = pixels[5:10, 5:9] = pixels[11, 13] = True
    record = annotation(7, Rle.from_mask(pixels), attributes={"dim": True}, category_id=2)
    dataset = dataset_of(tmp_path, record)
    assert do(dataset, split_mask_edit(dataset, 0, author="ada")) == "Split mitosis 7 into 3 objects"
    records = [dataset.annotation(row) for row in range(3)]
    assert [(r["id"], r["area"]) for r in records] == [(7, 20), (8, 4), (9, 1)]
    assert [r["attributes"] for r in records] == [{"dim": True}] * 3
    assert [r["category_id"] for r in records] == [2, 2, 2]
    masks = [dataset.rle(row).to_mask() for row in range(3)]  # type: ignore[union-attr]
    np.testing.assert_array_equal(np.sum(masks, axis=0), pixels)
    with pytest.raises(EditRefused, match="one connected part"):
        split_mask_edit(dataset, 0)


def test_masks_and_polygons_are_merged_into_the_first(tmp_path: Path) -> None:
    polygon = annotation(9, square(8, 8, 2, SHAPE)) | {"segmentation": [[8, 8, 10, 8, 10, 10, 8, 10]]}
    first = annotation(7, square(0, 0, 3, SHAPE), note="kept", uncompressed=True)
    dataset = dataset_of(tmp_path, first, annotation(8, square(2, 2, 3, SHAPE), category_id=2), polygon)
    assert do(dataset, merge_masks_edit(dataset, [0, 1, 2])) == "Merge 3 masks into nucleus 7"
    assert dataset.annotations.alive.tolist() == [True, False, False]
    after = dataset.annotation(0)
    assert (after["note"], after["area"], after["category_id"]) == ("kept", 9 + 9 - 1 + 4, 1)
    assert isinstance(after["segmentation"]["counts"], list)


def test_a_merge_that_would_lose_something_is_refused(tmp_path: Path) -> None:
    mask = annotation(7, square(0, 0, 3, SHAPE))
    pose = annotation(8, square(2, 2, 3, SHAPE), category_id=3, keypoints=[1, 1, 2, 2, 2, 2], num_keypoints=2)
    elsewhere = annotation(9, square(2, 2, 3, SHAPE)) | {"image_id": 2}
    swapped = annotation(10, square(2, 2, 3, SHAPE[::-1]))
    dataset = dataset_of(tmp_path, mask, pose, elsewhere, swapped)
    for rows, words in (
        ([0, 1], "keypoints"),
        ([0, 2], "2 images"),
        ([0, 3], "14 x 12"),
        ([0], "at least two"),
        ([0, 0], "at least two"),
    ):
        with pytest.raises(EditRefused, match=words):
            merge_masks_edit(dataset, rows)
    assert do(dataset, merge_masks_edit(dataset, [1, 0])) == "Merge 2 masks into pose 8"
    assert dataset.annotation(1)["keypoints"] == [1, 1, 2, 2, 2, 2]
