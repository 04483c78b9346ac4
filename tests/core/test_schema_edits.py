"""Edits of classes, tag groups and guidelines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from schema_documents import do, document

from napari_labeltool.core.edits import Rows
from napari_labeltool.core.errors import EditRefused, SchemaError
from napari_labeltool.core.ops import Append, Patch
from napari_labeltool.core.schema import (
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    schema_of,
    usage,
)
from napari_labeltool.core.schema_edits import DeleteCategory, MergeCategories, RenameCategory, SetSchema
from napari_labeltool.core.values import REMOVED


def changed(dataset: Any, index: int, **values: Any) -> LabelSchema:
    """Return the schema of a document with values of one class changed."""
    schema = schema_of(dataset)
    return schema.with_category(index, replace(schema.categories[index], **values))


def objects(*classes: int) -> list[dict[str, Any]]:
    """Return one box for each class id."""
    return [
        {"id": 10 + i, "image_id": 1, "category_id": value, "bbox": [0, 0, 2, 2]}
        for i, value in enumerate(classes)
    ]


def fly(*keypoints: list[float]) -> Any:
    """Return a document of one class with three keypoints."""
    record = {"id": 1, "name": "fly", "keypoints": ["a", "b", "c"], "skeleton": [[1, 2], [2, 3]]}
    annotations = [
        {
            "id": i,
            "image_id": 1,
            "category_id": 1,
            "keypoints": list(flat),
            "num_keypoints": 3,
            "foot_kpts": [1, 2, 0],
        }
        for i, flat in enumerate(keypoints)
    ]
    return document([record], annotations)


# -- SetSchema writes only what differs


@pytest.mark.parametrize(
    ("values", "patch"),
    [
        ({"name": "b"}, {"name": "b"}),
        ({"supercategory": "s"}, {"supercategory": "s"}),
        ({"color": "#0000FF"}, {"color": [0, 0, 255]}),
        ({"hotkey": "5"}, {"labeltool": {"mine": 1, "hotkey": "5"}}),
        ({"guideline": "g"}, {"labeltool": {"mine": 1, "guideline": "g"}}),
        ({"kinds": frozenset({"mask", "box"})}, {"labeltool": {"mine": 1, "kinds": ["box", "mask"]}}),
        (
            {"attributes": (Attribute("n", "number", maximum=3),)},
            {"labeltool": {"mine": 1, "attributes": [{"name": "n", "type": "number", "max": 3}]}},
        ),
    ],
)
def test_one_change_patches_one_key(values: dict[str, Any], patch: dict[str, Any]) -> None:
    dataset = document([{"id": 1, "name": "a", "labeltool": {"mine": 1}}, {"id": 2, "name": "z"}])
    assert list(SetSchema(changed(dataset, 0, **values)).ops(dataset)) == [Patch("categories", 0, patch)]


def test_a_colour_keeps_the_form_that_the_file_uses() -> None:
    records = [{"id": 1, "name": "a", "color": "#FF0000"}, {"id": 2, "name": "b", "color": [1, 2, 3, 128]}]
    dataset = document(records)
    assert list(SetSchema(changed(dataset, 0, color="#ff0000")).ops(dataset)) == []
    do(dataset, SetSchema(changed(dataset, 0, color="#00ff00")))
    do(dataset, SetSchema(changed(dataset, 1, color="#00ff00")))
    assert dataset.categories.value(0, "color") == "#00ff00"
    assert dataset.categories.value(1, "color") == [0, 255, 0, 128]


def test_clearing_the_last_fact_removes_the_object() -> None:
    dataset = document([{"id": 1, "name": "a", "labeltool": {"hotkey": "1"}}])
    assert list(SetSchema(changed(dataset, 0, hotkey=None)).ops(dataset)) == [
        Patch("categories", 0, {"labeltool": REMOVED})
    ]


def test_unknown_keys_of_attributes_kinds_and_groups_survive() -> None:
    facts = {"kinds": ["box", "hologram"], "attributes": [{"name": "a", "type": "text", "mine": 1}]}
    groups = {"version": 1, "mine": 2, "tag_groups": [{"name": "g", "type": "multilabel", "mine": 3}]}
    dataset = document([{"id": 1, "name": "a", "labeltool": facts}], labeltool=groups)
    schema = changed(
        dataset,
        0,
        kinds=frozenset({"mask"}),
        attributes=(Attribute("a", "text", default="x"), Attribute("b", "text")),
    )
    do(dataset, SetSchema(replace(schema, tag_groups=(TagGroup("g", "multiclass", "Why."),))))
    assert dataset.categories.value(0, "labeltool") == {
        "kinds": ["mask", "hologram"],
        "attributes": [
            {"name": "a", "type": "text", "default": "x", "mine": 1},
            {"name": "b", "type": "text"},
        ],
    }
    assert dataset.document.facts == {
        "version": 1,
        "mine": 2,
        "tag_groups": [{"name": "g", "type": "multiclass", "guideline": "Why.", "mine": 3}],
    }


def test_document_facts_get_a_version_when_they_begin() -> None:
    dataset = document([])
    do(dataset, SetSchema(LabelSchema(guideline="All.")))
    assert dataset.document.facts == {"version": 1, "guideline": "All."}
    do(dataset, SetSchema(LabelSchema()))
    assert dataset.document.facts == {"version": 1}


def test_several_new_classes_get_ids_of_their_own() -> None:
    dataset = document([{"id": 90, "name": "a"}, {"id": 4, "name": "b"}])
    new = (Category("x"), Category("y", id=4), Category("z", id=91), Category("w", id=2))
    do(dataset, SetSchema(schema_of(dataset).with_added(new)))
    found = schema_of(dataset).categories
    assert [category.id for category in found] == [90, 4, 91, 92, 93, 2]
    assert len({category.color for category in found}) == 6


def test_new_ids_are_strings_where_ids_are_strings() -> None:
    dataset = document([{"id": "x", "name": "a"}, {"id": "3", "name": "b"}])
    do(dataset, SetSchema(schema_of(dataset).with_added([Category("c"), Category("d")])))
    ids = [category.id for category in schema_of(dataset).categories]
    assert all(isinstance(value, str) for value in ids)
    assert len(set(ids)) == 4


def test_a_new_class_is_a_whole_record() -> None:
    dataset = document([])
    category = Category("fly", color="#010203", keypoints=(Keypoint("a"), Keypoint("b")), skeleton=((0, 1),))
    (op,) = SetSchema(LabelSchema((category,))).ops(dataset)
    assert isinstance(op, Append)
    assert op.record == {
        "id": 1,
        "name": "fly",
        "supercategory": "",
        "color": [1, 2, 3],
        "keypoints": ["a", "b"],
        "skeleton": [[1, 2]],
        "labeltool": {"kinds": ["box", "rotated_box", "polygon", "mask"]},
    }


def test_a_class_in_use_is_not_deleted_by_the_way() -> None:
    dataset = document([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], objects(1, 1))
    schema = schema_of(dataset)
    do(dataset, SetSchema(replace(schema, categories=schema.categories[:1])))
    assert [category.name for category in schema_of(dataset).categories] == ["a"]
    with pytest.raises(EditRefused, match="class a: 2 annotations found"):
        SetSchema(LabelSchema()).ops(dataset)


def test_a_schema_that_breaks_a_rule_is_refused_unless_the_file_came_so() -> None:
    dataset = document([{"id": 1, "name": "a", "labeltool": {"hotkey": "P"}}, {"id": 2, "name": "b"}])
    do(dataset, SetSchema(changed(dataset, 0, name="c")))
    with pytest.raises(SchemaError, match=r"categories\[1\].hotkey: b: napari needs the key r"):
        SetSchema(changed(dataset, 1, hotkey="r")).ops(dataset)


def test_a_key_that_the_document_does_not_have_is_refused() -> None:
    dataset = document([{"id": 1, "name": "a"}])
    for schema in (LabelSchema((Category("x", key=7),)), LabelSchema(schema_of(dataset).categories * 2)):
        with pytest.raises((EditRefused, SchemaError)):
            SetSchema(schema).ops(dataset)


def test_labels_say_what_is_done() -> None:
    dataset = document([{"id": 1, "name": "cell"}])
    assert SetSchema(changed(dataset, 0, name="nucleus")).label(dataset) == "Rename class cell to nucleus"
    both = changed(dataset, 0, name="nucleus", hotkey="1")
    assert SetSchema(both).label(dataset) == "Change the label schema (2 changes)"


# -- skeletons and keypoints


def test_a_skeleton_from_zero_stays_until_it_is_edited_and_is_then_counted_from_one() -> None:
    record = {"id": 1, "name": "a", "keypoints": ["x", "y", "z"], "skeleton": [[0, 1], [1, 2]]}
    dataset = document([record])
    do(dataset, SetSchema(changed(dataset, 0, name="b")))
    assert dataset.categories.value(0, "skeleton") == [[0, 1], [1, 2]]
    do(dataset, SetSchema(changed(dataset, 0, skeleton=((0, 1), (1, 2), (0, 2)))))
    assert dataset.categories.value(0, "skeleton") == [[1, 2], [2, 3], [1, 3]]


def test_renamed_keypoints_leave_the_annotations_alone() -> None:
    dataset = fly([1, 1, 2, 2, 2, 2, 3, 3, 2])
    points = schema_of(dataset).categories[0].keypoints
    renamed = tuple(replace(point, name=point.name * 2) for point in points)
    ops = SetSchema(changed(dataset, 0, keypoints=renamed)).ops(dataset)
    assert list(ops) == [Patch("categories", 0, {"keypoints": ["aa", "bb", "cc"]})]


def test_annotations_follow_keypoints_that_move_come_and_go() -> None:
    dataset = fly([1, 1, 2, 2.5, 2, 1, 0, 0, 0], [1, 1, 2])
    a, b, _ = schema_of(dataset).categories[0].keypoints
    new = (Keypoint("new"), b, a)
    do(dataset, SetSchema(changed(dataset, 0, keypoints=new, skeleton=((1, 2),))))
    assert dataset.annotation(0) == {
        "id": 0,
        "image_id": 1,
        "category_id": 1,
        "keypoints": [0, 0, 0, 2.5, 2, 1, 1, 1, 2],
        "num_keypoints": 2,
        "foot_kpts": [1, 2, 0],
    }
    assert dataset.annotation(1)["keypoints"] == [1, 1, 2]
    assert dataset.categories.value(0, "skeleton") == [[2, 3]]


def test_a_labelled_keypoint_is_removed_only_when_allowed() -> None:
    dataset = fly([1, 1, 2, 2, 2, 1, 3, 3, 2])
    points = schema_of(dataset).categories[0].keypoints
    schema = changed(dataset, 0, keypoints=points[:2], skeleton=((0, 1),))
    with pytest.raises(EditRefused, match="1 annotation found with a labelled c"):
        SetSchema(schema).ops(dataset)
    do(dataset, SetSchema(schema, drop_keypoints=True))
    assert dataset.annotation(0)["keypoints"] == [1, 1, 2, 2, 2, 1]
    assert dataset.annotation(0)["num_keypoints"] == 2


def test_keypoints_without_keys_are_renamed_in_place() -> None:
    dataset = fly([1, 1, 2, 2, 2, 1, 3, 3, 2])
    points = (Keypoint("a"), Keypoint("belly"), Keypoint("c"))
    do(dataset, SetSchema(changed(dataset, 0, keypoints=points)))
    assert dataset.annotation(0)["keypoints"] == [1, 1, 2, 2, 2, 1, 3, 3, 2]


# -- single classes


def test_renaming_changes_the_name_alone() -> None:
    dataset = document([{"id": 1, "name": "cell", "x": 1}, {"id": 2, "name": "b"}])
    edit = RenameCategory(1, "nucleus")
    assert edit.label(dataset) == "Rename class cell to nucleus"
    do(dataset, edit)
    assert dataset.categories.record(0) == {"id": 1, "name": "nucleus", "x": 1}
    assert RenameCategory("nucleus", "nucleus").ops(dataset) == []
    for name in ("", " ", "b"):
        with pytest.raises(EditRefused):
            RenameCategory(1, name).ops(dataset)


@pytest.mark.parametrize(
    ("then", "to", "label", "left"),
    [
        ("relabel", "b", "Delete class a (2 annotations relabelled to b)", [(10, 2), (11, 2), (12, 2)]),
        ("unlabel", None, "Delete class a (2 annotations unlabelled)", [(10, None), (11, 2), (12, None)]),
        ("delete", None, "Delete class a and its 2 annotations", [(11, 2)]),
    ],
)
def test_deleting_a_class_says_what_becomes_of_its_annotations(
    then: Any, to: str | None, label: str, left: list[tuple[int, int | None]]
) -> None:
    dataset = document([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], objects(1, 2, 1))
    edit = DeleteCategory(Rows([0]), then, to)
    assert edit.label(dataset) == label
    do(dataset, edit)
    found = [dataset.annotation(int(row)) for row in dataset.annotations.rows()]
    assert [(record["id"], record.get("category_id")) for record in found] == left
    assert [category.name for category in schema_of(dataset).categories] == ["b"]


def test_relabelling_needs_another_class_that_is_there() -> None:
    dataset = document([{"id": 1, "name": "a"}], objects(1))
    for to in (None, "a", "x"):
        with pytest.raises(EditRefused):
            DeleteCategory(1, "relabel", to).ops(dataset)


def test_merging_counts_what_it_moves() -> None:
    records = [{"id": i, "name": name} for i, name in ((1, "a"), (2, "b"), (3, "c"))]
    dataset = document(records, objects(1, 2, 2, 3))
    edit = MergeCategories([1, 2, 3], 3)
    assert edit.label(dataset) == "Merge 2 classes into c (3 annotations)"
    do(dataset, edit)
    assert usage(dataset, 2) == 4
    assert [category.id for category in schema_of(dataset).categories] == [3]
    assert (
        MergeCategories([1], 2).label(document(records, objects(1))) == "Merge class a into b (1 annotation)"
    )


def test_keypoints_are_not_merged_into_a_class_with_others() -> None:
    records = [{"id": 1, "name": "a", "keypoints": ["x"]}, {"id": 2, "name": "b", "keypoints": ["y", "z"]}]
    annotation = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 1, 2]}
    dataset = document(records, [annotation])
    with pytest.raises(EditRefused, match="1 annotation found with the keypoints of a"):
        MergeCategories([1], 2).ops(dataset)
    do(dataset, MergeCategories([2], 1))
