"""Reading while the file still arrives gives what reading it whole gives."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from coco_texts import document
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError
from napari_labeltool.formats.coco import annotations, loading, parse_coco, read, read_coco
from napari_labeltool.formats.coco.ahead import read_ahead
from napari_labeltool.formats.coco.annotations import Decoding
from napari_labeltool.formats.coco.loading import Arrival, Block, Steps, block_of, blocks_of
from napari_labeltool.formats.coco.scan import scan
from napari_labeltool.formats.coco.tally import Counter, Tally


def record(k: int, **more: Any) -> dict[str, Any]:
    return {
        "id": k,
        "image_id": 1,
        "category_id": 1,
        "segmentation": [[k + 0.5, 2, 3, 2, 3, 7]],
        "area": 1.5,
        "bbox": [1, 2, 3, 4.5],
        "iscrowd": 0,
        **more,
    }


def cut(text: bytes, places: list[int]) -> Iterator[Block]:
    """Blocks that end at some places."""
    ends = sorted({*(place for place in places if 0 < place < len(text)), len(text)})
    for start, end in zip([0, *ends], ends, strict=False):
        yield block_of(text, start, end, Counter())


def arriving(path: Path, block: int = 100) -> Dataset:
    with patch.object(loading, "_BLOCK", block), patch("napari_labeltool.formats.coco.read.LARGE", 1):
        return read_coco(path)


def assert_same(found: Dataset, expected: Dataset) -> None:
    assert found.source.data == expected.source.data
    assert (found.source.keys, found.source.body) == (expected.source.keys, expected.source.body)
    assert found.problems == expected.problems
    for name in ("id", "image", "category", "kind", "flags", "base_spans", "bbox", "area"):
        columns = getattr(found.annotations, name), getattr(expected.annotations, name)
        assert np.array_equal(*columns, equal_nan=name in ("bbox", "area")), name


TEXTS = [
    json.dumps(document([record(k) for k in range(12)])),
    json.dumps(document([record(k) for k in range(12)]), indent=1) + "\n",
    json.dumps({"annotations": [record(k) for k in range(12)], "images": [{"id": 1}], "categories": []}),
    json.dumps(document([record(1)])),
    json.dumps(document([])),
    json.dumps(document([record(k, note="}, {", more={"a": 1}) for k in range(5)])),
    json.dumps(document([record(1), record(2, segmentation={"size": [1, 2], "counts": [2]})])),
    json.dumps({"info": {"annotations": [{"id": 5}]}, "annotations": [record(k) for k in range(4)]}),
    json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]),
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("block", [1, 7, 100, 1 << 22])
def test_a_file_that_arrives_in_blocks_is_read_as_one_in_memory(
    text: str, block: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert_same(arriving(path, block), parse_coco(text.encode()))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TEXTS[:4]).map(str.encode),
    st.lists(st.integers(1, 3000), max_size=12),
    st.integers(0, 10).map(lambda k: max(k - 8, 0)),
)
def test_the_guess_is_the_same_wherever_the_text_is_cut(text: bytes, places: list[int], less: int) -> None:
    expected = scan(text, "x").spans["annotations"]
    text = text[: len(text) - less * 40]
    whole = read_ahead(text, blocks_of(text, Counter()), Steps(len(text), None), Counter())
    parts = read_ahead(text, cut(text, places), Steps(len(text), None), Counter())
    is_whole = [ahead is not None and ahead.is_whole for ahead in (whole, parts)]
    assert is_whole[0] == is_whole[1]
    assert is_whole[0] or less
    for ahead in (whole, parts):
        if ahead is not None:
            count = ahead.filling.count
            assert count == len(ahead.filling.columns.bbox) > 0
            assert count == len(expected) or less
            assert np.array_equal(ahead.filling.columns.spans, expected[:count])


def test_columns_have_room_where_records_get_shorter_or_longer() -> None:
    for sizes in ([300] * 3 + [3] * 400, [3] * 400 + [300] * 3):
        rows = [record(k, segmentation=[[1.5] * 2 * size]) for k, size in enumerate(sizes)]
        text = json.dumps(document(rows)).encode()
        ahead = read_ahead(text, cut(text, list(range(0, len(text), 500))), Steps(len(text), None), Counter())
        assert ahead is not None
        filling = ahead.filling
        assert filling.columns.id.tolist() == list(range(403))
        assert {len(filling.seen), len(filling.columns.bbox), len(filling.image_ref)} == {403}
        base = filling.seen.base
        assert base is None or len(base) < 1.3 * 403


SORTS: list[dict[str, Any]] = [
    {},
    {"segmentation": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]},
    {"segmentation": [[1, 2, 3, 4]]},
    {"segmentation": None},
    {"id": "a"},
    {"id": 2**64},
    {"image_id": "1"},
    {"iscrowd": 1},
    {"iscrowd": 2**64},
    {"bbox": None},
    {"bbox": [1, 2, 3]},
    {"area": None},
    {"score": 0.5},
    {"keypoints": [1, 2, 2], "num_keypoints": 1},
]
ODD: list[dict[str, Any]] = [
    {"segmentation": {"size": [1, 2], "counts": [2]}, "iscrowd": 1},
    {"segmentation": {"size": [2, 3], "counts": "24"}},
    {"attributes": {"a": 1}},
    {"area": float("nan")},
    {"note": "}, {"},
    {"note": "\ud800", "area": float("inf")},
]


@settings(max_examples=400, deadline=None)
@given(
    before=st.lists(st.sampled_from(SORTS) | st.just({}), min_size=1, max_size=40),
    odd=st.sampled_from(ODD),
    behind=st.lists(st.sampled_from(SORTS + ODD), max_size=5),
    most=st.integers(1, 12),
    places=st.lists(st.integers(1, 8000), max_size=6),
    separator=st.sampled_from([", ", ",\n"]),
)
def test_records_before_an_odd_one_are_read_as_without_haste(
    before: list[Any], odd: Any, behind: list[Any], most: int, places: list[int], separator: str
) -> None:
    records = [json.dumps(record(k, **more)) for k, more in enumerate([*before, odd, *behind])]
    start = ", ".join(records[: len(before)])
    array = separator.join([start, *records[len(before) :]])
    text = f'{{"images": [{{"id": 1}}], "annotations": [{array}], "categories": []}}'.encode()
    with (
        patch.object(annotations, "_MOST_RECORDS", most),
        patch.object(read, "blocks_of", lambda data, counter: cut(data, places)),
    ):
        found = parse_coco(text)
    with patch.object(read, "read_ahead", return_value=None):
        assert_same(found, parse_coco(text))


def decoded_with_certainty(text: bytes) -> list[tuple[int, int]]:
    """Read a text and return the rows that were decoded when all of it was known, from first to end."""
    found: list[tuple[int, int]] = []
    fill = Decoding.fill

    def noted(decoding: Decoding, first: int, end: int, tally: Tally | None = None) -> None:
        if decoding._is_certain:
            found.append((first, end))
        fill(decoding, first, end, tally)

    with patch.object(annotations, "_MOST_RECORDS", 16), patch.object(Decoding, "fill", noted):
        parse_coco(text)
    return found


@pytest.mark.parametrize("odd", ODD)
def test_records_before_an_odd_one_are_decoded_once(odd: dict[str, Any]) -> None:
    rows = [record(k) for k in range(200)] + [record(200, **odd)] + [record(k) for k in range(201, 206)]
    [(first, end)] = decoded_with_certainty(json.dumps(document(rows)).encode())
    assert 192 <= first <= 200
    assert end == 206


def test_an_odd_value_outside_of_the_records_makes_none_of_them_be_decoded_again() -> None:
    rows = [record(k) for k in range(50)]
    assert decoded_with_certainty(json.dumps(document(rows)).encode()) == []
    odd = json.dumps(document(rows, info=float("nan"))).encode()
    assert decoded_with_certainty(odd) == [(50, 50)]


@pytest.mark.parametrize("broken", [b"\xff", b"1.2.3", b"\xed\xa0"])
def test_what_is_damaged_is_told_as_of_a_text_in_memory(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for odd in ('"note": "Q"', '"segmentation": "Q"', '"area": Q'):
        text = json.dumps(document([record(k) for k in range(40)])).encode()
        path.write_bytes(text.replace(b'"id": 31', b'"id": 31, ' + odd.encode().replace(b"Q", broken)))
        messages = []
        for reading in (arriving, lambda p: parse_coco(p.read_bytes(), p)):
            try:
                reading(path)
            except ReadError as error:
                messages.append(str(error))
        is_damaged = broken != b"1.2.3" or '"Q"' not in odd
        assert len(messages) == 2 * is_damaged
        assert len(set(messages)) == is_damaged


def test_the_bytes_are_brought_into_memory_once(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(bytes(range(256)) * 4096)
    with Arrival(io.FileIO(path), Steps(1 << 20, None), Counter()) as arrival:
        place = np.frombuffer(arrival.text, np.uint8).ctypes.data
        data = arrival.whole()
    assert data == path.read_bytes()
    assert np.frombuffer(data, np.uint8).ctypes.data == place


@pytest.mark.parametrize("change", [-5000, -1, 1, 5000])
def test_a_file_that_gets_another_size_while_it_is_read_is_read_to_its_end(
    change: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    content = os.urandom(20_000)
    path.write_bytes(content[: 10_000 + change])
    with Arrival(io.FileIO(path), Steps(10_000, None), Counter()) as arrival:
        assert arrival.whole() == content[: 10_000 + change]


def test_a_stop_ends_the_thread_and_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document([record(k) for k in range(3000)])))

    def stop(done: int, size: int) -> None:
        if done > size / 2:
            raise KeyboardInterrupt

    files: list[io.FileIO] = []

    class Noted(io.FileIO):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            files.append(self)

    with (
        patch.object(loading, "_BLOCK", 5000),
        patch("napari_labeltool.formats.coco.read.LARGE", 1),
        patch("napari_labeltool.formats.coco.read.io.FileIO", Noted),
        pytest.raises(KeyboardInterrupt),
    ):
        read_coco(path, progress=stop)
    for thread in threading.enumerate():
        if thread.name.startswith("coco-load"):
            thread.join(5)
    assert [file.closed for file in files] == [True]


def test_an_error_of_the_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b" " * 1000)

    class Broken(io.FileIO):
        def readinto(self, buffer: Any) -> int:
            raise OSError(5, "Input/output error")

    with (
        patch("napari_labeltool.formats.coco.read.LARGE", 1),
        patch("napari_labeltool.formats.coco.read.io.FileIO", Broken),
        pytest.raises(ReadError, match="Input/output error"),
    ):
        read_coco(path)


def test_progress_never_goes_back_and_ends_with_all() -> None:
    told: list[int] = []
    steps = Steps(100, lambda done, size: told.append(done))
    for loaded, decoded in ((10, 0), (50, 40), (30, 60), (100, 50), (100, 100)):
        steps.loaded(loaded)
        steps.decoded(decoded)
    assert told == sorted(told)
    assert told[-1] == 100


@pytest.mark.parametrize("text", [*TEXTS, json.dumps(document([record(k) for k in range(999)]))])
@pytest.mark.parametrize("large", [1, 1 << 24])
def test_the_progress_of_a_file_ends_with_its_size(text: str, large: int, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    told: list[tuple[int, int]] = []
    with patch.object(read, "LARGE", large):
        read_coco(path, progress=lambda done, size: told.append((done, size)))
    assert told == sorted(told)
    assert told[-1] == (len(text), len(text))
