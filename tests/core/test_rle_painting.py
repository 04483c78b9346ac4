"""Masks painted all at once, beside masks painted one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core import rle_painting
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_painting import painted_values


@st.composite
def scenes(draw: st.DrawFn) -> Any:
    """Return masks of a few frames, their values, and a window that may reach out of the frames."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shares = draw(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), max_size=5))
    sides = st.integers(1, 24)
    rles = [Rle.from_mask(rng.random((draw(sides), draw(sides))) < share) for share in shares]
    y0, y1 = sorted(draw(st.tuples(st.integers(-3, 28), st.integers(-3, 28))))
    x0, x1 = sorted(draw(st.tuples(st.integers(-3, 28), st.integers(-3, 28))))
    return rles, rng.integers(1, 65_000, len(rles)), (y0, x0, y1, x1)


def used_array(shape: tuple[int, ...]) -> Any:
    """Return an array that holds something already."""
    return np.random.default_rng(0).integers(0, 65_000, shape).astype(np.uint16)


@pytest.mark.parametrize(("runs", "pixels"), [(1, 1), (9, 37), (1 << 20, 1 << 21)])
def test_masks_painted_at_once_look_as_painted_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, runs: int, pixels: int
) -> None:
    monkeypatch.setattr(rle_painting, "RUNS_AT_ONCE", runs)
    monkeypatch.setattr(rle_painting, "PIXELS_AT_ONCE", pixels)

    @settings(max_examples=60, deadline=None)
    @given(scenes())
    def check(scene: Any) -> None:
        rles, values, window = scene
        expected = np.zeros((window[2] - window[0], window[3] - window[1]), np.uint16)
        for rle, value in zip(rles, values):
            expected[rle.to_mask(window)] = value
        painted = painted_values(rles, values, window, np.uint16)
        assert painted.dtype == np.uint16
        np.testing.assert_array_equal(painted, expected)
        used = used_array(expected.shape)
        assert painted_values(rles, values, window, np.uint16, used) is used
        np.testing.assert_array_equal(used, expected)
        others = [used_array((30, 40)), expected.astype(np.int32)]
        if min(expected.shape) > 1:
            others.append(used_array(expected.shape[::-1]).T)
        for other in others:
            before = other.copy()
            np.testing.assert_array_equal(painted_values(rles, values, window, np.uint16, other), expected)
            np.testing.assert_array_equal(other, before)

    check()


def test_masks_of_a_frame_beyond_32_bits_are_painted_in_their_place() -> None:
    side = 2**26
    ring = np.ones((5, 7), bool)
    ring[1:4, 2:5] = False
    rles = [
        Rle.from_mask(ring, height=side, width=side, offset_yx=(side - 5 - n, side - 7 - n))
        for n in (0, 3, 400)
    ]
    window = (side - 12, side - 14, side, side)
    painted = painted_values(rles, np.array([9, 8, 7]), window, np.uint8)
    expected = np.zeros((12, 14), np.uint8)
    expected[7:12, 7:14][ring] = 9
    expected[4:9, 4:11][ring] = 8
    np.testing.assert_array_equal(painted, expected)
