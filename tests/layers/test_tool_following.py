"""The tool follows napari's own keys, buttons and layer list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from napari.components import ViewerModel

from napari_labeltool.layers.workspace import TOOLS, Workspace
from napari_labeltool.session import open_session

pytestmark = pytest.mark.viewer


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "annotations.json"
    images = [{"id": n, "file_name": f"{n}.png", "width": 40, "height": 30} for n in (1, 2)]
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 3, 10, 8], "area": 80, "iscrowd": 0}
    categories = [{"id": 1, "name": "worm", "keypoints": ["head", "tail"]}]
    path.write_text(json.dumps({"images": images, "annotations": [box], "categories": categories}))
    session = open_session(path)
    made = Workspace(session, ViewerModel())
    made.show_image(0)
    yield made
    made.close()
    session.close()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_chosen_tool_is_told_once_and_stays_over_images(workspace: Workspace, tool: str) -> None:
    workspace.set_tool("pan" if tool != "pan" else "box")
    told: list[str] = []
    workspace.tool_changed.connect(told.append)
    workspace.set_tool(tool)  # type: ignore[arg-type]
    workspace.show_image(1)
    assert told == [tool]
    assert workspace.tool == tool


@pytest.mark.parametrize(
    ("mode", "tool"),
    [
        ("add_rectangle", "box"),
        ("add_polygon", "polygon"),
        ("add_polygon_lasso", "polygon"),
        ("direct", "select"),
        ("pan_zoom", "pan"),
    ],
)
def test_a_mode_of_the_shapes_layer_is_a_tool(workspace: Workspace, mode: str, tool: str) -> None:
    workspace.set_tool("mask")
    told: list[str] = []
    workspace.tool_changed.connect(told.append)
    workspace.viewer.layers.selection.active = workspace.objects.layer
    workspace.objects.layer.mode = mode
    assert workspace.tool == tool
    assert told[-1] == tool


def test_going_to_the_masks_layer_and_erasing_is_the_mask_tool(workspace: Workspace) -> None:
    workspace.viewer.layers.selection.active = workspace.masks.layer
    workspace.masks.layer.mode = "erase"
    assert workspace.tool == "mask"
    workspace.viewer.layers.selection.active = workspace.keypoints.layer
    workspace.keypoints.layer.mode = "add"
    assert workspace.tool == "keypoints"


def test_moving_the_picture_for_a_moment_does_not_turn_rotated_boxes_into_boxes(workspace: Workspace) -> None:
    workspace.set_tool("rotated_box")
    workspace.objects.layer.mode = "pan_zoom"
    assert workspace.tool == "pan"
    workspace.objects.layer.mode = "add_rectangle"
    assert workspace.tool == "rotated_box"


def test_modes_that_are_no_tool_leave_the_tool_alone(workspace: Workspace) -> None:
    workspace.set_tool("box")
    workspace.objects.layer.mode = "add_ellipse"
    assert workspace.tool == "box"


def test_a_closed_workspace_follows_no_more(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    workspace.set_tool("box")
    workspace.close(remove_layers=False)
    layer.mode = "add_polygon"
    assert workspace.tool == "box"
    workspace.viewer.layers.selection.active = layer
    assert workspace.tool == "box"
