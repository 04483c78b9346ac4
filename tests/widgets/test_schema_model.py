"""The schema behind the editor, with and without a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from widget_documents import write_project

import napari_labeltool as nl
from napari_labeltool.core.schema import Category, LabelSchema
from napari_labeltool.session import Session
from napari_labeltool.widgets.schema_changes import with_category_moved, with_new_category, without_keypoint
from napari_labeltool.widgets.schema_model import SchemaModel


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = nl.open_session(write_project(tmp_path))
    yield opened
    opened.close(discard=True)


def names(model: SchemaModel) -> list[str]:
    return [category.name for category in model.schema.categories]


def both(session: Session) -> list[SchemaModel]:
    return [SchemaModel(session), SchemaModel(None, session.schema)]


def test_a_change_is_one_step_that_undo_takes_back_and_redo_does_again(session: Session) -> None:
    for model in both(session):
        before = model.schema
        assert model.apply(with_new_category(model.schema))
        after = model.schema
        assert names(model)[-1] == "new class"
        assert model.undo_label == "Add class new class"
        model.undo()
        assert (model.schema, model.undo_label, model.redo_label) == (before, None, "Add class new class")
        model.redo()
        assert [c.name for c in model.schema.categories] == [c.name for c in after.categories]


def test_classes_know_themselves_over_a_rename_and_a_move(session: Session) -> None:
    for model in both(session):
        key = model.schema.categories[1].key
        model.replace_category(key, replace(model.schema.categories[1], name="division"))
        model.apply(with_category_moved(model.schema, 1, 0))
        assert names(model)[:2] == ["division", "cell"]
        assert model.schema.categories[0].key == key
        assert model.index_of(key) == 0
        model.undo()
        model.undo()
        assert names(model)[:2] == ["cell", "mitosis"]


def test_what_breaks_a_rule_is_refused_with_a_sentence_and_changes_nothing(session: Session) -> None:
    for model in both(session):
        told: list[str] = []
        model.refused.connect(told.append)
        before = model.schema
        assert not model.replace_category(before.categories[1].key, replace(before.categories[1], hotkey="1"))
        assert model.schema == before
        assert model.undo_label is None
        assert "have the same key 1" in told[0]
        assert told[0].endswith("Nothing was changed.")


def test_counts_follow_the_annotations(session: Session) -> None:
    model = SchemaModel(session)
    heard: list[str] = []
    model.counts_changed.connect(lambda: heard.append("counts"))
    assert [model.count(c.key) for c in model.schema.categories] == [2, 0, 1, 1, 0]
    session.apply(nl.edits.DeleteObjects([1]))
    assert heard == ["counts"]
    assert model.count(0) == 1
    assert SchemaModel(None, session.schema).count(0) == 0


def test_deleting_relabels_or_deletes_or_unlabels_as_it_was_chosen(session: Session) -> None:
    model = SchemaModel(session)
    assert model.delete([0], "relabel", 1)
    assert (names(model)[0], model.count(1)) == ("mitosis", 2)
    model.undo()
    assert model.delete([0], "delete")
    assert len(session.dataset.annotations) == 2
    model.undo()
    assert model.delete([0, 2], "unlabel")
    assert session.undo_label == "Delete 2 classes"
    assert len(session.dataset.annotations) == 4
    model.undo()
    assert (names(model)[0], model.count(0)) == ("cell", 2)


def test_merging_moves_the_annotations_and_keeps_one_class(session: Session) -> None:
    model = SchemaModel(session)
    assert model.merge([0, 1], 1)
    assert (names(model)[0], model.count(1)) == ("mitosis", 2)


def test_a_keypoint_in_use_goes_only_when_that_is_allowed(session: Session) -> None:
    model = SchemaModel(session)
    fly = model.schema.categories[2]
    assert [model.count_keypoint(2, index) for index in range(3)] == [1, 1, 0]
    schema = model.schema.with_category(2, without_keypoint(fly, 0))
    assert not model.apply(schema)
    assert model.apply(schema, drop_keypoints=True)
    assert session.dataset.annotations.value(2, "keypoints") == [9, 9, 2, 0, 0, 0]


def test_an_attribute_is_renamed_in_schema_and_annotations_as_one_step(session: Session) -> None:
    model = SchemaModel(session)
    cell = model.schema.categories[0]
    attribute = nl.edits.Attribute("stage", "text")
    model.replace_category(0, replace(cell, attributes=(attribute,)))
    assert model.count_attribute(0, "stage") == 1
    renamed = replace(cell, attributes=(replace(attribute, name="phase"),))
    assert model.rename_attribute(0, renamed, "stage", "phase")
    assert session.dataset.annotations.value(1, "attributes") == {"phase": "early"}
    assert model.schema.categories[0].attributes[0].name == "phase"
    model.undo()
    assert session.dataset.annotations.value(1, "attributes") == {"stage": "early"}
    assert model.schema.categories[0].attributes[0].name == "stage"


def test_a_closed_model_hears_nothing_more(session: Session) -> None:
    model = SchemaModel(session)
    heard: list[str] = []
    model.changed.connect(lambda: heard.append("changed"))
    session.apply(nl.edits.RenameCategory(1, "nucleus"))
    model.close()
    session.apply(nl.edits.RenameCategory(1, "cell"))
    assert heard == ["changed"]


def test_a_session_that_may_only_look_refuses_in_words(tmp_path: Path, session: Session) -> None:
    with nl.open_session(session.path, read_only=True) as looking:
        model = SchemaModel(looking)
        told: list[str] = []
        model.refused.connect(told.append)
        assert model.read_only_reason
        assert not model.apply(with_new_category(model.schema))
        assert told


def test_a_schema_of_its_own_gives_every_class_a_key() -> None:
    model = SchemaModel(None, LabelSchema((Category("a"), Category("b", key=7))))
    model.apply(with_new_category(model.schema))
    keys = [category.key for category in model.schema.categories]
    assert len(set(keys)) == 3
    assert None not in keys
