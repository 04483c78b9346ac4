"""Shapes and how a file states their box and area."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.boxes import rotated_box
from napari_labeltool.core.geometry import (
    AreaConvention,
    Box,
    Mask,
    Polygon,
    RotatedBox,
    detect_convention,
    measure,
)
from napari_labeltool.core.polygons import ellipse_to_polygon
from napari_labeltool.core.rle import Rle

TRIANGLE = np.array([[1.0, 2.0], [9.0, 2.0], [1.0, 8.0]])
POLYGON = Polygon((TRIANGLE,))
MASK = Mask(Rle.from_mask(np.ones((3, 4), bool), height=20, width=20, offset_yx=(5, 6)))
OFFICIAL_POLYGONS = AreaConvention("shoelace", "extent")
OFFICIAL_CROWDS = AreaConvention("pixels", "less-one")

conventions = st.builds(
    AreaConvention,
    st.sampled_from(["shoelace", "pixels", "box"]),
    st.sampled_from(["extent", "inclusive", "less-one"]),
)


def test_a_polygon_is_measured_by_the_official_convention() -> None:
    assert measure(POLYGON, OFFICIAL_POLYGONS, 20, 20) == ((1, 2, 8, 6), 24)


def test_a_crowd_mask_is_measured_by_the_official_convention() -> None:
    assert measure(MASK, OFFICIAL_CROWDS, 20, 20) == ((6, 5, 3, 2), 12)


def test_the_box_rules_differ_by_one_pixel() -> None:
    boxes = [MASK.bbox_xywh(AreaConvention(bbox=rule)) for rule in ("extent", "inclusive", "less-one")]
    assert boxes == [(6, 5, 4, 3), (6, 5, 5, 4), (6, 5, 3, 2)]


def test_pixels_are_counted_inside_the_image_only() -> None:
    square = Polygon((np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]]),))
    pixels = AreaConvention("pixels", "extent")
    assert measure(square, pixels, 4, 100) == ((-5, -5, 10, 10), 20)
    assert square.area(pixels) == 25
    assert square.area(OFFICIAL_POLYGONS) == 100


def test_the_area_of_the_box_follows_the_box_rule() -> None:
    assert POLYGON.area(AreaConvention("box", "inclusive")) == 9 * 7
    assert MASK.area(AreaConvention("box", "less-one")) == 3 * 2


@given(conventions, st.tuples(*[st.floats(0, 100)] * 4))
def test_a_drawn_box_is_written_as_it_is(
    convention: AreaConvention, bbox: tuple[float, float, float, float]
) -> None:
    assert measure(Box(bbox), convention, 50, 50) == (bbox, bbox[2] * bbox[3])


def test_a_rotated_box_is_measured_as_its_polygon() -> None:
    corners = rotated_box((10, 10), (6, 2), 30)
    turned = RotatedBox(corners, 30.0)
    assert measure(turned, OFFICIAL_POLYGONS, 20, 20) == measure(
        Polygon((corners,)), OFFICIAL_POLYGONS, 20, 20
    )
    assert turned.area(OFFICIAL_POLYGONS) == pytest.approx(12)


@given(conventions)
def test_an_empty_mask_has_neither_box_nor_area(convention: AreaConvention) -> None:
    assert measure(Mask(Rle.empty(9, 9)), convention, 9, 9) == ((0, 0, 0, 0), 0)


def test_shapes_are_equal_by_their_numbers() -> None:
    assert Polygon((TRIANGLE.copy(),)) == POLYGON
    assert hash(POLYGON) == hash(Polygon((TRIANGLE.copy(),)))
    assert Polygon((TRIANGLE, TRIANGLE)) != POLYGON
    assert RotatedBox(TRIANGLE, 1.0) == RotatedBox(TRIANGLE.copy(), 1.0)
    assert RotatedBox(TRIANGLE, 1.0) != RotatedBox(TRIANGLE, 2.0)
    assert POLYGON != MASK
    assert len({Box((0, 0, 1, 1)), Box((0, 0, 1, 1)), MASK}) == 2


SHAPES = [Polygon((ellipse_to_polygon((50 + i, 40), (9 + i, 5.5), 10 * i),)) for i in range(5)]


@given(conventions)
def test_the_convention_of_polygons_is_found(convention: AreaConvention) -> None:
    found = detect_convention((shape, *measure(shape, convention, 200, 200)) for shape in SHAPES)
    assert found.convention == convention
    assert found.area_hits[convention.area] == found.n_areas == 5
    assert found.bbox_hits[convention.bbox] == found.n_bboxes == 5


@given(st.sampled_from(["extent", "inclusive", "less-one"]))
def test_the_convention_of_masks_is_found_and_is_pixels(rule: str) -> None:
    blob = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
    masks = [Mask(Rle.from_mask(blob, height=9 + i, width=9)) for i in range(3)]
    convention = AreaConvention("pixels", rule)
    found = detect_convention((mask, *measure(mask, convention, 9, 9)) for mask in masks)
    assert found.convention == convention


def test_stored_numbers_rounded_to_two_places_are_recognised() -> None:
    sample = []
    for shape in SHAPES:
        bbox, area = measure(shape, OFFICIAL_POLYGONS)
        sample.append((shape, tuple(round(v, 2) for v in bbox), round(area, 2)))
    assert detect_convention(sample).bbox_hits["extent"] == 5
    assert detect_convention(sample).area_hits["shoelace"] == 5


def test_without_evidence_the_official_rules_hold() -> None:
    assert detect_convention([]).convention == AreaConvention("shoelace", "extent")
    assert detect_convention([(MASK, None, None)]).convention == AreaConvention("pixels", "extent")
    assert detect_convention([], OFFICIAL_CROWDS).convention == OFFICIAL_CROWDS
    nonsense = detect_convention([(POLYGON, (5.0, 5.0, 77.0, 78.0), 1e6)])
    assert nonsense.convention == AreaConvention("shoelace", "extent")
    assert nonsense.n_bboxes == nonsense.n_areas == 1


def test_the_majority_decides() -> None:
    inclusive = AreaConvention("pixels", "inclusive")
    sample = [(shape, *measure(shape, inclusive)) for shape in SHAPES]
    sample.append((SHAPES[0], *measure(SHAPES[0], OFFICIAL_POLYGONS)))
    found = detect_convention(sample)
    assert found.convention == inclusive
    assert found.bbox_hits == {"extent": 1, "inclusive": 5, "less-one": 0}
