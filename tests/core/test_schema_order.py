"""The order of classes that a person chose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.history import History
from napari_labeltool.core.ops import Append, Patch
from napari_labeltool.core.schema import Category, LabelSchema, differences, schema_of
from napari_labeltool.core.schema_edits import DeleteCategory, SetSchema


def dataset_of(*names: str) -> Dataset:
    dataset = Dataset()
    dataset.apply(
        [Append("categories", row, {"id": row + 10, "name": name}) for row, name in enumerate(names)]
    )
    return dataset


def names_of(dataset: Dataset) -> list[str]:
    return [category.name for category in schema_of(dataset).categories]


def reordered(schema: LabelSchema, order: list[int]) -> LabelSchema:
    return replace(schema, categories=tuple(schema.categories[place] for place in order))


@given(st.permutations(range(5)), st.permutations(range(5)))
def test_an_order_is_kept_and_undone(first: list[int], second: list[int]) -> None:
    dataset, history = dataset_of(*"abcde"), History()
    for order in (first, second):
        before = names_of(dataset)
        edit = SetSchema(reordered(schema_of(dataset), order))
        ops = tuple(edit.ops(dataset))
        history.do(dataset, edit.label(dataset), ops)
        assert names_of(dataset) == [before[place] for place in order]
    history.undo(dataset)
    assert names_of(dataset) == ["abcde"[place] for place in first]
    history.undo(dataset)
    assert names_of(dataset) == list("abcde")


def test_the_order_of_the_file_needs_no_fact() -> None:
    dataset = dataset_of("a", "b", "c")
    dataset.apply(SetSchema(reordered(schema_of(dataset), [2, 0, 1])).ops(dataset))
    assert dataset.document.facts["class_order"] == [12, 10, 11]
    dataset.apply(SetSchema(reordered(schema_of(dataset), [1, 2, 0])).ops(dataset))
    assert "class_order" not in dataset.document.facts
    assert names_of(dataset) == ["a", "b", "c"]


def test_a_new_class_comes_last_and_a_deleted_one_leaves_the_order() -> None:
    dataset = dataset_of("a", "b", "c")
    dataset.apply(SetSchema(reordered(schema_of(dataset), [2, 1, 0])).ops(dataset))
    dataset.apply(SetSchema(schema_of(dataset).with_added([Category("d")])).ops(dataset))
    dataset.apply(DeleteCategory("b", "unlabel").ops(dataset))
    assert names_of(dataset) == ["c", "a", "d"]


@pytest.mark.parametrize("odd", ["no list", [None, [1], {"id": 10}, True, 11.0, "10"]])
def test_an_order_that_names_no_class_is_ignored(odd: object) -> None:
    dataset = dataset_of("a", "b")
    dataset.apply(SetSchema(replace(schema_of(dataset), guideline="x")).ops(dataset))
    facts = {**dataset.document.facts, "class_order": odd}
    dataset.apply([Patch("document", 0, {"labeltool": facts})])
    assert names_of(dataset) == ["a", "b"]


def test_a_new_order_is_told_and_an_added_class_is_not_an_order() -> None:
    dataset = dataset_of("a", "b")
    schema = schema_of(dataset)
    assert differences(schema, reordered(schema, [1, 0])) == ["Change the order of classes"]
    assert differences(schema, schema.with_added([Category("c")])) == ["Add class c"]
    assert SetSchema(reordered(schema, [1, 0])).label(dataset) == "Change the order of classes"
