"""The label schema editor, with real clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from widget_documents import write_project

import napari_labeltool as nl
from napari_labeltool.core.schema import read_schema
from napari_labeltool.session import Session
from napari_labeltool.widgets.schema_dialogs import DeleteDialog, Deletion, ImportDialog, MergeDialog
from napari_labeltool.widgets.schema_editor import SchemaEditor

pytestmark = pytest.mark.window
KEY = Qt.Key
CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = nl.open_session(write_project(tmp_path))
    yield opened
    opened.close(discard=True)


def shown(qtbot: Any, widget: Any) -> Any:
    qtbot.addWidget(widget)
    widget.resize(400, 780)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    QApplication.setActiveWindow(widget) if hasattr(QApplication, "setActiveWindow") else None
    return widget


@pytest.fixture
def editor(qtbot: Any, session: Session) -> SchemaEditor:
    return shown(qtbot, SchemaEditor(session=session))


def click(widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(10, widget.height() // 2))


def retype(line: Any, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def names(session: Session) -> list[str]:
    return [category.name for category in session.schema.categories]


# -- classes
def test_without_a_document_the_first_step_is_told_and_a_schema_can_be_begun(qtbot: Any) -> None:
    editor = shown(qtbot, SchemaEditor())
    page = editor.classes.list
    assert "No document is open" in editor.note.text()
    assert page.empty.isVisible()
    assert "Press Add" in page.empty.text()
    click(page.add)
    assert not page.empty.isVisible()
    name = editor.classes.form.name.line
    assert name.hasFocus()
    assert name.selectedText() == "new class"
    QTest.keyClicks(name, "nucleus")
    QTest.keyClick(name, KEY.Key_Return)
    assert [c.name for c in editor.model.schema.categories] == ["nucleus"]
    assert editor.undo.toolTip() == "Undo: Rename class new class to nucleus (Ctrl+Z)"
    QTest.keyClick(name, KEY.Key_Z, CONTROL)
    QTest.keyClick(name, KEY.Key_Z, CONTROL)
    assert editor.model.schema.categories == ()
    assert page.empty.isVisible()


def test_a_rename_is_one_step_that_undo_in_the_field_takes_back(
    editor: SchemaEditor, session: Session
) -> None:
    editor.show_class(1)
    line = editor.classes.form.name.line
    retype(line, "division")
    assert names(session)[1] == "mitosis"
    QTest.keyClick(line, KEY.Key_Return)
    assert names(session)[1] == "division"
    assert session.undo_label == "Rename class mitosis to division"
    QTest.keyClick(line, KEY.Key_Z, CONTROL)
    assert names(session)[1] == line.text() == "mitosis"
    QTest.keyClick(line, KEY.Key_Z, CONTROL | SHIFT)
    assert names(session)[1] == line.text() == "division"


def test_a_name_that_is_taken_is_told_while_typing_kept_and_not_applied(
    editor: SchemaEditor, session: Session
) -> None:
    editor.show_class(1)
    field = editor.classes.form.name
    retype(field.line, "cel")
    assert field.message.text == ""
    QTest.keyClicks(field.line, "l")
    assert "Another class is named cell" in field.message.text
    assert field.message.isVisible()
    assert field.line.property("invalid") is True
    QTest.keyClick(field.line, KEY.Key_Tab)
    assert "Not applied yet" in field.message.text
    assert names(session)[1] == "mitosis"
    assert session.undo_label is None
    editor.show_class(0)
    assert field.line.text() == "cell"
    assert field.message.text == ""
    editor.show_class(1)
    assert field.line.text() == "cell"
    assert "Not applied yet" in field.message.text
    QTest.keyClick(field.line, KEY.Key_Escape)
    assert field.line.text() == "mitosis"
    assert not field.message.isVisible()
    assert field.line.property("invalid") is False


def test_the_list_is_worked_with_the_keys_alone(editor: SchemaEditor, session: Session) -> None:
    page = editor.classes.list
    page.choose(0)
    page.view.setFocus()
    QTest.keyClick(page.view, KEY.Key_Down, ALT)
    assert names(session)[:2] == ["mitosis", "cell"]
    assert page.current_key == 0
    QTest.keyClick(page.view, KEY.Key_Up, ALT)
    assert names(session)[:2] == ["cell", "mitosis"]
    QTest.keyClick(page.view, KEY.Key_Down)
    assert page.current_key == 1
    QTest.keyClick(page.view, KEY.Key_Delete)
    assert "mitosis" not in names(session)
    assert page.current_key == 2
    QTest.keyClick(page.view, KEY.Key_N, CONTROL)
    assert names(session)[-1] == "new class"
    page.view.setFocus()
    QTest.keyClick(page.view, KEY.Key_F2)
    assert editor.classes.form.name.line.hasFocus()
    assert editor.classes.form.name.line.selectedText() == "new class"


def test_the_search_finds_names_and_groups_and_keeps_the_class(editor: SchemaEditor) -> None:
    page = editor.classes.list
    page.choose(1)
    QTest.keyClicks(page.search, "CELL")
    assert page.items.rowCount() == 2
    assert page.current_key == 1
    assert not page.up.isEnabled()
    QTest.keyClicks(page.search, "zzz")
    assert page.items.rowCount() == 0
    assert not editor.classes.form.isEnabled()


def test_a_class_in_use_is_not_deleted_without_an_answer(editor: SchemaEditor, session: Session) -> None:
    page, asked = editor.classes.list, []

    def cancel(names: str, count: int, others: Any, parent: Any) -> None:
        asked.append((names, count, [other.name for other in others]))

    page.actions.ask_deletion = cancel
    page.choose(0)
    click(page.remove)
    assert asked == [("class cell", 2, ["mitosis", "fly"])]
    assert session.undo_label is None
    page.actions.ask_deletion = lambda *_: Deletion("relabel", 1)
    click(page.remove)
    assert "cell" not in names(session)
    assert session.undo_label == "Delete class cell (2 annotations relabelled to mitosis)"


def test_the_questions_say_what_happens_and_answer_with_what_was_chosen(
    qtbot: Any, editor: SchemaEditor, session: Session
) -> None:
    categories = session.schema.categories
    deletion = shown(qtbot, DeleteDialog("class cell", 2, categories[1:3], editor))
    assert deletion.answer == Deletion("relabel", 1)
    deletion.target.setCurrentIndex(1)
    assert deletion.answer == Deletion("relabel", 2)
    click(deletion.remove)
    assert deletion.answer == Deletion("delete")
    assert not deletion.target.isEnabled()
    click(deletion.unlabel)
    assert deletion.answer == Deletion("unlabel")
    alone = shown(qtbot, DeleteDialog("class cell", 2, [], editor))
    assert not alone.relabel.isEnabled()
    assert alone.answer == Deletion("unlabel")
    merge = shown(qtbot, MergeDialog(categories[:3], [1, 7, 2], editor))
    assert merge.answer == categories[1].key
    told = shown(qtbot, ImportDialog("labels.yaml", ["Add class x."], editor))
    assert told.list.item(0).text() == "Add class x."
    assert "1 change" in told.findChildren(type(editor.title))[0].text()


def test_several_classes_are_merged_into_one_of_them(editor: SchemaEditor, session: Session) -> None:
    page = editor.classes.list
    assert not page.merge.isEnabled()
    page.choose(0)
    page.view.setFocus()
    QTest.keyClick(page.view, KEY.Key_Down, SHIFT)
    assert page.selected_keys() == [0, 1]
    assert not editor.classes.form.isEnabled()
    page.actions.ask_merge = lambda categories, counts, parent: categories[1].key
    click(page.merge)
    assert names(session)[0] == "mitosis"
    assert editor.model.count(1) == 2
    assert page.current_key == 1


def test_a_class_is_dragged_to_another_place(editor: SchemaEditor, session: Session) -> None:
    items = editor.classes.list.items
    data = items.mimeData([items.index(0)])
    assert items.dropMimeData(data, Qt.DropAction.MoveAction, 3, 0, items.index(-1)) is False
    assert names(session)[:3] == ["mitosis", "fly", "cell"]


# -- the fields of a class
def test_a_key_is_recorded_by_pressing_it_and_a_conflict_is_told_at_once(
    editor: SchemaEditor, session: Session
) -> None:
    editor.show_class(1)
    field = editor.classes.form.hotkey
    assert field.button.text() == "2  (suggested)"
    click(field.button)
    assert "Press a key" in field.button.text()
    QTest.keyClick(field.button, KEY.Key_1)
    assert "cell" in field.message.text
    assert field.message.isVisible()
    assert session.undo_label is None
    QTest.keyClick(field.button, KEY.Key_P)
    assert "napari needs the key P" in field.message.text
    QTest.keyClick(field.button, KEY.Key_G, SHIFT)
    assert session.schema.categories[1].hotkey == "SHIFT+G"
    assert field.button.text() == "SHIFT+G"
    assert not field.message.isVisible()
    click(field.button)
    QTest.keyClick(field.button, KEY.Key_N, CONTROL)
    assert len(session.schema.categories) == 5
    assert "'Ctrl+N' is not a letter" in field.message.text
    QTest.keyClick(field.button, KEY.Key_Escape)
    assert field.button.text() == "SHIFT+G"
    click(field.clear_button)
    assert session.schema.categories[1].hotkey is None


def test_kinds_colour_group_and_guideline_are_one_step_each(editor: SchemaEditor, session: Session) -> None:
    editor.show_class(1)
    form = editor.classes.form
    QTest.keyClick(form.kinds["mask"], KEY.Key_Space)
    assert "mask" not in session.schema.categories[1].kinds
    form.color.color_chosen.emit("#112233")
    assert session.schema.categories[1].color == "#112233"
    retype(form.group.line, "nuclei")
    QTest.keyClick(form.group.line, KEY.Key_Return)
    assert session.schema.categories[1].supercategory == "nuclei"
    form.guideline.setFocus()
    QTest.keyClicks(form.guideline, "All of them")
    assert session.schema.categories[1].guideline == ""
    QTest.keyClick(form.guideline, KEY.Key_Return, CONTROL)
    assert session.schema.categories[1].guideline == "All of them"
    steps = 0
    while session.undo() is not None:
        steps += 1
    assert steps == 4
    assert form.kinds["mask"].isChecked()
    assert form.guideline.toPlainText() == ""


def test_a_class_with_nothing_to_draw_is_warned_about(editor: SchemaEditor) -> None:
    editor.show_class(1)
    form = editor.classes.form
    for kind in ("box", "rotated_box", "polygon", "mask"):
        QTest.keyClick(form.kinds[kind], KEY.Key_Space)
    assert form.kinds_message.isVisible()
    assert "Nothing may be drawn" in form.kinds_message.text


def test_a_colour_is_chosen_from_the_palette_or_from_all(
    qtbot: Any, editor: SchemaEditor, session: Session
) -> None:
    editor.show_class(1)
    button = editor.classes.form.color
    button.menu().aboutToShow.emit()
    actions = button.menu().actions()
    assert len(actions[0].defaultWidget().children()) > 40
    button.ask = lambda color, parent: "#abcdef"
    actions[1].trigger()
    assert session.schema.categories[1].color == button.color == "#abcdef"


# -- attributes
def test_an_attribute_is_added_typed_and_made_a_choice(editor: SchemaEditor, session: Session) -> None:
    editor.show_class(1)
    page = editor.classes.attributes
    editor.classes.tabs.setCurrentIndex(1)
    assert page.empty.isVisible()
    click(page.add)
    QTest.keyClicks(page.form.name, "phase")
    QTest.keyClick(page.form.name, KEY.Key_Return)
    assert session.schema.categories[1].attributes[0].name == "phase"
    page.form.type.setCurrentIndex(page.form.type.findData("choice"))
    page.form.type.activated.emit(page.form.type.currentIndex())
    assert session.schema.categories[1].attributes[0].type == "text"
    assert "choice without values" in page.form.message.text
    assert "Not applied" in page.form.message.text
    page.form.values.setFocus()
    QTest.keyClicks(page.form.values, "early")
    QTest.keyClick(page.form.values, KEY.Key_Return)
    QTest.keyClicks(page.form.values, "late")
    assert page.form.message.text == ""
    QTest.keyClick(page.form.values, KEY.Key_Return, CONTROL)
    attribute = session.schema.categories[1].attributes[0]
    assert (attribute.type, attribute.values) == ("choice", ("early", "late"))
    page.form.default.setCurrentIndex(2)
    page.form.default.activated.emit(2)
    assert session.schema.categories[1].attributes[0].default == "late"
    click(page.form.required)
    assert session.schema.categories[1].attributes[0].required
    assert page.table.topLevelItem(0).text(0) == "phase *"


def test_bounds_are_checked_before_they_hold(editor: SchemaEditor, session: Session) -> None:
    editor.show_class(1)
    editor.classes.tabs.setCurrentIndex(1)
    page = editor.classes.attributes
    click(page.add)
    page.form.type.setCurrentIndex(page.form.type.findData("number"))
    page.form.type.activated.emit(1)
    for text, complaint in (("x", "expected a number"), ("5", "")):
        retype(page.form.minimum, text)
        assert complaint in page.form.message.text
    QTest.keyClick(page.form.minimum, KEY.Key_Return)
    retype(page.form.maximum, "2")
    assert "above the maximum" in page.form.message.text
    QTest.keyClick(page.form.maximum, KEY.Key_Return)
    assert session.schema.categories[1].attributes[0].maximum is None
    retype(page.form.maximum, "20")
    QTest.keyClick(page.form.maximum, KEY.Key_Return)
    attribute = session.schema.categories[1].attributes[0]
    assert (attribute.minimum, attribute.maximum) == (5, 20)
    retype(page.form.default_line, "3")
    assert "at least 5" in page.form.message.text


def test_an_attribute_that_annotations_have_is_renamed_in_them_when_wanted(
    editor: SchemaEditor, session: Session
) -> None:
    editor.show_class(0)
    editor.classes.tabs.setCurrentIndex(1)
    page = editor.classes.attributes
    click(page.add)
    retype(page.form.name, "stage")
    QTest.keyClick(page.form.name, KEY.Key_Return)
    asked: list[str] = []
    page.ask = lambda title, sentence, choices, parent: asked.append(sentence) or 0
    retype(page.form.name, "phase")
    QTest.keyClick(page.form.name, KEY.Key_Return)
    assert asked == ["1 annotation has a value for stage."]
    assert session.dataset.annotations.value(1, "attributes") == {"phase": "early"}
    page.table.setFocus()
    QTest.keyClick(page.table, KEY.Key_Delete)
    assert session.schema.categories[0].attributes == ()


# -- keypoints
def place_of(editor: SchemaEditor, index: int) -> QPoint:
    return editor.classes.keypoints.skeleton.preview.point_of(index).toPoint()


@pytest.fixture
def pose(editor: SchemaEditor, qtbot: Any) -> Any:
    editor.classes.list.choose(2)
    editor.classes.tabs.setCurrentIndex(2)
    preview = editor.classes.keypoints.skeleton.preview
    qtbot.waitUntil(lambda: preview.isVisible() and preview.viewport().width() > 100)
    return editor.classes.keypoints


def test_two_clicks_join_two_points_and_two_more_part_them(
    editor: SchemaEditor, session: Session, pose: Any
) -> None:
    view = pose.skeleton.preview.viewport()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(editor, 1))
    assert "join it with thorax" in pose.skeleton.hint.text()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(editor, 2))
    assert session.schema.categories[2].skeleton == ((0, 1), (1, 2))
    assert "Drag a point" in pose.skeleton.hint.text()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(editor, 2))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(editor, 1))
    assert session.schema.categories[2].skeleton == ((0, 1),)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place_of(editor, 0))
    QTest.keyClick(pose.skeleton.preview, KEY.Key_Escape)
    assert pose.skeleton.preview.edge_start is None


def test_a_point_is_dragged_and_stays_there_as_one_step(
    editor: SchemaEditor, session: Session, pose: Any
) -> None:
    view, start = pose.skeleton.preview.viewport(), place_of(editor, 0)
    before = session.schema.categories[2].keypoints
    assert not pose.skeleton.reset.isEnabled()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(view, start + QPoint(8 * step, 6 * step))
        QTest.qWait(5)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 30))
    after = session.schema.categories[2].keypoints
    assert all(point.position is not None for point in after)
    assert after[0].position != before[0].position
    assert place_of(editor, 0) == start + QPoint(40, 30)
    session.undo()
    assert session.schema.categories[2].keypoints == before
    session.redo()
    click(pose.skeleton.reset)
    assert session.schema.categories[2].keypoints == before


def test_points_are_moved_and_joined_with_the_keys(editor: SchemaEditor, session: Session, pose: Any) -> None:
    pose.table.choose(1)
    preview = pose.skeleton.preview
    preview.setFocus()
    x, y = preview.positions[1]
    QTest.keyClick(preview, KEY.Key_Left)
    QTest.keyClick(preview, KEY.Key_Down)
    assert session.schema.categories[2].keypoints[1].position == pytest.approx((x - 0.02, y + 0.02), abs=2e-3)
    QTest.keyClick(preview, KEY.Key_Return)
    pose.table.choose(2)
    QTest.keyClick(preview, KEY.Key_Return)
    assert session.schema.categories[2].skeleton == ((0, 1), (1, 2))
    edges = pose.edges
    edges.table.choose(0)
    QTest.keyClick(edges.table, KEY.Key_Delete)
    assert session.schema.categories[2].skeleton == ((1, 2),)
    edges.first.setCurrentIndex(0)
    edges.second.setCurrentIndex(2)
    assert edges.join.text() == "Join"
    click(edges.join)
    assert session.schema.categories[2].skeleton == ((1, 2), (0, 2))
    assert edges.join.text() == "Part"


def test_a_keypoint_is_added_renamed_coloured_moved_and_deleted(
    editor: SchemaEditor, session: Session, pose: Any
) -> None:
    click(pose.add)
    assert pose.name.line.hasFocus()
    retype(pose.name.line, "tail")
    assert "named tail" in pose.name.message.text
    retype(pose.name.line, "wing")
    QTest.keyClick(pose.name.line, KEY.Key_Return)
    pose.color.color_chosen.emit("#123456")
    points = session.schema.categories[2].keypoints
    assert (points[3].name, points[3].color) == ("wing", "#123456")
    pose.table.setFocus()
    QTest.keyClick(pose.table, KEY.Key_Up, ALT)
    assert [point.name for point in session.schema.categories[2].keypoints][2:] == ["wing", "tail"]
    assert pose.table.row == 2
    assert session.dataset.annotations.value(2, "keypoints") == [3, 3, 2, 9, 9, 2, 0, 0, 0, 0, 0, 0]
    QTest.keyClick(pose.table, KEY.Key_Delete)
    pose.ask = lambda *_: None
    pose.table.choose(0)
    QTest.keyClick(pose.table, KEY.Key_Delete)
    assert [point.name for point in session.schema.categories[2].keypoints] == ["head", "thorax", "tail"]
    pose.ask = lambda *_: 0
    QTest.keyClick(pose.table, KEY.Key_Delete)
    assert [point.name for point in session.schema.categories[2].keypoints] == ["thorax", "tail"]
    assert session.dataset.annotations.value(2, "keypoints") == [9, 9, 2, 0, 0, 0]


# -- tags, document, files
def test_groups_and_tags_are_made_and_a_wrong_type_is_told(editor: SchemaEditor, session: Session) -> None:
    editor.tabs.setCurrentWidget(editor.tags)
    page = editor.tags
    page.tree.choose_group(0)
    page.form.type.setCurrentIndex(page.form.type.findData("binary"))
    page.form.type.activated.emit(0)
    assert "yes or no and has 2 tags" in page.form.type_message.text
    assert session.schema.tag_groups[0].type == "multiclass"
    click(page.add_group)
    QTest.keyClicks(page.form.name.line, "quality")
    QTest.keyClick(page.form.name.line, KEY.Key_Return)
    assert [group.name for group in session.schema.tag_groups] == ["stain", "quality"]
    click(page.add_tag)
    assert editor.tabs.currentWidget() is editor.classes
    line = editor.classes.form.name.line
    assert line.hasFocus()
    QTest.keyClicks(line, "blurred")
    QTest.keyClick(line, KEY.Key_Return)
    tag = session.schema.categories[-1]
    assert (tag.name, tag.tag_group, tag.is_tag) == ("blurred", "quality", True)


def test_a_group_with_tags_in_use_keeps_them(editor: SchemaEditor, session: Session) -> None:
    editor.tabs.setCurrentWidget(editor.tags)
    page, asked = editor.tags, []
    page.ask = lambda title, sentence, choices, parent: asked.append((sentence, choices)) or 0
    page.tree.choose_group(0)
    page.tree.setFocus()
    QTest.keyClick(page.tree, KEY.Key_Delete)
    assert asked == [
        (
            "Delete the group stain? It has 2 tags; 1 image is tagged with them.",
            ["Keep its tags, without a group"],
        )
    ]
    assert session.schema.tag_groups == ()
    assert names(session)[3:] == ["H&E", "IHC"]
    assert page.tree.topLevelItem(0).text(0) == "Tags without a group"


def test_the_document_page_lists_what_is_wrong_and_leads_there(
    editor: SchemaEditor, session: Session
) -> None:
    page = editor.document
    editor.tabs.setCurrentWidget(page)
    assert page.state.text() == "The schema is sound."
    page.guideline.setFocus()
    QTest.keyClicks(page.guideline, "Label all")
    QTest.keyClick(page.guideline, KEY.Key_Return, CONTROL)
    assert session.schema.guideline == "Label all"
    cell = session.schema.categories[0]
    undrawn = replace(cell, kinds=frozenset())
    session.apply(nl.edits.SetSchema(session.schema.with_category(0, undrawn)))
    assert page.list.item(0).text().startswith("Warning: cell: nothing may be drawn")
    page.list.itemActivated.emit(page.list.item(0))
    assert editor.tabs.currentWidget() is editor.classes
    assert editor.classes.list.current_key == 0


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_an_export_is_read_back_by_an_import_that_says_what_it_changes(
    qtbot: Any, editor: SchemaEditor, session: Session, tmp_path: Path, suffix: str
) -> None:
    path = str(tmp_path / f"labels{suffix}")
    editor.exchange.ask_file_to_write = lambda _: path
    click(editor.store)
    assert "5 classes exported" in editor.message.text
    assert [c.name for c in read_schema(path).categories] == names(session)
    editor.exchange.ask_file_to_read = lambda _: path
    click(editor.load)
    assert "changes nothing" in editor.message.text
    alone = shown(qtbot, SchemaEditor())
    told: list[list[str]] = []
    alone.exchange.ask_file_to_read = lambda _: path
    alone.exchange.ask_import = lambda name, changes, parent: bool(told.append(changes))
    click(alone.load)
    assert alone.model.schema.categories == ()
    assert "Add class cell." in told[0]
    alone.exchange.ask_import = lambda *_: True
    click(alone.load)
    assert [c.name for c in alone.model.schema.categories] == names(session)


def test_a_file_that_is_no_schema_is_told_with_its_place(editor: SchemaEditor, tmp_path: Path) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text("classes:\n- name: [1]\n")
    editor.exchange.ask_file_to_read = lambda _: str(path)
    click(editor.load)
    assert "labels.yaml" in editor.message.text
    assert editor.message.isVisible()


# -- around it
def test_annotations_that_come_and_go_are_counted_and_undo_says_what_it_undoes(
    qtbot: Any, editor: SchemaEditor, session: Session
) -> None:
    session.apply(nl.edits.DeleteObjects([1]))
    assert "Delete" in editor.undo.toolTip()
    qtbot.waitUntil(
        lambda: "1 annotations" in editor.classes.list.items.index(0).data(Qt.ItemDataRole.ToolTipRole)
    )
    click(editor.undo)
    assert len(session.dataset.annotations) == 4
    assert not editor.undo.isEnabled()


def test_a_session_that_may_only_look_is_shown_and_cannot_be_changed(qtbot: Any, session: Session) -> None:
    with nl.open_session(session.path, read_only=True) as looking:
        editor = shown(qtbot, SchemaEditor(session=looking))
        assert editor.note.isVisible()
        assert not editor.tabs.isEnabled()
        assert editor.store.isEnabled()
        assert editor.classes.list.items.rowCount() == 5
        editor.set_session(None)


def test_the_list_stands_beside_the_form_where_there_is_room(editor: SchemaEditor, qtbot: Any) -> None:
    assert editor.classes.orientation() == Qt.Orientation.Vertical
    editor.resize(900, 600)
    qtbot.waitUntil(lambda: editor.classes.orientation() == Qt.Orientation.Horizontal)


def test_every_button_says_what_it_does(editor: SchemaEditor) -> None:
    from qtpy.QtWidgets import QAbstractButton

    buttons = [
        b for b in editor.findChildren(QAbstractButton) if b.isVisibleTo(editor) and b.objectName() != "qt"
    ]
    silent = [
        b for b in buttons if not (b.toolTip() or b.text() or b.accessibleName()) and b.parent() is not None
    ]
    own = [b for b in silent if not type(b.parent()).__name__.startswith(("QLineEdit", "_Line", "QTabBar"))]
    assert own == []
