"""Lines drawn into a small picture."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.draw
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.rasterize_lines import draw_segments

place = st.floats(-30, 70)
WHITE = np.array([[255]], np.uint8)


@settings(deadline=None)
@given(ends=st.tuples(place, place, place, place))
def test_a_line_is_within_a_pixel_of_the_true_one_and_without_gaps(ends: tuple[float, ...]) -> None:
    picture = np.zeros((40, 40, 1), np.uint8)
    segment = np.array(ends).reshape(1, 2, 2)
    there_and_back = np.concatenate([segment, segment[:, ::-1]])
    draw_segments(picture, there_and_back, np.repeat(WHITE, 2, axis=0))
    drawn = np.argwhere(picture[..., 0])[:, ::-1] + 0.5
    (x0, y0), (x1, y1) = segment[0]
    length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((drawn - (x0, y0)) @ (x1 - x0, y1 - y0)) / max(length2, 1e-12)
    nearest = np.array([x0, y0]) + np.clip(along, 0, 1)[:, None] * (x1 - x0, y1 - y0)
    assert (np.abs(drawn - nearest).max(1, initial=0) <= 1.0).all()
    samples = np.floor(np.linspace((x0, y0), (x1, y1), 200)).astype(int)
    # a line that only cuts a corner of the picture may have no point of its own in it
    inside = samples[((samples >= 1) & (samples < 39)).all(1)]
    reach = np.pad(picture[..., 0], 1)
    for x, y in inside:
        assert reach[y : y + 3, x : x + 3].any()


def test_a_level_line_is_as_scikit_image_draws_it() -> None:
    picture = np.zeros((20, 20, 1), np.uint8)
    there_and_back = np.array([[[2.5, 3.5], [15.5, 3.5]], [[15.5, 3.5], [2.5, 3.5]]])
    draw_segments(picture, there_and_back, np.repeat(WHITE, 2, axis=0))
    expected = np.zeros((20, 20), bool)
    expected[skimage.draw.line(3, 2, 3, 15)] = True
    np.testing.assert_array_equal(picture[..., 0] > 0, expected)


def test_a_line_from_far_away_costs_no_more_than_the_picture() -> None:
    picture = np.zeros((40, 40, 1), np.uint8)
    far = np.array(
        [[[-1e12, 20.5], [1e12, 20.5]], [[-1e12, 1e12], [-1e12 + 5, 2e12]], [[1e9, -1e9], [-1e9, 1e9]]]
    )
    draw_segments(picture, far, np.repeat(WHITE, 3, axis=0))
    assert (picture[20, :, 0] == 255).all()
    assert picture[..., 0].sum() / 255 <= 40 + 80


@pytest.mark.parametrize("count", [1, 3])
def test_the_lines_that_are_drawn_stay_as_they_are(count: int) -> None:
    far = np.array([[[-1e6, 20.5], [1e6, 20.5]]] * count, np.float32)
    before = far.copy()
    draw_segments(np.zeros((40, 40, 1), np.uint8), far, np.repeat(WHITE, count, axis=0))
    np.testing.assert_array_equal(far, before)


def test_later_lines_cover_earlier_ones() -> None:
    picture = np.zeros((4, 4, 1), np.uint8)
    line = np.array([[[0.5, 1.5], [4.5, 1.5]]] * 2)
    draw_segments(picture, line, np.array([[9], [7]], np.uint8))
    assert picture[1, :, 0].tolist() == [7, 7, 7, 7]
