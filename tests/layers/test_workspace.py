"""The workspace: keys, classes, tools, picking across layers, and letting go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from workspace_cases import document, open_workspace, record, row_of

from napari_labeltool.core.schema import LabelSchema, effective_hotkeys
from napari_labeltool.core.schema_edits import SetSchema
from napari_labeltool.core.tags import tags_of_image
from napari_labeltool.layers.picking import distance_to, hit
from napari_labeltool.layers.workspace import Workspace

pytestmark = pytest.mark.viewer


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = open_workspace(tmp_path)
    yield workspace
    workspace.close()
    workspace.session.close(discard=True)


def press_key(workspace: Workspace, key: str) -> None:
    """Do what a key does that is bound on the active layer, else on the viewer."""
    for target in (workspace.viewer.layers.selection.active, workspace.viewer):
        bound = {str(binding): action for binding, action in target.keymap.items()}
        if key in bound:
            bound[key](target)
            return
    raise AssertionError(f"{key} is not bound")


def test_the_key_of_a_class_chooses_it_and_relabels_what_is_selected(workspace: Workspace) -> None:
    assert effective_hotkeys(workspace.session.schema) == ("1", "2", "3")
    press_key(workspace, "3")
    assert workspace.category == 2
    assert not workspace.dataset.is_changed()
    workspace.select([row_of(workspace, 10), row_of(workspace, 11)])
    press_key(workspace, "2")
    assert [record(workspace, i)["category_id"] for i in (10, 11)] == [2, 2]
    assert workspace.session.undo_label == "Relabel 2 annotations to fly"
    press_key(workspace, "Ctrl+Z")
    assert not workspace.dataset.is_changed()


def test_a_relabelled_shape_has_the_colour_of_its_new_class(workspace: Workspace) -> None:
    before = workspace.objects.layer.edge_color.copy()
    workspace.select([row_of(workspace, 10)])
    workspace.set_category(2)
    after = workspace.objects.layer.edge_color
    changed = np.flatnonzero((before != after).any(1))
    assert [workspace.objects.view.keys()[index][0] for index in changed] == [row_of(workspace, 10)]
    assert workspace.objects.layer.features["category"].tolist()[changed[0]] == "other"


def test_the_key_of_a_tag_switches_it(tmp_path: Path) -> None:
    content = document()
    content["categories"].append(
        {"id": 9, "name": "blurred", "labeltool": {"kinds": ["tag"], "tag_group": "flaws", "hotkey": "9"}}
    )
    content["labeltool"] = {"version": 1, "tag_groups": [{"name": "flaws", "type": "multilabel"}]}
    workspace = open_workspace(tmp_path, content)
    press_key(workspace, "9")
    assert tags_of_image(workspace.dataset, 0) == {"flaws": (3,)}
    press_key(workspace, "9")
    assert tags_of_image(workspace.dataset, 0) == {"flaws": ()}
    workspace.close()
    workspace.session.close(discard=True)


def test_a_renamed_class_is_renamed_on_the_layer_and_its_key_follows(workspace: Workspace) -> None:
    from dataclasses import replace

    schema = workspace.session.schema
    renamed = replace(schema.categories[0], name="nucleus", hotkey="Q")
    workspace.apply(SetSchema(LabelSchema((renamed, *schema.categories[1:]))))
    assert "nucleus" in workspace.objects.layer.features["category"].tolist()
    press_key(workspace, "Q")
    assert workspace.category == 0


def test_keys_are_given_back(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    viewer = workspace.viewer
    workspace.close()
    workspace.session.close()
    assert not [key for key in map(str, viewer.keymap) if key in ("1", "Ctrl+Z", "Delete")]
    assert len(viewer.layers) == 0
    assert not viewer.mouse_drag_callbacks or all(
        getattr(callback, "__self__", None) is not workspace.picking
        for callback in viewer.mouse_drag_callbacks
    )


def test_closing_lets_go_of_every_signal_of_the_session(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    session = workspace.session
    workspace.close()
    assert (len(session.changed), len(session.reset), len(session.history_changed)) == (0, 0, 0)
    other = Workspace(session, ViewerModel())
    other.show_image(0)
    assert other.objects.layer.nshapes == 5
    other.close()
    session.close()


@pytest.mark.parametrize(
    ("tool", "layer", "mode"),
    [
        ("box", "objects", "add_rectangle"),
        ("rotated_box", "objects", "add_rectangle"),
        ("polygon", "objects", "add_polygon"),
        ("mask", "masks", "paint"),
        ("keypoints", "keypoints", "add"),
        ("select", "objects", "select"),
        ("pan", "objects", "pan_zoom"),
    ],
)
def test_a_tool_puts_its_layer_and_mode_in_place(
    workspace: Workspace, tool: str, layer: str, mode: str
) -> None:
    workspace.set_tool(tool)  # type: ignore[arg-type]
    active = workspace.viewer.layers.selection.active
    assert (active.name, str(active.mode)) == (layer, mode)


def test_the_smallest_object_that_holds_a_place_is_hit(workspace: Workspace) -> None:
    dataset = workspace.dataset
    rows = dataset.annotations.rows_of_image(0)
    assert hit(dataset, rows, 6, 7) == row_of(workspace, 10)
    assert hit(dataset, rows, 30, 20) == row_of(workspace, 11)
    assert hit(dataset, rows, 70, 50) == row_of(workspace, 12)
    assert hit(dataset, rows, 62, 30) is None
    assert hit(dataset, rows, 61.5, 15, reach=2) == row_of(workspace, 12)
    assert distance_to(dataset, row_of(workspace, 10), 20, 10) == 5


def test_a_selection_is_the_same_on_every_layer_and_is_told_once(workspace: Workspace) -> None:
    told: list[tuple[int, ...]] = []
    workspace.selection_changed.connect(told.append)
    row = row_of(workspace, 13)
    workspace.select([row])
    assert told == [(row,)]
    assert [workspace.objects.view.keys()[index][0] for index in workspace.objects.layer.selected_data] == [
        row
    ]
    workspace.delete_selection()
    assert told == [(row,), ()]


def test_stepping_stops_at_both_ends(workspace: Workspace) -> None:
    seen: list[int] = []
    workspace.image_changed.connect(seen.append)
    for step in (1, 1, -1, -1, 5):
        workspace.step_image(step)
    assert seen == [1, 0, 1]


def test_outlines_and_points_are_as_wide_on_the_screen_at_any_zoom(workspace: Workspace) -> None:
    camera = workspace.viewer.scene.camera
    for zoom in (0.5, 8, 64, 2):
        camera.zoom = zoom
        assert workspace.objects.layer.edge_width[0] * zoom == pytest.approx(2, rel=0.5)
        assert workspace.keypoints.layer.size[0] * zoom == pytest.approx(11, rel=0.3)
    assert not workspace.dataset.is_changed()


def test_layers_that_stay_after_closing_are_plain_layers_whose_extent_the_viewer_follows(
    workspace: Workspace,
) -> None:
    viewer, layer = workspace.viewer, workspace.objects.layer
    workspace.close(remove_layers=False)
    assert layer in viewer.layers
    layer.add_rectangles([[500.0, 0], [500, 900], [700, 900], [700, 0]])
    assert viewer.dims.range[0].stop >= 700
    assert viewer.dims.range[1].stop >= 900
    layer.current_edge_color = "blue"
    layer.edge_color = ["red"] * layer.nshapes
    layer.selected_data = {0}
    assert layer.current_edge_color == "red"
