"""Sums of colours in cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core import density as module
from napari_labeltool.core.density import Density, density_rgba

numbers = st.integers(0, 400)


def weights_for(colors: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(colors), 1)), colors], axis=1).astype(np.float32)


@settings(deadline=None, max_examples=30)
@given(
    points=st.lists(st.tuples(st.floats(-100, 6000), st.floats(-100, 4100)), min_size=1, max_size=40),
    moved=st.lists(st.tuples(numbers, st.floats(0, 5000), st.floats(0, 4000)), max_size=10),
)
def test_taking_away_and_adding_is_as_if_counted_anew(points: list, moved: list) -> None:
    points_xy = np.array(points)
    weights = weights_for(np.random.default_rng(0).integers(0, 2, (len(points), 3)).astype(float))
    density = Density(5000, 4000, points_xy, weights)
    for number, x, y in moved:
        row = np.array([number % len(points_xy)])
        density.add(density.cells_of(points_xy[row]), -weights[row])
        points_xy[row] = (x, y)
        density.add(density.cells_of(points_xy[row]), weights[row])
    for ours, anew in zip(density.levels, Density(5000, 4000, points_xy, weights).levels):
        np.testing.assert_allclose(ours, anew, atol=1e-4)


def test_many_at_once_are_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    points, extra = rng.uniform(0, 3000, (50, 2)), rng.uniform(0, 3000, (200, 2))
    one, many = (Density(3000, 3000, points, weights_for(np.ones((50, 3)))) for _ in range(2))
    weights = weights_for(rng.integers(0, 2, (200, 3)).astype(float))
    one.add(one.cells_of(extra), weights)
    monkeypatch.setattr(module, "MANY", 10)
    many.add(many.cells_of(extra), weights)
    for a, b in zip(one.levels, many.levels):
        np.testing.assert_allclose(a, b, atol=1e-3)


@settings(deadline=None, max_examples=30)
@given(size=st.tuples(st.integers(1, 6000), st.integers(1, 6000)), seed=st.integers(0, 1000))
def test_counting_again_is_as_counting_anew_in_the_same_arrays(size: tuple[int, int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = (rng.uniform(0, size, (count, 2)) for count in (90, 30))
    weights = weights_for(rng.integers(0, 2, (90, 3)).astype(float))
    density = Density(*size, before, weights)
    arrays = [*density.levels]
    assert density.suits(*size)
    density.count(after, weights[:30])
    assert all(level is array for level, array in zip(density.levels, arrays, strict=True))
    for ours, anew in zip(arrays, Density(*size, after, weights[:30]).levels, strict=True):
        np.testing.assert_array_equal(ours, anew)


def test_the_cells_of_a_picture_suit_those_of_its_size_alone() -> None:
    density = Density(5000, 4000, np.empty((0, 2)), np.empty((0, 4), np.float32))
    assert density.suits(5000, 4000)
    assert not any(
        density.suits(*size) for size in ((4000, 5000), (5000, 3000), (5001, 4000), (10_000, 8000))
    )


def test_each_level_holds_every_annotation_once() -> None:
    points = np.random.default_rng(2).uniform(0, 9000, (500, 2))
    density = Density(9000, 7000, points, weights_for(np.zeros((500, 3))))
    assert [int(level[..., 0].sum()) for level in density.levels] == [500] * len(density.levels)


def test_a_single_annotation_is_seen_and_has_the_colour_of_its_class() -> None:
    density = Density(4096, 4096, np.array([[2000.0, 100.0]]), weights_for(np.array([[1.0, 0.5, 0.0]])))
    level = density.level_for(16)
    side = density.cell * 2**level
    rgba = density_rgba(density.levels[level])
    row, column = np.argwhere(rgba[..., 3] > 0)[0]
    assert (rgba[..., 3] > 0).sum() == 1
    assert tuple(rgba[row, column, :3]) == (255, 128, 0)
    assert rgba[row, column, 3] > 80
    assert column * side <= 2000 < (column + 1) * side
    assert row * side <= 100 < (row + 1) * side


def test_a_full_colour_stays_full_for_any_number_of_annotations() -> None:
    number = np.arange(1, 2000, dtype=np.float32)
    sums = np.stack([number, number, number * 0, number], axis=1)[None]
    assert (density_rgba(sums)[0, :, :3] == (255, 0, 255)).all()


def test_an_empty_density_is_an_empty_picture() -> None:
    density = Density(4096, 4096, np.empty((0, 2)), np.empty((0, 4), np.float32))
    assert not density_rgba(density.levels[0]).any()
