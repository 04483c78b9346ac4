"""Stamps of files whose hash is made later."""

from __future__ import annotations

import copy
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_labeltool.core.source import FileStamp, Making, PendingStamp


def test_the_hash_is_made_once_and_only_when_it_is_begun_or_asked_for() -> None:
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return "abc"

    stamp = PendingStamp(3, 7, Making(make))
    assert stamp.size == 3
    assert stamp != FileStamp(4, 7, "abc")
    assert hash(stamp) == hash(FileStamp(3, 7, "abc"))
    assert not made
    moved = stamp.moved_to(8)
    assert (moved.size, moved.mtime_ns, moved.digest) == (3, 8, "abc")
    assert stamp.digest == "abc"
    assert len(made) == 1


def test_a_pending_stamp_equals_one_that_is_made() -> None:
    for digest, same in (("abc", True), ("abd", False)):
        stamp = PendingStamp(3, 7, Making(lambda: "abc"))
        assert (stamp == FileStamp(3, 7, digest)) is same
        assert (FileStamp(3, 7, digest) == stamp) is same


def test_who_asks_waits_for_a_hash_that_is_being_made() -> None:
    go = threading.Event()
    stamp = PendingStamp(3, 7, Making(lambda: "abc" if go.wait(10) else ""))
    stamp.begin()
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(lambda: stamp.digest) for _ in range(4)]
        assert not any(asked.done() for asked in asking)
        go.set()
        assert {asked.result() for asked in asking} == {"abc"}


def test_an_error_while_it_is_made_reaches_who_asks() -> None:
    def fail() -> str:
        raise MemoryError

    stamp = PendingStamp(3, 7, Making(fail))
    for _ in range(2):
        with pytest.raises(MemoryError):
            _ = stamp.digest


def test_a_hash_that_could_not_be_made_is_made_when_it_is_asked_for_again() -> None:
    outcomes = iter([MemoryError(), "abc"])

    def make() -> str:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    stamp = PendingStamp(3, 7, Making(make))
    with pytest.raises(MemoryError):
        _ = stamp.digest
    assert [stamp.digest, stamp.digest] == ["abc", "abc"]


def test_what_was_hashed_is_let_go_of() -> None:
    class Content:
        def digest(self) -> str:
            return "abc"

    content = Content()
    kept = weakref.ref(content)
    stamp = PendingStamp(3, 7, Making(content.digest))
    del content
    assert kept() is not None
    assert stamp.digest == "abc"
    assert kept() is None


def test_a_copy_has_the_hash_even_where_it_is_not_made_yet() -> None:
    go = threading.Event()
    made = PendingStamp(3, 7, Making(lambda: "abc"))
    assert made.digest == "abc"
    waiting = PendingStamp(3, 7, Making(lambda: "abc" if go.wait(10) else ""))
    waiting.begin()
    threading.Timer(0.05, go.set).start()
    for stamp in (PendingStamp(3, 7, Making(lambda: "abc")), waiting, made):
        copied = copy.deepcopy(stamp)
        assert type(copied) is FileStamp
        assert copied == stamp == FileStamp(3, 7, "abc")
