"""Where the files that accompany a document lie: beside it, or in the user's state folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

APP_NAME = "napari-labeltool"


def this_moment() -> str:
    """Return the local time as a part of a file name: ``"2025-11-24_140359"``."""
    return datetime.now().strftime("%Y-%m-%d_%H%M%S")


@dataclass(frozen=True, slots=True)
class Place:
    """The files that accompany one document.

    Parameters
    ----------
    folder
        Folder that holds them.
    prefix
        What their names begin with.
    """

    folder: Path
    prefix: str

    def _file(self, what: str) -> Path:
        return self.folder / f"{self.prefix}.labeltool-{what}"

    @property
    def journal(self) -> Path:
        """The edits."""
        return self._file("journal")

    @property
    def base(self) -> Path:
        """The document's bytes that the journal's rows refer to, kept from the first save on."""
        return self._file("base")

    @property
    def lock(self) -> Path:
        """The file that is locked."""
        return self._file("lock")

    @property
    def owner(self) -> Path:
        """Who holds the lock."""
        return self._file("owner")

    @property
    def viewed(self) -> Path:
        """Which parts of large pictures each person has viewed."""
        return self._file("viewed")

    def set_aside(self, why: str) -> Path | None:
        """Rename the journal and its base so that they are kept and no longer offered.

        Parameters
        ----------
        why
            One word that goes into the name, for example ``"orphaned"``.

        Returns
        -------
        Path or None
            The journal's new name; None when there was none.
        """
        if not self.journal.exists():
            return None
        suffix = self._free_suffix(why)
        target = self._file(f"journal.{suffix}")
        os.replace(self.journal, target)
        if self.base.exists():
            os.replace(self.base, self._file(f"base.{suffix}"))
        return target

    def copy_aside(self, why: str) -> Path:
        """Copy the journal under a name that is kept; return that."""
        target = self._file(f"journal.{self._free_suffix(why)}")
        shutil.copyfile(self.journal, target)
        return target

    def _free_suffix(self, why: str) -> str:
        moment = this_moment()
        number = 1
        while self._file(f"journal.{why}-{moment}-{number}").exists():
            number += 1
        return f"{why}-{moment}-{number}"

    def remove_journal(self) -> None:
        """Delete the journal and its base."""
        self.journal.unlink(missing_ok=True)
        self.base.unlink(missing_ok=True)

    def copy_journal_to(self, other: Place) -> None:
        """Copy the journal and its base to another place."""
        other.folder.mkdir(parents=True, exist_ok=True)
        for mine, theirs in ((self.base, other.base), (self.journal, other.journal)):
            if mine.exists():
                shutil.copyfile(mine, theirs)


@dataclass(frozen=True, slots=True)
class Places:
    """The two places for a document's companions.

    Parameters
    ----------
    beside
        Hidden files in the document's own folder.
    state
        A folder of the user's state directory, for documents in folders that cannot be written.
    """

    beside: Place
    state: Place

    @classmethod
    def of(cls, document: Path) -> Places:
        """Return the places for a document; those of a symbolic link are the ones of its target."""
        document = document.resolve()
        key = hashlib.sha256(os.fsencode(document)).hexdigest()[:16]
        state = Path(platformdirs.user_state_dir(APP_NAME, appauthor=False)) / "journals" / key
        return cls(Place(document.parent, f".{document.name}"), Place(state, document.name))

    def for_writing(self) -> Place:
        """Return the place beside the document if files can be created there, else the state folder.

        Raises
        ------
        OSError
            The state folder cannot be written either.
        """
        probe = self.beside.folder / f"{self.beside.prefix}.labeltool-probe-{os.getpid()}"
        try:
            os.close(os.open(probe, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError:
            self.state.folder.mkdir(parents=True, exist_ok=True)
            return self.state
        probe.unlink(missing_ok=True)
        return self.beside

    def with_journal(self, writable: Place) -> Place:
        """Return the place where a journal waits, or else the place to begin one.

        A journal in a folder that cannot be written any more is copied to the state folder first.
        """
        if self.state.journal.exists():
            return self.state
        if writable is self.state and self.beside.journal.exists():
            self.beside.copy_journal_to(self.state)
        return writable
