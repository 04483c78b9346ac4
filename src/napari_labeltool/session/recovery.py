"""After a crash: what a journal holds that the file does not, and how it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import LabeltoolError, ReadError
from napari_labeltool.core.source import FileStamp
from napari_labeltool.journal import JournalContent, Place, Step, read_journal
from napari_labeltool.session.documents import digest_when_written, read_base
from napari_labeltool.session.work import SavePoint, Work


@dataclass(frozen=True, slots=True)
class Recovery:
    """Edits that a session which did not end properly left in its journal.

    Parameters
    ----------
    count
        Number of edits that are not in the file.
    first, last
        Time of the first and last of them, in seconds since 1970.
    labels
        The edits in words, oldest first.
    author
        Who made them.
    damage
        What could not be read of the journal, or None.
    content
        The journal.
    saved_after
        Number of steps of the journal at the last save; the file on disk is that state.
    place
        Where the journal lies.
    document
        The COCO file.
    """

    count: int
    first: float
    last: float
    labels: tuple[str, ...]
    author: str
    damage: str | None
    content: JournalContent
    saved_after: int
    place: Place
    document: Path

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.last).strftime("%Y-%m-%d %H:%M")
        edits = edits_words(self.count)
        text = f"{edits} by {self.author} until {moment}: not saved to {self.document.name}."
        return f"{text} {self.damage[0].upper()}{self.damage[1:]}." if self.damage else text

    def apply(self) -> Work:
        """Return dataset and history as they were before the crash.

        Raises
        ------
        ReadError
            The bytes that the edits belong to are gone, or the edits do not fit them.
        """
        base = read_base(self.place, self.document, self.content.header.base)
        return replay(base, self.content.steps, self.saved_after)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a waiting journal means.

    Parameters
    ----------
    kind
        ``"none"``: there is none; ``"done"``: everything in it is in the file; ``"recovery"``: it has edits
        that are not; ``"orphaned"``: the file was changed since; ``"damaged"``: it cannot be read.
    recovery
        The edits.
    reason
        Why it cannot be used.
    """

    kind: Literal["none", "done", "recovery", "orphaned", "damaged"]
    recovery: Recovery | None = None
    reason: str = ""


def edits_words(count: int) -> str:
    """Return a number of edits in words."""
    return "1 edit" if count == 1 else f"{count:,} edits"


def replay(dataset: Dataset, steps: Sequence[Step], saved_after: int = 0) -> Work:
    """Do the steps of a journal again.

    Parameters
    ----------
    dataset
        The base of the journal; it is changed.
    steps
        The steps.
    saved_after
        Number of steps that the file on disk has.

    Raises
    ------
    ReadError
        A step does not fit the dataset.
    """
    work = Work(dataset)
    for number, step in enumerate(steps):
        try:
            _replay_one(work, step)
        except (KeyError, IndexError, ValueError, TypeError, LabeltoolError) as error:
            raise ReadError(
                f"The journal's step {number + 1} ({step.label or step.kind}) does not fit the file: {error}"
            ) from error
        if number + 1 == saved_after:
            work.savepoint.mark_saved()
    return work


def _replay_one(work: Work, step: Step) -> None:
    if step.kind == "start":
        work.dataset.apply(step.ops)
    elif step.kind == "do":
        work.savepoint.do(work.history.do(work.dataset, step.label, step.ops))
    elif step.kind == "undo" and work.history.undo(work.dataset) is not None:
        work.savepoint.undo()
    elif step.kind == "redo" and work.history.redo(work.dataset) is not None:
        work.savepoint.redo()


def examine(place: Place, document: Path, on_disk: FileStamp | None) -> Finding:
    """Tell what the journal of a document means for the file that is on disk now.

    Parameters
    ----------
    place
        Where the journal lies.
    document
        The COCO file.
    on_disk
        The file as it is; None when it is not there.
    """
    if not place.journal.exists():
        return Finding("none")
    try:
        content = read_journal(place.journal)
    except ReadError as error:
        return Finding("damaged", reason=str(error))
    saved_after, expected = _last_save(content)
    fits = True
    if on_disk is None:
        saved_after = 0
    elif expected is None or expected.digest != on_disk.digest:
        torn = _save_without_note(content, place, document, on_disk)
        fits = torn is not None
        saved_after = saved_after if torn is None else torn
    unsaved = _unsaved(content.steps, saved_after)
    if unsaved.distance == 0 and content.damage is None:
        return Finding("done")
    waiting = f"{document}: {edits_words(unsaved.distance)} not in it wait in its journal"
    if not fits:
        return Finding(
            "orphaned",
            reason=f"{waiting}, but the file was changed by another program since they were made, so they"
            " cannot be applied to it.",
        )
    if saved_after and not _base_is_there(content, place):
        return Finding(
            "orphaned",
            reason=f"{waiting}, but the file that they belong to ({place.base.name}) is missing, so they"
            " cannot be applied.",
        )
    return Finding("recovery", _recovery(content, unsaved, saved_after, place, document))


def _base_is_there(content: JournalContent, place: Place) -> bool:
    return content.header.base is None or place.base.exists()


def _last_save(content: JournalContent) -> tuple[int, FileStamp | None]:
    """Return the number of steps at the last save, and the file after it."""
    for number in range(len(content.steps), 0, -1):
        step = content.steps[number - 1]
        if step.kind == "saved":
            return number, step.stamp
    return 0, content.header.base


def _save_without_note(
    content: JournalContent, place: Place, document: Path, on_disk: FileStamp
) -> int | None:
    """Return the number of steps that the file has when the crash came between a save and its note."""
    for number in range(len(content.steps), 0, -1):
        kind = content.steps[number - 1].kind
        if kind == "saved":
            return None
        if kind == "saving":
            try:
                base = read_base(place, document, content.header.base)
                work = replay(base, content.steps[:number])
                if digest_when_written(work.dataset) == on_disk.digest:
                    return number
            except LabeltoolError:
                return None
    return None


def _unsaved(steps: Sequence[Step], saved_after: int) -> SavePoint[Step]:
    point: SavePoint[Step] = SavePoint()
    for number, step in enumerate(steps):
        if step.kind == "do":
            point.do(step)
        elif step.kind == "undo":
            point.undo()
        elif step.kind == "redo":
            point.redo()
        if number + 1 == saved_after:
            point.mark_saved()
    return point


def _recovery(
    content: JournalContent, unsaved: SavePoint[Step], saved_after: int, place: Place, document: Path
) -> Recovery:
    moments = [step.time for step in content.steps[saved_after:] if step.kind in ("do", "undo", "redo")]
    moments = moments or [content.header.time]
    labels = [f"Undo: {step.label}" for step in reversed(unsaved.taken_back)]
    labels += [step.label for step in unsaved.added]
    return Recovery(
        unsaved.distance,
        min(moments),
        max(moments),
        tuple(labels),
        content.header.author,
        content.damage,
        content,
        saved_after,
        place,
        document,
    )
