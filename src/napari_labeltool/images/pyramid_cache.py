"""The folder in which computed pyramids are kept between sessions, within a limit of bytes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs
from filelock import FileLock, Timeout

from napari_labeltool.images.pyramid_file import PyramidFile, PyramidFileError
from napari_labeltool.images.pyramid_layout import PyramidLayout

#: Bytes that the pyramids of all pictures may take on disk.
DEFAULT_BYTES: Final = 8 * 2**30
#: Of what is free on the disk at most this part is taken for one pyramid.
_PART_OF_FREE: Final = 0.25
#: Changed when pyramids are made in another way, so that old ones are not used any more.
_VERSION: Final = 1
_COMPLETE: Final = ".pyramid"
_PARTIAL: Final = ".part"
_LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """What tells one state of a picture file from any other.

    Parameters
    ----------
    path
        Absolute, links followed.
    size
        In bytes.
    mtime_ns
        Time of the last change.
    """

    path: str
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> FileIdentity | None:
        """Take down the identity of a file; None for a folder, which can change without showing it."""
        try:
            real = path.resolve()
            state = real.stat()
        except (OSError, RuntimeError):
            return None
        return cls(str(real), state.st_size, state.st_mtime_ns) if real.is_file() else None


@dataclass(frozen=True, slots=True)
class PyramidKey:
    """The files of one plane's pyramid in the cache folder.

    Parameters
    ----------
    complete, partial, lock
        Blocks of a finished pyramid, of one that is being made, and what its maker holds.
    header
        Written into the file, so that two pictures are never confused.
    """

    complete: Path
    partial: Path
    lock: Path
    header: bytes


class PyramidCache:
    """Computed pyramids by file, size and time of the file; may be used from several threads and processes.

    Parameters
    ----------
    directory
        Where they are kept; the user's cache folder by default.
    max_bytes
        Bound on all files together; those that were used longest ago are deleted.
    """

    def __init__(
        self, directory: str | os.PathLike[str] | None = None, max_bytes: int = DEFAULT_BYTES
    ) -> None:
        self.directory = Path(directory) if directory is not None else default_directory()
        self.max_bytes = max_bytes

    def key(self, identity: FileIdentity, layout: PyramidLayout, plane: tuple[int, ...]) -> PyramidKey:
        """Give the files for one plane of a picture."""
        facts = {
            "version": _VERSION,
            "path": identity.path,
            "size": identity.size,
            "mtime_ns": identity.mtime_ns,
            "plane": plane,
            "shapes": layout.shapes,
            "dtype": layout.dtype.str,
            "channel_axis": layout.channel_axis,
            "blocks": layout.blocks,
        }
        header = json.dumps(facts, sort_keys=True).encode("ascii")
        name = hashlib.sha256(header).hexdigest()[:40]
        complete, partial, lock = (self.directory / (name + end) for end in (_COMPLETE, _PARTIAL, _LOCK))
        return PyramidKey(complete, partial, lock, header)

    def open_complete(self, key: PyramidKey) -> PyramidFile | None:
        """Open a finished pyramid and note its use; a file that is not what it should be is deleted."""
        try:
            file = PyramidFile(key.complete, key.header)
        except PyramidFileError:
            self.discard(key)
            return None
        except OSError:
            return None  # not made yet, or not readable: it is made anew
        if not file.is_complete:
            file.close()
            self.discard(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(key.complete)
        return file

    def discard(self, key: PyramidKey) -> None:
        """Delete a finished pyramid that turned out to be damaged."""
        with contextlib.suppress(OSError):
            key.complete.unlink(missing_ok=True)

    def allowance(self) -> int:
        """Give the bytes that one new pyramid may take now."""
        place = self.directory
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            free = shutil.disk_usage(place).free
        except OSError:
            return 0
        return int(min(self.max_bytes * 0.9, free * _PART_OF_FREE))

    @property
    def nbytes(self) -> int:
        """Bytes that all pyramids take now, those that are being made too."""
        return sum(size for _, size, _ in self._entries())

    def prune(self, keep: PyramidKey | None = None) -> None:
        """Delete the pyramids that were used longest ago until the limit holds; `keep` and those being made stay."""
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self.max_bytes:
                return
            if keep is not None and path in (keep.complete, keep.partial):
                continue
            if self._delete(path):
                total -= size

    def _entries(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in [*self.directory.glob(f"*{_COMPLETE}"), *self.directory.glob(f"*{_PARTIAL}")]:
            try:
                state = path.stat()
            except OSError:
                continue  # deleted by another process meanwhile
            found.append((state.st_mtime, state.st_size, path))
        return found

    def _delete(self, path: Path) -> bool:
        lock = FileLock(path.with_suffix(_LOCK))
        try:
            with lock.acquire(timeout=0):
                path.unlink(missing_ok=True)
        except (Timeout, OSError):
            return False  # somebody makes it, or (Windows) reads it
        return True


def default_directory() -> Path:
    """Return the folder of pyramids in the user's cache folder."""
    return Path(platformdirs.user_cache_dir("napari-labeltool", appauthor=False)) / "pyramids"
