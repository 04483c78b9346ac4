"""Polygons to pixels: equal to pycocotools everywhere, and exact where pycocotools is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.polygons import polygon_to_rle
from napari_labeltool.core.rasterize import polygon_edges
from napari_labeltool.core.rle import Rle

near = st.integers(-20, 70)
coordinates = st.one_of(
    near.map(float),
    near.map(lambda v: v / 2),
    near.map(lambda v: v / 10),
    st.floats(-20, 70, allow_nan=False, width=64),
    st.floats(-20, 70, allow_nan=False, width=32),
    st.integers(-1500, 1500).map(float),
)
points = st.tuples(coordinates, coordinates)


@st.composite
def parts(draw: st.DrawFn, min_size: int = 3) -> np.ndarray:
    """Draw vertices, some of them repeated, some parts closed."""
    vertices = draw(st.lists(points, min_size=min_size, max_size=8))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(vertices) - 1))
        vertices.insert(at, vertices[at])
    if draw(st.booleans()):
        vertices.append(vertices[0])
    return np.array(vertices, np.float64)


sides = st.integers(1, 50)


def coco_polygon(parts_xy: list[np.ndarray], height: int, width: int) -> dict:
    return coco_mask.merge(coco_mask.frPyObjects([p.ravel().tolist() for p in parts_xy], height, width))


@settings(max_examples=400)
@given(parts(), sides, sides)
def test_both_ways_of_drawing_a_part_equal_pycocotools(part: np.ndarray, height: int, width: int) -> None:
    expected = coco_polygon([part], height, width)
    assert polygon_to_rle([part], height, width).to_compressed().encode() == expected["counts"]
    own = Rle.from_edges(polygon_edges(part, height, width), height, width)
    assert own.to_compressed().encode() == expected["counts"]


@settings(max_examples=200)
@given(st.lists(parts(), min_size=1, max_size=4), sides, sides)
def test_parts_are_united_as_pycocotools_unites_them(
    several: list[np.ndarray], height: int, width: int
) -> None:
    expected = coco_mask.decode(coco_polygon(several, height, width)).astype(bool)
    assert np.array_equal(polygon_to_rle(several, height, width).to_mask(), expected)


@given(parts(), st.lists(points, max_size=2), sides, sides)
def test_a_later_part_of_too_few_vertices_covers_nothing(
    part: np.ndarray, few: list[tuple[float, float]], height: int, width: int
) -> None:
    degenerate = np.array(few, np.float64).reshape(-1, 2)
    expected = coco_polygon([part, degenerate], height, width) if few else coco_polygon([part], height, width)
    for order in ([part, degenerate], [degenerate, part]):
        assert polygon_to_rle(order, height, width).to_compressed().encode() == expected["counts"]


big = st.one_of(
    st.integers(0, 46_000).map(float),
    st.integers(0, 460_000).map(lambda v: v / 10),
    st.floats(-3000, 50_000, allow_nan=False),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(big, big), min_size=3, max_size=6))
def test_a_polygon_as_large_as_pycocotools_can_draw_is_equal(vertices: list[tuple[float, float]]) -> None:
    side, part = 46_000, np.array(vertices, np.float64)
    expected = coco_polygon([part], side, side)["counts"]
    own = Rle.from_edges(polygon_edges(part, side, side), side, side)
    assert own.to_compressed().encode() == expected


@settings(max_examples=60)
@given(parts(), st.integers(0, 45_000), st.integers(0, 45_000))
def test_a_frame_too_large_for_pycocotools_shows_the_same_spans(part: np.ndarray, dx: int, dy: int) -> None:
    placed = part + np.array([dx, dy], np.float64)
    largest, beyond = (polygon_to_rle([placed], side, side) for side in (46_340, 100_000))
    for there, here in zip(largest.spans(), beyond.spans(), strict=True):
        inside = (beyond.spans()[0] < 46_340) & (beyond.spans()[1] < 46_340)
        assert np.array_equal(np.minimum(here[inside], 46_340), there)


def test_a_rectangle_far_out_in_a_huge_frame_has_its_pixels() -> None:
    left, top = 70_000.0, 99_970.0
    part = np.array([[left, top], [left + 30, top], [left + 30, top + 50], [left, top + 50]])
    rle = polygon_to_rle([part], 100_000, 100_000)
    assert rle.bbox_xywh == (left, top, 30, 30)
    assert rle.area == 900


def test_the_documented_rectangle_covers_twelve_pixels() -> None:
    part = np.array([[2.0, 3.0], [5.0, 3.0], [5.0, 7.0], [2.0, 7.0]])
    expected = np.zeros((9, 9), bool)
    expected[3:7, 2:5] = True
    assert np.array_equal(polygon_to_rle([part], 9, 9).to_mask(), expected)


def test_a_nested_part_is_no_hole() -> None:
    outer = np.array([[0.0, 0.0], [8.0, 0.0], [8.0, 8.0], [0.0, 8.0]])
    assert polygon_to_rle([outer, outer / 2 + 2], 8, 8).area == 64


@pytest.mark.parametrize("far", [1e9, 1e15, 1e300])
def test_vertices_absurdly_far_away_are_drawn_without_their_length_in_memory(far: float) -> None:
    part = np.array([[10.0, -far], [20.0, -far], [20.0, far], [10.0, far]])
    assert polygon_to_rle([part], 40, 40).bbox_xywh == (10, 0, 10, 40)
    part = np.array([[-far, -far], [far, -far], [far, far], [-far, far]])
    assert polygon_to_rle([part], 40, 40).area == 1600


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_vertex_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ReadError, match=r"segmentation\[1\]"):
        polygon_to_rle([np.eye(3, 2), np.array([[0.0, 0.0], [value, 1.0], [3.0, 3.0]])], 9, 9)


def test_an_outline_that_would_need_unbounded_memory_is_refused() -> None:
    zigzag = np.array([[0.0, 0.0], [1e8, 1.0], [0.0, 2.0], [1e8, 3.0]])
    with pytest.raises(ReadError, match="size of the image"):
        polygon_to_rle([zigzag], 10, 100_000_000)


def test_no_parts_and_no_frame_cover_nothing() -> None:
    assert polygon_to_rle([np.array([[1.0, 1.0], [3.0, 3.0]])], 5, 6) == Rle.empty(5, 6)
    assert polygon_to_rle([], 5, 6) == Rle.empty(5, 6)
    assert polygon_to_rle([np.eye(3, 2)], 0, 6) == Rle.empty(0, 6)
