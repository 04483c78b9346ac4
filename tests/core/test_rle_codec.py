"""The compressed counts string."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.rle_codec import decode_counts, encode_counts

run_lengths = st.lists(
    st.one_of(st.integers(0, 40), st.integers(0, 2**20), st.integers(0, 2**45)), max_size=80
)
long_run_lengths = st.lists(st.integers(0, 5000), min_size=80, max_size=300)


@given(st.one_of(run_lengths, long_run_lengths))
def test_decoding_undoes_encoding_beyond_32_bits(counts: list[int]) -> None:
    text = encode_counts(np.array(counts, np.int64))
    assert decode_counts(text).tolist() == counts
    assert decode_counts(text.encode()).tolist() == counts


@given(st.lists(st.integers(1, 60), min_size=1, max_size=200))
def test_the_string_is_the_one_pycocotools_writes(counts: list[int]) -> None:
    size = [1, sum(counts)]
    theirs = coco_mask.frPyObjects({"counts": counts, "size": size}, *size)["counts"]
    assert encode_counts(np.array(counts, np.int64)).encode() == theirs
    assert decode_counts(theirs).tolist() == counts


@pytest.mark.parametrize("length", [1, 400])
@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("P", "truncated"),
        (" 1", "byte 32"),
        ("\x7f1", "byte 127"),
        ("é1", "'é'"),
        ("o" * 13 + "1", "64 bits"),
        ("o" * 40 + "1", "64 bits"),
    ],
)
def test_a_damaged_string_is_refused_and_says_where(length: int, tail: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        decode_counts("1" * length + tail)


def test_numbers_that_add_up_past_64_bits_are_refused() -> None:
    huge = "PPPPPPPPPPP7"
    assert decode_counts(huge).tolist() == [7 << 55]
    with pytest.raises(ReadError, match="64 bits"):
        decode_counts(huge * 200)
