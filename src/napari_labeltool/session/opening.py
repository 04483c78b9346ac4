"""Open a project: find the document, lock it, read it, and look for work that a crash left behind."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final, Literal, TypeAlias

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import AddImages
from napari_labeltool.core.errors import LockedError
from napari_labeltool.formats.coco import read_coco
from napari_labeltool.journal import DocumentLock, Journal, Place, Places
from napari_labeltool.journal.journal import new_header, user_name
from napari_labeltool.session.documents import DocumentFile
from napari_labeltool.session.finding import Found, ScanProgress, find_document, image_records
from napari_labeltool.session.recovery import Finding, examine
from napari_labeltool.session.saving import Holding
from napari_labeltool.session.session import Session
from napari_labeltool.session.work import Work

ROOM: Final = 10_000
"""Number of annotations that can be added before the columns have to move in memory."""

RecoverChoice: TypeAlias = Literal["ask", "yes", "no"]


def open_session(
    path: str | PathLike[str],
    *,
    roots: Sequence[str | PathLike[str]] = (),
    author: str | None = None,
    recover: RecoverChoice = "ask",
    read_only: bool = False,
    progress: ScanProgress | None = None,
) -> Session:
    """Open a project for work.

    Parameters
    ----------
    path
        A COCO file, or a folder: the COCO file in it, or a new document over the images in it, which is saved
        as ``annotations.json`` there.
    roots
        Further folders in which images may lie.
    author
        Who works; the login name by default. Written on new annotations and into the journal.
    recover
        What to do with edits that a crash left behind: ``"ask"`` leaves the question in
        ``session.pending_recovery`` (nothing can be edited until `Session.recover` or
        `Session.decline_recovery` is called), ``"yes"`` takes them, ``"no"`` sets the journal aside.
    read_only
        Open to look at only: no lock is taken, nothing is written.
    progress
        Called often with how much is done and of how much: bytes of a file, images of a folder that is searched.
        What it raises ends the opening, and nothing is left behind.

    Returns
    -------
    Session
        It is read only when another session holds the document; ``session.read_only_reason`` says who.

    Raises
    ------
    ReadError
        There is no document, or it is damaged.
    """
    found = find_document(Path(path).absolute())
    who = author or user_name()
    lock, reason = (None, "It was opened to look at only.") if read_only else _lock(found.path, who)
    try:
        return _open(found, lock, reason, [Path(root).absolute() for root in roots], who, recover, progress)
    except BaseException:
        if lock is not None:
            lock.release()
        raise


def _lock(document: Path, author: str) -> tuple[DocumentLock | None, str]:
    """Take the lock, or say why there is none."""
    try:
        lock = DocumentLock(Places.of(document).for_writing())
        lock.acquire(author)
    except LockedError as error:
        return None, str(error)
    except OSError as error:
        return None, (
            f"Neither {document.parent} nor the user's state folder can be written"
            f" ({error.strerror or error}), so edits would not survive a crash. It was opened to look at"
            " only."
        )
    return lock, ""


def _open(
    found: Found,
    lock: DocumentLock | None,
    reason: str,
    roots: Sequence[Path],
    author: str,
    recover: RecoverChoice,
    progress: ScanProgress | None,
) -> Session:
    place = None if lock is None else Places.of(found.path).with_journal(lock.place)
    on_disk = None if found.is_new else read_coco(found.path, progress=progress)
    stamp = None if on_disk is None else on_disk.source.stamp
    finding = Finding("none") if place is None else examine(place, found.path, stamp)
    notices: list[str] = []
    if place is not None:
        _put_away(finding, place, notices)
    dataset = Dataset() if on_disk is None else on_disk
    dataset.annotations.reserve(ROOM)  # beside the reading, not in the first gesture that adds one
    start: AddImages | None = None
    if on_disk is None and not (finding.kind == "recovery" and recover == "yes"):
        start = AddImages(tuple(image_records(found.path.parent, progress)))
    work = Work(dataset)
    holding = None
    if lock is not None and place is not None:
        holding = Holding(Journal(place, new_header(found.path.name, stamp, author)), lock)
    if start is not None and start.records:
        ops = tuple(start.ops(dataset))
        dataset.apply(ops)
        if holding is not None:
            holding.journal.set_start(start.label(dataset), ops)
    file = DocumentFile(found.path, stamp)
    session = Session(
        work, file, holding, roots=roots, author=author, read_only_reason=reason, notices=notices
    )
    if finding.recovery is not None:
        session.pending_recovery = finding.recovery
        if recover == "yes":
            session.recover()
        elif recover == "no":
            session.decline_recovery()
    return session


def _put_away(finding: Finding, place: Place, notices: list[str]) -> None:
    """Remove a journal that is not needed any more; keep one that cannot be used, and say so."""
    if finding.kind == "done":
        place.remove_journal()
    elif finding.kind in ("orphaned", "damaged"):
        kept = place.set_aside(finding.kind)
        notices.append(f"{finding.reason} The journal was kept as {kept}.")
    elif finding.kind == "none" and place.base.exists():
        place.base.unlink()
