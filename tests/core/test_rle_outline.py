"""Outlines of masks for drawing: exact, coarse, many at once, and never as big as the picture."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_labeltool.core.rle import Rle
from napari_labeltool.core.rle_outline import rle_outline_segments_xy, rle_outline_xy

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))


def signed_area(loop: np.ndarray) -> float:
    x, y = loop.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def sides(loops: list[np.ndarray]) -> set[tuple[float, ...]]:
    """Return the sides of loops, cut at every pixel, without direction."""
    found = set()
    for loop in loops:
        for a, b in zip(loop, np.roll(loop, -1, axis=0)):
            found |= unit_sides(a, b)
    return found


def unit_sides(a: np.ndarray, b: np.ndarray) -> set[tuple[float, ...]]:
    low, high = np.minimum(a, b), np.maximum(a, b)
    many = int((high - low).sum())
    way = (high - low) / max(many, 1)
    return {(*(low + i * way), *(low + (i + 1) * way)) for i in range(many)}


@given(MASKS)
def test_exact_outlines_enclose_as_many_pixels_as_the_mask_has(mask: np.ndarray) -> None:
    assert sum(map(signed_area, rle_outline_xy(Rle.from_mask(mask)))) == mask.sum()


@given(MASKS, st.integers(2, 5))
def test_coarse_outlines_are_those_of_the_cells_that_the_mask_touches(mask: np.ndarray, step: int) -> None:
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % step), (0, -width % step)))
    cells = padded.reshape(padded.shape[0] // step, step, -1, step).any(axis=(1, 3))
    dense = np.repeat(np.repeat(cells, step, axis=0), step, axis=1)[:height, :width]
    assert sum(map(signed_area, rle_outline_xy(Rle.from_mask(mask), step))) == dense.sum()


@given(st.lists(MASKS, max_size=4), st.integers(0, 4))
def test_loose_sides_of_many_masks_are_the_sides_of_each(masks: list[np.ndarray], tolerance: int) -> None:
    rles = [Rle.from_mask(mask) for mask in masks]
    segments, owner = rle_outline_segments_xy(rles, tolerance)
    assert (np.diff(owner) >= 0).all()
    for index, rle in enumerate(rles):
        loose = set().union(*(unit_sides(a, b) for a, b in segments[owner == index]))
        assert loose == sides(rle_outline_xy(rle, tolerance))


def test_a_window_cuts_the_mask_before_it_is_outlined() -> None:
    rle = Rle.from_mask(np.ones((6, 8), bool))
    (loop,) = rle_outline_xy(rle, window=(1, 2, 4, 20))
    assert (loop.min(axis=0).tolist(), loop.max(axis=0).tolist()) == ([2, 1], [8, 4])


def test_outlines_of_nothing_are_none() -> None:
    rle = Rle.empty(5, 5)
    assert rle_outline_xy(rle, 3) == []
    assert rle_outline_segments_xy([rle, rle])[0].shape == (0, 2, 2)
    assert rle_outline_segments_xy([])[1].shape == (0,)


@pytest.mark.parametrize("tolerance", [0.0, 64.0])
def test_an_outline_costs_the_runs_of_the_mask_and_not_the_frame(tolerance: float) -> None:
    x = np.arange(40_000, 44_000)
    rle = Rle.from_spans(x, np.full(4_000, 10), np.full(4_000, 99_000), 100_000, 100_000)
    tracemalloc.start()
    (loop,) = rle_outline_xy(rle, tolerance)
    rle_outline_segments_xy([rle], tolerance)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(loop) == 4
    assert peak < 8_000_000
