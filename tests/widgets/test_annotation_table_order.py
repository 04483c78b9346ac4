"""Which annotations the list shows, in which order, and how it follows changes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from section_scenarios import open_document

from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows, SetStatus
from napari_labeltool.core.geometry import Box
from napari_labeltool.session import open_session
from napari_labeltool.widgets.annotation_facts import RecordFacts
from napari_labeltool.widgets.annotation_order import AnnotationOrder, Column, ranges_of
from napari_labeltool.widgets.annotation_query import parse_query
from napari_labeltool.widgets.annotation_scope import EVERY_IMAGE
from napari_labeltool.widgets.class_looks import ClassLooks


def order_of(session, image: int = EVERY_IMAGE, query: str = "") -> AnnotationOrder:
    order = AnnotationOrder(session.dataset, ClassLooks(session))
    order.image, order.query = image, parse_query(query)
    order.fill()
    return order


def ids(order: AnnotationOrder) -> list[int]:
    return order.dataset.annotations.id[order.rows].tolist()


@pytest.mark.parametrize(
    ("column", "descending", "expected"),
    [
        (None, False, [11, 12, 13, 14, 15, 16, 17]),
        (Column.ID, True, [17, 16, 15, 14, 13, 12, 11]),
        (Column.CLASS, False, [16, 15, 13, 11, 12, 14, 17]),
        (Column.KIND, False, [11, 13, 14, 17, 12, 15, 16]),
        (Column.AREA, False, [17, 13, 15, 14, 12, 11, 16]),
        (Column.AREA, True, [11, 12, 14, 15, 13, 17, 16]),
        (Column.SCORE, True, [12, 13, 11, 14, 15, 16, 17]),
        (Column.STATUS, True, [13, 11, 12, 14, 15, 16, 17]),
        (Column.IMAGE, False, [11, 12, 13, 16, 14, 15, 17]),
    ],
)
def test_sorting_keeps_the_order_of_the_file_among_equals(
    tmp_path: Path, column: Column | None, descending: bool, expected: list[int]
) -> None:
    order = order_of(open_document(tmp_path))
    order.column, order.descending = column, descending
    order.fill()
    assert ids(order) == expected


def test_ids_of_text_come_after_numbers_and_count_their_digits(tmp_path: Path) -> None:
    names = ["b10", 7, "b9", None, "a1", 3]
    content = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [],
        "annotations": [{"id": name, "image_id": 1, "bbox": [0, 0, 1, 1]} for name in names],
    }
    order = order_of(open_document(tmp_path, content))
    order.column = Column.ID
    order.fill()
    assert [order.dataset.annotations.id_of(int(row)) for row in order.rows] == [
        3,
        7,
        "a1",
        "b9",
        "b10",
        None,
    ]


def follow(order: AnnotationOrder, touched) -> None:
    """Apply a change as the item model does."""
    change = order.change(touched.annotations)
    for first, last in reversed(ranges_of(change.removed)):
        order.remove(first, last)
    for row in change.added.tolist():
        order.insert(order.place_for(row), row)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "delete", "relabel", "status", "undo", "redo"]), st.integers(0, 9)),
    max_size=10,
)


@settings(max_examples=25, deadline=None)
@given(
    steps=STEPS,
    image=st.sampled_from([0, 1, EVERY_IMAGE]),
    query=st.sampled_from(["", "nucleus", "status:approved", "-mitosis"]),
)
def test_a_list_that_follows_changes_equals_one_filled_anew(
    tmp_path_factory: pytest.TempPathFactory, steps: list, image: int, query: str
) -> None:
    session = open_document(tmp_path_factory.mktemp("order"))
    order = order_of(session, image, query)
    session.changed.connect(lambda event: follow(order, event.touched))
    for step, number in steps:
        alive = session.dataset.annotations.rows()
        row = int(alive[number % len(alive)]) if len(alive) else None
        if step == "add":
            session.apply(AddObject(Rows([number % 3]), Rows([number % 2]), Box((1, 1, 5, 5))))
        elif step in ("undo", "redo"):
            getattr(session, step)()
        elif row is not None:
            edit = {
                "delete": DeleteObjects(Rows([row])),
                "relabel": Relabel(Rows([row]), Rows([number % 2])),
                "status": SetStatus(Rows([row]), "approved" if number % 2 else ""),
            }[step]
            session.apply(edit)
    assert order.rows.tolist() == order_of(session, image, query).rows.tolist()
    assert order.scope_count() == len(order_of(session, image).rows)
    session.close(discard=True)


def test_a_new_annotation_is_put_where_the_sorting_wants_it(tmp_path: Path) -> None:
    session = open_document(tmp_path)
    order = order_of(session)
    order.column = Column.AREA
    order.fill()
    session.changed.connect(lambda event: follow(order, event.touched))
    session.apply(AddObject(Rows([0]), Rows([0]), Box((0, 0, 10, 5))))
    areas = order.dataset.annotations.area[order.rows]
    assert np.array_equal(areas, np.sort(areas), equal_nan=True)
    assert 50 in areas


def test_places_are_minus_one_for_what_is_not_in_the_list(tmp_path: Path) -> None:
    order = order_of(open_document(tmp_path), query="nucleus")
    assert order.places(np.array([0, 1, 2, 3])).tolist() == [0, 1, -1, 2]


@given(st.sets(st.integers(0, 40)))
def test_ranges_say_the_same_places(places: set[int]) -> None:
    ascending = np.array(sorted(places), np.int64)
    ranges = ranges_of(ascending)
    assert [place for first, last in ranges for place in range(first, last + 1)] == sorted(places)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(ranges))


def test_records_read_many_at_once_say_what_records_read_singly_say(tmp_path: Path) -> None:
    annotations = [
        {
            "id": number,
            "image_id": 1,
            "bbox": [0, 0, 1, 1],
            **({"score": number / 10000} if number % 3 else {}),
            **({"labeltool": {"status": "approved"}} if number % 5 == 0 else {}),
            **({"attributes": {"score": 7, "labeltool": {"status": "draft"}}} if number % 7 == 0 else {}),
        }
        for number in range(6000)
    ]
    content = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [], "annotations": annotations}
    session = open_document(tmp_path, content)
    session.apply(SetStatus([10, 11], "rejected"))
    many, singly = (RecordFacts(session.dataset.annotations) for _ in range(2))
    rows = session.dataset.annotations.rows()
    scores, statuses = many.scores(rows), many.statuses(rows)
    assert np.array_equal(scores, [singly.score(int(row)) for row in rows], equal_nan=True)
    assert [singly.status(int(row)) for row in rows[:40]] == [
        ("", "draft", "needs_review", "approved", "rejected")[code] for code in statuses[:40]
    ]
    assert statuses[10] == statuses[11] == 4


def test_scores_that_are_not_json_numbers_are_none(tmp_path: Path) -> None:
    path = tmp_path / "annotations.json"
    path.write_text(
        '{"images": [{"id": 1, "file_name": "a.png"}], "categories": [], "annotations": ['
        '{"id": 1, "image_id": 1, "bbox": [0, 0, 1, 1], "score": NaN},'
        '{"id": 2, "image_id": 1, "bbox": [0, 0, 1, 1], "score": "high"}]}'
    )
    facts = RecordFacts(open_session(path).dataset.annotations)
    assert np.isnan(facts.scores(np.array([0, 1]))).all()
