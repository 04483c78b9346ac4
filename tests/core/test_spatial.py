"""Annotations by place: answers equal a look at all of them, whatever happened since the grid was built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core import spatial
from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import AnnotationColumns, Kind
from napari_labeltool.core.source import Source
from napari_labeltool.core.spatial import SpatialIndex, corners_of


def annotations_with(boxes: np.ndarray) -> Annotations:
    columns = AnnotationColumns.empty(len(boxes))
    columns.image[:] = 0
    columns.category[:] = 0
    columns.bbox[:] = boxes
    columns.kind[:] = 1
    return Annotations(Source(), columns)


def all_meeting(table: Annotations, rectangle: tuple[float, float, float, float]) -> set[int]:
    x0, y0, x1, y1 = rectangle
    rows = table.rows()
    boxes = corners_of(table.bbox, rows)
    with np.errstate(invalid="ignore"):
        met = (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
    return set(rows[met].tolist())


coordinate = st.floats(-50, 1050)
box = st.tuples(coordinate, coordinate, st.floats(-30, 400), st.floats(-30, 400))
odd_box = st.sampled_from([(np.nan,) * 4, (1e9, 5.0, 3.0, 3.0), (-1e7, -1e7, 2e7, 2e7), (5.0, 5.0, 0.0, 0.0)])
step = st.tuples(
    st.sampled_from(["move", "delete", "revive", "append"]), st.integers(0, 10_000), box | odd_box
)


@settings(deadline=None)
@given(
    boxes=st.lists(box | odd_box, max_size=60),
    steps=st.lists(step, max_size=20),
    rectangle=st.tuples(coordinate, coordinate, st.floats(0, 700), st.floats(0, 700)),
)
def test_a_question_finds_what_meets_the_rectangle_and_nothing_else(
    boxes: Any, steps: Any, rectangle: Any
) -> None:
    table = annotations_with(np.array(boxes, float).reshape(-1, 4))
    index = SpatialIndex(table, 0)
    x, y, width, height = rectangle
    asked = (x, y, x + width, y + height)
    for action, number, new in steps:
        row = number % max(table.row_count, 1)
        if action == "append":
            row = table.append({"id": 100_000 + number, "bbox": [0, 0, 1, 1]}, 0, 0)
            table.bbox[row] = new
        elif table.row_count == 0:
            continue
        elif action == "move":
            table.bbox[row] = new
        else:
            table.set_alive(np.array([row]), action == "revive")
        index.update(np.array([row]))
    found = index.query(*asked).tolist()
    assert len(found) == len(set(found))
    assert set(found) == all_meeting(table, asked)
    assert index.most(*asked) >= len(found)


def test_pieces_and_many_cells_make_no_difference_to_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = scattered(300_000, 100_000)  # more cells than 16 bits can number
    boxes[::1000] = np.nan
    table = annotations_with(boxes)
    whole = SpatialIndex(table, 0)
    monkeypatch.setattr(spatial, "PIECE", 7_001)
    pieces = SpatialIndex(table, 0)
    asked = (20_000.0, 30_000.0, 24_000.0, 33_000.0)
    assert (
        set(whole.query(*asked).tolist()) == set(pieces.query(*asked).tolist()) == all_meeting(table, asked)
    )
    assert whole.count == pieces.count == 299_700


def scattered(count: int, side: float) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.concatenate([rng.uniform(0, side, (count, 2)), rng.uniform(5, 40, (count, 2))], axis=1)


@contextmanager
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the annotations whose boxes are compared with the rectangle."""
    counts: list[int] = []
    original = spatial.meeting

    def counting(bbox: Any, rows: Any, rectangle: Any) -> Any:
        counts.append(len(rows))
        return original(bbox, rows, rectangle)

    monkeypatch.setattr(spatial, "meeting", counting)
    yield counts


def test_what_a_question_looks_at_does_not_grow_with_the_number_of_annotations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []
    for count in (1_000, 100_000):
        index = SpatialIndex(annotations_with(scattered(count, 300 * count**0.5)), 0)
        middle = 150 * count**0.5
        with looked_at(monkeypatch) as counts:
            index.query(middle, middle, middle + 1000, middle + 1000)
        seen.append(counts[-1])
    assert seen[1] < 3 * seen[0] + 20


def test_a_mistaken_box_far_away_does_not_make_all_cells_large(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = scattered(20_000, 20_000)
    boxes[7] = (1e12, 1e12, 5, 5)
    index = SpatialIndex(annotations_with(boxes), 0)
    with looked_at(monkeypatch) as counts:
        index.query(5000, 5000, 5100, 5100)
    assert counts[-1] < 200


def test_rows_without_a_box_at_a_steady_pace_do_not_make_all_cells_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boxes = scattered(20_000, 20_000)
    boxes[::5] = np.nan
    index = SpatialIndex(annotations_with(boxes), 0)
    with looked_at(monkeypatch) as counts:
        index.query(5000, 5000, 5100, 5100)
    assert counts[-1] < 200


def test_an_image_without_a_box_has_an_index() -> None:
    index = SpatialIndex(annotations_with(np.full((20_000, 4), np.nan)), 0)
    assert index.query(0, 0, 100, 100).tolist() == []


def test_a_move_within_a_cell_leaves_the_grid_alone() -> None:
    table = annotations_with(scattered(1000, 10_000))
    index = SpatialIndex(table, 0)
    before = table.bbox[5].copy()
    table.bbox[5] += (0.001, 0, 0, 0)
    index.update(np.array([5]))
    assert index.loose_count == 0
    table.bbox[5, 0] = before[0] + (4000 if before[0] < 5000 else -4000)
    index.update(np.array([5]))
    assert index.loose_count == 1


def test_many_moves_are_taken_into_a_new_grid_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spatial, "MOST_MOVED", 100)
    table = annotations_with(scattered(2000, 10_000))
    index = SpatialIndex(table, 0)
    moved = np.arange(0, 400)
    table.bbox[moved, 0] = (table.bbox[moved, 0] + 5000) % 10_000
    index.update(moved)
    table.bbox[999] = (20.0, 20.0, 5.0, 5.0)
    index.update(np.array([999]))
    asked = (0.0, 0.0, 3000.0, 3000.0)
    assert set(index.query(*asked).tolist()) == all_meeting(table, asked)
    index.settle()
    assert index.loose_count <= 1
    assert set(index.query(*asked).tolist()) == all_meeting(table, asked)


def test_deleting_and_relabelling_many_costs_no_place() -> None:
    table = annotations_with(scattered(50_000, 50_000))
    index = SpatialIndex(table, 0)
    rows = np.arange(0, 50_000, 2)
    table.set_alive(rows, False)
    index.update(rows)
    assert index.loose_count == 0
    asked = (0.0, 0.0, 5000.0, 5000.0)
    assert set(index.query(*asked).tolist()) == all_meeting(table, asked)


def test_an_index_of_some_kinds_follows_a_change_of_kind() -> None:
    table = annotations_with(scattered(50, 1000))
    table.kind[::2] = Kind.RLE
    index = SpatialIndex(table, 0, (Kind.RLE, Kind.RLE_COMPRESSED))
    everywhere = (-10.0, -10.0, 2000.0, 2000.0)
    assert set(index.query(*everywhere).tolist()) == set(range(0, 50, 2))
    table.kind[0], table.kind[1] = Kind.BOX, Kind.RLE_COMPRESSED
    index.update(np.array([0, 1]))
    assert set(index.query(*everywhere).tolist()) == {1, *range(2, 50, 2)}
