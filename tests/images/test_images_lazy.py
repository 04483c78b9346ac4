"""Lazy arrays against NumPy as the oracle, the block cache, and computed pyramids."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_labeltool.images import open_image
from napari_labeltool.images.cache import ChunkCache, ChunkedArray
from napari_labeltool.images.halving import halve
from napari_labeltool.images.lazy import DecodedArray, LazyArray, ViewArray
from napari_labeltool.images.pyramid import Pyramid
from napari_labeltool.images.pyramid_cache import PyramidCache

SHAPES = st.lists(st.integers(1, 9), min_size=1, max_size=4)


@st.composite
def arrays_and_keys(draw: st.DrawFn) -> tuple[NDArray[Any], Any]:
    shape = draw(SHAPES)
    array = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    parts: list[Any] = []
    for length in shape[: draw(st.integers(0, len(shape)))]:
        step = draw(st.sampled_from([None, 1, 2, 3, -1, -2]))
        bounds = st.one_of(st.none(), st.integers(-length - 2, length + 2))
        whole = st.builds(slice, bounds, bounds, st.just(step))
        parts.append(draw(st.one_of(st.integers(-length, length - 1), whole)))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
        tail = parts[parts.index(Ellipsis) + 1 :]
        for number, part in enumerate(tail):  # indices after the ellipsis belong to the last axes
            if not isinstance(part, slice):
                length = shape[len(shape) - len(tail) + number]
                parts[len(parts) - len(tail) + number] = draw(st.integers(-length, length - 1))
    return array, tuple(parts)


def chunked(array: NDArray[Any], chunks: list[int], cache: ChunkCache) -> ChunkedArray:
    return ChunkedArray(array.shape, array.dtype, chunks, lambda extent: array[extent].copy(), cache)


@settings(max_examples=400, deadline=None)
@given(case=arrays_and_keys(), data=st.data())
def test_every_kind_of_lazy_array_is_indexed_like_numpy(case: tuple[NDArray[Any], Any], data: Any) -> None:
    array, key = case
    order = data.draw(st.permutations(range(array.ndim)))
    chunks = data.draw(st.lists(st.integers(1, 4), min_size=array.ndim, max_size=array.ndim))
    base = np.ascontiguousarray(array.transpose(np.argsort(order)))
    lazy: list[LazyArray] = [
        DecodedArray(array.shape, array.dtype, array.copy),
        ViewArray(base, order, Path("a")),
        chunked(array, chunks, ChunkCache(200)),
    ]
    for one in lazy:
        got = one[key]
        assert got.shape == array[key].shape, one
        np.testing.assert_array_equal(got, array[key])


@pytest.mark.parametrize("key", [5, (0, 0, 0), (slice(None), -3)])
def test_an_index_that_is_out_of_bounds_is_an_index_error(key: Any) -> None:
    lazy = DecodedArray((2, 2), np.uint8, lambda: np.zeros((2, 2), np.uint8))
    with pytest.raises(IndexError):
        lazy[key]


def test_axes_of_length_one_are_dropped_and_samples_can_be_added() -> None:
    base = np.arange(24, dtype=np.uint8).reshape(1, 4, 6)
    table = np.arange(72, dtype=np.uint8).reshape(24, 3)
    view = ViewArray(base, (1, 2), Path("a"), convert=lambda block: table[block], samples=3)
    assert view.shape == (4, 6, 3)
    np.testing.assert_array_equal(view[1:3, 2, ::2], table[base[0]][1:3, 2, ::2])


def test_the_cache_forgets_the_oldest_blocks_beyond_its_limit() -> None:
    cache = ChunkCache(3000)
    calls: list[tuple[slice, ...]] = []

    def compute(extent: tuple[slice, ...]) -> NDArray[Any]:
        calls.append(extent)
        return np.zeros([part.stop - part.start for part in extent], np.uint8)

    lazy = ChunkedArray((1000, 10), np.uint8, (100, 10), compute, cache)
    np.asarray(lazy)
    assert len(calls) == 10
    assert cache.nbytes <= 3000
    lazy[999, 0]
    assert len(calls) == 10
    lazy[0, 0]
    assert len(calls) == 11
    lazy.release()
    assert cache.nbytes == 0


def test_many_threads_read_one_array_rightly() -> None:
    array = np.arange(200 * 300, dtype=np.int32).reshape(200, 300)
    lazy = chunked(array, [16, 16], ChunkCache(4000))
    wrong: list[int] = []

    def read(seed: int) -> None:
        generator = np.random.default_rng(seed)
        for _ in range(60):
            y, x = int(generator.integers(0, 150)), int(generator.integers(0, 250))
            if not np.array_equal(lazy[y : y + 40, x : x + 40], array[y : y + 40, x : x + 40]):
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
)
def test_halving_gives_the_mean_of_four_pixels(dtype: str) -> None:
    info: Any = np.iinfo(dtype) if np.dtype(dtype).kind in "iu" else None
    low, high = (info.min, info.max) if info else (-100, 100)
    block = np.random.default_rng(3).uniform(low, high, (2, 6, 8, 3)).astype(dtype)
    want = block.astype(float).reshape(2, 3, 2, 4, 2, 3).mean(axis=(2, 4))
    got = halve(block, 1)
    assert got.dtype == block.dtype
    tolerance = 0.5 if info else 1e-4
    assert np.abs(got.astype(float) - want).max() <= tolerance


def test_an_odd_last_row_counts_twice() -> None:
    got = halve(np.array([[0, 0, 8], [4, 4, 8], [100, 100, 8]], np.uint8), 0)
    assert got.tolist() == [[2, 8], [100, 8]]


@pytest.mark.parametrize(
    ("shape", "rgb"), [((2100, 1300), False), ((2, 1300, 2100), False), ((1500, 2050, 3), True)]
)
@pytest.mark.parametrize("bands", [False, True])
def test_a_computed_level_is_the_halved_level_below(
    tmp_path: Path, shape: tuple[int, ...], rgb: bool, bands: bool
) -> None:
    array = np.random.default_rng(4).integers(0, 255, shape, np.uint8)
    y_axis = len(shape) - (3 if rgb else 2)
    chunks = [1] * y_axis + ([16, shape[y_axis + 1]] if bands else [256, 256]) + list(shape[y_axis + 2 :])
    base = chunked(array, chunks, ChunkCache())
    pyramid = Pyramid(base, rgb, cache=PyramidCache(tmp_path), memory=ChunkCache(2_000_000))
    levels = pyramid.levels
    assert len(levels) == 3
    want = array
    for level in levels[1:]:
        want = halve(want, y_axis)
        np.testing.assert_array_equal(np.asarray(level), want)


def test_a_large_flat_tiff_gets_levels_that_are_read_when_looked_at(tmp_path: Path) -> None:
    data = np.zeros((600, 9000), np.uint8)
    data[100:140, 4000:4040] = 200
    tifffile.imwrite(tmp_path / "wide.tif", data, compression="zlib", rowsperstrip=8)
    source = open_image(tmp_path / "wide.tif")
    assert source.levels_computed
    shapes = [level.shape for level in source.levels]
    assert shapes == [(600, 9000), (300, 4500), (150, 2250), (75, 1125), (38, 563)]
    assert (source.levels[2][26:34, 1001:1009] == 200).all()
    assert source.contrast_limits == ((0, 255),)


def test_a_single_compressed_strip_is_decoded_once_for_many_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = np.random.default_rng(5).integers(0, 9, (2200, 2200), np.uint8)
    tifffile.imwrite(tmp_path / "strip.tif", data, compression="zlib", rowsperstrip=2200)
    level = open_image(tmp_path / "strip.tif").levels[0]
    reads: list[object] = []
    original = ViewArray._read

    def counted(self: ViewArray, slices: tuple[slice, ...]) -> NDArray[Any]:
        reads.append(slices)
        return original(self, slices)

    monkeypatch.setattr(ViewArray, "_read", counted)
    for start in range(0, 2000, 100):
        np.testing.assert_array_equal(level[start : start + 50, 7:90], data[start : start + 50, 7:90])
    assert len(reads) == 1
