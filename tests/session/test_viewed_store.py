"""What each person has viewed is kept beside the journal, through crashes, and for nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from napari_labeltool.session import Session, open_session
from napari_labeltool.session.coverage import WRITE_AFTER, ViewedStore

SIZE = (30_000, 40_000)


def document(folder: Path) -> Path:
    path = folder / "labels.json"
    images = [{"id": n, "file_name": f"slide_{n}.tif", "height": SIZE[0], "width": SIZE[1]} for n in (1, 2)]
    path.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return path


def opened(path: Path, author: str = "anna", **options: bool) -> tuple[Session, ViewedStore]:
    session = open_session(path, author=author, **options)
    return session, ViewedStore(session)


def view(store: ViewedStore, image: int, x: float, now: float | None = None) -> None:
    if store.of(image, *SIZE).mark((x, 0, x + 3000, 2000)):
        store.note(image, now)


def end(session: Session, store: ViewedStore) -> None:
    store.close()
    session.close()


def test_views_are_there_again_after_closing(tmp_path: Path) -> None:
    path = document(tmp_path)
    session, store = opened(path)
    view(store, 0, 5000)
    view(store, 1, 9000)
    expected = [store.of(image, *SIZE).tiles.copy() for image in (0, 1)]
    store.set_working_zoom(0.25)
    store.set_shaded(True)
    end(session, store)
    assert (tmp_path / ".labels.json.labeltool-viewed").stat().st_size < 2000
    session, store = opened(path)
    for image in (0, 1):
        np.testing.assert_array_equal(store.of(image, *SIZE).tiles, expected[image])
    assert (store.working_zoom, store.shaded) == (0.25, True)
    assert json.loads(path.read_text())["images"][0].keys() == {"id", "file_name", "height", "width"}
    session.close()


def test_each_author_has_views_of_their_own_and_keeps_those_of_others(tmp_path: Path) -> None:
    path = document(tmp_path)
    for author, x in (("anna", 0.0), ("bert", 10_000.0)):
        session, store = opened(path, author)
        assert store.of(0, *SIZE).count == 0
        view(store, 0, x)
        end(session, store)
    session, store = opened(path, "anna")
    assert store.of(0, *SIZE).tiles[:, :10].any()
    assert not store.of(0, *SIZE).tiles[:, 200:].any()
    store.of(0, *SIZE).fill(False)
    store.note(0)
    end(session, store)
    for author, count in (("anna", 0), ("bert", 32 * 47)):
        session, store = opened(path, author)
        assert store.of(0, *SIZE).count == pytest.approx(count, rel=0.1)
        session.close()


def test_changes_are_written_together_after_some_seconds(tmp_path: Path) -> None:
    session, store = opened(document(tmp_path))
    assert not store.due(1e9)
    view(store, 0, 0, now=100.0)
    view(store, 0, 4000, now=102.0)
    assert not store.due(100.0 + WRITE_AFTER - 0.1)
    assert store.due(100.0 + WRITE_AFTER)
    store.write(wait=True)
    assert not store.due(1e9)
    assert store.problem is None
    written = store.path.read_bytes()
    store.write(wait=True)
    assert store.path.read_bytes() == written
    end(session, store)


def test_views_survive_a_killed_process(tmp_path: Path) -> None:
    path = document(tmp_path)
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from test_viewed_store import opened, view;"
        "session, store = opened(Path(sys.argv[2])); view(store, 0, 700);"
        "store.write(wait=True); view(store, 0, 9000); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(path)], check=False)
    assert done.returncode == 9
    session, store = opened(path)
    assert store.of(0, *SIZE).tiles[0, 15]
    session.close()


def test_a_picture_of_another_size_was_not_viewed(tmp_path: Path) -> None:
    path = document(tmp_path)
    session, store = opened(path)
    view(store, 0, 0)
    assert store.of(0, 20_000, 20_000).count == 0
    end(session, store)
    content = json.loads(path.read_text())
    content["images"][0]["width"] = 40_001
    path.write_text(json.dumps(content))
    session, store = opened(path)
    assert store.of(0, SIZE[0], 40_001).count == 0
    view(store, 1, 0)
    end(session, store)


def test_views_go_along_when_the_document_gets_another_name(tmp_path: Path) -> None:
    session, store = opened(document(tmp_path))
    view(store, 0, 0)
    count = store.of(0, *SIZE).count
    store.write(wait=True)
    session.save_as(tmp_path / "other.json")
    view(store, 1, 0)
    end(session, store)
    session, store = opened(tmp_path / "other.json")
    assert store.of(0, *SIZE).count == count
    session.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"labeltool_viewed": 7}',
        '{"labeltool_viewed": 1, "images": [{"id": 1, "file_name": "slide_1.tif"}], "authors": 3}',
        '{"labeltool_viewed": 1, "images": [{"id": 1, "file_name": "slide_1.tif", "height": 30000,'
        ' "width": 40000, "tile": 1, "viewed": {"anna": "AAAA"}}]}',
    ],
)
def test_a_damaged_file_counts_as_nothing_viewed(tmp_path: Path, text: str) -> None:
    path = document(tmp_path)
    (tmp_path / ".labels.json.labeltool-viewed").write_text(text)
    session, store = opened(path)
    assert store.of(0, *SIZE).count == 0
    view(store, 0, 0)
    count = store.of(0, *SIZE).count
    end(session, store)
    session, store = opened(path)
    assert store.of(0, *SIZE).count == count
    session.close()


def test_who_may_only_look_writes_nothing_and_is_told(tmp_path: Path) -> None:
    path = document(tmp_path)
    session, store = opened(path, read_only=True)
    view(store, 0, 0)
    end(session, store)
    assert store.problem is not None
    assert store.problem.startswith("What you view is not remembered.")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["labels.json"]


def test_a_file_that_cannot_be_written_is_told_and_tried_again(tmp_path: Path) -> None:
    session, store = opened(document(tmp_path))
    os.mkdir(store.path)  # works for root too, who may write into every folder
    view(store, 0, 0)
    store.write(wait=True)
    assert store.problem is not None
    assert "not remembered over the end of the program" in store.problem
    os.rmdir(store.path)
    end(session, store)
    assert store.path.exists()
