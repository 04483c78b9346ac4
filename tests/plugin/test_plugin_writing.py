"""napari's writing of layers to COCO, through npe2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from npe2 import PluginManager
from npe2.io_utils import write_get_writer
from plugin_cases import told, write_project
from pycocotools.coco import COCO

from napari_labeltool import plugin
from napari_labeltool.core.errors import WriteError
from napari_labeltool.formats.coco import read_coco
from napari_labeltool.layers.convert import to_layers


@pytest.fixture(autouse=True)
def _discovered() -> None:
    PluginManager.instance().discover()


def write(path: Path, layers: list[Any]) -> list[str]:
    with told() as sentences:
        paths, _ = write_get_writer(str(path), layers, plugin_name=plugin.NAME)
    assert paths == [str(path)]
    return sentences


def test_plain_layers_become_a_file_that_pycocotools_reads(tmp_path: Path) -> None:
    cells = np.kron(np.arange(1, 7).reshape(2, 3), np.ones((10, 10), int))
    layers = [
        (np.zeros((20, 30)), {"name": "a.tif"}, "image"),
        (cells, {"name": "cells"}, "labels"),
        ([np.array([[1, 1], [1, 5], [5, 5], [5, 1.0]])], {"name": "boxes"}, "shapes"),
    ]
    sentences = write(tmp_path / "new.json", layers)
    coco = COCO(tmp_path / "new.json")
    found = sum(i * coco.annToMask(coco.anns[i]).astype(int) for i in range(1, 7))
    assert np.array_equal(found, cells)
    assert coco.anns[7]["bbox"] == [1.5, 1.5, 4, 4]
    assert any("name of the layer" in sentence for sentence in sentences)


def test_layers_that_came_from_a_file_go_back_byte_for_byte(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    before = path.read_bytes()
    with told():
        layers = plugin.read_path(str(path))
    write(path, layers)
    assert path.read_bytes() == before


def test_only_what_was_moved_is_written_anew(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    before = path.read_text()
    with told():
        layers = plugin.read_path(str(path))
    layers[1][0][0] = layers[1][0][0] + [0, 2]
    write(path, layers)
    after = path.read_text()
    assert after.count("[\n    1.5") == before.count("[\n    1.5") - 1
    document = json.loads(after)
    assert document["annotations"][0]["bbox"] == [3.5, 2, 3, 4]
    assert document["annotations"][0]["mine"] == [1]
    assert document["images"] == json.loads(before)["images"]
    assert document["annotations"][1:] == json.loads(before)["annotations"][1:]
    start = before.index('"id": 20')
    assert before[start:] == after[after.index('"id": 20') :]


def test_plain_layers_are_added_to_an_existing_file(tmp_path: Path) -> None:
    path = write_project(tmp_path)
    before = json.loads(path.read_text())
    labels = (np.pad([[1]], ((4, 25), (5, 34))), {"name": "cell"}, "labels")
    write(path, [(np.zeros((30, 40)), {"name": "img_3.tif"}, "image"), labels])
    write(path, [(np.zeros((30, 40)), {"name": "other.tif"}, "image"), labels])
    after = json.loads(path.read_text())
    assert after["images"][:3] == before["images"]
    assert after["images"][3]["file_name"] == "other.tif"
    assert after["annotations"][:3] == before["annotations"]
    assert [(a["id"], a["image_id"], a["category_id"]) for a in after["annotations"][3:]] == [
        (31, 3, 5),
        (32, 4, 5),
    ]
    assert after["info"] == {"note": "kept"}


def test_file_that_is_no_coco_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(WriteError, match="not COCO"):
        write(path, [(np.ones((2, 2), int), {}, "labels")])
    assert path.read_text() == '{"type": "FeatureCollection", "features": []}'


@pytest.mark.viewer
def test_layers_saved_by_a_viewer_model_round_trip(tmp_path: Path) -> None:
    source = write_project(tmp_path)
    viewer = ViewerModel()
    with told():
        viewer.open(str(source), plugin=plugin.NAME)
        target = tmp_path / "copy.json"
        viewer.layers.save(str(target), plugin=plugin.NAME)
    copied, original = read_coco(target), read_coco(source)
    assert [image.file_name for image in copied.images] == ["img_1.tif"]
    (layer,) = to_layers(copied, 1)
    (expected,) = to_layers(original, 1)
    assert np.array_equal(layer[0], expected[0])
    assert layer[1]["features"].equals(expected[1]["features"])
