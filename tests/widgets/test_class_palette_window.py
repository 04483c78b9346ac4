"""The class palette with Qt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt
from section_scenarios import FACE, MITOSIS, NUCLEUS, open_document

from napari_labeltool.core.edits import AddObject, DeleteObjects, Rows
from napari_labeltool.core.geometry import Box
from napari_labeltool.core.schema_edits import RenameCategory
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session
from napari_labeltool.widgets.class_list_model import ClassColumn
from napari_labeltool.widgets.class_palette import ClassPalette

pytestmark = pytest.mark.window


@pytest.fixture
def palette(qtbot, workspace):
    palette = ClassPalette()
    qtbot.addWidget(palette)
    palette.resize(340, 400)
    palette.set_workspace(workspace)
    palette.show()
    return palette


def names(palette: ClassPalette) -> list[str]:
    return [palette.model.look_at(place).name for place in range(palette.model.rowCount())]


def cell(palette: ClassPalette, category: int, column: ClassColumn, role=Qt.ItemDataRole.DisplayRole):
    return palette.model.index(palette.model.place_of(category), column).data(role)


def click(qtbot, palette: ClassPalette, category: int, column: ClassColumn) -> None:
    index = palette.model.index(palette.model.place_of(category), column)
    place = palette.view.visualRect(index).center()
    qtbot.mouseClick(palette.view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_tags_are_left_out_and_unlabelled_is_there_while_such_annotations_are(palette, workspace) -> None:
    assert names(palette) == ["nucleus", "mitosis", "face", "unlabelled"]
    workspace.apply(DeleteObjects([17]))
    assert names(palette) == ["nucleus", "mitosis", "face"]
    workspace.session.undo()
    assert names(palette)[-1] == "unlabelled"


def test_a_click_picks_the_class_and_relabels_the_selection(qtbot, palette, workspace) -> None:
    workspace.select([0])
    click(qtbot, palette, MITOSIS, ClassColumn.NAME)
    assert workspace.category == MITOSIS
    assert workspace.dataset.annotations.category[0] == MITOSIS
    spoken = cell(palette, MITOSIS, ClassColumn.NAME, Qt.ItemDataRole.AccessibleTextRole)
    assert "current class" in spoken


def test_enter_picks_where_the_cursor_is(qtbot, palette, workspace) -> None:
    palette.view.go_to(palette.model.place_of(FACE))
    qtbot.keyClick(palette.view, Qt.Key.Key_Return)
    assert workspace.category == FACE


def test_the_eye_hides_and_says_so(qtbot, palette, workspace) -> None:
    assert cell(palette, NUCLEUS, ClassColumn.EYE, Qt.ItemDataRole.AccessibleTextRole) == "nucleus: shown"
    click(qtbot, palette, NUCLEUS, ClassColumn.EYE)
    assert workspace.hidden == {NUCLEUS}
    assert cell(palette, NUCLEUS, ClassColumn.EYE, Qt.ItemDataRole.AccessibleTextRole) == "nucleus: hidden"
    assert workspace.category == -1
    qtbot.keyClick(palette.view, Qt.Key.Key_Space)
    assert workspace.hidden == set()


def test_counts_follow_edits_and_the_image(palette, workspace) -> None:
    assert cell(palette, NUCLEUS, ClassColumn.COUNT) == "2"
    workspace.apply(AddObject(Rows([0]), Rows([NUCLEUS]), Box((1, 1, 5, 5))))
    assert cell(palette, NUCLEUS, ClassColumn.COUNT) == "3"
    assert "4 in all" in cell(palette, NUCLEUS, ClassColumn.COUNT, Qt.ItemDataRole.ToolTipRole)
    workspace.show_image(1)
    assert cell(palette, NUCLEUS, ClassColumn.COUNT) == "1"


def test_a_rename_and_its_undo_show_at_once(palette, workspace) -> None:
    workspace.apply(RenameCategory("mitosis", "figure"))
    assert "figure" in names(palette)
    workspace.session.undo()
    assert "mitosis" in names(palette)


def test_search_narrows_and_enter_picks_the_first_found(qtbot, palette, workspace) -> None:
    qtbot.keyClicks(palette.search, "FAC")
    assert names(palette) == ["face"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert workspace.category == FACE
    assert len(names(palette)) == 4


def test_a_name_that_is_not_found_makes_a_class(qtbot, palette, workspace) -> None:
    qtbot.keyClicks(palette.search, "debris")
    assert palette.new.isVisible()
    assert "debris" in palette.new.text()
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert workspace.session.schema.categories[-1].name == "debris"
    assert workspace.category == workspace.session.schema.categories[-1].key
    assert palette.search.text() == ""
    workspace.undo()
    assert "debris" not in names(palette)


def test_the_cursor_stays_on_the_class_when_a_search_ends_or_unlabelled_comes_and_goes(
    qtbot, palette, workspace
) -> None:
    qtbot.keyClicks(palette.search, "FAC")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    face = palette.model.place_of(FACE)
    assert palette.view.currentIndex().row() == face
    workspace.apply(DeleteObjects([17]))  # the last one without a class
    assert palette.view.currentIndex().row() == face
    workspace.undo()
    assert palette.view.currentIndex().row() == face


def test_the_first_unlabelled_object_shows_the_list_of_a_document_without_classes(
    qtbot, tmp_path: Path
) -> None:
    content = {"images": [{"id": 1, "file_name": "a.png", "width": 80, "height": 60}]}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({**content, "categories": [], "annotations": []}))
    workspace = Workspace(open_session(path), ViewerModel())
    workspace.show_image(0)
    palette = ClassPalette()
    qtbot.addWidget(palette)
    palette.set_workspace(workspace)
    palette.show()
    assert palette.empty.isVisible()
    workspace.apply(AddObject(Rows([0]), None, Box((1, 2, 30, 40))))
    assert palette.view.isVisible()
    assert not palette.empty.isVisible()
    workspace.undo()
    assert palette.empty.isVisible()
    workspace.close()
    workspace.session.close(discard=True)


def test_slash_goes_to_the_search(qtbot, palette) -> None:
    palette.activateWindow()
    palette.view.setFocus()
    qtbot.keyClicks(palette.view, "/")
    qtbot.waitUntil(palette.search.hasFocus, timeout=2000)
    assert palette.search.text() == ""


def test_no_workspace_shows_nothing(palette) -> None:
    palette.set_workspace(None)
    assert palette.model.rowCount() == 0
    assert not palette.isEnabled()


def test_a_thousand_classes_are_searched_and_counted_quickly(qtbot, tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": 10, "height": 10}],
        "categories": [{"id": number, "name": f"class {number}"} for number in range(1230)],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [0, 0, 5, 5]}],
    }
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(content))
    workspace = Workspace(open_document(folder, content), ViewerModel())
    palette = ClassPalette()
    qtbot.addWidget(palette)
    palette.set_workspace(workspace)
    told = []
    palette.model.modelReset.connect(lambda: told.append("reset"))
    palette.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    workspace.session.apply(DeleteObjects([1]))
    assert told == [(7, 7)]
    palette.search.setText("class 1229")
    assert names(palette) == ["class 1229"]
    palette.set_workspace(None)
    workspace.close()
