"""Regions in which every object was labelled: edits of them, and what lies inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import napari_labeltool as nl
from napari_labeltool.core.coverage_regions import ExhaustiveRegions, regions_of
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddRegion, Compound, EditRegion, RemoveRegion, Rows
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.formats.coco import read_coco, write_coco

SQUARE = [(100, 100), (300, 100), (300, 300), (100, 300)]
DIAMOND = [(500, 400), (600, 500), (500, 600), (400, 500)]


def document(**image: Any) -> dict[str, Any]:
    boxes = [(1, 120, 130), (1, 290, 130), (2, 150, 150), (1, 700, 700)]
    return {
        "images": [{"id": "slide", "file_name": "slide.tif", "width": 1000, "height": 800, **image}],
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "gland"}],
        "annotations": [
            {
                "id": n,
                "image_id": "slide",
                "category_id": c,
                "bbox": [x, y, 20, 20],
                "area": 400,
                "iscrowd": 0,
            }
            for n, (c, x, y) in enumerate(boxes, 1)
        ],
    }


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "labels.json"
    path.write_text(json.dumps(content, indent=1))
    return path


def do(dataset: Dataset, edit: Any) -> Any:
    return dataset.apply(edit.ops(dataset))


def test_a_region_is_kept_in_the_file_beside_what_was_there(tmp_path: Path) -> None:
    content = document(labeltool={"state": "in_work", "theirs": [1.50, {"a": None}]})
    path = written(tmp_path, content)
    dataset = read_coco(path)
    edit = AddRegion("slide", SQUARE, ["cell"], author="anna", date="2026-11-24T07:10:00+00:00")
    assert edit.label(dataset) == "Mark region of slide.tif as exhaustively labelled"
    do(dataset, edit)
    write_coco(dataset, path)
    facts = json.loads(path.read_text())["images"][0]["labeltool"]
    assert facts == {
        "state": "in_work",
        "theirs": [1.5, {"a": None}],
        "exhaustive_regions": [
            {
                "polygon": [100, 100, 300, 100, 300, 300, 100, 300],
                "author": "anna",
                "date": "2026-11-24T07:10:00+00:00",
                "categories": [1],
            }
        ],
    }
    (region,) = regions_of(read_coco(path), 0)
    assert (region.author, region.date, region.categories) == ("anna", "2026-11-24T07:10:00+00:00", (1,))
    assert region.bbox_xywh == (100, 100, 200, 200)


def test_adding_editing_and_removing_can_be_undone_to_the_last_byte(tmp_path: Path) -> None:
    odd = ["odd", {"polygon": [0, 0, 9.250, 0, 9, 9], "unknown": 1}]
    path = written(tmp_path, document(labeltool={"exhaustive_regions": odd}))
    before = path.read_bytes()
    dataset = read_coco(path)
    assert [region.index for region in regions_of(dataset, 0)] == [1]
    inverses = [
        do(dataset, AddRegion("slide", DIAMOND)),
        do(dataset, EditRegion("slide", 1, np.array(SQUARE) + 0.12345, ["gland", Rows([0])])),
        do(dataset, RemoveRegion("slide", 0)),
    ]
    first, second = regions_of(dataset, 0)
    assert first.polygon_xy[0].tolist() == [100.123, 100.123]
    assert first.categories == (2, 1)
    assert second.categories is None
    write_coco(dataset, tmp_path / "edited.json")
    entries = json.loads((tmp_path / "edited.json").read_text())["images"][0]["labeltool"][
        "exhaustive_regions"
    ]
    assert entries[0]["unknown"] == 1
    for inverse in reversed(inverses):
        dataset.apply(inverse)
    write_coco(dataset, tmp_path / "back.json")
    assert (tmp_path / "back.json").read_bytes() == before


def test_the_last_region_takes_its_key_with_it(tmp_path: Path) -> None:
    dataset = read_coco(written(tmp_path, document()))
    do(dataset, AddRegion("slide", SQUARE))
    do(dataset, EditRegion("slide", 0, categories=["cell"]))
    assert regions_of(dataset, 0)[0].categories == (1,)
    do(dataset, EditRegion("slide", 0, categories=[]))
    assert regions_of(dataset, 0)[0].categories is None
    assert EditRegion("slide", 0, SQUARE).ops(dataset) == []
    do(dataset, RemoveRegion("slide", 0))
    assert "labeltool" not in dataset.images.record(0)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (AddRegion("slide", [(0, 0), (1, 1)]), "at least three vertices"),
        (AddRegion("slide", [(0, 0), (1, 1), (np.nan, 2)]), "finite"),
        (AddRegion("slide", [(0, 0), (1, 1), (2, 2)]), "without area"),
        (AddRegion("slide", SQUARE, ["nobody"]), "nobody"),
        (AddRegion("other", SQUARE), "'other'"),
        (RemoveRegion("slide", 1), "region 1 found in the request, the image has 1"),
        (RemoveRegion("slide", -1), "region -1"),
        (EditRegion("slide", 0, SQUARE), "no region found there"),
    ],
)
def test_what_is_no_region_is_refused(tmp_path: Path, edit: Any, words: str) -> None:
    path = written(tmp_path, document(labeltool={"exhaustive_regions": [17]}))
    with pytest.raises(EditRefused, match=words):
        edit.ops(read_coco(path))


def test_a_key_that_holds_something_else_is_not_written_over(tmp_path: Path) -> None:
    dataset = read_coco(written(tmp_path, document(labeltool={"exhaustive_regions": {"theirs": 1}})))
    assert regions_of(dataset, 0) == ()
    with pytest.raises(EditRefused, match="dict found, expected a list of regions"):
        AddRegion("slide", SQUARE).ops(dataset)


def test_regions_come_back_from_the_journal(tmp_path: Path) -> None:
    path = written(tmp_path, document())
    session = nl.open_session(path)
    session.apply(nl.edits.AddRegion("slide", SQUARE))
    session.apply(nl.edits.EditRegion("slide", 0, DIAMOND))
    session.close()
    with nl.open_session(path) as session:
        session.recover()
        assert regions_of(session.dataset, 0)[0].polygon_xy.tolist() == [list(map(float, p)) for p in DIAMOND]
        session.undo()
        assert regions_of(session.dataset, 0)[0].bbox_xywh == (100, 100, 200, 200)


def regions(folder: Path, *edits: AddRegion) -> ExhaustiveRegions:
    dataset = read_coco(written(folder, document()))
    do(dataset, Compound("regions", ()))
    for edit in edits:
        do(dataset, edit)
    return nl.exhaustive_regions(dataset, "slide")


def test_boxes_and_annotations_inside_are_found(tmp_path: Path) -> None:
    found = regions(tmp_path, AddRegion("slide", SQUARE), AddRegion("slide", DIAMOND, ["cell"]))
    boxes = [
        [100, 100, 200, 200],
        [90, 100, 20, 20],
        [490, 490, 20, 20],
        [0, 0, 5, 5],
        [np.nan, 0, 1, 1],
        [150, 150, 0, 0],
    ]
    np.testing.assert_allclose(found.covered_fraction(boxes), [1, 0.5, 0, 0, 0, 1])
    np.testing.assert_allclose(found.covered_fraction(boxes, ["cell"]), [1, 0.5, 1, 0, 0, 1])
    assert found.contains(boxes, ["cell", 2]).tolist() == [True, False, False, False, False, True]
    assert found.annotations().tolist() == [0, 2]
    assert found.annotations(whole=False).tolist() == [0, 1, 2]
    assert found.area() == 200 * 200
    assert found.area(["cell"]) == 200 * 200 + 200 * 200 / 2
    with pytest.raises(KeyError):
        found.area(["nobody"])


def test_annotations_count_only_in_regions_for_their_own_category(tmp_path: Path) -> None:
    found = regions(tmp_path, AddRegion("slide", SQUARE, ["gland"]))
    assert found.annotations().tolist() == [2]
    assert found.area() == 0


def test_overlapping_regions_count_once_and_end_at_the_picture(tmp_path: Path) -> None:
    beyond = [(900, 0), (2000, 0), (2000, 100), (900, 100)]
    found = regions(
        tmp_path, AddRegion("slide", SQUARE), AddRegion("slide", SQUARE), AddRegion("slide", beyond)
    )
    assert found.area() == 200 * 200 + 100 * 100
    assert found.crops((100, 100)).tolist() == [
        [900, 0, 100, 100],
        [100, 100, 100, 100],
        [200, 100, 100, 100],
        [100, 200, 100, 100],
        [200, 200, 100, 100],
    ]


def test_an_image_without_regions_has_no_crops(tmp_path: Path) -> None:
    found = regions(tmp_path)
    assert len(found) == 0
    assert found.crops((10, 10)).shape == (0, 4)
    assert found.contains([0, 0, 1, 1]).tolist() == [False]
    with pytest.raises(KeyError):
        nl.exhaustive_regions(read_coco(tmp_path / "labels.json"), "other")


corners = st.tuples(st.floats(-50, 1050), st.floats(-50, 850))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(corners, min_size=3, max_size=6, unique=True), max_size=3), st.integers(5, 90))
def test_every_crop_lies_inside_of_regions_and_picture(polygons: list[Any], size: int) -> None:
    dataset = Dataset()
    do(dataset, nl.edits.AddImages(({"file_name": "a", "width": 1000, "height": 800},)))
    for polygon in polygons:
        try:
            do(dataset, AddRegion(1, polygon))
        except EditRefused:
            continue
    found = nl.exhaustive_regions(dataset, 1)
    crops = found.crops((size, size))
    assert found.contains(crops.astype(float)).all()
    assert (crops[:, :2] >= 0).all()
    assert (crops[:, :2] + size <= (1000, 800)).all()
    assert len(np.unique(crops, axis=0)) == len(crops)


@given(
    st.integers(0, 500), st.integers(0, 500), st.integers(20, 300), st.integers(20, 300), st.integers(5, 60)
)
def test_a_rectangle_is_filled_with_crops(left: int, top: int, width: int, height: int, size: int) -> None:
    dataset = Dataset()
    do(dataset, nl.edits.AddImages(({"file_name": "a", "width": 1000, "height": 800},)))
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    do(dataset, AddRegion(1, corners))
    found = nl.exhaustive_regions(dataset, 1)
    assert len(found.crops((size, size))) == (width // size) * (height // size)
    assert len(found.crops((size, size), stride=(1, size))) == max(width - size + 1, 0) * (height // size)
