"""Previews and their cache on disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import ThumbnailCache, open_image, thumbnail
from napari_labeltool.images import thumbnail as make
from napari_labeltool.images import thumbnail_cache as cache_module


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.npy"])
def test_the_longest_side_has_the_size_asked_for_and_colours_stay(tmp_path: Path, name: str) -> None:
    data = np.full((300, 600, 3), (200, 40, 90), np.uint8)
    if name == "a.npy":
        np.save(tmp_path / name, data)
    else:
        Image.fromarray(data).save(tmp_path / name)
    preview = thumbnail(tmp_path / name, 96)
    assert preview.shape == (48, 96, 3)
    assert preview.dtype == np.uint8
    assert np.abs(preview.astype(int) - (200, 40, 90)).max() < 5


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((7, 9), np.uint8)).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png").shape == (7, 9, 3)


def test_a_very_long_picture_keeps_at_least_one_row(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((2, 5000), np.uint8)).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png").shape == (1, 96, 3)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_dim_values_of_more_than_eight_bits_are_stretched(tmp_path: Path, dtype: str) -> None:
    data = np.zeros((200, 200), dtype)
    data[:, 100:] = 50
    tifffile.imwrite(tmp_path / "a.tif", data)
    preview = thumbnail(tmp_path / "a.tif", 50)
    assert preview[:, :20].max() < 20
    assert preview[:, -20:].min() > 230


def test_channels_are_shown_in_their_colours(tmp_path: Path) -> None:
    data = np.zeros((2, 100, 100), np.uint16)
    data[0, :50] = 1000
    data[1, 50:] = 1000
    metadata: dict[str, Any] = {"axes": "CYX", "Channel": {"Name": ["a", "b"], "Color": [-16776961, 65535]}}
    tifffile.imwrite(tmp_path / "a.ome.tif", data, metadata=metadata, photometric="minisblack")
    preview = thumbnail(tmp_path / "a.ome.tif", 10)
    assert preview[2, 5].tolist() == [255, 0, 0]
    assert preview[8, 5].tolist() == [0, 0, 255]


def test_a_plane_of_a_stack_can_be_asked_for(tmp_path: Path) -> None:
    data = np.stack([np.full((20, 20), value, np.uint8) for value in (10, 100, 200)])
    tifffile.imwrite(tmp_path / "a.tif", data, metadata={"axes": "ZYX"}, photometric="minisblack")
    source = open_image(tmp_path / "a.tif")
    assert thumbnail(source)[0, 0, 0] == 100
    assert thumbnail(source, plane={"Z": 2})[0, 0, 0] == 200


def test_the_preview_of_a_pyramid_reads_a_coarse_level_only(tmp_path: Path) -> None:
    options: dict[str, Any] = {"tile": (128, 128), "photometric": "minisblack"}
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(np.zeros((1024, 1024), np.uint8), subifds=2, **options)
        for side, value in ((512, 50), (256, 99)):
            writer.write(np.full((side, side), value, np.uint8), subfiletype=1, **options)
    assert thumbnail(tmp_path / "a.tif")[0, 0, 0] == 99
    assert thumbnail(tmp_path / "a.tif", 300)[0, 0, 0] == 50


def test_transparent_parts_are_black(tmp_path: Path) -> None:
    data = np.full((20, 20, 4), 255, np.uint8)
    data[:10, :, 3] = 0
    Image.fromarray(data).save(tmp_path / "a.png")
    preview = thumbnail(tmp_path / "a.png")
    assert preview[0, 0].tolist() == [0, 0, 0]
    assert preview[-1, 0].tolist() == [255, 255, 255]


def test_a_damaged_file_is_a_read_error(tmp_path: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (99, 99, 3), np.uint8)).save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:3000])
    with pytest.raises(ReadError, match="damaged"):
        thumbnail(tmp_path / "a.jpg")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    made: list[Path] = []

    def making(path: Any, *rest: Any) -> Any:
        made.append(path)
        return make(path, *rest)

    monkeypatch.setattr(cache_module, "thumbnail", making)
    return made


def test_a_preview_is_made_once_and_again_when_the_file_changed(tmp_path: Path, counted: list[Path]) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((9, 9), 10, np.uint8)).save(path)
    cache = ThumbnailCache(tmp_path / "cache")
    first = cache.get(path)
    np.testing.assert_array_equal(ThumbnailCache(tmp_path / "cache").get(path), first)
    assert len(counted) == 1
    Image.fromarray(np.full((9, 9), 20, np.uint8)).save(path)
    os.utime(path, (1, 1))
    assert cache.get(path)[0, 0, 0] == 20
    assert len(counted) == 2


def test_a_damaged_preview_on_disk_is_made_anew(tmp_path: Path, counted: list[Path]) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((9, 9), 10, np.uint8)).save(path)
    cache = ThumbnailCache(tmp_path / "cache")
    cache.get(path)
    (stored,) = (tmp_path / "cache").glob("*/*.png")
    stored.write_bytes(b"nonsense")
    assert cache.get(path)[0, 0, 0] == 10
    assert len(counted) == 2


def test_a_cache_folder_that_cannot_be_written_costs_no_preview(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    Image.fromarray(np.full((9, 9), 10, np.uint8)).save(tmp_path / "a.png")
    assert ThumbnailCache(tmp_path / "cache").get(tmp_path / "a.png")[0, 0, 0] == 10


def test_the_previews_used_longest_ago_are_deleted_beyond_the_bound(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "cache", max_bytes=40_000)
    generator = np.random.default_rng(0)
    for number in range(12):
        path = tmp_path / f"{number}.png"
        Image.fromarray(generator.integers(0, 255, (40, 40, 3), np.uint8)).save(path)
        cache.get(path)
    stored = sorted((tmp_path / "cache").glob("*/*.png"), key=lambda file: file.stat().st_mtime_ns)
    for number, file in enumerate(stored):
        os.utime(file, (number, number))
    cache.prune()
    left = set((tmp_path / "cache").glob("*/*.png"))
    assert sum(file.stat().st_size for file in left) <= 40_000
    assert left == set(stored[-len(left) :])
    assert left


def test_many_threads_may_ask_for_one_preview(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((300, 300), 77, np.uint8)).save(path)
    cache = ThumbnailCache(tmp_path / "cache")
    got: list[int] = []
    threads = [threading.Thread(target=lambda: got.append(int(cache.get(path)[0, 0, 0]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [77] * 8
