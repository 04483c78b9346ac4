"""Listing the images of a folder."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import natural_key, scan_folder


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_numbers_in_names_count_as_numbers(tmp_path: Path) -> None:
    touch(tmp_path, "img10.png", "img2.png", "IMG1.png", "img2/b.png", "a 3.jpg", "a 20.jpg")
    assert scan_folder(tmp_path) == ["a 3.jpg", "a 20.jpg", "IMG1.png", "img2/b.png", "img2.png", "img10.png"]


def test_only_images_are_listed_and_hidden_ones_are_not(tmp_path: Path) -> None:
    touch(tmp_path, "a.TIF", "b.jpeg", "c.txt", "d.json", "f.svs", "g.pdf")
    touch(tmp_path, ".hidden.png", "._a.tif", ".cache/e.png")
    assert scan_folder(tmp_path) == ["a.TIF", "b.jpeg", "f.svs"]


def test_sub_folders_are_listed_only_when_wanted(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "x/b.png", "x/y/c.png")
    assert scan_folder(tmp_path) == ["a.png", "x/b.png", "x/y/c.png"]
    assert scan_folder(tmp_path, recursive=False) == ["a.png"]


@pytest.mark.parametrize(
    "side",
    [
        "cell_masks.png",
        "cell_mask.tif",
        "cell_cp_masks.png",
        "cell_seg.npy",
        "cell-labels.tif",
        "CELL_GT.png",
    ],
)
def test_the_side_file_of_an_image_is_no_image(tmp_path: Path, side: str) -> None:
    touch(tmp_path, "cell.ome.tif", side)
    assert scan_folder(tmp_path) == ["cell.ome.tif"]


def test_an_image_whose_name_only_looks_like_a_side_file_is_listed(tmp_path: Path) -> None:
    touch(tmp_path, "face_mask.png", "unlabels.png", "x/cell.png", "y/cell_mask.png")
    assert scan_folder(tmp_path) == ["face_mask.png", "unlabels.png", "x/cell.png", "y/cell_mask.png"]


def test_the_masks_of_coco_panoptic_are_left_out_but_no_folder_of_images(tmp_path: Path) -> None:
    touch(tmp_path, "panoptic_val.json", "panoptic_val/a.png")
    touch(
        tmp_path,
        "train.json",
        "train/a.jpg",
        "panoptic_view/b.png",
    )
    assert scan_folder(tmp_path) == ["panoptic_view/b.png", "train/a.jpg"]


def test_an_ome_zarr_folder_is_one_image_and_a_plate_is_none(tmp_path: Path) -> None:
    image = zarr.open_group(tmp_path / "x" / "a.zarr", mode="w", zarr_format=2)
    image.create_array("0", shape=(8, 8), chunks=(4, 4), dtype="uint8")[...] = np.ones((8, 8), np.uint8)
    axes = [{"name": name, "type": "space"} for name in "yx"]
    image.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    zarr.open_group(tmp_path / "plate.zarr", mode="w", zarr_format=2).attrs["plate"] = {}
    touch(tmp_path, "x/a.zarr/preview.png", "empty.zarr/c.png")
    assert scan_folder(tmp_path) == ["x/a.zarr"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX links")
def test_links_out_of_the_folder_and_loops_are_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    touch(tmp_path, "secret.png", "in/a.png")
    (inside / "out.png").symlink_to(tmp_path / "secret.png")
    (inside / "loop").symlink_to(inside)
    (inside / "gone.png").symlink_to(inside / "nowhere.png")
    (inside / "same.png").symlink_to(inside / "a.png")
    assert scan_folder(inside) == ["a.png", "same.png"]


def test_more_images_than_the_limit_are_told_not_cut(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.png" for number in range(12)))
    with pytest.raises(ReadError, match="more than 10 images"):
        scan_folder(tmp_path, limit=10)
    assert len(scan_folder(tmp_path, limit=12)) == 12


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be listed"):
        scan_folder(tmp_path / "gone")


@given(st.lists(st.text(st.sampled_from("aB0129 ._/²٣é-"), min_size=1), unique=True))
def test_the_natural_order_is_total_and_does_not_depend_on_the_order_before(names: list[str]) -> None:
    shuffled = list(names)
    random.Random(0).shuffle(shuffled)
    assert sorted(names, key=natural_key) == sorted(shuffled, key=natural_key)
