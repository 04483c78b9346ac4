"""Every COCO file of the corpus: unedited to the byte, edited with every other record as it was."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from napari_labeltool.core import edits
from napari_labeltool.core.columns import Kind, flags_of, kind_of
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.base import Rows
from napari_labeltool.core.geometry import Polygon
from napari_labeltool.core.ops import Append, SetAlive
from napari_labeltool.formats.coco import looks_like_coco, read_coco, render_coco, write_coco
from napari_labeltool.formats.coco.tokens import array_items

LISTS_OF_NO_RESULTS = ("panoptic_coco_categories.json", "test_mpii.json")
"""A bare list of categories, and one of persons without image_id: read when asked for, not claimed."""


@pytest.fixture(scope="module")
def files(corpus_dir: Path) -> list[Path]:
    found = sorted(corpus_dir.rglob("*.json"))
    assert len(found) > 50
    return found


def with_annotations(files: list[Path]) -> Iterator[tuple[Path, Dataset]]:
    for path in files:
        dataset = read_coco(path)
        if dataset.annotations.base_count:
            yield path, dataset


def text_of(dataset: Dataset) -> bytes:
    return b"".join(render_coco(dataset))


def test_unedited_files_are_identical_to_the_byte(files: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    for path in files:
        dataset = read_coco(path)
        write_coco(dataset, target, backup=False, overwrite=True)
        assert target.read_bytes() == path.read_bytes(), path


def test_files_are_recognised(files: list[Path]) -> None:
    assert [path.name for path in files if not looks_like_coco(path)] == list(LISTS_OF_NO_RESULTS)


def test_columns_agree_with_the_records(files: list[Path]) -> None:
    for path, dataset in with_annotations(files):
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
        records = value if isinstance(value, list) else value["annotations"]
        columns = dataset.annotations
        assert len(records) == columns.base_count
        for row, record in enumerate(records):
            assert columns.base(row) == record
            assert columns.kind[row] == kind_of(record), (path, row)
            assert columns.flags[row] == flags_of(record), (path, row)
            assert columns.id_of(row) == record.get("id")
            if isinstance(record.get("bbox"), list) and len(record["bbox"]) == 4:
                assert columns.bbox[row].tolist() == record["bbox"]


def relabel(dataset: Dataset, row: int) -> None:
    category = (int(dataset.annotations.category[row]) + 1) % max(dataset.categories.row_count, 1)
    if dataset.categories.row_count:
        dataset.apply(edits.Relabel(Rows([row]), Rows([category])).ops(dataset))


def move_a_vertex(dataset: Dataset, row: int) -> None:
    geometry = dataset.geometry(row) if dataset.annotations.kind[row] == Kind.POLYGON else None
    if isinstance(geometry, Polygon):
        parts = tuple(part.copy() for part in geometry.parts_xy)
        parts[0][0] += (1.25, 2.5)
        dataset.apply(edits.SetGeometry(Rows([row]), Polygon(parts)).ops(dataset))


def set_an_attribute(dataset: Dataset, row: int) -> None:
    dataset.apply(edits.SetAttributes(Rows([row]), {"checked": "\u00e4/b", "n": 3}).ops(dataset))


def delete(dataset: Dataset, row: int) -> None:
    dataset.apply([SetAlive("annotations", np.array([row]), False)])


def append(dataset: Dataset, row: int) -> None:
    record = {
        "id": 987654321,
        "image_id": dataset.annotations.record(row).get("image_id"),
        "bbox": [1.0, 2.0, 3.5, 4.0],
    }
    op = Append("annotations", dataset.annotations.row_count, record, int(dataset.annotations.image[row]))
    dataset.apply([op])


def raw_records(text: bytes, dataset: Dataset) -> list[bytes]:
    start = dataset.source.body[0]
    if dataset.source.form == "object":
        start = text.index(b"[", text.index(b'"annotations"') if text.count(b'"annotations"') == 1 else 0)
    return [text[a:b] for a, b in array_items(text, start)]


@pytest.mark.parametrize("change", [relabel, move_a_vertex, set_an_attribute, delete, append])
def test_an_edit_changes_one_record_and_no_other_byte(
    files: list[Path], change: Callable[[Dataset, int], None]
) -> None:
    edited = 0
    for path, dataset in with_annotations(files):
        row = dataset.annotations.base_count // 2
        change(dataset, row)
        if not dataset.is_changed():
            continue
        edited += 1
        before, after = dataset.source.data, text_of(dataset)
        start, end = dataset.annotations.base_spans[row].tolist()
        if change in (relabel, move_a_vertex, set_an_attribute):
            assert after.startswith(before[:start]), path
            assert after.endswith(before[end:]), path
            record = json.loads(after[start : len(after) - (len(before) - end)])
            assert record == dataset.annotation(row), path
        value = json.loads(after.decode("utf-8-sig"))
        records = value if dataset.source.form == "list" else value["annotations"]
        expected = [dataset.annotation(int(r)) for r in dataset.annotations.rows()]
        if dataset.source.form == "list" and "id" not in dataset.annotations.base(0) and change is append:
            expected[-1].pop("id")
        assert records == expected, path
        kept = raw_records(after, dataset)
        untouched = [dataset.annotations.raw(r) for r in range(dataset.annotations.base_count) if r != row]
        if change is append:
            assert kept[:-1] == [dataset.annotations.raw(r) for r in range(dataset.annotations.base_count)], (
                path
            )
        else:
            assert kept[:row] + kept[row + (change is not delete) :] == untouched, path
    assert edited > 10


def loads_in_pycocotools(path: Path) -> COCO | None:
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return COCO(str(path))
        except (AssertionError, KeyError, TypeError):
            return None


def test_edited_files_load_in_pycocotools_with_the_same_masks(files: list[Path], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    masks = loaded = 0
    for path, dataset in with_annotations(files):
        if loads_in_pycocotools(path) is None:
            continue
        for row in range(min(dataset.annotations.base_count, 12)):
            move_a_vertex(dataset, row)
        set_an_attribute(dataset, 0)
        write_coco(dataset, target, backup=False, overwrite=True)
        coco = loads_in_pycocotools(target)
        assert coco is not None, path
        loaded += 1
        ids = dataset.annotations.id.tolist()
        for row in dataset.annotations.patched_rows():
            image: Any = int(dataset.annotations.image[row])
            if dataset.annotations.kind[row] != Kind.POLYGON or ids.count(ids[row]) > 1 or image < 0:
                continue
            rle = dataset.rle(row)
            assert rle is not None
            assert np.array_equal(coco.annToMask(coco.anns[ids[row]]).astype(bool), rle.to_mask()), (
                path,
                row,
            )
            masks += 1
    assert loaded > 30
    assert masks > 50
