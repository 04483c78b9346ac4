"""The session: the one object that the user interface, scripts and tests work with."""

from __future__ import annotations

import time
from os import PathLike
from pathlib import Path

from napari_labeltool.core.errors import EditRefused, WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.journal import Journal
from napari_labeltool.session import saving
from napari_labeltool.session.editing import EditableSession
from napari_labeltool.session.saving import Holding


class Session(EditableSession):
    """One open project; made by `open_session`. As a context manager it is closed at the end.

    Attributes
    ----------
    changed
        Signal: the dataset was changed by a step, an undo or a redo (`ChangeEvent`).
    reset
        Signal: the dataset was replaced as a whole (recovery); read everything anew.
    history_changed
        Signal: what undo, redo and `state_words` say may be different.
    problems_changed
        Signal: `problems` are others than before.
    saved
        Signal: the document was saved (its path).
    trouble
        Signal: a sentence for the person about something that went wrong aside, as a journal on a full disk.
    author
        Written on new annotations.
    imagery
        Where image files are looked for.
    progress
        Counts over the document.
    pending_recovery
        Edits that a crash left behind and that nobody decided on yet.
    notices
        Sentences for the person about what happened while opening.
    autosave_minutes
        Interval of automatic saves, or None for none; the timer is the caller's business.
    """

    def save(self, *, overwrite: bool = False, accept_loss: bool = False) -> FileStamp:
        """Save the document; undo still reaches back over it. The first save keeps the old file as a backup.

        Parameters
        ----------
        overwrite
            Whether to replace what another program wrote since.
        accept_loss
            Whether to save a file that has a JSON key twice, of which one is lost.

        Raises
        ------
        FileChangedError
            Another program wrote the file since, and `overwrite` is false.
        WriteError
            The session is read only, or the file cannot be written. Everything is as it was.
        """
        stamp = saving.save(
            self._work, self._file, self._savable(), overwrite=overwrite, accept_loss=accept_loss
        )
        self._tell_saved()
        return stamp

    def save_as(
        self, path: str | PathLike[str], *, overwrite: bool = False, accept_loss: bool = False
    ) -> None:
        """Save under another name and go on there; the old file stays. Ends a read-only session.

        Raises
        ------
        FileChangedError
            The file exists and `overwrite` is false.
        LockedError
            Another session edits that file.
        WriteError
            The file cannot be written. Everything is as it was.
        """
        target = Path(path).absolute()
        if target == self.path and self._holding is not None:
            self.save(overwrite=overwrite, accept_loss=accept_loss)
            return
        if self.pending_recovery is not None:
            self._savable()
        self._holding = saving.save_as(
            self._work,
            self._file,
            self._holding,
            target,
            self.author,
            overwrite=overwrite,
            accept_loss=accept_loss,
        )
        self.imagery.move_to(target)
        self._tell_saved()

    def _savable(self) -> Holding:
        try:
            return self._writable()
        except EditRefused as error:
            raise WriteError(f"{self.path}: not saved. {error}") from None

    def _tell_saved(self) -> None:
        self.saved.emit(self.path)
        self.history_changed.emit()

    def autosave_due(self, now: float | None = None) -> bool:
        """Tell whether an automatic save is due at a time in seconds since 1970 (now by default)."""
        if self.autosave_minutes is None or self.read_only or self.is_new or self.dirty == 0:
            return False
        since = max(self.saved_at or 0.0, self.opened_at)
        return (time.time() if now is None else now) - since >= self.autosave_minutes * 60

    # -- after a crash
    def recover(self) -> None:
        """Take the edits that a crash left behind; the history goes on where it was.

        Raises
        ------
        ReadError
            They do not fit the file; the journal is kept and stays the question.
        """
        recovery, holding = self.pending_recovery, self._holding
        if recovery is None or holding is None:
            return
        recovered = recovery.apply()
        if recovery.damage is not None:
            kept = recovery.place.copy_aside("damaged")
            self.notices.append(f"A copy of the damaged journal was kept as {kept}.")
        holding.journal = Journal.resume(recovery.place, recovery.content)
        work = self._work
        work.dataset, work.history, work.savepoint = recovered.dataset, recovered.history, recovered.savepoint
        self.pending_recovery = None
        self.progress.reset()
        self._problems.reset()
        self.reset.emit()
        self.problems_changed.emit()
        self.history_changed.emit()

    def decline_recovery(self) -> None:
        """Go on with the file as it is; the journal is set aside under another name, not deleted."""
        if self.pending_recovery is not None:
            kept = self.pending_recovery.place.set_aside("declined")
            self.notices.append(f"The edits that were not taken are kept in {kept}.")
            self.pending_recovery = None
            self.history_changed.emit()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self, *, discard: bool = False) -> None:
        """End the session: give the lock back.

        The journal of unsaved edits stays and offers itself at the next opening, unless `discard` is true.

        Raises
        ------
        WriteError
            The journal could not be written, so closing would lose edits. The session stays open.
        """
        if self._closed:
            return
        keep = self.dirty > 0 and not discard
        if keep and self.journal is not None and not self.journal.retry():
            raise WriteError(f"The session stays open. {self.journal.problem}")
        self._closed = True
        if self._holding is not None:
            if self.pending_recovery is None:
                if keep:
                    self._holding.journal.close()
                else:
                    self._holding.journal.remove()
            self._holding.lock.release()
