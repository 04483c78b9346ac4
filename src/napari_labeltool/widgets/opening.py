"""From a path that the user chose to an open session, with the questions that come up on the way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from napari_labeltool.core.errors import ReadError
from napari_labeltool.session import NEW_DOCUMENT_NAME, ImageProblem, Session, documents_in, open_session
from napari_labeltool.widgets.questions import Cancelled, Questions
from napari_labeltool.widgets.remembered import Remembered
from napari_labeltool.widgets.texts import missing_words, recovery_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_labeltool.widgets.settings import Settings

REPORT_SECONDS: Final = 0.05
LOOK_SECONDS: Final = 0.3
"""How long pictures are looked for after opening; what is missing beyond is told when it is shown."""


def open_asking(
    path: Path,
    questions: Questions,
    remembered: Remembered,
    settings: Settings,
    *,
    roots: Sequence[Path] = (),
    read_only: bool = False,
) -> Session | None:
    """Open a document and ask what the user has to decide.

    Parameters
    ----------
    path
        A COCO file or a folder of images.
    questions
        Asks the user.
    remembered
        Knows the picture folders that were chosen for the document before.
    settings
        The author, and folders of pictures.
    roots
        Further picture folders.
    read_only
        Open to look at only.

    Returns
    -------
    Session or None
        None when it cannot be opened, which the user was told, or when the user gave up.
    """
    document = _document(path, questions)
    if document is None:
        return None
    known = [Path(root) for root in remembered.of_document(document_path(document)).roots]
    try:
        with questions.progress(_doing(document)) as report:
            session = open_session(
                document,
                roots=[*known, *settings.picture_roots, *roots],
                author=settings.author,
                read_only=read_only,
                progress=paced(report),
            )
    except Cancelled:
        return None
    except ReadError as error:
        questions.failed("Cannot be opened", str(error))
        return None
    if session.read_only and not read_only and questions.locked(session.read_only_reason) == "cancel":
        session.close()
        return None
    if not _decide_recovery(session, questions):
        session.close()
        return None
    session.autosave_minutes = settings.autosave_minutes
    return session


def _doing(document: Path) -> str:
    new = document.is_dir() and not documents_in(document)
    return f"Looking at the images in {document.name}" if new else f"Reading {document.name}"


def paced(report: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Return a report that is handed on a few times a second only: painting costs more than reading."""
    last = time.monotonic()

    def now_and_then(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REPORT_SECONDS:
            last = now
            # thousandths: Qt counts in 32 bits
            report(*((done, total) if total < 2**31 else (done * 1000 // total, 1000)))

    return now_and_then


def _document(path: Path, questions: Questions) -> Path | None:
    """Return the document or folder that is meant, after asking which when a folder holds several."""
    if not path.is_dir():
        return path
    documents = documents_in(path)
    if len(documents) < 2 or any(document.name == NEW_DOCUMENT_NAME for document in documents):
        return path
    return questions.which_document(documents)


def document_path(path: Path) -> Path:
    """Return the COCO file that a file or folder means, without asking."""
    path = path.absolute()
    if not path.is_dir():
        return path
    documents = documents_in(path)
    named = [document for document in documents if document.name == NEW_DOCUMENT_NAME]
    return (named or documents or [path / NEW_DOCUMENT_NAME])[0]


def _decide_recovery(session: Session, questions: Questions) -> bool:
    """Ask about edits that a crash left behind; tell whether to go on."""
    if session.pending_recovery is None:
        return True
    answer = ask_recovery(session, questions)
    return answer != "cancel"


def ask_recovery(session: Session, questions: Questions) -> str:
    """Ask about edits that a crash left behind, and do what is answered; return the answer."""
    recovery = session.pending_recovery
    if recovery is None:
        return "look"
    answer = questions.recovery(recovery_words(recovery), recovery.labels)
    if answer == "aside":
        session.decline_recovery()
    elif answer == "take":
        try:
            session.recover()
        except ReadError as error:
            questions.failed("The edits cannot be taken back", str(error))
            return "look"
    return answer


@dataclass(frozen=True, slots=True)
class MissingPictures:
    """Pictures that were looked for and not found.

    Parameters
    ----------
    missing, looked_at
        Numbers of pictures.
    count
        Images of the document.
    first
        File name of the first that was not found.
    """

    missing: int
    looked_at: int
    count: int
    first: str

    def __str__(self) -> str:
        return missing_words(self.missing, self.looked_at, self.count, self.first)


def missing_pictures(session: Session, rows: Iterable[int] | None = None) -> MissingPictures | None:
    """Look for the pictures of a document, for a short time; return how many are missing, None for none."""
    all_rows = [int(row) for row in session.dataset.images.rows()]
    until = time.monotonic() + LOOK_SECONDS
    missing = looked_at = 0
    first = ""
    for row in all_rows if rows is None else rows:
        found = session.image_path(row)
        looked_at += 1
        if isinstance(found, ImageProblem) and found.kind in ("missing", "refused", "ambiguous"):
            missing += 1
            first = first or session.dataset.images.at(row).file_name
        if time.monotonic() > until:
            break
    return MissingPictures(missing, looked_at, len(all_rows), first) if missing else None


def is_openable(path: Path) -> bool:
    """Tell whether a dropped path may be a project: a folder, or a JSON file."""
    return path.is_dir() or path.suffix.lower() == ".json"
