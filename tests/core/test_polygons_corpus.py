"""Every polygon and mask of the corpus, against pycocotools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from napari_labeltool.core.polygons import (
    parts_from_flat,
    polygon_area,
    polygon_to_rle,
    rle_has_holes,
    rle_to_polygons,
)
from napari_labeltool.core.rasterize import polygon_edges
from napari_labeltool.core.rle import Rle


def annotations(corpus_dir: Path) -> Iterator[tuple[str, Any, int, int]]:
    """Yield (where, segmentation, height, width) of every segmentation in the corpus."""
    for path in sorted(corpus_dir.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        records = document if isinstance(document, list) else document.get("annotations", [])
        images = [] if isinstance(document, list) else document.get("images", [])
        sizes = {
            str(image.get("id")): (image.get("height"), image.get("width"))
            for image in images
            if isinstance(image, dict)
        }
        for record in records if isinstance(records, list) else []:
            if not isinstance(record, dict) or not record.get("segmentation"):
                continue
            height, width = sizes.get(str(record.get("image_id")), (None, None))
            where = f"{path.relative_to(corpus_dir)}, annotation {record.get('id')}"
            yield where, record["segmentation"], int(height or 480), int(width or 640)


@pytest.fixture(scope="module")
def polygons(corpus_dir: Path) -> list[tuple[str, list[list[float]], int, int]]:
    found = []
    for where, segmentation, height, width in annotations(corpus_dir):
        if not isinstance(segmentation, list):
            continue
        flat = [segmentation] if isinstance(segmentation[0], (int, float)) else segmentation
        if all(isinstance(part, list) and len(part) >= 6 for part in flat):
            found.append((where, flat, height, width))
    assert len(found) > 1000
    return found


@pytest.fixture(scope="module")
def masks(corpus_dir: Path) -> list[tuple[str, dict[str, Any]]]:
    found = [
        (where, segmentation)
        for where, segmentation, _, _ in annotations(corpus_dir)
        if isinstance(segmentation, dict) and "counts" in segmentation
    ]
    assert len(found) > 100
    return found


def test_every_polygon_is_drawn_as_pycocotools_draws_it(polygons: list) -> None:
    different = []
    for where, flat, height, width in polygons:
        theirs = coco_mask.merge(coco_mask.frPyObjects(flat, height, width))
        parts = parts_from_flat(flat)
        ours = polygon_to_rle(parts, height, width)
        if ours != Rle.from_counts(theirs["counts"], height, width):
            different.append(where)
        for part in parts:
            own = Rle.from_edges(polygon_edges(part, height, width), height, width)
            if own != polygon_to_rle([part], height, width):
                different.append(f"{where} (64 bits)")
    assert different == []


def test_every_polygon_without_a_hole_survives_the_way_to_pixels_and_back(polygons: list) -> None:
    different, holes = [], 0
    for where, flat, height, width in polygons:
        rle = polygon_to_rle(parts_from_flat(flat), height, width)
        if rle_has_holes(rle):
            holes += 1
            continue
        outline = rle_to_polygons(rle)
        if polygon_to_rle(outline, height, width) != rle or polygon_area(outline) != rle.area:
            different.append(where)
    assert different == []
    assert holes < len(polygons) // 10


def test_every_mask_is_decoded_and_encoded_as_pycocotools_does(masks: list) -> None:
    different = []
    for where, code in masks:
        height, width = code["size"]
        ours = Rle.from_counts(code["counts"], height, width)
        theirs = (
            coco_mask.frPyObjects(code, height, width) if isinstance(code["counts"], list) else dict(code)
        )
        same = np.array_equal(ours.to_mask(), coco_mask.decode(theirs).astype(bool))
        same &= ours.area == int(coco_mask.area(theirs))
        same &= ours.bbox_xywh == tuple(coco_mask.toBbox(theirs).tolist())
        back = ours.to_list() if isinstance(code["counts"], list) else ours.to_compressed()
        if not same or back != code["counts"]:
            different.append(where)
    assert different == []
