"""Find the file that a COCO image record names, without ever leaving the folders that were agreed on.

The text of ``file_name`` comes from somebody else's file. It is only looked up, never altered, and a path
counts only when it lies, with all links followed, inside one of the allowed folders. Nothing is fetched from
a URL.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from napari_labeltool.images.file_index import MAX_ENTRIES, FileIndex

How = Literal[
    "beside", "root", "absolute", "layout", "tail", "search", "hint", "missing", "refused", "ambiguous"
]

#: Folder names that hold the JSON while the images lie beside that folder.
_ANNOTATION_FOLDERS: Final = frozenset(("annotations", "annotation", "labels", "json", "jsons", "ann", "gt"))
_IMAGE_FOLDERS: Final = ("images", "imgs", "img", "JPEGImages", "data")
_SPLITS: Final = tuple(
    split + year for year in ("", "2017", "2014") for split in ("train", "val", "test", "valid", "default")
)
#: Keys of an image record, besides ``file_name``, by which tools name the file; in this order.
_HINT_KEYS: Final = ("path", "file_path", "full_path", "coco_url", "url", "image_url", "flickr_url")
_URL: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]+://")
_DRIVE: Final = re.compile(r"^[a-zA-Z]:[\\/]")


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
        Bound on the files looked at when searching by base name.

    Notes
    -----
    Allowed are `document_dir`, the `roots`, and the folders of images beside `document_dir` in the usual
    layouts (``annotations/x.json`` with ``images/`` or ``train2017/``). Only the first two are searched by
    base name.
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
        self._layout = _layout_folders(self.document_dir, document_name)
        self._allowed = tuple(
            real
            for folder in (self.document_dir, *self.roots, *_outer(self.document_dir))
            if (real := _real(folder)) is not None
        )
        self._index = FileIndex((self.document_dir, *self.roots), max_entries)
        self._max_entries = max_entries

    def is_allowed(self, path: Path) -> bool:
        """Whether a path lies, with all links followed, inside one of the allowed folders."""
        real = _real(path)
        return real is not None and any(real.is_relative_to(folder) for folder in self._allowed)

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
        for spelling in () if _URL.match(name) else _spellings(name):
            places: list[tuple[Path, How]] = (
                [(Path(spelling), "absolute")]
                if os.path.isabs(spelling)
                else [
                    (self.document_dir / spelling, "beside"),
                    *((root / spelling, "root") for root in self.roots),
                    *((folder / spelling, "layout") for folder in self._layout),
                ]
            )
            for place, how in places:
                if not _is_picture(place):
                    continue
                if self.is_allowed(place):
                    return Resolved(Path(os.path.normpath(place)) if not _has_links(place) else place, how)
                refused = True
        parts = _parts(name)
        by_tail = self._by_tail(parts)
        if by_tail is not None:
            return by_tail
        searched = self._search(name, parts)
        if searched.path is None and searched.how == "missing" and refused:
            return Resolved(
                None,
                "refused",
                f"file_name {name!r} leads outside of the image folders, so it is not read. If that file is "
                "meant, add its folder to the image folders.",
            )
        return searched

    def _by_tail(self, parts: tuple[str, ...]) -> Resolved | None:
        """Drop leading folders of a path from another computer one by one, as long as some folder is left."""
        for start in range(1, len(parts) - 1):
            tail = Path(*parts[start:])
            for folder in (self.document_dir, *self.roots, *self._layout):
                if _is_picture(folder / tail) and self.is_allowed(folder / tail):
                    return Resolved(folder / tail, "tail")
        for folder in (self.document_dir, *self.roots) if len(parts) == 1 else ():
            if _is_picture(folder / parts[0]) and self.is_allowed(folder / parts[0]):
                return Resolved(folder / parts[0], "tail")
        return None

    def _search(self, name: str, parts: tuple[str, ...]) -> Resolved:
        """Search by base name; more matching folders above it decide between several."""
        places = ", ".join(str(folder) for folder in (self.document_dir, *self.roots))
        if not parts:
            return Resolved(
                None, "missing", f"file_name {name!r} names a folder, the name of a file was expected."
            )
        candidates = list(
            dict.fromkeys(path for path in self._index.find(parts[-1]) if self.is_allowed(path))
        )
        layout = [folder / parts[-1] for folder in self._layout]
        candidates += [
            path for path in layout if path not in candidates and _is_picture(path) and self.is_allowed(path)
        ]
        if not candidates:
            bound = "" if self._index.complete else f" (the search stopped after {self._max_entries:,} files)"
            return Resolved(
                None,
                "missing",
                f"no file for file_name {name!r} in {places}{bound}. Add the folder that holds the image.",
            )
        scores = [_shared_tail(path, parts) for path in candidates]
        best = [path for path, score in zip(candidates, scores, strict=True) if score == max(scores)]
        if len(best) == 1:
            return Resolved(best[0], "search")
        shown = ", ".join(str(path) for path in best[:5]) + (", ..." if len(best) > 5 else "")
        return Resolved(
            None,
            "ambiguous",
            f"{len(best)} files fit file_name {name!r}: {shown}. Set the image folder to the right one.",
        )


def _layout_folders(document_dir: Path, document_name: str) -> tuple[Path, ...]:
    """Folders of the usual COCO layouts that exist; those of the JSON's own split come first."""
    base = document_dir.parent
    stem = document_name.rpartition(".")[0] or document_name
    splits = sorted(_SPLITS, key=len, reverse=True)
    own = [word for word in [stem.rpartition("_")[2], *splits] if word and word in re.split(r"[_.\-]", stem)]
    order = list(dict.fromkeys([*own, *_SPLITS]))
    folders: list[Path] = []
    for start in (document_dir, base):
        groups = [start / name for name in _IMAGE_FOLDERS]
        for split in order:
            folders += [*(group / split for group in groups), start / split, start / split / "images"]
        folders += groups
    if own:
        folders.sort(key=lambda folder: not any(part in own for part in folder.parts[len(base.parts) :]))
    if document_dir.name.lower() in _ANNOTATION_FOLDERS:
        folders.append(base)
    return tuple(dict.fromkeys(folder for folder in folders if folder.is_dir()))


def _outer(document_dir: Path) -> tuple[Path, ...]:
    """Folders beside the JSON's that the usual layouts allow: all of a data set, or its image folders."""
    base = document_dir.parent
    if document_dir.name.lower() in _ANNOTATION_FOLDERS:
        return (base,)
    return tuple(folder for name in (*_IMAGE_FOLDERS, *_SPLITS) if (folder := base / name).is_dir())


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


def _has_links(path: Path) -> bool:
    """Whether ``..`` cannot be cut out of a path by its text alone, because a folder in it is a link."""
    real, plain = _real(path), Path(os.path.abspath(path))
    return real != _real(plain)


def _spellings(name: str) -> tuple[str, ...]:
    """The text itself, then with backslashes as separators, then with ``%20`` and the like decoded."""
    spellings = [name]
    if "\\" in name and not _DRIVE.match(name):
        spellings.append(name.replace("\\", "/"))
    spellings += [unquote(spelling) for spelling in spellings if "%" in spelling]
    return tuple(spelling for spelling in dict.fromkeys(spellings) if "\0" not in spelling)


def _parts(name: str) -> tuple[str, ...]:
    """The folders and the base name in any kind of name; of a URL its end; no ``.``, ``..`` or drive."""
    if _URL.match(name):
        try:
            path = urlsplit(name).path
        except ValueError:
            path = name
        last = unquote(path).replace("\\", "/").rpartition("/")[2]
        return (last,) if last not in ("", ".", "..") and "\0" not in last else ()
    text = name[2:] if _DRIVE.match(name) else name
    text = text.replace("\\", "/")
    if text.endswith(("/", "/.", "/..")):
        return ()
    return tuple(part for part in PurePosixPath(text).parts if part not in ("/", "//", "..", "."))


def _shared_tail(path: Path, parts: tuple[str, ...]) -> tuple[int, int]:
    """How many last components agree exactly (at least one, the base name), then letter case aside."""

    def count(mine: Sequence[str], theirs: Sequence[str]) -> int:
        number = 0
        for one, other in zip(reversed(mine), reversed(theirs), strict=False):
            if one != other:
                break
            number += 1
        return number

    folded = count([part.casefold() for part in path.parts], [part.casefold() for part in parts])
    return folded, count(path.parts, parts)
