"""Edits, their words, their operations, and the way back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import (
    AddImages,
    AddObject,
    Compound,
    DeleteObjects,
    Relabel,
    Rows,
    SetAttributes,
    SetGeometry,
    SetImageState,
    SetKeypoints,
    SetStatus,
    SetTag,
)
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Box, Mask, Polygon, RotatedBox
from napari_labeltool.core.history import History
from napari_labeltool.core.ops import Append, op_from_json, op_to_json
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.tags import tags_of_image

SQUARE = np.array([[2.0, 3.0], [5.0, 3.0], [5.0, 7.0], [2.0, 7.0]])


def small_dataset() -> Dataset:
    dataset = Dataset()
    records = (
        {"file_name": "a.png", "width": 40, "height": 30},
        {"file_name": "b.png", "width": 40, "height": 30},
    )
    dataset.apply(AddImages(records).ops(dataset))
    categories = [
        {"id": 1, "name": "cell"},
        {"id": 5, "name": "fly", "keypoints": ["head", "tail"]},
        {"id": 7, "name": "H&E", "labeltool": {"kinds": ["tag"], "tag_group": "stain"}},
        {"id": 8, "name": "IHC", "labeltool": {"kinds": ["tag"], "tag_group": "stain"}},
    ]
    dataset.apply([Append("categories", row, record) for row, record in enumerate(categories)])
    groups = {"version": 1, "tag_groups": [{"name": "stain", "type": "multiclass"}]}
    dataset.document.set_patch(0, {"labeltool": groups})
    return dataset


def snapshot(dataset: Dataset) -> Any:
    rows = dataset.annotations.rows()
    table = dataset.annotations
    return (
        [dataset.annotation(int(row)) for row in rows],
        [image.record for image in dataset.images],
        [category.record for category in dataset.categories],
        np.nan_to_num(table.bbox[rows], nan=-9e9).tolist(),
        table.kind[rows].tolist(),
        table.flags[rows].tolist(),
        table.category[rows].tolist(),
    )


def do(dataset: Dataset, edit: Any) -> int:
    dataset.apply(edit.ops(dataset))
    return dataset.annotations.row_count - 1


def test_a_new_box_is_a_complete_coco_record() -> None:
    dataset = small_dataset()
    row = do(dataset, AddObject(1, "cell", Box((2, 3, 4.5, 5))))
    assert dataset.annotation(row) == {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "segmentation": [],
        "area": 22.5,
        "bbox": [2, 3, 4.5, 5],
        "iscrowd": 0,
    }
    assert dataset.annotations.kind[row] == Kind.BOX


def test_a_rotated_box_is_marked_and_stays_one_through_the_record() -> None:
    dataset = small_dataset()
    row = do(dataset, AddObject(1, "cell", RotatedBox(SQUARE, 30.0)))
    record = dataset.annotation(row)
    assert record["attributes"] == {"rotation": 30}
    assert record["labeltool"] == {"shape": "rotated_box"}
    assert dataset.annotations.flags[row] & Flag.ROTATED
    assert dataset.geometry(row) == RotatedBox(SQUARE, 30.0)


def test_a_rotated_box_that_becomes_a_polygon_loses_its_mark() -> None:
    dataset = small_dataset()
    row = do(dataset, AddObject(1, "cell", RotatedBox(SQUARE, 30.0), attributes={"side": "left"}))
    do(dataset, SetGeometry(Rows([row]), Polygon((SQUARE[:3],))))
    record = dataset.annotation(row)
    assert record["attributes"] == {"side": "left"}
    assert not dataset.annotations.flags[row] & Flag.ROTATED


def test_new_ids_are_max_plus_one_and_deleting_renumbers_nothing() -> None:
    dataset = small_dataset()
    rows = [do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1)))) for _ in range(3)]
    do(dataset, DeleteObjects([2]))
    assert [dataset.annotations.id_of(int(row)) for row in dataset.annotations.rows()] == [1, 3]
    row = do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1))))
    assert dataset.annotations.id_of(row) == 4
    assert rows == [0, 1, 2]


def test_several_new_objects_in_one_step_get_ids_of_their_own() -> None:
    dataset = small_dataset()
    one = AddObject(1, "cell", Box((0, 0, 1, 1)))
    do(dataset, Compound("Paste 3 objects", (one, one, one)))
    assert [dataset.annotations.id_of(row) for row in range(3)] == [1, 2, 3]


def test_keypoints_count_the_labelled_and_move_only_a_box_that_came_from_them() -> None:
    dataset = small_dataset()
    alone = do(dataset, AddObject(1, "fly", keypoints=np.array([[1, 2, 2], [0, 0, 0.0]])))
    boxed = do(
        dataset, AddObject(1, "fly", Box((0, 0, 30, 20)), keypoints=np.array([[1, 2, 2], [0, 0, 0.0]]))
    )
    for row in (alone, boxed):
        do(dataset, SetKeypoints(Rows([row]), np.array([[1, 2, 2], [6, 9.5, 1]])))
    assert dataset.annotation(alone)["bbox"] == [1, 2, 5, 7.5]
    assert dataset.annotation(boxed)["bbox"] == [0, 0, 30, 20]
    assert dataset.annotation(boxed)["num_keypoints"] == 2
    assert dataset.annotation(boxed)["keypoints"] == [1, 2, 2, 6, 9.5, 1]


def test_a_multiclass_tag_replaces_the_other_one_of_its_group() -> None:
    dataset = small_dataset()
    do(dataset, SetTag(1, "H&E"))
    do(dataset, SetTag(1, "IHC"))
    assert tags_of_image(dataset, 0) == {"stain": (3,)}
    assert dataset.annotation(int(dataset.annotations.rows()[0])) == {
        "id": 2,
        "image_id": 1,
        "category_id": 8,
    }
    do(dataset, SetTag(1, "IHC", present=False))
    assert tags_of_image(dataset, 0) == {"stain": ()}


def test_relabel_to_nothing_takes_the_category_out() -> None:
    dataset = small_dataset()
    row = do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1))))
    do(dataset, Relabel([1], None))
    assert "category_id" not in dataset.annotation(row)


def test_an_edit_that_changes_nothing_has_no_operations() -> None:
    dataset = small_dataset()
    do(dataset, AddObject(1, "cell", Polygon((SQUARE,))))
    assert not Relabel([1], "cell").ops(dataset)
    assert not SetGeometry([1], Polygon((SQUARE,))).ops(dataset)
    assert not SetImageState(1, "todo").ops(dataset)
    assert not SetAttributes([1], {"missing": None}).ops(dataset)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Relabel([99], "cell"), "id 99 found in the request, no annotation has it"),
        (Relabel([1], "nothing"), "'nothing' found in the request, nothing in the document has it"),
        (DeleteObjects(Rows([7])), "row 7 is deleted or was never there"),
        (AddObject(3, "cell", Box((0, 0, 1, 1))), "images: 3 found in the request"),
    ],
)
def test_what_is_not_there_is_refused_with_its_name(edit: Any, words: str) -> None:
    dataset = small_dataset()
    do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1))))
    before = snapshot(dataset)
    with pytest.raises(EditRefused, match=words):
        edit.ops(dataset)
    assert snapshot(dataset) == before


def test_labels_say_what_happens() -> None:
    dataset = small_dataset()
    do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1))))
    do(dataset, AddObject(1, "cell", Box((0, 0, 1, 1))))
    assert Relabel([1], "fly").label(dataset) == "Relabel cell 1 to fly"
    assert Relabel([1, 2], "fly").label(dataset) == "Relabel 2 annotations to fly"
    assert SetGeometry([1], Box((0, 0, 2, 2)), "Resize").label(dataset) == "Resize cell 1"
    assert SetStatus([1], "needs_review").label(dataset) == "Mark needs review: cell 1"
    assert SetTag(1, "IHC").label(dataset) == "Tag a.png with IHC"


EDITS = st.sampled_from(
    [
        lambda rows: AddObject(1, "cell", Box((1, 2, 3, 4))),
        lambda rows: AddObject(2, "cell", Polygon((SQUARE, SQUARE + 9)), attributes={"a": 1}),
        lambda rows: AddObject(1, "fly", keypoints=np.array([[1, 2, 2], [3, 4, 1.0]])),
        lambda rows: AddObject(1, "cell", Mask(Rle.from_mask(np.eye(5, dtype=bool), height=30, width=40))),
        lambda rows: Relabel(Rows(rows), "fly"),
        lambda rows: Relabel(Rows(rows), None),
        lambda rows: DeleteObjects(Rows(rows[:1])),
        lambda rows: SetGeometry(Rows(rows[:1]), RotatedBox(SQUARE, 12.5)),
        lambda rows: SetGeometry(Rows(rows[:1]), Box((0, 0, 9, 9))),
        lambda rows: SetAttributes(Rows(rows), {"a": None, "b": "x"}),
        lambda rows: SetStatus(Rows(rows), "approved", "good"),
        lambda rows: SetTag(1, "H&E"),
        lambda rows: SetTag(1, "IHC"),
        lambda rows: SetImageState(2, "done", verified_empty=True),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(EDITS, max_size=12), st.data())
def test_undo_walks_back_through_every_state_and_redo_forth(steps: list[Any], data: st.DataObject) -> None:
    dataset = small_dataset()
    history = History()
    states = [snapshot(dataset)]
    for step in steps:
        rows = [int(row) for row in dataset.annotations.rows() if dataset.annotations.kind[row] != Kind.NONE]
        chosen = data.draw(st.permutations(rows)) if rows else []
        try:
            edit = step(list(chosen))
            ops = tuple(edit.ops(dataset))
        except (EditRefused, IndexError):
            continue
        ops = tuple(op_from_json(msgspec.json.decode(json.dumps(op_to_json(op)))) for op in ops)
        if ops:
            history.do(dataset, edit.label(dataset), ops)
            states.append(snapshot(dataset))
    for state in reversed(states[:-1]):
        assert history.undo(dataset) is not None
        assert snapshot(dataset) == state
    assert history.undo(dataset) is None
    for state in states[1:]:
        assert history.redo(dataset) is not None
        assert snapshot(dataset) == state
    assert history.redo(dataset) is None


def test_operations_are_applied_whole_or_not_at_all() -> None:
    dataset = small_dataset()
    before = snapshot(dataset)
    good = AddObject(1, "cell", Box((0, 0, 1, 1))).ops(dataset)
    with pytest.raises(ValueError, match="append to annotations: row 9 found, expected 1"):
        dataset.apply([*good, Append("annotations", 9, {})])
    assert snapshot(dataset) == before


def test_annotations_answer_by_ids_and_draw_their_masks() -> None:
    dataset = small_dataset()
    polygon = do(dataset, AddObject(1, "cell", Polygon((SQUARE,))))
    box = do(dataset, AddObject(2, "fly", Box((0, 0, 9, 9))))
    table = dataset.annotations
    assert table.where(image=1).tolist() == [polygon]
    assert table.where(category="fly").tolist() == [box]
    assert table.segmentation(polygon) == [[2, 3, 5, 3, 5, 7, 2, 7]]
    mask = table.mask(polygon)
    assert mask is not None
    assert np.argwhere(mask).min(0).tolist() == [3, 2]
    assert np.argwhere(mask).max(0).tolist() == [6, 4]
    assert (int(mask.sum()), mask.shape) == (12, (30, 40))
    assert table.mask(box) is None
