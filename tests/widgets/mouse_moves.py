"""Moves of the mouse that arrive at once."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication


def move_with_left_button(widget: Any, place: QPoint) -> None:
    """Move the mouse with the left button held.

    `QTest.mouseMove` moves the pointer of the screen, of which a busy machine tells late.
    """
    at, everywhere = QPointF(place), QPointF(widget.mapToGlobal(place))
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, everywhere, none, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
