"""Previews of images, kept on disk between sessions."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
from PIL import Image

from napari_labeltool.images.probe import DECODE_ERRORS
from napari_labeltool.images.thumbnail import Thumbnail, thumbnail

#: Changed when thumbnails are made in another way, so that old ones are not used any more.
_VERSION: Final = 1
#: Bytes that the thumbnails of all images may take on disk.
MAX_DISK_BYTES: Final = 200 * 2**20
_WRITES_BETWEEN_PRUNES: Final = 200


class ThumbnailCache:
    """Previews by file, time and size of the file, kept on disk; may be used from several threads.

    Parameters
    ----------
    directory
        Where they are kept; the user's cache folder by default. When it cannot be written, previews are made
        anew each time.
    max_bytes
        Bound on all files together; the ones that were used longest ago are deleted.
    """

    def __init__(
        self, directory: str | os.PathLike[str] | None = None, max_bytes: int = MAX_DISK_BYTES
    ) -> None:
        base = Path(directory) if directory is not None else _default_directory()
        self.directory = base
        self.max_bytes = max_bytes
        self._writes = 0
        self._lock = threading.Lock()

    def get(
        self, path: str | os.PathLike[str], size: int = 96, plane: Mapping[str, int] | None = None
    ) -> Thumbnail:
        """Give the preview of a file, from disk when the file is unchanged; see `thumbnail`.

        Raises
        ------
        ReadError
            The image cannot be read.
        """
        where = Path(path)
        stored = self._stored(where, size, plane)
        if stored is not None:
            try:
                with Image.open(stored, formats=["PNG"]) as image:
                    preview = np.array(image.convert("RGB"))
                os.utime(stored)
                return preview
            except DECODE_ERRORS:
                pass  # not there yet, or damaged: made anew below
        preview = thumbnail(where, size, plane)
        if stored is not None:
            self._store(stored, preview)
        return preview

    def prune(self) -> None:
        """Delete the files that were used longest ago until the rest takes at most 80 % of the bound."""
        entries: list[tuple[float, int, Path]] = []
        for file in self.directory.glob("*/*.png"):
            try:
                state = file.stat()
            except OSError:
                continue  # deleted by another process meanwhile
            entries.append((state.st_mtime, state.st_size, file))
        total = sum(size for _, size, _ in entries)
        if total <= self.max_bytes:
            return
        for _, size, file in sorted(entries):
            if total <= self.max_bytes * 0.8:
                return
            file.unlink(missing_ok=True)
            total -= size

    def _stored(self, path: Path, size: int, plane: Mapping[str, int] | None) -> Path | None:
        try:
            state = path.stat()
        except OSError:
            return None  # `thumbnail` says what is wrong with it
        at = sorted((plane or {}).items())
        key = f"{_VERSION}\0{path.absolute()}\0{state.st_mtime_ns}\0{state.st_size}\0{size}\0{at}"
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        return self.directory / digest[:2] / f"{digest[2:40]}.png"

    def _store(self, stored: Path, preview: Thumbnail) -> None:
        temporary = stored.with_name(f"{stored.stem}.{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            stored.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(preview).save(temporary, format="PNG")
            os.replace(temporary, stored)
            with self._lock:
                self._writes += 1
                due = self._writes % _WRITES_BETWEEN_PRUNES == 1
            if due:
                self.prune()
        except OSError:
            # A full or read-only disk only costs making the preview once more.
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _default_directory() -> Path:
    return Path(platformdirs.user_cache_dir("napari-labeltool", appauthor=False)) / "thumbnails"
