"""Damaged files and files that are something else: a plain message, nothing opened."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from coco_texts import annotation, document, image

from napari_labeltool.core.errors import ReadError, WriteError
from napari_labeltool.formats import registry
from napari_labeltool.formats.coco import looks_like_coco, parse_coco, read_coco

GOOD = json.dumps(document([annotation(k) for k in range(10, 20)]), indent=1).encode()


def error(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        parse_coco(data, "labels.json")
    return str(caught.value)


def test_a_truncated_file_names_the_place_and_the_last_whole_record() -> None:
    cut = GOOD.index(b'"id": 15') + 20
    message = error(GOOD[:cut])
    assert f"byte {cut:,}" in message
    assert f"line {GOOD[:cut].count(10) + 1}" in message
    assert "annotations[5]" in message
    assert "annotations[4] (id 14)" in message
    assert "backup" in message


@pytest.mark.parametrize("cut", range(1, len(GOOD) - 1, 37))
def test_a_file_cut_anywhere_is_refused(cut: int) -> None:
    assert "labels.json: " in error(GOOD[:cut])


def test_a_broken_place_is_named_with_its_byte_and_line() -> None:
    at = GOOD.index(b'"id": 15')
    message = error(GOOD[:at] + b"'" + GOOD[at + 1 :])
    assert f"byte {at:,}, line {GOOD[:at].count(10) + 1}" in message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<html>", "HTML"),
        (b"{'images': []}", "not valid JSON at byte 1"),
        (b'{"images": [], }', "not valid JSON"),
        (b'{"images": [{"id": 1, "file_name": "\xe9.png"}]}', "UTF-8"),
        (b'{"images": []} x', "not valid JSON at byte 15"),
        (b'\xef\xbb\xbf\n{"images": [x]}', "not valid JSON at byte 16"),
        (b"3", "a single value"),
        (b'"images"', "a single value"),
        (b"{}", "without keys"),
        (b'{"type": "FeatureCollection", "features": []}', "`type`, `features`"),
        (b"[1, 2]", "list of other things"),
        (b'[{"a": 1}]', "without `image_id`"),
        (b'{"images": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested"),
    ],
)
def test_what_is_not_coco_is_told_plainly(data: bytes, expected: str) -> None:
    assert expected in error(data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"none\.json: the file cannot be opened"):
        read_coco(tmp_path / "none.json")


def test_enormous_numbers_are_kept() -> None:
    digits = "1" * 6000
    text = f'{{"annotations": [{{"id": {digits}, "area": 1e999, "x": {digits}}}], "images": []}}'
    dataset = parse_coco(text.encode())
    assert dataset.annotations.record(0)["area"] == float("inf")


def sniffed(tmp_path: Path, value: Any) -> bool:
    path = tmp_path / "x.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return looks_like_coco(path)


@pytest.mark.parametrize(
    "value",
    [
        document([annotation()]),
        document([]),
        {"info": {"images": 3}, "categories": [{"id": 1, "name": "x"}]},
        {"images": [], "annotations": []},
        {"image": image(), "annotations": [{"segmentation": {}, "id": 1}]},
        [{"image_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}],
        {"images": [{"id": 1, "file_name": "x" * 200}] * 1000, "annotations": []},
        b"\xef\xbb\xbf  " + GOOD,
    ],
)
def test_coco_is_recognised(tmp_path: Path, value: Any) -> None:
    assert sniffed(tmp_path, value)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{",
        b"not json",
        {"name": "x", "version": "1.0.0", "dependencies": {"images": "^1"}},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "id": 1, "bbox": [1, 2, 3, 4]}]},
        {"cells": [{"cell_type": "code", "id": "a"}], "metadata": {}, "nbformat": 4},
        {"images": ["a.png", "b.png"]},
        {"images": [{"url": "x"}]},
        {"categories": ["a", "b"]},
        {"annotations": [{"text": "x"}]},
        {"shapes": [], "imagePath": "x.png", "imageData": None},
        [{"id": 1, "name": "x"}],
        [{"title": "x", "image_id": 1}],
        [1, 2, 3],
        [[{"image_id": 1, "bbox": []}]],
    ],
)
def test_other_json_is_declined(tmp_path: Path, value: Any) -> None:
    assert not sniffed(tmp_path, value)
    assert registry.format_of(tmp_path / "x.json") is None


def test_sniffing_a_folder_or_nothing_says_no(tmp_path: Path) -> None:
    assert not looks_like_coco(tmp_path)
    assert not looks_like_coco(tmp_path / "none.json")


def test_the_registry_reads_and_writes_coco(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(GOOD)
    assert registry.format_of(path) is registry.COCO
    dataset = registry.read(path)
    assert len(dataset.annotations) == 10
    stamp = registry.format_for(path).write(dataset, os.fspath(tmp_path / "Y.JSON"))
    assert stamp.size == len(GOOD)
    with pytest.raises(WriteError, match=r"\.json"):
        registry.format_for("labels.xml")
    with pytest.raises(ReadError, match="folder"):
        registry.read(tmp_path)
