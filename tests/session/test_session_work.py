"""Edits, undo, redo, signals, counts and words of a session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from session_scenarios import Headless, random_edit, write_document

import napari_labeltool as nl
from napari_labeltool.core.schema import schema_of
from napari_labeltool.journal import read_journal
from napari_labeltool.session import ChangeEvent


@pytest.fixture
def session(tmp_path: Path) -> nl.Session:
    session = nl.open_session(write_document(tmp_path / "project"), author="ana")
    yield session
    session.close(discard=True)


def written(session: nl.Session, folder: Path) -> bytes:
    target = folder / "written.json"
    nl.write_coco(session.dataset, target, backup=False, force=True)
    return target.read_bytes()


def test_an_edit_is_one_step_one_journal_line_and_one_event(session: nl.Session) -> None:
    events: list[ChangeEvent] = []
    session.changed.connect(events.append)
    token = object()
    change = session.apply(nl.edits.Relabel([10, 12], "mitosis"), origin=token)
    assert change is not None
    assert [(event.kind, event.origin) for event in events] == [("do", token)]
    assert events[0].touched.annotations.tolist() == [0, 2]
    assert session.journal is not None
    steps = read_journal(session.journal.place.journal).steps
    assert [(step.kind, step.label) for step in steps] == [("do", change.label)]
    session.undo()
    assert (events[1].kind, events[1].origin, events[1].label) == ("undo", None, change.label)
    assert session.undo_label is None
    assert session.redo_label == change.label


def test_an_edit_that_changes_nothing_makes_no_step(session: nl.Session) -> None:
    events: list[ChangeEvent] = []
    session.changed.connect(events.append)
    assert session.apply(nl.edits.Relabel([10], "nucleus")) is None
    assert session.apply(nl.edits.SetImageState(1, "todo")) is None
    assert (events, session.dirty, session.undo_label) == ([], 0, None)


def test_a_refused_edit_changes_nothing(session: nl.Session, tmp_path: Path) -> None:
    before = written(session, tmp_path)
    with pytest.raises(nl.EditRefused):
        session.apply(nl.edits.Relabel([4711], "mitosis"))
    assert written(session, tmp_path) == before
    assert session.dirty == 0


@settings(max_examples=40, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=1, max_size=15))
def test_undo_and_redo_go_over_every_kind_of_edit(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("project")
    session = nl.open_session(write_document(folder))
    states = [written(session, folder)]
    for seed in seeds:
        try:
            change = session.apply(random_edit(seed, session.dataset))
        except nl.EditRefused:
            continue
        if change is not None:
            states.append(written(session, folder))
    for state in reversed(states[:-1]):
        assert session.undo() is not None
        assert written(session, folder) == state
    assert session.undo() is None
    for state in states[1:]:
        assert session.redo() is not None
        assert written(session, folder) == state
    assert session.redo() is None
    session.close(discard=True)


def test_schema_and_tags_are_undone_like_everything_else(session: nl.Session, tmp_path: Path) -> None:
    before = written(session, tmp_path)
    schema = session.schema
    session.apply(nl.edits.SetTag(1, "blurred"))
    session.apply(nl.edits.RenameCategory(1, "cell nucleus"))
    session.apply(nl.edits.MergeCategories([1], 2))
    assert session.schema != schema
    assert session.schema == schema_of(session.dataset)
    for _ in range(3):
        session.undo()
    assert session.schema == schema
    assert written(session, tmp_path) == before


def test_the_schema_is_computed_once_for_each_state(session: nl.Session) -> None:
    assert session.schema is session.schema
    first = session.schema
    session.apply(nl.edits.RenameCategory(1, "cell nucleus"))
    assert session.schema is not first


def test_dirty_counts_the_steps_between_file_and_present(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    session.apply(nl.edits.DeleteObjects([11]))
    assert session.dirty == 2
    session.save()
    assert session.dirty == 0
    session.undo()
    session.undo()
    assert session.dirty == 2
    session.redo()
    assert session.dirty == 1
    session.redo()
    assert session.dirty == 0
    session.undo()
    session.apply(nl.edits.DeleteObjects([12]))
    assert session.dirty == 2


def test_words_say_what_is_saved_and_what_is_in_the_journal(session: nl.Session) -> None:
    assert session.state_words().endswith("nothing changed since")
    session.apply(nl.edits.DeleteObjects([10]))
    assert session.state_words().endswith(", 1 edit since is in the journal")
    assert session.state_words().startswith("Opened ")
    session.save()
    assert session.state_words() == session.state_words().split(",")[0]
    assert session.state_words().startswith("Saved ")
    session.apply(nl.edits.DeleteObjects([11]))
    session.undo()
    session.undo()
    assert session.state_words().endswith(", 1 edit since is in the journal")


def test_counts_follow_the_edits(session: nl.Session) -> None:
    counts = session.statistics()
    assert (counts.images, counts.annotated_images, counts.objects, counts.tags) == (3, 3, 5, 1)
    assert counts.images_by_state["todo"] == 3
    assert counts.objects_by_category == {0: 2, 1: 2, 2: 1}
    assert counts.tags_by_category == {3: 1}
    session.apply(nl.edits.DeleteObjects([10]))
    session.apply(nl.edits.SetImageState(2, "done", verified_empty=True))
    session.apply(nl.edits.AddImages(({"file_name": "d.png", "width": 3, "height": 4},)))
    assert session.progress.object_counts().tolist() == [1, 2, 1, 0]
    assert session.progress.image_states() == ["todo", "done", "todo", "todo"]
    after = session.statistics()
    assert (after.images, after.objects, after.images_by_state["done"]) == (4, 4, 1)
    assert (after.verified_empty, after.done_fraction) == (1, 0.25)
    for _ in range(3):
        session.undo()
    assert session.statistics() == counts


def test_counts_equal_a_count_of_the_records(session: nl.Session) -> None:
    for seed in range(60):
        try:
            session.apply(random_edit(seed, session.dataset))
        except nl.EditRefused:
            continue
        session.statistics()
    dataset = session.dataset
    table = dataset.annotations
    placed = [
        r for r in map(int, table.rows()) if dataset.geometry(r) is not None or table.value(r, "keypoints")
    ]
    expected = np.zeros(dataset.images.row_count, int)
    for row in placed:
        expected[table.image[row]] += 1
    assert session.progress.object_counts().tolist() == expected.tolist()
    assert session.progress.image_states() == [dataset.images.at(r).state for r in range(len(expected))]


def test_an_automatic_save_is_due_after_its_interval(session: nl.Session) -> None:
    session.apply(nl.edits.DeleteObjects([10]))
    assert not session.autosave_due(session.opened_at + 10_000)
    session.autosave_minutes = 5
    assert not session.autosave_due(session.opened_at + 299)
    assert session.autosave_due(session.opened_at + 301)
    session.save()
    assert not session.autosave_due(session.opened_at + 10_000)


def test_a_closed_session_refuses_edits(session: nl.Session) -> None:
    session.close()
    with pytest.raises(nl.EditRefused, match="closed"):
        session.apply(nl.edits.DeleteObjects([10]))
    session.close()


def test_the_session_does_what_the_headless_dataset_does(session: nl.Session, tmp_path: Path) -> None:
    oracle = Headless(session.path)
    for seed in range(40):
        try:
            oracle.apply(random_edit(seed, oracle.dataset))
        except nl.EditRefused:
            continue
        session.apply(random_edit(seed, session.dataset))
    assert written(session, tmp_path) == oracle.written(tmp_path)


def test_an_annotation_with_a_mask_that_cannot_be_decoded_can_be_edited_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(
        '{"images": [{"id": 1, "file_name": "a.png", "width": 10, "height": 10}], "categories": [],'
        ' "annotations": [{"id": 1, "image_id": 1, "segmentation": {"size": [10, 10], "counts": [3, 4]}}]}'
    )
    before = path.read_bytes()
    with nl.open_session(path) as session:
        session.apply(nl.edits.SetStatus([1], "needs_review", "the mask is broken"))
        session.save()
        assert b'"counts": [3, 4]' in path.read_bytes()
        session.undo()
        session.save()
    assert path.read_bytes() == before
