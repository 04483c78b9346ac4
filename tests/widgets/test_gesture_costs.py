"""What a gesture asks of the dock, counted: it stays the same however many annotations there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.components import ViewerModel
from qtpy.QtCore import Qt
from section_scenarios import open_document

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.edits import DeleteObjects, Relabel, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets.annotation_order import Column
from napari_labeltool.widgets.annotation_rows import RowList
from napari_labeltool.widgets.annotation_table import AnnotationTable
from napari_labeltool.widgets.annotation_view import AnnotationView
from napari_labeltool.widgets.class_palette import ClassPalette
from napari_labeltool.widgets.selection_form import SelectionForm
from napari_labeltool.widgets.theme import icon

pytestmark = pytest.mark.window


def workspace_of(folder: Path, count: int) -> Workspace:
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 100, "height": 100}],
        "categories": [
            {"id": 1, "name": "cell", "labeltool": {"attributes": [{"name": "stage", "type": "text"}]}},
            {"id": 2, "name": "spot"},
        ],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": 1, "bbox": [n % 90, n % 80, 3, 3], "area": 9}
            for n in range(1, count + 1)
        ],
    }
    folder.mkdir()
    workspace = Workspace(open_document(folder, content), ViewerModel())
    workspace.show_image(0)
    return workspace


def texts_asked(table: AnnotationTable, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the place of each annotation whose text a width is measured from."""
    asked: list[int] = []
    measured = AnnotationView._measured

    def counted(view, column, places):
        places = list(places)
        asked.extend(places)
        return measured(view, column, places)

    monkeypatch.setattr(AnnotationView, "_measured", counted)
    return asked


@pytest.mark.parametrize("count", [50, 5000])
def test_a_gesture_measures_the_texts_of_what_it_touched(
    qtbot, qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    workspace = workspace_of(tmp_path / "few", count)
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.set_workspace(workspace)
    table.show()
    qapp.processEvents()
    asked = texts_asked(table, monkeypatch)
    workspace.select([7])
    qapp.processEvents()
    assert asked == []
    workspace.apply(Relabel(Rows([7]), Rows([1])))
    qapp.processEvents()
    assert set(asked) == {7}
    asked.clear()
    workspace.apply(DeleteObjects(Rows([7])))
    qapp.processEvents()
    table.resize(table.width(), table.height() + 30)
    qapp.processEvents()
    assert asked == []
    workspace.undo()
    assert set(asked) == {7}
    workspace.close()


def test_no_edit_looks_for_all_annotations_of_the_image(
    qtbot, qapp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path / "many", 200)
    sections = (AnnotationTable(), ClassPalette(), SelectionForm())
    for section in sections:
        qtbot.addWidget(section)
        section.set_workspace(workspace)
        section.show()
    calls: list[int] = []
    monkeypatch.setattr(Annotations, "rows_of_image", lambda table, image: calls.append(image))
    monkeypatch.setattr(Annotations, "rows", lambda table: calls.append(-1))
    session = workspace.session
    session.apply(Relabel(Rows([3]), Rows([1])))
    session.apply(workspace.new_object(geometry=Box((1, 1, 5, 5))))
    session.apply(DeleteObjects(Rows([3])))
    session.undo()
    qapp.processEvents()
    assert calls == []
    assert sections[0].list_words() == "201 annotations"
    monkeypatch.undo()
    workspace.close()


def test_a_form_keeps_its_editors_from_one_annotation_of_a_class_to_the_next(qtbot, tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path / "form", 20)
    form = SelectionForm()
    qtbot.addWidget(form)
    form.set_workspace(workspace)
    workspace.select([1])
    editors, box = dict(form.form.editors), form.status.model()
    inserted: list[int] = []
    box.rowsInserted.connect(lambda *_: inserted.append(1))
    workspace.select([2])
    workspace.select([])
    workspace.select([3])
    assert list(editors) == ["stage"]
    assert form.form.editors == editors
    assert inserted == []
    workspace.close()


def test_an_icon_is_drawn_once() -> None:
    assert icon("box", "#123456").cacheKey() == icon("box", "#123456").cacheKey()
    assert icon("box", "#123456").cacheKey() != icon("box", "#654321").cacheKey()


def test_a_change_of_very_many_is_not_looked_at_one_by_one(
    qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path / "bulk", 3000)
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.set_workspace(workspace)
    table.filter.setText("cell")
    table.filter.apply()
    calls: list[int] = []
    monkeypatch.setattr(table.model.order, "change", lambda rows: calls.append(len(rows)))
    workspace.apply(Relabel(Rows(np.arange(2500)), Rows([1])))
    qtbot.waitUntil(lambda: not table.model.filling.is_running)
    assert calls == []
    assert table.model.rows.tolist() == list(range(2500, 3000))
    workspace.close()


@pytest.mark.parametrize("direction", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
@pytest.mark.parametrize("column", [Column.ID, Column.CLASS, Column.AREA])
def test_what_comes_back_stands_where_sorting_anew_puts_it(qtbot, workspace, column, direction) -> None:
    table = AnnotationTable()
    qtbot.addWidget(table)
    table.set_workspace(workspace)
    table.view.sortByColumn(column, direction)
    before = table.model.rows.tolist()
    for row in before:
        workspace.apply(DeleteObjects(Rows([row])))
        assert table.model.rows.tolist() == [other for other in before if other != row]
        workspace.undo()
        assert table.model.rows.tolist() == before


@given(rows=st.lists(st.integers(0, 60), unique=True), ascending=st.booleans(), data=st.data())
def test_a_list_of_rows_tells_places_as_a_list_of_python_does(rows, ascending, data) -> None:
    rows = sorted(rows) if ascending else rows
    listed = RowList(np.array(rows, np.int64), ascending=ascending)
    if rows:
        first = data.draw(st.integers(0, len(rows) - 1))
        last = data.draw(st.integers(first, len(rows) - 1))
        listed.remove(first, last)
        gone = rows[first : last + 1]
        del rows[first : last + 1]
        listed.insert(first, gone[0])
        rows.insert(first, gone[0])
    assert listed.rows.tolist() == rows
    for wanted in ([3, 61], list(range(62))):
        expected = [rows.index(row) if row in rows else -1 for row in wanted]
        assert listed.places(np.array(wanted, np.int64)).tolist() == expected
