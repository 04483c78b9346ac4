"""A small project in a viewer model, for the tests of the workspace and its bindings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from napari.components import ViewerModel
from PIL import Image

from napari_labeltool.layers.objects_choice import shapes_of_image
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session

POLYGON = [20.25, 10.5, 40.0, 10.5, 40.0, 30.75, 20.25, 30.75]


def document() -> dict[str, Any]:
    return {
        "images": [
            {"id": 1, "file_name": "a.png", "width": 80, "height": 60},
            {"id": 2, "file_name": "b.png", "width": 80, "height": 60},
        ],
        "categories": [
            {"id": 1, "name": "cell"},
            {"id": 2, "name": "fly", "keypoints": ["head", "body", "tail"], "skeleton": [[1, 2], [2, 3]]},
            {"id": 3, "name": "other"},
        ],
        "annotations": [
            {
                "id": 10, "image_id": 1, "category_id": 1, "bbox": [5, 6, 10, 12], "area": 120,
                "segmentation": [], "iscrowd": 0, "note": "keep",
            },
            {
                "id": 11, "image_id": 1, "category_id": 1, "bbox": [20.25, 10.5, 19.75, 20.25],
                "area": 399.9375, "segmentation": [POLYGON], "iscrowd": 0,
            },
            {
                "id": 12, "image_id": 1, "category_id": 3, "bbox": [50, 10, 25, 45], "area": 212.0,
                "segmentation": [[50, 10, 60, 10, 60, 20, 50, 20], [65, 45, 75, 45, 75, 55, 65, 55]],
                "iscrowd": 0, "attributes": {"occluded": True},
            },
            {
                "id": 13, "image_id": 1, "category_id": 2, "bbox": [2, 40, 30, 15], "area": 450,
                "keypoints": [4, 45, 2, 15, 48, 1, 0, 0, 0], "num_keypoints": 2, "iscrowd": 0,
            },
            {
                "id": 14, "image_id": 2, "category_id": 1, "bbox": [1, 1, 5, 5], "area": 25,
                "segmentation": [], "iscrowd": 0,
            },
        ],
    }  # fmt: skip


def open_workspace(
    folder: Path,
    content: dict[str, Any] | None = None,
    *,
    options: Options | None = None,
    read_only: bool = False,
) -> Workspace:
    """Return a workspace over a project that is written to a folder, with its first image shown."""
    for name in ("a.png", "b.png"):
        Image.fromarray(np.zeros((60, 80), np.uint8)).save(folder / name)
    path = folder / "labels.json"
    path.write_text(json.dumps(document() if content is None else content))
    session = open_session(path, author="tester", read_only=read_only)
    workspace = Workspace(session, ViewerModel(), options)
    workspace.show_image(0)
    return workspace


def row_of(workspace: Workspace, annotation_id: int) -> int:
    return int(workspace.dataset.annotations.rows_of_ids([annotation_id])[0])


def shape_indices(workspace: Workspace, annotation_id: int) -> list[int]:
    row = row_of(workspace, annotation_id)
    return [index for index, key in enumerate(workspace.objects.view.keys()) if key[0] == row]


def record(workspace: Workspace, annotation_id: int) -> dict[str, Any]:
    return workspace.dataset.annotation(row_of(workspace, annotation_id))


def replace_shape(workspace: Workspace, index: int, corners_yx: Any, shape_type: str | None = None) -> None:
    """Do what napari does when a person drags a shape: change it in place, then tell."""
    from napari_labeltool._napari_compat.shapes import edit_shape

    layer = workspace.objects.layer
    edit_shape(layer, index, np.asarray(corners_yx, float), shape_type or layer.shape_type[index])
    layer.events.data(value=layer.data, action="changed", data_indices=(index,), vertex_indices=((),))


def assert_layers_show_the_dataset(workspace: Workspace) -> None:
    """Check that shapes and points are exactly what the dataset says, each once."""
    view = workspace.objects.view
    wanted = view.items(shapes_of_image(workspace))
    shapes = {(shape.row, shape.part): shape for shape in view.shapes_now()}
    assert shapes.keys() == wanted.keys()
    assert len(shapes) == workspace.objects.layer.nshapes
    assert all(shapes[key].equals(item) for key, item in wanted.items())
    points = workspace.keypoints.view
    expected = points.items(workspace.keypoints.candidates())
    assert points.known.keys() == expected.keys()
    for position, (key, _) in zip(workspace.keypoints.layer.data, points.known.items()):
        assert np.array_equal(position, expected[key].position_yx)
