"""A drag ends where the button is released, however fast the mouse was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication
from window_cases import close, in_window, needs_display
from workspace_cases import row_of

from napari_labeltool._napari_compat import canvas_widget
from napari_labeltool.layers.workspace import Workspace

pytestmark = needs_display

NONE, LEFT = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton


@pytest.fixture
def shown(tmp_path: Path, qtbot: Any) -> Iterator[Workspace]:
    workspace = in_window(tmp_path)
    qtbot.wait(50)
    workspace.set_tool("select")
    yield workspace
    close(workspace)


def drag(workspace: Workspace, start: Any, *shifts: tuple[float, float], pause: float = 0.0) -> None:
    """Press at a place (x, y) of the canvas, move by some shifts from it, and release at the last.

    No timer gets its turn in between, as in a program that is busy; `pause` seconds lie between the moves.
    """
    widget = canvas_widget(workspace.viewer)
    places = [start, *(start + np.array(shift) for shift in shifts)]

    def send(kind: Any, place: Any, button: Any, buttons: Any) -> None:
        at = QPointF(*place)
        everywhere = QPointF(widget.mapToGlobal(at.toPoint()))
        event = QMouseEvent(kind, at, everywhere, button, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)

    send(QEvent.Type.MouseButtonPress, places[0], LEFT, LEFT)
    for place in places[1:]:
        time.sleep(pause)
        send(QEvent.Type.MouseMove, place, NONE, LEFT)
    send(QEvent.Type.MouseButtonRelease, places[-1], LEFT, NONE)


def on_canvas(workspace: Workspace, x: float, y: float) -> np.ndarray:
    camera = workspace.viewer.scene.camera
    height, width = workspace.viewer.canvas.size
    center_y, center_x = camera.center[-2:]
    return np.round([(x - center_x) * camera.zoom + width / 2, (y - center_y) * camera.zoom + height / 2])


@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_an_object_that_is_dragged_fast_is_where_it_was_let_go(shown: Workspace, pause: float) -> None:
    row, zoom = row_of(shown, 10), shown.viewer.scene.camera.zoom
    before = shown.dataset.annotations.bbox[row].copy()
    start = on_canvas(shown, 10, 12)
    drag(shown, start, (10, 4), (20, 9), (60, 30), pause=pause)
    moved = shown.dataset.annotations.bbox[row] - before
    np.testing.assert_allclose(moved, [60 / zoom, 30 / zoom, 0, 0], atol=1e-3)


def test_a_box_that_is_drawn_with_one_fast_move_reaches_from_press_to_release(shown: Workspace) -> None:
    shown.set_tool("box")
    zoom, count = shown.viewer.scene.camera.zoom, shown.dataset.annotations.row_count
    start = on_canvas(shown, 60, 2)
    canvas_widget(shown.viewer)._last_time = float("inf")  # all moves come too soon
    drag(shown, start, (20, 10), (50, 40))
    assert shown.dataset.annotations.row_count == count + 1
    np.testing.assert_allclose(
        shown.dataset.annotations.bbox[count][2:], [50 / zoom, 40 / zoom], atol=2 / zoom
    )


def test_a_trembling_click_moves_nothing(shown: Workspace) -> None:
    row = row_of(shown, 10)
    before = shown.dataset.annotations.bbox[row].copy()
    start = on_canvas(shown, 10, 12)
    canvas_widget(shown.viewer)._last_time = float("inf")
    drag(shown, start, (1, 1), (2, 1))
    np.testing.assert_array_equal(shown.dataset.annotations.bbox[row], before)
    assert shown.selection == (row,)
