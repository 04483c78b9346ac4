"""Outlines of many annotations in one pass."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from napari_labeltool.core import small_loops
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject, Relabel, Rows, SetGeometry
from napari_labeltool.core.geometry import Box, Mask, Polygon
from napari_labeltool.core.loops import Loops, loops_of, thinned
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.small_loops import VERTICES, SmallLoops
from napari_labeltool.session import Session, open_session


def circle(x: float, y: float, radius: float, vertices: int) -> list[float]:
    angles = np.arange(vertices) * 2 * np.pi / vertices
    return (
        np.round(np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles)], 1), 2).ravel().tolist()
    )


@pytest.fixture
def session(tmp_path: Path) -> Session:
    parts = [
        [circle(50, 50, 20, 40)],
        [circle(20, 20, 10, 5), circle(70, 70, 10, 31)],
        [[1.0, 2.0, 3.0, 4.0]],
        [circle(40, 40, 9, 13)],
    ]
    annotations = [
        {
            "id": i + 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 60, 60], "area": 9, "iscrowd": 0,
            "segmentation": part,
        }
        for i, part in enumerate(parts)
    ]  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 100}],
                "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
                "annotations": annotations,
            }
        )
    )
    return open_session(path, author="tester")


def lines_of(loops: Loops) -> list[tuple[int, list[list[float]]]]:
    lines = np.split(loops.points_xy, np.cumsum(loops.lengths)[:-1])
    return [(row, line.tolist()) for row, line in zip(loops.owner.tolist(), lines)]


def all_rows(dataset: Dataset) -> np.ndarray:
    return np.arange(dataset.annotations.row_count)


def test_every_line_is_as_stored_also_after_edits(session: Session) -> None:
    triangle = np.array([[1.0, 1], [9, 1], [5, 9.5]])
    session.apply(SetGeometry(Rows([3]), Polygon((triangle,))))
    session.apply(Relabel(Rows([0]), Rows([1])))
    session.apply(AddObject(Rows([0]), Rows([0]), Polygon((triangle + 10,))))
    session.apply(AddObject(Rows([0]), Rows([0]), Box((1.0, 2.0, 3.0, 4.0))))
    dataset = session.dataset
    found = lines_of(loops_of(dataset, all_rows(dataset)))
    expected = [
        (row, part.tolist())
        for row in (0, 1, 3, 4)
        for part in dataset.geometry(row).parts_xy  # type: ignore[union-attr]
    ]
    box = [[10.0, 10.0], [70.0, 10.0], [70.0, 70.0], [10.0, 70.0]]
    expected += [(2, box), (5, [[1.0, 2.0], [4.0, 2.0], [4.0, 6.0], [1.0, 6.0]])]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("most", [4, 5, 12, 30, 31, 40])
def test_thinning_while_reading_is_thinning_what_was_read(session: Session, most: int) -> None:
    session.apply(Relabel(Rows([1]), Rows([1])))
    rows = all_rows(session.dataset)
    exact = loops_of(session.dataset, rows)
    assert lines_of(loops_of(session.dataset, rows, most=most)) == lines_of(thinned(exact, most))


def test_small_loops_are_the_first_line_within_a_step_of_its_box(session: Session) -> None:
    small = SmallLoops(session.dataset)
    rows = np.array([3, 1])
    assert not small.knows(rows).any()
    small.learn(rows)
    assert small.knows(rows).all()
    loops = small.loops(rows)
    assert loops.lengths.tolist() == [VERTICES, 5]
    exact = np.concatenate(
        [
            thinned(loops_of(session.dataset, rows[:1]), VERTICES).points_xy,
            np.array(circle(20, 20, 10, 5)).reshape(-1, 2),
        ]
    )
    np.testing.assert_allclose(loops.points_xy, exact, atol=60 / 255)
    small.forget(rows[:1])
    assert small.knows(rows).tolist() == [False, True]


def test_outlines_of_annotations_that_were_added_since_can_be_learnt(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_loops, "SPARE", 1)
    small = SmallLoops(session.dataset)
    small.learn(np.array([3]))
    for shift in range(3):
        corners = np.array([[1.0, 1], [9, 1], [5, 9.5]]) + shift
        session.apply(AddObject(Rows([0]), Rows([0]), Polygon((corners,))))
    rows = np.arange(3, session.dataset.annotations.row_count)
    assert small.knows(rows).tolist() == [True, False, False, False]
    small.learn(rows[1:])
    assert small.knows(rows).all()
    np.testing.assert_allclose(small.loops(rows[-1:]).points_xy, corners, atol=10 / 255)


def test_a_mask_without_pixels_is_learnt_as_its_box(session: Session) -> None:
    small = SmallLoops(session.dataset)
    session.apply(SetGeometry(Rows([0]), Mask(Rle.from_mask(np.zeros((100, 100), bool)))))
    session.dataset.annotations.bbox[0] = (10, 20, 30, 40)
    small.learn(np.array([0]))
    assert small.knows(np.array([0])).all()
    box = [[10.0, 20.0], [40.0, 20.0], [40.0, 60.0], [10.0, 60.0]]
    np.testing.assert_allclose(small.loops(np.array([0])).points_xy, box)
