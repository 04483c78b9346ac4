"""What tests of the labeling dock share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from napari.components import ViewerModel

from napari_labeltool.session import open_session
from napari_labeltool.widgets.labeling_dock import LabelingDock
from napari_labeltool.widgets.questions import Questions

CATEGORIES = [
    {"id": 1, "name": "cell", "labeltool": {"kinds": ["box", "polygon", "mask"]}},
    {"id": 2, "name": "spot", "labeltool": {"kinds": ["box"]}},
    {
        "id": 3,
        "name": "worm",
        "keypoints": ["head", "tail"],
        "skeleton": [[1, 2]],
        "labeltool": {"kinds": ["keypoints"]},
    },
]


def write_document(
    folder: Path, images: int = 3, pictures: Sequence[int] | None = None, name: str = "annotations.json"
) -> Path:
    """Write images with a box each but the last, and pictures for some of them (all); return the COCO file."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, images + 1)
    document = {
        "images": [{"id": n, "file_name": f"img_{n:05d}.tif", "width": 40, "height": 30} for n in numbers],
        "annotations": [
            {"id": 10 * n, "image_id": n, "category_id": 1, "bbox": [2, 3, 10, 8], "area": 80, "iscrowd": 0}
            for n in range(1, images)
        ],
        "categories": CATEGORIES,
    }
    for n in numbers if pictures is None else pictures:
        tifffile.imwrite(folder / f"img_{n:05d}.tif", np.full((30, 40), n, np.uint8))
    path = folder / name
    path.write_text(json.dumps(document))
    return path


class Answers(Questions):
    """Answers the questions by what a test prepared, and keeps what was asked."""

    def __init__(self, **prepared: Any) -> None:
        super().__init__()
        self.prepared = prepared
        self.asked: list[tuple[Any, ...]] = []

    def _answer(self, name: str, *details: Any) -> Any:
        self.asked.append((name, *details))
        return self.prepared.get(name)

    def recovery(self, text: str, labels: Sequence[str]) -> Any:
        return self._answer("recovery", text, tuple(labels))

    def locked(self, text: str) -> Any:
        return self._answer("locked", text)

    def leave(self, name: str, edits: int) -> Any:
        return self._answer("leave", name, edits)

    def changed_on_disk(self, text: str) -> Any:
        return self._answer("changed_on_disk", text)

    def failed(self, title: str, text: str) -> None:
        self._answer("failed", text)

    def which_document(self, documents: Sequence[Path]) -> Any:
        return self._answer("which_document", [document.name for document in documents])

    def document_to_open(self, folder: Path) -> Any:
        return self._answer("document_to_open")

    def folder_to_open(self, folder: Path, title: str = "") -> Any:
        return self._answer("folder_to_open")

    def document_to_write(self, path: Path, title: str = "", kinds: str = "") -> Any:
        return self._answer("document_to_write", path.name)

    def names(self) -> list[str]:
        """Return which questions were asked."""
        return [question[0] for question in self.asked]


def make_dock(qtbot: Any, viewer: Any = None, **answers: Any) -> tuple[LabelingDock, Answers]:
    """Return a dock on a viewer without a window, and what answers its questions."""
    dock = LabelingDock(ViewerModel() if viewer is None else viewer)
    questions = Answers(**answers)
    dock.project.questions = questions
    qtbot.addWidget(dock)
    dock.show()
    return dock, questions


def leave_edits_behind(path: Path, edit: Any) -> None:
    """Leave a journal with one edit as a session does that ended without saving."""
    session = open_session(path)
    session.apply(edit)
    session.close()
