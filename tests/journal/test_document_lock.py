"""One writer for each document."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from napari_labeltool.core.errors import LockedError
from napari_labeltool.journal import DocumentLock, Place, Places

HOLDER = """
import sys, time
from pathlib import Path
from napari_labeltool.journal import DocumentLock, Places
lock = DocumentLock(Places.of(Path(sys.argv[1])).beside)
lock.acquire("ana")
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Places.of(tmp_path / "annotations.json").beside


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "annotations.json")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_another_process_is_told_who_has_the_document(holder: subprocess.Popen[str], place: Place) -> None:
    with pytest.raises(LockedError) as refusal:
        DocumentLock(place).acquire("ben")
    text = str(refusal.value)
    assert "being edited by ana on" in text
    assert f"process {holder.pid}" in text
    assert str(place.folder / "annotations.json") in text


def test_the_lock_of_a_killed_process_is_taken_over(holder: subprocess.Popen[str], place: Place) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    lock = DocumentLock(place)
    lock.acquire("ben")
    assert lock.held
    lock.release()


def test_a_second_opener_in_the_same_process_is_refused(place: Place) -> None:
    first, second = DocumentLock(place), DocumentLock(place)
    first.acquire("ana")
    with pytest.raises(LockedError, match="ana"):
        second.acquire("ben")
    first.release()
    second.acquire("ben")
    assert (first.held, second.held) == (False, True)
    second.release()


def test_releasing_leaves_no_file(place: Place) -> None:
    lock = DocumentLock(place)
    lock.acquire("ana")
    lock.release()
    lock.release()
    assert list(place.folder.iterdir()) == []


def test_documents_of_one_folder_have_locks_of_their_own(tmp_path: Path) -> None:
    locks = [DocumentLock(Places.of(tmp_path / name).beside) for name in ("a.json", "b.json")]
    for lock in locks:
        lock.acquire("ana")
    assert [lock.held for lock in locks] == [True, True]
    for lock in locks:
        lock.release()


def test_an_unreadable_owner_file_does_not_hide_the_lock(place: Place) -> None:
    lock = DocumentLock(place)
    lock.acquire("ana")
    place.owner.write_text("{torn")
    with pytest.raises(LockedError, match="another session"):
        DocumentLock(place).acquire("ben")
    lock.release()
