"""The button that shows on the canvas only what the filter of the annotation list lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtWidgets import QWidget

from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.widgets.annotation_order import AnnotationOrder
from napari_labeltool.widgets.theme import IconButton

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

ON_TIP: Final = "On canvas: show there only what the filter lets through, and what you draw meanwhile."
OFF_TIP: Final = "On canvas: show there only what the filter lets through. Type a filter first."


class CanvasFilter:
    """Keeps the canvas of a workspace in line with a list; no Qt, so that it can let go after its widget is gone."""

    def __init__(self) -> None:
        self._workspace: Workspace | None = None
        self._only: BoolArray | None = None

    @property
    def is_on(self) -> bool:
        """Whether the canvas shows a part of the annotations because of us."""
        return self._workspace is not None

    def show(self, workspace: Workspace, order: AnnotationOrder) -> None:
        """Show only the annotations of a list."""
        only = np.zeros(workspace.dataset.annotations.row_count, bool)
        only[order.rows] = True
        if workspace is not self._workspace or self._only is None or not np.array_equal(only, self._only):
            self._workspace = workspace
            self._set(only)

    def follow(self, order: AnnotationOrder, rows: IntArray) -> None:
        """Take over that annotations came into the list or left it; `rows` are those that a change touched."""
        if self._workspace is None or self._only is None:
            return
        rows = rows[rows < len(self._only)]
        rows = rows[self._workspace.dataset.annotations.alive[rows]]
        passes = order.places(rows) >= 0
        if not np.array_equal(self._only[rows], passes):
            only = self._only.copy()
            only[rows] = passes
            self._set(only)

    def release(self, *_: object) -> None:
        """Show all annotations again."""
        workspace = self._workspace
        if workspace is not None:
            ours = workspace.shown.only is self._only
            self._workspace = self._only = None
            if ours:
                workspace.shown.set_only(None)

    def _set(self, only: BoolArray) -> None:
        assert self._workspace is not None
        self._only = only
        self._workspace.shown.set_only(only)


class OnCanvasButton(IconButton):
    """The check button beside the filter; it can be pressed while there is a filter, and goes off with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("eye", OFF_TIP, parent)
        self.setAccessibleName("On canvas")
        self.canvas = CanvasFilter()
        self.destroyed.connect(self.canvas.release)
        self.setCheckable(True)
        self.setAccessibleDescription(ON_TIP)
        self.set_possible(False)

    def set_possible(self, possible: bool) -> None:
        """Say whether there is a filter."""
        self.setEnabled(possible)
        self.setToolTip(ON_TIP if possible else OFF_TIP)
        if not possible:
            self.turn_off()

    def turn_off(self) -> None:
        """Show all annotations again."""
        self.setChecked(False)
        self.canvas.release()

    def show_list(self, workspace: Workspace | None, order: AnnotationOrder | None) -> None:
        """Bring the canvas in line with the list and with whether the button is pressed."""
        if workspace is not None and order is not None and self.isChecked() and order.query.terms:
            self.canvas.show(workspace, order)
        else:
            self.canvas.release()
