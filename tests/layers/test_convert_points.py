"""Keypoints as points, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from layer_cases import add, new_dataset

from napari_labeltool.core.ops import Patch
from napari_labeltool.layers.convert import keypoint_labels, keypoints_from_points, points_of, to_layers

number = st.floats(-1000, 10000, allow_nan=False)
keypoints = st.lists(st.tuples(number, number, st.sampled_from([0.0, 1.0, 2.0, 0.75])), max_size=6).map(
    lambda rows: np.array(rows, np.float64).reshape(-1, 3)
)


@given(keypoints)
def test_untouched_keypoints_come_back_equal(before: np.ndarray) -> None:
    dataset = new_dataset()
    row = add(dataset, keypoints=before)
    items = points_of(dataset, row)
    assert np.array_equal(keypoints_from_points(items, before), before)


def test_integer_keypoints_lie_on_pixel_centres() -> None:
    dataset = new_dataset()
    (item,) = points_of(dataset, add(dataset, keypoints=np.array([[12, 5, 2.0]])))
    assert item.position_yx.tolist() == [5, 12]
    assert (item.name, item.visibility) == ("nose", 2)


def test_keypoints_of_a_document_with_a_shift_are_moved_by_it() -> None:
    dataset = new_dataset()
    dataset.apply([Patch("document", 0, {"labeltool": {"keypoint_shift": -0.5}})])
    row = add(dataset, keypoints=np.array([[12.5, 5.5, 2.0]]))
    (item,) = points_of(dataset, row)
    assert item.position_yx.tolist() == [5, 12]
    assert keypoints_from_points([item], None, 1, -0.5).tolist() == [[12.5, 5.5, 2]]


def test_points_at_zero_that_are_not_labelled_are_not_shown_and_kept() -> None:
    dataset = new_dataset()
    before = np.array([[0, 0, 0], [3, 4, 0.0]])
    items = points_of(dataset, add(dataset, keypoints=before))
    assert [item.index for item in items] == [1]
    assert np.array_equal(keypoints_from_points(items, before), before)


def test_point_that_was_removed_becomes_zeros_and_a_moved_one_is_rounded() -> None:
    dataset = new_dataset()
    before = np.array([[10.123456, 20, 2], [30, 40, 1.0]])
    first, _ = points_of(dataset, add(dataset, keypoints=before))
    moved = replace(first, position_yx=first.position_yx + np.array([1 / 3, 0]))
    after = keypoints_from_points([moved], before)
    assert after.tolist() == [[10.123456, 20.333, 2], [0, 0, 0]]


def test_names_are_unique_and_missing_ones_are_numbered() -> None:
    assert keypoint_labels(["ear", "ear"], 3) == ("ear", "ear (2)", "point 3")


def test_confidence_as_visibility_is_kept_in_the_table() -> None:
    dataset = new_dataset()
    add(dataset, keypoints=np.array([[1, 2, 0.25], [3, 4, 1.0]]))
    ((_, kwargs, kind),) = to_layers(dataset, 7)
    assert kind == "points"
    assert kwargs["features"]["visibility"].tolist() == [0.25, 1.0]
