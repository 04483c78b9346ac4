"""What can be done about problems: go to their place, repair them, take the list along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QApplication, QFileDialog, QWidget

from napari_labeltool.core.edits import DeleteObjects, Edit, ReassignDuplicateIds, Rows
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.problems import Problem
from napari_labeltool.widgets.open_dock import open_dock
from napari_labeltool.widgets.problem_table import as_text

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


def ask_text_file(parent: QWidget | None) -> str:
    """Ask where to save the list; return the path, empty when it was cancelled."""
    return str(QFileDialog.getSaveFileName(parent, "Save the problems", "problems.txt", "Text (*.txt)")[0])


def annotation_rows(problems: Sequence[Problem]) -> list[int]:
    """Return the rows of the annotations that problems are about, each once, in order."""
    return sorted({p.row for p in problems if p.table == "annotations" and p.row is not None})


class ProblemActions(QObject):
    """Acts on problems of the open document.

    Attributes
    ----------
    told
        Signal: a sentence for the person and its severity; empty takes the last one back.
    workspace
        The open document in its viewer, or None.

    Parameters
    ----------
    parent
        Widget over whose window the dialogs stand.
    """

    told = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.workspace: Workspace | None = None
        self.ask_text_file: Callable[[QWidget | None], str] = ask_text_file

    def go_to(self, problem: Problem) -> None:
        """Show the image, the annotation or the class that a problem is about."""
        workspace, row = self.workspace, problem.row
        self.told.emit("", "info")
        if workspace is None or row is None or problem.table is None:
            self.told.emit("This is about the document as a whole; there is no place to go to.", "info")
        elif problem.table == "images":
            workspace.show_image(row)
        elif problem.table == "annotations":
            image = int(workspace.dataset.annotations.image[row])
            if image < 0:
                words = "This annotation belongs to no image of the document, so it is not shown."
                self.told.emit(words, "info")
                return
            workspace.show_image(image)
            workspace.select((row,), zoom=True)
        else:
            editor = open_dock(workspace, "Label schema")
            if editor is not None:
                editor.show_class(row)

    # -- repairs
    def give_new_ids(self) -> None:
        """Give annotations with a duplicate id a new one."""
        self._repair(ReassignDuplicateIds())

    def delete_annotations(self, problems: Sequence[Problem]) -> None:
        """Delete the annotations that problems are about."""
        rows = annotation_rows(problems)
        if rows:
            self._repair(DeleteObjects(Rows(rows)))

    def _repair(self, edit: Edit) -> None:
        if self.workspace is None:
            return
        try:
            change = self.workspace.session.apply(edit)
        except LabeltoolError as error:
            self.told.emit(str(error), "warning")
            return
        if change is not None:
            self.told.emit(f"Done: {change.label}. One step to undo (Ctrl+Z in the viewer).", "info")

    # -- out
    def copy(self, problems: Sequence[Problem]) -> None:
        """Put problems on the clipboard as text."""
        QApplication.clipboard().setText(as_text(problems))
        many = "1 problem was" if len(problems) == 1 else f"{len(problems):,} problems were"
        self.told.emit(f"{many} copied.", "info")

    def save(self, problems: Sequence[Problem]) -> None:
        """Ask where to, and save problems as text."""
        path = self.ask_text_file(self._over.window())
        if not path:
            return
        try:
            Path(path).write_text(as_text(problems), "utf-8")
        except OSError as error:
            reason = error.strerror or error
            self.told.emit(f"{path}: it cannot be written ({reason}). Choose another place.", "error")
            return
        self.told.emit(f"Saved as {path}.", "info")
