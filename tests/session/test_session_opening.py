"""Opening: files, folders, locks, read-only sessions and image files."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from session_scenarios import write_document

import napari_labeltool as nl
from napari_labeltool.images import ImageSource
from napari_labeltool.session import ImageProblem

EMPTY = '{"images": [], "annotations": [], "categories": []}'


def write_picture(path: Path, height: int = 12, width: int = 20) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)


def test_a_folder_with_one_coco_file_means_that_file(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    (tmp_path / "package.json").write_text('{"name": "something else"}')
    with_images = nl.open_session(tmp_path)
    assert with_images.path == path
    with_images.close()


def test_opening_does_not_wait_for_the_hash_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_document(tmp_path)
    hashed: list[int] = []

    def digest_of(data: bytes) -> str:
        hashed.append(len(data))
        return "abc"

    monkeypatch.setattr("napari_labeltool.formats.coco.read.digest_of", digest_of)
    session = nl.open_session(path)
    session.statistics()
    assert not hashed
    session.apply(nl.edits.DeleteObjects(nl.edits.Rows([0])))
    assert hashed == [path.stat().st_size]
    session.close(discard=True)


def test_a_coco_file_in_a_folder_annotations_is_found(tmp_path: Path) -> None:
    path = write_document(tmp_path / "annotations")
    session = nl.open_session(tmp_path)
    assert session.path == path
    session.close()


def test_several_coco_files_are_named_instead_of_guessed_among(tmp_path: Path) -> None:
    for name in ("train.json", "val.json"):
        (tmp_path / name).write_text(EMPTY)
    with pytest.raises(nl.ReadError, match=r"2 COCO files found \(train.json, val.json\)"):
        nl.open_session(tmp_path)
    (tmp_path / "annotations.json").write_text(EMPTY)
    session = nl.open_session(tmp_path)
    assert session.path.name == "annotations.json"
    session.close()


def test_a_path_to_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(nl.ReadError, match="nothing found there"):
        nl.open_session(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_told_and_not_locked(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    path.write_text('{"images": [')
    with pytest.raises(nl.ReadError):
        nl.open_session(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_of_images_becomes_a_document_at_the_first_save(tmp_path: Path) -> None:
    write_picture(tmp_path / "a10.png")
    write_picture(tmp_path / "a2.png", 7, 9)
    write_picture(tmp_path / "sub" / "b.jpg")
    (tmp_path / "sub" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nxxxx")
    looked: list[tuple[int, int]] = []
    session = nl.open_session(tmp_path, progress=lambda done, total: looked.append((done, total)))
    assert looked[-1] == (4, 4)
    names = [image.file_name for image in session.dataset.images]
    assert names == ["a2.png", "a10.png", "sub/b.jpg", "sub/broken.png"]
    assert [session.dataset.images.size(row) for row in range(4)] == [(7, 9), (12, 20), (12, 20), None]
    assert session.is_new
    assert session.dirty == 0
    assert session.undo() is None
    assert sorted(file.name for file in tmp_path.glob("*.json")) == []
    session.apply(nl.edits.SetImageState(1, "done"))
    assert session.state_words() == "Not saved yet, 1 edit is in the journal"
    session.save()
    document = json.loads((tmp_path / "annotations.json").read_bytes())
    assert [image["file_name"] for image in document["images"]] == names
    assert [image["id"] for image in document["images"]] == [1, 2, 3, 4]
    session.close()
    assert not nl.open_session(tmp_path).is_new


def test_a_folder_that_was_only_looked_at_stays_as_it_was(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    nl.open_session(tmp_path).close()
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_crash_before_the_first_save_of_a_folder_is_recovered(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    session = nl.open_session(tmp_path)
    session.apply(nl.edits.SetImageState(1, "done"))
    session.close()
    write_picture(tmp_path / "later.png")
    again = nl.open_session(tmp_path)
    assert again.pending_recovery is not None
    again.recover()
    assert [(image.file_name, image.state) for image in again.dataset.images] == [("a.png", "done")]
    again.save()
    again.apply(nl.edits.SetImageState(1, "todo"))
    again.close()
    third = nl.open_session(tmp_path, recover="yes")
    assert third.dataset.images.at(0).state == "todo"
    third.close(discard=True)


def test_a_document_that_came_into_being_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    session = nl.open_session(tmp_path)
    (tmp_path / "annotations.json").write_text(EMPTY)
    with pytest.raises(nl.FileChangedError, match="came into being"):
        session.save()
    assert (tmp_path / "annotations.json").read_text() == EMPTY
    session.close()


HOLDER = """
import sys
import napari_labeltool as nl
session = nl.open_session(sys.argv[1], author="ana")
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_second_process_is_told_who_edits_and_may_look(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    session = nl.open_session(path)
    assert session.read_only
    assert f"ana on {socket.gethostname()} (process {holder.pid}) since" in session.read_only_reason
    with pytest.raises(nl.EditRefused, match="being edited by ana"):
        session.apply(nl.edits.DeleteObjects([10]))
    with pytest.raises(nl.EditRefused):
        session.undo()
    with pytest.raises(nl.WriteError, match="being edited by ana"):
        session.save()
    assert session.state_words().startswith("Read only.")
    session.save_as(tmp_path / "mine.json")
    assert not session.read_only
    session.apply(nl.edits.DeleteObjects([10]))
    session.close(discard=True)
    holder.communicate("\n")
    after = nl.open_session(path)
    assert not after.read_only
    after.close()


def test_a_second_opener_in_the_same_process_may_look(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    first = nl.open_session(path)
    second = nl.open_session(path)
    assert (first.read_only, second.read_only) == (False, True)
    second.close()
    first.close()


def test_a_looker_leaves_the_journal_of_the_worker_alone(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    worker = nl.open_session(path)
    worker.apply(nl.edits.DeleteObjects([10]))
    looker = nl.open_session(path)
    assert looker.pending_recovery is None
    looker.close(discard=True)
    worker.apply(nl.edits.DeleteObjects([11]))
    worker.close()
    assert nl.open_session(path, recover="yes").dirty == 2


def test_read_only_on_request_takes_no_lock_and_writes_nothing(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    looker = nl.open_session(path, read_only=True)
    assert [file.name for file in tmp_path.iterdir()] == ["cells.json"]
    worker = nl.open_session(path)
    assert not worker.read_only
    worker.close()
    looker.close()


@pytest.fixture
def unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder in which nothing can be created (as on read-only media; root may do all else)."""
    path = write_document(tmp_path / "medium")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    opened = os.open

    def refuse(name: str | bytes | Path, flags: int, *args: int, **kwargs: int) -> int:
        if flags & os.O_CREAT and Path(os.fsdecode(name)).parent == path.parent:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(name))
        return opened(name, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    return path


def test_work_in_a_read_only_folder_is_in_the_state_folder_and_can_be_saved_elsewhere(
    unwritable: Path, tmp_path: Path
) -> None:
    session = nl.open_session(unwritable)
    assert not session.read_only
    session.apply(nl.edits.DeleteObjects([10]))
    assert session.journal is not None
    assert session.journal.place.folder.is_relative_to(tmp_path / "state")
    with pytest.raises(nl.WriteError, match="medium"):
        session.save()
    assert session.dirty == 1
    session.close()
    again = nl.open_session(unwritable, recover="yes")
    assert again.dirty == 1
    again.save_as(tmp_path / "cells.json")
    again.close()
    assert len(nl.read_coco(tmp_path / "cells.json").annotations) == 5
    assert [file.name for file in unwritable.parent.iterdir()] == ["cells.json"]


def test_an_image_is_opened_and_a_size_that_differs_is_said(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    write_picture(tmp_path / "a.png", 48, 64)
    write_picture(tmp_path / "sub" / "b.png", 30, 40)
    (tmp_path / "c.png").write_text("no picture")
    session = nl.open_session(path)
    good, other, broken = (session.open_image(row) for row in range(3))
    assert isinstance(good, ImageSource)
    assert good.notes == ()
    assert isinstance(other, ImageSource)
    assert "30 x 40 pixels" in other.notes[-1]
    assert "declares 40 x 30" in other.notes[-1]
    assert isinstance(broken, ImageProblem)
    assert broken.kind == "unreadable"
    assert session.image_path(0) == tmp_path / "a.png"
    session.close()


def test_missing_and_outside_images_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    write_picture(tmp_path / "secret.png")
    write_picture(tmp_path / "more" / "found.png")
    names = ["gone.png", "../secret.png", "found.png"]
    images = [{"id": n, "file_name": name, "width": 20, "height": 12} for n, name in enumerate(names)]
    (folder / "x.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    session = nl.open_session(folder / "x.json", roots=[tmp_path / "more"])
    problems = [session.open_image(row) for row in range(3)]
    assert isinstance(problems[0], ImageProblem)
    assert problems[0].kind == "missing"
    assert isinstance(problems[1], ImageProblem)
    assert problems[1].kind == "refused"
    assert isinstance(problems[2], ImageSource)
    session.close()


def test_images_are_still_found_after_saving_in_another_folder(tmp_path: Path) -> None:
    path = write_document(tmp_path / "project")
    write_picture(tmp_path / "project" / "a.png", 48, 64)
    session = nl.open_session(path)
    (tmp_path / "elsewhere").mkdir()
    session.save_as(tmp_path / "elsewhere" / "cells.json")
    assert session.image_path(0) == tmp_path / "project" / "a.png"
    session.close()


def test_images_that_came_later_are_found_and_can_be_added(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    with nl.open_session(tmp_path) as session:
        assert session.new_image_records() == []
        write_picture(tmp_path / "b.png", 5, 6)
        records = session.new_image_records()
        assert records == [{"file_name": "b.png", "width": 6, "height": 5}]
        session.apply(nl.edits.AddImages(tuple(records)))
        assert session.new_image_records() == []
        session.save()
    assert len(nl.read_coco(tmp_path / "annotations.json").images) == 2


def test_the_interval_of_automatic_saves_comes_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(EMPTY.replace("{", '{"labeltool": {"autosave_minutes": 2}, ', 1))
    with nl.open_session(path) as session:
        assert session.autosave_minutes == 2


def test_problems_of_deleted_records_are_gone_and_come_back(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    with nl.open_session(path) as session:
        told: list[int] = []
        session.problems_changed.connect(lambda: told.append(1))
        duplicate = [problem for problem in session.problems if problem.row == 5]
        assert len(duplicate) == 1
        session.apply(nl.edits.DeleteObjects([11]))
        assert told == []
        session.apply(nl.edits.DeleteObjects(nl.edits.Rows([5])))
        assert (len(told), duplicate[0] in session.problems) == (1, False)
        session.undo()
        assert (len(told), duplicate[0] in session.problems) == (2, True)
        session.undo()


def test_a_deleted_new_document_with_work_is_offered_whole(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    session = nl.open_session(tmp_path)
    session.apply(nl.edits.SetImageState(1, "done"))
    session.save()
    session.apply(nl.edits.SetImageState(1, "needs_review"))
    session.close()
    (tmp_path / "annotations.json").unlink()
    with nl.open_session(tmp_path, recover="yes") as again:
        assert again.dirty == 2
        assert again.dataset.images.at(0).state == "needs_review"
        again.close(discard=True)
