"""Records that differ in their numbers alone are read, all at once, as one by one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_coco_plain_records import assert_same, one_by_one, record

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError
from napari_labeltool.formats.coco import loading, parse_coco, uniform
from napari_labeltool.formats.coco.annotations import Decoding
from napari_labeltool.formats.coco.numerals import REACH, Numerals
from napari_labeltool.formats.coco.plain import PlainRecords
from napari_labeltool.formats.coco.tally import Counter

BEHIND = {"info": {"description": "x" * REACH}}


def text_of(rows: list[Any], **style: Any) -> bytes:
    """A text that goes on behind the annotations."""
    return json.dumps({"images": [{"id": 1}], "annotations": rows, **BEHIND}, **style).encode()


@contextmanager
def counted() -> Iterator[list[int]]:
    """Note how many rows are filled as uniform, in runs however short."""
    found: list[int] = []
    fill = Decoding._fill_uniform

    def noted(decoding: Decoding, *arguments: Any) -> int:
        found.append(fill(decoding, *arguments))
        return found[-1]

    with patch.object(uniform, "FEWEST", 1), patch.object(Decoding, "_fill_uniform", noted):
        yield found


def read(data: bytes, block: int = 1 << 20) -> tuple[Dataset, int]:
    """A dataset, and how many of its annotations were read as uniform."""
    with patch.object(loading, "_BLOCK", block), counted() as found:
        return parse_coco(data), sum(found)


@pytest.mark.parametrize("style", [{}, {"separators": (",", ":")}, {"indent": 4}])
@pytest.mark.parametrize("without", [(), ("area",), ("bbox",), ("iscrowd",), ("area", "bbox", "iscrowd")])
@pytest.mark.parametrize("block", [300, 1000, 1 << 20])
def test_records_of_the_usual_keys_in_any_order_are_uniform(
    style: dict[str, Any], without: tuple[str, ...], block: int
) -> None:
    keys = [key for key in record(0) if key not in without]
    for seed in range(4):
        random.Random(seed).shuffle(keys)
        data = text_of([{key: record(k)[key] for key in keys} for k in range(30)], **style)
        dataset, count = read(data, block)
        assert count > 20
        assert_same(dataset, one_by_one(data))
        assert (dataset.annotations.kind == Kind.POLYGON).all()
        crowds = (dataset.annotations.flags & Flag.CROWD) != 0
        assert crowds.tolist() == ["iscrowd" in keys and k % 2 == 1 for k in range(30)]


def test_a_chunk_of_uniform_records_makes_no_objects() -> None:
    with patch.object(PlainRecords, "fill", side_effect=AssertionError):
        _, count = read(text_of([record(k) for k in range(30)]))
    assert count == 30


@pytest.mark.parametrize(
    "odd",
    [
        *[
            {"segmentation": [[1, 2, 3, 4, 5, value]]}
            for value in ("6", "", None, True, False, {}, [], [6], 1e-7, "]", "]]")
        ],
        {"segmentation": [[1, 2, 3, 4]]},
        {"segmentation": [[1, 2, 3, 4, 5]]},
        {"segmentation": [[]]},
        {"segmentation": []},
        {"segmentation": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6], 7]},
        {"segmentation": [1, 2, 3, 4, 5, 6]},
        {"segmentation": [7, [1, 2, 3, 4, 5, 6]]},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, 3, None]},
        {"bbox": [1, 2, 3, 4, 5]},
        {"bbox": [[1, 2, 3, 4]]},
        {"bbox": [1, 2, 3, 1e-7]},
        {"id": 1.0},
        {"id": -1},
        {"id": "1"},
        {"id": 2**64},
        {"id": 10**16},
        {"image_id": 2**63},
        {"iscrowd": True},
        {"area": None},
        {"area": 1e30},
        {"area": 10**40},
        {"12": 3},
        {"extra": 3},
    ],
)
@pytest.mark.parametrize("place", [0, 5, 8])
@pytest.mark.parametrize("block", [300, 1 << 20])
def test_one_record_of_another_kind_makes_a_run_not_uniform(
    odd: dict[str, Any], place: int, block: int
) -> None:
    rows = [record(k) for k in range(9)]
    rows[place].update(odd)
    data = text_of(rows)
    dataset, count = read(data, block)
    assert count < 9 if block < 1000 else count == 0
    assert_same(dataset, one_by_one(data))


@pytest.mark.parametrize("number", ["01", "1.", "1.2.3", "-", "1-2", ".5", "--1", "1 2", "", "1,"])
@pytest.mark.parametrize("key", ["id", "area", "bbox", "segmentation"])
@pytest.mark.parametrize("block", [300, 1 << 20])
def test_what_is_no_number_of_json_is_refused(number: str, key: str, block: int) -> None:
    before = {"id": '"id": 5,', "area": '"area": 77.25,', "bbox": '"bbox": [77', "segmentation": "[[5.0"}
    rows = [record(k) for k in range(9)]
    rows[5]["area"], rows[5]["bbox"][0] = 77.25, 77
    text = text_of(rows).decode()
    place = before[key]
    assert text.count(place) == 1
    digits = place.strip(",").split()[-1].strip("[")
    spoilt = text.replace(place, place.replace(digits, number) if digits else place)
    with pytest.raises(ReadError):
        read(spoilt.encode(), block)


@pytest.mark.parametrize("spoilt", [b"\xff", b"\xc3"])
def test_a_byte_that_is_no_text_is_noticed_in_every_block(spoilt: bytes) -> None:
    text = text_of([{"note": "-", **record(k)} for k in range(9)])
    places = [at for at, character in enumerate(text) if character == ord("-")]
    assert len(places) == 9
    for at in [*places, text.index(b"xxx")]:
        with pytest.raises(ReadError, match=f"byte {at} "):
            read(text[:at] + spoilt + text[at + 1 :], 200)


@pytest.mark.parametrize("vertices", [3, 4, 127, 128, 129, 130, 131, 132, 200, 256, 258, 400])
def test_polygons_of_any_number_of_vertices_are_told_from_odd_ones(vertices: int) -> None:
    for numbers in (2 * vertices, 2 * vertices + 1):
        rows = [record(1), record(2, segmentation=[[1.5] * numbers]), record(3)]
        dataset, _ = read(text_of(rows))
        odd = Kind.ODD if numbers % 2 else Kind.POLYGON
        assert dataset.annotations.kind.tolist() == [Kind.POLYGON, odd, Kind.POLYGON]


def test_a_key_that_stands_twice_is_noticed() -> None:
    rows = [json.dumps(record(k))[:-1] + ', "area": 2}' for k in range(9)]
    data = f'{{"images": [], "annotations": [{", ".join(rows)}], {json.dumps(BEHIND)[1:]}'.encode()
    dataset, count = read(data)
    assert count == 0
    assert [p.row for p in dataset.problems if p.code == "repeated-key"] == list(range(9))


@pytest.mark.parametrize(("key", "is_uniform"), [("area", True), ("bbox", False)])
def test_records_with_many_long_numbers_are_left_to_the_decoder(key: str, is_uniform: bool) -> None:
    long = {"area": 702.1057499999998, "bbox": [473.07000000000005] * 4}
    data = text_of([record(k, **{key: long[key]}) for k in range(30)])
    dataset, count = read(data)
    assert count == (30 if is_uniform else 0)
    assert_same(dataset, one_by_one(data))


def test_after_some_runs_in_vain_no_more_are_tried() -> None:
    rows = [{**record(k), "extra": 1} for k in range(500)]
    with patch.object(uniform, "form_at", return_value=None) as tries:
        read(text_of(rows), 1000)
    assert 0 < tries.call_count < 5


def test_nothing_is_counted_any_more_when_runs_were_in_vain() -> None:
    with patch.object(Counter, "tallies", autospec=True, side_effect=Counter.tallies) as uniform_blocks:
        read(text_of([record(k) for k in range(500)]), 1000)
    assert uniform_blocks.call_count > 50
    with patch.object(Counter, "tallies", autospec=True, side_effect=Counter.tallies) as other_blocks:
        read(text_of([{**record(k), "extra": 1} for k in range(500)]), 1000)
    assert 0 < other_blocks.call_count < 6


numbers = st.one_of(
    st.integers(-9, 300),
    st.floats(-9, 9).map(lambda x: round(x, 2)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 10**18),
)
rings = st.lists(numbers, min_size=3, max_size=5).map(lambda ring: [[*ring, *ring]])
records = st.fixed_dictionaries(
    {
        "id": st.integers(0, 10**17),
        "segmentation": rings,
        "bbox": st.lists(numbers, min_size=4, max_size=4),
        "image_id": st.integers(0, 2),
        "area": numbers,
        "category_id": st.integers(0, 300),
        "iscrowd": st.integers(0, 2),
    }
)
spoilt = st.tuples(
    st.integers(0, 9),
    st.sampled_from(["id", "segmentation", "bbox", "area", "iscrowd", "x"]),
    st.one_of(st.none(), st.booleans(), st.sampled_from(["", "1"]), st.just([]), st.just({}), rings, numbers),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(records, min_size=1, max_size=10),
    st.lists(spoilt, max_size=1),
    st.sampled_from([None, (",", ":")]),
    st.integers(60, 900),
)
def test_any_mixture_in_any_blocks_is_read_as_one_by_one(
    rows: list[dict[str, Any]], spoil: list[tuple[int, str, Any]], separators: Any, block: int
) -> None:
    for row, key, value in spoil:
        rows[row % len(rows)] = {**rows[row % len(rows)], key: value}
    data = text_of(rows, separators=separators)
    assert_same(read(data, block)[0], one_by_one(data))


decimals = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.tuples(st.floats(-1e6, 1e6), st.integers(1, 20)).map(lambda pair: f"{pair[0]:.{pair[1]}f}"),
    st.floats(0, 1000).map(repr).filter(lambda text: "e" not in text),
)


def placed(words: list[str], constant: bytes) -> tuple[Numerals, Any, Any]:
    """A text with words behind a constant each, where the constants begin, and where the words end."""
    text = b",".join(constant + word.encode() for word in words) + b"]" * REACH
    sizes = np.array([len(constant) + len(word) + 1 for word in words])
    ends = np.cumsum(sizes) - 1
    return Numerals(text), ends - sizes + 1, ends


constants = st.binary(min_size=1, max_size=40)


@given(st.lists(decimals, min_size=1, max_size=20), constants)
def test_decimals_are_the_floats_that_are_nearest(words: list[str], constant: bytes) -> None:
    numerals, at, ends = placed(words, constant)
    found = numerals.floats(constant, at)
    assert found is not None
    assert (found[1] == ends).all()
    assert found[0].tobytes() == np.array([float(word) for word in words]).tobytes()


@given(st.lists(st.integers(0, 10**17), min_size=1, max_size=20), constants)
def test_whole_numbers_of_up_to_sixteen_digits_are_read_and_others_told(
    wholes: list[int], constant: bytes
) -> None:
    numerals, at, ends = placed([str(value) for value in wholes], constant)
    found = numerals.integers(constant, at)
    assert (found is None) == any(len(str(value)) > 16 for value in wholes)
    if found is not None:
        assert found[0].tolist() == wholes
        assert (found[1] == ends).all()


@pytest.mark.parametrize(
    "constant", [b"{", b'{"id": ', b', "image_id": ', b', "segmentation": [[', b"x" * 40]
)
def test_a_constant_stands_only_where_all_of_it_does(constant: bytes) -> None:
    spoilt = [constant[:k] + b"#" + constant[k + 1 :] for k in range(len(constant))]
    numerals = Numerals(constant + b"7" + b"".join(spoilt) + b"#" * REACH)
    whole = np.array([0])
    assert numerals.stands(constant, whole)
    assert numerals.integers(constant, whole) is not None
    assert numerals.floats(constant, whole) is not None
    for k in range(len(spoilt)):
        at = np.array([0, 1 + (k + 1) * len(constant)])
        assert not numerals.stands(constant, at)
        assert numerals.integers(constant, at) is None
        assert numerals.floats(constant, at) is None


@pytest.mark.parametrize("word", ["", "-", ".", "-.", ".5", "5.", "-5.", "x", "--1"])
def test_what_is_no_number_is_told(word: str) -> None:
    numerals, at, _ = placed(["5", word], b": ")
    assert numerals.floats(b": ", at) is None
