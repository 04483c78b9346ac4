"""What a session does once for each edit does not grow with the document; reading it can be watched and stopped."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import napari_labeltool as nl
from napari_labeltool.core.edits import (
    AddObject,
    DeleteObjects,
    Edit,
    Relabel,
    Rows,
    SetAttributes,
    SetGeometry,
    SetStatus,
    SetTag,
)
from napari_labeltool.core.geometry import Box
from napari_labeltool.session.progress import Progress
from napari_labeltool.session.work import Work


def write(path: Path, count: int, images: int = 4) -> Path:
    content = {
        "images": [
            {"id": k, "file_name": f"{k}.png", "width": 99, "height": 99} for k in range(1, images + 1)
        ],
        "annotations": [
            {
                "id": k + 1,
                "image_id": k % images + 1,
                "category_id": k % 2 + 1,
                "segmentation": [[0, 0, 9, 0, 9, 9, 0.5, 9]],
                "area": 81,
                "bbox": [0, 0, 9, 9],
                "iscrowd": 0,
            }
            for k in range(count)
        ],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "fly"}],
    }
    path.write_text(json.dumps(content))
    return path


def calls(work: Callable[[], object]) -> int:
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


EDITS: list[Callable[[int], Edit]] = [
    lambda half: Relabel(Rows([half]), "fly"),
    lambda half: SetGeometry(Rows([half]), Box((1, 2, 3, 4))),
    lambda half: SetStatus(Rows([half]), "approved"),
    lambda half: AddObject(1, "cell", Box((1, 2, 3, 4))),
    lambda half: DeleteObjects(Rows([half])),
    lambda half: Relabel(Rows(np.arange(half)), "fly"),
    lambda half: SetAttributes(Rows(np.arange(half)), {"a": 1}),
    lambda half: DeleteObjects(Rows(np.arange(half))),
]


@pytest.mark.parametrize("make", EDITS)
def test_an_edit_takes_as_many_steps_in_a_large_document_as_in_a_small_one(
    make: Callable[[int], Edit], tmp_path: Path
) -> None:
    counts = []
    for size in (2_000, 40_000):
        with nl.open_session(write(tmp_path / f"{size}.json", size)) as session:
            session.statistics()
            assert session.problems == ()
            session.apply(Relabel(Rows([1]), "cell"))
            session.journal.flush()

            def work(session: nl.Session = session, size: int = size) -> None:
                session.apply(make(size // 2))
                session.statistics()
                session.undo()
                session.redo()
                assert session.problems == ()

            counts.append(calls(work))
            journal = session.journal.place.journal.stat().st_size
            assert journal < 3_000
    assert counts[1] <= counts[0] * 1.1 + 40


def test_reading_tells_its_bytes_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", 20_000)
    size = path.stat().st_size
    told: list[int] = []

    def note(done: int, total: int) -> None:
        assert total == size
        told.append(done)

    with nl.open_session(path, progress=note) as session:
        assert len(session.dataset.annotations) == 20_000
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] <= size

    class Stop(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done > size / 2:
            raise Stop

    with pytest.raises(Stop):
        nl.open_session(path, progress=stop)
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    nl.open_session(path).close()


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 59)), max_size=8))
def test_counts_that_follow_changes_are_those_counted_anew(
    steps: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("counts") / "a.json", 60)
    session = nl.open_session(path)
    session.statistics()
    table = session.dataset.annotations
    for kind, row in steps:
        alive = table.rows()
        target = Rows([int(alive[row % len(alive)])])
        edits = (
            Relabel(target, "fly"),
            Relabel(target, None),
            DeleteObjects(target),
            AddObject(row % 4 + 1, "cell", Box((1, 1, 2, 2))),
            SetTag(row % 4 + 1, "fly", True),
            SetStatus(Rows(alive), "draft"),
        )
        if kind < len(edits):
            session.apply(edits[kind])
        else:
            session.undo()
        anew = Progress(Work(session.dataset))
        assert session.statistics() == anew.statistics()
        assert session.progress.object_counts().tolist() == anew.object_counts().tolist()
    session.close(discard=True)


def test_edits_of_many_come_back_after_a_crash(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", 5_000)
    session = nl.open_session(path)
    rows = np.flatnonzero(np.random.default_rng(1).random(5_000) < 0.5)
    session.apply(Relabel(Rows(rows), "fly"))
    session.apply(SetStatus(Rows(rows), "approved"))
    session.apply(SetStatus(Rows(rows[::3]), "draft", "look"))
    session.apply(SetAttributes(Rows(np.arange(5_000)), {"a": [1, None]}))
    session.apply(DeleteObjects(Rows(rows[::2])))
    session.undo()
    expected = [session.dataset.annotation(row) for row in range(5_000)]
    session.close()
    again = nl.open_session(path, recover="yes")
    assert [again.dataset.annotation(row) for row in range(5_000)] == expected
    assert len(again.dataset.annotations) == 5_000
    again.redo()
    assert len(again.dataset.annotations) == 5_000 - len(rows[::2])
    again.save()
    again.close()
    saved = nl.read_coco(path)
    alive = [row for row in range(5_000) if row not in set(rows[::2].tolist())]
    assert [saved.annotation(row) for row in range(len(saved.annotations))] == [
        expected[row] for row in alive
    ]
