"""Damaged, false and oversized files end in a message that says what to do, and allocate nothing big."""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import open_image, read_size
from napari_labeltool.images.pyramid_cache import PyramidCache

RNG = np.random.default_rng(21)
RGB = RNG.integers(0, 255, (120, 160, 3), np.uint8)


def png_with_size(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def open_and_load(path: Path) -> None:
    source = open_image(path)
    source.load()
    np.asarray(source.levels[0])


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png", "cut.gif", "cut.bmp", "cut.webp"])
def test_a_file_that_ends_early_is_told_as_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(RGB).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReadError, match=r"damaged or was cut short\. Copy it again") as caught:
        open_and_load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_tiff_that_ends_early_is_told_as_damaged(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / "cut.tif"
    tifffile.imwrite(path, RGB, photometric="rgb", compression=compression)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReadError, match="damaged"):
        open_and_load(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"id,name\n1,nucleus\n", "a text file that starts with 'id,name"),
        (b"", "an empty file"),
        (b'{"images": []}', "JSON"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"PK\x03\x04zzzz", "ZIP"),
        (b"ZISRAWFILE\0\0", "a Zeiss CZI file. Convert it to OME-TIFF"),
        (b"\0\0\0\x18ftypheic", "HEIF"),
        (b"\0" * 128 + b"DICM", "DICOM"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "git lfs pull"),
        (b"\x01\x02\xfe\xff\x00\x00\x07", "unknown bytes 01 02 fe"),
    ],
)
def test_a_file_that_is_no_image_is_described(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "false.png"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="The image was not opened") as caught:
        open_image(path)
    assert found in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_plain_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="No such file"):
        open_image(tmp_path / "gone.png")
    with pytest.raises(ReadError, match="a folder that is not OME-Zarr"):
        open_image(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ReadError, match="pipe"):
        open_image(tmp_path / "pipe.png")


@pytest.mark.parametrize(("depth", "colour"), [(8, 2), (16, 0), (1, 0), (8, 3)])
def test_a_png_that_declares_a_huge_picture_is_refused_without_allocating(
    tmp_path: Path, depth: int, colour: int
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_with_size(100_000, 100_000, depth, colour))
    tracemalloc.start()
    with pytest.raises(ReadError, match=r"100000 x 100000 pixels .* tiled TIFF or OME-Zarr"):
        open_and_load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert read_size(path) == (100_000, 100_000)


def test_a_png_with_more_pixels_than_its_bytes_can_hold_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "short.png"
    path.write_bytes(png_with_size(20_000, 20_000))
    with pytest.raises(ReadError, match="bytes cannot hold them"):
        open_image(path)


def test_a_large_honest_picture_opens_without_a_warning(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "large.png"
    Image.fromarray(np.zeros((9_600, 9_800), np.uint8)).save(path, compress_level=1)
    source = open_image(path)
    source.load()
    assert source.shape_yx == (9_600, 9_800)
    assert not [warning for warning in recwarn if "Decompression" in warning.category.__name__]


def test_a_tiff_with_one_huge_tile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tile.tif"
    tifffile.imwrite(path, np.zeros((16, 16), np.uint8), tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tif:
        for name in ("ImageWidth", "ImageLength", "TileWidth", "TileLength"):
            tag = tif.pages.first.tags[name]
            tag.overwrite(65_520)
    with pytest.raises(ReadError, match=r"one tile takes 4\.0 GiB"):
        open_image(path)


def test_a_zarr_with_huge_chunks_is_refused(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "a.zarr", shape=(90_000, 90_000), chunks=(90_000, 90_000), dtype="uint8")
    with pytest.raises(ReadError, match="one tile takes"):
        open_image(tmp_path / "a.zarr")


@pytest.mark.parametrize("path_in_zarr", ["../secret", "/etc", "..", "0/../../secret"])
def test_ome_zarr_metadata_cannot_lead_out_of_the_folder(tmp_path: Path, path_in_zarr: str) -> None:
    secret = zarr.create_array(tmp_path / "secret", shape=(8, 8), chunks=(8, 8), dtype="uint8", zarr_format=2)
    secret[...] = 7
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    axes = [{"name": name, "type": "space"} for name in "yx"]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": path_in_zarr}]}]
    with pytest.raises(ReadError):
        open_image(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    "metadata",
    [
        {"multiscales": [{"datasets": [{}]}]},
        {"multiscales": [{"axes": ["q"], "datasets": [{"path": "0"}]}]},
        {"multiscales": [{"axes": 3, "datasets": [{"path": "0"}]}]},
        {"multiscales": "text"},
        {"plate": {}},
        {},
    ],
)
def test_damaged_ome_zarr_metadata_is_told(tmp_path: Path, metadata: dict[str, Any]) -> None:
    group = zarr.open_group(tmp_path / "a.zarr", mode="w", zarr_format=2)
    group.create_array("0", shape=(8, 8), chunks=(8, 8), dtype="uint8")
    group.attrs.update(metadata)
    with pytest.raises(ReadError, match=r"a\.zarr"):
        open_image(tmp_path / "a.zarr")


def test_an_npy_of_objects_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[{}, {}]], object), allow_pickle=True)
    with pytest.raises(ReadError):
        open_image(tmp_path / "a.npy")


def seeds() -> list[bytes]:
    import io

    made = [b"P5 4 5 255\n" + bytes(20)]
    stream = io.BytesIO()
    np.save(stream, RGB[:20, :24, 0])
    made.append(stream.getvalue())
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        stream = io.BytesIO()
        Image.fromarray(RGB[:20, :24]).save(stream, kind)
        made.append(stream.getvalue())
    for compression in (None, "zlib", "lzw"):
        stream = io.BytesIO()
        tifffile.imwrite(stream, RGB[:20, :24], photometric="rgb", compression=compression)
        made.append(stream.getvalue())
    return made


SEEDS = seeds()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_no_change_of_bytes_leads_to_anything_but_a_picture_or_a_read_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(8, len(content))) :]
    path = tmp_path_factory.getbasetemp() / "fuzzed.bin"
    path.write_bytes(content)
    with contextlib.suppress(ReadError):
        source = open_image(path)
        if np.prod(source.shape) < 2**24:
            np.asarray(source.levels[0])


def test_a_zarr_that_claims_any_size_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "a.zarr", shape=(10**9, 10**9), chunks=(512, 512), dtype="uint8")
    with pytest.raises(ReadError, match="without coarser levels"):
        open_image(tmp_path / "a.zarr")


def test_a_zarr_of_a_million_channels_gets_a_slider_not_a_million_layers(tmp_path: Path) -> None:
    zarr.create_array(tmp_path / "a.zarr", shape=(10**6, 1, 64, 64), chunks=(1, 1, 64, 64), dtype="uint8")
    source = open_image(tmp_path / "a.zarr")
    assert source.channel_count == 1
    assert source.plane_shape == (10**6,)
    assert any("1,000,000 channels" in note for note in source.notes)


def test_a_pyramid_that_ends_too_early_gets_the_levels_that_it_lacks(tmp_path: Path) -> None:
    data = np.zeros((300, 20_000), np.uint8)
    data[:, 10_000:] = 200
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        options = {"tile": (256, 256), "compression": "zlib"}
        writer.write(data, subifds=1, metadata={"axes": "YX"}, **options)
        writer.write(data[::2, ::2], subfiletype=1, **options)
    source = open_image(tmp_path / "a.ome.tif", PyramidCache(tmp_path / "cache"))
    widths = [level.shape[1] for level in source.levels]
    assert widths == [20_000, 10_000, 5_000, 2_500, 1_250, 625]
    assert np.asarray(source.levels[-1])[5, [300, 320]].tolist() == [0, 200]
    source.close()
