"""A small document for tests of the sections of the labeling dock, and how it is opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_labeltool.session import Session, open_session

NUCLEUS, MITOSIS, FACE, BLURRED, HE, IHC = range(6)
"""Rows of the classes."""
TRIANGLE = [[10, 10, 40, 10, 40, 40]]


def document() -> dict[str, Any]:
    """Return three images, four classes, two questions, and an annotation of each kind."""
    return {
        "images": [
            {"id": number, "file_name": f"img_{number}.png", "width": 100, "height": 80}
            for number in (1, 2, 3)
        ],
        "categories": [
            {
                "id": 1,
                "name": "nucleus",
                "labeltool": {
                    "hotkey": "1",
                    "kinds": ["polygon", "box"],
                    "guideline": "Outline it.",
                    "attributes": [
                        {"name": "stage", "type": "choice", "values": ["early", "late"], "required": True},
                        {"name": "diameter", "type": "number", "min": 0, "max": 50},
                        {"name": "touching", "type": "yes_no"},
                        {"name": "note", "type": "text"},
                    ],
                },
            },
            {"id": 2, "name": "mitosis"},
            {"id": 3, "name": "face", "keypoints": ["eye", "nose"], "skeleton": [[1, 2]]},
            {"id": 4, "name": "blurred", "labeltool": {"kinds": ["tag"], "tag_group": "quality"}},
            {"id": 5, "name": "H&E", "labeltool": {"kinds": ["tag"], "tag_group": "stain", "hotkey": "8"}},
            {"id": 6, "name": "IHC", "labeltool": {"kinds": ["tag"], "tag_group": "stain"}},
        ],
        "annotations": [
            _annotation(
                11, 1, 1, bbox=[10, 10, 30, 20], area=600, attributes={"stage": "early", "diameter": 12}
            ),
            _annotation(12, 1, 1, segmentation=TRIANGLE, bbox=[10, 10, 30, 30], area=450, score=0.9),
            _annotation(
                13, 1, 2, bbox=[50, 5, 5, 5], area=25, score=0.4, labeltool={"status": "needs_review"}
            ),
            _annotation(
                14, 2, 1, bbox=[1, 1, 8, 8], area=64, attributes={"stage": "late", "source": {"a": 1}}
            ),
            _annotation(15, 2, 3, keypoints=[5, 6, 2, 0, 0, 0], num_keypoints=1, bbox=[4, 4, 6, 6], area=36),
            _annotation(16, 1, 4),
            _annotation(17, 2, None, bbox=[20, 20, 4, 4], area=16),
        ],
        "labeltool": {
            "tag_groups": [{"name": "quality", "type": "multilabel"}, {"name": "stain", "type": "multiclass"}]
        },
    }


def _annotation(id: int, image: int, category: int | None, **more: Any) -> dict[str, Any]:
    record = {"id": id, "image_id": image, "category_id": category, **more}
    return {key: value for key, value in record.items() if value is not None}


def open_document(folder: Path, content: dict[str, Any] | None = None) -> Session:
    """Write a document (the one of `document` by default) into a folder and open it."""
    path = folder / "annotations.json"
    path.write_text(json.dumps(document() if content is None else content))
    return open_session(path, author="tester")
