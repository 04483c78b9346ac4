"""The image files of a session: where they are and what is wrong with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from napari_labeltool.core.errors import ReadError
from napari_labeltool.images import ImageResolver, ImageSource, open_image, size_problem
from napari_labeltool.session.work import Work

ImageProblemKind: TypeAlias = Literal["missing", "refused", "ambiguous", "unreadable"]


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """Why an image cannot be shown.

    Parameters
    ----------
    kind
        ``"missing"``: no file; ``"refused"``: outside of the image folders; ``"ambiguous"``: several files
        fit; ``"unreadable"``: the file is no image or damaged.
    text
        What was looked for, what was found and what to do.
    path
        The file, if there is one.
    """

    kind: ImageProblemKind
    text: str
    path: Path | None = None


class Imagery:
    """Finds and opens the images of a document.

    Parameters
    ----------
    work
        The dataset.
    document
        The COCO file.
    roots
        Further folders in which images may lie.
    """

    def __init__(self, work: Work, document: Path, roots: Sequence[Path] = ()) -> None:
        self._work = work
        self.document = document
        self.roots: tuple[Path, ...] = tuple(roots)
        self.resolver = self._new_resolver()

    def _new_resolver(self) -> ImageResolver:
        return ImageResolver(self.document.parent, self.roots, document_name=self.document.name)

    def add_root(self, folder: Path) -> None:
        """Look for images in one more folder."""
        if folder not in self.roots:
            self.roots = (*self.roots, folder)
        self.resolver = self._new_resolver()

    def move_to(self, document: Path) -> None:
        """Go on with a document at another place; images beside the old one are still found."""
        old = self.document.parent
        self.document = document
        if old != document.parent:
            self.add_root(old)
        self.resolver = self._new_resolver()

    def path(self, row: int) -> Path | ImageProblem:
        """Return the file of an image (by row), or why there is none."""
        record = self._work.dataset.images.record(row)
        found = self.resolver.resolve(record.get("file_name"), record)
        if found.path is not None:
            return found.path
        kind: ImageProblemKind = (
            found.how if found.how == "refused" or found.how == "ambiguous" else "missing"
        )
        return ImageProblem(kind, found.problem or "no file found.")

    def open(self, row: int) -> ImageSource | ImageProblem:
        """Open an image (by row); see `Session.open_image`."""
        path = self.path(row)
        if isinstance(path, ImageProblem):
            return path
        try:
            source = open_image(path)
        except ReadError as error:
            return ImageProblem("unreadable", str(error), path)
        record = self._work.dataset.images.record(row)
        difference = size_problem(path, record.get("height"), record.get("width"))
        return (
            source if difference is None else dataclasses.replace(source, notes=(*source.notes, difference))
        )
