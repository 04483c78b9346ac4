"""Counts of annotations by class: brought up to date by what a change touched, equal to counting anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from section_scenarios import MITOSIS, NUCLEUS, open_document

from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows, SetTag
from napari_labeltool.core.geometry import Box
from napari_labeltool.core.schema_edits import RenameCategory
from napari_labeltool.widgets.class_counts import ClassCounts
from napari_labeltool.widgets.class_looks import ClassLooks

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "delete", "relabel", "unlabel", "tag", "undo", "redo"]), st.integers(0, 9)
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_updated_counts_equal_counts_read_anew(tmp_path_factory: pytest.TempPathFactory, steps: list) -> None:
    session = open_document(tmp_path_factory.mktemp("counts"))
    dataset = session.dataset
    counts = ClassCounts(dataset, image=0)
    session.changed.connect(lambda event: counts.update(event.touched.annotations))
    for step, number in steps:
        alive = dataset.annotations.rows()
        row = int(alive[number % len(alive)]) if len(alive) else None
        if step == "add":
            session.apply(AddObject(Rows([number % 3]), Rows([number % 3]), Box((1, 1, 5, 5))))
        elif step == "tag":
            session.apply(SetTag(Rows([number % 3]), "IHC", number % 2 == 0))
        elif step in ("undo", "redo"):
            getattr(session, step)()
        elif row is not None and step == "delete":
            session.apply(DeleteObjects(Rows([row])))
        elif row is not None:
            session.apply(Relabel(Rows([row]), None if step == "unlabel" else Rows([MITOSIS])))
    fresh = ClassCounts(dataset, image=0)
    classes = range(-1, dataset.categories.row_count)
    assert [counts.here(row) for row in classes] == [fresh.here(row) for row in classes]
    assert [counts.total(row) for row in classes] == [fresh.total(row) for row in classes]
    session.close(discard=True)


def test_counts_follow_the_shown_image(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    counts = ClassCounts(session.dataset, image=0)
    assert (counts.here(NUCLEUS), counts.total(NUCLEUS)) == (2, 3)
    counts.show_image(1)
    assert (counts.here(NUCLEUS), counts.total(NUCLEUS)) == (1, 3)
    counts.show_image(-1)
    assert (counts.here(NUCLEUS), counts.total(NUCLEUS)) == (0, 3)


def test_update_names_the_classes_whose_counts_changed(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    counts = ClassCounts(session.dataset, image=0)
    change = session.apply(Relabel([11], "mitosis"))
    assert counts.update(change.touched.annotations) == {NUCLEUS, MITOSIS}
    assert counts.update(change.touched.annotations) == set()


def test_captions_do_not_count_as_unlabelled_objects(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [],
        "annotations": [{"id": 1, "image_id": 1, "caption": "a cat"}],
    }
    counts = ClassCounts(open_document(tmp_path, content).dataset, image=0)
    assert counts.total(-1) == 0


def test_looks_are_read_again_only_when_the_schema_changed(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    looks = ClassLooks(session)
    moved = session.apply(Relabel([11], "mitosis"))
    assert not looks.update(moved.touched)
    renamed = session.apply(RenameCategory("mitosis", "figure"))
    assert looks.update(renamed.touched)
    assert looks.of(MITOSIS).name == "figure"
    assert looks.of(-1).name == "unlabelled"
