"""Saving: nothing is lost when it fails, nothing of others is overwritten, undo reaches over it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from session_scenarios import write_document

import napari_labeltool as nl
from napari_labeltool.journal import Places, read_journal


@pytest.fixture
def session(tmp_path: Path) -> nl.Session:
    session = nl.open_session(write_document(tmp_path / "project"), author="ana")
    yield session
    session.close(discard=True)


def companions(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()} - {path.name, f"{path.name}.backup"}


def state(session: nl.Session) -> tuple[object, ...]:
    journal = Places.of(session.path).beside.journal
    steps = [step.kind for step in read_journal(journal).steps if step.kind != "saving"]
    return session.path.read_bytes(), session.dirty, session.undo_label, steps


def test_undo_reaches_back_over_a_save(session: nl.Session) -> None:
    original = session.path.read_bytes()
    session.apply(nl.edits.DeleteObjects([10]))
    session.save()
    assert session.path.read_bytes() != original
    session.undo()
    session.save()
    assert session.path.read_bytes() == original
    session.redo()
    session.save()
    assert nl.read_coco(session.path).annotations.id.tolist() == [11, 12, 13, 14, 14]


def test_a_saved_session_leaves_nothing_but_file_and_backup(session: nl.Session) -> None:
    original = session.path.read_bytes()
    saved: list[Path] = []
    session.saved.connect(saved.append)
    session.apply(nl.edits.DeleteObjects([10]))
    session.save()
    session.close()
    assert saved == [session.path]
    assert companions(session.path) == set()
    assert session.path.with_name("cells.json.backup").read_bytes() == original


def test_a_file_changed_on_disk_is_not_overwritten(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    theirs = session.path.read_bytes().replace(b"cells", b"theirs")
    session.path.write_bytes(theirs)
    with pytest.raises(nl.FileChangedError, match="changed by another program"):
        session.save()
    assert session.path.read_bytes() == theirs
    assert session.dirty == 1
    session.save(overwrite=True)
    assert b"theirs" not in session.path.read_bytes()
    session.apply(nl.edits.DeleteObjects([11]))
    session.save()


def test_work_over_a_foreign_change_is_recovered_after_a_crash(session: nl.Session, tmp_path: Path) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    session.path.write_bytes(session.path.read_bytes().replace(b"cells", b"theirs"))
    session.save(overwrite=True)
    session.apply(nl.edits.DeleteObjects([11]))
    Places.of(session.path).beside.copy_journal_to(Places.of(tmp_path / "cells.json").beside)
    (tmp_path / "cells.json").write_bytes(session.path.read_bytes())
    again = nl.open_session(tmp_path / "cells.json", recover="yes")
    assert (again.dirty, len(again.dataset.annotations)) == (1, 4)
    again.close(discard=True)


def test_a_file_that_was_touched_but_not_changed_is_saved(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    os.utime(session.path, (1, 1))
    session.save()
    assert session.dirty == 0


def test_a_file_that_was_deleted_is_written_again(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    session.path.unlink()
    session.save()
    assert len(nl.read_coco(session.path).annotations) == 5


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_failed_save_leaves_file_memory_and_journal(
    session: nl.Session, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    before = state(session)

    def refuse(*args: object, **kwargs: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("napari_labeltool.formats.atomic.os.replace", refuse)
    with pytest.raises(nl.WriteError, match=r"cells\.json"):
        session.save()
    monkeypatch.undo()
    assert state(session) == before
    assert not Places.of(session.path).beside.base.exists()
    session.save()
    assert len(nl.read_coco(session.path).annotations) == 5


SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
import napari_labeltool as nl
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
session = nl.open_session(path, author="ana")
told = []
session.trouble.connect(told.append)
before = path.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (1200, resource.RLIM_INFINITY))
for number in range(40):
    session.apply(nl.edits.SetAttributes([10], {"stage": "x" * 30 + str(number)}))
assert told and "in memory only" in told[-1], told
assert "in memory only" in session.state_words()
try:
    session.save()
except nl.WriteError as error:
    print(error)
else:
    raise SystemExit("a save within 1200 bytes went through")
assert path.read_bytes() == before
assert session.dirty == 40
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
session.apply(nl.edits.SetAttributes([10], {"stage": "last"}))
assert session.journal.problem is None
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit on file sizes is POSIX")
def test_a_disk_without_room_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    path = write_document(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(path) in done.stdout
    session = nl.open_session(path, recover="yes")
    assert session.dirty == 41
    assert session.dataset.annotation(0)["attributes"] == {"stage": "last"}
    session.close(discard=True)


def test_save_as_goes_on_at_the_new_place_and_leaves_the_old_file(
    session: nl.Session, tmp_path: Path
) -> None:
    old = session.path
    original = old.read_bytes()
    session.apply(nl.edits.DeleteObjects([10]))
    new = tmp_path / "other" / "new.json"
    new.parent.mkdir()
    session.save_as(new)
    assert (session.path, session.dirty) == (new, 0)
    assert old.read_bytes() == original
    assert companions(old) == set()
    second = nl.open_session(old)
    assert (second.read_only, second.pending_recovery) == (False, None)
    second.close()
    session.apply(nl.edits.DeleteObjects([11]))
    assert nl.open_session(new).read_only
    session.close()
    again = nl.open_session(new, recover="yes")
    assert (again.dirty, len(again.dataset.annotations)) == (1, 4)
    while again.undo() is not None:
        continue
    again.save()
    assert new.read_bytes() == original
    again.close()


def test_save_as_over_a_file_needs_consent(session: nl.Session, tmp_path: Path) -> None:
    target = tmp_path / "there.json"
    target.write_text("{}")
    session.apply(nl.edits.DeleteObjects([10]))
    with pytest.raises(nl.FileChangedError, match="exists already"):
        session.save_as(target)
    assert target.read_text() == "{}"
    session.save_as(target, overwrite=True)
    assert len(nl.read_coco(target).annotations) == 5


def test_a_failed_save_as_goes_on_at_the_old_place(session: nl.Session, tmp_path: Path) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    before = state(session)
    with pytest.raises(nl.WriteError):
        session.save_as(tmp_path / "project" / "no such folder" / "x.json")
    assert state(session) == before
    assert not (tmp_path / "project" / "no such folder").exists()
    session.apply(nl.edits.DeleteObjects([11]))
    session.save()


def test_a_save_keeps_the_base_even_without_hard_links(
    session: nl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = session.path.read_bytes()

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("napari_labeltool.session.documents.os.link", refuse)
    session.apply(nl.edits.DeleteObjects([10]))
    session.save()
    assert Places.of(session.path).beside.base.read_bytes() == original


def test_saving_writes_nothing_that_was_not_edited(session: nl.Session) -> None:
    original = session.path.read_bytes()
    session.save()
    assert session.path.read_bytes() == original
    session.close()
    assert companions(session.path) == set()


def test_a_file_with_a_key_twice_is_saved_only_when_the_loss_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    text = write_document(tmp_path / "other").read_text()
    path.write_text(text.replace('"area": 205.000', '"area": 1, "area": 205.000'))
    before = path.read_bytes()
    session = nl.open_session(path)
    session.apply(nl.edits.DeleteObjects([11]))
    with pytest.raises(nl.WriteError, match="would be lost"):
        session.save(overwrite=True)
    assert (path.read_bytes(), session.dirty) == (before, 1)
    session.save(accept_loss=True)
    assert session.dirty == 0
    session.close()


def test_the_backup_is_the_file_as_it_was_before_the_session(session: nl.Session) -> None:
    original = session.path.read_bytes()
    for number in (10, 11, 12):
        session.apply(nl.edits.DeleteObjects([number]))
        session.save()
    assert session.path.with_name("cells.json.backup").read_bytes() == original


def test_saving_without_a_change_writes_no_file(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    stamp = session.save()
    before = session.path.stat()
    assert session.save() == stamp
    assert session.path.stat() == before


def test_closing_is_refused_while_edits_are_in_memory_only(
    session: nl.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    session.apply(nl.edits.DeleteObjects([10]))
    monkeypatch.setattr("napari_labeltool.journal.journal.os.write", refuse)
    session.apply(nl.edits.DeleteObjects([11]))
    with pytest.raises(nl.WriteError, match="1 edit is in memory only"):
        session.close()
    monkeypatch.undo()
    session.close()
    with nl.open_session(session.path, recover="yes") as again:
        assert again.dirty == 2
        again.close(discard=True)
