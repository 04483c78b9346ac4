"""The filter language of the annotation list."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from section_scenarios import open_document

from napari_labeltool.core.edits import Rows, SetAttributes, SetStatus
from napari_labeltool.widgets.annotation_facts import RecordFacts
from napari_labeltool.widgets.annotation_query import FilterError, parse_query
from napari_labeltool.widgets.class_looks import ClassLooks


def ids_found(session, text: str) -> list[int]:
    dataset = session.dataset
    rows = dataset.annotations.rows()
    found = parse_query(text).matches(dataset, rows, ClassLooks(session), RecordFacts(dataset.annotations))
    return dataset.annotations.id[rows[found]].tolist()


@pytest.fixture
def session(tmp_path: Path):
    return open_document(tmp_path)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [11, 12, 13, 14, 15, 16, 17]),
        ("nucleus", [11, 12, 14]),
        ("NUC", [11, 12, 14]),
        ("14", [14]),
        ("class:nucleus,mitosis", [11, 12, 13, 14]),
        ("class=nucl", []),
        ("class=Nucleus", [11, 12, 14]),
        ("class!=nucleus", [13, 15, 16, 17]),
        ("unlabelled", [17]),
        ("kind:polygon", [12]),
        ("kind:box", [11, 13, 14, 17]),
        ("kind:keypoints", [15]),
        ("kind:tag", [16]),
        ("-kind:box", [12, 15, 16]),
        ("area>=450", [11, 12]),
        ("area!=16", [11, 12, 13, 14, 15]),
        ("width>20 height<30", [11]),
        ("score<0.5", [13]),
        ("has:score", [12, 13]),
        ("has:keypoints,score", [12, 13, 15]),
        ("status:needs_review", [13]),
        ('status:"needs review"', [13]),
        ("status:none area>50", [11, 12, 14]),
        ("is:crowd", []),
        ("id>15", [16, 17]),
        ("left=10 nucleus -kind:polygon", [11]),
    ],
)
def test_filter_finds(session, text: str, ids: list[int]) -> None:
    assert ids_found(session, text) == ids


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("area>abc", "abc found, expected a number"),
        ("area>", "nothing found, expected a number"),
        ("aera>5", "aera found, expected one of"),
        ("kind:circle", "circle found, expected box or"),
        ("status:done", "done found, expected none or draft"),
        ("kind>mask", "> found after kind, expected : or ="),
    ],
)
def test_filter_says_what_it_does_not_understand(text: str, words: str) -> None:
    with pytest.raises(FilterError, match=re.escape(words)):
        parse_query(text)


@given(text=st.text(alphabet='abcdkind:=<>!-0123" ,.', max_size=20))
def test_any_text_is_understood_or_refused_with_a_sentence(text: str) -> None:
    try:
        query = parse_query(text)
    except FilterError as error:
        sentence = str(error)
        assert "expected" in sentence
    else:
        assert all(term.values for term in query.terms)


@given(bound=st.integers(0, 700), sign=st.sampled_from([">", ">=", "<", "<=", "="]))
def test_numbers_compare_as_python_does(
    tmp_path_factory: pytest.TempPathFactory, bound: int, sign: str
) -> None:
    session = _shared(tmp_path_factory)
    table = session.dataset.annotations
    python = {">": "__gt__", ">=": "__ge__", "<": "__lt__", "<=": "__le__", "=": "__eq__"}[sign]
    expected = [
        int(table.id[row])
        for row in table.rows()
        if not np.isnan(table.area[row]) and getattr(float(table.area[row]), python)(float(bound))
    ]
    assert ids_found(session, f"area{sign}{bound}") == expected


_SESSIONS: list = []


def _shared(factory: pytest.TempPathFactory):
    if not _SESSIONS:
        _SESSIONS.append(open_document(factory.mktemp("query")))
    return _SESSIONS[0]


def test_status_filter_follows_an_edit_once_the_facts_were_told(session) -> None:
    facts, looks = RecordFacts(session.dataset.annotations), ClassLooks(session)
    rows = session.dataset.annotations.rows()
    query = parse_query("status:approved")
    assert not query.matches(session.dataset, rows, looks, facts).any()
    change = session.apply(SetStatus([11], "approved"))
    facts.forget(change.touched.annotations)
    found = query.matches(session.dataset, rows, looks, facts)
    assert session.dataset.annotations.id[rows[found]].tolist() == [11]


def test_ids_that_are_texts_are_found(tmp_path: Path) -> None:
    content = {
        "images": [{"id": "a", "file_name": "a.png"}],
        "categories": [{"id": "c", "name": "cell"}],
        "annotations": [
            {"id": name, "image_id": "a", "category_id": "c", "bbox": [0, 0, 1, 1]} for name in ("x7", "x8")
        ],
    }
    session = open_document(tmp_path, content)
    rows = session.dataset.annotations.rows()
    found = parse_query("x8").matches(
        session.dataset, rows, ClassLooks(session), RecordFacts(session.dataset.annotations)
    )
    assert found.tolist() == [False, True]


def test_attributes_are_found_by_their_values(tmp_path: Path) -> None:
    values = [
        {"stage": "late", "occluded": True, "count": 5},
        {"stage": "Later", "occluded": False, "count": 3.5},
        {"stage": ["late", "x"], "occluded": 1},
        {},
        None,
        {"two words": "x"},
    ]
    annotations = [
        {"id": n, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "attributes": value}
        for n, value in enumerate(values)
    ] + [{"id": n, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]} for n in range(6, 40)]
    content = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": annotations,
    }
    session = open_document(tmp_path, content)
    looks, facts = ClassLooks(session), RecordFacts(session.dataset.annotations)

    def found(text: str) -> list[int]:
        rows = np.arange(40)
        return rows[parse_query(text).matches(session.dataset, rows, looks, facts)].tolist()

    assert found("attr.stage=late") == [0, 2]
    assert found("attr.stage:late") == [0, 1, 2]
    assert found("attr.occluded=yes") == [0]
    assert found("attr.count>3") == [0, 1]
    assert found("attr.count=5") == [0]
    assert found('attr."two words"=x') == [5]
    assert found("has:attributes") == [0, 1, 2, 5]
    assert found("attr.stage!=late has:attributes") == [1, 5]
    session.apply(SetAttributes(Rows(range(1, 40)), {"stage": "late"}))
    assert found("attr.stage=late") == list(range(40))
    session.apply(SetAttributes(Rows([20]), {"stage": "new"}))
    assert found("-attr.stage=late") == [20]
    session.close(discard=True)
