"""Over a big picture the masks layer is a window that follows the view, and nothing is as big as the picture."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from masks_cases import Bench, annotation, bench, square

from napari_labeltool.core.edits import DeleteObjects, Rows
from napari_labeltool.core.rle import Rle
from napari_labeltool.layers import masks_table
from napari_labeltool.layers.masks_window import STEP, WINDOW_SIDE, around, needs_move, overlap, window_at

BIG = (10_000, 10_000)


def look_at(b: Bench, y: float, x: float, zoom: float = 1.0) -> None:
    """Move the camera to a pixel, at that many screen pixels a pixel."""
    camera = b.viewer.scene.camera
    camera.zoom = zoom
    camera.center = (0.0, y, x)


def test_a_small_picture_is_covered_whole() -> None:
    assert window_at((4096, 17), (0, 0)) == (0, 0, 4096, 17)
    assert not needs_move((0, 0, 4096, 17), (-900.0, -900.0, 5000.0, 5000.0), (4096, 17))


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 200_000), st.integers(4097, 200_000)),
    st.tuples(st.floats(-1e5, 3e5), st.floats(-1e5, 3e5)),
    st.tuples(st.floats(10, 1e5), st.floats(10, 1e5)),
)
def test_a_window_is_in_the_picture_and_one_move_is_enough(
    shape: tuple[int, int], center: tuple[float, float], size: tuple[float, float]
) -> None:
    y0, x0, y1, x1 = window_at(shape, center)
    assert 0 <= y0 < y1 <= shape[0]
    assert 0 <= x0 < x1 <= shape[1]
    assert y1 - y0 == min(WINDOW_SIDE, shape[0])
    assert x1 - x0 == min(WINDOW_SIDE, shape[1])
    inside = all(side < WINDOW_SIDE - STEP for side in size)
    view = (
        center[0] - size[0] / 2,
        center[1] - size[1] / 2,
        center[0] + size[0] / 2,
        center[1] + size[1] / 2,
    )
    on_picture = 0 <= center[0] <= shape[0] and 0 <= center[1] <= shape[1]
    if on_picture and (inside or all(low >= 0 and high <= n for low, high, n in zip(view, view[2:], shape))):
        assert not needs_move((y0, x0, y1, x1), view, shape)


def test_windows_overlap_and_are_put_together() -> None:
    assert overlap((0, 0, 5, 5), (3, 4, 9, 9)) == (3, 4, 5, 5)
    assert overlap((0, 0, 5, 5), (5, 0, 9, 9)) is None
    assert around((0, 1, 5, 5), (3, 0, 9, 4)) == (0, 0, 9, 5)
    assert around(None, (3, 0, 9, 4)) == (3, 0, 9, 4)


@pytest.mark.viewer
def test_the_window_follows_the_view_and_shows_what_is_there(tmp_path: Path) -> None:
    cells = [annotation(1, square(100, 100, 50, BIG)), annotation(2, square(8000, 9000, 50, BIG))]
    with bench(tmp_path, cells, shape=BIG) as b:
        look_at(b, 100, 100)
        window = b.workspace.masks.view.window
        assert b.layer.data.shape == (2048, 2048)
        assert b.values() == {1: 1}
        look_at(b, 8000, 9000)
        assert b.workspace.masks.view.window != window
        (value,) = b.values().values()
        assert b.layer.get_value((8025, 9025), world=True) == value
        assert b.layer.get_value((7999, 9025), world=True) == 0
        assert (b.layer.data > 0).sum() == 2500
        look_at(b, 8010, 9010)
        np.testing.assert_array_equal(b.layer.data, b.expected())


@pytest.mark.viewer
def test_views_and_images_of_one_size_are_shown_in_the_same_two_arrays(tmp_path: Path) -> None:
    cells = [annotation(1, square(100, 100, 50, BIG)), annotation(2, square(8000, 9000, 50, BIG))]
    cells.append(annotation(3, square(90, 80, 30, BIG), image_id=2))
    with bench(tmp_path, cells, shape=BIG) as b:
        view = b.workspace.masks.view
        look_at(b, 100, 100)
        arrays = view.data, view.shown
        for show in (
            lambda: look_at(b, 8000, 9000),
            lambda: b.workspace.show_image(1),
            lambda: look_at(b, 100, 100),
            lambda: b.workspace.show_image(0),
        ):
            show()
            assert b.layer.data is view.data is arrays[0]
            assert view.shown is arrays[1]
            np.testing.assert_array_equal(view.data, b.expected())
            np.testing.assert_array_equal(view.shown, view.data)
        look_at(b, 100, 100)
        assert (b.layer.data > 0).sum() == 2500
        b.workspace.show_image(1)
        look_at(b, 100, 100)
        assert (b.layer.data > 0).sum() == 900
        assert b.layer.get_value((95, 85), world=True) == b.values()[3]


@pytest.mark.viewer
def test_an_image_whose_masks_could_not_be_shown_gets_none_of_another_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [annotation(1, square(10, 10, 30)), annotation(2, square(50, 60, 20), image_id=2)]
    with bench(tmp_path, cells) as b:
        b.workspace.show_image(0)
        with monkeypatch.context() as patch:
            patch.setattr(masks_table.MaskTable, "rendered", fail_in_the_middle)
            with pytest.raises(MemoryError):
                b.workspace.show_image(1)
        b.workspace.masks.finish_gesture()
        b.workspace.show_image(0)
        assert not b.workspace.dataset.is_changed()
        np.testing.assert_array_equal(b.workspace.masks.view.data, b.expected())
        b.workspace.show_image(1)
        np.testing.assert_array_equal(b.workspace.masks.view.data, b.expected())


def fail_in_the_middle(table: Any, window: Any, into: Any = None) -> Any:
    if into is not None:
        into[...] = 0
    raise MemoryError


@pytest.mark.viewer
def test_painting_in_a_window_goes_to_its_place_in_the_picture(tmp_path: Path) -> None:
    long = np.ones((1, 9000), bool)
    stripe = Rle.from_mask(long, height=BIG[0], width=BIG[1], offset_yx=(5000, 500))
    with bench(tmp_path, [annotation(1, stripe)], shape=BIG) as b:
        look_at(b, 5000, 5000)
        b.workspace.select((0,))
        b.layer.brush_size = 1
        b.drag((4990, 5100))
        b.drag((5000, 5100))
        assert b.session.undo_label == "Paint nucleus 1"
        assert b.dataset.rle(0).area == 9001
        assert b.dataset.rle(0).to_mask((4990, 5100, 4991, 5101)).all()
        b.layer.mode = "erase"
        b.drag((5000, 5200), (5000, 5209))
        assert b.dataset.rle(0).area == 8991
        look_at(b, 5000, 9000)
        assert b.layer.get_value((5000, 9400), world=True) == b.values()[1]
        b.workspace.undo()
        b.workspace.undo()
        assert b.dataset.rle(0) == stripe


@pytest.mark.viewer
def test_undo_reaches_pixels_outside_the_window(tmp_path: Path) -> None:
    with bench(tmp_path, shape=BIG) as b:
        look_at(b, 1000, 1000)
        b.drag((1000, 1000))
        painted = b.layer.data.copy()
        look_at(b, 9000, 9000)
        assert not b.layer.data.any()
        b.workspace.undo()
        assert not b.records()
        b.workspace.redo()
        assert not b.layer.data.any()
        look_at(b, 1000, 1000)
        assert (b.layer.data > 0).sum() == (painted > 0).sum()


@pytest.mark.viewer
def test_the_window_stays_while_a_stroke_is_half_done(tmp_path: Path) -> None:
    with bench(tmp_path, shape=BIG) as b:
        look_at(b, 1000, 1000)
        window = b.workspace.masks.view.window
        with b.layer.block_history():
            b.layer.paint((500, 500), b.layer.selected_label)
            look_at(b, 9000, 9000)
            assert b.workspace.masks.view.window == window
        assert len(b.records()) == 1
        look_at(b, 9001, 9001)
        assert b.workspace.masks.view.window != window


@pytest.mark.viewer
def test_nothing_of_the_size_of_the_picture_is_allocated(tmp_path: Path) -> None:
    cells = [annotation(1, square(100, 100, 50, BIG)), annotation(2, square(8000, 9000, 50, BIG))]
    with bench(tmp_path, cells, shape=BIG) as b:
        tracemalloc.start()
        try:
            look_at(b, 8000, 9000)
            b.drag((8000, 8990), (8100, 9100))
            b.workspace.select((1,))
            b.layer.paint_polygon([[10, 10], [10, 900], [900, 900], [900, 10]], b.layer.selected_label)
            b.layer.fill((1500, 1500), 0)
            b.workspace.undo()
            b.workspace.redo()
            look_at(b, 100, 100)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 90_000_000 < BIG[0] * BIG[1]


@pytest.mark.viewer
def test_a_picture_with_a_pixel_size_keeps_mask_and_picture_together(tmp_path: Path) -> None:
    with bench(tmp_path, [annotation(1, square(6000, 7000, 10, BIG))], shape=BIG) as b:
        transform = type(b.workspace.pictures.transform)(np.array([0.5, 0.25]), np.array([0.0, 0.0]))
        b.workspace.pictures.placed.transform = transform
        look_at(b, 3000, 1750, zoom=4)
        b.workspace.masks.show(0)
        assert b.layer.get_value((3000.0, 1750.0), world=True) == 1
        assert b.layer.get_value((3004.5, 1752.25), world=True) == 1
        assert b.layer.get_value((2999.5, 1750.0), world=True) == 0


@pytest.mark.viewer
def test_masks_in_view_outside_the_window_are_outlined(tmp_path: Path) -> None:
    cells = [annotation(1, square(5000, 5000, 50, BIG)), annotation(2, square(8000, 9000, 50, BIG))]
    with bench(tmp_path, cells, shape=BIG) as b:
        look_at(b, 5000, 5000, zoom=0.04)
        frames = b.workspace.masks.view.look.outside
        window = b.workspace.masks.view.window
        low = np.array([9000 - window[1], 8000 - window[0]]) - 0.5
        np.testing.assert_allclose(frames.segments_xy.reshape(-1, 2).min(0), low, atol=26)
        np.testing.assert_allclose(frames.segments_xy.reshape(-1, 2).max(0), low + 50, atol=26)
        b.workspace.apply(DeleteObjects(Rows([1])))
        assert len(frames.segments_xy) == 0
        b.workspace.undo()
        assert len(frames.segments_xy) > 0
        look_at(b, 5000, 5000)
        assert len(frames.segments_xy) == 0
        look_at(b, 5000, 5000, zoom=0.04)
        assert len(frames.segments_xy) > 0
        b.workspace.show_image(1)
        assert len(frames.segments_xy) == 0


@pytest.mark.viewer
def test_more_masks_than_values_are_shown_in_a_smaller_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks_table, "HIGHEST_VALUE", 20)
    shape = (3000, 3000)
    cells = [annotation(n + 1, square(300 * (n // 9), 330 * (n % 9), 300, shape)) for n in range(90)]
    with bench(tmp_path, cells, shape=shape) as b:
        assert 0 < len(b.values()) < 20
        assert max(b.layer.data.shape) < 2048
        np.testing.assert_array_equal(b.layer.data, b.expected())
        look_at(b, 2900, 100)
        np.testing.assert_array_equal(b.layer.data, b.expected())
        b.drag((2900, 310))
        np.testing.assert_array_equal(b.layer.data, b.expected())


@pytest.mark.viewer
def test_values_begin_anew_when_travelling_used_them_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masks_table, "HIGHEST_VALUE", 6)
    cells = [annotation(n + 1, square(1000 * n, 1000 * n, 50, BIG)) for n in range(10)]
    with bench(tmp_path, cells, shape=BIG) as b:
        seen = set()
        for place in (*range(0, 10_000, 1000), *range(9000, -1, -1000)):
            look_at(b, place, place)
            np.testing.assert_array_equal(b.layer.data, b.expected())
            seen |= b.values().keys()
        assert seen == set(range(1, 11))


def test_the_viewer_knows_no_more_than_the_picture_after_a_window_far_out_and_another_image(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, [annotation(1, square(30, 30, 20, (20_000, 20_000)))], shape=(20_000, 20_000)) as b:
        camera = b.viewer.scene.camera
        camera.zoom = 1.0
        camera.center = (0.0, 19_000.0, 19_000.0)
        assert b.workspace.masks.view.window[0] > 15_000
        b.workspace.show_image(1)
        for axis in b.viewer.dims.range[-2:]:
            assert axis.start >= 0
            assert axis.stop <= 20_000
