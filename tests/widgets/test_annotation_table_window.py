"""The annotation list with Qt."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QItemSelectionModel, Qt
from section_scenarios import MITOSIS, open_document

from napari_labeltool.core.edits import AddObject, DeleteObjects, Relabel, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets.annotation_menu import annotation_menu
from napari_labeltool.widgets.annotation_order import Column
from napari_labeltool.widgets.annotation_table import AnnotationTable
from napari_labeltool.widgets.annotation_view import MOST_RANGES

pytestmark = pytest.mark.window
ROWS = QItemSelectionModel.SelectionFlag.Rows
TOGGLE = QItemSelectionModel.SelectionFlag.Toggle | ROWS


@pytest.fixture
def table(qtbot, workspace):
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.resize(340, 400)
    table.set_workspace(workspace)
    table.show()
    return table


def ids(table: AnnotationTable) -> list[str]:
    return [table.model.index(place, Column.ID).data() for place in range(table.model.rowCount())]


def selected(table: AnnotationTable) -> list[int]:
    return [index.row() for index in table.view.selectionModel().selectedRows()]


def test_the_shown_image_or_all_are_listed(table, workspace) -> None:
    assert ids(table) == ["11", "12", "13", "16"]
    assert table.list_words() == "4 annotations"
    assert table.view.isColumnHidden(Column.IMAGE)
    workspace.show_image(1)
    assert ids(table) == ["14", "15", "17"]
    table.scope.setCurrentIndex(1)
    assert len(ids(table)) == 7
    assert table.model.index(6, Column.IMAGE).data() == "img_2.png"


def test_selection_goes_both_ways(table, workspace) -> None:
    table.view.selectRow(1)
    assert workspace.selection == (1,)
    table.view.selectionModel().select(table.model.index(2, 0), TOGGLE)
    assert workspace.selection == (1, 2)
    assert table.list_words() == "4 annotations, 2 selected"
    workspace.select([0])
    assert selected(table) == [0]
    workspace.select([])
    assert selected(table) == []


def test_a_row_of_another_image_shows_that_image(table, workspace) -> None:
    table.scope.setCurrentIndex(1)
    table.view.selectRow(4)
    assert workspace.image == 1
    assert workspace.selection == (4,)
    assert selected(table) == [4]


def test_several_rows_of_several_images_stay_selected_here(table, workspace) -> None:
    table.scope.setCurrentIndex(1)
    table.view.selectAll()
    assert workspace.image == 0
    assert workspace.selection == (0, 1, 2, 5)
    assert len(table.chosen()) == 7
    assert table.list_words() == "7 annotations, 7 selected (4 in this image)"
    table.delete()
    assert len(workspace.dataset.annotations) == 0
    workspace.undo()
    assert len(workspace.dataset.annotations) == 7


def test_edits_keep_selection_and_place(table, workspace) -> None:
    table.view.selectRow(2)
    workspace.apply(DeleteObjects([11]))
    assert ids(table) == ["12", "13", "16"]
    assert selected(table) == [1]
    assert workspace.selection == (2,)
    workspace.apply(AddObject(Rows([0]), Rows([MITOSIS]), Box((1, 1, 5, 5))))
    assert ids(table) == ["12", "13", "16", "18"]
    assert selected(table) == [1]
    workspace.session.undo()
    workspace.session.undo()
    assert ids(table) == ["11", "12", "13", "16"]
    assert selected(table) == [2]


def test_a_header_sorts_and_its_selection_moves_along(table, workspace) -> None:
    table.view.selectRow(0)
    table.view.sortByColumn(Column.AREA, Qt.SortOrder.AscendingOrder)
    assert ids(table) == ["13", "12", "11", "16"]
    assert selected(table) == [2]
    assert workspace.selection == (0,)
    table.view.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert ids(table) == ["11", "12", "13", "16"]


def test_the_filter_narrows_and_says_what_it_does_not_understand(table) -> None:
    table.filter.setText("nucleus area>500")
    table.filter.apply()
    assert ids(table) == ["11"]
    assert table.list_words() == "1 of 4 annotations pass the filter"
    table.filter.setText("nucleus area>>")
    table.filter.apply()
    assert table.filter.message.isVisible()
    assert "expected a number" in table.filter.message.text
    assert ids(table) == ["11"]
    table.filter.clear()
    assert not table.filter.message.isVisible()
    assert len(ids(table)) == 4


def test_what_stops_passing_the_filter_leaves(table, workspace) -> None:
    table.filter.setText("nucleus")
    table.filter.apply()
    workspace.apply(Relabel([11], "mitosis"))
    assert ids(table) == ["12"]
    workspace.undo()
    assert ids(table) == ["11", "12"]


def test_keys_zoom_and_delete(qtbot, table, workspace) -> None:
    table.view.selectRow(1)
    workspace.viewer.scene.camera.zoom = 0.01
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert workspace.viewer.scene.camera.zoom > 0.02
    qtbot.keyClick(table.view, Qt.Key.Key_Delete)
    assert not workspace.dataset.annotations.alive[1]
    assert workspace.selection == ()


def test_the_menu_relabels_sets_the_status_and_deletes(table, workspace) -> None:
    menu = annotation_menu(table, np.array([0, 3]), table.classes(), table._do, table.zoom)
    entries = {action.text().split("\t")[0]: action for action in menu.actions()}
    relabel = {action.text(): action for action in entries["Relabel to"].menu().actions()}
    assert list(relabel) == ["nucleus", "mitosis", "face", "unlabelled"]
    relabel["mitosis"].trigger()
    assert workspace.dataset.annotations.category[[0, 3]].tolist() == [MITOSIS, MITOSIS]
    status = {action.text(): action for action in entries["Status"].menu().actions()}
    status["approved"].trigger()
    assert table.model.index(0, Column.STATUS).data() == "approved"
    entries["Delete 2 annotations"].trigger()
    assert not workspace.dataset.annotations.alive[[0, 3]].any()


def test_a_hundred_thousand_are_sorted_and_selected_without_a_pause(qtbot, tmp_path: Path) -> None:
    count = 100_000
    content = {
        "images": [
            {"id": 1, "file_name": "a.png", "width": 100, "height": 100},
            {"id": 2, "file_name": "b.png", "width": 100, "height": 100},
        ],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [
            {"id": n, "image_id": 2, "category_id": 1, "bbox": [0, 0, 1, 1], "area": n * 7919 % count}
            for n in range(count)
        ],
    }
    workspace = Workspace(open_document(tmp_path, content), ViewerModel())
    workspace.show_image(0)
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.set_workspace(workspace)
    table.scope.setCurrentIndex(1)
    table.show()
    begin = time.perf_counter()
    table.view.sortByColumn(Column.AREA, Qt.SortOrder.AscendingOrder)
    assert table.list_words().startswith("Filtering and sorting")
    assert table.model.rowCount() == 0
    qtbot.waitUntil(lambda: not table.model.filling.is_running)
    assert np.array_equal(table.model.rows, np.argsort(workspace.dataset.annotations.area, kind="stable"))
    # a text that is typed further takes the place of the one before; an edit meanwhile is not lost
    table.filter.setText("area<500")
    table.filter.apply()
    table.filter.setText("area<50")
    table.filter.apply()
    workspace.apply(DeleteObjects([0]))
    qtbot.waitUntil(lambda: not table.model.filling.is_running)
    assert table.model.rowCount() == 49
    workspace.undo()
    assert table.model.rowCount() == 50
    table.filter.setText("")
    qtbot.waitUntil(lambda: not table.model.filling.is_running)
    table.view.selectAll()
    assert len(table.chosen()) == count
    table.view.viewport().repaint()
    chosen = np.arange(0, count, 2)
    table.view.select_rows(chosen, scroll=False)
    table.view.viewport().repaint()
    assert time.perf_counter() - begin < 6
    assert len(selected(table)) == 0
    assert len(chosen) > MOST_RANGES
    marked = [table.model.is_marked(place) for place in range(200)]
    assert marked == [int(row) % 2 == 0 for row in table.model.rows[:200]]
    table.set_workspace(None)
    workspace.close()
