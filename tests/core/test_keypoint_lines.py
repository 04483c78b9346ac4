"""The keypoints of many annotations in one pass, and where their annotations are."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject, Rows, SetKeypoints
from napari_labeltool.core.keypoint_lines import placed_keypoints
from napari_labeltool.core.keypoint_places import KeypointPlaces
from napari_labeltool.formats.coco import parse_coco
from napari_labeltool.layers.convert_points import points_of

NUMBER = st.one_of(st.integers(0, 50), st.floats(0, 50, allow_nan=False), st.just(float("nan")))
VALUE = st.one_of(
    st.lists(st.tuples(NUMBER, NUMBER, st.sampled_from([0, 1, 2, 0.5]))).map(
        lambda points: [number for point in points for number in point]
    ),
    st.sampled_from([None, "3", [1, 2], [True, 1, 2], [[1, 2, 2]], {"x": 1}]),
)


def dataset_of(values: list[Any], **more: Any) -> Dataset:
    annotations = [
        {"id": number, "image_id": 1, "category_id": 1, "keypoints": value, **more}
        for number, value in enumerate(values)
    ]
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 60}],
        "categories": [{"id": 1, "name": "fly", "keypoints": ["head"]}],
        "annotations": annotations,
    }
    return parse_coco(json.dumps(content).encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUE, max_size=6))
def test_all_at_once_are_the_points_of_each(values: list[Any]) -> None:
    dataset = dataset_of(values)
    rows = dataset.annotations.rows()
    points = placed_keypoints(dataset, rows)
    found = list(zip(points.owner.tolist(), points.index.tolist(), points.xyv.tolist()))
    assert found == [
        (row, item.index, [*map(float, item.position_yx[::-1]), item.visibility])
        for row in rows.tolist()
        for item in points_of(dataset, row)
    ]


def test_an_annotation_without_a_box_is_found_where_its_points_are_after_edits_too() -> None:
    dataset = dataset_of([[10, 20, 2, 30, 25, 1], [50, 50, 2]])
    places = KeypointPlaces(dataset, 0)
    assert places.query(25, 22, 28, 24).tolist() == [0]
    assert places.query(0, 0, 5, 5).tolist() == []
    before = np.array([[50.0, 50, 2]])
    for points in (np.array([[2.0, 3, 2]]), before):
        dataset.apply(SetKeypoints(Rows([1]), points).ops(dataset))
        places.update(np.array([1]))
        x, y = points[0, :2].tolist()
        assert places.query(x - 1, y - 1, x + 1, y + 1).tolist() == [1]
    dataset.apply(AddObject(Rows([0]), Rows([0]), keypoints=np.array([[40.0, 5, 2]])).ops(dataset))
    places.update(np.array([2]))
    assert places.query(39, 4, 41, 6).tolist() == [2]


def test_a_mark_says_visibility_by_its_form() -> None:
    points = placed_keypoints(dataset_of([[10, 10, 2, 20, 10, 1, 30, 10, 0]]), np.array([0]))
    strokes, marked = points.marks(2.0)
    assert np.bincount(marked).tolist() == [2, 4, 2]
    assert np.abs(strokes - points.xyv[marked, None, :2]).max() == 2


def test_edges_join_labelled_points_of_one_annotation() -> None:
    dataset = dataset_of([[1, 1, 2, 2, 2, 2], [3, 3, 2, 4, 4, 0], [5, 5, 2], [6, 6, 1, 7, 7, 2]])
    points = placed_keypoints(dataset, np.arange(4))
    pairs = points.edge((1, 0), np.ones(len(points), bool))
    assert points.xyv[pairs, 0].tolist() == [[2, 1], [7, 6]]
