"""Edits of many annotations at once: equal to one after another, with one way back, at a cost that does not grow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import DeleteObjects, Edit, Relabel, Rows, SetAttributes, SetStatus
from napari_labeltool.core.history import History
from napari_labeltool.core.ops import PatchRows, SetCategory, op_from_json, op_to_json
from napari_labeltool.core.row_codec import rows_from_json, rows_to_json
from napari_labeltool.formats.coco import parse_coco, render_coco

FACTS: list[Any] = [
    None,
    {},
    {"status": "approved"},
    {"status": "draft", "comment": "?"},
    {"x": [1, None]},
    5,
]
ATTRIBUTES: list[Any] = [None, {}, {"a": 1}, {"a": True}, {"a": 1.0, "b": "x"}, {"rotation": 4}]


def read(count: int, odd: bool = True, **more: Any) -> Dataset:
    annotations = []
    for k in range(count):
        record: dict[str, Any] = {"id": k + 1, "image_id": 1, "category_id": k % 2 + 1}
        record["segmentation"] = [[0, 0, 9, 0, 9, 9, 0, 9]]
        record["bbox"], record["area"] = [0, 0, 9, 9], 81
        if odd and k % 3:
            for key, values in (("labeltool", FACTS), ("attributes", ATTRIBUTES)):
                if values[k % 5 + (k % 2)] is not None or k % 7 == 0:
                    record[key] = values[k % 5 + (k % 2)]
        annotations.append({**record, **more})
    document = {
        "images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 20}],
        "annotations": annotations,
        "categories": [{"id": 1, "name": "cell"}, {"id": 2, "name": "fly"}],
    }
    return parse_coco(json.dumps(document).encode())


def state(dataset: Dataset) -> Any:
    rows = range(dataset.annotations.row_count)
    table = dataset.annotations
    records = [json.dumps(dataset.annotation(row), sort_keys=True) for row in rows]
    flags = table.flags & (Flag.ROTATED | Flag.CROWD | Flag.SCORE)
    return records, table.alive.tolist(), flags.tolist(), table.kind.tolist()


def without_empty(found: Any) -> Any:
    """Leave out empty objects: one by one they go with their last key, together those of the file stay."""
    records = [json.loads(text) for text in found[0]]
    return [{key: value for key, value in record.items() if value != {}} for record in records], *found[1:]


def written(dataset: Dataset) -> bytes:
    return b"".join(bytes(piece) for piece in render_coco(dataset))


SMALL = st.integers(1, 9)
ROWS = st.lists(st.integers(0, 59), min_size=17, max_size=60, unique=True)
MANY: list[Callable[[Any], Edit]] = [
    lambda rows: SetStatus(rows, "approved"),
    lambda rows: SetStatus(rows, "", "look"),
    lambda rows: SetStatus(rows, None, ""),
    lambda rows: SetAttributes(rows, {"a": 1}),
    lambda rows: SetAttributes(rows, {"a": None, "b": "y"}),
    lambda rows: SetAttributes(rows, {"rotation": 30}),
    lambda rows: SetAttributes(rows, {"rotation": None}),
    lambda rows: Relabel(rows, "fly"),
    lambda rows: DeleteObjects(rows),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MANY), ROWS), min_size=1, max_size=5))
def test_many_at_once_are_as_one_after_another_and_go_back_step_by_step(steps: list[Any]) -> None:
    together, apart, replayed = read(60), read(60), read(60)
    history = History()
    before = [written(together)]
    states = [state(together)]
    for make, chosen in steps:
        alive = [row for row in chosen if together.annotations.alive[row]]
        if len(alive) < 17:
            continue
        for row in alive:
            apart.apply(make(Rows([row])).ops(apart))
        ops = tuple(make(Rows(alive)).ops(together))
        assert len(ops) <= 1
        if not ops:
            continue
        history.do(together, "", ops)
        replayed.apply([op_from_json(json.loads(json.dumps(op_to_json(op)))) for op in ops])
        before.append(written(together))
        states.append(state(together))
        assert state(together) == state(replayed)
        assert without_empty(state(together)) == without_empty(state(apart))
        assert before[-1] == written(replayed)
    for expected, text in list(zip(states, before))[-2::-1]:
        history.undo(together)
        assert state(together) == expected
        assert written(together) == text
    for expected in states[1:]:
        history.redo(together)
        assert state(together) == expected


def test_a_single_edit_after_one_of_many_leaves_the_others() -> None:
    dataset = read(40)
    dataset.apply(SetStatus(Rows(range(40)), "approved").ops(dataset))
    undo = dataset.apply(SetStatus(Rows([3]), "draft").ops(dataset))
    assert [dataset.annotations.value(row, "labeltool")["status"] for row in (2, 3, 4)] == [
        "approved",
        "draft",
        "approved",
    ]
    dataset.apply(undo)
    assert dataset.annotations.value(3, "labeltool")["status"] == "approved"


def test_annotations_in_which_nothing_changes_are_left_out() -> None:
    dataset = read(100)
    dataset.apply(SetStatus(Rows(range(0, 100, 2)), "approved").ops(dataset))
    (op,) = SetStatus(Rows(range(100)), "approved").ops(dataset)
    assert isinstance(op, PatchRows)
    assert not (op.rows % 2 == 0).any()
    dataset.apply([op])
    assert not SetStatus(Rows(range(100)), "approved").ops(dataset)


@given(
    st.lists(st.integers(0, 5000), max_size=400)
    | st.builds(
        lambda a, n, s: list(range(a, a + n * s, s)),
        st.integers(0, 99),
        st.integers(0, 300),
        st.integers(1, 9),
    )
    | st.builds(lambda a, b: [*range(a), *range(a + 7, a + 7 + b)], st.integers(1, 300), st.integers(1, 300))
    | st.sets(st.integers(0, 700), max_size=500).map(sorted)
)
def test_rows_come_back_from_json_in_their_order(rows: list[int]) -> None:
    array = np.array(rows, np.int64)
    assert rows_from_json(json.loads(json.dumps(rows_to_json(array)))).tolist() == rows


def test_half_a_million_rows_make_a_short_line() -> None:
    rows = np.flatnonzero(np.random.default_rng(0).random(1_000_000) < 0.5)
    assert len(json.dumps(rows_to_json(rows))) < 200_000
    assert len(json.dumps(rows_to_json(rows[:1000].repeat(1)))) < 2_000
    assert len(json.dumps(rows_to_json(np.arange(0, 1_000_000, 2)))) < 60


def calls(work: Callable[[], object]) -> int:
    """Count the calls of functions, Python's and C's, that some work makes."""
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("make", [MANY[0], MANY[3], MANY[7], MANY[8]])
def test_the_steps_of_an_edit_of_many_do_not_grow_with_their_number(make: Callable[[Any], Edit]) -> None:
    counts = []
    for size in (2_000, 20_000):
        dataset, history = read(size, odd=False), History()

        def work(dataset: Dataset = dataset, history: History = history, size: int = size) -> None:
            edit = make(Rows(np.arange(0, size, 2)))
            edit.label(dataset)
            change = history.do(dataset, "", tuple(edit.ops(dataset)))
            json.dumps([op_to_json(op) for op in change.ops])
            assert len(change.touched.annotations) in (size // 2, 0)
            history.undo(dataset)
            history.redo(dataset)

        counts.append(calls(work))
    assert counts[1] <= counts[0] + 20


def test_the_history_of_an_edit_of_many_is_small() -> None:
    dataset = read(20_000, odd=False)
    for edit in (Relabel(Rows(range(20_000)), "fly"), SetStatus(Rows(range(20_000)), "draft")):
        ops = edit.ops(dataset)
        inverse = dataset.apply(ops)
        held = {id(array): array.nbytes for op in (*ops, *inverse) for array in arrays_of(op)}
        assert sum(held.values()) < 8 * 20_000


def arrays_of(op: Any) -> list[Any]:
    found = [op.rows]
    if isinstance(op, SetCategory):
        found.append(op.categories)
    return [array for array in found if array.strides != (0,)]
