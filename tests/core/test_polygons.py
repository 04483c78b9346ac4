"""Outlines, measures and changes of polygons."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.outlines import trace_outlines
from napari_labeltool.core.polygons import (
    combine_parts,
    distance_to_parts,
    ellipse_to_polygon,
    parts_from_flat,
    parts_to_flat,
    point_in_parts,
    polygon_area,
    polygon_bbox_xywh,
    polygon_problem,
    polygon_to_rle,
    rle_has_holes,
    rle_to_polygons,
    simplify_polygon,
)
from napari_labeltool.core.rle import Rle

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=10))
any_mask = st.one_of(masks, masks.map(lambda m: np.kron(m, np.ones((2, 3), bool))))
SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
BOWTIE = np.array([[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]])


@given(any_mask)
def test_the_outline_of_a_mask_rasterises_back_to_the_mask_or_is_refused_for_a_hole(mask: np.ndarray) -> None:
    rle = Rle.from_mask(mask)
    if rle_has_holes(rle):
        with pytest.raises(EditRefused, match="hole"):
            rle_to_polygons(rle)
        return
    parts = rle_to_polygons(rle)
    assert polygon_to_rle(parts, *mask.shape) == rle
    assert len(parts) == len(rle.components(4))
    assert polygon_area(parts) == rle.area
    assert polygon_bbox_xywh(parts) == rle.bbox_xywh


@given(any_mask)
def test_an_outline_has_corners_only(mask: np.ndarray) -> None:
    for loop in trace_outlines(*Rle.from_mask(mask).spans()):
        step = np.sign(np.roll(loop, -1, axis=0) - loop)
        assert (np.abs(step).sum(axis=1) == 1).all()
        assert ((step * np.roll(step, 1, axis=0)).sum(axis=1) == 0).all()


@given(any_mask)
def test_outlines_of_holes_turn_the_other_way(mask: np.ndarray) -> None:
    loops = trace_outlines(*Rle.from_mask(mask).spans())
    x, y = zip(*[loop.T for loop in loops], strict=True) if loops else ((), ())
    signed = [float(np.dot(a, np.roll(b, -1)) - np.dot(b, np.roll(a, -1))) / 2 for a, b in zip(x, y)]
    assert sum(signed) == mask.sum()
    assert any(area < 0 for area in signed) == Rle.from_mask(mask).has_holes()


def test_a_ring_is_refused_and_a_ring_open_at_a_corner_is_not() -> None:
    ring = np.ones((3, 3), bool)
    ring[1, 1] = False
    with pytest.raises(EditRefused):
        rle_to_polygons(Rle.from_mask(ring))
    ring[0, 0] = False
    (part,) = rle_to_polygons(Rle.from_mask(ring))
    assert polygon_to_rle([part], 3, 3) == Rle.from_mask(ring)
    assert polygon_problem([part]) is None


def test_an_outline_in_a_huge_frame_keeps_its_coordinates() -> None:
    rle = Rle.from_mask(np.ones((2, 3), bool), height=100_000, width=100_000, offset_yx=(80_000, 90_000))
    (part,) = rle_to_polygons(rle)
    assert part.tolist() == [[90_000, 80_000], [90_003, 80_000], [90_003, 80_002], [90_000, 80_002]]
    assert polygon_to_rle([part], 100_000, 100_000) == rle


@given(st.lists(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), max_size=6), max_size=4))
def test_flat_numbers_come_back(several: list[list[tuple[float, float]]]) -> None:
    flat = [[value for vertex in part for value in vertex] for part in several]
    assert parts_to_flat(parts_from_flat(flat)) == flat


def test_a_number_left_over_is_not_used() -> None:
    (part,) = parts_from_flat([[1, 2, 3, 4, 5, 6, 7]])
    assert part.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_the_areas_of_the_parts_are_added_whichever_way_they_turn() -> None:
    assert polygon_area([SQUARE, SQUARE[::-1] / 2]) == 125
    assert polygon_area([]) == 0
    assert polygon_area([SQUARE[:2]]) == 0


def test_the_area_far_from_the_origin_is_as_exact_as_near_it() -> None:
    thin = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.001]]) + 0.0
    assert polygon_area([thin + 2.0**30]) == pytest.approx(polygon_area([thin]), rel=1e-3)


def test_the_box_spans_all_parts_by_either_convention() -> None:
    several = [SQUARE, SQUARE - 3, np.empty((0, 2))]
    assert polygon_bbox_xywh(several) == (-3, -3, 13, 13)
    assert polygon_bbox_xywh(several, "inclusive") == (-3, -3, 14, 14)
    assert polygon_bbox_xywh([]) == (0, 0, 0, 0)


@given(
    st.floats(-2, 12), st.floats(-2, 12), st.sampled_from([SQUARE, BOWTIE, BOWTIE @ [[0, 1], [-1, 0]] + 10])
)
def test_inside_and_distance_agree_with_shapely(x: float, y: float, part: np.ndarray) -> None:
    surface = shapely.make_valid(shapely.polygons(part))
    point = shapely.points(x, y)
    distance = float(shapely.distance(shapely.linearrings(part), point))
    assert distance_to_parts(x, y, [part]) == pytest.approx(distance, abs=1e-9)
    if distance > 1e-9:
        assert point_in_parts(x, y, [part]) == bool(shapely.contains(surface, point))


def test_a_point_in_two_parts_is_inside() -> None:
    assert point_in_parts(3, 3, [SQUARE, SQUARE / 2])
    assert not point_in_parts(11, 3, [SQUARE, SQUARE[:2]])
    assert distance_to_parts(3, 4, []) == math.inf


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "no part"),
        ([[0, 0, 5, 5]], "2 different vertices"),
        ([[0, 0, 5, 5, 0]], "5 numbers"),
        ([SQUARE, [0, 0, 5, 5, 0, 0]], "Part 2 has 2 different"),
        ([[0, 0, 5, 5, 10, 10]], "one line"),
        ([BOWTIE], "crosses itself near (x y) 5 5"),
        ([[0, 0, 5, float("nan"), 10, 10]], "not finite"),
    ],
)
def test_a_bad_polygon_is_told_in_words(parts: list, words: str) -> None:
    assert words in str(polygon_problem(parts))


def test_a_good_polygon_has_no_problem_open_or_closed() -> None:
    assert polygon_problem([SQUARE, np.concatenate([SQUARE, SQUARE[:1]])]) is None
    assert polygon_problem([[0, 0, 5, 0, 5, 5]]) is None


@given(st.floats(0.05, 5))
def test_simplifying_stays_within_the_tolerance(tolerance: float) -> None:
    part = ellipse_to_polygon((50, 50), (30, 20), 20, tolerance=0.001)
    simple = simplify_polygon(part, tolerance)
    assert 3 <= len(simple) < len(part)
    assert shapely.hausdorff_distance(shapely.polygons(part), shapely.polygons(simple)) <= tolerance + 1e-9


def test_simplifying_keeps_a_closing_vertex_and_a_part_of_few_vertices() -> None:
    closed = np.array([[0.0, 0.0], [5.0, 0.01], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]])
    simple = simplify_polygon(closed, 0.5)
    assert len(simple) == 5
    assert simple[0].tolist() == simple[-1].tolist()
    assert len(simplify_polygon(closed[:-1], 0.5)) == 4
    assert np.array_equal(simplify_polygon(SQUARE[:3], 100), SQUARE[:3])


@given(st.floats(1, 500), st.floats(1, 500), st.floats(0, 360), st.floats(0.01, 1))
def test_an_ellipse_is_met_within_the_tolerance(rx: float, ry: float, angle: float, tolerance: float) -> None:
    part = ellipse_to_polygon((7, -3), (rx, ry), angle, tolerance)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    middles = (part + np.roll(part, -1, axis=0)) / 2
    for points, low in ((part, 1 - 1e-9), (middles, 0.0)):
        x, y = points[:, 0] - 7, points[:, 1] + 3
        radius = np.hypot((c * x + s * y) / rx, (c * y - s * x) / ry)
        assert radius.min() >= low
        assert radius.max() <= 1 + 1e-9
    fine = ellipse_to_polygon((7, -3), (rx, ry), angle, 1e-4)
    assert max(distance_to_parts(x, y, [part]) for x, y in fine) <= tolerance + 1e-3


def test_an_ellipse_without_extent_is_eight_points() -> None:
    assert ellipse_to_polygon((1, 2), (0, 0)).tolist() == [[1, 2]] * 8


@pytest.mark.parametrize(("how", "area"), [("union", 175.0), ("difference", 75.0), ("intersection", 25.0)])
def test_polygons_are_put_together(how: str, area: float) -> None:
    parts = combine_parts([SQUARE], [SQUARE + 5], how)
    assert polygon_area(parts) == area
    assert polygon_problem(parts) is None


def test_a_difference_can_fall_into_parts_and_into_nothing() -> None:
    bar = np.array([[-1.0, 4.0], [11.0, 4.0], [11.0, 6.0], [-1.0, 6.0]])
    assert [polygon_area([part]) for part in combine_parts([SQUARE], [bar], "difference")] == [40, 40]
    assert combine_parts([SQUARE], [SQUARE], "difference") == []


def test_a_difference_with_a_hole_is_refused() -> None:
    with pytest.raises(EditRefused, match="hole"):
        combine_parts([SQUARE], [SQUARE / 2 + 2], "difference")


def test_an_outline_that_crosses_itself_counts_even_odd() -> None:
    assert polygon_area(combine_parts([BOWTIE], [], "union")) == 50
