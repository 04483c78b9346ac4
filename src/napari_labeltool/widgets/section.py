"""What every part of the labeling dock has in common: the workspace that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_labeltool.core.edits import Edit
from napari_labeltool.core.history import Change
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.theme import ThemedWidget

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def chain_focus(anchor: QWidget, stops: Iterable[QWidget]) -> None:
    """Let the Tab key go through some widgets in order, after the place where another one stands."""
    before = anchor
    for stop in stops:
        QWidget.setTabOrder(before, stop)
        before = stop


class Section(ThemedWidget):
    """A part of the dock: a view of one workspace, exchanged as a whole.

    Parameters
    ----------
    parent
        Parent widget.

    Attributes
    ----------
    workspace
        What is shown, None for nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.workspace: Workspace | None = None
        super().__init__(parent)
        self._connections = Connections()
        self.destroyed.connect(self._connections.close)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show another workspace, or none."""
        self._connections.close()
        self.workspace = workspace
        if workspace is not None:
            self.connect_workspace(workspace, self._connections)
        self.setEnabled(workspace is not None)
        self.workspace_exchanged()

    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to a workspace; for subclasses."""

    def workspace_exchanged(self) -> None:
        """Show the workspace that is there now; for subclasses."""

    def apply(self, edit: Edit) -> Change | None:
        """Apply an edit to the workspace as one step; None when it was refused or changed nothing."""
        return None if self.workspace is None else self.workspace.apply(edit, self)
