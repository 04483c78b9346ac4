"""Masks rendered all at once, beside masks painted one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.rle import Rle
from napari_labeltool.layers import masks_rendering
from napari_labeltool.layers.convert_labels import paint
from napari_labeltool.layers.masks_places import MaskPlaces
from napari_labeltool.layers.masks_rendering import rendered_masks


@st.composite
def scenes(draw: st.DrawFn) -> Any:
    """Return masks of one frame, their values, and a window in it."""
    height, width = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shares = draw(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]), max_size=5))
    rles = [Rle.from_mask(rng.random((height, width)) < share) for share in shares]
    y0, y1 = sorted(draw(st.tuples(st.integers(0, height), st.integers(0, height))))
    x0, x1 = sorted(draw(st.tuples(st.integers(0, width), st.integers(0, width))))
    return rles, rng.integers(1, 65_000, len(rles)), (y0, x0, y1, x1)


@pytest.mark.parametrize("at_once", [1, 37, 1 << 21])
def test_masks_rendered_at_once_look_as_painted_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(masks_rendering, "_PIXELS_AT_ONCE", at_once)

    @settings(max_examples=60, deadline=None)
    @given(scenes())
    def check(scene: Any) -> None:
        rles, values, window = scene
        rendered = rendered_masks(rles, values, window)
        assert rendered.dtype == np.uint16
        assert rendered.flags.c_contiguous
        np.testing.assert_array_equal(rendered, paint(rles, window, values.tolist()))

    check()


def test_masks_of_a_frame_beyond_32_bits_are_rendered_in_their_place() -> None:
    side = 2**26
    ring = np.ones((5, 7), bool)
    ring[1:4, 2:5] = False
    rles = [
        Rle.from_mask(ring, height=side, width=side, offset_yx=(side - 5 - n, side - 7 - n))
        for n in (0, 3, 400)
    ]
    window = (side - 12, side - 14, side, side)
    rendered = rendered_masks(rles, np.array([9, 8, 7]), window)
    expected = np.zeros((12, 14), np.uint16)
    expected[7:12, 7:14][ring] = 9
    expected[4:9, 4:11][ring] = 8
    np.testing.assert_array_equal(rendered, expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["put", "drop", "value"]), st.integers(0, 6)), max_size=40))
def test_places_tell_what_was_put_and_not_taken_out(steps: list[tuple[str, int]]) -> None:
    places = MaskPlaces()
    known: dict[int, tuple[int, int, int]] = {}
    for number, (step, row) in enumerate(steps, 1):
        key = row if row < 5 else -2  # rows 5 and 6 share a key, as areas do
        if step == "put":
            places.put(row, (number, 0, number + 2, 5), key, number)
            known[row] = (number, key, number)
        elif step == "drop":
            places.drop(row)
            known.pop(row, None)
        else:
            places.set_value(key, number)
            known = {r: (top, k, number if k == key else v) for r, (top, k, v) in known.items()}
    expected = [(row, key, value) for row, (_, key, value) in sorted(known.items())]
    assert list(zip(*(column.tolist() for column in places.columns()))) == expected
    seen = [row for row, (top, _, _) in sorted(known.items()) if top < 10 and top + 2 > 5]
    assert places.meeting((5, 0, 10, 5))[0].tolist() == seen
    for row in range(7):
        assert places.get(row) == ((known[row][0], 0, known[row][0] + 2, 5) if row in known else None)
