"""The journal file: what is appended comes back, torn ends are dropped, a full disk loses nothing."""

from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.history import Change
from napari_labeltool.core.ops import Append, Patch, SetAlive, SetCategory
from napari_labeltool.core.source import FileStamp, Making, PendingStamp
from napari_labeltool.core.values import ORIGINAL, REMOVED
from napari_labeltool.journal import Journal, Place, Places, read_journal
from napari_labeltool.journal import journal as journal_module
from napari_labeltool.journal.journal import new_header

STAMP = FileStamp(120, 17, "abc")
CHANGE = Change(
    "Move nucleus 7",
    (
        Patch("annotations", 3, {"bbox": [1, 2.5, 3, 4], "score": REMOVED, "area": ORIGINAL}),
        Append("annotations", 9, {"id": 10, "image_id": 1}, image=0, category=2),
        SetAlive("annotations", np.array([1, 2]), False),
        SetCategory(np.array([4, 5]), np.array([1, 0])),
    ),
    (),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Places.of(tmp_path / "annotations.json").beside


@pytest.fixture
def journal(place: Place) -> Journal:
    return Journal(place, new_header("annotations.json", STAMP, "ana"))


def test_nothing_is_written_before_the_first_edit(journal: Journal, place: Place) -> None:
    journal.set_start("Add 2 images", [Append("images", 0, {"id": 1})])
    assert not place.journal.exists()
    journal.append_undo()
    assert [step.kind for step in read_journal(place.journal).steps] == ["start", "undo"]
    journal.close()


def test_the_hash_of_the_document_is_asked_for_with_the_first_edit(place: Place) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("abc")
        return "abc"

    journal = Journal(place, new_header("annotations.json", PendingStamp(120, 17, Making(make)), "ana"))
    journal.set_start("Add 2 images", [Append("images", 0, {"id": 1})])
    assert not made
    journal.append_change(CHANGE)
    journal.append_undo()
    journal.close()
    assert made == ["abc"]
    content = read_journal(place.journal)
    assert content.header.base == STAMP
    assert [step.kind for step in content.steps] == ["start", "do", "undo"]


def test_a_journal_whose_first_line_cannot_be_made_is_written_with_the_next_edit(place: Place) -> None:
    outcomes = iter([MemoryError(), "abc"])

    def make() -> str:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    journal = Journal(place, new_header("annotations.json", PendingStamp(120, 17, Making(make)), "ana"))
    journal.append_change(CHANGE)
    assert journal.problem is not None
    assert "1 edit is in memory only" in journal.problem
    assert journal.pending_count == 1
    journal.append_undo()
    journal.close()
    assert journal.problem is None
    assert [step.kind for step in read_journal(place.journal).steps] == ["do", "undo"]


def test_steps_come_back_as_they_were_written(journal: Journal, place: Place) -> None:
    before = time.time()
    journal.append_change(CHANGE)
    journal.append_undo()
    journal.append_redo()
    journal.append_saving()
    journal.append_saved(STAMP)
    journal.close()
    content = read_journal(place.journal)
    assert content.damage is None
    assert content.header.base == STAMP
    assert (content.header.document, content.header.author) == ("annotations.json", "ana")
    assert content.header.pid == os.getpid()
    assert [step.kind for step in content.steps] == ["do", "undo", "redo", "saving", "saved"]
    step = content.steps[0]
    assert step.label == "Move nucleus 7"
    assert before <= step.time <= time.time()
    patch, append, alive, category = step.ops
    assert (patch, append) == CHANGE.ops[:2]
    assert isinstance(alive, SetAlive)
    assert alive.rows.tolist() == [1, 2]
    assert isinstance(category, SetCategory)
    assert category.categories.tolist() == [1, 0]
    assert content.steps[4].stamp == STAMP


def test_every_length_of_a_torn_last_line_leaves_the_edits_before_it(journal: Journal, place: Place) -> None:
    journal.append_change(CHANGE)
    whole = len(place.journal.read_bytes())
    journal.append_undo()
    journal.close()
    data = place.journal.read_bytes()
    for length in range(whole, len(data)):
        place.journal.write_bytes(data[:length])
        content = read_journal(place.journal)
        assert ([step.kind for step in content.steps], content.valid_bytes) == (["do"], whole)
        assert content.damage is None


def test_damage_in_the_middle_is_told_and_what_stands_before_is_read(journal: Journal, place: Place) -> None:
    for _ in range(3):
        journal.append_change(CHANGE)
    journal.close()
    lines = place.journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"nucleus", b"Nucleus")
    place.journal.write_bytes(b"".join(lines))
    content = read_journal(place.journal)
    assert len(content.steps) == 1
    assert content.damage is not None
    assert "line 3" in content.damage
    assert "1 after it" in content.damage


@pytest.mark.parametrize("data", [b"", b"\0" * 400, b'{"images": []}\n', b"00000000 {}\n"])
def test_a_file_without_a_header_is_refused(place: Place, data: bytes) -> None:
    place.journal.write_bytes(data)
    with pytest.raises(ReadError, match="no journal header"):
        read_journal(place.journal)


def test_a_journal_of_a_later_version_is_refused(
    journal: Journal, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_labeltool.journal.reading.FORMAT_VERSION", 2)
    later = Journal(place, journal.header)
    later.append_undo()
    later.close()
    monkeypatch.undo()
    with pytest.raises(ReadError, match="version 2 found, 1 expected"):
        read_journal(place.journal)


def test_resuming_cuts_the_torn_end_and_goes_on(journal: Journal, place: Place) -> None:
    journal.append_change(CHANGE)
    journal.close()
    with place.journal.open("ab") as stream:
        stream.write(b"1234abcd {torn")
    again = Journal.resume(place, read_journal(place.journal))
    again.append_undo()
    again.close()
    content = read_journal(place.journal)
    assert [step.kind for step in content.steps] == ["do", "opened", "undo"]
    assert content.damage is None


class FullDisk:
    """Stands in for os.write: takes so many bytes, then has no space."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.write = os.write

    def __call__(self, fd: int, data: bytes) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self.write(fd, data[: self.room])
        self.room -= written
        return written


@pytest.mark.parametrize("room", [0, 5, 150])
def test_a_full_disk_keeps_lines_in_memory_until_there_is_room(
    journal: Journal, place: Place, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    journal.append_change(CHANGE)
    whole = place.journal.read_bytes()
    monkeypatch.setattr(journal_module.os, "write", FullDisk(room))
    journal.append_undo() if room < 100 else journal.append_change(CHANGE)
    assert journal.problem is not None
    assert "No space left" in journal.problem
    assert "1 edit is in memory only" in journal.problem
    assert place.journal.read_bytes() == whole
    monkeypatch.undo()
    journal.append_redo()
    assert journal.problem is None
    kinds = [step.kind for step in read_journal(place.journal).steps]
    assert kinds == ["do", "undo" if room < 100 else "do", "redo"]
    journal.close()


def test_a_copy_has_all_lines_under_its_own_header(journal: Journal, place: Place, tmp_path: Path) -> None:
    journal.append_change(CHANGE)
    other = Places.of(tmp_path / "other.json").beside
    copy = journal.copy_to(other, new_header("other.json", STAMP, "ben"))
    copy.append_undo()
    journal.append_redo()
    for one in (copy, journal):
        one.close()
    mine, theirs = read_journal(place.journal), read_journal(other.journal)
    assert [step.kind for step in mine.steps] == ["do", "redo"]
    assert [step.kind for step in theirs.steps] == ["do", "undo"]
    assert (theirs.header.document, theirs.header.author) == ("other.json", "ben")


def test_a_copy_of_a_journal_that_is_not_written_yet_has_what_waits(
    journal: Journal, place: Place, tmp_path: Path
) -> None:
    journal.set_start("Add 2 images", [Append("images", 0, {"id": 1})])
    other = Places.of(tmp_path / "other.json").beside
    copy = journal.copy_to(other, new_header("other.json", None, "ben"))
    copy.append_undo()
    copy.close()
    content = read_journal(other.journal)
    assert (content.header.document, content.damage) == ("other.json", None)
    assert [step.kind for step in content.steps] == ["start", "undo"]
    assert not place.journal.exists()


def test_removing_leaves_no_file_and_no_thread(journal: Journal, place: Place, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    journal.append_change(CHANGE)
    place.base.write_bytes(b"{}")
    journal.remove()
    assert list(tmp_path.iterdir()) == []
    assert set(threading.enumerate()) <= before


def test_the_flushing_thread_ends_by_itself_and_begins_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_labeltool.journal.flushing._IDLE_SECONDS", 0.01)
    before = set(threading.enumerate())
    journal.append_change(CHANGE)
    deadline = time.monotonic() + 10
    while not set(threading.enumerate()) <= before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before
    journal.append_undo()
    journal.flush()
    journal.close()


def test_setting_aside_never_replaces_what_was_set_aside_before(place: Place) -> None:
    kept = []
    for text in ("first", "second"):
        place.journal.write_text(text)
        place.base.write_text(f"base of {text}")
        kept.append(place.set_aside("orphaned"))
    assert [path.read_text() for path in kept if path is not None] == ["first", "second"]
    assert place.set_aside("orphaned") is None
    assert len(list(place.folder.glob(".annotations.json.labeltool-base.*"))) == 2


def test_an_unwritable_folder_leads_to_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "read only"
    folder.mkdir()
    places = Places.of(folder / "a.json")
    assert places.for_writing() == places.beside
    opened = os.open

    def refuse(path: Path, *args: int) -> int:
        if Path(path).parent == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, *args)

    monkeypatch.setattr("napari_labeltool.journal.places.os.open", refuse)
    place = places.for_writing()
    assert place.folder.is_relative_to(tmp_path / "state")
    assert place != Places.of(tmp_path / "a.json").for_writing()
    journal = Journal(place, new_header("a.json", STAMP, "ana"))
    journal.append_change(CHANGE)
    journal.close()
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert places.with_journal(places.for_writing()) == place


def test_an_edit_costs_less_than_two_milliseconds(journal: Journal) -> None:
    journal.append_change(CHANGE)
    times = []
    for _ in range(100):
        begin = time.perf_counter()
        journal.append_change(CHANGE)
        times.append(time.perf_counter() - begin)
    journal.close()
    assert sorted(times)[50] < 0.002


def test_a_dataset_takes_the_steps_that_were_read(journal: Journal, place: Place) -> None:
    dataset = Dataset()
    ops = (Append("images", 0, {"id": 1, "file_name": "a.png"}), Patch("images", 0, {"width": 5}))
    journal.append_change(Change("Add image a.png", ops, ()))
    journal.close()
    dataset.apply(read_journal(place.journal).steps[0].ops)
    assert dataset.images.record(0) == {"id": 1, "file_name": "a.png", "width": 5}
