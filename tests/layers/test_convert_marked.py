"""Layers that came from a document go back into it, and change nothing that was not changed in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from layer_cases import add, new_dataset, records

from napari_labeltool.core.boxes import rotated_box
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import Rows, SetStatus
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import Box, Mask, Polygon, RotatedBox
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco import read_coco
from napari_labeltool.layers.convert import Assumptions, from_layers, to_layers


def full_dataset() -> Dataset:
    """Return a document with overlapping masks, a box, a rotated box, a polygon of two parts, keypoints."""
    dataset = new_dataset()
    mask = np.zeros((60, 80), bool)
    mask[5:20, 5:30] = True
    add(dataset, geometry=Mask(Rle.from_mask(mask)))
    add(dataset, "bolt", geometry=Mask(Rle.from_mask(np.roll(mask, 8, axis=1))))
    add(dataset, geometry=Box((1.1, 2.2, 3.3, 4.4)), attributes={"ripe": True, "note": "a", "count": 3})
    add(dataset, "bolt", geometry=RotatedBox(rotated_box((40, 30), (20, 8), 33.0), 33.0))
    parts = (np.array([[1, 1], [9, 1], [5, 7.77]]), np.array([[20, 20], [29, 20], [25, 27.3]]))
    add(dataset, None, geometry=Polygon(parts))
    add(dataset, geometry=Box((0, 0, 9, 9)), keypoints=np.array([[3, 4, 2], [7, 8, 1.0]]))
    return dataset


def back(layers: Any, dataset: Dataset) -> tuple[Dataset, Assumptions]:
    notes = Assumptions()
    return from_layers(layers, dataset=dataset, assumptions=notes), notes


def layer(layers: list[Any], kind: str) -> tuple[Any, dict[str, Any], str]:
    return next(one for one in layers if one[2] == kind)


def test_layers_that_were_not_touched_change_nothing() -> None:
    dataset = full_dataset()
    result, notes = back(to_layers(dataset, 7), dataset)
    assert records(result) == records(dataset)
    assert not notes


def test_no_image_of_the_corpus_is_changed_by_going_through_layers(corpus_dir: Path) -> None:
    seen = 0
    for path in sorted(corpus_dir.rglob("*.json")):
        try:
            dataset = read_coco(path)
        except LabeltoolError:
            continue
        for row in dataset.images.rows()[:3].tolist():
            layers = to_layers(dataset, Rows([row]))
            if layers:
                result, notes = back(layers, dataset)
                assert not result.is_changed(), f"{path.name}: image row {row}: {notes}"
                seen += 1
    assert seen > 60


def test_without_the_document_ids_classes_and_values_are_kept() -> None:
    dataset = full_dataset()
    result = from_layers(to_layers(dataset, 7))
    assert [image.id for image in result.images] == [7]
    old = {record["id"]: record for record in records(dataset)}
    new = {record["id"]: record for record in records(result)}
    assert old.keys() == new.keys()
    for number in (2, 3, 6):
        for key in ("segmentation", "bbox", "area", "keypoints", "attributes"):
            assert new[number].get(key) == old[number].get(key), (number, key)
    names = [category.name for category in result.categories]
    assert names == ["cell", "bolt"]
    assert result.categories.value(0, "keypoints") == ["nose", "tail"]
    assert "category_id" not in new[5]


def test_moving_one_shape_changes_that_annotation_alone() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7)
    data, kwargs, _ = layer(layers, "shapes")
    index = kwargs["features"]["annotation_id"].tolist().index(3)
    data[index] = data[index] + 2
    result, _ = back(layers, dataset)
    changed = [a["id"] for a, b in zip(records(dataset), records(result), strict=True) if a != b]
    assert changed == [3]
    assert records(result)[2]["bbox"] == [3.1, 4.2, 3.3, 4.4]


def test_editing_the_table_relabels_and_sets_attributes_and_status() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7)
    features = layer(layers, "shapes")[1]["features"]
    features.loc[0, ["category", "status", "note"]] = ["bolt", "approved", "b"]
    features["size"] = ["big"] + [None] * (len(features) - 1)
    result, _ = back(layers, dataset)
    record = records(result)[2]
    assert record["category_id"] == 0
    assert record["labeltool"]["status"] == "approved"
    assert record["attributes"] == {"ripe": True, "note": "b", "count": 3, "size": "big"}
    assert records(result)[3:] == records(dataset)[3:]


def test_status_is_shown_and_stays() -> None:
    dataset = full_dataset()
    dataset.apply(SetStatus([3], "needs_review", "look").ops(dataset))
    layers = to_layers(dataset, 7)
    assert layer(layers, "shapes")[1]["features"]["status"].tolist()[0] == "needs_review"
    result, _ = back(layers, dataset)
    assert records(result) == records(dataset)


def test_new_shape_is_added_and_a_missing_one_is_deleted_and_told() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7)
    data, kwargs, _ = layer(layers, "shapes")
    del data[0]
    data.append(np.array([[9.5, 9.5], [9.5, 19.5], [19.5, 19.5], [19.5, 9.5]]))
    kwargs["shape_type"] = [*kwargs["shape_type"][1:], "rectangle"]
    features = kwargs["features"].iloc[1:]
    line = pd.DataFrame({"annotation_id": [-1], "category": ["bolt"], "part": [0], "status": [""]})
    kwargs["features"] = pd.concat([features, line], ignore_index=True)
    result, notes = back(layers, dataset)
    by_id = {record["id"]: record for record in records(result)}
    assert 3 not in by_id
    assert by_id[7]["bbox"] == [10, 10, 10, 10]
    assert by_id[7]["category_id"] == 0
    assert "cell 3" in str(notes)


def test_incomplete_layer_deletes_nothing() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7, kinds=["objects"])
    data, kwargs, _ = layers[0]
    kwargs["metadata"]["napari_labeltool"]["complete"] = False
    kwargs["features"] = kwargs["features"].iloc[:1]
    kwargs["shape_type"] = kwargs["shape_type"][:1]
    result, _ = back([(data[:1], kwargs, "shapes")], dataset)
    assert records(result) == records(dataset)


def test_painting_changes_what_was_painted_and_hidden_pixels_stay() -> None:
    dataset = full_dataset()
    first, second = (dataset.rle(row) for row in (0, 1))
    assert first is not None
    assert second is not None
    layers = to_layers(dataset, 7, kinds=["masks"])
    data = layers[0][0]
    data[5:8, 5:8] = 0
    data[40:43, 40:43] = 1
    result, _ = back(layers, dataset)
    now = result.rle(0)
    assert now is not None
    expected = first.to_mask().copy()
    expected[5:8, 5:8] = False
    expected[40:43, 40:43] = True
    assert np.array_equal(now.to_mask(), expected), "pixels below the second mask are still of the first"
    assert result.rle(1) == second


def test_erased_mask_is_deleted_and_a_new_value_is_added_unlabelled() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7, kinds=["masks"])
    data = layers[0][0]
    data[data == 2] = 0
    data[50:55, 50:55] = 9
    result, notes = back(layers, dataset)
    ids = {record["id"]: record for record in records(result)}
    assert 2 not in ids
    assert ids[7]["area"] == 25
    assert "category_id" not in ids[7]
    assert "bolt 2" in str(notes)
    assert "unlabelled" in str(notes)


def test_points_change_visibility_and_place() -> None:
    dataset = full_dataset()
    layers = to_layers(dataset, 7, kinds=["keypoints"])
    data, kwargs, _ = layers[0]
    data[0] = [4, 9]
    kwargs["features"].loc[1, "visibility"] = 2
    result, _ = back(layers, dataset)
    record = next(record for record in records(result) if record["id"] == 6)
    assert record["keypoints"] == [9, 4, 2, 7, 8, 2]
    assert record["bbox"] == [0, 0, 9, 9]


def test_removing_all_points_keeps_the_box() -> None:
    dataset = full_dataset()
    (_, kwargs, _) = to_layers(dataset, 7, kinds=["keypoints"])[0]
    kwargs["features"] = kwargs["features"].iloc[:0]
    result, _ = back([(np.zeros((0, 2)), kwargs, "points")], dataset)
    record = next(record for record in records(result) if record["id"] == 6)
    assert record["keypoints"] == [0, 0, 0, 0, 0, 0]
    assert record["bbox"] == [0, 0, 9, 9]


def test_plain_layers_beside_marked_ones_join_their_image() -> None:
    dataset = full_dataset()
    plain = (np.pad([[1, 1]], ((0, 59), (0, 78))), {"name": "cell"}, "labels")
    result, _ = back([*to_layers(dataset, 7), plain], dataset)
    new = records(result)[-1]
    assert (new["id"], new["image_id"], new["category_id"], new["area"]) == (7, 7, 1, 2)


def test_layer_of_another_document_with_the_same_image_id_does_not_touch_this_one() -> None:
    dataset, other = full_dataset(), new_dataset()
    other.apply([])
    other.images.set_patch(0, {"file_name": "elsewhere.png"})
    add(other, geometry=Box((5, 5, 5, 5)))
    result, _ = back(to_layers(other, 7), dataset)
    assert records(result)[:-1] == records(dataset)
    assert result.images[1].file_name == "elsewhere.png"
    assert records(result)[-1]["image_id"] == 8


def test_annotations_with_one_id_go_back_each_to_its_own() -> None:
    dataset = full_dataset()
    dataset.annotations.set_patch(3, {"id": 3})
    layers = to_layers(dataset, 7)
    data, kwargs, _ = layer(layers, "shapes")
    places = [i for i, value in enumerate(kwargs["features"]["annotation_id"]) if value == 3]
    data[places[1]] = data[places[1]] + 1
    result, _ = back(layers, dataset)
    changed = [i for i, (a, b) in enumerate(zip(records(dataset), records(result), strict=True)) if a != b]
    assert changed == [3]
