"""Chunks of records that are all alike are read as one by one."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from coco_texts import document
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.formats.coco import parse_coco
from napari_labeltool.formats.coco.annotations import fill_columns
from napari_labeltool.formats.coco.plain import PlainRecords
from napari_labeltool.formats.coco.scan import scan
from napari_labeltool.formats.coco.uniform import UniformRecords

KEYS = ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation")
COLUMNS = ("id", "image", "category", "kind", "flags", "base_spans", "bbox", "area")


def record(k: int, **more: Any) -> dict[str, Any]:
    ring = [float(k), 2.5, k + 3.25, 2.0, k + 3, 7.5]
    return {
        "id": k,
        "image_id": 1,
        "category_id": 1,
        "segmentation": [ring],
        "area": 1.5,
        "bbox": [1, 2, 3, 4.5],
        "iscrowd": k % 2,
        **more,
    }


def text_of(rows: list[Any], **style: Any) -> bytes:
    return json.dumps(document(rows), **style).encode()


def one_by_one(data: bytes) -> Dataset:
    with (
        patch.object(UniformRecords, "fill", return_value=False),
        patch.object(PlainRecords, "fill", return_value=False),
    ):
        return parse_coco(data)


def assert_same(found: Dataset, expected: Dataset) -> None:
    assert found.source == expected.source
    assert found.problems == expected.problems
    assert found.conventions == expected.conventions
    for name in COLUMNS:
        columns = getattr(found.annotations, name), getattr(expected.annotations, name)
        assert np.array_equal(*columns, equal_nan=name in ("bbox", "area")), name


def is_plain(data: bytes) -> bool:
    layout = scan(data, "x")
    spans = layout.spans["annotations"]
    filling = fill_columns(data, layout, spans)
    first, last = spans[0, 0], spans[-1, 1]
    return PlainRecords(filling).fill(data, b"[" + data[first:last] + b"]", 0, len(spans))


@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"indent": 2}])
@pytest.mark.parametrize("without", [(), ("area",), ("bbox",), ("iscrowd",), ("area", "bbox", "iscrowd")])
def test_records_of_the_usual_keys_are_plain(style: dict[str, Any], without: tuple[str, ...]) -> None:
    rows = [{key: value for key, value in record(k).items() if key not in without} for k in range(30)]
    data = text_of(rows, **style)
    assert is_plain(data)
    dataset = parse_coco(data)
    assert_same(dataset, one_by_one(data))
    assert (dataset.annotations.kind == Kind.POLYGON).all()
    crowds = (dataset.annotations.flags & Flag.CROWD) != 0
    assert crowds.tolist() == [row.get("iscrowd") == 1 for row in rows]


@pytest.mark.parametrize("number", ["1e-5", "-2E+3", "-0", "0.125"])
def test_numbers_of_any_form_are_plain(number: str) -> None:
    data = text_of([record(k) for k in range(30)]).replace(b"29.0", number.encode())
    assert number.encode() in data
    assert is_plain(data)
    assert_same(parse_coco(data), one_by_one(data))


@pytest.mark.parametrize("vertices", [3, 4, 127, 128, 129, 130, 131, 132, 200, 256, 258, 400])
def test_polygons_of_any_number_of_vertices_are_told_from_odd_ones(vertices: int) -> None:
    for numbers in (2 * vertices, 2 * vertices + 1):
        data = text_of([record(1), record(2, segmentation=[[1.5] * numbers]), record(3)])
        kind = parse_coco(data).annotations.kind.tolist()
        assert kind == [Kind.POLYGON, Kind.ODD if numbers % 2 else Kind.POLYGON, Kind.POLYGON]


@pytest.mark.parametrize(
    "odd",
    [
        {"segmentation": [[1, 2, 3, 4, 5, "6"]]},
        {"segmentation": [[1, 2, 3, 4, 5, ""]]},
        {"segmentation": [[1, 2, 3, 4, 5, None]]},
        {"segmentation": [[1, 2, 3, 4, 5, True]]},
        {"segmentation": [[1, 2, 3, 4, 5, False]]},
        {"segmentation": [[1, 2, 3, 4, 5, {}]]},
        {"segmentation": [[1, 2, 3, 4, 5, []]]},
        {"segmentation": [[1, 2, 3, 4]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]},
        {"segmentation": [1, 2, 3, 4, 5, 6]},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, None]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"id": 1.0},
        {"id": "1"},
        {"id": 2**64},
        {"image_id": 2**64},
        {"iscrowd": 2**64},
        {"iscrowd": True},
        {"area": None},
        {"12": 3},
        {"extra": 3},
    ],
)
@pytest.mark.parametrize("exponent", [False, True])
def test_one_record_of_another_kind_makes_a_chunk_not_plain(odd: dict[str, Any], exponent: bool) -> None:
    rows = [record(k) for k in range(9)]
    rows[5].update(odd)
    rows[2]["area"] = 1e-9 if exponent else 5
    data = text_of(rows)
    plain = is_plain(data)
    assert not plain or odd == {"iscrowd": 2**64}
    assert_same(parse_coco(data), one_by_one(data))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", ["{}", "\\u{:04x}{}"])
def test_a_key_that_stands_twice_is_noticed_in_any_spelling(key: str, name: str) -> None:
    rows = [json.dumps(record(k)) for k in range(9)]
    again = name.format(key) if name == "{}" else name.format(ord(key[0]), key[1:])
    rows[4] = rows[4][:-1] + f', "{again}": {json.dumps(record(4)[key])}}}'
    data = ('{"images": [], "annotations": [' + ", ".join(rows) + "]}").encode()
    assert not is_plain(data)
    assert [p.row for p in parse_coco(data).problems if p.code == "repeated-key"] == [4]


def test_after_some_chunks_in_vain_no_more_are_tried() -> None:
    data = text_of([record(k) for k in range(2)])
    filling = fill_columns(data, scan(data, "x"), scan(data, "x").spans["annotations"])
    for fitting in (0, 1000):
        plain = PlainRecords(filling)
        with patch.object(PlainRecords, "_fill", return_value=True):
            assert all(plain.fill(data, b"[]", 0, 2) for _ in range(fitting))
        with patch.object(PlainRecords, "_fill", return_value=False) as tries:
            for _ in range(50):
                plain.fill(data, b"[]", 0, 2)
        assert 0 < tries.call_count < 10


numbers = st.one_of(st.integers(-9, 300), st.floats(-9, 9).map(lambda x: round(x, 2)), st.just(1e-7))
rings = st.lists(numbers, min_size=5, max_size=9)
odd_values = st.one_of(st.none(), st.booleans(), st.sampled_from(["", "1", "a"]), st.just([]), st.just({}))
values: dict[str, Any] = {
    "id": st.one_of(st.integers(0, 9), st.just(2**63)),
    "image_id": st.integers(0, 2),
    "category_id": st.integers(0, 2),
    "bbox": st.lists(numbers, min_size=4, max_size=4),
    "area": numbers,
    "iscrowd": st.integers(0, 2),
}
records = st.fixed_dictionaries(
    {"segmentation": st.one_of(rings.map(lambda ring: [ring]), rings, st.lists(rings, max_size=2)), **values},
)
spoilt = st.tuples(st.sampled_from([*KEYS, "x", "7"]), odd_values)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(records, min_size=1, max_size=5),
    st.lists(spoilt, max_size=1),
    st.sampled_from([None, (",", ":")]),
)
def test_any_mixture_is_read_as_one_by_one(
    rows: list[dict[str, Any]], spoil: list[tuple[str, Any]], separators: Any
) -> None:
    for key, value in spoil:
        rows[0] = {**rows[0], key: value}
    data = json.dumps({"images": [{"id": 1}], "annotations": rows}, separators=separators).encode()
    assert_same(parse_coco(data), one_by_one(data))
