"""napari's reading of pictures through npe2: lazily, with levels, channels, scale and units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from napari.components import ViewerModel
from npe2 import PluginManager
from npe2.io_utils import read_get_reader
from PIL import Image

from napari_labeltool import plugin
from napari_labeltool.images.lazy import LazyArray, ViewArray

RNG = np.random.default_rng(8)


@pytest.fixture(autouse=True)
def _discovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    PluginManager.instance().discover()


def read(path: Path) -> list[Any]:
    layers, reader = read_get_reader([str(path)], plugin_name=plugin.NAME, stack=False)
    assert reader.command == "napari-labeltool.read_picture"
    return list(layers)


def write_slide(path: Path) -> None:
    data = RNG.integers(0, 255, (1024, 1024, 3), np.uint8)
    text = "Aperio Image Library v11.2.1\n1024x1024 [0,0 1024x1024] (256x256)|AppMag = 20|MPP = 0.4990"
    with tifffile.TiffWriter(path) as writer:
        options: dict[str, Any] = {"photometric": "rgb", "metadata": None}
        writer.write(data, tile=(256, 256), description=text, **options)
        writer.write(data[::8, ::8], description="Aperio Image Library v11.2.1\n", **options)
        writer.write(data[::4, ::4], tile=(256, 256), description=text + "->", **options)
        writer.write(data[:100, :90], description="Aperio\nlabel 9x9", subfiletype=1, **options)


@pytest.mark.parametrize(
    "name",
    ["a.tif", "a.tiff", "a.ome.tif", "a.ome.tiff", "a.btf", "a.svs", "a.scn", "a.png", "a.jpg"],
)
def test_pictures_of_every_suffix_are_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(("png", "jpg")):
        Image.fromarray(np.zeros((20, 30), np.uint8)).save(path)
    else:
        tifffile.imwrite(path, np.zeros((20, 30), np.uint8), bigtiff=name.endswith("btf"))
    ((data, kwargs, kind),) = read(path)
    assert (data.shape, kwargs["name"], kind) == ((20, 30), name, "image")


@pytest.mark.parametrize("name", ["a.zarr", "a.ome.zarr"])
def test_an_ome_zarr_folder_is_a_picture_and_not_a_folder_of_pictures(tmp_path: Path, name: str) -> None:
    group = zarr.open_group(tmp_path / name, mode="w", zarr_format=2)
    datasets = []
    for level in range(2):
        array = group.create_array(
            str(level), shape=(2, 3, 64 >> level, 64 >> level), chunks=(1, 1, 16, 16), dtype="u2"
        )
        array[...] = level + 1
        scale = [1.0, 2.0, 0.5 * 2**level, 0.25 * 2**level]
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        )
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    window = {"start": 5, "end": 500, "min": 0, "max": 65535}
    group.attrs.update(
        {
            "multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}],
            "omero": {
                "channels": [
                    {"label": "DAPI", "color": "0000FF", "window": window},
                    {"label": "GFP", "color": "00FF00", "window": window},
                ]
            },
        }
    )
    first, second = read(tmp_path / name)
    assert [level.shape for level in first[0]] == [(3, 64, 64), (3, 32, 32)]
    assert all(isinstance(level, LazyArray) for level in first[0])
    assert first[1]["scale"] == (2.0, 0.5, 0.25)
    assert first[1]["units"] == ("micrometer",) * 3
    assert [layer[1]["name"].partition("[")[2] for layer in (first, second)] == ["DAPI]", "GFP]"]
    assert second[1]["contrast_limits"] == (5, 500)
    assert second[1]["colormap"].colors[-1].tolist() == [0, 1, 0, 1]


def test_a_slide_opens_with_its_levels_only_and_in_micrometers(tmp_path: Path) -> None:
    write_slide(tmp_path / "a.svs")
    ((levels, kwargs, _),) = read(tmp_path / "a.svs")
    assert [level.shape for level in levels] == [(1024, 1024, 3), (256, 256, 3)]
    assert kwargs["scale"] == (0.499, 0.499)
    assert kwargs["units"] == ("micrometer", "micrometer")


def test_what_is_no_picture_is_left_to_others(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("no picture")
    (tmp_path / "a.json").write_text(json.dumps({"x": 1}))
    (tmp_path / "b.zarr").mkdir()
    for name in ("a.tif", "a.json", "b.zarr", "missing.png"):
        assert plugin.picture_reader(str(tmp_path / name)) is None
    assert plugin.picture_reader([str(tmp_path / "a.tif")]) is None


def test_opening_a_pyramid_reads_no_tile_and_a_viewer_only_the_coarsest_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = np.zeros((2048, 2048), np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        writer.write(data, subifds=2, tile=(256, 256), compression="zlib", metadata={"axes": "YX"})
        for level in (1, 2):
            writer.write(data[:: 2**level, :: 2**level], subfiletype=1, tile=(256, 256), compression="zlib")
    sizes: list[int] = []
    original = ViewArray._read

    def counted(self: ViewArray, slices: tuple[slice, ...]) -> Any:
        block = original(self, slices)
        sizes.append(block.size)
        return block

    monkeypatch.setattr(ViewArray, "_read", counted)
    ((levels, kwargs, _),) = read(tmp_path / "a.ome.tif")
    assert not sizes
    viewer = ViewerModel()
    viewer.add_image(levels, **kwargs)
    assert sizes
    assert max(sizes) <= 512 * 512


def test_planes_of_a_stack_get_a_slider_with_their_distance(tmp_path: Path) -> None:
    stack = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((5, 60, 80), np.uint8)
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "PhysicalSizeZ": 3.0}
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, metadata={"axes": "ZYX", **sizes})
    ((data, kwargs, _),) = read(tmp_path / "a.ome.tif")
    assert data.shape == (5, 60, 80)
    assert kwargs["scale"] == (3.0, 0.5, 0.5)
    assert kwargs["axis_labels"] == ("z", "y", "x")
    viewer = ViewerModel()
    layer = viewer.add_image(data, **kwargs)
    assert viewer.dims.nsteps[0] == 5
    assert [str(unit) for unit in layer.units] == ["micrometer"] * 3
