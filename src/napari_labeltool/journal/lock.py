"""One writer for each document; everybody else is told who has it."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from napari_labeltool.core.errors import LockedError
from napari_labeltool.journal.places import Place


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock.

    Parameters
    ----------
    user, host, pid
        The person and the process.
    since
        In seconds since 1970.
    """

    user: str
    host: str
    pid: int
    since: float

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.since).strftime("%Y-%m-%d %H:%M")
        return f"{self.user} on {self.host} (process {self.pid}) since {when}"


def _read_owner(path: Path) -> Owner | None:
    try:
        entry = json.loads(path.read_bytes())
        return Owner(str(entry["user"]), str(entry["host"]), int(entry["pid"]), float(entry["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


class DocumentLock:
    """The lock of a document, held from `acquire` to `release` or to the end of the process.

    The operating system holds it, so a process that died holds nothing and the next one simply gets it.

    Parameters
    ----------
    place
        Where the lock file lies.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = FileLock(place.lock, timeout=0)

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return bool(self._lock.is_locked)

    def acquire(self, user: str) -> None:
        """Take the lock.

        Raises
        ------
        LockedError
            Somebody else has it; the text says who.
        OSError
            The lock file cannot be created.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            owner = _read_owner(self.place.owner)
            who = "another session" if owner is None else str(owner)
            raise LockedError(
                f"{self.place.lock.parent / self.place.prefix.lstrip('.')}: the document is being edited"
                f" by {who}. It was opened to look at only; close it there to edit it here."
            ) from error
        owner = Owner(user, socket.gethostname(), os.getpid(), time.time())
        self.place.owner.write_text(json.dumps(asdict(owner)), encoding="utf-8")

    def release(self) -> None:
        """Give the lock back and remove its files."""
        if self.held:
            self.place.owner.unlink(missing_ok=True)
            self._remove_lock_file()
            self._lock.release()

    def _remove_lock_file(self) -> None:
        # Removed while held, so that nobody else's is removed. Windows refuses as long as it is open.
        try:
            self.place.lock.unlink(missing_ok=True)
        except PermissionError:
            return
