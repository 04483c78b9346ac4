"""Keypoints of the shown image: points, visibility, skeleton, and placing them one after another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from workspace_cases import assert_layers_show_the_dataset, open_workspace, record, row_of

from napari_labeltool.core.edits import SetKeypointOrigin
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(tmp_path)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def move_point(workspace: Workspace, index: int, y: float, x: float) -> None:
    layer = workspace.keypoints.layer
    layer.data[index] = (y, x)
    layer.events.data(value=layer.data, action="changed", data_indices=(index,), vertex_indices=((),))


def test_integer_keypoints_lie_on_pixel_centres(workspace: Workspace) -> None:
    assert workspace.keypoints.layer.data.tolist() == [[45, 4], [48, 15]]
    assert workspace.keypoints.layer.features["keypoint"].tolist() == ["head", "body"]
    assert workspace.keypoints.layer.features["visibility"].tolist() == [2, 1]


def test_a_point_that_is_not_visible_looks_different_not_by_colour_alone(workspace: Workspace) -> None:
    assert [str(symbol) for symbol in workspace.keypoints.layer.symbol] == ["disc", "ring"]


def test_the_skeleton_joins_the_points_that_are_there(workspace: Workspace) -> None:
    assert workspace.keypoints.view.skeleton.segments_xy.tolist() == [[[4, 45], [15, 48]]]
    move_point(workspace, 0, 40, 8)
    assert workspace.keypoints.view.skeleton.segments_xy.tolist() == [[[8, 40], [15, 48]]]


def test_a_moved_point_is_one_step_that_touches_its_annotation_alone(workspace: Workspace) -> None:
    move_point(workspace, 0, 40.25, 8)
    assert record(workspace, 13)["keypoints"] == [8, 40.25, 2, 15, 48, 1, 0, 0, 0]
    assert record(workspace, 13)["bbox"] == [2, 40, 30, 15]
    assert workspace.session.undo_label == "Move keypoints of fly 13"
    workspace.undo()
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


def test_a_removed_point_is_not_labelled_and_the_box_stays(workspace: Workspace) -> None:
    workspace.keypoints.layer.selected_data = {1}
    workspace.keypoints.layer.remove_selected()
    assert record(workspace, 13)["keypoints"] == [4, 45, 2, 0, 0, 0, 0, 0, 0]
    assert record(workspace, 13)["num_keypoints"] == 1
    assert_layers_show_the_dataset(workspace)


def test_visibility_is_set_for_the_selected_points(workspace: Workspace) -> None:
    workspace.keypoints.layer.selected_data = {0}
    workspace.keypoints.set_visibility(1)
    assert record(workspace, 13)["keypoints"] == [4, 45, 1, 15, 48, 1, 0, 0, 0]
    assert workspace.session.undo_label == "Set visibility of keypoints of fly 13"


def test_the_features_table_edits_visibility(workspace: Workspace) -> None:
    table = workspace.keypoints.layer.features.copy()
    table.loc[1, "visibility"] = 2
    workspace.keypoints.layer.features = table
    assert record(workspace, 13)["keypoints"][5] == 2


def test_clicks_place_one_keypoint_after_another_on_one_new_annotation(workspace: Workspace) -> None:
    workspace.set_category(1)
    workspace.set_tool("keypoints")
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    words = []
    for position in ([10, 20], [12, 22], [14, 24.5]):
        words.append(workspace.keypoints.placing.words())
        workspace.keypoints.layer.add(np.array([position]))
    assert words == ["head (1 of 3) of a new fly", "body (2 of 3) of fly 15", "tail (3 of 3) of fly 15"]
    assert record(workspace, 15)["keypoints"] == [20, 10, 2, 22, 12, 2, 24.5, 14, 2]
    assert record(workspace, 15)["bbox"] == [20, 10, 4.5, 4]
    assert said == ["All keypoints of fly 15 are placed."]
    assert workspace.keypoints.placing.words() == "head (1 of 3) of a new fly"
    assert_layers_show_the_dataset(workspace)
    for _ in range(3):
        workspace.undo()
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


def test_a_selected_object_gets_the_keypoint_that_it_misses(workspace: Workspace) -> None:
    workspace.select([row_of(workspace, 13)])
    workspace.set_tool("keypoints")
    assert workspace.keypoints.placing.words() == "tail (3 of 3) of fly 13"
    workspace.keypoints.layer.add(np.array([[50, 25]]))
    assert record(workspace, 13)["keypoints"] == [4, 45, 2, 15, 48, 1, 25, 50, 2]


def test_a_skipped_keypoint_stays_out(workspace: Workspace) -> None:
    workspace.set_category(1)
    workspace.set_tool("keypoints")
    workspace.keypoints.layer.add(np.array([[10, 20]]))
    workspace.keypoints.placing.skip()
    workspace.keypoints.layer.add(np.array([[30, 40]]))
    assert record(workspace, 15)["keypoints"] == [20, 10, 2, 0, 0, 0, 40, 30, 2]


def test_a_class_without_keypoints_is_refused_with_words(workspace: Workspace) -> None:
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    workspace.set_category(0)
    workspace.set_tool("keypoints")
    workspace.keypoints.layer.add(np.array([[10, 20]]))
    assert said == ["Class cell has no keypoints. Add them in Label schema, or choose another class."]
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


def test_an_object_of_keypoints_alone_goes_with_its_last_point(workspace: Workspace) -> None:
    workspace.set_category(1)
    workspace.set_tool("keypoints")
    workspace.keypoints.layer.add(np.array([[10, 20]]))
    row = row_of(workspace, 15)
    workspace.keypoints.layer.selected_data = {2}
    workspace.keypoints.layer.remove_selected()
    assert not workspace.dataset.annotations.alive[row]
    assert_layers_show_the_dataset(workspace)


def test_deleting_an_object_takes_its_points_and_undo_brings_them_back(workspace: Workspace) -> None:
    workspace.select([row_of(workspace, 13)])
    workspace.delete_selection()
    assert len(workspace.keypoints.layer.data) == 0
    workspace.undo()
    assert_layers_show_the_dataset(workspace)


def test_points_of_a_selected_object_stand_out(workspace: Workspace) -> None:
    before = workspace.keypoints.layer.border_width.tolist()
    workspace.select([row_of(workspace, 13)])
    assert workspace.keypoints.layer.border_width.tolist() != before


def test_a_press_near_a_point_finds_it_and_no_other(workspace: Workspace) -> None:
    row = row_of(workspace, 13)
    assert workspace.keypoints.point_at(45.2, 4.3, 1) == (row, 0)
    assert workspace.keypoints.point_at(20, 60, 1) is None


def test_the_origin_of_keypoints_is_recorded_and_shown_and_their_numbers_stay(workspace: Workspace) -> None:
    workspace.apply(SetKeypointOrigin(corner=True))
    assert workspace.dataset.document.facts == {"keypoint_shift": -0.5}
    assert workspace.keypoints.layer.data.tolist() == [[44.5, 3.5], [47.5, 14.5]]
    assert record(workspace, 13)["keypoints"] == [4, 45, 2, 15, 48, 1, 0, 0, 0]
    move_point(workspace, 0, 40, 8)
    assert record(workspace, 13)["keypoints"] == [8.5, 40.5, 2, 15, 48, 1, 0, 0, 0]
    workspace.undo()
    workspace.undo()
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)
