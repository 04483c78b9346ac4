"""What a session shows: document, images, counts, and what is saved."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.problems import Problem
from napari_labeltool.core.schema import LabelSchema, schema_of
from napari_labeltool.core.values import JsonValue
from napari_labeltool.images import ImageSource
from napari_labeltool.journal import Journal
from napari_labeltool.session.documents import DocumentFile
from napari_labeltool.session.finding import ScanProgress, image_records
from napari_labeltool.session.imagery import ImageProblem, Imagery
from napari_labeltool.session.problems import LiveProblems
from napari_labeltool.session.progress import Progress, Statistics
from napari_labeltool.session.recovery import Recovery
from napari_labeltool.session.saving import Holding
from napari_labeltool.session.words import state_words
from napari_labeltool.session.work import Work


class SessionState:
    """The part of a session that can be looked at; see `Session`."""

    def __init__(
        self,
        work: Work,
        file: DocumentFile,
        holding: Holding | None,
        *,
        roots: Sequence[Path] = (),
        author: str = "",
        read_only_reason: str = "",
        notices: Iterable[str] = (),
    ) -> None:
        self._work = work
        self._file = file
        self._holding = holding
        self._read_only_reason = read_only_reason
        self._opened_at = time.time()
        self._closed = False
        self.author = author
        self.imagery = Imagery(work, file.path, roots)
        self.progress = Progress(work)
        self._problems = LiveProblems(work)
        self.pending_recovery: Recovery | None = None
        self.notices: list[str] = list(notices)
        minutes = work.dataset.document.facts.get("autosave_minutes")
        self.autosave_minutes: float | None = None
        if isinstance(minutes, (int, float)) and minutes > 0:
            self.autosave_minutes = float(minutes)

    @property
    def dataset(self) -> Dataset:
        """The document's content. Change it through `apply` alone."""
        return self._work.dataset

    @property
    def path(self) -> Path:
        """The COCO file, which a new document gets at its first save."""
        return self._file.path

    @property
    def schema(self) -> LabelSchema:
        """Classes, attributes, keypoints and tag groups of the document as they are now."""
        dataset = self.dataset
        return dataset.remembered("schema", schema_of)

    @property
    def journal(self) -> Journal | None:
        """The journal; None in a session that may only look."""
        return None if self._holding is None else self._holding.journal

    @property
    def read_only(self) -> bool:
        """Whether edits are refused; `read_only_reason` says why."""
        return self._holding is None

    @property
    def read_only_reason(self) -> str:
        """Why edits are refused; empty when they are not."""
        return self._read_only_reason if self.read_only else ""

    @property
    def dirty(self) -> int:
        """Number of steps between the file and the present state."""
        return self._work.savepoint.distance

    @property
    def is_new(self) -> bool:
        """Whether the document has no file yet."""
        return self._file.stamp is None

    @property
    def saved_at(self) -> float | None:
        """Time of the last save in this session, in seconds since 1970."""
        return self._file.saved_at

    @property
    def opened_at(self) -> float:
        """When the session began, in seconds since 1970."""
        return self._opened_at

    @property
    def undo_label(self) -> str | None:
        """Words of the step that `undo` would undo."""
        return self._work.history.undo_label

    @property
    def redo_label(self) -> str | None:
        """Words of the step that `redo` would do again."""
        return self._work.history.redo_label

    def state_words(self) -> str:
        """Return in words what is saved and what is not."""
        return state_words(self)

    def statistics(self) -> Statistics:
        """Return counts over the document: images by state, annotations by class."""
        return self.progress.statistics()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the document now: found while reading, and of its classes."""
        return self._problems.current()

    def new_image_records(self, progress: ScanProgress | None = None) -> list[dict[str, JsonValue]]:
        """Return records for images in the document's folder that it does not list, for `edits.AddImages`.

        Parameters
        ----------
        progress
            Called with the number of images looked at and of all.
        """
        listed = {image.file_name for image in self.dataset.images}
        return image_records(self.path.parent, progress, without=listed)

    def image_path(self, row: int) -> Path | ImageProblem:
        """Return the file of an image, given by its row, or why there is none."""
        return self.imagery.path(row)

    def open_image(self, row: int) -> ImageSource | ImageProblem:
        """Open an image, given by its row.

        Returns
        -------
        ImageSource
            Levels are read lazily; ``source.notes`` has a sentence when the declared size differs. Close it.
        ImageProblem
            Why it cannot be shown.
        """
        return self.imagery.open(row)
