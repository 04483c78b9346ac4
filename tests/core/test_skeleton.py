"""Keypoints, their visibility and the edges between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.schema import Category, Keypoint
from napari_labeltool.core.skeleton import (
    PERSON_LAYOUT,
    default_layout,
    edges_xy,
    is_labelled,
    keypoint_color,
    layout_of,
    num_keypoints,
    odd_visibility,
)


def test_edges_join_labelled_points_and_know_the_hidden_ones() -> None:
    keypoints = [[1, 2, 2], [3, 4, 1], [5, 6, 0], [7, 8, 2]]
    skeleton = [(0, 1), (1, 2), (0, 3), (0, 9), (-1, 0), (3, 3)]
    found = edges_xy(keypoints, skeleton, ["#ff0000", None])
    assert found.edge.tolist() == [0, 2]
    assert found.ends_xy.tolist() == [[[1, 2], [3, 4]], [[1, 2], [7, 8]]]
    assert found.colors == ("#ff0000", None)
    assert found.hidden.tolist() == [True, False]


def test_nothing_is_drawn_of_nothing() -> None:
    assert edges_xy(np.empty((0, 3)), [(0, 1)]).ends_xy.shape == (0, 2, 2)
    assert edges_xy([[1, 1, 2]], []).edge.shape == (0,)


def test_a_confidence_counts_as_labelled_and_as_odd() -> None:
    keypoints = [[1, 1, 0.4], [1, 1, 0], [1, 1, 1], [1, 1, 2], [1, 1, 3], [np.nan, 1, 2], [1, 1, -1]]
    assert is_labelled(keypoints).tolist() == [True, False, True, True, True, False, False]
    assert odd_visibility(keypoints).tolist() == [True, False, False, False, True, False, True]
    assert num_keypoints(keypoints) == 5


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 2)), max_size=6),
    st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 7)), max_size=8),
)
def test_edges_are_those_that_a_loop_finds(
    keypoints: list[tuple[int, int, int]], skeleton: list[tuple[int, int]]
) -> None:
    count = len(keypoints)
    wanted = [
        index
        for index, (a, b) in enumerate(skeleton)
        if a != b and 0 <= a < count and 0 <= b < count and keypoints[a][2] and keypoints[b][2]
    ]
    assert edges_xy(np.array(keypoints).reshape(-1, 3), skeleton).edge.tolist() == wanted


def test_a_person_stands_upright() -> None:
    names = list(PERSON_LAYOUT)
    layout = dict(zip(names, default_layout(names).tolist(), strict=True))
    assert layout["nose"][1] < layout["left_hip"][1] < layout["left_ankle"][1]
    assert layout["left_wrist"][0] > 0.5 > layout["right_wrist"][0]
    spaced = default_layout([name.replace("_", " ").title() for name in names])
    assert spaced.tolist() == default_layout(names).tolist()


@pytest.mark.parametrize("count", [0, 1, 2, 5, 40])
def test_other_points_stand_apart_inside_the_square(count: int) -> None:
    layout = default_layout([str(index) for index in range(count)])
    assert layout.shape == (count, 2)
    assert ((layout >= 0) & (layout <= 1)).all()
    assert len(np.unique(layout.round(6), axis=0)) == count


def test_positions_and_colours_of_their_own_win() -> None:
    points = (Keypoint("a", "#ff0000", (0.25, 0.75)), Keypoint("b"))
    category = Category("x", color="#00ff00", keypoints=points)
    assert layout_of(category)[0].tolist() == [0.25, 0.75]
    assert layout_of(category)[1].tolist() == default_layout(["a", "b"])[1].tolist()
    assert keypoint_color(category, 0) == "#ff0000"


def test_keypoints_without_a_colour_of_their_own_differ_from_each_other() -> None:
    category = Category(
        "person", color="#00ff00", keypoints=tuple(Keypoint(str(index)) for index in range(17))
    )
    assert len({keypoint_color(category, index) for index in range(17)}) == 17
