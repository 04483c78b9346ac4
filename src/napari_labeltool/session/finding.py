"""Which document a path means: a COCO file, the one in a folder, or a new one for a folder of images."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from napari_labeltool.core.errors import ReadError
from napari_labeltool.formats.coco import looks_like_coco
from napari_labeltool.images import read_size, scan_folder

NEW_DOCUMENT_NAME: Final = "annotations.json"
"""File that a folder of images without a COCO file gets at the first save."""

_SUBFOLDERS: Final = ("annotations", "annotation", "labels")

ScanProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a path means.

    Parameters
    ----------
    path
        The COCO file, there or not yet.
    is_new
        Whether it comes into being at the first save.
    """

    path: Path
    is_new: bool


def documents_in(folder: Path) -> list[Path]:
    """Return the COCO files of a folder, in order of their names; else those of ``annotations/`` in it.

    Parameters
    ----------
    folder
        Folder of a project.
    """
    for place in (folder, *(folder / name for name in _SUBFOLDERS)):
        if not place.is_dir():
            continue
        files = sorted(
            file for file in place.glob("*.json") if not file.name.startswith(".") and file.is_file()
        )
        found = [file for file in files if looks_like_coco(file)]
        if found:
            return found
    return []


def find_document(path: Path) -> Found:
    """Return the document that a path means.

    A folder means the COCO file in it if there is one; of several the one named `NEW_DOCUMENT_NAME`. A folder
    without any means a new document of that name.

    Raises
    ------
    ReadError
        Nothing is there, or several COCO files are and none has that name.
    """
    if path.is_file():
        return Found(path, is_new=False)
    if not path.is_dir():
        raise ReadError(
            f"{path}: nothing found there, a COCO file or a folder of images expected. Check the path."
        )
    documents = documents_in(path)
    if not documents:
        return Found(path / NEW_DOCUMENT_NAME, is_new=True)
    named = [document for document in documents if document.name == NEW_DOCUMENT_NAME]
    if len(documents) == 1 or named:
        return Found((named or documents)[0], is_new=False)
    names = ", ".join(str(document.relative_to(path)) for document in documents)
    raise ReadError(f"{path}: {len(documents)} COCO files found ({names}), one expected. Open one of them.")


def image_records(
    folder: Path, progress: ScanProgress | None = None, *, without: Set[str] = frozenset()
) -> list[dict[str, Any]]:
    """Return a record for each image of a folder: ``file_name`` relative to it, ``width`` and ``height``.

    A picture whose header cannot be read gets a record without a size, so that it is shown as a problem.

    Parameters
    ----------
    folder
        Folder of images.
    progress
        Called with the number of images looked at and of all.
    without
        Names that are left out.
    """
    names = [name for name in scan_folder(folder) if name not in without]
    records: list[dict[str, Any]] = []
    for index, name in enumerate(names):
        record: dict[str, Any] = {"file_name": name}
        try:
            height, width = read_size(folder / name)
            record.update(width=width, height=height)
        except ReadError:
            pass  # told when the image is opened, and by the list of problems: no width and height
        records.append(record)
        if progress is not None:
            progress(index + 1, len(names))
    return records
