"""The dock in napari's real window: clicks and keys on the canvas, and closing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
from dock_cases import Answers, write_document
from mouse_moves import move_with_left_button
from qtpy.QtCore import QEvent, QObject, QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QWidget

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.edits import Rows, SetImageState
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.session import open_session
from napari_labeltool.widgets.active import active_workspace
from napari_labeltool.widgets.labeling_dock import LabelingDock
from napari_labeltool.widgets.project import main_window_of, project_of

pytestmark = pytest.mark.window

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def viewer() -> Iterator[Any]:
    made = napari.Viewer(show=True)
    made.window.resize(1280, 800)
    yield made
    project_of(made).close()
    with contextlib.suppress(RuntimeError):  # the window was closed by the test
        made.close()
    QApplication.processEvents()


@pytest.fixture
def dock(viewer: Any, tmp_path: Path) -> LabelingDock:
    """The dock in the window, on a document of three images."""
    made = LabelingDock(viewer)
    viewer.window.add_dock_widget(made, name="Labeling", area="right")
    made.project.questions = Answers()
    made.project.open(write_document(tmp_path))
    QTest.qWait(300)
    return made


def workspace_of(dock: LabelingDock) -> Workspace:
    assert dock.workspace is not None
    return dock.workspace


class Canvas:
    """Clicks and types on the canvas of a dock's window."""

    def __init__(self, dock: LabelingDock) -> None:
        self.viewer = dock.viewer
        self.native = self.viewer.window._qt_viewer.canvas.native

    def at(self, y: float, x: float) -> QPoint:
        camera = self.viewer.scene.camera
        middle = np.array([self.native.height(), self.native.width()]) / 2
        row, column = middle + (np.array([y, x]) - camera.center[-2:]) * camera.zoom
        return QPoint(round(column), round(row))

    def drag(self, *places_yx: tuple[float, float]) -> None:
        points = [self.at(*place) for place in places_yx]
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QTest.mouseMove(self.native, points[0])
        QTest.mousePress(self.native, left, none, points[0])
        for point in points[1:]:
            move_with_left_button(self.native, point)
            QTest.qWait(20)
        QTest.mouseRelease(self.native, left, none, points[-1])
        QTest.qWait(50)

    def press(self, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.native, key, modifiers)
        QTest.qWait(20)


def test_a_box_is_drawn_undone_and_saved_with_keys_and_mouse_on_the_canvas(
    dock: LabelingDock, qtbot: Any
) -> None:
    workspace, canvas = workspace_of(dock), Canvas(dock)
    canvas.press(Qt.Key.Key_2, CTRL)
    assert workspace.tool == "box"
    canvas.drag((15, 20), (20, 25), (25, 35))
    table = workspace.dataset.annotations
    assert workspace.selection == (2,)
    assert table.kind[2] == Kind.BOX
    np.testing.assert_allclose(table.bbox[2], [20.5, 15.5, 15, 10], atol=0.5)
    qtbot.waitUntil(lambda: dock.save_state.undo.words() == "Undo: Add cell 21", timeout=5000)
    canvas.press(Qt.Key.Key_Z, CTRL)
    assert not table.alive[2]
    canvas.press(Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert table.alive[2]
    canvas.press(Qt.Key.Key_Return, CTRL)
    assert workspace.session.dirty == 0
    assert dock.message.text.text().startswith("Saved ")


def test_a_click_selects_and_keys_on_the_canvas_step_and_mark(dock: LabelingDock, qtbot: Any) -> None:
    workspace, canvas = workspace_of(dock), Canvas(dock)
    canvas.drag((6, 6))
    assert workspace.selection == (0,)
    header = dock.collapsibles["Selected"].header
    qtbot.waitUntil(lambda: header.text().startswith("Selected: cell 10"))  # after the canvas
    canvas.press(Qt.Key.Key_PageDown)
    assert dock.header.place.text() == "2 / 3"
    canvas.press(Qt.Key.Key_PageDown, CTRL)
    assert workspace.dataset.images[1].state == "done"
    assert dock.header.place.text() == "3 / 3"


def test_keys_of_the_dock_undo_and_redo_before_its_buttons_know_of_the_edit(dock: LabelingDock) -> None:
    workspace, focus = workspace_of(dock), dock.header.name
    focus.setFocus()
    images = workspace.dataset.images
    workspace.apply(SetImageState(Rows([0]), "done"))
    QTest.keyClick(focus, Qt.Key.Key_Z, CTRL)
    assert images.at(0).state != "done"
    QTest.keyClick(focus, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert images.at(0).state == "done"


def test_a_half_drawn_polygon_does_not_stand_in_the_way_of_the_list(
    dock: LabelingDock, viewer: Any, qtbot: Any
) -> None:
    workspace, canvas = workspace_of(dock), Canvas(dock)
    workspace.set_tool("polygon")
    QTest.qWait(100)
    for place in ((12, 20), (12, 30), (24, 30), (24, 21)):
        QTest.mouseClick(canvas.native, Qt.MouseButton.LeftButton, pos=canvas.at(*place))
        QTest.qWait(250)
    table = dock.collapsibles["Annotations"].content
    table.view.selectRow(0)
    qtbot.waitUntil(lambda: workspace.selection == (0,), timeout=5000)
    table.delete()
    assert not workspace.dataset.annotations.alive[0]
    workspace.step_image(1)
    assert workspace.image == 1
    workspace.set_tool("box")
    dock.project.close()


class Painted(QObject):
    """Notes, in order, which widgets of a dock are painted, and the drawings of the canvas as "canvas"."""

    def __init__(self, dock: LabelingDock, canvas: Canvas) -> None:
        super().__init__()
        self.dock, self.seen = dock, []
        canvas.native.frameSwapped.connect(lambda: self.seen.append("canvas"))
        QApplication.instance().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_painted = event.type() == QEvent.Type.Paint and isinstance(watched, QWidget)
        if is_painted and self.dock.isAncestorOf(watched):
            self.seen.append(type(watched).__name__)
        return False


def test_after_a_gesture_the_canvas_is_drawn_before_anything_of_the_dock_is_painted(
    dock: LabelingDock, qtbot: Any
) -> None:
    canvas, workspace = Canvas(dock), workspace_of(dock)
    workspace.set_tool("box")
    QTest.qWait(300)
    places = [canvas.at(15, 20), canvas.at(20, 25), canvas.at(25, 35)]
    QTest.mousePress(canvas.native, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        move_with_left_button(canvas.native, place)
        QTest.qWait(100)
    painted = Painted(dock, canvas)
    try:
        QTest.mouseRelease(canvas.native, Qt.MouseButton.LeftButton, pos=places[-1])
        assert workspace.session.undo_label == "Add cell 21"
        qtbot.waitUntil(lambda: "SaveState" in painted.seen, timeout=5000)
    finally:
        QApplication.instance().removeEventFilter(painted)
    assert painted.seen[0] == "canvas"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_of_the_dock_is_wider_than_the_dock(dock: LabelingDock, viewer: Any, theme: str) -> None:
    viewer.theme = theme
    QTest.qWait(50)
    column = dock.scroll.widget()
    assert column.minimumSizeHint().width() <= dock.scroll.viewport().width()
    assert dock.minimumSizeHint().width() <= 340
    for button in dock.collapsibles["Draw"].content.buttons.values():
        assert button.sizeHint().width() <= button.width()


def close_window(dock: LabelingDock) -> None:
    """Close the window as the user does."""
    window = main_window_of(dock)
    assert window is not None
    window.close()
    QTest.qWait(50)


def test_closing_the_window_asks_and_keeps_the_edits_in_the_journal(dock: LabelingDock, viewer: Any) -> None:
    session = workspace_of(dock).session
    questions = dock.project.questions
    assert isinstance(questions, Answers)
    session.apply(SetImageState(1, "done"))
    questions.prepared["leave"] = "cancel"
    close_window(dock)
    assert dock.isVisible()
    assert dock.workspace is not None
    questions.prepared["leave"] = "keep"
    close_window(dock)
    assert questions.names() == ["leave", "leave"]
    assert active_workspace(viewer) is None
    assert [len(signal) for signal in (session.changed, session.history_changed, session.trouble)] == [
        0,
        0,
        0,
    ]
    again = open_session(session.path, recover="yes")
    assert not again.read_only
    assert again.dataset.images[0].state == "done"
    again.close()


def test_a_script_that_closes_the_viewer_is_not_asked_and_loses_nothing(tmp_path: Path) -> None:
    viewer = napari.Viewer(show=True)
    dock = LabelingDock(viewer)
    viewer.window.add_dock_widget(dock, name="Labeling", area="right")
    questions = dock.project.questions = Answers()
    path = write_document(tmp_path)
    dock.project.open(path)
    workspace_of(dock).apply(SetImageState(1, "done"))
    QTest.qWait(50)
    viewer.close()
    QTest.qWait(50)
    assert questions.asked == []
    again = open_session(path, recover="yes")
    assert not again.read_only
    assert again.dataset.images[0].state == "done"
    again.close()


def test_a_dock_that_was_closed_comes_back_with_everything(dock: LabelingDock, viewer: Any) -> None:
    workspace = workspace_of(dock)
    workspace.apply(SetImageState(1, "done"))
    workspace.show_image(1)
    viewer.window.remove_dock_widget(viewer.window.dock_widgets["Labeling"].parent())
    assert active_workspace(viewer) is workspace
    again = LabelingDock(viewer)
    viewer.window.add_dock_widget(again, name="Labeling", area="right")
    assert again.header.place.text() == "2 / 3"
    assert again.save_state.undo.words() == "Undo: Mark img_00001.tif as done"


def test_a_layer_of_ours_that_is_deleted_comes_back(dock: LabelingDock, viewer: Any) -> None:
    workspace = workspace_of(dock)
    viewer.layers.remove(workspace.objects.layer)
    QTest.qWait(50)
    assert workspace.objects.layer in viewer.layers
    assert workspace.objects.layer.nshapes == 1
    assert "came back" in dock.message.text.text()
