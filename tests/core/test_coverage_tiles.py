"""Which tiles of a large picture were viewed, and the way through it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.coverage import (
    DEFAULT_ZOOM,
    Route,
    TileGrid,
    Viewed,
    empty_tiles,
    next_place,
    suggested_zoom,
)

sides = st.integers(1, 3000)
positions = st.floats(-500, 3500, allow_nan=False)


def rectangle(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def middle_is_in(grid: TileGrid, row: int, column: int, view: tuple[float, float, float, float]) -> bool:
    left, top = column * grid.tile, row * grid.tile
    x = (left + min(left + grid.tile, grid.width)) / 2
    y = (top + min(top + grid.tile, grid.height)) / 2
    return view[0] <= x < view[2] and view[1] <= y < view[3]


@given(sides, sides, st.lists(st.tuples(positions, positions, positions, positions), max_size=4))
def test_viewed_tiles_are_those_whose_middle_was_in_a_view(
    height: int, width: int, corners: list[tuple[float, float, float, float]]
) -> None:
    viewed = Viewed(TileGrid(height, width, 100))
    views = [rectangle(*corner) for corner in corners]
    before = 0
    for view in views:
        assert viewed.mark(view) == (viewed.count > before)
        before = viewed.count
    expected = [
        [
            any(middle_is_in(viewed.grid, row, column, view) for view in views)
            for column in range(viewed.grid.columns)
        ]
        for row in range(viewed.grid.rows)
    ]
    np.testing.assert_array_equal(viewed.tiles, expected)
    assert viewed.count == np.count_nonzero(viewed.tiles)


@pytest.mark.parametrize(
    ("height", "width", "tile", "shape"),
    [
        (10, 10, 64, (1, 1)),
        (65_536, 65_536, 64, (1024, 1024)),
        (100_000, 100_000, 98, (1021, 1021)),
        (500, 300_000, 293, (2, 1024)),
    ],
)
def test_the_bitmap_does_not_grow_with_the_picture(
    height: int, width: int, tile: int, shape: tuple[int, int]
) -> None:
    grid = TileGrid.of(height, width)
    assert grid.tile == tile
    assert (grid.rows, grid.columns) == shape
    assert (len(grid.centres_y), len(grid.centres_x)) == shape


@given(sides, sides, st.randoms(use_true_random=False))
def test_the_text_of_a_bitmap_gives_it_back(height: int, width: int, random: object) -> None:
    grid = TileGrid.of(height, width)
    tiles = np.random.default_rng(height * width).random((grid.rows, grid.columns)) < 0.4
    back = Viewed.from_text(grid, Viewed(grid, tiles).to_text())
    np.testing.assert_array_equal(back.tiles, tiles)
    assert back.mark((0, 0, width, height)) == (not tiles.all())


def test_an_afternoon_on_the_largest_picture_is_a_small_text() -> None:
    viewed = Viewed(TileGrid.of(100_000, 100_000))
    route = Route(100_000, 100_000, 1600, 2400)
    for place in range(1200):
        viewed.mark(route.view(place))
    assert 0.3 < viewed.fraction < 0.6
    assert len(viewed.to_text()) < 4000


@pytest.mark.parametrize("text", ["", "!!", "QUJD", Viewed(TileGrid.of(5000, 9000)).to_text()])
def test_a_damaged_text_or_one_of_another_picture_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="viewed tiles"):
        Viewed.from_text(TileGrid.of(5000, 5000), text)


def overview(background: int) -> np.ndarray:
    """Return the overview, 20 times smaller, of a picture of 2000 x 4000 pixels with one thing on a background."""
    pixels = np.full((100, 200, 3), background, np.uint8)
    pixels += np.random.default_rng(0).integers(0, 4, pixels.shape, np.uint8)
    pixels[30:60, 50:90] = 128
    return pixels


@pytest.mark.parametrize("background", [240, 0])
def test_tiles_of_glass_and_black_are_empty_but_nothing_near_a_thing(background: int) -> None:
    grid = TileGrid.of(2000, 4000)
    empty = empty_tiles(overview(background), grid)
    y, x = np.meshgrid(grid.centres_y, grid.centres_x, indexing="ij")
    margin = grid.tile
    near = (y > 600 - margin) & (y < 1200 + margin) & (x > 1000 - margin) & (x < 1800 + margin)
    assert not empty[near].any()
    far = (y < 600 - 3 * margin) | (y > 1200 + 3 * margin) | (x < 1000 - 3 * margin) | (x > 1800 + 3 * margin)
    assert empty[far].all()


def test_a_picture_without_bright_or_black_background_has_no_empty_tiles() -> None:
    grid = TileGrid.of(2000, 4000)
    assert not empty_tiles(overview(120), grid).any()
    noise = np.random.default_rng(1).integers(0, 256, (100, 200, 3), np.uint8)
    noise[:3, :3] = 255
    assert not empty_tiles(noise, grid).any()


views = st.tuples(st.floats(50, 4000), st.floats(50, 4000))


@given(sides, sides, views)
def test_the_places_of_a_route_show_all_of_the_picture_and_nothing_twice_in_vain(
    height: int, width: int, view: tuple[float, float]
) -> None:
    route = Route(height, width, *view)
    viewed = Viewed(TileGrid(height, width, 20))
    for place in range(len(route)):
        viewed.mark(route.view(place))
        assert route.nearest(*route.centre(place)) == place
    assert viewed.fraction == 1
    rows, columns = route.shape
    assert rows == 1 or (rows - 1) * view[0] * (1 - route.overlap) < height
    assert columns == 1 or (columns - 1) * view[1] * (1 - route.overlap) < width


def test_a_route_goes_to_and_fro() -> None:
    route = Route(300, 300, 100, 100, overlap=0)
    assert [route.centre(place) for place in range(6)] == [
        (50, 50),
        (150, 50),
        (250, 50),
        (250, 150),
        (150, 150),
        (50, 150),
    ]


@given(st.integers(0, 2**32), st.integers(0, 200), st.sampled_from((1, -1)))
def test_the_next_place_is_the_first_one_that_shows_a_wanted_tile(seed: int, start: int, step: int) -> None:
    grid = TileGrid(900, 1300, 64)
    wanted = np.random.default_rng(seed).random((grid.rows, grid.columns)) < 0.02
    route = Route(900, 1300, 150, 210)
    start %= len(route)
    order = [(start + step * ahead) % len(route) for ahead in range(len(route))]
    expected = next((place for place in order if wanted[grid.tiles_in(route.view(place))].any()), None)
    assert next_place(route, wanted, grid, start, step) == expected


def boxes(size: float, count: int) -> np.ndarray:
    return np.tile([5.0, 5.0, size, size], (count, 1))


def test_working_zoom_shows_small_objects_large_enough() -> None:
    assert suggested_zoom(boxes(20, 10)) == DEFAULT_ZOOM
    assert suggested_zoom(boxes(np.nan, 100)) == DEFAULT_ZOOM
    assert suggested_zoom(boxes(25, 100)) == pytest.approx(0.8)
    assert suggested_zoom(boxes(3, 100)) == 1
    assert suggested_zoom(boxes(5000, 100)) == 0.1
    mixed = np.concatenate([boxes(40, 50), boxes(4000, 100)])
    assert suggested_zoom(mixed) == pytest.approx(0.5)
