"""Semantic masks as one Labels layer with a value a class, and back."""

from __future__ import annotations

import numpy as np
from layer_cases import new_dataset, records

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.ops import Append
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.semantic import area_of
from napari_labeltool.layers.convert import from_layers, to_layers


def square(top: int, left: int, side: int) -> Rle:
    return Rle.from_mask(np.ones((side, side), bool), height=60, width=80, offset_yx=(top, left))


def semantic_dataset() -> Dataset:
    """Return two annotations of tissue, one of stroma, and a cell that lies on tissue."""
    dataset = new_dataset()
    for row, name in ((2, "tissue"), (3, "stroma")):
        dataset.apply([Append("categories", row, {"id": row + 5, "name": name, "isthing": 0})])
    for name, rle in (
        ("tissue", square(0, 0, 20)),
        ("cell", square(5, 5, 4)),
        ("stroma", square(30, 0, 20)),
        ("tissue", square(0, 40, 20)),
    ):
        dataset.apply(AddObject(7, name, Mask(rle)).ops(dataset))
    return dataset


def test_a_class_of_areas_is_one_value_below_the_objects() -> None:
    ((data, kwargs, _),) = to_layers(semantic_dataset(), 7)
    features = kwargs["features"]
    assert features["category"].tolist() == ["cell", "tissue", "stroma"]
    assert features["annotation_id"].tolist()[1:] == [-1, -1]
    assert data[0, 0] == data[0, 40] == 2
    assert data[6, 6] == 1
    assert data[30, 0] == 3


def test_areas_that_nobody_edited_come_back_as_they_were() -> None:
    dataset = semantic_dataset()
    again = from_layers(to_layers(dataset, 7), dataset=dataset)
    assert records(again) == records(dataset)


def test_painted_areas_take_pixels_from_areas_alone_and_keep_what_objects_hide() -> None:
    dataset = semantic_dataset()
    layers = to_layers(dataset, 7)
    data = layers[0][0]
    data[10:15, 0:10] = 3
    data[0, 0] = 0
    again = from_layers(layers, dataset=dataset)
    tissue, stroma = (area_of(again, 7, name).to_mask() for name in ("tissue", "stroma"))
    assert np.array_equal(stroma, data == 3)
    hidden = np.zeros_like(tissue)
    hidden[5:9, 5:9] = True
    assert np.array_equal(tissue, (data == 2) | hidden)
    assert len(records(again)) == 4
    assert records(again)[1] == records(dataset)[1]


def test_an_area_that_is_erased_whole_is_deleted() -> None:
    dataset = semantic_dataset()
    layers = to_layers(dataset, 7)
    layers[0][0][layers[0][0] == 3] = 0
    again = from_layers(layers, dataset=dataset)
    assert [record["category_id"] for record in records(again)] == [7, 1, 7]
