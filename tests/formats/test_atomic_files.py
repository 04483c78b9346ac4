"""Cases 17 and 18: a save is whole or not at all, and overwrites nobody's work."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from coco_texts import annotation, document, patch, read

from napari_labeltool.core.errors import FileChangedError, WriteError
from napari_labeltool.formats import atomic
from napari_labeltool.formats.atomic import backup_path, is_unchanged, stamp_of, write_atomic
from napari_labeltool.formats.coco import read_coco, write_coco

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX modes and links")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "labels.json"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_stamp_returned_is_that_of_the_written_file(target: Path) -> None:
    stamp = write_atomic(target, [b"new ", memoryview(b"content")])
    assert target.read_bytes() == b"new content"
    assert stamp == stamp_of(target)


def test_one_backup_is_kept_under_a_name_that_is_no_json(target: Path) -> None:
    write_atomic(target, [b"second"])
    write_atomic(target, [b"third"])
    assert backup_path(target).read_bytes() == b"second"
    assert names(target.parent) == ["labels.json", "labels.json.backup"]


def test_no_backup_is_kept_when_none_is_wanted(target: Path) -> None:
    write_atomic(target, [b"second"], backup=False)
    assert names(target.parent) == ["labels.json"]


def test_a_failure_half_way_leaves_the_old_file_and_nothing_else(target: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WriteError, match="disk is full"):
        write_atomic(target, chunks())
    assert target.read_bytes() == b"old"
    assert names(target.parent) == ["labels.json"]


def test_any_error_of_the_content_leaves_no_temporary_file(target: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise KeyError("x")

    with pytest.raises(KeyError):
        write_atomic(target, chunks())
    assert names(target.parent) == ["labels.json"]


def test_a_failing_replace_leaves_the_old_file(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, destination: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(atomic.os, "replace", refuse)
    with pytest.raises(WriteError, match="untouched"):
        write_atomic(target, [b"new"])
    assert target.read_bytes() == b"old"
    assert names(target.parent) == ["labels.json"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="there is no folder"):
        write_atomic(tmp_path / "none" / "x.json", [b""])


@needs_posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(target: Path) -> None:
    target.parent.chmod(0o555)
    try:
        with pytest.raises(WriteError, match="read-only"):
            write_atomic(target, [b"new"])
    finally:
        target.parent.chmod(0o755)
    assert target.read_bytes() == b"old"


@needs_posix
def test_the_mode_of_the_file_stays_and_a_new_one_gets_the_usual(target: Path) -> None:
    target.chmod(0o640)
    write_atomic(target, [b"new"])
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    before = os.umask(0o022)
    try:
        write_atomic(target.with_name("fresh.json"), [b"new"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.with_name("fresh.json").stat().st_mode) == 0o644


@needs_posix
def test_what_a_link_points_to_is_written_and_the_link_stays(target: Path) -> None:
    link = target.with_name("link.json")
    link.symlink_to(target)
    write_atomic(link, [b"new"])
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_file_that_changed_is_not_overwritten(target: Path) -> None:
    expected = stamp_of(target)
    target.write_bytes(b"somebody else's")
    with pytest.raises(FileChangedError, match=r"3 bytes when it was opened, 15 bytes now"):
        write_atomic(target, [b"new"], expected=expected)
    assert target.read_bytes() == b"somebody else's"
    assert names(target.parent) == ["labels.json"]


def test_a_file_of_the_same_size_and_other_content_has_changed(target: Path) -> None:
    expected = stamp_of(target)
    target.write_bytes(b"OLD")
    os.utime(target, ns=(expected.mtime_ns + 10, expected.mtime_ns + 10))
    assert not is_unchanged(target, expected)


def test_a_file_that_was_only_touched_has_not_changed(target: Path) -> None:
    expected = stamp_of(target)
    os.utime(target, ns=(expected.mtime_ns + 10**9, expected.mtime_ns + 10**9))
    write_atomic(target, [b"new"], expected=expected)
    assert target.read_bytes() == b"new"


def test_a_change_while_writing_is_noticed(target: Path) -> None:
    expected = stamp_of(target)

    def chunks() -> Iterator[bytes]:
        target.write_bytes(b"meanwhile")
        yield b"new"

    with pytest.raises(FileChangedError):
        write_atomic(target, chunks(), expected=expected)
    assert target.read_bytes() == b"meanwhile"


def test_a_file_that_is_gone_is_written_anew(target: Path) -> None:
    expected = stamp_of(target)
    target.unlink()
    write_atomic(target, [b"new"], expected=expected)
    assert target.read_bytes() == b"new"


def test_saving_twice_is_no_conflict_and_a_foreign_change_between_is(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_coco(read(document([annotation()])), path)
    dataset = read_coco(path)
    write_coco(patch(dataset, 0, area=13), path)
    write_coco(patch(dataset, 0, area=14), path)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(FileChangedError):
        write_coco(patch(dataset, 0, area=15), path)
    write_coco(dataset, path, overwrite=True)
    assert read_coco(path).annotations.area[0] == 15


def test_a_file_with_repeated_keys_is_saved_edited_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"annotations": [{"id": 1, "area": 1, "area": 2}]}')
    dataset = read_coco(path)
    write_coco(dataset, path)
    patch(dataset, 0, area=3)
    with pytest.raises(WriteError, match=r"annotations\[0\]\.area"):
        write_coco(dataset, path, overwrite=True)
    write_coco(dataset, path, force=True)
    assert read_coco(path).annotations.area[0] == 3


def test_a_file_that_is_read_only_is_not_replaced(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic.os, "access", lambda path, mode: False)
    with pytest.raises(WriteError, match="read-only"):
        write_atomic(target, [b"new"])
    assert target.read_bytes() == b"old"
