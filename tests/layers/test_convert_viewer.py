"""Real layers of a viewer model: what napari stores and changes goes back right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layer_cases import add, ann_to_mask, new_dataset, records
from napari.components import ViewerModel
from napari.layers import Layer

from napari_labeltool.core.boxes import rotated_box
from napari_labeltool.core.geometry import Box, Mask, Polygon, RotatedBox
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco import read_coco, write_coco
from napari_labeltool.layers.convert import from_layers, to_layers

pytestmark = pytest.mark.viewer


def in_viewer(layers: list[Any]) -> ViewerModel:
    viewer = ViewerModel()
    for layer in layers:
        viewer.layers.append(Layer.create(*layer))
    return viewer


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a COCO file with every kind of object, with numbers that float32 cannot hold."""
    dataset = new_dataset()
    rng = np.random.default_rng(3)
    mask = rng.random((60, 80)) > 0.7
    add(dataset, geometry=Mask(Rle.from_mask(mask)))
    add(dataset, geometry=Box(tuple((rng.random(4) * 30).tolist())), attributes={"ripe": True})
    add(dataset, "bolt", geometry=RotatedBox(rotated_box((40, 30), (20, 8), 33.0), 33.0))
    add(dataset, None, geometry=Polygon((rng.random((5, 2)) * 60, rng.random((6, 2)) * 60)))
    add(dataset, geometry=Box((0, 0, 9, 9)), keypoints=np.array([[3, 4, 2], [7 / 3, 8, 1.0]]))
    path = tmp_path / "a.json"
    write_coco(dataset, path)
    return path


def test_file_shown_in_a_viewer_and_saved_is_the_same_bytes(saved: Path) -> None:
    text = saved.read_bytes()
    dataset = read_coco(saved)
    viewer = in_viewer(to_layers(dataset, 7))
    assert [type(layer).__name__ for layer in viewer.layers] == ["Labels", "Shapes", "Points"]
    write_coco(from_layers(viewer.layers, dataset=dataset), saved)
    assert saved.read_bytes() == text


def test_moving_one_vertex_in_napari_leaves_the_text_of_all_others(saved: Path) -> None:
    """Case 9, through the layer."""
    text = saved.read_text()
    dataset = read_coco(saved)
    viewer = in_viewer(to_layers(dataset, 7))
    shapes = viewer.layers["objects"]
    index = shapes.shape_type.index("polygon")
    data = [part.copy() for part in shapes.data]
    data[index][2] = [10, 20]
    shapes.data = data
    write_coco(from_layers(viewer.layers, dataset=dataset), saved)
    old, new = (eval_numbers(document) for document in (text, saved.read_text()))
    assert len(old) == len(new)
    differing = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    assert [new[i] for i in differing[:2]] == ["20.5", "10.5"]
    assert len(differing) <= 7, "the vertex, and area and box of the annotation"


def eval_numbers(text: str) -> list[str]:
    return text.replace("[", " ").replace("]", " ").replace(",", " ").replace("}", " ").split()


def test_colours_follow_the_classes(saved: Path) -> None:
    dataset = read_coco(saved)
    viewer = in_viewer(to_layers(dataset, 7))
    shapes = viewer.layers["objects"]
    by_class: dict[str, set[tuple[float, ...]]] = {}
    for name, color in zip(shapes.features["category"], shapes.edge_color, strict=True):
        by_class.setdefault(str(name), set()).add(tuple(np.round(color, 3)))
    assert all(len(colors) == 1 for colors in by_class.values())
    assert len(set().union(*by_class.values())) == len(by_class) == 3


def test_objects_drawn_by_hand_are_new_objects(saved: Path) -> None:
    dataset = read_coco(saved)
    viewer = in_viewer(to_layers(dataset, 7))
    shapes = viewer.layers["objects"]
    shapes.feature_defaults = shapes.feature_defaults.assign(category="bolt")
    shapes.add_rectangles(np.array([[9.5, 9.5], [9.5, 19.5], [19.5, 19.5], [19.5, 9.5]]))
    result = from_layers(viewer.layers, dataset=dataset)
    assert records(result)[:-1] == records(dataset)
    new = records(result)[-1]
    assert (new["id"], new["bbox"], new["category_id"]) == (6, [10, 10, 10, 10], 0)


def test_empty_layers_can_be_drawn_in() -> None:
    dataset = new_dataset()
    viewer = in_viewer(to_layers(dataset, 7, include_empty=True))
    assert [type(layer).__name__ for layer in viewer.layers] == ["Labels", "Shapes", "Points"]
    viewer.layers["masks"].data_setitem(np.nonzero(np.eye(60, 80)), 4)
    viewer.layers["objects"].add_rectangles(np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]]))
    result = from_layers(viewer.layers, dataset=dataset)
    mask, box = records(result)
    assert mask["area"] == 60
    assert box["bbox"] == [0, 0, 1, 1]


@pytest.mark.parametrize("scale", [(1, 1), (0.5, 2)])
def test_hand_drawn_layers_over_a_scaled_picture(scale: tuple[float, float]) -> None:
    viewer = ViewerModel()
    picture = np.zeros((60, 80))
    place: dict[str, Any] = {"scale": scale, "translate": (3, -7)}
    viewer.add_image(picture, name="cells.tif", **place)
    cells = np.kron(np.arange(1, 13).reshape(3, 4), np.ones((11, 13), int))
    viewer.add_labels(np.pad(cells, ((2, 25), (3, 25))), name="cells", **place)
    viewer.add_shapes(
        [xy_rectangle(10, 20, 6, 4)], shape_type="rectangle", name="bolt", edge_width=1, **place
    )
    viewer.add_points([[5, 6], [7.5, 8]], name="spot", **place)
    dataset = from_layers(viewer.layers)
    shown = viewer.layers["cells"].data
    masks = [record for record in records(dataset) if isinstance(record.get("segmentation"), dict)]
    assert len(masks) == 12
    for value, record in enumerate(masks, start=1):
        assert np.array_equal(ann_to_mask(dataset, record), shown == value)
    box = next(record for record in records(dataset) if record.get("segmentation") == [])
    assert box["bbox"] == [10, 20, 6, 4]
    keypoints = [record["keypoints"] for record in records(dataset) if "keypoints" in record]
    assert keypoints == [[6, 5, 2], [8, 7.5, 2]]
    assert dataset.images[0].file_name == "cells.tif"


def xy_rectangle(left: float, top: float, width: float, height: float) -> np.ndarray[Any, Any]:
    rows = np.array([top, top, top + height, top + height]) - 0.5
    columns = np.array([left, left + width, left + width, left]) - 0.5
    return np.stack([rows, columns], axis=1)


def test_turned_affine_of_a_layer_is_respected() -> None:
    viewer = ViewerModel()
    viewer.add_image(np.zeros((60, 80)), name="a")
    quarter = np.array([[0, -1, 40], [1, 0, 10], [0, 0, 1.0]])
    viewer.add_shapes([xy_rectangle(5, 8, 6, 4)], shape_type="rectangle", affine=quarter)
    labels = np.zeros((20, 20), int)
    labels[2:5, 3:9] = 1
    viewer.add_labels(labels, affine=quarter)
    box, mask = records(from_layers(viewer.layers))
    assert box["bbox"] == [18, 30, 4, 6]
    expected = np.zeros((60, 80), bool)
    for row, column in np.argwhere(labels):
        expected[40 - column, 10 + row] = True
    assert np.array_equal(ann_to_mask(from_layers(viewer.layers), mask), expected)


def test_features_of_a_labels_layer_become_classes_and_attributes() -> None:
    viewer = ViewerModel()
    features = pd.DataFrame({"index": [0, 1, 2], "cell_type": ["", "B", "T"], "marker": [0.0, 1.5, 2.5]})
    viewer.add_labels(np.array([[1, 2]]), features=features)
    dataset = from_layers(viewer.layers)
    names = {category.id: category.name for category in dataset.categories}
    found = [(names[record["category_id"]], record["attributes"]) for record in records(dataset)]
    assert found == [("B", {"marker": 1.5}), ("T", {"marker": 2.5})]
