"""Pyramids that are made in the background: right pixels, work counted, damage, limits, several processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import open_image
from napari_labeltool.images.cache import ChunkCache, ChunkedArray
from napari_labeltool.images.halving import halve
from napari_labeltool.images.lazy import LazyArray, ViewArray
from napari_labeltool.images.pyramid import Pyramid
from napari_labeltool.images.pyramid_build import PyramidProgress
from napari_labeltool.images.pyramid_cache import PyramidCache
from napari_labeltool.images.pyramid_file import Address, PyramidFile
from napari_labeltool.images.pyramid_layout import PyramidLayout
from napari_labeltool.images.pyramid_overview import Overview

RNG = np.random.default_rng(31)


class Counted(LazyArray):
    """An encoded picture in tiles that counts how often each tile is decoded."""

    def __init__(self, pixels: NDArray[Any], chunks: tuple[int, ...], y_axis: int = 0) -> None:
        super().__init__(pixels.shape, pixels.dtype)
        self.pixels, self._tiles, self.y_axis = pixels, chunks, y_axis
        self.decoded: dict[tuple[int, ...], int] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.largest = 0

    @property
    def chunks(self) -> tuple[int, ...]:
        return self._tiles

    def _read(self, slices: tuple[slice, ...]) -> NDArray[Any]:
        self.gate.wait(20)
        ranges = [
            range(part.start // length, (part.stop - 1) // length + 1)
            for part, length in zip(slices, self._tiles, strict=True)
        ]
        for tile in np.ndindex(*[len(numbers) for numbers in ranges]):
            key = tuple(numbers[index] for numbers, index in zip(ranges, tile, strict=True))
            self.decoded[key] = self.decoded.get(key, 0) + 1
        block = self.pixels[slices].copy()
        self.largest = max(self.largest, block.nbytes)
        return block


def picture_file(folder: Path) -> Path:
    path = folder / "picture.bin"
    if not path.exists():
        path.write_bytes(b"stands for a picture")
    return path


def expected_levels(pixels: NDArray[Any], count: int, y_axis: int) -> list[NDArray[Any]]:
    levels = [pixels]
    while len(levels) < count:
        levels.append(halve(levels[-1], y_axis))
    return levels


def built(pyramid: Pyramid, plane: tuple[int, ...] | None = None) -> list[PyramidProgress]:
    reports: list[PyramidProgress] = []
    pyramid.progress.connect(reports.append, unique=False)
    pyramid.build(plane)
    assert pyramid.wait(60)
    return reports


CASES = [
    ((3000, 2500), False, None, (256, 256)),
    ((3000, 2500, 3), True, None, (240, 240, 3)),
    ((2300, 2100), False, None, (7, 2100)),
    ((3, 1500, 2100), False, 0, (1, 512, 512)),
    ((2, 1500, 2100), False, 0, (2, 512, 512)),
    ((2, 3, 1200, 1100), False, 1, (1, 1, 256, 256)),
    ((2100, 2200), False, None, (2100, 2200)),
]


@pytest.mark.parametrize(("shape", "rgb", "channel_axis", "tiles"), CASES)
def test_a_built_pyramid_is_exact_and_each_tile_is_decoded_once(
    tmp_path: Path, shape: tuple[int, ...], rgb: bool, channel_axis: int | None, tiles: tuple[int, ...]
) -> None:
    pixels = RNG.integers(0, 60_000 if not rgb else 255, shape).astype(np.uint16 if not rgb else np.uint8)
    y_axis = len(shape) - (3 if rgb else 2)
    base = Counted(pixels, tiles, y_axis)
    cache = PyramidCache(tmp_path / "cache")
    pyramid = Pyramid(base, rgb, channel_axis, picture_file(tmp_path), cache, ChunkCache())
    for plane in list(pyramid.layout.planes()):
        reports = built(pyramid, plane)
        assert reports[-1].state == "done", reports[-1]
        assert pyramid.is_complete(plane)
    assert set(base.decoded.values()) == {1}
    base.decoded.clear()
    for level, want in zip(pyramid.levels[1:], expected_levels(pixels, len(pyramid.levels), y_axis)[1:]):
        np.testing.assert_array_equal(np.asarray(level), want)
    again = Pyramid(base, rgb, channel_axis, picture_file(tmp_path), cache, ChunkCache())
    np.testing.assert_array_equal(np.asarray(again.levels[-1]), np.asarray(pyramid.levels[-1]))
    assert not again.build()
    assert not base.decoded
    pyramid.close()
    again.close()


def test_the_maker_reads_small_pieces_whatever_the_size_of_the_picture(tmp_path: Path) -> None:
    for side in (2048, 6144):
        base = Counted(np.zeros((side, side), np.uint8), (256, 256))
        pyramid = Pyramid(base, False, None, None, PyramidCache(tmp_path), ChunkCache())
        built(pyramid)
        assert base.largest <= 1024 * 1024
        pyramid.close()


def test_while_it_is_made_levels_answer_at_once_and_what_was_looked_at_comes_first(tmp_path: Path) -> None:
    base = Counted(np.full((9000, 9000), 7, np.uint8), (512, 512))
    pyramid = Pyramid(base, False, None, picture_file(tmp_path), PyramidCache(tmp_path / "c"), ChunkCache())
    base.gate.clear()
    pyramid.build()
    begun = time.monotonic()
    assert np.asarray(pyramid.levels[-1]).max() == 0
    assert pyramid.levels[1][:400, :400].max() == 0
    assert time.monotonic() - begun < 5
    base.gate.set()
    deadline = time.monotonic() + 20
    while pyramid.levels[1][:400, :400].min() != 7 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pyramid.building is None or pyramid.building._done < 16
    pyramid.wait(60)
    assert (np.asarray(pyramid.levels[-1]) == 7).all()
    pyramid.close()


def test_a_mapped_picture_shows_every_nth_pixel_until_its_levels_are_made(tmp_path: Path) -> None:
    pixels = RNG.integers(1, 255, (4096, 4096), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    base = open_image(tmp_path / "a.tif").levels[0]
    assert base.random_access
    layout = PyramidLayout.of(base, False)
    overview = Overview(layout, base, ())
    overview.fill()
    for level in range(1, layout.coarsest + 1):
        for place in layout.places(level):
            rows, columns = layout.region(place)
            nth = pixels[:: 2**level, :: 2**level]
            if layout.coarsest - level != 1:  # the level before the coarsest one repeats its pixels
                np.testing.assert_array_equal(overview.block(place, ()), nth[rows, columns])


def test_work_that_was_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (6000, 6000), np.uint8)
    cache = PyramidCache(tmp_path / "cache")
    base = Counted(pixels, (512, 512))
    pyramid = Pyramid(base, False, None, picture_file(tmp_path), cache, ChunkCache())
    pyramid.build()
    while len(base.decoded) < 40:
        time.sleep(0.001)
    pyramid.cancel()
    assert pyramid.wait(20)
    assert not pyramid.is_complete(())
    pyramid.close()
    first = set(base.decoded)
    base.decoded.clear()
    again = Pyramid(base, False, None, picture_file(tmp_path), cache, ChunkCache())
    assert built(again)[-1].state == "done"
    assert len(first & set(base.decoded)) <= 4
    np.testing.assert_array_equal(np.asarray(again.levels[-1]), expected_levels(pixels, 4, 0)[-1])
    again.close()


@pytest.mark.parametrize("harm", ["cut", "block", "header", "length", "empty", "folder"])
def test_a_damaged_cache_is_found_out_and_made_anew(tmp_path: Path, harm: str) -> None:
    pixels = RNG.integers(0, 255, (2500, 2500), np.uint8)
    cache = PyramidCache(tmp_path / "cache")
    source = picture_file(tmp_path)

    def new() -> Pyramid:
        return Pyramid(Counted(pixels, (512, 512)), False, None, source, cache, ChunkCache())

    pyramid = new()
    built(pyramid)
    pyramid.close()
    (file,) = (tmp_path / "cache").glob("*.pyramid")
    content = bytearray(file.read_bytes())
    if harm == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif harm == "block":
        for at in range(2000, len(content) - 100, 997):
            content[at] ^= 0xFF
        file.write_bytes(content)
    elif harm == "header":
        file.write_bytes(b"something else" + bytes(content))
    elif harm == "length":
        start = content.index(b"BLK\n")
        content[start + 19 : start + 23] = b"\xff\xff\xff\x7f"
        file.write_bytes(content)
    elif harm == "empty":
        file.write_bytes(b"")
    else:
        file.unlink()
        file.mkdir()
    want = expected_levels(pixels, 3, 0)
    for _ in range(2):
        pyramid = new()
        for level, right in zip(pyramid.levels, want, strict=True):
            np.testing.assert_array_equal(np.asarray(level), right)
        pyramid.close()
    pyramid = new()
    pyramid.build()
    pyramid.wait(60)
    for level, right in zip(pyramid.levels, want, strict=True):
        np.testing.assert_array_equal(np.asarray(level), right)
    pyramid.close()


def test_a_changed_picture_does_not_get_the_old_levels(tmp_path: Path) -> None:
    cache, source = PyramidCache(tmp_path / "cache"), picture_file(tmp_path)
    for value in (3, 9):
        source.write_bytes(b"x" * value)
        base = Counted(np.full((2100, 2100), value, np.uint8), (512, 512))
        pyramid = Pyramid(base, False, None, source, cache, ChunkCache())
        built(pyramid)
        assert (np.asarray(pyramid.levels[-1]) == value).all()
        pyramid.close()


def test_the_cache_keeps_to_its_limit_and_forgets_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = PyramidCache(tmp_path / "cache", max_bytes=8_000_000)
    for number in range(6):
        source = tmp_path / f"{number}.bin"
        source.write_bytes(b"x")
        base = Counted(RNG.integers(0, 255, (2600, 2600), np.uint8), (512, 512))
        pyramid = Pyramid(base, False, None, source, cache, ChunkCache())
        built(pyramid)
        pyramid.close()
        assert cache.nbytes <= 8_000_000
        time.sleep(0.01)
    kept = len(list((tmp_path / "cache").glob("*.pyramid")))
    assert 2 <= kept < 6
    newest = Pyramid(base, False, None, source, cache, ChunkCache())
    assert newest.is_complete(())
    newest.close()


def test_without_room_on_the_disk_only_coarse_levels_are_kept(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (9000, 9000), np.uint8)
    cache = PyramidCache(tmp_path / "cache", max_bytes=3_000_000)
    base = Counted(pixels, (512, 512))
    pyramid = Pyramid(base, False, None, picture_file(tmp_path), cache, ChunkCache())
    assert built(pyramid)[-1].state == "done"
    assert cache.nbytes <= 3_000_000
    for level, want in zip(pyramid.levels, expected_levels(pixels, 5, 0), strict=True):
        np.testing.assert_array_equal(level[100:900, 50:300], want[100:900, 50:300])
    pyramid.close()


def test_a_folder_that_cannot_be_written_leaves_the_levels_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    pixels = RNG.integers(0, 255, (2500, 2500), np.uint8)
    pyramid = Pyramid(
        Counted(pixels, (512, 512)), False, None, picture_file(tmp_path), PyramidCache(blocked), ChunkCache()
    )
    assert built(pyramid)[-1].state == "done"
    np.testing.assert_array_equal(np.asarray(pyramid.levels[-1]), expected_levels(pixels, 3, 0)[-1])
    pyramid.close()


def test_a_second_maker_waits_and_shows_what_the_first_one_has_made(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (2500, 2500), np.uint8)
    cache, source = PyramidCache(tmp_path / "cache"), picture_file(tmp_path)
    base = Counted(pixels, (512, 512))
    pyramid = Pyramid(base, False, None, source, cache, ChunkCache())
    key = pyramid._store(()).key
    assert key is not None
    key.lock.parent.mkdir(parents=True)
    reports: list[str] = []
    pyramid.progress.connect(lambda report: reports.append(report.state))
    with FileLock(key.lock):
        other = PyramidFile(key.partial, key.header, writable=True)
        pyramid.build()
        while "waiting" not in reports:
            time.sleep(0.01)
        assert not base.decoded
        other.close()
    assert pyramid.wait(60)
    assert reports[-1] == "done"
    np.testing.assert_array_equal(np.asarray(pyramid.levels[-1]), expected_levels(pixels, 3, 0)[-1])
    pyramid.close()


def test_two_processes_make_one_pyramid_between_them(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 255, (9000, 8500), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, tile=(512, 512), compression="zlib")
    script = (
        "import sys, numpy as np\n"
        "from napari_labeltool.images import open_image\n"
        "from napari_labeltool.images.pyramid_cache import PyramidCache\n"
        "source = open_image(sys.argv[1], PyramidCache(sys.argv[2]))\n"
        "source.pyramid.build(); source.pyramid.wait()\n"
        "print(int(np.asarray(source.levels[-1]).astype(np.int64).sum()), source.pyramid.is_complete(()))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.tif"), str(tmp_path / "cache")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate(timeout=120)[0].split() for run in runs]
    want = int(expected_levels(pixels, 5, 0)[-1].astype(np.int64).sum())
    assert said == [[str(want), "True"]] * 2
    assert len(list((tmp_path / "cache").glob("*.pyramid"))) == 1
    assert not list((tmp_path / "cache").glob("*.part"))


def test_a_damaged_tile_ends_the_work_with_words(tmp_path: Path) -> None:
    def compute(extent: tuple[slice, ...]) -> NDArray[Any]:
        if extent[0].start >= 1024:
            raise ReadError("a.tif: the image data cannot be decoded.")
        return np.ones([part.stop - part.start for part in extent], np.uint8)

    base = ChunkedArray((3000, 3000), np.uint8, (512, 512), compute, ChunkCache())
    pyramid = Pyramid(base, False, None, picture_file(tmp_path), PyramidCache(tmp_path / "c"), ChunkCache())
    last = built(pyramid)[-1]
    assert (last.state, last.is_over) == ("failed", True)
    assert "cannot be decoded" in last.text
    assert np.asarray(pyramid.levels[-1]).shape == pyramid.levels[-1].shape
    pyramid.close()


def test_opening_a_large_flat_picture_decodes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((8300, 8300), np.uint8), tile=(512, 512), compression="zlib"
    )
    reads: list[object] = []
    original = ViewArray._read

    def counted(self: ViewArray, slices: tuple[slice, ...]) -> NDArray[Any]:
        reads.append(slices)
        return original(self, slices)

    monkeypatch.setattr(ViewArray, "_read", counted)
    source = open_image(tmp_path / "a.tif", PyramidCache(tmp_path / "cache"))
    assert source.levels_computed
    assert source.contrast_limits == ((0, 255),)
    assert not reads
    source.close()


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1025, 40_000),
    width=st.integers(1025, 40_000),
    bands=st.booleans(),
)
def test_blocks_of_a_level_are_made_of_all_blocks_below_once(height: int, width: int, bands: bool) -> None:
    base = ChunkedArray(
        (height, width), np.uint8, (16, width) if bands else (256, 256), lambda extent: np.empty(0)
    )
    layout = PyramidLayout.of(base, False)
    for level in range(2, layout.coarsest + 1):
        below = [child for place in layout.places(level) for row in layout.children(place) for child in row]
        assert sorted(below) == sorted(layout.places(level - 1))
        for place in layout.places(level):
            for row in layout.children(place):
                assert {layout.ancestor(child, level) for child in row} == {place}
    units = {unit for place in layout.places(layout.coarsest) for unit in layout.units_of(place)}
    assert units == set(layout.places(layout.unit_level))


def test_blocks_written_before_a_crash_are_there_and_the_torn_one_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.part"
    file = PyramidFile(path, b"header", writable=True)
    for number in range(5):
        file.append(Address(1, 0, 0, number), bytes([number]) * 100)
    file.close()
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size - 30)
    again = PyramidFile(path, b"header", writable=True)
    assert len(again) == 4
    assert not again.is_complete
    again.append(Address(1, 0, 0, 4), b"new")
    again.finish()
    again.close()
    last = PyramidFile(path, b"header")
    assert last.is_complete
    assert last.read(Address(1, 0, 0, 4)) == b"new"
    assert last.read(Address(1, 0, 0, 2)) == bytes([2]) * 100
    last.close()
