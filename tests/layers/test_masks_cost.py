"""What the masks layer does follows what is painted or seen, not what the image holds: counted, not timed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from masks_cases import Bench, annotation, bench, square

from napari_labeltool.core import decode
from napari_labeltool.core.rle import Rle
from napari_labeltool.layers import masks_colors, masks_rows, masks_table

pytestmark = pytest.mark.viewer

SIDE = 20_000
SHAPE = (SIDE, SIDE)


def cells(count: int) -> list[dict[str, Any]]:
    """Return 9 cells around the middle, and others far from it."""
    near = [(9_900 + 100 * (n // 3), 9_900 + 100 * (n % 3)) for n in range(9)]
    far = [(200 + 30 * (n // 90), 200 + 30 * (n % 90)) for n in range(count - 9)]
    return [annotation(n + 1, square(y, x, 12, SHAPE)) for n, (y, x) in enumerate(near + far)]


class Counted:
    """Counts calls of a few functions while it is open."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: dict[str, int] = {}
        self._patch = patch

    def watch(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def counting(*given: Any, **named: Any) -> Any:
            self.calls[name] = self.calls.get(name, 0) + 1
            return real(*given, **named)

        self._patch.setattr(owner, name, counting)


def open_at_the_middle(b: Bench) -> None:
    camera = b.viewer.scene.camera
    camera.zoom, camera.center = 1.0, (0.0, 10_000.0, 10_000.0)
    b.layer.brush_size = 8


def work(b: Bench) -> None:
    """Paint, grow, erase, draw a polygon, undo and redo in the middle."""
    layer = b.layer
    top, left = b.workspace.masks.view.window[:2]
    b.drag((10_300, 10_300), (10_300, 10_340))
    b.drag((10_300, 10_340), (10_320, 10_340))
    layer.mode = "erase"
    b.drag((10_300, 10_300), (10_300, 10_310))
    layer.mode = "paint"
    b.workspace.masks.new_instance()
    corners = np.array([[350, 450], [350, 490], [390, 470]])
    layer.paint_polygon(corners + np.array([10_000 - top, 10_000 - left]), 40)
    b.workspace.undo()
    b.workspace.redo()


@pytest.mark.parametrize("count", [9, 3_000])
def test_decoded_masks_and_rows_looked_at_do_not_grow_with_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    with bench(tmp_path, cells(count), shape=SHAPE) as b:
        open_at_the_middle(b)
        assert sorted(b.values()) == list(range(1, 10))
        counted = Counted(monkeypatch)
        counted.watch(decode, "rle_of")
        counted.watch(masks_table, "mask_of")
        counted.watch(masks_rows, "rows_meeting")
        work(b)
        assert counted.calls.get("mask_of", 0) <= 4
        assert counted.calls["rle_of"] <= 12
        assert counted.calls.get("rows_meeting", 0) <= 2
        counted.calls.clear()
        b.viewer.scene.camera.center = (0.0, 11_500.0, 11_500.0)
        b.viewer.scene.camera.center = (0.0, 10_000.0, 10_000.0)
        assert counted.calls["mask_of"] <= 30
        assert counted.calls["rle_of"] <= 30


def counting(runs: list[int]) -> Any:
    """Return `Rle.spans` that adds up the runs that it is asked for."""
    spans = Rle.spans

    def counted(rle: Rle) -> Any:
        runs[0] += len(rle.counts)
        return spans(rle)

    return counted


def test_the_runs_that_a_stroke_reads_do_not_grow_with_the_masks_in_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: dict[int, int] = {}
    for count in (20, 1_000):
        (tmp_path / str(count)).mkdir()
        grid = [
            annotation(n + 1, square(20 + 30 * (n // 60), 30 * (n % 60), 12, (900, 1900)))
            for n in range(count)
        ]
        with bench(tmp_path / str(count), grid, shape=(900, 1900)) as b, monkeypatch.context() as patch:
            runs = [0]
            patch.setattr(Rle, "spans", counting(runs))
            b.layer.brush_size = 8
            b.drag((810, 40), (810, 80))
            b.drag((810, 80), (830, 80))
            read[count] = runs[0]
    assert read[20] == read[1_000] > 0


class Handed:
    """Counts what is handed to napari: values with other colours, features tables, arrays of pixels."""

    def __init__(self, b: Bench, patch: pytest.MonkeyPatch) -> None:
        self.colors: list[int] = []
        self.tables = self.arrays = 0
        exchange = masks_colors.exchange_label_colors

        def counting_colors(layer: Any, colors: Any, values: Any) -> None:
            self.colors.append(len(values))
            exchange(layer, colors, values)

        patch.setattr(masks_colors, "exchange_label_colors", counting_colors)
        b.layer.events.features.connect(self._on_features)
        b.layer.events.data.connect(self._on_data)

    def _on_features(self, event: Any) -> None:
        self.tables += 1

    def _on_data(self, event: Any) -> None:
        self.arrays += 1

    def take(self) -> tuple[int, int, int]:
        """Return colours, tables and arrays since the last time."""
        found = sum(self.colors), self.tables, self.arrays
        self.colors, self.tables, self.arrays = [], 0, 0
        return found


def test_a_gesture_hands_over_the_colours_that_changed_and_one_features_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = [
        annotation(n + 1, square(20 + 30 * (n // 60), 30 * (n % 60), 12, (900, 1900))) for n in range(600)
    ]
    with bench(tmp_path, grid, shape=(900, 1900)) as b:
        b.layer.brush_size = 8
        handed = Handed(b, monkeypatch)
        b.drag((810, 40), (810, 80))
        colors, tables, arrays = handed.take()
        assert 0 < colors <= 2
        assert (tables, arrays) == (1, 0)
        b.drag((810, 80), (830, 80))
        assert handed.take() == (0, 0, 0)
        b.layer.fill((810, 60), 0)
        colors, tables, arrays = handed.take()
        assert colors <= 2
        assert (tables, arrays) == (1, 0)
        assert len(b.layer.features) == 600
        b.workspace.undo()
        colors, tables, arrays = handed.take()
        assert colors <= 2
        assert (tables, arrays) == (1, 0)
        b.workspace.select((3,))
        colors, tables, arrays = handed.take()
        assert 0 < colors <= 3
        assert (tables, arrays) == (0, 0)


def test_a_window_that_moves_keeps_its_array_and_draws_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench(tmp_path, cells(100), shape=SHAPE) as b:
        open_at_the_middle(b)
        data, drawn = b.layer.data, [0]

        def on_draw(event: Any) -> None:
            drawn[0] += 1

        b.layer.events.set_data.connect(on_draw)
        handed = Handed(b, monkeypatch)
        before = b.workspace.masks.view.window
        b.viewer.scene.camera.center = (0.0, 11_500.0, 11_500.0)
        assert b.workspace.masks.view.window != before
        assert b.layer.data is data
        assert not data.any()
        assert handed.take()[2] == 0
        assert drawn == [1]
        b.viewer.scene.camera.center = (0.0, 10_000.0, 10_000.0)
        assert sorted(b.values()) == list(range(1, 10))
        assert drawn == [2]
