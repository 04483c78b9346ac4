"""A hand on the mouse and the keyboard of a real napari window."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from napari_labeltool._napari_compat import canvas_widget, main_window
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.workspace import Workspace

Place = tuple[float, float]
"""x, y in pixels of the picture, corner origin, as COCO counts."""

_STEPS: Final = (0.15, 0.4, 0.7, 0.9, 1.0)


class Hand:
    """Moves, presses and types as a person does, in pixels of the picture.

    Parameters
    ----------
    workspace
        What is labelled; its viewer has a window.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.window: Any = main_window(workspace.viewer)
        self.canvas: Any = canvas_widget(workspace.viewer)

    def wait(self, milliseconds: int = 30) -> None:
        """Let the window draw and answer."""
        for _ in range(3):
            QApplication.processEvents()
            QTest.qWait(max(milliseconds // 3, 1))

    def point(self, place: Place) -> QPoint:
        """Return where a place of the picture lies on the canvas, in screen pixels."""
        viewer = self.workspace.viewer
        y, x = self.workspace.pictures.transform.to_world(np.array(place[::-1]) - HALF_PIXEL)
        camera = viewer.scene.camera
        height, width = viewer.canvas.size
        centre_y, centre_x = camera.center[-2:]
        return QPoint(
            round((x - centre_x) * camera.zoom + width / 2), round((y - centre_y) * camera.zoom + height / 2)
        )

    def place(self, place: Place) -> Place:
        """Return the place of the picture that the screen pixel nearest to `place` means."""
        viewer = self.workspace.viewer
        point = self.point(place)
        camera = viewer.scene.camera
        height, width = viewer.canvas.size
        centre_y, centre_x = camera.center[-2:]
        world = np.array(
            [
                (point.y() - height / 2) / camera.zoom + centre_y,
                (point.x() - width / 2) / camera.zoom + centre_x,
            ]
        )
        y, x = self.workspace.pictures.transform.to_pixels(world) + HALF_PIXEL
        return float(x), float(y)

    def move(self, place: Place) -> None:
        """Move the mouse to a place."""
        QTest.mouseMove(self.canvas, self.point(place))
        self.wait(6)

    def click(self, place: Place) -> None:
        """Click on a place."""
        self.move(place)
        QTest.mouseClick(
            self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.point(place)
        )
        self.wait()

    def double_click(self, place: Place) -> None:
        """Double-click on a place: Qt sends a click first, then the double click."""
        self.click(place)
        QTest.mouseDClick(
            self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.point(place)
        )
        self.wait()

    def drag(self, start: Place, *stations: Place) -> None:
        """Press on a place, move through others and release at the last one."""
        self.move(start)
        QTest.mousePress(
            self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.point(start)
        )
        self.wait(6)
        last = start
        for station in stations:
            for part in _STEPS:
                between = tuple(a + (b - a) * part for a, b in zip(last, station))
                QTest.mouseMove(self.canvas, self.point((between[0], between[1])))
                self.wait(6)
            last = station
        QTest.mouseRelease(
            self.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, self.point(last)
        )
        self.wait()

    def key(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier, *, on: Any = None) -> None:
        """Press a key, on the canvas or on another widget."""
        QTest.keyClick(self.canvas if on is None else on, key, modifier)
        self.wait()

    def press(self, button: Any) -> None:
        """Click on a button of the dock."""
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.wait()

    def screenshot(self, path: Path) -> Path:
        """Save a picture of the window."""
        self.wait(150)
        self.window.grab().save(str(path))
        return path
