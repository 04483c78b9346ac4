"""A document with everything in it, and random work on it that is the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

import napari_labeltool as nl
from napari_labeltool import edits
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.history import History

DOCUMENT = """{
  "info": {"description": "cells \\/ test", "year": 2020.0},
  "images": [
    {"id": 1, "file_name": "a.png", "width": 64, "height": 48, "licence": null},
    {"id": 2, "file_name": "sub\\/b.png", "width": 30, "height": 40},
    {"id": 5, "file_name": "c.png", "width": 64, "height": 48}
  ],
  "annotations": [
    {"id": 10, "image_id": 1, "category_id": 1, "bbox": [1.00, 2.0, 10, 20.50], "area": 205.000},
    {"id": 11, "image_id": 1, "category_id": 2, "segmentation": [[1.10, 2, 20.0, 2, 20, 30.5]],
     "bbox": [1.1, 2, 18.9, 28.5], "area": 269.325, "iscrowd": 0, "score": 4e-1, "attributes": {"dim": true}},
    {"id": 12, "image_id": 2, "category_id": 1, "bbox": [0, 0, 5, 5], "area": 25, "iscrowd": 0,
     "segmentation": {"size": [40, 30], "counts": [0, 5, 35, 5, 1155]}},
    {"id": 13, "image_id": 2, "category_id": 3, "keypoints": [1.50, 2, 2, 0, 0, 0], "num_keypoints": 1,
     "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0},
    {"id": 14, "image_id": 5, "category_id": 4},
    {"id": 14, "image_id": 5, "category_id": 2, "bbox": [1, 1, 2, 2], "note": "caf\\u00e9"}
  ],
  "categories": [
    {"id": 1, "name": "nucleus"}, {"id": 2, "name": "mitosis", "supercategory": "cell"},
    {"id": 3, "name": "pose", "keypoints": ["head", "tail"], "skeleton": [[1, 2]]},
    {"id": 4, "name": "blurred"}
  ]
}
"""


def write_document(folder: Path) -> Path:
    """Write the document into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cells.json"
    path.write_bytes(DOCUMENT.encode())
    return path


def _rows(chance: random.Random, dataset: Dataset, most: int = 3) -> edits.Rows:
    rows = dataset.annotations.rows().tolist()
    return edits.Rows(sorted(chance.sample(rows, min(len(rows), chance.randint(1, most)))))


def _image(chance: random.Random, dataset: Dataset) -> edits.Rows:
    return edits.Rows([chance.choice(dataset.images.rows().tolist())])


def _category(chance: random.Random, dataset: Dataset) -> edits.Rows:
    return edits.Rows([chance.choice(dataset.categories.rows().tolist())])


def _geometry(chance: random.Random) -> edits.Geometry:
    left, top = chance.randint(0, 20) / 2, chance.randint(0, 20) / 2
    width, height = chance.randint(2, 15), chance.randint(2, 15)
    if chance.random() < 0.4:
        return edits.Box((left, top, width, height))
    corners = np.array([[left, top], [left + width, top], [left + width / 2, top + height]])
    return edits.Polygon((corners,))


def _add(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.AddObject(
        _image(chance, dataset), _category(chance, dataset), _geometry(chance), author="ana"
    )


def _delete(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.DeleteObjects(_rows(chance, dataset, 2))


def _relabel(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.Relabel(_rows(chance, dataset), _category(chance, dataset))


def _reshape(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.SetGeometry(_rows(chance, dataset, 1), _geometry(chance))


def _attributes(chance: random.Random, dataset: Dataset) -> edits.Edit:
    value = chance.choice([True, 2.5, "é ", None, [1, 2]])
    return edits.SetAttributes(_rows(chance, dataset), {chance.choice(["dim", "stage"]): value})


def _status(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.SetStatus(_rows(chance, dataset), chance.choice(edits.STATUSES), chance.choice(["", "why?"]))


def _tag(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.SetTag(_image(chance, dataset), _category(chance, dataset), chance.random() < 0.6)


def _state(chance: random.Random, dataset: Dataset) -> edits.Edit:
    state = chance.choice(["todo", "in_work", "done"])
    return edits.SetImageState(_image(chance, dataset), state, chance.choice([None, True]))


def _new_image(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.AddImages(({"file_name": f"new{chance.randint(0, 99)}.png", "width": 20, "height": 30},))


def _rename(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.RenameCategory(_category(chance, dataset), f"class {chance.randint(0, 10**9)}")


def _drop_class(chance: random.Random, dataset: Dataset) -> edits.Edit:
    return edits.DeleteCategory(_category(chance, dataset), chance.choice(["delete", "unlabel"]))


def _several(chance: random.Random, dataset: Dataset) -> edits.Edit:
    parts = (_add(chance, dataset), _state(chance, dataset), _add(chance, dataset))
    return edits.Compound("Three things", parts)


EDITS: tuple[Callable[[random.Random, Dataset], edits.Edit], ...] = (
    _add,
    _add,
    _delete,
    _relabel,
    _reshape,
    _attributes,
    _status,
    _tag,
    _state,
    _new_image,
    _rename,
    _drop_class,
    _several,
)


def random_edit(seed: int, dataset: Dataset) -> edits.Edit:
    """Return an edit that suits the dataset; the same for the same seed and state."""
    chance = random.Random(seed)
    if len(dataset.categories) < 2:
        return _state(chance, dataset)
    if len(dataset.annotations) == 0:
        return _add(chance, dataset)
    return chance.choice(EDITS)(chance, dataset)


class Headless:
    """The same work with nothing but dataset and history: the oracle."""

    def __init__(self, path: Path) -> None:
        self.dataset = nl.read_coco(path)
        self.history = History()

    def apply(self, edit: edits.Edit) -> None:
        """Do an edit."""
        label, ops = edit.label(self.dataset), tuple(edit.ops(self.dataset))
        if ops:
            self.history.do(self.dataset, label, ops)

    def written(self, folder: Path) -> bytes:
        """Return the bytes that a save writes."""
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "headless.json"
        nl.write_coco(self.dataset, target, backup=False, force=True)
        return target.read_bytes()


def step(target: Headless | nl.Session, number: int) -> None:
    """Do the step of that number: mostly an edit, sometimes undo or redo; the same for the same state."""
    chance = random.Random(number)
    way = chance.random()
    if way < 0.15:
        target.history.undo(target.dataset) if isinstance(target, Headless) else target.undo()
    elif way < 0.22:
        target.history.redo(target.dataset) if isinstance(target, Headless) else target.redo()
    else:
        try:
            target.apply(random_edit(number, target.dataset))
        except nl.EditRefused:
            return
