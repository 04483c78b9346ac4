"""Areas: classes whose masks are no objects never overlap, and live in tiles over big pictures."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from napari_labeltool import read_coco, write_coco
from napari_labeltool.core import semantic, tiles
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddObject
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.history import History
from napari_labeltool.core.ops import Append
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.semantic import PaintAreas, area_of, area_rows, whole_areas
from napari_labeltool.core.tiles import joined, split_by_tiles, window_of

SIDE = 12


def document(height: int, width: int) -> Dataset:
    dataset = Dataset()
    ops = [Append("images", 0, {"id": 7, "file_name": "a.png", "width": width, "height": height})]
    for row, (name, isthing) in enumerate([("tissue", 0), ("stroma", 0), ("cell", 1)]):
        ops.append(Append("categories", row, {"id": row + 1, "name": name, "isthing": isthing}))
    dataset.apply(ops)
    return dataset


def paint(dataset: Dataset, *painted: tuple[str | None, Rle]) -> None:
    dataset.apply(PaintAreas(7, painted).ops(dataset))


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "WHOLE_SIDE", 4)
    monkeypatch.setattr(tiles, "TILE_SIDE", 5)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20)), st.integers(1, 8))
def test_tiles_put_together_are_the_mask_and_each_is_its_part(mask: np.ndarray, side: int) -> None:
    rle = Rle.from_mask(mask)
    parts = split_by_tiles(rle, side)
    assert joined(parts.values(), *mask.shape) == rle
    for tile, part in parts.items():
        y0, x0, y1, x1 = window_of(tile, side)
        dense = np.zeros_like(mask)
        dense[y0:y1, x0:x1] = mask[y0:y1, x0:x1]
        np.testing.assert_array_equal(part.to_mask(), dense)
        assert dense.any()


STROKES = st.lists(
    st.tuples(
        st.sampled_from(["tissue", "stroma", None]),
        st.integers(0, SIDE - 1),
        st.integers(0, SIDE - 1),
        st.integers(1, SIDE),
        st.integers(1, SIDE),
    ),
    max_size=8,
)


@pytest.mark.parametrize("tile", [SIDE, 5])
@settings(deadline=None, max_examples=60)
@given(strokes=STROKES)
def test_areas_are_what_a_plain_label_image_would_be(strokes: list[Any], tile: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "WHOLE_SIDE", 4 if tile < SIDE else SIDE)
        patch.setattr(tiles, "TILE_SIDE", tile)
        dataset, history = document(SIDE, SIDE), History()
        dense = np.zeros((SIDE, SIDE), int)
        states = [dense.copy()]
        for name, y, x, height, width in strokes:
            mask = np.zeros_like(dense, bool)
            mask[y : y + height, x : x + width] = True
            ops = tuple(PaintAreas(7, [(name, Rle.from_mask(mask))]).ops(dataset))
            before = dense.copy()
            dense[mask] = ["tissue", "stroma"].index(name) + 1 if name else 0
            assert bool(ops) == (before != dense).any()
            if ops:
                history.do(dataset, "paint", ops)
                states.append(dense.copy())
        check_areas(dataset, dense, tile)
        for state in reversed(states[:-1]):
            history.undo(dataset)
            check_areas(dataset, state, tile)
        for state in states[1:]:
            history.redo(dataset)
            check_areas(dataset, state, tile)


def check_areas(dataset: Dataset, dense: np.ndarray, tile: int) -> None:
    for number, name in ((1, "tissue"), (2, "stroma")):
        np.testing.assert_array_equal(area_of(dataset, 7, name).to_mask(), dense == number)
    rows = area_rows(dataset, 0)
    places = [(int(dataset.annotations.category[row]), *tile_at(dataset, row, tile)) for row in rows]
    assert len(places) == len(set(places)), "two annotations of a class in one tile"
    for row in rows.tolist():
        rle = dataset.rle(row)
        assert rle is not None
        assert not rle.is_empty
        assert tuple(dataset.annotations.bbox[row]) == rle.bbox_xywh
        code = {"size": [SIDE, SIDE], "counts": rle.to_compressed()}
        assert coco_mask.area(code) == rle.area == dataset.annotations.area[row]


def tile_at(dataset: Dataset, row: int, tile: int) -> tuple[int, int]:
    left, top, width, height = dataset.annotations.bbox[row].astype(int)
    assert (top // tile, left // tile) == ((top + height - 1) // tile, (left + width - 1) // tile)
    return top // tile, left // tile


def test_a_small_picture_has_one_annotation_a_class_as_coco_stuff_has() -> None:
    dataset = document(3000, 4000)
    for y, x in ((0, 0), (2900, 3900), (1500, 1500)):
        paint(
            dataset, ("tissue", Rle.from_mask(np.ones((90, 90)), height=3000, width=4000, offset_yx=(y, x)))
        )
    (row,) = area_rows(dataset, 0)
    assert dataset.annotation(int(row))["iscrowd"] == 0
    assert area_of(dataset, 7, "tissue").area == 3 * 8100


@pytest.mark.usefixtures("small_tiles")
def test_a_stroke_changes_the_annotations_of_the_tiles_that_it_touches_and_no_other() -> None:
    dataset = document(50, 50)
    paint(dataset, ("tissue", Rle.from_mask(np.ones((50, 50)))))
    assert len(area_rows(dataset, 0)) == 100
    stroke = Rle.from_mask(np.ones((4, 2)), height=50, width=50, offset_yx=(3, 11))
    ops = PaintAreas(7, [("stroma", stroke)]).ops(dataset)
    touched = sorted(op.row for op in ops)
    assert touched == [2, 12, 100, 101]


def test_an_area_of_a_file_that_lies_over_several_tiles_stays_one_annotation() -> None:
    dataset = document(9000, 9000)
    wide = Rle.from_mask(np.ones((10, 5000)), height=9000, width=9000, offset_yx=(100, 100))
    record = {
        "id": 1, "image_id": 7, "category_id": 1, "iscrowd": 0, "bbox": list(wide.bbox_xywh), "area": 1,
        "segmentation": {"size": [9000, 9000], "counts": wide.to_compressed()},
    }  # fmt: skip
    dataset.apply([Append("annotations", 0, record, 0, 0)])
    paint(
        dataset, ("tissue", Rle.from_mask(np.ones((30, 30)), height=9000, width=9000, offset_yx=(90, 3000)))
    )
    assert area_rows(dataset, 0).tolist() == [0]
    paint(dataset, ("tissue", Rle.from_mask(np.ones((9, 9)), height=9000, width=9000, offset_yx=(8000, 50))))
    assert area_rows(dataset, 0).tolist() == [0, 1]


def test_painting_areas_leaves_objects_alone() -> None:
    dataset = document(20, 20)
    everything = Rle.from_mask(np.ones((20, 20)))
    record = {"id": 1, "segmentation": {"size": [20, 20], "counts": everything.to_compressed()}}
    dataset.apply([Append("annotations", 0, record, 0, 2)])
    paint(dataset, ("tissue", everything), ("stroma", everything))
    assert dataset.rle(0) == everything
    assert area_of(dataset, 7, "tissue").is_empty
    assert area_of(dataset, 7, "stroma") == everything
    paint(dataset, (None, everything))
    assert dataset.annotations.rows().tolist() == [0]


def test_painting_areas_with_a_class_of_objects_is_refused() -> None:
    dataset = document(20, 20)
    with pytest.raises(EditRefused, match="class cell: its masks are objects"):
        paint(dataset, ("cell", Rle.from_mask(np.ones((20, 20)))))


def test_painting_areas_of_another_size_is_refused() -> None:
    dataset = document(20, 20)
    with pytest.raises(EditRefused, match="19 x 20 pixels"):
        paint(dataset, ("tissue", Rle.from_mask(np.ones((19, 20)))))


def test_the_words_of_a_step_name_the_class() -> None:
    dataset = document(20, 20)
    everything = Rle.from_mask(np.ones((20, 20)))
    assert PaintAreas(7, [("tissue", everything)]).label(dataset) == "Paint tissue"
    assert PaintAreas(7, [(None, everything)]).label(dataset) == "Erase areas"
    assert PaintAreas(7, [("tissue", everything), (2, everything)]).label(dataset) == "Paint 2 areas"


def test_areas_are_saved_and_opened_equal(tmp_path: Path) -> None:
    side = 100_000
    dataset = document(side, side)
    rng = np.random.default_rng(1)
    for name in ("tissue", "stroma") * 10:
        y, x = rng.integers(0, side - 3000, 2).tolist()
        blob = rng.random((40, 3000)) < 0.9
        paint(dataset, (name, Rle.from_mask(blob, height=side, width=side, offset_yx=(y, x))))
    path = tmp_path / "areas.json"
    write_coco(dataset, path)
    again = read_coco(path)
    assert json.loads(path.read_bytes())["categories"][0]["isthing"] == 0
    for name in ("tissue", "stroma"):
        assert area_of(again, 7, name) == area_of(dataset, 7, name)
        assert not area_of(again, 7, name).is_empty


def test_memory_grows_with_the_painted_area_only() -> None:
    dataset = document(100_000, 100_000)
    columns = np.arange(40_000, 44_000)
    area = Rle.from_spans(columns, np.full(4000, 70_000), np.full(4000, 74_000), 100_000, 100_000)
    tracemalloc.start()
    paint(dataset, ("tissue", area))
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert area_of(dataset, 7, "tissue") == area
    assert peak < 4_000_000, "an array as big as the area, let alone the picture, was made"
    assert kept < 500_000


def test_an_unpainted_picture_has_nothing() -> None:
    dataset = document(100_000, 100_000)
    assert area_of(dataset, 7, "tissue").is_empty
    assert len(area_rows(dataset, 0, (0, 0, 9, 9))) == 0
    assert semantic.area_categories(dataset) == {0, 1}


def test_an_annotation_of_an_area_brings_all_others_of_it_and_an_object_none() -> None:
    dataset = document(20, 20)
    dataset.apply(AddObject(7, "cell", Mask(square_of(0))).ops(dataset))
    for name, top in (("tissue", 4), ("stroma", 8), ("tissue", 12)):
        dataset.apply(AddObject(7, name, Mask(square_of(top))).ops(dataset))
    assert whole_areas(dataset, [3, 0, 1]).tolist() == [1, 3, 0]
    assert whole_areas(dataset, [2]).tolist() == [2]


def square_of(top: int) -> Rle:
    return Rle.from_mask(np.ones((3, 3), bool), height=20, width=20, offset_yx=(top, 0))
