"""Masks as label images, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from layer_cases import add, ann_to_mask, new_dataset

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Mask, Polygon
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco import read_coco
from napari_labeltool.layers.convert import label_image, masks_from_labels, paint

labels = st.sampled_from([np.int32, np.uint8, np.int64]).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 4))
)


@given(labels)
def test_each_value_is_one_mask_equal_pixel_by_pixel(image: np.ndarray) -> None:
    masks = masks_from_labels(image)
    assert [value for value, _ in masks] == [value for value in np.unique(image).tolist() if value]
    for value, rle in masks:
        assert np.array_equal(rle.to_mask(), image == value)
        assert rle == Rle.from_mask(image == value)


@given(labels)
def test_painting_the_masks_gives_the_label_image_back(image: np.ndarray) -> None:
    masks = masks_from_labels(image)
    window = (0, 0, *image.shape)
    assert np.array_equal(paint([rle for _, rle in masks], window, [value for value, _ in masks]), image)


@given(labels, st.integers(-6, 10), st.integers(-6, 10), st.integers(1, 15), st.integers(1, 15))
def test_window_of_a_frame_gives_the_masks_of_the_frame(
    image: np.ndarray, top: int, left: int, height: int, width: int
) -> None:
    whole = np.zeros((40, 40), image.dtype)
    whole[10 + top : 10 + top + image.shape[0], 10 + left : 10 + left + image.shape[1]] = image
    whole = whole[10 : 10 + height, 10 : 10 + width]
    found = masks_from_labels(image, height=height, width=width, offset_yx=(top, left))
    assert found == masks_from_labels(whole)
    window = (top, left, top + image.shape[0], left + image.shape[1])
    painted = paint([rle for _, rle in found], window, [value for value, _ in found])
    inside = np.zeros_like(painted)
    for row, column in np.ndindex(*image.shape):
        if 0 <= row + top < height and 0 <= column + left < width:
            inside[row, column] = image[row, column]
    assert np.array_equal(painted, inside)


def test_later_mask_is_on_top_and_features_name_the_annotations() -> None:
    dataset = new_dataset(4, 6)
    mask = np.zeros((4, 6), bool)
    mask[:, :3] = True
    first = add(dataset, geometry=Mask(Rle.from_mask(mask)))
    second = add(dataset, "bolt", geometry=Polygon((np.array([[2, 1], [5, 1], [5, 3], [2, 3.0]]),)))
    image, features = label_image(dataset, [first, second], with_rows=True)
    assert image.tolist() == [
        [1, 1, 1, 0, 0, 0],
        [1, 1, 2, 2, 2, 0],
        [1, 1, 2, 2, 2, 0],
        [1, 1, 1, 0, 0, 0],
    ]
    assert features.to_dict("list") == {
        "index": [1, 2],
        "annotation_id": [1, 2],
        "category": ["cell", "bolt"],
        "row": [first, second],
    }


def test_label_image_of_unknown_size_asks_for_a_window() -> None:
    with pytest.raises(LabeltoolError, match="window"):
        label_image(new_dataset(), [])


def test_display_of_every_corpus_polygon_equals_pycocotools(corpus_dir: Path) -> None:
    """Case 32."""
    seen = 0
    for path in sorted(corpus_dir.rglob("*.json")):
        seen += _compare_polygons(path)
        if seen > 3000:
            break
    assert seen > 300


def _compare_polygons(path: Path) -> int:
    try:
        dataset = read_coco(path)
    except LabeltoolError:
        return 0
    seen = 0
    for row in dataset.annotations.rows().tolist():
        record: dict[str, Any] = dataset.annotation(row)
        image = int(dataset.annotations.image[row])
        size = dataset.images.size(image) if image >= 0 else None
        segmentation = record.get("segmentation")
        plain = isinstance(segmentation, list) and all(
            isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0 for part in segmentation
        )
        if not segmentation or not plain or size is None or size[0] * size[1] > 4_000_000:
            continue
        if not np.isfinite([number for part in segmentation for number in part]).all():
            continue
        shown, _ = label_image(dataset, [row])
        expected = ann_to_mask(dataset, {**record, "image_id": dataset.images.id_of(image)})
        assert np.array_equal(shown > 0, expected), f"{path.name} annotation {record.get('id')}"
        seen += 1
        if seen >= 400:
            break
    return seen
