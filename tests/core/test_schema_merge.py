"""Importing a label schema into the one of a document."""

from __future__ import annotations

from schema_documents import do, document

from napari_labeltool.core.schema import (
    Attribute,
    Category,
    Keypoint,
    LabelSchema,
    TagGroup,
    differences,
    merge_schema,
    schema_of,
)
from napari_labeltool.core.schema_edits import SetSchema


def test_an_import_updates_by_name_adds_and_deletes_nothing() -> None:
    dataset = document([{"id": 4, "name": "cell", "supercategory": "tissue"}, {"id": 9, "name": "debris"}])
    imported = LabelSchema(
        (Category("cell", guideline="Round."), Category("mitosis", color="#ff0000")),
        (TagGroup("stain", "multiclass"),),
    )
    merged, changes = merge_schema(schema_of(dataset), imported)
    assert changes == ["Change guideline of cell.", "Add class mitosis.", "Add tag group stain."]
    do(dataset, SetSchema(merged))
    assert [(c.id, c.name, c.supercategory) for c in schema_of(dataset).categories] == [
        (4, "cell", "tissue"),
        (9, "debris", ""),
        (10, "mitosis", ""),
    ]


def test_imported_keypoints_are_matched_by_name_and_edges_follow() -> None:
    base = LabelSchema(
        (Category("fly", key=0, keypoints=(Keypoint("head", key=0), Keypoint("tail", key=1))),)
    )
    points = (Keypoint("wing"), Keypoint("tail", "#ff0000"))
    merged, _ = merge_schema(base, LabelSchema((Category("fly", keypoints=points, skeleton=((0, 1),)),)))
    fly = merged.categories[0]
    assert fly.keypoints == (Keypoint("head"), Keypoint("tail", "#ff0000"), Keypoint("wing"))
    assert [point.key for point in fly.keypoints] == [0, 1, None]
    assert fly.skeleton == ((2, 1),)


def test_imported_attributes_replace_those_of_their_name() -> None:
    old = (Attribute("a", "text"), Attribute("b", "text"))
    new = (Attribute("b", "number"), Attribute("c", "yes_no"))
    merged, _ = merge_schema(
        LabelSchema((Category("x", key=0, attributes=old),)), LabelSchema((Category("x", attributes=new),))
    )
    assert merged.categories[0].attributes == (old[0], *new)


def test_a_key_that_another_class_has_is_not_imported_and_told() -> None:
    base = LabelSchema((Category("a", key=0, hotkey="1"), Category("b", key=1, hotkey="2")))
    merged, changes = merge_schema(base, LabelSchema((Category("b", hotkey="1"), Category("c", hotkey="3"))))
    assert [category.hotkey for category in merged.categories] == ["1", "2", "3"]
    assert changes == ["Add class c.", "The key 1 of b is taken and was not imported."]


def test_differences_are_said_in_words() -> None:
    before = LabelSchema((Category("cell", key=0, color="#111111"), Category("old", key=1)))
    after = LabelSchema((Category("nucleus", key=0, color="#222222", hotkey="1"),), (), "New.")
    assert differences(before, after) == [
        "Delete class old",
        "Rename class cell to nucleus",
        "Change colour, key of nucleus",
        "Change the guideline",
    ]
