"""The form of the selection with Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt
from section_scenarios import MITOSIS, open_document

from napari_labeltool.core.edits import SetAttributes, SetStatus
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session
from napari_labeltool.widgets.attribute_editors import ChoiceEditor, LineEditor, LockedEditor, YesNoEditor
from napari_labeltool.widgets.selection_fields import Mixed
from napari_labeltool.widgets.selection_form import SelectionForm

pytestmark = pytest.mark.window


@pytest.fixture
def form(qtbot, workspace):
    form = SelectionForm()
    qtbot.addWidget(form)
    form.resize(340, 500)
    form.set_workspace(workspace)
    form.show()
    return form


def attributes(workspace, row: int):
    return workspace.dataset.annotations.value(row, "attributes", {})


def type_into(qtbot, editor: LineEditor, text: str) -> None:
    editor.line.setFocus()
    editor.line.selectAll()
    qtbot.keyClicks(editor.line, text)
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)


def test_each_type_of_attribute_has_its_editor(form, workspace) -> None:
    workspace.show_image(1)
    workspace.select([3])
    kinds = [type(editor) for editor in form.form.editors.values()]
    assert kinds == [ChoiceEditor, LineEditor, YesNoEditor, LineEditor, LockedEditor]
    assert form.title == "Selected: nucleus 14"


def test_a_choice_is_written_as_one_step(form, workspace) -> None:
    workspace.select([0])
    box = form.form.editors["stage"].box
    box.setCurrentIndex(box.findText("late"))
    box.activated.emit(box.currentIndex())
    assert attributes(workspace, 0)["stage"] == "late"
    assert workspace.session.undo_label == "Set stage of nucleus 11"
    workspace.undo()
    assert form.form.editors["stage"].box.currentText() == "early"


def test_an_invalid_number_is_said_and_not_written(qtbot, form, workspace) -> None:
    workspace.select([0])
    editor = form.form.editors["diameter"]
    type_into(qtbot, editor, "51")
    assert "expected at most 50" in editor.message.text
    assert editor.line.property("invalid")
    assert attributes(workspace, 0)["diameter"] == 12
    type_into(qtbot, editor, "50")
    assert attributes(workspace, 0)["diameter"] == 50
    assert not editor.line.property("invalid")


def test_an_emptied_field_removes_the_value(qtbot, form, workspace) -> None:
    workspace.select([0])
    editor = form.form.editors["diameter"]
    editor.line.setFocus()
    editor.line.selectAll()
    qtbot.keyClick(editor.line, Qt.Key.Key_Delete)
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert "diameter" not in attributes(workspace, 0)


def test_yes_no_and_back_to_not_set(form, workspace) -> None:
    workspace.select([0])
    editor = form.form.editors["touching"]
    editor.buttons[False].click()
    assert attributes(workspace, 0)["touching"] is False
    editor.buttons[None].click()
    assert "touching" not in attributes(workspace, 0)


def test_what_is_being_typed_is_written_to_what_it_was_typed_for(qtbot, form, workspace) -> None:
    workspace.select([0])
    line = form.form.editors["note"].line
    line.setFocus()
    qtbot.keyClicks(line, "odd")
    workspace.select([1])
    assert attributes(workspace, 0)["note"] == "odd"
    assert "note" not in attributes(workspace, 1)
    assert form.form.editors["note"].line.text() == ""


def test_an_invalid_text_that_is_left_is_told(qtbot, form, workspace) -> None:
    said = []
    workspace.message.connect(lambda severity, sentence: said.append(sentence))
    workspace.select([0])
    line = form.form.editors["diameter"].line
    line.setFocus()
    qtbot.keyClicks(line, "x")
    workspace.select([1])
    assert "It was not written." in said[-1]
    assert attributes(workspace, 0)["diameter"] == 12


def test_a_value_for_several_is_one_step(qtbot, form, workspace) -> None:
    workspace.select([0, 1])
    assert form.selection.fields[0].value is Mixed.VARIOUS
    assert form.form.editors["diameter"].line.placeholderText() == "various"
    type_into(qtbot, form.form.editors["diameter"], "7")
    assert [attributes(workspace, row)["diameter"] for row in (0, 1)] == [7, 7]
    workspace.undo()
    assert attributes(workspace, 0)["diameter"] == 12
    assert "diameter" not in (attributes(workspace, 1) or {})


def test_a_missing_required_value_is_said(form, workspace) -> None:
    workspace.select([1])
    assert "needs a value" in form.form.editors["stage"].message.text


def test_status_and_comment_are_written(qtbot, form, workspace) -> None:
    workspace.select([0])
    form.status.setCurrentIndex(form.status.findData("approved"))
    form.status.activated.emit(form.status.currentIndex())
    qtbot.keyClicks(form.comment.line, "good")
    qtbot.keyClick(form.comment.line, Qt.Key.Key_Return)
    facts = workspace.dataset.annotations.value(0, "labeltool")
    assert facts == {"status": "approved", "comment": "good"}
    assert workspace.session.dirty == 2


def test_a_comment_is_written_before_the_selection_goes_on(qtbot, form, workspace) -> None:
    workspace.select([0])
    qtbot.keyClicks(form.comment.line, "look")
    workspace.select([1])
    assert workspace.dataset.annotations.value(0, "labeltool") == {"comment": "look"}
    assert form.comment.line.text() == ""


def test_a_comment_is_written_before_the_project_is_closed(qtbot, form, workspace) -> None:
    workspace.select([0])
    qtbot.keyClicks(form.comment.line, "look")
    form.set_workspace(None)
    assert workspace.dataset.annotations.value(0, "labeltool") == {"comment": "look"}


def test_what_is_refused_shows_what_holds_again(qtbot, tmp_path: Path) -> None:
    folder = tmp_path / "looked_at"
    folder.mkdir()
    open_document(folder).close()
    workspace = Workspace(open_session(folder, read_only=True), ViewerModel())
    workspace.show_image(0)
    form = SelectionForm()
    qtbot.addWidget(form)
    form.set_workspace(workspace)
    workspace.select([0])
    editors = form.form.editors
    editors["stage"].box.setCurrentText("late")
    editors["stage"].box.activated.emit(editors["stage"].box.currentIndex())
    editors["touching"].buttons[True].click()
    type_into(qtbot, editors["diameter"], "9")
    assert editors["stage"].box.currentText() == "early"
    assert editors["touching"].buttons[None].isChecked()
    assert editors["diameter"].line.text() == "12"
    form.set_workspace(None)
    workspace.close()


def test_an_edit_elsewhere_shows_at_once(form, workspace) -> None:
    workspace.select([0])
    workspace.apply(SetAttributes([11], {"stage": "late", "found": 3}))
    assert form.form.editors["stage"].box.currentText() == "late"
    assert form.form.editors["found"].line.text() == "3"
    workspace.apply(SetStatus([11], "rejected"))
    assert form.status.currentData() == "rejected"


def test_visibility_of_a_keypoint_is_written_and_the_unplaced_is_locked(form, workspace) -> None:
    workspace.show_image(1)
    workspace.select([4])
    model = form.keypoints.list_model
    assert [model.index(place, 1).data() for place in range(2)] == ["visible", "not placed"]
    assert not model.index(1, 1).flags() & Qt.ItemFlag.ItemIsEditable
    model.setData(model.index(0, 1), 1)
    assert np.array_equal(workspace.dataset.keypoints(4), [[5, 6, 1], [0, 0, 0]])
    assert model.index(0, 1).data() == "hidden"


def test_deleting_the_selection_empties_the_form(form, workspace) -> None:
    workspace.select([0])
    form.actions.delete.click()
    assert not workspace.dataset.annotations.alive[0]
    assert form.title == "Nothing selected"
    assert "click an object" in form.facts.text()


def test_a_polygon_becomes_a_mask_and_a_polygon_again(form, workspace) -> None:
    workspace.select([1])
    assert form.actions.to_mask.isEnabled()
    assert not form.actions.to_polygon.isEnabled()
    form.actions.to_mask.trigger()
    assert form.facts.text().startswith("mask")
    form.actions.to_polygon.trigger()
    assert form.facts.text().startswith("polygon")
    workspace.select([0])
    assert not form.actions.convert.isEnabled()


def test_a_box_of_another_class_changes_the_form(form, workspace) -> None:
    workspace.select([0])
    workspace.set_category(MITOSIS)
    assert form.title == "Selected: mitosis 11"
    assert list(form.form.editors) == ["stage", "diameter"]


def test_tab_goes_through_the_form_from_top_to_bottom(form, workspace) -> None:
    workspace.select([0])
    editors = form.form.editors
    wanted = [
        editors["stage"].box,
        editors["diameter"].line,
        *editors["touching"].buttons.values(),
        editors["note"].line,
        form.status,
        form.comment.line,
    ]
    chain, stop = [form], form.nextInFocusChain()
    while stop is not form:
        chain.append(stop)
        stop = stop.nextInFocusChain()
    assert [widget for widget in chain if widget in wanted] == wanted
