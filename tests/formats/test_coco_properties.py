"""Reading and writing over any JSON style and any edit."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from coco_texts import document, read, written
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.columns import bbox_of, flags_of, kind_of
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Append, Op, Patch, SetAlive, SetCategory
from napari_labeltool.core.values import REMOVED
from napari_labeltool.formats.coco.diff import apply_edits, changed_value, same
from napari_labeltool.formats.coco.text import Style

numbers = st.one_of(
    st.integers(-1000, 1000),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2)),
    st.sampled_from([0, 1, 2, 0.5, 1e-7, 2**60, 1e22]),
)
scalars = st.one_of(
    st.none(), st.booleans(), numbers, st.text(max_size=6), st.sampled_from(['a"b', "}{", "\\", "[", "/"])
)
keys = st.sampled_from(["a", "b", "id", "bbox", "x/y", "\u00fc", "size", "counts", "rotation", 'q"'])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
flat = st.lists(numbers, max_size=10)
polygons = st.lists(flat, max_size=3)
runs = st.fixed_dictionaries(
    {
        "size": st.one_of(st.lists(st.integers(0, 5), max_size=3), values),
        "counts": st.one_of(flat, st.text(max_size=5), values),
    }
)
segmentations = st.one_of(polygons, polygons, flat, runs, values)
records = st.fixed_dictionaries(
    {},
    optional={
        "id": st.one_of(st.integers(0, 20), values),
        "image_id": st.one_of(st.integers(0, 3), values),
        "category_id": st.one_of(st.integers(0, 3), values),
        "bbox": st.one_of(st.lists(numbers, min_size=4, max_size=4), values),
        "segmentation": segmentations,
        "area": st.one_of(numbers, values),
        "iscrowd": st.one_of(st.sampled_from([0, 1, True, False, 1.0]), values),
        "keypoints": st.one_of(flat, st.lists(numbers, min_size=6, max_size=6), values),
        "score": st.one_of(numbers, values),
        "attributes": values,
        "labeltool": st.one_of(st.just({"shape": "rotated_box"}), values),
        "x": values,
    },
)
styles = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, None, 0, 1, 2, 4, "\t"]),
        "separators": st.sampled_from([None, (",", ":"), (", ", ": "), (" , ", " : ")]),
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
    }
)


def equal(a: Any, b: Any) -> bool:
    return same(a, b)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(records, records, values), max_size=8), styles)
def test_columns_are_those_of_the_records_on_the_fast_and_the_slow_way(
    rows: list[Any], style: dict[str, Any]
) -> None:
    dataset = read(document(rows), **style)
    columns = dataset.annotations
    for row, value in enumerate(rows):
        record = value if isinstance(value, dict) else {}
        assert equal(columns.base(row), record)
        assert columns.kind[row] == kind_of(record)
        assert columns.flags[row] == flags_of(record)
        assert equal(columns.id_of(row), record.get("id"))
        bbox, area = bbox_of(record), record.get("area")
        if bbox is not None:
            assert columns.bbox[row].tolist() == list(bbox)
        if isinstance(area, (int, float)) and not isinstance(area, bool):
            assert columns.area[row] == float(area)
        else:
            assert math.isnan(columns.area[row])
    assert json.loads(written(dataset)) == json.loads(json.dumps(document(rows), **style))


patches = st.dictionaries(
    st.sampled_from(["bbox", "segmentation", "area", "attributes", "x", "new", "labeltool", "image_id"]),
    st.one_of(st.just(REMOVED), values, segmentations, st.lists(numbers, min_size=4, max_size=4)),
    min_size=1,
    max_size=3,
)
commands = st.lists(
    st.one_of(
        st.tuples(st.just("patch"), st.integers(0, 9), patches),
        st.tuples(st.just("category"), st.integers(0, 9), st.integers(-1, 1)),
        st.tuples(st.just("delete"), st.integers(0, 9), st.none()),
        st.tuples(st.just("append"), st.integers(0, 1), records),
        st.tuples(
            st.just("document"),
            st.sampled_from(["info", "labeltool", "new"]),
            st.one_of(st.just(REMOVED), values),
        ),
    ),
    min_size=1,
    max_size=6,
)


def ops_of(dataset: Dataset, command: tuple[str, Any, Any]) -> list[Op]:
    what, where, value = command
    count = dataset.annotations.row_count
    if what == "append":
        record = {**value, "id": 1000 + count}
        record.pop("category_id", None)
        return [Append("annotations", count, record, 0, where)]
    if what == "document":
        return [Patch("document", 0, {where: value})]
    if not count:
        return []
    row = where % count
    if what == "patch":
        return [Patch("annotations", row, value)]
    if what == "delete":
        return [SetAlive("annotations", np.array([row]), False)]
    return [SetCategory(np.array([row]), np.array([value]))]


@settings(max_examples=400, deadline=None)
@given(st.lists(records, max_size=6), styles, commands, st.booleans(), st.sampled_from(["", "\n", " \r\n"]))
def test_any_edit_in_any_style_changes_what_it_names_and_nothing_else(
    rows: list[Any], style: dict[str, Any], steps: list[Any], windows: bool, end: str
) -> None:
    value = document(
        rows, categories=[{"id": 5, "name": "a"}, {"id": 7, "name": "b"}], info={"a": [1.0, 2], "b": "x"}
    )
    text = json.dumps(value, **style) + end
    text = text.replace("\n", "\r\n") if windows else text
    dataset = read(text)
    inverse: list[Op] = []
    touched: set[int] = set()
    for step in steps:
        for op in ops_of(dataset, step):
            inverse[:0] = dataset.apply([op])
            if isinstance(op, Patch) and op.table == "annotations":
                touched.add(op.row)
            elif isinstance(op, SetCategory):
                touched.update(op.rows.tolist())
    out = written(dataset)
    found = json.loads(out)
    alive = dataset.annotations.rows().tolist()
    assert equal(found["annotations"], [dataset.annotation(row) for row in alive])
    assert equal(
        {k: v for k, v in found.items() if k not in ("annotations", "images", "categories")},
        dataset.document.record(0),
    )
    again = read(out)
    for place, row in enumerate(alive):
        if row < dataset.annotations.base_count and row not in touched:
            assert again.annotations.raw(place) == dataset.annotations.raw(row)
    assert equal(again.images[0].record, value["images"][0])
    assert written(again) == out
    dataset.apply(inverse)
    assert written(dataset) == text


@settings(max_examples=400, deadline=None)
@given(values, values, styles)
def test_a_value_is_turned_into_any_other_one(old: Any, new: Any, style: dict[str, Any]) -> None:
    text = json.dumps(old, **style).encode()
    edits = changed_value(text, 0, len(text), new, Style(ascii=style["ensure_ascii"]), "plain")
    assert equal(json.loads(apply_edits(text, (0, len(text)), edits)), new)
    assert changed_value(text, 0, len(text), old, Style(), "plain") == []


@settings(max_examples=200, deadline=None)
@given(st.lists(numbers, min_size=6, max_size=20), st.integers(0, 100), numbers)
def test_numbers_that_are_equal_keep_their_text(old: list[Any], where: int, new: Any) -> None:
    texts = [f"{x:.3f}" if isinstance(x, float) else f"{x}" for x in old]
    text = ("[" + ", ".join(texts) + "]").encode()
    values_before = json.loads(text)
    place = where % len(old)
    values_after = [*values_before]
    values_after[place] = new
    out = apply_edits(text, (0, len(text)), changed_value(text, 0, len(text), values_after, Style(), "plain"))
    found = out.decode()[1:-1].split(", ")
    assert found[:place] + found[place + 1 :] == texts[:place] + texts[place + 1 :]
    assert float(found[place]) == new
