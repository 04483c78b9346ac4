"""The canvas shows only what the filter of the annotation list lets through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dock_cases import make_dock, write_document
from qtpy.QtCore import Qt

from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.widgets.annotation_table import AnnotationTable

pytestmark = pytest.mark.window


@pytest.fixture
def table(qtbot, workspace):
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.resize(340, 400)
    table.set_workspace(workspace)
    table.show()
    return table


def filter_by(table: AnnotationTable, text: str) -> None:
    table.filter.setText(text)
    table.filter.apply()


def seen(workspace) -> list[int]:
    rows = workspace.dataset.annotations.rows_of_image(workspace.image)
    return rows[workspace.shown.passes(rows)].tolist()


def test_the_canvas_follows_the_filter_while_the_button_is_on(qtbot, table, workspace) -> None:
    assert not table.on_canvas.isEnabled()
    filter_by(table, "nucleus")
    assert seen(workspace) == [0, 1, 2, 5]
    table.on_canvas.setFocus()
    qtbot.keyClick(table.on_canvas, Qt.Key.Key_Space)
    assert seen(workspace) == [0, 1]
    filter_by(table, "area>500")
    assert seen(workspace) == table.model.rows.tolist() != [0, 1]
    filter_by(table, "")
    assert seen(workspace) == [0, 1, 2, 5]
    assert not table.on_canvas.isChecked()


def test_edits_take_annotations_off_the_canvas_and_bring_them_back(table, workspace) -> None:
    filter_by(table, "nucleus")
    table.on_canvas.click()
    workspace.apply(Relabel([11], "mitosis"))
    assert seen(workspace) == [1]
    workspace.undo()
    assert seen(workspace) == [0, 1]
    workspace.apply(DeleteObjects([11]))
    workspace.undo()
    assert seen(workspace) == [0, 1]
    workspace.apply(AddObject(Rows([0]), Rows([1]), Box((1, 1, 5, 5))))
    assert seen(workspace) == [0, 1, 7]


def test_another_image_shows_what_passes_there(table, workspace) -> None:
    filter_by(table, "nucleus")
    table.on_canvas.click()
    workspace.show_image(1)
    assert seen(workspace) == [3]


def test_words_say_that_nothing_passes(table, workspace) -> None:
    filter_by(table, "area>100000")
    table.on_canvas.click()
    assert seen(workspace) == []
    assert table.view.empty_words == "No annotation passes the filter. The canvas shows none."
    picture = table.view.grab().toImage()
    table.view.set_empty_words("")
    assert table.view.grab().toImage() != picture


def test_an_edit_that_moves_nothing_leaves_the_canvas_alone(table, workspace, monkeypatch) -> None:
    filter_by(table, "nucleus")
    table.on_canvas.click()
    calls: list[object] = []
    monkeypatch.setattr(workspace.shown, "set_only", calls.append)
    workspace.apply(Relabel([13], "nucleus"))
    assert len(calls) == 1
    workspace.apply(DeleteObjects([12]))
    assert len(calls) == 1


def test_the_button_has_a_name_and_says_what_it_does(table) -> None:
    assert table.on_canvas.accessibleName() == "On canvas"
    assert "Type a filter" in table.on_canvas.toolTip()
    filter_by(table, "nucleus")
    assert "Type a filter" not in table.on_canvas.toolTip()
    assert table.on_canvas.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_dock_that_is_hidden_or_gone_shows_all_again(qtbot, tmp_path: Path) -> None:
    dock, _ = make_dock(qtbot)
    dock.project.open(write_document(tmp_path))
    table, workspace = dock.collapsibles["Annotations"].content, dock.workspace
    workspace.show_image(0)
    filter_by(table, "spot")
    table.on_canvas.click()
    assert workspace.shown.only is not None
    assert not np.any(workspace.shown.only)
    dock.hide()
    assert workspace.shown.only is None
    assert not table.on_canvas.isChecked()
