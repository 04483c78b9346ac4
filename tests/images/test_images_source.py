"""Opening pictures of every kind: shape, axes, colour, calibration and pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
import zarr
from numpy.typing import NDArray
from PIL import Image

from napari_labeltool.images import DecodedArray, ImageSource, open_image

RNG = np.random.default_rng(20)
GREY = RNG.integers(0, 255, (40, 60), np.uint8)
GREY16 = RNG.integers(0, 60_000, (40, 60), np.uint16)
RGB = RNG.integers(0, 255, (40, 60, 3), np.uint8)
RGBA = RNG.integers(0, 255, (40, 60, 4), np.uint8)


def pixels(source: ImageSource, level: int = 0) -> NDArray[Any]:
    return np.asarray(source.levels[level])


# --- PNG, JPEG and the like ---


@pytest.mark.parametrize(
    ("name", "picture", "expected"),
    [
        ("grey.png", Image.fromarray(GREY), GREY),
        ("rgb.png", Image.fromarray(RGB), RGB),
        ("rgba.png", Image.fromarray(RGBA), RGBA),
        ("grey16.png", Image.fromarray(GREY16), GREY16),
        ("bits.png", Image.fromarray(GREY > 99), np.where(GREY > 99, np.uint8(255), np.uint8(0))),
        ("palette.png", Image.fromarray(RGB).quantize(16), None),
        ("palette.gif", Image.fromarray(RGB).quantize(16), None),
        ("rgb.bmp", Image.fromarray(RGB), RGB),
        ("rgb.webp", Image.fromarray(RGB), RGB),
        ("rgb.jp2", Image.fromarray(RGB), RGB),
        ("rgb.ppm", Image.fromarray(RGB), RGB),
    ],
)
def test_flat_pictures_come_back_as_they_were_written(
    tmp_path: Path, name: str, picture: Image.Image, expected: NDArray[Any] | None
) -> None:
    options: dict[str, Any] = {"lossless": True} if name.endswith("webp") else {}
    picture.save(tmp_path / name, **options)
    source = open_image(tmp_path / name)
    want = np.array(picture.convert("RGB")) if expected is None else expected
    assert source.axes == "YX"
    assert source.rgb == (want.ndim == 3)
    assert source.shape == want.shape
    assert source.dtype == want.dtype
    assert source.shape_yx == (40, 60)
    np.testing.assert_array_equal(pixels(source), want)


@pytest.mark.parametrize("samples", [2, 3, 4])
def test_sixteen_bit_colour_png_keeps_its_sixteen_bits(tmp_path: Path, samples: int) -> None:
    data = RNG.integers(0, 65_535, (40, 60, samples), np.uint16)
    (tmp_path / "deep.png").write_bytes(imagecodecs.png_encode(data))
    source = open_image(tmp_path / "deep.png")
    want = data if samples > 2 else np.concatenate([data[..., :1].repeat(3, 2), data[..., 1:]], axis=2)
    assert source.rgb
    np.testing.assert_array_equal(pixels(source), want)


def test_grey_with_alpha_becomes_rgba(tmp_path: Path) -> None:
    Image.fromarray(RGBA).convert("LA").save(tmp_path / "la.png")
    source = open_image(tmp_path / "la.png")
    assert source.shape == (40, 60, 4)
    np.testing.assert_array_equal(pixels(source)[..., 3], RGBA[..., 3])


def test_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    plain = np.full((40, 60, 3), (200, 40, 90), np.uint8)
    Image.fromarray(plain).convert("CMYK").save(tmp_path / "ink.jpg", quality=95)
    source = open_image(tmp_path / "ink.jpg")
    assert source.shape == (40, 60, 3)
    assert np.abs(pixels(source).astype(int) - plain).max() < 6


def test_the_pixels_of_a_flat_picture_are_decoded_at_the_first_use_only(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    level = open_image(tmp_path / "a.png").levels[0]
    assert isinstance(level, DecodedArray)
    assert level.shape == (40, 60)
    assert not level.is_decoded
    assert level[3, 4] == GREY[3, 4]
    assert level.is_decoded


def test_closing_gives_the_memory_of_decoded_pixels_back(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    source = open_image(tmp_path / "a.png")
    level = source.levels[0]
    assert isinstance(level, DecodedArray)
    source.load()
    source.close()
    assert not level.is_decoded


def test_the_orientation_tag_of_a_camera_is_told_but_not_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RGB).save(tmp_path / "turned.jpg", exif=exif)
    source = open_image(tmp_path / "turned.jpg")
    assert source.shape_yx == (40, 60)
    assert any("EXIF 6" in note for note in source.notes)


def test_of_an_animation_the_first_frame_is_shown_and_that_is_told(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 9), value, np.uint8)) for value in (10, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    source = open_image(tmp_path / "moving.gif")
    assert (pixels(source) == 10).all()
    assert any("first frame" in note for note in source.notes)


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    source = open_image(tmp_path / "a.jpg")
    assert source.format == "png"
    np.testing.assert_array_equal(pixels(source), RGB)


# --- TIFF ---


def write_ome_pyramid(path: Path, data: NDArray[Any], axes: str, levels: int, **metadata: Any) -> None:
    y_axis = axes.index("Y")
    with tifffile.TiffWriter(path, ome=True, bigtiff=True) as writer:
        options: dict[str, Any] = {"tile": (64, 64), "compression": "zlib", "photometric": "minisblack"}
        writer.write(data, subifds=levels, metadata={"axes": axes, **metadata}, **options)
        for level in range(1, levels + 1):
            step = (slice(None),) * y_axis + (slice(None, None, 2**level),) * 2
            writer.write(data[step], subfiletype=1, **options)


def test_an_ome_tiff_pyramid_with_channels_has_levels_names_colours_and_pixel_size(tmp_path: Path) -> None:
    data = RNG.integers(0, 4000, (3, 512, 384), np.uint16)
    write_ome_pyramid(
        tmp_path / "a.ome.tif",
        data,
        "CYX",
        2,
        PhysicalSizeX=0.25,
        PhysicalSizeXUnit="µm",
        PhysicalSizeY=0.5,
        PhysicalSizeYUnit="µm",
        Channel={"Name": ["DAPI", "FITC", "Cy5"], "Color": [65535, 16711935, -16776961]},
    )
    source = open_image(tmp_path / "a.ome.tif")
    assert source.axes == "CYX"
    assert source.channel_axis == 0
    assert source.channel_count == 3
    assert source.channel_names == ("DAPI", "FITC", "Cy5")
    assert source.channel_colors == ("#0000ff", "#00ff00", "#ff0000")
    assert source.pixel_size_yx == (0.5, 0.25)
    assert source.unit == "micrometer"
    assert [level.shape for level in source.levels] == [(3, 512, 384), (3, 256, 192), (3, 128, 96)]
    assert source.level_factors() == ((1, 1), (2, 2), (4, 4))
    np.testing.assert_array_equal(source.levels[1][1, 10:90, 20:30], data[1, 20:180:2, 40:60:2])
    assert len(source.contrast_limits) == 3
    assert all(0 <= low < high <= 4000 for low, high in source.contrast_limits)
    assert not source.levels_computed


def test_a_stack_of_time_depth_and_channels_keeps_its_axes(tmp_path: Path) -> None:
    data = RNG.integers(0, 255, (2, 3, 4, 20, 30), np.uint8)
    tifffile.imwrite(tmp_path / "a.ome.tif", data, metadata={"axes": "TZCYX"}, photometric="minisblack")
    source = open_image(tmp_path / "a.ome.tif")
    assert (source.axes, source.channel_axis) == ("TZCYX", 2)
    assert (source.plane_axes, source.plane_shape) == ("TZ", (2, 3))
    np.testing.assert_array_equal(source.read_plane({"T": 1, "Z": 2}), data[1, 2])
    assert source.levels[0][1, 2, 3, 4, 5] == data[1, 2, 3, 4, 5]


def test_an_imagej_hyperstack_gives_unit_and_ranges(tmp_path: Path) -> None:
    data = RNG.integers(0, 4000, (3, 2, 20, 30), np.uint16)
    tifffile.imwrite(
        tmp_path / "ij.tif",
        data,
        imagej=True,
        resolution=(4.0, 2.0),
        metadata={"axes": "ZCYX", "unit": "micron", "Ranges": (10.0, 900.0, 20.0, 3000.0)},
    )
    source = open_image(tmp_path / "ij.tif")
    assert source.axes == "ZCYX"
    assert source.pixel_size_yx == (0.5, 0.25)
    assert source.unit == "micrometer"
    assert source.contrast_limits == ((10, 900), (20, 3000))


def test_pages_without_a_stated_meaning_are_depth(tmp_path: Path) -> None:
    data = RNG.integers(0, 255, (5, 20, 30), np.uint8)
    tifffile.imwrite(tmp_path / "pages.tif", data, photometric="minisblack", metadata=None)
    source = open_image(tmp_path / "pages.tif")
    assert source.axes == "ZYX"
    np.testing.assert_array_equal(pixels(source), data)


def test_rgb_tiff_with_pages_per_sample_is_given_out_with_the_samples_last(tmp_path: Path) -> None:
    planar = np.ascontiguousarray(RGB.transpose(2, 0, 1))
    tifffile.imwrite(tmp_path / "planar.tif", planar, photometric="rgb", planarconfig="separate")
    source = open_image(tmp_path / "planar.tif")
    assert source.rgb
    np.testing.assert_array_equal(pixels(source), RGB)


def test_more_than_four_samples_are_channels(tmp_path: Path) -> None:
    data = RNG.integers(0, 255, (40, 60, 6), np.uint8)
    tifffile.imwrite(tmp_path / "six.tif", data, photometric="minisblack", planarconfig="contig")
    source = open_image(tmp_path / "six.tif")
    assert (source.axes, source.channel_axis, source.rgb) == ("CYX", 0, False)
    np.testing.assert_array_equal(pixels(source), data.transpose(2, 0, 1))


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", "bool"])
def test_tiff_pixels_of_every_type_come_back_in_native_order(
    tmp_path: Path, byteorder: Any, compression: str | None, dtype: str
) -> None:
    data = RNG.integers(0, 2 if dtype == "bool" else 120, (50, 70)).astype(dtype)
    options: dict[str, Any] = {"byteorder": byteorder, "compression": compression, "rowsperstrip": 7}
    options["photometric"] = "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", data, **options)
    source = open_image(tmp_path / "a.tif")
    assert source.dtype == np.dtype(dtype)
    assert source.dtype.isnative
    np.testing.assert_array_equal(source.levels[0][5:33:3, ::-2], data[5:33:3, ::-2])
    assert source.levels[0][1, 1].dtype == np.dtype(dtype)


def test_palette_tiff_becomes_rgb(tmp_path: Path) -> None:
    indices = RNG.integers(0, 255, (40, 60), np.uint8)
    table = RNG.integers(0, 255, (3, 256)).astype(np.uint16) * 257
    tifffile.imwrite(tmp_path / "palette.tif", indices, photometric="palette", colormap=table)
    source = open_image(tmp_path / "palette.tif")
    assert source.rgb
    assert source.shape == (40, 60, 3)
    want = (table >> 8).astype(np.uint8).T[indices]
    np.testing.assert_array_equal(pixels(source), want)
    np.testing.assert_array_equal(source.levels[0][3:9, ::4, 1], want[3:9, ::4, 1])


def test_white_is_zero_is_shown_with_black_as_zero(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "fax.tif", GREY, photometric="miniswhite")
    np.testing.assert_array_equal(pixels(open_image(tmp_path / "fax.tif")), 255 - GREY)


def test_cmyk_tiff_becomes_rgb(tmp_path: Path) -> None:
    inks = np.zeros((4, 5, 4), np.uint8)
    inks[..., 1] = 255
    tifffile.imwrite(tmp_path / "ink.tif", inks, photometric="separated")
    source = open_image(tmp_path / "ink.tif")
    assert source.rgb
    assert pixels(source)[0, 0].tolist() == [255, 0, 255]


def test_a_pyramid_in_plain_pages_is_found(tmp_path: Path) -> None:
    data = RNG.integers(0, 255, (512, 512, 3), np.uint8)
    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        for level in range(3):
            writer.write(
                data[:: 2**level, :: 2**level], tile=(128, 128), photometric="rgb", subfiletype=int(level > 0)
            )
    source = open_image(tmp_path / "pages.tif")
    assert [level.shape for level in source.levels] == [(512, 512, 3), (256, 256, 3), (128, 128, 3)]


def test_a_slide_of_aperio_has_its_levels_and_pixel_size_and_not_its_label(tmp_path: Path) -> None:
    data = RNG.integers(0, 255, (1024, 1024, 3), np.uint8)
    text = "Aperio Image Library v11.2.1\n1024x1024 [0,0 1024x1024] (256x256)|AppMag = 20|MPP = 0.4990"
    with tifffile.TiffWriter(tmp_path / "a.svs") as writer:
        writer.write(data, tile=(256, 256), photometric="rgb", description=text, metadata=None)
        writer.write(
            data[::8, ::8], photometric="rgb", description="Aperio Image Library v11.2.1\n", metadata=None
        )
        writer.write(
            data[::4, ::4], tile=(256, 256), photometric="rgb", description=text + "->", metadata=None
        )
        writer.write(
            data[:100, :90], photometric="rgb", description="Aperio\nlabel 9x9", subfiletype=1, metadata=None
        )
    source = open_image(tmp_path / "a.svs")
    assert [level.shape for level in source.levels] == [(1024, 1024, 3), (256, 256, 3)]
    assert source.pixel_size_yx == (0.499, 0.499)


def test_of_several_pictures_in_a_tiff_the_largest_is_shown_and_that_is_told(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "slide.tif") as writer:
        writer.write(np.zeros((30, 70), np.uint8), photometric="minisblack")
        writer.write(np.ones((500, 400), np.uint8), photometric="minisblack")
    source = open_image(tmp_path / "slide.tif")
    assert source.shape_yx == (500, 400)
    assert any("2 pictures" in note for note in source.notes)


@pytest.mark.parametrize(
    ("resolution", "unit", "expected"),
    [((20_000, 40_000), "CENTIMETER", (0.25, 0.5)), ((72, 72), "INCH", None), ((300, 300), "INCH", None)],
)
def test_a_resolution_tag_counts_when_it_is_a_measurement_not_a_printers_setting(
    tmp_path: Path, resolution: tuple[int, int], unit: Any, expected: tuple[float, float] | None
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY, resolution=resolution, resolutionunit=unit)
    source = open_image(tmp_path / "a.tif")
    assert source.pixel_size_yx == (pytest.approx(expected) if expected else None)
    assert source.unit == ("micrometer" if expected else None)


def test_an_ome_tiff_that_names_a_file_in_another_folder_does_not_read_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.tif"
    tifffile.imwrite(secret, np.full((1, 40, 60), 77, np.uint8), photometric="minisblack")
    (tmp_path / "in").mkdir()
    xml = (
        '<?xml version="1.0"?><OME UUID="urn:uuid:1"'
        ' xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="60" SizeY="40"'
        ' SizeZ="2" SizeC="1" SizeT="1"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        '<TiffData IFD="0" FirstZ="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>'
        '<TiffData IFD="0" FirstZ="1" PlaneCount="1">'
        '<UUID FileName="../secret.tif">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    tifffile.imwrite(
        tmp_path / "in" / "a.ome.tif", GREY, photometric="minisblack", description=xml, metadata=None
    )
    shown = pixels(open_image(tmp_path / "in" / "a.ome.tif"))
    assert shown.shape == GREY.shape
    np.testing.assert_array_equal(shown, GREY)


# --- OME-Zarr and NPY ---


def write_ome_zarr(folder: Path, data: NDArray[Any], version: str) -> None:
    zarr_format: Any = 2 if version == "0.4" else 3
    group = zarr.open_group(folder, mode="w", zarr_format=zarr_format)
    names = "tczyx"
    datasets = []
    for level in range(2):
        part = data[..., :: 2**level, :: 2**level]
        array = group.create_array(
            str(level), shape=part.shape, chunks=(1, 1, 1, 32, 32), dtype=part.dtype.name
        )
        array[...] = part
        scale = [1.0, 1.0, 2.0, 0.5 * 2**level, 0.25 * 2**level]
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        )
    kinds = {"t": "time", "c": "channel"}
    axes: list[dict[str, str]] = [{"name": name, "type": kinds.get(name, "space")} for name in names]
    for axis in axes[2:]:
        axis["unit"] = "micrometer"
    window = {"start": 5, "end": 500, "min": 0, "max": 65535}
    metadata = {
        "multiscales": [{"version": version, "axes": axes, "datasets": datasets}],
        "omero": {
            "channels": [
                {"label": "DAPI", "color": "0000FF", "window": window},
                {"label": "GFP", "color": "00FF00", "window": window},
            ]
        },
    }
    group.attrs.update(metadata if version == "0.4" else {"ome": {"version": version, **metadata}})


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_of_both_zarr_formats_opens_with_levels_and_metadata(tmp_path: Path, version: str) -> None:
    data = RNG.integers(0, 60_000, (1, 2, 3, 64, 96), np.uint16)
    write_ome_zarr(tmp_path / "a.zarr", data, version)
    source = open_image(tmp_path / "a.zarr")
    assert source.format == "ome-zarr"
    assert source.axes == "CZYX"
    assert [level.shape for level in source.levels] == [(2, 3, 64, 96), (2, 3, 32, 48)]
    assert source.pixel_size_yx == (0.5, 0.25)
    assert source.unit == "micrometer"
    assert source.channel_names == ("DAPI", "GFP")
    assert source.channel_colors == ("#0000ff", "#00ff00")
    assert source.contrast_limits == ((5, 500), (5, 500))
    np.testing.assert_array_equal(source.levels[0][1, 2, 10:50, 7:80], data[0, 1, 2, 10:50, 7:80])
    np.testing.assert_array_equal(source.read_plane({"Z": 1}, level=1), data[0, :, 1, ::2, ::2])


def test_a_folder_of_the_bioformats_layout_opens_its_first_image(tmp_path: Path) -> None:
    data = RNG.integers(0, 60_000, (1, 1, 1, 64, 96), np.uint16)
    write_ome_zarr(tmp_path / "a.zarr" / "0", data, "0.4")
    zarr.open_group(tmp_path / "a.zarr", mode="a", zarr_format=2).attrs["bioformats2raw.layout"] = 3
    source = open_image(tmp_path / "a.zarr")
    assert source.axes == "YX"
    np.testing.assert_array_equal(pixels(source), data[0, 0, 0])


def test_a_plain_zarr_array_opens(tmp_path: Path) -> None:
    array = zarr.create_array(tmp_path / "a.zarr", shape=RGB.shape, chunks=(16, 16, 3), dtype="uint8")
    array[...] = RGB
    source = open_image(tmp_path / "a.zarr")
    assert source.rgb
    np.testing.assert_array_equal(pixels(source), RGB)


@pytest.mark.parametrize(
    ("shape", "dtype", "axes", "rgb"),
    [
        ((40, 60), "float32", "YX", False),
        ((40, 60, 3), "uint8", "YX", True),
        ((5, 40, 60), "uint16", "ZYX", False),
        ((5, 40, 60, 4), "uint8", "ZYX", True),
        ((2, 5, 40, 60), "uint16", "TZYX", False),
        ((40, 60, 3), "float32", "ZYX", False),
    ],
)
def test_npy_files_are_mapped(
    tmp_path: Path, shape: tuple[int, ...], dtype: str, axes: str, rgb: bool
) -> None:
    data = RNG.integers(0, 200, shape).astype(dtype)
    np.save(tmp_path / "a.npy", data)
    source = open_image(tmp_path / "a.npy")
    assert (source.axes, source.rgb) == (axes, rgb)
    np.testing.assert_array_equal(pixels(source), data)


# --- contrast ---


def test_contrast_of_eight_bits_is_the_range_of_the_type_and_reads_nothing(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    source = open_image(tmp_path / "a.png")
    assert source.contrast_limits == ((0, 255),)
    level = source.levels[0]
    assert isinstance(level, DecodedArray)
    assert not level.is_decoded


def test_contrast_of_sixteen_bits_leaves_out_a_few_hot_pixels(tmp_path: Path) -> None:
    data = RNG.integers(100, 1000, (300, 300), np.uint16)
    data[0, :5] = 65_535
    tifffile.imwrite(tmp_path / "a.tif", data)
    ((low, high),) = open_image(tmp_path / "a.tif").contrast_limits
    assert 100 <= low < 110
    assert 990 < high <= 1000


@pytest.mark.parametrize("value", [0.0, 7.5, np.nan, np.inf])
def test_contrast_of_a_constant_or_empty_picture_is_still_a_range(tmp_path: Path, value: float) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.full((30, 30), value, np.float32))
    ((low, high),) = open_image(tmp_path / "a.tif").contrast_limits
    assert np.isfinite([low, high]).all()
    assert low < high


def test_every_picture_of_the_corpus_opens(corpus_dir: Path) -> None:
    files = [path for path in corpus_dir.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg")]
    assert len(files) > 100
    for path in files:
        source = open_image(path)
        source.load()
        with Image.open(path) as reference:
            assert source.shape_yx == (reference.height, reference.width), path
