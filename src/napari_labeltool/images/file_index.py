"""All files below some folders by base name, found once and bounded."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from napari_labeltool.images.folder import is_zarr_folder

#: Files and folders that a search looks at before it gives up.
MAX_ENTRIES: Final = 200_000


class FileIndex:
    """Where files of a given base name lie; the folders are walked at the first question.

    Letter case and Unicode composition (é as one or two code points) make no difference to the key. Hidden
    files and folders and linked folders are not entered, and a zarr folder counts as one file.

    Parameters
    ----------
    roots
        Folders to walk, breadth first, in this order.
    max_entries
        Bound on the files and folders looked at.
    """

    def __init__(self, roots: Sequence[Path], max_entries: int = MAX_ENTRIES) -> None:
        self._roots = tuple(roots)
        self._max_entries = max_entries
        self._paths: dict[str, list[Path]] | None = None
        self._complete = True
        self._lock = threading.Lock()

    @property
    def complete(self) -> bool:
        """Whether the walk reached every file; False when the bound stopped it."""
        return self._complete

    def find(self, base_name: str) -> tuple[Path, ...]:
        """Give the paths of all files with this base name; walks the folders at the first call."""
        with self._lock:
            if self._paths is None:
                self._paths = self._walk()
            return tuple(self._paths.get(name_key(base_name), ()))

    def _walk(self) -> dict[str, list[Path]]:
        paths: dict[str, list[Path]] = defaultdict(list)
        seen: set[str] = set()
        entries = 0
        for root in self._roots:
            for path, is_picture in _entries(os.fspath(root), seen):
                entries += 1
                if entries > self._max_entries:
                    self._complete = False
                    return paths
                if is_picture:
                    paths[name_key(os.path.basename(path))].append(Path(path))
        return paths


def name_key(name: str) -> str:
    """Give the form of a file name under which equal names are equal."""
    return unicodedata.normalize("NFC", name).casefold()


def _entries(root: str, seen: set[str]) -> Iterator[tuple[str, bool]]:
    """Walk a folder breadth first; give each path, and whether it is a file (or a zarr folder)."""
    waiting = [root]
    while waiting:
        following: list[str] = []
        for folder in waiting:
            if folder in seen:
                continue
            seen.add(folder)
            try:
                with os.scandir(folder) as listed:
                    entries = sorted(listed, key=lambda entry: entry.name)
            except OSError:
                continue  # a folder that cannot be read holds nothing that could be shown
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if is_zarr_folder(entry.path):
                        yield entry.path, True
                    else:
                        following.append(entry.path)
                        yield entry.path, False
                else:
                    yield entry.path, True
        waiting = following
