"""Sizes from headers, and records that declare another size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import open_image, read_size, size_problem

GREY = np.zeros((30, 50), np.uint8)
RGB = np.zeros((30, 50, 3), np.uint8)


def write(path: Path) -> None:
    if path.name == "deep.png":
        path.write_bytes(imagecodecs.png_encode(RGB.astype(np.uint16)))
    elif path.suffix == ".tif":
        options: dict[str, Any] = {"photometric": "rgb" if "rgb" in path.name else "minisblack"}
        data = {"rgb.tif": RGB, "stack.ome.tif": np.zeros((4, 30, 50), np.uint8)}.get(path.name, GREY)
        tifffile.imwrite(path, data, **options)
    elif path.suffix == ".npy":
        np.save(path, RGB)
    elif path.suffix == ".zarr":
        zarr.create_array(path, shape=(3, 30, 50), chunks=(1, 16, 16), dtype="uint16")
    else:
        Image.fromarray(RGB).save(path)


@pytest.mark.parametrize(
    "name",
    [
        *("a.png", "deep.png", "a.jpg", "a.bmp", "a.gif", "a.webp", "a.jp2", "a.ppm"),
        *("grey.tif", "rgb.tif", "stack.ome.tif", "a.npy", "a.zarr"),
    ],
)
def test_the_header_gives_the_size_that_opening_gives(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert read_size(tmp_path / name) == (30, 50)
    assert open_image(tmp_path / name).shape_yx == (30, 50)


def test_a_size_that_agrees_or_is_not_declared_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path / "a.png")
    assert size_problem(tmp_path / "a.png", 30, 50) is None
    assert size_problem(tmp_path / "a.png", 30.0, 50.0) is None
    assert size_problem(tmp_path / "a.png", None, None) is None


@pytest.mark.parametrize(("height", "width"), [(31, 50), (50, 30), (None, 50), ("30", "50"), (0, 0)])
def test_another_declared_size_is_told_with_both_sizes(tmp_path: Path, height: object, width: object) -> None:
    write(tmp_path / "a.png")
    problem = size_problem(tmp_path / "a.png", height, width)
    assert problem is not None
    assert "30 x 50" in problem
    assert f"{height} x {width}" in problem
    assert ("swapped" in problem) == ((height, width) == (50, 30))


def test_swapped_sides_of_a_picture_that_a_camera_turned_are_explained(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    problem = size_problem(tmp_path / "a.jpg", 50, 30)
    assert problem is not None
    assert "EXIF" in problem


def test_a_file_that_cannot_be_read_is_a_problem_of_its_size_too(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("text")
    problem = size_problem(tmp_path / "a.png", 30, 50)
    assert problem is not None
    assert "a text file" in problem
    with pytest.raises(ReadError):
        read_size(tmp_path / "a.png")
