"""Edits that repair a file, and the renaming of attributes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from schema_documents import do, document

from napari_labeltool.core.edits import ReassignDuplicateIds, RenameAttribute
from napari_labeltool.core.edits.repairs import repeated_id_rows
from napari_labeltool.core.ops import Append, SetAlive

CELL = [{"id": 1, "name": "cell"}, {"id": 2, "name": "fly"}]


def with_ids(ids: list[Any]) -> Any:
    dataset = document(CELL)
    for row, value in enumerate(ids):
        record = {"id": value, "image_id": 1, "category_id": 1} if value is not None else {"image_id": 1}
        dataset.apply([Append("annotations", row, record, 0, 0)])
    return dataset


@given(st.lists(st.integers(0, 5) | st.sampled_from(["1", "x", None]), max_size=12))
def test_all_ids_differ_after_the_repair_and_the_first_of_each_keeps_its_own(ids: list[Any]) -> None:
    dataset = with_ids(ids)
    do(dataset, ReassignDuplicateIds())
    after = [dataset.annotations.id_of(row) for row in range(len(ids))]
    kept = [value for value in after if value is not None]
    assert len({(type(value), value) for value in kept}) == len(kept)
    for row, value in enumerate(ids):
        if value is None or value not in ids[:row]:
            assert after[row] == value


def test_ids_that_are_texts_stay_texts() -> None:
    dataset = with_ids(["1", "2", "2", "3", "3"])
    do(dataset, ReassignDuplicateIds())
    after = [dataset.annotations.id_of(row) for row in range(5)]
    assert after[:2] == ["1", "2"]
    assert after[3] == "3"
    assert all(isinstance(value, str) for value in after)


def test_a_deleted_annotation_does_not_hold_its_id() -> None:
    dataset = with_ids([7, 7, 7])
    dataset.apply([SetAlive("annotations", repeated_id_rows(dataset.annotations)[:1], False)])
    assert repeated_id_rows(dataset.annotations).tolist() == [2]


def test_an_attribute_is_renamed_at_its_place_in_its_class_alone() -> None:
    attributes = {"a": 1, "stage": "x", "b": None}
    dataset = document(
        CELL,
        [
            {"id": 1, "image_id": 1, "category_id": 1, "attributes": attributes},
            {"id": 2, "image_id": 1, "category_id": 2, "attributes": attributes},
            {"id": 3, "image_id": 1, "category_id": 1, "attributes": {"a": 1}},
            {"id": 4, "image_id": 1, "category_id": 1, "attributes": {"stage": "x", "phase": "y"}},
        ],
    )
    do(dataset, RenameAttribute(1, "stage", "phase"))
    values = [dataset.annotations.value(row, "attributes") for row in range(4)]
    assert list(values[0].items()) == [("a", 1), ("phase", "x"), ("b", None)]
    assert values[1:] == [attributes, {"a": 1}, {"stage": "x", "phase": "y"}]


def test_an_attribute_is_found_where_json_escapes_its_name_or_it_was_set_since() -> None:
    dataset = document(CELL, [{"id": 1, "image_id": 1, "category_id": 1, "attributes": {"größe": 1}}])
    do(dataset, RenameAttribute(1, "größe", "size"))
    do(dataset, RenameAttribute(1, "size", "area"))
    assert dataset.annotations.value(0, "attributes") == {"area": 1}
