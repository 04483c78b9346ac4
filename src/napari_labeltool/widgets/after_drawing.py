"""What may wait until the canvas shows what a person did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from qtpy.QtCore import QObject, QTimer

from napari_labeltool._napari_compat.canvas import is_drawing_due, visible_canvas
from napari_labeltool.widgets.section import Section

LONGEST: Final = 100
"""Milliseconds after which nobody waits for the canvas any more: it may be hidden in between."""
BREATH: Final = 1
"""Milliseconds after the drawing; a timer of none would still run in the same go of Qt's loop, before the events of
mouse and keys that came meanwhile."""


class AfterDrawing(QObject):
    """Does something once however often it is asked to, after the drawing of the canvas that it belongs to.

    The canvas is what a person looks at during a gesture, and all of the window waits for it: also for what is
    painted elsewhere, since Qt puts the whole window together anew. What is asked for while an event is handled waits
    for the drawing that the event leads to, or for the end of the event where it leads to none. Where no canvas can
    be seen, as in a viewer model, it is done at once.

    Parameters
    ----------
    section
        The part of the dock whose viewer's canvas is meant; it lives as long.
    action
        What to do.
    """

    def __init__(self, section: Section, action: Callable[[], object]) -> None:
        super().__init__(section)
        self._section = section
        self._action = action
        self._canvas: Any = None
        self._waits = False
        self._limit = QTimer(self, singleShot=True, interval=LONGEST)
        self._limit.timeout.connect(self.settle)
        self._drawn = False
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self._go_on)

    def ask(self, *_: object) -> None:
        """Do it after the drawing; for a signal of any arguments."""
        if self._waits:
            return
        workspace = self._section.workspace
        canvas = None if workspace is None else visible_canvas(workspace.viewer)
        if canvas is None:
            self._action()
            return
        if canvas is not self._canvas:
            # for good: by the time that it should be cut the canvas may be gone
            canvas.frameSwapped.connect(self._on_frame)
            self._canvas = canvas
        self._waits, self._drawn = True, False
        self._limit.start()
        self._next.start(0)

    def _on_frame(self) -> None:
        if self._waits:
            self._drawn = True
            self._next.start(BREATH)

    def _go_on(self) -> None:
        workspace = self._section.workspace
        if self._drawn or workspace is None or not is_drawing_due(workspace.viewer):
            self.settle()

    def settle(self) -> None:
        """Do now what is waiting, if anything is."""
        if self._waits:
            self._waits = False
            self._limit.stop()
            self._next.stop()
            self._action()
