"""A large file is on the disk when a save says so, whatever came before."""

from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_labeltool.core.errors import WriteError
from napari_labeltool.formats import atomic, write_back
from napari_labeltool.formats.atomic import stamp_of, write_atomic

needs_linux = pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="only Linux lets go of pages")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(write_back, "_STEP", 1000)
    monkeypatch.setattr(atomic, "_STEP", 300)
    path = tmp_path / "labels.json"
    path.write_bytes(b"old")
    return path


def pieces(count: int) -> list[bytes]:
    chance = random.Random(count)
    return [chance.randbytes(chance.randrange(700)) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 1, 3, 40, 400])
def test_a_file_that_is_brought_to_the_disk_step_by_step_is_whole(target: Path, count: int) -> None:
    stamp = write_atomic(target, pieces(count))
    assert target.read_bytes() == b"".join(pieces(count))
    assert stamp == stamp_of(target)


@needs_linux
def test_every_step_is_synced_in_order_and_all_of_it_at_the_end(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(os, "fdatasync", lambda handle: calls.append(("data",)))
    monkeypatch.setattr(os, "fsync", lambda handle: calls.append(("all",)))
    monkeypatch.setattr(os, "posix_fadvise", lambda handle, *what: calls.append(what[:2]))
    write_atomic(target, pieces(40), backup=False)
    end = calls.index(("all",))
    steps = calls[1:end:2]
    assert len(steps) > 5
    assert calls[:end:2] == [("data",)] * len(steps)
    place = 0
    for start, size in steps:
        assert start == place
        place += size
    assert place <= target.stat().st_size < place + 1000
    assert calls[end + 1] == (0, 0)


def test_a_small_file_is_synced_once_and_stays_in_memory(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda *_: calls.append("data"), raising=False)
    monkeypatch.setattr(os, "posix_fadvise", lambda *_: calls.append("advice"), raising=False)
    write_atomic(target, [b"x" * 999])
    assert not calls


def test_where_the_system_has_no_steps_the_file_is_synced_at_the_end(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(write_back.sys, "platform", "darwin")
    monkeypatch.setattr(os, "fdatasync", lambda *_: pytest.fail("not there"), raising=False)
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    write_atomic(target, pieces(40), backup=False)
    assert len(b"".join(pieces(40))) in synced


@needs_linux
@pytest.mark.parametrize("at", [1, 2, 7, 30])
def test_a_step_that_does_not_reach_the_disk_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    calls: list[int] = []

    def fail(handle: int) -> None:
        calls.append(handle)
        if len(calls) == at:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(WriteError, match="disk is full"):
        write_atomic(target, pieces(100))
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == [target.name]


@needs_linux
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ESPIPE])
def test_a_system_that_takes_no_advice_saves_all_the_same(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    advised: list[int] = []

    def refuse(handle: int, *_: int) -> None:
        advised.append(handle)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fadvise", refuse)
    write_atomic(target, pieces(40))
    assert len(advised) > 5
    assert target.read_bytes() == b"".join(pieces(40))


@needs_linux
def test_a_file_that_does_not_reach_the_disk_in_the_end_is_not_saved(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WriteError, match="Input/output error"):
        write_atomic(target, pieces(40))
    assert target.read_bytes() == b"old"


def test_content_that_breaks_off_leaves_no_thread_at_work(target: Path) -> None:
    def content() -> Iterator[bytes]:
        yield from pieces(40)
        raise KeyError

    with pytest.raises(KeyError):
        write_atomic(target, content())
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("labeltool-write-back")]
    assert target.read_bytes() == b"old"
    assert os.listdir(target.parent) == [target.name]
