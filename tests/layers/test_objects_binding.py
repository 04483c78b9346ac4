"""Shapes of the shown image: a gesture becomes one edit, and the layer is what the dataset says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workspace_cases import (
    POLYGON,
    assert_layers_show_the_dataset,
    document,
    open_workspace,
    record,
    replace_shape,
    row_of,
    shape_indices,
)

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.edits import AddObject, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer

SQUARE = np.array([[30, 50], [30, 60], [40, 60], [40, 50]], float)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(tmp_path)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def test_a_box_outlines_its_pixels_half_a_pixel_off_their_centres(workspace: Workspace) -> None:
    (index,) = shape_indices(workspace, 10)
    corners = workspace.objects.layer.data[index]
    assert corners.min(0).tolist() == [5.5, 4.5]
    assert corners.max(0).tolist() == [17.5, 14.5]


def test_a_drawn_rectangle_is_one_step_and_the_dataset_has_it(workspace: Workspace) -> None:
    workspace.set_tool("box")
    workspace.set_category(2)
    workspace.objects.layer.add(SQUARE, shape_type="rectangle")
    assert record(workspace, 15)["bbox"] == [50.5, 30.5, 10, 10]
    assert record(workspace, 15)["category_id"] == 3
    assert record(workspace, 15)["labeltool"] == {"author": "tester"}
    assert workspace.session.undo_label == "Add other 15"
    assert workspace.selection == (row_of(workspace, 15),)
    workspace.undo()
    assert not workspace.session.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


def test_features_say_of_each_shape_which_annotation_it_is_after_adding_failed(workspace: Workspace) -> None:
    def refuse(event: Any) -> None:
        if str(event.action) == "adding":
            raise OSError("a listener of another plugin")

    objects, new = workspace.objects, AddObject(Rows([0]), Rows([0]), Box((30.0, 40.0, 8.0, 6.0)))
    objects.layer.events.data.connect(refuse)
    with pytest.raises(Exception, match="another plugin"):
        workspace.apply(new)
    assert len(objects.layer.features) == objects.layer.nshapes
    objects.layer.events.data.disconnect(refuse)
    workspace.apply(AddObject(Rows([0]), Rows([0]), Box((3.0, 4.0, 5.0, 6.0))))
    assert len(objects.layer.features) == objects.layer.nshapes
    for shape in objects.view.shapes_now():
        assert shape.equals(objects.view.known[shape.row, shape.part])
        assert shape.equals(objects.view.items([shape.row])[shape.row, shape.part])


def test_a_box_whose_corner_is_dragged_stays_a_box(workspace: Workspace) -> None:
    (index,) = shape_indices(workspace, 10)
    corners = workspace.objects.layer.data[index].copy()
    corners[np.argmax(corners.sum(1))] = (21.5, 18.5)
    replace_shape(workspace, index, corners, "polygon")
    assert record(workspace, 10)["bbox"] == [5, 6, 14, 16]
    assert record(workspace, 10)["area"] == 224
    assert record(workspace, 10)["note"] == "keep"
    assert workspace.objects.layer.shape_type[index] == "rectangle"
    assert workspace.session.undo_label == "Resize cell 10"


def test_a_box_turned_by_its_handle_becomes_a_rotated_box_and_stays_one(workspace: Workspace) -> None:
    (index,) = shape_indices(workspace, 10)
    corners = workspace.objects.layer.data[index]
    centre = corners.mean(0)
    turn = np.array([[np.cos(0.4), -np.sin(0.4)], [np.sin(0.4), np.cos(0.4)]])
    replace_shape(workspace, index, (corners - centre) @ turn + centre)
    row = row_of(workspace, 10)
    assert workspace.dataset.annotations.flags[row] & Flag.ROTATED
    (index,) = shape_indices(workspace, 10)
    assert workspace.objects.layer.shape_type[index] == "rectangle"
    assert workspace.session.undo_label == "Turn cell 10"
    workspace.undo()
    assert not workspace.dataset.annotations.flags[row] & Flag.ROTATED


def test_moving_one_vertex_leaves_the_other_vertices_numbers(workspace: Workspace) -> None:
    (index,) = shape_indices(workspace, 11)
    corners = workspace.objects.layer.data[index].copy()
    corners[2] += (1.25, 0.5)
    replace_shape(workspace, index, corners)
    assert record(workspace, 11)["segmentation"] == [[*POLYGON[:4], 40.5, 32, *POLYGON[6:]]]
    assert workspace.session.undo_label == "Reshape cell 11"


def test_an_object_of_two_parts_stays_one_annotation(workspace: Workspace) -> None:
    first, second = shape_indices(workspace, 12)
    replace_shape(workspace, second, workspace.objects.layer.data[second] + 1)
    segmentation = record(workspace, 12)["segmentation"]
    assert segmentation[0] == [50, 10, 60, 10, 60, 20, 50, 20]
    assert segmentation[1] == [66, 46, 76, 46, 76, 56, 66, 56]
    assert len(workspace.dataset.annotations) == 5
    workspace.objects.layer.remove([first])
    assert record(workspace, 12)["segmentation"] == [[66, 46, 76, 46, 76, 56, 66, 56]]
    assert_layers_show_the_dataset(workspace)


def test_selecting_one_part_selects_the_object(workspace: Workspace) -> None:
    first, second = shape_indices(workspace, 12)
    workspace.objects.layer.mode = "select"
    workspace.objects.layer.selected_data = {second}
    assert workspace.selection == (row_of(workspace, 12),)
    assert set(workspace.objects.layer.selected_data) == {first, second}


def test_deleting_the_last_part_deletes_the_annotation(workspace: Workspace) -> None:
    workspace.objects.layer.remove(shape_indices(workspace, 12))
    assert [workspace.dataset.annotations.id_of(int(r)) for r in workspace.dataset.annotations.rows()] == [
        10,
        11,
        13,
        14,
    ]
    workspace.undo()
    assert_layers_show_the_dataset(workspace)


def test_a_pasted_copy_is_a_new_annotation_with_the_attributes_of_the_old(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    layer.selected_data = set(shape_indices(workspace, 12))
    for action in ("_copy_data", "_paste_data"):
        getattr(layer, action)()
    assert len(workspace.dataset.annotations) == 6
    assert record(workspace, 15)["attributes"] == {"occluded": True}
    assert record(workspace, 15)["segmentation"] == record(workspace, 12)["segmentation"]
    assert record(workspace, 15)["category_id"] == 3
    assert_layers_show_the_dataset(workspace)


def test_an_ellipse_becomes_a_polygon_and_a_line_is_refused_with_words(workspace: Workspace) -> None:
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    layer = workspace.objects.layer
    layer.add(SQUARE, shape_type="ellipse")
    assert len(record(workspace, 15)["segmentation"][0]) >= 16
    assert layer.shape_type[-1] == "polygon"
    layer.add(np.array([[1, 1], [9, 9.0]]), shape_type="line")
    assert len(workspace.dataset.annotations) == 6
    assert "COCO has no open lines" in said[-1]
    assert_layers_show_the_dataset(workspace)


def test_a_click_without_a_drag_draws_nothing(workspace: Workspace) -> None:
    workspace.viewer.scene.camera.zoom = 4
    workspace.set_tool("box")
    workspace.objects.layer.add(SQUARE * 0 + [[5, 5], [5, 5.3], [5.3, 5.3], [5.3, 5]], shape_type="rectangle")
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)


def test_the_rotated_tool_marks_a_box_that_was_not_turned_yet(workspace: Workspace) -> None:
    workspace.set_tool("rotated_box")
    workspace.objects.layer.add(SQUARE, shape_type="rectangle")
    assert record(workspace, 15)["attributes"] == {"rotation": 0}


def test_napari_s_features_table_edits_class_and_attributes(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    table = layer.features.copy()
    (box,), (part, _) = shape_indices(workspace, 10), shape_indices(workspace, 12)
    table.loc[box, "category"] = "other"
    table.loc[part, "occluded"] = False
    layer.features = table
    assert record(workspace, 10)["category_id"] == 3
    assert record(workspace, 12)["attributes"] == {"occluded": False}
    assert workspace.session.dirty == 1


def test_a_refused_gesture_is_undone_in_the_layer(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, read_only=True)
    said: list[str] = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    workspace.objects.layer.add(SQUARE, shape_type="rectangle")
    replace_shape(workspace, 0, workspace.objects.layer.data[0] + 3)
    workspace.objects.layer.remove([1])
    assert len(said) == 3
    assert_layers_show_the_dataset(workspace)
    workspace.close()
    workspace.session.close()


def test_the_same_layer_serves_every_image(workspace: Workspace) -> None:
    layer = workspace.objects.layer
    layer.opacity = 0.3
    workspace.show_image(1)
    assert workspace.objects.layer is layer
    assert layer.opacity == 0.3
    assert shape_indices(workspace, 14) == [0]
    assert layer.nshapes == 1
    assert layer.metadata["napari_labeltool"]["image_id"] == 2
    workspace.step_image(-1)
    assert_layers_show_the_dataset(workspace)


def test_undo_shows_the_image_of_the_step(workspace: Workspace) -> None:
    workspace.objects.layer.add(SQUARE, shape_type="rectangle")
    workspace.show_image(1)
    workspace.undo()
    assert workspace.image == 0
    assert not workspace.dataset.is_changed()


def test_a_removed_layer_comes_back_and_nothing_is_lost(workspace: Workspace) -> None:
    lost: list[bool] = []
    workspace.layers_lost.connect(lambda: lost.append(True))
    workspace.viewer.layers.remove(workspace.objects.layer)
    assert lost
    assert not workspace.dataset.is_changed()
    workspace.restore_layers()
    assert_layers_show_the_dataset(workspace)


def test_a_hidden_class_is_not_shown_and_not_lost(workspace: Workspace) -> None:
    workspace.set_category_visible(0, False)
    assert shape_indices(workspace, 10) == []
    assert shape_indices(workspace, 12) != []
    assert not workspace.dataset.is_changed()
    workspace.set_category_visible(0, True)
    assert_layers_show_the_dataset(workspace)


def many(count: int) -> dict[str, Any]:
    content = document()
    content["annotations"] = [
        {"id": i, "image_id": 1, "category_id": 1, "bbox": [i % 70, i // 70, 3, 2], "area": 6, "iscrowd": 0}
        for i in range(1, count + 1)
    ]
    return content


def test_of_many_annotations_only_what_is_edited_is_in_the_layer(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, many(50), options=Options(promote_limit=10))
    assert workspace.objects.layer.nshapes == 0
    assert len(workspace.objects.outlines.lines.overlay.segments_xy) == 50 * 4
    row = row_of(workspace, 7)
    workspace.select([row])
    assert shape_indices(workspace, 7) == [0]
    assert row not in workspace.objects.outlines.shown_rows
    replace_shape(workspace, 0, workspace.objects.layer.data[0] + 5)
    assert record(workspace, 7)["bbox"] == [12, 5, 3, 2]
    workspace.undo()
    assert record(workspace, 7)["bbox"] == [7, 0, 3, 2]
    workspace.delete_selection()
    assert len(workspace.objects.outlines.shown_rows) == 49
    workspace.undo()
    assert len(workspace.objects.outlines.shown_rows) == 50
    workspace.close()
    workspace.session.close(discard=True)


def test_promoting_more_than_the_limit_keeps_the_selection(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, many(50), options=Options(promote_limit=4))
    for first in range(1, 40, 3):
        rows = [row_of(workspace, first), row_of(workspace, first + 1)]
        workspace.select(rows)
        assert workspace.objects.view.rows() >= set(rows)
        assert workspace.objects.layer.nshapes <= 4
        assert len(workspace.objects.layer.selected_data) == 2
    workspace.close()
    workspace.session.close(discard=True)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "move", "vertex", "remove", "relabel", "undo", "redo", "image", "select"]),
        st.integers(0, 1000),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_gestures_the_layer_is_what_the_dataset_says(
    tmp_path_factory: Any, steps: list[Any]
) -> None:
    workspace = open_workspace(tmp_path_factory.mktemp("project"))
    layer = workspace.objects.layer
    for name, number in steps:
        index = number % layer.nshapes if layer.nshapes else None
        if name == "add":
            layer.add(SQUARE + number % 9, shape_type=("rectangle", "polygon", "ellipse")[number % 3])
        elif name == "undo":
            workspace.undo()
        elif name == "redo":
            workspace.redo()
        elif name == "image":
            workspace.show_image(number % 2)
        elif index is None:
            continue
        elif name == "move":
            replace_shape(workspace, index, layer.data[index] + (number % 5, 2))
        elif name == "vertex":
            corners = layer.data[index].copy()
            corners[number % len(corners)] += (number % 3 + 0.5, 1)
            replace_shape(workspace, index, corners, "polygon")
        elif name == "remove":
            layer.remove([index])
        elif name == "select":
            layer.selected_data = {index}
        elif name == "relabel":
            workspace.set_category(number % 3)
        assert_layers_show_the_dataset(workspace)
    while workspace.session.undo_label is not None:
        workspace.undo()
    assert not workspace.dataset.is_changed()
    assert_layers_show_the_dataset(workspace)
    workspace.close()
    workspace.session.close(discard=True)
