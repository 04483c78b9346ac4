"""The quick way of reading plain files gives what the careful way gives, and steps back where it must."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from coco_texts import annotation, document
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_labeltool.core.columns import Kind, kind_of
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.rle import Rle
from napari_labeltool.formats.coco import parse_coco, read
from napari_labeltool.formats.coco.ahead import read_ahead
from napari_labeltool.formats.coco.annotations import fill_columns
from napari_labeltool.formats.coco.loading import Steps, blocks_of
from napari_labeltool.formats.coco.scan import Layout, assume, scan
from napari_labeltool.formats.coco.tally import Counter


def polygon(k: int, **more: Any) -> dict[str, Any]:
    points = [float(k), 2.5, k + 3.25, 2.0, k + 3, 7.5, 1, 2][: 6 + 2 * (k % 2)]
    return {
        "id": k,
        "image_id": 1,
        "category_id": 1,
        "segmentation": [points],
        "area": 1.5,
        "bbox": [1, 2, 3, 4.5],
        "iscrowd": 0,
        **more,
    }


def taken(data: bytes) -> bool:
    """Whether the quick way reads this text to the end."""
    ahead = read_ahead(data, blocks_of(data, Counter()), Steps(len(data), None), Counter())
    return ahead is not None and ahead.is_whole and assume(data, "x", ahead.filling.columns.spans) is not None


def carefully(data: bytes) -> Dataset:
    with patch.object(read, "read_ahead", return_value=None):
        return parse_coco(data)


def assert_same(quick: Dataset, careful: Dataset) -> None:
    assert quick.source == careful.source
    assert quick.problems == careful.problems
    assert quick.conventions == careful.conventions
    for name in ("id", "image", "category", "kind", "flags", "base_spans", "bbox", "area"):
        assert np.array_equal(
            getattr(quick.annotations, name),
            getattr(careful.annotations, name),
            equal_nan=name in ("bbox", "area"),
        ), name


@pytest.mark.parametrize(
    "style", [{}, {"separators": (",", ":")}, {"indent": 1}, {"separators": (" , ", " : ")}]
)
@pytest.mark.parametrize("order", [1, -1])
def test_plain_polygons_are_read_the_quick_way(style: dict[str, Any], order: int) -> None:
    rows = [dict(list(polygon(k).items())[::order]) for k in range(3000)]
    data = json.dumps(document(rows, info={"annotations": 1, "x": ['"annotations": [{']}), **style).encode()
    assert taken(data)
    quick = parse_coco(data)
    assert_same(quick, carefully(data))
    assert (quick.annotations.kind == Kind.POLYGON).all()
    assert [quick.annotations.base(row) for row in (0, 1, 1777, 2999)] == [
        rows[row] for row in (0, 1, 1777, 2999)
    ]


BOXED = {"id": 1, "bbox": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    "odd",
    [
        {"segmentation": [[1, 2, 3, 4]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6, 7]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6], 7]},
        {"segmentation": [[[1, 2, 3, 4, 5, 6]]]},
        {"segmentation": [[1, 2, 3, 4, 5, None]]},
        {"segmentation": [[1, 2, 3, 4, 5, {}]]},
        {"segmentation": [[1, 2, 3, 4, 5, "}, {"]]},
        {"segmentation": [1, 2, 3, 4, 5, 6]},
        {"segmentation": 5},
        {"segmentation": "x"},
        {"segmentation": None},
        {"segmentation": {"size": [1, 2], "counts": [2]}},
        {"bbox": [1, 2, 3]},
        {"bbox": None},
        {"id": "a"},
        {"id": 1.0},
        {"id": None},
        {"id": 2**70},
        {"image_id": "1"},
        {"iscrowd": True},
        {"iscrowd": None},
        {"area": "12"},
        {"score": 0.5},
        {"note": "}, {"},
        {"note": "}]"},
        {"note": '"'},
        {"extra": [[1, 2, 3, 4, 5, 6]]},
        {"attributes": {"rotation": 30.0}, "segmentation": [[1, 2, 3, 4, 5, 6, 7, 8]]},
        {"keypoints": [1, 2, 2]},
        {"area": float("nan")},
    ],
)
@pytest.mark.parametrize("drop", [(), ("bbox",), ("segmentation",)])
def test_one_odd_record_among_plain_ones_is_read_as_the_careful_way_reads_it(
    odd: dict[str, Any], drop: tuple[str, ...]
) -> None:
    rows = [polygon(k) for k in range(60)]
    rows[31] = {key: value for key, value in {**rows[31], **odd}.items() if key not in drop or key in odd}
    data = json.dumps(document(rows)).encode()
    quick = parse_coco(data)
    assert_same(quick, carefully(data))
    assert quick.annotations.kind.tolist() == [kind_of(row) for row in json.loads(data)["annotations"]]


def test_lists_that_only_add_up_are_told_apart() -> None:
    deep, flat = polygon(1, segmentation=[[[[1, 2, 3, 4, 5, 6]]]]), polygon(2, segmentation=5)
    for rows in ([deep, flat], [flat, deep]):
        for row in rows:
            row.pop("bbox", None)
        dataset = parse_coco(json.dumps(document(rows)).encode())
        assert dataset.annotations.kind.tolist() == [Kind.ODD, Kind.ODD]


def test_another_separator_between_records_is_no_obstacle() -> None:
    for separator in (",", " , ", ",\n"):
        data = (
            json.dumps(document([polygon(k) for k in range(20)]))
            .replace("}, {", "}" + separator + "{", 7)
            .encode()
        )
        assert_same(parse_coco(data), carefully(data))


@pytest.mark.parametrize("cut", range(-400, 0, 7))
def test_a_truncated_plain_file_is_refused(cut: int) -> None:
    with pytest.raises(ReadError, match="truncated"):
        parse_coco(json.dumps(document([polygon(k) for k in range(50)])).encode()[:cut])


@pytest.mark.parametrize("broken", ["1.2.3", "--4", "01", "1 2", "tru", "]"])
def test_a_damaged_number_in_a_polygon_is_refused(broken: str) -> None:
    text = json.dumps(document([polygon(k) for k in range(50)]))
    with pytest.raises(ReadError, match="not valid JSON"):
        parse_coco(text.replace("[[31.0,", f"[[{broken},").encode())


def test_a_second_array_of_annotations_is_noticed() -> None:
    text = json.dumps(document([polygon(k) for k in range(5)]))
    dataset = parse_coco((text[:-1] + ', "annotations": [' + json.dumps(annotation(9)) + "]}").encode())
    assert dataset.source.lossy is not None
    assert dataset.annotations.id.tolist() == [9]


@pytest.mark.parametrize("where", [0, 25, 49])
@pytest.mark.parametrize("key", ["id", "area", "segmentation", "iscrowd"])
def test_a_repeated_key_in_a_plain_file_is_noticed(where: int, key: str) -> None:
    records = [json.dumps(polygon(k)) for k in range(50)]
    value = json.dumps(polygon(where)[key])
    records[where] = records[where][:-1] + f', "{key}": {value}}}'
    dataset = parse_coco(('{"images": [], "annotations": [' + ", ".join(records) + "]}").encode())
    assert [problem.row for problem in dataset.problems if problem.code == "repeated-key"] == [where]


@pytest.mark.parametrize("key", ["segmentation", "keypoints", "bbox", "attributes", "note"])
@pytest.mark.parametrize("before", [0, 40])
def test_lists_of_any_depth_are_read_or_refused(key: str, before: int) -> None:
    for depth in range(900, 1011):
        records = [json.dumps(polygon(k)) for k in range(before)]
        records.append(f'{{"id": 1, "{key}": {"[" * depth}{"]" * depth}}}')
        data = f'{{"images": [], "annotations": [{", ".join(records)}]}}'.encode()
        message, count = "", before + 1
        try:
            count = len(parse_coco(data).annotations)
        except ReadError as error:
            message = str(error)
        assert count == before + 1
        assert not message or "nested" in message


values = st.one_of(
    st.integers(-9, 9),
    st.floats(-9, 9).map(lambda x: round(x, 1)),
    st.none(),
    st.booleans(),
    st.sampled_from(["a", "}, {", "[[", '"', "u"]),
)
nested = st.recursive(values, lambda inner: st.lists(inner, max_size=4), max_leaves=8)
segmentation = st.one_of(st.lists(st.lists(st.integers(0, 9), max_size=9), max_size=2), nested)
record = st.fixed_dictionaries(
    {"segmentation": segmentation},
    optional={
        "id": st.integers(0, 3),
        "bbox": st.lists(st.integers(0, 9), min_size=4, max_size=4),
        "b": nested,
    },
)


@settings(max_examples=400, deadline=None)
@given(st.lists(record, min_size=1, max_size=6), st.sampled_from([None, (",", ":")]))
def test_kinds_of_any_mixture_are_right(rows: list[dict[str, Any]], separators: Any) -> None:
    data = json.dumps({"images": [], "annotations": rows}, separators=separators).encode()
    dataset = parse_coco(data)
    assert dataset.annotations.kind.tolist() == [kind_of(row) for row in rows]
    layout: Layout = scan(data, "x")
    assert np.array_equal(dataset.annotations.base_spans, layout.spans["annotations"])
    assert dataset.source.lossy is None


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("more", [{}, {"score": 0.5}, {"keypoints": [1, 2, 2], "num_keypoints": 1}])
def test_masks_and_keypoints_need_no_second_look_for_repeated_keys(
    compressed: bool, more: dict[str, Any]
) -> None:
    rle = {"size": [2, 3], "counts": "24" if compressed else [2, 4]}
    records = [json.dumps(polygon(k, segmentation=rle, **more)) for k in range(40)]

    def once(texts: list[str]) -> bool:
        data = ('{"annotations": [' + ", ".join(texts) + "]}").encode()
        layout = scan(data, "x")
        return bool(fill_columns(data, layout, layout.spans["annotations"]).has_keys_once.all())

    assert once(records)
    for key in ("size", "counts", "id", *more):
        value = json.loads(records[7]).get(key, rle.get(key))
        text = f'"{key}": {json.dumps(value)}'
        assert text in records[7]
        twice = records[7].replace(text, f"{text}, {text}")
        assert not once([*records[:7], twice, *records[8:]])


def test_boxes_of_many_masks_are_those_of_each() -> None:
    random = np.random.default_rng(3)
    masks = []
    for share in (0.0, 0.02, 0.3, 1.0):
        for _ in range(40):
            shape = random.integers(1, 30, 2)
            masks.append(Rle.from_mask(random.random(shape) < share))
    rows = [
        {
            "image_id": 1,
            "segmentation": {
                "size": [m.height, m.width],
                "counts": m.to_list() if k % 3 else m.to_compressed(),
            },
        }
        for k, m in enumerate(masks)
    ]
    dataset = parse_coco(json.dumps(document(rows)).encode())
    assert dataset.annotations.bbox.tolist() == [list(mask.bbox_xywh) for mask in masks]
