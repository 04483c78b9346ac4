"""Small projects on disk for tests of the widgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

CATEGORIES: list[dict[str, Any]] = [
    {"id": 1, "name": "cell", "color": [0, 114, 178], "labeltool": {"hotkey": "1"}},
    {"id": 2, "name": "mitosis", "supercategory": "cell"},
    {"id": 3, "name": "fly", "keypoints": ["head", "thorax", "tail"], "skeleton": [[1, 2]]},
    {"id": 4, "name": "H&E", "labeltool": {"kinds": ["tag"], "tag_group": "stain"}},
    {"id": 5, "name": "IHC", "labeltool": {"kinds": ["tag"], "tag_group": "stain"}},
]
ANNOTATIONS: list[dict[str, Any]] = [
    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 10, 12], "area": 120, "iscrowd": 0},
    {
        "id": 2,
        "image_id": 2,
        "category_id": 1,
        "bbox": [5, 5, 8, 8],
        "area": 64,
        "iscrowd": 0,
        "attributes": {"stage": "early"},
    },
    {
        "id": 3,
        "image_id": 2,
        "category_id": 3,
        "keypoints": [3, 3, 2, 9, 9, 2, 0, 0, 0],
        "num_keypoints": 2,
        "bbox": [3, 3, 6, 6],
        "area": 36,
        "iscrowd": 0,
    },
    {"id": 4, "image_id": 1, "category_id": 4, "area": 0, "iscrowd": 0},
]


def write_project(folder: Path, **changes: Any) -> Path:
    """Write two pictures and a COCO file of them; return the file. `changes` replace top-level keys."""
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(folder / name, np.zeros((40, 60), np.uint8))
    content = {
        "images": [
            {"id": 1, "file_name": "a.tif", "width": 60, "height": 40},
            {"id": 2, "file_name": "b.tif", "width": 60, "height": 40},
        ],
        "categories": CATEGORIES,
        "annotations": ANNOTATIONS,
        "labeltool": {"version": 1, "tag_groups": [{"name": "stain", "type": "multiclass"}]},
        **changes,
    }
    path = folder / "annotations.json"
    path.write_text(json.dumps(content), "utf-8")
    return path
