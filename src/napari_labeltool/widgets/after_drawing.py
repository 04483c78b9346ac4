"""What may wait until the canvas shows what a person did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from qtpy.QtCore import QObject, QTimer

from napari_labeltool._napari_compat.canvas import awaited_frame
from napari_labeltool.widgets.section import Section

LONGEST: Final = 100
"""Milliseconds after which nobody waits for the canvas any more: it may be hidden in between."""


class AfterDrawing(QObject):
    """Does something once however often it is asked to, after the drawing of the canvas that is due.

    The canvas is what a person looks at during a gesture, and all of the window waits for it. Where no drawing is
    due, as in a viewer model, it is done at once.

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
        self._frame: Any = None
        self._limit = QTimer(self, singleShot=True, interval=LONGEST)
        self._limit.timeout.connect(self.settle)
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self.settle)

    def ask(self, *_: object) -> None:
        """Do it after the drawing that is due; for a signal of any arguments."""
        if self._frame is not None:
            return
        workspace = self._section.workspace
        frame = None if workspace is None else awaited_frame(workspace.viewer)
        if frame is None:
            self._action()
            return
        self._frame = frame
        frame.connect(self._next.start)
        self._limit.start()

    def settle(self) -> None:
        """Do now what is waiting, if anything is."""
        if self._frame is None:
            return
        self._frame.disconnect(self._next.start)
        self._frame = None
        self._limit.stop()
        self._next.stop()
        self._action()
