"""The steps of work of a session: each goes to the dataset, the history, the journal and the listeners."""

from __future__ import annotations

from pathlib import Path

from psygnal import Signal

from napari_labeltool.core.edits import Edit
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.history import Change
from napari_labeltool.core.offered import with_offered_image
from napari_labeltool.session.events import ChangeEvent, ChangeKind
from napari_labeltool.session.saving import Holding
from napari_labeltool.session.state import SessionState


class EditableSession(SessionState):
    """The part of a session that does, undoes and redoes; see `Session`."""

    changed = Signal(ChangeEvent)
    reset = Signal()
    history_changed = Signal()
    problems_changed = Signal()
    saved = Signal(Path)
    trouble = Signal(str)

    def apply(self, edit: Edit, origin: object | None = None) -> Change | None:
        """Do one step of work: apply it, write it to the journal, tell the listeners.

        Parameters
        ----------
        edit
            What to do.
        origin
            Handed on in the `ChangeEvent`.

        Returns
        -------
        Change or None
            None when the edit changes nothing; then there is no step.

        Raises
        ------
        EditRefused
            The session is read only, or the edit is not possible now. Nothing was changed.
        """
        journal = self._writable().journal
        label = edit.label(self.dataset)
        ops = with_offered_image(self.dataset, edit.ops(self.dataset))
        if not ops:
            return None
        change = self._work.history.do(self.dataset, label, ops)
        self._work.savepoint.do(change)
        journal.append_change(change)
        self._tell("do", change, origin)
        return change

    def undo(self) -> Change | None:
        """Undo the last step; return it, or None when there is none."""
        journal = self._writable().journal
        change = self._work.history.undo(self.dataset)
        if change is not None:
            self._work.savepoint.undo()
            journal.append_undo()
            self._tell("undo", change)
        return change

    def redo(self) -> Change | None:
        """Do the last undone step again; return it, or None when there is none."""
        journal = self._writable().journal
        change = self._work.history.redo(self.dataset)
        if change is not None:
            self._work.savepoint.redo()
            journal.append_redo()
            self._tell("redo", change)
        return change

    def _writable(self) -> Holding:
        if self._closed:
            raise EditRefused(f"{self.path}: the session was closed. Open the document again to edit it.")
        if self._holding is None:
            raise EditRefused(f"Nothing can be edited. {self._read_only_reason}")
        if self.pending_recovery is not None:
            raise EditRefused(f"{self.pending_recovery} Take them back or set them aside before editing.")
        return self._holding

    def _tell(self, kind: ChangeKind, change: Change, origin: object | None = None) -> None:
        event = ChangeEvent(kind, change.label, change.touched, origin)
        self.progress.update(event.touched)
        self.changed.emit(event)
        if self._problems.update(event.touched):
            self.problems_changed.emit()
        self.history_changed.emit()
        journal = self.journal
        if journal is not None and journal.problem is not None:
            self.trouble.emit(journal.problem)
