"""Looking at the image files of a document a few at a time, so that the window stays alive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QObject, QTimer, Signal

from napari_labeltool.core.problems import Problem
from napari_labeltool.session.checking import image_problem

if TYPE_CHECKING:
    from napari_labeltool.session import Session

SLICE_S: Final = 0.012
"""How long one turn takes, in seconds."""


class ImageCheck(QObject):
    """Compares all image files of a session with its document in the background.

    Attributes
    ----------
    progressed
        Signal: `done` is another number.
    finished
        Signal: the problems (list of `Problem`); also after a stop, those found until then.

    Parameters
    ----------
    parent
        Parent object.
    """

    progressed = Signal()
    finished = Signal(list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._rows: list[int] = []
        self._next = 0
        self._found: list[Problem] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    @property
    def is_running(self) -> bool:
        """Whether files are being looked at."""
        return self._session is not None

    @property
    def done(self) -> int:
        """Number of images looked at."""
        return self._next

    @property
    def total(self) -> int:
        """Number of images to look at."""
        return len(self._rows)

    def start(self, session: Session) -> None:
        """Begin with the first image of a session."""
        self._session = session
        self._rows = session.dataset.images.rows().tolist()
        self._next, self._found = 0, []
        self._timer.start()
        self.progressed.emit()

    def stop(self) -> None:
        """End early."""
        if self.is_running:
            self._finish()

    def forget(self) -> None:
        """End without a result; the session is another one."""
        self._timer.stop()
        self._session = None
        self._found = []

    def _turn(self) -> None:
        session = self._session
        end = time.perf_counter() + SLICE_S
        while session is not None and self._next < len(self._rows) and time.perf_counter() < end:
            row = self._rows[self._next]
            self._next += 1
            problem = image_problem(session.dataset, session.imagery, row)
            if problem is not None:
                self._found.append(problem)
        if self._next >= len(self._rows):
            self._finish()
        else:
            self.progressed.emit()

    def _finish(self) -> None:
        self._timer.stop()
        self._session = None
        self.finished.emit(self._found)
