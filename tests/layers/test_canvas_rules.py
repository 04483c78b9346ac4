"""What the mouse and the canvas do to the view: dragging points, picking by wrong boxes, fitting the picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from workspace_cases import assert_layers_show_the_dataset, open_workspace, record, row_of

from napari_labeltool.core.edits import Rows, SetGeometry
from napari_labeltool.core.geometry import Mask
from napari_labeltool.core.rle import Rle
from napari_labeltool.layers.picking import hit
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(tmp_path)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def test_a_point_that_is_dragged_by_many_moves_of_the_mouse_is_one_step(workspace: Workspace) -> None:
    layer = workspace.keypoints.layer
    layer.mode = "select"
    layer.selected_data = {0}
    start = layer.data[0].copy()
    layer._set_drag_start(layer.selected_data, start)
    for step in (1, 3, 6):
        with layer.events.data.blocker():
            layer._move(layer.selected_data, start + step)
        assert not workspace.dataset.is_changed()
    layer._move(layer.selected_data, start + 6)
    assert workspace.session.dirty == 1
    assert record(workspace, 13)["keypoints"][:3] == [start[1] + 6, start[0] + 6, 2]


def test_a_mask_is_picked_on_its_last_column_when_the_bbox_of_the_file_stops_short(
    workspace: Workspace,
) -> None:
    mask = np.zeros((64, 80), bool)
    mask[50:60, 60:70] = True
    row = row_of(workspace, 10)
    workspace.apply(SetGeometry(Rows([row]), Mask(Rle.from_mask(mask))))
    workspace.dataset.annotations.bbox[row] = (60, 50, 9, 9)
    assert hit(workspace.dataset, np.array([row]), 69.7, 59.7) == row
    assert hit(workspace.dataset, np.array([row]), 70.2, 59.7) is None


def test_the_picture_stays_fitted_to_the_canvas_until_the_camera_is_moved(workspace: Workspace) -> None:
    viewer = workspace.viewer
    workspace.fitting.fit()
    wide = viewer.scene.camera.zoom
    viewer.canvas.size = (400, 200)
    narrow = viewer.scene.camera.zoom
    assert narrow < wide
    viewer.canvas.size = (800, 400)
    assert viewer.scene.camera.zoom == pytest.approx(2 * narrow)
    viewer.scene.camera.zoom = 7
    viewer.canvas.size = (300, 300)
    assert viewer.scene.camera.zoom == 7


def draw_corners(workspace: Workspace, corners_yx: list[tuple[float, float]]) -> None:
    """Draw a polygon as far as these corners, the last of which follows the mouse."""
    layer = workspace.objects.layer
    workspace.set_tool("polygon")
    layer._is_creating = True
    layer.add(np.array(corners_yx, float), shape_type="path", gui=True)
    layer.selected_data = {layer.nshapes - 1}
    layer._moving_value = (layer.nshapes - 1, len(corners_yx) - 1)


def test_a_drawn_polygon_that_is_refused_is_gone_and_said(workspace: Workspace) -> None:
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    draw_corners(workspace, [(5, 5), (5, 5), (9, 9), (9, 9), (9, 9)])
    workspace.objects.layer._finish_drawing()
    assert "three different corners" in said[-1]
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


@pytest.mark.parametrize("count", [3, 5])
def test_undo_in_the_middle_of_a_polygon_drops_it_and_keeps_the_step_before(
    workspace: Workspace, count: int
) -> None:
    workspace.objects.layer.add(np.array([[30, 50], [30, 60], [40, 60], [40, 50]]), shape_type="rectangle")
    draw_corners(workspace, [(5, 5), (5, 20), (20, 20), (20, 5), (12, 3)][:count])
    workspace.undo()
    assert workspace.session.dirty == 1
    assert_layers_show_the_dataset(workspace)
    workspace.undo()
    assert not workspace.dataset.is_changed()


def test_the_delete_key_takes_a_picked_keypoint_and_not_its_whole_object(workspace: Workspace) -> None:
    delete = workspace.keys.actions()["Delete"]
    workspace.viewer.layers.selection.active = workspace.keypoints.layer
    workspace.keypoints.layer.mode = "select"
    workspace.keypoints.layer.selected_data = {1}
    delete(None)
    assert record(workspace, 13)["keypoints"][3:6] == [0, 0, 0]
    workspace.select([row_of(workspace, 13)])
    workspace.viewer.layers.selection.active = workspace.objects.layer
    delete(None)
    assert workspace.session.undo_label == "Delete fly 13"
