"""What is going on in the window: the sign for it in napari's status bar, and whether the mouse is used."""

from __future__ import annotations

from typing import Final

from napari._qt.dialogs.qt_activity_dialog import ActivityToggleItem
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

SLOW: Final = 5
"""Speed of the sign in percent: two steps a second."""

USUAL: Final = 100


def turn_activity_sign(speed: int) -> None:
    """Let the sign turn slowly, or as fast as usual.

    Each step of it puts the window together anew, canvas included. At its own speed of 33 steps a second that is
    all a machine without a fast graphics card has time for, as long as any progress is shown.
    """
    for window in QApplication.topLevelWidgets():
        for sign in window.findChildren(ActivityToggleItem):
            sign._inProgressIndicator.movie().setSpeed(speed)


def is_mouse_held() -> bool:
    """Tell whether a button of the mouse is held, so that the person is in the middle of a gesture."""
    return bool(QApplication.mouseButtons() != Qt.MouseButton.NoButton)
