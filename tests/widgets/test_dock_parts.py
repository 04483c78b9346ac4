"""The parts of the dock that the frame brings: image header, tools, state of saving, messages, keys."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dock_cases import Answers, make_dock, write_document
from napari.components import ViewerModel
from qtpy.QtCore import QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_labeltool.core.edits import AddObject, Relabel, Rows, SetImageState
from napari_labeltool.core.geometry import Box
from napari_labeltool.layers.workspace import TOOLS, Workspace
from napari_labeltool.widgets.active import active_changed
from napari_labeltool.widgets.canvas_keys import key_actions
from napari_labeltool.widgets.cheat_sheet import CheatSheet
from napari_labeltool.widgets.labeling_dock import LabelingDock
from napari_labeltool.widgets.tool_bar import ToolBar

pytestmark = pytest.mark.viewer

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def dock(qtbot: Any, tmp_path: Path) -> Iterator[LabelingDock]:
    """A dock with three images, the last one without objects."""
    made, _ = make_dock(qtbot)
    made.project.open(write_document(tmp_path))
    yield made
    made.project.close()


def workspace_of(dock: LabelingDock) -> Workspace:
    assert dock.workspace is not None
    return dock.workspace


def tools_of(dock: LabelingDock) -> ToolBar:
    tools = dock.collapsibles["Draw"].content
    assert isinstance(tools, ToolBar)
    return tools


# -- images
def test_buttons_step_through_the_images_and_end_at_the_last(dock: LabelingDock) -> None:
    assert not dock.header.before.isEnabled()
    dock.header.after.click()
    dock.header.after.click()
    assert dock.header.name.words() == "img_00003.tif"
    assert dock.header.place.text() == "3 / 3"
    assert not dock.header.after.isEnabled()
    dock.header.before.click()
    assert dock.header.place.text() == "2 / 3"


def test_state_of_an_image_is_one_undoable_step(dock: LabelingDock) -> None:
    dock.header.state.setCurrentText("Needs review")
    dock.header.state.activated.emit(dock.header.state.currentIndex())
    assert workspace_of(dock).dataset.images[0].state == "needs_review"
    assert dock.header.progress.text() == "0 % done, 1 needs review"
    dock.save_state.undo.click()
    assert workspace_of(dock).dataset.images[0].state == "todo"
    assert dock.header.state.currentText() == "To do"
    assert dock.header.progress.text() == "0 % done"


def test_progress_follows_the_states(dock: LabelingDock) -> None:
    for image in (1, 2):
        workspace_of(dock).apply(SetImageState(image, "done"))
    assert dock.header.progress.text() == "66 % done"


def test_nothing_to_label_is_for_images_without_objects(dock: LabelingDock) -> None:
    assert not dock.header.verified.isEnabled()
    assert "has objects" in dock.header.verified.toolTip()
    workspace_of(dock).show_image(2)
    dock.header.verified.click()
    assert workspace_of(dock).dataset.images[2].verified_empty
    assert dock.save_state.undo.words() == "Undo: Mark img_00003.tif as empty, looked at"


def test_next_unlabelled_finds_the_image_without_objects_and_says_when_there_is_no_other(
    dock: LabelingDock,
) -> None:
    dock.header.unlabelled.click()
    assert dock.header.name.words() == "img_00003.tif"
    dock.header.verified.click()
    dock.header.unlabelled.click()
    assert dock.header.name.words() == "img_00003.tif"
    assert dock.message.text.text() == "No other image is without objects."


def test_done_and_next_marks_the_image_and_goes_on(dock: LabelingDock) -> None:
    key_actions(dock.project)["Ctrl+PageDown"]()
    assert workspace_of(dock).dataset.images[0].state == "done"
    assert dock.header.place.text() == "2 / 3"


# -- tools
def test_tools_that_the_class_does_not_allow_say_why(dock: LabelingDock) -> None:
    tools = tools_of(dock)
    enabled = {tool for tool, button in tools.buttons.items() if button.isEnabled()}
    assert enabled == {"select", "pan", "box", "polygon", "mask"}
    assert "cell has no keypoints" in tools.buttons["keypoints"].toolTip()
    assert "cell is labelled with boxes, polygons, masks" in tools.buttons["rotated_box"].toolTip()


def test_each_tool_has_a_button_that_puts_it_in_place(dock: LabelingDock) -> None:
    tools = tools_of(dock)
    assert set(tools.buttons) == set(TOOLS)
    for tool, button in tools.buttons.items():
        if button.isEnabled():
            button.click()
            assert workspace_of(dock).tool == tool
            assert button.isChecked()


def test_the_bar_follows_a_tool_that_was_chosen_elsewhere(dock: LabelingDock) -> None:
    workspace_of(dock).set_tool("polygon")
    assert tools_of(dock).buttons["polygon"].isChecked()
    assert "Click corner after corner of a cell" in tools_of(dock).hint.text()


def test_a_class_that_does_not_allow_the_tool_brings_another_one(dock: LabelingDock) -> None:
    workspace = workspace_of(dock)
    workspace.set_tool("mask")
    workspace.set_category(1)
    assert workspace.tool == "box"
    assert dock.message.text.text() == "Tool Box now: spot is not labelled with masks."


def test_a_key_of_a_tool_that_is_not_allowed_says_why(dock: LabelingDock) -> None:
    key_actions(dock.project)["Ctrl+7"]()
    assert workspace_of(dock).tool == "select"
    assert "has no keypoints" in dock.message.text.text()


def test_the_hint_names_the_next_keypoint_and_skip_goes_on(dock: LabelingDock) -> None:
    workspace, tools = workspace_of(dock), tools_of(dock)
    workspace.set_category(2)
    workspace.set_tool("keypoints")
    assert tools.hint.text() == "Next click: head (1 of 2) of a new worm."
    assert not tools.points.skip.isEnabled()
    workspace.keypoints.layer.add([5, 5])
    assert tools.hint.text() == f"Next click: tail (2 of 2) of worm {workspace.dataset.annotations.id_of(2)}."
    tools.points.skip.click()
    assert "of a new worm" in tools.hint.text()


def test_selected_keypoints_become_hidden(dock: LabelingDock) -> None:
    workspace, tools = workspace_of(dock), tools_of(dock)
    workspace.set_category(2)
    workspace.set_tool("keypoints")
    assert tools.points.isVisible()
    tools.points.visibility[1].click()
    assert "No point is selected" in dock.message.text.text()
    workspace.keypoints.layer.add([5, 5])
    workspace.keypoints.layer.selected_data = {0}
    tools.points.visibility[1].click()
    keypoints = workspace.dataset.keypoints(2)
    assert keypoints is not None
    assert keypoints[0].tolist() == [5.0, 5.0, 1.0]


# -- saving
def test_the_last_row_says_what_is_saved_and_what_undo_and_redo_do(dock: LabelingDock) -> None:
    row = dock.save_state
    assert not row.undo.isEnabled()
    assert not row.save.isEnabled()
    workspace_of(dock).apply(AddObject(1, 1, Box((1, 1, 5, 5))))
    assert "1 edit since is in the journal" in row.words.text()
    assert row.undo.words() == "Undo: Add cell 21"
    row.undo.click()
    assert row.redo.toolTip() == "Do again: Add cell 21 (Ctrl+Shift+Z)"
    row.redo.click()
    row.save.click()
    assert row.words.text().startswith("Saved ")
    assert not row.save.isEnabled()
    assert len(json.loads(workspace_of(dock).session.path.read_text())["annotations"]) == 3


@pytest.mark.parametrize("answer", ["overwrite", "save_as", "cancel"])
def test_a_file_that_another_program_wrote_is_not_overwritten_unasked(
    dock: LabelingDock, tmp_path: Path, answer: str
) -> None:
    workspace = workspace_of(dock)
    path = workspace.session.path
    workspace.apply(SetImageState(1, "done"))
    path.write_text('{"images": [], "annotations": [], "categories": []}')
    dock.project.questions = Answers(changed_on_disk=answer, document_to_write=tmp_path / "mine")
    assert dock.project.save() is (answer != "cancel")
    saved = json.loads(path.read_text())["images"]
    assert len(saved) == (3 if answer == "overwrite" else 0)
    assert workspace.session.path == (tmp_path / "mine.json" if answer == "save_as" else path)
    assert workspace.session.dirty == (1 if answer == "cancel" else 0)


def test_a_save_that_fails_is_told_and_the_edits_stay(dock: LabelingDock) -> None:
    workspace = workspace_of(dock)
    workspace.apply(SetImageState(1, "done"))
    dock.project.questions = Answers(document_to_write=Path("/proc/nowhere/x.json"))
    assert not dock.project.save_as()
    assert "/proc/nowhere/x.json" in dock.message.text.text()
    assert workspace.session.dirty == 1


def test_automatic_saving_saves_when_it_is_due_and_tells_trouble_once(dock: LabelingDock) -> None:
    workspace = workspace_of(dock)
    session = workspace.session
    said: list[str] = []
    dock.project.said.connect(lambda severity, sentence: said.append(sentence))
    workspace.apply(SetImageState(1, "done"))
    dock.project.autosave.check()
    assert session.dirty == 1
    session.autosave_minutes = 1e-9
    dock.project.autosave.check()
    assert session.dirty == 0
    session.path.write_text('{"images": [], "annotations": [], "categories": []}')
    workspace.apply(SetImageState(2, "done"))
    dock.project.autosave.check()
    dock.project.autosave.check()
    assert [sentence.split(".")[0] for sentence in said] == ["Not saved by itself"]
    assert session.dirty == 1


def test_the_schema_is_exported_to_the_chosen_file(dock: LabelingDock, tmp_path: Path) -> None:
    from napari_labeltool.core.schema import read_schema
    from napari_labeltool.widgets.commands import export_schema

    dock.project.questions = Answers(document_to_write=tmp_path / "schema")
    export_schema(dock.project)
    names = [category.name for category in read_schema(tmp_path / "schema.yaml").categories]
    assert names == ["cell", "spot", "worm"]


# -- messages
def test_a_refused_edit_is_said_in_the_dock(dock: LabelingDock) -> None:
    workspace_of(dock).apply(Relabel(Rows([0]), "no such class"))
    assert "no such class" in dock.message.text.text()
    assert dock.message.isVisible()
    dock.message.closer.click()
    assert not dock.message.isVisible()


# -- keys
def test_keys_with_ctrl_reach_the_dock_past_a_combo_box(dock: LabelingDock) -> None:
    workspace = workspace_of(dock)
    workspace.apply(SetImageState(1, "done"))
    dock.header.state.setFocus()
    QTest.keyClick(dock.header.state, Qt.Key.Key_S, CTRL)
    assert workspace.session.dirty == 0
    QTest.keyClick(dock.header.state, Qt.Key.Key_Right, ALT)
    assert workspace.image == 1
    QTest.keyClick(dock.header.state, Qt.Key.Key_Z, CTRL)
    assert workspace.dataset.images[0].state == "todo"


def test_a_line_edit_keeps_its_own_undo(dock: LabelingDock) -> None:
    workspace = workspace_of(dock)
    workspace.apply(SetImageState(1, "done"))
    dock.show_images()
    QTest.keyClicks(dock.images.filter, "x")
    QTest.keyClick(dock.images.filter, Qt.Key.Key_Z, CTRL)
    assert dock.images.filter.text() == ""
    assert workspace.dataset.images[0].state == "done"


def test_the_list_of_keys_is_searched(dock: LabelingDock, qtbot: Any) -> None:
    sheet = CheatSheet(workspace_of(dock))
    qtbot.addWidget(sheet)

    def shown() -> list[str]:
        table = sheet.table
        rows = [row for row in range(table.rowCount()) if not table.isRowHidden(row)]
        return [table.item(row, 1).text() for row in rows]

    assert {"Class cell", "Tool Box", "Undo"} <= set(shown())
    sheet.search.setText("class spot")
    assert shown() == ["Class spot"]
    sheet.search.setText("no such thing")
    assert shown() == []
    assert not sheet.none_found.isHidden()


def test_canvas_keys_go_with_the_project(dock: LabelingDock) -> None:
    viewer = dock.viewer
    assert "Control-2" in [str(key).replace("Ctrl+", "Control-") for key in viewer.keymap]
    dock.project.close()
    assert "Control-2" not in [str(key).replace("Ctrl+", "Control-") for key in viewer.keymap]


# -- the frame
def test_closed_sections_stay_closed(dock: LabelingDock, qtbot: Any) -> None:
    dock.collapsibles["Image tags"].header.click()
    assert not dock.collapsibles["Image tags"].content.isVisible()
    other, _ = make_dock(qtbot, ViewerModel())
    assert not other.collapsibles["Image tags"].is_open
    assert other.collapsibles["Classes"].is_open


def test_a_second_dock_shows_the_same_project(dock: LabelingDock, qtbot: Any) -> None:
    workspace_of(dock).show_image(1)
    other, _ = make_dock(qtbot, dock.viewer)
    assert other.workspace is dock.workspace
    assert other.header.place.text() == "2 / 3"
    other.header.after.click()
    assert dock.header.place.text() == "3 / 3"


def listeners(workspace: Workspace) -> dict[str, int]:
    session = workspace.session
    signals = {
        "changed": session.changed,
        "reset": session.reset,
        "history": session.history_changed,
        "saved": session.saved,
        "trouble": session.trouble,
        "image": workspace.image_changed,
        "category": workspace.category_changed,
        "tool": workspace.tool_changed,
        "selection": workspace.selection_changed,
        "visibility": workspace.visibility_changed,
        "aimed": workspace.keypoints.placing.aimed,
    }
    return {name: len(signal) for name, signal in signals.items()}


def test_a_dock_that_is_closed_lets_go_of_the_project(qtbot: Any, tmp_path: Path) -> None:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    others = len(active_changed)
    viewer = ViewerModel()
    first = LabelingDock(viewer)
    first.project.open(write_document(tmp_path))
    workspace = workspace_of(first)
    with_one = listeners(workspace)
    second = LabelingDock(viewer)
    assert listeners(workspace) != with_one
    for closed in (second, first):
        closed.deleteLater()
    del first, second, closed
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    without = listeners(workspace)
    assert len(active_changed) == others
    third = LabelingDock(viewer)
    qtbot.addWidget(third)
    assert third.workspace is workspace
    assert listeners(workspace) == with_one
    assert all(without[name] < with_one[name] for name in ("changed", "history", "image", "tool"))
    third.project.close()
    assert {name: n for name, n in listeners(workspace).items() if n} == {}
