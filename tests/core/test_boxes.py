"""Upright and rotated boxes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from napari_labeltool.core.boxes import (
    box_to_corners_xy,
    corners_to_bbox_xywh,
    is_rectangle,
    rotated_box,
    rotated_box_from_corners,
    square_up,
)

places = st.floats(-1e4, 1e4)
lengths = st.floats(0.5, 1e4)
angles = st.floats(0, 360, exclude_max=True)


def apart(a: float, b: float) -> float:
    """Return the difference of two angles in degrees."""
    return abs((a - b + 180) % 360 - 180)


@given(st.tuples(*[st.integers(-1000, 1000)] * 2, *[st.integers(0, 1000)] * 2))
def test_a_box_survives_the_way_to_corners_and_back(bbox: tuple[int, int, int, int]) -> None:
    assert corners_to_bbox_xywh(box_to_corners_xy(bbox)) == bbox


@given(places, places, lengths, lengths, angles)
def test_a_rotated_box_survives_the_way_to_corners_and_back(
    x: float, y: float, width: float, height: float, angle: float
) -> None:
    corners = rotated_box((x, y), (width, height), angle)
    box = rotated_box_from_corners(corners)
    assert box.center_xy == pytest.approx((x, y), abs=1e-6)
    assert (box.width, box.height) == pytest.approx((width, height), abs=1e-6)
    assert 0 <= box.angle_degrees < 360
    assert apart(box.angle_degrees, angle) < 1e-4
    assert np.allclose(box.corners_xy, corners, atol=1e-6)
    assert is_rectangle(corners)


def test_the_angle_turns_clockwise_on_the_screen_from_the_upper_edge() -> None:
    corners = rotated_box((0, 0), (4, 2), 90)
    assert corners.tolist() == [[1, -2], [1, 2], [-1, 2], [-1, -2]]
    assert rotated_box_from_corners(corners).angle_degrees == 90


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_whole_quarters_keep_whole_numbers(angle: int) -> None:
    corners = rotated_box((10, 20), (6, 4), angle)
    assert np.array_equal(corners, np.round(corners))
    assert rotated_box_from_corners(corners).angle_degrees == angle


def test_an_upright_box_has_no_angle() -> None:
    assert np.array_equal(rotated_box((5, 4), (6, 4), 0), box_to_corners_xy((2, 2, 6, 4)))


@given(lengths, lengths, angles)
def test_corners_in_mirrored_order_are_the_same_box(width: float, height: float, angle: float) -> None:
    box = rotated_box_from_corners(rotated_box((0, 0), (width, height), angle)[[1, 0, 3, 2]])
    assert (box.width, box.height) == pytest.approx((width, height))
    assert apart(box.angle_degrees, angle) < 1e-4


@given(lengths, lengths, angles, st.integers(0, 3), st.floats(-300, 300), st.floats(-300, 300))
def test_a_dragged_corner_leaves_the_opposite_corner_and_the_angle(
    width: float, height: float, angle: float, moved: int, dx: float, dy: float
) -> None:
    before = rotated_box((100, 50), (width, height), angle)
    dragged = before.copy()
    dragged[moved] += (dx, dy)
    after = square_up(dragged, moved)
    assert is_rectangle(after, 1e-6)
    for kept in (dragged[moved], before[(moved + 2) % 4]):
        assert (after == kept).all(axis=1).any()
    box = rotated_box_from_corners(after)
    assume(min(box.width, box.height) > 0.1)
    assert apart(box.angle_degrees, angle) < 1e-3


def test_a_small_drag_keeps_the_numbers_of_the_corners() -> None:
    before = rotated_box((100, 50), (40, 20), 30)
    for moved in range(4):
        dragged = before.copy()
        dragged[moved] += (1.0, 0.5)
        after = square_up(dragged, moved)
        assert after[moved].tolist() == dragged[moved].tolist()
        assert after[(moved + 2) % 4].tolist() == before[(moved + 2) % 4].tolist()


def test_a_box_without_extent_is_dragged_upright() -> None:
    corners = np.zeros((4, 2))
    corners[2] = (6, 3)
    assert square_up(corners, 2).tolist() == [[0, 0], [6, 0], [6, 3], [0, 3]]


@given(lengths, lengths, angles, st.integers(0, 3))
def test_one_corner_out_of_place_is_no_rectangle(
    width: float, height: float, angle: float, moved: int
) -> None:
    corners = rotated_box((0, 0), (width, height), angle)
    corners[moved] += (3.0 * math.cos(angle), 3.0 * math.sin(angle))
    assert not is_rectangle(corners, 1.0)


def test_a_parallelogram_and_a_triangle_are_no_rectangles() -> None:
    assert not is_rectangle(np.array([[0, 0], [4, 1], [4, 5], [0, 4]]), 0.1)
    assert not is_rectangle(np.zeros((3, 2)))
    assert not is_rectangle(np.full((4, 2), np.nan))
