"""Pictures of the shown image: kinds of pixels, channels, planes, pixel size, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from workspace_cases import document, open_workspace, record, row_of

from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


def open_with(folder: Path, files: dict[str, Any], **facts: Any) -> Workspace:
    content = document()
    content["images"] = [
        {"id": i, "file_name": name, "width": 80, "height": 60, **facts.get(name.split(".")[0], {})}
        for i, name in enumerate(files, 1)
    ]
    for name, write in files.items():
        write(folder / name)
    return open_workspace(folder, content)


def shown_value(workspace: Workspace) -> int:
    layer = workspace.pictures.layers[0]
    return int(layer.get_value(workspace.viewer.dims.point, world=True))


def close(workspace: Workspace) -> None:
    workspace.close()
    workspace.session.close(discard=True)


def test_layers_stay_while_the_kind_of_pixels_stays(folder: Path) -> None:
    rgb = np.zeros((60, 80, 3), np.uint8)
    workspace = open_with(
        folder,
        {
            "x.png": lambda path: Image.fromarray(rgb).save(path),
            "y.png": lambda path: Image.fromarray(rgb + 9).save(path),
            "z.tif": lambda path: tifffile.imwrite(path, np.full((60, 80), 500, np.uint16)),
        },
    )
    (layer,) = workspace.pictures.layers
    layer.gamma = 0.5
    workspace.show_image(1)
    assert workspace.pictures.layers == [layer]
    assert layer.gamma == 0.5
    assert int(np.asarray(layer.data)[0, 0, 0]) == 9
    workspace.show_image(2)
    assert workspace.pictures.layers != [layer]
    assert not workspace.pictures.layers[0].rgb
    assert [picture.name for picture in workspace.viewer.layers] == ["z.tif", "masks", "objects", "keypoints"]
    close(workspace)


def test_channels_become_layers_and_float_pictures_get_limits(folder: Path) -> None:
    stack = np.linspace(0, 3, 2 * 60 * 80, dtype=np.float32).reshape(2, 60, 80)
    workspace = open_with(
        folder, {"x.ome.tif": lambda path: tifffile.imwrite(path, stack, metadata={"axes": "CYX"})}
    )
    assert len(workspace.pictures.layers) == 2
    low, high = workspace.pictures.layers[1].contrast_limits
    assert 1.4 < low < high < 3.1
    close(workspace)


def test_a_pixel_size_scales_every_layer_and_coordinates_stay_pixels(folder: Path) -> None:
    pixels = {
        "PhysicalSizeX": 0.5,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 0.25,
        "PhysicalSizeYUnit": "µm",
    }
    image = np.zeros((60, 80), np.uint8)
    workspace = open_with(
        folder,
        {"x.ome.tif": lambda path: tifffile.imwrite(path, image, metadata={"axes": "YX", **pixels})},
    )
    for layer in workspace.viewer.layers:
        assert np.asarray(layer.scale).tolist() == [0.25, 0.5]
    layer = workspace.objects.layer
    start, end = layer.world_to_data((5.0, 10.0)), layer.world_to_data((7.5, 20.0))
    assert (tuple(start), tuple(end)) == ((20, 20), (30, 40))
    corners = [[start[0], start[1]], [start[0], end[1]], [end[0], end[1]], [end[0], start[1]]]
    layer.add(np.array(corners), shape_type="rectangle")
    assert record(workspace, 15)["bbox"] == [20.5, 20.5, 20, 10]
    workspace.zoom_to([row_of(workspace, 15)])
    assert workspace.viewer.scene.camera.center[-2:] == pytest.approx((6.25, 15.0))
    close(workspace)


def test_the_plane_that_an_image_record_names_is_shown(folder: Path) -> None:
    stack = np.arange(5, dtype=np.uint8)[:, None, None] * np.ones((5, 60, 80), np.uint8)
    workspace = open_with(
        folder,
        {"x.ome.tif": lambda path: tifffile.imwrite(path, stack, metadata={"axes": "ZYX"})},
        x={"labeltool": {"plane": {"Z": 3}}},
    )
    assert shown_value(workspace) == 3
    close(workspace)


@pytest.mark.parametrize("kind", ["missing", "damaged"])
def test_a_picture_that_cannot_be_shown_is_told_and_labels_stay(folder: Path, kind: str) -> None:
    content = document()
    content["images"][0]["file_name"] = "gone.png"
    if kind == "damaged":
        (folder / "gone.png").write_bytes(b"\x89PNG\r\n\x1a\n damaged")
    workspace = open_workspace(folder, content)
    assert workspace.pictures.problem is not None
    assert "gone.png" in workspace.pictures.problem
    assert workspace.objects.layer.nshapes == 5
    (frame,) = workspace.pictures.layers
    assert (np.asarray(frame.scale).tolist(), np.asarray(frame.translate).tolist()) == (
        [60, 80],
        [29.5, 39.5],
    )
    workspace.show_image(1)
    assert workspace.pictures.problem is None
    close(workspace)


def test_one_frame_serves_all_pictures_that_are_not_there(folder: Path) -> None:
    content = document()
    for number, image in enumerate(content["images"]):
        image.update(file_name=f"gone{number}.png", width=80 - 20 * number, height=60)
    workspace = open_workspace(folder, content)
    (frame,) = workspace.pictures.layers
    workspace.show_image(1)
    assert workspace.pictures.layers == [frame]
    assert frame.name == "gone1.png (no picture)"
    assert np.asarray(frame.scale).tolist() == [60, 60]
    assert np.asarray(frame.translate).tolist() == [29.5, 29.5]
    close(workspace)


def test_a_size_that_differs_is_told_and_the_file_s_coordinates_are_drawn(folder: Path) -> None:
    said: list[str] = []
    content = document()
    content["images"][1].update(width=40, height=30)
    workspace = open_workspace(folder, content)
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    workspace.show_image(1)
    assert any("40" in sentence and "80" in sentence for sentence in said)
    assert workspace.objects.layer.data[0].min(0).tolist() == [0.5, 0.5]
    close(workspace)


def test_the_units_of_all_layers_agree_whenever_one_is_added(folder: Path) -> None:
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25}
    grey = np.zeros((60, 80), np.uint8)
    content = document()
    content["images"] = [
        {"id": number, "file_name": name, "width": 80, "height": 60}
        for number, name in enumerate(("x.ome.tif", "y.png", "gone.png"), 1)
    ]
    tifffile.imwrite(folder / "x.ome.tif", grey, metadata={"axes": "YX", **sizes})
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(folder / "y.png")
    workspace = open_workspace(folder, content)
    layers = workspace.viewer.layers
    seen: list[set[tuple[str, ...]]] = []
    layers.events.inserted.connect(
        lambda event: seen.append({tuple(str(unit) for unit in layer.units) for layer in layers})
    )
    for row, unit in ((1, "pixel"), (0, "micrometer"), (2, "pixel"), (0, "micrometer")):
        workspace.show_image(row)
        assert {tuple(str(one) for one in layer.units) for layer in layers} == {(unit, unit)}
    assert seen
    assert all(len(units) == 1 for units in seen)
    close(workspace)
