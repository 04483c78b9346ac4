"""Work survives kill -9, a crash at any moment, and everything that may lie in a journal afterwards."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_scenarios import Headless, random_edit, step, write_document

import napari_labeltool as nl
from napari_labeltool.journal import Places, read_journal

HERE = Path(__file__).parent

WORKER = """
import sys
from pathlib import Path
import napari_labeltool as nl
from session_scenarios import step
path, first, save_every = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
session = nl.open_session(path, author="ana", recover="yes")
print("open", flush=True)
for number in range(first, first + 100000):
    step(session, number)
    if save_every and number % save_every == save_every - 1:
        session.save()
    print(number, flush=True)
"""


def work_until_killed(path: Path, first: int, seconds: float, save_every: int = 0) -> list[int]:
    """Let another process work on a document, kill it, and return the steps that it said were finished."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), str(first), str(save_every)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    lines = process.stdout.read().splitlines(keepends=True)
    process.wait()
    return [int(line) for line in lines if line.endswith("\n")]


def same_work(path: Path, folder: Path, first: int, recovered: nl.Session, printed: list[int]) -> int:
    """Return how many steps a headless dataset needs to be what was recovered; fail if there is none."""
    oracle = Headless(path)
    wanted = written(recovered, folder)
    done = 0
    for number in printed:
        step(oracle, number)
        done += 1
    for _ in range(3):
        if oracle.written(folder) == wanted:
            return done
        step(oracle, first + done)
        done += 1
    raise AssertionError(f"after {len(printed)} steps that were finished, other bytes were recovered")


def written(session: nl.Session, folder: Path) -> bytes:
    folder.mkdir(exist_ok=True)
    target = folder / "session.json"
    nl.write_coco(session.dataset, target, backup=False, force=True)
    return target.read_bytes()


@pytest.mark.parametrize("attempt", range(10))
def test_every_finished_edit_survives_kill_9(tmp_path: Path, attempt: int) -> None:
    path = write_document(tmp_path / "project")
    original = shutil.copy(path, tmp_path / "original.json")
    first = attempt * 1_000_000
    printed = work_until_killed(path, first, random.Random(attempt).uniform(0.02, 0.4))
    session = nl.open_session(path)
    if session.pending_recovery is None:
        assert len(printed) <= 3
    else:
        session.recover()
    done = same_work(Path(original), tmp_path / "out", first, session, printed)
    assert done >= len(printed)
    session.close(discard=True)


def test_kill_9_among_saves_and_again_after_recovery_loses_nothing(tmp_path: Path) -> None:
    path = write_document(tmp_path / "project")
    original = Path(shutil.copy(path, tmp_path / "original.json"))
    oracle = Headless(original)
    number = 0
    for _ in range(3):
        printed = work_until_killed(path, number, 0.3, save_every=7)
        assert printed
        for done in printed:
            step(oracle, done)
        session = nl.open_session(path)
        all_saved = session.pending_recovery is None
        session.recover()
        wanted = written(session, tmp_path / "out")
        number = printed[-1] + 1
        if oracle.written(tmp_path / "out") != wanted:
            step(oracle, number)
            number += 1
        assert oracle.written(tmp_path / "out") == wanted
        session.close()
        if all_saved:
            oracle = Headless(path)


actions = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 2**32)),
    st.tuples(st.just("edit"), st.integers(0, 2**32)),
    st.tuples(st.sampled_from(["undo", "redo", "save", "crash"]), st.just(0)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(actions, min_size=2, max_size=14))
def test_a_crash_at_any_moment_changes_nothing(scenario: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        original = write_document(root / "original")
        path = write_document(root / "project0")
        oracle = Headless(original)
        session = nl.open_session(path)
        for number, (action, seed) in enumerate([*scenario, ("crash", 0)], start=1):
            if action == "edit":
                try:
                    edit = random_edit(seed, oracle.dataset)
                    oracle.apply(edit)
                except nl.EditRefused:
                    continue
                session.apply(edit)
            elif action == "undo":
                assert (session.undo() is None) == (oracle.history.undo(oracle.dataset) is None)
            elif action == "redo":
                assert (session.redo() is None) == (oracle.history.redo(oracle.dataset) is None)
            elif action == "save":
                session.save()
                assert session.path.read_bytes() == oracle.written(root / "out")
            else:
                crashed = shutil.copytree(session.path.parent, root / f"project{number}")
                dirty = session.dirty
                session.close(discard=True)
                session = nl.open_session(crashed / "cells.json")
                assert (session.pending_recovery is None) == (dirty == 0)
                if session.pending_recovery is None:
                    oracle = Headless(session.path)
                else:
                    assert session.pending_recovery.count == dirty
                    assert len(session.pending_recovery.labels) == dirty
                    session.recover()
                    assert session.dirty == dirty
        assert written(session, root / "out") == oracle.written(root / "out")
        while session.undo() is not None:
            oracle.history.undo(oracle.dataset)
        assert oracle.history.done_count == 0
        assert written(session, root / "out") == oracle.written(root / "out")
        session.close(discard=True)


def crashed_copy(session: nl.Session, target: Path) -> Path:
    """Return a copy of the project as it lies on disk at this moment, and end the session."""
    shutil.copytree(session.path.parent, target)
    session.close(discard=True)
    return target / session.path.name


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    session = nl.open_session(write_document(tmp_path / "first"), author="ana")
    session.apply(nl.edits.Relabel([10], "mitosis"))
    session.apply(nl.edits.SetImageState(1, "done"))
    return crashed_copy(session, tmp_path / "crashed")


def test_the_question_names_count_time_author_and_edits(crashed: Path) -> None:
    session = nl.open_session(crashed)
    recovery = session.pending_recovery
    assert recovery is not None
    assert recovery.count == 2
    assert (
        recovery.labels == ("Relabel nucleus 10 as mitosis", "Mark a.png as done")
        or len(recovery.labels) == 2
    )
    assert time.time() - 60 < recovery.first <= recovery.last <= time.time()
    assert "2 edits by ana until" in session.state_words()
    session.close()


def test_nothing_can_be_edited_before_the_question_is_answered(crashed: Path) -> None:
    session = nl.open_session(crashed)
    with pytest.raises(nl.EditRefused, match="2 edits by ana"):
        session.apply(nl.edits.DeleteObjects([11]))
    with pytest.raises(nl.WriteError, match="not saved"):
        session.save()
    session.close()
    assert nl.open_session(crashed, recover="yes").dirty == 2


def test_recovered_work_can_be_undone_and_saved(crashed: Path) -> None:
    session = nl.open_session(crashed, recover="yes")
    events: list[object] = []
    session.changed.connect(events.append)
    assert session.undo_label is not None
    session.undo()
    assert len(events) == 1
    session.save()
    session.close()
    again = nl.open_session(crashed)
    assert again.pending_recovery is None
    assert again.dataset.images.at(0).state == "todo"
    assert again.dataset.annotation(0)["category_id"] == 2
    again.close()


def test_declined_work_is_kept_under_another_name(crashed: Path) -> None:
    session = nl.open_session(crashed, recover="no")
    assert session.dataset.annotation(0)["category_id"] == 1
    kept = list(crashed.parent.glob(".cells.json.labeltool-journal.declined-*"))
    assert len(kept) == 1
    assert len(read_journal(kept[0]).steps) == 2
    assert str(kept[0]) in session.notices[0]
    session.apply(nl.edits.DeleteObjects([11]))
    session.close()
    assert nl.open_session(crashed, recover="yes").dirty == 1


def test_a_file_that_was_changed_since_orphans_the_journal_and_says_so(crashed: Path) -> None:
    crashed.write_bytes(crashed.read_bytes().replace(b"cells", b"other"))
    session = nl.open_session(crashed, recover="yes")
    assert session.dirty == 0
    assert "2 edits not in it" in session.notices[0]
    assert "changed by another program" in session.notices[0]
    kept = list(crashed.parent.glob(".cells.json.labeltool-journal.orphaned-*"))
    assert len(read_journal(kept[0]).steps) == 2
    session.close()


def test_the_journal_of_another_file_is_not_applied(crashed: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "cells.json"
    other.parent.mkdir()
    other.write_text('{"images": [], "annotations": [], "categories": []}')
    shutil.copy(Places.of(crashed).beside.journal, Places.of(other).beside.journal)
    session = nl.open_session(other, recover="yes")
    assert session.dirty == 0
    assert len(session.notices) == 1
    session.close()


def test_a_truncated_journal_gives_the_edits_that_are_whole(crashed: Path) -> None:
    journal = Places.of(crashed).beside.journal
    journal.write_bytes(journal.read_bytes()[:-20])
    session = nl.open_session(crashed, recover="yes")
    assert session.dirty == 1
    assert session.dataset.annotation(0)["category_id"] == 2
    session.undo()
    session.close()


def test_an_unreadable_journal_is_kept_and_told(crashed: Path) -> None:
    Places.of(crashed).beside.journal.write_bytes(b"\0" * 300)
    session = nl.open_session(crashed)
    assert "no journal header" in session.notices[0]
    assert len(list(crashed.parent.glob(".cells.json.labeltool-journal.damaged-*"))) == 1
    session.close()


def test_damage_inside_a_journal_is_told_and_a_copy_kept(crashed: Path) -> None:
    journal = Places.of(crashed).beside.journal
    lines = journal.read_bytes().splitlines(keepends=True)
    damaged = b"".join([lines[0], lines[1], lines[2].replace(b"done", b"dOne"), lines[2]])
    journal.write_bytes(damaged)
    session = nl.open_session(crashed)
    assert session.pending_recovery is not None
    assert session.pending_recovery.damage is not None
    session.recover()
    assert session.dirty == 1
    copies = list(crashed.parent.glob(".cells.json.labeltool-journal.damaged-*"))
    assert [copy.read_bytes() for copy in copies] == [damaged]
    session.close()


def test_a_crash_between_replacing_the_file_and_noting_it_is_seen_through(tmp_path: Path) -> None:
    session = nl.open_session(write_document(tmp_path / "first"))
    session.apply(nl.edits.Relabel([10], "mitosis"))
    session.save()
    session.apply(nl.edits.DeleteObjects([11]))
    path = crashed_copy(session, tmp_path / "crashed")
    journal = Places.of(path).beside.journal
    lines = journal.read_bytes().splitlines(keepends=True)
    assert b'"saved"' in lines[3]
    journal.write_bytes(b"".join(lines[:3]))
    again = nl.open_session(path)
    assert (again.pending_recovery, again.notices) == (None, [])
    assert not journal.exists()
    assert again.dataset.annotation(0)["category_id"] == 2
    again.close()


def test_a_missing_base_orphans_the_journal_of_edits_after_a_save(tmp_path: Path) -> None:
    session = nl.open_session(write_document(tmp_path / "first"))
    session.apply(nl.edits.Relabel([10], "mitosis"))
    session.save()
    session.apply(nl.edits.DeleteObjects([11]))
    path = crashed_copy(session, tmp_path / "crashed")
    Places.of(path).beside.base.unlink()
    again = nl.open_session(path, recover="yes")
    assert "1 edit not in it" in again.notices[0]
    assert "is missing" in again.notices[0]
    assert len(again.dataset.annotations) == 6
    again.close()


def test_a_damaged_base_is_refused_and_the_journal_stays(tmp_path: Path) -> None:
    session = nl.open_session(write_document(tmp_path / "first"))
    session.apply(nl.edits.Relabel([10], "mitosis"))
    session.save()
    session.apply(nl.edits.DeleteObjects([11]))
    path = crashed_copy(session, tmp_path / "crashed")
    Places.of(path).beside.base.write_bytes(b"{}")
    again = nl.open_session(path)
    with pytest.raises(nl.ReadError, match="not there any more"):
        again.recover()
    assert Places.of(path).beside.journal.exists()
    again.close()


def test_a_session_closed_with_unsaved_edits_offers_them_again(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    session = nl.open_session(path)
    session.apply(nl.edits.DeleteObjects([11]))
    session.close()
    again = nl.open_session(path)
    assert again.pending_recovery is not None
    again.recover()
    assert len(again.dataset.annotations) == 5
    again.close(discard=True)
    assert [file.name for file in tmp_path.iterdir()] == ["cells.json"]
