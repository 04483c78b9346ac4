"""The demo project: real files, real annotations, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from skimage.io import imread
from skimage.measure import regionprops

from napari_labeltool.core.errors import ReadError, WriteError
from napari_labeltool.demo import DEMO_FILE_NAME, make_demo_project
from napari_labeltool.demo.found import outline_xy, upright_turned
from napari_labeltool.demo.pictures import carried_picture
from napari_labeltool.demo.records import rotated_corners, shoelace_area

Document = dict[str, Any]


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_demo_project(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def document(demo_file: Path) -> Document:
    return json.loads(demo_file.read_text("utf-8"))


def by_category(document: Document, name: str) -> list[dict[str, Any]]:
    (id_,) = [category["id"] for category in document["categories"] if category["name"] == name]
    return [record for record in document["annotations"] if record["category_id"] == id_]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_demo_projects_are_the_same_bytes(demo_file: Path, tmp_path: Path) -> None:
    began = time.perf_counter()
    again = make_demo_project(tmp_path)
    assert time.perf_counter() - began < 20
    assert digests(again.parent) == digests(demo_file.parent)
    assert again.name == DEMO_FILE_NAME


def test_every_image_record_has_its_file_with_the_declared_size(demo_file: Path, document: Document) -> None:
    assert len(document["images"]) >= 6
    for image in document["images"]:
        path = demo_file.parent / image["file_name"]
        pixels = tifffile.imread(path) if path.suffix == ".tif" else imread(path)
        rows_columns = pixels.shape[1:3] if path.name.endswith(".ome.tif") else pixels.shape[:2]
        assert rows_columns == (image["height"], image["width"]), path.name


def test_pictures_cover_grey_colour_16_bit_float_and_channels(demo_file: Path) -> None:
    images = demo_file.parent / "images"
    assert imread(images / "coins.png").ndim == 2
    assert imread(images / "portrait.png").shape[-1] == 3
    deep = tifffile.imread(images / "deep_field_16bit.tif")
    assert deep.dtype == np.uint16
    assert len(np.unique(deep)) > 1000
    assert tifffile.imread(images / "disparity_float32.tif").dtype == np.float32
    with tifffile.TiffFile(images / "tissue_stains.ome.tif") as tiff:
        assert tiff.series[0].axes == "CYX"
        assert "haematoxylin" in (tiff.ome_metadata or "")


def test_pycocotools_reads_the_file_and_finds_pixels_in_every_object(
    demo_file: Path, document: Document
) -> None:
    coco = COCO(str(demo_file))
    assert len(coco.anns) == len(document["annotations"])
    checked = 0
    for record in coco.anns.values():
        if not record.get("segmentation"):
            continue
        mask = coco.annToMask(record)
        assert abs(int(mask.sum()) - record["area"]) <= 0.08 * record["area"] + 4, record["id"]
        bbox_xywh = coco_mask.toBbox(coco.annToRLE(record))
        assert np.allclose(bbox_xywh, record["bbox"], atol=2), record["id"]
        checked += 1
    assert checked > 100


def test_all_24_coins_are_masks_with_their_exact_pixel_count(document: Document) -> None:
    coins = by_category(document, "coin")
    assert len(coins) == 24
    for record in coins:
        assert record["area"] == int(coco_mask.area(record["segmentation"]))
        assert record["attributes"]["motif"] in ("head", "figure", "unreadable")


def test_rotated_boxes_turn_back_into_their_upright_size(document: Document) -> None:
    turned = [record for record in document["annotations"] if "rotation" in record.get("attributes", {})]
    assert len(turned) > 5
    for record in turned:
        (flat,) = record["segmentation"]
        corners_xy = np.reshape(flat, (4, 2))
        top_xy = corners_xy[1] - corners_xy[0]
        angle = np.rad2deg(np.arctan2(top_xy[1], top_xy[0])) % 360
        assert abs((angle - record["attributes"]["rotation"] + 180) % 360 - 180) < 0.5
        width, height = np.linalg.norm(top_xy), np.linalg.norm(corners_xy[2] - corners_xy[1])
        assert record["area"] == pytest.approx(width * height, rel=0.01)


def test_face_has_a_value_for_every_keypoint_and_a_one_based_skeleton(document: Document) -> None:
    (face,) = by_category(document, "face")
    (category,) = [category for category in document["categories"] if category["name"] == "face"]
    count = len(category["keypoints"])
    assert len(face["keypoints"]) == 3 * count
    assert face["num_keypoints"] == count
    assert {index for bone in category["skeleton"] for index in bone} == set(range(1, count + 1))
    assert len(category["labeltool"]["keypoint_colors"]) == count


def test_image_tags_carry_nothing_but_ids_and_respect_their_group(document: Document) -> None:
    group_of = {
        category["id"]: category["labeltool"]["tag_group"]
        for category in document["categories"]
        if category["labeltool"]["kinds"] == ["tag"]
    }
    type_of = {group["name"]: group["type"] for group in document["labeltool"]["tag_groups"]}
    assert set(type_of.values()) == {"binary", "multiclass", "multilabel"}
    used: dict[tuple[int, str], int] = defaultdict(int)
    for record in document["annotations"]:
        if record["category_id"] in group_of:
            assert set(record) == {"id", "image_id", "category_id"}
            used[record["image_id"], group_of[record["category_id"]]] += 1
    assert used
    assert all(count == 1 for (_, group), count in used.items() if type_of[group] == "multiclass")


def test_schema_shows_every_kind_of_label_and_no_hotkey_twice(document: Document) -> None:
    categories = document["categories"]
    kinds = {kind for category in categories for kind in category["labeltool"]["kinds"]}
    assert kinds == {"box", "rotated_box", "polygon", "mask", "keypoints", "tag"}
    facts = [category["labeltool"] for category in categories]
    hotkeys = [fact["hotkey"] for fact in facts if "hotkey" in fact]
    assert len(hotkeys) == len(set(hotkeys)) == 7


def test_about_half_of_the_images_are_labelled_and_every_state_occurs(document: Document) -> None:
    states = {image["id"]: image["labeltool"]["state"] for image in document["images"]}
    assert set(states.values()) == {"todo", "in_work", "done", "rejected"}
    labelled = {record["image_id"] for record in document["annotations"]}
    assert 0.4 <= len(labelled) / len(states) <= 0.7
    assert all((state == "todo") == (id_ not in labelled) for id_, state in states.items())
    empty = [image["id"] for image in document["images"] if image["labeltool"]["verified_empty"]]
    assert len(empty) == 1
    assert not [r for r in document["annotations"] if r["image_id"] in empty and "bbox" in r]


def test_work_in_an_existing_demo_is_kept_unless_a_fresh_one_is_asked_for(tmp_path: Path) -> None:
    coco = make_demo_project(tmp_path)
    original = coco.read_bytes()
    (tmp_path / "images" / "cat.png").unlink()
    coco.write_bytes(b"{}")
    assert make_demo_project(tmp_path).read_bytes() == b"{}"
    assert (tmp_path / "images" / "cat.png").exists()
    assert make_demo_project(tmp_path, fresh=True).read_bytes() == original


def test_a_file_in_the_way_of_the_folder_is_a_write_error_that_names_it(tmp_path: Path) -> None:
    blocked = tmp_path / "taken"
    blocked.write_text("not a folder")
    with pytest.raises(WriteError, match="taken"):
        make_demo_project(blocked)


def test_a_picture_which_scikit_image_does_not_carry_is_a_read_error() -> None:
    with pytest.raises(ReadError, match=r"no_such\.png"):
        carried_picture("no_such.png")


@pytest.mark.parametrize("rotation", [0.0, 12.7, 90.0, 200.0, 331.0])
def test_box_around_a_filled_rotated_box_finds_its_size_again(rotation: float) -> None:
    corners_xy = rotated_corners((60.0, 55.0), (20.0, 60.0), rotation)
    rle = coco_mask.merge(coco_mask.frPyObjects([corners_xy.ravel().tolist()], 120, 120))
    (region,) = regionprops(coco_mask.decode(rle).astype(np.uint8))
    center_xy, size_wh, found = upright_turned(region.coords, float(region.orientation))
    assert np.allclose(center_xy, (60, 55), atol=1)
    assert np.allclose(size_wh, (20, 60), atol=3)
    assert abs((found - rotation + 90) % 180 - 90) < 1.5


def test_outline_of_a_rectangle_of_pixels_runs_along_their_outer_edges_but_for_the_corners() -> None:
    vertices_xy = outline_xy(np.ones((4, 6), bool), (10, 20), tolerance=0.0)
    assert vertices_xy.min(axis=0).tolist() == [20, 10]
    assert vertices_xy.max(axis=0).tolist() == [26, 14]
    assert shoelace_area(vertices_xy) == pytest.approx(24 - 4 * 0.125)
