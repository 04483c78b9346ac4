"""Rle against pycocotools and plain arrays, and exactness where pycocotools overflows."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask
from scipy import ndimage

from napari_labeltool.core.errors import LabeltoolError, ReadError
from napari_labeltool.core.rle import Rle, difference, intersection, iou, replace_window, union

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
blocky_masks = masks.map(lambda m: np.kron(m, np.ones((3, 2), bool)))
any_mask = st.one_of(masks, blocky_masks)


@st.composite
def mask_pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
    return draw(hnp.arrays(np.bool_, shape)), draw(hnp.arrays(np.bool_, shape))


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int, int, int]:
    y0, x0 = draw(st.integers(-6, 14)), draw(st.integers(-6, 14))
    return y0, x0, y0 + draw(st.integers(0, 12)), x0 + draw(st.integers(0, 12))


def coco_code(mask: np.ndarray) -> dict:
    return coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))


def framed(crop: np.ndarray, offset_yx: tuple[int, int], height: int, width: int) -> np.ndarray:
    """Put a crop into an empty frame pixel by pixel."""
    frame = np.zeros((height, width), bool)
    for y, x in zip(*np.nonzero(crop), strict=True):
        row, column = y + offset_yx[0], x + offset_yx[1]
        if 0 <= row < height and 0 <= column < width:
            frame[row, column] = True
    return frame


@given(any_mask)
def test_the_code_of_an_array_is_the_one_pycocotools_writes(mask: np.ndarray) -> None:
    code = coco_code(mask)
    rle = Rle.from_mask(mask)
    assert rle.to_compressed().encode() == code["counts"]
    assert rle.area == int(coco_mask.area(code))
    assert rle.bbox_xywh == tuple(coco_mask.toBbox(code).tolist())
    assert rle.is_empty == (not mask.any())


@given(any_mask)
def test_every_form_of_the_counts_gives_the_array_back(mask: np.ndarray) -> None:
    rle = Rle.from_mask(mask)
    for counts in (rle.to_list(), rle.to_compressed(), rle.to_compressed().encode()):
        assert np.array_equal(Rle.from_counts(counts, *mask.shape).to_mask(), mask)
    again = json.loads(json.dumps([rle.to_list(), rle.to_compressed()]))
    assert Rle.from_counts(again[0], *mask.shape) == Rle.from_counts(again[1], *mask.shape) == rle


def test_a_frame_without_pixels_has_an_empty_mask() -> None:
    rle = Rle.from_counts([], 0, 5)
    assert rle.is_empty
    assert rle.to_mask().shape == (0, 5)
    assert Rle.from_mask(np.zeros((0, 5), bool)) == rle


def test_runs_of_no_length_are_read_and_dropped() -> None:
    rle = Rle.from_counts([0, 0, 3, 2, 0, 1, 6, 0], 3, 4)
    assert rle.to_list() == [3, 3, 6]
    assert rle == Rle.from_counts([3, 3, 6], 3, 4)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([3, 3], ["6", "12", "[3, 4]"]),
        ([3, 3, 7], ["13", "12"]),
        ([], ["0", "12"]),
        ([15, -3], ["counts[1]", "-3"]),
        ([2**61] * 8 + [12], [str(2**64 + 12), "12"]),
        ([2**62, 2**62], ["64 bits"]),
        ([10**30, 2], ["whole numbers"]),
        ([3.5, 8.5], ["whole numbers"]),
        (["3", "9"], ["whole numbers"]),
        ([[12]], ["whole numbers"]),
        ([True, True], ["whole numbers"]),
    ],
)
def test_counts_that_do_not_fill_the_frame_are_refused_with_both_numbers(
    counts: list, words: list[str]
) -> None:
    with pytest.raises(ReadError) as refused:
        Rle.from_counts(counts, 3, 4)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize("size", [(-1, -12), (2**30, 2**30)])
def test_a_size_that_no_image_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ReadError, match=r"segmentation\.size"):
        Rle.from_counts([size[0] * size[1]], *size)


@given(any_mask, st.tuples(st.integers(-8, 20), st.integers(-8, 20)), st.integers(1, 20), st.integers(1, 20))
def test_a_crop_lands_at_its_place_and_what_reaches_out_is_cut_off(
    crop: np.ndarray, offset_yx: tuple[int, int], height: int, width: int
) -> None:
    rle = Rle.from_mask(crop, height=height, width=width, offset_yx=offset_yx)
    assert np.array_equal(rle.to_mask(), framed(crop, offset_yx, height, width))


@given(any_mask, st.tuples(st.integers(0, 180), st.integers(0, 180)))
def test_a_small_object_in_a_large_array_is_found(mask: np.ndarray, offset_yx: tuple[int, int]) -> None:
    large = framed(mask, offset_yx, 180, 190)
    assert np.array_equal(Rle.from_mask(large).to_mask(), large)
    shifted = Rle.from_mask(large, height=150, width=160, offset_yx=(-20, 30))
    assert np.array_equal(shifted.to_mask(), framed(large, (-20, 30), 150, 160))


@given(any_mask, windows())
def test_a_window_shows_the_frame_and_nothing_outside_it(
    mask: np.ndarray, window: tuple[int, int, int, int]
) -> None:
    y0, x0, y1, x1 = window
    expected = framed(mask, (-y0, -x0), y1 - y0, x1 - x0)
    assert np.array_equal(Rle.from_mask(mask).to_mask(window), expected)


@given(any_mask)
def test_spans_describe_the_mask_and_give_it_back(mask: np.ndarray) -> None:
    rle = Rle.from_mask(mask)
    x, y0, y1 = rle.spans()
    drawn = np.zeros_like(mask)
    for column, top, bottom in zip(x, y0, y1, strict=True):
        assert not drawn[top:bottom, column].any()
        drawn[top:bottom, column] = True
    assert np.array_equal(drawn, mask)
    assert Rle.from_spans(x, y0, y1, *mask.shape) == rle


@given(st.lists(st.tuples(st.integers(-3, 12), st.integers(-3, 12), st.integers(-3, 12)), max_size=12))
def test_spans_in_any_order_are_united(spans: list[tuple[int, int, int]]) -> None:
    drawn = np.zeros((9, 8), bool)
    for column, top, bottom in spans:
        if 0 <= column < 8:
            drawn[max(top, 0) : max(bottom, 0), column] = True
    x, y0, y1 = np.array(spans, np.int64).reshape(-1, 3).T
    assert np.array_equal(Rle.from_spans(x, y0, y1, 9, 8).to_mask(), drawn)


@given(mask_pairs())
def test_combining_masks_is_combining_arrays(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    one, other = Rle.from_mask(a), Rle.from_mask(b)
    assert union(one, other) == Rle.from_mask(a | b)
    assert intersection(one, other) == Rle.from_mask(a & b)
    assert difference(one, other) == Rle.from_mask(a & ~b)
    expected = coco_mask.iou([coco_code(a)], [coco_code(b)], [0])
    assert iou(one, other) == pytest.approx(float(expected[0, 0]) if (a | b).any() else 0.0)
    assert (one == other) == np.array_equal(a, b)
    assert one != other or hash(one) == hash(other)


def test_masks_of_different_images_are_not_combined() -> None:
    with pytest.raises(LabeltoolError, match="3 x 4 and 4 x 3"):
        union(Rle.empty(3, 4), Rle.empty(4, 3))
    assert Rle.empty(3, 4) != Rle.empty(4, 3)


@given(any_mask, windows(), st.randoms())
def test_replacing_a_window_leaves_the_pixels_outside_it(
    mask: np.ndarray, window: tuple[int, int, int, int], random
) -> None:
    y0, x0, y1, x1 = window
    new = np.array([[random.random() < 0.5 for _ in range(x1 - x0)] for _ in range(y1 - y0)], bool)
    new = new.reshape(y1 - y0, x1 - x0)
    expected = mask.copy()
    for y in range(max(y0, 0), min(y1, mask.shape[0])):
        for x in range(max(x0, 0), min(x1, mask.shape[1])):
            expected[y, x] = new[y - y0, x - x0]
    assert np.array_equal(replace_window(Rle.from_mask(mask), window, new).to_mask(), expected)


def test_a_replacement_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(LabeltoolError, match=r"\(2, 3\)"):
        replace_window(Rle.empty(9, 9), (0, 0, 2, 3), np.zeros((3, 2), bool))


@given(any_mask, st.sampled_from([4, 8]))
def test_components_are_the_connected_parts(mask: np.ndarray, connectivity: int) -> None:
    labels, number = ndimage.label(mask, np.ones((3, 3)) if connectivity == 8 else None)
    parts = Rle.from_mask(mask).components(connectivity)
    assert set(parts) == {Rle.from_mask(labels == i + 1) for i in range(number)}
    assert len(parts) == number
    assert [part.bbox_xywh[0] for part in parts] == sorted(part.bbox_xywh[0] for part in parts)


@given(any_mask)
def test_a_hole_is_background_with_no_way_out_even_at_a_corner(mask: np.ndarray) -> None:
    _, backgrounds = ndimage.label(np.pad(~mask, 1, constant_values=True), np.ones((3, 3)))
    assert Rle.from_mask(mask).has_holes() == (backgrounds > 1)


def blob() -> np.ndarray:
    y, x = np.mgrid[-30:31, -30:31]
    return np.hypot(y, x) <= 30 * (0.75 + 0.2 * np.sin(3 * np.arctan2(y, x)))


def test_a_frame_of_ten_thousand_million_pixels_is_exact() -> None:
    side, crop = 100_000, blob()
    rle = Rle.from_mask(crop, height=side, width=side, offset_yx=(50_000, 70_000))
    assert sum(rle.to_list()) == side * side
    assert rle.area == int(crop.sum())
    rows, columns = np.nonzero(crop.any(1))[0], np.nonzero(crop.any(0))[0]
    tight = (70_000 + columns[0], 50_000 + rows[0], np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert rle.bbox_xywh == tight
    assert Rle.from_counts(rle.to_compressed(), side, side) == rle
    assert Rle.from_counts(rle.to_list(), side, side) == rle
    window = (49_990, 69_995, 50_071, 70_061)
    assert np.array_equal(rle.to_mask(window), np.pad(crop, ((10, 10), (5, 0))))
    emptied = replace_window(rle, (50_000, 70_030, 50_061, 70_061), np.zeros((61, 31), bool))
    assert emptied.area == int(crop[:, :30].sum())
    assert difference(rle, emptied).area == int(crop[:, 30:].sum())


def test_the_last_pixel_of_a_huge_frame_is_reached() -> None:
    side = 100_000
    rle = Rle.from_mask(np.ones((1, 1), bool), height=side, width=side, offset_yx=(side - 1, side - 1))
    assert rle.to_list() == [side * side - 1, 1]
    assert rle.bbox_xywh == (side - 1, side - 1, 1, 1)


def test_a_full_huge_frame_has_one_run() -> None:
    side = 100_000
    rle = Rle.from_counts([0, side * side], side, side)
    assert rle.area == side * side
    assert rle.bbox_xywh == (0, 0, side, side)
    assert rle.to_mask((side - 2, side - 2, side + 1, side + 1)).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, False],
    ]


def test_an_array_that_would_fill_the_memory_is_not_made() -> None:
    with pytest.raises(LabeltoolError, match="smaller window"):
        Rle.empty(100_000, 100_000).to_mask()


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_crowded_mask_survives_the_long_way_of_the_codec(seed: int) -> None:
    mask = np.random.default_rng(seed).random((61, 47)) < 0.5
    code = coco_code(mask)
    rle = Rle.from_counts(code["counts"], 61, 47)
    assert np.array_equal(rle.to_mask(), mask)
    assert rle.to_compressed().encode() == code["counts"]
