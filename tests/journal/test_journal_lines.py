"""Lines of the journal survive the disk and tell when they did not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.journal.lines import decode_line, encode_line

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
entries = st.dictionaries(st.text().filter(lambda key: key != "n"), json_values, max_size=4)


@given(entries, st.integers(0, 2**40))
def test_a_line_says_what_was_written(entry: dict[str, object], number: int) -> None:
    line = encode_line(number, entry)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_line(line, number) == {"n": number, **entry}


@given(entries, st.data())
def test_a_line_cut_short_anywhere_is_recognised(entry: dict[str, object], data: st.DataObject) -> None:
    line = encode_line(3, entry)
    cut = data.draw(st.integers(0, len(line) - 1))
    assert decode_line(line[:cut], 3) is None


@given(entries, st.data())
def test_one_altered_byte_is_recognised(entry: dict[str, object], data: st.DataObject) -> None:
    line = encode_line(3, entry)
    place = data.draw(st.integers(0, len(line) - 2))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[place]))
    assert decode_line(line[:place] + bytes([value]) + line[place + 1 :], 3) is None


def test_a_line_of_another_number_is_recognised() -> None:
    assert decode_line(encode_line(3, {"undo": 1}), 4) is None


def test_not_a_number_and_infinity_survive() -> None:
    entry = decode_line(encode_line(1, {"values": [math.nan, math.inf, -math.inf]}), 1)
    assert entry is not None
    assert math.isnan(entry["values"][0])
    assert entry["values"][1:] == [math.inf, -math.inf]


def test_numpy_numbers_are_written_as_numbers() -> None:
    entry = {"id": np.int64(7), "area": np.float64(2.5), "rows": np.array([1, 2])}
    assert decode_line(encode_line(0, entry), 0) == {"n": 0, "id": 7, "area": 2.5, "rows": [1, 2]}


def test_a_value_that_json_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="set found in an edit"):
        encode_line(0, {"value": {1, 2}})
