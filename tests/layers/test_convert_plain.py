"""Layers without our mark become a document, and what was assumed is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layer_cases import ann_to_mask, records
from pycocotools.coco import COCO

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.schema import Category, LabelSchema, schema_of
from napari_labeltool.formats.coco import write_coco
from napari_labeltool.layers.convert import Assumptions, from_layers

PICTURE = (np.zeros((60, 80)), {"name": "cells.tif"}, "image")


def touching_cells(rows: int = 10, columns: int = 20, size: int = 9) -> np.ndarray[Any, Any]:
    """Return a label image of cells that touch on all sides, each with a bite taken out."""
    image = np.kron(np.arange(1, rows * columns + 1).reshape(rows, columns), np.ones((size, size), int))
    rng = np.random.default_rng(0)
    for value in range(1, rows * columns + 1):
        ys, xs = np.nonzero(image == value)
        bite = rng.integers(0, len(ys), 5)
        image[ys[bite], xs[bite]] = 0
    return image


def converted(*layers: Any, **options: Any) -> tuple[Dataset, Assumptions]:
    notes = Assumptions()
    return from_layers(layers, assumptions=notes, **options), notes


def test_two_hundred_touching_cells_come_out_pixel_by_pixel_in_pycocotools(tmp_path: Path) -> None:
    cells = touching_cells()
    dataset, notes = converted((cells, {"name": "cp_masks"}, "labels"), file_name="cells.tif")
    path = tmp_path / "cells.json"
    write_coco(dataset, path)
    coco = COCO(path)
    assert len(coco.anns) == 200
    found = np.zeros_like(cells)
    for value, annotation in enumerate(coco.anns.values(), start=1):
        mask = coco.annToMask(annotation).astype(bool)
        assert np.array_equal(mask, cells == value)
        found[mask] = value
    assert np.array_equal(found, cells)
    assert coco.loadImgs(1)[0] | {} == {"id": 1, "file_name": "cells.tif", "width": 180, "height": 90}
    assert [category["name"] for category in coco.cats.values()] == ["cp_masks"]
    assert any("200 masks" in note for note in notes)
    assert any("name of the layer" in note for note in notes)


def test_pieces_of_one_value_stay_one_annotation() -> None:
    image = np.zeros((9, 9), int)
    image[0, 0] = image[8, 8] = 3
    dataset, _ = converted((image, {}, "labels"))
    (record,) = records(dataset)
    assert record["area"] == 2


@pytest.mark.parametrize("column", ["category", "Class", "cell type", "cell_type", "label"])
def test_category_comes_from_a_column_and_others_become_attributes(column: str) -> None:
    image = np.array([[1, 2, 3, 4]])
    features = pd.DataFrame(
        {"index": [1, 2, 3, 4], column: ["a", "b", "a", "a"], "area_um": [1.5, 2, 3, np.nan]}
    )
    dataset, notes = converted((image, {"features": features}, "labels"))
    names = {category.id: category.name for category in dataset.categories}
    assert [names[record["category_id"]] for record in records(dataset)] == ["a", "b", "a", "a"]
    assert [record.get("attributes") for record in records(dataset)] == [
        {"area_um": 1.5},
        {"area_um": 2.0},
        {"area_um": 3.0},
        None,
    ]
    assert column == "category" or any(repr(column) in note for note in notes)


def test_numbers_of_a_label_column_are_label_values_and_no_classes() -> None:
    image = np.array([[5, 7]])
    features = pd.DataFrame({"label": [5, 7], "mean": [0.5, 0.25]})
    dataset, _ = converted((image, {"name": "nuclei", "features": features}, "labels"))
    assert [record["attributes"] for record in records(dataset)] == [{"mean": 0.5}, {"mean": 0.25}]
    assert [category.name for category in dataset.categories] == ["nuclei"]


def test_values_with_a_class_each_are_told_to_be_semantic() -> None:
    image = np.array([[1, 2, 1, 2]])
    features = pd.DataFrame({"index": [1, 2], "category": ["stroma", "tumour"]})
    dataset, notes = converted((image, {"features": features}, "labels"))
    assert len(dataset.annotations) == 2
    assert any("semantic" in note for note in notes)


def test_shapes_become_boxes_rotated_boxes_and_polygons_and_lines_are_refused_by_name_and_count() -> None:
    box = np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]])
    turned = np.array([[10, 0], [0, 10], [10, 20], [20, 10.0]])
    triangle = np.array([[1, 1], [1, 9], [8, 4.0]])
    line = np.array([[0, 0], [9, 9.0]])
    shapes = [box, turned, triangle, box * 9, line, line, line]
    types = ["rectangle", "rectangle", "polygon", "ellipse", "line", "path", "line"]
    dataset, notes = converted(PICTURE, (shapes, {"name": "drawn", "shape_type": types}, "shapes"))
    box_record, turned_record, polygon_record, ellipse_record = records(dataset)
    assert box_record["bbox"] == [0, 0, 1, 1]
    assert box_record["segmentation"] == []
    assert turned_record["attributes"]["rotation"] in (45, 135, 225, 315)
    assert turned_record["labeltool"]["shape"] == "rotated_box"
    assert polygon_record["segmentation"] == [[1.5, 1.5, 9.5, 1.5, 4.5, 8.5]]
    assert len(ellipse_record["segmentation"][0]) >= 16
    text = str(notes)
    assert "2 lines not written" in text
    assert "1 path not written" in text
    assert "1 box, 1 rotated box, 1 polygon, 1 ellipse written" in text


def test_scale_and_translate_are_taken_relative_to_the_image() -> None:
    picture = (np.zeros((60, 80)), {"name": "a", "scale": (0.5, 2), "translate": (10, 100)}, "image")
    corners = np.array([[4, 6], [4, 16], [14, 16], [14, 6.0]])
    same = (corners * [0.5, 2] + [10, 100]) / 4
    layers = [
        picture,
        ([corners], {"name": "pixels", "scale": (0.5, 2), "translate": (10, 100)}, "shapes"),
        ([same], {"name": "quarter", "scale": (4, 4)}, "shapes"),
    ]
    dataset, _ = converted(*layers)
    assert [record["bbox"] for record in records(dataset)] == [[6.5, 4.5, 10, 10]] * 2


def test_shifted_labels_keep_their_pixels_exactly() -> None:
    crop = touching_cells(2, 3)
    picture = (np.zeros((60, 80)), {"name": "a", "scale": (0.5, 2)}, "image")
    moved = (crop, {"scale": (0.5, 2), "translate": (0.5 * 7, 2 * 11)}, "labels")
    dataset, notes = converted(picture, moved)
    whole = np.zeros((60, 80), int)
    whole[7 : 7 + crop.shape[0], 11 : 11 + crop.shape[1]] = crop
    for value, record in enumerate(records(dataset), start=1):
        assert np.array_equal(ann_to_mask(dataset, record), whole == value)
    assert not any("not those of the image" in note for note in notes)


def test_coarser_labels_are_written_on_the_pixels_of_the_image() -> None:
    coarse = np.array([[1, 2], [3, 0]])
    labels = (coarse, {"scale": (3, 4), "translate": (1, 1.5)}, "labels")
    dataset, notes = converted((np.zeros((6, 8)), {"name": "a"}, "image"), labels)
    expected = np.kron(coarse, np.ones((3, 4), int))
    for value, record in enumerate(records(dataset), start=1):
        assert np.array_equal(ann_to_mask(dataset, record), expected == value)
    assert any("not those of the image" in note for note in notes)


def test_ellipse_under_unequal_scale_keeps_its_area() -> None:
    corners = np.array([[10, 20], [10, 40], [30, 40], [30, 20.0]])
    layers = [(np.zeros((60, 200)), {"name": "a"}, "image")]
    layers.append(([corners], {"shape_type": "ellipse", "scale": (0.5, 4)}, "shapes"))
    dataset, _ = converted(*layers)
    (record,) = records(dataset)
    assert record["area"] == pytest.approx(np.pi * 5 * 40, rel=0.02)
    assert record["bbox"] == pytest.approx([80.5, 5.5, 80, 10], abs=0.3)


def test_each_point_is_an_object_without_a_column_that_groups_them() -> None:
    data = np.array([[3, 4], [5.25, 6]])
    dataset, notes = converted(PICTURE, (data, {"name": "spots"}, "points"))
    assert [record["keypoints"] for record in records(dataset)] == [[4, 3, 2], [6, 5.25, 2]]
    (category,) = schema_of(dataset).categories
    assert [point.name for point in category.keypoints] == ["point"]
    assert "2 points became the keypoints of 2 objects" in str(notes)


def test_points_of_one_individual_are_the_keypoints_of_one_object() -> None:
    features = pd.DataFrame(
        {
            "individual": ["m1", "m2", "m1"],
            "bodypart": ["nose", "tail", "tail"],
            "visibility": [2, 1, 2],
            "category": ["mouse"] * 3,
        }
    )
    data = np.array([[1, 2], [3, 4], [5, 6.0]])
    dataset, _ = converted(PICTURE, (data, {"features": features}, "points"))
    first, second = records(dataset)
    assert first["keypoints"] == [2, 1, 2, 6, 5, 2]
    assert second["keypoints"] == [0, 0, 0, 4, 3, 1]
    assert [p.name for p in schema_of(dataset).categories[0].keypoints] == ["nose", "tail"]


def test_planes_of_a_stack_become_image_records_of_their_own() -> None:
    stack = np.zeros((5, 20, 30), int)
    stack[1, 2:5, 3:6] = 1
    stack[3, 2:5, 3:6] = 1
    box = np.array([[3, 0, 0], [3, 0, 9], [3, 9, 9], [3, 9, 0.0]])
    picture = (np.zeros((5, 20, 30)), {"name": "stack.tif", "axis_labels": ("t", "y", "x")}, "image")
    dataset, _ = converted(picture, (stack, {"name": "cell"}, "labels"), ([box], {"name": "cell"}, "shapes"))
    planes = [(image.file_name, image.record["labeltool"]["plane"]) for image in dataset.images]
    assert planes == [("stack.tif", {"T": 1}), ("stack.tif", {"T": 3})]
    assert [record["image_id"] for record in records(dataset)] == [1, 2, 2]
    assert len(dataset.categories) == 1


def test_layers_that_coco_has_no_place_for_are_named() -> None:
    tracks = (np.zeros((1, 4)), {"name": "paths"}, "tracks")
    _, notes = converted(PICTURE, tracks)
    assert "'paths': not written" in str(notes)


def test_size_is_as_far_as_objects_reach_when_nothing_else_tells_it() -> None:
    corners = np.array([[1, 2], [1, 19.5], [11.5, 19.5], [11.5, 2]])
    dataset, notes = converted(([corners], {}, "shapes"))
    assert (dataset.images[0].height, dataset.images[0].width) == (12, 20)
    assert "12 x 20" in str(notes)


def test_existing_classes_are_used_whatever_their_letter_case() -> None:
    base, _ = converted((np.array([[1]]), {"name": "Nucleus"}, "labels"), file_name="a.png")
    dataset, _ = converted((np.array([[1]]), {"name": "nucleus"}, "labels"), dataset=base, file_name="b.png")
    assert [category.name for category in dataset.categories] == ["Nucleus"]
    assert len(base.annotations) == 1, "the given document is not changed"
    assert [image.file_name for image in dataset.images] == ["a.png", "b.png"]


def test_no_layer_is_an_error_with_words() -> None:
    with pytest.raises(LabeltoolError, match="at least one layer"):
        from_layers([])


def test_schema_gives_the_classes_of_a_new_document() -> None:
    schema = LabelSchema((Category("nucleus", id=4, color="#ff0000"), Category("debris", id=9)))
    dataset, _ = converted((np.array([[1]]), {"name": "debris"}, "labels"), schema=schema)
    assert [(category.id, category.name) for category in dataset.categories] == [
        (4, "nucleus"),
        (9, "debris"),
    ]
    assert records(dataset)[0]["category_id"] == 9


def test_image_size_and_file_name_that_a_caller_gives_win() -> None:
    labels = (np.array([[1, 0], [0, 1]]), {"name": "a"}, "labels")
    dataset, notes = converted(labels, image_size=(20, 30), file_name="b.png")
    (image,) = dataset.images
    assert (image.file_name, image.height, image.width) == ("b.png", 20, 30)
    assert records(dataset)[0]["segmentation"]["size"] == [20, 30]
    assert not any("image layer" in note for note in notes)
