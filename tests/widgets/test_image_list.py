"""The list of images."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from dock_cases import make_dock, write_document
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_labeltool.core.edits import AddObject, SetImageState
from napari_labeltool.core.geometry import Box
from napari_labeltool.images import ThumbnailCache
from napari_labeltool.session import open_session
from napari_labeltool.widgets.image_list import ImageList
from napari_labeltool.widgets.image_list_model import PROBLEM_ROLE, WORDS_ROLE, ImageListModel
from napari_labeltool.widgets.thumbnails import WAITING, Thumbnails

pytestmark = pytest.mark.viewer


def names(model: ImageListModel) -> list[str]:
    return [model.data(model.index(place, 0)) for place in range(model.rowCount())]


def words(model: ImageListModel, place: int) -> Any:
    return model.data(model.index(place, 0), WORDS_ROLE)


@pytest.fixture
def model(qapp: Any, tmp_path: Path) -> Any:
    session = open_session(write_document(tmp_path))
    made = ImageListModel()
    made.set_session(session)
    session.changed.connect(made.take_change)
    yield made
    made.thumbnails.stop()
    session.close()


def session_of(model: ImageListModel) -> Any:
    return model._session


def test_images_are_listed_with_objects_and_state(model: ImageListModel) -> None:
    assert names(model) == ["img_00001.tif", "img_00002.tif", "img_00003.tif"]
    assert [words(model, place) for place in range(3)] == [
        "1 object · to do",
        "1 object · to do",
        "0 objects · to do",
    ]


def test_edits_are_followed(model: ImageListModel) -> None:
    session_of(model).apply(AddObject(1, 1, Box((0, 0, 5, 5))))
    session_of(model).apply(SetImageState(3, "done", verified_empty=True))
    assert words(model, 0) == "2 objects · to do"
    assert words(model, 2) == "nothing to label · done"
    session_of(model).undo()
    assert words(model, 2) == "0 objects · to do"


def test_the_filter_takes_all_words_of_the_name_in_any_order(model: ImageListModel) -> None:
    model.set_filter("TIF 2", None)
    assert names(model) == ["img_00002.tif"]
    assert model.image_count == 3


def test_the_state_filter_does_not_make_the_list_jump_while_one_works(model: ImageListModel) -> None:
    session_of(model).apply(SetImageState(1, "done"))
    model.set_filter("", "todo")
    assert names(model) == ["img_00002.tif", "img_00003.tif"]
    session_of(model).apply(SetImageState(2, "done"))
    assert names(model) == ["img_00002.tif", "img_00003.tif"]
    assert words(model, 0) == "1 object · done"
    model.set_filter("", "todo")
    assert names(model) == ["img_00003.tif"]


def test_a_thumbnail_comes_when_it_is_ready(model: ImageListModel, qtbot: Any) -> None:
    index = model.index(1, 0)
    with qtbot.waitSignal(model.dataChanged, timeout=5000) as changed:
        assert model.data(index, Qt.ItemDataRole.DecorationRole) is None
    assert changed.args[0].row() == 1
    pixmap = model.data(index, Qt.ItemDataRole.DecorationRole)
    assert (pixmap.width(), pixmap.height()) == (40, 30)


def test_an_image_without_a_file_has_no_thumbnail_and_says_why(model: ImageListModel, tmp_path: Path) -> None:
    (tmp_path / "img_00002.tif").unlink()
    model.read_again()
    assert model.data(model.index(1, 0), Qt.ItemDataRole.DecorationRole) is None
    assert "img_00002.tif" in model.data(model.index(1, 0), PROBLEM_ROLE)
    assert model.data(model.index(0, 0), PROBLEM_ROLE) is None


def test_wishes_for_rows_that_were_scrolled_away_are_dropped(qapp: Any, tmp_path: Path) -> None:
    made: list[str] = []

    class Slow(ThumbnailCache):
        def get(self, path: Any, size: int = 96, plane: Any = None) -> Any:
            time.sleep(0.005)
            made.append(str(path))
            return super().get(path, size, plane)

    write_document(tmp_path, images=1)
    thumbnails = Thumbnails(cache=Slow(tmp_path / "cache"))
    for number in range(500):
        thumbnails.get(tmp_path / f"{number}.tif")
    while thumbnails.make_next():
        pass
    thumbnails.stop()
    assert len(made) <= WAITING + 40
    assert str(tmp_path / "499.tif") in made


def test_ten_thousand_images_open_at_once_and_only_the_visible_ones_are_looked_at(
    qtbot: Any, tmp_path: Path
) -> None:
    session = open_session(write_document(tmp_path, images=10_000, pictures=[]))
    images = ImageList()
    qtbot.addWidget(images)
    images.resize(330, 560)
    images.show()
    begin = time.perf_counter()
    images.model.set_session(session)
    QTest.qWait(1)
    images.view.viewport().repaint()
    took = time.perf_counter() - begin
    assert images.model.rowCount() == 10_000
    assert len(images.model._paths) < 40
    assert took < 1.0
    begin = time.perf_counter()
    images.filter.setText("img_09 7")
    assert time.perf_counter() - begin < 1.0
    assert 0 < images.model.rowCount() < 1000
    session.close()


def test_the_shown_image_is_marked_and_keys_show_another(qtbot: Any, tmp_path: Path) -> None:
    dock, _ = make_dock(qtbot)
    dock.project.open(write_document(tmp_path))
    workspace = dock.workspace
    assert workspace is not None
    dock.header.name.click()
    assert dock.images.isVisible()
    assert dock.images.view.currentIndex().row() == 0
    workspace.show_image(1)
    assert dock.images.view.delegate.current_row == 1
    assert dock.images.view.currentIndex().row() == 1
    QTest.keyClick(dock.images.filter, Qt.Key.Key_Down)
    QTest.keyClick(dock.images.view, Qt.Key.Key_Return)
    assert workspace.image == 2
    assert not dock.images.isVisible()
    dock.project.close()


def test_enter_in_the_filter_shows_the_image_that_was_found(qtbot: Any, tmp_path: Path) -> None:
    dock, _ = make_dock(qtbot)
    dock.project.open(write_document(tmp_path))
    dock.show_images()
    QTest.keyClicks(dock.images.filter, "00003")
    QTest.keyClick(dock.images.filter, Qt.Key.Key_Return)
    assert dock.workspace is not None
    assert dock.workspace.image == 2
    dock.show_images()
    QTest.keyClick(dock.images.filter, Qt.Key.Key_Escape)
    assert dock.images.filter.text() == ""
    QTest.keyClick(dock.images.filter, Qt.Key.Key_Escape)
    assert not dock.images.isVisible()
    dock.project.close()


def test_a_filter_that_leaves_nothing_says_so(qtbot: Any, tmp_path: Path) -> None:
    dock, _ = make_dock(qtbot)
    dock.project.open(write_document(tmp_path))
    dock.show_images()
    dock.images.filter.setText("no such image")
    assert dock.images.empty.isVisible()
    assert dock.images.shown.text() == "0 of 3 images"
    dock.project.close()
