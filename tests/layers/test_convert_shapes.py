"""Boxes, rotated boxes and polygons as shapes, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layer_cases import add, new_dataset

from napari_labeltool.core.boxes import rotated_box
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Box, Polygon, RotatedBox
from napari_labeltool.core.polygons import polygon_to_rle
from napari_labeltool.layers.convert import (
    ShapeItem,
    geometry_from_shapes,
    shape_of,
    shapes_of_geometry,
    xy_to_yx,
    yx_to_xy,
)

coordinate = st.floats(-5000, 20000, allow_nan=False).map(float)
points = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=12, unique=True).map(
    lambda pairs: np.array(pairs, np.float64)
)
positive = st.floats(1, 5000).map(float)


def as_layer_has_it(items: list[ShapeItem]) -> list[ShapeItem]:
    return [ShapeItem(i.part, i.shape_type, np.asarray(i.corners_yx, np.float32)) for i in items]


@given(points)
def test_swapping_axes_and_half_pixel_is_undone_by_its_inverse(points_xy: np.ndarray) -> None:
    assert np.allclose(yx_to_xy(xy_to_yx(points_xy)), points_xy, atol=1e-9)


def test_box_of_the_first_pixel_outlines_exactly_that_pixel() -> None:
    dataset = new_dataset()
    (item,) = shape_of(dataset, add(dataset, geometry=Box((0, 0, 1, 1))))
    assert item.shape_type == "rectangle"
    assert item.corners_yx.tolist() == [[-0.5, -0.5], [-0.5, 0.5], [0.5, 0.5], [0.5, -0.5]]


def test_polygon_of_case_31_covers_its_twelve_pixels_in_napari() -> None:
    square = np.array([[2, 3], [5, 3], [5, 7], [2, 7]], float)
    (item,) = shapes_of_geometry(Polygon((square,)))
    low, high = item.corners_yx.min(0), item.corners_yx.max(0)
    centres = [(r, c) for r in range(10) for c in range(10) if (low < (r, c)).all() and ((r, c) < high).all()]
    assert centres == [(r, c) for r in range(3, 7) for c in range(2, 5)]
    mask = polygon_to_rle([square], 10, 10).to_mask()
    assert list(map(tuple, np.argwhere(mask).tolist())) == centres


@given(points, points)
def test_untouched_polygon_comes_back_equal_after_float32(first: np.ndarray, second: np.ndarray) -> None:
    before = Polygon((first, second))
    assert geometry_from_shapes(as_layer_has_it(shapes_of_geometry(before)), before) == before


@given(st.tuples(coordinate, coordinate, positive, positive))
def test_untouched_box_comes_back_equal_after_float32(bbox: tuple[float, float, float, float]) -> None:
    before = Box(bbox)
    assert geometry_from_shapes(as_layer_has_it(shapes_of_geometry(before)), before) == before


@given(coordinate, coordinate, positive, positive, st.floats(0, 359.9))
def test_untouched_rotated_box_comes_back_equal(x: float, y: float, w: float, h: float, angle: float) -> None:
    before = RotatedBox(rotated_box((x, y), (w, h), angle).round(2), angle)
    assert geometry_from_shapes(as_layer_has_it(shapes_of_geometry(before)), before) == before


@given(points, st.integers(0, 11), st.tuples(coordinate, coordinate))
def test_moving_one_vertex_leaves_the_numbers_of_the_others(
    part: np.ndarray, which: int, to_yx: tuple[float, float]
) -> None:
    which %= len(part)
    (item,) = as_layer_has_it(shapes_of_geometry(Polygon((part,))))
    item.corners_yx[which] = to_yx
    after = geometry_from_shapes([item], Polygon((part,)))
    assert isinstance(after, Polygon)
    others = np.arange(len(part)) != which
    assert (after.parts_xy[0][others] == part[others]).all()
    assert np.allclose(after.parts_xy[0][which], yx_to_xy(np.float32(to_yx)), atol=6e-4)


def test_removed_and_inserted_vertices_leave_the_numbers_of_the_others() -> None:
    part = np.random.default_rng(1).random((7, 2)) * 1000 / 3
    (item,) = as_layer_has_it(shapes_of_geometry(Polygon((part,))))
    corners = np.delete(item.corners_yx, 2, axis=0)
    corners = np.insert(corners, 4, [10, 20], axis=0)
    after = geometry_from_shapes([ShapeItem(0, "polygon", corners)], Polygon((part,)))
    assert isinstance(after, Polygon)
    expected = np.insert(np.delete(part, 2, axis=0), 4, [20.5, 10.5], axis=0)
    assert after == Polygon((expected,))


def test_closed_polygon_is_shown_open_and_closed_again() -> None:
    ring = np.array([[1.25, 2], [9, 2], [9, 8], [1.25, 2]])
    (item,) = shapes_of_geometry(Polygon((ring,)))
    assert len(item.corners_yx) == 3
    assert geometry_from_shapes(as_layer_has_it([item]), Polygon((ring,))) == Polygon((ring,))


def test_resizing_a_box_at_one_edge_keeps_the_numbers_of_the_other_edges() -> None:
    before = Box((10.123456789, 20.987654321, 30.111111111, 40.222222222))
    (item,) = as_layer_has_it(shapes_of_geometry(before))
    item.corners_yx[1:3, 1] += 5
    after = geometry_from_shapes([item], before)
    assert isinstance(after, Box)
    left, top, width, height = after.bbox
    assert (left, top, height) == (before.bbox[0], before.bbox[1], before.bbox[3])
    assert width == pytest.approx(35.111, abs=1e-3)


def test_moving_a_box_keeps_its_exact_size() -> None:
    before = Box((10.123456789, 20.987654321, 30.111111111, 40.222222222))
    (item,) = as_layer_has_it(shapes_of_geometry(before))
    item.corners_yx[:] += np.float32([3.25, -2.5])
    after = geometry_from_shapes([item], before)
    assert isinstance(after, Box)
    assert after.bbox[2:] == before.bbox[2:]
    assert after.bbox[:2] == pytest.approx((7.623, 24.238), abs=1e-3)


def test_turning_a_box_makes_it_a_rotated_box_of_that_angle() -> None:
    corners = xy_to_yx(rotated_box((50, 40), (30, 10), 25))
    after = geometry_from_shapes(
        [ShapeItem(0, "rectangle", corners.astype(np.float32))], Box((35, 35, 30, 10))
    )
    assert isinstance(after, RotatedBox)
    assert after.rotation == pytest.approx(25, abs=0.01)


def test_moving_a_rotated_box_keeps_its_exact_rotation_and_turning_adds_to_it() -> None:
    before = RotatedBox(rotated_box((50, 40), (30, 10), 25.123456), 25.123456)
    (item,) = as_layer_has_it(shapes_of_geometry(before))
    item.corners_yx[:] += np.float32([4, 7])
    moved = geometry_from_shapes([item], before)
    assert isinstance(moved, RotatedBox)
    assert moved.rotation == before.rotation
    turned = ShapeItem(
        0, "rectangle", xy_to_yx(rotated_box((50, 40), (30, 10), 35.123456)).astype(np.float32)
    )
    after = geometry_from_shapes([turned], before)
    assert isinstance(after, RotatedBox)
    assert after.rotation == pytest.approx(35.123456, abs=0.01)


def test_rectangle_with_a_dragged_corner_is_a_polygon() -> None:
    corners = np.array([[0, 0], [0, 9], [9, 9], [5, 1]], float)
    after = geometry_from_shapes([ShapeItem(0, "rectangle", corners)])
    assert after == Polygon((yx_to_xy(corners),))


@pytest.mark.parametrize("angle", [0, 30])
def test_ellipse_becomes_a_polygon_of_its_area(angle: float) -> None:
    corners = xy_to_yx(rotated_box((50, 40), (30, 20), angle))
    after = geometry_from_shapes([ShapeItem(0, "ellipse", corners)])
    assert isinstance(after, Polygon)
    mask = polygon_to_rle(after.parts_xy, 100, 100).to_mask()
    y, x = np.mgrid[:100, :100] + 0.5
    u = (x - 50) * np.cos(np.radians(angle)) + (y - 40) * np.sin(np.radians(angle))
    v = -(x - 50) * np.sin(np.radians(angle)) + (y - 40) * np.cos(np.radians(angle))
    inside = (u / 15) ** 2 + (v / 10) ** 2 <= 1
    assert (mask & inside).sum() / (mask | inside).sum() > 0.97


@pytest.mark.parametrize("kind", ["line", "path"])
def test_open_lines_are_refused_by_name(kind: str) -> None:
    with pytest.raises(EditRefused, match=kind):
        geometry_from_shapes([ShapeItem(0, kind, np.zeros((2, 2)))])  # type: ignore[arg-type]


def test_polygon_with_two_vertices_is_refused() -> None:
    with pytest.raises(EditRefused, match="2 vertices"):
        geometry_from_shapes([ShapeItem(0, "polygon", np.zeros((2, 2)))])


def test_box_that_only_follows_keypoints_is_not_a_shape() -> None:
    dataset = new_dataset()
    row = add(dataset, keypoints=np.array([[3, 4, 2], [9, 9, 2.0]]))
    assert shape_of(dataset, row) == []


def test_part_that_cannot_be_drawn_is_kept_when_another_is_moved() -> None:
    strange = np.array([[np.inf, 1], [2, 2], [3, 1]])
    before = Polygon((strange, np.array([[0, 0], [9, 0], [9, 9.0]])))
    (item,) = shapes_of_geometry(before)
    moved = ShapeItem(item.part, "polygon", np.asarray(item.corners_yx) + 1)
    after = geometry_from_shapes([moved], before)
    assert isinstance(after, Polygon)
    assert np.array_equal(after.parts_xy[0], strange)
    assert len(after.parts_xy) == 2
