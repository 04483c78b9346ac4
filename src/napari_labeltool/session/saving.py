"""Saving: the document, then the note in the journal; a failure leaves both and the memory as they were."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from napari_labeltool.core.errors import FileChangedError, WriteError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.journal import DocumentLock, Journal, Places
from napari_labeltool.journal.journal import new_header
from napari_labeltool.session.documents import DocumentFile, keep_base, write_document
from napari_labeltool.session.work import Work


@dataclass(slots=True)
class Holding:
    """What a session that may write holds on disk; nothing when it may only look.

    Parameters
    ----------
    journal
        The journal of the document.
    lock
        The lock of the document.
    """

    journal: Journal
    lock: DocumentLock


def save(
    work: Work,
    file: DocumentFile,
    holding: Holding,
    *,
    overwrite: bool = False,
    accept_loss: bool = False,
) -> FileStamp:
    """Save the document where it is.

    Parameters
    ----------
    work
        What to save.
    file
        The file; its stamp is brought up to date.
    holding
        Journal and lock.
    overwrite
        Whether to replace what another program wrote since.
    accept_loss
        Whether to save a file that has a JSON key twice, of which one is lost.

    Raises
    ------
    FileChangedError
        Another program wrote the file since, and `overwrite` is false.
    WriteError
        The file cannot be written.
    """
    if not overwrite:
        file.check_unchanged()
        if work.savepoint.distance == 0 and file.stamp is not None and file.path.exists():
            return file.stamp
    had_base = holding.journal.place.base.exists()
    keep_base(work.dataset, holding.journal.place, file.path)
    holding.journal.append_saving()
    try:
        stamp = write_document(
            work.dataset,
            file.path,
            file.stamp,
            backup=file.saved_at is None,
            overwrite=overwrite,
            accept_loss=accept_loss,
        )
    except (WriteError, OSError) as error:
        if not had_base:
            holding.journal.place.base.unlink(missing_ok=True)
        if isinstance(error, WriteError):
            raise
        raise WriteError(
            f"{file.path}: cannot be written ({error.strerror or error}). The old file and all edits are"
            " still there. Save under another name, or make room and try again."
        ) from error
    holding.journal.append_saved(stamp)
    _note(work, file, stamp)
    return stamp


def save_as(
    work: Work,
    file: DocumentFile,
    holding: Holding | None,
    path: Path,
    author: str,
    *,
    overwrite: bool = False,
    accept_loss: bool = False,
) -> Holding:
    """Save the document under another name and go on there; the old file stays as it is on disk.

    Parameters
    ----------
    work, file, holding
        As of `save`; `holding` is None in a session that may only look.
    path
        The new file.
    author
        Who takes the lock.
    overwrite
        Whether to replace a file that is there.
    accept_loss
        Whether to save a file that has a JSON key twice, of which one is lost.

    Returns
    -------
    Holding
        Journal and lock of the new file.

    Raises
    ------
    FileChangedError
        The file exists and `overwrite` is false.
    LockedError
        Another session edits that file.
    WriteError
        The file cannot be written. The session goes on with the old one.
    """
    if path.exists() and not overwrite:
        raise FileChangedError(f"{path}: the file exists already, nothing was written. Choose another name.")
    places = Places.of(path)
    try:
        place = places.for_writing()
        lock = DocumentLock(place)
        lock.acquire(author)
    except OSError as error:
        raise WriteError(
            f"{path}: cannot be locked ({error.strerror or error}). Choose another folder."
        ) from error
    journal: Journal | None = None
    try:
        place.set_aside("orphaned")
        keep_base(work.dataset, place, file.path)
        if holding is None:
            journal = Journal(place, new_header(path.name, work.dataset.source.stamp, author))
        else:
            base = holding.journal.header.base
            journal = holding.journal.copy_to(place, new_header(path.name, base, author))
        stamp = write_document(work.dataset, path, None, backup=True, overwrite=True, accept_loss=accept_loss)
    except (WriteError, OSError) as error:
        if journal is not None:
            journal.remove()
        place.base.unlink(missing_ok=True)
        lock.release()
        if isinstance(error, WriteError):
            raise
        raise WriteError(
            f"{path}: cannot be written ({error.strerror or error}). Choose another folder; all edits are"
            " still there."
        ) from error
    if holding is not None:
        holding.journal.remove()
        holding.lock.release()
    journal.append_saved(stamp)
    file.path = path
    _note(work, file, stamp)
    return Holding(journal, lock)


def _note(work: Work, file: DocumentFile, stamp: FileStamp) -> None:
    file.stamp = stamp
    file.saved_at = time.time()
    work.savepoint.mark_saved()
