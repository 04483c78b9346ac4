"""What the form of the selection says, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest
from section_scenarios import open_document

from napari_labeltool.core.edits import Rows, SetAttributes, SetStatus
from napari_labeltool.widgets.selection_facts import facts_words, title_words, track_of
from napari_labeltool.widgets.selection_fields import READ_LIMIT, Mixed, selection_of, value_words


@pytest.fixture
def session(tmp_path: Path):
    return open_document(tmp_path)


def values(selection) -> dict:
    return {field.attribute.name: field.value for field in selection.fields}


def test_declared_attributes_come_first_with_their_values(session) -> None:
    selection = selection_of(session.dataset, [0])
    assert list(values(selection).items())[:4] == [
        ("stage", "early"),
        ("diameter", 12),
        ("touching", None),
        ("note", None),
    ]
    assert not selection.fields[0].complaint


def test_a_missing_required_attribute_is_said(session) -> None:
    stage = selection_of(session.dataset, [1]).fields[0]
    assert stage.value is None
    assert stage.complaint == "stage needs a value."


def test_a_value_against_the_schema_is_said_and_kept(session) -> None:
    session.apply(SetAttributes(Rows([0]), {"diameter": 99}))
    diameter = selection_of(session.dataset, [0]).fields[1]
    assert diameter.value == 99
    assert "at most 50" in diameter.complaint


def test_attributes_of_the_record_alone_are_offered_with_a_guessed_type(session) -> None:
    session.apply(SetAttributes(Rows([2]), {"occluded": True, "rank": 3, "who": "me"}))
    fields = {field.attribute.name: field for field in selection_of(session.dataset, [2]).fields}
    assert {name: field.attribute.type for name, field in fields.items()} == {
        "occluded": "yes_no",
        "rank": "number",
        "who": "text",
    }
    assert not any(field.is_declared for field in fields.values())


def test_an_object_among_the_attributes_is_shown_and_locked(session) -> None:
    source = selection_of(session.dataset, [3]).fields[-1]
    assert source.locked
    assert value_words(source.value) == '{"a": 1}'


def test_several_annotations_share_or_differ(session) -> None:
    session.apply(SetAttributes(Rows([3]), {"diameter": 12}))
    found = values(selection_of(session.dataset, [0, 3]))
    assert found["stage"] is Mixed.VARIOUS
    assert found["diameter"] == 12
    assert found["touching"] is None


def test_one_and_true_are_different_values(session) -> None:
    session.apply(SetAttributes(Rows([0]), {"touching": True}))
    session.apply(SetAttributes(Rows([1]), {"touching": 1}))
    assert values(selection_of(session.dataset, [0, 1]))["touching"] is Mixed.VARIOUS


def test_of_several_classes_only_common_attributes_are_offered(session) -> None:
    assert "stage" not in {f.attribute.name for f in selection_of(session.dataset, [1, 2]).fields}


def test_status_and_comment_are_shared_or_various(session) -> None:
    session.apply(SetStatus(Rows([0]), "approved", "well done"))
    one = selection_of(session.dataset, [0])
    assert (one.status, one.comment) == ("approved", "well done")
    both = selection_of(session.dataset, [0, 1])
    assert (both.status, both.comment) == (Mixed.VARIOUS, Mixed.VARIOUS)


def test_very_many_annotations_are_not_read(session) -> None:
    selection = selection_of(session.dataset, [0] * (READ_LIMIT + 1))
    assert values(selection)["stage"] is Mixed.UNREAD
    assert selection.status is Mixed.UNREAD
    assert not selection.fields[0].complaint


def test_nothing_selected_says_what_to_do(session) -> None:
    assert selection_of(session.dataset, []).fields == ()
    assert title_words(session.dataset, []) == "Nothing selected"
    assert "click an object" in facts_words(session.dataset, [])


def test_facts_of_one_and_of_several(session) -> None:
    plain = facts_words(session.dataset, [1]).replace("\u00a0", " ")
    assert plain == "polygon · box 10, 10, 30 × 30 · area 450 px · score 0.9 · id 12"
    assert "1 of 2 keypoints" in facts_words(session.dataset, [4]).replace("\u00a0", " ")
    several = facts_words(session.dataset, [0, 1, 3]).replace("\u00a0", " ")
    assert several == "nucleus · 2 box, 1 polygon · area 64 to 600 px"
    assert title_words(session.dataset, [0, 1, 3]) == "3 annotations selected"
    assert title_words(session.dataset, [0]) == "Selected: nucleus 11"


@pytest.mark.parametrize(
    ("record", "track"),
    [
        ({"track_id": 3}, 3),
        ({"attributes": {"track_id": 4}}, 4),
        ({"instance_id": "a"}, "a"),
        ({"track_id": None}, None),
        ({}, None),
    ],
)
def test_the_track_is_found_where_tools_put_it(record: dict, track: object) -> None:
    assert track_of(record) == track
