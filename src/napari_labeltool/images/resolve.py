"""Find the file that a COCO image record names, without ever leaving the folders that were agreed on.

The text of ``file_name`` comes from somebody else's file. It is only looked up, never altered, and a path
counts only when it lies, with all links followed, inside one of the allowed folders. Nothing is fetched from
a URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from napari_labeltool.images.file_index import MAX_ENTRIES, FileIndex
from napari_labeltool.images.layouts import find_layout
from napari_labeltool.images.names import components, shared_tail, spellings

How = Literal[
    "beside", "root", "absolute", "layout", "tail", "search", "hint", "missing", "refused", "ambiguous"
]

#: Keys of an image record, besides ``file_name``, by which tools name the file; in this order.
_HINT_KEYS: Final = ("path", "file_path", "full_path", "coco_url", "url", "image_url", "flickr_url")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The outcome of looking for one image's file.

    Parameters
    ----------
    path
        The file as it was found (links not followed), or None.
    how
        ``"beside"`` the JSON, below a ``"root"``, an ``"absolute"`` path inside one, in a usual COCO
        ``"layout"``, by the last folders of a longer path (``"tail"``), by a ``"search"`` for the base name,
        through another key of the record (``"hint"``); or ``"missing"``, ``"refused"`` (outside of the
        allowed folders) and ``"ambiguous"``.
    problem
        A sentence for the person when there is no path, else None.
    """

    path: Path | None
    how: How
    problem: str | None = None


class ImageResolver:
    """Looks for the image files of one COCO document.

    Parameters
    ----------
    document_dir
        Folder of the JSON.
    roots
        Folders in which images may lie besides that folder, for example ones that the person picked.
    document_name
        Name of the JSON (``"instances_train.json"``), which tells the split when images of several lie side
        by side.
    max_entries
        Bound on the files and folders looked at when searching by base name.

    Notes
    -----
    Allowed are `document_dir`, the `roots`, and the folders of images beside `document_dir` in the usual
    layouts (``annotations/x.json`` with ``images/`` or ``train2017/``). Only the first two are searched by
    base name, once; a new resolver searches anew.
    """

    def __init__(
        self,
        document_dir: str | os.PathLike[str],
        roots: Sequence[str | os.PathLike[str]] = (),
        *,
        document_name: str = "",
        max_entries: int = MAX_ENTRIES,
    ) -> None:
        self.document_dir = Path(document_dir)
        self.roots: tuple[Path, ...] = tuple(Path(root) for root in roots)
        self._searched = (self.document_dir, *self.roots)
        self._layout = find_layout(self.document_dir, document_name)
        real = (_real(folder) for folder in (*self._searched, *self._layout.outer))
        self._allowed = tuple(folder for folder in real if folder is not None)
        self._real_folders: dict[Path, Path | None] = {}
        self._index = FileIndex(self._searched, max_entries)
        self._max_entries = max_entries

    def is_allowed(self, path: Path) -> bool:
        """Whether a path lies, with all links followed, inside one of the allowed folders."""
        real = self._real_file(path)
        return real is not None and any(real.is_relative_to(folder) for folder in self._allowed)

    def _real_file(self, path: Path) -> Path | None:
        """Follow all links; those of the folders, which many files share, only once."""
        folder = path.parent
        if folder not in self._real_folders:
            self._real_folders[folder] = _real(folder)
        real = self._real_folders[folder]
        if real is None or path.name in ("", "..") or os.path.islink(path):
            return _real(path)
        return real / path.name

    def resolve(self, file_name: object, hints: Mapping[str, object] | None = None) -> Resolved:
        """Look for the file of one image record.

        Parameters
        ----------
        file_name
            The record's ``file_name`` as it is in the JSON.
        hints
            The record, or those of its other keys that may name the file (``coco_url``, ``path``, ...).

        Returns
        -------
        resolved
            With `path`, or with `problem`.
        """
        if isinstance(file_name, str) and file_name.strip() and "\0" not in file_name:
            found = self._find(file_name)
        else:
            found = Resolved(None, "missing", f"file_name: {file_name!r} found, the name of a file expected.")
        if found.path is not None:
            return found
        for key in _HINT_KEYS:
            hint = (hints or {}).get(key)
            if isinstance(hint, str) and hint.strip() and hint != file_name and "\0" not in hint:
                by_hint = self._find(hint)
                if by_hint.path is not None:
                    return Resolved(by_hint.path, "hint")
        return found

    def _find(self, name: str) -> Resolved:
        """Try the places from the most to the least literal."""
        refused = False
        for spelling in spellings(name):
            for place, how in self._literal_places(spelling):
                if _is_picture(place):
                    if self.is_allowed(place):
                        return Resolved(_tidy(place), how)
                    refused = True
            if not os.path.isabs(spelling):
                others = self._pictures(folder / spelling for folder in self._layout.others)
                if others:
                    return self._only_one(name, others, "layout")
        parts = components(name)
        found = self._by_tail(name, parts) or self._search(name, parts)
        if found.how == "missing" and refused:
            return Resolved(
                None,
                "refused",
                f"file_name {name!r} leads outside of the image folders, so it is not read. If that file is "
                "meant, add its folder to the image folders.",
            )
        return found

    def _literal_places(self, spelling: str) -> list[tuple[Path, How]]:
        if os.path.isabs(spelling):
            return [(Path(spelling), "absolute")]
        roots: list[tuple[Path, How]] = [(root / spelling, "root") for root in self.roots]
        own: list[tuple[Path, How]] = [(folder / spelling, "layout") for folder in self._layout.own]
        return [(self.document_dir / spelling, "beside"), *roots, *own]

    def _by_tail(self, name: str, parts: tuple[str, ...]) -> Resolved | None:
        """Drop the first folders of a path from another computer one by one; the last one stays."""
        for start in range(max(1, len(parts) - 1) if parts else 0):
            tail = Path(*parts[start:])
            for folder in (*self._searched, *self._layout.own):
                if self._pictures([folder / tail]):
                    return Resolved(folder / tail, "tail")
            others = self._pictures(folder / tail for folder in self._layout.others)
            if others:
                return self._only_one(name, others, "tail")
        return None

    def _search(self, name: str, parts: tuple[str, ...]) -> Resolved:
        """Search by base name; more matching folders above it decide between several."""
        candidates: list[Path] = []
        if parts:
            layout = [folder / parts[-1] for folder in (*self._layout.own, *self._layout.others)]
            indexed = [path for path in self._index.find(parts[-1]) if not _is_panoptic_mask(path, parts)]
            candidates = self._pictures([*indexed, *layout])
        if candidates:
            scores = [shared_tail(path, parts) for path in candidates]
            best = [path for path, score in zip(candidates, scores, strict=True) if score == max(scores)]
            return self._only_one(name, best, "search")
        places = ", ".join(str(folder) for folder in self._searched)
        bound = "" if self._index.complete else f" (the search stopped after {self._max_entries:,} files)"
        return Resolved(
            None,
            "missing",
            f"no file for file_name {name!r} in {places}{bound}. Add the folder that holds the image.",
        )

    def _pictures(self, places: Iterable[Path]) -> list[Path]:
        """Give the places where an image is that may be read, each file once."""
        found = {
            self._real_file(place): place for place in places if _is_picture(place) and self.is_allowed(place)
        }
        return list(found.values())

    def _only_one(self, name: str, places: Sequence[Path], how: How) -> Resolved:
        if len(places) == 1:
            return Resolved(_tidy(places[0]), how)
        shown = ", ".join(str(path) for path in places[:5]) + (", ..." if len(places) > 5 else "")
        return Resolved(
            None,
            "ambiguous",
            f"{len(places)} files fit file_name {name!r}: {shown}. Set the image folder to the right one.",
        )


def _real(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return None  # a loop of links, or a name that the system does not take


def _is_picture(path: Path) -> bool:
    """Whether something that may be an image is there: a regular file, or the folder of an OME-Zarr."""
    try:
        return path.is_file() or (path.suffix.lower() == ".zarr" and path.is_dir())
    except (OSError, ValueError):
        return False


def _tidy(path: Path) -> Path:
    """Take ``..`` out of a path where that leads to the same file (with linked folders it need not)."""
    if ".." not in path.parts:
        return path
    plain = Path(os.path.normpath(path))
    return plain if _real(plain) == _real(path) else path


def _is_panoptic_mask(path: Path, parts: tuple[str, ...]) -> bool:
    """Whether a file is the PNG mask of COCO panoptic, which has the base name of its image."""
    folder = path.parent.name
    return "panoptic" in folder.lower() and folder not in parts
