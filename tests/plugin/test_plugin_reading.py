"""napari's reading of COCO files and folders, through npe2."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from npe2 import PluginManager
from npe2.io_utils import read_get_reader
from plugin_cases import told, write_project

from napari_labeltool import plugin
from napari_labeltool.core.errors import ReadError


@pytest.fixture(autouse=True)
def _discovered() -> None:
    PluginManager.instance().discover()


def read(path: Path) -> Sequence[Any]:
    layers, reader = read_get_reader([str(path)], plugin_name=plugin.NAME, stack=False)
    assert reader.plugin_name == plugin.NAME
    return layers


def test_first_image_with_a_picture_is_shown_and_the_others_are_told(tmp_path: Path) -> None:
    path = write_project(tmp_path, pictures=(2,))
    with told() as sentences:
        picture, shapes = read(path)
    assert picture[2] == "image"
    assert np.asarray(picture[0]).shape == (30, 40)
    assert (np.asarray(picture[0]) == 2).all()
    assert shapes[2] == "shapes"
    assert shapes[1]["metadata"]["napari_labeltool"]["image_id"] == 2
    assert shapes[1]["features"]["annotation_id"].tolist() == [20]
    assert any("one of 3 images" in sentence for sentence in sentences)


def test_annotations_are_shown_without_a_picture_and_that_is_told(tmp_path: Path) -> None:
    with told() as sentences:
        (shapes,) = read(write_project(tmp_path, pictures=()))
    assert shapes[1]["features"]["annotation_id"].tolist() == [10]
    assert any("no picture was found" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": {}}]},
        {"images": "no list"},
        {"x": 1},
        [1, 2, 3],
        [],
    ],
)
def test_other_json_is_declined_quietly(tmp_path: Path, document: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    with told() as sentences:
        assert plugin.coco_reader(str(path)) is None
    assert not sentences


def test_geojson_is_left_to_other_readers(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    with pytest.raises(ValueError, match="refused the file"):
        read(path)


def test_lists_of_files_and_files_that_are_gone_are_declined(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    assert plugin.coco_reader([str(path)]) is None
    assert plugin.coco_reader(str(tmp_path / "gone.json")) is None
    assert plugin.folder_reader(str(path)) is None


def test_damaged_coco_says_where(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(ReadError, match=r"annotations\.json"):
        read(path)


def test_folder_with_a_coco_file_is_that_document(tmp_path: Path) -> None:
    write_project(tmp_path)
    with told():
        picture, shapes = read(tmp_path)
    assert picture[1]["metadata"]["napari_labeltool"]["image_id"] == 1
    assert shapes[1]["features"]["annotation_id"].tolist() == [10]


def test_folder_of_pictures_shows_the_first_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2):
        tifffile.imwrite(tmp_path / f"cell{number}.tif", np.full((30, 40), number, np.uint8))
    with told() as sentences:
        (picture,) = read(tmp_path)
    assert (np.asarray(picture[0]) == 2).all()
    assert picture[1]["metadata"]["napari_labeltool"]["file_name"] == "cell2.tif"
    assert any("one of 2 images" in sentence for sentence in sentences)


def test_folder_without_pictures_is_declined(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    assert plugin.folder_reader(str(tmp_path)) is None


def test_channels_become_layers_with_colours(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 4000, (3, 30, 40)).astype(np.uint16)
    names = {"Name": ["DAPI", "GFP", "RFP"]}
    tifffile.imwrite(tmp_path / "a.ome.tif", data, metadata={"axes": "CYX", "Channel": names})
    with told():
        layers = plugin.read_path(str(tmp_path))
    assert [kwargs["name"] for _, kwargs, _ in layers] == [
        "a.ome.tif [DAPI]",
        "a.ome.tif [GFP]",
        "a.ome.tif [RFP]",
    ]
    assert all(np.array_equal(np.asarray(pixels), data[i]) for i, (pixels, _, _) in enumerate(layers))
    assert all(kwargs["blending"] == "additive" for _, kwargs, _ in layers)


def test_plane_of_a_stack_that_a_record_names_is_shown_alone(tmp_path: Path) -> None:
    data = np.arange(4, dtype=np.uint8)[:, None, None] + np.zeros((4, 30, 40), np.uint8)
    tifffile.imwrite(tmp_path / "s.tif", data, metadata={"axes": "ZYX"}, imagej=True)
    record = {"id": 1, "file_name": "s.tif", "width": 40, "height": 30, "labeltool": {"plane": {"Z": 2}}}
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"images": [record], "annotations": [], "categories": []}))
    with told():
        ((pixels, _, _),) = plugin.read_path(str(path))
    assert (np.asarray(pixels) == 2).all()
    assert np.asarray(pixels).shape == (30, 40)


def test_demo_shows_a_picture_with_most_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin, "demo_folder", lambda: tmp_path / "demo")
    with told():
        layers = plugin.demo_layers()
    kinds = [kind for _, _, kind in layers]
    assert kinds[0] == "image"
    assert len(set(kinds)) >= 3
