"""Saving the document by itself, when the user's settings say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QTimer

from napari_labeltool.core.errors import FileChangedError, WriteError

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Severity
    from napari_labeltool.session import Session

CHECK_MS: Final = 20_000


class Autosave:
    """Looks from time to time whether an automatic save is due.

    Parameters
    ----------
    say
        Tells the user a severity and a sentence.
    """

    def __init__(self, say: Callable[[Severity, str], None]) -> None:
        self._say = say
        self._session: Session | None = None
        self._told = ""
        self._timer = QTimer()
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)

    def start(self, session: Session) -> None:
        """Watch over a session."""
        self._session, self._told = session, ""
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer."""
        self._timer.stop()
        self._session = None

    def check(self) -> None:
        """Save when it is due; the same trouble is told once."""
        session = self._session
        if session is None or not session.autosave_due():
            return
        try:
            session.save()
        except (FileChangedError, WriteError) as error:
            if str(error) != self._told:
                self._told = str(error)
                self._say("warning", f"Not saved by itself. {error}")
        else:
            self._told = ""
